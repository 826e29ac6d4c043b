/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/listen.h - the listening sockets, one set for each worker of the engine.
 *
 * Owner:     the supervisor holds the descriptors until it ends, so connections wait in the kernel while
 *            the engine starts again.
 * Thread:    the supervisor's only.
 * Errors:    CW_ERR_CONFLICT (port in use), CW_ERR_DENIED (port needs root), CW_ERR_IO; message says
 *            what to change and where.
 * Limits:    CW_LISTEN_WORKERS_MAX.
 *
 * The sockets stay blocking: io_uring answers EAGAIN instead of waiting on a non-blocking one.
 */
#ifndef CW_ENGINE_SUPERVISOR_LISTEN_H
#define CW_ENGINE_SUPERVISOR_LISTEN_H

#include <stddef.h>

enum { CW_LISTEN_WORKERS_MAX = 256 }; /* as many as the configuration's workers may say */

struct cw_listen_set {
    int descriptors[CW_LISTEN_WORKERS_MAX];
    unsigned count;
    unsigned
        listening; /* the first ones; the rest is bound only, so the kernel gives it no connections */
};

/* address: "[::]:8443"; key: the setting it comes from; file: where that stands. */
int cw_listen_open(const char *address, unsigned workers, const char *key, const char *file,
                   struct cw_listen_set *ret_set, char *message, size_t message_size);
/* More sockets, bound beside those that listen, until there are count. Never fewer: one that is closed takes with
 * it the connections that wait in it. */
int cw_listen_grow(const char *address, unsigned count, const char *key, const char *file,
                   struct cw_listen_set *set, char *message, size_t message_size);
/* All of them listen now. CW_ERR_IO: one does not. */
int cw_listen_start(struct cw_listen_set *set);
/* Writes "https=3,4 http=5,6"; an empty set is left out. CW_ERR_FULL when out is too small. */
int cw_listen_describe(const struct cw_listen_set *https, const struct cw_listen_set *http,
                       char *out, size_t size);

#endif
