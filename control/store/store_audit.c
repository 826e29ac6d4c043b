/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log in the store: append-only (triggers), each row chained to the one before, each epoch ended by a
 * checkpoint (control/audit/chain.h). What memory knows of the chain goes back with a change that is undone. */
#include <stdio.h>
#include <string.h>

#include "control/audit/key_file.h"
#include "control/store/store_query.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* ---- the chain in memory --------------------------------------------------------------------- */

static int chain_key_is_set(struct cw_store *s)
{
    uint8_t rows_key[CW_CHAIN_BYTES];
    int err = cw_chain_rows_key(&s->chain.key, rows_key);

    if (err == 0 && (s->mac.context == NULL || s->mac_epoch != s->chain.key.epoch)) {
        cw_chain_mac_free(&s->mac);
        err = cw_chain_mac_new(rows_key, &s->mac);
        s->mac_epoch = s->chain.key.epoch;
    }
    explicit_bzero(rows_key, sizeof rows_key);
    return err;
}

void cw_audit_chain_note(struct cw_store *s)
{
    s->chain_of_change = s->chain;
}

void cw_audit_chain_note_group(struct cw_store *s)
{
    s->chain_of_group = s->chain;
}

static void go_back(struct cw_store *s, const struct cw_audit_chain *to)
{
    const bool has_other_key = s->chain.key.epoch != to->key.epoch;

    s->chain = *to;
    if (s->chain.is_ready && has_other_key && chain_key_is_set(s) != 0)
        s->chain.is_ready = false;
}

void cw_audit_chain_undo(struct cw_store *s)
{
    go_back(s, &s->chain_of_change);
}

void cw_audit_chain_undo_group(struct cw_store *s)
{
    go_back(s, &s->chain_of_group);
}

static int run_head(struct cw_store *s)
{
    uint8_t mac[CW_CHAIN_BYTES];
    struct cw_query q;
    int err = cw_chain_head(&s->mac, s->chain.last_id, s->chain.last_mac, mac);

    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_AUDIT_HEAD_PUT);
    cw_bind_int(&q, s->chain.key.epoch);
    cw_bind_int(&q, s->chain.last_id);
    cw_bind_blob(&q, mac, sizeof mac);
    while (cw_query_row(&q))
        continue;
    return cw_query_end(&q);
}

int cw_audit_chain_seal(struct cw_store *s)
{
    int err = 0;

    if (!s->chain.is_ready ||
        (s->chain.head_id == s->chain.last_id && s->chain.head_epoch == s->chain.key.epoch))
        return 0;
    err = run_head(s);
    if (err == 0) {
        s->chain.head_id = s->chain.last_id;
        s->chain.head_epoch = s->chain.key.epoch;
    }
    return err;
}

/* Also for those who keep the log elsewhere: what it says cannot be taken back there. */
static void log_checkpoint(const struct cw_checkpoint *c)
{
    char mac[2 * CW_CHAIN_BYTES + 1];
    char key[2 * CW_KEY_BYTES + 1];

    cw_chain_hex(c->last_mac, mac);
    cw_chain_hex(c->next_public_key, key);
    cw_log(CW_LOG_INFO, "control.audit", "checkpoint epoch=%llu last_row=%llu mac=%s next_key=%s",
           (unsigned long long)c->epoch, (unsigned long long)c->last_id, mac, key);
}

void cw_audit_chain_committed(struct cw_store *s)
{
    if (!s->chain.is_ready || s->chain.key.epoch == s->key_file_epoch)
        return;
    if (s->signed_last.epoch + 1 == s->chain.key.epoch)
        log_checkpoint(&s->signed_last);
    /* Until the file has it, a start derives the key of this epoch from the one before. */
    if (cw_key_file_put(s->key_path, &s->chain.key) == 0)
        s->key_file_epoch = s->chain.key.epoch;
    else
        cw_log(CW_LOG_ERROR, "control.audit", "the key %s cannot be replaced", s->key_path);
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static void bind_checkpoint(struct cw_query *q, const struct cw_checkpoint *c)
{
    cw_bind_int(q, c->epoch);
    cw_bind_int(q, c->time_ms);
    cw_bind_int(q, c->last_id);
    cw_bind_blob(q, c->last_mac, sizeof c->last_mac);
    cw_bind_blob(q, c->rows_key, sizeof c->rows_key);
    cw_bind_blob(q, c->public_key, sizeof c->public_key);
    cw_bind_blob(q, c->next_public_key, sizeof c->next_public_key);
    cw_bind_blob(q, c->signature, sizeof c->signature);
}

/* Inside a transaction: signs what there is and goes on with the next key. */
static int end_epoch(struct cw_store *s, uint64_t now_ms)
{
    struct cw_checkpoint c = {.time_ms = now_ms, .last_id = s->chain.last_id};
    struct cw_query q;
    int err = 0;

    memcpy(c.last_mac, s->chain.last_mac, sizeof c.last_mac);
    err = cw_chain_sign(&s->chain.key, &c);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_CHECKPOINT_ADD);
    bind_checkpoint(&q, &c);
    err = cw_query_run(&q);
    if (err == 0)
        err = cw_chain_next(&s->chain.key);
    if (err == 0)
        err = chain_key_is_set(s);
    s->chain.epoch_rows = 0;
    s->signed_last = c;
    return err;
}

static bool epoch_is_over(const struct cw_store *s, uint64_t now_ms)
{
    return s->chain.epoch_rows >= CW_AUDIT_EPOCH_ROWS ||
           (s->chain.epoch_rows > 0 &&
            now_ms >= s->chain.epoch_ms + CW_AUDIT_EPOCH_S * UINT64_C(1000));
}

int cw_store_audit_tick(struct cw_store *s, uint64_t now_ms)
{
    int err = 0;

    if (!s->chain.is_ready || !epoch_is_over(s, now_ms))
        return 0;
    err = cw_store_begin(s);
    if (err == 0)
        err = end_epoch(s, now_ms);
    return cw_store_end(s, err);
}

/* ---- opening --------------------------------------------------------------------------------- */

static int read_end(struct cw_store *s)
{
    struct cw_query q = cw_query_on(s, CW_SQL_AUDIT_LAST);
    int err = 0;

    s->chain.last_id = 0;
    memset(s->chain.last_mac, 0, sizeof s->chain.last_mac);
    if (cw_query_row(&q)) {
        s->chain.last_id = cw_column_int(&q, 0);
        cw_column_blob(&q, 1, s->chain.last_mac, sizeof s->chain.last_mac);
    }
    err = cw_query_end(&q);
    q = cw_query_on(s, CW_SQL_AUDIT_EPOCH);
    cw_bind_int(&q, s->chain.key.epoch);
    if (err == 0 && cw_query_row(&q)) {
        s->chain.epoch_rows = cw_column_int(&q, 0);
        s->chain.epoch_ms = cw_column_int(&q, 1);
    }
    return err == 0 ? cw_query_end(&q) : err;
}

/* The first start with keys: what is there becomes epoch 0. */
static int begin_chain(struct cw_store *s, uint64_t now_ms)
{
    int err = cw_key_file_get(s->key_path, &s->chain.key);

    if (err == CW_ERR_NOT_FOUND) {
        s->chain.key.epoch = 0;
        err = cw_secret_random(s->chain.key.root, sizeof s->chain.key.root);
        if (err == 0)
            err = cw_key_file_put(s->key_path, &s->chain.key);
    }
    if (err != 0)
        return err;
    if (s->chain.key.epoch != 0)
        return CW_ERR_SIGNATURE;
    s->key_file_epoch = 0;
    err = read_end(s);
    if (err == 0)
        err = cw_store_begin(s);
    if (err != 0)
        return err;
    return cw_store_end(s, end_epoch(s, now_ms));
}

/* The file's key, moved on to the epoch after the last checkpoint, which it must fit. */
static int go_on_with_chain(struct cw_store *s, const struct cw_checkpoint *last)
{
    uint8_t public_key[CW_KEY_BYTES];
    int err = cw_key_file_get(s->key_path, &s->chain.key);

    if (err == 0 && s->chain.key.epoch > last->epoch + 1)
        err = CW_ERR_SIGNATURE;
    s->key_file_epoch = s->chain.key.epoch;
    while (err == 0 && s->chain.key.epoch <= last->epoch)
        err = cw_chain_next(&s->chain.key);
    if (err == 0)
        err = cw_chain_public_key(&s->chain.key, public_key);
    if (err == 0 && memcmp(public_key, last->next_public_key, sizeof public_key) != 0)
        err = CW_ERR_SIGNATURE;
    return err == 0 ? read_end(s) : err;
}

static void say_why(const struct cw_store *s, int err, char *message, size_t message_size)
{
    if (err == CW_ERR_SIGNATURE)
        snprintf(
            message, message_size,
            "The audit log's key %s does not belong to the state of the store beside it: one of "
            "them was put back alone. Restore both from one backup.",
            s->key_path);
    else if (err == CW_ERR_NOT_FOUND)
        snprintf(
            message, message_size,
            "The audit log's key %s is missing. Restore the store and its keys from one backup.",
            s->key_path);
    else
        snprintf(
            message, message_size,
            "The audit log's key %s cannot be used: %s. It must be a file of 128 bytes that only "
            "its owner can read.",
            s->key_path, cw_err_text(err));
}

int cw_audit_chain_open(struct cw_store *s, uint64_t now_ms, char *message, size_t message_size)
{
    struct cw_checkpoint last;
    int err = cw_store_checkpoint_last(s, &last);

    s->chain = (struct cw_audit_chain){0};
    if (err == CW_ERR_NOT_FOUND) {
        err = begin_chain(s, now_ms);
        /* A disk that is full or read-only: tried again when it can be written. */
        if (err == CW_ERR_IO || err == CW_ERR_READ_ONLY)
            return 0;
    } else if (err == 0) {
        err = go_on_with_chain(s, &last);
    }
    if (err == 0)
        err = chain_key_is_set(s);
    s->chain.is_ready = err == 0;
    if (err != 0)
        say_why(s, err, message, message_size);
    else
        cw_audit_chain_committed(s);
    return err;
}

void cw_audit_chain_close(struct cw_store *s)
{
    cw_chain_mac_free(&s->mac);
    explicit_bzero(&s->chain, sizeof s->chain);
    explicit_bzero(&s->chain_of_change, sizeof s->chain_of_change);
    explicit_bzero(&s->chain_of_group, sizeof s->chain_of_group);
}

/* ---- rows ------------------------------------------------------------------------------------ */

int cw_store_audit_add(struct cw_store *s, struct cw_audit_row *row)
{
    struct cw_audit_chain *chain = &s->chain;
    struct cw_query q;
    int err = chain->is_ready ? 0 : CW_ERR_READ_ONLY;

    if (err == 0 && epoch_is_over(s, row->time_ms))
        err = end_epoch(s, row->time_ms);
    row->id = chain->last_id + 1;
    if (err == 0)
        err = cw_chain_row(&s->mac, chain->last_mac, row, chain->last_mac);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_AUDIT_ADD);
    cw_bind_int(&q, row->id);
    cw_bind_int(&q, row->time_ms);
    cw_bind_static(&q, row->actor);
    cw_bind_static(&q, row->source);
    cw_bind_static(&q, row->action);
    cw_bind_static(&q, row->object);
    cw_bind_static(&q, row->result);
    cw_bind_static(&q, row->detail);
    cw_bind_blob(&q, chain->last_mac, sizeof chain->last_mac);
    cw_bind_int(&q, chain->key.epoch);
    err = cw_query_run(&q);
    chain->last_id = row->id;
    if (chain->epoch_rows++ == 0)
        chain->epoch_ms = row->time_ms;
    return err;
}

static const char *text_of(const struct cw_query *q, int column)
{
    const unsigned char *text = sqlite3_column_text(q->statement, column);

    return text != NULL ? (const char *)text : "";
}

struct cw_audit_row cw_audit_row_of(const struct cw_query *q)
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
        struct cw_audit_row row = cw_audit_row_of(&q);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}
