/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/device_order.h - what Jump Clients are told: DEVICE_ORDER (engine/PROTOCOL.md, section 14).
 *
 * Thread:    the state thread.
 * Errors:    none: who cannot be told now is told when it connects again.
 */
#ifndef CW_CONTROL_JUMP_DEVICE_ORDER_H
#define CW_CONTROL_JUMP_DEVICE_ORDER_H

#include <jansson.h>

#include "control/audit/audit.h"
#include "control/state.h"
#include "control/store/store_item.h"

/* Takes the reference of order. */
void cw_device_order(const struct cw_device *device, json_t *order);
void cw_device_order_on_up(struct cw_control *c, const struct cw_device *device,
                           const struct cw_jump_detail *detail);
/* After a report was taken. Its device may be gone afterwards. */
void cw_device_order_on_report(struct cw_control *c, const struct cw_jump_detail *detail,
                               const json_t *report);
/* Everybody that is online hears the settings again. */
void cw_device_order_settings_changed(struct cw_control *c);
/* It is to remove itself, now or when it is heard of again; then the item goes. */
int cw_device_order_uninstall(struct cw_control *c, const struct cw_actor *actor,
                              const struct cw_jump_detail *detail, const char *why);

#endif
