/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/upgrade.h - Jump Clients are brought to the program that the appliance offers, some at a time.
 *
 * Owner:     struct cw_upgrades is control's (state.h), from cw_upgrade_new to cw_upgrade_free.
 * Thread:    the state thread.
 * Units:     Unix milliseconds, bytes.
 * Errors:    none that callers act on: who cannot be told now is told by a later tick.
 * Limits:    jump.upgrade_at_once of them, CW_UPGRADES_MAX at most; CW_UPGRADE_TRIES_MAX orders each; what one is sent
 *            is four times the program at most.
 * Invariant: nobody is told while in a session (the client waits, too). Who failed with a program is not told the same
 *            again until somebody asks for it.
 */
#ifndef CW_CONTROL_JUMP_UPGRADE_H
#define CW_CONTROL_JUMP_UPGRADE_H

#include <jansson.h>

#include "control/link/link_server.h"
#include "control/state.h"
#include "engine/wire/program_offer.h"

struct cw_upgrade_slot {
    uint32_t item;
    bool is_told; /* on the connection that it has now */
    uint64_t started_ms;
    uint64_t heard_ms;
    uint64_t sent; /* bytes */
};

struct cw_upgrades {
    struct cw_program_offer offer;
    bool has_offer;
    uint8_t signature[CW_SIGNATURE_BYTES];
    struct cw_upgrade_slot slots[CW_UPGRADES_MAX];
    uint32_t count;
    uint32_t scanned;   /* the device that is looked at next */
    uint32_t refreshed; /* devices before this one are searched for with what they need now */
    uint64_t ticked_ms;
};

int cw_upgrade_new(struct cw_control *c);
void cw_upgrade_free(struct cw_control *c);

void cw_upgrade_on_up(struct cw_control *c, struct cw_device *device);
void cw_upgrade_on_report(struct cw_control *c, struct cw_device *device, const json_t *report);
void cw_upgrade_on_fetch(struct cw_control *c, const struct cw_link_message *m);
void cw_upgrade_tick(struct cw_control *c, uint64_t now_ms);

/* It runs another program than is offered to its kind of machine. */
bool cw_upgrade_is_needed(const struct cw_control *c, const struct cw_device *device);

#endif
