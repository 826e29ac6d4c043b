/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, sign-ins and lock-outs in the store. */
#include "control/store/store_query.h"
#include "engine/base/err.h"

static void account_of(const struct cw_query *q, struct cw_account *a)
{
    a->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, a->user, sizeof a->user);
    cw_column_text(q, 2, a->display_name, sizeof a->display_name);
    a->is_admin = cw_column_int(q, 3) != 0;
    a->is_enabled = cw_column_int(q, 4) != 0;
    a->must_change = cw_column_int(q, 5) != 0;
    cw_column_text(q, 6, a->password, sizeof a->password);
    a->created_ms = cw_column_int(q, 7);
    a->last_sign_in_ms = cw_column_int(q, 8);
    cw_column_text(q, 9, a->comments, sizeof a->comments);
    a->rights_allowed = cw_column_rights(q, 10);
    a->rights_denied = cw_column_rights(q, 11);
    a->session_policy = (uint32_t)cw_column_int(q, 12);
    cw_column_rules(q, 13, &a->rules);
    a->network_passed_ms = cw_column_int(q, 18);
    a->agreement = (uint32_t)cw_column_int(q, 19);
}

static int one_account(struct cw_query *q, struct cw_account *ret)
{
    bool found = cw_query_row(q);
    int err = 0;

    if (found)
        account_of(q, ret);
    err = cw_query_end(q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

static int count_of(struct cw_query *q, uint32_t *ret_count)
{
    uint64_t count = 0;
    int err = cw_query_number(q, &count);

    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_account_count(struct cw_store *s, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_COUNT);

    return count_of(&q, ret_count);
}

int cw_store_account_count_admins(struct cw_store *s, uint32_t but, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_ADMINS);

    cw_bind_int(&q, but);
    return count_of(&q, ret_count);
}

int cw_store_account_get(struct cw_store *s, uint32_t id, struct cw_account *ret)
{
    struct cw_query q;
    int err = 0;

    if (cw_kept_account(s->kept, id, ret))
        return 0;
    q = cw_query_on(s, CW_SQL_ACCOUNT_GET);
    cw_bind_int(&q, id);
    err = one_account(&q, ret);
    if (err == 0)
        cw_kept_account_put(s->kept, ret);
    return err;
}

int cw_store_account_find(struct cw_store *s, const char *user, struct cw_account *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_FIND);

    cw_bind_text(&q, user);
    return one_account(&q, ret);
}

static int each_account(struct cw_query *q, cw_account_fn each, void *user)
{
    struct cw_account account;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        account_of(q, &account);
        stop = each(user, &account);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_account_each(struct cw_store *s, cw_account_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_EACH);

    return each_account(&q, each, user);
}

int cw_store_account_page(struct cw_store *s, uint32_t after, uint32_t count_max,
                          cw_account_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_PAGE);

    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    return each_account(&q, each, user);
}

int cw_store_account_named(struct cw_store *s, const char *text, uint32_t count_max,
                           cw_account_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_NAMED);

    cw_bind_text(&q, text);
    cw_bind_int(&q, count_max);
    return each_account(&q, each, user);
}

int cw_store_admin_each(struct cw_store *s, cw_account_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_ADMIN_EACH);

    return each_account(&q, each, user);
}

int cw_store_account_add(struct cw_store *s, struct cw_account *account)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_ADD);
    int err = 0;

    cw_bind_text(&q, account->user);
    cw_bind_text(&q, account->display_name);
    cw_bind_int(&q, account->is_admin);
    cw_bind_int(&q, account->is_enabled);
    cw_bind_int(&q, account->must_change);
    cw_bind_text(&q, account->password);
    cw_bind_int(&q, account->created_ms);
    err = cw_query_run(&q);
    if (err == 0)
        account->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_account_set(struct cw_store *s, const struct cw_account *account)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_SET);

    cw_bind_int(&q, account->id);
    cw_bind_text(&q, account->display_name);
    cw_bind_int(&q, account->is_admin);
    cw_bind_text(&q, account->comments);
    cw_bind_rights(&q, account->rights_allowed);
    cw_bind_rights(&q, account->rights_denied);
    cw_bind_int(&q, account->session_policy);
    cw_bind_rules(&q, &account->rules);
    cw_bind_int(&q, account->network_passed_ms);
    return cw_query_change(&q);
}

int cw_store_account_remove(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    static const enum cw_statement leaves[] = {
        CW_SQL_ACCOUNT_LEAVES_TEAMS, CW_SQL_ACCOUNT_LEAVES_POLICIES, CW_SQL_SIGN_IN_REMOVE_ALL};
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_REMOVE);
    int err = 0;

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    err = cw_query_change(&q);
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0] && err == 0; i++) {
        q = cw_query_on(s, leaves[i]);
        cw_bind_int(&q, id);
        err = cw_query_run(&q);
    }
    return err;
}

int cw_store_account_network_passed(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_NETWORK);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_account_set_password(struct cw_store *s, uint32_t id, const char *hash,
                                  bool must_change)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_PASSWORD);

    cw_bind_int(&q, id);
    cw_bind_text(&q, hash);
    cw_bind_int(&q, must_change);
    return cw_query_change(&q);
}

int cw_store_account_set_enabled(struct cw_store *s, uint32_t id, bool is_enabled)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_ENABLED);

    cw_bind_int(&q, id);
    cw_bind_int(&q, is_enabled);
    return cw_query_change(&q);
}

int cw_store_account_signed_in(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ACCOUNT_SIGNED_IN);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

/* ---- sign-ins -------------------------------------------------------------------------------- */

int cw_store_sign_in_add(struct cw_store *s, const uint8_t *token_hash,
                         const struct cw_sign_in *sign_in, const char *source)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_ADD);
    int err = 0;

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    cw_bind_int(&q, sign_in->account);
    cw_bind_text(&q, source);
    cw_bind_int(&q, sign_in->created_ms);
    cw_bind_int(&q, sign_in->due);
    cw_bind_int(&q, sign_in->is_remembered);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_SIGN_IN_TRIM);
    cw_bind_int(&q, sign_in->account);
    cw_bind_int(&q, CW_SIGN_INS_PER_ACCOUNT_MAX);
    return cw_query_run(&q);
}

int cw_store_sign_in_find(struct cw_store *s, const uint8_t *token_hash, struct cw_sign_in *ret)
{
    struct cw_query q;
    bool found = false;
    int err = 0;

    if (cw_kept_sign_in(s->kept, token_hash, ret))
        return 0;
    q = cw_query_on(s, CW_SQL_SIGN_IN_FIND);
    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    found = cw_query_row(&q);
    if (found) {
        ret->id = (uint32_t)cw_column_int(&q, 0);
        ret->account = (uint32_t)cw_column_int(&q, 1);
        ret->created_ms = cw_column_int(&q, 2);
        ret->last_used_ms = cw_column_int(&q, 3);
        ret->due = (uint8_t)cw_column_int(&q, 4);
        ret->is_remembered = cw_column_int(&q, 5) != 0;
    }
    err = cw_query_end(&q);
    if (err == 0 && found)
        cw_kept_sign_in_put(s->kept, token_hash, ret);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_sign_in_touch(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_TOUCH);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_run(&q);
}

int cw_store_sign_in_done(struct cw_store *s, uint32_t id, uint8_t due)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_DONE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, due);
    return cw_query_run(&q);
}

int cw_store_sign_in_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_run(&q);
}

int cw_store_sign_in_each(struct cw_store *s, uint32_t account, cw_sign_in_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_EACH);
    int err = 0;
    int end = 0;

    cw_bind_int(&q, account);
    while (err == 0 && cw_query_row(&q)) {
        const struct cw_sign_in row = {
            .id = (uint32_t)cw_column_int(&q, 0),
            .account = account,
            .created_ms = cw_column_int(&q, 2),
            .last_used_ms = cw_column_int(&q, 3),
            .is_remembered = cw_column_int(&q, 4) != 0,
        };
        char source[64];
        cw_column_text(&q, 1, source, sizeof source);
        err = each(user, &row, source);
    }
    end = cw_query_end(&q);
    return err != 0 ? err : end;
}

int cw_store_sign_in_end(struct cw_store *s, uint32_t account, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_END);

    cw_bind_int(&q, account);
    cw_bind_int(&q, id);
    return cw_query_change(&q);
}

int cw_store_sign_in_end_others(struct cw_store *s, uint32_t account, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_END_OTHERS);

    cw_bind_int(&q, account);
    cw_bind_int(&q, id);
    return cw_query_run(&q);
}

int cw_store_sign_in_remove_all(struct cw_store *s, uint32_t account)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_REMOVE_ALL);

    cw_bind_int(&q, account);
    return cw_query_run(&q);
}

int cw_store_sign_in_count(struct cw_store *s, uint32_t account, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_COUNT);

    cw_bind_int(&q, account);
    return count_of(&q, ret_count);
}

static uint64_t before(uint64_t now_ms, uint64_t seconds)
{
    return now_ms > seconds * 1000 ? now_ms - seconds * 1000 : 0;
}

int cw_store_sign_in_count_valid(struct cw_store *s, uint32_t account, uint64_t now_ms,
                                 const struct cw_sign_in_limits *limits, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_VALID);

    cw_bind_int(&q, account);
    cw_bind_int(&q, before(now_ms, limits->life_s));
    cw_bind_int(&q, before(now_ms, limits->idle_s));
    cw_bind_int(&q, before(now_ms, limits->remembered_s));
    return count_of(&q, ret_count);
}

/* ---- lock-outs ------------------------------------------------------------------------------- */

int cw_store_lock_get(struct cw_store *s, const uint8_t *name_hash, struct cw_lock *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_LOCK_GET);
    struct cw_lock lock = {0};
    int err = 0;

    cw_bind_blob(&q, name_hash, CW_SHA256_BYTES);
    if (cw_query_row(&q)) {
        lock.count = (uint32_t)cw_column_int(&q, 0);
        lock.last_ms = cw_column_int(&q, 1);
    }
    err = cw_query_end(&q);
    if (err == 0)
        *ret = lock;
    return err;
}

int cw_store_lock_set(struct cw_store *s, const uint8_t *name_hash, const struct cw_lock *lock)
{
    struct cw_query q = cw_query_on(s, CW_SQL_LOCK_SET);

    cw_bind_blob(&q, name_hash, CW_SHA256_BYTES);
    cw_bind_int(&q, lock->count);
    cw_bind_int(&q, lock->last_ms);
    return cw_query_run(&q);
}

int cw_store_lock_clear(struct cw_store *s, const uint8_t *name_hash)
{
    struct cw_query q = cw_query_on(s, CW_SQL_LOCK_CLEAR);

    cw_bind_blob(&q, name_hash, CW_SHA256_BYTES);
    return cw_query_run(&q);
}

/* ---- purge ----------------------------------------------------------------------------------- */

static int purge_one(struct cw_store *s, enum cw_statement id, uint64_t value)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, value);
    return cw_query_run(&q);
}

int cw_store_purge(struct cw_store *s, uint64_t now_ms, const struct cw_purge_limits *limits)
{
    /* Keys stay a week after they expired, so that a late customer is told what is wrong. */
    const uint64_t week_ago = before(now_ms, 7 * 24 * 3600);
    struct cw_query q = cw_query_on(s, CW_SQL_SIGN_IN_PURGE);
    int err = 0;

    cw_bind_int(&q, before(now_ms, limits->sign_in.life_s));
    cw_bind_int(&q, before(now_ms, limits->sign_in.idle_s));
    cw_bind_int(&q, before(now_ms, limits->sign_in.remembered_s));
    err = cw_query_run(&q);
    if (err == 0) {
        q = cw_query_on(s, CW_SQL_LOCK_PURGE);
        cw_bind_int(&q, before(now_ms, CW_LOCK_FORGET_S));
        cw_bind_int(&q, limits->lock_for_good > 0 ? limits->lock_for_good : UINT32_MAX);
        err = cw_query_run(&q);
    }
    if (err == 0)
        err = purge_one(s, CW_SQL_KEY_PURGE, week_ago);
    if (err == 0)
        err = purge_one(s, CW_SQL_TOKEN_PURGE, week_ago);
    if (err == 0)
        err = purge_one(s, CW_SQL_TICKET_PURGE, now_ms / 1000);
    return err;
}
