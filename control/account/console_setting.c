/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/console_setting.h"

#include <stdio.h>
#include <string.h>

#include "control/account/operations.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/session/event.h"
#include "control/store/store_seat.h"
#include "engine/base/err.h"

struct setting {
    const char *name;
    unsigned initial;
    const char *words;
    const char *meaning;
};

static const struct setting settings[CW_CONSOLE_SETTING_COUNT] = {
#define X(name, text, initial, words, meaning) \
    [CW_CONSOLE_SETTING_##name] = {text, initial, words, meaning},
    CW_CONSOLE_SETTINGS(X)
#undef X
};

/* What administrators and the person said; -1: nothing. */
struct said {
    int suggested[CW_CONSOLE_SETTING_COUNT];
    bool is_forced[CW_CONSOLE_SETTING_COUNT];
    int own[CW_CONSOLE_SETTING_COUNT];
};

struct taking {
    struct said *said;
    bool is_own;
};

static unsigned word_count(const struct setting *s)
{
    unsigned n = 1;

    for (const char *at = s->words; *at != '\0'; at++)
        n += *at == '|';
    return n;
}

/* A copy of a word; "" when there is none at that place. */
static void word_at(const struct setting *s, int place, char *out, size_t size)
{
    const char *at = s->words;

    out[0] = '\0';
    if (place < 0 || (unsigned)place >= word_count(s))
        return;
    while (place-- > 0)
        at += strcspn(at, "|") + 1;
    snprintf(out, size, "%.*s", (int)strcspn(at, "|"), at);
}

static unsigned setting_find(const char *name)
{
    unsigned i = 0;

    while (i < CW_CONSOLE_SETTING_COUNT && strcmp(settings[i].name, name) != 0)
        i++;
    return i;
}

static int take_one(void *user, const char *name, uint64_t value, bool is_forced)
{
    struct taking *t = user;
    const unsigned i = setting_find(name);

    if (i == CW_CONSOLE_SETTING_COUNT || value >= word_count(&settings[i]))
        return 0; /* of another version */
    if (t->is_own) {
        t->said->own[i] = (int)value;
    } else {
        t->said->suggested[i] = (int)value;
        t->said->is_forced[i] = is_forced;
    }
    return 0;
}

static int read_all(struct cw_control *c, uint32_t account, struct said *ret)
{
    struct taking t = {.said = ret};
    int err = 0;

    for (unsigned i = 0; i < CW_CONSOLE_SETTING_COUNT; i++)
        ret->suggested[i] = ret->own[i] = -1;
    memset(ret->is_forced, 0, sizeof ret->is_forced);
    err = cw_store_console_setting_each(c->store, 0, take_one, &t);
    t.is_own = true;
    if (err == 0 && account != 0)
        err = cw_store_console_setting_each(c->store, account, take_one, &t);
    return err;
}

static json_t *setting_json(const struct said *said, unsigned i)
{
    const struct setting *s = &settings[i];
    const char *rule = "default";
    int value = (int)s->initial;
    char word[32], suggested[32], own[32];

    if (said->suggested[i] >= 0) {
        value = said->suggested[i];
        rule = said->is_forced[i] ? "forced" : "suggested";
    }
    if (said->own[i] >= 0 && !said->is_forced[i]) {
        value = said->own[i];
        rule = "own";
    }
    word_at(s, value, word, sizeof word);
    word_at(s, said->suggested[i], suggested, sizeof suggested);
    word_at(s, said->own[i], own, sizeof own);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", s->name, "value", word, "rule",
                     rule, "administrators", suggested, "own", own, "words", s->words, "meaning",
                     s->meaning);
}

int cw_op_console_settings(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct said said;
    json_t *rows = NULL;
    int err = read_all(c, request->account, &said);

    if (err != 0)
        return err;
    rows = json_array();
    for (unsigned i = 0; i < CW_CONSOLE_SETTING_COUNT; i++)
        (void)json_array_append_new(rows, setting_json(&said, i));
    reply->json = json_pack("{s:o}", "settings", rows);
    return 0;
}

/* ---- changes --------------------------------------------------------------------------------- */

/* The setting and the value of the body, or a refusal. */
static int take_value(const struct cw_request *request, struct cw_reply *reply,
                      unsigned *ret_setting, uint64_t *ret_value)
{
    const char *name = "";
    const char *value = "";
    char word[32];

    (void)cw_body_text(request->body, "name", CW_SETTING_NAME_BYTES_MAX, &name);
    (void)cw_body_text(request->body, "value", sizeof word - 1, &value);
    *ret_setting = setting_find(name);
    if (*ret_setting == CW_CONSOLE_SETTING_COUNT)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no setting \"%.60s\".", name);
    for (unsigned i = 0; i < word_count(&settings[*ret_setting]); i++) {
        word_at(&settings[*ret_setting], (int)i, word, sizeof word);
        if (strcmp(word, value) == 0) {
            *ret_value = i;
            return 0;
        }
    }
    return cw_refuse(reply, CW_ERR_INVALID, "%s must be one of %s.", name,
                     settings[*ret_setting].words);
}

static int end_change(struct cw_control *c, const struct cw_request *request, uint32_t account,
                      const char *action, const char *name, const char *detail, int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);

    if (err == 0)
        err = cw_audit(c, &actor, action, name, "ok", "%s", detail);
    err = cw_store_end(c->store, err);
    if (err == 0) /* account 0: every console */
        cw_event_changed(c, account, "settings_changed");
    return err;
}

int cw_op_console_setting_choose(struct cw_control *c, const struct cw_request *request,
                                 struct cw_reply *reply)
{
    struct said said;
    uint64_t value = 0;
    unsigned i = 0;
    int err = cw_body_only(request->body, "name value", reply);

    if (err == 0)
        err = take_value(request, reply, &i, &value);
    if (err == 0)
        err = read_all(c, request->account, &said);
    if (err == 0 && said.is_forced[i])
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "An administrator decided \"%s\" for everybody: it cannot be chosen.",
                        settings[i].name);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_console_setting_put(c->store, request->account, settings[i].name, value, false);
    return end_change(c, request, request->account, "console_setting.choose", settings[i].name, "",
                      err);
}

int cw_op_console_setting_restore(struct cw_control *c, const struct cw_request *request,
                                  struct cw_reply *reply)
{
    int err = cw_body_only(request->body, "", reply);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_console_setting_remove(c->store, request->account, NULL);
    return end_change(c, request, request->account, "console_setting.restore", "", "", err);
}

int cw_op_console_setting_set(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    bool is_forced = false;
    uint64_t value = 0;
    unsigned i = 0;
    char detail[80], word[32];
    int err = cw_body_only(request->body, "name value forced", reply);

    if (err == 0)
        err = take_value(request, reply, &i, &value);
    if (err == 0 && cw_body_bool(request->body, "forced", &is_forced) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "forced must be true or false.");
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_console_setting_put(c->store, 0, settings[i].name, value, is_forced);
    word_at(&settings[i], (int)value, word, sizeof word);
    snprintf(detail, sizeof detail, "%s%s", word, is_forced ? ", forced" : "");
    return end_change(c, request, 0, "console_setting.set", settings[i].name, detail, err);
}

int cw_op_console_setting_reset(struct cw_control *c, const struct cw_request *request,
                                struct cw_reply *reply)
{
    const char *name = "";
    unsigned i = 0;
    int err = cw_body_only(request->body, "name", reply);

    (void)cw_body_text(request->body, "name", CW_SETTING_NAME_BYTES_MAX, &name);
    i = setting_find(name);
    if (err == 0 && i == CW_CONSOLE_SETTING_COUNT)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no setting \"%.60s\".", name);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_console_setting_remove(c->store, 0, settings[i].name);
    return end_change(c, request, 0, "console_setting.reset", settings[i].name, "", err);
}
