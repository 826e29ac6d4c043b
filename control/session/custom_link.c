/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/custom_link.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/queue/customer_message.h"
#include "control/session/operations.h"
#include "control/store/store_share.h"
#include "engine/base/err.h"

/* Attributes of the session are ATTR: and their code. */
static const char *const names[] = {"SESSION",        "CUSTOMER", "NAME",      "EXTERNAL_KEY",
                                    "REPRESENTATIVE", "USER",     "JUMP_ITEM", NULL};
enum { NAME_COUNT = 7, VALUE_BYTES = 3 * CW_ATTRIBUTE_VALUE_BYTES_MAX + 1 };

/* ---- pure ------------------------------------------------------------------------------------- */

bool cw_url_escape(const char *text, char *out, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;

    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        const bool is_plain = byte < 0x80 && (isalnum(byte) || strchr("-._~", byte) != NULL);
        if (n + (is_plain ? 1 : 3) >= size)
            return false;
        if (is_plain) {
            out[n++] = (char)byte;
            continue;
        }
        out[n++] = '%';
        out[n++] = digits[byte >> 4];
        out[n++] = digits[byte & 15];
    }
    out[n] = '\0';
    return true;
}

static bool is_macro(const char *name, size_t bytes)
{
    static const char code[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

    if (bytes > 5 && memcmp(name, "ATTR:", 5) == 0)
        return strspn(name + 5, code) == bytes - 5;
    for (unsigned i = 0; i < NAME_COUNT; i++)
        if (strlen(names[i]) == bytes && memcmp(names[i], name, bytes) == 0)
            return true;
    return false;
}

const char *cw_custom_link_check(const char *url)
{
    const size_t scheme = strncmp(url, "https://", 8) == 0  ? 8
                          : strncmp(url, "http://", 7) == 0 ? 7
                                                            : 0;
    const size_t host = strcspn(url + scheme, "/?#");

    if (scheme == 0)
        return "A link begins with https:// or http://.";
    if (host == 0 || memchr(url + scheme, '%', host) != NULL ||
        memchr(url + scheme, '@', host) != NULL)
        return "A link names its host itself, without macros and without a user.";
    for (const char *p = url; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}", *p) != NULL)
            return "A link has no blanks, quotes or letters beyond ASCII: write %20 and so on.";
    for (const char *p = strchr(url, '%'); p != NULL; p = strchr(p + 1, '%')) {
        const char *end = strchr(p + 1, '%');
        if (end != NULL && is_macro(p + 1, (size_t)(end - p - 1)))
            p = end;
        else if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]))
            return "Macros are %SESSION%, %CUSTOMER%, %NAME%, %EXTERNAL_KEY%, %REPRESENTATIVE%, "
                   "%USER%, %JUMP_ITEM% and %ATTR:code%; a percent sign itself is %25.";
    }
    return NULL;
}

/* ---- of a session ------------------------------------------------------------------------------ */

struct making {
    struct cw_macro macros[NAME_COUNT + CW_ATTRIBUTES_MAX + 1];
    size_t count;
    char codes[CW_ATTRIBUTES_MAX][CW_TEAM_CODE_BYTES_MAX + 8];
    char values[NAME_COUNT + CW_ATTRIBUTES_MAX][VALUE_BYTES];
    char url[CW_CUSTOM_LINK_MADE_BYTES_MAX + 1];
    json_t *rows;
};

static void put(struct making *m, const char *name, const char *value)
{
    char *escaped = m->values[m->count];

    if (!cw_url_escape(value, escaped, VALUE_BYTES))
        escaped[0] = '\0';
    m->macros[m->count++] = (struct cw_macro){name, escaped};
}

static int put_attribute(void *user, const struct cw_attribute *attribute, const char *value)
{
    struct making *m = user;
    const size_t at = m->count - NAME_COUNT;

    if (at == CW_ATTRIBUTES_MAX)
        return 0;
    snprintf(m->codes[at], sizeof m->codes[at], "ATTR:%s", attribute->code);
    put(m, m->codes[at], value);
    return 0;
}

/* One that does not fit is left out: half a link leads elsewhere. */
static int make_one(void *user, const struct cw_custom_link *link)
{
    struct making *m = user;

    cw_macros_replace(link->url, m->macros, m->url, sizeof m->url);
    if (strlen(m->url) + 1 >= sizeof m->url)
        return 0;
    return json_array_append_new(m->rows, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)link->id,
                                                    "name", link->name, "url", m->url)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_custom_links_add(struct cw_control *c, const struct cw_live_session *session,
                        uint32_t account, json_t *json)
{
    const struct cw_session *row = &session->row;
    struct making *m = calloc(1, sizeof *m);
    struct cw_account own = {.user = ""};
    char number[16];
    char item[16] = "";
    int err = m != NULL ? 0 : CW_ERR_NOMEM;

    if (err != 0)
        return err;
    if (account != 0)
        (void)cw_store_account_get(c->store, account, &own);
    snprintf(number, sizeof number, "%u", row->id);
    if (row->jump_item != 0)
        snprintf(item, sizeof item, "%u", row->jump_item);
    m->rows = json_array();
    put(m, names[0], number);
    put(m, names[1], row->customer);
    put(m, names[2], row->title[0] != '\0' ? row->title : row->customer);
    put(m, names[3], row->external_key);
    put(m, names[4], row->representative);
    put(m, names[5], own.user);
    put(m, names[6], item);
    err = cw_store_attribute_each(c->store, row->id, put_attribute, m);
    if (err == 0)
        err = cw_store_custom_link_each(c->store, make_one, m);
    (void)json_object_set_new(json, "links", m->rows);
    free(m);
    return err;
}

/* ---- operations -------------------------------------------------------------------------------- */

static int list_one(void *user, const struct cw_custom_link *link)
{
    return json_array_append_new(user, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)link->id,
                                                 "name", link->name, "url", link->url)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_custom_link_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    json_t *rows = json_array();

    (void)request;
    reply->json = json_pack("{s:o}", "links", rows);
    return cw_store_custom_link_each(c->store, list_one, rows);
}

static int count_one(void *user, const struct cw_custom_link *link)
{
    (void)link;
    ++*(unsigned *)user;
    return 0;
}

/* Both members of a new one; of one that is there what is given. */
static int take_link(const json_t *body, struct cw_custom_link *link, struct cw_reply *reply)
{
    const char *url = link->url;
    const char *wrong = NULL;
    char name[CW_NAME_SIZE];

    if (cw_body_name(body, "name", name) != 0 || (name[0] == '\0' && link->name[0] == '\0'))
        return cw_refuse(reply, CW_ERR_INVALID, "A link needs a name of one line.");
    if (cw_body_lines(body, "url", CW_CUSTOM_LINK_BYTES_MAX, &url) != 0 || url[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "url must be a link of at most %d bytes.",
                         CW_CUSTOM_LINK_BYTES_MAX);
    wrong = cw_custom_link_check(url);
    if (wrong != NULL)
        return cw_refuse(reply, CW_ERR_INVALID, "%s", wrong);
    if (name[0] != '\0')
        snprintf(link->name, sizeof link->name, "%s", name);
    if (url != link->url)
        snprintf(link->url, sizeof link->url, "%s", url);
    return 0;
}

static int end_link(struct cw_control *c, const struct cw_request *request,
                    const struct cw_custom_link *link, const char *action, struct cw_reply *reply,
                    int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];

    snprintf(object, sizeof object, "custom link %u", link->id);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s: %.250s", link->name, link->url);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is a link with the name \"%s\" already.", link->name);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)link->id);
    return err;
}

int cw_op_custom_link_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    struct cw_custom_link link = {.id = 0};
    unsigned count = 0;
    int err = cw_body_only(request->body, "name url", reply);

    if (err == 0)
        err = take_link(request->body, &link, reply);
    if (err == 0)
        err = cw_store_custom_link_each(c->store, count_one, &count);
    if (err == 0 && count >= CW_CUSTOM_LINKS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u links already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_custom_link_add(c->store, &link);
    return end_link(c, request, &link, "custom_link.create", reply, err);
}

static int find_link(struct cw_control *c, const struct cw_request *request,
                     struct cw_custom_link *ret, struct cw_reply *reply)
{
    int err = cw_store_custom_link_get(c->store, request->path_id, ret);

    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no link with the number %u.", request->path_id)
               : err;
}

int cw_op_custom_link_set(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct cw_custom_link link;
    int err = cw_body_only(request->body, "name url", reply);

    if (err == 0)
        err = find_link(c, request, &link, reply);
    if (err == 0)
        err = take_link(request->body, &link, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_custom_link_put(c->store, &link);
    return end_link(c, request, &link, "custom_link.set", reply, err);
}

int cw_op_custom_link_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    struct cw_custom_link link;
    int err = find_link(c, request, &link, reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_custom_link_remove(c->store, link.id);
    return end_link(c, request, &link, "custom_link.remove", reply, err);
}
