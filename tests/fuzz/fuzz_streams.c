/* SPDX-License-Identifier: Apache-2.0 */
/* Any messages about streams to an endpoint that has opened one and serves others: they end in bytes in order, or in a
 * refusal, and no counter leaves its bounds. Input: [u8 which message, u8 size, payload] ... */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/stream_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SERVED_MAX = 4, RING_BYTES = 4096 };

static struct cw_stream_set set;
static struct cw_byte_stream own;
static struct cw_byte_stream served[SERVED_MAX];
static uint8_t rings[SERVED_MAX + 1][RING_BYTES];
static unsigned served_count;

static void take_event(const struct cw_stream_event *event)
{
    if (event->kind == CW_STREAM_EVENT_OFFER && served_count < SERVED_MAX) {
        struct cw_byte_stream *s = &served[served_count];
        cw_byte_stream_init_server(s, &event->open, rings[served_count++], RING_BYTES);
        CW_CHECK(cw_stream_set_add(&set, s) == CW_OK, "there are few");
        cw_byte_stream_accept(s);
        (void)cw_byte_stream_write(s, "served", 6);
    } else if (event->kind == CW_STREAM_EVENT_OFFER) {
        cw_stream_set_refuse(&set, &event->open.id, CW_CLOSE_STREAM_REFUSED);
    } else if (event->kind == CW_STREAM_EVENT_DATA) {
        cw_byte_stream_consume(event->stream, event->size);
    }
}

static void speak(uint64_t now_ns)
{
    static uint8_t out[CW_FRAME_PAYLOAD_BYTES_MAX];
    size_t size = 0;
    uint16_t stream = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t type = cw_stream_set_next(&set, now_ns, out, sizeof out, &size, &stream);
        CW_CHECK(type == 0 || cw_stream_set_takes(type), "streams say nothing else");
        if (type == 0)
            break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t types[] = {CW_MESSAGE_STREAM_OPEN, CW_MESSAGE_STREAM_CLOSE,
                                    CW_MESSAGE_CREDIT,      CW_MESSAGE_PEER,
                                    CW_MESSAGE_SHELL_DATA,  CW_MESSAGE_FILE_DATA};
    const struct cw_stream_id id = {CW_CHANNEL_FILE, 1, 1};
    memset(&set, 0, sizeof set);
    served_count = 0;
    cw_byte_stream_init_opener(&own, &id, 0, "x", 1, rings[SERVED_MAX], RING_BYTES);
    (void)cw_byte_stream_write(&own, "opened", 6);
    (void)cw_stream_set_add(&set, &own);
    for (uint64_t now_ns = 1; size >= 2; now_ns += 10000000) {
        uint8_t which = data[0];
        size_t n = data[1] < size - 2 ? data[1] : size - 2;
        struct cw_stream_event event;
        if (which == 255)
            cw_stream_set_disconnected(&set);
        else if (which == 254)
            cw_stream_set_connected(&set);
        else if (cw_stream_set_take(&set, types[which % sizeof types], which % 3, data + 2, n,
                                    now_ns, &event) == CW_OK)
            take_event(&event);
        else
            break; /* the connection would end here */
        for (unsigned i = 0; i < set.count; i++)
            cw_byte_stream_check(set.streams[i]);
        speak(now_ns);
        data += 2 + n;
        size -= 2 + n;
    }
    return 0;
}
