/* SPDX-License-Identifier: Apache-2.0 */
/* Canned messages: a text that is good has as many tags that open as tags that close; one that is not says where. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/canned/bbcode.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    const char *why = NULL;
    size_t at = 0;

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (cw_bbcode_check(text, &at, &why) == 0) {
        CW_CHECK(count(text, "[b]") == count(text, "[/b]"), "bold ends");
        CW_CHECK(count(text, "[/url]") == count(text, "[url=https://"), "links are good ones");
    } else {
        CW_CHECK(at <= strlen(text) && why != NULL, "it says where and why");
    }
    free(text);
    return 0;
}
