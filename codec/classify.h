/* SPDX-License-Identifier: Apache-2.0 */
/* codec/classify.h - what a cell of the picture shows, and where pictures move.
 *
 * Owner:     the encoder; memory of struct cw_moving_cells is taken in cw_moving_cells_new and freed in _free.
 * Thread:    the encoder's caller.
 * Units:     pixels; cells of CW_CELL_PX by CW_BAND_ROWS pixels; ns as the encoder's caller tells them.
 * Errors:    cw_moving_cells_new gives NULL without memory; the rest cannot fail.
 * Limits:    the picture's cells.
 * Invariant: only CW_KIND_PICTURE may be coded with loss, and what has strokes is none: a cell of text, of any
 *            colours, on any ground, is CW_KIND_TEXT or CW_KIND_SMOOTH.
 */
#ifndef CW_CODEC_CLASSIFY_H
#define CW_CODEC_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/dsp.h"
#include "codec/limits.h"

enum {
    CW_CELL_PX = CW_CELL_BLOCKS * CW_BLOCK_PX,
};

enum cw_kind {
    CW_KIND_FLAT, /* one colour */
    CW_KIND_TEXT, /* strokes, icons, lines */
    CW_KIND_SMOOTH, /* a gradient, or a photograph that has strokes on it: without loss, but predicted */
    CW_KIND_PICTURE, /* a photograph, a film's picture, or noise */
};

enum cw_kind cw_classify(const struct cw_dsp *dsp, const uint8_t *pixels, size_t stride_bytes,
                         uint32_t w, uint32_t h);

/* What a cell's edges show: steps to the left neighbour by 25 or more in a channel. */
enum cw_edges {
    CW_EDGES_NONE,
    CW_EDGES_BORDER,  /* all in one column: a side of a picture */
    CW_EDGES_NOISE,   /* many, and no colour at many of them */
    CW_EDGES_STROKES, /* few, or one colour at many of them: perhaps glyphs' */
};

enum cw_edges cw_classify_edges(const uint8_t *pixels, size_t stride_bytes, uint32_t w, uint32_t h);

/* How often each cell changed of late. */
struct cw_moving_cells {
    uint32_t width, height;
    uint32_t columns, rows;
    uint64_t *changed_ns;
    uint8_t *heat;
    uint32_t *queue; /* of the search for what belongs together */
    uint8_t *found;
    struct cw_rect rect; /* that moves, by the last answer; w 0: none */
    uint64_t fitting_ns; /* when the rectangle was as large as what moved */
};

struct cw_moving_cells *cw_moving_cells_new(uint32_t width, uint32_t height);
struct cw_moving_cells *cw_moving_cells_free(struct cw_moving_cells *m);
/* A rectangle of pictures changed, and not because it was scrolled or uncovered. */
void cw_classify_changed(struct cw_moving_cells *m, const struct cw_rect *rect, uint64_t now_ns);
/* Where a film plays in a frame: the rectangle around the largest group of cells that keep changing, or, if it is
 * large, that changed twice; w 0: nowhere. Text, which loss would blur, plays no film. It grows at once and shrinks or
 * moves only after CW_MOVING_KEEP_NS, so that it does not flicker. */
struct cw_rect cw_classify_moving(struct cw_moving_cells *m, const struct cw_dsp *dsp,
                                  const uint8_t *frame, size_t stride_bytes, uint64_t now_ns);

#endif
