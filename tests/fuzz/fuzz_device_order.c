/* SPDX-License-Identifier: Apache-2.0 */
/* What an appliance tells a Jump Client to do: whatever it is, the values are within their ranges, texts end, and an
 * offer that is read is the one that a signature is made of. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "clients/agent/order.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_seconds(int32_t seconds, int32_t least)
{
    uint64_t ns = 1;
    cw_order_take_seconds(seconds, &ns);
    CW_CHECK(seconds == CW_ORDER_NONE || (seconds >= least && seconds <= CW_ORDER_SECONDS_MAX),
             "seconds are within their range");
    CW_CHECK(ns == (seconds == CW_ORDER_NONE ? 1 : (uint64_t)seconds * 1000000000U),
             "and as ns the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_order order;
    const struct cw_order_settings *s = &order.settings;
    if (cw_order_parse(data, size, &order) != 0)
        return 0;
    CW_CHECK(order.kind <= CW_ORDER_UNINSTALL, "it is known");
    CW_CHECK(order.kind == CW_ORDER_UPGRADE || !order.has_offer, "only upgrades offer");
    CW_CHECK(order.kind == CW_ORDER_SETTINGS || (!s->is_passive && !s->has_control_key),
             "only settings set");
    if (order.kind == CW_ORDER_SETTINGS) {
        check_seconds(s->statistics_s, CW_ORDER_STATISTICS_S_MIN);
        check_seconds(s->thumbnail_s, 0);
        check_seconds(s->checkin_s, CW_ORDER_CHECKIN_S_MIN);
        check_seconds(s->awake_s, 1);
        CW_CHECK(s->is_quiet >= CW_ORDER_NONE && s->is_quiet <= 1, "yes, no or nothing");
        CW_CHECK(!s->is_passive || (s->port != 0 && s->time_unix_ms != 0), "it can be woken");
        CW_CHECK(s->wake_number <= INT64_MAX && s->time_unix_ms <= INT64_MAX, "JSON has them");
    }
    if (!order.has_offer)
        return 0;
    const struct cw_program_offer *o = &order.offer;
    CW_CHECK(o->size > 0 && o->size <= CW_PROGRAM_OFFER_BYTES_MAX, "a size that is fetched");
    CW_CHECK(o->machine[0] != '\0' && memchr(o->machine, '\0', sizeof o->machine) != NULL &&
                 o->version[0] != '\0' && memchr(o->version, '\0', sizeof o->version) != NULL,
             "texts end");
    return 0;
}
