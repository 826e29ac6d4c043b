/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/waiter.h - who waits for the answer of an operation that control finishes later.
 *
 * Owner:     the front that asked embeds it in its request; request->waiter points at it.
 * Thread:    the state thread.
 * Invariant: done is called once, or cw_control_cancel() was called and it is never called.
 */
#ifndef CW_CONTROL_FRONT_WAITER_H
#define CW_CONTROL_FRONT_WAITER_H

#include "control/api/operation.h"

struct cw_waiter {
    /* reply->json is the callee's. */
    void (*done)(struct cw_waiter *w, int err, struct cw_reply *reply);
};

#endif
