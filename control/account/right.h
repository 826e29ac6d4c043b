/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/right.h - what an account may do in the appliance: one name for each right.
 *
 * Session tools (screen, files, shell ...) are not here: session policies decide about those. Rows
 * before GENERATE_SESSION_KEY are of the block "administration" of group policies, the others of the
 * block "representative". The store and the API have the names, never the numbers.
 *
 * Thread:    the state thread.
 * Limits:    64 rights.
 * Invariant: an administrator has every right.
 */
#ifndef CW_CONTROL_ACCOUNT_RIGHT_H
#define CW_CONTROL_ACCOUNT_RIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cw_control;

/* X(NAME, name in JSON and commands, a representative has it without a policy, what it allows) */
#define CW_RIGHTS(X)                                                                             \
    X(EDIT_ACCOUNTS, "edit_accounts", false, "add and change accounts")                          \
    X(EDIT_TEAMS, "edit_teams", false, "add and change teams, their members and issues")         \
    X(EDIT_POLICIES, "edit_policies", false, "change group, session and Jump policies")          \
    X(EDIT_JUMP_GROUPS, "edit_jump_groups", false, "add and change Jump Groups and roles")       \
    X(EDIT_JUMP_ITEMS, "edit_jump_items", false, "change Jump Items in any group")               \
    X(DEPLOY_JUMP_CLIENTS, "deploy_jump_clients", false, "make installers and enrolment tokens") \
    X(EDIT_PORTALS, "edit_portals", false, "change portals, notices and customer messages")      \
    X(EDIT_SUPPORT_BUTTONS, "edit_support_buttons", false, "change everybody's Support Buttons") \
    X(EDIT_CANNED_MESSAGES, "edit_canned_messages", false, "change canned messages and scripts") \
    X(EDIT_SURVEYS, "edit_surveys", false, "change surveys and custom attributes")               \
    X(EDIT_SKILLS, "edit_skills", false, "change skills and who has them")                       \
    X(EDIT_SETTINGS, "edit_settings", false, "change the appliance's settings")                  \
    X(EDIT_API, "edit_api", false, "change API accounts and outbound events")                    \
    X(VIEW_AUDIT, "view_audit", false, "read the audit log and configuration changes")           \
    X(VIEW_REPORTS, "view_reports", false, "report on everybody's sessions")                     \
    X(VIEW_RECORDINGS, "view_recordings", false, "list and play everybody's recordings")         \
    X(BACK_UP, "back_up", false, "make backups")                                                 \
    X(GENERATE_SESSION_KEY, "generate_session_key", true, "make session keys")                   \
    X(ACCEPT_TEAM_SESSIONS, "accept_team_sessions", true, "take sessions from a team's queue")   \
    X(GET_NEXT_SESSION, "get_next_session", true, "take the oldest session of all queues")       \
    X(TRANSFER_OTHER_TEAM, "transfer_other_team", true, "transfer to teams one is not in")       \
    X(SHARE_OTHER_TEAM, "share_other_team", true, "invite members of teams one is not in")       \
    X(INVITE_EXTERNAL, "invite_external", false, "invite somebody without an account")           \
    X(JUMP, "jump", true, "use Jump Items")                                                      \
    X(EDIT_EXTERNAL_KEY, "edit_external_key", true, "set a session's external key")              \
    X(REFUSE_ASSIGNMENT, "refuse_assignment", true, "opt out of automatic assignment")           \
    X(EXTENDED_AVAILABILITY, "extended_availability", false, "be reachable without the console") \
    X(OWN_SUPPORT_BUTTONS, "own_support_buttons", true, "make Support Buttons for oneself")      \
    X(APPROVE_JUMPS, "approve_jumps", false, "approve other people's Jumps")                     \
    X(OVERRIDE_JUMP_POLICY, "override_jump_policy", false,                                       \
      "Jump outside the hours of Jump policies")

enum cw_right {
    CW_RIGHT_NONE,
#define X(name, text, is_default, allows) CW_RIGHT_##name,
    CW_RIGHTS(X)
#undef X
        CW_RIGHT_COUNT
};

/* False also for an account that does not exist. The operator (account 0 of a socket) is not asked. */
bool cw_right_has(struct cw_control *c, uint32_t account, enum cw_right right);
/* "edit_teams"; "" for NONE. */
const char *cw_right_name(enum cw_right right);
/* "add and change teams, their members and issues". */
const char *cw_right_allows(enum cw_right right);

/* A right as a bit of a set. */
#define CW_RIGHT_BIT(right) (UINT64_C(1) << (right))

bool cw_right_is_default(enum cw_right right);
/* Sets of the two blocks; together they are every right. */
uint64_t cw_rights_administration(void);
uint64_t cw_rights_representative(void);
/* CW_RIGHT_NONE when there is none of that name. */
enum cw_right cw_right_find(const char *name, size_t bytes);
/* Names with a space between. out: CW_RIGHTS_TEXT_BYTES_MAX is enough for all. */
void cw_rights_text(uint64_t rights, char *out, size_t size);
/* The same backwards. CW_ERR_NOT_FOUND: one is unknown and was left out; unknown (may be NULL) gets the first. */
int cw_rights_of_text(const char *names, uint64_t *ret_rights, char *unknown, size_t unknown_size);

#endif
