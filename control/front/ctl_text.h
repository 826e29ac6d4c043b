/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/ctl_text.h - what the control socket answers, as plain lines or as one JSON object.
 *
 * Owner:     the caller frees *ret_text.
 * Thread:    any; pure.
 * Errors:    CW_ERR_NOMEM, CW_ERR_TOO_LARGE.
 * Limits:    CW_CTL_REPLY_BYTES_MAX.
 * Invariant: a reply has no empty line but the one that ends it, and no control character of a value ever
 *            reaches the terminal of who reads it.
 *
 * Plain: "name: value" a line; a list of objects is one line an object, "name=value" with a space between.
 */
#ifndef CW_CONTROL_FRONT_CTL_TEXT_H
#define CW_CONTROL_FRONT_CTL_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "control/api/operation.h"

/* The whole reply including the empty line at its end. */
int cw_ctl_render(const json_t *reply, bool as_json, char **ret_text, size_t *ret_size);
int cw_ctl_render_error(const char *code, const char *message, bool as_json, char **ret_text,
                        size_t *ret_size);
/* The commands that front may use and that have all the words: {"commands": [{"words", "permission", "summary"}]} or
 * lines. */
int cw_ctl_render_help(const struct cw_operation *table, enum cw_front front,
                       const char *const *words, size_t word_count, bool as_json, char **ret_text,
                       size_t *ret_size);

#endif
