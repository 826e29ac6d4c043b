/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/recording_crypt.h - the cipher of encrypted blocks, for recording.c.
 *
 * Owner:     values only.
 * Thread:    any.
 * Errors:    CW_ERR_INTERNAL: the cipher failed.
 */
#ifndef CW_ENGINE_WIRE_RECORDING_CRYPT_H
#define CW_ENGINE_WIRE_RECORDING_CRYPT_H

#include <stddef.h>
#include <stdint.h>

/* block: head and payload, with room for the tag behind; the head is authenticated. */
int cw_recording_encrypt(uint8_t *block, size_t payload_bytes, uint64_t number,
                         const uint8_t *file_key);

#endif
