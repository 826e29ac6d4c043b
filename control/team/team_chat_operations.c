/* SPDX-License-Identifier: Apache-2.0 */
/* Team chat: representatives write to their teams, and to each other where they are in a team together. It has no rows
 * in the audit log: nothing of the appliance changes. */
#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/queue/desk.h"
#include "control/session/event.h"
#include "control/store/store_team_chat.h"
#include "control/team/operations.h"
#include "control/team/team.h"
#include "engine/base/err.h"

/* What a request is about: a team one is in, or another representative. */
struct where {
    struct cw_team_room room;
    uint32_t other; /* account; 0: a team */
};

static int team_of_body(struct cw_control *c, const struct cw_request *request, uint32_t team,
                        struct where *ret, struct cw_reply *reply)
{
    if (cw_team_role_of(c, team, request->account) == CW_TEAM_NONE)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "You are not in a team with the number %u.",
                         team);
    ret->room.team = team;
    return 0;
}

/* Who was written with is shown although no team is common any more; to_write: it has to be. */
static int other_of_body(struct cw_control *c, const struct cw_request *request, uint32_t other,
                         bool to_write, struct where *ret, struct cw_reply *reply)
{
    struct cw_account account;
    bool is_common = false;
    int err = other != request->account ? cw_store_account_get(c->store, other, &account)
                                        : CW_ERR_NOT_FOUND;

    if (err == 0)
        err = cw_store_team_in_common(c->store, request->account, other, &is_common);
    if (err == 0) {
        ret->other = other;
        ret->room.low = other < request->account ? other : request->account;
        ret->room.high = other < request->account ? request->account : other;
    }
    if (err == 0 && !is_common && !to_write)
        err = cw_store_team_room_find(c->store, &ret->room);
    if (err == CW_ERR_NOT_FOUND || (err == 0 && to_write && !is_common))
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         "Nobody with the number %u is in one of your teams.", other);
    if (err == 0 && to_write && !account.is_enabled)
        return cw_refuse(reply, CW_ERR_STATE, "The account of %s is disabled.",
                         account.display_name);
    return err;
}

/* "team" or "account" of the body; room.id is 0 while nothing was written there. */
static int where_of_body(struct cw_control *c, const struct cw_request *request, bool to_write,
                         struct where *ret, struct cw_reply *reply)
{
    uint64_t team = 0;
    uint64_t other = 0;
    int err = 0;

    *ret = (struct where){0};
    if (cw_body_number(request->body, "team", 1, UINT32_MAX, &team) != 0 ||
        cw_body_number(request->body, "account", 1, UINT32_MAX, &other) != 0 ||
        (team == 0) == (other == 0))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "Give either team or account: the number of one of your teams, or of "
                         "somebody in them.");
    err = team != 0 ? team_of_body(c, request, (uint32_t)team, ret, reply)
                    : other_of_body(c, request, (uint32_t)other, to_write, ret, reply);
    if (err == 0)
        err = cw_store_team_room_find(c->store, &ret->room);
    return err == CW_ERR_NOT_FOUND && reply->message[0] == '\0' ? 0 : err;
}

static json_t *number_or_null(uint32_t value)
{
    return value != 0 ? json_integer((json_int_t)value) : json_null();
}

/* ---- reading --------------------------------------------------------------------------------- */

static int list_message(void *user, const struct cw_team_message *m)
{
    return json_array_append_new(
               user,
               json_pack("{s:I, s:I, s:I, s:s%, s:s%}", "message", (json_int_t)m->sequence,
                         "time_unix_ms", (json_int_t)m->time_ms, "from", (json_int_t)m->account,
                         "name", m->name, m->name_bytes, "text", m->text, m->text_bytes)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_team_chat_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    json_t *rows = NULL;
    bool has_more = false;
    struct where where;
    uint64_t before = INT64_MAX;
    uint64_t limit = CW_TEAM_CHAT_PAGE;
    int err = cw_body_only(request->body, "team account before limit", reply);

    if (err == 0 && cw_body_number(request->body, "before", 1, INT64_MAX, &before) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "before must be the number of a message.");
    if (err == 0 && cw_body_number(request->body, "limit", 1, CW_PAGE_ROWS_MAX, &limit) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "limit must be a number from 1 to %d.",
                        CW_PAGE_ROWS_MAX);
    if (err == 0)
        err = where_of_body(c, request, false, &where, reply);
    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_team_message_each(c->store, where.room.id, before, (uint32_t)limit + 1,
                                     list_message, rows);
    has_more = json_array_size(rows) > limit;
    if (has_more)
        (void)json_array_remove(rows, 0); /* the oldest: it only says that there are more */
    reply->json = json_pack("{s:o, s:b}", "messages", rows, "more", has_more);
    return err;
}

struct rooms {
    struct cw_control *c;
    uint32_t account;
    json_t *rows;
};

static int list_room(void *user, const struct cw_team_room *room)
{
    const struct rooms *rooms = user;
    const uint32_t other = room->low == rooms->account ? room->high : room->low;
    const struct cw_queue_rep *rep = cw_queue_rep_find(&rooms->c->desk->model, other);
    json_t *row = json_pack(
        "{s:o, s:o, s:s, s:I, s:I, s:I, s:o}", "team", number_or_null(room->team), "account",
        number_or_null(other), "name", room->name, "unread", (json_int_t)room->unread, "read",
        (json_int_t)room->read_sequence, "message", (json_int_t)room->last_sequence, "time_unix_ms",
        room->last_ms != 0 ? json_integer((json_int_t)room->last_ms) : json_null());

    if (room->team == 0)
        (void)json_object_set_new(row, "connected", json_boolean(rep != NULL && rep->is_present));
    return json_array_append_new(rooms->rows, row) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_team_chat_rooms(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct rooms rooms = {.c = c, .account = request->account};
    int err = cw_body_only(request->body, "", reply);

    if (err != 0)
        return err;
    rooms.rows = json_array();
    err = cw_store_team_rooms(c->store, request->account, list_room, &rooms);
    reply->json = json_pack("{s:o}", "rooms", rooms.rows);
    return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

static json_t *event_of(const struct where *where, uint32_t other, const struct cw_team_message *m)
{
    return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:s, s:s}", "type", "team_chat", "team",
                     number_or_null(where->room.team), "account", number_or_null(other), "message",
                     (json_int_t)m->sequence, "time_unix_ms", (json_int_t)m->time_ms, "from",
                     (json_int_t)m->account, "name", m->name, "text", m->text);
}

/* To whoever is there of those that it is for, and to the writer's other windows. */
static void tell(struct cw_control *c, const struct where *where, const struct cw_team_message *m)
{
    if (where->other != 0) {
        cw_event_send(c, where->other, event_of(where, m->account, m));
        cw_event_send(c, m->account, event_of(where, where->other, m));
        return;
    }
    cw_desk_send_members(c, where->room.team, CW_TEAM_MEMBER, event_of(where, 0, m));
}

static int text_of_body(const json_t *body, const char **ret_text, struct cw_reply *reply)
{
    if (cw_body_lines(body, "text", CW_TEAM_CHAT_TEXT_BYTES_MAX, ret_text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "text must be clean UTF-8 of at most %d bytes: line feeds are fine, other "
                         "control characters are not.",
                         CW_TEAM_CHAT_TEXT_BYTES_MAX);
    if (*ret_text == NULL || (*ret_text)[strspn(*ret_text, " \n\t")] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "text is what you want to write.");
    return 0;
}

/* One message a second, and some in a row. */
static int charge(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    char source[32];

    snprintf(source, sizeof source, "account %u", request->account);
    reply->retry_after_s = cw_budget_wait_s(&c->budget, CW_BUDGET_TEAM_CHAT, source, now_ms);
    if (reply->retry_after_s != 0)
        return cw_refuse(reply, CW_ERR_FULL, "That was too much at once: wait %u s.",
                         reply->retry_after_s);
    cw_budget_charge(&c->budget, CW_BUDGET_TEAM_CHAT, source, now_ms);
    return 0;
}

int cw_op_team_chat_send(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct where where;
    struct cw_account writer;
    struct cw_team_message m = {.time_ms = cw_control_now_unix_ms(c), .account = request->account};
    int err = cw_body_only(request->body, "team account text", reply);

    if (err == 0)
        err = text_of_body(request->body, &m.text, reply);
    if (err == 0)
        err = where_of_body(c, request, true, &where, reply);
    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &writer);
    if (err == 0)
        err = charge(c, request, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    m.text_bytes = strlen(m.text);
    m.name = writer.display_name;
    m.name_bytes = strlen(m.name);
    err = cw_store_team_message_add(c->store, &where.room, &m);
    if (err == 0)
        err = cw_store_team_room_read(c->store, where.room.id, request->account, m.sequence);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    tell(c, &where, &m);
    reply->json = json_pack("{s:I, s:I}", "message", (json_int_t)m.sequence, "time_unix_ms",
                            (json_int_t)m.time_ms);
    return 0;
}

int cw_op_team_chat_read(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct where where;
    uint64_t message = 0;
    int err = cw_body_only(request->body, "team account message", reply);

    if (err == 0)
        err = where_of_body(c, request, false, &where, reply);
    if (err == 0 && (cw_body_number(request->body, "message", 1, INT64_MAX, &message) != 0 ||
                     message == 0 || message > where.room.last_sequence))
        err = cw_refuse(reply, CW_ERR_INVALID, "message must be the number of a message there.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_end(c->store,
                       cw_store_team_room_read(c->store, where.room.id, request->account, message));
    if (err == 0)
        cw_event_send(c, request->account,
                      json_pack("{s:s, s:o, s:o, s:I}", "type", "team_chat_read", "team",
                                number_or_null(where.room.team), "account",
                                number_or_null(where.other), "message", (json_int_t)message));
    return err;
}

int cw_team_chat_purge(struct cw_control *c, uint64_t now_ms)
{
    const uint64_t keep_ms = cw_option(c, CW_OPTION_TEAM_CHAT_KEEP_DAYS) * 86400 * 1000;

    return keep_ms != 0 && now_ms > keep_ms ? cw_store_team_chat_purge(c->store, now_ms - keep_ms)
                                            : 0;
}
