/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tls.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/tls_state.h"

enum {
    /* RFC 8446 5.5 allows 2^24.5 full records under one AES-GCM key. */
    UPDATE_RECORDS = 1 << 23,
    /* A caller that never asks what is pending cannot go on for ever. */
    UPDATE_RECORDS_LATE = 1 << 23,
    /* Fewer SSL objects than these are not worth a walk over the heap: 800 KB. */
    TRIM_HANDSHAKES = 16,
};

/* ---- workers ------------------------------------------------------------------------------------ */

int cw_tls_worker_new(struct cw_tls_context *c, uint32_t connections_max,
                      struct cw_tls_worker **ret_worker)
{
    struct cw_tls_worker *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return CW_ERR_NOMEM;
    k->context = c;
    k->update_records = UPDATE_RECORDS;
    int err = cw_pool_init(&k->connections, sizeof(struct cw_tls), connections_max);
    if (err == CW_OK)
        err = cw_pool_init(&k->handshakes, sizeof(struct cw_tls_handshake), connections_max);
    if (err == CW_OK)
        err = cw_tls_buffers_init(&k->buffers, connections_max);
    if (err == CW_OK)
        err = cw_tls_key_cache_init(&k->keys, &c->aead);
    if (err == CW_OK)
        err = cw_tls_settings_refresh(k);
    if (err != CW_OK) {
        cw_tls_worker_free(k);
        return err;
    }
    *ret_worker = k;
    return CW_OK;
}

struct cw_tls_worker *cw_tls_worker_free(struct cw_tls_worker *k)
{
    if (k != NULL) {
        CW_CHECK(k->connections.used == 0, "connections end before their worker");
        cw_tls_settings_clear(&k->settings);
        cw_tls_key_cache_fini(&k->keys);
        cw_tls_buffers_fini(&k->buffers);
        cw_pool_fini(&k->handshakes);
        cw_pool_fini(&k->connections);
        free(k);
    }
    return NULL;
}

void cw_tls_worker_set_update_records(struct cw_tls_worker *k, uint64_t records)
{
    k->update_records = records;
}

/* By how many handshakes are under way, not by when they began: those that a rush leaves behind may end long after
 * the last connection came. Half as many as there were: so a load that swings a little is not trimmed for it. */
static void trim_heap(struct cw_tls_worker *k)
{
    uint32_t lately = k->handshakes_lately;
    k->handshakes_lately = k->handshakes.used;
    if (k->handshakes_most < lately)
        k->handshakes_most = lately;
    if (k->handshakes_most < TRIM_HANDSHAKES || lately > k->handshakes_most / 2)
        return;
    malloc_trim(0);
    k->heap_trims++;
    k->handshakes_most = lately;
}

void cw_tls_worker_trim(struct cw_tls_worker *k)
{
    trim_heap(k);
    cw_pool_trim(&k->connections);
    cw_pool_trim(&k->handshakes);
    cw_tls_buffers_trim(&k->buffers);
}

void cw_tls_worker_stats(const struct cw_tls_worker *k, struct cw_tls_worker_stats *ret_stats)
{
    *ret_stats = (struct cw_tls_worker_stats){
        .connections = k->connections.used,
        .handshakes = k->handshakes.used,
        .buffers = cw_tls_buffers_used(&k->buffers),
        .key_misses = k->keys.misses,
        .key_updates = k->key_updates,
        .own_key_updates = k->own_key_updates,
        .heap_trims = k->heap_trims,
    };
}

/* ---- life --------------------------------------------------------------------------------------- */

int cw_tls_new(struct cw_tls_worker *k, struct cw_tls **ret_tls)
{
    struct cw_tls *t = cw_pool_take(&k->connections);
    if (t == NULL)
        return CW_ERR_FULL;
    memset(t, 0, sizeof(*t));
    *ret_tls = t;
    return CW_OK;
}

static void drop_keys(struct cw_tls_worker *k, struct cw_tls *t)
{
    cw_tls_key_drop(&k->keys, &t->rx, t->rx_slot);
    cw_tls_key_drop(&k->keys, &t->tx, t->tx_slot);
}

struct cw_tls *cw_tls_free(struct cw_tls_worker *k, struct cw_tls *t)
{
    if (t == NULL)
        return NULL;
    if (t->has_keys)
        drop_keys(k, t);
    else
        cw_tls_handshake_free(k, t->handshake);
    cw_tls_buffer_free(&k->buffers, &t->kept);
    if (k->round == t)
        k->round = NULL;
    OPENSSL_cleanse(t, sizeof(*t));
    cw_pool_give(&k->connections, t);
    return NULL;
}

int cw_tls_export(struct cw_tls_worker *k, struct cw_tls *t, struct cw_tls_moved *out)
{
    if (!t->has_keys || t->has_failed || t->is_closing || cw_tls_has_pending(t) || k->round == t)
        return CW_ERR_STATE;
    *out = (struct cw_tls_moved){.kept_bytes = cw_tls_buffer_bytes(t->kept)};
    if (out->kept_bytes > 0) {
        out->kept = malloc(out->kept_bytes);
        if (out->kept == NULL)
            return CW_ERR_NOMEM;
        memcpy(out->kept, t->kept->bytes + t->kept->at, out->kept_bytes);
    }
    memcpy(out->state, t, sizeof(*t));
    cw_tls_free(k, t);
    return CW_OK;
}

int cw_tls_import(struct cw_tls_worker *k, struct cw_tls_moved *moved, struct cw_tls **ret_tls)
{
    struct cw_tls *t = NULL;
    int err = cw_tls_new(k, &t);
    if (err != CW_OK)
        return err;
    struct cw_tls_buffer *kept = NULL;
    if (!cw_tls_buffer_append(&k->buffers, &kept, moved->kept, moved->kept_bytes)) {
        cw_tls_free(k, t);
        return CW_ERR_FULL;
    }
    memcpy(t, moved->state, sizeof(*t));
    t->kept = kept;
    cw_tls_moved_clear(moved);
    *ret_tls = t;
    return CW_OK;
}

void cw_tls_moved_clear(struct cw_tls_moved *moved)
{
    free(moved->kept);
    OPENSSL_cleanse(moved, sizeof(*moved));
}

/* ---- a round of input --------------------------------------------------------------------------- */

void cw_tls_feed(struct cw_tls_worker *k, struct cw_tls *t, const uint8_t *data, size_t size)
{
    CW_CHECK(k->round == NULL, "one connection is in a round at a time");
    k->round = t;
    k->fed = data;
    k->fed_bytes = size;
}

size_t cw_tls_input(const struct cw_tls_worker *k, const struct cw_tls *t, struct iovec pieces[2])
{
    size_t kept = cw_tls_buffer_bytes(t->kept);
    size_t fed = k->round == t ? k->fed_bytes : 0;
    pieces[0] =
        (struct iovec){.iov_base = kept > 0 ? t->kept->bytes + t->kept->at : NULL, .iov_len = kept};
    pieces[1] = (struct iovec){.iov_base = (void *)(uintptr_t)k->fed, .iov_len = fed};
    return kept + fed;
}

void cw_tls_input_drop(struct cw_tls_worker *k, struct cw_tls *t, size_t n)
{
    size_t kept = cw_tls_buffer_bytes(t->kept);
    size_t from_kept = n < kept ? n : kept;
    cw_tls_buffer_drop(&k->buffers, &t->kept, from_kept);
    n -= from_kept;
    if (n > 0) {
        k->fed += n;
        k->fed_bytes -= n;
    }
}

int cw_tls_keep(struct cw_tls_worker *k, struct cw_tls *t)
{
    CW_CHECK(k->round == t, "a round ends where it began");
    const uint8_t *data = k->fed;
    size_t size = k->fed_bytes;
    k->round = NULL;
    k->fed = NULL;
    k->fed_bytes = 0;
    if (t->has_failed || t->has_ended) { /* nothing after either is looked at */
        cw_tls_buffer_free(&k->buffers, &t->kept);
        return CW_OK;
    }
    return cw_tls_buffer_append(&k->buffers, &t->kept, data, size) ? CW_OK : CW_ERR_FULL;
}

size_t cw_tls_kept_bytes(const struct cw_tls *t)
{
    return cw_tls_buffer_bytes(t->kept);
}

/* ---- opening ------------------------------------------------------------------------------------ */

/* The next record, if all of it is there. NONE with *ret_bytes 0: it is not. */
static enum cw_tls_fault next_record(const struct iovec pieces[2], size_t have, size_t *ret_bytes)
{
    const uint8_t *header = pieces[0].iov_len > 0 ? pieces[0].iov_base : pieces[1].iov_base;
    uint8_t gathered[CW_TLS_HEADER_BYTES];
    *ret_bytes = 0;
    if (have < CW_TLS_HEADER_BYTES)
        return CW_TLS_FAULT_NONE;
    if (pieces[0].iov_len > 0 && pieces[0].iov_len < CW_TLS_HEADER_BYTES) {
        memcpy(gathered, pieces[0].iov_base, pieces[0].iov_len);
        memcpy(gathered + pieces[0].iov_len, pieces[1].iov_base,
               CW_TLS_HEADER_BYTES - pieces[0].iov_len);
        header = gathered;
    }
    size_t bytes = 0;
    enum cw_tls_fault fault = cw_tls_record_parse(header, &bytes);
    if (fault == CW_TLS_FAULT_NONE && have >= bytes)
        *ret_bytes = bytes;
    return fault;
}

size_t cw_tls_next(const struct cw_tls_worker *k, const struct cw_tls *t)
{
    struct iovec pieces[2];
    size_t bytes;
    if (!t->has_keys || t->has_failed || t->has_ended)
        return 0;
    if (next_record(pieces, cw_tls_input(k, t, pieces), &bytes) != CW_TLS_FAULT_NONE)
        return 1;
    return bytes > 0 ? bytes - CW_TLS_HEADER_BYTES - CW_AEAD_TAG_BYTES : 0;
}

static int fail(struct cw_tls_worker *k, struct cw_tls *t, enum cw_tls_fault fault, uint8_t alert)
{
    cw_tls_key_drop(&k->keys, &t->rx, t->rx_slot);
    OPENSSL_cleanse(&t->rx, sizeof(t->rx));
    t->failure.fault = fault;
    t->failure.alert = alert;
    t->has_failed = true;
    t->owes_alert = cw_tls_fault_alert(fault) >= 0 && !t->has_said_close;
    return CW_ERR_INVALID;
}

static int rekey_rx(struct cw_tls_worker *k, struct cw_tls *t)
{
    cw_tls_key_drop(&k->keys, &t->rx, t->rx_slot);
    cw_tls_next_secret((enum cw_aead_suite)t->suite, t->rx.secret);
    t->rx.sequence = 0;
    k->key_updates++;
    return CW_OK;
}

static int act(struct cw_tls_worker *k, struct cw_tls *t, struct cw_tls_verdict v)
{
    switch (v.event) {
    case CW_TLS_EVENT_NOTHING:
    case CW_TLS_EVENT_DATA: return CW_OK;
    case CW_TLS_EVENT_UPDATE: return rekey_rx(k, t);
    case CW_TLS_EVENT_UPDATE_REQUESTED:
        t->owes_update = true; /* however often it asks before we answer: one answer */
        return rekey_rx(k, t);
    case CW_TLS_EVENT_CLOSED: t->has_ended = true; return CW_ERR_CLOSED;
    case CW_TLS_EVENT_FAULT: return fail(k, t, v.fault, v.alert);
    }
    CW_UNREACHABLE("every event is named");
}

int cw_tls_open(struct cw_tls_worker *k, struct cw_tls *t, uint8_t *out, size_t *ret_size)
{
    struct iovec pieces[2];
    size_t bytes, size = 0;
    *ret_size = 0;
    if (t->has_failed)
        return CW_ERR_INVALID;
    if (!t->has_keys)
        return CW_ERR_STATE;
    if (t->has_ended)
        return CW_ERR_CLOSED;
    enum cw_tls_fault fault = next_record(pieces, cw_tls_input(k, t, pieces), &bytes);
    if (fault != CW_TLS_FAULT_NONE)
        return fail(k, t, fault, 0);
    if (bytes == 0)
        return CW_ERR_AGAIN;
    struct cw_tls_key *key = cw_tls_key_get(&k->keys, &t->rx, &t->rx_slot,
                                            (enum cw_aead_suite)t->suite, t->rx.secret, false);
    if (key == NULL)
        return fail(k, t, CW_TLS_FAULT_INTERNAL, 0);
    uint8_t content = 0;
    uint64_t sequence = t->rx.sequence;
    fault = cw_tls_record_open(&key->aead, key->iv, sequence, pieces, bytes, out, &content, &size);
    cw_tls_input_drop(k, t, bytes);
    if (fault != CW_TLS_FAULT_NONE)
        return fail(k, t, fault, 0);
    t->rx.sequence = sequence + 1;
    struct cw_tls_verdict v = cw_tls_record_judge(&t->manners, sequence, content, out, size);
    if (v.event == CW_TLS_EVENT_DATA)
        *ret_size = size;
    return act(k, t, v);
}

/* ---- sealing ------------------------------------------------------------------------------------ */

static int seal(struct cw_tls_worker *k, struct cw_tls *t, enum cw_tls_content content,
                const struct iovec *pieces, unsigned count, uint8_t *out, size_t *ret_size)
{
    struct cw_tls_key *key = cw_tls_key_get(&k->keys, &t->tx, &t->tx_slot,
                                            (enum cw_aead_suite)t->suite, t->tx.secret, true);
    if (key == NULL)
        return CW_ERR_INTERNAL;
    int err = cw_tls_record_seal(&key->aead, key->iv, t->tx.sequence, content, pieces, count, out,
                                 ret_size);
    if (err != CW_OK)
        return err;
    t->tx.sequence++;
    if (t->tx.sequence >= k->update_records)
        t->owes_update = true;
    return CW_OK;
}

int cw_tls_seal(struct cw_tls_worker *k, struct cw_tls *t, const struct iovec *pieces,
                unsigned count, uint8_t *out, size_t *ret_size)
{
    if (!t->has_keys || t->has_failed || t->is_closing ||
        t->tx.sequence >= k->update_records + UPDATE_RECORDS_LATE)
        return CW_ERR_STATE;
    return seal(k, t, CW_TLS_CONTENT_DATA, pieces, count, out, ret_size);
}

/* A record of TLS's own; the bytes written. */
static size_t say(struct cw_tls_worker *k, struct cw_tls *t, enum cw_tls_content content,
                  const uint8_t *bytes, size_t size, uint8_t *out)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    size_t written = 0;
    return seal(k, t, content, &piece, 1, out, &written) == CW_OK ? written : 0;
}

static size_t say_alert(struct cw_tls_worker *k, struct cw_tls *t, uint8_t alert, uint8_t *out)
{
    const uint8_t bytes[2] = {alert == CW_TLS_ALERT_CLOSE_NOTIFY ? 1 : 2, alert};
    t->owes_alert = false;
    t->owes_update = false;
    t->has_said_close = true;
    size_t n = say(k, t, CW_TLS_CONTENT_ALERT, bytes, sizeof(bytes), out);
    t->owes_update = false; /* whatever its number was: it is the last one */
    return n;
}

static size_t say_update(struct cw_tls_worker *k, struct cw_tls *t, uint8_t *out)
{
    static const uint8_t update[5] = {24, 0, 0, 1, 0}; /* we never ask for theirs */
    size_t n = say(k, t, CW_TLS_CONTENT_HANDSHAKE, update, sizeof(update), out);
    cw_tls_key_drop(&k->keys, &t->tx, t->tx_slot);
    cw_tls_next_secret((enum cw_aead_suite)t->suite, t->tx.secret);
    t->tx.sequence = 0;
    t->owes_update = false;
    k->own_key_updates++;
    return n;
}

static size_t take_output(struct cw_tls_worker *k, struct cw_tls_handshake *h, uint8_t *out,
                          size_t out_size)
{
    size_t n = cw_tls_buffer_bytes(h->output);
    n = n < out_size ? n : out_size;
    if (n > 0)
        memcpy(out, h->output->bytes + h->output->at, n);
    cw_tls_buffer_drop(&k->buffers, &h->output, n);
    return n;
}

size_t cw_tls_pending(struct cw_tls_worker *k, struct cw_tls *t, uint8_t *out, size_t out_size)
{
    CW_CHECK(out_size >= CW_TLS_PENDING_BYTES_MIN, "there is room for one small record");
    if (!t->has_keys)
        return t->handshake != NULL ? take_output(k, t->handshake, out, out_size) : 0;
    if (t->owes_alert)
        return say_alert(k, t, (uint8_t)cw_tls_fault_alert(t->failure.fault), out);
    if (t->has_failed || t->has_said_close)
        return 0;
    if (t->is_closing)
        return say_alert(k, t, CW_TLS_ALERT_CLOSE_NOTIFY, out);
    return t->owes_update ? say_update(k, t, out) : 0;
}

bool cw_tls_has_pending(const struct cw_tls *t)
{
    if (!t->has_keys)
        return t->handshake != NULL && t->handshake->output != NULL;
    if (t->has_failed || t->has_said_close)
        return t->owes_alert;
    return t->is_closing || t->owes_update;
}

void cw_tls_close(struct cw_tls_worker *k, struct cw_tls *t)
{
    (void)k;
    if (t->has_keys && !t->has_failed)
        t->is_closing = true;
}

/* ---- what it is ----------------------------------------------------------------------------------- */

bool cw_tls_is_native(const struct cw_tls *t)
{
    return t->is_native;
}

const char *cw_tls_describe(const struct cw_tls *t)
{
    static const char *const names[CW_AEAD_SUITE_COUNT] = {
        "TLSv1.3 TLS_AES_128_GCM_SHA256",
        "TLSv1.3 TLS_AES_256_GCM_SHA384",
        "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256",
    };
    return t->has_keys ? names[t->suite] : "";
}

const char *cw_tls_error(const struct cw_tls *t, int *ret_alert)
{
    *ret_alert = -1;
    if (!t->has_failed)
        return "";
    if (!t->has_keys) {
        *ret_alert = t->handshake->alert;
        return t->handshake->reason;
    }
    if (t->failure.fault == CW_TLS_FAULT_ALERT_RECEIVED)
        *ret_alert = t->failure.alert;
    return cw_tls_fault_text(t->failure.fault);
}
