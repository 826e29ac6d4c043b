/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/engine/tls_fixture.h - OpenSSL's client in memory against a struct cw_tls.
 *
 * Owner:     the including program, one test at a time; fixture_begin and fixture_end around all of them.
 * Thread:    one.
 * Units:     bytes.
 */
#ifndef CW_TESTS_UNIT_ENGINE_TLS_FIXTURE_H
#define CW_TESTS_UNIT_ENGINE_TLS_FIXTURE_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/limits.h"
#include "engine/tls.h"

#define NATIVE "\012causeway/1"
#define HTTP   "\010http/1.1"

static char directory[64];
static struct cw_tls_context *context;
static struct cw_tls_worker *worker;

enum { RECEIVED_BYTES_MAX = 1 << 20 };

static inline const char *file(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static inline void remove_all(void)
{
    static const char *const names[] = {"identity.key", "identity.crt", "native.key", "native.crt",
                                        "web.key",      "web.crt",      "web.pem",    "native.pem"};
    for (unsigned i = 0; i < 8; i++)
        unlink(file(names[i]));
    rmdir(directory);
}

/* ---- a client, and the server's end of its connection ------------------------------------------- */

struct client {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* the SSL object's, seen from outside */
    struct cw_tls_worker *worker;
    struct cw_tls *server;
    bool is_open;      /* the server's handshake is done */
    int err;           /* of the server's last round */
    uint8_t *received; /* plaintext */
    size_t received_bytes;
    uint8_t exporter[CW_EXPORTER_BYTES];
};

static inline struct client client_new(const char *alpn, int version)
{
    struct client c = {.worker = worker};
    c.context = SSL_CTX_new(TLS_client_method());
    assert_int_equal(SSL_CTX_set_max_proto_version(c.context, version), 1);
    c.ssl = SSL_new(c.context);
    c.in = BIO_new(BIO_s_mem());
    c.out = BIO_new(BIO_s_mem());
    SSL_set_bio(c.ssl, c.in, c.out);
    SSL_set_connect_state(c.ssl);
    if (alpn != NULL)
        assert_int_equal(
            SSL_set_alpn_protos(c.ssl, (const unsigned char *)alpn, (unsigned)strlen(alpn)), 0);
    assert_int_equal(cw_tls_new(worker, &c.server), 0);
    c.received = malloc(RECEIVED_BYTES_MAX);
    assert_non_null(c.received);
    return c;
}

/* Behind the last one nothing may stay. */
static inline void client_free(struct client *c)
{
    struct cw_tls_worker_stats stats;
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    free(c->received);
    assert_null(cw_tls_free(c->worker, c->server));
    cw_tls_worker_stats(c->worker, &stats);
    if (stats.connections > 0)
        return; /* a test has several */
    assert_int_equal(stats.handshakes, 0);
    assert_int_equal(stats.buffers, 0);
}

/* Opens what is whole. Each record goes into memory of exactly the size that was promised to be enough. */
static inline void open_all(struct client *c)
{
    size_t room, size = 0;
    while (c->err == 0 && (room = cw_tls_next(c->worker, c->server)) != 0) {
        assert_true(room <= CW_TLS_OPEN_BYTES_MAX);
        uint8_t *out = malloc(room);
        assert_non_null(out);
        c->err = cw_tls_open(c->worker, c->server, out, &size);
        assert_true(size <= room && c->received_bytes + size <= RECEIVED_BYTES_MAX);
        memcpy(c->received + c->received_bytes, out, size);
        c->received_bytes += size;
        free(out);
    }
}

/* One round of the server: c->err says how it ended; AGAIN is what is left of a handshake. */
static inline void serve(struct client *c, const uint8_t *data, size_t size)
{
    uint8_t *lent = malloc(size + 1); /* so that a sanitizer sees who reads it later */
    assert_non_null(lent);
    if (size > 0)
        memcpy(lent, data, size);
    cw_tls_feed(c->worker, c->server, lent, size);
    c->err = 0;
    if (!c->is_open) {
        c->err = cw_tls_handshake(c->worker, c->server, c->exporter);
        c->is_open = c->err == 0;
    }
    if (c->is_open)
        open_all(c);
    assert_int_equal(cw_tls_keep(c->worker, c->server), 0);
    free(lent);
}

/* What TLS itself has to say goes to the client, at most piece bytes at a time. */
static inline void carry_pending(struct client *c, size_t piece)
{
    uint8_t bytes[4096];
    bool was_pending = cw_tls_has_pending(c->server);
    size_t n = cw_tls_pending(c->worker, c->server, bytes, sizeof(bytes));
    assert_int_equal(was_pending, n > 0);
    for (; n > 0; n = cw_tls_pending(c->worker, c->server, bytes, sizeof(bytes)))
        for (size_t at = 0; at < n; at += piece) {
            int m = (int)(n - at < piece ? n - at : piece);
            assert_int_equal(BIO_write(c->in, bytes + at, m), m);
        }
}

/* Moves what waits in both directions, at most piece bytes at a time. */
static inline void carry(struct client *c, size_t piece)
{
    static uint8_t bytes[65536];
    int n;
    if (piece > sizeof(bytes))
        piece = sizeof(bytes);
    while ((n = BIO_read(c->out, bytes, (int)piece)) > 0)
        serve(c, bytes, (size_t)n);
    carry_pending(c, piece);
}

/* Seals as records of at most a full one, in two pieces each, and brings it to the client. */
static inline void server_write(struct client *c, const uint8_t *data, size_t size)
{
    while (size > 0) {
        static uint8_t record[CW_FRAME_BYTES_MAX + CW_TLS_OVERHEAD_BYTES];
        size_t n = size < CW_FRAME_BYTES_MAX ? size : CW_FRAME_BYTES_MAX, written = 0;
        struct iovec pieces[2] = {
            {.iov_base = (void *)(uintptr_t)data, .iov_len = n / 3},
            {.iov_base = (void *)(uintptr_t)(data + n / 3), .iov_len = n - n / 3}};
        carry_pending(c, 16384);
        assert_int_equal(cw_tls_seal(c->worker, c->server, pieces, 2, record, &written), 0);
        assert_int_equal(written, n + CW_TLS_OVERHEAD_BYTES);
        assert_int_equal(BIO_write(c->in, record, (int)written), (int)written);
        data += n;
        size -= n;
    }
}

/* The server's last answer. */
static inline int shake(struct client *c, size_t piece)
{
    c->err = CW_ERR_AGAIN;
    for (int i = 0; i < 10 && c->err == CW_ERR_AGAIN; i++) {
        ERR_clear_error();
        SSL_do_handshake(c->ssl);
        carry(c, piece);
    }
    ERR_clear_error();
    SSL_do_handshake(c->ssl);
    return c->err;
}

static inline struct client connected(const char *alpn)
{
    struct client c = client_new(alpn, TLS1_3_VERSION);
    assert_int_equal(shake(&c, 16384), 0);
    assert_true(SSL_is_init_finished(c.ssl));
    return c;
}

static inline int fixture_begin(const char *name)
{
    char message[256] = "";
    snprintf(directory, sizeof(directory), "/tmp/cw-test-%s-%d", name, (int)getpid());
    if (cw_tls_context_new(directory, "help.example", message, sizeof(message), &context) == 0)
        return cw_tls_worker_new(context, 64, &worker);
    fprintf(stderr, "%s\n", message);
    return 1;
}

static inline void fixture_end(void)
{
    cw_tls_worker_free(worker);
    cw_tls_context_free(context);
    remove_all();
}

#endif
