/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_portal.h - portals, notices and messages, as the store has them.
 *
 * Owner:     rows are values; texts that are pointers live until the callback returns.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of store.h; CW_ERR_CONFLICT: a name or code is taken.
 * Limits:    CW_PORTAL_*, CW_NOTICE_*, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_PORTAL_H
#define CW_CONTROL_STORE_STORE_PORTAL_H

#include "control/store/store_share.h"

enum { CW_PORTAL_DEFAULT = 1 }; /* the portal that always is */

/* Bits of what a portal offers. */
enum cw_portal_show {
    CW_PORTAL_KEYS = 1,
    CW_PORTAL_ISSUES = 2,
    CW_PORTAL_REPRESENTATIVES = 4,
};

struct cw_portal_row {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char code[CW_TEAM_CODE_BYTES_MAX + 1];
    char hosts[CW_PORTAL_HOSTS_BYTES_MAX + 1];
    char title[CW_NAME_SIZE];
    char text[CW_PORTAL_TEXT_BYTES_MAX + 1];
    char accent[8]; /* #rrggbb, or empty */
    char background[8];
    char foreground[8];
    uint32_t shows;                        /* enum cw_portal_show */
    char zone[CW_ZONE_NAME_BYTES_MAX + 1]; /* empty: always open */
    const char *hours;                     /* as schedule_text.c writes them */
    const char *dates;
    uint8_t logo_type; /* enum cw_picture_type; 0: none */
    char logo_name[CW_LOGO_NAME_BYTES + 1];
};

struct cw_notice {
    uint32_t id;
    uint32_t portal; /* 0: every one */
    char text[CW_NOTICE_BYTES_MAX + 1];
    uint64_t from_ms;
    uint64_t until_ms; /* 0: no end */
};

typedef int (*cw_portal_row_fn)(void *user, const struct cw_portal_row *row);
typedef int (*cw_notice_fn)(void *user, const struct cw_notice *notice);
typedef int (*cw_portal_person_fn)(void *user, uint32_t account, const char *name);

int cw_store_portal_each(struct cw_store *s, cw_portal_row_fn each, void *user);
/* Without the logo. Sets id. */
int cw_store_portal_add(struct cw_store *s, struct cw_portal_row *row);
int cw_store_portal_put(struct cw_store *s, const struct cw_portal_row *row);
/* Keys of it lead through the default portal then. */
int cw_store_portal_remove(struct cw_store *s, uint32_t id);
/* type 0: none. */
int cw_store_portal_logo_put(struct cw_store *s, uint32_t id, uint8_t type, const char *name,
                             const void *bytes, size_t n);
/* ret_bytes: CW_LOGO_BYTES_MAX. CW_ERR_NOT_FOUND: there is none of that name. */
int cw_store_portal_logo_get(struct cw_store *s, uint32_t id, const char *name, uint8_t *ret_type,
                             uint8_t *ret_bytes, size_t *ret_n);
/* Replaces all. */
int cw_store_portal_issues_put(struct cw_store *s, uint32_t id, const uint32_t *issues,
                               uint32_t count);
int cw_store_portal_issue_each(struct cw_store *s, uint32_t id, cw_issue_fn each, void *user);

int cw_store_notice_add(struct cw_store *s, struct cw_notice *notice);
int cw_store_notice_put(struct cw_store *s, const struct cw_notice *notice);
int cw_store_notice_remove(struct cw_store *s, uint32_t id);
int cw_store_notice_get(struct cw_store *s, uint32_t id, struct cw_notice *ret);
int cw_store_notice_count(struct cw_store *s, uint32_t *ret_count);
int cw_store_notice_each(struct cw_store *s, uint32_t after, uint32_t count_max, cw_notice_fn each,
                         void *user);
/* Those that a portal shows now, oldest first. */
int cw_store_notice_now(struct cw_store *s, uint32_t portal, uint64_t now_ms, uint32_t count_max,
                        cw_notice_fn each, void *user);

int cw_store_portal_message_put(struct cw_store *s, uint32_t portal, const char *name,
                                const char *text);
int cw_store_portal_message_remove(struct cw_store *s, uint32_t portal, const char *name);
/* CW_ERR_NOT_FOUND: the portal says what the appliance does. */
int cw_store_portal_message_get(struct cw_store *s, uint32_t portal, const char *name, char *out,
                                size_t size);

int cw_store_portal_person_set(struct cw_store *s, uint32_t account, bool is_shown);
/* account 0: all who show themselves. */
int cw_store_portal_person_each(struct cw_store *s, uint32_t account, cw_portal_person_fn each,
                                void *user);

/* A session key as a customer's page follows it. */
struct cw_visit_key {
    uint64_t expires_ms;
    uint64_t used_ms;
    uint32_t session; /* that it became; 0: none yet */
    uint32_t account;
    uint32_t team;
    uint32_t portal;
    char customer[CW_NAME_SIZE];
};
int cw_store_portal_key(struct cw_store *s, uint32_t key, struct cw_visit_key *ret);

/* How a session ended. */
struct cw_visit_end {
    uint16_t code; /* enum cw_close_code */
    char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
    char issue[CW_NAME_SIZE]; /* what the customer had asked for; may be empty */
};
int cw_store_portal_end(struct cw_store *s, uint32_t session, struct cw_visit_end *ret);

int cw_store_session_skills_of_issue(struct cw_store *s, uint32_t session, uint32_t issue);
/* Nothing happens when no attribute has that code any more. */
int cw_store_session_attribute_by_code(struct cw_store *s, uint32_t session, const char *code,
                                       const char *value);

#endif
