/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator sets about queues: rules of teams, skills and who has them, issues. */
#include <stdio.h>
#include <string.h>

#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/queue/desk.h"
#include "control/queue/operations.h"
#include "control/store/store_share.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"

/* ---- rules of a team's queue ------------------------------------------------------------------ */

static json_t *number_or_null(uint64_t value)
{
    return value != 0 ? json_integer((json_int_t)value) : json_null();
}

static int list_queue(void *user, const struct cw_team_queue *q)
{
    json_t *row =
        json_pack("{s:I, s:s, s:b, s:b, s:I, s:o, s:o, s:o, s:o, s:o}", "team", (json_int_t)q->team,
                  "name", q->name, "automatic", q->is_automatic, "persistent", q->is_persistent,
                  "offer_s", (json_int_t)(q->offer_s != 0 ? q->offer_s : CW_OFFER_S), "overdue_s",
                  number_or_null(q->overdue_s), "overflow_team", number_or_null(q->overflow_team),
                  "overflow_s", number_or_null(q->overflow_s), "overflow_count",
                  number_or_null(q->overflow_count), "alert_count", number_or_null(q->alert_count));

    return json_array_append_new(user, row) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_queue_rules(struct cw_control *c, const struct cw_request *request,
                      struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_team_queue_each(c->store, 0, list_queue, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "queues", rows);
    return err;
}

static int take_queue(void *user, const struct cw_team_queue *q)
{
    *(struct cw_team_queue *)user = *q;
    return 0;
}

static int take_rules(const json_t *body, struct cw_team_queue *q, struct cw_reply *reply)
{
    uint64_t offer_s = q->offer_s != 0 ? q->offer_s : CW_OFFER_S;
    uint64_t overdue_s = q->overdue_s;
    uint64_t overflow_team = q->overflow_team;
    uint64_t overflow_s = q->overflow_s;
    uint64_t overflow_count = q->overflow_count;
    uint64_t alert_count = q->alert_count;

    if (cw_body_bool(body, "automatic", &q->is_automatic) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "automatic is either on or off.");
    if (cw_body_number(body, "offer_s", CW_OFFER_S_MIN, CW_OFFER_S_MAX, &offer_s) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "offer_s must be from %d to %d seconds.",
                         CW_OFFER_S_MIN, CW_OFFER_S_MAX);
    if (cw_body_number(body, "overdue_s", 0, CW_QUEUE_RULE_S_MAX, &overdue_s) != 0 ||
        cw_body_number(body, "overflow_s", 0, CW_QUEUE_RULE_S_MAX, &overflow_s) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "overdue_s and overflow_s must be from 0 (never) to %d seconds.",
                         CW_QUEUE_RULE_S_MAX);
    if (cw_body_number(body, "overflow_count", 0, CW_QUEUE_RULE_COUNT_MAX, &overflow_count) != 0 ||
        cw_body_number(body, "alert_count", 0, CW_QUEUE_RULE_COUNT_MAX, &alert_count) != 0)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "overflow_count and alert_count must be from 0 (never) to %d.",
                         CW_QUEUE_RULE_COUNT_MAX);
    if (cw_body_number(body, "overflow_team", 0, UINT32_MAX, &overflow_team) != 0 ||
        overflow_team == q->team)
        return cw_refuse(reply, CW_ERR_INVALID,
                         "overflow_team must be the number of another team, or 0 for none.");
    q->offer_s = (uint32_t)offer_s;
    q->overdue_s = (uint32_t)overdue_s;
    q->overflow_team = (uint32_t)overflow_team;
    q->overflow_s = (uint32_t)overflow_s;
    q->overflow_count = (uint32_t)overflow_count;
    q->alert_count = (uint32_t)alert_count;
    return 0;
}

int cw_op_queue_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_team_queue q = {.team = 0};
    struct cw_team other;
    char object[32];
    int err = cw_body_only(
        request->body,
        "automatic offer_s overdue_s overflow_team overflow_s overflow_count alert_count", reply);

    if (err == 0)
        err = cw_store_team_queue_each(c->store, request->path_id, take_queue, &q);
    if (err == 0 && (q.team == 0 || request->path_id == 0))
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no team with the number %u.",
                        request->path_id);
    if (err == 0)
        err = take_rules(request->body, &q, reply);
    if (err == 0 && q.overflow_team != 0 &&
        cw_store_team_get(c->store, q.overflow_team, &other) == CW_ERR_NOT_FOUND)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no team with the number %u.",
                        q.overflow_team);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "team %u", q.team);
    err = cw_store_team_queue_put(c->store, &q);
    if (err == 0)
        err = cw_audit(c, &actor, "queue.set", object, "ok",
                       "%s, offer %u s, overdue %u s, overflow to %u after %u s or %u, alert at %u",
                       q.is_automatic ? "automatic" : "manual", q.offer_s, q.overdue_s,
                       q.overflow_team, q.overflow_s, q.overflow_count, q.alert_count);
    return cw_store_end(c->store, err);
}

/* ---- skills ----------------------------------------------------------------------------------- */

static int list_skill(void *user, const struct cw_skill_row *skill)
{
    return json_array_append_new(user,
                                 json_pack("{s:I, s:o, s:I, s:s}", "id", (json_int_t)skill->id,
                                           "parent", number_or_null(skill->parent), "rank",
                                           (json_int_t)skill->rank, "name", skill->name)) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_skill_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_skill_each(c->store, list_skill, rows);

    (void)request;
    reply->json = json_pack("{s:o}", "skills", rows);
    return err;
}

static unsigned depth_of(const struct cw_queue_model *m, uint32_t id)
{
    unsigned depth = 0;

    for (int at = cw_skill_place(m, id); at >= 0 && depth < CW_SKILL_DEPTH_MAX; depth++)
        at = cw_skill_place(m, m->skills[at].parent);
    return depth;
}

static unsigned skill_count(const struct cw_queue_model *m)
{
    unsigned count = 0;

    for (unsigned i = 0; i < CW_SKILLS_MAX; i++)
        count += m->skills[i].id != 0;
    return count;
}

static int end_skill(struct cw_control *c, const struct cw_request *request,
                     const struct cw_skill_row *skill, const char *action, struct cw_reply *reply,
                     int err)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];

    snprintf(object, sizeof object, "skill %u", skill->id);
    if (err == 0)
        err = cw_audit(c, &actor, action, object, "ok", "%s, rank %u", skill->name, skill->rank);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is a skill named \"%s\" already.", skill->name);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no skill with the number %u.", skill->id);
    if (err == 0) {
        cw_desk_changed(c);
        reply->json = json_pack("{s:I}", "id", (json_int_t)skill->id);
    }
    return err;
}

static int take_skill(const json_t *body, struct cw_skill_row *skill, struct cw_reply *reply)
{
    uint64_t rank = skill->rank;
    uint64_t parent = 0;

    if (cw_body_name(body, "name", skill->name) != 0 || skill->name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "A skill needs a name of one line.");
    if (cw_body_number(body, "rank", 1, CW_SKILLS_MAX, &rank) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "rank must be from 1 (the highest) to %d.",
                         CW_SKILLS_MAX);
    if (cw_body_number(body, "parent", 1, UINT32_MAX, &parent) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "parent must be the number of a skill.");
    skill->rank = (uint32_t)rank;
    skill->parent = (uint32_t)parent;
    return 0;
}

int cw_op_skill_create(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_skill_row skill = {.rank = 1};
    const struct cw_queue_model *m = cw_desk_model(c);
    int err = cw_body_only(request->body, "name rank parent", reply);

    if (err == 0)
        err = take_skill(request->body, &skill, reply);
    if (err == 0 && skill.parent != 0 && cw_skill_place(m, skill.parent) < 0)
        err = cw_refuse(reply, CW_ERR_NOT_FOUND, "There is no skill with the number %u.",
                        skill.parent);
    if (err == 0 && skill.parent != 0 && depth_of(m, skill.parent) >= CW_SKILL_DEPTH_MAX)
        err = cw_refuse(reply, CW_ERR_INVALID, "Skills are at most %d levels deep.",
                        CW_SKILL_DEPTH_MAX);
    if (err == 0 && skill_count(m) >= CW_SKILLS_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %d skills already.", CW_SKILLS_MAX);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_skill_add(c->store, &skill);
    return end_skill(c, request, &skill, "skill.create", reply, err);
}

int cw_op_skill_set(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    struct cw_skill_row skill = {.id = request->path_id, .rank = 1};
    int err = cw_body_only(request->body, "name rank", reply);

    if (err == 0)
        err = take_skill(request->body, &skill, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_skill_put(c->store, &skill);
    return end_skill(c, request, &skill, "skill.set", reply, err);
}

int cw_op_skill_remove(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_skill_row skill = {.id = request->path_id, .name = "removed"};
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    err = cw_store_skill_remove(c->store, skill.id);
    return end_skill(c, request, &skill, "skill.remove", reply, err);
}

static int list_number(void *user, uint32_t number)
{
    return json_array_append_new(user, json_integer((json_int_t)number)) == 0 ? 0 : CW_ERR_NOMEM;
}

int cw_op_account_skills(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    json_t *rows = json_array();
    int err = cw_store_account_skill_each(c->store, request->path_id, list_number, rows);

    reply->json = json_pack("{s:I, s:o}", "account", (json_int_t)request->path_id, "skills", rows);
    return err;
}

int cw_op_account_set_skills(struct cw_control *c, const struct cw_request *request,
                             struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_account account;
    uint32_t skills[CW_SKILLS_MAX];
    uint32_t count = 0;
    char object[32];
    int err = cw_body_only(request->body, "skills", reply);

    if (err == 0)
        err = cw_store_account_get(c->store, request->path_id, &account);
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, err, "There is no account with the number %u.", request->path_id);
    if (err == 0)
        err = cw_skills_of_body(c, request->body, skills, &count, CW_SKILLS_MAX, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    snprintf(object, sizeof object, "account %u", request->path_id);
    err = cw_store_account_skills_put(c->store, request->path_id, skills, count);
    if (err == 0)
        err = cw_audit(c, &actor, "account.set_skills", object, "ok", "%u skills", count);
    return cw_store_end(c->store, err);
}

/* ---- issues ----------------------------------------------------------------------------------- */

static int list_issue(void *user, const struct cw_issue *issue)
{
    return json_array_append_new(
               user, json_pack("{s:I, s:s, s:s, s:I, s:s}", "id", (json_int_t)issue->id, "name",
                               issue->name, "code", issue->code, "team", (json_int_t)issue->team,
                               "priority", cw_priority_name(issue->priority))) == 0
               ? 0
               : CW_ERR_NOMEM;
}

int cw_op_issue_list(struct cw_control *c, const struct cw_request *request, struct cw_reply *reply)
{
    json_t *rows = json_array();
    uint32_t after = 0;
    uint32_t limit = 0;
    int err = cw_body_only(request->body, "after limit", reply);

    if (err == 0)
        err = cw_body_page(request->body, &after, &limit, reply);
    if (err == 0)
        err = cw_store_issue_each(c->store, after, limit, list_issue, rows);
    reply->json = json_pack("{s:o}", "issues", rows);
    return err;
}

static int count_issue(void *user, const struct cw_issue *issue)
{
    (void)issue;
    ++*(unsigned *)user;
    return 0;
}

static int take_issue(struct cw_control *c, const json_t *body, struct cw_issue *issue,
                      struct cw_reply *reply)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    static const char *const names[] = {"", "low", "medium", "high", NULL};
    const char *code = NULL;
    unsigned priority = CW_PRIORITY_MEDIUM;
    uint64_t team = 0;
    struct cw_team row;

    if (cw_body_name(body, "name", issue->name) != 0 || issue->name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "An issue needs a name of one line.");
    if (cw_body_text(body, "code", CW_TEAM_CODE_BYTES_MAX, &code) != 0 ||
        code[strspn(code, allowed)] != '\0')
        return cw_refuse(reply, CW_ERR_INVALID,
                         "An issue's code has small letters, digits, dashes or underscores.");
    if (cw_body_choice(body, "priority", names, &priority) != 0 || priority == 0)
        return cw_refuse(reply, CW_ERR_INVALID, "priority must be low, medium or high.");
    if (cw_body_number(body, "team", 1, UINT32_MAX, &team) != 0 || team == 0 ||
        cw_store_team_get(c->store, (uint32_t)team, &row) != 0)
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "team must be the number of a team.");
    snprintf(issue->code, sizeof issue->code, "%s", code);
    issue->team = (uint32_t)team;
    issue->priority = (enum cw_priority)priority;
    return 0;
}

int cw_op_issue_create(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    struct cw_issue issue = {.id = 0};
    uint32_t skills[CW_SESSION_SKILLS_MAX];
    uint32_t skill_count_of = 0;
    unsigned count = 0;
    char object[32];
    int err = cw_body_only(request->body, "name code team priority skills", reply);

    if (err == 0)
        err = take_issue(c, request->body, &issue, reply);
    if (err == 0)
        err = cw_skills_of_body(c, request->body, skills, &skill_count_of, CW_SESSION_SKILLS_MAX,
                                reply);
    if (err == 0)
        err = cw_store_issue_each(c->store, 0, CW_ISSUES_MAX, count_issue, &count);
    if (err == 0 && count >= CW_ISSUES_MAX)
        err = cw_refuse(reply, CW_ERR_FULL, "There are %u issues already.", count);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_issue_add(c->store, &issue, skills, skill_count_of);
    snprintf(object, sizeof object, "issue %u", issue.id);
    if (err == 0)
        err = cw_audit(c, &actor, "issue.create", object, "ok", "%s (%s) for team %u", issue.name,
                       issue.code, issue.team);
    err = cw_store_end(c->store, err);
    if (err == CW_ERR_CONFLICT)
        return cw_refuse(reply, err, "There is an issue with this name or code already.");
    if (err == 0)
        reply->json = json_pack("{s:I}", "id", (json_int_t)issue.id);
    return err;
}

int cw_op_issue_remove(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[32];
    int err = cw_store_begin(c->store);

    if (err != 0)
        return err;
    snprintf(object, sizeof object, "issue %u", request->path_id);
    err = cw_store_issue_remove(c->store, request->path_id);
    if (err == 0)
        err = cw_audit(c, &actor, "issue.remove", object, "ok", "removed");
    err = cw_store_end(c->store, err);
    return err == CW_ERR_NOT_FOUND
               ? cw_refuse(reply, err, "There is no issue with the number %u.", request->path_id)
               : err;
}
