/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/access.h"

#include <stdlib.h>
#include <string.h>

#include "control/account/option.h"
#include "control/state.h"
#include "engine/base/err.h"

struct cw_access_kept {
    struct kept_one {
        uint64_t version; /* 0: nothing */
        struct cw_access access;
    } slots[CW_ACCESS_KEPT_COUNT]; /* by account number modulo */
};

/* ---- the fold -------------------------------------------------------------------------------- */

static uint64_t default_rights(void)
{
    uint64_t set = 0;

    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        set |= cw_right_is_default((enum cw_right)i) ? CW_RIGHT_BIT(i) : 0;
    return set;
}

void cw_access_begin(struct cw_access_fold *f, const struct cw_sign_in_rules *defaults)
{
    memset(f, 0, sizeof *f);
    f->defaults = *defaults;
    f->answer.rights = default_rights();
    f->answer.rules = *defaults;
}

/* Whether the block counts; from now on it is final when it says so. */
static bool takes(bool *is_final, enum cw_block block)
{
    if (*is_final || block == CW_BLOCK_NOT_DEFINED)
        return false;
    *is_final = block == CW_BLOCK_FINAL;
    return true;
}

static void set_rights(struct cw_access_fold *f, uint64_t among, uint64_t allowed, uint32_t rule)
{
    f->answer.rights = (f->answer.rights & ~among) | (allowed & among);
    for (unsigned i = 1; i < CW_RIGHT_COUNT; i++)
        if ((among & CW_RIGHT_BIT(i)) != 0)
            f->trail.right[i] = rule;
}

/* Members that are not defined stay. */
static void set_rules(struct cw_access_fold *f, const struct cw_sign_in_rules *rules, uint32_t rule)
{
    struct cw_sign_in_rules *to = &f->answer.rules;

    if (rules->second_factor != 0) {
        to->second_factor = rules->second_factor;
        f->trail.second_factor = rule;
    }
    if (rules->remember_me != 0) {
        to->remember_me = rules->remember_me;
        f->trail.remember_me = rule;
    }
    if (rules->second_login != 0) {
        to->second_login = rules->second_login;
        f->trail.second_login = rule;
    }
    if (rules->network_rule != 0) {
        to->network_rule = rules->network_rule;
        memcpy(to->networks, rules->networks, sizeof to->networks);
        f->trail.network = rule;
    }
}

void cw_access_apply(struct cw_access_fold *f, const struct cw_group_policy *policy)
{
    if (takes(&f->is_final[0], policy->administration))
        set_rights(f, cw_rights_administration(), policy->administration_rights, policy->id);
    if (takes(&f->is_final[1], policy->representative))
        set_rights(f, cw_rights_representative(), policy->representative_rights, policy->id);
    if (takes(&f->is_final[2], policy->session)) {
        f->answer.session_policy = policy->session_policy;
        f->trail.session_policy = policy->id;
    }
    if (takes(&f->is_final[3], policy->sign_in)) {
        set_rules(f, &f->defaults, policy->id); /* the whole block is replaced */
        set_rules(f, &policy->rules, policy->id);
    }
}

void cw_access_end(struct cw_access_fold *f, const struct cw_account *own)
{
    f->answer.account = own->id;
    f->answer.is_enabled = own->is_enabled;
    set_rights(f, own->rights_allowed, UINT64_MAX, CW_RULE_ACCOUNT);
    set_rights(f, own->rights_denied, 0, CW_RULE_ACCOUNT);
    if (own->is_admin)
        set_rights(f, cw_rights_administration() | cw_rights_representative(), UINT64_MAX,
                   CW_RULE_ADMIN);
    if (own->session_policy != 0) {
        f->answer.session_policy = own->session_policy;
        f->trail.session_policy = CW_RULE_ACCOUNT;
    }
    set_rules(f, &own->rules, CW_RULE_ACCOUNT);
}

/* ---- of an account --------------------------------------------------------------------------- */

static struct cw_sign_in_rules defaults_of(const struct cw_control *c)
{
    return (struct cw_sign_in_rules){
        .second_factor =
            cw_option(c, CW_OPTION_SECOND_FACTOR) != 0 ? CW_FACTOR_REQUIRED : CW_FACTOR_OPTIONAL,
        .remember_me =
            cw_option(c, CW_OPTION_REMEMBER_ME) != 0 ? CW_REMEMBER_ALLOWED : CW_REMEMBER_FORBIDDEN,
        .second_login = (uint8_t)(cw_option(c, CW_OPTION_SECOND_LOGIN) + CW_LOGIN_BOTH),
        .network_rule = CW_NETWORK_ANY,
    };
}

static int apply_one(void *user, const struct cw_group_policy *policy)
{
    cw_access_apply(user, policy);
    return 0;
}

int cw_access_explain(struct cw_control *c, uint32_t account, struct cw_access_fold *ret)
{
    const struct cw_sign_in_rules defaults = defaults_of(c);
    struct cw_account own;
    int err = cw_store_account_get(c->store, account, &own);

    if (err != 0)
        return err;
    cw_access_begin(ret, &defaults);
    err = cw_store_group_policy_of(c->store, account, apply_one, ret);
    if (err == 0)
        cw_access_end(ret, &own);
    return err;
}

const struct cw_access *cw_access_of(struct cw_control *c, uint32_t account)
{
    static const struct cw_access nobody;
    struct cw_access_fold fold;
    struct kept_one *slot = NULL;
    int err = 0;

    if (c->access == NULL)
        c->access = calloc(1, sizeof *c->access);
    if (c->access == NULL)
        return &nobody;
    slot = &c->access->slots[account % CW_ACCESS_KEPT_COUNT];
    if (slot->version == cw_access_version(c) && slot->access.account == account)
        return &slot->access;
    slot->version = 0;
    err = cw_access_explain(c, account, &fold);
    if (err != 0 && err != CW_ERR_NOT_FOUND)
        return &nobody;
    slot->access = err == 0 ? fold.answer : (struct cw_access){.account = account};
    slot->version = cw_access_version(c);
    return &slot->access;
}

bool cw_right_has(struct cw_control *c, uint32_t account, enum cw_right right)
{
    const struct cw_access *access = cw_access_of(c, account);

    return access->is_enabled && (access->rights & CW_RIGHT_BIT(right)) != 0;
}

bool cw_account_is_shut_out(struct cw_control *c, uint32_t account)
{
    const struct cw_access *access = cw_access_of(c, account);

    return account != 0 && access->account == account && !access->is_enabled;
}

uint32_t cw_account_session_policy(struct cw_control *c, uint32_t account)
{
    return cw_access_of(c, account)->session_policy;
}

void cw_access_changed(struct cw_control *c)
{
    c->access_version++;
}

uint64_t cw_access_version(const struct cw_control *c)
{
    return c->access_version + 1; /* 0: nothing is kept */
}

void cw_access_free(struct cw_control *c)
{
    free(c->access);
    c->access = NULL;
}
