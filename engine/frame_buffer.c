/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/frame_buffer.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

static const struct {
    uint32_t room_bytes;
    uint32_t count;
} classes[CW_FRAME_CLASS_COUNT] = {
    [CW_FRAME_SMALL] = {CW_RELAY_SMALL_FRAME_BYTES, CW_RELAY_SMALL_FRAMES_MAX},
    [CW_FRAME_MEDIUM] = {CW_RELAY_MEDIUM_FRAME_BYTES, CW_RELAY_MEDIUM_FRAMES_MAX},
    [CW_FRAME_LARGE] = {CW_RELAY_RECORD_BYTES_MAX, CW_RELAY_LARGE_FRAMES_MAX},
};

int cw_frame_pools_init(struct cw_frame_pools *p)
{
    *p = (struct cw_frame_pools){0};
    int err = CW_OK;
    for (unsigned i = 0; err == CW_OK && i < CW_FRAME_CLASS_COUNT; i++)
        err = cw_pool_init(&p->of[i], sizeof(struct cw_frame_buffer) + classes[i].room_bytes,
                           classes[i].count);
    return err;
}

void cw_frame_pools_fini(struct cw_frame_pools *p)
{
    for (unsigned i = 0; i < CW_FRAME_CLASS_COUNT; i++)
        cw_pool_fini(&p->of[i]);
}

uint32_t cw_frame_pools_used(const struct cw_frame_pools *p)
{
    uint32_t used = 0;
    for (unsigned i = 0; i < CW_FRAME_CLASS_COUNT; i++)
        used += p->of[i].used;
    return used;
}

struct cw_frame_buffer *cw_frame_room(struct cw_frame_pools *p, size_t size)
{
    CW_CHECK(size <= CW_RELAY_RECORD_BYTES_MAX, "no record and no frame is larger");
    /* A class that has run out is stood in for by the next larger one. */
    for (unsigned i = 0; i < CW_FRAME_CLASS_COUNT; i++) {
        struct cw_frame_buffer *f = size <= classes[i].room_bytes ? cw_pool_take(&p->of[i]) : NULL;
        if (f == NULL)
            continue;
        f->references = 1;
        f->bytes = f->room;
        f->pool = (uint8_t)i;
        f->is_raw = false;
        f->arrived_ns = 0;
        return f;
    }
    return NULL;
}

struct cw_frame_buffer *cw_frame_new(struct cw_frame_pools *p, const struct cw_frame *frame)
{
    CW_CHECK(frame->length <= CW_FRAME_PAYLOAD_BYTES_MAX,
             "the header was decoded or made by the engine");
    struct cw_frame_buffer *f = cw_frame_room(p, CW_FRAME_HEADER_BYTES + frame->length);
    if (f == NULL)
        return NULL;
    f->size = CW_FRAME_HEADER_BYTES + frame->length;
    f->frame = *frame;
    cw_frame_encode(frame, f->bytes);
    return f;
}

struct cw_frame_buffer *cw_frame_make(struct cw_frame_pools *p, uint8_t type, uint32_t session,
                                      const void *payload, size_t payload_bytes)
{
    const struct cw_message_info *info = cw_message_info(type);
    CW_CHECK(info != NULL && payload_bytes <= CW_FRAME_PAYLOAD_BYTES_MAX,
             "the engine makes only frames that it may send");
    struct cw_frame frame = {
        .type = type,
        .channel = info->channel,
        .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
        .session = session,
        .length = (uint32_t)payload_bytes,
    };
    struct cw_frame_buffer *f = cw_frame_new(p, &frame);
    if (f != NULL && payload_bytes > 0)
        memcpy(cw_frame_payload(f), payload, payload_bytes);
    return f;
}

struct cw_frame_buffer *cw_frame_raw(struct cw_frame_pools *p, const void *bytes, size_t size)
{
    struct cw_frame_buffer *f = cw_frame_room(p, size);
    if (f == NULL)
        return NULL;
    f->is_raw = true;
    f->size = (uint32_t)size;
    f->frame =
        (struct cw_frame){.channel = CW_CHANNEL_CONTROL, .flags = CW_FLAG_FIRST | CW_FLAG_LAST};
    memcpy(f->bytes, bytes, size);
    return f;
}

void cw_frame_ref(struct cw_frame_buffer *f)
{
    CW_DCHECK(f->references > 0, "only a holder can share a frame");
    f->references++;
}

void cw_frame_unref(struct cw_frame_pools *p, struct cw_frame_buffer *f)
{
    if (f == NULL)
        return;
    CW_CHECK(f->references > 0, "a frame is given back once");
    if (--f->references == 0)
        cw_pool_give(&p->of[f->pool], f);
}

uint8_t *cw_frame_payload(struct cw_frame_buffer *f)
{
    return f->bytes + CW_FRAME_HEADER_BYTES;
}
