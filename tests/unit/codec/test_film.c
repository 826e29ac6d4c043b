/* SPDX-License-Identifier: Apache-2.0 */
/* Where a film plays, updates carry one moving picture: decoders show the model all the way, text round about stays
 * exact, the bytes follow the budget, a keyframe lets newcomers join, and what rests becomes exact. */
#include "tests/unit/codec/scene.h"

#include "codec/limits.h"

enum { WIDTH = 480, HEIGHT = 320, FILM_X = 61, FILM_Y = 35, FILM_W = 300, FILM_H = 200 };
#define FRAME_NS 40000000ULL

struct rig {
    struct cw_encoder *e;
    struct cw_decoder *d;
    uint8_t *frame, *packet;
    size_t room, bytes;
    uint64_t now_ns;
};

static void draw(struct rig *r, uint32_t film, uint32_t text)
{
    scene_draw(SCENE_TYPING, WIDTH, HEIGHT, text, r->frame);
    for (uint32_t y = FILM_Y; y < FILM_Y + FILM_H; y++)
        for (uint32_t x = FILM_X; x < FILM_X + FILM_W; x++) {
            uint8_t *at = r->frame + y * scene_stride(WIDTH) + (size_t)x * 4;
            uint32_t u = x + 3 * film;
            uint32_t v = y + 2 * film;
            at[0] = (uint8_t)((u * u / 50 + v) % 256 / 2 + scene_hash(u + film * 7919, v) % 24);
            at[1] = (uint8_t)((v * 2 + u / 3) % 200 + scene_hash(u + film * 104729, v) % 20);
            at[2] = (uint8_t)((u + v * v / 60) % 240 + scene_hash(u + film * 1299709, v) % 16);
        }
}

static void check(struct rig *r)
{
    assert_int_equal(cw_decoder_apply(r->d, r->packet, r->bytes), 0);
    assert_memory_equal(cw_decoder_picture(r->d), cw_encoder_model(r->e),
                        (size_t)WIDTH * HEIGHT * 4);
}

static void update(struct rig *r, size_t budget)
{
    r->now_ns += FRAME_NS;
    cw_encoder_turn(r->e, r->now_ns, budget);
    assert_int_equal(cw_encoder_update(r->e, r->frame, scene_stride(WIDTH), NULL, 0, r->packet,
                                       r->room, &r->bytes),
                     0);
    if (r->bytes != 0)
        check(r);
}

static void rig_new(struct rig *r)
{
    *r = (struct rig){0};
    assert_int_equal(cw_encoder_new(WIDTH, HEIGHT, &r->e), 0);
    assert_int_equal(cw_decoder_new(0, &r->d), 0);
    struct cw_encoder_settings s = cw_encoder_defaults();
    s.lossy_pictures = true;
    assert_int_equal(cw_encoder_set(r->e, &s), 0);
    r->room = cw_encoder_packet_bytes_max(r->e);
    r->frame = calloc(HEIGHT, scene_stride(WIDTH));
    r->packet = malloc(r->room);
    assert_true(r->frame != NULL && r->packet != NULL);
    assert_int_equal(cw_encoder_keyframe(r->e, r->packet, r->room, &r->bytes), 0);
    check(r);
}

static void rig_free(struct rig *r)
{
    cw_encoder_free(r->e);
    cw_decoder_free(r->d);
    free(r->frame);
    free(r->packet);
}

/* How many pixels of the model outside (or inside) the film differ from the frame. */
static size_t wrong(const struct rig *r, bool inside)
{
    size_t count = 0;
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            bool in = x - FILM_X < FILM_W && y - FILM_Y < FILM_H;
            const uint8_t *a = cw_encoder_model(r->e) + ((size_t)y * WIDTH + x) * 4;
            const uint8_t *b = r->frame + y * scene_stride(WIDTH) + (size_t)x * 4;
            count += in == inside && memcmp(a, b, 3) != 0;
        }
    return count;
}

static void test_film_is_found_and_fits(void **state)
{
    (void)state;
    struct rig r;
    size_t sum = 0;
    size_t moving = 0;
    rig_new(&r);
    for (uint32_t n = 0; n < 60; n++) {
        draw(&r, n, n / 8);
        update(&r, 6000);
        sum += n >= 40 ? r.bytes : 0;
        size_t count;
        const struct cw_rect *last = &cw_decoder_damage(r.d, &count)[0];
        last += count - 1;
        moving += n >= 40 && last->x == FILM_X && last->y == FILM_Y && last->w == FILM_W &&
                  last->h == FILM_H;
    }
    assert_in_range(sum / 20, 2000, 8000);
    /* The film is the last operation, and nothing but the film. */
    assert_int_equal(moving, 20);
    /* No budget at all is a small one, not none. */
    draw(&r, 60, 7);
    update(&r, 0);
    assert_in_range(r.bytes, 1, 8000);
    /* Noise cannot be right to the bit; what is no film is. */
    assert_true(wrong(&r, true) > FILM_W * FILM_H / 2);
    assert_true(wrong(&r, false) < (size_t)FILM_W * 4);
    rig_free(&r);
}

static void test_newcomers_join(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (uint32_t n = 0; n < 50; n++) {
        draw(&r, n, 0);
        update(&r, 6000);
        if (n % 20 != 19)
            continue;
        /* One decoder goes on without the keyframe, the other has nothing else. */
        struct cw_decoder *late;
        assert_int_equal(cw_decoder_new(0, &late), 0);
        assert_int_equal(cw_encoder_keyframe(r.e, r.packet, r.room, &r.bytes), 0);
        assert_int_equal(cw_decoder_apply(late, r.packet, r.bytes), 0);
        assert_memory_equal(cw_decoder_picture(late), cw_encoder_model(r.e),
                            (size_t)WIDTH * HEIGHT * 4);
        for (uint32_t k = 0; k < 3; k++) {
            draw(&r, ++n, 0);
            update(&r, 6000);
            assert_int_equal(cw_decoder_apply(late, r.packet, r.bytes), 0);
            assert_memory_equal(cw_decoder_picture(late), cw_encoder_model(r.e),
                                (size_t)WIDTH * HEIGHT * 4);
        }
        cw_decoder_free(late);
    }
    rig_free(&r);
}

/* A decoder that has nothing but the newest packet, a keyframe, shows the model. */
static struct cw_decoder *join(const struct rig *r)
{
    struct cw_decoder *late;
    assert_int_equal(cw_decoder_new(0, &late), 0);
    assert_int_equal(cw_decoder_apply(late, r->packet, r->bytes), 0);
    assert_memory_equal(cw_decoder_picture(late), cw_encoder_model(r->e),
                        (size_t)WIDTH * HEIGHT * 4);
    return late;
}

static size_t keyframe(struct rig *r)
{
    assert_int_equal(cw_encoder_keyframe(r->e, r->packet, r->room, &r->bytes), 0);
    cw_decoder_free(join(r));
    return r->bytes;
}

static void test_an_expected_keyframe_holds_the_film(void **state)
{
    (void)state;
    struct rig r;
    uint32_t film = 0;
    rig_new(&r);
    cw_encoder_expect_keyframe(r.e); /* without a film nothing */
    assert_false(cw_encoder_plays_film(r.e));
    for (; film < 20; film++) {
        draw(&r, film, 0);
        update(&r, 6000);
    }
    assert_true(cw_encoder_plays_film(r.e));
    size_t exact = keyframe(&r);
    draw(&r, film++, 0);
    update(&r, 6000);
    assert_in_range(keyframe(&r), 1, exact / 2); /* after a keyframe there is no history, either */
    for (uint32_t n = 0; n < 3; n++) {
        for (uint32_t k = 0; k < 4; k++) {
            draw(&r, film++, 0);
            update(&r, 6000);
        }
        assert_true(keyframe(&r) > exact / 2);
        draw(&r, film++, n);
        cw_encoder_expect_keyframe(r.e);
        update(&r, 6000);
        assert_in_range(keyframe(&r), 1, exact / 2);
        struct cw_decoder *late = join(&r);
        for (uint32_t k = 0; k < 3; k++) {
            draw(&r, film++, n + k);
            update(&r, 6000);
            assert_int_equal(cw_decoder_apply(late, r.packet, r.bytes), 0);
            assert_memory_equal(cw_decoder_picture(late), cw_encoder_model(r.e),
                                (size_t)WIDTH * HEIGHT * 4);
        }
        cw_decoder_free(late);
    }
    /* An update without a film between: what was kept is not the model any more. */
    draw(&r, film, 0);
    cw_encoder_expect_keyframe(r.e);
    update(&r, 6000);
    draw(&r, film, 1);
    memset(r.frame + (FILM_Y + 50) * scene_stride(WIDTH) + (size_t)(FILM_X + 40) * 4, 0, 400);
    update(&r, 6000);
    (void)keyframe(&r);
    rig_free(&r);
}

static void test_a_keyframe_refuses_history(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (uint32_t n = 0; n < 8; n++) {
        draw(&r, n, 0);
        cw_encoder_expect_keyframe(r.e);
        update(&r, 6000);
    }
    (void)keyframe(&r);
    uint32_t raw_bytes = r.packet[18] | (uint32_t)r.packet[19] << 8 | (uint32_t)r.packet[20] << 16;
    assert_true((r.packet[3] & 2) != 0 && raw_bytes < r.bytes);
    uint8_t *history = r.packet + r.bytes - raw_bytes; /* the frame comes first */
    assert_int_equal(*history, 0);
    *history = 1;
    assert_int_equal(cw_decoder_apply(r.d, r.packet, r.bytes), CW_CODEC_ERR_PACKET);
    rig_free(&r);
}

static void test_rest_is_exact(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (uint32_t n = 0; n < 40; n++) {
        draw(&r, n, 0);
        update(&r, 6000);
    }
    assert_true(wrong(&r, true) > 0);
    for (uint32_t n = 0; n < 200 && cw_encoder_has_more(r.e); n++) {
        r.now_ns += 10 * FRAME_NS;
        update(&r, 60000);
    }
    assert_int_equal(wrong(&r, true) + wrong(&r, false), 0);
    rig_free(&r);
}

/* A page of text around the film. */
static void draw_page(struct rig *r, uint32_t film, uint32_t page)
{
    draw(r, film, 0);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            if (x - FILM_X >= FILM_W || y - FILM_Y >= FILM_H)
                memset(r->frame + y * scene_stride(WIDTH) + (size_t)x * 4,
                       scene_hash(x / 3 + page * 1009, y / 2) % 4 == 0 ? 16 : 240, 3);
}

/* A film that had become exact goes on while the page round it changes, and the page comes back: what the cache keeps
 * of the film's tiles must be what decoders showed. */
static void test_a_page_comes_back_beside_a_film(void **state)
{
    (void)state;
    for (uint32_t rest = 6; rest < 12; rest++) {
        struct rig r;
        uint32_t film = 0;
        rig_new(&r);
        for (; film < 40; film++) {
            draw_page(&r, film, 0);
            update(&r, 6000);
        }
        for (uint32_t n = 0; n < rest; n++)
            update(&r, 1000000);
        assert_int_equal(wrong(&r, true), 0);
        for (uint32_t page = 1; page < 5; page++) {
            draw_page(&r, film++, page % 2);
            update(&r, 1000000);
            draw_page(&r, film - 1, 1 - page % 2);
            update(&r, 1000000);
            for (uint32_t n = 0; n < rest; n++)
                update(&r, 1000000);
        }
        assert_int_equal(wrong(&r, true) + wrong(&r, false), 0);
        rig_free(&r);
    }
}

/* A film is known as one when it changes for the third time. Until then what could be text is exact, and the rest takes
 * no more than the budget. */
static void test_film_begins_within_its_budget(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    scene_draw(SCENE_TYPING, WIDTH, HEIGHT, 0, r.frame);
    update(&r, SIZE_MAX);
    for (uint32_t n = 0; n < 6; n++) {
        draw(&r, n, 0);
        update(&r, 10000);
        size_t count;
        const struct cw_rect *last = &cw_decoder_damage(r.d, &count)[0];
        last += count - 1;
        assert_int_equal(n >= 2, last->w == FILM_W && last->h == FILM_H);
        assert_in_range(r.bytes, 1, n < 2 ? 45000 : 20000);
    }
    rig_free(&r);
}

static void draw_scrolled(struct rig *r, uint32_t rows)
{
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            uint32_t h = scene_hash(x, y + rows);
            uint8_t *at = r->frame + y * scene_stride(WIDTH) + (size_t)x * 4;
            at[0] = (uint8_t)(60 + x / 8 + h % 16);
            at[1] = (uint8_t)(90 + (y + rows) % 200 / 4 + (h >> 8) % 16);
            at[2] = (uint8_t)(40 + x / 16 + (h >> 16) % 16);
        }
}

/* What scrolls into sight is a picture in the same place, time and again, and still no film. */
static void test_scrolled_photographs_are_no_film(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (uint32_t n = 0; n < 15; n++) {
        draw_scrolled(&r, 80 * n);
        update(&r, SIZE_MAX);
        size_t count;
        const struct cw_rect *rects = cw_decoder_damage(r.d, &count);
        assert_true(count > 1);
        for (size_t i = n == 0 ? 0 : 1; i < count; i++)
            assert_true(rects[i].w <= CW_JPEG_SIDE_PX_MAX);
    }
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_film_is_found_and_fits),
        cmocka_unit_test(test_newcomers_join),
        cmocka_unit_test(test_an_expected_keyframe_holds_the_film),
        cmocka_unit_test(test_a_keyframe_refuses_history),
        cmocka_unit_test(test_rest_is_exact),
        cmocka_unit_test(test_a_page_comes_back_beside_a_film),
        cmocka_unit_test(test_film_begins_within_its_budget),
        cmocka_unit_test(test_scrolled_photographs_are_no_film),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
