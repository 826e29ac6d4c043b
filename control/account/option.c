/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/option.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/access.h"
#include "control/account/operations.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/state.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

static const char prefix[] = "option."; /* in table setting, beside the engine's */

struct cw_options {
    uint64_t values[CW_OPTION_COUNT];
    bool is_stored[CW_OPTION_COUNT];
};

struct option_info {
    const char *name;
    uint64_t least, most, initial;
    const char *unit;
    const char *meaning;
};

static const struct option_info infos[CW_OPTION_COUNT] = {
#define X(name, text, least, most, initial, unit, meaning) \
    [CW_OPTION_##name] = {text, least, most, initial, unit, meaning},
    CW_OPTIONS(X)
#undef X
};

uint64_t cw_option(const struct cw_control *c, enum cw_option option)
{
    return c->options->values[option];
}

static enum cw_option option_find(const char *name)
{
    unsigned i = 0;

    while (i < CW_OPTION_COUNT && strcmp(infos[i].name, name) != 0)
        i++;
    return (enum cw_option)i;
}

static int load_one(void *user, const char *name, uint64_t value)
{
    struct cw_control *c = user;
    enum cw_option option = CW_OPTION_COUNT;

    if (strncmp(name, prefix, sizeof prefix - 1) != 0)
        return 0;
    option = option_find(name + sizeof prefix - 1);
    if (option == CW_OPTION_COUNT || value < infos[option].least || value > infos[option].most) {
        cw_log(CW_LOG_WARNING, "control.option", "stored %s is left out: %s", name,
               option == CW_OPTION_COUNT ? "there is no such option" : "out of its range");
        return 0;
    }
    c->options->values[option] = value;
    c->options->is_stored[option] = true;
    return 0;
}

int cw_option_load(struct cw_control *c)
{
    if (c->options == NULL)
        c->options = calloc(1, sizeof *c->options);
    if (c->options == NULL)
        return CW_ERR_NOMEM;
    for (unsigned i = 0; i < CW_OPTION_COUNT; i++) {
        c->options->values[i] = infos[i].initial;
        c->options->is_stored[i] = false;
    }
    return cw_store_setting_each(c->store, load_one, c);
}

void cw_option_free(struct cw_control *c)
{
    free(c->options);
    c->options = NULL;
}

/* ---- words and numbers ----------------------------------------------------------------------- */

static bool has_words(const struct option_info *info)
{
    return strchr(info->unit, '|') != NULL;
}

static void value_text(const struct option_info *info, uint64_t value, char *out, size_t size)
{
    const char *word = info->unit;

    if (!has_words(info)) {
        snprintf(out, size, "%" PRIu64, value);
        return;
    }
    for (uint64_t i = 0; i < value; i++)
        word += strcspn(word, "|") + 1;
    snprintf(out, size, "%.*s", (int)strcspn(word, "|"), word);
}

static void range_text(const struct option_info *info, char *out, size_t size)
{
    if (has_words(info))
        snprintf(out, size, "%s", info->unit);
    else
        snprintf(out, size, "%" PRIu64 "-%" PRIu64, info->least, info->most);
}

/* The member value: a number, its digits, or a word of the unit. */
static int take_value(const struct option_info *info, const json_t *body, uint64_t *ret_value)
{
    const json_t *given = json_object_get(body, "value");
    char word[CW_SETTING_VALUE_BYTES_MAX + 1];

    if (!has_words(info))
        return given == NULL || json_is_null(given)
                   ? CW_ERR_INVALID
                   : cw_body_number(body, "value", info->least, info->most, ret_value);
    for (uint64_t i = info->least; i <= info->most; i++) {
        value_text(info, i, word, sizeof word);
        if (json_is_string(given) && strcmp(json_string_value(given), word) == 0) {
            *ret_value = i;
            return 0;
        }
    }
    /* The words of a switch come as JSON's own from a command. */
    if (json_is_boolean(given) && strcmp(info->unit, "off|on") == 0) {
        *ret_value = json_is_true(given);
        return 0;
    }
    return CW_ERR_INVALID;
}

/* ---- operations ------------------------------------------------------------------------------ */

static json_t *option_json(const struct cw_control *c, enum cw_option option)
{
    const struct option_info *info = &infos[option];
    char value[32], initial[32], range[96];

    value_text(info, c->options->values[option], value, sizeof value);
    value_text(info, info->initial, initial, sizeof initial);
    range_text(info, range, sizeof range);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", info->name, "running", value,
                     "stored", c->options->is_stored[option] ? value : "-", "default", initial,
                     "range", range, "unit", has_words(info) ? "" : info->unit, "meaning",
                     info->meaning);
}

int cw_op_option_list(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    json_t *rows = json_array();

    (void)request;
    for (unsigned i = 0; i < CW_OPTION_COUNT; i++)
        (void)json_array_append_new(rows, option_json(c, (enum cw_option)i));
    reply->json = json_pack("{s:o}", "options", rows);
    return reply->json != NULL ? 0 : CW_ERR_NOMEM;
}

/* CW_OPTION_COUNT with reply filled when the name is unknown. */
static enum cw_option named(const struct cw_request *request, struct cw_reply *reply)
{
    const char *name = "";
    enum cw_option option = CW_OPTION_COUNT;

    (void)cw_body_text(request->body, "name", CW_SETTING_NAME_BYTES_MAX, &name);
    option = option_find(name);
    if (option == CW_OPTION_COUNT)
        (void)cw_refuse(reply, CW_ERR_NOT_FOUND,
                        "There is no option \"%s\"; the list of options has every name.", name);
    return option;
}

static int change(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                  enum cw_option option, bool is_reset, uint64_t value)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    const struct option_info *info = &infos[option];
    char key[CW_SETTING_NAME_BYTES_MAX + sizeof prefix];
    char before[32], after[32];
    int err = cw_store_begin(c->store);

    snprintf(key, sizeof key, "%s%s", prefix, info->name);
    value_text(info, c->options->values[option], before, sizeof before);
    value_text(info, value, after, sizeof after);
    if (err == 0 && is_reset)
        err = cw_store_setting_remove(c->store, key);
    else if (err == 0)
        err = cw_store_setting_put(c->store, key, value, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, &actor, is_reset ? "option.reset" : "option.set", info->name, "ok",
                       "%s -> %s", before, after);
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    c->options->values[option] = value;
    c->options->is_stored[option] = !is_reset;
    cw_access_changed(c);
    reply->json = json_pack("{s:o}", "option", option_json(c, option));
    return 0;
}

int cw_option_change(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                     enum cw_option option, uint64_t value)
{
    return change(c, request, reply, option, false, value);
}

int cw_op_option_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    char range[96];
    uint64_t value = 0;
    enum cw_option option = CW_OPTION_COUNT;
    int err = cw_body_only(request->body, "name value", reply);

    if (err != 0)
        return err;
    option = named(request, reply);
    if (option == CW_OPTION_COUNT)
        return CW_ERR_NOT_FOUND;
    range_text(&infos[option], range, sizeof range);
    if (take_value(&infos[option], request->body, &value) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "%s must be %s (%s).", infos[option].name, range,
                         has_words(&infos[option]) ? "one of these words" : infos[option].unit);
    return change(c, request, reply, option, false, value);
}

int cw_op_option_reset(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    enum cw_option option = CW_OPTION_COUNT;
    int err = cw_body_only(request->body, "name", reply);

    if (err != 0)
        return err;
    option = named(request, reply);
    if (option == CW_OPTION_COUNT)
        return CW_ERR_NOT_FOUND;
    return change(c, request, reply, option, true, infos[option].initial);
}
