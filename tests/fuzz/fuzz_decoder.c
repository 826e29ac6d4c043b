/* SPDX-License-Identifier: Apache-2.0 */
/* The screen decoder on hostile packets.
 *
 * Input: one byte of mode, then chunks of a 16-bit little-endian length and that many bytes. Mode
 * bit 0 clear: a chunk is a packet. Set: a chunk is a header and an uncompressed body, which is
 * packed here into a zstd frame of raw blocks, so that mutations reach the rules behind the
 * compression.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

enum { PIXELS_MAX = 1 << 16, CHUNK_MAX = 65535, FRAME_HEADER = 6, BLOCK_HEADER = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop_if(int broken)
{
    if (broken)
        abort();
}

/* Header and raw body at in to a packet at out, which has room. Returns its bytes. */
static size_t wrap(const uint8_t *in, size_t bytes, uint8_t *out)
{
    size_t header = bytes > 2 && in[2] == 1 ? 18 : 14;
    if (bytes < header) {
        memcpy(out, in, bytes);
        return bytes;
    }
    static const uint8_t frame[FRAME_HEADER] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38};
    memcpy(out, in, header);
    size_t at = header;
    size_t body = bytes - header;
    if ((in[3] & 1) != 0) { /* a new history has its frame header; another goes on */
        memcpy(out + at, frame, FRAME_HEADER);
        at += FRAME_HEADER;
    }
    size_t block = body << 3 | (in[2] == 1);
    out[at] = (uint8_t)block;
    out[at + 1] = (uint8_t)(block >> 8);
    out[at + 2] = (uint8_t)(block >> 16);
    memcpy(out + at + BLOCK_HEADER, in + header, body);
    return at + BLOCK_HEADER + body;
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
    if (width != 0)
        stop_if(cw_decoder_picture(d)[(size_t)width * height * 4 - 1] != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct cw_decoder *d;
    uint8_t *packet = malloc(CHUNK_MAX + FRAME_HEADER + BLOCK_HEADER);
    stop_if(packet == NULL || cw_decoder_new(PIXELS_MAX, &d) != 0);
    int raw = data[0] & 1;
    size_t at = 1;
    while (size - at >= 2) {
        size_t bytes = (size_t)data[at] | (size_t)data[at + 1] << 8;
        at += 2;
        if (bytes > size - at)
            bytes = size - at;
        size_t packet_bytes = bytes;
        if (raw)
            packet_bytes = wrap(data + at, bytes, packet);
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
