/* SPDX-License-Identifier: Apache-2.0 */
/* What the WebAssembly module exports (codec/wasm/README.md): the decoder of codec/codec.h with
 * handles and sizes as 32-bit numbers. The module imports nothing. */
#include <stdlib.h>

#include "codec/codec.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

void *EXPORT(cw_wasm_alloc)(uint32_t bytes)
{
    return malloc(bytes);
}

void EXPORT(cw_wasm_free)(void *p)
{
    free(p);
}

struct cw_decoder *EXPORT(cw_wasm_decoder_new)(uint32_t pixels_max)
{
    struct cw_decoder *d;
    return cw_decoder_new(pixels_max, &d) == 0 ? d : NULL;
}

void EXPORT(cw_wasm_decoder_free)(struct cw_decoder *d)
{
    cw_decoder_free(d);
}

int32_t EXPORT(cw_wasm_apply)(struct cw_decoder *d, const uint8_t *packet, uint32_t packet_bytes)
{
    return cw_decoder_apply(d, packet, packet_bytes);
}

uint32_t EXPORT(cw_wasm_width)(const struct cw_decoder *d)
{
    return cw_decoder_width(d);
}

uint32_t EXPORT(cw_wasm_height)(const struct cw_decoder *d)
{
    return cw_decoder_height(d);
}

uint32_t EXPORT(cw_wasm_update_number)(const struct cw_decoder *d)
{
    return cw_decoder_update_number(d);
}

const struct cw_rect *EXPORT(cw_wasm_damage)(const struct cw_decoder *d)
{
    size_t count;
    return cw_decoder_damage(d, &count);
}

uint32_t EXPORT(cw_wasm_damage_count)(const struct cw_decoder *d)
{
    size_t count;
    cw_decoder_damage(d, &count);
    return (uint32_t)count;
}

int32_t EXPORT(cw_wasm_copy_rgba)(const struct cw_decoder *d, uint32_t x, uint32_t y, uint32_t w,
                                  uint32_t h, uint8_t *rgba, uint32_t rgba_bytes)
{
    return cw_decoder_copy_rgba(d, (struct cw_rect){x, y, w, h}, rgba, rgba_bytes);
}

const char *EXPORT(cw_wasm_error_text)(int32_t err)
{
    return cw_codec_err_text(err);
}
