/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_team.h - teams and who is in them, as the store has them.
 *
 * Owner:     rows are values in the caller's memory.
 * Thread:    the state thread.
 * Errors:    those of store.h; CW_ERR_CONFLICT: the name or the code is another team's.
 * Limits:    CW_TEAMS_MAX, CW_TEAM_MEMBERS_MAX, checked by the callers.
 */
#ifndef CW_CONTROL_STORE_STORE_TEAM_H
#define CW_CONTROL_STORE_STORE_TEAM_H

#include "control/store/store.h"

/* What somebody is in a team; each may do what the ones before may. */
enum cw_team_role { CW_TEAM_NONE, CW_TEAM_MEMBER, CW_TEAM_LEAD, CW_TEAM_MANAGER };

struct cw_team {
    uint32_t id;
    char name[CW_NAME_SIZE];
    char code[CW_TEAM_CODE_BYTES_MAX + 1]; /* for APIs and links: survives a change of the name */
    char comments[CW_COMMENTS_BYTES_MAX + 1];
    bool is_persistent_queue; /* customers may wait while nobody is signed in */
    uint64_t created_ms;
    uint32_t member_count; /* read only */
};

struct cw_team_member {
    uint32_t team;
    uint32_t account;
    enum cw_team_role role;
    char user[CW_USER_BYTES_MAX + 1]; /* the rest is read only */
    char display_name[CW_NAME_SIZE];
    char team_name[CW_NAME_SIZE];
};

typedef int (*cw_team_fn)(void *user, const struct cw_team *team);
typedef int (*cw_team_member_fn)(void *user, const struct cw_team_member *member);

int cw_store_team_count(struct cw_store *s, uint32_t *ret_count);
int cw_store_team_get(struct cw_store *s, uint32_t id, struct cw_team *ret);
/* By name, without regard to case. */
int cw_store_team_find(struct cw_store *s, const char *name, struct cw_team *ret);
int cw_store_team_find_code(struct cw_store *s, const char *code, struct cw_team *ret);
/* Those behind the team `after`, at most count_max. */
int cw_store_team_each(struct cw_store *s, uint32_t after, uint32_t count_max, cw_team_fn each,
                       void *user);
/* Sets team->id. */
int cw_store_team_add(struct cw_store *s, struct cw_team *team);
/* Name, code, comments and is_persistent_queue. */
int cw_store_team_set(struct cw_store *s, const struct cw_team *team);
/* And its memberships. */
int cw_store_team_remove(struct cw_store *s, uint32_t id);

int cw_store_member_set(struct cw_store *s, uint32_t team, uint32_t account,
                        enum cw_team_role role);
/* CW_ERR_NOT_FOUND: was not a member. */
int cw_store_member_remove(struct cw_store *s, uint32_t team, uint32_t account);
/* CW_TEAM_NONE when not a member. */
int cw_store_member_get(struct cw_store *s, uint32_t team, uint32_t account,
                        enum cw_team_role *ret_role);
/* Members of a team with accounts behind `after`, at most count_max. */
int cw_store_member_each(struct cw_store *s, uint32_t team, uint32_t after, uint32_t count_max,
                         cw_team_member_fn each, void *user);
/* Teams of an account. */
int cw_store_member_of_account(struct cw_store *s, uint32_t account, cw_team_member_fn each,
                               void *user);

#endif
