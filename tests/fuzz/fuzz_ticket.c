/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a ticket: what decodes encodes to the same bytes, and none of it verifies with a key that
 * never signed anything. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_ticket t;
    if (cw_ticket_decode(data, size, &t) != CW_OK)
        return 0;
    uint8_t out[CW_TICKET_BYTES];
    cw_ticket_encode(&t, out);
    CW_CHECK(size == sizeof out && memcmp(out, data, size) == 0, "one form a ticket");
    static const uint8_t seed[CW_KEY_BYTES] = {0xEE};
    static uint8_t key[CW_KEY_BYTES];
    static int have_key = CW_ERR_INTERNAL;
    if (have_key != CW_OK)
        have_key = cw_key_public(seed, key);
    CW_CHECK(have_key == CW_OK, "a key can be made");
    CW_CHECK(cw_ticket_verify(&t, key, t.not_before_unix_s) != CW_OK, "nobody signed this");
    return 0;
}
