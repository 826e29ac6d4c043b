/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/loop.h - one io_uring with multishot receive and provided buffers, for one load process.
 *
 * Owner:     the process; a cw_loop_target is whatever started an operation and outlives it.
 * Thread:    one.
 * Units:     ns of CLOCK_MONOTONIC.
 * Errors:    CW_ERR_UNSUPPORTED (the kernel lacks an operation), CW_ERR_NOMEM.
 */
#ifndef CW_BENCH_LOAD_LOOP_H
#define CW_BENCH_LOAD_LOOP_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CW_LOOP_BUFFER_BYTES = 64 * 1024,
    CW_LOOP_BUFFERS = 64, /* 4 MB; the kernel takes them in turn */
};

enum cw_loop_op { CW_LOOP_POLL, CW_LOOP_RECV, CW_LOOP_SEND, CW_LOOP_ACCEPT, CW_LOOP_CANCEL };

/* First member of everything that starts operations; aligned so that its address leaves room for the op. */
struct cw_loop_target {
    /* data: the received bytes, NULL for other operations. more: the operation goes on. */
    void (*completed)(struct cw_loop_target *t, enum cw_loop_op op, int32_t result, uint8_t *data,
                      bool more);
} __attribute__((aligned(16)));

struct cw_loop {
    struct io_uring ring;
    struct io_uring_buf_ring *buffer_ring;
    uint8_t *buffers;
    uint64_t completions;
    uint64_t busy_ns; /* not waiting */
};

uint64_t cw_loop_now_ns(void);
int cw_loop_init(struct cw_loop *l);
void cw_loop_free(struct cw_loop *l);
struct io_uring_sqe *cw_loop_sqe(struct cw_loop *l, struct cw_loop_target *t, enum cw_loop_op op);
void cw_loop_recv(struct cw_loop *l, struct cw_loop_target *t, int fd);
/* Submits, waits until something completed or deadline_ns (0: does not wait), and calls back. */
void cw_loop_step(struct cw_loop *l, uint64_t deadline_ns);

#endif
