/* SPDX-License-Identifier: Apache-2.0 */
/* A customer's page while it waits and after the session: where it stands, what it may keep. */
#include <stdio.h>

#include "control/account/option.h"
#include "control/api/body.h"
#include "control/portal/operations.h"
#include "control/portal/visit.h"
#include "control/queue/customer_message.h"
#include "control/queue/desk.h"
#include "control/store/store_survey.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

struct visit {
    const char *token;
    enum cw_visit_kind kind;
    struct cw_visit_key key; /* of a session: only what it names */
    struct cw_session session;
    bool has_session;
};

/* A forged token is charged like a wrong key; a good one has a budget of its own, wherever it is used. */
static int take_token(struct cw_control *c, const struct cw_request *request, struct visit *v,
                      uint32_t *ret_number, struct cw_reply *reply)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    char name[16];
    int err = cw_body_text(request->body, "token", CW_VISIT_TOKEN_SIZE - 1, &v->token);

    reply->retry_after_s = cw_budget_wait_s(&c->budget, CW_BUDGET_KEY, request->source, now_ms);
    if (reply->retry_after_s > 0)
        return cw_refuse(reply, CW_ERR_FULL, "%s", cw_close_text(CW_CLOSE_TOO_MANY_TRIES));
    if (err == 0)
        err = cw_visit_read(c, v->token, &v->kind, ret_number);
    if (err == CW_ERR_INVALID || err == CW_ERR_NOT_FOUND) {
        cw_budget_charge(&c->budget, CW_BUDGET_KEY, request->source, now_ms);
        return cw_refuse(reply, CW_ERR_NOT_FOUND, "This address leads to no visit of yours.");
    }
    if (err != 0)
        return err;
    snprintf(name, sizeof name, "%c%u", v->kind, *ret_number);
    reply->retry_after_s = cw_budget_wait_s(&c->budget, CW_BUDGET_VISIT, name, now_ms);
    if (reply->retry_after_s > 0)
        return cw_refuse(reply, CW_ERR_FULL, "This page asks too often. Wait a moment.");
    cw_budget_charge(&c->budget, CW_BUDGET_VISIT, name, now_ms);
    return 0;
}

static int refuse_gone(struct cw_reply *reply)
{
    return cw_refuse(reply, CW_ERR_EXPIRED, "This visit is over, and nothing is kept for you.");
}

static int find_visit(struct cw_control *c, const struct cw_request *request, struct visit *v,
                      struct cw_reply *reply)
{
    uint32_t number = 0;
    int err = take_token(c, request, v, &number, reply);

    if (err != 0)
        return err;
    if (v->kind == CW_VISIT_KEY) {
        err = cw_store_portal_key(c->store, number, &v->key);
        number = v->key.session;
    }
    v->has_session = err == 0 && number != 0;
    if (v->has_session)
        err = cw_store_session_get(c->store, number, &v->session);
    if (err == CW_ERR_NOT_FOUND ||
        (v->has_session && v->session.state == CW_SESSION_ENDED &&
         cw_control_now_unix_ms(c) >= v->session.ended_ms + CW_SURVEY_OPEN_S * UINT64_C(1000)))
        return refuse_gone(reply);
    return err;
}

/* ---- before and while it waits --------------------------------------------------------------- */

/* Whom a customer waits for: a person or a team. */
static json_t *name_json(struct cw_control *c, uint32_t account, uint32_t team)
{
    const struct cw_session_key key = {.account = account, .team = team};
    char name[CW_NAME_SIZE] = "";

    return json_string(cw_portal_key_for(c, &key, name, sizeof name) == 0 ? name : "");
}

static json_t *ready_json(struct cw_control *c, const struct visit *v)
{
    const bool is_good = cw_control_now_unix_ms(c) < v->key.expires_ms;

    return json_pack("{s:s, s:s, s:o, s:s, s:I}", "state", is_good ? "ready" : "expired", "portal",
                     cw_portal_or_default(c, v->key.portal)->row.code, "representative",
                     name_json(c, v->key.account, v->key.team), "customer", v->key.customer,
                     "expires_unix_ms", (json_int_t)v->key.expires_ms);
}

/* Empty: an administrator wrote none, and the page says it in the reader's language. */
static json_t *waiting_message(struct cw_control *c, const struct cw_live_session *session)
{
    const uint64_t hold_ms = cw_option(c, CW_OPTION_QUEUE_HOLD_S) * 1000;
    const bool is_held =
        hold_ms != 0 && cw_control_now_unix_ms(c) >= session->row.queued_ms + hold_ms;
    const enum cw_customer_message which =
        is_held ? CW_CUSTOMER_MESSAGE_HOLD : CW_CUSTOMER_MESSAGE_GREETING;

    if (!cw_customer_message_is_own(c, session->row.portal, which))
        return json_string("");
    cw_customer_message_make(c, which, session, c->desk->text);
    return json_string(c->desk->text);
}

static void add_place(struct cw_control *c, const struct cw_live_session *session, json_t *json)
{
    struct cw_queue_model *m = cw_desk_model(c);
    const uint64_t wait_ms = cw_queue_estimate_ms(m, &session->q);

    json_object_set_new(json, "position", json_integer(cw_queue_position(m, &session->q)));
    json_object_set_new(json, "wait_ms",
                        wait_ms != 0 ? json_integer((json_int_t)wait_ms) : json_null());
    json_object_set_new(json, "waiting_since_unix_ms",
                        json_integer((json_int_t)session->row.queued_ms));
    json_object_set_new(json, "message", waiting_message(c, session));
}

/* ---- after ----------------------------------------------------------------------------------- */

static int count_question(void *user, const struct cw_question *question, const char *answer)
{
    (void)question;
    (void)answer;
    *(bool *)user = true;
    return 0;
}

static json_t *message_json(struct cw_control *c, const struct cw_session *session,
                            enum cw_customer_message which)
{
    const struct cw_macro macros[] = {
        {"CUSTOMER", session->customer}, {"APPLIANCE", c->name}, {NULL, NULL}};
    char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];

    if (!cw_customer_message_is_own(c, session->portal, which))
        return json_string("");
    cw_customer_message_text(c, session->portal, which, text);
    cw_macros_replace(text, macros, c->desk->text, sizeof c->desk->text);
    return json_string(c->desk->text);
}

static int add_end(struct cw_control *c, const struct cw_session *session, json_t *json)
{
    const bool is_served = session->started_ms != 0;
    const bool is_kept = cw_option(c, CW_OPTION_PORTAL_TRANSCRIPT) != 0;
    char url[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1];
    struct cw_visit_end end;
    bool is_asked = false;
    int err = cw_store_portal_end(c->store, session->id, &end);

    if (err == 0 && is_served)
        err = cw_store_question_each(c->store, CW_SURVEY_CUSTOMER, 0, 0, count_question, &is_asked);
    if (err != 0)
        return err;
    const bool is_orphan = !is_served && end.code == CW_CLOSE_ENDED_NOBODY_LEFT;
    url[0] = '\0';
    if (is_served || is_orphan)
        cw_customer_message_text(
            c, session->portal,
            is_served ? CW_CUSTOMER_MESSAGE_FINISHED_URL : CW_CUSTOMER_MESSAGE_ORPHAN_URL, url);
    json_object_set_new(json, "served", json_boolean(is_served));
    json_object_set_new(json, "orphaned", json_boolean(is_orphan));
    json_object_set_new(json, "ended_unix_ms", json_integer((json_int_t)session->ended_ms));
    json_object_set_new(json, "reason", json_string(cw_close_name(end.code)));
    json_object_set_new(json, "message",
                        is_served   ? message_json(c, session, CW_CUSTOMER_MESSAGE_FINISHED)
                        : is_orphan ? message_json(c, session, CW_CUSTOMER_MESSAGE_ORPHANED)
                                    : json_string(""));
    json_object_set_new(json, "url", url[0] != '\0' ? json_string(url) : json_null());
    json_object_set_new(json, "survey", json_boolean(is_asked));
    json_object_set_new(json, "transcript", json_boolean(is_served && is_kept));
    return 0;
}

/* ---- operations ------------------------------------------------------------------------------ */

int cw_op_portal_visit(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    static const char *const names[] = {[CW_SESSION_WAITING] = "waiting",
                                        [CW_SESSION_ACTIVE] = "active",
                                        [CW_SESSION_ENDED] = "ended"};
    struct visit v = {.has_session = false};
    const struct cw_live_session *live = NULL;
    int err = cw_body_only(request->body, "token", reply);

    if (err == 0)
        err = find_visit(c, request, &v, reply);
    if (err != 0)
        return err;
    if (!v.has_session) {
        reply->json = ready_json(c, &v);
        return 0;
    }
    live = cw_live_find(c, v.session.id);
    reply->json = json_pack("{s:s, s:s, s:I, s:s}", "state", names[v.session.state], "portal",
                            cw_portal_or_default(c, v.session.portal)->row.code, "session",
                            (json_int_t)v.session.id, "customer", v.session.customer);
    json_object_set_new(reply->json, "representative",
                        v.session.state == CW_SESSION_WAITING
                            ? name_json(c, v.session.account, v.session.team)
                            : json_string(v.session.representative));
    if (v.session.state == CW_SESSION_WAITING && live != NULL)
        add_place(c, live, reply->json);
    return v.session.state == CW_SESSION_ENDED ? add_end(c, &v.session, reply->json) : 0;
}

struct transcript {
    json_t *lines;
    uint64_t last;
};

static int add_line(void *user, const struct cw_chat_row *line)
{
    struct transcript *t = user;

    t->last = line->sequence;
    return json_array_append_new(
               t->lines,
               json_pack("{s:I, s:I, s:s, s:o, s:o}", "line", (json_int_t)line->sequence,
                         "time_unix_ms", (json_int_t)line->time_ms, "role",
                         line->role == CW_ROLE_NONE ? "appliance" : cw_role_name(line->role),
                         "name", json_stringn(line->name, line->name_bytes), "text",
                         json_stringn(line->text, line->text_bytes))) == 0
               ? 0
               : CW_ERR_NOMEM;
}

static int add_person(void *user, const struct cw_participant *p)
{
    if (p->role != CW_ROLE_REPRESENTATIVE)
        return 0;
    return json_array_append_new(user, json_string(p->name)) == 0 ? 0 : CW_ERR_NOMEM;
}

static json_t *session_json(struct cw_control *c, const struct cw_session *s)
{
    const struct cw_portal *portal = cw_portal_or_default(c, s->portal);
    json_t *people = json_array();
    struct cw_visit_end end = {.code = 0};

    (void)cw_store_portal_end(c->store, s->id, &end);
    (void)cw_store_participant_each(c->store, s->id, add_person, people);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:I, s:I, s:I}", "id", (json_int_t)s->id,
                     "appliance", c->name, "portal",
                     portal->row.title[0] != '\0' ? portal->row.title : c->name, "customer",
                     s->customer, "issue", end.issue, "representatives", people, "created_unix_ms",
                     (json_int_t)s->created_ms, "started_unix_ms", (json_int_t)s->started_ms,
                     "ended_unix_ms", (json_int_t)s->ended_ms);
}

int cw_op_portal_transcript(struct cw_control *c, const struct cw_request *request,
                            struct cw_reply *reply)
{
    struct visit v = {.has_session = false};
    struct transcript t = {.lines = NULL};
    uint64_t after = 0;
    int err = cw_body_only(request->body, "token after", reply);

    if (err == 0 &&
        cw_body_number(request->body, "after", 0, CW_CHAT_LINES_PER_SESSION_MAX, &after) != 0)
        err = cw_refuse(reply, CW_ERR_INVALID, "after is the number of a line.");
    if (err == 0)
        err = find_visit(c, request, &v, reply);
    if (err != 0)
        return err;
    if (cw_option(c, CW_OPTION_PORTAL_TRANSCRIPT) == 0)
        return cw_refuse(reply, CW_ERR_DENIED, "Transcripts are not given to customers here.");
    if (!v.has_session || v.session.state != CW_SESSION_ENDED || v.session.started_ms == 0)
        return cw_refuse(reply, CW_ERR_STATE, "There is a transcript when the session is over.");
    t.lines = json_array();
    err = cw_store_chat_after(c->store, v.session.id, CW_CHAT_EVERYBODY, after, CW_TRANSCRIPT_LINES,
                              add_line, &t);
    reply->json = json_pack(
        "{s:o, s:o, s:o}", "session", session_json(c, &v.session), "lines", t.lines, "next",
        json_array_size(t.lines) == CW_TRANSCRIPT_LINES ? json_integer((json_int_t)t.last)
                                                        : json_null());
    return err;
}
