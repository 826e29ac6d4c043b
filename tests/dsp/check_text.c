/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels for text of every level this processor has against the C level: all small sizes, at pages that may not
 * be touched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/dsp.h"
#include "tests/dsp/guard.h"

enum { BYTES = 3 * 4096, BUFFERS = 3, ROUNDS = 4000 };

static uint32_t table[CW_INDEX_SLOTS];
static uint32_t known[300];

static void fail(const char *kernel, enum cw_isa isa, uint32_t a, uint32_t b)
{
    fprintf(stderr, "check_text: %s: level %s differs from c: sizes %u, %u\n", kernel,
            cw_isa_name(isa), a, b);
    exit(1);
}

static void tables_new(void)
{
    for (unsigned i = 0; i < CW_INDEX_SLOTS; i++)
        table[i] = 255;
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        known[i] = i < 2 ? i * 0xffffff : next_random() & 0xffffff;
        uint32_t *entry = &table[(known[i] * CW_INDEX_FACTOR) >> (32 - CW_INDEX_BITS)];
        if (i < 255 && *entry == 255)
            *entry = known[i] << 8 | i;
    }
}

/* Runs of known colours, now and then one that is not known, and garbage in the ignored byte. */
static void fill_pixels(uint8_t *p, uint32_t width, uint32_t run)
{
    uint32_t colour = 0;
    for (uint32_t x = 0; x < width; x++) {
        if (next_random() % run == 0)
            colour = next_random() % 8 == 0 ? next_random() : known[next_random() % 300];
        p[4 * x] = (uint8_t)colour;
        p[4 * x + 1] = (uint8_t)(colour >> 8);
        p[4 * x + 2] = (uint8_t)(colour >> 16);
        p[4 * x + 3] = (uint8_t)next_random();
    }
}

static void check_rows(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       uint32_t width, bool at_end)
{
    uint8_t *in = place(0, (size_t)width * 4, at_end);
    fill_pixels(in, width, 1 + next_random() % 60);
    if (c->changes_row(in, width) != k->changes_row(in, width))
        fail("changes_row", isa, width, 1);
    uint32_t expected = c->index_row(place(1, width, at_end), in, width, table);
    uint32_t got = k->index_row(place(2, width, at_end), in, width, table);
    if (expected != got || !same(1, 2))
        fail("index_row", isa, width, 1);
}

static void check_full(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                       uint32_t bytes, bool at_end)
{
    uint8_t *in = place(0, bytes, at_end);
    for (uint32_t i = 0; i < bytes; i++)
        in[i] = (uint8_t)(next_random() % 3 == 0 ? next_random() : 255);
    if (c->full_64(in, bytes) != k->full_64(in, bytes))
        fail("full_64", isa, bytes, 1);
}

static void check_transpose(const struct cw_dsp *c, const struct cw_dsp *k, enum cw_isa isa,
                            uint32_t columns, uint32_t rows, bool at_end)
{
    size_t in_stride = columns + (next_random() % 3) * 5;
    size_t out_stride = rows + (next_random() % 3) * 7;
    size_t in_bytes = (rows - 1) * in_stride + columns;
    size_t out_bytes = (columns - 1) * out_stride + rows;
    if (in_bytes > guard.bytes || out_bytes > guard.bytes)
        return;
    uint8_t *in = place(0, in_bytes, at_end);
    /* Half of the time one byte all over, but for a few. */
    bool is_flat = next_random() % 2 == 0;
    memset(in, (int)(next_random() & 255), in_bytes);
    for (size_t i = 0; i < in_bytes; i++)
        if (!is_flat || next_random() % 256 == 0)
            in[i] = (uint8_t)next_random();
    c->transpose(place(1, out_bytes, at_end), out_stride, in, in_stride, columns, rows);
    k->transpose(place(2, out_bytes, at_end), out_stride, in, in_stride, columns, rows);
    if (!same(1, 2))
        fail("transpose", isa, columns, rows);
}

int main(void)
{
    struct cw_dsp c;
    guard_new(BUFFERS, BYTES);
    tables_new();
    cw_dsp_fill(&c, CW_ISA_C);
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        enum cw_isa isa = (enum cw_isa)level;
        struct cw_dsp k;
        cw_dsp_fill(&k, isa);
        for (uint32_t width = 1; width <= 200; width++)
            for (unsigned i = 0; i < 8; i++)
                check_rows(&c, &k, isa, width, i % 2 != 0);
        for (uint32_t bytes = 1; bytes <= 64; bytes++)
            for (unsigned i = 0; i < 32; i++)
                check_full(&c, &k, isa, bytes, i % 2 != 0);
        for (uint32_t columns = 1; columns <= 40; columns++)
            for (uint32_t rows = 1; rows <= 40; rows++) {
                check_transpose(&c, &k, isa, columns, rows, false);
                check_transpose(&c, &k, isa, columns, rows, true);
            }
        for (unsigned i = 0; i < ROUNDS; i++)
            check_transpose(&c, &k, isa, 1 + next_random() % 600, 1 + next_random() % 255,
                            i % 2 != 0);
        printf("check_text: level %s equals c\n", cw_isa_name(isa));
    }
    return 0;
}
