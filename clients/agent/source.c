/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "clients/agent/capture.h"
#include "clients/agent/input.h"
#include "codec/codec.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

struct cw_source {
    struct cw_capture *capture;
    struct cw_encoder *encoder;
    uint8_t *packet;
    size_t packet_bytes_max;
    bool is_allowed;
    bool is_started; /* this connection has asked for a picture */
    bool is_sync_wanted;
    bool is_reset_due; /* this connection does not know the size yet */
    bool is_cursor_known;
    bool is_damaged; /* as the capture said last */
    uint32_t acked;
    uint64_t grabbed_ns;                /* when the screen was captured last */
    struct cw_cursor_position position; /* told last */
    bool has_position;
    bool is_pointer_due; /* it moved, and was told of less than an interval ago */
    uint64_t pointer_ns;
    uint8_t cursor[CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4];
    uint8_t cursor_message[8 + CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4];
};

/* ---- open and close --------------------------------------------------------------------------- */

static int codec_failed(int err, char *message, size_t message_size)
{
    snprintf(message, message_size, "The screen cannot be coded: %s.", cw_codec_err_text(err));
    return err == CW_CODEC_ERR_NOMEM ? CW_ERR_NOMEM : CW_ERR_UNSUPPORTED;
}

/* Makes the packet buffer fit the encoder's picture. */
static int fit_packet(struct cw_source *s, char *message, size_t message_size)
{
    size_t bytes = cw_encoder_packet_bytes_max(s->encoder);
    if (bytes <= s->packet_bytes_max)
        return 0;
    free(s->packet);
    s->packet = malloc(bytes);
    s->packet_bytes_max = s->packet != NULL ? bytes : 0;
    if (s->packet != NULL)
        return 0;
    snprintf(message, message_size, "There is no memory to share a screen of this size.");
    return CW_ERR_NOMEM;
}

int cw_source_open(const char *display_name, struct cw_source **ret_source, char *message,
                   size_t message_size)
{
    struct cw_source *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return CW_ERR_NOMEM;
    int err = cw_capture_open(display_name, &s->capture, message, message_size);
    if (err == 0) {
        err = cw_encoder_new(cw_capture_width(s->capture), cw_capture_height(s->capture),
                             &s->encoder);
        if (err != 0)
            err = codec_failed(err, message, message_size);
    }
    if (err == 0)
        err = fit_packet(s, message, message_size);
    if (err != 0) {
        cw_source_close(s);
        return err;
    }
    cw_source_connected(s);
    *ret_source = s;
    return 0;
}

struct cw_source *cw_source_close(struct cw_source *s)
{
    if (s == NULL)
        return NULL;
    cw_capture_close(s->capture);
    if (s->encoder != NULL)
        cw_encoder_free(s->encoder);
    free(s->packet);
    free(s);
    return NULL;
}

void cw_source_connected(struct cw_source *s)
{
    s->is_started = false;
    s->is_sync_wanted = false;
    s->is_reset_due = true;
    s->is_cursor_known = false;
    s->has_position = false;
}

void cw_source_sync(struct cw_source *s)
{
    s->is_started = true;
    s->is_sync_wanted = true;
    s->is_cursor_known = false; /* whoever joins needs the pointer too */
    s->has_position = false;
}

void cw_source_ack(struct cw_source *s, uint32_t update)
{
    uint32_t newest = cw_encoder_update_number(s->encoder);
    /* One that was never sent is a viewer's lie, which the appliance cannot tell. */
    if ((int32_t)(newest - update) >= 0 && (int32_t)(update - s->acked) > 0)
        s->acked = update;
}

int cw_source_fd(const struct cw_source *s)
{
    return cw_capture_fd(s->capture);
}

bool cw_source_has_pending(struct cw_source *s)
{
    return cw_capture_has_pending(s->capture);
}

/* ---- pointer ---------------------------------------------------------------------------------- */

static int send_cursor(struct cw_source *s, struct cw_peer *peer)
{
    struct cw_cursor_shape shape;
    size_t size = 0;
    int err = cw_capture_cursor(s->capture, s->cursor, &shape);
    if (err == 0)
        err = cw_cursor_shape_encode(&shape, s->cursor_message, sizeof(s->cursor_message), &size);
    if (err == 0)
        err = cw_peer_send(peer, CW_MESSAGE_CURSOR_SHAPE, 0, s->cursor_message, size);
    s->is_cursor_known = err == 0;
    return err;
}

/* Tells where the pointer is, unless the viewer knows because it put it there. */
static int send_position(struct cw_source *s, struct cw_peer *peer, const struct cw_input *input,
                         uint64_t now_ns)
{
    struct cw_cursor_position now;
    uint16_t x, y;
    s->pointer_ns = now_ns;
    s->is_pointer_due = false;
    if (cw_capture_pointer(s->capture, &now) != 0)
        return 0;
    bool is_ours =
        input != NULL && cw_input_position(input, &x, &y) && x == now.x_px && y == now.y_px;
    bool is_known = s->has_position && s->position.x_px == now.x_px && s->position.y_px == now.y_px;
    s->position = now;
    if (is_known || (is_ours && s->has_position))
        return 0;
    s->has_position = true;
    uint8_t out[4];
    size_t size = 0;
    int err = cw_cursor_position_encode(&now, out, sizeof(out), &size);
    return err == 0 ? cw_peer_send(peer, CW_MESSAGE_CURSOR_POSITION, 0, out, size) : err;
}

/* ---- picture ---------------------------------------------------------------------------------- */

static int follow_size(struct cw_source *s, char *message, size_t message_size)
{
    int err = cw_capture_resize(s->capture, message, message_size);
    if (err != 0)
        return err;
    err =
        cw_encoder_resize(s->encoder, cw_capture_width(s->capture), cw_capture_height(s->capture));
    if (err != 0)
        return codec_failed(err, message, message_size);
    s->is_reset_due = true;
    s->is_sync_wanted = s->is_started;
    return fit_packet(s, message, message_size);
}

/* Captures and codes what changed; *ret_bytes 0: nothing did. CW_ERR_AGAIN: the size changed meanwhile. */
static int next_update(struct cw_source *s, bool everything, uint64_t now_ns, size_t *ret_bytes)
{
    struct cw_rect rects[CW_CAPTURE_RECTS_MAX];
    size_t count = 0;
    *ret_bytes = 0;
    int err = cw_capture_grab(s->capture, everything, rects, &count);
    s->grabbed_ns = now_ns;
    s->is_damaged = false;
    s->is_pointer_due = true; /* a program that moves the pointer itself is not told of otherwise */
    if (err != 0 || (!everything && count == 0))
        return err;
    err =
        cw_encoder_update(s->encoder, cw_capture_picture(s->capture), cw_capture_stride(s->capture),
                          rects, count, s->packet, s->packet_bytes_max, ret_bytes);
    if (err != 0) {
        cw_log(CW_LOG_ERROR, "agent.source", "coding failed: %s", cw_codec_err_text(err));
        return CW_ERR_INTERNAL;
    }
    return 0;
}

static int send_keyframe(struct cw_source *s, struct cw_peer *peer, uint64_t now_ns)
{
    size_t bytes = 0;
    int err = 0;
    if (s->is_reset_due) {
        struct cw_screen_reset reset = {
            .width_px = (uint16_t)cw_capture_width(s->capture),
            .height_px = (uint16_t)cw_capture_height(s->capture),
            .desktop_width_px = (uint16_t)cw_capture_width(s->capture),
            .desktop_height_px = (uint16_t)cw_capture_height(s->capture),
        };
        uint8_t out[12];
        size_t size = 0;
        /* The reset puts every viewer out of sync, so nobody misses the update that is not sent here. */
        err = next_update(s, true, now_ns, &bytes);
        reset.update = cw_encoder_update_number(s->encoder);
        if (err == 0)
            err = cw_screen_reset_encode(&reset, out, sizeof(out), &size);
        if (err == 0)
            err = cw_peer_send(peer, CW_MESSAGE_SCREEN_RESET, 0, out, size);
        if (err != 0)
            return err;
        s->is_reset_due = false;
        s->acked = cw_encoder_update_number(s->encoder) - 1;
    }
    err = cw_encoder_keyframe(s->encoder, s->packet, s->packet_bytes_max, &bytes);
    if (err != 0) {
        cw_log(CW_LOG_ERROR, "agent.source", "coding failed: %s", cw_codec_err_text(err));
        return CW_ERR_INTERNAL;
    }
    s->is_sync_wanted = false;
    return cw_peer_send_borrowed(peer, CW_MESSAGE_SCREEN_UPDATE, CW_FLAG_KEYFRAME, s->packet,
                                 bytes);
}

static bool has_room(const struct cw_source *s)
{
    return cw_encoder_update_number(s->encoder) - s->acked < CW_SOURCE_UNACKNOWLEDGED_MAX;
}

static int send_picture(struct cw_source *s, struct cw_peer *peer, uint64_t now_ns)
{
    size_t bytes = 0;
    if (cw_peer_has_borrowed(peer))
        return 0;
    if (s->is_sync_wanted)
        return send_keyframe(s, peer, now_ns);
    if (!s->is_damaged || !has_room(s) || now_ns < s->grabbed_ns + CW_SOURCE_INTERVAL_NS)
        return 0;
    int err = next_update(s, false, now_ns, &bytes);
    if (err != 0 || bytes == 0)
        return err;
    return cw_peer_send_borrowed(peer, CW_MESSAGE_SCREEN_UPDATE, 0, s->packet, bytes);
}

int cw_source_process(struct cw_source *s, struct cw_peer *peer, const struct cw_input *input,
                      bool is_allowed, uint64_t now_ns, char *message, size_t message_size)
{
    struct cw_capture_news news = cw_capture_process(s->capture);
    s->is_damaged = news.is_damaged;
    if (s->is_allowed && !is_allowed) {
        /* An update that is dropped here is missing everywhere, so it goes on with a reset. */
        (void)cw_peer_drop_borrowed(peer);
        s->is_reset_due = true;
        s->is_sync_wanted = s->is_started;
    }
    s->is_allowed = is_allowed;
    if (news.is_size_changed && !cw_peer_has_borrowed(peer)) {
        int err = follow_size(s, message, message_size);
        if (err != 0)
            return err;
        s->is_damaged = true;
    }
    if (!is_allowed || !s->is_started || peer->state != CW_PEER_OPEN)
        return 0;
    int err = 0;
    s->is_cursor_known = s->is_cursor_known && !news.is_cursor_changed;
    /* Animated cursors on a slow line: the newest shape once the earlier ones are out. */
    if (!s->is_cursor_known && peer->queued_bytes < sizeof(s->cursor_message))
        err = send_cursor(s, peer);
    s->is_pointer_due = s->is_pointer_due || news.is_pointer_moved || !s->has_position;
    if (err == 0 && s->is_pointer_due && now_ns >= s->pointer_ns + CW_SOURCE_INTERVAL_NS)
        err = send_position(s, peer, input, now_ns);
    if (err == 0)
        err = send_picture(s, peer, now_ns);
    if (err == CW_ERR_FULL || err == CW_ERR_AGAIN)
        return 0; /* later: the queue drains, or the size is followed first */
    if (err != 0)
        snprintf(message, message_size, "The screen cannot be shared any more: %s.",
                 cw_err_text(err));
    return err;
}

uint64_t cw_source_deadline_ns(const struct cw_source *s, const struct cw_peer *peer)
{
    bool can_send = s->is_allowed && s->is_started && peer->state == CW_PEER_OPEN &&
                    !cw_peer_has_borrowed(peer);
    if (!can_send)
        return UINT64_MAX;
    uint64_t deadline = s->is_pointer_due ? s->pointer_ns + CW_SOURCE_INTERVAL_NS : UINT64_MAX;
    bool is_picture_due = s->is_sync_wanted || (s->is_damaged && has_room(s));
    if (is_picture_due && s->grabbed_ns + CW_SOURCE_INTERVAL_NS < deadline)
        deadline = s->grabbed_ns + CW_SOURCE_INTERVAL_NS;
    return deadline;
}
