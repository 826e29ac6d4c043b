/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/paint.h - drawing into a window through a buffer: rectangles and text with font fall-back.
 *
 * Owner:     the window, from cw_paint_open to cw_paint_close.
 * Thread:    one.
 * Units:     pixels; em is the height of a line of text, from which all sizes derive.
 * Errors:    cw_paint_open: CW_ERR_NOT_FOUND (no font), CW_ERR_NOMEM.
 * Limits:    CW_PAINT_FONTS_MAX fonts for characters that the first one lacks.
 */
#ifndef CW_CLIENTS_AGENT_PAINT_H
#define CW_CLIENTS_AGENT_PAINT_H

#include <X11/Xft/Xft.h>
#include <X11/Xlib.h>
#include <stdbool.h>
#include <stddef.h>

/* Text and background pairs have a contrast of at least 7 : 1. X(NAME, 0xRRGGBB) */
#define CW_COLOURS(X)   \
    X(PAPER, 0xf7f7f5)  \
    X(INK, 0x1b1b1b)    \
    X(FAINT, 0x4a4a4a)  \
    X(WHITE, 0xffffff)  \
    X(LINE, 0x8a8a8a)   \
    X(CALM, 0x0b3d66)   \
    X(ALARM, 0x8c1010)  \
    X(BUTTON, 0xe3e6ea) \
    X(FOCUS, 0x0057b8)

enum cw_colour {
#define X(name, rgb) CW_COLOUR_##name,
    CW_COLOURS(X)
#undef X
        CW_COLOUR_COUNT
};

enum { CW_PAINT_FONTS_MAX = 12 };

struct cw_paint {
    Display *display;
    Window window;
    Visual *visual;
    Colormap colormap;
    Pixmap buffer;
    XftDraw *draw;
    GC gc;
    int width_px, height_px;
    int em_px, ascent_px;
    XftColor colours[CW_COLOUR_COUNT];
    XftFont *fonts[CW_PAINT_FONTS_MAX];
    unsigned font_count;
};

int cw_paint_open(struct cw_paint *p, Display *display, Window window, int width_px, int height_px);
void cw_paint_close(struct cw_paint *p);
void cw_paint_resize(struct cw_paint *p, int width_px, int height_px);
/* Shows the buffer. */
void cw_paint_show(struct cw_paint *p);

void cw_paint_fill(struct cw_paint *p, int x, int y, int w, int h, enum cw_colour colour);
void cw_paint_frame(struct cw_paint *p, int x, int y, int w, int h, int thickness,
                    enum cw_colour colour);
void cw_paint_text(struct cw_paint *p, int x, int y, const char *text, size_t bytes,
                   enum cw_colour colour);
int cw_paint_measure(void *paint, const char *text, size_t bytes);
/* Text broken into lines, drawn if colour is one (CW_COLOUR_COUNT: only measured). Returns the height. */
int cw_paint_lines(struct cw_paint *p, int x, int y, int w, const char *text,
                   enum cw_colour colour);

#endif
