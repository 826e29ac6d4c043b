/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/screen.h - sessions on the engine: one source that sends screen messages, viewers that check them.
 *
 * The source answers SYNC_REQUEST with a keyframe; a viewer counts from the keyframe on. A message is one frame.
 *
 * Owner:     cw_screen_start's memory lives as long as the process.
 * Thread:    one.
 * Units:     sizes are frames, header included.
 * Invariant: what a viewer in sync receives follows without a gap.
 */
#ifndef CW_BENCH_LOAD_SCREEN_H
#define CW_BENCH_LOAD_SCREEN_H

#include "bench/load/load.h"
#include "bench/load/pattern.h"

enum cw_viewer_kind { CW_VIEWER_LIVE, CW_VIEWER_SLOW, CW_VIEWER_STALLED };

struct cw_screen_session;
struct cw_screen_viewer {
    struct cw_endpoint endpoint;
    struct cw_screen_session *session;
    enum cw_viewer_kind kind;
    bool is_in_sync;
    uint64_t next_sequence; /* to be received */
    unsigned unacknowledged;
    uint64_t next_recv_ns; /* of a slow one */
};

struct cw_screen_session {
    struct cw_load *load;
    struct cw_endpoint source;
    struct cw_screen_viewer *viewers;
    unsigned viewer_count, in_sync;
    bool is_ready;
    uint64_t sequence; /* of the next update */
    uint64_t acknowledged;
    uint64_t next_ns; /* when something is due, for the scenario */
    uint64_t input;   /* sequence of the last input, for the scenario */
    uint64_t input_ns;
};

struct cw_screen_events {
    void (*ready)(struct cw_screen_session *s); /* every viewer is in sync */
    void (*message)(struct cw_screen_viewer *v, const struct cw_pattern *p, size_t bytes);
    /* The source received another frame than SYNC_REQUEST and SCREEN_ACK, a viewer another than a picture. */
    void (*other)(struct cw_screen_viewer *v, const struct cw_frame *f, const uint8_t *payload);
    void (*input)(struct cw_screen_session *s, const struct cw_frame *f, const uint8_t *payload);
    void (*may_send)(struct cw_screen_session *s); /* drained, or acknowledged */
    void (*viewer_drained)(struct cw_screen_viewer *v);
    /* NULL: it ends the run. e is not connected any more. */
    void (*lost)(struct cw_screen_session *s, struct cw_endpoint *e, int code, const char *why);
};

struct cw_screen {
    struct cw_load *load;
    const struct cw_screen_events *events;
    struct cw_screen_session *sessions;
    unsigned count, dialled, ready;
};

/* viewers: of each session; the last of them are options.slow slow ones and options.stalled stalled ones. */
struct cw_screen *cw_screen_start(struct cw_load *l, unsigned count, unsigned viewers,
                                  const struct cw_screen_events *events);
/* Dials what is still to be dialled, lets slow viewers read. Returns when it wants to be called again. */
uint64_t cw_screen_step(struct cw_screen *c, uint64_t now_ns);
/* One update of bytes, header included. */
void cw_screen_send(struct cw_screen_session *s, uint64_t now_ns, size_t bytes);
/* Sends while the window and the socket have room. */
void cw_screen_fill(struct cw_screen_session *s);
int cw_screen_dial(struct cw_screen_session *s, struct cw_endpoint *e);

#endif
