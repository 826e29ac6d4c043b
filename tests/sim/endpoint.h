/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/endpoint.h - an endpoint over the simulated network: TLS client, WebSocket or native, hello, frames.
 *
 * Owner:     the scenario; the callbacks' user pointer is the scenario's.
 * Thread:    one.
 * Units:     bytes.
 * Errors:    the endpoint goes to CW_ENDPOINT_OVER and says how; it never retries by itself.
 * Invariant: frames come out whole, in the order the relay sent them.
 */
#ifndef CW_TESTS_SIM_ENDPOINT_H
#define CW_TESTS_SIM_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/wire/frame.h"
#include "engine/wire/hello.h"
#include "tests/sim/net.h"

struct cw_endpoint;

enum cw_endpoint_state {
    CW_ENDPOINT_CONNECTING, /* TLS, hello on its way */
    CW_ENDPOINT_OPEN,       /* WELCOME was received */
    CW_ENDPOINT_OVER,       /* closed, reset or refused */
};

/* payload is valid during the call only. */
typedef void (*cw_endpoint_frame_fn)(void *user, struct cw_endpoint *e,
                                     const struct cw_frame *frame, const uint8_t *payload);

/* Connects and says hello with the ticket, whose holder has the given seed. */
struct cw_endpoint *cw_endpoint_new(struct cw_net *net, bool is_websocket,
                                    const struct cw_ticket *ticket, const uint8_t *holder_seed,
                                    cw_endpoint_frame_fn on_frame, void *user);
/* The general form. hello: a ticket (with holder_seed), or an opaque body, which is copied; kind 0: it never says
 * anything. address: 18 bytes or NULL. */
struct cw_endpoint *cw_endpoint_new_from(struct cw_net *net, int worker, const uint8_t *address,
                                         bool is_websocket, const struct cw_hello *hello,
                                         const uint8_t *holder_seed, cw_endpoint_frame_fn on_frame,
                                         void *user);
/* NULL is allowed; gives NULL. The connection is reset if it is still open. */
struct cw_endpoint *cw_endpoint_free(struct cw_endpoint *e);

/* Reads and writes what can be; true when anything moved. */
bool cw_endpoint_step(struct cw_endpoint *e);
enum cw_endpoint_state cw_endpoint_state(const struct cw_endpoint *e);
/* The code of the CLOSE that ended it, or -1. */
int cw_endpoint_close_code(const struct cw_endpoint *e);
/* Plaintext that waits because the network does not take more. */
size_t cw_endpoint_backlog(const struct cw_endpoint *e);
/* Queues a frame; ignored once over. */
void cw_endpoint_send(struct cw_endpoint *e, const struct cw_frame *frame, const void *payload);
/* Queues any bytes as if they were frames: what a hostile endpoint does. */
void cw_endpoint_send_raw(struct cw_endpoint *e, const void *bytes, size_t size);
/* Corked: what is sent, the HELLO too, waits until it is uncorked, and goes in one TLS record then. */
void cw_endpoint_cork(struct cw_endpoint *e, bool is_corked);
/* New keys for what it sends; the relay is asked to do the same. */
void cw_endpoint_update_keys(struct cw_endpoint *e);
struct cw_net_end *cw_endpoint_net(struct cw_endpoint *e);

#endif
