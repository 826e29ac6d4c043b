/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/network.h - lists of networks from which somebody may come: "192.0.2.0/24 2001:db8::/32 203.0.113.9".
 *
 * Owner:     texts are the caller's.
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID with a sentence that names the wrong part; CW_ERR_FULL.
 * Limits:    CW_NETWORKS_BYTES_MAX, CW_NETWORKS_MAX.
 *
 * RFC 4632 and RFC 4291 notation, blanks between; an address without a length is that address alone. Bits behind the
 * length must be zero, because 10.1.2.3/8 is more often a slip than a network.
 */
#ifndef CW_CONTROL_ACCOUNT_NETWORK_H
#define CW_CONTROL_ACCOUNT_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

/* message gets a sentence when the list is refused. */
int cw_networks_check(const char *list, char *message, size_t message_size);
/* source: an address as struct cw_request has it. An empty list has every address; what is no address is in no list. An
 * IPv4 address is not in a network of IPv6, however it was written. */
bool cw_networks_have(const char *list, const char *source);

#endif
