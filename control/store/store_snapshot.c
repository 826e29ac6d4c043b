/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_snapshot.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"

/* Pages of a step: as many as take well under CW_SNAPSHOT_STEP_US on this disk. */
enum { SNAPSHOT_PAGES_MIN = 16, SNAPSHOT_PAGES_MAX = 512, SNAPSHOT_BUSY_MS = 5000 };

static uint64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int one_step(sqlite3_backup *b, int *pages, struct cw_snapshot *ret)
{
    const uint64_t start_us = now_us();
    const int rc = sqlite3_backup_step(b, *pages);
    const uint64_t took_us = now_us() - start_us;

    ret->steps++;
    if (took_us > ret->longest_step_us)
        ret->longest_step_us = took_us;
    if (took_us > CW_SNAPSHOT_STEP_US / 2 && *pages > SNAPSHOT_PAGES_MIN)
        *pages /= 2;
    else if (took_us < CW_SNAPSHOT_STEP_US / 8 && *pages < SNAPSHOT_PAGES_MAX)
        *pages *= 2;
    return rc;
}

static int number_of(sqlite3 *db, const char *sql, uint64_t *ret)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *ret = (uint64_t)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* One read transaction over all steps: else each change of the store would begin the copy anew. */
static int copy_pages(sqlite3 *from, sqlite3 *to, const atomic_bool *must_stop,
                      struct cw_snapshot *ret)
{
    int rc = sqlite3_exec(from, "BEGIN", NULL, NULL, NULL);
    uint64_t ignored = 0;
    sqlite3_backup *b = NULL;
    int pages = SNAPSHOT_PAGES_MIN;

    if (rc == SQLITE_OK)
        rc = number_of(from, "SELECT count(*) FROM sqlite_schema", &ignored);
    if (rc != SQLITE_OK)
        return rc;
    b = sqlite3_backup_init(to, "main", from, "main");
    rc = b != NULL ? SQLITE_OK : sqlite3_errcode(to);
    while (rc == SQLITE_OK) {
        if (must_stop != NULL && atomic_load(must_stop))
            rc = SQLITE_INTERRUPT;
        else
            rc = one_step(b, &pages, ret);
    }
    if (b != NULL)
        (void)sqlite3_backup_finish(b);
    (void)sqlite3_exec(from, "COMMIT", NULL, NULL, NULL);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int cw_store_snapshot(const char *path, const char *to, const atomic_bool *must_stop,
                      struct cw_snapshot *ret, char *message, size_t message_size)
{
    struct cw_snapshot done = {0};
    sqlite3 *from_db = NULL;
    sqlite3 *to_db = NULL;
    int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc = fd >= 0 ? SQLITE_OK : SQLITE_CANTOPEN;

    if (fd >= 0)
        (void)close(fd);
    if (rc == SQLITE_OK)
        rc = sqlite3_open_v2(path, &from_db, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_open_v2(to, &to_db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(from_db, SNAPSHOT_BUSY_MS);
        rc = copy_pages(from_db, to_db, must_stop, &done);
    }
    if (rc == SQLITE_OK)
        rc = number_of(from_db, "PRAGMA user_version", &done.schema);
    if (ret != NULL)
        *ret = done;
    sqlite3_close(from_db);
    sqlite3_close(to_db);
    fd = rc == SQLITE_OK ? open(to, O_RDONLY | O_CLOEXEC) : -1;
    if (rc == SQLITE_OK && (fd < 0 || fsync(fd) != 0))
        rc = SQLITE_IOERR;
    if (fd >= 0)
        (void)close(fd);
    if (rc == SQLITE_OK)
        return 0;
    (void)snprintf(message, message_size, "the store cannot be copied to %.200s: %s", to,
                   sqlite3_errstr(rc));
    (void)unlink(to);
    return CW_ERR_IO;
}

int cw_store_check_file(const char *path, bool may_be_used, uint64_t *ret_schema, char *message,
                        size_t message_size)
{
    sqlite3 *db = NULL;
    uint64_t bad = 1;
    int rc = sqlite3_open_v2(path, &db, may_be_used ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE,
                             NULL);

    if (rc == SQLITE_OK)
        rc = number_of(db, "PRAGMA user_version", ret_schema);
    if (rc == SQLITE_OK)
        rc = number_of(
            db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", &bad);
    sqlite3_close(db);
    if (rc == SQLITE_OK && bad == 0)
        return 0;
    (void)snprintf(message, message_size, "the store is damaged: %s",
                   rc != SQLITE_OK ? sqlite3_errstr(rc) : "pages or indexes do not fit");
    return CW_ERR_SIGNATURE;
}
