/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/stream_message.h"

#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/wire/message.h"

/* X(channel): those whose bytes go in streams. */
#define STREAM_CHANNELS(X) \
    X(SHELL)               \
    X(CLIPBOARD)           \
    X(SYSTEM)              \
    X(FILE)                \
    X(TUNNEL)

uint8_t cw_channel_data_type(uint8_t channel)
{
    switch (channel) {
#define X(name) \
    case CW_CHANNEL_##name: return CW_MESSAGE_##name##_DATA;
        STREAM_CHANNELS(X)
#undef X
    default: return 0;
    }
}

uint64_t cw_channel_permission(uint8_t channel)
{
    switch (channel) {
#define X(name) \
    case CW_CHANNEL_##name: return CW_PERMIT(name);
        STREAM_CHANNELS(X)
#undef X
    default: return 0;
    }
}

bool cw_message_is_stream_data(uint8_t type)
{
    return type >= CW_MESSAGE_SHELL_DATA && type <= CW_MESSAGE_TUNNEL_DATA;
}

uint64_t cw_channel_window_bytes_max(uint8_t channel)
{
    return cw_channel_send_class(channel) == CW_SEND_CLASS_COUNT - 1
               ? CW_STREAM_BULK_WINDOW_BYTES_MAX
               : CW_STREAM_WINDOW_BYTES_MAX;
}

static int finish(const struct cw_writer *w, size_t *ret_size)
{
    if (w->failed)
        return CW_ERR_FULL;
    *ret_size = w->at;
    return CW_OK;
}

/* The first eight bytes of STREAM_OPEN, STREAM_CLOSE and CREDIT. */
static struct cw_stream_id read_id(struct cw_reader *r, uint8_t *ret_flags)
{
    struct cw_stream_id id = {0};
    id.channel = cw_read_u8(r);
    *ret_flags = cw_read_u8(r);
    id.stream = cw_read_u16(r);
    id.instance = cw_read_u32(r);
    return id;
}

static void write_id(struct cw_writer *w, const struct cw_stream_id *id, uint8_t flags)
{
    cw_write_u8(w, id->channel);
    cw_write_u8(w, flags);
    cw_write_u16(w, id->stream);
    cw_write_u32(w, id->instance);
}

static bool is_window(const struct cw_stream_id *id, uint64_t received, uint64_t limit)
{
    return cw_channel_data_type(id->channel) != 0 && limit >= received &&
           limit - received <= cw_channel_window_bytes_max(id->channel);
}

int cw_stream_open_decode(const uint8_t *data, size_t size, struct cw_stream_open *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_stream_open m = {0};
    m.id = read_id(&r, &m.flags);
    m.participant = cw_read_u32(&r);
    m.received = cw_read_u64(&r);
    m.limit = cw_read_u64(&r);
    m.parameters_bytes = cw_reader_left(&r);
    m.parameters = cw_read_bytes(&r, m.parameters_bytes);
    bool is_resume = (m.flags & CW_STREAM_OPEN_RESUME) != 0;
    if (!cw_reader_done(&r) || m.parameters_bytes > CW_STREAM_PARAMETERS_BYTES_MAX ||
        !is_window(&m.id, m.received, m.limit) ||
        (m.flags & ~(CW_STREAM_OPEN_RESUME | CW_STREAM_OPEN_SERVER)) != 0 ||
        (!is_resume && (m.received != 0 || m.flags != 0)))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_stream_open_encode(const struct cw_stream_open *m, uint8_t *out, size_t out_size,
                          size_t *ret_size)
{
    if (m->parameters_bytes > CW_STREAM_PARAMETERS_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    write_id(&w, &m->id, m->flags);
    cw_write_u32(&w, m->participant);
    cw_write_u64(&w, m->received);
    cw_write_u64(&w, m->limit);
    cw_write_bytes(&w, m->parameters, m->parameters_bytes);
    return finish(&w, ret_size);
}

int cw_stream_close_decode(const uint8_t *data, size_t size, struct cw_stream_close *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_stream_close m = {0};
    uint8_t zero = 0;
    m.id = read_id(&r, &zero);
    m.final = cw_read_u64(&r);
    m.code = cw_read_u16(&r);
    m.text_bytes = cw_reader_left(&r);
    m.text = (const char *)cw_read_bytes(&r, m.text_bytes);
    if (!cw_reader_done(&r) || zero != 0 || cw_channel_data_type(m.id.channel) == 0 ||
        m.text_bytes > CW_REASON_TEXT_BYTES_MAX || !cw_text_is_clean(m.text, m.text_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_stream_close_encode(const struct cw_stream_close *m, uint8_t *out, size_t out_size,
                           size_t *ret_size)
{
    if (m->text_bytes > CW_REASON_TEXT_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    write_id(&w, &m->id, 0);
    cw_write_u64(&w, m->final);
    cw_write_u16(&w, m->code);
    cw_write_bytes(&w, m->text, m->text_bytes);
    return finish(&w, ret_size);
}

int cw_credit_decode(const uint8_t *data, size_t size, struct cw_credit *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_credit m = {0};
    m.id = read_id(&r, &m.flags);
    m.received = cw_read_u64(&r);
    m.limit = cw_read_u64(&r);
    if (!cw_reader_done(&r) || !is_window(&m.id, m.received, m.limit) ||
        (m.flags & ~CW_CREDIT_RESYNC) != 0)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_credit_encode(const struct cw_credit *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    write_id(&w, &m->id, m->flags);
    cw_write_u64(&w, m->received);
    cw_write_u64(&w, m->limit);
    return finish(&w, ret_size);
}

int cw_peer_note_decode(const uint8_t *data, size_t size, struct cw_peer_note *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_peer_note m = {0};
    m.participant = cw_read_u32(&r);
    m.role = cw_read_u8(&r);
    m.connected = cw_read_u8(&r);
    uint16_t zero = cw_read_u16(&r);
    if (!cw_reader_done(&r) || m.role >= CW_ROLE_COUNT || m.connected > 1 || zero != 0)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_peer_note_encode(const struct cw_peer_note *m, uint8_t *out, size_t out_size,
                        size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->participant);
    cw_write_u8(&w, m->role);
    cw_write_u8(&w, m->connected);
    cw_write_u16(&w, 0);
    return finish(&w, ret_size);
}

int cw_stream_data_decode(const uint8_t *data, size_t size, struct cw_stream_data *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_stream_data m = {0};
    m.instance = cw_read_u32(&r);
    m.offset = cw_read_u64(&r);
    m.size = cw_reader_left(&r);
    m.bytes = cw_read_bytes(&r, m.size);
    if (!cw_reader_done(&r) || m.size == 0 || m.size > CW_STREAM_DATA_BYTES_MAX ||
        m.offset > UINT64_MAX - m.size)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_stream_data_encode(const struct cw_stream_data *m, uint8_t *out, size_t out_size,
                          size_t *ret_size)
{
    if (m->size == 0 || m->size > CW_STREAM_DATA_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->instance);
    cw_write_u64(&w, m->offset);
    cw_write_bytes(&w, m->bytes, m->size);
    return finish(&w, ret_size);
}
