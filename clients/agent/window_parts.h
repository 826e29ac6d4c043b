/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/window_parts.h - what window.c (events) and window_layout.c (drawing) share; nobody else includes it.
 *
 * Owner:     struct cw_window belongs to window.c.
 * Thread:    one.
 * Units:     pixels.
 * Limits:    CW_WINDOW_CHAT_LINES_MAX.
 * Invariant: places[] holds exactly what cw_window_draw drew last and a person can press.
 */
#ifndef CW_CLIENTS_AGENT_WINDOW_PARTS_H
#define CW_CLIENTS_AGENT_WINDOW_PARTS_H

#include <X11/Xlib.h>
#include <stdint.h>

#include "clients/agent/edit.h"
#include "clients/agent/paint.h"
#include "clients/agent/window.h"

/* In the order of Tab. */
enum cw_part {
    CW_PART_ANSWER_1,
    CW_PART_ANSWER_2,
    CW_PART_ANSWER_3,
    CW_PART_ENTRY,
    CW_PART_SEND,
    CW_PART_SHARING,
    CW_PART_END,
    CW_PART_COUNT
};

struct cw_place {
    int x, y, w, h; /* w 0: not shown */
};

struct cw_window_line {
    char *text; /* "Ann: Hello" */
    int height_px;
    int height_for_px; /* the width that height_px holds for */
};

struct cw_window {
    Display *display;
    Window window;
    Atom delete_atom, protocols_atom, name_atom, utf8_atom;
    XIM input_method;
    XIC input_context;
    struct cw_paint paint;
    struct cw_view view;
    struct cw_edit edit;
    struct cw_place places[CW_PART_COUNT];
    enum cw_part focus;
    uint64_t question_ns; /* when the question came up */
    bool is_dirty;
    bool has_grabs;
    bool has_focus;
    int scroll_px; /* how far the chat is scrolled up from its end */
    int chat_height_px;
    size_t line_count;
    struct cw_window_line lines[CW_WINDOW_CHAT_LINES_MAX];
    cw_window_action_fn on_action;
    cw_window_say_fn on_say;
    void *user;
};

void cw_window_draw(struct cw_window *w);

#endif
