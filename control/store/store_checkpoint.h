/* SPDX-License-Identifier: Apache-2.0 */
/* control/store/store_checkpoint.h - the write-ahead log goes back into the store beside the state thread.
 *
 * Owner:     struct cw_store has one; cw_checkpointer_end before the store is closed or opened anew.
 * Thread:    the state thread, but for the copying itself: a thread with a connection of its own, one at a time.
 * Errors:    none: what was not copied now is copied later; the log is whole all the while.
 * Limits:    CW_STORE_LOG_PAGES begins one.
 * Invariant: the state thread copies only what was written while the thread copied the rest.
 *
 * SQLite's own way, a checkpoint within the commit that made the log too long, stalls that commit for as long as the
 * disk takes. And while changes never cease, a copy is never complete, and the log would grow: so when the thread is
 * done, the state thread copies the little that came meanwhile, and the next change begins the log anew.
 */
#ifndef CW_CONTROL_STORE_STORE_CHECKPOINT_H
#define CW_CONTROL_STORE_STORE_CHECKPOINT_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

struct cw_checkpointer {
    bool is_running;
    pthread_t thread;
    atomic_bool is_done;
    const char *path;
    int log_pages; /* of the last commit */
};

/* On the connection that writes. */
void cw_checkpointer_watch(struct cw_checkpointer *k, sqlite3 *db, const char *path);
/* Between two changes, ten times a second: what was written since the thread was done is copied by the caller. */
void cw_checkpointer_tick(struct cw_checkpointer *k, sqlite3 *db);
void cw_checkpointer_end(struct cw_checkpointer *k);

#endif
