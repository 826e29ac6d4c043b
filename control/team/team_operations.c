/* SPDX-License-Identifier: Apache-2.0 */
/* Teams and who is in them: listed, made, changed. */
#include <stdio.h>
#include <string.h>

#include "control/account/access_body.h"
#include "control/account/guard.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/session/event.h"
#include "control/team/operations.h"
#include "control/team/team.h"
#include "engine/base/err.h"

static const char *const role_names[] = {"none", "member", "lead", "manager", NULL};

const char *cw_team_role_name(enum cw_team_role role)
{
    return role_names[role];
}

enum cw_team_role cw_team_role_of(struct cw_control *c, uint32_t team, uint32_t account)
{
    enum cw_team_role role = CW_TEAM_NONE;
    struct cw_account row;

    if (cw_store_account_get(c->store, account, &row) != 0 || !row.is_enabled ||
        cw_store_member_get(c->store, team, account, &role) != 0)
        return CW_TEAM_NONE;
    return role;
}

/* ---- listings -------------------------------------------------------------------------------- */

struct listing {
    struct cw_control *c;
    uint32_t account;
    json_t *rows;
    uint32_t count;
    uint32_t limit;
    uint32_t last;
    bool has_more;
};

static json_t *team_json(const struct cw_team *t)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:b, s:I}", "id", (json_int_t)t->id, "name", t->name,
                     "code", t->code, "comments", t->comments, "persistent_queue",
                     t->is_persistent_queue, "member_count", (json_int_t)t->member_count);
}

static int list_team(void *user, const struct cw_team *team)
{
    struct listing *l = user;
    json_t *row = NULL;

    l->has_more = l->count == l->limit;
    if (l->has_more)
        return 0;
    row = team_json(team);
    if (l->account != 0)
        (void)json_object_set_new(
            row, "role",
            json_string(cw_team_role_name(cw_team_role_of(l->c, team->id, l->account))));
    l->last = team->id;
    l->count++;
    return json_array_append_new(l->rows, row) == 0 ? 0 : CW_ERR_NOMEM;
}

static json_t *next_of(const struct listing *l)
{
    return l->has_more ? json_integer((json_int_t)l->last) : json_null();
}

int cw_op_team_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct listing l = {.c = c, .account = request->account};
    uint32_t after = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &l.limit, reply);
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_team_each(c->store, after, l.limit + 1, list_team, &l);
    reply->json = json_pack("{s:o, s:o}", "teams", l.rows, "next", next_of(&l));
    return err;
}

static int list_member(void *user, const struct cw_team_member *m)
{
    struct listing *l = user;

    l->has_more = l->count == l->limit;
    if (l->has_more)
        return 0;
    l->last = m->account;
    l->count++;
    return json_array_append_new(l->rows, json_pack("{s:I, s:s, s:s, s:s}", "account",
                                                    (json_int_t)m->account, "user", m->user,
                                                    "display_name", m->display_name, "role",
                                                    cw_team_role_name(m->role))) == 0
               ? 0
               : CW_ERR_NOMEM;
}

/* The team of the path, or a refusal. */
static int team_of_request(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply, struct cw_team *ret)
{
    int err = cw_store_team_get(c->store, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no team with the number %u.", request->path_id);
    return err;
}

int cw_op_team_members(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct listing l = {.c = c};
    struct cw_team team;
    uint32_t after = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &l.limit, reply);
    if (err == 0)
        err = team_of_request(c, request, reply, &team);
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_member_each(c->store, team.id, after, l.limit + 1, list_member, &l);
    reply->json = json_pack("{s:o, s:o, s:o}", "team", team_json(&team), "members", l.rows, "next",
                            next_of(&l));
    return err;
}

static void teams_changed(struct cw_control *c)
{
    cw_access_changed(c);
    cw_event_changed(c, 0, "teams_changed");
}

/* ---- changes of teams ------------------------------------------------------------------------ */

static bool is_code(const char *code)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return code[0] != '\0' && code[strspn(code, allowed)] == '\0';
}

/* "Second line (DE)" becomes "second_line_de". */
static void code_of_name(const char *name, char *out, size_t size)
{
    size_t n = 0;

    for (; *name != '\0' && n + 1 < size; name++) {
        char ch = *name;
        if (ch >= 'A' && ch <= 'Z')
            ch = (char)(ch - 'A' + 'a');
        if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-')
            out[n++] = ch;
        else if (n > 0 && out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
}

/* What the body says about a team, over what *team has. */
static int take_team(const json_t *body, struct cw_team *team, struct cw_reply *reply)
{
    char name[CW_NAME_SIZE];
    const char *text = NULL;

    if (cw_body_name(body, "name", name) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "A team's name must be one line of at most 128 characters.");
    if (name[0] != '\0')
        snprintf(team->name, sizeof team->name, "%s", name);
    if (json_object_get(body, "code") != NULL) {
        if (cw_body_text(body, "code", CW_TEAM_CODE_BYTES_MAX, &text) != 0 || !is_code(text))
            return cw_refuse(reply, CW_ERR_INVALID,
                             "A team's code has 1 to 64 letters, digits, dashes or underscores.");
        snprintf(team->code, sizeof team->code, "%s", text);
    }
    text = team->comments;
    if (cw_body_lines(body, "comments", CW_COMMENTS_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Comments have at most 1000 bytes of text.");
    if (text != team->comments)
        snprintf(team->comments, sizeof team->comments, "%s", text);
    if (cw_body_bool(body, "persistent_queue", &team->is_persistent_queue) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "persistent_queue is either on or off.");
    return 0;
}

static int refuse_taken(struct cw_control *c, const struct cw_team *team, struct cw_reply *reply)
{
    struct cw_team other;

    if (cw_store_team_find(c->store, team->name, &other) == 0 && other.id != team->id)
        return cw_refuse(reply, CW_ERR_CONFLICT, "There is a team named \"%s\" already.",
                         other.name);
    if (cw_store_team_find_code(c->store, team->code, &other) == 0 && other.id != team->id)
        return cw_refuse(reply, CW_ERR_CONFLICT, "The team \"%s\" has the code \"%s\" already.",
                         other.name, other.code);
    return 0;
}

static int write_team(struct cw_control *c, const struct cw_request *request, struct cw_team *team,
                      struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const bool is_new = team->id == 0;
    char object[32];
    int err = refuse_taken(c, team, reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = is_new ? cw_store_team_add(c->store, team) : cw_store_team_set(c->store, team);
    snprintf(object, sizeof object, "team %u", team->id);
    if (err == 0)
        err = cw_audit(c, &actor, is_new ? "team.create" : "team.rename", object, "ok",
                       "%s, code %s%s", team->name, team->code,
                       team->is_persistent_queue ? ", persistent queue" : "");
    err = cw_store_end(c->store, err);
    if (err == 0) {
        reply->json = json_pack("{s:o}", "team", team_json(team));
        teams_changed(c);
    }
    return err;
}

int cw_op_team_create(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    struct cw_team team = {.created_ms = cw_control_now_unix_ms(c)};
    uint32_t count = 0;
    int err = cw_body_only(request->body, "name code comments persistent_queue", reply);

    if (err == 0)
        err = take_team(request->body, &team, reply);
    if (err == 0 && team.name[0] == '\0')
        err = cw_refuse(reply, CW_ERR_INVALID, "A team needs a name.");
    if (err == 0 && team.code[0] == '\0')
        code_of_name(team.name, team.code, sizeof team.code);
    if (err == 0 && team.code[0] == '\0')
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "This name has no letters for a code: give one of letters and digits.");
    if (err == 0)
        err = cw_store_team_count(c->store, &count);
    if (err == 0 && count >= CW_TEAMS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %d teams already, and no more can be made.",
                        CW_TEAMS_MAX);
    return err == 0 ? write_team(c, request, &team, reply) : err;
}

int cw_op_team_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct cw_team team;
    int err = cw_body_only(request->body, "name code comments persistent_queue", reply);

    if (err == 0)
        err = team_of_request(c, request, reply, &team);
    if (err == 0)
        err = take_team(request->body, &team, reply);
    return err == 0 ? write_team(c, request, &team, reply) : err;
}

/* What group policies give those who are in a team. */
struct given {
    uint64_t rights;
    uint32_t policies;
};

static int add_given(void *user, const struct cw_group_policy *policy)
{
    struct given *given = user;

    given->rights |= policy->administration_rights | policy->representative_rights;
    given->policies++;
    return 0;
}

/* A team that group policies name gives rights and rules: who may not edit policies does not change who is in it,
 * and nobody gives by it what he has not himself. */
static int refuse_policy_team(struct cw_control *c, const struct cw_request *request,
                              const struct cw_team *team, struct cw_reply *reply)
{
    struct given given = {0};
    int err = cw_store_group_policy_of_team(c->store, team->id, add_given, &given);

    if (err != 0 || given.policies == 0)
        return err;
    if ((cw_request_rights(c, request) & CW_RIGHT_BIT(CW_RIGHT_EDIT_POLICIES)) != 0)
        err = cw_rights_refuse_excess(c, request, given.rights, reply);
    else
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "The team \"%s\" is in a group policy, so its members get rights: you need "
                        "the right edit_policies to change who is in it.",
                        team->name);
    return err;
}

int cw_op_team_remove(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_guard guard;
    struct cw_team team;
    char object[32];
    int err = team_of_request(c, request, reply, &team);

    if (err == 0)
        err = refuse_policy_team(c, request, &team, reply);
    if (err == 0)
        err = cw_guard_begin(c, request, &guard);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "team %u", team.id);
    err = cw_store_team_remove(c->store, team.id);
    if (err == 0)
        err = cw_guard_check(c, request, &guard, reply);
    if (err == 0)
        err = cw_audit(c, &actor, "team.remove", object, "ok", "%s, %u members", team.name,
                       team.member_count);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(
            reply, CW_ERR_STATE,
            "The team \"%s\" is in use elsewhere: end or move what refers to it first.", team.name);
    if (err == 0)
        teams_changed(c);
    return err;
}

/* ---- members --------------------------------------------------------------------------------- */

static int member_of_request(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply, struct cw_account *ret)
{
    uint64_t id = 0;
    int err = 0;

    if (cw_body_number(request->body, "account", 1, UINT32_MAX, &id) != 0 || id == 0)
        return cw_refuse(reply, CW_ERR_INVALID, "account must be the number of an account.");
    err = cw_store_account_get(c->store, (uint32_t)id, ret);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no account with the number %u.", (uint32_t)id);
    return err;
}

static int end_member_change(struct cw_control *c, const struct cw_request *request,
                             const struct cw_guard *guard, const char *action,
                             const struct cw_team *team, const struct cw_account *account,
                             const char *role, struct cw_reply *reply, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];

    snprintf(object, sizeof object, "team %u", team->id);
    if (err == 0)
        err = cw_guard_check(c, request, guard, reply);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s: %s%s%s", team->name, account->user,
                       role[0] != '\0' ? " is " : "", role);
    err = cw_store_end(c->store, err);
    if (err == 0)
        teams_changed(c);
    return err;
}

int cw_op_team_member_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct cw_team team;
    struct cw_account account;
    struct cw_guard guard;
    enum cw_team_role before = CW_TEAM_NONE;
    unsigned role = CW_TEAM_NONE;
    int err = cw_body_only(request->body, "account role", reply);

    if (err == 0)
        err = team_of_request(c, request, reply, &team);
    if (err == 0)
        err = member_of_request(c, request, reply, &account);
    if (err == 0 &&
        (cw_body_choice(request->body, "role", role_names, &role) != 0 || role == CW_TEAM_NONE))
        err = cw_refuse(reply, CW_ERR_INVALID, "role must be member, lead or manager.");
    if (err == 0)
        err = refuse_policy_team(c, request, &team, reply);
    if (err == 0)
        err = cw_store_member_get(c->store, team.id, account.id, &before);
    if (err == 0 && before == CW_TEAM_NONE && team.member_count >= CW_TEAM_MEMBERS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "The team has %d members already, and takes no more.",
                        CW_TEAM_MEMBERS_MAX);
    if (err == 0)
        err = cw_guard_begin(c, request, &guard);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_member_set(c->store, team.id, account.id, (enum cw_team_role)role);
    return end_member_change(c, request, &guard, "team.member_set", &team, &account,
                             role_names[role], reply, err);
}

int cw_op_team_member_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    struct cw_team team;
    struct cw_account account;
    struct cw_guard guard;
    enum cw_team_role role = CW_TEAM_NONE;
    int err = cw_body_only(request->body, "account", reply);

    if (err == 0)
        err = team_of_request(c, request, reply, &team);
    if (err == 0)
        err = member_of_request(c, request, reply, &account);
    if (err == 0)
        err = cw_store_member_get(c->store, team.id, account.id, &role);
    if (err == 0 && role == CW_TEAM_NONE)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "\"%s\" is not in the team \"%s\".", account.user,
                        team.name);
    if (err == 0)
        err = refuse_policy_team(c, request, &team, reply);
    if (err == 0)
        err = cw_guard_begin(c, request, &guard);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_member_remove(c->store, team.id, account.id);
    return end_member_change(c, request, &guard, "team.member_remove", &team, &account, "", reply,
                             err);
}
