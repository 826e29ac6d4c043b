/* SPDX-License-Identifier: Apache-2.0 */
/* codec/moving_search.h - motion search of the moving-picture encoder.
 *
 * Owner:     values.
 * Thread:    any.
 * Units:     quarters of a sample; costs in sums of absolute luma differences.
 * Errors:    none.
 * Invariant: the result is within reach (cw_moving_clamp); it depends on samples and vectors only.
 */
#ifndef CW_CODEC_MOVING_SEARCH_H
#define CW_CODEC_MOVING_SEARCH_H

#include "codec/moving_frame.h"

enum { CW_SEARCH_STARTS = 6 };

struct cw_moving_search {
    const struct cw_moving_frame *frame;
    const struct cw_moving_dsp *dsp;
    const uint8_t *source; /* luma of the block */
    size_t source_stride;
    uint32_t bx, by, size;
    uint32_t lambda; /* cost of a bit, in 1/16 */
    struct cw_moving_vector guess;
    struct cw_moving_vector first; /* whose sum is known: within reach */
    uint32_t first_sad;            /* UINT32_MAX: none is known */
    struct cw_moving_vector starts[CW_SEARCH_STARTS];
    uint32_t start_count;
    uint32_t steps; /* of whole samples, at most */
};

struct cw_moving_found {
    struct cw_moving_vector vector;
    uint32_t sad;
    uint32_t cost; /* with the vector's bits */
};

struct cw_moving_found cw_moving_search(const struct cw_moving_search *s);
/* Cost in 1/16 bits of a vector, about. */
uint32_t cw_moving_vector_bits(struct cw_moving_vector v, struct cw_moving_vector guess);
uint32_t cw_moving_sad(const struct cw_moving_search *s, struct cw_moving_vector v);

#endif
