/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/frame_buffer.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

int cw_frame_pools_init(struct cw_frame_pools *p)
{
    *p = (struct cw_frame_pools){0};
    int err = cw_pool_init(&p->small, sizeof(struct cw_frame_buffer) + CW_RELAY_SMALL_FRAME_BYTES,
                           CW_RELAY_SMALL_FRAMES_MAX);
    if (err == CW_OK)
        err = cw_pool_init(&p->large, sizeof(struct cw_frame_buffer) + CW_FRAME_BYTES_MAX,
                           CW_RELAY_LARGE_FRAMES_MAX);
    return err;
}

void cw_frame_pools_fini(struct cw_frame_pools *p)
{
    cw_pool_fini(&p->small);
    cw_pool_fini(&p->large);
}

struct cw_frame_buffer *cw_frame_new(struct cw_frame_pools *p, const struct cw_frame *frame)
{
    uint32_t size = CW_FRAME_HEADER_BYTES + frame->length;
    CW_CHECK(size <= CW_FRAME_BYTES_MAX, "the header was decoded or made by the engine");
    struct cw_frame_buffer *f =
        cw_pool_take(size <= CW_RELAY_SMALL_FRAME_BYTES ? &p->small : &p->large);
    if (f == NULL)
        return NULL;
    f->references = 1;
    f->size = size;
    f->arrived_ns = 0;
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
        cw_pool_give(f->size <= CW_RELAY_SMALL_FRAME_BYTES ? &p->small : &p->large, f);
}

uint8_t *cw_frame_payload(struct cw_frame_buffer *f)
{
    return f->bytes + CW_FRAME_HEADER_BYTES;
}
