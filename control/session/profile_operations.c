/* SPDX-License-Identifier: Apache-2.0 */
/* Security profiles of external invitations: what somebody from outside may do at most. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/policy/policy_body.h"
#include "control/session/operations.h"
#include "control/store/store_share.h"
#include "engine/base/err.h"

static const struct {
    const char *name;
    uint64_t permission;
} permissions[] = {
    {"chat", CW_PERMIT(CHAT)},
    {"view_screen", CW_PERMIT(VIEW_SCREEN)},
    {"control_input", CW_PERMIT(CONTROL_INPUT)},
    {"shell", CW_PERMIT(SHELL)},
    {"clipboard", CW_PERMIT(CLIPBOARD)},
    {"system", CW_PERMIT(SYSTEM)},
    {"file", CW_PERMIT(FILE)},
    {"tunnel", CW_PERMIT(TUNNEL)},
};

enum { PERMISSION_COUNT = sizeof permissions / sizeof permissions[0] };

static int list_profile(void *user, const struct cw_invite_profile *profile)
{
    json_t *names = json_array();

    for (unsigned i = 0; i < PERMISSION_COUNT; i++)
        if ((profile->permissions & permissions[i].permission) != 0)
            (void)json_array_append_new(names, json_string(permissions[i].name));
    return json_array_append_new(
               user, json_pack("{s:I, s:s, s:o, s:o}", "id", (json_int_t)profile->id, "name",
                               profile->name, "permissions", names, "session_policy",
                               profile->session_policy != 0
                                   ? json_integer((json_int_t)profile->session_policy)
                                   : json_null())) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_invite_profile_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_invite_profile_each(c->store, 0, list_profile, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "profiles", rows);
    return err;
}

/* "chat view_screen", words with a blank between them. */
static int take_permissions(const char *text, uint64_t *ret_mask, struct cw_reply *reply)
{
    *ret_mask = 0;
    while (*text != '\0') {
        const size_t n = strcspn(text, " ");
        unsigned i = 0;
        while (i < PERMISSION_COUNT &&
               (strlen(permissions[i].name) != n || memcmp(permissions[i].name, text, n) != 0))
            i++;
        if (i == PERMISSION_COUNT)
            return cw_refuse(reply, CW_ERR_INVALID,
                             "permissions are words out of: chat view_screen control_input shell "
                             "clipboard system file tunnel.");
        *ret_mask |= permissions[i].permission;
        text += n;
        text += strspn(text, " ");
    }
    return 0;
}

static int count_profile(void *user, const struct cw_invite_profile *profile)
{
    (void)profile;
    ++*(unsigned *)user;
    return 0;
}

int cw_op_invite_profile_create(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_invite_profile profile = {.id = 0};
    const char *text = "";
    unsigned count = 0;
    int err = cw_body_only(request->body, "name permissions session_policy", reply);

    if (err == 0 &&
        (cw_body_name(request->body, "name", profile.name) != 0 || profile.name[0] == '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID, "A profile needs a name of one line.");
    if (err == 0 && cw_body_lines(request->body, "permissions", 200, &text) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "permissions must be words.");
    if (err == 0)
        err = take_permissions(text, &profile.permissions, reply);
    if (err == 0)
        err = cw_policy_take_invite(c, request->body, &profile.session_policy, reply);
    if (err == 0)
        err = cw_store_invite_profile_each(c->store, 0, count_profile, &count);
    if (err == 0 && count >= CW_INVITE_PROFILES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u profiles already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_invite_profile_add(c->store, &profile);
    if (err == 0)
        err = cw_audit(c, &actor, "invite_profile.create", profile.name, "ok", "%s", text);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is a profile named \"%s\" already.", profile.name);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)profile.id);
    return err;
}

int cw_op_invite_profile_remove(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "profile %u", request->path_id);
    err = cw_store_invite_profile_remove(c->store, request->path_id);
    if (err == 0)
        err = cw_audit(c, &actor, "invite_profile.remove", object, "ok", "removed");
    err = cw_store_end(c->store, err);
    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no profile with the number %u.", request->path_id)
               : err;
}
