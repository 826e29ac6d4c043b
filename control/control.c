/* SPDX-License-Identifier: Apache-2.0 */
#include "control/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "control/account/access.h"
#include "control/account/account.h"
#include "control/account/agreement.h"
#include "control/account/option.h"
#include "control/account/password.h"
#include "control/account/seat.h"
#include "control/account/sign_in.h"
#include "control/api/api_account.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/group.h"
#include "control/job.h"
#include "control/jump/device.h"
#include "control/jump/jump.h"
#include "control/jump/upgrade.h"
#include "control/jump/waking.h"
#include "control/link/certificate.h"
#include "control/link/engine_settings.h"
#include "control/link/metrics.h"
#include "control/link/order.h"
#include "control/link/recording.h"
#include "control/outbox/outbox.h"
#include "control/policy/jump_check.h"
#include "control/policy/policies.h"
#include "control/policy/policy.h"
#include "control/portal/portal.h"
#include "control/queue/desk.h"
#include "control/queue/queue.h"
#include "control/report/report.h"
#include "control/session/event.h"
#include "control/session/session.h"
#include "control/session/ticket_issue.h"
#include "control/state.h"
#include "control/team/team.h"
#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/version.h"

static uint64_t system_clock(void *user)
{
    struct timespec now;

    (void)user;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t cw_control_now_unix_ms(const struct cw_control *c)
{
    return c->config.now_unix_ms(c->config.user);
}

bool cw_control_is_writable(const struct cw_control *c, const char **ret_reason)
{
    return cw_store_is_writable(c->store, ret_reason);
}

bool cw_control_is_draining(const struct cw_control *c)
{
    return c->is_draining;
}

/* ---- start ----------------------------------------------------------------------------------- */

/* "https://help.example https://..." gives the first origin and its "help.example:443". */
static int take_origins(struct cw_control *c, const char *origins, char *message,
                        size_t message_size)
{
    static const char scheme[] = "https://";
    size_t n = strcspn(origins, " ");
    const char *host = origins + sizeof scheme - 1;
    size_t host_bytes = 0;
    bool has_port = false;

    if (strlen(origins) >= sizeof c->public_origin || n >= sizeof c->first_origin ||
        strncmp(origins, scheme, sizeof scheme - 1) != 0 || n == sizeof scheme - 1) {
        snprintf(message, message_size,
                 "public_origin must be one or more https:// origins, a space between: \"%s\".",
                 origins);
        return CW_ERR_INVALID;
    }
    host_bytes = n - (sizeof scheme - 1);
    snprintf(c->public_origin, sizeof c->public_origin, "%s", origins);
    snprintf(c->first_origin, sizeof c->first_origin, "%.*s", (int)n, origins);
    /* A colon behind the last bracket of an IPv6 address, or anywhere else, starts the port. */
    for (size_t i = host_bytes; i > 0 && host[i - 1] != ']'; i--)
        has_port = has_port || host[i - 1] == ':';
    snprintf(c->host_port, sizeof c->host_port, "%.*s%s", (int)host_bytes, host,
             has_port ? "" : ":443");
    snprintf(c->name, sizeof c->name, "%.*s", (int)strcspn(host, ": "), host);
    return 0;
}

static int take_config(struct cw_control *c, const struct cw_control_config *config, char *message,
                       size_t message_size)
{
    int err = take_origins(c, config->public_origin, message, message_size);

    c->config = *config;
    if (c->config.now_unix_ms == NULL)
        c->config.now_unix_ms = system_clock;
    if (config->appliance_name != NULL)
        snprintf(c->name, sizeof c->name, "%s", config->appliance_name);
    snprintf(c->version, sizeof c->version, "%s",
             config->appliance_version != NULL ? config->appliance_version : CW_VERSION);
    c->hash_cost = config->hash_cost;
    if (c->hash_cost.memory_kib == 0)
        c->hash_cost = (struct cw_hash_cost){CW_HASH_MEMORY_KIB, CW_HASH_PASSES, CW_HASH_LANES};
    return err;
}

static int open_store(struct cw_control *c, char *message, size_t message_size)
{
    char path[560];
    uint32_t account_count = 0;
    int err = 0;

    if (mkdir(c->config.control_dir, 0700) != 0 && errno != EEXIST) {
        snprintf(message, message_size, "The folder %s cannot be made: %s.", c->config.control_dir,
                 strerror(errno));
        return CW_ERR_IO;
    }
    snprintf(path, sizeof path, "%s/store.sqlite", c->config.control_dir);
    err = cw_store_open(path, message, message_size, &c->store);
    if (err == 0)
        err = cw_store_account_count(c->store, &account_count);
    /* A used store whose ticket key is gone was copied without it: a new key would lock every
     * device out without anybody knowing why. */
    return err == 0 ? cw_ticket_key_load(c, account_count == 0, message, message_size) : err;
}

static int set_up(struct cw_control *c, const struct cw_control_config *config, char *message,
                  size_t message_size)
{
    int err = take_config(c, config, message, message_size);

    if (err == 0)
        err = open_store(c, message, message_size);
    if (err != 0)
        return err;
    snprintf(message, message_size, "Control cannot start: out of memory or threads.");
    err = cw_password_dummy(&c->hash_cost, c->dummy_hash);
    if (err == 0)
        err = cw_upgrade_new(c);
    if (err == 0)
        err = cw_budget_init(&c->budget);
    if (err == 0)
        err = cw_api_budgets_new(&c->api_budgets);
    if (err == 0)
        err = cw_outbox_new(&c->outbox);
    if (err == 0)
        err = cw_report_load(c);
    if (err == 0)
        err = cw_hash_pool_new(&c->hash_cost, &c->pool);
    if (err == 0)
        err = cw_group_load(c);
    if (err == 0) {
        c->started_ms = cw_control_now_unix_ms(c);
        cw_group_enter(c);
    }
    return err;
}

int cw_control_new(const struct cw_control_config *config, char *message, size_t message_size,
                   struct cw_control **ret_control)
{
    struct cw_control *c = calloc(1, sizeof *c);
    int err = CW_ERR_NOMEM;

    snprintf(message, message_size, "Out of memory.");
    if (c != NULL)
        err = set_up(c, config, message, message_size);
    if (err != 0) {
        cw_control_free(c);
        return err;
    }
    message[0] = '\0';
    *ret_control = c;
    return 0;
}

void cw_control_free(struct cw_control *c)
{
    if (c == NULL)
        return;
    CW_CHECK(c->link_count == 0, "links are closed before control");
    if (c->pool != NULL) {
        cw_hash_pool_stop(c->pool);
        cw_pending_drop_all(c);
        cw_hash_pool_free(c->pool);
    }
    cw_job_end(c);
    cw_order_drop_all(c);
    cw_certificate_forget(c);
    if (c->store != NULL) {
        cw_group_leave(c);
        cw_device_save(c);
    }
    cw_jump_free(c);
    cw_upgrade_free(c);
    cw_live_clear(c);
    cw_desk_free(c);
    cw_access_free(c);
    cw_attempts_free(c);
    cw_seat_free(c);
    cw_option_free(c);
    cw_policies_free(c);
    cw_portals_free(c);
    cw_store_close(c->store);
    free(c->api_budgets);
    cw_outbox_free(c->outbox);
    cw_ticket_signer_free(c->ticket_signer);
    cw_report_free(c);
    explicit_bzero(c->ticket_seed, sizeof c->ticket_seed);
    free(c);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void audit_denied(struct cw_control *c, const struct cw_operation *operation,
                         const struct cw_request *request, const char *why)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);

    if (cw_budget_may_audit(&c->budget, request->source, operation->name,
                            cw_control_now_unix_ms(c)))
        cw_audit_refused(c, &actor, operation->name, "", "DENIED", "%s", why);
}

/* Steps of the sign-in come first, in their order. */
static int refuse_due(const struct cw_request *request, struct cw_reply *reply)
{
    if ((request->due & CW_DUE_AGREEMENT) != 0) {
        reply->code = "AGREEMENT";
        return cw_refuse(reply, CW_ERR_DENIED, "Accept the sign-in agreement first.");
    }
    if (request->must_change) {
        reply->code = "CHANGE_PASSWORD";
        return cw_refuse(reply, CW_ERR_DENIED, "Choose a new password first.");
    }
    if ((request->due & CW_DUE_FACTOR) != 0) {
        reply->code = "SECOND_FACTOR_SETUP";
        return cw_refuse(reply, CW_ERR_DENIED, "Set up a second factor first.");
    }
    return 0;
}

static int refuse_http(struct cw_control *c, const struct cw_operation *operation,
                       const struct cw_request *request, struct cw_reply *reply)
{
    if (operation->need == CW_NEED_NOTHING)
        return 0;
    if (operation->need == CW_NEED_OPERATOR || operation->method == NULL) {
        audit_denied(c, operation, request, "only on the appliance itself");
        return cw_refuse(reply, CW_ERR_DENIED,
                         "This is possible only on the appliance itself, with causewayctl.");
    }
    if (request->account == 0) {
        reply->code = "SIGN_IN";
        return cw_refuse(reply, CW_ERR_DENIED, "Sign in first.");
    }
    if (operation->need != CW_NEED_CHANGE && refuse_due(request, reply) != 0)
        return CW_ERR_DENIED;
    if (operation->need == CW_NEED_ADMIN && !request->is_admin) {
        audit_denied(c, operation, request, "administrators only");
        return cw_refuse(reply, CW_ERR_DENIED, "Only an administrator may do that.");
    }
    if (operation->right != CW_RIGHT_NONE && !cw_right_has(c, request->account, operation->right)) {
        audit_denied(c, operation, request, cw_right_name(operation->right));
        return cw_refuse(reply, CW_ERR_DENIED,
                         "You are not allowed to %s (%s). An administrator can allow it.",
                         cw_right_allows(operation->right), cw_right_name(operation->right));
    }
    return operation->takes_seat ? cw_seat_check(c, request->account, reply) : 0;
}

static int refuse_api(struct cw_control *c, const struct cw_operation *operation,
                      const struct cw_request *request, struct cw_reply *reply)
{
    const enum cw_api_access needed = operation->changes ? CW_API_ACCESS_FULL : CW_API_ACCESS_READ;

    if (operation->need == CW_NEED_NOTHING)
        return 0;
    if (operation->scope == CW_SCOPE_NONE || operation->method == NULL)
        return cw_refuse(reply, CW_ERR_DENIED, "This is not for API accounts.");
    if (cw_api_access_of(request->access, operation->scope) >= needed)
        return 0;
    audit_denied(c, operation, request, cw_scope_name(operation->scope));
    return cw_refuse(
        reply, CW_ERR_DENIED,
        "This token does not have the scope \"%s%s\". An administrator can give it to the "
        "API account.",
        cw_scope_name(operation->scope), operation->changes ? "" : ":read");
}

/* Whether this front and this caller may use the operation at all. */
static int check_need(struct cw_control *c, const struct cw_operation *operation,
                      const struct cw_request *request, struct cw_reply *reply)
{
    switch (request->front) {
    case CW_FRONT_HTTP: return refuse_http(c, operation, request, reply);
    case CW_FRONT_API: return refuse_api(c, operation, request, reply);
    case CW_FRONT_SOCKET:
        return operation->words != NULL
                   ? 0
                   : cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no such command.");
    case CW_FRONT_SOCKET_RO:
        if (operation->words == NULL || operation->changes || operation->is_personal) {
            audit_denied(c, operation, request, "read-only socket");
            return cw_refuse(reply, CW_ERR_DENIED, "This socket only shows; it changes nothing.");
        }
        /* What not every account may see is not for everybody who reads here either. */
        if (operation->need == CW_NEED_ADMIN || operation->right != CW_RIGHT_NONE ||
            operation->is_personal)
            return cw_refuse(reply, CW_ERR_DENIED, "Only the operator's socket shows that.");
        return 0;
    }
    return cw_refuse(reply, CW_ERR_INTERNAL, "Something went wrong in the appliance.");
}

/* It may change who is in which team, with which rights and skills. */
static bool is_about_people(const struct cw_operation *operation)
{
    return operation->changes &&
           (operation->right == CW_RIGHT_EDIT_TEAMS || operation->right == CW_RIGHT_EDIT_ACCOUNTS ||
            operation->right == CW_RIGHT_EDIT_POLICIES ||
            operation->right == CW_RIGHT_EDIT_SKILLS || operation->right == CW_RIGHT_EDIT_SETTINGS);
}

int cw_control_call(struct cw_control *c, const struct cw_operation *operation,
                    const struct cw_request *request, struct cw_reply *reply)
{
    struct timespec begun = {0}, over = {0};
    int err = check_need(c, operation, request, reply);

    (void)clock_gettime(CLOCK_MONOTONIC, &begun);
    if (err == 0)
        err = operation->handler(c, request, reply);
    if (err >= 0 && is_about_people(operation))
        cw_desk_changed(c);
    (void)clock_gettime(CLOCK_MONOTONIC, &over);
    cw_metrics_on_operation(
        c, operation, err,
        (uint64_t)((over.tv_sec - begun.tv_sec) * 1000000 + (over.tv_nsec - begun.tv_nsec) / 1000));
    if (err < 0 && reply->message[0] == '\0')
        err = cw_refuse_store(c, reply, err);
    if (err == 0 && reply->json == NULL)
        reply->json = json_object();
    if (operation->changes)
        cw_policy_follow(c);
    cw_event_flush(c);
    if (err != CW_OPERATION_PENDING && cw_group_holds(c, request->waiter, err, reply))
        err = CW_OPERATION_PENDING;
    return err;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void purge(struct cw_control *c, uint64_t now_ms)
{
    const struct cw_purge_limits limits = {.sign_in = cw_sign_in_limits_of(c),
                                           .lock_for_good = cw_option(c, CW_OPTION_LOCK_FOR_GOOD)};
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_purge(c->store, now_ms, &limits);
    if (err == 0)
        err = cw_store_api_token_purge(c->store, now_ms);
    if (err == 0)
        err = cw_team_chat_purge(c, now_ms);
    if (cw_store_end(c->store, err) == 0 && !cw_approval_purge(c, now_ms))
        c->purge_ms = now_ms;
}

/* What is looked at once a second, before its turn comes for each device and session. */
static void begin_second(struct cw_control *c, uint64_t now_ms)
{
    bool is_writable = cw_store_is_writable(c->store, NULL);

    if (!is_writable && now_ms >= c->store_retry_ms) {
        c->store_retry_ms = now_ms + CW_STORE_RETRY_S * 1000;
        is_writable = cw_store_recover(c->store) == 0;
    }
    (void)cw_control_commit(c);
    cw_group_tick(c);
    cw_job_tick(c);
    if (is_writable) {
        cw_chat_retry(c);
        cw_recording_retry(c);
        if (now_ms >= c->purge_ms + CW_PURGE_EVERY_S * UINT64_C(1000))
            purge(c, now_ms);
    }
    cw_jump_tick(c, now_ms);
    cw_upgrade_tick(c, now_ms);
    (void)cw_store_audit_tick(c->store, now_ms);
    cw_order_tick(c, now_ms);
    cw_policy_follow(c);
    cw_outbox_run(c);
    cw_report_tick(c, now_ms);
    cw_waking_tick(c, now_ms);
}

static void end_second(struct cw_control *c, uint64_t now_ms)
{
    if (cw_store_is_writable(c->store, NULL))
        cw_queue_tick(c, now_ms);
    cw_event_check_consoles(c, now_ms);
    if (now_ms >= c->status_ms + CW_STATUS_EVERY_S * 1000) {
        c->status_ms = now_ms;
        cw_send_status_requests(c);
    }
}

void cw_control_tick_part(struct cw_control *c, uint64_t now_ms, unsigned part)
{
    uint32_t from = 0;
    uint32_t to = 0;

    if (part == 0) {
        begin_second(c, now_ms);
        c->tick_at = c->live_count;
    }
    cw_store_tick(c->store);
    if (cw_store_is_writable(c->store, NULL))
        cw_device_tick(c);
    /* From the newest to the oldest. One that ends moves those behind it, which have had their turn; so nobody is left
     * out, and some may have two. */
    to = c->tick_at;
    from = to - to / (CW_TICK_PARTS - part);
    c->tick_at = from;
    cw_jump_end_tick(c, now_ms, from, to);
    cw_session_tick(c, now_ms, from, to);
    if (part == CW_TICK_PARTS - 1)
        end_second(c, now_ms);
    cw_event_flush(c);
}

void cw_control_tick(struct cw_control *c, uint64_t now_ms)
{
    for (unsigned part = 0; part < CW_TICK_PARTS; part++)
        cw_control_tick_part(c, now_ms, part);
}
