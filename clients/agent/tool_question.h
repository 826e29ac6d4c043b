/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/tool_question.h - what the person is asked about the tools of representatives (TOOL_ASK).
 *
 * Owner:     a value inside its session; zero is an empty one.
 * Thread:    any; pure.
 * Errors:    a question that there is no room for is not asked: it is as if the person said nothing.
 * Limits:    CW_TOOL_QUESTIONS_SHOWN_MAX; a question is at most CW_TOOL_QUESTION_BYTES_MAX bytes.
 * Invariant: one question a participant and tool; the oldest is shown. How long it stands the appliance knows.
 */
#ifndef CW_CLIENTS_AGENT_TOOL_QUESTION_H
#define CW_CLIENTS_AGENT_TOOL_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/wire/message.h"

enum { CW_TOOL_QUESTIONS_SHOWN_MAX = 16 };

struct cw_tool_question {
    uint32_t participant;
    uint16_t tool;
    char text[CW_TOOL_QUESTION_BYTES_MAX + 1];
};

struct cw_tool_questions {
    size_t count;
    struct cw_tool_question list[CW_TOOL_QUESTIONS_SHOWN_MAX];
};

/* A TOOL_ASK: a new question, another text of one, or (without a text) its end. */
void cw_tool_questions_note(struct cw_tool_questions *q, const struct cw_tool_ask *ask);
/* The participant is gone: so are its questions. */
void cw_tool_questions_gone(struct cw_tool_questions *q, uint32_t participant);
/* The one to show, or NULL. */
const struct cw_tool_question *cw_tool_questions_first(const struct cw_tool_questions *q);
/* Answers that one; false: there is none. */
bool cw_tool_questions_answer(struct cw_tool_questions *q, bool is_yes, struct cw_tool_answer *ret);

#endif
