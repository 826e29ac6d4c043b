/* SPDX-License-Identifier: Apache-2.0 */
/* Every kernel of every level this processor has against the C level, bit by bit: all small widths,
 * long rows, random and extreme data. Each buffer ends at (or starts behind) a page that may not be
 * touched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/dsp.h"
#include "codec/limits.h"
#include "tests/dsp/guard.h"

/* Three rows in, three out, and three to compare with. */
enum { WIDTH_MAX = 2100, BUFFERS = 9 };

enum fill { FILL_RANDOM, FILL_ZERO, FILL_ONES, FILL_STRIPES, FILL_SMOOTH, FILL_COUNT };

static void fill(uint8_t *p, size_t bytes, enum fill how)
{
    uint8_t walk[4] = {0};
    for (size_t i = 0; i < bytes; i++) {
        uint8_t r = (uint8_t)next_random();
        walk[i % 4] = (uint8_t)(walk[i % 4] + (r % 60) - 28);
        switch (how) {
        case FILL_RANDOM: p[i] = r; break;
        case FILL_ZERO: p[i] = 0; break;
        case FILL_ONES: p[i] = 255; break;
        case FILL_STRIPES: p[i] = i / 4 % 2 == 0 ? 255 : 0; break;
        case FILL_SMOOTH: p[i] = walk[i % 4]; break;
        case FILL_COUNT: break;
        }
    }
}

static void fail(const char *kernel, enum cw_isa isa, uint32_t width, bool at_end, enum fill how)
{
    fprintf(stderr, "check_kernels: %s: level %s differs from c: width %u, %s, data %d\n", kernel,
            cw_isa_name(isa), width, at_end ? "row ends at the guard page" : "row starts at it",
            (int)how);
    exit(1);
}

/* Kernels from one row of pixels to one row of pixels. */
static void check_rows(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       uint32_t width, bool at_end, enum fill how)
{
    size_t bytes = (size_t)width * 4;
    uint8_t *in = place(0, bytes, at_end);
    fill(in, bytes, how);
    c->take_row(place(1, bytes, at_end), in, width);
    k->take_row(place(2, bytes, at_end), in, width);
    if (!same(1, 2))
        fail("take_row", isa, width, at_end, how);
    c->rgba_row(place(1, bytes, at_end), in, width);
    k->rgba_row(place(2, bytes, at_end), in, width);
    if (!same(1, 2))
        fail("rgba_row", isa, width, at_end, how);
    if (c->smooth_row(in, width) != k->smooth_row(in, width))
        fail("smooth_row", isa, width, at_end, how);
}

static void check_diff(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       uint32_t width, bool at_end, enum fill how)
{
    uint64_t expected[WIDTH_MAX / CW_BLOCK_PX / 64 + 4];
    uint64_t got[WIDTH_MAX / CW_BLOCK_PX / 64 + 4];
    size_t bytes = (size_t)width * 4;
    uint8_t *a = place(0, bytes, at_end);
    uint8_t *b = place(1, bytes, at_end);
    fill(a, bytes, how);
    memcpy(b, a, bytes);
    /* No difference, one in the ignored byte, one in a colour, then many. */
    for (unsigned round = 0; round < 4; round++) {
        uint32_t x = next_random() % width;
        uint32_t first_bit = next_random() % 70;
        if (round == 1)
            b[4 * x + 3] ^= (uint8_t)(1 + next_random() % 255);
        if (round == 2)
            b[4 * x + next_random() % 3] ^= (uint8_t)(1U << next_random() % 8);
        if (round == 3)
            for (uint32_t i = 0; i < width; i += 1 + next_random() % 40)
                b[4 * i + next_random() % 4] ^= 1;
        fill((uint8_t *)expected, sizeof(expected), FILL_ZERO);
        expected[0] = next_random();
        memcpy(got, expected, sizeof(got));
        c->diff_row(a, b, width, expected, first_bit);
        k->diff_row(a, b, width, got, first_bit);
        if (memcmp(expected, got, sizeof(got)) != 0)
            fail("diff_row", isa, width, at_end, how);
        if (width <= 64 &&
            (k->equal_64(a, b, width) != c->equal_64(a, b, width) ||
             (round < 2 && k->equal_64(a, b, width) != ~(uint64_t)0 >> (64 - width))))
            fail("equal_64", isa, width, at_end, how);
    }
}

typedef CW_DECL_SPLIT_ROW((*split_fn));
typedef CW_DECL_JOIN_ROW((*join_fn));

static void check_planes(const char *name, split_fn split_c, split_fn split, join_fn join_c,
                         join_fn join, enum cw_isa isa, uint32_t width, bool at_end, enum fill how)
{
    size_t bytes = (size_t)width * 4;
    uint8_t *in = place(0, bytes, at_end);
    fill(in, bytes, how);
    uint8_t *g = place(1, width, at_end);
    uint8_t *b = place(2, width, at_end);
    uint8_t *r = place(3, width, at_end);
    split_c(in, width, g, b, r);
    split(in, width, place(4, width, at_end), place(5, width, at_end), place(6, width, at_end));
    if (!same(1, 4) || !same(2, 5) || !same(3, 6))
        fail(name, isa, width, at_end, how);
    uint8_t *back = place(7, bytes, at_end);
    join_c(back, width, g, b, r);
    join(place(8, bytes, at_end), width, g, b, r);
    if (!same(7, 8))
        fail(name, isa, width, at_end, how);
    for (uint32_t x = 0; x < width; x++)
        if (memcmp(back + 4 * x, in + 4 * x, 3) != 0 || back[4 * x + 3] != 0)
            fail(name, CW_ISA_C, width, at_end, how);
}

static void check_anchors(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                          uint32_t width, bool at_end, enum fill how)
{
    size_t bytes = (size_t)width * 4;
    if (width < CW_ANCHOR_PX)
        return;
    uint8_t *in = place(0, bytes, at_end);
    fill(in, bytes, how);
    /* Busy pixels between long runs of one colour: windows at the limit of changes. */
    for (uint32_t x = 1; x < width && how == FILL_SMOOTH; x++)
        if (next_random() % 5 != 0)
            memcpy(in + (size_t)4 * x, in + (size_t)4 * x - 4, 3);
    /* All windows, the usual share, and few. */
    static const uint32_t masks[] = {0, 1, 127, 1023};
    for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        /* Rows of whole numbers of 4 bytes end at the guard page aligned for them. */
        uint32_t *to_c = place(1, bytes, at_end);
        uint32_t *to_k = place(2, bytes, at_end);
        uint32_t *hashes_c = place(3, bytes, at_end);
        uint32_t *hashes_k = place(4, bytes, at_end);
        uint32_t count = c->anchor_row(in, width, masks[i], to_c, hashes_c);
        if (count != k->anchor_row(in, width, masks[i], to_k, hashes_k) || !same(1, 2) ||
            !same(3, 4))
            fail("anchor_row", isa, width, at_end, how);
    }
}

static void check_hashes(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                         uint32_t width, bool at_end, enum fill how)
{
    size_t bytes = (size_t)width * 4;
    size_t key_bytes = (bytes + CW_BLOCK_PX * 4 - 1) / (CW_BLOCK_PX * 4) * (CW_BLOCK_PX * 4);
    if (width > CW_SEGMENT_PX)
        return;
    uint8_t *in = place(0, bytes, at_end);
    uint8_t *keys = place(1, key_bytes, true);
    fill(in, bytes, how);
    fill(keys, key_bytes, FILL_RANDOM);
    uint64_t expected[8];
    uint64_t got[8];
    c->hash_row(in, width, (const uint32_t *)(const void *)keys, expected);
    k->hash_row(in, width, (const uint32_t *)(const void *)keys, got);
    if (memcmp(expected, got, sizeof(got)) != 0)
        fail("hash_row", isa, width, at_end, how);
    in[4 * (next_random() % width) + 3] ^= (uint8_t)(1 + next_random() % 255);
    k->hash_row(in, width, (const uint32_t *)(const void *)keys, got);
    if (memcmp(expected, got, sizeof(got)) != 0)
        fail("hash_row", isa, width, at_end, how);
}

static void check_width(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                        uint32_t width)
{
    for (unsigned at_end = 0; at_end < 2; at_end++)
        for (unsigned how = 0; how < FILL_COUNT; how++) {
            enum fill f = (enum fill)how;
            check_rows(c, k, isa, width, at_end != 0, f);
            check_diff(c, k, isa, width, at_end != 0, f);
            check_anchors(c, k, isa, width, at_end != 0, f);
            check_hashes(c, k, isa, width, at_end != 0, f);
            check_planes("split_row, join_row", c->split_row, k->split_row, c->join_row,
                         k->join_row, isa, width, at_end != 0, f);
            check_planes("split_left_row, join_left_row", c->split_left_row, k->split_left_row,
                         c->join_left_row, k->join_left_row, isa, width, at_end != 0, f);
        }
}

/* CAUSEWAY_ISA chooses, and refuses what it cannot give. */
static void check_choice(void)
{
    struct cw_dsp dsp;
    for (unsigned isa = 0; isa < CW_ISA_COUNT; isa++) {
        setenv("CAUSEWAY_ISA", cw_isa_name((enum cw_isa)isa), 1);
        int wanted = isa <= (unsigned)cw_isa_best() ? 0 : CW_CODEC_ERR_ISA;
        if (cw_dsp_init(&dsp) != wanted) {
            fprintf(stderr, "check_kernels: CAUSEWAY_ISA=%s is not answered right\n",
                    cw_isa_name((enum cw_isa)isa));
            exit(1);
        }
    }
    setenv("CAUSEWAY_ISA", "mmx", 1);
    if (cw_dsp_init(&dsp) != CW_CODEC_ERR_ISA) {
        fprintf(stderr, "check_kernels: CAUSEWAY_ISA=mmx is not refused\n");
        exit(1);
    }
    unsetenv("CAUSEWAY_ISA");
}

int main(void)
{
    struct cw_dsp c;
    guard_new(BUFFERS, WIDTH_MAX * 4);
    check_choice();
    cw_dsp_fill(&c, CW_ISA_C);
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        enum cw_isa isa = (enum cw_isa)level;
        struct cw_dsp k;
        cw_dsp_fill(&k, isa);
        for (uint32_t width = 1; width <= 140; width++)
            check_width(&c, &k, isa, width);
        for (unsigned i = 0; i < 12; i++)
            check_width(&c, &k, isa, 141 + next_random() % (WIDTH_MAX - 140));
        printf("check_kernels: level %s equals c\n", cw_isa_name(isa));
    }
    return 0;
}
