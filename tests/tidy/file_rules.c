/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that look at one file at a time. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy.h"

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Columns as a person counts them: UTF-8 continuation bytes take none. */
static unsigned columns(const char *line, size_t size)
{
    unsigned n = 0;
    for (size_t i = 0; i < size; i++)
        n += ((unsigned char)line[i] & 0xC0) != 0x80;
    return n;
}

static void check_lines(struct tidy_tree *tree, const struct tidy_file *f)
{
    unsigned number = 0;
    for (const char *line = f->text; line != NULL; line = tidy_next_line(line)) {
        size_t size = tidy_line_size(line);
        const char *code = f->code + (line - f->text);
        size_t code_size = size;
        while (code_size > 0 && code[code_size - 1] == ' ')
            code_size--;
        unsigned code_columns = columns(line, code_size);
        number++;
        if (code_columns > TIDY_CODE_COLUMNS_MAX)
            tidy_find(tree, f->path, number, "line-length", "%u columns of code, at most %d",
                      code_columns, TIDY_CODE_COLUMNS_MAX);
        else if (columns(line, size) > TIDY_LINE_COLUMNS_MAX)
            tidy_find(tree, f->path, number, "line-length", "%u columns, at most %d",
                      columns(line, size), TIDY_LINE_COLUMNS_MAX);
        if (memchr(line, '\t', size) != NULL)
            tidy_find(tree, f->path, number, "tab", "C is indented with spaces");
        if (size > 0 && line[size - 1] == ' ')
            tidy_find(tree, f->path, number, "trailing-space", "a blank at the end of the line");
    }
    if (number > TIDY_FILE_LINES_MAX) {
        tidy_find(tree, f->path, number, "file-length", "%u lines, at most %d", number,
                  TIDY_FILE_LINES_MAX);
    } else if (number > TIDY_FILE_LINES_WARN && !tree->is_quiet) {
        tree->warning_count++;
        (void)printf("%s: warning: %u lines; a file should have at most %d\n", f->path, number,
                     TIDY_FILE_LINES_WARN);
    }
}

/* Braces in the first column are functions: initialisers and types open theirs behind something. */
static void check_functions(struct tidy_tree *tree, const struct tidy_file *f)
{
    unsigned number = 0;
    unsigned start = 0;
    for (const char *line = f->code; line != NULL; line = tidy_next_line(line)) {
        number++;
        if (line[0] == '{')
            start = number;
        if (line[0] == '}' && start != 0) {
            unsigned lines = number - start - 1;
            if (lines > TIDY_FUNCTION_LINES_MAX)
                tidy_find(tree, f->path, start, "function-length", "%u lines, at most %d", lines,
                          TIDY_FUNCTION_LINES_MAX);
            start = 0;
        }
    }
}

static void check_spdx(struct tidy_tree *tree, const struct tidy_file *f)
{
    static const char *const endings[] = {".c", ".h", ".sh", ".mjs", ".js", ".ts", ".tsx"};
    static const char tag[] = "SPDX-License-Identifier: Apache-2.0";
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (!tidy_ends_with(f->path, endings[i]))
            continue;
        const char *line = f->text;
        if (tidy_starts_with(line, "#!") && tidy_next_line(line) != NULL)
            line = tidy_next_line(line);
        const char *found = strstr(line, tag);
        if (found == NULL || found > line + tidy_line_size(line))
            tidy_find(tree, f->path, 1, "spdx", "the first line is not the licence's SPDX line");
    }
}

static void check_header(struct tidy_tree *tree, const struct tidy_file *f)
{
    char guard[TIDY_PATH_BYTES_MAX + 16] = "CW_";
    char expected[TIDY_PATH_BYTES_MAX + 64];
    size_t at = 3;
    for (size_t i = 0; f->path[i] != '\0'; i++)
        guard[at++] = is_word_char(f->path[i]) ? (char)toupper((unsigned char)f->path[i]) : '_';
    guard[at] = '\0';
    (void)snprintf(expected, sizeof expected, "\n#ifndef %s\n#define %s\n", guard, guard);
    if (strstr(f->text, expected) == NULL)
        tidy_find(tree, f->path, 1, "guard", "the include guard must be %s", guard);
    (void)snprintf(expected, sizeof expected, "\n/* %s - ", f->path);
    if (strstr(f->text, expected) == NULL)
        tidy_find(tree, f->path, 2, "header-comment", "line 2 must be \"/* %s - what it is\"",
                  f->path);
}

static const char *const banned_everywhere[] = {
    "strcpy", "strcat", "sprintf", "vsprintf", "atoi",  "atol",   "gets",
    "alloca", "rand",   "srand",   "system",   "popen", "strtok",
};
static const char *const banned_in_servers[] = {
    "execl", "execle", "execlp",  "execv",       "execve",       "execvp",   "execvpe",
    "fork",  "vfork",  "fexecve", "posix_spawn", "posix_spawnp", "execveat",
};

static void check_call(struct tidy_tree *tree, const struct tidy_file *f, const char *name,
                       const char *why)
{
    size_t size = strlen(name);
    unsigned number = 0;
    for (const char *line = f->code; line != NULL; line = tidy_next_line(line)) {
        const char *end = line + tidy_line_size(line);
        number++;
        for (const char *p = line; p + size < end; p++) {
            if (memcmp(p, name, size) == 0 && p[size] == '(' &&
                (p == line || !is_word_char(p[-1])) && !(p >= line + 2 && p[-1] == '>') &&
                !(p > line && p[-1] == '.'))
                tidy_find(tree, f->path, number, "banned-call", "%s: %s", name, why);
        }
    }
}

static void check_calls(struct tidy_tree *tree, const struct tidy_file *f)
{
    bool is_server =
        (tidy_starts_with(f->path, "engine/") || tidy_starts_with(f->path, "control/")) &&
        !tidy_starts_with(f->path, "engine/supervisor/");
    for (size_t i = 0; i < sizeof banned_everywhere / sizeof banned_everywhere[0]; i++)
        check_call(tree, f, banned_everywhere[i], "not used in this project");
    for (size_t i = 0; is_server && i < sizeof banned_in_servers / sizeof banned_in_servers[0]; i++)
        check_call(tree, f, banned_in_servers[i], "engine and control never start a process");
}

/* What the files of a folder may include; the first row that fits a file decides. */
static const struct include_rule {
    const char *folder;
    const char *allowed[6];
} include_rules[] = {
    {"codec/", {"codec/"}},
    {"engine/base/", {"engine/base/"}},
    {"engine/", {"engine/"}},
    {"control/", {"control/", "engine/base/", "engine/wire/", "engine/limits.h"}},
    {"clients/", {"clients/", "engine/base/", "engine/wire/", "engine/limits.h", "codec/codec.h"}},
};

static bool may_include(const struct include_rule *rule, const char *what)
{
    for (size_t i = 0; i < 6 && rule->allowed[i] != NULL; i++) {
        if (tidy_starts_with(what, rule->allowed[i]))
            return true;
    }
    return false;
}

static void check_includes(struct tidy_tree *tree, const struct tidy_file *f)
{
    const struct include_rule *rule = NULL;
    unsigned number = 0;
    for (size_t i = 0; i < sizeof include_rules / sizeof include_rules[0] && rule == NULL; i++) {
        if (tidy_starts_with(f->path, include_rules[i].folder))
            rule = &include_rules[i];
    }
    for (const char *line = f->text; line != NULL; line = tidy_next_line(line)) {
        char what[TIDY_PATH_BYTES_MAX];
        number++;
        if (!tidy_starts_with(line, "#include \""))
            continue;
        const char *start = line + sizeof "#include \"" - 1;
        size_t size = strcspn(start, "\"\n");
        (void)snprintf(what, sizeof what, "%.*s", (int)size, start);
        if (strchr(what, '/') == NULL || tidy_starts_with(what, "."))
            tidy_find(tree, f->path, number, "include", "\"%s\" is not a path from the root", what);
        else if (rule != NULL && !may_include(rule, what))
            tidy_find(tree, f->path, number, "include", "%s may not include %s", rule->folder,
                      what);
    }
}

/* Notes to oneself, of which only "TO" "DO(name)" may land; in comments, or anywhere in what is not C. */
static void check_todo(struct tidy_tree *tree, const struct tidy_file *f)
{
    static const char *const words[] = {"FIX"
                                        "ME",
                                        "X"
                                        "XX",
                                        "TO"
                                        "DO"};
    const char *text = f->comment != NULL ? f->comment : f->text;
    unsigned number = 0;
    for (const char *line = text; line != NULL; line = tidy_next_line(line)) {
        const char *end = line + tidy_line_size(line);
        number++;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            size_t size = strlen(words[i]);
            const char *p = strstr(line, words[i]);
            if (p == NULL || p + size > end || is_word_char(p[size]) ||
                (p > line && is_word_char(p[-1])) || (words[i][0] == 'T' && p[size] == '('))
                continue;
            tidy_find(tree, f->path, number, "todo", "%s does not land", words[i]);
        }
    }
}

static void check_places(struct tidy_tree *tree, const struct tidy_file *f)
{
    static const char *const bad[] = {
        "/wo"
        "rk/",
        "/tmp/"
        "x/",
        "/ro"
        "ot/",
        "registry.npm"
        "js.org",
        "deb.debian"
        ".org",
        "pypi"
        ".org",
        "proxy.golang"
        ".org",
        "crates"
        ".io",
    };
    unsigned number = 0;
    for (const char *line = f->text; line != NULL; line = tidy_next_line(line)) {
        size_t size = tidy_line_size(line);
        number++;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            if (memmem(line, size, bad[i], strlen(bad[i])) != NULL)
                tidy_find(tree, f->path, number, "place",
                          "names a place of one machine or a registry: %s", bad[i]);
        }
        if (tidy_ends_with(f->path, "package-lock.json") &&
            memmem(line, size, "\"resolved\"", sizeof "\"resolved\"" - 1) != NULL)
            tidy_find(tree, f->path, number, "place", "a lock file holds no download addresses");
    }
}

void tidy_check_file(struct tidy_tree *tree, const struct tidy_file *f)
{
    if (f->text == NULL)
        return;
    tree->check_count++;
    check_spdx(tree, f);
    check_places(tree, f);
    if (strcmp(f->path, "LICENSE") != 0 && !tidy_ends_with(f->path, "package-lock.json"))
        check_todo(tree, f);
    if (f->code == NULL)
        return;
    check_lines(tree, f);
    check_functions(tree, f);
    check_calls(tree, f);
    check_includes(tree, f);
    if (tidy_ends_with(f->path, ".h"))
        check_header(tree, f);
}
