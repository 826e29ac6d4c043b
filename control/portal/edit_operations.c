/* SPDX-License-Identifier: Apache-2.0 */
/* Portals: listed, made, changed and removed by who administers them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/policy/policy_body.h"
#include "control/portal/operations.h"
#include "control/session/event.h"
#include "engine/base/err.h"

static const char members[] = "name code hosts title text accent background foreground show_keys "
                              "show_issues show_representatives schedule time_zone hours dates "
                              "issues";

/* What a change is made of; too large for the stack. */
struct draft {
    struct cw_portal_row row;
    struct cw_schedule schedule;
    char hours[CW_SCHEDULE_TEXT_BYTES_MAX + 1];
    char dates[CW_SCHEDULE_TEXT_BYTES_MAX + 1];
    uint32_t issues[CW_PORTAL_ISSUES_MAX];
    uint32_t issue_count;
    bool has_issues;
};

void cw_portals_changed(struct cw_control *c)
{
    if (cw_portals_load(c) != 0)
        c->must_load = true;
    cw_event_changed(c, 0, "portals_changed");
}

int cw_portal_take(struct cw_control *c, const json_t *body, const struct cw_portal **ret,
                   struct cw_reply *reply)
{
    const json_t *value = json_object_get(body, "portal");
    const char *code = json_string_value(value);
    uint64_t id = CW_PORTAL_DEFAULT;

    *ret = NULL;
    if (cw_body_number(body, "portal", 1, UINT32_MAX, &id) == 0)
        *ret = cw_portal_get(c, (uint32_t)id);
    else if (code != NULL)
        *ret = cw_portal_of_code(c, code, json_string_length(value));
    return *ret != NULL ? 0
                        : cw_refuse(reply, CW_ERR_NOT_FOUND,
                                    "portal must be the number or the code of a portal.");
}

/* ---- listings -------------------------------------------------------------------------------- */

static json_t *row_json(struct cw_control *c, const struct cw_portal *p)
{
    char url[CW_PORTAL_URL_SIZE];
    char logo[CW_LOGO_PATH_SIZE];

    cw_portal_url(c, p, NULL, NULL, url, sizeof url);
    cw_portal_logo_path(p, logo, sizeof logo);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:b, s:s, s:b, s:s*}", "id", (json_int_t)p->row.id,
                     "name", p->row.name, "code", p->row.code, "hosts", p->row.hosts, "url", url,
                     "schedule", p->row.zone[0] != '\0', "time_zone", p->row.zone, "open_now",
                     cw_portal_is_open(p, cw_control_now_unix_ms(c), NULL), "logo",
                     logo[0] != '\0' ? logo : NULL);
}

int cw_op_portal_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    json_t *rows = NULL;
    int err = cw_body_only(request->body, "", reply);

    if (err != 0)
        return err;
    rows = json_array();
    for (uint32_t i = 0; i < c->portals->count; i++)
        json_array_append_new(rows, row_json(c, &c->portals->all[i]));
    reply->json = json_pack("{s:o}", "portals", rows);
    return 0;
}

static int list_issue(void *user, const struct cw_issue *issue)
{
    return json_array_append_new(user, json_integer((json_int_t)issue->id)) == 0 ? 0 : CW_ERR_NOMEM;
}

static int reply_portal(struct cw_control *c, uint32_t id, struct cw_reply *reply)
{
    const struct cw_portal *p = cw_portal_or_default(c, id);
    struct draft *d = calloc(1, sizeof *d);
    json_t *row = row_json(c, p);
    json_t *issues = json_array();
    uint64_t opens_ms = 0;
    int err = d != NULL ? 0 : CW_ERR_NOMEM;

    if (err == 0)
        err = cw_store_portal_issue_each(c->store, p->row.id, list_issue, issues);
    if (err == 0) {
        cw_hours_text(&p->schedule, d->hours, sizeof d->hours);
        cw_dates_text(&p->schedule, d->dates, sizeof d->dates);
        (void)cw_portal_is_open(p, cw_control_now_unix_ms(c), &opens_ms);
        json_object_update_missing_new(
            row, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:o, s:O}", "title",
                           p->row.title, "text", p->row.text, "accent", p->row.accent, "background",
                           p->row.background, "foreground", p->row.foreground, "show_keys",
                           (p->row.shows & CW_PORTAL_KEYS) != 0, "show_issues",
                           (p->row.shows & CW_PORTAL_ISSUES) != 0, "show_representatives",
                           (p->row.shows & CW_PORTAL_REPRESENTATIVES) != 0, "hours", d->hours,
                           "dates", d->dates, "opens_unix_ms",
                           opens_ms != 0 ? json_integer((json_int_t)opens_ms) : json_null(),
                           "issues", issues));
        reply->json = json_pack("{s:O}", "portal", row);
    }
    json_decref(row);
    json_decref(issues);
    free(d);
    return err;
}

static int find_portal(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply, const struct cw_portal **ret)
{
    *ret = cw_portal_get(c, request->path_id);
    return *ret != NULL ? 0
                        : cw_refuse(reply, CW_ERR_NOT_FOUND,
                                    "There is no portal with the number %u.", request->path_id);
}

int cw_op_portal_show(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    const struct cw_portal *portal = NULL;
    int err = find_portal(c, request, reply, &portal);

    return err == 0 ? reply_portal(c, portal->row.id, reply) : err;
}

/* ---- members --------------------------------------------------------------------------------- */

static int take_colour(const json_t *body, const char *member, char colour[8],
                       struct cw_reply *reply)
{
    const char *text = NULL;

    if (cw_body_lines(body, member, 7, &text) != 0 ||
        (text != NULL && text[0] != '\0' &&
         (text[0] != '#' || strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6)))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "%s is a colour like #1a73e8, or empty for the console's own.", member);
    if (text != NULL)
        snprintf(colour, 8, "%s", text);
    return 0;
}

/* Each host must be one of the appliance's own, and no other portal's. */
static int check_host(struct cw_control *c, const struct cw_portal_row *row, const char *host,
                      size_t n, struct cw_reply *reply)
{
    static const char https[] = "https://";
    bool is_own = false;

    for (const char *at = c->public_origin; *at != '\0' && !is_own; at += strspn(at, " \t")) {
        const char *own = at + sizeof https - 1;
        const size_t own_bytes = own[0] == '[' ? strcspn(own, "]") + 1 : strcspn(own, ": \t");
        char name[CW_HOST_BYTES_MAX + 1];
        snprintf(name, sizeof name, "%.*s", (int)own_bytes, own);
        is_own = cw_portal_has_host(name, host, n);
        at += strcspn(at, " \t");
    }
    if (!is_own)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "%.*s is not a host of public_origin in causeway.conf, so the appliance "
                         "does not answer there.",
                         (int)(n < 100 ? n : 100), host);
    for (uint32_t i = 0; i < c->portals->count; i++) {
        const struct cw_portal_row *other = &c->portals->all[i].row;
        if (other->id != row->id && cw_portal_has_host(other->hosts, host, n))
            return cw_refuse(reply, CW_ERR_CONFLICT, "The portal \"%.80s\" has %.*s already.",
                             other->name, (int)(n < 100 ? n : 100), host);
    }
    return 0;
}

static int take_hosts(struct cw_control *c, const json_t *body, struct cw_portal_row *row,
                      struct cw_reply *reply)
{
    const char *text = NULL;

    if (cw_body_lines(body, "hosts", CW_PORTAL_HOSTS_BYTES_MAX, &text) != 0 ||
        (text != NULL && strpbrk(text, "\n\t") != NULL))
        return cw_refuse(reply, CW_ERR_INVALID, "hosts are host names with a blank between.");
    if (text == NULL)
        return 0;
    text += strspn(text, " ");
    for (const char *at = text; *at != '\0';) {
        const size_t n = strcspn(at, " ");
        int err = check_host(c, row, at, n, reply);
        if (err != 0)
            return err;
        at += n;
        at += strspn(at, " ");
    }
    snprintf(row->hosts, sizeof row->hosts, "%s", text);
    return 0;
}

static int take_texts(const json_t *body, struct cw_portal_row *row, struct cw_reply *reply)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    char given[CW_NAME_SIZE];
    const char *text = NULL;

    if (cw_body_name(body, "name", given) != 0 || (given[0] == '\0' && row->name[0] == '\0'))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of 1 to 128 characters.");
    if (given[0] != '\0')
        snprintf(row->name, sizeof row->name, "%s", given);
    if (json_object_get(body, "code") != NULL || row->code[0] == '\0') {
        if (cw_body_text(body, "code", CW_TEAM_CODE_BYTES_MAX, &text) != 0 ||
            text[strspn(text, allowed)] != '\0' || text[strspn(text, "0123456789")] == '\0')
            return cw_refuse(reply, CW_ERR_INVALID,
                             "A portal's code has small letters, digits, dashes or underscores, "
                             "and is not a number: it is in its address, /p/CODE.");
        snprintf(row->code, sizeof row->code, "%s", text);
    }
    if (json_object_get(body, "title") != NULL) {
        if (cw_body_name(body, "title", given) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "The title is one line of 128 characters.");
        snprintf(row->title, sizeof row->title, "%s", given);
    }
    text = NULL;
    if (cw_body_lines(body, "text", CW_PORTAL_TEXT_BYTES_MAX, &text) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "text has at most %d bytes of plain text.",
                         CW_PORTAL_TEXT_BYTES_MAX);
    if (text != NULL)
        snprintf(row->text, sizeof row->text, "%s", text);
    return 0;
}

static int take_shows(const json_t *body, struct cw_portal_row *row, struct cw_reply *reply)
{
    static const struct {
        const char *member;
        uint32_t bit;
    } shows[] = {{"show_keys", CW_PORTAL_KEYS},
                 {"show_issues", CW_PORTAL_ISSUES},
                 {"show_representatives", CW_PORTAL_REPRESENTATIVES}};

    for (size_t i = 0; i < sizeof shows / sizeof shows[0]; i++) {
        bool is_on = (row->shows & shows[i].bit) != 0;
        if (cw_body_bool(body, shows[i].member, &is_on) != 0)
            return cw_refuse(reply, CW_ERR_INVALID, "%s is on or off.", shows[i].member);
        row->shows = is_on ? row->shows | shows[i].bit : row->shows & ~shows[i].bit;
    }
    return 0;
}

static int take_hours(const json_t *body, struct draft *d, struct cw_reply *reply)
{
    bool has_schedule = d->row.zone[0] != '\0' || json_object_get(body, "hours") != NULL;
    int err = 0;

    if (cw_body_bool(body, "schedule", &has_schedule) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "schedule is on or off.");
    if (has_schedule)
        err = cw_policy_take_schedule(body, d->row.zone, &d->schedule, reply);
    else
        d->row.zone[0] = '\0';
    cw_hours_text(&d->schedule, d->hours, sizeof d->hours);
    cw_dates_text(&d->schedule, d->dates, sizeof d->dates);
    d->row.hours = d->hours;
    d->row.dates = d->dates;
    return err;
}

static int take_issues(struct cw_control *c, const json_t *body, struct draft *d,
                       struct cw_reply *reply)
{
    struct cw_issue issue;

    if (cw_body_numbers(body, "issues", d->issues, CW_PORTAL_ISSUES_MAX, &d->issue_count,
                        &d->has_issues) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "issues is a list of at most %d numbers.",
                         CW_PORTAL_ISSUES_MAX);
    for (uint32_t i = 0; i < d->issue_count; i++)
        if (cw_store_issue_get(c->store, d->issues[i], &issue) != 0)
            return cw_refuse(reply, CW_ERR_NOT_FOUND, "issues: there is no issue %u.",
                             d->issues[i]);
    return 0;
}

static int take_portal(struct cw_control *c, const json_t *body, struct draft *d,
                       struct cw_reply *reply)
{
    int err = cw_body_only(body, members, reply);

    if (err == 0)
        err = take_texts(body, &d->row, reply);
    if (err == 0)
        err = take_hosts(c, body, &d->row, reply);
    if (err == 0)
        err = take_colour(body, "accent", d->row.accent, reply);
    if (err == 0)
        err = take_colour(body, "background", d->row.background, reply);
    if (err == 0)
        err = take_colour(body, "foreground", d->row.foreground, reply);
    if (err == 0)
        err = take_shows(body, &d->row, reply);
    if (err == 0)
        err = take_hours(body, d, reply);
    return err == 0 ? take_issues(c, body, d, reply) : err;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int store_portal(struct cw_control *c, const struct cw_request *request, struct draft *d,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const bool is_new = d->row.id == 0;
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    err = is_new ? cw_store_portal_add(c->store, &d->row) : cw_store_portal_put(c->store, &d->row);
    if (err == 0 && d->has_issues)
        err = cw_store_portal_issues_put(c->store, d->row.id, d->issues, d->issue_count);
    snprintf(object, sizeof object, "portal %u", d->row.id);
    if (err == 0)
        err = cw_audit(c, &actor, is_new ? "portal.create" : "portal.set", object, "ok",
                       "%s (%s) at \"%s\", shows %u, %s", d->row.name, d->row.code, d->row.hosts,
                       d->row.shows, d->row.zone[0] != '\0' ? d->row.zone : "always open");
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is a portal with this name or code already.");
    if (err == 0) {
        cw_portals_changed(c);
        err = reply_portal(c, d->row.id, reply);
    }
    return err;
}

int cw_op_portal_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct draft *d = NULL;
    int err = 0;

    if (c->portals->count >= CW_PORTALS_MAX)
        return cw_refuse(reply, CW_ERR_FULL, "There are %d portals already.", CW_PORTALS_MAX);
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return CW_ERR_NOMEM;
    d->row.shows = CW_PORTAL_KEYS;
    err = take_portal(c, request->body, d, reply);
    if (err == 0)
        err = store_portal(c, request, d, reply);
    free(d);
    return err;
}

int cw_op_portal_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const struct cw_portal *portal = NULL;
    struct draft *d = NULL;
    int err = find_portal(c, request, reply, &portal);

    if (err != 0)
        return err;
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return CW_ERR_NOMEM;
    d->row = portal->row;
    d->schedule = portal->schedule;
    err = take_portal(c, request->body, d, reply);
    if (err == 0)
        err = store_portal(c, request, d, reply);
    free(d);
    return err;
}

int cw_op_portal_remove(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const struct cw_portal *portal = NULL;
    struct cw_policy_of of = {.kind = CW_ASSIGNED_PORTAL, .object = request->path_id};
    char object[32];
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = find_portal(c, request, reply, &portal);
    if (err == 0 && portal->row.id == CW_PORTAL_DEFAULT)
        err = cw_refuse(reply, CW_ERR_CONFLICT,
                        "The default portal answers wherever no other does, and stays.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "portal %u", of.object);
    err = cw_store_portal_remove(c->store, of.object);
    if (err == 0)
        err = cw_store_policy_of_put(c->store, &of);
    err = cw_policy_finish(c, request, err, CW_POLICIES_OF, "portal.remove", object, "%s (%s)",
                           portal->row.name, portal->row.code);
    if (err == 0)
        cw_portals_changed(c);
    return err;
}
