/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/log.h"

void cw_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof address.sun_path)
        return;
    size_t size = strlen(path);
    memcpy(address.sun_path, path, size);
    if (path[0] == '@') /* systemd's way to write an abstract name */
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    const struct sockaddr *to = (const struct sockaddr *)&address;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, to, length) < 0)
        cw_log(CW_LOG_WARNING, "supervisor", "systemd was not told \"%s\": %s", state,
               strerror(errno));
    (void)close(fd);
}
