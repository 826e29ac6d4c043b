/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log in the store: append-only (triggers), each row chained to the one before by its
 * hash. */
#include <string.h>

#include "control/store/store_query.h"
#include "engine/base/err.h"
#include "engine/base/span.h"

enum { ROW_BYTES_MAX = 8 * 1024 };

static void put_text(struct cw_writer *w, const char *text)
{
    size_t n = strlen(text);

    cw_write_u32(w, (uint32_t)n);
    cw_write_bytes(w, text, n);
}

/* hash = SHA-256(domain, hash before, id, time, texts with their lengths). */
static int chain(const uint8_t *before, const struct cw_audit_row *row, uint8_t *ret_hash)
{
    uint8_t data[ROW_BYTES_MAX];
    struct cw_writer w = cw_writer_of(data, sizeof data);

    cw_write_bytes(&w, before, CW_SHA256_BYTES);
    cw_write_u64(&w, row->id);
    cw_write_u64(&w, row->time_ms);
    put_text(&w, row->actor);
    put_text(&w, row->source);
    put_text(&w, row->action);
    put_text(&w, row->object);
    put_text(&w, row->result);
    put_text(&w, row->detail);
    if (w.failed)
        return CW_ERR_TOO_LARGE;
    return cw_secret_hash("causeway audit v1", data, w.at, ret_hash);
}

int cw_store_audit_add(struct cw_store *s, struct cw_audit_row *row)
{
    uint8_t before[CW_SHA256_BYTES] = {0};
    uint8_t hash[CW_SHA256_BYTES];
    struct cw_query q = cw_query_on(s, CW_SQL_AUDIT_LAST);
    int err = 0;

    row->id = 1;
    if (cw_query_row(&q)) {
        row->id = cw_column_int(&q, 0) + 1;
        cw_column_blob(&q, 1, before, sizeof before);
    }
    err = cw_query_end(&q);
    if (err == 0)
        err = chain(before, row, hash);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_AUDIT_ADD);
    cw_bind_int(&q, row->id);
    cw_bind_int(&q, row->time_ms);
    cw_bind_text(&q, row->actor);
    cw_bind_text(&q, row->source);
    cw_bind_text(&q, row->action);
    cw_bind_text(&q, row->object);
    cw_bind_text(&q, row->result);
    cw_bind_text(&q, row->detail);
    cw_bind_blob(&q, hash, sizeof hash);
    return cw_query_run(&q);
}

static const char *text_of(const struct cw_query *q, int column)
{
    const unsigned char *text = sqlite3_column_text(q->statement, column);

    return text != NULL ? (const char *)text : "";
}

static struct cw_audit_row row_of(const struct cw_query *q)
{
    return (struct cw_audit_row){
        .id = cw_column_int(q, 0),
        .time_ms = cw_column_int(q, 1),
        .actor = text_of(q, 2),
        .source = text_of(q, 3),
        .action = text_of(q, 4),
        .object = text_of(q, 5),
        .result = text_of(q, 6),
        .detail = text_of(q, 7),
    };
}

int cw_store_audit_each(struct cw_store *s, uint32_t count_max, cw_audit_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUDIT_EACH);
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        struct cw_audit_row row = row_of(&q);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_audit_verify(struct cw_store *s, uint64_t *ret_bad_id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUDIT_ALL);
    uint8_t before[CW_SHA256_BYTES] = {0};
    uint64_t bad = 0;
    uint64_t expected = 1;
    int err = 0;

    while (bad == 0 && cw_query_row(&q)) {
        struct cw_audit_row row = row_of(&q);
        uint8_t hash[CW_SHA256_BYTES];
        uint8_t stored[CW_SHA256_BYTES];
        cw_column_blob(&q, 8, stored, sizeof stored);
        if (row.id != expected || chain(before, &row, hash) != 0 ||
            memcmp(hash, stored, sizeof hash) != 0)
            bad = row.id;
        memcpy(before, stored, sizeof before);
        expected = row.id + 1;
    }
    err = cw_query_end(&q);
    if (err != 0 || bad == 0)
        return err;
    *ret_bad_id = bad;
    return CW_ERR_SIGNATURE;
}
