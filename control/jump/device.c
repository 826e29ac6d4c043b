/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/jump/device_order.h"
#include "control/jump/jump.h"
#include "control/jump/report.h"
#include "control/jump/upgrade.h"
#include "control/jump/waking.h"
#include "control/link/source.h"
#include "control/session/event.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
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

int cw_device_detail(struct cw_control *c, uint32_t id, struct cw_jump_detail *ret)
{
    const struct cw_device *device = cw_device_find(c, id);
    int err = cw_store_detail_get(c->store, id, ret);

    if (err == 0 && device != NULL && device->unsaved != NULL)
        cw_report_copy(ret, device->unsaved);
    return err;
}

/* ---- what the store lacks --------------------------------------------------------------------- */

static void drop_picture(struct cw_control *c, struct cw_device *device)
{
    if (device->picture == NULL)
        return;
    free(device->picture);
    device->picture = NULL;
    c->unsaved_count--;
}

static bool has_report(const struct cw_device *device)
{
    return device->unsaved != NULL || device->picture != NULL;
}

/* In a transaction: what the store lacks of one. */
static int save_one(struct cw_control *c, const struct cw_device *device)
{
    int err =
        device->is_unsaved ? cw_store_jump_item_seen(c->store, device->id, device->seen_ms) : 0;

    if (err == 0 && device->unsaved != NULL)
        err = cw_store_detail_report(c->store, device->unsaved);
    if (err == 0 && device->picture != NULL)
        err = cw_store_thumbnail_put(c->store, device->id, device->picture->time_ms,
                                     device->picture->data, device->picture->bytes);
    return err;
}

static bool is_wanted(const struct cw_device *device, bool only_reports)
{
    return has_report(device) || (device->is_unsaved && !only_reports);
}

/* In one transaction those of the devices from..to - 1 that are wanted. */
static int save_range(struct cw_control *c, uint32_t from, uint32_t to, bool only_reports)
{
    int err = cw_store_begin(c->store);

    for (uint32_t i = from; err == 0 && i < to; i++)
        if (is_wanted(&c->devices[i], only_reports))
            err = save_one(c, &c->devices[i]);
    err = cw_store_end(c->store, err);
    for (uint32_t i = from; err == 0 && i < to; i++) {
        struct cw_device *device = &c->devices[i];
        if (!is_wanted(device, only_reports))
            continue;
        device->is_unsaved = false;
        drop_picture(c, device);
        c->unsaved_count -= device->unsaved != NULL;
        free(device->unsaved);
        device->unsaved = NULL;
    }
    return err;
}

/* Makes room for reports. */
static void save_reports(struct cw_control *c)
{
    uint32_t from = 0;
    uint32_t to = c->device_count;

    while (from < to && !has_report(&c->devices[from]))
        from++;
    while (to > from && !has_report(&c->devices[to - 1]))
        to--;
    if (from < to)
        (void)save_range(c, from, to, true);
}

/* The next of them, up to max; where they end is remembered. */
static int save_some(struct cw_control *c, uint32_t max)
{
    uint32_t from = c->device_saved < c->device_count ? c->device_saved : 0;
    uint32_t to = from;
    uint32_t count = 0;

    for (; to < c->device_count && count < max; to++)
        count += is_wanted(&c->devices[to], false);
    c->device_saved = to < c->device_count ? to : 0;
    return count > 0 ? save_range(c, from, to, false) : 0;
}

void cw_device_tick(struct cw_control *c)
{
    (void)save_some(c, CW_DEVICE_SAVES_PER_PART);
}

void cw_device_save(struct cw_control *c)
{
    c->device_saved = 0;
    (void)save_some(c, UINT32_MAX);
}

/* ---- what they say ----------------------------------------------------------------------------- */

/* The device's report to be, from what is known now; stored: what the store has of it, NULL: it is read. */
static struct cw_jump_detail *unsaved_of(struct cw_control *c, struct cw_device *device,
                                         const struct cw_jump_detail *stored)
{
    if (device->unsaved != NULL)
        return device->unsaved;
    if (c->unsaved_count >= CW_DEVICE_UNSAVED_MAX)
        save_reports(c);
    if (c->unsaved_count >= CW_DEVICE_UNSAVED_MAX)
        return NULL; /* the store cannot be written */
    struct cw_jump_detail *detail = malloc(sizeof *detail);
    if (detail != NULL && stored != NULL) {
        *detail = *stored;
    } else if (detail == NULL || cw_store_detail_get(c->store, device->id, detail) != 0) {
        free(detail);
        return NULL;
    }
    c->unsaved_count++;
    device->unsaved = detail;
    return detail;
}

/* What is shown and searched of an item follows its report at once. */
static void changed(struct cw_control *c, uint32_t id)
{
    cw_jump_refresh(c, id);
    cw_event_jump_items_changed(c);
}

/* From where it connects, and that it is online; detail becomes what is known of it now. After a restart 75,000 come
 * at once: what has not changed is not written, and its texts are not folded again. */
static void take_source(struct cw_control *c, struct cw_device *device, const char *source,
                        struct cw_jump_detail *detail)
{
    struct cw_jump_detail *report = device->unsaved;

    if (report == NULL && strcmp(source, detail->public_ip) != 0)
        report = unsaved_of(c, device, detail);
    if (report == NULL) {
        cw_jump_state_changed(c, detail);
        return;
    }
    snprintf(report->public_ip, sizeof report->public_ip, "%s", source);
    cw_report_copy(detail, report);
    cw_jump_put(c, detail);
}

void cw_device_on_up(struct cw_control *c, struct cw_control_link *link,
                     const struct cw_link_message *m)
{
    struct cw_jump_detail detail;
    struct cw_device *device = NULL;
    char source[64];
    int err = cw_store_detail_get(c->store, m->participant, &detail);

    /* Removed while it was away, or never enrolled here: its ticket is denied too, this is for one
     * that was connected before the denial arrived. */
    if (err == CW_ERR_NOT_FOUND || (err == 0 && detail.item.is_removed)) {
        struct cw_link_message drop = {
            .type = CW_LINK_DROP_DEVICE, .participant = m->participant, .code = CW_CLOSE_REMOVED};
        cw_link_send(link, &drop);
        return;
    }
    if (err != 0 || cw_device_add(c, m->participant, &device) != 0)
        return;
    device->link = link;
    device->up_ms = cw_control_now_unix_ms(c);
    device->is_passive = detail.mode == CW_JUMP_PASSIVE;
    seen(c, device);
    cw_upgrade_on_up(c, device);
    cw_source_text(m->address, source, sizeof source);
    take_source(c, device, source, &detail);
    cw_event_jump_items_changed(c);
    const uint32_t id = device->id;
    cw_device_order_on_up(c, device, &detail);
    cw_waking_on_up(c, id);
}

/* With a worker 75,000 go at once: nothing is read for it. */
static void went(struct cw_control *c, struct cw_device *device)
{
    device->link = NULL;
    seen(c, device);
    cw_jump_went_offline(c, device);
}

void cw_device_on_down(struct cw_control *c, const struct cw_control_link *link,
                       const struct cw_link_message *m)
{
    struct cw_device *device = cw_device_find(c, m->participant);

    /* It may have come back through another worker before this one noticed. */
    if (device == NULL || device->link != link || m->code == CW_CLOSE_REPLACED)
        return;
    went(c, device);
    cw_event_jump_items_changed(c);
}

void cw_device_link_lost(struct cw_control *c, const struct cw_control_link *link)
{
    for (uint32_t i = 0; i < c->device_count; i++) {
        if (c->devices[i].link != link)
            continue;
        went(c, &c->devices[i]);
        cw_event_jump_items_changed(c);
    }
}

/* Its user disabled or enabled it: that is heard even between reports, a change a second. */
static bool is_switched_by(struct cw_control *c, struct cw_device *device, const json_t *json)
{
    const json_t *disabled = json_object_get(json, "is_disabled");
    struct cw_jump_detail detail;

    if (!json_is_boolean(disabled) || device->seen_ms < device->switched_ms + 1000 ||
        cw_device_detail(c, device->id, &detail) != 0 ||
        detail.is_disabled == json_is_true(disabled))
        return false;
    device->switched_ms = device->seen_ms;
    return true;
}

void cw_device_on_statistics(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_device *device = cw_device_find(c, m->participant);
    struct cw_jump_detail *report = NULL;
    json_t *json = NULL;

    if (device == NULL)
        return;
    seen(c, device);
    json = json_loadb((const char *)m->bytes, m->bytes_count, JSON_REJECT_DUPLICATES, NULL);
    const bool has_left = json_is_true(json_object_get(json, "has_left"));
    const bool is_early =
        device->seen_ms < device->described_ms + CW_DESCRIBE_EVERY_S * UINT64_C(1000);
    const bool is_switched = is_switched_by(c, device, json);
    report = json_is_object(json) && (has_left || is_switched || !is_early)
                 ? unsaved_of(c, device, NULL)
                 : NULL;
    if (report != NULL) {
        device->described_ms = device->seen_ms;
        report->reported_ms = device->seen_ms;
        cw_report_take(json, report);
        changed(c, device->id);
    }
    if (json_is_object(json))
        cw_upgrade_on_report(c, device, json);
    if (report != NULL)
        cw_device_order_on_report(c, report, json);
    json_decref(json);
}

void cw_device_on_thumbnail(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_device *device = cw_device_find(c, m->participant);
    struct cw_device_picture *picture = NULL;

    if (device == NULL || m->bytes_count > CW_THUMBNAIL_BYTES_MAX ||
        !cw_report_is_picture(m->bytes, m->bytes_count))
        return;
    seen(c, device);
    drop_picture(c, device);
    if (c->unsaved_count >= CW_DEVICE_UNSAVED_MAX)
        save_reports(c);
    if (c->unsaved_count < CW_DEVICE_UNSAVED_MAX)
        picture = malloc(sizeof *picture + m->bytes_count);
    if (picture == NULL)
        return;
    picture->time_ms = device->seen_ms;
    picture->bytes = m->bytes_count;
    memcpy(picture->data, m->bytes, m->bytes_count);
    device->picture = picture;
    c->unsaved_count++;
}

int cw_device_thumbnail(struct cw_control *c, uint32_t id, uint64_t *ret_time_ms, void *picture,
                        size_t *ret_bytes)
{
    const struct cw_device *device = cw_device_find(c, id);

    if (device == NULL || device->picture == NULL)
        return cw_store_thumbnail_get(c->store, id, ret_time_ms, picture, ret_bytes);
    *ret_time_ms = device->picture->time_ms;
    *ret_bytes = device->picture->bytes;
    memcpy(picture, device->picture->data, device->picture->bytes);
    return 0;
}
