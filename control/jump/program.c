/* SPDX-License-Identifier: Apache-2.0 */
#include "control/jump/program.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/jump/jump.h"
#include "engine/base/err.h"
#include "engine/base/log.h"

/* Places in an ELF header, and the machines that agents are built for. */
enum { ELF_MACHINE_AT = 18, ELF_HEADER_BYTES = 64, ELF_X86_64 = 62, ELF_AARCH64 = 183 };

void cw_program_hash_text(const uint8_t *sha256, char *out)
{
    for (size_t i = 0; i < CW_SHA256_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", sha256[i]);
}

void cw_program_free(struct cw_program *program)
{
    free(program->bytes);
    *program = (struct cw_program){0};
}

static int read_all(int fd, uint8_t *out, size_t size)
{
    while (size > 0) {
        const ssize_t n = read(fd, out, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CW_ERR_IO;
        out += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Behind what(1)'s mark; digits, letters, dots and hyphens. */
static void find_version(struct cw_program *p)
{
    static const char mark[] = "@(#)causeway-client ";
    const char *at = memmem(p->bytes, p->size, mark, sizeof mark - 1);
    size_t n = 0;

    if (at == NULL)
        return;
    at += sizeof mark - 1;
    const size_t room = p->size - (size_t)((const uint8_t *)at - p->bytes);
    while (n < room && n < sizeof p->version &&
           (isalnum((unsigned char)at[n]) || strchr(".-+~", at[n]) != NULL) && at[n] != '\0')
        n++;
    if (n < sizeof p->version)
        memcpy(p->version, at, n);
}

static int take(struct cw_program *p, int fd, const struct stat *st)
{
    struct cw_program fresh = {.size = (size_t)st->st_size,
                               .file = (uint64_t)st->st_ino,
                               .changed_ns = (uint64_t)st->st_mtim.tv_sec * 1000000000U +
                                             (uint64_t)st->st_mtim.tv_nsec};

    fresh.bytes = malloc(fresh.size);
    if (fresh.bytes == NULL)
        return CW_ERR_NOMEM;
    int err = read_all(fd, fresh.bytes, fresh.size);
    if (err == 0 && memcmp(fresh.bytes, "\177ELF", 4) != 0)
        err = CW_ERR_NOT_FOUND;
    if (err != 0) {
        free(fresh.bytes);
        return err;
    }
    const unsigned machine =
        (unsigned)fresh.bytes[ELF_MACHINE_AT] | (unsigned)fresh.bytes[ELF_MACHINE_AT + 1] << 8;
    snprintf(fresh.machine, sizeof fresh.machine, "%s",
             machine == ELF_X86_64    ? "x86_64"
             : machine == ELF_AARCH64 ? "aarch64"
                                      : "other");
    find_version(&fresh);
    SHA256(fresh.bytes, fresh.size, fresh.sha256);
    cw_program_free(p);
    *p = fresh;
    return 0;
}

static int look(struct cw_program *p, const char *path)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return CW_ERR_NOT_FOUND;
    int err = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= ELF_HEADER_BYTES &&
                      st.st_size <= CW_PROGRAM_BYTES_MAX
                  ? 0
                  : CW_ERR_NOT_FOUND;
    const uint64_t changed_ns =
        err == 0 ? (uint64_t)st.st_mtim.tv_sec * 1000000000U + (uint64_t)st.st_mtim.tv_nsec : 0;
    const bool is_same = err == 0 && p->bytes != NULL && p->file == (uint64_t)st.st_ino &&
                         p->changed_ns == changed_ns && p->size == (size_t)st.st_size;
    if (err == 0 && !is_same)
        err = take(p, fd, &st);
    close(fd);
    return err;
}

int cw_program_look(struct cw_control *c, const struct cw_program **ret_program)
{
    struct cw_program *p = &c->jump->program;
    char path[4096];

    if (c->config.download_dir == NULL || snprintf(path, sizeof path, "%s/causeway-client",
                                                   c->config.download_dir) >= (int)sizeof path)
        return CW_ERR_NOT_FOUND;
    const int err = look(p, path);
    if (err != 0) {
        cw_program_free(p);
        return err;
    }
    *ret_program = p;
    return 0;
}
