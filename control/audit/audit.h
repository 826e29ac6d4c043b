/* SPDX-License-Identifier: Apache-2.0 */
/* control/audit/audit.h - who did what, written in the transaction of the change itself.
 *
 * Owner:     texts are the caller's.
 * Thread:    the state thread.
 * Errors:    those of the store: a change whose row cannot be written is not made.
 * Limits:    CW_AUDIT_DETAIL_BYTES_MAX; longer details are cut at a character.
 */
#ifndef CW_CONTROL_AUDIT_AUDIT_H
#define CW_CONTROL_AUDIT_AUDIT_H

#include "control/state.h"

struct cw_actor {
    char name[CW_NAME_SIZE]; /* "admin", "operator (uid 0)", "customer Alice", "appliance" */
    char source[64];         /* address, "uid 0" or "-" */
};

struct cw_actor cw_actor_of_request(struct cw_control *c, const struct cw_request *request);
struct cw_actor cw_actor_named(const char *name, const char *source);
/* The appliance itself: expiries, grace times. */
struct cw_actor cw_actor_appliance(void);

/* Inside a transaction. result: "ok" or a code's name; detail: printf. */
__attribute__((format(printf, 6, 7))) int cw_audit(struct cw_control *c,
                                                   const struct cw_actor *actor, const char *action,
                                                   const char *object, const char *result,
                                                   const char *detail, ...);
/* In a transaction of its own: a refused attempt. A store that cannot be written does not change
 * the refusal; the row goes to the log instead. */
__attribute__((format(printf, 6, 7))) void cw_audit_refused(struct cw_control *c,
                                                            const struct cw_actor *actor,
                                                            const char *action, const char *object,
                                                            const char *result, const char *detail,
                                                            ...);

#endif
