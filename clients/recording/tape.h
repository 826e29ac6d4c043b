/* SPDX-License-Identifier: Apache-2.0 */
/* clients/recording/tape.h - the parts of one recording, read, checked and indexed.
 *
 * Owner:     the caller, from cw_tape_open to cw_tape_close; files are mapped, not copied.
 * Thread:    one.
 * Units:     ns since the recording's first part began; bytes.
 * Errors:    cw_tape_open: CW_ERR_IO, CW_ERR_INVALID (no recording), CW_ERR_NOMEM, CW_ERR_CONFLICT (parts of
 *            different recordings); message says what. Damage is no error: it is in the faults.
 * Limits:    CW_TAPE_PARTS_MAX; the first CW_TAPE_FAULTS_MAX faults of a part are kept.
 * Invariant: only blocks whose hash fits are read; blocks behind damage say so (is_detached).
 */
#ifndef CW_CLIENTS_RECORDING_TAPE_H
#define CW_CLIENTS_RECORDING_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/recording.h"

enum { CW_TAPE_PARTS_MAX = 256, CW_TAPE_FAULTS_MAX = 32 };

enum cw_tape_fault_kind {
    CW_TAPE_CUT,     /* the file ends inside a block */
    CW_TAPE_CHANGED, /* bytes that are no block any more */
    CW_TAPE_ORDER,   /* a whole block that does not follow the one before */
    CW_TAPE_RECORDS, /* a whole block whose records are not sound */
    CW_TAPE_LINK,    /* the part does not follow the part before */
    CW_TAPE_SEALED,  /* the seal does not fit */
};

struct cw_tape_fault {
    enum cw_tape_fault_kind kind;
    uint64_t at;    /* bytes from the beginning of the file */
    uint64_t bytes; /* how many are not good; 0: not a place */
    uint64_t block; /* number of the block that should be there, or is */
};

struct cw_tape_block {
    size_t at;
    uint64_t number;
    uint64_t time_ns; /* within the part */
    bool is_detached;
};

enum cw_tape_seal { CW_TAPE_UNSEALED, CW_TAPE_SEAL_GOOD, CW_TAPE_SEAL_FOREIGN, CW_TAPE_SEAL_WRONG };

struct cw_tape_part {
    const char *path;
    const uint8_t *data;
    size_t size;
    struct cw_recording_header header;
    uint8_t file_key[CW_KEY_BYTES];
    struct cw_tape_block *blocks; /* of data, in order */
    size_t block_count;
    size_t good_bytes; /* from the beginning, without a fault */
    uint64_t base_ns;  /* when it began, on the recording's clock */
    uint64_t last_ns;  /* of its last record, within the part */
    uint64_t record_count;
    bool is_ended;
    struct cw_record_end end;
    enum cw_tape_seal seal;
    struct cw_recording_seal sealed_by;
    uint8_t root[CW_RECORDING_HASH_BYTES]; /* of the last data block */
    struct cw_tape_fault faults[CW_TAPE_FAULTS_MAX];
    unsigned fault_count; /* all of them */
};

struct cw_tape_position {
    size_t part;
    size_t block;
    size_t at; /* in the block's payload */
};

struct cw_tape_keyframe {
    uint64_t time_ns;
    struct cw_tape_position position;
};

struct cw_tape {
    struct cw_tape_part parts[CW_TAPE_PARTS_MAX];
    size_t part_count;
    struct cw_tape_keyframe *keyframes;
    size_t keyframe_count;
    uint64_t duration_ns;
    bool is_locked; /* encrypted, and the key is not there: only verified */
    bool has_key;
    uint8_t key[CW_KEY_BYTES];
    size_t open_part; /* of the decrypted block below */
    size_t open_block;
    size_t open_bytes; /* 0: none */
    uint8_t plain[CW_RECORDING_PAYLOAD_BYTES_MAX];
};

/* paths: files of one recording in any order. key: of encrypted ones, or NULL. seal_key: control's, or NULL. */
int cw_tape_open(const char *const *paths, size_t count, const uint8_t *key,
                 const uint8_t *seal_key, struct cw_tape **ret_tape, char *message,
                 size_t message_size);
struct cw_tape *cw_tape_close(struct cw_tape *t);
/* The next record and its time; false at the end. A position of zeros is the beginning. */
bool cw_tape_next(struct cw_tape *t, struct cw_tape_position *position,
                  struct cw_record *ret_record, uint64_t *ret_time_ns);
/* The last keyframe at or before a time, where reading the screen can begin; the beginning if there is none. */
struct cw_tape_position cw_tape_seek(const struct cw_tape *t, uint64_t time_ns);
/* Whether anything is damaged or does not fit; a part that was cut by a crash is not damaged. */
bool cw_tape_is_damaged(const struct cw_tape *t);

#endif
