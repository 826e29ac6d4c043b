/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/panel.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"

enum { NAMES_BYTES = 600 };

/* ---- what it says ----------------------------------------------------------------------------- */

static void write_banner(const struct cw_people *people, struct cw_view *v)
{
    char control[NAMES_BYTES], view[NAMES_BYTES];
    cw_people_names(people, CW_ANSWER_CONTROL, control, sizeof(control));
    cw_people_names(people, CW_ANSWER_VIEW, view, sizeof(view));
    v->is_alarming = view[0] != '\0';
    if (control[0] != '\0')
        snprintf(v->banner, sizeof(v->banner), "%s can see and control this computer.", control);
    else if (view[0] != '\0')
        snprintf(v->banner, sizeof(v->banner), "%s can see this screen.", view);
    else
        snprintf(v->banner, sizeof(v->banner), "Nobody sees this screen.");
}

static void write_status(const struct cw_session *s, struct cw_view *v)
{
    char names[NAMES_BYTES];
    const struct cw_people *people = cw_session_people(s);
    cw_people_names(people, CW_ANSWER_NONE, names, sizeof(names));
    const char *text = cw_session_text(s);
    if (text[0] != '\0')
        snprintf(v->status, sizeof(v->status), "%s", text);
    else if (names[0] == '\0')
        snprintf(v->status, sizeof(v->status), "Connected. Waiting for a representative …");
    else if (people->is_stopped)
        snprintf(v->status, sizeof(v->status), "Connected with %s. Sharing is stopped.", names);
    else
        snprintf(v->status, sizeof(v->status), "Connected with %s.", names);
}

static void write_tool_question(const struct cw_session *s, struct cw_view *v)
{
    const struct cw_tool_question *asked = cw_session_tool_question(s);
    if (asked == NULL)
        return;
    snprintf(v->question, sizeof(v->question), "%s", asked->text);
    snprintf(v->answers[0], sizeof(v->answers[0]), "Allow");
    snprintf(v->answers[1], sizeof(v->answers[1]), "Refuse");
}

void cw_panel_view(const struct cw_session *s, struct cw_view *ret_view)
{
    struct cw_view *v = ret_view;
    const struct cw_people *people = cw_session_people(s);
    const struct cw_person *asked = cw_people_question(people);
    enum cw_session_state state = cw_session_state(s);
    memset(v, 0, sizeof(*v)); /* views are compared byte by byte */
    snprintf(v->title, sizeof(v->title), "Causeway remote support");
    v->has_chat = true;
    if (state == CW_SESSION_ENDED) {
        snprintf(v->banner, sizeof(v->banner), "The session is over. Nobody sees this screen.");
        snprintf(v->status, sizeof(v->status), "%s", cw_session_text(s));
        snprintf(v->end, sizeof(v->end), "Close");
        v->has_chat = false;
        return;
    }
    write_banner(people, v);
    write_status(s, v);
    v->has_keys = true;
    snprintf(v->end, sizeof(v->end), "End session");
    if (people->needs_consent && people->is_stopped)
        snprintf(v->sharing, sizeof(v->sharing), "Share again");
    else if (people->needs_consent && cw_people_may_view(people))
        snprintf(v->sharing, sizeof(v->sharing), "Stop sharing");
    if (state != CW_SESSION_LIVE)
        return;
    if (asked == NULL) {
        write_tool_question(s, v);
        return;
    }
    snprintf(v->question, sizeof(v->question),
             "%s wants to see your screen and to control this computer while you watch. "
             "Do you allow it?",
             asked->name);
    snprintf(v->answers[0], sizeof(v->answers[0]), "Allow view and control");
    snprintf(v->answers[1], sizeof(v->answers[1]), "Allow view only");
    snprintf(v->answers[2], sizeof(v->answers[2]), "Refuse");
}

/* ---- what its buttons do ---------------------------------------------------------------------- */

static void answer(struct cw_panel *p, enum cw_answer a)
{
    const struct cw_person *asked = cw_people_question(cw_session_people(p->session));
    if (asked != NULL)
        cw_session_answer(p->session, asked->participant, a, p->now_ns);
    else
        cw_session_answer_tool(p->session, a == CW_ANSWER_CONTROL);
}

static void on_action(void *user, enum cw_action action)
{
    struct cw_panel *p = user;
    bool is_over = p->session == NULL || cw_session_state(p->session) == CW_SESSION_ENDED;
    if (is_over || action == CW_ACTION_CLOSE) {
        p->has_action = true;
        p->action = action;
    }
    if (is_over)
        return;
    switch (action) {
    case CW_ACTION_ANSWER_1: answer(p, CW_ANSWER_CONTROL); break;
    case CW_ACTION_ANSWER_2: answer(p, CW_ANSWER_VIEW); break;
    case CW_ACTION_ANSWER_3: answer(p, CW_ANSWER_REFUSED); break;
    case CW_ACTION_SHARING:
        if (cw_session_people(p->session)->is_stopped)
            cw_session_share_again(p->session);
        else
            cw_session_stop_sharing(p->session, p->now_ns);
        break;
    case CW_ACTION_END:
    case CW_ACTION_CLOSE: cw_session_end(p->session, p->now_ns); break;
    }
}

static bool on_say(void *user, const char *text)
{
    struct cw_panel *p = user;
    return p->session != NULL && cw_session_say(p->session, text) == 0;
}

int cw_panel_open(struct cw_panel *p, const char *display_name, char *message, size_t message_size)
{
    return cw_window_open(display_name, on_action, on_say, p, &p->window, message, message_size);
}

void cw_panel_close(struct cw_panel *p)
{
    p->window = cw_window_close(p->window);
    p->has_action = false;
}

static void show(struct cw_panel *p)
{
    struct cw_view view;
    if (p->session == NULL)
        return;
    cw_panel_view(p->session, &view);
    cw_window_set(p->window, &view);
}

void cw_panel_process(struct cw_panel *p, uint64_t now_ns)
{
    p->now_ns = now_ns;
    if (p->window == NULL)
        return;
    show(p);
    cw_window_process(p->window);
    show(p); /* what was pressed has changed it: drawn in the next turn, which comes at once */
}

void cw_panel_poll(struct cw_panel *p, struct cw_loop *loop)
{
    if (p->window == NULL)
        return;
    cw_loop_add(loop, cw_window_fd(p->window), POLLIN);
    if (cw_window_has_pending(p->window))
        cw_loop_until(loop, 0);
}
