/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/aead.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/log.h"

/* Enough that the best of the rounds is not disturbed; 16 KB and 64 bytes weigh the same. */
enum { ROUNDS = 4, CALLS_SMALL = 200, CALLS_LARGE = 12, BYTES_SMALL = 64, BYTES_LARGE = 16384 };

size_t cw_aead_key_bytes(enum cw_aead_suite suite)
{
    return suite == CW_AEAD_AES_128_GCM ? 16 : 32;
}

const char *cw_aead_name(enum cw_aead_suite suite)
{
    static const char *const names[CW_AEAD_SUITE_COUNT] = {"AES-128-GCM", "AES-256-GCM",
                                                           "ChaCha20-Poly1305"};
    return names[suite];
}

void cw_aead_key_clear(struct cw_aead_key *k)
{
    EVP_CIPHER_CTX_free(k->evp);
    OPENSSL_cleanse(k, sizeof *k);
}

size_t cw_aead_sum(const struct cw_aead_text *t)
{
    size_t sum = 0;
    for (unsigned i = 0; i < t->count; i++)
        sum += t->pieces[i].iov_len;
    return sum;
}

void cw_aead_gather(const struct cw_aead_text *t, uint8_t *out)
{
    for (unsigned i = 0; i < t->count; i++) {
        /* An empty piece may have no address. */
        if (t->pieces[i].iov_len > 0)
            memcpy(out, t->pieces[i].iov_base, t->pieces[i].iov_len);
        out += t->pieces[i].iov_len;
    }
}

/* ---- the choice --------------------------------------------------------------------------------- */

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct cost {
    uint64_t small_ns, large_ns; /* one record; 0: it does not work */
};

static uint64_t measure(struct cw_aead_key *k, uint8_t *bytes, size_t size, unsigned calls)
{
    static const uint8_t aad[5] = {23, 3, 3, 0, 0};
    uint8_t iv[CW_AEAD_IV_BYTES] = {0};
    struct iovec piece = {.iov_base = bytes, .iov_len = size - 1};
    struct cw_aead_text text = {iv, aad, sizeof aad, &piece, 1};
    uint64_t best = UINT64_MAX;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t start = cpu_ns();
        for (unsigned i = 0; i < calls; i++) {
            iv[0] = (uint8_t)i;
            if (k->ops->seal(k, &text, 23, bytes + BYTES_LARGE) != 0)
                return 0;
        }
        uint64_t took = (cpu_ns() - start) / calls;
        best = took < best ? took : best;
    }
    return best > 0 ? best : 1;
}

static struct cost cost_of(const struct cw_aead_ops *ops, enum cw_aead_suite suite, uint8_t *bytes)
{
    static const uint8_t raw[CW_AEAD_KEY_BYTES_MAX] = {1};
    struct cw_aead_key key = {.ops = ops};
    struct cost c = {0};
    if (ops->set_key(&key, suite, raw, true) == 0) {
        c.small_ns = measure(&key, bytes, BYTES_SMALL, CALLS_SMALL);
        c.large_ns = measure(&key, bytes, BYTES_LARGE, CALLS_LARGE);
    }
    cw_aead_key_clear(&key);
    return c;
}

static const struct cw_aead_ops *faster(enum cw_aead_suite suite, uint8_t *bytes)
{
    struct cost evp = cost_of(&cw_aead_evp, suite, bytes);
    struct cost ipsec = cost_of(&cw_aead_ipsec, suite, bytes);
    bool is_ipsec = ipsec.small_ns > 0 && ipsec.large_ns > 0 &&
                    ipsec.small_ns * ipsec.large_ns < evp.small_ns * evp.large_ns;
    cw_log(CW_LOG_INFO, "engine.aead",
           "%s: %s (64 bytes and 16 KB: ipsec-mb %llu and %llu ns, OpenSSL %llu and %llu ns)",
           cw_aead_name(suite), is_ipsec ? cw_aead_ipsec.name : cw_aead_evp.name,
           (unsigned long long)ipsec.small_ns, (unsigned long long)ipsec.large_ns,
           (unsigned long long)evp.small_ns, (unsigned long long)evp.large_ns);
    return is_ipsec ? &cw_aead_ipsec : &cw_aead_evp;
}

void cw_aead_choose(const char *forced, struct cw_aead_choice *ret_choice)
{
    bool is_forced = forced != NULL && forced[0] != 0;
    bool wants_ipsec = is_forced && strcmp(forced, cw_aead_ipsec.name) == 0;
    uint8_t *bytes = is_forced ? NULL : calloc(2, BYTES_LARGE + CW_AEAD_TAG_BYTES);
    for (unsigned s = 0; s < CW_AEAD_SUITE_COUNT; s++) {
        bool has_ipsec = cw_aead_ipsec.is_available((enum cw_aead_suite)s);
        if (is_forced || !has_ipsec || bytes == NULL) {
            ret_choice->of[s] = wants_ipsec && has_ipsec ? &cw_aead_ipsec : &cw_aead_evp;
            cw_log(CW_LOG_INFO, "engine.aead", "%s: %s (%s)", cw_aead_name((enum cw_aead_suite)s),
                   ret_choice->of[s]->name,
                   is_forced ? "as set" : "the processor has no AVX-512 with VAES");
        } else {
            ret_choice->of[s] = faster((enum cw_aead_suite)s, bytes);
        }
    }
    free(bytes);
}
