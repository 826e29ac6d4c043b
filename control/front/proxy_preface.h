/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/proxy_preface.h - PROXY protocol v2: who a piped web connection comes from.
 *
 * Owner:     values.
 * Thread:    any; pure.
 * Errors:    CW_ERR_AGAIN (*ret_need says how many bytes the whole preface has, as far as known),
 *            CW_ERR_INVALID (not a preface, or its lengths lie), CW_ERR_UNSUPPORTED (another version,
 *            command or address family), CW_ERR_TOO_LARGE.
 * Limits:    CW_PREFACE_BODY_BYTES_MAX.
 * Invariant: never looks at a byte past size; *ret_need <= CW_PREFACE_BYTES_MAX.
 *
 * The engine sends version 2, command PROXY, TCP over IPv6 or IPv4. LOCAL and Unix addresses are refused:
 * every web connection comes from somebody. The caller reads *ret_need bytes and not one more, so
 * what follows stays in the socket for libmicrohttpd.
 */
#ifndef CW_CONTROL_FRONT_PROXY_PREFACE_H
#define CW_CONTROL_FRONT_PROXY_PREFACE_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

/* 0 when data[0..size) is exactly one preface; ret_client is the far side as an IPv6 socket address
 * (v4-mapped for IPv4). */
int cw_preface_parse(const uint8_t *data, size_t size, size_t *ret_need,
                     struct sockaddr_in6 *ret_client);

#endif
