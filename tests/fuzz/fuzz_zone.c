/* SPDX-License-Identifier: Apache-2.0 */
/* Time zone files: whatever the bytes are, there is no zone, or one whose offsets are sane and whose spans go on. */
#include <stdint.h>

#include "control/policy/zone.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_zone *zone = NULL;

    if (cw_zone_parse(data, size, &zone) != 0)
        return 0;
    for (int64_t t = -4000000000; t < 8000000000;) {
        const struct cw_zone_span span = cw_zone_at(zone, t);
        CW_CHECK(span.offset_s >= CW_ZONE_OFFSET_S_MIN && span.offset_s <= CW_ZONE_OFFSET_S_MAX,
                 "an offset of about a day");
        CW_CHECK(span.until_s > t, "a span ends behind its time");
        t = span.until_s < t + 40000000 ? span.until_s : t + 40000000;
    }
    (void)cw_zone_at(zone, INT64_MIN);
    (void)cw_zone_at(zone, INT64_MAX);
    cw_zone_free(zone);
    return 0;
}
