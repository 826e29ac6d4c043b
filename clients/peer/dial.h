/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/dial.h - the socket and TLS half: name, TCP, a proxy if there is one, TLS 1.3 with the identity pinned.
 *
 * Owner:     the caller, from cw_dial_start to cw_dial_stop. Not to be moved meanwhile.
 * Thread:    one; the name is looked up by a thread of its own, so that a slow name server blocks nothing.
 * Units:     ns (monotonic), bytes.
 * Errors:    cw_dial_step: CW_ERR_AGAIN (not yet), CW_ERR_IO, CW_ERR_TIMEOUT, CW_ERR_SIGNATURE (not the pinned
 *            appliance), CW_ERR_INVALID (TLS); ->message then is a sentence for a person.
 *            cw_dial_read, cw_dial_write: CW_ERR_AGAIN, CW_ERR_CLOSED, CW_ERR_IO.
 *            CW_ERR_DENIED (the proxy wants credentials).
 * Limits:    CW_TIME_HANDSHAKE_S_MAX for each address tried, for the proxy and for TLS.
 *
 * Trust: the chain must hold a certificate of the appliance's Ed25519 identity key, self-signed, and the leaf
 * must be signed by that key. Names are not looked at: the key is the identity. Without a pin the
 * identity is only reported (->identity); the caller decides before it sends anything.
 */
#ifndef CW_CLIENTS_PEER_DIAL_H
#define CW_CLIENTS_PEER_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/peer/address.h"

enum cw_dial_state {
    CW_DIAL_IDLE,
    CW_DIAL_NAME,
    CW_DIAL_TCP,
    CW_DIAL_PROXY, /* CONNECT was said, or is being said */
    CW_DIAL_TLS,
    CW_DIAL_READY,
};

struct cw_dial_lookup;
struct cw_dial_tunnel;
struct addrinfo;
struct ssl_st;
struct ssl_ctx_st;

struct cw_dial {
    enum cw_dial_state state;
    struct cw_address address;
    bool has_pin;
    bool
        saw_other_identity; /* the reason of CW_ERR_SIGNATURE: a valid appliance, but not the pinned one */
    uint8_t pin[CW_KEY_BYTES];
    uint8_t identity[CW_KEY_BYTES]; /* of the appliance, from CW_DIAL_READY on */
    uint8_t exporter[CW_EXPORTER_BYTES];
    struct cw_dial_lookup *lookup;
    struct addrinfo *addresses;
    struct addrinfo *next_address;
    int way_error;                 /* https_proxy makes no sense */
    struct cw_dial_tunnel *tunnel; /* NULL: no proxy, or it has done its part */
    int fd;
    bool wants_write; /* TLS needs POLLOUT to go on */
    uint64_t deadline_ns;
    struct ssl_ctx_st *context;
    struct ssl_st *ssl;
    const char *trust_failure;
    char message[320];
};

/* How every later cw_dial_start of this process connects, unless told otherwise: as the environment says
 * (cw_proxy_from_environment). proxy NULL: that again; it is copied. Called before threads and connections. */
struct cw_proxy;
void cw_dial_use_proxy(const struct cw_proxy *proxy);
/* pin: CW_KEY_BYTES, or NULL. */
void cw_dial_start(struct cw_dial *d, const struct cw_address *address, const uint8_t *pin);
void cw_dial_stop(struct cw_dial *d);

int cw_dial_step(struct cw_dial *d, uint64_t now_ns);
/* The descriptor to poll (-1: none) and the events that matter before CW_DIAL_READY. */
int cw_dial_poll(const struct cw_dial *d, short *ret_events);

int cw_dial_read(struct cw_dial *d, uint8_t *out, size_t out_size, size_t *ret_size);
/* After CW_ERR_AGAIN the same bytes must be given again. All are taken when it returns 0. */
int cw_dial_write(struct cw_dial *d, const uint8_t *data, size_t size);

#endif
