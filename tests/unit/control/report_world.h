/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/report_world.h - a store with hundreds of sessions of the past, for tests of reports.
 *
 * Owner:     the test: set_up makes a world, tear_down ends it.
 * Invariant: the same seed makes the same world.
 */
#ifndef CW_TESTS_UNIT_CONTROL_REPORT_WORLD_H
#define CW_TESTS_UNIT_CONTROL_REPORT_WORLD_H

#include <sqlite3.h>

#include "control/store/store_policy.h"
#include "control/store/store_team.h"
#include "tests/unit/control/rig.h"

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

static inline uint32_t chance(struct world *w, uint32_t n)
{
    w->seed = w->seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(w->seed >> 33) % n;
}

static inline void make_people(struct world *w)
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

static inline void make_items(struct world *w)
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

static inline void add_person(struct world *w, const struct model_session *m, uint32_t number,
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

static inline void make_session(struct world *w, struct model_session *m, uint64_t created_ms)
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

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
    struct world *w = *state;

    rig_stop(&w->r);
    free(w);
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
