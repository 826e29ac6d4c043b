/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/capture.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XInput2.h>
#include <X11/extensions/XShm.h>
#include <X11/extensions/Xdamage.h>
#include <X11/extensions/Xfixes.h>
#include <X11/extensions/Xrandr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "clients/agent/display.h"
#include "engine/base/err.h"

struct cw_capture {
    Display *display;
    Window root;
    Visual *visual;
    unsigned depth;
    uint32_t width_px, height_px;
    bool has_shm;
    XShmSegmentInfo segment;
    uint8_t *pixels; /* the shared segment, or memory of our own */
    Damage damage;
    XserverRegion region;
    int damage_event, fixes_event, randr_event;
    int input_opcode; /* XInput2; 0: not there */
    struct cw_capture_news news;
};

/* ---- picture memory --------------------------------------------------------------------------- */

static void free_picture(struct cw_capture *c)
{
    if (c->has_shm) {
        XShmDetach(c->display, &c->segment);
        XSync(c->display, False);
        shmdt(c->segment.shmaddr);
    } else {
        free(c->pixels);
    }
    c->pixels = NULL;
    c->has_shm = false;
}

/* A shared segment; false when the server is on another machine or has no MIT-SHM. */
static bool attach_shared(struct cw_capture *c, size_t bytes)
{
    if (!XShmQueryExtension(c->display))
        return false;
    c->segment.shmid = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
    if (c->segment.shmid < 0)
        return false;
    void *memory = shmat(c->segment.shmid, NULL, 0);
    /* Removed now, it lives until both sides have let go of it, even after a crash. But the server must attach
     * first, so that is done below. */
    bool ok = memory != (void *)-1;
    if (ok) {
        c->segment.shmaddr = memory;
        c->segment.readOnly = False;
        unsigned long errors = cw_display_sync(c->display);
        ok = XShmAttach(c->display, &c->segment) && cw_display_sync(c->display) == errors;
    }
    shmctl(c->segment.shmid, IPC_RMID, NULL);
    if (!ok && memory != (void *)-1)
        shmdt(memory);
    if (ok)
        c->pixels = memory;
    return ok;
}

static int new_picture(struct cw_capture *c, char *message, size_t message_size)
{
    Window root;
    int x, y;
    unsigned w, h, border, depth;
    if (!XGetGeometry(c->display, c->root, &root, &x, &y, &w, &h, &border, &depth))
        return CW_ERR_IO;
    if (w > CW_SCREEN_WIDTH_PX_MAX || h > CW_SCREEN_HEIGHT_PX_MAX || w == 0 || h == 0) {
        snprintf(message, message_size,
                 "The screen has %u x %u pixels; at most %d x %d can be shared.", w, h,
                 CW_SCREEN_WIDTH_PX_MAX, CW_SCREEN_HEIGHT_PX_MAX);
        return CW_ERR_TOO_LARGE;
    }
    size_t bytes = (size_t)w * h * 4;
    c->has_shm = attach_shared(c, bytes);
    if (!c->has_shm)
        c->pixels = calloc(1, bytes);
    if (c->pixels == NULL) {
        snprintf(message, message_size, "There is no memory for a picture of %u x %u pixels.", w,
                 h);
        return CW_ERR_NOMEM;
    }
    c->width_px = w;
    c->height_px = h;
    return 0;
}

/* ---- open and close --------------------------------------------------------------------------- */

static int check_visual(struct cw_capture *c, char *message, size_t message_size)
{
    int screen = DefaultScreen(c->display);
    c->visual = DefaultVisual(c->display, screen);
    c->depth = (unsigned)DefaultDepth(c->display, screen);
    XVisualInfo wanted = {.visualid = XVisualIDFromVisual(c->visual)};
    int found = 0;
    XVisualInfo *info = XGetVisualInfo(c->display, VisualIDMask, &wanted, &found);
    bool ok = info != NULL && found == 1 && info->class == TrueColor &&
              (c->depth == 24 || c->depth == 32) && info->red_mask == 0xff0000 &&
              info->green_mask == 0xff00 && info->blue_mask == 0xff &&
              ImageByteOrder(c->display) == LSBFirst;
    if (info != NULL)
        XFree(info);
    if (ok)
        return 0;
    snprintf(message, message_size,
             "This screen uses %u-bit colours in a form that cannot be shared; "
             "24-bit true colour is needed.",
             c->depth);
    return CW_ERR_UNSUPPORTED;
}

static int select_events(struct cw_capture *c, char *message, size_t message_size)
{
    int error, major = 5, minor = 0;
    const char *missing = NULL;
    if (!XDamageQueryExtension(c->display, &c->damage_event, &error))
        missing = "DAMAGE";
    else if (!XFixesQueryExtension(c->display, &c->fixes_event, &error))
        missing = "XFIXES";
    if (missing != NULL) {
        snprintf(message, message_size, "The X server lacks the extension %s.", missing);
        return CW_ERR_UNSUPPORTED;
    }
    XFixesQueryVersion(c->display, &major, &minor);
    XDamageQueryVersion(c->display, &major, &minor);
    c->damage = XDamageCreate(c->display, c->root, XDamageReportNonEmpty);
    c->region = XFixesCreateRegion(c->display, NULL, 0);
    XFixesSelectCursorInput(c->display, c->root, XFixesDisplayCursorNotifyMask);
    if (XRRQueryExtension(c->display, &c->randr_event, &error))
        XRRSelectInput(c->display, c->root, RRScreenChangeNotifyMask);
    else
        c->randr_event = -1;
    XSelectInput(c->display, c->root, StructureNotifyMask);

    int opcode, event;
    major = 2;
    minor = 0;
    if (XQueryExtension(c->display, "XInputExtension", &opcode, &event, &error) &&
        XIQueryVersion(c->display, &major, &minor) == Success) {
        unsigned char bits[XIMaskLen(XI_LASTEVENT)] = {0};
        XISetMask(bits, XI_RawMotion);
        XIEventMask mask = {.deviceid = XIAllMasterDevices, .mask_len = sizeof(bits), .mask = bits};
        XISelectEvents(c->display, c->root, &mask, 1);
        c->input_opcode = opcode;
    }
    return 0;
}

int cw_capture_open(const char *display_name, struct cw_capture **ret_capture, char *message,
                    size_t message_size)
{
    struct cw_capture *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return CW_ERR_NOMEM;
    int err = cw_display_open(display_name, &c->display, message, message_size);
    if (err == 0) {
        c->root = DefaultRootWindow(c->display);
        err = check_visual(c, message, message_size);
    }
    if (err == 0)
        err = select_events(c, message, message_size);
    if (err == 0)
        err = new_picture(c, message, message_size);
    if (err != 0) {
        cw_display_close(c->display);
        free(c);
        return err;
    }
    c->news = (struct cw_capture_news){
        .is_damaged = true, .is_cursor_changed = true, .is_pointer_moved = true};
    *ret_capture = c;
    return 0;
}

struct cw_capture *cw_capture_close(struct cw_capture *c)
{
    if (c == NULL)
        return NULL;
    free_picture(c);
    cw_display_close(c->display);
    free(c);
    return NULL;
}

/* ---- news ------------------------------------------------------------------------------------- */

int cw_capture_fd(const struct cw_capture *c)
{
    return ConnectionNumber(c->display);
}

bool cw_capture_has_pending(struct cw_capture *c)
{
    return XPending(c->display) > 0;
}

/* X tells of one change in two ways, and the later one may come after it was followed. */
static void note_size(struct cw_capture *c, int width_px, int height_px)
{
    if ((uint32_t)width_px != c->width_px || (uint32_t)height_px != c->height_px)
        c->news.is_size_changed = true;
}

struct cw_capture_news cw_capture_process(struct cw_capture *c)
{
    while (XPending(c->display) > 0) {
        XEvent e;
        XNextEvent(c->display, &e);
        if (e.type == c->damage_event + XDamageNotify) {
            c->news.is_damaged = true;
        } else if (e.type == c->fixes_event + XFixesCursorNotify) {
            c->news.is_cursor_changed = true;
        } else if (e.type == GenericEvent && e.xgeneric.extension == c->input_opcode) {
            c->news.is_pointer_moved = true;
        } else if (c->randr_event >= 0 && e.type == c->randr_event + RRScreenChangeNotify) {
            XRRUpdateConfiguration(&e);
            int screen = DefaultScreen(c->display);
            note_size(c, DisplayWidth(c->display, screen), DisplayHeight(c->display, screen));
        } else if (e.type == ConfigureNotify && e.xconfigure.window == c->root) {
            note_size(c, e.xconfigure.width, e.xconfigure.height);
        }
    }
    return c->news;
}

uint32_t cw_capture_width(const struct cw_capture *c)
{
    return c->width_px;
}

uint32_t cw_capture_height(const struct cw_capture *c)
{
    return c->height_px;
}

size_t cw_capture_stride(const struct cw_capture *c)
{
    return (size_t)c->width_px * 4;
}

const uint8_t *cw_capture_picture(const struct cw_capture *c)
{
    return c->pixels;
}

int cw_capture_resize(struct cw_capture *c, char *message, size_t message_size)
{
    c->news.is_size_changed = false;
    c->news.is_damaged = true;
    free_picture(c);
    return new_picture(c, message, message_size);
}

/* ---- grabbing --------------------------------------------------------------------------------- */

/* Copies the rows y .. y + rows - 1. The server writes at an offset of the shared segment, which the image
 * states by its data pointer: a band lands where it belongs. */
static int copy_rows(struct cw_capture *c, uint32_t y, uint32_t rows)
{
    char *at = (char *)c->pixels + (size_t)y * c->width_px * 4;
    XImage *image = c->has_shm ? XShmCreateImage(c->display, c->visual, c->depth, ZPixmap, at,
                                                 &c->segment, c->width_px, rows)
                               : XCreateImage(c->display, c->visual, c->depth, ZPixmap, 0, at,
                                              c->width_px, rows, 32, 0);
    if (image == NULL)
        return CW_ERR_NOMEM;
    int err = 0;
    unsigned long errors = cw_display_errors();
    if (image->bits_per_pixel != 32 || image->bytes_per_line != (int)c->width_px * 4)
        err = CW_ERR_UNSUPPORTED;
    else if (c->has_shm && !XShmGetImage(c->display, c->root, image, 0, (int)y, AllPlanes))
        err = CW_ERR_AGAIN;
    else if (!c->has_shm && XGetSubImage(c->display, c->root, 0, (int)y, c->width_px, rows,
                                         AllPlanes, ZPixmap, image, 0, 0) == NULL)
        err = CW_ERR_AGAIN;
    if (err == 0 && cw_display_errors() != errors)
        err = CW_ERR_AGAIN;
    image->data = NULL; /* it is ours */
    XDestroyImage(image);
    return err;
}

/* Clips to the picture; false when nothing is left. */
static bool clip(const struct cw_capture *c, const XRectangle *r, struct cw_rect *ret)
{
    int x0 = r->x < 0 ? 0 : r->x, y0 = r->y < 0 ? 0 : r->y;
    int x1 = r->x + r->width, y1 = r->y + r->height;
    if (x1 > (int)c->width_px)
        x1 = (int)c->width_px;
    if (y1 > (int)c->height_px)
        y1 = (int)c->height_px;
    if (x0 >= x1 || y0 >= y1)
        return false;
    *ret = (struct cw_rect){(uint32_t)x0, (uint32_t)y0, (uint32_t)(x1 - x0), (uint32_t)(y1 - y0)};
    return true;
}

static size_t take_damage(struct cw_capture *c, struct cw_rect *rects)
{
    int count = 0;
    size_t kept = 0;
    XDamageSubtract(c->display, c->damage, None, c->region);
    XRectangle *all = XFixesFetchRegion(c->display, c->region, &count);
    for (int i = 0; all != NULL && i < count; i++) {
        struct cw_rect r;
        if (!clip(c, &all[i], &r))
            continue;
        if (kept < CW_CAPTURE_RECTS_MAX) {
            rects[kept++] = r;
            continue;
        }
        /* Regions come sorted by rows: the last rectangle grows over the rest. */
        struct cw_rect *last = &rects[kept - 1];
        uint32_t x1 = last->x + last->w > r.x + r.w ? last->x + last->w : r.x + r.w;
        uint32_t y1 = last->y + last->h > r.y + r.h ? last->y + last->h : r.y + r.h;
        last->x = last->x < r.x ? last->x : r.x;
        last->y = last->y < r.y ? last->y : r.y;
        last->w = x1 - last->x;
        last->h = y1 - last->y;
    }
    if (all != NULL)
        XFree(all);
    return kept;
}

/* Copies the rows that the rectangles touch; bands that touch each other are one request. */
static int copy_bands(struct cw_capture *c, const struct cw_rect *rects, size_t count)
{
    size_t i = 0;
    while (i < count) {
        uint32_t y0 = rects[i].y, y1 = rects[i].y + rects[i].h;
        for (i++; i < count && rects[i].y <= y1 && rects[i].y >= y0; i++)
            if (rects[i].y + rects[i].h > y1)
                y1 = rects[i].y + rects[i].h;
        int err = copy_rows(c, y0, y1 - y0);
        if (err != 0)
            return err;
    }
    return 0;
}

int cw_capture_grab(struct cw_capture *c, bool everything, struct cw_rect *rects, size_t *ret_count)
{
    c->news.is_damaged = false;
    size_t count = take_damage(c, rects);
    int err = everything ? copy_rows(c, 0, c->height_px) : copy_bands(c, rects, count);
    if (err != 0) {
        c->news.is_size_changed = true;
        return err;
    }
    *ret_count = everything ? 0 : count;
    return 0;
}

/* ---- pointer ---------------------------------------------------------------------------------- */

/* Which part of a side that is too long is kept: CW_CURSOR_SIDE_PX_MAX pixels with the hot spot in them. */
static unsigned crop_start(unsigned side, unsigned hot)
{
    if (side <= CW_CURSOR_SIDE_PX_MAX || hot < CW_CURSOR_SIDE_PX_MAX)
        return 0;
    return hot - CW_CURSOR_SIDE_PX_MAX + 1;
}

static uint16_t crop_side(unsigned side)
{
    return (uint16_t)(side > CW_CURSOR_SIDE_PX_MAX ? CW_CURSOR_SIDE_PX_MAX : side);
}

int cw_capture_cursor(struct cw_capture *c, uint8_t *pixels, struct cw_cursor_shape *ret_shape)
{
    c->news.is_cursor_changed = false;
    XFixesCursorImage *image = XFixesGetCursorImage(c->display);
    if (image == NULL)
        return CW_ERR_IO;
    unsigned x0 = crop_start(image->width, image->xhot),
             y0 = crop_start(image->height, image->yhot);
    struct cw_cursor_shape shape = {
        .width_px = crop_side(image->width),
        .height_px = crop_side(image->height),
        .hot_x_px = (uint16_t)(image->xhot - x0),
        .hot_y_px = (uint16_t)(image->yhot - y0),
        .pixels = pixels,
    };
    if (shape.width_px == 0 || shape.height_px == 0 || shape.hot_x_px >= shape.width_px ||
        shape.hot_y_px >= shape.height_px)
        shape = (struct cw_cursor_shape){.pixels = pixels};
    for (unsigned y = 0; y < shape.height_px; y++) {
        for (unsigned x = 0; x < shape.width_px; x++) {
            unsigned long argb = image->pixels[(size_t)(y + y0) * image->width + x + x0];
            uint8_t *out = pixels + ((size_t)y * shape.width_px + x) * 4;
            out[0] = (uint8_t)argb;
            out[1] = (uint8_t)(argb >> 8);
            out[2] = (uint8_t)(argb >> 16);
            out[3] = (uint8_t)(argb >> 24);
        }
    }
    XFree(image);
    *ret_shape = shape;
    return 0;
}

int cw_capture_pointer(struct cw_capture *c, struct cw_cursor_position *ret_position)
{
    c->news.is_pointer_moved = false;
    Window root, child;
    int x = 0, y = 0, wx, wy;
    unsigned mask;
    if (!XQueryPointer(c->display, c->root, &root, &child, &x, &y, &wx, &wy, &mask))
        return CW_ERR_IO;
    *ret_position = (struct cw_cursor_position){
        (uint16_t)(x < 0 ? 0 : x),
        (uint16_t)(y < 0 ? 0 : y),
    };
    return 0;
}
