/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/certificate.h - the operator's certificate: prepared, committed, forgotten.
 *
 * Owner:     struct cw_control keeps what was prepared and wipes it.
 * Thread:    the state thread.
 * Errors:    the engine says what is wrong with a certificate; CW_ERR_IO: it cannot be stored.
 * Limits:    CW_CERTIFICATE_BYTES_MAX.
 * Invariant: what browsers see was stored before; a private key is in no log, audit row or answer.
 */
#ifndef CW_CONTROL_LINK_CERTIFICATE_H
#define CW_CONTROL_LINK_CERTIFICATE_H

#include "control/state.h"

void cw_certificate_forget(struct cw_control *c);

#endif
