/* SPDX-License-Identifier: Apache-2.0 */
/* control/queue/customer_message.h - what a customer is told, in words an administrator can change, for all
 * portals or for one.
 *
 * Macros: %CUSTOMER% the name, %POSITION% the place in the queue, %WAIT% "about 4 minutes" or "not
 * known", %QUEUE% the team's name, %APPLIANCE% the appliance's name. E-mails have %KEY%, %URL%,
 * %PORTAL_URL%, %PORTAL%, %VALID% "10 minutes" and %REPRESENTATIVE%. An unknown one stays as it is.
 *
 * Thread:    the state thread.
 * Errors:    a store that cannot be read gives the default.
 * Limits:    CW_CUSTOMER_MESSAGE_BYTES_MAX, before and after the macros; what is too long is cut.
 */
#ifndef CW_CONTROL_QUEUE_CUSTOMER_MESSAGE_H
#define CW_CONTROL_QUEUE_CUSTOMER_MESSAGE_H

#include "control/state.h"

/* X(NAME, "name", default, when) */
#define CW_CUSTOMER_MESSAGES(X)                                                                 \
    X(GREETING, "greeting",                                                                     \
      "Welcome, %CUSTOMER%. You are number %POSITION% in the queue. Estimated wait: %WAIT%.",   \
      "when a customer begins to wait")                                                         \
    X(HOLD, "hold",                                                                             \
      "Thank you for waiting. You are number %POSITION% in the queue. Estimated wait: %WAIT%.", \
      "from time to time while a customer waits (option queue.hold_s)")                         \
    X(ORPHANED, "orphaned", "Nobody is available at the moment. Please try again later.",       \
      "when a session ends because nobody is there to take it")                                 \
    X(ORPHAN_URL, "orphan_url", "", "a page to open then instead; empty: none")                 \
    X(FINISHED, "finished", "Thank you. Your session is over.", "after a session")              \
    X(FINISHED_URL, "finished_url", "", "a page to go on to after a session; empty: none")      \
    X(AGREEMENT, "agreement", "",                                                               \
      "what a customer accepts before a session; empty: nothing is asked")                      \
    X(RECORDING, "recording", "This session may be recorded. By going on you agree to that.",   \
      "before a session, while sessions are recorded")                                          \
    X(CLOSED, "closed", "We are closed at the moment.",                                         \
      "on a portal outside its hours; when it opens is said behind it")                         \
    X(INVITE_SUBJECT, "invite_subject", "Your support session with %REPRESENTATIVE%",           \
      "the subject of an e-mail with a session key")                                            \
    X(INVITE_BODY, "invite_body",                                                               \
      "Hello,\n\nplease open %URL%\nor enter the key %KEY% at %PORTAL_URL%\n\n"                 \
      "The key can be used once, within %VALID%.\n\n%REPRESENTATIVE%\n",                        \
      "its text")

enum cw_customer_message {
#define X(name, text, initial, when) CW_CUSTOMER_MESSAGE_##name,
    CW_CUSTOMER_MESSAGES(X)
#undef X
        CW_CUSTOMER_MESSAGE_COUNT
};

/* The text in force, without macros replaced: the portal's, the appliance's, or the default. portal 0: none.
 * out: CW_CUSTOMER_MESSAGE_BYTES_MAX + 1. */
void cw_customer_message_text(struct cw_control *c, uint32_t portal, enum cw_customer_message which,
                              char *out);
/* An administrator wrote it: it is not the default, which a page may say in the reader's language. */
bool cw_customer_message_is_own(struct cw_control *c, uint32_t portal,
                                enum cw_customer_message which);
/* For a session. out: CW_CUSTOMER_MESSAGE_BYTES_MAX + 1. */
void cw_customer_message_make(struct cw_control *c, enum cw_customer_message which,
                              const struct cw_live_session *session, char *out);
/* Pure: replaces macros; values end with a NULL name. */
struct cw_macro {
    const char *name; /* "POSITION" */
    const char *value;
};
void cw_macros_replace(const char *text, const struct cw_macro *macros, char *out, size_t size);

#endif
