/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tls_key_cache.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include "engine/base/err.h"
#include "engine/tls_keys.h"

static const size_t keys_bytes = CW_TLS_KEYS_MAX * sizeof(struct cw_tls_key);

int cw_tls_key_cache_init(struct cw_tls_key_cache *c, const struct cw_aead_choice *choice)
{
    /* A mapping: aligned, and committed as it is used. */
    void *keys = mmap(NULL, keys_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (keys == MAP_FAILED)
        return CW_ERR_NOMEM;
    *c = (struct cw_tls_key_cache){.keys = keys, .choice = choice};
    return CW_OK;
}

void cw_tls_key_cache_fini(struct cw_tls_key_cache *c)
{
    if (c->keys == NULL)
        return;
    for (unsigned i = 0; i < CW_TLS_KEYS_MAX; i++)
        if (c->keys[i].aead.ops != NULL)
            cw_aead_key_clear(&c->keys[i].aead);
    munmap(c->keys, keys_bytes);
    *c = (struct cw_tls_key_cache){0};
}

/* The next entry that nobody owns or that was not used since the hand last passed. */
static uint16_t find(struct cw_tls_key_cache *c)
{
    for (;;) {
        uint32_t i = c->hand;
        c->hand = (c->hand + 1) % CW_TLS_KEYS_MAX;
        if (c->keys[i].owner == NULL || !c->keys[i].is_recent)
            return (uint16_t)i;
        c->keys[i].is_recent = false;
    }
}

struct cw_tls_key *cw_tls_key_get(struct cw_tls_key_cache *c, const void *owner, uint16_t *slot,
                                  enum cw_aead_suite suite, const uint8_t *secret, bool seals)
{
    struct cw_tls_key *k = &c->keys[*slot % CW_TLS_KEYS_MAX];
    if (k->owner == owner) {
        k->is_recent = true;
        return k;
    }
    c->misses++;
    *slot = find(c);
    k = &c->keys[*slot];
    uint8_t raw[CW_AEAD_KEY_BYTES_MAX];
    cw_tls_traffic_key(suite, secret, raw, k->iv);
    int err = c->choice->of[suite]->set_key(&k->aead, suite, raw, seals);
    OPENSSL_cleanse(raw, sizeof raw);
    k->owner = err == CW_OK ? owner : NULL;
    k->is_recent = true;
    return err == CW_OK ? k : NULL;
}

void cw_tls_key_drop(struct cw_tls_key_cache *c, const void *owner, uint16_t slot)
{
    struct cw_tls_key *k = &c->keys[slot % CW_TLS_KEYS_MAX];
    if (k->owner != owner)
        return;
    k->owner = NULL;
    OPENSSL_cleanse(k->aead.expanded, sizeof k->aead.expanded);
    OPENSSL_cleanse(k->iv, sizeof k->iv);
}
