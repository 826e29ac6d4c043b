/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls.h - server-side TLS 1.3 over memory: ciphertext in, plaintext out, no socket.
 *
 * Owner:     a struct cw_tls belongs to its connection; a struct cw_tls_context to the process.
 * Thread:    a context may be shared by all workers; a cw_tls moves with its connection.
 * Units:     bytes.
 * Errors:    CW_ERR_AGAIN (more input or room is needed), CW_ERR_CLOSED (close_notify seen),
 *            CW_ERR_INVALID (the peer broke TLS; an alert may be waiting in the output), CW_ERR_INTERNAL.
 * Limits:    one record of plaintext is at most CW_FRAME_BYTES_MAX.
 *
 * Two certificates: ALPN "causeway/1" gets the native one (signed by the identity key), anything else the
 * operator's. Only TLS 1.3, no session tickets, AES-128-GCM preferred. The SSL object stays for the life
 * of the connection in this version; this interface is what the record-layer take-over will replace it behind.
 */
#ifndef CW_ENGINE_TLS_H
#define CW_ENGINE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_tls;
struct cw_tls_context;

/* Reads directory/{identity,native,web}.{key,crt}; makes whatever is missing (first start). The identity
 * key is never replaced once it exists. message: what went wrong, for a person. */
int cw_tls_context_new(const char *directory, const char *web_host, char *message,
                       size_t message_size, struct cw_tls_context **ret_context);
struct cw_tls_context *cw_tls_context_free(struct cw_tls_context *c);
/* The Ed25519 public key native clients pin. */
const uint8_t *cw_tls_identity_key(const struct cw_tls_context *c);

int cw_tls_new(struct cw_tls_context *c, struct cw_tls **ret_tls);
struct cw_tls *cw_tls_free(struct cw_tls *t);

/* Gives received ciphertext; all of it is taken. CW_ERR_FULL: 1 MB waits to be read. */
int cw_tls_feed(struct cw_tls *t, const uint8_t *data, size_t size);
/* Drives the handshake. 0: done; CW_ERR_AGAIN: output may be waiting, more input is needed. */
int cw_tls_handshake(struct cw_tls *t);
bool cw_tls_is_native(const struct cw_tls *t);                /* ALPN chose causeway/1 */
int cw_tls_exporter(struct cw_tls *t, uint8_t *ret_exporter); /* label in engine/wire/ticket.h */
/* Plaintext that has been received: 0 and *ret_size > 0, or CW_ERR_AGAIN / CW_ERR_CLOSED / CW_ERR_INVALID. */
int cw_tls_read(struct cw_tls *t, uint8_t *out, size_t out_size, size_t *ret_size);
/* Seals plaintext into the output, in records of at most 16,384 bytes; all of it is taken. */
int cw_tls_write(struct cw_tls *t, const uint8_t *data, size_t size);
/* Queues close_notify. */
void cw_tls_close(struct cw_tls *t);
/* Ciphertext waiting to be sent, in place (there may be more behind it); cw_tls_sent drops the first n bytes of
 * it. Until then it stays where it is, whatever is written or read meanwhile. NULL: nothing waits. */
const uint8_t *cw_tls_output(struct cw_tls *t, size_t *ret_size);
void cw_tls_sent(struct cw_tls *t, size_t n);
/* "TLSv1.3 TLS_AES_128_GCM_SHA256" for logs. */
const char *cw_tls_describe(const struct cw_tls *t);
/* The reason of the last CW_ERR_INVALID, for the log; alert is the TLS alert number received, or -1. */
const char *cw_tls_error(const struct cw_tls *t, int *ret_alert);

#endif
