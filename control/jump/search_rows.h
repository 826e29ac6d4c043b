/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/search_rows.h - inside the index of Jump Items: its memory, which search*.c share.
 *
 * Owner:     struct cw_search (search.h).
 * Thread:    the owner's.
 * Limits:    search.h.
 * Invariant: an order that is sorted has every row once.
 */
#ifndef CW_CONTROL_JUMP_SEARCH_ROWS_H
#define CW_CONTROL_JUMP_SEARCH_ROWS_H

#include "control/jump/fold.h"
#include "control/jump/search.h"
#include "engine/base/table.h"

enum {
    /* 250 bytes of text are 150 different hashes: a seventh of the rows is set for an item, so one hash alone
     * leaves 10,000 of 75,000 items to look into, two leave 1,500. */
    CW_SEARCH_SIGNATURE_BITS = 1024,
    CW_SEARCH_SIGNATURE_WORDS = CW_SEARCH_SIGNATURE_BITS / 64,
    CW_SEARCH_BLOCK_ITEMS = 4096,
    CW_SEARCH_BLOCK_WORDS = CW_SEARCH_BLOCK_ITEMS / 64,
    CW_SEARCH_BLOCKS_MAX = (CW_JUMP_ITEMS_MAX + CW_SEARCH_BLOCK_ITEMS - 1) / CW_SEARCH_BLOCK_ITEMS,
    CW_SEARCH_TRIGRAM_BYTES = 3,
    CW_SEARCH_NAMED_WORD_BYTES = 64,
};

struct cw_search_row {
    uint64_t
        name_key; /* the first 8 bytes of the folded name, so that most comparisons need no more */
    char *text;   /* NULL: free. Fields end with a NUL, which no search has. */
    uint64_t accessed_ms;
    uint32_t id;
    uint32_t group;
    uint16_t ends[CW_SEARCH_TEXT_COUNT]; /* behind the NUL of each field */
    uint8_t method;
    uint8_t status;
};

struct cw_search_block {
    uint64_t bits[CW_SEARCH_SIGNATURE_BITS][CW_SEARCH_BLOCK_WORDS];
    struct cw_search_row rows[CW_SEARCH_BLOCK_ITEMS];
};

struct cw_search_word {
    char text[CW_FOLD_BYTES(CW_SEARCH_NAMED_WORD_BYTES)];
    size_t bytes;
};

struct cw_search_group {
    uint32_t id;
    uint32_t bytes;
    uint32_t rank; /* among all groups, by folded name; right unless ranks_are_old */
    char *text;
};

/* Every row in some order, kept as rows come, change and go. */
struct cw_search_order {
    uint32_t *slots;
    uint32_t count;
    bool is_sorted; /* false: to be made when it is needed */
};

struct cw_search {
    struct cw_search_block *blocks[CW_SEARCH_BLOCKS_MAX];
    uint32_t block_count;
    uint32_t count;
    uint32_t free_hint; /* no row before this one is free */
    size_t text_bytes;
    struct cw_table by_id;
    struct cw_search_word words[2][CW_SEARCH_WORDS_MAX]; /* of METHOD and STATUS */
    struct cw_search_group *groups;                      /* sorted by id */
    uint32_t group_count;
    bool ranks_are_old;
    struct cw_search_order by_name;   /* folded name, then number */
    struct cw_search_order by_access; /* the latest first; then as by_name */
};

static inline struct cw_search_row *cw_search_row_at(const struct cw_search *s, uint32_t slot)
{
    return &s->blocks[slot / CW_SEARCH_BLOCK_ITEMS]->rows[slot % CW_SEARCH_BLOCK_ITEMS];
}

static inline uint32_t cw_search_field_begin(const struct cw_search_row *row, unsigned field)
{
    return field == 0 ? 0 : row->ends[field - 1];
}

/* search.c */
bool cw_search_slot_of(const struct cw_search *s, uint32_t id, uint32_t *ret_slot);
/* Which bits a text has in the table. signature: CW_SEARCH_SIGNATURE_WORDS, to which they are added. */
void cw_search_sign(const char *text, size_t bytes, uint64_t *signature);
/* Place of the group, or where it belongs. */
uint32_t cw_search_group_place(const struct cw_search *s, uint32_t id);

/* search_order.c */
/* Before a row changes or goes, and after it came or changed. */
void cw_search_order_remove(struct cw_search *s, uint32_t slot);
void cw_search_order_add(struct cw_search *s, uint32_t slot);
/* Sorts what is not sorted yet. CW_ERR_NOMEM. */
int cw_search_order_make(struct cw_search *s, struct cw_search_order *order);
/* How many rows of by_name, which must be made, come before this one. */
uint32_t cw_search_order_place(const struct cw_search *s, const struct cw_search_row *row);
/* How many of by_access, which must be made, were ever accessed: they come first. */
uint32_t cw_search_order_accessed(const struct cw_search *s);
/* The rank of each group, when one has another name now. CW_ERR_NOMEM. */
int cw_search_order_groups(struct cw_search *s);

#endif
