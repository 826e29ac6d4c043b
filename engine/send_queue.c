/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/send_queue.h"

#include "engine/base/check.h"
#include "engine/base/err.h"

int cw_queue_push(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_buffer *frame)
{
    struct cw_queue_entry *entry = cw_pool_take(entries);
    if (entry == NULL)
        return CW_ERR_FULL;
    cw_frame_ref(frame);
    *entry = (struct cw_queue_entry){.frame = frame};
    struct cw_queue_channel *c = &q->channels[frame->frame.channel];
    if (c->tail != NULL)
        c->tail->next = entry;
    else
        c->head = entry;
    c->tail = entry;
    c->bytes += frame->size;
    q->bytes += frame->size;
    return CW_OK;
}

/* Takes the head of a channel out; the caller gets its reference. */
static struct cw_frame_buffer *take_head(struct cw_queue *q, struct cw_pool *entries,
                                         struct cw_queue_channel *c)
{
    struct cw_queue_entry *entry = c->head;
    struct cw_frame_buffer *frame = entry->frame;
    c->head = entry->next;
    if (c->head == NULL)
        c->tail = NULL;
    cw_pool_give(entries, entry);
    CW_DCHECK(c->bytes >= frame->size && q->bytes >= c->bytes, "queue bytes are the frames' sum");
    c->bytes -= frame->size;
    q->bytes -= frame->size;
    return frame;
}

/* The channel of this class whose turn it is, or CW_CHANNEL_COUNT. Control takes no turns: what it says, WELCOME
 * above all, is about what follows on the other channels. */
static unsigned channel_of_class(const struct cw_queue *q, unsigned send_class)
{
    if (send_class == 0 && q->channels[CW_CHANNEL_CONTROL].head != NULL)
        return CW_CHANNEL_CONTROL;
    for (unsigned i = 1; i <= CW_CHANNEL_COUNT; i++) {
        unsigned channel = (q->turn[send_class] + i) % CW_CHANNEL_COUNT;
        if (q->channels[channel].head != NULL &&
            cw_channel_send_class((uint8_t)channel) == send_class)
            return channel;
    }
    return CW_CHANNEL_COUNT;
}

static unsigned next_channel(const struct cw_queue *q)
{
    if (q->bytes == 0)
        return CW_CHANNEL_COUNT;
    unsigned last = channel_of_class(q, CW_SEND_CLASS_COUNT - 1);
    if (last != CW_CHANNEL_COUNT &&
        q->floor_credit / CW_RELAY_FLOOR_SHARE >= q->channels[last].head->frame->size)
        return last;
    for (unsigned send_class = 0; send_class < CW_SEND_CLASS_COUNT - 1; send_class++) {
        unsigned channel = channel_of_class(q, send_class);
        if (channel != CW_CHANNEL_COUNT)
            return channel;
    }
    return last;
}

uint32_t cw_queue_next_size(const struct cw_queue *q)
{
    unsigned channel = next_channel(q);
    return channel == CW_CHANNEL_COUNT ? 0 : q->channels[channel].head->frame->size;
}

struct cw_frame_buffer *cw_queue_pop(struct cw_queue *q, struct cw_pool *entries)
{
    unsigned channel = next_channel(q);
    if (channel == CW_CHANNEL_COUNT)
        return NULL;
    struct cw_queue_channel *c = &q->channels[channel];
    struct cw_frame_buffer *frame = take_head(q, entries, c);
    c->in_message = (frame->frame.flags & CW_FLAG_LAST) == 0;
    unsigned send_class = cw_channel_send_class((uint8_t)channel);
    if (channel != CW_CHANNEL_CONTROL)
        q->turn[send_class] = (uint8_t)channel;
    if (send_class == CW_SEND_CLASS_COUNT - 1)
        q->floor_credit = 0;
    else if (channel_of_class(q, CW_SEND_CLASS_COUNT - 1) != CW_CHANNEL_COUNT)
        q->floor_credit += frame->size;
    return frame;
}

void cw_queue_clear(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_pools *frames,
                    uint8_t channel)
{
    struct cw_queue_channel *c = &q->channels[channel];
    while (c->head != NULL)
        cw_frame_unref(frames, take_head(q, entries, c));
    c->in_message = false;
}

bool cw_queue_clear_messages(struct cw_queue *q, struct cw_pool *entries,
                             struct cw_frame_pools *frames, uint8_t channel)
{
    struct cw_queue_channel *c = &q->channels[channel];
    struct cw_queue_entry *kept_tail = NULL;
    bool growing = c->in_message;
    /* Frames of the partly sent message come first, up to its LAST. */
    for (struct cw_queue_entry *e = c->head; growing && e != NULL; e = e->next) {
        kept_tail = e;
        growing = (e->frame->frame.flags & CW_FLAG_LAST) == 0;
    }
    struct cw_queue_entry *e = kept_tail != NULL ? kept_tail->next : c->head;
    while (e != NULL) {
        struct cw_queue_entry *next = e->next;
        c->bytes -= e->frame->size;
        q->bytes -= e->frame->size;
        cw_frame_unref(frames, e->frame);
        cw_pool_give(entries, e);
        e = next;
    }
    c->tail = kept_tail;
    if (kept_tail != NULL)
        kept_tail->next = NULL;
    else
        c->head = NULL;
    return growing;
}

void cw_queue_clear_all(struct cw_queue *q, struct cw_pool *entries, struct cw_frame_pools *frames)
{
    for (unsigned channel = 0; channel < CW_CHANNEL_COUNT; channel++)
        cw_queue_clear(q, entries, frames, (uint8_t)channel);
}

uint32_t cw_queue_reliable_bytes(const struct cw_queue *q)
{
    return q->bytes - q->channels[CW_CHANNEL_SCREEN].bytes;
}
