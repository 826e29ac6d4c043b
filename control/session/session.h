/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/session.h - the life of a session: started, accepted, attended, ended.
 *
 *   (key entered) --> WAITING --accept--> ACTIVE --end, SESSION_OVER, absent too long--> ENDED
 *                        ^-- transfer, owner absent too long (rules) --/
 *   (Jump)        ----------------------> ACTIVE
 *
 *   WAITING  in a team's queue or an account's; nobody but the source may be in it
 *   ACTIVE   has an owner, and others who share it (people.h); permissions follow the customer's answer
 *            about each of them (key) or are whole (Jump)
 *   ENDED    in the store only; its tickets are denied
 *
 * Owner:     live sessions are struct cw_control's; pointers are valid until the session ends.
 * Thread:    the state thread.
 * Errors:    those of the store; CW_ERR_FULL, CW_ERR_NOMEM. Nothing changed unless 0.
 */
#ifndef CW_CONTROL_SESSION_SESSION_H
#define CW_CONTROL_SESSION_SESSION_H

#include "control/audit/audit.h"
#include "control/link/link_server.h"
#include "control/state.h"

struct cw_session_joined {
    uint32_t session;
    uint8_t ticket[CW_TICKET_BYTES];
    char survey[CW_TOKEN_TEXT_BYTES + 1]; /* of a customer; empty: nothing is asked */
};

/* ---- session.c ------------------------------------------------------------------------------- */

/* A Jump to an item that is online. The caller checked that, and policies: how is what cw_jump_check gave. */
int cw_session_start_jump(struct cw_control *c, const struct cw_actor *actor,
                          const struct cw_account *account, const struct cw_jump_item *item,
                          const struct cw_session_jump *how, const uint8_t *holder_key,
                          struct cw_session_joined *ret);
/* What a customer comes with. */
struct cw_session_guest {
    const char *name;
    const char *platform;
    const uint8_t *holder_key;
    bool is_browser;
};
/* A customer with a good key: a session that waits, or the running one that the key belongs to. */
int cw_session_start_key(struct cw_control *c, const struct cw_actor *actor,
                         const struct cw_session_key *key, const struct cw_session_guest *guest,
                         struct cw_session_joined *ret);
/* The representative takes a waiting session. */
int cw_session_accept(struct cw_control *c, const struct cw_actor *actor,
                      struct cw_live_session *session, const struct cw_account *account,
                      const uint8_t *holder_key, struct cw_session_joined *ret);
/* A new ticket for whoever has an active session; older ones are denied. CW_ERR_STATE: it waits. */
int cw_session_join(struct cw_control *c, const struct cw_actor *actor,
                    struct cw_live_session *session, const uint8_t *holder_key,
                    struct cw_session_joined *ret);
/* The same for any representative who takes part. */
int cw_session_join_again(struct cw_control *c, const struct cw_actor *actor,
                          struct cw_live_session *session, const struct cw_live_participant *p,
                          const uint8_t *holder_key, struct cw_session_joined *ret);
/* Another representative, who sees and chats and does nothing else; again for a new connection. account 0:
 * the operator. */
int cw_session_watch(struct cw_control *c, const struct cw_actor *actor,
                     struct cw_live_session *session, uint32_t account, const char *name,
                     const uint8_t *holder_key, struct cw_session_joined *ret);
/* Ends it at once, in the engine too when tell_engine; a store that cannot be written learns it
 * later. session is not valid afterwards. */
void cw_session_end(struct cw_control *c, struct cw_live_session *session,
                    const struct cw_actor *actor, uint16_t code, const char *text,
                    bool tell_engine);
/* What consent and policies leave of what somebody in that place could do. */
uint64_t cw_session_permissions(struct cw_control *c, struct cw_live_session *session,
                                const struct cw_live_participant *participant);
int cw_session_issue(struct cw_control *c, struct cw_live_session *session,
                     const struct cw_live_participant *participant, uint8_t kind, uint8_t *out);
/* Sends SESSION_OFFER to the item's Jump Client when it is online. */
void cw_session_offer(struct cw_control *c, struct cw_live_session *session);
/* Of the live sessions those at the places from..to - 1, from behind: those that end move only who has had its turn. */
void cw_session_tick(struct cw_control *c, uint64_t now_ms, uint32_t from, uint32_t to);

/* ---- session_presence.c ---------------------------------------------------------------------- */

void cw_session_on_up(struct cw_control *c, struct cw_control_link *link,
                      const struct cw_link_message *m);
void cw_session_on_down(struct cw_control *c, const struct cw_link_message *m);
void cw_session_on_over(struct cw_control *c, const struct cw_link_message *m);
void cw_session_on_consent(struct cw_control *c, const struct cw_link_message *m);
/* Looks who is away for too long; true: the session has ended over it and is not valid any more. */
bool cw_session_ends_by_absence(struct cw_control *c, struct cw_live_session *session,
                                uint64_t now_ms);
/* The owner is gone for good: the session goes where the rules of a lost representative send it. The chat says
 * what ("did not come back"); when the session ends, that is why ("did not connect in time."). True: it is over
 * and not valid any more. */
bool cw_session_lose(struct cw_control *c, struct cw_live_session *session,
                     struct cw_live_participant *owner, const char *what, const char *ending);
/* Policies or accounts changed: what representatives may do follows at once, and tickets that say more are denied. */
void cw_session_recheck(struct cw_control *c, struct cw_live_session *session);
/* A line of the appliance in the chat, and its audit row. The session goes on when they cannot be stored. */
void cw_session_note(struct cw_control *c, struct cw_live_session *session,
                     const struct cw_actor *actor, const char *action, const char *text);
/* Resume tickets that are due, consent that was not stored. */
void cw_session_refresh(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms);
/* After a snapshot was answered: everything a participant of it may have missed. */
void cw_session_catch_up(struct cw_control *c, struct cw_live_session *session);

/* ---- session_source.c ------------------------------------------------------------------------ */

/* What a page in a browser can do for nobody: it gives a picture away, and chats. */
#define CW_SESSION_BROWSER_LACKS                                                              \
    (CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(SHELL) | CW_PERMIT(CLIPBOARD) | CW_PERMIT(SYSTEM) | \
     CW_PERMIT(FILE) | CW_PERMIT(TUNNEL))

/* What nobody may do in the session because its source cannot. */
uint64_t cw_session_source_lacks(struct cw_live_session *session);
bool cw_session_is_browser(struct cw_live_session *session);
/* Another program becomes the customer of the running session: the one before is shut out as soon as
 * that connects, and everything that the customer allowed is asked anew. CW_ERR_EXPIRED: it is over. */
int cw_session_replace_source(struct cw_control *c, const struct cw_actor *actor,
                              const struct cw_session_key *key,
                              const struct cw_session_guest *guest, struct cw_session_joined *ret);

/* ---- session_chat.c -------------------------------------------------------------------------- */

void cw_chat_on_say(struct cw_control *c, const struct cw_link_message *m);
/* Inside a transaction: a line of the appliance itself. text must live until it was sent. */
int cw_chat_store_system(struct cw_control *c, const struct cw_live_session *session,
                         const char *text, struct cw_chat_row *ret_line);
/* The same; a chat that is full goes without the line. */
int cw_chat_store_line(struct cw_control *c, const struct cw_live_session *session,
                       const char *text, struct cw_chat_row *ret_line, bool *ret_has_line);
void cw_chat_send(struct cw_live_session *session, uint32_t participant,
                  const struct cw_chat_row *line);
void cw_chat_send_history(struct cw_control *c, struct cw_live_session *session,
                          uint32_t participant);
/* Lines that were said while the store could not be written. */
void cw_chat_retry(struct cw_control *c);

#endif
