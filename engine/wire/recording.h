/* SPDX-License-Identifier: Apache-2.0 */
/* engine/wire/recording.h - the form of a recording: header, hash-chained blocks, records, seal.
 *
 * Owner:     values; spans point into the caller's bytes.
 * Thread:    any; pure.
 * Units:     bytes; ns since the part began; Unix ms for its beginning.
 * Errors:    decoders: CW_ERR_AGAIN (the bytes end too early), CW_ERR_INVALID (not this format),
 *            CW_ERR_UNSUPPORTED (version), CW_ERR_TOO_LARGE, CW_ERR_SIGNATURE (a hash or signature does not fit
 *            the bytes), CW_ERR_CONFLICT (whole, but it does not follow the block before);
 *            ret_* is untouched unless 0, but for cw_recording_block_decode with CW_ERR_CONFLICT.
 * Limits:    CW_RECORDING_PAYLOAD_BYTES_MAX a block, CW_RECORDING_RECORD_BYTES_MAX a record.
 * Invariant: what decodes encodes to the same bytes.
 *
 * Normative text: engine/RECORDING.md.
 */
#ifndef CW_ENGINE_WIRE_RECORDING_H
#define CW_ENGINE_WIRE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/limits.h"

enum {
    CW_RECORDING_VERSION = 1,
    CW_RECORDING_HASH_BYTES = 32, /* SHA-256 */
    CW_RECORDING_KEY_ID_BYTES = 16,
    CW_RECORDING_TAG_BYTES = 16, /* AES-GCM */
    CW_RECORDING_HEADER_BYTES = 128,
    CW_RECORDING_BLOCK_HEAD_BYTES = 64,
    CW_RECORDING_RECORD_HEAD_BYTES = 20,
    CW_RECORDING_RECORD_BYTES_MAX = CW_RECORDING_RECORD_HEAD_BYTES + CW_FRAME_BYTES_MAX,
    /* Large enough that head and hash cost nothing, small enough that a cut costs little. */
    CW_RECORDING_PAYLOAD_BYTES_MAX =
        128 * 1024 - CW_RECORDING_BLOCK_HEAD_BYTES - CW_RECORDING_HASH_BYTES,
    CW_RECORDING_BLOCK_BYTES_MAX = 128 * 1024,
    CW_RECORDING_SEAL_BYTES = 8 + CW_KEY_BYTES + CW_SIGNATURE_BYTES, /* a seal block's payload */
    CW_RECORDING_SEAL_BLOCK_BYTES =
        CW_RECORDING_BLOCK_HEAD_BYTES + CW_RECORDING_SEAL_BYTES + CW_RECORDING_HASH_BYTES,
    CW_RECORDING_NAME_BYTES_MAX = 64, /* "session-00000007-0123456789abcdef-001.cwr" and ".seal" */
};

enum cw_recording_flag {
    CW_RECORDING_REQUIRED = 1,  /* the session could not go on without it */
    CW_RECORDING_ENCRYPTED = 2, /* payloads of data blocks are AES-256-GCM */
};

enum cw_recording_block_kind {
    CW_RECORDING_DATA = 1,
    CW_RECORDING_SEAL = 2,
};

enum cw_recording_record_kind {
    CW_RECORD_FRAME = 1,       /* a frame as it passed, header and payload */
    CW_RECORD_PARTICIPANT = 2, /* somebody came, left or was given other permissions */
    CW_RECORD_GAP = 3,         /* something passed that is not here */
    CW_RECORD_END = 4,         /* the last record of a part that was finished */
};

enum cw_recording_change { CW_RECORD_CAME = 1, CW_RECORD_LEFT = 2, CW_RECORD_PERMISSIONS = 3 };

struct cw_recording_header {
    uint8_t flags; /* enum cw_recording_flag */
    uint32_t session;
    uint64_t recording; /* random; the same in all parts of one session */
    uint32_t part;      /* 1, 2, ... */
    uint64_t start_unix_ms;
    uint64_t engine_instance;
    uint8_t previous
        [CW_RECORDING_HASH_BYTES]; /* of the last block of the part before; zero in part 1 */
    uint8_t key_id[CW_RECORDING_KEY_ID_BYTES]; /* zero when not encrypted */
};

/* What the next block must follow. */
struct cw_recording_chain {
    uint64_t next_block; /* 1 behind the header */
    uint8_t hash[CW_RECORDING_HASH_BYTES];
};

struct cw_recording_block {
    uint8_t kind; /* enum cw_recording_block_kind */
    uint64_t number;
    uint64_t time_ns;      /* of its first record */
    uint32_t record_count; /* 0 in a seal */
    uint8_t previous[CW_RECORDING_HASH_BYTES];
    uint8_t hash[CW_RECORDING_HASH_BYTES];
    const uint8_t *payload;
    size_t payload_bytes;
};

struct cw_record {
    uint64_t time_ns;
    uint8_t kind;         /* enum cw_recording_record_kind */
    bool is_to;           /* FRAME: the appliance sent it; else participant did */
    uint32_t participant; /* FRAME: whose; 0 with is_to: to everybody */
    const uint8_t *bytes;
    size_t bytes_count;
};

/* The bytes of PARTICIPANT, GAP and END records. */
struct cw_record_participant {
    uint8_t change; /* enum cw_recording_change */
    uint8_t role;
    uint16_t code; /* LEFT: enum cw_close_code */
    uint64_t permissions;
};
struct cw_record_gap {
    uint64_t frames; /* how many are not here, and their bytes */
    uint64_t bytes;
    const char *text; /* why */
    size_t text_bytes;
};
struct cw_record_end {
    uint16_t code; /* enum cw_close_code */
    const char *text;
    size_t text_bytes;
};

struct cw_recording_seal {
    uint64_t unix_s;
    uint8_t key[CW_KEY_BYTES]; /* control's, as `causewayctl show recordings` names it */
    uint8_t signature[CW_SIGNATURE_BYTES];
};

/* Gives the chain that block 1 follows. */
void cw_recording_header_encode(const struct cw_recording_header *header,
                                uint8_t out[CW_RECORDING_HEADER_BYTES],
                                struct cw_recording_chain *ret_chain);
int cw_recording_header_decode(const uint8_t *data, size_t size,
                               struct cw_recording_header *ret_header,
                               struct cw_recording_chain *ret_chain);

/* ---- building a data block --------------------------------------------------------------------- */

/* A block being filled in the caller's CW_RECORDING_BLOCK_BYTES_MAX bytes. */
struct cw_recording_builder {
    uint8_t *out;
    size_t at; /* end of what is filled, head included */
    uint32_t record_count;
    uint64_t time_ns;
    size_t room; /* CW_RECORDING_PAYLOAD_BYTES_MAX, less the tag of an encrypted block */
};

struct cw_recording_builder cw_recording_builder_of(uint8_t *out, bool is_encrypted);
/* CW_ERR_FULL: finish this block first; CW_ERR_TOO_LARGE: no record. */
int cw_recording_add(struct cw_recording_builder *b, const struct cw_record *record);
/* Makes a block of what was added, encrypted where file_key is given, and moves the chain. Returns its bytes,
 * 0 when nothing was added or the cipher fails. */
size_t cw_recording_finish(struct cw_recording_builder *b, struct cw_recording_chain *chain,
                           const uint8_t *file_key);

/* Writes CW_RECORDING_SEAL_BLOCK_BYTES. */
void cw_recording_seal_encode(const struct cw_recording_seal *seal,
                              struct cw_recording_chain *chain, uint8_t *out);
/* Over "causeway recording v1" and the hash of the last data block. */
int cw_recording_sign(const uint8_t *root, const uint8_t *secret_seed, uint8_t *ret_signature);
int cw_recording_verify(const uint8_t *root, const uint8_t *public_key, const uint8_t *signature);

/* ---- reading ------------------------------------------------------------------------------------ */

/* The block at the start of data, whole and by its own hash unchanged. chain: what it must follow, moved behind
 * it; NULL: whatever it is. With CW_ERR_CONFLICT *ret_block and *ret_used are set and the chain is not moved. */
int cw_recording_block_decode(const uint8_t *data, size_t size, struct cw_recording_chain *chain,
                              struct cw_recording_block *ret_block, size_t *ret_used);
/* Records of a payload (decrypted): false at the end. cw_recording_records_check says that all are sound. */
bool cw_recording_next(const uint8_t *payload, size_t payload_bytes, size_t *at,
                       struct cw_record *ret_record);
int cw_recording_records_check(const struct cw_recording_block *block, const uint8_t *payload,
                               size_t payload_bytes);
int cw_recording_seal_decode(const struct cw_recording_block *block,
                             struct cw_recording_seal *ret_seal);

size_t cw_record_participant_encode(const struct cw_record_participant *p, uint8_t *out,
                                    size_t size);
size_t cw_record_gap_encode(const struct cw_record_gap *gap, uint8_t *out, size_t size);
size_t cw_record_end_encode(const struct cw_record_end *end, uint8_t *out, size_t size);
int cw_record_participant_decode(const struct cw_record *r, struct cw_record_participant *ret);
int cw_record_gap_decode(const struct cw_record *r, struct cw_record_gap *ret);
int cw_record_end_decode(const struct cw_record *r, struct cw_record_end *ret);

/* ---- names and keys ------------------------------------------------------------------------------- */

/* "session-00000007-0123456789abcdef-001.cwr". */
void cw_recording_name(const struct cw_recording_header *header,
                       char out[CW_RECORDING_NAME_BYTES_MAX]);
/* True: the name is exactly one that cw_recording_name makes of session, recording and part in *ret_header. */
bool cw_recording_name_parse(const char *name, size_t size, struct cw_recording_header *ret_header);
/* Whether it is one. */
bool cw_recording_name_is_legal(const char *name, size_t size);

/* What encrypts one file, from the appliance's recordings key: HMAC-SHA-256(key, header bytes 0 to 95). */
int cw_recording_file_key(const uint8_t key[CW_KEY_BYTES],
                          const uint8_t header[CW_RECORDING_HEADER_BYTES],
                          uint8_t ret_file_key[CW_KEY_BYTES]);
/* Says which key a file needs: the first 16 bytes of SHA-256("causeway recordings key" and the key). */
void cw_recording_key_id(const uint8_t key[CW_KEY_BYTES],
                         uint8_t ret_id[CW_RECORDING_KEY_ID_BYTES]);
/* A data block of an encrypted file; out has block->payload_bytes bytes. CW_ERR_SIGNATURE: another key. */
int cw_recording_decrypt(const uint8_t *block_bytes, const struct cw_recording_block *block,
                         const uint8_t *file_key, uint8_t *out, size_t *ret_bytes);

#endif
