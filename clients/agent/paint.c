/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/paint.h"

#include <string.h>

#include "clients/agent/edit.h"
#include "engine/base/err.h"

int cw_paint_open(struct cw_paint *p, Display *display, Window window, int width_px, int height_px)
{
    static const unsigned rgb[CW_COLOUR_COUNT] = {
#define X(name, value) [CW_COLOUR_##name] = (value),
        CW_COLOURS(X)
#undef X
    };
    int screen = DefaultScreen(display);
    memset(p, 0, sizeof(*p));
    p->display = display;
    p->window = window;
    p->visual = DefaultVisual(display, screen);
    p->colormap = DefaultColormap(display, screen);
    p->fonts[0] = XftFontOpenName(display, screen, "sans-serif:size=11");
    if (p->fonts[0] == NULL)
        return CW_ERR_NOT_FOUND;
    p->font_count = 1;
    p->ascent_px = p->fonts[0]->ascent;
    p->em_px = p->fonts[0]->ascent + p->fonts[0]->descent;
    for (unsigned i = 0; i < CW_COLOUR_COUNT; i++) {
        XRenderColor c = {
            .red = (unsigned short)((rgb[i] >> 16 & 0xff) * 257),
            .green = (unsigned short)((rgb[i] >> 8 & 0xff) * 257),
            .blue = (unsigned short)((rgb[i] & 0xff) * 257),
            .alpha = 0xffff,
        };
        XftColorAllocValue(display, p->visual, p->colormap, &c, &p->colours[i]);
    }
    p->gc = XCreateGC(display, window, 0, NULL);
    XSetGraphicsExposures(display, p->gc, False);
    cw_paint_resize(p, width_px, height_px);
    return p->draw != NULL ? 0 : CW_ERR_NOMEM;
}

static void free_buffer(struct cw_paint *p)
{
    if (p->draw != NULL)
        XftDrawDestroy(p->draw);
    if (p->buffer != None)
        XFreePixmap(p->display, p->buffer);
    p->draw = NULL;
    p->buffer = None;
}

void cw_paint_close(struct cw_paint *p)
{
    free_buffer(p);
    if (p->gc != NULL)
        XFreeGC(p->display, p->gc);
    for (unsigned i = 0; i < p->font_count; i++)
        XftFontClose(p->display, p->fonts[i]);
    if (p->font_count > 0)
        for (unsigned i = 0; i < CW_COLOUR_COUNT; i++)
            XftColorFree(p->display, p->visual, p->colormap, &p->colours[i]);
    memset(p, 0, sizeof(*p));
}

void cw_paint_resize(struct cw_paint *p, int width_px, int height_px)
{
    free_buffer(p);
    p->width_px = width_px;
    p->height_px = height_px;
    p->buffer = XCreatePixmap(p->display, p->window, (unsigned)width_px, (unsigned)height_px,
                              (unsigned)DefaultDepth(p->display, DefaultScreen(p->display)));
    p->draw = XftDrawCreate(p->display, p->buffer, p->visual, p->colormap);
}

void cw_paint_show(struct cw_paint *p)
{
    XCopyArea(p->display, p->buffer, p->window, p->gc, 0, 0, (unsigned)p->width_px,
              (unsigned)p->height_px, 0, 0);
    XFlush(p->display);
}

void cw_paint_fill(struct cw_paint *p, int x, int y, int w, int h, enum cw_colour colour)
{
    if (w > 0 && h > 0)
        XftDrawRect(p->draw, &p->colours[colour], x, y, (unsigned)w, (unsigned)h);
}

void cw_paint_frame(struct cw_paint *p, int x, int y, int w, int h, int thickness,
                    enum cw_colour colour)
{
    cw_paint_fill(p, x, y, w, thickness, colour);
    cw_paint_fill(p, x, y + h - thickness, w, thickness, colour);
    cw_paint_fill(p, x, y, thickness, h, colour);
    cw_paint_fill(p, x + w - thickness, y, thickness, h, colour);
}

/* A font that has the character: one that is open, or the best match of all that are installed. */
static XftFont *font_for(struct cw_paint *p, FcChar32 c)
{
    for (unsigned i = 0; i < p->font_count; i++)
        if (XftCharExists(p->display, p->fonts[i], c))
            return p->fonts[i];
    if (p->font_count == CW_PAINT_FONTS_MAX)
        return p->fonts[0];
    FcCharSet *set = FcCharSetCreate();
    FcPattern *wanted = FcPatternCreate();
    FcCharSetAddChar(set, c);
    FcPatternAddCharSet(wanted, FC_CHARSET, set);
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)"sans-serif");
    FcPatternAddDouble(wanted, FC_SIZE, 11);
    FcResult result;
    int screen = DefaultScreen(p->display);
    FcPattern *match = XftFontMatch(p->display, screen, wanted, &result);
    XftFont *font = match != NULL ? XftFontOpenPattern(p->display, match) : NULL;
    if (font == NULL && match != NULL)
        FcPatternDestroy(match);
    FcPatternDestroy(wanted);
    FcCharSetDestroy(set);
    if (font == NULL)
        return p->fonts[0];
    bool has_it = XftCharExists(p->display, font, c);
    if (!has_it) {
        XftFontClose(p->display, font);
        return p->fonts[0];
    }
    p->fonts[p->font_count++] = font;
    return font;
}

/* Walks over runs of one font; draws them when colour is one. Returns the width. */
static int run_text(struct cw_paint *p, int x, int y, const char *text, size_t bytes,
                    enum cw_colour colour)
{
    size_t at = 0;
    int width = 0;
    while (at < bytes) {
        size_t start = at;
        XftFont *font = NULL;
        while (at < bytes) {
            FcChar32 c;
            int n = FcUtf8ToUcs4((const FcChar8 *)text + at, &c, (int)(bytes - at));
            XftFont *wanted = n > 0 ? font_for(p, c) : p->fonts[0];
            if (font != NULL && wanted != font)
                break;
            font = wanted;
            at += n > 0 ? (size_t)n : 1;
        }
        XGlyphInfo extents;
        const FcChar8 *run = (const FcChar8 *)text + start;
        XftTextExtentsUtf8(p->display, font, run, (int)(at - start), &extents);
        if (colour != CW_COLOUR_COUNT)
            XftDrawStringUtf8(p->draw, &p->colours[colour], font, x + width, y + p->ascent_px, run,
                              (int)(at - start));
        width += extents.xOff;
    }
    return width;
}

void cw_paint_text(struct cw_paint *p, int x, int y, const char *text, size_t bytes,
                   enum cw_colour colour)
{
    run_text(p, x, y, text, bytes, colour);
}

int cw_paint_measure(void *paint, const char *text, size_t bytes)
{
    return run_text(paint, 0, 0, text, bytes, CW_COLOUR_COUNT);
}

int cw_paint_lines(struct cw_paint *p, int x, int y, int w, const char *text, enum cw_colour colour)
{
    size_t left = strlen(text);
    int height = 0;
    while (left > 0) {
        size_t skip = 0;
        size_t n = cw_break_line(text, left, w, cw_paint_measure, p, &skip);
        if (colour != CW_COLOUR_COUNT)
            cw_paint_text(p, x, y + height, text, n, colour);
        height += p->em_px;
        text += n + skip;
        left -= n + skip;
    }
    return height;
}
