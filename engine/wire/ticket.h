/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/ticket.h - signed permissions to connect, made by control, verified by the engine alone.
 *
 * Owner:     values only.
 * Thread:    any; no state.
 * Units:     Unix seconds.
 * Errors:    cw_ticket_decode: CW_ERR_INVALID (length, version, kind, role, reserved bytes);
 *            cw_ticket_verify: CW_ERR_SIGNATURE, CW_ERR_EXPIRED (also: not yet valid);
 *            cw_ticket_sign, cw_possession_*: CW_ERR_SIGNATURE, CW_ERR_INTERNAL.
 * Limits:    CW_TICKET_BYTES, CW_TICKET_JOIN_S, CW_TICKET_RESUME_S, CW_TICKET_SKEW_S.
 *
 * Layout, little-endian (engine/PROTOCOL.md section "Tickets"):
 *   0 u8 version = 1        16 u64 permissions        40 u8[16] ticket id
 *   1 u8 kind               24 u64 not before         56 u8[32] holder's Ed25519 public key
 *   2 u8 role               32 u64 not after          88 u8[64] Ed25519 signature over
 *   3 u8 flags                                                  "causeway ticket v1" || bytes 0..87
 *   4 u32 session           (0 for device and console tickets)
 *   8 u32 participant       (device number for device tickets, account number for console tickets)
 *  12 u32 zero
 */
#ifndef CW_ENGINE_WIRE_TICKET_H
#define CW_ENGINE_WIRE_TICKET_H

#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum cw_ticket_kind {
    CW_TICKET_KIND_JOIN = 1,    /* once, CW_TICKET_JOIN_S */
    CW_TICKET_KIND_RESUME = 2,  /* any number of times until not_after, renewed in band */
    CW_TICKET_KIND_DEVICE = 3,  /* a Jump Client's credential; years; revoked by the deny list */
    CW_TICKET_KIND_CONSOLE = 4, /* a console's event stream; once, CW_TICKET_JOIN_S */
};

enum cw_ticket_flag {
    CW_TICKET_RECORD = 1,          /* record the session if that is possible */
    CW_TICKET_RECORD_REQUIRED = 2, /* no session without a recording */
    CW_TICKET_FLAGS = CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED,
};

struct cw_ticket {
    uint8_t kind;  /* enum cw_ticket_kind */
    uint8_t role;  /* enum cw_role */
    uint8_t flags; /* enum cw_ticket_flag; 0 for device and console tickets */
    uint32_t session;
    uint32_t participant;
    uint64_t permissions;
    uint64_t not_before_unix_s;
    uint64_t not_after_unix_s;
    uint8_t id[CW_TICKET_ID_BYTES];
    uint8_t holder_key[CW_KEY_BYTES];
    uint8_t signature[CW_SIGNATURE_BYTES];
};

int cw_ticket_decode(const uint8_t *data, size_t size, struct cw_ticket *ret_ticket);
/* Writes exactly CW_TICKET_BYTES. */
void cw_ticket_encode(const struct cw_ticket *ticket, uint8_t *out);
/* Fills ticket->signature. secret_seed: the 32-byte Ed25519 seed of control's ticket key. */
int cw_ticket_sign(struct cw_ticket *ticket, const uint8_t *secret_seed);
/* The same for one who signs many, with libsodium (ticket_signer.c). NULL: out of memory. */
struct cw_ticket_signer;
struct cw_ticket_signer *cw_ticket_signer_new(const uint8_t *secret_seed);
void cw_ticket_signer_free(struct cw_ticket_signer *signer);
int cw_ticket_sign_by(struct cw_ticket *ticket, struct cw_ticket_signer *signer);
/* Signature first, then the time window. Whether it was used or denied is the caller's table. */
int cw_ticket_verify(const struct cw_ticket *ticket, const uint8_t *public_key,
                     uint64_t now_unix_s);

/* Only whose signature it is: for who got it and has no clock to trust. */
int cw_ticket_check_maker(const struct cw_ticket *ticket, const uint8_t *public_key);

/* Proof of possession: an Ed25519 signature by the holder over
 *   "causeway possession v1" || exporter (32) || ticket id (16).
 * exporter: TLS exporter, label "EXPORTER-causeway-possession", no context, 32 bytes. A browser cannot
 * read its TLS exporter, so the engine sends it the same 32 bytes in CHALLENGE. */
int cw_possession_sign(const uint8_t *exporter, const uint8_t *ticket_id,
                       const uint8_t *secret_seed, uint8_t *ret_signature);
int cw_possession_verify(const uint8_t *exporter, const uint8_t *ticket_id,
                         const uint8_t *holder_key, const uint8_t *signature);

/* Ed25519 public key of a seed. */
int cw_key_public(const uint8_t *secret_seed, uint8_t *ret_public_key);
/* Ed25519 over a text, which begins with a prefix of its own kind. */
int cw_key_sign(const uint8_t *secret_seed, const uint8_t *text, size_t text_bytes,
                uint8_t *ret_signature);

#endif
