/* SPDX-License-Identifier: Apache-2.0 */
/* Installers: made, listed, extended, revoked; and the script that somebody with a token fetches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/guard.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/audit/audit.h"
#include "control/jump/installer.h"
#include "control/jump/jump.h"
#include "control/jump/operations.h"
#include "control/policy/jump_group.h"
#include "control/policy/policies.h"
#include "engine/base/err.h"

static const char *const modes[] = {"active", "passive", NULL};

static json_t *overrides_json(uint32_t overrides)
{
    static const char *const names[] = {
#define X(name, text) text,
        CW_INSTALLER_OVERRIDES(X)
#undef X
    };
    json_t *list = json_array();

    for (unsigned i = 0; i < CW_INSTALLER_OVERRIDE_COUNT; i++)
        if ((overrides >> i & 1) != 0)
            (void)json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *row_of(const struct cw_installer *i, uint64_t now_ms)
{
    const char *state = i->revoked_ms != 0                           ? "revoked"
                        : now_ms >= i->expires_ms                    ? "expired"
                        : i->uses_max != 0 && i->uses >= i->uses_max ? "used_up"
                                                                     : "valid";

    return json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:b, s:s, s:i, s:I, s:I,"
        " s:I, s:I, s:s, s:I}",
        "id", (json_int_t)i->id, "label", i->label, "state", state, "name_pattern", i->name_pattern,
        "group", i->group_name, "tag", i->tag, "comments", i->comments, "session_policy",
        (json_int_t)i->session_policy, "jump_policy", (json_int_t)i->jump_policy, "overrides",
        overrides_json(i->overrides), "start_quietly", i->is_quiet, "mode", modes[i->mode != 0],
        "port", i->port, "uses_max", (json_int_t)i->uses_max, "uses", (json_int_t)i->uses,
        "item_life_s", (json_int_t)i->item_life_s, "created_unix_ms", (json_int_t)i->created_ms,
        "created_by", i->created_by, "expires_unix_ms", (json_int_t)i->expires_ms);
}

struct listing {
    json_t *rows;
    uint64_t now_ms;
    uint32_t last;
};

static int list_one(void *user, const struct cw_installer *installer)
{
    struct listing *l = user;

    l->last = installer->id;
    return json_array_append_new(l->rows, row_of(installer, l->now_ms)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_installer_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct listing l = {.now_ms = cw_control_now_unix_ms(c)};
    uint32_t after = 0;
    uint32_t limit = 0;
    int err = cw_body_page(request->body, &after, &limit, reply);

    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_installer_each(c->store, after, limit, list_one, &l);
    const bool is_full = json_array_size(l.rows) == limit;
    reply->json = json_pack("{s:o, s:o}", "installers", l.rows, "next",
                            is_full ? json_integer((json_int_t)l.last) : json_null());
    return err;
}

/* ---- made ------------------------------------------------------------------------------------- */

/* A list of names, or one text with commas. */
static int take_overrides(const json_t *body, uint32_t *ret_overrides, struct cw_reply *reply)
{
    static const char *const names[] = {
#define X(name, text) text,
        CW_INSTALLER_OVERRIDES(X)
#undef X
    };
    const char *text = json_string_value(json_object_get(body, "overrides"));

    *ret_overrides = 0;
    while (text != NULL && *text != '\0') {
        const size_t n = strcspn(text, ", ");
        unsigned i = 0;
        while (i < CW_INSTALLER_OVERRIDE_COUNT &&
               (strlen(names[i]) != n || memcmp(names[i], text, n) != 0))
            i++;
        if (i == CW_INSTALLER_OVERRIDE_COUNT)
            return cw_refuse(reply, CW_ERR_INVALID, "overrides are of: name, tag, comments, mode.");
        *ret_overrides |= 1U << i;
        text += n;
        text += strspn(text, ", ");
    }
    return 0;
}

static int take_numbers(struct cw_control *c, const json_t *body, struct cw_installer *i,
                        struct cw_reply *reply)
{
    uint64_t life_s = CW_INSTALLER_LIFE_S, uses = 0, session = 0, jump = 0;

    if (cw_body_number(body, "life_s", 60, CW_INSTALLER_LIFE_S_MAX, &life_s) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "life_s must be 60 to %d seconds.",
                         CW_INSTALLER_LIFE_S_MAX);
    if (cw_body_number(body, "uses", 0, CW_JUMP_ITEMS_MAX, &uses) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "uses must be 1 to %d, or 0 for no limit.",
                         CW_JUMP_ITEMS_MAX);
    if (cw_body_number(body, "item_life_s", 0, CW_DEVICE_TICKET_LIFE_S, &i->item_life_s) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "item_life_s must be 0 (forever) to %d seconds.",
                         CW_DEVICE_TICKET_LIFE_S);
    if (cw_body_bool(body, "start_quietly", &i->is_quiet) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "start_quietly must be true or false.");
    if (cw_body_number(body, "session_policy", 0, UINT32_MAX, &session) != 0 ||
        cw_body_number(body, "jump_policy", 0, UINT32_MAX, &jump) != 0 ||
        (session != 0 && cw_policies_session(c, (uint32_t)session) == NULL) ||
        (jump != 0 && cw_policies_jump(c, (uint32_t)jump) == NULL))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no policy of that number.");
    if (cw_jump_mode_of(c, body, &i->mode, &i->port) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "mode must be active or passive, and port 1024 to 65535.");
    i->expires_ms = i->created_ms + life_s * 1000;
    i->uses_max = (uint32_t)uses;
    i->session_policy = (uint32_t)session;
    i->jump_policy = (uint32_t)jump;
    return 0;
}

static int take_texts(struct cw_control *c, const json_t *body, struct cw_installer *i,
                      struct cw_reply *reply)
{
    const char *group = "All";
    const char *tag = "";
    const char *comments = "";

    if (cw_body_name(body, "label", i->label) != 0 ||
        cw_body_name(body, "name_pattern", i->name_pattern) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "label and name_pattern must be one line of at most 128 characters.");
    if (cw_body_lines(body, "tag", CW_TAG_BYTES_MAX, &tag) != 0 || strpbrk(tag, "\n\t") != NULL)
        return cw_refuse(reply, CW_ERR_INVALID, "The tag must be one line of at most %d bytes.",
                         CW_TAG_BYTES_MAX);
    if (cw_body_lines(body, "comments", CW_COMMENTS_BYTES_MAX, &comments) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Comments must be text of at most %d bytes.",
                         CW_COMMENTS_BYTES_MAX);
    snprintf(i->tag, sizeof i->tag, "%s", tag);
    snprintf(i->comments, sizeof i->comments, "%s", comments);
    (void)cw_body_text(body, "group", CW_NAME_BYTES_MAX, &group);
    const int err = cw_store_group_find(c->store, group, &i->group);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no Jump Group with that name.");
    return err;
}

/* In a transaction. */
static int add(struct cw_control *c, const struct cw_actor *actor, struct cw_installer *i,
               char *ret_token)
{
    char object[32];
    int err = cw_installer_add(c, i, ret_token);

    snprintf(object, sizeof object, "installer %u", i->id);
    if (err == 0)
        err = cw_audit(c, actor, "installer.create", object, "ok", "%s; %u uses", i->label,
                       i->uses_max);
    return err;
}

static void reply_created(struct cw_control *c, const struct cw_installer *i, const char *token,
                          struct cw_reply *reply)
{
    char identity[65];
    char command[600];

    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "./causeway-client install --token %s%s%s %s", token,
             identity[0] != '\0' ? " --identity " : "", identity, c->host_port);
    reply->json =
        json_pack("{s:o, s:s, s:s, s:o}", "installer", row_of(i, cw_control_now_unix_ms(c)),
                  "token", token, "command", command, "script_url",
                  json_sprintf("%s/api/v1/installer-script?token=%s", c->first_origin, token));
}

/* Policies of its own take an item out of those of its group: who may not give items policies presets none. */
static int may_preset(struct cw_control *c, const struct cw_request *request,
                      const struct cw_installer *i, struct cw_reply *reply)
{
    const uint32_t wanted = (i->session_policy != 0 ? 1U << CW_JUMP_FLAG_EDIT_SESSION_POLICY : 0) |
                            (i->jump_policy != 0 ? 1U << CW_JUMP_FLAG_EDIT_JUMP_POLICY : 0);

    if (wanted == 0 || (cw_request_rights(c, request) & CW_RIGHT_BIT(CW_RIGHT_EDIT_POLICIES)) != 0)
        return 0;
    return cw_jump_group_need(c, request, i->group, wanted, reply);
}

int cw_op_installer_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_installer i = {.created_ms = cw_control_now_unix_ms(c), .is_quiet = true};
    char token[CW_TOKEN_TEXT_BYTES + 1];
    uint32_t count = 0;
    int err = cw_body_only(request->body,
                           "label name_pattern group tag comments overrides start_quietly"
                           " uses life_s item_life_s session_policy jump_policy mode port",
                           reply);

    if (err == 0)
        err = take_texts(c, request->body, &i, reply);
    if (err == 0)
        err = take_numbers(c, request->body, &i, reply);
    if (err == 0)
        err = may_preset(c, request, &i, reply);
    if (err == 0)
        err = take_overrides(request->body, &i.overrides, reply);
    if (err == 0)
        err = cw_store_installer_count(c->store, i.created_ms, &count);
    if (err == 0 && count >= CW_INSTALLERS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u installers. Revoke one first.", count);
    if (err != 0)
        return err;
    snprintf(i.created_by, sizeof i.created_by, "%s", actor.name);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store, add(c, &actor, &i, token));
    if (err == 0)
        err = cw_store_installer_get(c->store, i.id, &i);
    if (err == 0)
        reply_created(c, &i, token, reply);
    return err;
}

/* ---- extended and revoked --------------------------------------------------------------------- */

static int get(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
               struct cw_installer *ret)
{
    const int err = cw_store_installer_get(c->store, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no installer with the number %u.", request->path_id);
    if (err == 0 && ret->revoked_ms != 0)
        return cw_refuse(reply, CW_ERR_STATE, "This installer was revoked. Make another one.");
    return err;
}

int cw_op_installer_extend(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_installer i;
    char object[32];
    uint64_t life_s = 0;
    uint64_t uses = 0;
    int err = cw_body_only(request->body, "life_s uses", reply);

    if (err == 0)
        err = get(c, request, reply, &i);
    if (err != 0)
        return err;
    uses = i.uses_max;
    if (cw_body_number(request->body, "life_s", 60, CW_INSTALLER_LIFE_S_MAX, &life_s) != 0 ||
        cw_body_number(request->body, "uses", 0, CW_JUMP_ITEMS_MAX, &uses) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "life_s must be 60 to %d seconds from now, uses 0 (no limit) to %d.",
                         CW_INSTALLER_LIFE_S_MAX, CW_JUMP_ITEMS_MAX);
    const uint64_t expires_ms = life_s != 0 ? now_ms + life_s * 1000 : i.expires_ms;
    snprintf(object, sizeof object, "installer %u", i.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_installer_extend(c->store, i.id, expires_ms, (uint32_t)uses);
    if (err == 0)
        err = cw_audit(c, &actor, "installer.extend", object, "ok", "%s; %u uses", i.label,
                       (uint32_t)uses);
    err = cw_store_end(c->store, err);
    if (err == 0)
        err = cw_store_installer_get(c->store, i.id, &i);
    if (err == 0)
        reply->json = json_pack("{s:o}", "installer", row_of(&i, now_ms));
    return err;
}

int cw_op_installer_revoke(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_installer i;
    char object[32];
    int err = get(c, request, reply, &i);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "installer %u", i.id);
    err = cw_store_installer_revoke(c->store, i.id, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, &actor, "installer.revoke", object, "ok", "%s; used %u times", i.label,
                       i.uses);
    return cw_store_end(c->store, err);
}

/* ---- the script ------------------------------------------------------------------------------- */

int cw_op_installer_script(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_installer installer;
    const char *token = NULL;

    if (cw_budget_wait_s(&c->budget, CW_BUDGET_ENROLMENT, request->source, now_ms) > 0)
        return cw_refuse(reply, CW_ERR_FULL, "Too many attempts from your address. Wait a minute.");
    int err = cw_body_text(request->body, "token", CW_TOKEN_TEXT_BYTES, &token);
    if (err == 0)
        err = cw_installer_find(c, token, &installer);
    if (err == CW_ERR_INVALID || err == CW_ERR_NOT_FOUND) {
        cw_budget_charge(&c->budget, CW_BUDGET_ENROLMENT, request->source, now_ms);
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no such installer.");
    }
    if (err == CW_ERR_EXPIRED || err == CW_ERR_USED)
        return cw_refuse(reply, err, "This installer is not valid any more. Ask for another one.");
    if (err != 0)
        return err;
    char *text = cw_installer_script(c, token);
    if (text == NULL)
        return cw_refuse(reply, CW_ERR_STATE, "The appliance has no program to install.");
    reply->json = json_pack("{s:s}", "text", text);
    reply->is_text = true;
    free(text);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}
