/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/search.h"

#include <stdlib.h>
#include <string.h>

#include "control/jump/fold.h"
#include "engine/base/err.h"
#include "engine/base/table.h"

enum {
    /* 250 bytes of text are 150 different hashes: a seventh of the rows is set for an item, so one hash alone
     * leaves 10,000 of 75,000 items to look into, two leave 1,500. */
    SIGNATURE_BITS = 1024,
    SIGNATURE_WORDS = SIGNATURE_BITS / 64,
    BLOCK_ITEMS = 4096,
    BLOCK_WORDS = BLOCK_ITEMS / 64,
    BLOCKS_MAX = (CW_JUMP_ITEMS_MAX + BLOCK_ITEMS - 1) / BLOCK_ITEMS,
    TRIGRAM_BYTES = 3,
    NAMED_WORD_BYTES = 64,
};

struct row {
    uint64_t
        name_key; /* the first 8 bytes of the folded name, so that most comparisons need no more */
    char *text;   /* NULL: free. Fields end with a NUL, which no search has. */
    uint32_t id;
    uint32_t group;
    uint16_t ends[CW_SEARCH_TEXT_COUNT]; /* behind the NUL of each field */
    uint8_t method;
    uint8_t status;
};

struct block {
    uint64_t bits[SIGNATURE_BITS][BLOCK_WORDS];
    struct row rows[BLOCK_ITEMS];
};

struct word {
    char text[CW_FOLD_BYTES(NAMED_WORD_BYTES)];
    size_t bytes;
};

struct group {
    uint32_t id;
    uint32_t bytes;
    char *text;
};

struct cw_search {
    struct block *blocks[BLOCKS_MAX];
    uint32_t block_count;
    uint32_t count;
    uint32_t free_hint; /* no row before this one is free */
    size_t text_bytes;
    struct cw_table by_id;
    struct word words[2][CW_SEARCH_WORDS_MAX]; /* of METHOD and STATUS */
    struct group *groups;                      /* sorted by id */
    uint32_t group_count;
};

static const char *const field_names[CW_SEARCH_FIELD_COUNT] = {
#define X(name, text) text,
    CW_SEARCH_FIELDS(X)
#undef X
};

enum cw_search_field cw_search_field_named(const char *name, size_t bytes)
{
    unsigned field = 0;

    while (field < CW_SEARCH_FIELD_COUNT &&
           (strlen(field_names[field]) != bytes || memcmp(field_names[field], name, bytes) != 0))
        field++;
    return (enum cw_search_field)field;
}

const char *cw_search_field_name(enum cw_search_field field)
{
    return field_names[field];
}

int cw_search_new(struct cw_search **ret_search)
{
    struct cw_search *s = calloc(1, sizeof *s);

    if (s == NULL || cw_table_init(&s->by_id, CW_JUMP_ITEMS_MAX) != 0) {
        free(s);
        return CW_ERR_NOMEM;
    }
    *ret_search = s;
    return 0;
}

void cw_search_free(struct cw_search *s)
{
    if (s == NULL)
        return;
    for (uint32_t i = 0; i < s->block_count; i++) {
        for (uint32_t j = 0; j < BLOCK_ITEMS; j++)
            free(s->blocks[i]->rows[j].text);
        free(s->blocks[i]);
    }
    for (uint32_t i = 0; i < s->group_count; i++)
        free(s->groups[i].text);
    free(s->groups);
    cw_table_fini(&s->by_id);
    free(s);
}

uint32_t cw_search_count(const struct cw_search *s)
{
    return s->count;
}

size_t cw_search_bytes(const struct cw_search *s)
{
    const size_t table = ((size_t)s->by_id.mask + 1) * sizeof(struct cw_table_slot);

    /* malloc's own 16 bytes for each text */
    return sizeof *s + s->block_count * sizeof(struct block) + s->text_bytes + 16 * s->count +
           table;
}

/* ---- the table of bits ------------------------------------------------------------------------ */

static uint32_t hash_of(const char *text)
{
    const uint32_t three = (uint32_t)(unsigned char)text[0] |
                           (uint32_t)(unsigned char)text[1] << 8 |
                           (uint32_t)(unsigned char)text[2] << 16;

    return (three * 0x9E3779B1U) >> 22;
}

_Static_assert(SIGNATURE_BITS == 1U << (32 - 22), "hash_of gives 10 bits");

static void sign(const char *text, size_t bytes, uint64_t *signature)
{
    for (size_t i = 0; i + TRIGRAM_BYTES <= bytes; i++) {
        const uint32_t hash = hash_of(text + i);
        signature[hash / 64] |= UINT64_C(1) << (hash % 64);
    }
}

static uint32_t field_begin(const struct row *row, unsigned field)
{
    return field == 0 ? 0 : row->ends[field - 1];
}

static void sign_row(const struct row *row, uint64_t *signature)
{
    for (unsigned f = 0; row->text != NULL && f < CW_SEARCH_TEXT_COUNT; f++)
        sign(row->text + field_begin(row, f), row->ends[f] - field_begin(row, f) - 1U, signature);
}

/* Turns the bits of an item that differ. */
static void turn_bits(struct block *block, uint32_t place, const uint64_t *before,
                      const uint64_t *after)
{
    for (uint32_t w = 0; w < SIGNATURE_WORDS; w++)
        for (uint64_t left = before[w] ^ after[w]; left != 0; left &= left - 1) {
            const uint32_t bit = w * 64 + (uint32_t)__builtin_ctzll(left);
            block->bits[bit][place / 64] ^= UINT64_C(1) << (place % 64);
        }
}

/* ---- items ------------------------------------------------------------------------------------ */

static struct row *row_at(const struct cw_search *s, uint32_t slot)
{
    return &s->blocks[slot / BLOCK_ITEMS]->rows[slot % BLOCK_ITEMS];
}

/* Slots are kept in the table as a pointer that is never followed: 1 and up. */
static bool find_slot(const struct cw_search *s, uint32_t id, uint32_t *ret_slot)
{
    const uintptr_t value = (uintptr_t)cw_table_get(&s->by_id, id);

    *ret_slot = (uint32_t)(value - 1);
    return value != 0;
}

static int take_slot(struct cw_search *s, uint32_t id, uint32_t *ret_slot)
{
    uint32_t slot = s->free_hint;
    int err = 0;

    if (s->count >= CW_JUMP_ITEMS_MAX)
        return CW_ERR_FULL;
    while (slot < s->block_count * BLOCK_ITEMS && row_at(s, slot)->text != NULL)
        slot++;
    if (slot == s->block_count * BLOCK_ITEMS) {
        s->blocks[s->block_count] = calloc(1, sizeof(struct block));
        if (s->blocks[s->block_count] == NULL)
            return CW_ERR_NOMEM;
        s->block_count++;
    }
    err = cw_table_put(&s->by_id, id, (void *)((uintptr_t)slot + 1));
    if (err != 0)
        return err;
    s->free_hint = slot + 1;
    s->count++;
    *ret_slot = slot;
    return 0;
}

/* The item's texts, folded, in new memory. */
static int fold_item(const struct cw_search_item *item, struct row *ret_row)
{
    char folded[CW_SEARCH_ITEM_BYTES_MAX];
    size_t used = 0;

    for (unsigned f = 0; f < CW_SEARCH_TEXT_COUNT; f++) {
        const char *text = item->text[f] != NULL ? item->text[f] : "";
        const size_t bytes = strlen(text);
        if (CW_FOLD_BYTES(bytes) + 1 > sizeof folded - used)
            return CW_ERR_TOO_LARGE;
        used += cw_fold(text, bytes, folded + used, sizeof folded - used);
        folded[used++] = '\0';
        ret_row->ends[f] = (uint16_t)used;
    }
    ret_row->text = malloc(used);
    if (ret_row->text == NULL)
        return CW_ERR_NOMEM;
    memcpy(ret_row->text, folded, used);
    ret_row->id = item->id;
    ret_row->group = item->group;
    ret_row->method = item->method;
    ret_row->status = item->status;
    ret_row->name_key = 0;
    for (size_t i = 0, n = ret_row->ends[CW_SEARCH_NAME]; i < 8; i++)
        ret_row->name_key = ret_row->name_key << 8 | (i < n ? (unsigned char)folded[i] : 0);
    return 0;
}

int cw_search_put(struct cw_search *s, const struct cw_search_item *item)
{
    uint64_t before[SIGNATURE_WORDS] = {0};
    uint64_t after[SIGNATURE_WORDS] = {0};
    struct row row = {0};
    struct row *old = NULL;
    uint32_t slot = 0;
    int err = item->method < CW_SEARCH_WORDS_MAX && item->status < CW_SEARCH_WORDS_MAX
                  ? fold_item(item, &row)
                  : CW_ERR_INVALID;

    if (err == 0 && !find_slot(s, item->id, &slot))
        err = take_slot(s, item->id, &slot);
    if (err != 0) {
        free(row.text);
        return err;
    }
    old = row_at(s, slot);
    sign_row(old, before);
    sign_row(&row, after);
    turn_bits(s->blocks[slot / BLOCK_ITEMS], slot % BLOCK_ITEMS, before, after);
    s->text_bytes += row.ends[CW_SEARCH_TEXT_COUNT - 1];
    s->text_bytes -= old->text != NULL ? old->ends[CW_SEARCH_TEXT_COUNT - 1] : 0;
    free(old->text);
    *old = row;
    return 0;
}

void cw_search_remove(struct cw_search *s, uint32_t id)
{
    static const uint64_t nothing[SIGNATURE_WORDS];
    uint64_t before[SIGNATURE_WORDS] = {0};
    uint32_t slot = 0;
    struct row *row = NULL;

    if (!find_slot(s, id, &slot))
        return;
    row = row_at(s, slot);
    sign_row(row, before);
    turn_bits(s->blocks[slot / BLOCK_ITEMS], slot % BLOCK_ITEMS, before, nothing);
    s->text_bytes -= row->ends[CW_SEARCH_TEXT_COUNT - 1];
    free(row->text);
    *row = (struct row){0};
    cw_table_remove(&s->by_id, id);
    s->count--;
    if (slot < s->free_hint)
        s->free_hint = slot;
}

void cw_search_set_status(struct cw_search *s, uint32_t id, uint8_t status)
{
    uint32_t slot = 0;

    if (status < CW_SEARCH_WORDS_MAX && find_slot(s, id, &slot))
        row_at(s, slot)->status = status;
}

uint8_t cw_search_status(const struct cw_search *s, uint32_t id)
{
    uint32_t slot = 0;

    return find_slot(s, id, &slot) ? row_at(s, slot)->status : 0;
}

/* ---- what items have a number of --------------------------------------------------------------- */

/* Place of the group, or where it belongs. */
static uint32_t group_place(const struct cw_search *s, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = s->group_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (s->groups[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int cw_search_name_group(struct cw_search *s, uint32_t group, const char *name)
{
    const size_t bytes = strlen(name);
    const uint32_t at = group_place(s, group);
    char *text = malloc(CW_FOLD_BYTES(bytes));

    if (text == NULL)
        return CW_ERR_NOMEM;
    if (at == s->group_count || s->groups[at].id != group) {
        struct group *grown = NULL;
        if (s->group_count < CW_SEARCH_GROUPS_MAX)
            grown = reallocarray(s->groups, s->group_count + 1, sizeof *grown);
        if (grown == NULL) {
            free(text);
            return s->group_count < CW_SEARCH_GROUPS_MAX ? CW_ERR_NOMEM : CW_ERR_FULL;
        }
        s->groups = grown;
        memmove(&grown[at + 1], &grown[at], (s->group_count - at) * sizeof *grown);
        grown[at] = (struct group){.id = group};
        s->group_count++;
    }
    free(s->groups[at].text);
    s->groups[at].text = text;
    s->groups[at].bytes = (uint32_t)cw_fold(name, bytes, text, CW_FOLD_BYTES(bytes));
    return 0;
}

int cw_search_name_word(struct cw_search *s, enum cw_search_field field, uint8_t number,
                        const char *name)
{
    struct word *word = NULL;

    if ((field != CW_SEARCH_METHOD && field != CW_SEARCH_STATUS) || number >= CW_SEARCH_WORDS_MAX ||
        strlen(name) > NAMED_WORD_BYTES)
        return CW_ERR_INVALID;
    word = &s->words[field - CW_SEARCH_METHOD][number];
    word->bytes = cw_fold(name, strlen(name), word->text, sizeof word->text);
    return 0;
}

/* ---- searches ---------------------------------------------------------------------------------- */

struct finder {
    const struct cw_search *search;
    const struct cw_search_query *query;
    const char *text; /* folded */
    size_t bytes;
    uint32_t fields;
    uint32_t hashes[SIGNATURE_BITS];
    uint32_t hash_count;
    uint32_t words[2]; /* which methods and states have the text in them */
    uint64_t *groups;  /* which groups have it, by their place; NULL: none, or not asked for */
    const struct row *after;
    struct cw_search_result *result;
    const struct row *heap[CW_SEARCH_RESULTS_MAX]; /* the last of those shown is on top */
};

static int compare(const struct row *a, const struct row *b)
{
    if (a->name_key != b->name_key)
        return a->name_key < b->name_key ? -1 : 1;
    int order = strcmp(a->text, b->text);

    return order != 0 ? order : a->id < b->id ? -1 : a->id > b->id;
}

static void sink(struct finder *f, uint32_t at)
{
    for (;;) {
        uint32_t most = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < f->result->shown; child++)
            if (compare(f->heap[child], f->heap[most]) > 0)
                most = child;
        if (most == at)
            return;
        const struct row *row = f->heap[at];
        f->heap[at] = f->heap[most];
        f->heap[most] = row;
        at = most;
    }
}

static void rise(struct finder *f, uint32_t at)
{
    while (at > 0 && compare(f->heap[at], f->heap[(at - 1) / 2]) > 0) {
        const struct row *row = f->heap[at];
        f->heap[at] = f->heap[(at - 1) / 2];
        f->heap[(at - 1) / 2] = row;
        at = (at - 1) / 2;
    }
}

static void take(struct finder *f, const struct row *row)
{
    f->result->count++;
    if (f->after != NULL && compare(row, f->after) <= 0)
        return;
    if (f->result->shown < f->query->limit) {
        f->heap[f->result->shown] = row;
        rise(f, f->result->shown++);
    } else if (f->result->shown > 0 && compare(row, f->heap[0]) < 0) {
        f->heap[0] = row;
        sink(f, 0);
    }
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static bool is_visible(const struct finder *f, const struct row *row)
{
    const struct cw_search_query *q = f->query;

    if (q->groups == NULL ||
        (row->group < q->group_bits && (q->groups[row->group / 64] >> (row->group % 64) & 1) != 0))
        return true;
    return q->more_count > 0 &&
           bsearch(&row->id, q->more, q->more_count, sizeof *q->more, by_number) != NULL;
}

/* Whether one of the numbers the item has stands for a text that has it. */
static bool has_word(const struct finder *f, const struct row *row)
{
    if ((f->words[0] >> row->method & 1) != 0 || (f->words[1] >> row->status & 1) != 0)
        return true;
    if (f->groups == NULL)
        return false;
    const uint32_t at = group_place(f->search, row->group);
    return at < f->search->group_count && f->search->groups[at].id == row->group &&
           (f->groups[at / 64] >> (at % 64) & 1) != 0;
}

static bool has_text(const struct finder *f, const struct row *row)
{
    for (unsigned first = 0; first < CW_SEARCH_TEXT_COUNT;) {
        unsigned last = first;
        if ((f->fields >> first & 1) == 0) {
            first++;
            continue;
        }
        /* Fields behind one another are looked through at once: no text has a NUL. */
        while (last + 1 < CW_SEARCH_TEXT_COUNT && (f->fields >> (last + 1) & 1) != 0)
            last++;
        const uint32_t begin = field_begin(row, first);
        if (memmem(row->text + begin, row->ends[last] - begin, f->text, f->bytes) != NULL)
            return true;
        first = last + 1;
    }
    return false;
}

/* The items of a block of 64 whose texts may have it. */
static uint64_t candidates(const struct finder *f, const struct block *block, uint32_t word)
{
    uint64_t found = UINT64_MAX;

    for (uint32_t i = 0; i < f->hash_count && found != 0; i++)
        found &= block->bits[f->hashes[i]][word];
    return found;
}

static void find_in_word(struct finder *f, const struct block *block, uint32_t word)
{
    const bool has_words = f->words[0] != 0 || f->words[1] != 0 || f->groups != NULL;
    const bool has_fields = (f->fields & ((1U << CW_SEARCH_TEXT_COUNT) - 1)) != 0;
    const uint64_t likely = has_fields || f->bytes == 0 ? candidates(f, block, word) : 0;

    for (uint64_t left = has_words ? UINT64_MAX : likely; left != 0; left &= left - 1) {
        const uint32_t bit = (uint32_t)__builtin_ctzll(left);
        const struct row *row = &block->rows[word * 64 + bit];
        if (row->text == NULL || !is_visible(f, row))
            continue;
        if (f->bytes == 0 || (has_words && has_word(f, row)) ||
            ((likely >> bit & 1) != 0 && has_text(f, row)))
            take(f, row);
    }
}

static size_t characters_of(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static void prepare_hashes(struct finder *f)
{
    uint64_t signature[SIGNATURE_WORDS] = {0};

    sign(f->text, f->bytes, signature);
    for (uint32_t w = 0; w < SIGNATURE_WORDS; w++)
        for (uint64_t left = signature[w]; left != 0; left &= left - 1)
            f->hashes[f->hash_count++] = w * 64 + (uint32_t)__builtin_ctzll(left);
}

static int prepare_words(struct finder *f)
{
    const struct cw_search *s = f->search;

    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned n = 0; n < CW_SEARCH_WORDS_MAX; n++)
            if ((f->fields >> (CW_SEARCH_METHOD + kind) & 1) != 0 &&
                memmem(s->words[kind][n].text, s->words[kind][n].bytes, f->text, f->bytes) != NULL)
                f->words[kind] |= 1U << n;
    if ((f->fields >> CW_SEARCH_GROUP & 1) == 0)
        return 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        if (memmem(s->groups[i].text, s->groups[i].bytes, f->text, f->bytes) == NULL)
            continue;
        if (f->groups == NULL)
            f->groups = calloc((s->group_count + 63) / 64, sizeof *f->groups);
        if (f->groups == NULL)
            return CW_ERR_NOMEM;
        f->groups[i / 64] |= UINT64_C(1) << (i % 64);
    }
    return 0;
}

int cw_search_find(const struct cw_search *s, const struct cw_search_query *query,
                   struct cw_search_result *ret)
{
    char folded[CW_FOLD_BYTES(CW_SEARCH_TEXT_BYTES_MAX)];
    struct finder f = {.search = s, .query = query, .text = folded, .result = ret};
    uint32_t slot = 0;
    int err = 0;

    if (query->bytes > CW_SEARCH_TEXT_BYTES_MAX || query->limit > CW_SEARCH_RESULTS_MAX ||
        (query->bytes > 0 && characters_of(query->text, query->bytes) < CW_SEARCH_CHARACTERS_MIN))
        return CW_ERR_INVALID;
    *ret = (struct cw_search_result){0};
    f.fields = query->fields != 0 ? query->fields : CW_SEARCH_EVERY_FIELD;
    if (query->after != 0) {
        if (!find_slot(s, query->after, &slot))
            return CW_ERR_NOT_FOUND;
        f.after = row_at(s, slot);
    }
    f.bytes = cw_fold(query->text != NULL ? query->text : "", query->bytes, folded, sizeof folded);
    if (f.bytes > 0) {
        prepare_hashes(&f);
        err = prepare_words(&f);
    }
    for (uint32_t b = 0; err == 0 && b < s->block_count; b++)
        for (uint32_t w = 0; w < BLOCK_WORDS; w++)
            find_in_word(&f, s->blocks[b], w);
    free(f.groups);
    /* The heap, from its top down, is the list from its end. */
    for (uint32_t shown = ret->shown; ret->shown > 0;) {
        ret->items[--ret->shown] = f.heap[0]->id;
        f.heap[0] = f.heap[ret->shown];
        sink(&f, 0);
        if (ret->shown == 0) {
            ret->shown = shown;
            break;
        }
    }
    return err;
}
