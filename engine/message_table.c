/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/message_table.h"

#include <stddef.h>

#define ROLE(name)    (1U << CW_ROLE_##name)
#define SESSION_ROLES (ROLE(REPRESENTATIVE) | ROLE(CUSTOMER) | ROLE(UNATTENDED))
#define SOURCE_ROLES  (ROLE(CUSTOMER) | ROLE(UNATTENDED))
#define ANY_PHASE     (CW_PHASE_HELLO | CW_PHASE_AWAITING | CW_PHASE_OPEN)

/* X(type, route, phases, roles, forgiven, sender needs, receiver needs) */
#define RULES(X)                                                                               \
    X(HELLO, HELLO, CW_PHASE_HELLO, 0, false, 0, 0)                                            \
    X(HELLO_REPLY, NONE, ANY_PHASE, 0, false, 0, 0)                                            \
    X(CHALLENGE, NONE, ANY_PHASE, 0, false, 0, 0)                                              \
    X(PING, PING, CW_PHASE_AWAITING | CW_PHASE_OPEN, 0, false, 0, 0)                           \
    X(PONG, PONG, CW_PHASE_AWAITING | CW_PHASE_OPEN, 0, false, 0, 0)                           \
    X(CLOSE, CLOSE, ANY_PHASE, 0, false, 0, 0)                                                 \
    X(WELCOME, NONE, ANY_PHASE, 0, false, 0, 0)                                                \
    X(PERMISSIONS, NONE, ANY_PHASE, 0, false, 0, 0)                                            \
    X(PARTICIPANT, NONE, ANY_PHASE, 0, false, 0, 0)                                            \
    X(SESSION_OFFER, NONE, ANY_PHASE, 0, false, 0, 0)                                          \
    X(SESSION_END, END, CW_PHASE_OPEN, SESSION_ROLES, false, CW_PERMIT(END_SESSION), 0)        \
    X(SESSION_ENDED, NONE, ANY_PHASE, 0, false, 0, 0)                                          \
    X(SYNC_REQUEST, NONE, ANY_PHASE, 0, false, 0, CW_PERMIT(SOURCE_SCREEN))                    \
    X(SCREEN_ACK, ACK, CW_PHASE_OPEN, SESSION_ROLES, true, CW_PERMIT(VIEW_SCREEN),             \
      CW_PERMIT(SOURCE_SCREEN))                                                                \
    X(RESUME_TICKET, NONE, ANY_PHASE, 0, false, 0, 0)                                          \
    X(LINK_STATE, NONE, ANY_PHASE, 0, false, 0, 0)                                             \
    X(RENDITION, RENDITION, CW_PHASE_OPEN, SOURCE_ROLES, false, CW_PERMIT(SOURCE_SCREEN),      \
      CW_PERMIT(SOURCE_SCREEN))                                                                \
    X(SCREEN_SETTINGS, SOURCE, CW_PHASE_OPEN, SESSION_ROLES, true, CW_PERMIT(CONTROL_INPUT),   \
      CW_PERMIT(SOURCE_SCREEN))                                                                \
    X(CONSENT, CONTROL, CW_PHASE_OPEN, ROLE(CUSTOMER), false, CW_PERMIT(CONSENT), 0)           \
    X(TOOL_ASK, NONE, ANY_PHASE, 0, false, 0, CW_PERMIT(CONSENT))                              \
    X(TOOL_ANSWER, CONTROL, CW_PHASE_OPEN, ROLE(CUSTOMER), false, CW_PERMIT(CONSENT), 0)       \
    X(STATISTICS, CONTROL, CW_PHASE_OPEN, ROLE(DEVICE), false, CW_PERMIT(STATISTICS), 0)       \
    X(DEVICE_ORDER, NONE, ANY_PHASE, 0, false, 0, 0)                                           \
    X(DEVICE_THUMBNAIL, CONTROL, CW_PHASE_OPEN, ROLE(DEVICE), false, CW_PERMIT(STATISTICS), 0) \
    X(DEVICE_FETCH, CONTROL, CW_PHASE_OPEN, ROLE(DEVICE), false, CW_PERMIT(STATISTICS), 0)     \
    X(DEVICE_CHUNK, NONE, ANY_PHASE, 0, false, 0, 0)                                           \
    X(CLIENT_OFFER, NONE, ANY_PHASE, 0, false, 0, CW_PERMIT(SOURCE_SCREEN))                    \
    X(KEY, SOURCE, CW_PHASE_OPEN, SESSION_ROLES, true, CW_PERMIT(CONTROL_INPUT),               \
      CW_PERMIT(SOURCE_SCREEN))                                                                \
    X(POINTER, SOURCE, CW_PHASE_OPEN, SESSION_ROLES, true, CW_PERMIT(CONTROL_INPUT),           \
      CW_PERMIT(SOURCE_SCREEN))                                                                \
    X(RELEASE_ALL, SOURCE, CW_PHASE_OPEN, SESSION_ROLES, true, CW_PERMIT(CONTROL_INPUT),       \
      CW_PERMIT(SOURCE_SCREEN))                                                                \
    X(CURSOR_SHAPE, VIEWERS, CW_PHASE_OPEN, SOURCE_ROLES, false, CW_PERMIT(SOURCE_SCREEN),     \
      CW_PERMIT(VIEW_SCREEN))                                                                  \
    X(CURSOR_POSITION, VIEWERS, CW_PHASE_OPEN, SOURCE_ROLES, false, CW_PERMIT(SOURCE_SCREEN),  \
      CW_PERMIT(VIEW_SCREEN))                                                                  \
    X(CHAT_SAY, CONTROL, CW_PHASE_OPEN, SESSION_ROLES, false, CW_PERMIT(CHAT), 0)              \
    X(CHAT_LINE, NONE, ANY_PHASE, 0, false, 0, CW_PERMIT(CHAT))                                \
    X(SIDE_SAY, CONTROL, CW_PHASE_OPEN, ROLE(REPRESENTATIVE), false, CW_PERMIT(CHAT), 0)       \
    X(SIDE_LINE, NONE, ANY_PHASE, ROLE(REPRESENTATIVE), false, 0, CW_PERMIT(CHAT))             \
    X(EVENT, NONE, ANY_PHASE, 0, false, 0, CW_PERMIT(EVENTS))                                  \
    X(SCREEN_RESET, VIEWERS, CW_PHASE_OPEN, SOURCE_ROLES, false, CW_PERMIT(SOURCE_SCREEN),     \
      CW_PERMIT(VIEW_SCREEN))                                                                  \
    X(SCREEN_UPDATE, VIEWERS, CW_PHASE_OPEN, SOURCE_ROLES, false, CW_PERMIT(SOURCE_SCREEN),    \
      CW_PERMIT(VIEW_SCREEN))                                                                  \
    X(CREDIT, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                               \
    X(STREAM_OPEN, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                          \
    X(STREAM_CLOSE, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                         \
    X(PEER, NONE, ANY_PHASE, 0, false, 0, 0)                                                   \
    X(SHELL_DATA, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                           \
    X(CLIPBOARD_DATA, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                       \
    X(SYSTEM_DATA, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                          \
    X(FILE_DATA, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)                            \
    X(TUNNEL_DATA, STREAM, CW_PHASE_OPEN, SESSION_ROLES, false, 0, 0)

const struct cw_message_rule *cw_message_rule(uint8_t type)
{
    switch (type) {
#define X(name, route, phases, roles, is_forgiven, sender_needs, receiver_needs)                   \
    case CW_MESSAGE_##name: {                                                                      \
        static const struct cw_message_rule rule = {                                               \
            CW_ROUTE_##route, (phases), (roles), (is_forgiven), (sender_needs), (receiver_needs)}; \
        return &rule;                                                                              \
    }
        RULES(X)
#undef X
    default: return NULL;
    }
}

uint16_t cw_message_judge(const struct cw_message_rule *rule, enum cw_phase phase,
                          bool session_fits, uint8_t role, uint64_t permissions)
{
    if ((rule->phases & phase) == 0)
        return CW_CLOSE_NOT_NOW;
    if (!session_fits)
        return CW_CLOSE_MALFORMED;
    if (rule->route == CW_ROUTE_NONE)
        return CW_CLOSE_NOT_PERMITTED;
    if (rule->roles != 0 && (rule->roles & (1U << role)) == 0)
        return CW_CLOSE_NOT_PERMITTED;
    if ((permissions & rule->sender_needs) != rule->sender_needs)
        return CW_CLOSE_NOT_PERMITTED;
    return CW_CLOSE_OK;
}

bool cw_message_may_receive(const struct cw_message_rule *rule, uint8_t role, uint64_t permissions)
{
    if (rule->route == CW_ROUTE_NONE && rule->roles != 0 && (rule->roles & (1U << role)) == 0)
        return false;
    return (permissions & rule->receiver_needs) == rule->receiver_needs;
}
