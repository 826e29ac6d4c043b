/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/desk.h - a support desk on top of the rig: accounts, a team, consoles, customers who wait. */
#ifndef CW_TESTS_UNIT_CONTROL_DESK_H
#define CW_TESTS_UNIT_CONTROL_DESK_H

#include "tests/unit/control/rig.h"

struct desk {
    struct rig *r;
    struct rig_worker w;
    uint32_t ada; /* the administrator */
    uint32_t team;
};

static inline uint32_t desk_hire(struct desk *d, const char *user)
{
    d->r->account = d->ada;
    d->r->is_admin = true;
    assert_int_equal(
        rig_call(d->r, "account.create", 0, json_pack("{s:s, s:b}", "user", user, "is_admin", 0)),
        0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(d->r->reply.json, "account"), "id"));
}

/* The caller of what follows. */
static inline void desk_as(struct desk *d, uint32_t account)
{
    d->r->account = account;
    d->r->is_admin = account == d->ada;
    d->r->must_change = false;
}

static inline uint32_t desk_team(struct desk *d, const char *name)
{
    desk_as(d, d->ada);
    assert_int_equal(rig_call(d->r, "team.create", 0, json_pack("{s:s}", "name", name)), 0);
    return (uint32_t)json_integer_value(
        json_object_get(json_object_get(d->r->reply.json, "team"), "id"));
}

static inline void desk_put(struct desk *d, uint32_t team, uint32_t account, const char *role)
{
    desk_as(d, d->ada);
    assert_int_equal(
        rig_call(d->r, "team.member_set", team,
                 json_pack("{s:I, s:s}", "account", (json_int_t)account, "role", role)),
        0);
}

static inline void desk_console(struct desk *d, uint32_t account)
{
    RIG_TELL(d->r, &d->w, .type = CW_LINK_CONSOLE_UP, .participant = account,
             .request = 1000 + account);
}

static inline void desk_open(struct desk *d, struct rig *r)
{
    *d = (struct desk){.r = r, .ada = r->account};
    rig_link(r, &d->w);
    d->team = desk_team(d, "First Line");
    desk_put(d, d->team, d->ada, "member");
    rig_forget(&d->w);
}

/* A customer in the queue of a team, connected. Ada makes the key: she has to be in it. */
static inline uint32_t desk_customer(struct desk *d, uint32_t team)
{
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;

    desk_as(d, d->ada);
    assert_int_equal(
        rig_call(d->r, "session_key.create", 0, json_pack("{s:I}", "team", (json_int_t)team)), 0);
    snprintf(key, sizeof key, "%s", rig_text(d->r, "key"));
    assert_int_equal(rig_enter(d->r, &d->w, key, 1, &session), CW_CLOSE_OK);
    rig_up(d->r, &d->w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    return session;
}

/* Calls, and expects the error. */
#define DESK(d, account, wanted, ...)                            \
    do {                                                         \
        desk_as(d, account);                                     \
        assert_int_equal(rig_call((d)->r, __VA_ARGS__), wanted); \
    } while (0)

/* The row of queue.list for a session; NULL: not there. */
static inline json_t *desk_row(struct desk *d, uint32_t account, const char *queue,
                               uint32_t session)
{
    json_t *row = NULL;
    size_t i = 0;

    DESK(d, account, 0, "queue.list", 0, json_pack("{s:s}", "queue", queue));
    json_array_foreach(json_object_get(d->r->reply.json, "queue"), i,
                       row) if (json_integer_value(json_object_get(row, "session")) ==
                                session) return row;
    return NULL;
}

static inline bool desk_line(const struct rig_worker *w, const char *text)
{
    for (unsigned i = 0;; i++) {
        const struct cw_link_message *m = rig_sent(w, CW_LINK_SEND, CW_MESSAGE_CHAT_LINE, i);
        if (m == NULL)
            return false;
        if (memmem(m->bytes, m->bytes_count, text, strlen(text)) != NULL)
            return true;
    }
}

/* The event of that type that went to the account; NULL: none. The caller frees it. */
static inline json_t *desk_event(const struct rig_worker *w, uint32_t account, const char *type)
{
    for (unsigned i = 0;; i++) {
        const struct cw_link_message *m = rig_sent(w, CW_LINK_SEND_CONSOLE, CW_MESSAGE_EVENT, i);
        json_t *event = NULL;
        if (m == NULL)
            return NULL;
        event = json_loadb((const char *)m->bytes, m->bytes_count, 0, NULL);
        if (m->participant == account &&
            strcmp(json_string_value(json_object_get(event, "type")), type) == 0)
            return event;
        json_decref(event);
    }
}

#endif
