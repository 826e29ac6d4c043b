/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_survey.h - questions after a session and what was answered, as the store has them.
 *
 * Owner:     texts live until the callback returns.
 * Thread:    the state thread.
 * Errors:    those of store.h.
 * Limits:    CW_SURVEY_*, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_SURVEY_H
#define CW_CONTROL_STORE_STORE_SURVEY_H

#include "control/store/store.h"

enum cw_survey_audience { CW_SURVEY_REPRESENTATIVE = 1, CW_SURVEY_CUSTOMER = 2 };
enum cw_question_kind { CW_QUESTION_TEXT, CW_QUESTION_CHOICE, CW_QUESTION_RATING };

struct cw_question {
    uint32_t id;
    enum cw_survey_audience audience;
    uint32_t place; /* lower ones come first */
    enum cw_question_kind kind;
    char text[CW_SURVEY_TEXT_BYTES_MAX + 1];
    char choices[CW_SURVEY_TEXT_BYTES_MAX + 1]; /* a line each */
    bool is_required;
};

typedef int (*cw_question_fn)(void *user, const struct cw_question *question, const char *answer);

int cw_store_question_add(struct cw_store *s, struct cw_question *question);
/* Its answers stay. */
/* CW_ERR_NOT_FOUND: there is no such question. */
int cw_store_question_move(struct cw_store *s, uint32_t id, uint32_t place);
int cw_store_question_remove(struct cw_store *s, uint32_t id, uint64_t now_ms);
/* audience 0: both; with what the account (0: the customer) answered in the session. */
int cw_store_question_each(struct cw_store *s, unsigned audience, uint32_t session,
                           uint32_t account, cw_question_fn each, void *user);
int cw_store_answer_put(struct cw_store *s, uint32_t session, uint32_t question, uint32_t account,
                        uint64_t now_ms, const char *value);
int cw_store_survey_token_put(struct cw_store *s, uint32_t session, const uint8_t *hash);
/* id, state and ended_ms of *ret. */
int cw_store_survey_token_find(struct cw_store *s, const uint8_t *hash, struct cw_session *ret);

#endif
