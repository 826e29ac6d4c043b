/* SPDX-License-Identifier: Apache-2.0 */
/* Operation 6: what the encoder draws is what the decoder draws, libjpeg reads the same data as a picture hardly
 * different, the quality is what JPEG can give, and broken data draw nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "codec/jpeg.h"
#include "tests/random.h"

enum { SIDE = CW_JPEG_SIDE_PX_MAX, STRIDE = SIDE * 4, PICTURE_BYTES = STRIDE * SIDE };

static struct cw_dsp dsp;
static struct cw_jpeg encoder, decoder;
static uint8_t source[PICTURE_BYTES], model[PICTURE_BYTES], shown[PICTURE_BYTES];
static uint8_t data[CW_JPEG_BYTES_MAX];

static int setup(void **state)
{
    (void)state;
    cw_jpeg_init(&encoder);
    cw_jpeg_init(&decoder);
    return cw_dsp_init(&dsp);
}

enum fill { FILL_SMOOTH, FILL_NOISE, FILL_STRIPES, FILL_COUNT };

static void fill(enum fill how)
{
    for (unsigned y = 0; y < SIDE; y++)
        for (unsigned x = 0; x < SIDE; x++)
            for (unsigned k = 0; k < 4; k++) {
                uint8_t v = (uint8_t)next_random();
                if (how == FILL_SMOOTH)
                    v = (uint8_t)(60 + x / 2 + y / 3 * k / 2 + v % 4);
                else if (how == FILL_STRIPES)
                    v = (uint8_t)(x / 3 % 2 == 0 ? 255 : 0);
                source[y * STRIDE + 4 * x + k] = k == 3 ? 0 : v;
            }
}

static size_t encode(uint32_t quality, enum cw_jpeg_sampling sampling, struct cw_rect rect,
                     uint8_t head[CW_JPEG_HEAD_BYTES])
{
    memset(model, 0x11, sizeof(model));
    return cw_jpeg_encode(&encoder, &dsp, quality, sampling, rect, source, model, STRIDE, head,
                          data);
}

static int decode(const uint8_t *head, const uint8_t *in, size_t bytes, struct cw_rect rect)
{
    memset(shown, 0x11, sizeof(shown));
    return cw_jpeg_decode(&decoder, &dsp, head, in, bytes, rect, shown, STRIDE);
}

static void test_decoder_draws_the_model(void **state)
{
    (void)state;
    static const uint32_t qualities[] = {1, 30, 50, 80, 95, 100};
    for (unsigned i = 0; i < 400; i++) {
        struct cw_rect rect = {.w = 1 + next_random() % SIDE, .h = 1 + next_random() % SIDE};
        rect.x = next_random() % (SIDE - rect.w + 1);
        rect.y = next_random() % (SIDE - rect.h + 1);
        uint8_t head[CW_JPEG_HEAD_BYTES];
        size_t measured;
        fill((enum fill)(i % FILL_COUNT));
        size_t bytes = encode(qualities[i % 6], (enum cw_jpeg_sampling)(i / 6 % 3), rect, head);
        assert_int_equal(cw_jpeg_measure(head, &rect, &measured), 0);
        assert_int_equal(measured, bytes);
        assert_int_equal(decode(head, data, bytes, rect), 0);
        assert_memory_equal(shown, model, sizeof(model));
    }
}

static void test_quality_is_kept(void **state)
{
    (void)state;
    const struct {
        uint32_t quality;
        enum cw_jpeg_sampling sampling;
        double error_max; /* mean square, of all channels */
    } rows[] = {{100, CW_JPEG_444, 1.0},
                {90, CW_JPEG_444, 6.0},
                {80, CW_JPEG_422, 10.0},
                {40, CW_JPEG_420, 40.0}};
    const struct cw_rect rect = {0, 0, SIDE, SIDE};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t head[CW_JPEG_HEAD_BYTES];
        double sum = 0;
        fill(FILL_SMOOTH);
        encode(rows[i].quality, rows[i].sampling, rect, head);
        for (size_t k = 0; k < sizeof(model); k++)
            sum += ((double)model[k] - source[k]) * ((double)model[k] - source[k]);
        assert_true(sum / (SIDE * SIDE * 3) < rows[i].error_max);
    }
}

/* ---- libjpeg as the judge -------------------------------------------------------------------- */

static size_t put_segment(uint8_t *out, uint8_t marker, const uint8_t *payload, size_t bytes)
{
    const uint8_t start[4] = {0xff, marker, (uint8_t)((bytes + 2) >> 8), (uint8_t)(bytes + 2)};
    memcpy(out, start, 4);
    memcpy(out + 4, payload, bytes);
    return bytes + 4;
}

/* A whole JPEG file's picture header and scan; libjpeg gets the tables from its own defaults. */
static size_t put_file(uint8_t *out, enum cw_jpeg_sampling sampling, struct cw_rect rect,
                       size_t bytes)
{
    const uint8_t luma[3] = {0x11, 0x21, 0x22};
    const uint8_t picture[15] = {
        8, 0, (uint8_t)rect.h, 0, (uint8_t)rect.w, 3, 1, luma[sampling], 0, 2, 0x11, 1, 3, 0x11, 1};
    const uint8_t scan[10] = {3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0};
    size_t at = 2;
    memcpy(out, "\xff\xd8", 2);
    at += put_segment(out + at, 0xc0, picture, sizeof(picture));
    at += put_segment(out + at, 0xda, scan, sizeof(scan));
    for (size_t i = 0; i < bytes; i++) {
        out[at++] = data[i];
        if (data[i] == 0xff)
            out[at++] = 0;
    }
    memcpy(out + at, "\xff\xd9", 2);
    return at + 2;
}

/* An abbreviated stream of tables, as libjpeg makes them for a quality. */
static unsigned long put_tables(uint32_t quality, unsigned char **ret_bytes)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned long size = 0;
    *ret_bytes = NULL;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, ret_bytes, &size);
    c.in_color_space = JCS_RGB;
    c.input_components = 3;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, (int)quality, TRUE);
    jpeg_write_tables(&c);
    jpeg_destroy_compress(&c);
    return size;
}

/* Reads the picture into shown. */
static void read_with_libjpeg(uint32_t quality, const uint8_t *file, size_t bytes)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    unsigned char *tables;
    unsigned long table_bytes = put_tables(quality, &tables);
    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, tables, table_bytes);
    assert_int_equal(jpeg_read_header(&d, FALSE), JPEG_HEADER_TABLES_ONLY);
    jpeg_mem_src(&d, file, bytes);
    assert_int_equal(jpeg_read_header(&d, TRUE), JPEG_HEADER_OK);
    d.out_color_space = JCS_EXT_BGRX;
    d.do_fancy_upsampling = FALSE;
    jpeg_start_decompress(&d);
    while (d.output_scanline < d.output_height) {
        uint8_t *row = shown + (size_t)d.output_scanline * STRIDE;
        jpeg_read_scanlines(&d, &row, 1);
    }
    jpeg_finish_decompress(&d);
    assert_int_equal(errors.num_warnings, 0);
    jpeg_destroy_decompress(&d);
    free(tables);
}

static void test_libjpeg_reads_it(void **state)
{
    (void)state;
    static uint8_t file[2 * CW_JPEG_BYTES_MAX];
    for (unsigned i = 0; i < 60; i++) {
        const uint32_t quality = 5 + next_random() % 96;
        const enum cw_jpeg_sampling sampling = (enum cw_jpeg_sampling)(i % 3);
        const struct cw_rect rect = {0, 0, 1 + next_random() % SIDE, 1 + next_random() % SIDE};
        uint8_t head[CW_JPEG_HEAD_BYTES];
        int worst = 0;
        fill((enum fill)(i / 3 % 2));
        size_t bytes = encode(quality, sampling, rect, head);
        read_with_libjpeg(quality, file, put_file(file, sampling, rect, bytes));
        for (uint32_t y = 0; y < rect.h; y++)
            for (uint32_t x = 0; x < 4 * rect.w; x++)
                if (x % 4 != 3) {
                    int away = abs(model[y * STRIDE + x] - shown[y * STRIDE + x]);
                    worst = away > worst ? away : worst;
                }
        /* Two roundings of one sample each in luma and chroma. */
        assert_true(worst <= 4);
    }
}

/* ---- broken data -------------------------------------------------------------------- */

static void expect_untouched(void)
{
    for (size_t i = 0; i < sizeof(shown); i++)
        assert_int_equal(shown[i], 0x11);
}

static void test_broken_data_draw_nothing(void **state)
{
    (void)state;
    const struct cw_rect rect = {3, 5, 61, 50};
    uint8_t head[CW_JPEG_HEAD_BYTES];
    unsigned refused = 0;
    fill(FILL_NOISE);
    size_t bytes = encode(85, CW_JPEG_420, rect, head);
    for (size_t cut = 0; cut < bytes; cut += 1 + cut / 8) {
        assert_int_equal(decode(head, data, cut, rect), CW_CODEC_ERR_PACKET);
        expect_untouched();
    }
    data[bytes] = 0;
    assert_int_equal(decode(head, data, bytes + 1, rect), CW_CODEC_ERR_PACKET);
    for (unsigned i = 0; i < 300; i++) {
        size_t size = 1 + next_random() % 4000;
        for (size_t k = 0; k < size; k++)
            data[k] = (uint8_t)(i % 2 == 0 ? next_random() : 0xff);
        head[0] = (uint8_t)(1 + next_random() % 100);
        head[1] = (uint8_t)(i % 3);
        if (decode(head, data, size, rect) != 0) {
            refused++;
            expect_untouched();
        }
    }
    assert_true(refused > 250);
}

static void test_heads_are_checked(void **state)
{
    (void)state;
    const struct {
        uint8_t head[CW_JPEG_HEAD_BYTES];
        struct cw_rect rect;
        int wanted;
    } rows[] = {
        {{80, 0, 1, 0, 0}, {0, 0, 128, 128}, 0},
        {{100, 2, 0, 0, 1}, {0, 0, 1, 1}, 0},
        {{0, 0, 1, 0, 0}, {0, 0, 8, 8}, CW_CODEC_ERR_PACKET},
        {{101, 0, 1, 0, 0}, {0, 0, 8, 8}, CW_CODEC_ERR_PACKET},
        {{80, 3, 1, 0, 0}, {0, 0, 8, 8}, CW_CODEC_ERR_PACKET},
        {{80, 0, 0, 0, 0}, {0, 0, 8, 8}, CW_CODEC_ERR_PACKET},
        {{80, 0, 1, 0, 0}, {0, 0, 129, 8}, CW_CODEC_ERR_PACKET},
        {{80, 0, 1, 0, 0}, {0, 0, 8, 129}, CW_CODEC_ERR_PACKET},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t bytes = 77;
        assert_int_equal(cw_jpeg_measure(rows[i].head, &rows[i].rect, &bytes), rows[i].wanted);
        assert_int_equal(bytes == 77, rows[i].wanted != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoder_draws_the_model),
        cmocka_unit_test(test_quality_is_kept),
        cmocka_unit_test(test_libjpeg_reads_it),
        cmocka_unit_test(test_broken_data_draw_nothing),
        cmocka_unit_test(test_heads_are_checked),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
