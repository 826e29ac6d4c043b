/* SPDX-License-Identifier: Apache-2.0 */
/* Jump Items changed and removed, one or many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/jump/device.h"
#include "control/jump/device_order.h"
#include "control/jump/installer.h"
#include "control/jump/jump.h"
#include "control/jump/operations.h"
#include "control/jump/waking.h"
#include "control/session/event.h"
#include "engine/base/err.h"

/* What a change asks for; what is not given stays. */
struct edit {
    bool has_name;
    bool has_group;
    bool has_expires;
    char name[CW_NAME_SIZE];
    uint32_t group;
    const char *group_name;
    const char *tag;
    const char *comments;
    uint64_t expires_ms;
    const json_t *reach; /* the body with mode and port; NULL: neither is given */
};

static bool is_given(const json_t *body, const char *member)
{
    const json_t *value = json_object_get(body, member);

    return value != NULL && !json_is_null(value);
}

/* One line, which may be empty. */
static int take_line(const json_t *body, const char *member, size_t bytes_max,
                     const char **ret_text)
{
    const char *text = NULL;

    if (cw_body_lines(body, member, bytes_max, &text) != 0 ||
        (text != NULL && strpbrk(text, "\n\t") != NULL))
        return CW_ERR_INVALID;
    *ret_text = text;
    return 0;
}

static int take_edit(struct cw_control *c, const struct cw_request *request, struct edit *e,
                     struct cw_reply *reply)
{
    const json_t *body = request->body;

    *e = (struct edit){0};
    e->has_name = is_given(body, "name");
    if (cw_body_name(body, "name", e->name) != 0 || (e->has_name && e->name[0] == '\0'))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of 1 to 128 characters.");
    if (take_line(body, "tag", CW_TAG_BYTES_MAX, &e->tag) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "The tag must be one line of at most %d bytes.",
                         CW_TAG_BYTES_MAX);
    if (cw_body_lines(body, "comments", CW_COMMENTS_BYTES_MAX, &e->comments) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "Comments must be text of at most %d bytes.",
                         CW_COMMENTS_BYTES_MAX);
    e->has_expires = is_given(body, "expires_unix_ms");
    if (cw_body_number(body, "expires_unix_ms", 0, UINT64_C(1) << 53, &e->expires_ms) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "expires_unix_ms must be a time in milliseconds, or 0 for never.");
    if (is_given(body, "mode") || is_given(body, "port"))
        e->reach = body;
    e->has_group = is_given(body, "group");
    if (!e->has_group)
        return 0;
    int err = cw_body_text(body, "group", CW_NAME_BYTES_MAX, &e->group_name);
    if (err == 0)
        err = cw_store_group_find(c->store, e->group_name, &e->group);
    /* One that the caller does not see is not there. */
    if (err == 0 && !cw_jump_group_may_see(c, request->account, e->group))
        err = CW_ERR_NOT_FOUND;
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_INVALID)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no Jump Group with that name.");
    return err;
}

static int need_flag(struct cw_control *c, const struct cw_request *request,
                     const struct cw_jump_detail *d, enum cw_jump_flag flag, struct cw_reply *reply)
{
    char object[32];

    if (cw_jump_item_may(c, request->account, d->item.id, flag))
        return 0;
    const struct cw_actor actor = cw_actor_of_request(c, request);
    snprintf(object, sizeof object, "jump item %u", d->item.id);
    cw_audit_refused(c, &actor, "jump_item.edit", object, "DENIED", "%s", cw_jump_flag_name(flag));
    return cw_refuse(reply, CW_ERR_DENIED,
                     "Your role in the Jump Group of %.100s does not let you %s (%s).",
                     d->item.name, cw_jump_flag_what(flag), cw_jump_flag_name(flag));
}

/* How it is reached from now on; a port without a computer that listens there is a mistake. */
static int take_reach(const struct cw_control *c, const struct edit *e, struct cw_jump_detail *d,
                      struct cw_reply *reply)
{
    if (cw_jump_mode_of(c, e->reach, &d->mode, &d->port) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "mode must be active or passive, and port %d to 65535.", CW_JUMP_PORT_MIN);
    if (d->mode != CW_JUMP_PASSIVE && is_given(e->reach, "port"))
        return cw_refuse(reply, CW_ERR_INVALID, "Only a passive Jump Client listens on a port.");
    return 0;
}

/* Each field needs its own flag of the caller's role. */
static int may_edit(struct cw_control *c, const struct cw_request *request,
                    const struct cw_jump_detail *d, const struct edit *e, struct cw_reply *reply)
{
    int err = 0;

    if (e->has_name)
        err = need_flag(c, request, d, CW_JUMP_FLAG_EDIT_IDENTITY, reply);
    if (err == 0 && e->tag != NULL)
        err = need_flag(c, request, d, CW_JUMP_FLAG_EDIT_TAG, reply);
    if (err == 0 && e->comments != NULL)
        err = need_flag(c, request, d, CW_JUMP_FLAG_EDIT_COMMENTS, reply);
    if (err == 0 && (e->has_expires || e->reach != NULL))
        err = need_flag(c, request, d, CW_JUMP_FLAG_EDIT_BEHAVIOR, reply);
    if (err == 0 && e->has_group)
        err = need_flag(c, request, d, CW_JUMP_FLAG_ASSIGN_GROUP, reply);
    if (err == 0 && e->has_group &&
        (cw_jump_group_flags(c, request->account, e->group) & 1U << CW_JUMP_FLAG_ADD) == 0)
        return cw_refuse(reply, CW_ERR_DENIED, "You may not add items to the Jump Group %.100s.",
                         e->group_name);
    return err;
}

/* In a transaction: changes one item and says in the audit log what. */
static int edit_one(struct cw_control *c, const struct cw_actor *actor, const char *action,
                    struct cw_jump_detail *d, const struct edit *e)
{
    char what[CW_AUDIT_DETAIL_BYTES_MAX + 1] = "";
    char reach[32] = "";
    char object[32];
    size_t used = 0;
    int n = 0;

    if (e->reach != NULL && d->mode == CW_JUMP_PASSIVE)
        snprintf(reach, sizeof reach, "; passive, port %u", d->port);
    else if (e->reach != NULL)
        snprintf(reach, sizeof reach, "; active");

    n = e->has_name ? snprintf(what, sizeof what, "%.130s, before: %.130s", e->name, d->item.name)
                    : snprintf(what, sizeof what, "%.130s", d->item.name);
    used = (size_t)n < sizeof what ? (size_t)n : sizeof what - 1;
    snprintf(what + used, sizeof what - used, "%s%.80s%s%s%s%s", e->has_group ? "; group " : "",
             e->has_group ? e->group_name : "", e->tag != NULL ? "; tag" : "",
             e->comments != NULL ? "; comments" : "", e->has_expires ? "; expiry" : "", reach);
    if (e->has_name)
        memcpy(d->item.name, e->name, sizeof d->item.name);
    if (e->has_group)
        d->group = e->group;
    if (e->tag != NULL)
        snprintf(d->tag, sizeof d->tag, "%s", e->tag);
    if (e->comments != NULL)
        snprintf(d->comments, sizeof d->comments, "%s", e->comments);
    if (e->has_expires)
        d->expires_ms = e->expires_ms;
    snprintf(object, sizeof object, "jump item %u", d->item.id);
    int err = cw_store_detail_edit(c->store, d);
    return err == 0 ? cw_audit(c, actor, action, object, "ok", "%s", what) : err;
}

/* At once when it is online; who sleeps is called where it listens now, and else hears it when it looks in. */
static void tell(struct cw_control *c, const struct cw_actor *actor,
                 const struct cw_jump_detail *detail, uint16_t port)
{
    const struct cw_device *device = cw_device_find(c, detail->item.id);

    if (device != NULL && device->link != NULL)
        cw_device_order_on_up(c, device, detail);
    else if (port != 0 && port != detail->port)
        cw_waking_call(c, actor, detail, port);
}

static int edit(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                const char *action, const struct edit *e)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_jump_detail detail;
    struct cw_jump_view view;
    uint16_t port = 0; /* where it listens until it hears of another */
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    if (err == 0)
        err = may_edit(c, request, &detail, e, reply);
    port = detail.port;
    if (err == 0 && e->reach != NULL)
        err = take_reach(c, e, &detail, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store, edit_one(c, &actor, action, &detail, e));
    if (err == 0 && e->reach != NULL)
        tell(c, &actor, &detail, port);
    if (err == 0) {
        cw_jump_refresh(c, detail.item.id);
        cw_event_jump_items_changed(c);
        err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    }
    if (err == 0)
        reply->json = json_pack("{s:o}", "jump_item", cw_jump_whole(c, &view, &detail));
    cw_jump_view_end(&view);
    return err;
}

int cw_op_jump_item_rename(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct edit e = {.has_name = true};

    if (cw_body_name(request->body, "name", e.name) != 0 || e.name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID,
                         "The name must be one line of 1 to 128 characters.");
    return edit(c, request, reply, "jump_item.rename", &e);
}

int cw_op_jump_item_edit(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct edit e;
    int err =
        cw_body_only(request->body, "name group tag comments expires_unix_ms mode port", reply);

    if (err == 0)
        err = take_edit(c, request, &e, reply);
    return err == 0 ? edit(c, request, reply, "jump_item.edit", &e) : err;
}

static uint32_t item_number(const json_t *items, size_t i)
{
    const json_int_t id = json_integer_value(json_array_get(items, i));

    return id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
}

static int may_edit_all(struct cw_control *c, const struct cw_request *request,
                        const struct cw_jump_view *view, const struct edit *e,
                        struct cw_reply *reply)
{
    const json_t *items = json_object_get(request->body, "items");
    struct cw_jump_detail detail;
    int err = 0;

    for (size_t i = 0; err == 0 && i < json_array_size(items); i++) {
        err = cw_jump_get(c, view, item_number(items, i), reply, &detail);
        if (err == 0)
            err = may_edit(c, request, &detail, e, reply);
    }
    return err;
}

/* In a transaction: all of them or none. */
static int edit_all(struct cw_control *c, const struct cw_request *request, const struct edit *e)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const json_t *items = json_object_get(request->body, "items");
    struct cw_jump_detail detail;
    int err = 0;

    for (size_t i = 0; err == 0 && i < json_array_size(items); i++) {
        err = cw_store_detail_get(c->store, item_number(items, i), &detail);
        if (err == 0)
            err = edit_one(c, &actor, "jump_item.edit", &detail, e);
    }
    return err;
}

int cw_op_jump_item_edit_many(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const json_t *items = json_object_get(request->body, "items");
    const size_t count = json_array_size(items);
    struct cw_jump_view view;
    struct edit e;
    int err = cw_body_only(request->body, "items group tag comments expires_unix_ms", reply);

    if (err == 0 && (count == 0 || count > CW_JUMP_EDIT_ITEMS_MAX))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "items must be a list of the numbers of 1 to %d Jump Items.",
                        CW_JUMP_EDIT_ITEMS_MAX);
    if (err == 0)
        err = take_edit(c, request, &e, reply);
    if (err == 0)
        err = cw_jump_view_begin(c, request, &view);
    if (err != 0)
        return err;
    err = may_edit_all(c, request, &view, &e, reply);
    cw_jump_view_end(&view);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_end(c->store, edit_all(c, request, &e));
    if (err != 0)
        return err;
    for (size_t i = 0; i < count; i++)
        cw_jump_refresh(c, item_number(items, i));
    cw_event_jump_items_changed(c);
    reply->json = json_pack("{s:I}", "changed", (json_int_t)count);
    return 0;
}

int cw_op_jump_item_remove(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_jump_detail detail;
    struct cw_jump_view view;
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    cw_jump_view_end(&view);
    if (err == 0)
        err = need_flag(c, request, &detail, CW_JUMP_FLAG_REMOVE, reply);
    return err == 0 ? cw_jump_remove(c, &actor, &detail.item, "") : err;
}

int cw_op_jump_item_uninstall(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_jump_detail detail;
    struct cw_jump_view view;
    int err = cw_jump_view_begin(c, request, &view);

    if (err != 0)
        return err;
    err = cw_jump_get(c, &view, request->path_id, reply, &detail);
    cw_jump_view_end(&view);
    if (err == 0)
        err = need_flag(c, request, &detail, CW_JUMP_FLAG_REMOVE, reply);
    if (err == 0)
        err = cw_device_order_uninstall(c, &actor, &detail, "");
    if (err == 0)
        reply->json = json_pack("{s:b}", "is_online", cw_device_is_online(c, detail.item.id));
    return err;
}
