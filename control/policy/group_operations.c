/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Groups and who is in them. */
#include <stdio.h>
#include <string.h>

#include "control/account/guard.h"
#include "control/policy/jump_group.h"
#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

enum { FIRST_GROUP = 1 }; /* "All": tokens and items of removed groups go there */

static const char *const member_kinds[] = {"", "account", "team", "everybody", NULL};

json_t *cw_jump_flags_json(uint32_t flags)
{
    json_t *names = json_array();

    for (unsigned f = 0; f < CW_JUMP_FLAG_COUNT; f++)
        if ((flags & (1U << f)) != 0)
            json_array_append_new(names, json_string(cw_jump_flag_name((enum cw_jump_flag)f)));
    return names;
}

static json_t *group_json(const struct cw_jump_group *g)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:o}", "id", (json_int_t)g->id, "name", g->name, "code",
                     g->code, "description", g->comments, "owner", cw_policy_id_json(g->owner));
}

int cw_op_jump_group_list(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    static struct cw_group_set seen; /* 4 KB of the state thread's */
    const struct cw_policies *p = c->policies;
    json_t *rows = NULL;
    uint32_t after = 0;
    uint32_t limit = 0;
    uint32_t last = 0;
    bool has_more = false;
    bool is_all = false;
    int err = cw_body_only(request->body, "after limit all", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err == 0)
        err = cw_jump_groups_of(c, request->account, &seen);
    if (err == 0 && cw_body_bool(request->body, "all", &is_all) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "all is true or false.");
    if (err == 0 && is_all && request->front == CW_FRONT_HTTP &&
        (cw_request_rights(c, request) & CW_RIGHT_BIT(CW_RIGHT_EDIT_JUMP_GROUPS)) == 0)
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "You may not change Jump Groups, so you see only those you may use.");
    if (err != 0)
        return err;
    rows = json_array();
    for (uint32_t i = 0; i < p->group_count; i++) {
        const struct cw_jump_group *g = &p->groups[i];
        json_t *row = NULL;
        const bool is_seen = (seen.words[g->id / 64] >> (g->id % 64) & 1) != 0;
        if (g->id <= after || !(is_seen || (is_all && g->owner == 0)))
            continue;
        has_more = json_array_size(rows) == limit;
        if (has_more)
            break;
        row = group_json(g);
        json_object_set_new(row, "may",
                            cw_jump_flags_json(cw_jump_group_flags(c, request->account, g->id)));
        json_array_append_new(rows, row);
        last = g->id;
    }
    reply->json = json_pack("{s:o, s:o}", "jump_groups", rows, "next",
                            cw_policy_id_json(has_more ? last : 0));
    return 0;
}

static int find_group(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply, struct cw_jump_group *ret)
{
    const struct cw_jump_group *found = cw_policies_group(c, request->path_id);

    if (found == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Group with the number %u.",
                         request->path_id);
    *ret = *found;
    return 0;
}

static int refuse_taken(const struct cw_jump_group *group, int err, struct cw_reply *reply)
{
    return err != CW_ERR_CONFLICT
               ? err
               : cw_refuse(reply, err, "There is a Jump Group with that name already: %.100s.",
                           group->name);
}

/* Stores a new group. */
static int add_group(struct cw_control *c, const struct cw_request *request,
                     struct cw_jump_group *group, struct cw_reply *reply)
{
    char object[40] = "jump group";
    int err = 0;

    if (c->policies->group_count >= CW_JUMP_GROUPS_MAX ||
        c->policies->groups[c->policies->group_count - 1].id >= CW_JUMP_GROUP_ID_MAX)
        return cw_refuse(reply, CW_ERR_FULL, "There can be no more Jump Groups.");
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_group_add(c->store, group);
    if (err == 0)
        snprintf(object, sizeof object, "jump group %u", group->id);
    err = cw_policy_finish(c, request, err, CW_POLICIES_GROUPS, "jump_group.create", object, "%s",
                           group->name);
    if (err == 0)
        reply->json = json_pack("{s:o}", "jump_group", group_json(group));
    return refuse_taken(group, err, reply);
}

int cw_op_jump_group_create(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct cw_jump_group group = {0};
    int err = cw_body_only(request->body, "name code description", reply);

    if (err == 0)
        err = cw_policy_take_texts(request->body, group.name, group.code, group.comments, reply);
    return err == 0 ? add_group(c, request, &group, reply) : err;
}

/* One's own list: made once. Its name is free: the number says whose it is. */
int cw_op_jump_group_personal(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const struct cw_policies *p = c->policies;
    struct cw_jump_group group = {.owner = request->account};
    struct cw_account account;
    int err = cw_body_only(request->body, "", reply);

    if (err == 0 && request->account == 0)
        err = cw_refuse(reply, CW_ERR_STATE, "Only an account has a personal list.");
    for (uint32_t i = 0; err == 0 && i < p->group_count; i++) {
        if (p->groups[i].owner != request->account)
            continue;
        reply->json = json_pack("{s:o}", "jump_group", group_json(&p->groups[i]));
        return 0;
    }
    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err != 0)
        return err;
    snprintf(group.name, sizeof group.name, "Personal list of %s", account.user);
    return add_group(c, request, &group, reply);
}

int cw_op_jump_group_set(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_jump_group group;
    char before[CW_NAME_SIZE];
    char object[40];
    int err = find_group(c, request, reply, &group);

    if (err == 0)
        err = cw_body_only(request->body, "name code description", reply);
    if (err != 0)
        return err;
    snprintf(before, sizeof before, "%s", group.name);
    err = cw_policy_take_texts(request->body, group.name, group.code, group.comments, reply);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump group %u", group.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_group_set(c->store, &group);
    err = cw_policy_finish(c, request, err, CW_POLICIES_GROUPS, "jump_group.set", object,
                           "%s, before: %s", group.name, before);
    if (err == 0)
        reply->json = json_pack("{s:o}", "jump_group", group_json(&group));
    return refuse_taken(&group, err, reply);
}

int cw_op_jump_group_remove(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct cw_jump_group group;
    char object[40];
    uint32_t count = 0;
    int err = find_group(c, request, reply, &group);

    if (err == 0 && group.id == FIRST_GROUP)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "The first Jump Group stays; it can be renamed.");
    if (err == 0)
        err = cw_store_jump_group_count(c->store, group.id, cw_control_now_unix_ms(c), &count);
    if (err == 0 && count > 0)
        err = cw_refuse(
            reply, CW_ERR_CONFLICT,
            "%u Jump Items, copies, unused tokens or installers are in this group. Move or "
            "remove them first.",
            count);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "jump group %u", group.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_group_remove(c->store, group.id, FIRST_GROUP);
    return cw_policy_finish(c, request, err, CW_POLICIES_GROUPS | CW_POLICIES_OF,
                            "jump_group.remove", object, "%s", group.name);
}

/* ---- members --------------------------------------------------------------------------------- */

/* The name of an account or team, as a JSON text. */
static json_t *member_name(struct cw_control *c, const struct cw_jump_member *m)
{
    struct cw_account account;
    struct cw_team team;

    if (m->kind == CW_MEMBER_ACCOUNT && cw_store_account_get(c->store, m->member, &account) == 0)
        return json_string(account.user);
    if (m->kind == CW_MEMBER_TEAM && cw_store_team_get(c->store, m->member, &team) == 0)
        return json_string(team.name);
    return json_string("");
}

int cw_op_jump_group_members(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_policies *p = c->policies;
    struct cw_jump_group group;
    json_t *rows = NULL;
    uint32_t after = 0;
    uint32_t limit = 0;
    uint32_t at = 0;
    uint32_t place = 0;
    bool has_more = false;
    int err = find_group(c, request, reply, &group);

    if (err == 0)
        err = cw_body_only(request->body, "after limit", reply);
    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err != 0)
        return err;
    rows = json_array(); /* after: the place in the group's list */
    for (at = 0; at < p->member_count && !has_more; at++) {
        const struct cw_jump_member *m = &p->members[at];
        const struct cw_jump_role *role = cw_policies_role(c, m->role);
        if (m->group != group.id || place++ < after)
            continue;
        has_more = json_array_size(rows) == limit;
        if (has_more)
            break;
        json_array_append_new(rows,
                              json_pack("{s:s, s:I, s:o, s:o, s:s}", "kind", member_kinds[m->kind],
                                        "member", (json_int_t)m->member, "name", member_name(c, m),
                                        "role", cw_policy_id_json(m->role), "role_name",
                                        role != NULL ? role->name : "the member's default role"));
    }
    reply->json = json_pack("{s:o, s:o, s:o}", "jump_group", group_json(&group), "members", rows,
                            "next", cw_policy_id_json(has_more ? place - 1 : 0));
    return 0;
}

/* kind and member of the body, and that they exist. */
static int take_member(struct cw_control *c, const json_t *body, struct cw_jump_member *m,
                       struct cw_reply *reply)
{
    struct cw_team team;
    unsigned kind = 0;
    int err = 0;

    if (cw_body_choice(body, "kind", member_kinds, &kind) != 0 || kind == 0)
        return cw_refuse(reply, CW_ERR_INVALID, "kind is account, team or everybody.");
    m->kind = (uint8_t)kind;
    if (kind == CW_MEMBER_EVERYBODY)
        return 0;
    err = kind == CW_MEMBER_ACCOUNT ? cw_policy_take_account(c, body, "member", &m->member, reply)
                                    : cw_policy_take_id(body, "member", &m->member, reply);
    if (err == 0 && kind == CW_MEMBER_TEAM)
        err = cw_store_team_get(c->store, m->member, &team);
    if (err == CW_ERR_NOT_FOUND || (err == 0 && m->member == 0))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no such %s.", member_kinds[kind]);
    return err;
}

int cw_op_jump_group_member_set(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    struct cw_jump_member member = {0};
    struct cw_jump_group group;
    char object[40];
    int err = find_group(c, request, reply, &group);

    if (err == 0)
        err = cw_body_only(request->body, "kind member role", reply);
    if (err == 0)
        err = take_member(c, request->body, &member, reply);
    if (err == 0)
        err = cw_policy_take_id(request->body, "role", &member.role, reply);
    if (err == 0 && member.role != 0 && cw_policies_role(c, member.role) == NULL)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item role %u.", member.role);
    if (err == 0 && c->policies->member_count >= CW_JUMP_MEMBERS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There can be no more members of Jump Groups.");
    if (err != 0)
        return err;
    member.group = group.id;
    snprintf(object, sizeof object, "jump group %u", group.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_member_put(c->store, &member);
    return cw_policy_finish(c, request, err, CW_POLICIES_GROUPS, "jump_group.member_set", object,
                            "%s %u has role %u", member_kinds[member.kind], member.member,
                            member.role);
}

int cw_op_jump_group_member_remove(struct cw_control *c, const struct cw_request *request,
                                   struct cw_reply *reply)
{
    struct cw_jump_member member = {0};
    struct cw_jump_group group;
    char object[40];
    int err = find_group(c, request, reply, &group);

    if (err == 0)
        err = cw_body_only(request->body, "kind member", reply);
    if (err == 0)
        err = take_member(c, request->body, &member, reply);
    if (err != 0)
        return err;
    member.group = group.id;
    snprintf(object, sizeof object, "jump group %u", group.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_jump_member_remove(c->store, &member);
    err = cw_policy_finish(c, request, err, CW_POLICIES_GROUPS, "jump_group.member_remove", object,
                           "%s %u", member_kinds[member.kind], member.member);
    return err != CW_ERR_NOT_FOUND ? err
                                   : cw_refuse(reply, err, "That is no member of this group.");
}
