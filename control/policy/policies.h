/* SPDX-License-Identifier: Apache-2.0 */
/* control/policy/policies.h - inside control/policy: every policy, group and role, in memory.
 *
 * Owner:     struct cw_control's; made by cw_policies_load, freed by cw_policies_free. Pointers into it
 *            are valid until the next load.
 * Thread:    the state thread.
 * Errors:    those of the store. A load that fails leaves what was there; group.c tries again.
 * Limits:    control/limits.h.
 * Invariant: the same as the store after each change: operations load the part that they changed.
 */
#ifndef CW_CONTROL_POLICY_POLICIES_H
#define CW_CONTROL_POLICY_POLICIES_H

#include "control/state.h"
#include "control/store/store_policy.h"

struct cw_policies {
    uint64_t access_version;           /* of accounts and teams, that live sessions follow */
    struct cw_session_policy *session; /* each list sorted by its key */
    uint32_t session_count;
    struct cw_jump_policy *jump;
    uint32_t jump_count;
    struct cw_zone **zones;
    uint32_t zone_count;
    struct cw_policy_of *of; /* by kind and object */
    uint32_t of_count;
    struct cw_jump_group *groups;
    uint32_t group_count;
    struct cw_jump_role *roles;
    uint32_t role_count;
    struct cw_jump_member *members; /* by group, kind and member */
    uint32_t member_count;
    struct cw_jump_defaults *defaults;
    uint32_t defaults_count;
    struct cw_jump_copy *copies; /* by item, then number */
    uint32_t copy_count;
};

/* Parts that a change may concern; bits. */
enum cw_policies_part {
    CW_POLICIES_SESSION = 1,
    CW_POLICIES_JUMP = 2,
    CW_POLICIES_OF = 4,
    CW_POLICIES_GROUPS = 8, /* with members */
    CW_POLICIES_ROLES = 16, /* with defaults */
    CW_POLICIES_COPIES = 32,
    CW_POLICIES_ALL = 63,
};

/* Everything, and how live sessions came to their items: for group.c. */
int cw_policies_load(struct cw_control *c);
void cw_policies_free(struct cw_control *c);
/* After a change was committed: these parts anew. What cannot be loaded now is tried again later. */
void cw_policies_reload(struct cw_control *c, unsigned parts);

/* NULL: there is none of that number. */
const struct cw_session_policy *cw_policies_session(const struct cw_control *c, uint32_t id);
const struct cw_jump_policy *cw_policies_jump(const struct cw_control *c, uint32_t id);
const struct cw_jump_group *cw_policies_group(const struct cw_control *c, uint32_t id);
const struct cw_jump_role *cw_policies_role(const struct cw_control *c, uint32_t id);
const struct cw_jump_copy *cw_policies_copy(const struct cw_control *c, uint32_t id);
/* All zero but kind and object where nothing is given. */
struct cw_policy_of cw_policies_of(const struct cw_control *c, enum cw_assigned kind,
                                   uint32_t object);
/* The first copy of an item, and how many there are behind it. */
const struct cw_jump_copy *cw_policies_copies(const struct cw_control *c, uint32_t jump_item,
                                              uint32_t *ret_count);
/* The account's defaults, or everybody's. */
const struct cw_jump_defaults *cw_policies_defaults(const struct cw_control *c, uint32_t account);

#endif
