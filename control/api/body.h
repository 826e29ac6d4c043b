/* SPDX-License-Identifier: Apache-2.0 */
/* control/api/body.h - members of JSON bodies that strangers sent, and refusals in words.
 *
 * Owner:     texts stay in the JSON value.
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID (missing, wrong type, too long, not clean UTF-8).
 * Limits:    CW_NAME_CHARACTERS_MAX.
 */
#ifndef CW_CONTROL_API_BODY_H
#define CW_CONTROL_API_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/api/operation.h"
#include "control/store/store.h"

/* 1 to bytes_max bytes. */
int cw_body_text(const json_t *body, const char *member, size_t bytes_max, const char **ret_text);
/* A person's or a thing's name: trimmed, one line, at most 128 characters. A missing or blank one
 * gives the empty string. ret_name: CW_NAME_SIZE. */
int cw_body_name(const json_t *body, const char *member, char *ret_name);
/* A number from min to max, as a JSON integer or as decimal digits (from a query or a command).
 * Missing or null: *ret_value stays. */
int cw_body_number(const json_t *body, const char *member, uint64_t min, uint64_t max,
                   uint64_t *ret_value);
/* Numbers from 1 on: a list of them, one alone, or a text with blanks between, which is what a command can give.
 * Missing: *ret_is_given is false. CW_ERR_FULL: more than count_max. */
int cw_body_numbers(const json_t *body, const char *member, uint32_t *ret_numbers,
                    uint32_t count_max, uint32_t *ret_count, bool *ret_is_given);
/* true and false, or the words "true", "yes", "on", "false", "no", "off". Missing: stays. */
int cw_body_bool(const json_t *body, const char *member, bool *ret_value);
/* One of names (ends with NULL) as its place. Missing: stays. */
int cw_body_choice(const json_t *body, const char *member, const char *const *names,
                   unsigned *ret_value);
/* The members `after` (a number; missing: 0) and `limit` (1 to CW_PAGE_ROWS_MAX, which is also what a
 * missing one means) of a listing. */
int cw_body_page(const json_t *body, uint32_t *ret_after, uint32_t *ret_limit,
                 struct cw_reply *reply);
/* Text that may have several lines: clean, at most bytes_max bytes. Missing: *ret_text stays. */
int cw_body_lines(const json_t *body, const char *member, size_t bytes_max, const char **ret_text);
/* Refuses an object with a member that is not among names ("user display_name is_admin"), and says
 * which. */
int cw_body_only(const json_t *body, const char *names, struct cw_reply *reply);
/* A 32-byte key in base64url. */
int cw_body_key(const json_t *body, const char *member, uint8_t *ret_key);

/* Sets reply->message and returns err. */
__attribute__((format(printf, 3, 4))) int cw_refuse(struct cw_reply *reply, int err,
                                                    const char *format, ...);
/* The sentence for an error of the store (or of memory) that no handler has a better one for. */
int cw_refuse_store(struct cw_control *c, struct cw_reply *reply, int err);

#endif
