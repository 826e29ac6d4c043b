/* SPDX-License-Identifier: Apache-2.0 */
/* control/account/network.h: what is a list of networks, and who is in it, against a plain model. */
#include "tests/unit/control/rig.h"

#include "control/account/network.h"

static void test_lists(void **state)
{
    static const struct {
        const char *list;
        int err;
        const char *says;
    } cases[] = {
        {"", 0, ""},
        {"192.0.2.0/24", 0, ""},
        {" 10.0.0.0/8  2001:db8::/32 203.0.113.9 ::1 0.0.0.0/0 ::/0 ", 0, ""},
        {"192.0.2.1/24", CW_ERR_INVALID, "\"192.0.2.1/24\" has bits behind its length"},
        {"2001:db8::1/64", CW_ERR_INVALID, "has bits behind"},
        {"192.0.2.0/33", CW_ERR_INVALID, "from /0 to /32"},
        {"2001:db8::/129", CW_ERR_INVALID, "from /0 to /128"},
        {"192.0.2.0/", CW_ERR_INVALID, "length"},
        {"192.0.2.0/08", CW_ERR_INVALID, "length"},
        {"192.0.2.0/-1", CW_ERR_INVALID, "length"},
        {"192.0.2", CW_ERR_INVALID, "\"192.0.2\" is not an address"},
        {"example.com", CW_ERR_INVALID, "is not an address"},
        {"::ffff:192.0.2.0/120", CW_ERR_INVALID, "write the IPv4 network"},
        {"192.0.2.0/24,10.0.0.0/8", CW_ERR_INVALID, "length"},
    };
    char message[240];
    char many[CW_NETWORKS_BYTES_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        message[0] = '\0';
        assert_int_equal(cw_networks_check(cases[i].list, message, sizeof message), cases[i].err);
        if (strstr(message, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].list, message);
    }
    memset(many, ' ', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    assert_int_equal(cw_networks_check(many, message, sizeof message), CW_ERR_FULL);
    many[0] = '\0';
    for (int i = 0; i <= CW_NETWORKS_MAX; i++)
        snprintf(many + strlen(many), 24, "10.0.0.%d ", i);
    assert_int_equal(cw_networks_check(many, message, sizeof message), CW_ERR_FULL);
}

static void test_members(void **state)
{
    (void)state;
    assert_true(cw_networks_have("", "192.0.2.1"));
    assert_true(cw_networks_have("  ", "no address"));
    assert_false(cw_networks_have("0.0.0.0/0", "no address"));
    assert_true(cw_networks_have("10.0.0.0/8 192.0.2.0/24", "192.0.2.255"));
    assert_false(cw_networks_have("10.0.0.0/8 192.0.2.0/24", "192.0.3.0"));
    assert_true(cw_networks_have("192.0.2.0/24", "::ffff:192.0.2.7"));
    assert_false(cw_networks_have("::/0", "192.0.2.7"));
    assert_false(cw_networks_have("0.0.0.0/0", "::1"));
    assert_true(cw_networks_have("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(cw_networks_have("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(cw_networks_have("203.0.113.9", "203.0.113.9"));
    assert_false(cw_networks_have("203.0.113.9", "203.0.113.8"));
}

/* Every length, against arithmetic. */
static void test_lengths(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char list[64], source[64];
        unsigned length = (unsigned)i % 33;
        uint32_t mask = length == 0 ? 0 : ~UINT32_C(0) << (32 - length);
        seed = seed * 1664525 + 1013904223;
        uint32_t network = seed & mask;
        seed = seed * 1664525 + 1013904223;
        uint32_t address = i % 2 == 0 ? seed : network ^ (seed >> (length % 32));
        snprintf(list, sizeof list, "%u.%u.%u.%u/%u", network >> 24, network >> 16 & 255,
                 network >> 8 & 255, network & 255, length);
        snprintf(source, sizeof source, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
                 address >> 8 & 255, address & 255);
        assert_int_equal(cw_networks_have(list, source), (address & mask) == network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
