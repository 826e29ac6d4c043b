/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/agent/fake_appliance.h - the other end for tests: a blocking TLS server with an identity.
 *
 * Owner:     fake_start to fake_stop; fake_accept to fake_hang_up.
 * Thread:    the server's calls belong to one thread of the test; they wait at most FAKE_WAIT_S.
 * Errors:    false or a type of 0; tests compare in their main thread.
 */
#ifndef CW_TESTS_UNIT_AGENT_FAKE_APPLIANCE_H
#define CW_TESTS_UNIT_AGENT_FAKE_APPLIANCE_H

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/peer/address.h"
#include "engine/wire/frame.h"
#include "engine/wire/hello.h"
#include "engine/wire/message.h"

enum { FAKE_WAIT_S = 5 };

struct fake {
    int fd;
    struct cw_address address;
    SSL_CTX *context;
    EVP_PKEY *identity_pkey;
    uint8_t identity[CW_KEY_BYTES];
    uint8_t ticket_seed[CW_KEY_BYTES];
};

struct fake_conn {
    SSL *ssl;
    int fd;
    uint8_t exporter[CW_EXPORTER_BYTES];
    uint32_t session;
    struct cw_frame frame; /* the last one received */
    uint8_t payload[CW_FRAME_PAYLOAD_BYTES_MAX];
    uint8_t output[CW_FRAME_BYTES_MAX];
};

static inline X509 *fake_certificate(EVP_PKEY *key, EVP_PKEY *signer, const char *name, long days)
{
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), days < 0 ? -200000 : -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), days * 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)"identity", -1, -1, 0);
    X509_set_pubkey(x, key);
    X509_sign(x, signer, EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519 ? NULL : EVP_sha256());
    return x;
}

static inline int fake_choose(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                              const unsigned char *in, unsigned in_size, void *user)
{
    (void)ssl;
    (void)user;
    static const unsigned char ours[] = "\012causeway/1";
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof(ours) - 1, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* leaf_days: validity of the leaf from now; negative: it is over. is_signed: by the identity key. */
static inline struct fake *fake_start(long leaf_days, bool is_signed)
{
    signal(SIGPIPE, SIG_IGN); /* as the programs do: either end may hang up first */
    struct fake *f = calloc(1, sizeof(*f));
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(a);
    size_t key_bytes = CW_KEY_BYTES;
    f->identity_pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    EVP_PKEY_get_raw_public_key(f->identity_pkey, f->identity, &key_bytes);
    RAND_bytes(f->ticket_seed, sizeof(f->ticket_seed));
    EVP_PKEY *leaf_pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *authority = fake_certificate(f->identity_pkey, f->identity_pkey, "identity", 3650);
    X509 *leaf =
        fake_certificate(leaf_pkey, is_signed ? f->identity_pkey : leaf_pkey, "leaf", leaf_days);
    f->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(f->context, TLS1_3_VERSION);
    SSL_CTX_use_certificate(f->context, leaf);
    SSL_CTX_use_PrivateKey(f->context, leaf_pkey);
    SSL_CTX_add1_chain_cert(f->context, authority);
    SSL_CTX_set_alpn_select_cb(f->context, fake_choose, NULL);
    X509_free(leaf);
    X509_free(authority);
    EVP_PKEY_free(leaf_pkey);
    f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval wait = {.tv_sec = FAKE_WAIT_S};
    setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    if (bind(f->fd, (struct sockaddr *)&a, size) != 0 || listen(f->fd, 8) != 0 ||
        getsockname(f->fd, (struct sockaddr *)&a, &size) != 0)
        abort();
    snprintf(f->address.host, sizeof(f->address.host), "127.0.0.1");
    snprintf(f->address.port, sizeof(f->address.port), "%u", (unsigned)ntohs(a.sin_port));
    return f;
}

static inline void fake_stop(struct fake *f)
{
    close(f->fd);
    SSL_CTX_free(f->context);
    EVP_PKEY_free(f->identity_pkey);
    free(f);
}

static inline void fake_hang_up(struct fake_conn *c)
{
    if (c == NULL)
        return;
    SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
}

/* NULL: nobody came, or TLS failed. */
static inline struct fake_conn *fake_accept(struct fake *f)
{
    static const char label[] = "EXPORTER-causeway-possession";
    struct timeval wait = {.tv_sec = FAKE_WAIT_S};
    int fd = accept(f->fd, NULL, NULL);
    if (fd < 0)
        return NULL;
    struct fake_conn *c = calloc(1, sizeof(*c));
    c->fd = fd;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    c->ssl = SSL_new(f->context);
    SSL_set_fd(c->ssl, fd);
    if (SSL_accept(c->ssl) != 1 ||
        SSL_export_keying_material(c->ssl, c->exporter, sizeof(c->exporter), label,
                                   sizeof(label) - 1, NULL, 0, 0) != 1) {
        fake_hang_up(c);
        return NULL;
    }
    return c;
}

static inline bool fake_read_exact(struct fake_conn *c, uint8_t *out, size_t size)
{
    while (size > 0) {
        size_t n = 0;
        if (SSL_read_ex(c->ssl, out, size, &n) != 1)
            return false;
        out += n;
        size -= n;
    }
    return true;
}

/* The type of the next frame, 0: none came. */
static inline uint8_t fake_read(struct fake_conn *c)
{
    uint8_t header[CW_FRAME_HEADER_BYTES];
    if (!fake_read_exact(c, header, sizeof(header)) ||
        cw_frame_decode(header, sizeof(header), &c->frame) != 0 ||
        !fake_read_exact(c, c->payload, c->frame.length))
        return 0;
    return c->frame.type;
}

/* Skips what is not of this type. */
static inline bool fake_expect(struct fake_conn *c, uint8_t type)
{
    for (;;) {
        uint8_t got = fake_read(c);
        if (got == type)
            return true;
        if (got == 0)
            return false;
    }
}

static inline bool fake_send_bytes(struct fake_conn *c, const uint8_t *data, size_t size)
{
    size_t n = 0;
    return SSL_write_ex(c->ssl, data, size, &n) == 1;
}

static inline bool fake_send(struct fake_conn *c, uint8_t type, const void *payload, size_t size)
{
    uint8_t *out = c->output;
    struct cw_frame frame = {
        .type = type,
        .channel = cw_message_info(type)->channel,
        .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
        .session = c->session,
        .length = (uint32_t)size,
    };
    cw_frame_encode(&frame, out);
    if (size > 0)
        memcpy(out + CW_FRAME_HEADER_BYTES, payload, size);
    return fake_send_bytes(c, out, CW_FRAME_HEADER_BYTES + size);
}

/* A ticket for the holder of the seed. out: CW_TICKET_BYTES. */
static inline void fake_ticket(const struct fake *f, uint8_t kind, uint8_t role, uint32_t session,
                               const uint8_t *holder_seed, uint8_t *out)
{
    struct cw_ticket t = {
        .kind = kind,
        .role = role,
        .session = session,
        .participant = 2,
        .not_before_unix_s = 1,
        .not_after_unix_s = UINT64_C(4000000000),
    };
    RAND_bytes(t.id, sizeof(t.id));
    cw_key_public(holder_seed, t.holder_key);
    cw_ticket_sign(&t, f->ticket_seed);
    cw_ticket_encode(&t, out);
}

/* Reads a TICKET or DEVICE hello, checks ticket and possession, answers WELCOME. */
static inline bool fake_welcome(const struct fake *f, struct fake_conn *c, uint8_t kind)
{
    struct cw_hello hello;
    uint8_t public_key[CW_KEY_BYTES], out[24];
    size_t size = 0;
    cw_key_public(f->ticket_seed, public_key);
    if (fake_read(c) != CW_MESSAGE_HELLO || c->frame.session != 0 ||
        cw_hello_decode(c->payload, c->frame.length, &hello) != 0 || hello.kind != kind ||
        cw_ticket_verify(&hello.ticket, public_key, 1000) != 0 ||
        cw_possession_verify(c->exporter, hello.ticket.id, hello.ticket.holder_key,
                             hello.possession) != 0)
        return false;
    struct cw_welcome w = {
        .session = hello.ticket.session,
        .participant = hello.ticket.participant,
        .role = hello.ticket.role,
        .control_up = 1,
    };
    c->session = w.session;
    return cw_welcome_encode(&w, out, sizeof(out), &size) == 0 &&
           fake_send(c, CW_MESSAGE_WELCOME, out, size);
}

static inline bool fake_participant(struct fake_conn *c, uint32_t number, bool is_present,
                                    const char *name)
{
    uint8_t out[8 + CW_NAME_BYTES_MAX];
    size_t size = 0;
    struct cw_participant_note note = {
        .participant = number,
        .role = CW_ROLE_REPRESENTATIVE,
        .present = is_present,
        .name = name,
        .name_bytes = strlen(name),
    };
    return cw_participant_note_encode(&note, out, sizeof(out), &size) == 0 &&
           fake_send(c, CW_MESSAGE_PARTICIPANT, out, size);
}

static inline bool fake_close(struct fake_conn *c, uint8_t type, uint16_t code, const char *text)
{
    uint8_t out[2 + CW_REASON_TEXT_BYTES_MAX];
    size_t size = 0;
    struct cw_close m = {.code = code, .text = text, .text_bytes = strlen(text)};
    return cw_close_encode(&m, out, sizeof(out), &size) == 0 && fake_send(c, type, out, size);
}

#endif
