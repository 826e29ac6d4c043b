/* SPDX-License-Identifier: Apache-2.0 */
/* The AEADs by libipsec-mb's direct calls, only with AVX-512 and VAES. */
#include <cpuid.h>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "engine/aead.h"
#include "engine/base/err.h"

_Static_assert(sizeof(struct gcm_key_data) <= CW_AEAD_EXPANDED_BYTES, "an expanded key fits");

/* VAES and VPCLMULQDQ, which the fuzzers' clang does not know by name. */
static bool has_wide_aes(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    const unsigned wanted = 1U << 9 | 1U << 10;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 && (c & wanted) == wanted;
}

/* The table of functions for this processor; made once, read by all. NULL: the processor is not one that we
 * want. Asked before the library looks, because its own look falls back to slower code. */
static IMB_MGR *manager(void)
{
    static _Atomic(IMB_MGR *) shared;
    IMB_MGR *m = atomic_load_explicit(&shared, memory_order_acquire);
    if (m != NULL)
        return m;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
        !has_wide_aes())
        return NULL;
    m = alloc_mb_mgr(0);
    if (m == NULL)
        return NULL;
    init_mb_mgr_avx512(m);
    if (imb_get_errno(m) != 0) {
        free_mb_mgr(m);
        return NULL;
    }
    IMB_MGR *other = NULL;
    if (atomic_compare_exchange_strong(&shared, &other, m))
        return m;
    free_mb_mgr(m); /* another thread was first */
    return other;
}

static bool is_available(enum cw_aead_suite suite)
{
    (void)suite;
    return manager() != NULL;
}

/* The state of one record. */
struct stream {
    IMB_MGR *m;
    const struct gcm_key_data *gcm;
    const uint8_t *raw; /* ChaCha20: the key is not expanded */
    union {
        struct gcm_context_data gcm;
        struct chacha20_poly1305_context_data chacha;
    } context;
};

static struct stream stream_of(const struct cw_aead_key *k)
{
    return (struct stream){.m = manager(), .gcm = (const void *)k->expanded, .raw = k->expanded};
}

static int set_key(struct cw_aead_key *k, enum cw_aead_suite suite, const uint8_t *raw, bool seals)
{
    (void)seals;
    IMB_MGR *m = manager();
    if (m == NULL)
        return CW_ERR_UNSUPPORTED;
    struct gcm_key_data *gcm = (void *)k->expanded;
    k->ops = &cw_aead_ipsec;
    k->suite = suite;
    switch (suite) {
    case CW_AEAD_AES_128_GCM: IMB_AES128_GCM_PRE(m, raw, gcm); break;
    case CW_AEAD_AES_256_GCM: IMB_AES256_GCM_PRE(m, raw, gcm); break;
    case CW_AEAD_CHACHA20_POLY1305: memcpy(k->expanded, raw, cw_aead_key_bytes(suite)); break;
    case CW_AEAD_SUITE_COUNT: return CW_ERR_UNSUPPORTED;
    }
    return CW_OK;
}

/* One piece, and the tag that belongs to it. */
static void whole(enum cw_aead_suite suite, bool seals, struct stream *s,
                  const struct cw_aead_text *t, const uint8_t *in, size_t size, uint8_t *out,
                  uint8_t *tag)
{
    struct gcm_context_data *g = &s->context.gcm;
    struct chacha20_poly1305_context_data *c = &s->context.chacha;
    if (suite == CW_AEAD_CHACHA20_POLY1305) {
        IMB_CHACHA20_POLY1305_INIT(s->m, s->raw, c, t->iv, t->aad, t->aad_bytes);
        if (seals)
            IMB_CHACHA20_POLY1305_ENC_UPDATE(s->m, s->raw, c, out, in, size);
        else
            IMB_CHACHA20_POLY1305_DEC_UPDATE(s->m, s->raw, c, out, in, size);
        IMB_CHACHA20_POLY1305_ENC_FINALIZE(s->m, c, tag, CW_AEAD_TAG_BYTES);
        return;
    }
    bool is_128 = suite == CW_AEAD_AES_128_GCM;
    aes_gcm_enc_dec_t call = is_128 ? (seals ? s->m->gcm128_enc : s->m->gcm128_dec)
                                    : (seals ? s->m->gcm256_enc : s->m->gcm256_dec);
    call(s->gcm, g, out, in, size, t->iv, t->aad, t->aad_bytes, tag, CW_AEAD_TAG_BYTES);
}

static void begin(enum cw_aead_suite suite, struct stream *s, const struct cw_aead_text *t)
{
    if (suite == CW_AEAD_AES_128_GCM)
        IMB_AES128_GCM_INIT(s->m, s->gcm, &s->context.gcm, t->iv, t->aad, t->aad_bytes);
    else if (suite == CW_AEAD_AES_256_GCM)
        IMB_AES256_GCM_INIT(s->m, s->gcm, &s->context.gcm, t->iv, t->aad, t->aad_bytes);
    else
        IMB_CHACHA20_POLY1305_INIT(s->m, s->raw, &s->context.chacha, t->iv, t->aad, t->aad_bytes);
}

static void update(enum cw_aead_suite suite, bool seals, struct stream *s, const void *in,
                   size_t size, uint8_t *out)
{
    if (size == 0)
        return;
    if (suite == CW_AEAD_CHACHA20_POLY1305) {
        struct chacha20_poly1305_context_data *c = &s->context.chacha;
        if (seals)
            IMB_CHACHA20_POLY1305_ENC_UPDATE(s->m, s->raw, c, out, in, size);
        else
            IMB_CHACHA20_POLY1305_DEC_UPDATE(s->m, s->raw, c, out, in, size);
        return;
    }
    bool is_128 = suite == CW_AEAD_AES_128_GCM;
    aes_gcm_enc_dec_update_t call =
        is_128 ? (seals ? s->m->gcm128_enc_update : s->m->gcm128_dec_update)
               : (seals ? s->m->gcm256_enc_update : s->m->gcm256_dec_update);
    call(s->gcm, &s->context.gcm, out, in, size);
}

static void finish(enum cw_aead_suite suite, bool seals, struct stream *s, uint8_t *tag)
{
    if (suite == CW_AEAD_CHACHA20_POLY1305) {
        IMB_CHACHA20_POLY1305_ENC_FINALIZE(s->m, &s->context.chacha, tag, CW_AEAD_TAG_BYTES);
        return;
    }
    bool is_128 = suite == CW_AEAD_AES_128_GCM;
    aes_gcm_enc_dec_finalize_t call =
        is_128 ? (seals ? s->m->gcm128_enc_finalize : s->m->gcm128_dec_finalize)
               : (seals ? s->m->gcm256_enc_finalize : s->m->gcm256_dec_finalize);
    call(s->gcm, &s->context.gcm, tag, CW_AEAD_TAG_BYTES);
}

static void update_pieces(struct cw_aead_key *k, bool seals, struct stream *s,
                          const struct cw_aead_text *t, uint8_t *out)
{
    begin(k->suite, s, t);
    for (unsigned i = 0; i < t->count; i++) {
        update(k->suite, seals, s, t->pieces[i].iov_base, t->pieces[i].iov_len, out);
        out += t->pieces[i].iov_len;
    }
}

static int seal(struct cw_aead_key *k, const struct cw_aead_text *t, uint8_t last, uint8_t *out)
{
    struct stream s = stream_of(k);
    size_t sum = cw_aead_sum(t);
    if (sum < CW_AEAD_GATHER_BYTES) {
        cw_aead_gather(t, out);
        out[sum] = last;
        whole(k->suite, true, &s, t, out, sum + 1, out, out + sum + 1);
        return CW_OK;
    }
    update_pieces(k, true, &s, t, out);
    update(k->suite, true, &s, &last, 1, out + sum);
    finish(k->suite, true, &s, out + sum + 1);
    return CW_OK;
}

static int open_(struct cw_aead_key *k, const struct cw_aead_text *t, const uint8_t *tag,
                 uint8_t *out)
{
    struct stream s = stream_of(k);
    uint8_t ours[CW_AEAD_TAG_BYTES];
    if (t->count == 1 && t->pieces[0].iov_len > 0) {
        whole(k->suite, false, &s, t, t->pieces[0].iov_base, t->pieces[0].iov_len, out, ours);
    } else {
        update_pieces(k, false, &s, t, out);
        finish(k->suite, false, &s, ours);
    }
    if (CRYPTO_memcmp(ours, tag, sizeof ours) == 0)
        return CW_OK;
    OPENSSL_cleanse(out, cw_aead_sum(t));
    return CW_ERR_SIGNATURE;
}

const struct cw_aead_ops cw_aead_ipsec = {"ipsec-mb", is_available, set_key, seal, open_};
