/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gate.h"

#include "engine/base/check.h"
#include "engine/worker_state.h"

static const uint64_t second_ns = UINT64_C(1000000000);

bool cw_rate_take(struct cw_rate *r, uint64_t per_s, uint64_t now_ns)
{
    uint64_t each_ns = second_ns / per_s;
    uint64_t due_ns = r->due_ns > now_ns ? r->due_ns : now_ns;
    uint64_t ahead_ns = each_ns > second_ns / 4 ? each_ns : second_ns / 4;
    if (due_ns + each_ns > now_ns + ahead_ns)
        return false;
    r->due_ns = due_ns + each_ns;
    return true;
}

void cw_gate_init(struct cw_worker *w)
{
    cw_list_init(&w->gate.waiting);
    w->io->ops->random(w->io, &w->gate.secret, sizeof w->gate.secret);
}

/* ---- counting ----------------------------------------------------------------------------------- */

static uint16_t *source_at(struct cw_gate *g, const uint8_t *address, unsigned row)
{
    uint64_t hash = cw_penalty_source_of(address, g->secret + row);
    return &g->sources[row][(hash >> 8) % CW_GATE_SOURCES];
}

static unsigned of_source(struct cw_gate *g, const uint8_t *address)
{
    unsigned least = UINT16_MAX;
    for (unsigned row = 0; row < CW_GATE_ROWS; row++) {
        unsigned count = *source_at(g, address, row);
        least = count < least ? count : least;
    }
    return least;
}

static bool is_unauthenticated(unsigned state)
{
    return state < CW_CONN_OPEN;
}

void cw_gate_on_begin(struct cw_worker *w, const struct cw_conn *c)
{
    struct cw_gate *g = &w->gate;
    g->handshakes += c->state == CW_CONN_HANDSHAKE;
    g->unauthenticated++;
    for (unsigned row = 0; row < CW_GATE_ROWS; row++)
        ++*source_at(g, c->address, row);
}

void cw_gate_on_state(struct cw_worker *w, const struct cw_conn *c, unsigned from, unsigned to)
{
    struct cw_gate *g = &w->gate;
    g->handshakes -= from == CW_CONN_HANDSHAKE;
    if (!is_unauthenticated(from) || is_unauthenticated(to))
        return;
    CW_DCHECK(g->unauthenticated > 0, "each was counted when it began");
    g->unauthenticated--;
    for (unsigned row = 0; row < CW_GATE_ROWS; row++)
        --*source_at(g, c->address, row);
}

/* ---- taking ------------------------------------------------------------------------------------- */

/* The first check that says no, or CW_REFUSAL_COUNT. */
static unsigned why_not(struct cw_worker *w, const uint8_t *address, bool is_plain)
{
    const struct cw_setting_values *s = &w->settings;
    struct cw_gate *g = &w->gate;
    if (w->is_stopping && !w->is_restarting)
        return CW_REFUSAL_STOPPING;
    if (s->connections != 0 && w->conn_pool.used >= s->connections)
        return CW_REFUSAL_CONNECTIONS;
    if (s->busy_step_us != 0 && g->step_ns > s->busy_step_us * 1000)
        return CW_REFUSAL_BUSY;
    if (!is_plain && g->handshakes >= s->handshakes)
        return CW_REFUSAL_HANDSHAKES;
    if (g->unauthenticated >= s->unauthenticated)
        return CW_REFUSAL_UNAUTHENTICATED;
    if (of_source(g, address) >= s->unauthenticated_per_source)
        return CW_REFUSAL_SOURCE;
    if (!cw_gate_may(w, address, CW_PENALTY_HANDSHAKE))
        return CW_REFUSAL_PENALTY;
    if (!cw_rate_take(&g->connections, s->handshakes_per_s, w->now_ns))
        return CW_REFUSAL_RATE; /* last: what others refuse does not use it up */
    return CW_REFUSAL_COUNT;
}

bool cw_gate_admits(struct cw_worker *w, const uint8_t *address, bool is_plain)
{
    unsigned reason = why_not(w, address, is_plain);
    if (reason == CW_REFUSAL_COUNT)
        return true;
    w->counters.refused[reason]++;
    return false;
}

bool cw_gate_admits_hello(struct cw_worker *w)
{
    return cw_rate_take(&w->gate.hellos, w->settings.hellos_per_s, w->now_ns);
}

/* ---- in turn ------------------------------------------------------------------------------------ */

bool cw_gate_has_waiting(const struct cw_worker *w)
{
    return !cw_list_is_empty(&w->gate.waiting);
}

bool cw_gate_is_strict(const struct cw_worker *w)
{
    return !cw_list_is_empty(&w->session_list);
}

void cw_gate_on_live(struct cw_worker *w)
{
    w->gate.live_ns = w->now_ns;
}

bool cw_gate_is_newcomer(const struct cw_conn *c)
{
    return c->state == CW_CONN_HANDSHAKE || c->state == CW_CONN_HELLO;
}

static unsigned newcomers_per_step(const struct cw_worker *w)
{
    return cw_gate_is_strict(w) ? 1 : CW_GATE_NEWCOMERS_PER_STEP;
}

bool cw_gate_defers(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_gate *g = &w->gate;
    if (!cw_list_is_empty(&c->group))
        return true; /* it waits already, and has only said more */
    if (!cw_gate_is_strict(w) && g->step_newcomers < newcomers_per_step(w) &&
        !cw_gate_has_waiting(w)) {
        g->step_newcomers++;
        return false;
    }
    cw_list_append(&g->waiting, &c->group);
    w->counters.handshakes_deferred++;
    return true;
}

void cw_gate_puts_first(struct cw_worker *w, struct cw_conn *c)
{
    cw_list_append(w->gate.waiting.next, &c->group); /* before the first */
}

void cw_gate_go_on(struct cw_worker *w)
{
    struct cw_gate *g = &w->gate;
    bool is_strict = cw_gate_is_strict(w);
    uint64_t began_ns = is_strict && cw_gate_has_waiting(w) ? w->io->ops->now_ns(w->io) : 0;
    bool is_resting = is_strict && began_ns < g->rest_until_ns;
    bool has_worked = false;
    while (cw_gate_has_waiting(w) && !is_resting && g->step_newcomers < newcomers_per_step(w)) {
        struct cw_conn *c = CW_LIST_OWNER(g->waiting.next, struct cw_conn, group);
        cw_list_remove(&c->group);
        if (!cw_gate_is_newcomer(c))
            continue; /* it went while it waited */
        g->step_newcomers++;
        has_worked = true;
        cw_conn_go_on(w, c);
    }
    g->step_newcomers = 0;
    bool is_live = w->now_ns - g->live_ns < CW_GATE_LIVE_MS * UINT64_C(1000000);
    if (!has_worked || !is_strict || !is_live)
        return;
    uint64_t ended_ns = w->io->ops->now_ns(w->io);
    g->rest_until_ns = ended_ns + CW_GATE_REST_TIMES * (ended_ns - began_ns);
}

void cw_gate_on_step(struct cw_worker *w, uint64_t step_ns)
{
    struct cw_gate *g = &w->gate;
    /* Wall time: a step in which the machine let others run says nothing by itself, however long that was. Six in a row
     * that are over the limit do. */
    uint64_t most_ns = 2 * w->settings.busy_step_us * 1000;
    if (most_ns != 0 && step_ns > most_ns)
        step_ns = most_ns;
    g->step_ns = g->step_ns - g->step_ns / 8 + step_ns / 8;
}

/* ---- budgets ------------------------------------------------------------------------------------ */

static uint64_t per_minute(const struct cw_worker *w, enum cw_penalty_kind kind)
{
    switch (kind) {
    case CW_PENALTY_HANDSHAKE: return w->settings.penalty_handshake_per_min;
    case CW_PENALTY_TICKET: return w->settings.penalty_ticket_per_min;
    case CW_PENALTY_REQUEST: return w->settings.penalty_request_per_min;
    case CW_PENALTY_REFUSAL: return w->settings.penalty_refusal_per_min;
    case CW_PENALTY_KIND_COUNT: break;
    }
    CW_UNREACHABLE("the kinds of penalty.h");
}

bool cw_gate_may(struct cw_worker *w, const uint8_t *address, enum cw_penalty_kind kind)
{
    return cw_penalty_may(w->penalties, address, kind, per_minute(w, kind), w->now_ns);
}

void cw_gate_fail(struct cw_worker *w, const uint8_t *address, enum cw_penalty_kind kind)
{
    cw_penalty_add(w->penalties, address, kind, per_minute(w, kind), w->now_ns);
}

void cw_gate_forgive(struct cw_worker *w, const uint8_t *address, enum cw_penalty_kind kind)
{
    cw_penalty_forgive(w->penalties, address, kind, per_minute(w, kind), w->now_ns);
}
