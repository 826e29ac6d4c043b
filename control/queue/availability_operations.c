/* SPDX-License-Identifier: Apache-2.0 */
/* Who can be given sessions: what representatives say, what their consoles report, what limits them. */
#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/queue/desk.h"
#include "control/queue/operations.h"
#include "control/report/report.h"
#include "control/session/event.h"
#include "control/store/store_queue.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

static const char *const availability_names[] = {"available", "busy", "away", NULL};

static int code_name(void *user, const struct cw_status_code *code)
{
    snprintf(user, CW_NAME_SIZE, "%s", code->name);
    return 0;
}

json_t *cw_availability_json(struct cw_control *c, const struct cw_queue_rep *rep)
{
    char code[CW_NAME_SIZE] = "";

    if (rep->status_code != 0)
        (void)cw_store_status_code_each(c->store, rep->status_code, code_name, code);
    return json_pack("{s:I, s:s, s:o, s:b, s:b, s:b, s:b, s:I, s:I, s:I}", "account",
                     (json_int_t)rep->account, "status", availability_names[rep->availability],
                     "status_code", code[0] != '\0' ? json_string(code) : json_null(),
                     "console_connected", rep->is_present, "opted_out", rep->is_opted_out,
                     "screen_locked", rep->is_locked, "can_be_assigned",
                     cw_queue_is_able(rep, cw_control_now_unix_ms(c)), "sessions",
                     (json_int_t)rep->session_count, "sessions_max", (json_int_t)rep->sessions_max,
                     "idle_limit_s", (json_int_t)rep->idle_limit_s);
}

/* Everybody of the same teams, and the own consoles, ask again. */
static void tell(struct cw_control *c, const struct cw_queue_rep *rep)
{
    const struct cw_queue_model *m = &c->desk->model;

    for (uint32_t i = 0; i < m->rep_count; i++) {
        bool is_concerned = m->reps[i].account == rep->account;
        for (uint32_t k = 0; m->reps[i].is_present && !is_concerned && k < rep->team_count; k++)
            is_concerned = cw_queue_role(&m->reps[i], rep->teams[k].team) != CW_TEAM_NONE;
        if (is_concerned)
            cw_event_changed(c, m->reps[i].account, "availability_changed");
    }
    cw_desk_dashboard(c);
}

int cw_op_availability_show(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    (void)cw_desk_rep(c, request->account);
    (void)cw_desk_model(c);
    reply->json = cw_availability_json(c, cw_desk_rep(c, request->account));
    return 0;
}

/* ---- what somebody says ---------------------------------------------------------------------- */

static int read_row(struct cw_control *c, uint32_t account, struct cw_representative *ret)
{
    int err = 0;

    *ret = (struct cw_representative){.account = account, .idle_limit_s = -1};
    err = cw_store_representative_get(c->store, account, ret);
    return err == CW_ERR_NOT_FOUND ? 0 : err;
}

static int write_row(struct cw_control *c, const struct cw_request *request,
                     const struct cw_representative *row, const char *action, const char *detail)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    snprintf(object, sizeof object, "account %u", row->account);
    if (err != 0)
        return err;
    err = cw_store_representative_put(c->store, row);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s", detail);
    return cw_store_end(c->store, err);
}

static int find_code(void *user, const struct cw_status_code *code)
{
    struct cw_status_code *wanted = user;

    if (strcmp(code->name, wanted->name) == 0)
        *wanted = *code;
    return 0;
}

static int take_status(struct cw_control *c, const json_t *body, struct cw_representative *row,
                       struct cw_reply *reply)
{
    struct cw_status_code code = {.id = 0};
    const char *status = NULL;

    if (json_object_get(body, "status") == NULL)
        return 0;
    if (cw_body_text(body, "status", CW_NAME_BYTES_MAX, &status) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "status must be a name.");
    row->status_code = 0;
    for (uint8_t i = 0; i < CW_AVAILABILITY_COUNT; i++) {
        if (strcmp(availability_names[i], status) != 0)
            continue;
        row->availability = i;
        return 0;
    }
    snprintf(code.name, sizeof code.name, "%s", status);
    (void)cw_store_status_code_each(c->store, 0, find_code, &code);
    if (code.id == 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND,
                         "status must be available, busy, away or the name of a custom status.");
    row->availability = code.shown_as;
    row->status_code = code.id;
    return 0;
}

int cw_op_availability_set(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    struct cw_representative row;
    struct cw_queue_rep *rep = NULL;
    char detail[CW_NAME_SIZE + 48];
    int err = cw_body_only(request->body, "status opted_out", reply);

    if (err == 0)
        err = read_row(c, request->account, &row);
    if (err == 0)
        err = take_status(c, request->body, &row, reply);
    if (err == 0 && cw_body_bool(request->body, "opted_out", &row.is_opted_out) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "opted_out is either true or false.");
    if (err == 0 && row.is_opted_out &&
        !cw_right_has(c, request->account, CW_RIGHT_REFUSE_ASSIGNMENT))
        err = cw_refuse(reply, CW_ERR_DENIED,
                        "You may not opt out of automatic assignment (refuse_assignment).");
    if (err != 0)
        return err;
    snprintf(detail, sizeof detail, "%s%s", availability_names[row.availability],
             row.is_opted_out ? ", opted out" : "");
    err = write_row(c, request, &row, "availability.set", detail);
    rep = err == 0 ? cw_desk_rep(c, request->account) : NULL;
    if (rep == NULL)
        return err != 0 ? err : CW_ERR_NOMEM;
    if (rep->availability != CW_AVAILABLE && row.availability == CW_AVAILABLE)
        rep->free_since_ms = cw_control_now_unix_ms(c);
    rep->availability = (enum cw_availability)row.availability;
    rep->status_code = row.status_code;
    rep->is_opted_out = row.is_opted_out;
    cw_desk_input(c, request->account);
    cw_report_presence(c, request->account);
    tell(c, rep);
    reply->json = cw_availability_json(c, rep);
    return 0;
}

/* ---- what a console reports: kept in memory, gone with the console --------------------------- */

int cw_op_availability_report(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_queue_rep *rep = cw_desk_rep(c, request->account);
    uint64_t idle_s = 0;
    bool is_locked = rep != NULL && rep->is_locked;
    bool was_able = false;
    int err = cw_body_only(request->body, "idle_s screen_locked", reply);

    if (err == 0 && (cw_body_number(request->body, "idle_s", 0, 86400, &idle_s) != 0 ||
                     cw_body_bool(request->body, "screen_locked", &is_locked) != 0))
        err = cw_refuse(reply, CW_ERR_INVALID,
                        "idle_s is a number of seconds, and screen_locked true or false.");
    if (err != 0 || rep == NULL)
        return err != 0 ? err : CW_ERR_NOMEM;
    was_able = cw_queue_is_able(rep, now_ms);
    rep->is_locked = is_locked;
    if (json_object_get(request->body, "idle_s") != NULL)
        rep->input_ms = now_ms - (idle_s * 1000 < now_ms ? idle_s * 1000 : now_ms);
    if (was_able != cw_queue_is_able(rep, now_ms))
        tell(c, rep);
    reply->json = cw_availability_json(c, rep);
    return 0;
}

/* ---- others ---------------------------------------------------------------------------------- */

struct listing {
    struct cw_control *c;
    json_t *rows;
};

static int list_member(void *user, const struct cw_team_member *member)
{
    struct listing *l = user;
    const struct cw_queue_rep *rep = cw_desk_rep(l->c, member->account);
    json_t *row = NULL;

    if (rep == NULL)
        return CW_ERR_NOMEM;
    row = cw_availability_json(l->c, rep);
    (void)json_object_set_new(row, "display_name", json_string(member->display_name));
    return json_array_append_new(l->rows, row) == 0 ? 0 : CW_ERR_NOMEM;
}

/* Those one could transfer to or invite. */
int cw_op_representative_list(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct listing l = {.c = c};
    uint32_t after = 0;
    uint32_t limit = 0;
    const struct cw_queue_rep *rep = NULL;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err != 0)
        return err;
    if (request->front == CW_FRONT_HTTP) {
        rep = cw_desk_rep(c, request->account);
        if (rep == NULL || cw_queue_role(rep, request->path_id) == CW_TEAM_NONE)
            return cw_refuse(reply, CW_ERR_DENIED, "You are not in this team.");
    }
    l.rows = json_array();
    (void)cw_desk_model(c);
    err = cw_store_member_each(c->store, request->path_id, after, limit, list_member, &l);
    reply->json = json_pack("{s:o}", "representatives", l.rows);
    return err;
}

int cw_op_assignment_set(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    struct cw_representative row;
    struct cw_account account;
    uint64_t sessions_max = 0;
    uint64_t idle_s = 0;
    char detail[64];
    int err = cw_body_only(request->body, "sessions_max idle_s", reply);

    if (err == 0)
        err = cw_store_account_get(c->store, request->path_id, &account);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no account with the number %u.", request->path_id);
    if (err == 0)
        err = read_row(c, request->path_id, &row);
    if (err == 0 && (cw_body_number(request->body, "sessions_max", 0, CW_ASSIGNED_SESSIONS_MAX,
                                    &sessions_max) != 0 ||
                     cw_body_number(request->body, "idle_s", 0, 3600, &idle_s) != 0))
        err = cw_refuse(
            reply, CW_ERR_INVALID,
            "sessions_max is from 0 (the appliance's) to %d, idle_s from 0 (never) to 3600.",
            CW_ASSIGNED_SESSIONS_MAX);
    if (err != 0)
        return err;
    if (json_object_get(request->body, "sessions_max") != NULL)
        row.sessions_max = (uint32_t)sessions_max;
    if (json_object_get(request->body, "idle_s") != NULL)
        row.idle_limit_s = (int64_t)idle_s;
    snprintf(detail, sizeof detail, "%u sessions, idle limit %lld s", row.sessions_max,
             (long long)row.idle_limit_s);
    return write_row(c, request, &row, "assignment.set", detail);
}

/* ---- custom statuses ------------------------------------------------------------------------- */

static int list_code(void *user, const struct cw_status_code *code)
{
    return json_array_append_new(user, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)code->id,
                                                 "name", code->name, "shown_as",
                                                 availability_names[code->shown_as])) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_status_code_list(struct cw_control *c, const struct cw_request *request,
                           struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_status_code_each(c->store, 0, list_code, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "status_codes", rows);
    return err;
}

static int count_code(void *user, const struct cw_status_code *code)
{
    (void)code;
    ++*(unsigned *)user;
    return 0;
}

int cw_op_status_code_create(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_status_code code = {.id = 0};
    unsigned shown_as = CW_AVAILABILITY_COUNT;
    unsigned count = 0;
    int err = cw_body_only(request->body, "name shown_as", reply);

    if (err == 0 && (cw_body_name(request->body, "name", code.name) != 0 || code.name[0] == '\0'))
        err = cw_refuse(reply, CW_ERR_INVALID, "A status needs a name of one line.");
    if (err == 0 &&
        (cw_body_choice(request->body, "shown_as", availability_names, &shown_as) != 0 ||
         shown_as == CW_AVAILABILITY_COUNT || shown_as == CW_AVAILABLE))
        err = cw_refuse(reply, CW_ERR_INVALID, "shown_as must be busy or away.");
    if (err == 0)
        err = cw_store_status_code_each(c->store, 0, count_code, &count);
    if (err == 0 && count >= CW_STATUS_CODES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u custom statuses already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    code.shown_as = (uint8_t)shown_as;
    err = cw_store_status_code_add(c->store, &code);
    if (err == 0)
        err = cw_audit(c, &actor, "status_code.create", code.name, "ok", "shown as %s",
                       availability_names[shown_as]);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is a status named \"%s\" already.", code.name);
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)code.id);
    return err;
}

int cw_op_status_code_remove(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "status %u", request->path_id);
    err = cw_store_status_code_remove(c->store, request->path_id);
    if (err == 0)
        err = cw_audit(c, &actor, "status_code.remove", object, "ok", "removed");
    err = cw_store_end(c->store, err);
    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no status with the number %u.", request->path_id)
               : err;
}
