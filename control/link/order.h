/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/order.h - an operation that every worker of the engine answers before its caller hears of it.
 *
 * Owner:     an order is on control's list from cw_order_send until it is finished; the front that waits may go away
 *            meanwhile (cw_control_cancel).
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    cw_order_new: NULL without memory. A worker that does not answer in time, or whose link ends, is one
 *            of the answers.
 * Limits:    CW_ORDERS_MAX, CW_ORDER_TIME_MS_MAX.
 * Invariant: finish runs exactly once, unless control itself ends first.
 */
#ifndef CW_CONTROL_LINK_ORDER_H
#define CW_CONTROL_LINK_ORDER_H

#include "control/audit/audit.h"
#include "control/link/link_server.h"

struct cw_order {
    struct cw_order *next;
    uint64_t request; /* on the links */
    uint64_t deadline_ms;
    bool has_waiter;
    void *waiter;
    /* Runs when all have answered, or at the deadline; fills reply like a handler. May run without a waiter. */
    int (*finish)(struct cw_control *c, struct cw_order *o, struct cw_reply *reply);
    struct cw_actor actor;
    char text[512];   /* of one who is no worker: cw_order_on_text */
    json_t *answers;  /* [{worker, done, text}] */
    uint32_t refused; /* of the answers */
    uint32_t waiting_count;
    const struct cw_control_link *waiting[CW_LINKS_MAX]; /* who has not answered; never followed */
};

const struct cw_order *cw_order_next(const struct cw_order *o);

struct cw_order *cw_order_new(struct cw_control *c, const struct cw_request *request,
                              int (*finish)(struct cw_control *c, struct cw_order *o,
                                            struct cw_reply *reply));
/* Sends m, with the order's number, to every worker that is linked, and answers like a handler: at once when there is
 * none, else CW_OPERATION_PENDING. */
int cw_order_send(struct cw_control *c, struct cw_order *o, struct cw_link_message *m,
                  struct cw_reply *reply);

/* For an order that somebody else than the workers carries out: it waits for cw_order_on_text. */
void cw_order_wait(struct cw_control *c, struct cw_order *o);
void cw_order_on_text(struct cw_control *c, uint64_t request, bool is_done, const char *text);

void cw_order_on_answer(struct cw_control *c, struct cw_control_link *link,
                        const struct cw_link_message *m);
void cw_order_link_closed(struct cw_control *c, const struct cw_control_link *link);
void cw_order_cancel(struct cw_control *c, const void *waiter);
void cw_order_tick(struct cw_control *c, uint64_t now_ms);
void cw_order_drop_all(struct cw_control *c);

#endif
