/* SPDX-License-Identifier: Apache-2.0 */
/* A picture that no message may hold: the stream starts over with loss, once, or says that it cannot go on. And a film,
 * whose keyframe would be as large. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "clients/agent/stream.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "tests/unit/agent/xvfb.h"

enum {
    WIDTH = 800,
    HEIGHT = 600,
    /* Without loss the photograph takes about 1 MB, and text of 16 colours at random 240 KB. */
    PHOTOGRAPH_LIMIT = 500000,
    TEXT_LIMIT = 100000,
    TURNS_MAX = 600,
    LOG_BYTES = 4096,
};

static struct test {
    Display *display;
    struct cw_capture *capture;
    struct cw_stream stream;
    struct cw_peer peer;
    struct cw_decoder *decoder;
    uint8_t *pixels; /* BGRX, as painted */
    uint8_t *packet;
    size_t packet_bytes; /* the largest one sent */
    unsigned resets, packets;
    uint64_t now_ns;
    FILE *log;
    int error_fd; /* stderr, while the log has its place */
} t;

static uint32_t noise(void)
{
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return state >> 16;
}

static void paint(void)
{
    Window root = DefaultRootWindow(t.display);
    XImage *image = XCreateImage(t.display, DefaultVisual(t.display, 0), 24, ZPixmap, 0,
                                 (char *)t.pixels, WIDTH, HEIGHT, 32, WIDTH * 4);
    assert_non_null(image);
    GC gc = XCreateGC(t.display, root, 0, NULL);
    XPutImage(t.display, root, gc, image, 0, 0, 0, 0, WIDTH, HEIGHT);
    XFreeGC(t.display, gc);
    image->data = NULL;
    XDestroyImage(image);
    XSync(t.display, False);
}

/* Soft shapes and the grain of a sensor. */
static void paint_photograph(void)
{
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        uint32_t x = i % WIDTH, y = i / WIDTH;
        uint32_t wave = (x * x / 97 + y * y / 61) % 256;
        uint32_t light = 40 + x * 60 / WIDTH + (wave < 128 ? wave : 255 - wave) / 2;
        for (uint32_t k = 0; k < 3; k++)
            t.pixels[i * 4 + k] = (uint8_t)(light + k * y * 30 / HEIGHT + noise() % 6);
    }
    paint();
}

/* 16 colours are text to the codec, which never loses any of it. */
static void paint_text(void)
{
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        uint32_t colour = noise() % 16;
        for (uint32_t k = 0; k < 3; k++)
            t.pixels[i * 4 + k] = (uint8_t)(colour * (k + 1) * 5);
    }
    paint();
}

static int setup(void **state)
{
    (void)state;
    char message[256];
    struct cw_encoder_settings exact = cw_encoder_defaults();
    memset(&t, 0, sizeof(t));
    t.display = XOpenDisplay(xvfb_name());
    assert_non_null(t.display);
    t.pixels = calloc(WIDTH * HEIGHT, 4);
    t.packet = malloc(CW_SCREEN_MESSAGE_BYTES_MAX);
    t.log = tmpfile();
    assert_true(t.pixels != NULL && t.packet != NULL && t.log != NULL);
    assert_int_equal(cw_capture_open(xvfb_name(), &t.capture, message, sizeof(message)), 0);
    assert_int_equal(
        cw_stream_open(&t.stream, CW_RENDITION_FULL, t.capture, &exact, message, sizeof(message)),
        0);
    assert_int_equal(t.stream.message_bytes_max, CW_SCREEN_MESSAGE_BYTES_MAX);
    assert_int_equal(cw_decoder_new(0, &t.decoder), 0);
    cw_peer_init(&t.peer, NULL, NULL);
    t.peer.state = CW_PEER_OPEN;
    t.stream.is_sync_wanted = true;
    t.now_ns = UINT64_C(1000000000);
    t.error_fd = dup(STDERR_FILENO);
    dup2(fileno(t.log), STDERR_FILENO);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dup2(t.error_fd, STDERR_FILENO);
    close(t.error_fd);
    fclose(t.log);
    cw_peer_clear(&t.peer);
    cw_decoder_free(t.decoder);
    cw_stream_close(&t.stream);
    cw_capture_close(t.capture);
    XCloseDisplay(t.display);
    free(t.packet);
    free(t.pixels);
    return 0;
}

/* How often the log has the text. */
static unsigned log_count(const char *text)
{
    char log[LOG_BYTES];
    unsigned count = 0;
    ssize_t bytes = pread(fileno(t.log), log, sizeof(log) - 1, 0);
    assert_true(bytes >= 0);
    log[bytes] = '\0';
    for (const char *at = strstr(log, text); at != NULL; at = strstr(at + 1, text))
        count++;
    return count;
}

/* Takes what the stream sent as the viewer does, and acknowledges it. */
static void deliver(void)
{
    struct cw_frame f;
    size_t size = 0, bytes = 0;
    for (;;) {
        const uint8_t *data = cw_peer_output(&t.peer, &size);
        if (size == 0)
            return;
        assert_int_equal(cw_frame_decode(data, size, &f), 0);
        if (f.type == CW_MESSAGE_SCREEN_UPDATE) {
            memcpy(t.packet + bytes, data + CW_FRAME_HEADER_BYTES, f.length);
            bytes += f.length;
        }
        t.resets += f.type == CW_MESSAGE_SCREEN_RESET;
        cw_peer_sent(&t.peer, size);
        if (f.type != CW_MESSAGE_SCREEN_UPDATE || (f.flags & CW_FLAG_LAST) == 0)
            continue;
        assert_int_equal(cw_decoder_apply(t.decoder, t.packet, bytes), 0);
        t.packets++;
        t.packet_bytes = bytes > t.packet_bytes ? bytes : t.packet_bytes;
        cw_stream_ack(&t.stream, cw_decoder_update_number(t.decoder), t.now_ns);
        bytes = 0;
    }
}

/* One round of the source's loop. */
static int turn(void)
{
    struct cw_rect rects[CW_CAPTURE_RECTS_MAX];
    size_t count = 0;
    int err = 0;
    t.now_ns += UINT64_C(20000000);
    if (t.stream.is_sync_wanted && !(t.stream.is_damaged && cw_stream_waits_for_film(&t.stream))) {
        if (t.stream.is_reset_due)
            err = cw_capture_grab(t.capture, true, rects, &count);
        assert_int_equal(err, 0);
        err = cw_stream_send_keyframe(&t.stream, t.capture, &t.peer, t.now_ns);
    } else {
        err = cw_stream_send_update(&t.stream, t.capture, &t.peer, t.now_ns);
    }
    deliver();
    return err;
}

/* The decoder has the encoder's model; gives the mean difference to the screen, in hundredths. */
static unsigned difference(void)
{
    const uint8_t *shown = cw_decoder_picture(t.decoder);
    uint64_t sum = 0;
    assert_int_equal(cw_decoder_update_number(t.decoder),
                     cw_encoder_update_number(t.stream.encoder));
    assert_memory_equal(shown, cw_encoder_model(t.stream.encoder), WIDTH * HEIGHT * 4);
    for (size_t i = 0; i < WIDTH * HEIGHT * 4; i++)
        if (i % 4 != 3)
            sum += (uint64_t)abs((int)shown[i] - (int)t.pixels[i]);
    return (unsigned)(sum * 100 / (WIDTH * HEIGHT * 3));
}

/* Turns until the picture is exact and nothing is left to send. */
static void build_up(void)
{
    unsigned turns = 0;
    while (turns++ < TURNS_MAX &&
           (t.stream.is_sync_wanted || cw_stream_build_up_ns(&t.stream) != UINT64_MAX))
        assert_int_equal(turn(), 0);
    assert_true(turns < TURNS_MAX);
    assert_int_equal(difference(), 0);
}

/* A picture of the film, and what the capture says of it. */
static void play(void)
{
    struct cw_rect rects[CW_CAPTURE_RECTS_MAX];
    size_t count = 0;
    paint_photograph();
    assert_int_equal(cw_capture_grab(t.capture, true, rects, &count), 0);
    cw_stream_damage(&t.stream, NULL, 0);
}

static void test_keyframe_waits_for_a_film(void **state)
{
    (void)state;
    struct cw_encoder_settings lossy = cw_encoder_defaults();
    lossy.lossy_pictures = true;
    assert_int_equal(cw_stream_set(&t.stream, &lossy), 0);
    for (unsigned n = 0; n < 8; n++) {
        play();
        assert_int_equal(turn(), 0);
    }
    /* Without another picture the keyframe is exact, and comes all the same. */
    t.stream.is_sync_wanted = true;
    assert_true(cw_stream_waits_for_film(&t.stream));
    t.packet_bytes = 0;
    assert_int_equal(turn(), 0);
    assert_false(t.stream.is_sync_wanted);
    size_t exact = t.packet_bytes;
    for (unsigned n = 0; n < 3; n++) {
        play();
        assert_int_equal(turn(), 0);
    }
    /* With one it comes after that, and a viewer who joins with it shows the model. */
    t.stream.is_sync_wanted = true;
    t.packet_bytes = 0;
    t.packets = 0;
    play();
    assert_int_equal(turn(), 0);
    assert_true(t.stream.is_sync_wanted && !cw_stream_waits_for_film(&t.stream));
    cw_decoder_free(t.decoder);
    assert_int_equal(cw_decoder_new(0, &t.decoder), 0);
    assert_int_equal(turn(), 0);
    assert_false(t.stream.is_sync_wanted);
    assert_int_equal(t.packets, 2);
    assert_in_range(t.packet_bytes, 1, exact / 4);
    (void)difference();
    play();
    assert_int_equal(turn(), 0);
    (void)difference();
}

static void test_photograph_comes_with_loss(void **state)
{
    (void)state;
    paint_photograph();
    t.stream.message_bytes_max = PHOTOGRAPH_LIMIT;
    assert_int_equal(turn(), 0);
    assert_int_equal(t.packets, 0); /* too large without loss */
    assert_true(t.stream.settings.lossy_pictures && !t.stream.chosen.lossy_pictures);
    assert_int_equal(turn(), 0);
    assert_int_equal(t.packets, 1);
    assert_int_equal(t.resets, 2);
    assert_in_range(difference(), 1, 500);
    assert_int_equal(log_count("pictures start over with loss"), 1);
    /* It becomes exact in pieces, and the stream stays as it is. */
    build_up();
    assert_int_equal(t.resets, 2);
    assert_in_range(t.packet_bytes, 1, PHOTOGRAPH_LIMIT);

    /* Exact by now, it is too large for another viewer's keyframe: over again, each time. */
    for (unsigned i = 0; i < 3; i++) {
        t.stream.is_sync_wanted = true;
        assert_int_equal(turn(), 0);
        assert_int_equal(turn(), 0);
        assert_in_range(difference(), 1, 500);
        assert_int_equal(t.resets, 3 + i);
        build_up();
    }
    assert_in_range(t.packet_bytes, 1, PHOTOGRAPH_LIMIT);
    assert_int_equal(log_count("start over"), 2); /* with loss, and with more */
}

static void test_chosen_settings_come_back(void **state)
{
    (void)state;
    char message[256];
    struct cw_encoder_settings chosen = cw_encoder_defaults();
    paint_photograph();
    t.stream.message_bytes_max = PHOTOGRAPH_LIMIT;
    assert_int_equal(turn(), 0);
    assert_int_equal(turn(), 0);
    assert_int_equal(t.packets, 1);
    /* What was chosen already is no news. */
    assert_int_equal(cw_stream_set(&t.stream, &chosen), 0);
    assert_true(t.stream.settings.lossy_pictures);
    chosen.colours = CW_COLOURS_GREY;
    assert_int_equal(cw_stream_set(&t.stream, &chosen), 0);
    assert_false(t.stream.settings.lossy_pictures);
    assert_int_equal(t.stream.settings.colours, CW_COLOURS_GREY);

    chosen.colours = CW_COLOURS_FULL;
    assert_int_equal(cw_stream_set(&t.stream, &chosen), 0);
    t.stream.is_sync_wanted = true;
    t.stream.is_reset_due = true;
    assert_int_equal(turn(), 0);
    assert_true(t.stream.settings.lossy_pictures);
    assert_int_equal(cw_stream_resize(&t.stream, t.capture, message, sizeof(message)), 0);
    assert_false(t.stream.settings.lossy_pictures);
    /* The whole picture fits now, and comes without loss at once. */
    t.stream.message_bytes_max = CW_SCREEN_MESSAGE_BYTES_MAX;
    t.stream.is_sync_wanted = true;
    assert_int_equal(turn(), 0);
    assert_int_equal(difference(), 0);
}

static void test_too_much_text_is_refused(void **state)
{
    (void)state;
    char message[256] = "";
    int err = 0;
    unsigned turns = 0;
    paint_text();
    t.stream.message_bytes_max = TEXT_LIMIT;
    while (err == 0 && turns++ < TURNS_MAX)
        err = turn();
    assert_int_equal(err, CW_ERR_TOO_LARGE);
    assert_int_equal(t.packets, 0);
    assert_int_equal(turns, 3); /* as chosen, with loss, with more */
    cw_stream_failure(&t.stream, t.capture, err, message, sizeof(message));
    assert_non_null(strstr(message, "a picture of 800 x 600 pixels takes 2"));
    assert_non_null(strstr(message, "at most 100 KB can be sent at once."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keyframe_waits_for_a_film, setup, teardown),
        cmocka_unit_test_setup_teardown(test_photograph_comes_with_loss, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chosen_settings_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_much_text_is_refused, setup, teardown),
    };
    xvfb_start("800x600x24");
    return cmocka_run_group_tests(tests, NULL, xvfb_stop);
}
