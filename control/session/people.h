/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/people.h - representatives come into a session, change what they are in it, and leave.
 *
 * Owner:     live participants are their session's; pointers are valid until somebody is seated.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store; CW_ERR_FULL: the session has as many people as it can have. Nothing
 *            changed unless 0.
 * Limits:    CW_PARTICIPANTS_PER_SESSION_MAX, also over a session's life.
 * Invariant: an active session has one owner; whoever has left holds no ticket that is good.
 */
#ifndef CW_CONTROL_SESSION_PEOPLE_H
#define CW_CONTROL_SESSION_PEOPLE_H

#include "control/queue/rules.h"
#include "control/session/session.h"

/* One who comes, or comes again: what is to be stored with it in one transaction. */
struct cw_seating {
    uint32_t account; /* 0: the operator, or EXTERNAL */
    const char *name;
    enum cw_relation relation;
    uint64_t permissions;    /* EXTERNAL: all it may have */
    uint32_t session_policy; /* of an invitation */
    const uint8_t *holder_key;
    const struct cw_queue_change *change; /* TAKE or OWNER, or NULL */
    const char *action;                   /* of the audit row */
    const char *detail;
    const char *line;                                                    /* for the chat, or NULL */
    int (*more)(struct cw_control *c, void *user, uint32_t participant); /* in the transaction */
    void *user;
};

int cw_session_seat(struct cw_control *c, const struct cw_actor *actor,
                    struct cw_live_session *session, const struct cw_seating *seating,
                    struct cw_session_joined *ret);
/* Somebody who is in the session becomes its owner, who was it stays as one who was invited. */
int cw_session_set_owner(struct cw_control *c, const struct cw_actor *actor,
                         struct cw_live_session *session, uint32_t account, const char *action,
                         const char *line);
/* Out of the session: not the owner. code: what the engine tells it. */
int cw_session_unseat(struct cw_control *c, const struct cw_actor *actor,
                      struct cw_live_session *session, struct cw_live_participant *p,
                      const char *action, const char *line);
/* The session waits in another queue, or again: every representative leaves it, and open invitations
 * end. */
int cw_session_move(struct cw_control *c, const struct cw_actor *actor,
                    struct cw_live_session *session, const struct cw_queue_change *change,
                    const char *action, const char *line);
/* Sends what everybody may do now, with new resume tickets where that is less than before. */
void cw_session_refresh_people(struct cw_control *c, struct cw_live_session *session);
/* sessions_changed to everybody who takes part. */
void cw_session_tell(struct cw_control *c, struct cw_live_session *session);
/* The account takes part, has it in its queue, or leads a team that it belongs to. */
bool cw_session_may_see(struct cw_control *c, struct cw_live_session *session, uint32_t account);
/* Leads: the owner's lead or the lead of the team whose queue it came from. */
bool cw_session_may_lead(struct cw_control *c, struct cw_live_session *session, uint32_t account);

#endif
