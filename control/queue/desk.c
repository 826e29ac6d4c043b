/* SPDX-License-Identifier: Apache-2.0 */
#include "control/queue/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/account/right.h"
#include "control/link/link_server.h"
#include "control/report/report.h"
#include "control/session/event.h"
#include "control/store/store_queue.h"
#include "control/store/store_team.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* ---- what the store says --------------------------------------------------------------------- */

static int take_team(void *user, const struct cw_team_queue *row)
{
    struct cw_queue_model *m = user;
    struct cw_queue_team *team = NULL;
    int err = cw_queue_team_make(m, row->team, &team);

    if (err != 0)
        return err;
    team->is_persistent = row->is_persistent;
    team->is_automatic = row->is_automatic;
    team->offer_s = row->offer_s != 0 ? row->offer_s : CW_OFFER_S;
    team->overdue_s = row->overdue_s;
    team->overflow_team = row->overflow_team;
    team->overflow_s = row->overflow_s;
    team->overflow_count = row->overflow_count;
    team->alert_count = row->alert_count;
    return 0;
}

struct seen {
    struct cw_queue_model *model;
    uint32_t count;
    uint32_t teams[CW_TEAMS_MAX];
};

static int note_team(void *user, const struct cw_team_queue *row)
{
    struct seen *seen = user;

    if (seen->count < CW_TEAMS_MAX)
        seen->teams[seen->count++] = row->team;
    return take_team(seen->model, row);
}

/* Pace and counts of teams that stay are kept. */
static int load_teams(struct cw_control *c)
{
    struct cw_queue_model *m = &c->desk->model;
    struct seen *seen = calloc(1, sizeof *seen);
    int err = seen != NULL ? 0 : CW_ERR_NOMEM;

    if (err == 0) {
        seen->model = m;
        err = cw_store_team_queue_each(c->store, 0, note_team, seen);
    }
    for (uint32_t i = m->team_count; err == 0 && i-- > 0;) {
        bool is_there = false;
        for (uint32_t k = 0; k < seen->count; k++)
            is_there = is_there || seen->teams[k] == m->teams[i].team;
        if (!is_there)
            cw_queue_team_remove(m, m->teams[i].team);
    }
    free(seen);
    return err;
}

static int take_skill(void *user, const struct cw_skill_row *row)
{
    struct cw_queue_model *m = user;

    for (unsigned i = 0; i < CW_SKILLS_MAX; i++) {
        if (m->skills[i].id != 0)
            continue;
        m->skills[i] = (struct cw_skill){.id = row->id, .parent = row->parent, .rank = row->rank};
        snprintf(m->skills[i].name, sizeof m->skills[i].name, "%s", row->name);
        return 0;
    }
    return 0;
}

static int load_skills(struct cw_control *c)
{
    memset(c->desk->model.skills, 0, sizeof c->desk->model.skills);
    return cw_store_skill_each(c->store, take_skill, &c->desk->model);
}

struct loading {
    struct cw_queue_model *model;
    struct cw_queue_rep *rep;
};

static int take_member(void *user, const struct cw_team_member *member)
{
    struct cw_queue_rep *rep = user;

    if (rep->team_count < CW_TEAMS_OF_ACCOUNT_MAX)
        rep->teams[rep->team_count++] =
            (struct cw_queue_membership){member->team, (uint8_t)member->role};
    return 0;
}

static int take_account_skill(void *user, uint32_t skill)
{
    struct loading *l = user;

    cw_skill_put(l->model, &l->rep->skills, skill);
    return 0;
}

static int load_rep(struct cw_control *c, struct cw_queue_rep *rep)
{
    struct loading l = {&c->desk->model, rep};
    struct cw_representative row = {.idle_limit_s = -1};
    int err = cw_store_representative_get(c->store, rep->account, &row);

    if (err == CW_ERR_NOT_FOUND)
        err = 0;
    rep->availability = (enum cw_availability)row.availability;
    rep->status_code = row.status_code;
    rep->is_opted_out = row.is_opted_out;
    rep->sessions_max =
        row.sessions_max != 0 ? row.sessions_max : (uint32_t)cw_option(c, CW_OPTION_QUEUE_SESSIONS);
    rep->idle_limit_s = row.idle_limit_s >= 0 ? (uint32_t)row.idle_limit_s
                                              : (uint32_t)cw_option(c, CW_OPTION_QUEUE_IDLE_S);
    rep->team_count = 0;
    rep->skills = (struct cw_skill_set){0};
    rep->may_take_team = cw_right_has(c, rep->account, CW_RIGHT_ACCEPT_TEAM_SESSIONS);
    if (err == 0)
        err = cw_store_member_of_account(c->store, rep->account, take_member, rep);
    if (err == 0)
        err = cw_store_account_skill_each(c->store, rep->account, take_account_skill, &l);
    return err;
}

void cw_desk_changed(struct cw_control *c)
{
    c->desk->is_stale = true;
}

static void refresh(struct cw_control *c)
{
    int err = 0;

    if (!c->desk->is_stale)
        return;
    c->desk->is_stale = false;
    err = load_teams(c);
    if (err == 0)
        err = load_skills(c);
    for (uint32_t i = 0; err == 0 && i < c->desk->model.rep_count; i++)
        err = load_rep(c, &c->desk->model.reps[i]);
    if (err != 0) {
        c->desk->is_stale = true;
        cw_log(CW_LOG_WARNING, "control.queue", "teams cannot be read: %s", cw_err_text(err));
    }
}

int cw_desk_load(struct cw_control *c)
{
    int err = 0;

    if (c->desk == NULL)
        c->desk = calloc(1, sizeof *c->desk);
    if (c->desk == NULL)
        return CW_ERR_NOMEM;
    c->desk->is_stale = true; /* the representatives, when they are asked for */
    err = load_teams(c);
    return err == 0 ? load_skills(c) : err;
}

void cw_desk_free(struct cw_control *c)
{
    if (c->desk == NULL)
        return;
    cw_queue_model_free(&c->desk->model);
    free(c->desk->consoles);
    free(c->desk->told_teams);
    free(c->desk);
    c->desk = NULL;
}

static int take_asked(void *user, uint32_t account)
{
    struct cw_queue_session *q = user;

    if (q->asked_count < CW_ASKED_MAX)
        q->asked[q->asked_count++] = account;
    return 0;
}

static int take_need(void *user, uint32_t skill)
{
    struct cw_queue_session *q = user;

    if (q->need_count < CW_SESSION_SKILLS_MAX)
        q->needs[q->need_count++] = skill;
    return 0;
}

int cw_desk_load_session(struct cw_control *c, struct cw_queue_session *q)
{
    int err = cw_store_asked_each(c->store, q->row->id, take_asked, q);

    return err == 0 ? cw_store_session_skill_each(c->store, q->row->id, take_need, q) : err;
}

/* ---- the model ------------------------------------------------------------------------------- */

struct cw_queue_model *cw_desk_model(struct cw_control *c)
{
    refresh(c);
    cw_queue_count(&c->desk->model, cw_control_now_unix_ms(c));
    return &c->desk->model;
}

struct cw_queue_rep *cw_desk_rep(struct cw_control *c, uint32_t account)
{
    struct cw_queue_rep *rep = NULL;

    refresh(c);
    rep = cw_queue_rep_find(&c->desk->model, account);
    if (rep != NULL)
        return rep;
    if (cw_queue_rep_make(&c->desk->model, account, &rep) != 0)
        return NULL;
    if (load_rep(c, rep) != 0)
        rep->team_count = 0;
    rep->input_ms = cw_control_now_unix_ms(c);
    rep->free_since_ms = rep->input_ms;
    return rep;
}

void cw_desk_input(struct cw_control *c, uint32_t account)
{
    struct cw_queue_rep *rep = account != 0 ? cw_desk_rep(c, account) : NULL;

    if (rep != NULL)
        rep->input_ms = cw_control_now_unix_ms(c);
}

/* ---- consoles -------------------------------------------------------------------------------- */

void cw_desk_console_up(struct cw_control *c, const struct cw_control_link *link,
                        uint64_t connection, uint32_t account)
{
    struct cw_desk *desk = c->desk;
    struct cw_queue_rep *rep = cw_desk_rep(c, account);

    if (desk->console_count == desk->console_room) {
        const uint32_t room = desk->console_room == 0 ? 16 : desk->console_room * 2;
        struct cw_desk_console *grown = reallocarray(desk->consoles, room, sizeof *grown);
        if (grown == NULL)
            return;
        desk->consoles = grown;
        desk->console_room = room;
    }
    desk->consoles[desk->console_count++] = (struct cw_desk_console){link, connection, account};
    if (rep == NULL || rep->is_present)
        return;
    cw_desk_dashboard(c);
    rep->is_present = true;
    rep->is_locked = false;
    rep->input_ms = cw_control_now_unix_ms(c);
    rep->free_since_ms = rep->input_ms;
    cw_report_presence(c, account);
}

static void remove_console(struct cw_control *c, uint32_t at)
{
    struct cw_desk *desk = c->desk;
    const uint32_t account = desk->consoles[at].account;
    struct cw_queue_rep *rep = cw_queue_rep_find(&desk->model, account);

    desk->consoles[at] = desk->consoles[--desk->console_count];
    for (uint32_t i = 0; i < desk->console_count; i++)
        if (desk->consoles[i].account == account)
            return;
    cw_desk_dashboard(c);
    if (rep != NULL)
        rep->is_present = false;
    cw_report_presence(c, account);
}

void cw_desk_console_down(struct cw_control *c, const struct cw_control_link *link,
                          uint64_t connection)
{
    for (uint32_t i = c->desk->console_count; i-- > 0;)
        if (c->desk->consoles[i].link == link && c->desk->consoles[i].connection == connection)
            remove_console(c, i);
}

void cw_desk_link_lost(struct cw_control *c, const struct cw_control_link *link)
{
    for (uint32_t i = c->desk->console_count; i-- > 0;)
        if (c->desk->consoles[i].link == link)
            remove_console(c, i);
}

/* ---- places ---------------------------------------------------------------------------------- */

struct cw_fallback_rules cw_desk_fallback(const struct cw_control *c)
{
    return (struct cw_fallback_rules){
        .last_queue = {cw_option(c, CW_OPTION_FALLBACK_LAST_UNATTENDED) != 0,
                       cw_option(c, CW_OPTION_FALLBACK_LAST_ATTENDED) != 0},
        .entered_queue = {cw_option(c, CW_OPTION_FALLBACK_ENTERED_UNATTENDED) != 0,
                          cw_option(c, CW_OPTION_FALLBACK_ENTERED_ATTENDED) != 0},
        .designated_queue = {cw_option(c, CW_OPTION_FALLBACK_TEAM_UNATTENDED) != 0,
                             cw_option(c, CW_OPTION_FALLBACK_TEAM_ATTENDED) != 0},
        .team = (uint32_t)cw_option(c, CW_OPTION_FALLBACK_TEAM),
    };
}

bool cw_desk_is_usable(struct cw_control *c, struct cw_place place)
{
    struct cw_account account;

    if (place.team != 0)
        return cw_queue_team_find(cw_desk_model(c), place.team) != NULL;
    return place.account != 0 && cw_store_account_get(c->store, place.account, &account) == 0 &&
           account.is_enabled;
}

void cw_desk_place_text(struct cw_control *c, struct cw_place place, char *out, size_t size)
{
    struct cw_account account;
    struct cw_team team;

    if (place.team != 0 && cw_store_team_get(c->store, place.team, &team) == 0)
        snprintf(out, size, "the queue of %s", team.name);
    else if (place.account != 0 && cw_store_account_get(c->store, place.account, &account) == 0)
        snprintf(out, size, "the queue of %s", account.display_name);
    else
        snprintf(out, size, "a queue");
}

/* ---- who is told ----------------------------------------------------------------------------- */

void cw_desk_tell(struct cw_control *c, struct cw_place place)
{
    struct cw_desk *desk = c->desk;

    if (place.account != 0)
        cw_event_changed(c, place.account, "queue_changed");
    cw_desk_dashboard(c);
    if (place.team == 0)
        return;
    for (uint32_t i = 0; i < desk->told_count; i++)
        if (desk->told_teams[i] == place.team)
            return;
    if (desk->told_count == desk->told_room) {
        const uint32_t room = desk->told_room == 0 ? 16 : desk->told_room * 2;
        uint32_t *grown = reallocarray(desk->told_teams, room, sizeof *grown);
        if (grown == NULL)
            return;
        desk->told_teams = grown;
        desk->told_room = room;
    }
    desk->told_teams[desk->told_count++] = place.team;
}

void cw_desk_dashboard(struct cw_control *c)
{
    c->desk->is_dashboard_told = false;
}

static void flush_dashboard(struct cw_control *c, uint64_t now_ms)
{
    struct cw_desk *desk = c->desk;

    if (desk->is_dashboard_told ||
        (now_ms >= desk->dashboard_ms && now_ms - desk->dashboard_ms < CW_DASHBOARD_INTERVAL_MS))
        return;
    desk->is_dashboard_told = true;
    desk->dashboard_ms = now_ms;
    for (uint32_t i = 0; i < desk->model.rep_count; i++) {
        const struct cw_queue_rep *rep = &desk->model.reps[i];
        bool leads = false;
        for (uint32_t k = 0; rep->is_present && k < rep->team_count; k++)
            leads = leads || rep->teams[k].role >= CW_TEAM_LEAD;
        if (leads)
            cw_event_changed(c, rep->account, "dashboard_changed");
    }
}

void cw_desk_flush(struct cw_control *c)
{
    struct cw_desk *desk = c->desk;
    const uint64_t now_ms = cw_control_now_unix_ms(c);

    flush_dashboard(c, now_ms);
    if (desk->told_count == 0 ||
        (now_ms >= desk->told_ms && now_ms - desk->told_ms < CW_EVENT_INTERVAL_MS))
        return;
    desk->told_ms = now_ms;
    for (uint32_t i = 0; i < desk->model.rep_count; i++) {
        const struct cw_queue_rep *rep = &desk->model.reps[i];
        bool is_concerned = false;
        for (uint32_t k = 0; rep->is_present && !is_concerned && k < desk->told_count; k++)
            is_concerned = cw_queue_role(rep, desk->told_teams[k]) != 0;
        if (is_concerned)
            cw_event_changed(c, rep->account, "queue_changed");
    }
    desk->told_count = 0;
}

void cw_desk_send(struct cw_control *c, struct cw_place place, json_t *event)
{
    if (place.account != 0)
        cw_event_send(c, place.account, json_incref(event));
    refresh(c);
    for (uint32_t i = 0; place.team != 0 && i < c->desk->model.rep_count; i++) {
        const struct cw_queue_rep *rep = &c->desk->model.reps[i];
        if (rep->is_present && cw_queue_role(rep, place.team) != 0)
            cw_event_send(c, rep->account, json_incref(event));
    }
    json_decref(event);
}

struct telling {
    struct cw_control *c;
    enum cw_team_role least;
    json_t *event;
};

static int tell_member(void *user, const struct cw_team_member *member)
{
    const struct telling *t = user;
    const struct cw_queue_rep *rep = cw_queue_rep_find(&t->c->desk->model, member->account);

    if (rep != NULL && rep->is_present && member->role >= t->least)
        cw_event_send(t->c, member->account, json_incref(t->event));
    return 0;
}

void cw_desk_send_members(struct cw_control *c, uint32_t team, enum cw_team_role least,
                          json_t *event)
{
    struct telling t = {c, least, event};

    (void)cw_store_member_each(c->store, team, 0, CW_TEAM_MEMBERS_MAX, tell_member, &t);
    json_decref(event);
}
