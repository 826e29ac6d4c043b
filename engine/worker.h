/* SPDX-License-Identifier: Apache-2.0 */
/* engine/worker.h - one thread's whole relay: listeners, connections, sessions and the control link.
 *
 * Owner:     main makes one a core and frees it after its thread has ended. The worker borrows
 *            everything in its config and never frees it.
 * Thread:    step, from one thread; stop, restart and is_*, from any; new and free with no thread running.
 * Units:     ns (monotonic).
 * Errors:    cw_worker_new: CW_ERR_NOMEM, CW_ERR_FULL (no slot in the backend), CW_ERR_INVALID.
 * Limits:    engine/limits.h and engine/relay_limits.h; nothing is allocated after cw_worker_new but OpenSSL's
 *            own objects.
 * Invariant: a connection, a session and a frame belong to exactly one worker.
 */
#ifndef CW_ENGINE_WORKER_H
#define CW_ENGINE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/io.h"
#include "engine/mailbox.h"
#include "engine/record.h"
#include "engine/tls.h"
#include "engine/wire/setting.h"

struct cw_penalties;

enum { CW_LISTENER_NONE = 0xFFFF };

/* What the process and the calling worker use; the operating system knows. */
struct cw_usage {
    uint64_t started_unix_s;
    uint64_t resident_bytes;
    uint64_t cpu_us;        /* of the process */
    uint64_t worker_cpu_us; /* of the calling thread */
};

struct cw_worker_config {
    struct cw_io *io;
    struct cw_tls_context *tls;
    unsigned index; /* 0 .. count-1 */
    unsigned count;
    struct cw_mailbox *const *mailboxes; /* one a worker; this worker pops mailboxes[index] */
    struct cw_io *const *ios;            /* one a worker, for wake() */
    uint16_t https_listener;             /* numbers known to io */
    uint16_t http_listener;              /* CW_LISTENER_NONE: there is none */
    uint16_t listener_count;             /* of each kind, numbered from the first; 0: one */
    bool
        accepts_when_linked; /* the first second waits for control: who comes then is not sent away */
    const char *link_path;
    const char *web_path;
    /* "https://a:8443 https://b", space between; the first is for links. */
    const char *public_origin;
    uint64_t engine_instance;                  /* differs at each start of the engine */
    unsigned connections_max;                  /* 0: CW_RELAY_CONNECTIONS_MAX */
    void (*usage)(struct cw_usage *ret_usage); /* for STATUS, on the worker's thread; NULL: zeros */
    struct cw_penalties *penalties; /* shared by all workers; NULL: this one has its own */
    const struct cw_setting_values *settings; /* at the start; NULL: the defaults */
    struct cw_record_config record;
};

struct cw_worker;

int cw_worker_new(const struct cw_worker_config *config, struct cw_worker **ret_worker);
/* Waits for work until deadline_ns at most (0: does not wait), does it, and returns; false once stopped
 * and every connection is closed. */
bool cw_worker_step(struct cw_worker *w, uint64_t deadline_ns);
/* Participants are told SHUTTING_DOWN, what is queued goes out for a moment, then everything closes. */
void cw_worker_stop(struct cw_worker *w);
/* Another engine is about to take over: nobody new is accepted, whoever comes waits in the listening sockets. All do so
 * before the first is told to restart: who is sent away by one does not come to the next that is about to go. */
void cw_worker_hold(struct cw_worker *w);
/* Another engine takes over: participants are told RESTARTING, pages under way are finished. It is quiet once
 * control has
 * heard everything it was owed; then the other one may begin. */
void cw_worker_restart(struct cw_worker *w);
bool cw_worker_is_quiet(const struct cw_worker *w);
bool cw_worker_is_accepting(const struct cw_worker *w);
/* NULL is allowed; gives NULL. */
struct cw_worker *cw_worker_free(struct cw_worker *w);

#endif
