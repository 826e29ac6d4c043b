/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_ring.c - a ring: its mode, the operations it may do, its buffers, its queue. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/io_uring.h"

/* liburing 2.3 declares, but its shared library forgets to export, two of the calls that need this. */
static int ring_register(struct uring_ring *r, unsigned operation, const void *list, unsigned count)
{
    long n = syscall(SYS_io_uring_register, r->ring.ring_fd, operation, list, count);
    return n < 0 ? -errno : (int)n;
}

static int setup(struct uring_ring *r, unsigned flags)
{
    struct io_uring_params params;
    memset(&params, 0, sizeof(params));
    params.flags = flags | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
    params.cq_entries = URING_CQ_ENTRIES;
    int err = io_uring_queue_init_params(URING_SQ_ENTRIES, &r->ring, &params);
    if (err != 0)
        return err;
    const unsigned needed = IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_EXT_ARG |
                            IORING_FEAT_FAST_POLL;
    if ((params.features & needed) != needed) {
        io_uring_queue_exit(&r->ring);
        return -ENOSYS;
    }
    return 0;
}

/* The best mode the kernel has: deferred task work (6.1), else cooperative (5.19), else plain. */
static int setup_best(struct uring_ring *r, unsigned without)
{
    static const struct {
        unsigned flags;
        unsigned feature;
    } modes[] = {
        {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
         CW_IO_URING_NO_DEFER},
        {IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG, CW_IO_URING_NO_COOP},
        {0, 0},
    };
    int err = -ENOSYS;
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]) && err != 0; i++)
        if ((without & modes[i].feature) == 0)
            err = setup(r, modes[i].flags);
    return err;
}

/* seccomp does not see what a ring does: each is told to refuse everything but what this backend asks of it. */
static int restrict_to_use(struct uring *u, struct uring_ring *r)
{
    static const uint8_t sockets[] = {
        IORING_OP_CONNECT, IORING_OP_RECV,  IORING_OP_SEND,
        IORING_OP_SENDMSG, IORING_OP_CLOSE, IORING_OP_ASYNC_CANCEL,
    };
    static const uint8_t direct[] = {IORING_OP_SHUTDOWN, IORING_OP_URING_CMD};
    static const uint8_t main_ring[] = {IORING_OP_ACCEPT, IORING_OP_READ};
    static const uint8_t files[] = {IORING_OP_WRITE, IORING_OP_WRITEV, IORING_OP_FSYNC};
    static const uint8_t bell[] = {IORING_OP_POLL_ADD};
    bool is_main = r->first == 0;
    const struct {
        bool is_used;
        const uint8_t *operations;
        unsigned count;
    } groups[] = {
        {true, sockets, sizeof(sockets)},
        {u->has_direct, direct, sizeof(direct)},
        {is_main, main_ring, sizeof(main_ring)},
        {is_main && u->files != NULL, files, sizeof(files)},
        {is_main && u->bell_descriptor >= 0, bell, sizeof(bell)},
    };
    struct io_uring_restriction list[32];
    unsigned count = 0;
    memset(list, 0, sizeof(list));
    for (unsigned g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (unsigned i = 0; groups[g].is_used && i < groups[g].count; i++) {
            list[count].opcode = IORING_RESTRICTION_SQE_OP;
            list[count++].sqe_op = groups[g].operations[i];
        }
    }
    list[count].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
    list[count].sqe_flags = IOSQE_BUFFER_SELECT;
    if (u->has_direct) {
        list[count].sqe_flags |= IOSQE_FIXED_FILE;
        list[++count].opcode = IORING_RESTRICTION_REGISTER_OP;
        list[count].register_op = IORING_REGISTER_FILES_UPDATE;
    }
    return ring_register(r, IORING_REGISTER_RESTRICTIONS, list, count + 1);
}

/* ---- direct descriptors ------------------------------------------------------------------------- */

static int table_open(struct uring_ring *r)
{
    struct io_uring_rsrc_register table;
    memset(&table, 0, sizeof(table));
    table.nr = r->count;
    table.flags = IORING_RSRC_REGISTER_SPARSE;
    return ring_register(r, IORING_REGISTER_FILES2, &table, sizeof(table));
}

int uring_direct_set(struct uring_ring *r, uint32_t slot, int descriptor)
{
    struct io_uring_files_update update;
    memset(&update, 0, sizeof(update));
    update.offset = slot;
    update.fds = (uintptr_t)&descriptor;
    return ring_register(r, IORING_REGISTER_FILES_UPDATE, &update, 1) == 1 ? CW_OK : CW_ERR_FULL;
}

/* ---- buffers ------------------------------------------------------------------------------------ */

static int buffers_open(struct uring_ring *r)
{
    size_t ring_bytes = URING_BUFFERS * sizeof(struct io_uring_buf);
    void *p = mmap(NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return -ENOMEM;
    r->buffer_ring = p;
    p = mmap(NULL, (size_t)URING_BUFFERS * URING_BUFFER_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (p == MAP_FAILED)
        return -ENOMEM;
    r->buffers = p;
    io_uring_buf_ring_init(r->buffer_ring);
    struct io_uring_buf_reg reg;
    memset(&reg, 0, sizeof(reg));
    reg.ring_addr = (uintptr_t)r->buffer_ring;
    reg.ring_entries = URING_BUFFERS;
    reg.bgid = URING_BUFFER_GROUP;
    int err = io_uring_register_buf_ring(&r->ring, &reg, 0);
    if (err != 0)
        return err;
    for (unsigned i = 0; i < URING_BUFFERS; i++) {
        r->is_lent[i] = true;
        uring_buffer_return(r, i);
    }
    return 0;
}

void uring_buffer_return(struct uring_ring *r, unsigned buffer)
{
    CW_CHECK(buffer < URING_BUFFERS && r->is_lent[buffer], "a buffer is returned once");
    r->is_lent[buffer] = false;
    r->buffers_free++;
    io_uring_buf_ring_add(r->buffer_ring, r->buffers + (size_t)buffer * URING_BUFFER_BYTES,
                          URING_BUFFER_BYTES, (unsigned short)buffer,
                          io_uring_buf_ring_mask(URING_BUFFERS), 0);
    io_uring_buf_ring_advance(r->buffer_ring, 1);
}

/* ---- opening, closing --------------------------------------------------------------------------- */

static void ring_free(struct uring_ring *r)
{
    if (r->buffers != NULL)
        munmap(r->buffers, (size_t)URING_BUFFERS * URING_BUFFER_BYTES);
    if (r->buffer_ring != NULL)
        munmap(r->buffer_ring, URING_BUFFERS * sizeof(struct io_uring_buf));
    free(r->starved);
    free(r);
}

static int furnish(struct uring *u, struct uring_ring *r)
{
    int err = 0;
    if (u->has_direct)
        err = table_open(r);
    if (err == 0 && r->first != 0)
        err = io_uring_register_eventfd(&r->ring, u->bell_descriptor);
    if (err == 0)
        err = buffers_open(r);
    if (err != 0 || (u->without & CW_IO_URING_NO_RESTRICTIONS) != 0)
        return err;
    int refused = restrict_to_use(u, r);
    if (refused != 0)
        cw_log(CW_LOG_WARNING, "engine.io", "the ring cannot be restricted: %s",
               strerror(-refused));
    return 0;
}

int uring_ring_open(struct uring *u)
{
    unsigned number = u->ring_count;
    CW_CHECK(number < URING_RINGS_MAX, "so many rings hold every socket");
    struct uring_ring *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return CW_ERR_NOMEM;
    r->number = number;
    r->first = number << u->ring_shift;
    r->count = UINT32_C(1) << u->ring_shift;
    if (r->count > u->sockets_max - r->first)
        r->count = u->sockets_max - r->first;
    r->fresh = r->first;
    r->free_first = URING_NOBODY;
    r->starved = calloc(r->count, sizeof(*r->starved));
    int err = r->starved != NULL ? setup_best(r, u->without) : -ENOMEM;
    if (err == 0) {
        err = furnish(u, r);
        if (err != 0)
            io_uring_queue_exit(&r->ring);
    }
    if (err != 0) {
        cw_log(CW_LOG_ERROR, "engine.io", "io_uring cannot be used: %s", strerror(-err));
        ring_free(r);
        return err == -ENOMEM ? CW_ERR_NOMEM : CW_ERR_UNSUPPORTED;
    }
    u->rings[u->ring_count++] = r;
    return CW_OK;
}

void uring_ring_close(struct uring *u, unsigned ring)
{
    io_uring_queue_exit(&u->rings[ring]->ring);
    ring_free(u->rings[ring]);
    u->rings[ring] = NULL;
}

void uring_ring_enable(struct uring_ring *r)
{
    if (r->is_enabled)
        return;
    /* This thread then names the ring by a number of its own, which the kernel finds faster. */
    (void)io_uring_register_ring_fd(&r->ring);
    int err = ring_register(r, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
    CW_CHECK(err == 0, "a ring that was made disabled can be enabled");
    r->is_enabled = true;
}

/* ---- the queue ---------------------------------------------------------------------------------- */

bool uring_is_pending(const struct uring_ring *r)
{
    unsigned flags = __atomic_load_n(r->ring.sq.kflags, __ATOMIC_ACQUIRE);
    return (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

static void submit(struct uring_ring *r)
{
    CW_CHECK(r->is_enabled, "what is asked before the first wait fits the queue");
    int n = io_uring_submit(&r->ring);
    CW_CHECK(n >= 0 || n == -EINTR || n == -EAGAIN || n == -EBUSY, "a submission is well-formed");
}

struct io_uring_sqe *uring_sqe(struct uring_ring *r, enum uring_kind kind, uint32_t who)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&r->ring);
    for (int tries = 0; sqe == NULL; tries++) {
        CW_CHECK(tries < 1000, "the kernel takes submissions");
        submit(r);
        sqe = io_uring_get_sqe(&r->ring);
    }
    /* The io_uring_prep_* that follows leaves user_data alone. */
    sqe->user_data = (uint64_t)who << 8 | (uint64_t)kind;
    return sqe;
}

/* Staging is free again when no ring has a submission queued. */
static bool staging_reset(struct uring *u)
{
    for (unsigned i = 0; i < u->ring_count; i++)
        if (io_uring_sq_ready(&u->rings[i]->ring) > 0)
            return false;
    u->staging_used = 0;
    return true;
}

struct uring_staging *uring_stage(struct uring *u)
{
    for (int tries = 0; u->staging_used == URING_STAGING && !staging_reset(u); tries++) {
        CW_CHECK(tries < 1000, "the kernel takes submissions");
        for (unsigned i = 0; i < u->ring_count; i++)
            if (io_uring_sq_ready(&u->rings[i]->ring) > 0)
                submit(u->rings[i]);
    }
    return &u->staging[u->staging_used++];
}

void uring_submitted(struct uring *u)
{
    if (u->staging_used > 0)
        (void)staging_reset(u);
}
