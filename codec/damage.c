/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/damage.h"

#include <stdlib.h>
#include <string.h>

#include "codec/bits.h"
#include "codec/classify.h"
#include "codec/limits.h"
#include "codec/packet.h"

/* Keys have a bit set above a pixel's 24, so a pixel xor its key is never 0. So a change of one pixel of a pair changes
 * their product by less than 2^56 and not by 0, and with it the sum that the pair falls into; and the sums are folded
 * with odd factors, so that a change of one of them changes the hash. */
static uint32_t *keys_new(void)
{
    uint32_t *keys = malloc(CW_SEGMENT_PX * sizeof(*keys));
    uint64_t state = 0x9E3779B97F4A7C15U;
    for (uint32_t i = 0; keys != NULL && i < CW_SEGMENT_PX; i++) {
        state = state * 0xD1342543DE82EF95U + 0x2545F4914F6CDD1DU;
        keys[i] = (uint32_t)(state >> 32) | 1U << 24;
    }
    return keys;
}

struct cw_damage *cw_damage_new(uint32_t width, uint32_t height)
{
    struct cw_damage *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return NULL;
    d->width = width;
    d->height = height;
    d->words = (width + CW_BLOCK_PX * 64 - 1) / (CW_BLOCK_PX * 64);
    d->patch_max = cw_ops_max(width, height);
    d->bits = calloc((size_t)d->words * height, sizeof(*d->bits));
    d->hashes = calloc((size_t)d->words * height, sizeof(*d->hashes));
    d->keys = keys_new();
    d->open = calloc((size_t)d->patch_max * 2, sizeof(*d->open));
    d->patches = calloc(d->patch_max, sizeof(*d->patches));
    if (d->bits == NULL || d->hashes == NULL || d->keys == NULL || d->open == NULL ||
        d->patches == NULL)
        return cw_damage_free(d);
    return d;
}

struct cw_damage *cw_damage_free(struct cw_damage *d)
{
    if (d != NULL) {
        free(d->bits);
        free(d->hashes);
        free(d->keys);
        free(d->open);
        free(d->patches);
        free(d);
    }
    return NULL;
}

void cw_damage_all(struct cw_damage *d)
{
    uint32_t blocks = (d->width + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    memset(d->bits, 0xff, (size_t)d->words * d->height * sizeof(*d->bits));
    for (uint32_t y = 0; y < d->height; y++)
        cw_bits_clear(d->bits + (size_t)y * d->words, blocks, d->words * 64);
    d->first = 0;
    d->last = d->height;
}

void cw_damage_clear(struct cw_damage *d, const struct cw_rect *rect)
{
    for (uint32_t y = rect->y; y < rect->y + rect->h; y++)
        for (uint32_t i = rect->x / CW_BLOCK_PX; i <= (rect->x + rect->w - 1) / CW_BLOCK_PX; i++)
            d->bits[(size_t)y * d->words + i / 64] &= ~((uint64_t)1 << (i % 64));
}

static bool row_is_clean(const struct cw_damage *d, uint32_t y)
{
    uint64_t any = 0;
    for (uint32_t i = 0; i < d->words; i++)
        any |= d->bits[(size_t)y * d->words + i];
    return any == 0;
}

/* The model will change in a rectangle. */
static void forget(struct cw_damage *d, const struct cw_rect *r)
{
    for (uint32_t y = r->y; y < r->y + r->h; y++)
        for (uint32_t i = r->x / CW_SEGMENT_PX; i <= (r->x + r->w - 1) / CW_SEGMENT_PX; i++)
            d->hashes[(size_t)y * d->words + i] = 0;
}

/* Rows [y0, y1) may have bits, too. */
static void widen_rows(struct cw_damage *d, uint32_t y0, uint32_t y1)
{
    if (d->first >= d->last) {
        d->first = y0;
        d->last = y1;
    }
    d->first = y0 < d->first ? y0 : d->first;
    d->last = y1 > d->last ? y1 : d->last;
}

/* 0 stands for unknown: a segment that has it is compared. */
static uint64_t segment_hash(const struct cw_damage *d, const struct cw_dsp *dsp,
                             const uint8_t *pixels, uint32_t width_px)
{
    static const uint64_t factors[8] = {
        0x9E3779B97F4A7C15U, 0xD1342543DE82EF95U, 0xBF58476D1CE4E5B9U, 0x94D049BB133111EBU,
        0xC2B2AE3D27D4EB4FU, 0x165667B19E3779F9U, 0xFF51AFD7ED558CCDU, 0xC4CEB9FE1A85EC53U};
    uint64_t sums[8];
    dsp->hash_row(pixels, width_px, d->keys, sums);
    /* No product waits for another one. */
    uint64_t hash = 0;
    for (unsigned i = 0; i < 8; i++)
        hash += sums[i] * factors[i];
    return hash;
}

/* Columns [x0, x1) of a row; x0 is at a block's start, x1 at one's end. Without trust in the hashes all is compared. */
static void scan_row(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame_row,
                     const uint8_t *model, uint32_t y, uint32_t x0, uint32_t x1, bool trust)
{
    const uint8_t *model_row = model + (size_t)y * d->width * 4;
    while (x0 < x1) {
        size_t word = (size_t)y * d->words + x0 / CW_SEGMENT_PX;
        uint32_t start = x0 - x0 % CW_SEGMENT_PX;
        uint32_t end = d->width - start < CW_SEGMENT_PX ? d->width : start + CW_SEGMENT_PX;
        bool whole = x0 == start && x1 >= end;
        uint64_t known = d->hashes[word];
        uint64_t hash = 0;
        end = end < x1 ? end : x1;
        if (whole && known != 0)
            hash = segment_hash(d, dsp, frame_row + (size_t)x0 * 4, end - x0);
        if (hash == 0 || hash != known || !trust) {
            dsp->diff_row(frame_row + (size_t)x0 * 4, model_row + (size_t)x0 * 4, end - x0,
                          d->bits + (size_t)y * d->words, x0 / CW_BLOCK_PX);
            if (d->bits[word] != 0)
                d->hashes[word] = 0;
            else if (whole && hash == 0) /* the pixels are in the first cache now */
                d->hashes[word] = segment_hash(d, dsp, frame_row + (size_t)x0 * 4, end - x0);
        }
        x0 = end;
    }
}

/* Rows of one band. Returns whether any has marks. */
static bool scan_band(struct cw_damage *d, const struct cw_dsp *dsp, const struct cw_pair *p,
                      const struct cw_span *rows, const struct cw_span *columns, bool verify)
{
    bool marked = false;
    for (uint32_t y = rows->x0; y < rows->x1; y++) {
        scan_row(d, dsp, p->frame + y * p->stride_bytes, p->model, y, columns->x0, columns->x1,
                 !verify || y % CW_VERIFY_ROWS != d->verify_row);
        marked = marked || !row_is_clean(d, y);
    }
    return marked;
}

static void scan_all(struct cw_damage *d, const struct cw_dsp *dsp, const struct cw_pair *p)
{
    const struct cw_span columns = {0, d->width};
    uint32_t bands = (d->height + CW_BAND_ROWS - 1) / CW_BAND_ROWS;
    for (uint32_t i = 0; i < bands; i++) {
        uint32_t y0 = (d->is_upward ? bands - 1 - i : i) * CW_BAND_ROWS;
        uint32_t y1 = d->height - y0 < CW_BAND_ROWS ? d->height : y0 + CW_BAND_ROWS;
        if (scan_band(d, dsp, p, &(struct cw_span){y0, y1}, &columns, true) && d->on_band != NULL)
            d->on_band(d->on_band_context, d, dsp, p, y0 / CW_BAND_ROWS);
    }
    d->verify_row = (d->verify_row + 1) % CW_VERIFY_ROWS;
}

/* What a hint covers of rows [y0, y1), in whole blocks. False: nothing. */
static bool clip_hint(const struct cw_damage *d, const struct cw_rect *h, uint32_t y0, uint32_t y1,
                      struct cw_span *ret_rows, struct cw_span *ret_columns)
{
    if (h->x >= d->width || h->y >= d->height || h->w == 0 || h->h == 0)
        return false;
    uint32_t end = h->h > d->height - h->y ? d->height : h->y + h->h;
    uint32_t x1 = h->w > d->width - h->x ? d->width : h->x + h->w;
    x1 += (CW_BLOCK_PX - x1 % CW_BLOCK_PX) % CW_BLOCK_PX;
    *ret_rows = (struct cw_span){h->y > y0 ? h->y : y0, end < y1 ? end : y1};
    *ret_columns = (struct cw_span){h->x - h->x % CW_BLOCK_PX, x1 < d->width ? x1 : d->width};
    return ret_rows->x0 < ret_rows->x1;
}

/* Band by band, so that each is told when all hints in it are scanned. */
static void scan_hints(struct cw_damage *d, const struct cw_dsp *dsp, const struct cw_pair *p,
                       const struct cw_rect *hints, size_t hint_count)
{
    struct cw_span rows;
    struct cw_span columns;
    for (size_t i = 0; i < hint_count; i++)
        if (clip_hint(d, &hints[i], 0, d->height, &rows, &columns)) {
            d->first = rows.x0 < d->first ? rows.x0 : d->first;
            d->last = rows.x1 > d->last ? rows.x1 : d->last;
        }
    for (uint32_t y = d->first - d->first % CW_BAND_ROWS; y < d->last; y += CW_BAND_ROWS) {
        bool marked = false;
        for (size_t i = 0; i < hint_count; i++)
            if (clip_hint(d, &hints[i], y, y + CW_BAND_ROWS, &rows, &columns))
                marked = scan_band(d, dsp, p, &rows, &columns, false) || marked;
        if (marked && d->on_band != NULL)
            d->on_band(d->on_band_context, d, dsp, p, y / CW_BAND_ROWS);
    }
}

void cw_damage_scan(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                    size_t stride_bytes, const uint8_t *model, const struct cw_rect *hints,
                    size_t hint_count)
{
    const struct cw_pair p = {frame, stride_bytes, model, d->width, d->height};
    memset(d->bits + (size_t)d->first * d->words, 0,
           (size_t)(d->last - d->first) * d->words * sizeof(*d->bits));
    d->scans++;
    d->first = hint_count == 0 ? 0 : d->height;
    d->last = hint_count == 0 ? d->height : 0;
    if (hint_count == 0)
        scan_all(d, dsp, &p);
    else
        scan_hints(d, dsp, &p, hints, hint_count);
    while (d->first < d->last && row_is_clean(d, d->first))
        d->first++;
    while (d->first < d->last && row_is_clean(d, d->last - 1))
        d->last--;
    if (d->first >= d->last)
        d->first = d->last = 0;
    if (hint_count == 0)
        d->is_upward = d->first == d->last && !d->is_upward;
}

void cw_damage_rescan(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                      size_t stride_bytes, const uint8_t *model, const struct cw_rect *rect)
{
    uint32_t first = rect->x / CW_BLOCK_PX;
    uint32_t last = (rect->x + rect->w - 1) / CW_BLOCK_PX;
    uint32_t x1 = (last + 1) * CW_BLOCK_PX < d->width ? (last + 1) * CW_BLOCK_PX : d->width;
    uint32_t y1 = rect->y + rect->h;
    for (uint32_t y = rect->y; y < y1; y++) {
        uint64_t *bits = d->bits + (size_t)y * d->words;
        cw_bits_clear(bits, first, last + 1);
        dsp->diff_row(frame + y * stride_bytes + (size_t)first * CW_BLOCK_PX * 4,
                      model + ((size_t)y * d->width + (size_t)first * CW_BLOCK_PX) * 4,
                      x1 - first * CW_BLOCK_PX, bits, first);
    }
    widen_rows(d, rect->y, y1);
    forget(d, rect);
}

/* Marks a block of one row anew if it is marked. */
static void recheck_block(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                          size_t stride_bytes, const uint8_t *model, uint32_t block, uint32_t y)
{
    uint64_t *bits = d->bits + (size_t)y * d->words;
    uint32_t x = block * CW_BLOCK_PX;
    uint32_t width = d->width - x < CW_BLOCK_PX ? d->width - x : CW_BLOCK_PX;
    if (!cw_bit_at(bits, block))
        return;
    cw_bits_clear(bits, block, block + 1);
    dsp->diff_row(frame + y * stride_bytes + (size_t)x * 4, model + ((size_t)y * d->width + x) * 4,
                  width, bits, block);
}

void cw_damage_moved(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                     size_t stride_bytes, const uint8_t *model, const struct cw_rect *rect)
{
    uint32_t x1 = rect->x + rect->w;
    uint32_t first = (rect->x + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    uint32_t end = x1 == d->width ? (x1 + CW_BLOCK_PX - 1) / CW_BLOCK_PX : x1 / CW_BLOCK_PX;
    for (uint32_t y = rect->y; y < rect->y + rect->h; y++) {
        cw_bits_clear(d->bits + (size_t)y * d->words, first, end);
        /* Blocks that the rectangle covers in part may differ in the other. */
        if (rect->x % CW_BLOCK_PX != 0)
            recheck_block(d, dsp, frame, stride_bytes, model, rect->x / CW_BLOCK_PX, y);
        if (x1 % CW_BLOCK_PX != 0 && x1 != d->width)
            recheck_block(d, dsp, frame, stride_bytes, model, x1 / CW_BLOCK_PX, y);
    }
    forget(d, rect);
}

size_t cw_damage_marked_px(const struct cw_damage *d)
{
    size_t blocks = 0;
    for (size_t i = (size_t)d->first * d->words; i < (size_t)d->last * d->words; i++)
        blocks += (size_t)__builtin_popcountll(d->bits[i]);
    return blocks * CW_BLOCK_PX;
}

/* A band of rows under work. */
struct band {
    uint32_t y0, y1;
    uint32_t blocks;
    uint64_t any[CW_CODEC_SIDE_PX_MAX / CW_BLOCK_PX / 64]; /* the rows' bits or-ed */
    uint32_t next;                                         /* block not yet in a run */
};

static bool band_load(const struct cw_damage *d, uint32_t y0, struct band *b)
{
    b->y0 = y0;
    b->y1 = d->height - y0 < CW_BAND_ROWS ? d->height : y0 + CW_BAND_ROWS;
    b->blocks = (d->width + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    b->next = 0;
    memset(b->any, 0, sizeof(b->any));
    uint64_t seen = 0;
    for (uint32_t y = b->y0; y < b->y1; y++)
        for (uint32_t i = 0; i < d->words; i++) {
            b->any[i] |= d->bits[(size_t)y * d->words + i];
            seen |= d->bits[(size_t)y * d->words + i];
        }
    return seen != 0;
}

static bool is_moving(const struct cw_damage *d, uint32_t x, uint32_t y)
{
    /* Cells and the rectangle have the same bounds. */
    return x - d->moving.x < d->moving.w && y - d->moving.y < d->moving.h;
}

/* More than a quarter of the cell's pixels are small steps: a photograph. A quarter of its rows
 * tells. Where loss is at stake all of them must. */
static enum cw_class cell_class(const struct cw_damage *d, const struct cw_dsp *dsp,
                                const uint8_t *frame, size_t stride_bytes, const struct band *b,
                                uint32_t block)
{
    uint32_t x0 = (block - block % CW_CELL_BLOCKS) * CW_BLOCK_PX;
    uint32_t cell_px = CW_CELL_BLOCKS * CW_BLOCK_PX;
    uint32_t width = d->width - x0 < cell_px ? d->width - x0 : cell_px;
    const uint8_t *cell = frame + b->y0 * stride_bytes + (size_t)x0 * 4;
    if (d->find_pictures) {
        enum cw_kind kind = cw_classify(dsp, cell, stride_bytes, width, b->y1 - b->y0);
        if (kind == CW_KIND_PICTURE || (kind != CW_KIND_FLAT && is_moving(d, x0, b->y0)))
            return CW_CLASS_PICTURE;
        if (d->find_busy && kind != CW_KIND_FLAT) {
            enum cw_edges edges = cw_classify_edges(cell, stride_bytes, width, b->y1 - b->y0);
            if (edges == CW_EDGES_NOISE || (kind == CW_KIND_SMOOTH && edges != CW_EDGES_STROKES))
                return CW_CLASS_PICTURE;
        }
    }
    uint32_t steps = 0;
    uint32_t seen = 0;
    for (uint32_t y = b->y0; y < b->y1; y += 4) {
        steps += dsp->smooth_row(frame + y * stride_bytes + (size_t)x0 * 4, width);
        seen += width;
    }
    return steps * 4 > seen ? CW_CLASS_PHOTO : CW_CLASS_TEXT;
}

/* The next run of marked blocks of one class; a single clean block does not end it. */
static bool band_run(const struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                     size_t stride_bytes, struct band *b, struct cw_patch *ret_patch)
{
    uint32_t start = b->next;
    while (start < b->blocks && !cw_bit_at(b->any, start))
        start++;
    if (start == b->blocks)
        return false;
    enum cw_class class = cell_class(d, dsp, frame, stride_bytes, b, start);
    uint32_t end = start + 1;
    while (end < b->blocks) {
        if (!cw_bit_at(b->any, end) &&
            (d->is_strict || end + 1 == b->blocks || !cw_bit_at(b->any, end + 1)))
            break;
        if (end % CW_CELL_BLOCKS == 0 && cell_class(d, dsp, frame, stride_bytes, b, end) != class)
            break;
        end++;
    }
    b->next = end;
    uint32_t x1 = end == b->blocks ? d->width : end * CW_BLOCK_PX;
    ret_patch->rect =
        (struct cw_rect){start * CW_BLOCK_PX, b->y0, x1 - start * CW_BLOCK_PX, b->y1 - b->y0};
    ret_patch->class = class;
    return true;
}

/* All marked blocks of the band and what lies between, for when patches run short. */
static void band_whole(const struct cw_damage *d, struct band *b, struct cw_patch *ret_patch)
{
    uint32_t start = 0;
    while (!cw_bit_at(b->any, start))
        start++;
    uint32_t end = b->blocks;
    while (!cw_bit_at(b->any, end - 1))
        end--;
    uint32_t x1 = end == b->blocks ? d->width : end * CW_BLOCK_PX;
    ret_patch->rect =
        (struct cw_rect){start * CW_BLOCK_PX, b->y0, x1 - start * CW_BLOCK_PX, b->y1 - b->y0};
    ret_patch->class = CW_CLASS_TEXT;
}

void cw_damage_gather(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                      size_t stride_bytes, uint32_t reserve)
{
    uint32_t *open = d->open;
    uint32_t *here = d->open + d->patch_max;
    uint32_t open_count = 0;
    d->patch_count = 0;
    d->ran_short = false;
    for (uint32_t y = d->first - d->first % CW_BAND_ROWS; y < d->last; y += CW_BAND_ROWS) {
        struct band b;
        struct cw_patch p;
        uint32_t here_count = 0;
        uint32_t above = 0;
        /* One patch is kept for each band below; a band has fewer runs than blocks. */
        uint32_t bands_below = (d->height - y - 1) / CW_BAND_ROWS;
        uint32_t taken = reserve + bands_below + d->patch_count;
        uint32_t room = d->patch_max > taken ? d->patch_max - taken : 0;
        bool marked = band_load(d, y, &b);
        if (marked && room < b.blocks) {
            band_whole(d, &b, &d->patches[d->patch_count++]);
            d->ran_short = true;
            marked = false;
        }
        while (marked && band_run(d, dsp, frame, stride_bytes, &b, &p)) {
            while (above < open_count && d->patches[open[above]].rect.x < p.rect.x)
                above++;
            struct cw_patch *q = above < open_count ? &d->patches[open[above]] : NULL;
            if (q != NULL && q->rect.x == p.rect.x && q->rect.w == p.rect.w &&
                q->class == p.class) {
                q->rect.h += p.rect.h;
                here[here_count++] = open[above];
            } else {
                d->patches[d->patch_count] = p;
                here[here_count++] = d->patch_count++;
            }
        }
        uint32_t *swap = open;
        open = here;
        here = swap;
        open_count = here_count;
    }
    for (uint32_t i = 0; i < d->patch_count; i++)
        forget(d, &d->patches[i].rect);
}

size_t cw_damage_picture_px(const struct cw_damage *d)
{
    size_t pixels = 0;
    for (uint32_t i = 0; i < d->patch_count; i++)
        if (d->patches[i].class == CW_CLASS_PICTURE)
            pixels += (size_t)d->patches[i].rect.w * d->patches[i].rect.h;
    return pixels;
}

static bool pixels_differ(const uint8_t *a, const uint8_t *b)
{
    return a[0] != b[0] || a[1] != b[1] || a[2] != b[2];
}

static bool row_is_marked(const struct cw_damage *d, uint32_t y, const struct cw_rect *r)
{
    uint32_t last = (r->x + r->w - 1) / CW_BLOCK_PX;
    for (uint32_t i = r->x / CW_BLOCK_PX; i <= last; i++)
        if (cw_bit_at(d->bits + (size_t)y * d->words, i))
            return true;
    return false;
}

void cw_damage_crop(struct cw_damage *d, const uint8_t *frame, size_t stride_bytes,
                    const uint8_t *model)
{
    for (uint32_t n = 0; n < d->patch_count; n++) {
        struct cw_rect *r = &d->patches[n].rect;
        if (d->patches[n].class == CW_CLASS_PICTURE)
            continue; /* JPEGs lie on whole blocks */
        while (r->h > 1 && !row_is_marked(d, r->y, r)) {
            r->y++;
            r->h--;
        }
        while (r->h > 1 && !row_is_marked(d, r->y + r->h - 1, r))
            r->h--;
        /* The first and the last block hold a difference somewhere, so at most 15 columns go. */
        uint32_t span = r->w < CW_BLOCK_PX ? r->w : CW_BLOCK_PX;
        uint32_t left = span - 1;
        uint32_t right = span - 1;
        for (uint32_t y = r->y; y < r->y + r->h && (left | right) != 0; y++) {
            const uint8_t *f = frame + y * stride_bytes + (size_t)r->x * 4;
            const uint8_t *m = model + ((size_t)y * d->width + r->x) * 4;
            for (uint32_t x = 0; x < left; x++)
                if (pixels_differ(f + 4 * x, m + 4 * x))
                    left = x;
            f += (size_t)(r->w - 1) * 4;
            m += (size_t)(r->w - 1) * 4;
            for (uint32_t x = 0; x < right; x++)
                if (pixels_differ(f - 4 * x, m - 4 * x))
                    right = x;
        }
        if (left + right >= r->w)
            continue;
        r->x += left;
        r->w -= left + right;
    }
}
