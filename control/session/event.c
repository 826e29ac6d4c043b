/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/event.h"

#include <stdlib.h>
#include <string.h>

#include "control/account/sign_in.h"
#include "control/link/link_server.h"
#include "control/queue/operations.h"
#include "engine/wire/frame.h"

void cw_event_send(struct cw_control *c, uint32_t account, json_t *event)
{
    char *text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;

    if (text != NULL && strlen(text) <= CW_EVENT_BYTES_MAX)
        cw_send_console(c, account, text, strlen(text));
    free(text);
    json_decref(event);
}

void cw_event_changed(struct cw_control *c, uint32_t account, const char *type)
{
    cw_event_send(c, account, json_pack("{s:s}", "type", type));
}

void cw_event_jump_items_changed(struct cw_control *c)
{
    c->jump_items_changed = true;
}

json_t *cw_event_of_session(struct cw_control *c, const char *type,
                            const struct cw_live_session *session)
{
    const struct cw_session *row = &session->row;

    return json_pack(
        "{s:s, s:I, s:s, s:s, s:o, s:s, s:I, s:I}", "type", type, "session", (json_int_t)row->id,
        "customer", row->customer, "name", row->title[0] != '\0' ? row->title : row->customer,
        "team", row->team != 0 ? json_integer((json_int_t)row->team) : json_null(), "priority",
        cw_priority_name(row->priority), "waiting_since_unix_ms", (json_int_t)row->created_ms,
        "now_unix_ms", (json_int_t)cw_control_now_unix_ms(c));
}

void cw_event_session_waiting(struct cw_control *c, struct cw_place place,
                              const struct cw_live_session *session)
{
    cw_desk_send(c, place, cw_event_of_session(c, "session_waiting", session));
}

void cw_event_offer_over(struct cw_control *c, uint32_t account, uint32_t session,
                         const char *reason)
{
    if (account != 0)
        cw_event_send(c, account,
                      json_pack("{s:s, s:I, s:s}", "type", "offer_over", "session",
                                (json_int_t)session, "reason", reason));
}

void cw_event_session_ended(struct cw_control *c, const struct cw_live_session *session)
{
    json_t *event = json_pack("{s:s, s:I, s:s}", "type", "session_ended", "session",
                              (json_int_t)session->row.id, "text", session->over_text);
    bool is_told = false;

    for (uint32_t i = 0; i < session->participant_count; i++) {
        const struct cw_participant *row = &session->participants[i].row;
        if (row->role != CW_ROLE_REPRESENTATIVE || row->left_ms != 0 || row->account == 0)
            continue;
        is_told = is_told || row->account == session->row.account;
        cw_event_send(c, row->account, json_incref(event));
    }
    if (session->row.account != 0 && !is_told)
        cw_event_send(c, session->row.account, json_incref(event));
    json_decref(event);
}

void cw_event_signed_out(struct cw_control *c, uint32_t account, const char *text)
{
    cw_event_send(c, account, json_pack("{s:s, s:s}", "type", "signed_out", "text", text));
}

void cw_event_flush(struct cw_control *c)
{
    uint64_t now_ms = cw_control_now_unix_ms(c);

    cw_desk_flush(c);
    if (!c->jump_items_changed ||
        (now_ms >= c->jump_items_told_ms && now_ms - c->jump_items_told_ms < CW_EVENT_INTERVAL_MS))
        return;
    c->jump_items_changed = false;
    c->jump_items_told_ms = now_ms;
    cw_event_changed(c, 0, "jump_items_changed");
}

void cw_event_console_up(struct cw_control *c, uint32_t account)
{
    uint32_t *grown = NULL;

    for (uint32_t i = 0; i < c->console_count; i++)
        if (c->consoles[i] == account)
            return;
    grown = reallocarray(c->consoles, c->console_count + 1, sizeof *grown);
    if (grown == NULL)
        return;
    c->consoles = grown;
    c->consoles[c->console_count++] = account;
}

void cw_event_check_consoles(struct cw_control *c, uint64_t now_ms)
{
    const struct cw_sign_in_limits limits = cw_sign_in_limits_of(c);

    if (now_ms < c->consoles_ms + CW_CONSOLE_CHECK_S * 1000)
        return;
    c->consoles_ms = now_ms;
    for (uint32_t i = c->console_count; i-- > 0;) {
        const uint32_t account = c->consoles[i];
        uint32_t valid = 1;
        if (cw_store_sign_in_count_valid(c->store, account, now_ms, &limits, &valid) != 0 ||
            valid > 0)
            continue;
        cw_event_signed_out(c, account, "Your sign-in has expired. Sign in again.");
        cw_send_drop_console(c, account, CW_CLOSE_OK);
        c->consoles[i] = c->consoles[--c->console_count];
    }
}
