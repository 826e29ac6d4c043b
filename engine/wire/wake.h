/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/wake.h - the datagram that wakes a passive Jump Client: made by control, verified by the client.
 *
 * Owner:     values only.
 * Thread:    any; no state.
 * Units:     Unix milliseconds of the appliance.
 * Errors:    cw_wake_decode: CW_ERR_INVALID (length, first bytes, item or number 0); cw_wake_verify: CW_ERR_SIGNATURE;
 *            cw_wake_sign: CW_ERR_INTERNAL.
 * Limits:    CW_WAKE_BYTES, exactly.
 *
 * Layout, little-endian (engine/PROTOCOL.md section "Jump Clients"):
 *   0 u8[4] "CWW1"    4 u32 Jump Item    8 u64 number    16 u64 time
 *  24 u8[64] Ed25519 signature over "causeway wake v1" || bytes 0..23
 */
#ifndef CW_ENGINE_WIRE_WAKE_H
#define CW_ENGINE_WIRE_WAKE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum {
    CW_WAKE_SIGNED_BYTES = 24,
    CW_WAKE_BYTES = CW_WAKE_SIGNED_BYTES + CW_SIGNATURE_BYTES,
};

struct cw_wake {
    uint32_t item;
    uint64_t number; /* of each waking of an item: greater than all before */
    uint64_t time_unix_ms;
    uint8_t signature[CW_SIGNATURE_BYTES];
};

int cw_wake_decode(const uint8_t *data, size_t size, struct cw_wake *ret_wake);
/* Writes exactly CW_WAKE_BYTES. */
void cw_wake_encode(const struct cw_wake *wake, uint8_t *out);
/* Fills wake->signature. secret_seed: of control's ticket key. */
int cw_wake_sign(struct cw_wake *wake, const uint8_t *secret_seed);
/* The signature alone: whose number and time are good is the caller's to say. */
int cw_wake_verify(const struct cw_wake *wake, const uint8_t *public_key);

#endif
