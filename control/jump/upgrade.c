/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/upgrade.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/audit/audit.h"
#include "control/jump/device.h"
#include "control/jump/device_order.h"
#include "control/jump/jump.h"
#include "control/jump/program.h"
#include "control/link/link_server.h"
#include "control/session/event.h"
#include "control/store/store_upgrade.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

enum { TICK_EVERY_MS = 1000, SCAN_DEVICES_MAX = 5000, REFRESH_DEVICES_MAX = 100 };

static const uint8_t nothing[CW_SHA256_BYTES];

int cw_upgrade_new(struct cw_control *c)
{
    c->upgrades = calloc(1, sizeof *c->upgrades);
    return c->upgrades != NULL ? 0 : CW_ERR_NOMEM;
}

void cw_upgrade_free(struct cw_control *c)
{
    free(c->upgrades);
    c->upgrades = NULL;
}

static struct cw_upgrade_slot *slot_of(struct cw_upgrades *u, uint32_t item)
{
    for (uint32_t i = 0; i < u->count; i++)
        if (u->slots[i].item == item)
            return &u->slots[i];
    return NULL;
}

static void free_slot(struct cw_upgrades *u, struct cw_upgrade_slot *slot)
{
    *slot = u->slots[--u->count];
}

static bool is_same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, CW_SHA256_BYTES) == 0;
}

bool cw_upgrade_is_needed(const struct cw_control *c, const struct cw_device *device)
{
    const struct cw_upgrades *u = c->upgrades;

    return u->has_offer && !is_same(device->program, nothing) &&
           strcmp(device->machine, u->offer.machine) == 0 &&
           !is_same(device->program, u->offer.sha256);
}

/* ---- how it ended ------------------------------------------------------------------------------ */

/* In a transaction. */
static int store_end(struct cw_control *c, const struct cw_device *device, const char *why)
{
    const struct cw_actor actor = cw_actor_appliance();
    const struct cw_program_offer *offer = &c->upgrades->offer;
    struct cw_upgrade_failure failure = {.item = device->id, .time_ms = cw_control_now_unix_ms(c)};
    char object[32];
    char hash[CW_SHA256_BYTES * 2 + 1];
    int err = 0;

    snprintf(object, sizeof object, "jump item %u", device->id);
    cw_program_hash_text(offer->sha256, hash);
    if (why == NULL) {
        err = cw_store_upgrade_remove(c->store, device->id);
    } else {
        memcpy(failure.program, offer->sha256, sizeof failure.program);
        snprintf(failure.why, sizeof failure.why, "%s", why);
        err = cw_store_upgrade_put(c->store, &failure);
    }
    if (err != 0)
        return err;
    return cw_audit(c, &actor, "jump_item.upgrade", object, why == NULL ? "ok" : "failed",
                    "version %s, program %.16s%s%s", offer->version, hash, why == NULL ? "" : ": ",
                    why == NULL ? "" : why);
}

/* why: NULL when it runs the program now. */
static void end(struct cw_control *c, struct cw_device *device, const char *why)
{
    struct cw_upgrade_slot *slot = slot_of(c->upgrades, device->id);
    int err = 0;

    if (slot != NULL)
        free_slot(c->upgrades, slot);
    device->upgrade_tries = 0;
    if (why != NULL)
        memcpy(device->failed_program, c->upgrades->offer.sha256, CW_SHA256_BYTES);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = store_end(c, device, why);
    err = cw_store_end(c->store, err);
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.upgrade",
               "how the upgrade of Jump Item %u ended is not stored: %s", device->id,
               cw_err_text(err));
}

/* ---- what clients say ------------------------------------------------------------------------- */

void cw_upgrade_on_up(struct cw_control *c, struct cw_device *device)
{
    struct cw_upgrade_slot *slot = slot_of(c->upgrades, device->id);
    struct cw_upgrade_failure failure;

    device->program_ms = 0;
    if (slot != NULL)
        slot->is_told = false;
    if (cw_store_upgrade_get(c->store, device->id, &failure) == 0)
        memcpy(device->failed_program, failure.program, sizeof device->failed_program);
}

static void tell(struct cw_control *c, const struct cw_device *device, struct cw_upgrade_slot *slot)
{
    const struct cw_upgrades *u = c->upgrades;
    char hash[(CW_SHA256_BYTES * 4 + 2) / 3 + 1];
    char signature[(CW_SIGNATURE_BYTES * 4 + 2) / 3 + 1];

    slot->is_told = true;
    cw_base64url_encode(u->offer.sha256, CW_SHA256_BYTES, hash);
    cw_base64url_encode(u->signature, sizeof u->signature, signature);
    cw_device_order(device,
                    json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "order", "upgrade", "version",
                              u->offer.version, "machine", u->offer.machine, "size",
                              (json_int_t)u->offer.size, "sha256", hash, "signature", signature));
}

/* One change a second, besides the first of a connection. */
static void take_program(struct cw_control *c, struct cw_device *device, const json_t *report)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const json_t *program = json_object_get(report, "program");
    const char *machine = json_string_value(json_object_get(report, "machine"));
    uint8_t hash[CW_SHA256_BYTES];

    if (!json_is_string(program) || machine == NULL || strlen(machine) >= sizeof device->machine ||
        now_ms < device->program_ms + 1000 ||
        cw_base64url_decode(json_string_value(program), json_string_length(program), hash,
                            sizeof hash) != 0)
        return;
    const bool is_new = !is_same(hash, device->program);
    device->program_ms = now_ms;
    snprintf(device->machine, sizeof device->machine, "%s", machine);
    memcpy(device->program, hash, sizeof hash);
    if (is_new) {
        cw_jump_refresh(c, device->id);
        cw_event_jump_items_changed(c);
    }
}

/* Only who was told can have failed, once, with this program. */
static bool take_failure(struct cw_control *c, struct cw_device *device, const json_t *report)
{
    const json_t *why = json_object_get(report, "upgrade_failed");
    const json_t *program = json_object_get(report, "upgrade_program");
    uint8_t hash[CW_SHA256_BYTES];

    if (!json_is_string(why) || !json_is_string(program) ||
        slot_of(c->upgrades, device->id) == NULL ||
        json_string_length(why) > CW_UPGRADE_WHY_BYTES_MAX ||
        !cw_text_is_clean(json_string_value(why), json_string_length(why)) ||
        strpbrk(json_string_value(why), "\n\t") != NULL ||
        cw_base64url_decode(json_string_value(program), json_string_length(program), hash,
                            sizeof hash) != 0 ||
        !is_same(hash, c->upgrades->offer.sha256))
        return false;
    end(c, device, json_string_value(why));
    return true;
}

void cw_upgrade_on_report(struct cw_control *c, struct cw_device *device, const json_t *report)
{
    struct cw_upgrade_slot *slot = slot_of(c->upgrades, device->id);

    if (slot != NULL)
        slot->heard_ms = cw_control_now_unix_ms(c);
    if (json_is_true(json_object_get(report, "is_trial")))
        return; /* the new program, by itself: the one that comes next counts */
    take_program(c, device, report);
    if (take_failure(c, device, report) || (slot == NULL && device->upgrade_tries == 0))
        return;
    if (c->upgrades->has_offer && is_same(device->program, c->upgrades->offer.sha256))
        end(c, device, NULL);
    else if (slot != NULL && !slot->is_told)
        tell(c, device, slot);
}

void cw_upgrade_on_fetch(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_upgrades *u = c->upgrades;
    const struct cw_device *device = cw_device_find(c, m->participant);
    const struct cw_program *program = &c->jump->program;
    static uint8_t chunk[8 + CW_PROGRAM_PIECE_BYTES]; /* the state thread's */
    uint64_t offset = 0;
    size_t n = 0;

    if (device == NULL || m->bytes_count != 8)
        return;
    for (unsigned i = 0; i < 8; i++)
        offset |= (uint64_t)m->bytes[i] << (8 * i);
    memcpy(chunk, m->bytes, 8);
    struct cw_upgrade_slot *slot = slot_of(u, device->id);
    if (slot != NULL && program->bytes != NULL && is_same(program->sha256, u->offer.sha256) &&
        offset < program->size && slot->sent <= 4 * (uint64_t)program->size) {
        n = program->size - offset < CW_PROGRAM_PIECE_BYTES ? program->size - offset
                                                            : CW_PROGRAM_PIECE_BYTES;
        memcpy(chunk + 8, program->bytes + offset, n);
        slot->sent += n;
        slot->heard_ms = cw_control_now_unix_ms(c);
    }
    cw_send_device(device, CW_MESSAGE_DEVICE_CHUNK, chunk, 8 + n);
}

/* ---- waves ------------------------------------------------------------------------------------ */

/* Looks what is offered; another program ends what was begun with the one before. */
static void follow_program(struct cw_control *c)
{
    struct cw_upgrades *u = c->upgrades;
    const struct cw_program *p = NULL;
    const bool has_offer =
        cw_program_look(c, &p) == 0 && p->version[0] != '\0' && strcmp(p->machine, "other") != 0;
    struct cw_program_offer offer = {0};

    if (has_offer == u->has_offer && (!has_offer || is_same(p->sha256, u->offer.sha256)))
        return;
    u->count = 0;
    u->refreshed = 0;
    u->has_offer = false;
    if (!has_offer)
        return;
    offer.size = p->size;
    memcpy(offer.sha256, p->sha256, sizeof offer.sha256);
    snprintf(offer.machine, sizeof offer.machine, "%s", p->machine);
    snprintf(offer.version, sizeof offer.version, "%s", p->version);
    if (cw_program_offer_sign(&offer, c->ticket_seed, u->signature) != 0)
        return;
    u->offer = offer;
    u->has_offer = true;
    for (uint32_t i = 0; i < c->device_count; i++)
        c->devices[i].upgrade_tries = 0;
}

/* Searches find those that need the program: some at each tick, each costs a look into the store. */
static void refresh_some(struct cw_control *c)
{
    struct cw_upgrades *u = c->upgrades;
    uint32_t work = REFRESH_DEVICES_MAX;

    while (u->refreshed < c->device_count && work > 0) {
        const struct cw_device *device = &c->devices[u->refreshed++];
        if (device->link == NULL || is_same(device->program, nothing))
            continue;
        cw_jump_refresh(c, device->id);
        work--;
    }
    if (work < REFRESH_DEVICES_MAX)
        cw_event_jump_items_changed(c);
}

/* Who is silent makes room for another; it may come back by itself, or is told again. */
static void drop_silent(struct cw_control *c, uint64_t now_ms)
{
    struct cw_upgrades *u = c->upgrades;

    for (uint32_t i = u->count; i-- > 0;) {
        struct cw_device *device = cw_device_find(c, u->slots[i].item);
        if (now_ms < u->slots[i].heard_ms + CW_UPGRADE_SILENT_S * UINT64_C(1000))
            continue;
        if (device != NULL && device->upgrade_tries >= CW_UPGRADE_TRIES_MAX)
            end(c, device, "It was told three times, and was not heard to run the new program.");
        else
            free_slot(u, &u->slots[i]);
    }
}

static bool is_next(struct cw_control *c, const struct cw_device *device)
{
    return device->link != NULL && cw_upgrade_is_needed(c, device) &&
           !is_same(device->failed_program, c->upgrades->offer.sha256) &&
           slot_of(c->upgrades, device->id) == NULL && cw_live_of_item(c, device->id) == NULL;
}

static void fill(struct cw_control *c, uint64_t now_ms)
{
    struct cw_upgrades *u = c->upgrades;
    const uint64_t at_once = cw_option(c, CW_OPTION_JUMP_UPGRADE_AT_ONCE);

    for (uint32_t i = 0; i < c->device_count && i < SCAN_DEVICES_MAX && u->count < at_once; i++) {
        if (u->scanned >= c->device_count)
            u->scanned = 0;
        struct cw_device *device = &c->devices[u->scanned++];
        if (!is_next(c, device))
            continue;
        struct cw_upgrade_slot *slot = &u->slots[u->count++];
        *slot =
            (struct cw_upgrade_slot){.item = device->id, .started_ms = now_ms, .heard_ms = now_ms};
        device->upgrade_tries++;
        tell(c, device, slot);
    }
}

void cw_upgrade_tick(struct cw_control *c, uint64_t now_ms)
{
    struct cw_upgrades *u = c->upgrades;

    if (now_ms >= u->ticked_ms && now_ms - u->ticked_ms < TICK_EVERY_MS)
        return;
    u->ticked_ms = now_ms;
    follow_program(c);
    refresh_some(c);
    drop_silent(c, now_ms);
    if (u->has_offer && cw_option(c, CW_OPTION_JUMP_UPGRADE) != 0 &&
        cw_store_is_writable(c->store, NULL))
        fill(c, now_ms);
}
