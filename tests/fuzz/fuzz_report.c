/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: times and cursors are read or refused; whatever a text holds, the XML made of it is well-formed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/report/filter.h"
#include "control/report/utf8.h"
#include "control/report/xml.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is between the tags: characters that XML has, and references instead of markup. */
static void check_text(const char *at, const char *end)
{
    static const char *const references[] = {"&amp;",  "&lt;",  "&gt;",  "&quot;",
                                             "&apos;", "&#13;", "&#10;", "&#9;"};

    while (at < end) {
        uint32_t character = 0;
        const size_t n = cw_utf8_take(at, &character);
        bool is_reference = false;
        CW_CHECK(character != CW_UTF8_REPLACEMENT || n == 3, "it is UTF-8");
        CW_CHECK(cw_utf8_shown(character) == character && character != '<' && character != '>' &&
                     character != '"' && character != '\r',
                 "it is text");
        for (size_t i = 0; character == '&' && i < sizeof references / sizeof references[0]; i++)
            is_reference = is_reference || strncmp(at, references[i], strlen(references[i])) == 0;
        CW_CHECK(character != '&' || is_reference, "an ampersand begins a reference");
        at += n;
    }
}

static void check_xml(const char *text)
{
    static const char begin[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"";
    static const char middle[] = "\">\n <c>";
    static const char end[] = "</c>\n</a>\n";
    struct cw_xml x = {0};

    cw_xml_open(&x, "a");
    cw_xml_attribute(&x, "b", text);
    cw_xml_element(&x, "c", text);
    cw_xml_close(&x, "a");
    char *document = cw_xml_take(&x);
    if (document == NULL)
        return;
    CW_CHECK(strncmp(document, begin, strlen(begin)) == 0, "it begins");
    const char *value = document + strlen(begin);
    const char *value_end = strstr(value, middle);
    const char *document_end = document + strlen(document) - strlen(end);
    CW_CHECK(value_end != NULL && strcmp(document_end, end) == 0, "it ends");
    check_text(value, value_end);
    check_text(value_end + strlen(middle), document_end);
    free(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_report_mark mark;
    struct cw_report_mark again;
    char cursor[CW_REPORT_CURSOR_SIZE];
    uint64_t unix_ms = 0;
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (cw_report_time_parse(text, &unix_ms) == 0)
        CW_CHECK(unix_ms <= INT64_MAX, "SQLite has a number for it");
    if (cw_report_cursor_parse(text, &mark) == 0) {
        cw_report_cursor_text(&mark, cursor);
        CW_CHECK(cw_report_cursor_parse(cursor, &again) == 0 && again.time_ms == mark.time_ms &&
                     again.id == mark.id && again.row == mark.row,
                 "a cursor comes back");
    }
    char *visible = cw_utf8_visible(text);
    if (visible != NULL)
        CW_CHECK(!cw_utf8_needs_change(visible), "once is enough");
    free(visible);
    check_xml(text);
    free(text);
    return 0;
}
