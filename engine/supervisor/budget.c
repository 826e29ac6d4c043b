/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/budget.h"

#include <string.h>

#include "engine/base/err.h"

int cw_restart_budget_take(struct cw_restart_budget *b, uint64_t now_ns, uint64_t *ret_start_ns)
{
    unsigned old = 0;
    while (old < b->count && now_ns - b->at_ns[old] >= CW_RESTART_WINDOW_NS)
        old++;
    b->count -= old;
    memmove(b->at_ns, b->at_ns + old, b->count * sizeof b->at_ns[0]);
    if (b->count == CW_RESTART_MAX)
        return CW_ERR_FULL;
    *ret_start_ns = now_ns + (CW_RESTART_DELAY_FIRST_NS << b->count);
    b->at_ns[b->count++] = now_ns;
    return CW_OK;
}
