/* SPDX-License-Identifier: Apache-2.0 */
/* export --png and --video: the screen as a picture, and as raw frames for ffmpeg. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/recording/command.h"
#include "clients/recording/player.h"
#include "clients/recording/png.h"
#include "engine/base/err.h"

static const uint64_t second_ns = UINT64_C(1000000000);

int cw_command_png(struct cw_tape *t, uint64_t at_ns, const char *path)
{
    struct cw_player *p = NULL;
    int status = EX_OK;
    if (cw_player_new(t, &p) != CW_OK)
        return EX_OSERR;
    cw_player_show(p, at_ns < t->duration_ns ? at_ns : t->duration_ns);
    if (!p->has_picture) {
        char text[24];
        cw_time_text(at_ns < t->duration_ns ? at_ns : t->duration_ns, text);
        (void)fprintf(stderr, "causeway-recording: there is no picture at %s yet%s\n", text,
                      t->keyframe_count == 0 ? "; nothing of the screen was recorded" : "");
        cw_player_free(p);
        return EX_DATAERR;
    }
    FILE *to = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    int err = to == NULL
                  ? CW_ERR_IO
                  : cw_png_write(to, cw_decoder_picture(p->decoder), cw_decoder_width(p->decoder),
                                 cw_decoder_height(p->decoder));
    if (to != NULL && to != stdout && fclose(to) != 0)
        err = CW_ERR_IO;
    if (err != CW_OK) {
        (void)fprintf(stderr, "causeway-recording: %s: %s\n", path,
                      err == CW_ERR_IO ? strerror(errno) : cw_err_text(err));
        status = EX_CANTCREAT;
    }
    cw_player_free(p);
    return status;
}

/* ---- ffmpeg -------------------------------------------------------------------------------------- */

struct encoder {
    pid_t process;
    FILE *frames;
};

static void run_ffmpeg(int input, const char *size, const char *rate, const char *path, bool is_mp4)
{
    const char *const webm[] = {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8",
                                "-crf", "30",         "-b:v",      "0",        NULL};
    const char *const mp4[] = {"-c:v", "libx264",   "-preset",    "veryfast", "-crf",
                               "20",   "-movflags", "+faststart", NULL};
    const char *const begin[] = {"ffmpeg", "-hide_banner", "-loglevel", "error", "-y",
                                 "-f",     "rawvideo",     "-pix_fmt",  "bgr0",  NULL};
    const char *arguments[48];
    size_t n = 0;
    for (size_t i = 0; begin[i] != NULL; i++)
        arguments[n++] = begin[i];
    const char *const middle[] = {"-s",       size,      "-r",  rate,
                                  "-i",       "pipe:0",  "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2",
                                  "-pix_fmt", "yuv420p", NULL};
    for (size_t i = 0; middle[i] != NULL; i++)
        arguments[n++] = middle[i];
    const char *const *codec = is_mp4 ? mp4 : webm;
    for (size_t i = 0; codec[i] != NULL; i++)
        arguments[n++] = codec[i];
    arguments[n++] = path;
    arguments[n] = NULL;
    if (dup2(input, STDIN_FILENO) >= 0)
        (void)execvp("ffmpeg", (char *const *)(uintptr_t)arguments);
    (void)fprintf(stderr, errno == ENOENT
                              ? "causeway-recording: a video needs ffmpeg, which is not installed "
                                "(apt-get install ffmpeg)\n"
                              : "causeway-recording: ffmpeg cannot be started\n");
    _exit(127);
}

static int encoder_start(struct encoder *e, uint32_t width_px, uint32_t height_px,
                         unsigned frames_a_second, const char *path)
{
    char size[32];
    char rate[16];
    int ends[2];
    size_t length = strlen(path);
    bool is_mp4 = length > 4 && strcmp(path + length - 4, ".mp4") == 0;
    (void)snprintf(size, sizeof size, "%ux%u", width_px, height_px);
    (void)snprintf(rate, sizeof rate, "%u", frames_a_second);
    if (pipe(ends) != 0)
        return CW_ERR_IO;
    (void)signal(SIGPIPE, SIG_IGN);
    e->process = fork();
    if (e->process == 0) {
        (void)close(ends[1]);
        run_ffmpeg(ends[0], size, rate, path, is_mp4);
    }
    (void)close(ends[0]);
    e->frames = e->process > 0 ? fdopen(ends[1], "wb") : NULL;
    if (e->frames == NULL)
        (void)close(ends[1]);
    return e->frames != NULL ? CW_OK : CW_ERR_IO;
}

static int encoder_finish(struct encoder *e)
{
    int status = 0;
    bool is_sent = fclose(e->frames) == 0;
    while (waitpid(e->process, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return EX_UNAVAILABLE;
    if (!is_sent || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        (void)fprintf(stderr, "causeway-recording: ffmpeg did not finish the video\n");
        return EX_IOERR;
    }
    return EX_OK;
}

/* The picture in the upper left corner of the canvas. */
static void draw(const struct cw_player *p, uint8_t *canvas, uint32_t width_px, uint32_t height_px)
{
    uint32_t w = p->has_picture ? cw_decoder_width(p->decoder) : 0;
    uint32_t h = p->has_picture ? cw_decoder_height(p->decoder) : 0;
    const uint8_t *picture = w > 0 ? cw_decoder_picture(p->decoder) : NULL;
    size_t row = (size_t)(w < width_px ? w : width_px) * 4;
    memset(canvas, 0, (size_t)width_px * height_px * 4);
    for (uint32_t y = 0; picture != NULL && y < h && y < height_px; y++)
        memcpy(canvas + (size_t)y * width_px * 4, picture + (size_t)y * w * 4, row);
}

int cw_command_video(struct cw_tape *t, unsigned frames_a_second, const char *path)
{
    struct encoder e = {0};
    struct cw_player *p = NULL;
    uint32_t width_px = 0;
    uint32_t height_px = 0;
    cw_player_canvas(t, &width_px, &height_px);
    if (width_px == 0 || t->keyframe_count == 0) {
        (void)fprintf(stderr, "causeway-recording: nothing of the screen was recorded\n");
        return EX_DATAERR;
    }
    size_t bytes = (size_t)width_px * height_px * 4;
    uint8_t *canvas = malloc(bytes);
    if (canvas == NULL || cw_player_new(t, &p) != CW_OK ||
        encoder_start(&e, width_px, height_px, frames_a_second, path) != CW_OK) {
        (void)fprintf(stderr, "causeway-recording: out of memory or processes\n");
        free(canvas);
        cw_player_free(p);
        return EX_OSERR;
    }
    uint64_t count = t->duration_ns * frames_a_second / second_ns + 1;
    uint64_t drawn = UINT64_MAX;
    bool is_taken = true;
    for (uint64_t i = 0; i < count && is_taken; i++) {
        cw_player_show(p, i * second_ns / frames_a_second);
        if (p->changes != drawn)
            draw(p, canvas, width_px, height_px);
        drawn = p->changes;
        is_taken = fwrite(canvas, 1, bytes, e.frames) == bytes;
    }
    int status = encoder_finish(&e);
    free(canvas);
    cw_player_free(p);
    return status;
}
