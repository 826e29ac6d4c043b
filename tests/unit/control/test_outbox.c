/* SPDX-License-Identifier: Apache-2.0 */
/* Outbound events: what is wanted, order, back-off, a receiver that is away and one beside it, restarts, limits. */
#include "tests/unit/control/rig.h"

#include "control/account/option.h"
#include "control/audit/audit.h"
#include "control/outbox/outbox.h"
#include "control/outbox/syslog_message.h"

enum { SENT_MAX = 64 };

static struct {
    char url[64];
    uint64_t id;
    char *line;
} sent[SENT_MAX];
static size_t sent_count;
static bool is_refusing;

/* The courier as the test plays it. */
static int take_post(void *user, const char *line)
{
    json_t *order = json_loads(line, 0, NULL);

    (void)user;
    assert_non_null(order);
    if (is_refusing) {
        json_decref(order);
        return CW_ERR_FULL;
    }
    assert_true(sent_count < SENT_MAX);
    snprintf(sent[sent_count].url, sizeof sent[0].url, "%s",
             json_string_value(json_object_get(order, "url")));
    sent[sent_count].id = (uint64_t)json_integer_value(json_object_get(order, "post"));
    sent[sent_count].line = strdup(line);
    sent_count++;
    json_decref(order);
    return 0;
}

static void forget_sent(void)
{
    while (sent_count > 0)
        free(sent[--sent_count].line);
}

/* A control with a courier. */
static void begin(struct rig *r)
{
    rig_start(r);
    rig_admin(r);
    r->c->config.post = take_post;
    cw_control_on_courier(r->c, true);
    forget_sent();
    is_refusing = false;
}

static void end(struct rig *r)
{
    forget_sent();
    rig_stop(r);
}

static uint32_t receiver(struct rig *r, const char *name, const char *events, char *secret)
{
    char url[64];

    snprintf(url, sizeof url, "https://%s.example/hook", name);
    assert_int_equal(
        rig_call(r, "event_receiver.create", 0,
                 json_pack("{s:s, s:s, s:s}", "name", name, "url", url, "events", events)),
        0);
    if (secret != NULL)
        snprintf(secret, 64, "%s", rig_text(r, "secret"));
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "event_receiver"), "id"));
}

static void team(struct rig *r, const char *name)
{
    assert_int_equal(rig_call(r, "team.create", 0, json_pack("{s:s}", "name", name)), 0);
    cw_outbox_run(r->c);
}

/* The member of the body of the last post. The text is the caller's to free. */
static char *last(const char *member)
{
    json_t *order = json_loads(sent[sent_count - 1].line, 0, NULL);
    json_t *body = json_loads(json_string_value(json_object_get(order, "body")), 0, NULL);
    const json_t *value = json_object_get(body, member);
    char *text = json_is_string(value) ? strdup(json_string_value(value))
                                       : json_dumps(value, JSON_ENCODE_ANY);

    json_decref(body);
    json_decref(order);
    return text;
}

static uint64_t shown(struct rig *r, uint32_t id, const char *member)
{
    assert_int_equal(rig_call(r, "event_receiver.list", 0, NULL), 0);
    const json_t *rows = json_object_get(r->reply.json, "event_receivers");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (json_integer_value(json_object_get(row, "id")) == id)
            return (uint64_t)json_integer_value(json_object_get(row, member));
    }
    fail_msg("receiver %u is not listed", id);
    return 0;
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(cw_event_matches("*", "session.end"));
    assert_true(cw_event_matches(" team.*  session.end ", "session.end"));
    assert_true(cw_event_matches("team.* session.end", "team.create"));
    assert_false(cw_event_matches("session.end", "session.ended"));
    assert_false(cw_event_matches("session.end", "session"));
    assert_false(cw_event_matches("team.*", "session.end"));
    assert_false(cw_event_matches("", "session.end"));
    assert_int_equal(cw_event_patterns_check("session.* team.create *"), 0);
    assert_int_equal(cw_event_patterns_check("Session"), CW_ERR_INVALID);
    assert_int_equal(cw_event_patterns_check("session.*end"), CW_ERR_INVALID);
    assert_int_equal(cw_event_patterns_check("a,b"), CW_ERR_INVALID);
    assert_int_equal(cw_event_delay_ms(1), 1000);
    assert_int_equal(cw_event_delay_ms(2), 2000);
    assert_int_equal(cw_event_delay_ms(4), 8000);
    assert_int_equal(cw_event_delay_ms(4000000000), 600000);
}

/* The example of causeway-courier(8)'s signature: openssl dgst -sha256 -hmac key over "1800000000.{}". */
static void test_signature(void **state)
{
    char text[CW_EVENT_SIGNATURE_BYTES];

    (void)state;
    assert_int_equal(cw_event_sign("key", 1800000000, "{}", text), 0);
    assert_string_equal(
        text, "t=1800000000,v1=7321475872b03ff21bdc2dfd86ea2d99ec29c479fbe4a77aa6acf4509505493f");
}

static void test_order_and_wants(void **state)
{
    struct rig r;

    (void)state;
    begin(&r);
    uint32_t id = receiver(&r, "tickets", "team.*", NULL);
    team(&r, "One");
    assert_int_equal(sent_count, 1);
    char *action = last("type");
    assert_string_equal(action, "team.create");
    free(action);
    char *actor = last("actor");
    assert_string_equal(actor, "ada");
    free(actor);
    assert_non_null(strstr(sent[0].line, "Causeway-Signature: t=1800000000,v1="));
    assert_non_null(strstr(sent[0].line, "Causeway-Event: team.create"));
    /* One at a time, in order; what it did not ask for does not come. */
    team(&r, "Two");
    team(&r, "Three");
    assert_int_equal(rig_call(&r, "session_key.create", 0, NULL), 0);
    assert_int_equal(sent_count, 1);
    assert_int_equal(shown(&r, id, "waiting"), 3);
    cw_control_on_posted(r.c, sent[0].id, 204, "");
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 2);
    cw_control_on_posted(r.c, sent[1].id, 200, "");
    cw_control_on_posted(r.c, sent[1].id, 200, ""); /* twice: nothing */
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 3);
    assert_true(sent[0].id < sent[1].id && sent[1].id < sent[2].id);
    char *detail = last("object");
    assert_non_null(strstr(detail, "team"));
    free(detail);
    cw_control_on_posted(r.c, sent[2].id, 201, "");
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 3);
    assert_int_equal(shown(&r, id, "waiting"), 0);
    end(&r);
}

static void test_one_away_delays_nobody(void **state)
{
    struct rig r;

    (void)state;
    begin(&r);
    uint32_t away = receiver(&r, "away", "team.*", NULL);
    uint32_t near = receiver(&r, "near", "team.*", NULL);
    team(&r, "One");
    assert_int_equal(sent_count, 2);
    cw_control_on_posted(r.c, sent[0].id, 0, "Connection refused");
    cw_control_on_posted(r.c, sent[1].id, 204, "");
    for (int i = 0; i < 5; i++) {
        char name[24];
        snprintf(name, sizeof name, "T%d", i);
        team(&r, name);
        assert_string_equal(sent[sent_count - 1].url, "https://near.example/hook");
        cw_control_on_posted(r.c, sent[sent_count - 1].id, 204, "");
        cw_outbox_run(r.c);
    }
    assert_int_equal(sent_count, 7);
    assert_int_equal(shown(&r, near, "waiting"), 0);
    assert_int_equal(shown(&r, away, "waiting"), 6);
    assert_int_equal(shown(&r, away, "failures"), 1);
    /* The same first event again, a second later, then two, four ... */
    uint64_t first = sent[0].id;
    for (uint32_t failures = 1; failures < 14; failures++) {
        r.now_ms += cw_event_delay_ms(failures) - 1;
        cw_outbox_run(r.c);
        assert_int_equal(sent_count, 6 + failures);
        r.now_ms += 1;
        cw_outbox_run(r.c);
        assert_int_equal(sent_count, 7 + failures);
        assert_int_equal(sent[sent_count - 1].id, first);
        cw_control_on_posted(r.c, first, 503, "");
    }
    assert_int_equal(rig_call(&r, "event_receiver.list", 0, NULL), 0);
    const json_t *row = json_array_get(json_object_get(r.reply.json, "event_receivers"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "last_error")),
                        "it answers with HTTP status 503");
    /* Somebody mends it: it is tried at once. */
    assert_int_equal(rig_call(&r, "event_receiver.set", away,
                              json_pack("{s:s}", "url", "https://back.example/")),
                     0);
    cw_outbox_run(r.c);
    assert_string_equal(sent[sent_count - 1].url, "https://back.example/");
    cw_control_on_posted(r.c, first, 200, "");
    cw_outbox_run(r.c);
    assert_true(sent[sent_count - 1].id > first);
    end(&r);
}

static void test_nothing_is_lost(void **state)
{
    struct rig r;
    char secret[64];

    (void)state;
    begin(&r);
    uint32_t id = receiver(&r, "tickets", "*", secret);
    assert_int_equal(strlen(secret), 43);
    team(&r, "One");
    team(&r, "Two");
    uint64_t first = sent[0].id;
    /* Courier lost: posted again when there is another. */
    cw_control_on_courier(r.c, false);
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 1);
    cw_control_on_courier(r.c, true);
    assert_int_equal(sent_count, 2);
    assert_int_equal(sent[1].id, first);
    /* Control restarted. */
    rig_restart(&r);
    r.c->config.post = take_post;
    cw_control_on_courier(r.c, true);
    assert_int_equal(sent_count, 3);
    assert_int_equal(sent[2].id, first);
    /* A courier that takes nothing now is asked again later. */
    cw_control_on_posted(r.c, first, 200, "");
    is_refusing = true;
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 3);
    is_refusing = false;
    r.now_ms += 1000;
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 4);
    assert_true(shown(&r, id, "waiting") > 0);
    end(&r);
}

static void test_what_is_too_old_is_left_out(void **state)
{
    struct rig r;

    (void)state;
    begin(&r);
    uint32_t id = receiver(&r, "tickets", "team.*", NULL);
    team(&r, "Old");
    r.now_ms += 71 * UINT64_C(3600000);
    team(&r, "Young");
    cw_control_on_posted(r.c, sent[0].id, 500, "");
    assert_int_equal(shown(&r, id, "left_out"), 0);
    r.now_ms += 2 * UINT64_C(3600000);
    cw_outbox_run(r.c);
    cw_control_on_posted(r.c, sent[1].id, 500, "");
    assert_int_equal(shown(&r, id, "left_out"), 1);
    assert_int_equal(shown(&r, id, "waiting"), 1);
    r.now_ms += 3600000;
    cw_outbox_run(r.c);
    assert_true(sent[sent_count - 1].id > sent[0].id);
    end(&r);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *name;
        const char *url;
        const char *events;
    } bad[] = {
        {"", "https://a.example/", "*"},
        {"x", "http://a.example/", "*"},
        {"x", "https://", "*"},
        {"x", "https:///path", "*"},
        {"x", "https://user:secret@a.example/", "*"},
        {"x", "https://a.example/ b", "*"},
        {"x", "https://a.example/", ""},
        {"x", "https://a.example/", "Nothing"},
    };
    struct rig r;

    (void)state;
    begin(&r);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (rig_call(&r, "event_receiver.create", 0,
                     json_pack("{s:s, s:s, s:s}", "name", bad[i].name, "url", bad[i].url, "events",
                               bad[i].events)) != CW_ERR_INVALID)
            fail_msg("%s %s %s", bad[i].name, bad[i].url, bad[i].events);
    assert_int_equal(rig_call(&r, "event_receiver.create", 0,
                              json_pack("{s:s, s:s, s:s, s:s}", "name", "x", "url",
                                        "https://a.example/", "events", "*", "ca", "no PEM")),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r.reply.message, "PEM"));
    uint32_t id = receiver(&r, "tickets", "team.*", NULL);
    assert_int_equal(rig_call(&r, "event_receiver.create", 0,
                              json_pack("{s:s, s:s, s:s}", "name", "Tickets", "url",
                                        "https://a.example/", "events", "*")),
                     CW_ERR_CONFLICT);
    assert_int_equal(rig_call(&r, "event_receiver.set", id, json_pack("{s:b}", "enabled", 0)), 0);
    team(&r, "Quiet");
    assert_int_equal(sent_count, 0);
    assert_int_equal(rig_call(&r, "event_receiver.test", id, NULL), CW_ERR_STATE);
    assert_int_equal(rig_call(&r, "event_receiver.set", id, json_pack("{s:b}", "enabled", 1)), 0);
    assert_int_equal(rig_call(&r, "event_receiver.test", id, NULL), 0);
    cw_outbox_run(r.c);
    assert_int_equal(sent_count, 1);
    assert_int_equal(rig_call(&r, "event_receiver.remove", id, NULL), 0);
    assert_int_equal(rig_call(&r, "event_receiver.remove", id, NULL), CW_ERR_NOT_FOUND);
    cw_control_on_posted(r.c, sent[0].id, 200, "");
    end(&r);
}

static void syslog_messages_are_those_of_the_rfc(void **state)
{
    static const char *const good[] = {
        "syslog+tls://siem.example:6514", "syslog+tcp://10.0.0.9:601",
        "syslog+tcp://[2001:db8::1]:601", "syslog+udp://10.0.0.9:514", "syslog+udp://[::1]:514"};
    static const char *const bad[] = {"syslog+udp://siem.example:514",
                                      "syslog+tls://siem.example",
                                      "syslog+tls://:6514",
                                      "syslog+tls://a:0",
                                      "syslog+tls://a:65536",
                                      "syslog+tls://a/b:1",
                                      "syslog+tls://u@a:1",
                                      "syslog://a:1",
                                      "syslog+tcp://[::1:1",
                                      "syslog+tls://a:6 514",
                                      "https://a/"};
    struct cw_outbox_row row = {
        .type = "jump_approval.request_with_a_long_name",
        .body = "{\"time_unix_ms\":1800000000007,\"result\":\"DENIED\",\"id\":17}"};
    const char *head = "<108>1 2027-01-15T08:00:00.007Z help.example causeway - "
                       "jump_approval.request_with_a_lon [event@32473 id=\"17\"] ";
    char expected[400];
    char *text = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(cw_syslog_is_url(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(cw_syslog_is_url(bad[i]));
    text = cw_syslog_message("syslog+udp://10.0.0.9:514", "help.example", &row);
    snprintf(expected, sizeof expected, "%s%s", head, row.body);
    assert_string_equal(text, expected);
    free(text);
    /* A stream: the length in front. */
    text = cw_syslog_message("syslog+tls://siem.example:6514", "help.example", &row);
    snprintf(expected, sizeof expected, "%zu %s%s", strlen(head) + strlen(row.body), head,
             row.body);
    assert_string_equal(text, expected);
    free(text);
    row.body = "{\"time_unix_ms\":1800000000007,\"result\":\"ok\",\"id\":1}";
    text = cw_syslog_message("syslog+udp://10.0.0.9:514", "", &row);
    assert_memory_equal(text, "<110>1 2027-01-15T08:00:00.007Z - causeway ", 43);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syslog_messages_are_those_of_the_rfc),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_order_and_wants),
        cmocka_unit_test(test_one_away_delays_nobody),
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_what_is_too_old_is_left_out),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
