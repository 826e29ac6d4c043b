/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/source.h - where a peer is: the link's 18-byte addresses as text.
 *
 * Thread:    any; pure.
 */
#ifndef CW_CONTROL_LINK_SOURCE_H
#define CW_CONTROL_LINK_SOURCE_H

#include <stddef.h>
#include <stdint.h>

/* "203.0.113.9" or "2001:db8::1"; the port is left out. out has at least 46 bytes. */
void cw_source_text(const uint8_t *address, char *out, size_t out_size);

#endif
