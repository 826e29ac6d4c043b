/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about a session: its name, external key, notes for the next representative, attributes. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/policy/policy.h"
#include "control/queue/desk.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "control/store/store_share.h"
#include "engine/base/err.h"

/* A session the caller may see, with a tool its policy allows. */
static int find_for(struct cw_control *c, const struct cw_request *request, enum cw_tool tool,
                    struct cw_reply *reply, struct cw_live_session **ret)
{
    int err = cw_session_of_request(c, request, reply, ret);

    if (err == 0 && request->front == CW_FRONT_HTTP)
        err = cw_policy_demand(c, *ret, request->account, tool, reply);
    return err;
}

static int write_row(struct cw_control *c, const struct cw_request *request,
                     struct cw_live_session *session, const struct cw_session *row,
                     const char *action, const char *detail)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "session %u", row->id);
    err = cw_store_session_put(c->store, row, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    session->row = *row;
    cw_session_tell(c, session);
    if (cw_place_is_set(cw_queue_place(row)))
        cw_desk_tell(c, cw_queue_place(row));
    return 0;
}

int cw_op_session_rename(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_live_session *session = NULL;
    struct cw_session row;
    int err = cw_body_only(request->body, "name", reply);

    if (err == 0)
        err = find_for(c, request, CW_TOOL_RENAME_SESSION, reply, &session);
    if (err != 0)
        return err;
    row = session->row;
    if (cw_body_name(request->body, "name", row.title) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "name must be one line of at most 128 characters; empty for the "
                         "customer's own.");
    return write_row(c, request, session, &row, "session.rename", row.title);
}

int cw_op_session_set_external_key(struct cw_control *c, const struct cw_request *request,
                                   struct cw_reply *reply)
{
    struct cw_live_session *session = NULL;
    struct cw_session row;
    const char *key = "";
    int err = cw_body_only(request->body, "external_key", reply);

    if (err == 0)
        err = find_for(c, request, CW_TOOL_EXTERNAL_KEY, reply, &session);
    if (err == 0 &&
        (cw_body_lines(request->body, "external_key", CW_EXTERNAL_KEY_BYTES_MAX, &key) != 0 ||
         strchr(key, '\n') != NULL))
        err = cw_refuse(reply, CW_ERR_INVALID, "external_key has at most %d bytes in one line.",
                        CW_EXTERNAL_KEY_BYTES_MAX);
    if (err != 0)
        return err;
    row = session->row;
    snprintf(row.external_key, sizeof row.external_key, "%s", key);
    return write_row(c, request, session, &row, "session.set_external_key", key);
}

/* ---- notes ----------------------------------------------------------------------------------- */

static int list_note(void *user, const struct cw_note_row *note)
{
    return json_array_append_new(
               user, json_pack("{s:I, s:I, s:s, s:I, s:s}", "id", (json_int_t)note->id, "account",
                               (json_int_t)note->account, "name", note->name, "time_unix_ms",
                               (json_int_t)note->time_ms, "text", note->text)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_session_notes(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_live_session *session = NULL;
    json_t *rows = NULL;
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_note_each(c->store, session->row.id, list_note, rows);
    reply->json = json_pack("{s:o}", "notes", rows);
    return err;
}

int cw_op_session_add_note(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    const char *text = NULL;
    uint32_t count = 0;
    char object[32];
    int err = cw_body_only(request->body, "text", reply);

    if (err == 0)
        err = find_for(c, request, CW_TOOL_NOTES, reply, &session);
    if (err == 0 && (cw_body_lines(request->body, "text", CW_NOTE_BYTES_MAX, &text) != 0 ||
                     text == NULL || text[0] == '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID, "text has 1 to %d bytes.", CW_NOTE_BYTES_MAX);
    if (err == 0)
        err = cw_store_note_count(c->store, session->row.id, &count);
    if (err == 0 && count >= CW_NOTES_PER_SESSION_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "This session has %u notes already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "session %u", session->row.id);
    err = cw_store_note_add(c->store, session->row.id, request->account, cw_control_now_unix_ms(c),
                            text);
    if (err == 0)
        err = cw_audit(c, &actor, "session.add_note", object, "ok", "%zu bytes", strlen(text));
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_session_tell(c, session);
    return err;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static int list_value(void *user, const struct cw_attribute *attribute, const char *value)
{
    return json_array_append_new(user, json_pack("{s:I, s:s, s:s, s:b, s:s}", "id",
                                                 (json_int_t)attribute->id, "code", attribute->code,
                                                 "name", attribute->name, "editable",
                                                 attribute->is_editable, "value", value)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_session_add_details(struct cw_control *c, struct cw_live_session *session, json_t *json)
{
    json_t *attributes = json_array();
    json_t *notes = json_array();
    int err = cw_store_attribute_each(c->store, session->row.id, list_value, attributes);

    if (err == 0)
        err = cw_store_note_each(c->store, session->row.id, list_note, notes);
    (void)json_object_set_new(json, "attributes", attributes);
    (void)json_object_set_new(json, "notes", notes);
    return err;
}

struct wanted {
    const char *code;
    struct cw_attribute found;
};

static int find_code(void *user, const struct cw_attribute *attribute, const char *value)
{
    struct wanted *w = user;

    (void)value;
    if (strcmp(attribute->code, w->code) == 0)
        w->found = *attribute;
    return 0;
}

int cw_op_session_set_attribute(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct wanted w = {.code = ""};
    const char *value = "";
    char object[32];
    int err = cw_body_only(request->body, "code value", reply);

    if (err == 0)
        err = find_for(c, request, CW_TOOL_SESSION_ATTRIBUTES, reply, &session);
    if (err == 0)
        (void)cw_body_text(request->body, "code", CW_TEAM_CODE_BYTES_MAX, &w.code);
    if (err == 0)
        err = cw_store_attribute_each(c->store, 0, find_code, &w);
    if (err == 0 && w.found.id == 0)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no attribute with this code.");
    if (err == 0 && !w.found.is_editable && request->front == CW_FRONT_HTTP)
        err = cw_refuse(reply, CW_ERR_DENIED, "\"%s\" is not for representatives to change.",
                        w.found.name);
    if (err == 0 &&
        cw_body_lines(request->body, "value", CW_ATTRIBUTE_VALUE_BYTES_MAX, &value) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "value has at most %d bytes of text.",
                        CW_ATTRIBUTE_VALUE_BYTES_MAX);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "session %u", session->row.id);
    err = cw_store_attribute_set(c->store, session->row.id, w.found.id, value);
    if (err == 0)
        err = cw_audit(c, &actor, "session.set_attribute", object, "ok", "%s = %s", w.found.code,
                       value);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_session_tell(c, session);
    return err;
}

int cw_op_attribute_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_attribute_each(c->store, 0, list_value, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "attributes", rows);
    return err;
}

static int count_one(void *user, const struct cw_attribute *attribute, const char *value)
{
    (void)attribute;
    (void)value;
    ++*(unsigned *)user;
    return 0;
}

int cw_op_attribute_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_attribute attribute = {.is_editable = true};
    const char *code = "";
    unsigned count = 0;
    int err = cw_body_only(request->body, "code name editable", reply);

    if (err == 0 && (cw_body_text(request->body, "code", CW_TEAM_CODE_BYTES_MAX, &code) != 0 ||
                     code[strspn(code, allowed)] != '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "code has small letters, digits, dashes and underscores.");
    if (err == 0 &&
        (cw_body_name(request->body, "name", attribute.name) != 0 || attribute.name[0] == '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID, "An attribute needs a name of one line.");
    if (err == 0 && cw_body_bool(request->body, "editable", &attribute.is_editable) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "editable is either true or false.");
    if (err == 0)
        err = cw_store_attribute_each(c->store, 0, count_one, &count);
    if (err == 0 && count >= CW_ATTRIBUTES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u attributes already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(attribute.code, sizeof attribute.code, "%s", code);
    err = cw_store_attribute_add(c->store, &attribute);
    if (err == 0)
        err = cw_audit(c, &actor, "attribute.create", attribute.code, "ok", "%s", attribute.name);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is an attribute with the code \"%s\" already.",
                         attribute.code);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)attribute.id);
    return err;
}

int cw_op_attribute_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "attribute %u", request->path_id);
    err = cw_store_attribute_remove(c->store, request->path_id);
    if (err == 0)
        err = cw_audit(c, &actor, "attribute.remove", object, "ok", "removed with its values");
    err = cw_store_end(c->store, err);
    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no attribute with the number %u.",
                           request->path_id)
               : err;
}
