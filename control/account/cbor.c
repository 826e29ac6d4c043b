/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account/cbor.h"

#include "control/limits.h"

enum {
    KIND_UINT,
    KIND_NEGATIVE,
    KIND_BYTES,
    KIND_TEXT,
    KIND_ARRAY,
    KIND_MAP,
    KIND_TAG,
    KIND_PLAIN
};

struct head {
    unsigned kind;
    unsigned extra; /* the initial byte's low five bits */
    uint64_t value;
};

struct cw_cbor cw_cbor_of(const uint8_t *data, size_t bytes)
{
    return (struct cw_cbor){.at = data, .end = data + bytes};
}

static size_t left(const struct cw_cbor *c)
{
    return (size_t)(c->end - c->at);
}

static struct head bad(struct cw_cbor *c)
{
    c->is_bad = true;
    return (struct head){.kind = KIND_PLAIN};
}

static struct head read_head(struct cw_cbor *c)
{
    static const uint64_t least[] = {24, 0x100, 0x10000, UINT64_C(0x100000000)};
    struct head h;
    unsigned size = 0;

    if (c->is_bad || left(c) == 0 || ++c->items > CW_CBOR_ITEMS_MAX)
        return bad(c);
    h.kind = *c->at >> 5;
    h.extra = *c->at & 31;
    c->at++;
    h.value = h.extra;
    if (h.extra < 24)
        return h;
    if (h.extra > 27) /* reserved, or a length that is not known yet */
        return bad(c);
    size = 1U << (h.extra - 24);
    if (left(c) < size)
        return bad(c);
    h.value = 0;
    for (unsigned i = 0; i < size; i++)
        h.value = h.value << 8 | *c->at++;
    /* Floats are not numbers that have a shorter form. */
    if (h.value < least[h.extra - 24] && (h.kind != KIND_PLAIN || h.extra == 24))
        return bad(c);
    return h;
}

static const uint8_t *take(struct cw_cbor *c, uint64_t bytes)
{
    const uint8_t *from = c->at;

    if (c->is_bad || bytes > left(c)) {
        c->is_bad = true;
        return NULL;
    }
    c->at += bytes;
    return from;
}

uint64_t cw_cbor_map(struct cw_cbor *c)
{
    const struct head h = read_head(c);

    c->is_bad = c->is_bad || h.kind != KIND_MAP;
    return c->is_bad ? 0 : h.value;
}

static const uint8_t *read_string(struct cw_cbor *c, unsigned kind, size_t *ret_bytes)
{
    const struct head h = read_head(c);

    *ret_bytes = 0;
    c->is_bad = c->is_bad || h.kind != kind;
    const uint8_t *from = take(c, h.value);
    if (from != NULL)
        *ret_bytes = (size_t)h.value;
    return from;
}

const char *cw_cbor_text(struct cw_cbor *c, size_t *ret_bytes)
{
    return (const char *)read_string(c, KIND_TEXT, ret_bytes);
}

const uint8_t *cw_cbor_bytes(struct cw_cbor *c, size_t *ret_bytes)
{
    return read_string(c, KIND_BYTES, ret_bytes);
}

void cw_cbor_skip(struct cw_cbor *c)
{
    uint64_t open[CW_CBOR_DEPTH_MAX] = {1}; /* values that are still to come, level by level */
    unsigned depth = 0;

    while (!c->is_bad) {
        const struct head h = read_head(c);
        const bool holds = h.kind == KIND_ARRAY || h.kind == KIND_MAP || h.kind == KIND_TAG;
        uint64_t inside = h.kind == KIND_TAG ? 1 : h.value;
        open[depth]--;
        if (h.kind == KIND_BYTES || h.kind == KIND_TEXT)
            (void)take(c, h.value);
        if (holds && inside > 0) {
            /* Every value has a byte at least: a length that cannot be true ends here. */
            if (inside > left(c) || depth + 1 == CW_CBOR_DEPTH_MAX) {
                c->is_bad = true;
                return;
            }
            open[++depth] = h.kind == KIND_MAP ? inside * 2 : inside;
        }
        while (open[depth] == 0) {
            if (depth == 0)
                return;
            depth--;
        }
    }
}

bool cw_cbor_is_done(const struct cw_cbor *c)
{
    return !c->is_bad && c->at == c->end;
}
