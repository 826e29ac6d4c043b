/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a client's WebSocket stream: whole and byte by byte give the same events and payload, and a
 * message never exceeds its limit. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trace {
    uint64_t hash; /* of events and payload bytes */
    uint32_t message_bytes;
    int err;
};

static void add(struct trace *t, uint8_t byte)
{
    t->hash = (t->hash ^ byte) * UINT64_C(0x100000001B3);
}

static void take(struct trace *t, const struct cw_websocket_reader *r,
                 enum cw_websocket_event event, const struct cw_websocket_span *span)
{
    if (event == CW_WEBSOCKET_PAYLOAD) {
        for (size_t i = 0; i < span->size; i++)
            add(t, span->data[i]);
        t->message_bytes += (uint32_t)span->size;
        CW_CHECK(t->message_bytes <= CW_FRAME_BYTES_MAX, "a message has a limit");
        return; /* pieces may be cut anywhere */
    }
    if (event == CW_WEBSOCKET_END)
        t->message_bytes = 0;
    if (event != CW_WEBSOCKET_NOTHING) {
        add(t, (uint8_t)event);
        add(t, r->control_bytes);
    }
}

static struct trace run(const uint8_t *data, size_t size, size_t step)
{
    struct cw_websocket_reader r = {0};
    struct trace t = {.hash = UINT64_C(0xCBF29CE484222325)};
    uint8_t *copy = malloc(size + 1); /* unmasked in place */
    CW_CHECK(copy != NULL, "memory");
    memcpy(copy, data, size);
    for (size_t at = 0; at < size && t.err == CW_OK; at += step) {
        uint8_t *p = copy + at;
        size_t left = size - at < step ? size - at : step;
        enum cw_websocket_event event = CW_WEBSOCKET_NOTHING;
        do {
            size_t used = 0;
            struct cw_websocket_span span = {0};
            t.err = cw_websocket_read(&r, p, left, &used, &event, &span);
            if (t.err != CW_OK)
                break;
            CW_CHECK(used <= left, "takes no more than there is");
            take(&t, &r, event, &span);
            p += used;
            left -= used;
        } while (event != CW_WEBSOCKET_NOTHING);
    }
    free(copy);
    return t;
}

/* Where the short way for one whole message applies, it says what the long one does; else it touches nothing. */
static void check_short_way(const uint8_t *data, size_t size, const struct trace *whole)
{
    const struct cw_websocket_reader r = {0};
    struct trace t = {.hash = UINT64_C(0xCBF29CE484222325)};
    struct cw_websocket_span span;
    uint8_t *copy = malloc(size); /* exactly as long as it is */
    CW_CHECK(copy != NULL, "memory");
    memcpy(copy, data, size);
    if (cw_websocket_read_whole(&r, copy, size, &span)) {
        CW_CHECK(span.data + span.size == copy + size, "it is all of it");
        if (span.size > 0)
            take(&t, &r, CW_WEBSOCKET_PAYLOAD, &span);
        take(&t, &r, CW_WEBSOCKET_END, NULL);
        CW_CHECK(whole->err == CW_OK && whole->hash == t.hash, "both ways lead to the same");
    } else {
        CW_CHECK(memcmp(copy, data, size) == 0, "what is refused is untouched");
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct trace whole = run(data, size, size);
    check_short_way(data, size, &whole);
    struct trace bytes = run(data, size, 1);
    CW_CHECK(whole.err == bytes.err && whole.hash == bytes.hash, "cuts do not matter");
    return 0;
}
