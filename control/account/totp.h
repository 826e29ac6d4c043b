/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/totp.h - time-based one-time codes (RFC 6238 over RFC 4226): the arithmetic.
 *
 * Owner:     the caller's buffers.
 * Thread:    any; pure.
 * Units:     steps of 30 s since 1970.
 * Errors:    CW_ERR_DENIED; CW_ERR_USED: right, but of a step that was used; CW_ERR_INTERNAL.
 * Limits:    CW_TOTP_*.
 */
#ifndef CW_CONTROL_ACCOUNT_TOTP_H
#define CW_CONTROL_ACCOUNT_TOTP_H

#include <stddef.h>
#include <stdint.h>

/* digits: 6 to 8. ret_code: digits and a NUL. */
int cw_totp_code(const uint8_t *secret, size_t secret_bytes, uint64_t step, unsigned digits,
                 char *ret_code);
/* Blanks in the code are passed over. Steps at or before last_step are not accepted again. The caller stores
 * *ret_step in the transaction that lets somebody in. */
int cw_totp_check(const uint8_t *secret, size_t secret_bytes, const char *code, uint64_t now_s,
                  uint64_t last_step, uint64_t *ret_step);
/* RFC 4648 base32 without padding. out has room for (bytes * 8 + 4) / 5 + 1. */
void cw_totp_base32(const uint8_t *data, size_t bytes, char *out);

#endif
