/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items as callers see them. */
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/jump/upgrade.h"
#include "control/policy/policies.h"

static json_t *time_or_null(uint64_t time_ms)
{
    return time_ms != 0 ? json_integer((json_int_t)time_ms) : json_null();
}

const char *cw_jump_presence_word(uint8_t presence)
{
    static const char *const words[CW_PRESENCE_COUNT] = {"unknown", "logged_in", "logged_out",
                                                         "locked", "screen_saver"};

    return presence < CW_PRESENCE_COUNT ? words[presence] : words[CW_PRESENCE_UNKNOWN];
}

/* An item is listed once, whatever groups it has copies in; those that may be seen. */
static json_t *copies_of(struct cw_control *c, const struct cw_jump_view *view, uint32_t item)
{
    json_t *rows = json_array();
    uint32_t count = 0;
    const struct cw_jump_copy *copies = cw_policies_copies(c, item, &count);

    for (uint32_t i = 0; i < count; i++)
        if (view->sees_all || cw_jump_view_has_group(view, copies[i].group))
            (void)json_array_append_new(rows,
                                        json_pack("{s:I, s:I}", "copy", (json_int_t)copies[i].id,
                                                  "group_id", (json_int_t)copies[i].group));
    return rows;
}

json_t *cw_jump_row(struct cw_control *c, const struct cw_jump_view *view,
                    const struct cw_jump_detail *d)
{
    const uint32_t session = cw_jump_view_session(view, d->item.id);
    const struct cw_device *device = cw_device_find(c, d->item.id);
    const bool is_online = device != NULL && device->link != NULL;
    const enum cw_jump_state state =
        session != 0 ? CW_JUMP_STATE_IN_SESSION : cw_jump_state_of(c, d);
    uint64_t seen_ms = d->item.last_seen_ms;
    json_t *row = NULL;

    if (device != NULL && device->seen_ms > seen_ms)
        seen_ms = device->seen_ms;
    if (is_online)
        seen_ms = cw_control_now_unix_ms(c);
    row = json_pack("{s:I, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:b}",
                    "id", (json_int_t)d->item.id, "name", d->item.name, "group", d->item.group,
                    "group_id", (json_int_t)d->group, "state", cw_jump_state_word(state),
                    "presence", cw_jump_presence_word(d->presence), "tag", d->tag, "method",
                    "jump_client", "last_access_unix_ms", time_or_null(d->item.last_access_ms),
                    "last_seen_unix_ms", time_or_null(seen_ms), "hostname", d->item.hostname,
                    "platform", d->item.platform, "user", d->item.user, "session",
                    session != 0 ? json_integer((json_int_t)session) : json_null(), "needs_update",
                    is_online && cw_upgrade_is_needed(c, device));
    if (row != NULL)
        (void)json_object_set_new(row, "copies", copies_of(c, view, d->item.id));
    return row;
}

json_t *cw_jump_whole(struct cw_control *c, const struct cw_jump_view *view,
                      const struct cw_jump_detail *d)
{
    json_t *row = cw_jump_row(c, view, d);
    json_t *more =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:o, s:o, s:o}",
                  "comments", d->comments, "workgroup", d->workgroup, "domain", d->domain, "fqdn",
                  d->fqdn, "private_ip", d->private_ip, "public_ip", d->public_ip, "version",
                  d->version, "mode", d->mode == CW_JUMP_PASSIVE ? "passive" : "active", "port",
                  d->port, "start_quietly", d->is_quiet, "is_disabled", d->is_disabled,
                  "expires_unix_ms", time_or_null(d->expires_ms), "created_unix_ms",
                  time_or_null(d->created_ms), "reported_unix_ms", time_or_null(d->reported_ms));
    json_t *statistics =
        d->statistics[0] != '\0' ? json_loads(d->statistics, 0, NULL) : json_object();

    bool is_whole = row != NULL && more != NULL && json_object_update(row, more) == 0;

    is_whole = json_object_set_new(row, "statistics", statistics) == 0 && is_whole;
    json_decref(more);
    if (is_whole)
        return row;
    json_decref(row);
    return NULL;
}
