/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/thumbnail.h - a small picture of the screen, as a PNG file.
 *
 * Owner:     the caller's buffer.
 * Thread:    one.
 * Units:     pixels; bytes.
 * Errors:    CW_ERR_IO (no screen), CW_ERR_NOMEM, CW_ERR_TOO_LARGE (even the smallest does not fit).
 */
#ifndef CW_CLIENTS_AGENT_THUMBNAIL_H
#define CW_CLIENTS_AGENT_THUMBNAIL_H

#include <stddef.h>
#include <stdint.h>

/* As wide as fits out_size, at most 320 pixels. */
int cw_thumbnail(const char *display_name, uint8_t *out, size_t out_size, size_t *ret_size);
/* The same of a picture, BGRX. */
int cw_thumbnail_of(const uint8_t *bgrx, size_t stride_bytes, uint32_t width_px, uint32_t height_px,
                    uint8_t *out, size_t out_size, size_t *ret_size);

#endif
