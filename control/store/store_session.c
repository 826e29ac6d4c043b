/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions, their participants and their chat in the store. */
#include "control/store/store_query.h"
#include "control/store/store_report.h"
#include "engine/base/err.h"

enum { RULE_MANUAL = 1, RULE_OVERFLOWED = 2, RULE_OVERDUE = 4 };

static struct cw_place place_of(const struct cw_query *q, int column)
{
    return (struct cw_place){.team = (uint32_t)cw_column_int(q, column),
                             .account = (uint32_t)cw_column_int(q, column + 1)};
}

static void bind_place(struct cw_query *q, struct cw_place place)
{
    cw_bind_int(q, place.team);
    cw_bind_int(q, place.account);
}

static void session_of(const struct cw_query *q, struct cw_session *session)
{
    uint64_t rules = 0;

    session->id = (uint32_t)cw_column_int(q, 0);
    session->kind = (enum cw_session_kind)cw_column_int(q, 1);
    session->state = (enum cw_session_state)cw_column_int(q, 2);
    session->account = (uint32_t)cw_column_int(q, 3);
    session->jump_item = (uint32_t)cw_column_int(q, 4);
    cw_column_text(q, 5, session->customer, sizeof session->customer);
    cw_column_text(q, 6, session->representative, sizeof session->representative);
    session->created_ms = cw_column_int(q, 7);
    session->started_ms = cw_column_int(q, 8);
    session->ended_ms = cw_column_int(q, 9);
    session->recording = (enum cw_recording_policy)cw_column_int(q, 10);
    session->team = (uint32_t)cw_column_int(q, 11);
    session->priority = (enum cw_priority)cw_column_int(q, 12);
    session->queued_ms = cw_column_int(q, 13);
    session->entered = place_of(q, 14);
    session->last = place_of(q, 16);
    session->before = place_of(q, 18);
    rules = cw_column_int(q, 20);
    session->is_manual = (rules & RULE_MANUAL) != 0;
    session->is_overflowed = (rules & RULE_OVERFLOWED) != 0;
    session->is_overdue = (rules & RULE_OVERDUE) != 0;
    cw_column_text(q, 21, session->title, sizeof session->title);
    cw_column_text(q, 22, session->external_key, sizeof session->external_key);
    session->portal = (uint32_t)cw_column_int(q, 23);
    session->issue = (uint32_t)cw_column_int(q, 24);
    session->button = (uint32_t)cw_column_int(q, 25);
}

int cw_store_session_add(struct cw_store *s, struct cw_session *session)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_ADD);
    int err = 0;

    cw_bind_int(&q, session->kind);
    cw_bind_int(&q, session->state);
    cw_bind_int(&q, session->account);
    cw_bind_int(&q, session->jump_item);
    cw_bind_text(&q, session->customer);
    cw_bind_int(&q, session->created_ms);
    cw_bind_int(&q, session->started_ms);
    cw_bind_int(&q, session->recording);
    cw_bind_int(&q, session->team);
    cw_bind_int(&q, session->priority);
    cw_bind_int(&q, session->queued_ms);
    bind_place(&q, session->entered);
    bind_place(&q, session->last);
    cw_bind_int(&q, session->portal);
    cw_bind_int(&q, session->issue);
    cw_bind_int(&q, session->button);
    err = cw_query_run(&q);
    if (err != 0)
        return err;
    session->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return cw_store_stay_begin(s, session, session->created_ms);
}

int cw_store_session_get(struct cw_store *s, uint32_t id, struct cw_session *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_GET);
    bool found = false;
    int err = 0;

    cw_bind_int(&q, id);
    found = cw_query_row(&q);
    if (found)
        session_of(&q, ret);
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

int cw_store_session_put(struct cw_store *s, const struct cw_session *session, uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_PUT);
    int err = 0;

    cw_bind_int(&q, session->id);
    cw_bind_int(&q, session->state);
    cw_bind_int(&q, session->account);
    cw_bind_int(&q, session->started_ms);
    cw_bind_int(&q, session->team);
    cw_bind_int(&q, session->priority);
    cw_bind_int(&q, session->queued_ms);
    bind_place(&q, session->entered);
    bind_place(&q, session->last);
    bind_place(&q, session->before);
    cw_bind_int(&q, (session->is_manual ? RULE_MANUAL : 0) |
                        (session->is_overflowed ? RULE_OVERFLOWED : 0) |
                        (session->is_overdue ? RULE_OVERDUE : 0));
    cw_bind_text(&q, session->title);
    cw_bind_text(&q, session->external_key);
    err = cw_query_change(&q);
    return err == 0 ? cw_store_stay_put(s, session, now_ms) : err;
}

int cw_store_session_end(struct cw_store *s, uint32_t id, uint16_t code, const char *text,
                         uint64_t now_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_END);
    int err = 0;

    cw_bind_int(&q, id);
    cw_bind_int(&q, code);
    cw_bind_text(&q, text);
    cw_bind_int(&q, now_ms);
    err = cw_query_change(&q);
    return err == 0 ? cw_store_stay_end(s, id, now_ms) : err;
}

int cw_store_session_each(struct cw_store *s, uint32_t account, cw_session_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_SESSION_EACH);
    struct cw_session session;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, account);
    while (stop == 0 && cw_query_row(&q)) {
        session_of(&q, &session);
        stop = each(user, &session);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- participants ---------------------------------------------------------------------------- */

int cw_store_participant_add(struct cw_store *s, const struct cw_participant *participant)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PARTICIPANT_ADD);
    int err = 0;

    cw_bind_int(&q, participant->session);
    cw_bind_int(&q, participant->number);
    cw_bind_int(&q, participant->role);
    cw_bind_int(&q, participant->account);
    cw_bind_text(&q, participant->name);
    cw_bind_blob(&q, participant->holder_key, sizeof participant->holder_key);
    cw_bind_int(&q, participant->consent_view);
    cw_bind_int(&q, participant->consent_control);
    cw_bind_int(&q, participant->relation);
    cw_bind_int(&q, participant->permissions);
    cw_bind_int(&q, participant->joined_ms);
    cw_bind_int(&q, participant->session_policy);
    err = cw_query_run(&q);
    return err == 0 ? cw_store_visit_put(s, participant) : err;
}

int cw_store_participant_put(struct cw_store *s, const struct cw_participant *participant)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PARTICIPANT_PUT);
    int err = 0;

    cw_bind_int(&q, participant->session);
    cw_bind_int(&q, participant->number);
    cw_bind_text(&q, participant->name);
    cw_bind_blob(&q, participant->holder_key, sizeof participant->holder_key);
    cw_bind_int(&q, participant->consent_view);
    cw_bind_int(&q, participant->consent_control);
    cw_bind_int(&q, participant->relation);
    cw_bind_int(&q, participant->permissions);
    cw_bind_int(&q, participant->joined_ms);
    cw_bind_int(&q, participant->left_ms);
    cw_bind_int(&q, participant->tools);
    cw_bind_int(&q, participant->session_policy);
    err = cw_query_change(&q);
    return err == 0 ? cw_store_visit_put(s, participant) : err;
}

int cw_store_participant_each(struct cw_store *s, uint32_t session, cw_participant_fn each,
                              void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_PARTICIPANT_EACH);
    struct cw_participant p;
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, session);
    while (stop == 0 && cw_query_row(&q)) {
        p.session = (uint32_t)cw_column_int(&q, 0);
        p.number = (uint32_t)cw_column_int(&q, 1);
        p.role = (uint8_t)cw_column_int(&q, 2);
        p.account = (uint32_t)cw_column_int(&q, 3);
        cw_column_text(&q, 4, p.name, sizeof p.name);
        cw_column_blob(&q, 5, p.holder_key, sizeof p.holder_key);
        p.consent_view = cw_column_int(&q, 6) != 0;
        p.consent_control = cw_column_int(&q, 7) != 0;
        p.relation = (enum cw_relation)cw_column_int(&q, 8);
        p.permissions = cw_column_int(&q, 9);
        p.joined_ms = cw_column_int(&q, 10);
        p.left_ms = cw_column_int(&q, 11);
        p.tools = cw_column_int(&q, 12);
        p.session_policy = (uint32_t)cw_column_int(&q, 13);
        stop = each(user, &p);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

/* ---- chat ------------------------------------------------------------------------------------ */

static int each_line(struct cw_query *q, cw_chat_fn each, void *user)
{
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        struct cw_chat_row line = {
            .sequence = cw_column_int(q, 0),
            .time_ms = cw_column_int(q, 1),
            .participant = (uint32_t)cw_column_int(q, 2),
            .client_message = (uint32_t)cw_column_int(q, 3),
            .role = (uint8_t)cw_column_int(q, 4),
            .name = (const char *)sqlite3_column_text(q->statement, 5),
            .name_bytes = (size_t)sqlite3_column_bytes(q->statement, 5),
            .text = (const char *)sqlite3_column_text(q->statement, 6),
            .text_bytes = (size_t)sqlite3_column_bytes(q->statement, 6),
            .audience = (uint8_t)cw_column_int(q, 7),
        };
        stop = each(user, &line);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_chat_find(struct cw_store *s, uint32_t session, uint32_t participant,
                       uint32_t client_message, cw_chat_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CHAT_FIND);

    cw_bind_int(&q, session);
    cw_bind_int(&q, participant);
    cw_bind_int(&q, client_message);
    return each_line(&q, each, user);
}

int cw_store_chat_after(struct cw_store *s, uint32_t session, enum cw_chat_audience who,
                        uint64_t after, uint32_t lines, cw_chat_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CHAT_AFTER);

    cw_bind_int(&q, session);
    cw_bind_int(&q, after);
    cw_bind_int(&q, lines);
    cw_bind_int(&q, who);
    return each_line(&q, each, user);
}

static int is_there(void *user, const struct cw_chat_row *line)
{
    (void)user;
    return line->sequence > 0 ? CW_ERR_USED : 0;
}

int cw_store_chat_add(struct cw_store *s, uint32_t session, struct cw_chat_row *line)
{
    uint64_t last = 0;
    struct cw_query q;
    /* What the appliance says has no number of its own, and cannot come twice. */
    int err = line->participant != 0 ? cw_store_chat_find(s, session, line->participant,
                                                          line->client_message, is_there, NULL)
                                     : 0;

    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_CHAT_LAST);
    cw_bind_int(&q, session);
    err = cw_query_number(&q, &last);
    if (err == 0 && last >= CW_CHAT_LINES_PER_SESSION_MAX)
        err = CW_ERR_FULL;
    if (err != 0)
        return err;
    line->sequence = last + 1;
    q = cw_query_on(s, CW_SQL_CHAT_ADD);
    cw_bind_int(&q, session);
    cw_bind_int(&q, line->sequence);
    cw_bind_int(&q, line->time_ms);
    cw_bind_int(&q, line->participant);
    cw_bind_int(&q, line->client_message);
    cw_bind_int(&q, line->role);
    cw_bind_text_n(&q, line->name, line->name_bytes);
    cw_bind_text_n(&q, line->text, line->text_bytes);
    cw_bind_int(&q, line->audience);
    return cw_query_run(&q);
}

int cw_store_chat_each(struct cw_store *s, uint32_t session, enum cw_chat_audience who,
                       uint32_t count_max, cw_chat_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_CHAT_EACH);

    cw_bind_int(&q, session);
    cw_bind_int(&q, count_max);
    cw_bind_int(&q, who);
    return each_line(&q, each, user);
}
