/* SPDX-License-Identifier: Apache-2.0 */
/* Canned messages and scripts: texts that representatives use, in categories, for some teams or for all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/canned/bbcode.h"
#include "control/canned/operations.h"
#include "control/session/event.h"
#include "control/store/store_button.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

static const char *const platforms[] = {"any", "linux", "windows", "macos", NULL};

static const char *object_name(enum cw_canned_kind kind)
{
    return kind == CW_CANNED_MESSAGE ? "canned message" : "canned script";
}

/* The operator, or who administers them: sees and changes all. */
static bool edits_all(struct cw_control *c, const struct cw_request *request)
{
    return request->account == 0 ||
           cw_right_has(c, request->account, CW_RIGHT_EDIT_CANNED_MESSAGES);
}

static json_t *number_or_null(uint64_t value)
{
    return value != 0 ? json_integer((json_int_t)value) : json_null();
}

/* Commits what came out as err, with its audit row. */
static int finish(struct cw_control *c, const struct cw_request *request, int err,
                  const char *action, const char *object, const char *detail,
                  struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);

    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_event_changed(c, 0, "canned_changed");
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is one with this name already.");
    return err;
}

/* ---- categories ------------------------------------------------------------------------------ */

static int list_category(void *user, uint32_t id, const char *name, uint32_t count)
{
    return json_array_append_new(user, json_pack("{s:I, s:s, s:I}", "id", (json_int_t)id, "name",
                                                 name, "count", (json_int_t)count)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

static int category_list(struct cw_control *c, enum cw_canned_kind kind,
                         const struct cw_request *request, struct cw_reply *reply)
{
    json_t *rows = NULL;
    int err = cw_body_only(request->body, "", reply);

    if (err != 0)
        return err;
    rows = json_array();
    err = cw_store_canned_category_each(c->store, kind, 0, list_category, rows);
    reply->json = json_pack("{s:o}", "categories", rows);
    return err;
}

static int take_name(const json_t *body, char *ret_name, struct cw_reply *reply)
{
    return cw_body_name(body, "name", ret_name) == 0 && ret_name[0] != '\0'
               ? 0
               : cw_refuse(reply, CW_ERR_INVALID,
                           "The name must be one line of 1 to 128 characters.");
}

static int category_create(struct cw_control *c, enum cw_canned_kind kind,
                           const struct cw_request *request, struct cw_reply *reply)
{
    char name[CW_NAME_SIZE];
    char object[48];
    json_t *rows = json_array();
    uint32_t id = 0;
    int err = cw_body_only(request->body, "name", reply);

    if (err == 0)
        err = take_name(request->body, name, reply);
    if (err == 0)
        err = cw_store_canned_category_each(c->store, kind, 0, list_category, rows);
    if (err == 0 && json_array_size(rows) >= CW_CANNED_CATEGORIES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %d categories already.",
                        CW_CANNED_CATEGORIES_MAX);
    json_decref(rows);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_canned_category_add(c->store, kind, name, &id);
    snprintf(object, sizeof object, "category %u", id);
    err = finish(c, request, err, "canned_category.create", object, name, reply);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)id);
    return err;
}

static int category_set(struct cw_control *c, enum cw_canned_kind kind,
                        const struct cw_request *request, struct cw_reply *reply)
{
    char name[CW_NAME_SIZE];
    char object[48];
    int err = cw_body_only(request->body, "name", reply);

    if (err == 0)
        err = take_name(request->body, name, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "category %u", request->path_id);
    err = cw_store_canned_category_put(c->store, kind, request->path_id, name);
    err = finish(c, request, err, "canned_category.set", object, name, reply);
    return err != CW_ERR_NOT_FOUND
               ? err
               : cw_refuse(reply, err, "There is no category with the number %u.",
                           request->path_id);
}

static int category_remove(struct cw_control *c, enum cw_canned_kind kind,
                           const struct cw_request *request, struct cw_reply *reply)
{
    char object[48];
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "category %u", request->path_id);
    err = cw_store_canned_category_remove(c->store, kind, request->path_id);
    err = finish(c, request, err, "canned_category.remove", object, "removed", reply);
    return err != CW_ERR_NOT_FOUND
               ? err
               : cw_refuse(reply, CW_ERR_CONFLICT,
                           "There is no category %u, or something is in it still.",
                           request->path_id);
}

/* ---- listings -------------------------------------------------------------------------------- */

static int list_team(void *user, uint32_t team)
{
    return json_array_append_new(user, json_integer((json_int_t)team)) == 0 ? 0 : CW_ERR_NOMEM;
}

/* A script's text only when one is asked for: it is long. */
static json_t *canned_json(struct cw_control *c, const struct cw_canned *canned, bool has_text)
{
    json_t *teams = json_array();
    json_t *row = json_pack("{s:I, s:I, s:s, s:s, s:o}", "id", (json_int_t)canned->id, "category",
                            (json_int_t)canned->category, "category_name", canned->category_name,
                            "name", canned->name, "teams", teams);

    (void)cw_store_canned_team_each(c->store, canned->id, list_team, teams);
    if (canned->kind == CW_CANNED_SCRIPT) {
        json_object_set_new(row, "description", json_string(canned->description));
        json_object_set_new(row, "platform", json_string(platforms[canned->platform & 3]));
    }
    if (has_text)
        json_object_set_new(row, "text", json_string(canned->text));
    return row;
}

struct listing {
    struct cw_control *c;
    json_t *rows;
    uint32_t limit;
    uint32_t last;
    bool has_more;
};

static int list_canned(void *user, const struct cw_canned *canned)
{
    struct listing *l = user;

    if (json_array_size(l->rows) == l->limit) {
        l->has_more = true;
        return 0;
    }
    l->last = canned->id;
    return json_array_append_new(l->rows,
                                 canned_json(l->c, canned, canned->kind == CW_CANNED_MESSAGE)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

/* What one may use; with `all`, and the right, everything. */
static int canned_list(struct cw_control *c, enum cw_canned_kind kind,
                       const struct cw_request *request, struct cw_reply *reply)
{
    struct cw_canned_filter f = {.kind = kind, .account = request->account};
    struct listing l = {.c = c};
    uint64_t category = 0;
    unsigned platform = 0;
    bool is_all = false;
    int err = cw_body_only(request->body, "category platform all after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &f.after, &l.limit, reply);
    if (err == 0 && (cw_body_number(request->body, "category", 0, UINT32_MAX, &category) != 0 ||
                     cw_body_choice(request->body, "platform", platforms, &platform) != 0 ||
                     cw_body_bool(request->body, "all", &is_all) != 0))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "category is a number, platform any, linux, windows or macos, all on or "
                        "off.");
    if (err == 0 && is_all && !edits_all(c, request))
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "You lack the right edit_canned_messages, and see what you may use.");
    if (err != 0)
        return err;
    f.category = (uint32_t)category;
    f.platform = platform;
    if (is_all)
        f.account = 0;
    l.rows = json_array();
    err = cw_store_canned_each(c->store, &f, l.limit + 1, list_canned, &l);
    reply->json = json_pack("{s:o, s:o}", kind == CW_CANNED_MESSAGE ? "messages" : "scripts",
                            l.rows, "next", number_or_null(l.has_more ? l.last : 0));
    return err;
}

static int find_one(void *user, const struct cw_canned *canned)
{
    *(struct cw_canned *)user = *canned;
    return 0;
}

/* Also the one that is not for one's teams is not there. */
static int script_show(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_canned *canned = calloc(1, sizeof *canned);
    const struct cw_canned_filter f = {
        .kind = CW_CANNED_SCRIPT,
        .after = request->path_id - 1,
        .account = edits_all(c, request) ? 0 : request->account,
    };
    int err = canned != NULL ? cw_body_only(request->body, "", reply) : CW_ERR_NOMEM;

    if (err == 0)
        err = cw_store_canned_each(c->store, &f, 1, find_one, canned);
    if (err == 0 && canned->id != request->path_id)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no script %u that you may use.",
                        request->path_id);
    if (err == 0)
        reply->json = json_pack("{s:o}", "script", canned_json(c, canned, true));
    free(canned);
    return err;
}

/* ---- changes --------------------------------------------------------------------------------- */

struct draft {
    struct cw_canned canned;
    uint32_t teams[CW_CANNED_TEAMS_MAX];
    uint32_t team_count;
    bool has_teams;
};

/* None: every team. */
static int take_teams(struct cw_control *c, const json_t *body, struct draft *d,
                      struct cw_reply *reply)
{
    struct cw_team team;

    if (cw_body_numbers(body, "teams", d->teams, CW_CANNED_TEAMS_MAX, &d->team_count,
                        &d->has_teams) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "teams is a list of at most %d numbers.",
                         CW_CANNED_TEAMS_MAX);
    for (uint32_t i = 0; i < d->team_count; i++)
        if (cw_store_team_get(c->store, d->teams[i], &team) != 0)
            return cw_refuse(reply, CW_ERR_NOT_FOUND, "teams: there is no team %u.", d->teams[i]);
    return 0;
}

static int count_category(void *user, uint32_t id, const char *name, uint32_t count)
{
    (void)id;
    (void)name;
    (void)count;
    ++*(unsigned *)user;
    return 0;
}

static int take_category(struct cw_control *c, const json_t *body, struct cw_canned *canned,
                         struct cw_reply *reply)
{
    uint64_t category = canned->category;
    unsigned count = 0;
    int err = 0;

    if (cw_body_number(body, "category", 1, UINT32_MAX, &category) != 0 || category == 0)
        return cw_refuse(reply, CW_ERR_INVALID, "category is the number of a category.");
    canned->category = (uint32_t)category;
    err = cw_store_canned_category_each(c->store, canned->kind, canned->category, count_category,
                                        &count);
    return err == 0 && count == 0
               ? cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no category with the number %u.",
                           canned->category)
               : err;
}

static int take_text(const json_t *body, struct cw_canned *canned, struct cw_reply *reply)
{
    const bool is_message = canned->kind == CW_CANNED_MESSAGE;
    const int bytes_max = is_message ? CW_CANNED_MESSAGE_BYTES_MAX : CW_CANNED_TEXT_BYTES_MAX;
    const char *text = canned->text;
    const char *why = NULL;
    size_t at = 0;

    if (cw_body_lines(body, "text", (size_t)bytes_max, &text) != 0 ||
        text[strspn(text, " \n\t")] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "It needs a text of at most %d bytes.", bytes_max);
    if (is_message && cw_bbcode_check(text, &at, &why) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "At byte %zu, \"%.20s\": %s.", at, text + at, why);
    if (text != canned->text)
        snprintf(canned->text, sizeof canned->text, "%s", text);
    return 0;
}

static int take_canned(struct cw_control *c, const json_t *body, struct draft *d,
                       struct cw_reply *reply)
{
    struct cw_canned *canned = &d->canned;
    const char *description = canned->description;
    unsigned platform = canned->platform;
    int err = cw_body_only(body,
                           canned->kind == CW_CANNED_MESSAGE
                               ? "name category text teams"
                               : "name category text teams description platform",
                           reply);

    if (err == 0 && (canned->id == 0 || json_object_get(body, "name") != NULL))
        err = take_name(body, canned->name, reply);
    if (err == 0)
        err = take_category(c, body, canned, reply);
    if (err == 0)
        err = take_text(body, canned, reply);
    if (err == 0 && cw_body_lines(body, "description", CW_DESCRIPTION_BYTES_MAX, &description) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "A description has at most %d bytes of text.",
                        CW_DESCRIPTION_BYTES_MAX);
    if (err == 0 && cw_body_choice(body, "platform", platforms, &platform) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "platform is any, linux, windows or macos.");
    if (err == 0 && description != canned->description)
        snprintf(canned->description, sizeof canned->description, "%s", description);
    canned->platform = platform;
    return err == 0 ? take_teams(c, body, d, reply) : err;
}

static int store_canned(struct cw_control *c, const struct cw_request *request, struct draft *d,
                        struct cw_reply *reply)
{
    const bool is_new = d->canned.id == 0;
    char object[48];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    err = is_new ? cw_store_canned_add(c->store, &d->canned)
                 : cw_store_canned_put(c->store, &d->canned);
    if (err == 0 && d->has_teams)
        err = cw_store_canned_teams_put(c->store, d->canned.id, d->teams, d->team_count);
    snprintf(object, sizeof object, "%s %u", object_name(d->canned.kind), d->canned.id);
    err = finish(c, request, err, is_new ? "canned.create" : "canned.set", object, d->canned.name,
                 reply);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)d->canned.id);
    return err;
}

static int canned_create(struct cw_control *c, enum cw_canned_kind kind,
                         const struct cw_request *request, struct cw_reply *reply)
{
    struct draft *d = calloc(1, sizeof *d);
    uint32_t count = 0;
    int err = d != NULL ? cw_store_canned_count(c->store, kind, &count) : CW_ERR_NOMEM;

    if (err == 0 && count >= CW_CANNED_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u already.", count);
    if (err == 0) {
        d->canned.kind = kind;
        err = take_canned(c, request->body, d, reply);
    }
    if (err == 0)
        err = store_canned(c, request, d, reply);
    free(d);
    return err;
}

static int refuse_unknown(enum cw_canned_kind kind, const struct cw_request *request, int err,
                          struct cw_reply *reply)
{
    return err != CW_ERR_NOT_FOUND ? err
                                   : cw_refuse(reply, err, "There is no %s with the number %u.",
                                               object_name(kind), request->path_id);
}

static int canned_set(struct cw_control *c, enum cw_canned_kind kind,
                      const struct cw_request *request, struct cw_reply *reply)
{
    struct draft *d = calloc(1, sizeof *d);
    int err = d != NULL ? cw_store_canned_get(c->store, kind, request->path_id, &d->canned)
                        : CW_ERR_NOMEM;

    if (err != 0) {
        free(d);
        return refuse_unknown(kind, request, err, reply);
    }
    err = take_canned(c, request->body, d, reply);
    if (err == 0)
        err = store_canned(c, request, d, reply);
    free(d);
    return err;
}

static int canned_remove(struct cw_control *c, enum cw_canned_kind kind,
                         const struct cw_request *request, struct cw_reply *reply)
{
    char object[48];
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "%s %u", object_name(kind), request->path_id);
    err = cw_store_canned_remove(c->store, kind, request->path_id);
    err = finish(c, request, err, "canned.remove", object, "removed", reply);
    return refuse_unknown(kind, request, err, reply);
}

/* ---- the two kinds --------------------------------------------------------------------------- */

#define HANDLERS(noun, kind)                                                                   \
    int cw_op_##noun##_list(struct cw_control *c, const struct cw_request *request,            \
                            struct cw_reply *reply)                                            \
    {                                                                                          \
        return canned_list(c, kind, request, reply);                                           \
    }                                                                                          \
    int cw_op_##noun##_create(struct cw_control *c, const struct cw_request *request,          \
                              struct cw_reply *reply)                                          \
    {                                                                                          \
        return canned_create(c, kind, request, reply);                                         \
    }                                                                                          \
    int cw_op_##noun##_set(struct cw_control *c, const struct cw_request *request,             \
                           struct cw_reply *reply)                                             \
    {                                                                                          \
        return canned_set(c, kind, request, reply);                                            \
    }                                                                                          \
    int cw_op_##noun##_remove(struct cw_control *c, const struct cw_request *request,          \
                              struct cw_reply *reply)                                          \
    {                                                                                          \
        return canned_remove(c, kind, request, reply);                                         \
    }                                                                                          \
    int cw_op_##noun##_category_list(struct cw_control *c, const struct cw_request *request,   \
                                     struct cw_reply *reply)                                   \
    {                                                                                          \
        return category_list(c, kind, request, reply);                                         \
    }                                                                                          \
    int cw_op_##noun##_category_create(struct cw_control *c, const struct cw_request *request, \
                                       struct cw_reply *reply)                                 \
    {                                                                                          \
        return category_create(c, kind, request, reply);                                       \
    }                                                                                          \
    int cw_op_##noun##_category_set(struct cw_control *c, const struct cw_request *request,    \
                                    struct cw_reply *reply)                                    \
    {                                                                                          \
        return category_set(c, kind, request, reply);                                          \
    }                                                                                          \
    int cw_op_##noun##_category_remove(struct cw_control *c, const struct cw_request *request, \
                                       struct cw_reply *reply)                                 \
    {                                                                                          \
        return category_remove(c, kind, request, reply);                                       \
    }

HANDLERS(canned_message, CW_CANNED_MESSAGE)
HANDLERS(canned_script, CW_CANNED_SCRIPT)

int cw_op_canned_script_show(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    return script_show(c, request, reply);
}
