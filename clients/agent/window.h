/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/window.h - the small window of the customer client: state, question, chat, end.
 *
 * Owner:     the caller, from cw_window_open to cw_window_close.
 * Thread:    one.
 * Units:     pixels.
 * Errors:    cw_window_open: CW_ERR_IO (no display), CW_ERR_NOT_FOUND (no font), CW_ERR_NOMEM; message says what.
 * Limits:    CW_WINDOW_CHAT_LINES_MAX lines are kept, the oldest go first.
 *
 * What it shows is a value (struct cw_view) that the owner sets whole; the window draws again when it differs. It
 * can be worked by keyboard alone: Tab and Shift+Tab move the focus, Enter and Space press, Escape refuses.
 * Two keys end the session from anywhere (XGrabKey): Pause, and Ctrl+Alt+End.
 */
#ifndef CW_CLIENTS_AGENT_WINDOW_H
#define CW_CLIENTS_AGENT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

enum { CW_WINDOW_CHAT_LINES_MAX = 500, CW_VIEW_ANSWERS_MAX = 3 };

enum cw_action {
    CW_ACTION_ANSWER_1, /* the question's buttons, from the left; Escape is the last one */
    CW_ACTION_ANSWER_2,
    CW_ACTION_ANSWER_3,
    CW_ACTION_SHARING, /* stop sharing, share again */
    CW_ACTION_END,     /* the End button, or a key that ends the session */
    CW_ACTION_CLOSE,   /* the window's own close button */
};

struct cw_view {
    char title[160];
    bool is_alarming; /* somebody can see or control: the banner is red */
    char banner[700];
    char status[700];
    char question[1024];                   /* empty: none */
    char answers[CW_VIEW_ANSWERS_MAX][48]; /* empty: no button */
    bool has_chat;
    char sharing[48]; /* label of the sharing button; empty: none */
    char end[48];     /* label of the end button; empty: none */
    bool has_keys;    /* the keys that end the session work and are told */
};

typedef void (*cw_window_action_fn)(void *user, enum cw_action action);
/* False: the text stays in the entry. */
typedef bool (*cw_window_say_fn)(void *user, const char *text);

struct cw_window;

int cw_window_open(const char *display_name, cw_window_action_fn on_action, cw_window_say_fn on_say,
                   void *user, struct cw_window **ret_window, char *message, size_t message_size);
struct cw_window *cw_window_close(struct cw_window *w);

void cw_window_set(struct cw_window *w, const struct cw_view *view);
/* name: empty for the appliance's own lines. */
void cw_window_add_chat(struct cw_window *w, const char *name, const char *text);
/* Brings the window before the person: to the front, with a hint to the window manager. */
void cw_window_raise(struct cw_window *w);

int cw_window_fd(const struct cw_window *w);
bool cw_window_has_pending(struct cw_window *w);
/* Takes in events (and may call on_action and on_say), then draws if anything changed. */
void cw_window_process(struct cw_window *w);

#endif
