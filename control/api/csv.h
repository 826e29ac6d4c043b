/* SPDX-License-Identifier: Apache-2.0 */
/* control/api/csv.h - rows of a CSV file (RFC 4180) that no spreadsheet takes for formulas.
 *
 * Owner:     the text is the struct's until cw_csv_take or cw_csv_free.
 * Thread:    the owner's.
 * Errors:    sticky: cw_csv_take gives NULL when memory ran out.
 * Invariant: a cell that a spreadsheet would calculate (it begins with = + - @, a tab or a carriage return) begins
 *            with an apostrophe, which makes it text.
 */
#ifndef CW_CONTROL_API_CSV_H
#define CW_CONTROL_API_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_csv {
    char *text;
    size_t bytes;
    size_t room;
    bool is_in_row;
    bool has_failed;
};

void cw_csv_text(struct cw_csv *csv, const char *text);
void cw_csv_number(struct cw_csv *csv, uint64_t number);
/* RFC 3339 in UTC to the second, or nothing for 0. */
void cw_csv_time(struct cw_csv *csv, uint64_t unix_ms);
void cw_csv_end_row(struct cw_csv *csv);
/* The whole text, for free(); the struct is empty again. */
char *cw_csv_take(struct cw_csv *csv);
void cw_csv_free(struct cw_csv *csv);

#endif
