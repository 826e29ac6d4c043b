/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/device.h - which Jump Clients are online, and what they say about themselves.
 *
 * Owner:     the table in struct cw_control.
 * Thread:    the state thread.
 * Errors:    none: what cannot be stored now is stored by a later tick.
 */
#ifndef CW_CONTROL_JUMP_DEVICE_H
#define CW_CONTROL_JUMP_DEVICE_H

#include "control/link/link_server.h"
#include "control/state.h"

void cw_device_on_up(struct cw_control *c, struct cw_control_link *link,
                     const struct cw_link_message *m);
void cw_device_on_down(struct cw_control *c, const struct cw_control_link *link,
                       const struct cw_link_message *m);
void cw_device_link_lost(struct cw_control *c, const struct cw_control_link *link);
void cw_device_on_statistics(struct cw_control *c, const struct cw_link_message *m);
bool cw_device_is_online(struct cw_control *c, uint32_t id);
uint32_t cw_device_online_count(const struct cw_control *c);
/* Writes the times of last contact in one transaction. */
void cw_device_save(struct cw_control *c);

#endif
