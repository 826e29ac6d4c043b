/* SPDX-License-Identifier: Apache-2.0 */
/* A customer who has only a browser is asked to go on with the full client. */
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/portal/operations.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "control/session/session_key.h"
#include "engine/base/err.h"

/* The customer's page gets what the caller gets, and who asks. */
static void send_offer(struct cw_live_session *session, json_t *offer)
{
    const struct cw_live_participant *source = cw_live_source(session);
    json_t *body = json_copy(offer);
    char *text = NULL;

    if (body != NULL &&
        json_object_set_new(body, "representative", json_string(session->row.representative)) == 0)
        text = json_dumps(body, JSON_COMPACT);
    if (text != NULL && source != NULL && strlen(text) <= CW_CLIENT_OFFER_BYTES_MAX)
        cw_send(session, source->row.number, CW_MESSAGE_CLIENT_OFFER, text, strlen(text));
    free(text);
    json_decref(body);
}

static int check_offer(struct cw_control *c, struct cw_live_session *session,
                       struct cw_reply *reply)
{
    uint32_t count = 0;
    int err = 0;

    if (session->row.state != CW_SESSION_ACTIVE)
        return cw_refuse(reply, CW_ERR_STATE, "This session still waits: accept it first.");
    if (!cw_session_is_browser(session))
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         session->row.kind == CW_SESSION_JUMP
                             ? "This is a session with a Jump Item: no customer sits there."
                             : "The customer uses the full client already.");
    err = cw_store_session_key_count(c->store, session->row.account, cw_control_now_unix_ms(c),
                                     &count);
    if (err == 0 && count >= CW_SESSION_KEYS_PER_ACCOUNT_MAX) {
        reply->retry_after_s = CW_SESSION_KEY_LIFE_S;
        return cw_refuse(reply, CW_ERR_FULL,
                         "%u session keys are unused already. Wait until some expire.", count);
    }
    return err;
}

int cw_op_session_offer_client(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_live_session *session = NULL;
    const struct cw_portal *portal = NULL;
    struct cw_session_key key = {.account = 0};
    char text[CW_SESSION_KEY_TEXT_BYTES];
    char url[CW_PORTAL_URL_SIZE];
    int err = cw_session_owned(c, request, reply, &session);

    if (err == 0)
        err = check_offer(c, session, reply);
    if (err != 0)
        return err;
    portal = cw_portal_or_default(c, session->row.portal);
    key.account = session->row.account;
    key.portal = portal->row.id;
    key.agreed_ms = cw_control_now_unix_ms(c); /* the customer is in the session already */
    key.continues = session->row.id;
    err = cw_session_key_make(c, &actor, &key, CW_SESSION_KEY_LIFE_S, text);
    if (err != 0)
        return err;
    cw_portal_url(c, portal, "key", text, url, sizeof url);
    reply->json =
        json_pack("{s:s, s:s, s:o, s:s, s:I}", "key", text, "url", url, "command",
                  cw_portal_command_json(c, "key", text), "download", "/download/causeway-client",
                  "expires_unix_ms", (json_int_t)key.expires_ms);
    send_offer(session, reply->json);
    cw_session_note(c, session, &actor, "session.offer_client",
                    "The customer is asked to go on with the full client.");
    return 0;
}
