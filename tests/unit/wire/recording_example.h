/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/wire/recording_example.h - the small recording of engine/RECORDING.md, built.
 *
 * Owner:     static bytes.
 * Thread:    one.
 */
#ifndef CW_TESTS_UNIT_WIRE_RECORDING_EXAMPLE_H
#define CW_TESTS_UNIT_WIRE_RECORDING_EXAMPLE_H

#include <string.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/wire/frame.h"
#include "engine/wire/recording.h"
#include "engine/wire/ticket.h"

enum { EXAMPLE_BLOCKS = 2, EXAMPLE_SESSION = 7, EXAMPLE_UNIX_MS_S = 1795239456 };

struct recording_example {
    uint8_t bytes[4096];
    size_t size;
    struct cw_recording_header header;
    size_t
        block_at[EXAMPLE_BLOCKS + 2]; /* where blocks 1, 2, ... and the seal begin; then the end */
    uint8_t public_key[CW_KEY_BYTES];
};

static inline void example_record(struct cw_recording_builder *b, uint64_t time_ms, uint8_t kind,
                                  uint32_t participant, const void *bytes, size_t size)
{
    const struct cw_record r = {.time_ns = time_ms * UINT64_C(1000000),
                                .kind = kind,
                                .participant = participant,
                                .bytes = bytes,
                                .bytes_count = size};
    CW_CHECK(cw_recording_add(b, &r) == CW_OK, "it is small");
}

static inline void example_frame(struct cw_recording_builder *b, uint64_t time_ms, uint8_t type,
                                 uint8_t channel, const void *payload, uint32_t size)
{
    uint8_t bytes[256];
    const struct cw_frame f = {.type = type,
                               .channel = channel,
                               .flags = CW_FLAG_FIRST | CW_FLAG_LAST,
                               .session = EXAMPLE_SESSION,
                               .length = size};
    cw_frame_encode(&f, bytes);
    memcpy(bytes + CW_FRAME_HEADER_BYTES, payload, size);
    example_record(b, time_ms, CW_RECORD_FRAME, 2, bytes, CW_FRAME_HEADER_BYTES + size);
}

/* file_key: NULL, or of an encrypted one. */
static inline void example_make(struct recording_example *e, const uint8_t *key)
{
    static uint8_t block[CW_RECORDING_BLOCK_BYTES_MAX];
    struct cw_recording_chain chain;
    uint8_t seed[CW_KEY_BYTES];
    uint8_t file_key[CW_KEY_BYTES];
    uint8_t part[64];
    static const uint8_t reset[4] = {0x00, 0x05, 0x20, 0x03};
    static const uint8_t say[11] = {9, 0, 0, 0, 'G', 'r', 0xc3, 0xbc, 'e', 'z', 'i'};
    memset(e, 0, sizeof *e);
    e->header = (struct cw_recording_header){
        .flags = CW_RECORDING_REQUIRED,
        .session = EXAMPLE_SESSION,
        .recording = UINT64_C(0x0123456789abcdef),
        .part = 1,
        .start_unix_ms = EXAMPLE_UNIX_MS_S * UINT64_C(1000),
        .engine_instance = UINT64_C(0x1122334455667788),
    };
    if (key != NULL) {
        e->header.flags |= CW_RECORDING_ENCRYPTED;
        cw_recording_key_id(key, e->header.key_id);
    }
    cw_recording_header_encode(&e->header, e->bytes, &chain);
    if (key != NULL)
        CW_CHECK(cw_recording_file_key(key, e->bytes, file_key) == CW_OK, "HMAC works");
    e->size = CW_RECORDING_HEADER_BYTES;
    for (unsigned i = 0; i < EXAMPLE_BLOCKS; i++) {
        struct cw_recording_builder b = cw_recording_builder_of(block, key != NULL);
        if (i == 0) {
            const struct cw_record_participant came = {.change = CW_RECORD_CAME,
                                                       .role = CW_ROLE_CUSTOMER,
                                                       .permissions = CW_PERMIT(CHAT) |
                                                                      CW_PERMIT(SOURCE_SCREEN)};
            size_t size = cw_record_participant_encode(&came, part, sizeof part);
            example_record(&b, 0, CW_RECORD_PARTICIPANT, 2, part, size);
            example_frame(&b, 5, CW_MESSAGE_SCREEN_RESET, CW_CHANNEL_SCREEN, reset, sizeof reset);
        } else {
            const struct cw_record_end end = {CW_CLOSE_ENDED_BY_CUSTOMER, "Bye.", 4};
            example_frame(&b, 1500, CW_MESSAGE_CHAT_SAY, CW_CHANNEL_CHAT, say, sizeof say);
            size_t size = cw_record_end_encode(&end, part, sizeof part);
            example_record(&b, 2000, CW_RECORD_END, 0, part, size);
        }
        size_t size = cw_recording_finish(&b, &chain, key != NULL ? file_key : NULL);
        CW_CHECK(size > 0, "it has records");
        e->block_at[i] = e->size;
        memcpy(e->bytes + e->size, block, size);
        e->size += size;
    }
    struct cw_recording_seal seal = {.unix_s = EXAMPLE_UNIX_MS_S + 3};
    for (unsigned i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    CW_CHECK(cw_key_public(seed, e->public_key) == CW_OK, "Ed25519 works");
    memcpy(seal.key, e->public_key, sizeof seal.key);
    CW_CHECK(cw_recording_sign(chain.hash, seed, seal.signature) == CW_OK, "Ed25519 works");
    e->block_at[EXAMPLE_BLOCKS] = e->size;
    cw_recording_seal_encode(&seal, &chain, e->bytes + e->size);
    e->size += CW_RECORDING_SEAL_BLOCK_BYTES;
    e->block_at[EXAMPLE_BLOCKS + 1] = e->size;
}

#endif
