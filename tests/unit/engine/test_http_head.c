/* SPDX-License-Identifier: Apache-2.0 */
/* engine/http_head.h: whole, byte by byte, at the size limit, and everything that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/http_head.h"
#include "engine/http_reply.h"
#include "engine/limits.h"

static const char origins[] = "https://a.example https://b.example:8443";
static const char upgrade[] = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n"
                              "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Origin: https://b.example:8443\r\n\r\n";

static int parse(const char *text, struct cw_http_head *h, size_t *used)
{
    *h = (struct cw_http_head){0};
    return cw_http_head_parse(h, (const uint8_t *)text, strlen(text), used);
}

static enum cw_http_verdict judge(const char *text)
{
    struct cw_http_head h;
    size_t used = 0;
    assert_int_equal(parse(text, &h, &used), 0);
    return cw_http_head_judge(&h, (const uint8_t *)text, origins);
}

static void test_upgrade(void **state)
{
    (void)state;
    assert_int_equal(judge(upgrade), CW_HTTP_WEBSOCKET);
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    struct cw_http_head h = {0};
    size_t used = 0;
    for (size_t n = 0; n < sizeof upgrade - 1; n++)
        assert_int_equal(cw_http_head_parse(&h, (const uint8_t *)upgrade, n, &used), CW_ERR_AGAIN);
    assert_int_equal(cw_http_head_parse(&h, (const uint8_t *)upgrade, sizeof upgrade - 1, &used),
                     0);
    assert_int_equal(used, sizeof upgrade - 1);
    assert_int_equal(cw_http_head_judge(&h, (const uint8_t *)upgrade, origins), CW_HTTP_WEBSOCKET);
}

/* Replaces one piece of the correct upgrade. */
static enum cw_http_verdict judge_with(const char *piece, const char *other)
{
    char text[1024];
    const char *at = strstr(upgrade, piece);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - upgrade), upgrade, other,
                   at + strlen(piece));
    return judge(text);
}

static void test_judged(void **state)
{
    (void)state;
    assert_int_equal(judge_with("https://b.example:8443", "https://b.example"),
                     CW_HTTP_WRONG_ORIGIN);
    assert_int_equal(judge_with("https://b.example:8443", "https://B.example:8443"),
                     CW_HTTP_WRONG_ORIGIN);
    assert_int_equal(judge_with("https://b.example:8443", "https://b.example:84431"),
                     CW_HTTP_WRONG_ORIGIN);
    assert_int_equal(judge_with("Origin: https://b.example:8443\r\n", ""), CW_HTTP_WRONG_ORIGIN);
    assert_int_equal(judge_with("Version: 13", "Version: 8"), CW_HTTP_BAD_UPGRADE);
    assert_int_equal(judge_with("Upgrade: WebSocket\r\n", ""), CW_HTTP_BAD_UPGRADE);
    assert_int_equal(judge_with("keep-alive, Upgrade", "keep-alive"), CW_HTTP_BAD_UPGRADE);
    assert_int_equal(judge_with("IHNhb", "IHN"), CW_HTTP_BAD_UPGRADE);
    assert_int_equal(judge_with("Host: a\r\n", ""), CW_HTTP_BAD_UPGRADE);
    assert_int_equal(judge_with("GET", "POST"), CW_HTTP_PIPE);
    assert_int_equal(judge_with("/ws", "/ws/"), CW_HTTP_PIPE);
    assert_int_equal(judge_with("/ws", "/"), CW_HTTP_PIPE);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "GET / HTTP/1.0\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\n\n",
        "GET / HTTP/1.1\r\nA: b\n\r\n",
        "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \x01\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "G@T / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cw_http_head h;
        size_t used = 0;
        assert_int_equal(parse(bad[i], &h, &used), CW_ERR_INVALID);
    }
}

static void test_limit(void **state)
{
    (void)state;
    static char text[CW_HTTP_HEAD_BYTES_MAX + 16];
    struct cw_http_head h;
    size_t used = 0;
    int start = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nA: ");
    memset(text + start, 'x', sizeof text - (size_t)start - 1);
    memcpy(text + CW_HTTP_HEAD_BYTES_MAX - 4, "\r\n\r\n", 5);
    assert_int_equal(parse(text, &h, &used), 0);
    assert_int_equal(used, CW_HTTP_HEAD_BYTES_MAX);
    memcpy(text + CW_HTTP_HEAD_BYTES_MAX - 4, "x\r\n\r\n", 6);
    assert_int_equal(parse(text, &h, &used), CW_ERR_TOO_LARGE);
}

static void test_redirect(void **state)
{
    (void)state;
    char out[CW_HTTP_REPLY_BYTES_MAX];
    size_t size =
        cw_http_reply_redirect(origins, (const uint8_t *)"/a?b", 4, (uint8_t *)out, sizeof out);
    assert_true(size > 0);
    assert_memory_equal(out, "HTTP/1.1 308 ", 13);
    assert_non_null(strstr(out, "\r\nLocation: https://a.example/a?b\r\n"));
    /* "//evil" would be another host to a browser, and so would an absolute target. */
    static const char *const targets[] = {"//evil/", "https://evil/", "*"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        size = cw_http_reply_redirect(origins, (const uint8_t *)targets[i], strlen(targets[i]),
                                      (uint8_t *)out, sizeof out);
        assert_true(size > 0);
        assert_memory_equal(out, "HTTP/1.1 400 ", 13);
    }
    assert_int_equal(cw_http_reply_page(CW_HTTP_PAGE_UNAVAILABLE, (uint8_t *)out, 20), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upgrade), cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_judged),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limit),   cmocka_unit_test(test_redirect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
