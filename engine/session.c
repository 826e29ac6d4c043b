/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/session.h"

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"
#include "engine/worker_state.h"

static const uint64_t second_ns = UINT64_C(1000000000);

static const uint8_t next_states[CW_SESSION_STATE_COUNT] = {
    [CW_SESSION_LIVE] = 1U << CW_SESSION_EMPTY | 1U << CW_SESSION_ENDED,
    [CW_SESSION_EMPTY] = 1U << CW_SESSION_LIVE | 1U << CW_SESSION_ENDED,
    [CW_SESSION_ENDED] = 0,
};

static void set_state(struct cw_worker *w, struct cw_session *s, enum cw_session_state to)
{
    CW_CHECK((next_states[s->state] >> to & 1) != 0, "the life cycle in session.h");
    s->state = to;
    if (to == CW_SESSION_EMPTY)
        cw_timer_set(&w->timers, &s->grace, w->now_ns + CW_TIME_SESSION_GRACE_S * second_ns);
    else
        cw_timer_stop(&s->grace);
}

void cw_session_check(const struct cw_session *s)
{
    uint32_t connected = 0;
    uint32_t count = 0;
    for (const struct cw_list *n = s->participants.next; n != &s->participants; n = n->next) {
        const struct cw_participant *p =
            CW_LIST_OWNER((struct cw_list *)(uintptr_t)n, struct cw_participant, node);
        count++;
        connected += p->conn != NULL;
        CW_CHECK(p->conn == NULL || p->conn->participant == p, "both know each other");
        CW_CHECK(s->source != p || p->conn != NULL, "a source is connected");
    }
    CW_CHECK(count == s->participant_count && connected == s->connected, "counts are kept");
    cw_channel_check(s);
    CW_CHECK((s->state == CW_SESSION_EMPTY) == (connected == 0), "EMPTY means nobody");
}

bool cw_session_is_mine(const struct cw_worker *w, uint32_t number)
{
    return number != 0 && number % w->config.count == w->config.index;
}

struct cw_session *cw_session_find(struct cw_worker *w, uint32_t number)
{
    return cw_table_get(&w->sessions, number);
}

struct cw_participant *cw_session_participant(struct cw_session *s, uint32_t number)
{
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_participant *p = CW_LIST_OWNER(node, struct cw_participant, node);
        if (p->number == number)
            return p;
    }
    return NULL;
}

static struct cw_session *session_new(struct cw_worker *w, uint32_t number)
{
    struct cw_session *s = cw_pool_take(&w->session_pool);
    if (s == NULL)
        return NULL;
    *s = (struct cw_session){.number = number, .state = CW_SESSION_EMPTY};
    cw_list_init(&s->node);
    cw_list_init(&s->participants);
    cw_list_init(&s->streams);
    cw_timer_init(&s->grace, CW_TIMER_SESSION_GRACE);
    cw_timer_init(&s->sync, CW_TIMER_SESSION_SYNC);
    cw_fanout_init(s);
    cw_list_append(&w->session_list, &s->node);
    int err = cw_table_put(&w->sessions, number, s);
    CW_CHECK(err == CW_OK, "the table is as large as the pool, and the number was not there");
    struct cw_link_message m = {.type = CW_LINK_SESSION_UP, .session = number};
    (void)cw_link_put(w, &m);
    return s;
}

static struct cw_participant *participant_new(struct cw_worker *w, struct cw_session *s,
                                              uint32_t number)
{
    if (s->participant_count >= CW_PARTICIPANTS_PER_SESSION_MAX)
        return NULL;
    struct cw_participant *p = cw_pool_take(&w->participant_pool);
    if (p == NULL)
        return NULL;
    *p = (struct cw_participant){.session = s, .number = number};
    cw_list_init(&p->node);
    cw_list_append(&s->participants, &p->node);
    s->participant_count++;
    return p;
}

static void participant_free(struct cw_worker *w, struct cw_participant *p)
{
    CW_CHECK(p->conn == NULL, "a connection leaves before its participant goes");
    p->session->participant_count--;
    cw_list_remove(&p->node);
    cw_pool_give(&w->participant_pool, p);
}

void cw_session_free(struct cw_worker *w, struct cw_session *s)
{
    cw_timer_stop(&s->grace);
    cw_timer_stop(&s->sync);
    cw_channel_end_all(w, s);
    CW_LIST_EACH(node, &s->participants)
    participant_free(w, CW_LIST_OWNER(node, struct cw_participant, node));
    cw_fanout_free(w, s);
    cw_list_remove(&s->node);
    cw_table_remove(&w->sessions, s->number);
    cw_pool_give(&w->session_pool, s);
}

static bool may_be_source(const struct cw_participant *p)
{
    return (p->permissions & CW_PERMIT(SOURCE_SCREEN)) != 0 &&
           (p->role == CW_ROLE_CUSTOMER || p->role == CW_ROLE_UNATTENDED);
}

static void become_source(struct cw_worker *w, struct cw_session *s, struct cw_participant *p)
{
    struct cw_participant *earlier = s->source;
    s->source = NULL; /* so that its leaving is not the source's leaving */
    if (earlier != NULL && earlier != p && earlier->conn != NULL)
        cw_conn_close(w, earlier->conn, CW_CLOSE_REPLACED, NULL, 0);
    if (p->conn == NULL)
        return; /* it was closed over what the other's leaving sent it */
    s->source = p;
    cw_fanout_source_changed(w, s);
    cw_channel_source_changed(w, p, true);
}

static void send_welcome(struct cw_worker *w, struct cw_conn *c)
{
    struct cw_welcome welcome = {
        .session = c->session,
        .participant = c->identity,
        .permissions = c->participant->permissions,
        .role = c->role,
        .control_up = cw_link_is_up(w),
    };
    uint8_t payload[24];
    size_t size = 0;
    if (cw_welcome_encode(&welcome, payload, sizeof payload, &size) == CW_OK)
        cw_conn_send_message(w, c, CW_MESSAGE_WELCOME, payload, size);
}

static void send_permissions(struct cw_worker *w, struct cw_participant *p)
{
    uint8_t payload[8];
    for (unsigned i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(p->permissions >> (8 * i));
    cw_conn_send_message(w, p->conn, CW_MESSAGE_PERMISSIONS, payload, sizeof payload);
}

static void put_up(struct cw_worker *w, const struct cw_participant *p)
{
    struct cw_link_message m = {
        .type = CW_LINK_PARTICIPANT_UP,
        .session = p->session->number,
        .participant = p->number,
        .role = p->role,
        .permissions = p->permissions,
    };
    memcpy(m.address, p->conn->address, sizeof m.address);
    (void)cw_link_put(w, &m);
}

uint16_t cw_session_join(struct cw_worker *w, struct cw_conn *c, const struct cw_ticket *ticket)
{
    struct cw_session *s = cw_session_find(w, ticket->session);
    if (s == NULL && w->participant_pool.used < w->participant_pool.count)
        s = session_new(w, ticket->session);
    if (s == NULL)
        return CW_CLOSE_OVERLOADED;
    uint16_t code = cw_record_begin(w, s, ticket->flags);
    if (code != CW_CLOSE_OK)
        return code;
    struct cw_participant *p = cw_session_participant(s, ticket->participant);
    if (p == NULL)
        p = participant_new(w, s, ticket->participant);
    if (p == NULL)
        return CW_CLOSE_OVERLOADED;
    if (p->conn != NULL)
        cw_conn_close(w, p->conn, CW_CLOSE_REPLACED, NULL, 0);
    p->role = ticket->role;
    if (!p->mask_is_controls)
        p->permissions = ticket->permissions;
    p->conn = c;
    cw_viewer_init(&p->viewer);
    p->withdrawn_ns = 0;
    if (s->connected++ == 0)
        set_state(w, s, CW_SESSION_LIVE);
    cw_conn_set_state(w, c, CW_CONN_OPEN);
    c->participant = p;
    c->role = p->role;
    c->identity = p->number;
    c->session = s->number;
    send_welcome(w, c); /* before put_up, which may break the link, of which everybody is told */
    if (p->conn == c)
        put_up(w, p);
    cw_record_participant(w, p, CW_RECORD_CAME, 0);
    /* Each of these closes it when the frames have run out. */
    if (p->conn == c)
        send_permissions(w, p);
    if (p->conn == c && may_be_source(p))
        become_source(w, s, p);
    else if (p->conn == c && (p->permissions & CW_PERMIT(VIEW_SCREEN)) != 0)
        cw_fanout_viewer_in(w, p);
    if (p->conn == c)
        cw_channel_join(w, p);
    return CW_CLOSE_OK;
}

void cw_session_leave(struct cw_worker *w, struct cw_conn *c, uint16_t code)
{
    struct cw_participant *p = c->participant;
    struct cw_session *s = p->session;
    p->conn = NULL;
    c->participant = NULL;
    s->connected--;
    if (s->state == CW_SESSION_ENDED)
        return; /* SESSION_OVER says it for all */
    cw_record_participant(w, p, CW_RECORD_LEFT, code);
    struct cw_link_message m = {
        .type = CW_LINK_PARTICIPANT_DOWN,
        .session = s->number,
        .participant = p->number,
        .code = code,
    };
    (void)cw_link_put(w, &m);
    if (s->connected == 0)
        set_state(w, s, CW_SESSION_EMPTY);
    if (s->source == p) {
        s->source = NULL;
        cw_fanout_source_changed(w, s);
        cw_channel_source_changed(w, p, false);
    } else {
        if ((p->permissions & CW_PERMIT(CONTROL_INPUT)) != 0)
            cw_fanout_release_all(w, s);
        cw_fanout_recount(w, s);
    }
    cw_channel_leave(w, p);
}

void cw_session_end(struct cw_worker *w, struct cw_session *s, uint32_t by, uint16_t code,
                    const char *text, size_t text_bytes)
{
    if (text_bytes == 0 || text_bytes > CW_REASON_TEXT_BYTES_MAX) {
        text = cw_close_text(code);
        text_bytes = strlen(text);
    }
    struct cw_close ended = {code, text, text_bytes};
    uint8_t payload[2 + CW_REASON_TEXT_BYTES_MAX];
    size_t size = 0;
    int err = cw_close_encode(&ended, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "the text was cut to its limit");
    set_state(w, s, CW_SESSION_ENDED);
    cw_record_end(w, s, code, text, text_bytes);
    cw_log(CW_LOG_INFO, "engine.session", "session=%u ended: %s", (unsigned)s->number,
           cw_close_name(code));
    cw_admission_end_session(&w->admission, s->number, code, w->link.number,
                             w->io->ops->now_unix_s(w->io));
    CW_LIST_EACH(node, &s->participants)
    {
        struct cw_conn *c = CW_LIST_OWNER(node, struct cw_participant, node)->conn;
        if (c == NULL)
            continue;
        cw_conn_send_message(w, c, CW_MESSAGE_SESSION_ENDED, payload, size);
        cw_conn_close(w, c, code, text, text_bytes);
    }
    struct cw_link_message m = {
        .type = CW_LINK_SESSION_OVER,
        .session = s->number,
        .participant = by,
        .code = code,
        .bytes = (const uint8_t *)text,
        .bytes_count = text_bytes,
    };
    (void)cw_link_put(w, &m);
    cw_session_free(w, s);
}

void cw_session_set_permissions(struct cw_worker *w, struct cw_session *s, uint32_t participant,
                                uint64_t permissions)
{
    struct cw_participant *p = cw_session_participant(s, participant);
    if (p == NULL)
        p = participant_new(w, s, participant);
    if (p == NULL)
        return;
    uint64_t lost = p->permissions & ~permissions;
    uint64_t gained = permissions & ~p->permissions;
    p->permissions = permissions;
    p->mask_is_controls = true;
    cw_channel_withdraw(w, p, lost);
    if (p->conn == NULL || (lost | gained) == 0)
        return;
    cw_record_participant(w, p, CW_RECORD_PERMISSIONS, 0);
    if (lost != 0)
        p->withdrawn_ns = w->now_ns;
    if ((lost & CW_PERMIT(VIEW_SCREEN)) != 0)
        cw_fanout_viewer_out(w, p);
    if ((lost & CW_PERMIT(CHAT)) != 0)
        cw_conn_clear(w, p->conn, CW_CHANNEL_CHAT);
    send_permissions(w, p);
    if ((lost & CW_PERMIT(CONTROL_INPUT)) != 0)
        cw_fanout_release_all(w, s);
    if (p->conn != NULL && s->source == p && !may_be_source(p)) {
        s->source = NULL;
        cw_fanout_source_changed(w, s);
        cw_channel_source_changed(w, p, false);
    } else if (p->conn != NULL && s->source != p && may_be_source(p)) {
        become_source(w, s, p);
    }
    if (p->conn != NULL && (gained & CW_PERMIT(VIEW_SCREEN)) != 0)
        cw_fanout_viewer_in(w, p);
    if (p->conn != NULL)
        cw_channel_gained(w, p, gained);
    cw_fanout_recount(w, s);
}

void cw_session_remove(struct cw_worker *w, struct cw_session *s, uint32_t participant,
                       uint16_t code)
{
    struct cw_participant *p = cw_session_participant(s, participant);
    if (p == NULL)
        return;
    if (p->conn != NULL)
        cw_conn_close(w, p->conn, code, NULL, 0);
    cw_channel_forget(w, p);
    participant_free(w, p);
}
