/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/err.h"

enum { KEY_BYTES_MAX = 32, WORKERS_MAX = 256, SUN_PATH_BYTES = 108 };

/* Checks a value; NULL when it is good, else what is wrong with it. */
typedef const char *(*value_check_fn)(const char *value);

static const char *check_https(const char *value)
{
    struct cw_listen_address a;
    return cw_listen_address_parse(value, &a) == CW_OK
               ? NULL
               : "must be ADDRESS:PORT, like [::]:443 or 192.0.2.1:443";
}

static const char *check_http(const char *value)
{
    struct cw_listen_address a;
    if (strcmp(value, "off") == 0 || cw_listen_address_parse(value, &a) == CW_OK)
        return NULL;
    return "must be ADDRESS:PORT, like [::]:80, or off";
}

static const char *check_metrics(const char *value)
{
    return check_http(value) == NULL ? NULL : "must be ADDRESS:PORT, like 127.0.0.1:9187, or off";
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '[' ||
           c == ']' || c == ':';
}

static bool port_parse(const char *text, size_t size, unsigned *ret_port)
{
    unsigned port = 0;
    if (size < 1 || size > 5 || text[0] == '0')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    *ret_port = port;
    return port <= 65535;
}

/* One origin as a browser sends it: scheme, host in lower case, port unless it is the usual one. */
static const char *check_one_origin(const char *origin, size_t size)
{
    static const char scheme[] = "https://";
    size_t scheme_size = sizeof scheme - 1;
    if (size <= scheme_size || memcmp(origin, scheme, scheme_size) != 0)
        return "must be one or more origins that start with https://";
    const char *host = origin + scheme_size;
    size_t host_size = size - scheme_size;
    for (size_t i = 0; i < host_size; i++) {
        if (host[i] == '/')
            return "an origin has no path and no slash at its end";
        if (!is_host_char(host[i]))
            return "the host of an origin has only a-z, 0-9, '-' and '.'";
    }
    const char *after = host[0] == '[' ? memchr(host, ']', host_size) : host;
    if (after == NULL)
        return "an IPv6 host ends with ]";
    const char *colon = memchr(after, ':', host_size - (size_t)(after - host));
    if (colon == host)
        return "an origin needs a host";
    if (colon == NULL)
        return NULL;
    unsigned port;
    if (!port_parse(colon + 1, host_size - (size_t)(colon + 1 - host), &port))
        return "the port of an origin is a number from 1 to 65535";
    return port == 443 ? "browsers leave :443 out of an origin; leave it out here too" : NULL;
}

static const char *check_origins(const char *value)
{
    while (*value != '\0') {
        size_t size = strcspn(value, " \t");
        const char *wrong = check_one_origin(value, size);
        if (wrong != NULL)
            return wrong;
        value += size;
        value += strspn(value, " \t");
    }
    return NULL;
}

static const char *check_path(const char *value)
{
    return value[0] == '/' ? NULL : "must be an absolute path (it starts with /)";
}

static const char *check_run_dir(const char *value)
{
    if (strlen(value) + sizeof "/control-ro.sock" > SUN_PATH_BYTES)
        return "is too long: the sockets in it may have paths of at most 107 bytes";
    return check_path(value);
}

static const char *check_name(const char *value)
{
    if (value[0] == '-')
        return "must not start with '-'";
    for (; *value != '\0'; value++) {
        char c = *value;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-' || c == '.'))
            return "has only letters, digits, '_', '-' and '.'";
    }
    return NULL;
}

static const char *check_format(const char *value)
{
    bool is_good = strcmp(value, "text") == 0 || strcmp(value, "json") == 0;
    return is_good ? NULL : "must be text or json";
}

static const char *check_level(const char *value)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(value, levels[i]) == 0)
            return NULL;
    }
    return "must be error, warning, info or debug";
}

static const char *check_megabytes(const char *value)
{
    size_t size = strlen(value);
    return size >= 1 && size <= 9 && strspn(value, "0123456789") == size
               ? NULL
               : "must be a number of megabytes, at most 999999999";
}

static const char *check_recording(const char *value)
{
    bool is_known =
        strcmp(value, "off") == 0 || strcmp(value, "on") == 0 || strcmp(value, "required") == 0;
    return is_known ? NULL : "must be off, on or required";
}

static const char *check_path_or_empty(const char *value)
{
    return value[0] == '\0' ? NULL : check_path(value);
}

#define TEXT(name, default_value, may_be_empty, check)               \
    {                                                                \
#        name, default_value, offsetof(struct cw_config, name),      \
            sizeof((struct cw_config *)0)->name, may_be_empty, check \
    }

static const struct text_key {
    const char *name;
    const char *default_value;
    size_t offset;
    size_t size;
    bool may_be_empty;
    value_check_fn check;
} text_keys[] = {
    TEXT(listen_https, "[::]:443", false, check_https),
    TEXT(listen_http, "[::]:80", false, check_http),
    TEXT(listen_metrics, "off", false, check_metrics),
    TEXT(public_origin, "https://localhost", false, check_origins),
    TEXT(state_dir, "/var/lib/causeway", false, check_path),
    TEXT(run_dir, "/run/causeway", false, check_run_dir),
    TEXT(pages_dir, "/usr/share/causeway/pages", false, check_path),
    TEXT(download_dir, "/usr/share/causeway/download", false, check_path),
    TEXT(user, "causeway", false, check_name),
    TEXT(operator_group, "", true, check_name),
    TEXT(log_format, "text", false, check_format),
    TEXT(log_level, "info", false, check_level),
    TEXT(recordings_dir, "", true, check_path_or_empty),
    TEXT(recordings_key, "", true, check_path_or_empty),
    TEXT(recordings_free_mb, "256", false, check_megabytes),
    TEXT(recording, "off", false, check_recording),
    TEXT(tcp_congestion, "", true, check_name),
};
enum { TEXT_KEY_COUNT = sizeof text_keys / sizeof text_keys[0], KEY_COUNT = TEXT_KEY_COUNT + 1 };

/* The one key that is a number stands behind the texts. */
static const char *key_name(unsigned key)
{
    return key < TEXT_KEY_COUNT ? text_keys[key].name : "workers";
}

struct parser {
    const char *name; /* of the file, for messages */
    unsigned line;
    struct cw_config *config;
    bool is_seen[KEY_COUNT];
    char *message;
    size_t message_size;
};

__attribute__((format(printf, 2, 3))) static int fail(struct parser *p, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(p->message, p->message_size, "%s:%u: %s", p->name, p->line, n < 0 ? "" : text);
    return CW_ERR_INVALID;
}

/* Levenshtein; both at most KEY_BYTES_MAX bytes. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[KEY_BYTES_MAX + 1];
    size_t b_size = strlen(b);
    for (unsigned j = 0; j <= b_size; j++)
        row[j] = j;
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b_size];
}

static const char *nearest_key(const char *key)
{
    unsigned best = 0;
    unsigned best_distance = UINT32_MAX;
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        unsigned d = distance(key, key_name(i));
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    return key_name(best);
}

static int workers_set(struct parser *p, const char *value)
{
    unsigned n = 0;
    size_t size = strlen(value);
    bool is_number = size >= 1 && size <= 3;
    for (size_t i = 0; is_number && i < size; i++) {
        is_number = value[i] >= '0' && value[i] <= '9';
        n = n * 10 + (unsigned)(value[i] - '0');
    }
    if (!is_number || n > WORKERS_MAX)
        return fail(p, "workers: must be a number from 0 (one a core) to %d", WORKERS_MAX);
    p->config->workers = n;
    return CW_OK;
}

static int value_set(struct parser *p, const char *key, const char *value)
{
    unsigned i = 0;
    while (i < KEY_COUNT && strcmp(key, key_name(i)) != 0)
        i++;
    if (i == KEY_COUNT)
        return fail(p, "unknown key \"%s\"; the nearest known one is \"%s\"", key,
                    nearest_key(key));
    if (p->is_seen[i])
        return fail(p, "%s comes twice", key);
    p->is_seen[i] = true;
    if (i >= TEXT_KEY_COUNT)
        return workers_set(p, value);
    const struct text_key *k = &text_keys[i];
    size_t size = strlen(value);
    if (size == 0 && !k->may_be_empty)
        return fail(p, "%s: a value is missing", key);
    if (size >= k->size)
        return fail(p, "%s: the value has %zu bytes, at most %zu fit", key, size, k->size - 1);
    const char *wrong = k->check(value);
    if (wrong != NULL)
        return fail(p, "%s: %s", key, wrong);
    memcpy((char *)p->config + k->offset, value, size + 1);
    return CW_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int line_parse(struct parser *p, const char *text, size_t size)
{
    char key[KEY_BYTES_MAX + 1];
    char value[1024];

    if (size > 0 && text[size - 1] == '\r')
        size--;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return fail(p, "a control character (0x%02x) is not allowed", c);
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '#' && (i == 0 || is_blank(text[i - 1])))
            size = i;
    }
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    while (size > 0 && is_blank(text[0]))
        text++, size--;
    if (size == 0)
        return CW_OK;
    const char *equals = memchr(text, '=', size);
    if (equals == NULL || equals == text)
        return fail(p, "a line must be \"key = value\"");
    size_t key_size = (size_t)(equals - text);
    size_t value_size = size - key_size - 1;
    const char *value_at = equals + 1;
    while (key_size > 0 && is_blank(text[key_size - 1]))
        key_size--;
    while (value_size > 0 && is_blank(value_at[0]))
        value_at++, value_size--;
    if (key_size > KEY_BYTES_MAX)
        return fail(p, "unknown key: no key has more than %d bytes", KEY_BYTES_MAX);
    if (value_size >= sizeof value)
        return fail(p, "the value is too long");
    memcpy(key, text, key_size);
    key[key_size] = '\0';
    memcpy(value, value_at, value_size);
    value[value_size] = '\0';
    return value_set(p, key, value);
}

/* Bytes of the line at text, without its end. */
static size_t line_next(struct parser *p, const char *text, size_t size)
{
    const char *end = memchr(text, '\n', size);
    p->line++;
    return end != NULL ? (size_t)(end - text) : size;
}

void cw_config_default(struct cw_config *ret_config)
{
    *ret_config = (struct cw_config){0};
    for (unsigned i = 0; i < TEXT_KEY_COUNT; i++) {
        const struct text_key *k = &text_keys[i];
        memcpy((char *)ret_config + k->offset, k->default_value, strlen(k->default_value) + 1);
    }
}

void cw_config_recordings_dir(const struct cw_config *config, char *out, size_t out_size)
{
    if (config->recordings_dir[0] != '\0')
        (void)snprintf(out, out_size, "%s", config->recordings_dir);
    else
        (void)snprintf(out, out_size, "%s/recordings", config->state_dir);
}

int cw_config_parse(const char *text, size_t size, const char *name, struct cw_config *ret_config,
                    char *message, size_t message_size)
{
    struct cw_config config;
    struct parser p = {
        .name = name, .config = &config, .message = message, .message_size = message_size};
    cw_config_default(&config);
    size_t at = 0;
    while (at < size) {
        size_t line_size = line_next(&p, text + at, size - at);
        int r = line_parse(&p, text + at, line_size);
        if (r != CW_OK)
            return r;
        at += line_size + 1;
    }
    *ret_config = config;
    return CW_OK;
}

/* text: CW_CONFIG_BYTES_MAX + 1 bytes, one more than may be, so that a longer file is seen. */
static int file_read(const char *path, char *text, size_t *ret_size, char *message,
                     size_t message_size)
{
    size_t size = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)snprintf(message, message_size, "%s: cannot be read: %s", path, strerror(errno));
        return CW_ERR_IO;
    }
    do {
        n = read(fd, text + size, CW_CONFIG_BYTES_MAX + 1 - size);
        if (n > 0)
            size += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    int error = errno;
    (void)close(fd);
    if (n < 0) {
        (void)snprintf(message, message_size, "%s: cannot be read: %s", path, strerror(error));
        return CW_ERR_IO;
    }
    if (size > CW_CONFIG_BYTES_MAX) {
        (void)snprintf(message, message_size, "%s:1: the file has more than %d bytes", path,
                       CW_CONFIG_BYTES_MAX);
        return CW_ERR_INVALID;
    }
    *ret_size = size;
    return CW_OK;
}

static _Thread_local char file_text[CW_CONFIG_BYTES_MAX + 1];

int cw_config_load(const char *path, struct cw_config *ret_config, char *message,
                   size_t message_size)
{
    size_t size = 0;
    int r = file_read(path, file_text, &size, message, message_size);
    return r == CW_OK ? cw_config_parse(file_text, size, path, ret_config, message, message_size)
                      : r;
}

unsigned cw_config_check(const char *path, cw_config_report_fn report, void *user,
                         struct cw_config *ret_config)
{
    char message[512];
    size_t size = 0;
    unsigned wrong = 0;
    struct parser p = {
        .name = path, .config = ret_config, .message = message, .message_size = sizeof message};
    cw_config_default(ret_config);
    if (file_read(path, file_text, &size, message, sizeof message) != CW_OK) {
        report(user, message);
        return 1;
    }
    for (size_t at = 0; at < size;) {
        size_t line_size = line_next(&p, file_text + at, size - at);
        if (line_parse(&p, file_text + at, line_size) != CW_OK) {
            report(user, message);
            wrong++;
        }
        at += line_size + 1;
    }
    return wrong;
}

int cw_listen_address_parse(const char *text, struct cw_listen_address *ret_address)
{
    struct cw_listen_address a = {0};
    struct in6_addr address;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !port_parse(colon + 1, strlen(colon + 1), &a.port))
        return CW_ERR_INVALID;
    const char *host = text;
    size_t host_size = (size_t)(colon - text);
    if (host_size >= 2 && host[0] == '[' && host[host_size - 1] == ']') {
        a.is_ipv6 = 1;
        host++;
        host_size -= 2;
    }
    if (host_size >= sizeof a.host)
        return CW_ERR_INVALID;
    memcpy(a.host, host, host_size);
    if (inet_pton(a.is_ipv6 ? AF_INET6 : AF_INET, a.host, &address) != 1)
        return CW_ERR_INVALID;
    *ret_address = a;
    return CW_OK;
}
