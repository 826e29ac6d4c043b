/* SPDX-License-Identifier: Apache-2.0 */
/* The load's own measures and records: what they say must be right before what is measured with them can be. */
#include <fcntl.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench/load/growth.h"
#include "bench/load/handshake.h"
#include "bench/load/histogram.h"
#include "bench/load/pattern.h"
#include "bench/load/record.h"
#include "bench/load/secure.h"
#include "engine/base/err.h"

/* ---- histogram ---------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void test_percentiles_are_those_of_the_sorted_values(void **state)
{
    enum { COUNT = 20000 };
    static uint64_t values[COUNT];
    static struct cw_histogram h, half;
    static const double shares[] = {0.01, 0.5, 0.9, 0.99, 0.999, 1};
    uint64_t random = 12345;
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        values[i] = (random >> 33) >> (random >> 59); /* of all sizes */
        cw_histogram_add(i % 2 == 0 ? &h : &half, values[i]);
    }
    cw_histogram_merge(&h, &half);
    qsort(values, COUNT, sizeof values[0], compare);
    assert_int_equal(h.count, COUNT);
    assert_int_equal(h.most_ns, values[COUNT - 1]);
    for (unsigned i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        uint64_t exact = values[(unsigned)(shares[i] * COUNT + 0.999999) - 1];
        uint64_t got = cw_histogram_at(&h, shares[i]);
        assert_in_range(got, exact, exact + exact / 60 + 1);
    }
}

static void test_histogram_ends(void **state)
{
    static struct cw_histogram h;
    (void)state;
    assert_int_equal(cw_histogram_at(&h, 0.5), 0);
    cw_histogram_add(&h, 0);
    assert_int_equal(cw_histogram_at(&h, 1), 0);
    cw_histogram_add(&h, UINT64_MAX); /* beyond the last bucket */
    assert_int_equal(h.buckets[CW_HISTOGRAM_BUCKETS - 1], 1);
    assert_true(cw_histogram_at(&h, 1) > UINT64_C(1) << 40);
}

/* ---- pattern ------------------------------------------------------------------------------------ */

static void test_any_changed_byte_is_seen(void **state)
{
    enum { SIZE = 200 };
    static const unsigned time_at = 8;
    uint8_t message[SIZE];
    struct cw_pattern p = {.sequence = 77, .time_ns = 5, .session = 9};
    struct cw_pattern got;
    (void)state;
    cw_pattern_start();
    cw_pattern_write(&p, message, SIZE);
    assert_int_equal(cw_pattern_read(message, SIZE, &got), CW_OK);
    assert_int_equal(got.sequence, 77);
    assert_int_equal(got.session, 9);
    for (unsigned i = 0; i < SIZE; i++) {
        message[i] ^= 1;
        bool is_time = i >= time_at && i < time_at + 8;
        assert_int_equal(cw_pattern_read(message, SIZE, &got), is_time ? CW_OK : CW_ERR_INVALID);
        message[i] ^= 1;
    }
    assert_int_equal(cw_pattern_read(message, SIZE - 1, &got), CW_ERR_INVALID);
}

/* ---- records ------------------------------------------------------------------------------------ */

static void test_records(void **state)
{
    static struct cw_record sender, receiver;
    static const uint8_t secret[CW_RECORD_SECRET_BYTES] = {1, 2, 3};
    static uint8_t record[CW_RECORD_BYTES_MAX], plain[CW_RECORD_PLAIN_BYTES_MAX];
    size_t used = 0, size = 0;
    uint8_t type = 0;
    uint8_t *out = NULL;
    (void)state;
    assert_int_equal(cw_record_start(), CW_OK);
    cw_record_init(&sender, secret);
    cw_record_init(&receiver, secret);
    for (unsigned n = 0; n < 3; n++) {
        size_t whole = cw_record_seal(&sender, CW_RECORD_DATA, plain, sizeof plain, record);
        assert_int_equal(whole, sizeof plain + CW_RECORD_OVERHEAD_BYTES);
        assert_int_equal(cw_record_open(&receiver, record, whole - 1, &used, &type, &out, &size),
                         CW_ERR_AGAIN);
        assert_int_equal(cw_record_open(&receiver, record, whole, &used, &type, &out, &size),
                         CW_OK);
        assert_int_equal(size, sizeof plain);
        assert_memory_equal(out, plain, sizeof plain);
        cw_record_update(&sender); /* the next keys, both ways */
        cw_record_update(&receiver);
    }
    size_t whole = cw_record_seal(&sender, CW_RECORD_DATA, plain, 10, record);
    record[7] ^= 1;
    assert_int_equal(cw_record_open(&receiver, record, whole, &used, &type, &out, &size),
                     CW_ERR_SIGNATURE);
}

/* ---- the handshake, against OpenSSL ------------------------------------------------------------- */

struct pair {
    int fds[2];
    struct cw_secure secure;
    struct cw_secrets client, server;
    SSL *ssl;
    struct cw_handshake handshake;
};

/* Hands the server's records over one by one; flips a bit of the n-th. */
static int shake_hands(struct pair *p, int flipped)
{
    static uint8_t data[65536];
    uint8_t out[CW_HANDSHAKE_HELLO_BYTES];
    short events = 0;
    size_t size = cw_handshake_hello(&p->handshake, false, out);
    assert_int_equal(write(p->fds[0], out, size), (ssize_t)size);
    assert_int_equal(cw_secure_step(p->ssl, &p->server, &events), CW_ERR_AGAIN);
    ssize_t got = read(p->fds[0], data, sizeof data);
    assert_true(got > 0);
    int err = CW_ERR_AGAIN;
    for (size_t at = 0; at < (size_t)got && err == CW_ERR_AGAIN; flipped--) {
        size_t whole = CW_RECORD_HEADER_BYTES + ((size_t)data[at + 3] << 8 | data[at + 4]);
        assert_true(at + whole <= (size_t)got);
        if (flipped == 0)
            data[at + whole - 3] ^= 1;
        err = cw_handshake_take(&p->handshake, data + at, whole, out, &p->client);
        at += whole;
    }
    if (err != CW_OK)
        return err;
    assert_int_equal(write(p->fds[0], out, CW_HANDSHAKE_FINISHED_BYTES),
                     CW_HANDSHAKE_FINISHED_BYTES);
    assert_int_equal(cw_secure_step(p->ssl, &p->server, &events), CW_OK);
    return CW_OK;
}

static void open_pair(struct pair *p)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p->fds), 0);
    assert_int_equal(cw_record_start(), CW_OK);
    assert_int_equal(cw_handshake_start(), CW_OK);
    assert_int_equal(cw_secure_init(&p->secure), CW_OK);
    p->ssl = cw_secure_new(&p->secure, p->fds[1], &p->server);
    assert_non_null(p->ssl);
}

static void close_pair(struct pair *p)
{
    SSL_free(p->ssl);
    cw_secure_free(&p->secure);
    (void)close(p->fds[0]);
    (void)close(p->fds[1]);
}

static void test_handshake_agrees_with_openssl(void **state)
{
    static struct pair p;
    uint8_t exporter[CW_EXPORTER_BYTES];
    (void)state;
    open_pair(&p);
    assert_int_equal(shake_hands(&p, -1), CW_OK);
    assert_memory_equal(p.client.client, p.server.client, sizeof p.client.client);
    assert_memory_equal(p.client.server, p.server.server, sizeof p.client.server);
    assert_int_equal(SSL_export_keying_material(p.ssl, exporter, sizeof exporter,
                                                CW_SECURE_EXPORTER_LABEL,
                                                sizeof CW_SECURE_EXPORTER_LABEL - 1, NULL, 0, 0),
                     1);
    assert_memory_equal(p.client.exporter, exporter, sizeof exporter);
    close_pair(&p);
}

static void test_a_forged_flight_is_refused(void **state)
{
    (void)state;
    for (int n = 0; n < 2; n++) { /* the server's share, and what is sealed */
        static struct pair p;
        p = (struct pair){0};
        open_pair(&p);
        assert_int_not_equal(shake_hands(&p, n == 0 ? 0 : 2), CW_OK);
        close_pair(&p);
    }
}

/* ---- growth ------------------------------------------------------------------------------------- */

static bool is_none(double bytes, double bytes_share, double descriptors_share)
{
    const struct cw_growth g = {
        .first = {.own_bytes = bytes, .descriptors = 500},
        .last = {.own_bytes = bytes * bytes_share, .descriptors = 500 * descriptors_share},
        .bytes_peak = 10 * bytes};
    char why[200] = "";
    bool none = cw_growth_is_none(&g, why, sizeof why);
    assert_int_equal(why[0] == '\0', none);
    return none;
}

static void test_growth_is_seen(void **state)
{
    (void)state;
    assert_true(is_none(40e6, 1, 1)); /* the peak is no matter */
    assert_true(is_none(40e6, 0.5, 0.5));
    assert_true(is_none(40e6, 1.05, 1)); /* less than a huge page and a twentieth */
    assert_true(is_none(40e6, 1, 1.01));
    assert_false(is_none(40e6, 1.11, 1));
    assert_false(is_none(400e6, 1.06, 1));
    assert_false(is_none(40e6, 1, 1.1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles_are_those_of_the_sorted_values),
        cmocka_unit_test(test_histogram_ends),
        cmocka_unit_test(test_any_changed_byte_is_seen),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_handshake_agrees_with_openssl),
        cmocka_unit_test(test_a_forged_flight_is_refused),
        cmocka_unit_test(test_growth_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
