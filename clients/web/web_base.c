/* SPDX-License-Identifier: Apache-2.0 */
/* What the module has in place of a system: a log that the page reads, checks that stop it, and the little of printf
 * that the sources' sentences need, as the C library's would import a console. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "clients/web/web_api.h"
#include "engine/base/check.h"
#include "engine/base/log.h"

static char line[512]; /* the newest; empty: taken already */

struct text {
    char *out;
    size_t size;
    size_t used; /* what it would be without an end */
};

static void put(struct text *t, const char *piece, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, t->used++)
        if (t->used + 1 < t->size)
            t->out[t->used] = piece[i];
}

static void put_number(struct text *t, uint64_t value, bool is_negative)
{
    char digits[21];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    if (is_negative)
        digits[--at] = '-';
    put(t, digits + at, sizeof digits - at);
}

static void put_signed(struct text *t, int64_t value)
{
    put_number(t, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

/* %s, and %d and %u of an int, a size_t or a long long. */
int vsnprintf(char *out, size_t size, const char *format, va_list arguments)
{
    struct text t = {out, size, 0};
    for (const char *f = format; *f != '\0'; f++) {
        if (*f != '%') {
            put(&t, f, 1);
            continue;
        }
        unsigned longs = 0;
        for (f++; *f == 'l' || *f == 'z'; f++)
            longs += *f == 'l';
        if (*f == '\0')
            break;
        if (*f == 's') {
            const char *piece = va_arg(arguments, const char *);
            put(&t, piece, strlen(piece));
        } else if (*f == 'd') {
            put_signed(&t, longs == 2 ? va_arg(arguments, long long) : va_arg(arguments, int));
        } else if (*f == 'u') {
            put_number(&t,
                       longs == 2 ? va_arg(arguments, unsigned long long)
                                  : va_arg(arguments, unsigned),
                       false);
        } else {
            put(&t, f, 1);
        }
    }
    if (size > 0)
        out[t.used < size ? t.used : size - 1] = '\0';
    return (int)t.used;
}

int snprintf(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(out, size, format, arguments);
    va_end(arguments);
    return n;
}

void cw_log(enum cw_log_level level, const char *area, const char *format, ...)
{
    va_list arguments;
    (void)level;
    size_t used = (size_t)snprintf(line, sizeof line, "%s: ", area);
    if (used >= sizeof line)
        return;
    va_start(arguments, format);
    (void)vsnprintf(line + used, sizeof line - used, format, arguments);
    va_end(arguments);
}

const char *CW_EXPORT(cw_web_log)(void)
{
    static char taken[sizeof line];
    memcpy(taken, line, sizeof taken);
    line[0] = '\0';
    return taken;
}

void cw_check_failed(const char *file, int at, const char *cond, const char *why)
{
    cw_log(CW_LOG_ERROR, "check", "%s:%d: %s (%s)", file, at, cond, why);
    __builtin_trap();
}
