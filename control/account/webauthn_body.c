/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/webauthn_body.h"

#include <string.h>

#include "control/secret.h"
#include "control/state.h"
#include "engine/base/err.h"

/* A member in base64url of at most size bytes; 0 also when it may be missing and is. */
static int take(const json_t *object, const char *member, bool may_miss, uint8_t *out, size_t size,
                size_t *ret_bytes)
{
    const json_t *value = json_object_get(object, member);
    const size_t n = json_string_length(value);
    const size_t bytes = n / 4 * 3 + (n % 4 > 0 ? n % 4 - 1 : 0);

    *ret_bytes = 0;
    if (may_miss && (value == NULL || json_is_null(value)))
        return 0;
    if (!json_is_string(value) || n == 0 || bytes > size ||
        cw_base64url_decode(json_string_value(value), n, out, bytes) != 0)
        return CW_ERR_INVALID;
    *ret_bytes = bytes;
    return 0;
}

int cw_body_webauthn(const json_t *credential, bool is_registration, struct cw_webauthn_room *ret)
{
    struct cw_webauthn_answer *a = &ret->answer;
    int err = take(credential, "id", false, ret->id, sizeof ret->id, &ret->id_bytes);

    a->client_data = ret->client_data;
    a->object = ret->object;
    a->signature = ret->signature;
    if (err == 0)
        err = take(credential, "client_data", false, ret->client_data, sizeof ret->client_data,
                   &a->client_data_bytes);
    if (err == 0)
        err = take(credential, is_registration ? "attestation" : "authenticator_data", false,
                   ret->object, sizeof ret->object, &a->object_bytes);
    if (err == 0)
        err = take(credential, "signature", is_registration, ret->signature, sizeof ret->signature,
                   &a->signature_bytes);
    if (err == 0)
        err = take(credential, "user_handle", true, ret->handle, sizeof ret->handle,
                   &ret->handle_bytes);
    return err;
}

struct cw_webauthn_site cw_webauthn_site(const struct cw_control *c)
{
    struct cw_webauthn_site site;

    cw_webauthn_site_of(c->public_origin, &site);
    return site;
}

json_t *cw_webauthn_request_json(const struct cw_control *c, const uint8_t *challenge,
                                 json_t *allow, bool needs_verified)
{
    const struct cw_webauthn_site site = cw_webauthn_site(c);
    char text[CW_WEBAUTHN_CHALLENGE_BYTES * 4 / 3 + 4];

    cw_base64url_encode(challenge, CW_WEBAUTHN_CHALLENGE_BYTES, text);
    return json_pack("{s:s, s:s, s:O, s:s, s:i}", "challenge", text, "rp_id", site.rp_id, "allow",
                     allow, "user_verification", needs_verified ? "required" : "preferred",
                     "timeout_s", CW_SIGN_IN_ATTEMPT_S);
}
