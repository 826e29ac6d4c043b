/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/session.h - one session of this computer: connection, consent, screen, input and chat.
 *
 * Owner:     the caller, from cw_session_new to cw_session_free.
 * Thread:    one.
 * Units:     ns (monotonic).
 * Errors:    none: what goes wrong ends the session or starts it again, and cw_session_text() says so.
 * Limits:    engine/limits.h.
 * Invariant: without consent (role customer) no screen byte is produced and no input is done, whatever the
 *            appliance sends; while the person is being asked, input is held back, so that nobody can answer for them.
 *
 *   CONNECTING --WELCOME--> LIVE --SESSION_ENDED, final CLOSE--> ENDED
 *        ^                   |   --End pressed--> ENDING --answer, 3 s--> ENDED
 *        \--wait-- WAITING <-/ connection lost
 */
#ifndef CW_CLIENTS_AGENT_SESSION_H
#define CW_CLIENTS_AGENT_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients/agent/people.h"
#include "clients/agent/tool_question.h"
#include "clients/peer/address.h"

enum cw_session_state {
    CW_SESSION_CONNECTING,
    CW_SESSION_LIVE,
    CW_SESSION_WAITING, /* to connect again */
    CW_SESSION_ENDING,
    CW_SESSION_ENDED,
};

enum cw_chat_from { CW_CHAT_OWN, CW_CHAT_OTHER, CW_CHAT_APPLIANCE };

/* A chat line to show. name: UTF-8, NUL-terminated, as are texts; empty when the appliance speaks. */
typedef void (*cw_session_chat_fn)(void *user, enum cw_chat_from from, const char *name,
                                   const char *text);

struct cw_session_options {
    struct cw_address address;
    uint8_t identity[CW_KEY_BYTES];
    uint8_t secret_seed[CW_KEY_BYTES];
    uint8_t ticket[CW_TICKET_BYTES];
    const char *display_name; /* NULL: $DISPLAY */
    cw_session_chat_fn on_chat;
    void *user;
};

struct cw_session;
struct cw_input;

/* input: shared by all sessions of the process; may be NULL until cw_session_set_input. CW_ERR_NOMEM,
 * CW_ERR_INVALID (the ticket). */
int cw_session_new(const struct cw_session_options *options, struct cw_input *input,
                   struct cw_session **ret_session);
struct cw_session *cw_session_free(struct cw_session *s);

void cw_session_process(struct cw_session *s, uint64_t now_ns);
enum { CW_SESSION_FDS_MAX = 2 };
/* Descriptors to poll for, their number, and the time of the next cw_session_process. */
unsigned cw_session_poll(struct cw_session *s, struct pollfd *ret_fds, uint64_t *ret_deadline_ns);

enum cw_session_state cw_session_state(const struct cw_session *s);
uint32_t cw_session_number(const struct cw_session *s); /* 0 before WELCOME */
/* One or two sentences about the state, for the person. */
const char *cw_session_text(const struct cw_session *s);
const struct cw_people *cw_session_people(const struct cw_session *s);
/* What a representative wants to use and the person is to be asked about; NULL: nothing. */
const struct cw_tool_question *cw_session_tool_question(const struct cw_session *s);

/* What the person does. */
void cw_session_answer(struct cw_session *s, uint32_t participant, enum cw_answer answer,
                       uint64_t now_ns);
void cw_session_answer_tool(struct cw_session *s, bool is_yes);
void cw_session_stop_sharing(struct cw_session *s, uint64_t now_ns);
void cw_session_share_again(struct cw_session *s);
void cw_session_end(struct cw_session *s, uint64_t now_ns);
/* 0 or an error of cw_chat_say. */
int cw_session_say(struct cw_session *s, const char *text);

#endif
