/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/record.h"

#include <intel-ipsec-mb.h>
#include <string.h>

#include "bench/load/hkdf.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

enum { KEY_BYTES = 16, TAG_BYTES = 16 };

_Static_assert(sizeof(struct gcm_key_data) <= CW_RECORD_KEY_BYTES, "an expanded key fits");

static IMB_MGR *manager;

static struct gcm_key_data *key_of(struct cw_record *r)
{
    return (struct gcm_key_data *)(void *)r->key;
}

int cw_record_start(void)
{
    if (manager != NULL)
        return CW_OK;
    manager = alloc_mb_mgr(0);
    if (manager == NULL)
        return CW_ERR_NOMEM;
    init_mb_mgr_auto(manager, NULL);
    if (imb_get_errno(manager) != 0 || (manager->features & IMB_FEATURE_AESNI) == 0)
        return CW_ERR_UNSUPPORTED;
    return CW_OK;
}

void cw_record_init(struct cw_record *r, const uint8_t secret[CW_RECORD_SECRET_BYTES])
{
    uint8_t key[KEY_BYTES];
    memmove(r->secret, secret, sizeof r->secret);
    cw_hkdf_expand(r->secret, "key", NULL, 0, key, sizeof key);
    cw_hkdf_expand(r->secret, "iv", NULL, 0, r->iv, sizeof r->iv);
    IMB_AES128_GCM_PRE(manager, key, key_of(r));
    r->sequence = 0;
}

void cw_record_update(struct cw_record *r)
{
    uint8_t next[CW_RECORD_SECRET_BYTES];
    cw_hkdf_expand(r->secret, "traffic upd", NULL, 0, next, sizeof next);
    cw_record_init(r, next);
}

static void nonce_of(struct cw_record *r, uint8_t nonce[12])
{
    memcpy(nonce, r->iv, 12);
    for (unsigned i = 0; i < 8; i++)
        nonce[11 - i] ^= (uint8_t)(r->sequence >> (8 * i));
    r->sequence++;
}

size_t cw_record_seal(struct cw_record *r, uint8_t type, const uint8_t *plain, size_t size,
                      uint8_t *out)
{
    struct gcm_context_data context;
    uint8_t nonce[12];
    size_t inner = size + 1;
    size_t outer = inner + TAG_BYTES;
    CW_DCHECK(size <= CW_RECORD_PLAIN_BYTES_MAX, "a record's plaintext");
    uint8_t *body = out + CW_RECORD_HEADER_BYTES;
    if (plain != body)
        memcpy(body, plain, size);
    body[size] = type;
    out[0] = CW_RECORD_DATA;
    out[1] = 3;
    out[2] = 3;
    out[3] = (uint8_t)(outer >> 8);
    out[4] = (uint8_t)outer;
    nonce_of(r, nonce);
    IMB_AES128_GCM_ENC(manager, key_of(r), &context, body, body, inner, nonce, out,
                       CW_RECORD_HEADER_BYTES, body + inner, TAG_BYTES);
    return CW_RECORD_HEADER_BYTES + outer;
}

int cw_record_open(struct cw_record *r, uint8_t *data, size_t size, size_t *ret_used,
                   uint8_t *ret_type, uint8_t **ret_plain, size_t *ret_plain_size)
{
    struct gcm_context_data context;
    uint8_t nonce[12];
    uint8_t tag[TAG_BYTES];
    if (size < CW_RECORD_HEADER_BYTES)
        return CW_ERR_AGAIN;
    size_t outer = (size_t)data[3] << 8 | data[4];
    if (data[0] != CW_RECORD_DATA || outer <= TAG_BYTES)
        return CW_ERR_INVALID;
    if (outer > CW_RECORD_PLAIN_BYTES_MAX + 256)
        return CW_ERR_TOO_LARGE;
    if (size - CW_RECORD_HEADER_BYTES < outer)
        return CW_ERR_AGAIN;
    uint8_t *body = data + CW_RECORD_HEADER_BYTES;
    size_t inner = outer - TAG_BYTES;
    nonce_of(r, nonce);
    IMB_AES128_GCM_DEC(manager, key_of(r), &context, body, body, inner, nonce, data,
                       CW_RECORD_HEADER_BYTES, tag, TAG_BYTES);
    if (memcmp(tag, body + inner, TAG_BYTES) != 0)
        return CW_ERR_SIGNATURE;
    while (inner > 0 && body[inner - 1] == 0)
        inner--; /* padding */
    if (inner == 0)
        return CW_ERR_INVALID;
    *ret_type = body[inner - 1];
    *ret_plain = body;
    *ret_plain_size = inner - 1;
    *ret_used = CW_RECORD_HEADER_BYTES + outer;
    return CW_OK;
}
