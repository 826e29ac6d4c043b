/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tls_record.h"

#include <endian.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

int cw_tls_fault_alert(enum cw_tls_fault fault)
{
    static const int16_t alerts[CW_TLS_FAULT_COUNT] = {
#define X(name, alert, text) (alert),
        CW_TLS_FAULTS(X)
#undef X
    };
    return alerts[fault];
}

const char *cw_tls_fault_text(enum cw_tls_fault fault)
{
    static const char *const texts[CW_TLS_FAULT_COUNT] = {
#define X(name, alert, text) text,
        CW_TLS_FAULTS(X)
#undef X
    };
    return texts[fault];
}

/* ---- one record --------------------------------------------------------------------------------- */

/* The version in a header means nothing (RFC 8446 5.1), but it is authenticated. */
enum cw_tls_fault cw_tls_record_parse(const uint8_t *header, size_t *ret_record_bytes)
{
    size_t size = (size_t)header[3] << 8 | header[4];
    if (header[0] != CW_TLS_CONTENT_DATA)
        return CW_TLS_FAULT_TYPE;
    if (size > CW_TLS_INNER_BYTES_MAX + CW_AEAD_TAG_BYTES)
        return CW_TLS_FAULT_OVERFLOW;
    if (size < CW_AEAD_TAG_BYTES + 1)
        return CW_TLS_FAULT_SHORT;
    *ret_record_bytes = CW_TLS_HEADER_BYTES + size;
    return CW_TLS_FAULT_NONE;
}

static void nonce_of(const uint8_t *iv, uint64_t sequence, uint8_t *out)
{
    uint64_t low;
    memcpy(out, iv, CW_AEAD_IV_BYTES);
    memcpy(&low, iv + CW_AEAD_IV_BYTES - sizeof low, sizeof low);
    low ^= htobe64(sequence);
    memcpy(out + CW_AEAD_IV_BYTES - sizeof low, &low, sizeof low);
}

/* Bytes [at, at + size) of two pieces, as at most two pieces. */
static unsigned slice(const struct iovec pieces[2], size_t at, size_t size, struct iovec out[2])
{
    unsigned count = 0;
    for (unsigned i = 0; i < 2 && size > 0; i++) {
        size_t have = pieces[i].iov_len;
        if (at >= have) {
            at -= have;
            continue;
        }
        size_t n = have - at < size ? have - at : size;
        out[count++] = (struct iovec){.iov_base = (uint8_t *)pieces[i].iov_base + at, .iov_len = n};
        size -= n;
        at = 0;
    }
    CW_DCHECK(size == 0, "the pieces hold the whole record");
    return count;
}

static void copy_slice(const struct iovec pieces[2], size_t at, size_t size, uint8_t *out)
{
    struct iovec part[2];
    struct cw_aead_text text = {.pieces = part, .count = slice(pieces, at, size, part)};
    cw_aead_gather(&text, out);
}

/* A record as the cipher wants it. */
struct split {
    const uint8_t *header, *tag;
    struct iovec body[2];
    unsigned count;
    uint8_t copy[CW_TLS_HEADER_BYTES + CW_AEAD_TAG_BYTES];
};

/* Mostly it is in one piece, and nothing is copied. */
static void split_record(const struct iovec pieces[2], size_t size, struct split *s)
{
    const uint8_t *whole = NULL;
    if (pieces[0].iov_len >= CW_TLS_HEADER_BYTES + size + CW_AEAD_TAG_BYTES)
        whole = pieces[0].iov_base;
    else if (pieces[0].iov_len == 0)
        whole = pieces[1].iov_base;
    if (whole != NULL) {
        s->header = whole;
        s->tag = whole + CW_TLS_HEADER_BYTES + size;
        s->body[0] = (struct iovec){.iov_base = (void *)(uintptr_t)(whole + CW_TLS_HEADER_BYTES),
                                    .iov_len = size};
        s->count = 1;
        return;
    }
    copy_slice(pieces, 0, CW_TLS_HEADER_BYTES, s->copy);
    copy_slice(pieces, CW_TLS_HEADER_BYTES + size, CW_AEAD_TAG_BYTES,
               s->copy + CW_TLS_HEADER_BYTES);
    s->header = s->copy;
    s->tag = s->copy + CW_TLS_HEADER_BYTES;
    s->count = slice(pieces, CW_TLS_HEADER_BYTES, size, s->body);
}

enum cw_tls_fault cw_tls_record_open(struct cw_aead_key *key, const uint8_t *iv, uint64_t sequence,
                                     const struct iovec pieces[2], size_t record_bytes,
                                     uint8_t *out, uint8_t *ret_content, size_t *ret_size)
{
    uint8_t nonce[CW_AEAD_IV_BYTES];
    size_t size = record_bytes - CW_TLS_HEADER_BYTES - CW_AEAD_TAG_BYTES;
    struct split s;
    split_record(pieces, size, &s);
    nonce_of(iv, sequence, nonce);
    struct cw_aead_text text = {nonce, s.header, CW_TLS_HEADER_BYTES, s.body, s.count};
    int err = key->ops->open(key, &text, s.tag, out);
    if (err != CW_OK)
        return err == CW_ERR_SIGNATURE ? CW_TLS_FAULT_TAG : CW_TLS_FAULT_INTERNAL;
    while (size > 0 && out[size - 1] == 0)
        size--;
    if (size == 0)
        return CW_TLS_FAULT_PADDING;
    *ret_content = out[size - 1];
    *ret_size = size - 1;
    return CW_TLS_FAULT_NONE;
}

int cw_tls_record_seal(struct cw_aead_key *key, const uint8_t *iv, uint64_t sequence,
                       enum cw_tls_content content, const struct iovec *pieces, unsigned count,
                       uint8_t *out, size_t *ret_size)
{
    uint8_t nonce[CW_AEAD_IV_BYTES];
    nonce_of(iv, sequence, nonce);
    struct cw_aead_text text = {nonce, out, CW_TLS_HEADER_BYTES, pieces, count};
    size_t sum = cw_aead_sum(&text);
    if (sum > CW_FRAME_BYTES_MAX || count > CW_AEAD_PIECES_MAX)
        return CW_ERR_TOO_LARGE;
    size_t size = sum + 1 + CW_AEAD_TAG_BYTES;
    out[0] = CW_TLS_CONTENT_DATA;
    out[1] = 3;
    out[2] = 3;
    out[3] = (uint8_t)(size >> 8);
    out[4] = (uint8_t)size;
    int err = key->ops->seal(key, &text, (uint8_t)content, out + CW_TLS_HEADER_BYTES);
    *ret_size = CW_TLS_HEADER_BYTES + size;
    return err;
}

/* ---- what it means ------------------------------------------------------------------------------ */

static struct cw_tls_verdict event(enum cw_tls_event e)
{
    return (struct cw_tls_verdict){.event = e};
}

static struct cw_tls_verdict fault(enum cw_tls_fault f)
{
    return (struct cw_tls_verdict){.event = CW_TLS_EVENT_FAULT, .fault = f};
}

static bool is_too_quiet(struct cw_tls_manners *m)
{
    m->quiet++;
    return m->quiet > CW_TLS_QUIET_MAX;
}

static struct cw_tls_verdict judge_data(struct cw_tls_manners *m, uint64_t sequence, size_t size)
{
    if (size == 0)
        return is_too_quiet(m) ? fault(CW_TLS_FAULT_QUIET) : event(CW_TLS_EVENT_NOTHING);
    m->quiet = 0;
    if (m->updates > 0 &&
        sequence % CW_TLS_UPDATE_REFUND_RECORDS == CW_TLS_UPDATE_REFUND_RECORDS - 1)
        m->updates--;
    return event(CW_TLS_EVENT_DATA);
}

static struct cw_tls_verdict judge_alert(struct cw_tls_manners *m, const uint8_t *data, size_t size)
{
    if (size != 2)
        return fault(CW_TLS_FAULT_ALERT_SIZE);
    /* The level means nothing in TLS 1.3 (RFC 8446 6). */
    if (data[1] == CW_TLS_ALERT_CLOSE_NOTIFY)
        return event(CW_TLS_EVENT_CLOSED);
    if (data[1] == CW_TLS_ALERT_USER_CANCELED) /* close_notify follows */
        return is_too_quiet(m) ? fault(CW_TLS_FAULT_QUIET) : event(CW_TLS_EVENT_NOTHING);
    struct cw_tls_verdict v = fault(CW_TLS_FAULT_ALERT_RECEIVED);
    v.alert = data[1];
    return v;
}

/* The only handshake message a client may send now is five bytes of which four are known; it may come in
 * several records, but nothing may follow it in its record. */
static struct cw_tls_verdict judge_handshake(struct cw_tls_manners *m, const uint8_t *data,
                                             size_t size)
{
    static const uint8_t known[4] = {24, 0, 0, 1};
    if (size == 0)
        return fault(CW_TLS_FAULT_HANDSHAKE_EMPTY);
    size_t i = 0;
    for (; i < size && m->partial < sizeof known; i++) {
        if (data[i] != known[m->partial])
            return fault(m->partial == 0 ? CW_TLS_FAULT_HANDSHAKE : CW_TLS_FAULT_UPDATE_SIZE);
        m->partial = (uint8_t)(m->partial + 1u) & 7u;
    }
    if (i == size)
        return is_too_quiet(m) ? fault(CW_TLS_FAULT_QUIET) : event(CW_TLS_EVENT_NOTHING);
    if (data[i] > 1)
        return fault(CW_TLS_FAULT_UPDATE_VALUE);
    if (i + 1 != size)
        return fault(CW_TLS_FAULT_UPDATE_TRAILER);
    m->partial = 0;
    if (is_too_quiet(m))
        return fault(CW_TLS_FAULT_QUIET);
    if (m->updates >= CW_TLS_UPDATES_MAX)
        return fault(CW_TLS_FAULT_UPDATES);
    m->updates = (uint8_t)(m->updates + 1u) & 31u;
    return event(data[i] == 1 ? CW_TLS_EVENT_UPDATE_REQUESTED : CW_TLS_EVENT_UPDATE);
}

struct cw_tls_verdict cw_tls_record_judge(struct cw_tls_manners *m, uint64_t sequence,
                                          uint8_t content, const uint8_t *data, size_t size)
{
    if (m->partial != 0 && content != CW_TLS_CONTENT_HANDSHAKE)
        return fault(CW_TLS_FAULT_INTERLEAVED);
    switch (content) {
    case CW_TLS_CONTENT_DATA: return judge_data(m, sequence, size);
    case CW_TLS_CONTENT_ALERT: return judge_alert(m, data, size);
    case CW_TLS_CONTENT_HANDSHAKE: return judge_handshake(m, data, size);
    default: return fault(CW_TLS_FAULT_CONTENT);
    }
}
