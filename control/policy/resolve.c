/* SPDX-License-Identifier: Apache-2.0 */
/* Which layers speak about a session, and what their fold allows. */
#include "control/account/access.h"
#include "control/api/body.h"
#include "control/policy/policies.h"
#include "control/policy/policy.h"
#include "control/session/session.h"
#include "engine/base/err.h"

enum { DEFAULT_POLICY = 1 };

static void add_layer(const struct cw_control *c, struct cw_policy_answers *a,
                      enum cw_policy_source source, uint32_t policy)
{
    const struct cw_session_policy *found = policy != 0 ? cw_policies_session(c, policy) : NULL;

    if (found != NULL && a->layer_count < CW_POLICY_LAYERS_MAX)
        a->layers[a->layer_count++] = (struct cw_policy_layer){source, found};
}

static uint32_t one_of(const struct cw_policy_of *of, bool is_attended)
{
    return is_attended ? of->attended : of->unattended;
}

/* What the object itself was given. */
static void add_of(const struct cw_control *c, struct cw_policy_answers *a,
                   const struct cw_policy_subject *subject, enum cw_policy_source source,
                   enum cw_assigned kind, uint32_t object)
{
    const struct cw_policy_of of = cw_policies_of(c, kind, object);

    if (object != 0)
        add_layer(c, a, source, one_of(&of, subject->is_attended));
}

static bool has_kind(const struct cw_policies *p, enum cw_assigned kind)
{
    uint32_t low = 0;
    uint32_t high = p->of_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->of[middle].kind < (uint8_t)kind)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->of_count && p->of[low].kind == (uint8_t)kind;
}

static void add_item_layers(struct cw_control *c, struct cw_policy_answers *a,
                            const struct cw_policy_subject *subject)
{
    uint32_t count = 0;
    const struct cw_jump_copy *copies = cw_policies_copies(c, subject->jump_item, &count);
    const struct cw_jump_copy *copy = NULL;
    uint32_t group = 0;

    for (uint32_t i = 0; i < count; i++)
        if (copies[i].id == subject->copy)
            copy = &copies[i];
    if (copy != NULL)
        group = copy->group;
    if (copy != NULL)
        add_of(c, a, subject, CW_POLICY_JUMP_ITEM, CW_ASSIGNED_COPY, copy->id);
    else
        add_of(c, a, subject, CW_POLICY_JUMP_ITEM, CW_ASSIGNED_JUMP_ITEM, subject->jump_item);
    if (group == 0 && has_kind(c->policies, CW_ASSIGNED_JUMP_GROUP))
        (void)cw_store_jump_item_group(c->store, subject->jump_item, &group);
    add_of(c, a, subject, CW_POLICY_JUMP_GROUP, CW_ASSIGNED_JUMP_GROUP, group);
}

/* Of the account's own row, or of the group policies it is in. */
static void add_account_policy(struct cw_control *c, struct cw_policy_answers *a, uint32_t account)
{
    const uint32_t policy = account != 0 ? cw_account_session_policy(c, account) : 0;
    struct cw_account row;

    if (policy == 0)
        return;
    if (cw_store_account_get(c->store, account, &row) == 0 && row.session_policy == policy)
        add_layer(c, a, CW_POLICY_ACCOUNT, policy);
    else
        add_layer(c, a, CW_POLICY_GROUP_POLICY, policy);
}

void cw_policy_resolve(struct cw_control *c, const struct cw_policy_subject *subject,
                       struct cw_policy_answers *ret)
{
    const struct cw_session_policy *invite = NULL;

    ret->layer_count = 0;
    if (subject->jump_item != 0)
        add_item_layers(c, ret, subject);
    add_of(c, ret, subject, CW_POLICY_PORTAL, CW_ASSIGNED_PORTAL, subject->portal);
    add_of(c, ret, subject, CW_POLICY_ACCOUNT, CW_ASSIGNED_ACCOUNT, subject->account);
    add_account_policy(c, ret, subject->account);
    add_of(c, ret, subject, CW_POLICY_TEAM, CW_ASSIGNED_TEAM, subject->team);
    add_layer(c, ret, CW_POLICY_DEFAULT, DEFAULT_POLICY);
    cw_policy_fold(ret->layers, ret->layer_count, subject->is_attended, ret->tools);
    invite = subject->invite != 0 ? cw_policies_session(c, subject->invite) : NULL;
    if (invite == NULL)
        return;
    cw_policy_fold_invite(invite, subject->is_attended, ret->tools);
    add_layer(c, ret, CW_POLICY_INVITE, subject->invite);
}

struct cw_policy_subject cw_policy_subject_of(const struct cw_live_session *session,
                                              uint32_t account, const struct cw_participant *p)
{
    if (p != NULL)
        account = p->relation == CW_RELATION_EXTERNAL ? session->row.account : p->account;
    return (struct cw_policy_subject){
        .account = account,
        .jump_item = session->row.jump_item,
        .copy = session->how.copy,
        .portal = session->row.portal,
        .team = session->row.team != 0 ? session->row.team : session->row.last.team,
        .invite = p != NULL && p->relation != CW_RELATION_OWNER ? p->session_policy : 0,
        .is_attended = session->row.kind != CW_SESSION_JUMP || session->how.is_attended,
    };
}

/* A Jump Client asks nobody: there silence is the answer. To see and to control are asked by the customer's side. */
static enum cw_tool_state state_of(const struct cw_live_session *session,
                                   const struct cw_policy_answer *answer, enum cw_tool tool,
                                   uint64_t said_yes)
{
    if (!answer->is_allowed)
        return CW_TOOL_STATE_DENY;
    if (!answer->is_asked)
        return CW_TOOL_STATE_ALLOW;
    if (session->row.kind == CW_SESSION_JUMP)
        return answer->is_yes ? CW_TOOL_STATE_ALLOW : CW_TOOL_STATE_DENY;
    if (tool == CW_TOOL_SCREEN_VIEW || tool == CW_TOOL_SCREEN_CONTROL ||
        (said_yes & (UINT64_C(1) << tool)) != 0)
        return CW_TOOL_STATE_ALLOW;
    return CW_TOOL_STATE_ASK;
}

uint64_t cw_policy_narrow(struct cw_control *c, const struct cw_live_session *session,
                          const struct cw_participant *p, uint64_t permissions, uint64_t said_yes)
{
    const uint64_t every_tool = cw_tools_permissions(UINT64_MAX);
    const struct cw_policy_subject subject = cw_policy_subject_of(session, 0, p);
    struct cw_policy_answers answers;
    uint64_t tools = 0;

    cw_policy_resolve(c, &subject, &answers);
    for (unsigned t = 0; t < CW_TOOL_COUNT; t++)
        if (state_of(session, &answers.tools[t], (enum cw_tool)t, said_yes) == CW_TOOL_STATE_ALLOW)
            tools |= UINT64_C(1) << t;
    return permissions & (cw_tools_permissions(tools) | ~every_tool);
}

enum cw_tool_state cw_policy_state(struct cw_control *c, const struct cw_live_session *session,
                                   const struct cw_participant *p, enum cw_tool tool,
                                   struct cw_policy_answer *ret_answer)
{
    const struct cw_policy_subject subject = cw_policy_subject_of(session, 0, p);
    struct cw_policy_answers answers;

    cw_policy_resolve(c, &subject, &answers);
    if (ret_answer != NULL)
        *ret_answer = answers.tools[tool];
    return state_of(session, &answers.tools[tool], tool, p->tools);
}

int cw_policy_demand(struct cw_control *c, const struct cw_live_session *session, uint32_t account,
                     enum cw_tool tool, struct cw_reply *reply)
{
    const struct cw_participant *p = NULL;
    struct cw_policy_subject subject;
    struct cw_policy_answers answers;

    for (uint32_t i = 0; i < session->participant_count && p == NULL; i++) {
        const struct cw_participant *row = &session->participants[i].row;
        if (row->role == CW_ROLE_REPRESENTATIVE && row->relation != CW_RELATION_EXTERNAL &&
            row->left_ms == 0 && row->account == account)
            p = row;
    }
    subject = cw_policy_subject_of(session, account, p);
    cw_policy_resolve(c, &subject, &answers);
    switch (state_of(session, &answers.tools[tool], tool, p != NULL ? p->tools : 0)) {
    case CW_TOOL_STATE_ALLOW: return 0;
    case CW_TOOL_STATE_ASK:
        return cw_refuse(reply, CW_ERR_DENIED,
                         "The customer has to be asked first (%s): session.ask_tool does that.",
                         cw_tool_name(tool));
    case CW_TOOL_STATE_DENY: break;
    }
    return cw_refuse(reply, CW_ERR_DENIED, "The session policy does not allow that (%s).",
                     cw_tool_name(tool));
}

void cw_policy_follow(struct cw_control *c)
{
    const bool must_recheck = c->must_recheck && cw_store_is_writable(c->store, NULL);

    if (c->policies->access_version == cw_access_version(c) && !must_recheck)
        return;
    c->must_recheck = false;
    cw_policy_changed(c);
}

void cw_policy_changed(struct cw_control *c)
{
    c->policies->access_version = cw_access_version(c);
    for (uint32_t i = 0; i < c->live_count; i++) {
        c->live[i]->end_looked_ms = 0;
        if (!c->live[i]->is_over)
            cw_session_recheck(c, c->live[i]);
    }
}
