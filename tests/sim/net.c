/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/net.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "tests/sim/net_stream.h"

int cw_net_new(const struct cw_net_options *options, struct cw_net **ret_net)
{
    CW_CHECK(options->workers > 0, "a network has workers");
    struct cw_net *net = calloc(1, sizeof(*net));
    if (net == NULL)
        return CW_ERR_NOMEM;
    net->options = *options;
    if (net->options.sockets_max == 0)
        net->options.sockets_max = 1024;
    if (net->options.recv_buffers == 0)
        net->options.recv_buffers = 64;
    if (net->options.window_bytes == 0)
        net->options.window_bytes = 256 * 1024;
    net->now_ns = CW_NET_EPOCH_NS;
    net->random_state = options->seed;
    net->test_random_state = ~options->seed;
    net->hash = UINT64_C(0xcbf29ce484222325);
    net->next_descriptor = NET_FIRST_DESCRIPTOR;
    net->workers = calloc(options->workers, sizeof(struct net_worker *));
    if (net->workers == NULL) {
        free(net);
        return CW_ERR_NOMEM;
    }
    *ret_net = net;
    return CW_OK;
}

struct cw_net *cw_net_free(struct cw_net *net)
{
    if (net == NULL)
        return NULL;
    net_worker_free_all(net);
    while (net->pipes != NULL) {
        struct net_pipe *p = net->pipes;
        CW_CHECK(p->side[0].owner != NET_OWNER_END && p->side[1].owner != NET_OWNER_END,
                 "the test frees its ends before the network");
        p->side[0].owner = NET_OWNER_GONE;
        p->side[1].owner = NET_OWNER_GONE;
        net_pipe_settle(net, p);
    }
    while (net->servers != NULL) {
        struct net_unix *u = net->servers;
        net->servers = u->next;
        free(u);
    }
    net_disk_free(net);
    free(net->workers);
    free(net);
    return NULL;
}

uint64_t cw_net_now_ns(const struct cw_net *net)
{
    return net->now_ns;
}

uint64_t cw_net_hash(const struct cw_net *net)
{
    return net->hash;
}

uint64_t cw_net_random(struct cw_net *net, uint64_t below)
{
    return below == 0 ? 0 : net_random_next(&net->test_random_state) % below;
}

void cw_net_set_reset_ppm(struct cw_net *net, unsigned reset_ppm)
{
    net->options.reset_ppm = reset_ppm;
}

/* What is due for an end already does not hold the clock: the test may leave it unread. */
static uint64_t ends_due(const struct cw_net *net)
{
    uint64_t due = NET_NEVER;
    for (const struct net_pipe *p = net->pipes; p != NULL; p = p->next) {
        for (unsigned i = 0; i < 2; i++) {
            if (p->side[i].owner != NET_OWNER_END)
                continue;
            uint64_t at = net_pipe_due(p, i);
            if (at > net->now_ns && at < due)
                due = at;
        }
    }
    return due;
}

uint64_t cw_net_step(struct cw_net *net, uint64_t limit_ns)
{
    uint64_t next = net_workers_due(net);
    uint64_t ends = ends_due(net);
    if (ends < next)
        next = ends;
    if (limit_ns < next)
        next = limit_ns;
    if (next > net->now_ns && next != NET_NEVER)
        net->now_ns = next;
    return net->now_ns;
}

static struct cw_net_end *end_new(struct cw_net *net, struct net_pipe *p, unsigned side)
{
    struct cw_net_end *end = calloc(1, sizeof(*end));
    CW_CHECK(end != NULL, "the test machine has memory");
    end->net = net;
    end->pipe = p;
    end->side = side;
    p->side[side].owner = NET_OWNER_END;
    return end;
}

struct cw_net_end *cw_net_connect(struct cw_net *net, int worker, uint16_t listener,
                                  const uint8_t *address)
{
    CW_CHECK(listener < NET_LISTENERS && worker < (int)net->options.workers, "a listener exists");
    struct net_pipe *p = net_pipe_new(net, false);
    p->worker = worker != CW_NET_ANY_WORKER ? worker : (int)net_draw(net, net->options.workers);
    p->listener = listener;
    if (address != NULL)
        memcpy(p->address, address, sizeof(p->address));
    p->is_waiting = true;
    struct cw_net_end *end = end_new(net, p, 0);
    if (net->workers[p->worker] == NULL) {
        p->is_waiting = false;
        net_pipe_leave(net, p, 1, false);
    } else {
        p->arrives_ns = net->now_ns + net->options.delay_max_ns;
    }
    return end;
}

size_t cw_net_end_write(struct cw_net_end *end, const void *data, size_t size)
{
    if (end->fin_sent || size == 0 || net_pipe_is_reset(end->net, end->pipe, end->side))
        return 0;
    return net_pipe_send(end->net, end->pipe, end->side, data, net_shorten(end->net, size));
}

size_t cw_net_end_read(struct cw_net_end *end, void *out, size_t size)
{
    struct cw_net *net = end->net;
    if (end->is_stalled || size == 0 || net_pipe_is_reset(net, end->pipe, end->side) ||
        net_pipe_due(end->pipe, end->side) > net->now_ns)
        return 0;
    size_t n = net_pipe_take(net, end->pipe, end->side, out, size);
    net_hash_u64(net, (uint64_t)end->pipe->descriptor << 32 | n);
    net_hash_u64(net, net->now_ns);
    net_hash(net, out, n);
    return n;
}

enum cw_net_state cw_net_end_state(const struct cw_net_end *end)
{
    if (net_pipe_is_reset(end->net, end->pipe, end->side))
        return CW_NET_RESET;
    return net_pipe_is_finished(end->net, end->pipe, end->side) ? CW_NET_FINISHED : CW_NET_OPEN;
}

size_t cw_net_end_unread(const struct cw_net_end *end)
{
    return end->pipe->side[!end->side].in.unread;
}

void cw_net_end_shutdown(struct cw_net_end *end)
{
    end->fin_sent = true;
    net_pipe_finish(end->net, end->pipe, end->side);
}

void cw_net_end_reset(struct cw_net_end *end)
{
    net_pipe_reset(end->net, end->pipe, end->side);
}

void cw_net_end_stall(struct cw_net_end *end, bool stalled)
{
    end->is_stalled = stalled;
}

void cw_net_end_cut(struct cw_net_end *end, bool cut)
{
    if (end->pipe->is_cut && !cut)
        end->pipe->uncut_ns = end->net->now_ns;
    end->pipe->is_cut = cut;
}

struct cw_net_end *cw_net_end_free(struct cw_net_end *end)
{
    if (end != NULL) {
        struct net_pipe *p = end->pipe;
        /* One that has sent FIN leaves without a reset. */
        net_pipe_leave(end->net, p, end->side, end->fin_sent);
        free(end);
    }
    return NULL;
}

static struct net_unix *find_server(struct cw_net *net, const char *path)
{
    for (struct net_unix *u = net->servers; u != NULL; u = u->next)
        if (strncmp(u->path, path, sizeof(u->path)) == 0)
            return u;
    return NULL;
}

void cw_net_unix_listen(struct cw_net *net, const char *path)
{
    struct net_unix *u = find_server(net, path);
    if (u == NULL) {
        size_t size = strlen(path) + 1;
        CW_CHECK(size <= sizeof(u->path), "a path fits sun_path");
        u = calloc(1, sizeof(*u));
        CW_CHECK(u != NULL, "the test machine has memory");
        memcpy(u->path, path, size);
        u->next = net->servers;
        net->servers = u;
    }
    u->is_open = true;
}

void cw_net_unix_close(struct cw_net *net, const char *path)
{
    struct net_unix *u = find_server(net, path);
    if (u != NULL)
        u->is_open = false;
    struct net_pipe *next;
    for (struct net_pipe *p = net->pipes; p != NULL; p = next) {
        next = p->next;
        if (p->is_unix && p->is_waiting && strncmp(p->path, path, sizeof(p->path)) == 0)
            net_pipe_leave(net, p, 1, false);
    }
}

struct cw_net_end *cw_net_unix_accept(struct cw_net *net, const char *path)
{
    for (struct net_pipe *p = net->pipes; p != NULL; p = p->next) {
        if (p->is_unix && p->is_waiting && strncmp(p->path, path, sizeof(p->path)) == 0) {
            p->is_waiting = false;
            return end_new(net, p, 1);
        }
    }
    return NULL;
}
