/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/tool_question.h"

#include <stdio.h>
#include <string.h>

#include "control/session/event.h"
#include "control/session/people.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

enum { NOTE_TEXT_BYTES = 2 * CW_NAME_BYTES_MAX + 200 };

static struct cw_tool_question *find(struct cw_live_session *session, uint32_t participant,
                                     enum cw_tool tool)
{
    for (uint32_t i = 0; i < session->question_count; i++)
        if (session->questions[i].participant == participant &&
            session->questions[i].tool == (uint8_t)tool)
            return &session->questions[i];
    return NULL;
}

bool cw_tool_is_open(const struct cw_live_session *session, uint32_t participant, enum cw_tool tool)
{
    for (uint32_t i = 0; i < session->question_count; i++)
        if (session->questions[i].participant == participant &&
            session->questions[i].tool == (uint8_t)tool)
            return true;
    return false;
}

/* ---- what the customer is sent ---------------------------------------------------------------- */

static void send_ask(struct cw_control *c, struct cw_live_session *session,
                     const struct cw_tool_question *q, bool is_taken_back)
{
    const struct cw_live_participant *customer = cw_live_source(session);
    const struct cw_live_participant *p = cw_live_participant(session, q->participant);
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint8_t payload[12 + CW_TOOL_QUESTION_BYTES_MAX];
    char text[CW_TOOL_QUESTION_BYTES_MAX + 1] = "";
    struct cw_tool_ask ask = {
        .participant = q->participant, .tool = q->tool, .silence = q->is_yes, .text = text};
    size_t n = 0;

    if (customer == NULL || p == NULL || !customer->is_up)
        return;
    if (q->until_ms != 0 && !is_taken_back)
        ask.time_s = (uint16_t)(now_ms + 1000 < q->until_ms ? (q->until_ms - now_ms) / 1000 : 1);
    if (!is_taken_back)
        snprintf(text, sizeof text, "%s wants to: %s. Do you allow it?", p->row.name,
                 cw_tool_what((enum cw_tool)q->tool));
    ask.text_bytes = strlen(text);
    if (cw_tool_ask_encode(&ask, payload, sizeof payload, &n) == 0)
        cw_send(session, customer->row.number, CW_MESSAGE_TOOL_ASK, payload, n);
}

void cw_tool_send_open(struct cw_control *c, struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->question_count; i++)
        send_ask(c, session, &session->questions[i], false);
}

/* ---- what the representative is told ---------------------------------------------------------- */

static void tell_answer(struct cw_control *c, const struct cw_live_session *session,
                        const struct cw_live_participant *p, enum cw_tool tool, bool is_yes,
                        bool is_silence)
{
    if (p->row.account != 0)
        cw_event_send(c, p->row.account,
                      json_pack("{s:s, s:I, s:I, s:s, s:b, s:b}", "type", "tool_answered",
                                "session", (json_int_t)session->row.id, "participant",
                                (json_int_t)p->row.number, "tool", cw_tool_name(tool), "yes",
                                is_yes, "silence", is_silence));
}

/* ---- questions -------------------------------------------------------------------------------- */

int cw_tool_ask(struct cw_control *c, const struct cw_actor *actor, struct cw_live_session *session,
                const struct cw_live_participant *p, enum cw_tool tool,
                const struct cw_policy_answer *answer)
{
    struct cw_tool_question *q = find(session, p->row.number, tool);
    struct cw_tool_question asked = {
        .participant = p->row.number,
        .tool = (uint8_t)tool,
        .is_yes = answer->is_yes,
        .until_ms =
            answer->time_s != 0 ? cw_control_now_unix_ms(c) + answer->time_s * UINT64_C(1000) : 0,
    };
    char object[32];
    int err = 0;

    if (q == NULL && session->question_count == CW_TOOL_QUESTIONS_MAX)
        return CW_ERR_FULL;
    snprintf(object, sizeof object, "session %u", session->row.id);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store, cw_audit(c, actor, "session.ask_tool", object, "ok", "%s: %s",
                                              p->row.name, cw_tool_name(tool)));
    if (err != 0)
        return err;
    if (q == NULL)
        session->questions[session->question_count++] = asked;
    else
        asked = *q; /* its time runs on */
    send_ask(c, session, &asked, false);
    return 0;
}

static void drop(struct cw_live_session *session, struct cw_tool_question *q)
{
    const uint32_t at = (uint32_t)(q - session->questions);

    session->question_count--;
    memmove(q, q + 1, (session->question_count - at) * sizeof *q);
}

/* ---- answers ---------------------------------------------------------------------------------- */

static int store_answer(struct cw_control *c, struct cw_live_session *session,
                        const struct cw_actor *actor, const struct cw_participant *row,
                        bool is_less, const char *text)
{
    struct cw_chat_row line;
    bool has_line = false;
    char object[32];
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "session %u", session->row.id);
    if (err == 0)
        err = cw_store_participant_put(c->store, row);
    if (err == 0 && is_less)
        err = cw_store_ticket_deny(c->store, session->row.id, row->number,
                                   cw_control_now_unix_ms(c) / 1000);
    if (err == 0)
        err = cw_chat_store_line(c, session, text, &line, &has_line);
    if (err == 0)
        err = cw_audit(c, actor, "session.tool_answer", object, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err == 0 && has_line)
        cw_chat_send(session, 0, &line);
    return err;
}

static void apply(struct cw_control *c, struct cw_live_session *session,
                  struct cw_live_participant *p, enum cw_tool tool, bool is_yes, bool is_silence)
{
    const struct cw_live_participant *customer = cw_live_source(session);
    const uint64_t bit = UINT64_C(1) << tool;
    const bool is_less = !is_yes && (p->row.tools & bit) != 0;
    struct cw_participant after = p->row;
    struct cw_denials denials = {0};
    struct cw_actor actor;
    char text[NOTE_TEXT_BYTES];
    int err = 0;

    if (customer == NULL)
        return;
    actor = is_silence ? cw_actor_appliance() : cw_actor_named(customer->row.name, "-");
    after.tools = is_yes ? after.tools | bit : after.tools & ~bit;
    snprintf(text, sizeof text, "%s%s %s to: %s.", customer->row.name,
             is_silence ? " did not answer in time; the session policy answers:" : "",
             is_yes ? "allows" : "does not allow", cw_tool_what(tool));
    if (p->row.relation != CW_RELATION_OWNER)
        snprintf(text + strlen(text), sizeof text - strlen(text), " (%s)", p->row.name);
    if (is_less)
        (void)cw_denials_collect(c, session->row.id, p->row.number, &denials);
    err = store_answer(c, session, &actor, &after, is_less, text);
    /* More is given only with its audit row; less is given at once, whatever the store says. */
    if (err == 0 || !is_yes) {
        p->row = after;
        p->is_unsaved = p->is_unsaved || err != 0;
        cw_denials_send(c, &denials);
        if (is_less && err == 0)
            p->ticketed = 0;
        p->renew_ms = 0;
        cw_session_refresh_people(c, session);
    }
    if (err != 0)
        cw_log(CW_LOG_WARNING, "control.session",
               "session %u: an answer about a tool is not stored: %s", session->row.id,
               cw_err_text(err));
    tell_answer(c, session, p, tool, err == 0 && is_yes, is_silence);
    cw_denials_free(&denials);
}

void cw_tool_on_answer(struct cw_control *c, const struct cw_link_message *m)
{
    struct cw_live_session *session = cw_live_find(c, m->session);
    const struct cw_live_participant *customer = NULL;
    struct cw_live_participant *p = NULL;
    struct cw_tool_question *q = NULL;
    struct cw_tool_answer answer;

    if (session == NULL || cw_tool_answer_decode(m->bytes, m->bytes_count, &answer) != 0 ||
        answer.tool >= CW_TOOL_COUNT)
        return;
    customer = cw_live_participant(session, m->participant);
    p = cw_live_participant(session, answer.participant);
    if (customer == NULL || customer->row.role != CW_ROLE_CUSTOMER || p == NULL ||
        p->row.role != CW_ROLE_REPRESENTATIVE || p->row.left_ms != 0)
        return;
    q = find(session, answer.participant, (enum cw_tool)answer.tool);
    /* Nobody asked, or the time is over: only less can be meant. */
    if (q == NULL && (answer.yes != 0 || (p->row.tools & (UINT64_C(1) << answer.tool)) == 0))
        return;
    if (q != NULL)
        drop(session, q);
    apply(c, session, p, (enum cw_tool)answer.tool, answer.yes != 0, false);
}

/* ---- time ------------------------------------------------------------------------------------- */

/* Whether the question still stands: its representative is there, and the policy still asks. */
static bool still_stands(struct cw_control *c, const struct cw_live_session *session,
                         const struct cw_live_participant *p, enum cw_tool tool)
{
    return p != NULL && p->row.left_ms == 0 && session->row.state == CW_SESSION_ACTIVE &&
           cw_policy_state(c, session, &p->row, tool, NULL) == CW_TOOL_STATE_ASK;
}

void cw_tool_refresh(struct cw_control *c, struct cw_live_session *session, uint64_t now_ms)
{
    uint32_t i = 0;

    while (i < session->question_count) {
        const struct cw_tool_question q = session->questions[i];
        struct cw_live_participant *p = cw_live_participant(session, q.participant);
        const bool is_idle = !still_stands(c, session, p, (enum cw_tool)q.tool);
        if (!is_idle && (q.until_ms == 0 || now_ms < q.until_ms)) {
            i++;
            continue;
        }
        drop(session, &session->questions[i]);
        send_ask(c, session, &q, true);
        if (!is_idle)
            apply(c, session, p, (enum cw_tool)q.tool, q.is_yes, true);
    }
}
