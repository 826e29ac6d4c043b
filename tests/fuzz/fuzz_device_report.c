/* SPDX-License-Identifier: Apache-2.0 */
/* What a Jump Client says of its computer, and a picture: whatever it is, control keeps clean texts that fit, numbers
 * that are JSON, and the same when it is said again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "control/jump/report.h"
#include "engine/base/check.h"
#include "engine/wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
    const size_t n = strnlen(text, size);
    CW_CHECK(n < size, "a text ends");
    CW_CHECK(cw_text_is_clean(text, n) && strpbrk(text, "\n\t") == NULL, "in one clean line");
}

static void check_detail(const struct cw_jump_detail *d)
{
    check_text(d->item.hostname, sizeof d->item.hostname);
    check_text(d->item.platform, sizeof d->item.platform);
    check_text(d->item.user, sizeof d->item.user);
    check_text(d->workgroup, sizeof d->workgroup);
    check_text(d->domain, sizeof d->domain);
    check_text(d->fqdn, sizeof d->fqdn);
    check_text(d->private_ip, sizeof d->private_ip);
    check_text(d->version, sizeof d->version);
    check_text(d->statistics, sizeof d->statistics);
    CW_CHECK(d->presence < CW_PRESENCE_COUNT, "a presence that has a word");
    if (d->statistics[0] == '\0')
        return;
    json_t *numbers = json_loads(d->statistics, JSON_REJECT_DUPLICATES, NULL);
    const char *name = NULL;
    json_t *value = NULL;
    CW_CHECK(json_is_object(numbers), "statistics are JSON");
    json_object_foreach(numbers, name, value)
        CW_CHECK(json_is_integer(value) && json_integer_value(value) >= 0, "of numbers");
    json_decref(numbers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cw_jump_detail detail, again, copy;
    json_t *report = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (cw_report_is_picture(data, size))
        CW_CHECK(size >= 24, "a picture has a size");
    if (report == NULL)
        return 0;
    memset(&detail, 0, sizeof detail);
    cw_report_take(report, &detail);
    check_detail(&detail);
    again = detail;
    cw_report_take(report, &again);
    CW_CHECK(memcmp(&again, &detail, sizeof detail) == 0, "the same again changes nothing");
    memset(&copy, 0, sizeof copy);
    cw_report_copy(&copy, &detail);
    CW_CHECK(memcmp(&copy, &detail, sizeof detail) == 0, "a copy has all of it");
    json_decref(report);
    return 0;
}
