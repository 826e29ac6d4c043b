/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/customer_message.h"

#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/queue/desk.h"
#include "control/queue/operations.h"
#include "control/store/store_queue.h"
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

void cw_customer_message_text(struct cw_control *c, enum cw_customer_message which, char *out)
{
    if (cw_store_customer_message_get(c->store, messages[which].name, out,
                                      CW_CUSTOMER_MESSAGE_BYTES_MAX + 1) != 0)
        snprintf(out, CW_CUSTOMER_MESSAGE_BYTES_MAX + 1, "%s", messages[which].initial);
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
    cw_customer_message_text(c, which, text);
    cw_macros_replace(text, macros, out, CW_CUSTOMER_MESSAGE_BYTES_MAX + 1);
}

/* ---- operations ------------------------------------------------------------------------------ */

int cw_op_customer_message_list(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    json_t *rows = json_array();

    (void)request;
    for (unsigned i = 0; i < CW_CUSTOMER_MESSAGE_COUNT; i++) {
        char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
        cw_customer_message_text(c, (enum cw_customer_message)i, text);
        (void)json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s}", "name",
                                                    messages[i].name, "text", text, "default",
                                                    messages[i].initial, "when", messages[i].when));
    }
    reply->json = json_pack("{s:o}", "messages", rows);
    return 0;
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
    int err = cw_body_only(request->body, "name text", reply);

    for (unsigned i = 0; i < CW_CUSTOMER_MESSAGE_COUNT; i++)
        names[i] = messages[i].name;
    if (err == 0 && (cw_body_choice(request->body, "name", names, &which) != 0 ||
                     which == CW_CUSTOMER_MESSAGE_COUNT))
        err = cw_refuse(reply, CW_ERR_NOT_FOUND,
                        "name must be greeting, hold, orphaned or orphan_url.");
    if (err == 0 && cw_body_lines(request->body, "text", CW_CUSTOMER_MESSAGE_BYTES_MAX, &text) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "text has at most %d bytes of plain text.",
                        CW_CUSTOMER_MESSAGE_BYTES_MAX);
    if (err == 0 && which == CW_CUSTOMER_MESSAGE_ORPHAN_URL && text != NULL && text[0] != '\0' &&
        (!is_url(text) || strlen(text) > CW_REASON_TEXT_BYTES_MAX))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "orphan_url must begin with https:// and have at most %d bytes.",
                        CW_REASON_TEXT_BYTES_MAX);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = text == NULL ? cw_store_customer_message_remove(c->store, names[which])
                       : cw_store_customer_message_put(c->store, names[which], text);
    if (err == 0)
        err = cw_audit(c, &actor, "customer_message.set", names[which], "ok", "%s",
                       text == NULL ? "the default" : text);
    return cw_store_end(c->store, err);
}
