/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/option.h - numbers that an administrator may change while the appliance runs.
 *
 * Owner:     struct cw_options is control's; loaded once, then changed by the operations only.
 * Thread:    the state thread.
 * Units:     in each row's unit. A unit with "|" is a list of words, and the value is a word's place:
 *            "off|on" is a switch.
 * Errors:    cw_option_load: those of the store.
 * Limits:    each row's own.
 * Invariant: an option takes effect with the next decision that reads it; what is in memory is what is
 *            stored ("option.NAME" in table setting), or the default.
 *
 * The engine's settings are elsewhere (engine/wire/setting.h). Texts are no options: branding and
 * notices have tables of their own. An area appends its rows; a name that was released is not reused.
 */
#ifndef CW_CONTROL_ACCOUNT_OPTION_H
#define CW_CONTROL_ACCOUNT_OPTION_H

#include <stdint.h>

struct cw_control;

/* X(NAME, "area.name", least, most, default, unit, meaning) */
/* Jump Clients */
#define CW_OPTIONS_JUMP(X)                                                           \
    X(JUMP_LOST_DAYS, "jump.lost_days", 1, 365, 15, "days",                          \
      "after which a Jump Client that was not heard of counts as lost")              \
    X(JUMP_REMOVE_DAYS, "jump.remove_days", 0, 3650, 180, "days",                    \
      "after which a lost Jump Client is removed; 0: never")                         \
    X(JUMP_STATISTICS_S, "jump.statistics_s", 15, 86400, 300, "seconds",             \
      "between two reports of a Jump Client")                                        \
    X(JUMP_THUMBNAIL_S, "jump.thumbnail_s", 0, 86400, 3600, "seconds",               \
      "between two small pictures of a Jump Client's screen; 0: none")               \
    X(JUMP_UPGRADE, "jump.upgrade", 0, 1, 1, "off|on",                               \
      "Jump Clients are brought to the program that the appliance offers")           \
    X(JUMP_UPGRADE_AT_ONCE, "jump.upgrade_at_once", 1, 200, 20, "clients",           \
      "Jump Clients that are brought to another program at the same time")           \
    X(JUMP_PASSIVE_PORT, "jump.passive_port", 1024, 65535, 5820, "port",             \
      "(UDP) where passive Jump Clients listen that enrol without one of their own") \
    X(JUMP_PASSIVE_CHECKIN_MIN, "jump.passive_checkin_min", 1, 10080, 60, "minutes", \
      "between two visits of a passive Jump Client")                                 \
    X(JUMP_PASSIVE_AWAKE_S, "jump.passive_awake_s", 1, 3600, 60, "seconds",          \
      "that a passive Jump Client stays after its session, or when it was woken")    \
    X(JUMP_WAKE_S, "jump.wake_s", 5, 120, 30, "seconds",                             \
      "that a Jump waits for a passive Jump Client to wake")                         \
    X(JUMP_SECOND, "jump.second", 0, 2, 0, "join|start|refuse",                      \
      "what a Jump to a computer does that another representative is in a session with")

/* Licences, signing in */
#define CW_OPTIONS_SIGN_IN(X)                                                                     \
    X(SEATS, "licence.seats", 0, 1000000, 0, "seats",                                             \
      "representatives who may work at the same time; 0: as many as there are")                   \
    X(LOCK_FREE_TRIES, "lock_out.free_tries", 1, 50, 4, "tries",                                  \
      "wrong passwords or codes in a row that cost nothing")                                      \
    X(LOCK_FIRST_S, "lock_out.first_s", 1, 3600, 15, "seconds",                                   \
      "the first wait after that; it doubles with each further failure")                          \
    X(LOCK_MOST_S, "lock_out.most_s", 15, 86400, 3600, "seconds", "the longest wait")             \
    X(LOCK_FOR_GOOD, "lock_out.for_good", 0, 1000, 0, "tries",                                    \
      "failures in a row that lock a name until an administrator unlocks it; 0: never")           \
    X(SECOND_FACTOR, "sign_in.second_factor", 0, 1, 0, "optional|required",                       \
      "a code or an authenticator besides the password, where no policy says otherwise")          \
    X(AGREEMENT, "sign_in.agreement", 0, 1, 0, "once|always",                                     \
      "how often an account accepts the same version of the sign-in agreement")                   \
    X(CODE_TRIES, "sign_in.code_tries", 3, 100, 20, "tries",                                      \
      "wrong one-time codes in a row, by somebody who knew the password, until an administrator " \
      "must unlock the account")                                                                  \
    X(SIGN_IN_IDLE_S, "sign_in.idle_s", 60, 604800, 43200, "seconds",                             \
      "how long a browser stays signed in without a request")                                     \
    X(SIGN_IN_LIFE_S, "sign_in.life_s", 300, 2592000, 86400, "seconds",                           \
      "how long a browser stays signed in at most")                                               \
    X(REMEMBER_ME_DAYS, "sign_in.remember_me_days", 1, 365, 14, "days",                           \
      "how long a browser that is remembered stays signed in")                                    \
    X(REMEMBER_ME, "sign_in.remember_me", 0, 1, 1, "forbidden|allowed",                           \
      "staying signed in after the browser was closed, where no policy says otherwise")           \
    X(SECOND_LOGIN, "sign_in.second_login", 0, 3, 0, "both|move|end|refuse",                      \
      "signing in while signed in elsewhere: both stay; the first ends and its sessions move "    \
      "along; the first ends and its sessions go by the fall-back rules; the second is refused")

#define CW_OPTIONS(X)                                                                      \
    CW_OPTIONS_JUMP(X)                                                                     \
    X(STORE_GROUPS, "store.groups", 0, 1, 1, "off|on",                                     \
      "changes made at the same time are stored together, so that more go each second")    \
    CW_OPTIONS_SIGN_IN(X)                                                                  \
    X(API_PER_SECOND, "api.per_second", 1, 1000, 20, "requests",                           \
      "what an API account may ask in a second")                                           \
    X(API_PER_HOUR, "api.per_hour", 10, 1000000, 15000, "requests",                        \
      "what an API account may ask in an hour")                                            \
    X(QUEUE_SESSIONS, "queue.sessions_max", 1, 10, 3, "sessions",                          \
      "automatic assignment gives a representative no more than that")                     \
    X(QUEUE_IDLE_S, "queue.idle_s", 0, 3600, 900, "seconds",                               \
      "who does nothing for that long is given no sessions; 0: never too idle")            \
    X(QUEUE_HOLD_S, "queue.hold_s", 0, 3600, 120, "seconds",                               \
      "how often a waiting customer is told the position and the hold message; 0: never")  \
    X(QUEUE_ORPHAN_S, "queue.orphan_s", 0, 3600, 60, "seconds",                            \
      "a session in a team's queue ends when nobody was there for that long; 0: it waits") \
    X(FALLBACK_LAST_ATTENDED, "fallback.last_attended", 0, 1, 1, "off|on",                 \
      "a customer whose representative is lost waits in the last queue again")             \
    X(FALLBACK_LAST_UNATTENDED, "fallback.last_unattended", 0, 1, 0, "off|on",             \
      "the same for a session with an unattended computer")                                \
    X(FALLBACK_ENTERED_ATTENDED, "fallback.entered_attended", 0, 1, 1, "off|on",           \
      "otherwise in the queue it entered first")                                           \
    X(FALLBACK_ENTERED_UNATTENDED, "fallback.entered_unattended", 0, 1, 0, "off|on",       \
      "the same for a session with an unattended computer")                                \
    X(FALLBACK_TEAM_ATTENDED, "fallback.team_attended", 0, 1, 1, "off|on",                 \
      "otherwise in the queue of fallback.team")                                           \
    X(FALLBACK_TEAM_UNATTENDED, "fallback.team_unattended", 0, 1, 0, "off|on",             \
      "the same for a session with an unattended computer")                                \
    X(FALLBACK_TEAM, "fallback.team", 0, UINT32_MAX, 0, "team",                            \
      "the team that takes sessions whose representative is lost; 0: none")                \
    X(SESSION_KEY_S, "session_key.life_s", 60, 604800, 600, "seconds",                     \
      "how long a session key is good for use when nothing else is asked for")             \
    X(SESSION_KEY_MOST_S, "session_key.most_s", 60, 604800, 86400, "seconds",              \
      "the longest that a session key may be good for use; sessions may last longer")      \
    X(SUPPORT_BUTTON_DAYS, "support_button.life_days", 0, 3650, 0, "days",                 \
      "how long a new Support Button is good when nothing else is asked for; 0: no end")   \
    X(PORTAL_TRANSCRIPT, "portal.transcript", 0, 1, 1, "off|on",                           \
      "customers may read and keep the chat of their session for a week after it")         \
    X(INVITE_EXTERNAL_S, "invite.external_s", 300, 86400, 7200, "seconds",                 \
      "how long the key of an external invitation is good")                                \
    X(REPORT_KEEP_DAYS, "report.keep_days", 0, 36500, 0, "days",                           \
      "ended sessions are removed with their chat and notes after that long; 0: never")    \
    X(TEAM_CHAT_KEEP_DAYS, "team_chat.keep_days", 0, 3650, 90, "days",                     \
      "what representatives wrote to each other is removed after that long; 0: never")     \
    X(APPROVAL_KEEP_DAYS, "jump.approval_keep_days", 0, 36500, 365, "days",                \
      "requests for the approval of Jumps are removed that long after they are over; what"  \
      " became of them stays in the audit log; 0: never")                                   \
    X(EVENT_KEEP_H, "event.keep_h", 1, 720, 72, "hours",                                   \
      "how long an outbound event is tried before it is left out")

enum cw_option {
#define X(name, text, least, most, initial, unit, meaning) CW_OPTION_##name,
    CW_OPTIONS(X)
#undef X
        CW_OPTION_COUNT
};

/* At the start; unknown or impossible stored values are left out, with a line in the log. */
int cw_option_load(struct cw_control *c);
void cw_option_free(struct cw_control *c);
/* What is in force. */
uint64_t cw_option(const struct cw_control *c, enum cw_option option);

/* What the operation option.set does, for an operation of its own. */
struct cw_request;
struct cw_reply;
int cw_option_change(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     enum cw_option option, uint64_t value);

#endif
