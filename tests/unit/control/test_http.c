/* SPDX-License-Identifier: Apache-2.0 */
/* The web front with everything real behind it: libmicrohttpd over socket pairs, the operations, a store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/front/front_limits.h"
#include "control/front/http.h"
#include "control/front/waiter.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static const char origins[] = "https://localhost:8443 https://help.example";
static const uint8_t preface[28] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
                                    0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c, 203,  0,    113,  9,
                                    127,  0,    0,    1,    0xc7, 0x38, 0x20, 0xfb};

static char dir[64];
static struct cw_loop *loop;
static struct cw_control *control;
static struct cw_http *http;
static struct cw_watch hashes;
static unsigned links;
static char admin_password[128];
static char answer[200 * 1024];

static void on_reply(void *user, void *waiter, int err, struct cw_reply *reply)
{
    struct cw_waiter *w = waiter;
    (void)user;
    w->done(w, err, reply);
}

static void on_hashes(void *arg, uint32_t events)
{
    (void)arg;
    (void)events;
    cw_control_on_hashes_ready(control);
}

static unsigned link_count(void *user)
{
    (void)user;
    return links;
}

static void start_http(void)
{
    const struct cw_http_config config = {.loop = loop,
                                          .control = control,
                                          .public_origin = origins,
                                          .pages_dir = "/nonexistent",
                                          .download_dir = "/nonexistent",
                                          .operations = cw_operations,
                                          .engine_links = link_count};
    assert_int_equal(cw_http_new(&config, &http), 0);
}

static int set_up(void **state)
{
    (void)state;
    static char store[80];
    char message[240];
    cw_log_set_level(CW_LOG_ERROR);
    (void)snprintf(dir, sizeof dir, "/tmp/cw-http-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(store, sizeof store, "%s/control", dir);
    assert_int_equal(cw_loop_new(&loop), 0);
    const struct cw_control_config config = {.control_dir = store,
                                             .public_origin = origins,
                                             .hash_cost = {1024, 1, 1},
                                             .on_reply = on_reply};
    if (cw_control_new(&config, message, sizeof message, &control) != 0)
        fail_msg("%s", message);
    hashes = (struct cw_watch){.fd = cw_control_event_fd(control), .ready = on_hashes};
    assert_int_equal(cw_loop_watch(loop, &hashes, EPOLLIN), 0);
    links = 0;
    start_http();
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    cw_http_free(http);
    cw_loop_forget(loop, &hashes);
    cw_control_free(control);
    cw_loop_free(loop);
    return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void turn(void)
{
    assert_int_equal(cw_loop_turn(loop, 2), 0);
    cw_http_after_turn(http);
    for (int i = 0; i < 8 && cw_http_has_more(http); i++) {
        assert_int_equal(cw_loop_turn(loop, 0), 0);
        cw_http_after_turn(http);
    }
}

static int connect_raw(void)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    cw_http_accept(http, pair[0]);
    return pair[1];
}

static void push(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    for (int tries = 0; n > 0 && tries < 2000; tries++) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return; /* answered and closed before it was read whole */
        if (sent > 0) {
            at += sent;
            n -= (size_t)sent;
        }
        turn();
    }
    assert_int_equal(n, 0);
}

/* Reads until the other side closes; the answer is in answer. */
static size_t drain(int fd)
{
    size_t size = 0;
    for (int tries = 0; tries < 5000; tries++) {
        turn();
        ssize_t n = recv(fd, answer + size, sizeof answer - 1 - size, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            answer[size] = '\0';
            (void)close(fd);
            return size;
        }
        if (n > 0)
            size += (size_t)n;
    }
    fail_msg("no end of the answer");
    return 0;
}

static unsigned status_of(const char *text)
{
    return strncmp(text, "HTTP/1.1 ", 9) == 0 ? (unsigned)strtoul(text + 9, NULL, 10) : 0;
}

static unsigned exchange(const char *request)
{
    int fd = connect_raw();
    push(fd, preface, sizeof preface);
    push(fd, request, strlen(request));
    (void)drain(fd);
    return status_of(answer);
}

static char cookie[256];

static unsigned get(const char *path)
{
    char request[600];
    (void)snprintf(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: localhost:8443\r\nConnection: close\r\n%s%s%s\r\n",
                   path, cookie[0] != '\0' ? "Cookie: a=b; __Host-causeway=" : "", cookie,
                   cookie[0] != '\0' ? "; c=d\r\n" : "");
    return exchange(request);
}

static unsigned post(const char *path, const char *body)
{
    char request[2000];
    (void)snprintf(request, sizeof request,
                   "POST %s HTTP/1.1\r\nHost: localhost:8443\r\nConnection: close\r\n"
                   "Origin: https://help.example\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n%s%s%s\r\n%s",
                   path, strlen(body), cookie[0] != '\0' ? "Cookie: __Host-causeway=" : "", cookie,
                   cookie[0] != '\0' ? "\r\n" : "", body);
    return exchange(request);
}

static void expect_part(const char *part)
{
    if (strstr(answer, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, answer);
}

static void expect_no_part(const char *part)
{
    if (strstr(answer, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, answer);
}

static void expect_safe_headers(void)
{
    expect_part(
        "\r\nContent-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';");
    expect_part("connect-src 'self' wss://localhost:8443 wss://help.example\r\n");
    expect_part("\r\nX-Content-Type-Options: nosniff\r\n");
    expect_part("\r\nReferrer-Policy: no-referrer\r\n");
    expect_part("\r\nCross-Origin-Opener-Policy: same-origin\r\n");
    expect_part("\r\nCross-Origin-Resource-Policy: same-origin\r\n");
    expect_part("\r\nPermissions-Policy: ");
    expect_part("\r\nCache-Control: no-store\r\n");
    expect_no_part("Strict-Transport-Security"); /* localhost is among the origins */
    expect_no_part("Access-Control-");
}

/* ---- rules that need no account --------------------------------------------------------------- */

static void health_and_readiness_tell_the_truth(void **state)
{
    (void)state;
    assert_int_equal(get("/healthz"), 200);
    expect_safe_headers();
    assert_int_equal(get("/readyz"), 503);
    expect_part("engine: no worker is linked");
    expect_no_part("store:");
    links = 1;
    assert_int_equal(get("/readyz"), 200);
    assert_int_equal(exchange("HEAD /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                     200);
    expect_part("\r\nContent-Length: 6\r\n");
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

static void unknown_paths_and_methods_are_named(void **state)
{
    (void)state;
    assert_int_equal(get("/api/v1/nothing"), 404);
    expect_part("{\"error\":{\"code\":\"NOT_FOUND\"");
    expect_safe_headers();
    assert_int_equal(get("/nothing"), 404);
    expect_part("text/plain");
    expect_safe_headers();
    assert_int_equal(get("/api/v1/me?x=1/../.."), 401);
    assert_int_equal(get("/api/v1/m%65"), 404);
    assert_int_equal(get("/api/v1/me/"), 404);
    assert_int_equal(get("/api/v1/sign-in"), 405);
    expect_part("\r\nAllow: POST\r\n");
    expect_part("\"METHOD\"");
    assert_int_equal(post("/api/v1/me", "{}"), 405);
    expect_part("\r\nAllow: GET, HEAD\r\n");
    assert_int_equal(get("/api/v1/sessions/0/end"), 404);
    assert_int_equal(post("/api/v1/sessions/0/end", "{}"), 404);
    assert_int_equal(post("/api/v1/sessions/4294967296/end", "{}"), 404);
    assert_int_equal(post("/api/v1/sessions/7/end", "{}"), 401);
    expect_part("\"SIGN_IN\"");
    assert_int_equal(post("/console", "{}"), 405);
    expect_part("\r\nAllow: GET, HEAD\r\n");
    assert_int_equal(get("/"), 503);
    expect_part("pages_dir");
}

static void only_json_from_our_own_pages_is_taken(void **state)
{
    (void)state;
#define HEAD "POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
#define OURS "Origin: https://localhost:8443\r\n"
#define JSON "Content-Type: application/json\r\n"
    static const struct {
        const char *request;
        unsigned status;
        const char *part;
    } cases[] = {
        {HEAD JSON "Content-Length: 2\r\n\r\n{}", 403, "\"ORIGIN\""},
        {HEAD JSON "Origin: null\r\nContent-Length: 2\r\n\r\n{}", 403, "\"ORIGIN\""},
        {HEAD JSON "Origin: \r\nContent-Length: 2\r\n\r\n{}", 403, "\"ORIGIN\""},
        {HEAD JSON "Origin: https://evil.example\r\nContent-Length: 2\r\n\r\n{}", 403,
         "\"ORIGIN\""},
        {HEAD JSON "Origin: https://localhost:844\r\nContent-Length: 2\r\n\r\n{}", 403,
         "\"ORIGIN\""},
        {HEAD JSON "Origin: http://localhost:8443\r\nContent-Length: 2\r\n\r\n{}", 403,
         "\"ORIGIN\""},
        {HEAD JSON
         "Origin: https://localhost:8443 https://help.example\r\nContent-Length: 2\r\n\r\n{}",
         403, "\"ORIGIN\""},
        {HEAD JSON OURS OURS "Content-Length: 2\r\n\r\n{}", 400, "twice"},
        {HEAD JSON OURS "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
         "where its body ends"},
        {HEAD JSON OURS "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 400,
         "where its body ends"},
        {HEAD OURS "Content-Length: 2\r\n\r\n{}", 415, "\"CONTENT_TYPE\""},
        {HEAD OURS "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415,
         "\"CONTENT_TYPE\""},
        {HEAD OURS "Content-Type: application/jsonp\r\nContent-Length: 2\r\n\r\n{}", 415,
         "\"CONTENT"},
        {HEAD OURS JSON "Content-Length: 2\r\n\r\n[]", 400, "JSON object"},
        {HEAD OURS JSON "Content-Length: 1\r\n\r\n7", 400, "not valid JSON"},
        {HEAD OURS JSON "Content-Length: 4\r\n\r\n{}{}", 400, "not valid JSON"},
        {HEAD OURS JSON "Content-Length: 25\r\n\r\n{\"user\":\"a\",\"user\":\"b\"}  ", 400,
         "not valid JSON"},
        {HEAD OURS JSON "Content-Length: 14\r\n\r\n{\"user\":\"\xff\xfe\xfd\"}", 400,
         "not valid JSON"},
        {HEAD OURS JSON "Content-Length: 65537\r\n\r\n", 413, "\"TOO_LARGE\""},
        {HEAD OURS JSON "Content-Length: 99999999999999999999\r\n\r\n", 413, NULL},
        {"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
         400, "no body"},
        {"PUT /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
         "Content-Length: 0\r\n\r\n",
         405, "Allow: POST"},
    };
#undef HEAD
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned status = exchange(cases[i].request);
        if (status != cases[i].status && !(cases[i].part == NULL && status == 400))
            fail_msg("case %zu: %u\n%s", i, status, answer);
        if (cases[i].part != NULL)
            expect_part(cases[i].part);
        expect_no_part("Set-Cookie");
    }
}

/* 64 KB are taken, one byte more is not, whether or not a length is announced. */
static void a_body_is_at_most_64_kb(void **state)
{
    (void)state;
    static char request[CW_HTTP_BODY_BYTES_MAX + 400];
    int head =
        snprintf(request, sizeof request,
                 "POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" OURS JSON
                 "Content-Length: %d\r\n\r\n{",
                 CW_HTTP_BODY_BYTES_MAX);
    memset(request + head, ' ', CW_HTTP_BODY_BYTES_MAX - 2);
    request[head + CW_HTTP_BODY_BYTES_MAX - 2] = '}';
    request[head + CW_HTTP_BODY_BYTES_MAX - 1] = '\0';
    assert_int_equal(exchange(request), 400); /* user and password are missing: it was read */
    expect_no_part("TOO_LARGE");
    expect_no_part("not valid JSON");

    int fd = connect_raw();
    static const char chunked[] =
        "POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" OURS JSON
        "Transfer-Encoding: chunked\r\n\r\n";
    static char chunk[6 + 0x4000 + 2];
    memcpy(chunk, "4000\r\n", 6);
    memset(chunk + 6, ' ', 0x4000);
    memcpy(chunk + 6 + 0x4000, "\r\n", 2);
    push(fd, preface, sizeof preface);
    push(fd, chunked, sizeof chunked - 1);
    for (int i = 0; i < 5; i++)
        push(fd, chunk, sizeof chunk);
    push(fd, "0\r\n\r\n", 5);
    (void)drain(fd);
    assert_int_equal(status_of(answer), 413);

    fd = connect_raw();
    push(fd, preface, sizeof preface);
    push(fd, chunked, sizeof chunked - 1);
    for (int i = 0; i < 80; i++)
        push(fd, chunk, sizeof chunk);
    assert_int_equal(drain(fd), 0); /* it does not end: closed */
}

static void a_connection_carries_several_requests(void **state)
{
    (void)state;
    static const char two[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                              "GET /api/v1/portal HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(exchange(two), 200);
    expect_part("ok\nHTTP/1.1 200");
    expect_part("\"download_available\":false");
}

/* ---- the preface ------------------------------------------------------------------------------ */

static void the_preface_may_come_in_any_pieces(void **state)
{
    (void)state;
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char all[sizeof preface + sizeof request - 1];
    memcpy(all, preface, sizeof preface);
    memcpy(all + sizeof preface, request, sizeof request - 1);
    int fd = connect_raw();
    for (size_t i = 0; i < sizeof all; i++)
        push(fd, all + i, 1);
    (void)drain(fd);
    assert_int_equal(status_of(answer), 200);
    fd = connect_raw();
    push(fd, all, sizeof all);
    (void)drain(fd);
    assert_int_equal(status_of(answer), 200);
}

static void without_a_preface_nothing_is_answered(void **state)
{
    (void)state;
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    int fd = connect_raw();
    push(fd, request, sizeof request - 1);
    assert_int_equal(drain(fd), 0);
    fd = connect_raw();
    push(fd, preface, 20);
    (void)shutdown(fd, SHUT_WR);
    assert_int_equal(drain(fd), 0);
    fd = connect_raw();
    push(fd, preface, 20);
    turn();
    cw_http_tick(http, cw_loop_now_ms() + CW_PREFACE_TIME_MS_MAX + 1);
    assert_int_equal(drain(fd), 0);
}

static void connections_without_a_preface_are_bounded(void **state)
{
    (void)state;
    static int fds[CW_PREFACE_WAITING_MAX];
    for (int i = 0; i < CW_PREFACE_WAITING_MAX; i++)
        fds[i] = connect_raw();
    assert_int_equal(drain(connect_raw()), 0);
    (void)close(fds[0]);
    turn();
    assert_int_equal(get("/healthz"), 200);
    for (int i = 1; i < CW_PREFACE_WAITING_MAX; i++)
        (void)close(fds[i]);
    turn();
}

/* ---- a person signs in ------------------------------------------------------------------------ */

static char admin_waiting[8];

static void admin_done(struct cw_waiter *w, int err, struct cw_reply *reply)
{
    (void)w;
    if (err != 0)
        fail_msg("create admin: %s", reply->message);
    (void)snprintf(admin_password, sizeof admin_password, "%s",
                   json_string_value(json_object_get(reply->json, "one_time_password")));
    json_decref(reply->json);
    reply->json = NULL;
    admin_waiting[0] = '\0';
}

static void create_admin(void)
{
    const struct cw_operation *o = cw_operations;
    while (o->name != NULL && (o->words == NULL || strncmp(o->words, "create admin", 12) != 0))
        o++;
    assert_non_null(o->name);
    json_t *body = json_pack("{s:s}", "name", "alice");
    struct cw_waiter waiter = {.done = admin_done};
    struct cw_request request = {.front = CW_FRONT_SOCKET,
                                 .source = "uid 0",
                                 .body = body,
                                 .now_unix_ms = cw_loop_now_unix_ms(),
                                 .waiter = &waiter};
    struct cw_reply reply = {0};
    admin_waiting[0] = 'w';
    int rc = cw_control_call(control, o, &request, &reply);
    json_decref(body);
    if (rc != CW_OPERATION_PENDING)
        admin_done(&waiter, rc, &reply);
    for (int i = 0; i < 2000 && admin_waiting[0] != '\0'; i++)
        turn();
    assert_true(strlen(admin_password) >= 8);
}

/* What a browser does with the answer's cookie. */
static void take_cookie(void)
{
    static const char name[] = "\r\nSet-Cookie: __Host-causeway=";
    const char *at = strstr(answer, name);
    if (at == NULL)
        return;
    at += sizeof name - 1;
    (void)snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(at, ";\r"), at);
}

static unsigned sign_in(const char *user, const char *password)
{
    char body[300];
    (void)snprintf(body, sizeof body, "{\"user\":\"%s\",\"password\":\"%s\"}", user, password);
    cookie[0] = '\0';
    unsigned status = post("/api/v1/sign-in", body);
    take_cookie();
    return status;
}

static void from_one_time_password_to_sign_out(void **state)
{
    (void)state;
    char body[400];
    cookie[0] = '\0';
    create_admin();
    assert_int_equal(sign_in("alice", "wrong password here"), 403);
    expect_part("\"DENIED\"");
    expect_no_part("Set-Cookie");
    assert_int_equal(sign_in("nobody", "wrong password here"), 403);

    assert_int_equal(sign_in("alice", admin_password), 200);
    expect_part("; Path=/; Secure; HttpOnly; SameSite=Strict\r\n");
    expect_part("\"must_change_password\":true");
    expect_safe_headers();
    assert_int_equal(strlen(cookie), 43);
    assert_int_equal(get("/api/v1/me"), 200);
    assert_int_equal(get("/api/v1/jump-items"), 403);
    expect_part("\"CHANGE_PASSWORD\"");
    (void)snprintf(body, sizeof body, "{\"current\":\"%s\",\"new\":\"%s\"}", admin_password,
                   "a much better passphrase");
    char fresh[sizeof cookie];
    char old[sizeof cookie];
    memcpy(old, cookie, sizeof old);
    assert_int_equal(post("/api/v1/password", body), 200);
    expect_part("\r\n\r\n{\"next\":null}");
    take_cookie();
    memcpy(fresh, cookie, sizeof fresh);
    assert_string_not_equal(fresh, old);
    memcpy(cookie, old, sizeof cookie);
    assert_int_equal(get("/api/v1/me"), 401); /* the old sign-in went with the old password */
    memcpy(cookie, fresh, sizeof cookie);
    assert_int_equal(get("/api/v1/jump-items"), 200);
    expect_part("{\"jump_items\":[]");
    assert_int_equal(get("/api/v1/audit"), 200);
    expect_part("\"203.0.113.9\"");
    assert_int_equal(post("/api/v1/sign-out", "{}"), 200);
    expect_part("\r\nSet-Cookie: __Host-causeway=; Path=/; Secure; HttpOnly; "
                "SameSite=Strict; Max-Age=0\r\n");
    assert_int_equal(get("/api/v1/me"), 401);
    expect_part("\"SIGN_IN\"");
    (void)snprintf(cookie, sizeof cookie, "not-a-token");
    assert_int_equal(get("/api/v1/me"), 401);
    cookie[0] = '\0';
    assert_int_equal(sign_in("alice", "a much better passphrase"), 200);
    expect_part("\"must_change_password\":false");
    cookie[0] = '\0';
}

/* The web front goes while a password is being hashed: the person hears of it, nothing is left behind. */
static void stopping_answers_who_waits(void **state)
{
    (void)state;
    static const char request[] =
        "POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\n" OURS JSON "Content-Length: 50\r\n\r\n"
        "{\"user\":\"alice\",\"password\":\"some long password\"}   ";
    create_admin();
    cw_loop_forget(loop, &hashes); /* the hash is never fetched */
    int fd = connect_raw();
    push(fd, preface, sizeof preface);
    push(fd, request, sizeof request - 1);
    for (int i = 0; i < 5; i++)
        turn();
    cw_http_free(http);
    ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
    assert_true(n > 0);
    answer[n] = '\0';
    assert_int_equal(status_of(answer), 503);
    expect_part("\"UNAVAILABLE\"");
    (void)close(fd);
    assert_int_equal(cw_loop_watch(loop, &hashes, EPOLLIN), 0);
    start_http();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(health_and_readiness_tell_the_truth),
        TEST(unknown_paths_and_methods_are_named),
        TEST(only_json_from_our_own_pages_is_taken),
        TEST(a_body_is_at_most_64_kb),
        TEST(a_connection_carries_several_requests),
        TEST(the_preface_may_come_in_any_pieces),
        TEST(without_a_preface_nothing_is_answered),
        TEST(connections_without_a_preface_are_bounded),
        TEST(from_one_time_password_to_sign_out),
        TEST(stopping_answers_who_waits),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
