/* SPDX-License-Identifier: Apache-2.0 */
#include "control/api/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add(struct cw_csv *csv, const char *bytes, size_t n)
{
    if (csv->has_failed)
        return;
    if (n >= csv->room - csv->bytes) {
        size_t room = csv->room < 4096 ? 4096 : csv->room;
        while (room <= csv->bytes + n)
            room *= 2;
        char *grown = realloc(csv->text, room);
        if (grown == NULL) {
            csv->has_failed = true;
            return;
        }
        csv->text = grown;
        csv->room = room;
    }
    memcpy(csv->text + csv->bytes, bytes, n);
    csv->bytes += n;
}

static void begin_cell(struct cw_csv *csv)
{
    if (csv->is_in_row)
        add(csv, ",", 1);
    csv->is_in_row = true;
}

void cw_csv_text(struct cw_csv *csv, const char *text)
{
    const bool is_formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

    begin_cell(csv);
    if (!is_formula && strpbrk(text, ",\"\r\n") == NULL) {
        add(csv, text, strlen(text));
        return;
    }
    add(csv, is_formula ? "\"'" : "\"", is_formula ? 2 : 1);
    while (*text != '\0') {
        const size_t n = strcspn(text, "\"");
        add(csv, text, n);
        text += n;
        if (*text == '"') {
            add(csv, "\"\"", 2);
            text++;
        }
    }
    add(csv, "\"", 1);
}

void cw_csv_number(struct cw_csv *csv, uint64_t number)
{
    char text[24];
    const int n = snprintf(text, sizeof text, "%llu", (unsigned long long)number);

    begin_cell(csv);
    add(csv, text, (size_t)n);
}

void cw_csv_time(struct cw_csv *csv, uint64_t unix_ms)
{
    const time_t seconds = (time_t)(unix_ms / 1000);
    char text[32] = "";
    struct tm t;

    if (unix_ms != 0 && gmtime_r(&seconds, &t) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t);
    begin_cell(csv);
    add(csv, text, strlen(text));
}

void cw_csv_end_row(struct cw_csv *csv)
{
    add(csv, "\r\n", 2);
    csv->is_in_row = false;
}

char *cw_csv_take(struct cw_csv *csv)
{
    char *text = NULL;

    add(csv, "", 0); /* makes room for the end, also of no rows at all */
    if (!csv->has_failed) {
        text = csv->text;
        text[csv->bytes] = '\0';
        csv->text = NULL;
    }
    cw_csv_free(csv);
    return text;
}

void cw_csv_free(struct cw_csv *csv)
{
    free(csv->text);
    *csv = (struct cw_csv){0};
}
