/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/http_reply.h - responses with the headers that every one of them carries.
 *
 * Owner:     cw_http_headers belongs to struct cw_http. cw_http_send_* take nothing over but page->fd.
 * Thread:    the state thread, inside libmicrohttpd's access handler.
 * Errors:    MHD_NO closes the connection: out of memory.
 */
#ifndef CW_CONTROL_FRONT_HTTP_REPLY_H
#define CW_CONTROL_FRONT_HTTP_REPLY_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/front/pages.h"

struct cw_http_headers {
    char csp[2048];
    bool has_hsts;
};

/* What only some responses carry; NULL or 0: not there. */
struct cw_http_extra {
    const char *allow;
    const char *set_cookie; /* token, or "-" to clear */
    uint32_t cookie_life_s; /* 0: until the browser closes */
    uint32_t retry_after_s;
    const char *www_authenticate;
    const char *text_type; /* of cw_http_send_text; NULL: plain text */
    const char *file_name; /* to save it as */
    const char *next;      /* the cursor of what follows */
};

void cw_http_headers_init(struct cw_http_headers *h, const char *public_origins);

enum MHD_Result cw_http_send_json(struct MHD_Connection *to, const struct cw_http_headers *h,
                                  unsigned status, const json_t *json,
                                  const struct cw_http_extra *extra);
/* {"error": {"code", "message"}} */
enum MHD_Result cw_http_send_error(struct MHD_Connection *to, const struct cw_http_headers *h,
                                   unsigned status, const char *code, const char *message,
                                   const struct cw_http_extra *extra);
/* RFC 6749 section 5.2: {"error": code, "error_description"} */
enum MHD_Result cw_http_send_oauth_error(struct MHD_Connection *to, const struct cw_http_headers *h,
                                         unsigned status, const char *code, const char *message,
                                         const struct cw_http_extra *extra);
enum MHD_Result cw_http_send_text(struct MHD_Connection *to, const struct cw_http_headers *h,
                                  unsigned status, const char *text,
                                  const struct cw_http_extra *extra);
/* A copy of the bytes; whoever asks for that address always gets the same. */
enum MHD_Result cw_http_send_picture(struct MHD_Connection *to, const struct cw_http_headers *h,
                                     const void *bytes, size_t n, const char *type);
enum MHD_Result cw_http_send_page(struct MHD_Connection *to, const struct cw_http_headers *h,
                                  const struct cw_page *page);

#endif
