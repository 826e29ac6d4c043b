/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors vote for vectors, blocks are compared under the winners, equal blocks join into
 * rectangles.
 *
 * An anchor is a window of CW_ANCHOR_PX pixels of one row whose hash has a certain value in its low
 * bits: the same content is an anchor wherever it stands, so both pictures choose the same places
 * without knowing of each other. Windows of few colours and windows that occur twice say nothing
 * and are dropped.
 */
#include "codec/motion.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS = CW_CODEC_SIDE_PX_MAX / CW_BLOCK_PX / 64,
    TABLE_LOG = 15,
    TABLE_FILL_MAX = (1 << TABLE_LOG) * 3 / 4,
    VOTES_LOG = 10,
    VOTES_FILL_MAX = (1 << VOTES_LOG) * 3 / 4,
    VOTES_MIN = 8,
    VOTES_SHARE = 32,       /* of the first vector's, that another needs to be worth a comparison */
    FRAME_ROW_STEP = 2,     /* rows of the new frame that are looked up */
    COLOUR_CHANGES_MIN = 6, /* in a window */
    DAMAGE_BLOCKS_MIN = 512, /* of one row: less is coded sooner than searched */
    FOUND_MAX = 512,
    COPY_PX_MIN = 1024,
};

struct anchor {
    uint32_t hash;
    uint16_t x, y;
    bool used, twice;
};

struct vote {
    int32_t dx, dy; /* from the model to the frame */
    uint32_t count;
};

/* Bits of the blocks of one band. */
struct band_bits {
    uint64_t w[WORDS];
};

struct cw_motion {
    uint32_t width, height, blocks, bands;
    uint32_t *hashes;    /* of a row */
    uint32_t *positions; /* of a row's anchors */
    struct anchor *table;
    uint32_t table_fill;
    struct vote votes[1 << VOTES_LOG];
    uint32_t votes_fill;
    uint32_t first, last;    /* blocks [first, last) hold all that the damage marks */
    struct band_bits *dirty; /* marked by the damage and not yet copied */
    struct band_bits *equal; /* equal under the vector at work */
    struct band_bits *need;  /* equal and dirty */
    struct cw_copy found[FOUND_MAX];
    uint32_t found_count;
    struct cw_copy copies[CW_COPIES_MAX];
};

struct cw_motion *cw_motion_new(uint32_t width, uint32_t height)
{
    struct cw_motion *m = calloc(1, sizeof(*m));
    if (m == NULL)
        return NULL;
    m->width = width;
    m->height = height;
    m->blocks = (width + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    m->bands = (height + CW_BAND_ROWS - 1) / CW_BAND_ROWS;
    m->hashes = calloc(width, sizeof(*m->hashes));
    m->positions = calloc(width, sizeof(*m->positions));
    m->table = calloc((size_t)1 << TABLE_LOG, sizeof(*m->table));
    m->dirty = calloc(m->bands, sizeof(*m->dirty));
    m->equal = calloc(m->bands, sizeof(*m->equal));
    m->need = calloc(m->bands, sizeof(*m->need));
    if (m->hashes == NULL || m->positions == NULL || m->table == NULL || m->dirty == NULL ||
        m->equal == NULL || m->need == NULL)
        return cw_motion_free(m);
    return m;
}

struct cw_motion *cw_motion_free(struct cw_motion *m)
{
    if (m != NULL) {
        free(m->hashes);
        free(m->positions);
        free(m->table);
        free(m->dirty);
        free(m->equal);
        free(m->need);
        free(m);
    }
    return NULL;
}

/* ---- anchors and votes ---- */

/* The first and last marked block of a row of the damage, as pixels. False: none. */
static bool row_span(const struct cw_damage *d, uint32_t y, uint32_t *ret_x0, uint32_t *ret_x1)
{
    const uint64_t *bits = d->bits + (size_t)y * d->words;
    uint32_t first = 0;
    uint32_t last = d->words;
    while (first < d->words && bits[first] == 0)
        first++;
    if (first == d->words)
        return false;
    while (bits[last - 1] == 0)
        last--;
    uint32_t x1 = ((last - 1) * 64 + 64 - (uint32_t)__builtin_clzll(bits[last - 1])) * CW_BLOCK_PX;
    *ret_x0 = (first * 64 + (uint32_t)__builtin_ctzll(bits[first])) * CW_BLOCK_PX;
    *ret_x1 = x1 < d->width ? x1 : d->width;
    return true;
}

static bool window_is_busy(const uint8_t *pixels)
{
    unsigned changes = 0;
    for (unsigned i = 1; i < CW_ANCHOR_PX; i++)
        changes += memcmp(pixels + (size_t)4 * i, pixels + (size_t)4 * i - 4, 3) != 0;
    return changes >= COLOUR_CHANGES_MIN;
}

/* The place of a hash in the table: its entry, or the free one it would take. */
static struct anchor *table_at(struct cw_motion *m, uint32_t hash)
{
    uint32_t i = hash * 0x9E3779B1U >> (32 - TABLE_LOG);
    while (m->table[i].used && m->table[i].hash != hash)
        i = (i + 1) & ((1U << TABLE_LOG) - 1);
    return &m->table[i];
}

static void table_add(struct cw_motion *m, uint32_t hash, uint32_t x, uint32_t y)
{
    struct anchor *a = table_at(m, hash);
    if (a->used) {
        a->twice = true;
    } else if (m->table_fill < TABLE_FILL_MAX) {
        *a = (struct anchor){.hash = hash, .x = (uint16_t)x, .y = (uint16_t)y, .used = true};
        m->table_fill++;
    }
}

static void vote(struct cw_motion *m, int32_t dx, int32_t dy)
{
    uint32_t key = (uint32_t)dx * 16411U + (uint32_t)dy;
    uint32_t i = key * 0x9E3779B1U >> (32 - VOTES_LOG);
    while (m->votes[i].count != 0 && (m->votes[i].dx != dx || m->votes[i].dy != dy))
        i = (i + 1) & ((1U << VOTES_LOG) - 1);
    if (m->votes[i].count == 0) {
        if (m->votes_fill == VOTES_FILL_MAX)
            return;
        m->votes_fill++;
    }
    m->votes[i] = (struct vote){dx, dy, m->votes[i].count + 1};
}

/* Anchors of the marked part of the model's rows into the table, then those of the frame's rows
 * looked up in it. */
static void collect_votes(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                          const uint8_t *frame, size_t stride_bytes, const uint8_t *model)
{
    memset(m->table, 0, sizeof(*m->table) << TABLE_LOG);
    memset(m->votes, 0, sizeof(m->votes));
    m->table_fill = 0;
    m->votes_fill = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t y = d->first; y < d->last; y += pass == 0 ? 1 : FRAME_ROW_STEP) {
            uint32_t x0;
            uint32_t x1;
            if (!row_span(d, y, &x0, &x1) || x1 - x0 < CW_ANCHOR_PX)
                continue;
            const uint8_t *row =
                pass == 0 ? model + (size_t)y * m->width * 4 : frame + y * stride_bytes;
            row += (size_t)x0 * 4;
            uint32_t count = dsp->anchor_row(row, x1 - x0, m->hashes, m->positions);
            for (uint32_t i = 0; i < count; i++) {
                uint32_t x = m->positions[i];
                if (!window_is_busy(row + (size_t)x * 4))
                    continue;
                if (pass == 0) {
                    table_add(m, m->hashes[x], x0 + x, y);
                    continue;
                }
                const struct anchor *a = table_at(m, m->hashes[x]);
                if (a->used && !a->twice && (a->x != x0 + x || a->y != y))
                    vote(m, (int32_t)(x0 + x) - a->x, (int32_t)y - a->y);
            }
        }
    }
}

/* Takes the vector with the most votes out. False: none has enough. */
static bool next_vector(struct cw_motion *m, uint32_t votes_min, struct vote *ret_vote)
{
    struct vote *best = &m->votes[0];
    for (uint32_t i = 1; i < 1U << VOTES_LOG; i++)
        if (m->votes[i].count > best->count)
            best = &m->votes[i];
    if (best->count < votes_min)
        return false;
    *ret_vote = *best;
    best->count = 1;
    return true;
}

/* ---- blocks ---- */

static bool bit_at(const struct band_bits *b, uint32_t i)
{
    return (b->w[i / 64] >> (i % 64) & 1) != 0;
}

static void clear_bits(struct band_bits *b, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        b->w[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/* The damage's rows or-ed to bands. Returns the blocks marked, of one row each. */
static uint64_t load_dirty(struct cw_motion *m, const struct cw_damage *d)
{
    uint64_t count = 0;
    struct band_bits any = {{0}};
    memset(m->dirty, 0, m->bands * sizeof(*m->dirty));
    for (uint32_t y = d->first; y < d->last; y++)
        for (uint32_t i = 0; i < d->words; i++) {
            uint64_t bits = d->bits[(size_t)y * d->words + i];
            m->dirty[y / CW_BAND_ROWS].w[i] |= bits;
            any.w[i] |= bits;
            count += (unsigned)__builtin_popcountll(bits);
        }
    m->first = 0;
    m->last = m->blocks;
    while (m->first < m->last && !bit_at(&any, m->first))
        m->first++;
    while (m->first < m->last && !bit_at(&any, m->last - 1))
        m->last--;
    return count;
}

/* The blocks of a band that equal the model under the vector, of all columns that any band marks: a
 * rectangle may well hold blocks that look alike before and after. */
static void match_band(struct cw_motion *m, const struct cw_dsp *dsp, const struct vote *v,
                       uint32_t band, const uint8_t *frame, size_t stride_bytes,
                       const uint8_t *model)
{
    struct band_bits *equal = &m->equal[band];
    const struct band_bits *dirty = &m->dirty[band];
    uint32_t y0 = band * CW_BAND_ROWS;
    uint32_t y1 = m->height - y0 < CW_BAND_ROWS ? m->height : y0 + CW_BAND_ROWS;
    memset(equal, 0, sizeof(*equal));
    memset(&m->need[band], 0, sizeof(m->need[band]));
    /* Whole blocks whose source is inside the picture. */
    int32_t low = v->dx > 0 ? (v->dx + CW_BLOCK_PX - 1) / CW_BLOCK_PX : 0;
    int32_t high = v->dx < 0 ? ((int32_t)m->width + v->dx) / CW_BLOCK_PX : (int32_t)m->blocks;
    low = low < (int32_t)m->first ? (int32_t)m->first : low;
    high = high > (int32_t)m->last ? (int32_t)m->last : high;
    uint64_t marked = 0;
    for (uint32_t i = 0; i < WORDS; i++)
        marked |= dirty->w[i];
    if (marked == 0 || low >= high || (int32_t)y0 - v->dy < 0 ||
        (int32_t)y1 - v->dy > (int32_t)m->height)
        return;
    uint32_t x0 = (uint32_t)low * CW_BLOCK_PX;
    uint32_t x1 = (uint32_t)high * CW_BLOCK_PX < m->width ? (uint32_t)high * CW_BLOCK_PX : m->width;
    struct band_bits differs = {{0}};
    for (uint32_t y = y0; y < y1; y++) {
        size_t from = (size_t)((int32_t)y - v->dy) * m->width + (size_t)((int32_t)x0 - v->dx);
        dsp->diff_row(frame + y * stride_bytes + (size_t)x0 * 4, model + from * 4, x1 - x0,
                      differs.w, (uint32_t)low);
    }
    for (uint32_t i = (uint32_t)low; i < (uint32_t)high; i++)
        if (!bit_at(&differs, i))
            equal->w[i / 64] |= (uint64_t)1 << (i % 64);
    for (uint32_t i = 0; i < WORDS; i++)
        m->need[band].w[i] = equal->w[i] & dirty->w[i];
}

/* ---- rectangles ---- */

/* Widens columns [*x0, *x1) to take in what band b needs of the run of all that holds them. False
 * when the run does not hold them or nothing there is needed. */
static bool widen(const struct cw_motion *m, const struct band_bits *all, uint32_t b, uint32_t *x0,
                  uint32_t *x1)
{
    for (uint32_t i = *x0; i < *x1; i++)
        if (!bit_at(all, i))
            return false;
    uint32_t first = m->blocks;
    uint32_t last = 0;
    uint32_t left = *x0;
    uint32_t right = *x1;
    while (left > 0 && bit_at(all, left - 1))
        left--;
    while (right < m->blocks && bit_at(all, right))
        right++;
    for (uint32_t i = left; i < right; i++)
        if (bit_at(&m->need[b], i)) {
            first = i < first ? i : first;
            last = i + 1;
        }
    if (last == 0)
        return false;
    *x0 = first < *x0 ? first : *x0;
    *x1 = last > *x1 ? last : *x1;
    return true;
}

static void add_found(struct cw_motion *m, const struct vote *v, uint32_t x0, uint32_t x1,
                      uint32_t b0, uint32_t b1)
{
    struct cw_rect to = {x0 * CW_BLOCK_PX, b0 * CW_BAND_ROWS, 0, 0};
    to.w = (x1 * CW_BLOCK_PX < m->width ? x1 * CW_BLOCK_PX : m->width) - to.x;
    to.h = (b1 * CW_BAND_ROWS < m->height ? b1 * CW_BAND_ROWS : m->height) - to.y;
    if (m->found_count < FOUND_MAX && to.w * to.h >= COPY_PX_MIN)
        m->found[m->found_count++] = (struct cw_copy){to, (uint32_t)((int32_t)to.x - v->dx),
                                                      (uint32_t)((int32_t)to.y - v->dy)};
    for (uint32_t b = b0; b < b1; b++) {
        clear_bits(&m->need[b], x0, x1);
        clear_bits(&m->dirty[b], x0, x1);
    }
}

/* Joins the needed blocks to rectangles of equal blocks, from the top down. */
static void join_blocks(struct cw_motion *m, const struct vote *v)
{
    for (uint32_t b = 0; b < m->bands; b++)
        for (uint32_t i = 0; i < m->blocks; i++) {
            if (!bit_at(&m->need[b], i))
                continue;
            uint32_t x0 = i;
            uint32_t x1 = i + 1;
            struct band_bits all = m->equal[b];
            widen(m, &all, b, &x0, &x1);
            uint32_t end = b + 1;
            for (; end < m->bands; end++) {
                struct band_bits both;
                for (uint32_t k = 0; k < WORDS; k++)
                    both.w[k] = all.w[k] & m->equal[end].w[k];
                if (!widen(m, &both, end, &x0, &x1))
                    break;
                all = both;
            }
            add_found(m, v, x0, x1, b, end);
        }
}

static bool pixel_moved(const struct cw_motion *m, const uint8_t *frame, size_t stride_bytes,
                        const uint8_t *model, uint32_t x, uint32_t y, uint32_t from_x,
                        uint32_t from_y)
{
    return memcmp(frame + y * stride_bytes + (size_t)x * 4,
                  model + ((size_t)from_y * m->width + from_x) * 4, 3) == 0;
}

static bool rects_meet(const struct cw_rect *a, const struct cw_rect *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* The line of pixels next to a copy on one side (top, bottom, left, right), as a copy of its own.
 * False: it would leave the picture. */
static bool border_of(const struct cw_motion *m, const struct cw_copy *c, unsigned side,
                      struct cw_copy *ret_line)
{
    struct cw_copy line = *c;
    switch (side) {
    case 0:
    case 1:
        if (side == 0 ? c->to.y == 0 || c->from_y == 0
                      : c->to.y + c->to.h >= m->height || c->from_y + c->to.h >= m->height)
            return false;
        line.to.h = 1;
        line.to.y = side == 0 ? c->to.y - 1 : c->to.y + c->to.h;
        line.from_y = side == 0 ? c->from_y - 1 : c->from_y + c->to.h;
        break;
    default:
        if (side == 2 ? c->to.x == 0 || c->from_x == 0
                      : c->to.x + c->to.w >= m->width || c->from_x + c->to.w >= m->width)
            return false;
        line.to.w = 1;
        line.to.x = side == 2 ? c->to.x - 1 : c->to.x + c->to.w;
        line.from_x = side == 2 ? c->from_x - 1 : c->from_x + c->to.w;
    }
    *ret_line = line;
    return true;
}

static bool line_moved(const struct cw_motion *m, const uint8_t *frame, size_t stride_bytes,
                       const uint8_t *model, const struct cw_copy *line)
{
    for (uint32_t y = 0; y < line->to.h; y++)
        for (uint32_t x = 0; x < line->to.w; x++)
            if (!pixel_moved(m, frame, stride_bytes, model, line->to.x + x, line->to.y + y,
                             line->from_x + x, line->from_y + y))
                return false;
    return true;
}

/* Lets a copy grow by up to a block on each side while all its border pixels are equal, too, and no
 * other copy's: what moved seldom ends at the grid. */
static void grow(struct cw_motion *m, const uint8_t *frame, size_t stride_bytes,
                 const uint8_t *model, uint32_t index)
{
    struct cw_copy *c = &m->found[index];
    for (unsigned side = 0; side < 4; side++)
        for (unsigned step = 1; step < CW_BLOCK_PX; step++) {
            struct cw_copy line;
            if (!border_of(m, c, side, &line) || !line_moved(m, frame, stride_bytes, model, &line))
                break;
            bool meets = false;
            for (uint32_t i = 0; i < m->found_count && !meets; i++)
                meets = i != index && rects_meet(&line.to, &m->found[i].to);
            if (meets)
                break;
            c->to.y -= side == 0;
            c->from_y -= side == 0;
            c->to.h += side <= 1;
            c->to.x -= side == 2;
            c->from_x -= side == 2;
            c->to.w += side >= 2;
        }
}

/* Leaves the CW_COPIES_MAX largest, largest first; of equals the one found first. */
static void keep_largest(struct cw_motion *m)
{
    uint32_t keep = m->found_count < CW_COPIES_MAX ? m->found_count : CW_COPIES_MAX;
    for (uint32_t i = 0; i < keep; i++) {
        uint32_t best = i;
        for (uint32_t k = i + 1; k < m->found_count; k++)
            if (m->found[k].to.w * m->found[k].to.h > m->found[best].to.w * m->found[best].to.h)
                best = k;
        struct cw_copy largest = m->found[best];
        memmove(&m->found[i + 1], &m->found[i], (best - i) * sizeof(largest));
        m->found[i] = largest;
    }
    m->found_count = keep;
}

/* Making a first would spoil what b is to read. */
static bool spoils(const struct cw_copy *a, const struct cw_copy *b)
{
    const struct cw_rect from = {b->from_x, b->from_y, b->to.w, b->to.h};
    return rects_meet(&a->to, &from);
}

/* Found copies to m->copies, those first that spoil no other. Where all do, one is left out: its
 * pixels are coded instead. */
static size_t order_copies(struct cw_motion *m)
{
    size_t done = 0;
    uint32_t left = m->found_count;
    while (left > 0) {
        uint32_t pick = left;
        for (uint32_t i = 0; i < left && pick == left; i++) {
            bool free = true;
            for (uint32_t k = 0; k < left && free; k++)
                free = k == i || !spoils(&m->found[i], &m->found[k]);
            if (free)
                pick = i;
        }
        if (pick < left)
            m->copies[done++] = m->found[pick];
        else
            pick = left - 1;
        left--;
        memmove(&m->found[pick], &m->found[pick + 1], (left - pick) * sizeof(m->found[0]));
    }
    return done;
}

const struct cw_copy *cw_motion_find(struct cw_motion *m, const struct cw_damage *damage,
                                     const struct cw_dsp *dsp, const uint8_t *frame,
                                     size_t stride_bytes, const uint8_t *model, size_t *ret_count)
{
    *ret_count = 0;
    m->found_count = 0;
    if (load_dirty(m, damage) < DAMAGE_BLOCKS_MIN)
        return m->copies;
    collect_votes(m, damage, dsp, frame, stride_bytes, model);
    struct vote v;
    uint32_t votes_min = VOTES_MIN;
    for (unsigned n = 0; n < CW_MOTION_VECTORS && next_vector(m, votes_min, &v); n++) {
        if (v.count / VOTES_SHARE > votes_min)
            votes_min = v.count / VOTES_SHARE;
        for (uint32_t b = 0; b < m->bands; b++)
            match_band(m, dsp, &v, b, frame, stride_bytes, model);
        join_blocks(m, &v);
    }
    keep_largest(m);
    uint64_t px = 0;
    for (uint32_t i = 0; i < m->found_count; i++) {
        grow(m, frame, stride_bytes, model, i);
        px += (uint64_t)m->found[i].to.w * m->found[i].to.h;
        /* Rectangles of different vectors may overlap in what looks alike, so they could be too
         * much. */
        if (px > (uint64_t)m->width * m->height)
            m->found_count = i;
    }
    *ret_count = order_copies(m);
    return m->copies;
}
