/* SPDX-License-Identifier: Apache-2.0 */
#include "control/audit/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/secret.h"
#include "engine/base/err.h"
#include "engine/base/span.h"

/* A slot: epoch (u64), root, a check of 8 bytes, zeros. Zeros alone: empty. */
enum { SLOT_BYTES = 64, SLOT_COUNT = 2, SLOT_CHECKED_BYTES = 8 + CW_CHAIN_BYTES };

static void slot_check(const uint8_t *slot, uint8_t *ret_check)
{
    uint8_t hash[CW_SHA256_BYTES] = {0};

    (void)cw_secret_hash("causeway audit key v1", slot, SLOT_CHECKED_BYTES, hash);
    memcpy(ret_check, hash, 8);
}

static void slot_of(const struct cw_chain_key *key, uint8_t *slot)
{
    struct cw_writer w = cw_writer_of(slot, SLOT_BYTES);

    memset(slot, 0, SLOT_BYTES);
    cw_write_u64(&w, key->epoch);
    cw_write_bytes(&w, key->root, sizeof key->root);
    slot_check(slot, slot + SLOT_CHECKED_BYTES);
}

static bool slot_key(const uint8_t *slot, struct cw_chain_key *ret)
{
    uint8_t check[8];
    struct cw_reader r = cw_reader_of(slot, SLOT_BYTES);

    slot_check(slot, check);
    if (memcmp(check, slot + SLOT_CHECKED_BYTES, sizeof check) != 0)
        return false;
    ret->epoch = cw_read_u64(&r);
    memcpy(ret->root, slot + 8, sizeof ret->root);
    return true;
}

int cw_key_file_get(const char *path, struct cw_chain_key *ret_key)
{
    uint8_t slots[SLOT_COUNT][SLOT_BYTES] = {{0}};
    struct cw_chain_key key;
    struct stat st;
    bool found = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int err = CW_ERR_INVALID;

    if (fd < 0)
        return errno == ENOENT ? CW_ERR_NOT_FOUND : CW_ERR_IO;
    if (fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 && read(fd, slots, sizeof slots) > 0)
        err = 0;
    (void)close(fd);
    for (int i = 0; err == 0 && i < SLOT_COUNT; i++) {
        if (!slot_key(slots[i], &key) || (found && key.epoch < ret_key->epoch))
            continue;
        *ret_key = key;
        found = true;
    }
    explicit_bzero(slots, sizeof slots);
    explicit_bzero(&key, sizeof key);
    return err == 0 && !found ? CW_ERR_INVALID : err;
}

static bool write_slot(int fd, unsigned at, const uint8_t *slot)
{
    return pwrite(fd, slot, SLOT_BYTES, (off_t)at * SLOT_BYTES) == SLOT_BYTES && fdatasync(fd) == 0;
}

int cw_key_file_put(const char *path, const struct cw_chain_key *key)
{
    static const uint8_t empty[SLOT_BYTES];
    uint8_t slot[SLOT_BYTES];
    unsigned at = (unsigned)(key->epoch % SLOT_COUNT);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int err = CW_ERR_IO;

    if (fd < 0)
        return CW_ERR_IO;
    slot_of(key, slot);
    if (write_slot(fd, at, slot) && write_slot(fd, (at + 1) % SLOT_COUNT, empty))
        err = 0;
    (void)close(fd);
    explicit_bzero(slot, sizeof slot);
    return err;
}
