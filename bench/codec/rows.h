/* SPDX-License-Identifier: Apache-2.0 */
/* bench/codec/rows.h - what the passes measured, as medians, for people or for programs.
 *
 * Owner:     the caller, by value.
 * Thread:    any.
 * Units:     each row names its own.
 * Errors:    none.
 * Limits:    SAMPLES_MAX samples a row; more are not kept.
 */
#ifndef CW_BENCH_CODEC_ROWS_H
#define CW_BENCH_CODEC_ROWS_H

#include <stdbool.h>
#include <stdint.h>

enum { SAMPLES_MAX = 64 };

struct samples {
    double values[SAMPLES_MAX];
    uint32_t count;
};

struct row {
    const char *by;
    const char *measure;
    const char *unit;
    bool is_more_better;
    bool is_lossy;
};

void samples_add(struct samples *s, double value);
double samples_median(const struct samples *s);
/* Relative distance of the quartiles. */
double samples_spread(const struct samples *s);

/* A row of one JSON object a line. */
void row_print_json(const struct row *row, const struct samples *s);

#endif
