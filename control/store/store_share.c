/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_share.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

static int end_one(struct cw_query *q, bool found)
{
    int err = cw_query_end(q);

    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

/* ---- invitations ----------------------------------------------------------------------------- */

static void invitation_of(const struct cw_query *q, struct cw_invitation *ret)
{
    ret->id = (uint32_t)cw_column_int(q, 0);
    ret->session = (uint32_t)cw_column_int(q, 1);
    ret->kind = (enum cw_invitation_kind)cw_column_int(q, 2);
    ret->relation = (enum cw_relation)cw_column_int(q, 3);
    ret->inviter = (uint32_t)cw_column_int(q, 4);
    ret->account = (uint32_t)cw_column_int(q, 5);
    ret->team = (uint32_t)cw_column_int(q, 6);
    cw_column_text(q, 7, ret->message, sizeof ret->message);
    ret->permissions = cw_column_int(q, 8);
    ret->created_ms = cw_column_int(q, 9);
    ret->expires_ms = cw_column_int(q, 10);
    ret->end = (enum cw_invitation_end)cw_column_int(q, 11);
    ret->session_policy = (uint32_t)cw_column_int(q, 12);
}

int cw_store_invitation_add(struct cw_store *s, struct cw_invitation *invitation,
                            const uint8_t *key_hash)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INVITATION_ADD);
    int err = 0;

    cw_bind_int(&q, invitation->session);
    cw_bind_int(&q, invitation->kind);
    cw_bind_int(&q, invitation->relation);
    cw_bind_int(&q, invitation->inviter);
    cw_bind_int(&q, invitation->account);
    cw_bind_int(&q, invitation->team);
    cw_bind_text(&q, invitation->message);
    cw_bind_int(&q, invitation->permissions);
    if (key_hash != NULL)
        cw_bind_blob(&q, key_hash, CW_SHA256_BYTES);
    else
        q.next++; /* stays NULL */
    cw_bind_int(&q, invitation->created_ms);
    cw_bind_int(&q, invitation->expires_ms);
    cw_bind_int(&q, invitation->session_policy);
    err = cw_query_run(&q);
    if (err == 0)
        invitation->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_invitation_get(struct cw_store *s, uint32_t id, struct cw_invitation *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INVITATION_GET);
    bool found = false;

    cw_bind_int(&q, id);
    found = cw_query_row(&q);
    if (found)
        invitation_of(&q, ret);
    return end_one(&q, found);
}

int cw_store_invitation_find(struct cw_store *s, const uint8_t *key_hash, struct cw_invitation *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INVITATION_FIND);
    bool found = false;

    cw_bind_blob(&q, key_hash, CW_SHA256_BYTES);
    found = cw_query_row(&q);
    if (found)
        invitation_of(&q, ret);
    return end_one(&q, found);
}

int cw_store_invitation_each(struct cw_store *s, uint32_t session, uint32_t inviter,
                             cw_invitation_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INVITATION_EACH);
    struct cw_invitation row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, session);
    cw_bind_int(&q, inviter);
    while (stop == 0 && cw_query_row(&q)) {
        invitation_of(&q, &row);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

static int count_of(struct cw_store *s, enum cw_statement id, uint32_t session, uint32_t *ret_count)
{
    struct cw_query q = cw_query_on(s, id);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, session);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret_count = (uint32_t)count;
    return err;
}

int cw_store_invitation_count(struct cw_store *s, uint32_t session, uint32_t *ret_count)
{
    return count_of(s, CW_SQL_INVITATION_COUNT, session, ret_count);
}

int cw_store_invitation_end(struct cw_store *s, uint32_t id, enum cw_invitation_end end,
                            uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_INVITATION_END);

    cw_bind_int(&q, id);
    cw_bind_int(&q, end);
    cw_bind_int(&q, now_ms);
    return cw_query_change(&q);
}

int cw_store_invite_profile_add(struct cw_store *s, struct cw_invite_profile *profile)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PROFILE_ADD);
    int err = 0;

    cw_bind_text(&q, profile->name);
    cw_bind_int(&q, profile->permissions);
    cw_bind_int(&q, profile->session_policy);
    err = cw_query_run(&q);
    if (err == 0)
        profile->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

static int remove_one(struct cw_store *s, enum cw_statement id, uint32_t row)
{
    struct cw_query q = cw_query_on(s, id);

    cw_bind_int(&q, row);
    return cw_query_change(&q);
}

int cw_store_invite_profile_remove(struct cw_store *s, uint32_t id)
{
    return remove_one(s, CW_SQL_PROFILE_REMOVE, id);
}

int cw_store_invite_profile_each(struct cw_store *s, uint32_t id, cw_invite_profile_fn each,
                                 void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PROFILE_EACH);
    struct cw_invite_profile row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, id);
    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, row.name, sizeof row.name);
        row.permissions = cw_column_int(&q, 2);
        row.session_policy = (uint32_t)cw_column_int(&q, 3);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- notes and attributes -------------------------------------------------------------------- */

int cw_store_note_add(struct cw_store *s, uint32_t session, uint32_t account, uint64_t now_ms,
                      const char *text)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTE_ADD);

    cw_bind_int(&q, session);
    cw_bind_int(&q, account);
    cw_bind_int(&q, now_ms);
    cw_bind_text(&q, text);
    return cw_query_run(&q);
}

int cw_store_note_count(struct cw_store *s, uint32_t session, uint32_t *ret_count)
{
    return count_of(s, CW_SQL_NOTE_COUNT, session, ret_count);
}

int cw_store_note_each(struct cw_store *s, uint32_t session, cw_note_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_NOTE_EACH);
    struct cw_note_row row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, session);
    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        row.account = (uint32_t)cw_column_int(&q, 1);
        cw_column_text(&q, 2, row.name, sizeof row.name);
        row.time_ms = cw_column_int(&q, 3);
        row.text = (const char *)sqlite3_column_text(q.statement, 4);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_attribute_add(struct cw_store *s, struct cw_attribute *attribute)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ATTRIBUTE_ADD);
    int err = 0;

    cw_bind_text(&q, attribute->code);
    cw_bind_text(&q, attribute->name);
    cw_bind_int(&q, attribute->is_editable);
    err = cw_query_run(&q);
    if (err == 0)
        attribute->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_attribute_remove(struct cw_store *s, uint32_t id)
{
    return remove_one(s, CW_SQL_ATTRIBUTE_REMOVE, id);
}

int cw_store_attribute_each(struct cw_store *s, uint32_t session, cw_attribute_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ATTRIBUTE_VALUE_EACH);
    struct cw_attribute row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, session);
    while (stop == 0 && cw_query_row(&q)) {
        row.id = (uint32_t)cw_column_int(&q, 0);
        cw_column_text(&q, 1, row.code, sizeof row.code);
        cw_column_text(&q, 2, row.name, sizeof row.name);
        row.is_editable = cw_column_int(&q, 3) != 0;
        stop = each(user, &row, (const char *)sqlite3_column_text(q.statement, 4));
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_attribute_set(struct cw_store *s, uint32_t session, uint32_t attribute,
                           const char *value)
{
    const bool is_empty = value[0] == '\0';
    struct cw_query q =
        cw_query_on(s, is_empty ? CW_SQL_ATTRIBUTE_VALUE_REMOVE : CW_SQL_ATTRIBUTE_VALUE_PUT);

    cw_bind_int(&q, session);
    cw_bind_int(&q, attribute);
    if (!is_empty)
        cw_bind_text(&q, value);
    return cw_query_run(&q);
}

/* ---- issues ---------------------------------------------------------------------------------- */

static void issue_of(const struct cw_query *q, struct cw_issue *ret)
{
    ret->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, ret->name, sizeof ret->name);
    cw_column_text(q, 2, ret->code, sizeof ret->code);
    ret->team = (uint32_t)cw_column_int(q, 3);
    ret->priority = (enum cw_priority)cw_column_int(q, 4);
}

int cw_store_issue_add(struct cw_store *s, struct cw_issue *issue, const uint32_t *skills,
                       uint32_t skill_count)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ISSUE_ADD);
    int err = 0;

    cw_bind_text(&q, issue->name);
    cw_bind_text(&q, issue->code);
    cw_bind_int(&q, issue->team);
    cw_bind_int(&q, issue->priority);
    err = cw_query_run(&q);
    if (err == 0)
        issue->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    for (uint32_t i = 0; err == 0 && i < skill_count; i++) {
        q = cw_query_on(s, CW_SQL_ISSUE_SKILL_ADD);
        cw_bind_int(&q, issue->id);
        cw_bind_int(&q, skills[i]);
        err = cw_query_run(&q);
    }
    return err;
}

int cw_store_issue_remove(struct cw_store *s, uint32_t id)
{
    return remove_one(s, CW_SQL_ISSUE_REMOVE, id);
}

int cw_store_issue_get(struct cw_store *s, uint32_t id, struct cw_issue *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ISSUE_GET);
    bool found = false;

    cw_bind_int(&q, id);
    found = cw_query_row(&q);
    if (found)
        issue_of(&q, ret);
    return end_one(&q, found);
}

int cw_store_issue_find(struct cw_store *s, const char *code, struct cw_issue *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ISSUE_FIND);
    bool found = false;

    cw_bind_text(&q, code);
    found = cw_query_row(&q);
    if (found)
        issue_of(&q, ret);
    return end_one(&q, found);
}

int cw_store_issue_each(struct cw_store *s, uint32_t after, uint32_t count_max, cw_issue_fn each,
                        void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ISSUE_EACH);
    struct cw_issue row;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, after);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        issue_of(&q, &row);
        stop = each(user, &row);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_issue_skill_each(struct cw_store *s, uint32_t issue, cw_number_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_ISSUE_SKILL_EACH);
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, issue);
    while (stop == 0 && cw_query_row(&q))
        stop = each(user, (uint32_t)cw_column_int(&q, 0));
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- custom links ---------------------------------------------------------------------------- */

static void custom_link_of(const struct cw_query *q, struct cw_custom_link *link)
{
    link->id = (uint32_t)cw_column_int(q, 0);
    cw_column_text(q, 1, link->name, sizeof link->name);
    cw_column_text(q, 2, link->url, sizeof link->url);
}

int cw_store_custom_link_each(struct cw_store *s, cw_custom_link_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOM_LINK_EACH);
    struct cw_custom_link link;
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(&q)) {
        custom_link_of(&q, &link);
        stop = each(user, &link);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_custom_link_get(struct cw_store *s, uint32_t id, struct cw_custom_link *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOM_LINK_GET);
    bool found = false;

    cw_bind_int(&q, id);
    found = cw_query_row(&q);
    if (found)
        custom_link_of(&q, ret);
    return end_one(&q, found);
}

int cw_store_custom_link_add(struct cw_store *s, struct cw_custom_link *link)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOM_LINK_ADD);
    int err = 0;

    cw_bind_text(&q, link->name);
    cw_bind_text(&q, link->url);
    err = cw_query_run(&q);
    if (err == 0)
        link->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_custom_link_put(struct cw_store *s, const struct cw_custom_link *link)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOM_LINK_PUT);

    cw_bind_int(&q, link->id);
    cw_bind_text(&q, link->name);
    cw_bind_text(&q, link->url);
    return cw_query_change(&q);
}

int cw_store_custom_link_remove(struct cw_store *s, uint32_t id)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CUSTOM_LINK_REMOVE);

    cw_bind_int(&q, id);
    return cw_query_change(&q);
}
