/* SPDX-License-Identifier: Apache-2.0 */
#include "control/courier/wake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/secret.h"
#include "engine/wire/wake.h"

union where {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

/* 0: it is not the address of one computer. */
static socklen_t where_of(const char *address, uint16_t port, union where *w)
{
    memset(w, 0, sizeof *w);
    if (inet_pton(AF_INET, address, &w->four.sin_addr) == 1) {
        const uint32_t a = ntohl(w->four.sin_addr.s_addr);
        w->four.sin_family = AF_INET;
        w->four.sin_port = htons(port);
        return a == INADDR_ANY || a >= 0xE0000000 ? 0 : (socklen_t)sizeof w->four;
    }
    if (inet_pton(AF_INET6, address, &w->six.sin6_addr) == 1) {
        const struct in6_addr *a = &w->six.sin6_addr;
        w->six.sin6_family = AF_INET6;
        w->six.sin6_port = htons(port);
        return IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_MULTICAST(a) || IN6_IS_ADDR_V4MAPPED(a)
                   ? 0
                   : (socklen_t)sizeof w->six;
    }
    return 0;
}

const char *cw_wake_send(const char *address, long long port, const char *data)
{
    uint8_t bytes[CW_WAKE_BYTES];
    union where w;
    socklen_t size = 0;
    int error = 0;

    if (data == NULL || cw_base64url_decode(data, strlen(data), bytes, sizeof bytes) != 0)
        return "the datagram makes no sense";
    if (port < CW_WAKE_PORT_MIN || port > UINT16_MAX)
        return "the port cannot be used";
    if (address != NULL)
        size = where_of(address, (uint16_t)port, &w);
    if (size == 0)
        return "the address is not one of a computer";
    int fd = socket(w.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || sendto(fd, bytes, sizeof bytes, 0, &w.any, size) != (ssize_t)sizeof bytes)
        error = errno;
    if (fd >= 0)
        (void)close(fd);
    return error == 0 ? "" : strerrordesc_np(error);
}
