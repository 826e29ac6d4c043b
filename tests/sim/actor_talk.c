/* SPDX-License-Identifier: Apache-2.0 */
/* What an actor types and says: keys to the source, chat through control. */
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"
#include "tests/sim/scenario.h"

/* keysym: participant, connection, count - so that the source can tell order, loss and doubles. */
void cw_actor_press(struct cw_actor *a)
{
    struct cw_key key = {
        .keysym = a->participant << 24 | (a->connection & 0xFF) << 16 | ++a->key_count, .down = 1};
    uint8_t payload[8];
    size_t size = 0;
    CW_CHECK(cw_key_encode(&key, payload, sizeof payload, &size) == CW_OK, "fits");
    cw_actor_send(a, CW_MESSAGE_KEY, CW_FLAG_FIRST | CW_FLAG_LAST, payload, size);
}

void cw_actor_take_key(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_key key;
    CW_CHECK(cw_key_decode(payload, f->length, &key) == CW_OK, "whole");
    uint32_t sender = key.keysym >> 24;
    CW_CHECK(sender >= 1 && sender <= a->session->participant_count, "a participant's key");
    uint32_t last = a->key_last[sender];
    uint32_t step = key.keysym - last;
    bool is_same_connection = last != 0 && (last >> 16) == (key.keysym >> 16);
    /* A key may be missing where this viewer lost the permission meanwhile; the scenario only takes
     * control_input away between connections (see change_permissions). */
    CW_CHECK(!is_same_connection || step == 1, "keys in order, none lost or doubled");
    a->key_last[sender] = key.keysym;
    a->scenario->counts->keys++;
}

void cw_actor_say(struct cw_actor *a, uint32_t id)
{
    struct cw_chat_say m = {.client_message = id, .text = "hello", .text_bytes = 5};
    uint8_t payload[32];
    size_t size = 0;
    CW_CHECK(cw_chat_say_encode(&m, payload, sizeof payload, &size) == CW_OK, "fits");
    /* Every third of a viewer is among representatives, also when it is said again. */
    cw_actor_send(a, !a->is_source && id % 3 == 0 ? CW_MESSAGE_SIDE_SAY : CW_MESSAGE_CHAT_SAY,
                  CW_FLAG_FIRST | CW_FLAG_LAST, payload, size);
}

void cw_actor_say_pending(struct cw_actor *a)
{
    for (unsigned i = 0; i < a->chat_pending_count; i++)
        cw_actor_say(a, a->chat_pending[i]);
}

void cw_actor_take_line(struct cw_actor *a, const struct cw_frame *f, const uint8_t *payload)
{
    struct cw_chat_line line;
    CW_CHECK(cw_chat_line_decode(payload, f->length, &line) == CW_OK, "whole");
    const struct cw_double_session *s = a->session;
    CW_CHECK(line.sequence >= 1 && line.sequence <= s->line_count, "control said it");
    CW_CHECK(s->lines[line.sequence - 1].client_message == line.client_message,
             "as control said it");
    const bool is_side = f->type == CW_MESSAGE_SIDE_LINE;
    CW_CHECK(s->lines[line.sequence - 1].is_side == is_side, "to whom it was said");
    CW_CHECK(!is_side || !a->is_source, "a source hears nothing of the side chat");
    a->scenario->counts->side_lines += is_side;
    /* A line that was said again is answered again; a new one is the next in order. */
    if (line.sequence > a->line_sequence)
        a->line_sequence = line.sequence;
    if (line.participant != a->participant)
        return;
    for (unsigned i = 0; i < a->chat_pending_count; i++) {
        if (a->chat_pending[i] == line.client_message) {
            memmove(&a->chat_pending[i], &a->chat_pending[i + 1],
                    (a->chat_pending_count - i - 1) * sizeof a->chat_pending[0]);
            a->chat_pending_count--;
            a->scenario->counts->chat_lines++;
            return;
        }
    }
}
