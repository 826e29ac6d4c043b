/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of JPEG (ITU-T T.81, annex K), and what encoder and decoder share. */
#include "codec/jpeg.h"

#include <string.h>

#include "codec/check.h"
#include "codec/packet.h"

const uint8_t cw_jpeg_zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

static const uint8_t divisors[2][64] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
     14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
     18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
     49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99},
};

/* How many codes have 1, 2, ... 16 bits, and what they mean. */
static const uint8_t dc_lengths[2][16] = {
    {0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
    {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0},
};
static const uint8_t dc_symbols[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const uint8_t ac_lengths[2][16] = {
    {0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
    {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119},
};
static const uint8_t ac_symbols[2][162] = {
    {0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61,
     0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52,
     0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25,
     0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45,
     0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64,
     0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83,
     0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
     0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6,
     0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3,
     0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8,
     0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa},
    {0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61,
     0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33,
     0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18,
     0x19, 0x1a, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44,
     0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63,
     0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a,
     0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
     0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4,
     0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca,
     0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7,
     0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa},
};

static void codes_fill(struct cw_jpeg_codes *c, const uint8_t lengths[16], const uint8_t *symbols)
{
    uint32_t code = 0;
    uint32_t index = 0;
    memset(c, 0, sizeof(*c));
    c->symbols = symbols;
    for (uint32_t length = 1; length <= 16; length++, code <<= 1) {
        c->first[length] = (int32_t)index - (int32_t)code;
        for (uint32_t i = 0; i < lengths[length - 1]; i++, code++, index++) {
            c->code[symbols[index]] = length << 16 | code;
            if (length > CW_JPEG_FAST_BITS)
                continue;
            uint32_t spare = CW_JPEG_FAST_BITS - length;
            for (uint32_t k = 0; k < 1U << spare; k++)
                c->fast[(code << spare) + k] = (uint16_t)(length << 8 | symbols[index]);
        }
        c->end[length] = code << (16 - length);
    }
}

void cw_jpeg_init(struct cw_jpeg *j)
{
    for (unsigned i = 0; i < 2; i++) {
        codes_fill(&j->dc[i], dc_lengths[i], dc_symbols);
        codes_fill(&j->ac[i], ac_lengths[i], ac_symbols[i]);
    }
    for (unsigned k = 0; k < 64; k++)
        j->place[cw_jpeg_zigzag[k]] = (uint8_t)k;
    j->quality = 0;
}

void cw_jpeg_set_quality(struct cw_jpeg *j, uint32_t quality)
{
    CW_CODEC_CHECK(quality >= 1 && quality <= CW_JPEG_QUALITY_MAX);
    if (j->quality == quality)
        return;
    j->quality = quality;
    uint32_t scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    for (unsigned t = 0; t < 2; t++)
        for (unsigned i = 0; i < 64; i++) {
            uint32_t q = (divisors[t][i] * scale + 50) / 100;
            q = q < 1 ? 1 : q > 255 ? 255 : q;
            j->divisor[t][i] = (uint16_t)q;
            /* The forward transform gives coefficients times 8. */
            uint32_t log = 3;
            while (q * 8 >> (log + 1) != 0)
                log++;
            j->quantise[t][i] = (uint16_t)(i == 0 ? q * 4 : q * 7 / 2);
            j->quantise[t][64 + i] = (uint16_t)(((1U << (15 + log)) + q * 4) / (q * 8));
            j->quantise[t][128 + i] = (uint16_t)(1U << (17 - log));
        }
}

int16_t cw_jpeg_multiply(int32_t level, uint32_t divisor)
{
    int32_t v = level * (int32_t)divisor;
    return (int16_t)(v < -2047 ? -2047 : v > 2047 ? 2047 : v);
}

void cw_jpeg_plane_size(enum cw_jpeg_sampling sampling, uint32_t w, uint32_t h, uint32_t *ret_w,
                        uint32_t *ret_h)
{
    uint32_t across = sampling == CW_JPEG_444 ? 8 : 16;
    uint32_t down = sampling == CW_JPEG_420 ? 16 : 8;
    *ret_w = (w + across - 1) / across * across;
    *ret_h = (h + down - 1) / down * down;
}

/* A chroma row as wide as luma, or wider by one: each sample twice. */
static void widen(uint8_t *out, const uint8_t *in, uint32_t width_px)
{
    for (uint32_t x = 0; x < width_px; x += 2) {
        out[x] = in[x / 2];
        out[x + 1] = in[x / 2];
    }
}

void cw_jpeg_draw(struct cw_jpeg *j, const struct cw_dsp *dsp, enum cw_jpeg_sampling sampling,
                  struct cw_rect rect, uint8_t *picture, size_t stride_bytes)
{
    _Static_assert(CW_JPEG_SIDE_PX_MAX % 2 == 0, "widen has room for a sample more");
    uint8_t *out = picture + rect.y * stride_bytes + (size_t)rect.x * 4;
    for (uint32_t y = 0; y < rect.h; y++) {
        size_t at = (size_t)(sampling == CW_JPEG_420 ? y / 2 : y) * CW_JPEG_SIDE_PX_MAX;
        const uint8_t *cb = j->plane[1] + at;
        const uint8_t *cr = j->plane[2] + at;
        if (sampling != CW_JPEG_444) {
            if (sampling == CW_JPEG_422 || y % 2 == 0) {
                widen(j->chroma[0], cb, rect.w);
                widen(j->chroma[1], cr, rect.w);
            }
            cb = j->chroma[0];
            cr = j->chroma[1];
        }
        dsp->from_ycc_row(out + y * stride_bytes, rect.w,
                          j->plane[0] + (size_t)y * CW_JPEG_SIDE_PX_MAX, cb, cr);
    }
}

int cw_jpeg_measure(const uint8_t *head, const struct cw_rect *rect, size_t *ret_raw_bytes)
{
    size_t raw_bytes = (size_t)(cw_read_le16(head + 2) | (uint32_t)head[4] << 16);
    if (rect->w > CW_JPEG_SIDE_PX_MAX || rect->h > CW_JPEG_SIDE_PX_MAX || head[0] < 1 ||
        head[0] > CW_JPEG_QUALITY_MAX || head[1] >= CW_JPEG_SAMPLING_COUNT || raw_bytes == 0)
        return CW_CODEC_ERR_PACKET;
    *ret_raw_bytes = raw_bytes;
    return 0;
}
