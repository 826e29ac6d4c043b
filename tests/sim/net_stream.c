/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/net_stream.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"

uint64_t net_random_next(uint64_t *state)
{
    /* splitmix64 */
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t net_draw(struct cw_net *net, uint64_t below)
{
    return below == 0 ? 0 : net_random_next(&net->random_state) % below;
}

size_t net_shorten(struct cw_net *net, size_t n)
{
    if (n > 1 && net_draw(net, 1000) < net->options.short_permille) {
        /* Half of the cuts are tiny: that is where parsers break. */
        size_t most = net_draw(net, 2) == 0 && n > 20 ? 20 : n;
        return 1 + (size_t)net_draw(net, most);
    }
    return n;
}

void net_hash(struct cw_net *net, const void *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t h = net->hash;
    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    net->hash = h;
}

void net_hash_u64(struct cw_net *net, uint64_t v)
{
    net_hash(net, &v, sizeof(v));
}

static void stream_clear(struct net_stream *s)
{
    while (s->first != NULL) {
        struct net_segment *g = s->first;
        s->first = g->next;
        free(g);
    }
    s->last = NULL;
    s->unread = 0;
}

struct net_pipe *net_pipe_new(struct cw_net *net, bool is_unix)
{
    struct net_pipe *p = calloc(1, sizeof(*p));
    CW_CHECK(p != NULL, "the test machine has memory");
    p->descriptor = net->next_descriptor;
    net->next_descriptor += 2;
    p->is_unix = is_unix;
    for (int i = 0; i < 2; i++) {
        p->side[i].in.fin_ns = NET_NEVER;
        p->side[i].in.reset_ns = NET_NEVER;
    }
    /* At the end of the list: accept queues are first come, first served. */
    struct net_pipe **at = &net->pipes;
    while (*at != NULL)
        at = &(*at)->next;
    *at = p;
    return p;
}

void net_pipe_settle(struct cw_net *net, struct net_pipe *p)
{
    if (p->side[0].owner != NET_OWNER_GONE || p->side[1].owner != NET_OWNER_GONE)
        return;
    struct net_pipe **at = &net->pipes;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    stream_clear(&p->side[0].in);
    stream_clear(&p->side[1].in);
    free(p);
}

static uint64_t draw_delay(struct cw_net *net, const struct net_pipe *p)
{
    if (p->is_unix)
        return 1000 + net_draw(net, 20000);
    uint64_t min = net->options.delay_min_ns;
    uint64_t max = net->options.delay_max_ns;
    return max > min ? min + net_draw(net, max - min + 1) : min;
}

static uint64_t arrival(struct cw_net *net, const struct net_pipe *p, struct net_stream *s)
{
    uint64_t at = net->now_ns + draw_delay(net, p);
    if (at < s->last_ns)
        at = s->last_ns;
    s->last_ns = at;
    return at;
}

size_t net_pipe_room(const struct cw_net *net, const struct net_pipe *p, unsigned side)
{
    const struct net_side *to = &p->side[!side];
    size_t window = net->options.window_bytes;
    if (to->owner == NET_OWNER_GONE)
        return window;
    return to->in.unread < window ? window - to->in.unread : 0;
}

static void push_segment(struct cw_net *net, struct net_pipe *p, unsigned to, const uint8_t *data,
                         size_t size)
{
    struct net_stream *s = &p->side[to].in;
    struct net_segment *g = malloc(sizeof(*g) + size);
    CW_CHECK(g != NULL, "the test machine has memory");
    *g = (struct net_segment){.arrive_ns = arrival(net, p, s), .size = size};
    memcpy(g->data, data, size);
    if (s->last != NULL)
        s->last->next = g;
    else
        s->first = g;
    s->last = g;
    s->unread += size;
}

size_t net_pipe_send(struct cw_net *net, struct net_pipe *p, unsigned side, const uint8_t *data,
                     size_t size)
{
    unsigned to = !side;
    size_t room = net_pipe_room(net, p, side);
    size_t n = size < room ? size : room;
    if (p->side[to].owner == NET_OWNER_GONE) {
        if (net->now_ns >= p->side[to].linger_until_ns)
            net_pipe_reset(net, p, to);
        return n;
    }
    /* A reset that is on its way overtakes nothing, but no byte is delivered behind it. */
    for (size_t at = 0; at < n && p->side[to].in.reset_ns == NET_NEVER;) {
        size_t piece = net_shorten(net, n - at);
        push_segment(net, p, to, data + at, piece);
        at += piece;
        if (!p->is_unix && net_draw(net, 1000000) < net->options.reset_ppm)
            net_pipe_reset(net, p, (unsigned)net_draw(net, 2));
    }
    return n;
}

static uint64_t reached(const struct net_pipe *p, uint64_t at_ns)
{
    if (p->is_cut || at_ns == NET_NEVER)
        return NET_NEVER;
    return at_ns > p->uncut_ns ? at_ns : p->uncut_ns;
}

size_t net_pipe_take(struct cw_net *net, struct net_pipe *p, unsigned side, uint8_t *out,
                     size_t size)
{
    struct net_stream *s = &p->side[side].in;
    size_t taken = 0;
    size = net_shorten(net, size);
    while (taken < size && s->first != NULL && reached(p, s->first->arrive_ns) <= net->now_ns) {
        struct net_segment *g = s->first;
        size_t n = g->size - g->at < size - taken ? g->size - g->at : size - taken;
        memcpy(out + taken, g->data + g->at, n);
        g->at += n;
        taken += n;
        if (g->at == g->size) {
            s->first = g->next;
            if (s->first == NULL)
                s->last = NULL;
            free(g);
        }
    }
    s->unread -= taken;
    return taken;
}

void net_pipe_finish(struct cw_net *net, struct net_pipe *p, unsigned side)
{
    struct net_stream *s = &p->side[!side].in;
    if (s->fin_ns == NET_NEVER)
        s->fin_ns = arrival(net, p, s);
}

void net_pipe_reset(struct cw_net *net, struct net_pipe *p, unsigned side)
{
    if (p->side[side].in.reset_ns > net->now_ns)
        p->side[side].in.reset_ns = net->now_ns;
    struct net_stream *s = &p->side[!side].in;
    uint64_t at = net->now_ns + draw_delay(net, p);
    if (s->reset_ns > at)
        s->reset_ns = at;
}

void net_pipe_leave(struct cw_net *net, struct net_pipe *p, unsigned side, bool flush)
{
    if (flush && !net_pipe_is_reset(net, p, side))
        net_pipe_finish(net, p, side);
    else
        net_pipe_reset(net, p, side);
    if (side == 1) /* the one that waits to be accepted */
        p->is_waiting = false;
    p->side[side].owner = NET_OWNER_GONE;
    p->side[side].linger_until_ns = net->now_ns + (flush ? NET_LINGER_NS : 0);
    stream_clear(&p->side[side].in);
    net_pipe_settle(net, p);
}

uint64_t net_pipe_due(const struct net_pipe *p, unsigned side)
{
    const struct net_stream *s = &p->side[side].in;
    uint64_t at = s->first != NULL ? s->first->arrive_ns : s->fin_ns;
    if (s->reset_ns < at)
        at = s->reset_ns;
    return reached(p, at);
}

bool net_pipe_is_reset(const struct cw_net *net, const struct net_pipe *p, unsigned side)
{
    return reached(p, p->side[side].in.reset_ns) <= net->now_ns;
}

bool net_pipe_is_finished(const struct cw_net *net, const struct net_pipe *p, unsigned side)
{
    const struct net_stream *s = &p->side[side].in;
    return s->first == NULL && reached(p, s->fin_ns) <= net->now_ns;
}
