/* SPDX-License-Identifier: Apache-2.0 */
/* What a client must not do after its handshake, and the alert that answers each. The client is OpenSSL until
 * Finished, then its secrets are ours and we write its records by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/tls_keys.h"
#include "engine/tls_record.h"
#include "tests/unit/engine/tls_fixture.h"

enum { NO_ALERT = -1, RECORD_ROOM = CW_TLS_RECORD_BYTES_MAX + 512 };

/* The hand-written client. */
struct forger {
    struct client c;
    uint8_t secrets[2][CW_TLS_SECRET_BYTES_MAX]; /* the client's, the server's */
    uint64_t sequence[2];
};

static struct forger *keylog_target;

static void on_client_keylog(const SSL *ssl, const char *line)
{
    (void)ssl;
    unsigned which = strncmp(line, "CLIENT_TRAFFIC_SECRET_0 ", 24) == 0 ? 0 : 1;
    if (which == 1 && strncmp(line, "SERVER_TRAFFIC_SECRET_0 ", 24) != 0)
        return;
    const char *hex = strrchr(line, ' ') + 1;
    for (size_t i = 0; i < 32; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
        keylog_target->secrets[which][i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

static struct forger forger_new(void)
{
    struct forger f = {.c = client_new(NATIVE, TLS1_3_VERSION)};
    keylog_target = &f;
    SSL_CTX_set_keylog_callback(f.c.context, on_client_keylog);
    assert_int_equal(shake(&f.c, 16384), 0);
    return f;
}

static struct cw_aead_key key_of(const uint8_t *secret, bool seals, uint8_t *iv)
{
    struct cw_aead_key key = {0};
    uint8_t raw[CW_AEAD_KEY_BYTES_MAX];
    cw_tls_traffic_key(CW_AEAD_AES_128_GCM, secret, raw, iv);
    assert_int_equal(cw_aead_evp.set_key(&key, CW_AEAD_AES_128_GCM, raw, seals), 0);
    return key;
}

/* A record of any content type with padding zeros behind it. The AEAD writes the last byte itself. */
static size_t forge_padded(struct forger *f, uint8_t content, const void *bytes, size_t size,
                           size_t padding, uint8_t *out)
{
    uint8_t iv[CW_AEAD_IV_BYTES], nonce[CW_AEAD_IV_BYTES];
    static uint8_t inner[RECORD_ROOM];
    size_t total = size + 1 + padding, length = total + CW_AEAD_TAG_BYTES;
    memset(inner, 0, sizeof inner);
    if (size > 0)
        memcpy(inner, bytes, size);
    inner[size] = content;
    struct cw_aead_key key = key_of(f->secrets[0], true, iv);
    memcpy(nonce, iv, sizeof nonce);
    for (unsigned i = 0; i < 8; i++)
        nonce[11 - i] ^= (uint8_t)(f->sequence[0] >> (8 * i));
    f->sequence[0]++;
    out[0] = 23;
    out[1] = 3;
    out[2] = 3;
    out[3] = (uint8_t)(length >> 8);
    out[4] = (uint8_t)length;
    struct iovec piece = {.iov_base = inner, .iov_len = total - 1};
    struct cw_aead_text text = {nonce, out, 5, &piece, 1};
    assert_int_equal(key.ops->seal(&key, &text, inner[total - 1], out + 5), 0);
    cw_aead_key_clear(&key);
    return 5 + length;
}

static size_t forge(struct forger *f, uint8_t content, const void *bytes, size_t size, uint8_t *out)
{
    return forge_padded(f, content, bytes, size, 0, out);
}

static int send(struct forger *f, uint8_t content, const void *bytes, size_t size)
{
    static uint8_t record[RECORD_ROOM];
    serve(&f->c, record, forge(f, content, bytes, size, record));
    return f->c.err;
}

/* The alert that is pending, as the client reads it; nothing else may be. */
static int alert_of(struct forger *f)
{
    uint8_t record[CW_TLS_PENDING_BYTES_MIN], out[CW_TLS_PENDING_BYTES_MIN], iv[CW_AEAD_IV_BYTES],
        content = 0;
    size_t size = 0, n = cw_tls_pending(worker, f->c.server, record, sizeof record);
    if (n == 0)
        return NO_ALERT;
    struct cw_aead_key key = key_of(f->secrets[1], false, iv);
    const struct iovec pieces[2] = {{.iov_base = record, .iov_len = n}, {.iov_base = record}};
    assert_int_equal(
        cw_tls_record_open(&key, iv, f->sequence[1]++, pieces, n, out, &content, &size),
        CW_TLS_FAULT_NONE);
    cw_aead_key_clear(&key);
    assert_int_equal(content, CW_TLS_CONTENT_ALERT);
    assert_int_equal(size, 2);
    assert_int_equal(out[0], 2); /* fatal */
    assert_int_equal(cw_tls_pending(worker, f->c.server, record, sizeof record), 0);
    return out[1];
}

/* The connection is over, for good, with this alert; frees it. */
static void ends_with(struct forger *f, int alert)
{
    int received;
    uint8_t out[64];
    size_t size;
    struct iovec piece = {.iov_base = out, .iov_len = 1};
    assert_int_equal(f->c.err, CW_ERR_INVALID);
    assert_int_equal(cw_tls_has_pending(f->c.server), alert != NO_ALERT);
    assert_int_equal(alert_of(f), alert);
    assert_true(strlen(cw_tls_error(f->c.server, &received)) > 0);
    assert_int_equal(cw_tls_seal(worker, f->c.server, &piece, 1, out, &size), CW_ERR_STATE);
    size_t before = f->c.received_bytes;
    assert_int_equal(send(f, CW_TLS_CONTENT_DATA, "more", 4), 0); /* not looked at */
    assert_int_equal(f->c.received_bytes, before);
    assert_int_equal(cw_tls_open(worker, f->c.server, out, &size), CW_ERR_INVALID);
    assert_int_equal(cw_tls_kept_bytes(f->c.server), 0);
    client_free(&f->c);
}

static void raw_ends_with(const uint8_t *bytes, size_t size, int alert)
{
    struct forger f = forger_new();
    serve(&f.c, bytes, size);
    ends_with(&f, alert);
}

/* ---- records ------------------------------------------------------------------------------------ */

static void records_that_are_not_encrypted(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        const uint8_t record[22] = {(uint8_t)type, 3, 3, 0, 17};
        raw_ends_with(record, sizeof record,
                      type == 23 ? CW_TLS_ALERT_BAD_RECORD_MAC : CW_TLS_ALERT_UNEXPECTED_MESSAGE);
    }
    /* As it is allowed only before Finished; and an alert in the clear. */
    raw_ends_with((const uint8_t *)"\x14\x03\x03\x00\x01\x01", 6, CW_TLS_ALERT_UNEXPECTED_MESSAGE);
    raw_ends_with((const uint8_t *)"\x15\x03\x03\x00\x02\x02\x28", 7,
                  CW_TLS_ALERT_UNEXPECTED_MESSAGE);
}

static void records_of_a_wrong_length(void **state)
{
    (void)state;
    static const struct {
        unsigned length;
        int alert;
    } cases[] = {{0, 20}, {1, 20}, {16, 20}, {16402, 22}, {16640, 22}, {16641, 22}, {65535, 22}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint8_t header[5] = {23, 3, 3, (uint8_t)(cases[i].length >> 8),
                                   (uint8_t)cases[i].length};
        raw_ends_with(header, sizeof header, cases[i].alert); /* at once, not when it has come */
    }
}

static void the_longest_record_and_all_paddings(void **state)
{
    (void)state;
    static uint8_t record[RECORD_ROOM], text[CW_FRAME_BYTES_MAX];
    struct forger f = forger_new();
    memset(text, 'x', sizeof text);
    serve(&f.c, record, forge(&f, CW_TLS_CONTENT_DATA, text, sizeof text, record));
    assert_int_equal(f.c.err, 0);
    assert_int_equal(f.c.received_bytes, sizeof text);
    for (size_t padding = 1; padding < CW_FRAME_BYTES_MAX; padding = padding * 3 + 1) {
        f.c.received_bytes = 0;
        serve(&f.c, record, forge_padded(&f, CW_TLS_CONTENT_DATA, "pad", 3, padding, record));
        assert_int_equal(f.c.received_bytes, 3);
    }
    serve(&f.c, record,
          forge_padded(&f, CW_TLS_CONTENT_DATA, text, 1, CW_FRAME_BYTES_MAX - 1, record));
    assert_int_equal(f.c.err, 0);
    /* One byte more than the inner text may be, however it is made up. */
    serve(&f.c, record, forge_padded(&f, CW_TLS_CONTENT_DATA, text, 1, CW_FRAME_BYTES_MAX, record));
    ends_with(&f, CW_TLS_ALERT_RECORD_OVERFLOW);
    f = forger_new();
    static uint8_t longer[CW_FRAME_BYTES_MAX + 1];
    serve(&f.c, record, forge(&f, CW_TLS_CONTENT_DATA, longer, sizeof longer, record));
    ends_with(&f, CW_TLS_ALERT_RECORD_OVERFLOW);
}

static void changed_records(void **state)
{
    (void)state;
    for (size_t at = 0; at < 5 + 5 + 1 + CW_AEAD_TAG_BYTES; at++) {
        uint8_t record[64];
        struct forger f = forger_new();
        size_t n = forge(&f, CW_TLS_CONTENT_DATA, "hello", 5, record);
        record[at] ^= 1;
        serve(&f.c, record, n);
        if (at == 3 || at == 4) { /* a length: too long, or a part is taken for the whole */
            for (unsigned i = 0; i < 20 && f.c.err == 0; i++)
                serve(&f.c, record, n);
            assert_int_equal(f.c.err, CW_ERR_INVALID);
            client_free(&f.c);
            continue;
        }
        ends_with(&f, at == 0 ? CW_TLS_ALERT_UNEXPECTED_MESSAGE : CW_TLS_ALERT_BAD_RECORD_MAC);
    }
}

static void repeated_left_out_and_swapped_records(void **state)
{
    (void)state;
    uint8_t one[64], two[64];
    struct forger f = forger_new();
    size_t n = forge(&f, CW_TLS_CONTENT_DATA, "one", 3, one);
    serve(&f.c, one, n);
    assert_int_equal(f.c.received_bytes, 3);
    serve(&f.c, one, n);
    ends_with(&f, CW_TLS_ALERT_BAD_RECORD_MAC);

    f = forger_new();
    n = forge(&f, CW_TLS_CONTENT_DATA, "one", 3, one);
    n = forge(&f, CW_TLS_CONTENT_DATA, "two", 3, two);
    serve(&f.c, two, n);
    assert_int_equal(f.c.received_bytes, 0);
    ends_with(&f, CW_TLS_ALERT_BAD_RECORD_MAC);

    /* What the server sent comes back at it. */
    f = forger_new();
    struct iovec piece = {.iov_base = one, .iov_len = 3};
    assert_int_equal(cw_tls_seal(worker, f.c.server, &piece, 1, two, &n), 0);
    f.sequence[1]++;
    serve(&f.c, two, n);
    ends_with(&f, CW_TLS_ALERT_BAD_RECORD_MAC);
}

static void a_cut_record_waits(void **state)
{
    (void)state;
    uint8_t record[64];
    struct forger f = forger_new();
    size_t n = forge(&f, CW_TLS_CONTENT_DATA, "hello", 5, record);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(f.c.received_bytes, 0);
        assert_int_equal(cw_tls_kept_bytes(f.c.server), i);
        serve(&f.c, record + i, 1); /* one-byte segments */
        assert_int_equal(f.c.err, 0);
    }
    assert_int_equal(f.c.received_bytes, 5);
    client_free(&f.c);
}

/* ---- contents ----------------------------------------------------------------------------------- */

static void contents_of_no_kind(void **state)
{
    (void)state;
    for (unsigned content = 1; content < 256; content++) {
        if (content >= CW_TLS_CONTENT_ALERT && content <= CW_TLS_CONTENT_DATA)
            continue;
        struct forger f = forger_new();
        send(&f, (uint8_t)content, "x", 1);
        ends_with(&f, CW_TLS_ALERT_UNEXPECTED_MESSAGE);
    }
    struct forger f = forger_new();
    send(&f, 0, NULL, 0); /* padding and nothing else */
    ends_with(&f, CW_TLS_ALERT_UNEXPECTED_MESSAGE);
}

static void floods_of_empty_records(void **state)
{
    (void)state;
    struct forger f = forger_new();
    for (unsigned i = 0; i < 5 * CW_TLS_QUIET_MAX;
         i++) { /* with data between them they are harmless */
        assert_int_equal(send(&f, CW_TLS_CONTENT_DATA, NULL, 0), 0);
        if (i % CW_TLS_QUIET_MAX == CW_TLS_QUIET_MAX - 1)
            assert_int_equal(send(&f, CW_TLS_CONTENT_DATA, "x", 1), 0);
    }
    for (unsigned i = 0; i < CW_TLS_QUIET_MAX; i++)
        assert_int_equal(send(&f, CW_TLS_CONTENT_DATA, NULL, 0), 0);
    send(&f, CW_TLS_CONTENT_DATA, NULL, 0);
    ends_with(&f, CW_TLS_ALERT_UNEXPECTED_MESSAGE);
}

static int send_update(struct forger *f, uint8_t request)
{
    const uint8_t update[5] = {24, 0, 0, 1, request};
    int err = send(f, CW_TLS_CONTENT_HANDSHAKE, update, sizeof update);
    cw_tls_next_secret(CW_AEAD_AES_128_GCM, f->secrets[0]);
    f->sequence[0] = 0;
    return err;
}

static void floods_of_key_updates(void **state)
{
    (void)state;
    struct forger f = forger_new();
    unsigned sent = 0;
    while (send_update(&f, (uint8_t)(sent % 2)) == 0) /* in a row */
        sent++;
    assert_int_equal(sent, CW_TLS_UPDATES_MAX);
    client_free(&f.c);
    f = forger_new();
    for (sent = 0; send_update(&f, 1) == 0; sent++) /* each followed by a byte of data */
        assert_int_equal(send(&f, CW_TLS_CONTENT_DATA, "x", 1), 0);
    assert_int_equal(sent, CW_TLS_UPDATES_MAX);
    struct cw_tls_worker_stats stats;
    cw_tls_worker_stats(worker, &stats);
    assert_int_equal(stats.own_key_updates,
                     0); /* nobody took what was pending: no answers piled up */
    client_free(&f.c);
    /* Paid for with data, they go on. */
    f = forger_new();
    for (sent = 0; sent < 3 * CW_TLS_UPDATES_MAX; sent++) {
        for (unsigned i = 0; i < CW_TLS_UPDATE_REFUND_RECORDS; i++)
            assert_int_equal(send(&f, CW_TLS_CONTENT_DATA, "x", 1), 0);
        assert_int_equal(send_update(&f, 0), 0);
    }
    client_free(&f.c);
}

static void key_updates_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[8];
        size_t size;
        int alert;
    } cases[] = {
        {{24, 0, 0, 1, 2}, 5, CW_TLS_ALERT_ILLEGAL_PARAMETER},
        {{24, 0, 0, 1, 255}, 5, CW_TLS_ALERT_ILLEGAL_PARAMETER},
        {{24, 0, 0, 0}, 4, CW_TLS_ALERT_DECODE_ERROR},
        {{24, 0, 0, 2, 0, 0}, 6, CW_TLS_ALERT_DECODE_ERROR},
        {{24, 1, 0, 1, 0}, 5, CW_TLS_ALERT_DECODE_ERROR},
        {{24, 0, 0, 1, 0, 24}, 6, CW_TLS_ALERT_UNEXPECTED_MESSAGE},
        {{1, 0, 0, 0}, 4, CW_TLS_ALERT_UNEXPECTED_MESSAGE},  /* ClientHello: no renegotiation */
        {{4, 0, 0, 0}, 4, CW_TLS_ALERT_UNEXPECTED_MESSAGE},  /* NewSessionTicket */
        {{11, 0, 0, 0}, 4, CW_TLS_ALERT_UNEXPECTED_MESSAGE}, /* Certificate */
        {{20, 0, 0, 0}, 4, CW_TLS_ALERT_UNEXPECTED_MESSAGE}, /* Finished again */
        {{0}, 0, CW_TLS_ALERT_UNEXPECTED_MESSAGE},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct forger f = forger_new();
        send(&f, CW_TLS_CONTENT_HANDSHAKE, cases[i].bytes, cases[i].size);
        ends_with(&f, cases[i].alert);
    }
}

static void a_key_update_in_pieces(void **state)
{
    (void)state;
    static const uint8_t update[5] = {24, 0, 0, 1, 0};
    struct forger f = forger_new();
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(send(&f, CW_TLS_CONTENT_HANDSHAKE, update + i, 1), 0);
    cw_tls_next_secret(CW_AEAD_AES_128_GCM, f.secrets[0]);
    f.sequence[0] = 0;
    assert_int_equal(send(&f, CW_TLS_CONTENT_DATA, "new", 3), 0);
    assert_int_equal(f.c.received_bytes, 3);
    /* Nothing may come between the pieces. */
    assert_int_equal(send(&f, CW_TLS_CONTENT_HANDSHAKE, update, 3), 0);
    send(&f, CW_TLS_CONTENT_DATA, "x", 1);
    ends_with(&f, CW_TLS_ALERT_UNEXPECTED_MESSAGE);
    /* The old key ends with the update. */
    f = forger_new();
    assert_int_equal(send(&f, CW_TLS_CONTENT_HANDSHAKE, update, 5), 0);
    send(&f, CW_TLS_CONTENT_DATA, "old", 3);
    ends_with(&f, CW_TLS_ALERT_BAD_RECORD_MAC);
}

/* ---- alerts ------------------------------------------------------------------------------------- */

static void alerts_of_all_kinds(void **state)
{
    (void)state;
    for (unsigned alert = 0; alert < 256; alert++)
        for (uint8_t level = 1; level <= 2; level++) {
            const uint8_t bytes[2] = {level, (uint8_t)alert};
            struct forger f = forger_new();
            int received, err = send(&f, CW_TLS_CONTENT_ALERT, bytes, sizeof bytes);
            if (alert == CW_TLS_ALERT_CLOSE_NOTIFY) {
                assert_int_equal(err, CW_ERR_CLOSED);
                client_free(&f.c);
            } else if (alert == CW_TLS_ALERT_USER_CANCELED) {
                assert_int_equal(err, 0);
                client_free(&f.c);
            } else {
                cw_tls_error(f.c.server, &received);
                assert_int_equal(received, alert);
                ends_with(&f, NO_ALERT); /* an alert is not answered */
            }
        }
}

static void alerts_of_a_wrong_size(void **state)
{
    (void)state;
    static const uint8_t bytes[4] = {1, 0, 1, 0};
    for (size_t size = 0; size <= 4; size++) {
        if (size == 2)
            continue;
        struct forger f = forger_new();
        send(&f, CW_TLS_CONTENT_ALERT, bytes, size);
        ends_with(&f, CW_TLS_ALERT_DECODE_ERROR);
    }
}

static void nothing_follows_close_notify(void **state)
{
    (void)state;
    static const uint8_t close_notify[2] = {1, 0};
    static uint8_t stream[256];
    struct forger f = forger_new();
    size_t n = forge(&f, CW_TLS_CONTENT_DATA, "last", 4, stream);
    n += forge(&f, CW_TLS_CONTENT_ALERT, close_notify, 2, stream + n);
    n += forge(&f, CW_TLS_CONTENT_DATA, "words", 5, stream + n);
    memset(stream + n, 0xFF, 50); /* not even a record */
    serve(&f.c, stream, n + 50);
    assert_int_equal(f.c.err, CW_ERR_CLOSED);
    assert_int_equal(f.c.received_bytes, 4);
    assert_int_equal(cw_tls_kept_bytes(f.c.server), 0);
    assert_false(cw_tls_has_pending(f.c.server)); /* our own direction stands */
    client_free(&f.c);
}

/* An alert is the last thing said: a pending answer to KeyUpdate is forgotten, close_notify does not follow. */
static void after_a_fault_only_its_alert_is_said(void **state)
{
    (void)state;
    struct forger f = forger_new();
    assert_int_equal(send_update(&f, 1), 0);
    send(&f, 99, "x", 1);
    cw_tls_close(worker, f.c.server);
    ends_with(&f, CW_TLS_ALERT_UNEXPECTED_MESSAGE);
    /* And behind our close_notify there is none. */
    f = forger_new();
    uint8_t out[CW_TLS_PENDING_BYTES_MIN];
    cw_tls_close(worker, f.c.server);
    assert_int_equal(cw_tls_pending(worker, f.c.server, out, sizeof out), 5 + 2 + 1 + 16);
    send(&f, 99, "x", 1);
    ends_with(&f, NO_ALERT);
}

/* ---- during the handshake ----------------------------------------------------------------------- */

static void what_comes_instead_of_a_hello(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"\x17\x03\x03\x00\x20................................", 37},
        {"\x15\x03\x01\x00\x02\x02\x28", 7},
        {"\x14\x03\x03\x00\x01\x01", 6},
        {"\x16\x03\x01\xff\xff\x01\x00\x00", 8},
        {"\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9}, /* ServerHello */
        {"\x16\x03\x01\x00\x04\x14\x00\x00\x00", 9}, /* Finished */
        {"\x80\x2e\x01\x03\x03"
         "...........................................",
         48}, /* SSL 2 */
        {"\0\0\0\0\0\0\0\0", 8},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct client c = client_new(NATIVE, TLS1_3_VERSION);
        int alert;
        serve(&c, (const uint8_t *)cases[i].bytes, cases[i].size);
        if (c.err != CW_ERR_INVALID)
            fail_msg("case %u was not refused", i);
        assert_true(strlen(cw_tls_error(c.server, &alert)) > 0);
        client_free(&c);
    }
}

/* A handshake cut after each byte of the client's second flight waits, and goes away without a trace. */
static void a_stalled_handshake_waits(void **state)
{
    (void)state;
    uint8_t flight[512];
    for (int cut = 0; cut < 60; cut += 7) {
        struct client c = client_new(NATIVE, TLS1_3_VERSION);
        SSL_do_handshake(c.ssl);
        carry(&c, 16384);
        SSL_do_handshake(c.ssl);
        int n = BIO_read(c.out, flight, sizeof flight);
        assert_true(n > 60);
        serve(&c, flight, (size_t)cut);
        assert_int_equal(c.err, CW_ERR_AGAIN);
        assert_false(cw_tls_has_pending(c.server));
        client_free(&c);
    }
}

/* change_cipher_spec is allowed before Finished (RFC 8446 appendix D.4), and data may come right behind it. */
static void data_behind_finished_is_not_lost(void **state)
{
    (void)state;
    uint8_t flight[1024];
    struct client c = client_new(NATIVE, TLS1_3_VERSION);
    SSL_do_handshake(c.ssl);
    carry(&c, 16384);
    assert_int_equal(SSL_do_handshake(c.ssl), 1);
    assert_int_equal(SSL_write(c.ssl, "early bird", 10), 10);
    assert_int_equal(SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    assert_int_equal(SSL_write(c.ssl, " and worm", 9), 9);
    int n = BIO_read(c.out, flight, sizeof flight);
    assert_int_equal(flight[0], CW_TLS_CONTENT_CHANGE_CIPHER_SPEC);
    serve(&c, flight, (size_t)n);
    assert_int_equal(c.err, 0);
    assert_int_equal(c.received_bytes, 19);
    assert_memory_equal(c.received, "early bird and worm", 19);
    server_write(&c, (const uint8_t *)"fed", 3);
    assert_int_equal(SSL_read(c.ssl, flight, sizeof flight), 3);
    client_free(&c);
}

int main(void)
{
    if (fixture_begin("negative") != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_that_are_not_encrypted),
        cmocka_unit_test(records_of_a_wrong_length),
        cmocka_unit_test(the_longest_record_and_all_paddings),
        cmocka_unit_test(changed_records),
        cmocka_unit_test(repeated_left_out_and_swapped_records),
        cmocka_unit_test(a_cut_record_waits),
        cmocka_unit_test(contents_of_no_kind),
        cmocka_unit_test(floods_of_empty_records),
        cmocka_unit_test(floods_of_key_updates),
        cmocka_unit_test(key_updates_that_are_wrong),
        cmocka_unit_test(a_key_update_in_pieces),
        cmocka_unit_test(alerts_of_all_kinds),
        cmocka_unit_test(alerts_of_a_wrong_size),
        cmocka_unit_test(nothing_follows_close_notify),
        cmocka_unit_test(after_a_fault_only_its_alert_is_said),
        cmocka_unit_test(what_comes_instead_of_a_hello),
        cmocka_unit_test(a_stalled_handshake_waits),
        cmocka_unit_test(data_behind_finished_is_not_lost),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_end();
    return failed;
}
