/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/event.h"

#include <stdlib.h>
#include <string.h>

#include "control/link/link_server.h"
#include "engine/wire/frame.h"

static void send_json(struct cw_control *c, uint32_t account, json_t *event)
{
    char *text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;

    if (text != NULL && strlen(text) <= CW_EVENT_BYTES_MAX)
        cw_send_console(c, account, text, strlen(text));
    free(text);
    json_decref(event);
}

void cw_event_changed(struct cw_control *c, uint32_t account, const char *type)
{
    send_json(c, account, json_pack("{s:s}", "type", type));
}

void cw_event_jump_items_changed(struct cw_control *c)
{
    c->jump_items_changed = true;
}

void cw_event_session_waiting(struct cw_control *c, uint32_t account, uint32_t session,
                              const char *customer)
{
    send_json(c, account,
              json_pack("{s:s, s:I, s:s}", "type", "session_waiting", "session",
                        (json_int_t)session, "customer", customer));
}

void cw_event_session_ended(struct cw_control *c, uint32_t account, uint32_t session,
                            const char *text)
{
    send_json(c, account,
              json_pack("{s:s, s:I, s:s}", "type", "session_ended", "session", (json_int_t)session,
                        "text", text));
}

void cw_event_signed_out(struct cw_control *c, uint32_t account, const char *text)
{
    send_json(c, account, json_pack("{s:s, s:s}", "type", "signed_out", "text", text));
}

void cw_event_flush(struct cw_control *c)
{
    uint64_t now_ms = cw_control_now_unix_ms(c);

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
    if (now_ms < c->consoles_ms + CW_CONSOLE_CHECK_S * 1000)
        return;
    c->consoles_ms = now_ms;
    for (uint32_t i = c->console_count; i-- > 0;) {
        const uint32_t account = c->consoles[i];
        uint32_t valid = 1;
        if (cw_store_sign_in_count_valid(c->store, account, now_ms, &valid) != 0 || valid > 0)
            continue;
        cw_event_signed_out(c, account, "Your sign-in has expired. Sign in again.");
        cw_send_drop_console(c, account, CW_CLOSE_OK);
        c->consoles[i] = c->consoles[--c->console_count];
    }
}
