/* SPDX-License-Identifier: Apache-2.0 */
#include "control/courier/syslog.h"

#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STATE_ESTABLISHED = 1, STATE_CLOSE_WAIT = 8 }; /* of TCP in Linux */

/* "HOST:PORT" or "[HOST]:PORT" in two. */
static bool split(const char *text, char *host, size_t host_size, const char **ret_port)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;

    if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    }
    if (n == 0 || n >= host_size)
        return false;
    memcpy(host, text, n);
    host[n] = '\0';
    *ret_port = colon + 1;
    return true;
}

const char *cw_syslog_datagram(const char *url, const char *body, size_t bytes)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *to = NULL;
    const char *port = NULL;
    char host[64];
    int fd = -1;
    ssize_t n = -1;

    if (!split(url + sizeof CW_SYSLOG_UDP - 1, host, sizeof host, &port) ||
        getaddrinfo(host, port, &hints, &to) != 0)
        return "it is not a numeric address and a port";
    fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        n = sendto(fd, body, bytes, MSG_DONTWAIT, to->ai_addr, to->ai_addrlen);
    if (fd >= 0)
        (void)close(fd);
    freeaddrinfo(to);
    return n == (ssize_t)bytes ? NULL : "the datagram could not be sent";
}

enum cw_syslog_state cw_syslog_state(int fd)
{
    struct tcp_info info = {0};
    socklen_t n = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0 ||
        (info.tcpi_state != STATE_ESTABLISHED && info.tcpi_state != STATE_CLOSE_WAIT))
        return CW_SYSLOG_LOST;
    return info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0 ? CW_SYSLOG_TAKEN
                                                                  : CW_SYSLOG_WAITS;
}
