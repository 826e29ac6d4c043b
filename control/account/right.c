/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/right.h"

#include "control/state.h"

static const struct {
    const char *name;
    bool is_default;
    const char *allows;
} rights[CW_RIGHT_COUNT] = {[CW_RIGHT_NONE] = {"", true, ""},
#define X(name, text, is_default, allows) [CW_RIGHT_##name] = {text, is_default, allows},
                            CW_RIGHTS(X)
#undef X
};

bool cw_right_has(struct cw_control *c, uint32_t account, enum cw_right right)
{
    struct cw_account row;

    if (cw_store_account_get(c->store, account, &row) != 0 || !row.is_enabled)
        return false;
    return row.is_admin || rights[right].is_default;
}

const char *cw_right_name(enum cw_right right)
{
    return rights[right].name;
}

const char *cw_right_allows(enum cw_right right)
{
    return rights[right].allows;
}
