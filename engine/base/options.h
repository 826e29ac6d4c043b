/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/options.h - the command line of a program of the appliance that takes its configuration and nothing else.
 *
 * Owner:     the path is argv's.
 * Thread:    one, at the start.
 * Errors:    what was wrong, and what is right, on standard error; EX_USAGE, EX_CONFIG.
 */
#ifndef CW_ENGINE_BASE_OPTIONS_H
#define CW_ENGINE_BASE_OPTIONS_H

struct cw_program {
    const char *name;
    const char *purpose; /* a sentence, with its end of line */
    const char *remarks; /* after the options, with their ends of line */
};

/* --config FILE, --check, --help, --version. -1: go on with *ret_config_path; else the exit status. */
int cw_options_parse(const struct cw_program *program, int argc, char **argv,
                     const char **ret_config_path);

/* Says each thing that is wrong with the file on standard error, or on standard output that it is good: EX_OK or
 * EX_CONFIG. */
int cw_options_check(const char *config_path);

#endif
