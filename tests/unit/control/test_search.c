/* SPDX-License-Identifier: Apache-2.0 */
/* The index of Jump Items against a model that looks at everything, and case folding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/jump/fold.h"
#include "control/jump/search.h"
#include "engine/base/err.h"

enum { ITEMS = 300, TEXT = 96, GROUPS = 70 };

struct model_item {
    bool is_there;
    uint32_t group;
    uint8_t method;
    uint8_t status;
    uint64_t accessed_ms;
    char text[CW_SEARCH_TEXT_COUNT][TEXT];
};

struct model {
    struct model_item items[ITEMS + 1]; /* by number */
    char groups[GROUPS][TEXT];
    char words[2][4][TEXT];
    struct cw_search *search;
    uint32_t random;
};

static uint32_t roll(struct model *m, uint32_t sides)
{
    m->random = m->random * 1664525U + 1013904223U;
    return (m->random >> 8) % sides;
}

/* Pieces that share parts, in several alphabets and cases. */
static void make_text(struct model *m, char *out)
{
    static const char *const pieces[] = {
        "Berlin",  "BERN",   "ber", "München", "MÜNCHEN", "münze", "10.1.",    "10.11", "ΣΊΣΥΦΟΣ",
        "σίσυφος", "Straße", "tag", " ",       "-",       "漢字",  "漢字変換", "ДОМ",   "дом."};
    const uint32_t count = roll(m, 4);
    size_t used = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < count; i++) {
        const char *piece = pieces[roll(m, sizeof pieces / sizeof pieces[0])];
        const int n = snprintf(out + used, TEXT - used, "%s", piece);
        assert_true(n >= 0 && used + (size_t)n < TEXT);
        used += (size_t)n;
    }
}

static void put(struct model *m, uint32_t id)
{
    struct model_item *item = &m->items[id];
    struct cw_search_item given = {.id = id};

    item->is_there = true;
    given.group = item->group = roll(m, GROUPS);
    given.method = item->method = (uint8_t)roll(m, 4);
    given.status = item->status = (uint8_t)roll(m, 4);
    given.accessed_ms = item->accessed_ms = roll(m, 2) * (1 + roll(m, 5));
    for (unsigned f = 0; f < CW_SEARCH_TEXT_COUNT; f++) {
        make_text(m, item->text[f]);
        given.text[f] = item->text[f];
    }
    assert_int_equal(cw_search_put(m->search, &given), 0);
}

static bool has(const char *text, const char *folded_needle)
{
    char folded[CW_FOLD_BYTES(TEXT) + 1];

    folded[cw_fold(text, strlen(text), folded, sizeof folded - 1)] = '\0';
    return strstr(folded, folded_needle) != NULL;
}

static bool model_has(const struct model *m, const struct model_item *item, uint32_t fields,
                      const char *folded)
{
    for (unsigned f = 0; f < CW_SEARCH_TEXT_COUNT; f++)
        if ((fields >> f & 1) != 0 && has(item->text[f], folded))
            return true;
    return ((fields >> CW_SEARCH_GROUP & 1) != 0 && has(m->groups[item->group], folded)) ||
           ((fields >> CW_SEARCH_METHOD & 1) != 0 && has(m->words[0][item->method], folded)) ||
           ((fields >> CW_SEARCH_STATUS & 1) != 0 && has(m->words[1][item->status], folded));
}

static const struct model *sorting;

static int by_name(const void *a, const void *b)
{
    char x[CW_FOLD_BYTES(TEXT) + 1], y[CW_FOLD_BYTES(TEXT) + 1];
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const char *p = sorting->items[i].text[CW_SEARCH_NAME];
    const char *q = sorting->items[j].text[CW_SEARCH_NAME];

    x[cw_fold(p, strlen(p), x, sizeof x - 1)] = '\0';
    y[cw_fold(q, strlen(q), y, sizeof y - 1)] = '\0';
    const int order = strcmp(x, y);
    return order != 0 ? order : (int)i - (int)j;
}

/* What the model is sorted by, and whether turned. */
static enum cw_search_sort sorting_by;
static bool sorting_turned;

static const uint8_t status_ranks[CW_SEARCH_WORDS_MAX] = {3, 0, 1, 1};

static int by_group_name(const struct model_item *a, const struct model_item *b)
{
    char x[CW_FOLD_BYTES(TEXT) + 1], y[CW_FOLD_BYTES(TEXT) + 1];
    const char *p = sorting->groups[a->group], *q = sorting->groups[b->group];

    x[cw_fold(p, strlen(p), x, sizeof x - 1)] = '\0';
    y[cw_fold(q, strlen(q), y, sizeof y - 1)] = '\0';
    const int order = strcmp(x, y);
    /* Groups of one name do not mix. */
    return order != 0 ? order : (int)a->group - (int)b->group;
}

static int by_sort(const void *a, const void *b)
{
    const struct model_item *x = &sorting->items[*(const uint32_t *)a];
    const struct model_item *y = &sorting->items[*(const uint32_t *)b];
    int order = 0;

    switch (sorting_by) {
    case CW_SEARCH_BY_NAME: return sorting_turned ? by_name(b, a) : by_name(a, b);
    case CW_SEARCH_BY_STATUS: order = status_ranks[x->status] - status_ranks[y->status]; break;
    case CW_SEARCH_BY_GROUP: order = by_group_name(x, y); break;
    case CW_SEARCH_BY_ACCESS:
        if ((x->accessed_ms == 0) != (y->accessed_ms == 0))
            return x->accessed_ms == 0 ? 1 : -1;
        order = (int)y->accessed_ms - (int)x->accessed_ms;
        /* Those that are alike are by name; the other way round only the accessed ones are turned. */
        if (order == 0 && sorting_turned && x->accessed_ms != 0)
            return by_name(b, a);
        break;
    }
    if (order != 0)
        return sorting_turned ? -order : order;
    return by_name(a, b);
}

/* Pages anywhere in any order, filtered by state and tag, are the model's. */
static void check_order(struct model *m, const char *text)
{
    char folded[CW_FOLD_BYTES(TEXT) + 1], tag[TEXT], folded_tag[CW_FOLD_BYTES(TEXT) + 1];
    uint32_t wanted[ITEMS], count = 0;
    struct cw_search_result result;
    struct cw_search_query query = {
        .text = text,
        .bytes = strlen(text),
        .sort = (enum cw_search_sort)roll(m, 4),
        .is_turned = roll(m, 2) == 0,
        .status_ranks = status_ranks,
        .statuses = roll(m, 2) * roll(m, 16),
        .tag = roll(m, 8) == 0 ? tag : NULL,
        .from = roll(m, ITEMS),
        .limit = 1 + roll(m, CW_SEARCH_RESULTS_MAX),
    };

    make_text(m, tag);
    folded_tag[cw_fold(tag, strlen(tag), folded_tag, sizeof folded_tag - 1)] = '\0';
    folded[cw_fold(text, strlen(text), folded, sizeof folded - 1)] = '\0';
    for (uint32_t id = 1; id <= ITEMS; id++) {
        const struct model_item *item = &m->items[id];
        char own[CW_FOLD_BYTES(TEXT) + 1];
        const char *its = item->text[CW_SEARCH_TAG];
        own[cw_fold(its, strlen(its), own, sizeof own - 1)] = '\0';
        if (item->is_there && model_has(m, item, CW_SEARCH_EVERY_FIELD, folded) &&
            (query.statuses == 0 || (query.statuses >> item->status & 1) != 0) &&
            (query.tag == NULL || strcmp(own, folded_tag) == 0))
            wanted[count++] = id;
    }
    sorting = m;
    sorting_by = query.sort;
    sorting_turned = query.is_turned;
    qsort(wanted, count, sizeof *wanted, by_sort);
    assert_int_equal(cw_search_find(m->search, &query, &result), 0);
    assert_int_equal(result.count, count);
    const uint32_t left = count > query.from ? count - query.from : 0;
    assert_int_equal(result.shown, left < query.limit ? left : query.limit);
    for (uint32_t i = 0; i < result.shown; i++)
        assert_int_equal(result.items[i], wanted[query.from + i]);
}

static void check_counts(struct model *m)
{
    uint32_t groups[GROUPS] = {0}, all = 0, statuses[4] = {0}, tagged = 0, shown = 0;
    uint32_t *counted = calloc(GROUPS, sizeof *counted);
    struct cw_search_counts *counts = calloc(1, sizeof *counts);
    const struct cw_search_query query = {.group_bits = GROUPS};

    assert_true(counted != NULL && counts != NULL);
    counts->groups = counted;
    for (uint32_t id = 1; id <= ITEMS; id++) {
        const struct model_item *item = &m->items[id];
        if (!item->is_there)
            continue;
        all++;
        statuses[item->status]++;
        groups[item->group]++;
        tagged += item->text[CW_SEARCH_TAG][0] != '\0';
    }
    assert_int_equal(cw_search_counts(m->search, &query, counts), 0);
    assert_int_equal(counts->all, all);
    assert_memory_equal(counts->statuses, statuses, sizeof statuses);
    assert_memory_equal(counted, groups, sizeof groups);
    for (uint32_t i = 0; i < counts->tag_count; i++) {
        shown += counts->tags[i].count;
        assert_true(i == 0 || counts->tags[i].count <= counts->tags[i - 1].count);
    }
    assert_true(counts->tag_count == CW_SEARCH_TAGS_SHOWN_MAX ? shown <= tagged : shown == tagged);
    free(counted);
    free(counts);
}

/* Everything, page by page, must be what the model says. */
static void check(struct model *m, const char *text, uint32_t fields, const uint64_t *groups)
{
    char folded[CW_FOLD_BYTES(TEXT) + 1];
    uint32_t wanted[ITEMS], count = 0, seen = 0;
    struct cw_search_query query = {
        .text = text,
        .bytes = strlen(text),
        .fields = fields,
        .groups = groups,
        .group_bits = groups != NULL ? 64 : 0,
        .limit = 1 + roll(m, CW_SEARCH_RESULTS_MAX),
    };
    struct cw_search_result result;

    folded[cw_fold(text, strlen(text), folded, sizeof folded - 1)] = '\0';
    for (uint32_t id = 1; id <= ITEMS; id++) {
        const struct model_item *item = &m->items[id];
        const bool is_seen =
            groups == NULL || (item->group < 64 && (groups[0] >> item->group & 1) != 0);
        if (item->is_there && is_seen &&
            model_has(m, item, fields != 0 ? fields : CW_SEARCH_EVERY_FIELD, folded))
            wanted[count++] = id;
    }
    sorting = m;
    qsort(wanted, count, sizeof *wanted, by_name);
    do {
        assert_int_equal(cw_search_find(m->search, &query, &result), 0);
        assert_int_equal(result.count, count);
        assert_true(result.shown == query.limit || seen + result.shown == count);
        for (uint32_t i = 0; i < result.shown; i++)
            assert_int_equal(result.items[i], wanted[seen + i]);
        seen += result.shown;
        query.after = seen > 0 ? wanted[seen - 1] : 0;
    } while (result.shown > 0 && seen < count);
    assert_int_equal(seen, count);
}

static void name_things(struct model *m)
{
    static const char *const words[2][4] = {{"Jump Client", "Remote Jump", "Shell Jump", ""},
                                            {"Offline", "Online", "In session", "Lost"}};
    for (unsigned kind = 0; kind < 2; kind++)
        for (uint8_t n = 0; n < 4; n++) {
            snprintf(m->words[kind][n], TEXT, "%s", words[kind][n]);
            assert_int_equal(
                cw_search_name_word(m->search, CW_SEARCH_METHOD + kind, n, words[kind][n]), 0);
        }
    for (uint32_t g = GROUPS; g-- > 0;) {
        make_text(m, m->groups[g]);
        assert_int_equal(cw_search_name_group(m->search, g, m->groups[g]), 0);
    }
}

static void test_against_model(void **state)
{
    struct model *m = calloc(1, sizeof *m);
    (void)state;
    assert_non_null(m);
    m->random = 20261122;
    assert_int_equal(cw_search_new(&m->search), 0);
    name_things(m);
    for (unsigned turn = 0; turn < 4000; turn++) {
        const uint32_t id = 1 + roll(m, ITEMS);
        const uint64_t groups = (uint64_t)roll(m, 1U << 24) << 40 | roll(m, 1U << 24);
        const uint32_t fields = roll(m, 2) == 0 ? 0 : roll(m, CW_SEARCH_EVERY_FIELD) + 1;
        char text[TEXT];
        switch (roll(m, 10)) {
        case 8: check_order(m, roll(m, 2) == 0 ? "" : "lin"); break;
        case 9: check_counts(m); break;
        case 0:
            cw_search_remove(m->search, id);
            m->items[id].is_there = false;
            break;
        case 1:
            m->items[id].status = (uint8_t)roll(m, 4);
            cw_search_set_status(m->search, id, m->items[id].status);
            break;
        case 2:
            make_text(m, m->groups[id % GROUPS]);
            assert_int_equal(cw_search_name_group(m->search, id % GROUPS, m->groups[id % GROUPS]),
                             0);
            break;
        case 3:
        case 4:
            do
                make_text(m, text);
            while (strlen(text) > 0 && strlen(text) < 9); /* three of any characters */
            check(m, text, fields, roll(m, 2) == 0 ? NULL : &groups);
            break;
        case 5:
            check(m, roll(m, 2) == 0 ? "lin" : "SESSION", fields, roll(m, 2) == 0 ? NULL : &groups);
            break;
        default: put(m, id);
        }
    }
    cw_search_free(m->search);
    free(m);
}

static void test_refused(void **state)
{
    struct cw_search *s = NULL;
    struct cw_search_result result;
    char long_text[CW_SEARCH_ITEM_BYTES_MAX + 1];
    struct cw_search_item item = {.id = 1, .text = {"one"}};
    struct cw_search_query query = {.text = "äö", .bytes = strlen("äö"), .limit = 1};
    (void)state;
    assert_int_equal(cw_search_new(&s), 0);
    assert_int_equal(cw_search_put(s, &item), 0);
    /* Two characters are four bytes, but two characters. */
    assert_int_equal(cw_search_find(s, &query, &result), CW_ERR_INVALID);
    query.text = "one";
    query.bytes = 3;
    query.after = 2;
    assert_int_equal(cw_search_find(s, &query, &result), CW_ERR_NOT_FOUND);
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    item.text[CW_SEARCH_COMMENTS] = long_text;
    assert_int_equal(cw_search_put(s, &item), CW_ERR_TOO_LARGE);
    query.after = 0;
    assert_int_equal(cw_search_find(s, &query, &result), 0);
    assert_int_equal(result.count, 1);
    cw_search_free(s);
}

static void test_full(void **state)
{
    struct cw_search *s = NULL;
    struct cw_search_item item = {.text = {"one of many"}};
    (void)state;
    assert_int_equal(cw_search_new(&s), 0);
    for (item.id = 1; item.id <= CW_JUMP_ITEMS_MAX; item.id++)
        assert_int_equal(cw_search_put(s, &item), 0);
    assert_int_equal(cw_search_put(s, &item), CW_ERR_FULL);
    cw_search_remove(s, 7);
    assert_int_equal(cw_search_put(s, &item), 0);
    assert_int_equal(cw_search_count(s), CW_JUMP_ITEMS_MAX);
    cw_search_free(s);
}

static void test_fold(void **state)
{
    static const char *const pairs[][2] = {
        {"ÄÖÜ", "äöü"}, {"ΣΑΣ", "σασ"},       {"ДОМ", "дом"}, {"K", "k"},       {"ẞ", "ß"},
        {"Ⅷ", "ⅷ"},     {"ＡＢＣ", "ａｂｃ"}, {"𐐀", "𐐨"},     {"Ⱥ", "ⱥ"},       {"İ", "İ"},
        {"ſ", "s"},     {"Ꮳ", "Ꮳ"},           {"ꮳ", "Ꮳ"},   {"漢字", "漢字"}, {"\xFFZ", "\xFFz"},
    };
    char out[64];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        out[cw_fold(pairs[i][0], strlen(pairs[i][0]), out, sizeof out - 1)] = '\0';
        assert_string_equal(out, pairs[i][1]);
    }
    for (uint32_t character = 0; character < 0x110000; character++)
        assert_int_equal(cw_fold_character(cw_fold_character(character)),
                         cw_fold_character(character));
    assert_int_equal(cw_fold("aÄ", 3, out, 2), 1); /* no half of a character */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_model),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_fold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
