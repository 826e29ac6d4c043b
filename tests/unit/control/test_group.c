/* SPDX-License-Identifier: Apache-2.0 */
/* Changes in groups: nobody hears of one before it is durable, and a group that is lost is as if control had been
 * restarted. */
#include "control/queue/desk.h"
#include "tests/unit/control/rig.h"

#include "control/group.h"
#include "engine/base/log.h"
#include "tests/unit/control/faulty_vfs.h"

static unsigned done_count;
static unsigned lost_count;

static void on_commit(void *user, bool is_done)
{
    (void)user;
    done_count += is_done;
    lost_count += !is_done;
}

/* From here on the rig turns its loop itself. */
static void in_groups(struct rig *r)
{
    r->c->config.on_commit = on_commit;
    cw_store_group(r->c->store, true);
    done_count = 0;
    lost_count = 0;
}

static int set_up(void **state)
{
    cw_log_set_level(CW_LOG_ERROR);
    faulty_install();
    faulty_after(-1);
    return rig_set_up(state);
}

static int tear_down(void **state)
{
    faulty_after(-1);
    return rig_tear_down(state);
}

/* What another program reads: the durable state. */
static long durable_count(const struct rig *r, const char *sql)
{
    char path[160];
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    long count = -1;

    snprintf(path, sizeof path, "%s/store.sqlite", r->control_dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    count = (long)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return count;
}

static const char keys[] = "SELECT count(*) FROM session_key";
static const char audits[] = "SELECT count(*) FROM audit";

static void an_answer_waits_for_its_commit(void **state)
{
    struct rig *r = *state;
    const long before = durable_count(r, audits);

    in_groups(r);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session_key.create", 0, NULL),
                     CW_OPERATION_PENDING);
    assert_true(cw_control_has_group(r->c));
    assert_false(r->is_answered);
    assert_null(r->reply.json);
    assert_int_equal(durable_count(r, keys), 0);
    assert_int_equal(durable_count(r, audits), before);
    assert_int_equal(cw_control_commit(r->c), 0);
    assert_true(r->is_answered);
    assert_int_equal(r->reply_err, 0);
    assert_non_null(rig_text(r, "key"));
    assert_int_equal(durable_count(r, keys), 1);
    assert_int_equal(durable_count(r, audits), before + 1);
    assert_int_equal(done_count, 1);
    /* Nothing was changed: the answer comes at once. */
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "queue.list", 0, NULL), 0);
    assert_int_equal(cw_control_commit(r->c), 0);
    assert_int_equal(done_count, 1);
}

static void one_change_is_undone_alone(void **state)
{
    struct rig *r = *state;
    struct cw_store_counts before;
    struct cw_store_counts after;

    in_groups(r);
    cw_store_counts(r->c->store, &before);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session_key.create", 0, NULL),
                     CW_OPERATION_PENDING);
    assert_int_equal(cw_store_begin(r->c->store), 0);
    assert_int_equal(cw_store_setting_put(r->c->store, "undone", 1, 1), 0);
    assert_int_equal(cw_store_end(r->c->store, CW_ERR_CONFLICT), CW_ERR_CONFLICT);
    assert_int_equal(cw_store_begin(r->c->store), 0);
    assert_int_equal(cw_store_setting_put(r->c->store, "kept", 1, 1), 0);
    assert_int_equal(cw_store_end(r->c->store, 0), 0);
    assert_int_equal(cw_control_commit(r->c), 0);
    assert_int_equal(r->reply_err, 0);
    assert_int_equal(durable_count(r, "SELECT count(*) FROM setting WHERE name = 'undone'"), 0);
    assert_int_equal(durable_count(r, "SELECT count(*) FROM setting WHERE name = 'kept'"), 1);
    assert_int_equal(durable_count(r, keys), 1);
    cw_store_counts(r->c->store, &after);
    assert_int_equal(after.commits, before.commits + 1);
    assert_int_equal(after.changes, before.changes + 2);
}

/* A reader in the same turn sees what is not durable, so it waits as well, and is told when that is lost. */
static void who_reads_in_an_open_group_waits_too(void **state)
{
    struct rig *r = *state;

    in_groups(r);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session_key.create", 0, NULL),
                     CW_OPERATION_PENDING);
    cw_control_cancel(r->c, r); /* that caller has gone */
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "queue.list", 0, NULL), CW_OPERATION_PENDING);
    faulty_after(0);
    assert_int_equal(cw_control_commit(r->c), CW_ERR_READ_ONLY);
    faulty_after(-1);
    assert_true(r->is_answered);
    assert_int_equal(r->reply_err, CW_ERR_READ_ONLY);
    assert_non_null(strstr(r->reply.message, "disk is full"));
    assert_int_equal(lost_count, 1);
}

static void a_lost_group_leaves_what_was_before_it(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const char *reason = NULL;
    uint32_t session = 0;
    uint32_t lost = 0;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    long before = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_make_key(r, key);
    before = durable_count(r, audits);
    in_groups(r);
    assert_int_equal(rig_enter(r, &w, key, 1, &lost), CW_CLOSE_OK);
    assert_non_null(cw_live_find(r->c, lost));
    assert_int_equal(
        rig_begin(r, CW_FRONT_SOCKET, "recording.set", 0, json_pack("{s:s}", "value", "on")),
        CW_OPERATION_PENDING);
    assert_int_equal(r->c->recording, CW_RECORDING_ON);
    faulty_after(0);
    assert_int_equal(cw_control_commit(r->c), CW_ERR_READ_ONLY);
    assert_int_equal(r->reply_err, CW_ERR_READ_ONLY);
    assert_int_equal(lost_count, 1);
    assert_false(cw_control_is_writable(r->c, &reason));
    assert_string_equal(reason, "the disk is full");
    /* What was in the group is gone from memory, too; what was before is there. */
    assert_null(cw_live_find(r->c, lost));
    assert_int_equal(r->c->recording, CW_RECORDING_OFF);
    assert_non_null(cw_live_find(r->c, session));
    assert_int_equal(cw_live_find(r->c, session)->participant_count, 2);
    assert_true(cw_live_participant(cw_live_find(r->c, session), 2)->is_up);
    /* Without groups now: each hears by itself, and no further link is given up. */
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session_key.create", 0, NULL), CW_ERR_READ_ONLY);
    assert_false(cw_control_has_group(r->c));
    assert_int_equal(lost_count, 1);
    assert_int_equal(durable_count(r, audits), before);
    faulty_after(-1);
    rig_advance(r, CW_STORE_RETRY_S);
    assert_true(cw_control_is_writable(r->c, NULL));
    (void)cw_control_commit(r->c);
    /* The key was not used up by the session that is gone. */
    assert_int_equal(rig_enter(r, &w, key, 1, &lost), CW_CLOSE_OK);
    assert_int_equal(cw_control_commit(r->c), 0);
    assert_non_null(cw_live_find(r->c, lost));
    rig_unlink(r, &w);
}

static uint64_t told_permissions(const struct rig_worker *w, uint32_t participant)
{
    uint64_t permissions = UINT64_MAX;

    for (unsigned i = 0; rig_sent(w, CW_LINK_SET_PERMISSIONS, 0, i) != NULL; i++)
        if (rig_sent(w, CW_LINK_SET_PERMISSIONS, 0, i)->participant == participant)
            permissions = rig_sent(w, CW_LINK_SET_PERMISSIONS, 0, i)->permissions;
    return permissions;
}

/* The group that was open fails, the store takes nothing: the customer's No reaches the engine all the same, and
 * neither a second loss nor a restart of memory brings the Yes back. */
static void a_withdrawn_consent_waits_for_nobody(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t session = 0;

    rig_link(r, &w);
    session = rig_attended(r, &w);
    rig_consent(r, &w, session, 1, 1, 1);
    in_groups(r);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session_key.create", 0, NULL),
                     CW_OPERATION_PENDING);
    faulty_after(0);
    rig_forget(&w);
    rig_consent(r, &w, session, 1, 0, 0);
    assert_int_equal(lost_count, 1);
    assert_int_equal(r->reply_err, CW_ERR_READ_ONLY);
    assert_int_equal(told_permissions(&w, 2), RIG_REP_BASE);
    assert_false(cw_live_find(r->c, session)->participants[1].row.consent_view);
    assert_int_equal(cw_group_load(r->c), 0);
    assert_false(cw_live_find(r->c, session)->participants[1].row.consent_view);
    assert_true(cw_live_find(r->c, session)->participants[1].is_unsaved);
    faulty_after(-1);
    rig_advance(r, CW_STORE_RETRY_S);
    assert_int_equal(cw_control_commit(r->c), 0);
    assert_false(cw_live_find(r->c, session)->participants[1].is_unsaved);
    assert_int_equal(durable_count(r, "SELECT max(consent_view) FROM participant"), 0);
    rig_unlink(r, &w);
}

/* A transfer that was not committed did not happen: the queues are as the store has them, and go on. */
static void queues_follow_the_store(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    struct cw_live_session *live = NULL;
    uint32_t session = 0;
    uint32_t team = 0;
    char key[CW_SESSION_KEY_TEXT_BYTES];

    rig_link(r, &w);
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", "Desk")), 0);
    team =
        (uint32_t)json_integer_value(json_object_get(json_object_get(r->reply.json, "team"), "id"));
    rig_make_key(r, key);
    assert_int_equal(rig_enter(r, &w, key, 1, &session), CW_CLOSE_OK);
    in_groups(r);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session.transfer", session,
                               json_pack("{s:I}", "team", (json_int_t)team)),
                     CW_OPERATION_PENDING);
    assert_int_equal(cw_live_find(r->c, session)->row.team, team);
    faulty_after(0);
    assert_int_equal(cw_control_commit(r->c), CW_ERR_READ_ONLY);
    faulty_after(-1);
    live = cw_live_find(r->c, session);
    assert_int_equal(live->row.team, 0);
    assert_int_equal(live->row.account, r->account);
    assert_int_equal(r->c->desk->model.session_count, 1);
    assert_ptr_equal(cw_queue_session_find(&r->c->desk->model, session), &live->q);
    rig_advance(r, CW_STORE_RETRY_S);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "session.transfer", session,
                               json_pack("{s:I}", "team", (json_int_t)team)),
                     CW_OPERATION_PENDING);
    assert_int_equal(cw_control_commit(r->c), 0);
    assert_int_equal(cw_live_find(r->c, session)->row.team, team);
    assert_int_equal(durable_count(r, "SELECT count(*) FROM session WHERE team IS NOT NULL"), 1);
    rig_unlink(r, &w);
}

/* Every place in a group where the disk can end: all of the group, or nothing, and control goes on. */
static void each_write_may_be_the_one_that_fails(void **state)
{
    static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
    struct rig *r = *state;
    unsigned failed = 0;

    in_groups(r);
    for (unsigned i = 0; i < 2 * 40; i++) {
        const long before = durable_count(r, keys);
        const long rows = durable_count(r, audits);
        faulty_code = codes[i % 2];
        faulty_after((int)(i / 2));
        (void)rig_begin(r, CW_FRONT_HTTP, "session_key.create", 0, NULL);
        int err = cw_control_commit(r->c);
        faulty_after(-1);
        failed += err != 0;
        assert_int_equal(r->reply_err, err);
        assert_int_equal(durable_count(r, keys), before + (err == 0));
        assert_int_equal(durable_count(r, audits), rows + (err == 0));
        rig_advance(r, CW_STORE_RETRY_S);
        assert_int_equal(cw_control_commit(r->c), 0);
        assert_true(cw_control_is_writable(r->c, NULL));
        rig_advance(r, CW_SESSION_KEY_LIFE_S); /* an account has 100 at most */
        assert_int_equal(cw_control_commit(r->c), 0);
    }
    assert_true(failed > 2);
    assert_true(failed < 80);
    assert_int_equal(durable_count(r, "SELECT count(*) FROM pragma_integrity_check"
                                      " WHERE integrity_check <> 'ok'"),
                     0);
}

/* The answer of a verification comes with a tick, after its thread has ended. */
static int verify_online(struct rig *r)
{
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "audit.verify", 0, NULL), CW_OPERATION_PENDING);
    assert_int_equal(rig_begin(r, CW_FRONT_HTTP, "audit.verify", 0, NULL), CW_ERR_STATE);
    for (unsigned i = 0; i < 2000 && !r->is_answered; i++) {
        usleep(5000);
        rig_advance(r, 0);
        (void)cw_control_commit(r->c);
    }
    assert_true(r->is_answered);
    return r->reply_err;
}

static void the_log_is_verified_while_control_runs(void **state)
{
    struct rig *r = *state;
    char path[160];
    sqlite3 *db = NULL;

    in_groups(r);
    assert_int_equal(verify_online(r), 0);
    assert_string_equal(rig_text(r, "result"), "whole");
    assert_true(rig_number(r, "rows") > 2);
    snprintf(path, sizeof path, "%s/store.sqlite", r->control_dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TRIGGER audit_no_update;"
                                  "UPDATE audit SET source = 'elsewhere' WHERE id = 2",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(verify_online(r), CW_ERR_SIGNATURE);
    assert_non_null(strstr(r->reply.message, "first bad row is 2"));
    assert_int_equal(rig_audit(r, "audit.verify", "SIGNATURE"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_waits_for_its_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_change_is_undone_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_reads_in_an_open_group_waits_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_group_leaves_what_was_before_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_withdrawn_consent_waits_for_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_is_verified_while_control_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(queues_follow_the_store, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_write_may_be_the_one_that_fails, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
