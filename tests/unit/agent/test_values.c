/* SPDX-License-Identifier: Apache-2.0 */
/* The parts without a socket or a window: addresses, base64, back-off, consent, chat, text, kept state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/agent/chat.h"
#include "clients/agent/edit.h"
#include "clients/agent/identities.h"
#include "clients/agent/people.h"
#include "clients/agent/state.h"
#include "clients/peer/address.h"
#include "clients/peer/backoff.h"
#include "clients/peer/base64.h"
#include "engine/base/err.h"

static void expect_address(const char *text, const char *wanted)
{
    struct cw_address a;
    char out[CW_ADDRESS_TEXT_BYTES];
    if (wanted == NULL) {
        assert_int_equal(cw_address_parse(text, &a), CW_ERR_INVALID);
        return;
    }
    assert_int_equal(cw_address_parse(text, &a), 0);
    cw_address_format(&a, out);
    assert_string_equal(out, wanted);
}

static void test_address(void **state)
{
    (void)state;
    expect_address("help.example", "help.example:443");
    expect_address("help.example:8443", "help.example:8443");
    expect_address("https://help.example:8443/", "help.example:8443");
    expect_address("::1", "[::1]:443");
    expect_address("[::1]:65535", "[::1]:65535");
    expect_address("10.0.0.1:1", "10.0.0.1:1");
    expect_address("", NULL);
    expect_address(":443", NULL);
    expect_address("h:", NULL);
    expect_address("h:0", NULL);
    expect_address("h:65536", NULL);
    expect_address("h:8x", NULL);
    expect_address("[::1", NULL);
    expect_address("[::1]x", NULL);
    expect_address("a b", NULL);
    expect_address("https://h/path", NULL);
}

static void test_identity(void **state)
{
    (void)state;
    uint8_t key[CW_KEY_BYTES], back[CW_KEY_BYTES];
    char text[CW_IDENTITY_TEXT_BYTES], print[CW_FINGERPRINT_TEXT_BYTES];
    for (unsigned i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)(i * 37 + 5);
    cw_identity_format(key, text);
    assert_int_equal(cw_identity_parse(text, back), 0);
    assert_memory_equal(key, back, sizeof(key));
    cw_fingerprint_format(key, print);
    assert_int_equal(strlen(print), 64 + 15);
    text[63] = '\0';
    assert_int_equal(cw_identity_parse(text, back), CW_ERR_INVALID);
    text[10] = 'g';
    assert_int_equal(cw_identity_parse(text, back), CW_ERR_INVALID);
}

static void test_base64(void **state)
{
    (void)state;
    uint8_t data[40], back[40];
    char text[CW_BASE64_TEXT_BYTES(40)];
    size_t size = 0;
    for (size_t n = 0; n <= sizeof(data); n++) {
        for (size_t i = 0; i < n; i++)
            data[i] = (uint8_t)(255 - i * 11);
        cw_base64_encode(data, n, text);
        assert_null(strpbrk(text, "+/="));
        assert_int_equal(cw_base64_decode(text, back, sizeof(back), &size), 0);
        assert_int_equal(size, n);
        assert_memory_equal(data, back, n);
    }
    assert_int_equal(cw_base64_decode("+/==", back, sizeof(back), &size), 0);
    assert_int_equal(back[0], 0xfb);
    assert_int_equal(cw_base64_decode("A", back, sizeof(back), &size), CW_ERR_INVALID);
    assert_int_equal(cw_base64_decode("AA!A", back, sizeof(back), &size), CW_ERR_INVALID);
    assert_int_equal(cw_base64_decode("AA=A", back, sizeof(back), &size), CW_ERR_INVALID);
    assert_int_equal(cw_base64_decode("AAAA", back, 2, &size), CW_ERR_FULL);
}

static void test_backoff(void **state)
{
    (void)state;
    struct cw_backoff b = {0};
    uint64_t ms = 1000000,
             most[] = {500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(cw_backoff_next_ns(&b, UINT32_MAX), most[i] * ms);
    assert_int_equal(cw_backoff_next_ns(&b, 0), 0);
    b.tries = UINT32_MAX;
    assert_int_equal(cw_backoff_next_ns(&b, UINT32_MAX), 60000 * ms);
    /* As told: at once and not all together; later; and never so late that a session is over. */
    assert_int_equal(cw_backoff_after_ns(&b, CW_CLOSE_RESTARTING, 8000, UINT32_MAX), 1000 * ms);
    assert_int_equal(cw_backoff_after_ns(&b, CW_CLOSE_OK, 60000, UINT32_MAX), 500 * ms);
    assert_int_equal(cw_backoff_after_ns(&b, CW_CLOSE_OVERLOADED, 60000, UINT32_MAX), 8000 * ms);
    assert_int_equal(cw_backoff_after_ns(&b, CW_CLOSE_OVERLOADED, 60000, UINT32_MAX), 16000 * ms);
    assert_int_equal(cw_backoff_after_ns(&b, CW_CLOSE_OK, CW_BACKOFF_SESSION_MOST_MS, UINT32_MAX),
                     8000 * ms);
}

static int note(struct cw_people *p, uint32_t number, bool is_present, const char *name)
{
    struct cw_participant_note n = {
        .participant = number,
        .role = CW_ROLE_REPRESENTATIVE,
        .present = is_present,
        .name = name,
        .name_bytes = strlen(name),
    };
    return cw_people_note(p, &n);
}

static void test_consent(void **state)
{
    (void)state;
    static struct cw_people p;
    struct cw_consent c;
    char names[100];
    p = (struct cw_people){.needs_consent = true};
    assert_null(cw_people_question(&p));
    assert_false(cw_people_may_view(&p));
    note(&p, 5, true, "Ann");
    note(&p, 6, true, "Bob");
    assert_int_equal(cw_people_question(&p)->participant, 5);
    assert_false(cw_people_may_view(&p));
    assert_true(cw_people_answer(&p, 5, CW_ANSWER_VIEW, &c));
    assert_int_equal(c.view, 1);
    assert_int_equal(c.control, 0);
    assert_true(cw_people_may_view(&p));
    assert_false(cw_people_may_control(&p));
    assert_int_equal(cw_people_question(&p)->participant, 6);
    assert_true(cw_people_answer(&p, 6, CW_ANSWER_CONTROL, &c));
    assert_true(cw_people_may_control(&p));
    cw_people_names(&p, CW_ANSWER_VIEW, names, sizeof(names));
    assert_string_equal(names, "Ann and Bob");
    /* Bob leaves: nobody who is here may control. He comes back: his answer stands. */
    note(&p, 6, false, "Bob");
    assert_false(cw_people_may_control(&p));
    note(&p, 6, true, "Bob");
    assert_true(cw_people_may_control(&p));
    /* Somebody else under his number is asked about. */
    note(&p, 6, true, "Eve");
    assert_false(cw_people_may_control(&p));
    assert_string_equal(cw_people_question(&p)->name, "Eve");
    assert_true(cw_people_standing(&p, 0, &c));
    assert_int_equal(c.participant, 5);
    assert_false(cw_people_standing(&p, 1, &c));
    cw_people_stop(&p, &c);
    assert_int_equal(c.participant, 0);
    assert_int_equal(c.view, 0);
    assert_false(cw_people_may_view(&p));
    assert_null(cw_people_question(&p));
    cw_people_share_again(&p);
    assert_int_equal(cw_people_question(&p)->participant, 5);
    assert_false(cw_people_answer(&p, 99, CW_ANSWER_CONTROL, &c));
}

static void test_people_are_bounded(void **state)
{
    (void)state;
    static struct cw_people p;
    p = (struct cw_people){.needs_consent = true};
    for (uint32_t i = 0; i < CW_PARTICIPANTS_PER_SESSION_MAX; i++)
        assert_int_equal(note(&p, i + 1, true, "x"), 0);
    assert_int_equal(note(&p, 9999, true, "y"), CW_ERR_FULL);
    assert_int_equal(note(&p, 1, true, "\x1b[31m"), 0);
    assert_string_equal(p.list[0].name, "Somebody");
}

static void test_chat(void **state)
{
    (void)state;
    struct cw_chat c = {0};
    struct cw_chat_say say;
    assert_int_equal(cw_chat_say(&c, "", &say), CW_ERR_INVALID);
    assert_int_equal(cw_chat_say(&c, "a\x01", &say), CW_ERR_INVALID);
    assert_int_equal(cw_chat_say(&c, "one", &say), 0);
    assert_int_equal(cw_chat_say(&c, "two", &say), 0);
    assert_int_equal(say.client_message, 2);
    struct cw_chat_line line = {
        .sequence = 1, .participant = 9, .client_message = 1, .text = "hi", .text_bytes = 2};
    assert_true(cw_chat_line(&c, &line, 2));
    assert_int_equal(c.count, 2); /* another's line with the same number is not ours */
    line.participant = 2;
    line.sequence = 2;
    assert_true(cw_chat_line(&c, &line, 2));
    assert_int_equal(c.count, 1);
    assert_false(cw_chat_line(&c, &line, 2)); /* history again: shown once */
    assert_true(cw_chat_unsaid(&c, 0, &say));
    assert_memory_equal(say.text, "two", 3);
    assert_false(cw_chat_unsaid(&c, 1, &say));
    while (c.count < CW_CHAT_WAITING_MAX)
        assert_int_equal(cw_chat_say(&c, "x", &say), 0);
    assert_int_equal(cw_chat_say(&c, "x", &say), CW_ERR_FULL);
    cw_chat_clear(&c);
}

static void test_edit(void **state)
{
    (void)state;
    static struct cw_edit e;
    memset(&e, 0, sizeof(e));
    assert_int_equal(cw_edit_insert(&e, "a€b", 5), 0);
    cw_edit_left(&e);
    cw_edit_left(&e);
    assert_int_equal(e.cursor, 1);
    cw_edit_delete(&e);
    assert_string_equal(e.text, "ab");
    assert_int_equal(cw_edit_insert(&e, "漢", 3), 0);
    assert_string_equal(e.text, "a漢b");
    cw_edit_backspace(&e);
    cw_edit_backspace(&e);
    cw_edit_backspace(&e);
    assert_string_equal(e.text, "b");
    assert_int_equal(cw_edit_insert(&e, "\n", 1), CW_ERR_INVALID);
    assert_int_equal(cw_edit_insert(&e, "\xff", 1), CW_ERR_INVALID);
    for (int i = 0; i < CW_EDIT_BYTES_MAX - 1; i++)
        assert_int_equal(cw_edit_insert(&e, "x", 1), 0);
    assert_int_equal(cw_edit_insert(&e, "x", 1), CW_ERR_TOO_LARGE);
}

static int measure(void *user, const char *text, size_t bytes)
{
    (void)user;
    (void)text;
    return (int)bytes;
}

static void test_break_line(void **state)
{
    (void)state;
    size_t skip = 0;
    assert_int_equal(cw_break_line("one two three", 13, 8, measure, NULL, &skip), 7);
    assert_int_equal(skip, 1);
    assert_int_equal(cw_break_line("one\ntwo", 7, 80, measure, NULL, &skip), 3);
    assert_int_equal(skip, 1);
    assert_int_equal(cw_break_line("abcdefgh", 8, 3, measure, NULL, &skip), 3);
    assert_int_equal(skip, 0);
    assert_int_equal(cw_break_line("漢字", 6, 1, measure, NULL, &skip), 3); /* at least one */
    assert_int_equal(cw_break_line("", 0, 10, measure, NULL, &skip), 0);
}

static void test_kept_state(void **state)
{
    (void)state;
    char directory[] = "/tmp/causeway-state-XXXXXX", path[100], message[4400];
    struct cw_state s = {.identity = {1}, .secret_seed = {2}, .credential = {3}}, back;
    struct stat st;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/client.json", directory);
    assert_int_equal(cw_address_parse("help.example:8443", &s.address), 0);
    assert_int_equal(cw_state_load(directory, &back, message, sizeof(message)), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_state_check_free(directory, message, sizeof(message)), 0);
    assert_int_equal(cw_state_save(directory, &s, message, sizeof(message)), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(directory, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(cw_state_load(directory, &back, message, sizeof(message)), 0);
    assert_memory_equal(&back.secret_seed, &s.secret_seed, sizeof(s.secret_seed));
    assert_memory_equal(&back.credential, &s.credential, sizeof(s.credential));
    assert_string_equal(back.address.port, "8443");
    assert_int_equal(cw_state_check_free(directory, message, sizeof(message)), CW_ERR_CONFLICT);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(cw_state_load(directory, &back, message, sizeof(message)), CW_ERR_DENIED);
    assert_int_equal(cw_file_replace(path, "{", 1, 0600), 0);
    assert_int_equal(cw_state_load(directory, &back, message, sizeof(message)), CW_ERR_INVALID);
    assert_int_equal(cw_state_remove(directory, message, sizeof(message)), 0);
    assert_int_equal(access(directory, F_OK), -1);
}

static void test_identities(void **state)
{
    (void)state;
    char directory[] = "/tmp/causeway-identities-XXXXXX", path[100], message[1200];
    uint8_t one[CW_KEY_BYTES] = {1}, two[CW_KEY_BYTES] = {2}, got[CW_KEY_BYTES];
    struct cw_address a, b;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/sub/identities", directory);
    assert_int_equal(cw_address_parse("a.example", &a), 0);
    assert_int_equal(cw_address_parse("a.example:44", &b), 0);
    assert_int_equal(cw_identities_find(path, &a, got), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_identities_add(path, &a, one, message, sizeof(message)), 0);
    assert_int_equal(cw_identities_find(path, &b, got), CW_ERR_NOT_FOUND);
    assert_int_equal(cw_identities_add(path, &b, two, message, sizeof(message)), 0);
    assert_int_equal(cw_identities_find(path, &a, got), 0);
    assert_memory_equal(got, one, sizeof(got));
    assert_int_equal(cw_identities_find(path, &b, got), 0);
    assert_memory_equal(got, two, sizeof(got));
    assert_int_equal(unlink(path), 0);
    path[strlen(directory) + 4] = '\0';
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address),    cmocka_unit_test(test_identity),
        cmocka_unit_test(test_base64),     cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_consent),    cmocka_unit_test(test_people_are_bounded),
        cmocka_unit_test(test_chat),       cmocka_unit_test(test_edit),
        cmocka_unit_test(test_break_line), cmocka_unit_test(test_kept_state),
        cmocka_unit_test(test_identities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
