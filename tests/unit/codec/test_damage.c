/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan marks, with hashes known and unknown, with hints and without; and that a scan trusts no hash for ever. */
#include "tests/unit/codec/scene.h"

#include "codec/damage.h"
#include "codec/limits.h"

/* Two segments and a part of a block a row; a part of a band below. */
enum { WIDTH = CW_SEGMENT_PX + 139, HEIGHT = 3 * CW_VERIFY_ROWS + 5, STRIDE = WIDTH * 4 };

struct rig {
    struct cw_dsp dsp;
    struct cw_damage *d;
    uint8_t *frame, *model;
};

static void rig_new(struct rig *r)
{
    assert_int_equal(cw_dsp_init(&r->dsp), 0);
    r->d = cw_damage_new(WIDTH, HEIGHT);
    r->frame = calloc(HEIGHT, STRIDE);
    r->model = calloc(HEIGHT, STRIDE);
    assert_true(r->d != NULL && r->frame != NULL && r->model != NULL);
}

static void rig_free(struct rig *r)
{
    cw_damage_free(r->d);
    free(r->frame);
    free(r->model);
}

static void scan(struct rig *r, const struct cw_rect *hints, size_t hint_count)
{
    cw_damage_scan(r->d, &r->dsp, r->frame, STRIDE, r->model, hints, hint_count);
}

/* Gathers the patches and brings them to the model, as the encoder does. Returns their pixels. */
static uint64_t take(struct rig *r)
{
    uint64_t px = 0;
    cw_damage_gather(r->d, &r->dsp, r->frame, STRIDE, 0);
    cw_damage_crop(r->d, r->frame, STRIDE, r->model);
    for (uint32_t i = 0; i < r->d->patch_count; i++) {
        const struct cw_rect *p = &r->d->patches[i].rect;
        px += (uint64_t)p->w * p->h;
        for (uint32_t y = p->y; y < p->y + p->h; y++)
            r->dsp.take_row(r->model + (size_t)y * STRIDE + (size_t)p->x * 4,
                            r->frame + (size_t)y * STRIDE + (size_t)p->x * 4, p->w);
    }
    return px;
}

static bool is_equal(const struct rig *r)
{
    return scene_equals(r->model, r->frame, STRIDE, WIDTH, HEIGHT);
}

static uint8_t *pixel(struct rig *r, uint32_t x, uint32_t y)
{
    return r->frame + (size_t)y * STRIDE + (size_t)x * 4;
}

/* Every change of one channel of one pixel is one pixel of damage; the ignored byte is none. */
static void test_single_pixels(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (unsigned n = 0; n < 3; n++) { /* hashes become known */
        scan(&r, NULL, 0);
        assert_int_equal(take(&r), 0);
    }
    for (uint32_t n = 0; n < 400; n++) {
        uint32_t x = n == 0 ? WIDTH - 1 : scene_hash(n, 1) % WIDTH;
        uint32_t y = n == 0 ? HEIGHT - 1 : scene_hash(n, 2) % HEIGHT;
        pixel(&r, scene_hash(n, 5) % WIDTH, y)[3] ^= 0x80;
        scan(&r, NULL, 0);
        assert_int_equal(take(&r), 0);
        pixel(&r, x, y)[scene_hash(n, 3) % 3] ^= (uint8_t)(1U << scene_hash(n, 4) % 8);
        scan(&r, NULL, 0);
        assert_int_equal(take(&r), 1);
        assert_true(is_equal(&r));
    }
    rig_free(&r);
}

/* Random changes, scanned with hints that hold them or only a part, or with none: a scan without hints finds all that
 * is left, also what goes back to an older state. */
static void test_hints_and_hashes(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (uint32_t n = 0; n < 600; n++) {
        uint32_t old = scene_hash(n, 9) % 4;
        struct cw_rect c = {scene_hash(n, 1) % WIDTH, scene_hash(n, 2) % HEIGHT, 0, 0};
        c.w = 1 + scene_hash(n, 3) % 90 % (WIDTH - c.x);
        c.h = 1 + scene_hash(n, 4) % 30 % (HEIGHT - c.y);
        for (uint32_t y = c.y; y < c.y + c.h; y++)
            for (uint32_t x = c.x; x < c.x + c.w; x++)
                pixel(&r, x, y)[0] = (uint8_t)(old == 0 ? 0 : scene_hash(x, y + old));
        /* The hint leaves something out now and then. */
        struct cw_rect hint = c;
        hint.h = n % 5 == 0 ? (c.h + 1) / 2 : c.h;
        scan(&r, &hint, n % 3 == 0 ? 0 : 1);
        take(&r);
        if (n % 3 == 0)
            assert_true(is_equal(&r));
        for (uint32_t y = hint.y; y < hint.y + hint.h; y++)
            assert_memory_equal(r.model + (size_t)y * STRIDE + (size_t)hint.x * 4,
                                pixel(&r, hint.x, y), (size_t)hint.w * 4);
    }
    rig_free(&r);
}

/* What a hash hides is found all the same, in at most CW_VERIFY_ROWS scans. */
static void test_hidden_change(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    unsigned hidden = 0;
    scan(&r, NULL, 0);
    for (uint32_t y = 0; y < HEIGHT; y += 7) {
        /* The model's hash is made that of the changed frame. */
        pixel(&r, 5, y)[1] = 77;
        uint8_t *model = r.model;
        r.model = r.frame;
        r.d->hashes[(size_t)y * r.d->words] = 0;
        scan(&r, NULL, 0);
        r.model = model;
        for (unsigned n = 0; n < CW_VERIFY_ROWS && !is_equal(&r); n++) {
            scan(&r, NULL, 0);
            hidden += take(&r) == 0;
        }
        assert_true(is_equal(&r));
    }
    assert_true(hidden > 0); /* or this tests nothing */
    rig_free(&r);
}

/* Copies told by cw_damage_moved leave what they cover in part as it is. */
static void test_moved(void **state)
{
    (void)state;
    struct rig r;
    rig_new(&r);
    for (uint32_t n = 0; n < 200; n++) {
        for (uint32_t i = 0; i < 300; i++)
            pixel(&r, scene_hash(n, i) % WIDTH, scene_hash(i, n) % HEIGHT)[2] ^= 1;
        struct cw_rect c = {scene_hash(n, 1) % WIDTH, scene_hash(n, 2) % HEIGHT, 0, 0};
        c.w = 1 + scene_hash(n, 3) % (WIDTH - c.x);
        c.h = 1 + scene_hash(n, 4) % (HEIGHT - c.y);
        scan(&r, NULL, 0);
        for (uint32_t y = c.y; y < c.y + c.h; y++)
            r.dsp.take_row(r.model + (size_t)y * STRIDE + (size_t)c.x * 4, pixel(&r, c.x, y), c.w);
        cw_damage_moved(r.d, &r.dsp, r.frame, STRIDE, r.model, &c);
        take(&r);
        assert_true(is_equal(&r));
        scan(&r, NULL, 0);
        assert_int_equal(take(&r), 0);
    }
    rig_free(&r);
}

struct bands {
    uint32_t list[HEIGHT / CW_BAND_ROWS + 1];
    uint32_t count;
};

static void note_band(void *context, const struct cw_damage *d, const struct cw_dsp *dsp,
                      const struct cw_pair *p, uint32_t band)
{
    struct bands *b = context;
    (void)d;
    (void)dsp;
    (void)p;
    assert_true(b->count < sizeof(b->list) / sizeof(b->list[0]));
    b->list[b->count++] = band;
}

/* Each marked band is told once: from above, or from below after scans that found nothing, one in two. */
static void test_directions(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0, CW_BAND_ROWS - 1, CW_BAND_ROWS, 100, HEIGHT - 1};
    static const uint32_t marked[] = {0, 1, 100 / CW_BAND_ROWS, (HEIGHT - 1) / CW_BAND_ROWS};
    enum { MARKED = sizeof(marked) / sizeof(marked[0]) };
    struct rig r;
    struct bands bands;
    rig_new(&r);
    r.d->on_band = note_band;
    r.d->on_band_context = &bands;
    for (unsigned clean = 0; clean < 5; clean++) {
        bands.count = 0;
        for (unsigned i = 0; i < clean; i++)
            scan(&r, NULL, 0);
        assert_int_equal(bands.count, 0);
        for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
            pixel(&r, 5 + 700 * (i % 2), rows[i])[1] ^= 1;
        scan(&r, NULL, 0);
        assert_int_equal(bands.count, MARKED);
        for (unsigned i = 0; i < MARKED; i++)
            assert_int_equal(bands.list[i], marked[clean % 2 == 0 ? i : MARKED - 1 - i]);
        take(&r);
        assert_true(is_equal(&r));
    }
    rig_free(&r);
}

/* With several hints each band is told once, when all of them are scanned in it. */
static void test_bands_of_hints(void **state)
{
    (void)state;
    static const struct cw_rect hints[] = {
        {700, 20, 100, 50}, {3, 0, 40, 40}, {0, 0, 0, 5}, {20, 30, 40, 30}, {WIDTH, 3, 5, 5}};
    struct rig r;
    struct bands bands = {.count = 0};
    rig_new(&r);
    r.d->on_band = note_band;
    r.d->on_band_context = &bands;
    pixel(&r, 10, 1)[0] ^= 1;
    pixel(&r, 710, 21)[0] ^= 1;
    pixel(&r, 30, 31)[0] ^= 1;
    pixel(&r, 799, 69)[0] ^= 1;
    pixel(&r, 900, 21)[0] ^= 1; /* in no hint */
    scan(&r, hints, sizeof(hints) / sizeof(hints[0]));
    assert_int_equal(bands.count, 3);
    assert_int_equal(bands.list[0], 0);
    assert_int_equal(bands.list[1], 1);
    assert_int_equal(bands.list[2], 4);
    take(&r);
    assert_false(is_equal(&r));
    pixel(&r, 900, 21)[0] ^= 1;
    assert_true(is_equal(&r));
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_pixels), cmocka_unit_test(test_hints_and_hashes),
        cmocka_unit_test(test_hidden_change), cmocka_unit_test(test_moved),
        cmocka_unit_test(test_directions),    cmocka_unit_test(test_bands_of_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
