/* SPDX-License-Identifier: Apache-2.0 */
/* engine/session.h - who takes part in a session, with which permissions, from the first join to the end.
 *
 * Owner:     the worker that session mod workers names; participants belong to their session.
 * Thread:    that worker's.
 * Units:     ns, in the names.
 * Errors:    cw_session_join: an enum cw_close_code.
 * Limits:    CW_PARTICIPANTS_PER_SESSION_MAX, CW_RELAY_SESSIONS_MAX, CW_RELAY_PARTICIPANTS_MAX.
 * Invariant: cw_session_check: connected counts the participants that have a connection; the source is one of
 *            them; a session is EMPTY exactly when connected == 0.
 *
 *   first join -> LIVE <-> EMPTY -> (grace over) ENDED
 *                  \---> ENDED (SESSION_END, END_SESSION)
 */
#ifndef CW_ENGINE_SESSION_H
#define CW_ENGINE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/list.h"
#include "engine/base/timer.h"
#include "engine/conn.h"
#include "engine/fanout.h"

enum cw_session_state {
    CW_SESSION_LIVE,
    CW_SESSION_EMPTY,
    CW_SESSION_ENDED,
    CW_SESSION_STATE_COUNT
};

struct cw_session;

/* What fan-out looks at for each frame stands first. */
struct cw_participant {
    struct cw_list node;  /* in session->participants */
    struct cw_conn *conn; /* NULL: not connected now */
    uint64_t permissions;
    struct cw_viewer viewer;
    struct cw_session *session;
    uint32_t number;
    uint8_t role;
    bool mask_is_controls; /* control set the permissions: they outrank a ticket's */
    bool in_snapshot;
    bool is_wanted;
    uint16_t stream_count;  /* streams that it is an end of */
    uint32_t windows_bytes; /* what it granted their other ends, all together */
    uint64_t withdrawn_ns; /* when this connection lost a permission; 0: never */
};

struct cw_session {
    struct cw_list node; /* in worker->session_list */
    struct cw_list participants;
    struct cw_list streams;
    uint32_t stream_count;
    struct cw_timer grace;
    struct cw_timer sync; /* fan-out's: syncs, acknowledgements, reviews */
    enum cw_session_state state;
    uint32_t number;
    uint32_t participant_count;
    uint32_t connected;
    struct cw_participant *source;
    struct cw_fanout fanout;
    struct cw_recorder *recorder; /* NULL: it is not recorded */
    bool in_snapshot;
    bool is_wanted;
};

bool cw_session_is_mine(const struct cw_worker *w, uint32_t number);
struct cw_session *cw_session_find(struct cw_worker *w, uint32_t number);
struct cw_participant *cw_session_participant(struct cw_session *s, uint32_t number);
/* The connection becomes the participant of the ticket; WELCOME is queued. */
uint16_t cw_session_join(struct cw_worker *w, struct cw_conn *c, const struct cw_ticket *ticket);
/* The participant's connection is going. */
void cw_session_leave(struct cw_worker *w, struct cw_conn *c, uint16_t code);
/* Everybody is told and closed; control hears SESSION_OVER; no byte is relayed after it. by: 0 nobody. */
void cw_session_end(struct cw_worker *w, struct cw_session *s, uint32_t by, uint16_t code,
                    const char *text, size_t text_bytes);
/* Also for a participant that is not connected yet. */
void cw_session_set_permissions(struct cw_worker *w, struct cw_session *s, uint32_t participant,
                                uint64_t permissions);
void cw_session_remove(struct cw_worker *w, struct cw_session *s, uint32_t participant,
                       uint16_t code);
void cw_session_check(const struct cw_session *s);
/* Frees it and its participants; connections must have left. */
void cw_session_free(struct cw_worker *w, struct cw_session *s);

#endif
