/* SPDX-License-Identifier: Apache-2.0 */
/* Who stays away for longer than a connection can be resumed: the session goes back to the queue, or ends. */
#include <stdio.h>
#include <string.h>

#include "control/queue/queue.h"
#include "control/session/people.h"
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

bool cw_session_lose(struct cw_control *c, struct cw_live_session *session,
                     struct cw_live_participant *owner, const char *what, const char *ending)
{
    const struct cw_actor appliance = cw_actor_appliance();
    const struct cw_fallback_rules rules = cw_desk_fallback(c);
    const struct cw_fallback_facts facts = cw_queue_facts(c, session);
    const struct cw_queue_change change =
        cw_queue_lost(cw_desk_model(c), &session->q, &rules, &facts);
    const uint32_t number = owner->row.number;
    char text[3 * CW_NAME_SIZE + 96];
    char place[CW_NAME_SIZE + 16];
    char name[CW_NAME_SIZE];
    int err = 0;

    snprintf(name, sizeof name, "%s", owner->row.name);
    if (change.kind == CW_QUEUE_OWNER) {
        snprintf(text, sizeof text, "%s %s. The session goes on with %s.", name, what,
                 cw_live_member(session, change.account)->row.name);
        err =
            cw_session_set_owner(c, &appliance, session, change.account, "session.fall_back", text);
        snprintf(text, sizeof text, "%s is no longer in the session.", name);
        if (err == 0)
            err = cw_session_unseat(c, &appliance, session, cw_live_participant(session, number),
                                    "session.leave", text);
    } else if (change.kind == CW_QUEUE_MOVE) {
        cw_desk_place_text(c, change.to, place, sizeof place);
        if (cw_place_is(change.to, session->row.last))
            snprintf(text, sizeof text, "%s %s. The session waits in the queue again.", name, what);
        else
            snprintf(text, sizeof text, "%s %s. The session waits in %s now.", name, what, place);
        err = cw_session_move(c, &appliance, session, &change, "session.requeue", text);
    } else {
        end(c, session, name, ending);
        return true;
    }
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.session", "session %u cannot be given on: %s",
               session->row.id, cw_err_text(err));
    return false;
}

/* Others who stay away are no longer in the session. */
static void drop_absent(struct cw_control *c, struct cw_live_session *session, bool can_tell,
                        uint64_t now_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    char text[CW_NAME_SIZE + 48];

    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.role != CW_ROLE_REPRESENTATIVE || p->row.left_ms != 0 ||
            p->row.relation == CW_RELATION_OWNER ||
            !is_over_the_time(&p->away_since_ms, can_tell && !p->is_up, now_ms))
            continue;
        p->away_since_ms = 0;
        snprintf(text, sizeof text, "%s is no longer in the session.", p->row.name);
        (void)cw_session_unseat(c, &appliance, session, p, "session.leave", text);
    }
}

bool cw_session_ends_by_absence(struct cw_control *c, struct cw_live_session *session,
                                uint64_t now_ms)
{
    const bool can_tell = cw_links_are_complete(c);
    struct cw_live_participant *source = cw_live_source(session);
    struct cw_live_participant *representative = NULL;
    const bool is_active = session->row.state == CW_SESSION_ACTIVE;

    if (is_over_the_time(&session->absent_since_ms, can_tell && session->link == NULL, now_ms)) {
        const struct cw_actor appliance = cw_actor_appliance();
        cw_session_end(c, session, &appliance, CW_CLOSE_ENDED_NOBODY_LEFT, "", true);
        return true;
    }
    if (source != NULL &&
        is_over_the_time(&source->away_since_ms,
                         can_tell && !source->is_up && session->wake_ms == 0, now_ms)) {
        end(c, session, source->row.name,
            source->was_up ? "lost the connection and did not come back in time."
                           : "did not connect in time.");
        return true;
    }
    drop_absent(c, session, can_tell, now_ms);
    representative = cw_live_representative(session);
    if (representative == NULL ||
        !is_over_the_time(&representative->away_since_ms,
                          can_tell && is_active && !representative->is_up, now_ms))
        return false;
    representative->away_since_ms = 0;
    return cw_session_lose(c, session, representative, "did not come back",
                           representative->was_up
                               ? "lost the connection and did not come back in time."
                               : "did not connect in time.");
}
