/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/photo_model.h"

const uint8_t cw_photo_extra_bits[] = {3, 3, 4, 4, 5, 5, 6, 6};
const uint8_t cw_photo_extra_base[] = {16, 24, 32, 48, 64, 96, 128, 192};

const uint8_t cw_photo_weights_default[CW_PHOTO_TABLES][CW_PHOTO_CONTEXTS][CW_PHOTO_TOKENS] = {
    {
        {47, 24, 24, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {46, 33, 33, 20, 20, 8, 8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {45, 36, 36, 26, 26, 16, 16, 7, 7, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {44, 37, 37, 29, 29, 22, 22, 15, 15, 8, 8, 3, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {43, 37, 37, 32, 32, 25, 25, 20, 20, 14, 14, 8, 8, 3, 3, 1, 3, 0, 0, 0, 0, 0, 0, 0},
        {41, 37, 37, 33, 33, 29, 29, 25, 25, 20, 20, 16, 16, 12, 12, 8, 14, 1, 0, 0, 0, 0, 0, 0},
        {40, 36, 36, 33, 33, 30, 30, 28, 28, 24, 24, 21, 21, 18, 18, 15, 22, 10, 2, 0, 0, 0, 0, 0},
        {38, 36, 36, 33, 33, 31, 31, 28, 28, 26, 26, 24, 24, 21, 21, 19, 27, 17, 9, 0, 0, 0, 0, 0},
        {36, 35, 35, 33, 33, 31, 31, 29, 29, 28, 28, 26, 26, 24, 24, 22, 31, 24, 18, 4, 0, 0, 0, 0},
        {35, 33, 33, 32, 32, 31, 31, 29, 29, 28, 28, 27,
         27, 25, 25, 24, 34, 29, 26, 16, 6,  0,  0,  0},
        {32, 32, 32, 31, 31, 30, 30, 29, 29, 28, 28, 27,
         27, 26, 26, 25, 36, 32, 31, 24, 18, 5,  0,  0},
        {30, 30, 30, 29, 29, 28, 28, 28, 28, 27, 27, 27,
         27, 26, 26, 25, 36, 34, 34, 29, 27, 17, 8,  0},
        {28, 28, 28, 27, 27, 27, 27, 26, 26, 26, 26, 25,
         25, 25, 25, 25, 36, 34, 36, 33, 32, 25, 20, 8},
        {25, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24,
         24, 23, 23, 23, 34, 33, 36, 34, 36, 32, 31, 24},
    },
    {
        {47, 24, 24, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {46, 33, 33, 20, 20, 8, 8, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {45, 36, 36, 26, 26, 16, 16, 7, 7, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {44, 37, 37, 29, 29, 22, 22, 15, 15, 8, 8, 3, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {43, 37, 37, 32, 32, 25, 25, 20, 20, 14, 14, 8, 8, 3, 3, 1, 3, 0, 0, 0, 0, 0, 0, 0},
        {41, 37, 37, 33, 33, 29, 29, 25, 25, 20, 20, 16, 16, 12, 12, 8, 14, 1, 0, 0, 0, 0, 0, 0},
        {40, 36, 36, 33, 33, 30, 30, 28, 28, 24, 24, 21, 21, 18, 18, 15, 22, 10, 2, 0, 0, 0, 0, 0},
        {38, 36, 36, 33, 33, 31, 31, 28, 28, 26, 26, 24, 24, 21, 21, 19, 27, 17, 9, 0, 0, 0, 0, 0},
        {36, 35, 35, 33, 33, 31, 31, 29, 29, 28, 28, 26, 26, 24, 24, 22, 31, 24, 18, 4, 0, 0, 0, 0},
        {35, 33, 33, 32, 32, 31, 31, 29, 29, 28, 28, 27,
         27, 25, 25, 24, 34, 29, 26, 16, 6,  0,  0,  0},
        {32, 32, 32, 31, 31, 30, 30, 29, 29, 28, 28, 27,
         27, 26, 26, 25, 36, 32, 31, 24, 18, 5,  0,  0},
        {30, 30, 30, 29, 29, 28, 28, 28, 28, 27, 27, 27,
         27, 26, 26, 25, 36, 34, 34, 29, 27, 17, 8,  0},
        {28, 28, 28, 27, 27, 27, 27, 26, 26, 26, 26, 25,
         25, 25, 25, 25, 36, 34, 36, 33, 32, 25, 20, 8},
        {25, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24,
         24, 23, 23, 23, 34, 33, 36, 34, 36, 32, 31, 24},
    },
};

uint32_t cw_photo_context(uint32_t activity)
{
    static const uint8_t low[16] = {0, 1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7};
    static const uint8_t by_eight[16] = {0,  0,  8,  9,  10, 10, 11, 11,
                                         11, 12, 12, 12, 12, 13, 13, 13};
    if (activity < 16)
        return low[activity];
    return by_eight[activity < 128 ? activity / 8 : 15];
}

uint32_t cw_photo_weight(uint8_t code)
{
    return code < 4 ? code : (4U + (code & 3U)) << (code / 4 - 1);
}

bool cw_photo_weights_ok(const uint8_t *weights, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (weights[i] > CW_PHOTO_WEIGHT_MAX)
            return false;
    return true;
}

/* Every token keeps one slot; the rest is shared by weight, and what rounding leaves goes to the
 * heaviest. */
static void context_freqs(const uint8_t *weights, uint16_t *freqs)
{
    uint32_t sum = 0;
    uint32_t heaviest = 0;
    for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++) {
        sum += cw_photo_weight(weights[i]);
        if (weights[i] > weights[heaviest])
            heaviest = i;
    }
    uint32_t left = CW_PHOTO_SLOTS;
    for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++) {
        uint32_t share = CW_PHOTO_SLOTS - CW_PHOTO_TOKENS;
        freqs[i] = (uint16_t)(1 + (sum != 0 ? cw_photo_weight(weights[i]) * share / sum : 0));
        left -= freqs[i];
    }
    freqs[heaviest] = (uint16_t)(freqs[heaviest] + left);
}

void cw_photo_freqs(const uint8_t *weights, struct cw_photo_freqs *ret_freqs)
{
    for (uint32_t i = 0; i < CW_PHOTO_CONTEXTS; i++)
        context_freqs(weights + (size_t)i * CW_PHOTO_TOKENS, ret_freqs->of[i]);
}
