/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/tables.h - every report as a table: what its columns are called and hold.
 *
 * JSON, CSV, XML and the schema of the XML are made from these rows alone; the store selects the same columns in the
 * same order (control/store/sql_report.h).
 *
 * Owner:     constants.
 * Thread:    any.
 * Invariant: a column that was released keeps its name and kind; new ones come at the end.
 */
#ifndef CW_CONTROL_REPORT_TABLES_H
#define CW_CONTROL_REPORT_TABLES_H

#include <stdint.h>

#include "control/store/store_report.h"

enum cw_cell {
    CW_CELL_TEXT,
    CW_CELL_NUMBER,
    CW_CELL_ID,   /* a number; 0: there is none */
    CW_CELL_TIME, /* Unix milliseconds; 0: there is none */
    CW_CELL_FLAG,
    CW_CELL_WORD, /* a number that stands for a word */
};

struct cw_column {
    const char *name;
    enum cw_cell cell;
    const char *(*word)(uint64_t number); /* WORD */
};

struct cw_table {
    const char *name;  /* "sessions" */
    const char *item;  /* "session": a row */
    const char *about; /* for the schema */
    enum cw_report_query query;
    const struct cw_column *columns;
    unsigned column_count;
    const struct cw_table *const *parts; /* of each row; ends with NULL. NULL: none */
};

extern const struct cw_table cw_table_sessions;
extern const struct cw_table cw_table_accesses;
extern const struct cw_table cw_table_buttons;
extern const struct cw_table cw_table_surveys; /* a part of sessions, too */
extern const struct cw_table cw_table_teams;
extern const struct cw_table cw_table_summary;
extern const struct cw_table cw_table_logins;
extern const struct cw_table cw_table_changes;

/* Every report; ends with NULL. */
extern const struct cw_table *const cw_tables[];

/* The part of that name; NULL: sessions have none. */
const struct cw_table *cw_table_part(const char *name);

#endif
