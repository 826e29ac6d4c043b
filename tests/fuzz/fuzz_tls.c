/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS connection after its handshake, and a peer that knows the keys and does what the input says: records of any
 * content and any bytes, sealed rightly or raw, delivered in any pieces, opened or left, moved from worker to worker.
 *
 * The input is steps of one byte and what belongs to it; see step. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/tls_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STREAM_BYTES = 64 * 1024, STEPS_MAX = 400, CONNECTIONS = 2 };

struct input {
    const uint8_t *data;
    size_t size;
};

/* The peer, and what it has sent that was not delivered. */
struct peer {
    struct cw_tls_half tx, rx;
    uint8_t stream[STREAM_BYTES];
    size_t at, size;
    bool is_honest; /* nothing raw was sent: what it says must arrive as it was said */
    uint64_t said, heard;
};

static struct cw_tls_context context;
static struct cw_tls_worker workers[2];
static struct cw_tls_key keys[2][CW_TLS_KEYS_MAX];
static struct peer peer;

static void begin(void)
{
    if (workers[0].connections.memory != NULL)
        return;
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++)
        context.aead.of[s] = &cw_aead_evp;
    for (unsigned i = 0; i < 2; i++) {
        struct cw_tls_worker *k = &workers[i];
        k->context = &context;
        k->update_records = 20;
        CW_CHECK(cw_pool_init(&k->connections, sizeof(struct cw_tls), CONNECTIONS) == CW_OK &&
                     cw_tls_buffers_init(&k->buffers, CONNECTIONS) == CW_OK,
                 "there is memory");
        /* Not in a mapping of its own, where the leak checker would not see what the keys point to. */
        k->keys = (struct cw_tls_key_cache){.keys = keys[i], .choice = &context.aead};
    }
}

static uint8_t take_byte(struct input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

static const uint8_t *take(struct input *in, size_t size, size_t *ret_size)
{
    const uint8_t *at = in->data;
    size = size < in->size ? size : in->size;
    in->data += size;
    in->size -= size;
    *ret_size = size;
    return at;
}

static struct cw_aead_key key_of(const struct cw_tls_half *half, bool seals, uint8_t *iv)
{
    struct cw_aead_key key = {.evp = NULL};
    uint8_t raw[CW_AEAD_KEY_BYTES_MAX];
    cw_tls_traffic_key(CW_AEAD_AES_128_GCM, half->secret, raw, iv);
    CW_CHECK(cw_aead_evp.set_key(&key, CW_AEAD_AES_128_GCM, raw, seals) == CW_OK, "a key is set");
    return key;
}

static void say(uint8_t content, const uint8_t *bytes, size_t size)
{
    uint8_t iv[CW_AEAD_IV_BYTES];
    size_t written = 0;
    if (STREAM_BYTES - peer.size < size + CW_TLS_OVERHEAD_BYTES)
        return;
    struct cw_aead_key key = key_of(&peer.tx, true, iv);
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    CW_CHECK(cw_tls_record_seal(&key, iv, peer.tx.sequence++, (enum cw_tls_content)content, &piece,
                                1, peer.stream + peer.size, &written) == CW_OK &&
                 written == size + CW_TLS_OVERHEAD_BYTES,
             "a record is sealed");
    cw_aead_key_clear(&key);
    peer.size += written;
    if (content == CW_TLS_CONTENT_DATA)
        peer.said += size;
    if (content == CW_TLS_CONTENT_HANDSHAKE && size > 0) {
        cw_tls_next_secret(CW_AEAD_AES_128_GCM, peer.tx.secret);
        peer.tx.sequence = 0;
    }
}

/* Whatever the connection says must open with the keys it was told to use. */
static void hear(const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        static uint8_t out[CW_TLS_OPEN_BYTES_MAX];
        uint8_t iv[CW_AEAD_IV_BYTES], content = 0;
        size_t record = 0, text = 0;
        CW_CHECK(cw_tls_record_parse(bytes, &record) == CW_TLS_FAULT_NONE && record <= size,
                 "whole records are said");
        struct cw_aead_key key = key_of(&peer.rx, false, iv);
        const struct iovec pieces[2] = {{.iov_base = (void *)(uintptr_t)bytes, .iov_len = record}};
        CW_CHECK(cw_tls_record_open(&key, iv, peer.rx.sequence++, pieces, record, out, &content,
                                    &text) == CW_TLS_FAULT_NONE,
                 "what is said can be opened");
        cw_aead_key_clear(&key);
        if (content == CW_TLS_CONTENT_HANDSHAKE) {
            cw_tls_next_secret(CW_AEAD_AES_128_GCM, peer.rx.secret);
            peer.rx.sequence = 0;
        }
        bytes += record;
        size -= record;
    }
}

/* wants: how many records the caller opens at most. */
static void deliver(struct cw_tls_worker *k, struct cw_tls *t, size_t size, unsigned wants)
{
    static uint8_t out[CW_TLS_OPEN_BYTES_MAX + 1];
    size = size < peer.size - peer.at ? size : peer.size - peer.at;
    cw_tls_feed(k, t, peer.stream + peer.at, size);
    for (; wants > 0; wants--) {
        size_t room = cw_tls_next(k, t), got = 0;
        if (room == 0)
            break;
        CW_CHECK(room <= CW_TLS_OPEN_BYTES_MAX, "a record's plaintext is bounded");
        out[room] = 0xA5;
        int err = cw_tls_open(k, t, out, &got);
        CW_CHECK(got < room || got == 0, "the content type is no plaintext");
        CW_CHECK(out[room] == 0xA5, "no more is written than was said");
        CW_CHECK(err != CW_ERR_AGAIN && err != CW_ERR_STATE, "next said there is a record");
        if (err == CW_OK)
            peer.heard += got;
    }
    peer.at += size;
    CW_CHECK(cw_tls_keep(k, t) == CW_OK, "a stream this short can be kept");
    CW_CHECK(t->manners.quiet <= CW_TLS_QUIET_MAX + 1 && t->manners.partial <= 4,
             "patience has an end");
}

static void say_pending(struct cw_tls_worker *k, struct cw_tls *t)
{
    uint8_t out[CW_TLS_PENDING_BYTES_MIN];
    for (unsigned i = 0; i < 4; i++) {
        bool has = cw_tls_has_pending(t);
        size_t n = cw_tls_pending(k, t, out, sizeof out);
        CW_CHECK(has == (n > 0), "has_pending says what pending does");
        hear(out, n);
    }
    CW_CHECK(!cw_tls_has_pending(t), "what is pending is little");
}

static void answer(struct cw_tls_worker *k, struct cw_tls *t, const uint8_t *bytes, size_t size)
{
    uint8_t out[300 + CW_TLS_OVERHEAD_BYTES];
    size_t written = 0;
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    say_pending(k, t);
    if (cw_tls_seal(k, t, &piece, 1, out, &written) == CW_OK)
        hear(out, written);
}

/* One step; the connection may move. */
static void step(struct input *in, struct cw_tls_worker **k, struct cw_tls **t)
{
    static const uint8_t update[5] = {24, 0, 0, 1, 0}, update_requested[5] = {24, 0, 0, 1, 1};
    uint8_t what = take_byte(in), n = take_byte(in);
    size_t size;
    const uint8_t *bytes;
    switch (what % 9) {
    case 0:
        bytes = take(in, n, &size);
        say(CW_TLS_CONTENT_DATA, bytes, size);
        break;
    case 1: /* any content and bytes */
        peer.is_honest = false;
        bytes = take(in, what / 9, &size);
        say(n, bytes, size);
        break;
    case 2: say(CW_TLS_CONTENT_HANDSHAKE, n % 2 == 0 ? update : update_requested, 5); break;
    case 3: /* raw bytes */
        peer.is_honest = false;
        bytes = take(in, n, &size);
        if (STREAM_BYTES - peer.size >= size && size > 0) {
            memcpy(peer.stream + peer.size, bytes, size);
            peer.size += size;
        }
        break;
    case 4: deliver(*k, *t, n, what / 9); break;
    case 5: deliver(*k, *t, (size_t)n * 64, UINT32_MAX); break;
    case 6: say_pending(*k, *t); break;
    case 7:
        bytes = take(in, n, &size);
        answer(*k, *t, bytes, size);
        break;
    case 8: {
        struct cw_tls_moved moved;
        if (n == 0) {
            cw_tls_close(*k, *t);
        } else if (cw_tls_export(*k, *t, &moved) == CW_OK) {
            *k = *k == &workers[0] ? &workers[1] : &workers[0];
            CW_CHECK(cw_tls_import(*k, &moved, t) == CW_OK, "the other worker has room");
            cw_tls_moved_clear(&moved);
        }
        break;
    }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    struct input in = {data, size};
    struct cw_tls_worker *k = &workers[0];
    struct cw_tls *t = NULL;
    peer = (struct peer){.is_honest = true, .tx.secret = {1}, .rx.secret = {2}};
    CW_CHECK(cw_tls_new(k, &t) == CW_OK, "the worker has room");
    t->suite = CW_AEAD_AES_128_GCM & 3u;
    t->has_keys = true;
    t->rx = peer.tx;
    t->tx = peer.rx;
    for (unsigned i = 0; i < STEPS_MAX && in.size > 0; i++)
        step(&in, &k, &t);
    deliver(k, t, STREAM_BYTES, UINT32_MAX);
    if (peer.is_honest && !t->has_failed)
        CW_CHECK(peer.heard == peer.said, "what an honest peer says arrives");
    say_pending(k, t);
    cw_tls_free(k, t);
    for (unsigned i = 0; i < 2; i++)
        CW_CHECK(workers[i].connections.used == 0 && cw_tls_buffers_used(&workers[i].buffers) == 0,
                 "nothing stays behind");
    return 0;
}
