/* SPDX-License-Identifier: Apache-2.0 */
#include "control/store/store_checkpoint.h"

#include "control/limits.h"

static int note_commit(void *arg, sqlite3 *db, const char *name, int log_pages)
{
    struct cw_checkpointer *k = arg;

    (void)db;
    (void)name;
    k->log_pages = log_pages;
    return SQLITE_OK;
}

void cw_checkpointer_watch(struct cw_checkpointer *k, sqlite3 *db, const char *path)
{
    k->path = path;
    k->log_pages = 0;
    /* In the place of SQLite's automatic checkpoints, which are such a hook. */
    (void)sqlite3_wal_hook(db, note_commit, k);
}

/* Neither waits for anybody nor makes anybody wait. */
static void copy_log(sqlite3 *db)
{
    (void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static void *checkpoint_main(void *arg)
{
    struct cw_checkpointer *k = arg;
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(k->path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        /* What is synced here need not be by the state thread. */
        (void)sqlite3_exec(db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
        copy_log(db);
    }
    sqlite3_close(db);
    atomic_store(&k->is_done, true);
    return NULL;
}

void cw_checkpointer_tick(struct cw_checkpointer *k, sqlite3 *db)
{
    if (k->is_running) {
        if (!atomic_load(&k->is_done))
            return;
        cw_checkpointer_end(k);
        k->log_pages = 0;
        copy_log(db);
        return;
    }
    if (k->log_pages < CW_STORE_LOG_PAGES)
        return;
    atomic_store(&k->is_done, false);
    k->is_running = pthread_create(&k->thread, NULL, checkpoint_main, k) == 0;
    if (!k->is_running)
        copy_log(db);
}

void cw_checkpointer_end(struct cw_checkpointer *k)
{
    if (k->is_running)
        (void)pthread_join(k->thread, NULL);
    k->is_running = false;
}
