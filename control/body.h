/* SPDX-License-Identifier: Apache-2.0 */
/* control/body.h - members of JSON bodies that strangers sent, and refusals in words.
 *
 * Owner:     texts stay in the JSON value.
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID (missing, wrong type, too long, not clean UTF-8).
 * Limits:    CW_NAME_CHARACTERS_MAX.
 */
#ifndef CW_CONTROL_BODY_H
#define CW_CONTROL_BODY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "control/operation.h"
#include "control/store.h"

/* 1 to bytes_max bytes. */
int cw_body_text(const json_t *body, const char *member, size_t bytes_max, const char **ret_text);
/* A person's or a thing's name: trimmed, one line, at most 128 characters. A missing or blank one
 * gives the empty string. ret_name: CW_NAME_SIZE. */
int cw_body_name(const json_t *body, const char *member, char *ret_name);
/* A 32-byte key in base64url. */
int cw_body_key(const json_t *body, const char *member, uint8_t *ret_key);

/* Sets reply->message and returns err. */
__attribute__((format(printf, 3, 4))) int cw_refuse(struct cw_reply *reply, int err,
                                                    const char *format, ...);
/* The sentence for an error of the store (or of memory) that no handler has a better one for. */
int cw_refuse_store(struct cw_control *c, struct cw_reply *reply, int err);

#endif
