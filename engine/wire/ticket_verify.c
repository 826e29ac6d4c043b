/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying apart from signing: an engine verifies two signatures for each hello, and libsodium does it in half
 * of OpenSSL's time; what only signs needs no second library. */
#include <sodium.h>

#include "engine/base/err.h"
#include "engine/wire/ticket_text.h"

_Static_assert(crypto_sign_BYTES == CW_SIGNATURE_BYTES &&
                   crypto_sign_PUBLICKEYBYTES == CW_KEY_BYTES,
               "Ed25519 as RFC 8032 has it");

static int verify(const uint8_t *public_key, const uint8_t *text, size_t text_bytes,
                  const uint8_t *signature)
{
    if (sodium_init() < 0)
        return CW_ERR_SIGNATURE;
    return crypto_sign_verify_detached(signature, text, text_bytes, public_key) == 0
               ? CW_OK
               : CW_ERR_SIGNATURE;
}

int cw_ticket_verify(const struct cw_ticket *ticket, const uint8_t *public_key, uint64_t now_unix_s)
{
    uint8_t text[CW_TICKET_TEXT_BYTES];
    cw_ticket_text(ticket, text);
    int err = verify(public_key, text, sizeof text, ticket->signature);
    if (err != CW_OK)
        return err;
    /* Additions on the side of now: the ticket's own numbers may be at the end of the range. */
    if (now_unix_s + CW_TICKET_SKEW_S < ticket->not_before_unix_s)
        return CW_ERR_EXPIRED;
    if (now_unix_s > ticket->not_after_unix_s &&
        now_unix_s - ticket->not_after_unix_s > CW_TICKET_SKEW_S)
        return CW_ERR_EXPIRED;
    return CW_OK;
}

int cw_possession_verify(const uint8_t *exporter, const uint8_t *ticket_id,
                         const uint8_t *holder_key, const uint8_t *signature)
{
    uint8_t text[CW_POSSESSION_TEXT_BYTES];
    cw_possession_text(exporter, ticket_id, text);
    return verify(holder_key, text, sizeof text, signature);
}
