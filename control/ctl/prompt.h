/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl/prompt.h - commands from a terminal, with editing, completion and history, or from a file.
 *
 * Owner:     ask and show are the program's.
 * Thread:    one.
 * Errors:    enum ctl_exit: at a terminal that of the last command, from a file that of the first which failed.
 * Limits:    CTL_HISTORY_LINES_MAX; a line is one of the control socket's.
 * Invariant: a line with a secret in it (a key, a password) is not kept.
 */
#ifndef CW_CONTROL_CTL_PROMPT_H
#define CW_CONTROL_CTL_PROMPT_H

#include <stdbool.h>

#include "control/ctl/client.h"

enum { CTL_HISTORY_LINES_MAX = 1000 };

struct ctl_prompt {
    void *user;
    /* Sends one command. */
    enum ctl_exit (*ask)(void *user, const char *line, json_t **ret_answer);
    enum ctl_exit (*show)(void *user, const json_t *answer);
};

/* Until the end of input, "quit" or "exit". History: $CAUSEWAYCTL_HISTORY, or .causewayctl_history in $HOME. */
enum ctl_exit ctl_prompt_terminal(const struct ctl_prompt *p);
/* Lines of standard input; empty ones and those that begin with "#" are skipped. Stops at the first that is refused and
 * says which it was. */
enum ctl_exit ctl_prompt_file(const struct ctl_prompt *p);

/* Cuts line at its next ";" outside quotes and returns what follows, NULL at the end. */
char *ctl_prompt_split(char *line);
bool ctl_prompt_is_secret(const char *line);

#endif
