/* SPDX-License-Identifier: Apache-2.0 */
/* control/link/link_server.h - control's end of the links: what it tells the engine workers.
 *
 * Owner:     a link belongs to struct cw_control from open to closed (control.h).
 * Thread:    the state thread.
 * Errors:    sends have none: a link that does not take bytes is broken, and what it missed is made
 *            good by the snapshot of its next connection.
 * Limits:    CW_LINK_MESSAGE_BYTES_MAX.
 *
 * Nothing but CONTROL_HELLO and what follows it is sent before a worker's snapshot is whole.
 */
#ifndef CW_CONTROL_LINK_LINK_SERVER_H
#define CW_CONTROL_LINK_LINK_SERVER_H

#include "control/state.h"
#include "engine/wire/link.h"

struct cw_control_link {
    struct cw_control *control;
    uint64_t number;
    cw_control_send_fn send;
    void *user;
    uint8_t *in; /* bytes of a message that is not whole yet */
    size_t in_bytes;
    uint16_t worker;
    uint16_t worker_count;
    uint64_t instance;
    bool has_hello;
    bool is_synced; /* its snapshot was answered */
    bool is_broken;
    uint64_t synced_ms;
    json_t *status; /* the worker's last STATUS */
};

void cw_link_send(struct cw_control_link *link, const struct cw_link_message *message);
/* True when every worker the engine has is linked and answered: then absence means something. */
bool cw_links_are_complete(const struct cw_control *c);

/* To a participant of a session, or 0: all of it. Nothing when no worker has the session. */
void cw_send(struct cw_live_session *session, uint32_t participant, uint8_t message,
             const void *bytes, size_t n);
void cw_send_permissions(struct cw_live_session *session, uint32_t participant,
                         uint64_t permissions);
void cw_send_end_session(struct cw_control *c, const struct cw_live_session *session, uint16_t code,
                         const char *text);
void cw_send_device(const struct cw_device *device, uint8_t message, const void *bytes, size_t n);
/* account 0: every console. */
void cw_send_console(struct cw_control *c, uint32_t account, const char *json, size_t n);
void cw_send_drop_console(struct cw_control *c, uint32_t account, uint16_t code);
void cw_send_deny(struct cw_control *c, const uint8_t *ticket_id, uint64_t until_unix_s);
void cw_send_status_requests(struct cw_control *c);
void cw_send_drop_device(struct cw_control *c, uint32_t device, uint16_t code);

#endif
