/* SPDX-License-Identifier: Apache-2.0 */
/* control/outbox/outbox.h - outbound events: each audit row that a receiver asked for is posted to it, in order.
 *
 * Owner:     struct cw_outbox is struct cw_control's.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store.
 * Limits:    CW_EVENT_*; option event.keep_h.
 * Invariant: an event is stored in the transaction of what it tells, and goes out after the commit. A receiver gets its
 *            events in order, each at least once (the id tells a repetition), and waits for nobody else.
 *
 *   IDLE    --something waits, due, courier there--> SENDING --2xx--> IDLE
 *   SENDING --anything else--> IDLE, due after a delay that doubles; after event.keep_h the event is left out
 *   SENDING --courier lost--> IDLE
 */
#ifndef CW_CONTROL_OUTBOX_OUTBOX_H
#define CW_CONTROL_OUTBOX_OUTBOX_H

#include "control/state.h"
#include "control/store/store_outbox.h"

struct cw_receiver {
    struct cw_event_receiver row;
    uint64_t sending; /* 0: IDLE; else the row that is on its way */
    bool may_wait;    /* something may wait; false: nothing does */
    uint64_t due_ms;
    uint32_t failures; /* in a row */
    char last_error[160];
    uint64_t last_done_ms; /* since control started; 0: none */
};

struct cw_outbox {
    struct cw_receiver *receivers[CW_EVENT_RECEIVERS_MAX];
    uint32_t count;
    bool has_courier;
};

int cw_outbox_new(struct cw_outbox **ret_outbox);
/* Also again, after a group of changes was lost. */
int cw_outbox_load(struct cw_control *c);
/* With its receivers; NULL is fine. */
void cw_outbox_free(struct cw_outbox *outbox);
/* Inside a transaction: stores the row for each receiver that wants it. */
int cw_outbox_note(struct cw_control *c, const struct cw_audit_row *row);
/* Inside a transaction: one event to one receiver, whatever it wants. */
int cw_outbox_add(struct cw_control *c, struct cw_receiver *receiver, uint64_t id, const char *type,
                  json_t *body);
/* Posts what is due, unless something is uncommitted. */
void cw_outbox_run(struct cw_control *c);
struct cw_receiver *cw_outbox_find(struct cw_control *c, uint32_t id);

/* "session.* account.create" has "session.end"; "*" has everything. */
bool cw_event_matches(const char *patterns, const char *type);
/* CW_ERR_INVALID: not a list of such names. */
int cw_event_patterns_check(const char *patterns);
/* How long after the failures-th failure in a row. */
uint64_t cw_event_delay_ms(uint32_t failures);
/* "t=1800000000,v1=HEX" over "1800000000.BODY". out: CW_EVENT_SIGNATURE_BYTES. */
enum { CW_EVENT_SIGNATURE_BYTES = 100 };
int cw_event_sign(const char *secret, uint64_t now_s, const char *body, char *out);

#endif
