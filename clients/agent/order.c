/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/order.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "clients/agent/exchange.h"
#include "engine/base/err.h"

static int64_t number(const json_t *order, const char *name, int64_t least, int64_t most)
{
    const json_t *value = json_object_get(order, name);
    const json_int_t n = json_integer_value(value);
    return json_is_integer(value) && n >= least && n <= most ? (int64_t)n : CW_ORDER_NONE;
}

static int32_t seconds(const json_t *order, const char *name, int64_t least)
{
    return (int32_t)number(order, name, least, CW_ORDER_SECONDS_MAX);
}

static void take_settings(const json_t *order, struct cw_order_settings *s)
{
    const json_t *quiet = json_object_get(order, "start_quietly");
    const char *mode = json_string_value(json_object_get(order, "mode"));
    const int64_t port = number(order, "port", 1, UINT16_MAX);
    const int64_t wake_number = number(order, "wake_number", 0, INT64_MAX);
    const int64_t time_unix_ms = number(order, "time_unix_ms", 1, INT64_MAX);
    s->statistics_s = seconds(order, "statistics_s", CW_ORDER_STATISTICS_S_MIN);
    s->thumbnail_s = seconds(order, "thumbnail_s", 0);
    s->checkin_s = seconds(order, "checkin_s", CW_ORDER_CHECKIN_S_MIN);
    s->awake_s = seconds(order, "awake_s", 1);
    s->is_quiet = json_is_boolean(quiet) ? json_is_true(quiet) : CW_ORDER_NONE;
    s->has_control_key =
        cw_json_bytes(order, "control_key", s->control_key, sizeof(s->control_key)) == 0;
    s->is_passive = mode != NULL && strcmp(mode, "passive") == 0 && port > 0 && time_unix_ms > 0;
    s->port = s->is_passive ? (uint16_t)port : 0;
    s->wake_number = wake_number > 0 ? (uint64_t)wake_number : 0;
    s->time_unix_ms = time_unix_ms > 0 ? (uint64_t)time_unix_ms : 0;
}

static bool take_text(const json_t *order, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(order, name));
    return text != NULL && text[0] != '\0' && snprintf(out, size, "%s", text) < (int)size;
}

static bool take_offer(const json_t *json, struct cw_order *order)
{
    struct cw_program_offer *offer = &order->offer;
    const int64_t size = number(json, "size", 1, CW_PROGRAM_OFFER_BYTES_MAX);
    offer->size = size > 0 ? (uint64_t)size : 0;
    return size > 0 && cw_json_bytes(json, "sha256", offer->sha256, sizeof(offer->sha256)) == 0 &&
           cw_json_bytes(json, "signature", order->signature, sizeof(order->signature)) == 0 &&
           take_text(json, "machine", offer->machine, sizeof(offer->machine)) &&
           take_text(json, "version", offer->version, sizeof(offer->version));
}

int cw_order_parse(const uint8_t *payload, size_t size, struct cw_order *ret_order)
{
    json_t *json = json_loadb((const char *)payload, size, JSON_REJECT_DUPLICATES, NULL);
    const char *name = json_string_value(json_object_get(json, "order"));
    int err = 0;
    memset(ret_order, 0, sizeof(*ret_order));
    if (name != NULL && strcmp(name, "settings") == 0) {
        ret_order->kind = CW_ORDER_SETTINGS;
        take_settings(json, &ret_order->settings);
    } else if (name != NULL && strcmp(name, "upgrade") == 0) {
        ret_order->kind = CW_ORDER_UPGRADE;
        ret_order->has_offer = take_offer(json, ret_order);
    } else if (name != NULL && strcmp(name, "uninstall") == 0) {
        ret_order->kind = CW_ORDER_UNINSTALL;
    } else {
        err = CW_ERR_INVALID;
    }
    json_decref(json);
    return err;
}

void cw_order_take_seconds(int32_t seconds, uint64_t *out_ns)
{
    if (seconds != CW_ORDER_NONE)
        *out_ns = (uint64_t)seconds * UINT64_C(1000000000);
}
