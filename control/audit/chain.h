/* SPDX-License-Identifier: Apache-2.0 */
/* control/audit/chain.h - the keys of the audit log: what makes a row, or an end of the log, impossible to forge.
 *
 * Owner:     values; struct cw_chain_mac keeps a context of libcrypto until cw_chain_mac_free.
 * Thread:    any, each value one at a time.
 * Errors:    CW_ERR_INTERNAL (libcrypto), CW_ERR_TOO_LARGE (a row).
 * Limits:    CW_AUDIT_ROW_BYTES_MAX.
 * Invariant: a key of an epoch gives those of later ones, never of earlier ones.
 *
 * Time is cut into epochs. Each has a root key; HMAC-SHA256 of it and a label gives the key of its rows' HMACs
 * ("rows"), the Ed25519 seed of its checkpoint ("sign") and the next epoch's root ("next"). The root is overwritten as
 * soon as the epoch ends, so who breaks in later can neither sign an earlier checkpoint nor make rows that fit it.
 *
 * A row's MAC is HMAC(rows, MAC of the row before, the row). The checkpoint that ends an epoch signs the last row's
 * MAC, the key "rows", which it makes known so that anybody can verify the epoch, and the next epoch's public key.
 * Epoch 0 is what older versions wrote: a chain of SHA-256 without a key.
 */
#ifndef CW_CONTROL_AUDIT_CHAIN_H
#define CW_CONTROL_AUDIT_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "engine/wire/ticket.h"

enum { CW_CHAIN_BYTES = 32 };

struct cw_audit_row;

struct cw_chain_key {
    uint64_t epoch;
    uint8_t root[CW_CHAIN_BYTES];
};

/* Ends an epoch. */
struct cw_checkpoint {
    uint64_t epoch;
    uint64_t time_ms;
    uint64_t last_id; /* 0: there is no row yet */
    uint8_t last_mac[CW_CHAIN_BYTES];
    uint8_t rows_key[CW_CHAIN_BYTES];
    uint8_t public_key[CW_KEY_BYTES];
    uint8_t next_public_key[CW_KEY_BYTES];
    uint8_t signature[CW_SIGNATURE_BYTES];
};

struct cw_chain_mac {
    void *context; /* libcrypto's; NULL: epoch 0 */
};

int cw_chain_next(struct cw_chain_key *key);
int cw_chain_rows_key(const struct cw_chain_key *key, uint8_t *ret_key);
int cw_chain_public_key(const struct cw_chain_key *key, uint8_t *ret_key);

/* rows_key NULL: epoch 0. */
int cw_chain_mac_new(const uint8_t *rows_key, struct cw_chain_mac *ret);
void cw_chain_mac_free(struct cw_chain_mac *mac);
/* The MAC of a row behind one with the MAC before. */
int cw_chain_row(struct cw_chain_mac *mac, const uint8_t *before, const struct cw_audit_row *row,
                 uint8_t *ret_mac);
/* Says that the log ends with this row now. */
int cw_chain_head(struct cw_chain_mac *mac, uint64_t last_id, const uint8_t *last_mac,
                  uint8_t *ret_mac);

/* Fills the keys and the signature of c, whose epoch is the key's. */
int cw_chain_sign(const struct cw_chain_key *key, struct cw_checkpoint *c);
/* 0, or CW_ERR_SIGNATURE. */
int cw_chain_check(const struct cw_checkpoint *c);

/* 32 bytes as 64 digits and a NUL. */
void cw_chain_hex(const uint8_t *bytes, char out[2 * CW_CHAIN_BYTES + 1]);

#endif
