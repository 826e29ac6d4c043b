/* SPDX-License-Identifier: Apache-2.0 */
/* clients/recording/player.h - the screen of a recording at any time.
 *
 * Owner:     the caller; the tape outlives it.
 * Thread:    one.
 * Units:     ns of the recording's clock; pixels, BGRX.
 * Errors:    cw_player_new: CW_ERR_NOMEM.
 * Limits:    CW_SCREEN_MESSAGE_BYTES_MAX a message.
 * Invariant: the picture is what a viewer in sync had at that time; none before the first keyframe.
 */
#ifndef CW_CLIENTS_RECORDING_PLAYER_H
#define CW_CLIENTS_RECORDING_PLAYER_H

#include "clients/recording/tape.h"
#include "codec/codec.h"

struct cw_player {
    struct cw_tape *tape;
    struct cw_decoder *decoder;
    struct cw_tape_position position; /* of the next record */
    uint64_t time_ns;                 /* all records up to here are shown */
    uint8_t *message;                 /* the SCREEN_UPDATE under way */
    size_t message_bytes;
    bool is_inside; /* FIRST came and LAST did not */
    bool has_picture;
    uint64_t changes; /* of the picture so far */
};

int cw_player_new(struct cw_tape *tape, struct cw_player **ret_player);
struct cw_player *cw_player_free(struct cw_player *p);
/* Shows the screen at a time; any order. */
void cw_player_show(struct cw_player *p, uint64_t time_ns);
/* The largest picture of the whole recording. */
void cw_player_canvas(struct cw_tape *tape, uint32_t *ret_width_px, uint32_t *ret_height_px);

#endif
