/* SPDX-License-Identifier: Apache-2.0 */
/* engine/inherit.h - the listening sockets that causeway-supervisor hands over in CAUSEWAY_LISTEN.
 *
 * Owner:     values; the descriptors are the process's.
 * Thread:    the main thread at start.
 * Units:     none.
 * Errors:    CW_ERR_INVALID (text, or a descriptor that is no listening socket), CW_ERR_FULL; message says which.
 * Limits:    CW_LISTEN_WORKERS_MAX of each kind.
 * Invariant: there is at least one https socket, and of http as many as of https, or none.
 *
 * "https=3,4 http=5,6": one of each a worker, all bound with SO_REUSEPORT and listening.
 */
#ifndef CW_ENGINE_INHERIT_H
#define CW_ENGINE_INHERIT_H

#include <stddef.h>

#include "engine/supervisor/listen.h"

/* Only the text; whether the numbers are sockets is not looked at. */
int cw_inherit_parse(const char *text, struct cw_listen_set *ret_https,
                     struct cw_listen_set *ret_http, char *message, size_t message_size);
/* Every one is a listening socket, and is not passed on. */
int cw_inherit_check(const struct cw_listen_set *set, char *message, size_t message_size);

#endif
