/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/order.h - what the appliance tells a Jump Client to do: DEVICE_ORDER as values.
 *
 * Owner:     values.
 * Thread:    any; it keeps nothing.
 * Units:     seconds, bytes, Unix milliseconds.
 * Errors:    CW_ERR_INVALID: not JSON, or no order that this program knows.
 * Limits:    CW_ORDER_SECONDS_MAX; CW_PROGRAM_OFFER_BYTES_MAX; ports that fit a port.
 * Invariant: what is not given, or out of its range, is CW_ORDER_NONE or false: it stays what it was.
 */
#ifndef CW_CLIENTS_AGENT_ORDER_H
#define CW_CLIENTS_AGENT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/program_offer.h"

enum {
    CW_ORDER_SECONDS_MAX = 7 * 86400,
    CW_ORDER_STATISTICS_S_MIN = 15,
    CW_ORDER_CHECKIN_S_MIN = 30,
    CW_ORDER_NONE = -1,
};

enum cw_order_kind { CW_ORDER_SETTINGS, CW_ORDER_UPGRADE, CW_ORDER_UNINSTALL };

struct cw_order_settings {
    int32_t statistics_s;
    int32_t thumbnail_s; /* 0: never */
    int32_t checkin_s;   /* of a passive one: between visits */
    int32_t awake_s;     /* and after a session */
    int32_t is_quiet;    /* 0 or 1 */
    bool has_control_key;
    uint8_t control_key[CW_KEY_BYTES];
    bool is_passive; /* with a port and the time: what it takes to be woken */
    uint16_t port;
    uint64_t wake_number;
    uint64_t time_unix_ms;
};

struct cw_order {
    enum cw_order_kind kind;
    struct cw_order_settings settings;
    bool has_offer; /* of CW_ORDER_UPGRADE: it makes sense */
    struct cw_program_offer offer;
    uint8_t signature[CW_SIGNATURE_BYTES];
};

int cw_order_parse(const uint8_t *payload, size_t size, struct cw_order *ret_order);
/* As ns, unless none were given. */
void cw_order_take_seconds(int32_t seconds, uint64_t *out_ns);

#endif
