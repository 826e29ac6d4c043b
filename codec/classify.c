/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/classify.h"

#include <stdlib.h>
#include <string.h>

#include "codec/rect.h"

enum {
    /* Percent of a cell's steps from pixel to pixel. Photographs have few equal neighbours (2 to 20) and hardly a hard
     * edge; text has more than 40 equal ones even on a gradient, and four edges a glyph. */
    PICTURE_EQUAL_MAX = 30,
    PICTURE_SMALL_MIN = 45,
    PICTURE_HARD_MAX = 2,
    /* Noise: nothing that could be read. */
    NOISE_EQUAL_MAX = 4,
    NOISE_SMALL_MAX = 12,
    NOISE_HARD_MIN = 30,
    /* One of so many pixels again two to the left or above. */
    PATTERN_MIN = 16,
    SMOOTH_SMALL_MIN = 25,
    /* A film has 10 pictures a second or more; this many changes no further apart. */
    MOVING_HEAT_MIN = 5,
    MOVING_HEAT_MAX = 12,
    MOVING_GAP_NS = 350000000,
    /* Less is a spinner or an advertisement. */
    MOVING_CELLS_MIN = 16,
    /* So many at once are believed after fewer changes. */
    EARLY_HEAT_MIN = 2,
    EARLY_CELLS_MIN = 64,
    /* One cell in so many may have strokes. */
    MOVING_STROKES = 5,
    /* Steps by more than this are edges; a glyph has some, and on one of their sides its colour, which a photograph
     * never repeats so often: in one edge of EDGE_COLOUR_SHARE, or of _FEW where there are
     * few. */
    EDGE_STEP_MIN = 25,
    EDGES_MIN = 16,
    EDGES_MANY = 64,
    EDGE_COLOUR_SHARE = 8,
    EDGE_COLOUR_SHARE_FEW = 6,
    EDGE_COLOURS = 1 << 12, /* 4 bits of each channel */
};

/* Whether the picture repeats itself over a pixel or two, as dithered and woven patterns do; noise does not. */
static bool is_pattern(const uint8_t *pixels, size_t stride_bytes, uint32_t w, uint32_t h)
{
    uint32_t again = 0;
    for (uint32_t y = 2; y < h; y++)
        for (uint32_t x = 2; x < w; x++) {
            const uint8_t *p = pixels + y * stride_bytes + (size_t)4 * x;
            const uint8_t *q = p - 2 * stride_bytes;
            again += memcmp(p, p - 8, 3) == 0 || memcmp(p, q, 3) == 0 || memcmp(p, q - 8, 3) == 0;
        }
    return again * PATTERN_MIN > w * h;
}

/* Whether most rows equal the one above: a gradient from left to right, which costs next to nothing. */
static bool is_upright(const struct cw_dsp *dsp, const uint8_t *pixels, size_t stride_bytes,
                       uint32_t w, uint32_t h)
{
    uint32_t same = 0;
    for (uint32_t y = 1; y < h; y++) {
        uint64_t differs = 0;
        dsp->diff_row(pixels + y * stride_bytes, pixels + (y - 1) * stride_bytes, w, &differs, 0);
        same += differs == 0;
    }
    return same * 2 > h;
}

enum cw_kind cw_classify(const struct cw_dsp *dsp, const uint8_t *pixels, size_t stride_bytes,
                         uint32_t w, uint32_t h)
{
    uint32_t counts[3] = {0}; /* equal, small and hard steps */
    uint32_t steps = (w - 1) * h;
    for (uint32_t y = 0; y < h; y++)
        dsp->texture_row(pixels + y * stride_bytes, w, counts);
    uint32_t equal = counts[0] * 100;
    uint32_t small = counts[1] * 100;
    uint32_t hard = counts[2] * 100;
    if (counts[0] == steps)
        return CW_KIND_FLAT;
    if (equal <= PICTURE_EQUAL_MAX * steps && small >= PICTURE_SMALL_MIN * steps &&
        hard <= PICTURE_HARD_MAX * steps)
        return is_upright(dsp, pixels, stride_bytes, w, h) ? CW_KIND_SMOOTH : CW_KIND_PICTURE;
    if (equal <= NOISE_EQUAL_MAX * steps && small <= NOISE_SMALL_MAX * steps &&
        hard >= NOISE_HARD_MIN * steps)
        return is_pattern(pixels, stride_bytes, w, h) ? CW_KIND_TEXT : CW_KIND_PICTURE;
    return small > SMOOTH_SMALL_MIN * steps ? CW_KIND_SMOOTH : CW_KIND_TEXT;
}

static bool is_edge(const uint8_t *a, const uint8_t *b)
{
    return abs(a[0] - b[0]) >= EDGE_STEP_MIN || abs(a[1] - b[1]) >= EDGE_STEP_MIN ||
           abs(a[2] - b[2]) >= EDGE_STEP_MIN;
}

static uint32_t edge_colour(const uint8_t *p)
{
    return (uint32_t)(p[0] >> 4 | (p[1] >> 4) << 4 | (p[2] >> 4) << 8);
}

enum cw_edges cw_classify_edges(const uint8_t *pixels, size_t stride_bytes, uint32_t w, uint32_t h)
{
    uint16_t counts[EDGE_COLOURS] = {0};
    uint32_t edges = 0;
    uint32_t most = 0;
    uint32_t first = w;
    uint32_t last = 0;
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 1; x < w; x++) {
            const uint8_t *p = pixels + y * stride_bytes + (size_t)4 * x;
            if (!is_edge(p, p - 4))
                continue;
            uint16_t *to = &counts[edge_colour(p)];
            uint16_t *from = &counts[edge_colour(p - 4)];
            edges++;
            first = x < first ? x : first;
            last = x > last ? x : last;
            *to = (uint16_t)(*to + 1);
            if (from != to)
                *from = (uint16_t)(*from + 1);
            most = *to > most ? *to : most;
            most = *from > most ? *from : most;
        }
    if (first >= last)
        return edges == 0 ? CW_EDGES_NONE : CW_EDGES_BORDER;
    uint32_t share = edges < EDGES_MANY ? EDGE_COLOUR_SHARE_FEW : EDGE_COLOUR_SHARE;
    return edges < EDGES_MIN || most * share > edges ? CW_EDGES_STROKES : CW_EDGES_NOISE;
}

struct cw_moving_cells *cw_moving_cells_new(uint32_t width, uint32_t height)
{
    struct cw_moving_cells *m = calloc(1, sizeof(*m));
    if (m == NULL)
        return NULL;
    m->width = width;
    m->height = height;
    m->columns = (width + CW_CELL_PX - 1) / CW_CELL_PX;
    m->rows = (height + CW_BAND_ROWS - 1) / CW_BAND_ROWS;
    size_t count = (size_t)m->columns * m->rows;
    m->changed_ns = calloc(count, sizeof(*m->changed_ns));
    m->heat = calloc(count, 1);
    m->queue = malloc(count * sizeof(*m->queue));
    m->found = malloc(count);
    if (m->changed_ns == NULL || m->heat == NULL || m->queue == NULL || m->found == NULL)
        return cw_moving_cells_free(m);
    return m;
}

struct cw_moving_cells *cw_moving_cells_free(struct cw_moving_cells *m)
{
    if (m != NULL) {
        free(m->changed_ns);
        free(m->heat);
        free(m->queue);
        free(m->found);
        free(m);
    }
    return NULL;
}

void cw_classify_changed(struct cw_moving_cells *m, const struct cw_rect *rect, uint64_t now_ns)
{
    for (uint32_t y = rect->y / CW_BAND_ROWS; y <= (rect->y + rect->h - 1) / CW_BAND_ROWS; y++)
        for (uint32_t x = rect->x / CW_CELL_PX; x <= (rect->x + rect->w - 1) / CW_CELL_PX; x++) {
            size_t i = (size_t)y * m->columns + x;
            if (m->heat[i] != 0 && m->changed_ns[i] == now_ns)
                continue; /* another part of it, in the same update */
            if (now_ns - m->changed_ns[i] > MOVING_GAP_NS)
                m->heat[i] = 0;
            if (m->heat[i] < MOVING_HEAT_MAX)
                m->heat[i]++;
            m->changed_ns[i] = now_ns;
        }
}

static bool is_moving(const struct cw_moving_cells *m, size_t i, bool early, uint64_t now_ns)
{
    return m->heat[i] >= (early ? EARLY_HEAT_MIN : MOVING_HEAT_MIN) &&
           now_ns - m->changed_ns[i] <= MOVING_GAP_NS;
}

/* All cells that hang together with one: how many, and the rectangle around them. */
static uint32_t group_at(struct cw_moving_cells *m, uint32_t start, bool early, uint64_t now_ns,
                         struct cw_rect *ret_rect)
{
    uint32_t count = 0;
    uint32_t done = 0;
    uint32_t x0 = UINT32_MAX;
    uint32_t y0 = UINT32_MAX;
    uint32_t x1 = 0;
    uint32_t y1 = 0;
    m->queue[count++] = start;
    m->found[start] = 1;
    while (done < count) {
        uint32_t i = m->queue[done++];
        uint32_t x = i % m->columns;
        uint32_t y = i / m->columns;
        const struct {
            bool inside;
            uint32_t at;
        } next[4] = {{x > 0, i - 1},
                     {x + 1 < m->columns, i + 1},
                     {y > 0, i - m->columns},
                     {y + 1 < m->rows, i + m->columns}};
        x0 = x < x0 ? x : x0;
        y0 = y < y0 ? y : y0;
        x1 = x + 1 > x1 ? x + 1 : x1;
        y1 = y + 1 > y1 ? y + 1 : y1;
        for (unsigned k = 0; k < 4; k++)
            if (next[k].inside && m->found[next[k].at] == 0 &&
                is_moving(m, next[k].at, early, now_ns)) {
                m->found[next[k].at] = 1;
                m->queue[count++] = next[k].at;
            }
    }
    uint32_t right = x1 * CW_CELL_PX < m->width ? x1 * CW_CELL_PX : m->width;
    uint32_t bottom = y1 * CW_BAND_ROWS < m->height ? y1 * CW_BAND_ROWS : m->height;
    *ret_rect = (struct cw_rect){x0 * CW_CELL_PX, y0 * CW_BAND_ROWS, 0, 0};
    ret_rect->w = right - ret_rect->x;
    ret_rect->h = bottom - ret_rect->y;
    return count;
}

/* The rectangle around the largest group. */
static struct cw_rect largest_group(struct cw_moving_cells *m, bool early, uint64_t now_ns)
{
    struct cw_rect best = {0};
    uint32_t most = (early ? EARLY_CELLS_MIN : MOVING_CELLS_MIN) - 1;
    memset(m->found, 0, (size_t)m->columns * m->rows);
    for (uint32_t i = 0; i < m->columns * m->rows; i++) {
        struct cw_rect rect;
        if (m->found[i] != 0 || !is_moving(m, i, early, now_ns))
            continue;
        uint32_t count = group_at(m, i, early, now_ns, &rect);
        uint32_t cells =
            (rect.w + CW_CELL_PX - 1) / CW_CELL_PX * ((rect.h + CW_BAND_ROWS - 1) / CW_BAND_ROWS);
        /* Half of the rectangle at least: pictures round about a text are no film. */
        if (count > most && count * 2 >= cells) {
            most = count;
            best = rect;
        }
    }
    return best;
}

/* Whether more than a few of a rectangle's cells, but for flat ones, may be text. Those at its sides, which it may fill
 * in part, do not count where there are others. */
static bool has_text(const struct cw_moving_cells *m, const struct cw_rect *r,
                     const struct cw_dsp *dsp, const uint8_t *frame, size_t stride_bytes)
{
    uint32_t side_x = r->w > 3 * CW_CELL_PX ? CW_CELL_PX : 0;
    uint32_t side_y = r->h > 3 * CW_BAND_ROWS ? CW_BAND_ROWS : 0;
    uint32_t cells = 0;
    uint32_t strokes = 0;
    for (uint32_t y = r->y + side_y; y < r->y + r->h - side_y; y += CW_BAND_ROWS)
        for (uint32_t x = r->x + side_x; x < r->x + r->w - side_x; x += CW_CELL_PX) {
            uint32_t w = m->width - x < CW_CELL_PX ? m->width - x : CW_CELL_PX;
            uint32_t h = m->height - y < CW_BAND_ROWS ? m->height - y : CW_BAND_ROWS;
            const uint8_t *cell = frame + y * stride_bytes + (size_t)4 * x;
            enum cw_kind kind = cw_classify(dsp, cell, stride_bytes, w, h);
            cells += kind != CW_KIND_FLAT;
            strokes += kind != CW_KIND_FLAT && kind != CW_KIND_PICTURE &&
                       cw_classify_edges(cell, stride_bytes, w, h) == CW_EDGES_STROKES;
        }
    return strokes * MOVING_STROKES > cells;
}

struct cw_rect cw_classify_moving(struct cw_moving_cells *m, const struct cw_dsp *dsp,
                                  const uint8_t *frame, size_t stride_bytes, uint64_t now_ns)
{
    struct cw_rect best = largest_group(m, false, now_ns);
    if (best.w == 0 && m->rect.w == 0)
        best = largest_group(m, true, now_ns);
    struct cw_rect both = m->rect.w == 0 ? best : cw_rect_around(&m->rect, &best);
    bool same = m->rect.w != 0 && best.w != 0 && both.w == m->rect.w && both.h == m->rect.h;
    bool grown = best.w != 0 && both.w == best.w && both.h == best.h;
    if (grown && !same && has_text(m, &best, dsp, frame, stride_bytes)) {
        best = (struct cw_rect){0};
        grown = false;
    }
    if (grown || now_ns - m->fitting_ns > CW_MOVING_KEEP_NS) {
        m->rect = best;
        m->fitting_ns = now_ns;
    } else if (same && best.w * best.h * 10 >= m->rect.w * m->rect.h * 9) {
        m->fitting_ns = now_ns;
    }
    return m->rect;
}
