/* SPDX-License-Identifier: Apache-2.0 */
/* Jump policies while sessions run: warnings, the strict end, and events for those who approve. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/right.h"
#include "control/audit/audit.h"
#include "control/link/link_server.h"
#include "control/policy/jump_check.h"
#include "control/policy/policies.h"
#include "control/session/session.h"
#include "engine/base/err.h"

enum {
    LOOK_EVERY_MS = 3600 * 1000, /* an end further away than a day is looked for again in time */
    LOOK_AHEAD_S = 86400,
    MINUTE_MS = 60 * 1000,
};

/* Minutes before the end at which people are told. */
static const uint32_t warnings[] = {15, 10, 5, 2, 1};

void cw_jump_tell_approvers(struct cw_control *c, json_t *event)
{
    char *text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;

    for (uint32_t i = 0; text != NULL && i < c->console_count; i++)
        if (strlen(text) <= CW_EVENT_BYTES_MAX &&
            cw_right_has(c, c->consoles[i], CW_RIGHT_APPROVE_JUMPS))
            cw_send_console(c, c->consoles[i], text, strlen(text));
    free(text);
    json_decref(event);
}

void cw_jump_tell(struct cw_control *c, const struct cw_live_session *session, bool is_start)
{
    const struct cw_jump_policy *policy = NULL;

    if (session->row.kind != CW_SESSION_JUMP)
        return;
    policy = cw_jump_policy_of(c, session->row.jump_item, session->how.copy);
    if (policy == NULL || !(is_start ? policy->tells_start : policy->tells_end))
        return;
    cw_jump_tell_approvers(
        c, json_pack("{s:s, s:I, s:I, s:s, s:s}", "type", is_start ? "jump_started" : "jump_ended",
                     "session", (json_int_t)session->row.id, "jump_item",
                     (json_int_t)session->row.jump_item, "name", session->row.customer,
                     "representative", session->row.representative));
}

static uint64_t end_of_hours(const struct cw_jump_policy *policy, uint64_t now_ms)
{
    const int64_t now_s = (int64_t)(now_ms / 1000);
    int64_t end_s = 0;

    if (!policy->has_schedule || !policy->is_strict || policy->schedule.zone == NULL)
        return UINT64_MAX;
    if (cw_schedule_next(&policy->schedule, false, now_s, now_s + LOOK_AHEAD_S, &end_s) != 0)
        return UINT64_MAX;
    return (uint64_t)end_s * 1000;
}

/* When everybody is removed: the earlier of the hours' end and the approval's. */
static void look_for_end(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms)
{
    const struct cw_jump_policy *policy =
        cw_jump_policy_of(c, session->row.jump_item, session->how.copy);
    const uint64_t before_ms = session->must_end_ms;
    struct cw_approval approval;

    session->end_looked_ms = now_ms;
    session->must_end_ms = UINT64_MAX;
    if (policy != NULL && !session->how.is_override)
        session->must_end_ms = end_of_hours(policy, now_ms);
    if (session->how.approval != 0 &&
        cw_store_approval_get(c->store, session->how.approval, &approval) == 0 &&
        approval.ends_ms < session->must_end_ms)
        session->must_end_ms = approval.ends_ms;
    if (session->must_end_ms > before_ms)
        session->end_warned_min = 0;
}

static void warn(struct cw_control *c, struct cw_live_session *session, uint64_t left_ms)
{
    const struct cw_actor appliance = cw_actor_appliance();
    const uint64_t left_min = (left_ms + MINUTE_MS - 1) / MINUTE_MS;
    uint32_t due = 0;
    char text[128];

    for (size_t i = 0; i < sizeof warnings / sizeof warnings[0]; i++)
        if (left_min <= warnings[i])
            due = warnings[i];
    if (due == 0 || (session->end_warned_min != 0 && due >= session->end_warned_min))
        return;
    session->end_warned_min = due;
    snprintf(text, sizeof text, "This session ends in %u %s: its Jump policy closes then.",
             (unsigned)left_min, left_min == 1 ? "minute" : "minutes");
    cw_session_note(c, session, &appliance, "session.end_warning", text);
}

void cw_jump_end_tick(struct cw_control *c, uint64_t now_ms, uint32_t from, uint32_t to)
{
    const struct cw_actor appliance = cw_actor_appliance();

    for (uint32_t i = to < c->live_count ? to : c->live_count; i-- > from;) {
        struct cw_live_session *session = c->live[i];
        if (session->is_over || session->row.kind != CW_SESSION_JUMP)
            continue;
        if (session->end_looked_ms == 0 || now_ms >= session->end_looked_ms + LOOK_EVERY_MS)
            look_for_end(c, session, now_ms);
        if (session->must_end_ms == UINT64_MAX)
            continue;
        if (now_ms >= session->must_end_ms)
            cw_session_end(c, session, &appliance, CW_CLOSE_REMOVED,
                           "The time in which this computer may be reached is over.", true);
        else
            warn(c, session, session->must_end_ms - now_ms);
    }
}
