/* SPDX-License-Identifier: Apache-2.0 */
/* How far the upgrade of Jump Clients is, and what operators do about it. */
#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/jump/operations.h"
#include "control/jump/upgrade.h"
#include "control/store/store_upgrade.h"
#include "engine/base/err.h"

static json_t *program_json(const struct cw_upgrades *u)
{
    char hash[CW_SHA256_BYTES * 2 + 1];

    if (!u->has_offer)
        return json_null();
    cw_program_hash_text(u->offer.sha256, hash);
    return json_pack("{s:s, s:s, s:I, s:s}", "version", u->offer.version, "machine",
                     u->offer.machine, "size", (json_int_t)u->offer.size, "sha256", hash);
}

static json_t *underway_json(struct cw_control *c)
{
    json_t *rows = json_array();
    struct cw_jump_item item;

    for (uint32_t i = 0; i < c->upgrades->count; i++) {
        const struct cw_upgrade_slot *slot = &c->upgrades->slots[i];
        if (cw_store_jump_item_get(c->store, slot->item, &item) == 0)
            (void)json_array_append_new(
                rows, json_pack("{s:I, s:s, s:I, s:I}", "jump_item", (json_int_t)slot->item, "name",
                                item.name, "sent_bytes", (json_int_t)slot->sent, "started_unix_ms",
                                (json_int_t)slot->started_ms));
    }
    return rows;
}

struct listing {
    json_t *rows;
    uint32_t last;
};

static int list_one(void *user, const struct cw_upgrade_failure *failure)
{
    struct listing *l = user;

    l->last = failure->item;
    return json_array_append_new(
               l->rows, json_pack("{s:I, s:s, s:I, s:s}", "jump_item", (json_int_t)failure->item,
                                  "name", failure->name, "time_unix_ms",
                                  (json_int_t)failure->time_ms, "why", failure->why)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

static void count_devices(const struct cw_control *c, json_int_t *ret_online,
                          json_int_t *ret_current, json_int_t *ret_needing)
{
    *ret_online = *ret_current = *ret_needing = 0;
    for (uint32_t i = 0; i < c->device_count; i++) {
        const struct cw_device *device = &c->devices[i];
        *ret_online += device->link != NULL;
        *ret_needing += device->link != NULL && cw_upgrade_is_needed(c, device);
        *ret_current += device->link != NULL && c->upgrades->has_offer &&
                        memcmp(device->program, c->upgrades->offer.sha256, CW_SHA256_BYTES) == 0;
    }
}

int cw_op_upgrade_status(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const struct cw_upgrades *u = c->upgrades;
    struct listing l = {0};
    json_int_t online = 0, current = 0, needing = 0;
    uint64_t failed = 0;
    uint32_t after = 0, limit = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err == 0)
        err = cw_store_upgrade_count(c->store, u->offer.sha256, &failed);
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_upgrade_each(c->store, u->offer.sha256, after, limit, list_one, &l);
    if (err != 0) {
        json_decref(l.rows);
        return err;
    }
    const bool is_full = json_array_size(l.rows) == limit;
    count_devices(c, &online, &current, &needing);
    reply->json = json_pack("{s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "program",
                            program_json(u), "is_on", cw_option(c, CW_OPTION_JUMP_UPGRADE) != 0,
                            "at_once", (json_int_t)cw_option(c, CW_OPTION_JUMP_UPGRADE_AT_ONCE),
                            "online", online, "up_to_date", current, "need_update", needing,
                            "failed", (json_int_t)failed, "underway", underway_json(c), "failures",
                            l.rows, "next", is_full ? json_integer(l.last) : json_null());
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

static int put_switch(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply, uint64_t is_on)
{
    const int err = cw_body_only(request->body, "", reply);

    return err == 0 ? cw_option_change(c, request, reply, CW_OPTION_JUMP_UPGRADE, is_on) : err;
}

int cw_op_upgrade_pause(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    return put_switch(c, request, reply, 0);
}

int cw_op_upgrade_resume(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    return put_switch(c, request, reply, 1);
}

int cw_op_upgrade_retry(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_device *device = cw_device_find(c, request->path_id);
    struct cw_jump_item item;
    char object[32];
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_jump_item_get(c->store, request->path_id, &item);
    if (err == CW_ERR_NOT_FOUND || (err == 0 && item.is_removed))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item with the number %u.",
                         request->path_id);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump item %u", item.id);
    err = cw_store_upgrade_remove(c->store, item.id);
    if (err == 0)
        err = cw_audit(c, &actor, "upgrade.retry", object, "ok", "%s", item.name);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    if (device != NULL) {
        memset(device->failed_program, 0, sizeof device->failed_program);
        device->upgrade_tries = 0;
    }
    const bool is_online = device != NULL && device->link != NULL;
    reply->json = json_pack("{s:b, s:b}", "is_online", is_online, "needs_update",
                            is_online && cw_upgrade_is_needed(c, device));
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}
