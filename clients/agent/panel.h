/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/panel.h - a session shown in a window: what it says, and what its buttons do.
 *
 * Owner:     the caller, from zero to cw_panel_close; the session is the caller's and outlives the panel's use.
 * Thread:    one.
 * Errors:    cw_panel_open: as cw_window_open.
 */
#ifndef CW_CLIENTS_AGENT_PANEL_H
#define CW_CLIENTS_AGENT_PANEL_H

#include "clients/agent/loop.h"
#include "clients/agent/session.h"
#include "clients/agent/window.h"

struct cw_panel {
    struct cw_session *session; /* NULL: the owner sets the view and takes the actions */
    struct cw_window *window;
    bool has_action;
    enum cw_action action; /* not taken by the session */
    uint64_t now_ns;
};

int cw_panel_open(struct cw_panel *p, const char *display_name, char *message, size_t message_size);
void cw_panel_close(struct cw_panel *p);
void cw_panel_process(struct cw_panel *p, uint64_t now_ns);
void cw_panel_poll(struct cw_panel *p, struct cw_loop *loop);

/* What the window says about a session. */
void cw_panel_view(const struct cw_session *s, struct cw_view *ret_view);

#endif
