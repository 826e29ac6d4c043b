/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/proxy.h - an HTTP proxy on the way to the appliance: its URL, the CONNECT request and the answer.
 *
 * Owner:     values.
 * Thread:    any; pure but for cw_proxy_from_environment.
 * Units:     bytes.
 * Errors:    cw_proxy_parse: CW_ERR_INVALID; cw_proxy_answer: CW_ERR_AGAIN (more bytes are needed), CW_ERR_DENIED (the
 *            proxy wants other credentials), CW_ERR_IO (it refused), CW_ERR_INVALID (it is no HTTP proxy); the
 *            message then is a sentence for a person.
 * Limits:    CW_PROXY_CREDENTIALS_BYTES, CW_PROXY_ANSWER_BYTES.
 *
 * The tunnel carries the same TLS as without a proxy: it sees the appliance's address and ciphertext.
 */
#ifndef CW_CLIENTS_PEER_PROXY_H
#define CW_CLIENTS_PEER_PROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/peer/address.h"

enum {
    CW_PROXY_CREDENTIALS_BYTES = 256, /* "user:password" */
    CW_PROXY_TEXT_BYTES = 1024,       /* a whole URL */
    CW_PROXY_REQUEST_BYTES = 2048,
    CW_PROXY_ANSWER_BYTES = 4096, /* a head; proxies send a few hundred bytes */
};

struct cw_proxy {
    struct cw_address address;
    char credentials[CW_PROXY_CREDENTIALS_BYTES]; /* empty: none */
};

/* Takes "http://[user[:password]@]host[:port][/]" or the same without "http://". User and password may hold %XX. The
 * port is 8080 unless given. */
int cw_proxy_parse(const char *text, struct cw_proxy *ret_proxy);
/* What https_proxy or HTTPS_PROXY says, unless no_proxy or NO_PROXY names the host. 0 and *ret_is_set, or
 * CW_ERR_INVALID. */
int cw_proxy_from_environment(const char *host, struct cw_proxy *ret_proxy, bool *ret_is_set);
/* Whether a list as in no_proxy ("*", or hosts and domains with commas between) names the host. */
bool cw_proxy_is_excepted(const char *list, const char *host);

/* Writes the request; returns its size. */
size_t cw_proxy_request(const struct cw_proxy *proxy, const struct cw_address *target,
                        char out[CW_PROXY_REQUEST_BYTES]);
/* Judges what the proxy has answered so far. */
int cw_proxy_answer(const struct cw_proxy *proxy, const char *answer, size_t size, char *message,
                    size_t message_size);

#endif
