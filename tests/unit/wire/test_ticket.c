/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/ticket.h: round trip, every truncation, every bit flip, time window, possession. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/ticket.h"

static const uint8_t seed[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const uint8_t holder_seed[32] = {9, 8, 7};
static uint8_t public_key[32];

static struct cw_ticket sample(void)
{
    struct cw_ticket t = {
        .kind = CW_TICKET_KIND_JOIN,
        .role = CW_ROLE_REPRESENTATIVE,
        .session = 77,
        .participant = 5,
        .permissions = CW_PERMIT(VIEW_SCREEN) | CW_PERMIT(CHAT),
        .not_before_unix_s = 1000,
        .not_after_unix_s = 1060,
        .id = {0xAA, 1, 2, 3},
    };
    assert_int_equal(cw_key_public(holder_seed, t.holder_key), 0);
    assert_int_equal(cw_key_public(seed, public_key), 0);
    assert_int_equal(cw_ticket_sign(&t, seed), 0);
    return t;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct cw_ticket t = sample();
    uint8_t bytes[CW_TICKET_BYTES];
    cw_ticket_encode(&t, bytes);
    struct cw_ticket back;
    assert_int_equal(cw_ticket_decode(bytes, sizeof bytes, &back), 0);
    uint8_t again[CW_TICKET_BYTES];
    cw_ticket_encode(&back, again);
    assert_memory_equal(bytes, again, sizeof bytes);
    assert_int_equal(back.session, 77);
    assert_int_equal(cw_ticket_verify(&back, public_key, 1030), 0);
}

static void test_truncated(void **state)
{
    (void)state;
    struct cw_ticket t = sample();
    uint8_t bytes[CW_TICKET_BYTES + 1] = {0};
    cw_ticket_encode(&t, bytes);
    struct cw_ticket back;
    for (size_t n = 0; n < CW_TICKET_BYTES; n++)
        assert_int_equal(cw_ticket_decode(bytes, n, &back), CW_ERR_INVALID);
    assert_int_equal(cw_ticket_decode(bytes, CW_TICKET_BYTES + 1, &back), CW_ERR_INVALID);
}

static void test_bit_flips(void **state)
{
    (void)state;
    struct cw_ticket t = sample();
    uint8_t bytes[CW_TICKET_BYTES];
    cw_ticket_encode(&t, bytes);
    for (size_t bit = 0; bit < CW_TICKET_BYTES * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        struct cw_ticket back;
        int err = cw_ticket_decode(bytes, sizeof bytes, &back);
        if (err == CW_OK)
            err = cw_ticket_verify(&back, public_key, 1030);
        assert_int_not_equal(err, CW_OK);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void test_time_window(void **state)
{
    (void)state;
    struct cw_ticket t = sample();
    assert_int_equal(cw_ticket_verify(&t, public_key, 1000 - CW_TICKET_SKEW_S), 0);
    assert_int_equal(cw_ticket_verify(&t, public_key, 999 - CW_TICKET_SKEW_S), CW_ERR_EXPIRED);
    assert_int_equal(cw_ticket_verify(&t, public_key, 1060 + CW_TICKET_SKEW_S), 0);
    assert_int_equal(cw_ticket_verify(&t, public_key, 1061 + CW_TICKET_SKEW_S), CW_ERR_EXPIRED);
    t.not_after_unix_s = UINT64_MAX;
    assert_int_equal(cw_ticket_sign(&t, seed), 0);
    assert_int_equal(cw_ticket_verify(&t, public_key, 5000), 0);
    t.not_before_unix_s = UINT64_MAX;
    assert_int_equal(cw_ticket_sign(&t, seed), 0);
    assert_int_equal(cw_ticket_verify(&t, public_key, 5000), CW_ERR_EXPIRED);
}

static void test_a_signer_signs_the_same(void **state)
{
    (void)state;
    const struct cw_ticket wanted = sample();
    struct cw_ticket t = wanted;
    struct cw_ticket_signer *signer = cw_ticket_signer_new(seed);
    assert_non_null(signer);
    memset(t.signature, 0, sizeof t.signature);
    assert_int_equal(cw_ticket_sign_by(&t, signer), 0);
    assert_memory_equal(t.signature, wanted.signature, sizeof t.signature);
    t.session++;
    assert_int_equal(cw_ticket_sign_by(&t, signer), 0);
    assert_memory_not_equal(t.signature, wanted.signature, sizeof t.signature);
    assert_int_equal(cw_ticket_verify(&t, public_key, 1000), 0);
    cw_ticket_signer_free(signer);
}

static void test_possession(void **state)
{
    (void)state;
    struct cw_ticket t = sample();
    uint8_t exporter[CW_EXPORTER_BYTES] = {3, 1, 4};
    uint8_t signature[CW_SIGNATURE_BYTES];
    assert_int_equal(cw_possession_sign(exporter, t.id, holder_seed, signature), 0);
    assert_int_equal(cw_possession_verify(exporter, t.id, t.holder_key, signature), 0);
    assert_int_equal(cw_possession_verify(exporter, t.id, public_key, signature), CW_ERR_SIGNATURE);
    exporter[31] ^= 1;
    assert_int_equal(cw_possession_verify(exporter, t.id, t.holder_key, signature),
                     CW_ERR_SIGNATURE);
    exporter[31] ^= 1;
    t.id[15] ^= 1;
    assert_int_equal(cw_possession_verify(exporter, t.id, t.holder_key, signature),
                     CW_ERR_SIGNATURE);
}

/* RFC 8032, section 7.1, test 1: our key bytes are the standard's. */
static void test_known_key(void **state)
{
    (void)state;
    static const uint8_t known_seed[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
                                           0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
                                           0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
                                           0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    static const uint8_t known_public[32] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7,
                                             0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
                                             0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
                                             0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
    uint8_t key[32];
    assert_int_equal(cw_key_public(known_seed, key), 0);
    assert_memory_equal(key, known_public, 32);
}

/* The key that is the neutral element "signs" every text with R the same and S zero: a holder with it could lend
 * its ticket to anybody. */
static void test_a_key_anyone_can_sign_with_is_refused(void **state)
{
    (void)state;
    struct cw_ticket t = sample();
    uint8_t exporter[CW_EXPORTER_BYTES] = {3, 1, 4};
    uint8_t weak[CW_KEY_BYTES] = {1}, signature[CW_SIGNATURE_BYTES] = {1};
    assert_int_equal(cw_possession_verify(exporter, t.id, weak, signature), CW_ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_bit_flips),
        cmocka_unit_test(test_time_window),
        cmocka_unit_test(test_a_signer_signs_the_same),
        cmocka_unit_test(test_possession),
        cmocka_unit_test(test_known_key),
        cmocka_unit_test(test_a_key_anyone_can_sign_with_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
