/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/engine_settings.h"

#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/link/metrics.h"
#include "control/link/order.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* In the table of settings beside theirs: no setting has this name. */
static const char draining_name[] = "draining";

static const struct cw_setting_values *defaults_of(const struct cw_control *c,
                                                   struct cw_setting_values *room)
{
    cw_setting_defaults(room);
    return c->config.settings != NULL ? c->config.settings : room;
}

static int load_one(void *user, const char *name, uint64_t value)
{
    struct cw_control *c = user;
    char message[200];
    enum cw_setting setting = cw_setting_find(name, strlen(name));

    if (strcmp(name, "recording") == 0)
        return 0; /* recording.c's */
    if (strncmp(name, "option.", 7) == 0)
        return 0; /* option.c's */
    if (strcmp(name, draining_name) == 0)
        c->is_draining = value != 0;
    else if (cw_setting_set(&c->settings, setting, value, message, sizeof message) == CW_OK)
        c->setting_is_stored[setting] = true;
    else
        cw_log(CW_LOG_WARNING, "control.engine", "stored setting %s is left out: %s", name,
               message);
    return 0;
}

int cw_engine_settings_load(struct cw_control *c)
{
    struct cw_setting_values room;

    c->settings = *defaults_of(c, &room);
    memset(c->setting_is_stored, 0, sizeof c->setting_is_stored);
    c->is_draining = false;
    int err = cw_store_setting_each(c->store, load_one, c);
    if (c->setting_is_stored[CW_SETTING_log_level])
        cw_log_set_level((enum cw_log_level)c->settings.log_level);
    if (c->is_draining)
        cw_log(CW_LOG_WARNING, "control.engine",
               "the engine is drained: \"causewayctl engine undrain\" lets it take new sessions");
    return err;
}

static struct cw_link_message setting_message(const struct cw_control *c, enum cw_setting setting)
{
    const char *name = cw_setting_info(setting)->name;
    return (struct cw_link_message){.type = CW_LINK_SETTING,
                                    .value = cw_setting_get(&c->settings, setting),
                                    .bytes = (const uint8_t *)name,
                                    .bytes_count = strlen(name)};
}

void cw_engine_settings_send(const struct cw_control *c, struct cw_control_link *link)
{
    struct cw_link_message drain = {.type = CW_LINK_DRAIN, .kind = c->is_draining};

    for (unsigned i = 0; i < CW_SETTING_COUNT; i++) {
        struct cw_link_message m = setting_message(c, (enum cw_setting)i);
        if (c->setting_is_stored[i])
            cw_link_send(link, &m);
    }
    cw_link_send(link, &drain);
}

int cw_engine_refuse_when_draining(const struct cw_control *c, struct cw_reply *reply)
{
    if (!c->is_draining)
        return 0;
    return cw_refuse(reply, CW_ERR_FULL,
                     "The appliance is being drained for maintenance: no session can begin now. "
                     "Sessions that run go on.");
}

/* ---- shown ----------------------------------------------------------------------------------- */

/* "1000", or "1000 500" when workers differ; "-" without a worker. */
static void values_of_workers(const struct cw_control *c, enum cw_setting setting, char *out,
                              size_t size)
{
    const char *name = cw_setting_info(setting)->name;
    char text[32];
    char last[32] = "";
    size_t at = 0;

    (void)snprintf(out, size, "-");
    for (uint32_t i = 0; i < c->link_count; i++) {
        const json_t *value =
            json_object_get(json_object_get(c->links[i]->status, "settings"), name);
        if (!json_is_integer(value))
            continue;
        cw_setting_text(setting, (uint64_t)json_integer_value(value), text, sizeof text);
        if (strcmp(text, last) == 0)
            continue;
        int n = snprintf(out + at, size - at, "%s%s", at > 0 ? " " : "", text);
        at += n > 0 && (size_t)n < size - at ? (size_t)n : 0;
        (void)snprintf(last, sizeof last, "%s", text);
    }
}

static json_t *setting_json(const struct cw_control *c, enum cw_setting setting)
{
    const struct cw_setting_info *info = cw_setting_info(setting);
    struct cw_setting_values room;
    char value[32], initial[32], range[80], workers[256];

    cw_setting_text(setting, cw_setting_get(&c->settings, setting), value, sizeof value);
    cw_setting_text(setting, cw_setting_get(defaults_of(c, &room), setting), initial,
                    sizeof initial);
    if (setting == CW_SETTING_log_level)
        (void)snprintf(range, sizeof range, "error warning info debug");
    else
        (void)snprintf(range, sizeof range, "%llu-%llu", (unsigned long long)info->least,
                       (unsigned long long)info->most);
    values_of_workers(c, setting, workers, sizeof workers);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", info->name, "value", value,
                     "workers", workers, "default", initial, "range", range, "unit", info->unit,
                     "effect", info->when == CW_SETTING_NOW ? "now" : "next upgrade", "meaning",
                     info->meaning);
}

static int finish_settings(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    json_t *rows = json_array();

    (void)o;
    for (unsigned i = 0; i < CW_SETTING_COUNT; i++)
        (void)json_array_append_new(rows, setting_json(c, (enum cw_setting)i));
    reply->json = json_pack("{s:o}", "settings", rows);
    return 0;
}

static int ask_status(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply,
                      int (*finish)(struct cw_control *c, struct cw_order *o,
                                    struct cw_reply *reply))
{
    struct cw_link_message m = {.type = CW_LINK_STATUS_REQUEST};
    struct cw_order *o = cw_order_new(c, request, finish);

    return o != NULL ? cw_order_send(c, o, &m, reply) : CW_ERR_NOMEM;
}

int cw_op_engine_settings(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    return ask_status(c, request, reply, finish_settings);
}

/* ---- changed --------------------------------------------------------------------------------- */

static int store_change(struct cw_control *c, const struct cw_request *request, const char *action,
                        const char *name, bool is_removed, uint64_t value, const char *text)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    int err = cw_store_begin(c->store);

    if (err == 0 && is_removed)
        err = cw_store_setting_remove(c->store, name);
    else if (err == 0)
        err = cw_store_setting_put(c->store, name, value, cw_control_now_unix_ms(c));
    if (err == 0)
        err = cw_audit(c, &actor, action, name, "ok", "%s", text);
    return cw_store_end(c->store, err);
}

static int finish_change(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    (void)c;
    if (json_array_size(o->answers) == 0) {
        reply->json = json_pack(
            "{s:s}", "result", "stored; no worker of the engine is linked, it is told when one is");
        return 0;
    }
    reply->json = json_pack("{s:s, s:O}", "result",
                            o->refused == 0 ? "done" : "stored, but not done by all workers",
                            "answers", o->answers);
    return 0;
}

static int change(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply,
                  enum cw_setting setting, bool is_reset, uint64_t value)
{
    const struct cw_setting_info *info = cw_setting_info(setting);
    char text[64];
    struct cw_order *o = NULL;

    cw_setting_text(setting, value, text, sizeof text);
    int err = store_change(c, request, is_reset ? "engine.reset" : "engine.set", info->name,
                           is_reset, value, text);
    if (err != 0)
        return err;
    (void)cw_setting_set(&c->settings, setting, value, text, sizeof text);
    c->setting_is_stored[setting] = !is_reset;
    if (setting == CW_SETTING_log_level)
        cw_log_set_level((enum cw_log_level)value);
    o = cw_order_new(c, request, finish_change);
    struct cw_link_message m = setting_message(c, setting);
    return o != NULL ? cw_order_send(c, o, &m, reply) : CW_ERR_NOMEM;
}

/* CW_SETTING_COUNT with reply filled when the name is unknown. */
static enum cw_setting named(const struct cw_request *request, struct cw_reply *reply)
{
    const char *name = "";

    (void)cw_body_text(request->body, "name", CW_SETTING_NAME_BYTES_MAX, &name);
    enum cw_setting setting = cw_setting_find(name, strlen(name));
    if (setting == CW_SETTING_COUNT)
        (void)cw_refuse(reply, CW_ERR_NOT_FOUND,
                        "There is no setting \"%s\"; \"engine settings\" lists them.", name);
    return setting;
}

int cw_op_engine_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const char *text = "";
    uint64_t value = 0;
    char why[200];
    enum cw_setting setting = named(request, reply);

    if (setting == CW_SETTING_COUNT)
        return CW_ERR_NOT_FOUND;
    (void)cw_body_text(request->body, "value", CW_SETTING_VALUE_BYTES_MAX, &text);
    if (cw_setting_parse(setting, text, &value, why, sizeof why) != CW_OK)
        return cw_refuse(reply, CW_ERR_INVALID, "%s.", why);
    return change(c, request, reply, setting, false, value);
}

int cw_op_engine_reset(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_setting_values room;
    enum cw_setting setting = named(request, reply);

    if (setting == CW_SETTING_COUNT)
        return CW_ERR_NOT_FOUND;
    return change(c, request, reply, setting, true, cw_setting_get(defaults_of(c, &room), setting));
}

/* ---- drain ----------------------------------------------------------------------------------- */

static int set_draining(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply, bool is_draining)
{
    struct cw_link_message m = {.type = CW_LINK_DRAIN, .kind = is_draining};
    struct cw_order *o = NULL;
    int err = store_change(c, request, is_draining ? "engine.drain" : "engine.undrain",
                           draining_name, !is_draining, is_draining, "");

    if (err != 0)
        return err;
    c->is_draining = is_draining;
    o = cw_order_new(c, request, finish_change);
    return o != NULL ? cw_order_send(c, o, &m, reply) : CW_ERR_NOMEM;
}

int cw_op_engine_drain(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    return set_draining(c, request, reply, true);
}

int cw_op_engine_undrain(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    return set_draining(c, request, reply, false);
}

/* What is left, worker by worker and together. */
static int finish_status(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    json_int_t sessions = 0;
    json_int_t standing = 0;
    json_int_t participants = 0;
    json_t *rows = json_array();

    (void)o;
    for (uint32_t i = 0; i < c->link_count; i++) {
        const json_t *status = c->links[i]->status;
        const json_t *left = json_object_get(status, "left");
        if (!c->links[i]->is_synced || left == NULL)
            continue;
        sessions += json_integer_value(json_object_get(left, "sessions"));
        standing += json_integer_value(json_object_get(left, "standing"));
        participants += json_integer_value(json_object_get(left, "participants"));
        (void)json_array_append_new(
            rows, json_pack("{s:i, s:O, s:O, s:O, s:O}", "worker", c->links[i]->worker, "draining",
                            json_object_get(status, "draining"), "sessions",
                            json_object_get(left, "sessions"), "participants",
                            json_object_get(left, "participants"), "standing",
                            json_object_get(left, "standing")));
    }
    reply->json =
        json_pack("{s:b, s:I, s:I, s:I, s:o}", "draining", c->is_draining, "sessions", sessions,
                  "participants", participants, "standing", standing, "workers", rows);
    return 0;
}

static int finish_metrics(struct cw_control *c, struct cw_order *o, struct cw_reply *reply)
{
    char *text = NULL;
    size_t size = 0;
    int err = cw_metrics_write(c, &text, &size);

    (void)o;
    if (err == 0)
        reply->json = json_pack("{s:s%}", "metrics", text, size);
    free(text);
    return err;
}

int cw_op_metrics(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    return ask_status(c, request, reply, finish_metrics);
}

int cw_op_engine_status(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    return ask_status(c, request, reply, finish_status);
}
