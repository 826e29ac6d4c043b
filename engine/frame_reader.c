/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/frame_reader.h"

#include <string.h>

#include "engine/base/err.h"

/* Checks the frame against the message it continues or begins. */
static int check_message(struct cw_frame_reader *r, const struct cw_frame *f)
{
    const struct cw_message_info *info = cw_message_info(f->type);
    const unsigned ends = CW_FLAG_FIRST | CW_FLAG_LAST;
    uint8_t kept_flags = (uint8_t)(f->flags & ~ends);
    if (info == NULL || f->stream != 0)
        return CW_ERR_INVALID;
    if (info->most <= CW_FRAME_PAYLOAD_BYTES_MAX) {
        if ((f->flags & ends) != ends || f->length < info->least)
            return CW_ERR_INVALID;
        return r->open[f->channel].type == 0 ? CW_OK : CW_ERR_INVALID;
    }
    bool is_first = (f->flags & CW_FLAG_FIRST) != 0;
    if (is_first != (r->open[f->channel].type == 0))
        return CW_ERR_INVALID;
    if (is_first) {
        r->open[f->channel].type = f->type;
        r->open[f->channel].flags = kept_flags;
        r->open[f->channel].bytes = 0;
    } else if (r->open[f->channel].type != f->type || r->open[f->channel].flags != kept_flags) {
        return CW_ERR_INVALID;
    }
    if (f->length > info->most - r->open[f->channel].bytes)
        return CW_ERR_TOO_LARGE;
    r->open[f->channel].bytes += f->length;
    if ((f->flags & CW_FLAG_LAST) != 0) {
        r->open[f->channel].type = 0;
        return r->open[f->channel].bytes >= info->least ? CW_OK : CW_ERR_INVALID;
    }
    /* Empty frames in the middle would never reach the size limit. */
    return f->length > 0 ? CW_OK : CW_ERR_INVALID;
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

size_t cw_frame_reader_wanted(const struct cw_frame_reader *r)
{
    return r->frame != NULL ? r->frame->size - r->at : CW_FRAME_HEADER_BYTES - r->at;
}

bool cw_frame_reader_is_between(const struct cw_frame_reader *r)
{
    return r->frame == NULL && r->at == 0;
}

void cw_frame_reader_fini(struct cw_frame_reader *r, struct cw_frame_pools *pools)
{
    cw_frame_unref(pools, r->frame);
    *r = (struct cw_frame_reader){0};
}
