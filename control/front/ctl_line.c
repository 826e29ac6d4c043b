/* SPDX-License-Identifier: Apache-2.0 */
#include "control/front/ctl_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/err.h"

enum {
    CTL_KEY_BYTES_MAX = 32,
    CTL_DISTANCE_BYTES_MAX = 96, /* longest text that nearest-command search compares */
};

static bool ctl_is_blank(char ch)
{
    return ch == ' ' || ch == '\t';
}

/* Bytes of a key before "=", 0 if the text does not start with one. */
static size_t ctl_key_size(const char *text)
{
    size_t n = 0;
    while ((text[n] >= 'a' && text[n] <= 'z') || text[n] == '_' ||
           (n > 0 && text[n] >= '0' && text[n] <= '9'))
        n++;
    return n > 0 && n <= CTL_KEY_BYTES_MAX && text[n] == '=' ? n : 0;
}

/* Cuts one plain or quoted value out of **at, in place; *at then is at a blank, ";" or the end. */
static int ctl_take_value(char **at, char **ret_value, bool *ret_quoted, char *message, size_t size)
{
    char *read = *at;
    *ret_quoted = *read == '"';
    if (!*ret_quoted) {
        *ret_value = read;
        while (*read != '\0' && *read != ';' && !ctl_is_blank(*read))
            read++;
        *at = read;
        return 0;
    }
    read++;
    char *write = read;
    *ret_value = write;
    while (*read != '"') {
        if (*read == '\\' && read[1] == 'n') {
            read += 2;
            *write++ = '\n';
            continue;
        }
        if (*read == '\\' && (read[1] == '"' || read[1] == '\\'))
            read++;
        if (*read == '\0') {
            (void)snprintf(message, size, "a quotation mark is not closed");
            return CW_ERR_INVALID;
        }
        *write++ = *read++;
    }
    read++;
    if (*read != '\0' && *read != ';' && !ctl_is_blank(*read)) {
        (void)snprintf(message, size, "text follows a closing quotation mark without a space");
        return CW_ERR_INVALID;
    }
    *write = '\0';
    *at = read;
    return 0;
}

/* An integer as JSON has it, of at most 18 digits so that it fits json_int_t. */
static bool ctl_is_integer(const char *text)
{
    if (*text == '-')
        text++;
    size_t n = strspn(text, "0123456789");
    return n >= 1 && n <= 18 && text[n] == '\0' && (n == 1 || text[0] != '0');
}

static json_t *ctl_json_value(const char *text, bool quoted)
{
    if (!quoted && strcmp(text, "true") == 0)
        return json_true();
    if (!quoted && strcmp(text, "false") == 0)
        return json_false();
    if (!quoted && ctl_is_integer(text))
        return json_integer(strtoll(text, NULL, 10));
    return json_string(text);
}

static int ctl_add_argument(struct cw_ctl_command *c, const char *key, json_t *value, char *message,
                            size_t size)
{
    if (value == NULL) {
        (void)snprintf(message, size, "the value of %s is not UTF-8 text", key);
        return CW_ERR_INVALID;
    }
    if (json_object_get(c->body, key) != NULL) {
        json_decref(value);
        (void)snprintf(message, size, "%s is given twice", key);
        return CW_ERR_INVALID;
    }
    return json_object_set_new(c->body, key, value) == 0 ? 0 : CW_ERR_NOMEM;
}

static int ctl_add_word(struct cw_ctl_command *c, const char *word, char *message, size_t size)
{
    if (c->word_count == CW_CTL_WORDS_MAX) {
        (void)snprintf(message, size, "a command has at most %d words", CW_CTL_WORDS_MAX);
        return CW_ERR_FULL;
    }
    c->words[c->word_count++] = word;
    return 0;
}

/* One word or argument at *at. Returns 1 when a ";" right behind it ended the command. */
static int ctl_take_token(char **at, struct cw_ctl_command *c, char *message, size_t size)
{
    char *key = *at;
    size_t key_size = ctl_key_size(key);
    if (key_size > 0) {
        *at += key_size + 1;
        key[key_size] = '\0';
    }
    char *value;
    bool quoted;
    int rc = ctl_take_value(at, &value, &quoted, message, size);
    if (rc != 0)
        return rc;
    char end = **at;
    **at = '\0';
    rc = key_size > 0 ? ctl_add_argument(c, key, ctl_json_value(value, quoted), message, size)
                      : ctl_add_word(c, value, message, size);
    if (end != '\0')
        *at += 1;
    return rc == 0 && end == ';' ? 1 : rc;
}

int cw_ctl_next_command(char **line, struct cw_ctl_command *ret_command, char *message,
                        size_t message_size)
{
    memset(ret_command, 0, sizeof *ret_command);
    for (const char *p = *line; *p != '\0'; p++)
        if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f) {
            (void)snprintf(message, message_size, "the line holds a control character");
            return CW_ERR_INVALID;
        }
    ret_command->body = json_object();
    if (ret_command->body == NULL)
        return CW_ERR_NOMEM;
    for (;;) {
        while (ctl_is_blank(**line))
            *line += 1;
        if (**line == '\0')
            return 0;
        if (**line == ';') {
            *line += 1;
            return 0;
        }
        int rc = ctl_take_token(line, ret_command, message, message_size);
        if (rc > 0)
            return 0;
        if (rc < 0) {
            cw_ctl_command_free(ret_command);
            return rc;
        }
    }
}

void cw_ctl_command_free(struct cw_ctl_command *c)
{
    json_decref(c->body);
    c->body = NULL;
    c->word_count = 0;
}

uint32_t cw_ctl_id(const char *text, size_t size)
{
    if (size == 0 || size > 10 || text[0] == '0')
        return 0;
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        v = v * 10 + (uint64_t)(text[i] - '0');
    }
    return v <= UINT32_MAX ? (uint32_t)v : 0;
}

bool cw_ctl_may_use(const struct cw_operation *operation, enum cw_front front)
{
    if (operation->words == NULL)
        return false;
    switch (front) {
    case CW_FRONT_SOCKET: return true;
    case CW_FRONT_SOCKET_RO: /* what not every account may see is not for every reader here either */
        return !operation->changes && operation->need != CW_NEED_ADMIN &&
               operation->right == CW_RIGHT_NONE && !operation->is_personal;
    case CW_FRONT_HTTP:
    case CW_FRONT_API: return false;
    }
    return false;
}

/* Next space-separated part of a words pattern; size 0 at its end, which is before what may be left out. */
static size_t ctl_pattern_part(const char **pattern, const char **ret_part)
{
    *pattern += strspn(*pattern, " ");
    size_t n = **pattern == '[' ? 0 : strcspn(*pattern, " ");
    *ret_part = *pattern;
    *pattern += n;
    return n;
}

/* Whether the pattern has "[KEY=" or "{KEY}"; the second is found to be given twice. */
static bool ctl_takes(const char *pattern, const char *key)
{
    size_t n = strlen(key);
    for (const char *p = strpbrk(pattern, "[{"); p != NULL; p = strpbrk(p + 1, "[{"))
        if (strncmp(p + 1, key, n) == 0 && (p[1 + n] == '=' || p[1 + n] == '}'))
            return true;
    return false;
}

static int ctl_check_keys(const char *pattern, const struct cw_ctl_command *c, char *message,
                          size_t size)
{
    const char *key;
    json_t *value;
    json_object_foreach(c->body, key, value)
    {
        if (ctl_takes(pattern, key))
            continue;
        (void)snprintf(message, size, "\"%s\" takes no %s=", pattern, key);
        return CW_ERR_NOT_FOUND;
    }
    return 0;
}

enum ctl_fit {
    CTL_FIT_NO,
    CTL_FIT_BAD_ID,  /* the words fit but for a number that is none */
    CTL_FIT_TOO_FEW, /* all given words fit the start of the pattern */
    CTL_FIT_YES,
};

static enum ctl_fit ctl_fit(const char *pattern, const struct cw_ctl_command *c)
{
    enum ctl_fit fit = CTL_FIT_YES;
    const char *part;
    size_t n;
    size_t at = 0;
    for (; (n = ctl_pattern_part(&pattern, &part)) > 0; at++) {
        if (at == c->word_count)
            return CTL_FIT_TOO_FEW;
        const char *word = c->words[at];
        if (n == 4 && memcmp(part, "{id}", 4) == 0) {
            if (cw_ctl_id(word, strlen(word)) == 0)
                fit = CTL_FIT_BAD_ID;
        } else if (part[0] != '{' && (strlen(word) != n || memcmp(part, word, n) != 0)) {
            return CTL_FIT_NO;
        }
    }
    return at == c->word_count ? fit : CTL_FIT_NO;
}

static int ctl_bind(const char *pattern, struct cw_ctl_command *c, uint32_t *ret_id, char *message,
                    size_t size)
{
    *ret_id = 0;
    const char *part;
    size_t n;
    for (size_t at = 0; (n = ctl_pattern_part(&pattern, &part)) > 0; at++) {
        if (part[0] != '{' || n < 3 || n - 2 > CTL_KEY_BYTES_MAX)
            continue;
        char name[CTL_KEY_BYTES_MAX + 1] = {0};
        memcpy(name, part + 1, n - 2);
        if (strcmp(name, "id") == 0) {
            *ret_id = cw_ctl_id(c->words[at], strlen(c->words[at]));
            continue;
        }
        int rc = ctl_add_argument(c, name, json_string(c->words[at]), message, size);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* Levenshtein distance of two short texts. */
static size_t ctl_distance(const char *a, const char *b)
{
    size_t row[CTL_DISTANCE_BYTES_MAX + 1];
    size_t a_size = strlen(a);
    size_t b_size = strlen(b);
    if (a_size > CTL_DISTANCE_BYTES_MAX || b_size > CTL_DISTANCE_BYTES_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_size];
}

/* What was typed against a pattern: parameters of the pattern stand for what was typed there. */
static size_t ctl_pattern_distance(const char *pattern, const struct cw_ctl_command *c)
{
    char want[CTL_DISTANCE_BYTES_MAX + 1] = {0};
    char have[CTL_DISTANCE_BYTES_MAX + 1] = {0};
    size_t want_size = 0;
    size_t have_size = 0;
    const char *part;
    size_t n;
    size_t at = 0;
    size_t missing = 0; /* parameters that were not typed */
    for (; (n = ctl_pattern_part(&pattern, &part)) > 0; at++) {
        if (part[0] == '{') {
            missing += at >= c->word_count;
            continue;
        }
        if (want_size + n + 1 > CTL_DISTANCE_BYTES_MAX)
            return SIZE_MAX;
        memcpy(want + want_size, part, n);
        want_size += n;
        want[want_size++] = ' ';
        if (at >= c->word_count)
            continue;
        size_t m = strlen(c->words[at]);
        if (have_size + m + 1 > CTL_DISTANCE_BYTES_MAX)
            return SIZE_MAX;
        memcpy(have + have_size, c->words[at], m);
        have_size += m;
        have[have_size++] = ' ';
    }
    size_t extra = c->word_count > at ? c->word_count - at : 0;
    size_t distance = ctl_distance(have, want);
    return distance == SIZE_MAX ? SIZE_MAX : distance + 2 * (extra + missing);
}

static const struct cw_operation *ctl_nearest(const struct cw_operation *table, enum cw_front front,
                                              const struct cw_ctl_command *c)
{
    const struct cw_operation *nearest = NULL;
    size_t least = SIZE_MAX;
    for (const struct cw_operation *o = table; o->name != NULL; o++) {
        if (!cw_ctl_may_use(o, front))
            continue;
        size_t distance = ctl_pattern_distance(o->words, c);
        if (distance < least) {
            least = distance;
            nearest = o;
        }
    }
    return nearest;
}

static void ctl_say_unknown(const struct cw_operation *table, enum cw_front front,
                            const struct cw_ctl_command *c, char *message, size_t size)
{
    char typed[64] = "";
    size_t used = 0;
    for (size_t i = 0; i < c->word_count && used < sizeof typed; i++) {
        int n = snprintf(typed + used, sizeof typed - used, "%s%s", i > 0 ? " " : "", c->words[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    const struct cw_operation *nearest = ctl_nearest(table, front, c);
    if (nearest != NULL)
        (void)snprintf(message, size,
                       "unknown command \"%s\"; the nearest is \"%s\" (\"help\" lists all)", typed,
                       nearest->words);
    else
        (void)snprintf(message, size, "unknown command \"%s\"", typed);
}

/* All that it may become. */
static void ctl_say_partial(const struct cw_operation *table, enum cw_front front,
                            const struct cw_ctl_command *c, char *message, size_t size)
{
    int used = snprintf(message, size, "the command is not complete:");
    for (const struct cw_operation *o = table; o->name != NULL; o++) {
        if (o->words == NULL || !cw_ctl_may_use(o, front) ||
            ctl_fit(o->words, c) != CTL_FIT_TOO_FEW)
            continue;
        if (used > 0 && (size_t)used < size)
            used += snprintf(message + used, size - (size_t)used, " \"%s\"", o->words);
    }
}

int cw_ctl_match(const struct cw_operation *table, enum cw_front front, struct cw_ctl_command *c,
                 const struct cw_operation **ret_operation, uint32_t *ret_id, char *message,
                 size_t message_size)
{
    bool is_partial = false;
    const struct cw_operation *bad_id = NULL;
    for (const struct cw_operation *o = table; o->name != NULL; o++) {
        if (o->words == NULL)
            continue;
        enum ctl_fit fit = ctl_fit(o->words, c);
        if (fit == CTL_FIT_YES && !cw_ctl_may_use(o, front)) {
            (void)snprintf(message, message_size,
                           "\"%s\" needs the operator's socket (control.sock), which is for root, "
                           "the appliance's own user and its operator group",
                           o->words);
            return CW_ERR_DENIED;
        }
        if (fit == CTL_FIT_YES) {
            *ret_operation = o;
            int rc = ctl_check_keys(o->words, c, message, message_size);
            return rc != 0 ? rc : ctl_bind(o->words, c, ret_id, message, message_size);
        }
        if (fit == CTL_FIT_BAD_ID)
            bad_id = o;
        is_partial = is_partial || (fit == CTL_FIT_TOO_FEW && cw_ctl_may_use(o, front));
    }
    if (bad_id != NULL)
        (void)snprintf(message, message_size, "\"%s\": the {id} is a number from 1 to 4294967295",
                       bad_id->words);
    else if (is_partial)
        ctl_say_partial(table, front, c, message, message_size);
    else
        ctl_say_unknown(table, front, c, message, message_size);
    return CW_ERR_NOT_FOUND;
}
