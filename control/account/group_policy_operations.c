/* SPDX-License-Identifier: Apache-2.0 */
/* Group policies: listed, made, changed, put in order; who is in them; why an account has a right. */
#include <stdio.h>
#include <string.h>

#include "control/account/access_body.h"
#include "control/account/guard.h"
#include "control/account/operations.h"
#include "control/audit/audit.h"
#include "control/session/event.h"
#include "control/state.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

static const char *const block_names[] = {"not_defined", "defined", "final", NULL};
static const char members[] =
    "name comments administration administration_rights representative "
    "representative_rights session session_policy sign_in " CW_RULES_MEMBERS;

static json_t *policy_json(const struct cw_group_policy *p)
{
    json_t *row = json_pack(
        "{s:I, s:I, s:s, s:s, s:s, s:o, s:s, s:o, s:s, s:I, s:s}", "id", (json_int_t)p->id,
        "position", (json_int_t)p->position, "name", p->name, "comments", p->comments,
        "administration", block_names[p->administration], "administration_rights",
        cw_rights_json(p->administration_rights), "representative", block_names[p->representative],
        "representative_rights", cw_rights_json(p->representative_rights), "session",
        block_names[p->session], "session_policy", (json_int_t)p->session_policy, "sign_in",
        block_names[p->sign_in]);

    if (row != NULL)
        cw_rules_to_json(&p->rules, row);
    return row;
}

static int policy_of_request(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply, struct cw_group_policy *ret)
{
    int err = cw_store_group_policy_get(c->store, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no group policy with the number %u.",
                         request->path_id);
    return err;
}

static int list_policy(void *user, const struct cw_group_policy *policy)
{
    return json_array_append_new(user, policy_json(policy)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_group_policy_list(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_group_policy_each(c->store, list_policy, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "group_policies", rows);
    return err;
}

static int list_member(void *user, const struct cw_group_policy_member *m)
{
    json_t *row = m->account != 0
                      ? json_pack("{s:I, s:s}", "account", (json_int_t)m->account, "user", m->name)
                      : json_pack("{s:I, s:s}", "team", (json_int_t)m->team, "name", m->name);

    return json_array_append_new(user, row) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_group_policy_show(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct cw_group_policy policy;
    json_t *rows = NULL;
    int err = policy_of_request(c, request, reply, &policy);

    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_group_policy_members(c->store, policy.id, list_member, rows);
    reply->json = json_pack("{s:o, s:o}", "group_policy", policy_json(&policy), "members", rows);
    return err;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int take_block(const json_t *body, const char *member, enum cw_block *block,
                      struct cw_reply *reply)
{
    unsigned value = *block;

    if (cw_body_choice(body, member, block_names, &value) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be not_defined, defined or final.",
                         member);
    *block = (enum cw_block)value;
    return 0;
}

static int take_rights(const json_t *body, const char *member, uint64_t among, uint64_t *rights,
                       struct cw_reply *reply)
{
    int err = cw_body_rights(body, member, rights, reply);

    if (err != 0 || (*rights & ~among) == 0)
        return err;
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if ((*rights & ~among & CW_RIGHT_BIT(i)) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "The right \"%s\" belongs to the other block.",
                             cw_right_name((enum cw_right)i));
    return 0;
}

static int take_policy(const json_t *body, struct cw_group_policy *p, struct cw_reply *reply)
{
    char name[CW_NAME_SIZE];
    const char *comments = p->comments;
    uint64_t session_policy = p->session_policy;
    int err = cw_body_only(body, members, reply);

    if (err == 0 && cw_body_name(body, "name", name) != 0)
        err =
            cw_refuse(reply, CW_ERR_INVALID, "A name must be one line of at most 128 characters.");
    if (err == 0 && cw_body_lines(body, "comments", CW_COMMENTS_BYTES_MAX, &comments) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "Comments have at most 1000 bytes of text.");
    if (err == 0)
        err = take_block(body, "administration", &p->administration, reply);
    if (err == 0)
        err = take_block(body, "representative", &p->representative, reply);
    if (err == 0)
        err = take_block(body, "session", &p->session, reply);
    if (err == 0)
        err = take_block(body, "sign_in", &p->sign_in, reply);
    if (err == 0)
        err = take_rights(body, "administration_rights", cw_rights_administration(),
                          &p->administration_rights, reply);
    if (err == 0)
        err = take_rights(body, "representative_rights", cw_rights_representative(),
                          &p->representative_rights, reply);
    if (err == 0 && cw_body_number(body, "session_policy", 0, UINT32_MAX, &session_policy) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "session_policy must be the number of a session policy, or 0.");
    if (err == 0)
        err = cw_body_rules(body, &p->rules, reply);
    if (err != 0)
        return err;
    p->session_policy = (uint32_t)session_policy;
    if (name[0] != '\0')
        snprintf(p->name, sizeof p->name, "%s", name);
    if (comments != p->comments)
        snprintf(p->comments, sizeof p->comments, "%s", comments);
    return 0;
}

static uint64_t rights_of(const struct cw_group_policy *p)
{
    return p->administration_rights | p->representative_rights;
}

/* What the change may not alter is looked at before it. */
static int begin_change(struct cw_control *c, const struct cw_request *request,
                        struct cw_guard *ret_guard)
{
    int err = cw_guard_begin(c, request, ret_guard);

    return err == 0 ? cw_store_begin(c->store) : err;
}

/* Ends the transaction with an audit row. */
static int end_change(struct cw_control *c, const struct cw_request *request,
                      const struct cw_guard *guard, const char *action, uint32_t id,
                      const char *detail, struct cw_reply *reply, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[40];

    snprintf(object, sizeof object, "group policy %u", id);
    if (err == 0)
        err = cw_guard_check(c, request, guard, reply);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    err = cw_store_end(c->store, err);
    cw_access_changed(c);
    if (err == 0)
        cw_event_changed(c, 0, "policies_changed");
    return err;
}

static int write_policy(struct cw_control *c, const struct cw_request *request,
                        struct cw_group_policy *policy, struct cw_reply *reply)
{
    const bool is_new = policy->id == 0;
    struct cw_group_policy other;
    struct cw_guard guard;
    char detail[CW_AUDIT_DETAIL_BYTES_MAX];
    char rights[CW_RIGHTS_TEXT_BYTES_MAX];
    int err = cw_rights_refuse_excess(c, request, rights_of(policy), reply);

    if (err == 0 && cw_store_group_policy_find(c->store, policy->name, &other) == 0 &&
        other.id != policy->id)
        err = cw_refuse(reply, CW_ERR_CONFLICT, "There is a group policy named \"%s\" already.",
                        other.name);
    if (err == 0)
        err = begin_change(c, request, &guard);
    if (err != 0)
        return err;
    err = is_new ? cw_store_group_policy_add(c->store, policy)
                 : cw_store_group_policy_set(c->store, policy);
    cw_rights_text(rights_of(policy), rights, sizeof rights);
    snprintf(detail, sizeof detail,
             "%.80s: administration %s, representative %s, session %s, sign_in %s: %.200s",
             policy->name, block_names[policy->administration], block_names[policy->representative],
             block_names[policy->session], block_names[policy->sign_in], rights);
    err = end_change(c, request, &guard, is_new ? "group_policy.create" : "group_policy.set",
                     policy->id, detail, reply, err);
    if (err == 0)
        reply->json = json_pack("{s:o}", "group_policy", policy_json(policy));
    return err;
}

struct counting {
    uint32_t count;
    uint32_t last;
};

static int count_policy(void *user, const struct cw_group_policy *policy)
{
    struct counting *counting = user;

    counting->count++;
    counting->last = policy->position;
    return 0;
}

int cw_op_group_policy_create(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct cw_group_policy policy = {0};
    struct counting counting = {0};
    int err = take_policy(request->body, &policy, reply);

    if (err == 0 && policy.name[0] == '\0')
        err = cw_refuse(reply, CW_ERR_INVALID, "A group policy needs a name.");
    if (err == 0)
        err = cw_store_group_policy_each(c->store, count_policy, &counting);
    if (err == 0 && counting.count >= CW_GROUP_POLICIES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %d group policies, and no more can be made.",
                        CW_GROUP_POLICIES_MAX);
    policy.position = counting.last + 1;
    return err == 0 ? write_policy(c, request, &policy, reply) : err;
}

int cw_op_group_policy_set(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_group_policy policy;
    int err = policy_of_request(c, request, reply, &policy);

    if (err == 0)
        err = take_policy(request->body, &policy, reply);
    return err == 0 ? write_policy(c, request, &policy, reply) : err;
}

int cw_op_group_policy_remove(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct cw_group_policy policy;
    struct cw_guard guard;
    int err = policy_of_request(c, request, reply, &policy);

    if (err == 0)
        err = begin_change(c, request, &guard);
    if (err != 0)
        return err;
    err = cw_store_group_policy_remove(c->store, policy.id);
    return end_change(c, request, &guard, "group_policy.remove", policy.id, policy.name, reply,
                      err);
}

/* ---- order ----------------------------------------------------------------------------------- */

struct ordering {
    uint32_t ids[CW_GROUP_POLICIES_MAX];
    uint32_t count;
    uint32_t without;
};

static int order_one(void *user, const struct cw_group_policy *policy)
{
    struct ordering *o = user;

    if (policy->id != o->without && o->count < CW_GROUP_POLICIES_MAX)
        o->ids[o->count++] = policy->id;
    return 0;
}

int cw_op_group_policy_move(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct ordering o = {.without = request->path_id};
    struct cw_group_policy policy;
    struct cw_guard guard;
    char detail[64];
    uint64_t place = 0;
    uint32_t next = 1;
    int err = cw_body_only(request->body, "place", reply);

    if (err == 0)
        err = policy_of_request(c, request, reply, &policy);
    if (err == 0 &&
        (cw_body_number(request->body, "place", 1, CW_GROUP_POLICIES_MAX, &place) != 0 ||
         place == 0))
        err = cw_refuse(reply, CW_ERR_INVALID, "place must be a number from 1.");
    if (err == 0)
        err = cw_store_group_policy_each(c->store, order_one, &o);
    if (err == 0)
        err = begin_change(c, request, &guard);
    if (err != 0)
        return err;
    for (uint32_t i = 0; i < o.count && err == 0; i++) {
        if (next == place)
            err = cw_store_group_policy_place(c->store, policy.id, next++);
        if (err == 0)
            err = cw_store_group_policy_place(c->store, o.ids[i], next++);
    }
    if (err == 0 && next <= place)
        err = cw_store_group_policy_place(c->store, policy.id, next);
    snprintf(detail, sizeof detail, "to place %u", (unsigned)place);
    return end_change(c, request, &guard, "group_policy.move", policy.id, detail, reply, err);
}

/* ---- members --------------------------------------------------------------------------------- */

static int change_member(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply, bool is_removed)
{
    struct cw_group_policy policy;
    struct cw_account account;
    struct cw_guard guard;
    struct cw_team team;
    uint64_t account_id = 0;
    uint64_t team_id = 0;
    char detail[CW_AUDIT_DETAIL_BYTES_MAX];
    int err = cw_body_only(request->body, "account team", reply);

    if (err == 0)
        err = policy_of_request(c, request, reply, &policy);
    if (err == 0 && (cw_body_number(request->body, "account", 1, UINT32_MAX, &account_id) != 0 ||
                     cw_body_number(request->body, "team", 1, UINT32_MAX, &team_id) != 0 ||
                     (account_id == 0) == (team_id == 0)))
        err = cw_refuse(reply, CW_ERR_INVALID, "Give the number of an account, or of a team.");
    if (err == 0 && account_id != 0)
        err = cw_store_account_get(c->store, (uint32_t)account_id, &account);
    else if (err == 0)
        err = cw_store_team_get(c->store, (uint32_t)team_id, &team);
    if (err == CW_ERR_NOT_FOUND && reply->message[0] == '\0')
        err = cw_refuse(reply, err, "There is no %s with that number.",
                        account_id != 0 ? "account" : "team");
    if (err == 0 && !is_removed)
        err = cw_rights_refuse_excess(c, request, rights_of(&policy), reply);
    if (err == 0)
        err = begin_change(c, request, &guard);
    if (err != 0)
        return err;
    err = cw_store_group_policy_member(c->store, policy.id, (uint32_t)account_id, (uint32_t)team_id,
                                       is_removed);
    snprintf(detail, sizeof detail, "%.120s: %s %.120s", policy.name,
             account_id != 0 ? "account" : "team", account_id != 0 ? account.user : team.name);
    err = end_change(c, request, &guard,
                     is_removed ? "group_policy.member_remove" : "group_policy.member_add",
                     policy.id, detail, reply, err);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "It is not in the group policy \"%s\".", policy.name);
    return err;
}

int cw_op_group_policy_member_add(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply)
{
    return change_member(c, request, reply, false);
}

int cw_op_group_policy_member_remove(struct cw_control *c, const struct cw_request *request,
                                     struct cw_reply *reply)
{
    return change_member(c, request, reply, true);
}

/* ---- explain --------------------------------------------------------------------------------- */

static json_t *rule_json(struct cw_control *c, uint32_t rule)
{
    struct cw_group_policy policy;

    switch (rule) {
    case CW_RULE_DEFAULT: return json_string("the appliance's default");
    case CW_RULE_ACCOUNT: return json_string("the account itself");
    case CW_RULE_ADMIN: return json_string("administrator");
    default:
        if (cw_store_group_policy_get(c->store, rule, &policy) != 0)
            return json_sprintf("group policy %u", rule);
        return json_sprintf("group policy %u \"%s\"", rule, policy.name);
    }
}

static json_t *answer_json(struct cw_control *c, const char *name, const char *answer,
                           uint32_t rule)
{
    return json_pack("{s:s, s:s, s:o}", "name", name, "answer", answer, "rule", rule_json(c, rule));
}

int cw_op_rights_explain(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    static const enum cw_right own = CW_RIGHT_EDIT_ACCOUNTS;
    struct cw_access_fold f;
    const struct cw_sign_in_rules *rules = &f.answer.rules;
    char number[16];
    json_t *rows = NULL;
    int err = 0;

    if (!(request->account != 0 && request->account == request->path_id) &&
        request->front != CW_FRONT_API && (cw_request_rights(c, request) & CW_RIGHT_BIT(own)) == 0)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "You are not allowed to %s (%s), so you see only your own rights.",
                         cw_right_allows(own), cw_right_name(own));
    err = cw_access_explain(c, request->path_id, &f);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no account with the number %u.", request->path_id);
    if (err != 0)
        return err;
    rows = json_array();
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        (void)json_array_append_new(
            rows, answer_json(c, cw_right_name((enum cw_right)i),
                              (f.answer.rights & CW_RIGHT_BIT(i)) != 0 ? "allow" : "deny",
                              f.trail.right[i]));
    snprintf(number, sizeof number, "%u", f.answer.session_policy);
    (void)json_array_append_new(rows, answer_json(c, "session_policy",
                                                  f.answer.session_policy != 0 ? number : "none",
                                                  f.trail.session_policy));
    (void)json_array_append_new(rows, answer_json(c, "second_factor",
                                                  cw_second_factor_name(rules->second_factor),
                                                  f.trail.second_factor));
    (void)json_array_append_new(rows, answer_json(c, "remember_me",
                                                  cw_remember_me_name(rules->remember_me),
                                                  f.trail.remember_me));
    (void)json_array_append_new(rows, answer_json(c, "second_login",
                                                  cw_second_login_name(rules->second_login),
                                                  f.trail.second_login));
    (void)json_array_append_new(
        rows,
        answer_json(c, "network_rule", cw_network_rule_name(rules->network_rule), f.trail.network));
    reply->json = json_pack("{s:b, s:o}", "is_enabled", f.answer.is_enabled, "answers", rows);
    return 0;
}
