/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_table.c - the table of sockets: numbers, rings, direct descriptors, lists. */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/io_uring.h"

uint64_t uring_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint32_t uring_index(const struct uring *u, const struct uring_socket *s)
{
    return (uint32_t)(s - u->sockets);
}

uint32_t uring_socket_number(const struct uring *u, const struct uring_socket *s)
{
    return (uint32_t)s->generation << CW_IO_INDEX_BITS | uring_index(u, s);
}

struct uring_socket *uring_socket_find(struct uring *u, uint32_t number)
{
    uint32_t index = number & URING_INDEX_MASK;
    if (index >= u->sockets_max)
        return NULL;
    struct uring_socket *s = &u->sockets[index];
    return s->state != URING_FREE && s->generation == number >> CW_IO_INDEX_BITS ? s : NULL;
}

struct uring_ring *uring_socket_ring(struct uring *u, const struct uring_socket *s)
{
    return u->rings[uring_index(u, s) >> u->ring_shift];
}

/* A place on the first ring that has one, so that no more rings are at work than must be. */
static struct uring_socket *place_find(struct uring *u)
{
    for (unsigned i = 0; i < u->ring_count; i++) {
        struct uring_ring *r = u->rings[i];
        if (r->free_first != URING_NOBODY) {
            struct uring_socket *s = &u->sockets[r->free_first];
            r->free_first = s->next;
            return s;
        }
        if (r->fresh < r->first + r->count)
            return &u->sockets[r->fresh++];
    }
    return NULL;
}

static bool open_another(struct uring *u)
{
    if ((uint64_t)u->ring_count << u->ring_shift >= u->sockets_max || uring_ring_open(u) != CW_OK)
        return false;
    if (u->rings[0]->is_enabled)
        uring_ring_enable(u->rings[u->ring_count - 1]);
    return true;
}

struct uring_socket *uring_socket_new(struct uring *u, int descriptor, enum uring_state state)
{
    struct uring_socket *s = place_find(u);
    if (s == NULL && open_another(u))
        s = place_find(u);
    if (s == NULL)
        return NULL;
    uint16_t generation = s->generation < CW_IO_GENERATION_MAX ? s->generation + 1 : 1;
    /* A slot that still waits in the starved queue for its previous socket keeps its place there. */
    *s = (struct uring_socket){
        .descriptor = descriptor,
        .generation = generation,
        .state = (uint8_t)state,
        .is_starved = s->is_starved,
        .next = URING_NOBODY,
        .previous = URING_NOBODY,
    };
    u->ordinary_count++;
    return s;
}

void uring_socket_free(struct uring *u, struct uring_socket *s)
{
    struct uring_ring *r = uring_socket_ring(u, s);
    if (s->descriptor >= 0)
        u->ordinary_count--;
    s->state = URING_FREE;
    s->descriptor = -1;
    s->next = r->free_first;
    r->free_first = uring_index(u, s);
}

/* ---- direct descriptors ------------------------------------------------------------------------- */

static uint32_t slot_of(const struct uring *u, const struct uring_socket *s)
{
    return uring_index(u, s) & ((UINT32_C(1) << u->ring_shift) - 1);
}

/* What is in the kernel for it holds the socket by itself and goes on. */
void uring_settle(struct cw_io *io, cw_socket number)
{
    struct uring *u = uring_of(io);
    struct uring_socket *s = uring_socket_find(u, number);
    if (s == NULL || s->state != URING_OPEN || s->is_settled)
        return;
    s->is_settled = true;
    if (!u->has_direct ||
        uring_direct_set(uring_socket_ring(u, s), slot_of(u, s), s->descriptor) != CW_OK)
        return;
    /* Through the ring, behind what is queued and names the descriptor. */
    struct io_uring_sqe *sqe = uring_socket_sqe(u, s, URING_KIND_CANCEL);
    io_uring_prep_close(sqe, s->descriptor);
    s->descriptor = -1;
    u->ordinary_count--;
}

struct io_uring_sqe *uring_socket_sqe(struct uring *u, const struct uring_socket *s,
                                      enum uring_kind kind)
{
    return uring_sqe(uring_socket_ring(u, s), kind, uring_socket_number(u, s));
}

int uring_aim_at(const struct uring *u, const struct uring_socket *s)
{
    return s->descriptor >= 0 ? s->descriptor : (int)slot_of(u, s);
}

void uring_aim(const struct uring_socket *s, struct io_uring_sqe *sqe)
{
    if (s->descriptor < 0)
        sqe->flags |= IOSQE_FIXED_FILE;
}

void uring_prep_reset(struct io_uring_sqe *sqe, int slot)
{
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    uint64_t user_data = sqe->user_data;
    memset(sqe, 0, sizeof(*sqe));
    sqe->user_data = user_data;
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->flags = IOSQE_FIXED_FILE;
    sqe->fd = slot;
    sqe->off = URING_COMMAND_SETSOCKOPT;
    sqe->addr = (uint64_t)SO_LINGER << 32 | SOL_SOCKET;
    sqe->file_index = sizeof(at_once);
    sqe->addr3 = (uintptr_t)&at_once;
}

/* ---- those that wait for a buffer --------------------------------------------------------------- */

static void starved_push(struct uring_ring *r, uint32_t index)
{
    r->starved[(r->starved_first + r->starved_count) % r->count] = index;
    r->starved_count++;
}

static uint32_t starved_pop(struct uring_ring *r)
{
    uint32_t index = r->starved[r->starved_first];
    r->starved_first = (r->starved_first + 1) % r->count;
    r->starved_count--;
    return index;
}

void uring_starve(struct uring *u, struct uring_ring *r, struct uring_socket *s)
{
    if (s->is_starved)
        return;
    s->is_starved = true;
    starved_push(r, uring_index(u, s));
}

void uring_feed(struct uring *u, struct uring_ring *r)
{
    /* No more at once than there are buffers, or they only starve each other; one whose turn does not end takes
     * many. */
    unsigned left = u->has_turns ? r->buffers_free : (r->buffers_free + 7) / 8;
    /* First those that got nothing the last time: one that sends much takes all there is, is the first to find
     * nothing left, and would be the first again. */
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned n = r->starved_count; n > 0 && left > 0; n--) {
            uint32_t index = starved_pop(r);
            struct uring_socket *s = &u->sockets[index];
            if (pass == 0 && s->recv_got) {
                starved_push(r, index);
                continue;
            }
            s->is_starved = false;
            if (!s->recv_wanted || s->recv_armed ||
                (s->state != URING_OPEN && s->state != URING_LINGERING))
                continue;
            uring_recv_arm(u, s);
            left--;
        }
    }
}

/* ---- lists -------------------------------------------------------------------------------------- */

void uring_linger_add(struct uring *u, struct uring_socket *s)
{
    uint32_t index = uring_index(u, s);
    s->linger_until_ns = uring_now_ns() + URING_LINGER_NS;
    s->next = URING_NOBODY;
    s->previous = u->linger.last;
    if (u->linger.last != URING_NOBODY)
        u->sockets[u->linger.last].next = index;
    else
        u->linger.first = index;
    u->linger.last = index;
}

void uring_linger_remove(struct uring *u, struct uring_socket *s)
{
    if (s->previous != URING_NOBODY)
        u->sockets[s->previous].next = s->next;
    else
        u->linger.first = s->next;
    if (s->next != URING_NOBODY)
        u->sockets[s->next].previous = s->previous;
    else
        u->linger.last = s->previous;
    s->next = URING_NOBODY;
    s->previous = URING_NOBODY;
}

void uring_done_add(struct uring *u, struct uring_socket *s, int32_t result)
{
    uint32_t index = uring_index(u, s);
    s->state = URING_ENDED;
    s->close_result = result;
    s->next = URING_NOBODY;
    if (u->done.last != URING_NOBODY)
        u->sockets[u->done.last].next = index;
    else
        u->done.first = index;
    u->done.last = index;
}
