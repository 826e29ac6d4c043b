/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/enrol.h"
#include "control/jump/installer.h"
#include "control/jump/jump.h"
#include "control/policy/policies.h"
#include "control/portal/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/api/body.h"
#include "control/button/operations.h"
#include "control/link/source.h"
#include "control/session/event.h"
#include "control/session/session.h"
#include "control/session/session_key.h"
#include "control/session/ticket_issue.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/hello.h"
#include "engine/wire/message.h"

struct asked {
    struct cw_control_link *link;
    uint64_t request;
    char source[64];
};

/* Takes the reference of body. */
static void answer(const struct asked *asked, uint16_t code, json_t *body)
{
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    struct cw_link_message m = {.type = CW_LINK_REPLY, .request = asked->request, .code = code};

    if (text != NULL && strlen(text) <= CW_HELLO_REPLY_BODY_BYTES_MAX) {
        m.bytes = (const uint8_t *)text;
        m.bytes_count = strlen(text);
    } else {
        m.code = CW_CLOSE_INTERNAL;
        m.bytes = (const uint8_t *)"{}";
        m.bytes_count = 2;
    }
    cw_link_send(asked->link, &m);
    free(text);
    json_decref(body);
}

static void refuse(const struct asked *asked, uint16_t code)
{
    answer(asked, code, json_pack("{s:s}", "message", cw_close_text(code)));
}

static json_t *ticket_json(const uint8_t *ticket)
{
    char text[(CW_TICKET_BYTES * 4 + 2) / 3 + 1];

    cw_base64url_encode(ticket, CW_TICKET_BYTES, text);
    return json_string(text);
}

/* A short text that describes a device; anything odd becomes empty. */
static void describe(const json_t *body, const char *member, char *out, size_t out_size)
{
    const json_t *value = json_object_get(body, member);
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);

    out[0] = '\0';
    if (text != NULL && n < out_size && cw_text_is_clean(text, n) && strchr(text, '\n') == NULL)
        memcpy(out, text, n + 1);
}

/* ---- enrolment ------------------------------------------------------------------------------- */

static int token_hash(const char *token, uint8_t *ret_hash)
{
    return cw_secret_hash("causeway enrolment token v1", token, strlen(token), ret_hash);
}

int cw_enrol_make_token(struct cw_control *c, const struct cw_actor *actor, const char *name,
                        uint32_t group, char *ret_token, uint64_t *ret_expires_ms)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    const uint64_t expires_ms = now_ms + CW_ENROLMENT_TOKEN_LIFE_S * UINT64_C(1000);
    uint8_t hash[CW_SHA256_BYTES];
    int err = cw_secret_token(ret_token);

    if (err == 0)
        err = token_hash(ret_token, hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    err = cw_store_enrolment_token_add(c->store, hash, name, group, now_ms, expires_ms);
    if (err == 0)
        err = cw_audit(c, actor, "enrolment_token.create", "", "ok", "%s", name);
    err = cw_store_end(c->store, err);
    if (err == 0)
        *ret_expires_ms = expires_ms;
    return err;
}

/* What lets a computer in: a token for one, or an installer. */
struct pass {
    struct cw_enrolment_token token;
    struct cw_installer installer;
    bool is_installer;
    const json_t *body;
};

static int token_check(struct cw_control *c, const json_t *body, struct cw_enrolment_token *ret)
{
    const char *token = NULL;
    uint8_t hash[CW_SHA256_BYTES];
    int err = cw_body_text(body, "token", CW_TOKEN_TEXT_BYTES, &token);

    if (err == 0)
        err = token_hash(token, hash);
    if (err == 0)
        err = cw_store_enrolment_token_find(c->store, hash, ret);
    if (err == CW_ERR_INVALID)
        return CW_ERR_NOT_FOUND;
    if (err != 0)
        return err;
    if (ret->used_ms != 0)
        return CW_ERR_USED;
    return cw_control_now_unix_ms(c) >= ret->expires_ms ? CW_ERR_EXPIRED : 0;
}

static int pass_check(struct cw_control *c, const json_t *body, struct pass *ret)
{
    const char *token = NULL;
    int err = token_check(c, body, &ret->token);

    ret->body = body;
    if (err != CW_ERR_NOT_FOUND || cw_body_text(body, "token", CW_TOKEN_TEXT_BYTES, &token) != 0)
        return err;
    err = cw_installer_find(c, token, &ret->installer);
    ret->is_installer = err == 0;
    ret->token.group = ret->installer.group;
    return err;
}

/* In a transaction: what the pass presets, and that it was used. */
static int pass_use(struct cw_control *c, const struct pass *pass, uint32_t item)
{
    struct cw_jump_detail detail;

    if (pass->is_installer)
        return cw_installer_apply(c, &pass->installer, item, pass->body);
    int err = cw_store_detail_get(c->store, item, &detail);
    detail.is_quiet = true;
    if (err == 0)
        (void)cw_jump_mode_of(c, pass->body, &detail.mode, &detail.port); /* nonsense: active */
    if (err == 0)
        err = cw_store_detail_deploy(c->store, &detail);
    if (err == 0)
        err =
            cw_store_enrolment_token_use(c->store, pass->token.id, item, cw_control_now_unix_ms(c));
    return err;
}

/* In a transaction: a new Jump Item, or the one that has this key already. */
static int enrol_item(struct cw_control *c, const struct cw_enrolment_token *token,
                      struct cw_jump_item *item, bool *ret_is_known)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_jump_item known;
    uint32_t count = 0;
    int err = cw_store_jump_item_find(c->store, item->device_key, &known);

    *ret_is_known = err == 0;
    if (err == 0) {
        item->id = known.id;
        memcpy(item->name, known.name, sizeof item->name);
        err = cw_store_jump_item_describe(c->store, item);
        return err == 0 ? cw_store_ticket_deny(c->store, 0, item->id, now_ms / 1000) : err;
    }
    if (err != CW_ERR_NOT_FOUND)
        return err;
    err = cw_store_jump_item_count(c->store, &count);
    if (err == 0 && count >= CW_JUMP_ITEMS_MAX)
        err = CW_ERR_FULL;
    return err == 0 ? cw_store_jump_item_add(c->store, item, token->group, now_ms) : err;
}

static int enrol_rows(struct cw_control *c, const struct cw_actor *actor, const struct pass *pass,
                      struct cw_jump_item *item, uint8_t *ret_credential)
{
    struct cw_ticket ticket = {
        .kind = CW_TICKET_KIND_DEVICE,
        .role = CW_ROLE_DEVICE,
        .permissions = CW_PERMIT(STATISTICS),
    };
    bool is_known = false;
    char object[32];
    int err = enrol_item(c, &pass->token, item, &is_known);

    if (err != 0)
        return err;
    ticket.participant = item->id;
    memcpy(ticket.holder_key, item->device_key, sizeof ticket.holder_key);
    snprintf(object, sizeof object, "jump item %u", item->id);
    err = cw_ticket_issue(c, &ticket, ret_credential);
    if (err == 0)
        err = pass_use(c, pass, item->id);
    if (err == 0)
        err = cw_audit(c, actor, "jump_item.enrol", object, "ok", "%s (%s)%s", item->name,
                       item->platform, is_known ? ", again" : "");
    return err;
}

static void enrol_good(struct cw_control *c, const struct asked *asked,
                       const struct cw_actor *actor, const struct pass *pass,
                       struct cw_jump_item *item)
{
    uint8_t credential[CW_TICKET_BYTES];
    struct cw_jump_item known;
    struct cw_denials denials = {0};
    int err = 0;

    if (cw_store_jump_item_find(c->store, item->device_key, &known) == 0)
        (void)cw_denials_collect(c, 0, known.id, &denials);
    err = cw_store_begin(c->store);
    if (err == 0)
        err = enrol_rows(c, actor, pass, item, credential);
    err = cw_store_end(c->store, err);
    if (err == 0) {
        cw_denials_send(c, &denials);
        if (pass->is_installer &&
            (pass->installer.session_policy != 0 || pass->installer.jump_policy != 0))
            cw_policies_reload(c, CW_POLICIES_OF);
        cw_jump_refresh(c, item->id);
        cw_event_jump_items_changed(c);
        answer(asked, CW_CLOSE_OK,
               json_pack("{s:o, s:s}", "credential", ticket_json(credential), "name", item->name));
    } else {
        cw_log(CW_LOG_WARNING, "control.enrol", "enrolment failed: %s", cw_err_text(err));
        refuse(asked, err == CW_ERR_READ_ONLY ? CW_CLOSE_UNAVAILABLE
                      : err == CW_ERR_FULL    ? CW_CLOSE_OVERLOADED
                                              : CW_CLOSE_INTERNAL);
    }
    cw_denials_free(&denials);
}

static void enrol(struct cw_control *c, const struct asked *asked, const json_t *body,
                  struct pass *pass)
{
    const struct cw_actor actor = cw_actor_named("device", asked->source);
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_jump_item item = {0};
    int err = 0;

    if (cw_budget_wait_s(&c->budget, CW_BUDGET_ENROLMENT, asked->source, now_ms) > 0) {
        if (cw_budget_may_audit(&c->budget, asked->source, "TOO_MANY_TRIES", now_ms))
            cw_audit_refused(c, &actor, "jump_item.enrol", "", "TOO_MANY_TRIES", "too many tries");
        refuse(asked, CW_CLOSE_TOO_MANY_TRIES);
        return;
    }
    err = pass_check(c, body, pass);
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_USED || err == CW_ERR_EXPIRED) {
        cw_budget_charge(&c->budget, CW_BUDGET_ENROLMENT, asked->source, now_ms);
        cw_audit_refused(c, &actor, "jump_item.enrol", "", cw_close_name(CW_CLOSE_ENROLMENT_WRONG),
                         "the token is %s",
                         err == CW_ERR_USED      ? "used already"
                         : err == CW_ERR_EXPIRED ? "expired"
                                                 : "unknown");
        refuse(asked, CW_CLOSE_ENROLMENT_WRONG);
        return;
    }
    if (err != 0) {
        refuse(asked, CW_CLOSE_INTERNAL);
        return;
    }
    describe(body, "hostname", item.hostname, sizeof item.hostname);
    describe(body, "platform", item.platform, sizeof item.platform);
    if (cw_body_key(body, "key", item.device_key) != 0 ||
        cw_body_name(body, "name", item.name) != 0) {
        refuse(asked, CW_CLOSE_MALFORMED);
        return;
    }
    if (pass->is_installer) {
        char said[CW_NAME_SIZE];
        memcpy(said, item.name, sizeof said);
        cw_installer_name(&pass->installer, said, item.hostname, item.name);
    } else if (pass->token.name[0] != '\0') {
        snprintf(item.name, sizeof item.name, "%s", pass->token.name);
    }
    if (item.name[0] == '\0')
        snprintf(item.name, sizeof item.name, "%s",
                 item.hostname[0] != '\0' ? item.hostname : "Unnamed computer");
    enrol_good(c, asked, &actor, pass, &item);
}

static void on_enrolment(struct cw_control *c, const struct asked *asked, const json_t *body)
{
    struct pass *pass = calloc(1, sizeof *pass); /* too big for a stack's frame */

    if (pass != NULL)
        enrol(c, asked, body, pass);
    else
        refuse(asked, CW_CLOSE_INTERNAL);
    free(pass);
}

/* ---- session key ----------------------------------------------------------------------------- */

static void refuse_entrance(const struct asked *asked, uint16_t code,
                            const struct cw_entrance *entrance)
{
    json_t *body = json_pack(
        "{s:s}", "message", entrance->message[0] != '\0' ? entrance->message : cw_close_text(code));

    if (code == CW_CLOSE_AGREEMENT)
        json_object_set_new(body, "agreement", json_string(entrance->agreement));
    answer(asked, code, body);
}

static void on_session_key(struct cw_control *c, const struct asked *asked, const json_t *body)
{
    struct cw_actor actor = cw_actor_named("customer", asked->source);
    struct cw_entrance entrance;
    struct cw_session_joined joined;
    char name[CW_NAME_SIZE];
    char platform[CW_PLATFORM_BYTES_MAX + 1];
    uint8_t holder[CW_KEY_BYTES];
    const char *client = json_string_value(json_object_get(body, "client"));
    const struct cw_session_guest guest = {
        .name = name,
        .platform = platform,
        .holder_key = holder,
        .is_browser = client != NULL && strcmp(client, "browser") == 0,
    };
    uint16_t code = CW_CLOSE_OK;
    int err = 0;

    if (cw_body_key(body, "holder", holder) != 0 || cw_body_name(body, "name", name) != 0) {
        refuse(asked, CW_CLOSE_MALFORMED);
        return;
    }
    if (name[0] == '\0')
        snprintf(name, sizeof name, "Customer");
    describe(body, "platform", platform, sizeof platform);
    code = cw_entrance_check(c, &actor, body, &entrance);
    if (code != CW_CLOSE_OK) {
        refuse_entrance(asked, code, &entrance);
        return;
    }
    snprintf(actor.name, sizeof actor.name, "%s", name);
    err = cw_session_start_key(c, &actor, &entrance.key, &guest, &joined);
    if (err != 0) {
        refuse(asked, err == CW_ERR_FULL ? CW_CLOSE_OVERLOADED : cw_session_key_code(err));
        return;
    }
    answer(asked, CW_CLOSE_OK,
           json_pack("{s:o, s:I, s:s, s:s, s:o}", "ticket", ticket_json(joined.ticket), "session",
                     (json_int_t)joined.session, "representative", entrance.representative,
                     "survey", joined.survey, "visit",
                     cw_visit_token_json(c, CW_VISIT_SESSION, joined.session)));
}

void cw_enrol_on_request(struct cw_control *c, struct cw_control_link *link,
                         const struct cw_link_message *m)
{
    struct asked asked = {.link = link, .request = m->request};
    json_t *body = NULL;

    cw_source_text(m->address, asked.source, sizeof asked.source);
    if (m->bytes_count <= CW_HELLO_BODY_BYTES_MAX)
        body = json_loadb((const char *)m->bytes, m->bytes_count, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(body) || (m->kind != CW_HELLO_ENROLMENT && m->kind != CW_HELLO_SESSION_KEY))
        refuse(&asked, CW_CLOSE_MALFORMED);
    else if (m->kind == CW_HELLO_ENROLMENT)
        on_enrolment(c, &asked, body);
    else
        on_session_key(c, &asked, body);
    json_decref(body);
}
