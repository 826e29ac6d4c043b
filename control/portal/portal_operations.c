/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys: made by a representative, checked by a customer at the portal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/engine_settings.h"
#include "control/session/session_key.h"
#include "control/team/team.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

void cw_identity_hex(struct cw_control *c, char *ret_hex)
{
    if (c->config.read_identity == NULL || c->config.read_identity(c->config.user, ret_hex) < 0)
        ret_hex[0] = '\0';
}

int cw_op_session_key_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const json_t *life = json_object_get(request->body, "life_s");
    json_int_t life_s = CW_SESSION_KEY_LIFE_S;
    uint64_t team = 0;
    char key[CW_SESSION_KEY_TEXT_BYTES];
    char url[sizeof c->first_origin + 32];
    uint64_t expires_ms = 0;
    uint32_t count = 0;
    int err =
        cw_store_session_key_count(c->store, request->account, cw_control_now_unix_ms(c), &count);

    if (cw_engine_refuse_when_draining(c, reply) != 0)
        return CW_ERR_FULL;
    if (life != NULL)
        life_s = json_integer_value(life);
    if (life_s < CW_SESSION_KEY_LIFE_S_MIN || life_s > CW_SESSION_KEY_LIFE_S_MAX)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "life_s must be a whole number of seconds from %d to %d.",
                         CW_SESSION_KEY_LIFE_S_MIN, CW_SESSION_KEY_LIFE_S_MAX);
    if (cw_body_number(request->body, "team", 1, UINT32_MAX, &team) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "team must be the number of a team.");
    if (team != 0 && cw_team_role_of(c, (uint32_t)team, request->account) == CW_TEAM_NONE)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "You are not in team %u, and make keys only for teams you are in.",
                         (uint32_t)team);
    if (err == 0 && count >= CW_SESSION_KEYS_PER_ACCOUNT_MAX) {
        reply->retry_after_s = CW_SESSION_KEY_LIFE_S;
        return cw_refuse(reply, CW_ERR_FULL,
                         "You have %u unused session keys. Wait until some expire.", count);
    }
    if (err == 0)
        err = cw_session_key_make(c, &actor, request->account, (uint32_t)team, (uint64_t)life_s,
                                  key, &expires_ms);
    if (err != 0)
        return err;
    snprintf(url, sizeof url, "%s/?key=%s", c->first_origin, key);
    reply->json = json_pack("{s:s, s:I, s:s}", "key", key, "expires_unix_ms",
                            (json_int_t)expires_ms, "url", url);
    return 0;
}

/* Groups of four again, however it was typed. */
static void canonical(const char *text, size_t text_bytes, char *out)
{
    char plain[CW_SESSION_KEY_CHARACTERS + 1] = {0};

    if (cw_base32_normalise(text, text_bytes, plain, CW_SESSION_KEY_CHARACTERS) != 0)
        plain[0] = '\0';
    snprintf(out, CW_SESSION_KEY_TEXT_BYTES, "%.4s-%.4s-%.2s", plain, plain + 4, plain + 8);
}

int cw_op_portal_check_key(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_named("customer", request->source);
    const json_t *entered = json_object_get(request->body, "key");
    const char *text = json_string_value(entered);
    struct cw_session_key key;
    struct cw_account account;
    char shown[CW_SESSION_KEY_TEXT_BYTES];
    char command[512];
    char identity[65];
    int err = 0;

    if (cw_engine_refuse_when_draining(c, reply) != 0)
        return CW_ERR_FULL;
    if (text == NULL || text[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "Enter the session key you were given.");
    err = cw_session_key_check(c, &actor, "portal.check_key", text, json_string_length(entered),
                               &key, &reply->retry_after_s);
    if (err == 0)
        err = cw_store_account_get(c->store, key.account, &account);
    if (err == 0 && !account.is_enabled)
        err = CW_ERR_EXPIRED;
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_EXPIRED || err == CW_ERR_USED ||
        err == CW_ERR_FULL)
        return cw_refuse(reply, err, "%s", cw_close_text(cw_session_key_code(err)));
    if (err != 0)
        return err;
    canonical(text, json_string_length(entered), shown);
    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "./causeway-client --key %s%s%s %s", shown,
             identity[0] != '\0' ? " --identity " : "", identity, c->host_port);
    reply->json =
        json_pack("{s:b, s:s, s:s, s:s}", "valid", 1, "representative", account.display_name,
                  "command", command, "download", "/download/causeway-client");
    return 0;
}

int cw_op_portal_info(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    char path[600];
    char identity[65];
    bool is_available = false;

    (void)request;
    if (c->config.download_dir != NULL) {
        snprintf(path, sizeof path, "%s/causeway-client", c->config.download_dir);
        is_available = access(path, R_OK) == 0;
    }
    cw_identity_hex(c, identity);
    reply->json = json_pack("{s:s, s:s, s:s, s:b}", "name", c->name, "identity", identity,
                            "version", c->version, "download_available", is_available);
    return 0;
}
