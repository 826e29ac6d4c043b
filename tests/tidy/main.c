/* SPDX-License-Identifier: Apache-2.0 */
/* tidy ROOT checks a tree. tidy --samples DIRECTORY checks the checker: DIRECTORY/RULE is a small tree
 * that must break RULE and nothing else, DIRECTORY/good one that breaks none. */
#include <stdio.h>
#include <string.h>

#include "tests/tidy/tidy.h"

/* Every rule there is: one without a sample is an error. */
static const char *const rules[] = {
    "good",  "line-length", "tab",    "trailing-space", "file-length", "function-length",
    "spdx",  "guard",       "todo",   "header-comment", "banned-call", "include",
    "place", "top-level",   "unused", "manual",
};

static void check_all(struct tidy_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        tidy_check_file(tree, &tree->files[i]);
    tidy_check_tree(tree);
}

static int check_root(const char *root)
{
    struct tidy_tree tree;
    if (tidy_tree_read(root, &tree) != 0) {
        (void)fprintf(stderr, "tidy: %s cannot be read, or is too large\n", root);
        return 2;
    }
    check_all(&tree);
    unsigned good = tree.check_count > 0 ? 1 : 0;
    (void)printf("style: %u files, %u warnings, %u findings\n", tree.check_count,
                 tree.warning_count, tree.finding_count);
    (void)printf("%u passed, %u failed\n", tree.finding_count == 0 ? good : 0, tree.finding_count);
    int code = tree.finding_count == 0 && good ? 0 : 1;
    tidy_tree_free(&tree);
    return code;
}

static bool check_sample(const char *directory, const char *rule)
{
    char root[TIDY_PATH_BYTES_MAX];
    struct tidy_tree tree;
    (void)snprintf(root, sizeof root, "%s/%s", directory, rule);
    if (tidy_tree_read(root, &tree) != 0 || tree.count == 0) {
        (void)printf("FAILED: the rule %s has no sample in %s\n", rule, root);
        return false;
    }
    tree.is_quiet = true;
    tree.only_rule = rule;
    check_all(&tree);
    bool is_caught = tree.finding_count > 0 || strcmp(rule, "good") == 0;
    if (!is_caught)
        (void)printf("FAILED: the sample of %s is not caught\n", rule);
    bool is_good = is_caught && tree.stray_count == 0;
    tidy_tree_free(&tree);
    return is_good;
}

static int check_samples(const char *directory)
{
    unsigned passed = 0;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (check_sample(directory, rules[i]))
            passed++;
        else
            failed++;
    }
    (void)printf("style rules: %u passed, %u failed\n%u passed, %u failed\n", passed, failed,
                 passed, failed);
    return failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--samples") == 0)
        return check_samples(argv[2]);
    if (argc == 2)
        return check_root(argv[1]);
    (void)fprintf(stderr, "usage: tidy ROOT | tidy --samples DIRECTORY\n");
    return 2;
}
