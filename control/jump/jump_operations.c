/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items: listed, jumped to, renamed, removed; tokens that enrol new ones. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/jump/device.h"
#include "control/link/engine_settings.h"
#include "control/jump/enrol.h"
#include "control/session/event.h"
#include "control/api/operations.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"

struct listing {
    struct cw_control *c;
    json_t *rows;
};

static json_t *time_or_null(uint64_t time_ms)
{
    return time_ms != 0 ? json_integer((json_int_t)time_ms) : json_null();
}

static int list_one(void *user, const struct cw_jump_item *item)
{
    struct listing *l = user;
    const struct cw_live_session *session = cw_live_of_item(l->c, item->id);
    const struct cw_device *device = cw_device_find(l->c, item->id);
    const bool is_online = device != NULL && device->link != NULL;
    uint64_t seen_ms = item->last_seen_ms;
    json_t *row = NULL;

    if (device != NULL && device->seen_ms > seen_ms)
        seen_ms = device->seen_ms;
    if (is_online)
        seen_ms = cw_control_now_unix_ms(l->c);
    row = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:o}", "id",
                    (json_int_t)item->id, "name", item->name, "group", item->group, "state",
                    session != NULL ? "in_session"
                    : is_online     ? "online"
                                    : "offline",
                    "last_access_unix_ms", time_or_null(item->last_access_ms), "last_seen_unix_ms",
                    time_or_null(seen_ms), "hostname", item->hostname, "platform", item->platform,
                    "user", item->user, "session",
                    session != NULL ? json_integer((json_int_t)session->row.id) : json_null());
    return json_array_append_new(l->rows, row) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_jump_item_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct listing l = {c, json_array()};
    int err = cw_store_jump_item_each(c->store, list_one, &l);

    (void)request;
    reply->json = json_pack("{s:o}", "jump_items", l.rows);
    return err;
}

static int find_item(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     struct cw_jump_item *ret)
{
    int err = cw_store_jump_item_get(c->store, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND || (err == 0 && ret->is_removed))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item with the number %u.",
                         request->path_id);
    return err;
}

int cw_op_jump_item_jump(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_session_joined joined;
    struct cw_live_session *session = NULL;
    struct cw_jump_item item;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    int err = find_item(c, request, reply, &item);

    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    session = cw_live_of_item(c, item.id);
    if (session != NULL && session->row.account != account.id)
        return cw_refuse(reply, CW_ERR_CONFLICT, "%s is in a session with this computer.",
                         session->row.representative);
    if (session == NULL && !cw_device_is_online(c, item.id))
        return cw_refuse(reply, CW_ERR_STATE, "%s is offline.", item.name);
    if (session == NULL && cw_engine_refuse_when_draining(c, reply) != 0)
        return CW_ERR_FULL;
    err = session != NULL ? cw_session_join(c, &actor, session, holder, &joined)
                          : cw_session_start_jump(c, &actor, &account, &item, holder, &joined);
    if (err == 0)
        reply->json = json_pack("{s:I, s:o}", "session", (json_int_t)joined.session, "ticket",
                                cw_ticket_to_json(joined.ticket));
    return err;
}

int cw_op_jump_item_rename(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_jump_item item;
    char name[CW_NAME_SIZE];
    char object[32];
    int err = find_item(c, request, reply, &item);

    if (err != 0)
        return err;
    if (cw_body_name(request->body, "name", name) != 0 || name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of 1 to 128 characters.");
    snprintf(object, sizeof object, "jump item %u", item.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_item_rename(c->store, item.id, name);
    if (err == 0)
        err = cw_audit(c, &actor, "jump_item.rename", object, "ok", "%s, before: %s", name,
                       item.name);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_event_jump_items_changed(c);
    return err;
}

int cw_op_jump_item_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    struct cw_denials denials = {0};
    struct cw_jump_item item;
    char object[32];
    int err = find_item(c, request, reply, &item);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump item %u", item.id);
    err = cw_denials_collect(c, 0, item.id, &denials);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = cw_store_jump_item_remove(c->store, item.id, cw_control_now_unix_ms(c));
        if (err == 0)
            err = cw_store_ticket_deny(c->store, 0, item.id, cw_control_now_unix_ms(c) / 1000);
        if (err == 0)
            err = cw_audit(c, &actor, "jump_item.remove", object, "ok", "%s", item.name);
        err = cw_store_end(c->store, err);
    }
    if (err == 0) {
        cw_denials_send(c, &denials);
        session = cw_live_of_item(c, item.id);
        if (session != NULL)
            cw_session_end(c, session, &actor, CW_CLOSE_REMOVED, "The Jump Item was removed.",
                           true);
        cw_send_drop_device(c, item.id, CW_CLOSE_REMOVED);
        cw_event_jump_items_changed(c);
    }
    cw_denials_free(&denials);
    return err;
}

int cw_op_enrolment_token_create(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const char *group = "All";
    char name[CW_NAME_SIZE];
    char token[CW_TOKEN_TEXT_BYTES + 1];
    char command[512];
    char identity[65];
    uint32_t group_id = 0;
    uint32_t count = 0;
    uint64_t expires_ms = 0;
    int err = 0;

    if (cw_body_name(request->body, "name", name) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of at most 128 characters.");
    (void)cw_body_text(request->body, "group", CW_NAME_BYTES_MAX, &group);
    err = cw_store_group_find(c->store, group, &group_id);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no Jump Group with that name.");
    if (err == 0)
        err = cw_store_enrolment_token_count(c->store, cw_control_now_unix_ms(c), &count);
    if (err == 0 && count >= CW_ENROLMENT_TOKENS_MAX)
        return cw_refuse(reply, CW_ERR_FULL,
                         "There are %u unused enrolment tokens. Use them, or wait a day.", count);
    if (err == 0)
        err = cw_enrol_make_token(c, &actor, name, group_id, token, &expires_ms);
    if (err != 0)
        return err;
    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "./causeway-client install --token %s%s%s %s", token,
             identity[0] != '\0' ? " --identity " : "", identity, c->host_port);
    reply->json = json_pack("{s:s, s:I, s:s, s:s, s:s}", "token", token, "expires_unix_ms",
                            (json_int_t)expires_ms, "command", command, "identity", identity,
                            "address", c->host_port);
    return 0;
}
