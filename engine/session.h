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

enum cw_session_state {
    CW_SESSION_LIVE,
    CW_SESSION_EMPTY,
    CW_SESSION_ENDED,
    CW_SESSION_STATE_COUNT
};

enum cw_viewer_sync {
    CW_VIEWER_OUT,     /* waits for a keyframe */
    CW_VIEWER_JOINING, /* a keyframe is being taken */
    CW_VIEWER_IN,
};

/* The largest cursor in full frames; a source that cuts it smaller has its shape not kept. */
enum {
    CW_SESSION_SHAPE_FRAMES_MAX =
        (8 + CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4) / CW_FRAME_PAYLOAD_BYTES_MAX + 1
};

struct cw_session;

struct cw_participant {
    struct cw_list node; /* in session->participants */
    struct cw_session *session;
    struct cw_conn *conn; /* NULL: not connected now */
    uint32_t number;
    uint8_t role;
    uint8_t sync;          /* enum cw_viewer_sync */
    bool takes_screen;     /* frames of the current screen message are for it */
    bool takes_cursor;     /* the same for the cursor channel */
    bool mask_is_controls; /* control set the permissions: they outrank a ticket's */
    bool in_snapshot;
    bool is_wanted;
    uint64_t permissions;
};

struct cw_session {
    struct cw_list node; /* in worker->session_list */
    struct cw_list participants;
    struct cw_timer grace;
    struct cw_timer sync;
    enum cw_session_state state;
    uint32_t number;
    uint32_t participant_count;
    uint32_t connected;
    struct cw_participant *source;
    /* The source's last SCREEN_RESET and CURSOR_SHAPE, for viewers that come later. */
    struct cw_frame_buffer *reset;
    struct cw_frame_buffer *shape[CW_SESSION_SHAPE_FRAMES_MAX];
    unsigned shape_count;
    bool shape_is_whole;
    uint32_t shape_left;  /* bytes that the CURSOR_SHAPE under way must still bring */
    bool keyframe_is_due; /* one was asked for and has not begun */
    bool has_ack;
    uint32_t ack;
    uint64_t ack_ns; /* when it was passed on */
    uint64_t sync_sent_ns; /* 0: never */
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

/* ---- fanout.c: from the source to its viewers, and what viewers send to the source --------------- */
void cw_fanout_frame(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f,
                     uint64_t receiver_needs);
void cw_fanout_to_source(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f);
void cw_fanout_ack(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f);
/* A viewer came or was given the screen. */
void cw_fanout_viewer_in(struct cw_worker *w, struct cw_participant *p);
/* A viewer lost the screen: what waits for it is dropped. */
void cw_fanout_viewer_out(struct cw_worker *w, struct cw_participant *p);
/* The source's connection is a new one or gone: nothing it had begun goes on. */
void cw_fanout_source_changed(struct cw_worker *w, struct cw_session *s);
void cw_fanout_release_all(struct cw_worker *w, struct cw_session *s);
void cw_fanout_on_sync_timer(struct cw_worker *w, struct cw_session *s);

#endif
