/* SPDX-License-Identifier: Apache-2.0 */
/* codec/damage.h - which pixels of a frame differ from the model, as few rectangles.
 *
 * Owner:     the encoder; memory is taken in cw_damage_new and freed in cw_damage_free.
 * Thread:    the encoder's caller.
 * Units:     pixels; blocks of CW_BLOCK_PX pixels of one row; bands of CW_BAND_ROWS rows.
 * Errors:    cw_damage_new gives NULL without memory; the rest cannot fail.
 * Limits:    cw_ops_max() rectangles.
 * Invariant: the rectangles are disjoint, inside the picture, and cover every pixel that differs. A segment's hash is
 *            that of the model's pixels there, or unknown: the model changes only inside gathered
 *            patches and where cw_damage_moved or cw_damage_rescan is told.
 *
 * While nothing changes, scans without hints go down and up in turn: what the last one read last may still be in the
 * nearer caches. (Any other scan goes down.)
 *
 * Where a segment's hash is known, a scan reads the frame only, which is half the memory traffic. Equal hashes do not
 * prove equal pixels: the keys are no secret. So each scan compares one row of CW_VERIFY_ROWS whatever the hashes say,
 * in turn, and a difference that a hash hides is found after CW_VERIFY_ROWS scans without hints at the latest. A
 * change of one pixel, or of several that fall into one sum, is never hidden (codec/damage.c).
 */
#ifndef CW_CODEC_DAMAGE_H
#define CW_CODEC_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/dsp.h"

/* What a patch holds decides how it is coded. */
enum cw_class {
    CW_CLASS_TEXT,    /* sharp: few colours, repeated shapes */
    CW_CLASS_PHOTO,   /* a photograph or gradient */
    CW_CLASS_PICTURE, /* the same, and loss does not hurt: only where it may be lossy */
};

struct cw_patch {
    struct cw_rect rect;
    enum cw_class class;
};

/* Columns or rows [x0, x1). */
struct cw_span {
    uint32_t x0, x1;
};

/* The frame and the model that are compared. */
struct cw_pair {
    const uint8_t *frame;
    size_t stride_bytes;
    const uint8_t *model; /* width * 4 bytes a row */
    uint32_t width, height;
};

struct cw_damage;

/* Called by a scan for each band that it marked something in, while the band's pixels are still in the caches. */
typedef void cw_band_fn(void *context, const struct cw_damage *d, const struct cw_dsp *dsp,
                        const struct cw_pair *p, uint32_t band);

struct cw_damage {
    uint32_t width, height;
    uint32_t words;       /* of 64 bits, a row */
    uint32_t first, last; /* rows [first, last) may have bits */
    uint64_t *bits;
    uint32_t *keys;      /* of a segment's pixels */
    uint64_t *hashes;    /* of each segment of the model, row by row; 0: unknown */
    uint32_t verify_row; /* of CW_VERIFY_ROWS, at the next scan without hints */
    uint32_t scans;      /* counted; wraps */
    bool is_upward;      /* the next scan without hints starts below */
    cw_band_fn *on_band; /* or NULL */
    void *on_band_context;
    uint32_t *open; /* patches that end at the band above, by x; then those of this band */
    struct cw_patch *patches;
    uint32_t patch_count;
    uint32_t patch_max;
    bool find_pictures;    /* CW_CLASS_PICTURE, too */
    bool find_busy;        /* with them all that is no text, as there is too much of it */
    struct cw_rect moving; /* a film: all of it is a picture, but for what is flat; w 0: none */
    bool is_strict;        /* patches hold marked blocks only */
    bool ran_short;        /* of patches: some hold more than their blocks */
};

struct cw_damage *cw_damage_new(uint32_t width, uint32_t height);
struct cw_damage *cw_damage_free(struct cw_damage *d);
/* Marks every block. */
void cw_damage_all(struct cw_damage *d);
/* Marks no block that the rectangle covers; it starts and ends at blocks' bounds or at the picture's edges. */
void cw_damage_clear(struct cw_damage *d, const struct cw_rect *rect);
/* Marks the blocks that differ: all, or those that touch a hint. model rows are width * 4 bytes. */
void cw_damage_scan(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                    size_t stride_bytes, const uint8_t *model, const struct cw_rect *hints,
                    size_t hint_count);
/* After the model became equal to the frame in a rectangle (a copy was made there). */
void cw_damage_moved(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                     size_t stride_bytes, const uint8_t *model, const struct cw_rect *rect);
/* Marks the blocks that differ in a rectangle anew, after the model changed there. */
void cw_damage_rescan(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                      size_t stride_bytes, const uint8_t *model, const struct cw_rect *rect);
/* How many pixels are in marked blocks, about. */
size_t cw_damage_marked_px(const struct cw_damage *d);
/* Turns the marked blocks into at most patch_max - reserve patches. */
void cw_damage_gather(struct cw_damage *d, const struct cw_dsp *dsp, const uint8_t *frame,
                      size_t stride_bytes, uint32_t reserve);
/* How many pixels the patches of pictures have. */
size_t cw_damage_picture_px(const struct cw_damage *d);
/* Shrinks each patch to the pixels that differ. */
void cw_damage_crop(struct cw_damage *d, const uint8_t *frame, size_t stride_bytes,
                    const uint8_t *model);

#endif
