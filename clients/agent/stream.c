/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/agent/halve.h"
#include "clients/agent/source.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/limits.h"

enum {
    /* What the codec thinks takes 1/16 byte a pixel without loss can take 3. */
    PIECES_A_MESSAGE = 64,
};

static int codec_failed(int err, char *message, size_t message_size)
{
    snprintf(message, message_size, "The screen cannot be coded: %s.", cw_codec_err_text(err));
    return err == CW_CODEC_ERR_NOMEM ? CW_ERR_NOMEM : CW_ERR_UNSUPPORTED;
}

static int no_memory(char *message, size_t message_size)
{
    snprintf(message, message_size, "There is no memory to share a screen of this size.");
    return CW_ERR_NOMEM;
}

static bool is_reduced(const struct cw_stream *s)
{
    return s->rendition == CW_RENDITION_REDUCED;
}

static uint32_t width_of(const struct cw_stream *s, const struct cw_capture *capture)
{
    uint32_t width = cw_capture_width(capture);
    return is_reduced(s) ? cw_half_side(width) : width;
}

static uint32_t height_of(const struct cw_stream *s, const struct cw_capture *capture)
{
    uint32_t height = cw_capture_height(capture);
    return is_reduced(s) ? cw_half_side(height) : height;
}

/* Makes the packet buffer and the half picture fit the encoder's picture. */
static int fit_buffers(struct cw_stream *s, const struct cw_capture *capture, char *message,
                       size_t message_size)
{
    size_t bytes = cw_encoder_packet_bytes_max(s->encoder);
    if (bytes > s->packet_bytes_max) {
        free(s->packet);
        s->packet = malloc(bytes);
        s->packet_bytes_max = s->packet != NULL ? bytes : 0;
    }
    if (is_reduced(s)) {
        free(s->half);
        s->half = calloc((size_t)width_of(s, capture) * height_of(s, capture), 4);
    }
    bool is_whole = s->packet != NULL && (s->half != NULL || !is_reduced(s));
    return is_whole ? 0 : no_memory(message, message_size);
}

int cw_stream_open(struct cw_stream *s, uint8_t rendition, const struct cw_capture *capture,
                   const struct cw_encoder_settings *settings, char *message, size_t message_size)
{
    *s = (struct cw_stream){.rendition = rendition,
                            .is_reset_due = true,
                            .message_bytes_max = CW_SCREEN_MESSAGE_BYTES_MAX,
                            .chosen = *settings,
                            .settings = *settings};
    s->interval_ns = is_reduced(s) ? CW_SOURCE_REDUCED_INTERVAL_NS : CW_SOURCE_INTERVAL_NS;
    int err = cw_encoder_new(width_of(s, capture), height_of(s, capture), &s->encoder);
    if (err == 0)
        err = cw_encoder_set(s->encoder, settings);
    if (err != 0) {
        cw_stream_close(s);
        return codec_failed(err, message, message_size);
    }
    err = fit_buffers(s, capture, message, message_size);
    if (err != 0)
        cw_stream_close(s);
    return err;
}

void cw_stream_close(struct cw_stream *s)
{
    if (s->encoder != NULL)
        cw_encoder_free(s->encoder);
    free(s->packet);
    free(s->half);
    *s = (struct cw_stream){.rendition = s->rendition};
}

bool cw_stream_is_open(const struct cw_stream *s)
{
    return s->encoder != NULL;
}

int cw_stream_resize(struct cw_stream *s, const struct cw_capture *capture, char *message,
                     size_t message_size)
{
    int err = cw_encoder_set(s->encoder, &s->chosen);
    if (err == 0)
        err = cw_encoder_resize(s->encoder, width_of(s, capture), height_of(s, capture));
    if (err != 0)
        return codec_failed(err, message, message_size);
    s->settings = s->chosen;
    s->is_over = false;
    s->over_bytes = 0;
    s->is_reset_due = true;
    s->area_count = 0;
    return fit_buffers(s, capture, message, message_size);
}

/* The smallest area that holds both. */
static struct cw_rect area_around(struct cw_rect a, struct cw_rect b)
{
    uint32_t right = a.x + a.w > b.x + b.w ? a.x + a.w : b.x + b.w;
    uint32_t bottom = a.y + a.h > b.y + b.h ? a.y + a.h : b.y + b.h;
    uint32_t x = a.x < b.x ? a.x : b.x;
    uint32_t y = a.y < b.y ? a.y : b.y;
    return (struct cw_rect){x, y, right - x, bottom - y};
}

void cw_stream_damage(struct cw_stream *s, const struct cw_rect *areas, size_t count)
{
    s->is_damaged = true;
    s->is_all_damaged = s->is_all_damaged || count == 0;
    if (s->area_count + count > CW_CAPTURE_RECTS_MAX) {
        for (size_t i = 1; i < s->area_count; i++)
            s->areas[0] = area_around(s->areas[0], s->areas[i]);
        s->area_count = s->area_count > 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (s->area_count < CW_CAPTURE_RECTS_MAX)
            s->areas[s->area_count++] = areas[i];
        else
            s->areas[0] = area_around(s->areas[0], areas[i]);
    }
}

static bool are_equal(const struct cw_encoder_settings *a, const struct cw_encoder_settings *b)
{
    return a->colours == b->colours && a->lossy_pictures == b->lossy_pictures &&
           a->quality_min == b->quality_min && a->quality_max == b->quality_max;
}

int cw_stream_set(struct cw_stream *s, const struct cw_encoder_settings *settings)
{
    if (are_equal(settings, &s->chosen))
        return 0;
    int err = cw_encoder_set(s->encoder, settings);
    if (err != 0) {
        cw_log(CW_LOG_WARNING, "agent.source", "settings refused: %s", cw_codec_err_text(err));
        return CW_ERR_NOMEM;
    }
    s->chosen = *settings;
    s->settings = *settings;
    s->is_over = false;
    return 0;
}

uint64_t cw_stream_build_up_ns(const struct cw_stream *s)
{
    bool is_idle = cw_encoder_update_number(s->encoder) == s->acked;
    return is_idle ? cw_encoder_due_ns(s->encoder) : UINT64_MAX;
}

void cw_stream_ack(struct cw_stream *s, uint32_t update, uint64_t now_ns)
{
    uint32_t newest = cw_encoder_update_number(s->encoder);
    /* One that was never sent is a viewer's lie, which the appliance should have refused. */
    if ((int32_t)(newest - update) >= 0 && (int32_t)(update - s->acked) > 0)
        s->acked = update;
    if (s->acked == update)
        cw_rate_acked(&s->rate, update, now_ns);
}

bool cw_stream_has_room(const struct cw_stream *s)
{
    return cw_encoder_update_number(s->encoder) - s->acked < CW_SOURCE_UNACKNOWLEDGED_MAX;
}

static uint8_t flags_of(const struct cw_stream *s)
{
    return (uint8_t)(s->rendition << CW_FLAG_RENDITION_SHIFT);
}

static int coding_failed(int err)
{
    cw_log(CW_LOG_ERROR, "agent.source", "coding failed: %s", cw_codec_err_text(err));
    return CW_ERR_INTERNAL;
}

/* Brings the half picture up to date and the areas to its measure. */
static void halve_damage(struct cw_stream *s, const struct cw_capture *capture)
{
    uint32_t width = cw_capture_width(capture);
    uint32_t height = cw_capture_height(capture);
    if (s->is_all_damaged) {
        s->area_count = 1;
        s->areas[0] = (struct cw_rect){0, 0, width, height};
    }
    for (size_t i = 0; i < s->area_count; i++) {
        s->areas[i] = cw_half_area(s->areas[i]);
        cw_halve(cw_capture_picture(capture), cw_capture_stride(capture), width, height,
                 s->areas[i], s->half);
    }
}

/* Once a packet was too large, what becomes exact comes in pieces that fit whatever they hold. */
static size_t budget_of(const struct cw_stream *s)
{
    size_t budget = cw_rate_budget(&s->rate);
    size_t piece = s->message_bytes_max / PIECES_A_MESSAGE;
    return s->is_over && budget > piece ? piece : budget;
}

/* Codes what changed; *ret_bytes 0: nothing did. */
static int code(struct cw_stream *s, const struct cw_capture *capture, uint64_t now_ns,
                size_t *ret_bytes)
{
    const uint8_t *picture = cw_capture_picture(capture);
    size_t stride = cw_capture_stride(capture);
    if (is_reduced(s)) {
        if (s->is_damaged)
            halve_damage(s, capture);
        picture = s->half;
        stride = (size_t)width_of(s, capture) * 4;
    }
    /* No area stands for everything, one of no pixels for nothing. */
    const struct cw_rect nothing = {0};
    bool is_clean = !s->is_damaged || (!s->is_all_damaged && s->area_count == 0);
    cw_encoder_turn(s->encoder, now_ns, budget_of(s));
    int err = cw_encoder_update(s->encoder, picture, stride, is_clean ? &nothing : s->areas,
                                is_clean            ? 1
                                : s->is_all_damaged ? 0
                                                    : s->area_count,
                                s->packet, s->packet_bytes_max, ret_bytes);
    if (err != 0)
        return coding_failed(err);
    s->coded_ns = now_ns;
    s->is_damaged = false;
    s->is_all_damaged = false;
    s->area_count = 0;
    return 0;
}

/* Settings with more loss than those in force; false: there are none. */
static bool add_loss(struct cw_encoder_settings *settings)
{
    if (!settings->lossy_pictures)
        settings->lossy_pictures = true;
    else if (settings->quality_max > settings->quality_min)
        settings->quality_max = settings->quality_min;
    else
        return false;
    return true;
}

/* A packet is too large to be sent. The encoder forgets the picture, so the next one is new to it and has as much loss
 * as the settings allow. With no more loss to add that helps only if exact pieces made the packet large, which is
 * when others were sent since the stream started over last. */
static int start_over(struct cw_stream *s, const struct cw_capture *capture, size_t bytes)
{
    struct cw_encoder_settings settings = s->settings;
    bool is_more = add_loss(&settings);
    bool is_in_vain = !is_more && s->over_bytes != 0;
    s->over_bytes = bytes;
    if (is_in_vain)
        return CW_ERR_TOO_LARGE;
    int err = cw_encoder_set(s->encoder, &settings);
    if (err == 0)
        err = cw_encoder_resize(s->encoder, width_of(s, capture), height_of(s, capture));
    if (err != 0)
        return coding_failed(err);
    if (is_more)
        cw_log(CW_LOG_WARNING, "agent.source",
               "a picture of %" PRIu32 " x %" PRIu32 " pixels takes %zu KB and at most %zu KB can "
               "be sent at once: pictures start over with %s, until the settings change",
               width_of(s, capture), height_of(s, capture), bytes / 1000,
               s->message_bytes_max / 1000, s->settings.lossy_pictures ? "more loss" : "loss");
    s->settings = settings;
    s->is_over = true;
    s->is_reset_due = true;
    s->is_sync_wanted = true;
    return 0;
}

static int send_packet(struct cw_stream *s, const struct cw_capture *capture, struct cw_peer *peer,
                       uint8_t flags, size_t bytes)
{
    if (bytes > s->message_bytes_max)
        return start_over(s, capture, bytes);
    int err = cw_peer_send_borrowed(peer, CW_MESSAGE_SCREEN_UPDATE, (uint8_t)(flags_of(s) | flags),
                                    s->packet, bytes);
    if (err == 0)
        s->over_bytes = 0;
    return err;
}

void cw_stream_failure(const struct cw_stream *s, const struct cw_capture *capture, int err,
                       char *message, size_t message_size)
{
    if (err == CW_ERR_TOO_LARGE)
        snprintf(message, message_size,
                 "The screen cannot be shared any more: a picture of %" PRIu32 " x %" PRIu32
                 " pixels takes %zu KB even with loss, and at most %zu KB can be sent at once.",
                 width_of(s, capture), height_of(s, capture), s->over_bytes / 1000,
                 s->message_bytes_max / 1000);
    else
        snprintf(message, message_size, "The screen cannot be shared any more: %s.",
                 cw_err_text(err));
}

static int send_reset(struct cw_stream *s, const struct cw_capture *capture, struct cw_peer *peer,
                      uint64_t now_ns)
{
    size_t bytes = 0;
    uint8_t out[12];
    size_t size = 0;
    /* The reset puts every viewer out of sync, so nobody misses the update that is not sent here. */
    cw_stream_damage(s, NULL, 0);
    int err = code(s, capture, now_ns, &bytes);
    if (err != 0)
        return err;
    struct cw_screen_reset reset = {
        .width_px = (uint16_t)width_of(s, capture),
        .height_px = (uint16_t)height_of(s, capture),
        .desktop_width_px = (uint16_t)cw_capture_width(capture),
        .desktop_height_px = (uint16_t)cw_capture_height(capture),
        .update = cw_encoder_update_number(s->encoder),
    };
    err = cw_screen_reset_encode(&reset, out, sizeof(out), &size);
    if (err == 0)
        err = cw_peer_send(peer, CW_MESSAGE_SCREEN_RESET, flags_of(s), out, size);
    if (err != 0)
        return err;
    s->is_reset_due = false;
    s->acked = reset.update - 1;
    s->rate = (struct cw_rate){.bytes_per_s = s->rate.bytes_per_s};
    return 0;
}

bool cw_stream_waits_for_film(const struct cw_stream *s)
{
    return s->is_sync_wanted && !s->is_reset_due && !s->is_film_ready &&
           cw_encoder_plays_film(s->encoder);
}

int cw_stream_send_keyframe(struct cw_stream *s, const struct cw_capture *capture,
                            struct cw_peer *peer, uint64_t now_ns)
{
    size_t bytes = 0;
    int err = s->is_reset_due ? send_reset(s, capture, peer, now_ns) : 0;
    if (err != 0)
        return err;
    err = cw_encoder_keyframe(s->encoder, s->packet, s->packet_bytes_max, &bytes);
    if (err != 0)
        return coding_failed(err);
    s->is_sync_wanted = false;
    s->is_film_ready = false;
    return send_packet(s, capture, peer, CW_FLAG_KEYFRAME, bytes);
}

int cw_stream_send_update(struct cw_stream *s, const struct cw_capture *capture,
                          struct cw_peer *peer, uint64_t now_ns)
{
    size_t bytes = 0;
    if (!s->is_damaged && cw_stream_build_up_ns(s) > now_ns)
        return 0;
    if (cw_stream_waits_for_film(s)) {
        cw_encoder_expect_keyframe(s->encoder);
        s->is_film_ready = true;
    }
    int err = code(s, capture, now_ns, &bytes);
    if (err != 0 || bytes == 0)
        return err;
    uint32_t update = cw_encoder_update_number(s->encoder);
    err = send_packet(s, capture, peer, 0, bytes);
    if (err == 0 && s->over_bytes == 0)
        cw_rate_sent(&s->rate, update, bytes, now_ns);
    return err;
}
