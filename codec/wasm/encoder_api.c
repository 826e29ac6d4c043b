/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder of codec/codec.h as encoder.wasm exports it (codec/wasm/README.md), handles and sizes as 32-bit numbers:
 * what the test compares with the native encoder. */
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

struct cw_encoder *EXPORT(cw_wasm_encoder_new)(uint32_t width_px, uint32_t height_px)
{
    struct cw_encoder *e;
    return cw_encoder_new(width_px, height_px, &e) == 0 ? e : NULL;
}

void EXPORT(cw_wasm_encoder_free)(struct cw_encoder *e)
{
    cw_encoder_free(e);
}

uint32_t EXPORT(cw_wasm_encoder_packet_bytes_max)(const struct cw_encoder *e)
{
    return (uint32_t)cw_encoder_packet_bytes_max(e);
}

int32_t EXPORT(cw_wasm_encoder_set)(struct cw_encoder *e, uint32_t colours, uint32_t is_lossy,
                                    uint32_t quality_max)
{
    struct cw_encoder_settings settings = cw_encoder_defaults();
    settings.colours = (enum cw_colour_mode)colours;
    settings.lossy_pictures = is_lossy != 0;
    if (quality_max != 0)
        settings.quality_max = (uint8_t)quality_max;
    if (settings.quality_min > settings.quality_max)
        settings.quality_min = settings.quality_max;
    return cw_encoder_set(e, &settings);
}

/* budget_bytes 0: any number. */
void EXPORT(cw_wasm_encoder_turn)(struct cw_encoder *e, double now_ns, uint32_t budget_bytes)
{
    cw_encoder_turn(e, (uint64_t)now_ns, budget_bytes != 0 ? budget_bytes : SIZE_MAX);
}

void EXPORT(cw_wasm_encoder_expect_keyframe)(struct cw_encoder *e)
{
    cw_encoder_expect_keyframe(e);
}

/* Bytes of the packet (0: nothing changed), or a negative error. */
int32_t EXPORT(cw_wasm_encoder_update)(struct cw_encoder *e, const uint8_t *bgrx,
                                       uint32_t stride_bytes, uint8_t *out, uint32_t out_bytes)
{
    size_t bytes = 0;
    int err = cw_encoder_update(e, bgrx, stride_bytes, NULL, 0, out, out_bytes, &bytes);
    return err == 0 ? (int32_t)bytes : err;
}

int32_t EXPORT(cw_wasm_encoder_keyframe)(struct cw_encoder *e, uint8_t *out, uint32_t out_bytes)
{
    size_t bytes = 0;
    int err = cw_encoder_keyframe(e, out, out_bytes, &bytes);
    return err == 0 ? (int32_t)bytes : err;
}
