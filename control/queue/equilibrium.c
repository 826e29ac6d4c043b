/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/equilibrium.h"

#include <stdlib.h>

struct need {
    int place; /* of the skill in the model */
    int root_place;
    uint32_t root_rank;
    uint32_t rank;
};

struct qualified {
    uint32_t roots; /* how many of the highest ranked, without a gap */
    uint32_t exact; /* a bit a need, the highest ranked one on top */
};

static int by_rank(const void *left, const void *right)
{
    const struct need *a = left;
    const struct need *b = right;

    if (a->root_rank != b->root_rank)
        return a->root_rank < b->root_rank ? -1 : 1;
    if (a->root_place != b->root_place)
        return a->root_place < b->root_place ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Skills that are gone are not needed any more. */
static uint32_t needs_of(const struct cw_queue_model *m, const struct cw_queue_session *s,
                         struct need *ret_needs)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->need_count; i++) {
        const int place = cw_skill_place(m, s->needs[i]);
        const int root = cw_skill_place(m, cw_skill_root(m, s->needs[i]));
        if (place < 0 || root < 0)
            continue;
        ret_needs[n++] = (struct need){.place = place,
                                       .root_place = root,
                                       .root_rank = m->skills[root].rank,
                                       .rank = m->skills[place].rank};
    }
    qsort(ret_needs, n, sizeof *ret_needs, by_rank);
    return n;
}

static bool has(const struct cw_skill_set *set, int place)
{
    return (set->words[place / 64] >> (place % 64) & 1) != 0;
}

static struct qualified qualify(const struct cw_queue_rep *rep, const struct need *needs,
                                uint32_t n)
{
    struct qualified q = {0};

    while (q.roots < n && has(&rep->skills, needs[q.roots].root_place))
        q.roots++;
    for (uint32_t i = 0; i < n; i++)
        q.exact = q.exact << 1 | (has(&rep->skills, needs[i].place) ? 1 : 0);
    return q;
}

/* True: a is a better choice than b. Accounts grow along the list, so equals keep the first. */
static bool is_better(const struct cw_queue_rep *a, struct qualified qa,
                      const struct cw_queue_rep *b, struct qualified qb)
{
    if (qa.roots != qb.roots)
        return qa.roots > qb.roots;
    if (qa.exact != qb.exact)
        return qa.exact > qb.exact;
    if (a->session_count != b->session_count)
        return a->session_count < b->session_count;
    return a->free_since_ms < b->free_since_ms;
}

const struct cw_queue_rep *cw_equilibrium_match(const struct cw_queue_model *m,
                                                const struct cw_queue_session *s, uint64_t now_ms,
                                                bool *ret_is_over)
{
    struct need needs[CW_SESSION_SKILLS_MAX];
    const uint32_t n = needs_of(m, s, needs);
    const struct cw_queue_rep *best = NULL;
    struct qualified best_is = {0};

    /* Where nobody was asked a cycle has not begun; where the list is full it has to end. */
    *ret_is_over = s->asked_count > 0;
    for (uint32_t i = 0; s->asked_count < CW_ASKED_MAX && i < m->rep_count; i++) {
        const struct cw_queue_rep *rep = &m->reps[i];
        struct qualified q;
        if (!cw_queue_is_able(rep, now_ms) || cw_queue_role(rep, s->row->team) == 0 ||
            cw_queue_was_asked(s, rep->account))
            continue;
        *ret_is_over = false; /* busy now, but able to be asked later */
        if (rep->offer != 0 || rep->session_count >= rep->sessions_max)
            continue;
        q = qualify(rep, needs, n);
        if (best == NULL || is_better(rep, q, best, best_is)) {
            best = rep;
            best_is = q;
        }
    }
    return best;
}

static int by_order(const void *left, const void *right)
{
    return cw_queue_compare(*(struct cw_queue_session *const *)left,
                            *(struct cw_queue_session *const *)right);
}

/* Sessions that somebody could be asked about, in order. */
static uint32_t collect(struct cw_queue_model *m)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < m->session_count; i++) {
        struct cw_queue_session *s = m->sessions[i];
        const struct cw_queue_team *team = NULL;
        if (s->row->state != CW_SESSION_WAITING || s->row->team == 0 || s->row->is_manual ||
            s->offered_to != 0)
            continue;
        team = cw_queue_team_find(m, s->row->team);
        if (team != NULL && team->is_automatic && (team->has_able || s->asked_count > 0))
            m->order[n++] = s;
    }
    if (n > 1)
        qsort(m->order, n, sizeof(struct cw_queue_session *), by_order);
    return n;
}

bool cw_equilibrium_due(struct cw_queue_model *m, uint64_t now_ms, struct cw_queue_change *ret)
{
    const uint32_t n = collect(m);

    for (uint32_t i = 0; i < n; i++) {
        const struct cw_queue_session *s = m->order[i];
        const struct cw_queue_team *team = cw_queue_team_find(m, s->row->team);
        bool is_over = false;
        const struct cw_queue_rep *rep = cw_equilibrium_match(m, s, now_ms, &is_over);
        *ret = (struct cw_queue_change){.session = s->row->id};
        if (rep != NULL && team != NULL) {
            ret->kind = CW_QUEUE_OFFER;
            ret->account = rep->account;
            ret->until_ms = now_ms + team->offer_s * UINT64_C(1000);
            return true;
        }
        if (is_over) {
            ret->kind = CW_QUEUE_MANUAL;
            return true;
        }
    }
    *ret = (struct cw_queue_change){0};
    return false;
}
