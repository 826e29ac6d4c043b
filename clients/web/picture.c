/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/web/picture.h"

#include <stdio.h>
#include <stdlib.h>

#include "clients/agent/input.h"
#include "engine/base/err.h"

struct cw_capture {
    uint8_t *pixels; /* as the source sees it: BGRX */
    uint32_t width_px, height_px;
};

/* One screen a module, as there is one page: cw_capture_open has no other way to know it. */
static struct {
    uint8_t *rgba;
    size_t bytes_max;
    uint32_t width_px, height_px;
    bool is_whole; /* and not looked at since */
} newest;

uint8_t *cw_picture_room(uint32_t width_px, uint32_t height_px)
{
    if (width_px == 0 || height_px == 0 || width_px > CW_SCREEN_WIDTH_PX_MAX ||
        height_px > CW_SCREEN_HEIGHT_PX_MAX)
        return NULL;
    const size_t bytes = (size_t)width_px * height_px * 4;
    if (bytes > newest.bytes_max) {
        free(newest.rgba);
        newest.rgba = malloc(bytes);
        newest.bytes_max = newest.rgba != NULL ? bytes : 0;
    }
    newest.width_px = newest.rgba != NULL ? width_px : 0;
    newest.height_px = newest.rgba != NULL ? height_px : 0;
    newest.is_whole = false;
    return newest.rgba;
}

void cw_picture_done(void)
{
    newest.is_whole = newest.rgba != NULL;
}

static void take(struct cw_capture *c)
{
    const size_t count = (size_t)c->width_px * c->height_px;
    for (size_t i = 0; i < count; i++) {
        c->pixels[4 * i] = newest.rgba[4 * i + 2];
        c->pixels[4 * i + 1] = newest.rgba[4 * i + 1];
        c->pixels[4 * i + 2] = newest.rgba[4 * i];
        c->pixels[4 * i + 3] = 0;
    }
    newest.is_whole = false;
}

static bool fits(const struct cw_capture *c)
{
    return newest.width_px == c->width_px && newest.height_px == c->height_px;
}

int cw_capture_resize(struct cw_capture *c, char *message, size_t message_size)
{
    uint8_t *pixels = malloc((size_t)newest.width_px * newest.height_px * 4);
    if (pixels == NULL) {
        snprintf(message, message_size, "There is no memory for a picture of %u x %u pixels.",
                 (unsigned)newest.width_px, (unsigned)newest.height_px);
        return CW_ERR_NOMEM;
    }
    free(c->pixels);
    c->pixels = pixels;
    c->width_px = newest.width_px;
    c->height_px = newest.height_px;
    take(c);
    return 0;
}

int cw_capture_open(const char *display_name, struct cw_capture **ret_capture, char *message,
                    size_t message_size)
{
    (void)display_name;
    if (!newest.is_whole) {
        snprintf(message, message_size, "The browser has not given a picture yet.");
        return CW_ERR_STATE;
    }
    struct cw_capture *c = calloc(1, sizeof(*c));
    int err = c != NULL ? cw_capture_resize(c, message, message_size) : CW_ERR_NOMEM;
    if (err != 0) {
        free(c);
        return err;
    }
    *ret_capture = c;
    return 0;
}

struct cw_capture *cw_capture_close(struct cw_capture *c)
{
    if (c != NULL)
        free(c->pixels);
    free(c);
    return NULL;
}

int cw_capture_fd(const struct cw_capture *c)
{
    (void)c;
    return -1;
}

struct cw_capture_news cw_capture_process(struct cw_capture *c)
{
    const bool is_size_changed = newest.is_whole && !fits(c);
    return (struct cw_capture_news){
        .is_damaged = newest.is_whole && !is_size_changed,
        .is_size_changed = is_size_changed,
    };
}

bool cw_capture_has_pending(struct cw_capture *c)
{
    (void)c;
    return false;
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

int cw_capture_grab(struct cw_capture *c, bool everything, struct cw_rect *rects, size_t *ret_count)
{
    if (newest.is_whole && !fits(c))
        return CW_ERR_AGAIN;
    *ret_count = 0;
    if (!newest.is_whole)
        return 0;
    take(c);
    if (!everything) {
        rects[0] = (struct cw_rect){0, 0, c->width_px, c->height_px};
        *ret_count = 1;
    }
    return 0;
}

int cw_capture_cursor(struct cw_capture *c, uint8_t *pixels, struct cw_cursor_shape *ret_shape)
{
    (void)c;
    *ret_shape = (struct cw_cursor_shape){.pixels = pixels};
    return 0;
}

/* Said once, so that the source need not ask again. */
int cw_capture_pointer(struct cw_capture *c, struct cw_cursor_position *ret_position)
{
    (void)c;
    *ret_position = (struct cw_cursor_position){0};
    return 0;
}

/* A page moves nobody's pointer. */
bool cw_input_position(const struct cw_input *in, uint16_t *ret_x, uint16_t *ret_y)
{
    (void)in;
    (void)ret_x;
    (void)ret_y;
    return false;
}
