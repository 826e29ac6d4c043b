/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/moving_search.h"

#include <stdlib.h>
#include <string.h>

static uint32_t part_bits(int difference)
{
    uint32_t size = (uint32_t)abs(difference);
    return size == 0 ? 10 : 16 * (2 + 2 * (31 - (uint32_t)__builtin_clz(size)));
}

uint32_t cw_moving_vector_bits(struct cw_moving_vector v, struct cw_moving_vector guess)
{
    return part_bits(v.x - guess.x) + part_bits(v.y - guess.y);
}

uint32_t cw_moving_sad(const struct cw_moving_search *s, struct cw_moving_vector v)
{
    const struct cw_moving_frame *f = s->frame;
    const uint8_t *from = f->before.plane[0] +
                          ((ptrdiff_t)s->by * CW_MOVING_BLOCK + (v.y >> 2)) * (ptrdiff_t)f->stride +
                          (ptrdiff_t)s->bx * CW_MOVING_BLOCK + (v.x >> 2);
    size_t stride = f->stride;
    uint8_t moved[CW_MOVING_MACRO * CW_MOVING_MACRO];
    if (((v.x | v.y) & 3) != 0) {
        s->dsp->predict(moved, CW_MOVING_MACRO, from, stride, s->size, v.x & 3, v.y & 3);
        from = moved;
        stride = CW_MOVING_MACRO;
    }
    return s->size == CW_MOVING_MACRO ? s->dsp->sad16(s->source, s->source_stride, from, stride)
                                      : s->dsp->sad8(s->source, s->source_stride, from, stride);
}

/* Takes v, clamped, if it is better. */
static bool try_vector(const struct cw_moving_search *s, struct cw_moving_vector v,
                       struct cw_moving_found *best, uint32_t *ret_sad)
{
    v = cw_moving_clamp(s->frame, v.x, v.y, s->bx, s->by, s->size);
    uint32_t bits = cw_moving_vector_bits(v, s->guess) * s->lambda >> 8;
    if (bits >= best->cost)
        return false;
    uint32_t sad = cw_moving_sad(s, v);
    *ret_sad = sad;
    if (sad + bits >= best->cost)
        return false;
    *best = (struct cw_moving_found){v, sad, sad + bits};
    return true;
}

/* Neighbours: above, left, right, below. */
static const int8_t around[4][2] = {{0, -1}, {-1, 0}, {1, 0}, {0, 1}};

/* The four neighbours at a distance, over and over while one is better. sads: of the best one's, as far as they were
 * looked at in the end; others are 0. */
static void walk(const struct cw_moving_search *s, int distance, uint32_t steps,
                 struct cw_moving_found *best, uint32_t sads[4])
{
    int back = -1; /* where it came from */
    memset(sads, 0, 4 * sizeof(*sads));
    for (uint32_t step = 0; step < steps; step++) {
        struct cw_moving_found from = *best;
        int to = -1;
        for (int i = 0; i < 4; i++) {
            struct cw_moving_vector v = {(int16_t)(from.vector.x + distance * around[i][0]),
                                         (int16_t)(from.vector.y + distance * around[i][1])};
            if (i != back && try_vector(s, v, best, &sads[i]))
                to = i;
        }
        if (to < 0)
            return;
        back = 3 - to;
        memset(sads, 0, 4 * sizeof(*sads));
        sads[back] = from.sad;
    }
}

/* Where between samples the least is, by the sums at three in a row: they fall and rise as a V does. In quarters, -2 to
 * 2; 0 if a sum is not known. */
static int least_between(uint32_t before, uint32_t at, uint32_t behind)
{
    uint32_t top = before > behind ? before : behind;
    if (before == 0 || behind == 0 || top <= at)
        return 0;
    int slope = (int)(top - at);
    int lean = 4 * ((int)before - (int)behind);
    return (lean + (lean < 0 ? -slope : slope)) / (2 * slope);
}

struct cw_moving_found cw_moving_search(const struct cw_moving_search *s)
{
    struct cw_moving_found best = {.cost = UINT32_MAX};
    uint32_t sads[4];
    uint32_t unused;
    for (uint32_t i = 0; i < s->start_count; i++) {
        struct cw_moving_vector v = s->starts[i];
        v.x = (int16_t)((v.x + 2) & ~3);
        v.y = (int16_t)((v.y + 2) & ~3);
        bool known = false;
        for (uint32_t j = 0; j < i; j++)
            known =
                known || (((s->starts[j].x + 2) & ~3) == v.x && ((s->starts[j].y + 2) & ~3) == v.y);
        if (!known)
            try_vector(s, v, &best, &unused);
    }
    walk(s, 4, s->steps, &best, sads);
    struct cw_moving_vector between = {
        (int16_t)(best.vector.x + least_between(sads[1], best.sad, sads[2])),
        (int16_t)(best.vector.y + least_between(sads[0], best.sad, sads[3])),
    };
    if (s->first_sad < UINT32_MAX) {
        uint32_t cost = s->first_sad + (cw_moving_vector_bits(s->first, s->guess) * s->lambda >> 8);
        if (cost < best.cost)
            best = (struct cw_moving_found){s->first, s->first_sad, cost};
    } else if (((s->guess.x | s->guess.y) & 3) != 0) {
        try_vector(s, s->guess, &best, &unused);
    }
    if (((between.x | between.y) & 3) != 0)
        try_vector(s, between, &best, &unused);
    walk(s, 1, 1, &best, sads);
    return best;
}
