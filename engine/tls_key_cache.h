/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls_key_cache.h - expanded keys of the directions that are busy.
 *
 * Owner:     a worker's; an entry belongs to the direction (an address) that was given with get.
 * Thread:    the worker's.
 * Units:     entries.
 * Errors:    get: NULL when the cipher cannot be set up.
 * Limits:    CW_TLS_KEYS_MAX.
 * Invariant: an entry has at most one owner; a key that changes or ends is dropped before its owner is.
 *
 * A resting direction keeps only its secret. Making its key ready takes 0.6 us, so whoever talks keeps it ready.
 * An entry is a little over 1 KB; the number is not bound by the second-level cache, because an entry in the
 * third still costs a fraction of making it anew. Any CW_TLS_KEYS_MAX busy directions all hit: replacement goes
 * round by the clock, not by a hash.
 */
#ifndef CW_ENGINE_TLS_KEY_CACHE_H
#define CW_ENGINE_TLS_KEY_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/aead.h"

/* 256 sessions of two connections of two directions. */
enum { CW_TLS_KEYS_MAX = 1024 };

struct cw_tls_key {
    struct cw_aead_key aead;
    uint8_t iv[CW_AEAD_IV_BYTES];
    bool is_recent;
    const void *owner; /* NULL: free */
};

struct cw_tls_key_cache {
    struct cw_tls_key *keys;
    const struct cw_aead_choice *choice;
    uint32_t hand;
    uint64_t misses;
};

int cw_tls_key_cache_init(struct cw_tls_key_cache *c, const struct cw_aead_choice *choice);
void cw_tls_key_cache_fini(struct cw_tls_key_cache *c);
/* slot: where it was last, any number at first; kept with the owner. */
struct cw_tls_key *cw_tls_key_get(struct cw_tls_key_cache *c, const void *owner, uint16_t *slot,
                                  enum cw_aead_suite suite, const uint8_t *secret, bool seals);
void cw_tls_key_drop(struct cw_tls_key_cache *c, const void *owner, uint16_t slot);

#endif
