/* SPDX-License-Identifier: Apache-2.0 */
/* Is the audit log what was written? Every row, every checkpoint and the end, and the first thing that is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/audit/key_file.h"
#include "control/store/store_query.h"
#include "engine/base/err.h"

/* The epoch whose rows are read. */
struct walk {
    struct cw_store *store;
    struct cw_audit_report *report;
    struct cw_query checkpoints;
    struct cw_checkpoint end;  /* of the epoch; when is_open there is none yet */
    struct cw_checkpoint last; /* of the epoch before; public_key all zero: there was none */
    struct cw_chain_key key;   /* of the open epoch; has_key */
    bool has_key;
    bool is_open;
    struct cw_chain_mac mac;
    uint64_t last_id;
    uint8_t last_mac[CW_CHAIN_BYTES];
};

__attribute__((format(printf, 3, 4))) static int bad(struct walk *w, uint64_t id,
                                                     const char *format, ...)
{
    va_list args;

    w->report->bad_id = id;
    va_start(args, format);
    vsnprintf(w->report->why, sizeof w->report->why, format, args);
    va_end(args);
    return CW_ERR_SIGNATURE;
}

static void checkpoint_of(const struct cw_query *q, struct cw_checkpoint *c)
{
    c->epoch = cw_column_int(q, 0);
    c->time_ms = cw_column_int(q, 1);
    c->last_id = cw_column_int(q, 2);
    cw_column_blob(q, 3, c->last_mac, sizeof c->last_mac);
    cw_column_blob(q, 4, c->rows_key, sizeof c->rows_key);
    cw_column_blob(q, 5, c->public_key, sizeof c->public_key);
    cw_column_blob(q, 6, c->next_public_key, sizeof c->next_public_key);
    cw_column_blob(q, 7, c->signature, sizeof c->signature);
}

int cw_store_checkpoint_last(struct cw_store *s, struct cw_checkpoint *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CHECKPOINT_LAST);
    bool found = cw_query_row(&q);
    int err = 0;

    if (found)
        checkpoint_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

/* ---- epochs ---------------------------------------------------------------------------------- */

/* The epoch after the last checkpoint: its key is on the appliance only. */
static int open_last_epoch(struct walk *w)
{
    uint8_t rows_key[CW_CHAIN_BYTES] = {0};
    uint8_t public_key[CW_KEY_BYTES];
    int err = 0;

    w->is_open = true;
    w->end = (struct cw_checkpoint){.epoch = w->last.epoch + 1, .last_id = UINT64_MAX};
    while (err == 0 && w->has_key && w->key.epoch < w->end.epoch)
        err = cw_chain_next(&w->key);
    if (err != 0 || !w->has_key)
        return err;
    if (w->key.epoch > w->end.epoch)
        return bad(w, w->last_id + 1, "the store was put back to an earlier state than its key's");
    err = cw_chain_public_key(&w->key, public_key);
    if (err == 0 && memcmp(public_key, w->last.next_public_key, sizeof public_key) != 0)
        return bad(w, w->last_id + 1, "the key of the rows behind it is not the appliance's");
    if (err == 0)
        err = cw_chain_rows_key(&w->key, rows_key);
    if (err == 0)
        err = cw_chain_mac_new(rows_key, &w->mac);
    explicit_bzero(rows_key, sizeof rows_key);
    return err;
}

static int next_epoch(struct walk *w)
{
    const uint64_t epoch = w->report->checkpoints;

    w->last = w->end;
    cw_chain_mac_free(&w->mac);
    if (!cw_query_row(&w->checkpoints))
        return w->checkpoints.err != 0 ? w->checkpoints.err : open_last_epoch(w);
    checkpoint_of(&w->checkpoints, &w->end);
    w->report->checkpoints++;
    if (w->end.epoch != epoch)
        return bad(w, w->last_id + 1, "the checkpoint of epoch %llu is missing",
                   (unsigned long long)epoch);
    if (epoch > 0 && memcmp(w->end.public_key, w->last.next_public_key, CW_KEY_BYTES) != 0)
        return bad(w, w->last_id + 1, "the checkpoint of epoch %llu is signed by a stranger",
                   (unsigned long long)epoch);
    if (cw_chain_check(&w->end) != 0)
        return bad(w, w->last_id + 1, "the signature of checkpoint %llu is wrong",
                   (unsigned long long)epoch);
    return cw_chain_mac_new(epoch > 0 ? w->end.rows_key : NULL, &w->mac);
}

/* The rows of this epoch have been read. */
static int end_of_epoch(struct walk *w)
{
    if (w->last_id < w->end.last_id)
        return bad(w, w->last_id + 1,
                   "rows %llu to %llu are missing: a checkpoint signed that they were there",
                   (unsigned long long)w->last_id + 1, (unsigned long long)w->end.last_id);
    if (memcmp(w->last_mac, w->end.last_mac, sizeof w->last_mac) != 0)
        return bad(w, w->last.last_id + 1, "rows %llu to %llu are not those that were signed",
                   (unsigned long long)w->last.last_id + 1, (unsigned long long)w->last_id);
    return next_epoch(w);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int check_row(struct walk *w, const struct cw_query *q)
{
    struct cw_audit_row row = cw_audit_row_of(q);
    uint8_t stored[CW_CHAIN_BYTES];
    uint8_t mac[CW_CHAIN_BYTES];
    int err = 0;

    if (row.id != w->last_id + 1)
        return bad(w, w->last_id + 1, "it is missing");
    while (err == 0 && !w->is_open && w->last_id >= w->end.last_id)
        err = end_of_epoch(w);
    if (err != 0)
        return err;
    cw_column_blob(q, 8, stored, sizeof stored);
    if (cw_column_int(q, 9) != w->end.epoch)
        return bad(w, row.id, "it says it is of another epoch");
    if (w->is_open && !w->has_key) {
        w->report->unproven++;
    } else {
        err = cw_chain_row(&w->mac, w->last_mac, &row, mac);
        if (err == CW_ERR_TOO_LARGE || (err == 0 && memcmp(mac, stored, sizeof mac) != 0))
            return bad(w, row.id, "it is not what was written");
    }
    memcpy(w->last_mac, stored, sizeof w->last_mac);
    w->last_id = row.id;
    w->report->rows++;
    return err;
}

/* The log may be shorter than it was: its head says where it ended. */
static int check_head(struct walk *w)
{
    uint8_t stored[CW_CHAIN_BYTES];
    uint8_t mac[CW_CHAIN_BYTES];
    struct cw_query q = cw_query_on(w->store, CW_SQL_AUDIT_HEAD_GET);
    uint64_t last_id = 0;
    bool found = cw_query_row(&q);
    int err = 0;

    if (found) {
        last_id = cw_column_int(&q, 1);
        cw_column_blob(&q, 2, stored, sizeof stored);
    }
    err = cw_query_end(&q);
    if (err != 0 || !w->has_key)
        return err;
    if (!found)
        return bad(w, w->last_id + 1, "the mark of the log's end is missing");
    if (last_id > w->last_id)
        return bad(w, w->last_id + 1, "rows %llu to %llu are missing",
                   (unsigned long long)w->last_id + 1, (unsigned long long)last_id);
    err = cw_chain_head(&w->mac, w->last_id, w->last_mac, mac);
    if (err == 0 && memcmp(mac, stored, sizeof mac) != 0)
        return bad(w, w->last_id + 1, "the mark of the log's end is not the appliance's");
    return err;
}

static int walk_rows(struct walk *w)
{
    struct cw_query q = cw_query_on(w->store, CW_SQL_AUDIT_ALL);
    int err = next_epoch(w);
    int end = 0;

    while (err == 0 && cw_query_row(&q))
        err = check_row(w, &q);
    end = cw_query_end(&q);
    if (err == 0)
        err = end;
    while (err == 0 && !w->is_open)
        err = end_of_epoch(w);
    return err == 0 ? check_head(w) : err;
}

int cw_store_audit_verify(struct cw_store *s, struct cw_audit_report *ret)
{
    struct walk w = {.store = s, .report = ret};
    int err = 0;
    int end = 0;

    memset(ret, 0, sizeof *ret);
    /* First the key, then the rows: while control runs, the store can only be ahead of what is read here. */
    err = cw_key_file_get(s->key_path, &w.key);
    w.has_key = err == 0;
    ret->has_key = w.has_key;
    if (err != 0 && err != CW_ERR_NOT_FOUND && err != CW_ERR_IO)
        return bad(&w, 1, "the key beside the store is damaged, or others can read it");
    w.checkpoints = cw_query_on(s, CW_SQL_CHECKPOINT_EACH);
    err = walk_rows(&w);
    end = cw_query_end(&w.checkpoints);
    ret->last_epoch = w.last.epoch;
    ret->last_signed = w.last.last_id;
    memcpy(ret->last_mac, w.last.last_mac, sizeof ret->last_mac);
    cw_chain_mac_free(&w.mac);
    explicit_bzero(&w.key, sizeof w.key);
    return err != 0 ? err : end;
}
