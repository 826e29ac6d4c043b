/* SPDX-License-Identifier: Apache-2.0 */
#include "control/backup/archive.h"

#include <argon2.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/control.h"
#include "control/secret.h"
#include "engine/base/err.h"
#include "engine/base/span.h"

enum {
    HEAD_BYTES = 40,
    SALT_BYTES = 16,
    KEY_BYTES = 32,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
    VERSION = 1,
};

static const char magic[8] = {'C', 'W', 'B', 'A', 'C', 'K', 'U', 'P'};
static const uint32_t last_bit = UINT32_C(1) << 31;

struct cw_archive {
    int fd;
    bool is_last; /* the last chunk was read */
    uint8_t head[HEAD_BYTES];
    uint8_t key[KEY_BYTES];
    EVP_CIPHER_CTX *cipher;
    uint64_t chunk_number;
    size_t at; /* of chunk: what was taken, or what is in it */
    size_t size;
    uint8_t chunk[CW_ARCHIVE_CHUNK_BYTES];
    uint8_t sealed[CW_ARCHIVE_CHUNK_BYTES + TAG_BYTES];
};

static int derive(struct cw_archive *a, const char *passphrase, uint32_t memory_kib,
                  uint32_t passes, uint32_t lanes)
{
    switch (argon2id_hash_raw(passes, memory_kib, lanes, passphrase, strlen(passphrase),
                              a->head + HEAD_BYTES - SALT_BYTES, SALT_BYTES, a->key, KEY_BYTES)) {
    case ARGON2_OK: return 0;
    case ARGON2_MEMORY_ALLOCATION_ERROR: return CW_ERR_NOMEM;
    default: return CW_ERR_INVALID;
    }
}

static struct cw_archive *archive_new(void)
{
    struct cw_archive *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->fd = -1;
    a->cipher = EVP_CIPHER_CTX_new();
    if (a->cipher != NULL)
        return a;
    free(a);
    return NULL;
}

void cw_archive_close(struct cw_archive *a)
{
    if (a == NULL)
        return;
    if (a->fd >= 0)
        (void)close(a->fd);
    EVP_CIPHER_CTX_free(a->cipher);
    explicit_bzero(a, sizeof *a);
    free(a);
}

static void nonce_of(const struct cw_archive *a, bool is_last, uint8_t *nonce)
{
    struct cw_writer w = cw_writer_of(nonce, NONCE_BYTES);

    cw_write_u64(&w, a->chunk_number);
    cw_write_u32(&w, is_last);
}

static int write_all(int fd, const void *data, size_t bytes)
{
    const uint8_t *at = data;

    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n <= 0)
            return CW_ERR_IO;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

/* Fewer bytes than asked for: the file ends there. */
static size_t read_all(int fd, void *data, size_t bytes)
{
    uint8_t *at = data;
    size_t have = 0;

    while (have < bytes) {
        ssize_t n = read(fd, at + have, bytes - have);
        if (n <= 0)
            break;
        have += (size_t)n;
    }
    return have;
}

/* ---- writing --------------------------------------------------------------------------------- */

static int seal_chunk(struct cw_archive *a, bool is_last)
{
    uint8_t nonce[NONCE_BYTES];
    uint8_t length[4];
    struct cw_writer w = cw_writer_of(length, sizeof length);
    int n = 0;
    int err = CW_ERR_INTERNAL;

    cw_write_u32(&w, (uint32_t)a->size | (is_last ? last_bit : 0));
    nonce_of(a, is_last, nonce);
    if (EVP_EncryptInit_ex(a->cipher, EVP_aes_256_gcm(), NULL, a->key, nonce) == 1 &&
        EVP_EncryptUpdate(a->cipher, NULL, &n, a->head, HEAD_BYTES) == 1 &&
        EVP_EncryptUpdate(a->cipher, a->sealed, &n, a->chunk, (int)a->size) == 1 &&
        EVP_EncryptFinal_ex(a->cipher, a->sealed + a->size, &n) == 1 &&
        EVP_CIPHER_CTX_ctrl(a->cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, a->sealed + a->size) == 1)
        err = write_all(a->fd, length, sizeof length);
    if (err == 0)
        err = write_all(a->fd, a->sealed, a->size + TAG_BYTES);
    a->chunk_number++;
    a->size = 0;
    return err;
}

static int begin(struct cw_archive *a, const char *path, const char *passphrase,
                 const struct cw_hash_cost *cost)
{
    struct cw_writer w = cw_writer_of(a->head, HEAD_BYTES);
    uint8_t salt[SALT_BYTES];
    int err = cw_secret_random(salt, sizeof salt);

    cw_write_bytes(&w, magic, sizeof magic);
    cw_write_u32(&w, VERSION);
    cw_write_u32(&w, cost->memory_kib);
    cw_write_u32(&w, cost->passes);
    cw_write_u32(&w, cost->lanes);
    cw_write_bytes(&w, salt, sizeof salt);
    if (err == 0)
        err = derive(a, passphrase, cost->memory_kib, cost->passes, cost->lanes);
    if (err != 0)
        return err;
    a->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return a->fd >= 0 ? write_all(a->fd, a->head, HEAD_BYTES) : CW_ERR_IO;
}

int cw_archive_create(const char *path, const char *passphrase, const struct cw_hash_cost *cost,
                      struct cw_archive **ret)
{
    struct cw_archive *a = archive_new();
    int err = a != NULL ? begin(a, path, passphrase, cost) : CW_ERR_NOMEM;

    if (err != 0)
        cw_archive_close(a);
    else
        *ret = a;
    return err;
}

int cw_archive_write(struct cw_archive *a, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    int err = 0;

    while (err == 0 && bytes > 0) {
        size_t n = sizeof a->chunk - a->size < bytes ? sizeof a->chunk - a->size : bytes;
        memcpy(a->chunk + a->size, at, n);
        a->size += n;
        at += n;
        bytes -= n;
        if (a->size == sizeof a->chunk)
            err = seal_chunk(a, false);
    }
    return err;
}

int cw_archive_entry(struct cw_archive *a, const char *name, uint64_t bytes)
{
    uint8_t head[10];
    struct cw_writer w = cw_writer_of(head, sizeof head);
    size_t n = strlen(name);

    cw_write_u16(&w, (uint16_t)n);
    cw_write_u64(&w, bytes);
    int err =
        n <= CW_ARCHIVE_NAME_BYTES_MAX ? cw_archive_write(a, head, sizeof head) : CW_ERR_TOO_LARGE;
    return err == 0 ? cw_archive_write(a, name, n) : err;
}

int cw_archive_finish(struct cw_archive *a)
{
    int err = seal_chunk(a, true);

    return err == 0 && fsync(a->fd) != 0 ? CW_ERR_IO : err;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int take_head(struct cw_archive *a, const char *passphrase)
{
    struct cw_reader r = cw_reader_of(a->head, HEAD_BYTES);
    uint32_t number[4];

    if (read_all(a->fd, a->head, HEAD_BYTES) != HEAD_BYTES ||
        memcmp(a->head, magic, sizeof magic) != 0)
        return CW_ERR_INVALID;
    (void)cw_read_u64(&r);
    for (int i = 0; i < 4; i++)
        number[i] = cw_read_u32(&r);
    if (number[0] != VERSION)
        return CW_ERR_UNSUPPORTED;
    if (number[1] > CW_ARCHIVE_MEMORY_KIB_MAX || number[2] > CW_ARCHIVE_PASSES_MAX ||
        number[3] > CW_ARCHIVE_PASSES_MAX)
        return CW_ERR_INVALID;
    return derive(a, passphrase, number[1], number[2], number[3]);
}

int cw_archive_open(const char *path, const char *passphrase, struct cw_archive **ret)
{
    struct cw_archive *a = archive_new();
    int err = a != NULL ? 0 : CW_ERR_NOMEM;

    if (err == 0) {
        a->fd = open(path, O_RDONLY | O_CLOEXEC);
        err = a->fd >= 0 ? take_head(a, passphrase) : CW_ERR_IO;
    }
    if (err != 0)
        cw_archive_close(a);
    else
        *ret = a;
    return err;
}

static int open_chunk(struct cw_archive *a)
{
    const int wrong = a->chunk_number == 0 ? CW_ERR_DENIED : CW_ERR_SIGNATURE;
    uint8_t length[4] = {0};
    uint8_t nonce[NONCE_BYTES];
    struct cw_reader r = cw_reader_of(length, sizeof length);
    int n = 0;

    if (a->is_last || read_all(a->fd, length, sizeof length) != sizeof length)
        return CW_ERR_SIGNATURE;
    a->size = cw_read_u32(&r);
    a->is_last = (a->size & last_bit) != 0;
    a->size &= ~(size_t)last_bit;
    a->at = 0;
    if (a->size > CW_ARCHIVE_CHUNK_BYTES ||
        read_all(a->fd, a->sealed, a->size + TAG_BYTES) != a->size + TAG_BYTES)
        return CW_ERR_SIGNATURE;
    nonce_of(a, a->is_last, nonce);
    if (EVP_DecryptInit_ex(a->cipher, EVP_aes_256_gcm(), NULL, a->key, nonce) != 1 ||
        EVP_DecryptUpdate(a->cipher, NULL, &n, a->head, HEAD_BYTES) != 1 ||
        EVP_DecryptUpdate(a->cipher, a->chunk, &n, a->sealed, (int)a->size) != 1 ||
        EVP_CIPHER_CTX_ctrl(a->cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, a->sealed + a->size) != 1 ||
        EVP_DecryptFinal_ex(a->cipher, a->chunk + a->size, &n) != 1)
        return wrong;
    a->chunk_number++;
    /* Behind the last one there is nothing. */
    return a->is_last && read_all(a->fd, length, 1) != 0 ? CW_ERR_SIGNATURE : 0;
}

int cw_archive_read(struct cw_archive *a, void *data, size_t bytes)
{
    uint8_t *to = data;
    int err = 0;

    while (err == 0 && bytes > 0) {
        size_t n = a->size - a->at < bytes ? a->size - a->at : bytes;
        memcpy(to, a->chunk + a->at, n);
        a->at += n;
        to += n;
        bytes -= n;
        if (bytes > 0)
            err = open_chunk(a);
    }
    return err;
}

int cw_archive_next(struct cw_archive *a, char name[CW_ARCHIVE_NAME_BYTES_MAX + 1],
                    uint64_t *ret_bytes)
{
    uint8_t head[10] = {0};
    struct cw_reader r = cw_reader_of(head, sizeof head);
    uint16_t n = 0;
    int err = 0;

    /* A file may end with its chunk, and the last chunk may be empty. */
    while (err == 0 && a->at == a->size && !a->is_last)
        err = open_chunk(a);
    if (err == 0 && a->at == a->size)
        return CW_ERR_NOT_FOUND;
    if (err == 0)
        err = cw_archive_read(a, head, sizeof head);
    n = cw_read_u16(&r);
    if (err == 0 && (n == 0 || n > CW_ARCHIVE_NAME_BYTES_MAX))
        err = CW_ERR_INVALID;
    if (err == 0)
        err = cw_archive_read(a, name, n);
    if (err != 0)
        return err;
    name[n] = '\0';
    *ret_bytes = cw_read_u64(&r);
    return strlen(name) == n ? 0 : CW_ERR_INVALID;
}
