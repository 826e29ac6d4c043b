/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/jump_group.h - who may do what with the Jump Items of a group.
 *
 * A role is a set of flags. What an account has in a group is the first of these:
 *
 *   1 an administrator, or who has the right edit_jump_items: every flag
 *   2 the role that the group gives the account itself (0: the account's default role)
 *   3 all roles together that the group gives to teams of the account and to everybody
 *   4 in its own personal list: its personal role
 *   5 in the personal list of somebody it leads or manages: its team role
 *   6 elsewhere: its system role
 *
 * Without the right "jump" nobody has the flag start. Who has no flag in a group does not see it. A Jump
 * Item may have copies in further groups; what any of its groups allows is allowed.
 *
 * Thread:    the state thread.
 * Errors:    a store that cannot be read gives nothing.
 * Limits:    CW_JUMP_GROUP_ID_MAX.
 */
#ifndef CW_CONTROL_POLICY_JUMP_GROUP_H
#define CW_CONTROL_POLICY_JUMP_GROUP_H

#include "control/state.h"
#include "control/store/store_policy.h"

/* X(NAME, name in JSON, what it allows). Places are in the store. */
#define CW_JUMP_FLAGS(X)                                                       \
    X(ADD, "add", "add items to the group")                                    \
    X(ASSIGN_GROUP, "assign_jump_group", "move or copy items to other groups") \
    X(REMOVE, "remove", "remove items")                                        \
    X(START, "start", "start sessions")                                        \
    X(EDIT_TAG, "edit_tag", "change tags")                                     \
    X(EDIT_COMMENTS, "edit_comments", "change comments")                       \
    X(EDIT_JUMP_POLICY, "edit_jump_policy", "change Jump policies")            \
    X(EDIT_SESSION_POLICY, "edit_session_policy", "change session policies")   \
    X(EDIT_IDENTITY, "edit_identity", "change names and addresses")            \
    X(EDIT_BEHAVIOR, "edit_behavior", "change how the client behaves")         \
    X(VIEW_REPORT, "view_jump_item_report", "read reports about items")        \
    X(EDIT_PORTAL, "edit_public_portal", "change the portal items belong to")  \
    X(EDIT_BUTTON, "edit_support_button", "change the Support Buttons of items")

enum cw_jump_flag {
#define X(name, text, what) CW_JUMP_FLAG_##name,
    CW_JUMP_FLAGS(X)
#undef X
        CW_JUMP_FLAG_COUNT
};

#define CW_JUMP_FLAGS_ALL ((1U << CW_JUMP_FLAG_COUNT) - 1)

/* The groups that somebody sees: a bit for each number. */
struct cw_group_set {
    uint32_t bits; /* how many there are in words */
    uint64_t words[CW_JUMP_GROUP_ID_MAX / 64 + 1];
};

/* "start". */
const char *cw_jump_flag_name(enum cw_jump_flag flag);
/* "start sessions". */
const char *cw_jump_flag_what(enum cw_jump_flag flag);
/* account 0: the operator, and programs with the scope for it: everything. */
uint32_t cw_jump_group_flags(struct cw_control *c, uint32_t account, uint32_t group);
bool cw_jump_group_may_see(struct cw_control *c, uint32_t account, uint32_t group);
int cw_jump_groups_of(struct cw_control *c, uint32_t account, struct cw_group_set *ret);
/* What all groups of the item allow together. */
uint32_t cw_jump_item_flags(struct cw_control *c, uint32_t account, uint32_t jump_item);
bool cw_jump_item_may(struct cw_control *c, uint32_t account, uint32_t jump_item,
                      enum cw_jump_flag flag);
/* 0, or a refusal in words (audited) when one of these flags (bits) is missing. Who sees nothing of the item
 * is told that there is none. */
int cw_jump_item_need(struct cw_control *c, const struct cw_request *request, uint32_t jump_item,
                      uint32_t wanted, struct cw_reply *reply);
/* The same for a group. */
int cw_jump_group_need(struct cw_control *c, const struct cw_request *request, uint32_t group,
                       uint32_t wanted, struct cw_reply *reply);
/* The way to an item through which the account may Jump: the one it wants (UINT32_MAX: any), the item
 * itself first. ret_copy 0: the item itself. CW_ERR_DENIED, CW_ERR_NOT_FOUND. */
int cw_jump_way(struct cw_control *c, uint32_t account, uint32_t jump_item, uint32_t wanted_copy,
                uint32_t *ret_copy, uint32_t *ret_group);

#endif
