/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items found, listed, shown and exported. */
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/api/csv.h"
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/jump/operations.h"
#include "control/policy/policies.h"
#include "control/policy/policy_body.h"
#include "control/session/event.h"
#include "engine/base/err.h"

/* ---- listings --------------------------------------------------------------------------------- */

/* The rows of what was found. Items that went since are left out. */
static json_t *rows_of(struct cw_control *c, const struct cw_jump_view *view, const uint32_t *items,
                       uint32_t count)
{
    json_t *rows = json_array();
    struct cw_jump_detail detail;

    for (uint32_t i = 0; i < count; i++)
        if (cw_device_detail(c, items[i], &detail) == 0 && !detail.item.is_removed)
            (void)json_array_append_new(rows, cw_jump_row(c, view, &detail));
    return rows;
}

static int reply_page(struct cw_control *c, const struct cw_jump_view *view,
                      struct cw_search_query *query, struct cw_reply *reply)
{
    struct cw_search_result found;
    int err = cw_jump_find(c, view, query, &found);

    if (err == CW_ERR_INVALID)
        return cw_refuse(reply, err, "Search for at least %d characters, at most %d bytes.",
                         CW_SEARCH_CHARACTERS_MIN, CW_SEARCH_TEXT_BYTES_MAX);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, CW_ERR_CONFLICT,
                         "The Jump Item to go on after is gone. Start from the first page.");
    if (err != 0)
        return err;
    const bool is_full = found.shown == query->limit && query->sort == CW_SEARCH_BY_NAME &&
                         !query->is_turned; /* the other orders go on by from */
    reply->json =
        json_pack("{s:o, s:I, s:o}", "jump_items", rows_of(c, view, found.items, found.shown),
                  "count", (json_int_t)found.count, "next",
                  is_full ? json_integer((json_int_t)found.items[found.shown - 1]) : json_null());
    return 0;
}

/* "name,tag" as bits; 0 for all. */
static int take_fields(const json_t *body, uint32_t *ret_fields, struct cw_reply *reply)
{
    const char *text = json_string_value(json_object_get(body, "fields"));

    *ret_fields = 0;
    while (text != NULL && *text != '\0') {
        const size_t n = strcspn(text, ", ");
        const enum cw_search_field field = cw_search_field_named(text, n);
        if (field == CW_SEARCH_FIELD_COUNT)
            return cw_refuse(reply, CW_ERR_INVALID,
                             "There is no field \"%.*s\" to search; control/API.md lists them.",
                             n < 40 ? (int)n : 40, text);
        *ret_fields |= 1U << field;
        text += n;
        text += strspn(text, ", ");
    }
    return 0;
}

/* What list and search have in common: the page, its order, and what is left out. */
struct listing {
    struct cw_search_query query;
    uint64_t group; /* 0: any */
};

/* The states with that word: a bit for each; 0: any. */
static int take_state(const json_t *body, uint32_t *ret_states, struct cw_reply *reply)
{
    const char *word = json_string_value(json_object_get(body, "state"));

    *ret_states = 0;
    for (unsigned i = 0; word != NULL && i < CW_JUMP_STATE_COUNT; i++)
        if (strcmp(cw_jump_state_word((enum cw_jump_state)i), word) == 0)
            *ret_states |= 1U << i;
    if (word != NULL && *word != '\0' && *ret_states == 0)
        return cw_refuse(reply, CW_ERR_INVALID, "There is no state \"%.40s\".", word);
    return 0;
}

static int take_order(const json_t *body, struct cw_search_query *query, struct cw_reply *reply)
{
    static const char *const sorts[] = {"name", "state", "group", "last_access", NULL};
    unsigned sort = CW_SEARCH_BY_NAME;
    bool is_turned = false;
    uint64_t from = 0;

    if (cw_body_choice(body, "sort", sorts, &sort) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "sort is name, state, group or last_access.");
    if (cw_body_bool(body, "descending", &is_turned) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "descending must be true or false.");
    if (cw_body_number(body, "from", 0, CW_JUMP_ITEMS_MAX, &from) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "from is a number from 0 to %d.",
                         CW_JUMP_ITEMS_MAX);
    query->sort = (enum cw_search_sort)sort;
    query->from = (uint32_t)from;
    /* The latest access first is how the index has it; for a caller that is descending. */
    query->is_turned = sort == CW_SEARCH_BY_ACCESS ? !is_turned : is_turned;
    if (query->after != 0 && (sort != CW_SEARCH_BY_NAME || is_turned || from != 0))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "after goes with a list by name; give from for the others.");
    return 0;
}

static int take_listing(const json_t *body, struct listing *ret, struct cw_reply *reply)
{
    struct cw_search_query *query = &ret->query;
    const json_t *tag = json_object_get(body, "tag");
    int err = cw_body_page(body, &query->after, &query->limit, reply);

    if (err == 0)
        err = take_order(body, query, reply);
    if (err == 0)
        err = take_state(body, &query->statuses, reply);
    if (err != 0)
        return err;
    if (cw_body_number(body, "group", 0, UINT32_MAX, &ret->group) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "group is the number of a Jump Group.");
    query->tag = json_string_length(tag) > 0 ? json_string_value(tag) : NULL;
    if (query->tag != NULL && json_string_length(tag) > CW_TAG_BYTES_MAX)
        return cw_refuse(reply, CW_ERR_INVALID, "A tag has at most %d bytes.", CW_TAG_BYTES_MAX);
    return 0;
}

/* Views are large: the frame is its own. */
__attribute__((noinline)) static int reply_listing(struct cw_control *c,
                                                   const struct cw_request *request,
                                                   struct listing *listing, struct cw_reply *reply)
{
    struct cw_jump_view view;
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    if (listing->group != 0)
        err = cw_jump_view_narrow(c, &view, (uint32_t)listing->group);
    if (err == 0)
        err = reply_page(c, &view, &listing->query, reply);
    cw_jump_view_end(&view);
    return err;
}

#define LISTING_MEMBERS "after from limit sort descending group tag state"

int cw_op_jump_item_list(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct listing listing = {.query = {.text = ""}};
    int err = cw_body_only(request->body, LISTING_MEMBERS, reply);

    if (err == 0)
        err = take_listing(request->body, &listing, reply);
    return err == 0 ? reply_listing(c, request, &listing, reply) : err;
}

int cw_op_jump_item_search(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const json_t *text = json_object_get(request->body, "text");
    struct listing listing = {
        .query = {.text = json_string_value(text), .bytes = json_string_length(text)}};
    int err = cw_body_only(request->body, "text fields " LISTING_MEMBERS, reply);

    if (err == 0)
        err = take_listing(request->body, &listing, reply);
    if (err == 0)
        err = take_fields(request->body, &listing.query.fields, reply);
    if (err == 0 && listing.query.bytes == 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "Give the text to search for.");
    return err == 0 ? reply_listing(c, request, &listing, reply) : err;
}

/* ---- how many there are ----------------------------------------------------------------------- */

/* As the store writes it: the index has it folded. */
static json_t *tags_json(struct cw_control *c, const struct cw_search_counts *counts)
{
    json_t *rows = json_array();
    struct cw_jump_detail detail;

    for (uint32_t i = 0; i < counts->tag_count; i++)
        if (cw_device_detail(c, counts->tags[i].item, &detail) == 0)
            (void)json_array_append_new(rows, json_pack("{s:s, s:I}", "tag", detail.tag, "count",
                                                        (json_int_t)counts->tags[i].count));
    return rows;
}

static json_t *groups_json(struct cw_control *c, const struct cw_jump_view *view,
                           const struct cw_search_counts *counts)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < c->policies->group_count; i++) {
        const uint32_t id = c->policies->groups[i].id;
        if (cw_jump_view_has_group(view, id))
            (void)json_array_append_new(rows, json_pack("{s:I, s:I}", "id", (json_int_t)id, "count",
                                                        (json_int_t)counts->groups[id]));
    }
    return rows;
}

static json_t *states_json(const struct cw_search_counts *counts)
{
    json_t *states = json_object();

    for (unsigned i = 0; i < CW_JUMP_STATE_COUNT; i++) {
        const char *word = cw_jump_state_word((enum cw_jump_state)i);
        const json_int_t before = json_integer_value(json_object_get(states, word));
        (void)json_object_set_new(states, word, json_integer(before + counts->statuses[i]));
    }
    return states;
}

int cw_op_jump_item_counts(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_search_counts *counts = calloc(1, sizeof *counts);
    uint32_t *groups = calloc(CW_JUMP_GROUP_ID_MAX + 1, sizeof *groups);
    struct cw_jump_view view;
    int err =
        counts == NULL || groups == NULL ? CW_ERR_NOMEM : cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_jump_view_begin(c, request, &view);
    if (err == 0) {
        counts->groups = groups;
        err = cw_jump_counts(c, &view, counts);
        if (err == 0)
            reply->json = json_pack("{s:I, s:o, s:o, s:o}", "all", (json_int_t)counts->all,
                                    "states", states_json(counts), "groups",
                                    groups_json(c, &view, counts), "tags", tags_json(c, counts));
        cw_jump_view_end(&view);
    }
    free(groups);
    free(counts);
    return err;
}

/* The same caller, Jumping to the item with the rest of what was given. */
static int jump_to_one(struct cw_control *c, const struct cw_request *request, uint32_t item,
                       struct cw_reply *reply)
{
    struct cw_request jump = *request;
    json_t *body = json_copy((json_t *)(uintptr_t)request->body);

    if (body == NULL)
        return CW_ERR_NOMEM;
    (void)json_object_del(body, "text");
    (void)json_object_del(body, "fields");
    jump.body = body;
    jump.path_id = item;
    const int err = cw_op_jump_item_jump(c, &jump, reply);
    json_decref(body);
    if (err == 0 && reply->json != NULL)
        (void)json_object_set_new(reply->json, "jump_item", json_integer((json_int_t)item));
    return err;
}

int cw_op_jump_item_search_and_jump(struct cw_control *c, const struct cw_request *request,
                                    struct cw_reply *reply)
{
    json_t *body = json_pack("{s:O*, s:O*}", "text", json_object_get(request->body, "text"),
                             "fields", json_object_get(request->body, "fields"));
    struct cw_request search = *request;

    if (body == NULL)
        return CW_ERR_NOMEM;
    search.body = body;
    const int err = cw_op_jump_item_search(c, &search, reply);
    json_decref(body);
    if (err != 0 || json_integer_value(json_object_get(reply->json, "count")) != 1)
        return err;
    const json_t *row = json_array_get(json_object_get(reply->json, "jump_items"), 0);
    const uint32_t item = (uint32_t)json_integer_value(json_object_get(row, "id"));
    json_decref(reply->json);
    reply->json = NULL;
    return jump_to_one(c, request, item, reply);
}

int cw_op_jump_item_show(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_jump_detail detail;
    struct cw_jump_view view;
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    if (err == 0)
        reply->json = json_pack("{s:o}", "jump_item", cw_jump_whole(c, &view, &detail));
    cw_jump_view_end(&view);
    json_t *item = err == 0 ? json_object_get(reply->json, "jump_item") : NULL;
    if (item != NULL)
        (void)json_object_set_new(
            item, "may",
            cw_jump_flags_json(cw_jump_item_flags(c, request->account, request->path_id)));
    return err;
}

static int reply_picture(struct cw_control *c, uint32_t item, struct cw_reply *reply)
{
    uint8_t *picture = malloc(CW_THUMBNAIL_BYTES_MAX);
    uint64_t time_ms = 0;
    size_t bytes = 0;
    int err =
        picture != NULL ? cw_device_thumbnail(c, item, &time_ms, picture, &bytes) : CW_ERR_NOMEM;

    char *text = err == 0 ? malloc((bytes * 4 + 2) / 3 + 1) : NULL;
    if (text != NULL)
        cw_base64url_encode(picture, bytes, text);
    free(picture);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no picture of this screen yet.");
    if (text == NULL)
        return err != 0 ? err : CW_ERR_NOMEM;
    reply->json = json_pack("{s:s, s:s, s:I}", "type", "image/png", "picture", text, "time_unix_ms",
                            (json_int_t)time_ms);
    free(text);
    return 0;
}

int cw_op_jump_item_thumbnail(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct cw_jump_detail *detail = malloc(sizeof *detail);
    struct cw_jump_view view;
    int err = detail != NULL ? cw_jump_view_begin(c, request, &view) : CW_ERR_NOMEM;

    if (err == 0) {
        err = cw_jump_get(c, &view, request->path_id, reply, detail);
        cw_jump_view_end(&view);
    }
    free(detail);
    return err == 0 ? reply_picture(c, request->path_id, reply) : err;
}

/* ---- favourites ------------------------------------------------------------------------------- */

struct favourites {
    struct cw_control *c;
    const struct cw_jump_view *view;
    json_t *rows;
};

static int favourite_one(void *user, uint32_t item)
{
    struct favourites *f = user;
    struct cw_jump_detail detail;

    if (cw_device_detail(f->c, item, &detail) == 0 && cw_jump_view_has(f->view, &detail))
        (void)json_array_append_new(f->rows, cw_jump_row(f->c, f->view, &detail));
    return 0;
}

int cw_op_jump_item_favourites(struct cw_control *c, const struct cw_request *request,
                               struct cw_reply *reply)
{
    struct cw_jump_view view;
    struct favourites f = {c, &view, NULL};
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    f.rows = json_array();
    err = cw_store_item_favourite_each(c->store, request->account, favourite_one, &f);
    reply->json = json_pack("{s:o}", "jump_items", f.rows);
    cw_jump_view_end(&view);
    return err;
}

int cw_op_jump_item_favourite(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct cw_jump_detail detail;
    struct cw_jump_view view;
    bool is_favourite = true;
    uint32_t count = 0;
    int err = cw_body_only(request->body, "is_favourite", reply);

    if (err == 0 && cw_body_bool(request->body, "is_favourite", &is_favourite) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "is_favourite must be true or false.");
    if (err == 0)
        err = cw_jump_view_begin(c, request, &view);
    if (err != 0)
        return err;
    err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    cw_jump_view_end(&view);
    if (err == 0)
        err = cw_store_item_favourite_count(c->store, request->account, &count);
    if (err == 0 && is_favourite && count >= CW_FAVOURITES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "You have %u favourites. Remove one first.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    /* A list of one's own: no audit row. */
    err = cw_store_end(c->store, cw_store_item_favourite_set(c->store, request->account,
                                                             request->path_id, is_favourite));
    if (err == 0)
        cw_event_changed(c, request->account, "jump_favourites_changed");
    return err;
}

/* ---- export ----------------------------------------------------------------------------------- */

struct export
{
    struct cw_control *c;
    const struct cw_jump_view *view;
    struct cw_csv csv;
    uint32_t rows;
    uint32_t limit;
    uint32_t last;
};

static void export_header(struct cw_csv *csv)
{
    static const char *const names[] = {
        "id",       "name",    "group",      "tag",        "comments",  "hostname",
        "fqdn",     "domain",  "workgroup",  "private_ip", "public_ip", "console_user",
        "platform", "state",   "presence",   "mode",       "version",   "last_seen",
        "created",  "expires", "last_access"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cw_csv_text(csv, names[i]);
    cw_csv_end_row(csv);
}

static int export_one(void *user, const struct cw_jump_detail *d)
{
    struct export *e = user;
    const uint32_t session = cw_jump_view_session(e->view, d->item.id);
    const char *const texts[] = {
        d->item.name,
        d->item.group,
        d->tag,
        d->comments,
        d->item.hostname,
        d->fqdn,
        d->domain,
        d->workgroup,
        d->private_ip,
        d->public_ip,
        d->item.user,
        d->item.platform,
        cw_jump_state_word(session != 0 ? CW_JUMP_STATE_IN_SESSION : cw_jump_state_of(e->c, d)),
        cw_jump_presence_word(d->presence),
        d->mode == CW_JUMP_PASSIVE ? "passive" : "active",
        d->version};

    if (!cw_jump_view_has(e->view, d))
        return 0;
    cw_csv_number(&e->csv, d->item.id);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cw_csv_text(&e->csv, texts[i]);
    cw_csv_time(&e->csv, d->item.last_seen_ms);
    cw_csv_time(&e->csv, d->created_ms);
    cw_csv_time(&e->csv, d->expires_ms);
    cw_csv_time(&e->csv, d->item.last_access_ms);
    cw_csv_end_row(&e->csv);
    e->last = d->item.id;
    return ++e->rows == e->limit ? 1 : 0;
}

int cw_op_jump_item_export(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_jump_view view;
    struct export e = {.c = c, .view = &view};
    uint64_t after = 0;
    uint64_t limit = CW_JUMP_EXPORT_ROWS_MAX;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0 && (cw_body_number(request->body, "after", 0, UINT32_MAX, &after) != 0 ||
                     cw_body_number(request->body, "limit", 1, limit, &limit) != 0))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "after must be the number of a Jump Item, limit 1 to %d.",
                        CW_JUMP_EXPORT_ROWS_MAX);
    if (err == 0)
        err = cw_jump_view_begin(c, request, &view);
    if (err != 0)
        return err;
    e.limit = (uint32_t)limit;
    if (after == 0)
        export_header(&e.csv);
    err = cw_store_detail_each(c->store, (uint32_t)after, export_one, &e);
    cw_jump_view_end(&view);
    const bool has_more = err == 1;
    char *text = err == 0 || has_more ? cw_csv_take(&e.csv) : NULL;
    cw_csv_free(&e.csv);
    if (text == NULL)
        return err < 0 ? err : CW_ERR_NOMEM;
    reply->json = json_pack("{s:s, s:I, s:o}", "csv", text, "rows", (json_int_t)e.rows, "next",
                            has_more ? json_integer((json_int_t)e.last) : json_null());
    free(text);
    return 0;
}
