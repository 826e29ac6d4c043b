/* SPDX-License-Identifier: Apache-2.0 */
/* engine/admission.h - who may come in: control's key, used and withdrawn tickets, ended sessions.
 *
 * Owner:     the worker.
 * Thread:    the worker's.
 * Units:     Unix seconds.
 * Errors:    checks give 0 or an enum cw_close_code.
 * Limits:    CW_RELAY_USED_TICKETS_MAX, CW_RELAY_DENIED_TICKETS_MAX, CW_RELAY_ENDED_SESSIONS_MAX.
 * Invariant: an entry stays until it has expired; a full table refuses (used tickets) or forgets its oldest
 *            entry (withdrawn tickets, ended sessions), which control then refuses over the link.
 */
#ifndef CW_ENGINE_ADMISSION_H
#define CW_ENGINE_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/list.h"
#include "engine/base/pool.h"
#include "engine/base/table.h"
#include "engine/wire/hello.h"

struct cw_expiring {
    struct cw_list node; /* in the order they came */
    uint64_t key;
    uint64_t until_unix_s;
    uint64_t link; /* ended sessions: which link to control was there */
    uint16_t code; /* ended sessions */
};

/* A table whose entries go by themselves once they have expired. */
struct cw_expiring_table {
    struct cw_table table;
    struct cw_pool pool;
    struct cw_list order;
};

struct cw_admission {
    bool has_key;
    uint8_t control_key[CW_KEY_BYTES];
    struct cw_expiring_table used;
    struct cw_expiring_table denied;
    struct cw_expiring_table ended;
};

int cw_admission_init(struct cw_admission *a);
void cw_admission_fini(struct cw_admission *a);
/* For a timer: pages without entries go back to the kernel. */
void cw_admission_trim(struct cw_admission *a);
/* What any worker can say: shape, signature, time, withdrawn, possession. */
uint16_t cw_admission_check(struct cw_admission *a, const struct cw_hello *hello,
                            const uint8_t *exporter, uint64_t now_unix_s);
/* What only the owner knows: session ended, used. A ticket that is good once is used by it. */
uint16_t cw_admission_use(struct cw_admission *a, const struct cw_ticket *ticket,
                          uint64_t now_unix_s);
void cw_admission_deny(struct cw_admission *a, const uint8_t *ticket_id, uint64_t until_unix_s,
                       uint64_t now_unix_s);
void cw_admission_end_session(struct cw_admission *a, uint32_t session, uint16_t code,
                              uint64_t link, uint64_t now_unix_s);
/* The entry of a session that ended here, or NULL. */
const struct cw_expiring *cw_admission_ended(struct cw_admission *a, uint32_t session,
                                             uint64_t now_unix_s);
bool cw_admission_has_ended(struct cw_admission *a, uint32_t session, uint64_t now_unix_s);

#endif
