/* SPDX-License-Identifier: Apache-2.0 */
/* The source's screen and cursor to every viewer, each at its own pace; the viewers' input to the source. */
#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/session.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"

enum { CW_CURSOR_SHAPE_HEADER_BYTES = 8 };

static const uint64_t ms_ns = UINT64_C(1000000);

static bool is_viewer(const struct cw_session *s, const struct cw_participant *p)
{
    return p->conn != NULL && p != s->source && (p->permissions & CW_PERMIT(VIEW_SCREEN)) != 0;
}

static bool somebody_is_out(struct cw_session *s)
{
    CW_LIST_EACH(node, &s->participants)
    {
        const struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (is_viewer(s, p) && p->sync == CW_VIEWER_OUT)
            return true;
    }
    return false;
}

/* Asks the source for a keyframe: at once, then at most every interval, for all viewers together. */
static void request_sync(struct cw_worker *w, struct cw_session *s)
{
    const uint64_t interval_ns = w->settings.sync_interval_ms * ms_ns;
    if (s->source == NULL || s->keyframe_is_due)
        return;
    if (s->sync_sent_ns != 0 && w->now_ns - s->sync_sent_ns < interval_ns) {
        cw_timer_set(&w->timers, &s->sync, s->sync_sent_ns + interval_ns);
        return;
    }
    const uint8_t rendition = 0;
    s->keyframe_is_due = true;
    s->sync_sent_ns = w->now_ns;
    w->counters.syncs_requested++;
    cw_timer_set(&w->timers, &s->sync, w->now_ns + CW_RELAY_SYNC_RETRY_MS * ms_ns);
    cw_conn_send_message(w, s->source->conn, CW_MESSAGE_SYNC_REQUEST, &rendition, sizeof rendition);
}

void cw_fanout_on_sync_timer(struct cw_worker *w, struct cw_session *s)
{
    s->keyframe_is_due = false;
    if (somebody_is_out(s))
        request_sync(w, s);
}

/* A viewer may make the relay hold this much; less when all viewers together leave little. */
static uint64_t queue_limit(const struct cw_worker *w)
{
    uint64_t left = (uint64_t)(w->frames.large.count - w->frames.large.used) * CW_FRAME_BYTES_MAX;
    uint64_t share = left / 4;
    uint64_t most = w->settings.viewer_queue_bytes;
    return share < most ? share : most;
}

/* Whole messages go; one that is partly sent goes on to its end. */
static void drop_out(struct cw_worker *w, struct cw_participant *p)
{
    p->takes_screen = cw_conn_clear_messages(w, p->conn, CW_CHANNEL_SCREEN);
    p->sync = CW_VIEWER_OUT;
}

static void send_screen(struct cw_worker *w, struct cw_session *s, struct cw_participant *p,
                        struct cw_frame_buffer *f)
{
    cw_conn_send(w, p->conn, f);
    if (p->conn == NULL)
        return; /* it was closed over it */
    if (cw_conn_queued_bytes(p->conn, CW_CHANNEL_SCREEN) > queue_limit(w) &&
        p->sync != CW_VIEWER_OUT) {
        w->counters.viewers_dropped_out++;
        drop_out(w, p);
        request_sync(w, s);
    }
    if ((f->frame.flags & CW_FLAG_LAST) != 0) {
        p->takes_screen = false;
        if (p->sync == CW_VIEWER_JOINING)
            p->sync = CW_VIEWER_IN;
    }
}

static void fan_update(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    bool is_first = (f->frame.flags & CW_FLAG_FIRST) != 0;
    bool is_keyframe = (f->frame.flags & CW_FLAG_KEYFRAME) != 0;
    if (is_first && is_keyframe)
        s->keyframe_is_due = false;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (!is_viewer(s, p))
            continue;
        if (is_first) {
            p->takes_screen = p->sync == (is_keyframe ? CW_VIEWER_OUT : CW_VIEWER_IN);
            if (p->takes_screen && is_keyframe)
                p->sync = CW_VIEWER_JOINING;
        }
        if (p->takes_screen)
            send_screen(w, s, p, f);
    }
    /* Who came while the keyframe was under way still waits for one. */
    if (is_keyframe && (f->frame.flags & CW_FLAG_LAST) != 0 && somebody_is_out(s))
        request_sync(w, s);
}

static void fan_reset(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    struct cw_screen_reset reset;
    if (cw_screen_reset_decode(cw_frame_payload(f), f->frame.length, &reset) != CW_OK) {
        cw_conn_close(w, s->source->conn, CW_CLOSE_MALFORMED, NULL, 0);
        return;
    }
    cw_frame_unref(&w->frames, s->reset);
    cw_frame_ref(f);
    s->reset = f;
    s->keyframe_is_due = false;
    s->has_ack = false; /* a source may begin to count anew */
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (!is_viewer(s, p))
            continue;
        drop_out(w, p);
        p->takes_screen = false; /* the source was between messages */
        cw_conn_send(w, p->conn, f);
    }
    cw_timer_set(&w->timers, &s->sync, w->now_ns + CW_RELAY_SYNC_AFTER_RESET_MS * ms_ns);
}

static void forget_shape(struct cw_worker *w, struct cw_session *s)
{
    for (unsigned i = 0; i < s->shape_count; i++)
        cw_frame_unref(&w->frames, s->shape[i]);
    s->shape_count = 0;
    s->shape_is_whole = false;
}

static void keep_shape(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    if ((f->frame.flags & CW_FLAG_FIRST) != 0)
        forget_shape(w, s);
    else if (s->shape_count == 0)
        return; /* it was cut too small to be kept */
    if (s->shape_count == CW_SESSION_SHAPE_FRAMES_MAX) {
        forget_shape(w, s);
        return;
    }
    cw_frame_ref(f);
    s->shape[s->shape_count++] = f;
    s->shape_is_whole = (f->frame.flags & CW_FLAG_LAST) != 0;
}

/* A shape brings as many pixels as it states. What does not is stopped here, so that a source that
 * lies cannot make its viewers' ends fail. */
static bool shape_is_legal(struct cw_session *s, struct cw_frame_buffer *f)
{
    if ((f->frame.flags & CW_FLAG_FIRST) != 0) {
        struct cw_reader r = cw_reader_of(cw_frame_payload(f), f->frame.length);
        uint32_t width_px = cw_read_u16(&r);
        uint32_t height_px = cw_read_u16(&r);
        (void)cw_read_u32(&r); /* where it points */
        if (r.failed || width_px > CW_CURSOR_SIDE_PX_MAX || height_px > CW_CURSOR_SIDE_PX_MAX)
            return false;
        s->shape_left = CW_CURSOR_SHAPE_HEADER_BYTES + width_px * height_px * 4;
    }
    if (f->frame.length > s->shape_left)
        return false;
    s->shape_left -= f->frame.length;
    return (f->frame.flags & CW_FLAG_LAST) == 0 || s->shape_left == 0;
}

static void fan_cursor(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    bool may_drop = (f->frame.flags & CW_FLAG_DROPPABLE) != 0;
    if (f->frame.type == CW_MESSAGE_CURSOR_SHAPE) {
        if (!shape_is_legal(s, f)) {
            cw_conn_close(w, s->source->conn, CW_CLOSE_MALFORMED, NULL, 0);
            return;
        }
        keep_shape(w, s, f);
    }
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (!is_viewer(s, p))
            continue;
        if ((f->frame.flags & CW_FLAG_FIRST) != 0)
            p->takes_cursor =
                !may_drop || cw_conn_reliable_bytes(p->conn) <= CW_RELAY_DROPPABLE_QUEUE_BYTES_MAX;
        if (p->takes_cursor)
            cw_conn_send(w, p->conn, f);
        else if (may_drop && (f->frame.flags & CW_FLAG_FIRST) != 0)
            w->counters.messages_dropped++;
    }
}

void cw_fanout_frame(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f,
                     uint64_t receiver_needs)
{
    CW_CHECK(receiver_needs == CW_PERMIT(VIEW_SCREEN), "viewers are those who may see the screen");
    if (f->frame.type == CW_MESSAGE_SCREEN_RESET)
        fan_reset(w, s, f);
    else if (f->frame.channel == CW_CHANNEL_SCREEN)
        fan_update(w, s, f);
    else
        fan_cursor(w, s, f);
}

void cw_fanout_to_source(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    if (s->source == NULL) {
        w->counters.messages_dropped++;
        return;
    }
    if ((f->frame.flags & CW_FLAG_DROPPABLE) != 0 &&
        cw_conn_reliable_bytes(s->source->conn) > CW_RELAY_DROPPABLE_QUEUE_BYTES_MAX) {
        w->counters.messages_dropped++;
        return;
    }
    cw_conn_send(w, s->source->conn, f);
}

void cw_fanout_ack(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    const uint8_t *b = cw_frame_payload(f);
    uint32_t ack =
        (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    /* A viewer may state a number that nobody has sent: after a while any other is news again, or that lie would
     * keep the acknowledgements of all others from the source. */
    bool is_old = s->has_ack && w->now_ns - s->ack_ns < CW_RELAY_ACK_STALE_MS * ms_ns;
    if (s->source == NULL || (is_old && (int32_t)(ack - s->ack) <= 0))
        return;
    s->has_ack = true;
    s->ack = ack;
    s->ack_ns = w->now_ns;
    cw_conn_send(w, s->source->conn, f);
}

void cw_fanout_viewer_in(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_session *s = p->session;
    p->sync = CW_VIEWER_OUT;
    p->takes_screen = false;
    p->takes_cursor = false;
    if (s->reset != NULL)
        cw_conn_send(w, p->conn, s->reset);
    /* A shape that is still coming goes on for it too. */
    p->takes_cursor = s->shape_count > 0 && !s->shape_is_whole;
    for (unsigned i = 0; i < s->shape_count && p->conn != NULL; i++)
        cw_conn_send(w, p->conn, s->shape[i]);
    if (p->conn != NULL)
        request_sync(w, s);
}

void cw_fanout_viewer_out(struct cw_worker *w, struct cw_participant *p)
{
    p->sync = CW_VIEWER_OUT;
    p->takes_screen = false;
    p->takes_cursor = false;
    cw_conn_clear(w, p->conn, CW_CHANNEL_SCREEN);
    cw_conn_clear(w, p->conn, CW_CHANNEL_CURSOR);
}

void cw_fanout_source_changed(struct cw_worker *w, struct cw_session *s)
{
    cw_frame_unref(&w->frames, s->reset);
    s->reset = NULL;
    forget_shape(w, s);
    s->keyframe_is_due = false;
    s->has_ack = false;
    s->sync_sent_ns = 0; /* a new source owes nothing to the limit of the earlier one */
    cw_timer_stop(&s->sync);
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->conn == NULL)
            continue;
        drop_out(w, p);
        p->takes_screen = false; /* nothing that had begun goes on */
        p->takes_cursor = false;
    }
    if (somebody_is_out(s))
        request_sync(w, s);
}

void cw_fanout_release_all(struct cw_worker *w, struct cw_session *s)
{
    if (s->source != NULL)
        cw_conn_send_message(w, s->source->conn, CW_MESSAGE_RELEASE_ALL, NULL, 0);
}
