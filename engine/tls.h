/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls.h - server-side TLS 1.3 over memory: ciphertext in, plaintext out, no socket.
 *
 * Owner:     a struct cw_tls_context belongs to the process, a struct cw_tls_worker to one worker (pools, key
 *            cache, handshake settings), a struct cw_tls to its connection.
 * Thread:    a context: any, except that it is made and freed by one; worker and connection: that worker's.
 * Units:     bytes.
 * Errors:    CW_ERR_AGAIN (more input is needed), CW_ERR_CLOSED (close_notify seen), CW_ERR_INVALID (the peer
 *            broke TLS or sent an alert; our alert may be pending), CW_ERR_FULL, CW_ERR_STATE, CW_ERR_INTERNAL.
 * Limits:    a record has at most CW_FRAME_BYTES_MAX of plaintext; CW_TLS_KEPT_BYTES_MAX.
 * Invariant: a connection that rests costs one struct cw_tls (128 bytes) and nothing else.
 *
 * OpenSSL does the handshake. Then the traffic secrets are taken over, the SSL object is freed, and the record
 * layer is ours (tls_record.c). Two certificates: ALPN "causeway/1" gets the native one (signed by the identity
 * key), anything else the operator's. Only TLS 1.3, no session tickets, AES-128-GCM preferred.
 */
#ifndef CW_ENGINE_TLS_H
#define CW_ENGINE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "engine/limits.h"
#include "engine/relay_limits.h"

struct cw_tls;
struct cw_tls_worker;
struct cw_tls_context;

enum {
    /* Header, content type and tag around the plaintext of one record. */
    CW_TLS_OVERHEAD_BYTES = 5 + 1 + 16,
    /* The most that cw_tls_next says: a full record's plaintext and its content type. */
    CW_TLS_OPEN_BYTES_MAX = CW_FRAME_BYTES_MAX + 1,
    /* The least room cw_tls_pending can work with: its own records are this small. */
    CW_TLS_PENDING_BYTES_MIN = 64,
};

/* ---- the process: certificates ------------------------------------------------------------------ */

/* Reads directory/{identity,native,web}.{key,crt}; makes whatever is missing (first start). The identity
 * key is never replaced once it exists. message: what went wrong, for a person. Chooses the AEADs. */
int cw_tls_context_new(const char *directory, const char *web_host, char *message,
                       size_t message_size, struct cw_tls_context **ret_context);
/* Workers first. */
struct cw_tls_context *cw_tls_context_free(struct cw_tls_context *c);
/* The Ed25519 public key native clients pin. */
const uint8_t *cw_tls_identity_key(const struct cw_tls_context *c);

enum cw_tls_certificate {
    CW_TLS_CERTIFICATE_NATIVE,
    CW_TLS_CERTIFICATE_WEB,
    CW_TLS_CERTIFICATE_COUNT
};

/* Rotation without a restart. Prepare takes one PEM text (the key and the chain, leaf first, in any order of
 * key and chain), checks it and holds it; an earlier one that was prepared is forgotten. Commit makes every
 * handshake that begins from now on use it, on all workers; connections that stand are not touched. Abort
 * forgets it. CW_ERR_INVALID (message: what is wrong, for a person; beside CW_OK it may have a remark, such as
 * that the certificate is not for this host), CW_ERR_STATE (nothing was prepared).
 * Nothing is written to disk: a closed-off engine cannot. Whoever asked stores the same PEM as
 * directory/web.pem or native.pem (cw_certificates_store), which the next start prefers to .key and .crt. */
int cw_tls_certificate_prepare(struct cw_tls_context *c, enum cw_tls_certificate which,
                               const char *pem, size_t pem_bytes, char *message,
                               size_t message_size);
int cw_tls_certificate_commit(struct cw_tls_context *c, enum cw_tls_certificate which);
void cw_tls_certificate_abort(struct cw_tls_context *c, enum cw_tls_certificate which);
/* One line about the one in use: "CN=help.example, until 2027-01-01, SHA-256 ab:cd..."; prepared: about the one
 * that waits ("" if none). */
void cw_tls_certificate_describe(struct cw_tls_context *c, enum cw_tls_certificate which,
                                 bool prepared, char *out, size_t out_size);

/* ---- a worker ----------------------------------------------------------------------------------- */

/* connections_max: of cw_tls_new and _import together. Memory is committed as it is used. */
int cw_tls_worker_new(struct cw_tls_context *c, uint32_t connections_max,
                      struct cw_tls_worker **ret_worker);
/* Connections first. */
struct cw_tls_worker *cw_tls_worker_free(struct cw_tls_worker *k);
/* Our own KeyUpdate goes out after this many records (default 2^23; tests make it small). */
void cw_tls_worker_set_update_records(struct cw_tls_worker *k, uint64_t records);

/* For a timer: what connections did not use since the last call goes back to the kernel, and after a rush of
 * handshakes so does what OpenSSL left in the heap. */
void cw_tls_worker_trim(struct cw_tls_worker *k);

/* For STATUS and for the checks of the simulation. */
struct cw_tls_worker_stats {
    uint32_t connections;
    uint32_t handshakes;  /* SSL objects alive */
    uint32_t buffers;     /* attached for parts of records and handshake output */
    uint64_t key_misses;  /* of the cache of expanded keys */
    uint64_t key_updates; /* received */
    uint64_t own_key_updates;
    uint64_t heap_trims;
};
void cw_tls_worker_stats(const struct cw_tls_worker *k, struct cw_tls_worker_stats *ret_stats);

/* ---- a connection ------------------------------------------------------------------------------- */

int cw_tls_new(struct cw_tls_worker *k,
               struct cw_tls **ret_tls); /* CW_ERR_FULL: too many at once */
/* t may be NULL. Returns NULL. Secrets are wiped. */
struct cw_tls *cw_tls_free(struct cw_tls_worker *k, struct cw_tls *t);

/* A connection on its way to another worker: a plain value, but its ciphertext that was kept is on the heap. */
struct cw_tls_moved {
    uint8_t state[128];
    uint8_t *kept; /* NULL: none */
    size_t kept_bytes;
};
/* Between rounds, after the handshake, with nothing pending (else CW_ERR_STATE and nothing happened).
 * t is gone afterwards. CW_ERR_NOMEM: t stays. */
int cw_tls_export(struct cw_tls_worker *k, struct cw_tls *t, struct cw_tls_moved *out);
/* CW_ERR_FULL: moved is untouched; clear it. On success moved is empty. */
int cw_tls_import(struct cw_tls_worker *k, struct cw_tls_moved *moved, struct cw_tls **ret_tls);
/* For one that is never imported; also after an import (then it does nothing). */
void cw_tls_moved_clear(struct cw_tls_moved *moved);

/* ---- receiving: a round is feed, handshake, (next, open)*, keep ---------------------------------- */

/* Begins a round: lends ciphertext until keep; nothing is copied. size 0: only what was kept. One connection
 * of a worker is in a round at a time. In a round any other function may be called for it, too. */
void cw_tls_feed(struct cw_tls_worker *k, struct cw_tls *t, const uint8_t *data, size_t size);
/* Drives the handshake; call it in each round until it returns 0, which it does once: then the SSL object is
 * gone, and _is_native, _describe and the exporter (label in engine/wire/ticket.h) are known.
 * CW_ERR_AGAIN: more input is needed. Output may be pending after any result. CW_ERR_FULL: too many
 * handshakes at once. */
int cw_tls_handshake(struct cw_tls_worker *k, struct cw_tls *t,
                     uint8_t ret_exporter[CW_EXPORTER_BYTES]);
/* Bytes that open may write for the next record, when it is whole; else 0 (also once closed or failed). At
 * most CW_TLS_OPEN_BYTES_MAX. At least 1, so also for a record that open will refuse. */
size_t cw_tls_next(const struct cw_tls_worker *k, const struct cw_tls *t);
/* Opens it into out, which must not overlap what was fed. *ret_size may be 0: the record was TLS's own
 * (KeyUpdate), or empty. CW_ERR_CLOSED, CW_ERR_INVALID: for good. CW_ERR_AGAIN: next says 0.
 * Until the handshake is done: CW_ERR_STATE. */
int cw_tls_open(struct cw_tls_worker *k, struct cw_tls *t, uint8_t *out, size_t *ret_size);
/* Ends the round: bytes not opened (part of a record, or records the caller does not want yet) are kept.
 * CW_ERR_FULL: over CW_TLS_KEPT_BYTES_MAX, or no buffer is left; they are lost, so drop the connection. */
int cw_tls_keep(struct cw_tls_worker *k, struct cw_tls *t);
/* Bytes kept (after keep). */
size_t cw_tls_kept_bytes(const struct cw_tls *t);

/* ---- sending -------------------------------------------------------------------------------------- */

/* What TLS itself has to say before any more data (handshake flight, KeyUpdate, alert, close_notify): moves
 * at most out_size (at least CW_TLS_PENDING_BYTES_MIN) of it to out and returns the count; 0: nothing. Call
 * it until it returns 0, and then seal, in every batch. */
size_t cw_tls_pending(struct cw_tls_worker *k, struct cw_tls *t, uint8_t *out, size_t out_size);
bool cw_tls_has_pending(const struct cw_tls *t);
/* Seals one record gathered from pieces (at most CW_FRAME_BYTES_MAX in all) into out:
 * their sum + CW_TLS_OVERHEAD_BYTES. The pieces may not overlap out. CW_ERR_STATE: before the handshake is
 * done, after close or failure, or far too much was sealed without asking for what is pending. */
int cw_tls_seal(struct cw_tls_worker *k, struct cw_tls *t, const struct iovec *pieces,
                unsigned count, uint8_t *out, size_t *ret_size);
/* Makes close_notify pending; nothing is sealed afterwards. Receiving goes on. */
void cw_tls_close(struct cw_tls_worker *k, struct cw_tls *t);

bool cw_tls_is_native(const struct cw_tls *t);
/* "TLSv1.3 TLS_AES_128_GCM_SHA256" for logs; "" before the handshake is done. */
const char *cw_tls_describe(const struct cw_tls *t);
/* The reason of the last CW_ERR_INVALID, for the log; *ret_alert: the TLS alert received, or -1. */
const char *cw_tls_error(const struct cw_tls *t, int *ret_alert);

#endif
