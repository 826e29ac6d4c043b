/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/check.h - would the appliance start with this configuration on this machine?
 *
 * Owner:     nothing is kept; nothing is made or changed.
 * Thread:    one.
 * Errors:    each on a line of its own on standard error, "error: ..." or "warning: ...".
 */
#ifndef CW_ENGINE_SUPERVISOR_CHECK_H
#define CW_ENGINE_SUPERVISOR_CHECK_H

#include <stdbool.h>

/* has_programs: both were found. CW_EXIT_OK: it starts, maybe with warnings; CW_EXIT_CONFIG: it does not. */
int cw_supervisor_check(const char *config_path, bool has_programs);

#endif
