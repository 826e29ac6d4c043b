/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fanout.h"

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/session.h"
#include "engine/worker_state.h"

static const uint64_t ms_ns = UINT64_C(1000000);

void cw_fanout_init(struct cw_session *s)
{
    s->fanout = (struct cw_fanout){.review_ns = UINT64_MAX};
    for (unsigned i = 0; i < CW_RENDITION_COUNT; i++)
        cw_rendition_init(&s->fanout.renditions[i]);
}

void cw_fanout_free(struct cw_worker *w, struct cw_session *s)
{
    cw_fanout_cursor_forget(w, s);
    for (unsigned i = 0; i < CW_RENDITION_COUNT; i++) {
        cw_frame_unref(&w->frames, s->fanout.renditions[i].reset);
        cw_rendition_init(&s->fanout.renditions[i]);
    }
}

unsigned cw_fanout_kept(const struct cw_session *s)
{
    unsigned kept = s->fanout.shape_count + (s->fanout.position != NULL);
    for (unsigned i = 0; i < CW_RENDITION_COUNT; i++)
        kept += s->fanout.renditions[i].reset != NULL;
    return kept;
}

bool cw_fanout_is_viewer(const struct cw_session *s, const struct cw_participant *p)
{
    return p->conn != NULL && p != s->source && (p->permissions & CW_PERMIT(VIEW_SCREEN)) != 0;
}

/* ---- what the source is asked for ---------------------------------------------------------------- */

static uint64_t rendition_deadline_ns(const struct cw_rendition *r)
{
    uint64_t at = r->sync_look_ns < r->ack_look_ns ? r->sync_look_ns : r->ack_look_ns;
    uint64_t give_up_ns = r->is_asked && !r->has_answered
                              ? r->asked_ns + CW_RELAY_RENDITION_WAIT_MS * ms_ns
                              : UINT64_MAX;
    return give_up_ns < at ? give_up_ns : at;
}

static void arm(struct cw_worker *w, struct cw_session *s)
{
    uint64_t at = s->fanout.review_ns;
    for (unsigned i = 0; i < CW_RENDITION_COUNT; i++) {
        uint64_t deadline_ns = rendition_deadline_ns(&s->fanout.renditions[i]);
        at = deadline_ns < at ? deadline_ns : at;
    }
    if (at == UINT64_MAX)
        cw_timer_stop(&s->sync);
    else
        cw_timer_set(&w->timers, &s->sync, at);
}

static bool somebody_needs(struct cw_session *s, uint8_t rendition)
{
    CW_LIST_EACH(node, &s->participants)
    {
        const struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (cw_fanout_is_viewer(s, p) && cw_viewer_needs(&p->viewer, rendition))
            return true;
    }
    return rendition == CW_RENDITION_FULL && cw_record_wants_keyframe(s);
}

/* Asks the source for a keyframe: at once, then at most every interval, for all viewers together. */
static void request_sync(struct cw_worker *w, struct cw_session *s, uint8_t rendition)
{
    struct cw_rendition *r = &s->fanout.renditions[rendition];
    if (s->source == NULL || (rendition != CW_RENDITION_FULL && !r->is_asked))
        return;
    bool is_now = cw_rendition_sync(r, w->settings.sync_interval_ms * ms_ns, w->now_ns);
    arm(w, s);
    if (!is_now)
        return;
    w->counters.syncs_requested++;
    cw_conn_send_message(w, s->source->conn, CW_MESSAGE_SYNC_REQUEST, &rendition, sizeof rendition);
}

void cw_fanout_request_sync(struct cw_worker *w, struct cw_session *s)
{
    request_sync(w, s, CW_RENDITION_FULL);
}

static void send_rendition(struct cw_worker *w, struct cw_session *s, uint8_t rendition,
                           bool is_wanted)
{
    struct cw_rendition_note note = {.rendition = rendition, .is_wanted = is_wanted};
    uint8_t payload[4];
    size_t size = 0;
    if (cw_rendition_note_encode(&note, payload, sizeof payload, &size) == CW_OK)
        cw_conn_send_message(w, s->source->conn, CW_MESSAGE_RENDITION, payload, size);
}

/* The reduced rendition is produced while somebody has it or is to get it. */
static void settle_reduced(struct cw_worker *w, struct cw_session *s)
{
    struct cw_rendition *r = &s->fanout.renditions[CW_RENDITION_REDUCED];
    bool is_needed = false;
    CW_LIST_EACH(node, &s->participants)
    {
        const struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        is_needed = is_needed ||
                    (cw_fanout_is_viewer(s, p) && (p->viewer.rendition == CW_RENDITION_REDUCED ||
                                                   p->viewer.wanted == CW_RENDITION_REDUCED));
    }
    if (!is_needed)
        s->fanout.review_ns = UINT64_MAX;
    else if (s->fanout.review_ns == UINT64_MAX)
        s->fanout.review_ns = w->now_ns + CW_RELAY_REVIEW_MS * ms_ns;
    if (s->source != NULL && is_needed != r->is_asked) {
        r->is_asked = is_needed;
        r->has_answered = false;
        r->asked_ns = w->now_ns;
        r->keyframe_is_due = is_needed; /* it begins with one by itself */
        r->sync_look_ns = UINT64_MAX;
        send_rendition(w, s, CW_RENDITION_REDUCED, is_needed);
    } else if (is_needed && somebody_needs(s, CW_RENDITION_REDUCED)) {
        request_sync(w, s, CW_RENDITION_REDUCED);
    }
    arm(w, s);
}

/* The source does not produce the reduced rendition: everybody stays on, or goes back to, the full one. */
static void give_up_reduced(struct cw_worker *w, struct cw_session *s)
{
    struct cw_rendition *r = &s->fanout.renditions[CW_RENDITION_REDUCED];
    r->is_refused = true;
    r->is_asked = false;
    r->sync_look_ns = UINT64_MAX;
    r->ack_look_ns = UINT64_MAX;
    s->fanout.review_ns = UINT64_MAX;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        p->viewer.wanted = CW_RENDITION_FULL;
    }
    arm(w, s);
    if (somebody_needs(s, CW_RENDITION_FULL))
        request_sync(w, s, CW_RENDITION_FULL);
}

void cw_fanout_rendition(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    struct cw_rendition_note note;
    if (cw_rendition_note_decode(cw_frame_payload(f), f->frame.length, &note) != CW_OK)
        return; /* judged before */
    if (note.is_wanted != 0)
        s->fanout.renditions[note.rendition].is_refused = false;
    else
        give_up_reduced(w, s);
}

/* ---- one viewer ---------------------------------------------------------------------------------- */

/* A viewer may make the relay hold this much; less when all viewers together leave little. */
static uint64_t queue_limit(const struct cw_worker *w)
{
    const struct cw_pool *large = &w->frames.of[CW_FRAME_LARGE];
    uint64_t left = (uint64_t)(large->count - large->used) * CW_FRAME_BYTES_MAX;
    uint64_t share = left / 4;
    uint64_t most = w->settings.viewer_queue_bytes;
    return share < most ? share : most;
}

/* Whole messages go; one that is partly sent goes on to its end. True: the kernel has to take something first. */
static bool drop_screen(struct cw_worker *w, struct cw_participant *p)
{
    p->viewer.takes_screen = cw_conn_clear_messages(w, p->conn, CW_CHANNEL_SCREEN);
    return p->conn->is_sending || cw_conn_queued_bytes(p->conn, CW_CHANNEL_SCREEN) > 0;
}

/* Nothing that had begun goes on. */
static void restart(struct cw_worker *w, struct cw_participant *p)
{
    cw_viewer_restart(&p->viewer, drop_screen(w, p) && p->viewer.sync == CW_VIEWER_BLOCKED);
}

static void fall(struct cw_worker *w, struct cw_session *s, struct cw_participant *p)
{
    bool is_blocked = drop_screen(w, p);
    cw_viewer_fall(&p->viewer, is_blocked, w->now_ns);
    w->counters.viewers_dropped_out++;
    if (!is_blocked)
        request_sync(w, s, p->viewer.wanted);
}

static void reduce(struct cw_worker *w, struct cw_session *s, struct cw_participant *p)
{
    if (s->fanout.renditions[CW_RENDITION_REDUCED].is_refused)
        return;
    cw_viewer_reduce(&p->viewer, w->now_ns);
    w->counters.viewers_reduced++;
    settle_reduced(w, s);
}

/* How the viewer keeps up, now that a frame was put into its queue. */
static void look_at(struct cw_worker *w, struct cw_session *s, struct cw_participant *p,
                    const struct cw_rendition *r)
{
    const struct cw_frame_buffer *oldest = cw_conn_oldest(p->conn, CW_CHANNEL_SCREEN);
    if (oldest == NULL)
        return;
    struct cw_viewer_look look = {
        .now_ns = w->now_ns,
        .oldest_ns = oldest->arrived_ns,
        .progress_ns = cw_conn_progress_ns(w, p->conn),
        .bytes = cw_conn_queued_bytes(p->conn, CW_CHANNEL_SCREEN),
        .bytes_max = queue_limit(w),
        .picture_bytes = cw_rendition_picture_bytes(r),
    };
    if (cw_viewer_look(&p->viewer, &look))
        fall(w, s, p);
    if (cw_viewer_is_slow(&p->viewer, w->now_ns))
        reduce(w, s, p);
}

static void send_reset(struct cw_worker *w, struct cw_participant *p, const struct cw_rendition *r)
{
    p->viewer.reset_is_due = false;
    r->reset->arrived_ns = w->now_ns; /* it waits for this viewer from now on */
    cw_conn_send(w, p->conn, r->reset);
}

/* It leaves its rendition for this one: what was under way of the other never ends. */
static void switch_over(struct cw_worker *w, struct cw_participant *p)
{
    cw_conn_clear(w, p->conn, CW_CHANNEL_SCREEN);
    if (p->viewer.rendition == CW_RENDITION_FULL)
        w->counters.viewers_restored++;
}

/* ---- the source's frames ------------------------------------------------------------------------- */

static void update_to(struct cw_worker *w, struct cw_session *s, struct cw_participant *p,
                      struct cw_frame_buffer *f, uint8_t rendition)
{
    struct cw_viewer *v = &p->viewer;
    const struct cw_rendition *r = &s->fanout.renditions[rendition];
    if ((f->frame.flags & CW_FLAG_FIRST) != 0) {
        bool is_switch = false;
        if (!cw_viewer_begin(v, rendition, (f->frame.flags & CW_FLAG_KEYFRAME) != 0, &is_switch)) {
            w->counters.dropped[CW_DROP_OUT_OF_SYNC] += v->rendition == rendition;
            return;
        }
        if (is_switch)
            switch_over(w, p);
        if (v->reset_is_due)
            send_reset(w, p, r);
    }
    if (!v->takes_screen || p->conn == NULL)
        return;
    cw_conn_send(w, p->conn, f);
    if (p->conn == NULL)
        return; /* it was closed over it */
    look_at(w, s, p, r);
    if ((f->frame.flags & CW_FLAG_LAST) != 0) {
        cw_viewer_sent(v, w->now_ns);
        cw_viewer_end(v);
    }
}

static void fan_update(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f,
                       uint8_t rendition)
{
    struct cw_rendition *r = &s->fanout.renditions[rendition];
    if (r->reset == NULL) {
        /* Its reset may have been the frame that could not be recorded: the session is about to end for that. */
        if (!cw_record_is_ending(s))
            cw_conn_close(w, s->source->conn, CW_CLOSE_NOT_NOW, NULL, 0);
        return;
    }
    if (!cw_record_frame(w, s, s->source->number, false, f))
        return; /* what must be recorded and cannot be does not pass */
    cw_rendition_on_update(r, &f->frame, f->size, w->now_ns);
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (cw_fanout_is_viewer(s, p))
            update_to(w, s, p, f, rendition);
    }
    if ((f->frame.flags & CW_FLAG_KEYFRAME) == 0 || (f->frame.flags & CW_FLAG_LAST) == 0)
        return;
    /* Who came while the keyframe was under way still waits for one. */
    if (somebody_needs(s, rendition))
        request_sync(w, s, rendition);
    if (s->fanout.renditions[CW_RENDITION_REDUCED].is_asked)
        settle_reduced(w, s);
}

static void fan_reset(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f,
                      uint8_t rendition)
{
    struct cw_rendition *r = &s->fanout.renditions[rendition];
    struct cw_screen_reset reset;
    bool is_legal =
        cw_screen_reset_decode(cw_frame_payload(f), f->frame.length, &reset) == CW_OK &&
        (rendition != CW_RENDITION_FULL ||
         (reset.width_px == reset.desktop_width_px && reset.height_px == reset.desktop_height_px));
    if (!is_legal) {
        cw_conn_close(w, s->source->conn, CW_CLOSE_MALFORMED, NULL, 0);
        return;
    }
    if (!cw_record_frame(w, s, s->source->number, false, f))
        return;
    cw_frame_unref(&w->frames, r->reset);
    cw_frame_ref(f);
    r->reset = f;
    cw_rendition_on_reset(r, &reset, w->now_ns);
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (!cw_fanout_is_viewer(s, p) || p->viewer.rendition != rendition)
            continue;
        restart(w, p);
        p->viewer.takes_screen = false; /* the source was between messages */
        p->viewer.reset_is_due = p->viewer.sync == CW_VIEWER_BLOCKED;
        if (!p->viewer.reset_is_due)
            send_reset(w, p, r);
    }
    arm(w, s);
}

void cw_fanout_frame(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f,
                     uint64_t receiver_needs)
{
    CW_CHECK(receiver_needs == CW_PERMIT(VIEW_SCREEN), "viewers are those who may see the screen");
    uint8_t rendition =
        (uint8_t)((f->frame.flags & CW_FLAG_RENDITION_MASK) >> CW_FLAG_RENDITION_SHIFT);
    bool is_screen = f->frame.channel == CW_CHANNEL_SCREEN;
    f->arrived_ns = w->now_ns;
    if (rendition >= (is_screen ? CW_RENDITION_COUNT : 1))
        cw_conn_close(w, s->source->conn, CW_CLOSE_MALFORMED, NULL, 0);
    else if (f->frame.type == CW_MESSAGE_SCREEN_RESET)
        fan_reset(w, s, f, rendition);
    else if (is_screen)
        fan_update(w, s, f, rendition);
    else
        cw_fanout_cursor(w, s, f);
}

/* ---- to the source ------------------------------------------------------------------------------- */

void cw_fanout_to_source(struct cw_worker *w, struct cw_session *s, struct cw_frame_buffer *f)
{
    if (s->source == NULL) {
        w->counters.dropped[CW_DROP_NO_SOURCE]++;
        return;
    }
    if ((f->frame.flags & CW_FLAG_DROPPABLE) != 0 &&
        cw_conn_reliable_bytes(s->source->conn) > CW_RELAY_DROPPABLE_QUEUE_BYTES_MAX) {
        w->counters.dropped[CW_DROP_SLOW]++;
        return;
    }
    cw_conn_send(w, s->source->conn, f);
}

static void send_ack(struct cw_worker *w, struct cw_session *s, uint8_t rendition, uint32_t update)
{
    struct cw_screen_ack ack = {.update = update, .rendition = rendition};
    uint8_t payload[5];
    size_t size = 0;
    if (rendition == CW_RENDITION_FULL && cw_record_holds_ack(s, update))
        return;
    if (s->source != NULL && cw_screen_ack_encode(&ack, payload, sizeof payload, &size) == CW_OK)
        cw_conn_send_message(w, s->source->conn, CW_MESSAGE_SCREEN_ACK, payload, size);
}

void cw_fanout_send_ack(struct cw_worker *w, struct cw_session *s, uint32_t update)
{
    send_ack(w, s, CW_RENDITION_FULL, update);
}

void cw_fanout_ack(struct cw_worker *w, struct cw_participant *p, struct cw_frame_buffer *f)
{
    struct cw_session *s = p->session;
    struct cw_screen_ack ack;
    if (cw_screen_ack_decode(cw_frame_payload(f), f->frame.length, &ack) != CW_OK)
        return; /* judged before */
    struct cw_rendition *r = &s->fanout.renditions[ack.rendition];
    /* Only who is shown this rendition now can have shown it. */
    if (p->viewer.sync < CW_VIEWER_JOINING || p->viewer.rendition != ack.rendition)
        return;
    if (r->reset == NULL || (int32_t)(r->newest - ack.update) < 0) {
        w->counters.dropped[CW_DROP_ACK]++;
        return;
    }
    cw_viewer_shown(&p->viewer, ack.update == r->newest, w->now_ns);
    uint64_t look_ns = r->ack_look_ns;
    uint32_t update = 0;
    if (cw_rendition_ack(r, ack.update, p->viewer.is_pacer, s->fanout.pacers > 0, w->now_ns,
                         &update))
        send_ack(w, s, ack.rendition, update);
    else if (r->ack_look_ns != look_ns)
        arm(w, s);
}

void cw_fanout_release_all(struct cw_worker *w, struct cw_session *s)
{
    if (s->source != NULL)
        cw_conn_send_message(w, s->source->conn, CW_MESSAGE_RELEASE_ALL, NULL, 0);
}

/* ---- who comes and goes -------------------------------------------------------------------------- */

void cw_fanout_viewer_in(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_session *s = p->session;
    struct cw_rendition *r = &s->fanout.renditions[CW_RENDITION_FULL];
    cw_viewer_init(&p->viewer);
    cw_fanout_recount(w, s);
    if (r->reset != NULL)
        send_reset(w, p, r);
    if (p->conn != NULL)
        cw_fanout_cursor_to(w, p);
    if (p->conn != NULL)
        request_sync(w, s, CW_RENDITION_FULL);
}

void cw_fanout_viewer_out(struct cw_worker *w, struct cw_participant *p)
{
    cw_viewer_init(&p->viewer);
    cw_conn_clear(w, p->conn, CW_CHANNEL_SCREEN);
    cw_conn_clear(w, p->conn, CW_CHANNEL_CURSOR);
}

void cw_fanout_recount(struct cw_worker *w, struct cw_session *s)
{
    s->fanout.pacers = 0;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        p->viewer.is_pacer =
            cw_fanout_is_viewer(s, p) && (p->permissions & CW_PERMIT(CONTROL_INPUT)) != 0;
        s->fanout.pacers += p->viewer.is_pacer;
    }
    if (s->fanout.renditions[CW_RENDITION_REDUCED].is_asked)
        settle_reduced(w, s);
}

void cw_fanout_on_sent(struct cw_worker *w, struct cw_participant *p)
{
    struct cw_session *s = p->session;
    if (p->viewer.sync != CW_VIEWER_BLOCKED || !cw_fanout_is_viewer(s, p) ||
        cw_conn_queued_bytes(p->conn, CW_CHANNEL_SCREEN) > 0)
        return;
    cw_viewer_drained(&p->viewer);
    cw_fanout_cursor_to(w, p);
    if (p->conn != NULL)
        request_sync(w, s, p->viewer.wanted);
}

void cw_fanout_source_changed(struct cw_worker *w, struct cw_session *s)
{
    cw_fanout_free(w, s);
    cw_record_source_changed(s);
    s->fanout.review_ns = UINT64_MAX;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->conn == NULL)
            continue;
        restart(w, p);
        p->viewer.takes_screen = false; /* nothing that had begun goes on */
        p->viewer.takes_cursor = false;
        p->viewer.reset_is_due = false;
        p->viewer.rendition = CW_RENDITION_FULL;
        p->viewer.wanted = CW_RENDITION_FULL;
    }
    arm(w, s);
    cw_fanout_recount(w, s);
    if (somebody_needs(s, CW_RENDITION_FULL))
        request_sync(w, s, CW_RENDITION_FULL);
}

/* ---- time ---------------------------------------------------------------------------------------- */

static void review(struct cw_worker *w, struct cw_session *s)
{
    bool has_returned = false;
    s->fanout.review_ns = UINT64_MAX;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (!cw_fanout_is_viewer(s, p))
            continue;
        bool is_idle =
            !p->conn->is_sending && cw_conn_queued_bytes(p->conn, CW_CHANNEL_SCREEN) == 0;
        has_returned = cw_viewer_review(&p->viewer, is_idle, w->now_ns) || has_returned;
    }
    if (has_returned)
        request_sync(w, s, CW_RENDITION_FULL);
    settle_reduced(w, s);
}

static void rendition_on_timer(struct cw_worker *w, struct cw_session *s, uint8_t rendition)
{
    struct cw_rendition *r = &s->fanout.renditions[rendition];
    uint32_t update = 0;
    if (r->sync_look_ns <= w->now_ns) {
        r->sync_look_ns = UINT64_MAX;
        r->keyframe_is_due = false;
        if (somebody_needs(s, rendition))
            request_sync(w, s, rendition);
    }
    if (r->ack_look_ns <= w->now_ns && cw_rendition_ack_due(r, w->now_ns, &update))
        send_ack(w, s, rendition, update);
    if (r->is_asked && !r->has_answered &&
        w->now_ns - r->asked_ns >= CW_RELAY_RENDITION_WAIT_MS * ms_ns)
        give_up_reduced(w, s);
}

void cw_fanout_on_timer(struct cw_worker *w, struct cw_session *s)
{
    for (unsigned i = 0; i < CW_RENDITION_COUNT; i++)
        rendition_on_timer(w, s, (uint8_t)i);
    if (s->fanout.review_ns <= w->now_ns)
        review(w, s);
    arm(w, s);
}
