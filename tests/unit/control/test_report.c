/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: each filter against a naive model over hundreds of sessions, who sees what, hostile texts in each format,
 * history, and what is removed when it is too old. */
#include "tests/unit/control/rig.h"

#include <sqlite3.h>

#include "control/store/store_policy.h"
#include "control/store/store_share.h"
#include "control/store/store_survey.h"
#include "control/store/store_team.h"

enum { SESSIONS = 400, ACCOUNTS = 6, TEAMS = 3, ITEMS = 5, GROUPS = 2 };

/* ---- a store of the past ---------------------------------------------------------------------- */

struct model_session {
    uint32_t id;
    uint64_t created_ms;
    uint32_t account;
    uint32_t helper; /* took part, too; 0: nobody */
    uint32_t team;
    uint32_t item;
    uint32_t group;
    unsigned state;
    char external_key[16];
    char customer[32];
};

struct world {
    struct rig r;
    uint64_t seed;
    uint32_t accounts[ACCOUNTS];
    uint32_t teams[TEAMS];
    uint32_t items[ITEMS];
    uint32_t item_group[ITEMS];
    enum cw_team_role roles[TEAMS][ACCOUNTS];
    struct model_session sessions[SESSIONS];
};

static uint32_t chance(struct world *w, uint32_t n)
{
    w->seed = w->seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(w->seed >> 33) % n;
}

static void make_people(struct world *w)
{
    struct cw_store *s = w->r.c->store;

    for (unsigned i = 0; i < ACCOUNTS; i++) {
        struct cw_account a = {.is_enabled = true, .password = "x", .created_ms = 1};
        snprintf(a.user, sizeof a.user, "rep%u", i);
        snprintf(a.display_name, sizeof a.display_name, "Rep %u", i);
        assert_int_equal(cw_store_account_add(s, &a), 0);
        w->accounts[i] = a.id;
    }
    for (unsigned i = 0; i < TEAMS; i++) {
        struct cw_team t = {.created_ms = 1};
        snprintf(t.name, sizeof t.name, "Team %u", i);
        snprintf(t.code, sizeof t.code, "team%u", i);
        assert_int_equal(cw_store_team_add(s, &t), 0);
        w->teams[i] = t.id;
        for (unsigned k = 0; k < ACCOUNTS; k++) {
            w->roles[i][k] = (enum cw_team_role)chance(w, 4);
            if (w->roles[i][k] != CW_TEAM_NONE)
                assert_int_equal(cw_store_member_set(s, t.id, w->accounts[k], w->roles[i][k]), 0);
        }
    }
}

static void make_items(struct world *w)
{
    struct cw_store *s = w->r.c->store;
    uint32_t groups[GROUPS] = {1};
    struct cw_jump_group group = {.name = "Other"};

    assert_int_equal(cw_store_jump_group_add(s, &group), 0);
    groups[1] = group.id;
    for (unsigned i = 0; i < ITEMS; i++) {
        struct cw_jump_item item = {.platform = "Debian"};
        snprintf(item.name, sizeof item.name, "till %u", i);
        item.device_key[0] = (uint8_t)(i + 1);
        w->item_group[i] = groups[i % GROUPS];
        assert_int_equal(cw_store_jump_item_add(s, &item, w->item_group[i], 1), 0);
        w->items[i] = item.id;
    }
}

static void add_person(struct world *w, const struct model_session *m, uint32_t number,
                       uint32_t account, uint8_t role)
{
    struct cw_participant p = {
        .session = m->id,
        .number = number,
        .role = role,
        .account = account,
        .relation = number == 1 ? CW_RELATION_SOURCE
                                : (number == 2 ? CW_RELATION_OWNER : CW_RELATION_INVITED),
        .joined_ms = m->created_ms + number,
    };

    snprintf(p.name, sizeof p.name, "%s", account != 0 ? "Rep" : m->customer);
    p.holder_key[0] = 1;
    assert_int_equal(cw_store_participant_add(w->r.c->store, &p), 0);
}

static void make_session(struct world *w, struct model_session *m, uint64_t created_ms)
{
    static const char *const names[] = {"Carla", "Dora Carlsen", "\xC3\x89mile", "Bob"};
    struct cw_store *s = w->r.c->store;
    const bool is_jump = chance(w, 3) == 0;
    const unsigned item = chance(w, ITEMS);
    struct cw_session row = {.kind = is_jump ? CW_SESSION_JUMP : CW_SESSION_KEY,
                             .priority = CW_PRIORITY_MEDIUM,
                             .created_ms = created_ms};

    *m = (struct model_session){.created_ms = created_ms};
    m->state = is_jump ? 2 + chance(w, 2) : 1 + chance(w, 3);
    row.state = m->state == CW_SESSION_WAITING ? CW_SESSION_WAITING : CW_SESSION_ACTIVE;
    if (row.state == CW_SESSION_ACTIVE) {
        row.account = m->account = w->accounts[chance(w, ACCOUNTS)];
        row.started_ms = created_ms + 5000;
    }
    if (!is_jump) {
        m->team = w->teams[chance(w, TEAMS)];
        row.team = row.state == CW_SESSION_WAITING ? m->team : 0;
        row.entered.team = m->team;
        row.last.team = m->team;
        snprintf(m->customer, sizeof m->customer, "%s", names[chance(w, 4)]);
    } else {
        row.jump_item = m->item = w->items[item];
        m->group = w->item_group[item];
    }
    snprintf(row.customer, sizeof row.customer, "%s", m->customer);
    assert_int_equal(cw_store_session_add(s, &row), 0);
    m->id = row.id;
    if (chance(w, 4) == 0) {
        snprintf(m->external_key, sizeof m->external_key, "INC%u", chance(w, 5));
        snprintf(row.external_key, sizeof row.external_key, "%s", m->external_key);
        assert_int_equal(cw_store_session_put(s, &row, created_ms), 0);
    }
    add_person(w, m, 1, 0, is_jump ? CW_ROLE_UNATTENDED : CW_ROLE_CUSTOMER);
    if (m->account != 0)
        add_person(w, m, 2, m->account, CW_ROLE_REPRESENTATIVE);
    if (m->account != 0 && chance(w, 3) == 0) {
        m->helper = w->accounts[chance(w, ACCOUNTS)];
        add_person(w, m, 3, m->helper, CW_ROLE_REPRESENTATIVE);
    }
    if (m->state == CW_SESSION_ENDED)
        assert_int_equal(cw_store_session_end(s, m->id, 1, "over", created_ms + 65000), 0);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    uint64_t at_ms = UINT64_C(1790000000000);

    assert_non_null(w);
    rig_start(&w->r);
    rig_admin(&w->r);
    w->seed = 11;
    assert_int_equal(cw_store_begin(w->r.c->store), 0);
    make_people(w);
    make_items(w);
    for (unsigned i = 0; i < SESSIONS; i++) {
        at_ms += chance(w, 4) * 60000; /* some at the same time */
        make_session(w, &w->sessions[i], at_ms);
    }
    assert_int_equal(cw_store_end(w->r.c->store, 0), 0);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    rig_stop(&w->r);
    free(w);
    return 0;
}

/* ---- the naive model -------------------------------------------------------------------------- */

struct wish {
    uint64_t from_ms;
    uint64_t to_ms;
    uint32_t session;
    uint32_t account;
    uint32_t team;
    uint32_t item;
    uint32_t group;
    unsigned state;
    const char *external_key;
    const char *customer;
    uint32_t viewer;
};

static enum cw_team_role role_in(const struct world *w, unsigned team, uint32_t account)
{
    for (unsigned k = 0; k < ACCOUNTS; k++)
        if (w->accounts[k] == account)
            return w->roles[team][k];
    return CW_TEAM_NONE;
}

static bool leads_over(const struct world *w, uint32_t viewer, uint32_t account)
{
    for (unsigned t = 0; t < TEAMS; t++) {
        const enum cw_team_role own = role_in(w, t, viewer);
        const enum cw_team_role other = role_in(w, t, account);
        if (own >= CW_TEAM_LEAD && other != CW_TEAM_NONE && other < own)
            return true;
    }
    return false;
}

static bool may_see(const struct world *w, const struct model_session *m, uint32_t viewer)
{
    if (viewer == 0 || m->account == viewer || m->helper == viewer)
        return true;
    for (unsigned t = 0; t < TEAMS; t++)
        if (m->team == w->teams[t] && role_in(w, t, viewer) >= CW_TEAM_LEAD)
            return true;
    return (m->account != 0 && leads_over(w, viewer, m->account)) ||
           (m->helper != 0 && leads_over(w, viewer, m->helper));
}

static bool fits(const struct world *w, const struct model_session *m, const struct wish *wish)
{
    return m->created_ms >= wish->from_ms && m->created_ms < wish->to_ms &&
           (wish->session == 0 || m->id == wish->session) &&
           (wish->account == 0 || m->account == wish->account || m->helper == wish->account) &&
           (wish->team == 0 || m->team == wish->team) &&
           (wish->item == 0 || m->item == wish->item) &&
           (wish->group == 0 || m->group == wish->group) &&
           (wish->state == 0 || m->state == wish->state) &&
           (wish->external_key == NULL || strcmp(m->external_key, wish->external_key) == 0) &&
           (wish->customer == NULL || strcasestr(m->customer, wish->customer) != NULL) &&
           may_see(w, m, wish->viewer);
}

static json_t *body_of(const struct wish *wish, uint32_t limit)
{
    static const char *const states[] = {"any", "waiting", "active", "ended"};
    json_t *body = json_pack("{s:i}", "limit", (int)limit);
    const struct {
        const char *name;
        uint32_t value;
    } ids[] = {{"session", wish->session},
               {"account", wish->account},
               {"team", wish->team},
               {"jump_item", wish->item},
               {"group", wish->group}};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        if (ids[i].value != 0)
            json_object_set_new(body, ids[i].name, json_integer(ids[i].value));
    json_object_set_new(body, "from", json_integer((json_int_t)wish->from_ms));
    json_object_set_new(body, "to", json_integer((json_int_t)wish->to_ms));
    json_object_set_new(body, "status", json_string(states[wish->state]));
    if (wish->external_key != NULL)
        json_object_set_new(body, "external_key", json_string(wish->external_key));
    if (wish->customer != NULL)
        json_object_set_new(body, "customer", json_string(wish->customer));
    return body;
}

/* All pages; each row is the next one that the model has. */
static unsigned compare(struct world *w, const struct wish *wish, uint32_t limit)
{
    unsigned at = 0;
    unsigned found = 0;
    char next[64] = "";

    w->r.account = wish->viewer;
    for (unsigned pages = 0;; pages++) {
        json_t *body = body_of(wish, limit);
        if (next[0] != '\0')
            json_object_set_new(body, "after", json_string(next));
        assert_true(pages <= SESSIONS + 1);
        assert_int_equal(rig_call_at(&w->r, wish->viewer != 0 ? CW_FRONT_HTTP : CW_FRONT_SOCKET,
                                     "report.sessions", 0, body),
                         0);
        const json_t *rows = json_object_get(w->r.reply.json, "rows");
        assert_true(json_array_size(rows) <= limit);
        for (size_t i = 0; i < json_array_size(rows); i++, found++) {
            const json_t *id = json_object_get(json_array_get(rows, i), "id");
            while (at < SESSIONS && !fits(w, &w->sessions[at], wish))
                at++;
            assert_true(at < SESSIONS);
            assert_int_equal(json_integer_value(id), w->sessions[at].id);
            at++;
        }
        if (rig_text(&w->r, "next") == NULL)
            break;
        snprintf(next, sizeof next, "%s", rig_text(&w->r, "next"));
    }
    while (at < SESSIONS && !fits(w, &w->sessions[at], wish))
        at++;
    assert_int_equal(at, SESSIONS);
    return found;
}

static void each_filter_is_what_the_model_says(void **state)
{
    static const char *const keys[] = {NULL, "INC0", "INC3", "INC9"};
    static const char *const names[] = {NULL, "carl", "DORA", "\xC3\x89mile", "nobody"};
    struct world *w = *state;
    const struct wish all = {.to_ms = INT64_MAX};
    unsigned found = 0;

    assert_int_equal(compare(w, &all, CW_REPORT_ROWS_MAX), SESSIONS);
    assert_int_equal(compare(w, &all, 7), SESSIONS);
    for (unsigned i = 0; i < 300; i++) {
        struct wish wish = all;
        const struct model_session *a = &w->sessions[chance(w, SESSIONS)];
        if (chance(w, 2) == 0)
            wish.from_ms = a->created_ms;
        if (chance(w, 3) == 0)
            wish.to_ms = w->sessions[SESSIONS / 2 + chance(w, SESSIONS / 2)].created_ms;
        if (wish.to_ms <= wish.from_ms)
            wish.to_ms = INT64_MAX;
        if (chance(w, 20) == 0)
            wish.session = a->id;
        if (chance(w, 3) == 0)
            wish.account = w->accounts[chance(w, ACCOUNTS)];
        if (chance(w, 4) == 0)
            wish.team = w->teams[chance(w, TEAMS)];
        if (chance(w, 6) == 0)
            wish.item = w->items[chance(w, ITEMS)];
        if (chance(w, 6) == 0)
            wish.group = w->item_group[chance(w, ITEMS)];
        if (chance(w, 3) == 0)
            wish.state = chance(w, 4);
        wish.external_key = chance(w, 4) == 0 ? keys[chance(w, 4)] : NULL;
        wish.customer = chance(w, 4) == 0 ? names[chance(w, 5)] : NULL;
        if (chance(w, 2) == 0)
            wish.viewer = w->accounts[chance(w, ACCOUNTS)];
        found += compare(w, &wish, 1 + chance(w, 50));
    }
    assert_true(found > 1000);
}

static void wrong_filters_are_refused_in_words(void **state)
{
    static const struct {
        const char *name;
        const char *value;
    } wrong[] = {
        {"from", "yesterday"},
        {"from", "2026-11-22"},
        {"to", "2026-11-22T10:00:00"},
        {"from", "2026-02-29T00:00:00Z"},
        {"format", "pdf"},
        {"limit", "0"},
        {"limit", "501"},
        {"after", "7"},
        {"after", "1.2.3.4"},
        {"after", "1.-2"},
        {"session", "0"},
        {"account", "x"},
        {"status", "over"},
        {"customer", ""},
        {"customer", "a\x1b[31m"},
        {"details", "maybe"},
        {"part", "everything"},
        {"colour", "red"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.sessions", 0,
                                     json_pack("{s:s}", wrong[i].name, wrong[i].value)),
                         CW_ERR_INVALID);
        assert_non_null(strstr(w->r.reply.message, wrong[i].name));
    }
    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.sessions", 0,
                                 json_pack("{s:s, s:s}", "format", "csv", "details", "true")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.session", 99999, NULL),
                     CW_ERR_NOT_FOUND);
    w->r.account = 0;
    assert_int_equal(rig_call(&w->r, "report.sessions", 0, NULL), CW_ERR_DENIED);
    assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET_RO, "report.sessions", 0, NULL),
                     CW_ERR_DENIED);
}

/* ---- formats ---------------------------------------------------------------------------------- */

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

/* ---- parts ------------------------------------------------------------------------------------ */

static void a_part_is_paged_through_sessions(void **state)
{
    struct world *w = *state;
    char next[64] = "";
    unsigned expected = 0;
    unsigned found = 0;
    json_int_t last = 0;

    for (unsigned i = 0; i < SESSIONS; i++)
        expected +=
            1U + (w->sessions[i].account != 0 ? 1U : 0U) + (w->sessions[i].helper != 0 ? 1U : 0U);
    for (;;) {
        json_t *body = json_pack("{s:s, s:i}", "part", "participants", "limit", 7);
        if (next[0] != '\0')
            json_object_set_new(body, "after", json_string(next));
        assert_int_equal(rig_call_at(&w->r, CW_FRONT_SOCKET, "report.sessions", 0, body), 0);
        const json_t *rows = json_object_get(w->r.reply.json, "rows");
        for (size_t i = 0; i < json_array_size(rows); i++, found++) {
            const json_t *row = json_array_get(rows, i);
            const json_int_t key = json_integer_value(json_object_get(row, "session")) * 10 +
                                   json_integer_value(json_object_get(row, "participant"));
            assert_true(key > last);
            last = key;
        }
        if (rig_text(&w->r, "next") == NULL)
            break;
        snprintf(next, sizeof next, "%s", rig_text(&w->r, "next"));
    }
    assert_int_equal(found, expected);
}

/* ---- what is too old -------------------------------------------------------------------------- */

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

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_filter_is_what_the_model_says), CASE(wrong_filters_are_refused_in_words),
        CASE(hostile_texts_leave_as_text),        CASE(uses_of_support_buttons_are_told),
        CASE(pages_of_csv_have_names_once),       CASE(a_part_is_paged_through_sessions),
        CASE(what_is_too_old_goes_in_steps),      CASE(every_table_of_sessions_is_purged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
