/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator is shown: the appliance's state and its audit log. */
#include "control/api/operations.h"
#include "control/audit/audit.h"
#include "control/jump/device.h"
#include "control/link/link_server.h"
#include "engine/base/err.h"

static json_t *workers_json(const struct cw_control *c)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < c->link_count; i++) {
        const struct cw_control_link *link = c->links[i];
        if (!link->is_synced)
            continue;
        json_array_append_new(
            rows, json_pack("{s:i, s:I, s:o}", "worker", link->worker, "linked_since_unix_ms",
                            (json_int_t)link->synced_ms, "status",
                            link->status != NULL ? json_incref(link->status) : json_null()));
    }
    return rows;
}

int cw_op_show_info(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const char *reason = "";
    const bool is_writable = cw_store_is_writable(c->store, &reason);
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint32_t by_state[CW_SESSION_ENDED + 1] = {0};
    uint32_t items = 0;
    char identity[65];
    int err = cw_store_jump_item_count(c->store, &items);

    (void)request;
    if (err != 0)
        return err;
    for (uint32_t i = 0; i < c->live_count; i++)
        if (!c->live[i]->is_over)
            by_state[c->live[i]->row.state]++;
    cw_identity_hex(c, identity);
    reply->json = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:b, s:{s:b, s:s}, s:{s:i, s:i}, s:{s:i, s:i}, s:o}",
        "name", c->name, "version", c->version, "public_origin", c->public_origin, "identity",
        identity, "started_unix_ms", (json_int_t)c->started_ms, "uptime_s",
        (json_int_t)(now_ms > c->started_ms ? (now_ms - c->started_ms) / 1000 : 0), "ready",
        is_writable && cw_links_are_complete(c) && !c->is_draining ? "yes" : "no", "draining",
        c->is_draining, "store", "writable", is_writable, "reason", reason, "sessions", "waiting",
        (int)by_state[CW_SESSION_WAITING], "active", (int)by_state[CW_SESSION_ACTIVE],
        "jump_clients", "total", (int)items, "online", (int)cw_device_online_count(c), "workers",
        workers_json(c));
    return 0;
}

static int audit_one(void *user, const struct cw_audit_row *row)
{
    json_t *json = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->id,
                             "time_unix_ms", (json_int_t)row->time_ms, "actor", row->actor,
                             "source", row->source, "action", row->action, "object", row->object,
                             "result", row->result, "detail", row->detail);

    return json_array_append_new(user, json) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_audit_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_audit_each(c->store, CW_AUDIT_LIST_MAX, audit_one, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "rows", rows);
    return err;
}
