/* SPDX-License-Identifier: Apache-2.0 */
/* What the customer's side of a session runs on: a page in a browser, or the full client, which takes its place. */
#include <stdio.h>
#include <string.h>

#include "control/queue/desk.h"
#include "control/session/people.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"

uint64_t cw_session_source_lacks(struct cw_live_session *session)
{
    const struct cw_live_participant *source = cw_live_source(session);

    return source != NULL ? source->row.permissions : 0;
}

bool cw_session_is_browser(struct cw_live_session *session)
{
    return cw_session_source_lacks(session) != 0;
}

/* Inside a transaction. Nobody has consent to see a screen that is not there yet, and no ticket says so. */
static int take_consent_back(struct cw_control *c, const struct cw_live_session *session)
{
    int err = cw_store_ticket_deny(c->store, session->row.id, 0, cw_control_now_unix_ms(c) / 1000);

    for (uint32_t i = 0; err == 0 && i < session->participant_count; i++) {
        struct cw_participant row = session->participants[i].row;
        if (row.role != CW_ROLE_REPRESENTATIVE || (!row.consent_view && row.tools == 0))
            continue;
        row.consent_view = row.consent_control = false;
        row.tools = 0;
        err = cw_store_participant_put(c->store, &row);
    }
    return err;
}

/* The same for what is live. */
static void forget_answers(struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.role != CW_ROLE_REPRESENTATIVE)
            continue;
        p->row.consent_view = p->row.consent_control = false;
        p->row.tools = 0;
        p->ticketed = 0;
        if (p->is_up)
            p->renew_ms = 0;
        p->has_answered = false;
        p->is_prompt_over = false;
        p->asked_ms = 0;
        p->is_unsaved = false;
    }
}

static int store_source(struct cw_control *c, const struct cw_actor *actor,
                        struct cw_live_session *session, const struct cw_session_key *key,
                        const struct cw_live_participant *next, const char *text,
                        struct cw_chat_row *ret_line, bool *ret_has_line, uint8_t *ret_ticket)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    char object[32];
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "session %u", session->row.id);
    if (err == 0)
        err = cw_store_session_key_use(c->store, key->id, session->row.id, now_ms);
    if (err == 0)
        err = take_consent_back(c, session);
    if (err == 0)
        err = cw_store_participant_put(c->store, &next->row);
    if (err == 0)
        err = cw_session_issue(c, session, next, CW_TICKET_KIND_JOIN, ret_ticket);
    if (err == 0)
        err = cw_chat_store_line(c, session, text, ret_line, ret_has_line);
    if (err == 0)
        err = cw_audit(c, actor, "session.client", object, "ok", "%s", text);
    return cw_store_end(c->store, err);
}

int cw_session_replace_source(struct cw_control *c, const struct cw_actor *actor,
                              const struct cw_session_key *key,
                              const struct cw_session_guest *guest, struct cw_session_joined *ret)
{
    struct cw_live_session *session = cw_live_find(c, key->continues);
    struct cw_live_participant *source = session != NULL ? cw_live_source(session) : NULL;
    struct cw_denials denials = {0};
    struct cw_live_participant next;
    struct cw_chat_row line;
    char text[CW_NAME_SIZE + 64];
    bool has_line = false;
    int err = 0;

    if (source == NULL || session->is_over || session->row.kind != CW_SESSION_KEY)
        return CW_ERR_EXPIRED;
    next = *source;
    next.row.permissions = guest->is_browser ? CW_SESSION_BROWSER_LACKS : 0;
    memcpy(next.row.holder_key, guest->holder_key, sizeof next.row.holder_key);
    snprintf(text, sizeof text, "%s goes on %s.", source->row.name,
             guest->is_browser ? "in a browser" : "with the full client");
    err = cw_denials_collect(c, session->row.id, 0, &denials);
    if (err == 0)
        err = store_source(c, actor, session, key, &next, text, &line, &has_line, ret->ticket);
    if (err == 0) {
        next.ticketed = source->ticketed;
        next.renew_ms = UINT64_MAX; /* until it is up, no resume ticket is due for it */
        next.away_since_ms = 0;
        *source = next;
        cw_denials_send(c, &denials);
        forget_answers(session);
        cw_session_refresh_people(c, session);
        if (has_line)
            cw_chat_send(session, 0, &line);
        cw_session_tell(c, session);
        ret->session = session->row.id;
        ret->survey[0] = '\0';
    }
    cw_denials_free(&denials);
    return err;
}
