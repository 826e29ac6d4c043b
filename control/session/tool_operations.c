/* SPDX-License-Identifier: Apache-2.0 */
/* A representative wants to use a tool that its policy asks the customer about. */
#include <stdio.h>

#include "control/api/body.h"
#include "control/session/operations.h"
#include "control/session/tool_question.h"
#include "engine/base/err.h"

static int take_tool(const json_t *body, enum cw_tool *ret, struct cw_reply *reply)
{
    const char *name = NULL;
    int err = cw_body_only(body, "tool", reply);

    *ret = CW_TOOL_COUNT;
    if (err == 0 && cw_body_text(body, "tool", CW_CODE_BYTES_MAX, &name) == 0)
        *ret = cw_tool_find(name);
    if (err == 0 && *ret == CW_TOOL_COUNT)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND,
                        "There is no such session tool; session-tools lists them.");
    return err;
}

/* Whether a yes could be of use now. */
static int check_place(struct cw_live_session *session, const struct cw_live_participant *p,
                       enum cw_tool tool, struct cw_reply *reply)
{
    const struct cw_live_participant *customer = cw_live_source(session);
    const uint64_t untouched = CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION);

    if (customer == NULL || !customer->is_up)
        return cw_refuse(reply, CW_ERR_STATE, "The customer is not connected now.");
    if ((cw_tool_permissions(tool) & ~untouched) != 0 && !p->row.consent_control)
        return cw_refuse(reply, CW_ERR_STATE, "The customer has not allowed control yet.");
    return 0;
}

/* Who was told No does not ask until the customer gives in: some in a row about a tool, then one each while. */
static int charge(struct cw_control *c, const struct cw_live_participant *p, enum cw_tool tool,
                  struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    char source[48];

    snprintf(source, sizeof source, "tool %u %u %u", p->row.session, p->row.number, (unsigned)tool);
    reply->retry_after_s = cw_budget_wait_s(&c->budget, CW_BUDGET_ISSUE, source, now_ms);
    if (reply->retry_after_s != 0)
        return cw_refuse(reply, CW_ERR_FULL, "The customer was asked that often: wait %u s.",
                         reply->retry_after_s);
    cw_budget_charge(&c->budget, CW_BUDGET_ISSUE, source, now_ms);
    return 0;
}

int cw_op_session_ask_tool(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    const struct cw_live_participant *p = NULL;
    struct cw_policy_answer answer;
    enum cw_tool_state state = CW_TOOL_STATE_DENY;
    enum cw_tool tool = CW_TOOL_COUNT;
    int err = cw_session_of_request(c, request, reply, &session);

    if (err == 0)
        err = take_tool(request->body, &tool, reply);
    if (err != 0)
        return err;
    p = cw_live_member(session, request->account);
    if (p == NULL || session->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_STATE, "Only who takes part in the session may ask.");
    if (tool == CW_TOOL_SCREEN_VIEW || tool == CW_TOOL_SCREEN_CONTROL)
        return cw_refuse(
            reply, CW_ERR_STATE,
            "The customer's own program asks about seeing and controlling the screen.");
    state = cw_policy_state(c, session, &p->row, tool, &answer);
    if (state == CW_TOOL_STATE_DENY)
        return cw_policy_demand(c, session, request->account, tool, reply);
    if (state == CW_TOOL_STATE_ASK)
        err = check_place(session, p, tool, reply);
    if (err == 0 && state == CW_TOOL_STATE_ASK)
        err = charge(c, p, tool, reply);
    if (err != 0)
        return err;
    if (state == CW_TOOL_STATE_ASK)
        err = cw_tool_ask(c, &actor, session, p, tool, &answer);
    if (err == CW_ERR_FULL)
        return cw_refuse(reply, err, "The customer is being asked %d things already.",
                         CW_TOOL_QUESTIONS_MAX);
    if (err == 0)
        reply->json = json_pack("{s:s}", "state", state == CW_TOOL_STATE_ASK ? "waits" : "allow");
    return err;
}
