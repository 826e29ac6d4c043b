/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_team_chat.h"

#include "control/store/store_query.h"
#include "engine/base/err.h"

int cw_store_team_room_find(struct cw_store *s, struct cw_team_room *room)
{
    struct cw_query q =
        cw_query_on(s, room->team != 0 ? CW_SQL_TEAM_ROOM_OF_TEAM : CW_SQL_TEAM_ROOM_OF_PAIR);
    bool found = false;
    int err = 0;

    if (room->team != 0) {
        cw_bind_int(&q, room->team);
    } else {
        cw_bind_int(&q, room->low);
        cw_bind_int(&q, room->high);
    }
    found = cw_query_row(&q);
    if (found) {
        room->id = (uint32_t)cw_column_int(&q, 0);
        room->last_sequence = cw_column_int(&q, 1);
        room->last_ms = cw_column_int(&q, 2);
    }
    err = cw_query_end(&q);
    return err == 0 && !found ? CW_ERR_NOT_FOUND : err;
}

static int add_room(struct cw_store *s, struct cw_team_room *room)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_ROOM_ADD);
    int err = 0;

    cw_bind_int(&q, room->team);
    cw_bind_int(&q, room->low);
    cw_bind_int(&q, room->high);
    err = cw_query_run(&q);
    if (err == 0)
        room->id = (uint32_t)sqlite3_last_insert_rowid(s->db);
    return err;
}

int cw_store_team_message_add(struct cw_store *s, struct cw_team_room *room,
                              struct cw_team_message *message)
{
    struct cw_query q;
    int err = room->id == 0 ? add_room(s, room) : 0;

    if (err != 0)
        return err;
    message->sequence = room->last_sequence + 1;
    q = cw_query_on(s, CW_SQL_TEAM_MESSAGE_ADD);
    cw_bind_int(&q, room->id);
    cw_bind_int(&q, message->sequence);
    cw_bind_int(&q, message->time_ms);
    cw_bind_int(&q, message->account);
    cw_bind_text_n(&q, message->name, message->name_bytes);
    cw_bind_text_n(&q, message->text, message->text_bytes);
    err = cw_query_run(&q);
    if (err == 0) {
        q = cw_query_on(s, CW_SQL_TEAM_ROOM_SAID);
        cw_bind_int(&q, room->id);
        cw_bind_int(&q, message->sequence);
        cw_bind_int(&q, message->time_ms);
        err = cw_query_run(&q);
    }
    if (err == 0 && message->sequence > CW_TEAM_CHAT_ROOM_MESSAGES_MAX) {
        q = cw_query_on(s, CW_SQL_TEAM_MESSAGE_TRIM);
        cw_bind_int(&q, room->id);
        cw_bind_int(&q, message->sequence - CW_TEAM_CHAT_ROOM_MESSAGES_MAX);
        err = cw_query_run(&q);
    }
    if (err == 0) {
        room->last_sequence = message->sequence;
        room->last_ms = message->time_ms;
    }
    return err;
}

int cw_store_team_message_each(struct cw_store *s, uint32_t room, uint64_t before,
                               uint32_t count_max, cw_team_message_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_MESSAGE_EACH);
    int stop = 0;
    int err = 0;

    cw_bind_int(&q, room);
    cw_bind_int(&q, before);
    cw_bind_int(&q, count_max);
    while (stop == 0 && cw_query_row(&q)) {
        const struct cw_team_message message = {
            .sequence = cw_column_int(&q, 0),
            .time_ms = cw_column_int(&q, 1),
            .account = (uint32_t)cw_column_int(&q, 2),
            .name = (const char *)sqlite3_column_text(q.statement, 3),
            .name_bytes = (size_t)sqlite3_column_bytes(q.statement, 3),
            .text = (const char *)sqlite3_column_text(q.statement, 4),
            .text_bytes = (size_t)sqlite3_column_bytes(q.statement, 4),
        };
        stop = each(user, &message);
    }
    err = cw_query_end(&q);
    return err != 0 ? err : stop;
}

int cw_store_team_room_read(struct cw_store *s, uint32_t room, uint32_t account, uint64_t sequence)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_ROOM_READ);

    cw_bind_int(&q, account);
    cw_bind_int(&q, room);
    cw_bind_int(&q, sequence);
    return cw_query_run(&q);
}

static int each_room(struct cw_query *q, cw_team_room_fn each, void *user)
{
    int stop = 0;
    int err = 0;

    while (stop == 0 && cw_query_row(q)) {
        struct cw_team_room room = {
            .id = (uint32_t)cw_column_int(q, 0),
            .team = (uint32_t)cw_column_int(q, 1),
            .low = (uint32_t)cw_column_int(q, 2),
            .high = (uint32_t)cw_column_int(q, 3),
            .last_sequence = cw_column_int(q, 4),
            .last_ms = cw_column_int(q, 5),
            .read_sequence = cw_column_int(q, 6),
            .unread = (uint32_t)cw_column_int(q, 7),
        };
        cw_column_text(q, 8, room.name, sizeof room.name);
        stop = each(user, &room);
    }
    err = cw_query_end(q);
    return err != 0 ? err : stop;
}

int cw_store_team_rooms(struct cw_store *s, uint32_t account, cw_team_room_fn each, void *user)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_ROOMS);
    int err = 0;

    cw_bind_int(&q, account);
    cw_bind_int(&q, CW_TEAM_CHAT_UNREAD_MAX);
    err = each_room(&q, each, user);
    if (err != 0)
        return err;
    q = cw_query_on(s, CW_SQL_TEAM_PAIR_ROOMS);
    cw_bind_int(&q, account);
    cw_bind_int(&q, CW_TEAM_CHAT_UNREAD_MAX);
    cw_bind_int(&q, CW_TEAM_CHAT_PAIRS_MAX);
    return each_room(&q, each, user);
}

int cw_store_team_in_common(struct cw_store *s, uint32_t account, uint32_t other, bool *ret)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_IN_COMMON);
    uint64_t count = 0;
    int err = 0;

    cw_bind_int(&q, account);
    cw_bind_int(&q, other);
    err = cw_query_number(&q, &count);
    if (err == 0)
        *ret = count > 0;
    return err;
}

int cw_store_team_chat_purge(struct cw_store *s, uint64_t before_ms)
{
    struct cw_query q = cw_query_on(s, CW_SQL_TEAM_MESSAGE_PURGE);

    cw_bind_int(&q, before_ms);
    cw_bind_int(&q, CW_TEAM_CHAT_PURGE_MESSAGES);
    return cw_query_run(&q);
}
