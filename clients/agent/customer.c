/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/customer.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/agent/exchange.h"
#include "clients/agent/identities.h"
#include "clients/agent/input.h"
#include "clients/agent/loop.h"
#include "clients/agent/panel.h"
#include "clients/agent/session.h"
#include "clients/agent/system.h"
#include "engine/base/err.h"

enum state { LEARN, ASK, KEY, TERMS, SESSION, FAILED, OVER };

struct customer {
    const struct cw_customer_options *options;
    enum state state;
    bool can_retry;
    int exit_code;
    struct cw_exchange exchange;
    bool is_exchanging;
    bool wants_close;     /* once the appliance has heard that the session ends */
    bool is_new_identity; /* agreed to by the person, to be remembered */
    bool has_agreed;      /* to the terms that the appliance showed */
    char terms[1024];     /* as much as the window shows */
    uint8_t identity[CW_KEY_BYTES];
    uint8_t secret_seed[CW_KEY_BYTES];
    struct cw_input *input;
    struct cw_session *session;
    struct cw_panel panel;
    char host[CW_ADDRESS_TEXT_BYTES];
    char visit[64]; /* of the page that has survey and transcript; empty: none */
    char text[700];
};

static void stop_exchange(struct customer *c)
{
    if (c->is_exchanging)
        cw_exchange_stop(&c->exchange);
    c->is_exchanging = false;
}

static void fail(struct customer *c, int exit_code, bool can_retry, const char *text)
{
    snprintf(c->text, sizeof(c->text), "%s", text);
    fprintf(stderr, "causeway-client: %s\n", c->text);
    stop_exchange(c);
    c->exit_code = exit_code;
    c->can_retry = can_retry;
    c->state = FAILED;
}

/* ---- steps ------------------------------------------------------------------------------------ */

static void start_exchange(struct customer *c, const uint8_t *pin, const json_t *body)
{
    stop_exchange(c);
    if (cw_exchange_start(&c->exchange, &c->options->address, pin, CW_HELLO_SESSION_KEY, body) !=
        0) {
        fail(c, EX_USAGE, false, "The session key or the name is too long.");
        return;
    }
    c->is_exchanging = true;
}

static void send_key(struct customer *c)
{
    char user[128], platform[256];
    uint8_t public_key[CW_KEY_BYTES];
    cw_system_user(user, sizeof(user));
    cw_system_platform(platform, sizeof(platform));
    if (RAND_bytes(c->secret_seed, sizeof(c->secret_seed)) != 1 ||
        cw_key_public(c->secret_seed, public_key) != 0) {
        fail(c, EX_SOFTWARE, false, "This computer gives no random numbers.");
        return;
    }
    bool is_button = c->options->button != NULL;
    json_t *body = json_pack("{s:s, s:o, s:s, s:s, s:b}", is_button ? "button" : "key",
                             is_button ? c->options->button : c->options->key, "holder",
                             cw_json_base64(public_key, sizeof(public_key)), "name",
                             c->options->name != NULL ? c->options->name : user, "platform",
                             platform, "agreed", c->has_agreed);
    if (body == NULL) {
        fail(c, EX_USAGE, false, "The session key and the name must be UTF-8 text.");
        return;
    }
    c->state = KEY;
    start_exchange(c, c->identity, body);
    json_decref(body);
}

static void learn(struct customer *c)
{
    char path[CW_IDENTITIES_PATH_BYTES];
    if (c->options->has_identity) {
        memcpy(c->identity, c->options->identity, sizeof(c->identity));
        send_key(c);
        return;
    }
    bool is_known = cw_identities_path(path) == 0 &&
                    cw_identities_find(path, &c->options->address, c->identity) == 0;
    if (is_known) {
        send_key(c);
        return;
    }
    c->state = LEARN;
    start_exchange(c, NULL, NULL);
}

static void learned(struct customer *c)
{
    memcpy(c->identity, c->exchange.conn.dial.identity, sizeof(c->identity));
    stop_exchange(c);
    c->state = ASK;
}

static void remember(struct customer *c)
{
    char path[CW_IDENTITIES_PATH_BYTES], message[1200];
    if (!c->is_new_identity || cw_identities_path(path) != 0)
        return;
    c->is_new_identity = false;
    if (cw_identities_add(path, &c->options->address, c->identity, message, sizeof(message)) != 0)
        fprintf(stderr, "causeway-client: %s The appliance will be asked about again.\n", message);
}

static void on_chat(void *user, enum cw_chat_from from, const char *name, const char *text)
{
    struct customer *c = user;
    if (c->panel.window == NULL)
        return;
    cw_window_add_chat(c->panel.window, from == CW_CHAT_OWN ? "You" : name, text);
    if (from == CW_CHAT_OTHER)
        cw_window_raise(c->panel.window);
}

/* A token of letters, digits and a few marks only: it becomes part of an address. */
static void take_visit(struct customer *c)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    const char *visit = json_string_value(json_object_get(c->exchange.reply, "visit"));
    c->visit[0] = '\0';
    if (visit != NULL && strlen(visit) < sizeof(c->visit) && visit[strspn(visit, plain)] == '\0')
        snprintf(c->visit, sizeof(c->visit), "%s", visit);
}

static void start_session(struct customer *c)
{
    char message[256];
    struct cw_session_options o = {
        .address = c->options->address,
        .display_name = c->options->display_name,
        .on_chat = on_chat,
        .user = c,
    };
    memcpy(o.identity, c->identity, sizeof(o.identity));
    memcpy(o.secret_seed, c->secret_seed, sizeof(o.secret_seed));
    int err = cw_json_bytes(c->exchange.reply, "ticket", o.ticket, sizeof(o.ticket));
    if (err == 0 && c->input == NULL &&
        cw_input_open(c->options->display_name, &c->input, message, sizeof(message)) != 0) {
        fail(c, EX_UNAVAILABLE, false, message);
        return;
    }
    if (err == 0)
        err = cw_session_new(&o, c->input, &c->session);
    OPENSSL_cleanse(&o, sizeof(o));
    if (err != 0) {
        fail(c, EX_PROTOCOL, false, "The appliance's answer makes no sense to this program.");
        return;
    }
    take_visit(c);
    stop_exchange(c);
    remember(c);
    c->panel.session = c->session;
    c->state = SESSION;
}

/* The appliance wants its terms accepted first, and sent them along. */
static bool take_terms(struct customer *c)
{
    const char *terms = json_string_value(json_object_get(c->exchange.reply, "agreement"));
    if (c->exchange.code != CW_CLOSE_AGREEMENT || c->has_agreed || terms == NULL ||
        strlen(terms) >= sizeof(c->terms) || !cw_text_is_clean(terms, strlen(terms)))
        return false;
    snprintf(c->terms, sizeof(c->terms), "%s", terms);
    stop_exchange(c);
    c->state = TERMS;
    return true;
}

static void process_exchange(struct customer *c, uint64_t now_ns)
{
    if (!c->is_exchanging)
        return;
    int err = cw_exchange_process(&c->exchange, now_ns);
    if (err == CW_ERR_AGAIN)
        return;
    if (err == 0 && c->state == LEARN) {
        learned(c);
    } else if (err == 0) {
        start_session(c);
    } else if (err == CW_ERR_SIGNATURE && c->exchange.conn.dial.saw_other_identity) {
        char text[700];
        snprintf(
            text, sizeof(text),
            "The appliance at %s is not the one %s. Somebody may be listening in, or it was set "
            "up anew. Nothing was sent. Ask your representative before you go on.",
            c->host, c->options->has_identity ? "this command names" : "you trusted before");
        fail(c, EX_NOPERM, false, text);
    } else if (err != CW_ERR_DENIED || !take_terms(c)) {
        bool is_refused = err == CW_ERR_DENIED;
        fail(c, is_refused ? EX_NOPERM : EX_UNAVAILABLE,
             !is_refused || c->exchange.code >= CW_CLOSE_TOO_SLOW, c->exchange.text);
    }
}

/* ---- window ----------------------------------------------------------------------------------- */

static void show(struct customer *c)
{
    struct cw_view v;
    if (c->panel.session != NULL || c->panel.window == NULL)
        return;
    memset(&v, 0, sizeof(v));
    snprintf(v.title, sizeof(v.title), "Causeway remote support");
    snprintf(v.banner, sizeof(v.banner), "%sNobody sees this screen.",
             c->state == FAILED ? "Not connected. " : "");
    snprintf(v.end, sizeof(v.end), "%s", c->state == FAILED ? "Close" : "Cancel");
    if (c->state == ASK) {
        char fingerprint[CW_FINGERPRINT_TEXT_BYTES];
        cw_fingerprint_format(c->identity, fingerprint);
        snprintf(v.question, sizeof(v.question),
                 "This computer has not been connected to %s before. Its identity is:\n%s\n"
                 "Go on only if this is the appliance your representative named.",
                 c->host, fingerprint);
        snprintf(v.answers[0], sizeof(v.answers[0]), "Go on");
        snprintf(v.answers[1], sizeof(v.answers[1]), "Cancel");
        v.end[0] = '\0';
    } else if (c->state == TERMS) {
        snprintf(v.question, sizeof(v.question), "%s", c->terms);
        snprintf(v.answers[0], sizeof(v.answers[0]), "I accept");
        snprintf(v.answers[1], sizeof(v.answers[1]), "Cancel");
        v.end[0] = '\0';
    } else if (c->state == FAILED) {
        snprintf(v.status, sizeof(v.status), "%s", c->text);
        if (c->can_retry)
            snprintf(v.sharing, sizeof(v.sharing), "Try again");
    } else {
        snprintf(v.status, sizeof(v.status), "Connecting to %s …", c->host);
    }
    cw_window_set(c->panel.window, &v);
}

static void act(struct customer *c)
{
    if (!c->panel.has_action)
        return;
    enum cw_action action = c->panel.action;
    c->panel.has_action = false;
    if (c->state == ASK && action == CW_ACTION_ANSWER_1) {
        c->is_new_identity = true;
        send_key(c);
    } else if (c->state == TERMS && action == CW_ACTION_ANSWER_1) {
        c->has_agreed = true;
        send_key(c);
    } else if (c->state == FAILED && action == CW_ACTION_SHARING) {
        learn(c);
    } else if (action == CW_ACTION_END || action == CW_ACTION_CLOSE ||
               action == CW_ACTION_ANSWER_2) {
        if (c->state != FAILED && c->state != SESSION)
            c->exit_code = EX_NOPERM;
        bool is_ending = c->session != NULL && cw_session_state(c->session) == CW_SESSION_ENDING;
        c->wants_close = true;
        if (!is_ending)
            c->state = OVER;
    }
}

/* ---- run -------------------------------------------------------------------------------------- */

static void collect(struct customer *c, struct cw_loop *loop)
{
    cw_loop_begin(loop);
    cw_panel_poll(&c->panel, loop);
    if (c->is_exchanging) {
        struct pollfd p;
        cw_loop_until(loop, cw_conn_poll(&c->exchange.conn, &p));
        cw_loop_add(loop, p.fd, p.events);
    }
    if (c->input != NULL) {
        cw_loop_add(loop, cw_input_fd(c->input), POLLIN);
        cw_loop_until(loop, cw_input_has_pending(c->input) ? 0 : cw_input_deadline_ns(c->input));
    }
    if (c->session != NULL) {
        struct pollfd fds[CW_SESSION_FDS_MAX];
        uint64_t deadline;
        unsigned n = cw_session_poll(c->session, fds, &deadline);
        for (unsigned i = 0; i < n; i++)
            cw_loop_add(loop, fds[i].fd, fds[i].events);
        cw_loop_until(loop, deadline);
    }
}

static void run(struct customer *c, struct cw_loop *loop)
{
    learn(c);
    while (c->state != OVER) {
        uint64_t now_ns = cw_now_ns();
        process_exchange(c, now_ns);
        if (c->session != NULL)
            cw_session_process(c->session, now_ns);
        if (c->input != NULL)
            cw_input_process(c->input, now_ns);
        show(c);
        cw_panel_process(&c->panel, now_ns);
        act(c);
        if (c->wants_close && c->session != NULL &&
            cw_session_state(c->session) == CW_SESSION_ENDED)
            c->state = OVER;
        collect(c, loop);
        if (c->state != OVER && !cw_loop_wait(loop)) {
            if (c->session != NULL) {
                cw_session_end(c->session, cw_now_ns());
                cw_session_process(c->session, cw_now_ns()); /* says it */
            }
            c->state = OVER;
        }
    }
}

int cw_customer_run(const struct cw_customer_options *options)
{
    char message[256];
    struct cw_loop loop;
    struct customer *c = calloc(1, sizeof(*c));
    if (c == NULL || cw_loop_init(&loop) != 0)
        return EX_OSERR;
    c->options = options;
    cw_address_format(&options->address, c->host);
    if (cw_panel_open(&c->panel, options->display_name, message, sizeof(message)) != 0) {
        fprintf(stderr, "causeway-client: %s\n", message);
        free(c);
        return EX_UNAVAILABLE;
    }
    run(c, &loop);
    if (c->session != NULL && c->visit[0] != '\0')
        printf("Survey and transcript, for a week: https://%s/#visit=%s\n", c->host, c->visit);
    stop_exchange(c);
    c->session = cw_session_free(c->session);
    c->input = cw_input_close(c->input);
    cw_panel_close(&c->panel);
    int exit_code = c->exit_code;
    OPENSSL_cleanse(c, sizeof(*c));
    free(c);
    return exit_code;
}
