/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/http_route.h - from method and path to an operation; from an error to a status. Pure.
 *
 * Owner:     constants.
 * Thread:    any.
 * Errors:    CW_ERR_NOT_FOUND (no such path), CW_ERR_STATE (the path has other methods: ret_allow names
 *            them for the Allow header).
 */
#ifndef CW_CONTROL_FRONT_HTTP_ROUTE_H
#define CW_CONTROL_FRONT_HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/api/operation.h"

enum { CW_HTTP_ALLOW_BYTES = 64 };

/* Exact match; HEAD finds what GET has. {id} is decimal, 1 to 4294967295, no leading zero. */
int cw_http_route(const struct cw_operation *table, const char *method, const char *path,
                  const struct cw_operation **ret_operation, uint32_t *ret_id,
                  char ret_allow[CW_HTTP_ALLOW_BYTES]);

/* The HTTP status of an error code; code (may be NULL) overrides as in struct cw_reply. */
unsigned cw_http_status(int err, const char *code);

/* The name of an error in the reply; what is our own fault is INTERNAL or UNAVAILABLE whatever it was. */
const char *cw_http_error_code(int err, const char *code);

/* True when origin is one of the space-separated origins, byte for byte. */
bool cw_http_origin_is_one_of(const char *origin, const char *origins);

/* The status of an error of RFC 6749. */
unsigned cw_http_oauth_status(int err, const char *code);
/* True for application/x-www-form-urlencoded, with or without parameters. */
bool cw_http_is_form_type(const char *content_type);
/* True for application/json, with or without charset=utf-8. */
bool cw_http_is_json_type(const char *content_type);

/* The sign-in cookie's value in a Cookie header. False: none, two of them, or not a token. */
bool cw_http_cookie_token(const char *cookie_header, char *ret_token, size_t token_size);

#endif
