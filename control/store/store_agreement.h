/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_agreement.h - versions of the sign-in agreement and who accepted them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_NOT_FOUND: none is in force.
 * Limits:    CW_AGREEMENT_BYTES_MAX.
 */
#ifndef CW_CONTROL_STORE_STORE_AGREEMENT_H
#define CW_CONTROL_STORE_STORE_AGREEMENT_H

#include "control/store/store.h"

struct cw_agreement {
    uint32_t version;
    char title[CW_NAME_SIZE];
    char text[CW_AGREEMENT_BYTES_MAX + 1];
    uint64_t published_ms;
};

/* The newest, when it was not withdrawn. */
int cw_store_agreement_current(struct cw_store *s, struct cw_agreement *ret);
/* Sets version. */
int cw_store_agreement_publish(struct cw_store *s, struct cw_agreement *agreement);
int cw_store_agreement_withdraw(struct cw_store *s, uint64_t now_ms);
/* Also in the account's own row. */
int cw_store_agreement_accept(struct cw_store *s, uint32_t account, uint32_t version,
                              uint64_t now_ms);

#endif
