/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/peer/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/peer/lookup.h"
#include "clients/peer/proxy.h"
#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/ticket.h"

enum {
    /* Unsent bytes the kernel may hold: two frames, so that input and cursor overtake screen bytes. */
    NOTSENT_LOWAT_BYTES = 32 * 1024,
};

/* ---- trust ------------------------------------------------------------------------------------ */

/* The Ed25519 key of a certificate, if it has one and signed itself. */
static bool identity_of(X509 *certificate, uint8_t *ret_key)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    size_t size = CW_KEY_BYTES;
    return key != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
           EVP_PKEY_get_raw_public_key(key, ret_key, &size) == 1 && size == CW_KEY_BYTES &&
           X509_verify(certificate, key) == 1;
}

static bool is_current(X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

static int verify_chain(X509_STORE_CTX *store, void *user)
{
    struct cw_dial *d = user;
    X509 *leaf = X509_STORE_CTX_get0_cert(store);
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_untrusted(store);
    d->trust_failure = "it is not a Causeway appliance (its certificate has no identity key)";
    for (int i = 0; leaf != NULL && i < sk_X509_num(chain); i++) {
        X509 *authority = sk_X509_value(chain, i);
        if (!identity_of(authority, d->identity) ||
            X509_verify(leaf, X509_get0_pubkey(authority)) != 1)
            continue;
        if (d->has_pin && CRYPTO_memcmp(d->identity, d->pin, CW_KEY_BYTES) != 0) {
            d->saw_other_identity = true;
            d->trust_failure = "its identity is not the one that was expected";
            continue;
        }
        if (!is_current(leaf)) {
            d->trust_failure =
                "its certificate is not valid now; is the clock of this computer right?";
            continue;
        }
        d->trust_failure = NULL;
        d->saw_other_identity = false;
        return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
}

/* ---- the way ---------------------------------------------------------------------------------- */

/* Set once at the start of the process. */
static struct cw_proxy chosen_proxy;
static bool has_chosen_proxy;

struct cw_dial_tunnel {
    struct cw_proxy proxy;
    size_t request_bytes;
    size_t request_at;
    size_t answer_bytes;
    char request[CW_PROXY_REQUEST_BYTES];
    char answer[CW_PROXY_ANSWER_BYTES];
};

void cw_dial_use_proxy(const struct cw_proxy *proxy)
{
    has_chosen_proxy = proxy != NULL;
    if (proxy != NULL)
        chosen_proxy = *proxy;
}

/* 0 also when there is no proxy; ->tunnel tells. */
static int find_way(struct cw_dial *d)
{
    struct cw_proxy proxy;
    bool is_set = has_chosen_proxy;
    if (is_set)
        proxy = chosen_proxy;
    else if (cw_proxy_from_environment(d->address.host, &proxy, &is_set) != 0)
        return CW_ERR_INVALID;
    if (!is_set)
        return 0;
    d->tunnel = calloc(1, sizeof(*d->tunnel));
    if (d->tunnel == NULL)
        return CW_ERR_NOMEM;
    d->tunnel->proxy = proxy;
    d->tunnel->request_bytes = cw_proxy_request(&proxy, &d->address, d->tunnel->request);
    OPENSSL_cleanse(&proxy, sizeof(proxy));
    return 0;
}

static void drop_tunnel(struct cw_dial *d)
{
    if (d->tunnel != NULL)
        OPENSSL_cleanse(d->tunnel, sizeof(*d->tunnel)); /* a password */
    free(d->tunnel);
    d->tunnel = NULL;
}

/* ---- connect ---------------------------------------------------------------------------------- */

void cw_dial_start(struct cw_dial *d, const struct cw_address *address, const uint8_t *pin)
{
    memset(d, 0, sizeof(*d));
    d->address = *address;
    d->fd = -1;
    if (pin != NULL) {
        d->has_pin = true;
        memcpy(d->pin, pin, CW_KEY_BYTES);
    }
    d->state = CW_DIAL_NAME;
    d->way_error = find_way(d);
    if (d->way_error == 0)
        d->lookup = cw_lookup_start(d->tunnel != NULL ? &d->tunnel->proxy.address : address);
}

void cw_dial_stop(struct cw_dial *d)
{
    if (d->state == CW_DIAL_IDLE)
        return;
    if (d->ssl != NULL) {
        if (d->state == CW_DIAL_READY)
            SSL_shutdown(d->ssl);
        SSL_free(d->ssl);
    }
    SSL_CTX_free(d->context);
    if (d->fd >= 0)
        close(d->fd);
    if (d->addresses != NULL)
        freeaddrinfo(d->addresses);
    d->lookup = cw_lookup_stop(d->lookup);
    drop_tunnel(d);
    d->ssl = NULL;
    d->context = NULL;
    d->addresses = NULL;
    d->fd = -1;
    d->state = CW_DIAL_IDLE;
}

static void set_socket_options(int fd)
{
    int one = 1, lowat = NOTSENT_LOWAT_BYTES;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof(lowat));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

static int connect_failed(struct cw_dial *d, int err, int error)
{
    char where[CW_ADDRESS_TEXT_BYTES];
    cw_address_format(d->tunnel != NULL ? &d->tunnel->proxy.address : &d->address, where);
    snprintf(d->message, sizeof(d->message), "Cannot connect to %s%s: %s.",
             d->tunnel != NULL ? "the proxy " : "", where, strerror(error));
    return err;
}

/* Starts on the next address of the list; error: why the last one failed. */
static int try_next(struct cw_dial *d, int error, uint64_t now_ns)
{
    while (d->next_address != NULL) {
        struct addrinfo *a = d->next_address;
        d->next_address = a->ai_next;
        if (d->fd >= 0)
            close(d->fd);
        d->fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
        if (d->fd < 0) {
            error = errno;
            continue;
        }
        set_socket_options(d->fd);
        if (connect(d->fd, a->ai_addr, a->ai_addrlen) != 0 && errno != EINPROGRESS) {
            error = errno;
            continue;
        }
        d->state = CW_DIAL_TCP;
        d->deadline_ns = now_ns + CW_TIME_HANDSHAKE_S_MAX * UINT64_C(1000000000);
        return CW_ERR_AGAIN;
    }
    return connect_failed(d, error == ETIMEDOUT ? CW_ERR_TIMEOUT : CW_ERR_IO, error);
}

static int step_name(struct cw_dial *d, uint64_t now_ns)
{
    if (d->way_error == CW_ERR_INVALID) {
        snprintf(d->message, sizeof(d->message),
                 "The environment variable https_proxy is not a URL like http://host:port.");
        return CW_ERR_INVALID;
    }
    if (d->lookup == NULL)
        return connect_failed(d, CW_ERR_NOMEM, ENOMEM);
    int err = cw_lookup_take(d->lookup, &d->addresses, d->message, sizeof(d->message));
    if (err != 0)
        return err;
    d->lookup = cw_lookup_stop(d->lookup);
    d->next_address = d->addresses;
    return try_next(d, EADDRNOTAVAIL, now_ns);
}

static int start_tls(struct cw_dial *d)
{
    static const unsigned char alpn[] = "\012causeway/1";
    d->context = SSL_CTX_new(TLS_client_method());
    if (d->context == NULL)
        return CW_ERR_NOMEM;
    SSL_CTX_set_min_proto_version(d->context, TLS1_3_VERSION);
    SSL_CTX_set_verify(d->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(d->context, verify_chain, d);
    SSL_CTX_set_session_cache_mode(d->context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(d->context, SSL_OP_NO_TICKET);
    /* An appliance that just closes is an end of stream like any other. */
    SSL_CTX_set_options(d->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    d->ssl = SSL_new(d->context);
    if (d->ssl == NULL || SSL_set_alpn_protos(d->ssl, alpn, sizeof(alpn) - 1) != 0 ||
        SSL_set_fd(d->ssl, d->fd) != 1)
        return CW_ERR_NOMEM;
    SSL_set_connect_state(d->ssl);
    /* RFC 6066: the server name is sent only for names, not for addresses. */
    struct in6_addr numeric;
    bool is_name =
        strchr(d->address.host, ':') == NULL && inet_pton(AF_INET, d->address.host, &numeric) != 1;
    if (is_name)
        SSL_set_tlsext_host_name(d->ssl, d->address.host);
    d->state = CW_DIAL_TLS;
    return CW_ERR_AGAIN;
}

static int step_tcp(struct cw_dial *d, uint64_t now_ns)
{
    struct pollfd p = {.fd = d->fd, .events = POLLOUT};
    if (poll(&p, 1, 0) <= 0)
        return now_ns >= d->deadline_ns ? try_next(d, ETIMEDOUT, now_ns) : CW_ERR_AGAIN;
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error != 0)
        return try_next(d, error, now_ns);
    d->deadline_ns = now_ns + CW_TIME_HANDSHAKE_S_MAX * UINT64_C(1000000000);
    if (d->tunnel == NULL)
        return start_tls(d);
    d->state = CW_DIAL_PROXY;
    return CW_ERR_AGAIN;
}

/* Says CONNECT and reads the answer's head, and not a byte more. */
static int step_proxy(struct cw_dial *d, uint64_t now_ns)
{
    struct cw_dial_tunnel *t = d->tunnel;
    while (t->request_at < t->request_bytes) {
        ssize_t n =
            send(d->fd, t->request + t->request_at, t->request_bytes - t->request_at, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return connect_failed(d, CW_ERR_IO, errno);
        if (n < 0)
            break;
        t->request_at += (size_t)n;
    }
    d->wants_write = t->request_at < t->request_bytes;
    ssize_t n = recv(d->fd, t->answer + t->answer_bytes, sizeof(t->answer) - t->answer_bytes, 0);
    if (n == 0)
        return connect_failed(d, CW_ERR_IO, ECONNRESET);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return connect_failed(d, CW_ERR_IO, errno);
    if (n > 0)
        t->answer_bytes += (size_t)n;
    int err = t->answer_bytes > 0 ? cw_proxy_answer(&t->proxy, t->answer, t->answer_bytes,
                                                    d->message, sizeof(d->message))
                                  : CW_ERR_AGAIN;
    if (err == CW_ERR_AGAIN && now_ns >= d->deadline_ns)
        return connect_failed(d, CW_ERR_TIMEOUT, ETIMEDOUT);
    if (err != 0)
        return err;
    drop_tunnel(d);
    d->wants_write = false;
    d->deadline_ns = now_ns + CW_TIME_HANDSHAKE_S_MAX * UINT64_C(1000000000);
    return start_tls(d);
}

static int tls_failed(struct cw_dial *d)
{
    char where[CW_ADDRESS_TEXT_BYTES];
    cw_address_format(&d->address, where);
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    if (reason == NULL)
        reason = "the connection was closed";
    if (d->trust_failure != NULL) {
        snprintf(d->message, sizeof(d->message), "%s cannot be trusted: %s.", where,
                 d->trust_failure);
        return CW_ERR_SIGNATURE;
    }
    snprintf(d->message, sizeof(d->message), "No secure connection to %s: %s.", where, reason);
    return CW_ERR_INVALID;
}

static int step_tls(struct cw_dial *d, uint64_t now_ns)
{
    ERR_clear_error();
    int result = SSL_do_handshake(d->ssl);
    if (result != 1) {
        int why = SSL_get_error(d->ssl, result);
        d->wants_write = why == SSL_ERROR_WANT_WRITE;
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
            return tls_failed(d);
        if (now_ns < d->deadline_ns)
            return CW_ERR_AGAIN;
        return connect_failed(d, CW_ERR_TIMEOUT, ETIMEDOUT);
    }
    const unsigned char *alpn = NULL;
    unsigned alpn_bytes = 0;
    SSL_get0_alpn_selected(d->ssl, &alpn, &alpn_bytes);
    if (alpn_bytes != 10 || memcmp(alpn, "causeway/1", 10) != 0) {
        d->trust_failure = "it does not speak Causeway's protocol";
        return tls_failed(d);
    }
    static const char label[] = "EXPORTER-causeway-possession";
    if (SSL_export_keying_material(d->ssl, d->exporter, sizeof(d->exporter), label,
                                   sizeof(label) - 1, NULL, 0, 0) != 1)
        return tls_failed(d);
    d->wants_write = false;
    d->state = CW_DIAL_READY;
    return 0;
}

int cw_dial_step(struct cw_dial *d, uint64_t now_ns)
{
    int err = CW_ERR_AGAIN;
    if (d->state == CW_DIAL_NAME)
        err = step_name(d, now_ns);
    if (d->state == CW_DIAL_TCP && err == CW_ERR_AGAIN)
        err = step_tcp(d, now_ns);
    if (d->state == CW_DIAL_PROXY && err == CW_ERR_AGAIN)
        err = step_proxy(d, now_ns);
    if (d->state == CW_DIAL_TLS && err == CW_ERR_AGAIN)
        err = step_tls(d, now_ns);
    return d->state == CW_DIAL_READY ? 0 : err;
}

int cw_dial_poll(const struct cw_dial *d, short *ret_events)
{
    *ret_events = POLLIN;
    if (d->state == CW_DIAL_NAME)
        return d->lookup != NULL ? cw_lookup_fd(d->lookup) : -1;
    if (d->state == CW_DIAL_TCP)
        *ret_events = POLLOUT;
    else if (d->wants_write)
        *ret_events = POLLIN | POLLOUT;
    return d->fd;
}

/* ---- bytes ------------------------------------------------------------------------------------ */

static int io_result(struct cw_dial *d, int result)
{
    int error = errno;
    int why = SSL_get_error(d->ssl, result);
    if (why == SSL_ERROR_WANT_READ)
        return CW_ERR_AGAIN;
    if (why == SSL_ERROR_WANT_WRITE) {
        d->wants_write = true;
        return CW_ERR_AGAIN;
    }
    snprintf(d->message, sizeof(d->message), "The connection to the appliance was lost%s%s.",
             why == SSL_ERROR_SYSCALL && error != 0 ? ": " : "",
             why == SSL_ERROR_SYSCALL && error != 0 ? strerror(error) : "");
    return why == SSL_ERROR_ZERO_RETURN ? CW_ERR_CLOSED : CW_ERR_IO;
}

int cw_dial_read(struct cw_dial *d, uint8_t *out, size_t out_size, size_t *ret_size)
{
    CW_CHECK(d->state == CW_DIAL_READY, "TLS is up");
    ERR_clear_error();
    size_t n = 0;
    int result = SSL_read_ex(d->ssl, out, out_size, &n);
    if (result != 1)
        return io_result(d, result);
    *ret_size = n;
    return 0;
}

int cw_dial_write(struct cw_dial *d, const uint8_t *data, size_t size)
{
    CW_CHECK(d->state == CW_DIAL_READY, "TLS is up");
    ERR_clear_error();
    size_t n = 0;
    d->wants_write = false;
    int result = SSL_write_ex(d->ssl, data, size, &n);
    if (result != 1)
        return io_result(d, result);
    return 0;
}
