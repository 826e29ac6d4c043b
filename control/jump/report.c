/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/jump/jump.h"
#include "engine/wire/message.h"

enum { PICTURE_SIDE_PX_MAX = 640 };

static const uint64_t number_max = UINT64_C(1) << 53; /* what every reader of JSON has exactly */

static void take_text(const json_t *report, const char *member, char *out, size_t out_size)
{
    const json_t *value = json_object_get(report, member);
    const char *text = json_string_value(value);
    const size_t n = json_string_length(value);

    if (text != NULL && n < out_size && cw_text_is_clean(text, n) && strpbrk(text, "\n\t") == NULL)
        memcpy(out, text, n + 1);
}

static void take_presence(const json_t *report, struct cw_jump_detail *detail)
{
    const char *text = json_string_value(json_object_get(report, "presence"));

    for (uint8_t i = 0; text != NULL && i < CW_PRESENCE_COUNT; i++)
        if (strcmp(text, cw_jump_presence_word(i)) == 0)
            detail->presence = i;
}

/* The numbers of a report that make sense, as JSON. */
static void take_numbers(const json_t *report, struct cw_jump_detail *detail)
{
    static const struct {
        const char *name;
        uint64_t most;
    } numbers[] = {
        {"uptime_s", number_max},
        {"idle_s", number_max},
        {"cpu_percent", 100},
        {"memory_bytes", number_max},
        {"memory_used_bytes", number_max},
        {"disk_bytes", number_max},
        {"disk_used_bytes", number_max},
        {"screen_width_px", 65535},
        {"screen_height_px", 65535},
    };
    char text[CW_STATISTICS_TEXT_BYTES_MAX + 1] = "{";
    size_t used = 1;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const json_t *value = json_object_get(report, numbers[i].name);
        const json_int_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < 0 || (uint64_t)number > numbers[i].most)
            continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\":%lld",
                                 used > 1 ? "," : "", numbers[i].name, (long long)number);
    }
    if (used > 1 && used + 1 < sizeof text) {
        snprintf(text + used, sizeof text - used, "}");
        memcpy(detail->statistics, text, sizeof text);
    }
}

void cw_report_take(const json_t *report, struct cw_jump_detail *detail)
{
    const json_t *disabled = json_object_get(report, "is_disabled");

    take_text(report, "hostname", detail->item.hostname, sizeof detail->item.hostname);
    take_text(report, "platform", detail->item.platform, sizeof detail->item.platform);
    take_text(report, "user", detail->item.user, sizeof detail->item.user);
    take_text(report, "workgroup", detail->workgroup, sizeof detail->workgroup);
    take_text(report, "domain", detail->domain, sizeof detail->domain);
    take_text(report, "fqdn", detail->fqdn, sizeof detail->fqdn);
    take_text(report, "private_ip", detail->private_ip, sizeof detail->private_ip);
    take_text(report, "version", detail->version, sizeof detail->version);
    take_presence(report, detail);
    take_numbers(report, detail);
    if (json_is_boolean(disabled))
        detail->is_disabled = json_is_true(disabled);
}

void cw_report_copy(struct cw_jump_detail *to, const struct cw_jump_detail *from)
{
    memcpy(to->item.hostname, from->item.hostname, sizeof to->item.hostname);
    memcpy(to->item.platform, from->item.platform, sizeof to->item.platform);
    memcpy(to->item.user, from->item.user, sizeof to->item.user);
    memcpy(to->workgroup, from->workgroup, sizeof to->workgroup);
    memcpy(to->domain, from->domain, sizeof to->domain);
    memcpy(to->fqdn, from->fqdn, sizeof to->fqdn);
    memcpy(to->private_ip, from->private_ip, sizeof to->private_ip);
    memcpy(to->public_ip, from->public_ip, sizeof to->public_ip);
    memcpy(to->version, from->version, sizeof to->version);
    memcpy(to->statistics, from->statistics, sizeof to->statistics);
    to->presence = from->presence;
    to->reported_ms = from->reported_ms;
    to->is_disabled = from->is_disabled;
}

bool cw_report_is_picture(const uint8_t *bytes, size_t n)
{
    static const uint8_t start[16] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n',
                                      0,    0,   0,   13,  'I',  'H',  'D',  'R'};

    if (n < sizeof start + 8 || memcmp(bytes, start, sizeof start) != 0)
        return false;
    const uint8_t *side = bytes + sizeof start;
    const uint32_t width =
        (uint32_t)side[0] << 24 | (uint32_t)side[1] << 16 | (uint32_t)side[2] << 8 | side[3];
    const uint32_t height =
        (uint32_t)side[4] << 24 | (uint32_t)side[5] << 16 | (uint32_t)side[6] << 8 | side[7];
    return width > 0 && height > 0 && width <= PICTURE_SIDE_PX_MAX && height <= PICTURE_SIDE_PX_MAX;
}
