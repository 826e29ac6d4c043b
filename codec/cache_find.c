/* SPDX-License-Identifier: Apache-2.0 */
/* A tile of the picture, as masks of its pixels, against the tiles saved at the same place. */
#include "codec/cache_find.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/limits.h"

enum {
    BLOCKS = CW_TILE_PX / CW_BLOCK_PX,
    WORDS = CW_CODEC_SIDE_PX_MAX / CW_BLOCK_PX / 64,
    NONE = 255,              /* no layer */
    DAMAGE_BLOCKS_MIN = 256, /* of one row: what changes less is not looked at */
    SAVE_FIRST_PX = 64,      /* lost from a tile of which nothing is saved: worth a save */
    SAVE_MORE_PX = 512,      /* lost from a tile, and in none of its layers */
    PART_PX = 64,            /* of new pixels: worth a part of a restore */
    RESTORE_PX = 512,        /* worth an operation */
    SAMPLE_ROWS = 4,
    /* A tile whose saves never came back is left alone until it has rested: it plays or scrolls. */
    CREDIT_FIRST = 6,
    CREDIT_MAX = 12,
    CREDIT_HIT = 4,
    CREDIT_REST = 32, /* updates */
};

/* A tile of the picture at work. Bit i of a row's mask is pixel i. */
struct tile {
    struct cw_rect rect;
    size_t index;
    uint32_t first, last;        /* rows [first, last) have marked blocks */
    uint64_t marked[CW_TILE_PX]; /* pixels of marked blocks */
    uint8_t pick;                /* the layer that the frame looks like */
};

struct cw_cache_find {
    struct cw_cache cache;
    uint32_t update;
    bool big;           /* this update is looked at */
    uint32_t *used;     /* by tile and layer: the update that saved it or would have */
    uint32_t *changed;  /* by tile: the last update that changed it */
    uint8_t *credit;    /* by tile */
    uint8_t *shows;     /* by tile: the layer whose whole tile the model shows */
    struct tile *tiles; /* that this update changes */
    uint32_t tile_count;
    uint32_t moves_max;
    uint32_t move_count;
    struct cw_cache_move moves[CW_CACHE_MOVES_MAX];
    struct cw_cache_move saves[CW_CACHE_MOVES_MAX];
};

struct cw_cache_find *cw_cache_find_new(uint32_t width, uint32_t height)
{
    struct cw_cache_find *f = calloc(1, sizeof(*f));
    if (f == NULL)
        return NULL;
    if (cw_cache_new(&f->cache, width, height) != 0)
        return cw_cache_find_free(f);
    size_t tiles = (size_t)f->cache.columns * f->cache.rows;
    uint32_t bands = (height + CW_BAND_ROWS - 1) / CW_BAND_ROWS;
    uint32_t spare = ((width + CW_BLOCK_PX - 1) / CW_BLOCK_PX - 1) * bands;
    /* The format gives an operation to each block. Patches need one in each band; of the others, saves and restores
     * take a quarter. */
    f->moves_max = spare / 8 < CW_CACHE_MOVES_MAX ? spare / 8 : CW_CACHE_MOVES_MAX;
    f->used = calloc(tiles * CW_CACHE_LAYERS_MAX, sizeof(*f->used));
    f->changed = calloc(tiles, sizeof(*f->changed));
    f->credit = calloc(tiles, 1);
    f->shows = calloc(tiles, 1);
    f->tiles = calloc(tiles, sizeof(*f->tiles));
    if (f->used == NULL || f->changed == NULL || f->credit == NULL || f->shows == NULL ||
        f->tiles == NULL)
        return cw_cache_find_free(f);
    cw_cache_find_clear(f);
    return f;
}

struct cw_cache_find *cw_cache_find_free(struct cw_cache_find *f)
{
    if (f != NULL) {
        cw_cache_free(&f->cache);
        free(f->used);
        free(f->changed);
        free(f->credit);
        free(f->shows);
        free(f->tiles);
        free(f);
    }
    return NULL;
}

void cw_cache_find_clear(struct cw_cache_find *f)
{
    cw_cache_clear(&f->cache);
    memset(f->credit, CREDIT_FIRST, (size_t)f->cache.columns * f->cache.rows);
    memset(f->shows, NONE, (size_t)f->cache.columns * f->cache.rows);
}

/* ---- tiles ---- */

static uint32_t count_bits(uint64_t mask)
{
    return (uint32_t)__builtin_popcountll(mask);
}

static uint64_t low_bits(uint32_t count)
{
    return count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1;
}

/* The pixels of a tile's marked blocks in a row. */
static uint64_t marked_pixels(const struct cw_damage *d, uint32_t x, uint32_t y)
{
    uint32_t block = x / CW_BLOCK_PX;
    uint64_t bits = d->bits[(size_t)y * d->words + block / 64] >> (block % 64) & low_bits(BLOCKS);
    /* Bit i goes to place i * CW_BLOCK_PX, and is repeated up to the next. */
    uint64_t firsts = bits * 0x0000200040008001U & 0x0001000100010001U;
    return firsts * low_bits(CW_BLOCK_PX);
}

static const uint8_t *frame_at(const struct cw_cache_view *v, const struct tile *t, uint32_t row)
{
    return v->frame + (t->rect.y + row) * v->stride_bytes + (size_t)t->rect.x * 4;
}

static const uint8_t *model_at(const struct cw_cache_view *v, const struct tile *t, uint32_t row)
{
    return v->model + ((size_t)(t->rect.y + row) * v->damage->width + t->rect.x) * 4;
}

/* The tile's masks from the damage: the pixels of its marked blocks. False: there are none. */
static bool load_masks(const struct cw_cache_view *v, struct tile *t)
{
    t->first = t->rect.h;
    t->last = 0;
    for (uint32_t y = 0; y < t->rect.h; y++) {
        t->marked[y] = marked_pixels(v->damage, t->rect.x, t->rect.y + y) & low_bits(t->rect.w);
        if (t->marked[y] == 0)
            continue;
        t->first = y < t->first ? y : t->first;
        t->last = y + 1;
    }
    return t->first < t->last;
}

static bool load_tile(const struct cw_cache_find *f, const struct cw_cache_view *v, uint32_t column,
                      uint32_t row, struct tile *t)
{
    const struct cw_damage *d = v->damage;
    t->rect = (struct cw_rect){column * CW_TILE_PX, row * CW_TILE_PX, CW_TILE_PX, CW_TILE_PX};
    if (t->rect.w > d->width - t->rect.x)
        t->rect.w = d->width - t->rect.x;
    if (t->rect.h > d->height - t->rect.y)
        t->rect.h = d->height - t->rect.y;
    t->index = (size_t)row * f->cache.columns + column;
    return load_masks(v, t);
}

/* Marked blocks of any row of a row of tiles. */
static void load_marked(const struct cw_damage *d, uint32_t row, uint64_t *ret_any)
{
    uint32_t y1 = (row + 1) * CW_TILE_PX < d->last ? (row + 1) * CW_TILE_PX : d->last;
    uint32_t y0 = row * CW_TILE_PX > d->first ? row * CW_TILE_PX : d->first;
    memset(ret_any, 0, WORDS * sizeof(*ret_any));
    for (uint32_t y = y0; y < y1; y++)
        for (uint32_t i = 0; i < d->words; i++)
            ret_any[i] |= d->bits[(size_t)y * d->words + i];
}

static bool tile_is_marked(const uint64_t *any, uint32_t column)
{
    uint32_t block = column * BLOCKS;
    return (any[block / 64] >> (block % 64) & low_bits(BLOCKS)) != 0;
}

static bool damage_is_big(const struct cw_damage *d)
{
    uint32_t blocks = 0;
    for (size_t i = (size_t)d->first * d->words;
         i < (size_t)d->last * d->words && blocks < DAMAGE_BLOCKS_MIN; i++)
        blocks += (uint32_t)__builtin_popcountll(d->bits[i]);
    return blocks >= DAMAGE_BLOCKS_MIN;
}

static bool layer_is_valid(const struct cw_cache_find *f, const struct tile *t, uint32_t layer)
{
    return (f->cache.valid[t->index] >> layer & 1) != 0;
}

static uint64_t equal_layer(const struct cw_cache_find *f, const struct cw_cache_view *v,
                            const struct tile *t, uint32_t layer, const uint8_t *pixels,
                            uint32_t row)
{
    const uint8_t *saved = cw_cache_at(&f->cache, layer, t->rect.x, t->rect.y + row);
    return v->dsp->equal_64(pixels, saved, t->rect.w);
}

/* What a sample of the tile's marked pixels tells: how many there were, and how many the best layer has. */
struct sample {
    uint32_t seen, back;
};

/* Picks the layer with most of what the frame shows; an eighth at least. */
static struct sample pick_layer(const struct cw_cache_find *f, const struct cw_cache_view *v,
                                struct tile *t)
{
    uint32_t step = (t->last - t->first + SAMPLE_ROWS - 1) / SAMPLE_ROWS;
    uint32_t score[CW_CACHE_LAYERS_MAX] = {0};
    struct sample s = {0};
    uint32_t found = 0;
    uint32_t looked = 0;
    for (uint32_t y = t->first + step / 2; y < t->last; y += step) {
        s.seen += count_bits(t->marked[y]);
        if (t->marked[y] == 0 || (found == 0 && looked == SAMPLE_ROWS / 2))
            continue;
        looked++;
        for (uint32_t i = 0; i < f->cache.layers; i++)
            if (layer_is_valid(f, t, i)) {
                uint32_t same =
                    count_bits(t->marked[y] & equal_layer(f, v, t, i, frame_at(v, t, y), y));
                score[i] += same;
                found += same;
            }
    }
    t->pick = NONE;
    for (uint32_t i = 0; i < f->cache.layers; i++)
        if (score[i] > s.back && score[i] > s.seen / 8) {
            s.back = score[i];
            t->pick = (uint8_t)i;
        }
    return s;
}

bool cw_cache_find_look(struct cw_cache_find *f, const struct cw_cache_view *v)
{
    const struct cw_damage *d = v->damage;
    uint64_t any[WORDS];
    struct sample sum = {0};
    f->update++;
    f->tile_count = 0;
    if (f->cache.layers == 0 || d->first == d->last)
        return false;
    bool big = damage_is_big(d);
    for (uint32_t row = d->first / CW_TILE_PX; row * CW_TILE_PX < d->last; row++) {
        load_marked(d, row, any);
        for (uint32_t column = 0; column < f->cache.columns; column++) {
            struct tile *t = &f->tiles[f->tile_count];
            size_t index = (size_t)row * f->cache.columns + column;
            if (!tile_is_marked(any, column))
                continue;
            if (!big) {
                f->shows[index] = NONE;
            } else if (load_tile(f, v, column, row, t)) {
                f->tile_count++;
                struct sample s = pick_layer(f, v, t);
                sum.seen += s.seen;
                sum.back += s.back;
            }
        }
    }
    return sum.back * 4 > sum.seen * 3;
}

/* ---- lists of moves ---- */

/* a and b are one rectangle when they touch along a whole side. */
static bool join(struct cw_rect *a, const struct cw_rect *b)
{
    if (a->y == b->y && a->h == b->h && a->x + a->w == b->x)
        a->w += b->w;
    else if (a->x == b->x && a->w == b->w && a->y + a->h == b->y)
        a->h += b->h;
    else
        return false;
    return true;
}

static bool join_moves(struct cw_cache_move *a, const struct cw_cache_move *b)
{
    return a->from.layer == b->from.layer && a->from.x - a->rect.x == b->from.x - b->rect.x &&
           a->from.y - a->rect.y == b->from.y - b->rect.y && join(&a->rect, &b->rect);
}

static bool add_to(struct cw_cache_move *a, const struct cw_cache_move *b)
{
    if (!join_moves(a, b))
        return false;
    a->gain += b->gain;
    return true;
}

/* False: the list is full. */
static bool add_move(struct cw_cache_move *list, uint32_t max, uint32_t *count,
                     const struct cw_cache_move *m)
{
    /* What can be joined was added a moment ago: the tile to the left. */
    uint32_t oldest = *count > BLOCKS * 4 ? *count - BLOCKS * 4 : 0;
    for (uint32_t i = *count; i > oldest; i--)
        if (add_to(&list[i - 1], m))
            return true;
    if (*count == max)
        return false;
    list[(*count)++] = *m;
    return true;
}

/* Joins what lies below one another. The order in the list is that of the upper left corners' rows. */
static uint32_t join_list(struct cw_cache_move *list, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool joined = false;
        for (uint32_t k = 0; k < kept && !joined; k++)
            joined = add_to(&list[k], &list[i]);
        if (!joined)
            list[kept++] = list[i];
    }
    return kept;
}

/* ---- saves ---- */

/* The tile's pixels that some copy takes elsewhere. */
static void kept_by_copies(const struct tile *t, const struct cw_copy *copies, size_t count,
                           uint64_t *kept)
{
    memset(kept, 0, CW_TILE_PX * sizeof(*kept));
    for (size_t i = 0; i < count; i++) {
        const struct cw_copy *c = &copies[i];
        uint32_t x0 = c->from_x > t->rect.x ? c->from_x - t->rect.x : 0;
        uint32_t y0 = c->from_y > t->rect.y ? c->from_y - t->rect.y : 0;
        if (c->from_x + c->to.w <= t->rect.x || c->from_y + c->to.h <= t->rect.y)
            continue;
        uint32_t x1 = c->from_x + c->to.w - t->rect.x;
        uint32_t y1 = c->from_y + c->to.h - t->rect.y;
        x1 = x1 < t->rect.w ? x1 : t->rect.w;
        y1 = y1 < t->rect.h ? y1 : t->rect.h;
        for (uint32_t y = y0; y < y1 && x0 < x1; y++)
            kept[y] |= low_bits(x1) & ~low_bits(x0);
    }
}

/* How many of the lost pixels a layer does not have, counted up to max. */
static uint32_t count_missing(const struct cw_cache_find *f, const struct cw_cache_view *v,
                              const struct tile *t, uint32_t layer, const uint64_t *lost,
                              uint32_t max)
{
    uint32_t missing = 0;
    for (uint32_t y = t->first; y < t->last && missing < max; y++)
        if (lost[y] != 0)
            missing += count_bits(lost[y] & ~equal_layer(f, v, t, layer, model_at(v, t, y), y));
    return missing;
}

/* The layer for a new save: a free one, or the one not used for longest; never the one that comes back now. */
static uint8_t choose_layer(const struct cw_cache_find *f, const struct tile *t)
{
    const uint32_t *used = f->used + t->index * CW_CACHE_LAYERS_MAX;
    uint8_t best = NONE;
    for (uint32_t i = 0; i < f->cache.layers; i++) {
        if (!layer_is_valid(f, t, i))
            return (uint8_t)i;
        if (i != t->pick && (best == NONE || f->update - used[i] > f->update - used[best]))
            best = (uint8_t)i;
    }
    return best;
}

/* Some of the tile is not what decoders show. */
static bool tile_is_lossy(const struct cw_cache_view *v, const struct tile *t)
{
    size_t columns = (v->damage->width + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    for (uint32_t y = 0; y < t->rect.h && v->lossy != NULL; y += CW_BLOCK_PX)
        for (uint32_t x = 0; x < t->rect.w; x += CW_BLOCK_PX)
            if (v->lossy[(t->rect.y + y) / CW_BLOCK_PX * columns + (t->rect.x + x) / CW_BLOCK_PX] !=
                0)
                return true;
    return false;
}

static void consider_save(struct cw_cache_find *f, const struct cw_cache_view *v,
                          const struct tile *t, const struct cw_copy *copies, size_t copy_count)
{
    uint64_t lost[CW_TILE_PX];
    uint32_t *used = f->used + t->index * CW_CACHE_LAYERS_MAX;
    uint32_t count = 0;
    kept_by_copies(t, copies, copy_count, lost);
    for (uint32_t y = t->first; y < t->last; y++) {
        lost[y] = t->marked[y] & ~lost[y];
        count += count_bits(lost[y]);
    }
    uint32_t enough = f->cache.valid[t->index] == 0 ? SAVE_FIRST_PX : SAVE_MORE_PX;
    if (count < enough)
        return;
    uint8_t layer = f->shows[t->index];
    if (layer == NONE && f->credit[t->index] == 0)
        return;
    for (uint32_t i = 0; i < f->cache.layers && layer == NONE; i++)
        if (layer_is_valid(f, t, i) && count_missing(f, v, t, i, lost, enough) < enough)
            layer = (uint8_t)i;
    if (layer == NONE && !tile_is_lossy(v, t)) {
        layer = choose_layer(f, t);
        struct cw_cache_move m = {t->rect, {layer, t->rect.x, t->rect.y}, 0};
        if (layer != NONE && add_move(f->saves, f->moves_max, &f->move_count, &m)) {
            f->credit[t->index]--;
            cw_cache_save(&f->cache, layer, &t->rect, v->model);
        } else {
            layer = NONE;
        }
    }
    if (layer != NONE)
        used[layer] = f->update;
}

const struct cw_cache_move *cw_cache_find_save(struct cw_cache_find *f,
                                               const struct cw_cache_view *v,
                                               const struct cw_copy *copies, size_t copy_count,
                                               size_t *ret_count)
{
    f->move_count = 0;
    for (uint32_t i = 0; i < f->tile_count; i++) {
        const struct tile *t = &f->tiles[i];
        if (f->update - f->changed[t->index] >= CREDIT_REST && f->credit[t->index] < CREDIT_FIRST)
            f->credit[t->index] = CREDIT_FIRST;
        f->changed[t->index] = f->update;
        consider_save(f, v, t, copies, copy_count);
        f->shows[t->index] = NONE;
    }
    *ret_count = join_list(f->saves, f->move_count);
    return f->saves;
}

/* ---- restores ---- */

/* The run of ones that holds bit x. */
static uint64_t run_of(uint64_t mask, uint32_t x)
{
    uint64_t holes_above = ~mask & ~low_bits(x);
    uint64_t holes_below = ~mask & low_bits(x);
    uint32_t end = holes_above == 0 ? 64 : (uint32_t)__builtin_ctzll(holes_above);
    uint32_t start = holes_below == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(holes_below);
    return low_bits(end) & ~low_bits(start);
}

/* Adds the restore of a rectangle of the tile. False: no room. */
static bool add_restore(struct cw_cache_find *f, const struct tile *t, uint64_t run, uint32_t y,
                        uint32_t end, uint32_t gain)
{
    struct cw_rect r = {
        .x = t->rect.x + (uint32_t)__builtin_ctzll(run),
        .y = t->rect.y + y,
        .w = count_bits(run),
        .h = end - y,
    };
    struct cw_cache_move m = {r, {t->pick, r.x, r.y}, gain};
    if (!add_move(f->moves, f->moves_max, &f->move_count, &m))
        return false;
    f->used[t->index * CW_CACHE_LAYERS_MAX + t->pick] = f->update;
    if (r.w == t->rect.w && r.h == t->rect.h)
        f->shows[t->index] = t->pick;
    return true;
}

/* Rectangles of pixels that equal the layer, from the top down, while they bring enough that is new. */
static bool restore_parts(struct cw_cache_find *f, const struct cw_cache_view *v, struct tile *t,
                          uint64_t *equal)
{
    bool hit = false;
    for (uint32_t y = t->first; y < t->last; y++)
        t->marked[y] &= ~v->dsp->equal_64(frame_at(v, t, y), model_at(v, t, y), t->rect.w);
    for (uint32_t y = t->first; y < t->last; y++) {
        uint64_t need;
        while ((need = t->marked[y] & equal[y]) != 0) {
            uint64_t run = run_of(equal[y], (uint32_t)__builtin_ctzll(need));
            uint32_t gain = 0;
            uint32_t end = y;
            for (; end < t->last && (run & ~equal[end]) == 0; end++) {
                gain += count_bits(t->marked[end] & run);
                t->marked[end] &= ~run;
            }
            if (gain < PART_PX)
                continue;
            if (!add_restore(f, t, run, y, end, gain))
                return hit;
            hit = true;
            for (uint32_t i = y; i < end; i++) /* no pixel twice */
                equal[i] &= ~run;
        }
    }
    return hit;
}

static void restore_tile(struct cw_cache_find *f, const struct cw_cache_view *v, struct tile *t)
{
    uint64_t equal[CW_TILE_PX];
    uint64_t whole = low_bits(t->rect.w);
    uint32_t same = 0;
    uint32_t marked = 0;
    for (uint32_t y = t->first; y < t->last; y++) {
        equal[y] = equal_layer(f, v, t, t->pick, frame_at(v, t, y), y);
        same += equal[y] == whole;
        marked += count_bits(t->marked[y]);
    }
    bool hit = same == t->last - t->first ? add_restore(f, t, whole, t->first, t->last, marked)
                                          : restore_parts(f, v, t, equal);
    uint8_t *credit = &f->credit[t->index];
    if (hit)
        *credit = *credit + CREDIT_HIT < CREDIT_MAX ? (uint8_t)(*credit + CREDIT_HIT) : CREDIT_MAX;
}

/* What stayed small though its neighbours could join it costs more than it brings, and tears apart what is coded. */
static uint32_t drop_small(struct cw_cache_move *list, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (list[i].gain >= RESTORE_PX)
            list[kept++] = list[i];
    return kept;
}

const struct cw_cache_move *cw_cache_find_restore(struct cw_cache_find *f,
                                                  const struct cw_cache_view *v, bool copied,
                                                  size_t *ret_count)
{
    f->move_count = 0;
    for (uint32_t i = 0; i < f->tile_count; i++) {
        struct tile *t = &f->tiles[i];
        if (copied && !load_masks(v, t))
            continue;
        if (copied) /* what is left shows better what came back */
            pick_layer(f, v, t);
        if (t->pick != NONE)
            restore_tile(f, v, t);
    }
    f->move_count = drop_small(f->moves, join_list(f->moves, f->move_count));
    for (uint32_t i = 0; i < f->move_count; i++)
        cw_cache_restore(&f->cache, &f->moves[i].from, &f->moves[i].rect, v->model);
    for (uint32_t i = 0; i < f->move_count; i++)
        cw_damage_moved(v->damage, v->dsp, v->frame, v->stride_bytes, v->model, &f->moves[i].rect);
    *ret_count = f->move_count;
    return f->moves;
}
