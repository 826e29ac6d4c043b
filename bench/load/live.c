/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/live.h"

#include <stdlib.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

enum { PICTURE_BYTES = 64 };
#define RETRY_NS UINT64_C(100000000)

static struct cw_live *live; /* one a process */

static uint64_t interval_ns(const struct cw_load *l)
{
    return (uint64_t)(1e9 / l->options->rate_per_s);
}

static void press(struct cw_screen_session *s)
{
    const struct cw_key key = {.keysym = (uint32_t)++s->input, .down = 1};
    uint8_t payload[8];
    size_t size = 0;
    s->input_ns = s->next_ns;
    s->next_ns += interval_ns(s->load);
    int err = cw_key_encode(&key, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "a key event can be made");
    cw_endpoint_send(&s->viewers[0].endpoint, CW_MESSAGE_KEY, payload, size);
}

/* Keys may overtake their answers, so each takes its time along: input_ns is that of the newest. */
static void input(struct cw_screen_session *s, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_key key;
    uint64_t now_ns = cw_loop_now_ns();
    if (f->type != CW_MESSAGE_KEY) {
        if (live->events != NULL)
            live->events->source(s, f, payload);
        return;
    }
    if (cw_key_decode(payload, f->length, &key) != CW_OK || key.keysym > (uint32_t)s->input) {
        s->load->tally->corrupt++;
        cw_load_fail(s->load, "session %u: the source received a key that nobody pressed",
                     (unsigned)s->source.session);
        return;
    }
    uint64_t behind = (uint32_t)s->input - key.keysym;
    uint64_t pressed_ns = s->input_ns - behind * interval_ns(s->load);
    if (cw_load_counts(s->load) && now_ns > pressed_ns)
        cw_histogram_add(&s->load->tally->latency[CW_LIVE_ONE_WAY], now_ns - pressed_ns);
    cw_screen_send(s, pressed_ns, PICTURE_BYTES);
}

static void message(struct cw_screen_viewer *v, const struct cw_pattern *p, size_t bytes)
{
    struct cw_load *l = v->session->load;
    uint64_t now_ns = cw_loop_now_ns();
    (void)bytes;
    if (!cw_load_counts(l))
        return;
    l->tally->messages++;
    if (now_ns > p->time_ns)
        cw_histogram_add(&l->tally->latency[live->which], now_ns - p->time_ns);
}

static void lost(struct cw_screen_session *s, struct cw_endpoint *e, int code, const char *why)
{
    struct cw_load *l = s->load;
    uint64_t none = 0;
    (void)code;
    if (atomic_load(&l->shared->phase) > CW_PHASE_MEASURE)
        return;
    if (!live->may_be_lost || l->phase != CW_PHASE_MEASURE)
        cw_load_fail(l, "session %u, %s: %s", (unsigned)e->session, cw_role_name(e->role), why);
    (void)atomic_compare_exchange_strong(&l->shared->outage_ns, &none, cw_loop_now_ns());
    unsigned i = (unsigned)(s - live->screen->sessions);
    live->up -= live->is_up[i];
    live->is_up[i] = false;
    s->next_ns = UINT64_MAX;
    live->retry_ns = cw_loop_now_ns() + RETRY_NS;
}

static void ready(struct cw_screen_session *s)
{
    if (live->events != NULL)
        live->events->ready(s);
}

static void other(struct cw_screen_viewer *v, const struct cw_frame *f, const uint8_t *payload)
{
    if (live->events != NULL)
        live->events->viewer(v, f, payload);
}

static void drained(struct cw_screen_viewer *v)
{
    if (live->events != NULL)
        live->events->drained(v);
}

static const struct cw_screen_events events = {.ready = ready,
                                               .message = message,
                                               .input = input,
                                               .other = other,
                                               .viewer_drained = drained,
                                               .lost = lost};

void cw_live_start(struct cw_live *v, struct cw_load *l, unsigned count, bool may_be_lost)
{
    *v = (struct cw_live){.may_be_lost = may_be_lost};
    live = v;
    v->is_up = calloc(count != 0 ? count : 1, sizeof *v->is_up);
    CW_CHECK(v->is_up != NULL, "the load has memory for its sessions");
    v->screen = cw_screen_start(l, count, 1, &events);
    for (unsigned i = 0; i < count; i++)
        v->screen->sessions[i].next_ns = UINT64_MAX;
}

static void dial_again(struct cw_screen_session *s)
{
    struct cw_endpoint *viewer = &s->viewers[0].endpoint;
    if (s->source.pipe == NULL)
        (void)cw_screen_dial(s, &s->source); /* its WELCOME dials the viewer */
    else if (s->source.is_welcome && viewer->pipe == NULL)
        (void)cw_screen_dial(s, viewer);
}

uint64_t cw_live_step(struct cw_live *v, uint64_t now_ns)
{
    struct cw_screen *c = v->screen;
    struct cw_load *l = c->load;
    uint64_t next_ns = cw_screen_step(c, now_ns);
    bool may_retry = v->retry_ns != 0 && now_ns >= v->retry_ns;
    for (unsigned i = 0; i < c->dialled; i++) {
        struct cw_screen_session *s = &c->sessions[i];
        bool is_whole = s->in_sync == 1 && s->source.is_welcome;
        if (is_whole && !v->is_up[i]) {
            v->is_up[i] = true;
            v->up++;
            s->next_ns = now_ns + interval_ns(l) * i / c->count;
            l->tally->back_ns = now_ns;
        } else if (!is_whole && may_retry) {
            dial_again(s);
        }
        while (v->is_up[i] && s->next_ns <= now_ns)
            press(s);
        next_ns = next_ns < s->next_ns ? next_ns : s->next_ns;
    }
    if (may_retry)
        v->retry_ns = v->up < c->count ? now_ns + RETRY_NS : 0;
    return v->retry_ns != 0 && v->retry_ns < next_ns ? v->retry_ns : next_ns;
}
