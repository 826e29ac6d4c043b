/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/http_route.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "control/front/ctl_line.h"
#include "engine/base/err.h"

static bool route_path_fits(const char *pattern, const char *path, uint32_t *ret_id)
{
    size_t before = 0;
    *ret_id = 0;
    /* Each request passes hundreds of patterns: most differ in a byte or two behind the API's prefix. */
    while (pattern[before] != '\0' && pattern[before] != '{' && pattern[before] == path[before])
        before++;
    if (pattern[before] != '{')
        return pattern[before] == '\0' && path[before] == '\0';
    const char *parameter = pattern + before;
    size_t digits = strspn(path + before, "0123456789");
    *ret_id = cw_ctl_id(path + before, digits);
    return *ret_id != 0 && strcmp(parameter + 4, path + before + digits) == 0;
}

static void route_add_allow(char allow[CW_HTTP_ALLOW_BYTES], const char *method)
{
    size_t n = strlen(allow);
    (void)snprintf(allow + n, CW_HTTP_ALLOW_BYTES - n, "%s%s%s", n > 0 ? ", " : "", method,
                   strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

int cw_http_route(const struct cw_operation *table, const char *method, const char *path,
                  const struct cw_operation **ret_operation, uint32_t *ret_id,
                  char ret_allow[CW_HTTP_ALLOW_BYTES])
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    bool is_known = false;
    ret_allow[0] = '\0';
    for (const struct cw_operation *o = table; o->name != NULL; o++) {
        uint32_t id;
        if (o->path == NULL || !route_path_fits(o->path, path, &id))
            continue;
        if (strcmp(o->method, wanted) == 0) {
            *ret_operation = o;
            *ret_id = id;
            return 0;
        }
        is_known = true;
        route_add_allow(ret_allow, o->method);
    }
    return is_known ? CW_ERR_STATE : CW_ERR_NOT_FOUND;
}

unsigned cw_http_status(int err, const char *code)
{
    if (code != NULL && strcmp(code, "SIGN_IN") == 0)
        return 401;
    switch ((enum cw_err)err) {
    case CW_OK: return 200;
    case CW_ERR_INVALID:
    case CW_ERR_UNSUPPORTED: return 400;
    case CW_ERR_DENIED:
    case CW_ERR_SIGNATURE: return 403;
    case CW_ERR_NOT_FOUND: return 404;
    case CW_ERR_CONFLICT:
    case CW_ERR_STATE: return 409;
    case CW_ERR_EXPIRED:
    case CW_ERR_USED: return 410;
    case CW_ERR_TOO_LARGE: return 413;
    case CW_ERR_FULL: return 429;
    case CW_ERR_READ_ONLY:
    case CW_ERR_CLOSED:
    case CW_ERR_TIMEOUT:
    case CW_ERR_AGAIN: return 503;
    case CW_ERR_NOMEM:
    case CW_ERR_IO:
    case CW_ERR_INTERNAL: return 500;
    }
    return 500;
}

const char *cw_http_error_code(int err, const char *code)
{
    if (code != NULL)
        return code;
    unsigned status = cw_http_status(err, NULL);
    if (status == 500)
        return "INTERNAL";
    if (status == 503 && err != CW_ERR_READ_ONLY)
        return "UNAVAILABLE";
    return cw_err_name(err);
}

bool cw_http_origin_is_one_of(const char *origin, const char *origins)
{
    size_t size = strlen(origin);
    while (size > 0 && *origins != '\0') {
        origins += strspn(origins, " \t");
        size_t n = strcspn(origins, " \t");
        if (n == size && memcmp(origins, origin, n) == 0)
            return true;
        origins += n;
    }
    return false;
}

unsigned cw_http_oauth_status(int err, const char *code)
{
    if (code != NULL && strcmp(code, "invalid_client") == 0)
        return 401;
    return cw_http_status(err, NULL);
}

bool cw_http_is_form_type(const char *content_type)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const size_t n = sizeof form - 1;
    return strncasecmp(content_type, form, n) == 0 &&
           (content_type[n] == '\0' || content_type[n] == ';' || content_type[n] == ' ');
}

bool cw_http_is_json_type(const char *content_type)
{
    static const char json[] = "application/json";
    size_t n = sizeof json - 1;
    if (strncasecmp(content_type, json, n) != 0)
        return false;
    const char *rest = content_type + n;
    rest += strspn(rest, " \t");
    if (*rest == '\0')
        return true;
    if (*rest != ';')
        return false;
    rest++;
    rest += strspn(rest, " \t");
    return strcasecmp(rest, "charset=utf-8") == 0 || strcasecmp(rest, "charset=\"utf-8\"") == 0;
}

bool cw_http_cookie_token(const char *cookie_header, char *ret_token, size_t token_size)
{
    static const char name[] = "__Host-causeway=";
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bool is_found = false;
    const char *at = cookie_header;
    while (*at != '\0') {
        at += strspn(at, " \t;");
        size_t n = strcspn(at, ";");
        if (n >= sizeof name - 1 && memcmp(at, name, sizeof name - 1) == 0) {
            const char *value = at + sizeof name - 1;
            size_t value_size = n - (sizeof name - 1);
            while (value_size > 0 &&
                   (value[value_size - 1] == ' ' || value[value_size - 1] == '\t'))
                value_size--;
            if (is_found || value_size == 0 || value_size >= token_size ||
                strspn(value, alphabet) < value_size)
                return false;
            memcpy(ret_token, value, value_size);
            ret_token[value_size] = '\0';
            is_found = true;
        }
        at += n;
    }
    return is_found;
}
