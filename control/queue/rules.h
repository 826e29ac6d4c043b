/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/rules.h - the rules of queues: who is next, what is due, where a lost session goes.
 *
 * Each rule looks at a model whose counts are right (cw_queue_count) and names one change, or none.
 * Order in a queue: the highest priority first, then who has waited longest in it, then the number.
 *
 * Owner:     the model is the caller's.
 * Thread:    any one; pure.
 * Units:     Unix milliseconds.
 * Errors:    none: a rule that does not apply gives false.
 * Invariant: a session that overflowed does not overflow again until a person transfers it, so queues
 *            that overflow into each other cannot send it in circles.
 */
#ifndef CW_CONTROL_QUEUE_RULES_H
#define CW_CONTROL_QUEUE_RULES_H

#include "control/queue/model.h"

enum cw_queue_change_kind {
    CW_QUEUE_NOTHING,
    CW_QUEUE_TAKE,     /* account has it now */
    CW_QUEUE_MOVE,     /* it waits in to; asked anew, no rule is spent */
    CW_QUEUE_OVERFLOW, /* the same, by rule */
    CW_QUEUE_OWNER,    /* from one representative who takes part to another */
    CW_QUEUE_OFFER,    /* to account, until until_ms */
    CW_QUEUE_TIME_OUT, /* account did not answer its offer */
    CW_QUEUE_REFUSE,   /* account does not want it */
    CW_QUEUE_WITHDRAW, /* account cannot take its offer any more; it may be asked again */
    CW_QUEUE_MANUAL,   /* everybody was asked: it waits for somebody to take it */
    CW_QUEUE_OVERDUE,  /* it waits too long */
    CW_QUEUE_PRIORITY, /* to.team is not looked at; priority is */
    CW_QUEUE_END,
};

struct cw_queue_change {
    enum cw_queue_change_kind kind;
    uint32_t session;
    struct cw_place to;
    uint32_t account;
    uint64_t until_ms;
    enum cw_priority priority;
    const char *why; /* constant, for the audit row; NULL: nothing to add */
};

/* The row as it will be. It is stored before cw_queue_apply. */
struct cw_session cw_queue_row_after(const struct cw_session *row,
                                     const struct cw_queue_change *change, uint64_t now_ms);
/* Makes the change in the model, the row included. An END only takes the offer back: whoever owns
 * the row removes it. */
void cw_queue_apply(struct cw_queue_model *m, const struct cw_queue_change *change,
                    uint64_t now_ms);
/* A session of the account is over, or began without a queue. */
void cw_queue_touch(struct cw_queue_model *m, uint32_t account, uint64_t now_ms);

bool cw_place_is(struct cw_place a, struct cw_place b);
bool cw_place_is_set(struct cw_place place);
/* Where a waiting session waits; not set for others. */
struct cw_place cw_queue_place(const struct cw_session *row);
/* < 0: a is before b. */
int cw_queue_compare(const struct cw_queue_session *a, const struct cw_queue_session *b);

/* May be given sessions: there, available, not opted out, locked or idle for too long. */
bool cw_queue_is_able(const struct cw_queue_rep *rep, uint64_t now_ms);
bool cw_queue_was_asked(const struct cw_queue_session *s, uint32_t account);
/* It waits in a queue of the representative, and is not just offered to somebody else. */
bool cw_queue_may_take(const struct cw_queue_rep *rep, const struct cw_queue_session *s);
/* It waits in a queue of the representative. */
bool cw_queue_may_see(const struct cw_queue_rep *rep, const struct cw_queue_session *s);

/* Get Next: the first of all queues the representative may take from; NULL: none waits. */
struct cw_queue_session *cw_queue_next(const struct cw_queue_model *m,
                                       const struct cw_queue_rep *rep);
/* 1: the first of its queue; 0: it does not wait. */
uint32_t cw_queue_position(const struct cw_queue_model *m, const struct cw_queue_session *s);
/* Sets the position of every session at once: what a listing of many of them needs. */
void cw_queue_rank(struct cw_queue_model *m);
/* From the pace at which sessions were taken; 0: nobody can tell. */
uint64_t cw_queue_estimate_ms(const struct cw_queue_model *m, const struct cw_queue_session *s);
/* The same when the position is known. */
uint64_t cw_queue_estimate_at_ms(const struct cw_queue_model *m, const struct cw_queue_session *s,
                                 uint32_t position);

/* What time brings next: offers that are over, overflow, overdue, assignments. One at a time: store,
 * apply, count, and ask again until it is false. */
bool cw_queue_due(struct cw_queue_model *m, uint64_t now_ms, struct cw_queue_change *ret);

/* The next team in whose queue as many wait as its leads want to hear of; NULL: none. It is named once,
 * until fewer wait. */
struct cw_queue_team *cw_queue_alert_due(struct cw_queue_model *m);

/* ---- a lost representative ------------------------------------------------------------------- */

struct cw_fallback_rules { /* [0] unattended, [1] attended */
    bool last_queue[2];
    bool entered_queue[2];
    bool designated_queue[2];
    uint32_t team; /* the designated one; 0: none */
};

struct cw_fallback_facts {
    uint32_t sharing;    /* account of who shares the session for the longest time; 0: nobody */
    bool is_last_usable; /* the queues still exist */
    bool is_entered_usable;
    bool is_before_usable;
};

/* The representative is gone for good: the longest-sharing one has it; else a persistent queue gets
 * it back; else the last queue, the one it entered, the designated one, as the rules allow; else it
 * ends. */
struct cw_queue_change cw_queue_lost(const struct cw_queue_model *m,
                                     const struct cw_queue_session *s,
                                     const struct cw_fallback_rules *rules,
                                     const struct cw_fallback_facts *facts);
/* The owner of a personal queue does not want it: the queue before, the designated one, or its end.
 * In a team's queue, the representative is not asked again. */
struct cw_queue_change cw_queue_declined(const struct cw_queue_model *m,
                                         const struct cw_queue_session *s, uint32_t account,
                                         const struct cw_fallback_rules *rules,
                                         const struct cw_fallback_facts *facts);

#endif
