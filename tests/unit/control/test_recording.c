/* SPDX-License-Identifier: Apache-2.0 */
/* Whether sessions are recorded, what tickets say of it, and the seals of parts. */
#include "tests/unit/control/rig.h"

#include "engine/wire/recording.h"

static uint32_t jump(struct rig *r, struct rig_worker *w, uint32_t item, uint8_t *ret_flags)
{
    assert_int_equal(rig_call(r, "jump_item.jump", item, rig_holder(3)), 0);
    *ret_flags = rig_ticket_text(r, rig_text(r, "ticket")).flags;
    uint32_t session = (uint32_t)rig_number(r, "session");
    RIG_TELL(r, w, .type = CW_LINK_SESSION_UP, .session = session);
    return session;
}

static struct cw_link_message part_of(uint32_t session, uint32_t part, uint8_t root, bool is_whole)
{
    static char name[CW_RECORDING_NAME_BYTES_MAX];
    const struct cw_recording_header header = {.session = session, .recording = 77, .part = part};
    struct cw_link_message m = {.type = CW_LINK_RECORDED,
                                .session = session,
                                .participant = part,
                                .kind = is_whole,
                                .request = 77,
                                .size = 1000,
                                .blocks = 5,
                                .bytes = (const uint8_t *)name};
    cw_recording_name(&header, name);
    m.bytes_count = strlen(name);
    memset(m.key, root, sizeof m.key);
    return m;
}

static unsigned seals(struct rig_worker *w)
{
    unsigned n = 0;
    for (size_t i = 0; i < w->sent_count; i++)
        n += w->sent[i].type == CW_LINK_SEAL;
    return n;
}

static void the_policy_is_in_tickets_of_sessions_to_come(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};
    uint8_t flags = 0;

    rig_link(r, &w);
    uint32_t item = rig_enrol(r, &w, 9, "Reception");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    assert_int_equal(rig_call(r, "recording.set", 0, json_pack("{s:s}", "value", "perhaps")),
                     CW_ERR_INVALID);
    uint32_t session = jump(r, &w, item, &flags);
    assert_int_equal(flags, 0);
    assert_int_equal(rig_call(r, "recording.set", 0, json_pack("{s:s}", "value", "required")), 0);
    assert_int_equal(rig_audit(r, "recording.set", "ok"), 1);
    /* Who joins the session that lives gets what it began with. */
    assert_int_equal(rig_call(r, "session.join", session, rig_holder(4)), 0);
    assert_int_equal(rig_ticket_text(r, rig_text(r, "ticket")).flags, 0);
    assert_int_equal(rig_call(r, "session.end", session, NULL), 0);
    session = jump(r, &w, item, &flags);
    assert_int_equal(flags, CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED);
    rig_unlink(r, &w);
    rig_restart(r);
    assert_int_equal(rig_call(r, "session.join", session, rig_holder(4)), 0);
    assert_int_equal(rig_ticket_text(r, rig_text(r, "ticket")).flags,
                     CW_TICKET_RECORD | CW_TICKET_RECORD_REQUIRED);
    assert_int_equal(rig_call(r, "recording.list", 0, NULL), 0);
    assert_string_equal(rig_text(r, "recording"), "required");
}

static void participants_and_the_audit_log_are_told(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};
    uint8_t flags = 0;

    rig_link(r, &w);
    uint32_t item = rig_enrol(r, &w, 9, "Reception");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    uint32_t session = jump(r, &w, item, &flags);
    static const char why[] = "the disk is full";
    RIG_TELL(r, &w, .type = CW_LINK_RECORDING, .session = session, .kind = CW_LINK_RECORDING_ON);
    RIG_TELL(r, &w, .type = CW_LINK_RECORDING, .session = session, .kind = CW_LINK_RECORDING_PAUSED,
             .bytes = (const uint8_t *)why, .bytes_count = sizeof why - 1);
    RIG_TELL(r, &w, .type = CW_LINK_RECORDING, .session = session, .kind = CW_LINK_RECORDING_ON);
    assert_int_equal(rig_audit(r, "recording.on", "ok"), 2);
    assert_int_equal(rig_audit(r, "recording.pause", "ok"), 1);
    assert_int_equal(rig_call(r, "session.chat", session, NULL), 0);
    const json_t *lines = json_object_get(r->reply.json, "lines");
    assert_int_equal(json_array_size(lines), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 0), "text")),
                        "This session is recorded.");
    assert_string_equal(json_string_value(json_object_get(json_array_get(lines, 1), "text")),
                        "The recording has stopped: the disk is full. The session goes on.");
    rig_unlink(r, &w);
}

static void a_part_is_sealed_once(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};

    rig_link(r, &w);
    assert_int_equal(rig_tell(r, &w, part_of(7, 1, 0xAA, true)), 0);
    assert_int_equal(seals(&w), 1);
    const struct cw_link_message *seal = rig_need(&w, CW_LINK_SEAL, 0, 0);
    assert_int_equal(seal->blocks, 5);
    assert_int_equal(cw_recording_verify(seal->key, r->c->ticket_key, seal->signature), 0);
    /* Told again after a restart: the same seal. With another content: none, and a row in the audit log. */
    assert_int_equal(rig_tell(r, &w, part_of(7, 1, 0xAA, true)), 0);
    assert_int_equal(seals(&w), 2);
    assert_int_equal(rig_audit(r, "recording.seal", "ok"), 1);
    assert_int_equal(rig_tell(r, &w, part_of(7, 1, 0xBB, true)), 0);
    assert_int_equal(seals(&w), 2);
    assert_int_equal(rig_audit(r, "recording.changed", "CONFLICT"), 1);
    /* A part that was cut may turn out to be longer than the engine knew. */
    assert_int_equal(rig_tell(r, &w, part_of(7, 2, 0x11, false)), 0);
    assert_int_equal(rig_tell(r, &w, part_of(7, 2, 0x22, false)), 0);
    assert_int_equal(seals(&w), 4);
    struct cw_link_message bad = part_of(7, 3, 1, true);
    bad.bytes = (const uint8_t *)"../../etc/passwd";
    bad.bytes_count = 16;
    assert_int_equal(rig_tell(r, &w, bad), 0);
    assert_int_equal(seals(&w), 4);
    assert_int_equal(rig_call(r, "recording.list", 0, NULL), 0);
    assert_int_equal(json_array_size(json_object_get(r->reply.json, "recordings")), 2);
    assert_int_equal(rig_call(r, "account.create", 0, json_pack("{s:s}", "user", "bob")), 0);
    r->account = (uint32_t)json_integer_value(
        json_object_get(json_object_get(r->reply.json, "account"), "id"));
    r->is_admin = false;
    assert_int_equal(rig_call(r, "recording.list", 0, NULL), CW_ERR_DENIED);
    rig_unlink(r, &w);
}

/* What a worker says before it was greeted is answered behind the greeting. */
static void parts_of_the_time_without_control(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};

    rig_hello(r, &w, 0, 1);
    assert_int_equal(rig_tell(r, &w, part_of(7, 1, 0xAA, true)), 0);
    assert_int_equal(w.sent_count, 0);
    RIG_TELL(r, &w, .type = CW_LINK_SNAPSHOT_END);
    assert_int_equal(w.sent[0].type, CW_LINK_CONTROL_HELLO);
    assert_int_equal(seals(&w), 1);
    rig_unlink(r, &w);
    memset(&w, 0, sizeof w);
    rig_link(r, &w);
    assert_int_equal(seals(&w), 0); /* once */
    rig_unlink(r, &w);
}

/* ---- played ------------------------------------------------------------------------------------ */

static json_t *stretch(const char *file, json_int_t offset)
{
    return json_pack("{s:s, s:I}", "file", file, "offset", offset);
}

static void a_sealed_part_is_read_in_stretches(void **state)
{
    struct rig *r = *state;
    struct rig_worker w = {0};
    enum { BYTES = CW_RECORDING_STRETCH_BYTES + 100 };
    static uint8_t content[BYTES + 50]; /* what came after the seal is not given out */
    static uint8_t got[BYTES];
    char path[512];
    uint8_t flags = 0;

    rig_link(r, &w);
    uint32_t item = rig_enrol(r, &w, 9, "Reception");
    RIG_TELL(r, &w, .type = CW_LINK_DEVICE_UP, .participant = item);
    uint32_t session = jump(r, &w, item, &flags);
    struct cw_link_message m = part_of(session, 1, 5, true);
    m.size = BYTES;
    assert_int_equal(rig_tell(r, &w, m), 0);
    char *file = strndup((const char *)m.bytes, m.bytes_count);
    (void)snprintf(path, sizeof path, "%s/%s", r->dir, file);
    assert_int_equal(rig_call(r, "recording.read", 0, stretch(file, 0)), CW_ERR_NOT_FOUND);

    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 31 + i / 251);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, sizeof content, f), sizeof content);
    assert_int_equal(fclose(f), 0);
    size_t at = 0;
    for (json_int_t offset = 0; offset >= 0;) {
        assert_int_equal(rig_call(r, "recording.read", 0, stretch(file, offset)), 0);
        assert_int_equal(rig_number(r, "bytes"), BYTES);
        const char *text = rig_text(r, "data");
        size_t count = strlen(text) * 3 / 4;
        assert_true(at + count <= BYTES);
        assert_int_equal(cw_base64url_decode(text, strlen(text), got + at, count), 0);
        at += count;
        json_t *next = json_object_get(r->reply.json, "next");
        offset = json_is_integer(next) ? json_integer_value(next) : -1;
    }
    assert_int_equal(at, BYTES);
    assert_memory_equal(got, content, BYTES);
    assert_int_equal(rig_audit(r, "recording.play", "ok"), 1);
    assert_int_equal(unlink(path), 0);
    free(file);
    cw_control_link_closed(r->c, w.link);
    rig_forget(&w);
}

static void no_other_file_can_be_read(void **state)
{
    struct rig *r = *state;
    static const char *const names[] = {"../control/store.sqlite",
                                        "/etc/passwd",
                                        "store.sqlite",
                                        "session-00000007-000000000000004d-001.cwr.seal",
                                        "session-00000007-000000000000004d-001.cwr",
                                        "session-7-4d-1.cwr"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(rig_call(r, "recording.read", 0, stretch(names[i], 0)), CW_ERR_NOT_FOUND);
    assert_int_equal(rig_call(r, "recording.read", 0, stretch("x", -1)), CW_ERR_INVALID);
    assert_int_equal(rig_call(r, "recording.read", 0, stretch("", 0)), CW_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_policy_is_in_tickets_of_sessions_to_come, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(participants_and_the_audit_log_are_told, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_part_is_sealed_once, rig_set_up, rig_tear_down),
        cmocka_unit_test_setup_teardown(parts_of_the_time_without_control, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(a_sealed_part_is_read_in_stretches, rig_set_up,
                                        rig_tear_down),
        cmocka_unit_test_setup_teardown(no_other_file_can_be_read, rig_set_up, rig_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
