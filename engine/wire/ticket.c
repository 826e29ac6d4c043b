/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/ticket.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/wire/frame.h"
#include "engine/wire/ticket_text.h"

enum { TICKET_VERSION = 1 };

/* The prefixes keep a signature of one kind from being taken for another. */
static const char ticket_prefix[] = "causeway ticket v1";
static const char possession_prefix[] = "causeway possession v1";

_Static_assert(sizeof ticket_prefix - 1 == CW_TICKET_PREFIX_BYTES &&
                   sizeof possession_prefix - 1 == CW_POSSESSION_PREFIX_BYTES,
               "the sizes of what is signed");

int cw_ticket_decode(const uint8_t *data, size_t size, struct cw_ticket *ret_ticket)
{
    if (size != CW_TICKET_BYTES)
        return CW_ERR_INVALID;
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_ticket t = {0};
    uint8_t version = cw_read_u8(&r);
    t.kind = cw_read_u8(&r);
    t.role = cw_read_u8(&r);
    t.flags = cw_read_u8(&r);
    t.session = cw_read_u32(&r);
    t.participant = cw_read_u32(&r);
    uint32_t zero_too = cw_read_u32(&r);
    t.permissions = cw_read_u64(&r);
    t.not_before_unix_s = cw_read_u64(&r);
    t.not_after_unix_s = cw_read_u64(&r);
    const uint8_t *id = cw_read_bytes(&r, sizeof t.id);
    const uint8_t *holder_key = cw_read_bytes(&r, sizeof t.holder_key);
    const uint8_t *signature = cw_read_bytes(&r, sizeof t.signature);
    if (!cw_reader_done(&r) || id == NULL || holder_key == NULL || signature == NULL)
        return CW_ERR_INVALID;
    if (version != TICKET_VERSION || (t.flags & ~CW_TICKET_FLAGS) != 0 || zero_too != 0)
        return CW_ERR_INVALID;
    if (t.kind < CW_TICKET_KIND_JOIN || t.kind > CW_TICKET_KIND_CONSOLE)
        return CW_ERR_INVALID;
    if (t.flags != 0 && t.session == 0)
        return CW_ERR_INVALID;
    if (t.role == CW_ROLE_NONE || t.role >= CW_ROLE_COUNT)
        return CW_ERR_INVALID;
    memcpy(t.id, id, sizeof t.id);
    memcpy(t.holder_key, holder_key, sizeof t.holder_key);
    memcpy(t.signature, signature, sizeof t.signature);
    *ret_ticket = t;
    return CW_OK;
}

void cw_ticket_encode(const struct cw_ticket *ticket, uint8_t *out)
{
    struct cw_writer w = cw_writer_of(out, CW_TICKET_BYTES);
    cw_write_u8(&w, TICKET_VERSION);
    cw_write_u8(&w, ticket->kind);
    cw_write_u8(&w, ticket->role);
    cw_write_u8(&w, ticket->flags);
    cw_write_u32(&w, ticket->session);
    cw_write_u32(&w, ticket->participant);
    cw_write_u32(&w, 0);
    cw_write_u64(&w, ticket->permissions);
    cw_write_u64(&w, ticket->not_before_unix_s);
    cw_write_u64(&w, ticket->not_after_unix_s);
    cw_write_bytes(&w, ticket->id, sizeof ticket->id);
    cw_write_bytes(&w, ticket->holder_key, sizeof ticket->holder_key);
    cw_write_bytes(&w, ticket->signature, sizeof ticket->signature);
}

int cw_key_sign(const uint8_t *secret_seed, const uint8_t *text, size_t text_bytes,
                uint8_t *ret_signature)
{
    int err = CW_ERR_INTERNAL;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret_seed, CW_KEY_BYTES);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t signature_bytes = CW_SIGNATURE_BYTES;
    if (key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestSign(context, ret_signature, &signature_bytes, text, text_bytes) == 1 &&
        signature_bytes == CW_SIGNATURE_BYTES)
        err = CW_OK;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return err;
}

void cw_ticket_text(const struct cw_ticket *ticket, uint8_t out[CW_TICKET_TEXT_BYTES])
{
    uint8_t encoded[CW_TICKET_BYTES];
    cw_ticket_encode(ticket, encoded);
    memcpy(out, ticket_prefix, CW_TICKET_PREFIX_BYTES);
    memcpy(out + CW_TICKET_PREFIX_BYTES, encoded, CW_TICKET_SIGNED_BYTES);
}

int cw_ticket_sign(struct cw_ticket *ticket, const uint8_t *secret_seed)
{
    uint8_t text[CW_TICKET_TEXT_BYTES];
    cw_ticket_text(ticket, text);
    return cw_key_sign(secret_seed, text, sizeof text, ticket->signature);
}

void cw_possession_text(const uint8_t *exporter, const uint8_t *ticket_id,
                        uint8_t out[CW_POSSESSION_TEXT_BYTES])
{
    memcpy(out, possession_prefix, CW_POSSESSION_PREFIX_BYTES);
    memcpy(out + CW_POSSESSION_PREFIX_BYTES, exporter, CW_EXPORTER_BYTES);
    memcpy(out + CW_POSSESSION_PREFIX_BYTES + CW_EXPORTER_BYTES, ticket_id, CW_TICKET_ID_BYTES);
}

int cw_possession_sign(const uint8_t *exporter, const uint8_t *ticket_id,
                       const uint8_t *secret_seed, uint8_t *ret_signature)
{
    uint8_t text[CW_POSSESSION_TEXT_BYTES];
    cw_possession_text(exporter, ticket_id, text);
    return cw_key_sign(secret_seed, text, sizeof text, ret_signature);
}

int cw_key_public(const uint8_t *secret_seed, uint8_t *ret_public_key)
{
    int err = CW_ERR_INTERNAL;
    size_t bytes = CW_KEY_BYTES;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret_seed, CW_KEY_BYTES);
    if (key != NULL && EVP_PKEY_get_raw_public_key(key, ret_public_key, &bytes) == 1 &&
        bytes == CW_KEY_BYTES)
        err = CW_OK;
    EVP_PKEY_free(key);
    return err;
}

int cw_ticket_check_maker(const struct cw_ticket *ticket, const uint8_t *public_key)
{
    uint8_t text[CW_TICKET_TEXT_BYTES];
    cw_ticket_text(ticket, text);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, CW_KEY_BYTES);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = key != NULL && c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(c, ticket->signature, CW_SIGNATURE_BYTES, text, sizeof text) == 1;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return good ? CW_OK : CW_ERR_SIGNATURE;
}
