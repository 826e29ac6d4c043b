/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/portal/visit.h"
#include "control/session/operations.h"
#include "control/store/store_survey.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

static const char *const audience_names[] = {"", "representative", "customer", NULL};
static const char *const kind_names[] = {"text", "choice", "rating", NULL};

/* ---- questions ------------------------------------------------------------------------------- */

static int list_question(void *user, const struct cw_question *question, const char *answer)
{
    json_t *row =
        json_pack("{s:I, s:s, s:s, s:s, s:b, s:s}", "id", (json_int_t)question->id, "for",
                  audience_names[question->audience], "kind", kind_names[question->kind], "text",
                  question->text, "required", question->is_required, "answer", answer);
    json_t *choices = json_array();
    const char *at = question->choices;

    while (*at != '\0') {
        const size_t n = strcspn(at, "\n");
        (void)json_array_append_new(choices, json_stringn(at, n));
        at += n;
        at += *at == '\n';
    }
    (void)json_object_set_new(row, "choices", choices);
    return json_array_append_new(user, row) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_survey_questions(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_question_each(c->store, 0, 0, 0, list_question, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "questions", rows);
    return err;
}

static int count_question(void *user, const struct cw_question *question, const char *answer)
{
    (void)question;
    (void)answer;
    ++*(unsigned *)user;
    return 0;
}

static int take_question(const json_t *body, struct cw_question *question, struct cw_reply *reply)
{
    unsigned audience = 0;
    unsigned kind = CW_QUESTION_TEXT;
    uint64_t place = 1;
    const char *text = "";
    const char *choices = "";

    if (cw_body_choice(body, "for", audience_names, &audience) != 0 || audience == 0)
        return cw_refuse(reply, CW_ERR_INVALID, "for must be representative or customer.");
    if (cw_body_choice(body, "kind", kind_names, &kind) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "kind must be text, choice or rating.");
    if (cw_body_lines(body, "text", CW_SURVEY_TEXT_BYTES_MAX, &text) != 0 || text[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "A question has 1 to %d bytes of text.",
                         CW_SURVEY_TEXT_BYTES_MAX);
    if (cw_body_lines(body, "choices", CW_SURVEY_TEXT_BYTES_MAX, &choices) != 0 ||
        (kind == CW_QUESTION_CHOICE) != (choices[0] != '\0'))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "A question of choice, and no other, has choices: one in each line.");
    if (cw_body_number(body, "place", 1, 1000, &place) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "place must be from 1 to 1000.");
    if (cw_body_bool(body, "required", &question->is_required) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "required is either true or false.");
    question->audience = (enum cw_survey_audience)audience;
    question->kind = (enum cw_question_kind)kind;
    question->place = (uint32_t)place;
    snprintf(question->text, sizeof question->text, "%s", text);
    snprintf(question->choices, sizeof question->choices, "%s", choices);
    return 0;
}

int cw_op_survey_question_create(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_question question = {.id = 0};
    unsigned count = 0;
    char object[32];
    int err = cw_body_only(request->body, "for kind text choices place required", reply);

    if (err == 0)
        err = take_question(request->body, &question, reply);
    if (err == 0)
        err = cw_store_question_each(c->store, question.audience, 0, 0, count_question, &count);
    if (err == 0 && count >= CW_SURVEY_QUESTIONS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u questions already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_question_add(c->store, &question);
    snprintf(object, sizeof object, "question %u", question.id);
    if (err == 0)
        err = cw_audit(c, &actor, "survey.question_create", object, "ok", "for a %s: %s",
                       audience_names[question.audience], question.text);
    err = cw_store_end(c->store, err);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)question.id);
    return err;
}

int cw_op_survey_order(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    uint32_t questions[2 * CW_SURVEY_QUESTIONS_MAX]; /* of both surveys */
    uint32_t count = 0;
    uint32_t missing = 0;
    bool is_given = false;
    int err = cw_body_only(request->body, "questions", reply);

    if (err == 0 && (cw_body_numbers(request->body, "questions", questions,
                                     2 * CW_SURVEY_QUESTIONS_MAX, &count, &is_given) != 0 ||
                     count == 0))
        err = cw_refuse(reply, CW_ERR_INVALID, "questions are the numbers of questions.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    for (uint32_t i = 0; err == 0 && i < count; i++) {
        err = cw_store_question_move(c->store, questions[i], i + 1);
        missing = questions[i];
    }
    if (err == 0)
        err = cw_audit(c, &actor, "survey.order", "questions", "ok", "%u in another order", count);
    err = cw_store_end(c->store, err);
    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no question with the number %u.", missing)
               : err;
}

int cw_op_survey_question_remove(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "question %u", request->path_id);
    err = cw_store_question_remove(c->store, request->path_id, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, &actor, "survey.question_remove", object, "ok", "answers are kept");
    err = cw_store_end(c->store, err);
    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no question with the number %u.", request->path_id)
               : err;
}

/* ---- answers --------------------------------------------------------------------------------- */

struct answering {
    const json_t *answers; /* {"12": "text"} */
    struct cw_control *c;
    struct cw_reply *reply;
    uint32_t session;
    uint32_t account;
    unsigned used;
    bool is_writing;
};

static bool is_choice(const char *choices, const char *value)
{
    const size_t n = strlen(value);

    while (*choices != '\0') {
        const size_t line = strcspn(choices, "\n");
        if (line == n && memcmp(choices, value, n) == 0)
            return true;
        choices += line;
        choices += *choices == '\n';
    }
    return false;
}

static bool fits(const struct cw_question *question, const char *value)
{
    if (value[0] == '\0')
        return !question->is_required;
    if (question->kind == CW_QUESTION_CHOICE)
        return is_choice(question->choices, value);
    return question->kind == CW_QUESTION_TEXT ||
           (value[0] >= '1' && value[0] <= '5' && value[1] == '\0');
}

static int take_answer(void *user, const struct cw_question *question, const char *before)
{
    struct answering *a = user;
    char name[16];
    const json_t *given = NULL;
    const char *value = before;

    snprintf(name, sizeof name, "%u", question->id);
    given = json_object_get(a->answers, name);
    if (given != NULL && cw_body_lines(a->answers, name, CW_SURVEY_ANSWER_BYTES_MAX, &value) != 0)
        return cw_refuse(a->reply, CW_ERR_INVALID, "An answer has at most %d bytes of text.",
                         CW_SURVEY_ANSWER_BYTES_MAX);
    if (!fits(question, value))
        return cw_refuse(a->reply, CW_ERR_INVALID, "This question needs %s: %.150s",
                         question->kind == CW_QUESTION_RATING   ? "a number from 1 to 5"
                         : question->kind == CW_QUESTION_CHOICE ? "one of its choices"
                                                                : "an answer",
                         question->text);
    a->used += given != NULL;
    if (!a->is_writing || given == NULL)
        return 0;
    return cw_store_answer_put(a->c->store, a->session, question->id, a->account,
                               cw_control_now_unix_ms(a->c), value);
}

static int answer(struct cw_control *c, const struct cw_actor *actor, uint32_t session,
                  uint32_t account, enum cw_survey_audience audience, const json_t *answers,
                  struct cw_reply *reply)
{
    struct answering a = {answers, c, reply, session, account, 0, false};
    char object[32];
    int err = json_is_object(answers)
                  ? 0
                  : cw_refuse(reply, CW_ERR_INVALID,
                              "answers must be an object of question numbers and texts.");

    if (err == 0)
        err = cw_store_question_each(c->store, audience, session, account, take_answer, &a);
    if (err == 0 && a.used != json_object_size(answers))
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "One of the answers is to no question.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    a.is_writing = true;
    snprintf(object, sizeof object, "session %u", session);
    err = cw_store_question_each(c->store, audience, session, account, take_answer, &a);
    if (err == 0)
        err = cw_audit(c, actor, "survey.answer", object, "ok", "%zu answers of the %s",
                       json_object_size(answers), audience_names[audience]);
    return cw_store_end(c->store, err);
}

int cw_op_session_survey(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_live_session *session = NULL;
    json_t *rows = NULL;
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_question_each(c->store, CW_SURVEY_REPRESENTATIVE, session->row.id,
                                 request->account, list_question, rows);
    reply->json = json_pack("{s:o}", "questions", rows);
    return err;
}

int cw_op_session_answer_survey(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    int err = cw_body_only(request->body, "answers", reply);

    if (err == 0)
        err = cw_session_of_request(c, request, reply, &session);
    return err == 0 ? answer(c, &actor, session->row.id, request->account, CW_SURVEY_REPRESENTATIVE,
                             json_object_get(request->body, "answers"), reply)
                    : err;
}

static int find_missing(void *user, const struct cw_question *question, const char *answer)
{
    char *missing = user;

    if (question->is_required && answer[0] == '\0' && missing[0] == '\0')
        snprintf(missing, CW_SURVEY_TEXT_BYTES_MAX + 1, "%s", question->text);
    return 0;
}

int cw_survey_check(struct cw_control *c, uint32_t session, uint32_t account,
                    struct cw_reply *reply)
{
    char missing[CW_SURVEY_TEXT_BYTES_MAX + 1] = "";
    int err = cw_store_question_each(c->store, CW_SURVEY_REPRESENTATIVE, session, account,
                                     find_missing, missing);

    if (err == 0 && missing[0] != '\0') {
        reply->code = "SURVEY";
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "Answer the survey before you end the session: %.150s", missing);
    }
    return err;
}

/* ---- customers ------------------------------------------------------------------------------- */

static int token_hash(const char *token, uint8_t *ret_hash)
{
    return cw_secret_hash("causeway survey token v1", token, strlen(token), ret_hash);
}

int cw_survey_make_token(struct cw_control *c, uint32_t session, char *ret_token)
{
    uint8_t hash[CW_SHA256_BYTES];
    unsigned count = 0;
    int err = cw_store_question_each(c->store, CW_SURVEY_CUSTOMER, 0, 0, count_question, &count);

    ret_token[0] = '\0';
    if (err != 0 || count == 0)
        return err;
    err = cw_secret_token(ret_token);
    if (err == 0)
        err = token_hash(ret_token, hash);
    return err == 0 ? cw_store_survey_token_put(c->store, session, hash) : err;
}

/* Nobody is signed in here, and each answer is rows in the store and in the audit log: some in a row for a session, as
 * somebody thinks again, and then one each while. Wrong tokens are charged like wrong keys. */
static int refuse_budget(struct cw_control *c, enum cw_budget_kind kind, const char *source,
                         struct cw_reply *reply)
{
    reply->retry_after_s = cw_budget_wait_s(&c->budget, kind, source, cw_control_now_unix_ms(c));
    return reply->retry_after_s == 0
               ? 0
               : cw_refuse(reply, CW_ERR_FULL, "Too many tries. Wait %u seconds.",
                           reply->retry_after_s);
}

static int charge_answer(struct cw_control *c, uint32_t session, struct cw_reply *reply)
{
    char source[32];
    int err = 0;

    snprintf(source, sizeof source, "survey %u", session);
    err = refuse_budget(c, CW_BUDGET_ISSUE, source, reply);
    if (err == 0)
        cw_budget_charge(&c->budget, CW_BUDGET_ISSUE, source, cw_control_now_unix_ms(c));
    return err;
}

static int session_of_token(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply, struct cw_session *ret)
{
    const char *token = "";
    uint8_t hash[CW_SHA256_BYTES];
    int err = refuse_budget(c, CW_BUDGET_KEY, request->source, reply);

    if (err != 0)
        return err;
    err = cw_body_text(request->body, "token", CW_VISIT_TOKEN_SIZE - 1, &token);
    if (err == 0 && cw_visit_is_token(token)) {
        err = cw_visit_session(c, token, ret);
    } else if (err == 0) {
        err = token_hash(token, hash);
        if (err == 0)
            err = cw_store_survey_token_find(c->store, hash, ret);
    }
    if (err == CW_ERR_INVALID || err == CW_ERR_NOT_FOUND) {
        cw_budget_charge(&c->budget, CW_BUDGET_KEY, request->source, cw_control_now_unix_ms(c));
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no such survey.");
    }
    if (err == CW_ERR_STATE || (err == 0 && ret->state != CW_SESSION_ENDED))
        return cw_refuse(reply, CW_ERR_STATE, "The session is not over yet.");
    if (err == 0 && cw_control_now_unix_ms(c) >= ret->ended_ms + CW_SURVEY_OPEN_S * UINT64_C(1000))
        return cw_refuse(reply, CW_ERR_EXPIRED, "This survey is closed.");
    return err;
}

int cw_op_portal_survey(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_session session;
    json_t *rows = NULL;
    int err = cw_body_only(request->body, "token", reply);

    if (err == 0)
        err = session_of_token(c, request, reply, &session);
    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_question_each(c->store, CW_SURVEY_CUSTOMER, session.id, 0, list_question, rows);
    reply->json = json_pack("{s:o}", "questions", rows);
    return err;
}

int cw_op_portal_answer_survey(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_named("customer", request->source);
    struct cw_session session;
    int err = cw_body_only(request->body, "token answers", reply);

    if (err == 0)
        err = session_of_token(c, request, reply, &session);
    if (err == 0)
        err = charge_answer(c, session.id, reply);
    return err == 0 ? answer(c, &actor, session.id, 0, CW_SURVEY_CUSTOMER,
                             json_object_get(request->body, "answers"), reply)
                    : err;
}
