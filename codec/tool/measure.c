/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/codec.h"
#include "codec/tool/tool.h"

struct tally {
    uint64_t frames;
    uint64_t keyframe_bytes, diff_bytes;
    uint64_t key_encode_ns, key_decode_ns, encode_ns, decode_ns;
    uint64_t squared_error; /* of B, G and R of the later frames, as they are shown */
    bool lossless;
};

struct bench {
    struct cw_encoder *encoder;
    struct cw_decoder *decoder;
    uint8_t *frame;
    uint8_t *packet;
    size_t frame_bytes, packet_bytes_max;
};

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* Compares the decoder's picture with the frame it was given, pad bytes aside. */
static bool same_picture(const struct bench *b, uint32_t width, uint32_t height)
{
    const uint8_t *shown = cw_decoder_picture(b->decoder);
    if (cw_decoder_width(b->decoder) != width || cw_decoder_height(b->decoder) != height)
        return false;
    for (size_t i = 0; i < b->frame_bytes; i += 4)
        if (memcmp(shown + i, b->frame + i, 3) != 0 || shown[i + 3] != 0)
            return false;
    return true;
}

/* What is shown must be the encoder's model, with loss or without. */
static bool same_model(const struct bench *b)
{
    return memcmp(cw_decoder_picture(b->decoder), cw_encoder_model(b->encoder), b->frame_bytes) ==
           0;
}

static uint64_t squared_error(const struct bench *b)
{
    const uint8_t *shown = cw_decoder_picture(b->decoder);
    uint64_t sum = 0;
    for (size_t i = 0; i < b->frame_bytes; i++) {
        int d = i % 4 == 3 ? 0 : shown[i] - b->frame[i];
        sum += (uint64_t)(d * d);
    }
    return sum;
}

static int measure_frame(struct bench *b, const struct tool_options *o, struct tally *t)
{
    size_t bytes;
    tool_encoder_turn(o, b->encoder, t->frames);
    uint64_t start = cpu_ns();
    int err = cw_encoder_update(b->encoder, b->frame, (size_t)o->width * 4, NULL, 0, b->packet,
                                b->packet_bytes_max, &bytes);
    uint64_t encoded = cpu_ns();
    if (err == 0 && t->frames == 0) {
        start = cpu_ns();
        err = cw_encoder_keyframe(b->encoder, b->packet, b->packet_bytes_max, &bytes);
        encoded = cpu_ns();
    }
    if (err == 0 && bytes > 0)
        err = cw_decoder_apply(b->decoder, b->packet, bytes);
    uint64_t decoded = cpu_ns();
    if (err != 0)
        return tool_fail(EXIT_SOFTWARE, "frame %llu: %s", (unsigned long long)t->frames,
                         cw_codec_err_text(err));
    if (t->frames == 0) {
        t->keyframe_bytes = bytes;
        t->key_encode_ns = encoded - start;
        t->key_decode_ns = decoded - encoded;
    } else {
        t->diff_bytes += bytes;
        t->encode_ns += encoded - start;
        t->decode_ns += decoded - encoded;
    }
    if (!same_model(b))
        return tool_fail(EXIT_SOFTWARE, "frame %llu: the decoder does not show the encoder's model",
                         (unsigned long long)t->frames);
    if (t->frames > 0)
        t->squared_error += squared_error(b);
    t->lossless = t->lossless && same_picture(b, o->width, o->height);
    t->frames++;
    return 0;
}

static void print_tally(const struct tool_options *o, const struct tally *t)
{
    double diffs = t->frames > 1 ? (double)(t->frames - 1) : 1;
    double diff_bytes = (double)t->diff_bytes / diffs;
    double values = diffs * 3 * o->width * o->height;
    printf(
        "{\"frames\": %llu, \"width\": %u, \"height\": %u, \"fps\": %u, \"keyframe_bytes\": %llu, "
        "\"keyframe_encode_ms\": %.3f, \"keyframe_decode_ms\": %.3f, \"diff_bytes_mean\": %.1f, "
        "\"bits_per_s\": %.0f, \"encode_ms_mean\": %.4f, \"decode_ms_mean\": %.4f, "
        "\"lossless\": %s",
        (unsigned long long)t->frames, o->width, o->height, o->fps,
        (unsigned long long)t->keyframe_bytes, (double)t->key_encode_ns / 1e6,
        (double)t->key_decode_ns / 1e6, diff_bytes, diff_bytes * 8 * o->fps,
        (double)t->encode_ns / 1e6 / diffs, (double)t->decode_ns / 1e6 / diffs,
        t->lossless ? "true" : "false");
    if (t->squared_error != 0)
        printf(", \"psnr_db\": %.2f",
               10 * log10(255.0 * 255.0 * values / (double)t->squared_error));
    printf("}\n");
}

static int measure_all(struct bench *b, const struct tool_options *o)
{
    struct tally t = {.lossless = true};
    size_t got;
    int more;
    while ((more = tool_read(stdin, b->frame, b->frame_bytes, &got)) > 0) {
        int err = measure_frame(b, o, &t);
        if (err != 0)
            return err;
    }
    if (ferror(stdin))
        return tool_fail(EXIT_IO, "standard input cannot be read");
    if (more < 0)
        return tool_fail(EXIT_DATA,
                         "frame %llu ends after %zu of %zu bytes: is --size %ux%u right?",
                         (unsigned long long)t.frames, got, b->frame_bytes, o->width, o->height);
    if (t.frames == 0)
        return tool_fail(EXIT_DATA, "no frame on standard input");
    print_tally(o, &t);
    return fflush(stdout) == 0 ? 0 : tool_fail(EXIT_IO, "standard output cannot be written");
}

int tool_measure(const struct tool_options *o)
{
    struct bench b = {.frame_bytes = (size_t)o->width * o->height * 4};
    int status = tool_encoder_new(o, &b.encoder);
    if (status != 0)
        return status;
    int err = cw_decoder_new(0, &b.decoder);
    if (err != 0) {
        status = tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(err));
        goto out;
    }
    b.packet_bytes_max = cw_encoder_packet_bytes_max(b.encoder);
    b.frame = malloc(b.frame_bytes);
    b.packet = malloc(b.packet_bytes_max);
    if (b.frame == NULL || b.packet == NULL) {
        status = tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(CW_CODEC_ERR_NOMEM));
        goto out;
    }
    status = measure_all(&b, o);
out:
    free(b.frame);
    free(b.packet);
    cw_encoder_free(b.encoder);
    cw_decoder_free(b.decoder);
    return status;
}
