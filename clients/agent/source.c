/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "clients/agent/capture.h"
#include "clients/agent/input.h"
#include "clients/agent/stream.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

/* A film has ten pictures a second: so long a keyframe waits for the next. */
enum { FILM_WAIT_NS = 100000000 };

struct cw_source {
    struct cw_capture *capture;
    struct cw_stream full;
    struct cw_stream reduced; /* open while the appliance wants it */
    struct cw_encoder_settings settings;
    bool is_reduced_wanted;
    bool is_allowed;
    bool is_started; /* this connection has asked for a picture */
    bool is_cursor_known;
    bool is_damaged;                    /* as the capture said last */
    struct cw_cursor_position position; /* told last */
    bool has_position;
    bool is_pointer_due; /* it moved, and was told of less than an interval ago */
    uint64_t pointer_ns;
    uint8_t cursor[CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4];
    uint8_t cursor_message[8 + CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4];
};

/* ---- open and close --------------------------------------------------------------------------- */

/* The two number the modes alike. */
static struct cw_encoder_settings settings_of(const struct cw_screen_settings *chosen)
{
    struct cw_encoder_settings settings = cw_encoder_defaults();
    settings.colours = (enum cw_colour_mode)chosen->colours;
    settings.lossy_pictures = (chosen->flags & CW_SCREEN_LOSSLESS_ONLY) == 0;
    if (!settings.lossy_pictures && settings.colours == CW_COLOURS_VIDEO)
        settings.colours = CW_COLOURS_FULL;
    return settings;
}

int cw_source_open(const char *display_name, struct cw_source **ret_source, char *message,
                   size_t message_size)
{
    struct cw_source *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return CW_ERR_NOMEM;
    s->settings = settings_of(&(struct cw_screen_settings){0});
    int err = cw_capture_open(display_name, &s->capture, message, message_size);
    if (err == 0)
        err = cw_stream_open(&s->full, CW_RENDITION_FULL, s->capture, &s->settings, message,
                             message_size);
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
    cw_stream_close(&s->full);
    cw_stream_close(&s->reduced);
    free(s);
    return NULL;
}

void cw_source_connected(struct cw_source *s)
{
    s->is_started = false;
    s->full.is_sync_wanted = false;
    s->full.is_reset_due = true;
    s->is_reduced_wanted = false;
    s->is_cursor_known = false;
    s->has_position = false;
}

/* The appliance keeps the pointer for whoever joins later. */
void cw_source_sync(struct cw_source *s, uint8_t rendition)
{
    s->is_started = true;
    if (rendition == CW_RENDITION_FULL)
        s->full.is_sync_wanted = true;
    else if (cw_stream_is_open(&s->reduced))
        s->reduced.is_sync_wanted = true;
}

void cw_source_want_reduced(struct cw_source *s, bool is_wanted)
{
    s->is_reduced_wanted = is_wanted;
    /* Asked again while it is still open: it begins as if it had not been. */
    if (is_wanted && cw_stream_is_open(&s->reduced)) {
        s->reduced.is_reset_due = true;
        s->reduced.is_sync_wanted = true;
    }
}

void cw_source_set(struct cw_source *s, const struct cw_screen_settings *settings)
{
    s->settings = settings_of(settings);
    (void)cw_stream_set(&s->full, &s->settings);
    if (cw_stream_is_open(&s->reduced))
        (void)cw_stream_set(&s->reduced, &s->settings);
}

void cw_source_ack(struct cw_source *s, uint8_t rendition, uint32_t update, uint64_t now_ns)
{
    if (rendition == CW_RENDITION_FULL)
        cw_stream_ack(&s->full, update, now_ns);
    else if (cw_stream_is_open(&s->reduced))
        cw_stream_ack(&s->reduced, update, now_ns);
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
    if (err == 0)
        err = cw_stream_resize(&s->full, s->capture, message, message_size);
    s->full.is_sync_wanted = s->is_started;
    cw_stream_close(&s->reduced); /* opened anew, with a reset, while it is wanted */
    return err;
}

/* Says once that there is no reduced rendition; its viewers stay on the full one. */
static int refuse_reduced(struct cw_source *s, struct cw_peer *peer)
{
    const struct cw_rendition_note note = {.rendition = CW_RENDITION_REDUCED, .is_wanted = 0};
    uint8_t out[4];
    size_t size = 0;
    s->is_reduced_wanted = false;
    int err = cw_rendition_note_encode(&note, out, sizeof(out), &size);
    return err == 0 ? cw_peer_send(peer, CW_MESSAGE_RENDITION, 0, out, size) : err;
}

/* Opens the reduced stream when it is wanted and closes it when it is not. No packet is borrowed. */
static int follow_wish(struct cw_source *s, struct cw_peer *peer)
{
    char message[256];
    if (s->is_reduced_wanted == cw_stream_is_open(&s->reduced))
        return 0;
    if (!s->is_reduced_wanted) {
        cw_stream_close(&s->reduced);
        return 0;
    }
    int err = cw_stream_open(&s->reduced, CW_RENDITION_REDUCED, s->capture, &s->settings, message,
                             sizeof(message));
    s->reduced.is_sync_wanted = err == 0;
    if (err == 0)
        return 0;
    cw_log(CW_LOG_WARNING, "agent.source", "no reduced picture: %s", message);
    return refuse_reduced(s, peer);
}

/* Captures what changed, for every stream. CW_ERR_AGAIN: the size changed meanwhile. */
static int grab(struct cw_source *s, bool everything)
{
    struct cw_rect rects[CW_CAPTURE_RECTS_MAX];
    size_t count = 0;
    int err = cw_capture_grab(s->capture, everything, rects, &count);
    s->is_damaged = false;
    s->is_pointer_due = true; /* a program that moves the pointer itself is not told of otherwise */
    if (err != 0 || (!everything && count == 0))
        return err;
    cw_stream_damage(&s->full, rects, count);
    if (cw_stream_is_open(&s->reduced))
        cw_stream_damage(&s->reduced, rects, count);
    return 0;
}

/* Whether there is something to send, now or when the interval is over. */
static bool is_due(const struct cw_source *s, const struct cw_stream *stream)
{
    if (!cw_stream_is_open(stream))
        return false;
    return stream->is_sync_wanted ||
           ((s->is_damaged || stream->is_damaged) && cw_stream_has_room(stream)) ||
           cw_stream_build_up_ns(stream) != UINT64_MAX;
}

/* Whether a keyframe is due and the film that it waits for has a picture. */
static bool films_next(const struct cw_source *s, const struct cw_stream *stream)
{
    return (s->is_damaged || stream->is_damaged) && cw_stream_waits_for_film(stream);
}

static uint64_t due_ns(const struct cw_source *s, const struct cw_stream *stream)
{
    if (stream->is_sync_wanted)
        return films_next(s, stream) || !cw_stream_waits_for_film(stream)
                   ? 0
                   : stream->coded_ns + FILM_WAIT_NS;
    uint64_t interval_ns = stream->coded_ns + stream->interval_ns;
    uint64_t build_up_ns = cw_stream_build_up_ns(stream);
    bool is_damaged = (s->is_damaged || stream->is_damaged) && cw_stream_has_room(stream);
    return is_damaged || build_up_ns < interval_ns ? interval_ns : build_up_ns;
}

static int send_stream(struct cw_source *s, struct cw_stream *stream, struct cw_peer *peer,
                       uint64_t now_ns)
{
    int err = 0;
    if (stream->is_sync_wanted && !films_next(s, stream)) {
        /* After a reset the first picture is of the screen as it is. */
        if (stream->is_reset_due)
            err = grab(s, true);
        return err == 0 ? cw_stream_send_keyframe(stream, s->capture, peer, now_ns) : err;
    }
    if (s->is_damaged)
        err = grab(s, false);
    return err == 0 ? cw_stream_send_update(stream, s->capture, peer, now_ns) : err;
}

/* One packet at a time. The reduced picture goes first when its time has come: that is five times a second, and
 * the full one is due all the time. */
static int send_picture(struct cw_source *s, struct cw_peer *peer, uint64_t now_ns)
{
    if (cw_peer_has_borrowed(peer))
        return 0;
    int err = follow_wish(s, peer);
    if (err == 0 && !s->full.is_sync_wanted && is_due(s, &s->reduced) &&
        now_ns >= due_ns(s, &s->reduced))
        err = send_stream(s, &s->reduced, peer, now_ns);
    if (err == 0 && !cw_peer_has_borrowed(peer) && is_due(s, &s->full) &&
        now_ns >= due_ns(s, &s->full))
        err = send_stream(s, &s->full, peer, now_ns);
    return err;
}

/* What is dropped here is missing everywhere, so each stream goes on with a reset. */
static void withdraw(struct cw_source *s, struct cw_peer *peer)
{
    (void)cw_peer_drop_borrowed(peer);
    s->full.is_reset_due = true;
    s->full.is_sync_wanted = s->is_started;
    s->reduced.is_reset_due = true;
    s->reduced.is_sync_wanted = cw_stream_is_open(&s->reduced);
}

int cw_source_process(struct cw_source *s, struct cw_peer *peer, const struct cw_input *input,
                      bool is_allowed, uint64_t now_ns, char *message, size_t message_size)
{
    struct cw_capture_news news = cw_capture_process(s->capture);
    s->is_damaged = news.is_damaged;
    if (s->is_allowed && !is_allowed)
        withdraw(s, peer);
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
        cw_stream_failure(s->full.over_bytes != 0 ? &s->full : &s->reduced, s->capture, err,
                          message, message_size);
    return err;
}

uint64_t cw_source_deadline_ns(const struct cw_source *s, const struct cw_peer *peer)
{
    bool can_send = s->is_allowed && s->is_started && peer->state == CW_PEER_OPEN &&
                    !cw_peer_has_borrowed(peer);
    if (!can_send)
        return UINT64_MAX;
    uint64_t deadline = s->is_pointer_due ? s->pointer_ns + CW_SOURCE_INTERVAL_NS : UINT64_MAX;
    const struct cw_stream *streams[] = {&s->full, &s->reduced};
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        if (is_due(s, streams[i]) && due_ns(s, streams[i]) < deadline)
            deadline = due_ns(s, streams[i]);
    }
    if (s->is_reduced_wanted != cw_stream_is_open(&s->reduced))
        deadline = 0;
    return deadline;
}
