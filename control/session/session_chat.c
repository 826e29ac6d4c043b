/* SPDX-License-Identifier: Apache-2.0 */
/* The chat of a session: control is its only store and gives every line its place. */
#include <stdlib.h>
#include <string.h>

#include "control/session/session.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

void cw_chat_send(struct cw_live_session *session, uint32_t participant,
                  const struct cw_chat_row *line)
{
    const struct cw_chat_line wire = {
        .sequence = line->sequence,
        .time_unix_ms = line->time_ms,
        .participant = line->participant,
        .client_message = line->client_message,
        .name = line->name,
        .name_bytes = line->name_bytes,
        .text = line->text,
        .text_bytes = line->text_bytes,
    };
    uint8_t payload[26 + CW_NAME_BYTES_MAX + CW_CHAT_TEXT_BYTES_MAX];
    const bool is_side = line->audience == CW_CHAT_REPRESENTATIVES;
    size_t n = 0;

    /* The engine passes a SIDE_LINE to representatives only. */
    if (cw_chat_line_encode(&wire, payload, sizeof payload, &n) == 0)
        cw_send(session, participant, is_side ? CW_MESSAGE_SIDE_LINE : CW_MESSAGE_CHAT_LINE,
                payload, n);
}

int cw_chat_store_system(struct cw_control *c, const struct cw_live_session *session,
                         const char *text, struct cw_chat_row *ret_line)
{
    *ret_line = (struct cw_chat_row){
        .time_ms = cw_control_now_unix_ms(c),
        .role = CW_ROLE_NONE,
        .name = "",
        .text = text,
        .text_bytes = strlen(text),
    };
    return cw_store_chat_add(c->store, session->row.id, ret_line);
}

int cw_chat_store_line(struct cw_control *c, const struct cw_live_session *session,
                       const char *text, struct cw_chat_row *ret_line, bool *ret_has_line)
{
    const int err = cw_chat_store_system(c, session, text, ret_line);

    *ret_has_line = err == 0;
    return err == CW_ERR_FULL ? 0 : err;
}

struct history {
    struct cw_live_session *session;
    uint32_t participant;
};

static int send_one(void *user, const struct cw_chat_row *line)
{
    const struct history *h = user;

    cw_chat_send(h->session, h->participant, line);
    return 0;
}

void cw_chat_send_history(struct cw_control *c, struct cw_live_session *session,
                          uint32_t participant)
{
    const struct cw_live_participant *p = cw_live_participant(session, participant);
    const enum cw_chat_audience who = p != NULL && p->row.role == CW_ROLE_REPRESENTATIVE
                                          ? CW_CHAT_REPRESENTATIVES
                                          : CW_CHAT_EVERYBODY;
    struct history h = {session, participant};

    (void)cw_store_chat_each(c->store, session->row.id, who, CW_CHAT_HISTORY_LINES, send_one, &h);
}

static int say(struct cw_control *c, struct cw_live_session *session,
               const struct cw_live_participant *p, enum cw_chat_audience audience,
               uint32_t client_message, const char *text, size_t text_bytes)
{
    struct cw_chat_row line = {
        .time_ms = cw_control_now_unix_ms(c),
        .participant = p->row.number,
        .client_message = client_message,
        .role = p->row.role,
        .name = p->row.name,
        .name_bytes = strlen(p->row.name),
        .text = text,
        .text_bytes = text_bytes,
        .audience = (uint8_t)audience,
    };
    struct history sender = {session, p->row.number};
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_chat_add(c->store, session->row.id, &line);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_chat_send(session, 0, &line);
    else if (err == CW_ERR_USED) /* the sender did not hear of it */
        (void)cw_store_chat_find(c->store, session->row.id, p->row.number, client_message, send_one,
                                 &sender);
    return err;
}

static enum cw_chat_audience audience_of(const struct cw_link_message *m)
{
    return m->message == CW_MESSAGE_SIDE_SAY ? CW_CHAT_REPRESENTATIVES : CW_CHAT_EVERYBODY;
}

/* Keeps a line until the store takes it. When too many wait, the sender says it again on its own.
 * */
static void wait_for_store(struct cw_control *c, const struct cw_link_message *m,
                           const struct cw_chat_say *said)
{
    struct cw_waiting_chat *w = &c->waiting_chat[c->waiting_chat_count];

    if (c->waiting_chat_count == CW_CHAT_WAITING_MAX)
        return;
    w->text = malloc(said->text_bytes);
    if (w->text == NULL)
        return;
    memcpy(w->text, said->text, said->text_bytes);
    w->text_bytes = said->text_bytes;
    w->session = m->session;
    w->participant = m->participant;
    w->client_message = said->client_message;
    w->audience = audience_of(m);
    c->waiting_chat_count++;
}

void cw_chat_on_say(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    const struct cw_live_participant *p = NULL;
    struct cw_chat_say said;
    int err = 0;

    if (session != NULL)
        p = cw_live_participant(session, m->participant);
    if (p == NULL || cw_chat_say_decode(m->bytes, m->bytes_count, &said) != 0 ||
        (audience_of(m) == CW_CHAT_REPRESENTATIVES && p->row.role != CW_ROLE_REPRESENTATIVE))
        return;
    /* Lines keep their order: nobody overtakes those that wait. */
    err = c->waiting_chat_count > 0
              ? CW_ERR_READ_ONLY
              : say(c, session, p, audience_of(m), said.client_message, said.text, said.text_bytes);
    if (err == CW_ERR_READ_ONLY)
        wait_for_store(c, m, &said);
    else if (err != 0 && err != CW_ERR_USED)
        cw_log(CW_LOG_WARNING, "control.chat", "session %u: a line was not stored: %s", m->session,
               cw_err_text(err));
}

void cw_chat_retry(struct cw_control *c)
{
    uint32_t done = 0;

    for (; done < c->waiting_chat_count; done++) {
        struct cw_waiting_chat *w = &c->waiting_chat[done];
        struct cw_live_session *session = cw_live_find(c, w->session);
        const struct cw_live_participant *p = NULL;
        if (session != NULL)
            p = cw_live_participant(session, w->participant);
        if (p != NULL && say(c, session, p, w->audience, w->client_message, w->text,
                             w->text_bytes) == CW_ERR_READ_ONLY)
            break;
        free(w->text);
    }
    c->waiting_chat_count -= done;
    memmove(c->waiting_chat, c->waiting_chat + done,
            c->waiting_chat_count * sizeof c->waiting_chat[0]);
}
