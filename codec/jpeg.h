/* SPDX-License-Identifier: Apache-2.0 */
/* codec/jpeg.h - operation 6: a small picture as JPEG without its headers (codec/FORMAT.md, section 6.2).
 *
 * Owner:     the caller; a struct cw_jpeg holds all memory that one picture needs, so none is taken per packet.
 * Thread:    one at a time per object.
 * Units:     pixels and bytes; coefficients and tables row by row, (0, 0) first.
 * Errors:    cw_jpeg_decode: CW_CODEC_ERR_PACKET, and nothing was drawn. Total on any bytes.
 * Limits:    CW_JPEG_SIDE_PX_MAX; the work is bounded by the rectangle's blocks, whatever the bytes say.
 * Invariant: all arithmetic is of integers and is part of the format: what cw_jpeg_encode draws is what
 *            cw_jpeg_decode draws, on every level of instructions.
 *
 * No library's JPEG is used: T.81 leaves the inverse transform, chroma and colours to the decoder, and libjpeg's
 * versions and kernels differ there, while each decoder must show the encoder's model bit for bit; a decoder in a
 * browser would carry a library; and a library wants a picture's headers and takes memory per picture. bench-codec has
 * the figures (jpeg_444, jpeg_420): for a full HD page of photographs in tiles of 64 x 64 at quality 80, 12 to 14 %
 * fewer bytes (for 0.1 dB) than libjpeg-turbo's tiles, which carry headers, half of its time to decode, and its time to
 * encode, with the drawing of the model that it leaves to a decoder. One JPEG of the whole page is quicker for it, by
 * half and more; but what changes on a desktop, rests and is made exact are tiles.
 */
#ifndef CW_CODEC_JPEG_H
#define CW_CODEC_JPEG_H

#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/dsp.h"
#include "codec/limits.h"

enum cw_jpeg_sampling {
    CW_JPEG_444, /* chroma as fine as luma */
    CW_JPEG_422, /* half as wide */
    CW_JPEG_420, /* half as wide and half as high */
    CW_JPEG_SAMPLING_COUNT,
};

enum {
    CW_JPEG_HEAD_BYTES = 5, /* u8 quality, u8 sampling, u24 bytes of the raw part */
    CW_JPEG_QUALITY_MAX = 100,
    CW_JPEG_PLANE_BYTES = CW_JPEG_SIDE_PX_MAX * CW_JPEG_SIDE_PX_MAX,
    /* A block: 22 bits for the first coefficient and 26 for each other. */
    CW_JPEG_BYTES_MAX = 3 * CW_JPEG_PLANE_BYTES / 64 * ((22 + 63 * 26 + 7) / 8) + 8,
};

/* What a code means, by the next CW_JPEG_FAST_BITS bits, or by its length beyond. */
enum { CW_JPEG_FAST_BITS = 9 };
struct cw_jpeg_codes {
    uint16_t fast[1 << CW_JPEG_FAST_BITS]; /* length << 8 | symbol; 0: longer than that */
    uint32_t end[17];                      /* codes of a length are below it, at 16 bits */
    int32_t first[17];                     /* index of a length's first symbol minus its code */
    const uint8_t *symbols;
    uint32_t code[256]; /* for the encoder: length << 16 | code */
};

struct cw_jpeg {
    struct cw_jpeg_codes dc[2], ac[2]; /* luma, chroma */
    uint8_t place[64];                 /* of a coefficient in the order they are sent */
    uint32_t quality;                  /* that the tables are for; 0: none yet */
    uint16_t divisor[2][64];
    uint16_t quantise[2][192]; /* as the kernel takes it */
    uint8_t plane[3][CW_JPEG_PLANE_BYTES];
    uint8_t chroma[2][CW_JPEG_SIDE_PX_MAX]; /* a row, as wide as luma */
};

/* Numbers of coefficients in the order they are sent. */
extern const uint8_t cw_jpeg_zigzag[64];

/* Fills in what never changes. */
void cw_jpeg_init(struct cw_jpeg *j);
/* quality 1 to 100. */
void cw_jpeg_set_quality(struct cw_jpeg *j, uint32_t quality);
/* A divided coefficient times its divisor, within what the inverse transform takes. */
int16_t cw_jpeg_multiply(int32_t level, uint32_t divisor);
/* Planes are this wide and high for a rectangle: whole blocks of either plane. */
void cw_jpeg_plane_size(enum cw_jpeg_sampling sampling, uint32_t w, uint32_t h, uint32_t *ret_w,
                        uint32_t *ret_h);
/* The planes onto a picture. */
void cw_jpeg_draw(struct cw_jpeg *j, const struct cw_dsp *dsp, enum cw_jpeg_sampling sampling,
                  struct cw_rect rect, uint8_t *picture, size_t stride_bytes);

/* Decodes one rectangle of a picture; head has CW_JPEG_HEAD_BYTES and was checked by cw_jpeg_measure. */
int cw_jpeg_decode(struct cw_jpeg *j, const struct cw_dsp *dsp, const uint8_t *head,
                   const uint8_t *in, size_t in_bytes, struct cw_rect rect, uint8_t *picture,
                   size_t stride_bytes);
/* How many raw bytes a rectangle has by its head, or CW_CODEC_ERR_PACKET. */
int cw_jpeg_measure(const uint8_t *head, const struct cw_rect *rect, size_t *ret_raw_bytes);

/* Codes the rectangle of source, draws on model what a decoder will have, writes the head and the raw bytes to out,
 * which has room for CW_JPEG_BYTES_MAX, and gives their length. */
size_t cw_jpeg_encode(struct cw_jpeg *j, const struct cw_dsp *dsp, uint32_t quality,
                      enum cw_jpeg_sampling sampling, struct cw_rect rect, const uint8_t *source,
                      uint8_t *model, size_t stride_bytes, uint8_t head[CW_JPEG_HEAD_BYTES],
                      uint8_t *out);

#endif
