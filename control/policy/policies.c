/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/policies.h"

#include <stdlib.h>
#include <string.h>

#include "control/account/access.h"
#include "control/session/session.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

struct load {
    struct cw_control *c;
    struct cw_policies *p;
    uint32_t room;
    uint32_t at; /* the policy that tools, hours and dates go to */
};

/* Room for one more element in *array. */
static int grow(void *array_of, uint32_t count, uint32_t *room, size_t size)
{
    void **array = array_of;
    void *grown = NULL;

    if (count < *room)
        return 0;
    grown = reallocarray(*array, *room == 0 ? 16 : *room * 2, size);
    if (grown == NULL)
        return CW_ERR_NOMEM;
    *array = grown;
    *room = *room == 0 ? 16 : *room * 2;
    return 0;
}

#define APPEND(load, list, count, value)                                                       \
    do {                                                                                       \
        int grow_err = grow(&(load)->p->list, (load)->p->count, &(load)->room, sizeof(value)); \
        if (grow_err != 0)                                                                     \
            return grow_err;                                                                   \
        (load)->p->list[(load)->p->count++] = (value);                                         \
    } while (0)

/* ---- session policies ------------------------------------------------------------------------ */

static int take_session(void *user, const struct cw_session_policy *policy)
{
    struct load *l = user;

    APPEND(l, session, session_count, *policy);
    return 0;
}

static int take_tool(void *user, uint32_t policy, const char *tool,
                     const struct cw_policy_tool *said)
{
    struct load *l = user;
    const enum cw_tool number = cw_tool_find(tool);

    while (l->at < l->p->session_count && l->p->session[l->at].id < policy)
        l->at++;
    /* A tool of a version to come says nothing to this one. */
    if (number != CW_TOOL_COUNT && l->at < l->p->session_count)
        l->p->session[l->at].tools[number] = *said;
    return 0;
}

static int load_session(struct cw_control *c, struct cw_policies *p)
{
    struct load l = {.c = c, .p = p};
    int err = cw_store_session_policy_each(c->store, take_session, &l);

    return err == 0 ? cw_store_session_policy_tool_each(c->store, take_tool, &l) : err;
}

static int take_of(void *user, const struct cw_policy_of *row)
{
    struct load *l = user;

    APPEND(l, of, of_count, *row);
    return 0;
}

static int load_of(struct cw_control *c, struct cw_policies *p)
{
    struct load l = {.c = c, .p = p};

    return cw_store_policy_of_each(c->store, take_of, &l);
}

/* ---- Jump policies --------------------------------------------------------------------------- */

static int zone_for(struct cw_policies *p, const char *name, const struct cw_zone **ret)
{
    struct cw_zone **grown = NULL;
    struct cw_zone *zone = NULL;
    int err = 0;

    for (uint32_t i = 0; i < p->zone_count; i++) {
        if (strcmp(p->zones[i]->name, name) == 0) {
            *ret = p->zones[i];
            return 0;
        }
    }
    grown = reallocarray(p->zones, p->zone_count + 1, sizeof *grown);
    if (grown == NULL)
        return CW_ERR_NOMEM;
    p->zones = grown;
    err = cw_zone_load(name, &zone);
    if (err != 0)
        return err;
    p->zones[p->zone_count++] = zone;
    *ret = zone;
    return 0;
}

static int take_jump(void *user, const struct cw_jump_policy *policy)
{
    struct load *l = user;
    int err = grow(&l->p->jump, l->p->jump_count, &l->room, sizeof *policy);
    struct cw_jump_policy *taken = NULL;

    if (err != 0)
        return err;
    taken = &l->p->jump[l->p->jump_count++];
    *taken = *policy;
    taken->schedule = (struct cw_schedule){0};
    if (!policy->has_schedule)
        return 0;
    err = zone_for(l->p, policy->zone, &taken->schedule.zone);
    /* Its hours cannot be told without the zone: the policy then lets nobody in, and says why. */
    if (err != 0 && err != CW_ERR_NOMEM) {
        cw_log(CW_LOG_ERROR, "control.policy", "Jump policy \"%s\": time zone %s: %s", policy->name,
               policy->zone, cw_err_text(err));
        err = 0;
    }
    return err;
}

static struct cw_schedule *hours_of(struct load *l, uint32_t policy)
{
    while (l->at < l->p->jump_count && l->p->jump[l->at].id < policy)
        l->at++;
    return l->at < l->p->jump_count ? &l->p->jump[l->at].schedule : NULL;
}

static int take_range(void *user, uint32_t policy, const struct cw_schedule_range *range)
{
    struct cw_schedule *s = hours_of(user, policy);

    if (s != NULL && s->range_count < CW_SCHEDULE_RANGES_MAX)
        s->ranges[s->range_count++] = *range;
    return 0;
}

static int take_date(void *user, uint32_t policy, const struct cw_schedule_exception *date)
{
    struct cw_schedule *s = hours_of(user, policy);

    if (s != NULL && s->exception_count < CW_SCHEDULE_EXCEPTIONS_MAX)
        s->exceptions[s->exception_count++] = *date;
    return 0;
}

static int load_jump(struct cw_control *c, struct cw_policies *p)
{
    struct load l = {.c = c, .p = p};
    int err = cw_store_jump_policy_each(c->store, take_jump, &l);

    if (err == 0)
        err = cw_store_jump_policy_range_each(c->store, take_range, &l);
    l.at = 0;
    return err == 0 ? cw_store_jump_policy_date_each(c->store, take_date, &l) : err;
}

/* ---- groups, roles, copies ------------------------------------------------------------------- */

static int take_group(void *user, const struct cw_jump_group *group)
{
    struct load *l = user;

    APPEND(l, groups, group_count, *group);
    return 0;
}

static int take_member(void *user, const struct cw_jump_member *member)
{
    struct load *l = user;

    APPEND(l, members, member_count, *member);
    return 0;
}

static int load_groups(struct cw_control *c, struct cw_policies *p)
{
    struct load groups = {.c = c, .p = p};
    struct load members = groups;
    int err = cw_store_jump_group_each(c->store, take_group, &groups);

    return err == 0 ? cw_store_jump_member_each(c->store, take_member, &members) : err;
}

static int take_role(void *user, const struct cw_jump_role *role)
{
    struct load *l = user;

    APPEND(l, roles, role_count, *role);
    return 0;
}

static int take_defaults(void *user, const struct cw_jump_defaults *row)
{
    struct load *l = user;

    APPEND(l, defaults, defaults_count, *row);
    return 0;
}

static int load_roles(struct cw_control *c, struct cw_policies *p)
{
    struct load roles = {.c = c, .p = p};
    struct load defaults = roles;
    int err = cw_store_jump_role_each(c->store, take_role, &roles);

    return err == 0 ? cw_store_jump_defaults_each(c->store, take_defaults, &defaults) : err;
}

static int take_copy(void *user, const struct cw_jump_copy *copy)
{
    struct load *l = user;

    APPEND(l, copies, copy_count, *copy);
    return 0;
}

static int load_copies(struct cw_control *c, struct cw_policies *p)
{
    struct load l = {.c = c, .p = p};

    return cw_store_jump_copy_each(c->store, take_copy, &l);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void free_part(struct cw_policies *p, unsigned part)
{
    switch ((enum cw_policies_part)part) {
    case CW_POLICIES_SESSION: free(p->session); break;
    case CW_POLICIES_JUMP:
        free(p->jump);
        for (uint32_t i = 0; i < p->zone_count; i++)
            cw_zone_free(p->zones[i]);
        free(p->zones);
        break;
    case CW_POLICIES_OF: free(p->of); break;
    case CW_POLICIES_GROUPS: free(p->groups), free(p->members); break;
    case CW_POLICIES_ROLES: free(p->roles), free(p->defaults); break;
    case CW_POLICIES_COPIES: free(p->copies); break;
    case CW_POLICIES_ALL: break;
    }
}

/* Moves a part from one to the other; what was there is freed. */
static void move_part(struct cw_policies *to, const struct cw_policies *from, unsigned part)
{
    free_part(to, part);
    switch ((enum cw_policies_part)part) {
    case CW_POLICIES_SESSION:
        to->session = from->session;
        to->session_count = from->session_count;
        break;
    case CW_POLICIES_JUMP:
        to->jump = from->jump;
        to->jump_count = from->jump_count;
        to->zones = from->zones;
        to->zone_count = from->zone_count;
        break;
    case CW_POLICIES_OF:
        to->of = from->of;
        to->of_count = from->of_count;
        break;
    case CW_POLICIES_GROUPS:
        to->groups = from->groups;
        to->group_count = from->group_count;
        to->members = from->members;
        to->member_count = from->member_count;
        break;
    case CW_POLICIES_ROLES:
        to->roles = from->roles;
        to->role_count = from->role_count;
        to->defaults = from->defaults;
        to->defaults_count = from->defaults_count;
        break;
    case CW_POLICIES_COPIES:
        to->copies = from->copies;
        to->copy_count = from->copy_count;
        break;
    case CW_POLICIES_ALL: break;
    }
}

static int load_part(struct cw_control *c, unsigned part)
{
    struct cw_policies fresh = {0};
    int err = 0;

    switch ((enum cw_policies_part)part) {
    case CW_POLICIES_SESSION: err = load_session(c, &fresh); break;
    case CW_POLICIES_JUMP: err = load_jump(c, &fresh); break;
    case CW_POLICIES_OF: err = load_of(c, &fresh); break;
    case CW_POLICIES_GROUPS: err = load_groups(c, &fresh); break;
    case CW_POLICIES_ROLES: err = load_roles(c, &fresh); break;
    case CW_POLICIES_COPIES: err = load_copies(c, &fresh); break;
    case CW_POLICIES_ALL: break;
    }
    if (err == 0)
        move_part(c->policies, &fresh, part);
    else
        free_part(&fresh, part);
    return err;
}

static int load_parts(struct cw_control *c, unsigned parts)
{
    int err = 0;

    for (unsigned part = 1; err == 0 && part < CW_POLICIES_ALL; part <<= 1)
        if ((parts & part) != 0)
            err = load_part(c, part);
    return err;
}

/* A live session's part of the store, and what its tickets say: that is what policies said before. */
static int load_how(struct cw_control *c, struct cw_live_session *session)
{
    int err = 0;

    session->end_looked_ms = 0;
    if (session->row.kind == CW_SESSION_JUMP)
        err = cw_store_session_jump_get(c->store, session->row.id, &session->how);
    for (uint32_t i = 0; i < session->participant_count; i++)
        session->participants[i].ticketed =
            cw_session_permissions(c, session, &session->participants[i]);
    return err == CW_ERR_NOT_FOUND ? 0 : err;
}

int cw_policies_load(struct cw_control *c)
{
    int err = 0;

    if (c->policies == NULL)
        c->policies = calloc(1, sizeof *c->policies);
    if (c->policies == NULL)
        return CW_ERR_NOMEM;
    c->policies->access_version = cw_access_version(c);
    err = load_parts(c, CW_POLICIES_ALL);
    for (uint32_t i = 0; err == 0 && i < c->live_count; i++)
        err = load_how(c, c->live[i]);
    return err;
}

void cw_policies_free(struct cw_control *c)
{
    if (c->policies == NULL)
        return;
    for (unsigned part = 1; part < CW_POLICIES_ALL; part <<= 1)
        free_part(c->policies, part);
    free(c->policies);
    c->policies = NULL;
}

void cw_policies_reload(struct cw_control *c, unsigned parts)
{
    const int err = load_parts(c, parts);

    if (err == 0)
        return;
    cw_log(CW_LOG_WARNING, "control.policy", "policies cannot be read now: %s", cw_err_text(err));
    c->must_load = true;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* In a list of structs that begin with their number. NULL: not there. */
static const void *find(const void *list, uint32_t count, size_t size, uint32_t id)
{
    uint32_t low = 0;

    while (low < count) {
        uint32_t middle = low + (count - low) / 2;
        const uint8_t *row = (const uint8_t *)list + middle * size;
        uint32_t number = 0;
        memcpy(&number, row, sizeof number);
        if (number == id)
            return row;
        if (number < id)
            low = middle + 1;
        else
            count = middle;
    }
    return NULL;
}

const struct cw_session_policy *cw_policies_session(const struct cw_control *c, uint32_t id)
{
    const struct cw_policies *p = c->policies;

    return find(p->session, p->session_count, sizeof *p->session, id);
}

const struct cw_jump_policy *cw_policies_jump(const struct cw_control *c, uint32_t id)
{
    const struct cw_policies *p = c->policies;

    return find(p->jump, p->jump_count, sizeof *p->jump, id);
}

const struct cw_jump_group *cw_policies_group(const struct cw_control *c, uint32_t id)
{
    const struct cw_policies *p = c->policies;

    return find(p->groups, p->group_count, sizeof *p->groups, id);
}

const struct cw_jump_role *cw_policies_role(const struct cw_control *c, uint32_t id)
{
    const struct cw_policies *p = c->policies;

    return find(p->roles, p->role_count, sizeof *p->roles, id);
}

const struct cw_jump_copy *cw_policies_copy(const struct cw_control *c, uint32_t id)
{
    for (uint32_t i = 0; id != 0 && i < c->policies->copy_count; i++)
        if (c->policies->copies[i].id == id)
            return &c->policies->copies[i];
    return NULL;
}

struct cw_policy_of cw_policies_of(const struct cw_control *c, enum cw_assigned kind,
                                   uint32_t object)
{
    const struct cw_policies *p = c->policies;
    const uint64_t key = (uint64_t)kind << 32 | object;
    uint32_t low = 0;
    uint32_t high = p->of_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint64_t at = (uint64_t)p->of[middle].kind << 32 | p->of[middle].object;
        if (at == key)
            return p->of[middle];
        if (at < key)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct cw_policy_of){.kind = (uint8_t)kind, .object = object};
}

const struct cw_jump_copy *cw_policies_copies(const struct cw_control *c, uint32_t jump_item,
                                              uint32_t *ret_count)
{
    const struct cw_policies *p = c->policies;
    uint32_t low = 0;
    uint32_t high = p->copy_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->copies[middle].jump_item < jump_item)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_count = 0;
    while (low + *ret_count < p->copy_count && p->copies[low + *ret_count].jump_item == jump_item)
        ++*ret_count;
    return *ret_count > 0 ? &p->copies[low] : NULL;
}

const struct cw_jump_defaults *cw_policies_defaults(const struct cw_control *c, uint32_t account)
{
    const struct cw_policies *p = c->policies;
    const struct cw_jump_defaults *own =
        find(p->defaults, p->defaults_count, sizeof *p->defaults, account);

    return own != NULL || account == 0
               ? own
               : find(p->defaults, p->defaults_count, sizeof *p->defaults, 0);
}
