/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/store/store_query.h"
#include "control/store/store_snapshot.h"
#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum {
    BUSY_MS = 250, /* a backup that holds the lock; longer would stall live sessions' events */
    HEAP_BYTES_MAX = 256 * 1024 * 1024,
};

static void set_quietly(struct cw_store *s, const char *reason)
{
    s->is_writable = false;
    snprintf(s->reason, sizeof s->reason, "%s", reason);
}

static void set_reason(struct cw_store *s, const char *reason)
{
    if (s->is_writable)
        cw_log(CW_LOG_ERROR, "control.store", "the store cannot be written: %s", reason);
    set_quietly(s, reason);
}

int cw_store_error(struct cw_store *s, int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return 0;
    case SQLITE_FULL: set_reason(s, "the disk is full"); return CW_ERR_READ_ONLY;
    case SQLITE_READONLY:
        set_reason(s, "the file or its disk is read-only");
        return CW_ERR_READ_ONLY;
    case SQLITE_CANTOPEN: set_reason(s, "the file cannot be opened"); return CW_ERR_READ_ONLY;
    case SQLITE_IOERR: set_reason(s, "the disk reports errors"); return CW_ERR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: set_reason(s, "another program holds its lock"); return CW_ERR_READ_ONLY;
    case SQLITE_CONSTRAINT: return CW_ERR_CONFLICT;
    case SQLITE_NOMEM: return CW_ERR_NOMEM;
    default:
        cw_log(CW_LOG_ERROR, "control.store", "sqlite: %s", sqlite3_errmsg(s->db));
        return CW_ERR_INTERNAL;
    }
}

/* ---- transactions ---------------------------------------------------------------------------- */

static int run_simple(struct cw_store *s, enum cw_statement id)
{
    struct cw_query q = cw_query_on(s, id);

    while (cw_query_row(&q))
        continue;
    return cw_query_end(&q);
}

/* The group is open until cw_store_commit; a store that cannot be written has none, so that each change hears by
 * itself that it was not stored. */
static int begin_transaction(struct cw_store *s)
{
    int err = run_simple(s, CW_SQL_BEGIN);

    s->has_group = err == 0 && s->is_grouping && s->is_writable;
    cw_audit_chain_note_group(s);
    return err;
}

int cw_store_begin(struct cw_store *s)
{
    int err = 0;

    CW_CHECK(!s->is_writing, "transactions do not nest");
    if (s->is_lost)
        return CW_ERR_READ_ONLY;
    if (!s->has_group)
        err = begin_transaction(s);
    if (err == 0 && s->has_group)
        err = run_simple(s, CW_SQL_SAVEPOINT);
    s->is_writing = err == 0;
    cw_audit_chain_note(s);
    return err;
}

static uint64_t now_us(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void cw_store_counts(const struct cw_store *s, struct cw_store_counts *ret_counts)
{
    *ret_counts = s->counts;
}

/* COMMIT, or what an error leaves of it. */
static int finish_transaction(struct cw_store *s, int err)
{
    uint64_t begun_us = now_us();

    if (err == 0)
        err = cw_audit_chain_seal(s);
    if (err == 0)
        err = run_simple(s, CW_SQL_COMMIT);
    s->counts.commit_us += now_us() - begun_us;
    s->counts.commits += err == 0;
    s->counts.failures += err != 0;
    /* Some errors (a full disk) already rolled it back. */
    if (err != 0 && !sqlite3_get_autocommit(s->db))
        (void)run_simple(s, CW_SQL_ROLLBACK);
    if (err == 0)
        cw_audit_chain_committed(s);
    else
        cw_audit_chain_undo_group(s);
    if (err != 0)
        cw_kept_forget(s->kept);
    if (err == 0 && !s->is_writable) {
        s->is_writable = true;
        s->reason[0] = '\0';
        cw_log(CW_LOG_INFO, "control.store", "the store can be written again");
    }
    return err;
}

/* A change of a group that was not made. An error that took the transaction with it (a full disk) took the changes
 * before it, too. */
static void undo_in_group(struct cw_store *s)
{
    s->counts.failures++;
    cw_audit_chain_undo(s);
    cw_kept_forget(s->kept);
    if (!sqlite3_get_autocommit(s->db) && run_simple(s, CW_SQL_ROLLBACK_TO) == 0 &&
        run_simple(s, CW_SQL_RELEASE) == 0)
        return;
    if (!sqlite3_get_autocommit(s->db))
        (void)run_simple(s, CW_SQL_ROLLBACK);
    s->is_lost = true;
}

int cw_store_end(struct cw_store *s, int err)
{
    if (!s->is_writing)
        return err;
    s->is_writing = false;
    if (!s->has_group) {
        err = finish_transaction(s, err);
    } else {
        if (err == 0)
            err = run_simple(s, CW_SQL_RELEASE);
        if (err != 0)
            undo_in_group(s);
    }
    s->counts.changes += err == 0;
    return err;
}

void cw_store_group(struct cw_store *s, bool is_grouping)
{
    CW_CHECK(!s->has_group, "a group is ended first");
    s->is_grouping = is_grouping;
}

void cw_store_tick(struct cw_store *s)
{
    if (s->is_writable && !s->has_group && !s->is_writing)
        cw_checkpointer_tick(&s->checkpointer, s->db);
}

bool cw_store_has_group(const struct cw_store *s)
{
    return s->has_group;
}

int cw_store_commit(struct cw_store *s)
{
    int err = 0;

    CW_CHECK(!s->is_writing, "a change ends before its group");
    if (!s->has_group)
        return 0;
    err = finish_transaction(s, s->is_lost ? CW_ERR_READ_ONLY : 0);
    s->has_group = false;
    s->is_lost = false;
    return err;
}

bool cw_store_is_writable(const struct cw_store *s, const char **ret_reason)
{
    if (ret_reason != NULL)
        *ret_reason = s->reason;
    return s->is_writable;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void forget_statements(struct cw_store *s)
{
    for (unsigned i = 0; i < CW_STATEMENT_COUNT; i++) {
        sqlite3_finalize(s->statements[i]);
        s->statements[i] = NULL;
    }
}

static int run_text(struct cw_store *s, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static void harden(sqlite3 *db)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 100000);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 40);
    sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 3);
    sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 25000);
    sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, 8);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50);
    sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, 24);
    sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 4);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
    (void)sqlite3_hard_heap_limit64(HEAP_BYTES_MAX);
}

/* What a savepoint may undo is kept in pieces of a page's size; SQLite's own 64 KB at a time would be taken from and
 * given back to the heap for each change, and what is larger would go to a file. */
static void keep_savepoints_in_memory(void)
{
    static bool is_done;

    if (!is_done)
        (void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    is_done = true;
}

static int open_as(struct cw_store *s, const char *name, int flags)
{
    int rc =
        sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    int persist = 1;

    if (rc == SQLITE_OK) {
        harden(s->db);
        sqlite3_busy_timeout(s->db, BUSY_MS);
        /* A left-over WAL lets the store be read when its folder becomes read-only. */
        sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
        rc = run_text(s, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
                         "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;");
    }
    if (rc == SQLITE_OK)
        rc = run_text(s, "SELECT count(*) FROM sqlite_schema");
    return rc;
}

static void close_db(struct cw_store *s)
{
    cw_checkpointer_end(&s->checkpointer);
    cw_kept_forget(s->kept);
    forget_statements(s);
    sqlite3_close(s->db);
    s->db = NULL;
}

static bool path_as_uri(const char *path, char *out, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = (size_t)snprintf(out, size, "file:");

    for (; *path != '\0'; path++) {
        unsigned char ch = (unsigned char)*path;
        if (at + 32 > size)
            return false;
        if (ch == '%' || ch == '?' || ch == '#') {
            out[at++] = '%';
            out[at++] = digits[ch >> 4];
            out[at++] = digits[ch & 15];
        } else {
            out[at++] = (char)ch;
        }
    }
    snprintf(out + at, size - at, "?immutable=1");
    return true;
}

/* A file that nobody can write (a read-only disk without WAL) is read as it is. */
static int open_reading(struct cw_store *s)
{
    char uri[1600];
    int rc = open_as(s, s->path, SQLITE_OPEN_READONLY);

    if (rc != SQLITE_OK && path_as_uri(s->path, uri, sizeof uri)) {
        close_db(s);
        rc = open_as(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    }
    return rc;
}

/* Writing first; then reading; then reading a file nobody can write (a read-only disk without WAL).
 * */
static int open_best(struct cw_store *s)
{
    int rc = 0;
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    s->opened_read_only = false;
    if (fd >= 0) {
        close(fd);
        rc = open_as(s, s->path, SQLITE_OPEN_READWRITE);
        if (rc == SQLITE_OK && !sqlite3_db_readonly(s->db, "main"))
            rc = run_text(s, "PRAGMA journal_mode = WAL");
        if (rc == SQLITE_OK) {
            cw_checkpointer_watch(&s->checkpointer, s->db, s->path);
            cw_kept_follow(s->kept, s->db);
            return rc;
        }
        close_db(s);
    } else if (errno != EROFS && errno != EACCES && errno != EPERM) {
        return SQLITE_CANTOPEN;
    }
    s->opened_read_only = true;
    return open_reading(s);
}

/* PRAGMA takes no parameters: the number is all that is put into the text. */
static int set_version(struct cw_store *s, int version)
{
    char text[48];

    snprintf(text, sizeof text, "PRAGMA user_version = %d", version);
    return cw_store_error(s, run_text(s, text));
}

/* The store as the older version knew it: for who has to go back to that version. */
static int keep_copy(const struct cw_store *s, uint64_t version, char *message, size_t message_size)
{
    char copy[560];
    char why[300];

    snprintf(copy, sizeof copy, "%s.schema-%llu", s->path, (unsigned long long)version);
    /* One from an earlier try is of the same state: the first thing a try does is this copy. */
    if (access(copy, F_OK) == 0 ||
        cw_store_snapshot(s->path, copy, NULL, NULL, why, sizeof why) == 0)
        return 0;
    snprintf(message, message_size, "The store is not brought to this version without a copy: %s.",
             why);
    return CW_ERR_IO;
}

static int migrate(struct cw_store *s, char *message, size_t message_size)
{
    uint64_t version = 0;
    struct cw_query q = cw_query_on(s, CW_SQL_VERSION);
    int err = cw_query_number(&q, &version);

    message[0] = '\0';
    if (err == 0 && version > (uint64_t)cw_store_step_count) {
        snprintf(message, message_size,
                 "The store %s was written by a newer Causeway (schema %llu, this program knows up "
                 "to %d). Install that version again, or restore a backup made before the upgrade.",
                 s->path, (unsigned long long)version, cw_store_step_count);
        return CW_ERR_UNSUPPORTED;
    }
    if (err == 0 && version > 0 && version < (uint64_t)cw_store_step_count)
        err = keep_copy(s, version, message, message_size);
    if (err != 0 && message[0] != '\0')
        return err;
    for (; err == 0 && version < (uint64_t)cw_store_step_count; version++) {
        err = cw_store_begin(s);
        if (err == 0)
            err = cw_store_error(s, run_text(s, cw_store_steps[version]));
        if (err == 0)
            err = set_version(s, (int)version + 1);
        err = cw_store_end(s, err);
    }
    if (err != 0)
        snprintf(message, message_size, "The store %s cannot be brought to this version: %s.",
                 s->path, s->is_writable ? sqlite3_errmsg(s->db) : s->reason);
    return err;
}

static int probe(struct cw_store *s)
{
    int err = cw_store_begin(s);

    if (err == 0)
        err = run_simple(s, CW_SQL_PROBE);
    return cw_store_end(s, err);
}

static struct cw_store *store_new(const char *path, char *message, size_t message_size)
{
    struct cw_store *s = calloc(1, sizeof *s);
    const char *name = strrchr(path, '/');

    if (s == NULL || (size_t)snprintf(s->path, sizeof s->path, "%s", path) >= sizeof s->path) {
        free(s);
        snprintf(message, message_size, "The store's path is too long.");
        return NULL;
    }
    snprintf(s->key_path, sizeof s->key_path, "%.*saudit.key",
             name != NULL ? (int)(name + 1 - path) : 0, path);
    s->is_writable = true;
    keep_savepoints_in_memory();
    return s;
}

/* A key that cannot be made now (a full disk) is made when the store can be written. */
static int open_chain(struct cw_store *s, char *message, size_t message_size)
{
    int err = cw_audit_chain_open(s, (uint64_t)time(NULL) * 1000, message, message_size);

    if (err == 0 && !s->chain.is_ready)
        set_reason(s, "the audit log's key cannot be written");
    return err;
}

int cw_store_open_reader(const char *path, char *message, size_t message_size,
                         struct cw_store **ret_store)
{
    struct cw_store *s = store_new(path, message, message_size);
    uint64_t version = 0;
    struct cw_query q;
    int err = 0;

    if (s == NULL)
        return CW_ERR_INVALID;
    set_quietly(s, "it is only read");
    if (open_reading(s) != SQLITE_OK) {
        snprintf(message, message_size, "The store %s cannot be opened: %s.", path,
                 s->db != NULL ? sqlite3_errmsg(s->db) : strerror(errno));
        cw_store_close(s);
        return CW_ERR_IO;
    }
    q = cw_query_on(s, CW_SQL_VERSION);
    err = cw_query_number(&q, &version);
    if (err == 0 && version != (uint64_t)cw_store_step_count) {
        snprintf(message, message_size,
                 "The store %s has schema %llu, and this program knows schema %d: use the programs "
                 "of the version that wrote it.",
                 path, (unsigned long long)version, cw_store_step_count);
        err = CW_ERR_UNSUPPORTED;
    }
    if (err != 0) {
        cw_store_close(s);
        return err;
    }
    *ret_store = s;
    return 0;
}

int cw_store_open(const char *path, char *message, size_t message_size, struct cw_store **ret_store)
{
    struct cw_store *s = store_new(path, message, message_size);
    int rc = 0;
    int err = 0;

    if (s == NULL)
        return CW_ERR_INVALID;
    s->kept = cw_kept_new();
    rc = open_best(s);
    if (rc != SQLITE_OK) {
        snprintf(message, message_size, "The store %s cannot be opened: %s.", path,
                 s->db != NULL ? sqlite3_errmsg(s->db) : strerror(errno));
        cw_store_close(s);
        return CW_ERR_IO;
    }
    if (s->opened_read_only)
        set_reason(s, "the file or its disk is read-only");
    err = migrate(s, message, message_size);
    if (err == 0 && !s->opened_read_only)
        err = open_chain(s, message, message_size);
    if (err != 0) {
        cw_store_close(s);
        return err;
    }
    if (!s->opened_read_only && s->chain.is_ready)
        (void)probe(s);
    *ret_store = s;
    return 0;
}

void cw_store_close(struct cw_store *s)
{
    if (s == NULL)
        return;
    close_db(s);
    cw_audit_chain_close(s);
    cw_kept_free(s->kept);
    free(s);
}

int cw_store_recover(struct cw_store *s)
{
    if (s->opened_read_only) {
        if (access(s->path, W_OK) != 0)
            return CW_ERR_READ_ONLY;
        /* All connections of a process share the view of the WAL's index that the first one got, so
         * that one has to go first. If it is still not possible, this opens it for reading again. */
        close_db(s);
        if (open_best(s) != SQLITE_OK || s->opened_read_only) {
            s->opened_read_only = true;
            return CW_ERR_READ_ONLY;
        }
    }
    if (!s->chain.is_ready) {
        char message[400];
        int err = open_chain(s, message, sizeof message);
        if (err != 0)
            cw_log(CW_LOG_ERROR, "control.store", "%s", message);
        if (err != 0 || !s->chain.is_ready)
            return CW_ERR_READ_ONLY;
    }
    return probe(s);
}
