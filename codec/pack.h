/* SPDX-License-Identifier: Apache-2.0 */
/* codec/pack.h - a body becomes a packet: header, compressed part, raw part (FORMAT.md, sections 3 and 4).
 *
 * Owner:     the caller owns the stream, whose memory was taken before, and every buffer.
 * Thread:    the encoder's caller.
 * Units:     bytes.
 * Errors:    CW_CODEC_ERR_NOMEM: zstd failed; its history is in doubt.
 */
#ifndef CW_CODEC_PACK_H
#define CW_CODEC_PACK_H

#include <stddef.h>
#include <stdint.h>
#include <zstd.h>

#include "codec/body.h"
#include "codec/packet.h"

/* h says kind, number, restart and size; the rest is filled in from the body. out has room for the largest packet. */
int cw_pack(ZSTD_CCtx *stream, const struct cw_body *b, struct cw_header *h, uint8_t *out,
            size_t out_bytes, size_t *ret_bytes);

#endif
