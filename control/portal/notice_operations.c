/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on portals: logos, notices to customers, representatives who show themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/portal/operations.h"
#include "control/portal/picture.h"
#include "control/session/event.h"
#include "engine/base/err.h"

/* ---- logos ----------------------------------------------------------------------------------- */

/* The picture in base64url; n 0: none. */
static int take_picture(const json_t *body, uint8_t *bytes, size_t *ret_n,
                        struct cw_picture *ret_picture, struct cw_reply *reply)
{
    const json_t *value = json_object_get(body, "picture");
    const size_t text_bytes = json_string_length(value);
    const size_t n = text_bytes / 4 * 3 + (text_bytes % 4 != 0 ? text_bytes % 4 - 1 : 0);
    int err = 0;

    if (!json_is_string(value))
        return cw_refuse(reply, CW_ERR_INVALID,
                         "picture is a PNG or JPEG in base64url without padding, or empty for "
                         "none.");
    *ret_n = n;
    if (n == 0)
        return 0;
    if (n > CW_LOGO_BYTES_MAX)
        return cw_refuse(reply, CW_ERR_TOO_LARGE, "A logo has at most %d bytes.",
                         CW_LOGO_BYTES_MAX);
    if (cw_base64url_decode(json_string_value(value), text_bytes, bytes, n) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "picture is not base64url without padding.");
    err = cw_picture_check(bytes, n, ret_picture);
    if (err == CW_ERR_TOO_LARGE)
        return cw_refuse(reply, err, "A logo is at most %d pixels wide and high.",
                         CW_LOGO_SIDE_PX_MAX);
    return err == 0 ? 0 : cw_refuse(reply, CW_ERR_INVALID, "picture is not a whole PNG or JPEG.");
}

static int store_logo(struct cw_control *c, const struct cw_request *request, uint32_t portal,
                      const uint8_t *bytes, size_t n, const struct cw_picture *picture)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    uint8_t hash[CW_SHA256_BYTES];
    char name[CW_LOGO_NAME_BYTES + 1] = "";
    char object[32];
    int err = n > 0 ? cw_secret_hash("causeway logo v1", bytes, n, hash) : 0;

    for (size_t i = 0; err == 0 && n > 0 && i < CW_LOGO_NAME_BYTES / 2; i++)
        snprintf(name + 2 * i, 3, "%02x", hash[i]);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_portal_logo_put(c->store, portal, n > 0 ? (uint8_t)picture->type : 0, name,
                                   bytes, n);
    snprintf(object, sizeof object, "portal %u", portal);
    if (err == 0)
        err = cw_audit(c, &actor, "portal.set_logo", object, "ok", "%zu bytes, %u x %u", n,
                       picture->width_px, picture->height_px);
    return cw_store_end(c->store, err);
}

int cw_op_portal_set_logo(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    const struct cw_portal *portal = cw_portal_get(c, request->path_id);
    struct cw_picture picture = {.width_px = 0};
    char path[CW_LOGO_PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t n = 0;
    int err = cw_body_only(request->body, "picture", reply);

    if (err == 0 && portal == NULL)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no portal with the number %u.",
                        request->path_id);
    if (err != 0)
        return err;
    bytes = malloc(CW_LOGO_BYTES_MAX);
    if (bytes == NULL)
        return CW_ERR_NOMEM;
    err = take_picture(request->body, bytes, &n, &picture, reply);
    if (err == 0)
        err = store_logo(c, request, portal->row.id, bytes, n, &picture);
    free(bytes);
    if (err != 0)
        return err;
    cw_portals_changed(c);
    cw_portal_logo_path(cw_portal_or_default(c, request->path_id), path, sizeof path);
    reply->json = json_pack("{s:s*}", "logo", path[0] != '\0' ? path : NULL);
    return 0;
}

/* ---- notices --------------------------------------------------------------------------------- */

static json_t *notice_json(const struct cw_notice *n)
{
    return json_pack("{s:I, s:o, s:s, s:I, s:o}", "id", (json_int_t)n->id, "portal",
                     n->portal != 0 ? json_integer((json_int_t)n->portal) : json_null(), "text",
                     n->text, "from_unix_ms", (json_int_t)n->from_ms, "until_unix_ms",
                     n->until_ms != 0 ? json_integer((json_int_t)n->until_ms) : json_null());
}

struct listing {
    json_t *rows;
    uint32_t limit;
    uint32_t next; /* 0: that was all */
};

static int list_notice(void *user, const struct cw_notice *n)
{
    struct listing *l = user;

    if (json_array_size(l->rows) == l->limit) {
        l->next = (uint32_t)json_integer_value(
            json_object_get(json_array_get(l->rows, l->limit - 1), "id"));
        return 0;
    }
    return json_array_append_new(l->rows, notice_json(n)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_notice_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    struct listing l = {.next = 0};
    uint32_t after = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &l.limit, reply);
    if (err != 0)
        return err;
    l.rows = json_array();
    err = cw_store_notice_each(c->store, after, l.limit + 1, list_notice, &l);
    reply->json = json_pack("{s:o, s:o}", "notices", l.rows, "next",
                            l.next != 0 ? json_integer((json_int_t)l.next) : json_null());
    return err;
}

static int take_notice(struct cw_control *c, const json_t *body, struct cw_notice *n,
                       struct cw_reply *reply)
{
    const char *text = n->text;
    const struct cw_portal *portal = NULL;
    int err = cw_body_only(body, "portal text from_unix_ms until_unix_ms", reply);

    if (err == 0 && json_object_get(body, "portal") != NULL) {
        const json_t *value = json_object_get(body, "portal");
        /* null or an empty text: on every portal. */
        if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
            n->portal = 0;
        else if ((err = cw_portal_take(c, body, &portal, reply)) == 0)
            n->portal = portal->row.id;
    }
    if (err == 0 && (cw_body_lines(body, "text", CW_NOTICE_BYTES_MAX, &text) != 0 ||
                     text[strspn(text, " \n")] == '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID, "A notice has a text of at most %d bytes.",
                        CW_NOTICE_BYTES_MAX);
    if (err == 0 && (cw_body_number(body, "from_unix_ms", 0, INT64_MAX, &n->from_ms) != 0 ||
                     cw_body_number(body, "until_unix_ms", 0, INT64_MAX, &n->until_ms) != 0 ||
                     (n->until_ms != 0 && n->until_ms <= n->from_ms)))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "from_unix_ms and until_unix_ms are times in Unix milliseconds, the second "
                        "behind the first; 0 has no end.");
    if (err == 0 && text != n->text)
        snprintf(n->text, sizeof n->text, "%s", text);
    return err;
}

static int store_notice(struct cw_control *c, const struct cw_request *request, struct cw_notice *n,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const bool is_new = n->id == 0;
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    err = is_new ? cw_store_notice_add(c->store, n) : cw_store_notice_put(c->store, n);
    snprintf(object, sizeof object, "notice %u", n->id);
    if (err == 0)
        err = cw_audit(c, &actor, is_new ? "notice.create" : "notice.set", object, "ok",
                       "portal %u: %s", n->portal, n->text);
    err = cw_store_end(c->store, err);
    if (err == 0) {
        cw_event_changed(c, 0, "portals_changed");
        reply->json = json_pack("{s:o}", "notice", notice_json(n));
    }
    return err;
}

int cw_op_notice_create(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_notice n = {.from_ms = cw_control_now_unix_ms(c)};
    uint32_t count = 0;
    int err = take_notice(c, request->body, &n, reply);

    if (err == 0)
        err = cw_store_notice_count(c->store, &count);
    if (err == 0 && count >= CW_NOTICES_MAX)
        err =
            cw_refuse(reply, CW_ERR_FULL, "There are %u notices already. Remove old ones.", count);
    return err == 0 ? store_notice(c, request, &n, reply) : err;
}

static int refuse_unknown(const struct cw_request *request, int err, struct cw_reply *reply)
{
    return err != CW_ERR_NOT_FOUND
               ? err
               : cw_refuse(reply, err, "There is no notice with the number %u.", request->path_id);
}

int cw_op_notice_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct cw_notice n;
    int err = cw_store_notice_get(c->store, request->path_id, &n);

    if (err != 0)
        return refuse_unknown(request, err, reply);
    err = take_notice(c, request->body, &n, reply);
    return err == 0 ? store_notice(c, request, &n, reply) : err;
}

int cw_op_notice_remove(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "notice %u", request->path_id);
    err = cw_store_notice_remove(c->store, request->path_id);
    if (err == 0)
        err = cw_audit(c, &actor, "notice.remove", object, "ok", "removed");
    err = cw_store_end(c->store, err);
    if (err == 0)
        cw_event_changed(c, 0, "portals_changed");
    return refuse_unknown(request, err, reply);
}

/* ---- representatives ------------------------------------------------------------------------- */

int cw_op_portal_show_me(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    bool is_shown = true;
    int err = cw_body_only(request->body, "shown", reply);

    if (err == 0 && cw_body_bool(request->body, "shown", &is_shown) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "shown is true or false.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_portal_person_set(c->store, request->account, is_shown);
    if (err == 0)
        err = cw_audit(c, &actor, "portal.show_me", "", "ok", "%s", is_shown ? "shown" : "hidden");
    err = cw_store_end(c->store, err);
    if (err == 0)
        reply->json = json_pack("{s:b}", "shown", is_shown);
    return err;
}
