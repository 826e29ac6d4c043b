/* SPDX-License-Identifier: Apache-2.0 */
/* libvncserver's encoders without a network: the library calls rfbSendUpdateBuf through its symbol table, so the one
 * of this program counts, and keeps if asked, what would be sent. libvncclient decodes what was kept. */
#include <rfb/rfb.h>
#include <rfb/rfbclient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/codec/contestant.h"
#include "bench/harness.h"

/* The header's own, which would replace the language's. */
#undef max
#undef min

enum encoding { TIGHT, ZRLE, ULTRA };

struct setting {
    enum encoding encoding;
    int quality; /* of JPEG, 1 to 100; -1: lossless */
    int subsampling;
};
enum { SUBSAMPLING_444 = 0, SUBSAMPLING_422 = 2, ULTRA_PX_MAX = 65536 };

struct state {
    const struct frames *frames;
    const struct setting *setting;
    rfbScreenInfoPtr screen;
    rfbClientPtr client;
    int peer;          /* the other end of the client's socket */
    size_t bytes;      /* of the frame under way */
    rfbClient *viewer; /* NULL unless pictures are asked for */
    int message;       /* a file in memory of what the viewer reads */
};

/* Before the rectangles of a message: their number, "as many as come". After them: the last. */
static const uint8_t message_head[4] = {0, 0, 0xFF, 0xFF};
static const uint8_t message_end[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x20};

static bool keep(const struct state *s, const void *data, size_t bytes)
{
    return write(s->message, data, bytes) == (ssize_t)bytes;
}

rfbBool rfbSendUpdateBuf(rfbClientPtr cl)
{
    struct state *s = cl->clientData;
    bool ok = true;
    if (s != NULL) {
        s->bytes += (size_t)cl->ublen;
        ok = s->viewer == NULL || keep(s, cl->updateBuf, (size_t)cl->ublen);
    }
    cl->ublen = 0;
    return ok ? TRUE : FALSE;
}

static void stop(void *user)
{
    struct state *s = user;
    if (s->client != NULL) {
        s->client->clientData = NULL;
        rfbClientConnectionGone(s->client);
    }
    if (s->screen != NULL) {
        s->screen->frameBuffer = NULL;
        rfbScreenCleanup(s->screen);
    }
    if (s->peer >= 0)
        (void)close(s->peer);
    if (s->viewer != NULL) {
        free(s->viewer->frameBuffer);
        s->viewer->sock = RFB_INVALID_SOCKET;
        rfbClientCleanup(s->viewer);
    }
    if (s->message >= 0)
        (void)close(s->message);
    free(s);
}

static bool make_client(struct state *s)
{
    int ends[2];
    int argc = 1;
    char name[] = "bench";
    char *argv[] = {name, NULL};
    rfbLogEnable(FALSE);
    s->screen = rfbGetScreen(&argc, argv, (int)s->frames->width, (int)s->frames->height, 8, 3, 4);
    if (s->screen == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return false;
    s->peer = ends[1];
    s->screen->cursor = NULL;
    s->screen->serverFormat.redShift = 16;
    s->screen->serverFormat.greenShift = 8;
    s->screen->serverFormat.blueShift = 0;
    s->screen->serverFormat.depth = 24;
    s->screen->frameBuffer = (char *)s->frames->pixels[0];
    s->client = rfbNewClient(s->screen, ends[0]);
    if (s->client == NULL)
        return false;
    rfbClientPtr cl = s->client;
    cl->clientData = s;
    cl->state = RFB_NORMAL;
    cl->format = s->screen->serverFormat;
    rfbSetTranslateFunction(cl);
    cl->enableLastRectEncoding = TRUE; /* without it Tight does not look for one-coloured parts */
    cl->turboQualityLevel = s->setting->quality;
    cl->tightQualityLevel = s->setting->quality < 0 ? -1 : 8;
    cl->turboSubsampLevel = s->setting->subsampling;
    cl->tightCompressLevel = 1;
    cl->zlibCompressLevel = 1;
    return true;
}

static bool make_viewer(struct state *s)
{
    rfbEnableClientLogging = FALSE;
    s->message = memfd_create("message", MFD_CLOEXEC);
    s->viewer = rfbGetClient(8, 3, 4);
    if (s->message < 0 || s->viewer == NULL)
        return false;
    s->viewer->width = (int)s->frames->width;
    s->viewer->height = (int)s->frames->height;
    s->viewer->format.redShift = 16;
    s->viewer->format.greenShift = 8;
    s->viewer->format.blueShift = 0;
    s->viewer->sock = s->message;
    return s->viewer->MallocFrameBuffer(s->viewer) != FALSE;
}

static void *start(const struct frames *f, const void *setting, bool shows)
{
    struct state *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->frames = f;
    s->setting = setting;
    s->peer = -1;
    s->message = -1;
    if (!make_client(s) || (shows && !make_viewer(s))) {
        (void)fprintf(stderr, "libvncserver: no client could be made\n");
        stop(s);
        return NULL;
    }
    return s;
}

static bool send_rect(const struct state *s, const struct cw_rect *r)
{
    int x = (int)r->x;
    int y = (int)r->y;
    int w = (int)r->w;
    int h = (int)r->h;
    bool ok = true;
    if (s->setting->encoding == TIGHT)
        return rfbSendRectEncodingTight(s->client, x, y, w, h) != FALSE;
    if (s->setting->encoding == ZRLE)
        return rfbSendRectEncodingZRLE(s->client, x, y, w, h) != FALSE;
    /* Ultra leaves it to its caller to send no more at once than it has room for. */
    int step = ULTRA_PX_MAX / w;
    for (int row = 0; ok && row < h; row += step)
        ok = rfbSendRectEncodingUltra(s->client, x, y + row, w, h - row < step ? h - row : step) !=
             FALSE;
    return ok;
}

static bool encode(void *user, uint32_t n, struct encoded *ret_encoded)
{
    struct state *s = user;
    const struct frame_damage *d = &s->frames->damage[n];
    bool ok = true;
    s->screen->frameBuffer = (char *)s->frames->pixels[n];
    s->client->scaledScreen->frameBuffer = (char *)s->frames->pixels[n];
    s->bytes = 0;
    if (s->viewer != NULL &&
        (lseek(s->message, 0, SEEK_SET) != 0 || ftruncate(s->message, 0) != 0 ||
         !keep(s, message_head, sizeof(message_head))))
        return false;
    double begin = bench_cpu_s();
    for (uint32_t i = 0; ok && i < d->count; i++)
        ok = send_rect(s, &d->rects[i]);
    (void)rfbSendUpdateBuf(s->client);
    *ret_encoded = (struct encoded){s->bytes, bench_cpu_s() - begin};
    if (!ok)
        (void)fprintf(stderr, "libvncserver: frame %u could not be encoded\n", n);
    return ok;
}

static const uint8_t *shown(void *user)
{
    struct state *s = user;
    if (!keep(s, message_end, sizeof(message_end)) || lseek(s->message, 0, SEEK_SET) != 0 ||
        !HandleRFBServerMessage(s->viewer)) {
        (void)fprintf(stderr, "libvncclient: what the server encoded could not be decoded\n");
        return NULL;
    }
    return s->viewer->frameBuffer;
}

static const struct setting tight = {TIGHT, -1, SUBSAMPLING_444};
static const struct setting zrle = {ZRLE, -1, SUBSAMPLING_444};
static const struct setting ultra = {ULTRA, -1, SUBSAMPLING_444};

static const struct setting jpeg_80 = {TIGHT, 80, SUBSAMPLING_422};
static const struct setting jpeg_95 = {TIGHT, 95, SUBSAMPLING_444};

const struct contestant vnc_peers[] = {
    {"tight", .has_keyframe = true, .setting = &tight, .start = start, .encode = encode,
     .stop = stop},
    {"zrle", .has_keyframe = true, .setting = &zrle, .start = start, .encode = encode,
     .stop = stop},
    {"tight-jpeg-q80-422", .is_lossy = true, .has_keyframe = true, .setting = &jpeg_80,
     .start = start, .encode = encode, .shown = shown, .stop = stop},
    {"tight-jpeg-q95-444", .is_lossy = true, .has_keyframe = true, .setting = &jpeg_95,
     .start = start, .encode = encode, .shown = shown, .stop = stop},
    {"ultra", .has_keyframe = true, .setting = &ultra, .start = start, .encode = encode,
     .stop = stop},
    {0},
};
