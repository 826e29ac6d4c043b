/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: whatever is done to it without its key is found, and the first row that is wrong is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "control/audit/key_file.h"
#include "control/store/store.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum { HOUR_MS = 3600 * 1000, EPOCHS = 3, ROWS = 10 };

struct place {
    char dir[64];
    char path[96];
    char key[96];
    char message[512];
};

static struct cw_store *open_store(struct place *p)
{
    struct cw_store *s = NULL;

    if (cw_store_open(p->path, p->message, sizeof p->message, &s) != 0)
        fail_msg("%s", p->message);
    return s;
}

/* Twenty minutes lie between the tests' rows, so every third row begins an epoch. */
static void add_rows(struct cw_store *s, unsigned count, uint64_t from_ms)
{
    for (unsigned i = 0; i < count; i++) {
        char detail[32];
        struct cw_audit_row row = {.time_ms = from_ms + i * (uint64_t)HOUR_MS / 3,
                                   .actor = "ada",
                                   .source = "203.0.113.9",
                                   .action = "account.create",
                                   .object = "account 7",
                                   .result = "ok",
                                   .detail = detail};
        snprintf(detail, sizeof detail, "row %u", i);
        assert_int_equal(cw_store_begin(s), 0);
        assert_int_equal(cw_store_audit_add(s, &row), 0);
        assert_int_equal(cw_store_end(s, 0), 0);
    }
}

static int start(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    struct cw_store *s = NULL;

    cw_log_set_level(CW_LOG_ERROR);
    assert_non_null(p);
    snprintf(p->dir, sizeof p->dir, "/tmp/cw-audit-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/store.sqlite", p->dir);
    snprintf(p->key, sizeof p->key, "%s/audit.key", p->dir);
    s = open_store(p);
    add_rows(s, ROWS, 1000);
    cw_store_close(s);
    *state = p;
    return 0;
}

static int stop(void **state)
{
    struct place *p = *state;
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    unlink(p->key);
    rmdir(p->dir);
    free(p);
    return 0;
}

/* Somebody who can write the file and knows its triggers. */
static void tamper(struct place *p, const char *sql)
{
    static const char off[] =
        "DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete;"
        "DROP TRIGGER IF EXISTS audit_checkpoint_no_update;"
        "DROP TRIGGER IF EXISTS audit_checkpoint_no_delete;";
    sqlite3 *db = NULL;
    char *error = NULL;

    assert_int_equal(sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, off, NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    sqlite3_close(db);
}

static int verify(struct place *p, struct cw_audit_report *ret)
{
    struct cw_store *s = NULL;
    int err = 0;

    if (cw_store_open_reader(p->path, p->message, sizeof p->message, &s) != 0)
        fail_msg("%s", p->message);
    err = cw_store_audit_verify(s, ret);
    cw_store_close(s);
    return err;
}

static void what_was_written_is_verified(void **state)
{
    struct place *p = *state;
    struct cw_audit_report r;
    struct cw_store *s = NULL;

    assert_int_equal(verify(p, &r), 0);
    assert_int_equal(r.rows, ROWS);
    assert_int_equal(r.unproven, 0);
    assert_int_equal(r.checkpoints, 1 + EPOCHS);
    assert_int_equal(r.last_signed, 9);
    /* It goes on after a restart, and a checkpoint comes with time alone, too. */
    s = open_store(p);
    add_rows(s, 1, 1000 + 9 * (uint64_t)HOUR_MS / 3);
    assert_int_equal(cw_store_audit_tick(s, 1000 + 9 * (uint64_t)HOUR_MS / 3), 0);
    cw_store_close(s);
    assert_int_equal(verify(p, &r), 0);
    assert_int_equal(r.checkpoints, 1 + EPOCHS);
    s = open_store(p);
    assert_int_equal(cw_store_audit_tick(s, 1000 + 20 * (uint64_t)HOUR_MS), 0);
    cw_store_close(s);
    assert_int_equal(verify(p, &r), 0);
    assert_int_equal(r.checkpoints, 2 + EPOCHS);
    assert_int_equal(r.last_signed, ROWS + 1);
}

struct tampering {
    const char *sql;
    uint64_t bad_id;
    const char *why; /* part of it */
};

static void each_kind_of_tampering_is_found(void **state)
{
    static const struct tampering all[] = {
        {"UPDATE audit SET time_ms = time_ms + 1 WHERE id = 5", 5, "not what was written"},
        {"UPDATE audit SET actor = 'eve' WHERE id = 4", 4, "not what was written"},
        {"UPDATE audit SET source = '-' WHERE id = 4", 4, "not what was written"},
        {"UPDATE audit SET action = 'account.remove' WHERE id = 1", 1, "not what was written"},
        {"UPDATE audit SET object = 'account 8' WHERE id = 10", 10, "not what was written"},
        {"UPDATE audit SET result = 'DENIED' WHERE id = 6", 6, "not what was written"},
        {"UPDATE audit SET detail = 'row 66' WHERE id = 7", 7, "not what was written"},
        /* The end of one text moved to the next: the lengths are part of the row. */
        {"UPDATE audit SET actor = 'adaaccount', source = '203.0.113.9' WHERE id = 3", 3,
         "not what"},
        {"UPDATE audit SET hash = zeroblob(32) WHERE id = 7", 7, "not what was written"},
        {"UPDATE audit SET epoch = 2 WHERE id = 2", 2, "another epoch"},
        {"DELETE FROM audit WHERE id = 5", 5, "missing"},
        {"DELETE FROM audit WHERE id = 1", 1, "missing"},
        {"DELETE FROM audit WHERE id = 10", 10, "missing"},
        {"DELETE FROM audit WHERE id > 5", 6, "missing"},
        {"DELETE FROM audit", 1, "missing"},
        /* The log's end with what says where it ends. */
        {"DELETE FROM audit WHERE id = 10; UPDATE audit_head SET last_id = 9", 10, "end is not"},
        {"DELETE FROM audit WHERE id = 10; DELETE FROM audit_head", 10, "end is missing"},
        {"DELETE FROM audit WHERE id > 6; DELETE FROM audit_checkpoint WHERE epoch = 3;"
         "UPDATE audit_head SET last_id = 6",
         7, "earlier state"},
        {"UPDATE audit SET id = 100 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5;"
         "UPDATE audit SET id = 5 WHERE id = 100",
         4, "not what was written"},
        {"INSERT INTO audit SELECT 11, time_ms, actor, source, action, object, result, detail,"
         " hash, epoch FROM audit WHERE id = 10",
         11, "not what was written"},
        {"UPDATE audit SET id = id + 1000 WHERE id > 4; INSERT INTO audit SELECT 5, time_ms, actor,"
         " source, action, object, result, detail, hash, epoch FROM audit WHERE id = 4;"
         "UPDATE audit SET id = id - 999 WHERE id > 1000",
         5, "not what was written"},
        {"UPDATE audit_checkpoint SET last_id = 5 WHERE epoch = 2", 4, "signature"},
        {"UPDATE audit_checkpoint SET signature = zeroblob(64) WHERE epoch = 1", 1, "signature"},
        {"UPDATE audit_checkpoint SET time_ms = 0 WHERE epoch = 3", 7, "signature"},
        {"DELETE FROM audit_checkpoint WHERE epoch = 1", 1, "checkpoint of epoch 1 is missing"},
        {"DELETE FROM audit_checkpoint", 1, "earlier state"},
    };
    struct place *p = *state;
    struct cw_audit_report r;
    char copy[160];
    char command_path[200];

    snprintf(copy, sizeof copy, "%s.copy", p->path);
    snprintf(command_path, sizeof command_path, "VACUUM INTO '%s'", copy);
    tamper(p, command_path);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        static const char *const ends[] = {"", "-wal", "-shm"};
        char path[160];
        struct place q = *p;
        for (size_t k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "%s%s", p->path, ends[k]);
            unlink(path);
        }
        assert_int_equal(link(copy, p->path), 0);
        unlink(copy);
        tamper(p, command_path); /* the next copy, before this one is changed */
        assert_int_equal(verify(&q, &r), 0);
        tamper(p, all[i].sql);
        if (verify(p, &r) != CW_ERR_SIGNATURE)
            fail_msg("not found: %s", all[i].sql);
        if (r.bad_id != all[i].bad_id || strstr(r.why, all[i].why) == NULL)
            fail_msg("%s: row %llu, %s", all[i].sql, (unsigned long long)r.bad_id, r.why);
    }
    unlink(copy);
}

/* Who has the key of today cannot make rows of yesterday: not even with the key that was made known. */
static void a_thief_of_the_key_cannot_change_the_past(void **state)
{
    struct place *p = *state;
    struct cw_chain_key key;
    struct cw_checkpoint last;
    struct cw_audit_report r;
    struct cw_chain_mac mac;
    struct cw_store *s = open_store(p);
    uint8_t mac_4[CW_CHAIN_BYTES] = {0};
    uint8_t forged[CW_CHAIN_BYTES];
    char hex[2 * CW_CHAIN_BYTES + 1];
    char sql[400];
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;

    assert_int_equal(cw_key_file_get(p->key, &key), 0);
    assert_int_equal(cw_store_checkpoint_last(s, &last), 0);
    assert_int_equal(key.epoch, last.epoch + 1);
    cw_store_close(s);
    /* Row 9 ends epoch 3, whose key is in its checkpoint: a row that fits it can be made, its signature cannot. */
    assert_int_equal(last.last_id, 9);
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT hash FROM audit WHERE id = 8", -1, &q, NULL),
                     0);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    memcpy(mac_4, sqlite3_column_blob(q, 0), sizeof mac_4);
    sqlite3_finalize(q);
    sqlite3_close(db);
    const struct cw_audit_row row = {.id = 9,
                                     .time_ms = 1000 + 8 * (uint64_t)HOUR_MS / 3,
                                     .actor = "eve",
                                     .source = "203.0.113.9",
                                     .action = "account.create",
                                     .object = "account 7",
                                     .result = "ok",
                                     .detail = "row 8"};
    assert_int_equal(cw_chain_mac_new(last.rows_key, &mac), 0);
    assert_int_equal(cw_chain_row(&mac, mac_4, &row, forged), 0);
    cw_chain_mac_free(&mac);
    cw_chain_hex(forged, hex);
    snprintf(sql, sizeof sql, "UPDATE audit SET actor = 'eve', hash = x'%s' WHERE id = 9", hex);
    tamper(p, sql);
    assert_int_equal(verify(p, &r), CW_ERR_SIGNATURE);
    assert_int_equal(r.bad_id, 7);
    assert_non_null(strstr(r.why, "not those that were signed"));
}

static void without_the_key_the_signed_part_is_verified(void **state)
{
    struct place *p = *state;
    struct cw_audit_report r;

    unlink(p->key);
    assert_int_equal(verify(p, &r), 0);
    assert_false(r.has_key);
    assert_int_equal(r.unproven, 1);
    assert_int_equal(r.last_signed, 9);
}

static void store_and_key_belong_together(void **state)
{
    struct place *p = *state;
    struct cw_chain_key key;
    struct cw_chain_key other = {.epoch = 2, .root = {1}};
    struct cw_store *s = NULL;
    struct cw_audit_report r;

    assert_int_equal(cw_key_file_get(p->key, &key), 0);
    /* A stranger's key, one of a later state, none at all. */
    assert_int_equal(cw_key_file_put(p->key, &other), 0);
    assert_int_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), CW_ERR_SIGNATURE);
    assert_non_null(strstr(p->message, "does not belong"));
    unlink(p->key);
    assert_int_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), CW_ERR_NOT_FOUND);
    assert_non_null(strstr(p->message, "audit.key is missing"));
    assert_int_equal(cw_key_file_put(p->key, &key), 0);
    assert_int_equal(cw_chain_next(&key), 0);
    assert_int_equal(cw_key_file_put(p->key, &key), 0);
    assert_int_equal(cw_store_open(p->path, p->message, sizeof p->message, &s), CW_ERR_SIGNATURE);
    assert_int_equal(verify(p, &r), CW_ERR_SIGNATURE);
}

/* Between the commit of a checkpoint and the file of its key, a crash leaves the older key. */
static void a_crash_before_the_key_is_made_good(void **state)
{
    struct place *p = *state;
    struct cw_chain_key before;
    struct cw_chain_key key;
    struct cw_audit_report r;
    struct cw_store *s = NULL;

    assert_int_equal(cw_key_file_get(p->key, &before), 0);
    s = open_store(p);
    assert_int_equal(cw_store_audit_tick(s, 1000 + 20 * (uint64_t)HOUR_MS), 0);
    cw_store_close(s);
    unlink(p->key);
    assert_int_equal(cw_key_file_put(p->key, &before), 0);
    assert_int_equal(verify(p, &r), 0);
    s = open_store(p);
    add_rows(s, 1, 1000);
    cw_store_close(s);
    assert_int_equal(cw_key_file_get(p->key, &key), 0);
    assert_int_equal(key.epoch, before.epoch + 1);
    assert_int_equal(verify(p, &r), 0);
    assert_int_equal(r.rows, ROWS + 1);
}

/* Rows that are undone leave no trace in the chain, alone or with their group. */
static void undone_rows_leave_no_trace(void **state)
{
    struct place *p = *state;
    struct cw_audit_report r;
    struct cw_store *s = open_store(p);
    struct cw_audit_row row = {.time_ms = 1000 + 30 * (uint64_t)HOUR_MS,
                               .actor = "ada",
                               .source = "-",
                               .action = "a",
                               .object = "",
                               .result = "ok",
                               .detail = ""};

    cw_store_group(s, true);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cw_store_begin(s), 0);
        assert_int_equal(cw_store_audit_add(s, &row), 0); /* the first ends an epoch */
        assert_int_equal(cw_store_end(s, CW_ERR_CONFLICT), CW_ERR_CONFLICT);
        assert_int_equal(cw_store_begin(s), 0);
        assert_int_equal(cw_store_audit_add(s, &row), 0);
        assert_int_equal(row.id, ROWS + 1 + i);
        assert_int_equal(cw_store_end(s, 0), 0);
        assert_int_equal(cw_store_commit(s), 0);
    }
    cw_store_close(s);
    assert_int_equal(verify(p, &r), 0);
    assert_int_equal(r.rows, ROWS + 2);
}

/* A store of an older version: its rows become epoch 0, and are signed at the first start. */
static void rows_from_before_the_keys_are_taken_over(void **state)
{
    struct place *p = *state;
    struct cw_chain_mac none = {NULL};
    struct cw_audit_report r;
    uint8_t mac[CW_CHAIN_BYTES] = {0};
    char hex[2 * CW_CHAIN_BYTES + 1];
    char sql[400];

    tamper(p, "DELETE FROM audit; DELETE FROM audit_checkpoint; DELETE FROM audit_head");
    unlink(p->key);
    for (unsigned i = 1; i <= 4; i++) {
        struct cw_audit_row row = {i, 5, "ada", "-", "act", "", "ok", "old"};
        assert_int_equal(cw_chain_row(&none, mac, &row, mac), 0);
        cw_chain_hex(mac, hex);
        snprintf(sql, sizeof sql,
                 "INSERT INTO audit VALUES(%u, 5, 'ada', '-', 'act', '', 'ok', 'old', x'%s', 0)", i,
                 hex);
        tamper(p, sql);
    }
    cw_store_close(open_store(p));
    assert_int_equal(verify(p, &r), 0);
    assert_int_equal(r.rows, 4);
    assert_int_equal(r.last_signed, 4);
    tamper(p, "UPDATE audit SET actor = 'eve' WHERE id = 3");
    assert_int_equal(verify(p, &r), CW_ERR_SIGNATURE);
    assert_int_equal(r.bad_id, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
        TEST(what_was_written_is_verified),
        TEST(each_kind_of_tampering_is_found),
        TEST(a_thief_of_the_key_cannot_change_the_past),
        TEST(without_the_key_the_signed_part_is_verified),
        TEST(store_and_key_belong_together),
        TEST(a_crash_before_the_key_is_made_good),
        TEST(undone_rows_leave_no_trace),
        TEST(rows_from_before_the_keys_are_taken_over),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
