/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/device.h - which Jump Clients are online, and what they say about themselves.
 *
 * Owner:     the table in struct cw_control.
 * Thread:    the state thread.
 * Errors:    none: what cannot be stored now is stored by a later tick.
 * Limits:    CW_DEVICE_UNSAVED_MAX reports wait for the next tick; more make it come early.
 */
#ifndef CW_CONTROL_JUMP_DEVICE_H
#define CW_CONTROL_JUMP_DEVICE_H

#include "control/link/link_server.h"
#include "control/state.h"
#include "control/store/store_item.h"

void cw_device_on_up(struct cw_control *c, struct cw_control_link *link,
                     const struct cw_link_message *m);
void cw_device_on_down(struct cw_control *c, const struct cw_control_link *link,
                       const struct cw_link_message *m);
void cw_device_link_lost(struct cw_control *c, const struct cw_control_link *link);
void cw_device_on_statistics(struct cw_control *c, const struct cw_link_message *m);
void cw_device_on_thumbnail(struct cw_control *c, const struct cw_link_message *m);
/* picture: CW_THUMBNAIL_BYTES_MAX. */
int cw_device_thumbnail(struct cw_control *c, uint32_t id, uint64_t *ret_time_ms, void *picture,
                        size_t *ret_bytes);
bool cw_device_is_online(struct cw_control *c, uint32_t id);
uint32_t cw_device_online_count(const struct cw_control *c);
/* Also a removed one. With what it reported and the store does not have yet. */
int cw_device_detail(struct cw_control *c, uint32_t id, struct cw_jump_detail *ret);
/* Writes times of last contact and reports: of CW_DEVICE_SAVES_PER_PART devices, and the next ones in the next part. */
void cw_device_tick(struct cw_control *c);
/* All of them at once, before control ends. */
void cw_device_save(struct cw_control *c);

#endif
