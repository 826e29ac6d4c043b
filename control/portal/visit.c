/* SPDX-License-Identifier: Apache-2.0 */
#include "control/portal/visit.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/account/seal.h"
#include "control/store/store_portal.h"
#include "engine/base/err.h"

int cw_visit_token(const struct cw_control *c, enum cw_visit_kind kind, uint32_t number,
                   char *ret_token)
{
    const char letter = (char)kind;
    uint8_t mac[CW_SHA256_BYTES];
    int err = cw_seal_hash(c, "portal visit v1", number, &letter, 1, mac);
    int n = 0;

    if (err != 0)
        return err;
    n = snprintf(ret_token, CW_VISIT_TOKEN_SIZE, "%c%u.", letter, number);
    cw_base64url_encode(mac, sizeof mac, ret_token + n);
    return 0;
}

json_t *cw_visit_token_json(const struct cw_control *c, enum cw_visit_kind kind, uint32_t number)
{
    char token[CW_VISIT_TOKEN_SIZE];

    return cw_visit_token(c, kind, number, token) == 0 ? json_string(token) : json_null();
}

bool cw_visit_is_token(const char *token)
{
    return (token[0] == CW_VISIT_KEY || token[0] == CW_VISIT_SESSION) && strchr(token, '.') != NULL;
}

int cw_visit_read(const struct cw_control *c, const char *token, enum cw_visit_kind *ret_kind,
                  uint32_t *ret_number)
{
    char good[CW_VISIT_TOKEN_SIZE];
    const size_t digits = token[0] != '\0' ? strspn(token + 1, "0123456789") : 0;
    unsigned long long number = 0;
    int err = 0;

    if (!cw_visit_is_token(token) || digits == 0 || digits > 10 || token[1 + digits] != '.')
        return CW_ERR_NOT_FOUND;
    number = strtoull(token + 1, NULL, 10);
    if (number == 0 || number > UINT32_MAX)
        return CW_ERR_NOT_FOUND;
    err = cw_visit_token(c, (enum cw_visit_kind)token[0], (uint32_t)number, good);
    if (err != 0)
        return err;
    if (strlen(token) != strlen(good) || CRYPTO_memcmp(token, good, strlen(good)) != 0)
        return CW_ERR_NOT_FOUND;
    *ret_kind = (enum cw_visit_kind)token[0];
    *ret_number = (uint32_t)number;
    return 0;
}

int cw_visit_session(struct cw_control *c, const char *token, struct cw_session *ret)
{
    enum cw_visit_kind kind = CW_VISIT_SESSION;
    struct cw_visit_key key = {.session = 0};
    uint32_t number = 0;
    int err = cw_visit_read(c, token, &kind, &number);

    if (err == 0 && kind == CW_VISIT_KEY) {
        err = cw_store_portal_key(c->store, number, &key);
        number = key.session;
        if (err == 0 && number == 0)
            err = CW_ERR_STATE;
    }
    return err == 0 ? cw_store_session_get(c->store, number, ret) : err;
}
