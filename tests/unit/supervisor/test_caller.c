/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/supervisor/caller.h"

static void orders_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "downgrade",
                                      "upgrade ",
                                      "upgrade workers=",
                                      "upgrade workers=257",
                                      "upgrade workers=12345",
                                      "upgrade workers=1x",
                                      "upgrade program=",
                                      "upgrade program=engine",
                                      "upgrade program=/x workers=1x\n"};
    static struct cw_upgrade_order o;
    char message[200];
    assert_int_equal(cw_upgrade_order_parse("upgrade", 7, &o, message, sizeof message), 0);
    assert_false(o.has_workers);
    assert_string_equal(o.program, "");
    static const char whole[] = "upgrade workers=4 program=/usr/sbin/an engine";
    assert_int_equal(cw_upgrade_order_parse(whole, strlen(whole), &o, message, sizeof message), 0);
    assert_true(o.has_workers);
    assert_int_equal(o.workers, 4);
    assert_string_equal(o.program, "/usr/sbin/an engine");
    for (size_t i = 0; i + 1 < sizeof bad / sizeof bad[0]; i++) {
        message[0] = '\0';
        assert_int_equal(
            cw_upgrade_order_parse(bad[i], strlen(bad[i]), &o, message, sizeof message),
            CW_ERR_INVALID);
        assert_non_null(strstr(message, "upgrade [workers=N]"));
    }
    assert_int_equal(
        cw_upgrade_order_parse("upgrade program=/a\0b", 20, &o, message, sizeof message),
        CW_ERR_INVALID);
}

static char dir[64];

static int dial(const struct cw_caller *c)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, c->path, strlen(c->path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void hear(int fd, const char *what)
{
    char text[600] = "";
    ssize_t n = recv(fd, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    if (strstr(text, what) == NULL || (what[0] == '\0' && n > 0))
        fail_msg("\"%s\" instead of \"%s\"", text, what);
}

static void one_caller_at_a_time_is_answered(void **state)
{
    (void)state;
    struct cw_identity identity = {.uid = geteuid(), .gid = getegid()};
    struct cw_caller c;
    struct stat st;
    char message[200];
    cw_log_set_level(CW_LOG_ERROR);
    assert_int_equal(cw_caller_open(&c, dir, &identity, message, sizeof message), 0);
    assert_int_equal(stat(c.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    int first = dial(&c);
    cw_caller_accept(&c, 1000);
    assert_true(c.caller >= 0);
    int second = dial(&c);
    cw_caller_accept(&c, 1000);
    hear(second, "error another order");
    assert_false(cw_caller_read(&c)); /* nothing yet */
    assert_int_equal(send(first, "upgr", 4, 0), 4);
    assert_false(cw_caller_read(&c));
    assert_int_equal(send(first, "ade\n", 4, 0), 4);
    assert_true(cw_caller_read(&c));
    assert_string_equal(c.line, "upgrade");
    cw_caller_tick(&c, UINT64_MAX); /* it waits for its answer as long as it takes */
    cw_caller_answer(&c, true, "done");
    hear(first, "ok done");
    hear(first, ""); /* closed */
    assert_int_equal(c.caller, -1);

    int slow = dial(&c);
    cw_caller_accept(&c, 1000);
    cw_caller_tick(&c, 1000 + CW_ORDER_TIME_NS_MAX - 1);
    assert_true(c.caller >= 0);
    cw_caller_tick(&c, 1000 + CW_ORDER_TIME_NS_MAX);
    assert_int_equal(c.caller, -1);
    hear(slow, "");
    int talker = dial(&c);
    cw_caller_accept(&c, 1000);
    static char much[CW_ORDER_LINE_BYTES_MAX + 10];
    memset(much, 'x', sizeof much);
    assert_true(send(talker, much, sizeof much, 0) > CW_ORDER_LINE_BYTES_MAX);
    assert_false(cw_caller_read(&c));
    hear(talker, "error the line is too long");
    (void)close(first);
    (void)close(second);
    (void)close(slow);
    (void)close(talker);
    cw_caller_close(&c);
    assert_int_equal(stat(c.path, &st), -1);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/cw-caller-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_are_read),
        cmocka_unit_test(one_caller_at_a_time_is_answered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
