/* SPDX-License-Identifier: Apache-2.0 */
/* Hours, dates and rules of time zones as text: what is understood is written so that it is understood as the same
 * again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/jump_policy.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cw_schedule first;
static struct cw_schedule second;
static char text[CW_SCHEDULE_TEXT_BYTES_MAX + 1];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_zone_rule rule;
    size_t at = 0;
    char *copy = malloc(size + 1);

    CW_CHECK(copy != NULL, "memory");
    memcpy(copy, data, size);
    copy[size] = '\0';
    if (cw_zone_rule_parse((const char *)data, size, &rule) == 0)
        (void)cw_zone_rule_at(&rule, 1800000000);
    if (cw_hours_parse(copy, &first, &at) == 0) {
        cw_hours_text(&first, text, sizeof text);
        CW_CHECK(cw_hours_parse(text, &second, &at) == 0, "hours are read again");
        CW_CHECK(first.range_count == second.range_count &&
                     memcmp(first.ranges, second.ranges,
                            first.range_count * sizeof first.ranges[0]) == 0,
                 "and are the same");
    }
    CW_CHECK(at <= size || text[0] != '\0', "the place is in the text");
    if (cw_dates_parse(copy, &first, &at) == 0) {
        cw_dates_text(&first, text, sizeof text);
        CW_CHECK(cw_dates_parse(text, &second, &at) == 0, "dates are read again");
        CW_CHECK(first.exception_count == second.exception_count &&
                     memcmp(first.exceptions, second.exceptions,
                            first.exception_count * sizeof first.exceptions[0]) == 0,
                 "and are the same");
    }
    (void)cw_ticket_fits("INC#### @@-?* *a*b", copy);
    free(copy);
    return 0;
}
