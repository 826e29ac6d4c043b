/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/tool_question.h"

#include <string.h>

static void drop(struct cw_tool_questions *q, size_t at)
{
    q->count--;
    memmove(&q->list[at], &q->list[at + 1], (q->count - at) * sizeof(q->list[0]));
}

void cw_tool_questions_note(struct cw_tool_questions *q, const struct cw_tool_ask *ask)
{
    size_t at = 0;
    while (at < q->count &&
           (q->list[at].participant != ask->participant || q->list[at].tool != ask->tool))
        at++;
    if (ask->text_bytes == 0) {
        if (at < q->count)
            drop(q, at);
        return;
    }
    if (at == CW_TOOL_QUESTIONS_SHOWN_MAX)
        return;
    if (at == q->count)
        q->count++;
    struct cw_tool_question *asked = &q->list[at];
    asked->participant = ask->participant;
    asked->tool = ask->tool;
    memcpy(asked->text, ask->text, ask->text_bytes);
    asked->text[ask->text_bytes] = '\0';
}

void cw_tool_questions_gone(struct cw_tool_questions *q, uint32_t participant)
{
    size_t at = 0;
    while (at < q->count)
        if (q->list[at].participant == participant)
            drop(q, at);
        else
            at++;
}

const struct cw_tool_question *cw_tool_questions_first(const struct cw_tool_questions *q)
{
    return q->count > 0 ? &q->list[0] : NULL;
}

bool cw_tool_questions_answer(struct cw_tool_questions *q, bool is_yes, struct cw_tool_answer *ret)
{
    if (q->count == 0)
        return false;
    *ret = (struct cw_tool_answer){
        .participant = q->list[0].participant, .tool = q->list[0].tool, .yes = is_yes};
    drop(q, 0);
    return true;
}
