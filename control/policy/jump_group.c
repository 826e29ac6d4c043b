/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/jump_group.h"

#include <stdio.h>
#include <string.h>

#include "control/account/right.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/policy/policies.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

enum { TEAMS_MAX = 256 }; /* of one account; further ones give it nothing */

struct standing { /* what an account is, read once for many groups */
    struct cw_control *c;
    uint32_t account;
    bool is_all;
    bool may_start;
    uint32_t team_count;
    uint32_t teams[TEAMS_MAX];
    uint8_t roles[TEAMS_MAX];
};

static const struct {
    const char *name;
    const char *what;
} flags[CW_JUMP_FLAG_COUNT] = {
#define X(name, text, what) [CW_JUMP_FLAG_##name] = {text, what},
    CW_JUMP_FLAGS(X)
#undef X
};

const char *cw_jump_flag_name(enum cw_jump_flag flag)
{
    return flags[flag].name;
}

const char *cw_jump_flag_what(enum cw_jump_flag flag)
{
    return flags[flag].what;
}

static int take_team(void *user, const struct cw_team_member *member)
{
    struct standing *s = user;

    if (s->team_count < TEAMS_MAX) {
        s->teams[s->team_count] = member->team;
        s->roles[s->team_count++] = (uint8_t)member->role;
    }
    return 0;
}

static void stand(struct cw_control *c, uint32_t account, struct standing *s)
{
    s->c = c;
    s->account = account;
    s->team_count = 0;
    s->is_all = account == 0 || cw_right_has(c, account, CW_RIGHT_EDIT_JUMP_ITEMS);
    s->may_start = account == 0 || cw_right_has(c, account, CW_RIGHT_JUMP);
    if (!s->is_all && cw_store_member_of_account(c->store, account, take_team, s) != 0)
        s->team_count = 0;
}

static enum cw_team_role team_role(const struct standing *s, uint32_t team)
{
    for (uint32_t i = 0; i < s->team_count; i++)
        if (s->teams[i] == team)
            return (enum cw_team_role)s->roles[i];
    return CW_TEAM_NONE;
}

static uint32_t role_flags(const struct standing *s, uint32_t role)
{
    const struct cw_jump_role *found = cw_policies_role(s->c, role);

    return found != NULL ? found->flags & CW_JUMP_FLAGS_ALL : 0;
}

struct led { /* whether s is above a member */
    const struct standing *s;
    bool is_led;
};

static int compare_role(void *user, const struct cw_team_member *member)
{
    struct led *l = user;
    const enum cw_team_role mine = team_role(l->s, member->team);

    l->is_led = l->is_led || (mine > CW_TEAM_MEMBER && mine > member->role);
    return 0;
}

static bool leads(const struct standing *s, uint32_t owner)
{
    struct led l = {s, false};

    return s->team_count > 0 &&
           cw_store_member_of_account(s->c->store, owner, compare_role, &l) == 0 && l.is_led;
}

/* What the group's members are given that concerns the account; false: nothing is said about it. */
static bool member_flags(const struct standing *s, const struct cw_jump_defaults *defaults,
                         uint32_t group, uint32_t *ret)
{
    const struct cw_policies *p = s->c->policies;
    uint32_t low = 0;
    uint32_t high = p->member_count;
    bool has_any = false;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->members[middle].group < group)
            low = middle + 1;
        else
            high = middle;
    }
    *ret = 0;
    for (; low < p->member_count && p->members[low].group == group; low++) {
        const struct cw_jump_member *m = &p->members[low];
        const bool is_mine = m->kind == CW_MEMBER_EVERYBODY ||
                             (m->kind == CW_MEMBER_ACCOUNT && m->member == s->account) ||
                             (m->kind == CW_MEMBER_TEAM && team_role(s, m->member) != CW_TEAM_NONE);
        if (!is_mine)
            continue;
        has_any = true;
        *ret |= role_flags(s, m->role != 0 ? m->role : defaults->default_role);
        /* Accounts come first: what one was given itself stands alone. */
        if (m->kind == CW_MEMBER_ACCOUNT)
            break;
    }
    return has_any;
}

static uint32_t flags_in(const struct standing *s, const struct cw_jump_group *group)
{
    const struct cw_jump_defaults *defaults = cw_policies_defaults(s->c, s->account);
    uint32_t found = CW_JUMP_FLAGS_ALL;

    if (!s->is_all) {
        if (defaults == NULL)
            return 0;
        if (!member_flags(s, defaults, group->id, &found)) {
            if (group->owner == s->account)
                found = role_flags(s, defaults->personal_role);
            else if (group->owner != 0 && leads(s, group->owner))
                found = role_flags(s, defaults->team_role);
            else
                found = role_flags(s, defaults->system_role);
        }
    }
    return s->may_start ? found : found & ~(1U << CW_JUMP_FLAG_START);
}

static uint32_t flags_of_number(const struct standing *s, uint32_t group)
{
    const struct cw_jump_group *found = cw_policies_group(s->c, group);

    return found != NULL ? flags_in(s, found) : 0;
}

uint32_t cw_jump_group_flags(struct cw_control *c, uint32_t account, uint32_t group)
{
    struct standing s;

    stand(c, account, &s);
    return flags_of_number(&s, group);
}

bool cw_jump_group_may_see(struct cw_control *c, uint32_t account, uint32_t group)
{
    return cw_jump_group_flags(c, account, group) != 0;
}

int cw_jump_groups_of(struct cw_control *c, uint32_t account, struct cw_group_set *ret)
{
    const struct cw_policies *p = c->policies;
    struct standing s;

    stand(c, account, &s);
    memset(ret->words, 0, sizeof ret->words);
    ret->bits = CW_JUMP_GROUP_ID_MAX + 1;
    for (uint32_t i = 0; i < p->group_count; i++) {
        const uint32_t id = p->groups[i].id;
        if (id <= CW_JUMP_GROUP_ID_MAX && flags_in(&s, &p->groups[i]) != 0)
            ret->words[id / 64] |= UINT64_C(1) << (id % 64);
    }
    return 0;
}

uint32_t cw_jump_item_flags(struct cw_control *c, uint32_t account, uint32_t jump_item)
{
    struct standing s;
    uint32_t count = 0;
    uint32_t group = 0;
    uint32_t found = 0;
    const struct cw_jump_copy *copies = cw_policies_copies(c, jump_item, &count);

    if (cw_store_jump_item_group(c->store, jump_item, &group) != 0)
        return 0;
    stand(c, account, &s);
    found = flags_of_number(&s, group);
    for (uint32_t i = 0; i < count; i++)
        found |= flags_of_number(&s, copies[i].group);
    return found;
}

bool cw_jump_item_may(struct cw_control *c, uint32_t account, uint32_t jump_item,
                      enum cw_jump_flag flag)
{
    return (cw_jump_item_flags(c, account, jump_item) & (1U << flag)) != 0;
}

static int need(struct cw_control *c, const struct cw_request *request, const char *kind,
                uint32_t number, uint32_t has, uint32_t wanted, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    unsigned flag = 0;
    char object[48];

    if (has == 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump %s with the number %u.", kind,
                         number);
    if ((wanted & ~has) == 0)
        return 0;
    while ((wanted & ~has & (1U << flag)) == 0)
        flag++;
    snprintf(object, sizeof object, "jump %s %u", kind, number);
    if (cw_budget_may_audit(&c->budget, request->source, flags[flag].name,
                            cw_control_now_unix_ms(c)))
        cw_audit_refused(c, &actor, "jump_role", object, "DENIED", "%s", flags[flag].name);
    return cw_refuse(reply, CW_ERR_DENIED,
                     "Your role in that Jump Group does not let you %s (%s). Who administers the "
                     "group can allow it.",
                     flags[flag].what, flags[flag].name);
}

int cw_jump_item_need(struct cw_control *c, const struct cw_request *request, uint32_t jump_item,
                      uint32_t wanted, struct cw_reply *reply)
{
    return need(c, request, "Item", jump_item, cw_jump_item_flags(c, request->account, jump_item),
                wanted, reply);
}

int cw_jump_group_need(struct cw_control *c, const struct cw_request *request, uint32_t group,
                       uint32_t wanted, struct cw_reply *reply)
{
    return need(c, request, "Group", group, cw_jump_group_flags(c, request->account, group), wanted,
                reply);
}

int cw_jump_way(struct cw_control *c, uint32_t account, uint32_t jump_item, uint32_t wanted_copy,
                uint32_t *ret_copy, uint32_t *ret_group)
{
    const uint32_t start = 1U << CW_JUMP_FLAG_START;
    struct standing s;
    uint32_t count = 0;
    uint32_t group = 0;
    bool is_there = wanted_copy == 0 || wanted_copy == UINT32_MAX;
    const struct cw_jump_copy *copies = cw_policies_copies(c, jump_item, &count);
    int err = cw_store_jump_item_group(c->store, jump_item, &group);

    if (err != 0)
        return err;
    stand(c, account, &s);
    if (is_there && (flags_of_number(&s, group) & start) != 0) {
        *ret_copy = 0;
        *ret_group = group;
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (wanted_copy != UINT32_MAX && copies[i].id != wanted_copy)
            continue;
        is_there = true;
        if ((flags_of_number(&s, copies[i].group) & start) == 0)
            continue;
        *ret_copy = copies[i].id;
        *ret_group = copies[i].group;
        return 0;
    }
    return is_there ? CW_ERR_DENIED : CW_ERR_NOT_FOUND;
}
