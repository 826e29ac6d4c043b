/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/waking.h - sessions whose passive Jump Client sleeps: it is woken, or the session ends.
 *
 * Owner:     struct cw_live_session's wake_* members are this module's.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store; CW_ERR_STATE with a refusal.
 * Limits:    CW_WAKE_DATAGRAMS to each of CW_WAKE_ADDRESSES_MAX addresses a waking, within the option jump.wake_s.
 * Invariant: a number is stored before a datagram has it, and is greater than all that the item had before; the
 *            datagrams of one waking are the same bytes.
 */
#ifndef CW_CONTROL_JUMP_WAKING_H
#define CW_CONTROL_JUMP_WAKING_H

#include "control/audit/audit.h"
#include "control/state.h"
#include "control/store/store_item.h"

enum {
    CW_WAKE_DATAGRAMS = 4,     /* at 0, 1, 2 and 4 s: one may get lost */
    CW_WAKE_ADDRESSES_MAX = 3, /* two of its own, and the one it is seen with */
};

/* Refuses when it cannot be woken now. */
int cw_waking_check(struct cw_control *c, const struct cw_jump_detail *detail,
                    struct cw_reply *reply);
/* Calls a sleeping one that is to hear other settings, once, at the port where it listens: what does not arrive is
 * heard at its next visit. */
void cw_waking_call(struct cw_control *c, const struct cw_actor *actor,
                    const struct cw_jump_detail *detail, uint16_t port);
/* Right after a session with a Jump Client that sleeps was started. On failure it is the caller's to end. */
int cw_waking_begin(struct cw_control *c, const struct cw_actor *actor,
                    const struct cw_jump_detail *detail, uint32_t session);
/* It is there: its sessions are offered. */
void cw_waking_on_up(struct cw_control *c, uint32_t item);
/* Sends what is due, unless a group of changes is not committed. */
void cw_waking_run(struct cw_control *c);
/* Ends the sessions whose time is over, and goes on with those that a start of control found: call once a second. */
void cw_waking_tick(struct cw_control *c, uint64_t now_ms);

#endif
