/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/frame.h - the 16-byte frame header, channels, message types, roles and permissions.
 *
 * Owner:     values only.
 * Thread:    any; pure.
 * Units:     bytes.
 * Errors:    cw_frame_decode: CW_ERR_AGAIN (fewer than 16 bytes), CW_ERR_UNSUPPORTED (version),
 *            CW_ERR_TOO_LARGE (length), CW_ERR_INVALID (channel, type, flags or type on the wrong
 *            channel); *ret_frame is untouched unless 0.
 * Limits:    CW_FRAME_PAYLOAD_BYTES_MAX (limits.h).
 *
 * Normative text: engine/PROTOCOL.md.
 *
 *    0        1        2        3        4        6        8            12            16
 *   +--------+--------+--------+--------+--------+--------+------------+-------------+
 *   |version |type    |channel |flags   |stream  |zero    |session     |length       |payload ...
 *   +--------+--------+--------+--------+--------+--------+------------+-------------+
 */
#ifndef CW_ENGINE_WIRE_FRAME_H
#define CW_ENGINE_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum { CW_FRAME_VERSION = 1 };

/* X(NAME, number, name, send class): a lower class is sent first; equal classes take turns. */
#define CW_CHANNELS(X)                \
    X(CONTROL, 0, "control", 0)       \
    X(INPUT, 1, "input", 0)           \
    X(CURSOR, 2, "cursor", 0)         \
    X(CHAT, 3, "chat", 1)             \
    X(SHELL, 4, "shell", 1)           \
    X(CLIPBOARD, 5, "clipboard", 1)   \
    X(ANNOTATION, 6, "annotation", 1) \
    X(SYSTEM, 7, "system", 1)         \
    X(EVENT, 8, "event", 1)           \
    X(SCREEN, 9, "screen", 2)         \
    X(FILE, 10, "file", 3)            \
    X(TUNNEL, 11, "tunnel", 3)

enum cw_channel {
#define X(name, number, text, send_class) CW_CHANNEL_##name = (number),
    CW_CHANNELS(X)
#undef X
        CW_CHANNEL_COUNT = 12
};
enum { CW_SEND_CLASS_COUNT = 4 };

/* Flags. A message is one or more frames of one (channel, stream): FIRST on the first, LAST on the
 * last. KEYFRAME, DROPPABLE and the rendition are the same on every frame of a message. */
enum cw_frame_flag {
    CW_FLAG_FIRST = 1,
    CW_FLAG_LAST = 2,
    CW_FLAG_KEYFRAME = 4,
    CW_FLAG_DROPPABLE = 8,
    CW_FLAG_RENDITION_SHIFT = 4, /* bits 4-5: rendition 0 to 3 */
    CW_FLAG_RENDITION_MASK = 0x30,
    CW_FLAG_RESERVED = 0xC0, /* must be zero */
};

/* Renditions of one screen; numbers above the last are not used. */
enum cw_rendition_number {
    CW_RENDITION_FULL = 0,
    CW_RENDITION_REDUCED = 1, /* for viewers that stay slow */
    CW_RENDITION_COUNT = 2,
};

/* X(NAME, number, channel, least payload bytes, most payload bytes of the whole message) */
#define CW_MESSAGES(X)                                                                      \
    X(HELLO, 0x01, CONTROL, 4, CW_HELLO_BYTES_MAX)                                          \
    X(HELLO_REPLY, 0x02, CONTROL, 4, CW_HELLO_REPLY_BODY_BYTES_MAX + 4)                     \
    X(CHALLENGE, 0x03, CONTROL, 32, 32)                                                     \
    X(PING, 0x04, CONTROL, 8, 8)                                                            \
    X(PONG, 0x05, CONTROL, 8, 8)                                                            \
    X(CLOSE, 0x06, CONTROL, 2, 2 + CW_REASON_TEXT_BYTES_MAX)                                \
    X(WELCOME, 0x07, CONTROL, 24, 24)                                                       \
    X(PERMISSIONS, 0x08, CONTROL, 8, 8)                                                     \
    X(PARTICIPANT, 0x09, CONTROL, 8, 8 + CW_NAME_BYTES_MAX)                                 \
    X(SESSION_OFFER, 0x0A, CONTROL, 158, 158 + CW_NAME_BYTES_MAX)                           \
    X(SESSION_END, 0x0B, CONTROL, 2, 2 + CW_REASON_TEXT_BYTES_MAX)                          \
    X(SESSION_ENDED, 0x0C, CONTROL, 2, 2 + CW_REASON_TEXT_BYTES_MAX)                        \
    X(SYNC_REQUEST, 0x0D, CONTROL, 1, 1)                                                    \
    X(SCREEN_ACK, 0x0E, CONTROL, 4, 5)                                                      \
    X(RESUME_TICKET, 0x0F, CONTROL, 152, 152)                                               \
    X(LINK_STATE, 0x10, CONTROL, 1, 1)                                                      \
    X(CONSENT, 0x11, CONTROL, 8, 8)                                                         \
    X(STATISTICS, 0x12, CONTROL, 2, CW_STATISTICS_BYTES_MAX)                                \
    X(CREDIT, 0x13, CONTROL, 24, 24)                                                        \
    X(STREAM_OPEN, 0x14, CONTROL, 28, 28 + CW_STREAM_PARAMETERS_BYTES_MAX)                  \
    X(STREAM_CLOSE, 0x15, CONTROL, 18, 18 + CW_REASON_TEXT_BYTES_MAX)                       \
    X(PEER, 0x16, CONTROL, 8, 8)                                                            \
    X(RENDITION, 0x17, CONTROL, 4, 4)                                                       \
    X(SCREEN_SETTINGS, 0x18, CONTROL, 2, 2)                                                 \
    X(DEVICE_ORDER, 0x19, CONTROL, 2, CW_DEVICE_ORDER_BYTES_MAX)                            \
    X(DEVICE_THUMBNAIL, 0x1A, CONTROL, 32, CW_FRAME_PAYLOAD_BYTES_MAX)                      \
    X(DEVICE_FETCH, 0x1B, CONTROL, 8, 8)                                                    \
    X(DEVICE_CHUNK, 0x1C, CONTROL, 8, CW_FRAME_PAYLOAD_BYTES_MAX)                           \
    X(TOOL_ASK, 0x1D, CONTROL, 12, 12 + CW_TOOL_QUESTION_BYTES_MAX)                         \
    X(TOOL_ANSWER, 0x1E, CONTROL, 8, 8)                                                     \
    X(CLIENT_OFFER, 0x1F, CONTROL, 2, CW_CLIENT_OFFER_BYTES_MAX)                            \
    X(KEY, 0x20, INPUT, 8, 8)                                                               \
    X(POINTER, 0x21, INPUT, 12, 12)                                                         \
    X(RELEASE_ALL, 0x22, INPUT, 0, 0)                                                       \
    X(CURSOR_SHAPE, 0x28, CURSOR, 8, 8 + CW_CURSOR_SIDE_PX_MAX * CW_CURSOR_SIDE_PX_MAX * 4) \
    X(CURSOR_POSITION, 0x29, CURSOR, 4, 4)                                                  \
    X(CHAT_SAY, 0x30, CHAT, 5, 4 + CW_CHAT_TEXT_BYTES_MAX)                                  \
    X(CHAT_LINE, 0x31, CHAT, 26, 26 + CW_NAME_BYTES_MAX + CW_CHAT_TEXT_BYTES_MAX)           \
    X(SIDE_SAY, 0x32, CHAT, 5, 4 + CW_CHAT_TEXT_BYTES_MAX)                                  \
    X(SIDE_LINE, 0x33, CHAT, 26, 26 + CW_NAME_BYTES_MAX + CW_CHAT_TEXT_BYTES_MAX)           \
    X(EVENT, 0x38, EVENT, 2, CW_EVENT_BYTES_MAX)                                            \
    X(SCREEN_RESET, 0x40, SCREEN, 12, 12)                                                   \
    X(SCREEN_UPDATE, 0x41, SCREEN, 1, CW_SCREEN_MESSAGE_BYTES_MAX)                          \
    X(SHELL_DATA, 0x50, SHELL, 13, CW_FRAME_PAYLOAD_BYTES_MAX)                              \
    X(CLIPBOARD_DATA, 0x51, CLIPBOARD, 13, CW_FRAME_PAYLOAD_BYTES_MAX)                      \
    X(SYSTEM_DATA, 0x52, SYSTEM, 13, CW_FRAME_PAYLOAD_BYTES_MAX)                            \
    X(FILE_DATA, 0x53, FILE, 13, CW_FRAME_PAYLOAD_BYTES_MAX)                                \
    X(TUNNEL_DATA, 0x54, TUNNEL, 13, CW_FRAME_PAYLOAD_BYTES_MAX)

enum cw_message {
#define X(name, number, channel, least, most) CW_MESSAGE_##name = (number),
    CW_MESSAGES(X)
#undef X
};

/* X(NAME, number, name). A ticket fixes a connection's role for its life. */
#define CW_ROLES(X)                                                                     \
    X(NONE, 0, "none")                                                                  \
    X(REPRESENTATIVE, 1, "representative")                                              \
    X(CUSTOMER, 2, "customer")     /* screen source with a person who must consent */   \
    X(UNATTENDED, 3, "unattended") /* screen source of a Jump Client nobody sits at */  \
    X(DEVICE, 4, "device")         /* a Jump Client's standing connection; session 0 */ \
    X(CONSOLE, 5, "console")       /* a console's event stream; session 0 */

enum cw_role {
#define X(name, number, text) CW_ROLE_##name = (number),
    CW_ROLES(X)
#undef X
        CW_ROLE_COUNT = 6
};

/* Permission mask: bit = one thing a participant may do. */
/* X(NAME, bit, name) */
#define CW_PERMISSIONS(X)                \
    X(VIEW_SCREEN, 0, "view_screen")     \
    X(CONTROL_INPUT, 1, "control_input") \
    X(CHAT, 2, "chat")                   \
    X(END_SESSION, 3, "end_session")     \
    X(SOURCE_SCREEN, 4, "source_screen") \
    X(CONSENT, 5, "consent")             \
    X(EVENTS, 6, "events")               \
    X(STATISTICS, 7, "statistics")       \
    X(SHELL, 8, "shell")                 \
    X(CLIPBOARD, 9, "clipboard")         \
    X(SYSTEM, 10, "system")              \
    X(FILE, 11, "file")                  \
    X(TUNNEL, 12, "tunnel")

#define CW_PERMIT(name) (UINT64_C(1) << CW_PERMISSION_BIT_##name)
enum cw_permission_bit {
#define X(name, bit, text) CW_PERMISSION_BIT_##name = (bit),
    CW_PERMISSIONS(X)
#undef X
        CW_PERMISSION_COUNT = 13
};

/* Codes of CLOSE, SESSION_END(ED), HELLO_REPLY and the WebSocket close code 4000 + code.
 * X(NAME, number, text a person understands) */
#define CW_CLOSE_CODES(X)                                                                        \
    X(OK, 0, "Finished.")                                                                        \
    X(ENDED_BY_REPRESENTATIVE, 1, "The representative ended the session.")                       \
    X(ENDED_BY_CUSTOMER, 2, "The customer ended the session.")                                   \
    X(ENDED_BY_OPERATOR, 3, "An operator of the appliance ended the session.")                   \
    X(ENDED_NOBODY_LEFT, 4, "The session ended because nobody was connected to it any more.")    \
    X(REPLACED, 5, "This participant connected again from elsewhere.")                           \
    X(REMOVED, 6, "You were removed from the session.")                                          \
    X(SHUTTING_DOWN, 7, "The appliance is shutting down.")                                       \
    X(RESTARTING, 8, "The appliance is being updated; connect again now.")                       \
    X(MALFORMED, 20, "The appliance received data that breaks the protocol.")                    \
    X(TOO_LARGE, 21, "The appliance received a message over its size limit.")                    \
    X(NOT_NOW, 22, "The appliance received a message that is not allowed at this point.")        \
    X(NOT_PERMITTED, 23, "You are not permitted to do that.")                                    \
    X(VERSION, 24, "This program speaks another protocol version than the appliance.")           \
    X(CREDIT_EXCEEDED, 25, "The appliance received more data than it allowed.")                  \
    X(STREAM_UNKNOWN, 26, "The other end no longer knows this transfer.")                        \
    X(STREAM_REFUSED, 27, "The other end cannot take this now.")                                 \
    X(TICKET_FORGED, 40, "The ticket was not issued by this appliance.")                         \
    X(TICKET_EXPIRED, 41, "The ticket has expired.")                                             \
    X(TICKET_USED, 42, "The ticket was used already.")                                           \
    X(TICKET_DENIED, 43, "The ticket has been withdrawn.")                                       \
    X(PROOF_WRONG, 44, "The connection could not prove that it holds the ticket's key.")         \
    X(SESSION_KEY_WRONG, 50, "This session key is not valid. Check it, or ask for a new one.")   \
    X(SESSION_KEY_EXPIRED, 51, "This session key has expired. Ask for a new one.")               \
    X(SESSION_KEY_USED, 52, "This session key was used already. Ask for a new one.")             \
    X(ENROLMENT_WRONG, 53, "This enrolment token is not valid or was used already.")             \
    X(TOO_MANY_TRIES, 54, "Too many attempts from your address. Wait a few minutes.")            \
    X(SUPPORT_BUTTON_WRONG, 55, "This Support Button is not valid any more. Ask for a new one.") \
    X(PORTAL_CLOSED, 56, "Support is closed now.")                                               \
    X(AGREEMENT, 57, "The terms of this support portal have to be accepted first.")              \
    X(TOO_SLOW, 60, "The connection was too slow to keep up.")                                   \
    X(TIMED_OUT, 61, "Nothing was heard for too long.")                                          \
    X(OVERLOADED, 62, "The appliance is at its limit. Try again shortly.")                       \
    X(UNAVAILABLE, 63, "The appliance cannot answer this right now. Try again shortly.")         \
    X(INTERNAL, 64, "Something went wrong in the appliance.")                                    \
    X(RECORDING_FAILED, 65, "The session must be recorded, and that is not possible.")

enum cw_close_code {
#define X(name, number, text) CW_CLOSE_##name = (number),
    CW_CLOSE_CODES(X)
#undef X
};

struct cw_frame {
    uint8_t type;    /* enum cw_message */
    uint8_t channel; /* enum cw_channel */
    uint8_t flags;   /* enum cw_frame_flag */
    uint16_t stream; /* which shell, file, tunnel or monitor; 0 elsewhere */
    uint32_t session;
    uint32_t length; /* payload bytes behind the header */
};

/* What the header alone says about a type: NULL for an unknown one. */
struct cw_message_info {
    uint8_t type;
    uint8_t channel;
    uint32_t least; /* payload bytes of the whole message */
    uint32_t most;
    const char *name;
};
const struct cw_message_info *cw_message_info(uint8_t type);

int cw_frame_decode(const uint8_t *data, size_t size, struct cw_frame *ret_frame);
/* Writes exactly CW_FRAME_HEADER_BYTES. */
void cw_frame_encode(const struct cw_frame *frame, uint8_t *out);

uint8_t cw_channel_send_class(uint8_t channel);
const char *cw_channel_name(uint8_t channel);
const char *cw_role_name(uint8_t role);
const char *cw_permission_name(unsigned bit);
/* The text a person reads for a close code; never NULL. */
const char *cw_close_text(uint16_t code);
const char *cw_close_name(uint16_t code);

#endif
