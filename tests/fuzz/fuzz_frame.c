/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a frame and its payload: what decodes must encode to the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/message.h"
#include "engine/wire/stream_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROUND_TRIP(type)                                                                         \
    do {                                                                                         \
        struct cw_##type m;                                                                      \
        if (cw_##type##_decode(payload, length, &m) != CW_OK)                                    \
            break;                                                                               \
        static uint8_t out[128 * 1024];                                                          \
        size_t out_size = 0;                                                                     \
        CW_CHECK(cw_##type##_encode(&m, out, sizeof out, &out_size) == CW_OK, "was decoded");    \
        CW_CHECK(out_size == length && memcmp(out, payload, length) == 0, "one form a message"); \
    } while (0)

static void payload_round_trip(uint8_t type, const uint8_t *payload, size_t length)
{
    /* Not an enum switch: the type is the peer's byte. */
    if (type == CW_MESSAGE_WELCOME)
        ROUND_TRIP(welcome);
    else if (type == CW_MESSAGE_CLOSE || type == CW_MESSAGE_SESSION_END ||
             type == CW_MESSAGE_SESSION_ENDED)
        ROUND_TRIP(close);
    else if (type == CW_MESSAGE_PARTICIPANT)
        ROUND_TRIP(participant_note);
    else if (type == CW_MESSAGE_SESSION_OFFER)
        ROUND_TRIP(session_offer);
    else if (type == CW_MESSAGE_CONSENT)
        ROUND_TRIP(consent);
    else if (type == CW_MESSAGE_TOOL_ASK)
        ROUND_TRIP(tool_ask);
    else if (type == CW_MESSAGE_TOOL_ANSWER)
        ROUND_TRIP(tool_answer);
    else if (type == CW_MESSAGE_KEY)
        ROUND_TRIP(key);
    else if (type == CW_MESSAGE_POINTER)
        ROUND_TRIP(pointer);
    else if (type == CW_MESSAGE_CURSOR_SHAPE)
        ROUND_TRIP(cursor_shape);
    else if (type == CW_MESSAGE_CURSOR_POSITION)
        ROUND_TRIP(cursor_position);
    else if (type == CW_MESSAGE_CHAT_SAY || type == CW_MESSAGE_SIDE_SAY)
        ROUND_TRIP(chat_say);
    else if (type == CW_MESSAGE_CHAT_LINE || type == CW_MESSAGE_SIDE_LINE)
        ROUND_TRIP(chat_line);
    else if (type == CW_MESSAGE_SCREEN_RESET)
        ROUND_TRIP(screen_reset);
    else if (type == CW_MESSAGE_STREAM_OPEN)
        ROUND_TRIP(stream_open);
    else if (type == CW_MESSAGE_STREAM_CLOSE)
        ROUND_TRIP(stream_close);
    else if (type == CW_MESSAGE_CREDIT)
        ROUND_TRIP(credit);
    else if (type == CW_MESSAGE_PEER)
        ROUND_TRIP(peer_note);
    else if (cw_message_is_stream_data(type))
        ROUND_TRIP(stream_data);
    else if (type == CW_MESSAGE_SCREEN_ACK)
        ROUND_TRIP(screen_ack);
    else if (type == CW_MESSAGE_RENDITION)
        ROUND_TRIP(rendition_note);
    else if (type == CW_MESSAGE_SCREEN_SETTINGS)
        ROUND_TRIP(screen_settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cw_frame f;
    if (cw_frame_decode(data, size, &f) != CW_OK)
        return 0;
    uint8_t header[CW_FRAME_HEADER_BYTES];
    cw_frame_encode(&f, header);
    CW_CHECK(memcmp(header, data, sizeof header) == 0, "one form a header");
    CW_CHECK(f.length <= CW_FRAME_PAYLOAD_BYTES_MAX, "limit");
    payload_round_trip(f.type, data + CW_FRAME_HEADER_BYTES, size - CW_FRAME_HEADER_BYTES);
    return 0;
}
