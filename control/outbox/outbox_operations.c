/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers of outbound events: listed, made, changed, tried. */
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/guard.h"
#include "control/account/seal.h"
#include "control/api/body.h"
#include "control/audit/audit.h"
#include "control/outbox/operations.h"
#include "control/outbox/outbox.h"
#include "control/outbox/syslog_message.h"
#include "engine/base/err.h"

static json_t *time_or_null(uint64_t ms)
{
    return ms != 0 ? json_integer((json_int_t)ms) : json_null();
}

static json_t *receiver_json(struct cw_control *c, const struct cw_receiver *r)
{
    const struct cw_event_receiver *row = &r->row;
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const char *state = !row->is_enabled          ? "disabled"
                        : !c->outbox->has_courier ? "no courier"
                        : r->sending != 0         ? "sending"
                        : now_ms < r->due_ms      ? "waiting to try again"
                                                  : "idle";

    return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:s, s:I, s:I, s:I, s:o, s:o, s:s}", "id",
                     (json_int_t)row->id, "name", row->name, "url", row->url, "events",
                     row->patterns, "enabled", row->is_enabled, "own_ca", row->ca[0] != '\0',
                     "state", state, "waiting", (json_int_t)row->waiting, "left_out",
                     (json_int_t)row->left_out, "failures", (json_int_t)r->failures, "next_unix_ms",
                     time_or_null(r->failures > 0 ? r->due_ms : 0), "last_done_unix_ms",
                     time_or_null(r->last_done_ms), "last_error", r->last_error);
}

int cw_op_receiver_list(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    json_t *rows = NULL;
    int err = cw_body_only(request->body, "", reply);

    if (err != 0)
        return err;
    rows = json_array();
    for (uint32_t i = 0; i < c->outbox->count; i++)
        (void)json_array_append_new(rows, receiver_json(c, c->outbox->receivers[i]));
    reply->json = json_pack("{s:o}", "event_receivers", rows);
    return 0;
}

/* ---- what the body says ---------------------------------------------------------------------- */

/* https, a host, and no character that ends a line or hides a password. */
static bool is_url(const char *url)
{
    static const char scheme[] = "https://";
    const char *host = url + sizeof scheme - 1;

    if (strncmp(url, scheme, sizeof scheme - 1) != 0 || host[0] == '\0' || host[0] == '/' ||
        strcspn(host, "@") < strcspn(host, "/?"))
        return false;
    for (; *url != '\0'; url++)
        if ((unsigned char)*url <= ' ' || (unsigned char)*url >= 0x7f || *url == '"')
            return false;
    return true;
}

static bool is_certificates(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    unsigned count = 0;

    for (X509 *x; bio != NULL && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL; count++)
        X509_free(x);
    BIO_free(bio);
    return count > 0;
}

/* Over what the row is. */
static int take_receiver(const struct cw_request *request, struct cw_event_receiver *row,
                         struct cw_reply *reply)
{
    char name[CW_NAME_SIZE];
    const char *url = row->url;
    const char *patterns = row->patterns;
    const char *ca = row->ca;
    int err = cw_body_only(request->body, "name url events ca enabled", reply);

    if (err != 0)
        return err;
    if (cw_body_name(request->body, "name", name) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "name must be one line of at most 128 characters.");
    if (name[0] != '\0')
        snprintf(row->name, sizeof row->name, "%s", name);
    if (row->name[0] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID, "A receiver needs a name.");
    if (cw_body_lines(request->body, "url", CW_EVENT_URL_BYTES_MAX, &url) != 0 ||
        (!is_url(url) && !cw_syslog_is_url(url)))
        return cw_refuse(
            reply, CW_ERR_INVALID,
            "url must be https://HOST/PATH, without blanks and without a password, or "
            "syslog+tls://HOST:PORT, syslog+tcp://HOST:PORT, syslog+udp://ADDRESS:PORT.");
    if (cw_body_lines(request->body, "events", CW_EVENT_PATTERNS_BYTES_MAX, &patterns) != 0 ||
        cw_event_patterns_check(patterns) != 0 || patterns[strspn(patterns, " ")] == '\0')
        return cw_refuse(reply, CW_ERR_INVALID,
                         "events is a list of names with blanks between, like \"session.* "
                         "account.create\", or \"*\" for all.");
    if (cw_body_lines(request->body, "ca", CW_EVENT_CA_BYTES_MAX, &ca) != 0 ||
        (ca[0] != '\0' && !is_certificates(ca)))
        return cw_refuse(reply, CW_ERR_INVALID, "ca must be certificates in PEM, at most %d bytes.",
                         CW_EVENT_CA_BYTES_MAX);
    if (cw_body_bool(request->body, "enabled", &row->is_enabled) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "enabled is true or false.");
    if (url != row->url)
        snprintf(row->url, sizeof row->url, "%s", url);
    if (patterns != row->patterns)
        snprintf(row->patterns, sizeof row->patterns, "%s", patterns);
    if (ca != row->ca)
        snprintf(row->ca, sizeof row->ca, "%s", ca);
    return 0;
}

static int find_receiver(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply, struct cw_receiver **ret)
{
    *ret = cw_outbox_find(c, request->path_id);
    return *ret != NULL
               ? 0
               : cw_refuse(reply, CW_ERR_NOT_FOUND,
                           "There is no event receiver with the number %u.", request->path_id);
}

static int audit_receiver(struct cw_control *c, const struct cw_request *request,
                          const struct cw_event_receiver *row, const char *action)
{
    const struct cw_actor actor = cw_actor_of_request(c, request);
    char object[40];

    snprintf(object, sizeof object, "event receiver %u", row->id);
    return cw_audit(c, &actor, action, object, "ok", "%s: %.200s; events: %.100s; %s", row->name,
                    row->url, row->patterns, row->is_enabled ? "enabled" : "disabled");
}

/* Inside a transaction: a new secret for the receiver, whose text goes to secret. */
static int make_secret(struct cw_control *c, struct cw_event_receiver *row, char *secret)
{
    int err = cw_secret_token(secret);

    if (err == 0)
        err = cw_seal(c, "event receiver", row->id, (const uint8_t *)secret, CW_TOKEN_TEXT_BYTES,
                      row->secret);
    return err == 0 ? cw_store_event_receiver_set_secret(c->store, row->id, row->secret) : err;
}

/* A receiver reads along with the audit log. */
static int refuse_reader(struct cw_control *c, const struct cw_request *request,
                         struct cw_reply *reply)
{
    if ((cw_request_rights(c, request) & CW_RIGHT_BIT(CW_RIGHT_VIEW_AUDIT)) != 0)
        return 0;
    return cw_refuse(reply, CW_ERR_DENIED,
                     "A receiver gets what the audit log gets: you need the right to %s (%s), a "
                     "program the scope \"report:read\".",
                     cw_right_allows(CW_RIGHT_VIEW_AUDIT), cw_right_name(CW_RIGHT_VIEW_AUDIT));
}

int cw_op_receiver_create(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct cw_receiver *r = NULL;
    char secret[CW_TOKEN_TEXT_BYTES + 1] = "";
    int err = refuse_reader(c, request, reply);

    if (err != 0)
        return err;
    if (c->outbox->count == CW_EVENT_RECEIVERS_MAX)
        return cw_refuse(reply, CW_ERR_CONFLICT, "There are %d receivers, as many as can be.",
                         CW_EVENT_RECEIVERS_MAX);
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return CW_ERR_NOMEM;
    r->row.is_enabled = true;
    r->row.created_ms = request->now_unix_ms;
    err = take_receiver(request, &r->row, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0) {
        free(r);
        return err;
    }
    err = cw_store_event_receiver_add(c->store, &r->row);
    if (err == 0)
        err = make_secret(c, &r->row, secret);
    if (err == 0)
        err = audit_receiver(c, request, &r->row, "event_receiver.create");
    err = cw_store_end(c->store, err);
    if (err != 0) {
        free(r);
        return err == CW_ERR_CONFLICT
                   ? cw_refuse(reply, err, "There is a receiver with this name already.")
                   : err;
    }
    c->outbox->receivers[c->outbox->count++] = r;
    reply->json = json_pack("{s:o, s:s}", "event_receiver", receiver_json(c, r), "secret", secret);
    OPENSSL_cleanse(secret, sizeof secret);
    return 0;
}

int cw_op_receiver_set(struct cw_control *c, const struct cw_request *request,
                       struct cw_reply *reply)
{
    struct cw_receiver *r = NULL;
    struct cw_event_receiver *row = NULL;
    int err = refuse_reader(c, request, reply);

    if (err == 0)
        err = find_receiver(c, request, reply, &r);
    if (err != 0)
        return err;
    row = malloc(sizeof *row);
    if (row == NULL)
        return CW_ERR_NOMEM;
    *row = r->row;
    err = take_receiver(request, row, reply);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err == 0) {
        err = cw_store_event_receiver_set(c->store, row);
        if (err == 0)
            err = audit_receiver(c, request, row, "event_receiver.set");
        err = cw_store_end(c->store, err);
    }
    if (err == 0) {
        r->row = *row;
        r->due_ms = 0; /* what was wrong may be right now */
        reply->json = json_pack("{s:o}", "event_receiver", receiver_json(c, r));
    }
    free(row);
    return err == CW_ERR_CONFLICT
               ? cw_refuse(reply, err, "There is another receiver with this name.")
               : err;
}

int cw_op_receiver_new_secret(struct cw_control *c, const struct cw_request *request,
                              struct cw_reply *reply)
{
    struct cw_receiver *r = NULL;
    char secret[CW_TOKEN_TEXT_BYTES + 1] = "";
    uint8_t before[CW_EVENT_SECRET_SEALED_BYTES];
    int err = find_receiver(c, request, reply, &r);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    memcpy(before, r->row.secret, sizeof before);
    err = make_secret(c, &r->row, secret);
    if (err == 0)
        err = audit_receiver(c, request, &r->row, "event_receiver.new_secret");
    err = cw_store_end(c->store, err);
    if (err == 0)
        reply->json = json_pack("{s:s}", "secret", secret);
    else
        memcpy(r->row.secret, before, sizeof before);
    OPENSSL_cleanse(secret, sizeof secret);
    return err;
}

int cw_op_receiver_remove(struct cw_control *c, const struct cw_request *request,
                          struct cw_reply *reply)
{
    struct cw_receiver *r = NULL;
    uint32_t at = 0;
    int err = find_receiver(c, request, reply, &r);

    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_event_receiver_remove(c->store, r->row.id);
    if (err == 0)
        err = audit_receiver(c, request, &r->row, "event_receiver.remove");
    err = cw_store_end(c->store, err);
    if (err != 0)
        return err;
    while (c->outbox->receivers[at] != r)
        at++;
    c->outbox->count--;
    memmove(&c->outbox->receivers[at], &c->outbox->receivers[at + 1],
            (c->outbox->count - at) * sizeof c->outbox->receivers[0]);
    free(r);
    return 0;
}

int cw_op_receiver_test(struct cw_control *c, const struct cw_request *request,
                        struct cw_reply *reply)
{
    struct cw_receiver *r = NULL;
    int err = find_receiver(c, request, reply, &r);

    if (err != 0)
        return err;
    if (!r->row.is_enabled)
        return cw_refuse(reply, CW_ERR_STATE, "This receiver is disabled: enable it first.");
    err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_outbox_add(c, r, 0, "test",
                        json_pack("{s:I, s:s}", "time_unix_ms", (json_int_t)request->now_unix_ms,
                                  "detail", "An administrator tries this receiver."));
    if (err == 0)
        err = audit_receiver(c, request, &r->row, "event_receiver.test");
    return cw_store_end(c->store, err);
}
