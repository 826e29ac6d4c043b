/* SPDX-License-Identifier: Apache-2.0 */
/* engine/relay_limits.h - sizes, counts and times inside one worker, with their derivations.
 *
 * engine/limits.h holds what the wire makes visible; these are the relay's own.
 */
#ifndef CW_ENGINE_RELAY_LIMITS_H
#define CW_ENGINE_RELAY_LIMITS_H

#include "engine/limits.h"

enum {
    /* A process has 20,000 descriptors; a piped web connection takes two, the rest is for listeners. */
    CW_RELAY_CONNECTIONS_MAX = 9000,
    CW_RELAY_SESSIONS_MAX = 4096,
    CW_RELAY_PARTICIPANTS_MAX = 8192,

    /* Frames up to this size come from the small pool: keys, pointers, pings and most chat. */
    CW_RELAY_SMALL_FRAME_BYTES = 496,
    CW_RELAY_SMALL_FRAMES_MAX = 131072, /* 64 MB of addresses, committed on use */
    CW_RELAY_LARGE_FRAMES_MAX = 32768,  /* 512 MB of addresses: 16 viewer queues at their limit */
    /* Every queued frame of every receiver: 256 viewers of one session with 2,000 frames each. */
    CW_RELAY_QUEUE_ENTRIES_MAX = 1 << 20,

    /* What one TLS batch may commit ahead of a keystroke. */
    CW_RELAY_BATCH_BYTES = 64 * 1024,
    /* Ciphertext of a piped page that may wait for the browser before control is no longer read. */
    CW_RELAY_PIPE_OUTPUT_BYTES_MAX = 64 * 1024,
    /* A droppable message is dropped for a receiver that has this much reliable data waiting. */
    CW_RELAY_DROPPABLE_QUEUE_BYTES_MAX = 64 * 1024,

    CW_RELAY_HANDOVERS_MAX = 256,      /* connections on their way to another worker */
    CW_RELAY_REQUESTS_MAX = 1024,      /* hellos that wait for control's answer */
    CW_RELAY_USED_TICKETS_MAX = 65536, /* join tickets live 60 s: a thousand a second */
    CW_RELAY_DENIED_TICKETS_MAX = 65536,
    CW_RELAY_ENDED_SESSIONS_MAX = 65536, /* remembered until their resume tickets have expired */

    CW_RELAY_DRAIN_MS_MAX = 2000,   /* a closing connection may flush its last words this long */
    CW_RELAY_PIPE_LINGER_MS = 5000, /* after the browser's end of stream */
    CW_RELAY_SYNC_AFTER_RESET_MS = 100, /* a source sends its keyframe by itself within this */
    CW_RELAY_ACK_STALE_MS =
        500, /* a source that waits for an acknowledgement hears of a lower one after this */
    CW_RELAY_SYNC_RETRY_MS = 2000,       /* a keyframe that was asked for and has not begun */
    CW_RELAY_PERMISSION_GRACE_MS = 5000, /* messages sent before the sender saw its new mask */
    CW_RELAY_LINK_RETRY_MS_MIN = 200,
    CW_RELAY_LINK_RETRY_MS_MAX = 2000,

    /* The floor of the last send class: one byte in twenty. */
    CW_RELAY_FLOOR_SHARE = 19,
};

#endif
