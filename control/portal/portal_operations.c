/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody may ask a portal for: what it shows, whether a key is good, and help with an issue. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/audit/audit.h"
#include "control/link/engine_settings.h"
#include "control/portal/operations.h"
#include "control/portal/visit.h"
#include "control/queue/customer_message.h"
#include "control/queue/desk.h"
#include "control/session/session_key.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

void cw_identity_hex(struct cw_control *c, char *ret_hex)
{
    if (c->config.read_identity == NULL || c->config.read_identity(c->config.user, ret_hex) < 0)
        ret_hex[0] = '\0';
}

/* The portal of the member "portal", or the one that answers for the address that was asked. */
static int portal_asked(struct cw_control *c, const struct cw_request *request,
                        const struct cw_portal **ret, struct cw_reply *reply)
{
    const json_t *value = json_object_get(request->body, "portal");

    *ret = NULL;
    if (value == NULL)
        *ret = cw_portal_of_host(c, request->host != NULL ? request->host : "");
    else if (json_is_string(value))
        *ret = cw_portal_of_code(c, json_string_value(value), json_string_length(value));
    return *ret != NULL ? 0
                        : cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no portal at this address.");
}

/* ---- what it shows --------------------------------------------------------------------------- */

static int list_notice(void *user, const struct cw_notice *n)
{
    return json_array_append_new(user, json_pack("{s:s}", "text", n->text)) == 0 ? 0 : CW_ERR_NOMEM;
}

static int list_issue(void *user, const struct cw_issue *issue)
{
    return json_array_append_new(
               user, json_pack("{s:s, s:s}", "code", issue->code, "name", issue->name)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

struct people {
    struct cw_queue_model *model;
    json_t *rows;
};

static bool is_available(struct cw_queue_model *m, uint32_t account)
{
    const struct cw_queue_rep *rep = cw_queue_rep_find(m, account);

    return rep != NULL && rep->is_present && rep->availability == CW_AVAILABLE;
}

static int list_person(void *user, uint32_t account, const char *name)
{
    struct people *p = user;

    if (!is_available(p->model, account) ||
        json_array_size(p->rows) >= CW_PORTAL_REPRESENTATIVES_MAX)
        return 0;
    return json_array_append_new(
               p->rows, json_pack("{s:I, s:s}", "id", (json_int_t)account, "name", name)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

static json_t *message_json(struct cw_control *c, const struct cw_portal *portal,
                            enum cw_customer_message which)
{
    char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];

    cw_customer_message_text(c, portal->row.id, which, text);
    return json_string(text);
}

int cw_portal_add_terms(struct cw_control *c, const struct cw_portal *portal, json_t *json)
{
    json_t *notices = json_array();
    int err = cw_store_notice_now(c->store, portal->row.id, cw_control_now_unix_ms(c),
                                  CW_NOTICES_SHOWN_MAX, list_notice, notices);

    json_object_set_new(json, "notices", notices);
    json_object_set_new(json, "agreement", message_json(c, portal, CW_CUSTOMER_MESSAGE_AGREEMENT));
    json_object_set_new(
        json, "recording_is_own",
        json_boolean(cw_customer_message_is_own(c, portal->row.id, CW_CUSTOMER_MESSAGE_RECORDING)));
    json_object_set_new(json, "recording",
                        c->recording != CW_RECORDING_OFF
                            ? message_json(c, portal, CW_CUSTOMER_MESSAGE_RECORDING)
                            : json_string(""));
    return err;
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static void add_hours(struct cw_control *c, const struct cw_portal *portal, json_t *json)
{
    uint64_t opens_ms = 0;
    const bool is_open = cw_portal_is_open(portal, cw_control_now_unix_ms(c), &opens_ms);
    char text[160] = "";

    if (!is_open)
        cw_portal_opens_text(portal, opens_ms, text, sizeof text);
    json_object_set_new(json, "is_open", json_boolean(is_open));
    json_object_set_new(json, "opens_unix_ms",
                        opens_ms != 0 ? json_integer((json_int_t)opens_ms) : json_null());
    json_object_set_new(json, "opens", json_string(text));
    json_object_set_new(
        json, "closed_is_own",
        json_boolean(cw_customer_message_is_own(c, portal->row.id, CW_CUSTOMER_MESSAGE_CLOSED)));
    json_object_set_new(json, "closed",
                        is_open ? json_string("")
                                : message_json(c, portal, CW_CUSTOMER_MESSAGE_CLOSED));
}

/* Those lists that it shows, and none while it is closed. */
static int add_lists(struct cw_control *c, const struct cw_portal *portal, json_t *json)
{
    const bool is_open = cw_portal_is_open(portal, cw_control_now_unix_ms(c), NULL);
    json_t *issues = json_array();
    struct people people = {.model = cw_desk_model(c), .rows = json_array()};
    int err = 0;

    if (is_open && (portal->row.shows & CW_PORTAL_ISSUES) != 0)
        err = cw_store_portal_issue_each(c->store, portal->row.id, list_issue, issues);
    if (err == 0 && is_open && (portal->row.shows & CW_PORTAL_REPRESENTATIVES) != 0)
        err = cw_store_portal_person_each(c->store, 0, list_person, &people);
    json_object_set_new(json, "issues", issues);
    json_object_set_new(json, "representatives", people.rows);
    return err;
}

static bool has_download(struct cw_control *c)
{
    char path[600];

    if (c->config.download_dir == NULL)
        return false;
    snprintf(path, sizeof path, "%s/causeway-client", c->config.download_dir);
    return access(path, R_OK) == 0;
}

int cw_op_portal_info(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    const struct cw_portal *portal = NULL;
    char identity[65];
    char logo[CW_LOGO_PATH_SIZE];
    json_t *shown = NULL;
    int err = cw_body_only(request->body, "portal", reply);

    if (err == 0)
        err = portal_asked(c, request, &portal, reply);
    if (err != 0)
        return err;
    cw_identity_hex(c, identity);
    cw_portal_logo_path(portal, logo, sizeof logo);
    shown = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:b}", "code",
                      portal->row.code, "title", portal->row.title, "text", portal->row.text,
                      "accent", text_or_null(portal->row.accent), "background",
                      text_or_null(portal->row.background), "foreground",
                      text_or_null(portal->row.foreground), "logo", text_or_null(logo), "show_keys",
                      (portal->row.shows & CW_PORTAL_KEYS) != 0, "show_issues",
                      (portal->row.shows & CW_PORTAL_ISSUES) != 0, "show_representatives",
                      (portal->row.shows & CW_PORTAL_REPRESENTATIVES) != 0);
    add_hours(c, portal, shown);
    err = add_lists(c, portal, shown);
    if (err == 0)
        err = cw_portal_add_terms(c, portal, shown);
    reply->json =
        json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", c->name, "identity", identity, "version",
                  c->version, "download_available", has_download(c), "portal", shown);
    return err;
}

/* ---- keys ------------------------------------------------------------------------------------ */

int cw_portal_key_for(struct cw_control *c, const struct cw_session_key *key, char *ret_name,
                      size_t size)
{
    struct cw_account account;
    struct cw_team team;
    int err = 0;

    if (key->account != 0) {
        err = cw_store_account_get(c->store, key->account, &account);
        if (err == 0 && account.is_enabled) {
            snprintf(ret_name, size, "%s", account.display_name);
            return 0;
        }
    } else if (key->team != 0) {
        err = cw_store_team_get(c->store, key->team, &team);
        if (err == 0) {
            snprintf(ret_name, size, "%s", team.name);
            return 0;
        }
    }
    return err == 0 || err == CW_ERR_NOT_FOUND ? CW_ERR_EXPIRED : err;
}

/* Groups of four again, however it was typed. */
static void canonical(const char *text, size_t text_bytes, char *out)
{
    char plain[CW_SESSION_KEY_CHARACTERS + 1] = {0};

    if (cw_base32_normalise(text, text_bytes, plain, CW_SESSION_KEY_CHARACTERS) != 0)
        plain[0] = '\0';
    snprintf(out, CW_SESSION_KEY_TEXT_BYTES, "%.4s-%.4s-%.2s", plain, plain + 4, plain + 8);
}

json_t *cw_portal_command_json(struct cw_control *c, const char *option, const char *value)
{
    char identity[65];
    char command[512];

    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "./causeway-client --%s %s%s%s %s", option, value,
             identity[0] != '\0' ? " --identity " : "", identity, c->host_port);
    return json_string(command);
}

int cw_portal_agree(struct cw_control *c, const struct cw_actor *actor,
                    const struct cw_session_key *key)
{
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "portal %u", key->portal);
    if (key->id != 0)
        err = cw_store_session_key_agree(c->store, key->id, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, actor, "agreement.accept", object, "ok", "%s %u",
                       key->id != 0 ? "session key" : "Support Button",
                       key->id != 0 ? key->id : key->button);
    return cw_store_end(c->store, err);
}

int cw_op_portal_check_key(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_named("customer", request->source);
    const json_t *entered = json_object_get(request->body, "key");
    const char *text = json_string_value(entered);
    const struct cw_portal *portal = NULL;
    struct cw_session_key key;
    char shown[CW_SESSION_KEY_TEXT_BYTES];
    char name[CW_NAME_SIZE];
    bool has_agreed = false;
    int err = 0;

    if (cw_engine_refuse_when_draining(c, reply) != 0)
        return CW_ERR_FULL;
    if (text == NULL || text[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "Enter the session key you were given.");
    if (cw_body_bool(request->body, "agreed", &has_agreed) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "agreed is true or false.");
    err = cw_session_key_check(c, &actor, "portal.check_key", text, json_string_length(entered),
                               &key, &reply->retry_after_s);
    if (err == 0)
        err = cw_portal_key_for(c, &key, name, sizeof name);
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_EXPIRED || err == CW_ERR_USED ||
        err == CW_ERR_FULL)
        return cw_refuse(reply, err, "%s", cw_close_text(cw_session_key_code(err)));
    if (err == 0 && has_agreed && key.agreed_ms == 0)
        err = cw_portal_agree(c, &actor, &key);
    if (err != 0)
        return err;
    canonical(text, json_string_length(entered), shown);
    portal = cw_portal_or_default(c, key.portal);
    reply->json =
        json_pack("{s:b, s:s, s:s, s:o, s:s, s:s, s:b, s:I, s:o}", "valid", 1, "key", shown,
                  "representative", name, "command", cw_portal_command_json(c, "key", shown),
                  "download", "/download/causeway-client", "portal", portal->row.code, "agreed",
                  has_agreed || key.agreed_ms != 0, "expires_unix_ms", (json_int_t)key.expires_ms,
                  "visit", cw_visit_token_json(c, CW_VISIT_KEY, key.id));
    return cw_portal_add_terms(c, portal, reply->json);
}

/* ---- issues ---------------------------------------------------------------------------------- */

static int take_customer(const json_t *body, struct cw_session_key *key, struct cw_reply *reply)
{
    const struct {
        const char *member;
        char *to;
        size_t bytes_max;
        bool is_line;
    } texts[] = {{"company", key->company, sizeof key->company - 1, true},
                 {"code", key->company_code, sizeof key->company_code - 1, true},
                 {"description", key->description, sizeof key->description - 1, false}};

    if (cw_body_name(body, "name", key->customer) != 0 || key->customer[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "Enter your name, in at most 128 characters.");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = "";
        if (cw_body_lines(body, texts[i].member, texts[i].bytes_max, &text) != 0 ||
            (texts[i].is_line && strchr(text, '\n') != NULL))
            return cw_refuse(reply, CW_ERR_INVALID, "%s is a text of at most %zu bytes.",
                             texts[i].member, texts[i].bytes_max);
        snprintf(texts[i].to, texts[i].bytes_max + 1, "%s", text);
    }
    return 0;
}

struct wanted {
    const char *code;
    struct cw_issue issue;
    uint32_t account;
    bool is_found;
};

static int find_issue(void *user, const struct cw_issue *issue)
{
    struct wanted *w = user;

    if (strcmp(issue->code, w->code) == 0) {
        w->issue = *issue;
        w->is_found = true;
    }
    return 0;
}

static int find_person(void *user, uint32_t account, const char *name)
{
    struct wanted *w = user;

    (void)name;
    w->is_found = account == w->account;
    return 0;
}

/* Only what the portal shows can be asked for. */
static int take_wish(struct cw_control *c, const json_t *body, const struct cw_portal *portal,
                     struct cw_session_key *key, struct cw_reply *reply)
{
    struct wanted w = {.code = json_string_value(json_object_get(body, "issue"))};
    uint64_t account = 0;
    int err = 0;

    if (cw_body_number(body, "representative", 1, UINT32_MAX, &account) != 0 ||
        (account == 0) == (w.code == NULL))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "Choose an issue or a representative that the portal shows.");
    w.account = (uint32_t)account;
    if (w.code != NULL && (portal->row.shows & CW_PORTAL_ISSUES) != 0)
        err = cw_store_portal_issue_each(c->store, portal->row.id, find_issue, &w);
    if (w.account != 0 && (portal->row.shows & CW_PORTAL_REPRESENTATIVES) != 0 &&
        is_available(cw_desk_model(c), w.account))
        err = cw_store_portal_person_each(c->store, w.account, find_person, &w);
    if (err == 0 && !w.is_found)
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         w.account != 0 ? "This representative is not available any more."
                                        : "This issue cannot be chosen here any more.");
    key->account = w.account;
    key->team = w.code != NULL ? w.issue.team : 0;
    key->issue = w.code != NULL ? w.issue.id : 0;
    return err;
}

/* Each request is charged: a good one makes a key. */
static int take_budget(struct cw_control *c, const struct cw_actor *actor, struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint32_t wait_s = cw_budget_wait_s(&c->budget, CW_BUDGET_ISSUE, actor->source, now_ms);

    if (wait_s == 0)
        wait_s = cw_budget_wait_s(&c->budget, CW_BUDGET_ISSUE_GLOBAL, "", now_ms);
    if (wait_s == 0) {
        cw_budget_charge(&c->budget, CW_BUDGET_ISSUE, actor->source, now_ms);
        cw_budget_charge(&c->budget, CW_BUDGET_ISSUE_GLOBAL, "", now_ms);
        return 0;
    }
    reply->retry_after_s = wait_s;
    if (cw_budget_may_audit(&c->budget, actor->source, "TOO_MANY_ISSUES", now_ms))
        cw_audit_refused(c, actor, "portal.submit_issue", "", "TOO_MANY_TRIES", "wait %u s",
                         wait_s);
    return cw_refuse(reply, CW_ERR_FULL,
                     "Too many requests for help came from your address. Wait a moment.");
}

static int refuse_closed(struct cw_control *c, const struct cw_portal *portal,
                         struct cw_reply *reply)
{
    uint64_t opens_ms = 0;
    char opens[160];

    if (cw_portal_is_open(portal, cw_control_now_unix_ms(c), &opens_ms))
        return 0;
    cw_portal_opens_text(portal, opens_ms, opens, sizeof opens);
    reply->code = "CLOSED";
    return cw_refuse(reply, CW_ERR_STATE,
                     "This portal is closed now; only session keys are taken. %s", opens);
}

static int take_agreement(struct cw_control *c, const json_t *body, const struct cw_portal *portal,
                          struct cw_session_key *key, struct cw_reply *reply)
{
    char agreement[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
    bool has_agreed = false;

    cw_customer_message_text(c, portal->row.id, CW_CUSTOMER_MESSAGE_AGREEMENT, agreement);
    if (cw_body_bool(body, "agreed", &has_agreed) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "agreed is true or false.");
    if (agreement[0] != '\0' && !has_agreed) {
        reply->code = "AGREEMENT";
        return cw_refuse(reply, CW_ERR_STATE, "Accept the agreement first.");
    }
    key->agreed_ms = has_agreed ? cw_control_now_unix_ms(c) : 0;
    return 0;
}

int cw_op_portal_submit_issue(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct cw_actor actor = cw_actor_named("customer", request->source);
    const struct cw_portal *portal = NULL;
    struct cw_session_key key = {.id = 0};
    char text[CW_SESSION_KEY_TEXT_BYTES];
    char name[CW_NAME_SIZE];
    int err = cw_engine_refuse_when_draining(c, reply) != 0 ? CW_ERR_FULL : 0;

    if (err == 0)
        err =
            cw_body_only(request->body,
                         "portal issue representative name company code description agreed", reply);
    if (err == 0)
        err = take_budget(c, &actor, reply);
    if (err == 0)
        err = portal_asked(c, request, &portal, reply);
    if (err == 0)
        err = refuse_closed(c, portal, reply);
    if (err == 0)
        err = take_customer(request->body, &key, reply);
    if (err == 0)
        err = take_wish(c, request->body, portal, &key, reply);
    if (err == 0)
        err = take_agreement(c, request->body, portal, &key, reply);
    if (err != 0)
        return err;
    snprintf(actor.name, sizeof actor.name, "%s", key.customer);
    key.portal = portal->row.id;
    err = cw_session_key_make(c, &actor, &key, CW_SESSION_KEY_LIFE_S, text);
    if (err != 0)
        return err;
    if (cw_portal_key_for(c, &key, name, sizeof name) != 0)
        name[0] = '\0';
    reply->json =
        json_pack("{s:s, s:I, s:o, s:s, s:s, s:s, s:o}", "key", text, "expires_unix_ms",
                  (json_int_t)key.expires_ms, "command", cw_portal_command_json(c, "key", text),
                  "download", "/download/causeway-client", "representative", name, "portal",
                  portal->row.code, "visit", cw_visit_token_json(c, CW_VISIT_KEY, key.id));
    return cw_portal_add_terms(c, portal, reply->json);
}
