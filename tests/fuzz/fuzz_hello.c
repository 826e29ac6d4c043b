/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as HELLO and as HELLO_REPLY: what decodes must encode to the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t out[CW_HELLO_REPLY_BODY_BYTES_MAX + 64];
    size_t out_size = 0;
    struct cw_hello hello;
    if (cw_hello_decode(data, size, &hello) == CW_OK) {
        CW_CHECK(cw_hello_encode(&hello, out, sizeof out, &out_size) == CW_OK, "was decoded");
        CW_CHECK(out_size == size && memcmp(out, data, size) == 0, "one form a hello");
    }
    struct cw_hello_reply reply;
    if (cw_hello_reply_decode(data, size, &reply) == CW_OK) {
        CW_CHECK(cw_hello_reply_encode(&reply, out, sizeof out, &out_size) == CW_OK, "was decoded");
        CW_CHECK(out_size == size && memcmp(out, data, size) == 0, "one form a reply");
    }
    return 0;
}
