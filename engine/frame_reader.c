/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/frame_reader.h"

#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/stream_message.h"

static struct cw_open_message *find_open(struct cw_frame_reader *r, const struct cw_frame *f)
{
    for (uint32_t i = 0; i < r->open_count; i++)
        if (r->open[i].channel == f->channel && r->open[i].stream == f->stream)
            return &r->open[i];
    return NULL;
}

/* A message that may take several frames. */
static int check_part(struct cw_frame_reader *r, const struct cw_frame *f,
                      const struct cw_message_info *info)
{
    uint8_t kept_flags = (uint8_t)(f->flags & ~(CW_FLAG_FIRST | CW_FLAG_LAST));
    bool is_last = (f->flags & CW_FLAG_LAST) != 0;
    struct cw_open_message *m = find_open(r, f);
    if (((f->flags & CW_FLAG_FIRST) != 0) != (m == NULL))
        return CW_ERR_INVALID;
    uint32_t before = m != NULL ? m->bytes : 0;
    if (m != NULL && (m->type != f->type || m->flags != kept_flags))
        return CW_ERR_INVALID;
    if (f->length > info->most - before)
        return CW_ERR_TOO_LARGE;
    if (is_last) {
        if (m != NULL)
            *m = r->open[--r->open_count];
        return before + f->length >= info->least ? CW_OK : CW_ERR_INVALID;
    }
    /* Empty frames in the middle would never reach the size limit. */
    if (f->length == 0)
        return CW_ERR_INVALID;
    if (m == NULL) {
        if (r->open_count == CW_RELAY_OPEN_MESSAGES_MAX)
            return CW_ERR_FULL;
        m = &r->open[r->open_count++];
        *m = (struct cw_open_message){
            .stream = f->stream, .channel = f->channel, .type = f->type, .flags = kept_flags};
    }
    m->bytes = before + f->length;
    return CW_OK;
}

/* Checks the frame against the message it continues or begins. */
static int check_message(struct cw_frame_reader *r, const struct cw_frame *f)
{
    const struct cw_message_info *info = cw_message_info(f->type);
    const unsigned ends = CW_FLAG_FIRST | CW_FLAG_LAST;
    if (info == NULL || (f->stream != 0 && !cw_message_is_stream_data(f->type)))
        return CW_ERR_INVALID;
    if (info->most > CW_FRAME_PAYLOAD_BYTES_MAX)
        return check_part(r, f, info);
    if ((f->flags & ends) != ends || f->length < info->least)
        return CW_ERR_INVALID;
    return r->open_count == 0 || find_open(r, f) == NULL ? CW_OK : CW_ERR_INVALID;
}

int cw_frame_reader_push(struct cw_frame_reader *r, struct cw_frame_pools *pools,
                         const uint8_t *data, size_t size, size_t *ret_used,
                         struct cw_frame_buffer **ret_frame)
{
    size_t used = 0;
    *ret_frame = NULL;
    if (r->frame == NULL) {
        used = CW_FRAME_HEADER_BYTES - r->at;
        if (used > size)
            used = size;
        memcpy(r->header + r->at, data, used);
        r->at += (uint32_t)used;
        *ret_used = used;
        if (r->at < CW_FRAME_HEADER_BYTES)
            return CW_OK;
        struct cw_frame frame;
        int err = cw_frame_decode(r->header, sizeof r->header, &frame);
        if (err == CW_OK)
            err = check_message(r, &frame);
        if (err != CW_OK)
            return err;
        r->frame = cw_frame_new(pools, &frame);
        if (r->frame == NULL)
            return CW_ERR_FULL;
    }
    size_t part = r->frame->size - r->at;
    if (part > size - used)
        part = size - used;
    memcpy(r->frame->bytes + r->at, data + used, part);
    r->at += (uint32_t)part;
    *ret_used = used + part;
    if (r->at == r->frame->size) {
        *ret_frame = r->frame;
        r->frame = NULL;
        r->at = 0;
    }
    return CW_OK;
}

int cw_frame_reader_adopt(struct cw_frame_reader *r, struct cw_frame_buffer *f, size_t size)
{
    struct cw_frame frame;
    if (r->at != 0 || size < CW_FRAME_HEADER_BYTES)
        return CW_ERR_AGAIN;
    int err = cw_frame_decode(f->bytes, CW_FRAME_HEADER_BYTES, &frame);
    if (err != CW_OK)
        return err;
    if (CW_FRAME_HEADER_BYTES + frame.length != size)
        return CW_ERR_AGAIN;
    f->frame = frame;
    f->size = (uint32_t)size;
    return check_message(r, &frame);
}

bool cw_frame_reader_is_between(const struct cw_frame_reader *r)
{
    return r->at == 0;
}

bool cw_frame_reader_is_at_rest(const struct cw_frame_reader *r)
{
    return r->at == 0 && r->open_count == 0;
}

void cw_frame_reader_fini(struct cw_frame_reader *r, struct cw_frame_pools *pools)
{
    cw_frame_unref(pools, r->frame);
    *r = (struct cw_frame_reader){0};
}
