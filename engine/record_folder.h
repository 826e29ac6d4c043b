/* SPDX-License-Identifier: Apache-2.0 */
/* engine/record_folder.h - the folder of recordings as the engine finds it at its start.
 *
 * Owner:     main; lives as long as the workers.
 * Thread:    the main thread, before workers and sandbox; room_bytes of its config from any.
 * Units:     bytes.
 * Errors:    CW_ERR_INVALID (the key), CW_ERR_IO; message is a sentence for the operator.
 * Limits:    CW_RELAY_RECORD_FOUND_MAX parts, of files changed in the last 25 hours: no ticket is older.
 * Invariant: nothing in the folder is changed.
 */
#ifndef CW_ENGINE_RECORD_FOLDER_H
#define CW_ENGINE_RECORD_FOLDER_H

#include "engine/base/config.h"
#include "engine/record.h"

struct cw_record_folder {
    int directory; /* -1: there is none, and why says why */
    char why[256];
    bool has_key;
    uint8_t key[CW_KEY_BYTES];
    uint64_t room_bytes_min;
    struct cw_record_list found;
};

/* A folder that cannot be used is no error: sessions that must be recorded are refused then. A key that was set
 * and cannot be used is one. */
int cw_record_folder_open(const struct cw_config *config, struct cw_record_folder *ret_folder,
                          char *message, size_t message_size);
/* Reads what an engine before this one left. */
void cw_record_folder_scan(struct cw_record_folder *folder);
void cw_record_folder_close(struct cw_record_folder *folder);
struct cw_record_config cw_record_folder_config(struct cw_record_folder *folder);
/* How far a part of another engine goes: CW_ERR_INVALID, no recording. Pure. key: of encrypted ones, or NULL. */
int cw_record_examine(const uint8_t *data, size_t size, const uint8_t *key,
                      struct cw_record_found *ret_found);

#endif
