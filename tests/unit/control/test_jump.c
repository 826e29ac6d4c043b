/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items as people use them: found, changed one by one and together, exported, kept on a list, lost. */
#include <time.h>

#include "tests/unit/control/rig.h"

static const json_t *item_at(const struct rig *r, size_t i)
{
    return json_array_get(json_object_get(r->reply.json, "jump_items"), i);
}

static const char *text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static void search(struct rig *r, const char *text, const char *fields)
{
    assert_int_equal(rig_call(r, "jump_item.search", 0,
                              json_pack("{s:s, s:s*}", "text", text, "fields", fields)),
                     0);
}

static void report(struct rig *r, struct rig_worker *w, uint32_t item, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);

    RIG_TELL(r, w, .type = CW_LINK_COPY, .participant = item, .role = CW_ROLE_DEVICE,
             .message = CW_MESSAGE_STATISTICS, .bytes = (const uint8_t *)text,
             .bytes_count = strlen(text));
    free(text);
    json_decref(body);
}

static void up(struct rig *r, struct rig_worker *w, uint32_t item)
{
    struct cw_link_message m = {.type = CW_LINK_DEVICE_UP, .participant = item};

    rig_address(m.address, 77);
    assert_int_equal(rig_tell(r, w, m), 0);
}

static void fields_are_changed_and_found(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t one = 0, two = 0;

    rig_link(r, &w);
    one = rig_enrol(r, &w, 1, "Empfang M\xC3\xBCnchen");
    two = rig_enrol(r, &w, 2, "Lager");
    assert_int_equal(
        rig_call(r, "jump_item.edit", one,
                 json_pack("{s:s, s:s, s:I}", "tag", "Kasse 7", "comments", "behind the\nblue door",
                           "expires_unix_ms", (json_int_t)r->now_ms + 1000000)),
        0);
    search(r, "M\xC3\x9CNCH", NULL);
    assert_int_equal(rig_number(r, "count"), 1);
    assert_int_equal(json_integer_value(json_object_get(item_at(r, 0), "id")), one);
    search(r, "BLUE DOOR", "comments,tag");
    assert_int_equal(rig_number(r, "count"), 1);
    search(r, "BLUE DOOR", "tag");
    assert_int_equal(rig_number(r, "count"), 0);
    search(r, "jump client", "method");
    assert_int_equal(rig_number(r, "count"), 2);
    search(r, "all", "group");
    assert_int_equal(rig_number(r, "count"), 2);
    assert_int_equal(rig_call(r, "jump_item.search", 0, json_pack("{s:s}", "text", "ab")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_item.search", 0,
                              json_pack("{s:s, s:s}", "text", "abc", "fields", "name,colour")),
                     CW_ERR_INVALID);
    assert_non_null(strstr(r->reply.message, "colour"));

    up(r, &w, two);
    report(r, &w, two,
           json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:b}", "fqdn",
                     "lager.werk.example", "domain", "werk.example", "private_ip", "192.168.7.9",
                     "user", "Kim", "presence", "locked", "version", "1.2.3", "cpu_percent", 17,
                     "uptime_s", -4, "memory_bytes", 1000, "surprise", 1));
    search(r, "werk.example", "domain");
    assert_int_equal(rig_number(r, "count"), 1);
    search(r, "198.51.100.77", "public_ip");
    assert_int_equal(rig_number(r, "count"), 1);
    search(r, "online", "status");
    assert_int_equal(rig_number(r, "count"), 1);
    rig_advance(r, 1);
    rig_unlink(r, &w);
    rig_restart(r);
    search(r, "192.168.7.9", NULL);
    assert_int_equal(rig_number(r, "count"), 1);
    assert_int_equal(rig_call(r, "jump_item.show", two, NULL), 0);
    const json_t *item = json_object_get(r->reply.json, "jump_item");
    const json_t *statistics = json_object_get(item, "statistics");
    assert_string_equal(text_of(item, "presence"), "locked");
    assert_string_equal(text_of(item, "version"), "1.2.3");
    assert_string_equal(text_of(item, "state"), "offline");
    assert_int_equal(json_integer_value(json_object_get(statistics, "cpu_percent")), 17);
    assert_int_equal(json_integer_value(json_object_get(statistics, "memory_bytes")), 1000);
    assert_int_equal(json_object_size(statistics), 2);
}

static void many_are_changed_together_or_not_at_all(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t one = 0, two = 0;

    rig_link(r, &w);
    one = rig_enrol(r, &w, 1, "One");
    two = rig_enrol(r, &w, 2, "Two");
    assert_int_equal(rig_call(r, "jump_item.edit_many", 0,
                              json_pack("{s:[I, I, I], s:s}", "items", (json_int_t)one,
                                        (json_int_t)two, (json_int_t)999, "tag", "halls")),
                     CW_ERR_NOT_FOUND);
    search(r, "halls", "tag");
    assert_int_equal(rig_number(r, "count"), 0);
    assert_int_equal(rig_audit(r, "jump_item.edit", "ok"), 0);
    assert_int_equal(rig_call(r, "jump_item.edit_many", 0,
                              json_pack("{s:[I, I], s:s}", "items", (json_int_t)one,
                                        (json_int_t)two, "tag", "halls")),
                     0);
    assert_int_equal(rig_number(r, "changed"), 2);
    assert_int_equal(rig_audit(r, "jump_item.edit", "ok"), 2);
    search(r, "halls", "tag");
    assert_int_equal(rig_number(r, "count"), 2);
    assert_int_equal(rig_call(r, "jump_item.edit_many", 0, json_pack("{s:[]}", "items")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_item.edit_many", 0,
                              json_pack("{s:[I], s:s}", "items", (json_int_t)one, "group", "None")),
                     CW_ERR_NOT_FOUND);
    /* Somebody without the right may look and not touch. */
    struct cw_account other = {.user = "rob", .display_name = "Rob", .is_enabled = true};
    assert_int_equal(cw_store_begin(r->c->store), 0);
    assert_int_equal(cw_store_end(r->c->store, cw_store_account_add(r->c->store, &other)), 0);
    r->is_admin = false;
    r->account = other.id;
    assert_int_equal(rig_call(r, "jump_item.show", one, NULL), 0);
    assert_int_equal(rig_call(r, "jump_item.edit", one, json_pack("{s:s}", "tag", "x")),
                     CW_ERR_DENIED);
    assert_non_null(strstr(r->reply.message, "edit_tag"));
    assert_int_equal(rig_audit(r, "jump_item.edit", "DENIED"), 1);
    rig_unlink(r, &w);
}

static void an_export_is_safe_in_a_spreadsheet(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    const char *csv = NULL;

    rig_link(r, &w);
    rig_enrol(r, &w, 1, "=HYPERLINK(\"x\")");
    rig_enrol(r, &w, 2, "Plain, with a comma");
    assert_int_equal(rig_call(r, "jump_item.export", 0, json_pack("{s:i}", "limit", 1)), 0);
    csv = rig_text(r, "csv");
    assert_memory_equal(csv, "id,name,group,", 14);
    assert_non_null(strstr(csv, ",\"'=HYPERLINK(\"\"x\"\")\",All,"));
    assert_int_equal(rig_number(r, "next"), 1);
    assert_int_equal(rig_call(r, "jump_item.export", 0, json_pack("{s:i}", "after", 1)), 0);
    csv = rig_text(r, "csv");
    assert_null(strstr(csv, "id,name"));
    assert_memory_equal(csv, "2,\"Plain, with a comma\",All,", 28);
    assert_string_equal(csv + strlen(csv) - 2, "\r\n");
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    rig_unlink(r, &w);
}

static void a_personal_list_is_ones_own(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 1, "Mine");
    assert_int_equal(rig_call(r, "jump_item.favourite", item, NULL), 0);
    assert_int_equal(rig_call(r, "jump_item.favourites", 0, NULL), 0);
    assert_string_equal(text_of(item_at(r, 0), "name"), "Mine");
    assert_int_equal(
        rig_call(r, "jump_item.favourite", item, json_pack("{s:b}", "is_favourite", 0)), 0);
    assert_int_equal(rig_call(r, "jump_item.favourites", 0, NULL), 0);
    assert_null(item_at(r, 0));
    assert_int_equal(rig_call(r, "jump_item.favourite", 77, NULL), CW_ERR_NOT_FOUND);
    rig_unlink(r, &w);
}

static void who_is_not_heard_of_is_lost_and_then_removed(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 1, "Attic");
    rig_enrol(r, &w, 2, "Cellar");
    up(r, &w, item);
    rig_advance(r, 1);
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_DOWN, .participant = item, .code = CW_CLOSE_TIMED_OUT);
    rig_advance(r, 14 * 86400);
    search(r, "lost", "status");
    assert_int_equal(rig_number(r, "count"), 0);
    rig_advance(r, 2 * 86400);
    search(r, "lost", "status");
    assert_int_equal(rig_number(r, "count"), 2);
    /* It is there again. */
    up(r, &w, item);
    search(r, "lost", "status");
    assert_int_equal(rig_number(r, "count"), 1);
    rig_advance(r, 1);
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_DOWN, .participant = item, .code = CW_CLOSE_TIMED_OUT);
    rig_advance(r, 165 * 86400);
    assert_int_equal(rig_call(r, "jump_item.list", 0, NULL), 0);
    assert_int_equal(rig_number(r, "count"), 1);
    assert_string_equal(text_of(item_at(r, 0), "name"), "Attic");
    assert_string_equal(text_of(item_at(r, 0), "state"), "lost");
    assert_int_equal(rig_audit(r, "jump_item.remove", "ok"), 1);
    rig_unlink(r, &w);
}

static void listings_come_in_pages_by_name(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    json_int_t next = 0;

    rig_link(r, &w);
    rig_enrol(r, &w, 1, "b");
    rig_enrol(r, &w, 2, "C");
    rig_enrol(r, &w, 3, "a");
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:i}", "limit", 2)), 0);
    assert_string_equal(text_of(item_at(r, 0), "name"), "a");
    assert_string_equal(text_of(item_at(r, 1), "name"), "b");
    next = (json_int_t)rig_number(r, "next");
    assert_int_equal(
        rig_call(r, "jump_item.list", 0, json_pack("{s:i, s:I}", "limit", 2, "after", next)), 0);
    assert_string_equal(text_of(item_at(r, 0), "name"), "C");
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    assert_int_equal(rig_call(r, "jump_item.remove", (uint32_t)next, NULL), 0);
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:I}", "after", next)),
                     CW_ERR_CONFLICT);
    rig_unlink(r, &w);
}

static uint16_t install(struct rig *r, struct rig_worker *w, uint8_t number, const char *token)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t key[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    json_t *json = NULL;

    rig_key(number, seed, key, text);
    const uint16_t code =
        rig_request(r, w, CW_HELLO_ENROLMENT, 1,
                    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "token", token, "key", text, "name",
                              "Till", "hostname", "box", "tag", "said", "comments", "said"),
                    &json);
    json_decref(json);
    return code;
}

static void an_installer_presets_what_it_may(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    char token[CW_TOKEN_TEXT_BYTES + 1];
    uint32_t id = 0;

    rig_link(r, &w);
    assert_int_equal(rig_call(r, "installer.create", 0,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i}", "label",
                                        "Shops", "name_pattern", "{hostname}: {name}", "tag",
                                        "shop", "comments", "preset", "overrides", "name,comments",
                                        "uses", 2, "item_life_s", 3600, "life_s", 600)),
                     0);
    snprintf(token, sizeof token, "%s", rig_text(r, "token"));
    id = (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "installer"), "id"));
    assert_int_equal(install(r, &w, 1, token), CW_CLOSE_OK);
    search(r, "box: Till", "name");
    assert_int_equal(rig_number(r, "count"), 1);
    const uint32_t item = (uint32_t)json_integer_value(json_object_get(item_at(r, 0), "id"));
    assert_int_equal(rig_call(r, "jump_item.show", item, NULL), 0);
    const json_t *whole = json_object_get(r->reply.json, "jump_item");
    assert_string_equal(text_of(whole, "tag"), "shop");
    assert_string_equal(text_of(whole, "comments"), "said");
    assert_int_equal(json_integer_value(json_object_get(whole, "expires_unix_ms")),
                     r->now_ms + 3600000);
    assert_int_equal(install(r, &w, 2, token), CW_CLOSE_OK);
    assert_int_equal(install(r, &w, 3, token), CW_CLOSE_ENROLMENT_WRONG);
    assert_int_equal(
        rig_call(r, "installer.extend", id, json_pack("{s:i, s:i}", "uses", 0, "life_s", 900)), 0);
    rig_advance(r, 700);
    assert_int_equal(install(r, &w, 3, token), CW_CLOSE_OK);
    assert_int_equal(rig_call(r, "installer.list", 0, NULL), 0);
    const json_t *row = json_array_get(json_object_get(r->reply.json, "installers"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "uses")), 3);
    assert_string_equal(text_of(row, "state"), "valid");
    assert_int_equal(rig_call(r, "installer.revoke", id, NULL), 0);
    assert_int_equal(install(r, &w, 4, token), CW_CLOSE_ENROLMENT_WRONG);
    assert_int_equal(rig_call(r, "installer.script", 0, json_pack("{s:s}", "token", token)),
                     CW_ERR_EXPIRED);
    assert_int_equal(rig_call(r, "installer.script", 0, json_pack("{s:s}", "token", "x")),
                     CW_ERR_NOT_FOUND);
    rig_unlink(r, &w);
}

static void whose_time_is_over_uninstalls_itself(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 1, "Guest");
    assert_int_equal(rig_call(r, "jump_item.edit", item,
                              json_pack("{s:I}", "expires_unix_ms", (json_int_t)r->now_ms + 1000)),
                     0);
    up(r, &w, item);
    const struct cw_link_message *settings =
        rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_ORDER, 0);
    assert_non_null(memmem(settings->bytes, settings->bytes_count, "\"settings\"", 10));
    rig_forget(&w);
    rig_advance(r, 61);
    const struct cw_link_message *m = rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_ORDER, 0);
    assert_memory_equal(m->bytes, "{\"order\":\"uninstall\"}", m->bytes_count);
    report(r, &w, item, json_pack("{s:b}", "has_left", 1));
    assert_int_equal(rig_call(r, "jump_item.show", item, NULL), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_need(&w, CW_LINK_DROP_DEVICE, 0, 0)->participant, item);
    rig_unlink(r, &w);
}

static void one_hit_starts_and_several_are_listed(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    json_t *body = rig_holder(1);
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 1, "Pump 1");
    rig_enrol(r, &w, 2, "Pump 2");
    up(r, &w, item);
    json_object_set_new(body, "text", json_string("PUMP"));
    assert_int_equal(rig_call(r, "jump_item.search_and_jump", 0, json_deep_copy(body)), 0);
    assert_int_equal(rig_number(r, "count"), 2);
    assert_null(rig_text(r, "ticket"));
    json_object_set_new(body, "text", json_string("pump 1"));
    assert_int_equal(rig_call(r, "jump_item.search_and_jump", 0, body), 0);
    assert_int_equal(rig_number(r, "jump_item"), item);
    assert_non_null(rig_text(r, "ticket"));
    rig_unlink(r, &w);
}

static const char *state_of(struct rig *r, uint32_t item)
{
    assert_int_equal(rig_call(r, "jump_item.show", item, NULL), 0);
    return text_of(json_object_get(r->reply.json, "jump_item"), "state");
}

static void its_user_lets_nobody_in(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;

    rig_link(r, &w);
    item = rig_enrol(r, &w, 1, "Private");
    up(r, &w, item);
    rig_advance(r, 10);
    report(r, &w, item, json_pack("{s:s, s:b}", "hostname", "pc-1", "is_disabled", 0));
    /* Sooner than a report is heard again. */
    rig_advance(r, 2);
    report(r, &w, item, json_pack("{s:b}", "is_disabled", 1));
    assert_string_equal(state_of(r, item), "disabled");
    search(r, "disabled by its user", "status");
    assert_int_equal(rig_number(r, "count"), 1);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), CW_ERR_STATE);
    assert_non_null(strstr(r->reply.message, "The user of Private has disabled it"));
    /* A second change within the same second is not followed. */
    report(r, &w, item, json_pack("{s:b}", "is_disabled", 0));
    assert_string_equal(state_of(r, item), "disabled");
    rig_advance(r, 2);
    report(r, &w, item, json_pack("{s:b}", "is_disabled", 0));
    assert_string_equal(state_of(r, item), "online");
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    rig_unlink(r, &w);
}

static unsigned found(struct rig *r, const char *status)
{
    search(r, status, "status");
    return (unsigned)rig_number(r, "count");
}

/* Without a look at the store, which has them all as they were. */
static void who_goes_with_a_worker_is_what_it_would_be_alone(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t items[4];

    rig_link(r, &w);
    for (uint8_t i = 0; i < 4; i++)
        items[i] = rig_enrol(r, &w, (uint8_t)(i + 1), "Till");
    for (unsigned i = 0; i < 4; i++)
        up(r, &w, items[(i + 2) % 4]); /* in no order */
    assert_int_equal(rig_call(r, "jump_item.edit", items[1], json_pack("{s:s}", "mode", "passive")),
                     0);
    rig_advance(r, 10);
    report(r, &w, items[2], json_pack("{s:b}", "is_disabled", 1));
    assert_int_equal(found(r, "online"), 3);
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_DOWN, .participant = items[3],
             .code = CW_CLOSE_TIMED_OUT);
    assert_int_equal(found(r, "offline"), 1);
    rig_unlink(r, &w);
    assert_int_equal(found(r, "online"), 0);
    assert_int_equal(found(r, "offline"), 2);
    assert_int_equal(found(r, "passive"), 1);
    assert_int_equal(found(r, "disabled by its user"), 1);
    rig_restart(r); /* and so says who reads everything */
    assert_int_equal(found(r, "offline"), 2);
    assert_int_equal(found(r, "passive"), 1);
    assert_int_equal(found(r, "disabled by its user"), 1);
}

static void devices_are_found_in_whatever_order_they_came(void **state)
{
    enum { COUNT = 5000, STEP = 1237 };
    struct rig *r = *state;
    struct cw_device *device = NULL;

    for (uint32_t i = 0; i < COUNT; i++) {
        const uint32_t id = i * STEP % COUNT + 1;
        assert_null(cw_device_find(r->c, id));
        assert_int_equal(cw_device_add(r->c, id, &device), 0);
        device->up_ms = id;
    }
    assert_int_equal(r->c->device_count, COUNT);
    for (uint32_t id = 1; id <= COUNT; id++) {
        assert_int_equal(cw_device_add(r->c, id, &device), 0); /* is there */
        assert_int_equal(device->up_ms, id);
        assert_ptr_equal(cw_device_find(r->c, id), device);
    }
    assert_int_equal(r->c->device_count, COUNT);
    assert_null(cw_device_find(r->c, COUNT + 1));
}

/* What was last accessed is found at once, and a Jump reads its item once. */
static void a_jump_is_the_last_access(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t item = 0;
    char day[32];

    rig_link(r, &w);
    item = rig_enrol(r, &w, 1, "Till");
    up(r, &w, item);
    rig_advance(r, 86400 * 3);
    const time_t now = (time_t)(r->now_ms / 1000);
    struct tm t;
    assert_true(strftime(day, sizeof day, "%Y-%m-%d %H:%M", gmtime_r(&now, &t)) > 0);
    search(r, day, "last_accessed");
    assert_int_equal(rig_number(r, "count"), 0);
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    search(r, day, "last_accessed");
    assert_int_equal(rig_number(r, "count"), 1);
    rig_unlink(r, &w);
    rig_restart(r);
    search(r, day, "last_accessed");
    assert_int_equal(rig_number(r, "count"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_are_changed_and_found, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(many_are_changed_together_or_not_at_all, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(an_export_is_safe_in_a_spreadsheet, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_personal_list_is_ones_own, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(who_is_not_heard_of_is_lost_and_then_removed, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(an_installer_presets_what_it_may, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(whose_time_is_over_uninstalls_itself, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(its_user_lets_nobody_in, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(one_hit_starts_and_several_are_listed, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(who_goes_with_a_worker_is_what_it_would_be_alone,
                                        rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(devices_are_found_in_whatever_order_they_came, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_jump_is_the_last_access, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(listings_come_in_pages_by_name, rig_set_up, rig_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
