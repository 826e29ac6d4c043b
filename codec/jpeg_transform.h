/* SPDX-License-Identifier: Apache-2.0 */
/* codec/jpeg_transform.h - the numbers of JPEG's transforms and colours that all kernels share (FORMAT.md, 6.2).
 *
 * Owner:     constants.
 * Thread:    any.
 * Units:     cosines times 2^14, half; colour factors times 2^14.
 * Errors:    none.
 * Invariant: no intermediate leaves 32 bits: a row of eight constants sums to 43,284 in size, times 2^15 is below 2^31.
 */
#ifndef CW_CODEC_JPEG_TRANSFORM_H
#define CW_CODEC_JPEG_TRANSFORM_H

/* 8192 cos(k pi / 16), rounded. */
enum {
    CW_COS1 = 8035,
    CW_COS2 = 7568,
    CW_COS3 = 6811,
    CW_COS4 = 5793,
    CW_COS5 = 4551,
    CW_COS6 = 3135,
    CW_COS7 = 1598,
};

/* M[n][k] for n < 4: what coefficient k adds to sample n; sample 7 - n takes odd k with the other sign. */
#define CW_DCT_MATRIX                                                                      \
    {                                                                                      \
        {CW_COS4, CW_COS1, CW_COS2, CW_COS3, CW_COS4, CW_COS5, CW_COS6, CW_COS7},          \
            {CW_COS4, CW_COS3, CW_COS6, -CW_COS7, -CW_COS4, -CW_COS1, -CW_COS2, -CW_COS5}, \
            {CW_COS4, CW_COS5, -CW_COS6, -CW_COS1, -CW_COS4, CW_COS7, CW_COS2, CW_COS3},   \
            {CW_COS4, CW_COS7, -CW_COS2, -CW_COS5, CW_COS4, CW_COS3, -CW_COS6, -CW_COS1},  \
    }

enum {
    /* Forward: columns keep 4 bits of fraction, rows end at coefficients times 8. */
    CW_FDCT_COLUMN_SHIFT = 10,
    CW_FDCT_ROW_SHIFT = 15,
    /* Inverse: columns keep 3 bits of fraction. */
    CW_IDCT_COLUMN_SHIFT = 11,
    CW_IDCT_ROW_SHIFT = 17,
};

enum {
    CW_Y_FROM_B = 1868,
    CW_Y_FROM_G = 9617,
    CW_Y_FROM_R = 4899,
    CW_CB_FROM_G = -5427,
    CW_CB_FROM_R = -2765,
    CW_CR_FROM_G = -6860,
    CW_CR_FROM_B = -1332,
    CW_CHROMA_OWN = 8192,
    /* Just below a half, so that the largest chroma is 255. */
    CW_CHROMA_BIAS = (128 << 14) + 8191,
    CW_R_FROM_CR = 6586, /* 0.402: R = Y + Cr + 0.402 Cr */
    CW_G_FROM_CB = -5638,
    CW_G_FROM_CR = -11700,
    CW_B_FROM_CB = -3736, /* -0.228: B = Y + 2 Cb - 0.228 Cb */
};

#endif
