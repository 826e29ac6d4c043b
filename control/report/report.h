/* SPDX-License-Identifier: Apache-2.0 */
/* control/report/report.h - what the rest of control tells reports, and what goes when it is too old.
 *
 * Owner:     struct cw_reporting is struct cw_control's.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    history that cannot be stored now is left out: it never stops what it tells about.
 * Limits:    CW_REPORT_PURGE_SESSIONS in a transaction.
 * Invariant: what is removed is only what ended longer ago than the option report.keep_days says; the audit log stays.
 */
#ifndef CW_CONTROL_REPORT_REPORT_H
#define CW_CONTROL_REPORT_REPORT_H

#include "control/state.h"

struct cw_reporting {
    uint64_t purge_ms; /* when it is looked for next */
    bool has_settled;  /* consoles have come back since control started */
};

int cw_report_load(struct cw_control *c);
void cw_report_free(struct cw_control *c);
/* An account's console came or went, or it is available, busy or away now. */
void cw_report_presence(struct cw_control *c, uint32_t account);
void cw_report_tick(struct cw_control *c, uint64_t now_ms);

#endif
