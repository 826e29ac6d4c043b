/* SPDX-License-Identifier: Apache-2.0 */
/* Making a backup, and reading one. */
#include "control/backup/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/audit/chain.h"
#include "control/backup/archive.h"
#include "control/store/store_snapshot.h"
#include "engine/base/err.h"
#include "engine/base/version.h"

enum { BLOCK_BYTES = 8 * 1024, KEY_FILE_BYTES_MAX = 4096, FORM = 1 };

__attribute__((format(printf, 3, 4))) static int fail(struct cw_backup_result *r, int err,
                                                      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(r->message, sizeof r->message, format, args);
    va_end(args);
    return err;
}

/* ---- making ---------------------------------------------------------------------------------- */

struct maker {
    const struct cw_backup_plan *plan;
    struct cw_backup_result *result;
    struct cw_archive *archive;
    EVP_MD_CTX *hash;
    json_t *files;
};

static int note_file(struct maker *m, const char *name, uint64_t bytes)
{
    uint8_t digest[CW_CHAIN_BYTES];
    char hex[2 * CW_CHAIN_BYTES + 1];

    if (EVP_DigestFinal_ex(m->hash, digest, NULL) != 1)
        return CW_ERR_INTERNAL;
    cw_chain_hex(digest, hex);
    m->result->files++;
    return json_array_append_new(m->files, json_pack("{s:s, s:I, s:s}", "name", name, "bytes",
                                                     (json_int_t)bytes, "sha256", hex)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

static int add_bytes(struct maker *m, const char *name, const void *data, size_t bytes)
{
    int err = cw_archive_entry(m->archive, name, bytes);

    if (err == 0)
        err = cw_archive_write(m->archive, data, bytes);
    if (err == 0 && (EVP_DigestInit_ex(m->hash, EVP_sha256(), NULL) != 1 ||
                     EVP_DigestUpdate(m->hash, data, bytes) != 1))
        err = CW_ERR_INTERNAL;
    return err == 0 ? note_file(m, name, bytes) : err;
}

static int copy_in(struct maker *m, int fd, uint64_t bytes)
{
    uint8_t block[BLOCK_BYTES];
    int err = EVP_DigestInit_ex(m->hash, EVP_sha256(), NULL) == 1 ? 0 : CW_ERR_INTERNAL;

    while (err == 0 && bytes > 0) {
        ssize_t n = read(fd, block, bytes < sizeof block ? bytes : sizeof block);
        if (n <= 0)
            return CW_ERR_IO;
        err = cw_archive_write(m->archive, block, (size_t)n);
        if (err == 0 && EVP_DigestUpdate(m->hash, block, (size_t)n) != 1)
            err = CW_ERR_INTERNAL;
        if (err == 0 && m->plan->must_stop != NULL && atomic_load(m->plan->must_stop))
            err = CW_ERR_CLOSED;
        bytes -= (uint64_t)n;
    }
    return err;
}

static int add_file(struct maker *m, const char *name, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int err = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : CW_ERR_IO;

    if (err == 0)
        err = cw_archive_entry(m->archive, name, (uint64_t)st.st_size);
    if (err == 0)
        err = copy_in(m, fd, (uint64_t)st.st_size);
    if (err == 0)
        err = note_file(m, name, (uint64_t)st.st_size);
    if (fd >= 0)
        (void)close(fd);
    return err == 0 ? 0
                    : fail(m->result, err, "%.300s cannot be put into it: %s", path,
                           errno != 0 && err == CW_ERR_IO ? strerror(errno) : cw_err_text(err));
}

/* The engine's certificates: files only, and none is not an error. */
static int add_tls(struct maker *m)
{
    char path[720];
    char name[CW_ARCHIVE_NAME_BYTES_MAX + 1];
    struct dirent *d = NULL;
    struct stat st;
    int err = 0;

    (void)snprintf(path, sizeof path, "%s/tls", m->plan->state_dir);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return 0;
    while (err == 0 && (d = readdir(dir)) != NULL) {
        if (d->d_name[0] == '.' || strlen(d->d_name) > CW_ARCHIVE_NAME_BYTES_MAX - 4)
            continue;
        (void)snprintf(path, sizeof path, "%s/tls/%s", m->plan->state_dir, d->d_name);
        (void)snprintf(name, sizeof name, "tls/%.116s", d->d_name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
            err = add_file(m, name, path);
    }
    (void)closedir(dir);
    return err;
}

/* The audit log's key first: the store can only be ahead of it, which the next start makes good. */
static int add_all(struct maker *m, const char *snapshot)
{
    char path[720];
    char message[300];
    uint8_t key[KEY_FILE_BYTES_MAX];
    struct cw_snapshot copied = {0};
    ssize_t n = -1;
    int err = 0;

    (void)snprintf(path, sizeof path, "%s/control/audit.key", m->plan->state_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        n = read(fd, key, sizeof key);
        (void)close(fd);
    }
    if (n <= 0)
        return fail(m->result, CW_ERR_IO, "%.300s cannot be read", path);
    (void)snprintf(path, sizeof path, "%s/control/store.sqlite", m->plan->state_dir);
    err = cw_store_snapshot(path, snapshot, m->plan->must_stop, &copied, message, sizeof message);
    m->result->schema = copied.schema;
    m->result->steps = copied.steps;
    m->result->longest_step_us = copied.longest_step_us;
    if (err != 0)
        return fail(m->result, err, "%s", message);
    err = add_bytes(m, "control/audit.key", key, (size_t)n);
    explicit_bzero(key, sizeof key);
    (void)snprintf(path, sizeof path, "%s/control/ticket.key", m->plan->state_dir);
    if (err == 0)
        err = add_file(m, "control/ticket.key", path);
    if (err == 0)
        err = add_tls(m);
    return err == 0 ? add_file(m, "control/store.sqlite", snapshot) : err;
}

static int add_manifest(struct maker *m)
{
    json_t *manifest = json_pack("{s:i, s:s, s:I, s:I, s:O}", "form", FORM, "version", CW_VERSION,
                                 "schema", (json_int_t)m->result->schema, "created_unix_ms",
                                 (json_int_t)m->plan->now_ms, "files", m->files);
    char *text = manifest != NULL ? json_dumps(manifest, JSON_INDENT(1)) : NULL;
    int err = CW_ERR_NOMEM;

    if (text != NULL)
        err = cw_archive_entry(m->archive, CW_ARCHIVE_MANIFEST, strlen(text));
    if (err == 0)
        err = cw_archive_write(m->archive, text, strlen(text));
    free(text);
    json_decref(manifest);
    return err == 0 ? cw_archive_finish(m->archive) : err;
}

static int publish(const char *part, const char *path, struct cw_backup_result *r)
{
    struct stat st;
    char folder[520];
    const char *slash = strrchr(path, '/');
    int err = 0;

    /* link refuses to replace what came there meanwhile. */
    if (stat(part, &st) != 0 || link(part, path) != 0)
        err = fail(r, CW_ERR_IO, "%.300s cannot be made: %s", path, strerror(errno));
    (void)unlink(part);
    if (err != 0)
        return err;
    r->bytes = (uint64_t)st.st_size;
    (void)snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) : 1,
                   slash != NULL ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    return 0;
}

int cw_backup_create(const struct cw_backup_plan *plan, struct cw_backup_result *ret)
{
    struct maker m = {.plan = plan, .result = ret, .hash = EVP_MD_CTX_new(), .files = json_array()};
    char part[530];
    char snapshot[450];
    int err = 0;

    *ret = (struct cw_backup_result){.created_ms = plan->now_ms};
    (void)snprintf(ret->version, sizeof ret->version, "%s", CW_VERSION);
    (void)snprintf(part, sizeof part, "%s.part", plan->path);
    (void)snprintf(snapshot, sizeof snapshot, "%s/control/backup.tmp", plan->state_dir);
    (void)unlink(part); /* of one that was cut off */
    (void)unlink(snapshot);
    errno = 0;
    err = m.hash != NULL && m.files != NULL
              ? cw_archive_create(part, plan->passphrase, &plan->cost, &m.archive)
              : CW_ERR_NOMEM;
    if (err != 0)
        (void)fail(ret, err, "%.300s cannot be made: %s", part,
                   errno != 0 ? strerror(errno) : cw_err_text(err));
    if (err == 0)
        err = add_all(&m, snapshot);
    if (err == 0)
        err = add_manifest(&m);
    cw_archive_close(m.archive);
    EVP_MD_CTX_free(m.hash);
    json_decref(m.files);
    (void)unlink(snapshot);
    if (err == 0)
        return publish(part, plan->path, ret);
    (void)unlink(part);
    if (ret->message[0] == '\0')
        (void)fail(ret, err, "%.300s cannot be written: %s", plan->path, cw_err_text(err));
    return err;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct read_file {
    char name[CW_ARCHIVE_NAME_BYTES_MAX + 1];
    uint64_t bytes;
    char sha256[2 * CW_CHAIN_BYTES + 1];
};

struct extraction {
    struct cw_archive *archive;
    struct cw_backup_result *result;
    const char *folder; /* NULL: nothing is written */
    EVP_MD_CTX *hash;
    struct read_file files[CW_ARCHIVE_FILES_MAX];
    uint32_t count;
};

/* A name says in which of two folders a file is, and nothing else: no way leads out of them. */
static bool is_legal_name(const char *name)
{
    const char *rest = NULL;

    if (strncmp(name, "control/", 8) == 0)
        rest = name + 8;
    else if (strncmp(name, "tls/", 4) == 0)
        rest = name + 4;
    return rest != NULL && rest[0] != '\0' && rest[0] != '.' && strchr(rest, '/') == NULL;
}

static int copy_out(struct extraction *x, uint64_t bytes, int fd)
{
    uint8_t block[BLOCK_BYTES];
    int err = EVP_DigestInit_ex(x->hash, EVP_sha256(), NULL) == 1 ? 0 : CW_ERR_INTERNAL;

    while (err == 0 && bytes > 0) {
        size_t n = bytes < sizeof block ? (size_t)bytes : sizeof block;
        err = cw_archive_read(x->archive, block, n);
        if (err == 0 && EVP_DigestUpdate(x->hash, block, n) != 1)
            err = CW_ERR_INTERNAL;
        if (err == 0 && fd >= 0 && write(fd, block, n) != (ssize_t)n)
            err = CW_ERR_IO;
        bytes -= n;
    }
    explicit_bzero(block, sizeof block);
    return err == 0 && fd >= 0 && fsync(fd) != 0 ? CW_ERR_IO : err;
}

static int take_file(struct extraction *x, const char *name, uint64_t bytes)
{
    struct read_file *f = &x->files[x->count];
    uint8_t digest[CW_CHAIN_BYTES];
    char path[1024];
    int fd = -1;
    int err = 0;

    if (!is_legal_name(name) || x->count == CW_ARCHIVE_FILES_MAX)
        return fail(x->result, CW_ERR_INVALID, "it has a file that no backup has: %s", name);
    if (x->folder != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", x->folder, name);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return fail(x->result, CW_ERR_IO, "%.300s cannot be made: %s", path, strerror(errno));
    }
    err = copy_out(x, bytes, fd);
    if (fd >= 0)
        (void)close(fd);
    if (err == 0 && EVP_DigestFinal_ex(x->hash, digest, NULL) != 1)
        err = CW_ERR_INTERNAL;
    if (err != 0)
        return err;
    (void)snprintf(f->name, sizeof f->name, "%s", name);
    f->bytes = bytes;
    cw_chain_hex(digest, f->sha256);
    x->count++;
    return 0;
}

static int compare(struct extraction *x, const json_t *manifest)
{
    struct cw_backup_result *r = x->result;
    const json_t *files = json_object_get(manifest, "files");
    const char *version = json_string_value(json_object_get(manifest, "version"));

    if (json_integer_value(json_object_get(manifest, "form")) != FORM || version == NULL)
        return fail(r, CW_ERR_UNSUPPORTED, "it was made by another version, in a form of its own");
    if (json_array_size(files) != x->count)
        return fail(r, CW_ERR_SIGNATURE, "it has not the files that its manifest names");
    for (uint32_t i = 0; i < x->count; i++) {
        const json_t *f = json_array_get(files, i);
        const char *name = json_string_value(json_object_get(f, "name"));
        const char *sha256 = json_string_value(json_object_get(f, "sha256"));
        if (name == NULL || sha256 == NULL || strcmp(name, x->files[i].name) != 0 ||
            strcmp(sha256, x->files[i].sha256) != 0 ||
            (uint64_t)json_integer_value(json_object_get(f, "bytes")) != x->files[i].bytes)
            return fail(r, CW_ERR_SIGNATURE, "%s is not what its manifest says", x->files[i].name);
    }
    (void)snprintf(r->version, sizeof r->version, "%s", version);
    r->schema = (uint64_t)json_integer_value(json_object_get(manifest, "schema"));
    r->created_ms = (uint64_t)json_integer_value(json_object_get(manifest, "created_unix_ms"));
    r->files = x->count;
    return 0;
}

static int take_manifest(struct extraction *x, uint64_t bytes)
{
    char name[CW_ARCHIVE_NAME_BYTES_MAX + 1];
    uint64_t more = 0;
    char *text = bytes <= CW_ARCHIVE_MANIFEST_BYTES_MAX ? malloc((size_t)bytes + 1) : NULL;
    int err = text != NULL ? cw_archive_read(x->archive, text, (size_t)bytes) : CW_ERR_INVALID;
    json_t *manifest =
        err == 0 ? json_loadb(text, (size_t)bytes, JSON_REJECT_DUPLICATES, NULL) : NULL;

    free(text);
    if (err == 0)
        err = manifest != NULL ? compare(x, manifest) : CW_ERR_INVALID;
    json_decref(manifest);
    if (err == 0 && cw_archive_next(x->archive, name, &more) != CW_ERR_NOT_FOUND)
        err = fail(x->result, CW_ERR_SIGNATURE, "there is more behind its manifest");
    return err;
}

static int read_all(struct extraction *x)
{
    char name[CW_ARCHIVE_NAME_BYTES_MAX + 1];
    uint64_t bytes = 0;
    int err = 0;

    for (;;) {
        err = cw_archive_next(x->archive, name, &bytes);
        if (err == CW_ERR_NOT_FOUND)
            return fail(x->result, CW_ERR_SIGNATURE, "it has no manifest");
        if (err == 0 && strcmp(name, CW_ARCHIVE_MANIFEST) == 0)
            return take_manifest(x, bytes);
        if (err == 0)
            err = take_file(x, name, bytes);
        if (err != 0)
            return err;
    }
}

static const char *read_error(int err)
{
    switch (err) {
    case CW_ERR_DENIED: return "the passphrase is wrong, or it was changed";
    case CW_ERR_SIGNATURE: return "it was changed, or its end is missing";
    case CW_ERR_INVALID: return "it is no backup of Causeway";
    case CW_ERR_UNSUPPORTED: return "it was made by a newer Causeway; use that version";
    default: return cw_err_text(err);
    }
}

int cw_backup_read(const char *path, const char *passphrase, const char *folder,
                   struct cw_backup_result *ret)
{
    struct extraction *x = calloc(1, sizeof *x);
    struct stat st;
    int err = x != NULL ? 0 : CW_ERR_NOMEM;

    *ret = (struct cw_backup_result){0};
    if (err == 0) {
        x->result = ret;
        x->folder = folder;
        x->hash = EVP_MD_CTX_new();
        err = x->hash != NULL ? cw_archive_open(path, passphrase, &x->archive) : CW_ERR_NOMEM;
    }
    if (err == 0)
        err = read_all(x);
    if (err == 0 && stat(path, &st) == 0)
        ret->bytes = (uint64_t)st.st_size;
    if (err != 0 && ret->message[0] == '\0')
        (void)fail(ret, err, "%s", read_error(err));
    if (x != NULL) {
        cw_archive_close(x->archive);
        EVP_MD_CTX_free(x->hash);
        free(x);
    }
    return err;
}
