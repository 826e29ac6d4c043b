/* SPDX-License-Identifier: Apache-2.0 */
/* Waves of upgrades: who is told, how many at once, what they fetch, and who is not told again. */
#include <openssl/sha.h>
#include <sys/stat.h>

#include "control/jump/upgrade.h"
#include "control/state.h"
#include "tests/unit/control/rig.h"

enum { PROGRAM_BYTES = CW_PROGRAM_PIECE_BYTES + 100 };

struct offered {
    char dir[128];
    char path[192];
    uint8_t bytes[PROGRAM_BYTES];
    uint8_t sha256[CW_SHA256_BYTES];
};

static struct offered offered;

/* A file that looks like a program of this kind; last tells one from another. */
static void offer(struct rig *r, uint8_t last)
{
    static const char mark[] = "@(#)causeway-client 9.8.7";

    memset(offered.bytes, 0, sizeof offered.bytes);
    memcpy(offered.bytes, "\177ELF", 4);
    offered.bytes[18] = 62;
    memcpy(offered.bytes + 500, mark, sizeof mark);
    offered.bytes[PROGRAM_BYTES - 1] = last;
    SHA256(offered.bytes, sizeof offered.bytes, offered.sha256);
    if (offered.dir[0] == '\0') {
        snprintf(offered.dir, sizeof offered.dir, "%s/offered", r->dir);
        snprintf(offered.path, sizeof offered.path, "%s/causeway-client", offered.dir);
        assert_int_equal(mkdir(offered.dir, 0700), 0);
        r->c->config.download_dir = offered.dir;
    }
    unlink(offered.path);
    FILE *f = fopen(offered.path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(offered.bytes, 1, sizeof offered.bytes, f), sizeof offered.bytes);
    assert_int_equal(fclose(f), 0);
}

static int tear_down(void **state)
{
    unlink(offered.path);
    rmdir(offered.dir);
    offered = (struct offered){0};
    return rig_tear_down(state);
}

static void say(struct rig *r, struct rig_worker *w, uint32_t item, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);

    RIG_TELL(r, w, .type = CW_LINK_COPY, .participant = item, .role = CW_ROLE_DEVICE,
             .message = CW_MESSAGE_STATISTICS, .bytes = (const uint8_t *)text,
             .bytes_count = strlen(text));
    free(text);
    json_decref(body);
}

static json_t *hash_of(const uint8_t *sha256)
{
    char text[64];

    cw_base64url_encode(sha256, CW_SHA256_BYTES, text);
    return json_string(text);
}

/* It runs a program of its own, or the one that is offered. */
static void runs(struct rig *r, struct rig_worker *w, uint32_t item, const uint8_t *sha256,
                 const char *machine)
{
    say(r, w, item, json_pack("{s:o, s:s}", "program", hash_of(sha256), "machine", machine));
}

static void up(struct rig *r, struct rig_worker *w, uint32_t item)
{
    struct cw_link_message m = {.type = CW_LINK_DEVICE_UP, .participant = item};

    rig_address(m.address, 77);
    assert_int_equal(rig_tell(r, w, m), 0);
}

static uint32_t client(struct rig *r, struct rig_worker *w, uint8_t number)
{
    char name[32];

    snprintf(name, sizeof name, "Till %u", number);
    const uint32_t item = rig_enrol(r, w, number, name);
    up(r, w, item);
    runs(r, w, item, (const uint8_t *)"an older program's hash, 32 byte", "x86_64");
    return item;
}

static json_int_t status(struct rig *r, const char *member)
{
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "upgrade.status", 0, NULL), 0);
    const json_t *value = json_object_get(r->reply.json, member);
    return json_is_array(value) ? (json_int_t)json_array_size(value) : json_integer_value(value);
}

static void fetch(struct rig *r, struct rig_worker *w, uint32_t item, uint64_t offset)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(offset >> (8 * i));
    rig_forget(w);
    RIG_TELL(r, w, .type = CW_LINK_COPY, .participant = item, .role = CW_ROLE_DEVICE,
             .message = CW_MESSAGE_DEVICE_FETCH, .bytes = bytes, .bytes_count = sizeof bytes);
}

static void one_at_a_time_is_told_and_fetches(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    offer(r, 1);
    assert_int_equal(
        rig_call_at(r, CW_FRONT_SOCKET, "option.set", 0,
                    json_pack("{s:s, s:i}", "name", "jump.upgrade_at_once", "value", 1)),
        0);
    const uint32_t one = client(r, &w, 1);
    const uint32_t two = client(r, &w, 2);
    const uint32_t other = rig_enrol(r, &w, 3, "Another machine");
    up(r, &w, other);
    runs(r, &w, other, (const uint8_t *)"an older program's hash, 32 byte", "aarch64");
    rig_forget(&w);
    rig_advance(r, 2);
    const struct cw_link_message *m = rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_ORDER, 0);
    json_t *order = json_loadb((const char *)m->bytes, m->bytes_count, 0, NULL);
    assert_int_equal(m->participant, one);
    assert_string_equal(json_string_value(json_object_get(order, "order")), "upgrade");
    assert_string_equal(json_string_value(json_object_get(order, "version")), "9.8.7");
    assert_int_equal(json_integer_value(json_object_get(order, "size")), PROGRAM_BYTES);
    /* What the client checks: the key is the one of its credential. */
    struct cw_program_offer o = {.size = PROGRAM_BYTES, .machine = "x86_64", .version = "9.8.7"};
    uint8_t signature[CW_SIGNATURE_BYTES];
    memcpy(o.sha256, offered.sha256, sizeof o.sha256);
    const char *text = json_string_value(json_object_get(order, "signature"));
    assert_int_equal(cw_base64url_decode(text, strlen(text), signature, sizeof signature), 0);
    assert_int_equal(cw_program_offer_verify(&o, r->c->ticket_key, signature), 0);
    o.machine[0] = 'y';
    assert_int_not_equal(cw_program_offer_verify(&o, r->c->ticket_key, signature), 0);
    json_decref(order);
    assert_int_equal(status(r, "underway"), 1);
    assert_int_equal(status(r, "need_update"), 2);

    fetch(r, &w, one, CW_PROGRAM_PIECE_BYTES);
    m = rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_CHUNK, 0);
    assert_int_equal(m->bytes_count, 8 + 100);
    assert_memory_equal(m->bytes + 8, offered.bytes + CW_PROGRAM_PIECE_BYTES, 100);
    /* Who was not told, and who asks beyond the end, gets nothing. */
    fetch(r, &w, two, 0);
    assert_int_equal(rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_CHUNK, 0)->bytes_count, 8);
    fetch(r, &w, one, UINT64_MAX);
    assert_int_equal(rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_CHUNK, 0)->bytes_count, 8);

    /* The trial of the new program is not yet the new program. */
    rig_advance(r, 2);
    json_t *trial = json_pack("{s:o, s:s, s:b}", "program", hash_of(offered.sha256), "machine",
                              "x86_64", "is_trial", 1);
    say(r, &w, one, trial);
    assert_int_equal(status(r, "underway"), 1);
    runs(r, &w, one, offered.sha256, "x86_64");
    assert_int_equal(status(r, "up_to_date"), 1);
    assert_int_equal(rig_audit(r, "jump_item.upgrade", "ok"), 1);
    rig_forget(&w);
    rig_advance(r, 2);
    m = rig_need(&w, CW_LINK_SEND_DEVICE, CW_MESSAGE_DEVICE_ORDER, 0);
    assert_int_equal(m->participant, two);
    rig_unlink(r, &w);
}

static void who_fails_is_not_told_again(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    offer(r, 1);
    const uint32_t one = client(r, &w, 1);
    rig_advance(r, 2);
    /* Of another program: nothing was ordered that it could have failed with. */
    say(r, &w, one,
        json_pack("{s:s, s:o}", "upgrade_failed", "It did not start.", "upgrade_program",
                  hash_of((const uint8_t *)"another, that nobody offers here")));
    assert_int_equal(status(r, "failed"), 0);
    say(r, &w, one,
        json_pack("{s:s, s:o}", "upgrade_failed", "It did not start.", "upgrade_program",
                  hash_of(offered.sha256)));
    assert_int_equal(status(r, "failed"), 1);
    assert_int_equal(rig_audit(r, "jump_item.upgrade", "failed"), 1);
    /* Said again it is not heard again. */
    say(r, &w, one,
        json_pack("{s:s, s:o}", "upgrade_failed", "It did not start.", "upgrade_program",
                  hash_of(offered.sha256)));
    assert_int_equal(rig_audit(r, "jump_item.upgrade", "failed"), 1);
    up(r, &w, one);
    rig_advance(r, 300);
    assert_int_equal(status(r, "underway"), 0);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "upgrade.retry", one, NULL), 0);
    rig_advance(r, 2);
    assert_int_equal(status(r, "underway"), 1);
    /* Three orders without a word. */
    for (unsigned i = 0; i < CW_UPGRADE_TRIES_MAX; i++)
        rig_advance(r, CW_UPGRADE_SILENT_S + 1);
    assert_int_equal(status(r, "failed"), 1);
    assert_int_equal(status(r, "underway"), 0);
    /* Another program is another matter. */
    offer(r, 2);
    rig_advance(r, 2);
    assert_int_equal(status(r, "failed"), 0);
    assert_int_equal(status(r, "underway"), 1);
    rig_unlink(r, &w);
}

static void paused_and_in_sessions_nobody_is_told(void **state)
{
    struct rig *r = *state;
    struct rig_worker w;

    rig_link(r, &w);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "upgrade.pause", 0, NULL), 0);
    offer(r, 1);
    const uint32_t one = client(r, &w, 1);
    rig_advance(r, 2);
    assert_int_equal(status(r, "need_update"), 1);
    assert_int_equal(status(r, "underway"), 0);
    assert_int_equal(rig_call(r, "jump_item.search", 0,
                              json_pack("{s:s, s:s}", "text", "needs update", "fields", "status")),
                     0);
    assert_int_equal(rig_number(r, "count"), 1);
    assert_int_equal(rig_call(r, "jump_item.jump", one, rig_holder(3)), 0);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "upgrade.resume", 0, NULL), 0);
    rig_advance(r, 2);
    assert_int_equal(status(r, "underway"), 0);
    rig_unlink(r, &w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_at_a_time_is_told_and_fetches, rig_set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_fails_is_not_told_again, rig_set_up, tear_down),
        cmocka_unit_test_setup_teardown(paused_and_in_sessions_nobody_is_told, rig_set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
