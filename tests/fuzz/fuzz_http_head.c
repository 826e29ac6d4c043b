/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an HTTP head: whole and byte by byte agree, spans lie inside the head, and only an allowed
 * Origin is ever judged a WebSocket. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/http_head.h"
#include "engine/http_reply.h"
#include "engine/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(struct cw_http_span span, size_t used)
{
    CW_CHECK((size_t)span.at + span.size <= used, "a span lies inside the head");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char origins[] = "https://a.example https://b.example:8443";
    struct cw_http_head whole = {0};
    struct cw_http_head bytes = {0};
    size_t used = 0;
    size_t used_bytes = 0;
    int err = cw_http_head_parse(&whole, data, size, &used);
    int err_bytes = CW_ERR_AGAIN;
    for (size_t n = 0; n <= size && err_bytes == CW_ERR_AGAIN; n++)
        err_bytes = cw_http_head_parse(&bytes, data, n, &used_bytes);
    CW_CHECK(err == err_bytes && used == used_bytes, "cuts do not matter");
    if (err != CW_OK)
        return 0;
    CW_CHECK(used <= CW_HTTP_HEAD_BYTES_MAX, "a head has a limit");
    check_span(whole.target, used);
    check_span(whole.origin, used);
    check_span(whole.key, used);
    if (cw_http_head_judge(&whole, data, origins) == CW_HTTP_WEBSOCKET) {
        char accept[CW_WEBSOCKET_ACCEPT_BYTES];
        CW_CHECK(cw_http_origin_is_allowed(origins, data + whole.origin.at, whole.origin.size),
                 "an allowed Origin");
        CW_CHECK(cw_websocket_accept((const char *)data + whole.key.at, whole.key.size, accept) ==
                     CW_OK,
                 "a key that can be answered");
    }
    uint8_t out[CW_HTTP_REPLY_BYTES_MAX];
    size_t n =
        cw_http_reply_redirect(origins, data + whole.target.at, whole.target.size, out, sizeof out);
    CW_CHECK(n > 0, "every legal target has an answer");
    CW_CHECK(memcmp(out, "HTTP/1.1 308", 12) != 0 ||
                 memmem(out, n, "Location: https://a.example/", 28) != NULL,
             "a redirect stays on the appliance");
    return 0;
}
