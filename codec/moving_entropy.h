/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving_entropy.h - the adaptive binary range coder of moving pictures (FORMAT.md, section 6.3).
 *
 * Owner:     the caller; the bytes are the caller's, too.
 * Thread:    any.
 * Units:     bits and bytes; probabilities that a bit is 0 in 1/65536.
 * Errors:    the writer counts on beyond its room without writing: check cw_bits_end. The reader gives zeros behind the
 *            last byte and counts what it took: check cw_bits_done.
 * Invariant: the reader takes exactly the bytes the writer gave.
 */
#ifndef CW_CODEC_MOVING_ENTROPY_H
#define CW_CODEC_MOVING_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two estimates that a bit is 0, in 1/32768: one forgets fast, one slowly. Their sum is the probability. */
struct cw_bit {
    uint16_t fast, slow;
};

enum { CW_BIT_HALF = 16384, CW_BIT_FAST = 4, CW_BIT_SLOW = 7, CW_RANGE_MIN = 1 << 24 };

struct cw_bits_writer {
    uint64_t low;
    uint32_t range;
    uint8_t cache; /* the byte that a carry may still change */
    bool has_cache;
    uint32_t ones; /* bytes of 255 behind it */
    uint8_t *out;
    size_t bytes, bytes_max;
};

struct cw_bits_reader {
    uint32_t range, code;
    const uint8_t *in;
    size_t bytes, at;
    bool broken; /* something read is not allowed; set by the reader's user */
};

static inline void cw_bit_learn(struct cw_bit *b, unsigned bit)
{
    if (bit == 0) {
        b->fast = (uint16_t)(b->fast + ((32768 - b->fast) >> CW_BIT_FAST));
        b->slow = (uint16_t)(b->slow + ((32768 - b->slow) >> CW_BIT_SLOW));
    } else {
        b->fast = (uint16_t)(b->fast - (b->fast >> CW_BIT_FAST));
        b->slow = (uint16_t)(b->slow - (b->slow >> CW_BIT_SLOW));
    }
}

static inline void cw_bits_byte(struct cw_bits_writer *w, unsigned byte)
{
    if (w->bytes < w->bytes_max)
        w->out[w->bytes] = (uint8_t)byte;
    w->bytes++;
}

static inline void cw_bits_shift(struct cw_bits_writer *w)
{
    if (w->low < 0xff000000U || w->low > UINT32_MAX) {
        unsigned carry = (unsigned)(w->low >> 32);
        if (w->has_cache)
            cw_bits_byte(w, w->cache + carry);
        for (; w->ones != 0; w->ones--)
            cw_bits_byte(w, 0xff + carry);
        w->cache = (uint8_t)(w->low >> 24);
        w->has_cache = true;
    } else {
        w->ones++;
    }
    w->low = (w->low & 0x00ffffffU) << 8;
}

static inline void cw_bits_start(struct cw_bits_writer *w, uint8_t *out, size_t bytes_max)
{
    *w = (struct cw_bits_writer){.range = UINT32_MAX, .out = out, .bytes_max = bytes_max};
}

/* Bytes in all, also when there was no room for them. */
static inline size_t cw_bits_end(struct cw_bits_writer *w)
{
    for (unsigned i = 0; i < 5; i++)
        cw_bits_shift(w);
    return w->bytes;
}

static inline void cw_bits_put(struct cw_bits_writer *w, struct cw_bit *b, unsigned bit)
{
    uint32_t zero = (w->range >> 16) * ((uint32_t)b->fast + b->slow);
    if (bit == 0) {
        w->range = zero;
    } else {
        w->low += zero;
        w->range -= zero;
    }
    cw_bit_learn(b, bit);
    while (w->range < CW_RANGE_MIN) {
        w->range <<= 8;
        cw_bits_shift(w);
    }
}

/* Bits that are 0 or 1 alike, the highest first. */
static inline void cw_bits_put_plain(struct cw_bits_writer *w, uint32_t value, unsigned count)
{
    while (count-- > 0) {
        w->range >>= 1;
        if ((value >> count & 1) != 0)
            w->low += w->range;
        while (w->range < CW_RANGE_MIN) {
            w->range <<= 8;
            cw_bits_shift(w);
        }
    }
}

static inline void cw_bits_fill(struct cw_bits_reader *r)
{
    while (r->range < CW_RANGE_MIN) {
        r->range <<= 8;
        r->code = r->code << 8 | (r->at < r->bytes ? r->in[r->at] : 0);
        r->at++;
    }
}

static inline void cw_bits_open(struct cw_bits_reader *r, const uint8_t *in, size_t bytes)
{
    *r = (struct cw_bits_reader){.range = UINT32_MAX, .in = in, .bytes = bytes};
    for (; r->at < 4; r->at++)
        r->code = r->code << 8 | (r->at < bytes ? in[r->at] : 0);
}

/* All bytes were taken, and none beyond. */
static inline bool cw_bits_done(const struct cw_bits_reader *r)
{
    return r->at == r->bytes;
}

static inline unsigned cw_bits_get(struct cw_bits_reader *r, struct cw_bit *b)
{
    uint32_t zero = (r->range >> 16) * ((uint32_t)b->fast + b->slow);
    unsigned bit = r->code >= zero;
    if (bit == 0) {
        r->range = zero;
    } else {
        r->code -= zero;
        r->range -= zero;
    }
    cw_bit_learn(b, bit);
    cw_bits_fill(r);
    return bit;
}

static inline uint32_t cw_bits_get_plain(struct cw_bits_reader *r, unsigned count)
{
    uint32_t value = 0;
    while (count-- > 0) {
        r->range >>= 1;
        unsigned bit = r->code >= r->range;
        if (bit != 0)
            r->code -= r->range;
        value = value << 1 | bit;
        cw_bits_fill(r);
    }
    return value;
}

#endif
