/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/setting.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"

static const struct cw_setting_info infos[CW_SETTING_COUNT] = {
#define X(name, unit, least, most, initial, when, meaning) \
    [CW_SETTING_##name] = {#name, unit, least, most, initial, when, meaning},
    CW_SETTINGS(X)
#undef X
};

static const size_t offsets[CW_SETTING_COUNT] = {
#define X(name, unit, least, most, initial, when, meaning) \
    [CW_SETTING_##name] = offsetof(struct cw_setting_values, name),
    CW_SETTINGS(X)
#undef X
};

/* In the order of enum cw_log_level. */
static const char *const levels[] = {"error", "warning", "info", "debug"};
enum { LEVEL_COUNT = sizeof levels / sizeof levels[0] };

void cw_setting_defaults(struct cw_setting_values *ret_values)
{
#define X(name, unit, least, most, initial, when, meaning) ret_values->name = (initial);
    CW_SETTINGS(X)
#undef X
}

const struct cw_setting_info *cw_setting_info(enum cw_setting setting)
{
    return setting < CW_SETTING_COUNT ? &infos[setting] : NULL;
}

enum cw_setting cw_setting_find(const char *name, size_t name_bytes)
{
    unsigned i = 0;
    while (i < CW_SETTING_COUNT &&
           (strlen(infos[i].name) != name_bytes || memcmp(infos[i].name, name, name_bytes) != 0))
        i++;
    return (enum cw_setting)i;
}

uint64_t cw_setting_get(const struct cw_setting_values *values, enum cw_setting setting)
{
    uint64_t value;
    memcpy(&value, (const char *)values + offsets[setting], sizeof value);
    return value;
}

static int say_range(enum cw_setting setting, char *message, size_t message_size)
{
    const struct cw_setting_info *i = &infos[setting];
    if (setting == CW_SETTING_log_level)
        (void)snprintf(message, message_size, "log_level must be error, warning, info or debug");
    else
        (void)snprintf(message, message_size,
                       "%s must be a number from %" PRIu64 " to %" PRIu64 " (%s)", i->name,
                       i->least, i->most, i->unit);
    return CW_ERR_INVALID;
}

int cw_setting_set(struct cw_setting_values *values, enum cw_setting setting, uint64_t value,
                   char *message, size_t message_size)
{
    if (setting >= CW_SETTING_COUNT) {
        (void)snprintf(message, message_size, "there is no such setting");
        return CW_ERR_INVALID;
    }
    if (value < infos[setting].least || value > infos[setting].most)
        return say_range(setting, message, message_size);
    memcpy((char *)values + offsets[setting], &value, sizeof value);
    return CW_OK;
}

static bool number_parse(const char *text, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t size = strlen(text);
    if (size == 0 || size > 12)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *ret_value = value;
    return true;
}

int cw_setting_parse(enum cw_setting setting, const char *text, uint64_t *ret_value, char *message,
                     size_t message_size)
{
    struct cw_setting_values ignored;
    uint64_t value = 0;
    bool is_known = false;
    if (setting == CW_SETTING_log_level) {
        for (unsigned i = 0; i < LEVEL_COUNT && !is_known; i++) {
            is_known = strcmp(text, levels[i]) == 0;
            value = i;
        }
    } else if (setting < CW_SETTING_COUNT) {
        is_known = number_parse(text, &value);
    }
    if (!is_known && setting < CW_SETTING_COUNT)
        return say_range(setting, message, message_size);
    int err = cw_setting_set(&ignored, setting, value, message, message_size);
    if (err == CW_OK)
        *ret_value = value;
    return err;
}

void cw_setting_text(enum cw_setting setting, uint64_t value, char *out, size_t out_size)
{
    if (setting == CW_SETTING_log_level && value < LEVEL_COUNT)
        (void)snprintf(out, out_size, "%s", levels[value]);
    else
        (void)snprintf(out, out_size, "%" PRIu64, value);
}
