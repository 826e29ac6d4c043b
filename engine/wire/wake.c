/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/wake.h"

#include <openssl/evp.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/wire/ticket.h"

/* The prefix keeps a signature of another kind from being taken for this one. */
static const char prefix[16] __attribute__((nonstring)) = "causeway wake v1";
static const uint8_t first[4] = {'C', 'W', 'W', '1'};

enum { TEXT_BYTES = sizeof prefix + CW_WAKE_SIGNED_BYTES };

int cw_wake_decode(const uint8_t *data, size_t size, struct cw_wake *ret_wake)
{
    if (size != CW_WAKE_BYTES || memcmp(data, first, sizeof first) != 0)
        return CW_ERR_INVALID;
    struct cw_reader r = cw_reader_of(data + sizeof first, size - sizeof first);
    struct cw_wake wake = {0};
    wake.item = cw_read_u32(&r);
    wake.number = cw_read_u64(&r);
    wake.time_unix_ms = cw_read_u64(&r);
    const uint8_t *signature = cw_read_bytes(&r, sizeof wake.signature);
    if (!cw_reader_done(&r) || signature == NULL || wake.item == 0 || wake.number == 0)
        return CW_ERR_INVALID;
    memcpy(wake.signature, signature, sizeof wake.signature);
    *ret_wake = wake;
    return CW_OK;
}

void cw_wake_encode(const struct cw_wake *wake, uint8_t *out)
{
    struct cw_writer w = cw_writer_of(out, CW_WAKE_BYTES);
    cw_write_bytes(&w, first, sizeof first);
    cw_write_u32(&w, wake->item);
    cw_write_u64(&w, wake->number);
    cw_write_u64(&w, wake->time_unix_ms);
    cw_write_bytes(&w, wake->signature, sizeof wake->signature);
}

static void text_of(const struct cw_wake *wake, uint8_t out[TEXT_BYTES])
{
    uint8_t encoded[CW_WAKE_BYTES];
    cw_wake_encode(wake, encoded);
    memcpy(out, prefix, sizeof prefix);
    memcpy(out + sizeof prefix, encoded, CW_WAKE_SIGNED_BYTES);
}

int cw_wake_sign(struct cw_wake *wake, const uint8_t *secret_seed)
{
    uint8_t text[TEXT_BYTES];
    text_of(wake, text);
    return cw_key_sign(secret_seed, text, sizeof text, wake->signature);
}

/* With OpenSSL, which a Jump Client has anyway: it needs no second library. */
int cw_wake_verify(const struct cw_wake *wake, const uint8_t *public_key)
{
    uint8_t text[TEXT_BYTES];
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CW_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int err = CW_ERR_SIGNATURE;
    text_of(wake, text);
    if (key != NULL && context != NULL &&
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(context, wake->signature, sizeof wake->signature, text, sizeof text) == 1)
        err = CW_OK;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return err;
}
