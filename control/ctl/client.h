/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl/client.h - one command to the control socket and its answer.
 *
 * Owner:     the caller frees *ret_json.
 * Thread:    one.
 * Errors:    enum ctl_exit; message is a sentence for the terminal.
 * Limits:    CTL_ANSWER_BYTES_MAX, CTL_ANSWER_TIME_S_MAX.
 */
#ifndef CW_CONTROL_CTL_CLIENT_H
#define CW_CONTROL_CTL_CLIENT_H

#include <jansson.h>
#include <stddef.h>

enum {
    CTL_ANSWER_BYTES_MAX = 16 * 1024 * 1024, /* four times what control sends at most */
    CTL_ANSWER_TIME_S_MAX = 30,
    CTL_COMMAND_BYTES_MAX = 65535, /* control's limit for a line */
};

enum ctl_exit {
    CTL_EXIT_OK = 0,
    CTL_EXIT_REFUSED = 1,
    CTL_EXIT_USAGE = 64,       /* EX_USAGE */
    CTL_EXIT_UNREACHABLE = 69, /* EX_UNAVAILABLE */
    CTL_EXIT_PERMISSION = 77,  /* EX_NOPERM */
};

/* Makes one line of the words, quoted where needed. CTL_EXIT_USAGE: too long, or a control character. */
enum ctl_exit ctl_client_line(char *const *words, int word_count, char *line, size_t line_size,
                              char *message, size_t message_size);
/* fallback_path (may be NULL) is tried when path may not be opened: the read-only socket. */
enum ctl_exit ctl_client_ask(const char *path, const char *fallback_path, const char *line,
                             json_t **ret_json, char *message, size_t message_size);

#endif
