/* SPDX-License-Identifier: Apache-2.0 */
/* The store itself: schema versions, hardening, read-only files, failing writes, audit chain. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "control/store/store_query.h"
#include "tests/unit/control/rig.h"

struct place {
    char dir[64];
    char path[96];
    char message[512];
};

static int start(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    assert_non_null(p);
    snprintf(p->dir, sizeof p->dir, "/tmp/cw-store-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/store.sqlite", p->dir);
    *state = p;
    return 0;
}

static int stop(void **state)
{
    struct place *p = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];

    chmod(p->dir, 0700);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/audit.key", p->dir);
    unlink(path);
    rmdir(p->dir);
    free(p);
    return 0;
}

static struct cw_store *open_store(struct place *p)
{
    struct cw_store *s = NULL;

    assert_int_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), 0);
    return s;
}

static int add_audit(struct cw_store *s, const char *detail)
{
    struct cw_audit_row row = {
        .time_ms = 1,
        .actor = "a",
        .source = "b",
        .action = "c",
        .object = "d",
        .result = "ok",
        .detail = detail,
    };
    int err = cw_store_begin(s);

    if (err == 0)
        err = cw_store_audit_add(s, &row);
    return cw_store_end(s, err);
}

/* Runs SQL as somebody else would, past the store's own doors. */
static int raw(const struct place *p, const char *sql)
{
    sqlite3 *db = NULL;
    int rc = 0;

    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}

static void the_file_is_private_and_survives(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    struct stat st;
    uint32_t group = 0;

    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(cw_store_group_find(s, "All", &group), 0);
    assert_int_equal(add_audit(s, "kept"), 0);
    cw_store_close(s);
    s = open_store(p);
    {
        struct cw_audit_report bad;
        assert_int_equal(cw_store_audit_verify(s, &bad), 0);
    }
    cw_store_close(s);
}

static void a_newer_schema_is_refused_in_words(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);

    cw_store_close(s);
    assert_int_equal(raw(p, "PRAGMA user_version = 99"), SQLITE_OK);
    assert_int_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), CW_ERR_UNSUPPORTED);
    assert_non_null(strstr(p->message, "newer Causeway (schema 99"));
}

static void a_file_that_is_no_store_is_refused_in_words(void **state)
{
    struct place *p = *state;
    struct cw_store *s = NULL;
    int fd = open(p->path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(write(fd, "this is no database, but a text. ", 33), 33);
    close(fd);
    assert_int_not_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), 0);
    assert_non_null(strstr(p->message, p->path));
    /* A link somebody planted is not followed. */
    assert_int_equal(unlink(p->path), 0);
    assert_int_equal(symlink("/dev/null", p->path), 0);
    assert_int_not_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), 0);
}

static void audit_rows_are_never_changed(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    struct cw_audit_report bad;

    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(add_audit(s, "row"), 0);
    assert_int_equal(cw_store_audit_verify(s, &bad), 0);
    assert_int_equal(raw(p, "UPDATE audit SET detail = 'other' WHERE id = 2"), SQLITE_CONSTRAINT);
    assert_int_equal(raw(p, "DELETE FROM audit WHERE id = 2"), SQLITE_CONSTRAINT);
    /* Who takes the triggers away is found by the chain. */
    assert_int_equal(raw(p, "DROP TRIGGER audit_no_update; UPDATE audit SET detail = 'other'"
                            " WHERE id = 3"),
                     SQLITE_OK);
    assert_int_equal(cw_store_audit_verify(s, &bad), CW_ERR_SIGNATURE);
    assert_int_equal(bad.bad_id, 3);
    cw_store_close(s);
}

static void a_failed_transaction_leaves_nothing(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    struct cw_account account = {.user = "ada", .display_name = "Ada", .password = "x"};
    uint32_t count = 9;

    assert_int_equal(cw_store_begin(s), 0);
    assert_int_equal(cw_store_account_add(s, &account), 0);
    assert_int_equal(cw_store_end(s, CW_ERR_NOMEM), CW_ERR_NOMEM);
    assert_int_equal(cw_store_account_count(s, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(cw_store_begin(s), 0);
    assert_int_equal(cw_store_account_add(s, &account), 0);
    assert_int_equal(cw_store_account_add(s, &account), CW_ERR_CONFLICT);
    assert_int_equal(cw_store_end(s, 0), 0);
    assert_int_equal(cw_store_account_count(s, &count), 0);
    assert_int_equal(count, 1);
    /* A session of an account that does not exist: foreign keys are on. */
    {
        struct cw_session session = {
            .kind = CW_SESSION_KEY, .state = CW_SESSION_WAITING, .account = 4711};
        assert_int_equal(cw_store_begin(s), 0);
        assert_int_equal(cw_store_session_add(s, &session), CW_ERR_CONFLICT);
        assert_int_equal(cw_store_end(s, CW_ERR_CONFLICT), CW_ERR_CONFLICT);
    }
    assert_true(cw_store_is_writable(s, NULL));
    cw_store_close(s);
}

/* Every write of a transaction may be the one the disk refuses: whatever the moment, a row that was
 * promised is there, one that was refused is not, and the chain holds. */
static void any_write_may_fail(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    struct rlimit limit;
    struct stat st;
    char wal[128];
    unsigned promised = 0;
    unsigned refused = 0;
    struct cw_audit_report bad;
    struct rig_audit_count wanted = {"c", "ok", 0};

    signal(SIGXFSZ, SIG_IGN);
    snprintf(wal, sizeof wal, "%s-wal", p->path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    for (rlim_t extra = 0; extra < 20000; extra += 512) {
        struct rlimit tight = limit;
        int err = 0;
        assert_int_equal(stat(wal, &st), 0);
        tight.rlim_cur = (rlim_t)st.st_size + extra;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
        err = add_audit(s, "a row that may not fit");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        if (err == 0)
            promised++;
        else
            refused++;
        if (err != 0) {
            assert_int_equal(err, CW_ERR_READ_ONLY);
            assert_false(cw_store_is_writable(s, NULL));
            assert_int_equal(cw_store_recover(s), 0);
        }
        assert_true(cw_store_is_writable(s, NULL));
    }
    assert_true(promised > 0);
    assert_true(refused > 0);
    cw_store_close(s);
    s = open_store(p);
    assert_int_equal(cw_store_audit_each(s, 100000, rig_audit_one, &wanted), 0);
    assert_int_equal(wanted.count, promised);
    assert_int_equal(cw_store_audit_verify(s, &bad), 0);
    cw_store_close(s);
}

static int read_only_child(struct place *p)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct cw_store *s = NULL;
    const char *reason = NULL;
    uint32_t group = 0;
    char path[128];

    /* Root may write anything: be somebody else. */
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    if (cw_store_open(p->path, p->message, sizeof p->message, &s) != 0)
        return 2;
    if (cw_store_is_writable(s, &reason) || strstr(reason, "read-only") == NULL)
        return 3;
    if (cw_store_group_find(s, "All", &group) != 0 || group != 1)
        return 4;
    if (add_audit(s, "no") != CW_ERR_READ_ONLY)
        return 5;
    if (cw_store_recover(s) != CW_ERR_READ_ONLY)
        return 6;
    if (chmod(p->dir, 0700) != 0)
        return 7;
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        if (chmod(path, 0600) != 0 && i == 0)
            return 7;
    }
    if (cw_store_recover(s) != 0 || !cw_store_is_writable(s, NULL))
        return 8;
    if (add_audit(s, "yes") != 0)
        return 9;
    cw_store_close(s);
    return 0;
}

/* A store that is read-only at the start is read, and written again as soon as it can be. */
static void a_read_only_store_is_read_and_recovers(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];
    int status = 0;
    pid_t child = 0;

    cw_store_close(s);
    /* With the write-ahead log left over, and without. */
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3; i++) {
            snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
            if (i > 0 && round == 1)
                unlink(path);
            else if (geteuid() == 0 && access(path, F_OK) == 0)
                assert_int_equal(chown(path, 65534, 65534), 0);
            if (access(path, F_OK) == 0)
                assert_int_equal(chmod(path, 0400), 0);
        }
        snprintf(path, sizeof path, "%s/audit.key", p->dir);
        if (geteuid() == 0)
            assert_int_equal(chown(path, 65534, 65534), 0);
        if (geteuid() == 0)
            assert_int_equal(chown(p->dir, 65534, 65534), 0);
        assert_int_equal(chmod(p->dir, 0500), 0);
        fflush(NULL);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(read_only_child(p));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        assert_int_equal(chmod(p->dir, 0700), 0);
    }
}

static void another_writer_makes_it_wait_not_fail_for_ever(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(add_audit(s, "no"), CW_ERR_READ_ONLY);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(add_audit(s, "yes"), 0);
    assert_true(cw_store_is_writable(s, NULL));
    cw_store_close(s);
}

/* The log goes back into the store beside who writes, also while changes never cease, and then begins anew. */
static void the_log_is_kept_short(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    struct cw_audit_report report;
    unsigned ticks = 0;

    while (s->checkpointer.log_pages < CW_STORE_LOG_PAGES)
        assert_int_equal(add_audit(s, "a change"), 0);
    cw_store_tick(s);
    assert_true(s->checkpointer.is_running);
    while (s->checkpointer.is_running && ticks++ < 5000) {
        assert_int_equal(add_audit(s, "another"), 0);
        cw_store_tick(s);
    }
    assert_false(s->checkpointer.is_running);
    assert_int_equal(add_audit(s, "the first of a new log"), 0);
    assert_true(s->checkpointer.log_pages < CW_STORE_LOG_PAGES / 10);
    cw_store_close(s);
    s = open_store(p);
    assert_int_equal(cw_store_audit_verify(s, &report), 0);
    assert_true(report.rows > CW_STORE_LOG_PAGES / 20);
    cw_store_close(s);
}

static void the_connection_is_hardened(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    int value = 0;

    assert_int_equal(sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &value), SQLITE_OK);
    assert_int_equal(value, 1);
    assert_int_equal(sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1, &value),
                     SQLITE_OK);
    assert_int_equal(value, 0);
    assert_int_equal(sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, -1), 0);
    assert_int_not_equal(sqlite3_exec(s->db, "ATTACH ':memory:' AS other", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(s->db,
                                      "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
    /* Every statement of the table can be prepared: none is wrong until its day comes. */
    for (unsigned i = 0; i < CW_STATEMENT_COUNT; i++) {
        struct cw_query q = cw_query_on(s, (enum cw_statement)i);
        assert_int_equal(q.err, 0);
    }
    cw_store_close(s);
}

static void purge_removes_what_expired(void **state)
{
    struct place *p = *state;
    struct cw_store *s = open_store(p);
    const uint64_t day = 24 * 3600 * 1000;
    const uint64_t now = 100 * day;
    struct cw_account account = {.user = "ada", .display_name = "Ada", .password = "x"};
    const uint8_t hash[CW_SHA256_BYTES] = {1};
    const struct cw_ticket_row old = {
        .id = {1}, .kind = 1, .session = 1, .participant = 1, .not_after_s = now / 1000 - 1};
    const struct cw_ticket_row good = {
        .id = {2}, .kind = 1, .session = 1, .participant = 1, .not_after_s = now / 1000 + 1};
    struct cw_session_key key;
    uint32_t count = 9;
    uint64_t rows = 0;

    assert_int_equal(cw_store_begin(s), 0);
    assert_int_equal(cw_store_account_add(s, &account), 0);
    struct cw_session_key old_key = {
        .account = account.id, .portal = 1, .expires_ms = now - 8 * day};
    const struct cw_sign_in sign_in = {.account = account.id, .created_ms = now - day - 1};
    const struct cw_purge_limits limits = {
        .sign_in = {.life_s = day / 1000, .idle_s = day / 2000, .remembered_s = day / 100}};
    assert_int_equal(cw_store_sign_in_add(s, hash, &sign_in, "x"), 0);
    assert_int_equal(cw_store_session_key_add(s, hash, &old_key, 1), 0);
    assert_int_equal(cw_store_ticket_add(s, &old), 0);
    assert_int_equal(cw_store_ticket_add(s, &good), 0);
    assert_int_equal(cw_store_purge(s, now, &limits), 0);
    assert_int_equal(cw_store_end(s, 0), 0);
    assert_int_equal(cw_store_sign_in_count(s, account.id, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(cw_store_session_key_find(s, hash, &key), CW_ERR_NOT_FOUND);
    cw_store_close(s);
    {
        sqlite3 *db = NULL;
        sqlite3_stmt *count_tickets = NULL;
        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(
            sqlite3_prepare_v2(db, "SELECT count(*) FROM ticket", -1, &count_tickets, NULL),
            SQLITE_OK);
        assert_int_equal(sqlite3_step(count_tickets), SQLITE_ROW);
        rows = (uint64_t)sqlite3_column_int64(count_tickets, 0);
        sqlite3_finalize(count_tickets);
        sqlite3_close(db);
    }
    assert_int_equal(rows, 1);
}

static int found_one(void *user, const struct cw_participant *participant)
{
    struct cw_participant *found = user;

    found[participant->number - 1] = *participant;
    return 0;
}

/* Sessions of a store from before there were queues: their table is made anew, and what refers to them stays. */
static void sessions_survive_a_new_table(void **state)
{
    struct place *p = *state;
    struct cw_participant people[3] = {0};
    struct cw_session session;
    struct cw_store *s = NULL;

    for (int i = 0; i < 3; i++)
        assert_int_equal(raw(p, cw_store_steps[i]), SQLITE_OK);
    assert_int_equal(
        raw(p, "INSERT INTO account VALUES(1, 'ada', 'Ada', 1, 1, 0, 'x', 1, 0);"
               "INSERT INTO session(id, kind, state, account, customer, created_ms, started_ms)"
               " VALUES(1, 2, 3, 1, 'Old', 1, 2), (7, 2, 2, 1, 'Carla', 5, 6);"
               "INSERT INTO participant VALUES(7, 1, 2, NULL, 'Carla', x'', 1, 0),"
               " (7, 2, 1, 1, 'Ada', x'', 0, 0), (7, 3, 1, 1, 'Bob', x'', 0, 0);"
               "INSERT INTO chat VALUES(7, 1, 9, 1, 1, 2, 'Carla', 'hello');"
               "INSERT INTO session_key(key_hash, account, created_ms, expires_ms, session)"
               " VALUES(x'01', 1, 1, 1, 7);"
               "PRAGMA user_version = 3;"),
        SQLITE_OK);
    s = open_store(p);
    assert_int_equal(cw_store_session_get(s, 7, &session), 0);
    assert_string_equal(session.customer, "Carla");
    assert_int_equal(session.account, 1);
    assert_int_equal(session.last.account, 1);
    assert_int_equal(session.priority, CW_PRIORITY_MEDIUM);
    assert_int_equal(cw_store_participant_each(s, 7, found_one, people), 0);
    assert_int_equal(people[0].relation, CW_RELATION_SOURCE);
    assert_int_equal(people[1].relation, CW_RELATION_OWNER);
    assert_true(people[1].consent_view);
    assert_false(people[1].consent_control);
    assert_int_equal(people[2].relation, CW_RELATION_WATCHER);
    assert_false(people[2].consent_view);
    cw_store_close(s);
    /* Those that refer to it are bound to it again. */
    assert_int_equal(raw(p, "PRAGMA foreign_keys = ON; DELETE FROM session WHERE id = 7"),
                     SQLITE_CONSTRAINT);
    assert_int_equal(raw(p, "PRAGMA foreign_keys = ON; DELETE FROM session WHERE id = 1"),
                     SQLITE_OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(the_file_is_private_and_survives),
        CASE(a_newer_schema_is_refused_in_words),
        CASE(a_file_that_is_no_store_is_refused_in_words),
        CASE(audit_rows_are_never_changed),
        CASE(a_failed_transaction_leaves_nothing),
        CASE(any_write_may_fail),
        CASE(a_read_only_store_is_read_and_recovers),
        CASE(another_writer_makes_it_wait_not_fail_for_ever),
        CASE(the_log_is_kept_short),
        CASE(the_connection_is_hardened),
        CASE(purge_removes_what_expired),
        CASE(sessions_survive_a_new_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
