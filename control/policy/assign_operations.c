/* SPDX-License-Identifier: Apache-2.0 */
/* Who and what has which policies; and why an answer is what it is. */
#include <stdio.h>
#include <string.h>

#include "control/policy/jump_group.h"
#include "control/policy/operations.h"
#include "control/policy/policy_body.h"
#include "control/portal/portal.h"
#include "control/session/tool_question.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

static const char *const kind_names[] = {"",       "jump_item", "copy", "jump_group",
                                         "portal", "account",   "team", NULL};

/* ---- what has which -------------------------------------------------------------------------- */

static json_t *of_json(const struct cw_policy_of *of)
{
    return json_pack("{s:s, s:I, s:o, s:o, s:o}", "kind", kind_names[of->kind], "object",
                     (json_int_t)of->object, "attended", cw_policy_id_json(of->attended),
                     "unattended", cw_policy_id_json(of->unattended), "jump_policy",
                     cw_policy_id_json(of->jump));
}

static int take_kind(const json_t *body, unsigned *ret_kind, struct cw_reply *reply)
{
    if (cw_body_choice(body, "kind", kind_names, ret_kind) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "kind is jump_item, copy, jump_group, portal, account or team.");
    return 0;
}

int cw_op_policy_of_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const struct cw_policies *p = c->policies;
    json_t *rows = NULL;
    uint32_t after = 0;
    uint32_t limit = 0;
    uint32_t at = 0;
    unsigned kind = 0;
    int err = cw_body_only(request->body, "kind after limit", reply);

    if (err == 0)
        err = take_kind(request->body, &kind, reply);
    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err != 0)
        return err;
    /* after: the place in the list. Rows that come in between only shift it. */
    rows = json_array();
    for (at = after; at < p->of_count && json_array_size(rows) < limit; at++)
        if (kind == 0 || p->of[at].kind == kind)
            json_array_append_new(rows, of_json(&p->of[at]));
    reply->json = json_pack("{s:o, s:o}", "assignments", rows, "next",
                            cw_policy_id_json(at < p->of_count ? at : 0));
    return 0;
}

static int object_exists(struct cw_control *c, unsigned kind, uint32_t object)
{
    struct cw_account account;
    struct cw_team team;
    uint32_t group = 0;

    switch ((enum cw_assigned)kind) {
    case CW_ASSIGNED_JUMP_ITEM: return cw_store_jump_item_group(c->store, object, &group);
    case CW_ASSIGNED_COPY: return cw_policies_copy(c, object) != NULL ? 0 : CW_ERR_NOT_FOUND;
    case CW_ASSIGNED_JUMP_GROUP: return cw_policies_group(c, object) != NULL ? 0 : CW_ERR_NOT_FOUND;
    case CW_ASSIGNED_ACCOUNT: return cw_store_account_get(c->store, object, &account);
    case CW_ASSIGNED_TEAM: return cw_store_team_get(c->store, object, &team);
    case CW_ASSIGNED_PORTAL: return cw_portal_get(c, object) != NULL ? 0 : CW_ERR_NOT_FOUND;
    }
    return CW_ERR_NOT_FOUND;
}

/* Whether a session policy may be given to that kind of thing. */
static int check_session(struct cw_control *c, unsigned kind, uint32_t id, const char *member,
                         struct cw_reply *reply)
{
    const struct cw_session_policy *policy = cw_policies_session(c, id);
    const bool for_people = kind == CW_ASSIGNED_ACCOUNT || kind == CW_ASSIGNED_TEAM;
    const bool for_items =
        kind == CW_ASSIGNED_JUMP_ITEM || kind == CW_ASSIGNED_COPY || kind == CW_ASSIGNED_JUMP_GROUP;

    if (id == 0)
        return 0;
    if (policy == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "%s: there is no session policy %u.", member, id);
    if ((for_people && !policy->for_accounts) || (for_items && !policy->for_jump_items))
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "The session policy \"%.80s\" is not available for that; its for_%s says "
                         "so.",
                         policy->name, for_people ? "accounts" : "jump_items");
    return 0;
}

static int take_of(struct cw_control *c, const json_t *body, struct cw_policy_of *of,
                   struct cw_reply *reply)
{
    int err = cw_policy_take_id(body, "attended", &of->attended, reply);

    if (err == 0)
        err = cw_policy_take_id(body, "unattended", &of->unattended, reply);
    if (err == 0)
        err = cw_policy_take_id(body, "jump_policy", &of->jump, reply);
    if (err == 0)
        err = check_session(c, of->kind, of->attended, "attended", reply);
    if (err == 0)
        err = check_session(c, of->kind, of->unattended, "unattended", reply);
    if (err == 0 && of->jump != 0 && of->kind != CW_ASSIGNED_JUMP_ITEM &&
        of->kind != CW_ASSIGNED_COPY && of->kind != CW_ASSIGNED_JUMP_GROUP)
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "Only Jump Items, their copies and Jump Groups have a Jump policy.");
    if (err == 0 && of->jump != 0 && cw_policies_jump(c, of->jump) == NULL)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump policy %u.", of->jump);
    return err;
}

/* Who may change policies gives them to anything; a role in its group is enough for an item or a copy. */
static int may_assign(struct cw_control *c, const struct cw_request *request, unsigned kind,
                      uint32_t number, struct cw_reply *reply)
{
    const json_t *body = request->body;
    const bool has_session =
        json_object_get(body, "attended") != NULL || json_object_get(body, "unattended") != NULL;
    const uint32_t flags =
        (has_session ? 1U << CW_JUMP_FLAG_EDIT_SESSION_POLICY : 0) |
        (json_object_get(body, "jump_policy") != NULL ? 1U << CW_JUMP_FLAG_EDIT_JUMP_POLICY : 0);
    const struct cw_jump_copy *copy = NULL;

    if (request->account == 0 || cw_right_has(c, request->account, CW_RIGHT_EDIT_POLICIES))
        return 0;
    if (kind == CW_ASSIGNED_JUMP_ITEM)
        return cw_jump_item_need(c, request, number, flags, reply);
    if (kind == CW_ASSIGNED_COPY) {
        copy = cw_policies_copy(c, number);
        return cw_jump_group_need(c, request, copy != NULL ? copy->group : 0, flags, reply);
    }
    return cw_refuse(
        reply, CW_ERR_DENIED, "You are not allowed to %s (%s). An administrator can allow it.",
        cw_right_allows(CW_RIGHT_EDIT_POLICIES), cw_right_name(CW_RIGHT_EDIT_POLICIES));
}

int cw_op_policy_of_set(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_policy_of of;
    char object[48];
    uint32_t number = 0;
    unsigned kind = 0;
    int err = cw_body_only(request->body, "kind object attended unattended jump_policy", reply);

    if (err == 0)
        err = take_kind(request->body, &kind, reply);
    if (err == 0)
        err = cw_policy_take_id(request->body, "object", &number, reply);
    if (err != 0)
        return err;
    if (kind == 0 || object_exists(c, kind, number) != 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no %s with the number %u.",
                         kind == 0 ? "kind" : kind_names[kind], number);
    err = may_assign(c, request, kind, number, reply);
    if (err != 0)
        return err;
    of = cw_policies_of(c, (enum cw_assigned)kind, number);
    err = take_of(c, request->body, &of, reply);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "%s %u", kind_names[kind], number);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_policy_of_put(c->store, &of);
    err = cw_policy_finish(c, request, err, CW_POLICIES_OF, "policy.assign", object,
                           "session policies %u (attended), %u (unattended), Jump policy %u",
                           of.attended, of.unattended, of.jump);
    if (err == 0)
        reply->json = json_pack("{s:o}", "assignment", of_json(&of));
    return err;
}

/* ---- why ------------------------------------------------------------------------------------- */

/* Texts that many answers share: made once for each explanation. */
struct words {
    json_t *sources[CW_POLICY_SOURCE_COUNT];
    json_t *names[CW_POLICY_LAYERS_MAX]; /* of the policies of the layers */
    json_t *ids[CW_POLICY_LAYERS_MAX];
    json_t *nobody;
};

static void words_make(const struct cw_policy_answers *answers, struct words *w)
{
    *w = (struct words){.nobody = json_string("")};
    for (unsigned s = 0; s < CW_POLICY_SOURCE_COUNT; s++)
        w->sources[s] = json_string(cw_policy_source_name((enum cw_policy_source)s));
    for (size_t i = 0; i < answers->layer_count; i++) {
        w->names[i] = json_string(answers->layers[i].policy->name);
        w->ids[i] = json_integer((json_int_t)answers->layers[i].policy->id);
    }
}

static void words_free(struct words *w)
{
    for (unsigned s = 0; s < CW_POLICY_SOURCE_COUNT; s++)
        json_decref(w->sources[s]);
    for (unsigned i = 0; i < CW_POLICY_LAYERS_MAX; i++) {
        json_decref(w->names[i]);
        json_decref(w->ids[i]);
    }
    json_decref(w->nobody);
}

static json_t *answer_json(const struct cw_policy_answers *answers, enum cw_tool tool,
                           const struct words *w)
{
    const struct cw_policy_answer *a = &answers->tools[tool];
    json_t *row = json_object();
    json_t *id = json_null();
    json_t *name = w->nobody;

    for (size_t i = 0; i < answers->layer_count; i++) {
        if (answers->layers[i].policy != a->rule.policy)
            continue;
        id = w->ids[i];
        name = w->names[i];
    }
    /* The names are ours and the shared texts were checked: nothing here has to be looked at again. */
    json_object_set_new_nocheck(row, "tool", json_string_nocheck(cw_tool_name(tool)));
    json_object_set_new_nocheck(row, "allowed", json_boolean(a->is_allowed));
    json_object_set_nocheck(row, "source", w->sources[a->rule.source]);
    json_object_set_nocheck(row, "policy", id);
    json_object_set_nocheck(row, "policy_name", name);
    json_object_set_new_nocheck(row, "asked", json_boolean(a->is_asked));
    json_object_set_nocheck(row, "prompt_source", w->sources[a->prompt_rule.source]);
    if (a->is_asked) {
        json_object_set_new_nocheck(row, "time_s", json_integer(a->time_s));
        json_object_set_new_nocheck(row, "silence", json_string_nocheck(a->is_yes ? "yes" : "no"));
    }
    return row;
}

/* tool: CW_TOOL_COUNT is all of them. */
static json_t *explain_json(struct cw_control *c, const struct cw_policy_subject *subject,
                            enum cw_tool tool)
{
    struct cw_policy_answers answers;
    struct words words;
    json_t *layers = json_array();
    json_t *rows = json_array();

    cw_policy_resolve(c, subject, &answers);
    words_make(&answers, &words);
    for (size_t i = 0; i < answers.layer_count; i++)
        json_array_append_new(layers, json_pack("{s:O, s:O, s:O}", "source",
                                                words.sources[answers.layers[i].source], "policy",
                                                words.ids[i], "name", words.names[i]));
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++)
        if (tool == CW_TOOL_COUNT || tool == (enum cw_tool)t)
            json_array_append_new(rows, answer_json(&answers, (enum cw_tool)t, &words));
    words_free(&words);
    return json_pack("{s:b, s:o, s:o}", "attended", subject->is_attended, "layers", layers,
                     "answers", rows);
}

static int take_subject(struct cw_control *c, const json_t *body, struct cw_policy_subject *subject,
                        struct cw_reply *reply)
{
    const struct cw_jump_copy *copy = NULL;
    uint32_t group = 0;
    int err = cw_policy_take_account(c, body, "account", &subject->account, reply);

    if (err == 0)
        err = cw_policy_take_id(body, "jump_item", &subject->jump_item, reply);
    if (err == 0)
        err = cw_policy_take_id(body, "copy", &subject->copy, reply);
    if (err == 0)
        err = cw_policy_take_id(body, "portal", &subject->portal, reply);
    if (err == 0)
        err = cw_policy_take_id(body, "team", &subject->team, reply);
    if (err == 0)
        err = cw_policy_take_invite(c, body, &subject->invite, reply);
    if (err != 0)
        return err;
    copy = cw_policies_copy(c, subject->copy);
    if (subject->copy != 0 && copy == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no copy with the number %u.",
                         subject->copy);
    if (copy != NULL)
        subject->jump_item = copy->jump_item;
    if (subject->jump_item != 0 &&
        cw_store_jump_item_group(c->store, subject->jump_item, &group) != 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item with the number %u.",
                         subject->jump_item);
    subject->is_attended = subject->jump_item == 0;
    if (cw_body_bool(body, "attended", &subject->is_attended) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "attended is true or false.");
    return 0;
}

static int take_tool(const json_t *body, enum cw_tool *ret, struct cw_reply *reply)
{
    const char *name = NULL;

    *ret = CW_TOOL_COUNT;
    if (json_object_get(body, "tool") == NULL)
        return 0;
    if (cw_body_text(body, "tool", CW_CODE_BYTES_MAX, &name) == 0)
        *ret = cw_tool_find(name);
    if (*ret == CW_TOOL_COUNT)
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         "There is no such session tool; session-tools lists them.");
    return 0;
}

int cw_op_policy_explain(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_policy_subject subject = {0};
    enum cw_tool tool = CW_TOOL_COUNT;
    int err = cw_body_only(request->body, "account jump_item copy portal team invite attended tool",
                           reply);

    if (err == 0)
        err = take_subject(c, request->body, &subject, reply);
    if (err == 0)
        err = take_tool(request->body, &tool, reply);
    if (err == 0)
        reply->json = explain_json(c, &subject, tool);
    return err;
}

/* To what each tool has come for that participant: the customer's answers are in it. */
static void add_states(struct cw_control *c, const struct cw_live_session *session,
                       const struct cw_live_participant *p, json_t *answers)
{
    static const char *const names[] = {[CW_TOOL_STATE_DENY] = "deny",
                                        [CW_TOOL_STATE_ASK] = "ask",
                                        [CW_TOOL_STATE_ALLOW] = "allow"};

    for (unsigned t = 0; t < CW_TOOL_COUNT; t++) {
        const enum cw_tool tool = (enum cw_tool)t;
        const enum cw_tool_state state = cw_policy_state(c, session, &p->row, tool, NULL);
        const bool waits =
            state == CW_TOOL_STATE_ASK && cw_tool_is_open(session, p->row.number, tool);
        (void)json_object_set_new(json_array_get(answers, t), "state",
                                  json_string(waits ? "waits" : names[state]));
    }
}

int cw_op_session_tools(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_live_session *session = cw_live_find(c, request->path_id);
    const struct cw_live_participant *p = NULL;
    struct cw_policy_subject subject;

    /* Others' sessions look as if they did not exist, as everywhere. */
    if (session == NULL || (request->front == CW_FRONT_HTTP && !request->is_admin &&
                            session->row.account != request->account &&
                            cw_live_member(session, request->account) == NULL))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no session with the number %u.",
                         request->path_id);
    if (request->account != 0)
        p = cw_live_member(session, request->account);
    if (p == NULL)
        p = cw_live_representative(session);
    subject = cw_policy_subject_of(session, session->row.account, p != NULL ? &p->row : NULL);
    reply->json = explain_json(c, &subject, CW_TOOL_COUNT);
    if (p != NULL)
        add_states(c, session, p, json_object_get(reply->json, "answers"));
    return 0;
}
