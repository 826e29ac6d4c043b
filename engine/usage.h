/* SPDX-License-Identifier: Apache-2.0 */
/* engine/usage.h - what this process uses, for STATUS.
 *
 * Owner:     the process; cw_usage_open before the file system is closed to it.
 * Thread:    open: the main thread before any other; read: any.
 * Units:     in the names.
 * Errors:    none: what cannot be known is 0.
 */
#ifndef CW_ENGINE_USAGE_H
#define CW_ENGINE_USAGE_H

#include "engine/worker.h"

void cw_usage_open(void);
void cw_usage_read(struct cw_usage *ret_usage);

#endif
