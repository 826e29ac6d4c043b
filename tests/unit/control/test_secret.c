/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in text, passwords and their hashes, the hash pool, budgets, the ticket key. */
#include <fcntl.h>
#include <sys/stat.h>

#include "control/account/budget.h"
#include "control/account/hash_pool.h"
#include "control/account/password.h"
#include "control/link/source.h"
#include "control/session/ticket_issue.h"
#include "tests/unit/control/rig.h"

static const struct cw_hash_cost cheap = {64, 1, 1};

static void base64url_is_exact(void **state)
{
    static const struct {
        const char *plain;
        const char *text;
    } cases[] = {{"", ""},         {"f", "Zg"},         {"fo", "Zm8"},
                 {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xFB\xFF\xFE", "-__-"}};
    uint8_t out[8];
    char text[16];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const size_t n = strlen(cases[i].plain);
        cw_base64url_encode((const uint8_t *)cases[i].plain, n, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(cw_base64url_decode(text, strlen(text), out, n), 0);
        assert_memory_equal(out, cases[i].plain, n);
    }
    assert_int_equal(cw_base64url_decode("Zh", 2, out, 1), CW_ERR_INVALID); /* unused bits set */
    assert_int_equal(cw_base64url_decode("Zg==", 4, out, 1), CW_ERR_INVALID);
    assert_int_equal(cw_base64url_decode("Zm9v", 4, out, 2), CW_ERR_INVALID);
    assert_int_equal(cw_base64url_decode("Z+9v", 4, out, 3), CW_ERR_INVALID);
    assert_int_equal(cw_base64url_decode("Z\0m9", 4, out, 3), CW_ERR_INVALID);
}

static void base32_forgives_what_people_type(void **state)
{
    char out[16];
    char made[32];

    (void)state;
    assert_int_equal(cw_base32_normalise("o0il-1abc-de", 12, out, 10), 0);
    assert_string_equal(out, "00111ABCDE");
    assert_int_equal(cw_base32_normalise(" AB CD EF GH JK ", 16, out, 10), 0);
    assert_int_equal(cw_base32_normalise("ABCDEFGHJ", 9, out, 10), CW_ERR_INVALID);
    assert_int_equal(cw_base32_normalise("ABCDEFGHJKM", 11, out, 10), CW_ERR_INVALID);
    assert_int_equal(cw_base32_normalise("ABCDEFGHJU", 10, out, 10), CW_ERR_INVALID);
    assert_int_equal(cw_base32_normalise("ABCDE\0GHJK", 10, out, 10), CW_ERR_INVALID);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(cw_secret_base32(made, 10), 0);
        assert_int_equal(strlen(made), 12);
        assert_int_equal(made[4], '-');
        assert_int_equal(cw_base32_normalise(made, 12, out, 10), 0);
    }
}

static void hashes_of_different_kinds_differ(void **state)
{
    uint8_t one[CW_SHA256_BYTES];
    uint8_t two[CW_SHA256_BYTES];

    (void)state;
    assert_int_equal(cw_secret_hash("a", "bc", 2, one), 0);
    assert_int_equal(cw_secret_hash("ab", "c", 1, two), 0);
    assert_memory_not_equal(one, two, sizeof one);
}

static void passwords_are_hashed_as_phc_strings(void **state)
{
    char hash[CW_HASH_TEXT_BYTES_MAX];
    char dummy[CW_HASH_TEXT_BYTES_MAX];
    const struct cw_hash_cost full = {CW_HASH_MEMORY_KIB, CW_HASH_PASSES, CW_HASH_LANES};

    (void)state;
    assert_int_equal(cw_password_hash(&full, "correct horse", 13, hash), 0);
    assert_int_equal(strncmp(hash, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
    assert_int_equal(cw_password_verify(hash, "correct horse", 13), 0);
    assert_int_equal(cw_password_verify(hash, "correct horsf", 13), CW_ERR_DENIED);
    assert_false(cw_password_is_outdated(&full, hash));
    assert_true(cw_password_is_outdated(&cheap, hash));
    /* The dummy is verified like a real one, and never matches. */
    assert_int_equal(cw_password_dummy(&cheap, dummy), 0);
    assert_int_equal(cw_password_verify(dummy, "", 0), CW_ERR_DENIED);
    assert_int_equal(cw_password_verify("$argon2id$nonsense", "x", 1), CW_ERR_INVALID);
}

static void bad_passwords_are_refused_in_words(void **state)
{
    char longest[CW_PASSWORD_BYTES_MAX + 2];

    (void)state;
    memset(longest, 'x', sizeof longest);
    assert_null(cw_password_objection("twelve chars", 12, "ada", "old"));
    assert_non_null(strstr(cw_password_objection("eleven char", 11, "ada", "old"), "too short"));
    /* Eleven characters are eleven, however many bytes they take. */
    assert_non_null(cw_password_objection("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
                                          "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9",
                                          22, "ada", "old"));
    assert_non_null(cw_password_objection("administrator", 13, "Administrator", "old"));
    assert_non_null(cw_password_objection("twelve chars", 12, "ada", "twelve chars"));
    assert_non_null(strstr(cw_password_objection(longest, 257, "ada", "old"), "too long"));
    assert_non_null(cw_password_objection("twelve\x01"
                                          "chars",
                                          12, "ada", "old"));
}

static struct cw_hash_job *collect(struct cw_hash_pool *pool)
{
    struct cw_hash_job *job = NULL;

    while ((job = cw_hash_pool_collect(pool)) == NULL) {
        struct pollfd fd = {.fd = cw_hash_pool_fd(pool), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 20000), 1);
    }
    return job;
}

static void the_pool_verifies_renews_and_wipes(void **state)
{
    struct cw_hash_pool *pool = NULL;
    struct cw_hash_job job = {.password = "correct horse"};
    const struct cw_hash_cost older = {32, 1, 1};
    static const char zeros[sizeof job.password];

    (void)state;
    assert_int_equal(cw_hash_pool_new(&cheap, &pool), 0);
    assert_int_equal(cw_password_hash(&older, "correct horse", 13, job.stored), 0);
    assert_int_equal(cw_hash_pool_submit(pool, &job), 0);
    assert_ptr_equal(collect(pool), &job);
    assert_int_equal(job.err, 0);
    assert_false(cw_password_is_outdated(&cheap, job.hash));
    assert_int_equal(cw_password_verify(job.hash, "correct horse", 13), 0);
    assert_memory_equal(job.password, zeros, sizeof zeros);
    /* The wrong one gives no new hash, whatever was to be hashed. */
    snprintf(job.password, sizeof job.password, "wrong horse");
    snprintf(job.fresh, sizeof job.fresh, "new horse");
    assert_int_equal(cw_hash_pool_submit(pool, &job), 0);
    (void)collect(pool);
    assert_int_equal(job.err, CW_ERR_DENIED);
    assert_string_equal(job.hash, "");
    cw_hash_pool_stop(pool);
    cw_hash_pool_free(pool);
}

static void the_pools_queue_is_bounded(void **state)
{
    enum { JOBS = CW_HASH_QUEUE_MAX + CW_HASH_THREADS + 8 };
    struct cw_hash_job *jobs = calloc(JOBS, sizeof *jobs);
    struct cw_hash_pool *pool = NULL;
    const struct cw_hash_cost slow = {16 * 1024, 3, 1};
    unsigned taken = 0;
    unsigned given = 0;

    (void)state;
    assert_non_null(jobs);
    assert_int_equal(cw_hash_pool_new(&slow, &pool), 0);
    while (taken < JOBS) {
        snprintf(jobs[taken].fresh, sizeof jobs[taken].fresh, "password %u", taken);
        if (cw_hash_pool_submit(pool, &jobs[taken]) != 0)
            break;
        taken++;
    }
    assert_true(taken >= CW_HASH_QUEUE_MAX && taken < JOBS);
    /* Stopped: what ran is finished, the rest says so; every job comes back once. */
    cw_hash_pool_stop(pool);
    while (cw_hash_pool_collect(pool) != NULL)
        given++;
    assert_int_equal(given, taken);
    assert_int_equal(jobs[taken - 1].err, CW_ERR_CLOSED);
    cw_hash_pool_free(pool);
    free(jobs);
}

static void budgets_run_out_and_fill_up(void **state)
{
    struct cw_budget *b = malloc(sizeof *b);
    uint64_t now_ms = 1000000000;
    char source[64];

    (void)state;
    assert_non_null(b);
    assert_int_equal(cw_budget_init(b), 0);
    for (unsigned i = 0; i < CW_KEY_TRIES; i++) {
        assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_KEY, "192.0.2.1", now_ms), 0);
        cw_budget_charge(b, CW_BUDGET_KEY, "192.0.2.1", now_ms);
    }
    assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_KEY, "192.0.2.1", now_ms), CW_KEY_TRY_S);
    assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_SIGN_IN, "192.0.2.1", now_ms), 0);
    assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_KEY, "192.0.2.2", now_ms), 0);
    now_ms += CW_KEY_TRY_S * 1000;
    assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_KEY, "192.0.2.1", now_ms), 0);
    cw_budget_charge(b, CW_BUDGET_KEY, "192.0.2.1", now_ms);
    assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_KEY, "192.0.2.1", now_ms), CW_KEY_TRY_S);
    /* A flood of a million sources neither grows the table nor locks a newcomer out. */
    for (unsigned i = 0; i < 1000000; i += 7) {
        snprintf(source, sizeof source, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        cw_budget_charge(b, CW_BUDGET_KEY, source, now_ms);
    }
    assert_int_equal(cw_budget_wait_s(b, CW_BUDGET_KEY, "198.51.100.77", now_ms), 0);
    free(b);
}

static void sources_are_networks(void **state)
{
    char out[64];
    uint8_t address[CW_ADDRESS_BYTES];

    (void)state;
    cw_budget_source("2001:db8:1:2:3:4:5:6", out);
    assert_string_equal(out, "2001:db8:1:2::");
    cw_budget_source("::ffff:192.0.2.1", out);
    assert_string_equal(out, "::ffff:192.0.2.1");
    cw_budget_source("uid 1000", out);
    assert_string_equal(out, "uid 1000");
    rig_address(address, 9);
    cw_source_text(address, out, sizeof out);
    assert_string_equal(out, "198.51.100.9");
    memset(address, 0, sizeof address);
    address[15] = 1;
    cw_source_text(address, out, sizeof out);
    assert_string_equal(out, "::1");
}

/* The ticket key: made once, private, never replaced behind anybody's back. */
static void the_ticket_key_is_kept(void **state)
{
    struct rig r;
    uint8_t key[CW_KEY_BYTES];
    char path[128];
    char message[512];
    struct stat st;

    (void)state;
    rig_start(&r);
    rig_admin(&r);
    memcpy(key, r.c->ticket_key, sizeof key);
    snprintf(path, sizeof path, "%s/ticket.key", r.control_dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, CW_KEY_BYTES);
    rig_restart(&r);
    assert_memory_equal(key, r.c->ticket_key, sizeof key);
    cw_control_free(r.c);
    r.c = NULL;
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(rig_open(&r, message, sizeof message), CW_ERR_INVALID);
    assert_non_null(strstr(message, "only its owner can read"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rig_open(&r, message, sizeof message), CW_ERR_NOT_FOUND);
    assert_non_null(strstr(message, path));
    rig_stop(&r);
}

static void bad_origins_are_refused_in_words(void **state)
{
    static const char *const bad[] = {"", "http://help.example", "https://", "help.example"};
    char message[512];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct cw_control_config config = {.control_dir = "/nowhere",
                                                 .public_origin = bad[i]};
        struct cw_control *c = NULL;
        assert_int_equal(cw_control_new(&config, message, sizeof message, &c), CW_ERR_INVALID);
        assert_non_null(strstr(message, "public_origin"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64url_is_exact),
        cmocka_unit_test(base32_forgives_what_people_type),
        cmocka_unit_test(hashes_of_different_kinds_differ),
        cmocka_unit_test(passwords_are_hashed_as_phc_strings),
        cmocka_unit_test(bad_passwords_are_refused_in_words),
        cmocka_unit_test(the_pool_verifies_renews_and_wipes),
        cmocka_unit_test(the_pools_queue_is_bounded),
        cmocka_unit_test(budgets_run_out_and_fill_up),
        cmocka_unit_test(sources_are_networks),
        cmocka_unit_test(the_ticket_key_is_kept),
        cmocka_unit_test(bad_origins_are_refused_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
