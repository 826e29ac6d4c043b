/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of recordings: where they are, what they held when they were sealed. */
#include "control/store/store_query.h"
#include "engine/base/err.h"

static void row_of(const struct cw_query *q, struct cw_recording_row *row)
{
    *row = (struct cw_recording_row){0};
    row->recording = cw_column_int(q, 0);
    row->part = (uint32_t)cw_column_int(q, 1);
    row->session = (uint32_t)cw_column_int(q, 2);
    cw_column_text(q, 3, row->file, sizeof row->file);
    row->bytes = cw_column_int(q, 4);
    row->blocks = cw_column_int(q, 5);
    row->is_whole = cw_column_int(q, 6) != 0;
    cw_column_blob(q, 7, row->root, sizeof row->root);
    cw_column_blob(q, 8, row->signature, sizeof row->signature);
    row->sealed_s = cw_column_int(q, 9);
    row->is_told = cw_column_int(q, 10) != 0;
}

int cw_store_recording_put(struct cw_store *s, const struct cw_recording_row *row)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECORDING_PUT);

    cw_bind_int(&q, row->recording);
    cw_bind_int(&q, row->part);
    cw_bind_int(&q, row->session);
    cw_bind_text(&q, row->file);
    cw_bind_int(&q, row->bytes);
    cw_bind_int(&q, row->blocks);
    cw_bind_int(&q, row->is_whole);
    cw_bind_blob(&q, row->root, sizeof row->root);
    cw_bind_blob(&q, row->signature, sizeof row->signature);
    cw_bind_int(&q, row->sealed_s);
    cw_bind_int(&q, row->is_told);
    return cw_query_run(&q);
}

int cw_store_recording_get(struct cw_store *s, uint64_t recording, uint32_t part,
                           struct cw_recording_row *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECORDING_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, recording);
    cw_bind_int(&q, part);
    found = cw_query_row(&q);
    if (found)
        row_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_recording_each(struct cw_store *s, bool only_untold, uint32_t count_max,
                            cw_recording_row_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECORDING_EACH);
    struct cw_recording_row row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, only_untold);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        row_of(&q, &row);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_recording_told(struct cw_store *s, uint32_t worker, uint32_t worker_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECORDING_TOLD);

    cw_bind_int(&q, worker);
    cw_bind_int(&q, worker_count);
    return cw_query_run(&q);
}
