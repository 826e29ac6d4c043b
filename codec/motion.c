/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks are compared under the vectors of the frame before and then under those that anchors vote for; equal blocks
 * join into rectangles. */
#include "codec/motion.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/anchors.h"
#include "codec/bits.h"

enum {
    WORDS = CW_CODEC_SIDE_PX_MAX / CW_SEGMENT_PX,
    VOTES_MIN = 8,
    VOTES_SHARE = 32, /* of the first vector's, that another needs to be worth a comparison */
    DAMAGE_BLOCKS_MIN = 512, /* of one row: less is coded sooner than searched */
    FOUND_MAX = 512,
    COPY_PX_MIN = 1024,
    RECENT_MAX = 8,   /* vectors: a mouse moves on and on by much the same */
    SAMPLE_ROWS = 16, /* that a recent vector is tried on */
    WATCH_TRIES = 4,  /* first bands that a vector is chosen in */
    NEAR_TRY = 2,     /* one of so many of them in which a new vector is looked for, too */
    WATCH_BANDS = 8,  /* after which it must have explained half */
    PAUSE_MAX = 7,
    NEAR_ROWS = 128, /* up and down that a band is looked for */
};

/* Bits of the blocks of one band. */
struct band_bits {
    uint64_t w[WORDS];
};

struct cw_motion {
    uint32_t width, height, blocks, bands, words;
    struct cw_anchors *anchors;
    struct cw_span *from, *to;           /* of each row */
    uint32_t first, last;                /* blocks [first, last) hold all that is dirty */
    uint32_t last_first, last_last;      /* the same of the frame before */
    struct band_bits *dirty;             /* marked by the damage and not yet copied */
    struct band_bits *equal;             /* equal under the vector at work */
    struct band_bits *need;              /* equal and dirty */
    struct cw_vector recent[RECENT_MAX]; /* what copies went by, the newest first */
    uint32_t recent_count;
    /* Frames that go by recent vectors alone, after a search for more found little; and how many of these are left. */
    uint32_t pause, wait;
    uint32_t scroll_pause, scroll_wait; /* the same for the search for scrolls up and down */
    uint32_t near_pause, near_wait;     /* and for that from one band */
    /* The vector that is looked for while the damage is scanned, and whether there is one in this scan. */
    struct cw_vector watched;
    bool watching;
    uint32_t watched_scan;                 /* its number */
    uint32_t watched_tries;                /* bands in which a vector was looked for */
    uint32_t watched_dirty, watched_equal; /* blocks */
    bool *watched_bands;                   /* whose equal is by the vector watched */
    struct cw_copy found[FOUND_MAX];
    uint32_t found_count;
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
    m->words = (m->blocks + 63) / 64;
    m->anchors = cw_anchors_new(width);
    m->from = calloc(height, sizeof(*m->from));
    m->to = calloc(height, sizeof(*m->to));
    m->dirty = calloc(m->bands, sizeof(*m->dirty));
    m->equal = calloc(m->bands, sizeof(*m->equal));
    m->need = calloc(m->bands, sizeof(*m->need));
    m->watched_bands = calloc(m->bands, sizeof(*m->watched_bands));
    if (m->anchors == NULL || m->from == NULL || m->to == NULL || m->dirty == NULL ||
        m->equal == NULL || m->need == NULL || m->watched_bands == NULL)
        return cw_motion_free(m);
    return m;
}

struct cw_motion *cw_motion_free(struct cw_motion *m)
{
    if (m != NULL) {
        cw_anchors_free(m->anchors);
        free(m->from);
        free(m->to);
        free(m->dirty);
        free(m->equal);
        free(m->need);
        free(m->watched_bands);
        free(m);
    }
    return NULL;
}

/* ---- what is dirty ---- */

/* The first and the last set bit of a row of words, as columns. */
static struct cw_span span_of(const struct cw_motion *m, const uint64_t *bits)
{
    uint32_t first = 0;
    uint32_t last = m->words;
    while (first < m->words && bits[first] == 0)
        first++;
    if (first == m->words)
        return (struct cw_span){0, 0};
    while (bits[last - 1] == 0)
        last--;
    uint32_t x0 = (first * 64 + (uint32_t)__builtin_ctzll(bits[first])) * CW_BLOCK_PX;
    uint32_t x1 = (last * 64 - (uint32_t)__builtin_clzll(bits[last - 1])) * CW_BLOCK_PX;
    return (struct cw_span){x0, x1 < m->width ? x1 : m->width};
}

/* Blocks of one row that the damage marks, up to a little more than the least worth a search. */
static uint64_t damage_blocks(const struct cw_damage *d)
{
    uint64_t count = 0;
    for (uint32_t y = d->first; y < d->last && count < DAMAGE_BLOCKS_MIN; y++)
        for (uint32_t i = 0; i < d->words; i++)
            count += (unsigned)__builtin_popcountll(d->bits[(size_t)y * d->words + i]);
    return count;
}

/* The damage's rows or-ed. */
static void load_band(struct cw_motion *m, const struct cw_damage *d, uint32_t band)
{
    uint32_t y = band * CW_BAND_ROWS;
    uint32_t end = m->height - y < CW_BAND_ROWS ? m->height : y + CW_BAND_ROWS;
    memset(&m->dirty[band], 0, sizeof(m->dirty[band]));
    for (; y < end; y++)
        for (uint32_t i = 0; i < m->words; i++)
            m->dirty[band].w[i] |= d->bits[(size_t)y * d->words + i];
}

/* Counts the dirty blocks, and finds the columns that hold them. */
static uint32_t count_dirty(struct cw_motion *m)
{
    uint32_t count = 0;
    struct band_bits any = {{0}};
    for (uint32_t b = 0; b < m->bands; b++)
        for (uint32_t i = 0; i < m->words; i++) {
            count += (uint32_t)__builtin_popcountll(m->dirty[b].w[i]);
            any.w[i] |= m->dirty[b].w[i];
        }
    struct cw_span span = span_of(m, any.w);
    m->first = span.x0 / CW_BLOCK_PX;
    m->last = (span.x1 + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    return count;
}

/* ---- blocks ---- */

/* The blocks of a band that equal the model under the vector, of all columns that any band marks: a rectangle may
 * well hold blocks that look alike before and after. */
static void match_band(struct cw_motion *m, const struct cw_dsp *dsp, const struct cw_pair *p,
                       const struct cw_vector *v, uint32_t band)
{
    struct band_bits *equal = &m->equal[band];
    const struct band_bits *dirty = &m->dirty[band];
    uint32_t y0 = band * CW_BAND_ROWS;
    uint32_t y1 = m->height - y0 < CW_BAND_ROWS ? m->height : y0 + CW_BAND_ROWS;
    memset(equal, 0, sizeof(*equal));
    /* Whole blocks whose source is inside the picture. */
    int32_t low = v->dx > 0 ? (v->dx + CW_BLOCK_PX - 1) / CW_BLOCK_PX : 0;
    int32_t high = v->dx < 0 ? ((int32_t)m->width + v->dx) / CW_BLOCK_PX : (int32_t)m->blocks;
    low = low < (int32_t)m->first ? (int32_t)m->first : low;
    high = high > (int32_t)m->last ? (int32_t)m->last : high;
    if (low >= high || (int32_t)y0 - v->dy < 0 || (int32_t)y1 - v->dy > (int32_t)m->height)
        return;
    uint32_t x0 = (uint32_t)low * CW_BLOCK_PX;
    uint32_t x1 = (uint32_t)high * CW_BLOCK_PX < m->width ? (uint32_t)high * CW_BLOCK_PX : m->width;
    struct band_bits inside = {{0}};
    for (uint32_t i = (uint32_t)low; i < (uint32_t)high; i++)
        inside.w[i / 64] |= (uint64_t)1 << (i % 64);
    struct band_bits differs = {{0}};
    for (uint32_t y = y0; y < y1; y++) {
        uint64_t hope = 0;
        for (uint32_t i = 0; i < m->words; i++)
            hope |= inside.w[i] & dirty->w[i] & ~differs.w[i];
        if (hope == 0)
            return;
        size_t from = (size_t)((int32_t)y - v->dy) * m->width + (size_t)((int32_t)x0 - v->dx);
        dsp->diff_row(p->frame + y * p->stride_bytes + (size_t)x0 * 4, p->model + from * 4, x1 - x0,
                      differs.w, (uint32_t)low);
    }
    for (uint32_t i = 0; i < m->words; i++)
        equal->w[i] = inside.w[i] & ~differs.w[i];
}

/* Compares what is dirty under a vector. Returns the dirty blocks that are equal. */
static uint32_t match(struct cw_motion *m, const struct cw_dsp *dsp, const struct cw_pair *p,
                      const struct cw_vector *v)
{
    uint32_t count = 0;
    bool known = m->watching && m->watched.dx == v->dx && m->watched.dy == v->dy;
    m->watching = false; /* what was seen is used or lost here */
    for (uint32_t b = 0; b < m->bands; b++) {
        if (!known || !m->watched_bands[b])
            match_band(m, dsp, p, v, b);
        for (uint32_t i = 0; i < m->words; i++) {
            m->need[b].w[i] = m->equal[b].w[i] & m->dirty[b].w[i];
            count += (uint32_t)__builtin_popcountll(m->need[b].w[i]);
        }
    }
    return count;
}

/* ---- rectangles ---- */

/* Widens columns [*x0, *x1) to take in what band b needs of the run of all that holds them. False
 * when the run does not hold them or nothing there is needed. */
static bool widen(const struct cw_motion *m, const struct band_bits *all, uint32_t b, uint32_t *x0,
                  uint32_t *x1)
{
    for (uint32_t i = *x0; i < *x1; i++)
        if (!cw_bit_at(all->w, i))
            return false;
    uint32_t first = m->blocks;
    uint32_t last = 0;
    uint32_t left = *x0;
    uint32_t right = *x1;
    while (left > 0 && cw_bit_at(all->w, left - 1))
        left--;
    while (right < m->blocks && cw_bit_at(all->w, right))
        right++;
    for (uint32_t i = left; i < right; i++)
        if (cw_bit_at(m->need[b].w, i)) {
            first = i < first ? i : first;
            last = i + 1;
        }
    if (last == 0)
        return false;
    *x0 = first < *x0 ? first : *x0;
    *x1 = last > *x1 ? last : *x1;
    return true;
}

static void add_found(struct cw_motion *m, const struct cw_vector *v, uint32_t x0, uint32_t x1,
                      uint32_t b0, uint32_t b1)
{
    struct cw_rect to = {x0 * CW_BLOCK_PX, b0 * CW_BAND_ROWS, 0, 0};
    to.w = (x1 * CW_BLOCK_PX < m->width ? x1 * CW_BLOCK_PX : m->width) - to.x;
    to.h = (b1 * CW_BAND_ROWS < m->height ? b1 * CW_BAND_ROWS : m->height) - to.y;
    if (m->found_count < FOUND_MAX && to.w * to.h >= COPY_PX_MIN)
        m->found[m->found_count++] = (struct cw_copy){to, (uint32_t)((int32_t)to.x - v->dx),
                                                      (uint32_t)((int32_t)to.y - v->dy)};
    for (uint32_t b = b0; b < b1; b++) {
        cw_bits_clear(m->need[b].w, x0, x1);
        cw_bits_clear(m->dirty[b].w, x0, x1);
    }
}

/* Joins the needed blocks to rectangles of equal blocks, from the top down. */
static void join_blocks(struct cw_motion *m, const struct cw_vector *v)
{
    for (uint32_t b = 0; b < m->bands; b++)
        for (uint32_t i = 0; i < m->blocks; i++) {
            if (!cw_bit_at(m->need[b].w, i))
                continue;
            uint32_t x0 = i;
            uint32_t x1 = i + 1;
            struct band_bits all = m->equal[b];
            widen(m, &all, b, &x0, &x1);
            uint32_t end = b + 1;
            for (; end < m->bands; end++) {
                struct band_bits both;
                for (uint32_t k = 0; k < m->words; k++)
                    both.w[k] = all.w[k] & m->equal[end].w[k];
                if (!widen(m, &both, end, &x0, &x1))
                    break;
                all = both;
            }
            add_found(m, v, x0, x1, b, end);
        }
}

/* ---- the search ---- */

/* Makes copies of the blocks just compared under a vector. Returns the pixels of these copies. */
static uint64_t use_vector(struct cw_motion *m, const struct cw_vector *v)
{
    uint64_t px = 0;
    uint32_t before = m->found_count;
    join_blocks(m, v);
    for (uint32_t i = before; i < m->found_count; i++)
        px += (uint64_t)m->found[i].to.w * m->found[i].to.h;
    if (px == 0)
        return 0;
    uint32_t at = 0;
    while (at < m->recent_count && (m->recent[at].dx != v->dx || m->recent[at].dy != v->dy))
        at++;
    if (at == m->recent_count && at < RECENT_MAX)
        m->recent_count++;
    at = at < RECENT_MAX ? at : RECENT_MAX - 1;
    memmove(&m->recent[1], &m->recent[0], at * sizeof(*v));
    m->recent[0] = *v;
    return px;
}

/* Of the dirty blocks of row y: how many there are, and how many are equal under a vector. */
static void sample_row(const struct cw_motion *m, const struct cw_damage *d,
                       const struct cw_dsp *dsp, const struct cw_pair *p, const struct cw_vector *v,
                       uint32_t y, uint32_t *dirty, uint32_t *equal)
{
    struct band_bits bits = {{0}};
    for (uint32_t i = 0; i < m->words; i++)
        bits.w[i] = d->bits[(size_t)y * d->words + i] & m->dirty[y / CW_BAND_ROWS].w[i];
    struct cw_span s = span_of(m, bits.w);
    int32_t x0 = (int32_t)s.x0;
    int32_t x1 = (int32_t)s.x1;
    int32_t from_y = (int32_t)y - v->dy;
    struct band_bits differs = bits;
    if (x0 - v->dx < 0)
        x0 = (v->dx + CW_BLOCK_PX - 1) / CW_BLOCK_PX * CW_BLOCK_PX;
    if (x1 - v->dx > (int32_t)m->width)
        x1 = (int32_t)m->width + v->dx;
    if (from_y >= 0 && from_y < (int32_t)m->height && x0 < x1) {
        cw_bits_clear(differs.w, (uint32_t)x0 / CW_BLOCK_PX, (uint32_t)x1 / CW_BLOCK_PX);
        dsp->diff_row(p->frame + y * p->stride_bytes + (size_t)x0 * 4,
                      p->model + ((size_t)from_y * m->width + (size_t)(x0 - v->dx)) * 4,
                      (uint32_t)(x1 - x0), differs.w, (uint32_t)x0 / CW_BLOCK_PX);
    }
    for (uint32_t i = 0; i < m->words; i++) {
        *dirty += (uint32_t)__builtin_popcountll(bits.w[i]);
        *equal += (uint32_t)__builtin_popcountll(bits.w[i] & ~differs.w[i]);
    }
}

/* Whether a vector explains most of what is dirty in a few rows. */
static bool sample(const struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                   const struct cw_pair *p, const struct cw_vector *v)
{
    uint32_t dirty = 0;
    uint32_t equal = 0;
    for (uint32_t i = 0; i < SAMPLE_ROWS; i++) {
        uint32_t y = d->first + (uint32_t)((uint64_t)(d->last - d->first) * i / SAMPLE_ROWS);
        sample_row(m, d, dsp, p, v, y, &dirty, &equal);
    }
    return dirty > 0 && equal * 2 >= dirty;
}

/* Chooses the recent vector that explains a band best. False: none explains half of it. */
static bool choose_watched(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                           const struct cw_pair *p, uint32_t band)
{
    uint32_t best = 0;
    uint32_t y = band * CW_BAND_ROWS;
    uint32_t end = m->height - y < CW_BAND_ROWS ? m->height : y + CW_BAND_ROWS;
    for (uint32_t i = 0; i < m->recent_count; i++) {
        uint32_t dirty = 0;
        uint32_t equal = 0;
        for (uint32_t row = y + 3; row < end; row += 6)
            sample_row(m, d, dsp, p, &m->recent[i], row, &dirty, &equal);
        if (equal > best && equal * 2 >= dirty) {
            best = equal;
            m->watched = m->recent[i];
        }
    }
    return best > 0;
}

/* The pause after a search: longer and longer while it is in vain. */
static uint32_t next_pause(uint32_t pause, bool vain)
{
    uint32_t next = vain ? pause * 2 + 1 : 0;
    return next < PAUSE_MAX ? next : PAUSE_MAX;
}

/* Looks for a scroll up or down from what is near one band: a wheel's steps differ, and what is found while the scan
 * has the pixels in the caches is compared for little. Only after a scroll. */
static bool find_watched(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                         const struct cw_pair *p, uint32_t band)
{
    struct cw_span columns = span_of(m, m->dirty[band].w);
    uint32_t y = band * CW_BAND_ROWS;
    uint32_t end = m->height - y < CW_BAND_ROWS ? m->height : y + CW_BAND_ROWS;
    const struct cw_rows rows = {
        .from = {y > NEAR_ROWS ? y - NEAR_ROWS : 0,
                 m->height - end < NEAR_ROWS ? m->height : end + NEAR_ROWS},
        .to = {y, end},
        .step = 1,
    };
    uint32_t dirty = 0;
    uint32_t equal = 0;
    if (m->recent_count == 0 || m->recent[0].dx != 0 || m->near_wait > 0) {
        m->near_wait -= m->near_wait > 0;
        return false;
    }
    cw_anchors_vote_rows(m->anchors, dsp, d->keys, columns, &rows, p);
    if (cw_anchors_next(m->anchors, VOTES_MIN, &m->watched))
        for (uint32_t row = y + 1; row < end; row += 4)
            sample_row(m, d, dsp, p, &m->watched, row, &dirty, &equal);
    bool found = equal > 0 && equal * 2 >= dirty;
    m->near_pause = next_pause(m->near_pause, !found);
    m->near_wait = m->near_pause;
    return found;
}

void cw_motion_watch(void *context, const struct cw_damage *d, const struct cw_dsp *dsp,
                     const struct cw_pair *p, uint32_t band)
{
    struct cw_motion *m = context;
    if (m->watched_scan != d->scans) {
        m->watched_scan = d->scans;
        m->watching = false;
        m->watched_tries = 0;
        m->watched_dirty = 0;
        m->watched_equal = 0;
        m->first = m->last_first;
        m->last = m->last_last;
        memset(m->watched_bands, 0, m->bands * sizeof(*m->watched_bands));
    }
    if (!m->watching && m->watched_tries == WATCH_TRIES)
        return;
    load_band(m, d, band);
    if (!m->watching) {
        m->watched_tries++;
        m->watching = choose_watched(m, d, dsp, p, band) ||
                      (m->watched_tries % NEAR_TRY == 0 && find_watched(m, d, dsp, p, band));
        if (!m->watching)
            return;
    }
    /* The columns of the last frame's damage and of all bands so far: what is left out cuts rectangles. */
    struct cw_span span = span_of(m, m->dirty[band].w);
    uint32_t first = span.x0 / CW_BLOCK_PX;
    uint32_t last = (span.x1 + CW_BLOCK_PX - 1) / CW_BLOCK_PX;
    m->first = first < m->first ? first : m->first;
    m->last = last > m->last ? last : m->last;
    match_band(m, dsp, p, &m->watched, band);
    m->watched_bands[band] = true;
    for (uint32_t i = 0; i < m->words; i++) {
        uint64_t dirty = m->dirty[band].w[i];
        m->watched_dirty += (uint32_t)__builtin_popcountll(dirty);
        m->watched_equal += (uint32_t)__builtin_popcountll(dirty & m->equal[band].w[i]);
    }
    if (band % WATCH_BANDS == WATCH_BANDS - 1 && m->watched_equal * 2 < m->watched_dirty) {
        m->watching = false;
        m->watched_tries = WATCH_TRIES;
    }
}

/* Recent vectors, as far as each explains most of what is left. Returns the dirty blocks left. */
static uint32_t try_recent(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                           const struct cw_pair *p, uint32_t dirty)
{
    struct cw_vector recent[RECENT_MAX];
    memcpy(recent, m->recent, sizeof(recent));
    uint32_t count = m->recent_count;
    /* The one watched comes first: what was seen of it is kept until another is compared. */
    bool watched = m->watching && m->watched_scan == d->scans;
    m->watching = watched;
    if (watched && match(m, dsp, p, &m->watched) > 0) {
        use_vector(m, &m->watched);
        dirty = count_dirty(m);
    }
    for (uint32_t i = 0; i < count && dirty * CW_BAND_ROWS >= DAMAGE_BLOCKS_MIN; i++) {
        if (watched && recent[i].dx == m->watched.dx && recent[i].dy == m->watched.dy)
            continue;
        if (sample(m, d, dsp, p, &recent[i]) && match(m, dsp, p, &recent[i]) > 0) {
            use_vector(m, &recent[i]);
            dirty = count_dirty(m);
        }
    }
    return dirty;
}

/* The vectors that anchors vote for. Returns the pixels of their copies. */
static uint64_t try_votes(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                          const struct cw_pair *p)
{
    for (uint32_t y = d->first; y < d->last; y++) {
        const uint64_t *bits = d->bits + (size_t)y * d->words;
        struct band_bits both;
        for (uint32_t i = 0; i < m->words; i++)
            both.w[i] = bits[i] & m->dirty[y / CW_BAND_ROWS].w[i];
        m->from[y] = span_of(m, bits);
        m->to[y] = span_of(m, both.w);
    }
    cw_anchors_vote(m->anchors, dsp, m->from, m->to, d->first, d->last, p->frame, p->stride_bytes,
                    p->model);
    struct cw_vector v;
    uint64_t px = 0;
    uint32_t votes_min = VOTES_MIN;
    for (unsigned n = 0; n < CW_MOTION_VECTORS && cw_anchors_next(m->anchors, votes_min, &v); n++) {
        if (v.votes / VOTES_SHARE > votes_min)
            votes_min = v.votes / VOTES_SHARE;
        if (match(m, dsp, p, &v) > 0) {
            px += use_vector(m, &v);
            count_dirty(m);
        }
    }
    return px;
}

/* The best scroll up or down, if it explains most of what is dirty in a few rows: sooner found than by anchors, which
 * find it, too. Returns the dirty blocks left. */
static uint32_t try_scroll(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                           const struct cw_pair *p, uint32_t dirty)
{
    struct cw_vector v;
    uint32_t x1 = m->last * CW_BLOCK_PX < m->width ? m->last * CW_BLOCK_PX : m->width;
    if (m->scroll_wait > 0) {
        m->scroll_wait--;
        return dirty;
    }
    const struct cw_rows rows = {{d->first, d->last}, {d->first, d->last}, 4};
    cw_anchors_vote_rows(m->anchors, dsp, d->keys, (struct cw_span){m->first * CW_BLOCK_PX, x1},
                         &rows, p);
    bool found = cw_anchors_next(m->anchors, VOTES_MIN, &v) && sample(m, d, dsp, p, &v) &&
                 match(m, dsp, p, &v) > 0;
    m->scroll_pause = next_pause(m->scroll_pause, !found);
    m->scroll_wait = m->scroll_pause;
    if (!found)
        return dirty;
    use_vector(m, &v);
    return count_dirty(m);
}

static void search(struct cw_motion *m, const struct cw_damage *d, const struct cw_dsp *dsp,
                   const struct cw_pair *p)
{
    memset(m->dirty, 0, m->bands * sizeof(*m->dirty));
    for (uint32_t y = d->first - d->first % CW_BAND_ROWS; y < d->last; y += CW_BAND_ROWS)
        load_band(m, d, y / CW_BAND_ROWS);
    uint32_t dirty = count_dirty(m);
    m->last_first = m->first;
    m->last_last = m->last;
    uint32_t left = try_recent(m, d, dsp, p, dirty);
    if (left * 2 > dirty)
        left = try_scroll(m, d, dsp, p, left);
    if (left * CW_BAND_ROWS < DAMAGE_BLOCKS_MIN)
        return;
    /* What goes on scrolling leaves a rest that is new: where a search for more was in vain, the next ones wait. */
    bool rest = left * 4 < dirty;
    if (rest && m->wait > 0) {
        m->wait--;
        return;
    }
    uint64_t px = try_votes(m, d, dsp, p);
    bool vain = px * 4 < (uint64_t)left * CW_BLOCK_PX * CW_BAND_ROWS;
    m->pause = rest ? next_pause(m->pause, vain) : 0;
    m->wait = m->pause;
}

const struct cw_copy *cw_motion_find(struct cw_motion *m, const struct cw_damage *damage,
                                     const struct cw_dsp *dsp, const uint8_t *frame,
                                     size_t stride_bytes, const uint8_t *model, size_t *ret_count)
{
    const struct cw_pair p = {frame, stride_bytes, model, m->width, m->height};
    *ret_count = 0;
    m->found_count = 0;
    if (damage_blocks(damage) < DAMAGE_BLOCKS_MIN)
        return m->found;
    search(m, damage, dsp, &p);
    m->found_count = cw_copies_keep(m->found, m->found_count);
    uint64_t px = 0;
    /* Twice, as one may only make way when the other has grown in the other direction. */
    for (uint32_t i = 0; i < (m->found_count > 1 ? 2 : 1) * m->found_count; i++)
        cw_copies_grow(m->found, m->found_count, i % m->found_count, dsp, &p);
    /* Copies of different vectors may overlap in what looks alike, so they could be too much. */
    for (uint32_t i = 0; i < m->found_count; i++) {
        px += (uint64_t)m->found[i].to.w * m->found[i].to.h;
        if (px > (uint64_t)m->width * m->height)
            m->found_count = i;
    }
    *ret_count = cw_copies_order(m->found, m->found_count);
    return m->found;
}
