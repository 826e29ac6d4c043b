/* SPDX-License-Identifier: Apache-2.0 */
/* Session policies: listed, made, changed. */
#include <stdio.h>
#include <string.h>

#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "engine/base/err.h"

enum { DEFAULT_POLICY = 1 };

static const char *const choice_names[] = {"not_defined", "allow", "deny", NULL};
static const char *const prompt_names[] = {"not_defined", "never", "ask", NULL};

/* ---- listings -------------------------------------------------------------------------------- */

int cw_op_tool_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    json_t *rows = json_array();

    (void)c;
    (void)request;
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++)
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:b}", "tool", cw_tool_name((enum cw_tool)t),
                                        "what", cw_tool_what((enum cw_tool)t), "built_in_allowed",
                                        cw_tool_is_allowed_by_default((enum cw_tool)t)));
    reply->json = json_pack("{s:o}", "tools", rows);
    return 0;
}

static json_t *policy_json(const struct cw_session_policy *p)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:b}", "id", (json_int_t)p->id, "name",
                     p->name, "code", p->code, "description", p->description, "for_accounts",
                     p->for_accounts, "for_invites", p->for_invites, "for_jump_items",
                     p->for_jump_items);
}

static json_t *tools_json(const struct cw_session_policy *p)
{
    json_t *rows = json_array();

    for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
        const struct cw_policy_tool *said = &p->tools[t];
        json_t *row = NULL;
        if (said->choice == CW_POLICY_NOT_DEFINED && said->prompt == CW_PROMPT_NOT_DEFINED)
            continue;
        row = json_pack("{s:s, s:s, s:s}", "tool", cw_tool_name((enum cw_tool)t), "choice",
                        choice_names[said->choice], "prompt", prompt_names[said->prompt]);
        if (said->prompt == CW_PROMPT_ASK) {
            json_object_set_new(row, "time_s", json_integer(said->time_s));
            json_object_set_new(row, "silence", json_string(said->is_yes ? "yes" : "no"));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

int cw_op_session_policy_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const struct cw_policies *p = c->policies;
    json_t *rows = NULL;
    uint32_t after = 0;
    uint32_t limit = 0;
    uint32_t last = 0;
    bool has_more = false;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err != 0)
        return err;
    rows = json_array();
    for (uint32_t i = 0; i < p->session_count && !has_more; i++) {
        if (p->session[i].id <= after)
            continue;
        has_more = json_array_size(rows) == limit;
        if (has_more)
            break;
        json_array_append_new(rows, policy_json(&p->session[i]));
        last = p->session[i].id;
    }
    reply->json = json_pack("{s:o, s:o}", "session_policies", rows, "next",
                            cw_policy_id_json(has_more ? last : 0));
    return 0;
}

static int find_policy(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply, const struct cw_session_policy **ret)
{
    *ret = cw_policies_session(c, request->path_id);
    if (*ret == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no session policy with the number %u.",
                         request->path_id);
    return 0;
}

static void reply_policy(struct cw_reply *reply, const struct cw_session_policy *policy)
{
    reply->json =
        json_pack("{s:o, s:o}", "session_policy", policy_json(policy), "tools", tools_json(policy));
}

int cw_op_session_policy_show(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const struct cw_session_policy *policy = NULL;
    int err = find_policy(c, request, reply, &policy);

    if (err == 0)
        reply_policy(reply, policy);
    return err;
}

/* ---- changes --------------------------------------------------------------------------------- */

/* choice, prompt, time_s and silence of one tool over what is there. */
static int take_tool(const json_t *said, const char *name, struct cw_policy_tool *tool,
                     struct cw_reply *reply)
{
    static const char *const silence_names[] = {"no", "yes", NULL};
    unsigned choice = tool->choice;
    unsigned prompt = tool->prompt;
    unsigned silence = tool->is_yes;
    uint64_t time_s = tool->time_s;

    if (cw_body_choice(said, "choice", choice_names, &choice) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s: choice is allow, deny or not_defined.", name);
    if (cw_body_choice(said, "prompt", prompt_names, &prompt) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s: prompt is ask, never or not_defined.", name);
    if (cw_body_choice(said, "silence", silence_names, &silence) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s: silence (what no answer means) is yes or no.",
                         name);
    if (cw_body_number(said, "time_s", 0, CW_PROMPT_S_MAX, &time_s) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s: time_s is from 0 (for ever) to %d.", name,
                         CW_PROMPT_S_MAX);
    *tool = (struct cw_policy_tool){
        .choice = (uint8_t)choice,
        .prompt = (uint8_t)prompt,
        .time_s = (uint16_t)time_s,
        .is_yes = silence == 1,
    };
    return 0;
}

/* "shell": "deny", or an object. */
static int take_named(const char *name, const json_t *said, struct cw_session_policy *policy,
                      struct cw_reply *reply)
{
    const enum cw_tool tool = cw_tool_find(name);
    json_t *object = NULL;
    int err = 0;

    if (tool == CW_TOOL_COUNT)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "There is no session tool \"%.60s\"; session-tools lists them.", name);
    if (json_is_object(said))
        err = cw_body_only(said, "choice prompt time_s silence", reply);
    else
        object = json_pack("{s:O}", "choice", said);
    if (err == 0)
        err = take_tool(object != NULL ? object : said, name, &policy->tools[tool], reply);
    json_decref(object);
    return err;
}

static int take_tools(const json_t *body, struct cw_session_policy *policy, struct cw_reply *reply)
{
    const json_t *tools = json_object_get(body, "tools");
    const char *name = NULL;
    const json_t *said = NULL;
    int err = 0;

    if (tools != NULL && !json_is_object(tools))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "tools must be an object: {\"shell\": \"deny\", ...}.");
    json_object_foreach((json_t *)(uintptr_t)tools, name, said)
    {
        err = take_named(name, said, policy, reply);
        if (err != 0)
            return err;
    }
    return 0;
}

static int take_policy(const json_t *body, struct cw_session_policy *policy, struct cw_reply *reply)
{
    int err = cw_body_only(
        body, "name code description for_accounts for_invites for_jump_items tools", reply);

    if (err == 0)
        err = cw_policy_take_texts(body, policy->name, policy->code, policy->description, reply);
    if (err == 0 && (cw_body_bool(body, "for_accounts", &policy->for_accounts) != 0 ||
                     cw_body_bool(body, "for_invites", &policy->for_invites) != 0 ||
                     cw_body_bool(body, "for_jump_items", &policy->for_jump_items) != 0))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "for_accounts, for_invites and for_jump_items are true or false.");
    return err == 0 ? take_tools(body, policy, reply) : err;
}

static int refuse_taken(struct cw_control *c, const struct cw_session_policy *policy, int err,
                        struct cw_reply *reply)
{
    (void)c;
    if (err != CW_ERR_CONFLICT)
        return err;
    return cw_refuse(reply, err, "There is a session policy with that name already: %.100s.",
                     policy->name);
}

int cw_op_session_policy_create(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    struct cw_session_policy policy = {
        .for_accounts = true, .for_invites = true, .for_jump_items = true};
    char object[40] = "session policy";
    int err = take_policy(request->body, &policy, reply);

    if (err == 0 && c->policies->session_count >= CW_SESSION_POLICIES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There can be at most %d session policies.",
                        CW_SESSION_POLICIES_MAX);
    if (err != 0)
        return err;
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_session_policy_add(c->store, &policy);
    if (err == 0)
        snprintf(object, sizeof object, "session policy %u", policy.id);
    err = cw_policy_finish(c, request, err, CW_POLICIES_SESSION, "session_policy.create", object,
                           "%s", policy.name);
    if (err == 0)
        reply_policy(reply, &policy);
    return refuse_taken(c, &policy, err, reply);
}

/* What a change of tools was, for the audit log. */
static void changes_text(const struct cw_session_policy *before,
                         const struct cw_session_policy *after, char *out, size_t size)
{
    size_t at = (size_t)snprintf(out, size, "%.100s", after->name);

    for (unsigned t = 0; t < CW_TOOL_COUNT && at < size; t++) {
        const struct cw_policy_tool *old = &before->tools[t];
        const struct cw_policy_tool *new = &after->tools[t];
        if (old->choice == new->choice && old->prompt == new->prompt &&
            old->time_s == new->time_s && old->is_yes == new->is_yes)
            continue;
        at += (size_t)snprintf(out + at, size - at, "; %s: %s, prompt %s",
                               cw_tool_name((enum cw_tool)t), choice_names[new->choice],
                               prompt_names[new->prompt]);
    }
}

static int store_change(struct cw_control *c, const struct cw_request *request,
                        const struct cw_session_policy *before,
                        const struct cw_session_policy *policy, struct cw_reply *reply)
{
    char text[CW_AUDIT_DETAIL_BYTES_MAX];
    char object[40];
    int err = 0;

    changes_text(before, policy, text, sizeof text);
    snprintf(object, sizeof object, "session policy %u", policy->id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_session_policy_set(c->store, policy);
    err = cw_policy_finish(c, request, err, CW_POLICIES_SESSION, "session_policy.set", object, "%s",
                           text);
    if (err == 0)
        reply_policy(reply, policy);
    return refuse_taken(c, policy, err, reply);
}

int cw_op_session_policy_set(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_session_policy *before = NULL;
    struct cw_session_policy policy;
    int err = find_policy(c, request, reply, &before);

    if (err != 0)
        return err;
    policy = *before;
    err = take_policy(request->body, &policy, reply);
    return err == 0 ? store_change(c, request, before, &policy, reply) : err;
}

int cw_op_session_policy_set_tool(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply)
{
    const struct cw_session_policy *before = NULL;
    struct cw_session_policy policy;
    const char *name = NULL;
    enum cw_tool tool = CW_TOOL_COUNT;
    int err = find_policy(c, request, reply, &before);

    if (err == 0)
        err = cw_body_only(request->body, "tool choice prompt time_s silence", reply);
    if (err != 0)
        return err;
    if (cw_body_text(request->body, "tool", CW_CODE_BYTES_MAX, &name) == 0)
        tool = cw_tool_find(name);
    if (tool == CW_TOOL_COUNT)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "There is no such session tool; session-tools lists them.");
    policy = *before;
    err = take_tool(request->body, cw_tool_name(tool), &policy.tools[tool], reply);
    return err == 0 ? store_change(c, request, before, &policy, reply) : err;
}

/* The words for what has the policy, or NULL. */
static const char *user_of(const struct cw_policies *p, uint32_t policy, uint32_t *ret_object)
{
    static const char *const kinds[] = {
        [CW_ASSIGNED_JUMP_ITEM] = "Jump Item",   [CW_ASSIGNED_COPY] = "the copy",
        [CW_ASSIGNED_JUMP_GROUP] = "Jump Group", [CW_ASSIGNED_PORTAL] = "portal",
        [CW_ASSIGNED_ACCOUNT] = "account",       [CW_ASSIGNED_TEAM] = "team",
    };

    for (uint32_t i = 0; i < p->of_count; i++) {
        if (p->of[i].attended != policy && p->of[i].unattended != policy)
            continue;
        *ret_object = p->of[i].object;
        return kinds[p->of[i].kind];
    }
    return NULL;
}

int cw_op_session_policy_remove(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    const struct cw_session_policy *policy = NULL;
    const char *user = NULL;
    char name[CW_NAME_SIZE];
    char object[40];
    uint32_t user_number = 0;
    int err = find_policy(c, request, reply, &policy);

    if (err != 0)
        return err;
    if (policy->id == DEFAULT_POLICY)
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "The appliance's default policy stays; it can be changed.");
    user = user_of(c->policies, policy->id, &user_number);
    if (user != NULL)
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "%s %u has this policy. Give it another one first.", user, user_number);
    err = cw_store_session_policy_used(c->store, policy->id, &user_number);
    if (err != 0)
        return err;
    if (user_number != 0)
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "%u accounts or group policies have this policy. Give them another one "
                         "first.",
                         user_number);
    err = cw_store_session_policy_invited(c->store, policy->id, &user_number);
    if (err != 0)
        return err;
    if (user_number != 0)
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "%u invite profiles, invitations or people in sessions have this policy.",
                         user_number);
    snprintf(name, sizeof name, "%s", policy->name);
    snprintf(object, sizeof object, "session policy %u", policy->id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_session_policy_remove(c->store, request->path_id);
    return cw_policy_finish(c, request, err, CW_POLICIES_SESSION, "session_policy.remove", object,
                            "%s", name);
}
