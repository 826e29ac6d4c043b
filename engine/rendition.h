/* SPDX-License-Identifier: Apache-2.0 */
/* engine/rendition.h - one rendition of a session's screen: when its source is asked for a sync, and which
 * acknowledgements it hears.
 *
 * Owner:     the session's fan-out; the reset frame is held by reference.
 * Thread:    the worker's; pure but for that reference.
 * Units:     ns, bytes; update numbers count modulo 2^32.
 * Limits:    CW_RELAY_SYNC_*, CW_RELAY_ACK_STALE_MS; the interval of syncs is a setting.
 * Invariant: acked is never ahead of newest, and newest is what the source has sent: SCREEN_RESET states a
 *            number, and each update after it that is no keyframe adds one.
 */
#ifndef CW_ENGINE_RENDITION_H
#define CW_ENGINE_RENDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/frame_buffer.h"
#include "engine/wire/message.h"

struct cw_rendition {
    struct cw_frame_buffer
        *reset;           /* the source's last SCREEN_RESET of it, for viewers that come later */
    bool is_asked;        /* the source was told to produce it */
    bool is_refused;      /* the source cannot */
    bool has_answered;    /* SCREEN_RESET came since it was asked */
    bool keyframe_is_due; /* one was asked for and has not begun */
    bool pacers_are_late; /* everybody's acknowledgements count */
    uint64_t asked_ns;
    uint64_t sync_sent_ns; /* 0: never */
    uint64_t sync_look_ns; /* when to look whether somebody waits; UINT64_MAX: not */
    uint64_t
        ack_look_ns;  /* when an acknowledgement of anybody is passed on; UINT64_MAX: none waits */
    uint64_t owed_ns; /* since when the source has waited for the next acknowledgement */
    uint32_t newest;  /* number of the last update that passed */
    uint32_t acked;   /* highest acknowledgement passed on */
    uint32_t shown;   /* highest one of any viewer */
    uint32_t message_bytes;
    uint32_t picture_bytes; /* what a keyframe may cost: the last one, or a larger update since */
};

void cw_rendition_init(struct cw_rendition *r);
/* SCREEN_RESET came. The caller keeps the frame. */
void cw_rendition_on_reset(struct cw_rendition *r, const struct cw_screen_reset *reset,
                           uint64_t now_ns);
/* A frame of an update passes; bytes: of the whole frame. */
void cw_rendition_on_update(struct cw_rendition *r, const struct cw_frame *f, uint32_t bytes,
                            uint64_t now_ns);
/* Somebody needs a keyframe: true when the source is to be asked now. Otherwise sync_look_ns says when to look
 * again, unless one is due anyway. */
bool cw_rendition_sync(struct cw_rendition *r, uint64_t interval_ns, uint64_t now_ns);
/* A viewer has shown an update. is_pacer: the source follows it; has_pacers: there are such viewers.
 * True: the source is told of *ret_update. */
bool cw_rendition_ack(struct cw_rendition *r, uint32_t update, bool is_pacer, bool has_pacers,
                      uint64_t now_ns, uint32_t *ret_update);
/* ack_look_ns has come. */
bool cw_rendition_ack_due(struct cw_rendition *r, uint64_t now_ns, uint32_t *ret_update);
/* What a viewer may have waiting before a new keyframe is cheaper, see cw_viewer_look. */
uint32_t cw_rendition_picture_bytes(const struct cw_rendition *r);

#endif
