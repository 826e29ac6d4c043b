/* SPDX-License-Identifier: Apache-2.0 */
/* The source's cursor: kept for viewers that come later, and only the newest for those that are slow. */
#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/session.h"
#include "engine/worker_state.h"

enum { SHAPE_HEADER_BYTES = 8 };

static void forget_shape(struct cw_worker *w, struct cw_fanout *o)
{
    for (unsigned i = 0; i < o->shape_count; i++)
        cw_frame_unref(&w->frames, o->shape[i]);
    o->shape_count = 0;
    o->shape_is_whole = false;
}

void cw_fanout_cursor_forget(struct cw_worker *w, struct cw_session *s)
{
    forget_shape(w, &s->fanout);
    cw_frame_unref(&w->frames, s->fanout.position);
    s->fanout.position = NULL;
}

static void keep_shape(struct cw_worker *w, struct cw_fanout *o, struct cw_frame_buffer *f)
{
    if ((f->frame.flags & CW_FLAG_FIRST) != 0)
        forget_shape(w, o);
    else if (o->shape_count == 0)
        return; /* it was cut too small to be kept */
    if (o->shape_count == CW_SESSION_SHAPE_FRAMES_MAX) {
        forget_shape(w, o);
        return;
    }
    cw_frame_ref(f);
    o->shape[o->shape_count++] = f;
    o->shape_is_whole = (f->frame.flags & CW_FLAG_LAST) != 0;
}

static void keep_position(struct cw_worker *w, struct cw_fanout *o, struct cw_frame_buffer *f)
{
    cw_frame_unref(&w->frames, o->position);
    cw_frame_ref(f);
    o->position = f;
}

/* A shape brings as many pixels as it states. What does not is stopped here, so that a source that
 * lies cannot make its viewers' ends fail. */
static bool shape_is_legal(struct cw_fanout *o, struct cw_frame_buffer *f)
{
    if ((f->frame.flags & CW_FLAG_FIRST) != 0) {
        struct cw_reader r = cw_reader_of(cw_frame_payload(f), f->frame.length);
        uint32_t width_px = cw_read_u16(&r);
        uint32_t height_px = cw_read_u16(&r);
        (void)cw_read_u32(&r); /* where it points */
        if (r.failed || width_px > CW_CURSOR_SIDE_PX_MAX || height_px > CW_CURSOR_SIDE_PX_MAX)
            return false;
        o->shape_left = SHAPE_HEADER_BYTES + width_px * height_px * 4;
    }
    if (f->frame.length > o->shape_left)
        return false;
    o->shape_left -= f->frame.length;
    return (f->frame.flags & CW_FLAG_LAST) == 0 || o->shape_left == 0;
}

/* Whether a message that begins is for this viewer. One with much waiting gets only the newest shape: those that
 * have not begun make room for it. */
static bool begins_for(struct cw_worker *w, struct cw_participant *p, struct cw_frame_buffer *f)
{
    if (p->viewer.sync == CW_VIEWER_BLOCKED)
        return false; /* it gets the newest when it takes again */
    if ((f->frame.flags & CW_FLAG_DROPPABLE) != 0)
        return cw_conn_reliable_bytes(p->conn) <= CW_RELAY_DROPPABLE_QUEUE_BYTES_MAX;
    if (f->frame.type != CW_MESSAGE_CURSOR_SHAPE ||
        cw_conn_queued_bytes(p->conn, CW_CHANNEL_CURSOR) <= CW_RELAY_DROPPABLE_QUEUE_BYTES_MAX)
        return true;
    w->counters.dropped[CW_DROP_SUPERSEDED]++;
    (void)cw_conn_clear_messages(w, p->conn, CW_CHANNEL_CURSOR);
    if (p->session->fanout.position != NULL)
        cw_conn_send(w, p->conn, p->session->fanout.position);
    return p->conn != NULL;
}

void cw_fanout_cursor(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    struct cw_fanout *o = &s->fanout;
    bool is_first = (f->frame.flags & CW_FLAG_FIRST) != 0;
    if (f->frame.type == CW_MESSAGE_CURSOR_SHAPE && !shape_is_legal(o, f)) {
        cw_conn_close(w, s->source->conn, CW_CLOSE_MALFORMED, NULL, 0);
        return;
    }
    if (!cw_record_frame(w, s, s->source->number, false, f))
        return;
    if (f->frame.type == CW_MESSAGE_CURSOR_SHAPE)
        keep_shape(w, o, f);
    else
        keep_position(w, o, f);
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (!cw_fanout_is_viewer(s, p))
            continue;
        if (is_first)
            p->viewer.takes_cursor = begins_for(w, p, f);
        if (p->conn != NULL && p->viewer.takes_cursor)
            cw_conn_send(w, p->conn, f);
        else if (is_first)
            w->counters.dropped[CW_DROP_SLOW]++;
    }
}

void cw_fanout_cursor_to(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_fanout *o = &p->session->fanout;
    /* A shape that is still coming goes on for it too. */
    p->viewer.takes_cursor = o->shape_count > 0 && !o->shape_is_whole;
    if (o->position != NULL && p->conn != NULL)
        cw_conn_send(w, p->conn, o->position);
    for (unsigned i = 0; i < o->shape_count && p->conn != NULL; i++)
        cw_conn_send(w, p->conn, o->shape[i]);
}
