/* SPDX-License-Identifier: Apache-2.0 */
/* What control tells a worker, and the snapshot that control answers. */
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/link_client.h"
#include "engine/message_table.h"
#include "engine/operate.h"
#include "engine/worker_state.h"

void cw_link_send_snapshot(struct cw_worker *w)
{
    CW_LIST_EACH(node, &w->session_list)
    {
        struct cw_session *s = CW_LIST_OWNER(node, struct cw_session, node);
        struct cw_link_message up = {.type = CW_LINK_SESSION_UP, .session = s->number};
        (void)cw_link_put(w, &up);
        s->in_snapshot = true;
        s->is_wanted = false;
        CW_LIST_EACH(at, &s->participants)
        {
            struct cw_participant *p = CW_LIST_OWNER(at, struct cw_participant, node);
            p->in_snapshot = p->conn != NULL;
            p->is_wanted = false;
            if (p->conn == NULL)
                continue;
            struct cw_link_message m = {
                .type = CW_LINK_PARTICIPANT_UP,
                .session = s->number,
                .participant = p->number,
                .role = p->role,
                .permissions = p->permissions,
            };
            memcpy(m.address, p->conn->address, sizeof m.address);
            (void)cw_link_put(w, &m);
        }
    }
    CW_LIST_EACH(node, &w->conns)
    {
        struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, all);
        if (c->state != CW_CONN_OPEN || c->participant != NULL)
            continue;
        struct cw_link_message m = {
            .type = c->role == CW_ROLE_DEVICE ? CW_LINK_DEVICE_UP : CW_LINK_CONSOLE_UP,
            .request = c->number,
            .participant = c->identity,
        };
        memcpy(m.address, c->address, sizeof m.address);
        (void)cw_link_put(w, &m);
    }
    struct cw_link_message end = {.type = CW_LINK_SNAPSHOT_END};
    (void)cw_link_put(w, &end);
}

static void on_hello(struct cw_worker *w, const struct cw_link_message *m)
{
    struct cw_link *l = &w->link;
    if (m->version != CW_LINK_VERSION) {
        cw_link_break(w, "control speaks another version of the link");
        return;
    }
    memcpy(w->admission.control_key, m->key, sizeof m->key);
    w->admission.has_key = true;
    size_t size = m->bytes_count < sizeof l->origins ? m->bytes_count : 0;
    memcpy(l->origins, m->bytes, size);
    l->origins[size] = '\0';
    l->retry_ms = CW_RELAY_LINK_RETRY_MS_MIN;
    if (l->state == CW_LINK_UP)
        return; /* a new key or list of origins */
    l->state = CW_LINK_UP;
    cw_record_tell_found(w);
    cw_log(CW_LOG_INFO, "engine.link", "worker=%u control is there", w->config.index);
    cw_link_tell_everybody(w);
}

/* What was in the snapshot and is not wanted goes: control wins. */
static void end_unwanted(struct cw_worker *w)
{
    CW_LIST_EACH(node, &w->session_list)
    {
        struct cw_session *s = CW_LIST_OWNER(node, struct cw_session, node);
        if (s->in_snapshot && !s->is_wanted) {
            cw_session_end(w, s, 0, CW_CLOSE_ENDED_BY_OPERATOR, NULL, 0);
            continue;
        }
        CW_LIST_EACH(at, &s->participants)
        {
            struct cw_participant *p = CW_LIST_OWNER(at, struct cw_participant, node);
            if (p->in_snapshot && !p->is_wanted)
                cw_session_remove(w, s, p->number, CW_CLOSE_REMOVED);
        }
    }
}

static void on_participant_wanted(struct cw_worker *w, struct cw_session *s,
                                  const struct cw_link_message *m)
{
    cw_session_set_permissions(w, s, m->participant, m->permissions);
    struct cw_participant *p = cw_session_participant(s, m->participant);
    if (p != NULL)
        p->is_wanted = true;
}

/* One message for one connection, cut into frames, if its role and permissions let it receive that type. */
static void send_to(struct cw_worker *w, struct cw_conn *c, uint64_t permissions,
                    const struct cw_link_message *m)
{
    const struct cw_message_info *info = cw_message_info(m->message);
    const struct cw_message_rule *rule = cw_message_rule(m->message);
    if (info == NULL || rule == NULL || m->bytes_count < info->least ||
        m->bytes_count > info->most || m->bytes_count > CW_FRAME_PAYLOAD_BYTES_MAX) {
        cw_log(CW_LOG_WARNING, "engine.link", "control sent a message %u of %zu bytes",
               (unsigned)m->message, m->bytes_count);
        return;
    }
    if (c->state == CW_CONN_OPEN && cw_message_may_receive(rule, c->role, permissions))
        cw_conn_send_message(w, c, m->message, m->bytes, m->bytes_count);
    else
        w->counters.dropped[CW_DROP_UNPERMITTED]++;
}

static void on_send(struct cw_worker *w, struct cw_session *s, const struct cw_link_message *m)
{
    if (!cw_record_message(w, s, m->participant, m->message, m->bytes, m->bytes_count))
        return;
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->conn != NULL && (m->participant == 0 || m->participant == p->number))
            send_to(w, p->conn, p->permissions, m);
    }
}

static void on_console(struct cw_worker *w, const struct cw_link_message *m)
{
    CW_LIST_EACH(node, &w->consoles)
    {
        struct cw_conn *c = CW_LIST_OWNER(node, struct cw_conn, group);
        if (m->participant != 0 && m->participant != c->identity)
            continue;
        if (m->type == CW_LINK_SEND_CONSOLE)
            send_to(w, c, c->permissions, m);
        else
            cw_conn_close(w, c, m->code, NULL, 0);
    }
}

static void on_device(struct cw_worker *w, const struct cw_link_message *m)
{
    struct cw_conn *c = cw_table_get(&w->devices, m->participant);
    if (c == NULL) {
        w->counters.dropped[CW_DROP_ABSENT] += m->type == CW_LINK_SEND_DEVICE;
        return;
    }
    if (m->type == CW_LINK_SEND_DEVICE)
        send_to(w, c, c->permissions, m);
    else
        cw_conn_close(w, c, m->code, NULL, 0);
}

/* A session that is not here. Nobody may open it once control ended it; and what ended before this link's
 * snapshot and is still wanted, control never heard of: the bytes were lost with an earlier link. */
static void on_absent(struct cw_worker *w, const struct cw_link_message *m)
{
    uint64_t now_unix_s = w->io->ops->now_unix_s(w->io);
    if (!cw_session_is_mine(w, m->session))
        return;
    const struct cw_expiring *ended = cw_admission_ended(&w->admission, m->session, now_unix_s);
    if (m->type == CW_LINK_END_SESSION && ended == NULL) {
        cw_admission_end_session(&w->admission, m->session, m->code, w->link.number, now_unix_s);
    } else if (m->type == CW_LINK_SESSION_WANTED && ended != NULL && ended->link < w->link.number) {
        const char *text = cw_close_text(ended->code);
        struct cw_link_message over = {.type = CW_LINK_SESSION_OVER,
                                       .session = m->session,
                                       .code = ended->code,
                                       .bytes = (const uint8_t *)text,
                                       .bytes_count = strlen(text)};
        (void)cw_link_put(w, &over);
    }
}

static void on_session(struct cw_worker *w, const struct cw_link_message *m)
{
    struct cw_session *s = cw_session_find(w, m->session);
    if (s == NULL) {
        w->counters.dropped[CW_DROP_ABSENT] += m->type == CW_LINK_SEND;
        on_absent(w, m);
        return;
    }
    if (m->type == CW_LINK_SESSION_WANTED)
        s->is_wanted = true;
    else if (m->type == CW_LINK_PARTICIPANT_WANTED)
        on_participant_wanted(w, s, m);
    else if (m->type == CW_LINK_END_SESSION)
        cw_session_end(w, s, 0, m->code, (const char *)m->bytes, m->bytes_count);
    else if (m->type == CW_LINK_SET_PERMISSIONS)
        cw_session_set_permissions(w, s, m->participant, m->permissions);
    else if (m->type == CW_LINK_REMOVE_PARTICIPANT)
        cw_session_remove(w, s, m->participant, m->code);
    else
        on_send(w, s, m);
}

static void on_status(struct cw_worker *w, const struct cw_link_message *m)
{
    static const size_t room = CW_LINK_MESSAGE_BYTES_MAX - 64;
    struct cw_link_message reply = {.type = CW_LINK_STATUS, .request = m->request};
    reply.bytes = w->scratch;
    reply.bytes_count = cw_status_write(w, (char *)w->scratch, room);
    (void)cw_link_put(w, &reply);
}

void cw_link_on_message(struct cw_worker *w, const struct cw_link_message *m)
{
    if (w->link.state == CW_LINK_GREETING && m->type != CW_LINK_CONTROL_HELLO) {
        cw_link_break(w, "control did not say CONTROL_HELLO first");
        return;
    }
    switch ((enum cw_link_type)m->type) {
    case CW_LINK_CONTROL_HELLO: on_hello(w, m); break;
    case CW_LINK_SESSION_WANTED:
    case CW_LINK_PARTICIPANT_WANTED:
    case CW_LINK_END_SESSION:
    case CW_LINK_SET_PERMISSIONS:
    case CW_LINK_REMOVE_PARTICIPANT:
    case CW_LINK_SEND: on_session(w, m); break;
    case CW_LINK_WANTED_END:
        end_unwanted(w);
        (void)cw_worker_accept(w);
        break;
    case CW_LINK_REPLY: cw_conn_on_reply(w, m); break;
    case CW_LINK_SEND_DEVICE:
    case CW_LINK_DROP_DEVICE: on_device(w, m); break;
    case CW_LINK_SEND_CONSOLE:
    case CW_LINK_DROP_CONSOLE: on_console(w, m); break;
    case CW_LINK_DENY:
        cw_admission_deny(&w->admission, m->ticket_id, m->until_unix_s,
                          w->io->ops->now_unix_s(w->io));
        break;
    case CW_LINK_STATUS_REQUEST: on_status(w, m); break;
    case CW_LINK_SETTING: cw_operate_on_setting(w, m); break;
    case CW_LINK_DRAIN: cw_operate_on_drain(w, m); break;
    case CW_LINK_CERTIFICATE: cw_operate_on_certificate(w, m); break;
    case CW_LINK_SEAL: cw_record_on_seal(w, m); break;
    case CW_LINK_ENGINE_HELLO:
    case CW_LINK_SESSION_UP:
    case CW_LINK_PARTICIPANT_UP:
    case CW_LINK_PARTICIPANT_DOWN:
    case CW_LINK_DEVICE_UP:
    case CW_LINK_DEVICE_DOWN:
    case CW_LINK_CONSOLE_UP:
    case CW_LINK_CONSOLE_DOWN:
    case CW_LINK_SNAPSHOT_END:
    case CW_LINK_SESSION_OVER:
    case CW_LINK_REQUEST:
    case CW_LINK_COPY:
    case CW_LINK_REFUSED:
    case CW_LINK_ANSWER:
    case CW_LINK_RECORDING:
    case CW_LINK_RECORDED:
    case CW_LINK_STATUS: cw_link_break(w, "control sent a message of the engine"); break;
    }
}
