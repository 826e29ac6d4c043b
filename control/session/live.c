/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "control/queue/desk.h"
#include "control/state.h"
#include "engine/base/err.h"

/* Position of id, or where it belongs. Ids grow, so a new one is nearly always last. */
static uint32_t live_position(const struct cw_control *c, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = c->live_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->live[middle]->row.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- those with a Jump Item ------------------------------------------------------------------ */

static struct cw_live_session **item_list(struct cw_control *c, uint32_t jump_item)
{
    return &c->live_items[jump_item % CW_LIVE_ITEM_LISTS];
}

static void item_put(struct cw_control *c, struct cw_live_session *session)
{
    struct cw_live_session **list = item_list(c, session->row.jump_item);

    if (session->row.jump_item == 0)
        return;
    session->item_next = *list;
    *list = session;
}

static void item_take(struct cw_control *c, const struct cw_live_session *session)
{
    struct cw_live_session **at = item_list(c, session->row.jump_item);

    while (*at != NULL && *at != session)
        at = &(*at)->item_next;
    if (*at != NULL)
        *at = session->item_next;
}

struct cw_live_session *cw_live_next_of_item(struct cw_control *c, uint32_t jump_item,
                                             const struct cw_live_session *after)
{
    struct cw_live_session *s = after != NULL ? after->item_next : *item_list(c, jump_item);

    while (s != NULL && (s->row.jump_item != jump_item || s->is_over))
        s = s->item_next;
    return s;
}

/* ---- all of them ----------------------------------------------------------------------------- */

int cw_live_add(struct cw_control *c, const struct cw_session *row,
                struct cw_live_session **ret_session)
{
    struct cw_live_session *session = NULL;
    uint32_t at = live_position(c, row->id);

    if (c->live_count >= CW_SESSIONS_LIVE_MAX)
        return CW_ERR_FULL;
    if (c->live_count == c->live_room) {
        uint32_t room = c->live_room == 0 ? 64 : c->live_room * 2;
        struct cw_live_session **grown = reallocarray(c->live, room, sizeof *grown);
        if (grown == NULL)
            return CW_ERR_NOMEM;
        c->live = grown;
        c->live_room = room;
    }
    session = calloc(1, sizeof *session);
    if (session == NULL)
        return CW_ERR_NOMEM;
    session->row = *row;
    session->q.row = &session->row;
    if (cw_queue_session_add(&c->desk->model, &session->q) != 0) {
        free(session);
        return CW_ERR_NOMEM;
    }
    memmove(&c->live[at + 1], &c->live[at], (c->live_count - at) * sizeof *c->live);
    c->live[at] = session;
    c->live_count++;
    item_put(c, session);
    *ret_session = session;
    return 0;
}

void cw_live_remove(struct cw_control *c, struct cw_live_session *session)
{
    uint32_t at = live_position(c, session->row.id);

    memmove(&c->live[at], &c->live[at + 1], (c->live_count - at - 1) * sizeof *c->live);
    c->live_count--;
    cw_queue_session_remove(&c->desk->model, session->row.id);
    item_take(c, session);
    free(session->participants);
    free(session);
}

struct cw_live_session *cw_live_find(struct cw_control *c, uint32_t id)
{
    uint32_t at = live_position(c, id);

    if (at == c->live_count || c->live[at]->row.id != id || c->live[at]->is_over)
        return NULL;
    return c->live[at];
}

struct cw_live_session *cw_live_of_item(struct cw_control *c, uint32_t jump_item)
{
    struct cw_live_session *first = NULL;

    for (struct cw_live_session *s = cw_live_next_of_item(c, jump_item, NULL); s != NULL;
         s = cw_live_next_of_item(c, jump_item, s))
        if (first == NULL || s->row.id < first->row.id)
            first = s;
    return first;
}

int cw_live_participant_reserve(struct cw_live_session *session)
{
    struct cw_live_participant *grown = NULL;

    grown = reallocarray(session->participants, session->participant_count + 1, sizeof *grown);
    if (grown == NULL)
        return CW_ERR_NOMEM;
    session->participants = grown;
    return 0;
}

int cw_live_participant_add(struct cw_live_session *session, const struct cw_participant *row,
                            struct cw_live_participant **ret_participant)
{
    int err = cw_live_participant_reserve(session);
    struct cw_live_participant *added = NULL;

    if (err != 0)
        return err;
    added = &session->participants[session->participant_count++];
    *added = (struct cw_live_participant){.row = *row};
    if (ret_participant != NULL)
        *ret_participant = added;
    return 0;
}

struct cw_live_participant *cw_live_participant(struct cw_live_session *session, uint32_t number)
{
    for (uint32_t i = 0; i < session->participant_count; i++)
        if (session->participants[i].row.number == number)
            return &session->participants[i];
    return NULL;
}

struct cw_live_participant *cw_live_representative(struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.relation == CW_RELATION_OWNER && p->row.left_ms == 0)
            return p;
    }
    return NULL;
}

struct cw_live_participant *cw_live_member(struct cw_live_session *session, uint32_t account)
{
    for (uint32_t i = 0; i < session->participant_count; i++) {
        struct cw_live_participant *p = &session->participants[i];
        if (p->row.role == CW_ROLE_REPRESENTATIVE && p->row.left_ms == 0 &&
            p->row.relation != CW_RELATION_EXTERNAL && p->row.account == account)
            return p;
    }
    return NULL;
}

struct cw_live_participant *cw_live_source(struct cw_live_session *session)
{
    for (uint32_t i = 0; i < session->participant_count; i++)
        if (session->participants[i].row.role != CW_ROLE_REPRESENTATIVE)
            return &session->participants[i];
    return NULL;
}

/* Whether the customer has answered is not stored: nobody's silence is taken for a Yes after a start. */
static int load_participant(void *user, const struct cw_participant *row)
{
    struct cw_live_participant *p = NULL;
    int err = cw_live_participant_add(user, row, &p);

    if (err == 0)
        p->is_prompt_over = true;
    return err;
}

static int load_session(void *user, const struct cw_session *row)
{
    struct cw_live_session *session = NULL;

    return cw_live_add(user, row, &session);
}

struct live_list {
    struct cw_live_session **sessions;
    uint32_t count;
    uint32_t room;
};

/* Gives the list of c, which is empty then. */
static struct live_list list_take(struct cw_control *c)
{
    struct live_list list = {c->live, c->live_count, c->live_room};

    c->live = NULL;
    c->live_count = 0;
    c->live_room = 0;
    memset(c->live_items, 0, sizeof c->live_items);
    return list;
}

static void list_free(struct live_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free(list->sessions[i]->participants);
        free(list->sessions[i]);
    }
    free(list->sessions);
}

/* What memory knew of a participant and the store does not. The engine may lack a mask that was on its way. */
static void keep_participant(struct cw_live_participant *p, const struct cw_live_participant *old)
{
    p->is_up = old->is_up;
    p->was_up = old->was_up;
    p->away_since_ms = old->away_since_ms;
    p->permissions = UINT64_MAX;
    p->ticketed = old->ticketed;
    p->has_answered = old->has_answered;
    p->is_prompt_over = old->is_prompt_over;
    p->asked_ms = old->asked_ms;
    /* A No counts, and is to be stored, whatever became of the change that it was in. */
    p->is_unsaved = old->is_unsaved || (p->row.consent_view && !old->row.consent_view) ||
                    (p->row.consent_control && !old->row.consent_control);
    p->is_unsaved = p->is_unsaved || (p->row.tools & ~old->row.tools) != 0;
    p->row.tools &= old->row.tools;
    p->row.consent_view = p->row.consent_view && old->row.consent_view;
    p->row.consent_control = p->row.consent_control && old->row.consent_control;
}

static void keep_session(struct cw_live_session *session, const struct cw_live_session *old)
{
    session->link = old->link;
    session->absent_since_ms = old->absent_since_ms;
    session->source_asked_ms = old->source_asked_ms;
    session->wake_ms = old->wake_ms;
    session->wake_number = old->wake_number;
    session->wake_sent = old->wake_sent;
    memcpy(session->wake_why, old->wake_why, sizeof session->wake_why);
    session->told_ms = old->told_ms;
    session->was_recorded = old->was_recorded;
    memcpy(session->questions, old->questions, sizeof session->questions);
    session->question_count = old->question_count;
    session->is_over = old->is_over;
    session->over_code = old->over_code;
    memcpy(session->over_text, old->over_text, sizeof session->over_text);
    memcpy(session->over_actor, old->over_actor, sizeof session->over_actor);
    memcpy(session->over_source, old->over_source, sizeof session->over_source);
    for (uint32_t i = 0; i < session->participant_count; i++)
        for (uint32_t k = 0; k < old->participant_count; k++)
            if (session->participants[i].row.number == old->participants[k].row.number)
                keep_participant(&session->participants[i], &old->participants[k]);
}

/* The rules see exactly the sessions that live; there is room for them all. */
static void put_into_queues(struct cw_control *c)
{
    cw_queue_sessions_clear(&c->desk->model);
    for (uint32_t i = 0; i < c->live_count; i++)
        if (!c->live[i]->is_over)
            (void)cw_queue_session_add(&c->desk->model, &c->live[i]->q);
}

int cw_live_load(struct cw_control *c)
{
    struct live_list old = list_take(c);
    struct live_list dropped;
    int err = 0;

    cw_queue_sessions_clear(&c->desk->model);
    err = cw_store_session_each(c->store, 0, load_session, c);

    for (uint32_t i = 0; err == 0 && i < c->live_count; i++)
        err = cw_desk_load_session(c, &c->live[i]->q);
    for (uint32_t i = 0; err == 0 && i < c->live_count; i++)
        err = cw_store_participant_each(c->store, c->live[i]->row.id, load_participant, c->live[i]);
    if (err != 0) {
        dropped = list_take(c);
        c->live = old.sessions;
        c->live_count = old.count;
        c->live_room = old.room;
        for (uint32_t i = 0; i < c->live_count; i++)
            item_put(c, c->live[i]);
        list_free(&dropped);
        put_into_queues(c);
        return err;
    }
    for (uint32_t i = 0; i < old.count; i++) {
        uint32_t at = live_position(c, old.sessions[i]->row.id);
        if (at < c->live_count && c->live[at]->row.id == old.sessions[i]->row.id)
            keep_session(c->live[at], old.sessions[i]);
    }
    list_free(&old);
    put_into_queues(c);
    return 0;
}

void cw_live_clear(struct cw_control *c)
{
    struct live_list all = list_take(c);

    list_free(&all);
    for (uint32_t i = 0; i < c->device_count; i++) {
        free(c->devices[i].unsaved);
        free(c->devices[i].picture);
    }
    free(c->devices);
    free(c->device_slots);
    free(c->consoles);
    for (uint32_t i = 0; i < c->waiting_chat_count; i++)
        free(c->waiting_chat[i].text);
}

/* ---- devices --------------------------------------------------------------------------------- */

/* They come in no order, 75,000 of them after a restart: so their list is not kept sorted. Twice as many slots as there
 * is room for devices, a power of two: the slot of id, or the free one where it belongs. */
static uint32_t *device_slot(const struct cw_control *c, uint32_t id)
{
    const uint32_t mask = 2 * c->device_room - 1;
    uint32_t at = (id * 0x9E3779B1U) & mask;

    while (c->device_slots[at] != 0 && c->devices[c->device_slots[at] - 1].id != id)
        at = (at + 1) & mask;
    return &c->device_slots[at];
}

struct cw_device *cw_device_find(struct cw_control *c, uint32_t id)
{
    const uint32_t place = c->device_room > 0 ? *device_slot(c, id) : 0;

    return place != 0 ? &c->devices[place - 1] : NULL;
}

static int device_room(struct cw_control *c)
{
    const uint32_t room = c->device_room == 0 ? 64 : c->device_room * 2;
    uint32_t *slots = calloc((size_t)2 * room, sizeof *slots);
    struct cw_device *grown = slots != NULL ? reallocarray(c->devices, room, sizeof *grown) : NULL;

    if (grown == NULL) {
        free(slots);
        return CW_ERR_NOMEM;
    }
    free(c->device_slots);
    c->devices = grown;
    c->device_slots = slots;
    c->device_room = room;
    for (uint32_t i = 0; i < c->device_count; i++)
        *device_slot(c, grown[i].id) = i + 1;
    return 0;
}

int cw_device_add(struct cw_control *c, uint32_t id, struct cw_device **ret_device)
{
    struct cw_device *device = cw_device_find(c, id);

    if (device == NULL) {
        if (c->device_count == c->device_room && device_room(c) != 0)
            return CW_ERR_NOMEM;
        device = &c->devices[c->device_count];
        *device = (struct cw_device){.id = id};
        *device_slot(c, id) = ++c->device_count;
    }
    *ret_device = device;
    return 0;
}
