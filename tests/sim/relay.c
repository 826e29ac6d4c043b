/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/relay.c - the real relay between simulated endpoints, one history a seed.
 *
 * Two real workers with real TLS, sources, viewers, hostile endpoints and control's end of the link run in
 * one process on tests/sim/net.h. What must hold is checked as each frame arrives:
 *   - keys arrive in order, none doubled, none lost while both connections live;
 *   - chat lines arrive in control's order; each one said is stored once; those for representatives reach no source;
 *   - a viewer's screen is a keyframe and then every update without a gap;
 *   - cursor shapes arrive whole, or are followed by one that does;
 *   - after PERMISSIONS without view_screen no screen or cursor frame, and no key from who may not send one;
 *   - each byte of a stream arrives once and in order, whatever breaks, and what waits of it is what was granted;
 *   - after SESSION_ENDED nothing of the session but CLOSE;
 * and at the end, with the network calm and control back, every viewer shows the newest update and cursor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/tls.h"
#include "engine/worker_state.h"
#include "tests/sim/invariants.h"
#include "tests/sim/scenario.h"

#define LINK_PATH "sim/link.sock"
#define WEB_PATH  "sim/web.sock"

const uint64_t cw_sim_viewer_all = CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) |
                                   CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION) | CW_PERMIT(SHELL) |
                                   CW_PERMIT(CLIPBOARD) | CW_PERMIT(SYSTEM) | CW_PERMIT(FILE) |
                                   CW_PERMIT(TUNNEL);
static const uint64_t cw_sim_source_all =
    CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);

uint64_t cw_sim_chance(struct cw_scenario *s, uint64_t below)
{
    return cw_net_random(s->net, below);
}

bool cw_sim_session_lives(const struct cw_double_session *session)
{
    return !session->is_ended && !session->is_over;
}

/* Takes view_screen or chat away from a viewer or gives it back. */
static void change_permissions(struct cw_scenario *s)
{
    struct cw_actor *a = &s->actors[cw_sim_chance(s, s->actor_count)];
    /* Who has screen messages waiting in the relay is the one to try. */
    for (unsigned i = 0; i < s->actor_count && cw_sim_chance(s, 4) != 0; i++)
        a = s->actors[i].is_stalled ? &s->actors[i] : a;
    if (a->is_source || !cw_sim_session_lives(a->session) ||
        cw_double_links_ready(s->control) < CW_SIM_WORKERS)
        return;
    uint64_t now = a->session->participants[a->participant - 1].permissions;
    uint64_t changed = cw_sim_chance(s, 3) == 0 ? CW_PERMIT(FILE) : CW_PERMIT(VIEW_SCREEN);
    cw_double_set_permissions(s->control, a->session, a->participant, now ^ changed);
    s->counts->permission_changes++;
}

static void control_act(struct cw_scenario *s)
{
    uint64_t now_ns = cw_net_now_ns(s->net);
    uint64_t dice = cw_sim_chance(s, 200);
    if (s->control_back_ns != 0) {
        if (now_ns >= s->control_back_ns) {
            s->control_back_ns = 0;
            cw_double_set_away(s->control, false);
            cw_page_set_away(s->page, false);
        }
    } else if (dice == 0) {
        cw_double_set_away(s->control, true);
        cw_page_set_away(s->page, true);
        s->control_back_ns = now_ns + (100 + cw_sim_chance(s, 3000)) * CW_SIM_MS;
        s->counts->control_outages++;
    } else if (dice < 6) {
        change_permissions(s);
    } else if (dice == 6) {
        struct cw_double_session *session = cw_double_session(
            s->control, (uint32_t)(1 + cw_sim_chance(s, cw_double_session_count(s->control))));
        if (cw_sim_session_lives(session) && cw_sim_chance(s, 4) == 0)
            cw_double_end_session(s->control, session, CW_CLOSE_ENDED_BY_OPERATOR);
    }
}

static struct cw_tls_context *tls_context(const char *directory)
{
    static struct cw_tls_context *context;
    if (context == NULL) {
        char message[200];
        int err = cw_tls_context_new(directory, "localhost", message, sizeof message, &context);
        if (err != CW_OK) {
            (void)fprintf(stderr, "causeway-sim: %s\n", message);
            exit(71);
        }
    }
    return context;
}

static void workers_new(struct cw_scenario *s, struct cw_tls_context *tls)
{
    struct cw_setting_values settings;
    const struct cw_record_config record = cw_sim_recording_config(s);
    cw_setting_defaults(&settings);
    if (s->viewer_queue_bytes != 0)
        settings.viewer_queue_bytes = s->viewer_queue_bytes;
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
        CW_CHECK(cw_mailbox_new(64, &s->mailboxes[i]) == CW_OK, "memory");
        s->ios[i] = cw_net_io(s->net, i);
    }
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
        struct cw_worker_config config = {.io = s->ios[i],
                                          .tls = tls,
                                          .index = i,
                                          .count = CW_SIM_WORKERS,
                                          .mailboxes = s->mailboxes,
                                          .ios = s->ios,
                                          .https_listener = 0,
                                          .http_listener = CW_LISTENER_NONE,
                                          .link_path = LINK_PATH,
                                          .web_path = WEB_PATH,
                                          .public_origin = "https://localhost:8443",
                                          .engine_instance = 1,
                                          .settings = &settings,
                                          .record = record,
                                          .connections_max = 256};
        CW_CHECK(cw_worker_new(&config, &s->workers[i]) == CW_OK, "memory");
    }
}

/* kill -9: nothing is said, nothing is kept; the supervisor starts another engine. */
static void crash(struct cw_scenario *s)
{
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
        struct cw_mail mail;
        while (cw_mailbox_pop(s->mailboxes[i], &mail)) {
            struct cw_handover *h = mail.connection;
            cw_socket socket = 0;
            cw_tls_moved_clear(&h->tls);
            (void)s->ios[i]->ops->adopt(s->ios[i], mail.descriptor, &socket);
        }
    }
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
        s->workers[i] = cw_worker_free(s->workers[i]);
        s->ios[i] = s->ios[i]->ops->free(s->ios[i]);
        s->mailboxes[i] = cw_mailbox_free(s->mailboxes[i]);
    }
    cw_sim_recording_crashed(s);
    workers_new(s, s->tls);
    s->counts->crashes++;
}

/* Lets everything that is due happen, then moves the clock to until_ns. */
static void run_until(struct cw_scenario *s, uint64_t until_ns)
{
    do {
        for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
            (void)cw_worker_step(s->workers[i], until_ns);
            cw_sim_check_worker(s->workers[i]);
        }
        (void)cw_double_step(s->control);
        for (unsigned i = 0; i < s->actor_count; i++)
            (void)cw_actor_step(&s->actors[i]);
        if (s->hostile != NULL)
            (void)cw_endpoint_step(s->hostile);
        if (!s->is_settling)
            cw_page_step(s->page);
    } while (cw_net_step(s->net, until_ns) < until_ns);
}

static void live(struct cw_scenario *s, unsigned rounds, uint32_t hostile_participant)
{
    for (unsigned i = 0; i < rounds; i++) {
        run_until(s, cw_net_now_ns(s->net) + 10 * CW_SIM_MS);
        for (unsigned k = 0; k < s->actor_count; k++)
            cw_actor_act(&s->actors[k]);
        if (!s->is_settling) {
            control_act(s);
            cw_sim_recording_act(s);
            if (cw_sim_chance(s, 250) == 0)
                crash(s);
            if (cw_sim_chance(s, 20) == 0)
                cw_hostile_act(s, hostile_participant);
        }
    }
}

/* Says who waits for what. */
static void explain(const struct cw_scenario *s)
{
    for (unsigned i = 0; i < s->actor_count; i++) {
        const struct cw_actor *a = &s->actors[i];
        (void)fprintf(stderr,
                      "session %u participant %u%s: %s, state %d, in sync %d, shown %u, update %u, "
                      "acknowledged %u, cursor %u, pending chat %u, permissions %llx wanted %llx\n",
                      a->session->number, a->participant, a->is_source ? " (source)" : "",
                      cw_actor_is_settled(a) ? "settled" : "waits",
                      a->end != NULL ? (int)cw_endpoint_state(a->end) : -1, a->is_in_sync, a->shown,
                      a->update, a->acknowledged, a->cursor, a->chat_pending_count,
                      (unsigned long long)a->permissions,
                      (unsigned long long)a->session->participants[a->participant - 1].permissions);
        cw_actor_explain_streams(a);
    }
}

/* With a calm network and control present everything must arrive: everybody is told what ended or is back
 * with control's permissions, everything said is stored, and every viewer has a picture. */
static void settle(struct cw_scenario *s)
{
    s->is_settling = true;
    cw_net_set_reset_ppm(s->net, 0);
    cw_double_set_away(s->control, false);
    s->control_back_ns = 0;
    s->hostile = cw_endpoint_free(s->hostile);
    cw_sim_recording_heal(s);
    for (unsigned i = 0; i < s->actor_count; i++) {
        if (s->actors[i].end != NULL)
            cw_net_end_stall(cw_endpoint_net(s->actors[i].end), false);
    }
    uint64_t deadline_ns = cw_net_now_ns(s->net) + 90000 * CW_SIM_MS;
    unsigned settled = 0;
    while (settled < s->actor_count || cw_double_links_ready(s->control) < CW_SIM_WORKERS ||
           !cw_sim_recording_is_settled(s)) {
        if (cw_net_now_ns(s->net) >= deadline_ns)
            explain(s);
        CW_CHECK(cw_net_now_ns(s->net) < deadline_ns, "everything settles in a minute and a half");
        live(s, 20, 0);
        settled = 0;
        for (unsigned i = 0; i < s->actor_count; i++)
            settled += cw_actor_is_settled(&s->actors[i]);
    }
}

static void finish(struct cw_scenario *s)
{
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++)
        cw_worker_stop(s->workers[i]);
    bool is_stopped[CW_SIM_WORKERS] = {false};
    uint64_t end_ns = cw_net_now_ns(s->net) + 20000 * CW_SIM_MS;
    while (cw_net_now_ns(s->net) < end_ns && !(is_stopped[0] && is_stopped[1])) {
        for (unsigned i = 0; i < CW_SIM_WORKERS; i++)
            is_stopped[i] = is_stopped[i] || !cw_worker_step(s->workers[i], end_ns);
        (void)cw_double_step(s->control);
        for (unsigned i = 0; i < s->actor_count; i++) {
            if (s->actors[i].end != NULL)
                (void)cw_endpoint_step(s->actors[i].end);
        }
        (void)cw_net_step(s->net, cw_net_now_ns(s->net) + 10 * CW_SIM_MS);
    }
    CW_CHECK(is_stopped[0] && is_stopped[1], "a stopped worker ends");
    for (unsigned i = 0; i < s->actor_count; i++)
        s->actors[i].end = cw_endpoint_free(s->actors[i].end);
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++) {
        cw_sim_check_stopped(s->workers[i]);
        s->workers[i] = cw_worker_free(s->workers[i]);
    }
    cw_sim_recording_check(s);
    s->counts->pages += cw_page_count(s->page);
    s->page = cw_page_free(s->page);
    s->control = cw_double_free(s->control);
    s->net = cw_net_free(s->net);
    for (unsigned i = 0; i < CW_SIM_WORKERS; i++)
        s->mailboxes[i] = cw_mailbox_free(s->mailboxes[i]);
}

uint64_t cw_sim_relay(uint64_t seed, const char *directory, struct cw_sim_counts *counts)
{
    static struct cw_scenario s;
    memset(&s, 0, sizeof s);
    s.counts = counts;
    struct cw_tls_context *tls = tls_context(directory);
    cw_net_seed_openssl(seed);
    struct cw_net_options options = {.seed = seed,
                                     .workers = CW_SIM_WORKERS,
                                     .sockets_max = 96, /* scanned in each step */
                                     .delay_min_ns = 1000,
                                     .delay_max_ns = (1 + seed % 30) * CW_SIM_MS,
                                     .short_permille = (unsigned)(seed % 5) * 100,
                                     .reset_ppm = seed % 3 == 0 ? 2000 : 0,
                                     .window_bytes = seed % 4 == 0 ? 16384 : 0};
    CW_CHECK(cw_net_new(&options, &s.net) == CW_OK, "memory");
    s.tls = tls;
    s.control = cw_double_new(s.net, LINK_PATH);
    s.page = cw_page_new(s.net, WEB_PATH);
    /* A small limit makes stalled viewers fall out of sync instead of only waiting. */
    s.viewer_queue_bytes = seed % 2 == 0 ? 65536 : 0;
    cw_sim_recording_begin(&s, seed);
    workers_new(&s, tls);
    unsigned sessions = 1 + (unsigned)cw_sim_chance(&s, 3);
    uint32_t hostile = 0;
    for (unsigned i = 0; i < sessions; i++) {
        struct cw_double_session *session = cw_double_session_add(s.control);
        session->recording = cw_sim_recording_policy(&s);
        (void)cw_actor_add(&s, session, CW_ROLE_UNATTENDED, cw_sim_source_all);
        unsigned viewers = 1 + (unsigned)cw_sim_chance(&s, 3);
        for (unsigned k = 0; k < viewers; k++)
            (void)cw_actor_add(&s, session, CW_ROLE_REPRESENTATIVE, cw_sim_viewer_all);
        if (i == 0)
            hostile = cw_double_participant_add(s.control, session, CW_ROLE_REPRESENTATIVE, 0);
    }
    live(&s, 60 + (unsigned)cw_sim_chance(&s, 120), hostile);
    settle(&s);
    uint64_t hash = cw_net_hash(s.net);
    finish(&s);
    counts->seeds++;
    return hash;
}
