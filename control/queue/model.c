/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/model.h"

#include <stdlib.h>
#include <string.h>

#include "control/queue/rules.h"
#include "engine/base/err.h"

void cw_queue_model_free(struct cw_queue_model *m)
{
    free(m->sessions);
    free(m->order);
    free(m->reps);
    free(m->teams);
    *m = (struct cw_queue_model){0};
}

/* ---- sessions -------------------------------------------------------------------------------- */

static uint32_t session_place(const struct cw_queue_model *m, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = m->session_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (m->sessions[middle]->row->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int cw_queue_session_add(struct cw_queue_model *m, struct cw_queue_session *session)
{
    const uint32_t at = session_place(m, session->row->id);

    if (m->session_count == m->session_room) {
        const uint32_t room = m->session_room == 0 ? 64 : m->session_room * 2;
        struct cw_queue_session **grown = reallocarray(m->sessions, room, sizeof *grown);
        if (grown == NULL)
            return CW_ERR_NOMEM;
        m->sessions = grown;
        grown = reallocarray(m->order, room, sizeof *grown);
        if (grown == NULL)
            return CW_ERR_NOMEM;
        m->order = grown;
        m->session_room = room;
    }
    memmove(&m->sessions[at + 1], &m->sessions[at],
            (m->session_count - at) * sizeof(struct cw_queue_session *));
    m->sessions[at] = session;
    m->session_count++;
    return 0;
}

void cw_queue_sessions_clear(struct cw_queue_model *m)
{
    m->session_count = 0;
}

void cw_queue_session_remove(struct cw_queue_model *m, uint32_t id)
{
    const uint32_t at = session_place(m, id);

    if (at == m->session_count || m->sessions[at]->row->id != id)
        return;
    memmove(&m->sessions[at], &m->sessions[at + 1],
            (m->session_count - at - 1) * sizeof(struct cw_queue_session *));
    m->session_count--;
}

struct cw_queue_session *cw_queue_session_find(const struct cw_queue_model *m, uint32_t id)
{
    const uint32_t at = session_place(m, id);

    return at < m->session_count && m->sessions[at]->row->id == id ? m->sessions[at] : NULL;
}

/* ---- representatives ------------------------------------------------------------------------- */

static uint32_t rep_place(const struct cw_queue_model *m, uint32_t account)
{
    uint32_t low = 0;
    uint32_t high = m->rep_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (m->reps[middle].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int cw_queue_rep_make(struct cw_queue_model *m, uint32_t account, struct cw_queue_rep **ret_rep)
{
    const uint32_t at = rep_place(m, account);

    if (at == m->rep_count || m->reps[at].account != account) {
        if (m->rep_count == m->rep_room) {
            const uint32_t room = m->rep_room == 0 ? 16 : m->rep_room * 2;
            struct cw_queue_rep *grown = reallocarray(m->reps, room, sizeof *grown);
            if (grown == NULL)
                return CW_ERR_NOMEM;
            m->reps = grown;
            m->rep_room = room;
        }
        memmove(&m->reps[at + 1], &m->reps[at], (m->rep_count - at) * sizeof *m->reps);
        m->reps[at] = (struct cw_queue_rep){.account = account};
        m->rep_count++;
    }
    *ret_rep = &m->reps[at];
    return 0;
}

struct cw_queue_rep *cw_queue_rep_find(const struct cw_queue_model *m, uint32_t account)
{
    const uint32_t at = rep_place(m, account);

    return at < m->rep_count && m->reps[at].account == account ? &m->reps[at] : NULL;
}

void cw_queue_rep_remove(struct cw_queue_model *m, uint32_t account)
{
    const uint32_t at = rep_place(m, account);

    if (at == m->rep_count || m->reps[at].account != account)
        return;
    memmove(&m->reps[at], &m->reps[at + 1], (m->rep_count - at - 1) * sizeof *m->reps);
    m->rep_count--;
}

uint8_t cw_queue_role(const struct cw_queue_rep *rep, uint32_t team)
{
    for (uint32_t i = 0; i < rep->team_count; i++)
        if (rep->teams[i].team == team)
            return rep->teams[i].role;
    return 0;
}

/* ---- teams ----------------------------------------------------------------------------------- */

static uint32_t team_place(const struct cw_queue_model *m, uint32_t team)
{
    uint32_t low = 0;
    uint32_t high = m->team_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (m->teams[middle].team < team)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int cw_queue_team_make(struct cw_queue_model *m, uint32_t team, struct cw_queue_team **ret_team)
{
    const uint32_t at = team_place(m, team);

    if (at == m->team_count || m->teams[at].team != team) {
        if (m->team_count == m->team_room) {
            const uint32_t room = m->team_room == 0 ? 16 : m->team_room * 2;
            struct cw_queue_team *grown = reallocarray(m->teams, room, sizeof *grown);
            if (grown == NULL)
                return CW_ERR_NOMEM;
            m->teams = grown;
            m->team_room = room;
        }
        memmove(&m->teams[at + 1], &m->teams[at], (m->team_count - at) * sizeof *m->teams);
        m->teams[at] = (struct cw_queue_team){.team = team, .offer_s = CW_OFFER_S};
        m->team_count++;
    }
    *ret_team = &m->teams[at];
    return 0;
}

struct cw_queue_team *cw_queue_team_find(const struct cw_queue_model *m, uint32_t team)
{
    const uint32_t at = team_place(m, team);

    return at < m->team_count && m->teams[at].team == team ? &m->teams[at] : NULL;
}

void cw_queue_team_remove(struct cw_queue_model *m, uint32_t team)
{
    const uint32_t at = team_place(m, team);

    if (at == m->team_count || m->teams[at].team != team)
        return;
    memmove(&m->teams[at], &m->teams[at + 1], (m->team_count - at - 1) * sizeof *m->teams);
    m->team_count--;
}

/* ---- counts ---------------------------------------------------------------------------------- */

void cw_queue_count(struct cw_queue_model *m, uint64_t now_ms)
{
    for (uint32_t i = 0; i < m->rep_count; i++) {
        m->reps[i].session_count = 0;
        m->reps[i].offer = 0;
    }
    for (uint32_t i = 0; i < m->team_count; i++) {
        m->teams[i].waiting_count = 0;
        m->teams[i].has_able = false;
    }
    for (uint32_t i = 0; i < m->session_count; i++) {
        const struct cw_queue_session *s = m->sessions[i];
        struct cw_queue_rep *owner = NULL;
        struct cw_queue_rep *offered = NULL;
        struct cw_queue_team *team = NULL;
        if (s->row->state == CW_SESSION_ACTIVE)
            owner = cw_queue_rep_find(m, s->row->account);
        else if (s->row->state == CW_SESSION_WAITING && s->row->team != 0)
            team = cw_queue_team_find(m, s->row->team);
        if (s->offered_to != 0)
            offered = cw_queue_rep_find(m, s->offered_to);
        if (owner != NULL)
            owner->session_count++;
        if (team != NULL)
            team->waiting_count++;
        if (offered != NULL)
            offered->offer = s->row->id;
    }
    for (uint32_t i = 0; i < m->rep_count; i++) {
        const struct cw_queue_rep *rep = &m->reps[i];
        if (!cw_queue_is_able(rep, now_ms))
            continue;
        for (uint32_t k = 0; k < rep->team_count; k++) {
            struct cw_queue_team *team = cw_queue_team_find(m, rep->teams[k].team);
            if (team != NULL)
                team->has_able = true;
        }
    }
}

/* ---- skills ---------------------------------------------------------------------------------- */

int cw_skill_place(const struct cw_queue_model *m, uint32_t id)
{
    for (int i = 0; id != 0 && i < CW_SKILLS_MAX; i++)
        if (m->skills[i].id == id)
            return i;
    return -1;
}

uint32_t cw_skill_root(const struct cw_queue_model *m, uint32_t id)
{
    int at = cw_skill_place(m, id);

    /* A tree is at most CW_SKILL_DEPTH_MAX deep; the bound keeps a broken one from looping. */
    for (int i = 0; i < CW_SKILL_DEPTH_MAX && at >= 0 && m->skills[at].parent != 0; i++)
        at = cw_skill_place(m, m->skills[at].parent);
    return at >= 0 ? m->skills[at].id : 0;
}

bool cw_skill_has(const struct cw_queue_model *m, const struct cw_skill_set *set, uint32_t id)
{
    const int at = cw_skill_place(m, id);

    return at >= 0 && (set->words[at / 64] >> (at % 64) & 1) != 0;
}

void cw_skill_put(const struct cw_queue_model *m, struct cw_skill_set *set, uint32_t id)
{
    int at = cw_skill_place(m, id);

    for (int i = 0; i < CW_SKILL_DEPTH_MAX && at >= 0; i++) {
        set->words[at / 64] |= UINT64_C(1) << (at % 64);
        at = cw_skill_place(m, m->skills[at].parent);
    }
}
