/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/options.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <sysexits.h>

#include "engine/base/config.h"
#include "engine/base/version.h"

static void usage(const struct cw_program *program)
{
    (void)printf("Usage: %s --config FILE [--check]\n"
                 "%s\n"
                 "  --config FILE  causeway.conf to use\n"
                 "  --check        only read it, and say what is wrong with it\n"
                 "  --help         this text\n"
                 "  --version      the version\n\n"
                 "%s",
                 program->name, program->purpose, program->remarks);
}

static int wrong(const struct cw_program *program, const char *which, const char *what)
{
    (void)fprintf(stderr, "%s: %s%s\nTry %s --help.\n", program->name, which, what, program->name);
    return EX_USAGE;
}

static void say(void *user, const char *problem)
{
    (void)user;
    (void)fprintf(stderr, "%s\n", problem);
}

int cw_options_check(const char *config_path)
{
    struct cw_config config;
    if (cw_config_check(config_path, say, NULL, &config) != 0)
        return EX_CONFIG;
    (void)printf("%s is good\n", config_path);
    return EX_OK;
}

int cw_options_parse(const struct cw_program *program, int argc, char **argv,
                     const char **ret_config_path)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    bool is_check = false;
    int option;
    *ret_config_path = NULL;
    optind = 0; /* from the start, whatever was parsed before */
    opterr = 0;
    for (int at = 1; (option = getopt_long(argc, argv, "+:", options, NULL)) != -1; at = optind) {
        switch (option) {
        case 'c': *ret_config_path = optarg; break;
        case 'k': is_check = true; break;
        case 'h': usage(program); return EX_OK;
        case 'V': (void)printf("%s " CW_VERSION "\n", program->name); return EX_OK;
        case ':': return wrong(program, argv[at], " takes a file");
        default: return wrong(program, argv[at], " is not an option");
        }
    }
    if (optind != argc)
        return wrong(program, argv[optind], " is not an option");
    if (*ret_config_path == NULL)
        return wrong(program, "", "--config FILE is missing");
    return is_check ? cw_options_check(*ret_config_path) : -1;
}
