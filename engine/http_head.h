/* SPDX-License-Identifier: Apache-2.0 */
/* engine/http_head.h - the head of an HTTP/1.1 request: enough to tell a WebSocket from a page.
 *
 * Owner:     the caller owns the bytes; spans are offsets into them.
 * Thread:    any; pure. Resumable after any byte: call again with the same bytes and more.
 * Units:     bytes.
 * Errors:    cw_http_head_parse: CW_ERR_AGAIN, CW_ERR_INVALID, CW_ERR_TOO_LARGE.
 * Limits:    CW_HTTP_HEAD_BYTES_MAX with the empty line.
 * Invariant: line <= scanned <= size of the bytes given so far.
 */
#ifndef CW_ENGINE_HTTP_HEAD_H
#define CW_ENGINE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_http_span {
    uint16_t at;
    uint16_t size;
};

struct cw_http_head {
    uint16_t line;    /* where the current line begins */
    uint16_t scanned; /* bytes looked at */
    bool has_request_line;
    bool is_get;
    struct cw_http_span target;
    struct cw_http_span host;
    struct cw_http_span origin;
    struct cw_http_span key;     /* Sec-WebSocket-Key */
    struct cw_http_span version; /* Sec-WebSocket-Version */
    struct cw_http_span upgrade;
    struct cw_http_span connection;
};

enum cw_http_verdict {
    CW_HTTP_PIPE,         /* a page or the API: control's */
    CW_HTTP_WEBSOCKET,    /* a correct upgrade on /ws, Origin allowed */
    CW_HTTP_BAD_UPGRADE,  /* on /ws, but no correct upgrade: 400 */
    CW_HTTP_WRONG_ORIGIN, /* 403 */
};

/* 0: the head is complete and took *ret_used bytes. */
int cw_http_head_parse(struct cw_http_head *h, const uint8_t *data, size_t size, size_t *ret_used);
/* origins: exact values with a space or line feed between. data: the bytes given to parse. */
enum cw_http_verdict cw_http_head_judge(const struct cw_http_head *h, const uint8_t *data,
                                        const char *origins);
bool cw_http_origin_is_allowed(const char *origins, const uint8_t *origin, size_t origin_bytes);

#endif
