/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG's kernels of every level this processor has against the C level: all widths of rows, blocks at any stride,
 * likely, extreme and random data, at pages that may not be touched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/dsp.h"
#include "codec/jpeg.h"
#include "tests/dsp/guard.h"

enum { BYTES = 8192, ROUNDS = 3000, BUFFERS = 8 };

static struct cw_jpeg jpeg;

static void expect_same(const char *kernel, enum cw_isa isa, unsigned a, unsigned b)
{
    if (same(a, b))
        return;
    fprintf(stderr, "check_jpeg: %s: level %s differs from c\n", kernel, cw_isa_name(isa));
    exit(1);
}

static uint8_t sample(unsigned how)
{
    uint32_t r = next_random();
    return (uint8_t)(how == 0 ? r : how == 1 ? 255 * (r & 1) : how == 2 ? 255 : 100 + r % 9);
}

static void check_fdct(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       unsigned how, bool at_end)
{
    uint32_t stride = 8 + next_random() % 130;
    size_t bytes = (size_t)stride * 7 + 8;
    uint8_t *in = place(0, bytes, at_end);
    for (size_t i = 0; i < bytes; i++)
        in[i] = sample(how);
    int16_t *coef_c = place(1, 128, at_end);
    int16_t *coef_k = place(2, 128, at_end);
    c->fdct(coef_c, in, stride);
    k->fdct(coef_k, in, stride);
    expect_same("fdct", isa, 1, 2);
    cw_jpeg_set_quality(&jpeg, 1 + next_random() % 100);
    uint16_t *table = place(3, sizeof(jpeg.quantise[0]), at_end);
    memcpy(table, jpeg.quantise[next_random() % 2], sizeof(jpeg.quantise[0]));
    c->quantise(coef_c, table);
    k->quantise(coef_k, table);
    expect_same("quantise", isa, 1, 2);
}

static void check_idct(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       unsigned how, bool at_end)
{
    uint32_t stride = 8 + next_random() % 130;
    size_t bytes = (size_t)stride * 7 + 8;
    int16_t *coef = place(0, 128, at_end);
    for (unsigned i = 0; i < 64; i++) {
        uint32_t r = next_random();
        coef[i] = (int16_t)(how == 0   ? (int32_t)(r % 4095) - 2047
                            : how == 1 ? ((r & 1) != 0 ? 2047 : -2047)
                            : how == 2 ? (i == 0 ? (int32_t)(r % 4095) - 2047 : 0)
                                       : (r % 8 == 0 ? (int32_t)(r >> 8) % 200 - 100 : 0));
    }
    c->idct(place(1, bytes, at_end), stride, coef);
    k->idct(place(2, bytes, at_end), stride, coef);
    expect_same("idct", isa, 1, 2);
}

static void check_rows(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       uint32_t width, unsigned how, bool at_end)
{
    uint8_t *in = place(0, (size_t)width * 4, at_end);
    for (size_t i = 0; i < (size_t)width * 4; i++)
        in[i] = sample(how);
    uint8_t *planes[6];
    for (unsigned i = 0; i < 6; i++)
        planes[i] = place(1 + i, width, at_end);
    c->to_ycc_row(in, width, planes[0], planes[1], planes[2]);
    k->to_ycc_row(in, width, planes[3], planes[4], planes[5]);
    for (unsigned i = 1; i < 4; i++)
        expect_same("to_ycc_row", isa, i, i + 3);
    for (unsigned i = 0; i < 3; i++)
        for (uint32_t x = 0; x < width; x++)
            planes[i][x] = sample(how);
    c->from_ycc_row(place(0, (size_t)width * 4, at_end), width, planes[0], planes[1], planes[2]);
    k->from_ycc_row(place(7, (size_t)width * 4, at_end), width, planes[0], planes[1], planes[2]);
    expect_same("from_ycc_row", isa, 0, 7);
}

/* There and back over every colour: what the two conversions lose of it stays below 3 in each channel. */
static void check_colours(const struct cw_dsp *c)
{
    for (uint32_t i = 0; i < 1U << 24; i += 7) {
        uint8_t in[4] = {(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16), 0x55};
        uint8_t out[4];
        uint8_t y;
        uint8_t cb;
        uint8_t cr;
        c->to_ycc_row(in, 1, &y, &cb, &cr);
        c->from_ycc_row(out, 1, &y, &cb, &cr);
        for (unsigned k = 0; k < 3; k++)
            if (abs(in[k] - out[k]) > 2 || out[3] != 0) {
                fprintf(stderr, "check_jpeg: the colour %06x came back as another\n", i);
                exit(1);
            }
    }
}

int main(void)
{
    struct cw_dsp c;
    guard_new(BUFFERS, BYTES);
    cw_jpeg_init(&jpeg);
    cw_dsp_fill(&c, CW_ISA_C);
    check_colours(&c);
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        enum cw_isa isa = (enum cw_isa)level;
        struct cw_dsp k;
        cw_dsp_fill(&k, isa);
        for (unsigned i = 0; i < ROUNDS; i++) {
            check_fdct(&c, &k, isa, i % 4, i / 4 % 2 != 0);
            check_idct(&c, &k, isa, i % 4, i / 4 % 2 != 0);
            check_rows(&c, &k, isa, 1 + i % CW_JPEG_SIDE_PX_MAX, i % 4, i / 4 % 2 != 0);
        }
        printf("check_jpeg: level %s equals c\n", cw_isa_name(isa));
    }
    return 0;
}
