/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_query.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

static const char *const statement_text[] = {
#define X(name, sql) [CW_SQL_##name] = sql,
    CW_STATEMENTS(X)
#undef X
};

struct cw_query cw_query_on(struct cw_store *s, enum cw_statement id)
{
    struct cw_query q = {.store = s, .next = 1};

    if (s->statements[id] == NULL)
        q.err = cw_store_error(s, sqlite3_prepare_v3(s->db, statement_text[id], -1,
                                                     SQLITE_PREPARE_PERSISTENT, &s->statements[id],
                                                     NULL));
    q.statement = s->statements[id];
    return q;
}

void cw_bind_int(struct cw_query *q, uint64_t value)
{
    if (q->err == 0)
        q->err =
            cw_store_error(q->store, sqlite3_bind_int64(q->statement, q->next++, (int64_t)value));
}

void cw_bind_text_n(struct cw_query *q, const char *text, size_t bytes)
{
    if (q->err == 0)
        q->err = cw_store_error(q->store, sqlite3_bind_text64(q->statement, q->next++, text, bytes,
                                                              SQLITE_TRANSIENT, SQLITE_UTF8));
}

void cw_bind_text(struct cw_query *q, const char *text)
{
    cw_bind_text_n(q, text, strlen(text));
}

void cw_bind_static(struct cw_query *q, const char *text)
{
    if (q->err == 0)
        q->err = cw_store_error(
            q->store, sqlite3_bind_text(q->statement, q->next++, text, -1, SQLITE_STATIC));
}

void cw_bind_blob(struct cw_query *q, const void *data, size_t bytes)
{
    if (q->err == 0)
        q->err = cw_store_error(
            q->store, sqlite3_bind_blob64(q->statement, q->next++, data, bytes, SQLITE_TRANSIENT));
}

bool cw_query_row(struct cw_query *q)
{
    int rc = 0;

    if (q->err != 0)
        return false;
    rc = sqlite3_step(q->statement);
    q->err = cw_store_error(q->store, rc);
    return rc == SQLITE_ROW;
}

int cw_query_end(struct cw_query *q)
{
    if (q->statement != NULL) {
        /* The step's error was already noted; reset only repeats it. */
        (void)sqlite3_reset(q->statement);
        (void)sqlite3_clear_bindings(q->statement);
    }
    return q->err;
}

int cw_query_run(struct cw_query *q)
{
    CW_DCHECK(q->store->is_writing, "writes are between begin and end");
    while (cw_query_row(q))
        continue;
    return cw_query_end(q);
}

int cw_query_change(struct cw_query *q)
{
    int err = cw_query_run(q);

    if (err == 0 && sqlite3_changes(q->store->db) == 0)
        err = CW_ERR_NOT_FOUND;
    return err;
}

int cw_query_number(struct cw_query *q, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        value = cw_column_int(q, 0);
    err = cw_query_end(q);
    if (err == 0 && !found)
        err = CW_ERR_NOT_FOUND;
    if (err == 0)
        *ret_value = value;
    return err;
}

uint64_t cw_column_int(const struct cw_query *q, int column)
{
    return (uint64_t)sqlite3_column_int64(q->statement, column);
}

void cw_column_text(const struct cw_query *q, int column, char *out, size_t out_size)
{
    const unsigned char *text = sqlite3_column_text(q->statement, column);
    const size_t n = text != NULL ? strnlen((const char *)text, out_size - 1) : 0;

    /* Not snprintf: every start reads 75,000 items of 17 texts. */
    if (n > 0)
        memcpy(out, text, n);
    out[n] = '\0';
}

void cw_column_blob(const struct cw_query *q, int column, void *out, size_t bytes)
{
    const void *data = sqlite3_column_blob(q->statement, column);

    memset(out, 0, bytes);
    if (data != NULL && (size_t)sqlite3_column_bytes(q->statement, column) == bytes)
        memcpy(out, data, bytes);
}
