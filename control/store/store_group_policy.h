/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_group_policy.h - group policies and who is in them, as the store has them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_CONFLICT: the name is another policy's.
 * Limits:    CW_GROUP_POLICIES_MAX, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_GROUP_POLICY_H
#define CW_CONTROL_STORE_STORE_GROUP_POLICY_H

#include "control/store/store.h"

/* A block that is defined replaces what policies before it said; a final one is not replaced. */
enum cw_block { CW_BLOCK_NOT_DEFINED, CW_BLOCK_DEFINED, CW_BLOCK_FINAL };

struct cw_group_policy {
    uint32_t id;
    uint32_t position; /* policies are walked through by it, then by number */
    char name[CW_NAME_SIZE];
    char comments[CW_COMMENTS_BYTES_MAX + 1];
    enum cw_block administration;
    uint64_t administration_rights; /* bits of enum cw_right: allowed; the block's others are not */
    enum cw_block representative;
    uint64_t representative_rights;
    enum cw_block session;
    uint32_t session_policy; /* 0: none */
    enum cw_block sign_in;
    struct cw_sign_in_rules rules; /* 0: as the appliance has it */
};

struct cw_group_policy_member {
    uint32_t account; /* or */
    uint32_t team;
    char name[CW_NAME_SIZE];
};

typedef int (*cw_group_policy_fn)(void *user, const struct cw_group_policy *policy);
typedef int (*cw_group_policy_member_fn)(void *user, const struct cw_group_policy_member *member);

int cw_store_group_policy_get(struct cw_store *s, uint32_t id, struct cw_group_policy *ret);
int cw_store_group_policy_find(struct cw_store *s, const char *name, struct cw_group_policy *ret);
/* In order. */
int cw_store_group_policy_each(struct cw_store *s, cw_group_policy_fn each, void *user);
/* Those that the account is in, itself or by a team; in order. */
int cw_store_group_policy_of(struct cw_store *s, uint32_t account, cw_group_policy_fn each,
                             void *user);
/* Sets policy->id. */
int cw_store_group_policy_add(struct cw_store *s, struct cw_group_policy *policy);
int cw_store_group_policy_set(struct cw_store *s, const struct cw_group_policy *policy);
int cw_store_group_policy_place(struct cw_store *s, uint32_t id, uint32_t position);
int cw_store_group_policy_remove(struct cw_store *s, uint32_t id);
/* One of account and team is 0. Removing: CW_ERR_NOT_FOUND when it was not in it. */
int cw_store_group_policy_member(struct cw_store *s, uint32_t id, uint32_t account, uint32_t team,
                                 bool is_removed);
int cw_store_group_policy_members(struct cw_store *s, uint32_t id, cw_group_policy_member_fn each,
                                  void *user);
/* Those that the team is in; in order. */
int cw_store_group_policy_of_team(struct cw_store *s, uint32_t team, cw_group_policy_fn each,
                                  void *user);

#endif
