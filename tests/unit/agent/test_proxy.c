/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP proxies: URLs, exceptions, answers; and a connection with TLS and hello through a small one of our own that
 * wants credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>

#include "clients/peer/conn.h"
#include "clients/peer/proxy.h"
#include "engine/base/err.h"
#include "engine/wire/ticket.h"
#include "tests/unit/agent/fake_appliance.h"

static void test_urls(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *port, *credentials;
    } good[] = {
        {"http://proxy.example:3128", "proxy.example", "3128", ""},
        {"HTTP://proxy.example/", "proxy.example", "8080", ""},
        {"proxy.example", "proxy.example", "8080", ""},
        {"http://kim:se%40cret@10.0.0.1:1", "10.0.0.1", "1", "kim:se@cret"},
        {"http://kim@[2001:db8::1]:3128", "2001:db8::1", "3128", "kim"},
        {"http://[2001:db8::1]", "2001:db8::1", "8080", ""},
        {"http://a:b@c:d@host:9", "host", "9", "a:b@c:d"},
    };
    static const char *bad[] = {"",
                                "http://",
                                "https://proxy.example",
                                "socks5://proxy.example",
                                "http://proxy.example/path",
                                "http://proxy.example:0",
                                "http://proxy.example:99999",
                                "http://kim:a%0d%0ab@proxy.example",
                                "http://kim:%4@proxy.example",
                                "http://kim:%zz@proxy.example"};
    struct cw_proxy p;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(cw_proxy_parse(good[i].text, &p), 0);
        assert_string_equal(p.address.host, good[i].host);
        assert_string_equal(p.address.port, good[i].port);
        assert_string_equal(p.credentials, good[i].credentials);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(cw_proxy_parse(bad[i], &p), CW_ERR_INVALID);
    char longest[700];
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(cw_proxy_parse(longest, &p), CW_ERR_INVALID);
    longest[300] = '@';
    longest[301] = '\0';
    assert_int_equal(cw_proxy_parse(longest, &p), CW_ERR_INVALID);
}

static void test_exceptions(void **state)
{
    (void)state;
    const char *list = "localhost, .example.com,10.0.0.1";
    assert_true(cw_proxy_is_excepted(list, "localhost"));
    assert_true(cw_proxy_is_excepted(list, "help.example.com"));
    assert_true(cw_proxy_is_excepted(list, "EXAMPLE.com"));
    assert_true(cw_proxy_is_excepted(list, "10.0.0.1"));
    assert_false(cw_proxy_is_excepted(list, "badexample.com"));
    assert_false(cw_proxy_is_excepted(list, "110.0.0.1"));
    assert_false(cw_proxy_is_excepted("", "localhost"));
    assert_false(cw_proxy_is_excepted(" , ", "localhost"));
    assert_true(cw_proxy_is_excepted("a,*", "localhost"));
}

static void test_environment(void **state)
{
    (void)state;
    struct cw_proxy p;
    bool is_set = true;
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
    assert_int_equal(cw_proxy_from_environment("help.example", &p, &is_set), 0);
    assert_false(is_set);
    setenv("HTTPS_PROXY", "http://one:1", 1);
    setenv("https_proxy", "http://two:2", 1);
    assert_int_equal(cw_proxy_from_environment("help.example", &p, &is_set), 0);
    assert_true(is_set);
    assert_string_equal(p.address.host, "two");
    setenv("no_proxy", "example", 1);
    assert_int_equal(cw_proxy_from_environment("help.example", &p, &is_set), 0);
    assert_false(is_set);
    setenv("no_proxy", "", 1);
    setenv("https_proxy", "ftp://two", 1);
    assert_int_equal(cw_proxy_from_environment("help.example", &p, &is_set), CW_ERR_INVALID);
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
}

static void test_answers(void **state)
{
    (void)state;
    static const char ok[] = "HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n";
    static const struct {
        const char *text;
        int err;
        const char *says;
    } bad[] = {
        {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", CW_ERR_DENIED, "user name"},
        {"HTTP/1.1 403 Forbidden\r\nX: y\r\n\r\n", CW_ERR_IO, "403"},
        {"HTTP/1.1 20 OK\r\n\r\n", CW_ERR_INVALID, "not an HTTP proxy"},
        {"HTTP/1.1 200 OK\r\n\r\nmore", CW_ERR_INVALID, "not an HTTP proxy"},
        {"SSH-2.0-OpenSSH", CW_ERR_INVALID, "not an HTTP proxy"},
        {"\x15\x03\x01", CW_ERR_INVALID, "not an HTTP proxy"},
    };
    struct cw_proxy p;
    char message[320];
    assert_int_equal(cw_proxy_parse("http://proxy:1", &p), 0);
    for (size_t i = 1; i < sizeof(ok) - 1; i++)
        assert_int_equal(cw_proxy_answer(&p, ok, i, message, sizeof(message)), CW_ERR_AGAIN);
    assert_int_equal(cw_proxy_answer(&p, ok, sizeof(ok) - 1, message, sizeof(message)), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(
            cw_proxy_answer(&p, bad[i].text, strlen(bad[i].text), message, sizeof(message)),
            bad[i].err);
        assert_non_null(strstr(message, bad[i].says));
    }
    static char endless[CW_PROXY_ANSWER_BYTES];
    memset(endless, 'a', sizeof(endless));
    memcpy(endless, ok, 20);
    assert_int_equal(cw_proxy_answer(&p, endless, sizeof(endless), message, sizeof(message)),
                     CW_ERR_INVALID);
}

/* ---- through one -------------------------------------------------------------------------------- */

struct middle {
    int fd;
    struct cw_address address;
    const char *wants; /* this line must be in the request */
    char request[CW_PROXY_REQUEST_BYTES];
    bool is_byte_by_byte;
};

static void say(int fd, const char *text, bool is_byte_by_byte)
{
    for (size_t i = 0, n = strlen(text); i < n;) {
        size_t part = is_byte_by_byte ? 1 : n - i;
        if (send(fd, text + i, part, MSG_NOSIGNAL) != (ssize_t)part)
            return;
        i += part;
    }
}

/* Moves bytes until one side has ended. */
static void pipe_bytes(int a, int b)
{
    int fds[2] = {a, b};
    char bytes[4096];
    for (;;) {
        struct pollfd p[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
        if (poll(p, 2, FAKE_WAIT_S * 1000) <= 0)
            return;
        for (unsigned i = 0; i < 2; i++) {
            if (p[i].revents == 0)
                continue;
            ssize_t n = recv(fds[i], bytes, sizeof(bytes), 0);
            if (n <= 0 || send(fds[1 - i], bytes, (size_t)n, MSG_NOSIGNAL) != n)
                return;
        }
    }
}

/* One CONNECT to a port of 127.0.0.1. */
static void *run_middle(void *user)
{
    struct middle *m = user;
    size_t size = 0;
    unsigned port = 0;
    int client = accept(m->fd, NULL, NULL);
    while (client >= 0 && strstr(m->request, "\r\n\r\n") == NULL && size < sizeof(m->request) - 1) {
        ssize_t n = recv(client, m->request + size, sizeof(m->request) - 1 - size, 0);
        if (n <= 0)
            break;
        size += (size_t)n;
    }
    if (strstr(m->request, m->wants) == NULL) {
        say(client, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", m->is_byte_by_byte);
    } else if (sscanf(m->request, "CONNECT 127.0.0.1:%u HTTP/1.1\r\n", &port) == 1) {
        struct sockaddr_in a = {.sin_family = AF_INET,
                                .sin_addr = {htonl(INADDR_LOOPBACK)},
                                .sin_port = htons((uint16_t)port)};
        int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(server, (struct sockaddr *)&a, sizeof(a)) == 0) {
            say(client, "HTTP/1.1 200 Connection established\r\n\r\n", m->is_byte_by_byte);
            pipe_bytes(client, server);
        }
        close(server);
    }
    close(client);
    return NULL;
}

static void middle_start(struct middle *m, pthread_t *thread)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(a);
    m->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval wait = {.tv_sec = FAKE_WAIT_S};
    setsockopt(m->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    assert_int_equal(bind(m->fd, (struct sockaddr *)&a, size), 0);
    assert_int_equal(listen(m->fd, 4), 0);
    assert_int_equal(getsockname(m->fd, (struct sockaddr *)&a, &size), 0);
    snprintf(m->address.host, sizeof(m->address.host), "127.0.0.1");
    snprintf(m->address.port, sizeof(m->address.port), "%u", (unsigned)ntohs(a.sin_port));
    assert_int_equal(pthread_create(thread, NULL, run_middle, m), 0);
}

static void *run_appliance(void *user)
{
    struct fake *f = user;
    struct fake_conn *c = fake_accept(f);
    if (c != NULL && fake_welcome(f, c, CW_HELLO_TICKET))
        (void)fake_read(c); /* until the client goes */
    fake_hang_up(c);
    return NULL;
}

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    (void)payload;
    (void)size;
    *(bool *)user = *(bool *)user || type == CW_MESSAGE_WELCOME;
    return 0;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Connects to the appliance through the middle with these credentials; 0 and welcome, or the error. */
static int go_through(struct middle *m, const char *credentials, char *reason, size_t reason_size)
{
    static struct cw_conn conn;
    pthread_t middle_thread, appliance_thread;
    struct fake *fake = fake_start(30, true);
    struct cw_conn_hello hello = {.kind = CW_HELLO_TICKET};
    bool is_welcome = false;
    middle_start(m, &middle_thread);
    pthread_create(&appliance_thread, NULL, run_appliance, fake);
    struct cw_proxy proxy = {.address = m->address};
    snprintf(proxy.credentials, sizeof(proxy.credentials), "%s", credentials);
    cw_dial_use_proxy(&proxy);
    memset(hello.secret_seed, 5, sizeof(hello.secret_seed));
    fake_ticket(fake, CW_TICKET_KIND_JOIN, CW_ROLE_CUSTOMER, 3, hello.secret_seed, hello.ticket);
    cw_conn_start(&conn, &fake->address, fake->identity, &hello, on_message, &is_welcome);
    int err = 0;
    for (uint64_t end_ns = now_ns() + FAKE_WAIT_S * UINT64_C(1000000000);
         err == 0 && !is_welcome && now_ns() < end_ns;) {
        struct pollfd p;
        (void)cw_conn_poll(&conn, &p);
        (void)poll(&p, 1, 50);
        err = cw_conn_process(&conn, now_ns());
    }
    snprintf(reason, reason_size, "%s", cw_conn_reason(&conn));
    assert_true(err != 0 || is_welcome);
    cw_conn_stop(&conn);
    cw_dial_use_proxy(NULL);
    shutdown(fake->fd, SHUT_RDWR); /* where nobody came */
    pthread_join(appliance_thread, NULL);
    pthread_join(middle_thread, NULL);
    close(m->fd);
    fake_stop(fake);
    return err;
}

static void test_through_a_proxy(void **state)
{
    (void)state;
    char reason[320];
    for (unsigned i = 0; i < 2; i++) {
        struct middle m = {.wants = "", .is_byte_by_byte = i == 1};
        assert_int_equal(go_through(&m, "", reason, sizeof(reason)), 0);
        assert_null(strstr(m.request, "Proxy-Authorization"));
    }
    struct middle m = {.wants = "\r\nProxy-Authorization: Basic a2ltOnNlQGNyZXQ=\r\n"};
    assert_int_equal(go_through(&m, "kim:se@cret", reason, sizeof(reason)), 0);
    memset(m.request, 0, sizeof(m.request));
    assert_int_equal(go_through(&m, "kim:wrong", reason, sizeof(reason)), CW_ERR_DENIED);
    assert_non_null(strstr(reason, "wants another user name and password."));
    memset(m.request, 0, sizeof(m.request));
    assert_int_equal(go_through(&m, "", reason, sizeof(reason)), CW_ERR_DENIED);
    assert_non_null(strstr(reason, "wants a user name and password."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_through_a_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
