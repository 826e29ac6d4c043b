/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/text.h"

#include <stdlib.h>
#include <string.h>

#include "codec/check.h"
#include "codec/colours.h"
#include "codec/text_bands.h"

enum {
    TILE_PX = 2048,       /* of a band at a time: 32 KB at most before they are turned */
    AREA_MIN = 512,       /* below, planes are smaller */
    SURVEY_ROWS = 4,      /* one row of so many tells the colours, */
    SURVEY_PX = 32,       /* and so many pixels */
    SURVEY_STEP_PX = 128, /* of so many */
    SURVEY_COLOURS = 254, /* and those beyond get their indexes as they come */
    NEW_COLOURS_MIN = 64, /* a rectangle may always bring so many new colours, */
    NEW_COLOUR_PX = 16,   /* and one more for each so many pixels; */
    PART_SHARE = 4,       /* a part of what was declined at most this part of the table's rest */
    SURVEYED_MANY = CW_COLOURS_MAX / 2, /* a survey that sees so many misses as many */
    /* A table that is nearly full is given up when so much was declined as costs more than another table, */
    RENEW_MISSED_PX = 65536,
    RENEW_PACKETS = 64, /* and not before so many packets with text: 200 bytes each at most */
    NEARLY_FULL = CW_COLOURS_MAX / 4 * 3,
};

struct cw_text {
    uint32_t width;
    bool surveying;    /* the history is new: how often colours are used decides on their indexes */
    uint32_t surveyed; /* colours, in the packet that began the table */
    bool coded;        /* something was coded in the history */
    bool tried;        /* something was to be coded in the packet */
    bool lacks;        /* the last rectangle was declined, and the table nearly full */
    uint32_t packets;  /* with text, since the table is new */
    size_t missed_px;  /* declined in them for a table nearly full */
    struct cw_bands *bands;
    uint8_t *heights;
    uint8_t *tile;
    struct cw_colour_map colours;
    uint32_t uses[CW_COLOURS_MAX];
};

struct cw_text *cw_text_new(uint32_t width, uint32_t height)
{
    struct cw_text *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->width = width;
    t->bands = cw_bands_new(height);
    t->heights = malloc(height);
    t->tile = malloc((size_t)TILE_PX * CW_BAND_PX_MAX);
    if (t->bands == NULL || t->heights == NULL || t->tile == NULL)
        return cw_text_free(t);
    cw_text_restart(t);
    return t;
}

struct cw_text *cw_text_free(struct cw_text *t)
{
    if (t != NULL) {
        cw_bands_free(t->bands);
        free(t->heights);
        free(t->tile);
        free(t);
    }
    return NULL;
}

void cw_text_restart(struct cw_text *t)
{
    cw_colours_clear(&t->colours);
    memset(t->uses, 0, sizeof(t->uses));
    t->surveying = true;
    t->coded = false;
    t->tried = false;
    t->lacks = false;
    t->packets = 0;
    t->missed_px = 0;
}

/* Of the model: X is 0. */
static uint32_t colour_at(const uint8_t *pixel)
{
    return (uint32_t)pixel[0] | (uint32_t)pixel[1] << 8 | (uint32_t)pixel[2] << 16 |
           (uint32_t)pixel[3] << 24;
}

/* Counts the colours of some pixels of a row. */
static void count_colours(struct cw_text *t, const uint8_t *row, uint32_t width_px)
{
    struct cw_colour_map *m = &t->colours;
    for (uint32_t x = 0; x < width_px;) {
        uint32_t colour = colour_at(row + (size_t)4 * x);
        uint32_t end = x + 1;
        while (end < width_px && colour_at(row + (size_t)4 * end) == colour)
            end++;
        uint32_t index = cw_colours_find(m, colour);
        if (index == CW_COLOURS_MAX && m->count < CW_COLOURS_MAX)
            index = cw_colours_add(m, colour);
        if (index < CW_COLOURS_MAX)
            t->uses[index] += end - x;
        x = end;
    }
}

void cw_text_survey(struct cw_text *t, const uint8_t *picture, const struct cw_rect *r)
{
    for (uint32_t y = r->y; t->surveying && y < r->y + r->h; y += SURVEY_ROWS)
        for (uint32_t x = r->x; x < r->x + r->w; x += SURVEY_STEP_PX) {
            uint32_t left = r->x + r->w - x;
            count_colours(t, picture + ((size_t)y * t->width + x) * 4,
                          left < SURVEY_PX ? left : SURVEY_PX);
        }
}

/* A rectangle while it is coded. */
struct job {
    const uint8_t *pixels; /* of the band */
    uint8_t *out;          /* where the band's indexes go */
    uint8_t *escapes;      /* where the next goes, and behind the last there may be */
    uint8_t *escapes_end;
    uint32_t colours_max;
};

/* The index of a colour that the kernel did not know. CW_COLOURS_MAX: there are too many. */
static uint32_t index_late(struct cw_colour_map *m, uint32_t colour, uint32_t colours_max)
{
    uint32_t index = cw_colours_find(m, colour);
    if (index < CW_COLOURS_MAX || m->count == colours_max)
        return index;
    return cw_colours_add(m, colour);
}

/* Indexes of 255 in the newest columns: what the kernel did not know. False: too many of them. */
static bool escape(struct cw_text *t, const struct cw_dsp *dsp, struct job *j, uint8_t *columns,
                   uint32_t count, uint32_t rows, const uint8_t *pixels)
{
    /* Exact: the places are below TILE_PX * CW_BAND_PX_MAX, and that times rows is below 2^32. */
    uint64_t reciprocal = ((uint64_t)1 << 32) / rows + 1;
    uint32_t bytes = count * rows;
    uint8_t *escapes = j->escapes;
    for (uint32_t start = 0; start < bytes; start += 64) {
        uint32_t some = bytes - start < 64 ? bytes - start : 64;
        uint64_t hits = dsp->full_64(columns + start, some);
        for (; hits != 0; hits &= hits - 1) {
            uint32_t at = start + (uint32_t)__builtin_ctzll(hits);
            uint32_t x = (uint32_t)(at * reciprocal >> 32);
            uint32_t y = at - x * rows;
            uint32_t colour = colour_at(pixels + ((size_t)y * t->width + x) * 4);
            uint32_t index = index_late(&t->colours, colour, j->colours_max);
            if (index < 255) {
                columns[at] = (uint8_t)index;
                continue;
            }
            if (index == CW_COLOURS_MAX || j->escapes_end - escapes < 2)
                return false;
            escapes[0] = (uint8_t)index;
            escapes[1] = (uint8_t)(index >> 8);
            escapes += 2;
        }
    }
    j->escapes = escapes;
    return true;
}

static bool code_band(struct cw_text *t, const struct cw_dsp *dsp, struct job *j, uint32_t width,
                      uint32_t rows)
{
    for (uint32_t x = 0; x < width; x += TILE_PX) {
        uint32_t px = width - x < TILE_PX ? width - x : TILE_PX;
        const uint8_t *pixels = j->pixels + (size_t)4 * x;
        uint32_t missing = 0;
        for (uint32_t y = 0; y < rows; y++)
            missing += dsp->index_row(t->tile + (size_t)y * TILE_PX,
                                      pixels + (size_t)y * t->width * 4, px, t->colours.direct);
        dsp->transpose(j->out, rows, t->tile, TILE_PX, px, rows);
        if (missing != 0 && !escape(t, dsp, j, j->out, px, rows, pixels))
            return false;
        j->out += (size_t)px * rows;
    }
    j->pixels += (size_t)rows * t->width * 4;
    return true;
}

/* Whether the rectangle has more new colours than may be: a fraction of the work to code it. The table stays as it
 * is. */
static bool is_beyond(struct cw_text *t, const struct cw_dsp *dsp, const uint8_t *picture,
                      const struct cw_rect *r, uint32_t colours_max)
{
    struct cw_colour_map *m = &t->colours;
    uint32_t before = m->count;
    bool beyond = false;
    for (uint32_t y = r->y; !beyond && y < r->y + r->h; y++)
        for (uint32_t x = 0; !beyond && x < r->w; x += TILE_PX) {
            uint32_t px = r->w - x < TILE_PX ? r->w - x : TILE_PX;
            const uint8_t *pixels = picture + ((size_t)y * t->width + r->x + x) * 4;
            const uint8_t *p = t->tile;
            uint32_t missing = dsp->index_row(t->tile, pixels, px, m->direct);
            for (; !beyond && missing != 0; missing--, p++) {
                p = memchr(p, 255, px - (size_t)(p - t->tile));
                uint32_t colour = colour_at(pixels + (size_t)4 * (size_t)(p - t->tile));
                if (cw_colours_find(m, colour) != CW_COLOURS_MAX)
                    continue;
                beyond = m->count == colours_max;
                if (!beyond)
                    cw_colours_add(m, colour);
            }
        }
    cw_colours_drop(m, before);
    return beyond;
}

/* How many colours there may be when the rectangle is coded. */
static uint32_t colours_allowed(const struct cw_text *t, const struct cw_rect *r, bool part)
{
    uint32_t before = t->colours.count;
    uint32_t room = (CW_COLOURS_MAX - before) / (part ? PART_SHARE : 1);
    size_t allowed = NEW_COLOURS_MIN + (size_t)r->w * r->h / NEW_COLOUR_PX;
    return before + (allowed < room ? (uint32_t)allowed : room);
}

bool cw_text_code(struct cw_text *t, const struct cw_dsp *dsp, const uint8_t *picture,
                  const struct cw_rect *rect, bool part, size_t *spare_px, struct cw_body *body)
{
    struct cw_rect r = *rect;
    t->lacks = false;
    t->tried = true;
    if ((size_t)r.w * r.h < AREA_MIN)
        return false;
    if (t->surveying) {
        t->surveyed = t->colours.count;
        cw_colours_sort(&t->colours, t->uses, SURVEY_COLOURS);
        t->surveying = false;
    }
    uint32_t before = t->colours.count;
    uint32_t colours_max = colours_allowed(t, &r, part);
    t->lacks = before >= NEARLY_FULL;
    /* What is likely to be declined is so before lines are looked for. */
    if ((part || t->lacks || t->surveyed > SURVEYED_MANY) &&
        is_beyond(t, dsp, picture, &r, colours_max))
        return false;
    size_t widen = *spare_px / r.w < r.h / 2 ? *spare_px / r.w : r.h / 2;
    uint32_t count =
        cw_bands_find(t->bands, dsp, picture, t->width, (uint32_t)widen, &r, t->heights);
    size_t area = (size_t)r.w * r.h;
    size_t bytes_max = 3 * area + 4;
    uint8_t *data = cw_body_room(body, bytes_max);
    struct job j = {
        .pixels = picture + ((size_t)r.y * t->width + r.x) * 4,
        .out = data + count,
        .escapes = data + count + area,
        .escapes_end = data + bytes_max,
        .colours_max = colours_max,
    };
    if (count + area > bytes_max)
        return false;
    memcpy(data, t->heights, count);
    for (uint32_t i = 0; i < count; i++)
        if (!code_band(t, dsp, &j, r.w, t->heights[i])) {
            cw_colours_drop(&t->colours, before);
            return false;
        }
    struct cw_op op = {.rect = r, .mode = CW_OP_TEXT};
    cw_body_add(body, &op, (size_t)(j.escapes - data));
    t->coded = true;
    *spare_px -= area - (size_t)rect->w * rect->h;
    return true;
}

void cw_text_missed(struct cw_text *t, const struct cw_rect *r)
{
    if (t->lacks)
        t->missed_px += (size_t)r->w * r->h;
}

void cw_text_finish(struct cw_text *t, struct cw_body *body)
{
    if (t->coded)
        cw_colours_write(&t->colours, body);
    t->packets += t->tried;
    t->tried = false;
    /* The next packet's colours then take the place of the first. */
    if (!t->coded || (t->missed_px >= RENEW_MISSED_PX && t->packets >= RENEW_PACKETS))
        cw_text_restart(t);
}
