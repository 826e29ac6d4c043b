/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/net_worker.h - inside of one simulated worker's struct cw_io: its sockets and its files.
 *
 * Owner:     struct cw_net owns the workers and the disk; a worker goes with ops->free, its files stay.
 * Thread:    the simulation's one.
 * Units:     bytes, ns.
 * Errors:    as engine/io.h.
 * Limits:    NET_FILES open at once a worker.
 * Invariant: a slot's generation changes each time it is used.
 */
#ifndef CW_TESTS_SIM_NET_WORKER_H
#define CW_TESTS_SIM_NET_WORKER_H

#include "tests/sim/net_stream.h"

enum { NET_FILES = 64, NET_INDEX_MASK = (1 << CW_IO_INDEX_BITS) - 1 };

/* GONE: its CLOSE was given by the last wait; requests the worker makes before it sees that do nothing. */
enum net_state { NET_FREE, NET_CONNECTING, NET_USED, NET_CLOSING, NET_DETACHING, NET_GONE };

struct net_socket {
    enum net_state state;
    uint16_t generation;
    unsigned side;
    struct net_pipe *pipe; /* NULL: a connect that is refused */
    bool is_receiving;
    bool is_late; /* stopped, but one receive was on its way */
    bool is_sending;
    bool is_settled;
    bool is_shut; /* FIN was sent */
    bool flush;
    bool was_detaching; /* and then closed */
    unsigned count;
    uint64_t send_ns;  /* not taken before */
    uint64_t state_ns; /* when CONNECTING, CLOSING or DETACHING ends */
    struct iovec iov[CW_IO_IOV_MAX];
};

/* An open file; it names a file on the disk, which may outlive it. */
struct net_handle {
    struct net_file *file; /* NULL: free */
    uint16_t generation;
    bool is_busy;
    bool is_sync;
    bool is_closing;
    unsigned count;
    uint64_t offset;
    uint64_t done_ns;
    struct iovec iov[CW_IO_IOV_MAX];
};

struct net_worker {
    struct cw_io io;
    struct cw_net *net;
    unsigned index;
    bool is_woken;
    bool accepts[NET_LISTENERS];
    uint64_t deadline_ns;
    uint64_t random_state;
    unsigned free_buffers;
    bool *is_lent;
    uint8_t *buffers;
    struct net_socket *sockets;
    struct net_handle files[NET_FILES];
};

struct net_worker *net_worker_of(struct cw_io *io);

/* net_file.c */
uint64_t net_files_due(const struct net_worker *w);
bool net_files_give(struct net_worker *w, struct cw_io_completion *c);
/* The process dies: of a write under way a part arrives or nothing. */
void net_files_stop(struct net_worker *w);
int net_file_create(struct cw_io *io, const char *name, cw_file *ret_file);
int net_file_write(struct cw_io *io, cw_file number, const struct iovec *iov, unsigned count,
                   uint64_t offset);
int net_file_sync(struct cw_io *io, cw_file number);
void net_file_close(struct cw_io *io, cw_file number);

#endif
