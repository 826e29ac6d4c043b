/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that the store keeps in memory: what a change, an undone change, or a lost group leaves of them. */
#include "control/store/store_query.h"
#include "tests/unit/control/rig.h"

struct kept_case {
    struct cw_store *s;
    char dir[64];
    char message[512];
    struct cw_account ada;
};

static const uint8_t token_hash[CW_SHA256_BYTES] = {7, 1};

static void remove_file(const struct kept_case *k, const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", k->dir, name);
    unlink(path);
}

static int stop(void **state)
{
    struct kept_case *k = *state;

    cw_store_close(k->s);
    remove_file(k, "store.sqlite");
    remove_file(k, "store.sqlite-wal");
    remove_file(k, "store.sqlite-shm");
    remove_file(k, "audit.key");
    rmdir(k->dir);
    free(k);
    return 0;
}

/* A store with one account and its sign-in, both asked for once, so that they are kept. */
static int start(void **state)
{
    struct kept_case *k = calloc(1, sizeof *k);
    struct cw_sign_in sign_in = {.created_ms = 5, .last_used_ms = 5, .due = CW_DUE_FACTOR};
    char path[128];

    assert_non_null(k);
    *state = k;
    snprintf(k->dir, sizeof k->dir, "/tmp/cw-kept-XXXXXX");
    assert_non_null(mkdtemp(k->dir));
    snprintf(path, sizeof path, "%s/store.sqlite", k->dir);
    assert_int_equal(cw_store_open(path, k->message, sizeof k->message, &k->s), 0);
    k->ada = (struct cw_account){.user = "ada", .display_name = "Ada", .is_enabled = true};
    assert_int_equal(cw_store_begin(k->s), 0);
    assert_int_equal(cw_store_account_add(k->s, &k->ada), 0);
    sign_in.account = k->ada.id;
    assert_int_equal(cw_store_sign_in_add(k->s, token_hash, &sign_in, "198.51.100.1"), 0);
    assert_int_equal(cw_store_end(k->s, 0), 0);
    assert_int_equal(cw_store_account_get(k->s, k->ada.id, &k->ada), 0);
    assert_int_equal(cw_store_sign_in_find(k->s, token_hash, &sign_in), 0);
    return 0;
}

static bool is_enabled(const struct kept_case *k)
{
    struct cw_account a;

    assert_int_equal(cw_store_account_get(k->s, k->ada.id, &a), 0);
    assert_string_equal(a.display_name, "Ada");
    return a.is_enabled;
}

static uint8_t due(const struct kept_case *k)
{
    struct cw_sign_in sign_in;

    assert_int_equal(cw_store_sign_in_find(k->s, token_hash, &sign_in), 0);
    assert_int_equal(sign_in.account, k->ada.id);
    return sign_in.due;
}

/* Inside a transaction. */
static void disable(const struct kept_case *k)
{
    struct cw_sign_in sign_in;

    assert_int_equal(cw_store_account_set_enabled(k->s, k->ada.id, false), 0);
    assert_int_equal(cw_store_sign_in_find(k->s, token_hash, &sign_in), 0);
    assert_int_equal(cw_store_sign_in_done(k->s, sign_in.id, CW_DUE_FACTOR), 0);
}

static void a_change_is_seen_at_once(void **state)
{
    const struct kept_case *k = *state;

    assert_true(is_enabled(k));
    assert_int_equal(cw_store_begin(k->s), 0);
    disable(k);
    assert_false(is_enabled(k));
    assert_int_equal(due(k), 0);
    assert_int_equal(cw_store_end(k->s, 0), 0);
    assert_false(is_enabled(k));
}

static void an_undone_change_is_forgotten(void **state)
{
    const struct kept_case *k = *state;

    assert_int_equal(cw_store_begin(k->s), 0);
    disable(k);
    assert_false(is_enabled(k));
    assert_int_equal(cw_store_end(k->s, CW_ERR_STATE), CW_ERR_STATE);
    assert_true(is_enabled(k));
    assert_int_equal(due(k), CW_DUE_FACTOR);
}

static void an_undone_change_of_a_group_is_forgotten(void **state)
{
    const struct kept_case *k = *state;

    cw_store_group(k->s, true);
    assert_int_equal(cw_store_begin(k->s), 0);
    assert_int_equal(cw_store_end(k->s, 0), 0);
    assert_int_equal(cw_store_begin(k->s), 0);
    disable(k);
    assert_false(is_enabled(k));
    assert_int_equal(cw_store_end(k->s, CW_ERR_STATE), CW_ERR_STATE);
    assert_true(is_enabled(k));
    assert_int_equal(due(k), CW_DUE_FACTOR);
    assert_int_equal(cw_store_commit(k->s), 0);
}

static void a_lost_group_is_forgotten(void **state)
{
    const struct kept_case *k = *state;

    cw_store_group(k->s, true);
    assert_int_equal(cw_store_begin(k->s), 0);
    disable(k);
    assert_int_equal(cw_store_end(k->s, 0), 0);
    assert_false(is_enabled(k));
    assert_int_equal(due(k), 0);
    /* Somebody takes the transaction away, as a full disk does. */
    assert_int_equal(sqlite3_exec(k->s->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(cw_store_commit(k->s), 0);
    assert_true(is_enabled(k));
    assert_int_equal(due(k), CW_DUE_FACTOR);
}

static void a_sign_in_that_ended_is_not_found(void **state)
{
    const struct kept_case *k = *state;
    struct cw_sign_in sign_in;

    assert_int_equal(cw_store_begin(k->s), 0);
    assert_int_equal(cw_store_sign_in_remove_all(k->s, k->ada.id), 0);
    assert_int_equal(cw_store_end(k->s, 0), 0);
    assert_int_equal(cw_store_sign_in_find(k->s, token_hash, &sign_in), CW_ERR_NOT_FOUND);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(a_change_is_seen_at_once),
        CASE(an_undone_change_is_forgotten),
        CASE(an_undone_change_of_a_group_is_forgotten),
        CASE(a_lost_group_is_forgotten),
        CASE(a_sign_in_that_ended_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
