/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/engine/connection_world.h - two real workers, control's end and guests on a calm simulated network.
 *
 * Owner:     a test opens a world and closes it; guests end with it.
 * Thread:    one.
 * Units:     milliseconds of the simulated clock.
 * Errors:    a cmocka assertion, or CW_CHECK inside the parts.
 * Invariant: the workers are checked after each step, and hold nothing once they have stopped.
 */
#ifndef CW_TESTS_UNIT_ENGINE_CONNECTION_WORLD_H
#define CW_TESTS_UNIT_ENGINE_CONNECTION_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/mailbox.h"
#include "engine/tls.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"
#include "tests/sim/control_double.h"
#include "tests/sim/endpoint.h"
#include "tests/sim/invariants.h"
#include "tests/sim/keys.h"

enum { WORKERS = 2, GUESTS_MAX = 64, KEPT_BYTES = 64 };
#define MS UINT64_C(1000000)

/* An endpoint and what it was sent. */
struct guest {
    struct cw_endpoint *end;
    unsigned seen[256]; /* frames, by type */
    struct cw_frame last[256];
    uint8_t payload[256][KEPT_BYTES]; /* the beginning of the last one's */
    bool is_silent;                   /* not stepped: it neither reads nor answers */
};

struct world {
    struct cw_net *net;
    struct cw_double *control;
    struct cw_mailbox *mailboxes[WORKERS];
    struct cw_io *ios[WORKERS];
    struct cw_worker *workers[WORKERS];
    struct guest *guests[GUESTS_MAX];
    unsigned guest_count;
};

static struct cw_tls_context *world_tls;
static char world_directory[] = "/tmp/causeway-test-XXXXXX";

static inline int world_set_up(void **state)
{
    (void)state;
    char message[200];
    cw_log_set_level(CW_LOG_ERROR);
    if (mkdtemp(world_directory) == NULL)
        return -1;
    cw_sim_keys_write(world_directory);
    return cw_tls_context_new(world_directory, "localhost", message, sizeof message, &world_tls);
}

static inline int world_tear_down(void **state)
{
    (void)state;
    world_tls = cw_tls_context_free(world_tls);
    cw_sim_keys_remove(world_directory);
    return rmdir(world_directory);
}

static inline void run_ms(struct world *w, uint64_t ms)
{
    uint64_t until_ns = cw_net_now_ns(w->net) + ms * MS;
    do {
        for (unsigned i = 0; i < WORKERS; i++) {
            (void)cw_worker_step(w->workers[i], until_ns);
            cw_sim_check_worker(w->workers[i]);
        }
        (void)cw_double_step(w->control);
        for (unsigned i = 0; i < w->guest_count; i++)
            while (!w->guests[i]->is_silent && cw_endpoint_step(w->guests[i]->end))
                continue;
    } while (cw_net_step(w->net, until_ns) < until_ns);
}

/* is_away: control is not there at first. record: NULL, nothing can be recorded. */
static inline struct world *world_make(bool waits, bool is_away,
                                       const struct cw_record_config *record)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    cw_net_seed_openssl(7);
    struct cw_net_options options = {.seed = 7,
                                     .workers = WORKERS,
                                     .sockets_max = 128,
                                     .delay_min_ns = 1000,
                                     .delay_max_ns = MS};
    assert_int_equal(cw_net_new(&options, &w->net), CW_OK);
    w->control = cw_double_new(w->net, "link.sock");
    for (unsigned i = 0; i < WORKERS; i++) {
        assert_int_equal(cw_mailbox_new(64, &w->mailboxes[i]), CW_OK);
        w->ios[i] = cw_net_io(w->net, i);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        struct cw_worker_config config = {.io = w->ios[i],
                                          .tls = world_tls,
                                          .index = i,
                                          .count = WORKERS,
                                          .mailboxes = w->mailboxes,
                                          .ios = w->ios,
                                          .http_listener = CW_LISTENER_NONE,
                                          .link_path = "link.sock",
                                          .web_path = "web.sock",
                                          .public_origin = "https://localhost:8443",
                                          .engine_instance = 1,
                                          .connections_max = 256,
                                          .accepts_when_linked = waits};
        if (record != NULL)
            config.record = *record;
        assert_int_equal(cw_worker_new(&config, &w->workers[i]), CW_OK);
    }
    if (is_away)
        cw_double_set_away(w->control, true);
    return w;
}

static inline struct world *world_open_recording(const struct cw_record_config *record)
{
    struct world *w = world_make(false, false, record);
    run_ms(w, 1000);
    assert_int_equal(cw_double_links_ready(w->control), WORKERS);
    return w;
}

static inline struct world *world_open(void)
{
    return world_open_recording(NULL);
}

/* The workers have not made a step, and wait for control before they accept. */
static inline struct world *world_open_waiting(bool is_away)
{
    return world_make(true, is_away, NULL);
}

static inline void world_close(struct world *w)
{
    for (unsigned i = 0; i < w->guest_count; i++) {
        cw_endpoint_free(w->guests[i]->end);
        free(w->guests[i]);
    }
    w->guest_count = 0;
    run_ms(w, 3000);
    for (unsigned i = 0; i < WORKERS; i++)
        cw_worker_stop(w->workers[i]);
    bool is_stopped[WORKERS] = {false};
    for (unsigned turn = 0; !(is_stopped[0] && is_stopped[1]); turn++) {
        assert_true(turn < 1000);
        for (unsigned i = 0; i < WORKERS; i++)
            is_stopped[i] = is_stopped[i] || !cw_worker_step(w->workers[i], 0);
        (void)cw_double_step(w->control);
        (void)cw_net_step(w->net, cw_net_now_ns(w->net) + 10 * MS);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        cw_sim_check_stopped(w->workers[i]);
        w->workers[i] = cw_worker_free(w->workers[i]);
        w->mailboxes[i] = cw_mailbox_free(w->mailboxes[i]);
    }
    cw_double_free(w->control);
    cw_net_free(w->net);
    free(w);
}

static inline void on_guest_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                                  const uint8_t *payload)
{
    struct guest *g = user;
    (void)e;
    g->seen[f->type]++;
    g->last[f->type] = *f;
    if (f->length > 0)
        memcpy(g->payload[f->type], payload, f->length < KEPT_BYTES ? f->length : KEPT_BYTES);
}

/* Connects to a worker (or CW_NET_ANY_WORKER) and says the hello. */
static inline struct guest *guest_new(struct world *w, int worker, const uint8_t *address,
                                      const struct cw_hello *hello, const uint8_t *seed)
{
    struct guest *g = calloc(1, sizeof *g);
    assert_non_null(g);
    assert_true(w->guest_count < GUESTS_MAX);
    g->end = cw_endpoint_new_from(w->net, worker, address, false, hello, seed, on_guest_frame, g);
    w->guests[w->guest_count++] = g;
    return g;
}

static inline void guest_go(struct world *w, struct guest *g)
{
    for (unsigned i = 0; i < w->guest_count; i++) {
        if (w->guests[i] != g)
            continue;
        w->guests[i] = w->guests[--w->guest_count];
        cw_endpoint_free(g->end);
        free(g);
        return;
    }
    fail();
}

static inline struct guest *join_with(struct world *w, const struct cw_double_session *s,
                                      uint32_t participant, const struct cw_ticket *ticket)
{
    struct cw_hello hello = {.kind = CW_HELLO_TICKET, .ticket = *ticket};
    struct guest *g =
        guest_new(w, CW_NET_ANY_WORKER, NULL, &hello, s->participants[participant - 1].seed);
    run_ms(w, 200);
    return g;
}

static inline struct guest *join(struct world *w, const struct cw_double_session *s,
                                 uint32_t participant)
{
    struct cw_ticket t = cw_double_ticket(w->control, s, participant, CW_TICKET_KIND_JOIN);
    return join_with(w, s, participant, &t);
}

static inline struct guest *stand(struct world *w, int worker, const struct cw_ticket *ticket,
                                  const uint8_t *seed)
{
    struct cw_hello hello = {.kind = ticket->kind == CW_TICKET_KIND_DEVICE ? CW_HELLO_DEVICE
                                                                           : CW_HELLO_TICKET,
                             .ticket = *ticket};
    struct guest *g = guest_new(w, worker, NULL, &hello, seed);
    run_ms(w, 200);
    return g;
}

static inline void guest_send(struct guest *g, uint8_t type, uint8_t flags, uint32_t session,
                              const void *payload, size_t size)
{
    struct cw_frame f = {.type = type,
                         .channel = cw_message_info(type)->channel,
                         .flags = flags,
                         .session = session,
                         .length = (uint32_t)size};
    cw_endpoint_send(g->end, &f, payload);
}

static inline bool is_open(const struct guest *g)
{
    return cw_endpoint_state(g->end) == CW_ENDPOINT_OPEN;
}

static inline void assert_closed(const struct guest *g, uint16_t code)
{
    assert_int_equal(cw_endpoint_state(g->end), CW_ENDPOINT_OVER);
    assert_int_equal(cw_endpoint_close_code(g->end), code);
}

#endif
