/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_button.h - Support Buttons, canned messages and scripts, as the store has them.
 *
 * Owner:     rows are values.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of store.h; CW_ERR_CONFLICT: a name is taken.
 * Limits:    CW_BUTTON*, CW_CANNED_*, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_BUTTON_H
#define CW_CONTROL_STORE_STORE_BUTTON_H

#include "control/store/store_queue.h"

struct cw_button {
    uint32_t id;
    char name[CW_NAME_SIZE];
    uint32_t account; /* into whose queue it leads: one of the three */
    uint32_t team;
    uint32_t issue;
    uint32_t portal;
    uint32_t owner; /* who made it; 0: the operator */
    uint64_t created_ms;
    uint64_t expires_ms; /* 0: never */
    uint64_t revoked_ms; /* 0: it is good */
    uint64_t uses;
    uint64_t last_used_ms;
    char leads_to[CW_NAME_SIZE]; /* read only */
    char owner_name[CW_NAME_SIZE];
};

typedef int (*cw_button_fn)(void *user, const struct cw_button *button);

/* Sets id. */
int cw_store_button_add(struct cw_store *s, struct cw_button *button, const uint8_t *secret_hash);
/* Name, where it leads, portal and expires_ms. */
int cw_store_button_put(struct cw_store *s, const struct cw_button *button);
/* CW_ERR_NOT_FOUND: it was revoked before. */
int cw_store_button_revoke(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_button_used(struct cw_store *s, uint32_t id, uint64_t now_ms);
int cw_store_button_get(struct cw_store *s, uint32_t id, struct cw_button *ret);
int cw_store_button_find(struct cw_store *s, const uint8_t *secret_hash, struct cw_button *ret);
/* account 0: all; else those that it made or that lead to it. */
int cw_store_button_each(struct cw_store *s, uint32_t after, uint32_t account, uint32_t count_max,
                         cw_button_fn each, void *user);
int cw_store_button_count(struct cw_store *s, uint32_t owner, uint32_t *ret_count);

enum cw_canned_kind { CW_CANNED_MESSAGE = 1, CW_CANNED_SCRIPT = 2 };

struct cw_canned {
    uint32_t id;
    enum cw_canned_kind kind;
    uint32_t category;
    char category_name[CW_NAME_SIZE]; /* read only */
    char name[CW_NAME_SIZE];
    char description[CW_DESCRIPTION_BYTES_MAX + 1];
    uint32_t platform; /* 0: any */
    char text[CW_CANNED_TEXT_BYTES_MAX + 1];
};

typedef int (*cw_canned_fn)(void *user, const struct cw_canned *canned);
typedef int (*cw_canned_category_fn)(void *user, uint32_t id, const char *name, uint32_t count);

int cw_store_canned_category_add(struct cw_store *s, enum cw_canned_kind kind, const char *name,
                                 uint32_t *ret_id);
int cw_store_canned_category_put(struct cw_store *s, enum cw_canned_kind kind, uint32_t id,
                                 const char *name);
/* CW_ERR_NOT_FOUND also when something is in it. */
int cw_store_canned_category_remove(struct cw_store *s, enum cw_canned_kind kind, uint32_t id);
/* id 0: all. */
int cw_store_canned_category_each(struct cw_store *s, enum cw_canned_kind kind, uint32_t id,
                                  cw_canned_category_fn each, void *user);
/* Sets id. */
int cw_store_canned_add(struct cw_store *s, struct cw_canned *canned);
int cw_store_canned_put(struct cw_store *s, const struct cw_canned *canned);
int cw_store_canned_remove(struct cw_store *s, enum cw_canned_kind kind, uint32_t id);
int cw_store_canned_count(struct cw_store *s, enum cw_canned_kind kind, uint32_t *ret_count);
int cw_store_canned_get(struct cw_store *s, enum cw_canned_kind kind, uint32_t id,
                        struct cw_canned *ret);
struct cw_canned_filter {
    enum cw_canned_kind kind;
    uint32_t after;
    uint32_t category; /* 0: any */
    uint32_t account;  /* what it may use; 0: all */
    uint32_t platform; /* those for it and for any; 0: all */
};
int cw_store_canned_each(struct cw_store *s, const struct cw_canned_filter *filter,
                         uint32_t count_max, cw_canned_fn each, void *user);
/* Replaces all; none: every team. */
int cw_store_canned_teams_put(struct cw_store *s, uint32_t canned, const uint32_t *teams,
                              uint32_t count);
int cw_store_canned_team_each(struct cw_store *s, uint32_t canned, cw_number_fn each, void *user);

#endif
