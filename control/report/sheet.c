/* SPDX-License-Identifier: Apache-2.0 */
#include "control/report/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/report/schema.h"
#include "control/report/utf8.h"
#include "engine/base/err.h"

/* RFC 3339 in UTC, to the millisecond. */
static void time_text(uint64_t unix_ms, char *out, size_t size)
{
    const time_t seconds = (time_t)(unix_ms / 1000);
    struct tm t;
    size_t n = 0;

    out[0] = '\0';
    if (gmtime_r(&seconds, &t) != NULL)
        n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &t);
    if (n != 0)
        (void)snprintf(out + n, size - n, ".%03uZ", (unsigned)(unix_ms % 1000));
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static json_t *json_of_text(struct cw_sheet *sheet, const char *text)
{
    json_t *value = json_string(text);

    if (value == NULL && cw_utf8_needs_change(text)) { /* it is not UTF-8 */
        char *copy = cw_utf8_visible(text);
        value = copy != NULL ? json_string(copy) : NULL;
        free(copy);
    }
    if (value == NULL)
        sheet->has_failed = true;
    return value;
}

static json_t *json_of_number(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static void json_cell(struct cw_sheet *sheet, json_t *object, const struct cw_column *column,
                      const struct cw_report_row *row, unsigned at)
{
    const uint64_t number = column->cell != CW_CELL_TEXT ? cw_report_row_number(row, at) : 0;
    char name[64];
    json_t *value = NULL;

    (void)snprintf(name, sizeof name, "%s%s", column->name,
                   column->cell == CW_CELL_TIME ? "_unix_ms" : "");
    switch (column->cell) {
    case CW_CELL_TEXT: value = json_of_text(sheet, cw_report_row_text(row, at)); break;
    case CW_CELL_NUMBER: value = json_of_number(number); break;
    case CW_CELL_ID:
    case CW_CELL_TIME: value = number != 0 ? json_of_number(number) : json_null(); break;
    case CW_CELL_FLAG: value = json_boolean(number != 0); break;
    case CW_CELL_WORD: value = json_string(column->word(number)); break;
    }
    if (json_object_set_new(object, name, value) != 0)
        sheet->has_failed = true;
}

static json_t *json_row(struct cw_sheet *sheet, json_t *list, const struct cw_table *table,
                        const struct cw_report_row *row)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < table->column_count; i++)
        json_cell(sheet, object, &table->columns[i], row, i);
    if (json_array_append_new(list, object) != 0) {
        sheet->has_failed = true;
        return NULL;
    }
    return object;
}

/* ---- CSV -------------------------------------------------------------------------------------- */

static void csv_text(struct cw_sheet *sheet, const char *text)
{
    if (!cw_utf8_needs_change(text)) {
        cw_csv_text(&sheet->csv, text);
        return;
    }
    char *copy = cw_utf8_visible(text);
    if (copy != NULL)
        cw_csv_text(&sheet->csv, copy);
    else
        sheet->has_failed = true;
    free(copy);
}

static void csv_row(struct cw_sheet *sheet, const struct cw_table *table,
                    const struct cw_report_row *row)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const struct cw_column *column = &table->columns[i];
        const uint64_t number = column->cell != CW_CELL_TEXT ? cw_report_row_number(row, i) : 0;
        switch (column->cell) {
        case CW_CELL_TEXT: csv_text(sheet, cw_report_row_text(row, i)); break;
        case CW_CELL_NUMBER: cw_csv_number(&sheet->csv, number); break;
        case CW_CELL_ID:
            if (number != 0)
                cw_csv_number(&sheet->csv, number);
            else
                cw_csv_text(&sheet->csv, "");
            break;
        case CW_CELL_TIME: cw_csv_time(&sheet->csv, number); break;
        case CW_CELL_FLAG: cw_csv_text(&sheet->csv, number != 0 ? "true" : "false"); break;
        case CW_CELL_WORD: cw_csv_text(&sheet->csv, column->word(number)); break;
        }
    }
    cw_csv_end_row(&sheet->csv);
}

/* ---- XML -------------------------------------------------------------------------------------- */

static void xml_cells(struct cw_sheet *sheet, const struct cw_table *table,
                      const struct cw_report_row *row)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const struct cw_column *column = &table->columns[i];
        const uint64_t number = column->cell != CW_CELL_TEXT ? cw_report_row_number(row, i) : 0;
        char text[40];
        const char *value = text;
        const bool is_there =
            number != 0 || (column->cell != CW_CELL_ID && column->cell != CW_CELL_TIME);
        if (column->cell == CW_CELL_TEXT)
            value = cw_report_row_text(row, i);
        else if (column->cell == CW_CELL_WORD)
            value = column->word(number);
        else if (column->cell == CW_CELL_FLAG)
            value = number != 0 ? "true" : "false";
        else if (column->cell == CW_CELL_TIME)
            time_text(number, text, sizeof text);
        else
            (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
        if (is_there)
            cw_xml_element(&sheet->xml, column->name, value);
    }
}

/* ---- a report --------------------------------------------------------------------------------- */

void cw_sheet_begin(struct cw_sheet *sheet, enum cw_report_format format,
                    const struct cw_table *table, bool is_first, uint64_t now_ms)
{
    char text[40];

    *sheet = (struct cw_sheet){.format = format, .table = table};
    switch (format) {
    case CW_REPORT_JSON:
        sheet->list = json_array();
        sheet->has_failed = sheet->list == NULL;
        break;
    case CW_REPORT_CSV:
        for (unsigned i = 0; is_first && i < table->column_count; i++)
            cw_csv_text(&sheet->csv, table->columns[i].name);
        if (is_first)
            cw_csv_end_row(&sheet->csv);
        break;
    case CW_REPORT_XML:
        time_text(now_ms, text, sizeof text);
        cw_xml_open(&sheet->xml, "report");
        cw_xml_attribute(&sheet->xml, "xmlns", CW_REPORT_NAMESPACE);
        cw_xml_attribute(&sheet->xml, "name", table->name);
        cw_xml_attribute(&sheet->xml, "made", text);
        cw_xml_open(&sheet->xml, table->name);
        break;
    }
}

static void count_bytes(struct cw_sheet *sheet, const struct cw_table *table,
                        const struct cw_report_row *row)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].cell == CW_CELL_TEXT)
            sheet->bytes += strlen(cw_report_row_text(row, i));
}

void cw_sheet_row(struct cw_sheet *sheet, const struct cw_report_row *row)
{
    sheet->rows++;
    count_bytes(sheet, sheet->table, row);
    switch (sheet->format) {
    case CW_REPORT_JSON: sheet->row = json_row(sheet, sheet->list, sheet->table, row); break;
    case CW_REPORT_CSV: csv_row(sheet, sheet->table, row); break;
    case CW_REPORT_XML:
        cw_xml_open(&sheet->xml, sheet->table->item);
        xml_cells(sheet, sheet->table, row);
        break;
    }
}

void cw_sheet_part(struct cw_sheet *sheet, const struct cw_table *part)
{
    if (sheet->format == CW_REPORT_XML)
        cw_xml_open(&sheet->xml, part->name);
    if (sheet->format != CW_REPORT_JSON)
        return;
    sheet->part = json_array();
    if (sheet->row == NULL || json_object_set_new(sheet->row, part->name, sheet->part) != 0) {
        sheet->has_failed = true;
        sheet->part = NULL;
    }
}

void cw_sheet_part_row(struct cw_sheet *sheet, const struct cw_table *part,
                       const struct cw_report_row *row)
{
    count_bytes(sheet, part, row);
    if (sheet->format == CW_REPORT_XML) {
        cw_xml_open(&sheet->xml, part->item);
        xml_cells(sheet, part, row);
        cw_xml_close(&sheet->xml, part->item);
    } else if (sheet->format == CW_REPORT_JSON && sheet->part != NULL) {
        (void)json_row(sheet, sheet->part, part, row);
    }
}

void cw_sheet_part_end(struct cw_sheet *sheet, const struct cw_table *part)
{
    sheet->part = NULL;
    if (sheet->format == CW_REPORT_XML)
        cw_xml_close(&sheet->xml, part->name);
}

void cw_sheet_row_end(struct cw_sheet *sheet)
{
    sheet->row = NULL;
    if (sheet->format == CW_REPORT_XML)
        cw_xml_close(&sheet->xml, sheet->table->item);
}

/* ---- the answer ------------------------------------------------------------------------------- */

static int reply_text(struct cw_sheet *sheet, const char *next, struct cw_reply *reply)
{
    const bool is_csv = sheet->format == CW_REPORT_CSV;
    char *text = NULL;

    if (is_csv) {
        text = cw_csv_take(&sheet->csv);
    } else {
        cw_xml_close(&sheet->xml, sheet->table->name);
        if (next[0] != '\0')
            cw_xml_element(&sheet->xml, "next", next);
        cw_xml_close(&sheet->xml, "report");
        text = cw_xml_take(&sheet->xml);
    }
    if (text != NULL && !sheet->has_failed)
        reply->json = json_pack("{s:s, s:s?}", "text", text, "next", next[0] != '\0' ? next : NULL);
    free(text);
    reply->is_text = true;
    reply->text_type = is_csv ? "text/csv; charset=utf-8" : "application/xml; charset=utf-8";
    (void)snprintf(reply->file_name, sizeof reply->file_name, "%s.%s", sheet->table->name,
                   is_csv ? "csv" : "xml");
    (void)snprintf(reply->next, sizeof reply->next, "%s", next);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

int cw_sheet_end(struct cw_sheet *sheet, const char *next, struct cw_reply *reply)
{
    int err = 0;

    if (sheet->format != CW_REPORT_JSON) {
        err = reply_text(sheet, next, reply);
    } else if (!sheet->has_failed) {
        reply->json = json_pack("{s:s, s:O, s:s?}", "report", sheet->table->name, "rows",
                                sheet->list, "next", next[0] != '\0' ? next : NULL);
        err = reply->json != NULL ? 0 : CW_ERR_NOMEM;
    } else {
        err = CW_ERR_NOMEM;
    }
    cw_sheet_free(sheet);
    return err;
}

void cw_sheet_free(struct cw_sheet *sheet)
{
    json_decref(sheet->list);
    cw_csv_free(&sheet->csv);
    cw_xml_free(&sheet->xml);
    *sheet = (struct cw_sheet){0};
}
