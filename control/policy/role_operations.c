/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Item roles, accounts' defaults, and copies of items. */
#include <stdio.h>
#include <string.h>

#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/policy/jump_group.h"
#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "engine/base/err.h"

enum { BUILT_IN_ROLES = 4 }; /* the first ones stay */

/* ---- roles ----------------------------------------------------------------------------------- */

static json_t *role_json(const struct cw_jump_role *r)
{
    return json_pack("{s:I, s:s, s:s, s:o}", "id", (json_int_t)r->id, "name", r->name,
                     "description", r->description, "may", cw_jump_flags_json(r->flags));
}

int cw_op_jump_role_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    json_t *rows = json_array();
    json_t *names = json_array();

    (void)request;
    for (uint32_t i = 0; i < c->policies->role_count; i++)
        json_array_append_new(rows, role_json(&c->policies->roles[i]));
    for (unsigned f = 0; f < CW_JUMP_FLAG_COUNT; f++)
        json_array_append_new(names, json_pack("{s:s, s:s}", "flag",
                                               cw_jump_flag_name((enum cw_jump_flag)f), "what",
                                               cw_jump_flag_what((enum cw_jump_flag)f)));
    reply->json = json_pack("{s:o, s:o}", "jump_roles", rows, "flags", names);
    return 0;
}

static int add_flag(const char *name, size_t n, uint32_t *flags, struct cw_reply *reply)
{
    for (unsigned f = 0; f < CW_JUMP_FLAG_COUNT; f++) {
        const char *known = cw_jump_flag_name((enum cw_jump_flag)f);
        if (strlen(known) != n || memcmp(known, name, n) != 0)
            continue;
        *flags |= 1U << f;
        return 0;
    }
    return cw_refuse(reply, CW_ERR_INVALID, "There is no flag \"%.*s\"; jump-roles lists them.",
                     n < 60 ? (int)n : 60, name);
}

/* "may": a list of names, or a text with blanks or commas between. Missing: stays. */
static int take_flags(const json_t *body, uint32_t *flags, struct cw_reply *reply)
{
    const json_t *may = json_object_get(body, "may");
    const char *text = json_string_value(may);
    uint32_t taken = 0;
    int err = 0;

    if (may == NULL)
        return 0;
    if (!json_is_array(may) && text == NULL)
        return cw_refuse(reply, CW_ERR_INVALID, "may is a list of flags.");
    for (size_t i = 0; err == 0 && i < json_array_size(may); i++) {
        const json_t *name = json_array_get(may, i);
        err = json_is_string(name)
                  ? add_flag(json_string_value(name), json_string_length(name), &taken, reply)
                  : cw_refuse(reply, CW_ERR_INVALID, "may is a list of flags.");
    }
    while (err == 0 && text != NULL && *text != '\0') {
        size_t n = strcspn(text, " ,");
        if (n > 0)
            err = add_flag(text, n, &taken, reply);
        text += n;
        text += strspn(text, " ,");
    }
    if (err == 0)
        *flags = taken;
    return err;
}

static int take_role(const json_t *body, struct cw_jump_role *role, struct cw_reply *reply)
{
    int err = cw_body_only(body, "name description may", reply);

    if (err == 0)
        err = cw_policy_take_texts(body, role->name, NULL, role->description, reply);
    return err == 0 ? take_flags(body, &role->flags, reply) : err;
}

static int refuse_taken(const struct cw_jump_role *role, int err, struct cw_reply *reply)
{
    return err != CW_ERR_CONFLICT
               ? err
               : cw_refuse(reply, err, "There is a Jump Item role with that name already: %.100s.",
                           role->name);
}

int cw_op_jump_role_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_jump_role role = {0};
    char object[40] = "jump role";
    int err = take_role(request->body, &role, reply);

    if (err == 0 && c->policies->role_count >= CW_JUMP_ROLES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There can be at most %d Jump Item roles.",
                        CW_JUMP_ROLES_MAX);
    if (err != 0)
        return err;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_role_add(c->store, &role);
    if (err == 0)
        snprintf(object, sizeof object, "jump role %u", role.id);
    err = cw_policy_finish(c, request, err, CW_POLICIES_ROLES, "jump_role.create", object,
                           "%s, flags %x", role.name, role.flags);
    if (err == 0)
        reply->json = json_pack("{s:o}", "jump_role", role_json(&role));
    return refuse_taken(&role, err, reply);
}

static int find_role(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     struct cw_jump_role *ret)
{
    const struct cw_jump_role *found = cw_policies_role(c, request->path_id);

    if (found == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item role with the number %u.",
                         request->path_id);
    *ret = *found;
    return 0;
}

int cw_op_jump_role_set(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_jump_role role;
    uint32_t before = 0;
    char object[40];
    int err = find_role(c, request, reply, &role);

    if (err != 0)
        return err;
    before = role.flags;
    err = take_role(request->body, &role, reply);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump role %u", role.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_role_set(c->store, &role);
    err = cw_policy_finish(c, request, err, CW_POLICIES_ROLES, "jump_role.set", object,
                           "%s, flags %x, before: %x", role.name, role.flags, before);
    if (err == 0)
        reply->json = json_pack("{s:o}", "jump_role", role_json(&role));
    return refuse_taken(&role, err, reply);
}

static bool is_used(const struct cw_policies *p, uint32_t role)
{
    for (uint32_t i = 0; i < p->member_count; i++)
        if (p->members[i].role == role)
            return true;
    for (uint32_t i = 0; i < p->defaults_count; i++)
        if (p->defaults[i].default_role == role || p->defaults[i].personal_role == role ||
            p->defaults[i].team_role == role || p->defaults[i].system_role == role)
            return true;
    return false;
}

int cw_op_jump_role_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_jump_role role;
    char object[40];
    int err = find_role(c, request, reply, &role);

    if (err == 0 && role.id <= BUILT_IN_ROLES)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "The first four roles stay; they can be changed.");
    if (err == 0 && is_used(c->policies, role.id))
        err = cw_refuse(reply, CW_ERR_CONFLICT,
                        "Members of Jump Groups or accounts' defaults have this role. Give them "
                        "another one first.");
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump role %u", role.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_role_remove(c->store, role.id);
    return cw_policy_finish(c, request, err, CW_POLICIES_ROLES, "jump_role.remove", object, "%s",
                            role.name);
}

/* ---- defaults -------------------------------------------------------------------------------- */

static json_t *defaults_json(const struct cw_jump_defaults *d)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I}", "account", cw_policy_id_json(d->account),
                     "default_role", (json_int_t)d->default_role, "personal_role",
                     (json_int_t)d->personal_role, "team_role", (json_int_t)d->team_role,
                     "system_role", (json_int_t)d->system_role);
}

int cw_op_jump_role_defaults(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_jump_defaults *found = NULL;
    uint32_t account = 0;
    int err = cw_body_only(request->body, "account", reply);

    if (err == 0)
        err = cw_policy_take_account(c, request->body, "account", &account, reply);
    if (err != 0)
        return err;
    found = cw_policies_defaults(c, account);
    reply->json =
        json_pack("{s:o, s:b}", "defaults", found != NULL ? defaults_json(found) : json_null(),
                  "own", found != NULL && found->account == account);
    return 0;
}

int cw_op_jump_role_set_defaults(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    static const char *const members[] = {"default_role", "personal_role", "team_role",
                                          "system_role"};
    const struct cw_jump_defaults *found = NULL;
    struct cw_jump_defaults defaults = {0};
    uint32_t *const roles[] = {&defaults.default_role, &defaults.personal_role, &defaults.team_role,
                               &defaults.system_role};
    uint32_t account = 0;
    char object[40];
    int err = cw_body_only(request->body,
                           "account default_role personal_role team_role system_role", reply);

    if (err == 0)
        err = cw_policy_take_account(c, request->body, "account", &account, reply);
    if (err != 0)
        return err;
    found = cw_policies_defaults(c, account);
    if (found != NULL)
        defaults = *found;
    defaults.account = account;
    for (size_t i = 0; err == 0 && i < sizeof roles / sizeof roles[0]; i++) {
        err = cw_policy_take_id(request->body, members[i], roles[i], reply);
        if (err == 0 && cw_policies_role(c, *roles[i]) == NULL)
            err = cw_refuse(reply, CW_ERR_NOT_FOUND, "%s: there is no Jump Item role %u.",
                            members[i], *roles[i]);
    }
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "account %u", account);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_defaults_put(c->store, &defaults);
    err = cw_policy_finish(c, request, err, CW_POLICIES_ROLES, "jump_role.set_defaults", object,
                           "default %u, personal %u, team %u, system %u", defaults.default_role,
                           defaults.personal_role, defaults.team_role, defaults.system_role);
    if (err == 0)
        reply->json = json_pack("{s:o}", "defaults", defaults_json(&defaults));
    return err;
}

/* ---- copies ---------------------------------------------------------------------------------- */

static json_t *copy_json(struct cw_control *c, const struct cw_jump_copy *copy)
{
    const struct cw_jump_group *group = cw_policies_group(c, copy->group);

    return json_pack("{s:I, s:I, s:I, s:s}", "id", (json_int_t)copy->id, "jump_item",
                     (json_int_t)copy->jump_item, "group_id", (json_int_t)copy->group, "group",
                     group != NULL ? group->name : "");
}

int cw_op_jump_copy_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    static struct cw_group_set seen; /* 4 KB of the state thread's */
    uint32_t count = 0;
    const struct cw_jump_copy *copies = cw_policies_copies(c, request->path_id, &count);
    json_t *rows = NULL;
    int err = cw_jump_groups_of(c, request->account, &seen);

    if (err == 0 && cw_jump_item_flags(c, request->account, request->path_id) == 0)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item with the number %u.",
                        request->path_id);
    if (err != 0)
        return err;
    rows = json_array();
    for (uint32_t i = 0; i < count; i++)
        if ((seen.words[copies[i].group / 64] >> (copies[i].group % 64) & 1) != 0)
            json_array_append_new(rows, copy_json(c, &copies[i]));
    reply->json = json_pack("{s:o}", "copies", rows);
    return 0;
}

int cw_op_jump_copy_all(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    static struct cw_group_set seen; /* 4 KB of the state thread's */
    const struct cw_policies *p = c->policies;
    struct cw_jump_item item;
    json_t *rows = NULL;
    uint32_t after = 0;
    uint32_t limit = 0;
    uint32_t at = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err == 0)
        err = cw_jump_groups_of(c, request->account, &seen);
    if (err != 0)
        return err;
    /* after: the place in the list of all copies, by item. */
    rows = json_array();
    for (at = after; at < p->copy_count && json_array_size(rows) < limit; at++) {
        const struct cw_jump_copy *copy = &p->copies[at];
        json_t *row = NULL;
        if ((seen.words[copy->group / 64] >> (copy->group % 64) & 1) == 0 ||
            cw_store_jump_item_get(c->store, copy->jump_item, &item) != 0 || item.is_removed)
            continue;
        row = copy_json(c, copy);
        json_object_set_new(row, "name", json_string(item.name));
        json_object_set_new(row, "online", json_boolean(cw_device_is_online(c, item.id)));
        json_array_append_new(rows, row);
    }
    reply->json = json_pack("{s:o, s:o}", "copies", rows, "next",
                            cw_policy_id_json(at < p->copy_count ? at : 0));
    return 0;
}

/* Whether the account may put the item into the group: both sides have a say. */
static int may_put(struct cw_control *c, const struct cw_request *request, uint32_t group,
                   struct cw_reply *reply)
{
    int err =
        cw_jump_item_need(c, request, request->path_id, 1U << CW_JUMP_FLAG_ASSIGN_GROUP, reply);

    return err == 0 ? cw_jump_group_need(c, request, group, 1U << CW_JUMP_FLAG_ADD, reply) : err;
}

static int take_group(struct cw_control *c, const struct cw_request *request, uint32_t *ret,
                      struct cw_reply *reply)
{
    int err = cw_body_only(request->body, "group", reply);

    if (err == 0)
        err = cw_policy_take_id(request->body, "group", ret, reply);
    return err == 0 ? may_put(c, request, *ret, reply) : err;
}

int cw_op_jump_copy_create(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_jump_copy copy = {.jump_item = request->path_id};
    char object[40];
    uint32_t count = 0;
    uint32_t own = 0;
    int err = take_group(c, request, &copy.group, reply);

    (void)cw_policies_copies(c, copy.jump_item, &count);
    if (err == 0)
        err = cw_store_jump_item_group(c->store, copy.jump_item, &own);
    if (err == 0 && own == copy.group)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "The item itself is in that group.");
    if (err == 0 &&
        (count >= CW_COPIES_PER_ITEM_MAX || c->policies->copy_count >= CW_JUMP_COPIES_MAX))
        err = cw_refuse(reply, CW_ERR_FULL, "A Jump Item has at most %d copies.",
                        CW_COPIES_PER_ITEM_MAX);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump item %u", copy.jump_item);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_copy_add(c->store, &copy);
    err = cw_policy_finish(c, request, err, CW_POLICIES_COPIES, "jump_copy.create", object,
                           "in group %u", copy.group);
    if (err == 0)
        reply->json = json_pack("{s:o}", "copy", copy_json(c, &copy));
    return err != CW_ERR_CONFLICT
               ? err
               : cw_refuse(reply, err, "There is a copy of this item in that group already.");
}

int cw_op_jump_copy_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_jump_copy *found = cw_policies_copy(c, request->path_id);
    struct cw_jump_copy copy;
    char object[40];
    int err = 0;

    if (found == NULL || !cw_jump_group_may_see(c, request->account, found->group))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no copy with the number %u.",
                         request->path_id);
    copy = *found;
    err = cw_jump_group_need(c, request, copy.group, 1U << CW_JUMP_FLAG_REMOVE, reply);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump item %u", copy.jump_item);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_copy_remove(c->store, copy.id);
    return cw_policy_finish(c, request, err, CW_POLICIES_COPIES | CW_POLICIES_OF,
                            "jump_copy.remove", object, "from group %u", copy.group);
}

int cw_op_jump_item_move(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    uint32_t count = 0;
    uint32_t group = 0;
    uint32_t before = 0;
    char object[40];
    int err = take_group(c, request, &group, reply);
    const struct cw_jump_copy *copies = cw_policies_copies(c, request->path_id, &count);

    for (uint32_t i = 0; err == 0 && i < count; i++)
        if (copies[i].group == group)
            err = cw_refuse(reply, CW_ERR_CONFLICT,
                            "There is a copy of this item in that group. Remove it first.");
    if (err == 0)
        err = cw_store_jump_item_group(c->store, request->path_id, &before);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump item %u", request->path_id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_item_regroup(c->store, request->path_id, group);
    err = cw_policy_finish(c, request, err, CW_POLICIES_COPIES, "jump_item.move", object,
                           "to group %u, before: %u", group, before);
    if (err == 0)
        cw_jump_refresh(c, request->path_id);
    return err;
}
