/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_ring.c - the ring itself: features probed, operations restricted, provided buffers. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/io_uring.h"

/* liburing 2.3 declares, but its shared library forgets to export, the two calls that need this. */
static int ring_register(struct uring *u, unsigned operation, const void *list, unsigned count)
{
    long n = syscall(SYS_io_uring_register, u->ring.ring_fd, operation, list, count);
    return n < 0 ? -errno : 0;
}

static int ring_setup(struct uring *u, unsigned flags)
{
    struct io_uring_params params;
    memset(&params, 0, sizeof(params));
    params.flags = flags | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
    params.cq_entries = URING_CQ_ENTRIES;
    int err = io_uring_queue_init_params(URING_SQ_ENTRIES, &u->ring, &params);
    if (err != 0)
        return err;
    const unsigned needed = IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_EXT_ARG |
                            IORING_FEAT_FAST_POLL;
    if ((params.features & needed) != needed) {
        io_uring_queue_exit(&u->ring);
        return -ENOSYS;
    }
    return 0;
}

/* The best mode the kernel has: deferred task work (6.1), else cooperative (5.19), else plain. */
static int ring_setup_best(struct uring *u, unsigned without)
{
    static const struct {
        unsigned flags;
        unsigned feature;
    } modes[] = {
        {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, CW_IO_URING_NO_DEFER},
        {IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG, CW_IO_URING_NO_COOP},
        {0, 0},
    };
    int err = -ENOSYS;
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]) && err != 0; i++)
        if ((without & modes[i].feature) == 0)
            err = ring_setup(u, modes[i].flags);
    return err;
}

/* seccomp does not see what a ring does: it is told to refuse everything but what this backend asks. */
static int ring_restrict(struct uring *u)
{
    static const uint8_t operations[] = {
        IORING_OP_ACCEPT,  IORING_OP_CONNECT, IORING_OP_RECV,         IORING_OP_SEND,
        IORING_OP_SENDMSG, IORING_OP_CLOSE,   IORING_OP_ASYNC_CANCEL, IORING_OP_READ,
        IORING_OP_WRITE,   IORING_OP_WRITEV,  IORING_OP_FSYNC,
    };
    enum { COUNT = sizeof(operations) / sizeof(operations[0]) };
    struct io_uring_restriction list[COUNT + 1];
    memset(list, 0, sizeof(list));
    for (unsigned i = 0; i < COUNT; i++) {
        list[i].opcode = IORING_RESTRICTION_SQE_OP;
        list[i].sqe_op = operations[i];
    }
    list[COUNT].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
    list[COUNT].sqe_flags = IOSQE_BUFFER_SELECT;
    return ring_register(u, IORING_REGISTER_RESTRICTIONS, list, COUNT + 1);
}

static int buffers_open(struct uring *u)
{
    size_t ring_bytes = URING_BUFFERS * sizeof(struct io_uring_buf);
    void *p = mmap(NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return -ENOMEM;
    u->buffer_ring = p;
    p = mmap(NULL, (size_t)URING_BUFFERS * URING_BUFFER_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return -ENOMEM;
    u->buffers = p;
    io_uring_buf_ring_init(u->buffer_ring);
    struct io_uring_buf_reg reg;
    memset(&reg, 0, sizeof(reg));
    reg.ring_addr = (uintptr_t)u->buffer_ring;
    reg.ring_entries = URING_BUFFERS;
    reg.bgid = URING_BUFFER_GROUP;
    int err = io_uring_register_buf_ring(&u->ring, &reg, 0);
    if (err != 0)
        return err;
    for (unsigned i = 0; i < URING_BUFFERS; i++) {
        u->is_lent[i] = true;
        uring_buffer_return(u, i);
    }
    return 0;
}

void uring_buffer_return(struct uring *u, unsigned buffer)
{
    CW_CHECK(buffer < URING_BUFFERS && u->is_lent[buffer], "a buffer is returned once");
    u->is_lent[buffer] = false;
    u->buffers_free++;
    io_uring_buf_ring_add(u->buffer_ring, u->buffers + (size_t)buffer * URING_BUFFER_BYTES,
                          URING_BUFFER_BYTES, (unsigned short)buffer,
                          io_uring_buf_ring_mask(URING_BUFFERS), 0);
    io_uring_buf_ring_advance(u->buffer_ring, 1);
}

int uring_ring_open(struct uring *u, unsigned without)
{
    int err = ring_setup_best(u, without);
    if (err != 0) {
        cw_log(CW_LOG_ERROR, "engine.io", "io_uring cannot be used: %s", strerror(-err));
        return err == -ENOMEM ? CW_ERR_NOMEM : CW_ERR_UNSUPPORTED;
    }
    u->has_ring = true;
    if ((without & CW_IO_URING_NO_RESTRICTIONS) == 0) {
        err = ring_restrict(u);
        if (err != 0)
            cw_log(CW_LOG_WARNING, "engine.io", "the ring cannot be restricted: %s",
                   strerror(-err));
    }
    err = buffers_open(u);
    if (err != 0) {
        cw_log(CW_LOG_ERROR, "engine.io", "io_uring has no buffer rings: %s", strerror(-err));
        return err == -ENOMEM ? CW_ERR_NOMEM : CW_ERR_UNSUPPORTED;
    }
    return CW_OK;
}

void uring_ring_close(struct uring *u)
{
    if (u->has_ring)
        io_uring_queue_exit(&u->ring);
    u->has_ring = false;
    if (u->buffers != NULL)
        munmap(u->buffers, (size_t)URING_BUFFERS * URING_BUFFER_BYTES);
    if (u->buffer_ring != NULL)
        munmap(u->buffer_ring, URING_BUFFERS * sizeof(struct io_uring_buf));
}

void uring_ring_enable(struct uring *u)
{
    if (u->is_enabled)
        return;
    int err = ring_register(u, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
    CW_CHECK(err == 0, "a ring that was made disabled can be enabled");
    u->is_enabled = true;
}

void uring_submit(struct uring *u)
{
    CW_CHECK(u->is_enabled, "what is asked before the first wait fits the queue");
    int n = io_uring_submit(&u->ring);
    CW_CHECK(n >= 0 || n == -EINTR || n == -EAGAIN || n == -EBUSY, "a submission is well-formed");
}

struct io_uring_sqe *uring_sqe(struct uring *u, enum uring_kind kind, uint32_t who)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);
    for (int tries = 0; sqe == NULL; tries++) {
        CW_CHECK(tries < 1000, "the kernel takes submissions");
        uring_submit(u);
        sqe = io_uring_get_sqe(&u->ring);
    }
    /* The io_uring_prep_* that follows leaves user_data alone. */
    sqe->user_data = (uint64_t)who << 8 | (uint64_t)kind;
    return sqe;
}

struct uring_staging *uring_stage(struct uring *u, const struct io_uring_sqe *sqe)
{
    /* One for each entry of the queue: free again exactly when the entry is. */
    return &u->staging[sqe - u->ring.sq.sqes];
}
