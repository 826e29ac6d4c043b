/* SPDX-License-Identifier: Apache-2.0 */
/* What an appliance may send to a native client: any bytes, in any pieces, end in messages or in a refusal.
 *
 * Input: one byte (bit 0: WELCOME was there already; the rest: where the bytes are cut), then the stream.
 */
#include <stdint.h>
#include <string.h>

#include "clients/agent/chat.h"
#include "clients/agent/people.h"
#include "clients/agent/tool_question.h"
#include "clients/peer/peer.h"
#include "engine/base/check.h"
#include "engine/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cw_people people;
static struct cw_chat chat;
static struct cw_tool_questions questions;

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    (void)user;
    struct cw_participant_note note;
    struct cw_chat_line line;
    struct cw_consent consent;
    struct cw_tool_ask ask;
    if (type == CW_MESSAGE_PARTICIPANT && cw_participant_note_decode(payload, size, &note) == 0) {
        (void)cw_people_note(&people, &note);
        const struct cw_person *asked = cw_people_question(&people);
        CW_CHECK(!cw_people_may_view(&people), "nobody has answered");
        if (asked != NULL) {
            CW_CHECK(cw_text_is_clean(asked->name, strlen(asked->name)),
                     "a name is fit to be shown");
            CW_CHECK(cw_people_answer(&people, asked->participant, CW_ANSWER_REFUSED, &consent),
                     "it was asked");
            CW_CHECK(consent.view == 0 && consent.control == 0, "refused");
        }
    } else if (type == CW_MESSAGE_CHAT_LINE && cw_chat_line_decode(payload, size, &line) == 0) {
        if (cw_chat_line(&chat, &line, 2))
            CW_CHECK(cw_text_is_clean(line.text, line.text_bytes), "a line is fit to be shown");
    } else if (type == CW_MESSAGE_TOOL_ASK && cw_tool_ask_decode(payload, size, &ask) == 0) {
        cw_tool_questions_note(&questions, &ask);
        const struct cw_tool_question *shown = cw_tool_questions_first(&questions);
        CW_CHECK(shown == NULL || cw_text_is_clean(shown->text, strlen(shown->text)),
                 "a question is fit to be shown");
    } else if (type == CW_MESSAGE_PERMISSIONS && size == 8) {
        return CW_ERR_STATE; /* what a handler refuses ends the connection */
    }
    return 0;
}

static void welcome(struct cw_peer *p)
{
    uint8_t payload[24], frame[CW_FRAME_HEADER_BYTES + 24];
    size_t n = 0;
    struct cw_welcome m = {.session = 7, .participant = 2, .role = CW_ROLE_CUSTOMER};
    CW_CHECK(cw_welcome_encode(&m, payload, sizeof(payload), &n) == 0, "it fits");
    struct cw_frame f = {
        .type = CW_MESSAGE_WELCOME,
        .channel = CW_CHANNEL_CONTROL,
        .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
        .length = (uint32_t)n,
    };
    cw_frame_encode(&f, frame);
    memcpy(frame + CW_FRAME_HEADER_BYTES, payload, n);
    CW_CHECK(cw_peer_feed(p, frame, CW_FRAME_HEADER_BYTES + n, 1) == 0, "it is well-formed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cw_peer p;
    size_t out_bytes = 0;
    if (size == 0)
        return 0;
    people = (struct cw_people){.needs_consent = true};
    questions.count = 0;
    cw_peer_init(&p, on_message, NULL);
    CW_CHECK(cw_peer_hello_opaque(&p, CW_HELLO_SESSION_KEY, "{}", 2, 1) == 0, "it fits");
    if ((data[0] & 1) != 0)
        welcome(&p);
    size_t cut = (size_t)(data[0] >> 1) + 1;
    for (size_t at = 1; at < size; at += cut) {
        size_t n = size - at < cut ? size - at : cut;
        int err = cw_peer_feed(&p, data + at, n, 2);
        CW_CHECK((err == 0) == (p.state != CW_PEER_CLOSED),
                 "an error ends the connection, nothing else");
        if (err != 0)
            break;
    }
    CW_CHECK(strlen(p.close_text) <= CW_REASON_TEXT_BYTES_MAX, "bounded");
    for (;;) {
        (void)cw_peer_output(&p, &out_bytes);
        if (out_bytes == 0)
            break;
        cw_peer_sent(&p, out_bytes);
    }
    cw_peer_clear(&p);
    cw_chat_clear(&chat);
    return 0;
}
