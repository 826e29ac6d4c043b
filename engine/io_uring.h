/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring.h - inside of the io_uring backend, shared by its files and its test.
 *
 * Owner:     the worker owns the struct uring; it owns its ring, buffers and every socket in its table.
 * Thread:    new on any thread; the ring is enabled by the first wait, and belongs to that thread from then
 *            on (SINGLE_ISSUER). free: any, after that thread has ended. wake: any.
 * Units:     bytes, ns.
 * Errors:    as engine/io.h.
 * Limits:    below, with derivation.
 * Invariant: a socket's slot is freed only when no request in the kernel names it.
 *
 *   CONNECTING --ok--> OPEN --close--> CLOSING --idle--> LINGERING --FIN or 1 s--> CLOSING --> GONE --> FREE
 *        \--failed--------------------^   \--no flush, or a Unix socket------------^
 *                      OPEN --detach--> DETACHING --idle--> FREE (the descriptor is the caller's)
 *   CLOSING    waits for the requests in the kernel to end
 *   LINGERING  our FIN is sent; what comes is dropped, so that no RST overtakes our last bytes
 *   GONE       IORING_OP_CLOSE is in the kernel
 */
#ifndef CW_ENGINE_IO_URING_H
#define CW_ENGINE_IO_URING_H

#include <liburing.h>
#include <stdatomic.h>
#include <sys/un.h>

#include "engine/io.h"

enum {
    URING_SQ_ENTRIES = 1024, /* one batch: a receive re-armed and a send for 512 sockets */
    URING_CQ_ENTRIES = 8192, /* a batch of completions of each; the kernel keeps what overflows */
    URING_BUFFERS = 256,     /* 4 MB a worker: one batch of receives, returned before the next */
    URING_BUFFER_BYTES = 16384, /* a TLS record and its overhead takes two; bulk fills them */
    URING_LISTENERS_MAX = 8,
    URING_FILES_MAX = 4096, /* a recording for each session a worker can hold */
    URING_INDEX_MASK = (1 << CW_IO_INDEX_BITS) - 1,
    URING_NOTSENT_BYTES =
        65536, /* bytes in the kernel that an input frame waits behind (WIRE.md) */
};
#define URING_LINGER_NS       UINT64_C(1000000000) /* a round trip or two of a slow path */
#define URING_ACCEPT_RETRY_NS UINT64_C(100000000)  /* after EMFILE and the like */
enum { URING_BUFFER_GROUP = 1 };
#define URING_NOBODY UINT32_MAX

enum uring_state {
    URING_FREE,
    URING_CONNECTING,
    URING_OPEN,
    URING_CLOSING,
    URING_LINGERING,
    URING_DETACHING,
    URING_GONE,
    URING_ENDED, /* its CLOSE completion waits in the done list */
};

/* The low byte of user_data; above it the number of the socket or file. */
enum uring_kind {
    URING_KIND_ACCEPT = 1,
    URING_KIND_CONNECT,
    URING_KIND_RECV,
    URING_KIND_SEND,
    URING_KIND_CLOSE,
    URING_KIND_CANCEL,
    URING_KIND_WAKE,
    URING_KIND_FILE,
};

struct uring_socket {
    int descriptor;
    uint16_t generation;
    uint8_t state; /* enum uring_state */
    bool is_unix;
    bool flush;
    bool recv_wanted;
    bool recv_armed; /* a multishot receive is in the kernel */
    bool recv_ended; /* end of stream or an error was seen */
    bool recv_cancelled;
    bool is_starved; /* in the starved queue */
    bool is_settled;
    bool send_armed;
    bool connect_armed;
    int32_t close_result;
    uint32_t next;     /* free list, done list or linger list */
    uint32_t previous; /* linger list */
    uint64_t linger_until_ns;
};

struct uring_file {
    int descriptor; /* -1: free */
    uint16_t generation;
    bool is_busy;    /* a request is in the kernel */
    bool is_closing; /* when that has ended */
    uint32_t next;   /* free list */
};

struct uring_listener {
    int descriptor;
    bool is_wanted;
    bool is_armed;
    uint64_t retry_ns; /* 0: none */
};

/* What the kernel reads only while it takes a submission (IORING_FEAT_SUBMIT_STABLE). */
struct uring_staging {
    struct msghdr message;
    union {
        struct iovec iov[CW_IO_IOV_MAX];
        struct sockaddr_un address;
    };
};

struct uring_list {
    uint32_t first, last;
};

struct uring {
    struct cw_io io;
    struct io_uring ring;
    bool has_ring;
    bool is_enabled;
    int wake_descriptor;
    bool wake_armed;
    atomic_bool wake_pending;
    uint64_t wake_value;
    struct uring_listener listeners[URING_LISTENERS_MAX];
    unsigned listener_count;

    struct io_uring_buf_ring *buffer_ring;
    uint8_t *buffers;
    unsigned buffers_free;
    bool is_lent[URING_BUFFERS];

    struct uring_staging *staging; /* one for each submission queue entry */

    uint64_t busy_poll_ns;
    uint64_t last_ns; /* when there was a completion */

    int directory;
    struct uring_file *files; /* NULL: no directory */
    uint32_t files_first;     /* free list */
    unsigned files_busy;

    unsigned sockets_max;
    struct uring_socket *sockets;
    uint32_t free_first;
    struct uring_list done;
    struct uring_list linger;
    uint32_t *starved; /* a ring of indexes, FIFO */
    unsigned starved_first, starved_count;
};

/* For tests of the fall-backs. */
enum {
    CW_IO_URING_NO_DEFER = 1,        /* as before kernel 6.1 */
    CW_IO_URING_NO_COOP = 2,         /* as before kernel 5.19 */
    CW_IO_URING_NO_RESTRICTIONS = 4, /* as where registering them is refused */
};
int cw_io_uring_new_without(unsigned features, const struct cw_io_uring_config *config,
                            struct cw_io **ret_io);

/* io_uring_ring.c */
int uring_ring_open(struct uring *u, unsigned without);
void uring_ring_close(struct uring *u);
/* On the worker's thread, once. */
void uring_ring_enable(struct uring *u);
struct io_uring_sqe *uring_sqe(struct uring *u, enum uring_kind kind, uint32_t who);
struct uring_staging *uring_stage(struct uring *u, const struct io_uring_sqe *sqe);
void uring_submit(struct uring *u);
void uring_buffer_return(struct uring *u, unsigned buffer);

/* io_uring_socket.c */
extern const struct cw_io_ops uring_ops;
uint64_t uring_now_ns(void);
uint32_t uring_socket_number(const struct uring *u, const struct uring_socket *s);
/* NULL: an earlier generation. */
struct uring_socket *uring_socket_find(struct uring *u, uint32_t number);
struct uring_socket *uring_socket_new(struct uring *u, int descriptor, enum uring_state state);
void uring_socket_free(struct uring *u, struct uring_socket *s);
void uring_recv_arm(struct uring *u, struct uring_socket *s);
void uring_accept_arm(struct uring *u, unsigned listener);
void uring_wake_arm(struct uring *u);
/* Takes a socket that is on its way out one step further, when nothing of it is in the kernel. */
void uring_socket_settle(struct uring *u, struct uring_socket *s);

/* io_uring_file.c */
int uring_files_new(struct uring *u);
/* Until no request reads bytes of the caller any more. */
void uring_files_finish(struct uring *u);
void uring_files_free(struct uring *u);
bool uring_file_on_done(struct uring *u, uint32_t number, int32_t result,
                        struct cw_io_completion *c);
int uring_file_create(struct cw_io *io, const char *name, cw_file *ret_file);
int uring_file_write(struct cw_io *io, cw_file number, const struct iovec *iov, unsigned count,
                     uint64_t offset);
int uring_file_sync(struct cw_io *io, cw_file number);
void uring_file_close(struct cw_io *io, cw_file number);

/* io_uring.c */
struct cw_io *uring_free(struct cw_io *io);
unsigned uring_wait(struct cw_io *io, uint64_t deadline_ns, struct cw_io_completion *completions,
                    unsigned max);

#endif
