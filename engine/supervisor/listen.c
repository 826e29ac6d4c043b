/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/supervisor/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/config.h"
#include "engine/base/err.h"

enum { LISTEN_BACKLOG = 4096 }; /* the kernel cuts it to net.core.somaxconn */

static socklen_t address_fill(const struct cw_listen_address *a, struct sockaddr_storage *ret)
{
    memset(ret, 0, sizeof *ret);
    if (a->is_ipv6) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)a->port)};
        (void)inet_pton(AF_INET6, a->host, &in6.sin6_addr);
        memcpy(ret, &in6, sizeof in6);
        return sizeof in6;
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)a->port)};
    (void)inet_pton(AF_INET, a->host, &in.sin_addr);
    memcpy(ret, &in, sizeof in);
    return sizeof in;
}

/* A descriptor, or a negative errno. is_shared: bound with SO_REUSEPORT. */
static int bind_one(const struct cw_listen_address *a, bool is_shared)
{
    static const int on = 1;
    static const int off = 0;
    struct sockaddr_storage address;
    socklen_t size = address_fill(a, &address);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    bool good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (a->is_ipv6)
        good = good && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
    if (is_shared)
        good = good && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
    good = good && bind(fd, (const struct sockaddr *)&address, size) == 0;
    if (good)
        return fd;
    int error = errno;
    (void)close(fd);
    return -error;
}

/* The same, and it listens. */
static int open_one(const struct cw_listen_address *a)
{
    int fd = bind_one(a, true);
    if (fd < 0 || listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    int error = errno;
    (void)close(fd);
    return -error;
}

/* Without SO_REUSEPORT a port that anybody holds is refused, also by an appliance of the same user: two
 * would otherwise share its connections. */
static int probe(struct cw_listen_address *a)
{
    int fd = bind_one(a, false);
    bool no_ipv6 = fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL;
    if (no_ipv6 && a->is_ipv6 && strcmp(a->host, "::") == 0) {
        a->is_ipv6 = 0;
        (void)snprintf(a->host, sizeof a->host, "0.0.0.0");
        fd = bind_one(a, false);
    }
    if (fd < 0)
        return fd;
    (void)close(fd);
    return 0;
}

static int explain(int error, unsigned port, const char *address, const char *key, const char *file,
                   char *message, size_t message_size)
{
    switch (error) {
    case EADDRINUSE:
        (void)snprintf(message, message_size,
                       "port %u is in use by another program; set %s in %s to another port", port,
                       key, file);
        return CW_ERR_CONFLICT;
    case EACCES:
        (void)snprintf(message, message_size,
                       "port %u may be opened by root only; start as root, or set %s in %s to a "
                       "port over 1023",
                       port, key, file);
        return CW_ERR_DENIED;
    case EADDRNOTAVAIL:
        (void)snprintf(message, message_size, "%s is not an address of this machine; set %s in %s",
                       address, key, file);
        return CW_ERR_INVALID;
    default:
        (void)snprintf(message, message_size, "%s cannot be opened: %s (%s in %s)", address,
                       strerror(error), key, file);
        return CW_ERR_IO;
    }
}

int cw_listen_open(const char *address, unsigned workers, const char *key, const char *file,
                   struct cw_listen_set *ret_set, char *message, size_t message_size)
{
    struct cw_listen_address a;
    struct cw_listen_set set = {.count = 0};

    if (cw_listen_address_parse(address, &a) != CW_OK || workers > CW_LISTEN_WORKERS_MAX) {
        (void)snprintf(message, message_size, "%s: %s is not an address", key, address);
        return CW_ERR_INVALID;
    }
    int r = probe(&a);
    for (unsigned i = 0; r == 0 && i < workers; i++) {
        int fd = open_one(&a);
        if (fd < 0)
            r = fd;
        else
            set.descriptors[set.count++] = fd;
    }
    if (r == 0) {
        set.listening = set.count;
        *ret_set = set;
        return CW_OK;
    }
    for (unsigned i = 0; i < set.count; i++)
        (void)close(set.descriptors[i]);
    return explain(-r, a.port, address, key, file, message, message_size);
}

int cw_listen_grow(const char *address, unsigned count, const char *key, const char *file,
                   struct cw_listen_set *set, char *message, size_t message_size)
{
    struct cw_listen_address a;
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (cw_listen_address_parse(address, &a) != CW_OK || count > CW_LISTEN_WORKERS_MAX ||
        set->count == 0 ||
        getsockname(set->descriptors[0], (struct sockaddr *)&bound, &size) != 0) {
        (void)snprintf(message, message_size, "%s: %s cannot have %u sockets", key, address, count);
        return CW_ERR_INVALID;
    }
    if (a.is_ipv6 && bound.ss_family == AF_INET) { /* there was no IPv6 at the start */
        a.is_ipv6 = 0;
        (void)snprintf(a.host, sizeof a.host, "0.0.0.0");
    }
    while (set->count < count) {
        int fd = bind_one(&a, true);
        if (fd < 0)
            return explain(-fd, a.port, address, key, file, message, message_size);
        set->descriptors[set->count++] = fd;
    }
    return CW_OK;
}

int cw_listen_start(struct cw_listen_set *set)
{
    while (set->listening < set->count) {
        if (listen(set->descriptors[set->listening], LISTEN_BACKLOG) != 0)
            return CW_ERR_IO;
        set->listening++;
    }
    return CW_OK;
}

static bool append(char *out, size_t size, size_t *at, const char *text, int number)
{
    int n = number < 0 ? snprintf(out + *at, size - *at, "%s", text)
                       : snprintf(out + *at, size - *at, "%s%d", text, number);
    if (n < 0 || (size_t)n >= size - *at)
        return false;
    *at += (size_t)n;
    return true;
}

int cw_listen_describe(const struct cw_listen_set *https, const struct cw_listen_set *http,
                       char *out, size_t size)
{
    size_t at = 0;
    bool fits = append(out, size, &at, "", -1);
    for (unsigned i = 0; i < https->count; i++)
        fits = fits && append(out, size, &at, i == 0 ? "https=" : ",", https->descriptors[i]);
    for (unsigned i = 0; i < http->count; i++)
        fits = fits && append(out, size, &at, i == 0 ? " http=" : ",", http->descriptors[i]);
    return fits ? CW_OK : CW_ERR_FULL;
}
