/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/engine_settings.h - what the engine is wanted to be set to: kept in the store, told to every worker.
 *
 * Owner:     struct cw_control.
 * Thread:    the state thread.
 * Units:     those of engine/wire/setting.h.
 * Errors:    those of the store.
 * Invariant: c->settings is the stored value, or the default, of each setting.
 */
#ifndef CW_CONTROL_LINK_ENGINE_SETTINGS_H
#define CW_CONTROL_LINK_ENGINE_SETTINGS_H

#include "control/link/link_server.h"

int cw_engine_settings_load(struct cw_control *c);
/* What differs from the defaults, and whether the engine is drained: for a worker that has just linked. */
void cw_engine_settings_send(const struct cw_control *c, struct cw_control_link *link);

/* While the engine is drained no session begins: refuses with the sentence for it; 0 otherwise. */
int cw_engine_refuse_when_draining(const struct cw_control *c, struct cw_reply *reply);

#endif
