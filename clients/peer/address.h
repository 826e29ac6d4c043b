/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/address.h - HOST[:PORT] as a person types it, and identity keys as hex digits.
 *
 * Owner:     values only.
 * Thread:    any; pure.
 * Units:     bytes.
 * Errors:    CW_ERR_INVALID; ret_* untouched unless 0.
 * Limits:    CW_ADDRESS_HOST_BYTES (a DNS name is at most 253 bytes).
 */
#ifndef CW_CLIENTS_PEER_ADDRESS_H
#define CW_CLIENTS_PEER_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum {
    CW_ADDRESS_HOST_BYTES = 256,
    CW_ADDRESS_PORT_DEFAULT = 443,
    CW_ADDRESS_TEXT_BYTES = CW_ADDRESS_HOST_BYTES + 10, /* "[host]:65535" */
    CW_IDENTITY_TEXT_BYTES = 2 * CW_KEY_BYTES + 1,
    CW_FINGERPRINT_TEXT_BYTES =
        2 * CW_KEY_BYTES + 16, /* groups of four, a space or newline between */
};

struct cw_address {
    char host[CW_ADDRESS_HOST_BYTES];
    char port[6];
};

/* Takes "host", "host:port", "1.2.3.4:port", "::1", "[::1]:port"; an "https://" before it and a "/" after
 * it are dropped, because people copy addresses from a browser. */
int cw_address_parse(const char *text, struct cw_address *ret_address);
/* "host:port", with brackets around an IPv6 address. out: CW_ADDRESS_TEXT_BYTES. */
void cw_address_format(const struct cw_address *address, char *out);

/* 64 hexadecimal digits, spaces and colons between them are skipped. */
int cw_identity_parse(const char *text, uint8_t *ret_key);
void cw_identity_format(const uint8_t *key, char *out);    /* out: CW_IDENTITY_TEXT_BYTES */
void cw_fingerprint_format(const uint8_t *key, char *out); /* out: CW_FINGERPRINT_TEXT_BYTES */

#endif
