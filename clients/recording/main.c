/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-recording: verifies, lists, exports and replays recordings. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/recording/command.h"
#include "engine/base/err.h"
#include "engine/base/version.h"

enum { FRAMES_A_SECOND = 10, FRAMES_A_SECOND_MAX = 60 };

struct options {
    uint64_t at_ns;
    const char *png, *video, *text, *asciicast, *display;
    unsigned frames_a_second;
    unsigned stream;
    bool is_quiet;
    bool has_key, has_seal_key;
    uint8_t key[CW_KEY_BYTES], seal_key[CW_KEY_BYTES];
};

static void usage(FILE *to)
{
    (void)fputs(
        "Usage: causeway-recording verify [--seal-key HEX] [--key FILE] [--quiet] FILE...\n"
        "       causeway-recording info [--key FILE] FILE...\n"
        "       causeway-recording list FOLDER\n"
        "       causeway-recording export [--key FILE] WHAT FILE...\n"
        "       causeway-recording replay [--key FILE] [--display NAME] FILE...\n"
        "Reads recordings of the Causeway appliance. FILE... are the parts of one recording.\n\n"
        "  --png OUT        the picture at --at SECONDS (default: the end)\n"
        "  --video OUT      OUT.webm or OUT.mp4, through ffmpeg; --fps N (default 10)\n"
        "  --text OUT       chat and events\n"
        "  --asciicast OUT  a shell (--stream N; default the first)\n"
        "  --key FILE       the 32-byte key of encrypted recordings\n"
        "  --seal-key HEX   the key that must have sealed (causewayctl show recordings)\n"
        "  --help, --version\n\n"
        "verify ends with 0 (whole and sealed), 1 (good up to where it was cut, or not sealed),\n"
        "2 (damaged or changed), 3 (no recording). All: 64 wrong usage, 65 not readable as a\n"
        "recording, 66 no such file.\n",
        to);
}

/* which: what was said; what: what is wrong with it, or allowed. */
static int wrong(const char *which, const char *what)
{
    (void)fprintf(stderr, "causeway-recording: %s%s\nTry causeway-recording --help.\n", which,
                  what);
    return EX_USAGE;
}

static bool hex_key(const char *text, uint8_t out[CW_KEY_BYTES])
{
    if (strlen(text) != 2 * CW_KEY_BYTES || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
        return false;
    for (size_t i = 0; i < CW_KEY_BYTES; i++) {
        const char two[3] = {text[2 * i], text[2 * i + 1], '\0'};
        out[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return true;
}

static bool file_key(const char *path, uint8_t out[CW_KEY_BYTES])
{
    uint8_t bytes[CW_KEY_BYTES + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, bytes, sizeof bytes) == CW_KEY_BYTES;
    if (fd >= 0)
        (void)close(fd);
    if (good)
        memcpy(out, bytes, CW_KEY_BYTES);
    explicit_bzero(bytes, sizeof bytes);
    return good;
}

static bool number(const char *text, unsigned least, unsigned most, unsigned *ret)
{
    char *end = NULL;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < least || n > most || text[0] == '-')
        return false;
    *ret = (unsigned)n;
    return true;
}

static bool seconds(const char *text, uint64_t *ret_ns)
{
    char *end = NULL;
    double s = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(s) || s < 0 || s > 1e9)
        return false;
    *ret_ns = (uint64_t)(s * 1e9);
    return true;
}

static bool take_option(int option, struct options *o)
{
    switch (option) {
    case 'p': o->png = optarg; return true;
    case 'v': o->video = optarg; return true;
    case 't': o->text = optarg; return true;
    case 'a': o->asciicast = optarg; return true;
    case 'd': o->display = optarg; return true;
    case 'q': o->is_quiet = true; return true;
    case 'T': return seconds(optarg, &o->at_ns);
    case 'f': return number(optarg, 1, FRAMES_A_SECOND_MAX, &o->frames_a_second);
    case 's': return number(optarg, 1, UINT16_MAX, &o->stream);
    case 'k': return o->has_key = file_key(optarg, o->key);
    case 'S': return o->has_seal_key = hex_key(optarg, o->seal_key);
    default: return false;
    }
}

static const char *wanted(int option)
{
    switch (option) {
    case 'T': return ": --at is seconds from the beginning";
    case 'f': return ": --fps is 1 to 60 pictures a second";
    case 's': return ": --stream is a number from 1";
    case 'k': return ": --key is a readable file of exactly 32 bytes";
    default: return ": --seal-key is 64 hexadecimal digits, as causewayctl show recordings says";
    }
}

static int exports(const struct options *o)
{
    return (o->png != NULL) + (o->video != NULL) + (o->text != NULL) + (o->asciicast != NULL);
}

static int export(struct cw_tape *t, const struct options *o)
{
    if (o->png != NULL)
        return cw_command_png(t, o->at_ns, o->png);
    if (o->video != NULL)
        return cw_command_video(t, o->frames_a_second, o->video);
    if (o->text != NULL)
        return cw_command_text(t, o->text);
    return cw_command_asciicast(t, o->stream, o->asciicast);
}

static int run(const char *command, const struct options *o, const char *const *paths, size_t count)
{
    char message[512];
    struct cw_tape *t = NULL;
    bool is_verify = strcmp(command, "verify") == 0;
    int status = EX_USAGE;
    int err = cw_tape_open(paths, count, o->has_key ? o->key : NULL,
                           o->has_seal_key ? o->seal_key : NULL, &t, message, sizeof message);
    if (err != CW_OK) {
        (void)fprintf(stderr, "causeway-recording: %s\n", message);
        return err == CW_ERR_IO ? EX_NOINPUT : is_verify ? CW_VERIFY_NOTHING : EX_DATAERR;
    }
    if (is_verify)
        status = cw_command_verify(t, o->is_quiet);
    else if (strcmp(command, "info") == 0)
        status = cw_command_info(t);
    else if (t->is_locked)
        (void)fputs("causeway-recording: this recording is encrypted; give its key with --key\n",
                    stderr);
    else if (strcmp(command, "export") == 0)
        status = export(t, o);
    else
        status = cw_command_replay(t, o->display);
    if (status == EX_OK && !is_verify && cw_tape_is_damaged(t))
        (void)fputs("causeway-recording: NOTE: this recording is damaged; run verify\n", stderr);
    cw_tape_close(t);
    return status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"png", required_argument, NULL, 'p'},      {"video", required_argument, NULL, 'v'},
        {"text", required_argument, NULL, 't'},     {"asciicast", required_argument, NULL, 'a'},
        {"at", required_argument, NULL, 'T'},       {"fps", required_argument, NULL, 'f'},
        {"stream", required_argument, NULL, 's'},   {"key", required_argument, NULL, 'k'},
        {"seal-key", required_argument, NULL, 'S'}, {"display", required_argument, NULL, 'd'},
        {"quiet", no_argument, NULL, 'q'},          {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},        {NULL, 0, NULL, 0},
    };
    static const char *const commands[] = {"verify", "info", "list", "export", "replay"};
    struct options o = {.at_ns = UINT64_MAX, .frames_a_second = FRAMES_A_SECOND};
    const char *command = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h') {
            usage(stdout);
            return EX_OK;
        }
        if (option == 'V') {
            (void)puts("causeway-recording " CW_VERSION);
            return EX_OK;
        }
        if (option == '?') {
            (void)fputs("Try causeway-recording --help.\n", stderr);
            return EX_USAGE;
        }
        if (!take_option(option, &o))
            return wrong(optarg, wanted(option));
    }
    for (size_t i = 0; optind < argc && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[optind], commands[i]) == 0)
            command = commands[i];
    if (optind >= argc)
        return wrong("", "it takes a command: verify, info, list, export or replay");
    if (command == NULL)
        return wrong(argv[optind], " is not a command: verify, info, list, export or replay");
    if (optind + 1 >= argc)
        return wrong(command,
                     strcmp(command, "list") == 0 ? " takes a folder" : " takes a recording");
    if (strcmp(command, "list") == 0 && optind + 2 < argc)
        return wrong(argv[optind + 2], ": list takes one folder");
    if (strcmp(command, "export") == 0 && exports(&o) != 1)
        return wrong("", exports(&o) == 0
                             ? "export what? --png, --video, --text or --asciicast"
                             : "one of --png, --video, --text and --asciicast at a time");
    const char *const *paths = (const char *const *)(argv + optind + 1);
    if (strcmp(command, "list") == 0)
        return cw_command_list(paths[0]);
    return run(command, &o, paths, (size_t)(argc - optind - 1));
}
