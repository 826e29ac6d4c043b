/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/codec/rig.h - an encoder, a decoder that sees all from the first keyframe on, and one that joins later. */
#ifndef CW_TESTS_UNIT_CODEC_RIG_H
#define CW_TESTS_UNIT_CODEC_RIG_H

#include "tests/unit/codec/scene.h"

struct rig {
    struct cw_encoder *e;
    struct cw_decoder *early, *late;
    bool late_joined;
    uint32_t width, height;
    uint8_t *frame, *packet; /* rows of scene_stride(width) */
    size_t room, bytes;      /* of the newest packet */
    uint64_t now_ns;
};

static inline void rig_new(struct rig *r, uint32_t width, uint32_t height)
{
    *r = (struct rig){.width = width, .height = height};
    assert_int_equal(cw_encoder_new(width, height, &r->e), 0);
    assert_int_equal(cw_decoder_new(0, &r->early), 0);
    assert_int_equal(cw_decoder_new(0, &r->late), 0);
    r->room = cw_encoder_packet_bytes_max(r->e);
    r->frame = calloc(height, scene_stride(width));
    r->packet = malloc(r->room);
    assert_true(r->frame != NULL && r->packet != NULL);
}

static inline void rig_free(struct rig *r)
{
    cw_encoder_free(r->e);
    cw_decoder_free(r->early);
    cw_decoder_free(r->late);
    free(r->frame);
    free(r->packet);
}

/* A keyframe that only one of them sees. */
static inline void rig_keyframe(struct rig *r, struct cw_decoder *to)
{
    assert_int_equal(cw_encoder_keyframe(r->e, r->packet, r->room, &r->bytes), 0);
    assert_true(r->bytes > 0 && r->bytes <= r->room);
    assert_int_equal(cw_decoder_apply(to, r->packet, r->bytes), 0);
    assert_in_sync(to, r->e, r->width, r->height);
    r->late_joined = r->late_joined || to == r->late;
}

/* The newest packet, an update, is for all. */
static inline void rig_apply(struct rig *r)
{
    if (r->bytes == 0)
        return;
    assert_int_equal(cw_decoder_apply(r->early, r->packet, r->bytes), 0);
    assert_in_sync(r->early, r->e, r->width, r->height);
    int err = cw_decoder_apply(r->late, r->packet, r->bytes);
    assert_int_equal(err, r->late_joined ? 0 : CW_CODEC_ERR_SYNC);
    if (r->late_joined)
        assert_in_sync(r->late, r->e, r->width, r->height);
}

/* Sends the frame, without loss; gives the packet's bytes. */
static inline size_t rig_update(struct rig *r)
{
    size_t stride = scene_stride(r->width);
    assert_int_equal(
        cw_encoder_update(r->e, r->frame, stride, NULL, 0, r->packet, r->room, &r->bytes), 0);
    assert_true(scene_equals(cw_encoder_model(r->e), r->frame, stride, r->width, r->height));
    rig_apply(r);
    return r->bytes;
}

#endif
