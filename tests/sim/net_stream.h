/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/net_stream.h - connections of the simulated network: two sides, a stream of segments each way.
 *
 * Owner:     struct cw_net owns every pipe; a pipe goes when both sides have let go of it.
 * Thread:    the simulation's one.
 * Units:     bytes, ns.
 * Errors:    none; sizes taken are returned.
 * Limits:    window_bytes of the options.
 * Invariant: segments of a stream arrive in the order they were sent.
 */
#ifndef CW_TESTS_SIM_NET_STREAM_H
#define CW_TESTS_SIM_NET_STREAM_H

#include "tests/sim/net.h"

enum { NET_LISTENERS = 8, NET_BUFFER_BYTES = 16384, NET_FIRST_DESCRIPTOR = 1000 };
#define NET_NEVER     UINT64_MAX
#define NET_LINGER_NS UINT64_C(1000000000) /* as the production backend reads on after a close */

struct net_segment {
    struct net_segment *next;
    uint64_t arrive_ns;
    size_t size;
    size_t at; /* bytes already read */
    uint8_t data[];
};

/* What travels to one side. */
struct net_stream {
    struct net_segment *first, *last;
    size_t unread;     /* sent and not read */
    uint64_t last_ns;  /* arrival of the latest segment */
    uint64_t fin_ns;   /* NET_NEVER: not sent */
    uint64_t reset_ns; /* when this side learns of a reset */
};

enum net_owner { NET_OWNER_NOBODY, NET_OWNER_WORKER, NET_OWNER_END, NET_OWNER_GONE };

struct net_side {
    enum net_owner owner; /* NOBODY: waiting to be accepted or adopted */
    struct net_stream in;
    uint64_t
        linger_until_ns; /* GONE: until then what comes is dropped, afterwards it is answered by RST */
};

struct net_pipe {
    struct net_pipe *next;
    int descriptor; /* of side 0; side 1 has the next number */
    bool is_unix;
    bool is_waiting; /* side 1 is in an accept queue */
    bool is_cut;
    uint64_t arrives_ns; /* in the accept queue */
    uint64_t uncut_ns;
    int worker; /* whose accept queue */
    uint16_t listener;
    uint8_t address[18];
    char path[CW_NET_PATH_BYTES];
    struct net_side side[2];
};

struct cw_net_end {
    struct cw_net *net;
    struct net_pipe *pipe;
    unsigned side;
    bool is_stalled;
    bool fin_sent;
};

struct net_unix {
    struct net_unix *next;
    bool is_open;
    char path[CW_NET_PATH_BYTES];
};

/* What was written and not synced: a crash keeps the first of these, the next in part, and no more. */
struct net_write {
    struct net_write *next;
    uint64_t offset;
    size_t size;
    uint8_t data[];
};

struct net_content {
    uint8_t *data;
    size_t size;
};

struct net_file {
    struct net_file *next;
    char name[CW_NET_FILE_NAME_BYTES];
    struct net_content now;     /* as a reader sees it */
    struct net_content durable; /* as of the last sync */
    bool was_synced;
    struct net_write *first, *last;
};

struct net_worker;

struct cw_net {
    struct cw_net_options options;
    uint64_t now_ns;
    uint64_t random_state;      /* what the network does */
    uint64_t test_random_state; /* what the test asks for */
    uint64_t hash;
    int next_descriptor;
    struct net_pipe *pipes;
    struct net_unix *servers;
    struct net_worker **workers;
    struct cw_net_disk disk;
    uint64_t disk_used; /* bytes, since the faults were set */
    struct net_file *files;
};

uint64_t net_random_next(uint64_t *state);
uint64_t net_draw(struct cw_net *net, uint64_t below);
/* n, or with short_permille's chance a smaller number of at least 1. */
size_t net_shorten(struct cw_net *net, size_t n);
void net_hash(struct cw_net *net, const void *data, size_t size);
void net_hash_u64(struct cw_net *net, uint64_t v);

struct net_pipe *net_pipe_new(struct cw_net *net, bool is_unix);
/* Frees it when both sides are gone. */
void net_pipe_settle(struct cw_net *net, struct net_pipe *p);
/* Sends from side; returns the bytes taken, 0 when the window of the other side is full. */
size_t net_pipe_send(struct cw_net *net, struct net_pipe *p, unsigned side, const uint8_t *data,
                     size_t size);
size_t net_pipe_room(const struct cw_net *net, const struct net_pipe *p, unsigned side);
/* Bytes that have arrived, at most size of them. */
size_t net_pipe_take(struct cw_net *net, struct net_pipe *p, unsigned side, uint8_t *out,
                     size_t size);
void net_pipe_finish(struct cw_net *net, struct net_pipe *p, unsigned side);
/* side resets: it sees that at once, the other after a delay. */
void net_pipe_reset(struct cw_net *net, struct net_pipe *p, unsigned side);
/* side lets go: with a reset, or FIN and a linger. */
void net_pipe_leave(struct cw_net *net, struct net_pipe *p, unsigned side, bool flush);
/* When side next has something to read (bytes, FIN or reset); <= now: already. */
uint64_t net_pipe_due(const struct net_pipe *p, unsigned side);
bool net_pipe_is_reset(const struct cw_net *net, const struct net_pipe *p, unsigned side);
bool net_pipe_is_finished(const struct cw_net *net, const struct net_pipe *p, unsigned side);

/* net_file.c */
void net_disk_free(struct cw_net *net);

/* net_io.c */
void net_worker_free_all(struct cw_net *net);
/* The next time any worker has something to do. */
uint64_t net_workers_due(const struct cw_net *net);

#endif
