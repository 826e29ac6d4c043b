/* SPDX-License-Identifier: Apache-2.0 */
/* codec/tool/png.h - a picture as a PNG file, not compressed: the codec needs no zlib for it.
 *
 * Owner:     the caller's picture.
 * Thread:    any.
 * Units:     pixels; R, G, B, rows of width * 3 bytes.
 * Errors:    false: the file cannot be written.
 */
#ifndef CW_CODEC_TOOL_PNG_H
#define CW_CODEC_TOOL_PNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

bool tool_png_write(FILE *to, const uint8_t *rgb, uint32_t width, uint32_t height);

#endif
