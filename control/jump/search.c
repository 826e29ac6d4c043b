/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/search.h"

#include <stdlib.h>
#include <string.h>

#include "control/jump/search_rows.h"
#include "engine/base/err.h"

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

    if (s == NULL)
        return CW_ERR_NOMEM;
    s->by_name.slots = calloc(CW_JUMP_ITEMS_MAX, sizeof *s->by_name.slots);
    s->by_access.slots = calloc(CW_JUMP_ITEMS_MAX, sizeof *s->by_access.slots);
    if (s->by_name.slots == NULL || s->by_access.slots == NULL ||
        cw_table_init(&s->by_id, CW_JUMP_ITEMS_MAX) != 0) {
        free(s->by_name.slots);
        free(s->by_access.slots);
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
        for (uint32_t j = 0; j < CW_SEARCH_BLOCK_ITEMS; j++)
            free(s->blocks[i]->rows[j].text);
        free(s->blocks[i]);
    }
    for (uint32_t i = 0; i < s->group_count; i++)
        free(s->groups[i].text);
    free(s->groups);
    free(s->by_name.slots);
    free(s->by_access.slots);
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
    const size_t orders = sizeof(uint32_t) * 2 * CW_JUMP_ITEMS_MAX;

    /* malloc's own 16 bytes for each text */
    return sizeof *s + orders + s->block_count * sizeof(struct cw_search_block) + s->text_bytes +
           16 * s->count + table;
}

/* ---- the table of bits ------------------------------------------------------------------------ */

static uint32_t hash_of(const char *text)
{
    const uint32_t three = (uint32_t)(unsigned char)text[0] |
                           (uint32_t)(unsigned char)text[1] << 8 |
                           (uint32_t)(unsigned char)text[2] << 16;

    return (three * 0x9E3779B1U) >> 22;
}

_Static_assert(CW_SEARCH_SIGNATURE_BITS == 1U << (32 - 22), "hash_of gives 10 bits");

void cw_search_sign(const char *text, size_t bytes, uint64_t *signature)
{
    for (size_t i = 0; i + CW_SEARCH_TRIGRAM_BYTES <= bytes; i++) {
        const uint32_t hash = hash_of(text + i);
        signature[hash / 64] |= UINT64_C(1) << (hash % 64);
    }
}

static void sign_row(const struct cw_search_row *row, uint64_t *signature)
{
    for (unsigned f = 0; row->text != NULL && f < CW_SEARCH_TEXT_COUNT; f++)
        cw_search_sign(row->text + cw_search_field_begin(row, f),
                       row->ends[f] - cw_search_field_begin(row, f) - 1U, signature);
}

/* Turns the bits of an item that differ. */
static void turn_bits(struct cw_search_block *block, uint32_t place, const uint64_t *before,
                      const uint64_t *after)
{
    for (uint32_t w = 0; w < CW_SEARCH_SIGNATURE_WORDS; w++)
        for (uint64_t left = before[w] ^ after[w]; left != 0; left &= left - 1) {
            const uint32_t bit = w * 64 + (uint32_t)__builtin_ctzll(left);
            block->bits[bit][place / 64] ^= UINT64_C(1) << (place % 64);
        }
}

/* ---- items ------------------------------------------------------------------------------------ */

/* Slots are kept in the table as a pointer that is never followed: 1 and up. */
bool cw_search_slot_of(const struct cw_search *s, uint32_t id, uint32_t *ret_slot)
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
    while (slot < s->block_count * CW_SEARCH_BLOCK_ITEMS && cw_search_row_at(s, slot)->text != NULL)
        slot++;
    if (slot == s->block_count * CW_SEARCH_BLOCK_ITEMS) {
        s->blocks[s->block_count] = calloc(1, sizeof(struct cw_search_block));
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
static int fold_item(const struct cw_search_item *item, struct cw_search_row *ret_row)
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
    ret_row->accessed_ms = item->accessed_ms;
    ret_row->name_key = 0;
    for (size_t i = 0, n = ret_row->ends[CW_SEARCH_NAME]; i < 8; i++)
        ret_row->name_key = ret_row->name_key << 8 | (i < n ? (unsigned char)folded[i] : 0);
    return 0;
}

int cw_search_put(struct cw_search *s, const struct cw_search_item *item)
{
    uint64_t before[CW_SEARCH_SIGNATURE_WORDS] = {0};
    uint64_t after[CW_SEARCH_SIGNATURE_WORDS] = {0};
    struct cw_search_row row = {0};
    struct cw_search_row *old = NULL;
    uint32_t slot = 0;
    int err = item->method < CW_SEARCH_WORDS_MAX && item->status < CW_SEARCH_WORDS_MAX
                  ? fold_item(item, &row)
                  : CW_ERR_INVALID;

    if (err == 0 && !cw_search_slot_of(s, item->id, &slot))
        err = take_slot(s, item->id, &slot);
    if (err != 0) {
        free(row.text);
        return err;
    }
    old = cw_search_row_at(s, slot);
    const bool moves = old->text == NULL || old->accessed_ms != row.accessed_ms ||
                       strcmp(old->text, row.text) != 0;
    if (moves && old->text != NULL)
        cw_search_order_remove(s, slot);
    sign_row(old, before);
    sign_row(&row, after);
    turn_bits(s->blocks[slot / CW_SEARCH_BLOCK_ITEMS], slot % CW_SEARCH_BLOCK_ITEMS, before, after);
    s->text_bytes += row.ends[CW_SEARCH_TEXT_COUNT - 1];
    s->text_bytes -= old->text != NULL ? old->ends[CW_SEARCH_TEXT_COUNT - 1] : 0;
    free(old->text);
    *old = row;
    if (moves)
        cw_search_order_add(s, slot);
    return 0;
}

void cw_search_remove(struct cw_search *s, uint32_t id)
{
    static const uint64_t nothing[CW_SEARCH_SIGNATURE_WORDS];
    uint64_t before[CW_SEARCH_SIGNATURE_WORDS] = {0};
    uint32_t slot = 0;
    struct cw_search_row *row = NULL;

    if (!cw_search_slot_of(s, id, &slot))
        return;
    row = cw_search_row_at(s, slot);
    cw_search_order_remove(s, slot);
    sign_row(row, before);
    turn_bits(s->blocks[slot / CW_SEARCH_BLOCK_ITEMS], slot % CW_SEARCH_BLOCK_ITEMS, before,
              nothing);
    s->text_bytes -= row->ends[CW_SEARCH_TEXT_COUNT - 1];
    free(row->text);
    *row = (struct cw_search_row){0};
    cw_table_remove(&s->by_id, id);
    s->count--;
    if (slot < s->free_hint)
        s->free_hint = slot;
}

void cw_search_set_status(struct cw_search *s, uint32_t id, uint8_t status)
{
    uint32_t slot = 0;

    if (status < CW_SEARCH_WORDS_MAX && cw_search_slot_of(s, id, &slot))
        cw_search_row_at(s, slot)->status = status;
}

uint32_t cw_search_group_of(const struct cw_search *s, uint32_t id)
{
    uint32_t slot = 0;

    return cw_search_slot_of(s, id, &slot) ? cw_search_row_at(s, slot)->group : 0;
}

uint8_t cw_search_status(const struct cw_search *s, uint32_t id)
{
    uint32_t slot = 0;

    return cw_search_slot_of(s, id, &slot) ? cw_search_row_at(s, slot)->status : 0;
}

/* ---- what items have a number of --------------------------------------------------------------- */

uint32_t cw_search_group_place(const struct cw_search *s, uint32_t id)
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
    const uint32_t at = cw_search_group_place(s, group);
    char *text = malloc(CW_FOLD_BYTES(bytes));

    if (text == NULL)
        return CW_ERR_NOMEM;
    if (at == s->group_count || s->groups[at].id != group) {
        struct cw_search_group *grown = NULL;
        if (s->group_count < CW_SEARCH_GROUPS_MAX)
            grown = reallocarray(s->groups, s->group_count + 1, sizeof *grown);
        if (grown == NULL) {
            free(text);
            return s->group_count < CW_SEARCH_GROUPS_MAX ? CW_ERR_NOMEM : CW_ERR_FULL;
        }
        s->groups = grown;
        memmove(&grown[at + 1], &grown[at], (s->group_count - at) * sizeof *grown);
        grown[at] = (struct cw_search_group){.id = group};
        s->group_count++;
    }
    free(s->groups[at].text);
    s->ranks_are_old = true;
    s->groups[at].text = text;
    s->groups[at].bytes = (uint32_t)cw_fold(name, bytes, text, CW_FOLD_BYTES(bytes));
    return 0;
}

int cw_search_name_word(struct cw_search *s, enum cw_search_field field, uint8_t number,
                        const char *name)
{
    struct cw_search_word *word = NULL;

    if ((field != CW_SEARCH_METHOD && field != CW_SEARCH_STATUS) || number >= CW_SEARCH_WORDS_MAX ||
        strlen(name) > CW_SEARCH_NAMED_WORD_BYTES)
        return CW_ERR_INVALID;
    word = &s->words[field - CW_SEARCH_METHOD][number];
    word->bytes = cw_fold(name, strlen(name), word->text, sizeof word->text);
    return 0;
}
