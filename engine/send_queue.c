/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/send_queue.h"

#include "engine/base/check.h"
#include "engine/base/err.h"

/* The channels of each send class, a bit each. */
#define IN_0(name, number, text, send_class) | ((send_class) == 0 ? 1U << (number) : 0U)
#define IN_1(name, number, text, send_class) | ((send_class) == 1 ? 1U << (number) : 0U)
#define IN_2(name, number, text, send_class) | ((send_class) == 2 ? 1U << (number) : 0U)
#define IN_3(name, number, text, send_class) | ((send_class) == 3 ? 1U << (number) : 0U)
static const uint16_t class_channels[CW_SEND_CLASS_COUNT] = {
    0U CW_CHANNELS(IN_0), 0U CW_CHANNELS(IN_1), 0U CW_CHANNELS(IN_2), 0U CW_CHANNELS(IN_3)};
_Static_assert(CW_CHANNEL_COUNT <= 16, "a channel is a bit in 16");

enum {
    LAST_CLASS = CW_SEND_CLASS_COUNT - 1,
    CONTROL_BIT = 1 << CW_CHANNEL_CONTROL,
    /* The screen by its own limit, streams by what their receiver granted. */
    BOUNDED_ELSEWHERE = 1 << CW_CHANNEL_SCREEN | 1 << CW_CHANNEL_SHELL | 1 << CW_CHANNEL_CLIPBOARD |
                        1 << CW_CHANNEL_SYSTEM | 1 << CW_CHANNEL_FILE | 1 << CW_CHANNEL_TUNNEL,
};

int cw_queue_push(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_buffer *frame)
{
    struct cw_queue_entry *entry = cw_pool_take(entries);
    if (entry == NULL)
        return CW_ERR_FULL;
    cw_frame_ref(frame);
    *entry = (struct cw_queue_entry){.frame = frame, .lane_tail = entry};
    struct cw_queue_channel *c = &q->channels[frame->frame.channel];
    struct cw_queue_entry *lane = c->head;
    while (lane != NULL && lane->frame->frame.stream != frame->frame.stream)
        lane = lane->next_lane;
    if (lane != NULL) {
        lane->lane_tail->next = entry;
        lane->lane_tail = entry;
    } else if (c->tail != NULL) {
        c->tail->next_lane = entry;
        c->tail = entry;
    } else {
        c->head = entry;
        c->tail = entry;
    }
    c->bytes += frame->size;
    c->frames++;
    q->bytes += frame->size;
    q->frames++;
    q->waiting = (uint16_t)(q->waiting | 1U << frame->frame.channel);
    return CW_OK;
}

bool cw_queue_is_at_rest(const struct cw_queue *q)
{
    return q->waiting == 0 && q->in_message == 0;
}

/* The channel of this class whose turn it is, or CW_CHANNEL_COUNT. Control takes no turns: what it says, WELCOME
 * above all, is about what follows on the other channels. */
static unsigned channel_of_class(const struct cw_queue *q, unsigned send_class)
{
    unsigned bits = q->waiting & class_channels[send_class];
    if (bits == 0)
        return CW_CHANNEL_COUNT;
    if ((bits & CONTROL_BIT) != 0)
        return CW_CHANNEL_CONTROL;
    unsigned after = bits & ~0U << q->turn[send_class] << 1;
    return (unsigned)__builtin_ctz(after != 0 ? after : bits);
}

static unsigned next_channel(const struct cw_queue *q)
{
    unsigned last = channel_of_class(q, LAST_CLASS);
    if (last != CW_CHANNEL_COUNT &&
        q->floor_credit / CW_RELAY_FLOOR_SHARE >= q->channels[last].head->frame->size)
        return last;
    for (unsigned send_class = 0; send_class < LAST_CLASS; send_class++) {
        unsigned channel = channel_of_class(q, send_class);
        if (channel != CW_CHANNEL_COUNT)
            return channel;
    }
    return last;
}

const struct cw_frame_buffer *cw_queue_peek(const struct cw_queue *q)
{
    return q->waiting != 0 ? q->channels[next_channel(q)].head->frame : NULL;
}

/* Takes the head of a channel out; the caller gets its reference. */
static struct cw_frame_buffer *take_head(struct cw_queue *q, struct cw_pool *entries,
                                         unsigned channel)
{
    struct cw_queue_channel *c = &q->channels[channel];
    struct cw_queue_entry *entry = c->head;
    struct cw_frame_buffer *frame = entry->frame;
    struct cw_queue_entry *after = entry->next;
    c->head = entry->next_lane;
    if (c->head == NULL)
        c->tail = NULL;
    if (after != NULL) {
        /* What is left of the lane has its next turn after the others. */
        after->lane_tail = entry->lane_tail;
        after->next_lane = NULL;
        if (c->tail != NULL)
            c->tail->next_lane = after;
        else
            c->head = after;
        c->tail = after;
    }
    if (c->head == NULL) {
        q->waiting = (uint16_t)(q->waiting & ~(1U << channel));
    }
    cw_pool_give(entries, entry);
    CW_DCHECK(c->bytes >= frame->size && q->bytes >= c->bytes, "queue bytes are the frames' sum");
    c->bytes -= frame->size;
    c->frames--;
    q->bytes -= frame->size;
    q->frames--;
    return frame;
}

static void set_in_message(struct cw_queue *q, unsigned channel, bool is_in)
{
    unsigned bit = 1U << channel;
    q->in_message = (uint16_t)(is_in ? q->in_message | bit : q->in_message & ~bit);
}

struct cw_frame_buffer *cw_queue_pop(struct cw_queue *q, struct cw_pool *entries)
{
    if (q->waiting == 0)
        return NULL;
    unsigned channel = next_channel(q);
    struct cw_frame_buffer *frame = take_head(q, entries, channel);
    set_in_message(q, channel, (frame->frame.flags & CW_FLAG_LAST) == 0);
    unsigned send_class = cw_channel_send_class((uint8_t)channel);
    if (channel != CW_CHANNEL_CONTROL)
        q->turn[send_class] = (uint8_t)channel;
    if (send_class == LAST_CLASS)
        q->floor_credit = 0;
    else if ((q->waiting & class_channels[LAST_CLASS]) != 0)
        q->floor_credit += frame->size;
    return frame;
}

void cw_queue_clear(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_pools *frames,
                    uint8_t channel)
{
    while (q->channels[channel].head != NULL)
        cw_frame_unref(frames, take_head(q, entries, channel));
    set_in_message(q, channel, false);
}

void cw_queue_clear_stream(struct cw_queue *q, struct cw_pool *entries,
                           struct cw_frame_pools *frames, uint8_t channel, uint16_t stream)
{
    struct cw_queue_channel *c = &q->channels[channel];
    struct cw_queue_entry *before = NULL;
    struct cw_queue_entry *e = c->head;
    while (e != NULL && e->frame->frame.stream != stream) {
        before = e;
        e = e->next_lane;
    }
    if (e == NULL)
        return;
    if (before != NULL)
        before->next_lane = e->next_lane;
    else
        c->head = e->next_lane;
    if (c->tail == e)
        c->tail = before;
    while (e != NULL) {
        struct cw_queue_entry *next = e->next;
        c->bytes -= e->frame->size;
        c->frames--;
        q->bytes -= e->frame->size;
        q->frames--;
        cw_frame_unref(frames, e->frame);
        cw_pool_give(entries, e);
        e = next;
    }
    if (c->head == NULL)
        q->waiting = (uint16_t)(q->waiting & ~(1U << channel));
}

bool cw_queue_clear_messages(struct cw_queue *q, struct cw_pool *entries,
                             struct cw_frame_pools *frames, uint8_t channel)
{
    struct cw_queue_channel *c = &q->channels[channel];
    struct cw_queue_entry *kept_tail = NULL;
    bool growing = (q->in_message >> channel & 1) != 0;
    /* Frames of the partly sent message come first, up to its LAST. */
    for (struct cw_queue_entry *e = c->head; growing && e != NULL; e = e->next) {
        kept_tail = e;
        growing = (e->frame->frame.flags & CW_FLAG_LAST) == 0;
    }
    struct cw_queue_entry *e = kept_tail != NULL ? kept_tail->next : c->head;
    while (e != NULL) {
        struct cw_queue_entry *next = e->next;
        c->bytes -= e->frame->size;
        c->frames--;
        q->bytes -= e->frame->size;
        q->frames--;
        cw_frame_unref(frames, e->frame);
        cw_pool_give(entries, e);
        e = next;
    }
    if (kept_tail != NULL) {
        kept_tail->next = NULL;
        c->head->lane_tail = kept_tail;
    } else {
        c->head = NULL;
        c->tail = NULL;
        q->waiting = (uint16_t)(q->waiting & ~(1U << channel));
    }
    return growing;
}

void cw_queue_clear_all(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_pools *frames)
{
    for (unsigned channel = 0; channel < CW_CHANNEL_COUNT; channel++)
        cw_queue_clear(q, entries, frames, (uint8_t)channel);
}

uint32_t cw_queue_reliable_bytes(const struct cw_queue *q)
{
    uint32_t bytes = q->bytes;
    for (unsigned bits = q->waiting & BOUNDED_ELSEWHERE; bits != 0; bits &= bits - 1)
        bytes -= q->channels[__builtin_ctz(bits)].bytes;
    return bytes;
}

uint32_t cw_queue_reliable_frames(const struct cw_queue *q)
{
    uint32_t frames = q->frames;
    for (unsigned bits = q->waiting & BOUNDED_ELSEWHERE; bits != 0; bits &= bits - 1)
        frames -= q->channels[__builtin_ctz(bits)].frames;
    return frames;
}
