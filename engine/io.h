/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io.h - the backend interface: requests in, completions out as values.
 *
 * Implemented by engine/io_uring.c and by the simulated network tests/sim/net.c; nothing above it knows
 * which one runs.
 *
 * Owner:     the worker owns its struct cw_io. Received bytes belong to the backend until
 *            buffer_return; bytes given to send belong to the caller and must stay until the SEND completes.
 * Thread:    the worker's only, but for wake(), which any thread may call.
 * Units:     bytes, ns (monotonic).
 * Errors:    requests give 0 or a negative enum cw_err at once (CW_ERR_FULL: no slot); a completion's
 *            result is >= 0 or a negative errno.
 * Invariant: every socket gets exactly one CLOSE completion, after which its number may be used again;
 *            at most one send is in flight a socket.
 *
 * Sockets and files are {generation 14 bits, index 18 bits}; a completion that arrives for an earlier
 * generation is dropped inside the backend.
 */
#ifndef CW_ENGINE_IO_H
#define CW_ENGINE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

typedef uint32_t cw_socket; /* 0 is never a socket */
typedef uint32_t cw_file;   /* 0 is never a file */

enum {
    CW_IO_INDEX_BITS = 18,
    CW_IO_INDEX_MASK = (1 << CW_IO_INDEX_BITS) - 1,
    CW_IO_GENERATION_MAX = (1 << 14) - 1,
    CW_IO_SOCKETS_MAX = 131072, /* of one backend */
};

enum cw_io_op {
    CW_IO_ACCEPT,  /* socket = the new one; listener = which; address set */
    CW_IO_CONNECT, /* result 0: socket can be used; else failed (a CLOSE follows by itself) */
    CW_IO_RECV,    /* result = byte count in data, 0 = end of stream, negative errno */
    CW_IO_SEND,    /* result = bytes taken (may be fewer than given), negative errno */
    CW_IO_CLOSE,   /* the socket is gone */
    CW_IO_WAKE,    /* somebody called wake() */
    CW_IO_FILE,    /* a write or sync is over: socket = the file; result = bytes taken (may be fewer
                      than given), 0 for a sync, negative errno */
};

struct cw_io_completion {
    enum cw_io_op op;
    cw_socket socket;
    int32_t result;
    uint16_t listener;
    uint32_t buffer;     /* RECV with result > 0: give back with buffer_return */
    const uint8_t *data; /* RECV with result > 0 */
    uint8_t address[18]; /* ACCEPT: as in engine/wire/link.h */
};

struct cw_io;

struct cw_io_ops {
    /* Starts accepting on a listener given at creation; completions come until accept_stop,
     * and behind it of those that were accepted before it reached the kernel. */
    int (*accept_start)(struct cw_io *io, uint16_t listener);
    void (*accept_stop)(struct cw_io *io, uint16_t listener);
    /* Connects to a Unix socket by its path. */
    int (*connect_unix)(struct cw_io *io, const char *path, cw_socket *ret_socket);
    /* Receives until recv_stop or the end; completions that were on their way may still come after stop. */
    int (*recv_start)(struct cw_io *io, cw_socket socket);
    void (*recv_stop)(struct cw_io *io, cw_socket socket);
    void (*buffer_return)(struct cw_io *io, uint32_t buffer);
    /* The iovec array is copied; the bytes are not. At most CW_IO_IOV_MAX pieces. */
    int (*send)(struct cw_io *io, cw_socket socket, const struct iovec *iov, unsigned count);
    /* Sends FIN behind what was sent; reading goes on, sending is over. No send may be in flight. */
    void (*shutdown)(struct cw_io *io, cw_socket socket);
    /* Ends reading and writing and closes; pending requests complete first or are dropped. flush: let what
     * the kernel has been given go out (FIN), otherwise reset. */
    void (*close)(struct cw_io *io, cw_socket socket, bool flush);
    /* Hand-over between workers: takes the socket out of this backend without closing it (its CLOSE
     * completion comes with result = the descriptor, >= 0), and puts a descriptor into another backend, which
     * closes it when it has no room.
     * CW_ERR_STATE while a send is in flight. A close before that completion wins: its result is negative. */
    int (*detach)(struct cw_io *io, cw_socket socket);
    int (*adopt)(struct cw_io *io, int descriptor, cw_socket *ret_socket);
    /* The connection stays on this worker: the backend may keep it where it costs least. detach gives
     * CW_ERR_STATE from then on; all else is as before. May come with a send in flight. */
    void (*settle)(struct cw_io *io, cw_socket socket);

    /* Files are made in the one directory given at creation, and only written: new, mode 0640. name has no
     * '/'. CW_ERR_STATE: no directory was given; CW_ERR_INVALID: such a name; CW_ERR_CONFLICT: it exists;
     * CW_ERR_FULL: no slot, descriptor or space; CW_ERR_DENIED, CW_ERR_IO. */
    int (*file_create)(struct cw_io *io, const char *name, cw_file *ret_file);
    /* One request a file at a time, each ends in one FILE completion. The iovec array is copied, the bytes
     * stay the caller's and in place until then. CW_ERR_STATE: the file was closed. */
    int (*file_write)(struct cw_io *io, cw_file file, const struct iovec *iov, unsigned count,
                      uint64_t offset);
    /* What was written before is on the disk when it completes with 0. */
    int (*file_sync)(struct cw_io *io, cw_file file);
    /* No completion comes, also not of a request in flight, which is finished first: its bytes must stay
     * until the backend is freed or, simpler, close only when nothing is in flight. */
    void (*file_close)(struct cw_io *io, cw_file file);
    /* Submits what is queued and waits until there is a completion or deadline_ns (0: do not wait);
     * returns the count, up to max. */
    unsigned (*wait)(struct cw_io *io, uint64_t deadline_ns, struct cw_io_completion *completions,
                     unsigned max);
    void (*wake)(struct cw_io *io);
    /* Look for completions this long after the last one before sleeping: it costs a processor and saves the
     * wake-up (30 us). 0: sleep at once. From the worker's thread. */
    void (*set_busy_poll)(struct cw_io *io, uint32_t busy_poll_us);
    uint64_t (*now_ns)(struct cw_io *io);     /* monotonic */
    uint64_t (*now_unix_s)(struct cw_io *io); /* for tickets */
    void (*random)(struct cw_io *io, void *out, size_t bytes);
    struct cw_io *(*free)(struct cw_io *io);
};

enum { CW_IO_IOV_MAX = 64 };

/* A backend embeds this as its first member. */
struct cw_io {
    const struct cw_io_ops *ops;
    unsigned sockets_max; /* what it can hold at once, at most what it was asked for */
};

/* The production backend. */
struct cw_io_uring_config {
    const int *listeners; /* listening descriptors, owned by the caller */
    unsigned listener_count;
    unsigned sockets_max; /* up to CW_IO_SOCKETS_MAX */
    /* How many of the process's descriptors may be sockets here: all until they are settled, and afterwards
     * too where the kernel cannot do better. At so many, what comes is closed. 0: sockets_max. */
    unsigned descriptors_max;
    int directory; /* where files are made, owned by the caller; -1: none are */
    uint32_t busy_poll_us;
    const char *tcp_congestion; /* of accepted connections; NULL or "": the system's choice */
};
int cw_io_uring_new(const struct cw_io_uring_config *config, struct cw_io **ret_io);

#endif
