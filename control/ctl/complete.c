/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ctl/complete.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Adds text[0 .. size-1] at its place unless it is there or does not begin with partial. */
static void candidate_add(struct ctl_candidates *c, const char *text, size_t size,
                          const char *partial)
{
    if (size >= CTL_CANDIDATE_BYTES_MAX || c->count == CTL_CANDIDATES_MAX ||
        strncmp(text, partial, strlen(partial)) != 0 || size < strlen(partial))
        return;
    char *copy = strndup(text, size);
    if (copy == NULL)
        return;
    size_t at = 0;
    int order = 1;
    while (at < c->count && (order = strcmp(c->texts[at], copy)) < 0)
        at++;
    if (at < c->count && order == 0) {
        free(copy);
        return;
    }
    memmove(&c->texts[at + 1], &c->texts[at], (c->count - at) * sizeof c->texts[0]);
    c->texts[at] = copy;
    c->count++;
}

static bool has_argument(const char *const *words, size_t word_count, const char *key, size_t size)
{
    for (size_t i = 0; i < word_count; i++)
        if (strncmp(words[i], key, size) == 0)
            return true;
    return false;
}

/* "[name=NAME]" gives "name=". */
static void add_argument(struct ctl_candidates *c, const char *token, size_t size,
                         const char *const *words, size_t word_count, const char *partial)
{
    const char *equals = memchr(token, '=', size);
    if (equals == NULL)
        return;
    size_t key_size = (size_t)(equals - token);
    if (!has_argument(words, word_count, token + 1, key_size))
        candidate_add(c, token + 1, key_size, partial);
}

static bool is_argument(const char *word)
{
    return strchr(word, '=') != NULL;
}

/* One command's words, "set account {id} disabled [why=TEXT]", against what was typed. */
static void complete_from(struct ctl_candidates *c, const char *pattern, const char *const *words,
                          size_t word_count, const char *partial)
{
    size_t typed = 0;
    for (const char *at = pattern; *at != '\0';) {
        size_t size = strcspn(at, " ");
        if (at[0] == '[') {
            if (typed == word_count)
                add_argument(c, at, size, words, word_count, partial);
        } else {
            while (typed < word_count && is_argument(words[typed]))
                typed++;
            if (typed == word_count) {
                if (at[0] != '{')
                    candidate_add(c, at, size, partial);
                return;
            }
            if (at[0] != '{' && (strlen(words[typed]) != size || memcmp(words[typed], at, size)))
                return;
            typed++;
        }
        while (typed < word_count && is_argument(words[typed]))
            typed++;
        at += size;
        at += strspn(at, " ");
    }
}

void ctl_complete(const json_t *help, const char *const *words, size_t word_count,
                  const char *partial, struct ctl_candidates *ret)
{
    size_t i;
    const json_t *command;
    *ret = (struct ctl_candidates){0};
    json_array_foreach(json_object_get(help, "commands"), i, command)
    {
        const char *pattern = json_string_value(json_object_get(command, "words"));
        if (pattern != NULL)
            complete_from(ret, pattern, words, word_count, partial);
    }
    if (word_count == 0)
        candidate_add(ret, "help", 4, partial);
}

void ctl_complete_free(struct ctl_candidates *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->texts[i]);
    c->count = 0;
}
