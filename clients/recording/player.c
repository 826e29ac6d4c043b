/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/recording/player.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/message.h"

int cw_player_new(struct cw_tape *tape, struct cw_player **ret_player)
{
    struct cw_player *p = calloc(1, sizeof *p);
    if (p == NULL)
        return CW_ERR_NOMEM;
    p->tape = tape;
    p->message = malloc(CW_SCREEN_MESSAGE_BYTES_MAX);
    if (p->message == NULL || cw_decoder_new(0, &p->decoder) != CW_CODEC_OK) {
        cw_player_free(p);
        return CW_ERR_NOMEM;
    }
    *ret_player = p;
    return CW_OK;
}

struct cw_player *cw_player_free(struct cw_player *p)
{
    if (p == NULL)
        return NULL;
    if (p->decoder != NULL)
        cw_decoder_free(p->decoder);
    free(p->message);
    free(p);
    return NULL;
}

static void take_update(struct cw_player *p, const struct cw_frame *f, const uint8_t *payload)
{
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        p->is_inside = true;
        p->message_bytes = 0;
    }
    if (!p->is_inside || f->length > CW_SCREEN_MESSAGE_BYTES_MAX - p->message_bytes) {
        p->is_inside = false;
        return;
    }
    memcpy(p->message + p->message_bytes, payload, f->length);
    p->message_bytes += f->length;
    if ((f->flags & CW_FLAG_LAST) == 0)
        return;
    p->is_inside = false;
    /* An update that does not follow shows nothing: the next keyframe does. */
    if (cw_decoder_apply(p->decoder, p->message, p->message_bytes) == CW_CODEC_OK) {
        p->has_picture = cw_decoder_width(p->decoder) > 0;
        p->changes++;
    }
}

void cw_player_show(struct cw_player *p, uint64_t time_ns)
{
    struct cw_tape_position start = cw_tape_seek(p->tape, time_ns);
    bool is_back = time_ns < p->time_ns;
    bool is_far = start.part > p->position.part ||
                  (start.part == p->position.part && start.block > p->position.block);
    if (is_back || is_far) {
        p->position = start;
        p->is_inside = false;
        p->has_picture = p->has_picture && start.part + start.block + start.at > 0;
    }
    struct cw_tape_position at = p->position;
    struct cw_record r;
    struct cw_frame f;
    uint64_t record_ns = 0;
    while (cw_tape_next(p->tape, &at, &r, &record_ns) && record_ns <= time_ns) {
        p->position = at;
        if (r.kind != CW_RECORD_FRAME || cw_frame_decode(r.bytes, r.bytes_count, &f) != CW_OK)
            continue;
        if (f.type == CW_MESSAGE_SCREEN_UPDATE)
            take_update(p, &f, r.bytes + CW_FRAME_HEADER_BYTES);
        else if (f.type == CW_MESSAGE_SCREEN_RESET)
            p->is_inside = false; /* what was under way never ends */
    }
    p->time_ns = time_ns;
}

void cw_player_canvas(struct cw_tape *tape, uint32_t *ret_width_px, uint32_t *ret_height_px)
{
    struct cw_tape_position at = {0};
    struct cw_record r;
    struct cw_frame f;
    struct cw_screen_reset reset;
    uint64_t time_ns = 0;
    *ret_width_px = 0;
    *ret_height_px = 0;
    while (cw_tape_next(tape, &at, &r, &time_ns)) {
        if (r.kind != CW_RECORD_FRAME || cw_frame_decode(r.bytes, r.bytes_count, &f) != CW_OK ||
            f.type != CW_MESSAGE_SCREEN_RESET ||
            cw_screen_reset_decode(r.bytes + CW_FRAME_HEADER_BYTES, f.length, &reset) != CW_OK)
            continue;
        *ret_width_px = reset.width_px > *ret_width_px ? reset.width_px : *ret_width_px;
        *ret_height_px = reset.height_px > *ret_height_px ? reset.height_px : *ret_height_px;
    }
}
