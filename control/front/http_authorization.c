/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/http_authorization.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/err.h"

static int hex_value(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* "+" is a blank and %XX a byte; out has room for size + 1. A NUL byte is refused: texts end there. */
int cw_http_form_decode(const char *text, size_t size, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < size; i++) {
        char ch = text[i];
        if (ch == '+') {
            ch = ' ';
        } else if (ch == '%') {
            int high = i + 2 < size ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return CW_ERR_INVALID;
            ch = (char)(high * 16 + low);
            i += 2;
        }
        if (ch == '\0')
            return CW_ERR_INVALID;
        out[n++] = ch;
    }
    out[n] = '\0';
    return 0;
}

/* Base64 with padding into "ID:SECRET", each of them form-encoded (RFC 6749 section 2.3.1). */
static int basic_parse(const char *text, size_t size, struct cw_http_authorization *ret)
{
    uint8_t bytes[3 * CW_HTTP_CREDENTIAL_BYTES_MAX];
    size_t padding = 0;
    int n = 0;

    if (size == 0 || size % 4 != 0 || size / 4 * 3 > sizeof bytes - 1)
        return CW_ERR_INVALID;
    while (padding < 2 && text[size - 1 - padding] == '=')
        padding++;
    n = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)size);
    if (n < 0 || (size_t)n < padding)
        return CW_ERR_INVALID;
    const size_t all = (size_t)n - padding;
    const uint8_t *colon = memchr(bytes, ':', all);
    if (colon == NULL)
        return CW_ERR_INVALID;
    const size_t user = (size_t)(colon - bytes);
    const size_t secret = all - user - 1;
    if (user > CW_HTTP_CREDENTIAL_BYTES_MAX || secret > CW_HTTP_CREDENTIAL_BYTES_MAX)
        return CW_ERR_INVALID;
    int err = cw_http_form_decode((const char *)bytes, user, ret->user);
    if (err == 0)
        err = cw_http_form_decode((const char *)colon + 1, secret, ret->secret);
    explicit_bzero(bytes, sizeof bytes);
    return err;
}

int cw_http_authorization_parse(const char *value, struct cw_http_authorization *ret)
{
    static const char token_characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
    const size_t scheme = strcspn(value, " ");
    const char *rest = value + scheme + strspn(value + scheme, " ");
    const size_t size = strlen(rest);

    memset(ret, 0, sizeof *ret);
    if (scheme == 6 && strncasecmp(value, "Bearer", 6) == 0) {
        if (size == 0 || size > CW_HTTP_CREDENTIAL_BYTES_MAX ||
            strspn(rest, token_characters) != size)
            return CW_ERR_INVALID;
        memcpy(ret->secret, rest, size + 1);
        ret->scheme = CW_HTTP_BEARER;
        return 0;
    }
    if (scheme != 5 || strncasecmp(value, "Basic", 5) != 0)
        return CW_ERR_UNSUPPORTED;
    int err = basic_parse(rest, size, ret);
    if (err == 0)
        ret->scheme = CW_HTTP_BASIC;
    return err;
}

/* One "name=value". */
static int form_take(json_t *body, const char *text, size_t size, char *name, char *value)
{
    const char *equals = memchr(text, '=', size);
    const size_t name_size = equals != NULL ? (size_t)(equals - text) : size;
    int err = cw_http_form_decode(text, name_size, name);

    value[0] = '\0';
    if (err == 0 && equals != NULL)
        err = cw_http_form_decode(equals + 1, size - name_size - 1, value);
    if (err != 0)
        return err;
    if (name[0] == '\0' || json_object_get(body, name) != NULL)
        return CW_ERR_INVALID;
    if (json_object_size(body) >= CW_HTTP_QUERY_MEMBERS_MAX)
        return CW_ERR_FULL;
    /* What is not UTF-8 is no string. */
    return json_object_set_new(body, name, json_string(value)) == 0 ? 0 : CW_ERR_INVALID;
}

int cw_http_form_parse(const char *text, size_t size, json_t **ret_body)
{
    json_t *body = json_object();
    char *room = malloc(2 * (size + 1));
    int err = body != NULL && room != NULL ? 0 : CW_ERR_NOMEM;

    for (size_t at = 0; err == 0 && at < size;) {
        const char *end = memchr(text + at, '&', size - at);
        size_t part = end != NULL ? (size_t)(end - (text + at)) : size - at;
        if (part > 0)
            err = form_take(body, text + at, part, room, room + size + 1);
        at += part + 1;
    }
    if (room != NULL)
        explicit_bzero(room, 2 * (size + 1));
    free(room);
    if (err != 0) {
        json_decref(body);
        return err;
    }
    *ret_body = body;
    return 0;
}
