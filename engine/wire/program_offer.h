/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/program_offer.h - a client program that the appliance offers to its Jump Clients, and its signature.
 *
 * Owner:     values of the caller.
 * Thread:    any; pure.
 * Errors:    CW_ERR_SIGNATURE, CW_ERR_INTERNAL (the library failed).
 * Limits:    CW_PROGRAM_OFFER_BYTES_MAX; CW_PROGRAM_PIECE_BYTES of it in a DEVICE_CHUNK.
 * Invariant: what is signed is all that a client goes by: size, hash, machine and version.
 */
#ifndef CW_ENGINE_WIRE_PROGRAM_OFFER_H
#define CW_ENGINE_WIRE_PROGRAM_OFFER_H

#include <stdint.h>

#include "engine/wire/frame.h"
#include "engine/wire/ticket.h"

enum {
    CW_PROGRAM_OFFER_BYTES_MAX = 64 * 1024 * 1024,
    CW_PROGRAM_PIECE_BYTES = CW_FRAME_PAYLOAD_BYTES_MAX - 8,
    CW_PROGRAM_HASH_BYTES = 32,
    CW_PROGRAM_MACHINE_BYTES = 16,
    CW_PROGRAM_VERSION_BYTES = 32,
};

struct cw_program_offer {
    uint64_t size;
    uint8_t sha256[CW_PROGRAM_HASH_BYTES];
    char machine[CW_PROGRAM_MACHINE_BYTES]; /* as uname says it; ends with a zero */
    char version[CW_PROGRAM_VERSION_BYTES]; /* the same */
};

/* ret_signature: CW_SIGNATURE_BYTES. */
int cw_program_offer_sign(const struct cw_program_offer *offer, const uint8_t *secret_seed,
                          uint8_t *ret_signature);
int cw_program_offer_verify(const struct cw_program_offer *offer, const uint8_t *public_key,
                            const uint8_t *signature);

#endif
