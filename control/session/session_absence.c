/* SPDX-License-Identifier: Apache-2.0 */
/* Who stays away for longer than a connection can be resumed: the session goes back to the queue, or ends. */
#include <stdio.h>
#include <string.h>

#include "control/session/event.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static const uint64_t grace_ms = (CW_TIME_SESSION_GRACE_S + CW_TICKET_SKEW_S) * UINT64_C(1000);

/* Absence counts only while every worker is linked: else somebody may be where nobody can say. */
static bool is_over_the_time(uint64_t *since_ms, bool is_absent, uint64_t now_ms)
{
    if (!is_absent) {
        *since_ms = 0;
        return false;
    }
    if (*since_ms == 0 || *since_ms > now_ms)
        *since_ms = now_ms;
    return now_ms - *since_ms > grace_ms;
}

/* Inside a transaction: everything that the store keeps of it. */
static int requeue_rows(struct cw_control *c, struct cw_live_session *session,
                        const struct cw_live_participant *representative, const char *text,
                        struct cw_chat_row *ret_line, bool *ret_has_line)
{
    const struct cw_actor appliance = cw_actor_appliance();
    char object[32];
    int err = cw_store_session_requeue(c->store, session->row.id);

    snprintf(object, sizeof object, "session %u", session->row.id);
    if (err == 0)
        err = cw_store_ticket_deny(c->store, session->row.id, representative->row.number,
                                   cw_control_now_unix_ms(c) / 1000);
    if (err == 0) {
        err = cw_chat_store_system(c, session, text, ret_line);
        *ret_has_line = err == 0;
        if (err == CW_ERR_FULL)
            err = 0;
    }
    if (err == 0)
        err = cw_audit(c, &appliance, "session.requeue", object, "ok", "%s", text);
    return err;
}

/* The customer waits again; a representative accepts as for the first time. */
static void requeue(struct cw_control *c, struct cw_live_session *session,
                    struct cw_live_participant *representative)
{
    struct cw_denials denials = {0};
    struct cw_chat_row line;
    bool has_line = false;
    char text[CW_NAME_BYTES_MAX + 96];
    int err = cw_denials_collect(c, session->row.id, representative->row.number, &denials);

    snprintf(text, sizeof text, "%s did not come back. The session waits in the queue again.",
             representative->row.name);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store,
                           requeue_rows(c, session, representative, text, &line, &has_line));
    if (err == 0) {
        session->row.state = CW_SESSION_WAITING;
        session->row.started_ms = 0;
        session->row.representative[0] = '\0';
        cw_denials_send(c, &denials);
        if (has_line)
            cw_chat_send(session, 0, &line);
        cw_event_session_waiting(c, session->row.account, session->row.id, session->row.customer);
        cw_event_changed(c, session->row.account, "queue_changed");
        cw_event_changed(c, session->row.account, "sessions_changed");
    } else {
        cw_log(CW_LOG_WARNING, "control.session", "session %u cannot be queued again: %s",
               session->row.id, cw_err_text(err));
    }
    cw_denials_free(&denials);
}

static void end(struct cw_control *c, struct cw_live_session *session, const char *name,
                const char *what)
{
    const struct cw_actor appliance = cw_actor_appliance();
    char text[CW_REASON_TEXT_BYTES_MAX + 1];

    /* A name that leaves no room for the sentence is left out. */
    if (snprintf(text, sizeof text, "%s %s", name, what) >= (int)sizeof text)
        snprintf(text, sizeof text, "A participant %s", what);
    cw_session_end(c, session, &appliance, CW_CLOSE_ENDED_NOBODY_LEFT, text, true);
}

bool cw_session_ends_by_absence(struct cw_control *c, struct cw_live_session *session,
                                uint64_t now_ms)
{
    const bool can_tell = cw_links_are_complete(c);
    struct cw_live_participant *source = cw_live_source(session);
    struct cw_live_participant *representative = cw_live_representative(session);
    const bool is_active = session->row.state == CW_SESSION_ACTIVE;

    if (is_over_the_time(&session->absent_since_ms, can_tell && session->link == NULL, now_ms)) {
        const struct cw_actor appliance = cw_actor_appliance();
        cw_session_end(c, session, &appliance, CW_CLOSE_ENDED_NOBODY_LEFT, "", true);
        return true;
    }
    if (source != NULL &&
        is_over_the_time(&source->away_since_ms, can_tell && !source->is_up, now_ms)) {
        end(c, session, source->row.name,
            source->was_up ? "lost the connection and did not come back in time."
                           : "did not connect in time.");
        return true;
    }
    if (representative == NULL ||
        !is_over_the_time(&representative->away_since_ms,
                          can_tell && is_active && !representative->is_up, now_ms))
        return false;
    representative->away_since_ms = 0;
    if (session->row.kind == CW_SESSION_KEY) {
        requeue(c, session, representative);
        return false;
    }
    end(c, session, representative->row.name,
        representative->was_up ? "lost the connection and did not come back in time."
                               : "did not connect in time.");
    return true;
}
