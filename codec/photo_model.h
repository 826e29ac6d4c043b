/* SPDX-License-Identifier: Apache-2.0 */
/* codec/photo_model.h - what both ends of operation mode 5 share: tokens, contexts and frequency tables
 * (codec/FORMAT.md, 6.5).
 *
 * Owner:     the caller owns the tables.
 * Thread:    any.
 * Units:     residuals folded to 0..255 (0, -1, 1, -2, ...); magnitudes 0..CW_PHOTO_MAGNITUDE_MAX; frequencies of
 *            1 << CW_PHOTO_SLOTS_LOG.
 * Errors:    none: cw_photo_weights_ok tells what cw_photo_freqs takes.
 * Invariant: the frequencies of a table are at least 1 each and sum up to CW_PHOTO_SLOTS.
 */
#ifndef CW_CODEC_PHOTO_MODEL_H
#define CW_CODEC_PHOTO_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Folded residuals below 16 are a token each, the rest share 8 tokens and have extra bits. */
    CW_PHOTO_DIRECT = 16,
    CW_PHOTO_TOKENS = 24,
    CW_PHOTO_TOKEN_STRIDE = 32, /* of the tables by context and token */
    CW_PHOTO_CONTEXTS = 14,
    CW_PHOTO_MAGNITUDE_MAX = 31,
    CW_PHOTO_MAGNITUDE_START = 2, /* above the first row */
    CW_PHOTO_ACTIVITIES = 6 * CW_PHOTO_MAGNITUDE_MAX + 1,
    CW_PHOTO_TABLES = 2, /* of the first plane, and of the two others */
    CW_PHOTO_SETS = 2,   /* of tables that need not be sent */
    CW_PHOTO_DEFAULTS = 3,
    CW_PHOTO_SLOTS_LOG = 10,
    CW_PHOTO_SLOTS = 1 << CW_PHOTO_SLOTS_LOG,
    CW_PHOTO_WEIGHT_MAX = 47,
    CW_PHOTO_TABLE_WEIGHTS = CW_PHOTO_CONTEXTS * CW_PHOTO_TOKENS,
    CW_PHOTO_WEIGHT_BYTES = CW_PHOTO_TABLES * CW_PHOTO_TABLE_WEIGHTS,
    CW_PHOTO_STATE_MIN =
        1 << 16, /* of the entropy coder; the decoder ends where the encoder began */
    CW_PHOTO_PLANES = 3,
    CW_PHOTO_STATE_BYTES = CW_PHOTO_PLANES * 4,
    CW_PHOTO_HEAD_BYTES = 5, /* settings, raw bytes */
    /* Tables of an operation are worth their bytes and the decoder's work from here on. */
    CW_PHOTO_TABLES_PX_MIN = 4096,
};

/* How the planes are made of a pixel; the settings' lowest two bits. */
enum cw_photo_transform {
    CW_PHOTO_PLAIN, /* G, B, R */
    CW_PHOTO_GREEN, /* G, B - G, R - G */
    CW_PHOTO_LUMA,  /* a luma and two differences, by lifting */
    CW_PHOTO_TRANSFORM_COUNT
};
/* The settings' other bits: the set of tables, or CW_PHOTO_SENT, and what lies around the rectangle. */
enum {
    CW_PHOTO_TRANSFORM_MASK = 3,
    CW_PHOTO_SET_SHIFT = 2,
    CW_PHOTO_SET_MASK = 3,
    CW_PHOTO_SENT = CW_PHOTO_SETS,
    CW_PHOTO_HAS_ABOVE = 16, /* the pixels above the rectangle predict its first row */
    CW_PHOTO_HAS_LEFT = 32,  /* the pixels left of it its first column */
    CW_PHOTO_SETTINGS_ALL = 63
};

/* One frequency of each token in each context. */
struct cw_photo_freqs {
    uint16_t of[CW_PHOTO_CONTEXTS][CW_PHOTO_TOKENS];
};

/* The weights that need not be sent: one table for both of set 0's, then set 1's. */
extern const uint8_t cw_photo_weights_default[CW_PHOTO_DEFAULTS][CW_PHOTO_CONTEXTS]
                                             [CW_PHOTO_TOKENS];
/* Those of a table of a set. */
const uint8_t *cw_photo_weights_of(uint32_t set, uint32_t table);
/* Extra bits of the tokens from CW_PHOTO_DIRECT on, and the first folded residual of each. */
extern const uint8_t cw_photo_extra_bits[CW_PHOTO_TOKENS - CW_PHOTO_DIRECT];
extern const uint8_t cw_photo_extra_base[CW_PHOTO_TOKENS - CW_PHOTO_DIRECT];

/* The context of an activity below CW_PHOTO_ACTIVITIES. */
uint32_t cw_photo_context(uint32_t activity);
/* The number a weight's byte stands for. */
uint32_t cw_photo_weight(uint8_t code);
bool cw_photo_weights_ok(const uint8_t *weights, size_t count);
/* Frequencies of one table from CW_PHOTO_CONTEXTS * CW_PHOTO_TOKENS weights. */
void cw_photo_freqs(const uint8_t *weights, struct cw_photo_freqs *ret_freqs);

#endif
