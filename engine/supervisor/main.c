/* SPDX-License-Identifier: Apache-2.0 */
/* causeway-supervisor: holds the listening sockets and keeps control and engine running. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/config.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/version.h"
#include "engine/supervisor/check.h"
#include "engine/supervisor/supervise.h"

enum { PATH_BYTES = 4096 };

struct options {
    const char *config_path;
    const char *programs; /* directory; NULL: where this program is */
    bool is_check;
};

static const char usage_text[] =
    "usage: causeway-supervisor [--config FILE] [--programs DIRECTORY] [--check]\n"
    "\n"
    "Opens the listening sockets and keeps causeway-control, causeway-engine and\n"
    "causeway-courier running.\n"
    "  --config FILE         settings (default /etc/causeway/causeway.conf)\n"
    "  --programs DIRECTORY  where the two programs are (default: beside this one)\n"
    "  --check               start nothing; say what would keep it from starting\n"
    "  --help                this text\n"
    "  --version             the version\n";

/* -1: go on; else the exit code. */
static int options_parse(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"programs", required_argument, NULL, 'p'},
        {"check", no_argument, NULL, 'k'},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0},
    };
    struct options o = {.config_path = "/etc/causeway/causeway.conf"};
    int c;
    while ((c = getopt_long(argc, argv, "c:p:h", known, NULL)) != -1) {
        switch (c) {
        case 'c': o.config_path = optarg; break;
        case 'p': o.programs = optarg; break;
        case 'k': o.is_check = true; break;
        case 'V': (void)puts("causeway-supervisor " CW_VERSION); return CW_EXIT_OK;
        case 'h': (void)fputs(usage_text, stdout); return CW_EXIT_OK;
        default: (void)fputs(usage_text, stderr); return CW_EXIT_USAGE;
        }
    }
    if (optind != argc) {
        (void)fprintf(stderr, "causeway-supervisor: \"%s\" is not an option\n%s", argv[optind],
                      usage_text);
        return CW_EXIT_USAGE;
    }
    *ret_options = o;
    return -1;
}

struct programs {
    char engine[PATH_BYTES];
    char control[PATH_BYTES];
    char courier[PATH_BYTES]; /* may be missing: then there are no outbound events */
};

static int programs_find(const char *directory, struct programs *p, char *message,
                         size_t message_size)
{
    char own[PATH_BYTES] = ".";
    if (directory == NULL) {
        ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
        own[n > 0 ? n : 0] = '\0';
        char *slash = strrchr(own, '/');
        if (slash != NULL)
            *slash = '\0';
        directory = own;
    }
    int a = snprintf(p->engine, PATH_BYTES, "%s/causeway-engine", directory);
    int b = snprintf(p->control, PATH_BYTES, "%s/causeway-control", directory);
    int d = snprintf(p->courier, PATH_BYTES, "%s/causeway-courier", directory);
    if (a < 0 || a >= PATH_BYTES || b < 0 || b >= PATH_BYTES || d < 0 || d >= PATH_BYTES)
        errno = ENAMETOOLONG;
    else if (access(p->engine, X_OK) == 0 && access(p->control, X_OK) == 0)
        return CW_OK;
    (void)snprintf(message, message_size,
                   "causeway-engine and causeway-control are not both in %.400s: %s", directory,
                   strerror(errno));
    return CW_ERR_NOT_FOUND;
}

static unsigned worker_count(const struct cw_config *config)
{
    cpu_set_t set;
    if (config->workers > 0)
        return config->workers;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    unsigned n = (unsigned)CPU_COUNT(&set);
    return n < CW_LISTEN_WORKERS_MAX ? n : CW_LISTEN_WORKERS_MAX;
}

static int fail(int exit_code, const char *message)
{
    cw_log(CW_LOG_ERROR, "supervisor", "%s", message);
    return exit_code;
}

static int exit_code_of_listen(int r)
{
    switch (r) {
    case CW_ERR_CONFLICT: return CW_EXIT_BUSY;
    case CW_ERR_INVALID: return CW_EXIT_CONFIG;
    default: return CW_EXIT_OS;
    }
}

static int run(const struct options *o, const struct cw_config *config)
{
    static struct programs programs;
    static struct cw_listen_set https, http;
    static char environment[CW_ENVIRONMENT_BYTES];
    static struct cw_caller caller;
    struct cw_identity identity;
    char message[512] = "";

    int found = programs_find(o->programs, &programs, message, sizeof message);
    if (o->is_check)
        return cw_supervisor_check(o->config_path, found == CW_OK);
    if (found != CW_OK)
        return fail(CW_EXIT_CONFIG, message);
    if (cw_identity_find(config, &identity, message, sizeof message) != CW_OK)
        return fail(CW_EXIT_CONFIG, message);
    unsigned workers = worker_count(config);
    int r = cw_listen_open(config->listen_https, workers, "listen_https", o->config_path, &https,
                           message, sizeof message);
    if (r == CW_OK && strcmp(config->listen_http, "off") != 0)
        r = cw_listen_open(config->listen_http, workers, "listen_http", o->config_path, &http,
                           message, sizeof message);
    if (r != CW_OK)
        return fail(exit_code_of_listen(r), message);
    if (cw_directories_make(config, &identity, message, sizeof message) != CW_OK)
        return fail(CW_EXIT_OS, message);
    if (cw_upgrade_environment(&https, &http, workers, environment, sizeof environment) != CW_OK)
        return fail(CW_EXIT_CONFIG, "workers: too many");
    if (cw_caller_open(&caller, config->run_dir, &identity, message, sizeof message) != CW_OK)
        return fail(CW_EXIT_OS, message);
    const struct cw_upgrade_setup setup = {.config = config,
                                           .identity = &identity,
                                           .config_path = o->config_path,
                                           .https = &https,
                                           .http = &http,
                                           .program = programs.engine,
                                           .workers_default = workers};

    /* Control first: the engine then finds its link at once. Neither needs that order. */
    struct cw_child children[] = {
        {.name = "causeway-courier",
         .program = programs.courier,
         .config_path = o->config_path,
         .is_optional = true},
        {.name = "causeway-control", .program = programs.control, .config_path = o->config_path},
        {.name = "causeway-engine",
         .program = programs.engine,
         .config_path = o->config_path,
         .inherits = {&https, &http},
         .environment = environment,
         .talks = true},
    };
    /* Without its program it is not among them. */
    const size_t absent = access(programs.courier, X_OK) == 0 ? 0 : 1;
    int code = cw_supervise(children + absent, sizeof children / sizeof children[0] - absent,
                            &setup, &caller);
    cw_caller_close(&caller);
    return code;
}

int main(int argc, char **argv)
{
    struct options o;
    struct cw_config config;
    char message[512];

    int code = options_parse(argc, argv, &o);
    if (code >= 0)
        return code;
    cw_config_default(&config);
    if (!o.is_check && cw_config_load(o.config_path, &config, message, sizeof message) != CW_OK)
        return fail(CW_EXIT_CONFIG, message);
    (void)cw_log_set_level_name(config.log_level);
    (void)cw_log_set_format_name(config.log_format);
    cw_supervise_block();
    return run(&o, &config);
}
