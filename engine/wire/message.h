/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/message.h - payloads of the messages that are more than opaque bytes.
 *
 * Owner:     values; text spans point into the caller's bytes and are not NUL-terminated.
 * Thread:    any; pure.
 * Units:     in the names. Pixels count from the top left of the remote screen.
 * Errors:    decoders: CW_ERR_INVALID; encoders: CW_ERR_FULL (out too small), CW_ERR_TOO_LARGE.
 * Limits:    the message table in frame.h.
 *
 * Every layout is little-endian and has no padding beyond the fields named "zero".
 */
#ifndef CW_ENGINE_WIRE_MESSAGE_H
#define CW_ENGINE_WIRE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/wire/frame.h"

/* WELCOME (engine to endpoint, answers a good TICKET or DEVICE hello):
 * u32 session, u32 participant, u64 permissions, u8 role, u8 control reachable, u16 zero, u32 zero */
struct cw_welcome {
    uint32_t session;
    uint32_t participant;
    uint64_t permissions;
    uint8_t role;
    uint8_t control_up;
};

/* CLOSE, SESSION_END, SESSION_ENDED: u16 code, UTF-8 text (may be empty: use cw_close_text) */
struct cw_close {
    uint16_t code;
    const char *text;
    size_t text_bytes;
};

/* PARTICIPANT (control to everybody in a session): u32 participant, u8 role, u8 present, u16 name
 * bytes, name */
struct cw_participant_note {
    uint32_t participant;
    uint8_t role;
    uint8_t present;
    const char *name;
    size_t name_bytes;
};

/* SESSION_OFFER (control to a DEVICE): u32 session, ticket (152), u16 name bytes, representative's name */
struct cw_session_offer {
    uint32_t session;
    const uint8_t *ticket; /* CW_TICKET_BYTES */
    const char *name;
    size_t name_bytes;
};

/* CONSENT (customer to control): u32 participant asked about (0 = everybody), u8 view, u8 control,
 * u16 zero */
struct cw_consent {
    uint32_t participant;
    uint8_t view;
    uint8_t control;
};

/* TOOL_ASK (control to the customer): u32 participant who wants to use the tool, u16 tool (its place in the catalogue),
 * u16 seconds there are to answer (0: no end), u8 what silence means then (1 yes), u8 zero, u16 zero, the question for
 * the person. Without a text: the question is taken back. */
struct cw_tool_ask {
    uint32_t participant;
    uint16_t tool;
    uint16_t time_s;
    uint8_t silence;
    const char *text;
    size_t text_bytes;
};

/* TOOL_ANSWER (customer to control): u32 participant, u16 tool, u8 yes, u8 zero */
struct cw_tool_answer {
    uint32_t participant;
    uint16_t tool;
    uint8_t yes;
};

/* KEY: u32 X keysym, u8 down (1) or up (0), u8 zero, u16 zero */
struct cw_key {
    uint32_t keysym;
    uint8_t down;
};

/* POINTER: u16 x, u16 y, u16 buttons held (bit 0 left, 1 middle, 2 right, 3 back, 4 forward),
 * u16 zero, i16 wheel x, i16 wheel y (in notches times 120, right and down positive) */
struct cw_pointer {
    uint16_t x_px;
    uint16_t y_px;
    uint16_t buttons;
    int16_t wheel_x;
    int16_t wheel_y;
};

/* CURSOR_SHAPE: u16 width, u16 height, u16 hot x, u16 hot y, width*height pixels B,G,R,A premultiplied.
 * width = height = 0 hides the cursor. */
struct cw_cursor_shape {
    uint16_t width_px;
    uint16_t height_px;
    uint16_t hot_x_px;
    uint16_t hot_y_px;
    const uint8_t *pixels;
};

/* CURSOR_POSITION: u16 x, u16 y - where the remote pointer is when somebody else moved it */
struct cw_cursor_position {
    uint16_t x_px;
    uint16_t y_px;
};

/* CHAT_SAY (endpoint to control): u32 client message id, UTF-8 text. The sender keeps it until the
 * CHAT_LINE with its participant and id comes back, and says it again after LINK_STATE goes up.
 * SIDE_SAY and SIDE_LINE are the same among representatives: neither source ever gets them. */
struct cw_chat_say {
    uint32_t client_message;
    const char *text;
    size_t text_bytes;
};

/* CHAT_LINE (control to everybody, the one order of the chat): u64 sequence (1, 2, ... in a session),
 * u64 time Unix ms, u32 participant (0 = the appliance), u32 client message id, u16 name bytes,
 * name, text */
struct cw_chat_line {
    uint64_t sequence;
    uint64_t time_unix_ms;
    uint32_t participant;
    uint32_t client_message;
    const char *name;
    size_t name_bytes;
    const char *text;
    size_t text_bytes;
};

/* SCREEN_RESET (source): u16 width, u16 height, u16 desktop width, u16 desktop height, u32 number of the
 * update that the next keyframe shows. The rendition in its header has this size from now on and each of
 * its viewers is out of sync until the next keyframe. Input counts in pixels of the desktop. */
struct cw_screen_reset {
    uint16_t width_px;
    uint16_t height_px;
    uint16_t desktop_width_px;
    uint16_t desktop_height_px;
    uint32_t update;
};

/* SCREEN_ACK: u32 update number, and u8 rendition unless that is 0 */
struct cw_screen_ack {
    uint32_t update;
    uint8_t rendition;
};

/* RENDITION: u8 rendition (1), u8 wanted or, from a source, available, u16 zero */
struct cw_rendition_note {
    uint8_t rendition;
    uint8_t is_wanted;
};

/* SCREEN_SETTINGS: u8 colours (0 full, 1 16 bits, 2 8 bits, 3 grey, 4 for video), u8 flags */
enum { CW_SCREEN_COLOURS_COUNT = 5, CW_SCREEN_LOSSLESS_ONLY = 1 };
struct cw_screen_settings {
    uint8_t colours;
    uint8_t flags;
};

/* Single numbers: PERMISSIONS u64 mask; SYNC_REQUEST u8 rendition; LINK_STATE u8 up; PING, PONG u64 echo;
 * CHALLENGE 32 bytes; RESUME_TICKET 152 bytes; EVENT UTF-8 JSON (control/API.md); STATISTICS, DEVICE_ORDER and
 * CLIENT_OFFER UTF-8 JSON (engine/PROTOCOL.md); DEVICE_THUMBNAIL a PNG file; DEVICE_FETCH u64 offset; DEVICE_CHUNK
 * u64 offset, bytes; SCREEN_UPDATE a codec packet (codec/FORMAT.md). */

int cw_welcome_decode(const uint8_t *data, size_t size, struct cw_welcome *ret);
int cw_welcome_encode(const struct cw_welcome *m, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_close_decode(const uint8_t *data, size_t size, struct cw_close *ret);
int cw_close_encode(const struct cw_close *m, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_participant_note_decode(const uint8_t *data, size_t size, struct cw_participant_note *ret);
int cw_participant_note_encode(const struct cw_participant_note *m, uint8_t *out, size_t out_size,
                               size_t *ret_size);
int cw_session_offer_decode(const uint8_t *data, size_t size, struct cw_session_offer *ret);
int cw_session_offer_encode(const struct cw_session_offer *m, uint8_t *out, size_t out_size,
                            size_t *ret_size);
int cw_consent_decode(const uint8_t *data, size_t size, struct cw_consent *ret);
int cw_consent_encode(const struct cw_consent *m, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_tool_ask_decode(const uint8_t *data, size_t size, struct cw_tool_ask *ret);
int cw_tool_ask_encode(const struct cw_tool_ask *m, uint8_t *out, size_t out_size,
                       size_t *ret_size);
int cw_tool_answer_decode(const uint8_t *data, size_t size, struct cw_tool_answer *ret);
int cw_tool_answer_encode(const struct cw_tool_answer *m, uint8_t *out, size_t out_size,
                          size_t *ret_size);
int cw_key_decode(const uint8_t *data, size_t size, struct cw_key *ret);
int cw_key_encode(const struct cw_key *m, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_pointer_decode(const uint8_t *data, size_t size, struct cw_pointer *ret);
int cw_pointer_encode(const struct cw_pointer *m, uint8_t *out, size_t out_size, size_t *ret_size);
int cw_cursor_shape_decode(const uint8_t *data, size_t size, struct cw_cursor_shape *ret);
int cw_cursor_shape_encode(const struct cw_cursor_shape *m, uint8_t *out, size_t out_size,
                           size_t *ret_size);
int cw_cursor_position_decode(const uint8_t *data, size_t size, struct cw_cursor_position *ret);
int cw_cursor_position_encode(const struct cw_cursor_position *m, uint8_t *out, size_t out_size,
                              size_t *ret_size);
int cw_chat_say_decode(const uint8_t *data, size_t size, struct cw_chat_say *ret);
int cw_chat_say_encode(const struct cw_chat_say *m, uint8_t *out, size_t out_size,
                       size_t *ret_size);
int cw_chat_line_decode(const uint8_t *data, size_t size, struct cw_chat_line *ret);
int cw_chat_line_encode(const struct cw_chat_line *m, uint8_t *out, size_t out_size,
                        size_t *ret_size);
int cw_screen_reset_decode(const uint8_t *data, size_t size, struct cw_screen_reset *ret);
int cw_screen_reset_encode(const struct cw_screen_reset *m, uint8_t *out, size_t out_size,
                           size_t *ret_size);
int cw_screen_ack_decode(const uint8_t *data, size_t size, struct cw_screen_ack *ret);
int cw_screen_ack_encode(const struct cw_screen_ack *m, uint8_t *out, size_t out_size,
                         size_t *ret_size);
int cw_screen_settings_decode(const uint8_t *data, size_t size, struct cw_screen_settings *ret);
int cw_screen_settings_encode(const struct cw_screen_settings *m, uint8_t *out, size_t out_size,
                              size_t *ret_size);
int cw_rendition_note_decode(const uint8_t *data, size_t size, struct cw_rendition_note *ret);
int cw_rendition_note_encode(const struct cw_rendition_note *m, uint8_t *out, size_t out_size,
                             size_t *ret_size);

/* True when the bytes are well-formed UTF-8 without C0 controls other than tab and line feed. Text that is
 * shown to a person must pass it. */
_Bool cw_text_is_clean(const char *text, size_t bytes);

#endif
