/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/budget.h - how soon a dead child starts again, and when to give up.
 *
 * Owner:     embedded in its child.
 * Thread:    any; pure (the time is a parameter).
 * Units:     ns, monotonic.
 * Errors:    CW_ERR_FULL: the budget is spent; nothing changed.
 * Limits:    CW_RESTART_MAX restarts in CW_RESTART_WINDOW_NS.
 * Invariant: count <= CW_RESTART_MAX; at_ns[0 .. count-1] ascend and lie inside the window.
 *
 * The delay doubles with each restart that is still inside the window, so a child that dies at once does
 * not spin and one that dies once a day is back at once.
 */
#ifndef CW_ENGINE_SUPERVISOR_BUDGET_H
#define CW_ENGINE_SUPERVISOR_BUDGET_H

#include <stdint.h>

enum { CW_RESTART_MAX = 5 };
#define CW_RESTART_WINDOW_NS      UINT64_C(60000000000)
/* For a child that is optional, when its budget is spent. */
#define CW_RESTART_OPTIONAL_NS    UINT64_C(60000000000)
#define CW_RESTART_DELAY_FIRST_NS UINT64_C(100000000)

struct cw_restart_budget {
    uint64_t at_ns[CW_RESTART_MAX];
    unsigned count;
};

/* A child died at now_ns: *ret_start_ns is when to start it again. */
int cw_restart_budget_take(struct cw_restart_budget *b, uint64_t now_ns, uint64_t *ret_start_ns);

#endif
