/* SPDX-License-Identifier: Apache-2.0 */
#include "control/outbox/syslog_message.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PRIORITY_OK = 13 * 8 + 6,
    PRIORITY_REFUSED = 13 * 8 + 4,
    MSGID_BYTES_MAX = 32, /* RFC 5424 */
    HEAD_BYTES = CW_HOST_BYTES_MAX + 200,
};

/* ---- where to --------------------------------------------------------------------------------- */

static bool is_udp(const char *url)
{
    return strncmp(url, "syslog+udp://", 13) == 0;
}

/* Names are looked up by libcurl for TLS and TCP; a datagram's address is a number. */
static bool is_host(const char *host, size_t n, bool is_numeric)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    uint8_t address[16];
    char text[CW_HOST_BYTES_MAX + 1];

    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, host, n);
    text[n] = '\0';
    if (text[0] == '[') {
        if (text[n - 1] != ']')
            return false;
        text[n - 1] = '\0';
        return inet_pton(AF_INET6, text + 1, address) == 1;
    }
    return is_numeric ? inet_pton(AF_INET, text, address) == 1 : strspn(text, letters) == n;
}

bool cw_syslog_is_url(const char *url)
{
    const bool has_scheme = strncmp(url, "syslog+tls://", 13) == 0 ||
                            strncmp(url, "syslog+tcp://", 13) == 0 || is_udp(url);
    const char *colon = strrchr(url, ':');
    unsigned long port = 0;

    if (!has_scheme || colon < url + 13 || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5)
        return false;
    port = strtoul(colon + 1, NULL, 10);
    return port >= 1 && port <= 65535 &&
           is_host(url + 13, (size_t)(colon - (url + 13)), is_udp(url));
}

/* ---- what ------------------------------------------------------------------------------------- */

static void time_text(uint64_t time_ms, char *out, size_t size)
{
    const time_t s = (time_t)(time_ms / 1000);
    struct tm tm = {0};
    char day[32] = "";

    (void)gmtime_r(&s, &tm);
    (void)strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, size, "%s.%03uZ", day, (unsigned)(time_ms % 1000));
}

char *cw_syslog_message(const char *url, const char *host, const struct cw_outbox_row *row)
{
    json_t *event = json_loads(row->body, 0, NULL);
    const char *result = json_string_value(json_object_get(event, "result"));
    const bool is_ok = result == NULL || strcmp(result, "ok") == 0;
    char when[48];
    char head[HEAD_BYTES];
    char *text = NULL;
    int head_bytes = 0;
    int count_bytes = 0;
    size_t bytes = 0;

    time_text((uint64_t)json_integer_value(json_object_get(event, "time_unix_ms")), when,
              sizeof when);
    head_bytes = snprintf(
        head, sizeof head, "<%d>1 %s %s causeway - %.*s [event@32473 id=\"%" PRIu64 "\"] ",
        is_ok ? PRIORITY_OK : PRIORITY_REFUSED, when, host[0] != '\0' ? host : "-", MSGID_BYTES_MAX,
        row->type, (uint64_t)json_integer_value(json_object_get(event, "id")));
    json_decref(event);
    bytes = (size_t)head_bytes + strlen(row->body);
    text = malloc(bytes + 24);
    if (text == NULL)
        return NULL;
    if (!is_udp(url))
        count_bytes = snprintf(text, 24, "%zu ", bytes);
    snprintf(text + count_bytes, bytes + 24 - (size_t)count_bytes, "%s%s", head, row->body);
    return text;
}
