/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls_state.h - what TLS is made of; for engine/tls*.c only.
 *
 * Owner:     see engine/tls.h.
 * Thread:    the context's lock guards its certificates; the rest is one worker's.
 * Units:     bytes.
 * Invariant: a connection is in its handshake (has_keys false), open (has_keys), or failed; its half rx is of
 *            use only while it has not failed and the peer has not closed.
 */
#ifndef CW_ENGINE_TLS_STATE_H
#define CW_ENGINE_TLS_STATE_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "engine/base/pool.h"
#include "engine/certificates.h"
#include "engine/tls.h"
#include "engine/tls_buffer.h"
#include "engine/tls_key_cache.h"
#include "engine/tls_keys.h"
#include "engine/tls_record.h"

struct cw_tls_context {
    struct cw_aead_choice aead;
    BIO_METHOD *method;
    uint8_t identity_public[CW_KEY_BYTES];
    pthread_mutex_t lock;
    struct cw_certificates certificates;
    struct cw_certificate prepared[CW_TLS_CERTIFICATE_COUNT]; /* leaf NULL: none */
    atomic_uint generation; /* of the certificates; workers follow it */
    char web_host[256];
};

/* The settings of handshakes, one set a worker: shared, their reference counts would bounce between cores. */
struct cw_tls_settings {
    SSL_CTX *native;
    SSL_CTX *web;
    unsigned generation;
};

/* What a handshake needs beyond struct cw_tls; it stays after a failure, for the alert and the reason. */
struct cw_tls_handshake {
    struct cw_tls_worker *worker;
    struct cw_tls *tls;
    SSL *ssl;
    struct cw_tls_buffer *output;
    const char *reason; /* of a failure; OpenSSL's texts are static */
    int alert;          /* received, or -1 */
    bool lost_output;
    uint8_t has_secrets; /* 1 the client's, 2 ours */
    uint8_t client_secret[CW_TLS_SECRET_BYTES_MAX];
    uint8_t server_secret[CW_TLS_SECRET_BYTES_MAX];
};

/* One direction. Its key is made from the secret when it is not in the cache. */
struct cw_tls_half {
    uint8_t secret[CW_TLS_SECRET_BYTES_MAX];
    uint64_t sequence;
};

struct cw_tls {
    union {
        struct cw_tls_handshake *handshake; /* !has_keys; NULL: no whole ClientHello yet */
        struct cw_tls_half rx;
        struct {
            enum cw_tls_fault fault; /* has_failed and has_keys */
            uint8_t alert;           /* received */
        } failure;
    };
    struct cw_tls_half tx;
    struct cw_tls_buffer *kept;
    uint16_t rx_slot, tx_slot; /* in the key cache */
    struct cw_tls_manners manners;
    uint8_t suite : 2; /* enum cw_aead_suite */
    bool has_keys : 1;
    bool is_native : 1;
    bool has_failed : 1;
    bool has_ended : 1;      /* close_notify was received */
    bool owes_update : 1;    /* the peer asked for a KeyUpdate, or ours is due */
    bool owes_alert : 1;     /* failure.fault's */
    bool is_closing : 1;     /* cw_tls_close was called */
    bool has_said_close : 1; /* and close_notify is out; or an alert is */
};

/* Two cache lines, and a hundred thousand of them are 12.8 MB. */
_Static_assert(sizeof(struct cw_tls) == 128, "a connection that rests is two cache lines");
_Static_assert(sizeof(((struct cw_tls_moved *)0)->state) >= sizeof(struct cw_tls),
               "a connection fits the value that moves");

struct cw_tls_worker {
    struct cw_tls_context *context;
    struct cw_tls_settings settings;
    struct cw_pool connections;
    struct cw_pool handshakes;
    struct cw_tls_buffers buffers;
    struct cw_tls_key_cache keys;
    uint64_t update_records;
    uint64_t key_updates, own_key_updates;
    uint32_t handshakes_lately; /* the most at once since the last trim */
    uint32_t handshakes_most;   /* and since the heap was last trimmed */
    uint64_t heap_trims;
    struct cw_tls *round; /* NULL: none */
    const uint8_t *fed;   /* what is left of it */
    size_t fed_bytes;
};

/* ---- tls_context.c ------------------------------------------------------------------------------ */
/* Follows the context's certificates. CW_ERR_INTERNAL: the old ones stay. */
int cw_tls_settings_refresh(struct cw_tls_worker *k);
void cw_tls_settings_clear(struct cw_tls_settings *s);
bool cw_tls_alpn_is_native(SSL *ssl);

/* ---- tls_handshake.c ---------------------------------------------------------------------------- */
BIO_METHOD *cw_tls_bio_method(void);
void cw_tls_on_keylog(const SSL *ssl, const char *line);
/* Frees what the handshake held. */
void cw_tls_handshake_free(struct cw_tls_worker *k, struct cw_tls_handshake *h);

/* ---- tls.c -------------------------------------------------------------------------------------- */
/* Bytes of this round that are not used yet, kept ones first, as two pieces; the sum. */
size_t cw_tls_input(const struct cw_tls_worker *k, const struct cw_tls *t, struct iovec pieces[2]);
/* The first n of them are done. */
void cw_tls_input_drop(struct cw_tls_worker *k, struct cw_tls *t, size_t n);

#endif
