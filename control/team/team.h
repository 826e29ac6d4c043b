/* SPDX-License-Identifier: Apache-2.0 */
/* control/team/team.h - what a team and its roles are to the rest of control.
 *
 * Thread:    the state thread.
 * Errors:    a store that cannot be read gives no role.
 */
#ifndef CW_CONTROL_TEAM_TEAM_H
#define CW_CONTROL_TEAM_TEAM_H

#include "control/store/store_team.h"

struct cw_control;

/* CW_TEAM_NONE: not a member, or the account is disabled. */
enum cw_team_role cw_team_role_of(struct cw_control *c, uint32_t team, uint32_t account);
/* "none", "member", "lead", "manager". */
const char *cw_team_role_name(enum cw_team_role role);
/* In a transaction: messages of team chat that are too old. */
int cw_team_chat_purge(struct cw_control *c, uint64_t now_ms);

#endif
