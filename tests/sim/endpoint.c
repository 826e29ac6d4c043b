/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/endpoint.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/hello.h"
#include "engine/wire/message.h"

enum {
    PIECE_BYTES = 16384,
    INPUT_BYTES_MAX = 2 * CW_FRAME_BYTES_MAX,
    WEBSOCKET_HEAD_BYTES_MAX = 8, /* ours: masked, at most 65,535 bytes */
};

struct cw_endpoint {
    struct cw_net_end *net;
    SSL *tls;
    BIO *in;  /* ciphertext for tls; owned by it */
    BIO *out; /* ciphertext from tls; owned by it */
    enum cw_endpoint_state state;
    bool is_websocket;
    bool has_upgraded; /* 101 was received */
    bool has_said_hello;
    int close_code;
    struct cw_hello hello;
    uint8_t body[CW_HELLO_BODY_BYTES_MAX];
    uint8_t holder_seed[CW_KEY_BYTES];
    cw_endpoint_frame_fn on_frame;
    void *user;
    bool is_corked;
    size_t corked_bytes;
    uint8_t corked[CW_FRAME_BYTES_MAX];
    uint8_t input[INPUT_BYTES_MAX];
    size_t input_bytes;
    uint8_t cipher[PIECE_BYTES]; /* ciphertext the network has not taken yet */
    size_t cipher_at;
    size_t cipher_bytes;
};

static SSL_CTX *client_context(bool is_websocket)
{
    static SSL_CTX *contexts[2];
    static const uint8_t native[] = "\x0a"
                                    "causeway/1";
    static const uint8_t web[] = "\x08"
                                 "http/1.1";
    SSL_CTX **context = &contexts[is_websocket];
    if (*context == NULL) {
        *context = SSL_CTX_new(TLS_client_method());
        CW_CHECK(*context != NULL, "OpenSSL works");
        (void)SSL_CTX_set_min_proto_version(*context, TLS1_3_VERSION);
        (void)SSL_CTX_set_alpn_protos(*context, is_websocket ? web : native,
                                      is_websocket ? sizeof web - 1 : sizeof native - 1);
        SSL_CTX_set_verify(*context, SSL_VERIFY_NONE, NULL);
    }
    return *context;
}

struct cw_endpoint *cw_endpoint_new_from(struct cw_net *net, int worker, const uint8_t *address,
                                         bool is_websocket, const struct cw_hello *hello,
                                         const uint8_t *holder_seed, cw_endpoint_frame_fn on_frame,
                                         void *user)
{
    struct cw_endpoint *e = calloc(1, sizeof *e);
    CW_CHECK(e != NULL, "memory");
    e->net = cw_net_connect(net, worker, 0, address);
    e->tls = SSL_new(client_context(is_websocket));
    e->is_websocket = is_websocket;
    e->in = BIO_new(BIO_s_mem());
    e->out = BIO_new(BIO_s_mem());
    CW_CHECK(e->tls != NULL && e->in != NULL && e->out != NULL, "memory");
    SSL_set_bio(e->tls, e->in, e->out);
    SSL_set_connect_state(e->tls);
    e->close_code = -1;
    e->hello = *hello;
    CW_CHECK(hello->body_bytes <= sizeof e->body, "a hello has a limit");
    if (hello->body_bytes > 0)
        memcpy(e->body, hello->body, hello->body_bytes);
    e->hello.body = e->body;
    if (holder_seed != NULL)
        memcpy(e->holder_seed, holder_seed, sizeof e->holder_seed);
    e->on_frame = on_frame;
    e->user = user;
    return e;
}

struct cw_endpoint *cw_endpoint_new(struct cw_net *net, bool is_websocket,
                                    const struct cw_ticket *ticket, const uint8_t *holder_seed,
                                    cw_endpoint_frame_fn on_frame, void *user)
{
    struct cw_hello hello = {.kind = CW_HELLO_TICKET, .ticket = *ticket};
    return cw_endpoint_new_from(net, CW_NET_ANY_WORKER, NULL, is_websocket, &hello, holder_seed,
                                on_frame, user);
}

struct cw_endpoint *cw_endpoint_free(struct cw_endpoint *e)
{
    if (e != NULL) {
        e->net = cw_net_end_free(e->net);
        SSL_free(e->tls);
        free(e);
    }
    return NULL;
}

static void over(struct cw_endpoint *e)
{
    e->state = CW_ENDPOINT_OVER;
}

static void exporter_of(struct cw_endpoint *e, uint8_t *out)
{
    static const char label[] = "EXPORTER-causeway-possession";
    int ok = SSL_export_keying_material(e->tls, out, CW_EXPORTER_BYTES, label, sizeof label - 1,
                                        NULL, 0, 0);
    CW_CHECK(ok == 1, "TLS 1.3 has an exporter");
}

static void ask_upgrade(struct cw_endpoint *e)
{
    static const char head[] = "GET /ws HTTP/1.1\r\nHost: localhost:8443\r\nUpgrade: websocket\r\n"
                               "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                               "Origin: https://localhost:8443\r\n\r\n";
    e->has_said_hello = true; /* CHALLENGE asks for it */
    CW_CHECK(SSL_write(e->tls, head, sizeof head - 1) == sizeof head - 1, "a memory BIO");
}

static void say_hello(struct cw_endpoint *e, const uint8_t *exporter)
{
    e->has_said_hello = true;
    if (e->hello.kind == 0)
        return;
    struct cw_hello *h = &e->hello;
    int err = CW_OK;
    if (h->kind == CW_HELLO_TICKET || h->kind == CW_HELLO_DEVICE)
        err = cw_possession_sign(exporter, h->ticket.id, e->holder_seed, h->possession);
    CW_CHECK(err == CW_OK, "the holder can sign");
    uint8_t payload[CW_HELLO_BYTES_MAX];
    size_t size = 0;
    err = cw_hello_encode(h, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "a hello fits");
    struct cw_frame frame = {.type = CW_MESSAGE_HELLO,
                             .channel = CW_CHANNEL_CONTROL,
                             .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
                             .length = (uint32_t)size};
    cw_endpoint_send(e, &frame, payload);
}

/* The endpoint's own part of a frame; the scenario sees all of them. */
static void take_frame(struct cw_endpoint *e, const struct cw_frame *frame, const uint8_t *payload)
{
    if (frame->type == CW_MESSAGE_WELCOME) {
        CW_CHECK(e->state == CW_ENDPOINT_CONNECTING, "one WELCOME a connection");
        e->state = CW_ENDPOINT_OPEN;
    } else if (frame->type == CW_MESSAGE_CHALLENGE) {
        uint8_t exporter[CW_EXPORTER_BYTES];
        exporter_of(e, exporter);
        CW_CHECK(e->is_websocket && e->state == CW_ENDPOINT_CONNECTING &&
                     memcmp(exporter, payload, sizeof exporter) == 0,
                 "CHALLENGE is the exporter of this connection, on a WebSocket");
        say_hello(e, payload);
        return;
    } else if (frame->type == CW_MESSAGE_PING) {
        struct cw_frame pong = *frame;
        pong.type = CW_MESSAGE_PONG;
        cw_endpoint_send(e, &pong, payload);
    } else if (frame->type == CW_MESSAGE_CLOSE) {
        struct cw_close close;
        int err = cw_close_decode(payload, frame->length, &close);
        CW_CHECK(err == CW_OK, "the relay sends well-formed CLOSE");
        e->close_code = close.code;
    } else if (frame->type == CW_MESSAGE_HELLO_REPLY) {
        CW_CHECK(e->hello.kind == CW_HELLO_ENROLMENT || e->hello.kind == CW_HELLO_SESSION_KEY,
                 "it was asked for");
    } else {
        CW_CHECK(e->state == CW_ENDPOINT_OPEN, "nothing else comes before WELCOME");
    }
    e->on_frame(e->user, e, frame, payload);
    if (frame->type == CW_MESSAGE_CLOSE)
        over(e);
}

/* Bytes of a WebSocket header that stand before the frame at p; SIZE_MAX: not there yet. */
static size_t websocket_head(const struct cw_endpoint *e, const uint8_t *p, size_t size)
{
    if (!e->is_websocket)
        return 0;
    if (size < 2 || (p[1] == 126 && size < 4))
        return SIZE_MAX;
    CW_CHECK(p[1] <= 126 && (p[0] == 0x82 || p[0] == 0x88 || p[0] == 0x8A),
             "unmasked, whole, binary, close or pong");
    return p[1] == 126 ? 4 : 2;
}

static size_t take_upgrade(struct cw_endpoint *e)
{
    static const char accepted[] = "HTTP/1.1 101 ";
    const uint8_t *end = memmem(e->input, e->input_bytes, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    CW_CHECK(memcmp(e->input, accepted, sizeof accepted - 1) == 0, "the upgrade was correct");
    CW_CHECK(memmem(e->input, e->input_bytes, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28) != NULL,
             "the answer to the key (RFC 6455, section 1.3)");
    e->has_upgraded = true;
    return (size_t)(end - e->input) + 4;
}

static void take_plaintext(struct cw_endpoint *e)
{
    size_t at = 0;
    if (e->is_websocket && !e->has_upgraded)
        at = take_upgrade(e);
    while (e->state != CW_ENDPOINT_OVER && e->has_upgraded == e->is_websocket) {
        struct cw_frame frame;
        const uint8_t *p = e->input + at;
        size_t left = e->input_bytes - at;
        size_t head = websocket_head(e, p, left);
        if (head == SIZE_MAX)
            break;
        if (e->is_websocket && p[0] == 0x88) {
            over(e);
            break;
        }
        if (e->is_websocket && p[0] == 0x8A) {
            if (left < head + p[1])
                break;
            at += head + p[1]; /* to a ping in a hostile endpoint's noise */
            continue;
        }
        int err = cw_frame_decode(p + head, left - head, &frame);
        if (err == CW_ERR_AGAIN)
            break;
        CW_CHECK(err == CW_OK, "the relay sends well-formed frames");
        if (left - head < CW_FRAME_HEADER_BYTES + (size_t)frame.length)
            break;
        take_frame(e, &frame, p + head + CW_FRAME_HEADER_BYTES);
        at += head + CW_FRAME_HEADER_BYTES + (size_t)frame.length;
    }
    memmove(e->input, e->input + at, e->input_bytes - at);
    e->input_bytes -= at;
}

static bool step_in(struct cw_endpoint *e)
{
    static uint8_t piece[PIECE_BYTES]; /* one thread */
    bool has_moved = false;
    size_t n = cw_net_end_read(e->net, piece, sizeof piece);
    if (n > 0) {
        CW_CHECK(BIO_write(e->in, piece, (int)n) == (int)n, "memory");
        has_moved = true;
    } else if (cw_net_end_state(e->net) != CW_NET_OPEN) {
        over(e);
        return true;
    }
    if (!SSL_is_init_finished(e->tls)) {
        (void)SSL_do_handshake(e->tls);
        if (!SSL_is_init_finished(e->tls))
            return has_moved;
    }
    if (!e->has_said_hello && e->is_websocket) {
        ask_upgrade(e);
    } else if (!e->has_said_hello) {
        uint8_t exporter[CW_EXPORTER_BYTES];
        exporter_of(e, exporter);
        say_hello(e, exporter);
    }
    while (e->state != CW_ENDPOINT_OVER) {
        int got =
            SSL_read(e->tls, e->input + e->input_bytes, (int)(sizeof e->input - e->input_bytes));
        if (got <= 0) {
            if (SSL_get_error(e->tls, got) != SSL_ERROR_WANT_READ)
                over(e);
            break;
        }
        e->input_bytes += (size_t)got;
        take_plaintext(e);
        has_moved = true;
    }
    return has_moved;
}

static bool step_out(struct cw_endpoint *e)
{
    bool has_moved = false;
    for (;;) {
        if (e->cipher_at == e->cipher_bytes) {
            int got = BIO_read(e->out, e->cipher, sizeof e->cipher);
            if (got <= 0)
                return has_moved;
            e->cipher_at = 0;
            e->cipher_bytes = (size_t)got;
        }
        size_t taken =
            cw_net_end_write(e->net, e->cipher + e->cipher_at, e->cipher_bytes - e->cipher_at);
        if (taken == 0)
            return has_moved;
        e->cipher_at += taken;
        has_moved = true;
    }
}

bool cw_endpoint_step(struct cw_endpoint *e)
{
    if (e->state == CW_ENDPOINT_OVER)
        return false;
    bool has_read = step_in(e);
    return step_out(e) || has_read;
}

enum cw_endpoint_state cw_endpoint_state(const struct cw_endpoint *e)
{
    return e->state;
}

int cw_endpoint_close_code(const struct cw_endpoint *e)
{
    return e->close_code;
}

size_t cw_endpoint_backlog(const struct cw_endpoint *e)
{
    return (size_t)BIO_ctrl_pending(e->out) + e->cipher_bytes - e->cipher_at;
}

void cw_endpoint_send_raw(struct cw_endpoint *e, const void *bytes, size_t size)
{
    if (e->state == CW_ENDPOINT_OVER || !SSL_is_init_finished(e->tls))
        return;
    if (e->is_corked) {
        CW_CHECK(size <= sizeof e->corked - e->corked_bytes, "one record is corked");
        memcpy(e->corked + e->corked_bytes, bytes, size);
        e->corked_bytes += size;
        return;
    }
    CW_CHECK(SSL_write(e->tls, bytes, (int)size) == (int)size, "a memory BIO takes everything");
}

/* Client frames are masked; the mask may be any. */
static size_t put_websocket_head(size_t size, uint8_t mask[4], uint8_t *out)
{
    size_t at = 2;
    out[0] = 0x82;
    out[1] = (uint8_t)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) {
        out[at++] = (uint8_t)(size >> 8);
        out[at++] = (uint8_t)size;
    }
    memcpy(out + at, mask, 4);
    return at + 4;
}

void cw_endpoint_send(struct cw_endpoint *e, const struct cw_frame *frame, const void *payload)
{
    static uint8_t bytes[WEBSOCKET_HEAD_BYTES_MAX + CW_FRAME_BYTES_MAX]; /* one thread */
    uint8_t mask[4] = {0x37, 0xFA, 0x21, 0x3D};
    size_t size = CW_FRAME_HEADER_BYTES + (size_t)frame->length;
    size_t head = e->is_websocket ? put_websocket_head(size, mask, bytes) : 0;
    cw_frame_encode(frame, bytes + head);
    if (frame->length > 0)
        memcpy(bytes + head + CW_FRAME_HEADER_BYTES, payload, frame->length);
    for (size_t i = 0; e->is_websocket && i < size; i++)
        bytes[head + i] ^= mask[i & 3];
    cw_endpoint_send_raw(e, bytes, head + size);
}

void cw_endpoint_cork(struct cw_endpoint *e, bool is_corked)
{
    e->is_corked = is_corked;
    if (is_corked || e->corked_bytes == 0)
        return;
    size_t size = e->corked_bytes;
    e->corked_bytes = 0;
    cw_endpoint_send_raw(e, e->corked, size);
}

void cw_endpoint_update_keys(struct cw_endpoint *e)
{
    int ok = SSL_key_update(e->tls, SSL_KEY_UPDATE_REQUESTED);
    CW_CHECK(ok == 1 && SSL_do_handshake(e->tls) == 1, "TLS 1.3 updates keys");
}

struct cw_net_end *cw_endpoint_net(struct cw_endpoint *e)
{
    return e->net;
}
