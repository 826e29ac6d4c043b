/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text are found by dynamic programming over the rows: a cut is good between rows where little happens, and
 * a band should be as tall as the one above. */
#include "codec/text_bands.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/check.h"

/* In units of 1/64 of what a cut through the middle of text costs. */
enum {
    PITCH_MIN = 7, /* the smallest legible text; the largest that a band holds as one */
    PITCH_MAX = 48,
    PITCHES = PITCH_MAX - PITCH_MIN + 1,
    CUT_COST = 64,
    CUT_GAIN = 20,  /* for a cut, else one band over two lines would be cheaper; */
    ROW_GAIN = 192, /* for each row of the band above it, of 256 */
    CHANGE_COST = 64,
    SKIP_COST = 2,    /* a blank row between bands, of another paragraph for example */
    UNLIKE_COST = 24, /* for a band that has nothing of the one above */
    RING = 64,        /* a power of two above PITCH_MAX */
    PREFETCH_ROWS = 4,
    CONTEXT_ROWS = 64,
    CONTEXT_PX = 256,
    SAMPLE_PX = 32, /* columns looked at, of 64 or 256 in wide areas */
};

/* What a band of some pitch meets where it ends is kept there when the band above it ends, so that loops over pitches
 * are loops over neighbours. Rows are modulo RING. */
struct search {
    int32_t same[RING][PITCHES];   /* the cost of the band above, if it has the same pitch */
    int32_t behind[RING][PITCHES]; /* what unlike was where that band ends */
    int32_t cost[2][PITCHES];      /* of bands that end here, and one row above */
    /* How much the rows above, all of them, differ from those a pitch above them: lines of text look alike. */
    int32_t unlike[PITCHES];
    int32_t best[2 * RING]; /* of a row, the later the row the lower its place; twice */
    uint32_t inverse[PITCHES];
};

/* A bit each for a band of some pitch that ends at some row. */
enum {
    CHANGED = 1,
    SKIPPED = 2
}; /* it begins a new pitch; the row above is blank and in no band */

struct cw_bands {
    uint32_t height;
    uint32_t *activity;        /* by row */
    uint32_t *upwards;         /* the same from the last row to the first */
    uint8_t (*steps)[PITCHES]; /* by row and pitch */
    uint8_t *pitch_before;     /* by row: the best pitch of a band that ends there */
    uint32_t *cuts;
    struct search search;
};

struct cw_bands *cw_bands_new(uint32_t height)
{
    struct cw_bands *b = calloc(1, sizeof(*b));
    size_t rows = (size_t)height + PITCH_MAX + 1;
    if (b == NULL)
        return NULL;
    b->height = height;
    b->activity = calloc(rows, sizeof(*b->activity));
    b->upwards = calloc(rows, sizeof(*b->upwards));
    b->steps = calloc(rows, sizeof(*b->steps));
    b->pitch_before = calloc(rows, sizeof(*b->pitch_before));
    b->cuts = calloc(rows, sizeof(*b->cuts));
    if (b->activity == NULL || b->upwards == NULL || b->steps == NULL || b->pitch_before == NULL ||
        b->cuts == NULL)
        return cw_bands_free(b);
    return b;
}

struct cw_bands *cw_bands_free(struct cw_bands *b)
{
    if (b != NULL) {
        free(b->activity);
        free(b->upwards);
        free(b->steps);
        free(b->pitch_before);
        free(b->cuts);
        free(b);
    }
    return NULL;
}

/* How often the colour changes in each row of the area, in an eighth of wide ones. Returns the mean of the rows where
 * it does. */
static uint32_t measure_rows(struct cw_bands *b, const struct cw_dsp *dsp, const uint8_t *picture,
                             uint32_t width, const struct cw_rect *area)
{
    uint64_t sum = 0;
    uint32_t active = 0;
    uint32_t step = area->w > 4 * CONTEXT_PX ? CONTEXT_PX / 2
                    : area->w > CONTEXT_PX   ? CONTEXT_PX / 4
                                             : SAMPLE_PX;
    for (uint32_t y = 0; y < area->h; y++) {
        size_t ahead = y + PREFETCH_ROWS < area->h ? (size_t)PREFETCH_ROWS * width * 4 : 0;
        const uint8_t *row = picture + ((size_t)(area->y + y) * width + area->x) * 4;
        uint32_t changes = 0;
        for (uint32_t x = 0; x < area->w; x += step) {
            uint32_t px = area->w - x < SAMPLE_PX ? area->w - x : SAMPLE_PX;
            /* Pieces of rows this far apart are not fetched by the processor's own foresight. */
            __builtin_prefetch(row + (size_t)4 * x + ahead);
            __builtin_prefetch(row + (size_t)4 * x + ahead + 64);
            changes += dsp->changes_row(row + (size_t)4 * x, px);
        }
        b->activity[y] = changes;
        sum += changes;
        active += changes != 0;
    }
    return active != 0 ? (uint32_t)((sum + active - 1) / active) : 0;
}

/* What a cut above row y costs. */
static int32_t cut_cost(const struct cw_bands *b, uint32_t y, uint32_t mean)
{
    uint32_t above = b->activity[y - 1];
    uint32_t below = b->activity[y];
    uint32_t crossed = above < below ? above : below;
    crossed = crossed < 2 * mean ? crossed : 2 * mean;
    return (int32_t)(crossed * CUT_COST / mean) - CUT_GAIN;
}

/* Adds how much row y differs from those a pitch above it. */
static void compare_rows(const struct cw_bands *b, struct search *s, uint32_t y, uint32_t rows,
                         uint32_t mean)
{
    uint32_t scale = UNLIKE_COST * 256 / (2 * mean);
    uint32_t most = 2 * mean;
    uint32_t near = 0; /* pitches whose row is in the area */
    if (y < rows && y >= PITCH_MIN)
        near = y - PITCH_MIN < PITCHES ? y - PITCH_MIN + 1 : PITCHES;
    if (near > 0) {
        uint32_t here = b->activity[y];
        const uint32_t *there = b->upwards + (rows - 1 - y) + PITCH_MIN;
        for (uint32_t i = 0; i < near; i++) {
            uint32_t d = here < there[i] ? there[i] - here : here - there[i];
            s->unlike[i] += (int32_t)((d < most ? d : most) * scale * s->inverse[i] >> 20);
        }
    }
    for (uint32_t i = near; i < PITCHES; i++)
        s->unlike[i] += (int32_t)(mean / 2 * scale * s->inverse[i] >> 20);
}

/* All ways to end a band above row y. */
static void search_row(struct cw_bands *b, struct search *s, uint32_t y, int32_t cut, bool blank)
{
    int32_t *cost = s->cost[y % 2];
    const int32_t *above = s->cost[1 - y % 2];
    const int32_t *same = s->same[y % RING];
    const int32_t *behind = s->behind[y % RING];
    const int32_t *others = s->best + (RING - 1 - (y + RING - PITCH_MIN) % RING);
    uint8_t *steps = b->steps[y];
    for (uint32_t i = 0; i < PITCHES; i++) {
        int32_t other = others[i] + CHANGE_COST;
        int32_t least = other < same[i] ? other : same[i];
        cost[i] = least + cut + ((s->unlike[i] - behind[i]) >> 8) -
                  (int32_t)((PITCH_MIN + i) * ROW_GAIN / 256);
        steps[i] = other < same[i] ? CHANGED : 0;
    }
    for (uint32_t i = 0; blank && i < PITCHES; i++) {
        bool skip = above[i] + SKIP_COST < cost[i];
        cost[i] = skip ? above[i] + SKIP_COST : cost[i];
        steps[i] |= skip ? SKIPPED : 0;
    }
    int32_t best = cost[0];
    for (uint32_t i = 0; i < PITCHES; i++)
        best = cost[i] < best ? cost[i] : best;
    uint32_t best_pitch = 0;
    while (cost[best_pitch] != best)
        best_pitch++;
    uint32_t place = RING - 1 - y % RING;
    s->best[place] = s->best[place + RING] = best;
    b->pitch_before[y] = (uint8_t)best_pitch;
    for (uint32_t i = 0; i < PITCHES; i++) {
        uint32_t end = (y + PITCH_MIN + i) % RING;
        s->same[end][i] = cost[i];
        s->behind[end][i] = s->unlike[i];
    }
}

/* Finds the best cuts of rows rows. Returns the row, rows or more, where the last band ends. */
static uint32_t search_all(struct cw_bands *b, uint32_t rows, uint32_t mean)
{
    /* Bands may begin above the area and end below it, both at no cost. */
    struct search *s = &b->search;
    memset(s, 0, sizeof(*s));
    /* Exact: what is divided by a pitch is at most UNLIKE_COST * 256, times the pitch less than 2^20. */
    for (uint32_t i = 0; i < PITCHES; i++)
        s->inverse[i] = ((uint32_t)1 << 20) / (PITCH_MIN + i) + 1;
    for (uint32_t y = 0; y < rows; y++)
        b->upwards[rows - 1 - y] = b->activity[y];
    int32_t best = INT32_MAX;
    uint32_t end = rows;
    for (uint32_t y = 1; y < rows + PITCH_MAX; y++) {
        int32_t cut = y < rows ? cut_cost(b, y, mean) : 0;
        compare_rows(b, s, y - 1, rows, mean);
        search_row(b, s, y, cut, y <= rows && b->activity[y - 1] == 0);
        int32_t here = s->best[RING - 1 - y % RING];
        if (y >= rows && here < best) {
            best = here;
            end = y;
        }
    }
    return end;
}

/* Lists the rows above which there is a cut, the lowest first, back from the row where the last band ends. */
static uint32_t list_cuts(struct cw_bands *b, uint32_t end)
{
    uint32_t count = 0;
    uint32_t y = end;
    uint32_t pitch = b->pitch_before[y];
    bool skipping = false;
    for (;;) {
        bool skip = (b->steps[y][pitch] & SKIPPED) != 0;
        if (!(skip && skipping)) /* blank rows go together */
            b->cuts[count++] = y;
        skipping = skip;
        uint32_t rows = skip ? 1 : pitch + PITCH_MIN;
        if (y <= rows)
            return count;
        bool change = !skip && (b->steps[y][pitch] & CHANGED) != 0;
        y -= rows;
        if (change)
            pitch = b->pitch_before[y];
    }
}

/* Adds a band of rows of the rectangle, or several when it is tall. */
static uint32_t add_band(uint8_t *heights, uint32_t count, uint32_t rows)
{
    for (; rows > CW_BAND_PX_MAX; rows -= CW_BAND_PX_MAX)
        heights[count++] = CW_BAND_PX_MAX;
    if (rows > 0)
        heights[count++] = (uint8_t)rows;
    return count;
}

/* Moves the upper and lower side of the rectangle out to cuts when no more than that many rows are added. */
static void widen(const struct cw_bands *b, uint32_t cut_count, const struct cw_rect *area,
                  uint32_t rows, struct cw_rect *r)
{
    uint32_t top = r->y - area->y;
    uint32_t bottom = top + r->h;
    uint32_t above = top;
    uint32_t below = bottom;
    for (uint32_t i = 0; i < cut_count && b->cuts[i] >= bottom; i++)
        below = b->cuts[i] <= area->h ? b->cuts[i] : below;
    for (uint32_t i = 0; i < cut_count && above == top; i++)
        if (b->cuts[i] <= top) {
            above = b->cuts[i];
            break;
        }
    if (top - above + below - bottom > rows)
        return;
    r->y = area->y + above;
    r->h = below - above;
}

/* The bands of the rectangle between the cuts. */
static uint32_t take_cuts(const struct cw_bands *b, uint32_t cut_count, const struct cw_rect *area,
                          const struct cw_rect *r, uint8_t *heights)
{
    uint32_t count = 0;
    uint32_t at = r->y - area->y;
    uint32_t end = at + r->h;
    for (uint32_t i = cut_count; i > 0; i--) {
        uint32_t cut = b->cuts[i - 1];
        if (cut <= at || cut >= end)
            continue;
        count = add_band(heights, count, cut - at);
        at = cut;
    }
    return add_band(heights, count, end - at);
}

uint32_t cw_bands_find(struct cw_bands *b, const struct cw_dsp *dsp, const uint8_t *picture,
                       uint32_t width, uint32_t widen_rows, struct cw_rect *r, uint8_t *ret_heights)
{
    CW_CODEC_CHECK(r->y + r->h <= b->height && r->x + r->w <= width);
    /* What is around a small rectangle tells more than the rectangle. */
    struct cw_rect area = *r;
    if (r->h < 2 * CONTEXT_ROWS) {
        area.y = r->y > CONTEXT_ROWS ? r->y - CONTEXT_ROWS : 0;
        uint32_t y1 = r->y + r->h + CONTEXT_ROWS;
        area.h = (y1 < b->height ? y1 : b->height) - area.y;
    }
    if (r->w < CONTEXT_PX) {
        area.x = r->x > CONTEXT_PX / 2 ? r->x - CONTEXT_PX / 2 : 0;
        uint32_t x1 = r->x + r->w + CONTEXT_PX / 2;
        area.w = (x1 < width ? x1 : width) - area.x;
    }
    uint32_t mean = measure_rows(b, dsp, picture, width, &area);
    if (mean == 0)
        return add_band(ret_heights, 0, r->h);
    uint32_t cut_count = list_cuts(b, search_all(b, area.h, mean));
    widen(b, cut_count, &area, widen_rows, r);
    return take_cuts(b, cut_count, &area, r, ret_heights);
}
