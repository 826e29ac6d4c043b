/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/rig.h - a control of its own for each test, and a worker that the test plays.
 *
 * The worker encodes what an engine would send and decodes the answers. */
#ifndef CW_TESTS_UNIT_CONTROL_RIG_H
#define CW_TESTS_UNIT_CONTROL_RIG_H

#include "control/secret.h"
#include "engine/base/err.h"
#include "engine/wire/hello.h"
#include "engine/wire/link.h"
#include "engine/wire/message.h"
#include "tests/unit/control/rig_control.h"

struct rig_worker {
    struct cw_control_link *link;
    struct cw_link_message *sent; /* what control sent; bytes are copies */
    size_t sent_count;
};

/* What everybody on a side has. */
#define RIG_REP_BASE (CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION))
#define RIG_CUSTOMER \
    (CW_PERMIT(SOURCE_SCREEN) | CW_PERMIT(CHAT) | CW_PERMIT(END_SESSION) | CW_PERMIT(CONSENT))
/* What a representative has who may control: the channels of streams, too. */
#define RIG_CONTROL                                                                           \
    (CW_PERMIT(CONTROL_INPUT) | CW_PERMIT(SHELL) | CW_PERMIT(CLIPBOARD) | CW_PERMIT(SYSTEM) | \
     CW_PERMIT(FILE) | CW_PERMIT(TUNNEL))

static inline int rig_worker_take(void *user, const void *bytes, size_t n)
{
    struct rig_worker *w = user;
    struct cw_link_message m;
    size_t used = 0;

    assert_int_equal(cw_link_decode(bytes, n, &m, &used), 0);
    assert_int_equal(used, n);
    w->sent = reallocarray(w->sent, w->sent_count + 1, sizeof *w->sent);
    assert_non_null(w->sent);
    if (m.bytes_count > 0) {
        uint8_t *copy = malloc(m.bytes_count);
        assert_non_null(copy);
        memcpy(copy, m.bytes, m.bytes_count);
        m.bytes = copy;
    } else {
        m.bytes = NULL;
    }
    w->sent[w->sent_count++] = m;
    return 0;
}

static inline void rig_forget(struct rig_worker *w)
{
    for (size_t i = 0; i < w->sent_count; i++)
        free((void *)(uintptr_t)w->sent[i].bytes);
    free(w->sent);
    w->sent = NULL;
    w->sent_count = 0;
}

static inline int rig_tell(struct rig *r, struct rig_worker *w, struct cw_link_message m)
{
    static uint8_t out[CW_LINK_MESSAGE_BYTES_MAX];
    size_t n = 0;

    assert_int_equal(cw_link_encode(&m, out, sizeof out, &n), 0);
    return cw_control_link_receive(r->c, w->link, out, n);
}

#define RIG_TELL(r, w, ...) \
    assert_int_equal(rig_tell(r, w, (struct cw_link_message){__VA_ARGS__}), 0)

static inline void rig_hello(struct rig *r, struct rig_worker *w, uint16_t worker, uint16_t count)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(cw_control_link_open(r->c, worker, rig_worker_take, w, &w->link), 0);
    RIG_TELL(r, w, .type = CW_LINK_ENGINE_HELLO, .version = CW_LINK_VERSION, .worker = worker,
             .worker_count = count, .engine_instance = 77);
}

static inline void rig_link(struct rig *r, struct rig_worker *w)
{
    rig_hello(r, w, 0, 1);
    RIG_TELL(r, w, .type = CW_LINK_SNAPSHOT_END);
}

static inline void rig_unlink(struct rig *r, struct rig_worker *w)
{
    cw_control_link_closed(r->c, w->link);
    rig_forget(w);
}

/* The nth (from 0) message of a type since the last rig_forget; NULL when there are fewer. message
 * 0: any. */
static inline const struct cw_link_message *rig_sent(const struct rig_worker *w, uint16_t type,
                                                     uint8_t message, unsigned nth)
{
    for (size_t i = 0; i < w->sent_count; i++)
        if (w->sent[i].type == type && (message == 0 || w->sent[i].message == message) &&
            nth-- == 0)
            return &w->sent[i];
    return NULL;
}

/* The same, and it must be there. */
__attribute__((noinline, returns_nonnull)) static const struct cw_link_message *rig_need(
    const struct rig_worker *w, uint16_t type, uint8_t message, unsigned nth)
{
    const struct cw_link_message *m = rig_sent(w, type, message, nth);

    if (m == NULL) {
        fail_msg("%s %u was not sent %u times", cw_link_type_name(type), message, nth + 1);
        abort();
    }
    return m;
}

/* True when an EVENT of that type went to the account (0: everybody). */
static inline bool rig_event(const struct rig_worker *w, uint32_t account, const char *type)
{
    for (unsigned i = 0;; i++) {
        const struct cw_link_message *m = rig_sent(w, CW_LINK_SEND_CONSOLE, CW_MESSAGE_EVENT, i);
        json_t *event = NULL;
        bool is_it = false;
        if (m == NULL)
            return false;
        event = json_loadb((const char *)m->bytes, m->bytes_count, 0, NULL);
        is_it = m->participant == account &&
                strcmp(json_string_value(json_object_get(event, "type")), type) == 0;
        json_decref(event);
        if (is_it)
            return true;
    }
}

static inline void rig_address(uint8_t *out, uint8_t last)
{
    static const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 198, 51, 100, 0};

    memcpy(out, mapped, sizeof mapped);
    out[15] = last;
    out[16] = 1;
    out[17] = 2;
}

/* A REQUEST with a JSON body; gives the REPLY's code and its JSON (a new reference). */
static inline uint16_t rig_request(struct rig *r, struct rig_worker *w, uint8_t kind, uint8_t from,
                                   json_t *body, json_t **ret_json)
{
    char *text = json_dumps(body, JSON_COMPACT);
    struct cw_link_message m = {
        .type = CW_LINK_REQUEST,
        .request = 5,
        .kind = kind,
        .bytes = (const uint8_t *)text,
        .bytes_count = strlen(text),
    };
    const struct cw_link_message *answer = NULL;

    rig_forget(w);
    rig_address(m.address, from);
    assert_int_equal(rig_tell(r, w, m), 0);
    free(text);
    json_decref(body);
    answer = rig_need(w, CW_LINK_REPLY, 0, 0);
    assert_int_equal(answer->request, 5);
    *ret_json = json_loadb((const char *)answer->bytes, answer->bytes_count, 0, NULL);
    assert_non_null(*ret_json);
    return answer->code;
}

/* A holder's key pair from one number: seed and public key, and the key as base64url. */
static inline void rig_key(uint8_t number, uint8_t *seed, uint8_t *key, char *text)
{
    memset(seed, number, CW_KEY_BYTES);
    assert_int_equal(cw_key_public(seed, key), 0);
    cw_base64url_encode(key, CW_KEY_BYTES, text);
}

static inline json_t *rig_holder(uint8_t number)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t key[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];

    rig_key(number, seed, key, text);
    return json_pack("{s:s}", "holder_key", text);
}

/* Decodes and verifies a ticket against control's key. */
static inline struct cw_ticket rig_ticket(struct rig *r, const uint8_t *bytes)
{
    struct cw_ticket ticket;

    assert_int_equal(cw_ticket_decode(bytes, CW_TICKET_BYTES, &ticket), 0);
    assert_int_equal(cw_ticket_verify(&ticket, r->c->ticket_key, r->now_ms / 1000), 0);
    return ticket;
}

static inline struct cw_ticket rig_ticket_text(struct rig *r, const char *text)
{
    uint8_t bytes[CW_TICKET_BYTES];

    assert_non_null(text);
    assert_int_equal(cw_base64url_decode(text, strlen(text), bytes, sizeof bytes), 0);
    return rig_ticket(r, bytes);
}

/* Enrols a Jump Client with key `number`; gives its number. */
static inline uint32_t rig_enrol(struct rig *r, struct rig_worker *w, uint8_t number,
                                 const char *name)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t key[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    json_t *json = NULL;
    uint32_t id = 0;
    struct cw_ticket ticket;

    rig_key(number, seed, key, text);
    assert_int_equal(rig_call_at(r, CW_FRONT_SOCKET, "enrolment_token.create", 0, NULL), 0);
    assert_int_equal(
        rig_request(r, w, CW_HELLO_ENROLMENT, 1,
                    json_pack("{s:s, s:s, s:s, s:s, s:s}", "token", rig_text(r, "token"), "key",
                              text, "name", name, "hostname", "desk", "platform", "Debian"),
                    &json),
        CW_CLOSE_OK);
    ticket = rig_ticket_text(r, json_string_value(json_object_get(json, "credential")));
    assert_int_equal(ticket.kind, CW_TICKET_KIND_DEVICE);
    assert_int_equal(ticket.role, CW_ROLE_DEVICE);
    assert_int_equal(ticket.session, 0);
    assert_memory_equal(ticket.holder_key, key, sizeof key);
    id = ticket.participant;
    json_decref(json);
    return id;
}

static inline void rig_up(struct rig *r, struct rig_worker *w, uint32_t session,
                          uint32_t participant, uint8_t role, uint64_t permissions)
{
    struct cw_link_message m = {
        .type = CW_LINK_PARTICIPANT_UP,
        .session = session,
        .participant = participant,
        .role = role,
        .permissions = permissions,
    };

    rig_address(m.address, 7);
    assert_int_equal(rig_tell(r, w, m), 0);
}

/* message: CHAT_SAY or SIDE_SAY. */
static inline void rig_say_as(struct rig *r, struct rig_worker *w, uint8_t message,
                              uint32_t session, uint32_t participant, uint8_t role,
                              uint32_t client_message, const char *text)
{
    uint8_t payload[256];
    size_t n = 0;
    const struct cw_chat_say say = {client_message, text, strlen(text)};

    assert_int_equal(cw_chat_say_encode(&say, payload, sizeof payload, &n), 0);
    RIG_TELL(r, w, .type = CW_LINK_COPY, .session = session, .participant = participant,
             .role = role, .message = message, .bytes = payload, .bytes_count = n);
}

static inline void rig_say(struct rig *r, struct rig_worker *w, uint32_t session,
                           uint32_t participant, uint8_t role, uint32_t client_message,
                           const char *text)
{
    rig_say_as(r, w, CW_MESSAGE_CHAT_SAY, session, participant, role, client_message, text);
}

static inline void rig_consent(struct rig *r, struct rig_worker *w, uint32_t session,
                               uint32_t participant, uint8_t view, uint8_t control)
{
    uint8_t payload[8];
    size_t n = 0;
    const struct cw_consent consent = {0, view, control};

    assert_int_equal(cw_consent_encode(&consent, payload, sizeof payload, &n), 0);
    RIG_TELL(r, w, .type = CW_LINK_COPY, .session = session, .participant = participant,
             .role = CW_ROLE_CUSTOMER, .message = CW_MESSAGE_CONSENT, .bytes = payload,
             .bytes_count = n);
}

static inline void rig_advance(struct rig *r, uint64_t seconds)
{
    r->now_ms += seconds * 1000;
    cw_control_tick(r->c, r->now_ms);
}

/* A signed-in administrator. */
static inline int rig_set_up(void **state)
{
    struct rig *r = malloc(sizeof *r);
    assert_non_null(r);
    rig_start(r);
    rig_admin(r);
    *state = r;
    return 0;
}

static inline int rig_tear_down(void **state)
{
    rig_stop(*state);
    free(*state);
    return 0;
}

static inline void rig_make_key(struct rig *r, char *ret_key)
{
    assert_int_equal(rig_call(r, "session_key.create", 0, NULL), 0);
    assert_int_equal(strlen(rig_text(r, "key")), 12);
    snprintf(ret_key, CW_SESSION_KEY_TEXT_BYTES, "%s", rig_text(r, "key"));
}

/* A customer's SESSION_KEY hello from address 198.51.100.<from>; 0 or the refusal's code. */
static inline uint16_t rig_enter(struct rig *r, struct rig_worker *w, const char *key, uint8_t from,
                                 uint32_t *ret_session)
{
    uint8_t seed[CW_KEY_BYTES];
    uint8_t holder[CW_KEY_BYTES];
    char text[CW_HOLDER_KEY_TEXT_BYTES + 1];
    json_t *json = NULL;
    uint16_t code = 0;
    struct cw_ticket ticket;
    rig_key(20, seed, holder, text);
    code = rig_request(r, w, CW_HELLO_SESSION_KEY, from,
                       json_pack("{s:s, s:s, s:s, s:s}", "key", key, "holder", text, "name",
                                 "Carla", "platform", "Debian"),
                       &json);
    if (code != CW_CLOSE_OK) {
        assert_string_equal(json_string_value(json_object_get(json, "message")),
                            cw_close_text(code));
    } else {
        ticket = rig_ticket_text(r, json_string_value(json_object_get(json, "ticket")));
        assert_int_equal(ticket.role, CW_ROLE_CUSTOMER);
        assert_int_equal(ticket.permissions, RIG_CUSTOMER);
        assert_memory_equal(ticket.holder_key, holder, sizeof holder);
        assert_string_equal(json_string_value(json_object_get(json, "representative")), "ada");
        *ret_session = (uint32_t)json_integer_value(json_object_get(json, "session"));
        assert_int_equal(ticket.session, *ret_session);
    }
    json_decref(json);
    return code;
}

/* An accepted session with both sides connected and no consent yet. */
static inline uint32_t rig_attended(struct rig *r, struct rig_worker *w)
{
    char key[CW_SESSION_KEY_TEXT_BYTES];
    uint32_t session = 0;
    rig_make_key(r, key);
    assert_int_equal(rig_enter(r, w, key, 1, &session), CW_CLOSE_OK);
    rig_up(r, w, session, 1, CW_ROLE_CUSTOMER, RIG_CUSTOMER);
    assert_int_equal(rig_call(r, "session.accept", session, rig_holder(3)), 0);
    rig_up(r, w, session, 2, CW_ROLE_REPRESENTATIVE, RIG_REP_BASE);
    rig_forget(w);
    return session;
}

#endif
