/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/program.h - the causeway-client that the appliance offers: what it is, and pieces of it.
 *
 * Owner:     struct cw_program is control's.
 * Thread:    the state thread. A file that changed is read once, to its end: 2 MB take 5 ms.
 * Errors:    CW_ERR_NOT_FOUND: there is none, or it is no program; CW_ERR_IO.
 * Limits:    CW_PROGRAM_BYTES_MAX.
 * Invariant: pieces are of the file that the hash is of.
 */
#ifndef CW_CONTROL_JUMP_PROGRAM_H
#define CW_CONTROL_JUMP_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "control/state.h"

struct cw_program {
    uint8_t *bytes; /* NULL: not looked at yet, or not there */
    size_t size;
    uint8_t sha256[CW_SHA256_BYTES];
    char machine[16];                              /* "x86_64", as uname says it */
    char version[CW_CLIENT_VERSION_BYTES_MAX + 1]; /* empty: the file does not say */
    uint64_t file;                                 /* which file it was, and when it was written */
    uint64_t changed_ns;
};

/* Looks whether the file is another one by now. */
int cw_program_look(struct cw_control *c, const struct cw_program **ret_program);
void cw_program_free(struct cw_program *program);
/* out: CW_SHA256_BYTES * 2 + 1. */
void cw_program_hash_text(const uint8_t *sha256, char *out);

#endif
