/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_policy.h - policies, Jump Groups, roles and approvals, as the store has them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_CONFLICT: a name is taken.
 * Limits:    control/limits.h, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_POLICY_H
#define CW_CONTROL_STORE_STORE_POLICY_H

#include "control/policy/jump_policy.h"
#include "control/policy/session_policy.h"
#include "control/store/store.h"

/* What has policies of its own. Numbers are in the store. */
enum cw_assigned {
    CW_ASSIGNED_JUMP_ITEM = 1,
    CW_ASSIGNED_COPY = 2,
    CW_ASSIGNED_JUMP_GROUP = 3,
    CW_ASSIGNED_PORTAL = 4,
    CW_ASSIGNED_ACCOUNT = 5,
    CW_ASSIGNED_TEAM = 6,
};

struct cw_policy_of {
    uint8_t kind; /* enum cw_assigned */
    uint32_t object;
    uint32_t attended; /* session policies; 0: none */
    uint32_t unattended;
    uint32_t jump; /* Jump policy */
};

struct cw_jump_group {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char code[CW_CODE_BYTES_MAX + 1];
    char comments[CW_DESCRIPTION_BYTES_MAX + 1];
    uint32_t owner; /* whose personal list it is; 0: shared */
};

struct cw_jump_role {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char description[CW_DESCRIPTION_BYTES_MAX + 1];
    uint32_t flags; /* bits of enum cw_jump_flag */
};

enum cw_jump_member_kind { CW_MEMBER_ACCOUNT = 1, CW_MEMBER_TEAM = 2, CW_MEMBER_EVERYBODY = 3 };

struct cw_jump_member {
    uint32_t group;
    uint8_t kind; /* enum cw_jump_member_kind */
    uint32_t member;
    uint32_t role; /* 0: the member's default role */
};

struct cw_jump_defaults { /* an account's roles where a group gives it none */
    uint32_t account;     /* 0: everybody without a row of its own */
    uint32_t default_role;
    uint32_t personal_role;
    uint32_t team_role;
    uint32_t system_role;
};

struct cw_jump_copy {
    uint32_t id;
    uint32_t jump_item;
    uint32_t group;
};

enum cw_approval_state { CW_APPROVAL_WAITS = 1, CW_APPROVAL_GIVEN = 2, CW_APPROVAL_REFUSED = 3 };

struct cw_approval {
    uint32_t id;
    uint32_t jump_item;
    uint32_t account;
    enum cw_approval_state state;
    char reason[CW_APPROVAL_REASON_BYTES_MAX + 1];
    uint32_t minutes;
    uint64_t created_ms;
    uint64_t decided_ms;
    uint32_t decided_by;
    char answer[CW_APPROVAL_REASON_BYTES_MAX + 1];
    uint64_t ends_ms;
    char item_name[CW_NAME_SIZE]; /* the rest is read only */
    char user[CW_USER_BYTES_MAX + 1];
    char decided_user[CW_USER_BYTES_MAX + 1];
};

struct cw_session_jump { /* how a session came to its Jump Item */
    uint32_t session;
    uint32_t copy; /* 0: the item itself */
    uint32_t jump_policy;
    uint32_t approval;
    char ticket[CW_TICKET_TEXT_BYTES_MAX + 1];
    bool is_override;
    bool is_attended; /* somebody was signed in at the computer when it began */
};

/* ---- store_session_policy.c ------------------------------------------------------------------ */

typedef int (*cw_session_policy_fn)(void *user, const struct cw_session_policy *policy);
typedef int (*cw_policy_tool_fn)(void *user, uint32_t policy, const char *tool,
                                 const struct cw_policy_tool *said);
typedef int (*cw_policy_of_fn)(void *user, const struct cw_policy_of *row);

/* Without their tools. */
int cw_store_session_policy_each(struct cw_store *s, cw_session_policy_fn each, void *user);
int cw_store_session_policy_tool_each(struct cw_store *s, cw_policy_tool_fn each, void *user);
/* With its tools; sets policy->id. */
int cw_store_session_policy_add(struct cw_store *s, struct cw_session_policy *policy);
int cw_store_session_policy_set(struct cw_store *s, const struct cw_session_policy *policy);
int cw_store_session_policy_remove(struct cw_store *s, uint32_t id);

/* How many accounts and group policies name it. */
int cw_store_session_policy_used(struct cw_store *s, uint32_t id, uint32_t *ret_count);
/* Invite profiles, open invitations and people in live sessions that have it. */
int cw_store_session_policy_invited(struct cw_store *s, uint32_t id, uint32_t *ret_count);

int cw_store_policy_of_each(struct cw_store *s, cw_policy_of_fn each, void *user);
/* A row that says nothing is removed. */
int cw_store_policy_of_put(struct cw_store *s, const struct cw_policy_of *row);

/* ---- store_jump_policy.c --------------------------------------------------------------------- */

typedef int (*cw_jump_policy_fn)(void *user, const struct cw_jump_policy *policy);
typedef int (*cw_policy_range_fn)(void *user, uint32_t policy,
                                  const struct cw_schedule_range *range);
typedef int (*cw_policy_date_fn)(void *user, uint32_t policy,
                                 const struct cw_schedule_exception *date);
typedef int (*cw_approval_fn)(void *user, const struct cw_approval *approval);

/* Without ranges and dates; the schedule has no zone. */
int cw_store_jump_policy_each(struct cw_store *s, cw_jump_policy_fn each, void *user);
int cw_store_jump_policy_range_each(struct cw_store *s, cw_policy_range_fn each, void *user);
int cw_store_jump_policy_date_each(struct cw_store *s, cw_policy_date_fn each, void *user);
/* With ranges and dates; sets policy->id. */
int cw_store_jump_policy_add(struct cw_store *s, struct cw_jump_policy *policy);
int cw_store_jump_policy_set(struct cw_store *s, const struct cw_jump_policy *policy);
int cw_store_jump_policy_remove(struct cw_store *s, uint32_t id);

/* Sets approval->id. */
int cw_store_approval_add(struct cw_store *s, struct cw_approval *approval);
int cw_store_approval_get(struct cw_store *s, uint32_t id, struct cw_approval *ret);
/* Those behind `after`, at most count_max; account 0, state 0: all. */
int cw_store_approval_each(struct cw_store *s, uint32_t after, uint32_t account, unsigned state,
                           uint32_t count_max, cw_approval_fn each, void *user);
/* The newest of that state. */
/* Those that were over before that time, at most count_max. */
int cw_store_approval_old(struct cw_store *s, uint64_t before_ms, uint32_t count_max,
                          cw_approval_fn each, void *user);
int cw_store_approval_remove(struct cw_store *s, uint32_t id);
int cw_store_approval_find(struct cw_store *s, uint32_t account, uint32_t jump_item,
                           enum cw_approval_state state, struct cw_approval *ret);
int cw_store_approval_count(struct cw_store *s, uint32_t account, enum cw_approval_state state,
                            uint64_t since_ms, uint32_t *ret_count);
/* state, decided_ms, decided_by, answer and ends_ms. */
int cw_store_approval_decide(struct cw_store *s, const struct cw_approval *approval);

int cw_store_session_jump_add(struct cw_store *s, const struct cw_session_jump *row);
int cw_store_session_jump_get(struct cw_store *s, uint32_t session, struct cw_session_jump *ret);

/* ---- store_jump_group.c ---------------------------------------------------------------------- */

typedef int (*cw_jump_group_fn)(void *user, const struct cw_jump_group *group);
typedef int (*cw_jump_role_fn)(void *user, const struct cw_jump_role *role);
typedef int (*cw_jump_member_fn)(void *user, const struct cw_jump_member *member);
typedef int (*cw_jump_defaults_fn)(void *user, const struct cw_jump_defaults *defaults);
typedef int (*cw_jump_copy_fn)(void *user, const struct cw_jump_copy *copy);

int cw_store_jump_group_each(struct cw_store *s, cw_jump_group_fn each, void *user);
int cw_store_jump_group_add(struct cw_store *s, struct cw_jump_group *group);
int cw_store_jump_group_set(struct cw_store *s, const struct cw_jump_group *group);
/* What is only kept for reports (removed items, used tokens, revoked installers) goes to heir. The caller saw that
 * cw_store_jump_group_count is 0. */
int cw_store_jump_group_remove(struct cw_store *s, uint32_t id, uint32_t heir);
/* Items, copies, unused tokens and installers that are in it. */
int cw_store_jump_group_count(struct cw_store *s, uint32_t id, uint64_t now_ms,
                              uint32_t *ret_count);

int cw_store_jump_role_each(struct cw_store *s, cw_jump_role_fn each, void *user);
int cw_store_jump_role_add(struct cw_store *s, struct cw_jump_role *role);
int cw_store_jump_role_set(struct cw_store *s, const struct cw_jump_role *role);
int cw_store_jump_role_remove(struct cw_store *s, uint32_t id);

int cw_store_jump_member_each(struct cw_store *s, cw_jump_member_fn each, void *user);
int cw_store_jump_member_put(struct cw_store *s, const struct cw_jump_member *member);
int cw_store_jump_member_remove(struct cw_store *s, const struct cw_jump_member *member);

int cw_store_jump_defaults_each(struct cw_store *s, cw_jump_defaults_fn each, void *user);
int cw_store_jump_defaults_put(struct cw_store *s, const struct cw_jump_defaults *defaults);
int cw_store_jump_defaults_remove(struct cw_store *s, uint32_t account);

/* Of items that are not removed, in the order of items. */
int cw_store_jump_copy_each(struct cw_store *s, cw_jump_copy_fn each, void *user);
int cw_store_jump_copy_add(struct cw_store *s, struct cw_jump_copy *copy);
/* And the policies it has. */
int cw_store_jump_copy_remove(struct cw_store *s, uint32_t id);
/* The group that an item is in; CW_ERR_NOT_FOUND: removed. */
int cw_store_jump_item_group(struct cw_store *s, uint32_t id, uint32_t *ret_group);
int cw_store_jump_item_regroup(struct cw_store *s, uint32_t id, uint32_t group);

#endif
