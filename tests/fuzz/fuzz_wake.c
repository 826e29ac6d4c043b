/* SPDX-License-Identifier: Apache-2.0 */
/* Any datagram at a sleeping Jump Client: what decodes encodes to the same bytes, what wakes was signed and counts
 * once, and what is dropped changes nothing. The corpus is signed with the seed 00 01 ... 1f for the item 7. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "clients/agent/wake_gate.h"
#include "engine/base/check.h"
#include "engine/wire/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t key[CW_KEY_BYTES];
    static bool has_key;
    struct cw_wake_gate gate = {
        .item = 7, .has_key = true, .number = 1000, .offset_ms = INT64_C(1799999999000)};
    struct cw_wake wake;
    uint8_t out[CW_WAKE_BYTES];
    if (!has_key) {
        uint8_t seed[CW_KEY_BYTES];
        for (unsigned i = 0; i < sizeof seed; i++)
            seed[i] = (uint8_t)i;
        has_key = cw_key_public(seed, key) == 0;
        CW_CHECK(has_key, "a key can be made");
    }
    memcpy(gate.control_key, key, sizeof key);
    const bool is_formed = cw_wake_decode(data, size, &wake) == 0;
    const enum cw_wake_verdict verdict = cw_wake_gate_take(&gate, data, size, 1000);
    CW_CHECK(is_formed == (verdict != CW_WAKE_FORM), "the form is looked at first");
    CW_CHECK(gate.number == (verdict == CW_WAKE_YES ? wake.number : 1000), "only waking counts");
    if (!is_formed)
        return 0;
    cw_wake_encode(&wake, out);
    CW_CHECK(size == sizeof out && memcmp(out, data, size) == 0, "one form a datagram");
    if (verdict != CW_WAKE_YES)
        return 0;
    CW_CHECK(wake.item == 7 && wake.number > 1000 && cw_wake_verify(&wake, key) == 0,
             "it is the appliance's");
    CW_CHECK(cw_wake_gate_take(&gate, data, size, 1000) == CW_WAKE_AGAIN, "and wakes once");
    return 0;
}
