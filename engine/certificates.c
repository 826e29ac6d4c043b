/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/certificates.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/certificate_make.h"
#include "engine/certificate_parse.h"

enum { PATH_BYTES = 512, FILE_BYTES_MAX = 256 * 1024, RENEW_S = 30 * 24 * 3600 };

/* One load: where, and where the message for a person goes. */
struct loader {
    const char *directory;
    const char *web_host;
    char *message;
    size_t message_size;
};

__attribute__((format(printf, 3, 4))) static int fail(const struct loader *l, int err,
                                                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(l->message, l->message_size, format, args);
    va_end(args);
    ERR_clear_error();
    return err;
}

static int path_of(const struct loader *l, const char *name, const char *suffix, char *out)
{
    int n = snprintf(out, PATH_BYTES, "%s/%s.%s", l->directory, name, suffix);
    if (n < 0 || n >= PATH_BYTES)
        return fail(l, CW_ERR_TOO_LARGE, "the path %s is too long", l->directory);
    return CW_OK;
}

/* ---- files -------------------------------------------------------------------------------------- */

/* *ret_bio NULL: there is no such file. */
static int read_file(const struct loader *l, const char *path, BIO **ret_bio)
{
    *ret_bio = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return CW_OK;
    if (fd < 0)
        return fail(l, CW_ERR_IO, "%s cannot be read: %s", path, strerror(errno));
    struct stat st;
    int err = CW_OK;
    uint8_t *bytes = NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX) {
        err = fail(l, CW_ERR_INVALID, "%s is not a file of at most %d bytes", path, FILE_BYTES_MAX);
        goto out;
    }
    size_t size = (size_t)st.st_size;
    bytes = malloc(size + 1);
    BIO *bio = BIO_new(BIO_s_mem());
    ssize_t n = bytes != NULL && bio != NULL ? read(fd, bytes, size) : -1;
    if (n != st.st_size || (size > 0 && BIO_write(bio, bytes, (int)size) != (int)size)) {
        BIO_free(bio);
        err = fail(l, CW_ERR_IO, "%s cannot be read whole", path);
        goto out;
    }
    *ret_bio = bio;
out:
    if (bytes != NULL)
        OPENSSL_cleanse(bytes, (size_t)(st.st_size > 0 ? st.st_size : 0));
    free(bytes);
    close(fd);
    return err;
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

/* Whole beside its place, then renamed: a crash leaves the old file or the new one. */
static int write_file(const struct loader *l, const char *path, BIO *bio, mode_t mode)
{
    char temporary[PATH_BYTES + 8];
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    unlink(temporary); /* left by a crash */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return fail(l, CW_ERR_IO, "%s cannot be made: %s", temporary, strerror(errno));
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    bool ok = size > 0 && write_all(fd, data, (size_t)size) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        int err = fail(l, CW_ERR_IO, "%s cannot be written: %s", path, strerror(errno));
        unlink(temporary);
        return err;
    }
    int directory = open(l->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        fsync(directory);
        close(directory);
    }
    return CW_OK;
}

/* ---- keys --------------------------------------------------------------------------------------- */

/* A key file with a passphrase must not make the engine ask for it on a terminal. */
static int no_passphrase(char *out, int size, int is_writing, void *context)
{
    (void)out, (void)size, (void)is_writing, (void)context;
    return 0;
}

static int read_key(const struct loader *l, const char *name, EVP_PKEY **ret_key)
{
    char path[PATH_BYTES];
    BIO *bio = NULL;
    int err = path_of(l, name, "key", path);
    if (err == CW_OK)
        err = read_file(l, path, &bio);
    if (err != CW_OK || bio == NULL)
        return err;
    *ret_key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (*ret_key == NULL)
        return fail(l, CW_ERR_INVALID,
                    "%s is damaged: it has no PEM private key without a passphrase", path);
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        cw_log(CW_LOG_WARNING, "engine.tls", "%s can be read by others; it should be 0600", path);
    return CW_OK;
}

static int make_key(const struct loader *l, const char *name, bool is_identity, EVP_PKEY **ret_key)
{
    char path[PATH_BYTES];
    int err = path_of(l, name, "key", path);
    if (err != CW_OK)
        return err;
    EVP_PKEY *key = is_identity ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    if (key == NULL || bio == NULL ||
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        err = fail(l, CW_ERR_INTERNAL, "no key could be made for %s", path);
    if (err == CW_OK)
        err = write_file(l, path, bio, 0600);
    BIO_free(bio);
    if (err == CW_OK)
        *ret_key = key;
    else
        EVP_PKEY_free(key);
    return err;
}

/* ---- certificates ------------------------------------------------------------------------------- */

static int read_certificate(const struct loader *l, const char *name, struct cw_certificate *c)
{
    char path[PATH_BYTES];
    BIO *bio = NULL;
    int err = path_of(l, name, "crt", path);
    if (err == CW_OK)
        err = read_file(l, path, &bio);
    if (err != CW_OK || bio == NULL)
        return err;
    c->leaf = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    X509 *next = NULL;
    while (c->leaf != NULL && (next = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        if (c->chain_count == CW_CERTIFICATE_CHAIN_MAX) {
            X509_free(next);
            BIO_free(bio);
            return fail(l, CW_ERR_TOO_LARGE, "%s has more than %d certificates", path,
                        CW_CERTIFICATE_CHAIN_MAX + 1);
        }
        c->chain[c->chain_count++] = next;
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    BIO_free(bio);
    if (c->leaf == NULL || !at_end)
        return fail(l, CW_ERR_INVALID, "%s is damaged: it is not a PEM certificate", path);
    ERR_clear_error();
    return CW_OK;
}

static int make_certificate(const struct loader *l, const char *name, enum cw_certificate_kind kind,
                            const struct cw_certificate *identity, struct cw_certificate *c)
{
    char path[PATH_BYTES];
    int err = path_of(l, name, "crt", path);
    if (err != CW_OK)
        return err;
    bool is_signed = kind == CW_CERTIFICATE_NATIVE;
    c->leaf = cw_certificate_make(kind, c->key, is_signed ? identity->leaf : NULL,
                                  is_signed ? identity->key : NULL, l->web_host);
    BIO *bio = BIO_new(BIO_s_mem());
    if (c->leaf == NULL || bio == NULL || PEM_write_bio_X509(bio, c->leaf) != 1)
        err = fail(l, CW_ERR_INTERNAL, "no certificate could be made for %s (host \"%s\")", path,
                   l->web_host);
    if (err == CW_OK)
        err = write_file(l, path, bio, 0644);
    BIO_free(bio);
    if (err == CW_OK)
        cw_log(CW_LOG_INFO, "engine.tls", "made %s", path);
    return err;
}

void cw_certificate_clear(struct cw_certificate *c)
{
    EVP_PKEY_free(c->key);
    X509_free(c->leaf);
    for (unsigned i = 0; i < c->chain_count; i++)
        X509_free(c->chain[i]);
    *c = (struct cw_certificate){0};
}

static bool ends_within(const X509 *x, time_t seconds)
{
    time_t at = time(NULL) + seconds;
    return X509_cmp_time(X509_get0_notAfter(x), &at) < 0;
}

/* What a rotation left. *c stays empty when there is none. */
static int load_rotated(const struct loader *l, const char *name,
                        const struct cw_certificate *identity, struct cw_certificate *c)
{
    char path[PATH_BYTES], why[256], *pem = NULL;
    BIO *bio = NULL;
    int err = path_of(l, name, "pem", path);
    if (err == CW_OK)
        err = read_file(l, path, &bio);
    if (err != CW_OK || bio == NULL)
        return err;
    long bytes = BIO_get_mem_data(bio, &pem);
    err = cw_certificate_parse(pem, (size_t)bytes, identity, NULL, why, sizeof(why), c);
    BIO_free(bio);
    if (err == CW_OK && identity != NULL && ends_within(c->leaf, RENEW_S)) {
        cw_log(CW_LOG_INFO, "engine.tls", "%s ends soon and is left aside", path);
        cw_certificate_clear(c); /* the pair of files renews itself */
    }
    return err == CW_OK
               ? CW_OK
               : fail(l, err, "%s: %s; put a good one there, or remove it to use %s.key and %s.crt",
                      path, why, name, name);
}

static int load_pair(const struct loader *l, const char *name, enum cw_certificate_kind kind,
                     const struct cw_certificate *identity, struct cw_certificate *c)
{
    int err = CW_OK;
    if (kind != CW_CERTIFICATE_IDENTITY)
        err = load_rotated(l, name, kind == CW_CERTIFICATE_NATIVE ? identity : NULL, c);
    if (err != CW_OK || c->leaf != NULL)
        return err;
    err = read_key(l, name, &c->key);
    if (err == CW_OK)
        err = read_certificate(l, name, c);
    if (err != CW_OK)
        return err;
    if (c->key == NULL && c->leaf != NULL && kind != CW_CERTIFICATE_NATIVE)
        return fail(l, CW_ERR_INVALID,
                    "%s/%s.crt is there but %s.key is missing: restore the key from a backup%s",
                    l->directory, name, name,
                    kind == CW_CERTIFICATE_WEB ? ", or remove the certificate to have both made"
                                               : "");
    if (c->key == NULL) {
        cw_certificate_clear(c);
        err = make_key(l, name, kind == CW_CERTIFICATE_IDENTITY, &c->key);
    }
    if (err == CW_OK && c->leaf == NULL)
        err = make_certificate(l, name, kind, identity, c);
    if (err == CW_OK && X509_check_private_key(c->leaf, c->key) != 1)
        err = fail(l, CW_ERR_INVALID,
                   "%s/%s.crt does not belong to %s.key: put the matching pair there", l->directory,
                   name, name);
    return err;
}

static int load_native(const struct loader *l, struct cw_certificates *c)
{
    int err = load_pair(l, "native", CW_CERTIFICATE_NATIVE, &c->identity, &c->native);
    if (err != CW_OK)
        return err;
    if (X509_verify(c->native.leaf, c->identity.key) != 1)
        return fail(
            l, CW_ERR_INVALID,
            "%s/native.crt is not signed by identity.key: remove native.crt to have it made again",
            l->directory);
    if (ends_within(c->native.leaf, RENEW_S)) {
        X509_free(c->native.leaf);
        c->native.leaf = NULL;
        err = make_certificate(l, "native", CW_CERTIFICATE_NATIVE, &c->identity, &c->native);
    }
    if (err == CW_OK && c->native.chain_count == 0 && X509_up_ref(c->identity.leaf) == 1)
        c->native.chain[c->native.chain_count++] = c->identity.leaf;
    return err;
}

/* One that was made here, not by an operator: signed by itself, and for the names that are always in ours. */
static bool is_own_make(const struct cw_certificate *c)
{
    return c->chain_count == 0 && X509_verify(c->leaf, c->key) == 1 &&
           X509_check_host(c->leaf, "localhost", 0, 0, NULL) == 1 &&
           X509_check_ip_asc(c->leaf, "127.0.0.1", 0) == 1 &&
           X509_check_ip_asc(c->leaf, "::1", 0) == 1;
}

static int load_web(const struct loader *l, struct cw_certificates *c)
{
    int err = load_pair(l, "web", CW_CERTIFICATE_WEB, NULL, &c->web);
    if (err != CW_OK || !ends_within(c->web.leaf, RENEW_S))
        return err;
    bool is_own = is_own_make(&c->web);
    ERR_clear_error();
    if (is_own) {
        X509_free(c->web.leaf);
        c->web.leaf = NULL;
        return make_certificate(l, "web", CW_CERTIFICATE_WEB, NULL, &c->web);
    }
    cw_log(CW_LOG_WARNING, "engine.tls", "the web certificate in %s %s", l->directory,
           ends_within(c->web.leaf, 0) ? "has expired" : "ends within 30 days");
    return CW_OK;
}

int cw_certificates_load(const char *directory, const char *web_host, char *message,
                         size_t message_size, struct cw_certificates *ret_certificates)
{
    const struct loader l = {directory, web_host, message, message_size};
    struct cw_certificates c = {0};
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return fail(&l, CW_ERR_IO, "%s cannot be made: %s", directory, strerror(errno));
    int err = load_pair(&l, "identity", CW_CERTIFICATE_IDENTITY, NULL, &c.identity);
    size_t size = sizeof(c.identity_public);
    if (err == CW_OK &&
        (EVP_PKEY_get_base_id(c.identity.key) != EVP_PKEY_ED25519 ||
         EVP_PKEY_get_raw_public_key(c.identity.key, c.identity_public, &size) != 1))
        err = fail(&l, CW_ERR_INVALID, "%s/identity.key is not an Ed25519 key", directory);
    if (err == CW_OK)
        err = load_native(&l, &c);
    if (err == CW_OK)
        err = load_web(&l, &c);
    if (err != CW_OK) {
        cw_certificates_clear(&c);
        return err;
    }
    *ret_certificates = c;
    return CW_OK;
}

int cw_certificates_store(const char *directory, const char *name, const char *pem,
                          size_t pem_bytes, char *message, size_t message_size)
{
    const struct loader l = {directory, "", message, message_size};
    char path[PATH_BYTES];
    int err = path_of(&l, name, "pem", path);
    if (err != CW_OK)
        return err;
    BIO *bio = BIO_new_mem_buf(pem, (int)pem_bytes);
    if (bio == NULL)
        return fail(&l, CW_ERR_NOMEM, "out of memory");
    err = write_file(&l, path, bio, 0600);
    BIO_free(bio);
    return err;
}

void cw_certificates_clear(struct cw_certificates *c)
{
    cw_certificate_clear(&c->identity);
    cw_certificate_clear(&c->native);
    cw_certificate_clear(&c->web);
}
