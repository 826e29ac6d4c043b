/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/link_server.h"

#include <stdlib.h>
#include <string.h>

#include "control/group.h"
#include "control/jump/device.h"
#include "control/jump/enrol.h"
#include "control/jump/upgrade.h"
#include "control/link/engine_settings.h"
#include "control/link/order.h"
#include "control/link/recording.h"
#include "control/link/source.h"
#include "control/queue/desk.h"
#include "control/session/event.h"
#include "control/session/session.h"
#include "control/session/tool_question.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

/* ---- snapshot -------------------------------------------------------------------------------- */

/* Forgets what a link said to live on its worker. */
static void detach(struct cw_control *c, const struct cw_control_link *link)
{
    for (uint32_t i = 0; i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        if (session->link != link)
            continue;
        session->link = NULL;
        for (uint32_t k = 0; k < session->participant_count; k++)
            session->participants[k].is_up = false;
    }
    cw_device_link_lost(c, link);
    cw_desk_link_lost(c, link);
}

static int on_hello(struct cw_control *c, struct cw_control_link *link,
                    const struct cw_link_message *m)
{
    if (m->version != CW_LINK_VERSION) {
        cw_log(CW_LOG_ERROR, "control.link", "a worker speaks link version %u, not %d", m->version,
               CW_LINK_VERSION);
        return CW_ERR_UNSUPPORTED;
    }
    if (link->has_hello || m->worker >= m->worker_count)
        return CW_ERR_INVALID;
    /* The same worker again: its older connection is dead even if nobody noticed. */
    for (uint32_t i = 0; i < c->link_count; i++) {
        struct cw_control_link *other = c->links[i];
        if (other == link || !other->has_hello || other->worker != m->worker)
            continue;
        other->is_broken = true;
        other->is_synced = false;
        detach(c, other);
    }
    link->has_hello = true;
    link->worker = m->worker;
    link->worker_count = m->worker_count;
    link->instance = m->engine_instance;
    return 0;
}

static int deny_one(void *user, const struct cw_ticket_row *row)
{
    struct cw_link_message m = {.type = CW_LINK_DENY, .until_unix_s = row->not_after_s};

    memcpy(m.ticket_id, row->id, sizeof m.ticket_id);
    cw_link_send(user, &m);
    return 0;
}

static void send_wanted(struct cw_control_link *link, struct cw_live_session *session)
{
    struct cw_link_message m = {.type = CW_LINK_SESSION_WANTED, .session = session->row.id};

    cw_link_send(link, &m);
    for (uint32_t i = 0; i < session->participant_count; i++) {
        /* Also those who are away: the engine keeps their mask for when they come back. */
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.left_ms != 0)
            continue; /* it has left, and has to be let in again */
        p->permissions = cw_session_permissions(link->control, session, p);
        m.type = CW_LINK_PARTICIPANT_WANTED;
        m.participant = p->row.number;
        m.permissions = p->permissions;
        cw_link_send(link, &m);
    }
}

static int on_snapshot_end(struct cw_control *c, struct cw_control_link *link)
{
    struct cw_link_message m = {.type = CW_LINK_CONTROL_HELLO, .version = CW_LINK_VERSION};
    char origins[sizeof c->public_origin];

    if (link->is_synced)
        return CW_ERR_INVALID;
    memcpy(origins, c->public_origin, sizeof origins);
    for (char *at = origins; *at != '\0'; at++)
        if (*at == ' ')
            *at = '\n';
    memcpy(m.key, c->ticket_key, sizeof m.key);
    m.bytes = (const uint8_t *)origins;
    m.bytes_count = strlen(origins);
    link->is_synced = true;
    link->synced_ms = cw_control_now_unix_ms(c);
    cw_link_send(link, &m);
    cw_engine_settings_send(c, link);
    for (uint32_t i = 0; i < c->live_count; i++)
        if (c->live[i]->link == link && !c->live[i]->is_over)
            send_wanted(link, c->live[i]);
    /* Before WANTED_END: only then does a new engine let anybody in. */
    (void)cw_store_ticket_denied_each(c->store, link->synced_ms / 1000, deny_one, link);
    m = (struct cw_link_message){.type = CW_LINK_WANTED_END};
    cw_link_send(link, &m);
    for (uint32_t i = 0; i < c->live_count; i++)
        if (c->live[i]->link == link && !c->live[i]->is_over)
            cw_session_catch_up(c, c->live[i]);
    cw_recording_send_seals(c, link);
    c->status_ms = 0; /* the next tick asks how it is */
    cw_log(CW_LOG_INFO, "control.link", "worker %u of %u is linked", link->worker,
           link->worker_count);
    return 0;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static void on_session_up(struct cw_control *c, struct cw_control_link *link,
                          const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    struct cw_link_message answer = {
        .type = CW_LINK_END_SESSION, .session = m->session, .code = CW_CLOSE_ENDED_NOBODY_LEFT};

    if (session != NULL)
        session->link = link;
    else if (link->is_synced)
        cw_link_send(link, &answer);
}

static void on_refused(struct cw_control *c, const struct cw_link_message *m)
{
    const char *name = cw_close_name(m->code);
    struct cw_actor actor = cw_actor_named("nobody", "-");
    const char *text = cw_close_text(m->code);
    size_t n = strlen(text);

    cw_source_text(m->address, actor.source, sizeof actor.source);
    if (!cw_budget_may_audit(&c->budget, actor.source, name, cw_control_now_unix_ms(c)))
        return;
    if (m->bytes_count > 0 && cw_text_is_clean((const char *)m->bytes, m->bytes_count)) {
        text = (const char *)m->bytes;
        n = m->bytes_count < CW_AUDIT_DETAIL_BYTES_MAX ? m->bytes_count : CW_AUDIT_DETAIL_BYTES_MAX;
    }
    cw_audit_refused(c, &actor, "connect", "engine", name, "%.*s", (int)n, text);
}

/* What a customer withdraws is withdrawn at once, whatever becomes of other people's changes: this one is no part of a
 * group, so that it hears itself whether it was stored, and what it sends is not held back. */
static void on_consent(struct cw_control *c, const struct cw_link_message *m)
{
    cw_group_leave(c);
    if (m->message == CW_MESSAGE_CONSENT)
        cw_session_on_consent(c, m);
    else
        cw_tool_on_answer(c, m);
    cw_group_enter(c);
}

static void on_copy(struct cw_control *c, const struct cw_link_message *m)
{
    if (m->message == CW_MESSAGE_CHAT_SAY || m->message == CW_MESSAGE_SIDE_SAY)
        cw_chat_on_say(c, m);
    else if (m->message == CW_MESSAGE_CONSENT || m->message == CW_MESSAGE_TOOL_ANSWER)
        on_consent(c, m);
    else if (m->message == CW_MESSAGE_STATISTICS && m->session == 0)
        cw_device_on_statistics(c, m);
    else if (m->message == CW_MESSAGE_DEVICE_THUMBNAIL && m->session == 0)
        cw_device_on_thumbnail(c, m);
    else if (m->message == CW_MESSAGE_DEVICE_FETCH && m->session == 0)
        cw_upgrade_on_fetch(c, m);
}

static void on_status(struct cw_control *c, struct cw_control_link *link,
                      const struct cw_link_message *m)
{
    json_t *status =
        json_loadb((const char *)m->bytes, m->bytes_count, JSON_REJECT_DUPLICATES, NULL);

    if (status == NULL)
        return;
    json_decref(link->status);
    link->status = status;
    cw_order_on_answer(c, link, m);
}

static int dispatch(struct cw_control *c, struct cw_control_link *link,
                    const struct cw_link_message *m)
{
    if (m->type == CW_LINK_ENGINE_HELLO)
        return on_hello(c, link, m);
    if (!link->has_hello)
        return CW_ERR_STATE;
    switch (m->type) {
    case CW_LINK_SNAPSHOT_END: return on_snapshot_end(c, link);
    case CW_LINK_SESSION_UP: on_session_up(c, link, m); return 0;
    case CW_LINK_PARTICIPANT_UP: cw_session_on_up(c, link, m); return 0;
    case CW_LINK_PARTICIPANT_DOWN: cw_session_on_down(c, m); return 0;
    case CW_LINK_DEVICE_UP: cw_device_on_up(c, link, m); return 0;
    case CW_LINK_DEVICE_DOWN: cw_device_on_down(c, link, m); return 0;
    case CW_LINK_CONSOLE_UP:
        cw_event_console_up(c, m->participant);
        cw_desk_console_up(c, link, m->request, m->participant);
        return 0;
    case CW_LINK_CONSOLE_DOWN: cw_desk_console_down(c, link, m->request); return 0;
    case CW_LINK_SESSION_OVER: cw_session_on_over(c, m); return 0;
    case CW_LINK_REQUEST: cw_enrol_on_request(c, link, m); return 0;
    case CW_LINK_COPY: on_copy(c, m); return 0;
    case CW_LINK_REFUSED: on_refused(c, m); return 0;
    case CW_LINK_RECORDING: cw_recording_on_state(c, m); return 0;
    case CW_LINK_RECORDED: cw_recording_on_part(c, link, m); return 0;
    case CW_LINK_STATUS: on_status(c, link, m); return 0;
    case CW_LINK_ANSWER: cw_order_on_answer(c, link, m); return 0;
    default: return CW_ERR_INVALID; /* what control says, from an engine */
    }
}

/* ---- bytes ----------------------------------------------------------------------------------- */

int cw_control_link_open(struct cw_control *c, uint64_t connection_number, cw_control_send_fn send,
                         void *user, struct cw_control_link **ret_link)
{
    struct cw_control_link *link = NULL;

    if (c->link_count == CW_LINKS_MAX)
        return CW_ERR_FULL;
    link = calloc(1, sizeof *link);
    if (link == NULL)
        return CW_ERR_NOMEM;
    link->in = malloc(CW_LINK_MESSAGE_BYTES_MAX);
    if (link->in == NULL) {
        free(link);
        return CW_ERR_NOMEM;
    }
    link->control = c;
    link->number = connection_number;
    link->send = send;
    link->user = user;
    c->links[c->link_count++] = link;
    *ret_link = link;
    return 0;
}

void cw_control_link_closed(struct cw_control *c, struct cw_control_link *link)
{
    for (uint32_t i = 0; i < c->link_count; i++) {
        if (c->links[i] != link)
            continue;
        c->links[i] = c->links[--c->link_count];
        break;
    }
    detach(c, link);
    cw_order_link_closed(c, link);
    if (link->is_synced)
        cw_log(CW_LOG_WARNING, "control.link", "worker %u is no longer linked", link->worker);
    json_decref(link->status);
    free(link->in);
    free(link);
    cw_event_flush(c);
}

/* Handles every whole message of data; *ret_used is what they took. */
static int receive_whole(struct cw_control *c, struct cw_control_link *link, const uint8_t *data,
                         size_t n, size_t *ret_used)
{
    size_t used = 0;
    int err = 0;

    while (err == 0 && !link->is_broken) {
        struct cw_link_message m;
        size_t took = 0;
        err = cw_link_decode(data + used, n - used, &m, &took);
        if (err == 0)
            err = dispatch(c, link, &m);
        used += took;
    }
    *ret_used = used;
    return err == CW_ERR_AGAIN ? 0 : err;
}

int cw_control_link_receive(struct cw_control *c, struct cw_control_link *link, const void *bytes,
                            size_t n)
{
    const uint8_t *data = bytes;
    int err = 0;

    while (err == 0 && n > 0 && !link->is_broken) {
        size_t room = CW_LINK_MESSAGE_BYTES_MAX - link->in_bytes;
        size_t take = n < room ? n : room;
        size_t used = 0;
        memcpy(link->in + link->in_bytes, data, take);
        link->in_bytes += take;
        data += take;
        n -= take;
        err = receive_whole(c, link, link->in, link->in_bytes, &used);
        link->in_bytes -= used;
        memmove(link->in, link->in + used, link->in_bytes);
    }
    if (err != 0)
        cw_log(CW_LOG_ERROR, "control.link", "worker %u broke the link protocol: %s", link->worker,
               cw_err_text(err));
    cw_event_flush(c);
    return err == 0 && link->is_broken ? CW_ERR_CLOSED : err;
}
