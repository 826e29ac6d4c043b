/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys that representatives make, and the e-mail that invites a customer with one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/engine_settings.h"
#include "control/portal/operations.h"
#include "control/queue/customer_message.h"
#include "control/session/session_key.h"
#include "control/team/team.h"
#include "engine/base/err.h"

enum {
    MAIL_BYTES = CW_CUSTOMER_MESSAGE_BYTES_MAX + 1,
    MAILTO_BYTES = 6 * CW_CUSTOMER_MESSAGE_BYTES_MAX + 64, /* two texts, three bytes for one */
};

/* RFC 6068: everything but letters, digits and a few marks as %XX; lines end with CRLF. */
static size_t escape(const char *text, char *out, size_t size, size_t n)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *text != '\0' && n + 7 <= size; text++) {
        if (*text == '\n')
            n += (size_t)snprintf(out + n, size - n, "%%0D%%0A");
        else if (strchr(plain, *text) != NULL)
            out[n++] = *text;
        else
            n += (size_t)snprintf(out + n, size - n, "%%%02X", (unsigned)(unsigned char)*text);
    }
    out[n] = '\0';
    return n;
}

static void life_text(uint64_t life_s, char *out, size_t size)
{
    static const struct {
        uint64_t s;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};
    size_t i = 0;

    while (i < 2 && life_s % units[i].s != 0)
        i++;
    snprintf(out, size, "%llu %s%s", (unsigned long long)(life_s / units[i].s), units[i].name,
             life_s / units[i].s == 1 ? "" : "s");
}

/* Too large for the stack. */
struct mail {
    char text[MAIL_BYTES];
    char subject[MAIL_BYTES];
    char body[MAIL_BYTES];
    char link[MAILTO_BYTES];
};

/* Subject, text, and the address that opens the representative's own mail program with both. */
static json_t *mail_json(struct cw_control *c, const struct cw_portal *portal, const char *key,
                         const char *url, uint64_t life_s, uint32_t account)
{
    static const char mailto[] = "mailto:?subject=";
    struct cw_account from = {.display_name = ""};
    char portal_url[CW_PORTAL_URL_SIZE];
    char valid[48];
    struct mail *m = malloc(sizeof *m);
    json_t *json = NULL;
    size_t n = 0;
    const struct cw_macro macros[] = {
        {"KEY", key},
        {"URL", url},
        {"PORTAL_URL", portal_url},
        {"VALID", valid},
        {"APPLIANCE", c->name},
        {"REPRESENTATIVE", from.display_name},
        {"PORTAL", portal->row.title[0] != '\0' ? portal->row.title : c->name},
        {NULL, NULL},
    };

    if (m == NULL)
        return NULL;
    (void)cw_store_account_get(c->store, account, &from);
    life_text(life_s, valid, sizeof valid);
    cw_portal_url(c, portal, NULL, NULL, portal_url, sizeof portal_url);
    cw_customer_message_text(c, portal->row.id, CW_CUSTOMER_MESSAGE_INVITE_SUBJECT, m->text);
    cw_macros_replace(m->text, macros, m->subject, sizeof m->subject);
    for (char *at = m->subject; *at != '\0'; at++)
        *at = *at == '\n' ? ' ' : *at;
    cw_customer_message_text(c, portal->row.id, CW_CUSTOMER_MESSAGE_INVITE_BODY, m->text);
    cw_macros_replace(m->text, macros, m->body, sizeof m->body);
    n = (size_t)snprintf(m->link, MAILTO_BYTES, "%s", mailto);
    n = escape(m->subject, m->link, MAILTO_BYTES, n);
    n += (size_t)snprintf(m->link + n, MAILTO_BYTES - n, "&body=");
    (void)escape(m->body, m->link, MAILTO_BYTES, n);
    json = json_pack("{s:s, s:s, s:s}", "subject", m->subject, "body", m->body, "mailto", m->link);
    free(m);
    return json;
}

static int take_life(struct cw_control *c, const json_t *body, uint64_t *ret_life_s,
                     struct cw_reply *reply)
{
    const json_t *life = json_object_get(body, "life_s");
    const uint64_t most_s = cw_option(c, CW_OPTION_SESSION_KEY_MOST_S);
    const uint64_t usual_s = cw_option(c, CW_OPTION_SESSION_KEY_S);

    *ret_life_s = usual_s < most_s ? usual_s : most_s;
    if (life == NULL)
        return 0;
    *ret_life_s = json_integer_value(life) > 0 ? (uint64_t)json_integer_value(life) : 0;
    return *ret_life_s >= CW_SESSION_KEY_LIFE_S_MIN && *ret_life_s <= most_s
               ? 0
               : cw_refuse(reply, CW_ERR_INVALID,
                           "life_s must be a whole number of seconds from %d to %llu, which is "
                           "the longest that the administrator allows.",
                           CW_SESSION_KEY_LIFE_S_MIN, (unsigned long long)most_s);
}

/* For whom the key is: the caller, or whom a program names, who must be able to make one himself. */
static int take_account(struct cw_control *c, const struct cw_request *request,
                        uint32_t *ret_account, struct cw_reply *reply)
{
    struct cw_account account;
    uint64_t id = 0;
    int err = 0;

    *ret_account = request->account;
    if (request->front == CW_FRONT_HTTP)
        return json_object_get(request->body, "account") == NULL
                   ? 0
                   : cw_refuse(reply, CW_ERR_INVALID, "Only a program names the account.");
    if (cw_body_number(request->body, "account", 1, UINT32_MAX, &id) != 0 || id == 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "account must be the number of the account whose customer comes.");
    err = cw_store_account_get(c->store, (uint32_t)id, &account);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no account with the number %u.", (uint32_t)id);
    if (err == 0 && !cw_right_has(c, account.id, CW_RIGHT_GENERATE_SESSION_KEY))
        return cw_refuse(reply, CW_ERR_DENIED, "\"%s\" is disabled or may not %s (%s).",
                         account.user, cw_right_allows(CW_RIGHT_GENERATE_SESSION_KEY),
                         cw_right_name(CW_RIGHT_GENERATE_SESSION_KEY));
    *ret_account = (uint32_t)id;
    return err;
}

static int take_team(struct cw_control *c, const struct cw_request *request, uint32_t account,
                     uint32_t *ret_team, struct cw_reply *reply)
{
    uint64_t team = 0;

    if (cw_body_number(request->body, "team", 1, UINT32_MAX, &team) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "team must be the number of a team.");
    if (team != 0 && cw_team_role_of(c, (uint32_t)team, account) == CW_TEAM_NONE)
        return cw_refuse(reply, CW_ERR_DENIED,
                         "Keys are made only for teams that one is in, and team %u is none of "
                         "those.",
                         (uint32_t)team);
    *ret_team = (uint32_t)team;
    return 0;
}

int cw_op_session_key_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const struct cw_portal *portal = NULL;
    struct cw_session_key key = {.account = 0};
    char text[CW_SESSION_KEY_TEXT_BYTES];
    char url[CW_PORTAL_URL_SIZE];
    uint64_t life_s = 0;
    uint32_t count = 0;
    int err = 0;

    if (cw_engine_refuse_when_draining(c, reply) != 0)
        return CW_ERR_FULL;
    err = take_life(c, request->body, &life_s, reply);
    if (err == 0)
        err = take_account(c, request, &key.account, reply);
    if (err == 0)
        err = take_team(c, request, key.account, &key.team, reply);
    if (err == 0)
        err = cw_portal_take(c, request->body, &portal, reply);
    if (err == 0)
        err = cw_store_session_key_count(c->store, key.account, cw_control_now_unix_ms(c), &count);
    if (err == 0 && count >= CW_SESSION_KEYS_PER_ACCOUNT_MAX) {
        reply->retry_after_s = CW_SESSION_KEY_LIFE_S;
        return cw_refuse(reply, CW_ERR_FULL,
                         "%u session keys are unused already. Wait until some expire.", count);
    }
    if (err != 0)
        return err;
    key.portal = portal->row.id;
    err = cw_session_key_make(c, &actor, &key, life_s, text);
    if (err != 0)
        return err;
    cw_portal_url(c, portal, "key", text, url, sizeof url);
    reply->json = json_pack("{s:s, s:I, s:s, s:o}", "key", text, "expires_unix_ms",
                            (json_int_t)key.expires_ms, "url", url, "email",
                            mail_json(c, portal, text, url, life_s, key.account));
    return 0;
}
