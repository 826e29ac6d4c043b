/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/device.h"

#include <stdio.h>
#include <string.h>

#include "control/session/event.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

bool cw_device_is_online(struct cw_control *c, uint32_t id)
{
    const struct cw_device *device = cw_device_find(c, id);

    return device != NULL && device->link != NULL;
}

uint32_t cw_device_online_count(const struct cw_control *c)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->device_count; i++)
        count += c->devices[i].link != NULL;
    return count;
}

static void seen(struct cw_control *c, struct cw_device *device)
{
    device->seen_ms = cw_control_now_unix_ms(c);
    device->is_unsaved = true;
}

void cw_device_on_up(struct cw_control *c, struct cw_control_link *link,
                     const struct cw_link_message *m)
{
    struct cw_jump_item item;
    struct cw_device *device = NULL;
    int err = cw_store_jump_item_get(c->store, m->participant, &item);

    /* Removed while it was away, or never enrolled here: its ticket is denied too, this is for one
     * that was connected before the denial arrived. */
    if (err == CW_ERR_NOT_FOUND || (err == 0 && item.is_removed)) {
        struct cw_link_message drop = {
            .type = CW_LINK_DROP_DEVICE, .participant = m->participant, .code = CW_CLOSE_REMOVED};
        cw_link_send(link, &drop);
        return;
    }
    if (err != 0 || cw_device_add(c, m->participant, &device) != 0)
        return;
    device->link = link;
    device->up_ms = cw_control_now_unix_ms(c);
    seen(c, device);
    cw_event_jump_items_changed(c);
}

void cw_device_on_down(struct cw_control *c, const struct cw_control_link *link,
                       const struct cw_link_message *m)
{
    struct cw_device *device = cw_device_find(c, m->participant);

    /* It may have come back through another worker before this one noticed. */
    if (device == NULL || device->link != link || m->code == CW_CLOSE_REPLACED)
        return;
    device->link = NULL;
    seen(c, device);
    cw_event_jump_items_changed(c);
}

void cw_device_link_lost(struct cw_control *c, const struct cw_control_link *link)
{
    for (uint32_t i = 0; i < c->device_count; i++) {
        if (c->devices[i].link != link)
            continue;
        c->devices[i].link = NULL;
        seen(c, &c->devices[i]);
        cw_event_jump_items_changed(c);
    }
}

/* Copies a member of a device's report. What is too long or not clean text leaves the old value. */
static void take_text(const json_t *report, const char *member, char *out, size_t out_size,
                      bool *changed)
{
    const json_t *value = json_object_get(report, member);
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);

    if (text == NULL || n >= out_size || !cw_text_is_clean(text, n) || strcmp(text, out) == 0)
        return;
    memcpy(out, text, n + 1);
    *changed = true;
}

void cw_device_on_statistics(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_device *device = cw_device_find(c, m->participant);
    struct cw_jump_item item;
    bool changed = false;
    json_t *report = NULL;
    int err = 0;

    if (device == NULL || cw_store_jump_item_get(c->store, m->participant, &item) != 0)
        return;
    seen(c, device);
    report = json_loadb((const char *)m->bytes, m->bytes_count, JSON_REJECT_DUPLICATES, NULL);
    if (report == NULL)
        return;
    take_text(report, "hostname", item.hostname, sizeof item.hostname, &changed);
    take_text(report, "platform", item.platform, sizeof item.platform, &changed);
    take_text(report, "user", item.user, sizeof item.user, &changed);
    json_decref(report);
    if (!changed || device->seen_ms < device->described_ms + CW_DESCRIBE_EVERY_S * 1000)
        return;
    device->described_ms = device->seen_ms;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_item_describe(c->store, &item);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_event_jump_items_changed(c);
}

void cw_device_save(struct cw_control *c)
{
    bool has_unsaved = false;
    int err = 0;

    for (uint32_t i = 0; i < c->device_count && !has_unsaved; i++)
        has_unsaved = c->devices[i].is_unsaved;
    if (!has_unsaved)
        return;
    err = cw_store_begin(c->store);
    for (uint32_t i = 0; err == 0 && i < c->device_count; i++)
        if (c->devices[i].is_unsaved)
            err = cw_store_jump_item_seen(c->store, c->devices[i].id, c->devices[i].seen_ms);
    err = cw_store_end(c->store, err);
    for (uint32_t i = 0; err == 0 && i < c->device_count; i++)
        c->devices[i].is_unsaved = false;
}
