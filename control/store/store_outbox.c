/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_outbox.h"

#include <stdlib.h>

#include "control/store/store_query.h"
#include "engine/base/err.h"

static void receiver_of(const struct cw_query *q, struct cw_event_receiver *r)
{
    r->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, r->name, sizeof r->name);
    cw_column_text(q, 2, r->url, sizeof r->url);
    cw_column_blob(q, 3, r->secret, sizeof r->secret);
    cw_column_text(q, 4, r->patterns, sizeof r->patterns);
    cw_column_text(q, 5, r->ca, sizeof r->ca);
    r->is_enabled = cw_column_int(q, 6) != 0;
    r->created_ms = cw_column_int(q, 7);
    r->left_out = cw_column_int(q, 8);
    r->waiting = cw_column_int(q, 9);
}

int cw_store_event_receiver_each(struct cw_store *s, cw_event_receiver_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECEIVER_EACH);
    struct cw_event_receiver *receiver = malloc(sizeof *receiver); /* 19 KB */
    int stop = receiver != NULL ? 0 : CW_ERR_NOMEM;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        receiver_of(&q, receiver);
        stop = each(user, receiver);
    }
    err = cw_query_end(&q);
    free(receiver);
    return err != 0 ? err : stop;
}

int cw_store_event_receiver_add(struct cw_store *s, struct cw_event_receiver *r)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECEIVER_ADD);
    int err = 0;

    cw_bind_text(&q, r->name);
    cw_bind_text(&q, r->url);
    cw_bind_blob(&q, r->secret, sizeof r->secret);
    cw_bind_text(&q, r->patterns);
    cw_bind_text(&q, r->ca);
    cw_bind_int(&q, r->is_enabled);
    cw_bind_int(&q, r->created_ms);
    err = cw_query_run(&q);
    if (err == 0)
        r->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_event_receiver_set(struct cw_store *s, const struct cw_event_receiver *r)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECEIVER_SET);

    cw_bind_int(&q, r->id);
    cw_bind_text(&q, r->name);
    cw_bind_text(&q, r->url);
    cw_bind_text(&q, r->patterns);
    cw_bind_text(&q, r->ca);
    cw_bind_int(&q, r->is_enabled);
    return cw_query_change(&q);
}

int cw_store_event_receiver_set_secret(struct cw_store *s, uint32_t id, const uint8_t *secret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECEIVER_SECRET);

    cw_bind_int(&q, id);
    cw_bind_blob(&q, secret, CW_EVENT_SECRET_SEALED_BYTES);
    return cw_query_change(&q);
}

int cw_store_event_receiver_left_out(struct cw_store *s, uint32_t id, uint64_t count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECEIVER_LEFT_OUT);

    cw_bind_int(&q, id);
    cw_bind_int(&q, count);
    return cw_query_change(&q);
}

int cw_store_event_receiver_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_RECEIVER_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

/* ---- what waits ------------------------------------------------------------------------------ */

int cw_store_outbox_add(struct cw_store *s, uint32_t receiver, uint64_t now_ms, const char *type,
                        const char *body)
{
    struct cw_query q = cw_query_on(s, CW_SQL_OUTBOX_ADD);

    cw_bind_int(&q, receiver);
    cw_bind_int(&q, now_ms);
    cw_bind_text(&q, type);
    cw_bind_text(&q, body);
    return cw_query_run(&q);
}

int cw_store_outbox_first(struct cw_store *s, uint32_t receiver, cw_outbox_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_OUTBOX_FIRST);
    bool found = false;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, receiver);
    found = cw_query_row(&q);
    if (found) {
        const struct cw_outbox_row row = {
            .id = cw_column_int(&q, 0),
            .created_ms = cw_column_int(&q, 1),
            .type = (const char *)sqlite3_column_text(q.statement, 2),
            .body = (const char *)sqlite3_column_text(q.statement, 3),
        };
        stop = row.type != NULL && row.body != NULL ? each(user, &row) : CW_ERR_NOMEM;
    }
    err = cw_query_end(&q);
    if (err == 0 && !found)
        err = CW_ERR_NOT_FOUND;
    return err != 0 ? err : stop;
}

int cw_store_outbox_remove(struct cw_store *s, uint64_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_OUTBOX_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_run(&q);
}

int cw_store_outbox_trim(struct cw_store *s, uint32_t receiver, uint32_t count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_OUTBOX_TRIM);

    cw_bind_int(&q, receiver);
    cw_bind_int(&q, count);
    return cw_query_run(&q);
}

int cw_store_outbox_remove_old(struct cw_store *s, uint32_t receiver, uint64_t before_ms,
                               uint64_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_OUTBOX_REMOVE_OLD);
    int err = 0;

    cw_bind_int(&q, receiver);
    cw_bind_int(&q, before_ms);
    err = cw_query_run(&q);
    if (err == 0)
        *ret_count = (uint64_t)sqlite3_changes(s->db);
    return err;
}
