/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/codec/scene.h - small made-up desktops and the helpers of the codec's tests.
 *
 * Frames are width * 4 + SCENE_SLACK bytes a row, with garbage in every ignored byte, as Xvfb
 * leaves it.
 */
#ifndef CW_TESTS_UNIT_CODEC_SCENE_H
#define CW_TESTS_UNIT_CODEC_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/codec.h"

enum { SCENE_SLACK = 20 };

enum scene {
    SCENE_TYPING,
    SCENE_SCROLL,
    SCENE_PHOTO,
    SCENE_FLASH,
    SCENE_BOXES,
    SCENE_NOISE,
    SCENE_COUNT
};

static inline uint32_t scene_hash(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9E3779B1U ^ (b + 0x7F4A7C15U) * 0x85EBCA77U;
    h ^= h >> 15;
    h *= 0xC2B2AE3DU;
    return h ^ h >> 13;
}

static inline uint32_t scene_text(uint32_t x, uint32_t y)
{
    bool ink = y % 13 < 9 && scene_hash(x / 2, y / 13 * 977 + y % 13) % 4 == 0;
    return ink ? 0x202020 + (y / 13 % 5) * 0x2000 : 0xf4f4f0;
}

/* The colour of a pixel of frame n, 0xRRGGBB. */
static inline uint32_t scene_pixel(enum scene s, uint32_t x, uint32_t y, uint32_t n)
{
    switch (s) {
    case SCENE_TYPING: return y / 13 == n % 3 && x / 7 == n % 20 ? 0x1122cc : scene_text(x, y);
    case SCENE_SCROLL: return x < 40 ? 0x334455 : scene_text(x, y + n * 3);
    case SCENE_PHOTO:
        return ((x + n) & 255) << 16 | ((y * 2 + n) & 255) << 8 |
               ((x + y + scene_hash(x, y) % 3) & 255);
    case SCENE_FLASH: return n % 2 == 0 ? 0x000000 : 0x00ff80;
    case SCENE_BOXES:
        return scene_hash(x / 23 + n / 4 * 31, y / 17) % 3 == 0
                   ? scene_hash(x / 23, n + y / 17) & 0xffffff
                   : scene_text(x, y);
    case SCENE_NOISE: return scene_hash(x * 8209 + y, n) & 0xffffff;
    case SCENE_COUNT: break;
    }
    return 0;
}

static inline size_t scene_stride(uint32_t width)
{
    return (size_t)width * 4 + SCENE_SLACK;
}

static inline void scene_draw(enum scene s, uint32_t width, uint32_t height, uint32_t n,
                              uint8_t *frame)
{
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = frame + y * scene_stride(width);
        for (uint32_t x = 0; x < width; x++) {
            uint32_t p = scene_pixel(s, x, y, n);
            row[4 * x] = (uint8_t)p;
            row[4 * x + 1] = (uint8_t)(p >> 8);
            row[4 * x + 2] = (uint8_t)(p >> 16);
            row[4 * x + 3] = (uint8_t)scene_hash(x + n, y);
        }
        memset(row + (size_t)width * 4, (int)n, SCENE_SLACK);
    }
}

/* The picture has the frame's colours and 0 in each ignored byte. */
static inline bool scene_equals(const uint8_t *picture, const uint8_t *frame, size_t stride,
                                uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            const uint8_t *p = picture + ((size_t)y * width + x) * 4;
            if (memcmp(p, frame + y * stride + (size_t)x * 4, 3) != 0 || p[3] != 0)
                return false;
        }
    return true;
}

/* The decoder shows exactly the encoder's model. */
static inline void assert_in_sync(const struct cw_decoder *d, const struct cw_encoder *e,
                                  uint32_t width, uint32_t height)
{
    assert_int_equal(cw_decoder_width(d), width);
    assert_int_equal(cw_decoder_height(d), height);
    assert_int_equal(cw_decoder_update_number(d), cw_encoder_update_number(e));
    assert_int_equal(memcmp(cw_decoder_picture(d), cw_encoder_model(e), (size_t)width * height * 4),
                     0);
}

#endif
