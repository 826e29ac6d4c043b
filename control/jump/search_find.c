/* SPDX-License-Identifier: Apache-2.0 */
/* Searches: first the rows that have what is asked for, as bits; then those of the page, in the order asked for. */
#include <stdlib.h>
#include <string.h>

#include "control/jump/search_rows.h"
#include "engine/base/err.h"

struct finder {
    struct cw_search *search;
    const struct cw_search_query *query;
    char text[CW_FOLD_BYTES(CW_SEARCH_TEXT_BYTES_MAX)]; /* folded */
    size_t bytes;
    char tag[CW_FOLD_BYTES(CW_TAG_BYTES_MAX) + 1]; /* folded */
    uint32_t fields;
    uint32_t hashes[CW_SEARCH_SIGNATURE_BITS];
    uint32_t hash_count;
    uint32_t words[2]; /* which methods and states have the text in them */
    uint64_t *groups;  /* which groups have it, by their place; NULL: none, or not asked for */
    uint64_t found[CW_SEARCH_BLOCKS_MAX * CW_SEARCH_BLOCK_WORDS]; /* by slot */
};

/* ---- what is found ---------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static bool is_visible(const struct cw_search_query *q, const struct cw_search_row *row)
{
    if (q->groups == NULL ||
        (row->group < q->group_bits && (q->groups[row->group / 64] >> (row->group % 64) & 1) != 0))
        return true;
    return q->more_count > 0 &&
           bsearch(&row->id, q->more, q->more_count, sizeof *q->more, by_number) != NULL;
}

/* Whether it has the state and the tag that are asked for. */
static bool is_wanted(const struct finder *f, const struct cw_search_row *row)
{
    return (f->query->statuses == 0 || (f->query->statuses >> row->status & 1) != 0) &&
           (f->query->tag == NULL ||
            strcmp(row->text + cw_search_field_begin(row, CW_SEARCH_TAG), f->tag) == 0);
}

/* Whether one of the numbers the item has stands for a text that has it. */
static bool has_word(const struct finder *f, const struct cw_search_row *row)
{
    if ((f->words[0] >> row->method & 1) != 0 || (f->words[1] >> row->status & 1) != 0)
        return true;
    if (f->groups == NULL)
        return false;
    const uint32_t at = cw_search_group_place(f->search, row->group);
    return at < f->search->group_count && f->search->groups[at].id == row->group &&
           (f->groups[at / 64] >> (at % 64) & 1) != 0;
}

static bool has_text(const struct finder *f, const struct cw_search_row *row)
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
        const uint32_t begin = cw_search_field_begin(row, first);
        if (memmem(row->text + begin, row->ends[last] - begin, f->text, f->bytes) != NULL)
            return true;
        first = last + 1;
    }
    return false;
}

/* The items of a block of 64 whose texts may have it. */
static uint64_t candidates(const struct finder *f, const struct cw_search_block *block,
                           uint32_t word)
{
    uint64_t found = UINT64_MAX;

    for (uint32_t i = 0; i < f->hash_count && found != 0; i++)
        found &= block->bits[f->hashes[i]][word];
    return found;
}

static void find_in_word(struct finder *f, uint32_t b, uint32_t word)
{
    const struct cw_search_block *block = f->search->blocks[b];
    const bool has_words = f->words[0] != 0 || f->words[1] != 0 || f->groups != NULL;
    const bool has_fields = (f->fields & ((1U << CW_SEARCH_TEXT_COUNT) - 1)) != 0;
    const uint64_t likely = has_fields || f->bytes == 0 ? candidates(f, block, word) : 0;

    for (uint64_t left = has_words ? UINT64_MAX : likely; left != 0; left &= left - 1) {
        const uint32_t bit = (uint32_t)__builtin_ctzll(left);
        const struct cw_search_row *row = &block->rows[word * 64 + bit];
        if (row->text == NULL || !is_visible(f->query, row) || !is_wanted(f, row))
            continue;
        if (f->bytes == 0 || (has_words && has_word(f, row)) ||
            ((likely >> bit & 1) != 0 && has_text(f, row)))
            f->found[b * CW_SEARCH_BLOCK_WORDS + word] |= UINT64_C(1) << bit;
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
    uint64_t signature[CW_SEARCH_SIGNATURE_WORDS] = {0};

    cw_search_sign(f->text, f->bytes, signature);
    for (uint32_t w = 0; w < CW_SEARCH_SIGNATURE_WORDS; w++)
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

/* ---- the page --------------------------------------------------------------------------------- */

/* Rows in one of the orders, forwards or backwards; the part that is not turned stays at the end. */
struct walk {
    const struct cw_search_order *order;
    uint32_t turned; /* so many of the first are taken backwards */
};

static uint32_t walk_at(const struct walk *walk, uint32_t step)
{
    return walk->order->slots[step < walk->turned ? walk->turned - 1 - step : step];
}

/* The classes that rows are in, for orders by something that many of them share. */
struct classes {
    uint32_t *next; /* where the next one of a class goes */
    uint32_t count;
};

static uint32_t class_of(const struct finder *f, const struct classes *classes,
                         const struct cw_search_row *row)
{
    const struct cw_search *s = f->search;
    uint32_t class = 0;

    if (f->query->sort == CW_SEARCH_BY_STATUS) {
        class = f->query->status_ranks != NULL ? f->query->status_ranks[row->status] : row->status;
    } else if (f->query->sort == CW_SEARCH_BY_GROUP) {
        const uint32_t at = cw_search_group_place(s, row->group);
        class = at < s->group_count && s->groups[at].id == row->group ? s->groups[at].rank
                                                                      : s->group_count;
    }
    return f->query->is_turned ? classes->count - 1 - class : class;
}

static bool is_found(const struct finder *f, uint32_t slot)
{
    return (f->found[slot / 64] >> (slot % 64) & 1) != 0;
}

static int prepare_classes(const struct finder *f, struct classes *classes)
{
    uint32_t before = 0;

    classes->count = f->query->sort == CW_SEARCH_BY_STATUS  ? CW_SEARCH_WORDS_MAX
                     : f->query->sort == CW_SEARCH_BY_GROUP ? f->search->group_count + 1
                                                            : 1;
    classes->next = calloc(classes->count, sizeof *classes->next);
    if (classes->next == NULL)
        return CW_ERR_NOMEM;
    if (classes->count == 1)
        return 0;
    for (uint32_t slot = 0; slot < f->search->block_count * CW_SEARCH_BLOCK_ITEMS; slot++)
        if (is_found(f, slot))
            classes->next[class_of(f, classes, cw_search_row_at(f->search, slot))]++;
    for (uint32_t i = 0; i < classes->count; i++) {
        const uint32_t count = classes->next[i];
        classes->next[i] = before;
        before += count;
    }
    return 0;
}

static int prepare_walk(struct finder *f, struct walk *walk)
{
    struct cw_search *s = f->search;
    const bool is_by_access = f->query->sort == CW_SEARCH_BY_ACCESS;
    int err = 0;

    walk->order = is_by_access ? &s->by_access : &s->by_name;
    err = cw_search_order_make(s, is_by_access ? &s->by_access : &s->by_name);
    if (err != 0)
        return err;
    if (f->query->is_turned && is_by_access)
        walk->turned = cw_search_order_accessed(s);
    else if (f->query->is_turned && f->query->sort == CW_SEARCH_BY_NAME)
        walk->turned = walk->order->count;
    return f->query->sort == CW_SEARCH_BY_GROUP ? cw_search_order_groups(s) : 0;
}

/* How many of those found are before the page. */
static uint32_t first_of_page(const struct finder *f, const struct walk *walk,
                              const struct cw_search_row *after)
{
    uint32_t from = f->query->from;

    for (uint32_t i = 0, end = after != NULL ? cw_search_order_place(f->search, after) + 1 : 0;
         i < end; i++)
        from += is_found(f, walk->order->slots[i]);
    return from;
}

static int take_page(struct finder *f, const struct cw_search_row *after,
                     struct cw_search_result *ret)
{
    struct classes classes = {0};
    struct walk walk = {0};
    int err = prepare_walk(f, &walk);

    if (err == 0)
        err = prepare_classes(f, &classes);
    if (err != 0)
        return err;
    const uint32_t from = first_of_page(f, &walk, after);
    const uint32_t shown = ret->count > from ? ret->count - from : 0;
    ret->shown = shown < f->query->limit ? shown : f->query->limit;
    for (uint32_t i = 0, left = ret->shown; i < walk.order->count && left > 0; i++) {
        const uint32_t slot = walk_at(&walk, i);
        if (!is_found(f, slot))
            continue;
        const struct cw_search_row *row = cw_search_row_at(f->search, slot);
        const uint32_t class = classes.count > 1 ? class_of(f, &classes, row) : 0;
        const uint32_t place = classes.next[class]++;
        if (place >= from && place - from < ret->shown) {
            ret->items[place - from] = row->id;
            left--;
        }
    }
    free(classes.next);
    return 0;
}

static int find(struct finder *f, struct cw_search_result *ret)
{
    const struct cw_search *s = f->search;
    const struct cw_search_query *query = f->query;
    const struct cw_search_row *after = NULL;
    uint32_t slot = 0;
    int err = 0;

    if (query->after != 0) {
        if (!cw_search_slot_of(s, query->after, &slot))
            return CW_ERR_NOT_FOUND;
        after = cw_search_row_at(s, slot);
    }
    f->fields = query->fields != 0 ? query->fields : CW_SEARCH_EVERY_FIELD;
    f->bytes =
        cw_fold(query->text != NULL ? query->text : "", query->bytes, f->text, sizeof f->text);
    if (query->tag != NULL)
        f->tag[cw_fold(query->tag, strlen(query->tag), f->tag, sizeof f->tag - 1)] = '\0';
    if (f->bytes > 0) {
        prepare_hashes(f);
        err = prepare_words(f);
    }
    for (uint32_t b = 0; err == 0 && b < s->block_count; b++)
        for (uint32_t w = 0; w < CW_SEARCH_BLOCK_WORDS; w++) {
            find_in_word(f, b, w);
            ret->count += (uint32_t)__builtin_popcountll(f->found[b * CW_SEARCH_BLOCK_WORDS + w]);
        }
    free(f->groups);
    return err == 0 ? take_page(f, after, ret) : err;
}

int cw_search_find(struct cw_search *s, const struct cw_search_query *query,
                   struct cw_search_result *ret)
{
    const bool is_plain = query->sort == CW_SEARCH_BY_NAME && !query->is_turned && query->from == 0;
    struct finder *f = NULL;

    if (query->bytes > CW_SEARCH_TEXT_BYTES_MAX || query->limit > CW_SEARCH_RESULTS_MAX ||
        (query->after != 0 && !is_plain) ||
        (query->tag != NULL && strlen(query->tag) > CW_TAG_BYTES_MAX) ||
        (query->bytes > 0 && characters_of(query->text, query->bytes) < CW_SEARCH_CHARACTERS_MIN))
        return CW_ERR_INVALID;
    f = calloc(1, sizeof *f);
    if (f == NULL)
        return CW_ERR_NOMEM;
    f->search = s;
    f->query = query;
    *ret = (struct cw_search_result){0};
    const int err = find(f, ret);
    free(f);
    return err;
}

/* ---- how many there are ----------------------------------------------------------------------- */

enum { TAG_PLACES = 2 * CW_SEARCH_TAGS_MAX };

struct tags {
    const struct cw_search_row *rows[TAG_PLACES]; /* one with the tag; NULL: a free place */
    uint32_t counts[TAG_PLACES];
    uint32_t used;
};

static void count_tag(struct tags *tags, const struct cw_search_row *row)
{
    const char *tag = row->text + cw_search_field_begin(row, CW_SEARCH_TAG);
    uint32_t at = 2166136261U; /* FNV-1a */

    for (const char *p = tag; *p != '\0'; p++)
        at = (at ^ (unsigned char)*p) * 16777619U;
    for (at %= TAG_PLACES; tags->rows[at] != NULL; at = (at + 1) % TAG_PLACES) {
        const struct cw_search_row *other = tags->rows[at];
        if (strcmp(other->text + cw_search_field_begin(other, CW_SEARCH_TAG), tag) == 0) {
            tags->counts[at]++;
            return;
        }
    }
    if (*tag == '\0' || tags->used == CW_SEARCH_TAGS_MAX)
        return;
    tags->used++;
    tags->rows[at] = row;
    tags->counts[at] = 1;
}

/* Puts the tag where it belongs among the most used. */
static void show_tag(struct cw_search_counts *ret, uint32_t item, uint32_t count)
{
    uint32_t at = ret->tag_count;

    while (at > 0 && ret->tags[at - 1].count < count)
        at--;
    if (at == CW_SEARCH_TAGS_SHOWN_MAX)
        return;
    if (ret->tag_count < CW_SEARCH_TAGS_SHOWN_MAX)
        ret->tag_count++;
    memmove(&ret->tags[at + 1], &ret->tags[at], (ret->tag_count - 1 - at) * sizeof ret->tags[0]);
    ret->tags[at] = (struct cw_search_tag){item, count};
}

int cw_search_counts(const struct cw_search *s, const struct cw_search_query *query,
                     struct cw_search_counts *ret)
{
    struct tags *tags = calloc(1, sizeof *tags);

    if (tags == NULL)
        return CW_ERR_NOMEM;
    for (uint32_t slot = 0; slot < s->block_count * CW_SEARCH_BLOCK_ITEMS; slot++) {
        const struct cw_search_row *row = cw_search_row_at(s, slot);
        if (row->text == NULL || !is_visible(query, row))
            continue;
        ret->all++;
        ret->statuses[row->status]++;
        if (row->group < query->group_bits)
            ret->groups[row->group]++;
        count_tag(tags, row);
    }
    for (uint32_t at = 0; at < TAG_PLACES; at++)
        if (tags->rows[at] != NULL)
            show_tag(ret, tags->rows[at]->id, tags->counts[at]);
    free(tags);
    return 0;
}
