/* SPDX-License-Identifier: Apache-2.0 */
/* engine/relay_limits.h - sizes, counts and times inside one worker, with their derivations.
 *
 * engine/limits.h holds what the wire makes visible; these are the relay's own.
 */
#ifndef CW_ENGINE_RELAY_LIMITS_H
#define CW_ENGINE_RELAY_LIMITS_H

#include "engine/limits.h"

enum {
    /* 100,000 idle Jump Clients and what else there is. Absent ones cost addresses only. */
    CW_RELAY_CONNECTIONS_MAX = 131072,
    CW_RELAY_SESSIONS_MAX = 4096,
    CW_RELAY_PARTICIPANTS_MAX = 8192,
    /* Streams are opened by people: two for each participant at once, 300 bytes each. */
    CW_RELAY_STREAMS_MAX = 16384,

    /* What one record can hold, with its content type: what a frame buffer must have room for. */
    CW_RELAY_RECORD_BYTES_MAX = CW_FRAME_BYTES_MAX + 1,
    /* Small: keys, pointers, pings and most chat. Medium: most screen updates; without it a frame of 600 bytes
     * would hold 16 KB. All of it is addresses, committed on use. */
    CW_RELAY_SMALL_FRAME_BYTES = 528,
    CW_RELAY_SMALL_FRAMES_MAX = 131072, /* 75 MB */
    CW_RELAY_MEDIUM_FRAME_BYTES = 4048,
    CW_RELAY_MEDIUM_FRAMES_MAX = 65536, /* 268 MB */
    CW_RELAY_LARGE_FRAMES_MAX = 32768,  /* 512 MB: 16 viewer queues at their limit */
    /* Every queued frame of every receiver: 256 viewers of one session with 2,000 frames each. */
    CW_RELAY_QUEUE_ENTRIES_MAX = 1 << 20,

    /* Frames of everything but screen that may wait for one receiver, however small they are: 4.6 MB of small
     * buffers. */
    CW_RELAY_QUEUE_FRAMES_MAX = 8192,
    /* Messages in parts that one peer may have begun at once: no client of ours begins more than two a channel. */
    CW_RELAY_OPEN_MESSAGES_MAX = 16,

    /* Outputs: what is sealed and not yet taken by the kernel. A small one for a few messages or a handshake, a
     * large one for four full records; a connection has at most one, for CW_TIME_STALL_S_MAX at the longest. */
    CW_RELAY_SMALL_OUTPUT_BYTES = 4096,
    CW_RELAY_SMALL_OUTPUTS_MAX = 16384, /* 64 MB of addresses */
    CW_RELAY_LARGE_OUTPUT_BYTES = 68 * 1024,
    CW_RELAY_LARGE_OUTPUTS_MAX = 4096, /* 278 MB of addresses */
    /* Of an output: its own head, records' overhead, a WebSocket header and a KeyUpdate. */
    CW_RELAY_OUTPUT_OWN_BYTES = 192,
    /* How much of screen and files one batch may hold. Four records cost a fifth less CPU than one each; but where
     * keys came lately, the next one does not wait for more than one record. */
    CW_RELAY_BULK_BATCH_BYTES = 64 * 1024,
    CW_RELAY_BULK_BATCH_URGENT_BYTES = CW_FRAME_BYTES_MAX,
    CW_RELAY_URGENT_MS = 2000, /* "lately": longer than a typist pauses inside a sentence */
    CW_RELAY_BULK_CLASS = 2,   /* send classes from here on are bulk */
    /* Bytes of a piped page that may wait for the browser before control is no longer read. */
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
    /* A source that waits this long for those in control hears of anybody's acknowledgement. */
    CW_RELAY_ACK_STALE_MS = 500,
    CW_RELAY_SYNC_RETRY_MS = 2000, /* a keyframe that was asked for and has not begun */
    /* A source has two updates under way: who acknowledges one of them keeps up with it. */
    CW_RELAY_ACK_WINDOW = 2,
    /* A source that has not begun a rendition it was asked for is taken to be unable to. */
    CW_RELAY_RENDITION_WAIT_MS = 3000,
    CW_RELAY_REVIEW_MS = 1000, /* how often viewers of the reduced rendition are looked at */

    /* A waiting screen frame this old is late: TCP's first two retransmissions are over after 200 + 400 ms, so it is
     * not one lost packet any more. When the kernel has taken nothing for as long the viewer is stalled and falls out
     * of sync; when it takes slowly, it falls out once twice a keyframe waits, because a new one is cheaper then. */
    CW_VIEWER_LATE_MS = 1000,
    /* A viewer that falls out so often within so long, or never catches up for so long, gets the reduced rendition.
     * One stall is an accident; three in half a minute, or five seconds behind, is what its line is like. */
    CW_VIEWER_FALLS_MAX = 3,
    CW_VIEWER_FALLS_MS = 30000,
    CW_VIEWER_BEHIND_MS = 5000,
    /* It goes back when nothing waited for it for 10 s (50 pictures at 5 a second). If that was too early the next time
     * is twice as long, up to 320 s; five good minutes forget it. */
    CW_VIEWER_CALM_MS = 10000,
    CW_VIEWER_CALM_DOUBLINGS_MAX = 5,
    CW_VIEWER_RETURNS_MS = 300000,
    CW_RELAY_PERMISSION_GRACE_MS = 5000, /* messages sent before the sender saw its new mask */
    CW_RELAY_LINK_RETRY_MS_MIN = 200,
    CW_RELAY_LINK_RETRY_MS_MAX = 2000,

    /* Recordings: one a session that lives, or waits for its seal. */
    CW_RELAY_RECORDERS_MAX = CW_RELAY_SESSIONS_MAX,
    /* Blocks of 128 KB that wait for the disk: of a session that is recorded if possible 8 MB; of one that must be,
     * a keyframe and what came meanwhile, 32 MB; of a worker 128 MB of addresses. */
    CW_RELAY_RECORD_BLOCKS_WANTED_MAX = 64,
    CW_RELAY_RECORD_BLOCKS_REQUIRED_MAX = 256,
    CW_RELAY_RECORD_BLOCKS_MAX = 1024,
    CW_RELAY_RECORD_BLOCKS_BEHIND = 32, /* from here on the source gets no acknowledgements */
    CW_RELAY_RECORD_FLUSH_MS = 500,     /* a block that is not full is written after this */
    CW_RELAY_RECORD_SYNC_MS = 1000,     /* between two flushes to the disk */
    CW_RELAY_RECORD_STALL_MS = 10000,   /* a disk that does not answer */
    CW_RELAY_RECORD_RETRY_MS = 5000,    /* a recording that is wanted and failed is tried again */
    CW_RELAY_RECORD_SEAL_MS = 30000,    /* the file stays open for control's seal */
    CW_RELAY_RECORD_SEEK_MS = 10000,    /* between keyframes, for seeking */
    CW_RELAY_RECORD_FOUND_MAX = 4096,   /* parts of an earlier engine */

    /* The floor of the last send class: one byte in twenty. */
    CW_RELAY_FLOOR_SHARE = 19,

    /* Ciphertext that may stay with a connection whose caller stopped reading: the receive buffers that were on their
     * way when it did. */
    CW_TLS_KEPT_BYTES_MAX = 256 * 1024,
};

#endif
