/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/guard.h"

#include <openssl/evp.h>
#include <string.h>

#include "control/account/access.h"
#include "control/api/api_account.h"
#include "control/api/body.h"
#include "engine/base/err.h"

bool cw_request_is_admin(const struct cw_request *request)
{
    switch (request->front) {
    case CW_FRONT_SOCKET: return true;
    case CW_FRONT_HTTP: return request->account != 0 && request->is_admin;
    case CW_FRONT_API:
    case CW_FRONT_SOCKET_RO: break;
    }
    return false;
}

bool cw_request_sees_all(const struct cw_request *request)
{
    return request->front != CW_FRONT_HTTP;
}

/* ---- what somebody can give ------------------------------------------------------------------ */

/* Which scope is worth the right; NONE: no program has it. */
static enum cw_scope scope_of(enum cw_right right)
{
    if (right == CW_RIGHT_EDIT_API)
        return CW_SCOPE_NONE;
    if (right == CW_RIGHT_VIEW_AUDIT || right == CW_RIGHT_VIEW_REPORTS ||
        right == CW_RIGHT_VIEW_RECORDINGS)
        return CW_SCOPE_REPORT;
    if (right == CW_RIGHT_BACK_UP)
        return CW_SCOPE_BACKUP;
    /* What every representative has is no more than an account that it may make. */
    return (CW_RIGHT_BIT(right) & cw_rights_administration()) != 0 || cw_right_is_default(right)
               ? CW_SCOPE_CONFIGURATION
               : CW_SCOPE_NONE;
}

static uint64_t rights_with(uint32_t access, bool is_reading_enough)
{
    uint64_t set = 0;

    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++) {
        const enum cw_scope scope = scope_of((enum cw_right)i);
        const enum cw_api_access least =
            is_reading_enough || scope == CW_SCOPE_REPORT ? CW_API_ACCESS_READ : CW_API_ACCESS_FULL;
        if (scope != CW_SCOPE_NONE && cw_api_access_of(access, scope) >= least)
            set |= CW_RIGHT_BIT(i);
    }
    return set;
}

uint64_t cw_api_rights(uint32_t access)
{
    return rights_with(access, false);
}

uint64_t cw_api_administration(uint32_t access)
{
    return rights_with(access, true) & cw_rights_administration();
}

uint64_t cw_request_rights(struct cw_control *c, const struct cw_request *request)
{
    const struct cw_access *access = NULL;

    if (cw_request_is_admin(request))
        return cw_rights_administration() | cw_rights_representative();
    if (request->front == CW_FRONT_API)
        return cw_api_rights(request->access);
    if (request->front != CW_FRONT_HTTP)
        return 0;
    access = cw_access_of(c, request->account);
    return access->is_enabled ? access->rights : 0;
}

/* Rights that not everybody has. */
static uint64_t uncommon_rights(void)
{
    uint64_t set = 0;

    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        set |= cw_right_is_default((enum cw_right)i) ? 0 : CW_RIGHT_BIT(i);
    return set;
}

int cw_guard_refuse_takeover(struct cw_control *c, const struct cw_request *request,
                             const struct cw_account *target, struct cw_reply *reply)
{
    struct cw_access_fold fold;
    uint64_t more = 0;
    int err = cw_request_is_admin(request) ? 0 : cw_access_explain(c, target->id, &fold);

    if (err != 0 || cw_request_is_admin(request))
        return err;
    more = fold.answer.rights & uncommon_rights() & ~cw_request_rights(c, request);
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if ((more & CW_RIGHT_BIT(i)) != 0)
            return cw_refuse(reply, CW_ERR_DENIED,
                             "\"%s\" has the right \"%s\", which you do not have: an administrator "
                             "can do that.",
                             target->user, cw_right_name((enum cw_right)i));
    return 0;
}

/* ---- what a change does ---------------------------------------------------------------------- */

struct folding {
    struct cw_control *c;
    EVP_MD_CTX *hash;
    bool is_ok;
};

static void add_fold(struct folding *f, uint32_t account, bool with_rights)
{
    struct cw_access_fold fold;
    const struct cw_sign_in_rules *rules = &fold.answer.rules;
    const struct cw_access *answer = &fold.answer;
    uint8_t words[4];

    if (!f->is_ok || cw_access_explain(f->c, account, &fold) != 0) {
        f->is_ok = false;
        return;
    }
    words[0] = rules->second_factor;
    words[1] = rules->remember_me;
    words[2] = rules->second_login;
    words[3] = rules->network_rule;
    f->is_ok = EVP_DigestUpdate(f->hash, words, sizeof words) == 1 &&
               EVP_DigestUpdate(f->hash, rules->networks, strlen(rules->networks) + 1) == 1;
    if (f->is_ok && with_rights)
        f->is_ok =
            EVP_DigestUpdate(f->hash, &answer->rights, sizeof answer->rights) == 1 &&
            EVP_DigestUpdate(f->hash, &answer->session_policy, sizeof answer->session_policy) == 1;
}

static int add_admin(void *user, const struct cw_account *account)
{
    struct folding *f = user;

    add_fold(f, account->id, false);
    return f->is_ok ? 0 : CW_ERR_INTERNAL;
}

/* What must stay: the caller's own rights and rules, and the rules of every administrator. */
static int hash_guarded(struct cw_control *c, const struct cw_request *request, uint8_t *ret_hash)
{
    struct folding f = {c, EVP_MD_CTX_new(), true};
    int err = CW_ERR_INTERNAL;

    if (f.hash == NULL)
        return CW_ERR_NOMEM;
    f.is_ok = EVP_DigestInit_ex(f.hash, EVP_sha256(), NULL) == 1;
    if (f.is_ok && request->front == CW_FRONT_HTTP)
        add_fold(&f, request->account, true);
    if (f.is_ok)
        err = cw_store_admin_each(c->store, add_admin, &f);
    if (err == 0 && EVP_DigestFinal_ex(f.hash, ret_hash, NULL) != 1)
        err = CW_ERR_INTERNAL;
    EVP_MD_CTX_free(f.hash);
    return err;
}

int cw_guard_begin(struct cw_control *c, const struct cw_request *request, struct cw_guard *ret)
{
    ret->is_needed = !cw_request_is_admin(request);
    return ret->is_needed ? hash_guarded(c, request, ret->before) : 0;
}

int cw_guard_check(struct cw_control *c, const struct cw_request *request,
                   const struct cw_guard *guard, struct cw_reply *reply)
{
    uint8_t after[CW_SHA256_BYTES];
    int err = guard->is_needed ? hash_guarded(c, request, after) : 0;

    if (err != 0 || !guard->is_needed || memcmp(guard->before, after, sizeof after) == 0)
        return err;
    return cw_refuse(reply, CW_ERR_DENIED,
                     "That would change your own rights, or how administrators sign in: only an "
                     "administrator may do that.");
}
