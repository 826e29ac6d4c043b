/* SPDX-License-Identifier: Apache-2.0 */
/* How customers come in: with a one-time key, or with a Support Button again and again. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/button/operations.h"
#include "control/portal/operations.h"
#include "control/queue/customer_message.h"
#include "control/session/session_key.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

static int look_up(struct cw_control *c, const json_t *secret, struct cw_session_key *ret_key)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_button button;
    struct cw_issue issue = {.team = 0};
    uint8_t hash[CW_SHA256_BYTES];
    int err = CW_ERR_NOT_FOUND;

    if (json_string_length(secret) == CW_TOKEN_TEXT_BYTES)
        err = cw_secret_hash("causeway support button v1", json_string_value(secret),
                             CW_TOKEN_TEXT_BYTES, hash);
    if (err == 0)
        err = cw_store_button_find(c->store, hash, &button);
    if (err == 0 &&
        (button.revoked_ms != 0 || (button.expires_ms != 0 && now_ms >= button.expires_ms)))
        err = CW_ERR_EXPIRED;
    if (err == 0 && button.issue != 0)
        err = cw_store_issue_get(c->store, button.issue, &issue);
    if (err != 0)
        return err;
    *ret_key = (struct cw_session_key){
        .account = button.account,
        .team = button.issue != 0 ? issue.team : button.team,
        .issue = button.issue,
        .portal = cw_portal_or_default(c, button.portal)->row.id,
        .button = button.id,
    };
    return 0;
}

int cw_button_check(struct cw_control *c, const struct cw_actor *actor, const char *action,
                    const json_t *secret, struct cw_session_key *ret_key, uint32_t *ret_wait_s)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint32_t wait_s = cw_budget_wait_s(&c->budget, CW_BUDGET_KEY, actor->source, now_ms);
    int err = 0;

    if (wait_s > 0) {
        *ret_wait_s = wait_s;
        if (cw_budget_may_audit(&c->budget, actor->source, "TOO_MANY_TRIES", now_ms))
            cw_audit_refused(c, actor, action, "", "TOO_MANY_TRIES", "wait %u s", wait_s);
        return CW_ERR_FULL;
    }
    err = look_up(c, secret, ret_key);
    if (err != CW_ERR_NOT_FOUND && err != CW_ERR_EXPIRED)
        return err;
    cw_budget_charge(&c->budget, CW_BUDGET_KEY, actor->source, now_ms);
    cw_audit_refused(c, actor, action, "", cw_close_name(CW_CLOSE_SUPPORT_BUTTON_WRONG), "%s",
                     cw_close_text(CW_CLOSE_SUPPORT_BUTTON_WRONG));
    return err;
}

/* A button that is pressed all the time would fill a queue. */
static bool is_pressed_too_often(struct cw_control *c, const struct cw_actor *actor)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);

    if (cw_budget_wait_s(&c->budget, CW_BUDGET_ISSUE, actor->source, now_ms) > 0)
        return true;
    cw_budget_charge(&c->budget, CW_BUDGET_ISSUE, actor->source, now_ms);
    return false;
}

/* Outside the portal's hours only keys are taken. */
static bool is_closed(struct cw_control *c, struct cw_entrance *e)
{
    const struct cw_portal *portal = cw_portal_or_default(c, e->key.portal);
    uint64_t opens_ms = 0;
    char opens[160];

    if (cw_portal_is_open(portal, cw_control_now_unix_ms(c), &opens_ms))
        return false;
    cw_portal_opens_text(portal, opens_ms, opens, sizeof opens);
    snprintf(e->message, sizeof e->message, "%s %s", cw_close_text(CW_CLOSE_PORTAL_CLOSED), opens);
    return true;
}

static uint16_t check_terms(struct cw_control *c, const struct cw_actor *actor, const json_t *body,
                            struct cw_entrance *e)
{
    bool has_agreed = false;

    cw_customer_message_text(c, e->key.portal, CW_CUSTOMER_MESSAGE_AGREEMENT, e->agreement);
    if (e->agreement[0] == '\0' || e->key.agreed_ms != 0)
        return CW_CLOSE_OK;
    if (cw_body_bool(body, "agreed", &has_agreed) != 0)
        return CW_CLOSE_MALFORMED;
    if (!has_agreed)
        return CW_CLOSE_AGREEMENT;
    e->key.agreed_ms = cw_control_now_unix_ms(c);
    return cw_portal_agree(c, actor, &e->key) == 0 ? CW_CLOSE_OK : CW_CLOSE_UNAVAILABLE;
}

static uint16_t check_button(struct cw_control *c, const struct cw_actor *actor,
                             const json_t *secret, struct cw_entrance *e)
{
    uint32_t wait_s = 0;
    int err = cw_button_check(c, actor, "support_button.use", secret, &e->key, &wait_s);

    if (err == CW_ERR_FULL)
        return CW_CLOSE_TOO_MANY_TRIES;
    if (err == 0)
        err = cw_portal_key_for(c, &e->key, e->representative, sizeof e->representative);
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_EXPIRED)
        return CW_CLOSE_SUPPORT_BUTTON_WRONG;
    if (err != 0)
        return CW_CLOSE_INTERNAL;
    return is_closed(c, e) ? CW_CLOSE_PORTAL_CLOSED : CW_CLOSE_OK;
}

uint16_t cw_entrance_check(struct cw_control *c, const struct cw_actor *actor, const json_t *body,
                           struct cw_entrance *ret)
{
    const json_t *key = json_object_get(body, "key");
    const json_t *button = json_object_get(body, "button");
    uint16_t code = CW_CLOSE_OK;
    uint32_t wait_s = 0;
    int err = 0;

    *ret = (struct cw_entrance){.message = ""};
    if (json_is_string(key) == json_is_string(button))
        return CW_CLOSE_MALFORMED;
    if (button != NULL) {
        code = check_button(c, actor, button, ret);
    } else {
        err = cw_session_key_check(c, actor, "session_key.use", json_string_value(key),
                                   json_string_length(key), &ret->key, &wait_s);
        if (err == 0)
            err = cw_portal_key_for(c, &ret->key, ret->representative, sizeof ret->representative);
        if (err != 0)
            code = cw_session_key_code(err);
    }
    if (code == CW_CLOSE_OK)
        code = check_terms(c, actor, body, ret);
    if (code == CW_CLOSE_OK && button != NULL && is_pressed_too_often(c, actor))
        code = CW_CLOSE_TOO_MANY_TRIES;
    return code;
}
