/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/message.h"

#include "engine/base/err.h"
#include "engine/base/span.h"
#include "engine/wire/ticket.h"

/* Ends every encoder: the cursor knows whether all of it went in. */
static int finish(const struct cw_writer *w, size_t *ret_size)
{
    if (w->failed)
        return CW_ERR_FULL;
    *ret_size = w->at;
    return CW_OK;
}

static bool is_flag(uint8_t v)
{
    return v <= 1;
}

int cw_welcome_decode(const uint8_t *data, size_t size, struct cw_welcome *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_welcome m = {0};
    m.session = cw_read_u32(&r);
    m.participant = cw_read_u32(&r);
    m.permissions = cw_read_u64(&r);
    m.role = cw_read_u8(&r);
    m.control_up = cw_read_u8(&r);
    uint16_t zero = cw_read_u16(&r);
    uint32_t zero_too = cw_read_u32(&r);
    if (!cw_reader_done(&r) || zero != 0 || zero_too != 0 || !is_flag(m.control_up) ||
        m.role >= CW_ROLE_COUNT)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_welcome_encode(const struct cw_welcome *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->session);
    cw_write_u32(&w, m->participant);
    cw_write_u64(&w, m->permissions);
    cw_write_u8(&w, m->role);
    cw_write_u8(&w, m->control_up);
    cw_write_u16(&w, 0);
    cw_write_u32(&w, 0);
    return finish(&w, ret_size);
}

int cw_close_decode(const uint8_t *data, size_t size, struct cw_close *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_close m = {0};
    m.code = cw_read_u16(&r);
    m.text_bytes = cw_reader_left(&r);
    m.text = (const char *)cw_read_bytes(&r, m.text_bytes);
    if (!cw_reader_done(&r) || m.text_bytes > CW_REASON_TEXT_BYTES_MAX ||
        !cw_text_is_clean(m.text, m.text_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_close_encode(const struct cw_close *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    if (m->text_bytes > CW_REASON_TEXT_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u16(&w, m->code);
    cw_write_bytes(&w, m->text, m->text_bytes);
    return finish(&w, ret_size);
}

int cw_participant_note_decode(const uint8_t *data, size_t size, struct cw_participant_note *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_participant_note m = {0};
    m.participant = cw_read_u32(&r);
    m.role = cw_read_u8(&r);
    m.present = cw_read_u8(&r);
    m.name_bytes = cw_read_u16(&r);
    m.name = (const char *)cw_read_bytes(&r, m.name_bytes);
    if (!cw_reader_done(&r) || m.role >= CW_ROLE_COUNT || !is_flag(m.present) ||
        m.name_bytes > CW_NAME_BYTES_MAX || !cw_text_is_clean(m.name, m.name_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_participant_note_encode(const struct cw_participant_note *m, uint8_t *out, size_t out_size,
                               size_t *ret_size)
{
    if (m->name_bytes > CW_NAME_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->participant);
    cw_write_u8(&w, m->role);
    cw_write_u8(&w, m->present);
    cw_write_u16(&w, (uint16_t)m->name_bytes);
    cw_write_bytes(&w, m->name, m->name_bytes);
    return finish(&w, ret_size);
}

int cw_session_offer_decode(const uint8_t *data, size_t size, struct cw_session_offer *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_session_offer m = {0};
    m.session = cw_read_u32(&r);
    m.ticket = cw_read_bytes(&r, CW_TICKET_BYTES);
    m.name_bytes = cw_read_u16(&r);
    m.name = (const char *)cw_read_bytes(&r, m.name_bytes);
    if (!cw_reader_done(&r) || m.name_bytes > CW_NAME_BYTES_MAX ||
        !cw_text_is_clean(m.name, m.name_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_session_offer_encode(const struct cw_session_offer *m, uint8_t *out, size_t out_size,
                            size_t *ret_size)
{
    if (m->name_bytes > CW_NAME_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->session);
    cw_write_bytes(&w, m->ticket, CW_TICKET_BYTES);
    cw_write_u16(&w, (uint16_t)m->name_bytes);
    cw_write_bytes(&w, m->name, m->name_bytes);
    return finish(&w, ret_size);
}

int cw_consent_decode(const uint8_t *data, size_t size, struct cw_consent *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_consent m = {0};
    m.participant = cw_read_u32(&r);
    m.view = cw_read_u8(&r);
    m.control = cw_read_u8(&r);
    uint16_t zero = cw_read_u16(&r);
    if (!cw_reader_done(&r) || zero != 0 || !is_flag(m.view) || !is_flag(m.control))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_consent_encode(const struct cw_consent *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->participant);
    cw_write_u8(&w, m->view);
    cw_write_u8(&w, m->control);
    cw_write_u16(&w, 0);
    return finish(&w, ret_size);
}

int cw_tool_ask_decode(const uint8_t *data, size_t size, struct cw_tool_ask *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_tool_ask m = {0};
    m.participant = cw_read_u32(&r);
    m.tool = cw_read_u16(&r);
    m.time_s = cw_read_u16(&r);
    m.silence = cw_read_u8(&r);
    uint8_t zero = cw_read_u8(&r);
    uint16_t zero_too = cw_read_u16(&r);
    m.text_bytes = cw_reader_left(&r);
    m.text = (const char *)cw_read_bytes(&r, m.text_bytes);
    if (!cw_reader_done(&r) || zero != 0 || zero_too != 0 || !is_flag(m.silence) ||
        m.text_bytes > CW_TOOL_QUESTION_BYTES_MAX || !cw_text_is_clean(m.text, m.text_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_tool_ask_encode(const struct cw_tool_ask *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    if (m->text_bytes > CW_TOOL_QUESTION_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->participant);
    cw_write_u16(&w, m->tool);
    cw_write_u16(&w, m->time_s);
    cw_write_u8(&w, m->silence);
    cw_write_u8(&w, 0);
    cw_write_u16(&w, 0);
    cw_write_bytes(&w, m->text, m->text_bytes);
    return finish(&w, ret_size);
}

int cw_tool_answer_decode(const uint8_t *data, size_t size, struct cw_tool_answer *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_tool_answer m = {0};
    m.participant = cw_read_u32(&r);
    m.tool = cw_read_u16(&r);
    m.yes = cw_read_u8(&r);
    uint8_t zero = cw_read_u8(&r);
    if (!cw_reader_done(&r) || zero != 0 || !is_flag(m.yes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_tool_answer_encode(const struct cw_tool_answer *m, uint8_t *out, size_t out_size,
                          size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->participant);
    cw_write_u16(&w, m->tool);
    cw_write_u8(&w, m->yes);
    cw_write_u8(&w, 0);
    return finish(&w, ret_size);
}

int cw_key_decode(const uint8_t *data, size_t size, struct cw_key *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_key m = {0};
    m.keysym = cw_read_u32(&r);
    m.down = cw_read_u8(&r);
    uint8_t zero = cw_read_u8(&r);
    uint16_t zero_too = cw_read_u16(&r);
    if (!cw_reader_done(&r) || zero != 0 || zero_too != 0 || !is_flag(m.down))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_key_encode(const struct cw_key *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->keysym);
    cw_write_u8(&w, m->down);
    cw_write_u8(&w, 0);
    cw_write_u16(&w, 0);
    return finish(&w, ret_size);
}

enum { POINTER_BUTTONS = 0x1F };

int cw_pointer_decode(const uint8_t *data, size_t size, struct cw_pointer *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_pointer m = {0};
    m.x_px = cw_read_u16(&r);
    m.y_px = cw_read_u16(&r);
    m.buttons = cw_read_u16(&r);
    uint16_t zero = cw_read_u16(&r);
    m.wheel_x = (int16_t)cw_read_u16(&r);
    m.wheel_y = (int16_t)cw_read_u16(&r);
    if (!cw_reader_done(&r) || zero != 0 || (m.buttons & ~POINTER_BUTTONS) != 0)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_pointer_encode(const struct cw_pointer *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u16(&w, m->x_px);
    cw_write_u16(&w, m->y_px);
    cw_write_u16(&w, m->buttons);
    cw_write_u16(&w, 0);
    cw_write_u16(&w, (uint16_t)m->wheel_x);
    cw_write_u16(&w, (uint16_t)m->wheel_y);
    return finish(&w, ret_size);
}

static bool cursor_size_is_legal(const struct cw_cursor_shape *m)
{
    if (m->width_px == 0 || m->height_px == 0)
        return m->width_px == 0 && m->height_px == 0 && m->hot_x_px == 0 && m->hot_y_px == 0;
    return m->width_px <= CW_CURSOR_SIDE_PX_MAX && m->height_px <= CW_CURSOR_SIDE_PX_MAX &&
           m->hot_x_px < m->width_px && m->hot_y_px < m->height_px;
}

int cw_cursor_shape_decode(const uint8_t *data, size_t size, struct cw_cursor_shape *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_cursor_shape m = {0};
    m.width_px = cw_read_u16(&r);
    m.height_px = cw_read_u16(&r);
    m.hot_x_px = cw_read_u16(&r);
    m.hot_y_px = cw_read_u16(&r);
    if (r.failed || !cursor_size_is_legal(&m))
        return CW_ERR_INVALID;
    m.pixels = cw_read_bytes(&r, (size_t)m.width_px * m.height_px * 4);
    if (!cw_reader_done(&r))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_cursor_shape_encode(const struct cw_cursor_shape *m, uint8_t *out, size_t out_size,
                           size_t *ret_size)
{
    if (!cursor_size_is_legal(m))
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u16(&w, m->width_px);
    cw_write_u16(&w, m->height_px);
    cw_write_u16(&w, m->hot_x_px);
    cw_write_u16(&w, m->hot_y_px);
    cw_write_bytes(&w, m->pixels, (size_t)m->width_px * m->height_px * 4);
    return finish(&w, ret_size);
}

int cw_cursor_position_decode(const uint8_t *data, size_t size, struct cw_cursor_position *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_cursor_position m = {0};
    m.x_px = cw_read_u16(&r);
    m.y_px = cw_read_u16(&r);
    if (!cw_reader_done(&r))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_cursor_position_encode(const struct cw_cursor_position *m, uint8_t *out, size_t out_size,
                              size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u16(&w, m->x_px);
    cw_write_u16(&w, m->y_px);
    return finish(&w, ret_size);
}

int cw_chat_say_decode(const uint8_t *data, size_t size, struct cw_chat_say *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_chat_say m = {0};
    m.client_message = cw_read_u32(&r);
    m.text_bytes = cw_reader_left(&r);
    m.text = (const char *)cw_read_bytes(&r, m.text_bytes);
    if (!cw_reader_done(&r) || m.text_bytes == 0 || m.text_bytes > CW_CHAT_TEXT_BYTES_MAX ||
        !cw_text_is_clean(m.text, m.text_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_chat_say_encode(const struct cw_chat_say *m, uint8_t *out, size_t out_size, size_t *ret_size)
{
    if (m->text_bytes == 0 || m->text_bytes > CW_CHAT_TEXT_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->client_message);
    cw_write_bytes(&w, m->text, m->text_bytes);
    return finish(&w, ret_size);
}

int cw_chat_line_decode(const uint8_t *data, size_t size, struct cw_chat_line *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_chat_line m = {0};
    m.sequence = cw_read_u64(&r);
    m.time_unix_ms = cw_read_u64(&r);
    m.participant = cw_read_u32(&r);
    m.client_message = cw_read_u32(&r);
    m.name_bytes = cw_read_u16(&r);
    m.name = (const char *)cw_read_bytes(&r, m.name_bytes);
    m.text_bytes = cw_reader_left(&r);
    m.text = (const char *)cw_read_bytes(&r, m.text_bytes);
    if (!cw_reader_done(&r) || m.sequence == 0 || m.name_bytes > CW_NAME_BYTES_MAX ||
        m.text_bytes > CW_CHAT_TEXT_BYTES_MAX || !cw_text_is_clean(m.name, m.name_bytes) ||
        !cw_text_is_clean(m.text, m.text_bytes))
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_chat_line_encode(const struct cw_chat_line *m, uint8_t *out, size_t out_size,
                        size_t *ret_size)
{
    if (m->name_bytes > CW_NAME_BYTES_MAX || m->text_bytes > CW_CHAT_TEXT_BYTES_MAX)
        return CW_ERR_TOO_LARGE;
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u64(&w, m->sequence);
    cw_write_u64(&w, m->time_unix_ms);
    cw_write_u32(&w, m->participant);
    cw_write_u32(&w, m->client_message);
    cw_write_u16(&w, (uint16_t)m->name_bytes);
    cw_write_bytes(&w, m->name, m->name_bytes);
    cw_write_bytes(&w, m->text, m->text_bytes);
    return finish(&w, ret_size);
}

int cw_screen_reset_decode(const uint8_t *data, size_t size, struct cw_screen_reset *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_screen_reset m = {0};
    m.width_px = cw_read_u16(&r);
    m.height_px = cw_read_u16(&r);
    m.desktop_width_px = cw_read_u16(&r);
    m.desktop_height_px = cw_read_u16(&r);
    m.update = cw_read_u32(&r);
    if (!cw_reader_done(&r) || m.width_px == 0 || m.height_px == 0 ||
        m.width_px > m.desktop_width_px || m.height_px > m.desktop_height_px ||
        m.desktop_width_px > CW_SCREEN_WIDTH_PX_MAX ||
        m.desktop_height_px > CW_SCREEN_HEIGHT_PX_MAX)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_screen_reset_encode(const struct cw_screen_reset *m, uint8_t *out, size_t out_size,
                           size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u16(&w, m->width_px);
    cw_write_u16(&w, m->height_px);
    cw_write_u16(&w, m->desktop_width_px);
    cw_write_u16(&w, m->desktop_height_px);
    cw_write_u32(&w, m->update);
    return finish(&w, ret_size);
}

int cw_screen_ack_decode(const uint8_t *data, size_t size, struct cw_screen_ack *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_screen_ack m = {.update = cw_read_u32(&r)};
    bool has_rendition = size > 4;
    if (has_rendition)
        m.rendition = cw_read_u8(&r);
    if (!cw_reader_done(&r) || has_rendition != (m.rendition != CW_RENDITION_FULL) ||
        m.rendition >= CW_RENDITION_COUNT)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_screen_ack_encode(const struct cw_screen_ack *m, uint8_t *out, size_t out_size,
                         size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u32(&w, m->update);
    if (m->rendition != CW_RENDITION_FULL)
        cw_write_u8(&w, m->rendition);
    return finish(&w, ret_size);
}

int cw_rendition_note_decode(const uint8_t *data, size_t size, struct cw_rendition_note *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_rendition_note m = {0};
    m.rendition = cw_read_u8(&r);
    m.is_wanted = cw_read_u8(&r);
    uint16_t zero = cw_read_u16(&r);
    if (!cw_reader_done(&r) || m.rendition == CW_RENDITION_FULL ||
        m.rendition >= CW_RENDITION_COUNT || m.is_wanted > 1 || zero != 0)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_rendition_note_encode(const struct cw_rendition_note *m, uint8_t *out, size_t out_size,
                             size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u8(&w, m->rendition);
    cw_write_u8(&w, m->is_wanted);
    cw_write_u16(&w, 0);
    return finish(&w, ret_size);
}

int cw_screen_settings_decode(const uint8_t *data, size_t size, struct cw_screen_settings *ret)
{
    struct cw_reader r = cw_reader_of(data, size);
    struct cw_screen_settings m = {0};
    m.colours = cw_read_u8(&r);
    m.flags = cw_read_u8(&r);
    if (!cw_reader_done(&r) || m.colours >= CW_SCREEN_COLOURS_COUNT ||
        (m.flags & ~CW_SCREEN_LOSSLESS_ONLY) != 0)
        return CW_ERR_INVALID;
    *ret = m;
    return CW_OK;
}

int cw_screen_settings_encode(const struct cw_screen_settings *m, uint8_t *out, size_t out_size,
                              size_t *ret_size)
{
    struct cw_writer w = cw_writer_of(out, out_size);
    cw_write_u8(&w, m->colours);
    cw_write_u8(&w, m->flags);
    return finish(&w, ret_size);
}

/* Bytes of the well-formed UTF-8 character at p, and the character; 0 when it is not well-formed. */
static size_t character(const uint8_t *p, size_t left, uint32_t *ret_code_point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = p[0] < 0x80       ? 1
                   : p[0] >> 5 == 6  ? 2
                   : p[0] >> 4 == 14 ? 3
                   : p[0] >> 3 == 30 ? 4
                                     : 0;
    if (count == 0 || count > left)
        return 0;
    uint32_t c = count == 1 ? p[0] : p[0] & (0x7FU >> count);
    for (size_t i = 1; i < count; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        c = c << 6 | (p[i] & 0x3FU);
    }
    if (c < least[count] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *ret_code_point = c;
    return count;
}

_Bool cw_text_is_clean(const char *text, size_t bytes)
{
    const uint8_t *p = (const uint8_t *)text;
    uint32_t c = 0;
    for (size_t at = 0; at < bytes;) {
        size_t count = character(p + at, bytes - at, &c);
        if (count == 0 || (c < 0x20 && c != '\t' && c != '\n'))
            return false;
        at += count;
    }
    return true;
}
