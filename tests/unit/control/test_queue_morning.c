/* SPDX-License-Identifier: Apache-2.0 */
/* A morning at a support desk: 1,000 sessions, 60 representatives, 5 teams and every rule of queues, on a
 * clock of its own. The same seed gives the same assignments; after every step each session is in exactly
 * one place, and whoever was asked is who a plain reading of the rules would ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/queue/equilibrium.h"
#include "control/queue/rules.h"

enum {
    SESSIONS = 1000,
    REPS = 60,
    TEAMS = 5,
    SKILLS = 12,
    MORNING_S = 5 * 3600,
    CLOSE_S = 9 * 3600
};

#define START_MS UINT64_C(1800000000000)

struct caller {
    struct cw_session row;
    struct cw_queue_session q;
    uint64_t arrives_ms;
    uint64_t done_ms;   /* when its work is over; 0: nobody has it */
    uint64_t answer_ms; /* when the one it is offered to says something */
    uint8_t answer;     /* 0 yes, 1 no, 2 nothing */
    bool is_in;
    bool is_out;
};

struct morning {
    struct cw_queue_model model;
    struct caller callers[SESSIONS];
    uint64_t now_ms;
    uint64_t random;
    uint64_t fingerprint;
    unsigned counts[CW_QUEUE_END + 1];
    unsigned out;
    unsigned lost;
};

static const struct cw_fallback_rules rules = {
    .last_queue = {false, true},
    .entered_queue = {true, false},
    .designated_queue = {false, true},
    .team = 5,
};

static uint32_t draw(struct morning *day, uint32_t below)
{
    day->random ^= day->random << 13;
    day->random ^= day->random >> 7;
    day->random ^= day->random << 17;
    return (uint32_t)(day->random >> 33) % below;
}

static void stir(struct morning *day, uint64_t value)
{
    day->fingerprint = (day->fingerprint ^ value) * UINT64_C(0x100000001b3);
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* Every list anybody could look at, one after the other; a session must be in one of them. */
static void each_is_in_one_place(struct morning *day)
{
    static uint8_t seen[SESSIONS + 1];
    const struct cw_queue_model *m = &day->model;
    unsigned in = 0;

    memset(seen, 0, sizeof seen);
    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_session *row = m->sessions[i]->row;
        for (uint32_t team = 1; team <= TEAMS; team++)
            seen[row->id] =
                (uint8_t)(seen[row->id] + (row->state == CW_SESSION_WAITING && row->team == team));
        for (uint32_t account = 1; account <= REPS; account++) {
            const bool waits = row->state == CW_SESSION_WAITING && row->account == account;
            const bool works = row->state == CW_SESSION_ACTIVE && row->account == account;
            seen[row->id] = (uint8_t)(seen[row->id] + waits + works);
        }
        in++;
    }
    for (uint32_t id = 1; id <= SESSIONS; id++) {
        const struct caller *caller = &day->callers[id - 1];
        if (seen[id] != (caller->is_in && !caller->is_out))
            fail_msg("session %u is in %u places", id, seen[id]);
    }
    assert_int_equal(in, m->session_count);
}

static void offers_pair_up(struct morning *day)
{
    uint8_t offers[REPS + 1] = {0};
    const struct cw_queue_model *m = &day->model;

    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_queue_session *s = m->sessions[i];
        if (s->offered_to == 0)
            continue;
        assert_int_equal(s->row->state, CW_SESSION_WAITING);
        assert_true(s->row->team != 0);
        assert_int_equal(++offers[s->offered_to], 1);
        assert_false(cw_queue_was_asked(s, s->offered_to));
    }
}

/* The rule as it is told to a person: those who have all roots; if nobody has, without the lowest ranked
 * one; and so on. */
static bool has_roots(const struct cw_queue_model *m, const struct cw_queue_rep *rep,
                      const uint32_t *roots, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!cw_skill_has(m, &rep->skills, roots[i]))
            return false;
    return true;
}

static uint32_t rank_of(const struct cw_queue_model *m, uint32_t id)
{
    return m->skills[cw_skill_place(m, id)].rank;
}

static uint32_t roots_in_order(const struct cw_queue_model *m, const struct cw_queue_session *s,
                               uint32_t *ret)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->need_count; i++) {
        const uint32_t root = cw_skill_root(m, s->needs[i]);
        uint32_t at = n++;
        for (; at > 0 && rank_of(m, ret[at - 1]) > rank_of(m, root); at--)
            ret[at] = ret[at - 1];
        ret[at] = root;
    }
    return n;
}

static void nobody_was_better(struct morning *day, const struct cw_queue_change *offer)
{
    const struct cw_queue_model *m = &day->model;
    const struct cw_queue_session *s = cw_queue_session_find(m, offer->session);
    const struct cw_queue_rep *chosen = cw_queue_rep_find(m, offer->account);
    uint32_t roots[CW_SESSION_SKILLS_MAX];
    uint32_t level = 0;
    uint32_t n = 0;

    assert_non_null(s);
    assert_non_null(chosen);
    assert_true(cw_queue_is_able(chosen, day->now_ms));
    assert_int_equal(chosen->offer, 0);
    assert_true(chosen->session_count < chosen->sessions_max);
    assert_false(cw_queue_was_asked(s, chosen->account));
    n = roots_in_order(m, s, roots);
    while (level < n && has_roots(m, chosen, roots, level + 1))
        level++;
    for (uint32_t i = 0; i < m->rep_count; i++) {
        const struct cw_queue_rep *other = &m->reps[i];
        if (other == chosen || !cw_queue_is_able(other, day->now_ms) || other->offer != 0 ||
            other->session_count >= other->sessions_max ||
            cw_queue_role(other, s->row->team) == 0 || cw_queue_was_asked(s, other->account))
            continue;
        assert_false(level < n && has_roots(m, other, roots, level + 1));
        if (n == 0) {
            assert_true(chosen->session_count <= other->session_count);
            assert_true(chosen->session_count < other->session_count ||
                        chosen->free_since_ms <= other->free_since_ms);
        }
    }
}

/* ---- what happens ---------------------------------------------------------------------------- */

static void leave(struct morning *day, struct caller *caller)
{
    cw_queue_session_remove(&day->model, caller->row.id);
    if (caller->row.state == CW_SESSION_ACTIVE)
        cw_queue_touch(&day->model, caller->row.account, day->now_ms);
    caller->is_out = true;
    day->out++;
    stir(day, caller->row.id);
}

static void make(struct morning *day, const struct cw_queue_change *change)
{
    struct caller *caller = &day->callers[change->session - 1];

    day->counts[change->kind]++;
    stir(day, day->now_ms);
    stir(day, (uint64_t)change->kind << 32 | change->session);
    stir(day, (uint64_t)change->account << 32 | change->to.team << 16 | change->to.account);
    cw_queue_apply(&day->model, change, day->now_ms);
    if (change->kind == CW_QUEUE_TAKE || change->kind == CW_QUEUE_OWNER)
        caller->done_ms = day->now_ms + (120 + draw(day, 900)) * UINT64_C(1000);
    if (change->kind == CW_QUEUE_END)
        leave(day, caller);
    cw_queue_count(&day->model, day->now_ms);
    each_is_in_one_place(day);
    offers_pair_up(day);
}

static void run_rules(struct morning *day)
{
    struct cw_queue_change change;

    cw_queue_count(&day->model, day->now_ms);
    for (unsigned i = 0; cw_queue_due(&day->model, day->now_ms, &change); i++) {
        assert_true(i < 10000);
        if (change.kind == CW_QUEUE_OFFER)
            nobody_was_better(day, &change);
        make(day, &change);
        if (change.kind == CW_QUEUE_OFFER) {
            struct caller *caller = &day->callers[change.session - 1];
            const uint32_t mood = draw(day, 20);
            caller->answer = mood < 14 ? 0 : mood < 17 ? 1 : 2;
            caller->answer_ms = day->now_ms + (1 + draw(day, 15)) * UINT64_C(1000);
        }
    }
}

static void arrive(struct morning *day)
{
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct caller *caller = &day->callers[i];
        if (caller->is_in || caller->arrives_ms > day->now_ms)
            continue;
        caller->row.queued_ms = day->now_ms;
        caller->row.created_ms = day->now_ms;
        caller->is_in = true;
        assert_int_equal(cw_queue_session_add(&day->model, &caller->q), 0);
        each_is_in_one_place(day);
    }
}

static void answer_offers(struct morning *day)
{
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct caller *caller = &day->callers[i];
        struct cw_queue_change change = {.session = caller->row.id,
                                         .account = caller->q.offered_to};
        if (!caller->is_in || caller->is_out || caller->q.offered_to == 0 || caller->answer == 2 ||
            day->now_ms < caller->answer_ms)
            continue;
        change.kind = caller->answer == 0 ? CW_QUEUE_TAKE : CW_QUEUE_REFUSE;
        make(day, &change);
    }
}

static void transfer(struct morning *day, struct caller *caller)
{
    struct cw_queue_change change = {.kind = CW_QUEUE_MOVE, .session = caller->row.id};

    if (draw(day, 2) == 0)
        change.to.team = 1 + draw(day, TEAMS);
    else
        change.to.account = 1 + draw(day, REPS);
    caller->done_ms = 0;
    make(day, &change);
}

/* Work ends, and now and then it goes on with somebody else. */
static void work(struct morning *day)
{
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct caller *caller = &day->callers[i];
        if (!caller->is_in || caller->is_out || caller->row.state != CW_SESSION_ACTIVE ||
            day->now_ms < caller->done_ms)
            continue;
        if (draw(day, 12) == 0) {
            transfer(day, caller);
            continue;
        }
        leave(day, caller);
        cw_queue_count(&day->model, day->now_ms);
        each_is_in_one_place(day);
    }
}

static struct cw_fallback_facts facts_of(struct morning *day, const struct caller *caller)
{
    return (struct cw_fallback_facts){
        .sharing = draw(day, 4) == 0 ? 1 + draw(day, REPS) : 0,
        .is_last_usable = cw_place_is_set(caller->row.last),
        .is_entered_usable = cw_place_is_set(caller->row.entered) && draw(day, 4) != 0,
        .is_before_usable = cw_place_is_set(caller->row.before) && draw(day, 4) != 0,
    };
}

/* One's connection is gone for good: each of its sessions goes where the rules send it. */
static void lose(struct morning *day, struct cw_queue_rep *rep)
{
    const uint32_t account = rep->account;

    rep->is_present = false;
    day->lost++;
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct caller *caller = &day->callers[i];
        struct cw_fallback_facts facts;
        struct cw_queue_change change;
        if (!caller->is_in || caller->is_out || caller->row.state != CW_SESSION_ACTIVE ||
            caller->row.account != account)
            continue;
        facts = facts_of(day, caller);
        if (facts.sharing == account)
            facts.sharing = 0;
        change = cw_queue_lost(&day->model, &caller->q, &rules, &facts);
        assert_true(change.kind == CW_QUEUE_OWNER || change.kind == CW_QUEUE_MOVE ||
                    change.kind == CW_QUEUE_END);
        caller->done_ms = 0;
        make(day, &change);
    }
}

/* What a representative does by hand: the next one, one that is in the own queue, or not that one. */
static void act(struct morning *day, struct cw_queue_rep *rep)
{
    struct cw_queue_session *s = NULL;
    struct cw_queue_change change = {.account = rep->account};

    cw_queue_count(&day->model, day->now_ms);
    s = cw_queue_next(&day->model, rep);
    if (s == NULL || rep->session_count >= 2)
        return;
    for (uint32_t i = 0; i < day->model.session_count; i++) {
        const struct cw_queue_session *other = day->model.sessions[i];
        if (cw_queue_may_take(rep, other))
            assert_true(other == s || cw_queue_compare(s, other) < 0);
    }
    change.session = s->row->id;
    change.kind = CW_QUEUE_TAKE;
    if (draw(day, 10) == 0) {
        const struct cw_fallback_facts facts = facts_of(day, &day->callers[s->row->id - 1]);
        change = cw_queue_declined(&day->model, s, rep->account, &rules, &facts);
    }
    make(day, &change);
}

static void live(struct morning *day)
{
    const uint64_t at_s = (day->now_ms - START_MS) / 1000;
    struct cw_queue_model *m = &day->model;

    for (uint32_t i = 0; i < m->rep_count; i++) {
        struct cw_queue_rep *rep = &m->reps[i];
        const uint64_t lunch_s = 10800 + rep->account * 60;
        if (!rep->is_present) {
            if (at_s >= rep->account * 20 && draw(day, 300) == 0) {
                rep->is_present = true;
                rep->input_ms = day->now_ms;
                rep->free_since_ms = day->now_ms;
            }
            continue;
        }
        if (draw(day, 40) == 0)
            rep->input_ms = day->now_ms;
        if (draw(day, 2000) == 0)
            rep->is_locked = !rep->is_locked;
        if (draw(day, 3000) == 0)
            rep->is_opted_out = !rep->is_opted_out;
        rep->availability = at_s >= lunch_s && at_s < lunch_s + 1800 ? CW_AWAY
                            : draw(day, 500) == 0                    ? CW_BUSY
                            : draw(day, 60) == 0                     ? CW_AVAILABLE
                                                                     : rep->availability;
        if (draw(day, 6000) == 0)
            lose(day, rep);
        else if (rep->availability == CW_AVAILABLE && draw(day, 200) == 0)
            act(day, rep);
    }
}

/* ---- the desk -------------------------------------------------------------------------------- */

static void open_teams(struct morning *day)
{
    for (uint32_t i = 1; i <= TEAMS; i++) {
        struct cw_queue_team *team = NULL;
        assert_int_equal(cw_queue_team_make(&day->model, i, &team), 0);
        team->is_automatic = i != 4;
        team->is_persistent = i == 3;
        team->offer_s = 12;
        team->overdue_s = i == 2 ? 90 : 240;
        team->overflow_team = i == 1 ? 2 : i == 2 ? 1 : i == 4 ? 3 : 0;
        team->overflow_s = i == 4 ? 400 : 300;
        team->overflow_count = i == 1 ? 6 : 0;
    }
    for (uint32_t i = 0; i < SKILLS; i++) {
        struct cw_skill *skill = &day->model.skills[i];
        skill->id = i + 1;
        skill->parent = i < 4 ? 0 : i % 4 + 1;
        skill->rank = i < 4 ? 4 - i : i / 4;
    }
}

static void hire(struct morning *day)
{
    for (uint32_t i = 1; i <= REPS; i++) {
        struct cw_queue_rep *rep = NULL;
        assert_int_equal(cw_queue_rep_make(&day->model, i, &rep), 0);
        rep->sessions_max = 1 + draw(day, 3);
        rep->idle_limit_s = draw(day, 3) == 0 ? 0 : 300;
        rep->may_take_team = i % 15 != 0;
        rep->teams[rep->team_count++] = (struct cw_queue_membership){1 + i % TEAMS, 1};
        if (draw(day, 3) == 0)
            rep->teams[rep->team_count++] =
                (struct cw_queue_membership){1 + (i + 1) % TEAMS, 1 + (uint8_t)draw(day, 3)};
        for (unsigned k = draw(day, 5); k > 0; k--)
            cw_skill_put(&day->model, &rep->skills, 1 + draw(day, SKILLS));
    }
}

static void invite_callers(struct morning *day)
{
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct caller *caller = &day->callers[i];
        *caller = (struct caller){0};
        caller->arrives_ms = START_MS + draw(day, MORNING_S) * UINT64_C(1000);
        caller->row.id = i + 1;
        caller->row.kind = draw(day, 5) == 0 ? CW_SESSION_JUMP : CW_SESSION_KEY;
        caller->row.state = CW_SESSION_WAITING;
        caller->row.priority = (enum cw_priority)(1 + draw(day, 3));
        if (draw(day, 6) == 0)
            caller->row.account = 1 + draw(day, REPS);
        else
            caller->row.team = 1 + draw(day, TEAMS);
        caller->row.last = cw_queue_place(&caller->row);
        caller->row.entered = caller->row.last;
        caller->q.row = &caller->row;
        for (unsigned k = draw(day, 4); k > 0; k--)
            caller->q.needs[caller->q.need_count++] = 1 + draw(day, SKILLS);
    }
}

/* In the evening the desk takes what is left, so that nothing can hide in a queue. */
static void close_desk(struct morning *day)
{
    for (unsigned i = 0; i < SESSIONS; i++) {
        struct caller *caller = &day->callers[i];
        struct cw_queue_change change = {
            .kind = CW_QUEUE_TAKE, .session = caller->row.id, .account = 1};
        if (!caller->is_in || caller->is_out)
            continue;
        if (caller->row.state == CW_SESSION_WAITING)
            make(day, &change);
        leave(day, caller);
    }
    assert_int_equal(day->out, SESSIONS);
    assert_int_equal(day->model.session_count, 0);
}

static void spend(struct morning *day, uint64_t seed)
{
    memset(day, 0, sizeof *day);
    day->now_ms = START_MS;
    day->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    day->fingerprint = UINT64_C(0xcbf29ce484222325);
    open_teams(day);
    hire(day);
    invite_callers(day);
    for (unsigned s = 0; s < CLOSE_S && day->out < SESSIONS; s++) {
        day->now_ms += 1000;
        arrive(day);
        live(day);
        answer_offers(day);
        work(day);
        run_rules(day);
    }
    close_desk(day);
    cw_queue_model_free(&day->model);
}

static struct morning first;
static struct morning second;

static void the_same_morning_twice(void **state)
{
    (void)state;
    spend(&first, 1);
    spend(&second, 1);
    assert_true(first.fingerprint == second.fingerprint);
    assert_memory_equal(first.counts, second.counts, sizeof first.counts);
    spend(&second, 2);
    assert_true(first.fingerprint != second.fingerprint);
}

static void every_rule_has_its_say(void **state)
{
    static const enum cw_queue_change_kind kinds[] = {
        CW_QUEUE_TAKE,   CW_QUEUE_MOVE,     CW_QUEUE_OVERFLOW, CW_QUEUE_OWNER,
        CW_QUEUE_OFFER,  CW_QUEUE_TIME_OUT, CW_QUEUE_REFUSE,   CW_QUEUE_WITHDRAW,
        CW_QUEUE_MANUAL, CW_QUEUE_OVERDUE,  CW_QUEUE_END,
    };
    unsigned counts[CW_QUEUE_END + 1] = {0};
    const char *wanted = getenv("SEEDS");
    const unsigned long seeds = wanted != NULL ? strtoul(wanted, NULL, 10) : 6;

    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        spend(&first, seed);
        assert_true(first.lost > 0);
        for (unsigned k = 0; k <= CW_QUEUE_END; k++)
            counts[k] += first.counts[k];
    }
    for (unsigned k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        if (counts[kinds[k]] == 0)
            fail_msg("rule %u was never used", kinds[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_morning_twice),
        cmocka_unit_test(every_rule_has_its_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
