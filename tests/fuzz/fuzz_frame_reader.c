/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a connection says in frames: whole, byte by byte, and with every frame that stands alone adopted
 * give the same frames and the same verdict. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/frame_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cw_frame_pools pools;

struct trace {
    uint64_t hash; /* of the frames' bytes */
    unsigned frames;
    int err;
};

static void take(struct trace *t, struct cw_frame_buffer *f)
{
    CW_CHECK(f->size == CW_FRAME_HEADER_BYTES + f->frame.length, "a frame is whole");
    for (uint32_t i = 0; i < f->size; i++)
        t->hash = (t->hash ^ f->bytes[i]) * UINT64_C(0x100000001B3);
    t->frames++;
    cw_frame_unref(&pools, f);
}

static struct trace push(const uint8_t *data, size_t size, size_t step)
{
    struct cw_frame_reader r = {0};
    struct trace t = {0};
    for (size_t at = 0; at < size && t.err == CW_OK;) {
        size_t used = 0;
        struct cw_frame_buffer *f = NULL;
        size_t left = size - at < step ? size - at : step;
        t.err = cw_frame_reader_push(&r, &pools, data + at, left, &used, &f);
        CW_CHECK(t.err != CW_OK || (used > 0 && used <= left), "it takes what there is");
        at += used;
        if (f != NULL)
            take(&t, f);
    }
    cw_frame_reader_fini(&r, &pools);
    return t;
}

/* Bytes of the frame that begins here, at most those that are left. */
static size_t frame_bytes(const uint8_t *data, size_t left)
{
    struct cw_frame f;
    if (cw_frame_decode(data, left, &f) != CW_OK || f.length > left - CW_FRAME_HEADER_BYTES)
        return left < CW_FRAME_BYTES_MAX ? left : CW_FRAME_BYTES_MAX;
    return CW_FRAME_HEADER_BYTES + f.length;
}

static struct trace adopt(const uint8_t *data, size_t size)
{
    struct cw_frame_reader r = {0};
    struct trace t = {0};
    while (size > 0 && t.err == CW_OK) {
        size_t part = frame_bytes(data, size);
        struct cw_frame_buffer *f = cw_frame_room(&pools, part);
        CW_CHECK(f != NULL, "room");
        memcpy(f->bytes, data, part);
        t.err = cw_frame_reader_adopt(&r, f, part);
        if (t.err == CW_OK)
            take(&t, f);
        else
            cw_frame_unref(&pools, f);
        data += part;
        size -= part;
    }
    cw_frame_reader_fini(&r, &pools);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (pools.of[0].count == 0)
        CW_CHECK(cw_frame_pools_init(&pools) == CW_OK, "memory");
    struct trace whole = push(data, size, size);
    struct trace bytes = push(data, size, 1);
    struct trace adopted = adopt(data, size);
    CW_CHECK(whole.err == bytes.err && whole.hash == bytes.hash, "cuts do not matter");
    CW_CHECK(adopted.frames == whole.frames && adopted.hash == whole.hash, "nor does the copy");
    CW_CHECK(adopted.err == whole.err || adopted.err == CW_ERR_AGAIN, "nor for the verdict");
    CW_CHECK(cw_frame_pools_used(&pools) == 0, "everything was given back");
    return 0;
}
