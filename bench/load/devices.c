/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

#define LOOK_NS    UINT64_C(5000000)
#define GIVE_UP_NS UINT64_C(10000000000) /* TLS and WELCOME, as clients/peer does */

static uint32_t next_random(struct cw_devices *d)
{
    d->random ^= d->random << 13;
    d->random ^= d->random >> 7;
    d->random ^= d->random << 17;
    return (uint32_t)(d->random >> 16);
}

static void welcome(struct cw_endpoint *e)
{
    struct cw_device *d = e->owner;
    struct cw_tally *t = d->devices->load->tally;
    d->state = CW_DEVICE_UP;
    d->devices->on_the_way--;
    d->devices->up++;
    if (d->was_up)
        t->reconnects++;
    else
        t->ready++;
    d->was_up = true;
    d->backoff.tries = 0;
    t->connections++;
    t->back_ns = cw_loop_now_ns();
}

static void lose(struct cw_device *d, const char *why)
{
    struct cw_devices *all = d->devices;
    struct cw_load *l = all->load;
    uint64_t now_ns = cw_loop_now_ns();
    uint64_t none = 0;
    bool was_up = d->state == CW_DEVICE_UP;
    all->up -= was_up;
    all->on_the_way -= !was_up;
    d->state = CW_DEVICE_WAITS;
    l->tally->closed++;
    l->tally->refused += !was_up;
    if (atomic_load(&l->shared->phase) > CW_PHASE_MEASURE)
        return;
    if (was_up && !all->come_back)
        cw_load_fail(l, "device %u: %s", (unsigned)d->endpoint.participant, why);
    else if (atomic_load(&l->tally->failed) == 0)
        (void)snprintf(l->tally->error, sizeof l->tally->error, "%s", why);
    if (l->phase == CW_PHASE_MEASURE && was_up)
        (void)atomic_compare_exchange_strong(&l->shared->outage_ns, &none, now_ns);
    d->next_ns = now_ns + cw_backoff_next_ns(&d->backoff, next_random(all));
}

static void closed(struct cw_endpoint *e, int code, const char *why)
{
    (void)code;
    lose(e->owner, why);
}

static const struct cw_endpoint_events events = {.welcome = welcome, .closed = closed};

void cw_devices_init(struct cw_devices *d, struct cw_load *l, unsigned count, uint32_t first,
                     uint32_t stride, bool come_back)
{
    *d = (struct cw_devices){.load = l, .count = count, .come_back = come_back};
    d->random = cw_loop_now_ns() * 2 + 1 + l->index;
    d->all = calloc(count != 0 ? count : 1, sizeof *d->all);
    CW_CHECK(d->all != NULL, "the load has memory for its devices");
    for (unsigned i = 0; i < count; i++) {
        struct cw_device *one = &d->all[i];
        one->devices = d;
        one->endpoint = (struct cw_endpoint){
            .events = &events,
            .keys = l->keys,
            .owner = one,
            .ticket_kind = CW_TICKET_KIND_DEVICE,
            .role = CW_ROLE_DEVICE,
            .participant = first + i * stride,
            .permissions = CW_PERMIT(STATISTICS),
        };
    }
}

static void dial(struct cw_device *d)
{
    struct cw_load *l = d->devices->load;
    d->state = CW_DEVICE_ON_THE_WAY;
    d->next_ns = cw_loop_now_ns() + GIVE_UP_NS;
    d->devices->on_the_way++;
    if (cw_endpoint_connect(&d->endpoint, &l->net, &l->options->to) != CW_OK)
        cw_load_fail(l, "device %u: %s", (unsigned)d->endpoint.participant, l->net.message);
}

static void look_at(struct cw_device *d, uint64_t now_ns)
{
    if (d->state == CW_DEVICE_UP || d->next_ns > now_ns)
        return;
    if (d->state == CW_DEVICE_ON_THE_WAY) {
        cw_endpoint_reset(&d->endpoint);
        d->devices->load->tally->timeouts++;
        lose(d, "no WELCOME within 10 s");
    } else if (d->devices->on_the_way < cw_load_concurrency(d->devices->load)) {
        dial(d);
    }
}

/* How many may have begun by now. */
static unsigned allowed(const struct cw_devices *d, uint64_t now_ns)
{
    double rate_per_s = d->load->options->connect_rate_per_s / d->load->options->processes;
    if (rate_per_s <= 0)
        return d->count;
    double earned = (double)(now_ns - d->start_ns) / 1e9 * rate_per_s + 1;
    return earned < d->count ? (unsigned)earned : d->count;
}

uint64_t cw_devices_step(struct cw_devices *d, uint64_t now_ns)
{
    if (d->start_ns == 0)
        d->start_ns = now_ns;
    unsigned most = allowed(d, now_ns);
    while (d->begun < most && d->on_the_way < cw_load_concurrency(d->load) &&
           atomic_load(&d->load->tally->failed) == 0)
        dial(&d->all[d->begun++]);
    if (d->up < d->begun && now_ns - d->looked_ns >= LOOK_NS) {
        d->looked_ns = now_ns;
        for (unsigned i = 0; i < d->begun; i++)
            look_at(&d->all[i], now_ns);
    }
    return d->up < d->count ? now_ns + LOOK_NS : UINT64_MAX;
}
