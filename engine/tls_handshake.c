/* SPDX-License-Identifier: Apache-2.0 */
/* The handshake by OpenSSL, and the take-over of its secrets. */
#include <openssl/err.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/tls_state.h"

enum {
    ALERT_REASON_FIRST = 1000, /* OpenSSL reports a received alert n as reason 1000 + n */
    ALERT_COUNT = 256,
    /* A ClientHello larger than this is given to OpenSSL in parts. */
    HELLO_BYTES_WAIT = 2000,
    HAS_CLIENT_SECRET = 1,
    HAS_SERVER_SECRET = 2,
};

#define EXPORTER_LABEL "EXPORTER-causeway-possession"

/* ---- a BIO over the round's input and an output buffer ------------------------------------------- */

static int bio_write(BIO *bio, const char *data, size_t size, size_t *ret_written)
{
    struct cw_tls_handshake *h = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!cw_tls_buffer_append(&h->worker->buffers, &h->output, (const uint8_t *)data, size)) {
        h->lost_output = true;
        return 0;
    }
    *ret_written = size;
    return 1;
}

static int bio_read(BIO *bio, char *out, size_t size, size_t *ret_read)
{
    struct cw_tls_handshake *h = BIO_get_data(bio);
    struct iovec pieces[2];
    BIO_clear_retry_flags(bio);
    size_t have = cw_tls_input(h->worker, h->tls, pieces);
    if (have == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    const struct iovec *piece = pieces[0].iov_len > 0 ? &pieces[0] : &pieces[1];
    size_t n = piece->iov_len < size ? piece->iov_len : size;
    memcpy(out, piece->iov_base, n);
    cw_tls_input_drop(h->worker, h->tls, n);
    *ret_read = n;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *cw_tls_bio_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "causeway");
    if (m != NULL && BIO_meth_set_write_ex(m, bio_write) == 1 &&
        BIO_meth_set_read_ex(m, bio_read) == 1 && BIO_meth_set_ctrl(m, bio_control) == 1)
        return m;
    BIO_meth_free(m);
    return NULL;
}

/* ---- secrets ------------------------------------------------------------------------------------ */

/* 16 for what is no hexadecimal digit. */
static unsigned digit(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                  : 16;
}

static bool read_secret(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; hex[0] != 0; hex += 2) {
        unsigned high = digit(hex[0]), low = digit(hex[1]);
        if (high > 15 || low > 15 || n == CW_TLS_SECRET_BYTES_MAX)
            return false;
        out[n++] = (uint8_t)(high << 4 | low);
    }
    return n == 32 || n == CW_TLS_SECRET_BYTES_MAX;
}

/* "CLIENT_TRAFFIC_SECRET_0 <client random> <secret>"; OpenSSL wipes the line itself. */
void cw_tls_on_keylog(const SSL *ssl, const char *line)
{
    static const char client[] = "CLIENT_TRAFFIC_SECRET_0 ";
    static const char server[] = "SERVER_TRAFFIC_SECRET_0 ";
    struct cw_tls_handshake *h = SSL_get_app_data(ssl);
    bool is_client = strncmp(line, client, sizeof(client) - 1) == 0;
    const char *secret = strrchr(line, ' ');
    if (secret == NULL || (!is_client && strncmp(line, server, sizeof(server) - 1) != 0))
        return;
    if (read_secret(secret + 1, is_client ? h->client_secret : h->server_secret))
        h->has_secrets |= is_client ? HAS_CLIENT_SECRET : HAS_SERVER_SECRET;
}

static bool suite_of(const SSL *ssl, enum cw_aead_suite *ret_suite)
{
    switch (SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl))) {
    case 0x1301: *ret_suite = CW_AEAD_AES_128_GCM; return true;
    case 0x1302: *ret_suite = CW_AEAD_AES_256_GCM; return true;
    case 0x1303: *ret_suite = CW_AEAD_CHACHA20_POLY1305; return true;
    default: return false;
    }
}

/* ---- life --------------------------------------------------------------------------------------- */

void cw_tls_handshake_free(struct cw_tls_worker *k, struct cw_tls_handshake *h)
{
    if (h == NULL)
        return;
    if (h->ssl != NULL) {
        SSL_set_quiet_shutdown(h->ssl, 1);
        SSL_free(h->ssl);
    }
    cw_tls_buffer_free(&k->buffers, &h->output);
    OPENSSL_cleanse(h, sizeof(*h));
    cw_pool_give(&k->handshakes, h);
}

static int begin(struct cw_tls_worker *k, struct cw_tls *t)
{
    int err = cw_tls_settings_refresh(k);
    if (err != CW_OK)
        return err;
    struct cw_tls_handshake *h = cw_pool_take(&k->handshakes);
    if (h == NULL)
        return CW_ERR_FULL;
    if (k->handshakes_lately < k->handshakes.used)
        k->handshakes_lately = k->handshakes.used;
    *h = (struct cw_tls_handshake){.worker = k, .tls = t, .alert = -1};
    h->ssl = SSL_new(k->settings.web);
    BIO *bio = BIO_new(k->context->method);
    if (h->ssl == NULL || bio == NULL) {
        BIO_free(bio);
        cw_tls_handshake_free(k, h);
        ERR_clear_error();
        return CW_ERR_NOMEM;
    }
    BIO_set_data(bio, h);
    BIO_set_init(bio, 1);
    SSL_set_bio(h->ssl, bio, bio);
    SSL_set_app_data(h->ssl, h);
    SSL_set_accept_state(h->ssl);
    t->handshake = h;
    return CW_OK;
}

/* An SSL object costs 50 KB: it is made when there is something for it to do, so that whoever connects and says
 * nothing, or says it slowly, holds 2 KB at most. Anything that is no ClientHello is for OpenSSL to name. */
static bool is_worth_an_object(const struct cw_tls_worker *k, const struct cw_tls *t)
{
    struct iovec pieces[2];
    uint8_t header[CW_TLS_HEADER_BYTES];
    size_t have = cw_tls_input(k, t, pieces), at = 0;
    if (have < sizeof(header))
        return false;
    for (unsigned i = 0; i < 2; i++)
        for (size_t n = 0; n < pieces[i].iov_len && at < sizeof(header); n++)
            header[at++] = ((const uint8_t *)pieces[i].iov_base)[n];
    size_t size = sizeof(header) + ((size_t)header[3] << 8 | header[4]);
    return header[0] != CW_TLS_CONTENT_HANDSHAKE || size > CW_TLS_RECORD_BYTES_MAX ||
           have >= size || have >= HELLO_BYTES_WAIT;
}

static void forget_ssl(struct cw_tls_handshake *h)
{
    SSL_set_quiet_shutdown(h->ssl, 1);
    SSL_free(h->ssl);
    h->ssl = NULL;
}

static int failed(struct cw_tls *t, int err, const char *reason)
{
    struct cw_tls_handshake *h = t->handshake;
    h->reason = reason;
    forget_ssl(h);
    ERR_clear_error();
    t->has_failed = true;
    return err;
}

static int not_done(struct cw_tls *t, int result)
{
    struct cw_tls_handshake *h = t->handshake;
    int what = SSL_get_error(h->ssl, result);
    if (what == SSL_ERROR_WANT_READ)
        return CW_ERR_AGAIN;
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_reason_error_string(error);
    int number = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && number >= ALERT_REASON_FIRST &&
        number < ALERT_REASON_FIRST + ALERT_COUNT)
        h->alert = number - ALERT_REASON_FIRST;
    bool is_theirs = (what == SSL_ERROR_SSL || what == SSL_ERROR_ZERO_RETURN) && !h->lost_output;
    if (what == SSL_ERROR_ZERO_RETURN)
        reason = "the peer closed in its handshake";
    return failed(t, is_theirs ? CW_ERR_INVALID : CW_ERR_INTERNAL,
                  reason != NULL ? reason : "TLS failed");
}

/* From here on the record layer is ours. */
static int take_over(struct cw_tls_worker *k, struct cw_tls *t,
                     uint8_t ret_exporter[CW_EXPORTER_BYTES])
{
    struct cw_tls_handshake *h = t->handshake;
    enum cw_aead_suite suite;
    if (h->has_secrets != (HAS_CLIENT_SECRET | HAS_SERVER_SECRET) || !suite_of(h->ssl, &suite) ||
        SSL_has_pending(h->ssl) != 0 || h->output != NULL ||
        SSL_export_keying_material(h->ssl, ret_exporter, CW_EXPORTER_BYTES, EXPORTER_LABEL,
                                   strlen(EXPORTER_LABEL), NULL, 0, 0) != 1)
        return failed(t, CW_ERR_INTERNAL, "the secrets could not be taken over");
    t->is_native = cw_tls_alpn_is_native(h->ssl);
    t->suite = (uint8_t)suite & 3u;
    t->has_keys = true;
    /* rx lies where the pointer to the handshake was. */
    memcpy(t->rx.secret, h->client_secret, sizeof(t->rx.secret));
    memcpy(t->tx.secret, h->server_secret, sizeof(t->tx.secret));
    t->rx.sequence = 0;
    t->tx.sequence = 0;
    cw_tls_handshake_free(k, h);
    return CW_OK;
}

int cw_tls_handshake(struct cw_tls_worker *k, struct cw_tls *t,
                     uint8_t ret_exporter[CW_EXPORTER_BYTES])
{
    if (t->has_failed)
        return CW_ERR_INVALID;
    if (t->has_keys)
        return CW_ERR_STATE;
    if (t->handshake == NULL) {
        if (!is_worth_an_object(k, t))
            return CW_ERR_AGAIN;
        int err = begin(k, t);
        if (err != CW_OK)
            return err;
    }
    ERR_clear_error();
    int n = SSL_do_handshake(t->handshake->ssl);
    return n == 1 ? take_over(k, t, ret_exporter) : not_done(t, n);
}
