/* SPDX-License-Identifier: Apache-2.0 */
/* The form of recordings: the document's example, every cut, every changed byte, encryption. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/wire/recording_example.h"

static struct recording_example example;

/* How much of data is good, and what ended it. */
static int read_all(const uint8_t *data, size_t size, size_t *ret_good, unsigned *ret_blocks)
{
    struct cw_recording_header header;
    struct cw_recording_chain chain;
    size_t at = 0;
    int err = cw_recording_header_decode(data, size, &header, &chain);
    *ret_blocks = 0;
    if (err == CW_OK)
        at = CW_RECORDING_HEADER_BYTES;
    while (err == CW_OK && at < size) {
        struct cw_recording_block block;
        size_t used = 0;
        err = cw_recording_block_decode(data + at, size - at, &chain, &block, &used);
        if (err == CW_OK && block.kind == CW_RECORDING_DATA)
            err = cw_recording_records_check(&block, block.payload, block.payload_bytes);
        if (err == CW_OK) {
            at += used;
            (*ret_blocks)++;
        }
    }
    *ret_good = at;
    return err;
}

static size_t good_before(size_t at)
{
    size_t good = at < CW_RECORDING_HEADER_BYTES ? 0 : CW_RECORDING_HEADER_BYTES;
    for (unsigned i = 1; i < EXAMPLE_BLOCKS + 2; i++)
        if (example.block_at[i] <= at)
            good = example.block_at[i];
    return good;
}

static void test_document(void **state)
{
    (void)state;
    static char text[64 * 1024];
    FILE *f = fopen("engine/RECORDING.md", "r");
    assert_non_null(f);
    size_t size = fread(text, 1, sizeof text - 1, f);
    assert_int_equal(fclose(f), 0);
    text[size] = '\0';
    const char *at = strstr(text, "\n```recording\n");
    assert_non_null(at);
    at += sizeof "\n```recording\n" - 1;
    size_t count = 0;
    while (*at != '`') {
        char *end = NULL;
        unsigned long byte = strtoul(at, &end, 16);
        assert_true(end == at + 2 && count < example.size);
        assert_int_equal(byte, example.bytes[count]);
        count++;
        at = end + 1;
    }
    assert_int_equal(count, example.size);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct cw_recording_header h;
    struct cw_recording_chain chain;
    assert_int_equal(cw_recording_header_decode(example.bytes, example.size, &h, &chain), CW_OK);
    assert_memory_equal(&h, &example.header, sizeof h);
    size_t at = CW_RECORDING_HEADER_BYTES;
    size_t used = 0;
    struct cw_recording_block b;
    struct cw_record r;
    size_t in = 0;
    const uint8_t *rest = example.bytes + at;
    assert_int_equal(cw_recording_block_decode(rest, example.size - at, &chain, &b, &used), CW_OK);
    assert_int_equal(b.record_count, 2);
    assert_true(cw_recording_next(b.payload, b.payload_bytes, &in, &r));
    struct cw_record_participant p;
    assert_int_equal(cw_record_participant_decode(&r, &p), CW_OK);
    assert_int_equal(p.role, CW_ROLE_CUSTOMER);
    assert_true(cw_recording_next(b.payload, b.payload_bytes, &in, &r));
    assert_int_equal(r.kind, CW_RECORD_FRAME);
    assert_int_equal(r.time_ns, 5000000);
    assert_false(cw_recording_next(b.payload, b.payload_bytes, &in, &r));
    at += used;
    assert_int_equal(
        cw_recording_block_decode(example.bytes + at, example.size - at, &chain, &b, &used), CW_OK);
    const uint8_t *root = b.hash;
    uint8_t kept[CW_RECORDING_HASH_BYTES];
    memcpy(kept, root, sizeof kept);
    in = 0;
    assert_true(cw_recording_next(b.payload, b.payload_bytes, &in, &r));
    assert_true(cw_recording_next(b.payload, b.payload_bytes, &in, &r));
    struct cw_record_end end;
    assert_int_equal(cw_record_end_decode(&r, &end), CW_OK);
    assert_int_equal(end.code, CW_CLOSE_ENDED_BY_CUSTOMER);
    assert_int_equal(end.text_bytes, 4);
    at += used;
    assert_int_equal(
        cw_recording_block_decode(example.bytes + at, example.size - at, &chain, &b, &used), CW_OK);
    struct cw_recording_seal seal;
    assert_int_equal(cw_recording_seal_decode(&b, &seal), CW_OK);
    assert_memory_equal(seal.key, example.public_key, sizeof seal.key);
    assert_int_equal(cw_recording_verify(kept, seal.key, seal.signature), CW_OK);
    kept[0] ^= 1;
    assert_int_equal(cw_recording_verify(kept, seal.key, seal.signature), CW_ERR_SIGNATURE);
    assert_int_equal(at + used, example.size);
}

/* "A recording cut at any byte is reported with the place and what is still good." */
static void test_every_cut(void **state)
{
    (void)state;
    for (size_t size = 0; size < example.size; size++) {
        size_t good = 0;
        unsigned blocks = 0;
        int err = read_all(example.bytes, size, &good, &blocks);
        assert_int_equal(good, good_before(size));
        assert_int_equal(err, size > 0 && size == good ? CW_OK : CW_ERR_AGAIN);
    }
}

/* "... with any block changed": every bit of the file. */
static void test_every_bit(void **state)
{
    (void)state;
    uint8_t changed[sizeof example.bytes];
    for (size_t bit = 0; bit < example.size * 8; bit++) {
        memcpy(changed, example.bytes, example.size);
        changed[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        size_t good = 0;
        unsigned blocks = 0;
        int err = read_all(changed, example.size, &good, &blocks);
        assert_int_not_equal(err, CW_OK);
        assert_int_equal(good, good_before(bit / 8));
    }
}

/* A whole block in a wrong place: taken out, doubled, or from another recording. */
static void test_other_order(void **state)
{
    (void)state;
    uint8_t other[sizeof example.bytes];
    size_t first = example.block_at[0];
    size_t second = example.block_at[1];
    size_t good = 0;
    unsigned blocks = 0;
    memcpy(other, example.bytes, first);
    memcpy(other + first, example.bytes + second, example.size - second);
    assert_int_equal(read_all(other, example.size - (second - first), &good, &blocks),
                     CW_ERR_CONFLICT);
    assert_int_equal(good, first);
    memcpy(other, example.bytes, second);
    memcpy(other + second, example.bytes + first, second - first);
    assert_int_equal(read_all(other, second + (second - first), &good, &blocks), CW_ERR_CONFLICT);
    assert_int_equal(good, second);
    /* Without a chain the block is good by itself. */
    struct cw_recording_block b;
    size_t used = 0;
    assert_int_equal(
        cw_recording_block_decode(example.bytes + second, example.size - second, NULL, &b, &used),
        CW_OK);
    assert_int_equal(b.number, 2);
}

static void test_encrypted(void **state)
{
    (void)state;
    static struct recording_example secret;
    static const uint8_t text[] = {'z', 'i'};
    uint8_t key[CW_KEY_BYTES] = {42};
    uint8_t file_key[CW_KEY_BYTES];
    static uint8_t plain[CW_RECORDING_PAYLOAD_BYTES_MAX];
    struct cw_recording_header h;
    struct cw_recording_chain chain;
    struct cw_recording_block b;
    size_t used = 0;
    size_t bytes = 0;
    example_make(&secret, key);
    assert_int_equal(cw_recording_header_decode(secret.bytes, secret.size, &h, &chain), CW_OK);
    assert_int_equal(h.flags, CW_RECORDING_REQUIRED | CW_RECORDING_ENCRYPTED);
    assert_null(memmem(secret.bytes, secret.size, text, sizeof text));
    assert_int_equal(cw_recording_file_key(key, secret.bytes, file_key), CW_OK);
    const uint8_t *at = secret.bytes + secret.block_at[0];
    assert_int_equal(
        cw_recording_block_decode(at, secret.size - secret.block_at[0], &chain, &b, &used), CW_OK);
    assert_int_equal(cw_recording_decrypt(at, &b, file_key, plain, &bytes), CW_OK);
    assert_int_equal(cw_recording_records_check(&b, plain, bytes), CW_OK);
    file_key[0] ^= 1;
    assert_int_equal(cw_recording_decrypt(at, &b, file_key, plain, &bytes), CW_ERR_SIGNATURE);
}

static void test_full(void **state)
{
    (void)state;
    static uint8_t block[CW_RECORDING_BLOCK_BYTES_MAX];
    static uint8_t frame[CW_FRAME_BYTES_MAX + 1];
    struct cw_recording_builder b = cw_recording_builder_of(block, false);
    struct cw_recording_chain chain = {.next_block = 1};
    struct cw_record r = {.kind = CW_RECORD_FRAME, .bytes = frame, .bytes_count = sizeof frame};
    const struct cw_frame f = {.type = CW_MESSAGE_SCREEN_UPDATE,
                               .channel = CW_CHANNEL_SCREEN,
                               .session = 1,
                               .length = CW_FRAME_PAYLOAD_BYTES_MAX};
    cw_frame_encode(&f, frame);
    assert_int_equal(cw_recording_finish(&b, &chain, NULL), 0);
    assert_int_equal(cw_recording_add(&b, &r), CW_ERR_TOO_LARGE);
    r.bytes_count = CW_FRAME_BYTES_MAX;
    unsigned count = 0;
    while (cw_recording_add(&b, &r) == CW_OK)
        count++;
    assert_int_equal(count, CW_RECORDING_PAYLOAD_BYTES_MAX / CW_RECORDING_RECORD_BYTES_MAX);
    size_t size = cw_recording_finish(&b, &chain, NULL);
    assert_true(size > 0 && size <= sizeof block);
    struct cw_recording_block got;
    size_t used = 0;
    assert_int_equal(cw_recording_block_decode(block, size, NULL, &got, &used), CW_OK);
    assert_int_equal(cw_recording_records_check(&got, got.payload, got.payload_bytes), CW_OK);
    assert_int_equal(got.record_count, count);
}

static void test_names(void **state)
{
    (void)state;
    char name[CW_RECORDING_NAME_BYTES_MAX];
    cw_recording_name(&example.header, name);
    assert_string_equal(name, "session-00000007-0123456789abcdef-001.cwr");
    assert_true(cw_recording_name_is_legal(name, strlen(name)));
    static const char *const bad[] = {
        "",
        "session-7-0123456789abcdef-001.cwr",
        "session-00000007-0123456789ABCDEF-001.cwr",
        "session-00000007-0123456789abcdef-001.cwr.seal",
        "../session-00000007-0123456789abcdef-001.cwr",
        "session-00000007-0123456789abcdef-001.cw",
        "session-+0000007-0123456789abcdef-001.cwr",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(cw_recording_name_is_legal(bad[i], strlen(bad[i])));
}

static int make_example(void **state)
{
    (void)state;
    example_make(&example, NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document),    cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_cut),   cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_other_order), cmocka_unit_test(test_encrypted),
        cmocka_unit_test(test_full),        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, make_example, NULL);
}
