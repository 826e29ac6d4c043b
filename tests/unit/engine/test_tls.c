/* SPDX-License-Identifier: Apache-2.0 */
/* TLS in memory against an OpenSSL client, and the certificates on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "tests/unit/engine/tls_fixture.h"

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
    uint8_t theirs[CW_EXPORTER_BYTES] = {0};
    assert_int_equal(shake(&c, 16384), 0);
    assert_int_equal(SSL_export_keying_material(c.ssl, theirs, sizeof(theirs), label,
                                                sizeof(label) - 1, NULL, 0, 0),
                     1);
    assert_memory_equal(c.exporter, theirs, sizeof(theirs));
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
    assert_int_equal(c.err, CW_ERR_INVALID);
    assert_int_equal(received_alert(&c), SSL_AD_NO_APPLICATION_PROTOCOL);
    client_free(&c);
}

static void tls_1_2_is_refused(void **state)
{
    (void)state;
    struct client c = client_new(HTTP, TLS1_2_VERSION);
    SSL_do_handshake(c.ssl);
    carry(&c, 16384);
    assert_int_equal(c.err, CW_ERR_INVALID);
    assert_int_equal(received_alert(&c), SSL_AD_PROTOCOL_VERSION);
    client_free(&c);
}

static void garbage_is_invalid_for_good(void **state)
{
    (void)state;
    struct client c = client_new(NULL, TLS1_3_VERSION);
    static const char garbage[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    serve(&c, NULL, 0);
    assert_int_equal(c.err, CW_ERR_AGAIN);
    serve(&c, (const uint8_t *)garbage, sizeof(garbage));
    assert_int_equal(c.err, CW_ERR_INVALID);
    int alert;
    assert_string_equal(cw_tls_error(c.server, &alert), "http request");
    assert_int_equal(alert, -1);
    serve(&c, (const uint8_t *)garbage, 1);
    assert_int_equal(c.err, CW_ERR_INVALID);
    assert_int_equal(cw_tls_next(worker, c.server), 0);
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
        assert_int_equal(cw_tls_new(worker, &t), 0);
        memcpy(bytes, hello, (size_t)n);
        for (unsigned k = 0; k <= i % 4; k++) {
            random = random * 1664525 + 1013904223;
            bytes[5 + (random >> 8) % (unsigned)(n - 5)] ^= (uint8_t)(1u << (random >> 29));
        }
        cw_tls_feed(worker, t, bytes, (size_t)n);
        int err = cw_tls_handshake(worker, t, c.exporter);
        assert_int_equal(cw_tls_keep(worker, t), 0);
        assert_true(err == CW_ERR_AGAIN || err == CW_ERR_INVALID);
        refused += err == CW_ERR_INVALID;
        cw_tls_free(worker, t);
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
    size_t sent = 0, down = 0;
    while (c.received_bytes < TOTAL || down < TOTAL) {
        size_t n = TOTAL - sent < STEP ? TOTAL - sent : STEP;
        for (size_t i = 0; i < n; i++)
            bytes[i] = byte_at(sent + i);
        sent += n;
        if (n > 0) {
            server_write(&c, bytes, n);
            assert_int_equal(SSL_write(c.ssl, bytes, (int)n), (int)n);
        }
        carry(&c, 13);
        assert_int_equal(c.err, 0);
        int m;
        while ((m = SSL_read(c.ssl, bytes, 999)) > 0)
            for (int i = 0; i < m; i++)
                assert_int_equal(bytes[i], byte_at(down++));
    }
    assert_int_equal(c.received_bytes, TOTAL);
    for (size_t i = 0; i < TOTAL; i++)
        assert_int_equal(c.received[i], byte_at(i));
    assert_int_equal(down, TOTAL);
    client_free(&c);
}

/* Every suite, both implementations of its AEAD, records of all sizes up to the largest. */
static void every_suite_carries_every_size(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256"};
    static const size_t sizes[] = {1, 2, 15, 16, 17, 64, 255, 1023, 1024, 1025, 4097, 16383, 16384};
    static const char *const aeads[] = {"evp", "ipsec-mb", ""};
    static uint8_t bytes[16384], back[16384];
    for (unsigned a = 0; a < 3; a++) {
        struct cw_tls_worker *usual = worker;
        struct cw_tls_context *other = NULL;
        char message[256];
        setenv("CAUSEWAY_AEAD", aeads[a], 1);
        assert_int_equal(cw_tls_context_new(directory, "help.example", message, 256, &other), 0);
        assert_int_equal(cw_tls_worker_new(other, 4, &worker), 0);
        for (unsigned s = 0; s < 3; s++) {
            struct client c = client_new(NATIVE, TLS1_3_VERSION);
            assert_int_equal(SSL_set_ciphersuites(c.ssl, suites[s]), 1);
            assert_int_equal(shake(&c, 16384), 0);
            assert_string_equal(cw_tls_describe(c.server) + strlen("TLSv1.3 "), suites[s]);
            for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                memset(bytes, (int)i + 1, sizes[i]);
                server_write(&c, bytes, sizes[i]);
                assert_int_equal(SSL_read(c.ssl, back, sizeof(back)), sizes[i]);
                assert_memory_equal(back, bytes, sizes[i]);
                c.received_bytes = 0;
                assert_int_equal(SSL_write(c.ssl, bytes, (int)sizes[i]), sizes[i]);
                carry(&c, 65536);
                assert_int_equal(c.received_bytes, sizes[i]);
                assert_memory_equal(c.received, bytes, sizes[i]);
            }
            client_free(&c);
        }
        cw_tls_worker_free(worker);
        cw_tls_context_free(other);
        worker = usual;
    }
    unsetenv("CAUSEWAY_AEAD");
}

/* A caller that wants no more records leaves them, and finds them again. */
static void records_not_wanted_are_kept(void **state)
{
    (void)state;
    static uint8_t bytes[65536], out[CW_TLS_OPEN_BYTES_MAX];
    struct client c = connected(NATIVE);
    for (int i = 0; i < 5; i++)
        assert_int_equal(SSL_write(c.ssl, "0123456789", 10), 10);
    int n = BIO_read(c.out, bytes, sizeof(bytes));
    size_t size;
    cw_tls_feed(worker, c.server, bytes, (size_t)n - 1); /* the fifth is not whole */
    assert_int_equal(cw_tls_next(worker, c.server), 11);
    assert_int_equal(cw_tls_open(worker, c.server, out, &size), 0);
    assert_int_equal(size, 10);
    assert_int_equal(cw_tls_keep(worker, c.server), 0);
    assert_int_equal(cw_tls_kept_bytes(c.server), 4 * 32 - 1);
    cw_tls_feed(worker, c.server, NULL, 0);
    assert_int_equal(cw_tls_open(worker, c.server, out, &size), 0);
    assert_int_equal(cw_tls_keep(worker, c.server), 0);
    uint8_t last = bytes[n - 1];
    memset(bytes, 0xEE, sizeof(bytes));
    cw_tls_feed(worker, c.server, &last, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cw_tls_open(worker, c.server, out, &size), 0);
        assert_memory_equal(out, "0123456789", 10);
    }
    assert_int_equal(cw_tls_next(worker, c.server), 0);
    assert_int_equal(cw_tls_open(worker, c.server, out, &size), CW_ERR_AGAIN);
    assert_int_equal(cw_tls_keep(worker, c.server), 0);
    assert_int_equal(cw_tls_kept_bytes(c.server), 0);
    client_free(&c);
}

static void unread_input_is_bounded(void **state)
{
    (void)state;
    static uint8_t bytes[16384], record[17000];
    struct client c = connected(NATIVE);
    int err = 0;
    unsigned records = 0;
    for (; err == 0 && records < 1000; records++) {
        assert_int_equal(SSL_write(c.ssl, bytes, sizeof(bytes)), sizeof(bytes));
        int n = BIO_read(c.out, record, sizeof(record));
        cw_tls_feed(worker, c.server, record, (size_t)n);
        err = cw_tls_keep(worker, c.server);
    }
    assert_int_equal(err, CW_ERR_FULL);
    assert_int_equal(records, CW_TLS_KEPT_BYTES_MAX / (16384 + CW_TLS_OVERHEAD_BYTES) + 1);
    client_free(&c);
}

static void key_updates_and_close_notify(void **state)
{
    (void)state;
    uint8_t bytes[16];
    size_t size;
    struct client c = connected(NATIVE);
    for (int i = 0; i < 5; i++) { /* one answer for those that come together */
        assert_int_equal(SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        assert_int_equal(SSL_write(c.ssl, "one", 3), 3);
        assert_int_equal(SSL_key_update(c.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        assert_int_equal(SSL_write(c.ssl, "two", 3), 3);
    }
    carry(&c, 16384);
    assert_int_equal(c.err, 0);
    assert_int_equal(c.received_bytes, 30);
    server_write(&c, (const uint8_t *)"two", 3);
    assert_int_equal(SSL_read(c.ssl, bytes, sizeof(bytes)), 3);
    assert_memory_equal(bytes, "two", 3);

    SSL_shutdown(c.ssl);
    carry(&c, 16384);
    assert_int_equal(c.err, CW_ERR_CLOSED);
    assert_int_equal(cw_tls_next(worker, c.server), 0);
    assert_int_equal(cw_tls_open(worker, c.server, bytes, &size), CW_ERR_CLOSED);
    /* Theirs does not end our direction. */
    server_write(&c, (const uint8_t *)"end", 3);
    cw_tls_close(worker, c.server);
    cw_tls_close(worker, c.server);
    struct iovec piece = {.iov_base = bytes, .iov_len = 2};
    assert_int_equal(cw_tls_seal(worker, c.server, &piece, 1, bytes, &size), CW_ERR_STATE);
    carry(&c, 16384);
    assert_false(cw_tls_has_pending(c.server));
    assert_int_equal(SSL_read(c.ssl, bytes, sizeof(bytes)), 3);
    assert_int_equal(SSL_get_error(c.ssl, SSL_read(c.ssl, bytes, 1)), SSL_ERROR_ZERO_RETURN);
    client_free(&c);
}

/* Ours come by number of records; the peer must follow. */
static void own_key_updates_come_in_time(void **state)
{
    (void)state;
    uint8_t bytes[16];
    struct cw_tls_worker_stats before, after;
    cw_tls_worker_set_update_records(worker, 10);
    cw_tls_worker_stats(worker, &before);
    struct client c = connected(NATIVE);
    for (int i = 0; i < 105; i++) {
        server_write(&c, (const uint8_t *)"data", 4);
        assert_int_equal(SSL_read(c.ssl, bytes, sizeof(bytes)), 4);
    }
    cw_tls_worker_stats(worker, &after);
    assert_int_equal(after.own_key_updates - before.own_key_updates, 10);
    client_free(&c);
    cw_tls_worker_set_update_records(worker, 1 << 23);
}

static void no_tickets_are_sent(void **state)
{
    (void)state;
    struct client c = connected(NATIVE);
    assert_false(cw_tls_has_pending(c.server));
    uint8_t byte;
    SSL_read(c.ssl, &byte, 1);
    assert_int_equal(SSL_SESSION_is_resumable(SSL_get0_session(c.ssl)), 0);
    client_free(&c);
}

/* ---- from worker to worker ---------------------------------------------------------------------- */

static void a_connection_moves_with_what_it_kept(void **state)
{
    (void)state;
    static uint8_t bytes[65536];
    struct cw_tls_moved moved;
    struct cw_tls_worker *other = NULL;
    assert_int_equal(cw_tls_worker_new(context, 2, &other), 0);
    struct client c = connected(NATIVE);
    for (int i = 0; i < 20;
         i++) { /* both sides' sequence numbers are not 0, and both keys have changed */
        assert_int_equal(SSL_write(c.ssl, "x", 1), 1);
        if (i == 9)
            SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED);
        carry(&c, 16384);
        server_write(&c, (const uint8_t *)"y", 1);
        assert_int_equal(SSL_read(c.ssl, bytes, 1), 1);
    }
    assert_int_equal(SSL_write(c.ssl, "behind", 6), 6);
    assert_int_equal(SSL_write(c.ssl, "the hello", 9), 9);
    int n = BIO_read(c.out, bytes, sizeof(bytes));
    cw_tls_feed(worker, c.server, bytes, (size_t)n - 5);
    assert_int_equal(cw_tls_export(worker, c.server, &moved), CW_ERR_STATE); /* in a round */
    assert_int_equal(cw_tls_keep(worker, c.server), 0);
    assert_int_equal(cw_tls_export(worker, c.server, &moved), 0);
    assert_int_equal(moved.kept_bytes, n - 5);
    c.worker = other;
    assert_int_equal(cw_tls_import(other, &moved, &c.server), 0);
    cw_tls_moved_clear(&moved);
    assert_true(cw_tls_is_native(c.server));
    c.received_bytes = 0;
    serve(&c, bytes + n - 5, 5);
    assert_int_equal(c.received_bytes, 15);
    assert_memory_equal(c.received, "behindthe hello", 15);
    server_write(&c, (const uint8_t *)"answer", 6);
    assert_int_equal(SSL_read(c.ssl, bytes, sizeof(bytes)), 6);
    client_free(&c);
    cw_tls_worker_free(other);
}

static void a_full_worker_takes_none(void **state)
{
    (void)state;
    struct cw_tls_moved moved;
    struct cw_tls_worker *other = NULL;
    struct cw_tls *first = NULL, *second = NULL;
    assert_int_equal(cw_tls_worker_new(context, 1, &other), 0);
    assert_int_equal(cw_tls_new(other, &first), 0);
    assert_int_equal(cw_tls_new(other, &second), CW_ERR_FULL);
    struct client c = connected(NATIVE);
    assert_int_equal(cw_tls_export(worker, c.server, &moved), 0);
    c.server = NULL;
    assert_int_equal(cw_tls_import(other, &moved, &second), CW_ERR_FULL);
    cw_tls_moved_clear(&moved);
    cw_tls_free(other, first);
    cw_tls_worker_free(other);
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
    if (fixture_begin("tls") != 0)
        return 1;
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
        cmocka_unit_test(every_suite_carries_every_size),
        cmocka_unit_test(records_not_wanted_are_kept),
        cmocka_unit_test(unread_input_is_bounded),
        cmocka_unit_test(key_updates_and_close_notify),
        cmocka_unit_test(own_key_updates_come_in_time),
        cmocka_unit_test(no_tickets_are_sent),
        cmocka_unit_test(a_connection_moves_with_what_it_kept),
        cmocka_unit_test(a_full_worker_takes_none),
        cmocka_unit_test(files_are_private_and_kept),
        cmocka_unit_test(damage_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_end();
    return failed;
}
