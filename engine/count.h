/* SPDX-License-Identifier: Apache-2.0 */
/* engine/count.h - what a worker counts: since its start, never reset, a reason for everything that is refused or
 * dropped.
 *
 * Owner:     the worker.
 * Thread:    the worker's.
 * Units:     in the names; latencies in ms.
 * Errors:    none.
 * Limits:    reasons are those of the lists here: a label never has a value that a peer chose.
 */
#ifndef CW_ENGINE_COUNT_H
#define CW_ENGINE_COUNT_H

#include <stdint.h>

#include "engine/wire/frame.h"

/* X(name): plain counters, as they appear in STATUS. */
#define CW_COUNTERS(X)     \
    X(accepted)            \
    X(handshakes)          \
    X(websockets)          \
    X(pipes)               \
    X(redirects)           \
    X(handovers)           \
    X(frames_received)     \
    X(frames_adopted)      \
    X(frames_sent)         \
    X(records_opened)      \
    X(records_sealed)      \
    X(sends)               \
    X(outputs_starved)     \
    X(bytes_received)      \
    X(bytes_sent)          \
    X(syncs_requested)     \
    X(viewers_dropped_out) \
    X(viewers_reduced)     \
    X(viewers_restored)    \
    X(streams_opened)      \
    X(streams_resumed)     \
    X(handshakes_deferred) \
    X(recordings)          \
    X(recordings_failed)   \
    X(recordings_refused)  \
    X(recordings_gapped)   \
    X(recorded_bytes)

/* X(NAME, text): connections that were closed before TLS said a word, cheapest check first. */
#define CW_REFUSALS(X)                      \
    X(STOPPING, "stopping")                 \
    X(CONNECTIONS, "connections")           \
    X(BUSY, "busy")                         \
    X(RATE, "handshakes_per_s")             \
    X(HANDSHAKES, "handshakes")             \
    X(UNAUTHENTICATED, "unauthenticated")   \
    X(PENALTY, "penalty")                   \
    X(SOURCE, "unauthenticated_per_source") \
    X(POOL, "pool")

/* X(NAME, text): handshakes that did not end in Finished. */
#define CW_HANDSHAKE_FAILURES(X)               \
    X(TLS, "tls")                              \
    X(CERTIFICATE, "certificate_not_accepted") \
    X(TIMED_OUT, "timed_out")                  \
    X(GONE, "peer_left")                       \
    X(FULL, "full")                            \
    X(STOPPING, "stopping")

/* X(NAME, text): hellos that were not let in for a reason other than what they said (those are in closed). */
#define CW_TURNED_AWAY(X)   \
    X(DRAINING, "draining") \
    X(RATE, "hellos_per_s") \
    X(STOPPING, "stopping")

/* X(NAME, text): frames and messages that somebody sent and somebody else did not get. */
#define CW_DROPS(X)                                                                              \
    X(CLOSING, "receiver_closing")         /* frames behind a CLOSE, or of who left */           \
    X(CHANNEL, "channel_cleared")          /* frames: a permission, source or rendition ended */ \
    X(VIEWER_BEHIND, "viewer_behind")      /* frames: its queue passed its limit */              \
    X(STREAM_CLOSED, "stream_closed")      /* frames */                                          \
    X(STREAM_AWAY, "stream_receiver_away") /* frames: their sender keeps them */                 \
    X(STREAM_REPEATED, "stream_repeated")  /* frames that came twice */                          \
    X(STREAM_UNEXPECTED, "stream_unexpected") /* frames */                                       \
    X(OUT_OF_SYNC, "viewer_out_of_sync")      /* screen messages a viewer is not sent */         \
    X(SLOW, "receiver_slow")                  /* droppable messages */                           \
    X(SUPERSEDED, "superseded")               /* cursor shapes with a newer one behind */        \
    X(NO_SOURCE, "no_source")                 /* input for a screen that nobody shares */        \
    X(WITHDRAWN, "permission_withdrawn")      /* messages sent before the sender knew */         \
    X(ACK, "acknowledgement_of_nothing")      /* of an update that nobody sent */                \
    X(CONTROL_AWAY, "control_away")           /* copies that control does not get later */       \
    X(CONTROL_BEHIND, "control_behind")       /* copies: the link's queue was full */            \
    X(ABSENT, "receiver_absent")              /* control's messages for who is not here */       \
    X(UNPERMITTED, "receiver_not_permitted")

#define CW_COUNT_ENUM(prefix, LIST) \
    enum { LIST(CW_COUNT_ENUM_##prefix) CW_##prefix##_COUNT };
#define CW_COUNT_ENUM_REFUSAL(name, text)   CW_REFUSAL_##name,
#define CW_COUNT_ENUM_HANDSHAKE(name, text) CW_HANDSHAKE_##name,
#define CW_COUNT_ENUM_AWAY(name, text)      CW_AWAY_##name,
#define CW_COUNT_ENUM_DROP(name, text)      CW_DROP_##name,
CW_COUNT_ENUM(REFUSAL, CW_REFUSALS)
CW_COUNT_ENUM(HANDSHAKE, CW_HANDSHAKE_FAILURES)
CW_COUNT_ENUM(AWAY, CW_TURNED_AWAY)
CW_COUNT_ENUM(DROP, CW_DROPS)

/* Upper edges of the buckets of a latency, in ms; the last bucket has none. */
#define CW_LATENCY_EDGES                                            \
    {                                                               \
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000 \
    }
enum { CW_LATENCY_BUCKETS = 14 };

struct cw_latency {
    uint64_t sum_ms;
    uint64_t buckets[CW_LATENCY_BUCKETS]; /* each value in one of them */
};

struct cw_counters {
#define X(name) uint64_t name;
    CW_COUNTERS(X)
#undef X
    uint64_t closed[128]; /* by enum cw_close_code */
    uint64_t refused[CW_REFUSAL_COUNT];
    uint64_t handshakes_failed[CW_HANDSHAKE_COUNT];
    uint64_t turned_away[CW_AWAY_COUNT];
    uint64_t dropped[CW_DROP_COUNT];
    struct {
        uint64_t frames;
        uint64_t bytes;
    } received[CW_CHANNEL_COUNT], sent[CW_CHANNEL_COUNT];
    struct cw_latency handshake; /* accepted to Finished */
    struct cw_latency hello;     /* accepted to WELCOME */
};

void cw_latency_add(struct cw_latency *l, uint32_t ms);

#endif
