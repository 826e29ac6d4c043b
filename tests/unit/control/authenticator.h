/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/authenticator.h - an authenticator in software: real keys of the three algorithms (by OpenSSL),
 * attestations and assertions. */
#ifndef CW_TESTS_UNIT_CONTROL_AUTHENTICATOR_H
#define CW_TESTS_UNIT_CONTROL_AUTHENTICATOR_H

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "tests/unit/control/rig.h"

enum { SOFT_PRESENT = 0x01, SOFT_VERIFIED = 0x04, SOFT_HAS_KEY = 0x40 };

enum soft_algorithm { SOFT_ES256 = -7, SOFT_EDDSA = -8, SOFT_RS256 = -257 };

struct soft {
    EVP_PKEY *key;
    enum soft_algorithm algorithm;
    uint8_t id[32];
    uint32_t count;
    uint8_t flags;
    const char *rp_id;
    const char *origin;
    char handle[64]; /* what the site called the account */
};

static inline void soft_new_of(struct soft *a, uint8_t number, enum soft_algorithm algorithm)
{
    memset(a, 0, sizeof *a);
    a->algorithm = algorithm;
    a->key = algorithm == SOFT_ES256   ? EVP_EC_gen("P-256")
             : algorithm == SOFT_EDDSA ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                       : EVP_RSA_gen(2048);
    assert_non_null(a->key);
    memset(a->id, number, sizeof a->id);
    a->flags = SOFT_PRESENT | SOFT_VERIFIED;
    a->rp_id = "help.example";
    a->origin = "https://help.example";
}

static inline void soft_new(struct soft *a, uint8_t number)
{
    soft_new_of(a, number, SOFT_ES256);
}

static inline void soft_free(struct soft *a)
{
    EVP_PKEY_free(a->key);
}

static inline json_t *soft_text(const uint8_t *data, size_t n)
{
    static char text[4096];

    cw_base64url_encode(data, n, text);
    return json_string(text);
}

/* {"type", "challenge", "origin"} as a browser writes it; gives its length. */
static inline size_t soft_client_data(const struct soft *a, const char *type, const char *challenge,
                                      char *out, size_t size)
{
    return (size_t)snprintf(
        out, size, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":false}",
        type, challenge, a->origin);
}

static inline size_t soft_head(struct soft *a, uint8_t more_flags, uint8_t *out)
{
    SHA256((const uint8_t *)a->rp_id, strlen(a->rp_id), out);
    out[32] = a->flags | more_flags;
    out[33] = (uint8_t)(a->count >> 24);
    out[34] = (uint8_t)(a->count >> 16);
    out[35] = (uint8_t)(a->count >> 8);
    out[36] = (uint8_t)a->count;
    return 37;
}

static inline size_t soft_put(uint8_t *out, size_t at, const void *data, size_t n)
{
    memcpy(out + at, data, n);
    return at + n;
}

static inline size_t soft_put_es256(const struct soft *a, uint8_t *out, size_t n)
{
    static const uint8_t head[] = {0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
    static const uint8_t y[] = {0x22, 0x58, 0x20};
    uint8_t point[80];
    size_t bytes = 0;

    assert_int_equal(EVP_PKEY_get_octet_string_param(a->key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                     sizeof point, &bytes),
                     1);
    assert_int_equal(bytes, 65);
    n = soft_put(out, n, head, sizeof head);
    n = soft_put(out, n, point + 1, 32);
    n = soft_put(out, n, y, sizeof y);
    return soft_put(out, n, point + 33, 32);
}

static inline size_t soft_put_eddsa(const struct soft *a, uint8_t *out, size_t n)
{
    static const uint8_t head[] = {0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20};
    uint8_t point[32];
    size_t bytes = sizeof point;

    assert_int_equal(EVP_PKEY_get_raw_public_key(a->key, point, &bytes), 1);
    n = soft_put(out, n, head, sizeof head);
    return soft_put(out, n, point, sizeof point);
}

static inline size_t soft_put_rs256(const struct soft *a, uint8_t *out, size_t n)
{
    static const uint8_t head[] = {0xA4, 0x01, 0x03, 0x03, 0x39, 0x01,
                                   0x00, 0x20, 0x59, 0x01, 0x00};
    static const uint8_t e[] = {0x21, 0x43, 0x01, 0x00, 0x01};
    BIGNUM *modulus = NULL;
    uint8_t bytes[256];

    assert_int_equal(EVP_PKEY_get_bn_param(a->key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
    assert_int_equal(BN_bn2binpad(modulus, bytes, sizeof bytes), sizeof bytes);
    BN_free(modulus);
    n = soft_put(out, n, head, sizeof head);
    n = soft_put(out, n, bytes, sizeof bytes);
    return soft_put(out, n, e, sizeof e);
}

/* The member "credential" of authenticator.add. */
static inline json_t *soft_register(struct soft *a, const char *challenge)
{
    static const uint8_t start[] = {0xA3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n',  'e',
                                    0x67, 'a',  't', 't', 'S', 't',  'm', 't', 0xA0, 0x68,
                                    'a',  'u',  't', 'h', 'D', 'a',  't', 'a'};
    char client[512];
    uint8_t data[512], object[600];
    size_t client_bytes = soft_client_data(a, "webauthn.create", challenge, client, sizeof client);
    size_t n = soft_head(a, SOFT_HAS_KEY, data);
    size_t m = 0;

    memset(data + n, 0, 16);
    n += 16;
    data[n++] = 0;
    data[n++] = sizeof a->id;
    n = soft_put(data, n, a->id, sizeof a->id);
    n = a->algorithm == SOFT_ES256   ? soft_put_es256(a, data, n)
        : a->algorithm == SOFT_EDDSA ? soft_put_eddsa(a, data, n)
                                     : soft_put_rs256(a, data, n);
    m = soft_put(object, 0, start, sizeof start);
    object[m++] = n < 256 ? 0x58 : 0x59;
    if (n >= 256)
        object[m++] = (uint8_t)(n >> 8);
    object[m++] = (uint8_t)n;
    m = soft_put(object, m, data, n);
    return json_pack("{s:o, s:o, s:o}", "id", soft_text(a->id, sizeof a->id), "client_data",
                     soft_text((const uint8_t *)client, client_bytes), "attestation",
                     soft_text(object, m));
}

/* The member "credential" of sign_in.webauthn. type: "webauthn.get" but in tests of lies. */
static inline json_t *soft_sign(struct soft *a, const char *type, const char *challenge)
{
    char client[512];
    uint8_t data[37 + 32], signature[256];
    size_t client_bytes = soft_client_data(a, type, challenge, client, sizeof client);
    size_t n = 0, signature_bytes = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    json_t *credential = NULL;

    a->count++;
    n = soft_head(a, 0, data);
    SHA256((const uint8_t *)client, client_bytes, data + n);
    assert_non_null(ctx);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, a->algorithm == SOFT_EDDSA ? NULL : EVP_sha256(),
                                        NULL, a->key),
                     1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &signature_bytes, data, sizeof data), 1);
    EVP_MD_CTX_free(ctx);
    credential =
        json_pack("{s:o, s:o, s:o, s:o}", "id", soft_text(a->id, sizeof a->id), "client_data",
                  soft_text((const uint8_t *)client, client_bytes), "authenticator_data",
                  soft_text(data, n), "signature", soft_text(signature, signature_bytes));
    if (a->handle[0] != '\0')
        (void)json_object_set_new(credential, "user_handle", json_string(a->handle));
    return credential;
}

#endif
