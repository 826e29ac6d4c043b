/* SPDX-License-Identifier: Apache-2.0 */
/* x_grab FILE: a picture of the X screen for each line on standard input.
 *
 * A line means that something was done. The picture is taken when the screen has changed since the picture before and
 * then rested for REST_MS; or when patience ends, because nothing changed or nothing rested. The number of pictures so
 * far is the answer on standard output. A picture is width x height pixels of B, G, R, X. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XShm.h>
#include <X11/extensions/Xdamage.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>

enum { REST_MS = 120, CHANGE_PATIENCE_MS = 1500, REST_PATIENCE_MS = 4000 };

struct grab {
    Display *display;
    Window root;
    XImage *image;
    XShmSegmentInfo segment;
    Damage damage;
    int damage_event;
    FILE *to;
    unsigned count;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for events up to wait_ms; true when the screen changed. */
static bool screen_changed(struct grab *g, int wait_ms)
{
    struct pollfd p = {.fd = ConnectionNumber(g->display), .events = POLLIN};
    bool changed = false;
    if (XPending(g->display) == 0)
        (void)poll(&p, 1, wait_ms);
    while (XPending(g->display) > 0) {
        XEvent event;
        XNextEvent(g->display, &event);
        changed = changed || event.type == g->damage_event;
    }
    return changed;
}

static void wait_for_rest(struct grab *g)
{
    int64_t start_ms = now_ms();
    while (!screen_changed(g, 20) && now_ms() - start_ms < CHANGE_PATIENCE_MS)
        ;
    int64_t changed_ms = now_ms();
    while (now_ms() - changed_ms < REST_MS && now_ms() - start_ms < REST_PATIENCE_MS)
        if (screen_changed(g, REST_MS / 4))
            changed_ms = now_ms();
}

static bool take_picture(struct grab *g)
{
    const XImage *image = g->image;
    size_t row_bytes = (size_t)image->width * 4;
    if (!XShmGetImage(g->display, g->root, g->image, 0, 0, AllPlanes))
        return false;
    for (int y = 0; y < image->height; y++)
        if (fwrite(image->data + (size_t)y * (size_t)image->bytes_per_line, 1, row_bytes, g->to) !=
            row_bytes)
            return false;
    g->count++;
    return fflush(g->to) == 0;
}

static bool open_screen(struct grab *g)
{
    int error;
    g->display = XOpenDisplay(NULL);
    if (g->display == NULL || !XDamageQueryExtension(g->display, &g->damage_event, &error) ||
        !XShmQueryExtension(g->display))
        return false;
    g->damage_event += XDamageNotify;
    int screen = DefaultScreen(g->display);
    g->root = RootWindow(g->display, screen);
    g->image = XShmCreateImage(g->display, DefaultVisual(g->display, screen),
                               (unsigned)DefaultDepth(g->display, screen), ZPixmap, NULL,
                               &g->segment, (unsigned)DisplayWidth(g->display, screen),
                               (unsigned)DisplayHeight(g->display, screen));
    if (g->image == NULL || g->image->bits_per_pixel != 32)
        return false;
    size_t bytes = (size_t)g->image->bytes_per_line * (size_t)g->image->height;
    g->segment.shmid = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
    if (g->segment.shmid < 0)
        return false;
    g->segment.shmaddr = shmat(g->segment.shmid, NULL, 0);
    g->image->data = g->segment.shmaddr;
    XShmAttach(g->display, &g->segment);
    XSync(g->display, False);
    /* It lives until the last of the two lets go. */
    (void)shmctl(g->segment.shmid, IPC_RMID, NULL);
    g->damage = XDamageCreate(g->display, g->root, XDamageReportRawRectangles);
    return true;
}

int main(int argc, char **argv)
{
    struct grab g = {0};
    char line[64];
    if (argc != 2) {
        (void)fprintf(stderr, "usage: x_grab FILE\n");
        return 64;
    }
    g.to = fopen(argv[1], "wb");
    if (g.to == NULL) {
        (void)fprintf(stderr, "x_grab: %s: %s\n", argv[1], strerror(errno));
        return 74;
    }
    if (!open_screen(&g)) {
        (void)fprintf(stderr, "x_grab: no screen of 32 bits a pixel with XDAMAGE and MIT-SHM\n");
        return 69;
    }
    while (fgets(line, sizeof(line), stdin) != NULL) {
        wait_for_rest(&g);
        if (!take_picture(&g)) {
            (void)fprintf(stderr, "x_grab: picture %u could not be taken\n", g.count);
            return 74;
        }
        (void)printf("%u\n", g.count);
        (void)fflush(stdout);
    }
    return fclose(g.to) == 0 ? 0 : 74;
}
