/* SPDX-License-Identifier: Apache-2.0 */
#include "control/api/body.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/report/utf8.h"
#include "control/state.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/wire/message.h"

int cw_body_text(const json_t *body, const char *member, size_t bytes_max, const char **ret_text)
{
    const json_t *value = json_object_get(body, member);
    size_t n = json_string_length(value);

    if (!json_is_string(value) || n == 0 || n > bytes_max)
        return CW_ERR_INVALID;
    *ret_text = json_string_value(value);
    return 0;
}

int cw_body_name(const json_t *body, const char *member, char *ret_name)
{
    const json_t *value = json_object_get(body, member);
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    size_t characters = 0;

    ret_name[0] = '\0';
    if (value == NULL || json_is_null(value))
        return 0;
    if (text == NULL || !cw_text_is_clean(text, n))
        return CW_ERR_INVALID;
    while (n > 0 && *text == ' ') {
        text++;
        n--;
    }
    while (n > 0 && text[n - 1] == ' ')
        n--;
    for (size_t i = 0; i < n; i++) {
        characters += ((unsigned char)text[i] & 0xC0) != 0x80;
        if (text[i] == '\n' || text[i] == '\t')
            return CW_ERR_INVALID;
    }
    if (characters > CW_NAME_CHARACTERS_MAX)
        return CW_ERR_INVALID;
    memcpy(ret_name, text, n);
    ret_name[n] = '\0';
    return 0;
}

/* Decimal digits without sign, space or leading zero. */
static bool digits_value(const char *text, size_t n, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (n == 0 || n > 19 || (n > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *ret_value = value;
    return true;
}

int cw_body_number(const json_t *body, const char *member, uint64_t min, uint64_t max,
                   uint64_t *ret_value)
{
    const json_t *value = json_object_get(body, member);
    uint64_t number = 0;

    if (value == NULL || json_is_null(value))
        return 0;
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        number = (uint64_t)json_integer_value(value);
    else if (!json_is_string(value) ||
             !digits_value(json_string_value(value), json_string_length(value), &number))
        return CW_ERR_INVALID;
    if (number < min || number > max)
        return CW_ERR_INVALID;
    *ret_value = number;
    return 0;
}

struct numbers {
    uint32_t *all;
    uint32_t count_max;
    uint32_t count;
};

static int add_number(struct numbers *n, uint64_t number)
{
    if (number == 0 || number > UINT32_MAX)
        return CW_ERR_INVALID;
    if (n->count == n->count_max)
        return CW_ERR_FULL;
    n->all[n->count++] = (uint32_t)number;
    return 0;
}

int cw_body_numbers(const json_t *body, const char *member, uint32_t *ret_numbers,
                    uint32_t count_max, uint32_t *ret_count, bool *ret_is_given)
{
    const json_t *value = json_object_get(body, member);
    const char *at = json_string_value(value);
    struct numbers n = {.all = ret_numbers, .count_max = count_max};
    uint64_t number = 0;
    int err = 0;

    *ret_is_given = value != NULL;
    *ret_count = 0;
    if (value == NULL)
        return 0;
    if (json_is_integer(value))
        err = add_number(&n, (uint64_t)json_integer_value(value));
    else if (!json_is_array(value) && at == NULL)
        err = CW_ERR_INVALID;
    for (size_t i = 0; err == 0 && i < json_array_size(value); i++)
        err = add_number(&n, (uint64_t)json_integer_value(json_array_get(value, i)));
    while (err == 0 && at != NULL && *(at += strspn(at, " ")) != '\0') {
        const size_t digits = strcspn(at, " ");
        err = digits_value(at, digits, &number) ? add_number(&n, number) : CW_ERR_INVALID;
        at += digits;
    }
    *ret_count = n.count;
    return err;
}

int cw_body_bool(const json_t *body, const char *member, bool *ret_value)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", NULL};
    const json_t *value = json_object_get(body, member);
    unsigned word = 0;
    int err = 0;

    if (json_is_boolean(value)) {
        *ret_value = json_is_true(value);
        return 0;
    }
    if (value == NULL || json_is_null(value))
        return 0;
    err = cw_body_choice(body, member, words, &word);
    if (err == 0)
        *ret_value = word % 2 == 1;
    return err;
}

int cw_body_choice(const json_t *body, const char *member, const char *const *names,
                   unsigned *ret_value)
{
    const json_t *value = json_object_get(body, member);

    if (value == NULL || json_is_null(value))
        return 0;
    for (unsigned i = 0; json_is_string(value) && names[i] != NULL; i++) {
        if (strlen(names[i]) == json_string_length(value) &&
            strcmp(names[i], json_string_value(value)) == 0) {
            *ret_value = i;
            return 0;
        }
    }
    return CW_ERR_INVALID;
}

int cw_body_page(const json_t *body, uint32_t *ret_after, uint32_t *ret_limit,
                 struct cw_reply *reply)
{
    uint64_t after = 0;
    uint64_t limit = CW_PAGE_ROWS_MAX;

    if (cw_body_number(body, "after", 0, UINT32_MAX, &after) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "after must be the number of a row.");
    if (cw_body_number(body, "limit", 1, CW_PAGE_ROWS_MAX, &limit) != 0)
        return cw_refuse(reply, CW_ERR_INVALID, "limit must be a number from 1 to %d.",
                         CW_PAGE_ROWS_MAX);
    *ret_after = (uint32_t)after;
    *ret_limit = (uint32_t)limit;
    return 0;
}

int cw_body_lines(const json_t *body, const char *member, size_t bytes_max, const char **ret_text)
{
    const json_t *value = json_object_get(body, member);

    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_string(value) || json_string_length(value) > bytes_max ||
        !cw_text_is_clean(json_string_value(value), json_string_length(value)))
        return CW_ERR_INVALID;
    *ret_text = json_string_value(value);
    return 0;
}

static bool is_among(const char *name, const char *names)
{
    const size_t n = strlen(name);

    while (*names != '\0') {
        size_t word = strcspn(names, " ");
        if (word == n && memcmp(names, name, n) == 0)
            return true;
        names += word;
        names += strspn(names, " ");
    }
    return false;
}

int cw_body_only(const json_t *body, const char *names, struct cw_reply *reply)
{
    const char *name = NULL;
    const json_t *value = NULL;

    json_object_foreach((json_t *)(uintptr_t)body, name, value) if (
        !is_among(name, names)) return cw_refuse(reply, CW_ERR_INVALID,
                                                 "There is no member \"%.60s\" here; known: %s.",
                                                 name, names[0] != '\0' ? names : "none");
    return 0;
}

int cw_body_key(const json_t *body, const char *member, uint8_t *ret_key)
{
    const json_t *value = json_object_get(body, member);

    if (!json_is_string(value))
        return CW_ERR_INVALID;
    return cw_base64url_decode(json_string_value(value), json_string_length(value), ret_key,
                               CW_KEY_BYTES);
}

int cw_refuse(struct cw_reply *reply, int err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reply->message, sizeof reply->message, format, args);
    va_end(args);
    cw_utf8_mend(reply->message); /* names in it may have been cut */
    return err;
}

int cw_refuse_store(struct cw_control *c, struct cw_reply *reply, int err)
{
    const char *reason = "";

    (void)cw_store_is_writable(c->store, &reason);
    switch (err) {
    case CW_ERR_READ_ONLY:
        return cw_refuse(reply, err,
                         "Nothing was changed: the appliance's store cannot be written (%s). "
                         "Sessions that are running go on.",
                         reason);
    case CW_ERR_NOMEM:
        return cw_refuse(reply, err, "The appliance is out of memory. Try again shortly.");
    case CW_ERR_FULL:
        reply->retry_after_s = 60;
        return cw_refuse(reply, err, "The appliance is at its limit. Try again shortly.");
    default:
        cw_log(CW_LOG_ERROR, "control", "a request failed: %s", cw_err_text(err));
        return cw_refuse(reply, CW_ERR_INTERNAL,
                         "Something went wrong in the appliance. Its log says more.");
    }
}
