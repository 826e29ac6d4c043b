/* SPDX-License-Identifier: Apache-2.0 */
#include "control/audit/chain.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "control/store/store.h"
#include "engine/base/err.h"
#include "engine/base/span.h"

enum { CHECKPOINT_BYTES = 512 };

/* ---- keys ------------------------------------------------------------------------------------ */

static EVP_MAC_CTX *mac_context(const uint8_t *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;

    EVP_MAC_free(hmac);
    if (context != NULL && EVP_MAC_init(context, key, CW_CHAIN_BYTES, params) == 1)
        return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

static int mac_of(EVP_MAC_CTX *context, const void *data, size_t bytes, uint8_t *ret_mac)
{
    size_t n = 0;

    /* Without a key it begins anew with the one it has. */
    if (EVP_MAC_init(context, NULL, 0, NULL) == 1 && EVP_MAC_update(context, data, bytes) == 1 &&
        EVP_MAC_final(context, ret_mac, &n, CW_CHAIN_BYTES) == 1 && n == CW_CHAIN_BYTES)
        return 0;
    return CW_ERR_INTERNAL;
}

static int derive(const struct cw_chain_key *key, const char *label, uint8_t *ret_key)
{
    EVP_MAC_CTX *context = mac_context(key->root);
    int err = CW_ERR_INTERNAL;

    if (context != NULL)
        err = mac_of(context, label, strlen(label), ret_key);
    EVP_MAC_CTX_free(context);
    return err;
}

int cw_chain_next(struct cw_chain_key *key)
{
    uint8_t root[CW_CHAIN_BYTES];
    int err = derive(key, "causeway audit next", root);

    if (err == 0) {
        memcpy(key->root, root, sizeof key->root);
        key->epoch++;
    }
    explicit_bzero(root, sizeof root);
    return err;
}

int cw_chain_rows_key(const struct cw_chain_key *key, uint8_t *ret_key)
{
    return derive(key, "causeway audit rows", ret_key);
}

static EVP_PKEY *signer_of(const struct cw_chain_key *key)
{
    uint8_t seed[CW_CHAIN_BYTES];
    EVP_PKEY *signer = NULL;

    if (derive(key, "causeway audit sign", seed) == 0)
        signer = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
    explicit_bzero(seed, sizeof seed);
    return signer;
}

int cw_chain_public_key(const struct cw_chain_key *key, uint8_t *ret_key)
{
    EVP_PKEY *signer = signer_of(key);
    size_t n = CW_KEY_BYTES;
    int err = CW_ERR_INTERNAL;

    if (signer != NULL && EVP_PKEY_get_raw_public_key(signer, ret_key, &n) == 1)
        err = 0;
    EVP_PKEY_free(signer);
    return err;
}

/* ---- rows ------------------------------------------------------------------------------------ */

int cw_chain_mac_new(const uint8_t *rows_key, struct cw_chain_mac *ret)
{
    ret->context = rows_key != NULL ? mac_context(rows_key) : NULL;
    return rows_key == NULL || ret->context != NULL ? 0 : CW_ERR_INTERNAL;
}

void cw_chain_mac_free(struct cw_chain_mac *mac)
{
    EVP_MAC_CTX_free(mac->context);
    mac->context = NULL;
}

static void put_text(struct cw_writer *w, const char *text)
{
    size_t n = strlen(text);

    cw_write_u32(w, (uint32_t)n);
    cw_write_bytes(w, text, n);
}

int cw_chain_row(struct cw_chain_mac *mac, const uint8_t *before, const struct cw_audit_row *row,
                 uint8_t *ret_mac)
{
    uint8_t data[CW_AUDIT_ROW_BYTES_MAX];
    struct cw_writer w = cw_writer_of(data, sizeof data);

    cw_write_bytes(&w, before, CW_CHAIN_BYTES);
    cw_write_u64(&w, row->id);
    cw_write_u64(&w, row->time_ms);
    put_text(&w, row->actor);
    put_text(&w, row->source);
    put_text(&w, row->action);
    put_text(&w, row->object);
    put_text(&w, row->result);
    put_text(&w, row->detail);
    if (w.failed)
        return CW_ERR_TOO_LARGE;
    if (mac->context == NULL)
        return cw_secret_hash("causeway audit v1", data, w.at, ret_mac);
    return mac_of(mac->context, data, w.at, ret_mac);
}

int cw_chain_head(struct cw_chain_mac *mac, uint64_t last_id, const uint8_t *last_mac,
                  uint8_t *ret_mac)
{
    static const char label[] = "causeway audit head"; /* no row begins so: it would be a MAC */
    uint8_t data[sizeof label + 8 + CW_CHAIN_BYTES];
    struct cw_writer w = cw_writer_of(data, sizeof data);

    cw_write_bytes(&w, label, sizeof label);
    cw_write_u64(&w, last_id);
    cw_write_bytes(&w, last_mac, CW_CHAIN_BYTES);
    return mac->context != NULL ? mac_of(mac->context, data, w.at, ret_mac) : CW_ERR_STATE;
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static size_t signed_bytes(const struct cw_checkpoint *c, uint8_t *out)
{
    static const char label[] = "causeway audit checkpoint v1";
    struct cw_writer w = cw_writer_of(out, CHECKPOINT_BYTES);

    cw_write_bytes(&w, label, sizeof label);
    cw_write_u64(&w, c->epoch);
    cw_write_u64(&w, c->time_ms);
    cw_write_u64(&w, c->last_id);
    cw_write_bytes(&w, c->last_mac, sizeof c->last_mac);
    cw_write_bytes(&w, c->rows_key, sizeof c->rows_key);
    cw_write_bytes(&w, c->public_key, sizeof c->public_key);
    cw_write_bytes(&w, c->next_public_key, sizeof c->next_public_key);
    return w.at;
}

int cw_chain_sign(const struct cw_chain_key *key, struct cw_checkpoint *c)
{
    uint8_t data[CHECKPOINT_BYTES];
    struct cw_chain_key next = *key;
    EVP_PKEY *signer = signer_of(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t n = sizeof c->signature;
    int err = signer != NULL && context != NULL ? cw_chain_next(&next) : CW_ERR_INTERNAL;

    c->epoch = key->epoch;
    if (err == 0 && key->epoch > 0)
        err = cw_chain_rows_key(key, c->rows_key);
    if (err == 0)
        err = cw_chain_public_key(key, c->public_key);
    if (err == 0)
        err = cw_chain_public_key(&next, c->next_public_key);
    if (err == 0 && (EVP_DigestSignInit(context, NULL, NULL, NULL, signer) != 1 ||
                     EVP_DigestSign(context, c->signature, &n, data, signed_bytes(c, data)) != 1))
        err = CW_ERR_INTERNAL;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(signer);
    explicit_bzero(&next, sizeof next);
    return err;
}

int cw_chain_check(const struct cw_checkpoint *c)
{
    uint8_t data[CHECKPOINT_BYTES];
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, c->public_key, sizeof c->public_key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_good = key != NULL && context != NULL &&
                   EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                   EVP_DigestVerify(context, c->signature, sizeof c->signature, data,
                                    signed_bytes(c, data)) == 1;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return is_good ? 0 : CW_ERR_SIGNATURE;
}

void cw_chain_hex(const uint8_t *bytes, char out[2 * CW_CHAIN_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < CW_CHAIN_BYTES; i++) {
        out[(size_t)2 * i] = digits[bytes[i] >> 4];
        out[(size_t)2 * i + 1] = digits[bytes[i] & 15];
    }
    out[(size_t)2 * CW_CHAIN_BYTES] = '\0';
}
