/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/stream_set.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

int cw_stream_set_add(struct cw_stream_set *set, struct cw_byte_stream *s)
{
    if (set->count >= CW_STREAMS_PER_PARTICIPANT_MAX)
        return CW_ERR_FULL;
    set->streams[set->count++] = s;
    return CW_OK;
}

void cw_stream_set_remove(struct cw_stream_set *set, const struct cw_byte_stream *s)
{
    for (unsigned i = 0; i < set->count; i++) {
        if (set->streams[i] != s)
            continue;
        set->count--;
        if (s->state == CW_STREAM_FINISHED) {
            struct cw_byte_stream *kept =
                &set->finished[set->finished_count++ % CW_STREAM_FINISHED_MAX];
            *kept = *s;
            kept->ring = NULL;
        }
        memmove(&set->streams[i], &set->streams[i + 1], (set->count - i) * sizeof set->streams[0]);
        return;
    }
}

static void forget_answer(struct cw_stream_set *set, unsigned i)
{
    set->answer_count--;
    memmove(&set->answers[i], &set->answers[i + 1],
            (set->answer_count - i) * sizeof set->answers[0]);
}

static void answer(struct cw_stream_set *set, const struct cw_stream_id *id, uint16_t code,
                   bool is_waited_for)
{
    /* The engine ends by the time what only it offers; what it thinks is whole waits for this word alone. There are
     * at most as many of those as streams. */
    for (unsigned i = 0; i < set->answer_count && set->answer_count == CW_STREAM_ANSWERS_MAX; i++)
        if (!set->answers[i].is_waited_for)
            forget_answer(set, i);
    if (set->answer_count == CW_STREAM_ANSWERS_MAX)
        return;
    set->answers[set->answer_count].id = *id;
    set->answers[set->answer_count].code = code;
    set->answers[set->answer_count].is_waited_for = is_waited_for;
    set->answer_count++;
}

void cw_stream_set_refuse(struct cw_stream_set *set, const struct cw_stream_id *id, uint16_t code)
{
    answer(set, id, code, false);
}

void cw_stream_set_connected(struct cw_stream_set *set)
{
    for (unsigned i = 0; i < set->count; i++)
        cw_byte_stream_connected(set->streams[i]);
    for (unsigned i = 0; i < CW_STREAM_FINISHED_MAX; i++)
        cw_byte_stream_connected(&set->finished[i]);
}

void cw_stream_set_disconnected(struct cw_stream_set *set)
{
    for (unsigned i = 0; i < set->count; i++)
        cw_byte_stream_disconnected(set->streams[i]);
    set->answer_count = 0; /* they were for that connection */
}

bool cw_stream_set_takes(uint8_t type)
{
    return type == CW_MESSAGE_STREAM_OPEN || type == CW_MESSAGE_STREAM_CLOSE ||
           type == CW_MESSAGE_CREDIT || type == CW_MESSAGE_PEER || cw_message_is_stream_data(type);
}

static bool is_same(const struct cw_byte_stream *s, const struct cw_stream_id *id)
{
    return s->id.channel == id->channel && s->id.stream == id->stream &&
           s->id.instance == id->instance;
}

/* The slots of what has finished; unused ones are not FINISHED. */
static struct cw_byte_stream *find_finished(struct cw_stream_set *set,
                                            const struct cw_stream_id *id)
{
    for (unsigned i = 0; i < CW_STREAM_FINISHED_MAX; i++)
        if (set->finished[i].state == CW_STREAM_FINISHED && is_same(&set->finished[i], id))
            return &set->finished[i];
    return NULL;
}

static struct cw_byte_stream *find(struct cw_stream_set *set, const struct cw_stream_id *id)
{
    for (unsigned i = 0; i < set->count; i++)
        if (is_same(set->streams[i], id) && set->streams[i]->state != CW_STREAM_FAILED)
            return set->streams[i];
    return find_finished(set, id);
}

/* What an ended stream has to say again. */
static struct cw_byte_stream *finished_with_next(struct cw_stream_set *set, uint64_t now_ns)
{
    for (unsigned i = 0; i < CW_STREAM_FINISHED_MAX; i++)
        if (set->finished[i].state == CW_STREAM_FINISHED &&
            cw_byte_stream_has_next(&set->finished[i], now_ns))
            return &set->finished[i];
    return NULL;
}

static int take_open(struct cw_stream_set *set, const uint8_t *payload, size_t size,
                     struct cw_stream_event *event)
{
    if (cw_stream_open_decode(payload, size, &event->open) != CW_OK)
        return CW_ERR_INVALID;
    struct cw_byte_stream *s = find(set, &event->open.id);
    if (s != NULL)
        return cw_byte_stream_on_open(s, &event->open);
    if ((event->open.flags & CW_STREAM_OPEN_RESUME) != 0)
        cw_stream_set_refuse(set, &event->open.id, CW_CLOSE_STREAM_UNKNOWN);
    else
        event->kind = CW_STREAM_EVENT_OFFER;
    return CW_OK;
}

/* The owner has no interest in one that it has removed. */
static void tell(const struct cw_stream_set *set, struct cw_byte_stream *s,
                 struct cw_stream_event *event)
{
    if (s >= set->finished && s < set->finished + CW_STREAM_FINISHED_MAX)
        return;
    event->kind = CW_STREAM_EVENT_CHANGED;
    event->stream = s;
}

static int take_credit(struct cw_stream_set *set, const uint8_t *payload, size_t size,
                       uint64_t now_ns, struct cw_stream_event *event)
{
    struct cw_credit m;
    if (cw_credit_decode(payload, size, &m) != CW_OK)
        return CW_ERR_INVALID;
    struct cw_byte_stream *s = find(set, &m.id);
    int err = s != NULL ? cw_byte_stream_on_credit(s, &m, now_ns) : CW_ERR_NOT_FOUND;
    /* It was offered again before this end heard that the other had given it up. */
    if (err == CW_ERR_NOT_FOUND && (m.flags & CW_CREDIT_RESYNC) != 0)
        answer(set, &m.id, CW_CLOSE_STREAM_UNKNOWN, true);
    if (err != CW_OK)
        return err == CW_ERR_INVALID ? err : CW_OK;
    tell(set, s, event);
    return CW_OK;
}

static int take_close(struct cw_stream_set *set, const uint8_t *payload, size_t size,
                      uint64_t now_ns, struct cw_stream_event *event)
{
    struct cw_stream_close m;
    if (cw_stream_close_decode(payload, size, &m) != CW_OK)
        return CW_ERR_INVALID;
    struct cw_byte_stream *s = find(set, &m.id);
    if (s == NULL)
        return CW_OK;
    tell(set, s, event);
    return cw_byte_stream_on_close(s, &m, now_ns);
}

static int take_data(struct cw_stream_set *set, uint8_t channel, uint16_t header_stream,
                     const uint8_t *payload, size_t size, uint64_t now_ns,
                     struct cw_stream_event *event)
{
    struct cw_stream_data m;
    if (cw_stream_data_decode(payload, size, &m) != CW_OK)
        return CW_ERR_INVALID;
    struct cw_stream_id id = {channel, header_stream, m.instance};
    struct cw_byte_stream *s = find(set, &id);
    if (s == NULL)
        return CW_OK; /* it was given up while this was under way */
    int err = cw_byte_stream_on_data(s, &m, now_ns, &event->bytes, &event->size);
    if (s->state == CW_STREAM_FAILED)
        tell(set, s, event);
    if (err != CW_OK || event->size == 0)
        return err == CW_ERR_STATE ? CW_OK : err;
    event->kind = CW_STREAM_EVENT_DATA;
    event->stream = s;
    return CW_OK;
}

/* Who sends to somebody who is away waits: after the other's return the engine says where to go on. */
static int take_peer(struct cw_stream_set *set, const uint8_t *payload, size_t size,
                     struct cw_stream_event *event)
{
    if (cw_peer_note_decode(payload, size, &event->peer) != CW_OK)
        return CW_ERR_INVALID;
    event->kind = CW_STREAM_EVENT_PEER;
    for (unsigned i = 0; i < set->count; i++) {
        struct cw_byte_stream *s = set->streams[i];
        bool is_source = event->peer.role != CW_ROLE_REPRESENTATIVE;
        if (s->peer == event->peer.participant || (s->peer == 0 && is_source))
            cw_byte_stream_peer(s, event->peer.connected != 0);
    }
    return CW_OK;
}

int cw_stream_set_take(struct cw_stream_set *set, uint8_t type, uint16_t header_stream,
                       const uint8_t *payload, size_t size, uint64_t now_ns,
                       struct cw_stream_event *ret_event)
{
    *ret_event = (struct cw_stream_event){.kind = CW_STREAM_EVENT_NONE};
    if (type == CW_MESSAGE_STREAM_OPEN)
        return take_open(set, payload, size, ret_event);
    if (type == CW_MESSAGE_CREDIT)
        return take_credit(set, payload, size, now_ns, ret_event);
    if (type == CW_MESSAGE_STREAM_CLOSE)
        return take_close(set, payload, size, now_ns, ret_event);
    if (type == CW_MESSAGE_PEER)
        return take_peer(set, payload, size, ret_event);
    CW_CHECK(cw_message_is_stream_data(type), "the caller asked cw_stream_set_takes");
    return take_data(set, cw_message_info(type)->channel, header_stream, payload, size, now_ns,
                     ret_event);
}

static uint8_t next_answer(struct cw_stream_set *set, uint8_t *out, size_t out_size,
                           size_t *ret_size)
{
    struct cw_stream_close m = {.id = set->answers[0].id, .code = set->answers[0].code, .text = ""};
    int err = cw_stream_close_encode(&m, out, out_size, ret_size);
    CW_CHECK(err == CW_OK, "the caller's buffer holds a frame");
    forget_answer(set, 0);
    return CW_MESSAGE_STREAM_CLOSE;
}

uint8_t cw_stream_set_next(struct cw_stream_set *set, uint64_t now_ns, uint8_t *out,
                           size_t out_size, size_t *ret_size, uint16_t *ret_header_stream)
{
    struct cw_byte_stream *best = finished_with_next(set, now_ns);
    unsigned best_class = best != NULL ? 0 : CW_SEND_CLASS_COUNT;
    *ret_header_stream = 0;
    if (set->answer_count > 0)
        return next_answer(set, out, out_size, ret_size);
    for (unsigned i = 1; i <= set->count; i++) {
        unsigned at = (set->turn + i) % set->count;
        struct cw_byte_stream *s = set->streams[at];
        unsigned send_class = cw_channel_send_class(s->id.channel);
        if (send_class < best_class && cw_byte_stream_has_next(s, now_ns)) {
            best = s;
            best_class = send_class;
        }
    }
    if (best == NULL)
        return 0;
    for (unsigned i = 0; i < set->count; i++)
        if (set->streams[i] == best)
            set->turn = i;
    uint8_t type = cw_byte_stream_next(best, now_ns, out, out_size, ret_size);
    if (cw_message_is_stream_data(type))
        *ret_header_stream = best->id.stream;
    return type;
}

uint64_t cw_stream_set_deadline_ns(const struct cw_stream_set *set)
{
    uint64_t first_ns = UINT64_MAX;
    for (unsigned i = 0; i < set->count; i++) {
        uint64_t at_ns = cw_byte_stream_deadline_ns(set->streams[i]);
        first_ns = at_ns < first_ns ? at_ns : first_ns;
    }
    return first_ns;
}
