/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/cbor.h - the little of CBOR (RFC 8949) that an attestation object needs, read from strangers.
 *
 * Owner:     texts and bytes stay in the caller's buffer.
 * Thread:    any; pure.
 * Errors:    sticky: after the first mistake every read gives nothing, and is_bad stays.
 * Limits:    CW_CBOR_DEPTH_MAX, CW_CBOR_ITEMS_MAX.
 *
 * Only definite lengths in their shortest form, which is what CTAP2 requires of authenticators.
 */
#ifndef CW_CONTROL_ACCOUNT_CBOR_H
#define CW_CONTROL_ACCOUNT_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_cbor {
    const uint8_t *at;
    const uint8_t *end;
    unsigned items; /* read so far */
    bool is_bad;
};

struct cw_cbor cw_cbor_of(const uint8_t *data, size_t bytes);
/* How many pairs the map has that starts here; 0 also when there is none. */
uint64_t cw_cbor_map(struct cw_cbor *c);
/* NULL when it is no text (or byte string). */
const char *cw_cbor_text(struct cw_cbor *c, size_t *ret_bytes);
const uint8_t *cw_cbor_bytes(struct cw_cbor *c, size_t *ret_bytes);
/* Passes over one whole value of any kind. */
void cw_cbor_skip(struct cw_cbor *c);
/* Everything was read, and nothing was wrong. */
bool cw_cbor_is_done(const struct cw_cbor *c);

#endif
