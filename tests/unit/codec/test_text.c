/* SPDX-License-Identifier: Apache-2.0 */
/* Text in indexed colours: what the coder writes is painted again, whatever the size and however many colours; what
 * is no text is declined; and what no coder writes is refused. */
#include "tests/unit/codec/scene.h"

#include "codec/text.h"
#include "codec/text_bands.h"
#include "codec/text_decode.h"
#include "codec/text_join.h"

/* A coder, what it wrote, and a decoder's table and picture. */
struct pair {
    uint32_t width, height;
    struct cw_dsp dsp;
    struct cw_text *text;
    struct cw_body body;
    struct cw_palette palette;
    uint32_t used;     /* colours since the table is new */
    uint32_t renewals; /* of the table */
    bool part;         /* what is coded is part of what was declined */
    size_t spare_px;   /* that may be painted more than was asked for */
    uint8_t *picture, *shown;
};

static void pair_new(struct pair *p, uint32_t width, uint32_t height)
{
    memset(p, 0, sizeof(*p));
    p->width = width;
    p->height = height;
    assert_int_equal(cw_dsp_init(&p->dsp), 0);
    p->text = cw_text_new(width, height);
    assert_non_null(p->text);
    assert_int_equal(cw_body_new(&p->body, width, height), 0);
    p->picture = calloc((size_t)width * height, 4);
    p->shown = calloc((size_t)width * height, 4);
    assert_true(p->picture != NULL && p->shown != NULL);
}

static void pair_free(struct pair *p)
{
    cw_text_free(p->text);
    cw_body_free(&p->body);
    free(p->picture);
    free(p->shown);
}

static void set_pixel(struct pair *p, uint32_t x, uint32_t y, uint32_t colour)
{
    uint8_t *q = p->picture + ((size_t)y * p->width + x) * 4;
    q[0] = (uint8_t)colour;
    q[1] = (uint8_t)(colour >> 8);
    q[2] = (uint8_t)(colour >> 16);
}

/* Text in lines of pitch rows, of so many colours. */
static void draw_text(struct pair *p, uint32_t pitch, uint32_t colours, uint32_t seed)
{
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            uint32_t h = scene_hash(x / 2 + seed, y / pitch * 977 + y % pitch);
            bool ink = y % pitch < pitch - pitch / 4 && h % 3 == 0;
            set_pixel(p, x, y, ink ? (h >> 4) % colours * 0x010203 : 0xffffff);
        }
}

static struct cw_rect whole(const struct pair *p)
{
    return (struct cw_rect){0, 0, p->width, p->height};
}

/* Codes the rectangle; when it is taken, the decoder must show it. */
static bool pass(struct pair *p, struct cw_rect r)
{
    cw_body_clear(&p->body);
    cw_text_survey(p->text, p->picture, &r);
    size_t spare_px = p->spare_px;
    bool taken = cw_text_code(p->text, &p->dsp, p->picture, &r, p->part, &spare_px, &p->body);
    if (!taken)
        cw_text_missed(p->text, &r);
    cw_text_finish(p->text, &p->body);
    if (!taken) {
        assert_int_equal(p->body.op_count, 0);
        assert_int_equal(spare_px, p->spare_px);
        return false;
    }
    /* Rows may have been added above and below, as many as may be. */
    struct cw_rect asked = r;
    r = cw_op_read(p->body.table).rect;
    assert_true(r.x == asked.x && r.w == asked.w && r.y <= asked.y);
    assert_true(r.y + r.h >= asked.y + asked.h && r.y + r.h <= p->height);
    assert_int_equal((size_t)(r.h - asked.h) * r.w, p->spare_px - spare_px);
    if (p->body.colour_bytes != 0) {
        struct cw_colours c = {p->body.colours + 4, cw_read_le16(p->body.colours),
                               cw_read_le16(p->body.colours + 2), 0};
        bool renewed = c.first == 0 && p->palette.count != 0;
        assert_true(renewed || c.first == p->used);
        p->renewals += renewed;
        assert_int_equal(p->body.colour_bytes, 4 + 3 * c.count);
        p->used = c.first + c.count;
        assert_in_range(p->used, 1, CW_COLOURS_MAX);
        c.total = p->used > p->palette.count ? p->used : p->palette.count;
        cw_palette_take(&p->palette, &c);
    }
    size_t bytes;
    assert_int_equal(
        cw_text_measure(&r, p->palette.count, p->body.data, p->body.data_bytes, &bytes), 0);
    assert_int_equal(bytes, p->body.data_bytes);
    assert_in_range(bytes, 1, (size_t)3 * r.w * r.h + 4);
    size_t stride = (size_t)p->width * 4;
    cw_text_paint(&p->dsp, &p->palette, &r, p->body.data, p->shown + r.y * stride + (size_t)r.x * 4,
                  stride);
    for (uint32_t y = r.y; y < r.y + r.h; y++) {
        size_t at = y * stride + (size_t)r.x * 4;
        assert_memory_equal(p->picture + at, p->shown + at, (size_t)r.w * 4);
    }
    return true;
}

static void test_sizes_round_trip(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height, pitch, colours;
    } cases[] = {{8192, 1, 8, 9},    {64, 300, 19, 3},    {700, 333, 13, 200}, {131, 97, 24, 2},
                 {517, 260, 9, 500}, {1030, 64, 33, 256}, {48, 8192, 47, 60},  {90, 90, 90, 255}};
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static struct pair p;
        pair_new(&p, cases[i].width, cases[i].height);
        draw_text(&p, cases[i].pitch, cases[i].colours, i);
        assert_true(pass(&p, whole(&p)));
        /* The history goes on: known colours cost nothing. */
        uint32_t colours = p.palette.count;
        assert_true(pass(&p, whole(&p)));
        assert_int_equal(p.body.colour_bytes, 0);
        assert_int_equal(p.palette.count, colours);
        pair_free(&p);
    }
}

/* The level of the kernels does not show in what is written, escapes included. */
static void test_levels_write_the_same(void **state)
{
    (void)state;
    uint8_t *first = NULL;
    size_t first_bytes = 0;
    for (unsigned isa = CW_ISA_C; isa <= (unsigned)cw_isa_best(); isa++) {
        static struct pair p;
        pair_new(&p, 517, 260);
        cw_dsp_fill(&p.dsp, (enum cw_isa)isa);
        draw_text(&p, 13, 600, 4);
        assert_true(pass(&p, whole(&p)));
        assert_true(p.palette.count > 400);
        if (isa == CW_ISA_C) {
            first_bytes = p.body.data_bytes;
            first = malloc(first_bytes);
            assert_non_null(first);
            memcpy(first, p.body.data, first_bytes);
        }
        assert_int_equal(p.body.data_bytes, first_bytes);
        assert_memory_equal(p.body.data, first, first_bytes);
        pair_free(&p);
    }
    free(first);
}

static void test_rectangles_round_trip(void **state)
{
    (void)state;
    static struct pair p;
    pair_new(&p, 600, 400);
    draw_text(&p, 17, 300, 1);
    unsigned taken = 0;
    for (uint32_t i = 0; i < 60; i++) {
        uint32_t h = scene_hash(i, 5);
        struct cw_rect r = {h % 500, h / 512 % 300, 0, 0};
        r.w = 1 + scene_hash(i, 6) % (p.width - r.x);
        r.h = 1 + scene_hash(i, 7) % (p.height - r.y);
        p.spare_px = scene_hash(i, 8) % 40000;
        taken += pass(&p, r);
    }
    assert_true(taken > 40);
    cw_text_restart(p.text);
    p.palette.count = 0;
    p.used = 0;
    assert_true(pass(&p, whole(&p)));
    pair_free(&p);
}

/* A hundred colours of the n-th sort, and white. */
static uint32_t many_colours(uint32_t i, uint32_t n)
{
    uint32_t h = scene_hash(i, n);
    return h % 2 == 0 ? 0xffffff : h / 2 % 100 * 0x1f3 + n * 0x30000;
}

static void test_colours_that_come_later(void **state)
{
    (void)state;
    static struct pair p;
    pair_new(&p, 400, 200);
    /* 3,000 colours by hundreds, more than one byte tells apart. */
    for (uint32_t n = 0; n < 30; n++) {
        for (uint32_t i = 0; i < 400 * 200; i++)
            set_pixel(&p, i % 400, i / 400, many_colours(i, n));
        assert_true(pass(&p, whole(&p)));
    }
    assert_true(p.palette.count > 2500 && p.palette.count <= CW_COLOURS_MAX);
    /* Then the table is full, and what needs more of it is declined, */
    bool declined = false;
    for (uint32_t n = 30; n < 60 && !declined; n++) {
        for (uint32_t i = 0; i < 400 * 200; i++)
            set_pixel(&p, i % 400, i / 400, many_colours(i, n));
        declined = !pass(&p, whole(&p));
    }
    assert_true(declined);
    /* but what it has goes on to be coded. */
    for (uint32_t i = 0; i < 400 * 200; i++)
        set_pixel(&p, i % 400, i / 400, many_colours(i, 7));
    assert_true(pass(&p, whole(&p)));
    pair_free(&p);
}

static void draw_many(struct pair *p, uint32_t n)
{
    for (uint32_t i = 0; i < p->width * p->height; i++)
        set_pixel(p, i % p->width, i / p->width, many_colours(i, n));
}

/* A table that is full is given up when text is declined for it, but seldom. */
static void test_full_table_is_renewed(void **state)
{
    (void)state;
    static struct pair p;
    pair_new(&p, 400, 200);
    for (uint32_t n = 0; n < 30; n++) {
        draw_many(&p, n);
        assert_true(pass(&p, whole(&p)));
    }
    assert_int_equal(p.renewals, 0);
    /* Ever other colours: without another table nothing would be taken any more. */
    unsigned taken = 0;
    for (uint32_t n = 30; n < 230; n++) {
        draw_many(&p, n);
        taken += pass(&p, whole(&p));
    }
    assert_in_range(p.renewals, 2, 3);
    assert_in_range(taken, 80, 190);
    /* Colours that fit stay, however long it goes on. */
    uint32_t renewals = p.renewals;
    cw_text_restart(p.text);
    p.palette.count = 0;
    p.used = 0;
    for (uint32_t n = 0; n < 200; n++) {
        draw_many(&p, n % 20);
        assert_true(pass(&p, whole(&p)));
    }
    assert_int_equal(p.renewals, renewals);
    pair_free(&p);
}

/* Parts of a patch that was declined leave colours for one another. */
static void test_parts_share_the_table(void **state)
{
    (void)state;
    static struct pair p;
    pair_new(&p, 512, 256);
    for (uint32_t i = 0; i < 512 * 256; i++)
        set_pixel(&p, i % 512, i / 512, i % 512 < 256 ? scene_hash(i, 9) % 1500 : 0x800000);
    struct cw_patch halves[2];
    struct cw_rect all = whole(&p);
    assert_true(cw_text_halve(&all, halves));
    assert_true(halves[0].rect.w == 256 && halves[1].rect.x == 256 && halves[1].rect.w == 256);
    assert_true(halves[0].rect.h == 256 && halves[1].rect.h == 256);
    p.part = true;
    assert_false(pass(&p, halves[0].rect));
    assert_true(pass(&p, halves[1].rect));
    assert_int_equal(p.palette.count, 1);
    p.part = false;
    assert_true(pass(&p, halves[0].rect));
    assert_in_range(p.palette.count, 1400, 1501);
    struct cw_rect small = {16, 32, 127, 129};
    assert_false(cw_text_halve(&small, halves));
    small.h = 300;
    assert_true(cw_text_halve(&small, halves));
    assert_true(halves[1].rect.y == 176 && halves[0].rect.h == 144 && halves[1].rect.h == 156);
    pair_free(&p);
}

static void test_noise_is_declined(void **state)
{
    (void)state;
    static struct pair p;
    pair_new(&p, 300, 200);
    for (uint32_t i = 0; i < 300 * 200; i++)
        set_pixel(&p, i % 300, i / 300, scene_hash(i, 3) & 0xffffff);
    assert_false(pass(&p, whole(&p)));
    assert_int_equal(p.body.data_bytes, 0);
    /* Nothing stays behind of what was declined. */
    draw_text(&p, 15, 40, 2);
    assert_true(pass(&p, whole(&p)));
    assert_true(p.palette.count <= 41);
    pair_free(&p);
}

/* Bands of text with room between the lines are as tall as its lines, wherever the rectangle begins. */
static void test_bands_follow_lines(void **state)
{
    (void)state;
    static struct pair p;
    uint8_t heights[500];
    pair_new(&p, 400, 500);
    for (uint32_t pitch = 12; pitch <= 30; pitch += 3) {
        draw_text(&p, pitch, 20, pitch);
        struct cw_bands *b = cw_bands_new(p.height);
        assert_non_null(b);
        for (uint32_t y = 0; y < 40; y += 13) {
            struct cw_rect r = {0, y, p.width, p.height - y};
            uint32_t count = cw_bands_find(b, &p.dsp, p.picture, p.width, 0, &r, heights);
            uint32_t at = y;
            unsigned cut = 0;
            for (uint32_t i = 0; i + 1 < count; i++) {
                at += heights[i];
                cut += at % pitch != 0 && at % pitch < pitch - pitch / 4;
            }
            assert_int_equal(at + heights[count - 1], p.height);
            assert_int_equal(cut, 0);
            assert_in_range(count, r.h / pitch, r.h / pitch + 3);
        }
        cw_bands_free(b);
    }
    pair_free(&p);
}

/* Rectangles that hold only part of a line are made whole, when they may. */
static void test_lines_become_whole(void **state)
{
    (void)state;
    static struct pair p;
    uint8_t heights[500];
    pair_new(&p, 400, 500);
    draw_text(&p, 20, 20, 1);
    struct cw_bands *b = cw_bands_new(p.height);
    assert_non_null(b);
    struct cw_rect r = {0, 105, 400, 70}; /* rows 100 to 114 and 160 to 174 have ink */
    cw_bands_find(b, &p.dsp, p.picture, p.width, 48, &r, heights);
    assert_in_range(r.y, 80, 100);
    assert_in_range(r.y + r.h, 175, 195);
    r = (struct cw_rect){0, 105, 400, 70};
    cw_bands_find(b, &p.dsp, p.picture, p.width, 4, &r, heights);
    assert_true(r.y == 105 && r.h == 70);
    cw_bands_free(b);
    pair_free(&p);
}

static void test_patches_join(void **state)
{
    (void)state;
    /* Two lines cut by the grid, a word beside them, one far away, and a picture. */
    struct cw_patch patches[] = {
        {{0, 3, 300, 13}, CW_CLASS_TEXT},    {{0, 16, 310, 16}, CW_CLASS_TEXT},
        {{330, 16, 60, 16}, CW_CLASS_TEXT},  {{900, 500, 10, 10}, CW_CLASS_TEXT},
        {{0, 100, 200, 16}, CW_CLASS_PHOTO}, {{0, 34, 300, 10}, CW_CLASS_TEXT},
    };
    uint32_t count = 6;
    size_t spare_px = 100000;
    cw_text_join(patches, &count, &spare_px);
    assert_int_equal(count, 3);
    assert_true(patches[0].rect.x == 0 && patches[0].rect.y == 3);
    assert_true(patches[0].rect.w == 390 && patches[0].rect.h == 41);
    size_t before = 300 * 13 + 310 * 16 + 60 * 16 + 300 * 10;
    assert_int_equal(100000 - spare_px, 390 * 41 - before);
    /* Never over a picture, never beyond what may be painted, and not when little would be shared. */
    struct cw_patch around[] = {{{0, 0, 300, 16}, CW_CLASS_TEXT},
                                {{40, 16, 20, 4}, CW_CLASS_PHOTO},
                                {{0, 20, 300, 16}, CW_CLASS_TEXT}};
    count = 3;
    cw_text_join(around, &count, &spare_px);
    assert_int_equal(count, 3);
    around[1].rect.y = 300;
    spare_px = 299 * 4;
    cw_text_join(around, &count, &spare_px);
    assert_int_equal(count, 3);
    spare_px = 300 * 4;
    cw_text_join(around, &count, &spare_px);
    assert_int_equal(count, 2);
    assert_int_equal(spare_px, 0);
    struct cw_patch corners[] = {{{0, 0, 300, 300}, CW_CLASS_TEXT},
                                 {{300, 300, 300, 300}, CW_CLASS_TEXT}};
    count = 2;
    spare_px = 1000000;
    cw_text_join(corners, &count, &spare_px);
    assert_int_equal(count, 2);
}

/* Of 3 x 4 pixels: bands of 3 and 1 rows, twelve indexes, two of them escapes. */
static const uint8_t valid[] = {3, 1, 0, 1, 2, 3, 255, 5, 6, 7, 254, 255, 0, 9, 44, 1, 255, 0};

static int measure(const uint8_t *data, size_t bytes, uint32_t colours)
{
    const struct cw_rect r = {0, 0, 3, 4};
    size_t used = 0;
    int err = cw_text_measure(&r, colours, data, bytes, &used);
    assert_true(err != 0 || used <= bytes);
    return err;
}

static void test_hostile_data_is_refused(void **state)
{
    (void)state;
    uint8_t data[sizeof(valid)];
    assert_int_equal(measure(valid, sizeof(valid), 301), 0);
    assert_int_not_equal(measure(valid, sizeof(valid), 300), 0); /* an escape beyond the table */
    assert_int_not_equal(measure(valid, sizeof(valid), 254), 0); /* an index beyond it */
    assert_int_not_equal(measure(valid, sizeof(valid), 0), 0);
    for (size_t bytes = 0; bytes < sizeof(valid); bytes++)
        assert_int_not_equal(measure(valid, bytes, 301), 0);
    memcpy(data, valid, sizeof(valid));
    data[0] = 0; /* a band without rows */
    assert_int_not_equal(measure(data, sizeof(data), 301), 0);
    data[0] = 4; /* bands taller than the rectangle */
    assert_int_not_equal(measure(data, sizeof(data), 301), 0);
    memcpy(data, valid, sizeof(valid));
    data[sizeof(data) - 2] = 254; /* an escape that needs none */
    assert_int_not_equal(measure(data, sizeof(data), 301), 0);
    uint8_t long_data[1 + 5000];
    const struct cw_rect r = {0, 0, 50, 100};
    size_t used;
    memset(long_data, 7, sizeof(long_data));
    long_data[0] = 100;
    assert_int_equal(cw_text_measure(&r, 8, long_data, sizeof(long_data), &used), 0);
    for (size_t i = 1; i < sizeof(long_data); i += 37) { /* wherever the index is */
        long_data[i] = 8;
        assert_int_not_equal(cw_text_measure(&r, 8, long_data, sizeof(long_data), &used), 0);
        long_data[i] = 255;
        assert_int_not_equal(cw_text_measure(&r, 8, long_data, sizeof(long_data), &used), 0);
        long_data[i] = 7;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_round_trip),
        cmocka_unit_test(test_levels_write_the_same),
        cmocka_unit_test(test_rectangles_round_trip),
        cmocka_unit_test(test_colours_that_come_later),
        cmocka_unit_test(test_full_table_is_renewed),
        cmocka_unit_test(test_parts_share_the_table),
        cmocka_unit_test(test_noise_is_declined),
        cmocka_unit_test(test_bands_follow_lines),
        cmocka_unit_test(test_lines_become_whole),
        cmocka_unit_test(test_patches_join),
        cmocka_unit_test(test_hostile_data_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
