/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/password_common.h - passwords that lists of guesses have, though they are long enough.
 *
 * Thread:    any; pure.
 * Limits:    CW_PASSWORD_BYTES_MAX, CW_PASSWORD_PIECES_MIN.
 *
 * A password is cut into as few pieces as possible: a common word (also written with digits for letters), a row of keys
 * or of the alphabet, one character again and again, digits, signs. What takes few pieces is in reach
 * of a list of words and of rules. Characters that no piece covers count one each.
 */
#ifndef CW_CONTROL_ACCOUNT_PASSWORD_COMMON_H
#define CW_CONTROL_ACCOUNT_PASSWORD_COMMON_H

#include <stdbool.h>
#include <stddef.h>

/* user: its name counts as a common word. */
bool cw_password_is_common(const char *password, size_t bytes, const char *user);

#endif
