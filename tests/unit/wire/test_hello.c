/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/hello.h: round trip of the four kinds and the reply, truncations, wrong lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/hello.h"

static struct cw_hello sample(uint8_t kind)
{
    struct cw_hello h = {.kind = kind};
    if (kind == CW_HELLO_TICKET || kind == CW_HELLO_DEVICE) {
        h.ticket.kind = CW_TICKET_KIND_JOIN;
        h.ticket.role = CW_ROLE_CUSTOMER;
        h.ticket.session = 9;
        h.possession[63] = 7;
    } else {
        h.body = (const uint8_t *)"{\"key\":\"ABCD\"}";
        h.body_bytes = 14;
    }
    return h;
}

static void test_round_trip_and_truncation(void **state)
{
    (void)state;
    for (uint8_t kind = CW_HELLO_TICKET; kind <= CW_HELLO_SESSION_KEY; kind++) {
        struct cw_hello h = sample(kind);
        uint8_t bytes[CW_HELLO_BYTES_MAX + 1] = {0};
        uint8_t again[CW_HELLO_BYTES_MAX];
        size_t size = 0;
        size_t again_size = 0;
        assert_int_equal(cw_hello_encode(&h, bytes, CW_HELLO_BYTES_MAX, &size), 0);
        struct cw_hello back;
        assert_int_equal(cw_hello_decode(bytes, size, &back), 0);
        assert_int_equal(back.kind, kind);
        assert_int_equal(cw_hello_encode(&back, again, sizeof again, &again_size), 0);
        assert_int_equal(size, again_size);
        assert_memory_equal(bytes, again, size);
        for (size_t n = 0; n < size; n++)
            assert_int_equal(cw_hello_decode(bytes, n, &back), CW_ERR_INVALID);
        assert_int_equal(cw_hello_decode(bytes, size + 1, &back), CW_ERR_INVALID);
        for (size_t n = 0; n < size; n++)
            assert_int_equal(cw_hello_encode(&h, again, n, &again_size), CW_ERR_FULL);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct cw_hello h = sample(CW_HELLO_SESSION_KEY);
    uint8_t bytes[CW_HELLO_BYTES_MAX];
    size_t size = 0;
    struct cw_hello back;
    assert_int_equal(cw_hello_encode(&h, bytes, sizeof bytes, &size), 0);
    bytes[0] = 2;
    assert_int_equal(cw_hello_decode(bytes, size, &back), CW_ERR_UNSUPPORTED);
    bytes[0] = CW_HELLO_VERSION;
    bytes[1] = 0;
    assert_int_equal(cw_hello_decode(bytes, size, &back), CW_ERR_INVALID);
    bytes[1] = 5;
    assert_int_equal(cw_hello_decode(bytes, size, &back), CW_ERR_INVALID);
    bytes[1] = CW_HELLO_TICKET; /* fourteen bytes are no ticket */
    assert_int_equal(cw_hello_decode(bytes, size, &back), CW_ERR_INVALID);
    static uint8_t large[4 + CW_HELLO_BODY_BYTES_MAX + 1] = {CW_HELLO_VERSION, CW_HELLO_ENROLMENT,
                                                             0x01, 0x04};
    assert_int_equal(cw_hello_decode(large, sizeof large, &back), CW_ERR_TOO_LARGE);
    h.body = large;
    h.body_bytes = CW_HELLO_BODY_BYTES_MAX + 1;
    assert_int_equal(cw_hello_encode(&h, bytes, sizeof bytes, &size), CW_ERR_TOO_LARGE);
    h.body_bytes = 0;
    assert_int_equal(cw_hello_encode(&h, bytes, sizeof bytes, &size), CW_ERR_INVALID);
    h.body_bytes = CW_HELLO_BODY_BYTES_MAX;
    assert_int_equal(cw_hello_encode(&h, bytes, sizeof bytes, &size), 0);
    assert_int_equal(cw_hello_decode(bytes, size, &back), 0);
}

static void test_reply(void **state)
{
    (void)state;
    static uint8_t body[CW_HELLO_REPLY_BODY_BYTES_MAX + 1];
    static uint8_t bytes[CW_HELLO_REPLY_BODY_BYTES_MAX + 8];
    struct cw_hello_reply reply = {CW_CLOSE_SESSION_KEY_USED, body, 300};
    size_t size = 0;
    assert_int_equal(cw_hello_reply_encode(&reply, bytes, sizeof bytes, &size), 0);
    struct cw_hello_reply back;
    assert_int_equal(cw_hello_reply_decode(bytes, size, &back), 0);
    assert_int_equal(back.code, CW_CLOSE_SESSION_KEY_USED);
    assert_int_equal(back.body_bytes, 300);
    for (size_t n = 0; n < size; n++)
        assert_int_equal(cw_hello_reply_decode(bytes, n, &back), CW_ERR_INVALID);
    reply.body_bytes = CW_HELLO_REPLY_BODY_BYTES_MAX + 1;
    assert_int_equal(cw_hello_reply_encode(&reply, bytes, sizeof bytes, &size), CW_ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip_and_truncation),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
