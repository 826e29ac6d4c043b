/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/link.h: every type round-trips, truncations ask for more, garbage is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/link.h"

static struct cw_link_message sample(uint16_t type)
{
    struct cw_link_message m = {
        .type = type,
        .version = 1,
        .worker = 2,
        .worker_count = 3,
        .engine_instance = 0x123456789,
        .request = 42,
        .session = 77,
        .participant = 5,
        .role = 2,
        .kind = 4,
        .message = 0x30,
        .stream = 9,
        .code = 21,
        .permissions = 0xFF,
        .until_unix_s = 99999,
        .value = 1234567890123,
        .size = 0x100000001,
        .blocks = 12,
        .signature = {7, 8},
        .ticket_id = {1, 2},
        .key = {3, 4},
        .address = {5, 6},
        .bytes = (const uint8_t *)"hello",
        .bytes_count = 5,
    };
    return m;
}

static void test_every_type(void **state)
{
    (void)state;
    unsigned known = 0;
    for (uint16_t type = 0; type < 100; type++) {
        struct cw_link_message m = sample(type);
        uint8_t bytes[256];
        uint8_t again[256];
        size_t size = 0;
        int err = cw_link_encode(&m, bytes, sizeof bytes, &size);
        if (strcmp(cw_link_type_name(type), "UNKNOWN") == 0) {
            assert_int_equal(err, CW_ERR_UNSUPPORTED);
            continue;
        }
        known++;
        assert_int_equal(err, 0);
        struct cw_link_message back;
        size_t used = 0;
        size_t again_size = 0;
        assert_int_equal(cw_link_decode(bytes, size, &back, &used), 0);
        assert_int_equal(used, size);
        assert_int_equal(cw_link_encode(&back, again, sizeof again, &again_size), 0);
        assert_int_equal(size, again_size);
        assert_memory_equal(bytes, again, size);
        for (size_t n = 0; n < size; n++) {
            assert_int_equal(cw_link_decode(bytes, n, &back, &used), CW_ERR_AGAIN);
            assert_int_equal(cw_link_encode(&m, again, n, &again_size), CW_ERR_FULL);
        }
        bytes[0]++; /* a length one too long leaves a byte over */
        bytes[size] = 0;
        assert_int_equal(cw_link_decode(bytes, size + 1, &back, &used), CW_ERR_INVALID);
        if (size > CW_LINK_HEADER_BYTES) {
            bytes[0] = (uint8_t)(bytes[0] - 2);
            assert_int_equal(cw_link_decode(bytes, size, &back, &used), CW_ERR_INVALID);
        }
    }
    assert_int_equal(known, 36);
}

static void test_layout(void **state)
{
    (void)state;
    struct cw_link_message m = sample(CW_LINK_DENY);
    uint8_t bytes[64];
    size_t size = 0;
    assert_int_equal(cw_link_encode(&m, bytes, sizeof bytes, &size), 0);
    static const uint8_t expected[] = {28, 0, 0, 0, 43, 0, 0, 0, 0x9F, 0x86, 1, 0, 0, 0, 0, 0,
                                       1,  2, 0, 0, 0,  0, 0, 0, 0,    0,    0, 0, 0, 0, 0, 0};
    assert_int_equal(size, sizeof expected);
    assert_memory_equal(bytes, expected, size);
}

static void test_refused(void **state)
{
    (void)state;
    uint8_t bytes[16] = {0xFF, 0xFF, 0xFF, 0xFF};
    struct cw_link_message back;
    size_t used;
    assert_int_equal(cw_link_decode(bytes, 16, &back, &used), CW_ERR_TOO_LARGE);
    memset(bytes, 0, sizeof bytes);
    bytes[0] = 3;
    assert_int_equal(cw_link_decode(bytes, 16, &back, &used), CW_ERR_INVALID);
    bytes[0] = 4;
    bytes[4] = 200;
    assert_int_equal(cw_link_decode(bytes, 16, &back, &used), CW_ERR_UNSUPPORTED);
    bytes[4] = CW_LINK_SNAPSHOT_END;
    assert_int_equal(cw_link_decode(bytes, 16, &back, &used), 0);
    assert_int_equal(used, 8);
    bytes[6] = 1;
    assert_int_equal(cw_link_decode(bytes, 16, &back, &used), CW_ERR_INVALID);
    static uint8_t large[CW_LINK_MESSAGE_BYTES_MAX * 2];
    struct cw_link_message m = sample(CW_LINK_COPY);
    m.bytes = large;
    m.bytes_count = CW_LINK_MESSAGE_BYTES_MAX;
    assert_int_equal(cw_link_encode(&m, large, sizeof large, &used), CW_ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
