/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/report.h - the figures of a run, as a table for people and one JSON object for programs.
 *
 * Owner:     a value. Names and units are literals.
 * Thread:    one.
 * Units:     in the units.
 * Errors:    cw_report_write: CW_ERR_IO.
 * Limits:    CW_REPORT_FIGURES_MAX.
 */
#ifndef CW_BENCH_LOAD_REPORT_H
#define CW_BENCH_LOAD_REPORT_H

#include <stddef.h>

enum { CW_REPORT_FIGURES_MAX = 64 };

struct cw_report {
    const char *scenario, *target;
    struct {
        const char *name, *unit;
        double value;
    } figures[CW_REPORT_FIGURES_MAX];
    unsigned count;
};

struct cw_histogram;
void cw_report_add(struct cw_report *r, const char *name, double value, const char *unit);
/* names: of p50, p99, p99.9 and the most, in us. Nothing when h is empty. */
void cw_report_latency(struct cw_report *r, const char *const names[4],
                       const struct cw_histogram *h);
void cw_report_print(const struct cw_report *r);
/* {"scenario", "target", "figures": {NAME: {"value", "unit"}}}; path "-" is standard output. */
int cw_report_write(const struct cw_report *r, const char *path);

#endif
