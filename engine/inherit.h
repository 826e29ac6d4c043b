/* SPDX-License-Identifier: Apache-2.0 */
/* engine/inherit.h - the listening sockets that causeway-supervisor hands over in CAUSEWAY_LISTEN.
 *
 * Owner:     values; the descriptors are the process's.
 * Thread:    the main thread at start.
 * Units:     none.
 * Errors:    CW_ERR_INVALID (text, or a descriptor that is no listening socket), CW_ERR_FULL; message says which.
 * Limits:    CW_LISTEN_WORKERS_MAX of each kind.
 * Invariant: there is at least one https socket, and of http as many as of https, or none; 1 <= workers <= https
 *            sockets.
 *
 * "https=3,4 http=5,6 workers=2": all bound with SO_REUSEPORT. Without workers there is one of each a worker; with
 * fewer
 * workers than sockets a worker has several, because one that is closed takes with it who waits in it.
 */
#ifndef CW_ENGINE_INHERIT_H
#define CW_ENGINE_INHERIT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/supervisor/listen.h"

/* Only the text; whether the numbers are sockets is not looked at. */
int cw_inherit_parse(const char *text, struct cw_listen_set *ret_https,
                     struct cw_listen_set *ret_http, unsigned *ret_workers, char *message,
                     size_t message_size);
/* Every one is a socket for connections, and is not passed on. An engine in standby gets some that do not listen
 * yet. */
int cw_inherit_check(const struct cw_listen_set *set, bool must_listen, char *message,
                     size_t message_size);

#endif
