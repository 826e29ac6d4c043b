/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/program_offer.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "engine/base/err.h"

static const char prefix[19] = "causeway program v1"; /* without a zero */

enum {
    TEXT_BYTES = sizeof prefix + 8 + CW_PROGRAM_HASH_BYTES + CW_PROGRAM_MACHINE_BYTES +
                 CW_PROGRAM_VERSION_BYTES
};

static uint8_t *put(uint8_t *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

/* Behind the end of a text come zeros, whatever is in memory there. */
static void signed_text(const struct cw_program_offer *offer, uint8_t *out)
{
    uint8_t size[8];
    uint8_t *at = put(out, prefix, sizeof prefix);

    for (unsigned i = 0; i < sizeof size; i++)
        size[i] = (uint8_t)(offer->size >> (8 * i));
    at = put(at, size, sizeof size);
    at = put(at, offer->sha256, sizeof offer->sha256);
    memset(at, 0, CW_PROGRAM_MACHINE_BYTES + CW_PROGRAM_VERSION_BYTES);
    memcpy(at, offer->machine, strnlen(offer->machine, sizeof offer->machine));
    memcpy(at + CW_PROGRAM_MACHINE_BYTES, offer->version,
           strnlen(offer->version, sizeof offer->version));
}

int cw_program_offer_sign(const struct cw_program_offer *offer, const uint8_t *secret_seed,
                          uint8_t *ret_signature)
{
    uint8_t text[TEXT_BYTES];
    size_t size = CW_SIGNATURE_BYTES;

    signed_text(offer, text);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret_seed, CW_KEY_BYTES);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const bool good = key != NULL && c != NULL &&
                      EVP_DigestSignInit(c, NULL, NULL, NULL, key) == 1 &&
                      EVP_DigestSign(c, ret_signature, &size, text, sizeof text) == 1;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return good ? CW_OK : CW_ERR_INTERNAL;
}

int cw_program_offer_verify(const struct cw_program_offer *offer, const uint8_t *public_key,
                            const uint8_t *signature)
{
    uint8_t text[TEXT_BYTES];

    signed_text(offer, text);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CW_KEY_BYTES);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const bool good = key != NULL && c != NULL &&
                      EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
                      EVP_DigestVerify(c, signature, CW_SIGNATURE_BYTES, text, sizeof text) == 1;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return good ? CW_OK : CW_ERR_SIGNATURE;
}
