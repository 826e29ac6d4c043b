/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/message.h: each payload decodes, re-encodes to the same bytes, and every truncation of a
 * fixed part, trailing byte and illegal value is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/message.h"

/* Decodes and re-encodes; the macro makes one such function a message. */
#define ROUND(name)                                                                          \
    static int round_##name(const uint8_t *data, size_t size, uint8_t *out, size_t out_size, \
                            size_t *ret_size)                                                \
    {                                                                                        \
        struct cw_##name m;                                                                  \
        int err = cw_##name##_decode(data, size, &m);                                        \
        return err != 0 ? err : cw_##name##_encode(&m, out, out_size, ret_size);             \
    }
ROUND(welcome)
ROUND(close)
ROUND(participant_note)
ROUND(session_offer)
ROUND(consent)
ROUND(key)
ROUND(pointer)
ROUND(cursor_shape)
ROUND(cursor_position)
ROUND(chat_say)
ROUND(chat_line)
ROUND(screen_reset)
ROUND(screen_ack)
ROUND(rendition_note)
ROUND(screen_settings)

static uint8_t offer[158 + 2] = {7, 0, 0, 0, [156] = 2, 0, 'J', 'o'};

struct sample {
    int (*round)(const uint8_t *, size_t, uint8_t *, size_t, size_t *);
    const uint8_t *bytes;
    size_t size;
    size_t least;    /* shorter than this is refused */
    bool open_ended; /* text to the end: longer is legal */
};

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static void test_samples(void **state)
{
    (void)state;
    const struct sample samples[] = {
        {round_welcome,
         BYTES(1, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0), 24, false},
        {round_close, BYTES(1, 0, 'b', 'y', 'e'), 2, true},
        {round_participant_note, BYTES(9, 0, 0, 0, 1, 1, 2, 0, 'J', 'o'), 10, false},
        {round_session_offer, offer, sizeof offer, sizeof offer, false},
        {round_consent, BYTES(0, 0, 0, 0, 1, 1, 0, 0), 8, false},
        {round_key, BYTES(0x61, 0, 0, 0, 1, 0, 0, 0), 8, false},
        {round_pointer, BYTES(1, 0, 2, 0, 5, 0, 0, 0, 0x88, 0xFF, 120, 0), 12, false},
        {round_cursor_shape, BYTES(1, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4), 12, false},
        {round_cursor_shape, BYTES(0, 0, 0, 0, 0, 0, 0, 0), 8, false},
        {round_cursor_position, BYTES(1, 2, 3, 4), 4, false},
        {round_chat_say, BYTES(1, 0, 0, 0, 'h', 'i'), 5, true},
        {round_chat_line,
         BYTES(1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 'J',
               'h', 'i'),
         27, true},
        {round_screen_reset, BYTES(0, 2, 128, 1, 0, 4, 0, 3, 9, 0, 0, 0), 12, false},
        {round_screen_ack, BYTES(9, 0, 0, 0, 1), 4, false},
        {round_rendition_note, BYTES(1, 1, 0, 0), 4, false},
        {round_screen_settings, BYTES(4, 1), 2, false},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct sample *s = &samples[i];
        uint8_t copy[256] = {0};
        uint8_t out[256];
        size_t size = 0;
        memcpy(copy, s->bytes, s->size);
        assert_int_equal(s->round(copy, s->size, out, sizeof out, &size), 0);
        assert_int_equal(size, s->size);
        assert_memory_equal(out, copy, size);
        for (size_t n = 0; n < s->least; n++)
            assert_int_equal(s->round(copy, n, out, sizeof out, &size), CW_ERR_INVALID);
        for (size_t n = 0; n < s->size; n++)
            assert_int_equal(s->round(copy, s->size, out, n, &size), CW_ERR_FULL);
        copy[s->size] = 'x';
        assert_int_equal(s->round(copy, s->size + 1, out, sizeof out, &size),
                         s->open_ended ? 0 : CW_ERR_INVALID);
        /* Any flipped bit is refused or comes back as it is: nothing is silently normalised. */
        for (size_t bit = 0; bit < s->size * 8; bit++) {
            memcpy(copy, s->bytes, s->size);
            copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
            int err = s->round(copy, s->size, out, sizeof out, &size);
            assert_true(err == CW_ERR_INVALID || err == 0);
            if (err == 0) {
                assert_int_equal(size, s->size);
                assert_memory_equal(out, copy, size);
            }
        }
    }
}

static void test_clean_text(void **state)
{
    (void)state;
    assert_true(cw_text_is_clean("", 0));
    assert_true(cw_text_is_clean("tab\tline\n\xE2\x82\xAC \xF0\x9F\x98\x80", 17));
    assert_false(cw_text_is_clean("\x1B[31m", 5));
    assert_false(cw_text_is_clean("a\0b", 3));
    assert_false(cw_text_is_clean("\xC0\x80", 2));         /* overlong */
    assert_false(cw_text_is_clean("\xED\xA0\x80", 3));     /* surrogate */
    assert_false(cw_text_is_clean("\xF4\x90\x80\x80", 4)); /* over U+10FFFF */
    assert_false(cw_text_is_clean("\xE2\x82", 2));         /* cut */
    assert_false(cw_text_is_clean("\x80", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_clean_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
