/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/identity_file.h - the appliance's public identity key, read from the engine's certificate.
 *
 * Owner:     values.
 * Thread:    any.
 * Errors:    CW_ERR_NOT_FOUND (the engine has not made it yet), CW_ERR_INVALID (not an Ed25519 certificate).
 */
#ifndef CW_CONTROL_FRONT_IDENTITY_FILE_H
#define CW_CONTROL_FRONT_IDENTITY_FILE_H

/* state_dir/tls/identity.crt: 64 hex digits of the raw public key and a NUL. */
int cw_identity_file_read(const char *state_dir, char ret_hex[65]);

#endif
