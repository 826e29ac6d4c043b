/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/system.h - what this computer tells about itself.
 *
 * Owner:     the caller's buffers; cw_system_statistics gives a new JSON object.
 * Thread:    one.
 * Units:     s.
 * Errors:    none; what cannot be found out is left out.
 */
#ifndef CW_CLIENTS_AGENT_SYSTEM_H
#define CW_CLIENTS_AGENT_SYSTEM_H

#include <jansson.h>
#include <stddef.h>

void cw_system_hostname(char *out, size_t out_size);
/* "Debian GNU/Linux 12 (bookworm), x86_64" */
void cw_system_platform(char *out, size_t out_size);
/* The full name or the login name of the user this program runs for. */
void cw_system_user(char *out, size_t out_size);
struct cw_system_load { /* what the processors had done at the report before; zeros at first */
    unsigned long long busy;
    unsigned long long total;
};

/* STATISTICS (engine/PROTOCOL.md, section 14); display_name: NULL is $DISPLAY. */
json_t *cw_system_statistics(const char *display_name, struct cw_system_load *load);

#endif
