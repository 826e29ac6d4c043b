/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/certificates.h"

enum {
    /* A caller that stops reading stops receiving too; what was on its way is a few receive buffers. */
    TLS_INPUT_BYTES_MAX = 1024 * 1024,
    INPUT_BYTES_FIRST = 2048, /* a ClientHello, or a partial record */
    OUTPUT_BYTES_FIRST = 2048,
    OUTPUT_BYTES_NEXT = 16384,
    RECORD_OVERHEAD_BYTES = 5 + 1 + 16, /* header, content type, tag */
    ALERT_REASON_FIRST = 1000,          /* OpenSSL reports a received alert n as reason 1000 + n */
    ALERT_COUNT = 256,
};

#define ALPN_NATIVE    "\012causeway/1"
#define ALPN_HTTP      "\010http/1.1"
#define EXPORTER_LABEL "EXPORTER-causeway-possession"

struct cw_tls_context {
    struct cw_certificates certificates;
    SSL_CTX *native;
    SSL_CTX *web;
    BIO_METHOD *method;
};

/* Bytes [at, size) of data. Input is one of them that grows; output is a list of them that never move, since
 * the first may be under way in the kernel while more is written. */
struct buffer {
    struct buffer *next;
    size_t at, size, capacity;
    uint8_t data[];
};

struct cw_tls {
    SSL *ssl;
    struct buffer *input; /* NULL when empty, as is the output: an idle connection holds neither */
    struct buffer *output, *output_last;
    bool is_failed;
    bool is_closing; /* our close_notify is in the output */
    int alert;
    char error[112];
    char description[64]; /* "" before the handshake is done */
};

/* ---- buffers ------------------------------------------------------------------------------------ */

static size_t input_size(const struct cw_tls *t)
{
    return t->input != NULL ? t->input->size - t->input->at : 0;
}

static bool input_append(struct cw_tls *t, const void *data, size_t size)
{
    struct buffer *b = t->input;
    if (b != NULL && b->size + size > b->capacity) {
        memmove(b->data, b->data + b->at, b->size - b->at);
        b->size -= b->at;
        b->at = 0;
    }
    if (b == NULL || b->size + size > b->capacity) {
        size_t capacity = INPUT_BYTES_FIRST;
        while (capacity < (b != NULL ? b->size : 0) + size)
            capacity *= 2;
        struct buffer *grown = realloc(b, sizeof(*b) + capacity);
        if (grown == NULL)
            return false;
        if (b == NULL)
            *grown = (struct buffer){0};
        grown->capacity = capacity;
        b = t->input = grown;
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
    return true;
}

static void input_drop(struct cw_tls *t, size_t n)
{
    t->input->at += n;
    if (t->input->at == t->input->size) {
        free(t->input);
        t->input = NULL;
    }
}

/* Room for size more bytes in one piece. */
static bool output_reserve(struct cw_tls *t, size_t size)
{
    if (t->output_last != NULL && size <= t->output_last->capacity - t->output_last->size)
        return true;
    /* Small when nothing waits; larger behind a peer that is slow, so that sends are few. */
    size_t least = t->output == NULL ? OUTPUT_BYTES_FIRST : OUTPUT_BYTES_NEXT;
    size_t capacity = size > least ? size : least;
    struct buffer *b = malloc(sizeof(*b) + capacity);
    if (b == NULL)
        return false;
    *b = (struct buffer){.capacity = capacity};
    if (t->output_last != NULL)
        t->output_last->next = b;
    else
        t->output = b;
    t->output_last = b;
    return true;
}

static bool output_append(struct cw_tls *t, const void *data, size_t size)
{
    if (!output_reserve(t, size))
        return false;
    memcpy(t->output_last->data + t->output_last->size, data, size);
    t->output_last->size += size;
    return true;
}

/* The first buffer that has bytes: a reserve may have left one empty behind. */
static struct buffer *output_first(struct cw_tls *t)
{
    while (t->output != NULL && t->output->at == t->output->size) {
        struct buffer *b = t->output;
        t->output = b->next;
        free(b);
    }
    if (t->output == NULL)
        t->output_last = NULL;
    return t->output;
}

/* ---- a BIO over the two buffers ----------------------------------------------------------------- */

static int bio_write(BIO *bio, const char *data, size_t size, size_t *ret_written)
{
    struct cw_tls *t = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!output_append(t, data, size))
        return 0;
    *ret_written = size;
    return 1;
}

static int bio_read(BIO *bio, char *out, size_t size, size_t *ret_read)
{
    struct cw_tls *t = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    size_t n = input_size(t);
    if (n == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    if (n > size)
        n = size;
    memcpy(out, t->input->data + t->input->at, n);
    input_drop(t, n);
    *ret_read = n;
    return 1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *method_new(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "causeway");
    if (m != NULL && BIO_meth_set_write_ex(m, bio_write) == 1 &&
        BIO_meth_set_read_ex(m, bio_read) == 1 && BIO_meth_set_ctrl(m, bio_control) == 1)
        return m;
    BIO_meth_free(m);
    return NULL;
}

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
    const struct cw_tls_context *c = arg;
    const unsigned char *ext = NULL;
    size_t size = 0;
    (void)alert;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &ext,
                                  &size) == 1 &&
        size > 2 && alpn_has(ext + 2, size - 2, ALPN_NATIVE))
        SSL_set_SSL_CTX(ssl, c->native);
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

static SSL_CTX *ssl_context_new(struct cw_tls_context *c, const struct cw_certificate *certificate)
{
    SSL_CTX *s = SSL_CTX_new(TLS_server_method());
    if (s == NULL)
        return NULL;
    SSL_CTX_set_options(s, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(s, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(s, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_client_hello_cb(s, on_client_hello, c);
    SSL_CTX_set_alpn_select_cb(s, on_alpn, c);
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

int cw_tls_context_new(const char *directory, const char *web_host, char *message,
                       size_t message_size, struct cw_tls_context **ret_context)
{
    struct cw_tls_context *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        snprintf(message, message_size, "out of memory");
        return CW_ERR_NOMEM;
    }
    int err = cw_certificates_load(directory, web_host, message, message_size, &c->certificates);
    if (err == CW_OK) {
        c->method = method_new();
        c->native = ssl_context_new(c, &c->certificates.native);
        c->web = ssl_context_new(c, &c->certificates.web);
        if (c->method == NULL || c->native == NULL || c->web == NULL) {
            /* What an operator can get wrong is a key OpenSSL finds too weak. */
            const char *reason = ERR_reason_error_string(ERR_peek_last_error());
            snprintf(message, message_size, "TLS cannot use the certificates in %s: %s", directory,
                     reason != NULL ? reason : "unknown reason");
            err = CW_ERR_INVALID;
        }
    }
    ERR_clear_error();
    if (err != CW_OK) {
        cw_tls_context_free(c);
        return err;
    }
    *ret_context = c;
    return CW_OK;
}

struct cw_tls_context *cw_tls_context_free(struct cw_tls_context *c)
{
    if (c != NULL) {
        SSL_CTX_free(c->native);
        SSL_CTX_free(c->web);
        BIO_meth_free(c->method);
        cw_certificates_clear(&c->certificates);
        free(c);
    }
    return NULL;
}

const uint8_t *cw_tls_identity_key(const struct cw_tls_context *c)
{
    return c->certificates.identity_public;
}

/* ---- a connection ------------------------------------------------------------------------------- */

int cw_tls_new(struct cw_tls_context *c, struct cw_tls **ret_tls)
{
    struct cw_tls *t = calloc(1, sizeof(*t));
    SSL *ssl = SSL_new(c->web);
    BIO *bio = BIO_new(c->method);
    if (t == NULL || ssl == NULL || bio == NULL) {
        free(t);
        SSL_free(ssl);
        BIO_free(bio);
        ERR_clear_error();
        return CW_ERR_NOMEM;
    }
    BIO_set_data(bio, t);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    t->ssl = ssl;
    t->alert = -1;
    *ret_tls = t;
    return CW_OK;
}

struct cw_tls *cw_tls_free(struct cw_tls *t)
{
    if (t != NULL) {
        SSL_free(t->ssl);
        free(t->input);
        while (t->output != NULL) {
            struct buffer *b = t->output;
            t->output = b->next;
            free(b);
        }
        free(t);
    }
    return NULL;
}

int cw_tls_feed(struct cw_tls *t, const uint8_t *data, size_t size)
{
    if (t->is_failed)
        return CW_ERR_INVALID;
    if (size > TLS_INPUT_BYTES_MAX - input_size(t))
        return CW_ERR_FULL;
    return size == 0 || input_append(t, data, size) ? CW_OK : CW_ERR_NOMEM;
}

/* What a call of OpenSSL that did not succeed means. */
static int translate(struct cw_tls *t, int result)
{
    int what = SSL_get_error(t->ssl, result);
    if (what == SSL_ERROR_WANT_READ)
        return CW_ERR_AGAIN;
    if (what == SSL_ERROR_ZERO_RETURN)
        return CW_ERR_CLOSED;
    t->is_failed = true;
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_reason_error_string(error);
    snprintf(t->error, sizeof(t->error), "%s", reason != NULL ? reason : "TLS failed");
    int number = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && number >= ALERT_REASON_FIRST &&
        number < ALERT_REASON_FIRST + ALERT_COUNT)
        t->alert = number - ALERT_REASON_FIRST;
    ERR_clear_error();
    return what == SSL_ERROR_SSL ? CW_ERR_INVALID : CW_ERR_INTERNAL;
}

int cw_tls_handshake(struct cw_tls *t)
{
    if (t->is_failed)
        return CW_ERR_INVALID;
    ERR_clear_error();
    int n = SSL_do_handshake(t->ssl);
    if (n != 1)
        return translate(t, n);
    snprintf(t->description, sizeof(t->description), "%s %s", SSL_get_version(t->ssl),
             SSL_get_cipher_name(t->ssl));
    return CW_OK;
}

bool cw_tls_is_native(const struct cw_tls *t)
{
    const unsigned char *name = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(t->ssl, &name, &size);
    return size == strlen(ALPN_NATIVE) - 1 && memcmp(name, ALPN_NATIVE + 1, size) == 0;
}

int cw_tls_exporter(struct cw_tls *t, uint8_t *ret_exporter)
{
    if (t->is_failed || !SSL_is_init_finished(t->ssl))
        return CW_ERR_STATE;
    ERR_clear_error();
    int n = SSL_export_keying_material(t->ssl, ret_exporter, CW_EXPORTER_BYTES, EXPORTER_LABEL,
                                       strlen(EXPORTER_LABEL), NULL, 0, 0);
    return n == 1 ? CW_OK : CW_ERR_INTERNAL;
}

int cw_tls_read(struct cw_tls *t, uint8_t *out, size_t out_size, size_t *ret_size)
{
    if (t->is_failed)
        return CW_ERR_INVALID;
    ERR_clear_error();
    int n = SSL_read_ex(t->ssl, out, out_size, ret_size);
    return n == 1 ? CW_OK : translate(t, n);
}

int cw_tls_write(struct cw_tls *t, const uint8_t *data, size_t size)
{
    if (t->is_failed)
        return CW_ERR_INVALID;
    if (t->is_closing || !SSL_is_init_finished(t->ssl))
        return CW_ERR_STATE;
    if (size == 0)
        return CW_OK;
    ERR_clear_error();
    /* One piece for all of its records, so that it can go out in one send. */
    if (!output_reserve(t, size + (size / CW_FRAME_BYTES_MAX + 1) * RECORD_OVERHEAD_BYTES))
        return CW_ERR_NOMEM;
    size_t written = 0;
    int n = SSL_write_ex(t->ssl, data, size, &written);
    if (n != 1)
        return translate(t, n);
    CW_CHECK(written == size, "without partial writes a write is whole");
    return CW_OK;
}

void cw_tls_close(struct cw_tls *t)
{
    if (t->is_failed || t->is_closing || !SSL_is_init_finished(t->ssl))
        return;
    t->is_closing = true;
    ERR_clear_error();
    SSL_shutdown(t->ssl); /* 0: ours is sent, theirs not seen; that is all we want */
    ERR_clear_error();
}

const uint8_t *cw_tls_output(struct cw_tls *t, size_t *ret_size)
{
    const struct buffer *b = output_first(t);
    *ret_size = b != NULL ? b->size - b->at : 0;
    return b != NULL ? b->data + b->at : NULL;
}

void cw_tls_sent(struct cw_tls *t, size_t n)
{
    CW_CHECK(n == 0 || (t->output != NULL && n <= t->output->size - t->output->at),
             "no more is sent than the output was");
    if (n > 0)
        t->output->at += n;
    output_first(t);
}

const char *cw_tls_describe(const struct cw_tls *t)
{
    return t->description;
}

const char *cw_tls_error(const struct cw_tls *t, int *ret_alert)
{
    *ret_alert = t->alert;
    return t->error;
}
