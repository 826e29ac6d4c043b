/* SPDX-License-Identifier: Apache-2.0 */
/* Every kernel of moving pictures of every level this processor has against the C level, bit by bit, on random and
 * extreme data. What a kernel may touch ends at (or starts behind) a page that it may not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/dsp.h"
#include "tests/dsp/guard.h"

enum { ROUNDS = 400, BYTES = 1 << 14, BUFFERS = 8 };

static enum cw_isa level;

static void fill(uint8_t *p, size_t bytes)
{
    unsigned how = next_random() % 5;
    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)(how == 0   ? 0
                         : how == 1 ? 255
                         : how == 2 ? (i % 2) * 255
                         : how == 3 ? 120 + next_random() % 16
                                    : next_random());
}

static void expect(bool good, const char *kernel)
{
    if (good)
        return;
    fprintf(stderr, "check_moving: %s: level %s differs from c\n", kernel, cw_isa_name(level));
    exit(1);
}

static void expect_same(unsigned a, unsigned b, const char *kernel)
{
    expect(same(a, b), kernel);
}

static void check_rows(const struct cw_moving_dsp *c, const struct cw_moving_dsp *k, uint32_t width,
                       bool at_end)
{
    uint8_t *in = place(0, (size_t)4 * width, at_end);
    uint8_t *p[6];
    fill(in, (size_t)4 * width);
    for (unsigned i = 0; i < 6; i++)
        p[i] = place(1 + i, width, at_end);
    c->split(in, width, p[0], p[1], p[2]);
    k->split(in, width, p[3], p[4], p[5]);
    for (unsigned i = 1; i < 4; i++)
        expect_same(i, i + 3, "split");
    for (unsigned i = 0; i < 3; i++)
        fill(p[i], width);
    c->join(place(4, (size_t)4 * width, at_end), width, p[0], p[1], p[2]);
    k->join(place(5, (size_t)4 * width, at_end), width, p[0], p[1], p[2]);
    expect_same(4, 5, "join");
}

/* Bytes from the first to the last sample of a block of rows. */
static size_t span(uint32_t width, uint32_t rows, size_t stride)
{
    return (rows - 1) * stride + width;
}

static void check_sad(const struct cw_moving_dsp *c, const struct cw_moving_dsp *k, bool at_end)
{
    for (uint32_t size = 8; size <= 16; size += 8) {
        size_t stride_a = size + next_random() % 40;
        size_t stride_b = size + next_random() % 40;
        uint8_t *a = place(0, span(size, size, stride_a), at_end);
        uint8_t *b = place(1, span(size, size, stride_b), at_end);
        fill(a, span(size, size, stride_a));
        fill(b, span(size, size, stride_b));
        CW_DECL_MOVING_SAD((*sad_c)) = size == 8 ? c->sad8 : c->sad16;
        CW_DECL_MOVING_SAD((*sad)) = size == 8 ? k->sad8 : k->sad16;
        expect(sad_c(a, stride_a, b, stride_b) == sad(a, stride_a, b, stride_b), "sad");
    }
}

static void check_predict(const struct cw_moving_dsp *c, const struct cw_moving_dsp *k, bool at_end)
{
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t size = 8 + i / 16 * 8;
        uint32_t fx = i % 4;
        uint32_t fy = i / 4 % 4;
        uint32_t more_x = fx != 0 ? CW_MOVING_TAPS - 1 : 0;
        uint32_t more_y = fy != 0 ? CW_MOVING_TAPS - 1 : 0;
        size_t stride = size + more_x + next_random() % 30;
        size_t out_stride = size + next_random() % 30;
        size_t bytes = span(size + more_x, size + more_y, stride);
        uint8_t *in = place(0, bytes, at_end);
        fill(in, bytes);
        in +=
            (fx != 0 ? CW_MOVING_TAPS_BEFORE : 0) + (fy != 0 ? CW_MOVING_TAPS_BEFORE * stride : 0);
        size_t room = span(size, size, out_stride);
        c->predict(place(1, room, at_end), out_stride, in, stride, size, fx, fy);
        k->predict(place(2, room, at_end), out_stride, in, stride, size, fx, fy);
        expect_same(1, 2, "predict");
    }
}

static void check_forward(const struct cw_moving_dsp *c, const struct cw_moving_dsp *k, bool at_end)
{
    size_t stride = 8 + next_random() % 30;
    uint8_t *a = place(0, span(8, 8, stride), at_end);
    uint8_t *b = place(1, span(8, 8, stride), at_end);
    fill(a, span(8, 8, stride));
    fill(b, span(8, 8, stride));
    int16_t *coefs = place(2, 128, at_end);
    c->forward(a, stride, b, stride, coefs);
    k->forward(a, stride, b, stride, place(3, 128, at_end));
    expect_same(2, 3, "forward");
    uint32_t step = 32 + next_random() % 17760;
    struct cw_moving_quantiser q = {(uint16_t)(step / 16), (uint16_t)(4 * 65536 / step)};
    uint64_t bits_c = c->quantise(coefs, &q, place(4, 128, at_end));
    uint64_t bits = k->quantise(coefs, &q, place(5, 128, at_end));
    expect(bits_c == bits, "quantise");
    expect_same(4, 5, "quantise");
}

static void check_inverse(const struct cw_moving_dsp *c, const struct cw_moving_dsp *k, bool at_end)
{
    size_t stride = 8 + next_random() % 30;
    int16_t *levels = place(0, 128, at_end);
    unsigned how = next_random() % 4;
    for (unsigned i = 0; i < 64; i++) {
        int v = (int16_t)next_random();
        levels[i] = (int16_t)(how == 0   ? v
                              : how == 1 ? v % 16
                              : how == 2 ? (v > 0 ? 32767 : -32767)
                              : i < 3    ? v % 50
                                         : 0);
    }
    uint32_t step = 32 + next_random() % 17760;
    uint8_t *out_c = place(1, span(8, 8, stride), at_end);
    fill(out_c, span(8, 8, stride));
    uint8_t *out = place(2, span(8, 8, stride), at_end);
    memcpy(out, out_c, span(8, 8, stride));
    c->inverse(levels, step, out_c, stride);
    k->inverse(levels, step, out, stride);
    expect_same(1, 2, "inverse");
}

static void check_smooth(const struct cw_moving_dsp *c, const struct cw_moving_dsp *k, bool at_end)
{
    const struct cw_moving_smoothing s = {(uint8_t)(1 + next_random() % 255),
                                          (uint8_t)(1 + next_random() % 255),
                                          (uint8_t)(1 + next_random() % 127)};
    for (unsigned across = 0; across < 2; across++) {
        size_t stride = 8 + next_random() % 30;
        size_t bytes = across != 0 ? span(4, 8, stride) : span(8, 4, stride);
        size_t at = across != 0 ? 2 : 2 * stride;
        uint8_t *p = place(0, bytes, at_end);
        fill(p, bytes);
        uint8_t *q = place(1, bytes, at_end);
        memcpy(q, p, bytes);
        if (across != 0) {
            c->smooth_across(p + at, stride, &s);
            k->smooth_across(q + at, stride, &s);
        } else {
            c->smooth_down(p + at, stride, &s);
            k->smooth_down(q + at, stride, &s);
        }
        expect_same(0, 1, across != 0 ? "smooth_across" : "smooth_down");
    }
}

int main(void)
{
    struct cw_dsp c;
    guard_new(BUFFERS, BYTES);
    cw_dsp_fill(&c, CW_ISA_C);
    for (unsigned isa = CW_ISA_C; isa <= (unsigned)cw_isa_best(); isa++) {
        struct cw_dsp k;
        level = (enum cw_isa)isa;
        cw_dsp_fill(&k, level);
        for (unsigned i = 0; i < ROUNDS; i++) {
            bool at_end = i % 2 != 0;
            check_rows(&c.moving, &k.moving, 1 + i / 2, at_end);
            check_sad(&c.moving, &k.moving, at_end);
            check_predict(&c.moving, &k.moving, at_end);
            check_forward(&c.moving, &k.moving, at_end);
            check_inverse(&c.moving, &k.moving, at_end);
            check_smooth(&c.moving, &k.moving, at_end);
        }
        printf("check_moving: level %s equals c\n", cw_isa_name(level));
    }
    return 0;
}
