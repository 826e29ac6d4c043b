/* SPDX-License-Identifier: Apache-2.0 */
#include "control/policy/policy_body.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/jump/jump.h"
#include "control/session/event.h"
#include "engine/base/err.h"

int cw_policy_take_texts(const json_t *body, char name[CW_NAME_SIZE], char *code,
                         char description[CW_DESCRIPTION_BYTES_MAX + 1], struct cw_reply *reply)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *text = description;
    char given[CW_NAME_SIZE];

    if (cw_body_name(body, "name", given) != 0 || (given[0] == '\0' && name[0] == '\0'))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of 1 to 128 characters.");
    if (given[0] != '\0')
        snprintf(name, CW_NAME_SIZE, "%s", given);
    if (cw_body_lines(body, "description", CW_DESCRIPTION_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "A description has at most %d bytes of text.",
                         CW_DESCRIPTION_BYTES_MAX);
    if (text != description)
        snprintf(description, CW_DESCRIPTION_BYTES_MAX + 1, "%s", text);
    if (code == NULL || json_object_get(body, "code") == NULL)
        return 0;
    if (cw_body_text(body, "code", CW_CODE_BYTES_MAX, &text) != 0 ||
        text[strspn(text, allowed)] != '\0')
        return cw_refuse(reply, CW_ERR_INVALID,
                         "A code has 1 to 64 letters, digits, dashes or underscores.");
    snprintf(code, CW_CODE_BYTES_MAX + 1, "%s", text);
    return 0;
}

int cw_policy_take_id(const json_t *body, const char *member, uint32_t *ret, struct cw_reply *reply)
{
    uint64_t id = *ret;

    if (cw_body_number(body, member, 0, UINT32_MAX, &id) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be a number.", member);
    *ret = (uint32_t)id;
    return 0;
}

int cw_policy_take_account(struct cw_control *c, const json_t *body, const char *member,
                           uint32_t *ret, struct cw_reply *reply)
{
    struct cw_account account;
    const char *text = NULL;
    uint64_t id = 0;
    int err = 0;

    if (json_object_get(body, member) == NULL)
        return 0;
    if (cw_body_number(body, member, 1, UINT32_MAX, &id) == 0)
        err = cw_store_account_get(c->store, (uint32_t)id, &account);
    else if (cw_body_text(body, member, CW_USER_BYTES_MAX, &text) == 0)
        err = cw_store_account_find(c->store, text, &account);
    else
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be an account's number or user name.",
                         member);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no such account: %s.", text != NULL ? text : member);
    if (err == 0)
        *ret = account.id;
    return err;
}

static int take_list(const json_t *body, const char *member, struct cw_schedule *schedule,
                     int (*parse)(const char *text, struct cw_schedule *s, size_t *ret_at),
                     const char *sample, struct cw_reply *reply)
{
    const char *text = NULL;
    size_t at = 0;
    int err = 0;

    if (cw_body_lines(body, member, CW_SCHEDULE_TEXT_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s is a text: \"%s\".", member, sample);
    if (text == NULL)
        return 0;
    err = parse(text, schedule, &at);
    if (err == CW_ERR_FULL)
        return cw_refuse(reply, CW_ERR_INVALID, "%s: these are too many.", member);
    if (err != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s: not understood at \"%.20s\". Write: \"%s\".",
                         member, text + at, sample);
    return 0;
}

/* The zone must exist; and who has hours but no zone means UTC. */
static int take_zone(const json_t *body, char *ret_zone, struct cw_reply *reply)
{
    struct cw_zone *zone = NULL;
    const char *name = NULL;
    int err = 0;

    if (json_object_get(body, "time_zone") != NULL) {
        if (cw_body_text(body, "time_zone", CW_ZONE_NAME_BYTES_MAX, &name) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "time_zone is a name like Europe/Vienna.");
        err = cw_zone_load(name, &zone);
        cw_zone_free(zone);
        if (err != 0)
            return cw_refuse(reply, err == CW_ERR_NOMEM ? err : CW_ERR_NOT_FOUND,
                             "There is no time zone %s; names are like Europe/Vienna.", name);
        snprintf(ret_zone, CW_ZONE_NAME_BYTES_MAX + 1, "%s", name);
    }
    if (ret_zone[0] == '\0')
        snprintf(ret_zone, CW_ZONE_NAME_BYTES_MAX + 1, "UTC");
    return 0;
}

int cw_policy_take_schedule(const json_t *body, char zone[CW_ZONE_NAME_BYTES_MAX + 1],
                            struct cw_schedule *schedule, struct cw_reply *reply)
{
    int err = take_zone(body, zone, reply);

    if (err == 0)
        err = take_list(body, "hours", schedule, cw_hours_parse, "mon-fri 08:00-17:00", reply);
    if (err == 0)
        err = take_list(body, "dates", schedule, cw_dates_parse,
                        "2026-12-24 closed, 2026-12-31 08:00-12:00", reply);
    return err;
}

json_t *cw_policy_id_json(uint32_t id)
{
    return id != 0 ? json_integer((json_int_t)id) : json_null();
}

void cw_policy_apply(struct cw_control *c, unsigned parts)
{
    cw_policies_reload(c, parts);
    cw_policy_changed(c);
    cw_event_changed(c, 0, "policies_changed");
    if ((parts & (CW_POLICIES_GROUPS | CW_POLICIES_ROLES | CW_POLICIES_COPIES)) != 0) {
        cw_jump_groups_changed(c);
        cw_event_jump_items_changed(c);
    }
}

int cw_policy_finish(struct cw_control *c, const struct cw_request *request, int err,
                     unsigned parts, const char *action, const char *object, const char *detail,
                     ...)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char text[CW_AUDIT_DETAIL_BYTES_MAX + 1];
    va_list args;

    va_start(args, detail);
    (void)vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_policy_apply(c, parts);
    return err;
}

int cw_policy_take_invite(struct cw_control *c, const json_t *body, uint32_t *ret,
                          struct cw_reply *reply)
{
    const struct cw_session_policy *policy = NULL;
    const char *member =
        json_object_get(body, "session_policy") != NULL ? "session_policy" : "invite";
    int err = cw_policy_take_id(body, member, ret, reply);

    if (err != 0 || *ret == 0)
        return err;
    policy = cw_policies_session(c, *ret);
    if (policy == NULL)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no session policy with the number %u.",
                         *ret);
    if (!policy->for_invites)
        return cw_refuse(reply, CW_ERR_INVALID, "The session policy \"%s\" is not for invitations.",
                         policy->name);
    return 0;
}
