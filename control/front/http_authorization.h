/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/http_authorization.h - who a program says it is: the Authorization header, and forms (RFC 6749).
 *
 * Owner:     the caller's buffers; a form's object is the caller's.
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID, CW_ERR_UNSUPPORTED (another scheme), CW_ERR_FULL (too many members), CW_ERR_NOMEM.
 * Limits:    CW_HTTP_CREDENTIAL_BYTES_MAX, CW_HTTP_QUERY_MEMBERS_MAX.
 */
#ifndef CW_CONTROL_FRONT_HTTP_AUTHORIZATION_H
#define CW_CONTROL_FRONT_HTTP_AUTHORIZATION_H

#include <jansson.h>
#include <stddef.h>

#include "control/front/front_limits.h"

enum cw_http_scheme { CW_HTTP_NONE, CW_HTTP_BEARER, CW_HTTP_BASIC };

struct cw_http_authorization {
    enum cw_http_scheme scheme;
    char user[CW_HTTP_CREDENTIAL_BYTES_MAX + 1];   /* Basic: client_id */
    char secret[CW_HTTP_CREDENTIAL_BYTES_MAX + 1]; /* Basic: client_secret; Bearer: the token */
};

/* value: what stands behind "Authorization:". */
int cw_http_authorization_parse(const char *value, struct cw_http_authorization *ret);
/* Undoes "%XX" and "+". out: size + 1 bytes. CW_ERR_INVALID: a "%" without two digits, or a NUL. */
int cw_http_form_decode(const char *text, size_t size, char *out);
/* application/x-www-form-urlencoded as an object of strings; a member that comes twice is refused. */
int cw_http_form_parse(const char *text, size_t size, json_t **ret_body);

#endif
