/* SPDX-License-Identifier: Apache-2.0 */
/* engine/io_uring_file.c - files of the backend: made here, written and synced through the ring. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/err.h"
#include "engine/io_uring.h"

static void put_free(struct uring *u, struct uring_file *f)
{
    f->descriptor = -1;
    f->next = u->files_first;
    u->files_first = (uint32_t)(f - u->files);
}

int uring_files_new(struct uring *u)
{
    u->files_first = URING_NOBODY;
    if (u->directory < 0)
        return CW_OK;
    u->files = calloc(URING_FILES_MAX, sizeof(*u->files));
    if (u->files == NULL)
        return CW_ERR_NOMEM;
    for (unsigned i = URING_FILES_MAX; i > 0; i--)
        put_free(u, &u->files[i - 1]);
    return CW_OK;
}

void uring_files_free(struct uring *u)
{
    for (unsigned i = 0; u->files != NULL && i < URING_FILES_MAX; i++)
        if (u->files[i].descriptor >= 0)
            close(u->files[i].descriptor);
    free(u->files);
}

void uring_files_finish(struct uring *u)
{
    struct cw_io_completion ignored;
    struct io_uring_cqe *cqe;
    struct io_uring *ring = u->ring_count > 0 ? &u->rings[0]->ring : NULL;
    /* From another thread it fails: the worker's has ended, and the kernel let that happen after the last. */
    while (u->files_busy > 0 && io_uring_submit_and_wait(ring, 1) >= 0) {
        while (io_uring_peek_cqe(ring, &cqe) == 0) {
            if ((cqe->user_data & 0xff) == URING_KIND_FILE)
                (void)uring_file_on_done(u, (uint32_t)(cqe->user_data >> 8), cqe->res, &ignored);
            io_uring_cqe_seen(ring, cqe);
        }
    }
}

static uint32_t number_of(const struct uring *u, const struct uring_file *f)
{
    return (uint32_t)f->generation << CW_IO_INDEX_BITS | (uint32_t)(f - u->files);
}

static struct uring_file *find(struct uring *u, cw_file number)
{
    uint32_t index = number & URING_INDEX_MASK;
    if (u->files == NULL || index >= URING_FILES_MAX)
        return NULL;
    struct uring_file *f = &u->files[index];
    return f->descriptor >= 0 && f->generation == number >> CW_IO_INDEX_BITS ? f : NULL;
}

static int open_error(int err)
{
    switch (err) {
    case EEXIST: return CW_ERR_CONFLICT;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT: return CW_ERR_FULL;
    case EACCES:
    case EPERM:
    case EROFS: return CW_ERR_DENIED;
    case ENAMETOOLONG: return CW_ERR_INVALID;
    default: return CW_ERR_IO;
    }
}

int uring_file_create(struct cw_io *io, const char *name, cw_file *ret_file)
{
    struct uring *u = uring_of(io);
    if (u->files == NULL)
        return CW_ERR_STATE;
    if (name[0] == 0 || strchr(name, '/') != NULL)
        return CW_ERR_INVALID;
    if (u->files_first == URING_NOBODY)
        return CW_ERR_FULL;
    int descriptor =
        openat(u->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (descriptor < 0)
        return open_error(errno);
    struct uring_file *f = &u->files[u->files_first];
    u->files_first = f->next;
    *f = (struct uring_file){
        .descriptor = descriptor,
        .generation = f->generation < CW_IO_GENERATION_MAX ? f->generation + 1 : 1,
    };
    *ret_file = number_of(u, f);
    return CW_OK;
}

int uring_file_write(struct cw_io *io, cw_file number, const struct iovec *iov, unsigned count,
                     uint64_t offset)
{
    struct uring *u = uring_of(io);
    struct uring_file *f = find(u, number);
    if (f == NULL || f->is_closing)
        return CW_ERR_STATE;
    CW_CHECK(!f->is_busy, "one request is in flight a file");
    CW_CHECK(count > 0 && count <= CW_IO_IOV_MAX, "a write has 1 to CW_IO_IOV_MAX pieces");
    struct io_uring_sqe *sqe;
    if (count == 1) {
        CW_CHECK(iov->iov_len <= INT32_MAX, "a write's result is an int32_t");
        sqe = uring_sqe(u->rings[0], URING_KIND_FILE, number);
        io_uring_prep_write(sqe, f->descriptor, iov->iov_base, (unsigned)iov->iov_len, offset);
    } else {
        struct uring_staging *staging = uring_stage(u);
        memcpy(staging->iov, iov, count * sizeof(*iov));
        sqe = uring_sqe(u->rings[0], URING_KIND_FILE, number);
        io_uring_prep_writev(sqe, f->descriptor, staging->iov, count, offset);
    }
    f->is_busy = true;
    u->files_busy++;
    return CW_OK;
}

int uring_file_sync(struct cw_io *io, cw_file number)
{
    struct uring *u = uring_of(io);
    struct uring_file *f = find(u, number);
    if (f == NULL || f->is_closing)
        return CW_ERR_STATE;
    CW_CHECK(!f->is_busy, "one request is in flight a file");
    struct io_uring_sqe *sqe = uring_sqe(u->rings[0], URING_KIND_FILE, number);
    io_uring_prep_fsync(sqe, f->descriptor, IORING_FSYNC_DATASYNC);
    f->is_busy = true;
    u->files_busy++;
    return CW_OK;
}

static void end(struct uring *u, struct uring_file *f)
{
    close(f->descriptor);
    put_free(u, f);
}

void uring_file_close(struct cw_io *io, cw_file number)
{
    struct uring *u = uring_of(io);
    struct uring_file *f = find(u, number);
    if (f == NULL)
        return;
    f->is_closing = true;
    if (!f->is_busy)
        end(u, f);
}

bool uring_file_on_done(struct uring *u, uint32_t number, int32_t result,
                        struct cw_io_completion *c)
{
    struct uring_file *f = find(u, number);
    CW_CHECK(f != NULL && f->is_busy, "a file is not freed while a request names it");
    f->is_busy = false;
    u->files_busy--;
    if (f->is_closing) {
        end(u, f);
        return false;
    }
    *c = (struct cw_io_completion){.op = CW_IO_FILE, .socket = number, .result = result};
    return true;
}
