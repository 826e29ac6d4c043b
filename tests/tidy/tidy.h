/* SPDX-License-Identifier: Apache-2.0 */
/* tests/tidy/tidy.h - the house style as a test: what a tree of sources may look like.
 *
 * Owner:     a struct tidy_tree owns the texts of its files until tidy_tree_free.
 * Thread:    one.
 * Errors:    a finding is printed as "path:line: rule: what" and counted.
 * Limits:    TIDY_FILES_MAX, TIDY_PATH_BYTES_MAX; a tree over them is refused.
 */
#ifndef CW_TESTS_TIDY_TIDY_H
#define CW_TESTS_TIDY_TIDY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    TIDY_FILES_MAX = 8192,
    TIDY_PATH_BYTES_MAX = 512,
    TIDY_CODE_COLUMNS_MAX = 100, /* clang-format's limit */
    TIDY_LINE_COLUMNS_MAX = 120, /* with a comment, which clang-format does not wrap */
    TIDY_FILE_LINES_WARN = 600,
    TIDY_FILE_LINES_MAX = 800,
    TIDY_FUNCTION_LINES_MAX = 70,
};

struct tidy_file {
    char path[TIDY_PATH_BYTES_MAX]; /* from the root of the tree */
    char *text;                     /* whole file, NUL at the end; NULL: not text, or not read */
    char *code;    /* C only: as text, but comments and the insides of strings are blanks */
    char *comment; /* C only: as text, but everything else is blanks */
};

struct tidy_tree {
    const char *root;
    bool is_quiet; /* count only */
    struct tidy_file *files;
    size_t count;
    unsigned finding_count;
    unsigned warning_count;
    unsigned check_count;
    const char *only_rule; /* samples: findings of any other rule count as stray */
    unsigned stray_count;
};

int tidy_tree_read(const char *root, struct tidy_tree *ret_tree);
void tidy_tree_free(struct tidy_tree *tree);
__attribute__((format(printf, 5, 6))) void tidy_find(struct tidy_tree *tree, const char *path,
                                                     unsigned line, const char *rule,
                                                     const char *format, ...);

bool tidy_ends_with(const char *text, const char *end);
bool tidy_starts_with(const char *text, const char *start);
/* Is this C? */
bool tidy_is_c(const char *path);
/* Length of the line at text, without its newline. */
size_t tidy_line_size(const char *text);
/* The start of the next line, or NULL at the end of the text. */
const char *tidy_next_line(const char *text);

/* Rules that look at one file. */
void tidy_check_file(struct tidy_tree *tree, const struct tidy_file *file);
/* Rules that need all of them. */
void tidy_check_tree(struct tidy_tree *tree);

#endif
