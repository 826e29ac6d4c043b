/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/websocket.h"

#include <openssl/evp.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/message.h"

enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0F,
    MASKED = 0x80,
    LENGTH = 0x7F,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    NO_CLOSE_CODE = 1005,
};

static bool is_control(uint8_t opcode)
{
    return opcode >= CW_WEBSOCKET_OP_CLOSE;
}

/* Size of the whole header, as far as the bytes that are there tell. */
static size_t header_size(const struct cw_websocket_reader *r)
{
    if (r->header_bytes < 2)
        return 2;
    unsigned length = r->header[1] & LENGTH;
    return 2 + (length == LENGTH_16 ? 2U : length == LENGTH_64 ? 8U : 0U) + 4;
}

static int check_first_bytes(const struct cw_websocket_reader *r)
{
    uint8_t opcode = r->header[0] & OPCODE;
    bool is_final = (r->header[0] & FINAL) != 0;
    if ((r->header[0] & RESERVED) != 0 || (r->header[1] & MASKED) == 0)
        return CW_ERR_INVALID;
    switch (opcode) {
    case CW_WEBSOCKET_OP_CONTINUATION: return r->in_message ? CW_OK : CW_ERR_INVALID;
    case CW_WEBSOCKET_OP_TEXT: return r->in_message ? CW_ERR_INVALID : CW_ERR_UNSUPPORTED;
    case CW_WEBSOCKET_OP_BINARY: return r->in_message ? CW_ERR_INVALID : CW_OK;
    case CW_WEBSOCKET_OP_CLOSE:
    case CW_WEBSOCKET_OP_PING:
    case CW_WEBSOCKET_OP_PONG:
        return is_final && (r->header[1] & LENGTH) <= CW_WEBSOCKET_CONTROL_BYTES_MAX
                   ? CW_OK
                   : CW_ERR_INVALID;
    default: return CW_ERR_INVALID;
    }
}

static int begin_payload(struct cw_websocket_reader *r)
{
    unsigned form = r->header[1] & LENGTH;
    uint64_t length = form;
    if (form >= LENGTH_16) {
        unsigned count = form == LENGTH_16 ? 2 : 8;
        length = 0;
        for (unsigned i = 0; i < count; i++)
            length = length << 8 | r->header[2 + i];
        if (length < (form == LENGTH_16 ? 126U : 65536U))
            return CW_ERR_INVALID; /* not the shortest form */
    }
    r->opcode = r->header[0] & OPCODE;
    r->is_final = (r->header[0] & FINAL) != 0;
    if (!is_control(r->opcode)) {
        if (!r->in_message)
            r->message_bytes = 0;
        if (length > CW_FRAME_BYTES_MAX - r->message_bytes)
            return CW_ERR_TOO_LARGE;
        r->message_bytes += (uint32_t)length;
        r->in_message = true;
    }
    r->payload_left = length;
    r->mask_at = 0;
    r->control_bytes = 0;
    r->in_payload = true;
    return CW_OK;
}

/* Eight bytes at a time; mask_at: how many bytes of the payload came before, modulo 4. */
static void unmask_bytes(const uint8_t mask[4], unsigned mask_at, uint8_t *data, size_t size)
{
    uint8_t turned[8];
    for (unsigned i = 0; i < 8; i++)
        turned[i] = mask[(mask_at + i) & 3];
    uint64_t wide;
    memcpy(&wide, turned, sizeof wide);
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, data + at, sizeof word);
        word ^= wide;
        memcpy(data + at, &word, sizeof word);
    }
    for (; at < size; at++)
        data[at] ^= turned[at & 7];
}

static void unmask(struct cw_websocket_reader *r, uint8_t *data, size_t size)
{
    unmask_bytes(r->header + r->header_bytes - 4, r->mask_at, data, size);
    r->mask_at = (uint32_t)((r->mask_at + size) & 3);
}

/* The frame's last byte has been taken. */
static int end_frame(struct cw_websocket_reader *r, enum cw_websocket_event *ret_event)
{
    r->in_payload = false;
    r->header_bytes = 0;
    switch (r->opcode) {
    case CW_WEBSOCKET_OP_PING: *ret_event = CW_WEBSOCKET_PING; return CW_OK;
    case CW_WEBSOCKET_OP_PONG: *ret_event = CW_WEBSOCKET_PONG; return CW_OK;
    case CW_WEBSOCKET_OP_CLOSE:
        *ret_event = CW_WEBSOCKET_CLOSE;
        r->close_code = NO_CLOSE_CODE;
        if (r->control_bytes == 0)
            return CW_OK;
        r->close_code = (uint16_t)(r->control[0] << 8 | r->control[1]);
        if (r->control_bytes < 2 || !cw_websocket_close_code_is_valid(r->close_code) ||
            !cw_text_is_clean((const char *)r->control + 2, r->control_bytes - 2U))
            return CW_ERR_INVALID;
        return CW_OK;
    default:
        if (!r->is_final)
            return CW_OK; /* the message goes on in the next frame */
        r->in_message = false;
        *ret_event = CW_WEBSOCKET_END;
        return CW_OK;
    }
}

int cw_websocket_read(struct cw_websocket_reader *r, uint8_t *data, size_t size, size_t *ret_used,
                      enum cw_websocket_event *ret_event, struct cw_websocket_span *ret_payload)
{
    size_t at = 0;
    *ret_event = CW_WEBSOCKET_NOTHING;
    for (;;) {
        while (!r->in_payload) {
            if (at == size)
                goto out;
            r->header[r->header_bytes++] = data[at++];
            int err = r->header_bytes == 2 ? check_first_bytes(r) : CW_OK;
            if (err == CW_OK && r->header_bytes == header_size(r))
                err = begin_payload(r);
            if (err != CW_OK)
                return err;
        }
        size_t part = size - at < r->payload_left ? size - at : (size_t)r->payload_left;
        unmask(r, data + at, part);
        r->payload_left -= part;
        if (is_control(r->opcode)) {
            memcpy(r->control + r->control_bytes, data + at, part);
            r->control_bytes = (uint8_t)(r->control_bytes + part);
        } else if (part > 0) {
            *ret_event = CW_WEBSOCKET_PAYLOAD;
            *ret_payload = (struct cw_websocket_span){data + at, part};
            at += part;
            goto out; /* the frame's end is reported by the next call */
        }
        at += part;
        if (r->payload_left > 0)
            goto out;
        int err = end_frame(r, ret_event);
        if (err != CW_OK)
            return err;
        if (*ret_event != CW_WEBSOCKET_NOTHING)
            goto out;
    }
out:
    *ret_used = at;
    return CW_OK;
}

bool cw_websocket_is_at_rest(const struct cw_websocket_reader *r)
{
    return r->header_bytes == 0 && !r->in_payload && !r->in_message;
}

bool cw_websocket_read_whole(const struct cw_websocket_reader *r, uint8_t *data, size_t size,
                             struct cw_websocket_span *ret_payload)
{
    if (!cw_websocket_is_at_rest(r) || size < 6 || data[0] != (FINAL | CW_WEBSOCKET_OP_BINARY) ||
        (data[1] & MASKED) == 0)
        return false;
    size_t length = data[1] & LENGTH;
    size_t head = 6;
    if (length == LENGTH_16) {
        length = (size_t)data[2] << 8 | data[3];
        head = 8;
        if (length < LENGTH_16)
            return false;
    }
    if (length == LENGTH_64 && head == 6)
        return false;
    if (length != size - head || length > CW_FRAME_BYTES_MAX)
        return false; /* also when head > size */
    unmask_bytes(data + head - 4, 0, data + head, length);
    *ret_payload = (struct cw_websocket_span){data + head, length};
    return true;
}

size_t cw_websocket_header(uint8_t opcode, size_t payload_bytes, uint8_t *out)
{
    out[0] = (uint8_t)(FINAL | opcode);
    if (payload_bytes < LENGTH_16) {
        out[1] = (uint8_t)payload_bytes;
        return 2;
    }
    out[1] = LENGTH_16;
    out[2] = (uint8_t)(payload_bytes >> 8);
    out[3] = (uint8_t)payload_bytes;
    return 4;
}

size_t cw_websocket_close_frame(uint16_t code, const char *text, size_t text_bytes,
                                uint8_t out[2 + CW_WEBSOCKET_CONTROL_BYTES_MAX])
{
    if (text_bytes > CW_WEBSOCKET_CONTROL_BYTES_MAX - 2) {
        text_bytes = CW_WEBSOCKET_CONTROL_BYTES_MAX - 2;
        while (text_bytes > 0 && ((uint8_t)text[text_bytes] >> 6) == 2)
            text_bytes--;
    }
    size_t at = cw_websocket_header(CW_WEBSOCKET_OP_CLOSE, 2 + text_bytes, out);
    out[at++] = (uint8_t)(code >> 8);
    out[at++] = (uint8_t)code;
    memcpy(out + at, text, text_bytes);
    return at + text_bytes;
}

int cw_websocket_accept(const char *key, size_t key_bytes, char out[CW_WEBSOCKET_ACCEPT_BYTES])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    uint8_t text[64];
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    if (key_bytes + sizeof guid - 1 > sizeof text)
        return CW_ERR_INVALID;
    memcpy(text, key, key_bytes);
    memcpy(text + key_bytes, guid, sizeof guid - 1);
    if (EVP_Digest(text, key_bytes + sizeof guid - 1, digest, &digest_bytes, EVP_sha1(), NULL) != 1)
        return CW_ERR_INTERNAL;
    EVP_EncodeBlock((uint8_t *)out, digest, (int)digest_bytes);
    return CW_OK;
}

bool cw_websocket_close_code_is_valid(uint16_t code)
{
    if (code >= 3000)
        return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}
