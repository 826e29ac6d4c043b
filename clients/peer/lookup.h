/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/lookup.h - a host name to addresses without blocking the caller.
 *
 * Owner:     the caller, from cw_lookup_start to cw_lookup_stop; the worker thread keeps its own reference, so
 *            stop never waits for a name server.
 * Thread:    the caller's; one detached thread a look-up.
 * Errors:    cw_lookup_take: CW_ERR_AGAIN, CW_ERR_NOT_FOUND (message set).
 */
#ifndef CW_CLIENTS_PEER_LOOKUP_H
#define CW_CLIENTS_PEER_LOOKUP_H

#include <stddef.h>

#include "clients/peer/address.h"

struct cw_dial_lookup;
struct addrinfo;

struct cw_dial_lookup *cw_lookup_start(
    const struct cw_address *address); /* NULL: no thread, no memory */
struct cw_dial_lookup *cw_lookup_stop(struct cw_dial_lookup *l);
/* Readable once there is a result. */
int cw_lookup_fd(const struct cw_dial_lookup *l);
/* Gives the addresses away: freeaddrinfo is the caller's. */
int cw_lookup_take(struct cw_dial_lookup *l, struct addrinfo **ret_addresses, char *message,
                   size_t message_size);

#endif
