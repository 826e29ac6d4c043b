/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ctl/table.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TABLE_COLUMNS_MAX = 24,
    TABLE_CELL_BYTES = 1024, /* longer values are cut; --json has them whole */
    TABLE_NAME_BYTES = 64,
    TABLE_SUMMARY_BYTES = 1024, /* a worker's status: some forty counters */
};

static const char time_ending[] = "_unix_ms";

/* Which columns a list shows and in which order; a list that is not here shows all of its first row. */
static const struct {
    const char *list;
    const char *columns;
} table_layouts[] = {
    {"sessions",
     "id state kind customer representative jump_item source_connected recording started_unix_ms "
     "waiting_since_unix_ms"},
    {"jump_items", "id name group state hostname platform user session last_seen_unix_ms "
                   "last_access_unix_ms"},
    {"rows", "id time_unix_ms actor source action object result detail"},
    {"accounts", "id user display_name is_admin is_enabled must_change_password created_unix_ms "
                 "last_sign_in_unix_ms"},
    {"queue", "session customer state waiting_since_unix_ms"},
    {"commands", "words permission summary"},
    {"recordings", "session part state bytes sealed_unix_ms file root_hash"},
    {"settings", "name value workers default range unit effect meaning"},
    {"report.sessions",
     "id kind status customer customer_address team_name representative_name jump_item_name "
     "external_key started_unix_ms wait_s duration_s end"},
};

static bool table_is_time(const char *name)
{
    size_t n = strlen(name);
    size_t m = sizeof time_ending - 1;
    return n > m && strcmp(name + n - m, time_ending) == 0;
}

static bool table_is_seconds(const char *name)
{
    size_t n = strlen(name);
    return n > 2 && strcmp(name + n - 2, "_s") == 0;
}

/* "last_seen_unix_ms" is "last seen", "uptime_s" is "uptime"; upper: "LAST SEEN". */
static void table_title(const char *name, bool upper, char *out, size_t size)
{
    size_t n = strlen(name);
    if (table_is_time(name))
        n -= sizeof time_ending - 1;
    else if (table_is_seconds(name))
        n -= 2;
    size_t i = 0;
    for (; i < n && i + 1 < size; i++) {
        char ch = name[i];
        if (ch < 0x20 || ch == 0x7f)
            ch = '?';
        if (ch == '_')
            ch = ' ';
        else if (upper && ch >= 'a' && ch <= 'z')
            ch = (char)(ch - 'a' + 'A');
        out[i] = ch;
    }
    out[i] = '\0';
}

/* Copies text without what a terminal obeys: C0, DEL and, in UTF-8, C1. Never ends within a character. */
void ctl_table_clean(const char *text, char *out, size_t size)
{
    size_t at = 0;
    const unsigned char *p = (const unsigned char *)text;
    while (*p != '\0') {
        bool is_c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;
        bool is_control = *p < 0x20 || *p == 0x7f || is_c1;
        size_t n = 1;
        if (!is_control && *p >= 0x80)
            while (n < 4 && (p[n] & 0xc0) == 0x80)
                n++;
        if (at + (is_control ? 4 : n) + 1 > size)
            break;
        if (is_control) {
            unsigned code = is_c1 ? p[1] : p[0];
            at += (size_t)snprintf(out + at, size - at, "\\x%02x", code);
            n = is_c1 ? 2 : 1;
        } else {
            memcpy(out + at, p, n);
            at += n;
        }
        p += n;
    }
    out[at] = '\0';
}

static void table_time(json_int_t unix_ms, char *out, size_t size)
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    if (unix_ms <= 0 || gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        (void)snprintf(out, size, "-");
}

/* "open 1, pipe 2": the members of an object that say something. */
static size_t table_members(const json_t *object, bool with_lists, char *out, size_t size,
                            size_t at)
{
    const char *name;
    json_t *v;
    const char *comma = "";
    json_object_foreach((json_t *)(uintptr_t)object, name, v)
    {
        int n = 0;
        if (json_is_integer(v) && json_integer_value(v) != 0)
            n = snprintf(out + at, size - at, "%s%s %lld", comma, name,
                         (long long)json_integer_value(v));
        else if (with_lists && json_is_array(v) && json_array_size(v) > 0)
            n = snprintf(out + at, size - at, "%s%s %zu", comma, name, json_array_size(v));
        if (n > 0 && (size_t)n < size - at) {
            at += (size_t)n;
            comma = ", ";
        }
    }
    out[at] = '\0';
    return at;
}

/* An object of numbers and of objects of numbers (a worker's status) as one line; false: it is none. */
static bool table_summary(const json_t *v, char *out, size_t size)
{
    if (!json_is_object(v))
        return false;
    size_t at = table_members(v, true, out, size, 0);
    const char *name;
    json_t *inner;
    json_object_foreach((json_t *)(uintptr_t)v, name, inner)
    {
        if (!json_is_object(inner))
            continue;
        int n = snprintf(out + at, size - at, "%s%s: ", at > 0 ? "; " : "", name);
        if (n < 0 || (size_t)n >= size - at)
            break;
        size_t end = table_members(inner, false, out, size, at + (size_t)n);
        if (end > at + (size_t)n)
            at = end;
        out[at] = '\0';
    }
    return at > 0;
}

static void table_cell(const char *name, const json_t *v, char *out, size_t size)
{
    (void)snprintf(out, size, "-");
    if (v == NULL)
        return;
    switch (json_typeof(v)) {
    case JSON_STRING:
        if (json_string_length(v) > 0)
            ctl_table_clean(json_string_value(v), out, size);
        return;
    case JSON_INTEGER:
        if (table_is_time(name))
            table_time(json_integer_value(v), out, size);
        else
            (void)snprintf(out, size, "%lld%s", (long long)json_integer_value(v),
                           table_is_seconds(name) ? " s" : "");
        return;
    case JSON_REAL: (void)snprintf(out, size, "%.6g", json_real_value(v)); return;
    case JSON_TRUE: (void)snprintf(out, size, "yes"); return;
    case JSON_FALSE: (void)snprintf(out, size, "no"); return;
    case JSON_NULL: return;
    case JSON_OBJECT:
    case JSON_ARRAY: break;
    }
    char line[TABLE_SUMMARY_BYTES];
    if (table_summary(v, line, sizeof line)) {
        ctl_table_clean(line, out, size);
        return;
    }
    char *dump = json_dumps(v, JSON_COMPACT);
    if (dump != NULL)
        ctl_table_clean(dump, out, size);
    free(dump);
}

/* Characters, which is what a terminal's columns are for the scripts that these names mostly have. */
static int table_width(const char *text)
{
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    return n;
}

struct table {
    char names[TABLE_COLUMNS_MAX][TABLE_NAME_BYTES];
    int widths[TABLE_COLUMNS_MAX];
    size_t column_count;
};

static void table_add_column(struct table *t, const char *name, size_t size)
{
    if (t->column_count == TABLE_COLUMNS_MAX || size >= TABLE_NAME_BYTES)
        return;
    memcpy(t->names[t->column_count], name, size);
    t->names[t->column_count][size] = '\0';
    t->column_count++;
}

static json_t *table_changeable(const json_t *v)
{
    return (json_t *)(uintptr_t)v; /* jansson's iterators do not take const */
}

static void table_choose_columns(struct table *t, const char *list, const json_t *rows)
{
    const json_t *first = json_array_get(rows, 0);
    for (size_t i = 0; i < sizeof table_layouts / sizeof table_layouts[0]; i++) {
        if (strcmp(table_layouts[i].list, list) != 0)
            continue;
        for (const char *at = table_layouts[i].columns; *at != '\0';) {
            size_t n = strcspn(at, " ");
            table_add_column(t, at, n);
            if (json_object_get(first, t->names[t->column_count - 1]) == NULL)
                t->column_count--; /* this control does not give it */
            at += n + strspn(at + n, " ");
        }
        return;
    }
    void *at = json_object_iter(table_changeable(first));
    for (; at != NULL; at = json_object_iter_next(table_changeable(first), at))
        table_add_column(t, json_object_iter_key(at), strlen(json_object_iter_key(at)));
}

static void table_print_list(const char *list, const json_t *rows, FILE *to)
{
    struct table t = {.column_count = 0};
    char cell[TABLE_CELL_BYTES];
    if (json_array_size(rows) == 0) {
        table_title(list, false, cell, sizeof cell);
        (void)fprintf(to, "no %s\n",
                      strcmp(list, "rows") == 0 || strchr(list, '.') != NULL ? "entries" : cell);
        return;
    }
    if (!json_is_object(json_array_get(rows, 0))) {
        for (size_t i = 0; i < json_array_size(rows); i++) {
            table_cell("", json_array_get(rows, i), cell, sizeof cell);
            (void)fprintf(to, "%s\n", cell);
        }
        return;
    }
    table_choose_columns(&t, list, rows);
    for (size_t c = 0; c < t.column_count; c++) {
        table_title(t.names[c], true, cell, sizeof cell);
        t.widths[c] = table_width(cell);
        for (size_t i = 0; i < json_array_size(rows); i++) {
            table_cell(t.names[c], json_object_get(json_array_get(rows, i), t.names[c]), cell,
                       sizeof cell);
            if (table_width(cell) > t.widths[c])
                t.widths[c] = table_width(cell);
        }
    }
    for (size_t row = 0; row <= json_array_size(rows); row++) {
        for (size_t c = 0; c < t.column_count; c++) {
            if (row == 0)
                table_title(t.names[c], true, cell, sizeof cell);
            else
                table_cell(t.names[c], json_object_get(json_array_get(rows, row - 1), t.names[c]),
                           cell, sizeof cell);
            bool is_last = c + 1 == t.column_count;
            (void)fprintf(to, "%s%*s", cell, is_last ? 0 : t.widths[c] - table_width(cell) + 2, "");
        }
        (void)fputc('\n', to);
    }
}

/* Members of objects within the answer ("account") are written as their own lines. */
static void table_print_members(const json_t *object, const char *prefix, int width, FILE *to)
{
    bool is_first = true;
    char title[TABLE_NAME_BYTES];
    char line[2 * TABLE_NAME_BYTES];
    char cell[4 * TABLE_CELL_BYTES];
    void *at = json_object_iter(table_changeable(object));
    for (; at != NULL; at = json_object_iter_next(table_changeable(object), at), is_first = false) {
        const char *key = json_object_iter_key(at);
        const json_t *v = json_object_iter_value(at);
        table_title(key, false, title, sizeof title);
        if (json_is_object(v) && prefix[0] == '\0') {
            table_print_members(v, title, width, to);
            continue;
        }
        if (json_is_array(v) && prefix[0] == '\0') {
            if (!is_first)
                (void)fputc('\n', to);
            /* Each report has its own columns, in rows. */
            const char *report = json_string_value(json_object_get(object, "report"));
            if (report != NULL)
                (void)snprintf(line, sizeof line, "report.%.*s", TABLE_NAME_BYTES, report);
            table_print_list(report != NULL ? line : key, v, to);
            continue;
        }
        (void)snprintf(line, sizeof line, "%s%s%s:", prefix, prefix[0] != '\0' ? " " : "", title);
        table_cell(key, v, cell, sizeof cell);
        (void)fprintf(to, "%-*s %s\n", width, line, cell);
    }
}

static int table_label_width(const json_t *object)
{
    int width = 0;
    void *at = json_object_iter(table_changeable(object));
    for (; at != NULL; at = json_object_iter_next(table_changeable(object), at)) {
        const json_t *v = json_object_iter_value(at);
        char title[TABLE_NAME_BYTES];
        if (json_is_array(v))
            continue;
        table_title(json_object_iter_key(at), false, title, sizeof title);
        int n = (int)strlen(title) + 1;
        if (json_is_object(v))
            n += table_label_width(v);
        if (n > width)
            width = n;
    }
    return width;
}

void ctl_table_print(const json_t *answer, FILE *to)
{
    const char *password = json_string_value(json_object_get(answer, "one_time_password"));
    if (json_object_size(answer) == 0) {
        (void)fputs("ok\n", to);
        return;
    }
    if (password != NULL) {
        char user[TABLE_CELL_BYTES];
        char cell[TABLE_CELL_BYTES];
        table_cell("user", json_object_get(json_object_get(answer, "account"), "user"), user,
                   sizeof user);
        ctl_table_clean(password, cell, sizeof cell);
        (void)fprintf(to,
                      "Account:           %s\n"
                      "One-time password: %s\n"
                      "It is shown only this once and must be changed at the first sign-in.\n",
                      user, cell);
        return;
    }
    table_print_members(answer, "", table_label_width(answer), to);
}

/* ---- help ------------------------------------------------------------------------------------- */

/* Columns of the commands, and of a line that a terminal shows whole. */
enum { HELP_WORDS_COLUMNS = 40, HELP_LINE_COLUMNS = 100 };

/* Breaks at blanks; what goes on stands four columns in. */
static void help_wrap(const char *words, FILE *to)
{
    size_t column = 0;
    while (*words != '\0') {
        size_t n = strcspn(words, " ");
        if (column > 0 && column + 1 + n > HELP_LINE_COLUMNS) {
            (void)fputs("\n    ", to);
            column = 4;
        } else if (column > 0) {
            (void)fputc(' ', to);
            column++;
        }
        (void)fprintf(to, "%.*s", (int)n, words);
        column += n;
        words += n;
        words += strspn(words, " ");
    }
    (void)fputc('\n', to);
}

void ctl_table_print_help(const json_t *commands, FILE *to)
{
    size_t i;
    const json_t *command;
    bool has_others = false;
    json_array_foreach((json_t *)(uintptr_t)commands, i, command)
    {
        const char *words = json_string_value(json_object_get(command, "words"));
        const char *who = json_string_value(json_object_get(command, "permission"));
        const char *what = json_string_value(json_object_get(command, "summary"));
        char text[1024];
        bool is_for_all = who != NULL && strcmp(who, "anybody") == 0;
        ctl_table_clean(words != NULL ? words : "", text, sizeof text);
        if (strlen(text) < HELP_WORDS_COLUMNS) {
            (void)fprintf(to, "%-*s", HELP_WORDS_COLUMNS, text);
        } else {
            help_wrap(text, to);
            (void)fprintf(to, "%-*s", HELP_WORDS_COLUMNS, "");
        }
        ctl_table_clean(what != NULL ? what : "", text, sizeof text);
        (void)fprintf(to, "%s%s\n", text, is_for_all ? " *" : "");
        has_others = has_others || is_for_all;
    }
    if (json_array_size(commands) == 0)
        (void)fputs("There is no such command; \"help\" alone lists all.\n", to);
    else if (has_others)
        (void)fputs("\n* for everybody on this machine; the others are for operators.\n", to);
}
