/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/frame.h"

#include "engine/base/err.h"
#include "engine/base/span.h"

const struct cw_message_info *cw_message_info(uint8_t type)
{
    static const struct cw_message_info by_type[256] = {
#define X(name, number, channel, least, most)                                                      \
    [number] = {(number), CW_CHANNEL_##channel, (least), (most), #name},
        CW_MESSAGES(X)
#undef X
    };
    return by_type[type].name != NULL ? &by_type[type] : NULL;
}

/* Every frame comes this way, so the bytes are taken without a reader's checks; the size was compared once. */
static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int cw_frame_decode(const uint8_t *data, size_t size, struct cw_frame *ret_frame)
{
    if (size < CW_FRAME_HEADER_BYTES)
        return CW_ERR_AGAIN;
    uint8_t version = data[0];
    struct cw_frame f = {
        .type = data[1],
        .channel = data[2],
        .flags = data[3],
        .stream = (uint16_t)(data[4] | data[5] << 8),
        .session = u32_at(data + 8),
        .length = u32_at(data + 12),
    };
    bool is_zero = (data[6] | data[7]) == 0;
    if (version != CW_FRAME_VERSION)
        return CW_ERR_UNSUPPORTED;
    if (f.length > CW_FRAME_PAYLOAD_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    const struct cw_message_info *info = cw_message_info(f.type);
    if (info == NULL || info->channel != f.channel || (f.flags & CW_FLAG_RESERVED) != 0 ||
        !is_zero)
        return CW_ERR_INVALID;
    if (f.length > info->most)
        return CW_ERR_TOO_LARGE;
    *ret_frame = f;
    return CW_OK;
}

void cw_frame_encode(const struct cw_frame *frame, uint8_t *out)
{
    struct cw_writer w = cw_writer_of(out, CW_FRAME_HEADER_BYTES);
    cw_write_u8(&w, CW_FRAME_VERSION);
    cw_write_u8(&w, frame->type);
    cw_write_u8(&w, frame->channel);
    cw_write_u8(&w, frame->flags);
    cw_write_u16(&w, frame->stream);
    cw_write_u16(&w, 0);
    cw_write_u32(&w, frame->session);
    cw_write_u32(&w, frame->length);
}

uint8_t cw_channel_send_class(uint8_t channel)
{
    static const uint8_t classes[CW_CHANNEL_COUNT] = {
#define X(name, number, text, send_class) [number] = (send_class),
        CW_CHANNELS(X)
#undef X
    };
    return channel < CW_CHANNEL_COUNT ? classes[channel] : CW_SEND_CLASS_COUNT - 1;
}

const char *cw_channel_name(uint8_t channel)
{
    switch (channel) {
#define X(name, number, text, send_class)                                                          \
    case number: return text;
        CW_CHANNELS(X)
#undef X
    default: return "unknown";
    }
}

const char *cw_role_name(uint8_t role)
{
    switch (role) {
#define X(name, number, text)                                                                      \
    case number: return text;
        CW_ROLES(X)
#undef X
    default: return "unknown";
    }
}

const char *cw_permission_name(unsigned bit)
{
    switch (bit) {
#define X(name, number, text)                                                                      \
    case number: return text;
        CW_PERMISSIONS(X)
#undef X
    default: return "unknown";
    }
}

const char *cw_close_text(uint16_t code)
{
    switch (code) {
#define X(name, number, text)                                                                      \
    case number: return text;
        CW_CLOSE_CODES(X)
#undef X
    default: return "The connection was closed.";
    }
}

const char *cw_close_name(uint16_t code)
{
    switch (code) {
#define X(name, number, text)                                                                      \
    case number: return #name;
        CW_CLOSE_CODES(X)
#undef X
    default: return "UNKNOWN";
    }
}
