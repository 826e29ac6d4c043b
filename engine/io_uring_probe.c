/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_probe.c - what this kernel can do, tried on a small ring: a version number would not tell. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/log.h"
#include "engine/io_uring.h"

enum { PROBE_ENTRIES = 8, PROBE_OPERATIONS = 64, PROBE_GROUP = 1 };

static struct io_uring_sqe *next(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    CW_CHECK(sqe != NULL, "one submission at a time fits a ring of eight");
    return sqe;
}

/* The result of the one submission that is queued; pending: that there is none yet. */
static int run(struct io_uring *ring, int pending)
{
    struct io_uring_cqe *cqe;
    if (io_uring_submit(ring) != 1)
        return -EIO;
    if (io_uring_peek_cqe(ring, &cqe) != 0)
        return pending;
    int result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

static bool has_operation(struct io_uring *ring, unsigned operation)
{
    size_t size = sizeof(struct io_uring_probe) +
                  PROBE_OPERATIONS * sizeof(((struct io_uring_probe *)NULL)->ops[0]);
    struct io_uring_probe *p = calloc(1, size);
    if (p == NULL)
        return false;
    bool has = io_uring_register_probe(ring, p, PROBE_OPERATIONS) == 0 && operation <= p->last_op &&
               (p->ops[operation].flags & IO_URING_OP_SUPPORTED) != 0;
    free(p);
    return has;
}

/* A socket that lives in a ring's table only, its options set, and closed there. */
static bool has_direct(struct io_uring *ring)
{
    if (!has_operation(ring, IORING_OP_SHUTDOWN) ||
        io_uring_register_files_sparse(ring, PROBE_ENTRIES) != 0)
        return false;
    int socket_of_process = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_of_process < 0)
        socket_of_process = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_of_process < 0)
        return false;
    int updated = io_uring_register_files_update(ring, 1, &socket_of_process, 1);
    close(socket_of_process);
    if (updated != 1)
        return false;
    struct io_uring_sqe *sqe = next(ring);
    uring_prep_reset(sqe, 1);
    sqe->flags |= IOSQE_FIXED_FILE;
    if (run(ring, -EIO) != 0)
        return false;
    io_uring_prep_close_direct(next(ring), 1);
    return run(ring, -EIO) == 0;
}

/* A multishot receive takes a limit of bytes (kernel 6.17); before, that place had to be 0. */
static bool has_turns(struct io_uring *ring)
{
    static _Alignas(4096) struct io_uring_buf entries[1];
    int pair[2];
    struct io_uring_buf_reg reg;
    memset(&reg, 0, sizeof(reg));
    reg.ring_addr = (uintptr_t)entries;
    reg.ring_entries = 1;
    reg.bgid = PROBE_GROUP;
    if (io_uring_register_buf_ring(ring, &reg, 0) != 0)
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    struct io_uring_sqe *sqe = next(ring);
    io_uring_prep_recv_multishot(sqe, pair[0], NULL, 0, 0);
    sqe->file_index = URING_TURN_BYTES; /* optlen */
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = PROBE_GROUP;
    int result = run(ring, 0);
    close(pair[0]);
    close(pair[1]);
    return result != -EINVAL; /* there is no buffer, which is told after that */
}

void uring_probe(struct uring *u)
{
    struct io_uring ring;
    if (io_uring_queue_init(PROBE_ENTRIES, &ring, 0) != 0)
        return;
    u->has_direct = (u->without & CW_IO_URING_NO_DIRECT) == 0 && has_direct(&ring);
    u->has_turns = (u->without & CW_IO_URING_NO_TURNS) == 0 && has_turns(&ring);
    io_uring_queue_exit(&ring);
    cw_log(CW_LOG_DEBUG, "engine.io", "io_uring: direct descriptors %s, receive turns %s",
           u->has_direct ? "yes" : "no", u->has_turns ? "yes" : "no");
}
