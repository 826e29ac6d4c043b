/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/exposition.h - a strict reader of Prometheus's text format 0.0.4, as promtool check would.
 *
 * Each family: HELP, TYPE, then its samples and no others; names and labels of the allowed form; no sample twice;
 * counters end
 * with _total and gauges do not; histograms have growing buckets, +Inf, _sum and _count; units are base units. */
#ifndef CW_TESTS_UNIT_CONTROL_EXPOSITION_H
#define CW_TESTS_UNIT_CONTROL_EXPOSITION_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { EXPOSITION_LINES_MAX = 4096 };

struct exposition {
    char family[128];
    char type[16];
    const char *samples[EXPOSITION_LINES_MAX]; /* name and labels, each once */
    size_t sizes[EXPOSITION_LINES_MAX];
    unsigned sample_count;
    unsigned family_count;
    const char *families[512];
    double bucket; /* the last one's count */
    double inf;
};

static inline size_t exposition_name(const char *at)
{
    size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");
    return n > 0 && !(at[0] >= '0' && at[0] <= '9') ? n : 0;
}

static inline bool exposition_ends(const char *name, size_t n, const char *end)
{
    size_t m = strlen(end);
    return n >= m && memcmp(name + n - m, end, m) == 0;
}

/* Why the line is wrong, or NULL. */
static inline const char *exposition_help(struct exposition *e, const char *line)
{
    size_t n = exposition_name(line);
    if (n == 0 || n >= sizeof e->family || line[n] != ' ' || strlen(line + n + 1) < 5)
        return "HELP has a name and a text";
    for (unsigned i = 0; i < e->family_count; i++)
        if (strlen(e->families[i]) >= n && memcmp(e->families[i], line, n) == 0 &&
            e->families[i][n] == ' ')
            return "a family comes once";
    if (e->family_count == 512)
        return "too many families";
    e->families[e->family_count++] = line;
    memcpy(e->family, line, n);
    e->family[n] = '\0';
    e->type[0] = '\0';
    e->bucket = 0;
    if (strncmp(line, "causeway_", 9) != 0)
        return "names begin with the program's";
    static const char *const bad_units[] = {"_ms", "_us", "_ns", "_kb", "_kib", "_milliseconds"};
    for (size_t i = 0; i < sizeof bad_units / sizeof bad_units[0]; i++) {
        const char *at = strstr(e->family, bad_units[i]);
        if (at != NULL && (at[strlen(bad_units[i])] == '\0' || at[strlen(bad_units[i])] == '_'))
            return "base units: seconds and bytes";
    }
    return NULL;
}

static inline const char *exposition_type(struct exposition *e, const char *line)
{
    size_t n = exposition_name(line);
    if (strlen(e->family) != n || memcmp(e->family, line, n) != 0 || e->type[0] != '\0')
        return "TYPE comes once, behind its HELP";
    bool is_total = exposition_ends(line, n, "_total");
    if (strcmp(line + n, " counter") == 0)
        (void)strncpy(e->type, "counter", sizeof e->type - 1);
    else if (strcmp(line + n, " gauge") == 0)
        (void)strncpy(e->type, "gauge", sizeof e->type - 1);
    else if (strcmp(line + n, " histogram") == 0)
        (void)strncpy(e->type, "histogram", sizeof e->type - 1);
    else
        return "an unknown type";
    return is_total == (strcmp(e->type, "counter") == 0)
               ? NULL
               : "counters, and only they, end with _total";
}

static inline const char *exposition_labels(const char **at)
{
    while (**at != '}') {
        size_t n = exposition_name(*at);
        if (n == 0 || (*at)[n] != '=' || (*at)[n + 1] != '"')
            return "a label is name=\"value\"";
        *at += n + 2;
        size_t value = strcspn(*at, "\"\\\n");
        if ((*at)[value] != '"' || value == 0 || value > 63)
            return "a label's value is short and has no escapes here";
        *at += value + 1;
        if (**at == ',')
            (*at)++;
        else if (**at != '}')
            return "labels are separated by commas";
    }
    (*at)++;
    return NULL;
}

static inline const char *exposition_part(struct exposition *e, const char *line, size_t n,
                                          double value)
{
    size_t family = strlen(e->family);
    if (n < family || memcmp(line, e->family, family) != 0)
        return "a sample belongs to the family above it";
    if (strcmp(e->type, "histogram") != 0)
        return n == family ? NULL : "a sample has its family's name";
    if (exposition_ends(line, n, "_bucket") && n == family + 7) {
        bool is_inf = strstr(line, "le=\"+Inf\"") != NULL;
        if (value < e->bucket)
            return "buckets grow";
        e->bucket = is_inf ? 0 : value;
        e->inf = is_inf ? value : -1;
        return strstr(line, "le=\"") != NULL ? NULL : "a bucket has an upper edge";
    }
    if (exposition_ends(line, n, "_count") && n == family + 6)
        return value == e->inf ? NULL : "the count is that of +Inf";
    return exposition_ends(line, n, "_sum") && n == family + 4 && e->inf >= 0
               ? NULL
               : "a histogram has buckets, then sum, then count";
}

static inline const char *exposition_sample(struct exposition *e, const char *line)
{
    size_t n = exposition_name(line);
    const char *at = line + n;
    char *end = NULL;
    if (n == 0 || e->type[0] == '\0')
        return "a sample comes behind HELP and TYPE";
    if (*at == '{') {
        at++;
        const char *wrong = exposition_labels(&at);
        if (wrong != NULL)
            return wrong;
    }
    size_t size = (size_t)(at - line);
    for (unsigned i = 0; i < e->sample_count; i++)
        if (e->sizes[i] == size && memcmp(e->samples[i], line, size) == 0)
            return "the same sample twice";
    if (e->sample_count == EXPOSITION_LINES_MAX)
        return "too many samples: a label without bounds?";
    e->samples[e->sample_count] = line;
    e->sizes[e->sample_count++] = size;
    if (*at != ' ')
        return "a blank before the value";
    double value = strtod(at + 1, &end);
    if (end == at + 1 || *end != '\0')
        return "a value is one number";
    return exposition_part(e, line, n, value);
}

/* text is cut into lines. NULL: all is well, else what is wrong; *ret_line is where. */
static inline const char *exposition_check(struct exposition *e, char *text, const char **ret_line)
{
    memset(e, 0, sizeof *e);
    while (*text != '\0') {
        char *end = strchr(text, '\n');
        *ret_line = text;
        if (end == NULL)
            return "the last line ends with a newline";
        *end = '\0';
        const char *wrong = strncmp(text, "# HELP ", 7) == 0   ? exposition_help(e, text + 7)
                            : strncmp(text, "# TYPE ", 7) == 0 ? exposition_type(e, text + 7)
                                                               : exposition_sample(e, text);
        if (wrong != NULL)
            return wrong;
        text = end + 1;
    }
    return NULL;
}

#endif
