/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/desk.h - queues as they are now: the model of the rules, filled from store and consoles.
 *
 * Owner:     struct cw_desk is struct cw_control's, made before live sessions are loaded.
 * Thread:    the state thread.
 * Units:     Unix milliseconds.
 * Errors:    those of the store; a representative that cannot be read is in no team.
 * Limits:    CW_TEAMS_MAX, CW_SKILLS_MAX.
 * Invariant: what rights, teams and skills say is read again before it is used after any of them changed.
 */
#ifndef CW_CONTROL_QUEUE_DESK_H
#define CW_CONTROL_QUEUE_DESK_H

#include "control/queue/rules.h"
#include "control/state.h"
#include "control/store/store_team.h"

struct cw_desk_console {
    const struct cw_control_link *link;
    uint64_t connection;
    uint32_t account;
};

struct cw_desk {
    struct cw_queue_model model;
    struct cw_desk_console *consoles;
    uint32_t console_count;
    uint32_t console_room;
    bool is_stale;        /* teams, members, rights or skills changed */
    uint32_t *told_teams; /* whose members are to hear that their queue changed */
    uint32_t told_count;
    uint32_t told_room;
    uint64_t told_ms;
    bool is_dashboard_told;  /* leads have heard of the last change */
    uint64_t dashboard_ms;   /* when they last heard of one */
    uint64_t invitations_ms; /* when those whose time is over were last looked for */
    char text[CW_CUSTOMER_MESSAGE_BYTES_MAX + 1]; /* of the message that is being made */
};

/* Makes it, or reads the store again. */
int cw_desk_load(struct cw_control *c);
void cw_desk_free(struct cw_control *c);
/* Who was asked about it, and what it needs. */
int cw_desk_load_session(struct cw_control *c, struct cw_queue_session *q);

/* Teams, members, rights or skills changed. */
void cw_desk_changed(struct cw_control *c);
/* The model with what changed, and its counts right. */
struct cw_queue_model *cw_desk_model(struct cw_control *c);
/* The account as the rules see it; NULL: memory is out. Valid until the next call. */
struct cw_queue_rep *cw_desk_rep(struct cw_control *c, uint32_t account);
/* Sign of life: it did something. */
void cw_desk_input(struct cw_control *c, uint32_t account);

void cw_desk_console_up(struct cw_control *c, const struct cw_control_link *link,
                        uint64_t connection, uint32_t account);
void cw_desk_console_down(struct cw_control *c, const struct cw_control_link *link,
                          uint64_t connection);
void cw_desk_link_lost(struct cw_control *c, const struct cw_control_link *link);

/* What the options say about a lost representative. */
struct cw_fallback_rules cw_desk_fallback(const struct cw_control *c);
/* A team that exists, or an account that may sign in. */
bool cw_desk_is_usable(struct cw_control *c, struct cw_place place);
/* "the queue of Second Line", "the queue of Ada Lovelace". */
void cw_desk_place_text(struct cw_control *c, struct cw_place place, char *out, size_t size);

/* queue_changed to everybody who looks at it: an account's at once, a team's merged. */
void cw_desk_tell(struct cw_control *c, struct cw_place place);
void cw_desk_flush(struct cw_control *c);
/* Sessions or representatives changed: leads and managers hear dashboard_changed, merged. */
void cw_desk_dashboard(struct cw_control *c);
/* An event to the members of a team, from that role on, whose console is connected. */
void cw_desk_send_members(struct cw_control *c, uint32_t team, enum cw_team_role least,
                          json_t *event);
/* An event to everybody of the place whose console is connected. */
void cw_desk_send(struct cw_control *c, struct cw_place place, json_t *event);

#endif
