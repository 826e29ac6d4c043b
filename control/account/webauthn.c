/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/webauthn.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "control/account/cbor.h"
#include "control/secret.h"
#include "engine/base/err.h"

enum {
    AUTH_FLAGS_AT = 32, /* behind the hash of the relying party's name */
    AUTH_COUNT_AT = 33,
    AUTH_BYTES_MIN = 37,
    FLAG_PRESENT = 0x01,
    FLAG_VERIFIED = 0x04,
};

void cw_webauthn_site_of(const char *origins, struct cw_webauthn_site *ret)
{
    static const char scheme[] = "https://";
    const char *host = origins + sizeof scheme - 1;

    ret->origins = origins;
    snprintf(ret->rp_id, sizeof ret->rp_id, "%.*s", (int)strcspn(host, ": "), host);
}

/* ---- what the browser says ------------------------------------------------------------------- */

static bool is_our_origin(const char *origins, const char *origin)
{
    const size_t n = strlen(origin);

    while (*origins != '\0') {
        size_t one = strcspn(origins, " ");
        if (one == n && n > 0 && memcmp(origins, origin, n) == 0)
            return true;
        origins += one;
        origins += strspn(origins, " ");
    }
    return false;
}

static bool is_challenge(const json_t *value, const uint8_t *challenge)
{
    uint8_t given[CW_WEBAUTHN_CHALLENGE_BYTES];

    return json_is_string(value) &&
           cw_base64url_decode(json_string_value(value), json_string_length(value), given,
                               sizeof given) == 0 &&
           memcmp(given, challenge, sizeof given) == 0;
}

static int check_client_data(const struct cw_webauthn_site *site, const char *type,
                             const uint8_t *challenge, const struct cw_webauthn_answer *answer,
                             const char **ret_why)
{
    json_t *data = json_loadb((const char *)answer->client_data, answer->client_data_bytes,
                              JSON_REJECT_DUPLICATES, NULL);
    const char *said_type = json_string_value(json_object_get(data, "type"));
    const char *origin = json_string_value(json_object_get(data, "origin"));
    const char *why = NULL;

    if (said_type == NULL || origin == NULL)
        why = "the client data is not well formed";
    else if (strcmp(said_type, type) != 0)
        why = "it is not of the kind that was asked for";
    else if (!is_challenge(json_object_get(data, "challenge"), challenge))
        why = "the challenge is another one";
    else if (!is_our_origin(site->origins, origin))
        why = "it was made for another site";
    else if (json_is_true(json_object_get(data, "crossOrigin")))
        why = "it was made inside another site";
    json_decref(data);
    if (why != NULL)
        *ret_why = why;
    return why == NULL ? 0 : CW_ERR_INVALID;
}

/* ---- what the authenticator says ------------------------------------------------------------- */

static int check_authenticator_data(const struct cw_webauthn_site *site, const uint8_t *data,
                                    size_t bytes, bool needs_verified, const char **ret_why)
{
    uint8_t hash[CW_SHA256_BYTES];

    *ret_why = "the authenticator's data is not well formed";
    if (bytes < AUTH_BYTES_MIN)
        return CW_ERR_INVALID;
    SHA256((const uint8_t *)site->rp_id, strlen(site->rp_id), hash);
    *ret_why = "the authenticator answered for another site";
    if (memcmp(hash, data, sizeof hash) != 0)
        return CW_ERR_INVALID;
    *ret_why = "nobody touched the authenticator";
    if ((data[AUTH_FLAGS_AT] & FLAG_PRESENT) == 0)
        return CW_ERR_DENIED;
    *ret_why = "the authenticator did not verify who touched it";
    if (needs_verified && (data[AUTH_FLAGS_AT] & FLAG_VERIFIED) == 0)
        return CW_ERR_DENIED;
    return 0;
}

static uint32_t count_of(const uint8_t *data)
{
    const uint8_t *at = data + AUTH_COUNT_AT;

    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* {"fmt": text, "attStmt": map, "authData": bytes}, in any order. */
static int authenticator_data_of(const struct cw_webauthn_answer *answer, const uint8_t **ret_data,
                                 size_t *ret_bytes)
{
    struct cw_cbor c = cw_cbor_of(answer->object, answer->object_bytes);
    const uint64_t pairs = cw_cbor_map(&c);
    bool has_format = false;
    const uint8_t *data = NULL;
    size_t data_bytes = 0;

    for (uint64_t i = 0; i < pairs && !c.is_bad; i++) {
        size_t n = 0;
        const char *name = cw_cbor_text(&c, &n);
        if (name != NULL && n == 8 && memcmp(name, "authData", n) == 0 && data == NULL) {
            data = cw_cbor_bytes(&c, &data_bytes);
        } else {
            has_format = has_format || (name != NULL && n == 3 && memcmp(name, "fmt", n) == 0);
            cw_cbor_skip(&c);
        }
    }
    if (!cw_cbor_is_done(&c) || !has_format || data == NULL)
        return CW_ERR_INVALID;
    *ret_data = data;
    *ret_bytes = data_bytes;
    return 0;
}

static int take_key(const fido_cred_t *cred, struct cw_webauthn_key *ret)
{
    const size_t id_bytes = fido_cred_id_len(cred);
    const size_t key_bytes = fido_cred_pubkey_len(cred);

    if (id_bytes == 0 || id_bytes > sizeof ret->id || key_bytes == 0 ||
        key_bytes > sizeof ret->public_key)
        return CW_ERR_INVALID;
    memcpy(ret->id, fido_cred_id_ptr(cred), id_bytes);
    ret->id_bytes = id_bytes;
    ret->algorithm = fido_cred_type(cred);
    memcpy(ret->public_key, fido_cred_pubkey_ptr(cred), key_bytes);
    ret->public_key_bytes = key_bytes;
    return 0;
}

/* libfido2 takes a key only of the algorithm it was told to expect: each of those offered is tried. */
static int decode_key(const uint8_t *data, size_t bytes, struct cw_webauthn_key *ret)
{
    static const int algorithms[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};

    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        fido_cred_t *cred = fido_cred_new();
        int err = CW_ERR_UNSUPPORTED;
        if (cred == NULL)
            return CW_ERR_NOMEM;
        if (fido_cred_set_type(cred, algorithms[i]) == FIDO_OK &&
            fido_cred_set_authdata_raw(cred, data, bytes) == FIDO_OK)
            err = take_key(cred, ret);
        fido_cred_free(&cred);
        if (err != CW_ERR_UNSUPPORTED)
            return err;
    }
    return CW_ERR_UNSUPPORTED;
}

int cw_webauthn_register(const struct cw_webauthn_site *site, const uint8_t *challenge,
                         const struct cw_webauthn_answer *answer, struct cw_webauthn_key *ret_key,
                         const char **ret_why)
{
    struct cw_webauthn_key key = {0};
    const uint8_t *data = NULL;
    size_t bytes = 0;
    int err = check_client_data(site, "webauthn.create", challenge, answer, ret_why);

    if (err != 0)
        return err;
    *ret_why = "the attestation object is not well formed";
    err = authenticator_data_of(answer, &data, &bytes);
    if (err == 0)
        err = check_authenticator_data(site, data, bytes, false, ret_why);
    if (err != 0)
        return err;
    *ret_why = "its key is of a kind that is not known here";
    err = decode_key(data, bytes, &key);
    if (err != 0)
        return err;
    key.sign_count = count_of(data);
    *ret_key = key;
    return 0;
}

/* ---- signing in ------------------------------------------------------------------------------ */

static int verify_with(const fido_assert_t *assert, const struct cw_webauthn_key *key)
{
    es256_pk_t *es256 = es256_pk_new();
    rs256_pk_t *rs256 = rs256_pk_new();
    eddsa_pk_t *eddsa = eddsa_pk_new();
    const void *pk = NULL;
    int rc = FIDO_ERR_INTERNAL;

    if (key->algorithm == COSE_ES256 && es256 != NULL &&
        es256_pk_from_ptr(es256, key->public_key, key->public_key_bytes) == FIDO_OK)
        pk = es256;
    if (key->algorithm == COSE_RS256 && rs256 != NULL &&
        rs256_pk_from_ptr(rs256, key->public_key, key->public_key_bytes) == FIDO_OK)
        pk = rs256;
    if (key->algorithm == COSE_EDDSA && eddsa != NULL &&
        eddsa_pk_from_ptr(eddsa, key->public_key, key->public_key_bytes) == FIDO_OK)
        pk = eddsa;
    if (pk != NULL)
        rc = fido_assert_verify(assert, 0, key->algorithm, pk);
    es256_pk_free(&es256);
    rs256_pk_free(&rs256);
    eddsa_pk_free(&eddsa);
    return rc == FIDO_OK ? 0 : CW_ERR_SIGNATURE;
}

static int verify_signature(const struct cw_webauthn_site *site,
                            const struct cw_webauthn_answer *answer,
                            const struct cw_webauthn_key *key, bool needs_verified)
{
    uint8_t hash[CW_SHA256_BYTES];
    fido_assert_t *assert = fido_assert_new();
    int err = CW_ERR_SIGNATURE;

    if (assert == NULL)
        return CW_ERR_NOMEM;
    SHA256(answer->client_data, answer->client_data_bytes, hash);
    if (fido_assert_set_clientdata_hash(assert, hash, sizeof hash) == FIDO_OK &&
        fido_assert_set_rp(assert, site->rp_id) == FIDO_OK &&
        fido_assert_set_count(assert, 1) == FIDO_OK &&
        fido_assert_set_authdata_raw(assert, 0, answer->object, answer->object_bytes) == FIDO_OK &&
        fido_assert_set_sig(assert, 0, answer->signature, answer->signature_bytes) == FIDO_OK &&
        fido_assert_set_up(assert, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_uv(assert, needs_verified ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) == FIDO_OK)
        err = verify_with(assert, key);
    fido_assert_free(&assert);
    return err;
}

int cw_webauthn_sign_in(const struct cw_webauthn_site *site, const uint8_t *challenge,
                        const struct cw_webauthn_answer *answer, const struct cw_webauthn_key *key,
                        bool needs_verified, uint32_t *ret_sign_count, const char **ret_why)
{
    int err = check_client_data(site, "webauthn.get", challenge, answer, ret_why);
    uint32_t count = 0;

    if (err == 0)
        err = check_authenticator_data(site, answer->object, answer->object_bytes, needs_verified,
                                       ret_why);
    if (err != 0)
        return err;
    *ret_why = "the signature is wrong";
    err = verify_signature(site, answer, key, needs_verified);
    if (err != 0)
        return err;
    count = count_of(answer->object);
    *ret_why = "its counter did not go up: there may be a copy of the authenticator";
    if ((count != 0 || key->sign_count != 0) && count <= key->sign_count)
        return CW_ERR_USED;
    *ret_sign_count = count;
    return 0;
}
