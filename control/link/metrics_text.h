/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/metrics_text.h - text that grows, in the exposition format.
 *
 * Owner:     the caller frees text.
 * Thread:    any; pure.
 * Errors:    is_full: memory ran out, and everything since is missing.
 */
#ifndef CW_CONTROL_LINK_METRICS_TEXT_H
#define CW_CONTROL_LINK_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_metrics_text {
    char *text;
    size_t size;
    size_t room;
    bool is_full;
};

/* "# HELP causeway_NAME HELP" and "# TYPE causeway_NAME TYPE". */
void cw_metrics_family(struct cw_metrics_text *t, const char *name, const char *type,
                       const char *help);
/* labels: "worker=\"0\",state=\"open\"" or "". */
void cw_metrics_sample(struct cw_metrics_text *t, const char *name, const char *labels,
                       double value);
/* One histogram of buckets that each hold their own values; edges in seconds, one fewer than buckets. */
void cw_metrics_histogram(struct cw_metrics_text *t, const char *name, const char *labels,
                          const double *edges_s, const uint64_t *buckets, unsigned bucket_count,
                          double sum_s);

#endif
