/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/rules.h"

#include <stdlib.h>
#include <string.h>

#include "control/queue/equilibrium.h"
#include "control/store/store_team.h"

bool cw_place_is(struct cw_place a, struct cw_place b)
{
    return a.team == b.team && a.account == b.account;
}

bool cw_place_is_set(struct cw_place place)
{
    return place.team != 0 || place.account != 0;
}

struct cw_place cw_queue_place(const struct cw_session *row)
{
    if (row->state != CW_SESSION_WAITING)
        return (struct cw_place){0};
    return row->team != 0 ? (struct cw_place){.team = row->team}
                          : (struct cw_place){.account = row->account};
}

int cw_queue_compare(const struct cw_queue_session *a, const struct cw_queue_session *b)
{
    if (a->row->priority != b->row->priority)
        return a->row->priority > b->row->priority ? -1 : 1;
    if (a->row->queued_ms != b->row->queued_ms)
        return a->row->queued_ms < b->row->queued_ms ? -1 : 1;
    return a->row->id < b->row->id ? -1 : a->row->id > b->row->id;
}

/* ---- changes --------------------------------------------------------------------------------- */

static void move_row(struct cw_session *row, const struct cw_queue_change *change, uint64_t now_ms)
{
    if (cw_place_is_set(row->last) && !cw_place_is(row->last, change->to))
        row->before = row->last;
    row->state = CW_SESSION_WAITING;
    row->team = change->to.team;
    row->account = change->to.account;
    row->last = change->to;
    row->queued_ms = now_ms;
    row->started_ms = 0;
    row->representative[0] = '\0';
    row->is_manual = false;
    row->is_overdue = false;
    row->is_overflowed = change->kind == CW_QUEUE_OVERFLOW;
}

struct cw_session cw_queue_row_after(const struct cw_session *row,
                                     const struct cw_queue_change *change, uint64_t now_ms)
{
    struct cw_session after = *row;

    switch (change->kind) {
    case CW_QUEUE_TAKE:
        after.state = CW_SESSION_ACTIVE;
        after.team = 0;
        after.account = change->account;
        after.started_ms = now_ms;
        break;
    case CW_QUEUE_OWNER: after.account = change->account; break;
    case CW_QUEUE_MOVE:
    case CW_QUEUE_OVERFLOW: move_row(&after, change, now_ms); break;
    case CW_QUEUE_MANUAL: after.is_manual = true; break;
    case CW_QUEUE_OVERDUE: after.is_overdue = true; break;
    case CW_QUEUE_PRIORITY: after.priority = change->priority; break;
    case CW_QUEUE_NOTHING:
    case CW_QUEUE_OFFER:
    case CW_QUEUE_TIME_OUT:
    case CW_QUEUE_REFUSE:
    case CW_QUEUE_WITHDRAW:
    case CW_QUEUE_END: break;
    }
    return after;
}

void cw_queue_touch(struct cw_queue_model *m, uint32_t account, uint64_t now_ms)
{
    struct cw_queue_rep *rep = cw_queue_rep_find(m, account);

    if (rep != NULL)
        rep->free_since_ms = now_ms;
}

static void note_pace(struct cw_queue_model *m, uint32_t team_id, uint64_t now_ms)
{
    struct cw_queue_team *team = cw_queue_team_find(m, team_id);

    if (team == NULL)
        return;
    if (team->taken_ms != 0 && now_ms >= team->taken_ms) {
        const uint64_t one = now_ms - team->taken_ms;
        team->interval_ms = team->interval_ms == 0 ? one : (3 * team->interval_ms + one) / 4;
    }
    team->taken_ms = now_ms;
}

static void note_asked(struct cw_queue_session *s, uint32_t account)
{
    if (s->asked_count < CW_ASKED_MAX && !cw_queue_was_asked(s, account))
        s->asked[s->asked_count++] = account;
}

void cw_queue_apply(struct cw_queue_model *m, const struct cw_queue_change *change, uint64_t now_ms)
{
    struct cw_queue_session *s = cw_queue_session_find(m, change->session);
    const uint32_t team = s != NULL ? s->row->team : 0;

    if (s == NULL)
        return;
    if (change->kind == CW_QUEUE_OFFER) {
        s->offered_to = change->account;
        s->offer_until_ms = change->until_ms;
    } else if (change->kind != CW_QUEUE_PRIORITY && change->kind != CW_QUEUE_OVERDUE &&
               (change->kind != CW_QUEUE_REFUSE || s->offered_to == change->account)) {
        s->offered_to = 0;
        s->offer_until_ms = 0;
    }
    if (change->kind == CW_QUEUE_TAKE) {
        note_pace(m, team, now_ms);
        cw_queue_touch(m, change->account, now_ms);
    }
    if (change->kind == CW_QUEUE_TIME_OUT || change->kind == CW_QUEUE_REFUSE)
        note_asked(s, change->account);
    if (change->kind == CW_QUEUE_MOVE || change->kind == CW_QUEUE_OVERFLOW ||
        change->kind == CW_QUEUE_TAKE)
        s->asked_count = 0;
    *s->row = cw_queue_row_after(s->row, change, now_ms);
}

/* ---- who may what ---------------------------------------------------------------------------- */

bool cw_queue_is_able(const struct cw_queue_rep *rep, uint64_t now_ms)
{
    if (!rep->is_present || rep->is_opted_out || rep->is_locked || !rep->may_take_team ||
        rep->availability != CW_AVAILABLE)
        return false;
    return rep->idle_limit_s == 0 || now_ms < rep->input_ms + rep->idle_limit_s * UINT64_C(1000);
}

bool cw_queue_was_asked(const struct cw_queue_session *s, uint32_t account)
{
    for (uint32_t i = 0; i < s->asked_count; i++)
        if (s->asked[i] == account)
            return true;
    return false;
}

bool cw_queue_may_see(const struct cw_queue_rep *rep, const struct cw_queue_session *s)
{
    if (s->row->state != CW_SESSION_WAITING)
        return false;
    if (s->row->team == 0)
        return s->row->account == rep->account;
    /* Who takes none from teams has no business with who waits there, but to lead those who do. */
    const uint8_t role = cw_queue_role(rep, s->row->team);
    return role >= CW_TEAM_LEAD || (role != 0 && rep->may_take_team);
}

bool cw_queue_may_take(const struct cw_queue_rep *rep, const struct cw_queue_session *s)
{
    return cw_queue_may_see(rep, s) && (s->row->team == 0 || rep->may_take_team) &&
           (s->offered_to == 0 || s->offered_to == rep->account);
}

struct cw_queue_session *cw_queue_next(const struct cw_queue_model *m,
                                       const struct cw_queue_rep *rep)
{
    struct cw_queue_session *best = NULL;

    for (uint32_t i = 0; i < m->session_count; i++) {
        struct cw_queue_session *s = m->sessions[i];
        if (cw_queue_may_take(rep, s) && (best == NULL || cw_queue_compare(s, best) < 0))
            best = s;
    }
    return best;
}

uint32_t cw_queue_position(const struct cw_queue_model *m, const struct cw_queue_session *s)
{
    const struct cw_place place = cw_queue_place(s->row);
    uint32_t position = 1;

    if (!cw_place_is_set(place))
        return 0;
    for (uint32_t i = 0; i < m->session_count; i++)
        if (cw_place_is(cw_queue_place(m->sessions[i]->row), place) &&
            cw_queue_compare(m->sessions[i], s) < 0)
            position++;
    return position;
}

/* By queue, those without one last. */
static int by_queue(const void *left, const void *right)
{
    const struct cw_queue_session *a = *(struct cw_queue_session *const *)left;
    const struct cw_queue_session *b = *(struct cw_queue_session *const *)right;
    const struct cw_place at = cw_queue_place(a->row);
    const struct cw_place bt = cw_queue_place(b->row);

    if (at.team != bt.team)
        return at.team > bt.team ? -1 : 1;
    if (at.account != bt.account)
        return at.account > bt.account ? -1 : 1;
    return cw_queue_compare(a, b);
}

void cw_queue_rank(struct cw_queue_model *m)
{
    if (m->session_count == 0)
        return;
    memcpy(m->order, m->sessions, m->session_count * sizeof(struct cw_queue_session *));
    qsort(m->order, m->session_count, sizeof(struct cw_queue_session *), by_queue);
    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_place place = cw_queue_place(m->order[i]->row);
        const struct cw_queue_session *before = i > 0 ? m->order[i - 1] : NULL;
        const bool is_first = before == NULL || !cw_place_is(cw_queue_place(before->row), place);
        m->order[i]->position = !cw_place_is_set(place) ? 0 : is_first ? 1 : before->position + 1;
    }
}

uint64_t cw_queue_estimate_at_ms(const struct cw_queue_model *m, const struct cw_queue_session *s,
                                 uint32_t position)
{
    const struct cw_queue_team *team = cw_queue_team_find(m, s->row->team);

    return team != NULL ? team->interval_ms * position : 0;
}

uint64_t cw_queue_estimate_ms(const struct cw_queue_model *m, const struct cw_queue_session *s)
{
    return cw_queue_estimate_at_ms(m, s, cw_queue_position(m, s));
}

/* ---- what is due ----------------------------------------------------------------------------- */

static bool due_offer(const struct cw_queue_model *m, uint64_t now_ms, struct cw_queue_change *ret)
{
    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_queue_session *s = m->sessions[i];
        const struct cw_queue_rep *rep = NULL;
        if (s->offered_to == 0)
            continue;
        rep = cw_queue_rep_find(m, s->offered_to);
        *ret = (struct cw_queue_change){.session = s->row->id, .account = s->offered_to};
        if (rep == NULL || !rep->is_present || rep->availability != CW_AVAILABLE ||
            rep->is_opted_out || cw_queue_role(rep, s->row->team) == 0)
            ret->kind = CW_QUEUE_WITHDRAW;
        else if (now_ms >= s->offer_until_ms)
            ret->kind = CW_QUEUE_TIME_OUT;
        if (ret->kind != CW_QUEUE_NOTHING)
            return true;
    }
    return false;
}

/* By time whoever is there for too long; by number those who came last: who waited keeps the place. */
static bool due_overflow(const struct cw_queue_model *m, uint64_t now_ms,
                         struct cw_queue_change *ret)
{
    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_queue_session *s = m->sessions[i];
        const struct cw_queue_team *team = cw_queue_team_find(m, s->row->team);
        const bool may = s->row->state == CW_SESSION_WAITING && s->row->team != 0 &&
                         !s->row->is_overflowed && team != NULL && team->overflow_team != 0 &&
                         team->overflow_team != team->team &&
                         cw_queue_team_find(m, team->overflow_team) != NULL;
        const char *why = NULL;
        if (!may)
            continue;
        if (team->overflow_s != 0 &&
            now_ms >= s->row->queued_ms + team->overflow_s * UINT64_C(1000))
            why = "it waited too long";
        else if (team->overflow_count != 0 && team->waiting_count > team->overflow_count &&
                 cw_queue_position(m, s) > team->overflow_count)
            why = "too many wait";
        if (why == NULL)
            continue;
        *ret = (struct cw_queue_change){.kind = CW_QUEUE_OVERFLOW,
                                        .session = s->row->id,
                                        .to = {.team = team->overflow_team},
                                        .why = why};
        return true;
    }
    return false;
}

static bool due_overdue(const struct cw_queue_model *m, uint64_t now_ms,
                        struct cw_queue_change *ret)
{
    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_queue_session *s = m->sessions[i];
        const struct cw_queue_team *team = NULL;
        if (s->row->state != CW_SESSION_WAITING || s->row->team == 0 || s->row->is_overdue)
            continue;
        team = cw_queue_team_find(m, s->row->team);
        if (team == NULL || team->overdue_s == 0 ||
            now_ms < s->row->queued_ms + team->overdue_s * UINT64_C(1000))
            continue;
        *ret = (struct cw_queue_change){.kind = CW_QUEUE_OVERDUE, .session = s->row->id};
        return true;
    }
    return false;
}

bool cw_queue_due(struct cw_queue_model *m, uint64_t now_ms, struct cw_queue_change *ret)
{
    *ret = (struct cw_queue_change){0};
    if (due_offer(m, now_ms, ret))
        return true;
    *ret = (struct cw_queue_change){0};
    return due_overflow(m, now_ms, ret) || due_overdue(m, now_ms, ret) ||
           cw_equilibrium_due(m, now_ms, ret);
}

struct cw_queue_team *cw_queue_alert_due(struct cw_queue_model *m)
{
    for (uint32_t i = 0; i < m->team_count; i++) {
        struct cw_queue_team *team = &m->teams[i];
        const bool is_due = team->alert_count != 0 && team->waiting_count >= team->alert_count;
        if (is_due && !team->is_alerted) {
            team->is_alerted = true;
            return team;
        }
        team->is_alerted = is_due;
    }
    return NULL;
}

/* ---- a lost representative ------------------------------------------------------------------- */

static struct cw_queue_change move_to(const struct cw_queue_session *s, struct cw_place to,
                                      const char *why)
{
    return (struct cw_queue_change){
        .kind = CW_QUEUE_MOVE, .session = s->row->id, .to = to, .why = why};
}

static bool is_persistent(const struct cw_queue_model *m, struct cw_place place)
{
    const struct cw_queue_team *team = cw_queue_team_find(m, place.team);

    return place.team != 0 && team != NULL && team->is_persistent;
}

struct cw_queue_change cw_queue_lost(const struct cw_queue_model *m,
                                     const struct cw_queue_session *s,
                                     const struct cw_fallback_rules *rules,
                                     const struct cw_fallback_facts *facts)
{
    const struct cw_session *row = s->row;
    const int kind = row->kind == CW_SESSION_JUMP ? 0 : 1;

    if (facts->sharing != 0)
        return (struct cw_queue_change){.kind = CW_QUEUE_OWNER,
                                        .session = row->id,
                                        .account = facts->sharing,
                                        .why = "shares it for the longest time"};
    if (facts->is_last_usable && is_persistent(m, row->last))
        return move_to(s, row->last, "the queue is persistent");
    if (facts->is_entered_usable && is_persistent(m, row->entered))
        return move_to(s, row->entered, "the queue it entered is persistent");
    if (rules->last_queue[kind] && facts->is_last_usable)
        return move_to(s, row->last, "the last queue it was in");
    if (rules->entered_queue[kind] && facts->is_entered_usable)
        return move_to(s, row->entered, "the queue it entered");
    if (rules->designated_queue[kind] && cw_queue_team_find(m, rules->team) != NULL)
        return move_to(s, (struct cw_place){.team = rules->team}, "the fall-back queue");
    return (struct cw_queue_change){.kind = CW_QUEUE_END, .session = row->id};
}

struct cw_queue_change cw_queue_declined(const struct cw_queue_model *m,
                                         const struct cw_queue_session *s, uint32_t account,
                                         const struct cw_fallback_rules *rules,
                                         const struct cw_fallback_facts *facts)
{
    const int kind = s->row->kind == CW_SESSION_JUMP ? 0 : 1;

    if (s->row->team != 0)
        return (struct cw_queue_change){
            .kind = CW_QUEUE_REFUSE, .session = s->row->id, .account = account};
    if (facts->is_before_usable)
        return move_to(s, s->row->before, "the queue it came from");
    if (rules->designated_queue[kind] && cw_queue_team_find(m, rules->team) != NULL)
        return move_to(s, (struct cw_place){.team = rules->team}, "the fall-back queue");
    return (struct cw_queue_change){.kind = CW_QUEUE_END, .session = s->row->id};
}
