/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator changed while the appliance ran: names and numbers. */
#include "control/store/store_query.h"
#include "engine/base/err.h"

int cw_store_setting_put(struct cw_store *s, const char *name, uint64_t value, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SETTING_PUT);

    cw_bind_text(&q, name);
    cw_bind_int(&q, value);
    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}

int cw_store_setting_remove(struct cw_store *s, const char *name)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SETTING_REMOVE);

    cw_bind_text(&q, name);
    return cw_query_run(&q);
}

int cw_store_setting_each(struct cw_store *s, cw_setting_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SETTING_EACH);
    int rc = 0;

    while (rc == 0 && cw_query_row(&q)) {
        char name[CW_SETTING_NAME_BYTES_MAX + 1];
        cw_column_text(&q, 0, name, sizeof name);
        rc = each(user, name, cw_column_int(&q, 1));
    }
    int err = cw_query_end(&q);
    return rc != 0 ? rc : err;
}
