/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/exchange.h - one question to control by hello: enrolment token or session key, and its answer.
 *
 * Owner:     the caller, from cw_exchange_start to cw_exchange_stop.
 * Thread:    one.
 * Errors:    cw_exchange_process: CW_ERR_AGAIN (no answer yet), CW_ERR_DENIED (control refused), CW_ERR_SIGNATURE
 *            (not the pinned appliance), CW_ERR_INVALID (an answer that makes no sense), or of the network;
 *            ->text then is a sentence for a person.
 * Limits:    CW_HELLO_BODY_BYTES_MAX, CW_HELLO_REPLY_BODY_BYTES_MAX.
 */
#ifndef CW_CLIENTS_AGENT_EXCHANGE_H
#define CW_CLIENTS_AGENT_EXCHANGE_H

#include <jansson.h>

#include "clients/peer/conn.h"

struct cw_exchange {
    struct cw_conn conn;
    bool has_reply;
    uint16_t code; /* enum cw_close_code of the answer */
    json_t *reply; /* object; after 0 or CW_ERR_DENIED */
    char text[400];
};

/* body: a JSON object, stays the caller's. NULL: only connect and learn the identity, which is then
 * ->conn.dial.identity when cw_exchange_process gives 0. CW_ERR_TOO_LARGE: over CW_HELLO_BODY_BYTES_MAX. */
int cw_exchange_start(struct cw_exchange *x, const struct cw_address *address, const uint8_t *pin,
                      uint8_t kind, const json_t *body);
int cw_exchange_process(struct cw_exchange *x, uint64_t now_ns);
void cw_exchange_stop(struct cw_exchange *x);

/* The binary value of a member; CW_ERR_INVALID when it is not exactly size bytes. */
int cw_json_bytes(const json_t *object, const char *name, uint8_t *out, size_t size);
/* A new string member with binary data as base64url. */
json_t *cw_json_base64(const uint8_t *data, size_t size);

#endif
