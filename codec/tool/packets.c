/* SPDX-License-Identifier: Apache-2.0 */
/* Frames to a file of packets, and back. */
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/tool/tool.h"

static int write_packet(const uint8_t *packet, size_t bytes)
{
    const uint8_t length[4] = {(uint8_t)bytes, (uint8_t)(bytes >> 8), (uint8_t)(bytes >> 16),
                               (uint8_t)(bytes >> 24)};
    if (fwrite(length, 1, 4, stdout) != 4 || fwrite(packet, 1, bytes, stdout) != bytes)
        return tool_fail(EXIT_IO, "standard output cannot be written");
    return 0;
}

int tool_encoder_new(const struct tool_options *o, struct cw_encoder **ret_encoder)
{
    struct cw_encoder_settings settings = cw_encoder_defaults();
    struct cw_encoder *e;
    int err = cw_encoder_new(o->width, o->height, &e);
    if (err != 0)
        return tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(err));
    settings.colours = (enum cw_colour_mode)o->colours;
    if (o->quality != 0) {
        settings.lossy_pictures = true;
        settings.quality_max = (uint8_t)o->quality;
        if (settings.quality_min > settings.quality_max)
            settings.quality_min = settings.quality_max;
    }
    if (o->quality != 0 || o->colours != CW_COLOURS_FULL)
        err = cw_encoder_set(e, &settings);
    if (err != 0) {
        cw_encoder_free(e);
        return tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(err));
    }
    *ret_encoder = e;
    return 0;
}

void tool_encoder_turn(const struct tool_options *o, struct cw_encoder *e, uint64_t n)
{
    cw_encoder_turn(e, n * 1000000000 / o->fps, o->budget == 0 ? SIZE_MAX : o->budget);
}

/* Frame n to its packets: the first, and each that is due one, as a keyframe too. */
static int encode_frame(struct cw_encoder *e, const struct tool_options *o, uint64_t n,
                        const uint8_t *frame, uint8_t *packet, size_t packet_bytes_max)
{
    size_t bytes;
    bool is_keyframe_due = n == 0 || (o->keyframe_every != 0 && n % o->keyframe_every == 0);
    tool_encoder_turn(o, e, n);
    if (is_keyframe_due)
        cw_encoder_expect_keyframe(e);
    int err = cw_encoder_update(e, frame, (size_t)o->width * 4, NULL, 0, packet, packet_bytes_max,
                                &bytes);
    if (err == 0 && n > 0 && bytes > 0) {
        int status = write_packet(packet, bytes);
        if (status != 0)
            return status;
    }
    if (err == 0 && is_keyframe_due) {
        err = cw_encoder_keyframe(e, packet, packet_bytes_max, &bytes);
        if (err == 0)
            return write_packet(packet, bytes);
    }
    if (err != 0)
        return tool_fail(EXIT_SOFTWARE, "frame %llu: %s", (unsigned long long)n,
                         cw_codec_err_text(err));
    return 0;
}

int tool_encode(const struct tool_options *o)
{
    struct cw_encoder *e;
    int status = tool_encoder_new(o, &e);
    if (status != 0)
        return status;
    size_t frame_bytes = (size_t)o->width * o->height * 4;
    size_t packet_bytes_max = cw_encoder_packet_bytes_max(e);
    uint8_t *frame = malloc(frame_bytes);
    uint8_t *packet = malloc(packet_bytes_max);
    uint64_t n = 0;
    size_t got = 0;
    int more = 0;
    if (frame == NULL || packet == NULL)
        status = tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(CW_CODEC_ERR_NOMEM));
    while (status == 0 && (more = tool_read(stdin, frame, frame_bytes, &got)) > 0)
        status = encode_frame(e, o, n++, frame, packet, packet_bytes_max);
    if (status == 0 && more < 0)
        status = tool_fail(EXIT_DATA, "frame %llu ends after %zu of %zu bytes",
                           (unsigned long long)n, got, frame_bytes);
    if (status == 0 && n == 0)
        status = tool_fail(EXIT_DATA, "no frame on standard input");
    if (status == 0 && fflush(stdout) != 0)
        status = tool_fail(EXIT_IO, "standard output cannot be written");
    free(frame);
    free(packet);
    cw_encoder_free(e);
    return status;
}

int tool_read_packet(FILE *f, uint8_t **packet, size_t *room, size_t *ret_bytes)
{
    uint8_t length[4];
    size_t got;
    int more = tool_read(f, length, sizeof(length), &got);
    if (more == 0)
        return 0;
    size_t bytes = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
                   (size_t)length[3] << 24;
    if (more < 0)
        return -tool_fail(EXIT_DATA, "the input ends inside a length");
    if (bytes == 0 || bytes > TOOL_PACKET_BYTES_MAX)
        return -tool_fail(EXIT_DATA, "a length of %zu bytes: is this a file of packets?", bytes);
    if (bytes > *room) {
        uint8_t *more_room = realloc(*packet, bytes);
        if (more_room == NULL)
            return -tool_fail(EXIT_SOFTWARE, "not enough memory for a packet of %zu bytes", bytes);
        *packet = more_room;
        *room = bytes;
    }
    if (tool_read(f, *packet, bytes, &got) <= 0)
        return -tool_fail(EXIT_DATA, "a packet ends after %zu of %zu bytes", got, bytes);
    *ret_bytes = bytes;
    return 1;
}

int tool_decode(void)
{
    struct cw_decoder *d;
    uint8_t *packet = NULL;
    size_t room = 0;
    size_t bytes = 0;
    uint64_t n = 0;
    int more = 0;
    int status = 0;
    int err = cw_decoder_new(0, &d);
    if (err != 0)
        return tool_fail(EXIT_SOFTWARE, "%s", cw_codec_err_text(err));
    while (status == 0 && (more = tool_read_packet(stdin, &packet, &room, &bytes)) > 0) {
        err = cw_decoder_apply(d, packet, bytes);
        if (err != 0)
            status = tool_fail(EXIT_DATA, "packet %llu: %s", (unsigned long long)n,
                               cw_codec_err_text(err));
        size_t picture_bytes = (size_t)cw_decoder_width(d) * cw_decoder_height(d) * 4;
        if (status == 0 && fwrite(cw_decoder_picture(d), 1, picture_bytes, stdout) != picture_bytes)
            status = tool_fail(EXIT_IO, "standard output cannot be written");
        n++;
    }
    if (status == 0 && more < 0)
        status = -more;
    if (status == 0 && n == 0)
        status = tool_fail(EXIT_DATA, "no packet on standard input");
    if (status == 0 && fflush(stdout) != 0)
        status = tool_fail(EXIT_IO, "standard output cannot be written");
    free(packet);
    cw_decoder_free(d);
    return status;
}
