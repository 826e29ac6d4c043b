/* SPDX-License-Identifier: Apache-2.0 */
/* One key that signs many tickets: control signs four for each session that starts, and libsodium does it in 40 % of
 * OpenSSL's time. What signs once needs no second library (ticket.c). */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/ticket_text.h"

_Static_assert(crypto_sign_BYTES == CW_SIGNATURE_BYTES && crypto_sign_SEEDBYTES == CW_KEY_BYTES,
               "Ed25519 as RFC 8032 has it");

struct cw_ticket_signer {
    uint8_t key[crypto_sign_SECRETKEYBYTES]; /* the seed and its public key */
};

struct cw_ticket_signer *cw_ticket_signer_new(const uint8_t *secret_seed)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    struct cw_ticket_signer *signer = NULL;
    if (sodium_init() >= 0)
        signer = malloc(sizeof *signer);
    if (signer != NULL)
        (void)crypto_sign_seed_keypair(public_key, signer->key, secret_seed);
    return signer;
}

void cw_ticket_signer_free(struct cw_ticket_signer *signer)
{
    if (signer != NULL)
        explicit_bzero(signer, sizeof *signer);
    free(signer);
}

int cw_ticket_sign_by(struct cw_ticket *ticket, struct cw_ticket_signer *signer)
{
    uint8_t text[CW_TICKET_TEXT_BYTES];
    cw_ticket_text(ticket, text);
    return crypto_sign_detached(ticket->signature, NULL, text, sizeof text, signer->key) == 0
               ? CW_OK
               : CW_ERR_INTERNAL;
}
