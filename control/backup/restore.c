/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a backup back: into a folder beside, looked at there, and then in one step in the place of what was. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/backup/backup.h"
#include "control/store/store.h"
#include "control/store/store_snapshot.h"
#include "engine/base/err.h"

struct place {
    const char *state_dir;
    char fresh[440]; /* what is restored, before it is in its place */
    char before[64]; /* the end of the name of what was there */
};

__attribute__((format(printf, 3, 4))) static int fail(struct cw_backup_result *r, int err,
                                                      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(r->message, sizeof r->message, format, args);
    va_end(args);
    return err;
}

/* SQLite keeps a lock on these bytes of a store that is open. */
static bool is_in_use(const char *path)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 512};
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool is_locked = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

    if (fd >= 0)
        (void)close(fd);
    return is_locked;
}

/* Removes a folder of files. */
static void remove_folder(const char *path)
{
    char file[1024];
    struct dirent *d = NULL;
    DIR *dir = opendir(path);

    while (dir != NULL && (d = readdir(dir)) != NULL) {
        (void)snprintf(file, sizeof file, "%s/%s", path, d->d_name);
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            (void)unlink(file);
    }
    if (dir != NULL)
        (void)closedir(dir);
    (void)rmdir(path);
}

static void remove_fresh(const struct place *p)
{
    char path[520];

    (void)snprintf(path, sizeof path, "%s/control", p->fresh);
    remove_folder(path);
    (void)snprintf(path, sizeof path, "%s/tls", p->fresh);
    remove_folder(path);
    (void)rmdir(p->fresh);
}

static int make_fresh(const struct place *p, struct cw_backup_result *r)
{
    static const char *const folders[] = {"", "/control", "/tls"};
    char path[520];

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", p->fresh, folders[i]);
        if (mkdir(path, 0700) != 0)
            return fail(r, CW_ERR_IO, "%.300s cannot be made: %s", path, strerror(errno));
    }
    return 0;
}

/* Root restores for the user the appliance runs as: who owns its folder. */
static int give_to_owner(const char *path, const struct stat *owner)
{
    char file[1024];
    struct dirent *d = NULL;
    int rc = chown(path, owner->st_uid, owner->st_gid);
    DIR *dir = opendir(path);

    while (rc == 0 && dir != NULL && (d = readdir(dir)) != NULL) {
        (void)snprintf(file, sizeof file, "%s/%s", path, d->d_name);
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            rc = lchown(file, owner->st_uid, owner->st_gid);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return rc;
}

static int add_row(struct cw_store *s, uint64_t now_ms, const struct cw_backup_result *r)
{
    char detail[200];
    struct cw_audit_row row = {.time_ms = now_ms,
                               .actor = "operator",
                               .source = "-",
                               .action = "backup.restore",
                               .object = "",
                               .result = "ok",
                               .detail = detail};
    int err = cw_store_begin(s);

    (void)snprintf(detail, sizeof detail, "of a backup made at %llu by version %.60s",
                   (unsigned long long)(r->created_ms / 1000), r->version);
    if (err == 0)
        err = cw_store_audit_add(s, &row);
    return cw_store_end(s, err);
}

/* Whole, known to this program, with its keys; and the restore is in its log. */
static int look(const struct place *p, uint64_t now_ms, struct cw_backup_result *r)
{
    char path[520];
    char message[300];
    struct cw_store *s = NULL;
    struct cw_audit_report report;
    uint64_t schema = 0;
    int err = 0;

    (void)snprintf(path, sizeof path, "%s/control/store.sqlite", p->fresh);
    err = cw_store_check_file(path, false, &schema, message, sizeof message);
    if (err == 0)
        err = cw_store_open(path, message, sizeof message, &s);
    if (err != 0)
        return fail(r, err, "%s", message);
    if (cw_store_audit_verify(s, &report) != 0)
        err = fail(r, CW_ERR_SIGNATURE, "the audit log in it was changed: row %llu: %s",
                   (unsigned long long)report.bad_id, report.why);
    if (err == 0)
        err = add_row(s, now_ms, r);
    cw_store_close(s);
    return err;
}

/* state_dir/name becomes name.before-TIME, fresh/name takes its place. */
static int swap(const struct place *p, const char *name, struct cw_backup_result *r)
{
    char now[520];
    char then[600];
    char fresh[520];

    (void)snprintf(now, sizeof now, "%s/%s", p->state_dir, name);
    (void)snprintf(then, sizeof then, "%s/%s%s", p->state_dir, name, p->before);
    (void)snprintf(fresh, sizeof fresh, "%s/%s", p->fresh, name);
    bool was_there = rename(now, then) == 0;
    if (!was_there && errno != ENOENT)
        return fail(r, CW_ERR_IO, "%.300s cannot be moved: %s", now, strerror(errno));
    if (rename(fresh, now) == 0)
        return 0;
    (void)fail(r, CW_ERR_IO, "%.300s cannot be made: %s", now, strerror(errno));
    if (was_there)
        (void)rename(then, now);
    return CW_ERR_IO;
}

static void swap_back(const struct place *p, const char *name)
{
    char now[520];
    char then[600];
    char fresh[520];

    (void)snprintf(now, sizeof now, "%s/%s", p->state_dir, name);
    (void)snprintf(then, sizeof then, "%s/%s%s", p->state_dir, name, p->before);
    (void)snprintf(fresh, sizeof fresh, "%s/%s", p->fresh, name);
    (void)rename(now, fresh);
    (void)rename(then, now);
}

static int put_in_place(const struct place *p, struct cw_backup_result *r)
{
    char path[520];
    struct stat owner;
    int err = 0;

    (void)snprintf(path, sizeof path, "%s/control", p->fresh);
    if (geteuid() == 0 && stat(p->state_dir, &owner) == 0 && give_to_owner(path, &owner) != 0)
        return fail(r, CW_ERR_IO, "%.300s cannot be given to its owner: %s", path, strerror(errno));
    (void)snprintf(path, sizeof path, "%s/tls", p->fresh);
    /* Made before the engine ran for the first time: there is nothing of it. */
    bool has_tls = rmdir(path) != 0;
    if (has_tls && geteuid() == 0 && give_to_owner(path, &owner) != 0)
        return fail(r, CW_ERR_IO, "%.300s cannot be given to its owner: %s", path, strerror(errno));
    err = swap(p, "control", r);
    if (err == 0 && has_tls) {
        err = swap(p, "tls", r);
        if (err != 0)
            swap_back(p, "control");
    }
    return err;
}

int cw_backup_restore(const char *path, const char *passphrase, const char *state_dir,
                      uint64_t now_ms, struct cw_backup_result *ret)
{
    struct place p = {.state_dir = state_dir};
    char store[480];
    int err = 0;

    *ret = (struct cw_backup_result){0};
    (void)snprintf(p.fresh, sizeof p.fresh, "%.400s/restore.new", state_dir);
    (void)snprintf(p.before, sizeof p.before, ".before-%llu", (unsigned long long)(now_ms / 1000));
    (void)snprintf(store, sizeof store, "%.400s/control/store.sqlite", state_dir);
    if (is_in_use(store))
        return fail(ret, CW_ERR_STATE, "the appliance uses %.300s: stop it first", store);
    remove_fresh(&p); /* of one that was cut off */
    err = make_fresh(&p, ret);
    if (err == 0)
        err = cw_backup_read(path, passphrase, p.fresh, ret);
    if (err == 0)
        err = look(&p, now_ms, ret);
    if (err == 0)
        err = put_in_place(&p, ret);
    remove_fresh(&p);
    return err;
}
