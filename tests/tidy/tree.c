/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a tree of sources and takes C apart into code and comments. */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/tidy/tidy.h"

enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };

bool tidy_ends_with(const char *text, const char *end)
{
    size_t a = strlen(text);
    size_t b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

bool tidy_starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool tidy_is_c(const char *path)
{
    return tidy_ends_with(path, ".c") || tidy_ends_with(path, ".h");
}

size_t tidy_line_size(const char *text)
{
    return strcspn(text, "\n");
}

const char *tidy_next_line(const char *text)
{
    text += tidy_line_size(text);
    return *text == '\n' && text[1] != '\0' ? text + 1 : NULL;
}

void tidy_find(struct tidy_tree *tree, const char *path, unsigned line, const char *rule,
               const char *format, ...)
{
    va_list arguments;
    tree->finding_count++;
    if (tree->only_rule != NULL && strcmp(rule, tree->only_rule) != 0) {
        tree->stray_count++;
        (void)printf("stray finding in the sample of %s:\n", tree->only_rule);
    } else if (tree->is_quiet) {
        return;
    }
    (void)printf("%s:%u: %s: ", path, line, rule);
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    (void)putchar('\n');
}

/* The kind of text at one place of C. */
enum place { PLACE_CODE, PLACE_LINE_COMMENT, PLACE_COMMENT, PLACE_STRING, PLACE_CHARACTER };

static void blank(char *at)
{
    if (*at != '\n')
        *at = ' ';
}

static void take_apart(struct tidy_file *f)
{
    enum place place = PLACE_CODE;
    const char *t = f->text;
    for (size_t i = 0; t[i] != '\0'; i++) {
        bool is_in_string = place == PLACE_STRING || place == PLACE_CHARACTER;
        if (place == PLACE_CODE && t[i] == '/' && (t[i + 1] == '*' || t[i + 1] == '/')) {
            place = t[i + 1] == '*' ? PLACE_COMMENT : PLACE_LINE_COMMENT;
            blank(&f->code[i]), blank(&f->comment[i]);
            i++;
            blank(&f->code[i]), blank(&f->comment[i]);
        } else if (place == PLACE_COMMENT && t[i] == '*' && t[i + 1] == '/') {
            place = PLACE_CODE;
            blank(&f->code[i]), blank(&f->comment[i]);
            i++;
            blank(&f->code[i]), blank(&f->comment[i]);
        } else if (place == PLACE_COMMENT || place == PLACE_LINE_COMMENT) {
            if (place == PLACE_LINE_COMMENT && t[i] == '\n')
                place = PLACE_CODE;
            blank(&f->code[i]);
        } else if (is_in_string && t[i] == '\\' && t[i + 1] != '\0') {
            blank(&f->code[i]), blank(&f->comment[i]);
            i++;
            blank(&f->code[i]), blank(&f->comment[i]);
        } else {
            char quote = place == PLACE_CHARACTER ? '\'' : '"';
            blank(&f->comment[i]);
            if (is_in_string && (t[i] == quote || t[i] == '\n'))
                place = PLACE_CODE;
            else if (is_in_string)
                blank(&f->code[i]);
            else if (t[i] == '"')
                place = PLACE_STRING;
            else if (t[i] == '\'')
                place = PLACE_CHARACTER;
        }
    }
}

static char *read_text(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    char *text = file != NULL ? malloc(size + 1) : NULL;
    if (text != NULL && fread(text, 1, size, file) == size && memchr(text, 0, size) == NULL) {
        text[size] = '\0';
    } else {
        free(text);
        text = NULL;
    }
    if (file != NULL)
        (void)fclose(file);
    return text;
}

static bool is_skipped(const char *path, const char *name)
{
    static const char *const names[] = {".", "..", ".git", "build", "state", "node_modules"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return strcmp(path, "tests/tidy/samples") == 0;
}

static int add_file(struct tidy_tree *tree, const char *path, const char *full, size_t size)
{
    if (tree->count == TIDY_FILES_MAX || strlen(path) >= TIDY_PATH_BYTES_MAX)
        return -1;
    struct tidy_file *f = &tree->files[tree->count++];
    memcpy(f->path, path, strlen(path) + 1);
    if (size > FILE_BYTES_MAX || tidy_starts_with(path, "tests/corpus/"))
        return 0;
    f->text = read_text(full, size);
    if (f->text == NULL || !tidy_is_c(path))
        return 0;
    f->code = strdup(f->text);
    f->comment = strdup(f->text);
    if (f->code == NULL || f->comment == NULL)
        return -1;
    take_apart(f);
    return 0;
}

/* Directories wait in a list instead of on the stack of a recursion. */
int tidy_tree_read(const char *root, struct tidy_tree *ret_tree)
{
    static char waiting[1024][TIDY_PATH_BYTES_MAX];
    size_t waiting_count = 1;
    struct tidy_tree tree = {.root = root};
    int r = 0;
    tree.files = calloc(TIDY_FILES_MAX, sizeof *tree.files);
    if (tree.files == NULL)
        return -1;
    waiting[0][0] = '\0';
    while (r == 0 && waiting_count > 0) {
        char directory[TIDY_PATH_BYTES_MAX];
        char path[TIDY_PATH_BYTES_MAX * 2];
        char full[TIDY_PATH_BYTES_MAX * 4];
        memcpy(directory, waiting[--waiting_count], sizeof directory);
        (void)snprintf(full, sizeof full, "%s/%s", root, directory);
        DIR *d = opendir(full);
        if (d == NULL)
            r = -1;
        for (struct dirent *e = r == 0 ? readdir(d) : NULL; e != NULL && r == 0; e = readdir(d)) {
            struct stat st;
            (void)snprintf(path, sizeof path, "%s%s%s", directory, directory[0] != '\0' ? "/" : "",
                           e->d_name);
            (void)snprintf(full, sizeof full, "%s/%s", root, path);
            if (is_skipped(path, e->d_name) || lstat(full, &st) != 0)
                continue;
            if (S_ISREG(st.st_mode))
                r = add_file(&tree, path, full, (size_t)st.st_size);
            else if (S_ISDIR(st.st_mode) && waiting_count < 1024 &&
                     strlen(path) < sizeof waiting[0])
                memcpy(waiting[waiting_count++], path, strlen(path) + 1);
        }
        if (d != NULL)
            (void)closedir(d);
    }
    *ret_tree = tree;
    return r;
}

void tidy_tree_free(struct tidy_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->files[i].text);
        free(tree->files[i].code);
        free(tree->files[i].comment);
    }
    free(tree->files);
}
