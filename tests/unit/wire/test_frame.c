/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"

static const struct cw_frame chat = {
    .type = CW_MESSAGE_CHAT_SAY,
    .channel = CW_CHANNEL_CHAT,
    .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
    .stream = 0x0201,
    .session = 0x06050403,
    .length = 9,
};

static void test_header_bytes(void **state)
{
    static const uint8_t expected[CW_FRAME_HEADER_BYTES] = {1, 0x30, 3, 3, 1, 2, 0, 0,
                                                            3, 4,    5, 6, 9, 0, 0, 0};
    uint8_t out[CW_FRAME_HEADER_BYTES];
    struct cw_frame back;
    (void)state;
    cw_frame_encode(&chat, out);
    assert_memory_equal(out, expected, sizeof out);
    assert_int_equal(cw_frame_decode(out, sizeof out, &back), CW_OK);
    assert_int_equal(back.type, chat.type);
    assert_int_equal(back.channel, chat.channel);
    assert_int_equal(back.flags, chat.flags);
    assert_int_equal(back.stream, chat.stream);
    assert_int_equal(back.session, chat.session);
    assert_int_equal(back.length, chat.length);
}

static void test_each_wrong_byte_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        int error;
    } cases[] = {
        {0, 2, CW_ERR_UNSUPPORTED},             /* version */
        {1, 0xEE, CW_ERR_INVALID},              /* no such type */
        {1, CW_MESSAGE_PING, CW_ERR_INVALID},   /* type of another channel */
        {2, CW_CHANNEL_SCREEN, CW_ERR_INVALID}, /* channel of another type */
        {2, 200, CW_ERR_INVALID},               /* no such channel */
        {3, 0x43, CW_ERR_INVALID},              /* reserved flags */
        {3, 0x83, CW_ERR_INVALID},
        {6, 1, CW_ERR_INVALID}, /* zero field */
        {7, 1, CW_ERR_INVALID},
        {13, 0x40, CW_ERR_TOO_LARGE}, /* payload over a frame's */
        {15, 0x80, CW_ERR_TOO_LARGE},
        {13, 0x3F, CW_ERR_TOO_LARGE}, /* over what this type may have */
    };
    struct cw_frame untouched;
    (void)state;
    memset(&untouched, 0x5A, sizeof untouched);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t out[CW_FRAME_HEADER_BYTES];
        struct cw_frame back = untouched;
        cw_frame_encode(&chat, out);
        out[cases[i].at] = cases[i].value;
        assert_int_equal(cw_frame_decode(out, sizeof out, &back), cases[i].error);
        assert_memory_equal(&back, &untouched, sizeof back);
    }
}

static void test_fewer_bytes_need_more(void **state)
{
    uint8_t out[CW_FRAME_HEADER_BYTES];
    struct cw_frame back;
    (void)state;
    cw_frame_encode(&chat, out);
    for (size_t n = 0; n < sizeof out; n++)
        assert_int_equal(cw_frame_decode(out, n, &back), CW_ERR_AGAIN);
}

static void test_every_type_has_a_channel_and_sane_sizes(void **state)
{
    unsigned known = 0;
    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        const struct cw_message_info *info = cw_message_info((uint8_t)type);
        if (info == NULL)
            continue;
        known++;
        assert_int_equal(info->type, type);
        assert_true(info->channel < CW_CHANNEL_COUNT);
        assert_true(info->least <= info->most);
        assert_true(info->most <= CW_SCREEN_MESSAGE_BYTES_MAX);
        assert_true(cw_channel_send_class(info->channel) < CW_SEND_CLASS_COUNT);
    }
#define X(name, number, channel, least, most) +1
    assert_int_equal(known, 0 CW_MESSAGES(X));
#undef X
}

static void test_names_are_total(void **state)
{
    (void)state;
    assert_string_equal(cw_channel_name(CW_CHANNEL_INPUT), "input");
    assert_string_equal(cw_channel_name(255), "unknown");
    assert_string_equal(cw_role_name(CW_ROLE_DEVICE), "device");
    assert_string_equal(cw_role_name(255), "unknown");
    assert_string_equal(cw_permission_name(CW_PERMISSION_BIT_CHAT), "chat");
    assert_string_equal(cw_permission_name(63), "unknown");
    assert_string_equal(cw_close_name(CW_CLOSE_TICKET_USED), "TICKET_USED");
    assert_string_equal(cw_close_name(9999), "UNKNOWN");
    assert_string_equal(cw_close_text(9999), "The connection was closed.");
    assert_int_equal(cw_channel_send_class(255), CW_SEND_CLASS_COUNT - 1);
}

static void test_close_texts_fit_the_wire(void **state)
{
    (void)state;
    for (unsigned code = 0; code <= UINT16_MAX; code++)
        assert_true(strlen(cw_close_text((uint16_t)code)) <= CW_REASON_TEXT_BYTES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_bytes),
        cmocka_unit_test(test_each_wrong_byte_is_refused),
        cmocka_unit_test(test_fewer_bytes_need_more),
        cmocka_unit_test(test_every_type_has_a_channel_and_sane_sizes),
        cmocka_unit_test(test_names_are_total),
        cmocka_unit_test(test_close_texts_fit_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
