/* SPDX-License-Identifier: Apache-2.0 */
/* engine/gate.h - who may even begin: sheds what is new before it harms who is here.
 *
 * Owner:     the worker.
 * Thread:    the worker's; penalties are shared by all workers (penalty.h).
 * Units:     ns; us and 1/s in settings.
 * Errors:    none: a connection is taken or not, and the reason is counted.
 * Limits:    the settings connections, busy_step_us, handshakes, handshakes_per_s, unauthenticated,
 *            unauthenticated_per_source,
 *            hellos_per_s, penalty_*; CW_GATE_NEWCOMERS_PER_STEP, CW_GATE_REST_TIMES.
 * Invariant: handshakes and unauthenticated are how many connections are in such a state; sources adds up to the
 *            latter.
 *
 * Checks go from the cheapest to the dearest, and all of them before a byte is read. What is over a limit is closed
 * at once: its
 * owner comes back after a while, and the kernel's backlog in between costs nobody anything.
 *
 * A flight of a handshake costs up to 0.3 ms, a HELLO's two signatures 0.1 ms, a frame a few us. So newcomers go on in
 * their order after a step's frames have been sent: at most CW_GATE_NEWCOMERS_PER_STEP of them, and where sessions live
 * only one between two looks at the rings, after which they rest for CW_GATE_REST_TIMES as long as it took if anybody
 * in a session has said something of late. The worker looks on while they rest and does not sleep: to be woken costs
 * more than a frame. A step handles what those in sessions sent, and sends what comes of it, before it takes anything
 * of newcomers (cw_gate_is_newcomers), which a storm has hundreds of in one look.
 */
#ifndef CW_ENGINE_GATE_H
#define CW_ENGINE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/list.h"
#include "engine/penalty.h"

struct cw_worker;
struct cw_conn;

enum {
    CW_GATE_NEWCOMERS_PER_STEP = 4,
    CW_GATE_REST_TIMES = 1,
    CW_GATE_LIVE_MS = 100, /* "of late" */
    CW_GATE_SOURCES = 8192,
    CW_GATE_ROWS = 2,
};

/* So many a second on average, a quarter of a second's worth at once. */
struct cw_rate {
    uint64_t due_ns; /* when all that was taken so far is paid for */
};

struct cw_gate {
    uint32_t handshakes;
    uint32_t unauthenticated;
    uint32_t step_newcomers; /* in this step */
    uint64_t live_ns;        /* when somebody in a session said something */
    uint64_t rest_until_ns;  /* no newcomer goes on before */
    uint64_t step_ns;        /* average of late */
    uint64_t secret;
    struct cw_rate connections;
    struct cw_rate hellos;
    struct cw_list waiting; /* conn->group of those whose handshake or HELLO goes on later */
    /* How many each source has, counted twice under different hashes: the lower number is right or too high. */
    uint16_t sources[CW_GATE_ROWS][CW_GATE_SOURCES];
};

bool cw_rate_take(struct cw_rate *r, uint64_t per_s, uint64_t now_ns);

void cw_gate_init(struct cw_worker *w);
/* Whether a connection that was just accepted is taken. */
bool cw_gate_admits(struct cw_worker *w, const uint8_t *address, bool is_plain);
bool cw_gate_admits_hello(struct cw_worker *w);
/* A connection begins in its state; goes from one to another. */
void cw_gate_on_begin(struct cw_worker *w, const struct cw_conn *c);
void cw_gate_on_state(struct cw_worker *w, const struct cw_conn *c, unsigned from, unsigned to);
/* Whether what it says next is dear. */
bool cw_gate_is_newcomer(const struct cw_conn *c);
/* True: its handshake, or its HELLO, has to wait; cw_conn_go_on is called then. */
bool cw_gate_defers(struct cw_worker *w, struct cw_conn *c);
/* It was its turn, and it has one more step to go: it is the next. */
void cw_gate_puts_first(struct cw_worker *w, struct cw_conn *c);
/* After the step's frames have left: some of those that wait go on. */
void cw_gate_go_on(struct cw_worker *w);
bool cw_gate_has_waiting(const struct cw_worker *w);
/* Sessions live here: who is new comes after who is here. */
bool cw_gate_is_strict(const struct cw_worker *w);
/* Somebody in a session said something. */
void cw_gate_on_live(struct cw_worker *w);
void cw_gate_on_step(struct cw_worker *w, uint64_t step_ns);

/* Budgets for failures, shared by all workers. */
bool cw_gate_may(struct cw_worker *w, const uint8_t *address, enum cw_penalty_kind kind);
void cw_gate_fail(struct cw_worker *w, const uint8_t *address, enum cw_penalty_kind kind);
void cw_gate_forgive(struct cw_worker *w, const uint8_t *address, enum cw_penalty_kind kind);

#endif
