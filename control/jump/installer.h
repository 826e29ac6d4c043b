/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/installer.h - installers for mass deployment: who enrols with one's token becomes what it presets.
 *
 * Thread:    the state thread.
 * Errors:    those of the store; CW_ERR_NOT_FOUND, CW_ERR_USED (as often as it may be), CW_ERR_EXPIRED (also:
 *            revoked).
 * Limits:    CW_INSTALLERS_MAX and the limits of what it presets.
 */
#ifndef CW_CONTROL_JUMP_INSTALLER_H
#define CW_CONTROL_JUMP_INSTALLER_H

#include <jansson.h>

#include "control/state.h"
#include "control/store/store_installer.h"
#include "control/store/store_item.h"

enum { CW_JUMP_PORT_MIN = 1024 };

int cw_installer_find(struct cw_control *c, const char *token, struct cw_installer *ret);
/* In a transaction: makes a token, and the row whose hash it is. ret_token: CW_TOKEN_TEXT_BYTES + 1. */
int cw_installer_add(struct cw_control *c, struct cw_installer *installer, char *ret_token);
/* The name of a new item: the pattern with what the computer says in it. ret_name: CW_NAME_SIZE. */
void cw_installer_name(const struct cw_installer *installer, const char *name, const char *hostname,
                       char *ret_name);
/* Reads "mode" and "port", and keeps what is not there; a passive one has a port afterwards. CW_ERR_INVALID. */
int cw_jump_mode_of(const struct cw_control *c, const json_t *body, uint8_t *mode, uint16_t *port);
/* In a transaction: what the installer presets and what the computer may say itself becomes the item's. */
int cw_installer_apply(struct cw_control *c, const struct cw_installer *installer, uint32_t item,
                       const json_t *body);
/* A shell script that fetches the client and enrols it, for free(); NULL: out of memory, or there is no
 * client to fetch. */
char *cw_installer_script(struct cw_control *c, const char *token);

#endif
