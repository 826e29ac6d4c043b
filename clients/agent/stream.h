/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/stream.h - one rendition of the screen: its encoder, what changed for it, and what is due.
 *
 * Owner:     the source. The reduced stream takes its memory when it is opened and gives it back when it is closed.
 * Thread:    one.
 * Units:     pixels, ns (monotonic).
 * Errors:    CW_ERR_NOMEM, CW_ERR_UNSUPPORTED (the codec), CW_ERR_FULL (of the peer's queue), CW_ERR_TOO_LARGE (no loss
 *            makes the picture fit a message); message, or cw_stream_failure, says what.
 * Limits:    CW_SOURCE_UNACKNOWLEDGED_MAX; CW_CAPTURE_RECTS_MAX areas, beyond which they are one.
 * Invariant: areas hold all that changed since the stream's last update; a packet is not made while one is borrowed.
 *
 * A packet of more than message_bytes_max bytes is not sent: the stream starts over, with a reset and a keyframe, with
 * loss, or with more of it, until the representative chooses other settings or the screen has another size. What comes
 * with loss becomes exact piece by piece, and a piece fits. Only text, which never has loss, can be too large for good.
 */
#ifndef CW_CLIENTS_AGENT_STREAM_H
#define CW_CLIENTS_AGENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/agent/capture.h"
#include "clients/agent/rate.h"
#include "clients/peer/peer.h"
#include "codec/codec.h"

struct cw_stream {
    uint8_t rendition; /* enum cw_rendition_number */
    struct cw_encoder *encoder;
    uint8_t *packet;
    size_t packet_bytes_max;
    size_t message_bytes_max;            /* CW_SCREEN_MESSAGE_BYTES_MAX; less in tests */
    struct cw_encoder_settings chosen;   /* by the representative */
    struct cw_encoder_settings settings; /* the encoder's: as chosen, or with more loss */
    bool is_over;                        /* has started over since the choice and the size */
    size_t over_bytes;   /* of the packet that made the stream start over; 0 once one is sent */
    uint8_t *half;       /* reduced: the picture that is coded */
    bool is_sync_wanted; /* a keyframe is due */
    bool is_film_ready;  /* the last update was coded so that the keyframe after it is small */
    bool is_reset_due;   /* this connection does not know the size yet */
    bool is_damaged;     /* areas or everything have changed since the last update */
    bool is_all_damaged;
    struct cw_rect areas[CW_CAPTURE_RECTS_MAX]; /* of the desktop */
    size_t area_count;
    uint32_t acked;
    struct cw_rate rate;
    uint64_t coded_ns;    /* when the picture was coded last */
    uint64_t interval_ns; /* between updates */
};

int cw_stream_open(struct cw_stream *s, uint8_t rendition, const struct cw_capture *capture,
                   const struct cw_encoder_settings *settings, char *message, size_t message_size);
void cw_stream_close(struct cw_stream *s);
bool cw_stream_is_open(const struct cw_stream *s);
/* The desktop has another size. */
int cw_stream_resize(struct cw_stream *s, const struct cw_capture *capture, char *message,
                     size_t message_size);
/* What a grab brought; count 0: everything. */
void cw_stream_damage(struct cw_stream *s, const struct cw_rect *areas, size_t count);
/* Numbers that were never sent are ignored. */
void cw_stream_ack(struct cw_stream *s, uint32_t update, uint64_t now_ns);
/* What the representative chose; the next update shows it. The same again changes nothing. */
int cw_stream_set(struct cw_stream *s, const struct cw_encoder_settings *settings);
/* When pictures with loss, or what settings changed, have something to send though nothing changed; UINT64_MAX: not
 * before something else happens. Only an idle line is used for it. */
uint64_t cw_stream_build_up_ns(const struct cw_stream *s);
/* Whether an update may be sent as far as acknowledgements go. */
bool cw_stream_has_room(const struct cw_stream *s);
/* Whether a keyframe that is due should wait for the film that plays: after its next picture, sent as an update, it
 * takes a tenth. */
bool cw_stream_waits_for_film(const struct cw_stream *s);
/* Sends SCREEN_RESET if it is due and a keyframe. The capture's picture is up to date if a reset is due. */
int cw_stream_send_keyframe(struct cw_stream *s, const struct cw_capture *capture,
                            struct cw_peer *peer, uint64_t now_ns);
/* Codes what changed and sends it, if anything did; if a keyframe waits for a film, so that it is next. */
int cw_stream_send_update(struct cw_stream *s, const struct cw_capture *capture,
                          struct cw_peer *peer, uint64_t now_ns);
/* Why the screen cannot be shared any more, for the person in front of it. */
void cw_stream_failure(const struct cw_stream *s, const struct cw_capture *capture, int err,
                       char *message, size_t message_size);

#endif
