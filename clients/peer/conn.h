/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/conn.h - a connection with a hello: dial.h and peer.h joined, driven by the caller's poll loop.
 *
 * Owner:     the caller, from cw_conn_start to cw_conn_stop. Not to be moved meanwhile.
 * Thread:    one.
 * Units:     ns (monotonic).
 * Errors:    cw_conn_process: 0, or why the connection is over (cw_conn_reason() says it in a sentence):
 *            CW_ERR_CLOSED (the appliance closed; ->peer.close_code), CW_ERR_SIGNATURE (not the pinned appliance),
 *            anything else (network; try again).
 * Limits:    as dial.h and peer.h.
 */
#ifndef CW_CLIENTS_PEER_CONN_H
#define CW_CLIENTS_PEER_CONN_H

#include <poll.h>

#include "clients/peer/dial.h"
#include "clients/peer/peer.h"

struct cw_conn_hello {
    uint8_t kind; /* enum cw_hello_kind, or 0: say nothing, only learn the identity */
    uint8_t ticket[CW_TICKET_BYTES];
    uint8_t secret_seed[CW_KEY_BYTES];
    uint8_t body[CW_HELLO_BODY_BYTES_MAX];
    size_t body_bytes;
};

struct cw_conn {
    struct cw_dial dial;
    struct cw_peer peer;
    struct cw_conn_hello hello;
    uint8_t plain[CW_FRAME_BYTES_MAX]; /* one TLS record, decrypted */
    bool is_active;
    bool is_reading_paused; /* set by the owner: leave received bytes in the kernel */
};

void cw_conn_start(struct cw_conn *c, const struct cw_address *address, const uint8_t *pin,
                   const struct cw_conn_hello *hello, cw_peer_message_fn on_message, void *user);
void cw_conn_stop(struct cw_conn *c);
/* Says CLOSE, gives it to the kernel if it takes it at once, and stops. */
void cw_conn_close(struct cw_conn *c, uint16_t code, const char *text);

int cw_conn_process(struct cw_conn *c, uint64_t now_ns);
/* Gives what is queued to the kernel as far as it takes it. */
int cw_conn_flush(struct cw_conn *c);
/* What to poll for. The returned time is the latest at which cw_conn_process must be called. */
uint64_t cw_conn_poll(struct cw_conn *c, struct pollfd *ret_poll);
/* One sentence about why cw_conn_process failed. */
const char *cw_conn_reason(const struct cw_conn *c);

#endif
