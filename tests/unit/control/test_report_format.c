/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: hostile texts in each format, names of columns. */
#include "tests/unit/control/report_world.h"

static void put_text(struct world *w, const char *sql, const void *text, size_t bytes)
{
    char path[160];
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;

    snprintf(path, sizeof path, "%s/store.sqlite", w->r.control_dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(q, 1, text, (int)bytes, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_DONE);
    sqlite3_finalize(q);
    sqlite3_close(db);
}

static const char *report_of(struct world *w, const char *format)
{
    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.session", w->sessions[0].id,
                                 json_pack("{s:s}", "format", format)),
                     0);
    return rig_text(&w->r, "text");
}

static void hostile_texts_leave_as_text(void **state)
{
    static const struct {
        const char *text;
        const char *xml;
        const char *csv;
    } cases[] = {
        {"<script>alert('x')</script>",
         "<title>&lt;script&gt;alert(&apos;x&apos;)&lt;/script&gt;</title>",
         ",<script>alert('x')</script>,"},
        {"=cmd|' /C calc'!A0", "<title>=cmd|&apos; /C calc&apos;!A0</title>",
         ",\"'=cmd|' /C calc'!A0\","},
        {"]]>&\"", "<title>]]&gt;&amp;&quot;</title>", ",\"]]>&\"\"\","},
        {"a\x1b[31m\x07\x7f", "<title>a\xE2\x90\x9B[31m\xE2\x90\x87\xE2\x90\xA1</title>",
         ",a\xE2\x90\x9B[31m\xE2\x90\x87\xE2\x90\xA1,"},
        {"x\xC2\x9By", "<title>x\xEF\xBF\xBDy</title>", ",x\xEF\xBF\xBDy,"},
        {"\xED\xA0\x80!", "<title>\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!</title>",
         ",\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD!,"},
        {"\xC0\xAF\xFF\xE2\x82",
         "<title>\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD</title>",
         ",\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD,"},
        {"\xEF\xBF\xBF", "<title>\xEF\xBF\xBD</title>", ",\xEF\xBF\xBD,"},
        {"one\r\ntwo", "<title>one&#13;\ntwo</title>", ",\"one\r\ntwo\","},
        {"\xE6\xBC\xA2 \xF0\x9F\x98\x80", "<title>\xE6\xBC\xA2 \xF0\x9F\x98\x80</title>",
         ",\xE6\xBC\xA2 \xF0\x9F\x98\x80,"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_text(w, "UPDATE session SET title = ?1", cases[i].text, strlen(cases[i].text));
        assert_non_null(strstr(report_of(w, "xml"), cases[i].xml));
        assert_string_equal(w->r.reply.text_type, "application/xml; charset=utf-8");
        assert_string_equal(w->r.reply.file_name, "sessions.xml");
        assert_non_null(strstr(report_of(w, "csv"), cases[i].csv));
        assert_string_equal(w->r.reply.file_name, "sessions.csv");
        (void)report_of(w, "json");
        const json_t *row = json_array_get(json_object_get(w->r.reply.json, "rows"), 0);
        assert_true(json_string_length(json_object_get(row, "title")) > 0);
        assert_non_null(json_object_get(row, "participants"));
    }
}

static void uses_of_support_buttons_are_told(void **state)
{
    struct world *w = *state;

    put_text(w,
             "INSERT INTO support_button(id, secret_hash, name, account, portal, owner,"
             " created_ms, expires_ms)"
             " VALUES(1, x'01', ?1, 1, 1, 1, 1, 0)",
             "Lobby", 5);
    put_text(w, "UPDATE session SET button = 1 WHERE id = ?1", "9", 1);
    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.support_buttons", 0, NULL), 0);
    const json_t *rows = json_object_get(w->r.reply.json, "rows");
    assert_int_equal(json_array_size(rows), 1);
    const json_t *row = json_array_get(rows, 0);
    assert_string_equal(json_string_value(json_object_get(row, "button_name")), "Lobby");
    assert_int_equal(json_integer_value(json_object_get(row, "session")), 9);
}

static void pages_of_csv_have_names_once(void **state)
{
    struct world *w = *state;
    char next[64];

    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.sessions", 0,
                                 json_pack("{s:s, s:i}", "format", "csv", "limit", 2)),
                     0);
    assert_memory_equal(rig_text(&w->r, "text"), "id,kind,status,customer,", 24);
    snprintf(next, sizeof next, "%s", w->r.reply.next);
    assert_string_equal(next, rig_text(&w->r, "next"));
    assert_int_equal(
        rig_call_at(&w->r, CW_FRONT_SOCKET, "report.sessions", 0,
                    json_pack("{s:s, s:i, s:s}", "format", "csv", "limit", 2, "after", next)),
        0);
    snprintf(next, sizeof next, "%u,", w->sessions[2].id);
    assert_memory_equal(rig_text(&w->r, "text"), next, strlen(next));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(hostile_texts_leave_as_text),
        CASE(uses_of_support_buttons_are_told),
        CASE(pages_of_csv_have_names_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
