/* SPDX-License-Identifier: Apache-2.0 */
/* engine/fanout.h - the source's screen and cursor to every viewer, each at its own pace; input to the source.
 *
 * Owner:     the session; frames that are kept for later viewers are held by reference.
 * Thread:    the session's worker's.
 * Units:     ns, bytes.
 * Errors:    a source that breaks the rules is closed; a viewer that cannot keep up falls out of sync and is never
 *            waited for.
 * Limits:    CW_SESSION_SHAPE_FRAMES_MAX, CW_VIEWER_QUEUE_BYTES_MAX, CW_VIEWER_* (relay_limits.h).
 * Invariant: a viewer in sync gets every update of its rendition from its keyframe on; one that is blocked or out
 *            of sync costs a frame no more than a look at its flags.
 */
#ifndef CW_ENGINE_FANOUT_H
#define CW_ENGINE_FANOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/rendition.h"
#include "engine/viewer.h"

/* The largest cursor in full frames; a source that cuts it smaller has its shape not kept. */
enum {
    CW_SESSION_SHAPE_FRAMES_MAX =
        (8 + CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4) / CW_FRAME_PAYLOAD_BYTES_MAX + 1
};

struct cw_worker;
struct cw_session;
struct cw_participant;

struct cw_fanout {
    struct cw_rendition renditions[CW_RENDITION_COUNT];
    uint32_t pacers;    /* viewers that the source follows */
    uint64_t review_ns; /* when viewers of the reduced rendition are looked at; UINT64_MAX: there are none */
    /* The source's last CURSOR_SHAPE and CURSOR_POSITION, for viewers that come later. */
    struct cw_frame_buffer *shape[CW_SESSION_SHAPE_FRAMES_MAX];
    struct cw_frame_buffer *position;
    unsigned shape_count;
    bool shape_is_whole;
    uint32_t shape_left; /* bytes that the CURSOR_SHAPE under way must still bring */
};

void cw_fanout_init(struct cw_session *s);
/* Gives the frames back that it keeps. */
void cw_fanout_free(struct cw_worker *w, struct cw_session *s);
/* How many frames it keeps: for checks. */
unsigned cw_fanout_kept(const struct cw_session *s);

/* ---- fanout.c ---------------------------------------------------------------------------------- */
/* A frame of the source for its viewers. */
void cw_fanout_frame(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f,
                     uint64_t receiver_needs);
void cw_fanout_to_source(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f);
void cw_fanout_ack(struct cw_worker *w, struct cw_participant *p, struct cw_frame_buffer *f);
/* The source says what it can produce. */
void cw_fanout_rendition(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f);
/* A viewer came or was given the screen. */
void cw_fanout_viewer_in(struct cw_worker *w, struct cw_participant *p);
/* A viewer lost the screen: what waits for it is dropped. */
void cw_fanout_viewer_out(struct cw_worker *w, struct cw_participant *p);
/* Somebody left or has another mask: who sets the pace, and what is still needed. */
void cw_fanout_recount(struct cw_worker *w, struct cw_session *s);
/* The kernel took bytes of a participant's connection. */
void cw_fanout_on_sent(struct cw_worker *w, struct cw_participant *p);
/* The source's connection is a new one or gone: nothing it had begun goes on. */
void cw_fanout_source_changed(struct cw_worker *w, struct cw_session *s);
void cw_fanout_release_all(struct cw_worker *w, struct cw_session *s);
void cw_fanout_on_timer(struct cw_worker *w, struct cw_session *s);
/* Asks the source for a keyframe of the full rendition, within the rate that all of the session share. */
void cw_fanout_request_sync(struct cw_worker *w, struct cw_session *s);
/* An acknowledgement that the recorder held back. */
void cw_fanout_send_ack(struct cw_worker *w, struct cw_session *s, uint32_t update);
bool cw_fanout_is_viewer(const struct cw_session *s, const struct cw_participant *p);

/* ---- fanout_cursor.c --------------------------------------------------------------------------- */
void cw_fanout_cursor(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f);
/* What is known of the cursor, to a viewer that does not know it. */
void cw_fanout_cursor_to(struct cw_worker *w, struct cw_participant *p);
void cw_fanout_cursor_forget(struct cw_worker *w, struct cw_session *s);

#endif
