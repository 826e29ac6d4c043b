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
 * Sockets are {index, generation} in 32 bits; a completion that arrives for an earlier generation is
 * dropped inside the backend.
 */
#ifndef CW_ENGINE_IO_H
#define CW_ENGINE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

typedef uint32_t cw_socket; /* 0 is never a socket */

enum cw_io_op {
    CW_IO_ACCEPT,  /* socket = the new one; listener = which; address set */
    CW_IO_CONNECT, /* result 0: socket can be used; else failed (a CLOSE follows by itself) */
    CW_IO_RECV,    /* result = byte count in data, 0 = end of stream, negative errno */
    CW_IO_SEND,    /* result = bytes taken (may be fewer than given), negative errno */
    CW_IO_CLOSE,   /* the socket is gone */
    CW_IO_WAKE,    /* somebody called wake() */
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
    /* Starts accepting on a listener given at creation; completions come until accept_stop. */
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
    /* Submits what is queued and waits until there is a completion or deadline_ns (0: do not wait);
     * returns the count, up to max. */
    unsigned (*wait)(struct cw_io *io, uint64_t deadline_ns, struct cw_io_completion *completions,
                     unsigned max);
    void (*wake)(struct cw_io *io);
    uint64_t (*now_ns)(struct cw_io *io);     /* monotonic */
    uint64_t (*now_unix_s)(struct cw_io *io); /* for tickets */
    void (*random)(struct cw_io *io, void *out, size_t bytes);
    struct cw_io *(*free)(struct cw_io *io);
};

enum { CW_IO_IOV_MAX = 64 };

/* A backend embeds this as its first member. */
struct cw_io {
    const struct cw_io_ops *ops;
};

/* The production backend. listeners: listening descriptors, owned by the caller; sockets_max: table size. */
int cw_io_uring_new(const int *listeners, unsigned listener_count, unsigned sockets_max,
                    struct cw_io **ret_io);

#endif
