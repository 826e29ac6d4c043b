/* SPDX-License-Identifier: Apache-2.0 */
/* engine/worker_state.h - what one worker is made of; for the relay's own modules only.
 *
 * Owner:     cw_worker_new to cw_worker_free.
 * Thread:    the worker's, but for stop_wanted and the handovers' is_taken.
 * Units:     in the names.
 * Invariant: every connection is in conns; by_socket has each open socket once.
 */
#ifndef CW_ENGINE_WORKER_STATE_H
#define CW_ENGINE_WORKER_STATE_H

#include <stdatomic.h>

#include "engine/admission.h"
#include "engine/base/table.h"
#include "engine/conn.h"
#include "engine/link_client.h"
#include "engine/penalty.h"
#include "engine/session.h"
#include "engine/worker.h"

/* X(name): counters since the start, as they appear in STATUS. */
#define CW_COUNTERS(X)     \
    X(accepted)            \
    X(handshakes)          \
    X(handshakes_failed)   \
    X(websockets)          \
    X(pipes)               \
    X(redirects)           \
    X(handovers)           \
    X(frames_received)     \
    X(frames_sent)         \
    X(bytes_received)      \
    X(bytes_sent)          \
    X(syncs_requested)     \
    X(viewers_dropped_out) \
    X(viewers_reduced)     \
    X(viewers_restored)    \
    X(acks_refused)        \
    X(messages_dropped)    \
    X(forgiven)            \
    X(turned_away)

struct cw_counters {
#define X(name) uint64_t name;
    CW_COUNTERS(X)
#undef X
    uint64_t closed[128]; /* by enum cw_close_code */
};

/* A connection on its way to another worker. The sender owns the slot; the receiver frees it by is_taken. */
struct cw_handover {
    atomic_bool is_taken; /* in use */
    struct cw_tls *tls;
    uint8_t address[CW_ADDRESS_BYTES];
    uint8_t exporter[CW_EXPORTER_BYTES];
    bool is_websocket;
    struct cw_ticket ticket;
    uint64_t received_bytes;
    uint64_t sent_bytes;
};

struct cw_worker {
    struct cw_worker_config config;
    struct cw_io *io;
    uint64_t now_ns; /* of this step */
    struct cw_timers timers;
    struct cw_pool conn_pool;
    struct cw_pool chunk_pool;
    struct cw_pool entry_pool;
    struct cw_pool session_pool;
    struct cw_pool participant_pool;
    struct cw_frame_pools frames;
    struct cw_table by_socket;   /* cw_socket -> struct cw_conn */
    struct cw_table by_upstream; /* cw_socket of web.sock -> struct cw_conn */
    struct cw_table sessions;
    struct cw_table devices;  /* device number -> struct cw_conn */
    struct cw_table requests; /* request -> struct cw_conn */
    struct cw_list conns;
    struct cw_list dirty;
    struct cw_list session_list;
    struct cw_list consoles;
    struct cw_admission admission;
    struct cw_penalties penalties;
    struct cw_link link;
    struct cw_setting_values settings;
    bool is_draining; /* nobody new is taken in; who is here stays */
    struct cw_counters counters;
    struct cw_handover *handovers;
    uint64_t next_conn;
    uint64_t next_request;
    bool is_stopping;
    atomic_bool stop_wanted;
    struct cw_timer stop_timer;
    uint8_t plain[CW_FRAME_BYTES_MAX]; /* plaintext just decrypted */
    uint8_t batch[CW_RELAY_BATCH_BYTES +
                  CW_FRAME_BYTES_MAX]; /* plaintext about to be sealed, or an answer */
};

/* Origins that may open a WebSocket, as a list for engine/http_head.h. */
const char *cw_worker_origins(const struct cw_worker *w);
/* "203.0.113.9" or "2001:db8::1"; out holds 46 bytes. */
void cw_address_text(const uint8_t *address, char out[46]);

#endif
