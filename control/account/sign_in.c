/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/sign_in.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/access.h"
#include "control/account/agreement.h"
#include "control/account/network.h"
#include "control/account/option.h"
#include "control/account/seat.h"
#include "control/api/body.h"
#include "control/link/link_server.h"
#include "control/session/event.h"
#include "control/session/people.h"
#include "control/session/session.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"

enum { DAY_S = 24 * 3600 };

/* ---- how long -------------------------------------------------------------------------------- */

struct cw_sign_in_limits cw_sign_in_limits_of(const struct cw_control *c)
{
    return (struct cw_sign_in_limits){
        .life_s = cw_option(c, CW_OPTION_SIGN_IN_LIFE_S),
        .idle_s = cw_option(c, CW_OPTION_SIGN_IN_IDLE_S),
        .remembered_s = cw_option(c, CW_OPTION_REMEMBER_ME_DAYS) * DAY_S,
    };
}

static bool is_valid(struct cw_control *c, const struct cw_sign_in *s, uint64_t now_ms)
{
    const struct cw_sign_in_limits limits = cw_sign_in_limits_of(c);

    /* Forbidden later, being remembered counts no more. */
    if (s->is_remembered && now_ms < s->created_ms + limits.remembered_s * 1000 &&
        cw_access_of(c, s->account)->rules.remember_me == CW_REMEMBER_ALLOWED)
        return true;
    return now_ms < s->created_ms + limits.life_s * 1000 &&
           now_ms < s->last_used_ms + limits.idle_s * 1000;
}

/* ---- cookies --------------------------------------------------------------------------------- */

static int token_hash(const char *token, uint8_t *ret_hash)
{
    return cw_secret_hash("causeway sign-in v1", token, strlen(token), ret_hash);
}

int cw_sign_in_make(struct cw_control *c, uint32_t account, uint8_t due, bool is_remembered,
                    bool is_fresh, const char *source, char *ret_token)
{
    const uint64_t age_ms = is_fresh ? 0 : CW_SIGN_IN_FRESH_S * 1000;
    const struct cw_sign_in row = {.account = account,
                                   .created_ms = cw_control_now_unix_ms(c) - age_ms,
                                   .due = due,
                                   .is_remembered = is_remembered};
    uint8_t hash[CW_SHA256_BYTES];
    int err = cw_secret_token(ret_token);

    if (err == 0)
        err = token_hash(ret_token, hash);
    if (err == 0)
        err = cw_store_sign_in_add(c->store, hash, &row, source);
    return err;
}

/* Lost when the store cannot be written: then the sign-in only idles out earlier. */
static void touch(struct cw_control *c, uint32_t sign_in, uint64_t now_ms)
{
    int err = cw_store_begin(c->store);

    if (err == 0)
        err = cw_store_sign_in_touch(c->store, sign_in, now_ms);
    (void)cw_store_end(c->store, err);
}

/* False: its networks count in every request, and this one came from elsewhere. */
static bool may_come_from(struct cw_control *c, uint32_t account, const char *source)
{
    const struct cw_sign_in_rules *rules = &cw_access_of(c, account)->rules;

    return rules->network_rule != CW_NETWORK_ALWAYS || cw_networks_have(rules->networks, source);
}

int cw_control_sign_in_find(struct cw_control *c, const char *token, struct cw_request *fill)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint8_t hash[CW_SHA256_BYTES];
    struct cw_sign_in sign_in;
    struct cw_account account;

    if (strnlen(token, CW_TOKEN_TEXT_BYTES + 1) != CW_TOKEN_TEXT_BYTES ||
        token_hash(token, hash) != 0 || cw_store_sign_in_find(c->store, hash, &sign_in) != 0 ||
        !is_valid(c, &sign_in, now_ms) ||
        cw_store_account_get(c->store, sign_in.account, &account) != 0 || !account.is_enabled ||
        !may_come_from(c, account.id, fill->source))
        return CW_ERR_DENIED;
    if (now_ms >= sign_in.last_used_ms + CW_SIGN_IN_TOUCH_S * 1000 &&
        cw_store_is_writable(c->store, NULL))
        touch(c, sign_in.id, now_ms);
    fill->account = account.id;
    fill->is_admin = account.is_admin;
    fill->must_change = account.must_change;
    fill->due = sign_in.due;
    fill->is_fresh = now_ms < sign_in.created_ms + CW_SIGN_IN_FRESH_S * 1000;
    fill->is_remembered = sign_in.is_remembered;
    fill->sign_in = sign_in.id;
    return 0;
}

/* ---- attempts -------------------------------------------------------------------------------- */

struct cw_sign_in_attempts {
    /* Those that know no password have a half of their own, so that they crowd nobody out. */
    struct cw_sign_in_attempt half[2][CW_SIGN_IN_ATTEMPTS_MAX];
};

static int attempt_hash(const char *token, uint8_t *ret_hash)
{
    return cw_secret_hash("causeway sign-in attempt v1", token, strlen(token), ret_hash);
}

/* The oldest; or the oldest of this account, or of this source, when it has as many as one may have: nobody who begins
 * again and again ends what others began. */
static struct cw_sign_in_attempt *attempt_to_use(struct cw_sign_in_attempt *all, uint32_t account,
                                                 const char *from, uint64_t now_ms)
{
    struct cw_sign_in_attempt *oldest = &all[0];
    struct cw_sign_in_attempt *own = NULL;
    unsigned own_count = 0;

    for (unsigned i = 0; i < CW_SIGN_IN_ATTEMPTS_MAX; i++) {
        struct cw_sign_in_attempt *a = &all[i];
        if (a->until_ms < oldest->until_ms)
            oldest = a;
        if (a->until_ms <= now_ms || a->account != account || strcmp(a->from, from) != 0)
            continue;
        own_count++;
        if (own == NULL || a->until_ms < own->until_ms)
            own = a;
    }
    return own_count >= CW_SIGN_IN_ATTEMPTS_EACH ? own : oldest;
}

struct cw_sign_in_attempt *cw_attempt_new(struct cw_control *c, enum cw_attempt_kind kind,
                                          uint32_t account, const char *source, char *ret_token)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    struct cw_sign_in_attempt *oldest = NULL;
    char from[64] = "";

    if (c->attempts == NULL)
        c->attempts = calloc(1, sizeof *c->attempts);
    if (c->attempts == NULL)
        return NULL;
    if (account == 0)
        cw_budget_source(source, from);
    oldest = attempt_to_use(c->attempts->half[account == 0], account, from, now_ms);
    cw_attempt_end(oldest);
    if (cw_secret_token(ret_token) != 0 || attempt_hash(ret_token, oldest->token_hash) != 0 ||
        cw_secret_random(oldest->challenge, sizeof oldest->challenge) != 0)
        return NULL;
    oldest->kind = kind;
    oldest->account = account;
    snprintf(oldest->from, sizeof oldest->from, "%s", from);
    oldest->until_ms = now_ms + CW_SIGN_IN_ATTEMPT_S * 1000;
    return oldest;
}

struct cw_sign_in_attempt *cw_attempt_find(struct cw_control *c, enum cw_attempt_kind kind,
                                           const char *token)
{
    uint8_t hash[CW_SHA256_BYTES];

    if (c->attempts == NULL || strlen(token) != CW_TOKEN_TEXT_BYTES ||
        attempt_hash(token, hash) != 0)
        return NULL;
    for (unsigned i = 0; i < 2 * CW_SIGN_IN_ATTEMPTS_MAX; i++) {
        struct cw_sign_in_attempt *a =
            &c->attempts->half[i / CW_SIGN_IN_ATTEMPTS_MAX][i % CW_SIGN_IN_ATTEMPTS_MAX];
        if (a->until_ms > cw_control_now_unix_ms(c) && a->tries < CW_SIGN_IN_ATTEMPT_TRIES &&
            a->kind == kind && memcmp(a->token_hash, hash, sizeof hash) == 0)
            return a;
    }
    return NULL;
}

void cw_attempt_end(struct cw_sign_in_attempt *attempt)
{
    OPENSSL_cleanse(attempt, sizeof *attempt);
}

void cw_attempts_free(struct cw_control *c)
{
    free(c->attempts);
    c->attempts = NULL;
}

/* ---- rules ----------------------------------------------------------------------------------- */

int cw_sign_in_refuse_rules(struct cw_control *c, const struct cw_account *account,
                            const char *source, struct cw_reply *reply)
{
    const struct cw_actor actor = cw_actor_named(account->user, source);
    const struct cw_sign_in_rules *rules = &cw_access_of(c, account->id)->rules;
    const bool counts =
        rules->network_rule == CW_NETWORK_ALWAYS ||
        (rules->network_rule == CW_NETWORK_FIRST && account->network_passed_ms == 0);

    if (counts && !cw_networks_have(rules->networks, source)) {
        cw_audit_refused(c, &actor, "sign_in", "", "DENIED", "not from an allowed network");
        return cw_refuse(reply, CW_ERR_DENIED,
                         "This account may %s from certain networks only, and %s is in none of "
                         "them. An administrator can change that.",
                         rules->network_rule == CW_NETWORK_FIRST ? "sign in for the first time"
                                                                 : "sign in",
                         source);
    }
    if (rules->second_login == CW_LOGIN_REFUSE && cw_account_is_in_use(c, account->id)) {
        cw_audit_refused(c, &actor, "sign_in", "", "STATE", "the account is in use");
        return cw_refuse(reply, CW_ERR_STATE,
                         "This account is in use at another place. Sign out there first.");
    }
    return 0;
}

/* ---- letting in ------------------------------------------------------------------------------ */

const char *cw_due_next(uint8_t due, bool must_change)
{
    if ((due & CW_DUE_AGREEMENT) != 0)
        return "agreement";
    if (must_change)
        return "password";
    return (due & CW_DUE_FACTOR) != 0 ? "second_factor_setup" : NULL;
}

json_t *cw_me_json(const struct cw_account *a)
{
    return json_pack("{s:I, s:s, s:s, s:b, s:b}", "id", (json_int_t)a->id, "user", a->user,
                     "display_name", a->display_name, "is_admin", a->is_admin,
                     "must_change_password", a->must_change);
}

static int due_of(struct cw_control *c, const struct cw_account *account, uint8_t *ret_due)
{
    struct cw_factors factors = {0};
    int err = cw_factors_of(c, account->id, &factors);

    *ret_due = cw_agreement_is_due(c, account) ? CW_DUE_AGREEMENT : 0;
    if (cw_access_of(c, account->id)->rules.second_factor == CW_FACTOR_REQUIRED &&
        !cw_factors_are_any(&factors))
        *ret_due |= CW_DUE_FACTOR;
    return err;
}

static int write_sign_in(struct cw_control *c, const struct cw_signing *s,
                         const struct cw_account *account, uint8_t due, bool ends_others,
                         char *ret_token)
{
    const struct cw_actor actor = cw_actor_named(account->user, s->source);
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint8_t name_hash[CW_SHA256_BYTES];
    int err = s->prove != NULL ? s->prove(c, s) : 0;

    if (err == 0 && ends_others)
        err = cw_store_sign_in_remove_all(c->store, account->id);
    if (err == 0)
        err = cw_sign_in_make(c, account->id, due, s->is_remembered, true, s->source, ret_token);
    if (err == 0)
        err = cw_store_account_signed_in(c->store, account->id, now_ms);
    if (err == 0 && account->network_passed_ms == 0)
        err = cw_store_account_network_passed(c->store, account->id, now_ms);
    if (err == 0)
        err = cw_lock_name_hash(account->user, name_hash);
    if (err == 0)
        err = cw_store_lock_clear(c->store, name_hash);
    if (err == 0)
        err = cw_audit(c, &actor, "sign_in", "", "ok", "%s%s%s", s->how,
                       s->is_remembered ? ", remembered" : "",
                       ends_others ? ", other sign-ins ended" : "");
    return err;
}

void cw_sign_in_leave_sessions(struct cw_control *c, const struct cw_account *account,
                               const char *what)
{
    const struct cw_actor actor = cw_actor_named(account->user, "-");
    char text[2 * CW_NAME_SIZE];
    char ending[CW_NAME_SIZE];

    snprintf(text, sizeof text, "%s %s.", account->display_name, what);
    snprintf(ending, sizeof ending, "%s.", what);
    for (uint32_t i = c->live_count; i-- > 0;) {
        struct cw_live_session *session = c->live[i];
        struct cw_live_participant *p = cw_live_member(session, account->id);
        if (session->is_over || p == NULL)
            continue;
        if (p->row.relation == CW_RELATION_OWNER)
            (void)cw_session_lose(c, session, p, what, ending);
        else
            (void)cw_session_unseat(c, &actor, session, p, "session.leave", text);
    }
}

static void tell_others(struct cw_control *c, const struct cw_account *account, uint8_t rule)
{
    cw_event_signed_out(c, account->id,
                        rule == CW_LOGIN_MOVE
                            ? "You signed in at another place; your sessions moved along."
                            : "You signed in at another place.");
    cw_send_drop_console(c, account->id, CW_CLOSE_OK);
    if (rule == CW_LOGIN_END)
        cw_sign_in_leave_sessions(c, account, "signed in at another place");
}

int cw_sign_in_complete(struct cw_control *c, const struct cw_signing *signing,
                        struct cw_reply *reply)
{
    struct cw_signing s = *signing;
    struct cw_account account;
    char token[CW_TOKEN_TEXT_BYTES + 1] = "";
    const char *next = NULL;
    uint8_t due = 0;
    uint8_t rule = 0;
    int err = cw_store_account_get(c->store, s.account, &account);

    if (err == 0 && !account.is_enabled)
        err = CW_ERR_NOT_FOUND;
    if (err == CW_ERR_NOT_FOUND)
        return cw_refuse(reply, CW_ERR_DENIED, "This account cannot sign in.");
    if (err == 0)
        err = cw_sign_in_refuse_rules(c, &account, s.source, reply);
    if (err == 0)
        err = due_of(c, &account, &due);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    rule = cw_access_of(c, account.id)->rules.second_login;
    s.is_remembered =
        s.is_remembered && cw_access_of(c, account.id)->rules.remember_me == CW_REMEMBER_ALLOWED;
    err = write_sign_in(c, &s, &account, due, rule == CW_LOGIN_MOVE || rule == CW_LOGIN_END, token);
    err = cw_store_end(c->store, err);
    if (err == 0) {
        if (rule == CW_LOGIN_MOVE || rule == CW_LOGIN_END)
            tell_others(c, &account, rule);
        snprintf(reply->set_cookie, sizeof reply->set_cookie, "%s", token);
        reply->cookie_life_s = s.is_remembered ? (uint32_t)cw_sign_in_limits_of(c).remembered_s : 0;
        next = cw_due_next(due, account.must_change);
        reply->json = json_pack("{s:o, s:b, s:b, s:s?}", "account", cw_me_json(&account),
                                "must_change_password", account.must_change, "remembered",
                                s.is_remembered, "next", next);
    }
    OPENSSL_cleanse(token, sizeof token);
    return err;
}
