/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"

enum { LOG_LINE_BYTES_MAX = 1000 };

static const char *const level_names[CW_LOG_LEVEL_COUNT] = {"error", "warning", "info", "debug"};
/* syslog priorities, which journald reads from "<N>" */
static const char level_priorities[CW_LOG_LEVEL_COUNT] = {'3', '4', '6', '7'};

static atomic_int log_level = CW_LOG_INFO;
static pthread_once_t journal_once = PTHREAD_ONCE_INIT;
static bool is_journal;

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

static size_t prefix_write(char *out, size_t size, enum cw_log_level level, const char *area)
{
    int n;
    (void)pthread_once(&journal_once, journal_look);
    if (is_journal) {
        n = snprintf(out, size, "<%c>%s ", level_priorities[level], area);
    } else {
        struct timespec now = {0};
        struct tm tm = {0};
        char date[32];
        (void)clock_gettime(CLOCK_REALTIME, &now);
        (void)gmtime_r(&now.tv_sec, &tm);
        (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
        n = snprintf(out, size, "%s.%03ldZ %-5s %s ", date, now.tv_nsec / 1000000L,
                     level_names[level], area);
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

void cw_log(enum cw_log_level level, const char *area, const char *format, ...)
{
    char text[LOG_LINE_BYTES_MAX];
    char line[LOG_LINE_BYTES_MAX];
    va_list arguments;

    if ((int)level > atomic_load_explicit(&log_level, memory_order_relaxed))
        return;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n < 0)
        return;
    size_t at = prefix_write(line, sizeof line / 2, level, area);
    at += escape(line + at, sizeof line - 1 - at, text);
    line[at++] = '\n';
    /* A full pipe or a closed stderr must not stop the caller. */
    ssize_t written = write(STDERR_FILENO, line, at);
    (void)written;
}
