/* SPDX-License-Identifier: Apache-2.0 */
#include "control/outbox/outbox.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/account/seal.h"
#include "control/outbox/syslog_message.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

enum { TRIM_AT_ONCE = 1000 };

/* ---- which, when, signed by whom ------------------------------------------------------------- */

bool cw_event_matches(const char *patterns, const char *type)
{
    for (patterns += strspn(patterns, " "); *patterns != '\0';) {
        size_t n = strcspn(patterns, " ");
        bool is_open = patterns[n - 1] == '*';
        size_t fixed = is_open ? n - 1 : n;
        if (strncmp(patterns, type, fixed) == 0 && (is_open || type[fixed] == '\0'))
            return true;
        patterns += n;
        patterns += strspn(patterns, " ");
    }
    return false;
}

int cw_event_patterns_check(const char *patterns)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_.";

    for (patterns += strspn(patterns, " "); *patterns != '\0';) {
        size_t n = strspn(patterns, letters);
        if (patterns[n] == '*')
            n++;
        if (n == 0 || (patterns[n] != ' ' && patterns[n] != '\0'))
            return CW_ERR_INVALID;
        patterns += n;
        patterns += strspn(patterns, " ");
    }
    return 0;
}

uint64_t cw_event_delay_ms(uint32_t failures)
{
    uint64_t delay_ms = CW_EVENT_RETRY_FIRST_MS;

    for (uint32_t i = 1; i < failures && delay_ms < CW_EVENT_RETRY_MS_MAX; i++)
        delay_ms *= 2;
    return delay_ms < CW_EVENT_RETRY_MS_MAX ? delay_ms : CW_EVENT_RETRY_MS_MAX;
}

int cw_event_sign(const char *secret, uint64_t now_s, const char *body, char *out)
{
    const size_t body_bytes = strlen(body);
    const size_t room = body_bytes + 32;
    char *text = malloc(room);
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned mac_bytes = 0;
    int n = 0;

    if (text == NULL)
        return CW_ERR_NOMEM;
    n = snprintf(text, room, "%" PRIu64 ".%s", now_s, body);
    if (HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, (size_t)n, mac,
             &mac_bytes) == NULL) {
        free(text);
        return CW_ERR_INTERNAL;
    }
    free(text);
    n = snprintf(out, CW_EVENT_SIGNATURE_BYTES, "t=%" PRIu64 ",v1=", now_s);
    for (unsigned i = 0; i < mac_bytes; i++)
        n += snprintf(out + n, CW_EVENT_SIGNATURE_BYTES - (size_t)n, "%02x", mac[i]);
    return 0;
}

/* ---- receivers in memory --------------------------------------------------------------------- */

struct cw_receiver *cw_outbox_find(struct cw_control *c, uint32_t id)
{
    for (uint32_t i = 0; i < c->outbox->count; i++)
        if (c->outbox->receivers[i]->row.id == id)
            return c->outbox->receivers[i];
    return NULL;
}

int cw_outbox_new(struct cw_outbox **ret_outbox)
{
    struct cw_outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox == NULL)
        return CW_ERR_NOMEM;
    *ret_outbox = outbox;
    return 0;
}

static void forget_all(struct cw_outbox *outbox)
{
    while (outbox->count > 0)
        free(outbox->receivers[--outbox->count]);
}

void cw_outbox_free(struct cw_outbox *outbox)
{
    if (outbox != NULL)
        forget_all(outbox);
    free(outbox);
}

static int load_one(void *user, const struct cw_event_receiver *row)
{
    struct cw_outbox *outbox = user;
    struct cw_receiver *r = NULL;

    if (outbox->count == CW_EVENT_RECEIVERS_MAX)
        return CW_ERR_FULL;
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return CW_ERR_NOMEM;
    r->row = *row;
    r->may_wait = row->waiting > 0;
    outbox->receivers[outbox->count++] = r;
    return 0;
}

int cw_outbox_load(struct cw_control *c)
{
    forget_all(c->outbox);
    return cw_store_event_receiver_each(c->store, load_one, c->outbox);
}

/* ---- into the outbox ------------------------------------------------------------------------- */

static json_t *session_json(struct cw_control *c, const char *object)
{
    unsigned id = 0;
    char rest = '\0';
    struct cw_live_session *session = NULL;

    if (sscanf(object, "session %u%c", &id, &rest) != 1)
        return NULL;
    session = cw_live_find(c, id);
    if (session == NULL)
        return json_pack("{s:I}", "id", (json_int_t)id);
    return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "kind",
                     session->row.kind == CW_SESSION_JUMP ? "jump" : "key", "customer",
                     session->row.customer, "representative", session->row.representative);
}

/* Makes room where too much waits: the oldest go, and are counted. */
static int make_room(struct cw_control *c, struct cw_receiver *r)
{
    int err = 0;

    if (r->row.waiting < CW_EVENT_WAITING_MAX)
        return 0;
    cw_log(CW_LOG_WARNING, "control.outbox",
           "receiver %u (%s) does not take its events: the oldest %d are left out", r->row.id,
           r->row.name, TRIM_AT_ONCE);
    err = cw_store_outbox_trim(c->store, r->row.id, TRIM_AT_ONCE);
    if (err == 0)
        err = cw_store_event_receiver_left_out(c->store, r->row.id, TRIM_AT_ONCE);
    if (err == 0) {
        r->row.waiting -= TRIM_AT_ONCE;
        r->row.left_out += TRIM_AT_ONCE;
    }
    return err;
}

int cw_outbox_add(struct cw_control *c, struct cw_receiver *r, uint64_t id, const char *type,
                  json_t *body)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    char *text = NULL;
    int err = body != NULL ? 0 : CW_ERR_NOMEM;

    if (err == 0)
        err = json_object_set_new(body, "id", json_integer((json_int_t)id)) == 0 &&
                      json_object_set_new(body, "type", json_string(type)) == 0 &&
                      json_object_set_new(body, "appliance", json_string(c->name)) == 0
                  ? 0
                  : CW_ERR_NOMEM;
    if (err == 0)
        text = json_dumps(body, JSON_COMPACT);
    if (err == 0 && text == NULL)
        err = CW_ERR_NOMEM;
    if (err == 0)
        err = make_room(c, r);
    if (err == 0)
        err = cw_store_outbox_add(c->store, r->row.id, now_ms, type, text);
    if (err == 0) {
        r->row.waiting++;
        r->may_wait = true;
    }
    free(text);
    json_decref(body);
    return err;
}

int cw_outbox_note(struct cw_control *c, const struct cw_audit_row *row)
{
    int err = 0;

    for (uint32_t i = 0; i < c->outbox->count && err == 0; i++) {
        struct cw_receiver *r = c->outbox->receivers[i];
        json_t *body = NULL;
        json_t *session = NULL;
        if (!r->row.is_enabled || !cw_event_matches(r->row.patterns, row->action))
            continue;
        body = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "time_unix_ms", (json_int_t)row->time_ms,
                         "actor", row->actor, "source", row->source, "object", row->object,
                         "result", row->result, "detail", row->detail);
        session = session_json(c, row->object);
        if (body != NULL && session != NULL)
            (void)json_object_set_new(body, "session", session);
        err = cw_outbox_add(c, r, row->id, row->action, body);
    }
    return err;
}

/* ---- out of it ------------------------------------------------------------------------------- */

struct sending {
    struct cw_control *c;
    struct cw_receiver *receiver;
};

/* One line for the courier, where the receiver is of syslog. */
static char *syslog_line(struct cw_control *c, const struct cw_receiver *r,
                         const struct cw_outbox_row *row)
{
    char *message = cw_syslog_message(r->row.url, c->name, row);
    json_t *order = message != NULL ? json_pack("{s:I, s:s, s:s}", "post", (json_int_t)row->id,
                                                "url", r->row.url, "body", message)
                                    : NULL;
    char *line = NULL;

    if (order != NULL && r->row.ca[0] != '\0')
        (void)json_object_set_new(order, "ca", json_string(r->row.ca));
    line = order != NULL ? json_dumps(order, JSON_COMPACT) : NULL;
    json_decref(order);
    free(message);
    return line;
}

/* One line for the courier. */
static char *order_line(struct cw_control *c, const struct cw_receiver *r,
                        const struct cw_outbox_row *row)
{
    char secret[CW_TOKEN_TEXT_BYTES + 1] = "";
    char signature[CW_EVENT_SIGNATURE_BYTES];
    char headers[3][CW_EVENT_SIGNATURE_BYTES + 32];
    json_t *order = NULL;
    char *line = NULL;

    if (cw_unseal(c, "event receiver", r->row.id, r->row.secret, sizeof r->row.secret,
                  (uint8_t *)secret) != 0 ||
        cw_event_sign(secret, cw_control_now_unix_ms(c) / 1000, row->body, signature) != 0)
        return NULL;
    explicit_bzero(secret, sizeof secret);
    snprintf(headers[0], sizeof headers[0], "Content-Type: application/json");
    snprintf(headers[1], sizeof headers[1], "Causeway-Event: %.100s", row->type);
    snprintf(headers[2], sizeof headers[2], "Causeway-Signature: %s", signature);
    order = json_pack("{s:I, s:s, s:[s, s, s], s:s}", "post", (json_int_t)row->id, "url",
                      r->row.url, "headers", headers[0], headers[1], headers[2], "body", row->body);
    if (order != NULL && r->row.ca[0] != '\0')
        (void)json_object_set_new(order, "ca", json_string(r->row.ca));
    line = order != NULL ? json_dumps(order, JSON_COMPACT) : NULL;
    json_decref(order);
    return line;
}

static int send_one(void *user, const struct cw_outbox_row *row)
{
    const struct sending *s = user;
    char *line = cw_syslog_is_url(s->receiver->row.url) ? syslog_line(s->c, s->receiver, row)
                                                        : order_line(s->c, s->receiver, row);
    int err = line != NULL ? s->c->config.post(s->c->config.user, line) : CW_ERR_NOMEM;

    free(line);
    if (err == 0)
        s->receiver->sending = row->id;
    return err;
}

void cw_outbox_run(struct cw_control *c)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);

    if (!c->outbox->has_courier || c->config.post == NULL || cw_store_has_group(c->store))
        return;
    for (uint32_t i = 0; i < c->outbox->count; i++) {
        struct cw_receiver *r = c->outbox->receivers[i];
        struct sending s = {c, r};
        if (!r->row.is_enabled || r->sending != 0 || !r->may_wait || now_ms < r->due_ms)
            continue;
        int err = cw_store_outbox_first(c->store, r->row.id, send_one, &s);
        if (err == CW_ERR_NOT_FOUND)
            r->may_wait = false;
        else if (err != 0)
            r->due_ms = now_ms + CW_EVENT_RETRY_FIRST_MS;
    }
}

/* Takes the event out. A store that cannot be written lets it be posted once more. */
static void post_done(struct cw_control *c, struct cw_receiver *r, uint64_t id)
{
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_outbox_remove(c->store, id);
    err = cw_store_end(c->store, err);
    r->failures = 0;
    r->last_error[0] = '\0';
    r->last_done_ms = cw_control_now_unix_ms(c);
    r->due_ms = err == 0 ? 0 : r->last_done_ms + CW_EVENT_RETRY_FIRST_MS;
    if (err == 0 && r->row.waiting > 0)
        r->row.waiting--;
}

/* Leaves out what has been tried for long enough. */
static void post_failed(struct cw_control *c, struct cw_receiver *r, const char *why)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const uint64_t keep_ms = cw_option(c, CW_OPTION_EVENT_KEEP_H) * 3600000;
    uint64_t count = 0;
    int err = 0;

    r->failures++;
    r->due_ms = now_ms + cw_event_delay_ms(r->failures);
    snprintf(r->last_error, sizeof r->last_error, "%s", why);
    if (r->failures == 1)
        cw_log(CW_LOG_WARNING, "control.outbox", "receiver %u (%s): %s", r->row.id, r->row.name,
               why);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = cw_store_outbox_remove_old(c->store, r->row.id,
                                         now_ms > keep_ms ? now_ms - keep_ms : 0, &count);
    if (err == 0 && count > 0)
        err = cw_store_event_receiver_left_out(c->store, r->row.id, count);
    err = cw_store_end(c->store, err);
    if (err != 0 || count == 0)
        return;
    r->row.left_out += count;
    r->row.waiting -= r->row.waiting < count ? r->row.waiting : count;
    cw_log(CW_LOG_WARNING, "control.outbox",
           "receiver %u (%s): %" PRIu64 " events were tried for event.keep_h and are left out",
           r->row.id, r->row.name, count);
}

void cw_control_on_posted(struct cw_control *c, uint64_t id, long status, const char *why)
{
    char text[160];

    for (uint32_t i = 0; i < c->outbox->count; i++) {
        struct cw_receiver *r = c->outbox->receivers[i];
        if (r->sending != id)
            continue;
        r->sending = 0;
        if (status >= 200 && status < 300) {
            post_done(c, r, id);
            return;
        }
        if (status != 0)
            snprintf(text, sizeof text, "it answers with HTTP status %ld", status);
        else
            snprintf(text, sizeof text, "%.150s", why);
        post_failed(c, r, text);
        return;
    }
}

void cw_control_on_courier(struct cw_control *c, bool is_there)
{
    c->outbox->has_courier = is_there;
    for (uint32_t i = 0; i < c->outbox->count && !is_there; i++)
        c->outbox->receivers[i]->sending = 0;
    if (is_there)
        cw_outbox_run(c);
}
