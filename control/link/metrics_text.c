/* SPDX-License-Identifier: Apache-2.0 */
#include "control/link/metrics_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 2, 3))) static void put(struct cw_metrics_text *t, const char *format,
                                                      ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= sizeof line || t->is_full)
        return;
    if (t->size + (size_t)n + 1 > t->room) {
        size_t room = t->room == 0 ? 16384 : t->room * 2;
        char *grown = realloc(t->text, room);
        if (grown == NULL) {
            t->is_full = true;
            return;
        }
        t->text = grown;
        t->room = room;
    }
    for (int i = 0; i <= n; i++)
        t->text[t->size + (size_t)i] = line[i];
    t->size += (size_t)n;
}

void cw_metrics_family(struct cw_metrics_text *t, const char *name, const char *type,
                       const char *help)
{
    put(t, "# HELP causeway_%s %s\n# TYPE causeway_%s %s\n", name, help, name, type);
}

void cw_metrics_sample(struct cw_metrics_text *t, const char *name, const char *labels,
                       double value)
{
    put(t, "causeway_%s%s%s%s %.17g\n", name, labels[0] != '\0' ? "{" : "", labels,
        labels[0] != '\0' ? "}" : "", value);
}

void cw_metrics_histogram(struct cw_metrics_text *t, const char *name, const char *labels,
                          const double *edges_s, const uint64_t *buckets, unsigned bucket_count,
                          double sum_s)
{
    const char *comma = labels[0] != '\0' ? "," : "";
    uint64_t count = 0;
    for (unsigned i = 0; i + 1 < bucket_count; i++) {
        count += buckets[i];
        put(t, "causeway_%s_bucket{%s%sle=\"%.6g\"} %llu\n", name, labels, comma, edges_s[i],
            (unsigned long long)count);
    }
    count += buckets[bucket_count - 1];
    put(t, "causeway_%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma,
        (unsigned long long)count);
    put(t, "causeway_%s_sum%s%s%s %.17g\n", name, labels[0] != '\0' ? "{" : "", labels,
        labels[0] != '\0' ? "}" : "", sum_s);
    put(t, "causeway_%s_count%s%s%s %llu\n", name, labels[0] != '\0' ? "{" : "", labels,
        labels[0] != '\0' ? "}" : "", (unsigned long long)count);
}
