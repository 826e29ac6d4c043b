/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/metrics.h - everything the appliance counts, in Prometheus's text format 0.0.4.
 *
 * Owner:     the caller frees *ret_text.
 * Thread:    the state thread.
 * Units:     base units in the names (seconds, bytes), counters end with _total.
 * Errors:    CW_ERR_NOMEM.
 * Limits:    labels have values of fixed lists only, and the numbers of workers; never one that a peer chose.
 * Invariant: each family has its HELP and TYPE once, and all of its samples behind them.
 */
#ifndef CW_CONTROL_LINK_METRICS_H
#define CW_CONTROL_LINK_METRICS_H

#include "control/state.h"

/* From the workers' last STATUS and control's own counts. */
int cw_metrics_write(struct cw_control *c, char **ret_text, size_t *ret_size);

/* An operation was carried out; err: its result. */
void cw_metrics_on_operation(struct cw_control *c, const struct cw_operation *operation, int err,
                             uint64_t took_us);

#endif
