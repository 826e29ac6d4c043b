/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/password.h"

#include <argon2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "control/account/password_common.h"
#include "control/secret.h"
#include "engine/base/err.h"
#include "engine/wire/message.h"

enum { SALT_BYTES = 16, HASH_BYTES = 32 };

static void prefix_of(const struct cw_hash_cost *cost, char *out, size_t size)
{
    snprintf(out, size, "$argon2id$v=19$m=%u,t=%u,p=%u$", cost->memory_kib, cost->passes,
             cost->lanes);
}

int cw_password_hash(const struct cw_hash_cost *cost, const char *password, size_t bytes,
                     char *ret_hash)
{
    uint8_t salt[SALT_BYTES];
    int err = cw_secret_random(salt, sizeof salt);

    if (err != 0)
        return err;
    switch (argon2id_hash_encoded(cost->passes, cost->memory_kib, cost->lanes, password, bytes,
                                  salt, sizeof salt, HASH_BYTES, ret_hash,
                                  CW_HASH_TEXT_BYTES_MAX)) {
    case ARGON2_OK: return 0;
    case ARGON2_MEMORY_ALLOCATION_ERROR: return CW_ERR_NOMEM;
    default: return CW_ERR_INTERNAL;
    }
}

int cw_password_verify(const char *hash, const char *password, size_t bytes)
{
    switch (argon2id_verify(hash, password, bytes)) {
    case ARGON2_OK: return 0;
    case ARGON2_VERIFY_MISMATCH: return CW_ERR_DENIED;
    case ARGON2_MEMORY_ALLOCATION_ERROR: return CW_ERR_NOMEM;
    default: return CW_ERR_INVALID;
    }
}

bool cw_password_is_outdated(const struct cw_hash_cost *cost, const char *hash)
{
    char prefix[64];

    prefix_of(cost, prefix, sizeof prefix);
    return strncmp(hash, prefix, strlen(prefix)) != 0;
}

/* PHC strings use the standard alphabet without padding: base64url with two other digits. */
static void base64_plain(const uint8_t *data, size_t bytes, char *out)
{
    cw_base64url_encode(data, bytes, out);
    for (; *out != '\0'; out++) {
        if (*out == '-')
            *out = '+';
        if (*out == '_')
            *out = '/';
    }
}

int cw_password_dummy(const struct cw_hash_cost *cost, char *ret_hash)
{
    uint8_t random[SALT_BYTES + HASH_BYTES];
    char salt[32];
    char hash[48];
    char prefix[64];
    int err = cw_secret_random(random, sizeof random);

    if (err != 0)
        return err;
    base64_plain(random, SALT_BYTES, salt);
    base64_plain(random + SALT_BYTES, HASH_BYTES, hash);
    prefix_of(cost, prefix, sizeof prefix);
    snprintf(ret_hash, CW_HASH_TEXT_BYTES_MAX, "%s%s$%s", prefix, salt, hash);
    return 0;
}

static size_t characters_of(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

const char *cw_password_objection(const char *password, size_t bytes, const char *user,
                                  const char *old)
{
    if (bytes > CW_PASSWORD_BYTES_MAX)
        return "The new password is too long: at most 256 bytes.";
    if (!cw_text_is_clean(password, bytes))
        return "The new password has characters that cannot be typed.";
    if (characters_of(password, bytes) < CW_PASSWORD_CHARACTERS_MIN)
        return "The new password is too short: use at least 12 characters.";
    if (strcasecmp(password, user) == 0)
        return "The new password must not be the user name.";
    if (cw_password_is_common(password, bytes, user))
        return "The new password is easy to guess: it is made of common words, digits or rows of "
               "keys. Use a few unrelated words.";
    if (old != NULL && strcmp(password, old) == 0)
        return "The new password must differ from the current one.";
    return NULL;
}
