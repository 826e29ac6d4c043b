/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring.h - inside of the io_uring backend, shared by its files and its test.
 *
 * Owner:     the worker owns the struct uring; it owns its rings, buffers and every socket in its table.
 * Thread:    new on any thread; the rings are enabled by the first wait, and belong to that thread from then
 *            on (SINGLE_ISSUER). free: any, after that thread has ended. wake: any.
 * Units:     bytes, ns.
 * Errors:    as engine/io.h.
 * Limits:    below, with derivation.
 * Invariant: a socket's slot is freed only when no request in the kernel names it; a socket stays with the
 *            ring its index belongs to.
 *
 *   CONNECTING --ok--> OPEN --close--> CLOSING --idle--> LINGERING --FIN or 1 s--> CLOSING --> GONE --> FREE
 *        \--failed--------------------^   \--no flush, or a Unix socket------------^
 *                      OPEN --detach--> DETACHING --idle--> FREE (the descriptor is the caller's)
 *   CLOSING    waits for the requests in the kernel to end
 *   LINGERING  our FIN is sent; what comes is dropped, so that no RST overtakes our last bytes
 *   GONE       IORING_OP_CLOSE is in the kernel
 *
 * A new socket is an ordinary descriptor. One that is settled moves into the table of direct descriptors of its
 * ring, at the place its index names, and leaves the process's table: so the limit of descriptors is one of
 * each ring, and a backend opens as many rings as its sockets need. The main ring (the first) also holds the
 * listeners, the files and what wakes the worker; it is the one slept on, and an eventfd that the other
 * rings ring when something has come to them is polled there. Nothing of that exists while one ring will do.
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
    /* The kernel gives 20 sockets their turn at a time. The second level cache (1 MB) holds all of it, and
     * 32 KB at once hold a whole TLS record (16,406) and most of the next. */
    URING_BUFFERS = 32,
    URING_BUFFER_BYTES = 32768,
    /* A receive ends after so many bytes, where the kernel can, and is armed again for the socket's next turn;
     * otherwise it goes on for 32 buffers. */
    URING_TURN_BYTES = 65536,
    URING_LISTENERS_MAX = 512, /* both kinds, all that a supervisor may have opened */
    URING_RINGS_MAX = 16,
    URING_STAGING = 64,     /* gathering sends between two submissions */
    URING_FILES_MAX = 4096, /* a recording for each session a worker can hold */
    URING_INDEX_MASK = (1 << CW_IO_INDEX_BITS) - 1,
    URING_NOTSENT_BYTES =
        65536, /* bytes in the kernel that an input frame waits behind (WIRE.md) */
};
#define URING_LINGER_NS       UINT64_C(1000000000) /* a round trip or two of a slow path */
#define URING_ACCEPT_RETRY_NS UINT64_C(100000000)  /* after EMFILE and the like */
enum {
    URING_BUFFER_GROUP = 1,
    URING_BUFFER_BITS =
        16, /* a buffer's number for the caller: these bits of it, above them the ring */
    URING_COMMAND_SETSOCKOPT =
        3, /* SOCKET_URING_OP_SETSOCKOPT: newer than the headers of Debian 12 */
};
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
    URING_KIND_CANCEL, /* and whatever else has a result that nobody needs */
    URING_KIND_WAKE,
    URING_KIND_FILE,
    URING_KIND_BELL,   /* something has come to another ring */
    URING_KIND_OPTION, /* a shutdown or an option of a direct descriptor */
};

/* 32 bytes: there may be 131,072 of them. */
struct uring_socket {
    int32_t descriptor; /* -1: settled, a direct descriptor */
    uint16_t generation;
    uint8_t state;   /* enum uring_state */
    uint8_t options; /* URING_KIND_OPTION in the kernel */
    bool is_unix : 1;
    bool
        is_settled : 1; /* by the caller's word; a descriptor that cannot be direct stays what it was */
    bool flush : 1;
    bool recv_wanted : 1;
    bool recv_armed : 1; /* a multishot receive is in the kernel */
    bool recv_ended : 1; /* end of stream or an error was seen */
    bool recv_got : 1;   /* since it was armed */
    bool recv_cancelled : 1;
    bool is_starved : 1; /* in the starved queue */
    bool send_armed : 1;
    bool connect_armed : 1;
    int32_t close_result;
    uint32_t next;     /* free list, done list or linger list */
    uint32_t previous; /* linger list */
    uint64_t linger_until_ns;
};
_Static_assert(sizeof(struct uring_socket) == 32, "the budget of an idle connection is 512 bytes");

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

/* One ring: sockets first to first + count - 1 of the table. */
struct uring_ring {
    struct io_uring ring;
    unsigned number;
    bool is_enabled;
    uint32_t first;
    uint32_t count;
    uint32_t fresh;      /* from this one on none was ever used */
    uint32_t free_first; /* used before */

    struct io_uring_buf_ring *buffer_ring;
    uint8_t *buffers;
    unsigned buffers_free;
    bool is_lent[URING_BUFFERS];
    uint32_t *starved; /* indexes, FIFO, count places round and round */
    unsigned starved_first, starved_count;
};

struct uring {
    struct cw_io io;
    unsigned without; /* features a test forbids */
    bool has_direct;
    bool has_turns; /* the kernel ends a receive after URING_TURN_BYTES */
    unsigned ring_shift;
    unsigned ring_count;
    unsigned ring_turn; /* whose completions are looked at first */
    struct uring_ring *rings[URING_RINGS_MAX];

    int wake_descriptor;
    bool wake_armed;
    atomic_bool wake_pending;
    uint64_t wake_value;
    int bell_descriptor; /* -1: one ring will do */
    bool bell_armed;
    struct uring_listener listeners[URING_LISTENERS_MAX];
    unsigned listener_count;
    unsigned accept_retries; /* listeners with a retry_ns */

    struct uring_staging *staging;
    unsigned staging_used;

    uint64_t busy_poll_ns;
    uint64_t last_ns; /* when there was a completion */

    int directory;
    struct uring_file *files; /* NULL: no directory */
    uint32_t files_first;     /* free list */
    unsigned files_busy;

    unsigned sockets_max;
    unsigned ordinary_count; /* sockets that are ordinary descriptors */
    unsigned ordinary_max;   /* when there are so many, none is accepted */
    struct uring_socket *sockets;
    struct uring_list done;
    struct uring_list linger;
};

/* For tests of the fall-backs. */
enum {
    CW_IO_URING_NO_DEFER = 1,        /* as before kernel 6.1 */
    CW_IO_URING_NO_COOP = 2,         /* as before kernel 5.19 */
    CW_IO_URING_NO_RESTRICTIONS = 4, /* as where registering them is refused */
    CW_IO_URING_NO_DIRECT = 8,       /* as before kernel 6.7 */
    CW_IO_URING_NO_TURNS = 16,       /* as before kernel 6.17 */
    CW_IO_URING_SMALL_TABLES = 32,   /* as where a process has few descriptors */
};
enum { URING_SMALL_TABLE = 64 };
int cw_io_uring_new_without(unsigned features, const struct cw_io_uring_config *config,
                            struct cw_io **ret_io);

static inline struct uring *uring_of(struct cw_io *io)
{
    return (struct uring *)(void *)io; /* io is its first member */
}

/* io_uring_probe.c */
/* Sets has_direct and has_turns. */
void uring_probe(struct uring *u);

/* io_uring_ring.c */
/* Opens the next ring. */
int uring_ring_open(struct uring *u);
void uring_ring_close(struct uring *u, unsigned ring);
/* On the worker's thread, once. */
void uring_ring_enable(struct uring_ring *r);
struct io_uring_sqe *uring_sqe(struct uring_ring *r, enum uring_kind kind, uint32_t who);
/* Place for what a submission points to, until it is submitted. To be asked for before the submission is:
 * it may submit what is queued. */
struct uring_staging *uring_stage(struct uring *u);
/* The rings' queues have been given to the kernel. */
void uring_submitted(struct uring *u);
/* The kernel has something for this ring that it has not written down. */
bool uring_is_pending(const struct uring_ring *r);
int uring_direct_set(struct uring_ring *r, uint32_t slot, int descriptor);
void uring_buffer_return(struct uring_ring *r, unsigned buffer);

/* io_uring_table.c */
uint64_t uring_now_ns(void);
uint32_t uring_index(const struct uring *u, const struct uring_socket *s);
uint32_t uring_socket_number(const struct uring *u, const struct uring_socket *s);
/* NULL: an earlier generation. */
struct uring_socket *uring_socket_find(struct uring *u, uint32_t number);
/* NULL: no ring has room. */
struct uring_socket *uring_socket_new(struct uring *u, int descriptor, enum uring_state state);
void uring_socket_free(struct uring *u, struct uring_socket *s);
struct uring_ring *uring_socket_ring(struct uring *u, const struct uring_socket *s);
/* A submission on the socket's ring, still without an operation, for uring_aim after it was prepared. */
struct io_uring_sqe *uring_socket_sqe(struct uring *u, const struct uring_socket *s,
                                      enum uring_kind kind);
/* What to give io_uring_prep_* as the descriptor, and afterwards the flag that tells which kind it is. */
int uring_aim_at(const struct uring *u, const struct uring_socket *s);
void uring_aim(const struct uring_socket *s, struct io_uring_sqe *sqe);
/* SO_LINGER of a direct descriptor to "reset at once"; keeps user_data. */
void uring_prep_reset(struct io_uring_sqe *sqe, int slot);
void uring_settle(struct cw_io *io, cw_socket number);
void uring_linger_add(struct uring *u, struct uring_socket *s);
void uring_linger_remove(struct uring *u, struct uring_socket *s);
void uring_done_add(struct uring *u, struct uring_socket *s, int32_t result);

/* No buffer was left for it: it waits its turn. */
void uring_starve(struct uring *u, struct uring_ring *r, struct uring_socket *s);
/* Arms as many of those as there are buffers. */
void uring_feed(struct uring *u, struct uring_ring *r);

/* io_uring_leave.c */
void uring_receive_cancel(struct uring *u, struct uring_socket *s);
/* Takes a socket that is on its way out one step further, when nothing of it is in the kernel. */
void uring_leave(struct uring *u, struct uring_socket *s);
void uring_shutdown(struct cw_io *io, cw_socket number);
void uring_close(struct cw_io *io, cw_socket number, bool flush);
int uring_detach(struct cw_io *io, cw_socket number);

/* io_uring_request.c */
extern const struct cw_io_ops uring_ops;
void uring_recv_arm(struct uring *u, struct uring_socket *s);
void uring_accept_arm(struct uring *u, unsigned listener);
void uring_wake_arm(struct uring *u);
void uring_bell_arm(struct uring *u);

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

/* io_uring_complete.c */
/* True: *c is a completion for the caller. */
bool uring_on_cqe(struct uring *u, struct uring_ring *r, const struct io_uring_cqe *cqe,
                  struct cw_io_completion *c);

/* io_uring.c */
struct cw_io *uring_free(struct cw_io *io);
unsigned uring_wait(struct cw_io *io, uint64_t deadline_ns, struct cw_io_completion *completions,
                    unsigned max);

#endif
