/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures with loss: they arrive as JPEG, decoders show the model all the time and whenever they join, copies carry
 * the loss, and what rests becomes exact within its budget, the oldest first. Text never has any loss. */
#include "tests/unit/codec/rig.h"

#include <stdio.h>

#include "codec/lossy.h"
#include "codec/packet.h"

enum { WIDTH = 500, HEIGHT = 330, STEP_NS = 50000000 };

static int start(void **state)
{
    static struct rig r;
    struct cw_encoder_settings s = cw_encoder_defaults();
    s.lossy_pictures = true;
    rig_new(&r, WIDTH, HEIGHT);
    assert_int_equal(cw_encoder_set(r.e, &s), 0);
    r.now_ns = 1000000000;
    *state = &r;
    return 0;
}

static int end(void **state)
{
    rig_free(*state);
    return 0;
}

static void join(struct rig *r, struct cw_decoder *d)
{
    rig_keyframe(r, d);
    /* Whoever is in sync skips it or applies it, with the same result. */
    if (d == r->late && r->bytes % 2 == 0)
        assert_int_equal(cw_decoder_apply(r->early, r->packet, r->bytes), 0);
}

static void update(struct rig *r, size_t budget, bool nothing_changed)
{
    const struct cw_rect nothing = {0};
    r->now_ns += STEP_NS;
    cw_encoder_turn(r->e, r->now_ns, budget);
    assert_int_equal(cw_encoder_update(r->e, r->frame, scene_stride(WIDTH), &nothing,
                                       nothing_changed, r->packet, r->room, &r->bytes),
                     0);
    rig_apply(r);
}

static bool is_exact(const struct rig *r)
{
    return scene_equals(cw_encoder_model(r->e), r->frame, scene_stride(WIDTH), WIDTH, HEIGHT);
}

/* A photograph, as a camera's noise makes one: no two neighbours alike. */
static uint32_t photo_pixel(uint32_t x, uint32_t y, uint32_t n)
{
    uint32_t wave = (x * 3 + y * 2 + n * 5) % 240;
    uint32_t base = wave < 120 ? wave : 240 - wave;
    uint32_t noise = scene_hash(x * 4099 + y, n);
    return (base + 40 + (noise & 7)) << 16 | (base + 20 + (noise >> 8 & 7)) << 8 |
           (base + 60 + (noise >> 16 & 7));
}

static void put_pixel(struct rig *r, uint32_t x, uint32_t y, uint32_t rgb)
{
    uint8_t *p = r->frame + y * scene_stride(WIDTH) + (size_t)x * 4;
    p[0] = (uint8_t)rgb;
    p[1] = (uint8_t)(rgb >> 8);
    p[2] = (uint8_t)(rgb >> 16);
    p[3] = (uint8_t)(x ^ y);
}

static void draw_photo(struct rig *r, struct cw_rect at, uint32_t n)
{
    for (uint32_t y = at.y; y < at.y + at.h; y++)
        for (uint32_t x = at.x; x < at.x + at.w; x++)
            put_pixel(r, x, y, photo_pixel(x - at.x, y - at.y, n));
}

/* Text, and a photograph on it. */
static void draw_page(struct rig *r, struct cw_rect photo, uint32_t n)
{
    scene_draw(SCENE_TYPING, WIDTH, HEIGHT, n, r->frame);
    draw_photo(r, photo, n);
}

static double mean_square(const struct rig *r, struct cw_rect at)
{
    double sum = 0;
    for (uint32_t y = at.y; y < at.y + at.h; y++)
        for (uint32_t x = at.x; x < at.x + at.w; x++)
            for (uint32_t k = 0; k < 3; k++) {
                double d = cw_encoder_model(r->e)[((size_t)y * WIDTH + x) * 4 + k] -
                           r->frame[y * scene_stride(WIDTH) + (size_t)x * 4 + k];
                sum += d * d;
            }
    return sum / (at.w * at.h * 3);
}

static const struct cw_rect photo = {64, 64, 320, 192};

static void test_a_picture_arrives_lossy_and_becomes_exact(void **state)
{
    struct rig *r = *state;
    join(r, r->early);
    draw_page(r, photo, 0);
    update(r, SIZE_MAX, false);
    assert_false(is_exact(r));
    assert_true(mean_square(r, photo) < 30);
    size_t first = r->bytes;
    assert_true(cw_encoder_has_more(r->e));
    assert_int_equal(cw_encoder_due_ns(r->e), r->now_ns + CW_CODEC_REST_NS);
    /* Not before it has rested. */
    update(r, SIZE_MAX, true);
    assert_int_equal(r->bytes, 0);
    update(r, SIZE_MAX, true);
    update(r, SIZE_MAX, true);
    assert_int_equal(r->bytes, 0);
    update(r, SIZE_MAX, true);
    assert_true(r->bytes > first);
    assert_true(is_exact(r));
    assert_false(cw_encoder_has_more(r->e));
    /* A frame that did not change gives nothing, lossy or not. */
    update(r, SIZE_MAX, false);
    assert_int_equal(r->bytes, 0);
}

static void test_text_is_exact_at_once(void **state)
{
    struct rig *r = *state;
    join(r, r->early);
    for (uint32_t n = 0; n < 4; n++) {
        draw_page(r, photo, n);
        update(r, 1000, false); /* pictures do not get what they want, text does */
        uint8_t *frame = r->frame;
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++) {
                /* Cells that the photograph fills only in part are no pictures: it starts and ends at cells' bounds. */
                bool in_photo = x - photo.x < photo.w && y - photo.y < photo.h;
                const uint8_t *p = frame + y * scene_stride(WIDTH) + (size_t)x * 4;
                if (!in_photo)
                    assert_memory_equal(cw_encoder_model(r->e) + ((size_t)y * WIDTH + x) * 4, p, 3);
            }
    }
}

static void test_budget_chooses_quality_and_pace(void **state)
{
    struct rig *r = *state;
    size_t bytes[2];
    double error[2];
    join(r, r->early);
    for (unsigned i = 0; i < 2; i++) {
        for (uint32_t n = 0; n < 8; n++) { /* the estimate learns */
            draw_photo(r, photo, 10 + 10 * i + n);
            update(r, i == 0 ? 100000 : 4000, false);
        }
        bytes[i] = r->bytes;
        error[i] = mean_square(r, photo);
    }
    /* By then it is a film, which needs far less than either. */
    assert_true(bytes[1] <= 4000 && bytes[0] > bytes[1]);
    assert_true(error[1] > error[0]);
    /* Build-up takes several updates then, none much over its budget. */
    unsigned updates = 0;
    r->now_ns += CW_CODEC_REST_NS;
    while (cw_encoder_has_more(r->e)) {
        update(r, 20000, true);
        assert_true(r->bytes > 0 && r->bytes < 30000);
        updates++;
    }
    assert_true(is_exact(r));
    assert_in_range(updates, 4, 40);
}

static void test_oldest_is_built_up_first(void **state)
{
    struct rig *r = *state;
    const struct cw_rect old = {0, 0, 128, 64};
    const struct cw_rect new = {256, 128, 128, 64};
    join(r, r->early);
    scene_draw(SCENE_TYPING, WIDTH, HEIGHT, 0, r->frame);
    draw_photo(r, old, 1);
    update(r, SIZE_MAX, false);
    draw_photo(r, new, 2);
    update(r, 0, false);
    assert_true(mean_square(r, old) > 0 && mean_square(r, new) > 0);
    r->now_ns += CW_CODEC_REST_NS;
    while (mean_square(r, old) > 0) {
        assert_true(mean_square(r, new) > 0);
        update(r, 15000, true);
    }
    /* What keeps changing is left alone. */
    for (uint32_t n = 0; n < 10; n++) {
        draw_photo(r, new, 3 + n);
        update(r, SIZE_MAX, false);
        assert_true(mean_square(r, new) > 0);
    }
}

static void test_a_copy_carries_the_loss(void **state)
{
    struct rig *r = *state;
    static uint8_t before[4 * (WIDTH + SCENE_SLACK) * HEIGHT];
    join(r, r->early);
    draw_page(r, photo, 0);
    update(r, SIZE_MAX, false);
    size_t first = r->bytes;
    double error = mean_square(r, photo);
    memcpy(before, r->frame, scene_stride(WIDTH) * HEIGHT);
    for (uint32_t y = 0; y + 37 < HEIGHT; y++)
        memcpy(r->frame + y * scene_stride(WIDTH), before + (y + 37) * scene_stride(WIDTH),
               (size_t)WIDTH * 4);
    update(r, SIZE_MAX, false);
    assert_true(r->bytes > 0 && r->bytes < first / 2); /* it was moved, not coded anew */
    const struct cw_rect moved = {photo.x, photo.y - 37, photo.w, photo.h};
    assert_true(mean_square(r, moved) > error / 2);
    join(r, r->late);
    r->now_ns += CW_CODEC_REST_NS;
    update(r, SIZE_MAX, true);
    assert_true(is_exact(r));
    assert_false(cw_encoder_has_more(r->e));
}

static void test_a_keyframe_sends_the_jpegs_again(void **state)
{
    struct rig *r = *state;
    join(r, r->early);
    draw_page(r, photo, 0);
    update(r, SIZE_MAX, false);
    size_t first = r->bytes;
    join(r, r->late);
    assert_true(r->bytes < first + first / 8);
    /* Text over a part of it: that part, and no more, costs as it is. */
    scene_draw(SCENE_TYPING, WIDTH, HEIGHT, 0, r->frame);
    draw_photo(r, photo, 0);
    for (uint32_t y = 70; y < 100; y++)
        for (uint32_t x = 90; x < 240; x++)
            put_pixel(r, x, y, scene_text(x, y));
    update(r, SIZE_MAX, false);
    join(r, r->early);
    r->now_ns += CW_CODEC_REST_NS;
    update(r, SIZE_MAX, true);
    assert_true(is_exact(r));
    join(r, r->late);
}

static void test_settings_are_live(void **state)
{
    struct rig *r = *state;
    struct cw_encoder_settings s = cw_encoder_defaults();
    join(r, r->early);
    draw_page(r, photo, 0);
    update(r, SIZE_MAX, false);
    assert_false(is_exact(r));
    /* No loss wanted any more: at once, whatever the budget. */
    assert_int_equal(cw_encoder_set(r->e, &s), 0);
    assert_true(cw_encoder_has_more(r->e));
    update(r, 0, true);
    assert_true(is_exact(r));
    draw_page(r, photo, 1);
    update(r, 0, false);
    assert_true(is_exact(r));
    for (int mode = 0; mode < CW_COLOURS_COUNT; mode++) {
        s.colours = (enum cw_colour_mode)(CW_COLOURS_COUNT - 1 - mode);
        assert_int_equal(cw_encoder_set(r->e, &s), 0);
        assert_true(cw_encoder_has_more(r->e));
        r->now_ns += CW_CODEC_REST_NS;
        update(r, SIZE_MAX, true);
        assert_true(r->bytes > 0 || s.colours == CW_COLOURS_VIDEO);
        join(r, mode % 2 == 0 ? r->late : r->early);
        while (cw_encoder_has_more(r->e))
            update(r, SIZE_MAX, true);
        /* Without loss relative to the converted frame, which is one of the mode's colours itself. */
        draw_page(r, photo, (uint32_t)mode + 2);
        update(r, SIZE_MAX, false);
        r->now_ns += CW_CODEC_REST_NS;
        update(r, SIZE_MAX, true);
        bool full = s.colours == CW_COLOURS_FULL || s.colours == CW_COLOURS_VIDEO;
        assert_int_equal(is_exact(r), full);
        for (size_t i = 0; i < (size_t)WIDTH * HEIGHT * 4 && s.colours == CW_COLOURS_GREY; i++)
            assert_true(i % 4 == 3 || cw_encoder_model(r->e)[i] % 85 == 0);
    }
    assert_true(is_exact(r));
}

static void test_settings_are_checked(void **state)
{
    struct rig *r = *state;
    struct cw_encoder_settings s = cw_encoder_defaults();
    s.quality_min = 0;
    assert_int_equal(cw_encoder_set(r->e, &s), CW_CODEC_ERR_ARGUMENT);
    s.quality_min = 90;
    assert_int_equal(cw_encoder_set(r->e, &s), CW_CODEC_ERR_ARGUMENT);
    s.quality_max = 101;
    assert_int_equal(cw_encoder_set(r->e, &s), CW_CODEC_ERR_ARGUMENT);
    s = cw_encoder_defaults();
    s.colours = CW_COLOURS_COUNT;
    assert_int_equal(cw_encoder_set(r->e, &s), CW_CODEC_ERR_ARGUMENT);
}

/* All together, at random: photographs, text, scrolling, rests, budgets, keyframes, colours, sizes. */
static void test_random_life(void **state)
{
    struct rig *r = *state;
    struct cw_encoder_settings s = cw_encoder_defaults();
    s.lossy_pictures = true;
    join(r, r->early);
    scene_draw(SCENE_TYPING, WIDTH, HEIGHT, 0, r->frame);
    for (uint32_t n = 0; n < 250; n++) {
        uint32_t h = scene_hash(n, 77);
        struct cw_rect at = {h % 400, (h >> 9) % 250, 20 + (h >> 5) % 80, 20 + (h >> 13) % 60};
        switch (h >> 28) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4: draw_photo(r, at, n); break;
        case 5:
            memmove(r->frame, r->frame + 16 * scene_stride(WIDTH),
                    scene_stride(WIDTH) * (HEIGHT - 16));
            break;
        case 6:
            for (uint32_t y = at.y; y < at.y + at.h; y++)
                for (uint32_t x = at.x; x < at.x + at.w; x++)
                    put_pixel(r, x, y, scene_text(x, y));
            break;
        case 7: join(r, n % 2 == 0 ? r->late : r->early); break;
        case 8: r->now_ns += CW_CODEC_REST_NS; break;
        case 9:
            s.colours = (enum cw_colour_mode)(h % 19 < 5 ? h % 19 : 0);
            s.lossy_pictures = h % 3 != 0;
            s.quality_max = (uint8_t)(41 + h % 60);
            assert_int_equal(cw_encoder_set(r->e, &s), 0);
            break;
        default: break;
        }
        update(r, h % 4 == 0 ? SIZE_MAX : h % 50000, h >> 28 > 12);
    }
    s = cw_encoder_defaults();
    assert_int_equal(cw_encoder_set(r->e, &s), 0);
    update(r, SIZE_MAX, false);
    assert_true(is_exact(r));
    assert_false(cw_encoder_has_more(r->e));
}

/* What was seen is the model itself until something has loss, and a picture of its own from then on. */
static void test_seen_is_the_model_at_first(void **state)
{
    (void)state;
    static uint8_t model[WIDTH * HEIGHT * 4];
    static const uint8_t frame[WIDTH * HEIGHT * 4] = {1, 2, 3};
    struct cw_dsp dsp;
    const struct cw_rect rect = {0, 0, 16, 16};
    struct cw_lossy *l = cw_lossy_new(WIDTH, HEIGHT, model);
    assert_non_null(l);
    assert_int_equal(cw_dsp_init(&dsp), 0);
    cw_lossy_see(l, &dsp, &rect, frame, (size_t)WIDTH * 4);
    assert_ptr_equal(cw_lossy_picture(l), model);
    assert_int_equal(model[0], 0); /* it is not for cw_lossy_see to change it */
    model[5] = 77;
    cw_lossy_begin(l);
    assert_ptr_not_equal(cw_lossy_picture(l), model);
    assert_memory_equal(cw_lossy_picture(l), model, sizeof(model));
    model[5] = 0;
    cw_lossy_begin(l); /* only once */
    cw_lossy_see(l, &dsp, &rect, frame, (size_t)WIDTH * 4);
    assert_memory_equal(cw_lossy_picture(l), frame, 5);
    cw_lossy_free(l);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seen_is_the_model_at_first),
        TEST(test_a_picture_arrives_lossy_and_becomes_exact),
        TEST(test_text_is_exact_at_once),
        TEST(test_budget_chooses_quality_and_pace),
        TEST(test_oldest_is_built_up_first),
        TEST(test_a_copy_carries_the_loss),
        TEST(test_a_keyframe_sends_the_jpegs_again),
        TEST(test_settings_are_live),
        TEST(test_settings_are_checked),
        TEST(test_random_life),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
