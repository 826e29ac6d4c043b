/* SPDX-License-Identifier: Apache-2.0 */
/* control/canned/bbcode.h - whether a text keeps to the few tags that chats show.
 *
 *   [b]bold[/b] [i]italic[/i] [u]underlined[/u] [color=#1a73e8]…[/color] [url=https://…]…[/url]
 *
 * Tags are closed in the order they were opened. A bracket that begins no tag (letters behind it up to "]" or
 * "=") is a bracket.
 *
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID, and where: the byte at which the tag begins that is wrong.
 * Limits:    CW_BBCODE_DEPTH_MAX, CW_BBCODE_LINK_BYTES_MAX.
 */
#ifndef CW_CONTROL_CANNED_BBCODE_H
#define CW_CONTROL_CANNED_BBCODE_H

#include <stddef.h>

int cw_bbcode_check(const char *text, size_t *ret_at, const char **ret_why);

#endif
