/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

enum { ENTRIES = 4096, OP_BITS = 15, BATCH = 256, GROUP = 0 };

uint64_t cw_loop_now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void give_buffer(struct cw_loop *l, unsigned id, int offset)
{
    io_uring_buf_ring_add(l->buffer_ring, l->buffers + (size_t)id * CW_LOOP_BUFFER_BYTES,
                          CW_LOOP_BUFFER_BYTES, (unsigned short)id,
                          io_uring_buf_ring_mask(CW_LOOP_BUFFERS), offset);
}

int cw_loop_init(struct cw_loop *l)
{
    struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                                         IORING_SETUP_CQSIZE,
                                .cq_entries = 8 * ENTRIES};
    *l = (struct cw_loop){0};
    int err = io_uring_queue_init_params(ENTRIES, &l->ring, &p);
    if (err == -EINVAL) { /* before Linux 6.1 */
        p = (struct io_uring_params){.flags = IORING_SETUP_CQSIZE, .cq_entries = 8 * ENTRIES};
        err = io_uring_queue_init_params(ENTRIES, &l->ring, &p);
    }
    if (err != 0)
        return err == -ENOMEM ? CW_ERR_NOMEM : CW_ERR_UNSUPPORTED;
    size_t ring_bytes = CW_LOOP_BUFFERS * sizeof(struct io_uring_buf);
    void *map = mmap(NULL, ring_bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    l->buffers = aligned_alloc(4096, (size_t)CW_LOOP_BUFFERS * CW_LOOP_BUFFER_BYTES);
    if (map == MAP_FAILED || l->buffers == NULL)
        return CW_ERR_NOMEM;
    l->buffer_ring = map;
    struct io_uring_buf_reg reg = {
        .ring_addr = (uintptr_t)map, .ring_entries = CW_LOOP_BUFFERS, .bgid = GROUP};
    if (io_uring_register_buf_ring(&l->ring, &reg, 0) != 0)
        return CW_ERR_UNSUPPORTED;
    io_uring_buf_ring_init(l->buffer_ring);
    for (unsigned i = 0; i < CW_LOOP_BUFFERS; i++)
        give_buffer(l, i, (int)i);
    io_uring_buf_ring_advance(l->buffer_ring, CW_LOOP_BUFFERS);
    return CW_OK;
}

void cw_loop_free(struct cw_loop *l)
{
    if (l->ring.ring_fd > 0)
        io_uring_queue_exit(&l->ring);
    if (l->buffer_ring != NULL)
        (void)munmap(l->buffer_ring, CW_LOOP_BUFFERS * sizeof(struct io_uring_buf));
    free(l->buffers);
    *l = (struct cw_loop){0};
}

struct io_uring_sqe *cw_loop_sqe(struct cw_loop *l, struct cw_loop_target *t, enum cw_loop_op op)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&l->ring);
    if (sqe == NULL) {
        (void)io_uring_submit(&l->ring);
        sqe = io_uring_get_sqe(&l->ring);
    }
    CW_CHECK(sqe != NULL, "a submitted queue has room");
    memset(sqe, 0, sizeof *sqe);
    sqe->user_data = (uintptr_t)t | (uint64_t)op;
    return sqe;
}

void cw_loop_recv(struct cw_loop *l, struct cw_loop_target *t, int fd)
{
    struct io_uring_sqe *sqe = cw_loop_sqe(l, t, CW_LOOP_RECV);
    uint64_t data = sqe->user_data;
    io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    sqe->user_data = data;
}

static void dispatch(struct cw_loop *l, const struct io_uring_cqe *cqe)
{
    enum cw_loop_op op = (enum cw_loop_op)(cqe->user_data & OP_BITS);
    struct cw_loop_target *t = (struct cw_loop_target *)(uintptr_t)(cqe->user_data & ~(uint64_t)15);
    bool more = (cqe->flags & IORING_CQE_F_MORE) != 0;
    uint8_t *data = NULL;
    unsigned id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
    if ((cqe->flags & IORING_CQE_F_BUFFER) != 0)
        data = l->buffers + (size_t)id * CW_LOOP_BUFFER_BYTES;
    l->completions++;
    if (t != NULL)
        t->completed(t, op, cqe->res, data, more);
    if (data != NULL) {
        give_buffer(l, id, 0);
        io_uring_buf_ring_advance(l->buffer_ring, 1);
    }
}

void cw_loop_step(struct cw_loop *l, uint64_t deadline_ns)
{
    struct io_uring_cqe *cqes[BATCH];
    uint64_t now_ns = cw_loop_now_ns();
    struct io_uring_cqe *first = NULL;
    if (deadline_ns > now_ns) {
        uint64_t wait_ns = deadline_ns - now_ns;
        struct __kernel_timespec wait = {.tv_sec = (int64_t)(wait_ns / 1000000000u),
                                         .tv_nsec = (int64_t)(wait_ns % 1000000000u)};
        (void)io_uring_submit_and_wait_timeout(&l->ring, &first, 1, &wait, NULL);
    } else {
        (void)io_uring_submit_and_get_events(&l->ring);
    }
    unsigned count;
    while ((count = io_uring_peek_batch_cqe(&l->ring, cqes, BATCH)) > 0) {
        for (unsigned i = 0; i < count; i++)
            dispatch(l, cqes[i]);
        io_uring_cq_advance(&l->ring, count);
        if (count < BATCH)
            break;
    }
}
