/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/customer_message.h"

#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/portal/operations.h"
#include "control/queue/desk.h"
#include "control/queue/operations.h"
#include "control/session/event.h"
#include "control/store/store_portal.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

static const struct {
    const char *name;
    const char *initial;
    const char *when;
} messages[CW_CUSTOMER_MESSAGE_COUNT] = {
#define X(name, text, initial, when) [CW_CUSTOMER_MESSAGE_##name] = {text, initial, when},
    CW_CUSTOMER_MESSAGES(X)
#undef X
};

/* ---- macros ---------------------------------------------------------------------------------- */

/* Copies as much as fits, whole characters only. */
static size_t append(char *out, size_t size, size_t n, const char *text, size_t bytes)
{
    if (bytes > size - 1 - n) {
        bytes = size - 1 - n;
        while (bytes > 0 && ((unsigned char)text[bytes] & 0xC0) == 0x80)
            bytes--;
    }
    memcpy(out + n, text, bytes);
    return n + bytes;
}

static const char *value_of(const struct cw_macro *macros, const char *name, size_t bytes)
{
    for (; macros->name != NULL; macros++)
        if (strlen(macros->name) == bytes && memcmp(macros->name, name, bytes) == 0)
            return macros->value;
    return NULL;
}

void cw_macros_replace(const char *text, const struct cw_macro *macros, char *out, size_t size)
{
    size_t n = 0;

    while (*text != '\0') {
        const size_t plain = strcspn(text, "%");
        const char *name = text + plain + 1;
        const char *end = NULL;
        const char *value = NULL;
        n = append(out, size, n, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        end = strchr(name, '%');
        if (end != NULL)
            value = value_of(macros, name, (size_t)(end - name));
        if (value != NULL) {
            n = append(out, size, n, value, strlen(value));
            text = end + 1;
        } else {
            n = append(out, size, n, "%", 1);
            text++;
        }
    }
    out[n] = '\0';
}

/* ---- texts ----------------------------------------------------------------------------------- */

void cw_customer_message_text(struct cw_control *c, uint32_t portal, enum cw_customer_message which,
                              char *out)
{
    if (portal != 0 && cw_store_portal_message_get(c->store, portal, messages[which].name, out,
                                                   CW_CUSTOMER_MESSAGE_BYTES_MAX + 1) == 0)
        return;
    if (cw_store_customer_message_get(c->store, messages[which].name, out,
                                      CW_CUSTOMER_MESSAGE_BYTES_MAX + 1) != 0)
        snprintf(out, CW_CUSTOMER_MESSAGE_BYTES_MAX + 1, "%s", messages[which].initial);
}

bool cw_customer_message_is_own(struct cw_control *c, uint32_t portal,
                                enum cw_customer_message which)
{
    char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];

    cw_customer_message_text(c, portal, which, text);
    return strcmp(text, messages[which].initial) != 0;
}

static void wait_text(uint64_t wait_ms, char *out, size_t size)
{
    const uint64_t minutes = (wait_ms + 59999) / 60000;

    if (wait_ms == 0)
        snprintf(out, size, "not known");
    else if (minutes <= 1)
        snprintf(out, size, "about a minute");
    else
        snprintf(out, size, "about %llu minutes", (unsigned long long)minutes);
}

void cw_customer_message_make(struct cw_control *c, enum cw_customer_message which,
                              const struct cw_live_session *session, char *out)
{
    char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
    char position[16];
    char wait[48];
    struct cw_team team = {.name = ""};
    const struct cw_macro macros[] = {
        {"CUSTOMER", session->row.customer},
        {"POSITION", position},
        {"WAIT", wait},
        {"QUEUE", team.name},
        {"APPLIANCE", c->name},
        {NULL, NULL},
    };

    snprintf(position, sizeof position, "%u", cw_queue_position(&c->desk->model, &session->q));
    wait_text(cw_queue_estimate_ms(&c->desk->model, &session->q), wait, sizeof wait);
    if (session->row.team != 0)
        (void)cw_store_team_get(c->store, session->row.team, &team);
    cw_customer_message_text(c, session->row.portal, which, text);
    cw_macros_replace(text, macros, out, CW_CUSTOMER_MESSAGE_BYTES_MAX + 1);
}

/* ---- operations ------------------------------------------------------------------------------ */

/* 0: every portal. */
static int take_portal(struct cw_control *c, const json_t *body, uint32_t *ret_portal,
                       struct cw_reply *reply)
{
    const struct cw_portal *portal = NULL;
    int err = json_object_get(body, "portal") != NULL ? cw_portal_take(c, body, &portal, reply) : 0;

    *ret_portal = portal != NULL ? portal->row.id : 0;
    return err;
}

int cw_op_customer_message_list(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    uint32_t portal = 0;
    json_t *rows = NULL;
    int err = cw_body_only(request->body, "portal", reply);

    if (err == 0)
        err = take_portal(c, request->body, &portal, reply);
    if (err != 0)
        return err;
    rows = json_array();
    for (unsigned i = 0; i < CW_CUSTOMER_MESSAGE_COUNT; i++) {
        char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
        char own[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
        const bool is_own =
            portal != 0 &&
            cw_store_portal_message_get(c->store, portal, messages[i].name, own, sizeof own) == 0;
        cw_customer_message_text(c, portal, (enum cw_customer_message)i, text);
        (void)json_array_append_new(rows,
                                    json_pack("{s:s, s:s, s:s, s:s, s:b}", "name", messages[i].name,
                                              "text", text, "default", messages[i].initial, "when",
                                              messages[i].when, "portal_own", is_own));
    }
    reply->json = json_pack("{s:o}", "messages", rows);
    return 0;
}

/* text NULL: what is in force otherwise. portal 0: every one that has none of its own. */
static int put_message(struct cw_control *c, uint32_t portal, const char *name, const char *text)
{
    if (portal != 0)
        return text == NULL ? cw_store_portal_message_remove(c->store, portal, name)
                            : cw_store_portal_message_put(c->store, portal, name, text);
    return text == NULL ? cw_store_customer_message_remove(c->store, name)
                        : cw_store_customer_message_put(c->store, name, text);
}

static bool is_url(const char *text)
{
    return strncmp(text, "https://", 8) == 0 && strpbrk(text, " \n\"<>") == NULL;
}

int cw_op_customer_message_set(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const char *names[CW_CUSTOMER_MESSAGE_COUNT + 1] = {NULL};
    const char *text = NULL;
    unsigned which = CW_CUSTOMER_MESSAGE_COUNT;
    uint32_t portal = 0;
    int err = cw_body_only(request->body, "name text portal", reply);

    for (unsigned i = 0; i < CW_CUSTOMER_MESSAGE_COUNT; i++)
        names[i] = messages[i].name;
    if (err == 0 && (cw_body_choice(request->body, "name", names, &which) != 0 ||
                     which == CW_CUSTOMER_MESSAGE_COUNT))
        err = cw_refuse(reply, CW_ERR_NOT_FOUND,
                        "There is no message of that name; customer_message.list has them.");
    if (err == 0)
        err = take_portal(c, request->body, &portal, reply);
    if (err == 0 && cw_body_lines(request->body, "text", CW_CUSTOMER_MESSAGE_BYTES_MAX, &text) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "text has at most %d bytes of plain text.",
                        CW_CUSTOMER_MESSAGE_BYTES_MAX);
    if (err == 0 && which == CW_CUSTOMER_MESSAGE_AGREEMENT && text != NULL &&
        strlen(text) > CW_TERMS_BYTES_MAX)
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "An agreement has at most %d bytes, so that a customer sees it whole.",
                        CW_TERMS_BYTES_MAX);
    if (err == 0 &&
        (which == CW_CUSTOMER_MESSAGE_ORPHAN_URL || which == CW_CUSTOMER_MESSAGE_FINISHED_URL) &&
        text != NULL && text[0] != '\0' &&
        (!is_url(text) || strlen(text) > CW_REASON_TEXT_BYTES_MAX))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "%s must begin with https:// and have at most %d bytes.",
                        messages[which].name, CW_REASON_TEXT_BYTES_MAX);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = put_message(c, portal, names[which], text);
    if (err == 0)
        err = cw_audit(c, &actor, "customer_message.set", names[which], "ok", "portal %u: %s",
                       portal, text == NULL ? "the default" : text);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_event_changed(c, 0, "portals_changed");
    return err;
}
