/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/scenario.h - one simulated history: its workers, control's end of the link, actors and strangers.
 *
 * Owner:     cw_sim_relay (relay.c), one at a time.
 * Thread:    one.
 * Units:     ns of the simulated clock.
 * Errors:    a broken invariant stops the process (CW_CHECK) with its reason.
 * Limits:    CW_DOUBLE_SESSIONS_MAX, CW_DOUBLE_PARTICIPANTS_MAX.
 * Invariant: an actor outlives its connections, as a participant does.
 */
#ifndef CW_TESTS_SIM_SCENARIO_H
#define CW_TESTS_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/mailbox.h"
#include "engine/wire/stream_set.h"
#include "engine/worker.h"
#include "tests/sim/control_double.h"
#include "tests/sim/endpoint.h"
#include "tests/sim/net.h"
#include "tests/sim/page.h"
#include "tests/sim/recording.h"
#include "tests/sim/relay.h"

enum {
    CW_SIM_WORKERS = 2,
    CW_ACTOR_CHAT_PENDING_MAX = 64,
    CW_ACTOR_STREAMS_MAX = 4,
    CW_ACTOR_RING_BYTES = 24 * 1024,
    CW_SIM_FAILURES_MAX = 1024,
};
#define CW_SIM_MS UINT64_C(1000000)

/* One end of a stream, and what must come of it: how much each direction has is in the opening's parameters. */
struct cw_actor_stream {
    struct cw_byte_stream stream;
    bool is_used;
    bool was_open; /* the engine said that both ends are there */
    uint64_t to_write;
    uint64_t to_get;
    uint64_t got;
    uint32_t unconsumed;
    uint8_t parameters[16];
    uint8_t ring[CW_ACTOR_RING_BYTES];
};

/* One participant of the model and its connection, if any. */
struct cw_actor {
    struct cw_scenario *scenario;
    struct cw_double_session *session;
    uint32_t participant;
    bool is_source;
    struct cw_endpoint *end;
    uint64_t connect_at_ns; /* when to connect (again) */
    bool has_joined;        /* later connections use a resume ticket */
    struct cw_ticket resume;
    bool has_resume;
    bool is_stalled;      /* by the scenario */
    uint32_t connection;  /* counts this actor's connections */
    bool has_seen_end;    /* SESSION_ENDED was received on this connection */
    uint64_t permissions; /* as the last WELCOME or PERMISSIONS said */

    /* source */
    uint32_t update;       /* newest one sent */
    uint32_t acknowledged; /* highest SCREEN_ACK */
    bool is_sync_wanted;
    uint32_t cursor; /* shape sent last; at a viewer, shown now; 0: none on this connection */
    uint32_t key_last[CW_DOUBLE_PARTICIPANTS_MAX + 1]; /* last keysym by sender */

    /* viewer */
    bool is_in_sync;
    uint32_t shown;        /* update number of the newest whole message */
    uint32_t message_part; /* frames of the message under way */
    uint32_t cursor_got;   /* bytes of the shape under way; 0: none is */
    uint32_t cursor_next;  /* which one it is */
    uint16_t key_count;

    uint64_t line_sequence; /* newest CHAT_LINE */
    uint32_t chat_next;     /* client message ids from 1 */
    uint32_t chat_pending[CW_ACTOR_CHAT_PENDING_MAX];
    unsigned chat_pending_count;

    struct cw_stream_set set;
    struct cw_actor_stream streams[CW_ACTOR_STREAMS_MAX];
    uint32_t instance_next;
    bool has_cheated; /* on this connection: it ends with CREDIT_EXCEEDED */
};

struct cw_scenario {
    struct cw_net *net;
    struct cw_double *control;
    struct cw_mailbox *mailboxes[CW_SIM_WORKERS];
    struct cw_io *ios[CW_SIM_WORKERS];
    struct cw_worker *workers[CW_SIM_WORKERS];
    struct cw_actor actors[CW_DOUBLE_SESSIONS_MAX * CW_DOUBLE_PARTICIPANTS_MAX];
    unsigned actor_count;
    struct {
        uint32_t session;
        uint32_t instance;
    } failures[CW_SIM_FAILURES_MAX]; /* streams that an end has given up or was refused */
    unsigned failure_count;
    struct cw_endpoint *hostile;
    struct cw_page *page;
    struct cw_tls_context *tls;
    bool is_settling;
    uint64_t viewer_queue_bytes;
    uint64_t control_back_ns;
    struct cw_sim_counts *counts;
    struct cw_sim_recording recording;
};

/* What a viewer may do unless the scenario takes something away. */
extern const uint64_t cw_sim_viewer_all;

/* A number below the given one, from the seed. */
uint64_t cw_sim_chance(struct cw_scenario *s, uint64_t below);
bool cw_sim_session_lives(const struct cw_double_session *session);

/* ---- actor.c ----------------------------------------------------------------------------------- */
struct cw_actor *cw_actor_add(struct cw_scenario *s, struct cw_double_session *session,
                              uint8_t role, uint64_t permissions);
void cw_actor_send(struct cw_actor *a, uint8_t type, uint8_t flags, const void *payload,
                   size_t size);
/* Connects, reads and writes; true when anything moved. */
bool cw_actor_step(struct cw_actor *a);
/* Something an actor does by itself, once in a while. */
void cw_actor_act(struct cw_actor *a);
bool cw_actor_is_settled(const struct cw_actor *a);

/* ---- actor_screen.c ---------------------------------------------------------------------------- */
void cw_actor_source_start(struct cw_actor *a);
void cw_actor_source_act(struct cw_actor *a);
void cw_actor_take_screen(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload);
void cw_actor_take_cursor(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload);

/* ---- actor_talk.c ------------------------------------------------------------------------------ */
void cw_actor_press(struct cw_actor *a);
void cw_actor_take_key(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload);
void cw_actor_say(struct cw_actor *a, uint32_t id);
void cw_actor_say_pending(struct cw_actor *a);
void cw_actor_take_line(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload);

/* ---- actor_streams.c --------------------------------------------------------------------------- */
/* A connection's messages about streams, and what the streams have to say on it. */
void cw_actor_take_stream(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload);
void cw_actor_say_streams(struct cw_actor *a);
/* Opens, writes, takes, gives up. */
void cw_actor_stream_act(struct cw_actor *a);
bool cw_actor_streams_are_settled(const struct cw_actor *a);
void cw_actor_explain_streams(const struct cw_actor *a);

/* ---- hostile.c --------------------------------------------------------------------------------- */
/* A participant without any permission that sends what it must not. */
void cw_hostile_act(struct cw_scenario *s, uint32_t participant);

#endif
