/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/record_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/base/span.h"

enum { FOUND_AGE_S_MAX = CW_TICKET_RESUME_S + 3600, FOLDER_PATH_BYTES = 288 };

/* ---- one file ---------------------------------------------------------------------------------- */

/* Whether its last record is END. */
static bool ends(const uint8_t *file, const uint8_t *block_bytes,
                 const struct cw_recording_block *block, const uint8_t *key)
{
    static uint8_t plain[CW_RECORDING_PAYLOAD_BYTES_MAX]; /* only the main thread looks at files */
    const uint8_t *payload = block->payload;
    size_t bytes = block->payload_bytes;
    uint8_t file_key[CW_KEY_BYTES];
    struct cw_record record = {0};
    size_t at = 0;
    if ((file[10] & CW_RECORDING_ENCRYPTED) != 0) {
        if (key == NULL || cw_recording_file_key(key, file, file_key) != CW_OK ||
            cw_recording_decrypt(block_bytes, block, file_key, plain, &bytes) != CW_OK)
            return false;
        payload = plain;
    }
    while (cw_recording_next(payload, bytes, &at, &record))
        ;
    return record.kind == CW_RECORD_END;
}

/* Bytes of the block at data by its head alone; 0: there is no whole one. */
static size_t block_bytes(const uint8_t *data, size_t size)
{
    struct cw_reader r = cw_reader_of(data, size);
    (void)cw_read_u32(&r);
    size_t bytes =
        (size_t)cw_read_u32(&r) + CW_RECORDING_BLOCK_HEAD_BYTES + CW_RECORDING_HASH_BYTES;
    return !r.failed && memcmp(data, "CWBK", 4) == 0 && bytes <= size ? bytes : 0;
}

int cw_record_examine(const uint8_t *data, size_t size, const uint8_t *key,
                      struct cw_record_found *ret_found)
{
    struct cw_record_found f = {.bytes = CW_RECORDING_HEADER_BYTES};
    int err = cw_recording_header_decode(data, size, &f.header, &f.chain);
    if (err != CW_OK)
        return CW_ERR_INVALID;
    /* Only the last two blocks are read: what is wrong further up, causeway-recording tells. */
    size_t last[2] = {0, 0};
    size_t at = CW_RECORDING_HEADER_BYTES;
    for (size_t n; (n = block_bytes(data + at, size - at)) > 0; at += n) {
        last[0] = last[1];
        last[1] = at;
    }
    for (int i = 1; i >= 0 && f.chain.next_block == 1; i--) {
        struct cw_recording_block block;
        size_t used = 0;
        if (last[i] == 0 ||
            cw_recording_block_decode(data + last[i], size - last[i], NULL, &block, &used) != CW_OK)
            continue;
        if (block.kind == CW_RECORDING_SEAL && last[0] != 0) {
            f.is_sealed = true;
            continue; /* the chain goes on from the data */
        }
        f.bytes = last[i] + used;
        f.chain.next_block = block.number + 1;
        memcpy(f.chain.hash, block.hash, sizeof f.chain.hash);
        f.is_ended = f.is_sealed || ends(data, data + last[i], &block, key);
    }
    *ret_found = f;
    return CW_OK;
}

static void examine_file(struct cw_record_folder *folder, const char *name, time_t now)
{
    char seal[CW_RECORDING_NAME_BYTES_MAX + 8];
    struct stat st;
    int fd = openat(folder->directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        now - st.st_mtime <= FOUND_AGE_S_MAX) {
        size_t size = (size_t)st.st_size;
        void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        struct cw_record_found *f = &folder->found.items[folder->found.count];
        (void)snprintf(seal, sizeof seal, "%.*s.seal", CW_RECORDING_NAME_BYTES_MAX, name);
        if (data != MAP_FAILED &&
            cw_record_examine(data, size, folder->has_key ? folder->key : NULL, f) == CW_OK) {
            f->is_sealed = f->is_sealed || faccessat(folder->directory, seal, F_OK, 0) == 0;
            folder->found.count++;
        }
        if (data != MAP_FAILED)
            (void)munmap(data, size);
    }
    (void)close(fd);
}

void cw_record_folder_scan(struct cw_record_folder *folder)
{
    int fd = folder->directory >= 0 ? dup(folder->directory) : -1;
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    time_t now = time(NULL);
    folder->found.items = calloc(CW_RELAY_RECORD_FOUND_MAX, sizeof *folder->found.items);
    for (const struct dirent *e = NULL;
         d != NULL && folder->found.items != NULL && (e = readdir(d)) != NULL;) {
        if (!cw_recording_name_is_legal(e->d_name, strlen(e->d_name)))
            continue;
        if (folder->found.count == CW_RELAY_RECORD_FOUND_MAX) {
            cw_log(CW_LOG_WARNING, "engine.record", "more than %d recordings of the last day",
                   CW_RELAY_RECORD_FOUND_MAX);
            break;
        }
        examine_file(folder, e->d_name, now);
    }
    if (d != NULL)
        (void)closedir(d);
    else if (fd >= 0)
        (void)close(fd);
}

/* ---- the folder ---------------------------------------------------------------------------------- */

static int read_key(const char *path, struct cw_record_folder *folder, char *message,
                    size_t message_size)
{
    uint8_t bytes[CW_KEY_BYTES + 1];
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool is_good = fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 &&
                   read(fd, bytes, sizeof bytes) == CW_KEY_BYTES;
    if (fd >= 0)
        (void)close(fd);
    if (!is_good) {
        (void)snprintf(message, message_size,
                       "recordings_key %s must be a file of 32 bytes that only its owner can read",
                       path);
        return CW_ERR_INVALID;
    }
    memcpy(folder->key, bytes, sizeof folder->key);
    explicit_bzero(bytes, sizeof bytes);
    folder->has_key = true;
    return CW_OK;
}

int cw_record_folder_open(const struct cw_config *config, struct cw_record_folder *ret_folder,
                          char *message, size_t message_size)
{
    char path[FOLDER_PATH_BYTES];
    struct cw_record_folder f = {
        .directory = -1, .room_bytes_min = strtoull(config->recordings_free_mb, NULL, 10) << 20};
    if (config->recordings_key[0] != '\0' &&
        read_key(config->recordings_key, &f, message, message_size) != CW_OK)
        return CW_ERR_INVALID;
    cw_config_recordings_dir(config, path, sizeof path);
    f.directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f.directory >= 0 && faccessat(f.directory, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        (void)close(f.directory);
        f.directory = -1;
    }
    if (f.directory < 0)
        (void)snprintf(f.why, sizeof f.why, "%.180s cannot be used for recordings: %s", path,
                       strerror(errno));
    *ret_folder = f;
    return CW_OK;
}

void cw_record_folder_close(struct cw_record_folder *folder)
{
    if (folder->directory >= 0)
        (void)close(folder->directory);
    explicit_bzero(folder->key, sizeof folder->key);
    free(folder->found.items);
    *folder = (struct cw_record_folder){.directory = -1};
}

/* Of the file system, for a user without privileges. */
static uint64_t room_bytes(void *user)
{
    const struct cw_record_folder *f = user;
    struct statvfs st;
    return fstatvfs(f->directory, &st) == 0 ? (uint64_t)st.f_bavail * st.f_frsize : UINT64_MAX;
}

struct cw_record_config cw_record_folder_config(struct cw_record_folder *folder)
{
    return (struct cw_record_config){
        .is_possible = folder->directory >= 0,
        .key = folder->has_key ? folder->key : NULL,
        .room_bytes_min = folder->room_bytes_min,
        .room_bytes = folder->directory >= 0 ? room_bytes : NULL,
        .user = folder,
        .found = &folder->found,
    };
}
