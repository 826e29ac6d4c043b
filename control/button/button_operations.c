/* SPDX-License-Identifier: Apache-2.0 */
/* Support Buttons: made, listed, changed and revoked by their owners, or by who administers them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/api/csv.h"
#include "control/api/operations.h"
#include "control/button/operations.h"
#include "control/link/engine_settings.h"
#include "control/portal/operations.h"
#include "control/session/event.h"
#include "control/team/team.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* The operator, or who has the right over everybody's. */
static bool edits_all(struct cw_control *c, const struct cw_request *request)
{
    return request->account == 0 ||
           cw_right_has(c, request->account, CW_RIGHT_EDIT_SUPPORT_BUTTONS);
}

static const char *state_of(struct cw_control *c, const struct cw_button *b)
{
    if (b->revoked_ms != 0)
        return "revoked";
    return b->expires_ms != 0 && cw_control_now_unix_ms(c) >= b->expires_ms ? "expired" : "active";
}

static json_t *number_or_null(uint64_t value)
{
    return value != 0 ? json_integer((json_int_t)value) : json_null();
}

static json_t *button_json(struct cw_control *c, const struct cw_button *b)
{
    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:s, s:I, s:s, s:I, s:o, s:I, s:o}", "id",
                     (json_int_t)b->id, "name", b->name, "state", state_of(c, b), "account",
                     number_or_null(b->account), "team", number_or_null(b->team), "issue",
                     number_or_null(b->issue), "leads_to", b->leads_to, "portal",
                     (json_int_t)b->portal, "owner", b->owner_name, "created_unix_ms",
                     (json_int_t)b->created_ms, "expires_unix_ms", number_or_null(b->expires_ms),
                     "uses", (json_int_t)b->uses, "last_used_unix_ms",
                     number_or_null(b->last_used_ms));
}

/* ---- listings -------------------------------------------------------------------------------- */

struct listing {
    struct cw_control *c;
    json_t *rows;
    struct cw_csv csv;
    uint32_t limit;
    uint32_t count;
    uint32_t last;
    bool has_more;
};

static int list_button(void *user, const struct cw_button *b)
{
    struct listing *l = user;

    if (l->count == l->limit) {
        l->has_more = true;
        return 0;
    }
    l->count++;
    l->last = b->id;
    return json_array_append_new(l->rows, button_json(l->c, b)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_button_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    struct listing l = {.c = c};
    uint32_t after = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &l.limit, reply);
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_button_each(c->store, after, edits_all(c, request) ? 0 : request->account,
                               l.limit + 1, list_button, &l);
    reply->json = json_pack("{s:o, s:o}", "support_buttons", l.rows, "next",
                            number_or_null(l.has_more ? l.last : 0));
    return err;
}

static int export_button(void *user, const struct cw_button *b)
{
    struct listing *l = user;

    if (l->count == l->limit) {
        l->has_more = true;
        return 0;
    }
    l->count++;
    l->last = b->id;
    cw_csv_number(&l->csv, b->id);
    cw_csv_text(&l->csv, b->name);
    cw_csv_text(&l->csv, state_of(l->c, b));
    cw_csv_text(&l->csv, b->account != 0 ? "representative" : b->team != 0 ? "team" : "issue");
    cw_csv_text(&l->csv, b->leads_to);
    cw_csv_text(&l->csv, cw_portal_or_default(l->c, b->portal)->row.name);
    cw_csv_text(&l->csv, b->owner_name);
    cw_csv_time(&l->csv, b->created_ms);
    cw_csv_time(&l->csv, b->expires_ms);
    cw_csv_number(&l->csv, b->uses);
    cw_csv_time(&l->csv, b->last_used_ms);
    cw_csv_end_row(&l->csv);
    return 0;
}

int cw_op_button_export(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    static const char *const header[] = {"id",       "name",   "state",    "kind",
                                         "leads to", "portal", "owner",    "created",
                                         "expires",  "uses",   "last used"};
    struct listing l = {.c = c};
    uint64_t after = 0;
    uint64_t limit = CW_BUTTON_EXPORT_ROWS_MAX;
    char *text = NULL;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0 &&
        (cw_body_number(request->body, "after", 0, UINT32_MAX, &after) != 0 ||
         cw_body_number(request->body, "limit", 1, CW_BUTTON_EXPORT_ROWS_MAX, &limit) != 0))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "after is the number of a row, limit a number from 1 to %d.",
                        CW_BUTTON_EXPORT_ROWS_MAX);
    if (err != 0)
        return err;
    l.limit = (uint32_t)limit;
    for (size_t i = 0; after == 0 && i < sizeof header / sizeof header[0]; i++)
        cw_csv_text(&l.csv, header[i]);
    if (after == 0)
        cw_csv_end_row(&l.csv);
    err = cw_store_button_each(c->store, (uint32_t)after,
                               edits_all(c, request) ? 0 : request->account, l.limit + 1,
                               export_button, &l);
    text = cw_csv_take(&l.csv);
    if (err == 0 && text == NULL)
        err = CW_ERR_NOMEM;
    if (err == 0)
        reply->json = json_pack("{s:s, s:I, s:o}", "csv", text, "rows", (json_int_t)l.count, "next",
                                number_or_null(l.has_more ? l.last : 0));
    free(text);
    return err;
}

/* ---- members --------------------------------------------------------------------------------- */

static bool is_in_team(struct cw_control *c, const struct cw_request *request, uint32_t team)
{
    return edits_all(c, request) || cw_team_role_of(c, team, request->account) != CW_TEAM_NONE;
}

/* One of account, team and issue; for oneself, or where one works, without the right over all. */
static int take_place(struct cw_control *c, const struct cw_request *request, struct cw_button *b,
                      struct cw_reply *reply)
{
    static const char *const members[] = {"account", "team", "issue"};
    uint64_t given[3] = {0, 0, 0};
    struct cw_account account;
    struct cw_team team;
    struct cw_issue issue;
    unsigned count = 0;
    int err = 0;

    for (unsigned i = 0; i < 3; i++) {
        if (cw_body_number(request->body, members[i], 1, UINT32_MAX, &given[i]) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "%s is a number.", members[i]);
        count += given[i] != 0;
    }
    if (count == 0 && (b->account | b->team | b->issue) != 0)
        return 0;
    if (count == 0)
        given[0] = request->account;
    b->account = (uint32_t)given[0];
    b->team = (uint32_t)given[1];
    b->issue = (uint32_t)given[2];
    if (count > 1 || (b->account | b->team | b->issue) == 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "A Support Button leads to one account, one team or one issue.");
    if (b->account != 0)
        err = cw_store_account_get(c->store, b->account, &account);
    else if (b->team != 0)
        err = cw_store_team_get(c->store, b->team, &team);
    else
        err = cw_store_issue_get(c->store, b->issue, &issue);
    if (err == CW_ERR_NOT_FOUND || (err == 0 && b->account != 0 && !account.is_enabled))
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is nothing with that number to lead to.");
    if (err == 0 &&
        ((b->account != 0 && b->account != request->account && !edits_all(c, request)) ||
         (b->team != 0 && !is_in_team(c, request, b->team)) ||
         (b->issue != 0 && !is_in_team(c, request, issue.team))))
        return cw_refuse(reply, CW_ERR_DENIED,
                         "You may make Support Buttons for yourself and for teams you are in.");
    return err;
}

static int take_button(struct cw_control *c, const struct cw_request *request, struct cw_button *b,
                       struct cw_reply *reply)
{
    const struct cw_portal *portal = NULL;
    char name[CW_NAME_SIZE];
    uint64_t days = UINT64_MAX;
    int err = cw_body_only(request->body, "name account team issue portal life_days", reply);

    if (err == 0 &&
        (cw_body_name(request->body, "name", name) != 0 || (name[0] == '\0' && b->name[0] == '\0')))
        err = cw_refuse(reply, CW_ERR_INVALID, "A Support Button needs a name of one line.");
    if (err == 0 && name[0] != '\0')
        snprintf(b->name, sizeof b->name, "%s", name);
    if (err == 0 &&
        cw_body_number(request->body, "life_days", 0, CW_BUTTON_LIFE_DAYS_MAX, &days) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "life_days is from 0 (no end) to %d.",
                        CW_BUTTON_LIFE_DAYS_MAX);
    if (err == 0 && (b->id == 0 || json_object_get(request->body, "portal") != NULL)) {
        err = cw_portal_take(c, request->body, &portal, reply);
        if (err == 0)
            b->portal = portal->row.id;
    }
    if (days == UINT64_MAX && b->id == 0)
        days = cw_option(c, CW_OPTION_SUPPORT_BUTTON_DAYS);
    if (days != UINT64_MAX)
        b->expires_ms = days != 0 ? cw_control_now_unix_ms(c) + days * DAY_MS : 0;
    return err == 0 ? take_place(c, request, b, reply) : err;
}

/* ---- changes --------------------------------------------------------------------------------- */

/* A name as a value of a desktop entry: one line, a backslash is two. */
static void entry_text(const char *name, char *out, size_t size)
{
    size_t n = 0;

    for (; *name != '\0' && n + 3 < size; name++) {
        if (*name == '\\')
            out[n++] = '\\';
        out[n++] = *name;
    }
    out[n] = '\0';
}

/* How it is installed: a command, an address, and a launcher for the desktop. */
static void add_deployment(struct cw_control *c, const struct cw_button *b, const char *secret,
                           json_t *json)
{
    const struct cw_portal *portal = cw_portal_or_default(c, b->portal);
    char identity[65];
    char command[512];
    char url[CW_PORTAL_URL_SIZE];
    char name[2 * CW_NAME_SIZE];
    char launcher[sizeof command + sizeof name + 200];

    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "causeway-client --button %s%s%s %s", secret,
             identity[0] != '\0' ? " --identity " : "", identity, c->host_port);
    cw_portal_url(c, portal, "button", secret, url, sizeof url);
    entry_text(b->name, name, sizeof name);
    snprintf(launcher, sizeof launcher,
             "[Desktop Entry]\nType=Application\nName=%s\nExec=%s\nIcon=help-contents\n"
             "Terminal=false\nCategories=Network;RemoteAccess;\n",
             name, command);
    json_object_set_new(json, "secret", json_string(secret));
    json_object_set_new(json, "command", json_string(command));
    json_object_set_new(json, "url", json_string(url));
    json_object_set_new(json, "launcher", json_string(launcher));
}

static int end_change(struct cw_control *c, const struct cw_request *request, uint32_t id,
                      const char *action, const char *detail, struct cw_reply *reply, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_button b;
    char object[40];

    snprintf(object, sizeof object, "support button %u", id);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    err = cw_store_end(c->store, err);
    if (err == 0)
        err = cw_store_button_get(c->store, id, &b);
    if (err == 0) {
        cw_event_changed(c, 0, "support_buttons_changed");
        reply->json = json_pack("{s:o}", "support_button", button_json(c, &b));
    }
    return err;
}

int cw_op_button_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_button b = {.owner = request->account, .created_ms = cw_control_now_unix_ms(c)};
    char secret[CW_TOKEN_TEXT_BYTES + 1];
    uint8_t hash[CW_SHA256_BYTES];
    uint32_t own = 0;
    uint32_t all = 0;
    int err = 0;

    if (!edits_all(c, request) && !cw_right_has(c, request->account, CW_RIGHT_OWN_SUPPORT_BUTTONS))
        return cw_refuse(reply, CW_ERR_DENIED,
                         "You lack the right own_support_buttons; ask an administrator.");
    err = take_button(c, request, &b, reply);
    if (err == 0)
        err = cw_store_button_count(c->store, 0, &all);
    if (err == 0 && b.owner != 0)
        err = cw_store_button_count(c->store, b.owner, &own);
    if (err == 0 &&
        (all >= CW_BUTTONS_MAX || (own >= CW_BUTTONS_PER_ACCOUNT_MAX && !edits_all(c, request))))
        err = cw_refuse(reply, CW_ERR_FULL, "There are too many Support Buttons already.");
    if (err == 0)
        err = cw_secret_token(secret);
    if (err == 0)
        err = cw_secret_hash("causeway support button v1", secret, CW_TOKEN_TEXT_BYTES, hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_button_add(c->store, &b, hash);
    err = end_change(c, request, b.id, "support_button.create", b.name, reply, err);
    if (err == 0)
        add_deployment(c, &b, secret, reply->json);
    return err;
}

/* One's own, or any with the right; others are not there. */
static int find_button(struct cw_control *c, const struct cw_request *request,
                       struct cw_button *ret, struct cw_reply *reply)
{
    int err = cw_store_button_get(c->store, request->path_id, ret);

    if (err == 0 && !edits_all(c, request) && ret->owner != request->account)
        err = CW_ERR_NOT_FOUND;
    return err != CW_ERR_NOT_FOUND
               ? err
               : cw_refuse(reply, err, "You have no Support Button with the number %u.",
                           request->path_id);
}

int cw_op_button_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct cw_button b;
    int err = find_button(c, request, &b, reply);

    if (err == 0 && b.revoked_ms != 0)
        err = cw_refuse(reply, CW_ERR_STATE, "This Support Button was revoked, and stays so.");
    if (err == 0)
        err = take_button(c, request, &b, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_button_put(c->store, &b);
    return end_change(c, request, b.id, "support_button.set", b.name, reply, err);
}

int cw_op_button_revoke(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_button b;
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = find_button(c, request, &b, reply);
    if (err == 0 && b.revoked_ms != 0)
        err = cw_refuse(reply, CW_ERR_STATE, "This Support Button was revoked before.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_button_revoke(c->store, b.id, cw_control_now_unix_ms(c));
    return end_change(c, request, b.id, "support_button.revoke", b.name, reply, err);
}

/* ---- for everybody --------------------------------------------------------------------------- */

int cw_op_portal_check_button(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_named("customer", request->source);
    const json_t *secret = json_object_get(request->body, "button");
    const struct cw_portal *portal = NULL;
    struct cw_session_key key;
    char name[CW_NAME_SIZE];
    char identity[65];
    char command[512];
    int err = cw_engine_refuse_when_draining(c, reply) != 0 ? CW_ERR_FULL : 0;

    if (err == 0)
        err = cw_body_only(request->body, "button", reply);
    if (err != 0)
        return err;
    err = cw_button_check(c, &actor, "portal.check_button", secret, &key, &reply->retry_after_s);
    if (err == 0)
        err = cw_portal_key_for(c, &key, name, sizeof name);
    if (err == CW_ERR_FULL)
        return cw_refuse(reply, err, "%s", cw_close_text(CW_CLOSE_TOO_MANY_TRIES));
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_EXPIRED)
        return cw_refuse(reply, err, "%s", cw_close_text(CW_CLOSE_SUPPORT_BUTTON_WRONG));
    if (err != 0)
        return err;
    portal = cw_portal_or_default(c, key.portal);
    cw_identity_hex(c, identity);
    snprintf(command, sizeof command, "./causeway-client --button %s%s%s %s",
             json_string_value(secret), identity[0] != '\0' ? " --identity " : "", identity,
             c->host_port);
    reply->json =
        json_pack("{s:b, s:s, s:s, s:s, s:s}", "valid", 1, "representative", name, "command",
                  command, "download", "/download/causeway-client", "portal", portal->row.code);
    return cw_portal_add_terms(c, portal, reply->json);
}
