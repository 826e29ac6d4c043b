/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a stream of link messages: each that decodes encodes to the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[CW_LINK_MESSAGE_BYTES_MAX + CW_LINK_HEADER_BYTES];
    struct cw_link_message m;
    size_t used = 0;
    while (size > 0 && cw_link_decode(data, size, &m, &used) == CW_OK) {
        CW_CHECK(used > 0 && used <= size, "progress");
        size_t out_size = 0;
        CW_CHECK(cw_link_encode(&m, out, sizeof out, &out_size) == CW_OK, "was decoded");
        CW_CHECK(out_size == used && memcmp(out, data, used) == 0, "one form a message");
        data += used;
        size -= used;
    }
    return 0;
}
