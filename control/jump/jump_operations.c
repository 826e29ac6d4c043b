/* SPDX-License-Identifier: Apache-2.0 */
/* Jumps, and tokens that enrol new Jump Clients. */
#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/jump/device.h"
#include "control/jump/enrol.h"
#include "control/jump/jump.h"
#include "control/jump/operations.h"
#include "control/jump/waking.h"
#include "control/link/engine_settings.h"
#include "control/policy/jump_check.h"
#include "control/session/event.h"
#include "control/session/people.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"

static int find_item(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     struct cw_jump_detail *ret)
{
    int err = cw_device_detail(c, request->path_id, ret);

    if (err == CW_ERR_NOT_FOUND || (err == 0 && ret->item.is_removed))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Item with the number %u.",
                         request->path_id);
    return err;
}

/* Becomes part of somebody's session, as its policy lets; the others are told. */
static int join_theirs(struct cw_control *c, const struct cw_actor *actor,
                       const struct cw_account *account, struct cw_live_session *session,
                       const uint8_t *holder, struct cw_session_joined *joined)
{
    const struct cw_live_participant *member = cw_live_member(session, account->id);
    char line[CW_NAME_SIZE + 64];
    const struct cw_seating seating = {
        .account = account->id,
        .name = account->display_name,
        .relation = CW_RELATION_INVITED,
        .holder_key = holder,
        .action = "session.join",
        .detail = "by a Jump to the same computer",
        .line = line,
    };

    if (member != NULL)
        return cw_session_join_again(c, actor, session, member, holder, joined);
    snprintf(line, sizeof line, "%s joins: a second Jump to this computer.", account->display_name);
    return cw_session_seat(c, actor, session, &seating, joined);
}

static int check_reachable(struct cw_control *c, const struct cw_jump_detail *detail,
                           struct cw_reply *reply)
{
    const struct cw_jump_item *item = &detail->item;

    if (detail->is_disabled)
        return cw_refuse(reply, CW_ERR_STATE,
                         "The user of %s has disabled it: nobody can Jump to it until its user "
                         "enables it again.",
                         item->name);
    if (cw_device_is_online(c, item->id))
        return cw_engine_refuse_when_draining(c, reply) != 0 ? CW_ERR_FULL : 0;
    /* Changes that were lost end the engine's links, and who is online is told anew. */
    if (!cw_store_is_writable(c->store, NULL))
        return CW_ERR_READ_ONLY;
    if (detail->mode == CW_JUMP_PASSIVE)
        return cw_engine_refuse_when_draining(c, reply) != 0 ? CW_ERR_FULL
                                                             : cw_waking_check(c, detail, reply);
    return cw_refuse(reply, CW_ERR_STATE, "%s is offline.", item->name);
}

/* The session was started; without a waking it is nothing. */
static int wake(struct cw_control *c, const struct cw_actor *actor,
                const struct cw_jump_detail *detail, uint32_t number)
{
    struct cw_live_session *session = NULL;
    int err = cw_waking_begin(c, actor, detail, number);

    session = err != 0 ? cw_live_find(c, number) : NULL;
    if (session != NULL)
        cw_session_end(c, session, actor, CW_CLOSE_INTERNAL, "The computer could not be woken.",
                       true);
    return err;
}

/* Starts a session, or joins one's own, or somebody's where policies let. Rows are large: its frame is its own. */
__attribute__((noinline)) static int jump_to(struct cw_control *c, const struct cw_request *request,
                                             const struct cw_account *account,
                                             const struct cw_jump_detail *detail,
                                             const uint8_t *holder, struct cw_reply *reply,
                                             struct cw_session_joined *joined)
{
    const struct cw_jump_item *item = &detail->item;
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_session_jump how;
    bool is_own = false;
    struct cw_live_session *session = cw_jump_met(c, account->id, item->id, 0, &is_own);
    enum cw_simultaneous simultaneous = CW_SIMULTANEOUS_ANOTHER;
    int err = 0;

    if (session != NULL && is_own)
        return cw_session_join(c, &actor, session, holder, joined);
    err = cw_jump_check(c, request, detail, reply, &how);
    if (err != 0)
        return err;
    session = cw_jump_met(c, account->id, item->id, how.copy, &is_own);
    if (session != NULL)
        simultaneous = cw_jump_simultaneous(c, item->id, how.copy);
    if (session != NULL && simultaneous == CW_SIMULTANEOUS_DISALLOW)
        return cw_refuse(reply, CW_ERR_CONFLICT, "%s is in a session with this computer.",
                         session->row.representative);
    if (session != NULL && simultaneous == CW_SIMULTANEOUS_JOIN)
        return join_theirs(c, &actor, account, session, holder, joined);
    err = check_reachable(c, detail, reply);
    if (err == 0)
        err = cw_session_start_jump(c, &actor, account, item, &how, holder, joined);
    return err == 0 && !cw_device_is_online(c, item->id) ? wake(c, &actor, detail, joined->session)
                                                         : err;
}

int cw_op_jump_item_jump(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_session_joined joined;
    struct cw_jump_detail detail;
    struct cw_account account;
    uint8_t holder[CW_KEY_BYTES];
    int err = find_item(c, request, reply, &detail);

    if (err == 0)
        err = cw_body_only(request->body, "holder_key copy ticket override code attempt credential",
                           reply);
    if (err == 0)
        err = cw_store_account_get(c->store, request->account, &account);
    if (err != 0)
        return err;
    if (cw_body_key(request->body, "holder_key", holder) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "holder_key must be a 32-byte key in base64url.");
    err = jump_to(c, request, &account, &detail, holder, reply, &joined);
    if (err == 0) {
        const struct cw_live_session *session = cw_live_find(c, joined.session);
        reply->json = json_pack("{s:I, s:o}", "session", (json_int_t)joined.session, "ticket",
                                cw_ticket_to_json(joined.ticket));
        if (session != NULL && session->row.started_ms > detail.item.last_access_ms) {
            detail.item.last_access_ms = session->row.started_ms;
            cw_jump_put(c, &detail);
        }
        if (session != NULL && session->wake_ms != 0) {
            (void)json_object_set_new(reply->json, "waking", json_true());
            (void)json_object_set_new(
                reply->json, "wake_s",
                json_integer((json_int_t)cw_option(c, CW_OPTION_JUMP_WAKE_S)));
        }
    }
    return err;
}

int cw_op_enrolment_token_create(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const char *group = "All";
    char name[CW_NAME_SIZE];
    char token[CW_TOKEN_TEXT_BYTES + 1];
    char command[512];
    char identity[65];
    uint32_t group_id = 0;
    uint32_t count = 0;
    uint64_t expires_ms = 0;
    int err = 0;

    if (cw_body_name(request->body, "name", name) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of at most 128 characters.");
    (void)cw_body_text(request->body, "group", CW_NAME_BYTES_MAX, &group);
    err = cw_store_group_find(c->store, group, &group_id);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no Jump Group with that name.");
    if (err == 0)
        err = cw_store_enrolment_token_count(c->store, cw_control_now_unix_ms(c), &count);
    if (err == 0 && count >= CW_ENROLMENT_TOKENS_MAX)
        return cw_refuse(reply, CW_ERR_FULL,
                         "There are %u unused enrolment tokens. Use them, or wait a day.", count);
    if (err == 0)
        err = cw_enrol_make_token(c, &actor, name, group_id, token, &expires_ms);
    if (err != 0)
        return err;
    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "./causeway-client install --token %s%s%s %s", token,
             identity[0] != '\0' ? " --identity " : "", identity, c->host_port);
    reply->json = json_pack("{s:s, s:I, s:s, s:s, s:s}", "token", token, "expires_unix_ms",
                            (json_int_t)expires_ms, "command", command, "identity", identity,
                            "address", c->host_port);
    return 0;
}
