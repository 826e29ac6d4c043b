/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/handshake.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/span.h"

enum {
    KEY_BYTES = 32,
    RANDOM_BYTES = 32,
    HEAD_BYTES = 4, /* of a handshake message: type and three bytes of length */
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    FINISHED = 20,
    RECORD_CHANGE_CIPHER_SPEC = 20,
    SUITE_HIGH = 0x13,
    SUITE_LOW = 0x01,
    EXTENSION_KEY_SHARE = 51,
    GROUP_X25519 = 29,
};

/* Everything of a ClientHello but its random bytes and key. Lengths are filled in. */
static const uint8_t before_key[] = {
    0,    2,    SUITE_HIGH, SUITE_LOW,                              /* cipher suites */
    1,    0,                                                        /* no compression */
    0,    0,                                                        /* length of the extensions */
    0,    43,   0,          3,         2, 0x03, 0x04,               /* TLS 1.3 */
    0,    10,   0,          4,         0, 2,    0,    GROUP_X25519, /* groups */
    0,    13,   0,          10,        0, 8,    0x04, 0x03,         0x08, 0x07, /* P-256, Ed25519 */
    0x08, 0x04, 0x04,       0x01,                                               /* RSA-PSS, RSA */
    0,    51,   0,          38,        0, 36,   0,    GROUP_X25519, 0,    KEY_BYTES,
};
enum { EXTENSIONS_AT = 6 };
static const uint8_t alpn[] = {0,   16,  0,   13,  0,   11,  10,  'c', 'a',
                               'u', 's', 'e', 'w', 'a', 'y', '/', '1'};

static uint8_t private_key[KEY_BYTES], public_key[KEY_BYTES];
static uint8_t empty_hash[CW_HKDF_BYTES], derived_from_early[CW_HKDF_BYTES];
static const uint8_t zeros[CW_HKDF_BYTES];

int cw_handshake_start(void)
{
    uint8_t early[CW_HKDF_BYTES];
    if (sodium_init() < 0)
        return CW_ERR_INTERNAL;
    randombytes_buf(private_key, sizeof private_key);
    (void)crypto_scalarmult_base(public_key, private_key);
    (void)crypto_hash_sha256(empty_hash, NULL, 0);
    cw_hkdf_extract(zeros, zeros, early);
    cw_hkdf_expand(early, "derived", empty_hash, sizeof empty_hash, derived_from_early,
                   sizeof derived_from_early);
    return CW_OK;
}

static void write_big(uint8_t *at, size_t bytes, size_t value)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

size_t cw_handshake_hello(struct cw_handshake *h, bool native, uint8_t *out)
{
    h->has_keys = false;
    h->flight_bytes = 0;
    h->alert = 0;
    struct cw_writer w = cw_writer_of(out, CW_HANDSHAKE_HELLO_BYTES);
    static const uint8_t record_head[CW_RECORD_HEADER_BYTES] = {CW_RECORD_HANDSHAKE, 3, 1, 0, 0};
    static const uint8_t message_head[HEAD_BYTES + 2] = {CLIENT_HELLO, 0, 0, 0, 3, 3};
    uint8_t random[RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    cw_write_bytes(&w, record_head, sizeof record_head);
    cw_write_bytes(&w, message_head, sizeof message_head);
    cw_write_bytes(&w, random, sizeof random);
    cw_write_u8(&w, 0); /* no session id */
    size_t suites_at = w.at;
    cw_write_bytes(&w, before_key, sizeof before_key);
    cw_write_bytes(&w, public_key, sizeof public_key);
    if (native)
        cw_write_bytes(&w, alpn, sizeof alpn);
    CW_CHECK(!w.failed, "a ClientHello fits");
    size_t extensions_at = suites_at + EXTENSIONS_AT;
    write_big(out + extensions_at, 2, w.at - extensions_at - 2);
    write_big(out + CW_RECORD_HEADER_BYTES + 1, 3, w.at - CW_RECORD_HEADER_BYTES - HEAD_BYTES);
    write_big(out + 3, 2, w.at - CW_RECORD_HEADER_BYTES);
    (void)crypto_hash_sha256_init(&h->transcript);
    (void)crypto_hash_sha256_update(&h->transcript, out + CW_RECORD_HEADER_BYTES,
                                    w.at - CW_RECORD_HEADER_BYTES);
    return w.at;
}

static void hash_of(const struct cw_handshake *h, uint8_t *out)
{
    crypto_hash_sha256_state copy = h->transcript;
    (void)crypto_hash_sha256_final(&copy, out);
}

static size_t read_big(struct cw_reader *r)
{
    size_t high = cw_read_u8(r);
    return high << 8 | cw_read_u8(r);
}

/* The server's share, or NULL. */
static const uint8_t *find_share(const uint8_t *body, size_t size)
{
    struct cw_reader r = cw_reader_of(body, size);
    (void)cw_read_bytes(&r, 2 + RANDOM_BYTES);
    (void)cw_read_bytes(&r, cw_read_u8(&r)); /* session id */
    if (cw_read_u8(&r) != SUITE_HIGH || cw_read_u8(&r) != SUITE_LOW || cw_read_u8(&r) != 0)
        return NULL;
    (void)read_big(&r); /* all extensions */
    while (cw_reader_left(&r) > 0 && !r.failed) {
        size_t type = read_big(&r);
        size_t length = read_big(&r);
        const uint8_t *data = cw_read_bytes(&r, length);
        if (type == EXTENSION_KEY_SHARE && data != NULL && length == 4 + KEY_BYTES &&
            data[1] == GROUP_X25519)
            return data + 4;
    }
    return NULL; /* also for a HelloRetryRequest, whose share has no key */
}

static int on_server_hello(struct cw_handshake *h, const uint8_t *message, size_t size)
{
    uint8_t shared[KEY_BYTES], hash[CW_HKDF_BYTES], traffic[CW_HKDF_BYTES], derived[CW_HKDF_BYTES];
    const uint8_t *share = find_share(message + HEAD_BYTES, size - HEAD_BYTES);
    if (share == NULL || crypto_scalarmult(shared, private_key, share) != 0)
        return CW_ERR_UNSUPPORTED;
    (void)crypto_hash_sha256_update(&h->transcript, message, size);
    hash_of(h, hash);
    cw_hkdf_extract(derived_from_early, shared, h->secret);
    cw_hkdf_expand(h->secret, "s hs traffic", hash, sizeof hash, traffic, sizeof traffic);
    cw_record_init(&h->server, traffic);
    cw_hkdf_expand(h->secret, "c hs traffic", hash, sizeof hash, traffic, sizeof traffic);
    cw_record_init(&h->client, traffic);
    cw_hkdf_expand(h->secret, "derived", empty_hash, sizeof empty_hash, derived, sizeof derived);
    cw_hkdf_extract(derived, zeros, h->secret);
    h->has_keys = true;
    return CW_ERR_AGAIN;
}

static int on_finished(struct cw_handshake *h, const uint8_t *message, size_t size, uint8_t *out,
                       struct cw_secrets *secrets)
{
    uint8_t hash[CW_HKDF_BYTES], mac[CW_HKDF_BYTES], master[CW_HKDF_BYTES], named[CW_HKDF_BYTES];
    uint8_t *plain = out + CW_RECORD_HEADER_BYTES;
    hash_of(h, hash);
    cw_hkdf_finished(h->server.secret, hash, mac);
    if (size != HEAD_BYTES + sizeof mac ||
        sodium_memcmp(mac, message + HEAD_BYTES, sizeof mac) != 0)
        return CW_ERR_SIGNATURE;
    (void)crypto_hash_sha256_update(&h->transcript, message, size);
    hash_of(h, hash);
    cw_hkdf_expand(h->secret, "c ap traffic", hash, sizeof hash, secrets->client,
                   sizeof secrets->client);
    cw_hkdf_expand(h->secret, "s ap traffic", hash, sizeof hash, secrets->server,
                   sizeof secrets->server);
    cw_hkdf_expand(h->secret, "exp master", hash, sizeof hash, master, sizeof master);
    cw_hkdf_expand(master, CW_SECURE_EXPORTER_LABEL, empty_hash, sizeof empty_hash, named,
                   sizeof named);
    cw_hkdf_expand(named, "exporter", empty_hash, sizeof empty_hash, secrets->exporter,
                   sizeof secrets->exporter);
    secrets->count = 2;
    plain[0] = FINISHED;
    write_big(plain + 1, 3, CW_HKDF_BYTES);
    cw_hkdf_finished(h->client.secret, hash, plain + HEAD_BYTES);
    (void)cw_record_seal(&h->client, CW_RECORD_HANDSHAKE, plain, HEAD_BYTES + CW_HKDF_BYTES, out);
    return CW_OK;
}

/* Every whole message of the flight so far. */
static int take_flight(struct cw_handshake *h, uint8_t *out, struct cw_secrets *secrets)
{
    size_t at = 0;
    int err = CW_ERR_AGAIN;
    while (err == CW_ERR_AGAIN && h->flight_bytes - at >= HEAD_BYTES) {
        const uint8_t *message = h->flight + at;
        size_t size =
            HEAD_BYTES + ((size_t)message[1] << 16 | (size_t)message[2] << 8 | message[3]);
        if (size > CW_HANDSHAKE_FLIGHT_BYTES)
            return CW_ERR_TOO_LARGE;
        if (size > h->flight_bytes - at)
            break;
        if (!h->has_keys)
            err = message[0] == SERVER_HELLO ? on_server_hello(h, message, size) : CW_ERR_INVALID;
        else if (message[0] == FINISHED)
            err = on_finished(h, message, size, out, secrets);
        else
            (void)crypto_hash_sha256_update(&h->transcript, message, size);
        at += size;
    }
    memmove(h->flight, h->flight + at, h->flight_bytes - at);
    h->flight_bytes -= at;
    return err;
}

int cw_handshake_take(struct cw_handshake *h, uint8_t *record, size_t size, uint8_t *out,
                      struct cw_secrets *secrets)
{
    uint8_t type = record[0];
    uint8_t *plain = record + CW_RECORD_HEADER_BYTES;
    size_t plain_bytes = size - CW_RECORD_HEADER_BYTES;
    size_t used = 0;
    if (type == RECORD_CHANGE_CIPHER_SPEC)
        return CW_ERR_AGAIN; /* of the middlebox compatibility mode */
    if (h->has_keys) {
        int err = cw_record_open(&h->server, record, size, &used, &type, &plain, &plain_bytes);
        if (err != CW_OK)
            return err == CW_ERR_AGAIN ? CW_ERR_INVALID : err;
    }
    if (type == CW_RECORD_ALERT && plain_bytes == 2) {
        h->alert = plain[1];
        return CW_ERR_DENIED;
    }
    if (type != CW_RECORD_HANDSHAKE)
        return CW_ERR_INVALID;
    if (plain_bytes > sizeof h->flight - h->flight_bytes)
        return CW_ERR_TOO_LARGE;
    memcpy(h->flight + h->flight_bytes, plain, plain_bytes);
    h->flight_bytes += plain_bytes;
    return take_flight(h, out, secrets);
}
