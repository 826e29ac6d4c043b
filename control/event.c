/* SPDX-License-Identifier: Apache-2.0 */
#include "control/event.h"

#include <stdlib.h>
#include <string.h>

#include "control/link_server.h"

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
