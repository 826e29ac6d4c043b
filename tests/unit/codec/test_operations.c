/* SPDX-License-Identifier: Apache-2.0 */
/* There are operations for all that an update holds, also where one part could take nearly all of them: a 4K desktop
 * with thousands of small changes beside a large picture, and beside a large patch of text in too many colours; and
 * narrow pictures, which have few operations, with much that is saved and comes back. */
#include "tests/unit/codec/scene.h"

enum {
    WIDTH = 3840,
    HEIGHT = 2160,
    CELL_PX = 16,
    APART_PX = 3 * CELL_PX, /* small changes, so that no two of them are one patch */
    MANY_ROWS = 43 * CELL_PX,
};

static uint8_t *new_frame(void)
{
    uint8_t *frame = calloc(HEIGHT, scene_stride(WIDTH));
    assert_non_null(frame);
    return frame;
}

/* Smooth, but every other pixel equals its left neighbour: a photograph that is always sent exactly. */
static void draw_smooth(uint8_t *frame, uint32_t y0, uint32_t y1)
{
    for (uint32_t y = y0; y < y1; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            memset(frame + y * scene_stride(WIDTH) + (size_t)x * 4, (int)((x / 2 + y / 3) % 200),
                   3);
}

/* Small changes all over some rows, none below or beside another. */
static void change_cells(uint8_t *frame, uint32_t y0, uint32_t y1)
{
    for (uint32_t y = y0; y < y1; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint32_t shifted = x + y / CELL_PX % 2 * CELL_PX;
            if (shifted % APART_PX < CELL_PX)
                frame[y * scene_stride(WIDTH) + (size_t)x * 4] += 3;
        }
}

static void check_update(struct cw_encoder *e, struct cw_decoder *d, const uint8_t *frame)
{
    size_t room = cw_encoder_packet_bytes_max(e);
    uint8_t *packet = malloc(room);
    size_t bytes = 0;
    assert_non_null(packet);
    assert_int_equal(
        cw_encoder_update(e, frame, scene_stride(WIDTH), NULL, 0, packet, room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(d, packet, bytes), 0);
    assert_in_sync(d, e, WIDTH, HEIGHT);
    free(packet);
}

static void open_both(struct cw_encoder **e, struct cw_decoder **d, bool lossy)
{
    struct cw_encoder_settings s = cw_encoder_defaults();
    s.lossy_pictures = lossy;
    assert_int_equal(cw_encoder_new(WIDTH, HEIGHT, e), 0);
    assert_int_equal(cw_encoder_set(*e, &s), 0);
    assert_int_equal(cw_decoder_new(0, d), 0);
    size_t room = cw_encoder_packet_bytes_max(*e);
    uint8_t *packet = malloc(room);
    size_t bytes;
    assert_non_null(packet);
    assert_int_equal(cw_encoder_keyframe(*e, packet, room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(*d, packet, bytes), 0);
    free(packet);
}

static void test_photographs_before_a_large_picture(void **state)
{
    (void)state;
    struct cw_encoder *e;
    struct cw_decoder *d;
    uint8_t *frame = new_frame();
    open_both(&e, &d, true);
    cw_encoder_turn(e, 1000000000, SIZE_MAX);
    draw_smooth(frame, 0, MANY_ROWS);
    check_update(e, d, frame);
    change_cells(frame, 0, MANY_ROWS);
    for (uint32_t y = MANY_ROWS; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            for (uint32_t c = 0; c < 3; c++)
                frame[y * scene_stride(WIDTH) + (size_t)x * 4 + c] =
                    (uint8_t)((x * 3 + y * 2) / 40 % 200 + scene_hash(x + c, y) % 16);
    check_update(e, d, frame);
    cw_encoder_free(e);
    cw_decoder_free(d);
    free(frame);
}

static void test_many_changes_below_text_in_too_many_colours(void **state)
{
    (void)state;
    struct cw_encoder *e;
    struct cw_decoder *d;
    uint8_t *frame = new_frame();
    open_both(&e, &d, false);
    const uint32_t noise_rows = HEIGHT - 45 * CELL_PX;
    for (uint32_t y = 0; y < noise_rows; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint32_t p = scene_pixel(SCENE_NOISE, x, y, 1);
            memcpy(frame + y * scene_stride(WIDTH) + (size_t)x * 4, &p, 3);
        }
    change_cells(frame, noise_rows, HEIGHT);
    check_update(e, d, frame);
    cw_encoder_free(e);
    cw_decoder_free(d);
    free(frame);
}

enum { TILE_PX = 64, LAYERS = 3 };

/* Layer n of what a place may show: noise of its own. */
static uint32_t layer_pixel(uint32_t x, uint32_t y, uint32_t n)
{
    return scene_hash(x * 8209 + y, n) & 0xffffff;
}

/* A step of a tall picture whose tiles are saved to layers that differ from tile to tile, so that no two saves or
 * restores are one; in the last step a part of each tile comes back, and beside it is something new of another class
 * in each band. */
static uint32_t tall_pixel(uint32_t x, uint32_t y, uint32_t width, uint32_t step)
{
    bool odd = y / TILE_PX % 2 != 0;
    uint32_t kept_px = width < 16 ? width - width / 8 - 1 : width / 2;
    if (step < LAYERS)
        return layer_pixel(x, y, step == 1 && !odd ? 0 : step);
    if (x < kept_px)
        return layer_pixel(x, y, odd);
    return y / CELL_PX % 2 != 0 ? x * 0x020202 : layer_pixel(x, y, LAYERS);
}

static void check_tall(uint32_t width, uint32_t height)
{
    struct cw_encoder *e;
    struct cw_decoder *d;
    assert_int_equal(cw_encoder_new(width, height, &e), 0);
    assert_int_equal(cw_decoder_new(0, &d), 0);
    size_t room = cw_encoder_packet_bytes_max(e);
    uint8_t *packet = malloc(room);
    uint8_t *frame = malloc((size_t)width * height * 4);
    size_t bytes;
    assert_true(packet != NULL && frame != NULL);
    assert_int_equal(cw_encoder_keyframe(e, packet, room, &bytes), 0);
    assert_int_equal(cw_decoder_apply(d, packet, bytes), 0);
    for (uint32_t step = 0; step <= LAYERS; step++) {
        for (uint32_t y = 0; y < height; y++)
            for (uint32_t x = 0; x < width; x++) {
                uint32_t p = tall_pixel(x, y, width, step);
                memcpy(frame + ((size_t)y * width + x) * 4, &p, 4);
            }
        assert_int_equal(
            cw_encoder_update(e, frame, (size_t)width * 4, NULL, 0, packet, room, &bytes), 0);
        assert_int_equal(cw_decoder_apply(d, packet, bytes), 0);
        assert_in_sync(d, e, width, height);
        assert_memory_equal(cw_encoder_model(e), frame, (size_t)width * height * 4);
    }
    free(packet);
    free(frame);
    cw_encoder_free(e);
    cw_decoder_free(d);
}

static void test_saves_and_restores_of_narrow_pictures(void **state)
{
    (void)state;
    static const uint32_t heights[] = {100, 1000, 8192};
    for (uint32_t width = 1; width <= 40; width++)
        for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++)
            check_tall(width, heights[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_photographs_before_a_large_picture),
        cmocka_unit_test(test_many_changes_below_text_in_too_many_colours),
        cmocka_unit_test(test_saves_and_restores_of_narrow_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
