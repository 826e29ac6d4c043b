/* SPDX-License-Identifier: Apache-2.0 */
/* engine/aead.h - the three AEADs of TLS 1.3, each by the fastest library this machine has.
 *
 * Owner:     a struct cw_aead_key belongs to the caller, who zeroes it first and clears it last.
 * Thread:    a key: one at a time; a choice and its ops: any.
 * Units:     bytes.
 * Errors:    CW_ERR_SIGNATURE (open: the tag is wrong; out is wiped), CW_ERR_INTERNAL, CW_ERR_NOMEM.
 * Limits:    CW_AEAD_PIECES_MAX pieces; 2^31 bytes in all.
 * Invariant: nothing is written beyond the sizes told, and nothing read beyond the pieces.
 *
 * libipsec-mb is taken only where it measured faster at the start of the process: with AVX-512 and VAES it
 * seals 64 bytes in a quarter of OpenSSL's time and 16 KB in 40 %; its AVX2 path is slower than OpenSSL's.
 */
#ifndef CW_ENGINE_AEAD_H
#define CW_ENGINE_AEAD_H

#include <openssl/evp.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum cw_aead_suite {
    CW_AEAD_AES_128_GCM,
    CW_AEAD_AES_256_GCM,
    CW_AEAD_CHACHA20_POLY1305,
    CW_AEAD_SUITE_COUNT
};

enum {
    CW_AEAD_KEY_BYTES_MAX = 32,
    CW_AEAD_IV_BYTES = 12,
    CW_AEAD_TAG_BYTES = 16,
    CW_AEAD_EXPANDED_BYTES = 1024, /* struct gcm_key_data has 1,008 */
    CW_AEAD_PIECES_MAX = 1024,
};

struct cw_aead_ops;

/* A key made ready for one direction. */
struct cw_aead_key {
    alignas(64) uint8_t expanded[CW_AEAD_EXPANDED_BYTES]; /* libipsec-mb */
    EVP_CIPHER_CTX *evp; /* OpenSSL; kept for the next key of this struct */
    const struct cw_aead_ops *ops;
    enum cw_aead_suite suite;
};

/* What is sealed or opened, without the bytes: they come as pieces. */
struct cw_aead_text {
    const uint8_t *iv; /* CW_AEAD_IV_BYTES */
    const uint8_t *aad;
    size_t aad_bytes;
    const struct iovec *pieces;
    unsigned count;
};

struct cw_aead_ops {
    const char *name; /* "ipsec-mb", "evp" */
    bool (*is_available)(enum cw_aead_suite suite);
    int (*set_key)(struct cw_aead_key *k, enum cw_aead_suite suite, const uint8_t *raw, bool seals);
    /* Writes the sum of the pieces, one byte more for last (what TLS calls the content type), and the tag. */
    int (*seal)(struct cw_aead_key *k, const struct cw_aead_text *t, uint8_t last, uint8_t *out);
    /* Writes the sum of the pieces. */
    int (*open)(struct cw_aead_key *k, const struct cw_aead_text *t, const uint8_t *tag,
                uint8_t *out);
};

/* aead_ipsec.c, aead_evp.c */
extern const struct cw_aead_ops cw_aead_ipsec;
extern const struct cw_aead_ops cw_aead_evp;

struct cw_aead_choice {
    const struct cw_aead_ops *of[CW_AEAD_SUITE_COUNT];
};

/* Measures (3 ms) and logs. forced: "evp" or "ipsec-mb" (where available), NULL or "" to measure. */
void cw_aead_choose(const char *forced, struct cw_aead_choice *ret_choice);

size_t cw_aead_key_bytes(enum cw_aead_suite suite);
/* "AES-128-GCM" */
const char *cw_aead_name(enum cw_aead_suite suite);
void cw_aead_key_clear(struct cw_aead_key *k);

/* ---- for the two implementations ---------------------------------------------------------------- */

size_t cw_aead_sum(const struct cw_aead_text *t);
/* Copies the pieces together. */
void cw_aead_gather(const struct cw_aead_text *t, uint8_t *out);
/* Below this it is cheaper to copy the pieces together and make one call. */
enum { CW_AEAD_GATHER_BYTES = 1024 };

#endif
