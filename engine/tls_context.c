/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/certificate_parse.h"
#include "engine/tls_state.h"

#define ALPN_NATIVE "\012causeway/1"
#define ALPN_HTTP   "\010http/1.1"

/* ---- which certificate -------------------------------------------------------------------------- */

/* list: u8 length, name, again and again; it need not be well-formed. */
static bool alpn_has(const unsigned char *list, size_t size, const char *wanted)
{
    size_t wanted_size = strlen(wanted);
    for (size_t at = 0; at < size; at += 1u + list[at])
        if (size - at >= wanted_size && memcmp(list + at, wanted, wanted_size) == 0)
            return true;
    return false;
}

/* Before OpenSSL chooses a certificate. A list that is malformed is refused by OpenSSL right after. */
static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
    const struct cw_tls_worker *k = arg;
    const unsigned char *ext = NULL;
    size_t size = 0;
    (void)alert;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &ext,
                                  &size) == 1 &&
        size > 2 && alpn_has(ext + 2, size - 2, ALPN_NATIVE))
        SSL_set_SSL_CTX(ssl, k->settings.native);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int on_alpn(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_size,
                   const unsigned char *list, unsigned list_size, void *arg)
{
    static const char *const wanted[] = {ALPN_NATIVE, ALPN_HTTP};
    (void)ssl, (void)arg;
    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!alpn_has(list, list_size, wanted[i]))
            continue;
        *ret_name = (const unsigned char *)wanted[i] + 1;
        *ret_size = (unsigned char)wanted[i][0];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL; /* no_application_protocol, RFC 7301 3.2 */
}

bool cw_tls_alpn_is_native(SSL *ssl)
{
    const unsigned char *name = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return size == strlen(ALPN_NATIVE) - 1 && memcmp(name, &ALPN_NATIVE[1], size) == 0;
}

/* ---- settings ----------------------------------------------------------------------------------- */

/* k NULL: only to see whether OpenSSL takes the certificate. */
static SSL_CTX *ssl_context_new(struct cw_tls_worker *k, const struct cw_certificate *certificate)
{
    SSL_CTX *s = SSL_CTX_new(TLS_server_method());
    if (s == NULL)
        return NULL;
    SSL_CTX_set_options(s, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(s, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_client_hello_cb(s, on_client_hello, k);
    SSL_CTX_set_alpn_select_cb(s, on_alpn, NULL);
    SSL_CTX_set_keylog_callback(s, cw_tls_on_keylog);
    /* No tickets: they would be records before our first one. No reading ahead: what is behind Finished is ours. */
    SSL_CTX_set_read_ahead(s, 0);
    bool ok = SSL_CTX_set_min_proto_version(s, TLS1_3_VERSION) == 1 &&
              SSL_CTX_set_num_tickets(s, 0) == 1 &&
              SSL_CTX_set_ciphersuites(s, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                          "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
              SSL_CTX_set1_groups_list(s, "X25519:P-256:P-384") == 1 &&
              SSL_CTX_use_certificate(s, certificate->leaf) == 1 &&
              SSL_CTX_use_PrivateKey(s, certificate->key) == 1;
    for (unsigned i = 0; ok && i < certificate->chain_count; i++)
        ok = SSL_CTX_add1_chain_cert(s, certificate->chain[i]) == 1;
    if (ok)
        return s;
    SSL_CTX_free(s);
    return NULL;
}

void cw_tls_settings_clear(struct cw_tls_settings *s)
{
    SSL_CTX_free(s->native);
    SSL_CTX_free(s->web);
    *s = (struct cw_tls_settings){0};
}

/* A handshake under way holds a reference to its own settings. */
int cw_tls_settings_refresh(struct cw_tls_worker *k)
{
    struct cw_tls_context *c = k->context;
    if (k->settings.web != NULL && atomic_load(&c->generation) == k->settings.generation)
        return CW_OK;
    pthread_mutex_lock(&c->lock);
    struct cw_tls_settings s = {.native = ssl_context_new(k, &c->certificates.native),
                                .web = ssl_context_new(k, &c->certificates.web),
                                .generation = atomic_load(&c->generation)};
    pthread_mutex_unlock(&c->lock);
    if (s.native == NULL || s.web == NULL) {
        cw_tls_settings_clear(&s);
        ERR_clear_error();
        return CW_ERR_INTERNAL;
    }
    cw_tls_settings_clear(&k->settings);
    k->settings = s;
    return CW_OK;
}

/* ---- the context -------------------------------------------------------------------------------- */

/* What an operator can get wrong is a key OpenSSL finds too weak. */
static int try_certificate(const struct cw_certificate *certificate, const char *where,
                           char *message, size_t message_size)
{
    SSL_CTX *s = ssl_context_new(NULL, certificate);
    if (s == NULL) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());
        snprintf(message, message_size, "TLS cannot use the certificate in %s: %s", where,
                 reason != NULL ? reason : "unknown reason");
    }
    SSL_CTX_free(s);
    return s != NULL ? CW_OK : CW_ERR_INVALID;
}

int cw_tls_context_new(const char *directory, const char *web_host, char *message,
                       size_t message_size, struct cw_tls_context **ret_context)
{
    struct cw_tls_context *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        snprintf(message, message_size, "out of memory");
        return CW_ERR_NOMEM;
    }
    pthread_mutex_init(&c->lock, NULL);
    int err = cw_certificates_load(directory, web_host, message, message_size, &c->certificates);
    if (err == CW_OK)
        err = try_certificate(&c->certificates.native, directory, message, message_size);
    if (err == CW_OK)
        err = try_certificate(&c->certificates.web, directory, message, message_size);
    c->method = cw_tls_bio_method();
    if (err == CW_OK && c->method == NULL) {
        snprintf(message, message_size, "out of memory");
        err = CW_ERR_NOMEM;
    }
    ERR_clear_error();
    if (err != CW_OK) {
        cw_tls_context_free(c);
        return err;
    }
    (void)snprintf(c->web_host, sizeof(c->web_host), "%s", web_host);
    memcpy(c->identity_public, c->certificates.identity_public, sizeof(c->identity_public));
    cw_aead_choose(getenv("CAUSEWAY_AEAD"), &c->aead);
    *ret_context = c;
    return CW_OK;
}

struct cw_tls_context *cw_tls_context_free(struct cw_tls_context *c)
{
    if (c != NULL) {
        BIO_meth_free(c->method);
        cw_certificates_clear(&c->certificates);
        for (unsigned i = 0; i < CW_TLS_CERTIFICATE_COUNT; i++)
            cw_certificate_clear(&c->prepared[i]);
        pthread_mutex_destroy(&c->lock);
        free(c);
    }
    return NULL;
}

const uint8_t *cw_tls_identity_key(const struct cw_tls_context *c)
{
    return c->identity_public;
}

/* ---- rotation ----------------------------------------------------------------------------------- */

static const char *const which_names[CW_TLS_CERTIFICATE_COUNT] = {"native", "web"};

static struct cw_certificate *current(struct cw_tls_context *c, enum cw_tls_certificate which)
{
    return which == CW_TLS_CERTIFICATE_NATIVE ? &c->certificates.native : &c->certificates.web;
}

int cw_tls_certificate_prepare(struct cw_tls_context *c, enum cw_tls_certificate which,
                               const char *pem, size_t pem_bytes, char *message,
                               size_t message_size)
{
    bool is_native = which == CW_TLS_CERTIFICATE_NATIVE;
    struct cw_certificate new = {0};
    /* The identity never changes, so that no lock is needed to look at it. */
    int err = cw_certificate_parse(pem, pem_bytes, is_native ? &c->certificates.identity : NULL,
                                   is_native ? NULL : c->web_host, message, message_size, &new);
    if (err == CW_OK)
        err = cw_certificate_check_dates(&new, message, message_size);
    if (err == CW_OK)
        err = try_certificate(&new, "what was sent", message, message_size);
    ERR_clear_error();
    if (err != CW_OK) {
        cw_certificate_clear(&new);
        return err;
    }
    pthread_mutex_lock(&c->lock);
    struct cw_certificate old = c->prepared[which];
    c->prepared[which] = new;
    pthread_mutex_unlock(&c->lock);
    cw_certificate_clear(&old);
    return CW_OK;
}

int cw_tls_certificate_commit(struct cw_tls_context *c, enum cw_tls_certificate which)
{
    char text[320];
    pthread_mutex_lock(&c->lock);
    bool has_one = c->prepared[which].leaf != NULL;
    struct cw_certificate old = {0};
    if (has_one) {
        old = *current(c, which);
        *current(c, which) = c->prepared[which];
        c->prepared[which] = (struct cw_certificate){0};
        atomic_fetch_add(&c->generation, 1);
        cw_certificate_describe(current(c, which), text, sizeof(text));
    }
    pthread_mutex_unlock(&c->lock);
    cw_certificate_clear(&old); /* settings in use have their own references */
    if (!has_one)
        return CW_ERR_STATE;
    cw_log(CW_LOG_INFO, "engine.tls", "the %s certificate is now %s", which_names[which], text);
    return CW_OK;
}

void cw_tls_certificate_abort(struct cw_tls_context *c, enum cw_tls_certificate which)
{
    pthread_mutex_lock(&c->lock);
    struct cw_certificate old = c->prepared[which];
    c->prepared[which] = (struct cw_certificate){0};
    pthread_mutex_unlock(&c->lock);
    cw_certificate_clear(&old);
}

void cw_tls_certificate_describe(struct cw_tls_context *c, enum cw_tls_certificate which,
                                 bool prepared, char *out, size_t out_size)
{
    pthread_mutex_lock(&c->lock);
    cw_certificate_describe(prepared ? &c->prepared[which] : current(c, which), out, out_size);
    pthread_mutex_unlock(&c->lock);
}
