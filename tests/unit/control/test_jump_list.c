/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of Jump Items in any order from anywhere, and how many there are. */
#include "tests/unit/control/rig.h"

static const json_t *item_at(const struct rig *r, size_t i)
{
    return json_array_get(json_object_get(r->reply.json, "jump_items"), i);
}

static const char *text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static void up(struct rig *r, struct rig_worker *w, uint32_t item)
{
    struct cw_link_message m = {.type = CW_LINK_DEVICE_UP, .participant = item};

    rig_address(m.address, 77);
    assert_int_equal(rig_tell(r, w, m), 0);
}

static const char *name_at(struct rig *r, size_t i)
{
    return text_of(item_at(r, i), "name");
}

static void listings_start_anywhere_in_any_order(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;
    uint32_t jumped = 0;

    rig_link(r, &w);
    assert_int_equal(rig_call(r, "jump_group.create", 0, json_pack("{s:s}", "name", "Aisle")), 0);
    const json_int_t aisle =
        json_integer_value(json_object_get(json_object_get(r->reply.json, "jump_group"), "id"));
    rig_enrol(r, &w, 1, "a");
    jumped = rig_enrol(r, &w, 2, "b");
    const uint32_t moved = rig_enrol(r, &w, 3, "c");
    assert_int_equal(rig_call(r, "jump_item.edit", moved,
                              json_pack("{s:s, s:s}", "group", "Aisle", "tag", "Till")),
                     0);
    up(r, &w, jumped);
    assert_int_equal(rig_call(r, "jump_item.jump", jumped, rig_holder(3)), 0);
    assert_int_equal(
        rig_call(r, "jump_item.list", 0,
                 json_pack("{s:i, s:s, s:b}", "from", 1, "sort", "name", "descending", 1)),
        0);
    assert_int_equal(rig_number(r, "count"), 3);
    assert_string_equal(name_at(r, 0), "b");
    assert_true(json_is_null(json_object_get(r->reply.json, "next")));
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "sort", "last_access")),
                     0);
    assert_string_equal(name_at(r, 0), "b");
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "sort", "state")), 0);
    assert_string_equal(name_at(r, 0), "b");
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "sort", "group")), 0);
    assert_string_equal(name_at(r, 0), "c");
    /* What is left out. */
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "state", "in_session")),
                     0);
    assert_int_equal(rig_number(r, "count"), 1);
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "tag", "tilL")), 0);
    assert_string_equal(name_at(r, 0), "c");
    assert_int_equal(rig_call(r, "jump_copy.create", jumped, json_pack("{s:I}", "group", aisle)),
                     0);
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:I}", "group", aisle)), 0);
    assert_int_equal(rig_number(r, "count"), 2);
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:i}", "group", 4711)), 0);
    assert_int_equal(rig_number(r, "count"), 0);
    assert_int_equal(
        rig_call(r, "jump_item.list", 0, json_pack("{s:i, s:s}", "after", jumped, "sort", "state")),
        CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "sort", "colour")),
                     CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "jump_item.list", 0, json_pack("{s:s}", "state", "asleep")),
                     CW_ERR_INVALID);
    rig_unlink(r, &w);
}

static void counts_are_of_what_one_sees(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    const uint32_t one = rig_enrol(r, &w, 1, "a");
    const uint32_t two = rig_enrol(r, &w, 2, "b");
    up(r, &w, one);
    assert_int_equal(rig_call(r, "jump_group.create", 0, json_pack("{s:s}", "name", "Aisle")), 0);
    const json_int_t aisle =
        json_integer_value(json_object_get(json_object_get(r->reply.json, "jump_group"), "id"));
    assert_int_equal(rig_call(r, "jump_item.edit", one, json_pack("{s:s}", "tag", "Till")), 0);
    assert_int_equal(rig_call(r, "jump_item.edit", two, json_pack("{s:s}", "tag", "TILL")), 0);
    assert_int_equal(rig_call(r, "jump_copy.create", two, json_pack("{s:I}", "group", aisle)), 0);
    assert_int_equal(rig_call(r, "jump_item.counts", 0, NULL), 0);
    assert_int_equal(rig_number(r, "all"), 2);
    const json_t *states = json_object_get(r->reply.json, "states");
    assert_int_equal(json_integer_value(json_object_get(states, "online")), 1);
    assert_int_equal(json_integer_value(json_object_get(states, "offline")), 1);
    const json_t *tags = json_object_get(r->reply.json, "tags");
    assert_int_equal(json_array_size(tags), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(tags, 0), "count")), 2);
    json_int_t in_aisle = -1, in_all = -1;
    size_t i = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(r->reply.json, "groups"), i, row)
    {
        const json_int_t id = json_integer_value(json_object_get(row, "id"));
        *(id == aisle ? &in_aisle : &in_all) = json_integer_value(json_object_get(row, "count"));
    }
    assert_int_equal(in_aisle, 1);
    assert_int_equal(in_all, 2);
    rig_unlink(r, &w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(listings_start_anywhere_in_any_order, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(counts_are_of_what_one_sees, rig_set_up, rig_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
