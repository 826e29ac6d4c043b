/* SPDX-License-Identifier: Apache-2.0 */
/* clients/web/picture.h - the screen that a browser gives away, as clients/agent/capture.h wants it.
 *
 * Owner:     a capture is its source's; the newest picture is the page's to write until it is said to be whole.
 * Thread:    one.
 * Units:     pixels; the page's pictures are R, G, B, A, rows without gaps.
 * Errors:    none of its own: what capture.h says. No room: NULL.
 * Limits:    CW_SCREEN_WIDTH_PX_MAX, CW_SCREEN_HEIGHT_PX_MAX.
 * Invariant: the source's picture changes inside cw_capture_grab and cw_capture_resize only.
 *
 * A browser says nothing of what changed, and paints the pointer into the picture: the whole picture is compared, and
 * viewers are told of a pointer without a shape.
 */
#ifndef CW_CLIENTS_WEB_PICTURE_H
#define CW_CLIENTS_WEB_PICTURE_H

#include <stdint.h>

#include "clients/agent/capture.h"

/* Room for a picture of that size, or NULL: it is too large, or there is no memory. The source does not look at it
 * before cw_picture_done. */
uint8_t *cw_picture_room(uint32_t width_px, uint32_t height_px);
/* The room holds a whole picture, the newest. */
void cw_picture_done(void);

#endif
