/* SPDX-License-Identifier: Apache-2.0 */
/* The sync contract: two decoders, one from the start and one from a late keyframe, show the
 * model. */
#include "tests/unit/codec/rig.h"

#include <stdio.h>

#include "codec/packet.h"

static void run_scene(enum scene s, uint32_t width, uint32_t height)
{
    struct rig r;
    rig_new(&r, width, height);
    rig_keyframe(&r, r.early);
    for (uint32_t n = 0; n < 14; n++) {
        scene_draw(s, width, height, n, r.frame);
        rig_update(&r);
        if (n == 5) /* the late one joins; the early one never sees this keyframe */
            rig_keyframe(&r, r.late);
        if (n == 9) /* both may apply one, too */
            rig_keyframe(&r, r.early);
    }
    rig_free(&r);
}

static void test_scenes(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1},   {1, 40},    {70, 1},   {15, 17},
                                        {16, 16}, {333, 211}, {641, 130}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (unsigned s = 0; s < SCENE_COUNT; s++)
            run_scene((enum scene)s, sizes[i][0], sizes[i][1]);
}

static void test_changing_scenes(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r, 300, 200);
    rig_keyframe(&r, r.early);
    for (uint32_t n = 0; n < 60; n++) {
        scene_draw((enum scene)(scene_hash(n, 1) % SCENE_COUNT), 300, 200, n, r.frame);
        rig_update(&r);
        if (scene_hash(n, 2) % 5 == 0) {
            rig_keyframe(&r, r.late);
        }
    }
    rig_free(&r);
}

/* Left of icons from x on text, its inks other ones for each n. */
static void draw_coloured(struct rig *r, uint32_t icons, uint32_t n)
{
    memset(r->frame, 0, scene_stride(r->width) * r->height);
    for (uint32_t y = 0; y < r->height; y++)
        for (uint32_t x = 0; x < r->width; x++) {
            uint32_t h = scene_hash(x / 2, y / 13 * 977 + y % 13);
            uint32_t colour = scene_text(x, y);
            if (x >= icons)
                colour = scene_hash(x / 4, y / 4) & 0xffffff;
            else if (y % 13 < 9 && h % 4 == 0)
                colour = n * 0x2000 + (h >> 4) % 200;
            uint8_t *q = r->frame + y * scene_stride(r->width) + (size_t)x * 4;
            q[0] = (uint8_t)colour;
            q[1] = (uint8_t)(colour >> 8);
            q[2] = (uint8_t)(colour >> 16);
        }
}

/* The bytes of the packet's body before compression, for each 100 pixels. Text has 100 to 120, what is none 300. */
static size_t body_per_100(struct rig *r, bool keyframe)
{
    struct cw_header h;
    size_t bytes;
    int err = keyframe ? cw_encoder_keyframe(r->e, r->packet, r->room, &bytes)
                       : cw_encoder_update(r->e, r->frame, scene_stride(r->width), NULL, 0,
                                           r->packet, r->room, &bytes);
    assert_int_equal(err, 0);
    assert_int_equal(cw_header_read(r->packet, bytes, &h), 0);
    assert_int_equal(cw_decoder_apply(r->early, r->packet, bytes), 0);
    assert_in_sync(r->early, r->e, r->width, r->height);
    return (size_t)h.body_bytes * 100 / (r->width * r->height);
}

/* Icons in more colours than a table has do not keep the text beside them from being coded as text. */
static void test_keyframe_of_text_and_icons(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r, 1024, 512);
    rig_keyframe(&r, r.early);
    draw_coloured(&r, 768, 1);
    rig_update(&r);
    assert_in_range(body_per_100(&r, true), 50, 200);
    rig_free(&r);
}

/* A table full of colours that are gone is replaced, and decoders follow. */
static void test_colours_are_renewed(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r, 320, 208);
    rig_keyframe(&r, r.early);
    size_t most = 0;
    size_t last = 0;
    for (uint32_t n = 0; n < 80; n++) {
        draw_coloured(&r, 320, n);
        last = body_per_100(&r, false);
        most = last > most ? last : most;
    }
    assert_in_range(most, 200, 310); /* declined for the full table, */
    assert_in_range(last, 20, 150);  /* but no longer */
    rig_free(&r);
}

static void test_unchanged_frame_is_no_packet(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes = 99;
    rig_new(&r, 100, 50);
    scene_draw(SCENE_BOXES, 100, 50, 1, r.frame);
    rig_keyframe(&r, r.early);
    rig_update(&r);
    uint32_t number = cw_encoder_update_number(r.e);
    for (size_t i = 3; i < scene_stride(100) * 50;
         i += 4) /* only the ignored bytes (and the slack) */
        r.frame[i] ^= 0x5a;
    assert_int_equal(
        cw_encoder_update(r.e, r.frame, scene_stride(100), NULL, 0, r.packet, r.room, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(cw_encoder_update_number(r.e), number);
    rig_free(&r);
}

static void test_lost_update(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes;
    rig_new(&r, 120, 90);
    rig_keyframe(&r, r.early);
    for (uint32_t n = 0; n < 3; n++) {
        scene_draw(SCENE_NOISE, 120, 90, n, r.frame);
        assert_int_equal(
            cw_encoder_update(r.e, r.frame, scene_stride(120), NULL, 0, r.packet, r.room, &bytes),
            0);
        if (n != 1)
            assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes),
                             n == 0 ? 0 : CW_CODEC_ERR_SYNC);
    }
    /* A packet that would follow the picture it still shows is refused too: sync is gone. */
    rig_keyframe(&r, r.early);
    scene_draw(SCENE_SCROLL, 120, 90, 0, r.frame);
    rig_update(&r);
    rig_free(&r);
}

static void test_repeated_update(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes;
    rig_new(&r, 64, 64);
    rig_keyframe(&r, r.early);
    scene_draw(SCENE_PHOTO, 64, 64, 0, r.frame);
    assert_int_equal(
        cw_encoder_update(r.e, r.frame, scene_stride(64), NULL, 0, r.packet, r.room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), 0);
    assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), CW_CODEC_ERR_SYNC);
    rig_free(&r);
}

static void test_resize(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes;
    rig_new(&r, 200, 100);
    rig_keyframe(&r, r.early);
    scene_draw(SCENE_BOXES, 200, 100, 0, r.frame);
    rig_update(&r);
    assert_int_equal(cw_encoder_resize(r.e, 100, 90), 0);
    r.width = 100;
    r.height = 90;
    assert_true(cw_encoder_packet_bytes_max(r.e) <= r.room);
    scene_draw(SCENE_TYPING, 100, 90, 0, r.frame);
    /* Without the keyframe of the new size an update fits no decoder. */
    assert_int_equal(
        cw_encoder_update(r.e, r.frame, scene_stride(100), NULL, 0, r.packet, r.room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), CW_CODEC_ERR_SYNC);
    rig_keyframe(&r, r.early);
    for (uint32_t n = 1; n < 4; n++) {
        scene_draw(SCENE_TYPING, 100, 90, n, r.frame);
        rig_update(&r);
    }
    rig_free(&r);
}

static void test_hints(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes;
    rig_new(&r, 320, 200);
    scene_draw(SCENE_TYPING, 320, 200, 0, r.frame);
    rig_keyframe(&r, r.early);
    rig_update(&r);
    size_t stride = scene_stride(320);
    /* Two changes, one hinted: only that one is coded. */
    r.frame[50 * stride + (size_t)100 * 4] ^= 0xff;
    r.frame[150 * stride + (size_t)300 * 4] ^= 0xff;
    const struct cw_rect near = {98, 48, 5, 5};
    assert_int_equal(cw_encoder_update(r.e, r.frame, stride, &near, 1, r.packet, r.room, &bytes),
                     0);
    assert_true(bytes > 0);
    assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), 0);
    assert_in_sync(r.early, r.e, 320, 200);
    size_t count;
    const struct cw_rect *damage = cw_decoder_damage(r.early, &count);
    assert_int_equal(count, 1);
    assert_int_equal(damage[0].x, 100);
    assert_int_equal(damage[0].y, 50);
    assert_int_equal(damage[0].w, 1);
    assert_int_equal(damage[0].h, 1);
    assert_false(scene_equals(cw_encoder_model(r.e), r.frame, stride, 320, 200));
    /* Hints beyond the picture are clipped; empty and outside ones say nothing. */
    const struct cw_rect far[] = {
        {400, 10, 5, 5}, {10, 10, 0, 7}, {290, 140, 0xffffffff, 0xffffffff}};
    assert_int_equal(cw_encoder_update(r.e, r.frame, stride, far, 2, r.packet, r.room, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(cw_encoder_update(r.e, r.frame, stride, far, 3, r.packet, r.room, &bytes), 0);
    assert_true(bytes > 0);
    assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), 0);
    assert_in_sync(r.early, r.e, 320, 200);
    assert_true(scene_equals(cw_encoder_model(r.e), r.frame, stride, 320, 200));
    rig_free(&r);
}

/* Damage tells every pixel that changed: a canvas that copies only damage shows the picture. */
static void test_damage_is_enough(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes;
    static uint8_t canvas[150 * 70 * 4];
    static uint8_t part[sizeof(canvas)];
    rig_new(&r, 150, 70);
    for (uint32_t n = 0; n < 40; n++) {
        scene_draw((enum scene)(scene_hash(n, 7) % SCENE_COUNT), 150, 70, n, r.frame);
        assert_int_equal(
            cw_encoder_update(r.e, r.frame, scene_stride(150), NULL, 0, r.packet, r.room, &bytes),
            0);
        if (n % 10 == 0)
            assert_int_equal(cw_encoder_keyframe(r.e, r.packet, r.room, &bytes), 0);
        assert_int_equal(cw_decoder_apply(r.early, r.packet, bytes), 0);
        size_t count;
        const struct cw_rect *damage = cw_decoder_damage(r.early, &count);
        for (size_t i = 0; i < count; i++) {
            const struct cw_rect *d = &damage[i];
            assert_int_equal(cw_decoder_copy_rgba(r.early, *d, part, sizeof(part)), 0);
            for (uint32_t y = 0; y < d->h; y++)
                memcpy(canvas + ((d->y + y) * 150 + d->x) * 4, part + (size_t)y * d->w * 4,
                       (size_t)d->w * 4);
        }
        const uint8_t *model = cw_encoder_model(r.e);
        for (size_t i = 0; i < sizeof(canvas); i += 4)
            assert_true(canvas[i] == model[i + 2] && canvas[i + 1] == model[i + 1] &&
                        canvas[i + 2] == model[i] && canvas[i + 3] == 255);
    }
    rig_free(&r);
}

static void test_arguments(void **state)
{
    (void)state;
    struct cw_encoder *e;
    struct cw_decoder *d;
    uint8_t out[8];
    uint8_t frame[16 * 16 * 4] = {0};
    size_t bytes = 77;
    assert_int_equal(cw_encoder_new(0, 5, &e), CW_CODEC_ERR_ARGUMENT);
    assert_int_equal(cw_encoder_new(5, CW_CODEC_SIDE_PX_MAX + 1, &e), CW_CODEC_ERR_ARGUMENT);
    assert_int_equal(cw_encoder_new(16, 16, &e), 0);
    assert_int_equal(cw_encoder_update(e, frame, 63, NULL, 0, out, sizeof(out), &bytes),
                     CW_CODEC_ERR_ARGUMENT);
    assert_int_equal(cw_encoder_update(e, frame, 64, NULL, 0, out, sizeof(out), &bytes),
                     CW_CODEC_ERR_FULL);
    assert_int_equal(cw_encoder_keyframe(e, out, sizeof(out), &bytes), CW_CODEC_ERR_FULL);
    assert_int_equal(bytes, 77);
    assert_int_equal(cw_encoder_resize(e, 16, 0), CW_CODEC_ERR_ARGUMENT);
    assert_int_equal(cw_decoder_new(0, &d), 0);
    assert_int_equal(cw_decoder_width(d), 0);
    const struct cw_rect one = {0, 0, 1, 1};
    assert_int_equal(cw_decoder_copy_rgba(d, one, out, sizeof(out)), CW_CODEC_ERR_ARGUMENT);
    cw_encoder_free(e);
    cw_decoder_free(d);
    for (int err = CW_CODEC_ERR_ISA; err <= 0; err++)
        assert_string_not_equal(cw_codec_err_text(err), cw_codec_err_text(-99));
}

static void test_pixels_max(void **state)
{
    (void)state;
    struct rig r;
    size_t bytes;
    struct cw_decoder *small;
    rig_new(&r, 100, 100);
    assert_int_equal(cw_decoder_new(9999, &small), 0);
    assert_int_equal(cw_encoder_keyframe(r.e, r.packet, r.room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(small, r.packet, bytes), CW_CODEC_ERR_PACKET);
    assert_int_equal(cw_decoder_width(small), 0);
    cw_decoder_free(small);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_changing_scenes),
        cmocka_unit_test(test_keyframe_of_text_and_icons),
        cmocka_unit_test(test_colours_are_renewed),
        cmocka_unit_test(test_unchanged_frame_is_no_packet),
        cmocka_unit_test(test_lost_update),
        cmocka_unit_test(test_repeated_update),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_damage_is_enough),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_pixels_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
