/* SPDX-License-Identifier: Apache-2.0 */
/* The screen decoder on hostile packets.
 *
 * Input: one byte of mode, then chunks of a 16-bit little-endian length and that many bytes. Mode
 * bit 0 clear: a chunk is a packet. Set: a chunk is a header, an uncompressed body and the raw part;
 * the body is packed here into a zstd frame of raw blocks, so that mutations reach the rules behind
 * the compression. Bit 1 set, too: the header's magic, version, numbers and sizes are made right, so
 * that mutations reach the operations.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "codec/packet.h"

enum { PIXELS_MAX = 1 << 16, CHUNK_MAX = 65535, FRAME_HEADER = 6, BLOCK_HEADER = 3 };
enum { MODE_BODY = 1, MODE_REPAIR = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop_if(int broken)
{
    if (broken)
        abort();
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The fixed part of a header, as a decoder that shows picture `shown` expects it. */
static void repair(uint8_t *header, uint32_t shown, size_t body_bytes)
{
    header[0] = CW_PACKET_MAGIC;
    header[1] = CW_PACKET_VERSION;
    header[2] = header[2] == CW_PACKET_KEYFRAME ? CW_PACKET_KEYFRAME : CW_PACKET_UPDATE;
    if (header[2] == CW_PACKET_KEYFRAME)
        header[3] |= CW_PACKET_FLAG_RESTART;
    cw_write_le32(header + 4, header[2] == CW_PACKET_KEYFRAME ? shown : shown + 1);
    cw_write_le32(header + 8, (uint32_t)body_bytes);
}

/* Header, body and raw part at in to a packet at out, which has room. Returns its bytes. */
static size_t wrap(const uint8_t *in, size_t bytes, uint8_t *out, const struct cw_decoder *d,
                   int mode)
{
    size_t header = bytes > 2 && in[2] == CW_PACKET_KEYFRAME ? CW_HEADER_KEYFRAME_BYTES
                                                             : CW_HEADER_UPDATE_BYTES;
    size_t fixed = header;
    size_t raw = 0;
    if (bytes > 3 && (in[3] & CW_PACKET_FLAG_RAW) != 0)
        header += CW_HEADER_RAW_BYTES;
    if (bytes < header) {
        memcpy(out, in, bytes);
        return bytes;
    }
    if (header > fixed)
        raw = smaller(cw_read_le32(in + fixed), bytes - header);
    static const uint8_t frame[FRAME_HEADER] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38};
    memcpy(out, in, header);
    size_t at = header;
    size_t body = bytes - header - raw;
    if ((mode & MODE_REPAIR) != 0) {
        repair(out, cw_decoder_update_number(d), body);
        if (header > fixed)
            cw_write_le32(out + fixed, (uint32_t)raw);
    }
    if ((out[3] & CW_PACKET_FLAG_RESTART) != 0) { /* a new history has a new frame */
        memcpy(out + at, frame, FRAME_HEADER);
        at += FRAME_HEADER;
    }
    size_t block = body << 3 | (out[2] == CW_PACKET_KEYFRAME);
    out[at] = (uint8_t)block;
    out[at + 1] = (uint8_t)(block >> 8);
    out[at + 2] = (uint8_t)(block >> 16);
    memcpy(out + at + BLOCK_HEADER, in + header, body + raw);
    return at + BLOCK_HEADER + body + raw;
}

/* Whatever was applied, the decoder's answers hold together. */
static void check(const struct cw_decoder *d, int err)
{
    static uint8_t rgba[PIXELS_MAX * 4];
    uint32_t width = cw_decoder_width(d);
    uint32_t height = cw_decoder_height(d);
    size_t count;
    const struct cw_rect *damage = cw_decoder_damage(d, &count);
    stop_if((uint64_t)width * height > PIXELS_MAX);
    stop_if(err == 0 && count == 0);
    stop_if(err != 0 && count != 0);
    for (size_t i = 0; i < count; i++)
        stop_if(cw_decoder_copy_rgba(d, damage[i], rgba, sizeof(rgba)) != 0);
    if (err != 0)
        return;
    /* Every pixel is looked at, so that one that was never written shows (the memory sanitizer). */
    const uint8_t *picture = cw_decoder_picture(d);
    for (size_t i = 0; i < (size_t)width * height; i++)
        stop_if(picture[4 * i + 3] != 0 ||
                picture[4 * i] + picture[4 * i + 1] + picture[4 * i + 2] > 765);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct cw_decoder *d;
    uint8_t *packet = malloc(CHUNK_MAX + FRAME_HEADER + BLOCK_HEADER);
    stop_if(packet == NULL || cw_decoder_new(PIXELS_MAX, &d) != 0);
    int mode = data[0];
    size_t at = 1;
    while (size - at >= 2) {
        size_t bytes = smaller((size_t)data[at] | (size_t)data[at + 1] << 8, size - at - 2);
        at += 2;
        size_t packet_bytes = bytes;
        if ((mode & MODE_BODY) != 0)
            packet_bytes = wrap(data + at, bytes, packet, d, mode);
        else
            memcpy(packet, data + at, bytes);
        /* A copy of exactly that size, so that a read past its end is seen. */
        uint8_t *exact = malloc(packet_bytes > 0 ? packet_bytes : 1);
        stop_if(exact == NULL);
        memcpy(exact, packet, packet_bytes);
        check(d, cw_decoder_apply(d, exact, packet_bytes));
        free(exact);
        at += bytes;
    }
    cw_decoder_free(d);
    free(packet);
    return 0;
}
