/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_outbox.h - receivers of outbound events and what waits for each, as the store has them.
 *
 * Owner:     rows are values in the caller's memory; an event's texts last for the callback only.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_CONFLICT: the name is another receiver's.
 * Limits:    CW_EVENT_RECEIVERS_MAX, CW_EVENT_WAITING_MAX, kept by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_OUTBOX_H
#define CW_CONTROL_STORE_STORE_OUTBOX_H

#include "control/store/store.h"

enum { CW_EVENT_SECRET_SEALED_BYTES = CW_TOKEN_TEXT_BYTES + 28 };

struct cw_event_receiver {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char url[CW_EVENT_URL_BYTES_MAX + 1];
    uint8_t secret[CW_EVENT_SECRET_SEALED_BYTES];
    char patterns[CW_EVENT_PATTERNS_BYTES_MAX + 1];
    char ca[CW_EVENT_CA_BYTES_MAX + 1];
    bool is_enabled;
    uint64_t created_ms;
    uint64_t left_out;
    uint64_t waiting; /* read only */
};

typedef int (*cw_event_receiver_fn)(void *user, const struct cw_event_receiver *receiver);

int cw_store_event_receiver_each(struct cw_store *s, cw_event_receiver_fn each, void *user);
/* Sets receiver->id. */
int cw_store_event_receiver_add(struct cw_store *s, struct cw_event_receiver *receiver);
/* All but the secret, created_ms and left_out. */
int cw_store_event_receiver_set(struct cw_store *s, const struct cw_event_receiver *receiver);
int cw_store_event_receiver_set_secret(struct cw_store *s, uint32_t id, const uint8_t *secret);
int cw_store_event_receiver_left_out(struct cw_store *s, uint32_t id, uint64_t count);
/* And what waits for it. */
int cw_store_event_receiver_remove(struct cw_store *s, uint32_t id);

struct cw_outbox_row {
    uint64_t id;
    uint64_t created_ms;
    const char *type;
    const char *body;
};

typedef int (*cw_outbox_fn)(void *user, const struct cw_outbox_row *row);

int cw_store_outbox_add(struct cw_store *s, uint32_t receiver, uint64_t now_ms, const char *type,
                        const char *body);
/* The oldest that waits for the receiver. CW_ERR_NOT_FOUND: nothing waits. */
int cw_store_outbox_first(struct cw_store *s, uint32_t receiver, cw_outbox_fn each, void *user);
int cw_store_outbox_remove(struct cw_store *s, uint64_t id);
/* The oldest count of a receiver. */
int cw_store_outbox_trim(struct cw_store *s, uint32_t receiver, uint32_t count);
int cw_store_outbox_remove_old(struct cw_store *s, uint32_t receiver, uint64_t before_ms,
                               uint64_t *ret_count);

#endif
