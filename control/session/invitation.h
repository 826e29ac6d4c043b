/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/invitation.h - asking others into a session, and every way such a question ends.
 *
 * An invitation is open until somebody accepts or declines it, its inviter cancels it, leaves the
 * session or transfers it, the session ends, or its time is over.
 *
 * Owner:     rows are in the store; struct cw_invitations_over is freed by whoever collected it.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store; CW_ERR_FULL: CW_INVITATIONS_OPEN_MAX are open.
 * Limits:    CW_INVITATION_*.
 * Invariant: an external key is good once, and never for more than its profile and the customer allow.
 */
#ifndef CW_CONTROL_SESSION_INVITATION_H
#define CW_CONTROL_SESSION_INVITATION_H

#include "control/audit/audit.h"
#include "control/session/session.h"
#include "control/store/store_share.h"

/* What ended in a transaction, to be told after its commit. */
struct cw_invitations_over {
    struct cw_invitation *rows;
    uint32_t count;
};

/* Inside a transaction: ends the open ones of a session (inviter 0: whoever invited). */
int cw_invitations_end(struct cw_control *c, uint32_t session, uint32_t inviter,
                       enum cw_invitation_end end, struct cw_invitations_over *over);
/* invitation_ended to those who were asked, and to who asked. */
void cw_invitations_tell(struct cw_control *c, const struct cw_live_session *session,
                         const struct cw_invitations_over *over);
void cw_invitations_free(struct cw_invitations_over *over);
/* Those whose time is over. */
void cw_invitations_tick(struct cw_control *c, uint64_t now_ms);
/* "cancelled". */
const char *cw_invitation_end_name(enum cw_invitation_end end);

/* Makes one, tells those it is for, and says so in the chat. key: CW_SESSION_KEY_TEXT_BYTES, filled for
 * EXTERNAL. */
int cw_invitation_make(struct cw_control *c, const struct cw_actor *actor,
                       struct cw_live_session *session, struct cw_invitation *invitation,
                       const char *line, char *ret_key);
/* Ends one in a transaction of its own, audited as action. */
int cw_invitation_close(struct cw_control *c, const struct cw_actor *actor,
                        const struct cw_invitation *invitation, enum cw_invitation_end end,
                        const char *action, const char *line);
/* Who was asked comes in. */
int cw_invitation_enter(struct cw_control *c, const struct cw_actor *actor,
                        struct cw_live_session *session, const struct cw_invitation *invitation,
                        uint32_t account, const char *name, const uint8_t *holder_key,
                        struct cw_session_joined *ret);
/* The account is who was asked, or in the team that was. */
bool cw_invitation_is_for(struct cw_control *c, const struct cw_invitation *invitation,
                          uint32_t account);
/* Looks an external key up: CW_ERR_NOT_FOUND, CW_ERR_USED, CW_ERR_EXPIRED. */
int cw_invitation_find_key(struct cw_control *c, const char *text, size_t text_bytes,
                           struct cw_invitation *ret);

/* What a sponsor gave the owner ends when no sponsor is left. */
void cw_session_end_elevation(struct cw_control *c, struct cw_live_session *session);

#endif
