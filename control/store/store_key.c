/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys, enrolment tokens and issued tickets in the store. */
#include "control/store/store_query.h"
#include "engine/base/err.h"
#include "engine/wire/ticket.h"

static int count_of(struct cw_query *q, uint32_t *ret_count)
{
    uint64_t count = 0;
    int err = cw_query_number(q, &count);

    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_session_key_add(struct cw_store *s, const uint8_t *key_hash,
                             struct cw_session_key *key, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_KEY_ADD);
    int err = 0;

    cw_bind_blob(&q, key_hash, CW_SHA256_BYTES);
    cw_bind_int(&q, key->account);
    cw_bind_int(&q, now_ms);
    cw_bind_int(&q, key->expires_ms);
    cw_bind_int(&q, key->team);
    cw_bind_int(&q, key->portal);
    cw_bind_int(&q, key->issue);
    cw_bind_text(&q, key->customer);
    cw_bind_text(&q, key->company);
    cw_bind_text(&q, key->company_code);
    cw_bind_text(&q, key->description);
    cw_bind_int(&q, key->agreed_ms);
    cw_bind_int(&q, key->continues);
    err = cw_query_run(&q);
    if (err == 0)
        key->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_session_key_agree(struct cw_store *s, uint32_t id, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_KEY_AGREE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_session_key_find(struct cw_store *s, const uint8_t *key_hash,
                              struct cw_session_key *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_KEY_FIND);
    bool found = false;
    int err = 0;

    cw_bind_blob(&q, key_hash, CW_SHA256_BYTES);
    found = cw_query_row(&q);
    if (found) {
        ret->id = (uint32_t)cw_column_int(&q, 0);
        ret->account = (uint32_t)cw_column_int(&q, 1);
        ret->expires_ms = cw_column_int(&q, 2);
        ret->used_ms = cw_column_int(&q, 3);
        ret->team = (uint32_t)cw_column_int(&q, 4);
        ret->portal = (uint32_t)cw_column_int(&q, 5);
        ret->issue = (uint32_t)cw_column_int(&q, 6);
        ret->button = 0;
        cw_column_text(&q, 7, ret->customer, sizeof ret->customer);
        cw_column_text(&q, 8, ret->company, sizeof ret->company);
        cw_column_text(&q, 9, ret->company_code, sizeof ret->company_code);
        cw_column_text(&q, 10, ret->description, sizeof ret->description);
        ret->agreed_ms = cw_column_int(&q, 11);
        ret->continues = (uint32_t)cw_column_int(&q, 12);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_session_key_use(struct cw_store *s, uint32_t id, uint32_t session, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_KEY_USE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    cw_bind_int(&q, session);
    return cw_query_change(&q);
}

int cw_store_session_key_count(struct cw_store *s, uint32_t account, uint64_t now_ms,
                               uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_KEY_COUNT);

    cw_bind_int(&q, account);
    cw_bind_int(&q, now_ms);
    return count_of(&q, ret_count);
}

/* ---- enrolment tokens ------------------------------------------------------------------------ */

int cw_store_enrolment_token_add(struct cw_store *s, const uint8_t *token_hash, const char *name,
                                 uint32_t group, uint64_t now_ms, uint64_t expires_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOKEN_ADD);

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    cw_bind_text(&q, name);
    cw_bind_int(&q, group);
    cw_bind_int(&q, now_ms);
    cw_bind_int(&q, expires_ms);
    return cw_query_run(&q);
}

int cw_store_enrolment_token_find(struct cw_store *s, const uint8_t *token_hash,
                                  struct cw_enrolment_token *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOKEN_FIND);
    bool found = false;
    int err = 0;

    cw_bind_blob(&q, token_hash, CW_SHA256_BYTES);
    found = cw_query_row(&q);
    if (found) {
        ret->id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, ret->name, sizeof ret->name);
        ret->group = (uint32_t)cw_column_int(&q, 2);
        ret->expires_ms = cw_column_int(&q, 3);
        ret->used_ms = cw_column_int(&q, 4);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_enrolment_token_use(struct cw_store *s, uint32_t id, uint32_t jump_item,
                                 uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOKEN_USE);

    cw_bind_int(&q, id);
    cw_bind_int(&q, now_ms);
    cw_bind_int(&q, jump_item);
    return cw_query_change(&q);
}

int cw_store_enrolment_token_count(struct cw_store *s, uint64_t now_ms, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TOKEN_COUNT);

    cw_bind_int(&q, now_ms);
    return count_of(&q, ret_count);
}

/* ---- tickets --------------------------------------------------------------------------------- */

int cw_store_ticket_add(struct cw_store *s, const struct cw_ticket_row *ticket)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TICKET_ADD);

    cw_bind_blob(&q, ticket->id, sizeof ticket->id);
    cw_bind_int(&q, ticket->kind);
    cw_bind_int(&q, ticket->session);
    cw_bind_int(&q, ticket->participant);
    cw_bind_int(&q, ticket->not_after_s);
    return cw_query_run(&q);
}

static int each_ticket(struct cw_query *q, cw_ticket_row_fn each, void *user)
{
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        struct cw_ticket_row row = {
            .kind = (uint8_t)cw_column_int(q, 1),
            .session = (uint32_t)cw_column_int(q, 2),
            .participant = (uint32_t)cw_column_int(q, 3),
            .not_after_s = cw_column_int(q, 4),
        };
        cw_column_blob(q, 0, row.id, sizeof row.id);
        stop = each(user, &row);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_ticket_each(struct cw_store *s, uint32_t session, uint32_t participant, uint64_t now_s,
                         cw_ticket_row_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TICKET_EACH);

    cw_bind_int(&q, session);
    cw_bind_int(&q, participant);
    cw_bind_int(&q, now_s);
    return each_ticket(&q, each, user);
}

int cw_store_ticket_deny(struct cw_store *s, uint32_t session, uint32_t participant, uint64_t now_s)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TICKET_DENY);

    cw_bind_int(&q, session);
    cw_bind_int(&q, participant);
    cw_bind_int(&q, now_s);
    return cw_query_run(&q);
}

int cw_store_ticket_used(struct cw_store *s, uint32_t session, uint32_t participant, uint64_t now_s)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TICKET_USED);

    cw_bind_int(&q, session);
    cw_bind_int(&q, participant);
    cw_bind_int(&q, CW_TICKET_KIND_JOIN);
    cw_bind_int(&q, now_s);
    return cw_query_run(&q);
}

int cw_store_ticket_denied_each(struct cw_store *s, uint64_t now_s, cw_ticket_row_fn each,
                                void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TICKET_DENIED_EACH);

    cw_bind_int(&q, now_s);
    return each_ticket(&q, each, user);
}
