/* SPDX-License-Identifier: Apache-2.0 */
/* engine/http_reply.h - the few HTTP answers that the engine gives by itself.
 *
 * Owner:     the caller's buffer.
 * Thread:    any; pure.
 * Units:     bytes.
 * Errors:    gives the size, 0 when the buffer is too small.
 * Limits:    CW_HTTP_REPLY_BYTES_MAX is enough for every answer with a target of a legal head.
 */
#ifndef CW_ENGINE_HTTP_REPLY_H
#define CW_ENGINE_HTTP_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum { CW_HTTP_REPLY_BYTES_MAX = CW_HTTP_HEAD_BYTES_MAX + 2048 };

enum cw_http_page {
    CW_HTTP_PAGE_BAD_REQUEST = 400,
    CW_HTTP_PAGE_WRONG_ORIGIN = 403,
    CW_HTTP_PAGE_HEAD_TOO_LARGE = 431,
    CW_HTTP_PAGE_UNAVAILABLE = 503,
};

/* A whole answer with a small page that says what is wrong; the connection closes after it. */
size_t cw_http_reply_page(enum cw_http_page page, uint8_t *out, size_t out_size);
/* 308 to the first of the origins and the request's own target. */
size_t cw_http_reply_redirect(const char *origins, const uint8_t *target, size_t target_bytes,
                              uint8_t *out, size_t out_size);
/* 101 for an accepted upgrade. */
size_t cw_http_reply_upgrade(const char *accept, uint8_t *out, size_t out_size);

#endif
