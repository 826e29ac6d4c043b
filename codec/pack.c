/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pack.h"

#include <stdbool.h>
#include <string.h>

/* One part of the body into the stream. False: no room or no memory. */
static bool compress(ZSTD_CCtx *stream, const void *part, size_t bytes, ZSTD_EndDirective end,
                     ZSTD_outBuffer *to)
{
    ZSTD_inBuffer from = {part, bytes, 0};
    size_t left = ZSTD_compressStream2(stream, to, &from, end);
    return !ZSTD_isError(left) && from.pos == from.size && (end == ZSTD_e_continue || left == 0);
}

int cw_pack(ZSTD_CCtx *stream, const struct cw_body *b, struct cw_header *h, uint8_t *out,
            size_t out_bytes, size_t *ret_bytes)
{
    ZSTD_EndDirective end = h->kind == CW_PACKET_KEYFRAME ? ZSTD_e_end : ZSTD_e_flush;
    h->op_count = b->op_count;
    h->body_bytes = (uint32_t)cw_body_bytes(b);
    h->has_colours = b->colour_bytes != 0;
    h->raw_bytes = (uint32_t)b->raw_bytes;
    size_t header_bytes = cw_header_write(h, out);
    ZSTD_outBuffer to = {out + header_bytes, out_bytes - header_bytes - b->raw_bytes, 0};
    bool ok = !h->restart || !ZSTD_isError(ZSTD_CCtx_reset(stream, ZSTD_reset_session_only));
    if (end == ZSTD_e_end) {
        /* A frame that ends with its first piece is compressed where it lies. The stream starts before, with nothing,
         * or it would take other memory for a size that it knows. */
        const uint8_t *whole = cw_body_join(b);
        ok = ok && compress(stream, whole, 0, ZSTD_e_continue, &to);
        ok = ok && compress(stream, whole, cw_body_bytes(b), end, &to);
    } else {
        ok = ok && compress(stream, b->colours, b->colour_bytes, ZSTD_e_continue, &to);
        ok = ok &&
             compress(stream, b->table, (size_t)b->op_count * CW_OP_BYTES, ZSTD_e_continue, &to);
        ok = ok && compress(stream, b->data, b->data_bytes, end, &to);
    }
    if (!ok)
        return CW_CODEC_ERR_NOMEM;
    memcpy(out + header_bytes + to.pos, b->raw, b->raw_bytes);
    *ret_bytes = header_bytes + to.pos + b->raw_bytes;
    return 0;
}
