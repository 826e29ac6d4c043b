/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_share.h - invitations, notes, attributes and issues, as the store has them.
 *
 * Owner:     rows are values; texts of notes and values live until the callback returns.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of store.h; CW_ERR_CONFLICT: a name or code is taken.
 * Limits:    CW_INVITATION_*, CW_NOTE_*, CW_ATTRIBUTE_*, CW_ISSUES_MAX, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_SHARE_H
#define CW_CONTROL_STORE_STORE_SHARE_H

#include "control/store/store_queue.h"

enum cw_invitation_kind {
    CW_INVITE_REPRESENTATIVE = 1,
    CW_INVITE_TEAM = 2, /* whoever of it accepts first; also by issue, and sponsors */
    CW_INVITE_EXTERNAL = 3,
};

enum cw_invitation_end {
    CW_INVITATION_OPEN,
    CW_INVITATION_ACCEPTED,
    CW_INVITATION_DECLINED,
    CW_INVITATION_CANCELLED,
    CW_INVITATION_INVITER_LEFT,
    CW_INVITATION_TRANSFERRED,
    CW_INVITATION_SESSION_ENDED,
    CW_INVITATION_EXPIRED,
    CW_INVITATION_END_COUNT,
};

struct cw_invitation {
    uint32_t id;
    uint32_t session;
    enum cw_invitation_kind kind;
    enum cw_relation relation; /* what the one who accepts will be */
    uint32_t inviter;
    uint32_t account;
    uint32_t team;
    char message[CW_INVITATION_TEXT_BYTES_MAX + 1];
    uint64_t permissions; /* EXTERNAL */
    uint64_t created_ms;
    uint64_t expires_ms; /* 0: with the session */
    enum cw_invitation_end end;
    uint32_t session_policy; /* what it takes from whoever accepts; 0: nothing */
};

struct cw_invite_profile {
    uint32_t id;
    char name[CW_NAME_SIZE];
    uint64_t permissions;
    uint32_t session_policy; /* 0: none */
};

struct cw_note_row {
    uint32_t id;
    uint32_t account;
    char name[CW_NAME_SIZE];
    uint64_t time_ms;
    const char *text;
};

struct cw_attribute {
    uint32_t id;
    char code[CW_TEAM_CODE_BYTES_MAX + 1];
    char name[CW_NAME_SIZE];
    bool is_editable; /* by representatives, in the session */
};

struct cw_custom_link {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char url[CW_CUSTOM_LINK_BYTES_MAX + 1]; /* with macros */
};

struct cw_issue { /* what a customer can ask for, or a representative asks help for */
    uint32_t id;
    char name[CW_NAME_SIZE];
    char code[CW_TEAM_CODE_BYTES_MAX + 1];
    uint32_t team;
    enum cw_priority priority;
};

typedef int (*cw_invitation_fn)(void *user, const struct cw_invitation *invitation);
typedef int (*cw_invite_profile_fn)(void *user, const struct cw_invite_profile *profile);
typedef int (*cw_note_fn)(void *user, const struct cw_note_row *note);
typedef int (*cw_attribute_fn)(void *user, const struct cw_attribute *attribute, const char *value);
typedef int (*cw_custom_link_fn)(void *user, const struct cw_custom_link *link);
typedef int (*cw_issue_fn)(void *user, const struct cw_issue *issue);

/* key_hash: NULL but for EXTERNAL. Sets id. */
int cw_store_invitation_add(struct cw_store *s, struct cw_invitation *invitation,
                            const uint8_t *key_hash);
int cw_store_invitation_get(struct cw_store *s, uint32_t id, struct cw_invitation *ret);
int cw_store_invitation_find(struct cw_store *s, const uint8_t *key_hash,
                             struct cw_invitation *ret);
/* Open ones; 0: of any session, by anybody. */
int cw_store_invitation_each(struct cw_store *s, uint32_t session, uint32_t inviter,
                             cw_invitation_fn each, void *user);
int cw_store_invitation_count(struct cw_store *s, uint32_t session, uint32_t *ret_count);
/* CW_ERR_NOT_FOUND: it was over. */
int cw_store_invitation_end(struct cw_store *s, uint32_t id, enum cw_invitation_end end,
                            uint64_t now_ms);

int cw_store_invite_profile_add(struct cw_store *s, struct cw_invite_profile *profile);
int cw_store_invite_profile_remove(struct cw_store *s, uint32_t id);
/* id 0: all. */
int cw_store_invite_profile_each(struct cw_store *s, uint32_t id, cw_invite_profile_fn each,
                                 void *user);

int cw_store_note_add(struct cw_store *s, uint32_t session, uint32_t account, uint64_t now_ms,
                      const char *text);
int cw_store_note_count(struct cw_store *s, uint32_t session, uint32_t *ret_count);
int cw_store_note_each(struct cw_store *s, uint32_t session, cw_note_fn each, void *user);

int cw_store_attribute_add(struct cw_store *s, struct cw_attribute *attribute);
int cw_store_attribute_remove(struct cw_store *s, uint32_t id);
/* With the session's values; session 0: none. */
int cw_store_attribute_each(struct cw_store *s, uint32_t session, cw_attribute_fn each, void *user);
/* An empty value removes it. */
int cw_store_attribute_set(struct cw_store *s, uint32_t session, uint32_t attribute,
                           const char *value);

int cw_store_issue_add(struct cw_store *s, struct cw_issue *issue, const uint32_t *skills,
                       uint32_t skill_count);
int cw_store_issue_remove(struct cw_store *s, uint32_t id);
int cw_store_issue_get(struct cw_store *s, uint32_t id, struct cw_issue *ret);
int cw_store_issue_find(struct cw_store *s, const char *code, struct cw_issue *ret);
int cw_store_issue_each(struct cw_store *s, uint32_t after, uint32_t count_max, cw_issue_fn each,
                        void *user);
int cw_store_issue_skill_each(struct cw_store *s, uint32_t issue, cw_number_fn each, void *user);

/* By name. CW_ERR_CONFLICT: the name is another one's. */
int cw_store_custom_link_each(struct cw_store *s, cw_custom_link_fn each, void *user);
int cw_store_custom_link_get(struct cw_store *s, uint32_t id, struct cw_custom_link *ret);
/* Sets id. */
int cw_store_custom_link_add(struct cw_store *s, struct cw_custom_link *link);
int cw_store_custom_link_put(struct cw_store *s, const struct cw_custom_link *link);
int cw_store_custom_link_remove(struct cw_store *s, uint32_t id);

#endif
