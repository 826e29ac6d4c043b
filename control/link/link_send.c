/* SPDX-License-Identifier: Apache-2.0 */
/* What control sends to engine workers. */
#include <string.h>

#include "control/link/link_server.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

void cw_link_send(struct cw_control_link *link, const struct cw_link_message *message)
{
    /* The state thread is the only caller, and a message is 64 KB: too much for its stack. */
    static uint8_t out[CW_LINK_MESSAGE_BYTES_MAX];
    size_t n = 0;
    int err = 0;

    if (link->is_broken || !link->is_synced)
        return;
    err = cw_link_encode(message, out, sizeof out, &n);
    if (err != 0) {
        cw_log(CW_LOG_ERROR, "control.link", "%s cannot be sent: %s",
               cw_link_type_name(message->type), cw_err_text(err));
        return;
    }
    if (link->send(link->user, out, n) != 0)
        link->is_broken = true;
    if (message->type == CW_LINK_CERTIFICATE)
        explicit_bzero(out, n); /* a private key */
}

bool cw_links_are_complete(const struct cw_control *c)
{
    uint32_t synced = 0;
    uint16_t wanted = 0;

    for (uint32_t i = 0; i < c->link_count; i++) {
        if (!c->links[i]->is_synced)
            continue;
        synced++;
        wanted = c->links[i]->worker_count;
    }
    return synced > 0 && synced >= wanted;
}

void cw_send(struct cw_live_session *session, uint32_t participant, uint8_t message,
             const void *bytes, size_t n)
{
    struct cw_link_message m = {
        .type = CW_LINK_SEND,
        .session = session->row.id,
        .participant = participant,
        .message = message,
        .bytes = bytes,
        .bytes_count = n,
    };

    if (session->link != NULL)
        cw_link_send(session->link, &m);
}

void cw_send_permissions(struct cw_live_session *session, uint32_t participant,
                         uint64_t permissions)
{
    struct cw_link_message m = {
        .type = CW_LINK_SET_PERMISSIONS,
        .session = session->row.id,
        .participant = participant,
        .permissions = permissions,
    };

    if (session->link != NULL)
        cw_link_send(session->link, &m);
}

static void send_all(struct cw_control *c, const struct cw_link_message *m)
{
    for (uint32_t i = 0; i < c->link_count; i++)
        cw_link_send(c->links[i], m);
}

void cw_send_end_session(struct cw_control *c, const struct cw_live_session *session, uint16_t code,
                         const char *text)
{
    struct cw_link_message m = {
        .type = CW_LINK_END_SESSION,
        .session = session->row.id,
        .code = code,
        .bytes = (const uint8_t *)text,
        .bytes_count = strlen(text),
    };

    if (session->link != NULL)
        cw_link_send(session->link, &m);
    else
        send_all(c, &m);
}

void cw_send_device(const struct cw_device *device, uint8_t message, const void *bytes, size_t n)
{
    struct cw_link_message m = {
        .type = CW_LINK_SEND_DEVICE,
        .participant = device->id,
        .message = message,
        .bytes = bytes,
        .bytes_count = n,
    };

    if (device->link != NULL)
        cw_link_send(device->link, &m);
}

void cw_send_console(struct cw_control *c, uint32_t account, const char *json, size_t n)
{
    struct cw_link_message m = {
        .type = CW_LINK_SEND_CONSOLE,
        .participant = account,
        .message = CW_MESSAGE_EVENT,
        .bytes = (const uint8_t *)json,
        .bytes_count = n,
    };

    send_all(c, &m);
}

void cw_send_drop_console(struct cw_control *c, uint32_t account, uint16_t code)
{
    struct cw_link_message m = {
        .type = CW_LINK_DROP_CONSOLE, .participant = account, .code = code};

    send_all(c, &m);
}

void cw_send_drop_device(struct cw_control *c, uint32_t device, uint16_t code)
{
    struct cw_link_message m = {.type = CW_LINK_DROP_DEVICE, .participant = device, .code = code};

    send_all(c, &m);
}

void cw_send_deny(struct cw_control *c, const uint8_t *ticket_id, uint64_t until_unix_s)
{
    struct cw_link_message m = {.type = CW_LINK_DENY, .until_unix_s = until_unix_s};

    memcpy(m.ticket_id, ticket_id, sizeof m.ticket_id);
    send_all(c, &m);
}

void cw_send_status_requests(struct cw_control *c)
{
    struct cw_link_message m = {.type = CW_LINK_STATUS_REQUEST};

    send_all(c, &m);
}
