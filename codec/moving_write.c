/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/moving_write.h"

#include <stdlib.h>

/* v >= 0 as Exp-Golomb code of plain bits. */
static inline void put_golomb(struct cw_bits_writer *w, uint32_t v)
{
    unsigned size = 31 - (unsigned)__builtin_clz(v + 1);
    cw_bits_put_plain(w, (1U << size) - 1, size);
    cw_bits_put_plain(w, 0, 1);
    cw_bits_put_plain(w, (v + 1) & ((1U << size) - 1), size);
}

/* How many coefficients a block has, 1 to 64. */
static inline void put_count(struct cw_bits_writer *w, struct cw_moving_coef_contexts *c,
                             uint32_t count, uint32_t near)
{
    unsigned size = 31 - (unsigned)__builtin_clz(count);
    for (unsigned i = 0; i < size; i++)
        cw_bits_put(w, &c->size[near][i], 1);
    if (size < 6)
        cw_bits_put(w, &c->size[near][size], 0);
    uint32_t prefix = 1;
    for (unsigned i = size; size < 6 && i-- > 0;) {
        unsigned bit = count >> i & 1;
        cw_bits_put(w, &c->count[size][prefix], bit);
        prefix = 2 * prefix + bit;
    }
}

/* A level other than 0; larger is how many above 1 the block had before. */
static inline void put_level(struct cw_bits_writer *w, struct cw_moving_coef_contexts *c, int level,
                             uint32_t larger)
{
    uint32_t size = (uint32_t)abs(level);
    struct cw_bit *more = c->more[larger < 3 ? larger : 3];
    for (uint32_t i = 1; i < CW_MOVING_LEVEL_LONG; i++) {
        cw_bits_put(w, &more[i], size > i);
        if (size == i)
            break;
    }
    if (size >= CW_MOVING_LEVEL_LONG)
        put_golomb(w, size - CW_MOVING_LEVEL_LONG);
    cw_bits_put_plain(w, level < 0, 1);
}

/* Levels in the order of the scan, of which bits says which are not 0. */
static inline void put_block(struct cw_bits_writer *w, struct cw_moving_coef_contexts *c,
                             const int16_t *levels, uint64_t bits, uint32_t near, uint32_t luma)
{
    uint32_t left = (uint32_t)__builtin_popcountll(bits);
    cw_bits_put(w, &c->none[near][luma], left == 0);
    if (left == 0)
        return;
    put_count(w, c, left, near);
    uint32_t larger = 0;
    unsigned last = 0; /* whether the two before were not 0 */
    unsigned before_last = 0;
    for (uint32_t i = 0; left != 0; i++) {
        uint32_t at = cw_moving_zigzag[i];
        unsigned one = bits >> at & 1;
        /* If all that is left must be there, nothing is said. */
        if (left < CW_MOVING_COEFS - i)
            cw_bits_put(w, cw_moving_significant(c, left, i, last + before_last), one);
        before_last = last;
        last = one;
        if (one == 0)
            continue;
        put_level(w, c, levels[at], larger);
        larger += abs(levels[at]) > 1;
        left--;
    }
}

void cw_moving_write_residual(struct cw_bits_writer *w, struct cw_moving_frame *f,
                              const struct cw_moving_residual *r, uint32_t mx, uint32_t my)
{
    /* A copy that no byte written can be part of stays in registers. */
    struct cw_bits_writer local = *w;
    uint8_t *kind = f->kinds + my * f->macro_stride + mx;
    for (uint32_t p = 0; p < CW_MOVING_PLANES; p++) {
        struct cw_moving_coef_contexts *c = &f->contexts.plane[p];
        const uint64_t *bits = r->bits[p];
        unsigned coded = (bits[0] | bits[1] | bits[2] | bits[3]) != 0;
        cw_bits_put(&local, cw_moving_coded(f, p, mx, my), coded);
        *kind |= (uint8_t)(coded * CW_MOVING_CODED << p);
        for (uint32_t b = 0; b < 4; b++) {
            uint32_t bx = 2 * mx + (b & 1);
            uint32_t by = 2 * my + (b >> 1);
            if (coded != 0)
                put_block(&local, c, r->levels[p][b], bits[b], cw_moving_near_class(f, p, bx, by),
                          cw_moving_luma_class(f, p, bx, by));
            f->counts[p][cw_moving_at(f, bx, by)] = (uint8_t)__builtin_popcountll(bits[b]);
        }
    }
    *w = local;
}

static inline void put_part(struct cw_bits_writer *w, struct cw_moving_contexts *c, unsigned part,
                            int v, unsigned near)
{
    uint32_t size = (uint32_t)abs(v);
    cw_bits_put(w, &c->vector_zero[part][near], size == 0);
    if (size == 0)
        return;
    cw_bits_put(w, &c->vector_sign[part], v < 0);
    unsigned log = 31 - (unsigned)__builtin_clz(size);
    for (unsigned i = 0; i < log; i++)
        cw_bits_put(w, &c->vector_size[part][i], 1);
    cw_bits_put(w, &c->vector_size[part][log], 0);
    if (log > 0) {
        unsigned bit = size >> (log - 1) & 1;
        cw_bits_put(w, &c->vector_low[part][log < 4 ? log : 0], bit);
        cw_bits_put_plain(w, size & ((1U << (log - 1)) - 1), log - 1);
    }
}

void cw_moving_write_vector(struct cw_bits_writer *w, struct cw_moving_contexts *c,
                            struct cw_moving_vector v, struct cw_moving_vector guess)
{
    put_part(w, c, 0, v.x - guess.x, 0);
    put_part(w, c, 1, v.y - guess.y, v.x != guess.x ? 2 : 1);
}

void cw_moving_write_mode(struct cw_bits_writer *w, struct cw_moving_contexts *c,
                          enum cw_moving_mode mode)
{
    cw_bits_put(w, &c->mode[0], mode >> 1);
    cw_bits_put(w, &c->mode[1 + (mode >> 1)], mode & 1);
}
