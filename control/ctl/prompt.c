/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ctl/prompt.h"

#include <editline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "control/ctl/complete.h"

enum { PROMPT_WORDS_MAX = 64, PROMPT_PATH_BYTES = 4096 };

char *ctl_prompt_split(char *line)
{
    bool is_quoted = false;
    for (; *line != '\0'; line++) {
        if (is_quoted && *line == '\\' && line[1] != '\0')
            line++;
        else if (*line == '"')
            is_quoted = !is_quoted;
        else if (*line == ';' && !is_quoted) {
            *line = '\0';
            return line + 1;
        }
    }
    return NULL;
}

bool ctl_prompt_is_secret(const char *line)
{
    static const char *const marks[] = {"pem=", "password", "passphrase", "secret", "key="};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strstr(line, marks[i]) != NULL)
            return true;
    return false;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
        n--;
    text[n] = '\0';
    return text;
}

/* One line, maybe of several commands; the first that fails ends it. */
static enum ctl_exit run_line(const struct ctl_prompt *p, char *line)
{
    enum ctl_exit rc = CTL_EXIT_OK;
    for (char *next = line; next != NULL && rc == CTL_EXIT_OK;) {
        char *command = next;
        json_t *answer = NULL;
        next = ctl_prompt_split(command);
        command = trim(command);
        if (command[0] == '\0')
            continue;
        rc = p->ask(p->user, command, &answer);
        if (rc == CTL_EXIT_OK)
            rc = p->show(p->user, answer);
        json_decref(answer);
    }
    return rc;
}

enum ctl_exit ctl_prompt_file(const struct ctl_prompt *p)
{
    enum ctl_exit rc = CTL_EXIT_OK;
    char *line = NULL;
    size_t room = 0;
    for (unsigned number = 1; rc == CTL_EXIT_OK && getline(&line, &room, stdin) >= 0; number++) {
        char *text = trim(line);
        if (text[0] == '\0' || text[0] == '#')
            continue;
        rc = run_line(p, text);
        if (rc != CTL_EXIT_OK)
            (void)fprintf(stderr, "causewayctl: stopped at line %u of the input\n", number);
    }
    if (line != NULL)
        explicit_bzero(line, room);
    free(line);
    return rc;
}

/* ---- at a terminal ---------------------------------------------------------------------------- */

static json_t *known; /* the list of commands, for as long as the prompt lasts */

static char *candidate_next(const char *text, int state)
{
    static struct ctl_candidates all;
    static size_t at;
    if (state == 0) {
        const char *words[PROMPT_WORDS_MAX];
        size_t count = 0;
        char *before = strdup(rl_line_buffer);
        if (before == NULL)
            return NULL;
        size_t n = (size_t)rl_point >= strlen(text) ? (size_t)rl_point - strlen(text) : 0;
        before[n < strlen(before) ? n : strlen(before)] = '\0';
        char *rest = before;
        for (char *word; (word = strsep(&rest, " \t")) != NULL && count < PROMPT_WORDS_MAX;)
            if (word[0] != '\0')
                words[count++] = word;
        ctl_complete_free(&all);
        ctl_complete(known, words, count, text, &all);
        free(before);
        at = 0;
    }
    return at < all.count ? strdup(all.texts[at++]) : NULL;
}

static char **candidates(const char *text, int start, int end)
{
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1; /* never names of files */
    char **list = rl_completion_matches(text, candidate_next);
    /* Behind "name=" the value follows at once. */
    rl_completion_append_character =
        list != NULL && list[0][0] != '\0' && list[0][strlen(list[0]) - 1] == '=' ? '\0' : ' ';
    return list;
}

static bool history_path(char *path, size_t size)
{
    const char *given = getenv("CAUSEWAYCTL_HISTORY");
    const char *home = getenv("HOME");
    int n = 0;
    if (given != NULL)
        n = snprintf(path, size, "%s", given);
    else if (home != NULL && home[0] != '\0')
        n = snprintf(path, size, "%s/.causewayctl_history", home);
    return n > 0 && (size_t)n < size;
}

enum ctl_exit ctl_prompt_terminal(const struct ctl_prompt *p)
{
    char path[PROMPT_PATH_BYTES];
    bool is_kept = history_path(path, sizeof path);
    enum ctl_exit rc = p->ask(p->user, "help", &known);
    if (rc != CTL_EXIT_OK)
        return rc;
    rl_readline_name = "causewayctl";
    rl_attempted_completion_function = candidates;
    using_history();
    stifle_history(CTL_HISTORY_LINES_MAX);
    if (is_kept)
        (void)read_history(path);
    for (char *line; (line = readline("causeway> ")) != NULL; free(line)) {
        char *text = trim(line);
        if (strcmp(text, "quit") == 0 || strcmp(text, "exit") == 0) {
            free(line);
            break;
        }
        if (text[0] == '\0')
            continue;
        if (!ctl_prompt_is_secret(text))
            (void)add_history(text);
        rc = run_line(p, text);
        explicit_bzero(text, strlen(text));
    }
    if (is_kept) {
        (void)umask(077);
        (void)write_history(path);
    }
    json_decref(known);
    known = NULL;
    return rc;
}
