/* SPDX-License-Identifier: Apache-2.0 */
/* One frame of one endpoint: judged by the message table, then sent where its rule says. */
#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/conn.h"
#include "engine/message_table.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"

static enum cw_phase phase_of(const struct cw_conn *c)
{
    return c->state == CW_CONN_OPEN       ? CW_PHASE_OPEN
           : c->state == CW_CONN_AWAITING ? CW_PHASE_AWAITING
                                          : CW_PHASE_HELLO;
}

static uint64_t permissions_of(const struct cw_conn *c)
{
    return c->participant != NULL ? c->participant->permissions : c->permissions;
}

/* A copy of the payload for control, the only store of chat and consent. */
static void copy_to_control(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    struct cw_link_message m = {
        .type = CW_LINK_COPY,
        .session = c->session,
        .participant = c->identity,
        .role = c->role,
        .message = f->frame.type,
        .stream = f->frame.stream,
        .bytes = cw_frame_payload(f),
        .bytes_count = f->frame.length,
    };
    struct cw_session *s = c->participant != NULL ? c->participant->session : NULL;
    if (s != NULL && !cw_record_frame(w, s, c->identity, false, f))
        return;
    (void)cw_link_put(w, &m); /* what it cannot take it counts */
}

static void end_session(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    struct cw_close end;
    if (cw_close_decode(cw_frame_payload(f), f->frame.length, &end) != CW_OK) {
        cw_conn_close(w, c, CW_CLOSE_MALFORMED, NULL, 0);
        return;
    }
    uint16_t code = c->role == CW_ROLE_REPRESENTATIVE ? CW_CLOSE_ENDED_BY_REPRESENTATIVE
                                                      : CW_CLOSE_ENDED_BY_CUSTOMER;
    cw_session_end(w, c->participant->session, c->identity, code, end.text, end.text_bytes);
}

static void punish(struct cw_worker *w, struct cw_conn *c, uint16_t code,
                   const struct cw_frame_buffer *f)
{
    char what[96];
    (void)snprintf(what, sizeof what, "%s from participant %u (%s) of session %u",
                   cw_message_info(f->frame.type)->name, (unsigned)c->identity,
                   cw_role_name(c->role), (unsigned)c->session);
    cw_conn_refuse(w, c, code, what);
}

/* Who says it is answered for its form here: further on it would fail at somebody else's end. */
static bool payload_is_legal(struct cw_frame_buffer *f)
{
    const uint8_t *payload = cw_frame_payload(f);
    union {
        struct cw_key key;
        struct cw_pointer pointer;
        struct cw_chat_say say;
        struct cw_consent consent;
        struct cw_tool_answer answer;
        struct cw_screen_ack ack;
        struct cw_rendition_note rendition;
        struct cw_screen_settings settings;
    } m;
    switch (f->frame.type) {
    case CW_MESSAGE_KEY: return cw_key_decode(payload, f->frame.length, &m.key) == CW_OK;
    case CW_MESSAGE_POINTER:
        return cw_pointer_decode(payload, f->frame.length, &m.pointer) == CW_OK;
    case CW_MESSAGE_CHAT_SAY:
    case CW_MESSAGE_SIDE_SAY: return cw_chat_say_decode(payload, f->frame.length, &m.say) == CW_OK;
    case CW_MESSAGE_CONSENT:
        return cw_consent_decode(payload, f->frame.length, &m.consent) == CW_OK;
    case CW_MESSAGE_TOOL_ANSWER:
        return cw_tool_answer_decode(payload, f->frame.length, &m.answer) == CW_OK;
    case CW_MESSAGE_SCREEN_ACK:
        return cw_screen_ack_decode(payload, f->frame.length, &m.ack) == CW_OK;
    case CW_MESSAGE_RENDITION:
        return cw_rendition_note_decode(payload, f->frame.length, &m.rendition) == CW_OK;
    case CW_MESSAGE_SCREEN_SETTINGS:
        return cw_screen_settings_decode(payload, f->frame.length, &m.settings) == CW_OK;
    default: return true; /* its handler, or the receiving end, looks at it */
    }
}

static void route(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f,
                  const struct cw_message_rule *rule)
{
    struct cw_session *session = c->participant != NULL ? c->participant->session : NULL;
    CW_CHECK(session != NULL || rule->route < CW_ROUTE_END || rule->route == CW_ROUTE_CONTROL,
             "the roles of the rule take part in a session");
    switch ((enum cw_route)rule->route) {
    case CW_ROUTE_NONE: break; /* judged as not permitted */
    case CW_ROUTE_HELLO: cw_conn_on_hello(w, c, f); break;
    case CW_ROUTE_PING:
        cw_conn_send_message(w, c, CW_MESSAGE_PONG, cw_frame_payload(f), f->frame.length);
        break;
    case CW_ROUTE_PONG: break; /* hearing it was the point */
    case CW_ROUTE_CLOSE: cw_conn_close(w, c, CW_CLOSE_OK, NULL, 0); break;
    case CW_ROUTE_END: end_session(w, c, f); break;
    case CW_ROUTE_ACK: cw_fanout_ack(w, c->participant, f); break;
    case CW_ROUTE_SOURCE: cw_fanout_to_source(w, session, f); break;
    case CW_ROUTE_VIEWERS:
        if (session->source == c->participant)
            cw_fanout_frame(w, session, f, rule->receiver_needs);
        else
            punish(w, c, CW_CLOSE_NOT_PERMITTED, f);
        break;
    case CW_ROUTE_CONTROL: copy_to_control(w, c, f); break;
    case CW_ROUTE_STREAM: {
        uint16_t code = cw_channel_on_frame(w, c, f);
        if (code != CW_CLOSE_OK)
            punish(w, c, code, f);
        break;
    }
    case CW_ROUTE_RENDITION:
        if (session->source == c->participant)
            cw_fanout_rendition(w, session, f);
        break; /* else another source has taken its place meanwhile */
    }
}

/* What was sent before the sender saw its new mask is not held against it. */
static bool has_lost_lately(const struct cw_worker *w, const struct cw_conn *c)
{
    const uint64_t grace_ns = CW_RELAY_PERMISSION_GRACE_MS * UINT64_C(1000000);
    return c->participant != NULL && c->participant->withdrawn_ns != 0 &&
           w->now_ns - c->participant->withdrawn_ns < grace_ns;
}

void cw_relay_on_frame(struct cw_worker *w, struct cw_conn *c, struct cw_frame_buffer *f)
{
    const struct cw_message_rule *rule = cw_message_rule(f->frame.type);
    CW_CHECK(rule != NULL, "the frame reader lets only known types through");
    uint32_t session = c->state == CW_CONN_OPEN ? c->session : 0;
    uint16_t code = cw_message_judge(rule, phase_of(c), f->frame.session == session, c->role,
                                     permissions_of(c));
    if (code == CW_CLOSE_NOT_PERMITTED && rule->is_forgiven && has_lost_lately(w, c))
        w->counters.dropped[CW_DROP_WITHDRAWN]++;
    else if (code != CW_CLOSE_OK)
        punish(w, c, code, f);
    else if (!payload_is_legal(f))
        punish(w, c, CW_CLOSE_MALFORMED, f);
    else
        route(w, c, f, rule);
    cw_frame_unref(&w->frames, f);
}
