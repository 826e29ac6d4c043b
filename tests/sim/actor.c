/* SPDX-License-Identifier: Apache-2.0 */
/* One participant of the model: its connections, what arrives on them, what it does by itself. */
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"
#include "tests/sim/scenario.h"

void cw_actor_send(struct cw_actor *a, uint8_t type, uint8_t flags, const void *payload,
                   size_t size)
{
    struct cw_frame f = {.type = type,
                         .channel = cw_message_info(type)->channel,
                         .flags = flags,
                         .session = a->session->number,
                         .length = (uint32_t)size};
    cw_endpoint_send(a->end, &f, payload);
}

static void on_welcome(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload)
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
        cw_actor_source_start(a);
    cw_actor_say_pending(a);
    cw_stream_set_connected(&a->set);
    a->scenario->counts->joins++;
}

static void on_frame(void *user, struct cw_endpoint *e, const struct cw_frame *f,
                     const uint8_t *payload)
{
    struct cw_actor *a = user;
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
            cw_actor_say_pending(a);
    } else if (f->type == CW_MESSAGE_CHAT_LINE || f->type == CW_MESSAGE_SIDE_LINE) {
        CW_CHECK((a->permissions & CW_PERMIT(CHAT)) != 0, "no chat without permission");
        cw_actor_take_line(a, f, payload);
    } else if (f->channel == CW_CHANNEL_SCREEN) {
        CW_CHECK(!a->is_source, "a source sees no screen");
        cw_actor_take_screen(a, f, payload);
    } else if (f->type == CW_MESSAGE_CURSOR_SHAPE) {
        CW_CHECK(!a->is_source, "a source sees no cursor");
        cw_actor_take_cursor(a, f, payload);
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
        cw_actor_take_key(a, f, payload);
    } else if (cw_stream_set_takes(f->type)) {
        cw_actor_take_stream(a, f, payload);
    }
}

struct cw_actor *cw_actor_add(struct cw_scenario *s, struct cw_double_session *session,
                              uint8_t role, uint64_t permissions)
{
    struct cw_actor *a = &s->actors[s->actor_count++];
    a->scenario = s;
    a->session = session;
    a->participant = cw_double_participant_add(s->control, session, role, permissions);
    a->is_source = role == CW_ROLE_UNATTENDED || role == CW_ROLE_CUSTOMER;
    a->connect_at_ns = cw_net_now_ns(s->net) + cw_sim_chance(s, 300) * CW_SIM_MS;
    return a;
}

static void actor_connect(struct cw_actor *a)
{
    struct cw_scenario *s = a->scenario;
    /* A resume ticket where we have one; a fresh join ticket as the API gives it where not. */
    struct cw_ticket t =
        a->has_resume && cw_sim_chance(s, 4) != 0
            ? a->resume
            : cw_double_ticket(s->control, a->session, a->participant, CW_TICKET_KIND_JOIN);
    const uint8_t *seed = a->session->participants[a->participant - 1].seed;
    a->connection++;
    a->is_stalled = false;
    a->key_count = 0;
    a->has_seen_end = false;
    a->end = cw_endpoint_new(s->net, cw_sim_chance(s, 3) == 0, &t, seed, on_frame, a);
    s->counts->connections++;
}

static void actor_over(struct cw_actor *a)
{
    struct cw_scenario *s = a->scenario;
    int code = cw_endpoint_close_code(a->end);
    CW_CHECK(code != CW_CLOSE_MALFORMED && code != CW_CLOSE_NOT_PERMITTED &&
                 code != CW_CLOSE_NOT_NOW && code != CW_CLOSE_TOO_LARGE &&
                 code != CW_CLOSE_PROOF_WRONG && code != CW_CLOSE_TICKET_FORGED &&
                 code != CW_CLOSE_TICKET_USED && code != CW_CLOSE_INTERNAL,
             "the relay refuses nobody who keeps the rules");
    CW_CHECK(code != CW_CLOSE_CREDIT_EXCEEDED || a->has_cheated, "credit was kept to");
    a->scenario->counts->cheats_seen += code == CW_CLOSE_CREDIT_EXCEEDED;
    a->has_cheated = false;
    cw_stream_set_disconnected(&a->set);
    a->end = cw_endpoint_free(a->end);
    a->connect_at_ns = cw_net_now_ns(s->net) + (50 + cw_sim_chance(s, 500)) * CW_SIM_MS;
}

bool cw_actor_step(struct cw_actor *a)
{
    struct cw_scenario *s = a->scenario;
    if (a->end == NULL) {
        if (cw_net_now_ns(s->net) < a->connect_at_ns || !cw_sim_session_lives(a->session))
            return false;
        actor_connect(a);
        return true;
    }
    bool has_moved = cw_endpoint_step(a->end);
    if (cw_endpoint_state(a->end) == CW_ENDPOINT_OPEN)
        cw_actor_say_streams(a);
    if (cw_endpoint_state(a->end) == CW_ENDPOINT_OVER) {
        actor_over(a);
        return true;
    }
    return has_moved;
}

/* Something an actor does by itself, once in a while. */
void cw_actor_act(struct cw_actor *a)
{
    struct cw_scenario *s = a->scenario;
    if (a->end == NULL || cw_endpoint_state(a->end) != CW_ENDPOINT_OPEN || a->has_seen_end)
        return;
    if (a->is_source)
        cw_actor_source_act(a);
    else if (cw_sim_chance(s, 4) == 0 && (a->permissions & CW_PERMIT(CONTROL_INPUT)) != 0)
        cw_actor_press(a);
    cw_actor_stream_act(a);
    if (s->is_settling)
        return;
    if (cw_sim_chance(s, 40) == 0 && a->chat_pending_count < CW_ACTOR_CHAT_PENDING_MAX &&
        a->chat_next < 12) {
        a->chat_pending[a->chat_pending_count++] = ++a->chat_next;
        cw_actor_say(a, a->chat_next);
    }
    uint64_t dice = cw_sim_chance(s, 1500);
    if (dice == 0) {
        cw_net_end_reset(cw_endpoint_net(a->end));
    } else if (dice < 8 && dice > 2 && !a->is_source) {
        cw_net_end_stall(cw_endpoint_net(a->end), true);
        a->is_stalled = true;
        s->counts->stalls++;
    } else if (dice == 2) {
        cw_actor_send(a, CW_MESSAGE_SESSION_END, CW_FLAG_FIRST | CW_FLAG_LAST, "\0\0", 2);
    }
}

static const struct cw_actor *source_of(const struct cw_actor *viewer)
{
    const struct cw_scenario *s = viewer->scenario;
    for (unsigned i = 0; i < s->actor_count; i++)
        if (s->actors[i].session == viewer->session && s->actors[i].is_source)
            return &s->actors[i];
    CW_UNREACHABLE("each session has a source");
}

bool cw_actor_is_settled(const struct cw_actor *a)
{
    if (!cw_sim_session_lives(a->session))
        return a->end == NULL;
    if (a->end == NULL || cw_endpoint_state(a->end) != CW_ENDPOINT_OPEN ||
        a->chat_pending_count > 0 || !cw_actor_streams_are_settled(a) ||
        a->permissions != a->session->participants[a->participant - 1].permissions)
        return false;
    if (a->is_source || (a->permissions & CW_PERMIT(VIEW_SCREEN)) == 0)
        return true;
    return a->is_in_sync && a->cursor == source_of(a)->cursor;
}
