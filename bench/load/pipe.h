/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/pipe.h - a TLS byte stream of the load: handshake, then its own records over io_uring.
 *
 * Owner:     cw_pipe_dial and cw_pipe_accept make it; it is freed by itself when it was closed and its last
 *            operation has come back. closed() is the last call, and the owner forgets the stream there.
 * Thread:    one.
 * Units:     bytes.
 * Errors:    CW_ERR_IO (the socket cannot be made), CW_ERR_NOMEM.
 * Invariant: at most one send is under way; what is written meanwhile waits in one buffer.
 */
#ifndef CW_BENCH_LOAD_PIPE_H
#define CW_BENCH_LOAD_PIPE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/load/handshake.h"
#include "bench/load/loop.h"
#include "bench/load/record.h"
#include "bench/load/secure.h"
#include "engine/base/list.h"

/* What all streams of a process share. */
struct cw_net {
    struct cw_loop *loop;
    struct cw_secure *secure;
    struct sockaddr_in source; /* of connections; port 0; sin_family 0: the kernel chooses */
    const char *congestion;    /* TCP_CONGESTION, or NULL */
    size_t unsent_bytes;       /* TCP_NOTSENT_LOWAT of clients, when not 0 */
    bool is_native;            /* clients offer ALPN causeway/1 */
    struct cw_list dirty;      /* streams with something to send */
    char message[160];         /* why the last dial or listen failed */
};

struct cw_pipe;
struct cw_pipe_events {
    void (*ready)(struct cw_pipe *s);                             /* the handshake is complete */
    void (*data)(struct cw_pipe *s, uint8_t *plain, size_t size); /* of one record */
    void (*drained)(struct cw_pipe *s);                           /* all that was written is sent */
    void (*closed)(struct cw_pipe *s, const char *why);
};

struct cw_pipe_buffer {
    uint8_t *data;
    size_t bytes, capacity;
};

struct cw_pipe {
    struct cw_loop_target target;
    struct cw_net *net;
    const struct cw_pipe_events *events;
    void *owner;
    struct cw_list dirty;
    int fd;
    unsigned operations; /* in the ring */
    bool is_server, is_ready, is_closed, is_receiving, is_sending, is_reset;
    SSL *ssl;                       /* a server's, until the handshake is complete */
    struct cw_handshake *handshake; /* a client's */
    struct cw_secrets secrets;
    struct cw_record *keys;   /* 0 receives, 1 sends */
    size_t recv_bytes_max;    /* not 0: one receive at a time, by cw_pipe_recv_once */
    struct cw_pipe_buffer in; /* the beginning of a record */
    struct cw_pipe_buffer out[2];
    unsigned filling;                    /* of out; the other is being sent */
    uint64_t sent_bytes, received_bytes; /* plaintext */
};

struct cw_pipe *cw_pipe_dial(struct cw_net *n, const struct sockaddr_in *to,
                             const struct cw_pipe_events *events, void *owner);
/* fd was accepted. */
struct cw_pipe *cw_pipe_accept(struct cw_net *n, int fd, const struct cw_pipe_events *events,
                               void *owner);
int cw_net_listen(struct cw_net *n, uint16_t port, int *ret_fd);
/* Room for one record of size plaintext bytes; commit seals and queues it. */
uint8_t *cw_pipe_reserve(struct cw_pipe *s, size_t size);
void cw_pipe_commit(struct cw_pipe *s, size_t size);
void cw_pipe_write(struct cw_pipe *s, const void *plain, size_t size);
/* Ciphertext that the kernel has not taken. */
size_t cw_pipe_unsent(const struct cw_pipe *s);
/* Before ready(): the stream receives nothing by itself, only this much at each call of recv_once. */
void cw_pipe_throttle(struct cw_pipe *s, size_t recv_bytes_max);
void cw_pipe_recv_once(struct cw_pipe *s);
/* close_notify, then the other side closes; closed() follows. */
void cw_pipe_finish(struct cw_pipe *s);
/* Ends it now, with a reset: no TIME_WAIT. closed() is not called. */
void cw_pipe_reset(struct cw_pipe *s);
/* Starts the sends of this turn. */
void cw_net_flush(struct cw_net *n);

#endif
