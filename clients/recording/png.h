/* SPDX-License-Identifier: Apache-2.0 */
/* clients/recording/png.h - a picture as a PNG file.
 *
 * Owner:     the caller's picture.
 * Thread:    any.
 * Units:     pixels; BGRX, rows of width * 4 bytes.
 * Errors:    CW_ERR_NOMEM, CW_ERR_IO.
 */
#ifndef CW_CLIENTS_RECORDING_PNG_H
#define CW_CLIENTS_RECORDING_PNG_H

#include <stdint.h>
#include <stdio.h>

int cw_png_write(FILE *to, const uint8_t *bgrx, uint32_t width_px, uint32_t height_px);

#endif
