/* SPDX-License-Identifier: Apache-2.0 */
/* control/backup/archive.h - one encrypted file that holds several files and a manifest of them.
 *
 * Owner:     struct cw_archive: cw_archive_create or cw_archive_open to cw_archive_close.
 * Thread:    one at a time; blocks on files.
 * Units:     bytes.
 * Errors:    CW_ERR_IO, CW_ERR_NOMEM, CW_ERR_INVALID (no archive), CW_ERR_UNSUPPORTED (a newer form), CW_ERR_DENIED
 *            (the passphrase is wrong, or the first chunk was changed), CW_ERR_SIGNATURE (changed or cut behind it).
 * Limits:    CW_ARCHIVE_*.
 * Invariant: what a reader gives was written by who knew the passphrase, in this order, and nothing of it is missing.
 *
 * Form: "CWBACKUP", u32 version, u32 KiB, u32 passes, u32 lanes of argon2id, 16 bytes of salt. Then chunks: u32 (bytes
 * of the chunk, highest bit: the last one), that many bytes under AES-256-GCM with the head as associated data and the
 * chunk's number and whether it is the last as nonce, 16 bytes of tag. Numbers are little-endian.
 * Within: u16 bytes of a name, u64 bytes of a file, the name, the file; and so on. The manifest is the last of them.
 */
#ifndef CW_CONTROL_BACKUP_ARCHIVE_H
#define CW_CONTROL_BACKUP_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CW_ARCHIVE_CHUNK_BYTES = 64 * 1024,
    CW_ARCHIVE_NAME_BYTES_MAX = 120,
    CW_ARCHIVE_MANIFEST_BYTES_MAX = 64 * 1024,
    CW_ARCHIVE_FILES_MAX = 64,
    CW_ARCHIVE_MEMORY_KIB_MAX =
        1024 * 1024, /* an archive of strangers costs no more than 1 GB to refuse */
    CW_ARCHIVE_PASSES_MAX = 16,
};

#define CW_ARCHIVE_MANIFEST "manifest.json"

struct cw_archive;
struct cw_hash_cost;

int cw_archive_create(const char *path, const char *passphrase, const struct cw_hash_cost *cost,
                      struct cw_archive **ret);
int cw_archive_entry(struct cw_archive *a, const char *name, uint64_t bytes);
int cw_archive_write(struct cw_archive *a, const void *data, size_t bytes);
/* The last chunk, and everything is on the disk. */
int cw_archive_finish(struct cw_archive *a);

int cw_archive_open(const char *path, const char *passphrase, struct cw_archive **ret);
/* CW_ERR_NOT_FOUND: there are no more, and the archive is whole. */
int cw_archive_next(struct cw_archive *a, char name[CW_ARCHIVE_NAME_BYTES_MAX + 1],
                    uint64_t *ret_bytes);
int cw_archive_read(struct cw_archive *a, void *data, size_t bytes);

void cw_archive_close(struct cw_archive *a);

#endif
