/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/relay.c - the real relay between simulated endpoints, one history a seed.
 *
 * Two real workers with real TLS, sources, viewers, hostile endpoints and control's end of the link run in
 * one process on tests/sim/net.h. What must hold is checked as each frame arrives:
 *   - keys arrive in order, none doubled, none lost while both connections live;
 *   - chat lines arrive in control's order; each one said is stored once;
 *   - a viewer's screen is a keyframe and then every update without a gap;
 *   - cursor shapes arrive whole, or are followed by one that does;
 *   - after PERMISSIONS without view_screen no screen or cursor frame, and no key from who may not send one;
 *   - after SESSION_ENDED nothing of the session but CLOSE;
 * and at the end, with the network calm and control back, every viewer shows the newest update and cursor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/mailbox.h"
#include "engine/tls.h"
#include "engine/wire/message.h"
#include "engine/worker.h"
#include "tests/sim/control_double.h"
#include "tests/sim/endpoint.h"
#include "tests/sim/invariants.h"
#include "tests/sim/net.h"
#include "tests/sim/page.h"
#include "tests/sim/relay.h"

enum { WORKERS = 2, STREAM_PARTS_MAX = 4, CHAT_PENDING_MAX = 64 };
#define MS        UINT64_C(1000000)
#define LINK_PATH "sim/link.sock"
#define WEB_PATH  "sim/web.sock"

static const uint64_t viewer_all =
    CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);
static const uint64_t source_all =
    CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);

/* One participant of the model and its connection, if any. */
struct actor {
    struct scenario *scenario;
    struct cw_double_session *session;
    uint32_t participant;
    bool is_source;
    struct cw_endpoint *end;
    uint64_t connect_at_ns; /* when to connect (again) */
    bool has_joined;        /* later connections use a resume ticket */
    struct cw_ticket resume;
    bool has_resume;
    bool is_stalled;      /* by the scenario */
    uint32_t connection;  /* counts this actor's connections */
    bool has_seen_end;    /* SESSION_ENDED was received on this connection */
    uint64_t permissions; /* as the last WELCOME or PERMISSIONS said */

    /* source */
    uint32_t update;       /* newest one sent */
    uint32_t acknowledged; /* highest SCREEN_ACK */
    bool is_sync_wanted;
    uint32_t cursor; /* shape sent last; at a viewer, shown now; 0: none on this connection */
    uint32_t key_last[CW_DOUBLE_PARTICIPANTS_MAX + 1]; /* last keysym by sender */

    /* viewer */
    bool is_in_sync;
    uint32_t shown;        /* update number of the newest whole message */
    uint32_t message_part; /* frames of the message under way */
    uint32_t cursor_got;   /* bytes of the shape under way; 0: none is */
    uint32_t cursor_next;  /* which one it is */
    uint16_t key_count;

    uint64_t line_sequence; /* newest CHAT_LINE */
    uint32_t chat_next;     /* client message ids from 1 */
    uint32_t chat_pending[CHAT_PENDING_MAX];
    unsigned chat_pending_count;
};

struct scenario {
    struct cw_net *net;
    struct cw_double *control;
    struct cw_mailbox *mailboxes[WORKERS];
    struct cw_io *ios[WORKERS];
    struct cw_worker *workers[WORKERS];
    struct actor actors[CW_DOUBLE_SESSIONS_MAX * CW_DOUBLE_PARTICIPANTS_MAX];
    unsigned actor_count;
    struct cw_endpoint *hostile;
    struct cw_page *page;
    bool is_settling;
    uint64_t viewer_queue_bytes_max;
    uint64_t control_back_ns;
    struct cw_sim_counts *counts;
};

static uint64_t chance(struct scenario *s, uint64_t below)
{
    return cw_net_random(s->net, below);
}

static void send_message(struct actor *a, uint8_t type, uint8_t flags, const void *payload,
                         size_t size)
{
    struct cw_frame f = {.type = type,
                         .channel = cw_message_info(type)->channel,
                         .flags = flags,
                         .session = a->session->number,
                         .length = (uint32_t)size};
    cw_endpoint_send(a->end, &f, payload);
}

static void send_u32(struct actor *a, uint8_t type, uint32_t value)
{
    send_message(a, type, CW_FLAG_FIRST | CW_FLAG_LAST, &value, sizeof value);
}

/* ---- screen ------------------------------------------------------------------------------------ */

/* Payload of each frame of an update: its number, so that a viewer can tell a gap and a mixture. */
static void send_update(struct actor *a, uint32_t number, uint8_t keyframe_flag)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    unsigned parts = 1 + (unsigned)chance(a->scenario, STREAM_PARTS_MAX);
    for (unsigned i = 0; i < parts; i++) {
        size_t size =
            4 + chance(a->scenario, chance(a->scenario, 3) == 0 ? sizeof payload - 4 : 200);
        memcpy(payload, &number, sizeof number);
        uint8_t flags = keyframe_flag;
        if (i == 0)
            flags |= CW_FLAG_FIRST;
        if (i == parts - 1)
            flags |= CW_FLAG_LAST;
        send_message(a, CW_MESSAGE_SCREEN_UPDATE, flags, payload, size);
    }
}

static uint32_t shape_bytes(const uint16_t side[2])
{
    return 8 + (uint32_t)side[0] * side[1] * 4;
}

/* Payload of each frame of a shape: the size of all of it, and its number where it points. */
static void send_shape(struct actor *a)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    uint32_t number = ++a->cursor;
    uint16_t side[2] = {31, 8};
    if (chance(a->scenario, 2) == 0)
        for (unsigned i = 0; i < 2; i++)
            side[i] = (uint16_t)(1 + chance(a->scenario, CW_CURSOR_SIDE_PX_MAX));
    uint32_t size = shape_bytes(side);
    for (uint32_t at = 0; at < size;) {
        uint32_t part = size - at < sizeof payload ? size - at : (uint32_t)sizeof payload;
        uint8_t flags = 0;
        if (at == 0)
            flags |= CW_FLAG_FIRST;
        if (at + part == size)
            flags |= CW_FLAG_LAST;
        else if (size - at - part < 8)
            part -= 8; /* the last one has room for both */
        memcpy(payload, side, sizeof side);
        memcpy(payload + 4, &number, sizeof number);
        send_message(a, CW_MESSAGE_CURSOR_SHAPE, flags, payload, part);
        at += part;
    }
    a->scenario->counts->cursors++;
}

static void viewer_cursor(struct actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    uint32_t number;
    uint16_t side[2];
    CW_CHECK((a->permissions & CW_PERMIT(VIEW_SCREEN)) != 0, "no cursor without permission");
    memcpy(side, payload, sizeof side);
    memcpy(&number, payload + 4, sizeof number);
    uint32_t size = shape_bytes(side);
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        a->cursor_got = 0; /* the source of one under way was lost */
        a->cursor_next = number;
    } else {
        CW_CHECK(a->cursor_got > 0 && number == a->cursor_next, "frames of one shape");
    }
    a->cursor_got += f->length;
    if ((f->flags & CW_FLAG_LAST) == 0) {
        CW_CHECK(a->cursor_got < size, "a shape is as long as it said");
        return;
    }
    CW_CHECK(a->cursor_got == size, "a shape arrives whole");
    a->cursor_got = 0;
    a->cursor = number;
    a->scenario->counts->cursors_shown++;
}

static void source_start(struct actor *a)
{
    struct cw_screen_reset reset = {.width_px = 64, .height_px = 64};
    uint8_t payload[8];
    size_t size = 0;
    CW_CHECK(cw_screen_reset_encode(&reset, payload, sizeof payload, &size) == CW_OK, "fits");
    send_message(a, CW_MESSAGE_SCREEN_RESET, CW_FLAG_FIRST | CW_FLAG_LAST, payload, size);
    send_shape(a);
    a->acknowledged = a->update;
    memset(a->key_last, 0, sizeof a->key_last);
}

static void source_act(struct actor *a)
{
    if (cw_endpoint_backlog(a->end) > 65536)
        return;
    if (!a->scenario->is_settling && chance(a->scenario, 12) == 0)
        send_shape(a);
    if (a->is_sync_wanted) {
        a->is_sync_wanted = false;
        send_update(a, a->update, CW_FLAG_KEYFRAME);
        a->scenario->counts->keyframes++;
    } else if (a->update - a->acknowledged < 2 && chance(a->scenario, 3) == 0) {
        send_update(a, ++a->update, 0);
        a->scenario->counts->updates++;
    }
}

static void viewer_screen(struct actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    CW_CHECK((a->permissions & CW_PERMIT(VIEW_SCREEN)) != 0, "no screen without permission");
    if (f->type == CW_MESSAGE_SCREEN_RESET) {
        a->message_part = 0; /* the source of a message under way was lost */
        a->is_in_sync = false;
        return;
    }
    uint32_t number;
    memcpy(&number, payload, sizeof number);
    bool is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        CW_CHECK(a->message_part == 0, "a message ends before the next begins");
        CW_CHECK(is_keyframe || a->is_in_sync, "updates only for viewers in sync");
        CW_CHECK(is_keyframe || number == a->shown + 1, "no update is missing or doubled");
    } else {
        CW_CHECK(a->message_part > 0, "a message begins with FIRST");
        CW_CHECK(number == a->shown + (is_keyframe ? 0u : 1u), "frames of one message");
    }
    a->message_part++;
    if (is_keyframe)
        a->shown = number;
    if ((f->flags & CW_FLAG_LAST) != 0) {
        a->message_part = 0;
        a->shown = number;
        a->is_in_sync = true;
        send_u32(a, CW_MESSAGE_SCREEN_ACK, number);
        a->scenario->counts->shown++;
    }
}

/* ---- input ------------------------------------------------------------------------------------- */

/* keysym: participant, connection, count - so that the source can tell order, loss and doubles. */
static void viewer_press(struct actor *a)
{
    struct cw_key key = {
        .keysym = a->participant << 24 | (a->connection & 0xFF) << 16 | ++a->key_count, .down = 1};
    uint8_t payload[8];
    size_t size = 0;
    CW_CHECK(cw_key_encode(&key, payload, sizeof payload, &size) == CW_OK, "fits");
    send_message(a, CW_MESSAGE_KEY, CW_FLAG_FIRST | CW_FLAG_LAST, payload, size);
}

static void source_key(struct actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_key key;
    CW_CHECK(cw_key_decode(payload, f->length, &key) == CW_OK, "whole");
    uint32_t sender = key.keysym >> 24;
    CW_CHECK(sender >= 1 && sender <= a->session->participant_count, "a participant's key");
    uint32_t last = a->key_last[sender];
    uint32_t step = key.keysym - last;
    bool is_same_connection = last != 0 && (last >> 16) == (key.keysym >> 16);
    /* A key may be missing where this viewer lost the permission meanwhile; the scenario only takes
     * control_input away between connections (see change_permissions). */
    CW_CHECK(!is_same_connection || step == 1, "keys in order, none lost or doubled");
    a->key_last[sender] = key.keysym;
    a->scenario->counts->keys++;
}

/* ---- chat -------------------------------------------------------------------------------------- */

static void say(struct actor *a, uint32_t id)
{
    struct cw_chat_say m = {.client_message = id, .text = "hello", .text_bytes = 5};
    uint8_t payload[32];
    size_t size = 0;
    CW_CHECK(cw_chat_say_encode(&m, payload, sizeof payload, &size) == CW_OK, "fits");
    send_message(a, CW_MESSAGE_CHAT_SAY, CW_FLAG_FIRST | CW_FLAG_LAST, payload, size);
}

static void say_pending(struct actor *a)
{
    for (unsigned i = 0; i < a->chat_pending_count; i++)
        say(a, a->chat_pending[i]);
}

static void take_line(struct actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_chat_line line;
    CW_CHECK(cw_chat_line_decode(payload, f->length, &line) == CW_OK, "whole");
    const struct cw_double_session *s = a->session;
    CW_CHECK(line.sequence >= 1 && line.sequence <= s->line_count, "control said it");
    CW_CHECK(s->lines[line.sequence - 1].client_message == line.client_message,
             "as control said it");
    /* A line that was said again is answered again; a new one is the next in order. */
    if (line.sequence > a->line_sequence)
        a->line_sequence = line.sequence;
    if (line.participant != a->participant)
        return;
    for (unsigned i = 0; i < a->chat_pending_count; i++) {
        if (a->chat_pending[i] == line.client_message) {
            memmove(&a->chat_pending[i], &a->chat_pending[i + 1],
                    (a->chat_pending_count - i - 1) * sizeof a->chat_pending[0]);
            a->chat_pending_count--;
            a->scenario->counts->chat_lines++;
            return;
        }
    }
}

/* ---- an actor's frames --------------------------------------------------------------------------- */

static void on_welcome(struct actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_welcome w;
    CW_CHECK(cw_welcome_decode(payload, f->length, &w) == CW_OK, "whole");
    CW_CHECK(w.session == a->session->number && w.participant == a->participant, "it is us");
    a->has_joined = true;
    a->has_seen_end = false;
    a->permissions = w.permissions;
    a->is_in_sync = false;
    a->message_part = 0;
    a->is_sync_wanted = false;
    a->cursor_got = 0;
    if (!a->is_source)
        a->cursor = 0;
    if (a->is_source)
        source_start(a);
    say_pending(a);
    a->scenario->counts->joins++;
}

static void on_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                     const uint8_t *payload)
{
    struct actor *a = user;
    (void)e;
    CW_CHECK(!a->has_seen_end || f->type == CW_MESSAGE_CLOSE,
             "nothing after SESSION_ENDED but CLOSE");
    if (f->type == CW_MESSAGE_WELCOME) {
        on_welcome(a, f, payload);
    } else if (f->type == CW_MESSAGE_PERMISSIONS) {
        memcpy(&a->permissions, payload, sizeof a->permissions);
        if ((a->permissions & CW_PERMIT(VIEW_SCREEN)) == 0) {
            a->is_in_sync = false;
            a->message_part = 0;
            a->cursor_got = 0;
            if (!a->is_source)
                a->cursor = 0;
        }
    } else if (f->type == CW_MESSAGE_RESUME_TICKET) {
        CW_CHECK(cw_ticket_decode(payload, f->length, &a->resume) == CW_OK, "whole");
        a->has_resume = true;
    } else if (f->type == CW_MESSAGE_SESSION_ENDED) {
        a->has_seen_end = true;
        a->scenario->counts->ends_seen++;
    } else if (f->type == CW_MESSAGE_LINK_STATE) {
        if (payload[0] == 1)
            say_pending(a);
    } else if (f->type == CW_MESSAGE_CHAT_LINE) {
        CW_CHECK((a->permissions & CW_PERMIT(CHAT)) != 0, "no chat without permission");
        take_line(a, f, payload);
    } else if (f->channel == CW_CHANNEL_SCREEN) {
        CW_CHECK(!a->is_source, "a source sees no screen");
        viewer_screen(a, f, payload);
    } else if (f->type == CW_MESSAGE_CURSOR_SHAPE) {
        CW_CHECK(!a->is_source, "a source sees no cursor");
        viewer_cursor(a, f, payload);
    } else if (f->type == CW_MESSAGE_SYNC_REQUEST) {
        CW_CHECK(a->is_source, "only a source is asked for a sync");
        a->is_sync_wanted = true;
    } else if (f->type == CW_MESSAGE_SCREEN_ACK) {
        uint32_t number;
        memcpy(&number, payload, sizeof number);
        CW_CHECK(a->is_source && number <= a->update, "acknowledges what was sent");
        if (number > a->acknowledged)
            a->acknowledged = number;
    } else if (f->type == CW_MESSAGE_KEY) {
        CW_CHECK(a->is_source, "only a source gets input");
        source_key(a, f, payload);
    }
}

/* ---- what happens ------------------------------------------------------------------------------ */

static struct actor *actor_add(struct scenario *s, struct cw_double_session *session, uint8_t role,
                               uint64_t permissions)
{
    struct actor *a = &s->actors[s->actor_count++];
    a->scenario = s;
    a->session = session;
    a->participant = cw_double_participant_add(s->control, session, role, permissions);
    a->is_source = role == CW_ROLE_UNATTENDED || role == CW_ROLE_CUSTOMER;
    a->connect_at_ns = cw_net_now_ns(s->net) + chance(s, 300) * MS;
    return a;
}

static bool session_lives(const struct cw_double_session *session)
{
    return !session->is_ended && !session->is_over;
}

static void actor_connect(struct actor *a)
{
    struct scenario *s = a->scenario;
    /* A resume ticket where we have one; a fresh join ticket as the API gives it where not. */
    struct cw_ticket t =
        a->has_resume && chance(s, 4) != 0
            ? a->resume
            : cw_double_ticket(s->control, a->session, a->participant, CW_TICKET_KIND_JOIN);
    const uint8_t *seed = a->session->participants[a->participant - 1].seed;
    a->connection++;
    a->is_stalled = false;
    a->key_count = 0;
    a->end = cw_endpoint_new(s->net, chance(s, 3) == 0, &t, seed, on_frame, a);
    s->counts->connections++;
}

static void actor_over(struct actor *a)
{
    struct scenario *s = a->scenario;
    int code = cw_endpoint_close_code(a->end);
    CW_CHECK(code != CW_CLOSE_MALFORMED && code != CW_CLOSE_NOT_PERMITTED &&
                 code != CW_CLOSE_NOT_NOW && code != CW_CLOSE_TOO_LARGE &&
                 code != CW_CLOSE_PROOF_WRONG && code != CW_CLOSE_TICKET_FORGED &&
                 code != CW_CLOSE_TICKET_USED && code != CW_CLOSE_INTERNAL,
             "the relay refuses nobody who keeps the rules");
    a->end = cw_endpoint_free(a->end);
    a->connect_at_ns = cw_net_now_ns(s->net) + (50 + chance(s, 500)) * MS;
}

static bool actor_step(struct actor *a)
{
    struct scenario *s = a->scenario;
    if (a->end == NULL) {
        if (cw_net_now_ns(s->net) < a->connect_at_ns || !session_lives(a->session))
            return false;
        actor_connect(a);
        return true;
    }
    bool has_moved = cw_endpoint_step(a->end);
    if (cw_endpoint_state(a->end) == CW_ENDPOINT_OVER) {
        actor_over(a);
        return true;
    }
    return has_moved;
}

/* Something an actor does by itself, once in a while. */
static void actor_act(struct actor *a)
{
    struct scenario *s = a->scenario;
    if (a->end == NULL || cw_endpoint_state(a->end) != CW_ENDPOINT_OPEN || a->has_seen_end)
        return;
    if (a->is_source)
        source_act(a);
    else if (chance(s, 4) == 0 && (a->permissions & CW_PERMIT(CONTROL_INPUT)) != 0)
        viewer_press(a);
    if (s->is_settling)
        return;
    if (chance(s, 40) == 0 && a->chat_pending_count < CHAT_PENDING_MAX && a->chat_next < 12) {
        a->chat_pending[a->chat_pending_count++] = ++a->chat_next;
        say(a, a->chat_next);
    }
    uint64_t dice = chance(s, 1500);
    if (dice == 0) {
        cw_net_end_reset(cw_endpoint_net(a->end));
    } else if (dice < 8 && dice > 2 && !a->is_source) {
        cw_net_end_stall(cw_endpoint_net(a->end), true);
        a->is_stalled = true;
        s->counts->stalls++;
    } else if (dice == 2) {
        send_message(a, CW_MESSAGE_SESSION_END, CW_FLAG_FIRST | CW_FLAG_LAST, "\0\0", 2);
    }
}

/* Takes view_screen or chat away from a viewer or gives it back. */
static void change_permissions(struct scenario *s)
{
    struct actor *a = &s->actors[chance(s, s->actor_count)];
    /* Who has screen messages waiting in the relay is the one to try. */
    for (unsigned i = 0; i < s->actor_count && chance(s, 4) != 0; i++)
        a = s->actors[i].is_stalled ? &s->actors[i] : a;
    if (a->is_source || !session_lives(a->session) || cw_double_links_ready(s->control) < WORKERS)
        return;
    uint64_t now = a->session->participants[a->participant - 1].permissions;
    cw_double_set_permissions(s->control, a->session, a->participant, now ^ CW_PERMIT(VIEW_SCREEN));
    s->counts->permission_changes++;
}

static void hostile_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                          const uint8_t *payload)
{
    (void)user;
    (void)e;
    (void)payload;
    CW_CHECK(f->channel != CW_CHANNEL_SCREEN && f->channel != CW_CHANNEL_CHAT &&
                 f->channel != CW_CHANNEL_CURSOR,
             "a hostile endpoint learns nothing");
}

/* A participant without any permission that sends what it must not. */
static void hostile_act(struct scenario *s, uint32_t participant)
{
    struct cw_double_session *session = cw_double_session(s->control, 1);
    if (s->hostile == NULL) {
        if (!session_lives(session))
            return;
        struct cw_ticket t =
            cw_double_ticket(s->control, session, participant, CW_TICKET_KIND_JOIN);
        if (chance(s, 3) == 0)
            t.permissions = viewer_all; /* forged: the signature does not cover it */
        s->hostile =
            cw_endpoint_new(s->net, chance(s, 2) == 0, &t,
                            session->participants[participant - 1].seed, hostile_frame, NULL);
        s->counts->hostile++;
    } else if (cw_endpoint_state(s->hostile) == CW_ENDPOINT_OVER) {
        s->hostile = cw_endpoint_free(s->hostile);
    } else if (cw_endpoint_state(s->hostile) == CW_ENDPOINT_OPEN) {
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)chance(s, 256);
        struct cw_frame f = {
            .type = (uint8_t)(chance(s, 2) ? CW_MESSAGE_KEY : CW_MESSAGE_SCREEN_UPDATE),
            .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
            .session = (uint32_t)(1 + chance(s, 3)),
            .length = 8};
        f.channel = cw_message_info(f.type)->channel;
        if (chance(s, 2) == 0)
            cw_endpoint_send_raw(s->hostile, bytes, sizeof bytes);
        else
            cw_endpoint_send(s->hostile, &f, bytes);
    }
}

static void control_act(struct scenario *s)
{
    uint64_t now_ns = cw_net_now_ns(s->net);
    uint64_t dice = chance(s, 200);
    if (s->control_back_ns != 0) {
        if (now_ns >= s->control_back_ns) {
            s->control_back_ns = 0;
            cw_double_set_away(s->control, false);
            cw_page_set_away(s->page, false);
        }
    } else if (dice == 0) {
        cw_double_set_away(s->control, true);
        cw_page_set_away(s->page, true);
        s->control_back_ns = now_ns + (100 + chance(s, 3000)) * MS;
        s->counts->control_outages++;
    } else if (dice < 6) {
        change_permissions(s);
    } else if (dice == 6) {
        struct cw_double_session *session = cw_double_session(
            s->control, (uint32_t)(1 + chance(s, cw_double_session_count(s->control))));
        if (session_lives(session) && chance(s, 4) == 0)
            cw_double_end_session(s->control, session, CW_CLOSE_ENDED_BY_OPERATOR);
    }
}

/* ---- one history ------------------------------------------------------------------------------- */

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

static void workers_new(struct scenario *s, struct cw_tls_context *tls)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        CW_CHECK(cw_mailbox_new(64, &s->mailboxes[i]) == CW_OK, "memory");
        s->ios[i] = cw_net_io(s->net, i);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        struct cw_worker_config config = {.io = s->ios[i],
                                          .tls = tls,
                                          .index = i,
                                          .count = WORKERS,
                                          .mailboxes = s->mailboxes,
                                          .ios = s->ios,
                                          .https_listener = 0,
                                          .http_listener = CW_LISTENER_NONE,
                                          .link_path = LINK_PATH,
                                          .web_path = WEB_PATH,
                                          .public_origin = "https://localhost:8443",
                                          .engine_instance = 1,
                                          .viewer_queue_bytes_max = s->viewer_queue_bytes_max,
                                          .connections_max = 256};
        CW_CHECK(cw_worker_new(&config, &s->workers[i]) == CW_OK, "memory");
    }
}

/* Lets everything that is due happen, then moves the clock to until_ns. */
static void run_until(struct scenario *s, uint64_t until_ns)
{
    do {
        for (unsigned i = 0; i < WORKERS; i++) {
            (void)cw_worker_step(s->workers[i], until_ns);
            cw_sim_check_worker(s->workers[i]);
        }
        (void)cw_double_step(s->control);
        for (unsigned i = 0; i < s->actor_count; i++)
            (void)actor_step(&s->actors[i]);
        if (s->hostile != NULL)
            (void)cw_endpoint_step(s->hostile);
        if (!s->is_settling)
            cw_page_step(s->page);
    } while (cw_net_step(s->net, until_ns) < until_ns);
}

static void live(struct scenario *s, unsigned rounds, uint32_t hostile_participant)
{
    for (unsigned i = 0; i < rounds; i++) {
        run_until(s, cw_net_now_ns(s->net) + 10 * MS);
        for (unsigned k = 0; k < s->actor_count; k++)
            actor_act(&s->actors[k]);
        if (!s->is_settling) {
            control_act(s);
            if (chance(s, 20) == 0)
                hostile_act(s, hostile_participant);
        }
    }
}

static const struct actor *source_of(const struct actor *viewer)
{
    const struct scenario *s = viewer->scenario;
    for (unsigned i = 0; i < s->actor_count; i++)
        if (s->actors[i].session == viewer->session && s->actors[i].is_source)
            return &s->actors[i];
    CW_UNREACHABLE("each session has a source");
}

static bool actor_is_settled(const struct actor *a)
{
    if (!session_lives(a->session))
        return a->end == NULL;
    if (a->end == NULL || cw_endpoint_state(a->end) != CW_ENDPOINT_OPEN ||
        a->chat_pending_count > 0 ||
        a->permissions != a->session->participants[a->participant - 1].permissions)
        return false;
    if (a->is_source || (a->permissions & CW_PERMIT(VIEW_SCREEN)) == 0)
        return true;
    return a->is_in_sync && a->cursor == source_of(a)->cursor;
}

/* Says who waits for what. */
static void explain(const struct scenario *s)
{
    for (unsigned i = 0; i < s->actor_count; i++) {
        const struct actor *a = &s->actors[i];
        (void)fprintf(stderr,
                      "session %u participant %u%s: %s, state %d, in sync %d, shown %u, update %u, "
                      "acknowledged %u, cursor %u, pending chat %u, permissions %llx wanted %llx\n",
                      a->session->number, a->participant, a->is_source ? " (source)" : "",
                      actor_is_settled(a) ? "settled" : "waits",
                      a->end != NULL ? (int)cw_endpoint_state(a->end) : -1, a->is_in_sync, a->shown,
                      a->update, a->acknowledged, a->cursor, a->chat_pending_count,
                      (unsigned long long)a->permissions,
                      (unsigned long long)a->session->participants[a->participant - 1].permissions);
    }
}

/* With a calm network and control present everything must arrive: everybody is told what ended or is back
 * with control's permissions, everything said is stored, and every viewer has a picture. */
static void settle(struct scenario *s)
{
    s->is_settling = true;
    cw_net_set_reset_ppm(s->net, 0);
    cw_double_set_away(s->control, false);
    s->control_back_ns = 0;
    s->hostile = cw_endpoint_free(s->hostile);
    for (unsigned i = 0; i < s->actor_count; i++) {
        if (s->actors[i].end != NULL)
            cw_net_end_stall(cw_endpoint_net(s->actors[i].end), false);
    }
    uint64_t deadline_ns = cw_net_now_ns(s->net) + 90000 * MS;
    unsigned settled = 0;
    while (settled < s->actor_count || cw_double_links_ready(s->control) < WORKERS) {
        if (cw_net_now_ns(s->net) >= deadline_ns)
            explain(s);
        CW_CHECK(cw_net_now_ns(s->net) < deadline_ns, "everything settles in a minute and a half");
        live(s, 20, 0);
        settled = 0;
        for (unsigned i = 0; i < s->actor_count; i++)
            settled += actor_is_settled(&s->actors[i]);
    }
}

static void finish(struct scenario *s)
{
    for (unsigned i = 0; i < WORKERS; i++)
        cw_worker_stop(s->workers[i]);
    bool is_stopped[WORKERS] = {false};
    uint64_t end_ns = cw_net_now_ns(s->net) + 20000 * MS;
    while (cw_net_now_ns(s->net) < end_ns && !(is_stopped[0] && is_stopped[1])) {
        for (unsigned i = 0; i < WORKERS; i++)
            is_stopped[i] = is_stopped[i] || !cw_worker_step(s->workers[i], end_ns);
        (void)cw_double_step(s->control);
        for (unsigned i = 0; i < s->actor_count; i++) {
            if (s->actors[i].end != NULL)
                (void)cw_endpoint_step(s->actors[i].end);
        }
        (void)cw_net_step(s->net, cw_net_now_ns(s->net) + 10 * MS);
    }
    CW_CHECK(is_stopped[0] && is_stopped[1], "a stopped worker ends");
    for (unsigned i = 0; i < s->actor_count; i++)
        s->actors[i].end = cw_endpoint_free(s->actors[i].end);
    for (unsigned i = 0; i < WORKERS; i++) {
        cw_sim_check_stopped(s->workers[i]);
        s->workers[i] = cw_worker_free(s->workers[i]);
    }
    s->counts->pages += cw_page_count(s->page);
    s->page = cw_page_free(s->page);
    s->control = cw_double_free(s->control);
    s->net = cw_net_free(s->net);
    for (unsigned i = 0; i < WORKERS; i++)
        s->mailboxes[i] = cw_mailbox_free(s->mailboxes[i]);
}

uint64_t cw_sim_relay(uint64_t seed, const char *directory, struct cw_sim_counts *counts)
{
    static struct scenario s;
    memset(&s, 0, sizeof s);
    s.counts = counts;
    struct cw_tls_context *tls = tls_context(directory);
    cw_net_seed_openssl(seed);
    struct cw_net_options options = {.seed = seed,
                                     .workers = WORKERS,
                                     .sockets_max = 96, /* scanned in each step */
                                     .delay_min_ns = 1000,
                                     .delay_max_ns = (1 + seed % 30) * MS,
                                     .short_permille = (unsigned)(seed % 5) * 100,
                                     .reset_ppm = seed % 3 == 0 ? 2000 : 0,
                                     .window_bytes = seed % 4 == 0 ? 16384 : 0};
    CW_CHECK(cw_net_new(&options, &s.net) == CW_OK, "memory");
    s.control = cw_double_new(s.net, LINK_PATH);
    s.page = cw_page_new(s.net, WEB_PATH);
    /* A small limit makes stalled viewers fall out of sync instead of only waiting. */
    s.viewer_queue_bytes_max = seed % 2 == 0 ? 65536 : 0;
    workers_new(&s, tls);
    unsigned sessions = 1 + (unsigned)chance(&s, 3);
    uint32_t hostile = 0;
    for (unsigned i = 0; i < sessions; i++) {
        struct cw_double_session *session = cw_double_session_add(s.control);
        (void)actor_add(&s, session, CW_ROLE_UNATTENDED, source_all);
        unsigned viewers = 1 + (unsigned)chance(&s, 3);
        for (unsigned k = 0; k < viewers; k++)
            (void)actor_add(&s, session, CW_ROLE_REPRESENTATIVE, viewer_all);
        if (i == 0)
            hostile = cw_double_participant_add(s.control, session, CW_ROLE_REPRESENTATIVE, 0);
    }
    live(&s, 60 + (unsigned)chance(&s, 120), hostile);
    settle(&s);
    uint64_t hash = cw_net_hash(s.net);
    finish(&s);
    counts->seeds++;
    return hash;
}
