/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that need the whole tree: what lies at the top, what nobody uses, what has no manual. */
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy.h"

static void check_top(struct tidy_tree *tree)
{
    static const char *const known[] = {
        "engine", "codec",     "control", "clients", "bench",      "tests",   "Makefile",
        "mk",     "README.md", "dist",    ".ci",     ".gitignore", "LICENSE", ".clang-format",
    };
    for (size_t i = 0; i < tree->count; i++) {
        const char *path = tree->files[i].path;
        size_t size = strcspn(path, "/");
        bool is_known = false;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            is_known = is_known || (strlen(known[k]) == size && memcmp(path, known[k], size) == 0);
        if (!is_known)
            tidy_find(tree, path, 1, "top-level", "nothing of that name lies at the top");
    }
}

static bool is_makefile(const char *path)
{
    return strcmp(path, "Makefile") == 0 || tidy_ends_with(path, ".mk");
}

/* Does a file for which want() holds contain the text? */
static bool any_contains(const struct tidy_tree *tree, bool (*want)(const char *path),
                         const char *text)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct tidy_file *f = &tree->files[i];
        if (f->text != NULL && want(f->path) && strstr(f->text, text) != NULL)
            return true;
    }
    return false;
}

/* Is a source compiled: by its own path, by "folder/..." of a pattern, or by being included? Unit tests
 * are found by a pattern over all areas. */
static bool is_compiled(const struct tidy_tree *tree, const struct tidy_file *f)
{
    char text[TIDY_PATH_BYTES_MAX + 16];
    char folder[TIDY_PATH_BYTES_MAX];
    const char *name = strrchr(f->path, '/');
    if (name == NULL)
        return false;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(name - f->path), f->path);
    if (tidy_starts_with(f->path, "tests/unit/"))
        return tidy_starts_with(name, "/test_") &&
               any_contains(tree, is_makefile, "tests/unit/$(1)/");
    (void)snprintf(text, sizeof text, "#include \"%s\"", f->path);
    if (any_contains(tree, tidy_is_c, text))
        return true;
    static const char before[] = {',', ' ', '(', '\t', '='};
    static const char after[] = {')', ' ', '/', '\n', ','};
    for (size_t b = 0; b < sizeof before; b++) {
        for (size_t a = 0; a < sizeof after; a++) {
            (void)snprintf(text, sizeof text, "%c%s%c", before[b], folder, after[a]);
            if (any_contains(tree, is_makefile, text))
                return true;
        }
    }
    /* By the object's name: $(B)/path/name.o */
    (void)snprintf(text, sizeof text, "/%.*s.o", (int)(strlen(f->path) - 2), f->path);
    return any_contains(tree, is_makefile, text);
}

static void check_used(struct tidy_tree *tree)
{
    char text[TIDY_PATH_BYTES_MAX + 16];
    for (size_t i = 0; i < tree->count; i++) {
        const struct tidy_file *f = &tree->files[i];
        if (tidy_ends_with(f->path, ".h")) {
            (void)snprintf(text, sizeof text, "#include \"%s\"", f->path);
            if (!any_contains(tree, tidy_is_c, text))
                tidy_find(tree, f->path, 1, "unused", "nobody includes it");
        } else if (tidy_ends_with(f->path, ".c") && !is_compiled(tree, f)) {
            tidy_find(tree, f->path, 1, "unused", "nothing compiles it");
        }
    }
}

static bool has_file(const struct tidy_tree *tree, const char *path)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->files[i].path, path) == 0)
            return true;
    }
    return false;
}

static bool has_manual(const struct tidy_tree *tree, const char *program)
{
    char name[TIDY_PATH_BYTES_MAX + 8];
    for (char section = '1'; section <= '8'; section++) {
        (void)snprintf(name, sizeof name, "/%s.%c", program, section);
        for (size_t i = 0; i < tree->count; i++) {
            if (tidy_ends_with(tree->files[i].path, name))
                return true;
        }
    }
    return false;
}

/* The Makefile says "$(if $(wildcard engine/main.c),causeway-engine)" for each program. */
static void check_manuals(struct tidy_tree *tree)
{
    static const char opening[] = "$(if $(wildcard ";
    const char *makefile = NULL;
    for (size_t i = 0; i < tree->count; i++) {
        if (strcmp(tree->files[i].path, "Makefile") == 0)
            makefile = tree->files[i].text;
    }
    for (const char *p = makefile; p != NULL && (p = strstr(p, opening)) != NULL;) {
        char source[TIDY_PATH_BYTES_MAX];
        char program[TIDY_PATH_BYTES_MAX];
        p += sizeof opening - 1;
        size_t source_size = strcspn(p, ")\n");
        const char *name = p + source_size + 2; /* behind ")," */
        (void)snprintf(source, sizeof source, "%.*s", (int)source_size, p);
        (void)snprintf(program, sizeof program, "%.*s", (int)strcspn(name, ")\n"), name);
        if (has_file(tree, source) && !has_manual(tree, program))
            tidy_find(tree, source, 1, "manual", "%s has no manual page", program);
    }
}

void tidy_check_tree(struct tidy_tree *tree)
{
    check_top(tree);
    check_used(tree);
    check_manuals(tree);
}
