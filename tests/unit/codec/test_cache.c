/* SPDX-License-Identifier: Apache-2.0 */
/* The cache: what was shown before comes back for a few bytes, in every decoder alike, and only what was saved. */
#include "tests/unit/codec/rig.h"

#include <zstd.h>

#include "codec/cache.h"
#include "codec/dsp.h"
#include "codec/limits.h"
#include "codec/packet.h"

enum { WIDTH = 500, HEIGHT = 330 };

static void start(struct rig *r)
{
    rig_new(r, WIDTH, HEIGHT);
    rig_keyframe(r, r->early);
}

static void put(uint8_t *frame, uint32_t x, uint32_t y, uint32_t rgb)
{
    uint8_t *p = frame + y * scene_stride(WIDTH) + (size_t)x * 4;
    p[0] = (uint8_t)rgb;
    p[1] = (uint8_t)(rgb >> 8);
    p[2] = (uint8_t)(rgb >> 16);
}

/* A photograph as wallpaper. */
static void draw_wallpaper(uint8_t *frame)
{
    scene_draw(SCENE_PHOTO, WIDTH, HEIGHT, 0, frame);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            frame[y * scene_stride(WIDTH) + (size_t)x * 4] ^= (uint8_t)(scene_hash(x, y) & 7);
}

/* Window n, of text and noise of its own, at its place. */
static void draw_window(uint8_t *frame, uint32_t n, uint32_t x0, uint32_t y0)
{
    for (uint32_t y = 0; y < 230; y++)
        for (uint32_t x = 0; x < 330; x++)
            put(frame, x0 + x, y0 + y,
                x > 250 ? scene_hash(x * 331 + y, n) & 0x3f3f3f : scene_text(x + n * 1000, y));
}

static void test_switched_windows(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    draw_wallpaper(r.frame);
    rig_update(&r);
    size_t first[3] = {0};
    for (uint32_t n = 0; n < 24; n++) {
        uint32_t w = n % 3;
        draw_wallpaper(r.frame);
        draw_window(r.frame, (w + 1) % 3, 20 + 11 * ((w + 1) % 3), 10 + 7 * ((w + 1) % 3));
        draw_window(r.frame, w, 20 + 11 * w, 10 + 7 * w);
        size_t bytes = rig_update(&r);
        if (n < 3)
            first[n] = bytes;
        else if (n > 6 && (n < 13 || n > 19)) /* all were shown, and saved when they went */
            assert_true(bytes * 8 < first[w]);
        if (n == 12) /* what was saved is gone for all, in sync or new */
            rig_keyframe(&r, r.late);
        if (n == 13)
            assert_true(bytes * 8 > first[w]);
    }
    rig_free(&r);
}

/* How many saves the newest packet has, which starts a history. */
static uint32_t saves_in(const struct rig *r)
{
    struct cw_header h;
    static uint8_t body[WIDTH * HEIGHT * 4];
    assert_int_equal(cw_header_read(r->packet, r->bytes, &h), 0);
    assert_true(h.restart && h.body_bytes <= sizeof(body));
    size_t head = cw_header_bytes(&h);
    ZSTD_inBuffer from = {r->packet + head, r->bytes - head - h.raw_bytes, 0};
    ZSTD_outBuffer to = {body, sizeof(body), 0};
    ZSTD_DCtx *stream = ZSTD_createDCtx();
    while (from.pos < from.size)
        assert_false(ZSTD_isError(ZSTD_decompressStream(stream, &to, &from)));
    ZSTD_freeDCtx(stream);
    size_t at = h.has_colours ? 4 + (size_t)3 * cw_read_le16(body + 2) : 0;
    uint32_t saves = 0;
    for (uint32_t i = 0; i < h.op_count; i++)
        saves += cw_op_read(body + at + (size_t)i * CW_OP_BYTES).mode == CW_OP_SAVE;
    return saves;
}

/* A new picture's black is not saved, also of a new size; what was drawn is, when all of it changes. */
static void test_black_is_not_saved(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    draw_wallpaper(r.frame);
    rig_update(&r);
    assert_int_equal(saves_in(&r), 0);
    rig_keyframe(&r, r.late); /* the next update starts a history */
    draw_window(r.frame, 0, 20, 10);
    rig_update(&r);
    assert_true(saves_in(&r) > 0);
    assert_int_equal(cw_encoder_resize(r.e, WIDTH, HEIGHT), 0);
    assert_int_equal(cw_encoder_keyframe(r.e, r.packet, r.room, &r.bytes), 0);
    assert_int_equal(cw_decoder_apply(r.early, r.packet, r.bytes), 0);
    assert_int_equal(cw_decoder_apply(r.late, r.packet, r.bytes), 0);
    rig_update(&r);
    assert_int_equal(saves_in(&r), 0);
    rig_free(&r);
}

/* With loss: what became exact at rest is saved, and comes back exact. */
static void test_pictures_with_loss(void **state)
{
    (void)state;
    struct rig r;
    struct cw_encoder_settings settings = cw_encoder_defaults();
    size_t first = 0;
    uint64_t now_ns = 1;
    start(&r);
    settings.lossy_pictures = true;
    assert_int_equal(cw_encoder_set(r.e, &settings), 0);
    for (uint32_t n = 0; n < 10; n++) {
        draw_wallpaper(r.frame);
        draw_window(r.frame, n % 2, 20, 10);
        cw_encoder_turn(r.e, now_ns, SIZE_MAX);
        assert_int_equal(cw_encoder_update(r.e, r.frame, scene_stride(WIDTH), NULL, 0, r.packet,
                                           r.room, &r.bytes),
                         0);
        assert_int_equal(cw_decoder_apply(r.early, r.packet, r.bytes), 0);
        assert_in_sync(r.early, r.e, WIDTH, HEIGHT);
        if (n == 1)
            first = r.bytes;
        if (n > 2)
            assert_true(r.bytes * 8 < first && !cw_encoder_has_more(r.e));
        for (now_ns += 10000000000U; cw_encoder_has_more(r.e); now_ns += 10000000000U) {
            cw_encoder_turn(r.e, now_ns, SIZE_MAX);
            rig_update(&r);
        }
    }
    rig_free(&r);
}

/* A window is dragged over a photograph and back: on its way back it uncovers what was shown. */
static void test_uncovered_wallpaper(void **state)
{
    (void)state;
    struct rig r;
    size_t sum[2] = {0};
    start(&r);
    draw_wallpaper(r.frame);
    rig_update(&r);
    draw_window(r.frame, 0, 3, 5);
    rig_update(&r);
    for (uint32_t n = 1; n < 20; n++) {
        uint32_t at = n < 10 ? n : 19 - n;
        draw_wallpaper(r.frame);
        draw_window(r.frame, 0, 3 + at * 17, 5 + at * 9);
        sum[n / 10] += rig_update(&r);
    }
    assert_true(sum[1] < 20 * 150);
    assert_true(sum[0] < 20 * 150); /* the wallpaper was shown before the window */
    rig_free(&r);
}

/* More windows than layers: never wrong, and the oldest are forgotten. */
static void test_more_windows_than_layers(void **state)
{
    (void)state;
    struct rig r;
    start(&r);
    for (uint32_t n = 0; n < 60; n++) {
        draw_wallpaper(r.frame);
        uint32_t w = scene_hash(n, 5) % 9;
        draw_window(r.frame, w, w * 13, w * 7);
        rig_update(&r);
        if (n == 30)
            rig_keyframe(&r, r.late);
        if (n % 4 == 0) { /* and it is typed into */
            for (uint32_t i = 0; i < 40; i++)
                put(r.frame, w * 13 + 30 + i % 7, w * 7 + 20 + i / 7, scene_hash(i, n));
            rig_update(&r);
        }
    }
    rig_free(&r);
}

/* A stream of every scene at every level of the kernels is the same bytes. */
static void test_one_bitstream(void **state)
{
    (void)state;
    uint64_t expected = 0;
    for (unsigned isa = CW_ISA_C; isa <= (unsigned)cw_isa_best(); isa++) {
        struct rig r;
        uint64_t hash = 0xcbf29ce484222325U;
        setenv("CAUSEWAY_ISA", cw_isa_name((enum cw_isa)isa), 1);
        start(&r);
        for (uint32_t n = 0; n < 16; n++) {
            draw_wallpaper(r.frame);
            draw_window(r.frame, n % 2, 20 + n % 4 * 15, 10 + n % 2 * 30);
            rig_update(&r);
            for (size_t i = 0; i < r.bytes; i++)
                hash = (hash ^ r.packet[i]) * 0x100000001b3U;
        }
        rig_free(&r);
        if (isa == CW_ISA_C)
            expected = hash;
        assert_true(hash == expected);
    }
    unsetenv("CAUSEWAY_ISA");
}

/* ---- the format's rules ---- */

struct draft {
    uint8_t table[8 * CW_OP_BYTES], data[64];
    uint32_t ops;
    size_t data_bytes;
};

static void add(struct draft *p, enum cw_op_mode mode, struct cw_rect rect, const void *data,
                size_t bytes)
{
    struct cw_op op = {rect, mode};
    cw_op_write(&op, p->table + (size_t)p->ops++ * CW_OP_BYTES);
    memcpy(p->data + p->data_bytes, data, bytes);
    p->data_bytes += bytes;
}

static void add_save(struct draft *p, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint8_t layer)
{
    add(p, CW_OP_SAVE, (struct cw_rect){x, y, w, h}, &layer, 1);
}

static void add_restore(struct draft *p, struct cw_rect to, uint32_t layer, uint32_t x, uint32_t y)
{
    uint8_t data[4];
    cw_cache_from_write(&(struct cw_cache_from){layer, x, y}, &to, data);
    add(p, CW_OP_RESTORE, to, data, sizeof(data));
}

static void add_solid(struct draft *p, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint8_t v)
{
    add(p, CW_OP_SOLID, (struct cw_rect){x, y, w, h}, (uint8_t[]){v, v, v}, 3);
}

/* The draft as a packet of stored blocks. */
static int apply(struct cw_decoder *d, const struct draft *p, enum cw_packet_kind kind,
                 uint32_t number, bool restart)
{
    uint8_t out[512];
    size_t table_bytes = (size_t)p->ops * CW_OP_BYTES;
    struct cw_header h = {.kind = kind,
                          .restart = restart,
                          .number = number,
                          .body_bytes = (uint32_t)(table_bytes + p->data_bytes),
                          .op_count = p->ops,
                          .width = 200,
                          .height = 130};
    size_t at = cw_header_write(&h, out);
    if (restart) {
        memcpy(out + at, "\x28\xB5\x2F\xFD\x00\x38", 6);
        at += 6;
    }
    uint32_t block = h.body_bytes << 3 | (kind == CW_PACKET_KEYFRAME);
    cw_write_le16(out + at, block & 0xffff);
    out[at + 2] = (uint8_t)(block >> 16);
    memcpy(out + at + 3, p->table, table_bytes);
    memcpy(out + at + 3 + table_bytes, p->data, p->data_bytes);
    return cw_decoder_apply(d, out, at + 3 + h.body_bytes);
}

/* A decoder that shows picture 1, of colours 1 (left) and 2 (right), and has tile (1, 0) in layer 2. */
static struct cw_decoder *ready(void)
{
    struct cw_decoder *d;
    struct draft key = {0};
    struct draft update = {0};
    assert_int_equal(cw_decoder_new(0, &d), 0);
    add_solid(&key, 0, 0, 100, 130, 1);
    add_solid(&key, 100, 0, 100, 130, 2);
    assert_int_equal(apply(d, &key, CW_PACKET_KEYFRAME, 0, true), 0);
    add_save(&update, 64, 0, 64, 64, 2);
    add_solid(&update, 64, 0, 64, 64, 9);
    assert_int_equal(apply(d, &update, CW_PACKET_UPDATE, 1, true), 0);
    size_t count;
    assert_int_equal(cw_decoder_damage(d, &count)[0].x, 64); /* a save changes nothing */
    assert_int_equal(count, 1);
    return d;
}

static uint8_t blue_at(const struct cw_decoder *d, uint32_t x, uint32_t y)
{
    return cw_decoder_picture(d)[((size_t)y * 200 + x) * 4];
}

static void assert_refused(const struct draft *p)
{
    struct cw_decoder *d = ready();
    assert_int_equal(apply(d, p, CW_PACKET_UPDATE, 2, false), CW_CODEC_ERR_PACKET);
    assert_int_equal(blue_at(d, 64, 0), 9);
    assert_int_equal(blue_at(d, 0, 0), 1);
    assert_int_equal(blue_at(d, 199, 129), 2);
    cw_decoder_free(d);
}

static void test_restore_anywhere(void **state)
{
    (void)state;
    struct cw_decoder *d = ready();
    struct draft p = {0};
    add_restore(&p, (struct cw_rect){3, 100, 20, 30}, 2, 90, 10); /* left and right of x = 100 */
    add_solid(&p, 0, 0, 1, 1, 77);
    add_restore(&p, (struct cw_rect){190, 5, 10, 10}, 2, 64, 54);
    assert_int_equal(apply(d, &p, CW_PACKET_UPDATE, 2, false), 0);
    assert_int_equal(blue_at(d, 12, 129), 1);
    assert_int_equal(blue_at(d, 13, 100), 2);
    assert_int_equal(blue_at(d, 22, 100), 2);
    assert_int_equal(blue_at(d, 199, 14), 1);
    assert_int_equal(blue_at(d, 199, 15), 2);
    assert_int_equal(blue_at(d, 64, 0), 9);
    cw_decoder_free(d);
}

static void test_restores_of_what_is_not_there(void **state)
{
    (void)state;
    struct draft p = {0};
    add_restore(&p, (struct cw_rect){64, 0, 64, 64}, 1, 64, 0); /* another layer */
    assert_refused(&p);
    static const struct cw_cache_from from[] = {{2, 63, 0},     {2, 65, 0},   {2, 64, 1},
                                                {4, 64, 0},     {7, 64, 0},   {2, 8191, 0},
                                                {2, 64, 65535}, {2, 200, 130}};
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        p = (struct draft){0};
        add_restore(&p, (struct cw_rect){0, 0, 64, 64}, from[i].layer, from[i].x, from[i].y);
        assert_refused(&p);
    }
    p = (struct draft){0}; /* it is there once a save stands before it, but not behind it */
    add_restore(&p, (struct cw_rect){0, 0, 9, 9}, 0, 64, 64);
    add_save(&p, 64, 64, 64, 64, 0);
    assert_refused(&p);
    struct cw_decoder *d = ready();
    p = (struct draft){0};
    add_save(&p, 64, 64, 136, 66, 0);
    add_restore(&p, (struct cw_rect){0, 0, 9, 9}, 0, 191, 121);
    assert_int_equal(apply(d, &p, CW_PACKET_UPDATE, 2, false), 0);
    assert_int_equal(blue_at(d, 8, 8), 2);
    /* A new history has nothing saved, whether a decoder saw the keyframe or not. */
    p = (struct draft){0};
    add_restore(&p, (struct cw_rect){0, 0, 9, 9}, 0, 191, 121);
    assert_int_equal(apply(d, &p, CW_PACKET_UPDATE, 3, true), CW_CODEC_ERR_PACKET);
    cw_decoder_free(d);
}

static void test_saves_that_break_a_rule(void **state)
{
    (void)state;
    static const struct cw_rect wrong[] = {{1, 0, 64, 64},   {0, 1, 64, 64},   {0, 0, 63, 64},
                                           {0, 0, 64, 65},   {128, 0, 71, 64}, {128, 64, 72, 65},
                                           {192, 128, 9, 2}, {192, 128, 8, 3}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct draft p = {0};
        add_save(&p, wrong[i].x, wrong[i].y, wrong[i].w, wrong[i].h, 0);
        add_solid(&p, 0, 0, 1, 1, 5);
        assert_refused(&p);
    }
    struct draft p = {0};
    add_save(&p, 0, 0, 64, 64, CW_CACHE_LAYERS_MAX); /* no such layer */
    add_solid(&p, 0, 0, 1, 1, 5);
    assert_refused(&p);
    p = (struct draft){0}; /* a save and nothing else */
    add_save(&p, 0, 0, 64, 64, 0);
    assert_refused(&p);
    p = (struct draft){0}; /* behind a copy */
    add(&p, CW_OP_COPY, (struct cw_rect){0, 0, 5, 5}, (uint8_t[]){1, 0, 1, 0}, 4);
    add_save(&p, 0, 0, 64, 64, 0);
    add_solid(&p, 0, 0, 1, 1, 5);
    assert_refused(&p);
    p = (struct draft){0}; /* more than the picture */
    add_save(&p, 0, 0, 200, 130, 0);
    add_save(&p, 192, 128, 8, 2, 1);
    add_solid(&p, 0, 0, 1, 1, 5);
    assert_refused(&p);
    p = (struct draft){0};
    add_save(&p, 0, 0, 200, 130, 0);
    add_restore(&p, (struct cw_rect){0, 0, 200, 130}, 0, 0, 0);
    add_restore(&p, (struct cw_rect){0, 0, 1, 1}, 0, 0, 0);
    assert_refused(&p);
}

static void test_keyframes_have_neither(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct cw_decoder *d = ready();
        struct draft p = {0};
        if (i == 0)
            add_save(&p, 0, 0, 64, 64, 0);
        else
            add_restore(&p, (struct cw_rect){64, 0, 64, 64}, 2, 64, 0);
        add_solid(&p, 0, 0, 1, 1, 5);
        assert_int_equal(apply(d, &p, CW_PACKET_KEYFRAME, 1, true), CW_CODEC_ERR_PACKET);
        cw_decoder_free(d);
    }
}

static void test_layers_follow_the_size(void **state)
{
    (void)state;
    assert_int_equal(cw_cache_layers(1920, 1080), 4);
    assert_int_equal(cw_cache_layers(3840, 2160), 2);
    assert_int_equal(cw_cache_layers(4096, 4096), 1);
    assert_int_equal(cw_cache_layers(7680, 4320), 0);
    struct cw_cache c;
    assert_int_equal(cw_cache_new(&c, 7680, 4320), 0);
    assert_false(cw_cache_holds(&c, 0, &(struct cw_rect){0, 0, 1, 1}));
    cw_cache_clear(&c);
    cw_cache_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switched_windows),
        cmocka_unit_test(test_black_is_not_saved),
        cmocka_unit_test(test_pictures_with_loss),
        cmocka_unit_test(test_uncovered_wallpaper),
        cmocka_unit_test(test_more_windows_than_layers),
        cmocka_unit_test(test_one_bitstream),
        cmocka_unit_test(test_restore_anywhere),
        cmocka_unit_test(test_restores_of_what_is_not_there),
        cmocka_unit_test(test_saves_that_break_a_rule),
        cmocka_unit_test(test_keyframes_have_neither),
        cmocka_unit_test(test_layers_follow_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
