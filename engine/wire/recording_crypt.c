/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM of a block's payload, the keys for it, and the signature of the seal. */
#include "engine/wire/recording_crypt.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/recording.h"

enum { NONCE_BYTES = 12, KEYED_HEADER_BYTES = CW_RECORDING_HEADER_BYTES - CW_RECORDING_HASH_BYTES };

static const char seal_prefix[] = "causeway recording v1";
static const char key_prefix[] = "causeway recordings key";

enum { SEAL_PREFIX_BYTES = sizeof seal_prefix - 1, KEY_PREFIX_BYTES = sizeof key_prefix - 1 };

static void nonce_of(uint64_t number, uint8_t out[NONCE_BYTES])
{
    memset(out, 0, NONCE_BYTES);
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> (8 * i));
}

int cw_recording_encrypt(uint8_t *block, size_t payload_bytes, uint64_t number,
                         const uint8_t *file_key)
{
    uint8_t nonce[NONCE_BYTES];
    uint8_t *payload = block + CW_RECORDING_BLOCK_HEAD_BYTES;
    int n = 0;
    nonce_of(number, nonce);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c != NULL && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, file_key, nonce) == 1 &&
                EVP_EncryptUpdate(c, NULL, &n, block, CW_RECORDING_BLOCK_HEAD_BYTES) == 1 &&
                EVP_EncryptUpdate(c, payload, &n, payload, (int)payload_bytes) == 1 &&
                EVP_EncryptFinal_ex(c, payload + payload_bytes, &n) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, CW_RECORDING_TAG_BYTES,
                                    payload + payload_bytes) == 1;
    EVP_CIPHER_CTX_free(c);
    return good ? CW_OK : CW_ERR_INTERNAL;
}

int cw_recording_decrypt(const uint8_t *block_bytes, const struct cw_recording_block *block,
                         const uint8_t *file_key, uint8_t *out, size_t *ret_bytes)
{
    uint8_t nonce[NONCE_BYTES];
    uint8_t tag[CW_RECORDING_TAG_BYTES];
    int n = 0;
    if (block->kind != CW_RECORDING_DATA || block->payload_bytes < sizeof tag)
        return CW_ERR_INVALID;
    size_t bytes = block->payload_bytes - sizeof tag;
    nonce_of(block->number, nonce);
    memcpy(tag, block->payload + bytes, sizeof tag);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c != NULL && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, file_key, nonce) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) == 1 &&
                EVP_DecryptUpdate(c, NULL, &n, block_bytes, CW_RECORDING_BLOCK_HEAD_BYTES) == 1 &&
                EVP_DecryptUpdate(c, out, &n, block->payload, (int)bytes) == 1 &&
                EVP_DecryptFinal_ex(c, out + bytes, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!good)
        return CW_ERR_SIGNATURE;
    *ret_bytes = bytes;
    return CW_OK;
}

int cw_recording_file_key(const uint8_t key[CW_KEY_BYTES],
                          const uint8_t header[CW_RECORDING_HEADER_BYTES],
                          uint8_t ret_file_key[CW_KEY_BYTES])
{
    unsigned size = CW_KEY_BYTES;
    return HMAC(EVP_sha256(), key, CW_KEY_BYTES, header, KEYED_HEADER_BYTES, ret_file_key, &size) !=
                   NULL
               ? CW_OK
               : CW_ERR_INTERNAL;
}

void cw_recording_key_id(const uint8_t key[CW_KEY_BYTES], uint8_t ret_id[CW_RECORDING_KEY_ID_BYTES])
{
    uint8_t text[KEY_PREFIX_BYTES + CW_KEY_BYTES];
    uint8_t hash[CW_RECORDING_HASH_BYTES];
    memcpy(text, key_prefix, KEY_PREFIX_BYTES);
    memcpy(text + KEY_PREFIX_BYTES, key, CW_KEY_BYTES);
    SHA256(text, sizeof text, hash);
    memcpy(ret_id, hash, CW_RECORDING_KEY_ID_BYTES);
    explicit_bzero(text, sizeof text);
}

/* ---- the seal ------------------------------------------------------------------------------------- */

static void seal_text(const uint8_t *root, uint8_t out[SEAL_PREFIX_BYTES + CW_RECORDING_HASH_BYTES])
{
    memcpy(out, seal_prefix, SEAL_PREFIX_BYTES);
    memcpy(out + SEAL_PREFIX_BYTES, root, CW_RECORDING_HASH_BYTES);
}

int cw_recording_sign(const uint8_t *root, const uint8_t *secret_seed, uint8_t *ret_signature)
{
    uint8_t text[SEAL_PREFIX_BYTES + CW_RECORDING_HASH_BYTES];
    size_t size = CW_SIGNATURE_BYTES;
    seal_text(root, text);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret_seed, CW_KEY_BYTES);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = key != NULL && c != NULL && EVP_DigestSignInit(c, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(c, ret_signature, &size, text, sizeof text) == 1 &&
                size == CW_SIGNATURE_BYTES;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return good ? CW_OK : CW_ERR_INTERNAL;
}

int cw_recording_verify(const uint8_t *root, const uint8_t *public_key, const uint8_t *signature)
{
    uint8_t text[SEAL_PREFIX_BYTES + CW_RECORDING_HASH_BYTES];
    seal_text(root, text);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CW_KEY_BYTES);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = key != NULL && c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(c, signature, CW_SIGNATURE_BYTES, text, sizeof text) == 1;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return good ? CW_OK : CW_ERR_SIGNATURE;
}
