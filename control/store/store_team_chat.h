/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_team_chat.h - what representatives write to their teams and to each other, as the store has it.
 *
 * A room is a team's, or two accounts'. Its messages have the numbers 1, 2, ... and the oldest go when there are too
 * many; who reads a room has read everything up to one number.
 *
 * Owner:     rows are values in the caller's memory; texts of a message are valid in the callback.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of store.h.
 * Limits:    CW_TEAM_CHAT_ROOM_MESSAGES_MAX, CW_TEAM_CHAT_PAIRS_MAX, CW_TEAM_CHAT_UNREAD_MAX.
 */
#ifndef CW_CONTROL_STORE_STORE_TEAM_CHAT_H
#define CW_CONTROL_STORE_STORE_TEAM_CHAT_H

#include "control/store/store.h"

struct cw_team_room {
    uint32_t id;   /* 0: nothing was written yet */
    uint32_t team; /* or low and high */
    uint32_t low;  /* the smaller number of the two accounts */
    uint32_t high;
    uint64_t last_sequence;
    uint64_t last_ms;
    uint32_t
        unread; /* of cw_store_team_rooms only, as the next two; CW_TEAM_CHAT_UNREAD_MAX: or more */
    uint64_t read_sequence;
    char name[CW_NAME_SIZE]; /* of the team, or of the other account */
};

struct cw_team_message {
    uint64_t sequence;
    uint64_t time_ms;
    uint32_t account;
    const char *name; /* of the account, as it was */
    size_t name_bytes;
    const char *text;
    size_t text_bytes;
};

typedef int (*cw_team_room_fn)(void *user, const struct cw_team_room *room);
typedef int (*cw_team_message_fn)(void *user, const struct cw_team_message *message);

/* By team, or by low and high of *room; fills the rest. CW_ERR_NOT_FOUND: nothing was written yet. */
int cw_store_team_room_find(struct cw_store *s, struct cw_team_room *room);
/* Makes the room when it has no id. Sets message->sequence and what the room knows of its last message. */
int cw_store_team_message_add(struct cw_store *s, struct cw_team_room *room,
                              struct cw_team_message *message);
/* The newest count_max before the number `before`, oldest of them first. */
int cw_store_team_message_each(struct cw_store *s, uint32_t room, uint64_t before,
                               uint32_t count_max, cw_team_message_fn each, void *user);
/* Has read up to that number; never less than before. */
int cw_store_team_room_read(struct cw_store *s, uint32_t room, uint32_t account, uint64_t sequence);
/* Those of the account's teams, by name, then those with other accounts, the newest first. */
int cw_store_team_rooms(struct cw_store *s, uint32_t account, cw_team_room_fn each, void *user);
/* They are in a team together. */
int cw_store_team_in_common(struct cw_store *s, uint32_t account, uint32_t other, bool *ret);
/* Removes messages from before that time, not all at once. */
int cw_store_team_chat_purge(struct cw_store *s, uint64_t before_ms);

#endif
