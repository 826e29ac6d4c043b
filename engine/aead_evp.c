/* SPDX-License-Identifier: Apache-2.0 */
/* The AEADs by OpenSSL's EVP: one cipher context a key, set up once and given a new IV for each record. */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "engine/aead.h"
#include "engine/base/err.h"

static bool is_available(enum cw_aead_suite suite)
{
    (void)suite;
    return true;
}

static const EVP_CIPHER *cipher_of(enum cw_aead_suite suite)
{
    return suite == CW_AEAD_AES_128_GCM   ? EVP_aes_128_gcm()
           : suite == CW_AEAD_AES_256_GCM ? EVP_aes_256_gcm()
                                          : EVP_chacha20_poly1305();
}

static int set_key(struct cw_aead_key *k, enum cw_aead_suite suite, const uint8_t *raw, bool seals)
{
    bool is_same = k->evp != NULL && k->ops == &cw_aead_evp && k->suite == suite;
    if (k->evp == NULL)
        k->evp = EVP_CIPHER_CTX_new();
    if (k->evp == NULL)
        return CW_ERR_NOMEM;
    k->ops = &cw_aead_evp;
    k->suite = suite;
    /* Naming the cipher again makes OpenSSL fetch it and allocate anew. */
    if (EVP_CipherInit_ex(k->evp, is_same ? NULL : cipher_of(suite), NULL, raw, NULL,
                          seals ? 1 : 0) == 1)
        return CW_OK;
    ERR_clear_error();
    return CW_ERR_INTERNAL;
}

static bool start(struct cw_aead_key *k, const struct cw_aead_text *t)
{
    int n;
    return EVP_CipherInit_ex(k->evp, NULL, NULL, NULL, t->iv, -1) == 1 &&
           EVP_CipherUpdate(k->evp, NULL, &n, t->aad, (int)t->aad_bytes) == 1;
}

static bool update(struct cw_aead_key *k, const void *in, size_t size, uint8_t *out)
{
    int n = 0;
    return size == 0 || (EVP_CipherUpdate(k->evp, out, &n, in, (int)size) == 1 && n == (int)size);
}

static bool update_pieces(struct cw_aead_key *k, const struct cw_aead_text *t, uint8_t *out)
{
    for (unsigned i = 0; i < t->count; i++) {
        if (!update(k, t->pieces[i].iov_base, t->pieces[i].iov_len, out))
            return false;
        out += t->pieces[i].iov_len;
    }
    return true;
}

static int seal(struct cw_aead_key *k, const struct cw_aead_text *t, uint8_t last, uint8_t *out)
{
    size_t sum = cw_aead_sum(t);
    bool ok = start(k, t);
    if (ok && sum < CW_AEAD_GATHER_BYTES) {
        cw_aead_gather(t, out);
        out[sum] = last;
        ok = update(k, out, sum + 1, out);
    } else {
        ok = ok && update_pieces(k, t, out) && update(k, &last, 1, out + sum);
    }
    int n;
    ok = ok && EVP_CipherFinal_ex(k->evp, out + sum + 1, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(k->evp, EVP_CTRL_AEAD_GET_TAG, CW_AEAD_TAG_BYTES, out + sum + 1) == 1;
    return ok ? CW_OK : CW_ERR_INTERNAL;
}

static int open_(struct cw_aead_key *k, const struct cw_aead_text *t, const uint8_t *tag,
                 uint8_t *out)
{
    uint8_t expected[CW_AEAD_TAG_BYTES]; /* OpenSSL's argument is not const */
    memcpy(expected, tag, sizeof expected);
    size_t sum = cw_aead_sum(t);
    int n;
    if (!start(k, t) || !update_pieces(k, t, out) ||
        EVP_CIPHER_CTX_ctrl(k->evp, EVP_CTRL_AEAD_SET_TAG, sizeof expected, expected) != 1)
        return CW_ERR_INTERNAL;
    if (EVP_CipherFinal_ex(k->evp, out + sum, &n) == 1)
        return CW_OK;
    OPENSSL_cleanse(out, sum);
    ERR_clear_error();
    return CW_ERR_SIGNATURE;
}

const struct cw_aead_ops cw_aead_evp = {"evp", is_available, set_key, seal, open_};
