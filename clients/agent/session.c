/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/session.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/agent/chat.h"
#include "clients/agent/input.h"
#include "clients/agent/source.h"
#include "clients/peer/backoff.h"
#include "clients/peer/conn.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/span.h"
#include "engine/wire/stream_message.h"

static const uint64_t ending_ns =
    UINT64_C(3000000000); /* an answer to End comes within a round trip */

struct cw_session {
    struct cw_session_options options;
    enum cw_session_state state;
    struct cw_conn conn;
    struct cw_backoff backoff;
    uint64_t until_ns; /* WAITING: connect again; ENDING: give up waiting */
    uint64_t now_ns;
    bool has_resume;
    bool control_up;
    struct cw_screen_settings screen_settings; /* chosen last, for a source that opens later, too */
    uint8_t resume[CW_TICKET_BYTES];
    struct cw_source *source;
    struct cw_input *input;
    bool has_input; /* input was done and not let go of */
    struct cw_people people;
    struct cw_tool_questions questions;
    struct cw_chat chat;
    char text[400];
    char failure[256]; /* of the screen */
};

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size);

/* ---- life ------------------------------------------------------------------------------------- */

int cw_session_new(const struct cw_session_options *options, struct cw_input *input,
                   struct cw_session **ret_session)
{
    struct cw_ticket ticket;
    if (cw_ticket_decode(options->ticket, CW_TICKET_BYTES, &ticket) != 0)
        return CW_ERR_INVALID;
    struct cw_session *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return CW_ERR_NOMEM;
    s->options = *options;
    s->input = input;
    s->people.needs_consent = ticket.role != CW_ROLE_UNATTENDED;
    s->state = CW_SESSION_WAITING; /* until_ns 0: at once */
    snprintf(s->text, sizeof(s->text), "Connecting …");
    *ret_session = s;
    return 0;
}

/* No screen, no input, no connection. */
static void let_go(struct cw_session *s)
{
    if (s->has_input)
        cw_input_stop(s->input, s->now_ns);
    s->has_input = false;
    cw_conn_stop(&s->conn);
}

struct cw_session *cw_session_free(struct cw_session *s)
{
    if (s == NULL)
        return NULL;
    let_go(s);
    s->source = cw_source_close(s->source);
    cw_chat_clear(&s->chat);
    OPENSSL_cleanse(&s->options, sizeof(s->options));
    free(s);
    return NULL;
}

static void end(struct cw_session *s, const char *text)
{
    snprintf(s->text, sizeof(s->text), "%s", text);
    cw_log(CW_LOG_INFO, "agent.session", "session %u ended: %s", s->conn.peer.welcome.session,
           text);
    let_go(s);
    s->source = cw_source_close(s->source);
    s->state = CW_SESSION_ENDED;
}

static void connect_now(struct cw_session *s)
{
    struct cw_conn_hello hello = {.kind = CW_HELLO_TICKET};
    memcpy(hello.ticket, s->has_resume ? s->resume : s->options.ticket, sizeof(hello.ticket));
    memcpy(hello.secret_seed, s->options.secret_seed, sizeof(hello.secret_seed));
    cw_conn_start(&s->conn, &s->options.address, s->options.identity, &hello, on_message, s);
    OPENSSL_cleanse(&hello, sizeof(hello));
    s->state = CW_SESSION_CONNECTING;
}

/* Whether a close code says that connecting again cannot help. */
static bool is_final(uint16_t code)
{
    return (code <= CW_CLOSE_REMOVED) || code == CW_CLOSE_VERSION ||
           code == CW_CLOSE_NOT_PERMITTED ||
           (code >= CW_CLOSE_TICKET_FORGED && code <= CW_CLOSE_TOO_MANY_TRIES);
}

static void lost(struct cw_session *s, int err)
{
    uint32_t random = 0;
    bool was_closed = s->conn.peer.close_text[0] != '\0' && err == CW_ERR_CLOSED;
    if (s->state == CW_SESSION_ENDING) {
        end(s, "You ended the session.");
        return;
    }
    if (err == CW_ERR_SIGNATURE || (was_closed && is_final(s->conn.peer.close_code))) {
        end(s, cw_conn_reason(&s->conn));
        return;
    }
    snprintf(s->text, sizeof(s->text), "%s Connecting again …", cw_conn_reason(&s->conn));
    cw_log(CW_LOG_WARNING, "agent.session", "%s", s->text);
    uint16_t code = was_closed ? s->conn.peer.close_code : CW_CLOSE_OK;
    let_go(s);
    (void)RAND_bytes((unsigned char *)&random, sizeof(random));
    s->until_ns =
        s->now_ns + cw_backoff_after_ns(&s->backoff, code, CW_BACKOFF_SESSION_MOST_MS, random);
    s->state = CW_SESSION_WAITING;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void send_consent(struct cw_session *s, const struct cw_consent *consent)
{
    uint8_t out[8];
    size_t size = 0;
    if (cw_consent_encode(consent, out, sizeof(out), &size) == 0)
        (void)cw_peer_send(&s->conn.peer, CW_MESSAGE_CONSENT, 0, out, size);
}

static void send_say(struct cw_session *s, const struct cw_chat_say *say)
{
    uint8_t out[4 + CW_CHAT_TEXT_BYTES_MAX];
    size_t size = 0;
    if (cw_chat_say_encode(say, out, sizeof(out), &size) == 0)
        (void)cw_peer_send(&s->conn.peer, CW_MESSAGE_CHAT_SAY, 0, out, size);
}

/* Control may have missed what was said while it was away, and forgets nothing it heard: say it again. */
static void say_again(struct cw_session *s)
{
    struct cw_consent consent;
    struct cw_chat_say say;
    for (size_t i = 0; cw_people_standing(&s->people, i, &consent); i++)
        send_consent(s, &consent);
    for (size_t i = 0; cw_chat_unsaid(&s->chat, i, &say); i++)
        send_say(s, &say);
}

/* ---- receiving -------------------------------------------------------------------------------- */

static int take_welcome(struct cw_session *s)
{
    cw_log(CW_LOG_INFO, "agent.session", "session %u joined as participant %u",
           s->conn.peer.welcome.session, s->conn.peer.welcome.participant);
    s->backoff.tries = 0;
    s->control_up = s->conn.peer.welcome.control_up != 0;
    if (s->state == CW_SESSION_CONNECTING)
        s->state = CW_SESSION_LIVE;
    s->text[0] = '\0';
    s->questions.count = 0; /* the appliance asks again what is still open */
    if (s->source != NULL)
        cw_source_connected(s->source);
    say_again(s);
    return 0;
}

static int take_participant(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_participant_note note;
    int err = cw_participant_note_decode(payload, size, &note);
    if (err == 0 && note.participant != s->conn.peer.welcome.participant)
        (void)cw_people_note(&s->people, &note); /* full: the rest is never allowed anything */
    if (err == 0 && note.present == 0)
        cw_tool_questions_gone(&s->questions, note.participant);
    if (!cw_people_may_control(&s->people) && s->has_input) {
        cw_input_stop(s->input, s->now_ns);
        s->has_input = false;
    }
    return err;
}

static int take_tool_ask(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_tool_ask ask;
    int err = cw_tool_ask_decode(payload, size, &ask);
    if (err == 0 && s->people.needs_consent)
        cw_tool_questions_note(&s->questions, &ask);
    return err;
}

static int take_chat(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_chat_line line;
    char name[CW_NAME_BYTES_MAX + 1] = "Somebody";
    char text[CW_CHAT_TEXT_BYTES_MAX + 1];
    int err = cw_chat_line_decode(payload, size, &line);
    uint32_t own = s->conn.peer.welcome.participant;
    if (err != 0 || !cw_chat_line(&s->chat, &line, own) || line.text_bytes >= sizeof(text))
        return err;
    if (line.name_bytes > 0 && line.name_bytes < sizeof(name) &&
        cw_text_is_clean(line.name, line.name_bytes)) {
        memcpy(name, line.name, line.name_bytes);
        name[line.name_bytes] = '\0';
    }
    memcpy(text, line.text, line.text_bytes);
    text[line.text_bytes] = '\0';
    enum cw_chat_from from = line.participant == own ? CW_CHAT_OWN : CW_CHAT_OTHER;
    if (line.participant == 0) {
        from = CW_CHAT_APPLIANCE;
        name[0] = '\0';
    }
    s->options.on_chat(s->options.user, from, name, text);
    return 0;
}

static bool may_do_input(const struct cw_session *s)
{
    return s->input != NULL && s->state == CW_SESSION_LIVE && cw_people_may_control(&s->people) &&
           cw_people_question(&s->people) == NULL && cw_session_tool_question(s) == NULL;
}

static int take_input(struct cw_session *s, uint8_t type, const uint8_t *payload, size_t size)
{
    struct cw_key key;
    struct cw_pointer pointer;
    int err = 0;
    if (type == CW_MESSAGE_KEY)
        err = cw_key_decode(payload, size, &key);
    else if (type == CW_MESSAGE_POINTER)
        err = cw_pointer_decode(payload, size, &pointer);
    if (err != 0 || !may_do_input(s))
        return err;
    s->has_input = true;
    if (type == CW_MESSAGE_KEY)
        cw_input_key(s->input, &key, s->now_ns);
    else if (type == CW_MESSAGE_POINTER)
        cw_input_pointer(s->input, &pointer, s->now_ns);
    else
        cw_input_release_all(s->input, s->now_ns);
    return 0;
}

static void open_source(struct cw_session *s)
{
    char message[256] = "";
    if (s->source != NULL || s->state != CW_SESSION_LIVE)
        return;
    /* Told to the person and the log after this message was taken: ending closes the connection. */
    if (cw_source_open(s->options.display_name, &s->source, message, sizeof(message)) == 0) {
        cw_source_set(s->source, &s->screen_settings);
        return;
    }
    snprintf(s->failure, sizeof(s->failure), "%s", message);
}

static int take_ack(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_screen_ack ack;
    int err = cw_screen_ack_decode(payload, size, &ack);
    if (err == 0 && s->source != NULL)
        cw_source_ack(s->source, ack.rendition, ack.update, s->now_ns);
    return err;
}

static int take_settings(struct cw_session *s, const uint8_t *payload, size_t size)
{
    int err = cw_screen_settings_decode(payload, size, &s->screen_settings);
    if (err == 0 && s->source != NULL)
        cw_source_set(s->source, &s->screen_settings);
    return err;
}

static int take_rendition(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_rendition_note note;
    int err = cw_rendition_note_decode(payload, size, &note);
    if (err == 0 && s->source != NULL)
        cw_source_want_reduced(s->source, note.is_wanted != 0);
    return err;
}

static int take_number(struct cw_session *s, uint8_t type, const uint8_t *payload, size_t size)
{
    struct cw_reader r = cw_reader_of(payload, size);
    uint8_t value = cw_read_u8(&r);
    if (!cw_reader_done(&r))
        return CW_ERR_INVALID;
    if (type == CW_MESSAGE_SYNC_REQUEST) {
        open_source(s);
        if (s->source != NULL)
            cw_source_sync(s->source, value);
        return 0;
    }
    s->control_up = value != 0;
    if (s->control_up)
        say_again(s);
    return 0;
}

static int take_ended(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_close m;
    char text[CW_REASON_TEXT_BYTES_MAX + 1];
    int err = cw_close_decode(payload, size, &m);
    if (err != 0)
        return err;
    snprintf(text, sizeof(text), "%s", cw_close_text(m.code));
    if (m.text_bytes > 0 && m.text_bytes < sizeof(text) && cw_text_is_clean(m.text, m.text_bytes)) {
        memcpy(text, m.text, m.text_bytes);
        text[m.text_bytes] = '\0';
    }
    s->conn.peer.state = CW_PEER_CLOSED;
    s->conn.peer.close_code = m.code <= CW_CLOSE_REMOVED ? m.code : CW_CLOSE_OK;
    snprintf(s->conn.peer.close_text, sizeof(s->conn.peer.close_text), "%s", text);
    return CW_ERR_CLOSED;
}

/* This client serves no shells, files or tunnels: whoever opens one is told. */
static int refuse_stream(struct cw_session *s, const uint8_t *payload, size_t size)
{
    struct cw_stream_open m;
    uint8_t out[18];
    size_t n = 0;
    int err = cw_stream_open_decode(payload, size, &m);
    if (err != 0)
        return err;
    bool is_resume = (m.flags & CW_STREAM_OPEN_RESUME) != 0;
    struct cw_stream_close close = {.id = m.id,
                                    .code = is_resume ? CW_CLOSE_STREAM_UNKNOWN
                                                      : CW_CLOSE_STREAM_REFUSED,
                                    .text = ""};
    if (cw_stream_close_encode(&close, out, sizeof(out), &n) == 0)
        (void)cw_peer_send(&s->conn.peer, CW_MESSAGE_STREAM_CLOSE, 0, out, n);
    return 0;
}

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    struct cw_session *s = user;
    switch (type) {
    case CW_MESSAGE_WELCOME: return take_welcome(s);
    case CW_MESSAGE_PARTICIPANT: return take_participant(s, payload, size);
    case CW_MESSAGE_RESUME_TICKET:
        memcpy(s->resume, payload, CW_TICKET_BYTES); /* the length was checked with the frame */
        s->has_resume = true;
        return 0;
    case CW_MESSAGE_TOOL_ASK: return take_tool_ask(s, payload, size);
    case CW_MESSAGE_CHAT_LINE: return take_chat(s, payload, size);
    case CW_MESSAGE_KEY:
    case CW_MESSAGE_POINTER:
    case CW_MESSAGE_RELEASE_ALL: return take_input(s, type, payload, size);
    case CW_MESSAGE_SCREEN_ACK: return take_ack(s, payload, size);
    case CW_MESSAGE_RENDITION: return take_rendition(s, payload, size);
    case CW_MESSAGE_SCREEN_SETTINGS: return take_settings(s, payload, size);
    case CW_MESSAGE_SYNC_REQUEST:
    case CW_MESSAGE_LINK_STATE: return take_number(s, type, payload, size);
    case CW_MESSAGE_SESSION_ENDED: return take_ended(s, payload, size);
    case CW_MESSAGE_STREAM_OPEN: return refuse_stream(s, payload, size);
    default: return 0; /* PERMISSIONS, EVENT and what later versions add */
    }
}

/* ---- driving ---------------------------------------------------------------------------------- */

static void process_source(struct cw_session *s)
{
    char message[256] = "";
    if (s->source == NULL || !s->conn.is_active)
        return;
    bool is_allowed = s->state == CW_SESSION_LIVE && cw_people_may_view(&s->people);
    int err = cw_source_process(s->source, &s->conn.peer, s->input, is_allowed, s->now_ns, message,
                                sizeof(message));
    if (err != 0)
        snprintf(s->failure, sizeof(s->failure), "%s", message);
}

/* A screen that cannot be shared ends the session; the representative reads why in the chat. */
static void end_on_failure(struct cw_session *s)
{
    if (s->failure[0] == '\0')
        return;
    cw_log(CW_LOG_ERROR, "agent.session", "%s", s->failure);
    (void)cw_session_say(s, s->failure);
    cw_session_end(s, s->now_ns);
    snprintf(s->text, sizeof(s->text), "%s", s->failure);
    s->failure[0] = '\0';
}

void cw_session_process(struct cw_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    if (s->state == CW_SESSION_WAITING && now_ns >= s->until_ns)
        connect_now(s);
    if (!s->conn.is_active)
        return;
    s->conn.is_reading_paused = s->input != NULL && cw_input_is_busy(s->input);
    int err = cw_conn_process(&s->conn, now_ns);
    if (err == 0) {
        process_source(s);
        end_on_failure(s);
        if (s->conn.is_active)
            err = cw_conn_flush(&s->conn);
    }
    if (err == 0 && s->state == CW_SESSION_ENDING && now_ns >= s->until_ns)
        err = CW_ERR_TIMEOUT;
    if (err != 0)
        lost(s, err);
}

unsigned cw_session_poll(struct cw_session *s, struct pollfd *ret_fds, uint64_t *ret_deadline_ns)
{
    unsigned count = 0;
    uint64_t deadline = UINT64_MAX;
    if (s->state == CW_SESSION_WAITING || s->state == CW_SESSION_ENDING)
        deadline = s->until_ns;
    if (s->conn.is_active) {
        uint64_t at = cw_conn_poll(&s->conn, &ret_fds[count++]);
        deadline = at < deadline ? at : deadline;
    }
    if (s->source != NULL && s->conn.is_active) {
        ret_fds[count++] = (struct pollfd){.fd = cw_source_fd(s->source), .events = POLLIN};
        uint64_t at = cw_source_deadline_ns(s->source, &s->conn.peer);
        deadline = at < deadline ? at : deadline;
        if (cw_source_has_pending(s->source))
            deadline = 0;
    }
    *ret_deadline_ns = deadline;
    return count;
}

enum cw_session_state cw_session_state(const struct cw_session *s)
{
    return s->state;
}

uint32_t cw_session_number(const struct cw_session *s)
{
    return s->conn.peer.welcome.session;
}

const char *cw_session_text(const struct cw_session *s)
{
    return s->text;
}

const struct cw_people *cw_session_people(const struct cw_session *s)
{
    return &s->people;
}

/* ---- what the person does --------------------------------------------------------------------- */

void cw_session_answer(struct cw_session *s, uint32_t participant, enum cw_answer answer,
                       uint64_t now_ns)
{
    struct cw_consent consent;
    s->now_ns = now_ns;
    if (cw_people_answer(&s->people, participant, answer, &consent))
        send_consent(s, &consent);
}

const struct cw_tool_question *cw_session_tool_question(const struct cw_session *s)
{
    return cw_tool_questions_first(&s->questions);
}

void cw_session_answer_tool(struct cw_session *s, bool is_yes)
{
    struct cw_tool_answer answer;
    uint8_t out[8];
    size_t size = 0;
    if (cw_tool_questions_answer(&s->questions, is_yes, &answer) &&
        cw_tool_answer_encode(&answer, out, sizeof(out), &size) == 0)
        (void)cw_peer_send(&s->conn.peer, CW_MESSAGE_TOOL_ANSWER, 0, out, size);
}

void cw_session_stop_sharing(struct cw_session *s, uint64_t now_ns)
{
    struct cw_consent consent;
    s->now_ns = now_ns;
    cw_people_stop(&s->people, &consent);
    send_consent(s, &consent);
    if (s->has_input)
        cw_input_stop(s->input, now_ns);
    s->has_input = false;
}

void cw_session_share_again(struct cw_session *s)
{
    cw_people_share_again(&s->people);
}

void cw_session_end(struct cw_session *s, uint64_t now_ns)
{
    uint8_t out[2 + CW_REASON_TEXT_BYTES_MAX];
    size_t size = 0;
    struct cw_close m = {.code = CW_CLOSE_OK, .text = ""};
    s->now_ns = now_ns;
    if (s->state == CW_SESSION_ENDED || s->state == CW_SESSION_ENDING)
        return;
    if (s->state != CW_SESSION_LIVE || cw_close_encode(&m, out, sizeof(out), &size) != 0 ||
        cw_peer_send(&s->conn.peer, CW_MESSAGE_SESSION_END, 0, out, size) != 0) {
        end(s, "You ended the session.");
        return;
    }
    if (s->has_input)
        cw_input_stop(s->input, now_ns);
    s->has_input = false;
    s->state = CW_SESSION_ENDING;
    s->until_ns = now_ns + ending_ns;
    snprintf(s->text, sizeof(s->text), "Ending the session …");
}

int cw_session_say(struct cw_session *s, const char *text)
{
    struct cw_chat_say say;
    int err = cw_chat_say(&s->chat, text, &say);
    if (err == 0)
        send_say(s, &say);
    return err;
}
