/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/lookup.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/err.h"

struct cw_dial_lookup {
    atomic_int references; /* the caller's and the thread's */
    atomic_bool is_done;
    int fd;
    int error; /* EAI_* */
    struct cw_address address;
    struct addrinfo *addresses;
};

static void release(struct cw_dial_lookup *l)
{
    if (atomic_fetch_sub(&l->references, 1) != 1)
        return;
    if (l->addresses != NULL)
        freeaddrinfo(l->addresses);
    close(l->fd);
    free(l);
}

static void *run(void *user)
{
    struct cw_dial_lookup *l = user;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    /* AI_ADDRCONFIG hides loopback addresses on a machine without a network: try without it too. */
    l->error = getaddrinfo(l->address.host, l->address.port, &hints, &l->addresses);
    if (l->error != 0) {
        hints.ai_flags = 0;
        l->error = getaddrinfo(l->address.host, l->address.port, &hints, &l->addresses);
    }
    atomic_store(&l->is_done, true);
    uint64_t one = 1;
    ssize_t n = write(l->fd, &one, sizeof(one)); /* an eventfd takes its first value always */
    (void)n;
    release(l);
    return NULL;
}

struct cw_dial_lookup *cw_lookup_start(const struct cw_address *address)
{
    struct cw_dial_lookup *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    l->address = *address;
    atomic_init(&l->references, 2);
    atomic_init(&l->is_done, false);
    l->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_t thread;
    if (l->fd < 0 || pthread_create(&thread, NULL, run, l) != 0) {
        if (l->fd >= 0)
            close(l->fd);
        free(l);
        return NULL;
    }
    pthread_detach(thread);
    return l;
}

struct cw_dial_lookup *cw_lookup_stop(struct cw_dial_lookup *l)
{
    if (l != NULL)
        release(l);
    return NULL;
}

int cw_lookup_fd(const struct cw_dial_lookup *l)
{
    return l->fd;
}

int cw_lookup_take(struct cw_dial_lookup *l, struct addrinfo **ret_addresses, char *message,
                   size_t message_size)
{
    if (!atomic_load(&l->is_done))
        return CW_ERR_AGAIN;
    if (l->error != 0) {
        snprintf(message, message_size, "The name \"%s\" was not found: %s.", l->address.host,
                 gai_strerror(l->error));
        return CW_ERR_NOT_FOUND;
    }
    *ret_addresses = l->addresses;
    l->addresses = NULL;
    return 0;
}
