/* SPDX-License-Identifier: Apache-2.0 */
/* engine/worker_state.h - what one worker is made of; for the relay's own modules only.
 *
 * Owner:     cw_worker_new to cw_worker_free.
 * Thread:    the worker's, but for stop_wanted and the handovers' is_taken.
 * Units:     in the names.
 * Invariant: every connection is in conns; by_socket has each open socket of a connection.
 */
#ifndef CW_ENGINE_WORKER_STATE_H
#define CW_ENGINE_WORKER_STATE_H

#include <stdatomic.h>

#include "engine/admission.h"
#include "engine/base/table.h"
#include "engine/channel.h"
#include "engine/conn.h"
#include "engine/count.h"
#include "engine/gate.h"
#include "engine/link_client.h"
#include "engine/session.h"
#include "engine/worker.h"

/* A connection on its way to another worker. The sender owns the slot; the receiver frees it by is_taken. */
struct cw_handover {
    atomic_bool is_taken; /* in use */
    struct cw_tls_moved tls;
    uint8_t address[CW_ADDRESS_BYTES];
    uint8_t exporter[CW_EXPORTER_BYTES];
    bool is_websocket;
    struct cw_ticket ticket;
    uint64_t received_bytes;
    uint64_t sent_bytes;
    uint32_t rest_bytes; /* plaintext that came behind the HELLO */
    uint8_t rest[CW_RELAY_RECORD_BYTES_MAX];
};

/* What one record is gathered from: a piece a frame, and one for its WebSocket header. */
enum { CW_GATHER_FRAMES_MAX = 256 };
struct cw_gather {
    unsigned piece_count;
    unsigned frame_count;
    size_t bytes;
    struct iovec pieces[2 * CW_GATHER_FRAMES_MAX];
    struct cw_frame_buffer *frames[CW_GATHER_FRAMES_MAX];
    uint8_t headers[CW_GATHER_FRAMES_MAX][CW_WEBSOCKET_HEADER_BYTES_MAX];
};

enum { CW_COMPLETIONS_PER_STEP = 256 };

struct cw_worker {
    struct cw_worker_config config;
    struct cw_io *io;
    uint64_t now_ns; /* of this step */
    uint32_t now_ms; /* the same modulo 2^32: for differences */
    struct cw_timers timers;
    struct cw_tls_worker *tls;
    struct cw_pool conn_pool;
    struct cw_pool arrival_pool;
    struct cw_pool chunk_pool;
    struct cw_pool input_pool;
    struct cw_pool queue_pool;
    struct cw_pool small_output_pool;
    struct cw_pool large_output_pool;
    struct cw_pool entry_pool;
    struct cw_pool session_pool;
    struct cw_pool participant_pool;
    struct cw_pool stream_pool;
    struct cw_frame_pools frames;
    struct cw_conn *
        *by_socket;        /* CW_IO_SOCKETS_MAX, by the socket's index; also those of web.sock */
    uint32_t socket_count; /* in by_socket */
    struct cw_table
        displaced; /* sockets whose CLOSE is yet to be looked at, while their index has a new owner */
    struct cw_table sessions;
    struct cw_table streams;  /* session, channel, number -> struct cw_relay_stream */
    struct cw_table devices;  /* device number -> struct cw_conn */
    struct cw_table requests; /* request -> struct cw_conn */
    struct cw_list conns;
    struct cw_list dirty;
    struct cw_list starved; /* connections that wait for an output */
    struct cw_list session_list;
    struct cw_list consoles;
    struct cw_admission admission;
    struct cw_penalties *penalties; /* all workers' */
    struct cw_gate gate;
    struct cw_link link;
    struct cw_setting_values settings;
    bool is_draining; /* nobody new is taken in; who is here stays */
    struct cw_records records;
    struct cw_counters counters;
    struct cw_handover *handovers;
    uint64_t next_conn;
    uint64_t next_request;
    bool is_stopping;
    bool is_restarting; /* stopping, because another engine takes over */
    atomic_int stop_wanted;
    atomic_bool is_accepting;
    atomic_bool is_quiet;
    struct cw_timer stop_timer;
    uint64_t stop_ns; /* when there is no more time for last words */
    struct cw_timer accept_timer;
    struct cw_timer trim_timer;
    struct cw_io_completion
        completions[CW_COMPLETIONS_PER_STEP]; /* not on the stack: it is zeroed */
    struct cw_input blank;   /* the input of a connection that has none, at rest between rounds */
    struct cw_gather gather; /* the record that is being made */
    uint8_t scratch[CW_LINK_MESSAGE_BYTES_MAX]; /* an answer or STATUS that is being written */
};

/* ---- worker_life.c ----------------------------------------------------------------------------- */
enum { CW_WORKER_STOP = 1, CW_WORKER_RESTART, CW_WORKER_HOLD };
/* Accepts now, or once control has linked. */
int cw_worker_begin(struct cw_worker *w);
int cw_worker_accept(struct cw_worker *w);
bool cw_worker_is_plain(const struct cw_worker *w, uint16_t listener);
void cw_worker_look_at_stop(struct cw_worker *w);
void cw_worker_on_stop_timer(struct cw_worker *w);
bool cw_worker_has_stopped(struct cw_worker *w);
/* What those who are here, or still come, are told. */
uint16_t cw_worker_stop_code(const struct cw_worker *w);

/* Origins that may open a WebSocket, as a list for engine/http_head.h. */
const char *cw_worker_origins(const struct cw_worker *w);
/* "203.0.113.9" or "2001:db8::1"; out holds 46 bytes. */
void cw_address_text(const uint8_t *address, char out[46]);

#endif
