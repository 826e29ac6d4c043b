/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/control/faulty_vfs.h - SQLite's own files, whose writes fail when a test says so.
 *
 * faulty_install before the store is opened. faulty_after(n) lets n writes, syncs or truncations pass; then each fails
 * with faulty_code until faulty_after(-1). */
#ifndef CW_TESTS_UNIT_CONTROL_FAULTY_VFS_H
#define CW_TESTS_UNIT_CONTROL_FAULTY_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *faulty_real;
static sqlite3_vfs faulty_vfs;
static int faulty_left = -1; /* operations that succeed still; -1: all */
static int faulty_code = SQLITE_FULL;
static unsigned long faulty_seen; /* operations since faulty_after */

static inline void faulty_after(int count)
{
    faulty_left = count;
    faulty_seen = 0;
}

static inline bool faulty_fails(void)
{
    faulty_seen++;
    if (faulty_left > 0)
        faulty_left--;
    else if (faulty_left == 0)
        return true;
    return false;
}

static inline sqlite3_file *faulty_of(sqlite3_file *f)
{
    return ((struct faulty_file *)(void *)f)->real;
}

static inline int faulty_close(sqlite3_file *f)
{
    return faulty_of(f)->pMethods->xClose(faulty_of(f));
}
static inline int faulty_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return faulty_of(f)->pMethods->xRead(faulty_of(f), to, n, at);
}
static inline int faulty_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    return faulty_fails() ? faulty_code : faulty_of(f)->pMethods->xWrite(faulty_of(f), from, n, at);
}
static inline int faulty_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return faulty_fails() ? SQLITE_IOERR_TRUNCATE
                          : faulty_of(f)->pMethods->xTruncate(faulty_of(f), size);
}
static inline int faulty_sync(sqlite3_file *f, int flags)
{
    return faulty_fails() ? SQLITE_IOERR_FSYNC : faulty_of(f)->pMethods->xSync(faulty_of(f), flags);
}
static inline int faulty_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    return faulty_of(f)->pMethods->xFileSize(faulty_of(f), ret);
}
static inline int faulty_lock(sqlite3_file *f, int lock)
{
    return faulty_of(f)->pMethods->xLock(faulty_of(f), lock);
}
static inline int faulty_unlock(sqlite3_file *f, int lock)
{
    return faulty_of(f)->pMethods->xUnlock(faulty_of(f), lock);
}
static inline int faulty_check(sqlite3_file *f, int *ret)
{
    return faulty_of(f)->pMethods->xCheckReservedLock(faulty_of(f), ret);
}
static inline int faulty_control(sqlite3_file *f, int what, void *arg)
{
    return faulty_of(f)->pMethods->xFileControl(faulty_of(f), what, arg);
}
static inline int faulty_sector(sqlite3_file *f)
{
    return faulty_of(f)->pMethods->xSectorSize(faulty_of(f));
}
static inline int faulty_traits(sqlite3_file *f)
{
    return faulty_of(f)->pMethods->xDeviceCharacteristics(faulty_of(f));
}
static inline int faulty_shm_map(sqlite3_file *f, int page, int size, int extend,
                                 void volatile **ret)
{
    return faulty_of(f)->pMethods->xShmMap(faulty_of(f), page, size, extend, ret);
}
static inline int faulty_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return faulty_of(f)->pMethods->xShmLock(faulty_of(f), at, n, flags);
}
static inline void faulty_shm_barrier(sqlite3_file *f)
{
    faulty_of(f)->pMethods->xShmBarrier(faulty_of(f));
}
static inline int faulty_shm_unmap(sqlite3_file *f, int remove_it)
{
    return faulty_of(f)->pMethods->xShmUnmap(faulty_of(f), remove_it);
}

static inline int faulty_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags,
                              int *ret_flags)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = faulty_close,
        .xRead = faulty_read,
        .xWrite = faulty_write,
        .xTruncate = faulty_truncate,
        .xSync = faulty_sync,
        .xFileSize = faulty_size,
        .xLock = faulty_lock,
        .xUnlock = faulty_unlock,
        .xCheckReservedLock = faulty_check,
        .xFileControl = faulty_control,
        .xSectorSize = faulty_sector,
        .xDeviceCharacteristics = faulty_traits,
        .xShmMap = faulty_shm_map,
        .xShmLock = faulty_shm_lock,
        .xShmBarrier = faulty_shm_barrier,
        .xShmUnmap = faulty_shm_unmap,
    };
    struct faulty_file *file = (struct faulty_file *)(void *)f;
    int rc = 0;

    (void)vfs;
    file->real = (sqlite3_file *)(void *)(file + 1);
    rc = faulty_real->xOpen(faulty_real, name, file->real, flags, ret_flags);
    file->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

static inline void faulty_install(void)
{
    if (faulty_real != NULL)
        return;
    faulty_real = sqlite3_vfs_find(NULL);
    faulty_vfs = *faulty_real;
    faulty_vfs.zName = "faulty";
    faulty_vfs.szOsFile = faulty_real->szOsFile + (int)sizeof(struct faulty_file);
    faulty_vfs.xOpen = faulty_open;
    sqlite3_vfs_register(&faulty_vfs, 1);
}

#endif
