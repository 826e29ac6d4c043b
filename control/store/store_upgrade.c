/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_upgrade.h"

#include <string.h>

#include "control/store/store_query.h"
#include "engine/base/err.h"

int cw_store_upgrade_put(struct cw_store *s, const struct cw_upgrade_failure *failure)
{
    struct cw_query q = cw_query_on(s, CW_SQL_UPGRADE_PUT);

    cw_bind_int(&q, failure->item);
    cw_bind_blob(&q, failure->program, sizeof failure->program);
    cw_bind_int(&q, failure->time_ms);
    cw_bind_text(&q, failure->why);
    return cw_query_run(&q);
}

int cw_store_upgrade_get(struct cw_store *s, uint32_t item, struct cw_upgrade_failure *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_UPGRADE_GET);
    bool is_there = false;

    memset(ret, 0, sizeof *ret);
    cw_bind_int(&q, item);
    while (cw_query_row(&q)) {
        is_there = true;
        ret->item = item;
        cw_column_blob(&q, 0, ret->program, sizeof ret->program);
        ret->time_ms = cw_column_int(&q, 1);
        cw_column_text(&q, 2, ret->why, sizeof ret->why);
    }
    const int err = cw_query_end(&q);
    return err != 0 ? err : is_there ? 0 : CW_ERR_NOT_FOUND;
}

int cw_store_upgrade_remove(struct cw_store *s, uint32_t item)
{
    struct cw_query q = cw_query_on(s, CW_SQL_UPGRADE_REMOVE);

    cw_bind_int(&q, item);
    return cw_query_run(&q);
}

int cw_store_upgrade_each(struct cw_store *s, const uint8_t *program, uint32_t after,
                          uint32_t count_max, cw_upgrade_failure_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_UPGRADE_EACH);
    int stop = 0;

    cw_bind_blob(&q, program, CW_SHA256_BYTES);
    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        struct cw_upgrade_failure f = {.item = (uint32_t)cw_column_int(&q, 0)};
        cw_column_text(&q, 1, f.name, sizeof f.name);
        f.time_ms = cw_column_int(&q, 2);
        cw_column_text(&q, 3, f.why, sizeof f.why);
        stop = each(user, &f);
    }
    const int err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_upgrade_count(struct cw_store *s, const uint8_t *program, uint64_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_UPGRADE_COUNT);

    cw_bind_blob(&q, program, CW_SHA256_BYTES);
    return cw_query_number(&q, ret_count);
}
