/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/secure.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <string.h>

#include "engine/base/err.h"

static const char suite[] = "TLS_AES_128_GCM_SHA256";
static int secrets_index = -1;
static char why[160];

const char *cw_secure_why(void)
{
    return why;
}

static bool read_hex(const char *text, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t value = 0;
        for (unsigned k = 0; k < 2; k++) {
            char c = text[2 * i + k];
            if (c >= '0' && c <= '9')
                value = (uint8_t)(value * 16 + (c - '0'));
            else if (c >= 'a' && c <= 'f')
                value = (uint8_t)(value * 16 + (c - 'a' + 10));
            else
                return false;
        }
        out[i] = value;
    }
    return true;
}

/* A line is "LABEL client-random secret". */
static void on_secret(const SSL *ssl, const char *line)
{
    static const char client[] = "CLIENT_TRAFFIC_SECRET_0 ";
    static const char server[] = "SERVER_TRAFFIC_SECRET_0 ";
    struct cw_secrets *s = SSL_get_ex_data(ssl, secrets_index);
    const char *secret = strrchr(line, ' ');
    if (s == NULL || secret == NULL || strlen(secret + 1) != 2 * CW_RECORD_SECRET_BYTES)
        return;
    if (strncmp(line, client, sizeof client - 1) == 0)
        s->count += read_hex(secret + 1, s->client, sizeof s->client);
    else if (strncmp(line, server, sizeof server - 1) == 0)
        s->count += read_hex(secret + 1, s->server, sizeof s->server);
}

static bool use_own_certificate(SSL_CTX *c)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    bool good =
        key != NULL && x != NULL && X509_set_version(x, 2) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(x), -3600) != NULL &&
        X509_gmtime_adj(X509_getm_notAfter(x), 7 * 86400) != NULL &&
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                   (const unsigned char *)"causeway-load", -1, -1, 0) == 1 &&
        X509_set_issuer_name(x, X509_get_subject_name(x)) == 1 && X509_set_pubkey(x, key) == 1 &&
        X509_sign(x, key, EVP_sha256()) != 0 && SSL_CTX_use_certificate(c, x) == 1 &&
        SSL_CTX_use_PrivateKey(c, key) == 1;
    X509_free(x);
    EVP_PKEY_free(key);
    return good;
}

static bool set_up(SSL_CTX *c)
{
    if (c == NULL)
        return false;
    SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_quiet_shutdown(c, 1);
    SSL_CTX_set_keylog_callback(c, on_secret);
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(c, suite) == 1 && SSL_CTX_set1_groups_list(c, "X25519") == 1;
}

int cw_secure_init(struct cw_secure *s)
{
    secrets_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    s->index = secrets_index;
    s->server = SSL_CTX_new(TLS_server_method());
    if (!set_up(s->server) || !use_own_certificate(s->server))
        return CW_ERR_NOMEM;
    (void)SSL_CTX_set_num_tickets(s->server, 0);
    return CW_OK;
}

void cw_secure_free(struct cw_secure *s)
{
    SSL_CTX_free(s->server);
    *s = (struct cw_secure){0};
}

SSL *cw_secure_new(struct cw_secure *s, int fd, struct cw_secrets *secrets)
{
    SSL *ssl = SSL_new(s->server);
    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 || SSL_set_ex_data(ssl, s->index, secrets) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}

int cw_secure_step(SSL *ssl, struct cw_secrets *secrets, short *ret_events)
{
    ERR_clear_error();
    int r = SSL_do_handshake(ssl);
    if (r == 1) {
        if (secrets->count != 2 || SSL_has_pending(ssl) != 0) {
            (void)snprintf(why, sizeof why, "the handshake gave no secrets");
            return CW_ERR_SIGNATURE;
        }
        return CW_OK;
    }
    switch (SSL_get_error(ssl, r)) {
    case SSL_ERROR_WANT_READ: *ret_events = POLLIN; return CW_ERR_AGAIN;
    case SSL_ERROR_WANT_WRITE: *ret_events = POLLOUT; return CW_ERR_AGAIN;
    case SSL_ERROR_SYSCALL:
    case SSL_ERROR_ZERO_RETURN:
        (void)snprintf(why, sizeof why, "the connection ended during the handshake: %s",
                       errno != 0 ? strerror(errno) : "end of stream");
        return CW_ERR_CLOSED;
    default: {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        (void)snprintf(why, sizeof why, "TLS: %s", reason != NULL ? reason : "it failed");
        return CW_ERR_SIGNATURE;
    }
    }
}
