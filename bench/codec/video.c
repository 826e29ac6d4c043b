/* SPDX-License-Identifier: Apache-2.0 */
/* x264 and VP9 through libavcodec, one thread, no look-ahead, on the bounds of all that moves in the scene. The
 * conversion from and to RGB is the caller's work and not counted: it favours them. */
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/codec/contestant.h"
#include "bench/harness.h"

struct setting {
    const char *encoder;
    enum AVCodecID decoder;
    enum AVPixelFormat format;
    const char *options; /* key=value:key=value */
};

struct state {
    const struct frames *frames;
    AVCodecContext *encoder, *decoder;
    struct SwsContext *from_rgb, *to_rgb;
    AVFrame *frame, *decoded;
    AVPacket *packet;
    uint8_t *shown;
};

/* What scenes are recorded with. */
enum { FRAMES_PER_S = 10 };

static void stop(void *user)
{
    struct state *s = user;
    avcodec_free_context(&s->encoder);
    avcodec_free_context(&s->decoder);
    sws_freeContext(s->from_rgb);
    sws_freeContext(s->to_rgb);
    av_frame_free(&s->frame);
    av_frame_free(&s->decoded);
    av_packet_free(&s->packet);
    free(s->shown);
    free(s);
}

static bool open_encoder(struct state *s, const struct setting *setting)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(setting->encoder);
    AVDictionary *options = NULL;
    s->encoder = codec == NULL ? NULL : avcodec_alloc_context3(codec);
    if (s->encoder == NULL)
        return false;
    s->encoder->width = (int)s->frames->moving.w;
    s->encoder->height = (int)s->frames->moving.h;
    s->encoder->time_base = (AVRational){1, FRAMES_PER_S};
    s->encoder->pix_fmt = setting->format;
    s->encoder->thread_count = 1;
    s->encoder->gop_size = FRAMES_MAX;
    s->encoder->max_b_frames = 0;
    s->encoder->bit_rate = 0;
    int err = av_dict_parse_string(&options, setting->options, "=", ":", 0);
    if (err >= 0)
        err = avcodec_open2(s->encoder, codec, &options);
    bool ok = err >= 0 && av_dict_count(options) == 0; /* every option was known */
    av_dict_free(&options);
    return ok;
}

static bool open_decoder(struct state *s, const struct setting *setting)
{
    const struct frames *f = s->frames;
    const AVCodec *codec = avcodec_find_decoder(setting->decoder);
    s->decoder = codec == NULL ? NULL : avcodec_alloc_context3(codec);
    if (s->decoder == NULL)
        return false;
    s->decoder->thread_count = 1;
    s->decoded = av_frame_alloc();
    s->shown = calloc((size_t)f->width * f->height, 4);
    int w = (int)f->moving.w;
    int h = (int)f->moving.h;
    s->to_rgb =
        sws_getContext(w, h, setting->format, w, h, AV_PIX_FMT_BGR0,
                       SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    return s->decoded != NULL && s->shown != NULL && s->to_rgb != NULL &&
           avcodec_open2(s->decoder, codec, NULL) >= 0;
}

static bool open_all(struct state *s, const struct setting *setting, bool shows)
{
    int w = (int)s->frames->moving.w;
    int h = (int)s->frames->moving.h;
    s->packet = av_packet_alloc();
    s->frame = av_frame_alloc();
    s->from_rgb = sws_getContext(w, h, AV_PIX_FMT_BGR0, w, h, setting->format,
                                 SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (s->packet == NULL || s->frame == NULL || s->from_rgb == NULL)
        return false;
    s->frame->format = setting->format;
    s->frame->width = w;
    s->frame->height = h;
    return av_frame_get_buffer(s->frame, 0) >= 0 && open_encoder(s, setting) &&
           (!shows || open_decoder(s, setting));
}

static void *start(const struct frames *f, const void *setting, bool shows)
{
    struct state *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    av_log_set_level(AV_LOG_ERROR);
    s->frames = f;
    if (f->moving.w == 0 || !open_all(s, setting, shows)) {
        (void)fprintf(stderr, "libavcodec: nothing moves, or %s does not take its options\n",
                      ((const struct setting *)setting)->encoder);
        stop(s);
        return NULL;
    }
    return s;
}

static const uint8_t *moving_pixels(const struct frames *f, const uint8_t *picture)
{
    return picture + ((size_t)f->moving.y * f->width + f->moving.x) * 4;
}

static bool encode(void *user, uint32_t n, struct encoded *ret_encoded)
{
    struct state *s = user;
    const struct frames *f = s->frames;
    const uint8_t *rows[4] = {moving_pixels(f, f->pixels[n])};
    const int strides[4] = {(int)f->width * 4};
    av_packet_unref(s->packet);
    if (av_frame_make_writable(s->frame) < 0)
        return false;
    (void)sws_scale(s->from_rgb, rows, strides, 0, (int)f->moving.h, s->frame->data,
                    s->frame->linesize);
    s->frame->pts = n;
    double begin = bench_cpu_s();
    bool ok = avcodec_send_frame(s->encoder, s->frame) >= 0 &&
              avcodec_receive_packet(s->encoder, s->packet) >= 0;
    *ret_encoded = (struct encoded){(size_t)s->packet->size, bench_cpu_s() - begin};
    if (!ok)
        (void)fprintf(stderr, "libavcodec: frame %u gave no packet\n", n);
    return ok;
}

static const uint8_t *shown(void *user)
{
    struct state *s = user;
    const struct frames *f = s->frames;
    size_t at = (size_t)(moving_pixels(f, s->shown) - s->shown);
    uint8_t *const rows[4] = {s->shown + at};
    const int strides[4] = {(int)f->width * 4};
    if (avcodec_send_packet(s->decoder, s->packet) < 0 ||
        avcodec_receive_frame(s->decoder, s->decoded) < 0) {
        (void)fprintf(stderr, "libavcodec: its own packet could not be decoded\n");
        return NULL;
    }
    (void)sws_scale(s->to_rgb, (const uint8_t *const *)s->decoded->data, s->decoded->linesize, 0,
                    (int)f->moving.h, rows, strides);
    return s->shown;
}

#define X264(preset, crf)                                 \
    {                                                     \
        "libx264", AV_CODEC_ID_H264, AV_PIX_FMT_YUV444P,  \
            "preset=" preset ":tune=zerolatency:crf=" crf \
    }
#define VP9(format, crf)                                                                \
    {                                                                                   \
        "libvpx-vp9", AV_CODEC_ID_VP9, format,                                          \
            "deadline=realtime:cpu-used=8:lag-in-frames=0:tune-content=screen:crf=" crf \
    }
static const struct setting superfast[] = {X264("superfast", "28"), X264("superfast", "33"),
                                           X264("superfast", "38")};
static const struct setting veryfast[] = {X264("veryfast", "28"), X264("veryfast", "33"),
                                          X264("veryfast", "38")};
static const struct setting vp9_444 = VP9(AV_PIX_FMT_YUV444P, "45");
static const struct setting vp9_420[] = {VP9(AV_PIX_FMT_YUV420P, "30"),
                                         VP9(AV_PIX_FMT_YUV420P, "45")};
#undef X264
#undef VP9

#define PEER(peer_name, peer_setting)                                                     \
    {                                                                                     \
        .name = (peer_name), .is_lossy = true, .setting = (peer_setting), .start = start, \
        .encode = encode, .shown = shown, .stop = stop                                    \
    }
const struct contestant video_peers[] = {
    PEER("x264-superfast-28", &superfast[0]),
    PEER("x264-superfast-33", &superfast[1]),
    PEER("x264-superfast-38", &superfast[2]),
    PEER("x264-veryfast-28", &veryfast[0]),
    PEER("x264-veryfast-33", &veryfast[1]),
    PEER("x264-veryfast-38", &veryfast[2]),
    PEER("vp9-444-45", &vp9_444),
    PEER("vp9-420-30", &vp9_420[0]),
    PEER("vp9-420-45", &vp9_420[1]),
    {0},
};
#undef PEER
