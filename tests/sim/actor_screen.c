/* SPDX-License-Identifier: Apache-2.0 */
/* An actor's screen and cursor: what a source shows, and what a viewer must see of it. */
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"
#include "tests/sim/scenario.h"

enum { STREAM_PARTS_MAX = 4 };

static void send_u32(struct cw_actor *a, uint8_t type, uint32_t value)
{
    cw_actor_send(a, type, CW_FLAG_FIRST | CW_FLAG_LAST, &value, sizeof value);
}

/* Payload of each frame of an update: its number, so that a viewer can tell a gap and a mixture. */
static void send_update(struct cw_actor *a, uint32_t number, uint8_t keyframe_flag)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    unsigned parts = 1 + (unsigned)cw_sim_chance(a->scenario, STREAM_PARTS_MAX);
    for (unsigned i = 0; i < parts; i++) {
        size_t size =
            4 + cw_sim_chance(a->scenario,
                              cw_sim_chance(a->scenario, 3) == 0 ? sizeof payload - 4 : 200);
        memcpy(payload, &number, sizeof number);
        uint8_t flags = keyframe_flag;
        if (i == 0)
            flags |= CW_FLAG_FIRST;
        if (i == parts - 1)
            flags |= CW_FLAG_LAST;
        cw_actor_send(a, CW_MESSAGE_SCREEN_UPDATE, flags, payload, size);
    }
}

static uint32_t shape_bytes(const uint16_t side[2])
{
    return 8 + (uint32_t)side[0] * side[1] * 4;
}

/* Payload of each frame of a shape: the size of all of it, and its number where it points. */
static void send_shape(struct cw_actor *a)
{
    static uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    uint32_t number = ++a->cursor;
    uint16_t side[2] = {31, 8};
    if (cw_sim_chance(a->scenario, 2) == 0)
        for (unsigned i = 0; i < 2; i++)
            side[i] = (uint16_t)(1 + cw_sim_chance(a->scenario, CW_CURSOR_SIDE_PX_MAX));
    uint32_t size = shape_bytes(side);
    for (uint32_t at = 0; at < size;) {
        uint32_t part = size - at < sizeof payload ? size - at : (uint32_t)sizeof payload;
        uint8_t flags = 0;
        if (at == 0)
            flags |= CW_FLAG_FIRST;
        if (at + part == size)
            flags |= CW_FLAG_LAST;
        else if (size - at - part < 8)
            part -= 8; /* the last one has room for both */
        memcpy(payload, side, sizeof side);
        memcpy(payload + 4, &number, sizeof number);
        cw_actor_send(a, CW_MESSAGE_CURSOR_SHAPE, flags, payload, part);
        at += part;
    }
    a->scenario->counts->cursors++;
}

void cw_actor_take_cursor(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    uint32_t number;
    uint16_t side[2];
    CW_CHECK((a->permissions & CW_PERMIT(VIEW_SCREEN)) != 0, "no cursor without permission");
    memcpy(side, payload, sizeof side);
    memcpy(&number, payload + 4, sizeof number);
    uint32_t size = shape_bytes(side);
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        a->cursor_got = 0; /* the source of one under way was lost */
        a->cursor_next = number;
    } else {
        CW_CHECK(a->cursor_got > 0 && number == a->cursor_next, "frames of one shape");
    }
    a->cursor_got += f->length;
    if ((f->flags & CW_FLAG_LAST) == 0) {
        CW_CHECK(a->cursor_got < size, "a shape is as long as it said");
        return;
    }
    CW_CHECK(a->cursor_got == size, "a shape arrives whole");
    a->cursor_got = 0;
    a->cursor = number;
    a->scenario->counts->cursors_shown++;
}

void cw_actor_source_start(struct cw_actor *a)
{
    struct cw_screen_reset reset = {.width_px = 64,
                                    .height_px = 64,
                                    .desktop_width_px = 64,
                                    .desktop_height_px = 64,
                                    .update = a->update};
    uint8_t payload[12];
    size_t size = 0;
    CW_CHECK(cw_screen_reset_encode(&reset, payload, sizeof payload, &size) == CW_OK, "fits");
    cw_actor_send(a, CW_MESSAGE_SCREEN_RESET, CW_FLAG_FIRST | CW_FLAG_LAST, payload, size);
    send_shape(a);
    a->acknowledged = a->update;
    memset(a->key_last, 0, sizeof a->key_last);
}

void cw_actor_source_act(struct cw_actor *a)
{
    if (cw_endpoint_backlog(a->end) > 65536)
        return;
    if (!a->scenario->is_settling && cw_sim_chance(a->scenario, 12) == 0)
        send_shape(a);
    if (a->is_sync_wanted) {
        a->is_sync_wanted = false;
        send_update(a, a->update, CW_FLAG_KEYFRAME);
        a->scenario->counts->keyframes++;
    } else if (a->update - a->acknowledged < 2 && cw_sim_chance(a->scenario, 3) == 0) {
        send_update(a, ++a->update, 0);
        a->scenario->counts->updates++;
    }
}

void cw_actor_take_screen(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    CW_CHECK((a->permissions & CW_PERMIT(VIEW_SCREEN)) != 0, "no screen without permission");
    if (f->type == CW_MESSAGE_SCREEN_RESET) {
        a->message_part = 0; /* the source of a message under way was lost */
        a->is_in_sync = false;
        return;
    }
    uint32_t number;
    memcpy(&number, payload, sizeof number);
    bool is_keyframe = (f->flags & CW_FLAG_KEYFRAME) != 0;
    if ((f->flags & CW_FLAG_FIRST) != 0) {
        CW_CHECK(a->message_part == 0, "a message ends before the next begins");
        CW_CHECK(is_keyframe || a->is_in_sync, "updates only for viewers in sync");
        CW_CHECK(is_keyframe || number == a->shown + 1, "no update is missing or doubled");
    } else {
        CW_CHECK(a->message_part > 0, "a message begins with FIRST");
        CW_CHECK(number == a->shown + (is_keyframe ? 0u : 1u), "frames of one message");
    }
    a->message_part++;
    if (is_keyframe)
        a->shown = number;
    if ((f->flags & CW_FLAG_LAST) != 0) {
        a->message_part = 0;
        a->shown = number;
        a->is_in_sync = true;
        send_u32(a, CW_MESSAGE_SCREEN_ACK, number);
        a->scenario->counts->shown++;
    }
}
