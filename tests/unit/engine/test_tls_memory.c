/* SPDX-License-Identifier: Apache-2.0 */
/* engine/tls.h: what handshakes hold while they are under way, and that it goes back to the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/engine/tls_fixture.h"

/* Whoever says half a ClientHello holds a small buffer and no SSL object. */
static void a_stalled_hello_costs_little(void **state)
{
    (void)state;
    uint8_t hello[2048];
    struct cw_tls_worker_stats stats;
    struct client c = client_new(NATIVE, TLS1_3_VERSION);
    SSL_do_handshake(c.ssl);
    int n = BIO_read(c.out, hello, sizeof(hello));
    for (int i = 0; i < n; i++) {
        cw_tls_worker_stats(worker, &stats);
        assert_int_equal(stats.handshakes, 0);
        assert_int_equal(stats.buffers, i > 0);
        serve(&c, hello + i, 1);
        assert_int_equal(c.err, CW_ERR_AGAIN);
    }
    cw_tls_worker_stats(worker, &stats);
    assert_int_equal(stats.handshakes, 1);
    carry(&c, 16384);
    assert_int_equal(shake(&c, 16384), 0);
    cw_tls_worker_stats(worker, &stats);
    assert_int_equal(stats.handshakes, 0);
    assert_int_equal(stats.buffers, 0);
    client_free(&c);
}

static size_t resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &size, &resident), 2);
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* What a rush of handshakes took goes back once it is over, however long after the last of them began. */
static void a_rush_leaves_no_memory(void **state)
{
    (void)state;
    enum { RUSH = 60 };
    static struct cw_tls *rush[RUSH];
    uint8_t hello[2048], exporter[CW_EXPORTER_BYTES];
    struct cw_tls_worker_stats before, stats;
    struct client c = client_new(NATIVE, TLS1_3_VERSION);
    SSL_do_handshake(c.ssl);
    int n = BIO_read(c.out, hello, sizeof(hello));
    assert_true(n > 0);
    for (int i = 0; i < 2; i++)
        cw_tls_worker_trim(worker);
    cw_tls_worker_stats(worker, &before);
    size_t least = resident_bytes();
    for (unsigned i = 0; i < RUSH; i++) {
        assert_int_equal(cw_tls_new(worker, &rush[i]), 0);
        cw_tls_feed(worker, rush[i], hello, (size_t)n);
        assert_int_equal(cw_tls_handshake(worker, rush[i], exporter), CW_ERR_AGAIN);
        assert_int_equal(cw_tls_keep(worker, rush[i]), 0);
    }
    size_t most = resident_bytes();
    for (int i = 0; i < 10; i++)
        cw_tls_worker_trim(worker);
    cw_tls_worker_stats(worker, &stats);
    assert_int_equal(stats.handshakes, RUSH);
    assert_int_equal(stats.heap_trims, before.heap_trims);
    for (unsigned i = 0; i < RUSH; i++)
        assert_null(cw_tls_free(worker, rush[i]));
    for (int i = 0; i < 10; i++)
        cw_tls_worker_trim(worker);
    cw_tls_worker_stats(worker, &stats);
    assert_int_equal(stats.heap_trims, before.heap_trims + 1);
#ifndef __SANITIZE_ADDRESS__ /* whose heap keeps what was freed */
    assert_true(most - least > (size_t)RUSH * 16384);
    assert_true(resident_bytes() < least + (most - least) / 4);
#else
    (void)least;
    (void)most;
#endif
    client_free(&c);
}

int main(void)
{
    if (fixture_begin("tls-memory") != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stalled_hello_costs_little),
        cmocka_unit_test(a_rush_leaves_no_memory),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_end();
    return failed;
}
