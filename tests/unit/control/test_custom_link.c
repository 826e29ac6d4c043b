/* SPDX-License-Identifier: Apache-2.0 */
/* Custom links: what an administrator may write, and what a hostile name makes of it. */
#include "tests/unit/control/desk.h"

#include "control/session/custom_link.h"

static void links_name_their_host_themselves(void **state)
{
    static const char *const good[] = {
        "https://crm.example/?q=%EXTERNAL_KEY%&who=%CUSTOMER%",
        "http://crm/%SESSION%#%ATTR:asset%",
        "https://crm.example:8443/a%20b/%25%NAME%",
        "https://crm.example",
    };
    static const char *const bad[] = {
        "javascript:alert(1)",         "//crm.example/",           "https://%CUSTOMER%/",
        "https://crm.%ATTR:x%.de/",    "https://ada@crm.example/", "https:///path",
        "https://crm.example/a b",     "https://crm.example/\"",   "https://crm.example/%NOTHING%",
        "https://crm.example/100%",    "https://crm.example/%2",   "https://crm.example/\xC3\xA4",
        "https://crm.example/%ATTR:%", "https://crm.example/\\",   "https://crm.example/%ATTR:a b%",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_null(cw_custom_link_check(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(cw_custom_link_check(bad[i]));
}

static void what_is_put_in_is_escaped_and_never_cut(void **state)
{
    char out[16];

    (void)state;
    assert_true(cw_url_escape("a-1._~", out, sizeof out));
    assert_string_equal(out, "a-1._~");
    assert_true(cw_url_escape("/?&\xC3\xA4", out, sizeof out)); /* 15 bytes, and the end */
    assert_string_equal(out, "%2F%3F%26%C3%A4");
    assert_false(cw_url_escape("/?&\xC3\xA4x", out, sizeof out));
    assert_true(cw_url_escape("", out, sizeof out));
    assert_string_equal(out, "");
}

static const char *link_of(struct desk *d, uint32_t session)
{
    DESK(d, d->ada, 0, "session.show", session, NULL);
    return json_string_value(
        json_object_get(json_array_get(json_object_get(d->r->reply.json, "links"), 0), "url"));
}

static void a_session_has_its_links(void **state)
{
    struct desk d;
    uint32_t session = 0, bob = 0, id = 0;
    char long_value[CW_ATTRIBUTE_VALUE_BYTES_MAX + 1];

    desk_open(&d, *state);
    bob = desk_hire(&d, "bob");
    DESK(&d, bob, CW_ERR_DENIED, "custom_link.create", 0,
         json_pack("{s:s, s:s}", "name", "Mine", "url", "https://evil.example/"));
    DESK(&d, d.ada, CW_ERR_INVALID, "custom_link.create", 0,
         json_pack("{s:s, s:s}", "name", "Bad", "url", "https://%CUSTOMER%/"));
    DESK(&d, d.ada, CW_ERR_INVALID, "custom_link.create", 0, json_pack("{s:s}", "name", "None"));
    DESK(&d, d.ada, 0, "attribute.create", 0,
         json_pack("{s:s, s:s}", "code", "asset", "name", "Asset"));
    DESK(&d, d.ada, 0, "custom_link.create", 0,
         json_pack("{s:s, s:s}", "name", "Ticket", "url",
                   "https://crm.example/t/%EXTERNAL_KEY%?n=%NAME%&a=%ATTR:asset%&u=%USER%"));
    id = (uint32_t)rig_number(d.r, "id");
    DESK(&d, d.ada, CW_ERR_CONFLICT, "custom_link.create", 0,
         json_pack("{s:s, s:s}", "name", "ticket", "url", "https://crm.example/"));
    session = desk_customer(&d, d.team);
    assert_string_equal(link_of(&d, session), "https://crm.example/t/?n=Carla&a=&u=ada");
    DESK(&d, d.ada, 0, "session.accept", session, rig_holder(3));
    DESK(&d, d.ada, 0, "session.rename", session, json_pack("{s:s}", "name", "\"><script>&u=root"));
    DESK(&d, d.ada, 0, "session.set_external_key", session,
         json_pack("{s:s}", "external_key", "../%USER%"));
    DESK(&d, d.ada, 0, "session.set_attribute", session,
         json_pack("{s:s, s:s}", "code", "asset", "value", "42 / 7"));
    assert_string_equal(link_of(&d, session),
                        "https://crm.example/t/..%2F%25USER%25?n=%22%3E%3Cscript%3E%26u%3Droot"
                        "&a=42%20%2F%207&u=ada");
    /* One that would be cut is not there. */
    memset(long_value, '!', sizeof long_value - 1);
    long_value[sizeof long_value - 1] = '\0';
    DESK(&d, d.ada, 0, "session.set_attribute", session,
         json_pack("{s:s, s:s}", "code", "asset", "value", long_value));
    DESK(&d, d.ada, 0, "custom_link.set", id,
         json_pack("{s:s}", "url", "https://crm.example/%ATTR:asset%%ATTR:asset%%ATTR:asset%"));
    assert_null(link_of(&d, session));
    DESK(&d, d.ada, 0, "custom_link.remove", id, NULL);
    DESK(&d, d.ada, CW_ERR_NOT_FOUND, "custom_link.set", id, json_pack("{s:s}", "name", "x"));
    DESK(&d, bob, 0, "custom_link.list", 0, NULL);
    assert_int_equal(json_array_size(json_object_get(d.r->reply.json, "links")), 0);
    assert_int_equal(rig_audit(d.r, "custom_link.create", "ok"), 1);
    assert_int_equal(rig_audit(d.r, "custom_link.remove", "ok"), 1);
    rig_unlink(d.r, &d.w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(links_name_their_host_themselves),
        CASE(what_is_put_in_is_escaped_and_never_cut),
        CASE(a_session_has_its_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
