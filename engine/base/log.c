/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"

enum {
    LOG_LINE_BYTES_MAX = 1000,
    LOG_JSON_BYTES_MAX = 1400,
    LOG_KINDS =
        256, /* events are told apart by their format; two that share a place share its budget */
    LOG_BURST = 100,
    LOG_PER_S = 10,
    LOG_DEBUG_FACTOR = 50,
};

/* How much of one kind of event was written of late. */
struct log_kind {
    const char *format;
    uint64_t paid_ns; /* when all that was written so far is paid for */
    unsigned left_out;
};

static const char *const level_names[CW_LOG_LEVEL_COUNT] = {"error", "warning", "info", "debug"};
/* syslog priorities, which journald reads from "<N>" */
static const char level_priorities[CW_LOG_LEVEL_COUNT] = {'3', '4', '6', '7'};

static atomic_int log_level = CW_LOG_INFO;
static pthread_once_t journal_once = PTHREAD_ONCE_INIT;
static bool is_journal;
static atomic_bool is_json;
static pthread_mutex_t kinds_lock = PTHREAD_MUTEX_INITIALIZER;
static struct log_kind kinds[LOG_KINDS];

/* JOURNAL_STREAM is "device:inode" of the socket that journald gave; a stderr sent elsewhere since
 * then is not journald's. */
static void journal_look(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    char text[64];
    if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
        return;
    (void)snprintf(text, sizeof text, "%llu:%llu", (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
    is_journal = strcmp(stream, text) == 0;
}

void cw_log_set_level(enum cw_log_level level)
{
    atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

int cw_log_set_level_name(const char *name)
{
    for (int i = 0; i < CW_LOG_LEVEL_COUNT; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            cw_log_set_level((enum cw_log_level)i);
            return CW_OK;
        }
    }
    return CW_ERR_INVALID;
}

int cw_log_set_format_name(const char *name)
{
    if (strcmp(name, "text") != 0 && strcmp(name, "json") != 0)
        return CW_ERR_INVALID;
    atomic_store_explicit(&is_json, name[0] == 'j', memory_order_relaxed);
    return CW_OK;
}

/* ---- floods ------------------------------------------------------------------------------------- */

/* False: too many of its kind. *ret_left_out: how many were left out before this one. */
static bool may_write(enum cw_log_level level, const char *format, unsigned *ret_left_out)
{
    const uint64_t second_ns = UINT64_C(1000000000);
    uint64_t factor = level == CW_LOG_DEBUG ? LOG_DEBUG_FACTOR : 1;
    uint64_t each_ns = second_ns / (LOG_PER_S * factor);
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t now_ns = (uint64_t)t.tv_sec * second_ns + (uint64_t)t.tv_nsec;
    struct log_kind *k = &kinds[((uintptr_t)format >> 3) % LOG_KINDS];
    *ret_left_out = 0;
    (void)pthread_mutex_lock(&kinds_lock);
    if (k->format != format)
        *k = (struct log_kind){.format = format};
    uint64_t due_ns = k->paid_ns > now_ns ? k->paid_ns : now_ns;
    bool may = due_ns + each_ns <= now_ns + LOG_BURST * (second_ns / LOG_PER_S);
    if (may) {
        k->paid_ns = due_ns + each_ns;
        *ret_left_out = k->left_out;
        k->left_out = 0;
    } else {
        k->left_out++;
    }
    (void)pthread_mutex_unlock(&kinds_lock);
    return may;
}

static size_t time_write(char *out, size_t size)
{
    struct timespec now = {0};
    struct tm tm = {0};
    char date[32];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &tm);
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    int n = snprintf(out, size, "%s.%03uZ", date, (unsigned)(now.tv_nsec / 1000000L) % 1000);
    return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static size_t prefix_write(char *out, size_t size, enum cw_log_level level, const char *area)
{
    int n;
    (void)pthread_once(&journal_once, journal_look);
    if (is_journal) {
        n = snprintf(out, size, "<%c>%s ", level_priorities[level], area);
    } else {
        char time[40] = "";
        (void)time_write(time, sizeof time);
        n = snprintf(out, size, "%s %-5s %s ", time, level_names[level], area);
    }
    if (n < 0)
        return 0;
    return (size_t)n < size ? (size_t)n : size - 1;
}

/* C0, DEL, and C1 in its two UTF-8 bytes: what a terminal or a log reader would act on. */
static bool is_control_at(const char *text, size_t at)
{
    unsigned char c = (unsigned char)text[at];
    if (c < 0x20 || c == 0x7F)
        return true;
    return c >= 0x80 && c <= 0x9F && at > 0 && (unsigned char)text[at - 1] == 0xC2;
}

static size_t escape(char *out, size_t size, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text[i];
        if (is_control_at(text, i)) {
            if (at + 4 > size)
                break;
            out[at++] = '\\';
            out[at++] = 'x';
            out[at++] = hex[c >> 4];
            out[at++] = hex[c & 15];
        } else {
            if (at + 1 > size)
                break;
            out[at++] = (char)c;
        }
    }
    return at;
}

/* ---- JSON --------------------------------------------------------------------------------------- */

/* Bytes of the UTF-8 character at text, 0 if it is none. */
static size_t character_bytes(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n = p[0] < 0x80                   ? 1
               : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
               : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
               : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
                                             : 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

/* A JSON string of size bytes of text, whole or cut at a character; "" when there is no room. */
static size_t json_string(char *out, size_t room, const char *text, size_t size)
{
    size_t at = 0;
    if (room < 12)
        return 0;
    out[at++] = '"';
    for (size_t i = 0; i < size && at + 8 < room;) {
        size_t n = character_bytes(text + i);
        unsigned char c = (unsigned char)text[i];
        bool is_control =
            n == 0 || c < 0x20 || c == 0x7F || (c == 0xC2 && (unsigned char)text[i + 1] < 0xA0);
        if (is_control || n > size - i) {
            at += (size_t)snprintf(out + at, room - at, "\\u%04x",
                                   n == 0      ? 0xFFFDU
                                   : c == 0xC2 ? (unsigned char)text[i + 1]
                                               : c);
            i += n == 0 ? 1 : n;
            continue;
        }
        if (c == '"' || c == '\\')
            out[at++] = '\\';
        memcpy(out + at, text + i, n);
        at += n;
        i += n;
    }
    out[at++] = '"';
    return at;
}

/* A word name=value at the start of text: its size with the blank behind it, 0 if there is none. */
static size_t field_at(const char *text, size_t *ret_name, size_t *ret_value)
{
    size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    if (name == 0 || text[name] != '=')
        return 0;
    size_t value = strcspn(text + name + 1, " ");
    *ret_name = name;
    *ret_value = value;
    size_t used = name + 1 + value;
    return used + strspn(text + used, " ");
}

static size_t json_fields(char *out, size_t room, const char **text)
{
    size_t at = 0, name = 0, value = 0;
    for (size_t used = field_at(*text, &name, &value); used != 0 && at + 64 < room;
         used = field_at(*text, &name, &value)) {
        const char *v = *text + name + 1;
        bool is_number = value > 0 && value < 16 && strspn(v, "0123456789") >= value &&
                         (v[0] != '0' || value == 1);
        int n = snprintf(out + at, room - at, "\"%.*s\":", (int)name, *text);
        if (n < 0 || (size_t)n + 64 > room - at)
            break;
        at += (size_t)n;
        if (is_number)
            at += (size_t)snprintf(out + at, room - at, "%.*s", (int)value, v);
        else
            at += json_string(out + at, room - at - 8, v, value);
        out[at++] = ',';
        *text += used;
    }
    return at;
}

static size_t json_write(char *out, size_t room, enum cw_log_level level, const char *area,
                         const char *text, unsigned left_out)
{
    char time[40] = "";
    size_t at = 0;
    (void)pthread_once(&journal_once, journal_look);
    (void)time_write(time, sizeof time);
    if (is_journal)
        at += (size_t)snprintf(out, room, "<%c>", level_priorities[level]);
    at += (size_t)snprintf(out + at, room - at,
                           "{\"time\":\"%s\",\"level\":\"%s\",\"component\":\"%.60s\",", time,
                           level_names[level], area);
    if (left_out > 0)
        at += (size_t)snprintf(out + at, room - at, "\"left_out\":%u,", left_out);
    at += json_fields(out + at, room - at - 200, &text);
    at += (size_t)snprintf(out + at, room - at, "\"message\":");
    at += json_string(out + at, room - at - 4, text, strlen(text));
    out[at++] = '}';
    return at;
}

static size_t text_write(char *out, size_t room, enum cw_log_level level, const char *area,
                         const char *text, unsigned left_out)
{
    char note[64] = "";
    size_t at = prefix_write(out, room / 2, level, area);
    if (left_out > 0)
        (void)snprintf(note, sizeof note, "left_out=%u ", left_out);
    at += escape(out + at, room - 1 - at, note);
    return at + escape(out + at, room - 1 - at, text);
}

void cw_log(enum cw_log_level level, const char *area, const char *format, ...)
{
    char text[LOG_LINE_BYTES_MAX];
    char line[LOG_JSON_BYTES_MAX + 1];
    unsigned left_out = 0;
    va_list arguments;

    if ((int)level > atomic_load_explicit(&log_level, memory_order_relaxed) ||
        !may_write(level, format, &left_out))
        return;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n < 0)
        return;
    size_t at = atomic_load_explicit(&is_json, memory_order_relaxed)
                    ? json_write(line, LOG_JSON_BYTES_MAX, level, area, text, left_out)
                    : text_write(line, LOG_LINE_BYTES_MAX, level, area, text, left_out);
    line[at++] = '\n';
    /* A full pipe or a closed stderr must not stop the caller. */
    ssize_t written = write(STDERR_FILENO, line, at);
    (void)written;
}
