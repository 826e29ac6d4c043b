/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: each filter, and parts paged through sessions, against a naive model over hundreds of sessions; who sees
 * what. */
#include "tests/unit/control/report_world.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(each_filter_is_what_the_model_says),
        CASE(wrong_filters_are_refused_in_words),
        CASE(a_part_is_paged_through_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
