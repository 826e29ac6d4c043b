/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that change while connections stand: prepare, commit, abort, and what the next start finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "engine/certificates.h"
#include "tests/unit/engine/tls_fixture.h"

enum { PEM_BYTES = 32768 };

static char message[256];
static char pem[PEM_BYTES];

static EVP_PKEY *key_new(void)
{
    EVP_PKEY *k = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_non_null(k);
    return k;
}

/* host as CN and SAN; issuer NULL: by itself. days: from yesterday on. */
static X509 *certificate_new(const char *host, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                             int days)
{
    static long serial = 100;
    char names[128];
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
    X509_gmtime_adj(X509_getm_notBefore(x), days < 0 ? -20L * 86400 : -86400L);
    X509_gmtime_adj(X509_getm_notAfter(x), days * 86400L);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)host, -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x));
    snprintf(names, sizeof(names), "DNS:%s", host);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    EVP_PKEY *signer = issuer_key != NULL ? issuer_key : key;
    bool has_digest = EVP_PKEY_get_base_id(signer) != EVP_PKEY_ED25519;
    assert_true(X509_sign(x, signer, has_digest ? EVP_sha256() : NULL) > 0);
    return x;
}

static size_t pem_of(EVP_PKEY *key, X509 *const *chain, unsigned count, char *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    if (key != NULL)
        assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(PEM_write_bio_X509(bio, chain[i]), 1);
    long n = BIO_get_mem_data(bio, &data);
    assert_true(n < PEM_BYTES);
    memcpy(out, data, (size_t)n);
    out[n] = 0;
    BIO_free(bio);
    return (size_t)n;
}

static size_t web_pem(const char *host, int days, char *out)
{
    EVP_PKEY *key = key_new();
    X509 *x = certificate_new(host, key, NULL, NULL, days);
    size_t n = pem_of(key, &x, 1, out);
    X509_free(x);
    EVP_PKEY_free(key);
    return n;
}

static int prepare(size_t n)
{
    return cw_tls_certificate_prepare(context, CW_TLS_CERTIFICATE_WEB, pem, n, message,
                                      sizeof(message));
}

static bool serves(const char *host)
{
    struct client c = connected(HTTP);
    bool is = X509_check_host(SSL_get0_peer_certificate(c.ssl), host, 0, 0, NULL) == 1;
    client_free(&c);
    return is;
}

static void commit_is_at_once_and_standing_connections_stay(void **state)
{
    (void)state;
    char text[256], byte[8];
    struct cw_tls_worker *other = NULL;
    assert_int_equal(cw_tls_worker_new(context, 4, &other), 0);
    struct client standing = connected(HTTP);
    struct client half = client_new(HTTP, TLS1_3_VERSION);
    SSL_do_handshake(half.ssl);
    carry(&half, 16384); /* the server's flight is out, with the old certificate */

    size_t n = web_pem("new.example", 30, pem);
    assert_int_equal(prepare(n), 0);
    assert_non_null(strstr(message, "not for help.example"));
    cw_tls_certificate_describe(context, CW_TLS_CERTIFICATE_WEB, true, text, sizeof(text));
    assert_non_null(strstr(text, "CN=new.example, until 20"));
    assert_false(serves("new.example"));
    assert_int_equal(cw_tls_certificate_commit(context, CW_TLS_CERTIFICATE_WEB), 0);
    assert_true(serves("new.example"));
    cw_tls_certificate_describe(context, CW_TLS_CERTIFICATE_WEB, true, text, sizeof(text));
    assert_string_equal(text, "");

    assert_int_equal(shake(&half, 16384), 0);
    assert_int_equal(
        X509_check_host(SSL_get0_peer_certificate(half.ssl), "help.example", 0, 0, NULL), 1);
    server_write(&standing, (const uint8_t *)"still", 5);
    assert_int_equal(SSL_read(standing.ssl, byte, sizeof(byte)), 5);
    client_free(&half);
    client_free(&standing);

    struct cw_tls_worker *first = worker;
    worker = other; /* one that has not shaken hands since */
    assert_true(serves("new.example"));
    worker = first;
    cw_tls_worker_free(other);
}

static void abort_forgets(void **state)
{
    (void)state;
    size_t n = web_pem("aborted.example", 30, pem);
    assert_int_equal(cw_tls_certificate_commit(context, CW_TLS_CERTIFICATE_WEB), CW_ERR_STATE);
    assert_int_equal(prepare(n), 0);
    cw_tls_certificate_abort(context, CW_TLS_CERTIFICATE_WEB);
    assert_int_equal(cw_tls_certificate_commit(context, CW_TLS_CERTIFICATE_WEB), CW_ERR_STATE);
    assert_false(serves("aborted.example"));
    /* The second of two that are prepared counts. */
    n = web_pem("one.example", 30, pem);
    assert_int_equal(prepare(n), 0);
    n = web_pem("help.example", 30, pem);
    assert_int_equal(prepare(n), 0);
    assert_string_equal(message, "");
    assert_int_equal(cw_tls_certificate_commit(context, CW_TLS_CERTIFICATE_WEB), 0);
    assert_true(serves("help.example"));
}

static void refused(size_t n, const char *why)
{
    assert_int_equal(prepare(n), CW_ERR_INVALID);
    if (strstr(message, why) == NULL)
        fail_msg("\"%s\" should say \"%s\"", message, why);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    EVP_PKEY *key = key_new(), *root_key = key_new();
    X509 *root = certificate_new("root", root_key, NULL, NULL, 30);
    X509 *leaf = certificate_new("help.example", key, root, root_key, 30);
    X509 *stranger = certificate_new("stranger", root_key, NULL, NULL, 30);
    refused(0, "no PEM private key");
    refused(pem_of(key, NULL, 0, pem), "no PEM certificate");
    refused(pem_of(NULL, &leaf, 1, pem), "no PEM private key");
    refused(pem_of(root_key, &leaf, 1, pem), "does not belong");
    X509 *wrong_order[] = {root, leaf};
    refused(pem_of(key, wrong_order, 2, pem), "must be the first");
    X509 *gap[] = {leaf, stranger};
    refused(pem_of(key, gap, 2, pem), "certificate 2 did not sign certificate 1");
    size_t n = pem_of(key, &leaf, 1, pem);
    n += pem_of(key, NULL, 0, pem + n);
    refused(n, "more than one private key");
    n = pem_of(key, &leaf, 1, pem);
    pem[n - 60] ^= 1;
    pem[n - 61] = '!';
    refused(n, "damaged");
    refused(web_pem("help.example", -2, pem), "has expired");
    X509 *many[10];
    for (unsigned i = 0; i < 10; i++)
        many[i] = i == 0 ? leaf : root;
    refused(pem_of(key, many, 10, pem), "more than 9");
    /* And a good chain, key last. */
    X509 *good[] = {leaf, root};
    n = pem_of(NULL, good, 2, pem);
    n += pem_of(key, NULL, 0, pem + n);
    assert_int_equal(prepare(n), 0);
    assert_int_equal(cw_tls_certificate_commit(context, CW_TLS_CERTIFICATE_WEB), 0);
    struct client c = connected(HTTP);
    assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(c.ssl)), 2);
    client_free(&c);
    X509_free(root);
    X509_free(leaf);
    X509_free(stranger);
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
}

static void weak_keys_are_refused(void **state)
{
    (void)state;
    static const char *const curves[] = {"secp256k1", "P-224"};
    EVP_PKEY *keys[3] = {EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[0]),
                         EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[1]), EVP_RSA_gen(1024)};
    for (unsigned i = 0; i < 3; i++) {
        X509 *x = certificate_new("help.example", keys[i], NULL, NULL, 30);
        refused(pem_of(keys[i], &x, 1, pem), "the key must be");
        X509_free(x);
        EVP_PKEY_free(keys[i]);
    }
}

/* Native clients pin the identity: only what it signed may take the native one's place. */
static void a_native_certificate_needs_the_identity(void **state)
{
    (void)state;
    char path[128];
    size_t n = web_pem("causeway", 30, pem);
    assert_int_equal(cw_tls_certificate_prepare(context, CW_TLS_CERTIFICATE_NATIVE, pem, n, message,
                                                sizeof(message)),
                     CW_ERR_INVALID);
    assert_non_null(strstr(message, "identity"));
    snprintf(path, sizeof(path), "%s", file("identity.key"));
    FILE *f = fopen(path, "r");
    EVP_PKEY *identity_key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    f = fopen(file("identity.crt"), "r");
    X509 *identity = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    EVP_PKEY *key = key_new();
    X509 *leaf = certificate_new("causeway", key, identity, identity_key, 60);
    n = pem_of(key, &leaf, 1, pem);
    assert_int_equal(cw_tls_certificate_prepare(context, CW_TLS_CERTIFICATE_NATIVE, pem, n, message,
                                                sizeof(message)),
                     0);
    assert_int_equal(cw_tls_certificate_commit(context, CW_TLS_CERTIFICATE_NATIVE), 0);
    struct client c = connected(NATIVE);
    assert_int_equal(X509_cmp(SSL_get0_peer_certificate(c.ssl), leaf), 0);
    assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(c.ssl)), 2);
    client_free(&c);
    X509_free(leaf);
    X509_free(identity);
    EVP_PKEY_free(key);
    EVP_PKEY_free(identity_key);
}

static void the_next_start_finds_what_was_stored(void **state)
{
    (void)state;
    char text[256];
    struct cw_tls_context *next = NULL;
    size_t n = web_pem("stored.example", 30, pem);
    assert_int_equal(cw_certificates_store(directory, "web", pem, n, message, sizeof(message)), 0);
    assert_int_equal(cw_tls_context_new(directory, "help.example", message, 256, &next), 0);
    cw_tls_certificate_describe(next, CW_TLS_CERTIFICATE_WEB, false, text, sizeof(text));
    assert_non_null(strstr(text, "CN=stored.example"));
    cw_tls_context_free(next);
    /* One that has expired since is no reason not to start. */
    n = web_pem("expired.example", -2, pem);
    assert_int_equal(cw_certificates_store(directory, "web", pem, n, message, sizeof(message)), 0);
    assert_int_equal(cw_tls_context_new(directory, "help.example", message, 256, &next), 0);
    cw_tls_context_free(next);
    /* A damaged one is, and it is named. */
    assert_int_equal(cw_certificates_store(directory, "web", pem, n / 2, message, sizeof(message)),
                     0);
    assert_int_equal(cw_tls_context_new(directory, "help.example", message, 256, &next),
                     CW_ERR_INVALID);
    assert_non_null(strstr(message, "web.pem"));
    unlink(file("web.pem"));
}

static X509 *read_web(EVP_PKEY **ret_key)
{
    FILE *f = fopen(file("web.crt"), "r");
    X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    f = fopen(file("web.key"), "r");
    *ret_key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    assert_true(x != NULL && *ret_key != NULL);
    return x;
}

/* Puts x there as web.crt, ending in ten days, and starts. What is web.crt then? */
static X509 *after_a_start(X509 *x, EVP_PKEY *key)
{
    struct cw_tls_context *next = NULL;
    X509_gmtime_adj(X509_getm_notAfter(x), 10 * 86400L);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    FILE *f = fopen(file("web.crt"), "w");
    assert_int_equal(PEM_write_X509(f, x), 1);
    fclose(f);
    assert_int_equal(cw_tls_context_new(directory, "help.example", message, 256, &next), 0);
    cw_tls_context_free(next);
    EVP_PKEY *same = NULL;
    X509 *now = read_web(&same);
    assert_int_equal(EVP_PKEY_eq(same, key), 1);
    EVP_PKEY_free(same);
    return now;
}

static void a_made_certificate_is_renewed_in_time(void **state)
{
    (void)state;
    EVP_PKEY *key = NULL;
    X509 *made = read_web(&key);
    int days = 0, seconds = 0;
    assert_int_equal(
        ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(made), X509_get0_notAfter(made)), 1);
    assert_int_equal(days, 397); /* browsers take no more than 398 */
    X509 *now = after_a_start(made, key);
    assert_int_not_equal(X509_cmp(now, made), 0);
    assert_int_equal(X509_check_host(now, "help.example", 0, 0, NULL), 1);
    X509_free(now);
    /* An operator's own, although it is signed by itself, too, is left alone. */
    X509 *own = certificate_new("help.example", key, NULL, NULL, 10);
    now = after_a_start(own, key);
    assert_int_equal(X509_cmp(now, own), 0);
    X509_free(now);
    X509_free(own);
    X509_free(made);
    EVP_PKEY_free(key);
}

int main(void)
{
    if (fixture_begin("rotation") != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_is_at_once_and_standing_connections_stay),
        cmocka_unit_test(abort_forgets),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(weak_keys_are_refused),
        cmocka_unit_test(a_native_certificate_needs_the_identity),
        cmocka_unit_test(the_next_start_finds_what_was_stored),
        cmocka_unit_test(a_made_certificate_is_renewed_in_time),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_end();
    return failed;
}
