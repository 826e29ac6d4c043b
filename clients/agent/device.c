/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/device.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/agent/disabled.h"
#include "clients/agent/exchange.h"
#include "clients/agent/input.h"
#include "clients/agent/install.h"
#include "clients/agent/loop.h"
#include "clients/agent/panel.h"
#include "clients/agent/passive.h"
#include "clients/agent/session.h"
#include "clients/agent/system.h"
#include "clients/agent/thumbnail.h"
#include "clients/agent/upgrade.h"
#include "clients/peer/backoff.h"
#include "clients/peer/conn.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

#define SWITCH_EVERY_NS UINT64_C(2000000000)

struct slot {
    struct device *device;
    uint32_t number;            /* the session's, as it was offered */
    struct cw_session *session; /* NULL: free */
    struct cw_panel panel;
};

struct device {
    const struct cw_state *state;
    const char *display_name;
    struct cw_conn conn;
    struct cw_backoff backoff;
    uint64_t retry_ns;
    uint64_t statistics_ns;
    uint64_t thumbnail_ns; /* UINT64_MAX: none is wanted */
    uint64_t statistics_every_ns;
    uint64_t thumbnail_every_ns; /* 0: never */
    struct cw_system_load load;
    const char *state_dir;
    char *const *argv;
    struct cw_upgrade upgrade;
    uint8_t control_key[CW_KEY_BYTES]; /* what signs the appliance's offers of programs */
    bool has_control_key;
    bool is_trial;
    struct cw_disabled disabled;
    bool told_disabled;   /* what the appliance heard last */
    uint64_t switched_ns; /* and when */
    bool is_quiet;        /* no window when a session begins */
    uint64_t now_ns;
    int exit_code;
    bool is_over;
    bool is_leaving; /* it has uninstalled itself; the appliance closes the connection */
    struct cw_passive passive;
    struct cw_input *input;
    struct slot slots[CW_DEVICE_SESSIONS_MAX];
};

/* ---- sessions --------------------------------------------------------------------------------- */

/* The window comes with the first chat line or question: nobody may sit here. */
static void open_panel(struct slot *slot)
{
    char message[256];
    if (slot->panel.window != NULL)
        return;
    if (cw_panel_open(&slot->panel, slot->device->display_name, message, sizeof(message)) != 0)
        cw_log(CW_LOG_WARNING, "agent.device", "no window for the session: %s", message);
}

static void on_chat(void *user, enum cw_chat_from from, const char *name, const char *text)
{
    struct slot *slot = user;
    if (from == CW_CHAT_OTHER)
        open_panel(slot);
    if (slot->panel.window == NULL)
        return;
    cw_window_add_chat(slot->panel.window, from == CW_CHAT_OWN ? "You" : name, text);
    if (from == CW_CHAT_OTHER)
        cw_window_raise(slot->panel.window);
}

static void free_slot(struct slot *slot)
{
    cw_panel_close(&slot->panel);
    slot->panel.session = NULL;
    slot->session = cw_session_free(slot->session);
}

/* The slot of a session that is offered again (its ticket is newer), a free one, or one of which only the
 * window with its chat is left. */
static struct slot *slot_for(struct device *d, uint32_t number)
{
    struct slot *empty = NULL, *over = NULL;
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++) {
        struct slot *slot = &d->slots[i];
        if (slot->session != NULL && slot->number == number) {
            free_slot(slot);
            return slot;
        }
        if (slot->session == NULL && empty == NULL)
            empty = slot;
        else if (slot->session != NULL && cw_session_state(slot->session) == CW_SESSION_ENDED)
            over = slot;
    }
    if (empty == NULL && over != NULL) {
        free_slot(over);
        return over;
    }
    return empty;
}

static bool is_live(const struct device *d, uint32_t number)
{
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++)
        if (d->slots[i].session != NULL && d->slots[i].number == number &&
            cw_session_state(d->slots[i].session) == CW_SESSION_LIVE)
            return true;
    return false;
}

static void ensure_input(struct device *d)
{
    char message[256];
    if (d->input != NULL)
        return;
    if (cw_input_open(d->display_name, &d->input, message, sizeof(message)) != 0)
        cw_log(CW_LOG_ERROR, "agent.device", "no input in sessions: %s", message);
}

static int take_offer(struct device *d, const uint8_t *payload, size_t size)
{
    struct cw_session_offer offer;
    struct cw_session_options o = {
        .address = d->state->address,
        .display_name = d->display_name,
        .on_chat = on_chat,
    };
    int err = cw_session_offer_decode(payload, size, &offer);
    if (err != 0)
        return err;
    if (is_live(d, offer.session))
        return 0;
    (void)cw_disabled_look(&d->disabled);
    if (d->disabled.is_disabled) {
        cw_log(CW_LOG_WARNING, "agent.device", "session %u is refused: this computer is disabled",
               offer.session);
        return 0;
    }
    struct slot *slot = slot_for(d, offer.session);
    if (slot == NULL) {
        cw_log(CW_LOG_WARNING, "agent.device", "session %u is refused: %d sessions run already",
               offer.session, CW_DEVICE_SESSIONS_MAX);
        return 0;
    }
    ensure_input(d);
    o.user = slot;
    memcpy(o.identity, d->state->identity, sizeof(o.identity));
    memcpy(o.secret_seed, d->state->secret_seed, sizeof(o.secret_seed));
    memcpy(o.ticket, offer.ticket, sizeof(o.ticket));
    slot->device = d;
    slot->number = offer.session;
    err = cw_session_new(&o, d->input, &slot->session);
    OPENSSL_cleanse(&o, sizeof(o));
    slot->panel.session = slot->session;
    if (err == 0 && !d->is_quiet)
        open_panel(slot);
    if (err == 0)
        cw_log(CW_LOG_INFO, "agent.device", "session %u begins", offer.session);
    return err;
}

static void process_slot(struct slot *slot, uint64_t now_ns)
{
    if (slot->session == NULL)
        return;
    cw_session_process(slot->session, now_ns);
    if (cw_people_question(cw_session_people(slot->session)) != NULL)
        open_panel(slot);
    cw_panel_process(&slot->panel, now_ns);
    if (cw_session_state(slot->session) != CW_SESSION_ENDED)
        return;
    /* A window that told of chat stays until the person closes it. */
    if (slot->panel.window == NULL || slot->panel.has_action)
        free_slot(slot);
}

/* ---- the standing connection ------------------------------------------------------------------ */

/* Why this program is still the old one is told once. */
static void describe(struct device *d, json_t *report)
{
    json_object_set_new(report, "is_disabled", json_boolean(d->disabled.is_disabled));
    cw_upgrade_describe(&d->upgrade, report);
    if (d->is_trial)
        json_object_set_new(report, "is_trial", json_true());
    if (d->upgrade.failure[0] == '\0')
        return;
    json_object_set_new(report, "upgrade_failed", json_string(d->upgrade.failure));
    json_object_set_new(report, "upgrade_program",
                        cw_json_base64(d->upgrade.offer.sha256, CW_PROGRAM_HASH_BYTES));
    d->upgrade.failure[0] = '\0';
}

static void send_statistics(struct device *d)
{
    char text[CW_STATISTICS_BYTES_MAX];
    json_t *json = cw_system_statistics(d->display_name, &d->load);
    (void)cw_disabled_look(&d->disabled);
    if (json != NULL)
        describe(d, json);
    d->told_disabled = d->disabled.is_disabled;
    d->switched_ns = d->now_ns;
    size_t bytes = json != NULL ? json_dumpb(json, text, sizeof(text), JSON_COMPACT) : 0;
    if (bytes > 0 && bytes <= sizeof(text))
        (void)cw_peer_send(&d->conn.peer, CW_MESSAGE_STATISTICS, 0, text, bytes);
    json_decref(json);
    d->statistics_ns = d->now_ns + d->statistics_every_ns;
}

/* The appliance follows one change a second; what comes faster than SWITCH_EVERY_NS is told together. */
static bool is_switch_due(const struct device *d)
{
    return d->disabled.is_disabled != d->told_disabled &&
           d->now_ns >= d->switched_ns + SWITCH_EVERY_NS;
}

static void send_switch(struct device *d)
{
    char text[64];
    int n = snprintf(text, sizeof(text), "{\"is_disabled\":%s}",
                     d->disabled.is_disabled ? "true" : "false");
    cw_log(CW_LOG_INFO, "agent.device",
           d->disabled.is_disabled ? "disabled by its user" : "enabled again");
    (void)cw_peer_send(&d->conn.peer, CW_MESSAGE_STATISTICS, 0, text, (size_t)n);
    d->told_disabled = d->disabled.is_disabled;
    d->switched_ns = d->now_ns;
}

static void send_thumbnail(struct device *d)
{
    static uint8_t picture[CW_FRAME_PAYLOAD_BYTES_MAX];
    size_t bytes = 0;
    if (cw_thumbnail(d->display_name, picture, sizeof(picture), &bytes) == 0)
        (void)cw_peer_send(&d->conn.peer, CW_MESSAGE_DEVICE_THUMBNAIL, 0, picture, bytes);
    d->thumbnail_ns = d->now_ns + d->thumbnail_every_ns;
}

static void send_fetches(struct device *d)
{
    uint64_t offset = 0;
    while (cw_upgrade_next(&d->upgrade, &offset)) {
        uint8_t bytes[8];
        for (unsigned i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)(offset >> (8 * i));
        (void)cw_peer_send(&d->conn.peer, CW_MESSAGE_DEVICE_FETCH, 0, bytes, sizeof(bytes));
    }
}

/* ---- orders ------------------------------------------------------------------------------------ */

static void take_settings(struct device *d, const struct cw_order_settings *s)
{
    uint64_t before_ns = d->thumbnail_every_ns;
    cw_order_take_seconds(s->statistics_s, &d->statistics_every_ns);
    cw_order_take_seconds(s->thumbnail_s, &d->thumbnail_every_ns);
    if (s->is_quiet != CW_ORDER_NONE)
        d->is_quiet = s->is_quiet == 1;
    if (d->statistics_ns > d->now_ns + d->statistics_every_ns)
        d->statistics_ns = d->now_ns + d->statistics_every_ns;
    if (d->thumbnail_every_ns == 0)
        d->thumbnail_ns = UINT64_MAX;
    else if (before_ns != d->thumbnail_every_ns)
        d->thumbnail_ns = d->now_ns;
}

/* The key counts when it made this computer's own credential: that was given at enrolment. */
static bool take_control_key(struct device *d, const struct cw_order_settings *s)
{
    struct cw_ticket credential;
    if (!s->has_control_key ||
        cw_ticket_decode(d->state->credential, sizeof(d->state->credential), &credential) != 0 ||
        cw_ticket_check_maker(&credential, s->control_key) != 0) {
        cw_log(CW_LOG_WARNING, "agent.device",
               "the appliance's key is not the one of this computer's credential");
        return false;
    }
    memcpy(d->control_key, s->control_key, sizeof(d->control_key));
    d->has_control_key = true;
    return true;
}

/* A trial has done all that it is for: it came through, reported, and was answered. */
static void end_trial(struct device *d)
{
    fputs(CW_UPGRADE_TRIAL_TEXT, stdout);
    d->is_over = true;
}

/* The appliance wants it gone: it says that it goes, and forgets everything. */
static void uninstall(struct device *d)
{
    static const char text[] = "{\"has_left\":true}";
    cw_log(CW_LOG_WARNING, "agent.device",
           "the appliance tells this Jump Client to uninstall itself");
    (void)cw_peer_send(&d->conn.peer, CW_MESSAGE_STATISTICS, 0, text, sizeof(text) - 1);
    cw_passive_stop(&d->passive);
    d->passive.is_on = false; /* no file is written any more */
    (void)cw_uninstall_self(d->state_dir);
    d->is_leaving = true;
}

/* What only the appliance that enrolled this computer may say comes with its key. */
static void follow_settings(struct device *d, const struct cw_order_settings *s)
{
    take_settings(d, s);
    if (!take_control_key(d, s))
        return;
    if (d->is_trial) {
        end_trial(d);
        return;
    }
    cw_passive_settings(&d->passive, s, d->now_ns);
    cw_probation_answered(&d->upgrade.probation);
}

static int take_order(struct device *d, const uint8_t *payload, size_t size)
{
    struct cw_order order;
    if (cw_order_parse(payload, size, &order) != 0)
        cw_log(CW_LOG_WARNING, "agent.device", "an order that makes no sense is left out");
    else if (order.kind == CW_ORDER_SETTINGS)
        follow_settings(d, &order.settings);
    else if (d->is_trial)
        return 0;
    else if (order.kind == CW_ORDER_UPGRADE)
        cw_upgrade_order(&d->upgrade, &order, d->has_control_key ? d->control_key : NULL);
    else
        uninstall(d);
    return 0;
}

static int on_message(void *user, uint8_t type, const uint8_t *payload, size_t size)
{
    struct device *d = user;
    if (type == CW_MESSAGE_WELCOME) {
        cw_log(CW_LOG_INFO, "agent.device", "connected");
        d->backoff.tries = 0;
        cw_passive_on_welcome(&d->passive, d->now_ns);
        send_statistics(d);
        return 0;
    }
    if (type == CW_MESSAGE_DEVICE_ORDER)
        return take_order(d, payload, size);
    if (type == CW_MESSAGE_DEVICE_CHUNK) {
        cw_upgrade_take(&d->upgrade, payload, size);
        return 0;
    }
    /* Who is on trial goes in a moment; the appliance offers again. */
    return type == CW_MESSAGE_SESSION_OFFER && !d->is_trial ? take_offer(d, payload, size) : 0;
}

static void connect_now(struct device *d)
{
    struct cw_conn_hello hello = {.kind = CW_HELLO_DEVICE};
    memcpy(hello.ticket, d->state->credential, sizeof(hello.ticket));
    memcpy(hello.secret_seed, d->state->secret_seed, sizeof(hello.secret_seed));
    cw_conn_start(&d->conn, &d->state->address, d->state->identity, &hello, on_message, d);
    OPENSSL_cleanse(&hello, sizeof(hello));
}

static void lost(struct device *d, int err)
{
    uint32_t random = 0;
    uint16_t code = d->conn.peer.close_code;
    bool was_told = err == CW_ERR_CLOSED && d->conn.peer.close_text[0] != '\0';
    bool is_removed =
        was_told && (code == CW_CLOSE_TICKET_DENIED || code == CW_CLOSE_TICKET_FORGED ||
                     code == CW_CLOSE_TICKET_EXPIRED || code == CW_CLOSE_REMOVED);
    cw_log(is_removed ? CW_LOG_ERROR : CW_LOG_WARNING, "agent.device", "%s",
           cw_conn_reason(&d->conn));
    cw_conn_stop(&d->conn);
    cw_upgrade_ask_again(&d->upgrade);
    if (d->is_leaving) {
        d->exit_code = EX_CONFIG; /* the unit does not start it again after that */
        d->is_over = true;
        return;
    }
    if (is_removed) {
        cw_log(CW_LOG_ERROR, "agent.device",
               "this computer was removed from the appliance: run \"causeway-client uninstall\"");
        d->exit_code = EX_NOPERM;
        d->is_over = true;
        return;
    }
    (void)RAND_bytes((unsigned char *)&random, sizeof(random));
    uint16_t told = was_told ? code : (uint16_t)CW_CLOSE_OK;
    d->retry_ns = d->now_ns + cw_backoff_after_ns(&d->backoff, told, CW_BACKOFF_MOST_MS, random);
}

static void send_what_is_due(struct device *d)
{
    if (is_switch_due(d))
        send_switch(d);
    if (d->now_ns >= d->statistics_ns || d->upgrade.failure[0] != '\0')
        send_statistics(d);
    if (d->now_ns >= d->thumbnail_ns)
        send_thumbnail(d);
    send_fetches(d);
}

static bool has_session(const struct device *d)
{
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++)
        if (d->slots[i].session != NULL &&
            cw_session_state(d->slots[i].session) != CW_SESSION_ENDED)
            return true;
    return false;
}

/* A passive one connects at once when it is woken, and leaves when nothing is left to do. */
static void sleep_or_wake(struct device *d)
{
    uint32_t random = 0;
    const bool is_open = d->conn.is_active && d->conn.peer.state == CW_PEER_OPEN;
    if (cw_passive_process(&d->passive, d->now_ns)) {
        /* The appliance wakes who is not there: a connection that is open here is not one any more. */
        if (is_open)
            cw_conn_stop(&d->conn);
        d->backoff.tries = 0;
        d->retry_ns = d->now_ns;
    } else if (is_open && cw_passive_leaves(&d->passive, has_session(d) || d->upgrade.is_fetching,
                                            d->now_ns)) {
        cw_log(CW_LOG_INFO, "agent.device", "goes to sleep");
        cw_conn_close(&d->conn, CW_CLOSE_OK, "");
        (void)RAND_bytes((unsigned char *)&random, sizeof(random));
        d->retry_ns = cw_passive_next_ns(&d->passive, d->now_ns, random);
    }
}

static void process(struct device *d, uint64_t now_ns)
{
    d->now_ns = now_ns;
    sleep_or_wake(d);
    if (!d->conn.is_active && now_ns >= d->retry_ns)
        connect_now(d);
    if (d->conn.is_active) {
        int err = cw_conn_process(&d->conn, now_ns);
        (void)cw_disabled_look(&d->disabled);
        if (err == 0 && d->conn.peer.state == CW_PEER_OPEN)
            send_what_is_due(d);
        if (err != 0)
            lost(d, err);
    }
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++)
        process_slot(&d->slots[i], now_ns);
    if (d->input != NULL)
        cw_input_process(d->input, now_ns);
}

/* ---- run -------------------------------------------------------------------------------------- */

static void collect_slot(struct slot *slot, struct cw_loop *loop)
{
    struct pollfd fds[CW_SESSION_FDS_MAX];
    uint64_t deadline;
    if (slot->session == NULL)
        return;
    unsigned n = cw_session_poll(slot->session, fds, &deadline);
    for (unsigned i = 0; i < n; i++)
        cw_loop_add(loop, fds[i].fd, fds[i].events);
    cw_loop_until(loop, deadline);
    cw_panel_poll(&slot->panel, loop);
}

static void collect(struct device *d, struct cw_loop *loop)
{
    cw_loop_begin(loop);
    if (d->conn.is_active) {
        struct pollfd p;
        cw_loop_until(loop, cw_conn_poll(&d->conn, &p));
        cw_loop_add(loop, p.fd, p.events);
        if (d->conn.peer.state == CW_PEER_OPEN) {
            cw_loop_until(loop, d->statistics_ns);
            cw_loop_until(loop, d->thumbnail_ns);
            if (d->disabled.is_disabled != d->told_disabled)
                cw_loop_until(loop, d->switched_ns + SWITCH_EVERY_NS);
            if (d->passive.is_on && !has_session(d))
                cw_loop_until(loop, d->passive.leave_ns);
        }
    } else {
        cw_loop_until(loop, d->retry_ns);
    }
    cw_loop_until(loop, cw_probation_due_ns(&d->upgrade.probation));
    if (d->disabled.fd >= 0)
        cw_loop_add(loop, d->disabled.fd, POLLIN);
    cw_passive_poll(&d->passive, loop);
    if (d->input != NULL) {
        cw_loop_add(loop, cw_input_fd(d->input), POLLIN);
        cw_loop_until(loop, cw_input_has_pending(d->input) ? 0 : cw_input_deadline_ns(d->input));
    }
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++)
        collect_slot(&d->slots[i], loop);
}

static bool is_idle(const struct device *d)
{
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++)
        if (d->slots[i].session != NULL)
            return false;
    return true;
}

/* The new program reports over a connection of its own, so this one ends before. */
static void upgrade_now(struct device *d)
{
    cw_log(CW_LOG_INFO, "agent.device", "version %s is tried", d->upgrade.offer.version);
    cw_conn_close(&d->conn, CW_CLOSE_OK, "");
    d->retry_ns = 0;
    if (cw_upgrade_try(&d->upgrade, d->argv, CW_UPGRADE_TRIAL_S) != 0)
        return;
    d->input = cw_input_close(d->input);
    cw_log(CW_LOG_INFO, "agent.device", "version %s takes over", d->upgrade.offer.version);
    cw_upgrade_exec(&d->upgrade, d->argv);
    cw_upgrade_undo(&d->upgrade);
}

/* This program took over and has not proven itself. */
static void go_back(struct device *d)
{
    if (cw_probation_go_back(&d->upgrade.probation, d->upgrade.program) != 0)
        return;
    cw_conn_close(&d->conn, CW_CLOSE_OK, "");
    cw_upgrade_exec(&d->upgrade, d->argv);
    d->exit_code = EX_OSERR; /* who started this one starts the other */
    d->is_over = true;
}

static void start(struct device *d, const struct cw_device_options *o)
{
    d->state = o->state;
    d->display_name = o->display_name;
    d->state_dir = o->state_dir;
    d->argv = o->argv;
    d->is_trial = o->is_trial;
    d->is_quiet = true;
    d->thumbnail_ns = UINT64_MAX;
    d->statistics_every_ns = CW_DEVICE_STATISTICS_S * UINT64_C(1000000000);
    cw_disabled_open(&d->disabled, o->state_dir);
    cw_upgrade_open(&d->upgrade, o->state_dir);
    if (d->is_trial) {
        (void)alarm(CW_UPGRADE_TRIAL_S); /* also when nobody waits for it any more */
        return;
    }
    if (cw_probation_start(&d->upgrade.probation, o->state_dir, d->upgrade.own_sha256, cw_now_ns()))
        go_back(d);
    cw_upgrade_tidy(&d->upgrade);
}

int cw_device_run(const struct cw_device_options *o)
{
    struct cw_loop loop;
    struct device *d = calloc(1, sizeof(*d));
    struct cw_ticket credential;
    if (d == NULL || cw_loop_init(&loop) != 0)
        return EX_OSERR;
    if (cw_ticket_decode(o->state->credential, sizeof(o->state->credential), &credential) != 0)
        return EX_CONFIG;
    cw_passive_start(&d->passive, o->is_trial ? NULL : o->state_dir, credential.participant);
    start(d, o);
    while (!d->is_over) {
        process(d, cw_now_ns());
        if (cw_probation_process(&d->upgrade.probation, d->now_ns))
            go_back(d);
        if (d->upgrade.is_ready && is_idle(d))
            upgrade_now(d);
        collect(d, &loop);
        if (!d->is_over && !cw_loop_wait(&loop))
            break;
    }
    for (size_t i = 0; i < CW_DEVICE_SESSIONS_MAX; i++)
        free_slot(&d->slots[i]);
    cw_conn_close(&d->conn, CW_CLOSE_OK, "");
    cw_passive_stop(&d->passive);
    d->input = cw_input_close(d->input);
    cw_disabled_close(&d->disabled);
    cw_upgrade_close(&d->upgrade);
    int exit_code = d->exit_code;
    free(d);
    return exit_code;
}
