/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a recording: every block that is whole, in or out of the chain, and every record of it. The hashes
 * are put right first, so that the fuzzer reaches what is behind them. */
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_records(const struct cw_recording_block *b)
{
    static uint8_t again[CW_RECORDING_BLOCK_BYTES_MAX];
    struct cw_recording_builder builder = cw_recording_builder_of(again, false);
    struct cw_recording_chain chain = {.next_block = b->number};
    struct cw_record r;
    size_t at = 0;
    if (cw_recording_records_check(b, b->payload, b->payload_bytes) != CW_OK) {
        while (cw_recording_next(b->payload, b->payload_bytes, &at, &r))
            CW_CHECK(r.bytes_count <= CW_FRAME_BYTES_MAX, "limit");
        return;
    }
    memcpy(chain.hash, b->previous, sizeof chain.hash);
    while (cw_recording_next(b->payload, b->payload_bytes, &at, &r))
        CW_CHECK(cw_recording_add(&builder, &r) == CW_OK, "it was in a block");
    size_t size = cw_recording_finish(&builder, &chain, NULL);
    CW_CHECK(size == CW_RECORDING_BLOCK_HEAD_BYTES + b->payload_bytes + CW_RECORDING_HASH_BYTES &&
                 memcmp(again + CW_RECORDING_BLOCK_HEAD_BYTES, b->payload, b->payload_bytes) == 0,
             "what decodes encodes to the same bytes");
    CW_CHECK(memcmp(chain.hash, b->hash, sizeof chain.hash) == 0, "and to the same hash");
}

static void read_block(const struct cw_recording_block *b)
{
    struct cw_recording_seal seal;
    if (b->kind == CW_RECORDING_SEAL) {
        CW_CHECK(cw_recording_seal_decode(b, &seal) == CW_OK, "a seal has one size");
        return;
    }
    read_records(b);
}

/* Writes the hashes that the blocks should have. */
static void put_hashes(uint8_t *data, size_t size)
{
    uint8_t hash[CW_RECORDING_HASH_BYTES];
    size_t at = CW_RECORDING_HEADER_BYTES;
    if (size < at)
        return;
    SHA256(data, at - sizeof hash, hash);
    memcpy(data + at - sizeof hash, hash, sizeof hash);
    while (size - at >= CW_RECORDING_BLOCK_HEAD_BYTES + CW_RECORDING_HASH_BYTES) {
        uint32_t length = (uint32_t)data[at + 4] | (uint32_t)data[at + 5] << 8 |
                          (uint32_t)data[at + 6] << 16 | (uint32_t)data[at + 7] << 24;
        if (length > size - at - CW_RECORDING_BLOCK_HEAD_BYTES - CW_RECORDING_HASH_BYTES)
            return;
        memcpy(data + at + 32, hash, sizeof hash);
        SHA256(data + at, CW_RECORDING_BLOCK_HEAD_BYTES + length, hash);
        at += CW_RECORDING_BLOCK_HEAD_BYTES + length;
        memcpy(data + at, hash, sizeof hash);
        at += sizeof hash;
    }
}

static void read_file(const uint8_t *data, size_t size)
{
    struct cw_recording_header header;
    struct cw_recording_chain chain = {.next_block = 1};
    size_t at = 0;
    if (cw_recording_header_decode(data, size, &header, &chain) == CW_OK) {
        uint8_t again[CW_RECORDING_HEADER_BYTES];
        struct cw_recording_chain same;
        char name[CW_RECORDING_NAME_BYTES_MAX];
        cw_recording_header_encode(&header, again, &same);
        CW_CHECK(memcmp(again, data, sizeof again) == 0, "one form a header");
        cw_recording_name(&header, name);
        CW_CHECK(cw_recording_name_is_legal(name, strlen(name)), "its own name is legal");
        at = CW_RECORDING_HEADER_BYTES;
    }
    while (at < size) {
        struct cw_recording_block b;
        size_t used = 0;
        int err = cw_recording_block_decode(data + at, size - at, &chain, &b, &used);
        if (err != CW_OK && err != CW_ERR_CONFLICT)
            return;
        CW_CHECK(used <= size - at, "no more than is there");
        read_block(&b);
        at += used;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t copy[64 * 1024];
    (void)cw_recording_name_is_legal((const char *)data, size);
    read_file(data, size);
    if (size > sizeof copy)
        return 0;
    memcpy(copy, data, size);
    put_hashes(copy, size);
    read_file(copy, size);
    return 0;
}
