/* SPDX-License-Identifier: Apache-2.0 */
/* History of sessions that is too old is removed, all of it, and in steps. */
#include "control/store/store_share.h"
#include "control/store/store_survey.h"
#include "tests/unit/control/report_world.h"

static uint64_t count_rows(struct world *w, const char *sql)
{
    char path[160];
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    uint64_t count = 0;

    snprintf(path, sizeof path, "%s/store.sqlite", w->r.control_dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    count = (uint64_t)sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return count;
}

static void what_is_too_old_goes_in_steps(void **state)
{
    struct world *w = *state;
    uint32_t victim = 0;
    struct cw_attribute attribute = {.code = "room", .name = "Room"};
    struct cw_question question = {.audience = CW_SURVEY_CUSTOMER, .text = "Well?"};
    struct cw_store *s = w->r.c->store;
    unsigned ended = 0;

    for (unsigned i = 0; i < SESSIONS; i++)
        if (w->sessions[i].state == CW_SESSION_ENDED) {
            victim = w->sessions[i].id;
            ended++;
        }
    assert_int_equal(cw_store_begin(s), 0);
    assert_int_equal(cw_store_attribute_add(s, &attribute), 0);
    assert_int_equal(cw_store_attribute_set(s, victim, attribute.id, "7"), 0);
    assert_int_equal(cw_store_question_add(s, &question), 0);
    assert_int_equal(cw_store_answer_put(s, victim, question.id, 0, 1, "yes"), 0);
    assert_int_equal(cw_store_note_add(s, victim, w->accounts[0], 1, "a note"), 0);
    assert_int_equal(cw_store_favourite_set(s, victim, w->accounts[0], true), 0);
    assert_int_equal(cw_store_asked_add(s, victim, w->accounts[0]), 0);
    assert_int_equal(cw_store_end(s, 0), 0);
    rig_advance(&w->r, 61);
    assert_int_equal(count_rows(w, "SELECT count(*) FROM session"), SESSIONS);
    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "option.set", 0,
                                 json_pack("{s:s, s:i}", "name", "report.keep_days", "value", 30)),
                     0);
    for (unsigned i = 0; i < SESSIONS / CW_REPORT_PURGE_SESSIONS + 2; i++)
        rig_advance(&w->r, 2);
    assert_int_equal(count_rows(w, "SELECT count(*) FROM session"), SESSIONS - ended);
    assert_int_equal(count_rows(w, "SELECT count(*) FROM session WHERE state = 3"), 0);
    assert_int_equal(count_rows(w, "SELECT count(*) FROM participant WHERE session NOT IN"
                                   " (SELECT id FROM session)"),
                     0);
    assert_int_equal(count_rows(w, "SELECT count(*) FROM session_visit WHERE session NOT IN"
                                   " (SELECT id FROM session)"),
                     0);
    assert_int_equal(count_rows(w, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_true(rig_audit(&w->r, "report.purge", "ok") >= ended / CW_REPORT_PURGE_SESSIONS);
}

/* A table that refers to sessions and is forgotten there would keep them all for ever. */
static void every_table_of_sessions_is_purged(void **state)
{
    struct world *w = *state;

    assert_int_equal(
        count_rows(w, "SELECT count(*) FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f"
                      " WHERE t.type = 'table' AND f.\"table\" = 'session'"
                      " AND f.on_delete <> 'CASCADE' AND t.name NOT IN ('session_key',"
                      " 'session_skill', 'session_asked', 'session_favourite', 'invitation',"
                      " 'session_note', 'session_attribute', 'survey_answer', 'chat',"
                      " 'participant')"),
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_too_old_goes_in_steps),
        CASE(every_table_of_sessions_is_purged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
