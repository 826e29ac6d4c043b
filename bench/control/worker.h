/* SPDX-License-Identifier: Apache-2.0 */
/* bench/control/worker.h - plays the one worker of an engine on link.sock: devices that are online, sessions that live.
 *
 * Owner:     worker_open to worker_close.
 * Thread:    one; worker_read when its descriptor is readable.
 * Errors:    negative; worker_message says what control did that it should not.
 */
#ifndef CW_BENCH_CONTROL_WORKER_H
#define CW_BENCH_CONTROL_WORKER_H

#include <stdbool.h>
#include <stdint.h>

struct worker;

struct worker_counts {
    uint32_t wanted;    /* sessions of the snapshot that control wants to go on */
    uint32_t disturbed; /* those it ended, or whose participants lost a right they had */
    uint32_t offered;
    uint32_t over;
};

/* Sends the snapshot: devices 1 to devices are online, and sessions 1 to sessions live with both participants. */
int worker_open(const char *socket, uint32_t devices, uint32_t sessions, struct worker **ret);
void worker_close(struct worker *w);
int worker_fd(const struct worker *w);
/* A session that is offered to a device begins at once, and ends when `standing` later ones have begun. */
int worker_read(struct worker *w);
/* Ends the sessions that began here, so that their computers are free. */
int worker_end_all(struct worker *w);
bool worker_is_synced(const struct worker *w);
struct worker_counts worker_counts(const struct worker *w);

#endif
