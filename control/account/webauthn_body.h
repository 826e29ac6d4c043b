/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/webauthn_body.h - WebAuthn's requests and answers as JSON.
 *
 * Owner:     what cw_body_webauthn gives is in the room that the caller lends it.
 * Thread:    the state thread.
 * Errors:    CW_ERR_INVALID.
 * Limits:    CW_WEBAUTHN_*.
 */
#ifndef CW_CONTROL_ACCOUNT_WEBAUTHN_BODY_H
#define CW_CONTROL_ACCOUNT_WEBAUTHN_BODY_H

#include <jansson.h>

#include "control/account/webauthn.h"

struct cw_control;

struct cw_webauthn_room {
    uint8_t id[CW_WEBAUTHN_ID_BYTES_MAX];
    size_t id_bytes;
    uint8_t handle[64];
    size_t handle_bytes; /* 0: the authenticator did not say */
    uint8_t client_data[CW_WEBAUTHN_CLIENT_DATA_BYTES_MAX];
    uint8_t object[CW_WEBAUTHN_OBJECT_BYTES_MAX];
    uint8_t signature[CW_WEBAUTHN_SIGNATURE_BYTES_MAX];
    struct cw_webauthn_answer answer; /* points into the room */
};

/* {"id", "client_data", "authenticator_data", "signature", "user_handle"}, or with "attestation" instead of the last
 * three when it is a registration. */
int cw_body_webauthn(const json_t *credential, bool is_registration, struct cw_webauthn_room *ret);
/* What the browser passes to navigator.credentials.get(). allow: ids; empty: any that the person has. */
json_t *cw_webauthn_request_json(const struct cw_control *c, const uint8_t *challenge,
                                 json_t *allow, bool needs_verified);
struct cw_webauthn_site cw_webauthn_site(const struct cw_control *c);

#endif
