/* SPDX-License-Identifier: Apache-2.0 */
/* Backups: whatever an archive holds, it is read as a whole or refused with a sentence.
 *
 * The first byte says what the rest is: even, the file as a stranger gives it; odd, what somebody who knows the
 * passphrase put in its chunks, which a stranger's bytes never reach. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/backup/archive.h"
#include "control/backup/backup.h"
#include "engine/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char passphrase[] = "correct horse";

/* The head asks for memory and passes: the search is for what follows it. */
static bool is_costly(const uint8_t *data, size_t size)
{
    static const uint8_t most[12] = {64, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0};

    if (size < 24)
        return false;
    for (size_t i = 0; i < sizeof most; i++)
        if (data[12 + i] > most[i])
            return true;
    return false;
}

static void put_file(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CW_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0, "it is written");
}

static void put_archive(const char *path, const uint8_t *data, size_t size)
{
    const struct cw_hash_cost cost = {.memory_kib = 8, .passes = 1, .lanes = 1};
    struct cw_archive *a = NULL;

    CW_CHECK(cw_archive_create(path, passphrase, &cost, &a) == 0, "it is begun");
    CW_CHECK(cw_archive_write(a, data, size) == 0 && cw_archive_finish(a) == 0, "it is written");
    cw_archive_close(a);
}

/* Every name is one, and what is read of a file is no more than there is. */
static void walk(const char *path)
{
    char name[CW_ARCHIVE_NAME_BYTES_MAX + 1];
    uint8_t bytes[512];
    uint64_t left = 0;
    struct cw_archive *a = NULL;

    if (cw_archive_open(path, passphrase, &a) != 0)
        return;
    while (cw_archive_next(a, name, &left) == 0) {
        CW_CHECK(name[0] != '\0' && strlen(name) <= CW_ARCHIVE_NAME_BYTES_MAX, "a name is one");
        while (left > 0) {
            size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
            if (cw_archive_read(a, bytes, n) != 0)
                break;
            left -= n;
        }
        if (left > 0)
            break;
    }
    cw_archive_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char dir[] = "/tmp/cw-fuzz-XXXXXX";
    char path[64];
    struct cw_backup_result result = {0};
    int err = 0;

    if (size == 0 || (data[0] % 2 == 0 && is_costly(data + 1, size - 1)))
        return 0;
    CW_CHECK(mkdtemp(dir) != NULL, "a folder of its own");
    snprintf(path, sizeof path, "%s/backup", dir);
    if (data[0] % 2 == 0)
        put_file(path, data + 1, size - 1);
    else
        put_archive(path, data + 1, size - 1);
    walk(path);
    err = cw_backup_read(path, passphrase, NULL, &result);
    if (err != 0)
        CW_CHECK(result.message[0] != '\0', "a refusal says why");
    else
        CW_CHECK(result.files <= CW_ARCHIVE_FILES_MAX, "it has as many files as it may");
    (void)unlink(path);
    (void)rmdir(dir);
    return 0;
}
