/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "control/secret.h"
#include "control/state.h"
#include "engine/base/err.h"

static int key_of(const struct cw_control *c, uint8_t *ret_key)
{
    return cw_secret_hash("causeway sealed secrets v1", c->ticket_seed, sizeof c->ticket_seed,
                          ret_key);
}

static int label_of(const char *purpose, uint32_t number, char *out, size_t size)
{
    return snprintf(out, size, "%s %u", purpose, number);
}

/* One direction of GCM over n bytes; the tag is read or written. */
static int run(const uint8_t *key, bool is_sealing, const uint8_t *nonce, const char *label,
               int label_bytes, const uint8_t *in, size_t n, uint8_t *out, uint8_t *tag)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int done = 0;
    int rest = 0;
    int rc = ctx != NULL && n <= CW_SEAL_BYTES_MAX;

    rc = rc && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, is_sealing) == 1;
    rc = rc && EVP_CipherUpdate(ctx, NULL, &done, (const uint8_t *)label, label_bytes) == 1;
    rc = rc && EVP_CipherUpdate(ctx, out, &done, in, (int)n) == 1;
    if (rc && !is_sealing)
        rc = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, CW_SEAL_TAG_BYTES, tag) == 1;
    if (rc && EVP_CipherFinal_ex(ctx, out + done, &rest) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        OPENSSL_cleanse(out, n);
        return CW_ERR_SIGNATURE;
    }
    if (rc && is_sealing)
        rc = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, CW_SEAL_TAG_BYTES, tag) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return rc ? 0 : CW_ERR_INTERNAL;
}

int cw_seal(const struct cw_control *c, const char *purpose, uint32_t number, const uint8_t *text,
            size_t n, uint8_t *out)
{
    uint8_t key[CW_SHA256_BYTES];
    char label[64];
    int label_bytes = label_of(purpose, number, label, sizeof label);
    int err = key_of(c, key);

    if (err == 0)
        err = cw_secret_random(out, CW_SEAL_NONCE_BYTES);
    if (err == 0)
        err = run(key, true, out, label, label_bytes, text, n, out + CW_SEAL_NONCE_BYTES,
                  out + CW_SEAL_NONCE_BYTES + n);
    OPENSSL_cleanse(key, sizeof key);
    return err;
}

int cw_unseal(const struct cw_control *c, const char *purpose, uint32_t number,
              const uint8_t *sealed, size_t n, uint8_t *out)
{
    uint8_t key[CW_SHA256_BYTES];
    uint8_t tag[CW_SEAL_TAG_BYTES];
    char label[64];
    int label_bytes = label_of(purpose, number, label, sizeof label);
    const size_t text_bytes = n - CW_SEAL_MORE_BYTES;
    int err = n >= CW_SEAL_MORE_BYTES ? key_of(c, key) : CW_ERR_SIGNATURE;

    if (err != 0)
        return err;
    memcpy(tag, sealed + CW_SEAL_NONCE_BYTES + text_bytes, sizeof tag);
    err = run(key, false, sealed, label, label_bytes, sealed + CW_SEAL_NONCE_BYTES, text_bytes, out,
              tag);
    OPENSSL_cleanse(key, sizeof key);
    return err;
}

int cw_seal_hash(const struct cw_control *c, const char *purpose, uint32_t number, const void *data,
                 size_t n, uint8_t *ret_hash)
{
    uint8_t key[CW_SHA256_BYTES];
    uint8_t text[64 + CW_SEAL_BYTES_MAX];
    size_t label_bytes = (size_t)label_of(purpose, number, (char *)text, 64) + 1;
    int err = n <= CW_SEAL_BYTES_MAX ? key_of(c, key) : CW_ERR_TOO_LARGE;

    if (err != 0)
        return err;
    memcpy(text + label_bytes, data, n);
    if (HMAC(EVP_sha256(), key, sizeof key, text, label_bytes + n, ret_hash, NULL) == NULL)
        err = CW_ERR_INTERNAL;
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(text, sizeof text);
    return err;
}
