/* SPDX-License-Identifier: Apache-2.0 */
/* TLS in memory against an OpenSSL client, and the certificates on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/limits.h"
#include "engine/tls.h"

#define NATIVE "\012causeway/1"
#define HTTP   "\010http/1.1"

static char directory[64];
static struct cw_tls_context *context;

static const char *file(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static void remove_all(void)
{
    static const char *const names[] = {"identity.key", "identity.crt", "native.key",
                                        "native.crt",   "web.key",      "web.crt"};
    for (unsigned i = 0; i < 6; i++)
        unlink(file(names[i]));
    rmdir(directory);
}

/* ---- a client ----------------------------------------------------------------------------------- */

struct client {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* the SSL object's, seen from outside */
    struct cw_tls *server;
};

static struct client client_new(const char *alpn, int version)
{
    struct client c = {0};
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
    assert_int_equal(cw_tls_new(context, &c.server), 0);
    return c;
}

static void client_free(struct client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    assert_null(cw_tls_free(c->server));
}

/* Moves what waits in both directions, at most piece bytes at a time. */
static void carry(struct client *c, size_t piece)
{
    static uint8_t bytes[16384];
    int n;
    if (piece > sizeof(bytes))
        piece = sizeof(bytes);
    while ((n = BIO_read(c->out, bytes, (int)piece)) > 0)
        assert_int_equal(cw_tls_feed(c->server, bytes, (size_t)n), 0);
    size_t size;
    const uint8_t *out = cw_tls_output(c->server, &size);
    while (out != NULL) {
        size_t m = size < piece ? size : piece;
        assert_int_equal(BIO_write(c->in, out, (int)m), (int)m);
        cw_tls_sent(c->server, m);
        out = cw_tls_output(c->server, &size);
    }
}

/* The server's last answer. */
static int shake(struct client *c, size_t piece)
{
    int err = CW_ERR_AGAIN;
    for (int i = 0; i < 10 && err == CW_ERR_AGAIN; i++) {
        ERR_clear_error();
        SSL_do_handshake(c->ssl);
        carry(c, piece);
        err = cw_tls_handshake(c->server);
        carry(c, piece);
    }
    ERR_clear_error();
    SSL_do_handshake(c->ssl);
    return err;
}

static struct client connected(const char *alpn)
{
    struct client c = client_new(alpn, TLS1_3_VERSION);
    assert_int_equal(shake(&c, 16384), 0);
    assert_true(SSL_is_init_finished(c.ssl));
    return c;
}

/* ---- handshakes --------------------------------------------------------------------------------- */

static void native_chain_ends_at_the_identity(void **state)
{
    (void)state;
    struct client c = connected(NATIVE);
    assert_true(cw_tls_is_native(c.server));
    assert_string_equal(cw_tls_describe(c.server), "TLSv1.3 TLS_AES_128_GCM_SHA256");
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(c.ssl);
    assert_int_equal(sk_X509_num(chain), 2);
    EVP_PKEY *pinned = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                                   cw_tls_identity_key(context), CW_KEY_BYTES);
    assert_int_equal(X509_verify(sk_X509_value(chain, 0), pinned), 1);
    assert_int_equal(X509_verify(sk_X509_value(chain, 1), pinned), 1);
    EVP_PKEY_free(pinned);

    /* And by OpenSSL's own rules, with the identity as the only anchor. */
    X509_STORE *store = X509_STORE_new();
    X509_STORE_add_cert(store, sk_X509_value(chain, 1));
    X509_STORE_CTX *v = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_CTX_init(v, store, sk_X509_value(chain, 0), NULL), 1);
    X509_STORE_CTX_set_purpose(v, X509_PURPOSE_SSL_SERVER);
    X509_STORE_CTX_set_flags(v, X509_V_FLAG_X509_STRICT);
    assert_int_equal(X509_verify_cert(v), 1);
    X509_STORE_CTX_free(v);
    X509_STORE_free(store);
    client_free(&c);
}

static void exporters_are_equal(void **state)
{
    (void)state;
    static const char label[] = "EXPORTER-causeway-possession";
    struct client c = client_new(NATIVE, TLS1_3_VERSION);
    uint8_t ours[CW_EXPORTER_BYTES], theirs[CW_EXPORTER_BYTES] = {0};
    assert_int_equal(cw_tls_exporter(c.server, ours), CW_ERR_STATE);
    assert_int_equal(shake(&c, 16384), 0);
    assert_int_equal(cw_tls_exporter(c.server, ours), 0);
    assert_int_equal(SSL_export_keying_material(c.ssl, theirs, sizeof(theirs), label,
                                                sizeof(label) - 1, NULL, 0, 0),
                     1);
    assert_memory_equal(ours, theirs, sizeof(ours));
    client_free(&c);
}

static void web_certificate_is_for_the_host(void **state)
{
    (void)state;
    static const char *const alpns[] = {HTTP, NULL};
    for (unsigned i = 0; i < 2; i++) {
        struct client c = connected(alpns[i]);
        assert_false(cw_tls_is_native(c.server));
        X509 *leaf = SSL_get0_peer_certificate(c.ssl);
        assert_int_equal(X509_check_host(leaf, "help.example", 0, 0, NULL), 1);
        assert_int_equal(X509_check_host(leaf, "localhost", 0, 0, NULL), 1);
        assert_int_equal(X509_check_host(leaf, "other.example", 0, 0, NULL), 0);
        assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 1);
        assert_int_equal(X509_check_ip_asc(leaf, "::1", 0), 1);
        const unsigned char *name;
        unsigned size;
        SSL_get0_alpn_selected(c.ssl, &name, &size);
        assert_int_equal(size, alpns[i] != NULL ? 8 : 0);
        client_free(&c);
    }
    struct client c = connected("\002h2" HTTP NATIVE);
    assert_true(cw_tls_is_native(c.server));
    client_free(&c);
}

static int received_alert(struct client *c)
{
    ERR_clear_error();
    assert_int_equal(SSL_get_error(c->ssl, SSL_do_handshake(c->ssl)), SSL_ERROR_SSL);
    return ERR_GET_REASON(ERR_peek_error()) - 1000;
}

static void unknown_alpn_is_refused_with_its_alert(void **state)
{
    (void)state;
    struct client c = client_new("\002h2", TLS1_3_VERSION);
    SSL_do_handshake(c.ssl);
    carry(&c, 16384);
    assert_int_equal(cw_tls_handshake(c.server), CW_ERR_INVALID);
    carry(&c, 16384);
    assert_int_equal(received_alert(&c), SSL_AD_NO_APPLICATION_PROTOCOL);
    client_free(&c);
}

static void tls_1_2_is_refused(void **state)
{
    (void)state;
    struct client c = client_new(HTTP, TLS1_2_VERSION);
    SSL_do_handshake(c.ssl);
    carry(&c, 16384);
    assert_int_equal(cw_tls_handshake(c.server), CW_ERR_INVALID);
    carry(&c, 16384);
    assert_int_equal(received_alert(&c), SSL_AD_PROTOCOL_VERSION);
    client_free(&c);
}

static void garbage_is_invalid_for_good(void **state)
{
    (void)state;
    struct client c = client_new(NULL, TLS1_3_VERSION);
    static const char garbage[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(cw_tls_handshake(c.server), CW_ERR_AGAIN);
    assert_int_equal(cw_tls_feed(c.server, (const uint8_t *)garbage, sizeof(garbage)), 0);
    assert_int_equal(cw_tls_handshake(c.server), CW_ERR_INVALID);
    int alert;
    assert_string_equal(cw_tls_error(c.server, &alert), "http request");
    assert_int_equal(alert, -1);
    assert_int_equal(cw_tls_handshake(c.server), CW_ERR_INVALID);
    assert_int_equal(cw_tls_feed(c.server, (const uint8_t *)garbage, 1), CW_ERR_INVALID);
    client_free(&c);

    /* A record of an open connection with one bit changed: the alert waits in the output. */
    c = connected(NATIVE);
    assert_int_equal(SSL_write(c.ssl, "hello", 5), 5);
    uint8_t bytes[100];
    int n = BIO_read(c.out, bytes, sizeof(bytes));
    assert_true(n > 20);
    bytes[n - 1] ^= 1;
    assert_int_equal(cw_tls_feed(c.server, bytes, (size_t)n), 0);
    size_t size;
    assert_int_equal(cw_tls_read(c.server, bytes, sizeof(bytes), &size), CW_ERR_INVALID);
    carry(&c, 16384);
    ERR_clear_error();
    assert_int_equal(SSL_get_error(c.ssl, SSL_read(c.ssl, bytes, 1)), SSL_ERROR_SSL);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()) - 1000, SSL_AD_BAD_RECORD_MAC);
    client_free(&c);
}

/* Its extensions are read here before OpenSSL has checked them. */
static void damaged_hellos_are_refused_or_wait(void **state)
{
    (void)state;
    struct client c = client_new("\002h2" NATIVE HTTP, TLS1_3_VERSION);
    uint8_t hello[2048], bytes[2048];
    SSL_do_handshake(c.ssl);
    int n = BIO_read(c.out, hello, sizeof(hello));
    assert_true(n > 100);
    uint32_t random = 1;
    unsigned refused = 0;
    for (unsigned i = 0; i < 3000; i++) {
        struct cw_tls *t = NULL;
        assert_int_equal(cw_tls_new(context, &t), 0);
        memcpy(bytes, hello, (size_t)n);
        for (unsigned k = 0; k <= i % 4; k++) {
            random = random * 1664525 + 1013904223;
            bytes[5 + (random >> 8) % (unsigned)(n - 5)] ^= (uint8_t)(1u << (random >> 29));
        }
        assert_int_equal(cw_tls_feed(t, bytes, (size_t)n), 0);
        int err = cw_tls_handshake(t);
        assert_true(err == CW_ERR_AGAIN || err == CW_ERR_INVALID);
        refused += err == CW_ERR_INVALID;
        cw_tls_free(t);
    }
    assert_true(refused > 300 && refused < 3000);
    client_free(&c);
}

/* A browser that has not accepted the certificate yet: the penalty table must not count it. */
static void a_received_alert_is_told(void **state)
{
    (void)state;
    struct client c = client_new(HTTP, TLS1_3_VERSION);
    SSL_set_verify(c.ssl, SSL_VERIFY_PEER, NULL);
    assert_int_equal(shake(&c, 16384), CW_ERR_INVALID);
    int alert;
    cw_tls_error(c.server, &alert);
    assert_int_equal(alert, SSL_AD_UNKNOWN_CA);
    client_free(&c);
}

/* ---- data --------------------------------------------------------------------------------------- */

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 31 + i / 257);
}

static void tiny_pieces_carry_large_transfers(void **state)
{
    (void)state;
    enum { TOTAL = 300000, STEP = 70001 };
    static uint8_t bytes[STEP];
    struct client c = client_new(NATIVE, TLS1_3_VERSION);
    assert_int_equal(shake(&c, 7), 0);
    size_t sent = 0, up = 0, down = 0, size;
    while (up < TOTAL || down < TOTAL) {
        size_t n = TOTAL - sent < STEP ? TOTAL - sent : STEP;
        for (size_t i = 0; i < n; i++)
            bytes[i] = byte_at(sent + i);
        sent += n;
        if (n > 0) {
            assert_int_equal(cw_tls_write(c.server, bytes, n), 0);
            assert_int_equal(SSL_write(c.ssl, bytes, (int)n), (int)n);
        }
        carry(&c, 13);
        int err;
        while ((err = cw_tls_read(c.server, bytes, 1000, &size)) == 0)
            for (size_t i = 0; i < size; i++)
                assert_int_equal(bytes[i], byte_at(up++));
        assert_int_equal(err, CW_ERR_AGAIN);
        int m;
        while ((m = SSL_read(c.ssl, bytes, 999)) > 0)
            for (int i = 0; i < m; i++)
                assert_int_equal(bytes[i], byte_at(down++));
    }
    assert_int_equal(up, TOTAL);
    assert_int_equal(down, TOTAL);
    client_free(&c);
}

/* A send may be under way in the kernel while more is written. */
static void output_stays_in_place(void **state)
{
    (void)state;
    static uint8_t bytes[100000], before[100000];
    struct client c = connected(NATIVE);
    assert_int_equal(cw_tls_write(c.server, bytes, 40000), 0);
    size_t size, later;
    const uint8_t *out = cw_tls_output(c.server, &size);
    assert_true(size > 40000); /* all of its records in one piece */
    memcpy(before, out, size);
    for (int i = 0; i < 50; i++)
        assert_int_equal(cw_tls_write(c.server, bytes, 30000), 0);
    assert_ptr_equal(cw_tls_output(c.server, &later), out);
    assert_memory_equal(before, out, size);
    assert_true(later >= size);
    size_t got = 0;
    carry(&c, 16384);
    for (int n; (n = SSL_read(c.ssl, bytes, sizeof(bytes))) > 0;)
        got += (size_t)n;
    assert_int_equal(got, 40000 + 50 * 30000);
    assert_null(cw_tls_output(c.server, &size));
    client_free(&c);
}

static void unread_input_is_bounded(void **state)
{
    (void)state;
    static uint8_t bytes[16384];
    struct client c = connected(NATIVE);
    int err = 0;
    unsigned records = 0;
    for (; err == 0 && records < 1000; records++) {
        assert_int_equal(SSL_write(c.ssl, bytes, sizeof(bytes)), sizeof(bytes));
        static uint8_t record[17000];
        int n = BIO_read(c.out, record, sizeof(record));
        err = cw_tls_feed(c.server, record, (size_t)n);
    }
    assert_int_equal(err, CW_ERR_FULL);
    assert_int_equal(records, 64);
    client_free(&c);
}

static void key_updates_and_close_notify(void **state)
{
    (void)state;
    uint8_t bytes[16];
    size_t size;
    struct client c = connected(NATIVE);
    assert_int_equal(SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    assert_int_equal(SSL_write(c.ssl, "one", 3), 3);
    carry(&c, 16384);
    assert_int_equal(cw_tls_read(c.server, bytes, sizeof(bytes), &size), 0);
    assert_int_equal(size, 3);
    assert_int_equal(cw_tls_write(c.server, (const uint8_t *)"two", 3), 0);
    carry(&c, 16384);
    assert_int_equal(SSL_read(c.ssl, bytes, sizeof(bytes)), 3);
    assert_memory_equal(bytes, "two", 3);

    SSL_shutdown(c.ssl);
    carry(&c, 16384);
    assert_int_equal(cw_tls_read(c.server, bytes, sizeof(bytes), &size), CW_ERR_CLOSED);
    /* Theirs does not end our direction. */
    assert_int_equal(cw_tls_write(c.server, (const uint8_t *)"end", 3), 0);
    cw_tls_close(c.server);
    cw_tls_close(c.server);
    assert_int_equal(cw_tls_write(c.server, (const uint8_t *)"no", 2), CW_ERR_STATE);
    carry(&c, 16384);
    assert_int_equal(SSL_read(c.ssl, bytes, sizeof(bytes)), 3);
    assert_int_equal(SSL_get_error(c.ssl, SSL_read(c.ssl, bytes, 1)), SSL_ERROR_ZERO_RETURN);
    client_free(&c);
}

static void no_tickets_are_sent(void **state)
{
    (void)state;
    struct client c = connected(NATIVE);
    size_t size;
    assert_null(cw_tls_output(c.server, &size));
    uint8_t byte;
    SSL_read(c.ssl, &byte, 1);
    assert_int_equal(SSL_SESSION_is_resumable(SSL_get0_session(c.ssl)), 0);
    client_free(&c);
}

/* ---- files -------------------------------------------------------------------------------------- */

static int reload(char *message)
{
    struct cw_tls_context *c = NULL;
    message[0] = 0;
    int err = cw_tls_context_new(directory, "help.example", message, 256, &c);
    if (err == 0) {
        assert_memory_equal(cw_tls_identity_key(c), cw_tls_identity_key(context), CW_KEY_BYTES);
        cw_tls_context_free(c);
    }
    return err;
}

static size_t slurp(const char *name, char *out)
{
    FILE *f = fopen(file(name), "r");
    assert_non_null(f);
    size_t n = fread(out, 1, 8192, f);
    fclose(f);
    return n;
}

static void spill(const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(file(name), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void files_are_private_and_kept(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(stat(directory, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    static const char *const keys[] = {"identity.key", "native.key", "web.key"};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(stat(file(keys[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    static char before[8192], after[8192], message[256];
    size_t n = slurp("web.crt", before);
    assert_int_equal(reload(message), 0);
    assert_int_equal(slurp("web.crt", after), n);
    assert_memory_equal(before, after, n);

    /* The native pair may go at any time: it is made again under the same identity. */
    n = slurp("native.key", before);
    unlink(file("native.key"));
    assert_int_equal(reload(message), 0);
    slurp("native.key", after);
    assert_memory_not_equal(before, after, n);
}

static void damage_is_named(void **state)
{
    (void)state;
    static char kept[8192], other[8192], message[256];
    static const char *const names[] = {"identity.key", "identity.crt", "native.key",
                                        "native.crt",   "web.key",      "web.crt"};
    for (unsigned i = 0; i < 6; i++) {
        size_t n = slurp(names[i], kept);
        spill(names[i], kept, n / 2);
        assert_int_equal(reload(message), CW_ERR_INVALID);
        assert_non_null(strstr(message, names[i]));
        spill(names[i], kept, 0);
        assert_int_equal(reload(message), CW_ERR_INVALID);
        assert_non_null(strstr(message, "damaged"));
        spill(names[i], kept, n);
        assert_int_equal(reload(message), 0);
    }
    size_t n = slurp("web.key", kept), m = slurp("native.key", other);
    spill("web.key", other, m);
    assert_int_equal(reload(message), CW_ERR_INVALID);
    assert_non_null(strstr(message, "does not belong"));
    spill("web.key", kept, n);
    /* A lost identity is never replaced in silence: every pinned client would be cut off. */
    n = slurp("identity.key", kept);
    unlink(file("identity.key"));
    assert_int_equal(reload(message), CW_ERR_INVALID);
    assert_non_null(strstr(message, "identity.key is missing"));
    spill("identity.key", kept, n);
    assert_int_equal(reload(message), 0);
}

int main(void)
{
    snprintf(directory, sizeof(directory), "/tmp/cw-test-tls-%d", (int)getpid());
    char message[256] = "";
    if (cw_tls_context_new(directory, "help.example", message, sizeof(message), &context) != 0) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_chain_ends_at_the_identity),
        cmocka_unit_test(exporters_are_equal),
        cmocka_unit_test(web_certificate_is_for_the_host),
        cmocka_unit_test(unknown_alpn_is_refused_with_its_alert),
        cmocka_unit_test(tls_1_2_is_refused),
        cmocka_unit_test(garbage_is_invalid_for_good),
        cmocka_unit_test(damaged_hellos_are_refused_or_wait),
        cmocka_unit_test(a_received_alert_is_told),
        cmocka_unit_test(tiny_pieces_carry_large_transfers),
        cmocka_unit_test(output_stays_in_place),
        cmocka_unit_test(unread_input_is_bounded),
        cmocka_unit_test(key_updates_and_close_notify),
        cmocka_unit_test(no_tickets_are_sent),
        cmocka_unit_test(files_are_private_and_kept),
        cmocka_unit_test(damage_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cw_tls_context_free(context);
    remove_all();
    return failed;
}
