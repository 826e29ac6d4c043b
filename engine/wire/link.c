/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wire/link.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/base/span.h"

/* X(NAME, bit, member, wire): every field a message may carry, in the order of the wire. */
#define LINK_NUMBERS(X)                   \
    X(VERSION, 0, version, u16)           \
    X(WORKER, 1, worker, u16)             \
    X(WORKER_COUNT, 2, worker_count, u16) \
    X(INSTANCE, 3, engine_instance, u64)  \
    X(REQUEST, 4, request, u64)           \
    X(SESSION, 5, session, u32)           \
    X(PARTICIPANT, 6, participant, u32)   \
    X(ROLE, 7, role, u8)                  \
    X(KIND, 8, kind, u8)                  \
    X(MESSAGE, 9, message, u8)            \
    X(STREAM, 10, stream, u16)            \
    X(CODE, 11, code, u16)                \
    X(PERMISSIONS, 12, permissions, u64)  \
    X(UNTIL, 13, until_unix_s, u64)       \
    X(VALUE, 18, value, u64)              \
    X(SIZE, 19, size, u64)                \
    X(BLOCKS, 20, blocks, u64)

enum link_field {
#define X(name, bit, member, wire) LINK_##name = 1 << (bit),
    LINK_NUMBERS(X)
#undef X
        LINK_TICKET_ID = 1 << 14,
    LINK_KEY = 1 << 15,
    LINK_ADDRESS = 1 << 16,
    LINK_BYTES = 1 << 17,
    LINK_SIGNATURE = 1 << 21,
};

/* X(NAME, fields) */
#define LINK_TYPES(X)                                                                              \
    X(ENGINE_HELLO, LINK_VERSION | LINK_WORKER | LINK_WORKER_COUNT | LINK_INSTANCE)                \
    X(SESSION_UP, LINK_SESSION)                                                                    \
    X(PARTICIPANT_UP,                                                                              \
      LINK_SESSION | LINK_PARTICIPANT | LINK_ROLE | LINK_PERMISSIONS | LINK_ADDRESS)               \
    X(PARTICIPANT_DOWN, LINK_SESSION | LINK_PARTICIPANT | LINK_CODE)                               \
    X(DEVICE_UP, LINK_PARTICIPANT | LINK_ADDRESS)                                                  \
    X(DEVICE_DOWN, LINK_PARTICIPANT | LINK_CODE)                                                   \
    X(CONSOLE_UP, LINK_REQUEST | LINK_PARTICIPANT | LINK_ADDRESS)                                  \
    X(CONSOLE_DOWN, LINK_REQUEST | LINK_PARTICIPANT | LINK_CODE)                                   \
    X(SNAPSHOT_END, 0)                                                                             \
    X(SESSION_OVER, LINK_SESSION | LINK_PARTICIPANT | LINK_CODE | LINK_BYTES)                      \
    X(REQUEST, LINK_REQUEST | LINK_KIND | LINK_ADDRESS | LINK_BYTES)                               \
    X(COPY, LINK_SESSION | LINK_PARTICIPANT | LINK_ROLE | LINK_MESSAGE | LINK_STREAM | LINK_BYTES) \
    X(REFUSED, LINK_CODE | LINK_ADDRESS | LINK_BYTES)                                              \
    X(STATUS, LINK_REQUEST | LINK_BYTES)                                                           \
    X(RECORDING, LINK_SESSION | LINK_KIND | LINK_BYTES)                                            \
    X(RECORDED, LINK_SESSION | LINK_PARTICIPANT | LINK_KIND | LINK_REQUEST | LINK_KEY |            \
                    LINK_SIZE | LINK_BLOCKS | LINK_BYTES)                                          \
    X(CONTROL_HELLO, LINK_VERSION | LINK_KEY | LINK_BYTES)                                         \
    X(SESSION_WANTED, LINK_SESSION)                                                                \
    X(PARTICIPANT_WANTED, LINK_SESSION | LINK_PARTICIPANT | LINK_PERMISSIONS)                      \
    X(WANTED_END, 0)                                                                               \
    X(END_SESSION, LINK_SESSION | LINK_CODE | LINK_BYTES)                                          \
    X(SET_PERMISSIONS, LINK_SESSION | LINK_PARTICIPANT | LINK_PERMISSIONS)                         \
    X(REMOVE_PARTICIPANT, LINK_SESSION | LINK_PARTICIPANT | LINK_CODE)                             \
    X(REPLY, LINK_REQUEST | LINK_CODE | LINK_BYTES)                                                \
    X(SEND, LINK_SESSION | LINK_PARTICIPANT | LINK_MESSAGE | LINK_STREAM | LINK_BYTES)             \
    X(SEND_DEVICE, LINK_PARTICIPANT | LINK_MESSAGE | LINK_BYTES)                                   \
    X(SEND_CONSOLE, LINK_PARTICIPANT | LINK_MESSAGE | LINK_BYTES)                                  \
    X(DENY, LINK_UNTIL | LINK_TICKET_ID)                                                           \
    X(STATUS_REQUEST, LINK_REQUEST)                                                                \
    X(DROP_DEVICE, LINK_PARTICIPANT | LINK_CODE)                                                   \
    X(DROP_CONSOLE, LINK_PARTICIPANT | LINK_CODE)                                                  \
    X(ANSWER, LINK_REQUEST | LINK_CODE | LINK_BYTES)                                               \
    X(SETTING, LINK_REQUEST | LINK_VALUE | LINK_BYTES)                                             \
    X(CERTIFICATE, LINK_REQUEST | LINK_KIND | LINK_BYTES)                                          \
    X(DRAIN, LINK_REQUEST | LINK_KIND)                                                             \
    X(SEAL, LINK_SESSION | LINK_UNTIL | LINK_KEY | LINK_BLOCKS | LINK_SIGNATURE | LINK_BYTES)

/* False for a type this version does not know. */
static bool link_fields(uint16_t type, uint32_t *ret_fields)
{
    switch (type) {
#define X(name, fields) \
    case CW_LINK_##name: *ret_fields = (fields); return true;
        LINK_TYPES(X)
#undef X
    default: return false;
    }
}

const char *cw_link_type_name(uint16_t type)
{
    switch (type) {
#define X(name, fields) \
    case CW_LINK_##name: return #name;
        LINK_TYPES(X)
#undef X
    default: return "UNKNOWN";
    }
}

static void read_array(struct cw_reader *r, uint8_t *out, size_t bytes)
{
    const uint8_t *p = cw_read_bytes(r, bytes);
    if (p != NULL)
        memcpy(out, p, bytes);
}

int cw_link_decode(const uint8_t *data, size_t size, struct cw_link_message *ret_message,
                   size_t *ret_used)
{
    struct cw_reader header = cw_reader_of(data, size);
    uint32_t length = cw_read_u32(&header);
    if (header.failed)
        return CW_ERR_AGAIN;
    if (length > CW_LINK_MESSAGE_BYTES_MAX - 4)
        return CW_ERR_TOO_LARGE;
    if (length < CW_LINK_HEADER_BYTES - 4)
        return CW_ERR_INVALID;
    if (size - 4 < length)
        return CW_ERR_AGAIN;
    struct cw_reader r = cw_reader_of(data + 4, length);
    struct cw_link_message m = {.type = cw_read_u16(&r)};
    uint16_t zero = cw_read_u16(&r);
    uint32_t fields;
    if (!link_fields(m.type, &fields))
        return CW_ERR_UNSUPPORTED;
    if (zero != 0)
        return CW_ERR_INVALID;
#define X(name, bit, member, wire)   \
    if ((fields & LINK_##name) != 0) \
        m.member = cw_read_##wire(&r);
    LINK_NUMBERS(X)
#undef X
    if ((fields & LINK_TICKET_ID) != 0)
        read_array(&r, m.ticket_id, sizeof m.ticket_id);
    if ((fields & LINK_KEY) != 0)
        read_array(&r, m.key, sizeof m.key);
    if ((fields & LINK_ADDRESS) != 0)
        read_array(&r, m.address, sizeof m.address);
    if ((fields & LINK_SIGNATURE) != 0)
        read_array(&r, m.signature, sizeof m.signature);
    if ((fields & LINK_BYTES) != 0) {
        m.bytes_count = cw_read_u32(&r);
        m.bytes = cw_read_bytes(&r, m.bytes_count);
    }
    if (!cw_reader_done(&r))
        return CW_ERR_INVALID;
    *ret_message = m;
    *ret_used = 4 + (size_t)length;
    return CW_OK;
}

int cw_link_encode(const struct cw_link_message *message, uint8_t *out, size_t out_size,
                   size_t *ret_size)
{
    uint32_t fields;
    if (!link_fields(message->type, &fields))
        return CW_ERR_UNSUPPORTED;
    size_t room = out_size < CW_LINK_MESSAGE_BYTES_MAX ? out_size : CW_LINK_MESSAGE_BYTES_MAX;
    struct cw_writer w = cw_writer_of(out, room);
    cw_write_u32(&w, 0); /* the length, known at the end */
    cw_write_u16(&w, message->type);
    cw_write_u16(&w, 0);
#define X(name, bit, member, wire)   \
    if ((fields & LINK_##name) != 0) \
        cw_write_##wire(&w, message->member);
    LINK_NUMBERS(X)
#undef X
    if ((fields & LINK_TICKET_ID) != 0)
        cw_write_bytes(&w, message->ticket_id, sizeof message->ticket_id);
    if ((fields & LINK_KEY) != 0)
        cw_write_bytes(&w, message->key, sizeof message->key);
    if ((fields & LINK_ADDRESS) != 0)
        cw_write_bytes(&w, message->address, sizeof message->address);
    if ((fields & LINK_SIGNATURE) != 0)
        cw_write_bytes(&w, message->signature, sizeof message->signature);
    if ((fields & LINK_BYTES) != 0) {
        if (message->bytes_count > CW_LINK_MESSAGE_BYTES_MAX)
            return CW_ERR_FULL;
        cw_write_u32(&w, (uint32_t)message->bytes_count);
        cw_write_bytes(&w, message->bytes, message->bytes_count);
    }
    if (w.failed)
        return CW_ERR_FULL;
    struct cw_writer length = cw_writer_of(out, 4);
    cw_write_u32(&length, (uint32_t)(w.at - 4));
    *ret_size = w.at;
    return CW_OK;
}
