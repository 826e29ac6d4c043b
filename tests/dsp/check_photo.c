/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of photographs: every level this processor has against the C level, bit by bit, at guard pages, and
 * the decoder's kernels against what the encoder's made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/dsp.h"
#include "codec/photo_model.h"
#include "tests/dsp/guard.h"

enum { WIDTH_MAX = 1100, BUFFERS = 12 };

enum fill { FILL_RANDOM, FILL_ZERO, FILL_ONES, FILL_STRIPES, FILL_SMOOTH, FILL_COUNT };

static void fill(uint8_t *p, size_t bytes, enum fill how, unsigned limit)
{
    uint8_t walk[4] = {0};
    for (size_t i = 0; i < bytes; i++) {
        unsigned r = next_random();
        walk[i % 4] = (uint8_t)(walk[i % 4] + r % 9 - 4);
        switch (how) {
        case FILL_RANDOM: p[i] = (uint8_t)(r % (limit + 1)); break;
        case FILL_ZERO: p[i] = 0; break;
        case FILL_ONES: p[i] = (uint8_t)limit; break;
        case FILL_STRIPES: p[i] = (uint8_t)(i / 4 % 2 == 0 ? limit : 0); break;
        case FILL_SMOOTH: p[i] = (uint8_t)(walk[i % 4] % (limit + 1)); break;
        case FILL_COUNT: break;
        }
    }
}

static struct {
    enum cw_isa isa;
    uint32_t width;
    bool at_end;
    enum fill how;
} now;

static void expect(bool ok, const char *kernel)
{
    if (ok)
        return;
    fprintf(stderr, "check_photo: %s: level %s differs from c: width %u, %s, data %d\n", kernel,
            cw_isa_name(now.isa), now.width,
            now.at_end ? "row ends at the guard page" : "row starts at it", (int)now.how);
    exit(1);
}

typedef CW_DECL_PHOTO_PLANES((*planes_fn));
typedef CW_DECL_PHOTO_PIXELS((*pixels_fn));

/* Planes, and back: the inverse is NULL where it is the identity. */
static void check_transform(const char *name, planes_fn c, planes_fn k, pixels_fn back_c,
                            pixels_fn back_k)
{
    uint32_t w = now.width;
    uint8_t *in = place(0, (size_t)4 * w, now.at_end);
    fill(in, (size_t)4 * w, now.how, 255);
    uint8_t *p = place(1, w, now.at_end);
    uint8_t *q = place(2, w, now.at_end);
    uint8_t *s = place(3, w, now.at_end);
    c(in, w, p, q, s);
    k(in, w, place(4, w, now.at_end), place(5, w, now.at_end), place(6, w, now.at_end));
    expect(same(1, 4) && same(2, 5) && same(3, 6), name);
    uint8_t *line = place(7, (size_t)4 * w, now.at_end);
    for (uint32_t x = 0; x < w; x++) {
        const uint8_t pixel[4] = {q[x], p[x], s[x], 0};
        memcpy(line + 4 * x, pixel, 4);
    }
    const uint8_t *out = line;
    if (back_c != NULL) {
        uint8_t *pixels = place(8, (size_t)4 * w, now.at_end);
        back_c(pixels, line, w);
        back_k(place(9, (size_t)4 * w, now.at_end), line, w);
        expect(same(8, 9), name);
        out = pixels;
    }
    for (uint32_t x = 0; x < w; x++)
        expect(memcmp(out + 4 * x, in + 4 * x, 3) == 0 && out[4 * x + 3] == 0, name);
}

/* Residuals of three planes, and the pixels from them. */
static void check_prediction(const struct cw_dsp *c, const struct cw_dsp *k)
{
    uint32_t w = now.width;
    const uint8_t *folded[3];
    uint8_t *line = place(0, (size_t)4 * w + 4, now.at_end);
    uint8_t *above = place(1, (size_t)4 * w + 4, now.at_end);
    fill(line, (size_t)4 * w + 4, now.how, 255);
    fill(above, (size_t)4 * w + 4, FILL_SMOOTH, 255);
    for (unsigned i = 3; i < 4 * w + 4; i += 4)
        line[i] = above[i] = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint8_t *plane = place(2, w + 1, now.at_end);
        uint8_t *up = place(3, w + 1, now.at_end);
        for (uint32_t x = 0; x <= w; x++) {
            plane[x] = line[4 * x + i];
            up[x] = above[4 * x + i];
        }
        uint8_t *f = place(4 + i, w, now.at_end);
        c->photo_residuals(plane + 1, up + 1, w, f, place(7, w, now.at_end));
        k->photo_residuals(plane + 1, up + 1, w, place(8, w, now.at_end), place(9, w, now.at_end));
        expect(same(4 + i, 8) && same(7, 9), "photo_residuals");
        folded[i] = f;
    }
    uint8_t *of_c = place(10, (size_t)4 * w + 4, now.at_end);
    uint8_t *of_k = place(11, (size_t)4 * w + 4, now.at_end);
    memcpy(of_c, line, 4);
    memcpy(of_k, line, 4);
    c->photo_line(of_c + 4, above + 4, w, folded[1], folded[0], folded[2]);
    k->photo_line(of_k + 4, above + 4, w, folded[1], folded[0], folded[2]);
    expect(same(10, 11), "photo_line");
    expect(memcmp(of_c, line, (size_t)4 * w + 4) == 0, "photo_line undoes photo_residuals:");
}

static void check_contexts(const struct cw_dsp *c, const struct cw_dsp *k)
{
    uint32_t w = now.width;
    uint8_t *folded = place(0, w, now.at_end);
    uint8_t *here = place(1, w + 1, now.at_end);
    uint8_t *above = place(2, w + 2, now.at_end);
    fill(folded, w, now.how, 255);
    fill(here, w + 1, now.how, CW_PHOTO_MAGNITUDE_MAX);
    uint8_t *above_folded = place(7, w + 2, now.at_end);
    fill(above_folded, w + 2, next_random() % 2 == 0 ? now.how : FILL_SMOOTH, 255);
    for (uint32_t x = 0; x < w + 2; x++) {
        uint32_t magnitude = (above_folded[x] + 1U) / 2;
        above[x] = magnitude < CW_PHOTO_MAGNITUDE_MAX ? (uint8_t)magnitude
                                                      : (uint8_t)CW_PHOTO_MAGNITUDE_MAX;
    }
    uint16_t *of_c = place(3, (size_t)2 * w, now.at_end);
    uint16_t *of_k = place(4, (size_t)2 * w, now.at_end);
    c->photo_contexts(folded, here + 1, above + 1, w, of_c);
    k->photo_contexts(folded, here + 1, above + 1, w, of_k);
    expect(same(3, 4), "photo_contexts");
    uint8_t *activities = place(5, w, now.at_end);
    c->photo_above(above_folded + 1, w, activities);
    k->photo_above(above_folded + 1, w, place(6, w, now.at_end));
    expect(same(5, 6), "photo_above");
    for (uint32_t x = 0; x < w; x++)
        expect(of_c[x] / CW_PHOTO_TOKEN_STRIDE == cw_photo_context(activities[x] + 2U * here[x]),
               "photo_above agrees with photo_contexts:");
}

static void check_width(const struct cw_dsp *c, const struct cw_dsp *k, uint32_t width)
{
    now.width = width;
    for (unsigned at_end = 0; at_end < 2; at_end++)
        for (unsigned how = 0; how < FILL_COUNT; how++) {
            now.at_end = at_end != 0;
            now.how = (enum fill)how;
            check_transform("photo_plain", c->photo_plain, k->photo_plain, NULL, NULL);
            check_transform("photo_green", c->photo_green, k->photo_green, c->photo_from_green,
                            k->photo_from_green);
            check_transform("photo_luma", c->photo_luma, k->photo_luma, c->photo_from_luma,
                            k->photo_from_luma);
            check_prediction(c, k);
            check_contexts(c, k);
        }
}

int main(void)
{
    struct cw_dsp c;
    struct cw_dsp k;
    guard_new(BUFFERS, WIDTH_MAX * 4 + 8);
    cw_dsp_fill(&c, CW_ISA_C);
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        now.isa = (enum cw_isa)level;
        cw_dsp_fill(&k, now.isa);
        for (uint32_t width = 1; width <= 140; width++)
            check_width(&c, &k, width);
        for (unsigned i = 0; i < 12; i++)
            check_width(&c, &k, 141 + next_random() % (WIDTH_MAX - 140));
        printf("check_photo: level %s equals c\n", cw_isa_name(now.isa));
    }
    return 0;
}
