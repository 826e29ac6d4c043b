/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/ctl_text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/front/ctl_line.h"
#include "control/front/front_limits.h"
#include "engine/base/err.h"

/* Growing text; err is sticky. */
struct ctl_text {
    char *text;
    size_t size;
    size_t room;
    int err;
};

static void text_add_bytes(struct ctl_text *t, const char *bytes, size_t n)
{
    if (t->err != 0 || n == 0)
        return;
    if (n > CW_CTL_REPLY_BYTES_MAX - t->size) {
        t->err = CW_ERR_TOO_LARGE;
        return;
    }
    if (n > t->room - t->size) {
        size_t room = t->room < 1024 ? 1024 : t->room;
        while (room < t->size + n)
            room *= 2;
        char *grown = realloc(t->text, room);
        if (grown == NULL) {
            t->err = CW_ERR_NOMEM;
            return;
        }
        t->text = grown;
        t->room = room;
    }
    memcpy(t->text + t->size, bytes, n);
    t->size += n;
}

static void text_add(struct ctl_text *t, const char *s)
{
    text_add_bytes(t, s, strlen(s));
}

/* In an object's line a value with blanks is quoted, so that the line can be split again. */
static void text_add_string(struct ctl_text *t, const char *s, bool quote_blanks)
{
    bool quoted = quote_blanks && (s[0] == '\0' || strpbrk(s, " =\"") != NULL);
    if (quoted)
        text_add(t, "\"");
    const char *plain = s;
    for (; *s != '\0'; s++) {
        unsigned char ch = (unsigned char)*s;
        bool is_control = ch < 0x20 || ch == 0x7f;
        if (!is_control && !(quoted && (ch == '"' || ch == '\\')))
            continue;
        char escape[8];
        (void)snprintf(escape, sizeof escape, is_control ? "\\x%02x" : "\\%c", ch);
        text_add_bytes(t, plain, (size_t)(s - plain));
        text_add(t, escape);
        plain = s + 1;
    }
    text_add_bytes(t, plain, (size_t)(s - plain));
    if (quoted)
        text_add(t, "\"");
}

static void text_add_scalar(struct ctl_text *t, const json_t *v, bool quote_blanks)
{
    char number[32];
    switch (json_typeof(v)) {
    case JSON_STRING: text_add_string(t, json_string_value(v), quote_blanks); return;
    case JSON_INTEGER:
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
        text_add(t, number);
        return;
    case JSON_REAL:
        (void)snprintf(number, sizeof number, "%.6g", json_real_value(v));
        text_add(t, number);
        return;
    case JSON_TRUE: text_add(t, "yes"); return;
    case JSON_FALSE: text_add(t, "no"); return;
    case JSON_NULL: text_add(t, "-"); return;
    case JSON_OBJECT:
    case JSON_ARRAY: break;
    }
    /* Deeper nesting than a table's cell: as JSON, which has no control characters either. */
    char *dump = json_dumps(v, JSON_COMPACT);
    if (dump == NULL)
        t->err = CW_ERR_NOMEM;
    else
        text_add(t, dump);
    free(dump);
}

static void text_add_row(struct ctl_text *t, const json_t *object)
{
    const char *separator = "";
    void *at = json_object_iter((json_t *)(uintptr_t)object);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        text_add(t, separator);
        text_add_string(t, json_object_iter_key(at), false);
        text_add(t, "=");
        text_add_scalar(t, json_object_iter_value(at), true);
        separator = " ";
    }
    text_add(t, "\n");
}

static void text_add_member(struct ctl_text *t, const char *key, const json_t *v)
{
    if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++) {
            const json_t *row = json_array_get(v, i);
            if (json_is_object(row) && json_object_size(row) > 0) {
                text_add_row(t, row);
                continue;
            }
            text_add_scalar(t, row, true);
            text_add(t, "\n");
        }
        return;
    }
    text_add_string(t, key, false);
    text_add(t, ": ");
    if (json_is_object(v) && json_object_size(v) > 0) {
        text_add_row(t, v);
        return;
    }
    text_add_scalar(t, v, false);
    text_add(t, "\n");
}

static int text_end(struct ctl_text *t, char **ret_text, size_t *ret_size)
{
    text_add(t, "\n");
    if (t->err != 0) {
        free(t->text);
        return t->err;
    }
    *ret_text = t->text;
    *ret_size = t->size;
    return 0;
}

int cw_ctl_render(const json_t *reply, bool as_json, char **ret_text, size_t *ret_size)
{
    struct ctl_text t = {0};
    if (as_json) {
        char *dump = json_dumps(reply, JSON_COMPACT);
        if (dump == NULL)
            return CW_ERR_NOMEM;
        text_add(&t, dump);
        text_add(&t, "\n");
        free(dump);
        return text_end(&t, ret_text, ret_size);
    }
    json_t *object = (json_t *)(uintptr_t)reply;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
        text_add_member(&t, json_object_iter_key(at), json_object_iter_value(at));
    if (t.size == 0 && t.err == 0)
        text_add(&t, json_object_size(reply) == 0 ? "ok\n" : "none\n");
    return text_end(&t, ret_text, ret_size);
}

int cw_ctl_render_error(const char *code, const char *message, bool as_json, char **ret_text,
                        size_t *ret_size)
{
    struct ctl_text t = {0};
    if (!as_json) {
        text_add(&t, "error ");
        text_add(&t, code);
        text_add(&t, ": ");
        text_add_string(&t, message, false);
        text_add(&t, "\n");
        return text_end(&t, ret_text, ret_size);
    }
    json_t *error = json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message);
    if (error == NULL)
        return CW_ERR_NOMEM;
    int rc = cw_ctl_render(error, true, ret_text, ret_size);
    json_decref(error);
    return rc;
}

/* Each of the words is one of the command's. */
static bool help_has(const char *pattern, const char *const *words, size_t word_count)
{
    for (size_t i = 0; i < word_count; i++) {
        const size_t n = strlen(words[i]);
        bool is_there = false;
        for (const char *at = pattern; *at != '\0' && !is_there;) {
            size_t size = strcspn(at, " ");
            is_there = size == n && memcmp(at, words[i], n) == 0;
            at += size;
            at += strspn(at, " ");
        }
        if (!is_there)
            return false;
    }
    return true;
}

int cw_ctl_render_help(const struct cw_operation *table, enum cw_front front,
                       const char *const *words, size_t word_count, bool as_json, char **ret_text,
                       size_t *ret_size)
{
    json_t *list = json_array();
    struct ctl_text t = {0};
    for (const struct cw_operation *o = table; o->name != NULL && list != NULL; o++) {
        if (!cw_ctl_may_use(o, front) || !help_has(o->words, words, word_count))
            continue;
        const char *permission = cw_ctl_may_use(o, CW_FRONT_SOCKET_RO) ? "anybody" : "operator";
        char line[400];
        (void)snprintf(line, sizeof line, "%-36s [%s] %s\n", o->words, permission, o->summary);
        text_add(&t, line);
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s}", "words", o->words, "permission",
                                              permission, "summary", o->summary));
    }
    text_add(&t, "Arguments are added as key=value; \"json\" before a command gives JSON; \";\" "
                 "separates commands; \"quit\" ends.\n");
    if (!as_json) {
        json_decref(list);
        return text_end(&t, ret_text, ret_size);
    }
    free(t.text);
    json_t *help = json_pack("{s:o}", "commands", list);
    if (help == NULL)
        return CW_ERR_NOMEM;
    int rc = cw_ctl_render(help, true, ret_text, ret_size);
    json_decref(help);
    return rc;
}
