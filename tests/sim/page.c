/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/page.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"

enum {
    PAGE_BYTES_MAX = 200000, /* over every buffer on the way, so that back-pressure happens */
    PREFACE_BYTES = 52,
    PIECE_BYTES = 4096,
    RECORD_BYTES = 16384,
    PAUSE_MS_MAX = 500,
    END_MS_MAX = 300, /* for control to learn of a browser's end: far from any time-out */
};

/* Who ends the connection. */
enum page_end {
    PAGE_CONTROL_ENDS, /* with the answer: Connection: close */
    PAGE_BROWSER_ENDS, /* once it has the answer: keep-alive */
    PAGE_HALF_CLOSED,  /* the browser ends its side with the request, and reads the answer */
    PAGE_END_COUNT,
};

struct cw_page {
    struct cw_net *net;
    const char *web_path;
    bool is_away;
    unsigned long count;
    uint8_t address[18]; /* another port for each page, so that control can tell them apart */
    uint64_t next_ns;    /* when the next page begins */

    struct cw_net_end *browser;
    SSL *tls;
    BIO *in, *out;
    uint8_t cipher[PIECE_BYTES];
    size_t cipher_at, cipher_bytes;
    uint8_t sent[PAGE_BYTES_MAX];
    size_t size, sent_bytes, received_bytes;

    struct cw_net_end *web; /* control's side of the pipe */
    uint8_t preface[PREFACE_BYTES];
    size_t preface_bytes;
    size_t taken_bytes; /* of sent, by control */
    size_t echoed_bytes;

    enum page_end end;
    bool has_said_end; /* the browser's FIN was sent */
    uint64_t said_ns;
};

struct cw_page *cw_page_new(struct cw_net *net, const char *web_path)
{
    struct cw_page *p = calloc(1, sizeof *p);
    CW_CHECK(p != NULL, "memory");
    p->net = net;
    p->web_path = web_path;
    memcpy(p->address, "\x20\x01\x0D\xB8", 4);
    cw_net_unix_listen(net, web_path);
    return p;
}

static void stop(struct cw_page *p)
{
    SSL_free(p->tls);
    p->tls = NULL;
    p->browser = cw_net_end_free(p->browser);
    p->web = cw_net_end_free(p->web);
    p->next_ns = cw_net_now_ns(p->net) + cw_net_random(p->net, PAUSE_MS_MAX) * 1000000;
}

struct cw_page *cw_page_free(struct cw_page *p)
{
    if (p != NULL) {
        stop(p);
        free(p);
    }
    return NULL;
}

void cw_page_set_away(struct cw_page *p, bool is_away)
{
    if (is_away == p->is_away)
        return;
    p->is_away = is_away;
    if (is_away)
        cw_net_unix_close(p->net, p->web_path);
    else
        cw_net_unix_listen(p->net, p->web_path);
}

static void begin(struct cw_page *p)
{
    static SSL_CTX *context;
    static const char head[] = "POST /echo HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (context == NULL) {
        context = SSL_CTX_new(TLS_client_method());
        CW_CHECK(context != NULL, "OpenSSL works");
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    }
    p->address[17]++;
    p->browser = cw_net_connect(p->net, CW_NET_ANY_WORKER, 0, p->address);
    p->tls = SSL_new(context);
    p->in = BIO_new(BIO_s_mem());
    p->out = BIO_new(BIO_s_mem());
    CW_CHECK(p->tls != NULL && p->in != NULL && p->out != NULL, "memory");
    SSL_set_bio(p->tls, p->in, p->out);
    SSL_set_connect_state(p->tls);
    p->size = sizeof head - 1 + cw_net_random(p->net, PAGE_BYTES_MAX - sizeof head);
    memcpy(p->sent, head, sizeof head - 1);
    uint64_t start = cw_net_random(p->net, 251);
    for (size_t i = sizeof head - 1; i < p->size; i++)
        p->sent[i] = (uint8_t)((start + i) % 251);
    p->sent_bytes = p->received_bytes = p->preface_bytes = p->taken_bytes = p->echoed_bytes = 0;
    p->cipher_at = p->cipher_bytes = 0;
    p->end = (enum page_end)cw_net_random(p->net, PAGE_END_COUNT);
    p->has_said_end = false;
}

/* False: it belongs to a page that was given up. */
static bool check_preface(const struct cw_page *p)
{
    static const uint8_t start[16] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51,
                                      0x55, 0x49, 0x54, 0x0A, 0x21, 0x21, 0x00, 36};
    CW_CHECK(memcmp(p->preface, start, sizeof start) == 0, "PROXY version 2, TCP over IPv6");
    CW_CHECK(memcmp(p->preface + 16, p->address, 16) == 0, "the browser's address");
    return memcmp(p->preface + 48, p->address + 16, 2) == 0;
}

static void step_web(struct cw_page *p)
{
    uint8_t piece[PIECE_BYTES];
    size_t n;
    if (p->web == NULL)
        p->web = cw_net_unix_accept(p->net, p->web_path);
    if (p->web == NULL)
        return;
    /* Control takes a little at a time, so that it is sometimes the slower side. */
    size_t room = 1 + cw_net_random(p->net, sizeof piece);
    size_t missing = PREFACE_BYTES - p->preface_bytes;
    if (missing > 0) {
        n = cw_net_end_read(p->web, p->preface + p->preface_bytes, missing);
        p->preface_bytes += n;
        bool is_over = n == 0 && cw_net_end_state(p->web) != CW_NET_OPEN;
        if (is_over || (n == missing && !check_preface(p))) {
            p->web = cw_net_end_free(p->web);
            p->preface_bytes = 0;
        }
        return;
    }
    n = cw_net_end_read(p->web, piece, room);
    CW_CHECK(n <= p->sent_bytes - p->taken_bytes && memcmp(piece, p->sent + p->taken_bytes, n) == 0,
             "control reads the browser's bytes");
    p->taken_bytes += n;
    p->echoed_bytes +=
        cw_net_end_write(p->web, p->sent + p->echoed_bytes, p->taken_bytes - p->echoed_bytes);
    /* Where the browser ends, control answers that end; it must hear of it, and not by a time-out. */
    bool has_heard = cw_net_end_state(p->web) != CW_NET_OPEN;
    if (has_heard ? p->echoed_bytes == p->taken_bytes
                  : p->end == PAGE_CONTROL_ENDS && p->echoed_bytes == p->size)
        cw_net_end_shutdown(p->web);
    CW_CHECK(has_heard || !p->has_said_end || p->taken_bytes < p->size ||
                 cw_net_now_ns(p->net) - p->said_ns < END_MS_MAX * UINT64_C(1000000),
             "control hears of a browser's end");
}

/* FIN goes out once everything before it was taken by the network. */
static void say_end(struct cw_page *p)
{
    bool is_time = p->end == PAGE_BROWSER_ENDS
                       ? p->received_bytes == p->size
                       : p->end == PAGE_HALF_CLOSED && p->sent_bytes == p->size;
    if (!is_time || p->has_said_end || BIO_ctrl_pending(p->out) > 0 ||
        p->cipher_at < p->cipher_bytes)
        return;
    p->has_said_end = true;
    p->said_ns = cw_net_now_ns(p->net);
    cw_net_end_shutdown(p->browser);
}

static void receive(struct cw_page *p, const uint8_t *data, size_t size)
{
    static const char unavailable[] = "HTTP/1.1 503 ";
    if (p->received_bytes == 0 && size >= sizeof unavailable - 1 &&
        memcmp(data, unavailable, sizeof unavailable - 1) == 0) {
        p->received_bytes = p->size;
        return;
    }
    CW_CHECK(size <= p->echoed_bytes - p->received_bytes &&
                 memcmp(data, p->sent + p->received_bytes, size) == 0,
             "the browser reads control's bytes");
    p->received_bytes += size;
}

/* False when the connection is over. */
static bool step_browser(struct cw_page *p)
{
    uint8_t piece[PIECE_BYTES];
    size_t n;
    int got;
    while ((n = cw_net_end_read(p->browser, piece, sizeof piece)) > 0)
        CW_CHECK(BIO_write(p->in, piece, (int)n) == (int)n, "memory");
    bool is_open = cw_net_end_state(p->browser) == CW_NET_OPEN;
    if (!SSL_is_init_finished(p->tls))
        (void)SSL_do_handshake(p->tls);
    if (SSL_is_init_finished(p->tls)) {
        while ((got = SSL_read(p->tls, piece, sizeof piece)) > 0)
            receive(p, piece, (size_t)got);
        size_t left = p->size - p->sent_bytes;
        /* A head and a full record of body in one piece is what some clients send. */
        size_t most = p->sent_bytes == 0 && p->size % 2 == 0 ? RECORD_BYTES : PIECE_BYTES;
        if (left > most)
            left = most;
        if (left > 0 && BIO_ctrl_pending(p->out) == 0) {
            CW_CHECK(SSL_write(p->tls, p->sent + p->sent_bytes, (int)left) == (int)left, "memory");
            p->sent_bytes += left;
        }
    }
    if (p->cipher_at == p->cipher_bytes) {
        got = BIO_read(p->out, p->cipher, sizeof p->cipher);
        p->cipher_at = 0;
        p->cipher_bytes = got > 0 ? (size_t)got : 0;
    }
    p->cipher_at +=
        cw_net_end_write(p->browser, p->cipher + p->cipher_at, p->cipher_bytes - p->cipher_at);
    say_end(p);
    return is_open;
}

/* The answer is there; a browser that ends the connection waits until control has heard of it. */
static bool is_done(const struct cw_page *p)
{
    if (p->received_bytes < p->size)
        return false;
    return p->end != PAGE_BROWSER_ENDS || p->web == NULL ||
           (p->has_said_end && cw_net_end_state(p->web) != CW_NET_OPEN);
}

void cw_page_step(struct cw_page *p)
{
    if (p->browser == NULL) {
        if (cw_net_now_ns(p->net) >= p->next_ns)
            begin(p);
        return;
    }
    step_web(p);
    bool is_open = step_browser(p);
    bool is_whole = is_done(p);
    if (is_whole)
        p->count++;
    if (!is_open || is_whole)
        stop(p);
}

unsigned long cw_page_count(const struct cw_page *p)
{
    return p->count;
}
