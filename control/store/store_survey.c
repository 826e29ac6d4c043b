/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_survey.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

int cw_store_question_add(struct cw_store *s, struct cw_question *question)
{
    struct cw_query q = cw_query_on(s, CW_SQL_QUESTION_ADD);
    int err = 0;

    cw_bind_int(&q, question->audience);
    cw_bind_int(&q, question->place);
    cw_bind_int(&q, question->kind);
    cw_bind_text(&q, question->text);
    cw_bind_text(&q, question->choices);
    cw_bind_int(&q, question->is_required);
    err = cw_query_run(&q);
    if (err == 0)
        question->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_question_move(struct cw_store *s, uint32_t id, uint32_t place)
{
    struct cw_query q = cw_query_on(s, CW_SQL_QUESTION_MOVE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, place);
    return cw_query_change(&q);
}

int cw_store_question_remove(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_QUESTION_REMOVE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_question_each(struct cw_store *s, unsigned audience, uint32_t session,
                           uint32_t account, cw_question_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_QUESTION_EACH);
    struct cw_question row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, audience);
    cw_bind_int(&q, session);
    cw_bind_int(&q, account);
    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        row.audience = (enum cw_survey_audience)cw_column_int(&q, 1);
        row.place = (uint32_t)cw_column_int(&q, 2);
        row.kind = (enum cw_question_kind)cw_column_int(&q, 3);
        cw_column_text(&q, 4, row.text, sizeof row.text);
        cw_column_text(&q, 5, row.choices, sizeof row.choices);
        row.is_required = cw_column_int(&q, 6) != 0;
        stop = each(user, &row, (const char *)sqlite3_column_text(q.statement, 7));
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_answer_put(struct cw_store *s, uint32_t session, uint32_t question, uint32_t account,
                        uint64_t now_ms, const char *value)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ANSWER_PUT);

    cw_bind_int(&q, session);
    cw_bind_int(&q, question);
    cw_bind_int(&q, account);
    cw_bind_int(&q, now_ms);
    cw_bind_text(&q, value);
    return cw_query_run(&q);
}

int cw_store_survey_token_put(struct cw_store *s, uint32_t session, const uint8_t *hash)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SURVEY_TOKEN_PUT);

    cw_bind_int(&q, session);
    cw_bind_blob(&q, hash, CW_SHA256_BYTES);
    return cw_query_change(&q);
}

int cw_store_survey_token_find(struct cw_store *s, const uint8_t *hash, struct cw_session *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SURVEY_TOKEN_FIND);
    bool found = false;
    int err = 0;

    cw_bind_blob(&q, hash, CW_SHA256_BYTES);
    found = cw_query_row(&q);
    if (found) {
        ret->id = (uint32_t)cw_column_int(&q, 0);
        ret->state = (enum cw_session_state)cw_column_int(&q, 1);
        ret->ended_ms = cw_column_int(&q, 2);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}
