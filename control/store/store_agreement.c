/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_agreement.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

int cw_store_agreement_current(struct cw_store *s, struct cw_agreement *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AGREEMENT_CURRENT);
    bool found = cw_query_row(&q) && cw_column_int(&q, 4) == 0;
    int err = 0;

    if (found) {
        ret->version = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, ret->title, sizeof ret->title);
        cw_column_text(&q, 2, ret->text, sizeof ret->text);
        ret->published_ms = cw_column_int(&q, 3);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_agreement_publish(struct cw_store *s, struct cw_agreement *agreement)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AGREEMENT_ADD);
    int err = 0;

    cw_bind_text(&q, agreement->title);
    cw_bind_text(&q, agreement->text);
    cw_bind_int(&q, agreement->published_ms);
    err = cw_query_run(&q);
    if (err == 0)
        agreement->version = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_agreement_withdraw(struct cw_store *s, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AGREEMENT_WITHDRAW);

    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}

int cw_store_agreement_accept(struct cw_store *s, uint32_t account, uint32_t version,
                              uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AGREEMENT_ACCEPT);
    int err = 0;

    cw_bind_int(&q, account);
    cw_bind_int(&q, version);
    cw_bind_int(&q, now_ms);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_AGREEMENT_OF_ACCOUNT);
    cw_bind_int(&q, account);
    cw_bind_int(&q, version);
    return cw_query_change(&q);
}
