/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's own EVP interface allocates twice for each HMAC and takes twice as long (506 against 233 ns here);
 * its plain SHA-2 functions do neither. They are called deprecated, and are in every OpenSSL 3. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "engine/tls_keys.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "engine/base/check.h"

enum {
    HASH_BYTES_MAX = SHA384_DIGEST_LENGTH,
    BLOCK_BYTES_MAX = 128,
    INFO_BYTES_MAX = 2 + 1 + 6 + 12 + 1 + 1,
    INNER_PAD = 0x36,
    OUTER_PAD = 0x5C,
};

/* pad, then data, hashed: one of HMAC's two passes. */
static void hash(bool is_384, const uint8_t *pad, const uint8_t *data, size_t size, uint8_t *out)
{
    if (is_384) {
        SHA512_CTX c;
        SHA384_Init(&c);
        SHA384_Update(&c, pad, SHA512_CBLOCK);
        SHA384_Update(&c, data, size);
        SHA384_Final(out, &c);
        OPENSSL_cleanse(&c, sizeof c);
    } else {
        SHA256_CTX c;
        SHA256_Init(&c);
        SHA256_Update(&c, pad, SHA256_CBLOCK);
        SHA256_Update(&c, data, size);
        SHA256_Final(out, &c);
        OPENSSL_cleanse(&c, sizeof c);
    }
}

static void hmac(bool is_384, const uint8_t *key, size_t key_bytes, const uint8_t *data,
                 size_t size, uint8_t *out)
{
    uint8_t pad[BLOCK_BYTES_MAX];
    memset(pad, INNER_PAD, sizeof pad);
    for (size_t i = 0; i < key_bytes; i++)
        pad[i] ^= key[i];
    hash(is_384, pad, data, size, out);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= INNER_PAD ^ OUTER_PAD;
    hash(is_384, pad, out, key_bytes, out);
    OPENSSL_cleanse(pad, sizeof pad);
}

size_t cw_tls_secret_bytes(enum cw_aead_suite suite)
{
    return suite == CW_AEAD_AES_256_GCM ? SHA384_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

void cw_tls_expand_label(enum cw_aead_suite suite, const uint8_t *secret, const char *label,
                         uint8_t *out, size_t out_bytes)
{
    static const char prefix[6] = {'t', 'l', 's', '1', '3', ' '};
    size_t secret_bytes = cw_tls_secret_bytes(suite);
    size_t label_bytes = strlen(label);
    CW_CHECK(label_bytes <= 12 && out_bytes <= secret_bytes, "one block of HKDF is enough");
    uint8_t info[INFO_BYTES_MAX] = {(uint8_t)(out_bytes >> 8), (uint8_t)out_bytes,
                                    (uint8_t)(sizeof prefix + label_bytes)};
    memcpy(info + 3, prefix, sizeof prefix);
    memcpy(info + 3 + sizeof prefix, label, label_bytes);
    size_t size = 3 + sizeof prefix + label_bytes;
    info[size++] = 0; /* no context */
    info[size++] = 1; /* HKDF's counter */
    uint8_t block[HASH_BYTES_MAX];
    hmac(suite == CW_AEAD_AES_256_GCM, secret, secret_bytes, info, size, block);
    memcpy(out, block, out_bytes);
    OPENSSL_cleanse(block, sizeof block);
}

void cw_tls_traffic_key(enum cw_aead_suite suite, const uint8_t *secret, uint8_t *key, uint8_t *iv)
{
    cw_tls_expand_label(suite, secret, "key", key, cw_aead_key_bytes(suite));
    cw_tls_expand_label(suite, secret, "iv", iv, CW_AEAD_IV_BYTES);
}

void cw_tls_next_secret(enum cw_aead_suite suite, uint8_t *secret)
{
    uint8_t next[HASH_BYTES_MAX];
    cw_tls_expand_label(suite, secret, "traffic upd", next, cw_tls_secret_bytes(suite));
    memcpy(secret, next, cw_tls_secret_bytes(suite));
    OPENSSL_cleanse(next, sizeof next);
}
