/* SPDX-License-Identifier: Apache-2.0 */
/* Operation 7: what the encoder writes into its model is what the decoder shows, for every size and level of
 * instructions; restarts, rate and room; and broken data draw nothing outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/codec.h"
#include "codec/dsp.h"
#include "codec/moving.h"
#include "codec/packet.h"
#include "tests/random.h"

enum { SIDE = 200, STRIDE = SIDE * 4 + 12, ROOM = 400000, CANARY = 0x5A };

static uint8_t source[STRIDE * SIDE], model[STRIDE * SIDE], shown[STRIDE * SIDE];
static uint8_t data[ROOM], other[ROOM];

enum fill { FILL_WAVES, FILL_NOISE, FILL_STRIPES, FILL_FLASH, FILL_SHAKE, FILL_COUNT };

/* Frame n of a picture; channel k. */
static uint8_t sample(enum fill how, unsigned x, unsigned y, unsigned k, unsigned n)
{
    switch (how) {
    case FILL_WAVES:
        x += 3 * n;
        y += 2 * n;
        return (uint8_t)((x * x / 40 + y * (k + 1)) % 256 / 2 + (x / 9 + y / 7) % 2 * 90);
    case FILL_NOISE: return (uint8_t)next_random();
    case FILL_STRIPES: return (x + n) / 3 % 2 == 0 ? 255 : 0;
    case FILL_FLASH: return (uint8_t)(n % 2 == 0 ? 255 : 0);
    case FILL_SHAKE: {
        unsigned far = n % 2 == 0 ? 0 : 37;
        return (uint8_t)(((x + far) * 73 ^ (y + far) * 151) * 2654435761U >> 13);
    }
    case FILL_COUNT: break;
    }
    return 0;
}

static void fill(enum fill how, unsigned n)
{
    for (unsigned y = 0; y < SIDE; y++)
        for (unsigned x = 0; x < SIDE; x++)
            for (unsigned k = 0; k < 4; k++)
                source[y * STRIDE + 4 * x + k] =
                    (uint8_t)(k == 3 ? next_random() : sample(how, x, y, k, n));
}

static struct cw_moving_dsp level(enum cw_isa isa)
{
    struct cw_dsp all;
    cw_dsp_fill(&all, isa);
    return all.moving;
}

static size_t encode(struct cw_moving_encoder *e, const struct cw_moving_dsp *dsp, uint32_t w,
                     uint32_t h, uint32_t quantiser, uint8_t *out)
{
    const struct cw_moving_settings s = {.quantiser = quantiser};
    size_t bytes = 0;
    memset(model, CANARY, sizeof(model));
    assert_int_equal(
        cw_moving_encode(e, dsp, source, STRIDE, w, h, &s, out, ROOM, &bytes, model, STRIDE), 0);
    return bytes;
}

static int decode(struct cw_moving_decoder *d, const struct cw_moving_dsp *dsp, size_t bytes,
                  uint32_t w, uint32_t h)
{
    /* In a block of its own size, so that a byte read too far shows under ASan. */
    uint8_t *in = malloc(bytes + 1);
    assert_non_null(in);
    uint8_t *exact = in + 1;
    memcpy(exact, data, bytes);
    memset(shown, CANARY, sizeof(shown));
    int err = cw_moving_decode(d, dsp, exact, bytes, shown, STRIDE, w, h);
    free(in);
    return err;
}

/* Nothing outside w x h was drawn. */
static void expect_inside(uint32_t w, uint32_t h)
{
    for (unsigned y = 0; y < SIDE; y++)
        for (size_t x = y < h ? 4 * w : 0; x < STRIDE; x++)
            assert_int_equal(shown[y * STRIDE + x], CANARY);
}

static double mean_error(uint32_t w, uint32_t h)
{
    uint64_t sum = 0;
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < 4 * w; x++) {
            int difference = source[y * STRIDE + x] - model[y * STRIDE + x];
            sum += x % 4 == 3 ? 0 : (uint64_t)(difference * difference);
        }
    return (double)sum / (3.0 * w * h);
}

static void run_size(uint32_t w, uint32_t h, enum fill how)
{
    struct cw_moving_encoder *e;
    struct cw_moving_encoder *plain;
    struct cw_moving_decoder *d;
    struct cw_moving_dsp best = level(cw_isa_best());
    struct cw_moving_dsp c = level(CW_ISA_C);
    assert_int_equal(cw_moving_encoder_new(w, h, &e), 0);
    assert_int_equal(cw_moving_encoder_new(w, h, &plain), 0);
    assert_int_equal(cw_moving_decoder_new(w, h, &d), 0);
    for (unsigned n = 0; n < 6; n++) {
        uint32_t quantiser = (uint32_t[]){30, 33, 0, 51, 12, 24}[n];
        fill(how, n);
        size_t plain_bytes = encode(plain, &c, w, h, quantiser, other);
        size_t bytes = encode(e, &best, w, h, quantiser, data);
        assert_int_equal(bytes, plain_bytes);
        assert_memory_equal(data, other, bytes);
        assert_int_equal(decode(d, n % 2 == 0 ? &best : &c, bytes, w, h), 0);
        assert_memory_equal(shown, model, sizeof(shown));
        expect_inside(w, h);
        if (quantiser == 0)
            assert_true(mean_error(w, h) < 4);
    }
    cw_moving_encoder_free(e);
    cw_moving_encoder_free(plain);
    cw_moving_decoder_free(d);
}

static void test_decoder_shows_the_model(void **state)
{
    (void)state;
    for (unsigned how = 0; how < FILL_COUNT; how++) {
        for (uint32_t side = 1 + how % 2; side <= 18; side += how <= FILL_NOISE ? 1 : 4) {
            run_size(side, 1 + next_random() % 40, (enum fill)how);
            run_size(1 + next_random() % 40, side, (enum fill)how);
        }
        run_size(SIDE, SIDE, (enum fill)how);
        run_size(SIDE - 7, 33, (enum fill)how);
        run_size(17, SIDE - 1, (enum fill)how);
    }
}

static void test_moving_is_cheaper_than_new(void **state)
{
    (void)state;
    struct cw_moving_encoder *e;
    struct cw_moving_dsp dsp = level(cw_isa_best());
    assert_int_equal(cw_moving_encoder_new(SIDE, SIDE, &e), 0);
    size_t first = 0;
    for (unsigned n = 0; n < 4; n++) {
        fill(FILL_WAVES, n);
        size_t bytes = encode(e, &dsp, SIDE - 40, SIDE - 40, 28, data);
        assert_true(mean_error(SIDE - 40, SIDE - 40) < 90);
        if (n == 0)
            first = bytes;
        else
            assert_true(bytes < first / 2);
    }
    /* The same frame again costs next to nothing in the end. */
    for (unsigned n = 0; n < 4; n++)
        first = encode(e, &dsp, SIDE - 40, SIDE - 40, 28, data);
    assert_true(first < 100);
    cw_moving_encoder_free(e);
}

static void test_history_restarts(void **state)
{
    (void)state;
    struct cw_moving_encoder *e;
    struct cw_moving_decoder *d;
    struct cw_moving_decoder *late;
    struct cw_moving_dsp dsp = level(cw_isa_best());
    assert_int_equal(cw_moving_encoder_new(SIDE, SIDE, &e), 0);
    assert_int_equal(cw_moving_decoder_new(SIDE, SIDE, &d), 0);
    assert_int_equal(cw_moving_decoder_new(SIDE, SIDE, &late), 0);
    const struct {
        uint32_t w, h;
        bool restart;
        int wanted_late; /* of a decoder that misses the first frame */
    } rows[] = {
        {90, 50, false, 0}, {90, 50, false, CW_CODEC_ERR_PACKET},
        {90, 50, true, 0},  {90, 50, false, 0},
        {91, 50, false, 0}, /* another size starts anew by itself */
        {91, 50, false, 0}, {50, 91, false, 0},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fill(FILL_WAVES, i);
        if (rows[i].restart)
            cw_moving_encoder_restart(e);
        size_t bytes = encode(e, &dsp, rows[i].w, rows[i].h, 30, data);
        assert_int_equal(decode(d, &dsp, bytes, rows[i].w, rows[i].h), 0);
        assert_memory_equal(shown, model, sizeof(shown));
        if (i != 0)
            assert_int_equal(decode(late, &dsp, bytes, rows[i].w, rows[i].h), rows[i].wanted_late);
        /* What follows is refused at another size, and after a restart. */
        if (i == 3) {
            assert_int_equal(decode(late, &dsp, bytes, 91, 50), CW_CODEC_ERR_PACKET);
            cw_moving_decoder_restart(late);
        }
    }
    cw_moving_encoder_free(e);
    cw_moving_decoder_free(d);
    cw_moving_decoder_free(late);
}

static void test_rate_and_room(void **state)
{
    (void)state;
    struct cw_moving_encoder *e;
    struct cw_moving_decoder *d;
    struct cw_moving_dsp dsp = level(cw_isa_best());
    struct cw_moving_settings s = {.bytes_target = 2000};
    size_t bytes = 0;
    size_t sum = 0;
    assert_int_equal(cw_moving_encoder_new(SIDE, SIDE, &e), 0);
    assert_int_equal(cw_moving_decoder_new(SIDE, SIDE, &d), 0);
    for (unsigned n = 0; n < 40; n++) {
        fill(FILL_WAVES, 5 * n);
        assert_int_equal(cw_moving_encode(e, &dsp, source, STRIDE, SIDE, SIDE, &s, data, ROOM,
                                          &bytes, model, STRIDE),
                         0);
        assert_int_equal(decode(d, &dsp, bytes, SIDE, SIDE), 0);
        sum += n >= 20 ? bytes : 0;
    }
    assert_in_range(sum / 20, 1500, 2500);
    /* A frame that does not fit is coded coarser; one that cannot fit changes nothing and starts anew. */
    fill(FILL_NOISE, 0);
    s = (struct cw_moving_settings){.quantiser = 0};
    memset(model, CANARY, sizeof(model));
    memset(shown, CANARY, sizeof(shown));
    assert_int_equal(
        cw_moving_encode(e, &dsp, source, STRIDE, SIDE, SIDE, &s, data, 200, &bytes, model, STRIDE),
        CW_CODEC_ERR_FULL);
    assert_memory_equal(model, shown, sizeof(model));
    assert_int_equal(cw_moving_encode(e, &dsp, source, STRIDE, SIDE, SIDE, &s, data, 60000, &bytes,
                                      model, STRIDE),
                     0);
    assert_in_range(bytes, 10000, 60000);
    assert_int_equal(decode(d, &dsp, bytes, SIDE, SIDE), 0);
    assert_memory_equal(shown, model, (size_t)STRIDE * SIDE - 12);
    cw_moving_encoder_free(e);
    cw_moving_decoder_free(d);
}

static void test_broken_data(void **state)
{
    (void)state;
    struct cw_moving_encoder *e;
    struct cw_moving_decoder *d;
    struct cw_moving_dsp dsp = level(cw_isa_best());
    const uint32_t w = 75;
    const uint32_t h = 61;
    unsigned refused = 0;
    assert_int_equal(cw_moving_encoder_new(w, h, &e), 0);
    assert_int_equal(cw_moving_decoder_new(w, h, &d), 0);
    fill(FILL_WAVES, 0);
    size_t first = encode(e, &dsp, w, h, 25, other);
    for (size_t cut = 0; cut < first; cut += 1 + cut / 16) {
        memcpy(data, other, first);
        assert_int_equal(decode(d, &dsp, cut, w, h), CW_CODEC_ERR_PACKET);
        expect_inside(w, h);
    }
    data[first] = 0;
    assert_int_equal(decode(d, &dsp, first + 1, w, h), CW_CODEC_ERR_PACKET);
    for (unsigned i = 0; i < 600; i++) {
        memcpy(data, other, first);
        assert_int_equal(decode(d, &dsp, first, w, h), 0);
        size_t bytes = 6 + next_random() % 1500;
        for (size_t k = 0; k < bytes; k++)
            data[k] = (uint8_t)(i % 4 == 0   ? 0xff
                                : i % 4 == 1 ? k < 40 ? next_random() : 0
                                             : next_random());
        data[0] = i % 3 != 0;
        data[1] %= CW_MOVING_QUANTISER_MAX + 1;
        refused += decode(d, &dsp, bytes, w, h) != 0;
        expect_inside(w, h);
    }
    assert_true(refused > 500);
    memcpy(data, other, first);
    data[0] = 2;
    assert_int_equal(decode(d, &dsp, first, w, h), CW_CODEC_ERR_PACKET);
    data[0] = 0;
    data[1] = CW_MOVING_QUANTISER_MAX + 1;
    assert_int_equal(decode(d, &dsp, first, w, h), CW_CODEC_ERR_PACKET);
    cw_moving_encoder_free(e);
    cw_moving_decoder_free(d);
}

static void test_operation_is_measured(void **state)
{
    (void)state;
    const uint8_t head[CW_MOVING_HEAD_BYTES] = {9, 1, 0, 0};
    const struct {
        uint32_t w, h;
        size_t data_bytes, raw_bytes;
        int wanted;
    } rows[] = {
        {1, 1, 4, 265, 0},
        {7680, 1, 40, 4000, 0},
        {4096, 2304, 4, 265, 0},
        {1, 1, 3, 265, CW_CODEC_ERR_PACKET},
        {1, 1, 4, 264, CW_CODEC_ERR_PACKET},
        {7681, 1, 4, 265, CW_CODEC_ERR_PACKET},
        {1, 7681, 4, 265, CW_CODEC_ERR_PACKET},
        {4096, 2305, 4, 265, CW_CODEC_ERR_PACKET},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cw_op op = {.rect = {0, 0, rows[i].w, rows[i].h}, .mode = CW_OP_MOVING};
        const struct cw_colours colours = {0};
        const struct cw_op_data left = {head, rows[i].data_bytes, data, rows[i].raw_bytes};
        struct cw_op_data share = {0};
        assert_int_equal(cw_op_measure(&op, &colours, &left, &share), rows[i].wanted);
        assert_int_equal(share.raw_bytes, rows[i].wanted == 0 ? 265 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoder_shows_the_model),
        cmocka_unit_test(test_moving_is_cheaper_than_new),
        cmocka_unit_test(test_history_restarts),
        cmocka_unit_test(test_rate_and_room),
        cmocka_unit_test(test_broken_data),
        cmocka_unit_test(test_operation_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
