/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/control.h - plays control for an engine under load: listens on link.sock and wants what is there.
 *
 * It says CONTROL_HELLO with the load's own ticket key, keeps every session and participant of the snapshot, and
 * reads what the engine reports.
 *
 * Owner:     the load's first process; cw_control_stop removes the socket.
 * Thread:    one.
 * Errors:    CW_ERR_IO with a message; CW_ERR_CONFLICT: something listens there already.
 */
#ifndef CW_BENCH_LOAD_CONTROL_H
#define CW_BENCH_LOAD_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/load/endpoint.h"

enum { CW_CONTROL_LINKS_MAX = 64, CW_CONTROL_SETTINGS_MAX = 16 };

/* One of engine/wire/setting.h, told to every worker. */
struct cw_control_setting {
    const char *name; /* not NUL-terminated */
    size_t name_bytes;
    uint64_t value;
};

struct cw_control_link {
    int fd; /* -1: free */
    bool is_up;
    uint8_t *in, *out;
    size_t in_bytes, out_bytes, out_room;
};

struct cw_control {
    const struct cw_keys *keys;
    const struct cw_control_setting *settings;
    unsigned setting_count;
    int listener;
    char path[108];
    unsigned up_count; /* links whose snapshot was answered */
    unsigned workers;  /* as the engine says; 0 before */
    uint64_t messages;
    uint64_t refused;
    char last_refusal[120];
    struct cw_control_link links[CW_CONTROL_LINKS_MAX];
};

int cw_control_start(struct cw_control *c, const char *run_dir, const struct cw_keys *keys,
                     char *message, size_t message_size);
/* Waits at most timeout_ms for the links to say something, and answers. */
void cw_control_step(struct cw_control *c, int timeout_ms);
void cw_control_stop(struct cw_control *c);

#endif
