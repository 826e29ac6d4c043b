/* SPDX-License-Identifier: Apache-2.0 */
/* codec/codec.h - the screen codec: pixels in, packets out, and back. Pure: no socket, clock or
 * thread.
 *
 * Owner:     the caller owns an encoder or decoder from *_new to *_free; all memory is taken in
 *            *_new, cw_encoder_resize and cw_encoder_set, none afterwards.
 * Thread:    one at a time per object; different objects are independent.
 * Units:     pixels and bytes. Pictures are BGRX, 4 bytes a pixel in memory order B, G, R, X; X is
 *            ignored on input and 0 in every picture the codec keeps.
 * Errors:    0 or a negative enum cw_codec_err; ret_* untouched unless 0.
 * Limits:    CW_CODEC_SIDE_PX_MAX; a packet never exceeds cw_encoder_packet_bytes_max().
 * Invariant: after each packet a decoder in sync has exactly the encoder's model of its picture.
 *
 * Sync (codec/FORMAT.md): cw_encoder_keyframe() codes the model as it is and restarts the history,
 * so the next update starts one too. A decoder that had every packet skips the keyframe and stays
 * in sync; one that joins applies the keyframe and takes every later update.
 */
#ifndef CW_CODEC_CODEC_H
#define CW_CODEC_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CW_CODEC_SIDE_PX_MAX = 8192,
    CW_CODEC_REST_NS = 200000000,
};

enum cw_codec_err {
    CW_CODEC_OK = 0,
    CW_CODEC_ERR_NOMEM = -1,
    CW_CODEC_ERR_ARGUMENT = -2, /* size, stride or buffer out of range */
    CW_CODEC_ERR_FULL = -3,     /* out is smaller than cw_encoder_packet_bytes_max() */
    CW_CODEC_ERR_PACKET = -4,   /* the packet breaks the format; the decoder is now out of sync */
    CW_CODEC_ERR_SYNC = -5,     /* the update does not follow: apply a keyframe first */
    CW_CODEC_ERR_ISA = -6,      /* CAUSEWAY_ISA names a level this processor lacks, or no level */
};
const char *cw_codec_err_text(int err);

struct cw_rect {
    uint32_t x, y, w, h;
};

/* Conversions of the frame before anything else; the model is without loss relative to the converted
 * frame, but for pictures in CW_COLOURS_VIDEO and where settings allow it. */
enum cw_colour_mode {
    CW_COLOURS_FULL,  /* as they are */
    CW_COLOURS_MORE,  /* 16 bits: 5, 6 and 5 of R, G, B */
    CW_COLOURS_FEW,   /* 8 bits: 3, 3 and 2 */
    CW_COLOURS_GREY,  /* black, white and two greys between */
    CW_COLOURS_VIDEO, /* full, pictures with loss, and with more of it */
    CW_COLOURS_COUNT,
};

struct cw_encoder_settings {
    enum cw_colour_mode colours;
    bool lossy_pictures; /* pictures come as JPEG first and are made exact when they rest */
    uint8_t
        quality_min; /* of JPEG, 1 to 100; the budget of cw_encoder_turn chooses. Half of this where pictures
                            would take twice the budget */
    uint8_t quality_max;
};

struct cw_encoder;
struct cw_decoder;

/* The kernel level is the best the processor has, or the one CAUSEWAY_ISA names (c, sse41, avx2,
 * avx512). */
int cw_encoder_new(uint32_t width_px, uint32_t height_px, struct cw_encoder **ret_encoder);
struct cw_encoder *cw_encoder_free(struct cw_encoder *e);
/* The picture gets a new size and becomes black; every decoder needs a keyframe. */
int cw_encoder_resize(struct cw_encoder *e, uint32_t width_px, uint32_t height_px);
size_t cw_encoder_packet_bytes_max(const struct cw_encoder *e);

/* What a new encoder has: full colours, no loss, qualities 40 to 85. */
struct cw_encoder_settings cw_encoder_defaults(void);
/* Live: the next update compares everything and codes what the settings change. Takes memory when they ask for loss or
 * fewer colours; CW_CODEC_ERR_NOMEM and CW_CODEC_ERR_ARGUMENT leave all as it was. */
int cw_encoder_set(struct cw_encoder *e, const struct cw_encoder_settings *settings);
/* Says what time it is for the next updates, and how many bytes the next one should have about; SIZE_MAX: any
 * number. What changed is sent all the same, pictures at a quality that fits; what is left of the budget makes
 * pictures exact that have rested for CW_CODEC_REST_NS. Without a call it is 0 and no picture ever rests. */
void cw_encoder_turn(struct cw_encoder *e, uint64_t now_ns, size_t budget_bytes);
/* When an update has something to send though nothing changed; UINT64_MAX: never. One hint of no pixels tells
 * cw_encoder_update that nothing changed. */
uint64_t cw_encoder_due_ns(const struct cw_encoder *e);
static inline bool cw_encoder_has_more(const struct cw_encoder *e)
{
    return cw_encoder_due_ns(e) != UINT64_MAX;
}

/* Compares the frame with the model (within hints, or everywhere if hint_count is 0), codes what
 * differs and makes the frame the model. *ret_bytes == 0: nothing changed, no packet. Hints beyond
 * the picture are clipped. stride_bytes >= 4 * width. */
int cw_encoder_update(struct cw_encoder *e, const uint8_t *bgrx, size_t stride_bytes,
                      const struct cw_rect *hints, size_t hint_count, uint8_t *out,
                      size_t out_bytes, size_t *ret_bytes);
/* Codes the whole model as a packet that needs no history. Never empty. */
int cw_encoder_keyframe(struct cw_encoder *e, uint8_t *out, size_t out_bytes, size_t *ret_bytes);
/* Whether a film plays. A keyframe codes what moves without loss, in some 500 KB, but if the update right before it was
 * told to expect one: then it holds the moving picture as that did. */
bool cw_encoder_plays_film(const struct cw_encoder *e);
/* Right after the next update a keyframe will be asked for. */
void cw_encoder_expect_keyframe(struct cw_encoder *e);
/* Number of the newest packet (1, 2, ...; a keyframe has the number of the update it shows). */
uint32_t cw_encoder_update_number(const struct cw_encoder *e);
/* The model: what every decoder in sync shows. width * 4 bytes a row. */
const uint8_t *cw_encoder_model(const struct cw_encoder *e);

/* pixels_max bounds the pictures accepted (0: CW_CODEC_SIDE_PX_MAX squared). Memory for a picture
 * is taken when its keyframe arrives, so CW_CODEC_ERR_NOMEM can come from cw_decoder_apply. */
int cw_decoder_new(uint64_t pixels_max, struct cw_decoder **ret_decoder);
struct cw_decoder *cw_decoder_free(struct cw_decoder *d);
/* Applies one packet. Total: any bytes give 0 or an error, never undefined behaviour. */
int cw_decoder_apply(struct cw_decoder *d, const uint8_t *packet, size_t packet_bytes);
/* What the last packet changed; valid until the next apply. */
const struct cw_rect *cw_decoder_damage(const struct cw_decoder *d, size_t *ret_count);
uint32_t cw_decoder_width(const struct cw_decoder *d); /* 0 before the first keyframe */
uint32_t cw_decoder_height(const struct cw_decoder *d);
uint32_t cw_decoder_update_number(const struct cw_decoder *d);
const uint8_t *cw_decoder_picture(const struct cw_decoder *d); /* BGRX, width * 4 bytes a row */
/* Copies a rectangle of the picture as R, G, B, 255 for a canvas; rgba rows are rect.w * 4
 * bytes. */
int cw_decoder_copy_rgba(const struct cw_decoder *d, struct cw_rect rect, uint8_t *rgba,
                         size_t rgba_bytes);

#endif
