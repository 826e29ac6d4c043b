/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load/flow.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"

enum { RING_BYTES = 8 * 1024 * 1024, STREAM_NUMBER = 1 };

void cw_flow_init(struct cw_flow *f, struct cw_load *l, struct cw_endpoint *e, size_t unit)
{
    *f = (struct cw_flow){.load = l, .endpoint = e, .unit = unit};
    f->ring = malloc(RING_BYTES); /* committed as it is used */
    f->part = malloc(unit);
    CW_CHECK(f->ring != NULL && f->part != NULL, "the load has memory for its streams");
}

void cw_flow_open(struct cw_flow *f, uint8_t channel)
{
    const struct cw_stream_id id = {
        .channel = channel, .stream = STREAM_NUMBER, .instance = (uint32_t)cw_loop_now_ns()};
    cw_byte_stream_init_opener(&f->stream, &id, 0, "load", 4, f->ring, RING_BYTES);
    f->is_open = true;
}

static void take_unit(struct cw_flow *f, const uint8_t *data)
{
    struct cw_pattern p;
    if (cw_pattern_read(data, f->unit, &p) != CW_OK || p.session != f->endpoint->session) {
        f->load->tally->corrupt++;
        cw_load_fail(f->load, "session %u: a stream gave bytes that nobody sent",
                     (unsigned)f->endpoint->session);
    } else if (p.sequence != f->next_sequence) {
        f->load->tally->lost++;
        cw_load_fail(f->load, "session %u: a stream gave message %llu instead of %llu",
                     (unsigned)f->endpoint->session, (unsigned long long)p.sequence,
                     (unsigned long long)f->next_sequence);
    } else {
        f->next_sequence++;
        if (f->message != NULL)
            f->message(f, &p);
    }
}

static void take_bytes(struct cw_flow *f, const uint8_t *data, size_t size)
{
    while (size != 0) {
        if (f->part_bytes == 0 && size >= f->unit) {
            take_unit(f, data);
            data += f->unit;
            size -= f->unit;
            continue;
        }
        size_t part = f->unit - f->part_bytes < size ? f->unit - f->part_bytes : size;
        memcpy(f->part + f->part_bytes, data, part);
        f->part_bytes += part;
        data += part;
        size -= part;
        if (f->part_bytes == f->unit) {
            f->part_bytes = 0;
            take_unit(f, f->part);
        }
    }
}

static int on_data(struct cw_flow *f, const struct cw_frame *frame, const uint8_t *payload)
{
    struct cw_stream_data m;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    int err = cw_stream_data_decode(payload, frame->length, &m);
    if (err == CW_OK)
        err = cw_byte_stream_on_data(&f->stream, &m, cw_loop_now_ns(), &bytes, &size);
    if (err != CW_OK || size == 0)
        return err;
    cw_byte_stream_consume(&f->stream, size);
    take_bytes(f, bytes, size);
    return CW_OK;
}

static int on_open(struct cw_flow *f, const struct cw_frame *frame, const uint8_t *payload)
{
    struct cw_stream_open m;
    int err = cw_stream_open_decode(payload, frame->length, &m);
    if (err != CW_OK)
        return err;
    if (f->is_open)
        return cw_byte_stream_on_open(&f->stream, &m);
    cw_byte_stream_init_server(&f->stream, &m, f->ring, RING_BYTES);
    cw_byte_stream_accept(&f->stream);
    f->is_open = true;
    return CW_OK;
}

bool cw_flow_frame(struct cw_flow *f, const struct cw_frame *frame, const uint8_t *payload)
{
    struct cw_credit credit;
    struct cw_stream_close close;
    int err = CW_OK;
    if (frame->type == CW_MESSAGE_STREAM_OPEN) {
        err = on_open(f, frame, payload);
    } else if (cw_message_is_stream_data(frame->type)) {
        err = on_data(f, frame, payload);
    } else if (frame->type == CW_MESSAGE_CREDIT) {
        err = cw_credit_decode(payload, frame->length, &credit);
        if (err == CW_OK)
            err = cw_byte_stream_on_credit(&f->stream, &credit, cw_loop_now_ns());
    } else if (frame->type == CW_MESSAGE_STREAM_CLOSE) {
        err = cw_stream_close_decode(payload, frame->length, &close);
        if (err == CW_OK)
            cw_load_fail(f->load, "session %u: a stream was closed: %s",
                         (unsigned)f->endpoint->session, cw_close_text(close.code));
    } else {
        return false;
    }
    if (err != CW_OK)
        cw_load_fail(f->load, "session %u: a stream's message makes no sense: %s",
                     (unsigned)f->endpoint->session, cw_err_text(err));
    return true;
}

bool cw_flow_write(struct cw_flow *f, uint64_t now_ns)
{
    static uint8_t unit[CW_PATTERN_BYTES_MAX];
    if (!f->is_open || cw_byte_stream_room(&f->stream) < f->unit)
        return false;
    const struct cw_pattern p = {
        .sequence = f->sequence++, .time_ns = now_ns, .session = f->endpoint->session};
    cw_pattern_write(&p, unit, f->unit);
    size_t written = cw_byte_stream_write(&f->stream, unit, f->unit);
    CW_CHECK(written == f->unit, "there was room");
    return true;
}

uint64_t cw_flow_pump(struct cw_flow *f, uint64_t now_ns, size_t unsent_most)
{
    if (!f->is_open || f->endpoint->pipe == NULL || !f->endpoint->is_welcome)
        return UINT64_MAX;
    while (cw_pipe_unsent(f->endpoint->pipe) < unsent_most &&
           cw_byte_stream_has_next(&f->stream, now_ns)) {
        size_t size = 0;
        uint8_t *at = cw_endpoint_open_frame(f->endpoint);
        uint8_t type =
            cw_byte_stream_next(&f->stream, now_ns, at, CW_FRAME_PAYLOAD_BYTES_MAX, &size);
        if (type == 0)
            break;
        cw_endpoint_close_frame(f->endpoint, type,
                                cw_message_is_stream_data(type) ? f->stream.id.stream : 0, size);
    }
    return cw_byte_stream_deadline_ns(&f->stream);
}
