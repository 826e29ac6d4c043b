/* SPDX-License-Identifier: Apache-2.0 */
/* bench/x_echo.c - what the desktop itself costs of a keystroke: key event in, damage out, capture.
 *
 * Presses a key by XTest on DISPLAY as often as asked, waits for the damage it causes, and captures the
 * damaged rectangle through shared memory, as the agent does. Prints one JSON object with medians:
 * {"keystrokes": N, "echo_ms_p50": ..., "echo_ms_p99": ..., "capture_ms_p50": ...}.
 * The focus must be in a program that shows what is typed. Exits 1 if any key caused no damage in 2 s.
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XShm.h>
#include <X11/extensions/XTest.h>
#include <X11/extensions/Xdamage.h>
#include <X11/keysym.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KEYSTROKES_MAX = 10000, DAMAGE_WAIT_MS = 2000, PAUSE_MS = 30 };

static double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Waits for one damage event; false after DAMAGE_WAIT_MS. */
static bool wait_damage(Display *d, int damage_event, Damage damage, XRectangle *ret_area)
{
    double deadline_ms = now_ms() + DAMAGE_WAIT_MS;
    while (now_ms() < deadline_ms) {
        while (XPending(d) > 0) {
            XEvent e;
            XNextEvent(d, &e);
            if (e.type == damage_event) {
                const XDamageNotifyEvent *n = (const XDamageNotifyEvent *)&e;
                *ret_area = n->area;
                XDamageSubtract(d, damage, None, None);
                return true;
            }
        }
        struct pollfd p = {.fd = ConnectionNumber(d), .events = POLLIN};
        (void)poll(&p, 1, 10);
    }
    return false;
}

static void drain(Display *d, Damage damage)
{
    struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    (void)nanosleep(&pause, NULL);
    XDamageSubtract(d, damage, None, None);
    XSync(d, False);
    while (XPending(d) > 0) {
        XEvent e;
        XNextEvent(d, &e);
    }
}

struct capture {
    XImage *image;
    XShmSegmentInfo segment;
};

static bool capture_open(Display *d, struct capture *c)
{
    int screen = DefaultScreen(d);
    c->image = XShmCreateImage(d, DefaultVisual(d, screen), (unsigned)DefaultDepth(d, screen),
                               ZPixmap, NULL, &c->segment, (unsigned)DisplayWidth(d, screen),
                               (unsigned)DisplayHeight(d, screen));
    if (c->image == NULL)
        return false;
    size_t bytes = (size_t)c->image->bytes_per_line * (size_t)c->image->height;
    c->segment.shmid = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
    if (c->segment.shmid < 0)
        return false;
    c->segment.shmaddr = shmat(c->segment.shmid, NULL, 0);
    c->image->data = c->segment.shmaddr;
    /* The server may run as another user than root, who may give the segment away. */
    struct ucred server = {0};
    socklen_t server_bytes = sizeof server;
    struct shmid_ds info;
    if (getsockopt(ConnectionNumber(d), SOL_SOCKET, SO_PEERCRED, &server, &server_bytes) == 0 &&
        server.uid != geteuid() && shmctl(c->segment.shmid, IPC_STAT, &info) == 0) {
        info.shm_perm.uid = server.uid;
        (void)shmctl(c->segment.shmid, IPC_SET, &info);
    }
    bool attached = XShmAttach(d, &c->segment) != 0;
    XSync(d, False);
    (void)shmctl(c->segment.shmid, IPC_RMID, NULL);
    return attached;
}

static int measure(Display *d, long count)
{
    int damage_base = 0;
    int error_base = 0;
    struct capture c = {0};
    if (!XDamageQueryExtension(d, &damage_base, &error_base) || !capture_open(d, &c)) {
        (void)fprintf(stderr, "x_echo: the display lacks DAMAGE or MIT-SHM\n");
        return 1;
    }
    Damage damage = XDamageCreate(d, DefaultRootWindow(d), XDamageReportRawRectangles);
    KeyCode key = XKeysymToKeycode(d, XK_x);
    static double echo_ms[KEYSTROKES_MAX];
    static double capture_ms[KEYSTROKES_MAX];
    drain(d, damage);
    for (long i = 0; i < count; i++) {
        XRectangle area;
        double start_ms = now_ms();
        XTestFakeKeyEvent(d, key, True, 0);
        XTestFakeKeyEvent(d, key, False, 0);
        XFlush(d);
        if (!wait_damage(d, damage_base + XDamageNotify, damage, &area)) {
            (void)fprintf(stderr, "x_echo: keystroke %ld changed nothing on the screen\n", i);
            return 1;
        }
        echo_ms[i] = now_ms() - start_ms;
        start_ms = now_ms();
        (void)XShmGetImage(d, DefaultRootWindow(d), c.image, 0, 0, AllPlanes);
        capture_ms[i] = now_ms() - start_ms;
        drain(d, damage);
    }
    qsort(echo_ms, (size_t)count, sizeof echo_ms[0], compare);
    qsort(capture_ms, (size_t)count, sizeof capture_ms[0], compare);
    (void)printf("{\"keystrokes\": %ld, \"echo_ms_p50\": %.3f, \"echo_ms_p99\": %.3f, "
                 "\"capture_ms_p50\": %.3f}\n",
                 count, echo_ms[count / 2], echo_ms[count * 99 / 100], capture_ms[count / 2]);
    return 0;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    errno = 0;
    long count = argc == 2 ? strtol(argv[1], &end, 10) : 0;
    if (errno != 0 || end == NULL || *end != '\0' || count < 1 || count > KEYSTROKES_MAX) {
        (void)fprintf(stderr, "usage: x_echo COUNT  (1 to %d keystrokes on DISPLAY)\n",
                      KEYSTROKES_MAX);
        return 64;
    }
    Display *d = XOpenDisplay(NULL);
    if (d == NULL) {
        (void)fprintf(stderr, "x_echo: cannot open the display\n");
        return 69;
    }
    int status = measure(d, count);
    XCloseDisplay(d);
    return status;
}
