/* SPDX-License-Identifier: Apache-2.0 */
/* Queues as somebody looks at them: rows with times and places, sorted and searched; the dashboard. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/api/body.h"
#include "control/api/operations.h"
#include "control/queue/operations.h"
#include "control/queue/queue.h"
#include "control/session/custom_link.h"
#include "control/session/operations.h"
#include "control/session/people.h"
#include "control/store/store_queue.h"
#include "control/store/store_team.h"
#include "control/team/team.h"
#include "engine/base/err.h"

enum sort { BY_QUEUE, BY_WAITING, BY_CUSTOMER };

struct view {
    struct cw_control *c;
    uint32_t account;
    uint64_t now_ms;
    uint32_t team; /* 0: any */
    bool is_personal;
    bool only_favourites;
    const char *search;
    unsigned sort;
    uint64_t offset;
    uint64_t limit;
    uint32_t favourites[CW_SESSIONS_LIVE_MAX];
    uint32_t favourite_count;
    struct cw_live_session *rows[CW_SESSIONS_LIVE_MAX];
    size_t count;
};

static int note_favourite(void *user, uint32_t session)
{
    struct view *v = user;

    if (v->favourite_count < CW_SESSIONS_LIVE_MAX)
        v->favourites[v->favourite_count++] = session;
    return 0;
}

static bool is_favourite(const struct view *v, uint32_t session)
{
    for (uint32_t i = 0; i < v->favourite_count; i++)
        if (v->favourites[i] == session)
            return true;
    return false;
}

static const char *status_of(struct cw_live_session *session)
{
    const struct cw_live_participant *source = cw_live_source(session);

    /* Until it was there once it is on its way, not away. */
    if (source != NULL && !source->is_up && source->was_up)
        return "customer_absent";
    return session->row.state == CW_SESSION_WAITING ? "waiting" : "in_progress";
}

static json_t *number_or_null(uint64_t value)
{
    return value != 0 ? json_integer((json_int_t)value) : json_null();
}

static json_t *row_json(struct view *v, struct cw_live_session *session)
{
    const struct cw_session *row = &session->row;
    const struct cw_queue_model *m = &v->c->desk->model;
    const bool waits = row->state == CW_SESSION_WAITING;
    const uint32_t position = waits ? session->q.position : 0;
    json_t *json = json_pack(
        "{s:I, s:s, s:I, s:s, s:s, s:s, s:o, s:s, s:I, s:I, s:I, s:o, s:o, s:b, s:b}", "session",
        (json_int_t)row->id, "customer", row->customer, "waiting_since_unix_ms",
        (json_int_t)row->created_ms, "state", waits ? "waiting" : "active", "status",
        status_of(session), "name", row->title[0] != '\0' ? row->title : row->customer, "team",
        number_or_null(row->team), "priority", cw_priority_name(row->priority), "queued_unix_ms",
        (json_int_t)row->queued_ms, "in_queue_s",
        (json_int_t)(waits && v->now_ms > row->queued_ms ? (v->now_ms - row->queued_ms) / 1000 : 0),
        "total_s",
        (json_int_t)(v->now_ms > row->created_ms ? (v->now_ms - row->created_ms) / 1000 : 0),
        "position", number_or_null(position), "estimated_wait_s",
        number_or_null(waits ? cw_queue_estimate_at_ms(m, &session->q, position) / 1000 : 0),
        "overdue", row->is_overdue, "favourite", is_favourite(v, row->id));

    (void)json_object_set_new(json, "offered_to", number_or_null(session->q.offered_to));
    (void)json_object_set_new(json, "offered_until_unix_ms",
                              number_or_null(session->q.offer_until_ms));
    (void)json_object_set_new(json, "external_key", json_string(row->external_key));
    (void)json_object_set_new(json, "waits_for_manual_accept", json_boolean(row->is_manual));
    return json;
}

static int compare(const void *left, const void *right, void *user)
{
    const struct cw_live_session *a = *(struct cw_live_session *const *)left;
    const struct cw_live_session *b = *(struct cw_live_session *const *)right;
    const struct view *v = user;
    int order = 0;

    if (v->sort == BY_CUSTOMER)
        order = strcasecmp(a->row.customer, b->row.customer);
    else if (v->sort == BY_WAITING && a->row.created_ms != b->row.created_ms)
        order = a->row.created_ms < b->row.created_ms ? -1 : 1;
    return order != 0 ? order : cw_queue_compare(&a->q, &b->q);
}

static bool is_wanted(const struct view *v, const struct cw_live_session *session)
{
    const struct cw_session *row = &session->row;

    if (v->only_favourites && !is_favourite(v, row->id))
        return false;
    return v->search == NULL || strcasestr(row->customer, v->search) != NULL ||
           strcasestr(row->title, v->search) != NULL ||
           strcasestr(row->external_key, v->search) != NULL;
}

static json_t *rows_json(struct view *v)
{
    json_t *rows = json_array();

    if (v->count > 1)
        qsort_r(v->rows, v->count, sizeof(struct cw_live_session *), compare, v);
    cw_queue_rank(&v->c->desk->model);
    for (size_t i = v->offset; i < v->count && i < v->offset + v->limit; i++)
        (void)json_array_append_new(rows, row_json(v, v->rows[i]));
    return rows;
}

static struct view *view_new(struct cw_control *c, const struct cw_request *request)
{
    struct view *v = calloc(1, sizeof *v);

    if (v == NULL)
        return NULL;
    v->c = c;
    v->account = request->account;
    v->now_ms = cw_control_now_unix_ms(c);
    v->is_personal = true;
    v->limit = CW_QUEUE_LIST_ROWS_MAX;
    if (request->account != 0)
        (void)cw_store_favourite_each(c->store, request->account, note_favourite, v);
    return v;
}

static int take_view(const json_t *body, struct view *v, struct cw_reply *reply)
{
    static const char *const sorts[] = {"queue", "waiting", "customer", NULL};
    const char *queue = json_string_value(json_object_get(body, "queue"));
    uint64_t team = 0;

    if (queue != NULL && strcmp(queue, "all") == 0)
        v->is_personal = false;
    else if (queue != NULL && strcmp(queue, "personal") != 0) {
        if (cw_body_number(body, "queue", 1, UINT32_MAX, &team) != 0)
            return cw_refuse(reply, CW_ERR_INVALID,
                             "queue must be personal, all, or the number of a team.");
        v->team = (uint32_t)team;
        v->is_personal = false;
    }
    if (cw_body_choice(body, "sort", sorts, &v->sort) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "sort must be queue, waiting or customer.");
    if (cw_body_bool(body, "favourites", &v->only_favourites) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "favourites is either true or false.");
    if (cw_body_lines(body, "search", CW_NAME_BYTES_MAX, &v->search) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "search is too long.");
    if (cw_body_number(body, "offset", 0, CW_SESSIONS_LIVE_MAX, &v->offset) != 0 ||
        cw_body_number(body, "limit", 1, CW_QUEUE_LIST_ROWS_MAX, &v->limit) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "offset is how many to leave out, limit is from 1 to %d.",
                         CW_QUEUE_LIST_ROWS_MAX);
    return 0;
}

int cw_op_queue_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const bool is_person = request->front == CW_FRONT_HTTP;
    struct view *v = view_new(c, request);
    const struct cw_queue_rep *rep = NULL;
    int err = v == NULL
                  ? CW_ERR_NOMEM
                  : cw_body_only(request->body, "queue sort favourites search offset limit", reply);

    if (err == 0)
        err = take_view(request->body, v, reply);
    if (err != 0) {
        free(v);
        return err;
    }
    /* Operators and programs see every queue. */
    if (is_person)
        rep = cw_desk_rep(c, request->account);
    else if (json_object_get(request->body, "queue") == NULL)
        v->is_personal = false;
    for (uint32_t i = 0; (rep != NULL || !is_person) && i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        if (session->is_over || session->row.state != CW_SESSION_WAITING ||
            (rep != NULL && !cw_queue_may_see(rep, &session->q)) ||
            (v->is_personal && session->row.team != 0) ||
            (v->team != 0 && session->row.team != v->team) || !is_wanted(v, session))
            continue;
        v->rows[v->count++] = session;
    }
    reply->json = json_pack("{s:o, s:I, s:I}", "queue", rows_json(v), "total", (json_int_t)v->count,
                            "now_unix_ms", (json_int_t)v->now_ms);
    free(v);
    return 0;
}

int cw_op_session_show(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_live_session *session = NULL;
    struct view *v = NULL;
    json_t *needs = NULL;
    int err = cw_session_of_request(c, request, reply, &session);

    if (err != 0)
        return err;
    v = view_new(c, request);
    if (v == NULL)
        return CW_ERR_NOMEM;
    session->q.position = cw_queue_position(&c->desk->model, &session->q);
    reply->json = row_json(v, session);
    (void)json_object_update_missing_new(reply->json, cw_session_json(session));
    needs = json_array();
    for (uint32_t i = 0; i < session->q.need_count; i++)
        (void)json_array_append_new(needs, json_integer((json_int_t)session->q.needs[i]));
    (void)json_object_set_new(reply->json, "skills", needs);
    (void)json_object_set_new(reply->json, "participants", cw_session_people_json(session));
    free(v);
    err = cw_custom_links_add(c, session, request->account, reply->json);
    return err == 0 ? cw_session_add_details(c, session, reply->json) : err;
}

/* ---- the dashboard ---------------------------------------------------------------------------- */

/* Red: late; yellow: soon late, or with a representative while the customer is not there. */
static const char *colour_of(const struct cw_queue_model *m, struct cw_live_session *session,
                             uint64_t now_ms)
{
    const struct cw_queue_team *team = cw_queue_team_find(m, session->row.team);

    if (session->row.state != CW_SESSION_WAITING)
        return strcmp(status_of(session), "customer_absent") == 0 ? "yellow" : "green";
    if (session->row.is_overdue)
        return "red";
    if (team != NULL && team->overdue_s != 0 &&
        now_ms >= session->row.queued_ms + team->overdue_s * UINT64_C(500))
        return "yellow"; /* half of the time has gone */
    return "green";
}

/* Those that somebody has, with the parents of each, which count as had. */
static json_t *rep_skills_json(const struct cw_queue_model *m, const struct cw_queue_rep *rep)
{
    json_t *rows = json_array();

    for (uint32_t i = 0; i < CW_SKILLS_MAX; i++)
        if (m->skills[i].id != 0 && cw_skill_has(m, &rep->skills, m->skills[i].id))
            (void)json_array_append_new(rows, json_integer((json_int_t)m->skills[i].id));
    return rows;
}

/* Seconds without a sign of life, null without a console. */
static json_t *idle_json(const struct cw_queue_rep *rep, uint64_t now_ms)
{
    if (!rep->is_present)
        return json_null();
    return json_integer((json_int_t)(now_ms > rep->input_ms ? (now_ms - rep->input_ms) / 1000 : 0));
}

static json_t *dashboard_reps(struct cw_control *c, uint32_t team, uint8_t own_role)
{
    const struct cw_queue_model *m = &c->desk->model;
    json_t *rows = json_array();

    for (uint32_t i = 0; i < m->rep_count; i++) {
        const struct cw_queue_rep *rep = &m->reps[i];
        struct cw_account account;
        json_t *row = NULL;
        const uint8_t role = cw_queue_role(rep, team);
        if (role == CW_TEAM_NONE || role > own_role ||
            cw_store_account_get(c->store, rep->account, &account) != 0)
            continue;
        row = cw_availability_json(c, rep);
        (void)json_object_set_new(row, "display_name", json_string(account.display_name));
        (void)json_object_set_new(row, "idle_s", idle_json(rep, cw_control_now_unix_ms(c)));
        (void)json_object_set_new(row, "skills", rep_skills_json(m, rep));
        (void)json_array_append_new(rows, row);
    }
    return rows;
}

/* What of a team's queue explains colours and alerts. */
static json_t *rules_json(const struct cw_queue_team *team)
{
    return team == NULL
               ? json_null()
               : json_pack("{s:I, s:o, s:o, s:b}", "waiting", (json_int_t)team->waiting_count,
                           "overdue_s", number_or_null(team->overdue_s), "alert_count",
                           number_or_null(team->alert_count), "automatic", team->is_automatic);
}

static json_t *dashboard_team(struct view *v, uint32_t team, uint8_t own_role)
{
    struct cw_control *c = v->c;
    struct cw_team row = {.name = ""};
    json_t *sessions = json_array();

    (void)cw_store_team_get(c->store, team, &row);
    for (uint32_t i = 0; i < c->live_count; i++) {
        struct cw_live_session *session = c->live[i];
        json_t *json = NULL;
        const struct cw_queue_rep *owner = NULL;
        if (session->is_over)
            continue;
        if (session->row.account != 0)
            owner = cw_queue_rep_find(&c->desk->model, session->row.account);
        if (session->row.team != team &&
            (session->row.state != CW_SESSION_ACTIVE || session->row.last.team != team) &&
            (owner == NULL || cw_queue_role(owner, team) == CW_TEAM_NONE ||
             cw_queue_role(owner, team) >= own_role))
            continue;
        json = row_json(v, session);
        (void)json_object_set_new(json, "colour",
                                  json_string(colour_of(&c->desk->model, session, v->now_ms)));
        (void)json_object_update_missing_new(json, cw_session_json(session));
        (void)json_object_set_new(json, "account", number_or_null(session->row.account));
        (void)json_object_set_new(json, "participants", cw_session_people_json(session));
        (void)json_array_append_new(sessions, json);
    }
    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o}", "team", (json_int_t)team, "name", row.name,
                     "role", cw_team_role_name((enum cw_team_role)own_role), "rules",
                     rules_json(cw_queue_team_find(&c->desk->model, team)), "representatives",
                     dashboard_reps(c, team, own_role), "sessions", sessions);
}

static int load_member(void *user, const struct cw_team_member *member)
{
    return cw_desk_rep(user, member->account) != NULL ? 0 : CW_ERR_NOMEM;
}

/* The teams somebody leads; operators and programs look at all of them. */
struct led {
    struct cw_queue_membership *rows;
    uint32_t count;
};

static int list_led(struct cw_control *c, const struct cw_request *request, struct led *ret)
{
    const struct cw_queue_model *m = cw_desk_model(c);
    const struct cw_queue_rep *rep = NULL;

    ret->rows = calloc(m->team_count + CW_TEAMS_OF_ACCOUNT_MAX, sizeof *ret->rows);
    if (ret->rows == NULL)
        return CW_ERR_NOMEM;
    for (uint32_t i = 0; request->front != CW_FRONT_HTTP && i < m->team_count; i++)
        ret->rows[ret->count++] = (struct cw_queue_membership){m->teams[i].team, CW_TEAM_MANAGER};
    if (request->front == CW_FRONT_HTTP)
        rep = cw_desk_rep(c, request->account);
    for (uint32_t i = 0; rep != NULL && i < rep->team_count; i++)
        if (rep->teams[i].role >= CW_TEAM_LEAD)
            ret->rows[ret->count++] = rep->teams[i];
    return 0;
}

int cw_op_dashboard(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct view *v = view_new(c, request);
    json_t *rows = json_array();
    struct led led = {0};
    int err = v != NULL ? list_led(c, request, &led) : CW_ERR_NOMEM;

    for (uint32_t i = 0; err == 0 && i < led.count; i++)
        err = cw_store_member_each(c->store, led.rows[i].team, 0, CW_TEAM_MEMBERS_MAX, load_member,
                                   c);
    if (err == 0)
        cw_queue_rank(cw_desk_model(c));
    for (uint32_t i = 0; err == 0 && i < led.count; i++)
        (void)json_array_append_new(rows, dashboard_team(v, led.rows[i].team, led.rows[i].role));
    free(led.rows);
    free(v);
    reply->json = json_pack("{s:o, s:I}", "teams", rows, "now_unix_ms",
                            (json_int_t)cw_control_now_unix_ms(c));
    return err;
}
