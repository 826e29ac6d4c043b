/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels of classes and colour modes of every level against the C level, at pages that may not be touched; and
 * what a reduced row must be: colours of its mode, and itself when it is reduced again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/dsp.h"
#include "tests/dsp/guard.h"

enum { WIDTH_MAX = 1000, BUFFERS = 3 };

static void expect(bool ok, const char *kernel, enum cw_isa isa, uint32_t width)
{
    if (ok)
        return;
    fprintf(stderr, "check_colour: %s: level %s is wrong at width %u\n", kernel, cw_isa_name(isa),
            width);
    exit(1);
}

static void check_row(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                      uint32_t width, unsigned how, bool at_end)
{
    const struct {
        const char *name;
        CW_DECL_REDUCE_ROW((*reference));
        CW_DECL_REDUCE_ROW((*kernel));
    } reductions[] = {{"reduce_grey_row", c->reduce_grey_row, k->reduce_grey_row},
                      {"reduce_8_row", c->reduce_8_row, k->reduce_8_row},
                      {"reduce_16_row", c->reduce_16_row, k->reduce_16_row}};
    uint8_t *in = place(0, (size_t)width * 4, at_end);
    for (size_t i = 0; i < (size_t)width * 4; i++) {
        uint32_t r = next_random();
        in[i] = (uint8_t)(how == 0   ? r
                          : how == 1 ? 255 * (r & 1)
                          : how == 2 ? 128 + (r % 130) * (i / 4 % 2)
                                     : 40 + r % 3 * 24);
    }
    uint32_t counts_c[3] = {1, 2, 3};
    uint32_t counts_k[3] = {1, 2, 3};
    c->texture_row(in, width, counts_c);
    k->texture_row(in, width, counts_k);
    expect(memcmp(counts_c, counts_k, sizeof(counts_c)) == 0, "texture_row", isa, width);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t *out = place(1, (size_t)width * 4, at_end);
        reductions[i].reference(out, in, width);
        uint8_t *got = place(2, (size_t)width * 4, at_end);
        reductions[i].kernel(got, in, width);
        expect(same(1, 2), reductions[i].name, isa, width);
        reductions[i].kernel(got, out, width);
        expect(same(1, 2), reductions[i].name, isa, width);
    }
}

/* Each mode has as many colours as its name says, black and white among them. */
static void check_colours(const struct cw_dsp *c)
{
    CW_DECL_REDUCE_ROW((*const reductions[3])) = {c->reduce_grey_row, c->reduce_8_row,
                                                  c->reduce_16_row};
    static const uint32_t wanted[3] = {4, 256, 65536};
    static uint8_t known[1 << 21];
    for (unsigned i = 0; i < 3; i++) {
        uint32_t count = 0;
        memset(known, 0, sizeof(known));
        for (uint32_t rgb = 0; rgb < 1U << 24; rgb++) {
            const uint8_t in[4] = {(uint8_t)rgb, (uint8_t)(rgb >> 8), (uint8_t)(rgb >> 16), 9};
            uint8_t out[4];
            reductions[i](out, in, 1);
            uint32_t got = out[0] | (uint32_t)out[1] << 8 | (uint32_t)out[2] << 16;
            count += (known[got / 8] >> (got % 8) & 1) == 0;
            known[got / 8] = (uint8_t)(known[got / 8] | 1U << (got % 8));
        }
        bool ends = (known[0] & 1) != 0 && (known[sizeof(known) - 1] & 0x80) != 0;
        if (count != wanted[i] || !ends) {
            fprintf(stderr, "check_colour: mode %u has %u colours\n", i, count);
            exit(1);
        }
    }
}

int main(void)
{
    struct cw_dsp c;
    guard_new(BUFFERS, WIDTH_MAX * 4);
    cw_dsp_fill(&c, CW_ISA_C);
    check_colours(&c);
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        enum cw_isa isa = (enum cw_isa)level;
        struct cw_dsp k;
        cw_dsp_fill(&k, isa);
        for (unsigned i = 0; i < 1600; i++)
            check_row(&c, &k, isa, i < 800 ? 1 + i / 8 : 1 + next_random() % WIDTH_MAX, i % 4,
                      i / 4 % 2 != 0);
        printf("check_colour: level %s equals c\n", cw_isa_name(isa));
    }
    return 0;
}
