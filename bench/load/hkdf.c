/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/hkdf.h"

#include <sodium.h>
#include <string.h>

#include "engine/base/check.h"

static void hmac(const uint8_t *key, const uint8_t *data, size_t size, uint8_t *out)
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key, CW_HKDF_BYTES);
    (void)crypto_auth_hmacsha256_update(&state, data, size);
    (void)crypto_auth_hmacsha256_final(&state, out);
}

void cw_hkdf_extract(const uint8_t *salt, const uint8_t *input, uint8_t *out)
{
    hmac(salt, input, CW_HKDF_BYTES, out);
}

void cw_hkdf_expand(const uint8_t *secret, const char *label, const uint8_t *context,
                    size_t context_bytes, uint8_t *out, size_t out_bytes)
{
    uint8_t info[128];
    uint8_t block[CW_HKDF_BYTES];
    size_t label_bytes = strlen(label);
    size_t at = 0;
    CW_CHECK(label_bytes < 48 && context_bytes <= CW_HKDF_BYTES && out_bytes <= sizeof block,
             "a label of TLS 1.3");
    info[at++] = 0;
    info[at++] = (uint8_t)out_bytes;
    info[at++] = (uint8_t)(6 + label_bytes);
    memcpy(info + at, "tls13 ", 6);
    memcpy(info + at + 6, label, label_bytes);
    at += 6 + label_bytes;
    info[at++] = (uint8_t)context_bytes;
    if (context_bytes != 0)
        memcpy(info + at, context, context_bytes);
    at += context_bytes;
    info[at++] = 1; /* the first block */
    hmac(secret, info, at, block);
    memcpy(out, block, out_bytes);
}

void cw_hkdf_finished(const uint8_t *secret, const uint8_t *hash, uint8_t *out)
{
    uint8_t key[CW_HKDF_BYTES];
    cw_hkdf_expand(secret, "finished", NULL, 0, key, sizeof key);
    hmac(key, hash, CW_HKDF_BYTES, out);
}
