/* SPDX-License-Identifier: Apache-2.0 */
#include "control/session/session_key.h"

#include <string.h>

#include "engine/base/err.h"
#include "engine/wire/frame.h"

static int hash_of(const char *text, size_t text_bytes, uint8_t *ret_hash)
{
    char plain[CW_SESSION_KEY_CHARACTERS + 1];
    int err = text_bytes > CW_SESSION_KEY_INPUT_BYTES_MAX
                  ? CW_ERR_INVALID
                  : cw_base32_normalise(text, text_bytes, plain, CW_SESSION_KEY_CHARACTERS);

    if (err != 0)
        return CW_ERR_NOT_FOUND;
    return cw_secret_hash("causeway session key v1", plain, CW_SESSION_KEY_CHARACTERS, ret_hash);
}

int cw_session_key_make(struct cw_control *c, const struct cw_actor *actor,
                        struct cw_session_key *key, uint64_t life_s, char *ret_text)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint8_t hash[CW_SHA256_BYTES];
    int err = cw_secret_base32(ret_text, CW_SESSION_KEY_CHARACTERS);

    if (err == 0)
        err = hash_of(ret_text, strlen(ret_text), hash);
    if (err == 0)
        err = cw_store_begin(c->store);
    if (err != 0)
        return err;
    key->expires_ms = now_ms + life_s * 1000;
    err = cw_store_session_key_add(c->store, hash, key, now_ms);
    if (err == 0)
        err = cw_audit(c, actor, "session_key.create", "", "ok", "valid for %llu s%s, portal %u",
                       (unsigned long long)life_s, key->team != 0 ? ", into a team's queue" : "",
                       key->portal);
    return cw_store_end(c->store, err);
}

uint16_t cw_session_key_code(int err)
{
    switch (err) {
    case CW_ERR_NOT_FOUND: return CW_CLOSE_SESSION_KEY_WRONG;
    case CW_ERR_EXPIRED: return CW_CLOSE_SESSION_KEY_EXPIRED;
    case CW_ERR_USED: return CW_CLOSE_SESSION_KEY_USED;
    case CW_ERR_FULL: return CW_CLOSE_TOO_MANY_TRIES;
    case CW_ERR_READ_ONLY: return CW_CLOSE_UNAVAILABLE;
    default: return CW_CLOSE_INTERNAL;
    }
}

static int look_up(struct cw_control *c, const char *text, size_t text_bytes,
                   struct cw_session_key *ret_key)
{
    uint8_t hash[CW_SHA256_BYTES];
    int err = hash_of(text, text_bytes, hash);

    if (err == 0)
        err = cw_store_session_key_find(c->store, hash, ret_key);
    if (err != 0)
        return err;
    if (ret_key->used_ms != 0)
        return CW_ERR_USED;
    return cw_control_now_unix_ms(c) >= ret_key->expires_ms ? CW_ERR_EXPIRED : 0;
}

int cw_session_key_check(struct cw_control *c, const struct cw_actor *actor, const char *action,
                         const char *text, size_t text_bytes, struct cw_session_key *ret_key,
                         uint32_t *ret_wait_s)
{
    const uint64_t now_ms = cw_control_now_unix_ms(c);
    uint32_t wait_s = cw_budget_wait_s(&c->budget, CW_BUDGET_KEY, actor->source, now_ms);
    int err = 0;

    if (wait_s == 0)
        wait_s = cw_budget_wait_s(&c->budget, CW_BUDGET_KEY_GLOBAL, "", now_ms);
    if (wait_s > 0) {
        *ret_wait_s = wait_s;
        /* Refused without a look, so that a flood writes one row a minute and not one a try. */
        if (cw_budget_may_audit(&c->budget, actor->source, "TOO_MANY_TRIES", now_ms))
            cw_audit_refused(c, actor, action, "", "TOO_MANY_TRIES", "wait %u s", wait_s);
        return CW_ERR_FULL;
    }
    err = look_up(c, text, text_bytes, ret_key);
    if (err == 0)
        return 0;
    if (err == CW_ERR_NOT_FOUND || err == CW_ERR_EXPIRED || err == CW_ERR_USED) {
        cw_budget_charge(&c->budget, CW_BUDGET_KEY, actor->source, now_ms);
        cw_budget_charge(&c->budget, CW_BUDGET_KEY_GLOBAL, "", now_ms);
        cw_audit_refused(c, actor, action, "", cw_close_name(cw_session_key_code(err)), "%s",
                         cw_close_text(cw_session_key_code(err)));
    }
    return err;
}
