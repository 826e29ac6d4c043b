/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/model.h - sessions, representatives and teams as the rules of queues see them.
 *
 * Nothing here knows the store, engines or consoles: rules look at the model and name a change, somebody
 * stores and audits it, and cw_queue_apply makes it so. Control does that with its store, the simulation
 * of a morning without one; both run the same rules.
 *
 * Owner:     rows belong to whoever lists them (live sessions, a simulation); the model owns its lists,
 *            representatives, teams and skills.
 * Thread:    any one; pure: no clock, no randomness.
 * Units:     Unix milliseconds, seconds where the name says so.
 * Errors:    CW_ERR_NOMEM, CW_ERR_FULL.
 * Limits:    CW_SKILLS_MAX, CW_SESSION_SKILLS_MAX, CW_ASKED_MAX, CW_TEAMS_OF_ACCOUNT_MAX.
 * Invariant: a session is in exactly one place: it waits in one team's queue, or in one account's, or one
 *            account has it. It is offered to at most one representative, who has at most one offer.
 */
#ifndef CW_CONTROL_QUEUE_MODEL_H
#define CW_CONTROL_QUEUE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/store/store.h"

enum { CW_SKILL_WORDS = CW_SKILLS_MAX / 64 };

enum cw_availability { CW_AVAILABLE = 0, CW_BUSY = 1, CW_AWAY = 2, CW_AVAILABILITY_COUNT };

struct cw_skill {
    uint32_t id;     /* 0: a free place */
    uint32_t parent; /* 0: a root */
    uint32_t rank;   /* among all roots, or among the parent's: 1 is the highest */
    char name[CW_NAME_SIZE];
};

/* Bits by place in the model's skills. */
struct cw_skill_set {
    uint64_t words[CW_SKILL_WORDS];
};

struct cw_queue_session {
    struct cw_session *row;
    uint32_t offered_to; /* account; 0: to nobody */
    uint64_t offer_until_ms;
    uint32_t asked[CW_ASKED_MAX]; /* who refused or let an offer time out since it came here */
    uint32_t asked_count;
    uint32_t needs[CW_SESSION_SKILLS_MAX]; /* skills, as numbers */
    uint32_t need_count;
    uint32_t position; /* cw_queue_rank */
};

struct cw_queue_membership {
    uint32_t team;
    uint8_t role; /* enum cw_team_role */
};

struct cw_queue_rep {
    uint32_t account;
    bool is_present; /* a console is connected */
    bool is_opted_out;
    bool is_locked;     /* its screen */
    bool may_take_team; /* the right to take sessions from a team's queue */
    enum cw_availability availability;
    uint32_t status_code;   /* a custom status; 0: none */
    uint64_t input_ms;      /* last sign of life */
    uint64_t free_since_ms; /* the last time it got or ended a session, or came */
    uint32_t sessions_max;  /* automatic assignment stops there */
    uint32_t idle_limit_s;  /* 0: never too idle */
    struct cw_queue_membership teams[CW_TEAMS_OF_ACCOUNT_MAX];
    uint32_t team_count;
    struct cw_skill_set skills; /* with the parents of each */
    /* Counted from the sessions by cw_queue_count. */
    uint32_t session_count;
    uint32_t offer; /* session; 0: none */
};

struct cw_queue_team {
    uint32_t team;
    bool is_persistent; /* its sessions wait for as long as it takes */
    bool is_automatic;  /* Equilibrium assigns */
    uint32_t offer_s;
    uint32_t overdue_s;      /* 0: never */
    uint32_t overflow_team;  /* 0: none */
    uint32_t overflow_s;     /* 0: not by time */
    uint32_t overflow_count; /* how many may wait; 0: not by number */
    uint32_t alert_count;    /* its leads hear when so many wait; 0: never */
    bool is_alerted;         /* they have, and it has not become fewer since */
    uint64_t taken_ms;       /* when the last session was taken from it */
    uint64_t interval_ms;    /* smoothed time between two that were taken; 0: not known yet */
    /* Counted by cw_queue_count. */
    uint32_t waiting_count;
    bool has_able;
};

struct cw_queue_model {
    struct cw_queue_session **sessions; /* sorted by number */
    struct cw_queue_session **order;    /* scratch of the rules, as long */
    uint32_t session_count;
    uint32_t session_room;
    struct cw_queue_rep *reps; /* sorted by account */
    uint32_t rep_count;
    uint32_t rep_room;
    struct cw_queue_team *teams; /* sorted by team */
    uint32_t team_count;
    uint32_t team_room;
    struct cw_skill skills[CW_SKILLS_MAX];
};

void cw_queue_model_free(struct cw_queue_model *m);

int cw_queue_session_add(struct cw_queue_model *m, struct cw_queue_session *session);
void cw_queue_sessions_clear(struct cw_queue_model *m);
void cw_queue_session_remove(struct cw_queue_model *m, uint32_t id);
struct cw_queue_session *cw_queue_session_find(const struct cw_queue_model *m, uint32_t id);

/* Found or made (absent, available, in no team). The pointer is valid until the next one is made. */
int cw_queue_rep_make(struct cw_queue_model *m, uint32_t account, struct cw_queue_rep **ret_rep);
struct cw_queue_rep *cw_queue_rep_find(const struct cw_queue_model *m, uint32_t account);
void cw_queue_rep_remove(struct cw_queue_model *m, uint32_t account);
/* CW_TEAM_NONE (0) when it is in no such team. */
uint8_t cw_queue_role(const struct cw_queue_rep *rep, uint32_t team);

int cw_queue_team_make(struct cw_queue_model *m, uint32_t team, struct cw_queue_team **ret_team);
struct cw_queue_team *cw_queue_team_find(const struct cw_queue_model *m, uint32_t team);
void cw_queue_team_remove(struct cw_queue_model *m, uint32_t team);

/* Sets what is counted from the sessions. The rules below expect it to be right. */
void cw_queue_count(struct cw_queue_model *m, uint64_t now_ms);

/* The place of a skill, or -1. */
int cw_skill_place(const struct cw_queue_model *m, uint32_t id);
/* The root above it, itself when it is one. */
uint32_t cw_skill_root(const struct cw_queue_model *m, uint32_t id);
bool cw_skill_has(const struct cw_queue_model *m, const struct cw_skill_set *set, uint32_t id);
/* Puts a skill and those above it into the set. */
void cw_skill_put(const struct cw_queue_model *m, struct cw_skill_set *set, uint32_t id);

#endif
