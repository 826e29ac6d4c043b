/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/screen.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

enum {
    UNSENT_BYTES_MAX = 128 * 1024,
    WIDTH_PX = 640,
    HEIGHT_PX = 480,
    SLOW_BYTES = 16 * 1024, /* at each interval: 320 KB/s */
};
#define SLOW_INTERVAL_NS UINT64_C(50000000)

static const uint64_t source_permissions =
    CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(SHELL) | CW_PERMIT(FILE);
static const uint64_t viewer_permissions =
    CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(SHELL) | CW_PERMIT(FILE);

static struct cw_screen_session *session_of(const struct cw_endpoint *e)
{
    return e->role == CW_ROLE_REPRESENTATIVE ? ((struct cw_screen_viewer *)e->owner)->session
                                             : e->owner;
}

static void send_screen(struct cw_screen_session *s, uint8_t flags, uint64_t now_ns, size_t bytes)
{
    const struct cw_pattern p = {
        .sequence = s->sequence, .time_ns = now_ns, .session = s->source.session};
    size_t payload = bytes - CW_FRAME_HEADER_BYTES;
    uint8_t *at = cw_endpoint_reserve(&s->source, CW_MESSAGE_SCREEN_UPDATE,
                                      (uint8_t)(CW_FLAG_FIRST | CW_FLAG_LAST | flags), 0, payload);
    cw_pattern_write(&p, at, payload);
    cw_endpoint_commit(&s->source, payload);
}

void cw_screen_send(struct cw_screen_session *s, uint64_t now_ns, size_t bytes)
{
    if (s->source.pipe == NULL)
        return;
    send_screen(s, 0, now_ns, bytes);
    s->sequence++;
    if (cw_load_counts(s->load))
        s->load->tally->sent_messages++;
}

void cw_screen_fill(struct cw_screen_session *s)
{
    const struct cw_options *o = s->load->options;
    while (s->source.pipe != NULL && s->sequence - s->acknowledged < o->window &&
           cw_pipe_unsent(s->source.pipe) < UNSENT_BYTES_MAX)
        cw_screen_send(s, cw_loop_now_ns(), o->size);
}

/* ---- the source --------------------------------------------------------------------------------- */

static void source_frame(struct cw_endpoint *e, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_screen_session *s = e->owner;
    const struct cw_screen *c = s->load->state;
    if (f->type == CW_MESSAGE_SYNC_REQUEST) {
        send_screen(s, CW_FLAG_KEYFRAME, cw_loop_now_ns(), s->load->options->size);
        if (cw_load_counts(s->load))
            s->load->tally->resyncs++;
    } else if (f->type == CW_MESSAGE_SCREEN_ACK) {
        uint32_t ack = (uint32_t)payload[0] | (uint32_t)payload[1] << 8 |
                       (uint32_t)payload[2] << 16 | (uint32_t)payload[3] << 24;
        s->acknowledged += ack - (uint32_t)s->acknowledged;
        if (c->events->may_send != NULL)
            c->events->may_send(s);
    } else if (c->events->input != NULL) {
        c->events->input(s, f, payload);
    }
}

static void dial_viewers(struct cw_screen_session *s)
{
    for (unsigned i = 0; i < s->viewer_count; i++) {
        if (s->viewers[i].endpoint.pipe == NULL)
            (void)cw_screen_dial(s, &s->viewers[i].endpoint);
    }
}

static void source_welcome(struct cw_endpoint *e)
{
    struct cw_screen_session *s = e->owner;
    const struct cw_screen_reset reset = {.width_px = WIDTH_PX,
                                          .height_px = HEIGHT_PX,
                                          .desktop_width_px = WIDTH_PX,
                                          .desktop_height_px = HEIGHT_PX,
                                          .update = (uint32_t)s->sequence};
    uint8_t payload[12];
    size_t size = 0;
    s->load->tally->connections++;
    int err = cw_screen_reset_encode(&reset, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "a reset can be made");
    cw_endpoint_send(e, CW_MESSAGE_SCREEN_RESET, payload, size);
    send_screen(s, CW_FLAG_KEYFRAME, cw_loop_now_ns(), s->load->options->size);
    dial_viewers(s);
}

static void source_drained(struct cw_endpoint *e)
{
    struct cw_screen_session *s = e->owner;
    const struct cw_screen *c = s->load->state;
    if (c->events->may_send != NULL)
        c->events->may_send(s);
}

/* ---- the viewers -------------------------------------------------------------------------------- */

static void acknowledge(struct cw_screen_viewer *v, uint64_t sequence)
{
    uint8_t payload[4] = {(uint8_t)sequence, (uint8_t)(sequence >> 8), (uint8_t)(sequence >> 16),
                          (uint8_t)(sequence >> 24)};
    v->unacknowledged = 0;
    cw_endpoint_send(&v->endpoint, CW_MESSAGE_SCREEN_ACK, payload, sizeof payload);
}

static void viewer_keyframe(struct cw_screen_viewer *v, const struct cw_pattern *p)
{
    struct cw_screen_session *s = v->session;
    struct cw_screen *c = s->load->state;
    v->next_sequence = p->sequence;
    if (v->is_in_sync)
        return;
    v->is_in_sync = true;
    s->in_sync++;
    if (s->in_sync == s->viewer_count && !s->is_ready) {
        s->is_ready = true;
        c->ready++;
        s->load->tally->ready++;
        if (c->events->ready != NULL)
            c->events->ready(s);
    }
}

static void viewer_frame(struct cw_endpoint *e, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_screen_viewer *v = e->owner;
    struct cw_load *l = v->session->load;
    const struct cw_screen *c = l->state;
    struct cw_pattern p;
    if (f->type != CW_MESSAGE_SCREEN_UPDATE) {
        if (c->events->other != NULL)
            c->events->other(v, f, payload);
        return;
    }
    if (cw_pattern_read(payload, f->length, &p) != CW_OK || p.session != e->session) {
        l->tally->corrupt++;
        cw_load_fail(l, "session %u: a viewer received bytes that nobody sent",
                     (unsigned)e->session);
        return;
    }
    if ((f->flags & CW_FLAG_KEYFRAME) != 0) {
        viewer_keyframe(v, &p);
        return;
    }
    if (p.sequence != v->next_sequence) {
        l->tally->lost++;
        cw_load_fail(l, "session %u: a viewer in sync expected update %llu and received %llu",
                     (unsigned)e->session, (unsigned long long)v->next_sequence,
                     (unsigned long long)p.sequence);
        return;
    }
    v->next_sequence++;
    if (++v->unacknowledged >= (l->options->window + 3) / 4)
        acknowledge(v, v->next_sequence);
    c->events->message(v, &p, CW_FRAME_HEADER_BYTES + f->length);
}

static void viewer_welcome(struct cw_endpoint *e)
{
    session_of(e)->load->tally->connections++;
}

static void viewer_drained(struct cw_endpoint *e)
{
    struct cw_screen_viewer *v = e->owner;
    const struct cw_screen *c = v->session->load->state;
    if (c->events->viewer_drained != NULL)
        c->events->viewer_drained(v);
}

/* ---- both --------------------------------------------------------------------------------------- */

static void closed(struct cw_endpoint *e, int code, const char *why)
{
    struct cw_screen_session *s = session_of(e);
    const struct cw_screen *c = s->load->state;
    bool is_stalled = e->role == CW_ROLE_REPRESENTATIVE &&
                      ((struct cw_screen_viewer *)e->owner)->kind == CW_VIEWER_STALLED;
    s->load->tally->closed++;
    if (c->events->lost != NULL)
        c->events->lost(s, e, code, why);
    else if (!is_stalled && atomic_load(&s->load->shared->phase) <= CW_PHASE_MEASURE)
        cw_load_fail(s->load, "session %u, %s: %s", (unsigned)e->session, cw_role_name(e->role),
                     why);
}

static const struct cw_endpoint_events source_events = {
    .welcome = source_welcome, .frame = source_frame, .drained = source_drained, .closed = closed};
static const struct cw_endpoint_events viewer_events = {
    .welcome = viewer_welcome, .frame = viewer_frame, .drained = viewer_drained, .closed = closed};

int cw_screen_dial(struct cw_screen_session *s, struct cw_endpoint *e)
{
    if (e->role == CW_ROLE_REPRESENTATIVE) {
        struct cw_screen_viewer *v = e->owner;
        s->in_sync -= v->is_in_sync;
        v->is_in_sync = false;
    }
    int err = cw_endpoint_connect(e, &s->load->net, &s->load->options->to);
    if (err != CW_OK)
        cw_load_fail(s->load, "%s", s->load->net.message);
    return err;
}

static void session_init(struct cw_screen_session *s, struct cw_load *l, uint32_t number,
                         unsigned viewers)
{
    const struct cw_options *o = l->options;
    *s = (struct cw_screen_session){.load = l, .viewer_count = viewers};
    s->source = (struct cw_endpoint){.events = &source_events,
                                     .keys = l->keys,
                                     .owner = s,
                                     .ticket_kind = CW_TICKET_KIND_RESUME,
                                     .role = CW_ROLE_UNATTENDED,
                                     .session = number,
                                     .participant = 1,
                                     .permissions = source_permissions};
    s->viewers = calloc(viewers, sizeof *s->viewers);
    CW_CHECK(s->viewers != NULL, "the load has memory for its sessions");
    for (unsigned i = 0; i < viewers; i++) {
        struct cw_screen_viewer *v = &s->viewers[i];
        v->session = s;
        v->kind = i + o->stalled >= viewers             ? CW_VIEWER_STALLED
                  : i + o->stalled + o->slow >= viewers ? CW_VIEWER_SLOW
                                                        : CW_VIEWER_LIVE;
        v->endpoint = (struct cw_endpoint){
            .events = &viewer_events,
            .keys = l->keys,
            .owner = v,
            .ticket_kind = CW_TICKET_KIND_RESUME,
            .role = CW_ROLE_REPRESENTATIVE,
            .session = number,
            .participant = 2 + i,
            .permissions = viewer_permissions,
            .recv_bytes_max = v->kind != CW_VIEWER_LIVE ? SLOW_BYTES : 0,
        };
    }
}

struct cw_screen *cw_screen_start(struct cw_load *l, unsigned count, unsigned viewers,
                                  const struct cw_screen_events *events)
{
    struct cw_screen *c = calloc(1, sizeof *c);
    CW_CHECK(c != NULL, "the load has memory for its sessions");
    *c = (struct cw_screen){.load = l, .events = events, .count = count};
    c->sessions = calloc(count != 0 ? count : 1, sizeof *c->sessions);
    CW_CHECK(c->sessions != NULL, "the load has memory for its sessions");
    for (unsigned i = 0; i < count; i++)
        session_init(&c->sessions[i], l, l->options->first + cw_load_number(l, i), viewers);
    l->state = c;
    return c;
}

static uint64_t step_slow(struct cw_screen_session *s, uint64_t now_ns)
{
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < s->viewer_count; i++) {
        struct cw_screen_viewer *v = &s->viewers[i];
        if (v->kind == CW_VIEWER_LIVE || v->endpoint.pipe == NULL)
            continue;
        if (!v->is_in_sync) {
            cw_pipe_recv_once(v->endpoint.pipe);
            next_ns = now_ns + SLOW_INTERVAL_NS / 50;
        } else if (v->kind == CW_VIEWER_SLOW) {
            if (v->next_recv_ns <= now_ns) {
                cw_pipe_recv_once(v->endpoint.pipe);
                v->next_recv_ns = now_ns + SLOW_INTERVAL_NS;
            }
            next_ns = next_ns < v->next_recv_ns ? next_ns : v->next_recv_ns;
        }
    }
    return next_ns;
}

uint64_t cw_screen_step(struct cw_screen *c, uint64_t now_ns)
{
    const struct cw_options *o = c->load->options;
    uint64_t next_ns = UINT64_MAX;
    while (c->dialled < c->count && c->dialled - c->ready < cw_load_concurrency(c->load) &&
           atomic_load(&c->load->tally->failed) == 0) {
        struct cw_screen_session *s = &c->sessions[c->dialled++];
        (void)cw_screen_dial(s, &s->source);
    }
    if (o->slow + o->stalled != 0) {
        for (unsigned i = 0; i < c->dialled; i++) {
            uint64_t at_ns = step_slow(&c->sessions[i], now_ns);
            next_ns = next_ns < at_ns ? next_ns : at_ns;
        }
    }
    return next_ns;
}
