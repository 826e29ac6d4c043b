/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/webauthn.h - what an authenticator says when it is registered and when it signs in.
 *
 * Owner:     the caller's buffers.
 * Thread:    any; no state.
 * Errors:    CW_ERR_INVALID (not well formed, or not for us), CW_ERR_DENIED (the person was not there or was not
 *            verified), CW_ERR_SIGNATURE, CW_ERR_UNSUPPORTED (algorithm), CW_ERR_NOMEM. why: a few
 *            words for the audit log.
 * Limits:    CW_WEBAUTHN_*.
 *
 * Attestation is not asked for: which maker built an authenticator does not decide anything here, so an
 * attestation statement is passed over. libfido2 decodes authenticator data and public keys and checks
 * signatures; type, challenge, origin, relying party, flags and counter are checked here.
 */
#ifndef CW_CONTROL_ACCOUNT_WEBAUTHN_H
#define CW_CONTROL_ACCOUNT_WEBAUTHN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/limits.h"

struct cw_webauthn_site {
    char rp_id[CW_HOST_BYTES_MAX + 1]; /* host of the first origin */
    const char *origins;               /* exact, a space between */
};

struct cw_webauthn_key {
    uint8_t id[CW_WEBAUTHN_ID_BYTES_MAX];
    size_t id_bytes;
    int algorithm; /* COSE */
    uint8_t public_key[CW_WEBAUTHN_KEY_BYTES_MAX];
    size_t public_key_bytes;
    uint32_t sign_count;
};

/* What the browser sent; all of it is the caller's. */
struct cw_webauthn_answer {
    const uint8_t *client_data; /* JSON */
    size_t client_data_bytes;
    const uint8_t *object; /* registration: attestation object; sign-in: authenticator data */
    size_t object_bytes;
    const uint8_t *signature; /* sign-in only */
    size_t signature_bytes;
};

/* "https://help.example:8443 ..." */
void cw_webauthn_site_of(const char *origins, struct cw_webauthn_site *ret);

/* challenge: CW_WEBAUTHN_CHALLENGE_BYTES. */
int cw_webauthn_register(const struct cw_webauthn_site *site, const uint8_t *challenge,
                         const struct cw_webauthn_answer *answer, struct cw_webauthn_key *ret_key,
                         const char **ret_why);
/* needs_verified: the authenticator must have verified the person (PIN, finger), not only the touch.
 * ret_sign_count: what to remember. A counter that does not go up: CW_ERR_USED. */
int cw_webauthn_sign_in(const struct cw_webauthn_site *site, const uint8_t *challenge,
                        const struct cw_webauthn_answer *answer, const struct cw_webauthn_key *key,
                        bool needs_verified, uint32_t *ret_sign_count, const char **ret_why);

#endif
