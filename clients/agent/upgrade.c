/* SPDX-License-Identifier: Apache-2.0 */
#include "clients/agent/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clients/agent/exchange.h"
#include "clients/agent/state.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* ---- files ------------------------------------------------------------------------------------ */

/* SHA-256 of what the file has from here on. */
static int hash_file(int fd, uint8_t *out)
{
    uint8_t block[8192];
    unsigned size = 0;
    ssize_t n = -1;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good = c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;
    while (good && (n = read(fd, block, sizeof(block))) > 0)
        good = EVP_DigestUpdate(c, block, (size_t)n) == 1;
    good = good && n == 0 && EVP_DigestFinal_ex(c, out, &size) == 1;
    EVP_MD_CTX_free(c);
    return good ? 0 : CW_ERR_IO;
}

static void forget(struct cw_upgrade *u)
{
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
    u->is_fetching = u->is_ready = false;
    (void)unlink(u->part);
}

void cw_upgrade_fail(struct cw_upgrade *u, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(u->failure, sizeof(u->failure), format, arguments);
    va_end(arguments);
    cw_log(CW_LOG_WARNING, "agent.upgrade", "no upgrade: %s", u->failure);
    forget(u);
}

void cw_upgrade_open(struct cw_upgrade *u, const char *state_dir)
{
    struct utsname name;
    *u = (struct cw_upgrade){.fd = -1};
    ssize_t n = readlink("/proc/self/exe", u->program, sizeof(u->program) - 1);
    u->program[n > 0 ? n : 0] = '\0';
    if (uname(&name) == 0)
        snprintf(u->machine, sizeof(u->machine), "%.15s", name.machine);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || hash_file(fd, u->own_sha256) != 0)
        u->program[0] = '\0';
    if (fd >= 0)
        close(fd);
    if (snprintf(u->part, sizeof(u->part), "%s/" CW_STATE_PART_FILE, state_dir) >=
        (int)sizeof(u->part))
        u->program[0] = '\0';
}

void cw_upgrade_close(struct cw_upgrade *u)
{
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
}

void cw_upgrade_describe(const struct cw_upgrade *u, json_t *report)
{
    if (u->program[0] == '\0')
        return;
    json_object_set_new(report, "program", cw_json_base64(u->own_sha256, sizeof(u->own_sha256)));
    json_object_set_new(report, "machine", json_string(u->machine));
}

void cw_upgrade_tidy(const struct cw_upgrade *u)
{
    char path[CW_UPGRADE_PATH_BYTES + 8];
    uint8_t hash[CW_PROGRAM_HASH_BYTES];
    snprintf(path, sizeof(path), "%s.new", u->program);
    (void)unlink(path);
    int fd = open(u->part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (pread(fd, hash, sizeof(hash), 0) == (ssize_t)sizeof(hash) &&
        memcmp(hash, u->own_sha256, sizeof(hash)) == 0)
        (void)unlink(u->part); /* this program is what was fetched */
    close(fd);
}

/* ---- the order -------------------------------------------------------------------------------- */

/* Goes on where an earlier part of the same program ends. */
static int open_part(struct cw_upgrade *u)
{
    uint8_t hash[CW_PROGRAM_HASH_BYTES];
    struct stat st;
    u->fd = open(u->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (u->fd < 0 || fstat(u->fd, &st) != 0)
        return CW_ERR_IO;
    bool is_same = pread(u->fd, hash, sizeof(hash), 0) == (ssize_t)sizeof(hash) &&
                   memcmp(hash, u->offer.sha256, sizeof(hash)) == 0 &&
                   (uint64_t)st.st_size <= sizeof(hash) + u->offer.size;
    if (!is_same && (ftruncate(u->fd, 0) != 0 ||
                     pwrite(u->fd, u->offer.sha256, sizeof(hash), 0) != (ssize_t)sizeof(hash)))
        return CW_ERR_IO;
    u->have = is_same ? (uint64_t)st.st_size - sizeof(hash) : 0;
    u->asked = u->have;
    return 0;
}

static void check_whole(struct cw_upgrade *u)
{
    uint8_t hash[CW_PROGRAM_HASH_BYTES];
    if (u->have < u->offer.size)
        return;
    u->is_fetching = false;
    if (lseek(u->fd, sizeof(hash), SEEK_SET) < 0 || hash_file(u->fd, hash) != 0)
        cw_upgrade_fail(u, "What was fetched cannot be read: %s.", strerror(errno));
    else if (memcmp(hash, u->offer.sha256, sizeof(hash)) != 0)
        cw_upgrade_fail(u, "What was fetched is not the program that was offered.");
    else
        u->is_ready = true;
}

void cw_upgrade_order(struct cw_upgrade *u, const struct cw_order *order,
                      const uint8_t *control_key)
{
    const struct cw_program_offer offer = order->offer;
    if (!order->has_offer) {
        cw_upgrade_fail(u, "The order makes no sense to this program.");
        return;
    }
    if ((u->is_fetching || u->is_ready) && memcmp(&offer, &u->offer, sizeof(offer)) == 0)
        return;
    cw_upgrade_close(u);
    u->is_fetching = u->is_ready = false;
    u->offer = offer;
    if (control_key == NULL || cw_program_offer_verify(&offer, control_key, order->signature) != 0)
        cw_upgrade_fail(
            u, "The order has no signature of the appliance that this computer is enrolled at.");
    else if (u->program[0] == '\0')
        cw_upgrade_fail(u, "This program cannot find its own file.");
    else if (strcmp(offer.machine, u->machine) != 0)
        cw_upgrade_fail(u, "The program is for %s, this computer is %s.", offer.machine,
                        u->machine);
    else if (memcmp(offer.sha256, u->own_sha256, sizeof(offer.sha256)) == 0)
        return; /* it runs already; the next report says so */
    else if (cw_probation_refuses(&u->probation, offer.sha256))
        cw_upgrade_fail(u, "%s", u->probation.why);
    else if (open_part(u) != 0)
        cw_upgrade_fail(u, "Cannot write \"%s\": %s.", u->part, strerror(errno));
    else {
        cw_log(CW_LOG_INFO, "agent.upgrade", "version %s is fetched", offer.version);
        u->is_fetching = true;
        check_whole(u);
    }
}

/* ---- pieces ----------------------------------------------------------------------------------- */

bool cw_upgrade_next(struct cw_upgrade *u, uint64_t *ret_offset)
{
    if (!u->is_fetching || u->asked >= u->offer.size ||
        u->asked - u->have >= (uint64_t)CW_UPGRADE_PIECES_MAX * CW_PROGRAM_PIECE_BYTES)
        return false;
    *ret_offset = u->asked;
    u->asked += CW_PROGRAM_PIECE_BYTES;
    return true;
}

void cw_upgrade_ask_again(struct cw_upgrade *u)
{
    u->asked = u->have;
}

void cw_upgrade_take(struct cw_upgrade *u, const uint8_t *payload, size_t size)
{
    uint64_t offset = 0;
    if (!u->is_fetching || size < 8)
        return;
    for (unsigned i = 0; i < 8; i++)
        offset |= (uint64_t)payload[i] << (8 * i);
    size -= 8;
    if (offset != u->have)
        return; /* of an earlier order */
    if (size == 0) {
        /* Not offered any more: the appliance orders again what it wants. */
        cw_upgrade_close(u);
        u->is_fetching = false;
        return;
    }
    if (size > u->offer.size - u->have ||
        (size < CW_PROGRAM_PIECE_BYTES && size != u->offer.size - u->have)) {
        cw_upgrade_fail(u, "A piece of the program has the wrong size.");
        return;
    }
    if (pwrite(u->fd, payload + 8, size, (off_t)(CW_PROGRAM_HASH_BYTES + offset)) !=
        (ssize_t)size) {
        cw_upgrade_fail(u, "Cannot write \"%s\": %s.", u->part, strerror(errno));
        return;
    }
    u->have += size;
    check_whole(u);
}
