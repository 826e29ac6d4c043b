/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/control_double.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/limits.h"
#include "engine/wire/frame.h"
#include "engine/wire/link.h"
#include "engine/wire/message.h"
#include "engine/wire/recording.h"

enum {
    LINKS_MAX = 4,
    TYPES_MAX = 32, /* of the engine's messages */
    KEPT_BYTES = 512,
    BUFFER_BYTES = 4 * CW_LINK_MESSAGE_BYTES_MAX
};

struct seen {
    unsigned count;
    struct cw_link_message last;
    uint8_t bytes[KEPT_BYTES];
};

struct link {
    struct cw_net_end *end;
    bool is_ready; /* the snapshot was answered */
    uint8_t in[BUFFER_BYTES];
    size_t in_bytes;
    uint8_t out[BUFFER_BYTES];
    size_t out_bytes;
    uint8_t late[4096]; /* seals that wait until it is ready */
    size_t late_bytes;
};

struct cw_double {
    struct cw_net *net;
    const char *path;
    bool is_away;
    uint8_t ticket_seed[CW_KEY_BYTES];
    uint8_t ticket_key[CW_KEY_BYTES];
    uint32_t ticket_count;
    unsigned refusals;
    unsigned session_count;
    struct cw_double_session sessions[CW_DOUBLE_SESSIONS_MAX];
    struct link links[LINKS_MAX];
    struct seen seen[TYPES_MAX];
};

struct cw_double *cw_double_new(struct cw_net *net, const char *path)
{
    struct cw_double *d = calloc(1, sizeof *d);
    CW_CHECK(d != NULL, "memory");
    d->net = net;
    d->path = path;
    memset(d->ticket_seed, 0x5A, sizeof d->ticket_seed);
    CW_CHECK(cw_key_public(d->ticket_seed, d->ticket_key) == CW_OK, "a key can be made");
    cw_net_unix_listen(net, path);
    return d;
}

static void drop_link(struct link *l)
{
    l->end = cw_net_end_free(l->end);
    l->is_ready = false;
    l->in_bytes = 0;
    l->out_bytes = 0;
    l->late_bytes = 0;
}

struct cw_double *cw_double_free(struct cw_double *d)
{
    if (d != NULL) {
        for (unsigned i = 0; i < LINKS_MAX; i++)
            drop_link(&d->links[i]);
        free(d);
    }
    return NULL;
}

struct cw_double_session *cw_double_session_add(struct cw_double *d)
{
    CW_CHECK(d->session_count < CW_DOUBLE_SESSIONS_MAX, "the scenario's limit");
    struct cw_double_session *s = &d->sessions[d->session_count++];
    s->number = d->session_count;
    return s;
}

struct cw_double_session *cw_double_session(struct cw_double *d, uint32_t number)
{
    CW_CHECK(number >= 1 && number <= d->session_count, "the engine names sessions that exist");
    return &d->sessions[number - 1];
}

unsigned cw_double_session_count(const struct cw_double *d)
{
    return d->session_count;
}

uint32_t cw_double_participant_add(struct cw_double *d, struct cw_double_session *s, uint8_t role,
                                   uint64_t permissions)
{
    (void)d;
    CW_CHECK(s->participant_count < CW_DOUBLE_PARTICIPANTS_MAX, "the scenario's limit");
    struct cw_double_participant *p = &s->participants[s->participant_count++];
    p->role = role;
    p->permissions = permissions;
    memset(p->seed, (int)(s->number * 16 + s->participant_count), sizeof p->seed);
    CW_CHECK(cw_key_public(p->seed, p->key) == CW_OK, "a key can be made");
    return s->participant_count;
}

struct cw_ticket cw_double_ticket(struct cw_double *d, const struct cw_double_session *s,
                                  uint32_t participant, uint8_t kind)
{
    const struct cw_double_participant *p = &s->participants[participant - 1];
    uint64_t now_unix_s =
        CW_NET_EPOCH_UNIX_S + (cw_net_now_ns(d->net) - CW_NET_EPOCH_NS) / 1000000000u;
    struct cw_ticket t = {.kind = kind,
                          .role = p->role,
                          .flags = s->recording,
                          .session = s->number,
                          .participant = participant,
                          .permissions = p->permissions,
                          .not_before_unix_s = now_unix_s};
    t.not_after_unix_s = now_unix_s + (uint64_t)(kind == CW_TICKET_KIND_JOIN ? CW_TICKET_JOIN_S
                                                                             : CW_TICKET_RESUME_S);
    d->ticket_count++;
    memcpy(t.id, &d->ticket_count, sizeof d->ticket_count);
    memcpy(t.holder_key, p->key, sizeof t.holder_key);
    CW_CHECK(cw_ticket_sign(&t, d->ticket_seed) == CW_OK, "control can sign");
    return t;
}

struct cw_ticket cw_double_standing_ticket(struct cw_double *d, uint8_t kind, uint32_t number,
                                           uint64_t permissions, const uint8_t *seed)
{
    uint64_t now_unix_s =
        CW_NET_EPOCH_UNIX_S + (cw_net_now_ns(d->net) - CW_NET_EPOCH_NS) / 1000000000u;
    struct cw_ticket t = {.kind = kind,
                          .role = kind == CW_TICKET_KIND_DEVICE ? CW_ROLE_DEVICE : CW_ROLE_CONSOLE,
                          .participant = number,
                          .permissions = permissions,
                          .not_before_unix_s = now_unix_s,
                          .not_after_unix_s = now_unix_s + CW_TICKET_JOIN_S};
    d->ticket_count++;
    memcpy(t.id, &d->ticket_count, sizeof d->ticket_count);
    CW_CHECK(cw_key_public(seed, t.holder_key) == CW_OK, "a key can be made");
    CW_CHECK(cw_ticket_sign(&t, d->ticket_seed) == CW_OK, "control can sign");
    return t;
}

unsigned cw_double_seen(const struct cw_double *d, uint16_t type)
{
    return d->seen[type].count;
}

const struct cw_link_message *cw_double_last(const struct cw_double *d, uint16_t type)
{
    return &d->seen[type].last;
}

static void send_link(struct link *l, const struct cw_link_message *m)
{
    size_t size = 0;
    int err = cw_link_encode(m, l->out + l->out_bytes, sizeof l->out - l->out_bytes, &size);
    CW_CHECK(err == CW_OK, "the scenario reads its links");
    l->out_bytes += size;
}

/* Each worker knows which sessions are its own. */
static void send_all(struct cw_double *d, const struct cw_link_message *m)
{
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        if (d->links[i].end != NULL && d->links[i].is_ready)
            send_link(&d->links[i], m);
    }
}

void cw_double_send(struct cw_double *d, const struct cw_link_message *m)
{
    send_all(d, m);
}

void cw_double_set_permissions(struct cw_double *d, struct cw_double_session *s,
                               uint32_t participant, uint64_t permissions)
{
    s->participants[participant - 1].permissions = permissions;
    struct cw_link_message m = {.type = CW_LINK_SET_PERMISSIONS,
                                .session = s->number,
                                .participant = participant,
                                .permissions = permissions};
    send_all(d, &m);
}

void cw_double_end_session(struct cw_double *d, struct cw_double_session *s, uint16_t code)
{
    s->is_ended = true;
    struct cw_link_message m = {.type = CW_LINK_END_SESSION, .session = s->number, .code = code};
    send_all(d, &m);
}

void cw_double_set_away(struct cw_double *d, bool is_away)
{
    if (is_away == d->is_away)
        return;
    d->is_away = is_away;
    if (is_away) {
        cw_net_unix_close(d->net, d->path);
        for (unsigned i = 0; i < LINKS_MAX; i++)
            drop_link(&d->links[i]);
    } else {
        cw_net_unix_listen(d->net, d->path);
    }
}

unsigned cw_double_links_ready(const struct cw_double *d)
{
    unsigned count = 0;
    for (unsigned i = 0; i < LINKS_MAX; i++)
        count += d->links[i].is_ready;
    return count;
}

unsigned cw_double_refusals(const struct cw_double *d)
{
    return d->refusals;
}

static void answer_snapshot(struct cw_double *d, struct link *l)
{
    struct cw_link_message m = {.type = CW_LINK_CONTROL_HELLO, .version = CW_LINK_VERSION};
    static const char origin[] = "https://localhost:8443";
    memcpy(m.key, d->ticket_key, sizeof m.key);
    m.bytes = (const uint8_t *)origin;
    m.bytes_count = sizeof origin - 1;
    send_link(l, &m);
    for (unsigned i = 0; i < d->session_count; i++) {
        const struct cw_double_session *s = &d->sessions[i];
        if (s->is_ended || s->is_over)
            continue;
        m = (struct cw_link_message){.type = CW_LINK_SESSION_WANTED, .session = s->number};
        send_link(l, &m);
        for (uint32_t p = 1; p <= s->participant_count; p++) {
            m = (struct cw_link_message){.type = CW_LINK_PARTICIPANT_WANTED,
                                         .session = s->number,
                                         .participant = p,
                                         .permissions = s->participants[p - 1].permissions};
            send_link(l, &m);
        }
    }
    m = (struct cw_link_message){.type = CW_LINK_WANTED_END};
    send_link(l, &m);
    l->is_ready = true;
    CW_CHECK(sizeof l->out - l->out_bytes >= l->late_bytes, "the scenario reads its links");
    memcpy(l->out + l->out_bytes, l->late, l->late_bytes);
    l->out_bytes += l->late_bytes;
    l->late_bytes = 0;
}

static void send_line(struct link *l, const struct cw_double_session *s, unsigned index)
{
    static const char text[] = "said";
    struct cw_chat_line line = {.sequence = index + 1u,
                                .participant = s->lines[index].participant,
                                .client_message = s->lines[index].client_message,
                                .text = text,
                                .text_bytes = sizeof text - 1};
    uint8_t payload[64];
    size_t size = 0;
    int err = cw_chat_line_encode(&line, payload, sizeof payload, &size);
    CW_CHECK(err == CW_OK, "a line fits");
    struct cw_link_message m = {.type = CW_LINK_SEND,
                                .session = s->number,
                                .message = s->lines[index].is_side ? CW_MESSAGE_SIDE_LINE
                                                                   : CW_MESSAGE_CHAT_LINE,
                                .bytes = payload,
                                .bytes_count = size};
    send_link(l, &m);
}

static void on_copy(struct cw_double *d, struct link *l, const struct cw_link_message *m)
{
    if (m->message != CW_MESSAGE_CHAT_SAY && m->message != CW_MESSAGE_SIDE_SAY)
        return;
    struct cw_double_session *s = cw_double_session(d, m->session);
    struct cw_chat_say say;
    CW_CHECK(cw_chat_say_decode(m->bytes, m->bytes_count, &say) == CW_OK, "a copy is whole");
    for (unsigned i = 0; i < s->line_count; i++) {
        if (s->lines[i].participant == m->participant &&
            s->lines[i].client_message == say.client_message) {
            send_line(l, s, i); /* said again: the first answer was lost */
            return;
        }
    }
    CW_CHECK(s->line_count < CW_DOUBLE_LINES_MAX, "the scenario's limit");
    s->lines[s->line_count] = (struct cw_double_line){.participant = m->participant,
                                                      .client_message = say.client_message,
                                                      .is_side = m->message == CW_MESSAGE_SIDE_SAY};
    send_line(l, s, s->line_count++);
}

static void on_participant_up(struct cw_double *d, struct link *l, const struct cw_link_message *m)
{
    struct cw_double_session *s = cw_double_session(d, m->session);
    if (s->is_ended) {
        struct cw_link_message end = {
            .type = CW_LINK_END_SESSION, .session = s->number, .code = CW_CLOSE_ENDED_BY_OPERATOR};
        send_link(l, &end);
        return;
    }
    struct cw_ticket t = cw_double_ticket(d, s, m->participant, CW_TICKET_KIND_RESUME);
    uint8_t bytes[CW_TICKET_BYTES];
    cw_ticket_encode(&t, bytes);
    struct cw_link_message r = {.type = CW_LINK_SEND,
                                .session = s->number,
                                .participant = m->participant,
                                .message = CW_MESSAGE_RESUME_TICKET,
                                .bytes = bytes,
                                .bytes_count = sizeof bytes};
    send_link(l, &r);
    /* It joined with an older ticket, and what was said meanwhile met no session: control wins. */
    uint64_t wanted = s->participants[m->participant - 1].permissions;
    if (m->permissions == wanted)
        return;
    struct cw_link_message set = {.type = CW_LINK_SET_PERMISSIONS,
                                  .session = s->number,
                                  .participant = m->participant,
                                  .permissions = wanted};
    send_link(l, &set);
}

/* Seals whatever it is told of. */
static void on_recorded(struct cw_double *d, struct link *l, const struct cw_link_message *m)
{
    struct cw_link_message seal = {.type = CW_LINK_SEAL,
                                   .session = m->session,
                                   .until_unix_s = CW_NET_EPOCH_UNIX_S,
                                   .blocks = m->blocks,
                                   .bytes = m->bytes,
                                   .bytes_count = m->bytes_count};
    memcpy(seal.key, m->key, sizeof seal.key);
    CW_CHECK(cw_recording_sign(m->key, d->ticket_seed, seal.signature) == CW_OK, "it can sign");
    if (m->session <= d->session_count)
        d->sessions[m->session - 1].parts++;
    if (l->is_ready) {
        send_link(l, &seal);
        return;
    }
    /* Said before it was greeted: answered behind the greeting, as control does. */
    size_t size = 0;
    CW_CHECK(cw_link_encode(&seal, l->late + l->late_bytes, sizeof l->late - l->late_bytes,
                            &size) == CW_OK,
             "the scenario records little");
    l->late_bytes += size;
}

static void on_message(struct cw_double *d, struct link *l, const struct cw_link_message *m)
{
    CW_CHECK(m->type < TYPES_MAX, "an engine's message");
    struct seen *seen = &d->seen[m->type];
    seen->count++;
    seen->last = *m;
    seen->last.bytes = seen->bytes;
    seen->last.bytes_count = m->bytes_count < KEPT_BYTES ? m->bytes_count : KEPT_BYTES;
    if (m->bytes_count > 0)
        memcpy(seen->bytes, m->bytes, seen->last.bytes_count);
    if (m->type == CW_LINK_SNAPSHOT_END) {
        answer_snapshot(d, l);
    } else if (m->type == CW_LINK_COPY) {
        on_copy(d, l, m);
    } else if (m->type == CW_LINK_PARTICIPANT_UP) {
        if (l->is_ready)
            on_participant_up(d, l, m);
    } else if (m->type == CW_LINK_SESSION_OVER) {
        struct cw_double_session *s = cw_double_session(d, m->session);
        CW_CHECK(!s->is_over, "a session is over once");
        s->is_over = true;
        s->over_code = m->code;
    } else if (m->type == CW_LINK_RECORDED) {
        on_recorded(d, l, m);
    } else if (m->type == CW_LINK_REFUSED) {
        d->refusals++;
    }
}

static bool step_link(struct cw_double *d, struct link *l)
{
    bool has_moved = false;
    size_t n;
    while ((n = cw_net_end_read(l->end, l->in + l->in_bytes, sizeof l->in - l->in_bytes)) > 0) {
        l->in_bytes += n;
        has_moved = true;
        size_t at = 0;
        size_t used = 0;
        struct cw_link_message m;
        int err;
        while ((err = cw_link_decode(l->in + at, l->in_bytes - at, &m, &used)) == CW_OK) {
            on_message(d, l, &m);
            at += used;
        }
        CW_CHECK(err == CW_ERR_AGAIN, "a worker speaks the link's protocol");
        memmove(l->in, l->in + at, l->in_bytes - at);
        l->in_bytes -= at;
    }
    n = cw_net_end_write(l->end, l->out, l->out_bytes);
    if (n > 0) {
        memmove(l->out, l->out + n, l->out_bytes - n);
        l->out_bytes -= n;
        has_moved = true;
    }
    if (cw_net_end_state(l->end) != CW_NET_OPEN) {
        drop_link(l);
        has_moved = true;
    }
    return has_moved;
}

bool cw_double_step(struct cw_double *d)
{
    bool has_moved = false;
    struct cw_net_end *end;
    while (!d->is_away && (end = cw_net_unix_accept(d->net, d->path)) != NULL) {
        unsigned i = 0;
        while (i < LINKS_MAX && d->links[i].end != NULL)
            i++;
        CW_CHECK(i < LINKS_MAX, "one link a worker");
        d->links[i].end = end;
        has_moved = true;
    }
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        if (d->links[i].end != NULL)
            has_moved = step_link(d, &d->links[i]) || has_moved;
    }
    return has_moved;
}
