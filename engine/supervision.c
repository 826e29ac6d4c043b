/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervision.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"

int cw_supervision_open(const char *variable, int *ret_descriptor, char *message,
                        size_t message_size)
{
    char *end = NULL;
    int type = 0;
    socklen_t size = sizeof type;
    *ret_descriptor = -1;
    if (variable == NULL)
        return CW_OK;
    long value = strtol(variable, &end, 10);
    if (end != variable && *end == '\0' && value > STDERR_FILENO && value < 1000000 &&
        getsockopt((int)value, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
        fcntl((int)value, F_SETFD, FD_CLOEXEC) == 0) {
        *ret_descriptor = (int)value;
        return CW_OK;
    }
    (void)snprintf(message, message_size,
                   "CAUSEWAY_SUPERVISOR is \"%.40s\", which is no open socket", variable);
    return CW_ERR_INVALID;
}

void cw_supervision_say(int descriptor, const char *word, const char *text)
{
    char line[CW_SUPERVISION_LINE_BYTES];
    if (descriptor < 0)
        return;
    int n = snprintf(line, sizeof line, "%s%s%.450s\n", word, text[0] != '\0' ? " " : "", text);
    if (n > 0)
        (void)send(descriptor, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool cw_supervision_wait(int descriptor)
{
    char line[8] = "";
    size_t at = 0;
    while (descriptor >= 0 && at < sizeof line - 1) {
        ssize_t n = recv(descriptor, line + at, 1, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        if (line[at++] == '\n')
            break;
    }
    return descriptor < 0 || strcmp(line, "go\n") == 0;
}
