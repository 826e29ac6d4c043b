/* SPDX-License-Identifier: Apache-2.0 */
/* Operation 5: what is coded is drawn, at every level with the same bytes; what is broken is an error and touches
 * nothing but its rectangle; FORMAT.md lists the tables. */
#include "tests/unit/codec/scene.h"

#include <ctype.h>
#include <stdio.h>

#include "codec/dsp.h"
#include "codec/photo.h"
#include "codec/photo_model.h"

enum { WIDTH = 400, HEIGHT = 200, TEXT_MAX = 262144 };

enum fill { FILL_NOISE, FILL_SMOOTH, FILL_STRIPES, FILL_GREY, FILL_EXTREME, FILL_COUNT };

struct rig {
    struct cw_photo *photo;
    struct cw_photo_reader *reader;
    struct cw_body body;
    uint8_t picture[WIDTH * HEIGHT * 4];
    uint8_t drawn[WIDTH * HEIGHT * 4];
};

static int rig_new(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->photo = cw_photo_new(WIDTH, HEIGHT);
    r->reader = cw_photo_reader_new();
    assert_true(r->photo != NULL && r->reader != NULL);
    assert_int_equal(cw_body_new(&r->body, WIDTH, HEIGHT), 0);
    *state = r;
    return 0;
}

static int rig_free(void **state)
{
    struct rig *r = *state;
    cw_photo_free(r->photo);
    cw_photo_reader_free(r->reader);
    cw_body_free(&r->body);
    free(r);
    return 0;
}

static uint8_t fill_byte(enum fill how, uint32_t x, uint32_t y, uint32_t channel)
{
    uint32_t noise = scene_hash(x * 4 + channel, y);
    switch (how) {
    case FILL_NOISE: return (uint8_t)noise;
    case FILL_SMOOTH: return (uint8_t)(x * (channel + 1) / 3 + y / 2 + noise % 5);
    case FILL_STRIPES: return (uint8_t)(x % 3 == 0 ? 255 - noise % 3 : noise % 7);
    case FILL_GREY: return (uint8_t)(x + y + scene_hash(x, y) % 9);
    case FILL_EXTREME: return (uint8_t)(noise % 2 * 255);
    case FILL_COUNT: break;
    }
    return 0;
}

static void rig_fill(struct rig *r, enum fill how)
{
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (uint32_t c = 0; c < 3; c++)
            r->picture[4 * i + c] = fill_byte(how, i % WIDTH, i / WIDTH, c);
}

static bool code(struct rig *r, enum cw_isa isa, struct cw_rect rect, bool shown)
{
    struct cw_dsp dsp;
    cw_dsp_fill(&dsp, isa);
    cw_body_clear(&r->body);
    const struct cw_photo_task task = {rect, CW_CLASS_PHOTO, shown, false};
    return cw_photo_code(r->photo, &dsp, r->picture, &task, &r->body);
}

/* Draws data and raw bytes, both in memory of exactly their size; what is outside of the rectangle stays. */
static int draw(struct rig *r, enum cw_isa isa, struct cw_rect rect, const uint8_t *data,
                size_t data_bytes, const uint8_t *raw, size_t raw_bytes)
{
    struct cw_dsp dsp;
    struct cw_op op = {.rect = rect, .mode = CW_OP_PHOTO};
    uint8_t *d = malloc(data_bytes + 1);
    uint8_t *w = malloc(raw_bytes + 1);
    assert_true(d != NULL && w != NULL);
    d = realloc(d, data_bytes > 0 ? data_bytes : 1);
    w = realloc(w, raw_bytes > 0 ? raw_bytes : 1);
    memcpy(d, data, data_bytes);
    memcpy(w, raw, raw_bytes);
    cw_dsp_fill(&dsp, isa);
    memcpy(r->drawn, r->picture, sizeof(r->drawn));
    for (uint32_t y = 0; y < rect.h; y++)
        memset(r->drawn + ((size_t)(rect.y + y) * WIDTH + rect.x) * 4, 0, (size_t)rect.w * 4);
    struct cw_op_data share = {d, data_bytes, w, raw_bytes};
    int err = cw_photo_measure(&op, &share, &share);
    if (err == 0 && (share.data_bytes != data_bytes || share.raw_bytes != raw_bytes))
        err = CW_CODEC_ERR_PACKET;
    if (err == 0)
        err = cw_photo_draw(r->reader, &dsp, r->drawn, WIDTH, &(struct cw_photo_part){rect, share},
                            1);
    free(d);
    free(w);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            bool inside = x - rect.x < rect.w && y - rect.y < rect.h;
            size_t at = ((size_t)y * WIDTH + x) * 4;
            if (!inside && memcmp(r->drawn + at, r->picture + at, 4) != 0)
                fail_msg("drawn outside of the rectangle at %u, %u", x, y);
            if (r->drawn[at + 3] != 0)
                fail_msg("X is not 0 at %u, %u", x, y);
        }
    return err;
}

static bool check(struct rig *r, struct cw_rect rect, bool shown)
{
    static uint8_t first[WIDTH * HEIGHT * 3 + CW_PHOTO_WEIGHT_BYTES];
    size_t bytes = 0;
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        enum cw_isa isa = (enum cw_isa)level;
        struct cw_body *b = &r->body;
        if (!code(r, isa, rect, shown)) {
            assert_true(level == CW_ISA_C && b->op_count == 0 && b->raw_bytes == 0);
            return false;
        }
        assert_true(b->data_bytes + b->raw_bytes <= (size_t)3 * rect.w * rect.h + 4);
        if (level != CW_ISA_C) {
            assert_int_equal(b->data_bytes + b->raw_bytes, bytes);
            assert_memory_equal(b->data, first, b->data_bytes);
            assert_memory_equal(b->raw, first + b->data_bytes, b->raw_bytes);
        }
        bytes = b->data_bytes + b->raw_bytes;
        memcpy(first, b->data, b->data_bytes);
        memcpy(first + b->data_bytes, b->raw, b->raw_bytes);
        assert_int_equal(draw(r, isa, rect, b->data, b->data_bytes, b->raw, b->raw_bytes), 0);
        assert_memory_equal(r->drawn, r->picture, sizeof(r->drawn));
    }
    return true;
}

static void test_round_trips(void **state)
{
    struct rig *r = *state;
    static const uint32_t sides[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 130};
    enum { SIDES = sizeof(sides) / sizeof(sides[0]) };
    unsigned coded[FILL_COUNT] = {0};
    for (unsigned how = 0; how < FILL_COUNT; how++) {
        rig_fill(r, (enum fill)how);
        for (unsigned i = 0; i < SIDES; i++)
            for (unsigned k = 0; k < 3; k++) {
                struct cw_rect rect = {k == 0 ? 0 : 5 * k, k == 2 ? 0 : 3 * i, sides[i],
                                       sides[(i * 5 + k * 7) % SIDES]};
                coded[how] += check(r, rect, k != 1);
            }
        coded[how] += check(r, (struct cw_rect){0, 0, WIDTH, HEIGHT}, false);
    }
    /* Noise in all bits takes more than it has; the rest is taken, but for the smallest. */
    assert_int_equal(coded[FILL_NOISE], 0);
    assert_true(coded[FILL_SMOOTH] > 30 && coded[FILL_STRIPES] > 30 && coded[FILL_GREY] > 30);
}

/* What lies around the rectangle predicts it. */
static void test_neighbours_help(void **state)
{
    struct rig *r = *state;
    struct cw_rect strip = {40, 20, 8, 60};
    rig_fill(r, FILL_SMOOTH);
    assert_true(check(r, strip, false));
    size_t alone = r->body.raw_bytes;
    assert_true(check(r, strip, true));
    assert_true(r->body.raw_bytes < alone);
}

/* One colour costs less than a bit a pixel: not for this mode. */
static void test_flat_is_declined(void **state)
{
    struct rig *r = *state;
    memset(r->picture, 0, sizeof(r->picture));
    assert_false(check(r, (struct cw_rect){0, 0, 100, 100}, true));
}

/* Whatever the bytes are: an error or some pixels, inside the rectangle, and no byte read behind their end. */
static void test_hostile_bytes(void **state)
{
    struct rig *r = *state;
    static uint8_t data[CW_PHOTO_HEAD_BYTES + CW_PHOTO_WEIGHT_BYTES];
    static uint8_t raw[WIDTH * HEIGHT * 3];
    struct cw_rect rect = {9, 4, 70, 60};
    rig_fill(r, FILL_SMOOTH);
    assert_true(code(r, CW_ISA_C, rect, true));
    size_t data_bytes = r->body.data_bytes;
    size_t raw_bytes = r->body.raw_bytes;
    for (unsigned round = 0; round < 400; round++) {
        memcpy(data, r->body.data, data_bytes);
        memcpy(raw, r->body.raw, raw_bytes);
        uint32_t at = scene_hash(round, 1);
        size_t cut = round % 4 == 3 ? scene_hash(round, 3) % (raw_bytes / 2) * 2 : 0;
        if (round % 4 == 0)
            data[at % data_bytes] ^= (uint8_t)(1U << scene_hash(round, 2) % 8);
        else if (round % 4 == 1)
            raw[at % raw_bytes] ^= (uint8_t)(1U << scene_hash(round, 2) % 8);
        else if (round % 4 == 2)
            for (size_t i = at % raw_bytes; i < raw_bytes; i++)
                raw[i] = (uint8_t)scene_hash(round, (uint32_t)i);
        if (cut != 0)
            cw_write_le32(data + 1, (uint32_t)(raw_bytes - cut));
        int err = draw(r, cw_isa_best(), rect, data, data_bytes, raw, raw_bytes - cut);
        assert_true(err == 0 || err == CW_CODEC_ERR_PACKET);
        if (round % 4 != 0 && (round % 4 != 3 || cut != 0))
            assert_int_equal(err, CW_CODEC_ERR_PACKET);
    }
}

/* The body's operations, which are two, each with its data and raw bytes in memory of exactly their size. */
static void parts_new(const struct cw_body *b, struct cw_photo_part parts[2])
{
    struct cw_op_data left = {b->data, b->data_bytes, b->raw, b->raw_bytes};
    assert_int_equal(b->op_count, 2);
    for (unsigned i = 0; i < 2; i++) {
        struct cw_op op = cw_op_read(b->table + (size_t)i * CW_OP_BYTES);
        struct cw_op_data share;
        assert_int_equal(cw_photo_measure(&op, &left, &share), 0);
        left.data += share.data_bytes;
        left.data_bytes -= share.data_bytes;
        left.raw += share.raw_bytes;
        left.raw_bytes -= share.raw_bytes;
        uint8_t *data = malloc(share.data_bytes);
        uint8_t *raw = malloc(share.raw_bytes);
        assert_true(data != NULL && raw != NULL);
        memcpy(data, share.data, share.data_bytes);
        memcpy(raw, share.raw, share.raw_bytes);
        parts[i] = (struct cw_photo_part){op.rect, {data, share.data_bytes, raw, share.raw_bytes}};
    }
    assert_int_equal(left.data_bytes + left.raw_bytes, 0);
}

static void parts_free(struct cw_photo_part parts[2])
{
    for (unsigned i = 0; i < 2; i++) {
        free((void *)(uintptr_t)parts[i].share.data);
        free((void *)(uintptr_t)parts[i].share.raw);
    }
}

/* Draws both at once where the rectangles are black, at every level. */
static void check_parts(struct rig *r, const struct cw_photo_part parts[2])
{
    for (unsigned level = CW_ISA_C; level <= (unsigned)cw_isa_best(); level++) {
        struct cw_dsp dsp;
        cw_dsp_fill(&dsp, (enum cw_isa)level);
        memcpy(r->drawn, r->picture, sizeof(r->drawn));
        for (unsigned i = 0; i < 2; i++)
            for (uint32_t y = 0; y < parts[i].rect.h; y++)
                memset(r->drawn + ((size_t)(parts[i].rect.y + y) * WIDTH + parts[i].rect.x) * 4, 0,
                       (size_t)parts[i].rect.w * 4);
        assert_int_equal(cw_photo_draw(r->reader, &dsp, r->drawn, WIDTH, parts, 2), 0);
        assert_memory_equal(r->drawn, r->picture, sizeof(r->drawn));
    }
}

/* Two that are apart are drawn at once; which are follows from what they read and draw. */
static void test_two_at_once(void **state)
{
    struct rig *r = *state;
    static const struct {
        const char *what;
        struct cw_rect a, b;
        bool a_shown, b_shown, apart;
    } cases[] = {
        {"far apart", {0, 0, 100, 90}, {200, 50, 100, 90}, true, true, true},
        {"of other sizes", {0, 0, 100, 30}, {200, 50, 33, 120}, true, true, true},
        {"the second is wide and low", {0, 0, 20, 130}, {100, 50, 300, 9}, false, false, true},
        {"side by side", {10, 10, 100, 90}, {110, 10, 100, 90}, true, false, true},
        {"the second reads the first from the right",
         {10, 10, 100, 90},
         {110, 10, 100, 90},
         false,
         true,
         false},
        {"the first reads the second from the right",
         {110, 10, 100, 90},
         {10, 10, 100, 90},
         true,
         false,
         false},
        {"the second reads the first from below",
         {10, 10, 100, 50},
         {10, 60, 100, 50},
         false,
         true,
         false},
        {"the second reads the first's corner",
         {10, 10, 100, 50},
         {110, 60, 100, 50},
         false,
         true,
         false},
        {"one below the other", {10, 10, 100, 50}, {10, 60, 100, 50}, true, false, true},
        {"one in the other", {10, 10, 100, 50}, {20, 20, 50, 20}, false, false, false},
    };
    rig_fill(r, FILL_SMOOTH);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cw_dsp dsp;
        struct cw_photo_part parts[2];
        const struct cw_photo_task a = {cases[i].a, CW_CLASS_PHOTO, cases[i].a_shown, false};
        const struct cw_photo_task b = {cases[i].b, CW_CLASS_PHOTO, cases[i].b_shown, false};
        cw_dsp_fill(&dsp, CW_ISA_C);
        cw_body_clear(&r->body);
        assert_true(cw_photo_code(r->photo, &dsp, r->picture, &a, &r->body));
        assert_true(cw_photo_code(r->photo, &dsp, r->picture, &b, &r->body));
        parts_new(&r->body, parts);
        if (cw_photo_apart(&parts[0], &parts[1]) != cases[i].apart)
            fail_msg("%s", cases[i].what);
        if (cases[i].apart)
            check_parts(r, parts);
        parts_free(parts);
    }
}

/* A large rectangle becomes two operations that are drawn at once. One broken bit in either is an error. */
static void test_halves(void **state)
{
    struct rig *r = *state;
    struct cw_dsp dsp;
    struct cw_photo_part parts[2];
    const struct cw_photo_task task = {{1, 1, 399, 199}, CW_CLASS_PHOTO, true, true};
    rig_fill(r, FILL_SMOOTH);
    cw_dsp_fill(&dsp, cw_isa_best());
    cw_body_clear(&r->body);
    assert_true(cw_photo_code(r->photo, &dsp, r->picture, &task, &r->body));
    parts_new(&r->body, parts);
    assert_true(cw_photo_apart(&parts[0], &parts[1]));
    check_parts(r, parts);
    for (uint32_t round = 0; round < 40; round++) {
        const struct cw_op_data *share = &parts[round % 2].share;
        uint8_t *at = (uint8_t *)(uintptr_t)share->raw + scene_hash(round, 1) % share->raw_bytes;
        uint8_t bit = (uint8_t)(1U << scene_hash(round, 2) % 8);
        *at ^= bit;
        assert_int_equal(cw_photo_draw(r->reader, &dsp, r->drawn, WIDTH, parts, 2),
                         CW_CODEC_ERR_PACKET);
        *at ^= bit;
    }
    parts_free(parts);
}

/* The rules that hold before anything is drawn. */
static void test_rules(void **state)
{
    (void)state;
    static uint8_t data[CW_PHOTO_HEAD_BYTES + CW_PHOTO_WEIGHT_BYTES];
    static uint8_t raw[64];
    static const struct {
        const char *what;
        uint32_t x, y, side;
        unsigned settings;
        uint32_t raw_bytes;
        size_t data_left;
        int err;
    } cases[] = {
        {"plain", 1, 1, 8, 0, 12, 5, 0},
        {"all settings", 1, 1, 64, 2 | 8 | 16 | 32, 14, sizeof(data), 0},
        {"no data", 1, 1, 8, 0, 12, 4, CW_CODEC_ERR_PACKET},
        {"transform 3", 1, 1, 8, 3, 12, 5, CW_CODEC_ERR_PACKET},
        {"set 3", 1, 1, 64, 12, 12, sizeof(data), CW_CODEC_ERR_PACKET},
        {"unknown bit", 1, 1, 8, 64, 12, 5, CW_CODEC_ERR_PACKET},
        {"above the picture", 1, 0, 8, 16, 12, 5, CW_CODEC_ERR_PACKET},
        {"left of the picture", 0, 1, 8, 32, 12, 5, CW_CODEC_ERR_PACKET},
        {"no state", 1, 1, 8, 0, 10, 5, CW_CODEC_ERR_PACKET},
        {"half a word", 1, 1, 8, 0, 13, 5, CW_CODEC_ERR_PACKET},
        {"more raw bytes than there are", 1, 1, 8, 0, 66, 5, CW_CODEC_ERR_PACKET},
        {"tables for few pixels", 1, 1, 63, 8, 12, sizeof(data), CW_CODEC_ERR_PACKET},
        {"half the tables", 1, 1, 64, 8, 12, sizeof(data) - 1, CW_CODEC_ERR_PACKET},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cw_op op = {.rect = {cases[i].x, cases[i].y, cases[i].side, cases[i].side},
                           .mode = CW_OP_PHOTO};
        struct cw_op_data share = {data, cases[i].data_left, raw, sizeof(raw)};
        data[0] = (uint8_t)cases[i].settings;
        cw_write_le32(data + 1, cases[i].raw_bytes);
        if (cw_photo_measure(&op, &share, &share) != cases[i].err)
            fail_msg("%s", cases[i].what);
    }
    struct cw_op op = {.rect = {0, 0, 64, 64}, .mode = CW_OP_PHOTO};
    struct cw_op_data share = {data, sizeof(data), raw, sizeof(raw)};
    data[0] = CW_PHOTO_SENT << CW_PHOTO_SET_SHIFT;
    cw_write_le32(data + 1, 12);
    data[sizeof(data) - 1] = CW_PHOTO_WEIGHT_MAX + 1;
    assert_int_equal(cw_photo_measure(&op, &share, &share), CW_CODEC_ERR_PACKET);
}

/* Frequencies are at least 1 each and 1024 together, whatever the weights are. */
static void test_frequencies(void **state)
{
    (void)state;
    uint8_t weights[CW_PHOTO_TABLE_WEIGHTS];
    for (uint32_t round = 0; round < 300; round++) {
        for (uint32_t i = 0; i < sizeof(weights); i++)
            weights[i] = (uint8_t)(scene_hash(round, i) % (1 + round % (CW_PHOTO_WEIGHT_MAX + 1)));
        struct cw_photo_freqs f;
        cw_photo_freqs(weights, &f);
        for (uint32_t c = 0; c < CW_PHOTO_CONTEXTS; c++) {
            uint32_t sum = 0;
            for (uint32_t i = 0; i < CW_PHOTO_TOKENS; i++) {
                assert_true(f.of[c][i] >= 1);
                sum += f.of[c][i];
            }
            assert_int_equal(sum, CW_PHOTO_SLOTS);
        }
    }
}

static void test_format_lists_the_tables(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    FILE *f = fopen("codec/FORMAT.md", "rb");
    assert_non_null(f);
    text[fread(text, 1, TEXT_MAX - 1, f)] = '\0';
    fclose(f);
    char *at = strstr(text, "```weights\n");
    assert_non_null(at);
    at = strchr(at, '\n');
    const uint8_t *weights = &cw_photo_weights_default[0][0][0];
    const size_t count = (size_t)CW_PHOTO_DEFAULTS * CW_PHOTO_TABLE_WEIGHTS;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(strtoul(at, &at, 10), weights[i]);
    while (isspace((unsigned char)*at))
        at++;
    assert_true(strncmp(at, "```\n", 4) == 0);
    assert_true(cw_photo_weights_ok(weights, count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trips, rig_new, rig_free),
        cmocka_unit_test_setup_teardown(test_neighbours_help, rig_new, rig_free),
        cmocka_unit_test_setup_teardown(test_flat_is_declined, rig_new, rig_free),
        cmocka_unit_test_setup_teardown(test_hostile_bytes, rig_new, rig_free),
        cmocka_unit_test_setup_teardown(test_two_at_once, rig_new, rig_free),
        cmocka_unit_test_setup_teardown(test_halves, rig_new, rig_free),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_frequencies),
        cmocka_unit_test(test_format_lists_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
