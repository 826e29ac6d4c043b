/* SPDX-License-Identifier: Apache-2.0 */
/* What cells show, by table: every class is reached, and nothing that has strokes may be coded with loss. And where
 * films play: found, early when they are large, kept, and given up; text plays none. */
#include "tests/unit/codec/scene.h"

#include <stdio.h>

#include "codec/classify.h"

enum { CELL_W = CW_CELL_PX, CELL_H = CW_BAND_ROWS };

static struct cw_dsp dsp;

static int setup(void **state)
{
    (void)state;
    return cw_dsp_init(&dsp);
}

static uint32_t rgb(uint32_t r, uint32_t g, uint32_t b)
{
    return r << 16 | g << 8 | b;
}

/* How much of a pixel strokes cover, 0 to 8, anti-aliased: letters of 7 pixels' width, two stems and a bar each. */
static uint32_t ink(uint32_t x, uint32_t y)
{
    static const uint8_t slice[7] = {0, 5, 8, 1, 2, 8, 3};
    uint32_t in_line = y % 14;
    if (in_line < 2 || in_line > 11 || scene_hash(x / 7, y / 14) % 6 == 0)
        return 0;
    return in_line == 7 ? 7 : slice[(x + scene_hash(x / 7, 3) % 2) % 7];
}

static uint32_t mix(uint32_t front, uint32_t back, uint32_t cover)
{
    uint32_t out = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        uint32_t f = front >> shift & 255;
        uint32_t b = back >> shift & 255;
        out |= (f * cover + b * (8 - cover)) / 8 << shift;
    }
    return out;
}

static uint32_t photo(uint32_t x, uint32_t y)
{
    uint32_t h = scene_hash(x * 977 + y, 5);
    return rgb(90 + x + (h & 7), 60 + y * 3 + (h >> 4 & 7), 120 - x / 2 + (h >> 8 & 7));
}

static uint32_t dark_photo(uint32_t x, uint32_t y)
{
    uint32_t h = scene_hash(x * 31 + y, 8);
    return rgb(20 + (h & 15), 24 + (h >> 4 & 15), 30 + y + (h >> 8 & 15));
}

static uint32_t gradient(uint32_t x, uint32_t y)
{
    (void)y;
    return rgb(x * 2, x * 2 + 20, 200);
}

static uint32_t gradient_down(uint32_t x, uint32_t y)
{
    (void)x;
    return rgb(200, 100 + y * 4, 90 + y * 2);
}

static uint32_t flat(uint32_t x, uint32_t y)
{
    (void)x;
    (void)y;
    return 0x336699;
}

static uint32_t black_text(uint32_t x, uint32_t y)
{
    return mix(0x101010, 0xffffff, ink(x, y));
}

static uint32_t coloured_text(uint32_t x, uint32_t y)
{
    return mix(scene_hash(x / 14, 9) & 0xffffff, 0x1e1e2e, ink(x, y));
}

/* Each channel a third of a pixel further, as on flat screens. */
static uint32_t subpixel_text(uint32_t x, uint32_t y)
{
    return rgb(255 - 28 * ink(3 * x / 2, y), 255 - 28 * ink((3 * x + 1) / 2, y),
               255 - 28 * ink((3 * x + 2) / 2, y));
}

static uint32_t text_on_gradient(uint32_t x, uint32_t y)
{
    return mix(0xffffff, gradient(x, y), ink(x, y));
}

static uint32_t text_on_gradient_down(uint32_t x, uint32_t y)
{
    return mix(0x000000, gradient_down(x, y), ink(x, y));
}

static uint32_t text_on_photo(uint32_t x, uint32_t y)
{
    return mix(0xffffff, photo(x, y), ink(x, y));
}

/* One short word at the cell's edge: a picture's caption that begins here. */
static uint32_t caption_begins(uint32_t x, uint32_t y)
{
    return x < 50 ? dark_photo(x, y) : mix(0xffffff, dark_photo(x, y), ink(x, y));
}

static uint32_t thin_lines(uint32_t x, uint32_t y)
{
    return x % 16 == 0 || y % 8 == 0 ? 0x808080 : 0xf8f8f8;
}

static uint32_t line_on_photo(uint32_t x, uint32_t y)
{
    return x == 20 || x == 44 ? 0xffffff : dark_photo(x, y);
}

static uint32_t icons(uint32_t x, uint32_t y)
{
    uint32_t dx = x % 20 > 8 ? x % 20 - 8 : 8 - x % 20;
    uint32_t dy = y > 8 ? y - 8 : 8 - y;
    return dx * dx + dy * dy < 40 ? rgb(240 - 6 * y, 120 + 5 * x % 20, 40) : 0xfafafa;
}

static uint32_t emoji(uint32_t x, uint32_t y)
{
    uint32_t at = x % 22;
    uint32_t dx = at > 8 ? at - 8 : 8 - at;
    uint32_t dy = y > 8 ? y - 8 : 8 - y;
    bool eye = (at == 5 || at == 11) && y > 4 && y < 8;
    if (dx * dx + dy * dy >= 50)
        return 0xffffff;
    return eye ? 0x403010 : rgb(255, 220 - 3 * y - dx, 60 + 2 * dy);
}

static uint32_t noise(uint32_t x, uint32_t y)
{
    return scene_hash(x * 8209 + y, 1) & 0xffffff;
}

static uint32_t checks(uint32_t x, uint32_t y)
{
    return (x + y) % 2 == 0 ? 0 : 0xffffff;
}

/* A fractal's rim: colours change sharply all over, and none comes often. */
static uint32_t rim(uint32_t x, uint32_t y)
{
    uint32_t h = scene_hash(x / 2, y);
    return x % 5 < 2 ? h & 0xffffff : photo(x, y);
}

/* A photograph beside what is flat. */
static uint32_t side(uint32_t x, uint32_t y)
{
    return x < 30 ? 0x3a6ea5 : photo(x, y);
}

static void draw_pixel(uint8_t *at, uint32_t rgb_value, uint32_t x, uint32_t y)
{
    at[0] = (uint8_t)rgb_value;
    at[1] = (uint8_t)(rgb_value >> 8);
    at[2] = (uint8_t)(rgb_value >> 16);
    at[3] = (uint8_t)scene_hash(x, y);
}

static void draw_cell(uint32_t (*pixel)(uint32_t, uint32_t), uint8_t *cell)
{
    for (uint32_t y = 0; y < CELL_H; y++)
        for (uint32_t x = 0; x < CELL_W; x++)
            draw_pixel(cell + (size_t)4 * (y * CELL_W + x), pixel(x, y), x, y);
}

static void test_edges(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t (*pixel)(uint32_t, uint32_t);
        enum cw_edges edges;
    } rows[] = {
        {"flat", flat, CW_EDGES_NONE},
        {"a gradient", gradient, CW_EDGES_NONE},
        {"a photograph", photo, CW_EDGES_NONE},
        {"a photograph's side", side, CW_EDGES_BORDER},
        {"a fractal's rim", rim, CW_EDGES_NOISE},
        {"noise", noise, CW_EDGES_NOISE},
        {"black text", black_text, CW_EDGES_STROKES},
        {"coloured text", coloured_text, CW_EDGES_STROKES},
        {"subpixel text", subpixel_text, CW_EDGES_STROKES},
        {"text on a gradient", text_on_gradient, CW_EDGES_STROKES},
        {"text on a gradient downwards", text_on_gradient_down, CW_EDGES_STROKES},
        {"text on a photograph", text_on_photo, CW_EDGES_STROKES},
        {"a caption begins", caption_begins, CW_EDGES_STROKES},
        {"a line on a photograph", line_on_photo, CW_EDGES_STROKES},
        {"thin lines", thin_lines, CW_EDGES_STROKES},
        {"icons", icons, CW_EDGES_STROKES},
        {"emoji", emoji, CW_EDGES_STROKES},
        {"checks", checks, CW_EDGES_STROKES},
    };
    unsigned wrong = 0;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t cell[CELL_W * CELL_H * 4];
        draw_cell(rows[i].pixel, cell);
        enum cw_edges edges = cw_classify_edges(cell, (size_t)4 * CELL_W, CELL_W, CELL_H);
        if (edges != rows[i].edges) {
            print_error("%s has edges %d, not %d\n", rows[i].name, (int)edges, (int)rows[i].edges);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t (*pixel)(uint32_t, uint32_t);
        enum cw_kind kind;
    } rows[] = {
        {"flat", flat, CW_KIND_FLAT},
        {"black text", black_text, CW_KIND_TEXT},
        {"coloured text", coloured_text, CW_KIND_TEXT},
        {"subpixel text", subpixel_text, CW_KIND_TEXT},
        {"thin lines", thin_lines, CW_KIND_TEXT},
        {"icons", icons, CW_KIND_SMOOTH},
        {"emoji", emoji, CW_KIND_SMOOTH},
        {"checks", checks, CW_KIND_TEXT},
        {"a gradient", gradient, CW_KIND_SMOOTH},
        {"a gradient downwards", gradient_down, CW_KIND_FLAT},
        {"text on a gradient", text_on_gradient, CW_KIND_SMOOTH},
        {"text on a gradient downwards", text_on_gradient_down, CW_KIND_TEXT},
        {"text on a photograph", text_on_photo, CW_KIND_SMOOTH},
        {"a caption begins", caption_begins, CW_KIND_SMOOTH},
        {"a line on a photograph", line_on_photo, CW_KIND_SMOOTH},
        {"a photograph", photo, CW_KIND_PICTURE},
        {"a dark photograph", dark_photo, CW_KIND_PICTURE},
        {"noise", noise, CW_KIND_PICTURE},
    };
    unsigned wrong = 0;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t cell[CELL_W * CELL_H * 4];
        draw_cell(rows[i].pixel, cell);
        enum cw_kind kind = cw_classify(&dsp, cell, (size_t)4 * CELL_W, CELL_W, CELL_H);
        if (kind != rows[i].kind) {
            print_error("%s is taken for %d, not %d\n", rows[i].name, (int)kind, (int)rows[i].kind);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

enum { MS = 1000000, SCREEN_W = 1280, SCREEN_H = 720, SCREEN_STRIDE = SCREEN_W * 4 };

static uint8_t screen[SCREEN_STRIDE * SCREEN_H];

/* The same in each cell. */
static void draw_screen(uint32_t (*pixel)(uint32_t, uint32_t))
{
    for (uint32_t y = 0; y < SCREEN_H; y++)
        for (uint32_t x = 0; x < SCREEN_W; x++)
            draw_pixel(screen + y * SCREEN_STRIDE + (size_t)4 * x, pixel(x % CELL_W, y % CELL_H), x,
                       y);
}

static struct cw_rect find_moving(struct cw_moving_cells *m, uint64_t now_ns)
{
    return cw_classify_moving(m, &dsp, screen, SCREEN_STRIDE, now_ns);
}

/* What a large group of cells shows that changes again and again, and after how many changes it is a film. */
static void test_large_films_are_found_early(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t (*pixel)(uint32_t, uint32_t);
        struct cw_rect rect;
        uint32_t gap_ms;
        unsigned changes; /* 0: never */
    } rows[] = {
        {"photographs", dark_photo, {128, 64, 640, 352}, 80, 2},
        {"noise", noise, {128, 64, 640, 352}, 80, 2},
        {"a fractal's rim", rim, {128, 64, 640, 352}, 80, 2},
        {"at the screen's end", dark_photo, {640, 368, 640, 352}, 80, 2},
        {"few cells", dark_photo, {128, 64, 320, 176}, 80, 5},
        {"slides", dark_photo, {128, 64, 640, 352}, 400, 0},
        {"text", black_text, {128, 64, 640, 352}, 80, 0},
        {"text on photographs", text_on_photo, {128, 64, 640, 352}, 80, 0},
        {"text on a gradient", text_on_gradient, {128, 64, 640, 352}, 80, 0},
        {"icons", icons, {128, 64, 640, 352}, 80, 0},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cw_moving_cells *m = cw_moving_cells_new(SCREEN_W, SCREEN_H);
        assert_non_null(m);
        uint64_t now_ns = (uint64_t)5000 * MS;
        unsigned changes = 0;
        draw_screen(rows[i].pixel);
        for (unsigned n = 1; n < 12 && changes == 0; n++, now_ns += (uint64_t)rows[i].gap_ms * MS) {
            cw_classify_changed(m, &rows[i].rect, now_ns);
            struct cw_rect found = find_moving(m, now_ns);
            if (found.w != 0)
                assert_memory_equal(&found, &rows[i].rect, sizeof(found));
            changes = found.w != 0 ? n : 0;
        }
        if (changes != rows[i].changes)
            print_error("%s: %u changes\n", rows[i].name, changes);
        assert_int_equal(changes, rows[i].changes);
        cw_moving_cells_free(m);
    }
}

static void test_films_are_found_and_given_up(void **state)
{
    (void)state;
    const struct cw_rect film = {128, 64, 320, 176};
    const struct cw_rect slow = {640, 64, 320, 176};
    const struct cw_rect spinner = {1024, 320, 64, 48};
    struct cw_moving_cells *m = cw_moving_cells_new(SCREEN_W, SCREEN_H);
    assert_non_null(m);
    draw_screen(dark_photo);
    uint64_t now_ns = (uint64_t)5000 * MS;
    for (unsigned n = 0; n < 12; n++, now_ns += (uint64_t)80 * MS) {
        cw_classify_changed(m, &film, now_ns);
        cw_classify_changed(m, &spinner, now_ns);
        if (n % 6 == 0)
            cw_classify_changed(m, &slow, now_ns);
        struct cw_rect found = find_moving(m, now_ns);
        assert_int_equal(found.w, n < 4 ? 0 : film.w);
        if (n >= 4)
            assert_memory_equal(&found, &film, sizeof(film));
    }
    /* A part of it rests for a moment: no change; then it grows, at once. */
    for (unsigned n = 0; n < 6; n++, now_ns += (uint64_t)80 * MS) {
        const struct cw_rect part = {128, 64, 320, 96};
        cw_classify_changed(m, &part, now_ns);
        struct cw_rect found = find_moving(m, now_ns);
        assert_memory_equal(&found, &film, sizeof(film));
    }
    const struct cw_rect larger = {64, 64, 448, 240};
    struct cw_rect found = {0};
    for (unsigned n = 0; n < 8; n++, now_ns += (uint64_t)80 * MS) {
        cw_classify_changed(m, &larger, now_ns);
        found = find_moving(m, now_ns);
    }
    assert_memory_equal(&found, &larger, sizeof(larger));
    /* It ends. */
    now_ns += (uint64_t)400 * MS;
    assert_int_equal(find_moving(m, now_ns).w, larger.w);
    now_ns += CW_MOVING_KEEP_NS;
    assert_int_equal(find_moving(m, now_ns).w, 0);
    cw_moving_cells_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_large_films_are_found_early),
        cmocka_unit_test(test_films_are_found_and_given_up),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
