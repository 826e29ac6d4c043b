/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/event.h - EVENT messages to consoles (API.md, "Events").
 *
 * Thread:    the state thread.
 * Errors:    none: a console that misses an event asks again when it connects.
 * Limits:    CW_EVENT_BYTES_MAX, CW_EVENT_INTERVAL_MS.
 */
#ifndef CW_CONTROL_SESSION_EVENT_H
#define CW_CONTROL_SESSION_EVENT_H

#include "control/state.h"

/* Takes the reference; account 0: everybody. */
void cw_event_send(struct cw_control *c, uint32_t account, json_t *event);
/* "queue_changed" or "sessions_changed", to one account. */
void cw_event_changed(struct cw_control *c, uint32_t account, const char *type);
/* Merged, to everybody; sent by cw_event_flush. */
void cw_event_jump_items_changed(struct cw_control *c);
/* To everybody who can take it from there. */
void cw_event_session_waiting(struct cw_control *c, struct cw_place place,
                              const struct cw_live_session *session);
/* To everybody who takes part, or has it in the queue. */
/* What events about a waiting session have in common; the caller's. */
json_t *cw_event_of_session(struct cw_control *c, const char *type,
                            const struct cw_live_session *session);
/* Automatic assignment does not ask that account any more; 0: it asked nobody. */
void cw_event_offer_over(struct cw_control *c, uint32_t account, uint32_t session,
                         const char *reason);
void cw_event_session_ended(struct cw_control *c, const struct cw_live_session *session);
void cw_event_signed_out(struct cw_control *c, uint32_t account, const char *text);
void cw_event_flush(struct cw_control *c);
/* An account opened an event stream. */
void cw_event_console_up(struct cw_control *c, uint32_t account);
/* Drops the consoles of accounts that have no valid sign-in any more. */
void cw_event_check_consoles(struct cw_control *c, uint64_t now_ms);

#endif
