/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/device_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum { SETTINGS_BYTES = 512 }; /* all numbers at their longest: 420 */

void cw_device_order(const struct cw_device *device, json_t *order)
{
    char *text = order != NULL ? json_dumps(order, JSON_COMPACT) : NULL;

    if (text != NULL && strlen(text) <= CW_DEVICE_ORDER_BYTES_MAX)
        cw_send_device(device, CW_MESSAGE_DEVICE_ORDER, text, strlen(text));
    free(text);
    json_decref(order);
}

/* Numbers and words that need no quoting: 75,000 of them are written after a restart. */
static void send_settings(struct cw_control *c, const struct cw_device *device,
                          const struct cw_jump_detail *detail)
{
    char key[CW_HOLDER_KEY_TEXT_BYTES + 1];
    char text[SETTINGS_BYTES];
    int n = 0;

    cw_base64url_encode(c->ticket_key, sizeof c->ticket_key, key);
    n = snprintf(text, sizeof text,
                 "{\"order\":\"settings\",\"statistics_s\":%llu,\"thumbnail_s\":%llu,"
                 "\"mode\":\"%s\",\"port\":%u,\"start_quietly\":%s,\"control_key\":\"%s\","
                 "\"wake_number\":%llu,\"time_unix_ms\":%llu,\"checkin_s\":%llu,\"awake_s\":%llu}",
                 (unsigned long long)cw_option(c, CW_OPTION_JUMP_STATISTICS_S),
                 (unsigned long long)cw_option(c, CW_OPTION_JUMP_THUMBNAIL_S),
                 detail->mode == CW_JUMP_PASSIVE ? "passive" : "active", detail->port,
                 detail->is_quiet ? "true" : "false", key, (unsigned long long)detail->wake,
                 (unsigned long long)cw_control_now_unix_ms(c),
                 (unsigned long long)cw_option(c, CW_OPTION_JUMP_PASSIVE_CHECKIN_MIN) * 60,
                 (unsigned long long)cw_option(c, CW_OPTION_JUMP_PASSIVE_AWAKE_S));
    cw_send_device(device, CW_MESSAGE_DEVICE_ORDER, text, (size_t)n);
}

static void send_uninstall(const struct cw_device *device)
{
    cw_device_order(device, json_pack("{s:s}", "order", "uninstall"));
}

void cw_device_order_on_up(struct cw_control *c, const struct cw_device *device,
                           const struct cw_jump_detail *detail)
{
    if (detail->is_leaving)
        send_uninstall(device);
    else
        send_settings(c, device, detail);
}

void cw_device_order_settings_changed(struct cw_control *c)
{
    struct cw_jump_detail detail;

    for (uint32_t i = 0; i < c->device_count; i++)
        if (c->devices[i].link != NULL && cw_device_detail(c, c->devices[i].id, &detail) == 0)
            send_settings(c, &c->devices[i], &detail);
}

void cw_device_order_on_report(struct cw_control *c, const struct cw_jump_detail *detail,
                               const json_t *report)
{
    const struct cw_actor actor = cw_actor_named("device", detail->public_ip);
    struct cw_jump_item item = detail->item;

    if (!json_is_true(json_object_get(report, "has_left")))
        return;
    const int err = cw_jump_remove(c, &actor, &item, "it has uninstalled itself");
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.jump", "Jump Item %u has left and cannot be removed: %s",
               item.id, cw_err_text(err));
}

int cw_device_order_uninstall(struct cw_control *c, const struct cw_actor *actor,
                              const struct cw_jump_detail *detail, const char *why)
{
    const struct cw_device *device = cw_device_find(c, detail->item.id);
    char object[32];
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "jump item %u", detail->item.id);
    if (err == 0)
        err = cw_store_item_leaving(c->store, detail->item.id, true);
    if (err == 0)
        err = cw_audit(c, actor, "jump_item.uninstall", object, "ok", "%s%s%s", detail->item.name,
                       why[0] != '\0' ? ": " : "", why);
    err = cw_store_end(c->store, err);
    if (err == 0 && device != NULL && device->link != NULL)
        send_uninstall(device);
    return err;
}
