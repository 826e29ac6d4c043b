/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/capture.h - the picture of the screen, what changed in it, and the pointer.
 *
 * Owner:     the caller, from cw_capture_open to cw_capture_close.
 * Thread:    one.
 * Units:     pixels; pictures are BGRX, 4 bytes a pixel, cw_capture_stride() bytes a row.
 * Errors:    cw_capture_open: CW_ERR_IO, CW_ERR_UNSUPPORTED, CW_ERR_TOO_LARGE, CW_ERR_NOMEM; message says what.
 *            cw_capture_grab: CW_ERR_AGAIN (the screen changed its size: call cw_capture_resize).
 * Limits:    CW_SCREEN_WIDTH_PX_MAX, CW_SCREEN_HEIGHT_PX_MAX, CW_CURSOR_SIDE_PX_MAX, CW_CAPTURE_RECTS_MAX.
 * Invariant: after cw_capture_grab the picture equals the screen wherever it was damaged before the call; damage
 *            that comes during the call is reported again.
 *
 * Only bands of rows that hold damage are copied: a keystroke in a terminal moves 20 rows and not a frame.
 */
#ifndef CW_CLIENTS_AGENT_CAPTURE_H
#define CW_CLIENTS_AGENT_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "engine/wire/message.h"

enum {
    /* Over this the rectangles are merged into their rows; a text editor's redraw is 5 to 40. */
    CW_CAPTURE_RECTS_MAX = 64,
};

struct cw_capture;

struct cw_capture_news {
    bool is_damaged;
    bool is_cursor_changed;
    bool is_pointer_moved; /* maybe: ask cw_capture_pointer */
    bool is_size_changed;
};

int cw_capture_open(const char *display_name, struct cw_capture **ret_capture, char *message,
                    size_t message_size);
struct cw_capture *cw_capture_close(struct cw_capture *c);

int cw_capture_fd(const struct cw_capture *c);
/* Takes in what X has told; news stays set until the function that answers it. */
struct cw_capture_news cw_capture_process(struct cw_capture *c);
/* True when events are waiting inside Xlib, where poll() does not see them. */
bool cw_capture_has_pending(struct cw_capture *c);

uint32_t cw_capture_width(const struct cw_capture *c);
uint32_t cw_capture_height(const struct cw_capture *c);
size_t cw_capture_stride(const struct cw_capture *c);
const uint8_t *cw_capture_picture(const struct cw_capture *c);

/* Brings the picture up to date. everything: the whole screen, *ret_count is 0 then (no hints). */
int cw_capture_grab(struct cw_capture *c, bool everything, struct cw_rect *rects,
                    size_t *ret_count);
/* Follows a change of the screen's size. */
int cw_capture_resize(struct cw_capture *c, char *message, size_t message_size);
/* pixels: CW_CURSOR_SIDE_PX_MAX squared * 4 bytes; ret_shape->pixels points to it. */
int cw_capture_cursor(struct cw_capture *c, uint8_t *pixels, struct cw_cursor_shape *ret_shape);
int cw_capture_pointer(struct cw_capture *c, struct cw_cursor_position *ret_position);

#endif
