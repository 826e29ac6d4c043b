/* SPDX-License-Identifier: Apache-2.0 */
/* crash-ends HOST:PORT IDENTITY KEY: both ends of one attended session against a real appliance that is killed again
 * and again. The customer enters the key and allows everything; the representative opens streams without end; both send
 * both ways, and talk. tests/fail/crash.mjs runs it and kills the engine.
 *
 * Says {"session", "holder_key"} on stdout, takes the representative's ticket as the first line of stdin, and from the
 * second on opens nothing new: what is open must end. Every byte follows from its stream, direction and offset.
 */
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients/agent/chat.h"
#include "clients/agent/exchange.h"
#include "clients/peer/backoff.h"
#include "clients/peer/base64.h"
#include "clients/peer/peer_streams.h"
#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/ticket.h"
#include "tests/random.h"

enum {
    STREAMS = 6,
    RING_BYTES = 512 * 1024,
    LINES_MAX =
        20001, /* control keeps 20,000 of a session; both stop before, after seven minutes */
    LINES_EACH_MAX = 9000,
    SETTLE_S = 20,
    SAY_EVERY_MS = 50,
};
static const uint64_t ms_ns = 1000000;

struct line {
    uint32_t participant;
    uint32_t client_message;
};

struct transfer {
    struct cw_byte_stream stream;
    bool is_used;
    bool was_open;
    bool is_counted;
    uint64_t to_write;
    uint64_t to_get;
    uint64_t got;
    uint8_t parameters[16];
    uint8_t ring[RING_BYTES];
};

struct end {
    bool is_source;
    struct cw_address address;
    uint8_t identity[CW_KEY_BYTES];
    uint8_t seed[CW_KEY_BYTES];
    uint8_t ticket[CW_TICKET_BYTES]; /* a resume ticket as soon as there is one */
    struct cw_conn conn;
    struct cw_backoff backoff;
    uint64_t connect_ns;
    uint64_t permissions;
    struct cw_stream_set set;
    struct transfer transfers[STREAMS];
    uint32_t instance;
    struct cw_chat chat;
    uint64_t said_ns;
    struct line lines[LINES_MAX]; /* by sequence */
    unsigned connections;
    uint64_t bytes;
    unsigned finished;
    unsigned failed; /* openings that met a restart */
};

static uint64_t now_ns;
static uint8_t scratch[CW_FRAME_PAYLOAD_BYTES_MAX];

static uint32_t draw(uint32_t below)
{
    return next_random() % below;
}

static uint64_t clock_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint8_t pattern(uint32_t instance, bool is_servers, uint64_t at)
{
    return (uint8_t)(at * 41 + (at >> 10) * 17 + instance * 29 + (is_servers ? 100 : 0));
}

/* ---- streams ------------------------------------------------------------------------------------ */

static struct transfer *unused(struct end *e)
{
    for (unsigned i = 0; i < STREAMS; i++)
        if (!e->transfers[i].is_used)
            return &e->transfers[i];
    return NULL;
}

static struct transfer *of(struct end *e, const struct cw_byte_stream *s)
{
    for (unsigned i = 0; i < STREAMS; i++)
        if (&e->transfers[i].stream == s)
            return &e->transfers[i];
    CW_UNREACHABLE("the set holds the end's transfers");
}

static void open_one(struct end *e)
{
    static const uint8_t channels[] = {CW_CHANNEL_FILE, CW_CHANNEL_SHELL, CW_CHANNEL_TUNNEL};
    struct transfer *t = unused(e);
    struct cw_stream_id id = {.channel = channels[draw(3)]};
    if (t == NULL || (e->permissions & cw_channel_permission(id.channel)) == 0)
        return;
    uint32_t most = id.channel == CW_CHANNEL_SHELL ? 30000 : 6000000;
    memset(t, 0, offsetof(struct transfer, ring));
    t->is_used = true;
    t->to_write = draw(most);
    t->to_get = draw(most);
    memcpy(t->parameters, &t->to_write, 8);
    memcpy(t->parameters + 8, &t->to_get, 8);
    id.instance = ++e->instance;
    id.stream = (uint16_t)id.instance;
    cw_byte_stream_init_opener(&t->stream, &id, 0, t->parameters, sizeof t->parameters, t->ring,
                               sizeof t->ring);
    cw_byte_stream_set_window_most(&t->stream, CW_STREAM_BULK_WINDOW_BYTES_MAX / 4);
    CW_CHECK(cw_stream_set_add(&e->set, &t->stream) == CW_OK, "there are few");
}

static void take_offer(struct end *e, const struct cw_stream_open *m)
{
    struct transfer *t = unused(e);
    if (t == NULL) {
        cw_stream_set_refuse(&e->set, &m->id, CW_CLOSE_STREAM_REFUSED);
        return;
    }
    CW_CHECK(m->parameters_bytes == 16, "parameters arrive as they were said");
    memset(t, 0, offsetof(struct transfer, ring));
    t->is_used = true;
    memcpy(&t->to_get, m->parameters, 8);
    memcpy(&t->to_write, m->parameters + 8, 8);
    cw_byte_stream_init_server(&t->stream, m, t->ring, sizeof t->ring);
    cw_byte_stream_set_window_most(&t->stream, CW_STREAM_BULK_WINDOW_BYTES_MAX / 4);
    cw_byte_stream_accept(&t->stream);
    CW_CHECK(cw_stream_set_add(&e->set, &t->stream) == CW_OK, "there are few");
}

static int take_stream(struct end *e, uint8_t type, const uint8_t *payload, size_t size)
{
    struct cw_stream_event event;
    int err = cw_stream_set_take(&e->set, type, e->conn.peer.message_stream, payload, size, now_ns,
                                 &event);
    CW_CHECK(err == CW_OK, "the engine keeps the rules of streams");
    if (event.kind == CW_STREAM_EVENT_OFFER)
        take_offer(e, &event.open);
    if (event.stream == NULL)
        return 0;
    struct transfer *t = of(e, event.stream);
    t->was_open = t->was_open || t->stream.state == CW_STREAM_OPEN;
    CW_CHECK(t->stream.state != CW_STREAM_FAILED || !t->was_open || t->stream.is_server,
             "a stream that both ends know is not lost");
    if (event.kind != CW_STREAM_EVENT_DATA)
        return 0;
    for (size_t i = 0; i < event.size; i++)
        CW_CHECK(event.bytes[i] == pattern(t->stream.id.instance, !t->stream.is_server, t->got + i),
                 "bytes arrive once and in order");
    t->got += event.size;
    e->bytes += event.size;
    cw_byte_stream_consume(&t->stream, event.size);
    return 0;
}

static void write_some(struct transfer *t)
{
    struct cw_byte_stream *s = &t->stream;
    uint64_t left = t->to_write - s->written;
    for (size_t room = cw_byte_stream_room(s); room > 0 && left > 0;
         room = cw_byte_stream_room(s)) {
        uint8_t bytes[4096];
        size_t size = room < sizeof bytes ? room : sizeof bytes;
        if (size > left)
            size = (size_t)left;
        for (size_t i = 0; i < size; i++)
            bytes[i] = pattern(s->id.instance, s->is_server, s->written + i);
        left -= cw_byte_stream_write(s, bytes, size);
    }
    if (s->written == t->to_write)
        cw_byte_stream_end(s);
}

/* True while one goes on. */
static bool act_streams(struct end *e)
{
    bool is_any = false;
    for (unsigned i = 0; i < STREAMS; i++) {
        struct transfer *t = &e->transfers[i];
        if (!t->is_used)
            continue;
        if (t->stream.state < CW_STREAM_FINISHED) {
            write_some(t);
            is_any = true;
            continue;
        }
        if (t->stream.state == CW_STREAM_FINISHED && !t->is_counted) {
            CW_CHECK(t->got == t->to_get && t->stream.written == t->to_write, "all of it arrived");
            t->is_counted = true;
            e->finished++;
        }
        e->failed += t->stream.state == CW_STREAM_FAILED && !t->stream.close_is_due;
        if (t->is_counted || cw_byte_stream_is_over(&t->stream, now_ns)) {
            cw_stream_set_remove(&e->set, &t->stream);
            t->is_used = false;
        }
    }
    return is_any;
}

/* ---- chat --------------------------------------------------------------------------------------- */

static void send_say(struct end *e, const struct cw_chat_say *say)
{
    uint8_t out[256];
    size_t size = 0;
    if (cw_chat_say_encode(say, out, sizeof out, &size) == CW_OK)
        (void)cw_peer_send(&e->conn.peer, CW_MESSAGE_CHAT_SAY, 0, out, size);
}

static void say_again(struct end *e)
{
    struct cw_chat_say say;
    for (size_t i = 0; cw_chat_unsaid(&e->chat, i, &say); i++)
        send_say(e, &say);
}

static int take_line(struct end *e, const uint8_t *payload, size_t size)
{
    struct cw_chat_line line;
    CW_CHECK(cw_chat_line_decode(payload, size, &line) == CW_OK, "whole");
    CW_CHECK(line.sequence < LINES_MAX, "control keeps no more");
    struct line *kept = &e->lines[line.sequence];
    CW_CHECK(kept->client_message == 0 || (kept->client_message == line.client_message &&
                                           kept->participant == line.participant),
             "a place in the order is one line's for ever");
    kept->participant = line.participant;
    kept->client_message = line.client_message;
    (void)cw_chat_line(&e->chat, &line, e->conn.peer.welcome.participant);
    return 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Each line once, in one order for both; returns how many. */
static unsigned check_lines(const struct end *a, const struct end *b)
{
    static uint64_t said[LINES_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < LINES_MAX; i++) {
        const struct line *one = &a->lines[i];
        const struct line *other = &b->lines[i];
        if (one->client_message == 0)
            continue;
        CW_CHECK(other->client_message == 0 || (other->client_message == one->client_message &&
                                                other->participant == one->participant),
                 "both see the same order");
        if (one->participant != 0)
            said[count++] = (uint64_t)one->participant << 32 | one->client_message;
    }
    qsort(said, count, sizeof said[0], compare);
    for (unsigned i = 1; i < count; i++)
        CW_CHECK(said[i] != said[i - 1], "each line has one place");
    return count;
}

/* ---- a connection ------------------------------------------------------------------------------- */

static void consent(struct end *e)
{
    struct cw_consent m = {.view = 1, .control = 1};
    uint8_t out[8];
    size_t size = 0;
    if (e->is_source && cw_consent_encode(&m, out, sizeof out, &size) == CW_OK)
        (void)cw_peer_send(&e->conn.peer, CW_MESSAGE_CONSENT, 0, out, size);
}

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    struct end *e = user;
    switch (type) {
    case CW_MESSAGE_WELCOME:
        e->permissions = e->conn.peer.welcome.permissions;
        e->backoff.tries = 0;
        e->connections++;
        cw_stream_set_connected(&e->set);
        consent(e);
        say_again(e);
        return 0;
    case CW_MESSAGE_PERMISSIONS: memcpy(&e->permissions, payload, 8); return 0;
    case CW_MESSAGE_RESUME_TICKET: memcpy(e->ticket, payload, CW_TICKET_BYTES); return 0;
    case CW_MESSAGE_LINK_STATE:
        if (payload[0] == 1) {
            consent(e);
            say_again(e);
        }
        return 0;
    case CW_MESSAGE_CHAT_LINE: return take_line(e, payload, size);
    case CW_MESSAGE_SESSION_ENDED: CW_UNREACHABLE("nobody ends the session");
    default: return cw_stream_set_takes(type) ? take_stream(e, type, payload, size) : 0;
    }
}

static void connect_end(struct end *e)
{
    struct cw_conn_hello hello = {.kind = CW_HELLO_TICKET};
    memcpy(hello.ticket, e->ticket, sizeof hello.ticket);
    memcpy(hello.secret_seed, e->seed, sizeof hello.secret_seed);
    cw_conn_start(&e->conn, &e->address, e->identity, &hello, on_message, e);
}

static void lost(struct end *e, int err)
{
    uint16_t code = err == CW_ERR_CLOSED ? e->conn.peer.close_code : (uint16_t)CW_CLOSE_OK;
    CW_CHECK(code < CW_CLOSE_MALFORMED || code >= CW_CLOSE_TOO_SLOW, "nobody broke a rule");
    cw_conn_stop(&e->conn);
    cw_stream_set_disconnected(&e->set);
    e->connect_ns = now_ns + cw_backoff_after_ns(&e->backoff, code, 500, draw(UINT32_MAX));
}

static void run_end(struct end *e)
{
    if (!e->conn.is_active && now_ns >= e->connect_ns)
        connect_end(e);
    if (!e->conn.is_active)
        return;
    int err = cw_conn_process(&e->conn, now_ns);
    if (err == 0 && e->conn.peer.state == CW_PEER_OPEN)
        err = cw_peer_pull_streams(&e->conn.peer, &e->set, scratch, now_ns);
    if (err == 0)
        err = cw_conn_flush(&e->conn);
    if (err != 0)
        lost(e, err);
}

static void talk(struct end *e)
{
    struct cw_chat_say say;
    char text[32];
    if (now_ns - e->said_ns < SAY_EVERY_MS * ms_ns || e->chat.last_message >= LINES_EACH_MAX)
        return;
    e->said_ns = now_ns;
    (void)snprintf(text, sizeof text, "line %u", e->chat.last_message);
    if (cw_chat_say(&e->chat, text, &say) == CW_OK && e->conn.peer.state == CW_PEER_OPEN)
        send_say(e, &say);
}

/* ---- the run ------------------------------------------------------------------------------------ */

static void enter_key(struct end *e, const char *key)
{
    static struct cw_exchange x;
    uint8_t holder[CW_KEY_BYTES];
    CW_CHECK(cw_key_public(e->seed, holder) == CW_OK, "a key can be made");
    json_t *body =
        json_pack("{s:s, s:o, s:s, s:s}", "key", key, "holder",
                  cw_json_base64(holder, sizeof holder), "name", "Carla", "platform", "a test");
    CW_CHECK(cw_exchange_start(&x, &e->address, e->identity, CW_HELLO_SESSION_KEY, body) == 0,
             "it fits");
    int err;
    while ((err = cw_exchange_process(&x, clock_ns())) == CW_ERR_AGAIN)
        (void)poll(NULL, 0, 5);
    if (err != 0 || cw_json_bytes(x.reply, "ticket", e->ticket, sizeof e->ticket) != 0) {
        (void)fprintf(stderr, "crash-ends: the key was not taken: %s\n", x.text);
        exit(1);
    }
    (void)printf("%lld\n", (long long)json_integer_value(json_object_get(x.reply, "session")));
    cw_exchange_stop(&x);
    json_decref(body);
}

static void print_holder(const struct end *e)
{
    uint8_t holder[CW_KEY_BYTES];
    char text[CW_BASE64_TEXT_BYTES(CW_KEY_BYTES)];
    CW_CHECK(cw_key_public(e->seed, holder) == CW_OK, "a key can be made");
    cw_base64_encode(holder, sizeof holder, text);
    (void)printf("%s\n", text);
    (void)fflush(stdout);
}

static void read_ticket(struct end *e)
{
    char text[512];
    size_t size = 0;
    if (fgets(text, sizeof text, stdin) == NULL)
        exit(1);
    text[strcspn(text, "\n")] = '\0';
    CW_CHECK(cw_base64_decode(text, e->ticket, sizeof e->ticket, &size) == 0 &&
                 size == sizeof e->ticket,
             "the first line is a ticket");
}

/* Until stdin says so and everything has arrived; false: it did not in time. */
static bool run(struct end *source, struct end *representative)
{
    uint64_t stop_ns = UINT64_MAX;
    for (;;) {
        now_ns = clock_ns();
        run_end(source);
        run_end(representative);
        bool is_busy = act_streams(source);
        is_busy = act_streams(representative) || is_busy;
        bool is_quiet = source->chat.count == 0 && representative->chat.count == 0 && !is_busy;
        if (stop_ns == UINT64_MAX) {
            open_one(representative);
            talk(source);
            talk(representative);
        } else if (is_quiet) {
            return true;
        } else if (now_ns - stop_ns > SETTLE_S * UINT64_C(1000000000)) {
            return false;
        }
        struct pollfd fds[3] = {{.fd = -1}, {.fd = -1}, {.fd = STDIN_FILENO, .events = POLLIN}};
        uint64_t due_ns = now_ns + 10 * ms_ns;
        struct end *ends[2] = {source, representative};
        for (unsigned i = 0; i < 2; i++) {
            uint64_t at_ns =
                ends[i]->conn.is_active ? cw_conn_poll(&ends[i]->conn, &fds[i]) : due_ns;
            due_ns = at_ns < due_ns ? at_ns : due_ns;
        }
        (void)poll(fds, stop_ns == UINT64_MAX ? 3 : 2,
                   due_ns > now_ns ? (int)((due_ns - now_ns) / ms_ns) : 0);
        if (stop_ns == UINT64_MAX && fds[2].revents != 0)
            stop_ns = now_ns;
    }
}

int main(int argc, char **argv)
{
    static struct end source = {.is_source = true};
    static struct end representative;
    if (argc != 4 || cw_address_parse(argv[1], &source.address) != 0 ||
        cw_identity_parse(argv[2], source.identity) != 0) {
        (void)fprintf(stderr, "usage: crash-ends HOST:PORT IDENTITY KEY\n");
        return 64;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    setvbuf(stdin, NULL, _IONBF, 0);
    memset(source.seed, 7, sizeof source.seed);
    memset(representative.seed, 9, sizeof representative.seed);
    representative.address = source.address;
    memcpy(representative.identity, source.identity, sizeof source.identity);
    enter_key(&source, argv[3]);
    print_holder(&representative);
    read_ticket(&representative);
    bool is_settled = run(&source, &representative);
    unsigned lines = check_lines(&source, &representative);
    (void)check_lines(&representative, &source);
    (void)printf("connections %u and %u; streams finished %u and %u, openings that met a restart "
                 "%u; bytes %llu and %llu; chat lines %u; %s\n",
                 source.connections, representative.connections, source.finished,
                 representative.finished, representative.failed, (unsigned long long)source.bytes,
                 (unsigned long long)representative.bytes, lines,
                 is_settled ? "everything arrived" : "something never arrived");
    return is_settled ? 0 : 1;
}
