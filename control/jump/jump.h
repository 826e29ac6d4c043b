/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/jump.h - Jump Items in memory: what searches look through, and the state each is in.
 *
 * Owner:     struct cw_jump is control's (state.h), from cw_jump_load to cw_jump_free.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store and CW_ERR_NOMEM.
 * Limits:    CW_JUMP_ITEMS_MAX.
 * Invariant: the index has exactly the items of the store that are not removed, with the fields that the
 *            store has or a report has changed since (device.h).
 */
#ifndef CW_CONTROL_JUMP_JUMP_H
#define CW_CONTROL_JUMP_JUMP_H

#include <jansson.h>

#include "control/audit/audit.h"
#include "control/jump/program.h"
#include "control/jump/search.h"
#include "control/policy/jump_group.h"
#include "control/state.h"
#include "control/store/store_item.h"

/* X(NAME, word in JSON, text for searches) */
#define CW_JUMP_STATES(X)                           \
    X(OFFLINE, "offline", "Offline")                \
    X(ONLINE, "online", "Online")                   \
    X(IN_SESSION, "in_session", "In session")       \
    X(PASSIVE, "passive", "Passive")                \
    X(LOST, "lost", "Lost")                         \
    X(DISABLED, "disabled", "Disabled by its user") \
    X(NEEDS_UPDATE, "online", "Online, needs update")

enum cw_jump_state {
#define X(name, word, text) CW_JUMP_STATE_##name,
    CW_JUMP_STATES(X)
#undef X
        CW_JUMP_STATE_COUNT
};

/* Which Jump Items are in a session: sorted by item. */
struct cw_jump_session {
    uint32_t item;
    uint32_t session;
};

struct cw_jump {
    struct cw_search *search;
    struct cw_program program; /* the client that is offered */
    bool groups_changed;       /* their names are read again before the next search */
    uint64_t lost_before_ms;
    uint64_t swept_ms;
    struct cw_jump_call {
        uint32_t item;
        uint16_t port;
        uint64_t number;
        uint64_t time_ms;
    } calls[CW_JUMP_CALLS_MAX]; /* datagrams of changes that may not be committed yet: waking.c */
    unsigned call_count;
};

/* What one caller may see. */
struct cw_jump_view {
    struct cw_group_set groups;
    bool sees_all;
    uint32_t *copies; /* items with a copy in a group that may be seen, sorted; the view's */
    uint32_t copy_count;
    struct cw_jump_session *sessions; /* of now; cw_jump_view_end frees them */
    uint32_t session_count;
};

/* Reads everything again; what was there stays when that fails. */
int cw_jump_load(struct cw_control *c);
void cw_jump_free(struct cw_control *c);
/* After a change of the store: reads the item again. */
void cw_jump_refresh(struct cw_control *c, uint32_t id);
/* The same with what the caller knows. */
void cw_jump_put(struct cw_control *c, const struct cw_jump_detail *detail);
/* Only its state is another: its texts stay what they are. */
void cw_jump_state_changed(struct cw_control *c, const struct cw_jump_detail *detail);
/* The same for one that was online and has just gone; what else is known of it has not changed. */
void cw_jump_went_offline(struct cw_control *c, const struct cw_device *device);
/* A Jump Group was added, renamed or removed. */
void cw_jump_groups_changed(struct cw_control *c);

/* Without regard to sessions. */
enum cw_jump_state cw_jump_state_of(struct cw_control *c, const struct cw_jump_detail *detail);
const char *cw_jump_state_word(enum cw_jump_state state);
const char *cw_jump_presence_word(uint8_t presence);

/* For the account of the request, as of now. */
int cw_jump_view_begin(struct cw_control *c, const struct cw_request *request,
                       struct cw_jump_view *ret);
void cw_jump_view_end(struct cw_jump_view *view);
bool cw_jump_view_has_group(const struct cw_jump_view *view, uint32_t group);
bool cw_jump_view_has(const struct cw_jump_view *view, const struct cw_jump_detail *detail);
/* 0: in none. */
uint32_t cw_jump_view_session(const struct cw_jump_view *view, uint32_t item);
/* Fills groups of the query in. */
int cw_jump_find(struct cw_control *c, const struct cw_jump_view *view,
                 struct cw_search_query *query, struct cw_search_result *ret);
/* Only what is in this group from now on, with copies; nothing when it may not be seen. */
int cw_jump_view_narrow(struct cw_control *c, struct cw_jump_view *view, uint32_t group);
/* ret->groups: CW_JUMP_GROUP_ID_MAX + 1 of zero. */
int cw_jump_counts(struct cw_control *c, const struct cw_jump_view *view,
                   struct cw_search_counts *ret);
/* One that may be seen and is not removed; else a refusal. */
int cw_jump_get(struct cw_control *c, const struct cw_jump_view *view, uint32_t id,
                struct cw_reply *reply, struct cw_jump_detail *ret);
/* The row of a listing. */
json_t *cw_jump_row(struct cw_control *c, const struct cw_jump_view *view,
                    const struct cw_jump_detail *detail);
/* And everything else. */
json_t *cw_jump_whole(struct cw_control *c, const struct cw_jump_view *view,
                      const struct cw_jump_detail *detail);

/* Removes an item: its credential is denied, its session ends, its Jump Client is told to go. */
int cw_jump_remove(struct cw_control *c, const struct cw_actor *actor,
                   const struct cw_jump_item *item, const char *why);

/* Lost, expired and forgotten items: call once a second. */
void cw_jump_tick(struct cw_control *c, uint64_t now_ms);

#endif
