/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/http_head.h"

#include <string.h>
#include <strings.h>

#include "engine/base/err.h"
#include "engine/limits.h"

static bool is_token(uint8_t c)
{
    if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
        return true;
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_value(uint8_t c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7F);
}

static bool all_token(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_token(data[i]))
            return false;
    return size > 0;
}

/* METHOD SP target SP HTTP/1.1 */
static int parse_request_line(struct cw_http_head *h, const uint8_t *line, size_t size)
{
    static const char version[] = " HTTP/1.1";
    const size_t version_bytes = sizeof version - 1;
    const uint8_t *space = memchr(line, ' ', size);
    if (space == NULL || size < version_bytes + 1)
        return CW_ERR_INVALID;
    size_t method_bytes = (size_t)(space - line);
    size_t end = size - version_bytes;
    if (!all_token(line, method_bytes) || end <= method_bytes + 1 ||
        memcmp(line + end, version, version_bytes) != 0)
        return CW_ERR_INVALID;
    for (size_t i = method_bytes + 1; i < end; i++)
        if (line[i] <= 0x20 || line[i] >= 0x7F)
            return CW_ERR_INVALID;
    h->is_get = method_bytes == 3 && memcmp(line, "GET", 3) == 0;
    h->target.at = (uint16_t)(h->line + method_bytes + 1);
    h->target.size = (uint16_t)(end - method_bytes - 1);
    h->has_request_line = true;
    return CW_OK;
}

static struct cw_http_span *wanted_field(struct cw_http_head *h, const uint8_t *name, size_t size)
{
    const struct {
        const char *name;
        struct cw_http_span *span;
    } wanted[] = {
        {"host", &h->host},
        {"origin", &h->origin},
        {"sec-websocket-key", &h->key},
        {"sec-websocket-version", &h->version},
        {"upgrade", &h->upgrade},
        {"connection", &h->connection},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strlen(wanted[i].name) == size &&
            strncasecmp(wanted[i].name, (const char *)name, size) == 0)
            return wanted[i].span;
    return NULL;
}

static int parse_field(struct cw_http_head *h, const uint8_t *line, size_t size)
{
    const uint8_t *colon = memchr(line, ':', size);
    if (colon == NULL)
        return CW_ERR_INVALID;
    size_t name_bytes = (size_t)(colon - line);
    if (!all_token(line, name_bytes)) /* also refuses folded lines and "Name :" */
        return CW_ERR_INVALID;
    size_t at = name_bytes + 1;
    while (at < size && (line[at] == ' ' || line[at] == '\t'))
        at++;
    while (size > at && (line[size - 1] == ' ' || line[size - 1] == '\t'))
        size--;
    for (size_t i = at; i < size; i++)
        if (!is_value(line[i]))
            return CW_ERR_INVALID;
    struct cw_http_span *span = wanted_field(h, line, name_bytes);
    if (span == NULL)
        return CW_OK;
    if (span->at != 0)
        return CW_ERR_INVALID; /* two of one: which would control believe? */
    span->at = (uint16_t)(h->line + at);
    span->size = (uint16_t)(size - at);
    return CW_OK;
}

int cw_http_head_parse(struct cw_http_head *h, const uint8_t *data, size_t size, size_t *ret_used)
{
    size_t limit = size < CW_HTTP_HEAD_BYTES_MAX ? size : CW_HTTP_HEAD_BYTES_MAX;
    while (h->scanned < limit) {
        uint8_t c = data[h->scanned++];
        if (c != '\n')
            continue;
        size_t line_bytes = (size_t)(h->scanned - h->line);
        const uint8_t *line = data + h->line;
        if (line_bytes < 2 || line[line_bytes - 2] != '\r')
            return CW_ERR_INVALID;
        line_bytes -= 2;
        if (memchr(line, '\r', line_bytes) != NULL)
            return CW_ERR_INVALID;
        int err = CW_OK;
        if (!h->has_request_line) {
            err = parse_request_line(h, line, line_bytes);
        } else if (line_bytes == 0) {
            *ret_used = h->scanned;
            return CW_OK;
        } else {
            err = parse_field(h, line, line_bytes);
        }
        if (err != CW_OK)
            return err;
        h->line = h->scanned;
    }
    return h->scanned >= CW_HTTP_HEAD_BYTES_MAX ? CW_ERR_TOO_LARGE : CW_ERR_AGAIN;
}

static bool span_is(const uint8_t *data, struct cw_http_span span, const char *text)
{
    return span.size == strlen(text) &&
           strncasecmp((const char *)data + span.at, text, span.size) == 0;
}

/* True when a comma-separated list holds the token. */
static bool list_has(const uint8_t *data, struct cw_http_span span, const char *token)
{
    size_t end = (size_t)span.at + span.size;
    for (size_t at = span.at; at < end;) {
        size_t stop = at;
        while (stop < end && data[stop] != ',')
            stop++;
        size_t from = at;
        size_t to = stop;
        while (from < to && (data[from] == ' ' || data[from] == '\t'))
            from++;
        while (to > from && (data[to - 1] == ' ' || data[to - 1] == '\t'))
            to--;
        if (to - from == strlen(token) &&
            strncasecmp((const char *)data + from, token, to - from) == 0)
            return true;
        at = stop + 1;
    }
    return false;
}

/* 16 bytes in base64: 22 characters and two signs of padding. */
static bool key_is_valid(const uint8_t *data, struct cw_http_span key)
{
    if (key.size != 24 || data[key.at + 22] != '=' || data[key.at + 23] != '=')
        return false;
    for (unsigned i = 0; i < 22; i++) {
        uint8_t c = data[key.at + i];
        bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!is_letter && !(c >= '0' && c <= '9') && c != '+' && c != '/')
            return false;
    }
    return true;
}

bool cw_http_origin_is_allowed(const char *origins, const uint8_t *origin, size_t origin_bytes)
{
    for (const char *at = origins; *at != '\0';) {
        size_t size = strcspn(at, " \n");
        if (size > 0 && size == origin_bytes && memcmp(at, origin, size) == 0)
            return true;
        at += size;
        at += strspn(at, " \n");
    }
    return false;
}

enum cw_http_verdict cw_http_head_judge(const struct cw_http_head *h, const uint8_t *data,
                                        const char *origins)
{
    if (!h->is_get || h->target.size != 3 || memcmp(data + h->target.at, "/ws", 3) != 0)
        return CW_HTTP_PIPE;
    if (h->host.size == 0 || !list_has(data, h->upgrade, "websocket") ||
        !list_has(data, h->connection, "upgrade") || !span_is(data, h->version, "13") ||
        !key_is_valid(data, h->key))
        return CW_HTTP_BAD_UPGRADE;
    if (!cw_http_origin_is_allowed(origins, data + h->origin.at, h->origin.size))
        return CW_HTTP_WRONG_ORIGIN;
    return CW_HTTP_WEBSOCKET;
}
