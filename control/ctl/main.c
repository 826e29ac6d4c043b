/* SPDX-License-Identifier: Apache-2.0 */
/* causewayctl: one command of the operator to the appliance's control socket. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control/ctl/certificate.h"
#include "control/ctl/client.h"
#include "control/ctl/complete.h"
#include "control/ctl/prompt.h"
#include "control/ctl/table.h"
#include "engine/base/version.h"

static void main_usage(FILE *to)
{
    (void)fputs(
        "Usage: causewayctl [--socket PATH] [--json] COMMAND [KEY=VALUE ...]\n"
        "Shows and changes a running Causeway appliance through its control socket. Without a\n"
        "command it asks for commands: at a terminal with completion (tab) and history, else it\n"
        "takes the lines of its input and stops at the first that is refused.\n\n"
        "  --socket PATH  the socket; default $CAUSEWAY_RUN_DIR/control.sock or\n"
        "                 /run/causeway/control.sock\n"
        "  --json         the answer as one JSON object\n"
        "  --wait         engine drain: return when no session is left\n"
        "  --binary PATH  engine upgrade: another program than the installed one\n"
        "  --certificate FILE, --key FILE\n"
        "                 certificate prepare: PEM files, the chain behind the certificate\n"
        "  --timeout S    with --wait: at most S seconds, then exit status 1\n"
        "  --complete     say what may stand in the place of the last word (for shells)\n"
        "  --help         this text\n"
        "  --version      the version\n\n"
        "Examples:\n"
        "  causewayctl help                       all commands\n"
        "  causewayctl show info\n"
        "  causewayctl show sessions\n"
        "  causewayctl show jump-clients --json\n"
        "  causewayctl create admin alice         the first administrator\n"
        "  causewayctl create enrolment-token name=\"Build server\"\n"
        "  causewayctl end session 7\n"
        "  causewayctl engine settings            what can be changed while it runs\n"
        "  causewayctl engine set log_level debug\n"
        "  causewayctl engine drain --wait --timeout 3600\n\n"
        "Exit status: 0 done, 1 refused, 64 wrong usage, 69 appliance not reachable,\n"
        "77 no permission.\n",
        to);
}

/* "DIR/control.sock" and "DIR/control-ro.sock" of the environment's or the usual run_dir. */
static bool main_default_paths(char *path, char *fallback, size_t size)
{
    const char *dir = getenv("CAUSEWAY_RUN_DIR");
    if (dir == NULL || dir[0] == '\0')
        dir = "/run/causeway";
    int n = snprintf(path, size, "%s/control.sock", dir);
    int m = snprintf(fallback, size, "%s/control-ro.sock", dir);
    return n > 0 && (size_t)n < size && m > 0 && (size_t)m < size;
}

static enum ctl_exit main_refusal(const json_t *error)
{
    const char *code = json_string_value(json_object_get(error, "code"));
    if (code != NULL && strcmp(code, "PERMISSION") == 0)
        return CTL_EXIT_PERMISSION;
    if (code != NULL && strcmp(code, "UNKNOWN_COMMAND") == 0)
        return CTL_EXIT_USAGE;
    return CTL_EXIT_REFUSED;
}

static enum ctl_exit main_print(const json_t *answer, bool as_json)
{
    const json_t *error = json_object_get(answer, "error");
    enum ctl_exit rc = error != NULL ? main_refusal(error) : CTL_EXIT_OK;
    if (as_json) {
        if (json_dumpf(answer, stdout, JSON_COMPACT) != 0 || fputc('\n', stdout) == EOF)
            rc = CTL_EXIT_REFUSED;
    } else if (error != NULL) {
        const char *why = json_string_value(json_object_get(error, "message"));
        char text[1024];
        ctl_table_clean(why != NULL ? why : "refused", text, sizeof text);
        (void)fprintf(stderr, "causewayctl: %s\n", text);
    } else if (json_is_string(json_object_get(answer, "metrics"))) {
        (void)fputs(json_string_value(json_object_get(answer, "metrics")), stdout);
    } else if (json_is_string(json_object_get(answer, "text"))) {
        const char *next = json_string_value(json_object_get(answer, "next"));
        (void)fputs(json_string_value(json_object_get(answer, "text")), stdout);
        if (next != NULL)
            (void)fprintf(stderr, "causewayctl: more follows: after=%s\n", next);
    } else if (json_is_array(json_object_get(answer, "commands"))) {
        ctl_table_print_help(json_object_get(answer, "commands"), stdout);
    } else {
        ctl_table_print(answer, stdout);
    }
    if (fflush(stdout) != 0) {
        (void)fprintf(stderr, "causewayctl: cannot write the answer: %s\n", strerror(errno));
        rc = CTL_EXIT_REFUSED;
    }
    return rc;
}

struct main_options {
    const char *socket_path;
    bool as_json;
    bool must_wait;
    bool must_complete;
    unsigned timeout_s; /* 0: for ever */
    const char *binary;
    const char *certificate; /* files */
    const char *key;
};

static enum ctl_exit main_ask(const struct main_options *o, const char *line, json_t **ret_answer)
{
    char path[256];
    char fallback[256];
    char message[512];
    const char *given = o->socket_path;
    if (given == NULL && !main_default_paths(path, fallback, sizeof path)) {
        (void)fputs("causewayctl: CAUSEWAY_RUN_DIR is too long\n", stderr);
        return CTL_EXIT_USAGE;
    }
    enum ctl_exit rc = ctl_client_ask(given != NULL ? given : path, given != NULL ? NULL : fallback,
                                      line, ret_answer, message, sizeof message);
    if (rc != CTL_EXIT_OK)
        (void)fprintf(stderr, "causewayctl: %s\n", message);
    return rc;
}

/* Asks until no session is left, twice a second. */
static enum ctl_exit main_wait(const struct main_options *o)
{
    for (unsigned halves = 0;; halves++) {
        json_t *answer = NULL;
        enum ctl_exit rc = main_ask(o, "engine status", &answer);
        if (rc != CTL_EXIT_OK)
            return rc;
        json_int_t sessions = json_integer_value(json_object_get(answer, "sessions"));
        bool is_draining = json_is_true(json_object_get(answer, "draining"));
        bool is_late = o->timeout_s != 0 && halves >= 2 * o->timeout_s;
        if (sessions == 0 || is_late || !is_draining)
            rc = main_print(answer, o->as_json);
        json_decref(answer);
        if (sessions == 0)
            return rc;
        if (is_late || !is_draining) {
            (void)fprintf(stderr, "causewayctl: %lld session%s left%s\n", (long long)sessions,
                          sessions == 1 ? " is" : "s are",
                          is_draining ? "" : ", and the engine is no longer drained");
            return CTL_EXIT_REFUSED;
        }
        const struct timespec half = {.tv_nsec = 500 * 1000 * 1000};
        (void)nanosleep(&half, NULL);
    }
}

/* The path as control sees it: whole. */
static enum ctl_exit main_add_binary(const char *binary, char *line, size_t line_size)
{
    char *path = realpath(binary, NULL);
    size_t at = strlen(line);
    char message[256] = "--binary goes with \"engine upgrade\" only";
    enum ctl_exit rc = strcmp(line, "engine upgrade") == 0 ? CTL_EXIT_OK : CTL_EXIT_USAGE;
    if (rc == CTL_EXIT_OK && path == NULL) {
        (void)snprintf(message, sizeof message, "%.150s: %s", binary, strerror(errno));
        rc = CTL_EXIT_USAGE;
    } else if (rc == CTL_EXIT_OK) {
        char argument[4200];
        char *words[] = {argument};
        int n = snprintf(argument, sizeof argument, "binary=%s", path);
        line[at++] = ' ';
        rc = n < (int)sizeof argument
                 ? ctl_client_line(words, 1, line + at, line_size - at, message, sizeof message)
                 : CTL_EXIT_USAGE;
    }
    if (rc != CTL_EXIT_OK)
        (void)fprintf(stderr, "causewayctl: %s\n", message);
    free(path);
    return rc;
}

/* ---- without a command ------------------------------------------------------------------------ */

static enum ctl_exit prompt_ask(void *user, const char *line, json_t **ret_answer)
{
    return main_ask(user, line, ret_answer);
}

static enum ctl_exit prompt_show(void *user, const json_t *answer)
{
    const struct main_options *o = user;
    return main_print(answer, o->as_json);
}

static enum ctl_exit main_prompt(struct main_options *o)
{
    const struct ctl_prompt prompt = {.user = o, .ask = prompt_ask, .show = prompt_show};
    if (o->must_wait || o->binary != NULL || o->certificate != NULL || o->key != NULL) {
        (void)fputs("causewayctl: this option goes with a command\n", stderr);
        return CTL_EXIT_USAGE;
    }
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? ctl_prompt_terminal(&prompt)
                                                         : ctl_prompt_file(&prompt);
}

/* For a shell: what may stand in the place of the last word, a line each. */
static enum ctl_exit main_complete(const struct main_options *o, char *const *words, int count)
{
    struct ctl_candidates found;
    json_t *help = NULL;
    const char *before[CTL_COMPLETE_WORDS_MAX];
    size_t n = 0;
    for (; count > 1 && n < (size_t)count - 1 && n < CTL_COMPLETE_WORDS_MAX; n++)
        before[n] = words[n];
    enum ctl_exit rc = main_ask(o, "help", &help);
    if (rc != CTL_EXIT_OK)
        return rc;
    ctl_complete(help, before, n, count > 0 ? words[count - 1] : "", &found);
    for (size_t i = 0; i < found.count; i++)
        (void)puts(found.texts[i]);
    ctl_complete_free(&found);
    json_decref(help);
    return CTL_EXIT_OK;
}

static enum ctl_exit main_command(const struct main_options *o, char *const *words, int word_count)
{
    static char line[CTL_COMMAND_BYTES_MAX - 8]; /* "json " comes before it */
    char message[512];
    enum ctl_exit rc =
        ctl_client_line(words, word_count, line, sizeof line, message, sizeof message);
    json_t *answer = NULL;
    if (rc == CTL_EXIT_OK && o->must_wait && strcmp(line, "engine drain") != 0) {
        (void)snprintf(message, sizeof message, "--wait goes with \"engine drain\" only");
        rc = CTL_EXIT_USAGE;
    }
    if (rc != CTL_EXIT_OK) {
        (void)fprintf(stderr, "causewayctl: %s\n", message);
        return rc;
    }
    if (o->binary != NULL) {
        rc = main_add_binary(o->binary, line, sizeof line);
        if (rc != CTL_EXIT_OK)
            return rc;
    }
    if (o->certificate != NULL || o->key != NULL) {
        rc = ctl_certificate_add(o->certificate, o->key, line, sizeof line);
        if (rc != CTL_EXIT_OK)
            return rc;
    }
    rc = main_ask(o, line, &answer);
    explicit_bzero(line, sizeof line); /* there may have been a private key in it */
    if (rc != CTL_EXIT_OK)
        return rc;
    bool is_refused = json_object_get(answer, "error") != NULL;
    if (!o->must_wait || is_refused)
        rc = main_print(answer, o->as_json);
    json_decref(answer);
    return o->must_wait && !is_refused ? main_wait(o) : rc;
}

/* Whole seconds from 1 to a week; 0 for anything else. */
static unsigned main_seconds(const char *text)
{
    char *end = NULL;
    unsigned long n = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n <= 604800 ? (unsigned)n : 0;
}

/* Of "-5" getopt tells the 5 alone, and the word is this one or the next. */
static enum ctl_exit main_wrong_option(const char *word, int option)
{
    if (option == ':')
        (void)fprintf(stderr, "causewayctl: %s takes a value\n", word);
    else if (optopt > ' ')
        (void)fprintf(stderr, "causewayctl: -%c is not an option; no value begins with \"-\"\n",
                      optopt);
    else
        (void)fprintf(stderr, "causewayctl: %s is not an option\n", word);
    (void)fputs("Try causewayctl --help.\n", stderr);
    return CTL_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {"wait", no_argument, NULL, 'w'},
        {"binary", required_argument, NULL, 'b'},
        {"certificate", required_argument, NULL, 'c'},
        {"key", required_argument, NULL, 'k'},
        {"timeout", required_argument, NULL, 't'},
        {"complete", no_argument, NULL, 'C'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    struct main_options o = {0};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 's': o.socket_path = optarg; break;
        case 'j': o.as_json = true; break;
        case 'w': o.must_wait = true; break;
        case 'b': o.binary = optarg; break;
        case 'c': o.certificate = optarg; break;
        case 'k': o.key = optarg; break;
        case 't':
            o.timeout_s = main_seconds(optarg);
            if (o.timeout_s == 0) {
                (void)fputs("causewayctl: --timeout takes seconds, from 1 to 604800\n", stderr);
                return CTL_EXIT_USAGE;
            }
            break;
        case 'C': o.must_complete = true; break;
        case 'h': main_usage(stdout); return CTL_EXIT_OK;
        case 'V': (void)puts("causewayctl " CW_VERSION); return CTL_EXIT_OK;
        default: return main_wrong_option(argv[optind - 1], option);
        }
    }
    if (o.timeout_s != 0 && !o.must_wait) {
        (void)fputs("causewayctl: --timeout goes with --wait only\n", stderr);
        return CTL_EXIT_USAGE;
    }
    if (o.must_complete)
        return (int)main_complete(&o, argv + optind, argc - optind);
    if (optind == argc)
        return (int)main_prompt(&o);
    return (int)main_command(&o, argv + optind, argc - optind);
}
