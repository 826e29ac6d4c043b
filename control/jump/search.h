/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/search.h - Jump Items found by a piece of text, in memory.
 *
 * Each item has a block of folded text, its fields behind one another, and a column of a table of bits: one
 * row of the table for each hash of three bytes in a row. A search takes the rows of its text's hashes
 * together and looks into the blocks of what is left. A change of an item costs what its text is long.
 *
 * Owner:     cw_search_new to cw_search_free. Texts are copied.
 * Thread:    the owner's.
 * Units:     bytes of UTF-8; characters where it says so.
 * Errors:    CW_ERR_NOMEM, CW_ERR_FULL (CW_JUMP_ITEMS_MAX), CW_ERR_TOO_LARGE (a text over its limit),
 *            CW_ERR_INVALID (a search for fewer than CW_SEARCH_CHARACTERS_MIN characters),
 *            CW_ERR_NOT_FOUND (the item to go on after is gone).
 * Limits:    CW_SEARCH_*.
 * Invariant: a search finds exactly the items of the asked groups with the text in one of the asked
 *            fields, whatever was put, changed and removed before (test_search.c: a naive model).
 */
#ifndef CW_CONTROL_JUMP_SEARCH_H
#define CW_CONTROL_JUMP_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/limits.h"

/* X(NAME, name in JSON). The first eleven are texts of the item; of the last three each item has a number,
 * whose text is one for all. */
#define CW_SEARCH_FIELDS(X)           \
    X(NAME, "name")                   \
    X(HOSTNAME, "hostname")           \
    X(FQDN, "fqdn")                   \
    X(DOMAIN, "domain")               \
    X(WORKGROUP, "workgroup")         \
    X(PRIVATE_IP, "private_ip")       \
    X(PUBLIC_IP, "public_ip")         \
    X(CONSOLE_USER, "console_user")   \
    X(TAG, "tag")                     \
    X(COMMENTS, "comments")           \
    X(LAST_ACCESSED, "last_accessed") \
    X(GROUP, "group")                 \
    X(METHOD, "method")               \
    X(STATUS, "status")

enum cw_search_field {
#define X(name, text) CW_SEARCH_##name,
    CW_SEARCH_FIELDS(X)
#undef X
        CW_SEARCH_FIELD_COUNT,
    CW_SEARCH_TEXT_COUNT = CW_SEARCH_GROUP,
};

#define CW_SEARCH_EVERY_FIELD ((1U << CW_SEARCH_FIELD_COUNT) - 1)

struct cw_search;

struct cw_search_item {
    uint32_t id;
    uint32_t group;
    uint8_t method; /* below CW_SEARCH_WORDS_MAX */
    uint8_t status;
    uint64_t accessed_ms;                   /* 0: never */
    const char *text[CW_SEARCH_TEXT_COUNT]; /* NULL: empty */
};

enum cw_search_sort {
    CW_SEARCH_BY_NAME, /* folded, then by number; so are those that are alike in the other orders */
    CW_SEARCH_BY_STATUS,
    CW_SEARCH_BY_GROUP,
    CW_SEARCH_BY_ACCESS, /* the latest first; those that never were are last, also when it is turned */
};

struct cw_search_query {
    const char *text; /* empty: everything */
    size_t bytes;
    uint32_t fields;        /* bits of enum cw_search_field; 0: all of them */
    const uint64_t *groups; /* bit of each group that may be seen; NULL: all */
    uint32_t group_bits;
    const uint32_t *more; /* items that may be seen besides, sorted */
    uint32_t more_count;
    const char *tag;   /* only with this one, without regard to case; NULL: any */
    uint32_t statuses; /* bits of those that are wanted; 0: all */
    enum cw_search_sort sort;
    bool is_turned; /* the other way round */
    const uint8_t
        *status_ranks; /* CW_SEARCH_WORDS_MAX of them below that: the order of BY_STATUS */
    uint32_t from;     /* how many of those found are left out at first */
    uint32_t
        after; /* by name, not turned: the item before the first wanted one; 0: from the start */
    uint32_t limit; /* at most CW_SEARCH_RESULTS_MAX */
};

struct cw_search_result {
    uint32_t count; /* all that were found, before and after this page, too */
    uint32_t shown;
    uint32_t items[CW_SEARCH_RESULTS_MAX]; /* in the order that was asked for */
};

/* How many there are of what may be seen. */
struct cw_search_tag {
    uint32_t item; /* one that has it */
    uint32_t count;
};

struct cw_search_counts {
    uint32_t all;
    uint32_t statuses[CW_SEARCH_WORDS_MAX];
    uint32_t *groups; /* group_bits of them, by number; the caller's memory */
    struct cw_search_tag tags[CW_SEARCH_TAGS_SHOWN_MAX]; /* the most used first */
    uint32_t tag_count;
};

int cw_search_new(struct cw_search **ret_search);
void cw_search_free(struct cw_search *s);

/* Adds the item or replaces what was known of it. */
int cw_search_put(struct cw_search *s, const struct cw_search_item *item);
void cw_search_remove(struct cw_search *s, uint32_t id);
/* Nothing happens when there is no such item. */
void cw_search_set_status(struct cw_search *s, uint32_t id, uint8_t status);
/* 0 when there is no such item. */
uint8_t cw_search_status(const struct cw_search *s, uint32_t id);
uint32_t cw_search_count(const struct cw_search *s);
/* Memory in use, for reports. */
size_t cw_search_bytes(const struct cw_search *s);

/* The text of a group, or of a method or status (number below CW_SEARCH_WORDS_MAX). */
int cw_search_name_group(struct cw_search *s, uint32_t group, const char *name);
int cw_search_name_word(struct cw_search *s, enum cw_search_field field, uint8_t number,
                        const char *name);

int cw_search_find(struct cw_search *s, const struct cw_search_query *query,
                   struct cw_search_result *ret);
/* Of the query only groups and more count. */
int cw_search_counts(const struct cw_search *s, const struct cw_search_query *query,
                     struct cw_search_counts *ret);
/* The number of an item's group; 0 when there is no such item. */
uint32_t cw_search_group_of(const struct cw_search *s, uint32_t id);

/* The field of that name, or CW_SEARCH_FIELD_COUNT. */
enum cw_search_field cw_search_field_named(const char *name, size_t bytes);
const char *cw_search_field_name(enum cw_search_field field);

#endif
