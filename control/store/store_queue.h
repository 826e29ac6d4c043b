/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_queue.h - queues, skills and what representatives set, as the store has them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Units:     seconds.
 * Errors:    those of store.h.
 * Limits:    checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_QUEUE_H
#define CW_CONTROL_STORE_STORE_QUEUE_H

#include "control/store/store.h"

struct cw_team_queue {
    uint32_t team;
    bool is_automatic;
    uint32_t offer_s; /* 0: nothing was set */
    uint32_t overdue_s;
    uint32_t overflow_team;
    uint32_t overflow_s;
    uint32_t overflow_count;
    uint32_t alert_count;
    bool is_persistent;      /* read only, the team's */
    char name[CW_NAME_SIZE]; /* read only */
};

struct cw_status_code {
    uint32_t id;
    char name[CW_NAME_SIZE];
    uint8_t shown_as; /* enum cw_availability */
};

struct cw_representative {
    uint32_t account;
    uint8_t availability;
    uint32_t status_code;
    bool is_opted_out;
    uint32_t sessions_max; /* 0: the appliance's */
    int64_t idle_limit_s;  /* -1: the appliance's */
};

struct cw_skill_row {
    uint32_t id;
    uint32_t parent;
    uint32_t rank;
    char name[CW_NAME_SIZE];
};

typedef int (*cw_team_queue_fn)(void *user, const struct cw_team_queue *queue);
typedef int (*cw_status_code_fn)(void *user, const struct cw_status_code *code);
typedef int (*cw_skill_fn)(void *user, const struct cw_skill_row *skill);
typedef int (*cw_number_fn)(void *user, uint32_t number);

/* team 0: every team's. */
int cw_store_team_queue_each(struct cw_store *s, uint32_t team, cw_team_queue_fn each, void *user);
int cw_store_team_queue_put(struct cw_store *s, const struct cw_team_queue *queue);

int cw_store_status_code_add(struct cw_store *s, struct cw_status_code *code);
int cw_store_status_code_remove(struct cw_store *s, uint32_t id);
/* id 0: all. */
int cw_store_status_code_each(struct cw_store *s, uint32_t id, cw_status_code_fn each, void *user);

/* CW_ERR_NOT_FOUND: nothing was set. */
int cw_store_representative_get(struct cw_store *s, uint32_t account,
                                struct cw_representative *ret);
int cw_store_representative_put(struct cw_store *s, const struct cw_representative *row);

int cw_store_skill_add(struct cw_store *s, struct cw_skill_row *skill);
/* Rank and name. */
int cw_store_skill_put(struct cw_store *s, const struct cw_skill_row *skill);
/* And those below it. */
int cw_store_skill_remove(struct cw_store *s, uint32_t id);
int cw_store_skill_each(struct cw_store *s, cw_skill_fn each, void *user);

/* Replaces all. */
int cw_store_account_skills_put(struct cw_store *s, uint32_t account, const uint32_t *skills,
                                uint32_t count);
int cw_store_account_skill_each(struct cw_store *s, uint32_t account, cw_number_fn each,
                                void *user);
int cw_store_session_skills_put(struct cw_store *s, uint32_t session, const uint32_t *skills,
                                uint32_t count);
int cw_store_session_skill_each(struct cw_store *s, uint32_t session, cw_number_fn each,
                                void *user);

int cw_store_asked_add(struct cw_store *s, uint32_t session, uint32_t account);
int cw_store_asked_clear(struct cw_store *s, uint32_t session);
int cw_store_asked_each(struct cw_store *s, uint32_t session, cw_number_fn each, void *user);

int cw_store_favourite_set(struct cw_store *s, uint32_t session, uint32_t account, bool is_one);
/* Of sessions that have not ended. */
int cw_store_favourite_each(struct cw_store *s, uint32_t account, cw_number_fn each, void *user);

int cw_store_customer_message_put(struct cw_store *s, const char *name, const char *text);
int cw_store_customer_message_remove(struct cw_store *s, const char *name);
/* CW_ERR_NOT_FOUND: the default is in force. */
int cw_store_customer_message_get(struct cw_store *s, const char *name, char *out, size_t size);

#endif
