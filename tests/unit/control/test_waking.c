/* SPDX-License-Identifier: Apache-2.0 */
/* Jumps to passive Jump Clients: what the courier is told and when, numbers that only grow, and who does not come. */
#include "engine/wire/wake.h"
#include "tests/unit/control/rig.h"

enum { SENT_MAX = 64 };

struct sent {
    char to[64];
    uint32_t id;
    uint32_t port;
    uint8_t bytes[CW_WAKE_BYTES];
};

static struct sent sent[SENT_MAX];
static size_t sent_count;

static int take_order(void *user, const char *line)
{
    json_t *order = json_loads(line, 0, NULL);
    const json_t *data = json_object_get(order, "data");
    struct sent *s = &sent[sent_count];

    (void)user;
    assert_true(sent_count < SENT_MAX);
    sent_count++;
    assert_int_equal(cw_base64url_decode(json_string_value(data), json_string_length(data),
                                         s->bytes, sizeof s->bytes),
                     0);
    snprintf(s->to, sizeof s->to, "%s", json_string_value(json_object_get(order, "to")));
    s->id = (uint32_t)json_integer_value(json_object_get(order, "wake"));
    s->port = (uint32_t)json_integer_value(json_object_get(order, "port"));
    json_decref(order);
    return 0;
}

static void courier(struct rig *r)
{
    r->c->config.post = take_order;
    cw_control_on_courier(r->c, true);
    sent_count = 0;
}

static struct cw_wake wake_of(const struct rig *r, size_t i)
{
    struct cw_wake w;

    assert_true(i < sent_count);
    assert_int_equal(cw_wake_decode(sent[i].bytes, CW_WAKE_BYTES, &w), 0);
    assert_int_equal(cw_wake_verify(&w, r->c->ticket_key), 0);
    return w;
}

static uint32_t enrol(struct rig *r, struct rig_worker *w, uint8_t number, const char *token,
                      json_t *more)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t key[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    json_t *json = NULL;
    json_t *body = NULL;

    rig_key(number, seed, key, text);
    body = json_pack("{s:s, s:s, s:s, s:s, s:s}", "token", token, "key", text, "name", "Till",
                     "hostname", "till", "platform", "Debian");
    if (more != NULL)
        json_object_update(body, more);
    json_decref(more);
    assert_int_equal(rig_request(r, w, CW_HELLO_ENROLMENT, 1, body, &json), CW_CLOSE_OK);
    const struct cw_ticket ticket =
        rig_ticket_text(r, json_string_value(json_object_get(json, "credential")));
    json_decref(json);
    return ticket.participant;
}

static void up(struct rig *r, struct rig_worker *w, uint32_t item)
{
    struct cw_link_message m = {.type = CW_LINK_DEVICE_UP, .participant = item};

    rig_address(m.address, 77);
    assert_int_equal(rig_tell(r, w, m), 0);
}

static void down(struct rig *r, struct rig_worker *w, uint32_t item)
{
    RIG_TELL(r, w, .type = CW_LINK_DEVICE_DOWN, .participant = item);
}

/* Enrolled with a token of its own, seen once, with an address besides, and asleep. */
static uint32_t sleeper(struct rig *r, struct rig_worker *w)
{
    static const char report[] = "{\"private_ip\":\"10.0.0.7 fd00::7\"}";
    char token[128];
    uint32_t item = 0;

    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "enrolment_token.create", 0, NULL), 0);
    snprintf(token, sizeof token, "%s", rig_text(r, "token"));
    item = enrol(r, w, 1, token, json_pack("{s:s, s:i}", "mode", "passive", "port", 4000));
    up(r, w, item);
    RIG_TELL(r, w, .type = CW_LINK_COPY, .participant = item, .role = CW_ROLE_DEVICE,
             .message = CW_MESSAGE_STATISTICS, .bytes = (const uint8_t *)report,
             .bytes_count = strlen(report));
    down(r, w, item);
    return item;
}

static const char *item_text(struct rig *r, uint32_t item, const char *member)
{
    assert_int_equal(rig_call(r, "jump_item.show", item, NULL), 0);
    return json_string_value(json_object_get(json_object_get(r->reply.json, "jump_item"), member));
}

static size_t offers(const struct rig_worker *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->sent_count; i++)
        count += w->sent[i].type == CW_LINK_SEND_DEVICE &&
                 w->sent[i].message == CW_MESSAGE_SESSION_OFFER;
    return count;
}

static void a_jump_wakes_and_offers(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    courier(r);
    item = sleeper(r, &w);
    assert_string_equal(item_text(r, item, "state"), "passive");
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    assert_true(json_is_true(json_object_get(r->reply.json, "waking")));
    assert_int_equal(rig_number(r, "wake_s"), 30);
    session = (uint32_t)rig_number(r, "session");
    assert_int_equal(rig_audit(r, "jump_item.wake", "ok"), 1);
    /* To each of its addresses, by the plan, with the same bytes. */
    static const size_t after[] = {3, 6, 9, 9, 12, 12, 12};
    for (size_t second = 0; second < sizeof after / sizeof after[0]; second++) {
        assert_int_equal(sent_count, after[second]);
        rig_advance(r, 1);
    }
    assert_string_equal(sent[0].to, "10.0.0.7");
    assert_string_equal(sent[1].to, "fd00::7");
    assert_string_equal(sent[2].to, "198.51.100.77");
    for (size_t i = 0; i < sent_count; i++) {
        assert_int_equal(sent[i].id, session);
        assert_int_equal(sent[i].port, 4000);
        assert_memory_equal(sent[i].bytes, sent[0].bytes, CW_WAKE_BYTES);
    }
    const struct cw_wake wake = wake_of(r, 0);
    assert_int_equal(wake.item, item);
    assert_true(wake.number > 0);
    assert_int_equal(offers(&w), 0);
    up(r, &w, item);
    assert_int_equal(offers(&w), 1);
    rig_advance(r, 31); /* it came: nothing ends it now */
    assert_non_null(cw_live_find(r->c, session));
    assert_int_equal(sent_count, 12);
    rig_unlink(r, &w);
}

static void who_does_not_come_ends_it(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;
    static const char why[] = "did not wake within 30 seconds: Network is unreachable.";

    rig_link(r, &w);
    courier(r);
    item = sleeper(r, &w);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    session = (uint32_t)rig_number(r, "session");
    cw_control_on_woke(r->c, session, "Network is unreachable");
    cw_control_on_woke(r->c, UINT64_MAX, "nobody's");
    rig_advance(r, 29);
    assert_non_null(cw_live_find(r->c, session));
    rig_advance(r, 1);
    assert_null(cw_live_find(r->c, session));
    bool is_told = false;
    for (size_t i = 0; i < w.sent_count; i++)
        is_told = is_told ||
                  (w.sent[i].type == CW_LINK_END_SESSION &&
                   memmem(w.sent[i].bytes, w.sent[i].bytes_count, why, sizeof why - 1) != NULL);
    assert_true(is_told);
    rig_unlink(r, &w);
}

static void numbers_only_grow(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint64_t last = 0;

    rig_link(r, &w);
    courier(r);
    item = sleeper(r, &w);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
        const uint32_t session = (uint32_t)rig_number(r, "session");
        const uint64_t number = wake_of(r, sent_count - 1).number;
        assert_true(number > last);
        last = number;
        assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
        if (i == 1) { /* restarted, and the clock was set back */
            rig_unlink(r, &w);
            r->now_ms -= 1000 * 1000;
            rig_restart(r);
            courier(r);
            rig_link(r, &w);
        }
    }
    rig_unlink(r, &w);
}

/* The settings that went to the item last: its member. */
static char *told(const struct rig_worker *w, uint32_t item, const char *member)
{
    char *text = NULL;

    for (size_t i = 0; i < w->sent_count; i++) {
        if (w->sent[i].type != CW_LINK_SEND_DEVICE || w->sent[i].participant != item ||
            w->sent[i].message != CW_MESSAGE_DEVICE_ORDER)
            continue;
        json_t *order = json_loadb((const char *)w->sent[i].bytes, w->sent[i].bytes_count, 0, NULL);
        free(text);
        text = json_dumps(json_object_get(order, member), JSON_ENCODE_ANY);
        json_decref(order);
    }
    assert_non_null(text);
    return text;
}

static void assert_told(const struct rig_worker *w, uint32_t item, const char *mode,
                        const char *port)
{
    char *text = told(w, item, "mode");

    assert_string_equal(text, mode);
    free(text);
    text = told(w, item, "port");
    assert_string_equal(text, port);
    free(text);
}

static void mode_and_port_are_changed(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    courier(r);
    item = sleeper(r, &w);
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:i}", "port", 80)),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_item.edit", item,
                              json_pack("{s:s, s:i}", "mode", "active", "port", 5000)),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:s}", "mode", "dozing")),
                     CW_ERR_INVALID);
    assert_int_equal(sent_count, 0);
    /* Asleep: called at its port of before, once, with a number of its own. */
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:i}", "port", 5000)), 0);
    assert_int_equal(sent_count, 3);
    for (size_t i = 0; i < sent_count; i++)
        assert_int_equal(sent[i].port, 4000);
    const uint64_t number = wake_of(r, 0).number;
    assert_true(number > 0);
    rig_advance(r, 10);
    assert_int_equal(sent_count, 3);
    up(r, &w, item);
    assert_told(&w, item, "\"passive\"", "5000");
    down(r, &w, item);
    /* A Jump goes to the new one, with a greater number. */
    sent_count = 0;
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    assert_int_equal(sent[0].port, 5000);
    assert_true(wake_of(r, 0).number > number);
    up(r, &w, item);
    /* Online: at once, and nobody is called. */
    sent_count = 0;
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:s}", "mode", "active")), 0);
    assert_told(&w, item, "\"active\"", "0");
    assert_string_equal(item_text(r, item, "mode"), "active");
    assert_int_equal(rig_call(r, "jump_item.edit", item, json_pack("{s:s}", "mode", "passive")), 0);
    assert_told(&w, item, "\"passive\"", "5820");
    assert_int_equal(sent_count, 0);
    assert_int_equal(rig_audit(r, "jump_item.edit", "ok"), 3);
    rig_unlink(r, &w);
}

static void a_waking_goes_on_after_a_restart(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    uint32_t session = 0;

    rig_link(r, &w);
    courier(r);
    item = sleeper(r, &w);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    session = (uint32_t)rig_number(r, "session");
    const uint64_t number = wake_of(r, 0).number;
    rig_unlink(r, &w);
    rig_restart(r);
    courier(r);
    rig_advance(r, 1); /* engines have not told who is there */
    assert_int_equal(sent_count, 0);
    rig_link(r, &w);
    rig_advance(r, 1);
    assert_int_equal(sent_count, 3);
    assert_true(wake_of(r, 0).number > number);
    rig_advance(r, 1);
    assert_int_equal(sent_count, 6);
    up(r, &w, item);
    assert_int_equal(offers(&w), 1);
    rig_advance(r, 31);
    assert_non_null(cw_live_find(r->c, session));
    assert_int_equal(sent_count, 6);
    rig_unlink(r, &w);
}

static void it_says_why_it_cannot(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    item = sleeper(r, &w);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), CW_ERR_STATE);
    assert_non_null(strstr(r->reply.message, "causeway-courier"));
    courier(r);
    cw_control_on_courier(r->c, false);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), CW_ERR_STATE);
    assert_int_equal(r->c->live_count, 0);
    /* An active one that is away is offline, as ever. */
    item = rig_enrol(r, &w, 9, "Active");
    cw_control_on_courier(r->c, true);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), CW_ERR_STATE);
    assert_non_null(strstr(r->reply.message, "offline"));
    assert_int_equal(sent_count, 0);
    rig_unlink(r, &w);
}

static void installers_say_who_sleeps(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char token[128];
    uint32_t item = 0;

    rig_link(r, &w);
    assert_int_equal(rig_call(r, "installer.create", 0, json_pack("{s:s}", "mode", "dozing")),
                     CW_ERR_INVALID);
    assert_int_equal(
        rig_call(r, "installer.create", 0, json_pack("{s:s, s:i}", "mode", "passive", "port", 80)),
        CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "installer.create", 0, json_pack("{s:s}", "mode", "passive")), 0);
    snprintf(token, sizeof token, "%s", rig_text(r, "token"));
    /* It lets nobody choose: the option's port, and passive. */
    item = enrol(r, &w, 1, token, json_pack("{s:s, s:i}", "mode", "active", "port", 4000));
    assert_string_equal(item_text(r, item, "mode"), "passive");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(r->reply.json, "jump_item"), "port")),
        5820);
    assert_int_equal(rig_call(r, "installer.create", 0, json_pack("{s:s}", "overrides", "mode")),
                     0);
    snprintf(token, sizeof token, "%s", rig_text(r, "token"));
    item = enrol(r, &w, 2, token, json_pack("{s:s, s:i}", "mode", "passive", "port", 4000));
    assert_string_equal(item_text(r, item, "mode"), "passive");
    item = enrol(r, &w, 3, token, json_pack("{s:s, s:i}", "mode", "passive", "port", 22));
    assert_string_equal(item_text(r, item, "mode"), "active");
    rig_unlink(r, &w);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_jump_wakes_and_offers),   CASE(who_does_not_come_ends_it),
        CASE(numbers_only_grow),         CASE(it_says_why_it_cannot),
        CASE(mode_and_port_are_changed), CASE(a_waking_goes_on_after_a_restart),
        CASE(installers_say_who_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
