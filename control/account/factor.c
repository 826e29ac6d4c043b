/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/factor.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "control/account/option.h"
#include "control/account/totp.h"
#include "control/api/body.h"
#include "engine/base/err.h"

int cw_factors_of(struct cw_control *c, uint32_t account, struct cw_factors *ret)
{
    struct cw_totp_row totp;
    int err = cw_store_totp_get(c->store, account, &totp);

    ret->has_totp = err == 0;
    if (err == CW_ERR_NOT_FOUND)
        err = 0;
    if (err == 0)
        err = cw_store_authenticator_count(c->store, account, &ret->authenticators);
    if (err == 0)
        err = cw_store_recovery_count(c->store, account, &ret->recovery_codes);
    return err;
}

bool cw_factors_are_any(const struct cw_factors *factors)
{
    return factors->has_totp || factors->authenticators > 0;
}

/* ---- how often ------------------------------------------------------------------------------- */

bool cw_factor_is_locked(struct cw_control *c, uint32_t account)
{
    struct cw_lock lock;

    return cw_store_code_lock_get(c->store, account, &lock) == 0 &&
           lock.count >= cw_option(c, CW_OPTION_CODE_TRIES);
}

int cw_factor_refuse_locked(struct cw_control *c, uint32_t account, struct cw_reply *reply)
{
    struct cw_lock lock;
    int err = cw_store_code_lock_get(c->store, account, &lock);

    if (err == 0 && lock.count >= cw_option(c, CW_OPTION_CODE_TRIES))
        return cw_refuse(reply, CW_ERR_DENIED,
                         "Too many wrong codes: an administrator must unlock this account.");
    if (err != 0)
        return err;
    reply->retry_after_s = cw_lock_wait_of(c, &lock);
    if (reply->retry_after_s == 0)
        return 0;
    return cw_refuse(reply, CW_ERR_FULL, "Too many wrong codes. Wait %u seconds and try again.",
                     reply->retry_after_s);
}

int cw_factor_failed(struct cw_control *c, uint32_t account)
{
    struct cw_lock lock;
    int err = cw_store_code_lock_get(c->store, account, &lock);

    if (err != 0)
        return err;
    lock.count++;
    lock.last_ms = cw_control_now_unix_ms(c);
    return cw_store_code_lock_set(c->store, account, &lock);
}

int cw_factor_clear(struct cw_control *c, uint32_t account)
{
    return cw_store_code_lock_clear(c->store, account);
}

/* ---- codes ----------------------------------------------------------------------------------- */

int cw_factor_take_totp(struct cw_control *c, uint32_t account, const char *code)
{
    uint8_t secret[CW_TOTP_SECRET_BYTES];
    struct cw_totp_row row;
    uint64_t step = 0;
    int err = cw_store_totp_get(c->store, account, &row);

    if (err == CW_ERR_NOT_FOUND)
        return CW_ERR_STATE;
    if (err == 0)
        err = cw_unseal(c, "totp", account, row.sealed, sizeof row.sealed, secret);
    if (err != 0)
        return err;
    err = cw_totp_check(secret, sizeof secret, code, cw_control_now_unix_ms(c) / 1000,
                        row.last_step, &step);
    OPENSSL_cleanse(secret, sizeof secret);
    return err == 0 ? cw_store_totp_step(c->store, account, step) : err;
}

static int recovery_hash(const struct cw_control *c, uint32_t account, const char *code,
                         uint8_t *ret_hash)
{
    char plain[CW_RECOVERY_CODE_CHARACTERS + 1];

    if (cw_base32_normalise(code, strlen(code), plain, CW_RECOVERY_CODE_CHARACTERS) != 0)
        return CW_ERR_DENIED;
    return cw_seal_hash(c, "recovery", account, plain, strlen(plain), ret_hash);
}

int cw_factor_take_recovery(struct cw_control *c, uint32_t account, const char *code)
{
    uint8_t hash[CW_SHA256_BYTES];
    int err = recovery_hash(c, account, code, hash);

    if (err == 0)
        err = cw_store_recovery_use(c->store, account, hash);
    return err == CW_ERR_NOT_FOUND ? CW_ERR_DENIED : err;
}

int cw_recovery_renew(struct cw_control *c, uint32_t account, json_t **ret_codes)
{
    uint8_t hash[CW_SHA256_BYTES];
    char text[24];
    json_t *codes = json_array();
    int err = cw_store_recovery_remove(c->store, account);

    for (unsigned i = 0; i < CW_RECOVERY_CODES && err == 0; i++) {
        err = cw_secret_base32(text, CW_RECOVERY_CODE_CHARACTERS);
        if (err == 0)
            err = recovery_hash(c, account, text, hash);
        if (err == 0)
            err = cw_store_recovery_add(c->store, account, hash);
        if (err == 0 && json_array_append_new(codes, json_string(text)) != 0)
            err = CW_ERR_NOMEM;
    }
    OPENSSL_cleanse(text, sizeof text);
    if (err != 0)
        json_decref(codes);
    else
        *ret_codes = codes;
    return err;
}

int cw_factor_remove_all(struct cw_control *c, uint32_t account)
{
    int err = cw_store_totp_remove(c->store, account);

    if (err == 0)
        err = cw_store_recovery_remove(c->store, account);
    if (err == 0)
        err = cw_store_authenticator_remove_all(c->store, account);
    return err == 0 ? cw_factor_clear(c, account) : err;
}

int cw_account_handle(const struct cw_control *c, uint32_t account, uint8_t *ret_handle)
{
    return cw_seal_hash(c, "handle", account, "", 0, ret_handle);
}
