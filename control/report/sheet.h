/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/sheet.h - a report being written, as JSON, CSV or XML.
 *
 * Owner:     whoever began it, until cw_sheet_end or cw_sheet_free.
 * Thread:    the owner's.
 * Errors:    sticky: cw_sheet_end gives CW_ERR_NOMEM.
 * Limits:    CW_REPORT_BYTES_MAX is the caller's to look at (bytes).
 * Invariant: texts leave as UTF-8 that markup, spreadsheets and terminals take for nothing but text: JSON by jansson,
 *            CSV by control/api/csv.h, XML by xml.h.
 */
#ifndef CW_CONTROL_REPORT_SHEET_H
#define CW_CONTROL_REPORT_SHEET_H

#include <jansson.h>

#include "control/api/csv.h"
#include "control/api/operation.h"
#include "control/report/tables.h"
#include "control/report/xml.h"

enum cw_report_format { CW_REPORT_JSON, CW_REPORT_CSV, CW_REPORT_XML };

struct cw_sheet {
    enum cw_report_format format;
    const struct cw_table *table;
    uint32_t rows;
    size_t bytes; /* of the texts so far */
    bool has_failed;
    json_t *list; /* JSON: all rows */
    json_t *row;  /* JSON: the open one, which list has */
    json_t *part; /* JSON: the open part's rows, which row has */
    struct cw_csv csv;
    struct cw_xml xml;
};

/* first: the answer is the first of its report (CSV has the names of columns there only). */
void cw_sheet_begin(struct cw_sheet *sheet, enum cw_report_format format,
                    const struct cw_table *table, bool is_first, uint64_t now_ms);
/* A row; its parts may follow, then cw_sheet_row_end. CSV has no parts. */
void cw_sheet_row(struct cw_sheet *sheet, const struct cw_report_row *row);
void cw_sheet_part(struct cw_sheet *sheet, const struct cw_table *part);
void cw_sheet_part_row(struct cw_sheet *sheet, const struct cw_table *part,
                       const struct cw_report_row *row);
void cw_sheet_part_end(struct cw_sheet *sheet, const struct cw_table *part);
void cw_sheet_row_end(struct cw_sheet *sheet);
/* Fills reply; next: the cursor of what follows, "" at the end. The sheet is empty again. */
int cw_sheet_end(struct cw_sheet *sheet, const char *next, struct cw_reply *reply);
void cw_sheet_free(struct cw_sheet *sheet);

#endif
