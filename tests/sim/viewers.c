/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-sim-viewers --seeds N [--first S]: one source and many viewers, good, slow and stalled, one history a seed.
 *
 * A real worker with real TLS on tests/sim/net.h. The source keeps the rules of engine/PROTOCOL.md section 9: two
 * updates under way, keyframes when asked, a reduced rendition while wanted. What must hold is checked as it happens:
 *   - a viewer gets a keyframe and then every update of its rendition without a gap, until it falls out;
 *   - a good viewer gets every update there is, soon, whatever the others do;
 *   - the source is asked for at most two syncs a second, and for none on behalf of a viewer that takes nothing;
 *   - what waits for a viewer never passes its limit and the message under way;
 * and at the end, with every line good again, all show the newest update of the full rendition.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/check.h"
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

enum {
    VIEWERS_MAX = 14,
    STEP_MS = 5,
    ACTIVE_MS = 40000,
    SETTLE_MS = 400000,
    QUEUE_BYTES = 400 * 1024,
    SLOW_STEP_MS = 250, /* 16 KB each time: 64 KB/s, less than half of what is shown */
    LATE_MS_MAX = 600,
    SYNC_CAUSE_MS = 4000, /* a sync follows what made it necessary within this */
};
#define MS UINT64_C(1000000)

enum kind { GOOD, SLOW, STALLED };

/* What the source sends of one rendition. */
struct stream {
    bool is_on;
    bool is_reset_due;
    bool is_sync_wanted;
    uint32_t number;
    uint32_t acked;
    uint64_t sent_ns;
    uint64_t asked_ns; /* when the last SYNC_REQUEST came */
};

struct viewer {
    struct world *world;
    struct cw_endpoint *end;
    uint32_t participant;
    enum kind kind;
    bool is_stalled;
    uint64_t turn_ns; /* when its line or its stall changes */
    uint64_t read_ns; /* slow: when it reads again */
    uint8_t rendition;
    bool is_in_sync;
    uint32_t part; /* frames of the message under way */
    uint32_t shown;
    unsigned resets;
    unsigned keyframes;
    unsigned reduced; /* times it was given the reduced rendition */
};

struct world {
    struct cw_net *net;
    struct cw_double *control;
    struct cw_double_session *session;
    struct cw_mailbox *mailbox;
    struct cw_io *io;
    struct cw_worker *worker;
    struct cw_endpoint *source;
    struct stream streams[CW_RENDITION_COUNT];
    struct viewer viewers[VIEWERS_MAX];
    unsigned viewer_count;
    bool has_slow;
    bool is_settling;
    bool is_quiet;     /* the desktop rests */
    uint64_t cause_ns; /* when a viewer came, or took bytes again */
    uint64_t epoch_ns;
};

static struct {
    unsigned long updates, keyframes, shown, stalls, syncs, reduced, restored, late_ms;
} counts;

static uint64_t chance(struct world *w, uint64_t below)
{
    return cw_net_random(w->net, below);
}

static uint64_t now_ns(const struct world *w)
{
    return cw_net_now_ns(w->net);
}

static void send_frame(struct world *w, struct cw_endpoint *end, uint8_t type, uint8_t flags,
                       const void *payload, size_t size)
{
    struct cw_frame f = {.type = type,
                         .channel = cw_message_info(type)->channel,
                         .flags = flags,
                         .session = w->session->number,
                         .length = (uint32_t)size};
    cw_endpoint_send(end, &f, payload);
}

/* ---- the source ---------------------------------------------------------------------------------- */

struct content {
    uint32_t number;
    uint32_t part;
    uint64_t time_ns;
};

static void send_update(struct world *w, uint8_t rendition, uint8_t flags, size_t bytes)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    struct content c = {.number = w->streams[rendition].number, .time_ns = now_ns(w)};
    flags |= (uint8_t)(rendition << CW_FLAG_RENDITION_SHIFT);
    for (size_t at = 0; at < bytes; c.part++) {
        size_t size = bytes - at < sizeof payload ? bytes - at : sizeof payload;
        size = size < sizeof c ? sizeof c : size;
        memcpy(payload, &c, sizeof c);
        uint8_t ends =
            (uint8_t)((at == 0 ? CW_FLAG_FIRST : 0) | (at + size >= bytes ? CW_FLAG_LAST : 0));
        send_frame(w, w->source, CW_MESSAGE_SCREEN_UPDATE, flags | ends, payload, size);
        at += size;
    }
    w->streams[rendition].sent_ns = now_ns(w);
}

static void send_reset(struct world *w, uint8_t rendition)
{
    struct stream *s = &w->streams[rendition];
    uint16_t side = rendition == CW_RENDITION_FULL ? 64 : 32;
    struct cw_screen_reset reset = {.width_px = side,
                                    .height_px = side,
                                    .desktop_width_px = 64,
                                    .desktop_height_px = 64,
                                    .update = s->number};
    uint8_t payload[12];
    size_t size = 0;
    CW_CHECK(cw_screen_reset_encode(&reset, payload, sizeof payload, &size) == CW_OK, "fits");
    send_frame(w, w->source, CW_MESSAGE_SCREEN_RESET,
               (uint8_t)(CW_FLAG_FIRST | CW_FLAG_LAST | rendition << CW_FLAG_RENDITION_SHIFT),
               payload, size);
    s->is_reset_due = false;
    s->acked = s->number - 1;
}

static void stream_act(struct world *w, uint8_t rendition)
{
    struct stream *s = &w->streams[rendition];
    bool is_full = rendition == CW_RENDITION_FULL;
    uint64_t interval_ns = (is_full ? (w->is_settling ? 150 : 40) : 200) * MS;
    if (!s->is_on || cw_endpoint_backlog(w->source) > 64 * 1024)
        return;
    if (s->is_sync_wanted) {
        if (s->is_reset_due)
            send_reset(w, rendition);
        s->is_sync_wanted = false;
        send_update(w, rendition, CW_FLAG_KEYFRAME, is_full ? 150000 : 40000);
        counts.keyframes++;
    } else if (!s->is_reset_due && !w->is_quiet && s->number - s->acked < 2 &&
               now_ns(w) >= s->sent_ns + interval_ns) {
        s->number++;
        send_update(w, rendition, 0, 500 + chance(w, is_full ? 12000 : 3000));
        counts.updates++;
    }
}

/* Who is goes back by itself. */
static bool somebody_is_reduced(const struct world *w)
{
    for (unsigned i = 0; i < w->viewer_count; i++)
        if (w->viewers[i].rendition == CW_RENDITION_REDUCED)
            return true;
    return false;
}

static void take_sync(struct world *w, uint8_t rendition)
{
    CW_CHECK(rendition < CW_RENDITION_COUNT && w->streams[rendition].is_on, "it is produced");
    struct stream *s = &w->streams[rendition];
    /* What was sent half a second apart may arrive a little closer. */
    CW_CHECK(s->asked_ns == 0 || now_ns(w) - s->asked_ns >= 450 * MS, "at most two syncs a second");
    CW_CHECK(w->has_slow || somebody_is_reduced(w) || now_ns(w) - w->cause_ns <= SYNC_CAUSE_MS * MS,
             "no sync on behalf of who takes nothing");
    s->asked_ns = now_ns(w);
    s->is_sync_wanted = true;
    counts.syncs++;
}

static void take_rendition(struct world *w, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_rendition_note note;
    CW_CHECK(cw_rendition_note_decode(payload, f->length, &note) == CW_OK, "whole");
    struct stream *s = &w->streams[note.rendition];
    CW_CHECK(s->is_on != (note.is_wanted != 0), "it is said when it changes");
    s->is_on = note.is_wanted != 0;
    s->is_reset_due = s->is_on;
    s->is_sync_wanted = s->is_on;
}

static void on_source_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                            const uint8_t *payload)
{
    struct world *w = user;
    (void)e;
    if (f->type == CW_MESSAGE_SYNC_REQUEST) {
        take_sync(w, payload[0]);
    } else if (f->type == CW_MESSAGE_RENDITION) {
        take_rendition(w, f, payload);
    } else if (f->type == CW_MESSAGE_SCREEN_ACK) {
        struct cw_screen_ack ack;
        CW_CHECK(cw_screen_ack_decode(payload, f->length, &ack) == CW_OK, "whole");
        struct stream *s = &w->streams[ack.rendition];
        CW_CHECK((int32_t)(s->number - ack.update) >= 0, "acknowledges what was sent");
        if ((int32_t)(ack.update - s->acked) > 0)
            s->acked = ack.update;
    }
}

/* ---- the viewers --------------------------------------------------------------------------------- */

static void acknowledge(struct viewer *v)
{
    struct cw_screen_ack ack = {.update = v->shown, .rendition = v->rendition};
    uint8_t payload[5];
    size_t size = 0;
    CW_CHECK(cw_screen_ack_encode(&ack, payload, sizeof payload, &size) == CW_OK, "fits");
    send_frame(v->world, v->end, CW_MESSAGE_SCREEN_ACK, CW_FLAG_FIRST | CW_FLAG_LAST, payload,
               size);
}

static void take_reset(struct viewer *v, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_screen_reset reset;
    uint8_t rendition = (f->flags & CW_FLAG_RENDITION_MASK) >> CW_FLAG_RENDITION_SHIFT;
    CW_CHECK(cw_screen_reset_decode(payload, f->length, &reset) == CW_OK, "whole");
    CW_CHECK(reset.desktop_width_px == 64 && reset.width_px == 64 >> rendition, "its own size");
    counts.reduced += rendition > v->rendition;
    counts.restored += rendition < v->rendition;
    v->reduced += rendition > v->rendition;
    v->rendition = rendition;
    v->is_in_sync = false;
    v->part = 0;
    v->resets++;
}

static void take_update(struct viewer *v, const struct cw_frame *f, const uint8_t *payload)
{
    struct content c;
    bool is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
    memcpy(&c, payload, sizeof c);
    CW_CHECK((f->flags & CW_FLAG_RENDITION_MASK) >> CW_FLAG_RENDITION_SHIFT == v->rendition,
             "only its own rendition");
    CW_CHECK(v->resets > 0, "the size is known before the picture");
    CW_CHECK(((f->flags & CW_FLAG_FIRST) != 0) == (v->part == 0) && c.part == v->part,
             "messages are whole");
    CW_CHECK(is_keyframe || (v->is_in_sync && c.number == v->shown + 1),
             "no update is missing or doubled");
    v->part++;
    if (v->kind == GOOD && !is_keyframe) {
        unsigned long late_ms = (unsigned long)((now_ns(v->world) - c.time_ns) / MS);
        counts.late_ms = late_ms > counts.late_ms ? late_ms : counts.late_ms;
        CW_CHECK(late_ms <= LATE_MS_MAX, "a good viewer waits for nobody");
    }
    if ((f->flags & CW_FLAG_LAST) == 0)
        return;
    v->part = 0;
    v->keyframes += is_keyframe;
    v->is_in_sync = true;
    v->shown = c.number;
    counts.shown++;
    acknowledge(v);
}

static void on_viewer_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                            const uint8_t *payload)
{
    struct viewer *v = user;
    (void)e;
    if (f->type == CW_MESSAGE_SCREEN_RESET)
        take_reset(v, f, payload);
    else if (f->type == CW_MESSAGE_SCREEN_UPDATE)
        take_update(v, f, payload);
    else
        CW_CHECK(f->type != CW_MESSAGE_CLOSE, "nobody is closed");
}

static struct cw_endpoint *join(struct world *w, uint32_t participant,
                                cw_endpoint_frame_fn on_frame, void *user)
{
    struct cw_ticket t = cw_double_ticket(w->control, w->session, participant, CW_TICKET_KIND_JOIN);
    return cw_endpoint_new(w->net, chance(w, 3) == 0, &t,
                           w->session->participants[participant - 1].seed, on_frame, user);
}

static void viewer_add(struct world *w, enum kind kind, uint64_t more)
{
    struct viewer *v = &w->viewers[w->viewer_count++];
    *v = (struct viewer){.world = w, .kind = kind};
    v->participant = cw_double_participant_add(w->control, w->session, CW_ROLE_REPRESENTATIVE,
                                               CW_PERMIT(VIEW_SCREEN) | more);
    v->end = join(w, v->participant, on_viewer_frame, v);
    v->turn_ns = now_ns(w) + (1000 + chance(w, 4000)) * MS;
    w->cause_ns = now_ns(w);
    w->has_slow = w->has_slow || kind == SLOW;
}

/* A stall is shorter than what closes a connection. */
static void viewer_act(struct viewer *v)
{
    struct world *w = v->world;
    if (v->kind != STALLED || w->is_settling || now_ns(w) < v->turn_ns)
        return;
    v->is_stalled = !v->is_stalled;
    cw_net_end_stall(cw_endpoint_net(v->end), v->is_stalled);
    counts.stalls += v->is_stalled;
    w->cause_ns = now_ns(w);
    v->turn_ns = now_ns(w) + (500 + chance(w, v->is_stalled ? 12000 : 6000)) * MS;
}

static bool viewer_step(struct viewer *v)
{
    struct world *w = v->world;
    if (v->kind == SLOW && !w->is_settling) {
        if (now_ns(w) < v->read_ns)
            return false;
        v->read_ns = now_ns(w) + SLOW_STEP_MS * MS;
    }
    return cw_endpoint_step(v->end);
}

/* ---- the world ----------------------------------------------------------------------------------- */

static void check_memory(const struct world *w)
{
    struct cw_session *s = cw_session_find(w->worker, w->session->number);
    if (s == NULL)
        return;
    CW_LIST_EACH(node, &s->participants)
    {
        const struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->conn == NULL)
            continue;
        uint32_t most = p->viewer.sync == CW_VIEWER_BLOCKED ? 151000 : QUEUE_BYTES + 151000;
        CW_CHECK(cw_conn_queued_bytes(p->conn, CW_CHANNEL_SCREEN) <= most, "a queue has its limit");
    }
}

static void run_ms(struct world *w, uint64_t ms)
{
    uint64_t until_ns = now_ns(w) + ms * MS;
    do {
        (void)cw_worker_step(w->worker, until_ns);
        cw_sim_check_worker(w->worker);
        (void)cw_double_step(w->control);
        if (w->source != NULL)
            (void)cw_endpoint_step(w->source);
        for (unsigned i = 0; i < w->viewer_count; i++)
            (void)viewer_step(&w->viewers[i]);
    } while (cw_net_step(w->net, until_ns) < until_ns);
    check_memory(w);
}

static void live(struct world *w)
{
    run_ms(w, STEP_MS);
    for (unsigned i = 0; i < w->viewer_count; i++)
        viewer_act(&w->viewers[i]);
    for (uint8_t r = 0; r < CW_RENDITION_COUNT; r++)
        stream_act(w, r);
}

static struct cw_tls_context *tls_context(const char *directory)
{
    static struct cw_tls_context *context;
    char message[200];
    if (context == NULL)
        CW_CHECK(cw_tls_context_new(directory, "localhost", message, sizeof message, &context) ==
                     CW_OK,
                 "keys were written");
    return context;
}

static void world_open(struct world *w, uint64_t seed, struct cw_tls_context *tls)
{
    memset(w, 0, sizeof *w);
    cw_net_seed_openssl(seed);
    struct cw_net_options options = {.seed = seed,
                                     .workers = 1,
                                     .sockets_max = 64,
                                     .delay_min_ns = 1000,
                                     .delay_max_ns = (1 + seed % 8) * MS,
                                     .short_permille = (unsigned)(seed % 3) * 100,
                                     .window_bytes = 32768};
    CW_CHECK(cw_net_new(&options, &w->net) == CW_OK, "memory");
    w->control = cw_double_new(w->net, "link.sock");
    CW_CHECK(cw_mailbox_new(64, &w->mailbox) == CW_OK, "memory");
    w->io = cw_net_io(w->net, 0);
    struct cw_setting_values settings;
    cw_setting_defaults(&settings);
    settings.viewer_queue_bytes = QUEUE_BYTES;
    struct cw_worker_config config = {.io = w->io,
                                      .tls = tls,
                                      .count = 1,
                                      .mailboxes = &w->mailbox,
                                      .ios = &w->io,
                                      .http_listener = CW_LISTENER_NONE,
                                      .link_path = "link.sock",
                                      .web_path = "web.sock",
                                      .public_origin = "https://localhost:8443",
                                      .engine_instance = 1,
                                      .settings = &settings,
                                      .connections_max = 64};
    CW_CHECK(cw_worker_new(&config, &w->worker) == CW_OK, "memory");
    w->session = cw_double_session_add(w->control);
    uint32_t source = cw_double_participant_add(w->control, w->session, CW_ROLE_UNATTENDED,
                                                CW_PERMIT(SOURCE_SCREEN));
    run_ms(w, 500);
    w->streams[CW_RENDITION_FULL].is_on = true;
    w->streams[CW_RENDITION_FULL].is_reset_due = true;
    w->streams[CW_RENDITION_FULL].number = (uint32_t)chance(w, UINT32_MAX);
    w->source = join(w, source, on_source_frame, w);
    run_ms(w, 500);
}

static void world_close(struct world *w)
{
    w->source = cw_endpoint_free(w->source);
    for (unsigned i = 0; i < w->viewer_count; i++)
        w->viewers[i].end = cw_endpoint_free(w->viewers[i].end);
    w->viewer_count = 0;
    run_ms(w, 3000);
    cw_worker_stop(w->worker);
    for (unsigned turn = 0; cw_worker_step(w->worker, 0); turn++) {
        CW_CHECK(turn < 2000, "a stopped worker ends");
        (void)cw_double_step(w->control);
        (void)cw_net_step(w->net, now_ns(w) + 10 * MS);
    }
    cw_sim_check_stopped(w->worker);
    w->worker = cw_worker_free(w->worker);
    w->mailbox = cw_mailbox_free(w->mailbox);
    w->control = cw_double_free(w->control);
    w->net = cw_net_free(w->net);
}

static bool is_settled(const struct world *w)
{
    for (unsigned i = 0; i < w->viewer_count; i++) {
        const struct viewer *v = &w->viewers[i];
        if (v->rendition != CW_RENDITION_FULL || !v->is_in_sync ||
            (w->is_quiet && v->shown != w->streams[CW_RENDITION_FULL].number))
            return false;
    }
    return !w->streams[CW_RENDITION_REDUCED].is_on;
}

static void explain(const struct world *w)
{
    for (unsigned i = 0; i < w->viewer_count; i++) {
        const struct viewer *v = &w->viewers[i];
        (void)fprintf(stderr, "viewer %u kind %d rendition %u in sync %d shown %u of %u\n",
                      v->participant, (int)v->kind, v->rendition, v->is_in_sync, v->shown,
                      w->streams[v->rendition].number);
    }
}

/* All lines are good: everybody comes back to the full rendition, and then to the newest update. */
static void settle(struct world *w)
{
    w->is_settling = true;
    w->cause_ns = now_ns(w);
    for (unsigned i = 0; i < w->viewer_count; i++)
        cw_net_end_stall(cw_endpoint_net(w->viewers[i].end), false);
    uint64_t end_ns = now_ns(w) + SETTLE_MS * MS;
    while (!is_settled(w) || !w->is_quiet) {
        if (now_ns(w) >= end_ns)
            explain(w);
        CW_CHECK(now_ns(w) < end_ns, "everybody comes back");
        w->is_quiet = w->is_quiet || is_settled(w);
        live(w);
    }
}

static void check_kinds(const struct world *w)
{
    for (unsigned i = 0; i < w->viewer_count; i++) {
        const struct viewer *v = &w->viewers[i];
        CW_CHECK(v->keyframes >= 1, "everybody has had a picture");
        CW_CHECK(v->kind != GOOD || (v->keyframes == 1 && v->reduced == 0),
                 "a good viewer never falls out");
        CW_CHECK(v->kind != SLOW || v->reduced > 0, "who stays slow gets the reduced rendition");
    }
}

static uint64_t history(uint64_t seed, struct cw_tls_context *tls)
{
    static struct world w;
    world_open(&w, seed, tls);
    /* The one in control is good; the others come by and by. */
    viewer_add(&w, GOOD, CW_PERMIT(CONTROL_INPUT));
    unsigned wanted = 3 + (unsigned)chance(&w, VIEWERS_MAX - 3);
    uint64_t end_ns = now_ns(&w) + ACTIVE_MS * MS;
    while (now_ns(&w) < end_ns) {
        live(&w);
        if (w.viewer_count >= wanted || chance(&w, 100) != 0 || now_ns(&w) + 25000 * MS > end_ns)
            continue;
        unsigned kinds = seed % 3 == 0 ? 1 : 2; /* without slow ones, each sync has a cause */
        uint64_t dice = chance(&w, 2 + kinds);
        viewer_add(&w, dice < 2 ? GOOD : dice == 2 ? STALLED : SLOW, 0);
    }
    settle(&w);
    check_kinds(&w);
    uint64_t hash = cw_net_hash(w.net);
    world_close(&w);
    return hash;
}

/* ---- the program --------------------------------------------------------------------------------- */

static uint64_t current_seed;

static void on_abort(int signal_number)
{
    char text[80];
    int n = snprintf(text, sizeof text, "causeway-sim-viewers: the seed was %llu\n",
                     (unsigned long long)current_seed);
    if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
        _exit(70);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static int run(unsigned long long first, unsigned long long seeds, const char *directory)
{
    struct cw_tls_context *tls = tls_context(directory);
    current_seed = first;
    (void)history(first, tls); /* OpenSSL draws random numbers for itself when it is first used */
    memset(&counts, 0, sizeof counts);
    for (unsigned long long i = 0; i < seeds; i++) {
        current_seed = first + i;
        uint64_t hash = history(current_seed, tls);
        if (current_seed % 10 == 0 && history(current_seed, tls) != hash) {
            (void)fprintf(stderr, "seed %llu gave two histories\n", first + i);
            return 1;
        }
    }
    (void)printf(
        "viewers: updates %lu, keyframes %lu, shown %lu, stalls %lu, syncs %lu, reduced %lu, "
        "restored %lu, a good viewer's update at most %lu ms late\n",
        counts.updates, counts.keyframes, counts.shown, counts.stalls, counts.syncs, counts.reduced,
        counts.restored, counts.late_ms);
    bool is_idle = counts.shown == 0 || counts.stalls == 0 ||
                   (seeds >= 10 && (counts.reduced == 0 || counts.restored == 0));
    (void)printf("%llu passed, %d failed\n", seeds, is_idle ? 1 : 0);
    return is_idle ? 1 : 0;
}

int main(int argc, char **argv)
{
    unsigned long long seeds = 0;
    unsigned long long first = 1;
    char *end = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seeds") == 0)
            seeds = strtoull(argv[i + 1], &end, 10);
        else if (strcmp(argv[i], "--first") == 0)
            first = strtoull(argv[i + 1], &end, 10);
    }
    if (seeds == 0 || end == NULL || *end != '\0') {
        (void)fprintf(stderr, "usage: causeway-sim-viewers --seeds N [--first S]\n");
        return 64;
    }
    char directory[] = "/tmp/causeway-sim-XXXXXX";
    if (mkdtemp(directory) == NULL)
        return 73;
    cw_log_set_level(CW_LOG_ERROR);
    (void)signal(SIGABRT, on_abort);
    cw_sim_keys_write(directory);
    int status = run(first, seeds, directory);
    cw_sim_keys_remove(directory);
    (void)rmdir(directory);
    return status;
}
