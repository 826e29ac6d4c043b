/* SPDX-License-Identifier: Apache-2.0 */
/* engine/websocket.h: messages whole and fragmented, in every cut; control frames; what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/websocket.h"

static const uint8_t mask[4] = {1, 2, 3, 4};

/* Appends one masked client frame. */
static size_t put(uint8_t *out, uint8_t first, const char *payload, size_t size)
{
    size_t at = 0;
    out[at++] = first;
    if (size < 126) {
        out[at++] = (uint8_t)(0x80 | size);
    } else {
        out[at++] = 0x80 | 126;
        out[at++] = (uint8_t)(size >> 8);
        out[at++] = (uint8_t)size;
    }
    memcpy(out + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < size; i++)
        out[at + i] = (uint8_t)payload[i] ^ mask[i & 3];
    return at + size;
}

struct result {
    uint8_t bytes[CW_FRAME_BYTES_MAX * 2];
    size_t size;
    unsigned messages, pings, pongs, closes;
    int err;
};

/* Feeds data in pieces of step bytes. */
static void feed(struct cw_websocket_reader *r, const uint8_t *data, size_t size, size_t step,
                 struct result *ret)
{
    static uint8_t copy[CW_FRAME_BYTES_MAX * 4];
    memcpy(copy, data, size);
    *ret = (struct result){0};
    for (size_t at = 0; at < size; at += step) {
        size_t left = size - at < step ? size - at : step;
        uint8_t *p = copy + at;
        enum cw_websocket_event event;
        do {
            size_t used = 0;
            struct cw_websocket_span span = {0};
            ret->err = cw_websocket_read(r, p, left, &used, &event, &span);
            if (ret->err != 0)
                return;
            p += used;
            left -= used;
            if (event == CW_WEBSOCKET_PAYLOAD) {
                memcpy(ret->bytes + ret->size, span.data, span.size);
                ret->size += span.size;
            }
            ret->messages += event == CW_WEBSOCKET_END;
            ret->pings += event == CW_WEBSOCKET_PING;
            ret->pongs += event == CW_WEBSOCKET_PONG;
            ret->closes += event == CW_WEBSOCKET_CLOSE;
        } while (event != CW_WEBSOCKET_NOTHING);
    }
}

static int error_of(const uint8_t *data, size_t size)
{
    static struct result result;
    struct cw_websocket_reader r = {0};
    feed(&r, data, size, size, &result);
    return result.err;
}

static void test_fragments_and_control_between(void **state)
{
    (void)state;
    uint8_t data[256];
    size_t size = put(data, 0x02, "abc", 3);
    size += put(data + size, 0x89, "ping", 4);
    size += put(data + size, 0x00, "", 0);
    size += put(data + size, 0x8A, "", 0);
    size += put(data + size, 0x80, "defg", 4);
    size += put(data + size, 0x82, "hi", 2);
    size += put(data + size, 0x88, "\x03\xE8 bye", 6);
    static struct result result;
    for (size_t step = 1; step <= size; step++) {
        struct cw_websocket_reader r = {0};
        feed(&r, data, size, step, &result);
        assert_int_equal(result.err, 0);
        assert_int_equal(result.size, 9);
        assert_memory_equal(result.bytes, "abcdefghi", 9);
        assert_int_equal(result.messages, 2);
        assert_int_equal(result.pings, 1);
        assert_int_equal(result.pongs, 1);
        assert_int_equal(result.closes, 1);
        assert_int_equal(r.close_code, 1000);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    static char payload[CW_FRAME_BYTES_MAX + 1];
    static uint8_t data[CW_FRAME_BYTES_MAX + 64];
    static const size_t sizes[] = {0, 125, 126, 65, CW_FRAME_BYTES_MAX};
    static struct result result;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct cw_websocket_reader r = {0};
        feed(&r, data, put(data, 0x82, payload, sizes[i]), 1000, &result);
        assert_int_equal(result.err, 0);
        assert_int_equal(result.size, sizes[i]);
        assert_int_equal(result.messages, 1);
    }
    assert_int_equal(error_of(data, put(data, 0x82, payload, sizeof payload)), CW_ERR_TOO_LARGE);
    /* Fragments count together. */
    size_t size = put(data, 0x02, payload, CW_FRAME_BYTES_MAX);
    size += put(data + size, 0x80, "x", 1);
    assert_int_equal(error_of(data, size), CW_ERR_TOO_LARGE);
}

static void test_refused(void **state)
{
    (void)state;
    uint8_t data[256];
    static const struct {
        uint8_t first;
        int err;
    } wrong[] = {
        {0x81, CW_ERR_UNSUPPORTED},                         /* text */
        {0x01, CW_ERR_UNSUPPORTED}, {0x80, CW_ERR_INVALID}, /* continues nothing */
        {0x83, CW_ERR_INVALID},     {0x8B, CW_ERR_INVALID}, /* reserved opcodes */
        {0xC2, CW_ERR_INVALID},     {0xA2, CW_ERR_INVALID}, {0x92, CW_ERR_INVALID}, /* RSV */
        {0x09, CW_ERR_INVALID},     {0x08, CW_ERR_INVALID}, /* fragmented control frames */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(error_of(data, put(data, wrong[i].first, "ab", 2)), wrong[i].err);
    size_t size = put(data, 0x02, "a", 1);
    size += put(data + size, 0x82, "b", 1);
    assert_int_equal(error_of(data, size), CW_ERR_INVALID); /* a message inside a message */
    static const uint8_t unmasked[] = {0x82, 0x01, 'a'};
    assert_int_equal(error_of(unmasked, sizeof unmasked), CW_ERR_INVALID);
    static const uint8_t long_form[] = {0x82, 0xFE, 0, 5, 0, 0, 0, 0};
    assert_int_equal(error_of(long_form, sizeof long_form), CW_ERR_INVALID);
    static const uint8_t large_ping[] = {0x89, 0xFE, 0, 126, 0, 0, 0, 0};
    assert_int_equal(error_of(large_ping, sizeof large_ping), CW_ERR_INVALID);
    static const uint8_t huge[] = {0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0,    0,    0,    0};
    assert_int_equal(error_of(huge, sizeof huge), CW_ERR_TOO_LARGE);
    assert_int_equal(error_of(data, put(data, 0x88, "\x03", 1)), CW_ERR_INVALID);
    assert_int_equal(error_of(data, put(data, 0x88, "\x03\xED", 2)), CW_ERR_INVALID); /* 1005 */
    assert_int_equal(error_of(data, put(data, 0x88, "\x03\xE8\xFF", 3)), CW_ERR_INVALID);
    assert_int_equal(error_of(data, put(data, 0x88, "", 0)), 0);
}

static void test_ours(void **state)
{
    (void)state;
    char accept[CW_WEBSOCKET_ACCEPT_BYTES];
    /* RFC 6455, section 1.3 */
    assert_int_equal(cw_websocket_accept("dGhlIHNhbXBsZSBub25jZQ==", 24, accept), 0);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    uint8_t frame[2 + CW_WEBSOCKET_CONTROL_BYTES_MAX];
    char text[200];
    memset(text, 'a', sizeof text);
    memcpy(text + 122, "\xC3\xA9", 2); /* the cut would go through this character */
    assert_int_equal(cw_websocket_close_frame(4001, text, sizeof text, frame), 2 + 2 + 122);
    assert_int_equal(frame[1], 124);
    assert_int_equal(cw_websocket_header(CW_WEBSOCKET_OP_BINARY, 125, frame), 2);
    assert_int_equal(cw_websocket_header(CW_WEBSOCKET_OP_BINARY, 16384, frame), 4);
    assert_true(frame[2] == 0x40 && frame[3] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fragments_and_control_between),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
