/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/devices.h - idle Jump Clients: connections of role device that answer PINGs and come back when lost.
 *
 * Owner:     cw_devices_init's memory lives as long as the process.
 * Thread:    one.
 * Units:     ns.
 * Limits:    options.concurrency: how many are on their way at once.
 */
#ifndef CW_BENCH_LOAD_DEVICES_H
#define CW_BENCH_LOAD_DEVICES_H

#include "bench/load/load.h"
#include "clients/peer/backoff.h"

enum cw_device_state { CW_DEVICE_WAITS, CW_DEVICE_ON_THE_WAY, CW_DEVICE_UP };

struct cw_device {
    struct cw_endpoint endpoint;
    struct cw_devices *devices;
    struct cw_backoff backoff;
    enum cw_device_state state;
    bool was_up;
    uint64_t next_ns; /* of the next try, when it waits; when to give up, on the way */
};

struct cw_devices {
    struct cw_load *load;
    struct cw_device *all;
    unsigned count, up, on_the_way;
    unsigned begun;    /* of those that connect for the first time */
    bool come_back;    /* false: a lost connection ends the run */
    uint64_t start_ns; /* of the connecting, which --connect-rate paces */
    uint64_t random;
    uint64_t looked_ns; /* at those that wait */
};

/* Numbers: first, first + stride and so on. */
void cw_devices_init(struct cw_devices *d, struct cw_load *l, unsigned count, uint32_t first,
                     uint32_t stride, bool come_back);
/* Returns when it wants to be called again. */
uint64_t cw_devices_step(struct cw_devices *d, uint64_t now_ns);

#endif
