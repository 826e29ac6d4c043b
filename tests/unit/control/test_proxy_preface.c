/* SPDX-License-Identifier: Apache-2.0 */
/* The PROXY v2 preface: every truncation asks for more, every lie is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "control/front/front_limits.h"
#include "control/front/proxy_preface.h"
#include "engine/base/err.h"

static const uint8_t tcp6[52] = {0x0d,
                                 0x0a,
                                 0x0d,
                                 0x0a,
                                 0x00,
                                 0x0d,
                                 0x0a,
                                 0x51,
                                 0x55,
                                 0x49,
                                 0x54,
                                 0x0a,
                                 0x21,
                                 0x21,
                                 0x00,
                                 0x24,
                                 /* source 2001:db8::7 */ 0x20,
                                 0x01,
                                 0x0d,
                                 0xb8,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 7,
                                 /* destination ::1 */ 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 0,
                                 1,
                                 /* ports 51000, 8443 */ 0xc7,
                                 0x38,
                                 0x20,
                                 0xfb};
static const uint8_t tcp4[28] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
                                 0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c, 203,  0,    113,  9,
                                 127,  0,    0,    1,    0xc7, 0x38, 0x20, 0xfb};

/* In memory of exactly n bytes, so that the sanitizer sees a read past the end. */
static int parse(const uint8_t *bytes, size_t n, size_t *need, struct sockaddr_in6 *client)
{
    uint8_t *exact = malloc(n > 0 ? n : 1);
    assert_non_null(exact);
    if (n > 0)
        memcpy(exact, bytes, n);
    int rc = cw_preface_parse(exact, n, need, client);
    free(exact);
    return rc;
}

static void both_families_give_the_client(void **state)
{
    (void)state;
    size_t need;
    struct sockaddr_in6 client;
    char text[INET6_ADDRSTRLEN];
    assert_int_equal(parse(tcp6, sizeof tcp6, &need, &client), 0);
    assert_int_equal(need, sizeof tcp6);
    assert_int_equal(client.sin6_family, AF_INET6);
    assert_int_equal(ntohs(client.sin6_port), 51000);
    assert_string_equal(inet_ntop(AF_INET6, &client.sin6_addr, text, sizeof text), "2001:db8::7");
    assert_int_equal(parse(tcp4, sizeof tcp4, &need, &client), 0);
    assert_int_equal(need, sizeof tcp4);
    assert_int_equal(ntohs(client.sin6_port), 51000);
    assert_string_equal(inet_ntop(AF_INET6, &client.sin6_addr, text, sizeof text),
                        "::ffff:203.0.113.9");
}

static void every_truncation_asks_for_the_rest_and_no_more(void **state)
{
    (void)state;
    const struct {
        const uint8_t *bytes;
        size_t size;
    } whole[] = {{tcp6, sizeof tcp6}, {tcp4, sizeof tcp4}};
    for (size_t w = 0; w < 2; w++)
        for (size_t n = 0; n < whole[w].size; n++) {
            size_t need = 0;
            struct sockaddr_in6 client;
            assert_int_equal(parse(whole[w].bytes, n, &need, &client), CW_ERR_AGAIN);
            assert_int_equal(need, n < 16 ? 16 : whole[w].size);
        }
}

static void reading_by_need_takes_exactly_the_preface(void **state)
{
    (void)state;
    uint8_t stream[sizeof tcp6 + 4];
    memcpy(stream, tcp6, sizeof tcp6);
    memcpy(stream + sizeof tcp6, "GET ", 4);
    size_t have = 0;
    size_t need;
    struct sockaddr_in6 client;
    int rc;
    while ((rc = parse(stream, have, &need, &client)) == CW_ERR_AGAIN) {
        assert_true(need > have);
        have = need;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(have, sizeof tcp6);
}

static void a_wrong_byte_of_the_signature_is_seen_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        uint8_t bytes[sizeof tcp6];
        size_t need;
        struct sockaddr_in6 client;
        memcpy(bytes, tcp6, sizeof bytes);
        bytes[i] ^= 0x20;
        assert_int_equal(parse(bytes, i + 1, &need, &client), CW_ERR_INVALID);
        assert_int_equal(parse(bytes, sizeof bytes, &need, &client), CW_ERR_INVALID);
    }
}

static void every_other_command_and_family_is_refused(void **state)
{
    (void)state;
    for (unsigned at = 12; at <= 13; at++)
        for (unsigned v = 0; v < 256; v++) {
            uint8_t bytes[sizeof tcp6];
            size_t need;
            struct sockaddr_in6 client;
            memcpy(bytes, tcp6, sizeof bytes);
            bytes[at] = (uint8_t)v;
            int rc = parse(bytes, sizeof bytes, &need, &client);
            if (v == tcp6[at] || (at == 13 && v == 0x11))
                assert_int_equal(rc, 0); /* TCP4 with the rest as extensions */
            else
                assert_int_equal(rc, CW_ERR_UNSUPPORTED);
        }
}

static void lengths_that_lie_are_refused(void **state)
{
    (void)state;
    for (unsigned length = 0; length <= 0xffff; length++) {
        uint8_t bytes[sizeof tcp6];
        size_t need;
        struct sockaddr_in6 client;
        memcpy(bytes, tcp6, sizeof bytes);
        bytes[14] = (uint8_t)(length >> 8);
        bytes[15] = (uint8_t)length;
        int rc = parse(bytes, sizeof bytes, &need, &client);
        assert_true(need <= CW_PREFACE_BYTES_MAX);
        if (length < 36)
            assert_int_equal(rc, CW_ERR_INVALID);
        else if (length == 36)
            assert_int_equal(rc, 0);
        else if (length <= CW_PREFACE_BODY_BYTES_MAX)
            assert_int_equal(rc, CW_ERR_AGAIN);
        else
            assert_int_equal(rc, CW_ERR_TOO_LARGE);
    }
}

static void extensions_are_passed_over(void **state)
{
    (void)state;
    uint8_t bytes[16 + CW_PREFACE_BODY_BYTES_MAX] = {0};
    size_t need;
    struct sockaddr_in6 client;
    memcpy(bytes, tcp4, sizeof tcp4);
    bytes[14] = CW_PREFACE_BODY_BYTES_MAX >> 8;
    bytes[15] = CW_PREFACE_BODY_BYTES_MAX & 0xff;
    assert_int_equal(parse(bytes, sizeof bytes, &need, &client), 0);
    assert_int_equal(need, sizeof bytes);
    assert_int_equal(client.sin6_addr.s6_addr[12], 203);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_families_give_the_client),
        cmocka_unit_test(every_truncation_asks_for_the_rest_and_no_more),
        cmocka_unit_test(reading_by_need_takes_exactly_the_preface),
        cmocka_unit_test(a_wrong_byte_of_the_signature_is_seen_at_once),
        cmocka_unit_test(every_other_command_and_family_is_refused),
        cmocka_unit_test(lengths_that_lie_are_refused),
        cmocka_unit_test(extensions_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
