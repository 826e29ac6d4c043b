/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a proxy's answer, in two parts, and as a proxy's URL: what was judged once is judged the same with more,
 * and a URL that is taken makes a request of one head. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "clients/peer/proxy.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_url(const char *text)
{
    struct cw_proxy proxy;
    char request[CW_PROXY_REQUEST_BYTES];
    if (cw_proxy_parse(text, &proxy) != CW_OK)
        return;
    size_t size = cw_proxy_request(&proxy, &proxy.address, request);
    const char *end = memmem(request, size, "\r\n\r\n", 4);
    CW_CHECK(end != NULL && end + 4 == request + size, "one head, and nothing behind it");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[CW_PROXY_ANSWER_BYTES + 1];
    struct cw_proxy proxy = {.address = {.host = "proxy", .port = "1"}};
    char message[320] = "";
    if (size > CW_PROXY_ANSWER_BYTES)
        size = CW_PROXY_ANSWER_BYTES;
    memcpy(text, data, size);
    text[size] = '\0';
    as_url(text);
    int half = cw_proxy_answer(&proxy, text, size / 2, message, sizeof(message));
    int whole = cw_proxy_answer(&proxy, text, size, message, sizeof(message));
    CW_CHECK(half == CW_ERR_AGAIN || half == whole || (half == 0 && whole == CW_ERR_INVALID),
             "more bytes do not change a refusal");
    CW_CHECK(size < CW_PROXY_ANSWER_BYTES || whole != CW_ERR_AGAIN, "a head has a limit");
    return 0;
}
