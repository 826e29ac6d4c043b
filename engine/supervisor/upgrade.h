/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/upgrade.h - another engine takes over from the one that runs, on the same listening sockets.
 *
 * Owner:     the supervisor. The engine child in the supervisor's list is always the one that is to run from now on.
 * Thread:    the supervisor's only; nothing blocks.
 * Units:     ns, monotonic.
 * Errors:    cw_upgrade_begin: CW_ERR_*, with a sentence for the operator; nothing has changed then.
 * Limits:    CW_UPGRADE_*_NS.
 * Invariant: until the new engine has said "ready" the old one is not touched; from then on one of them runs, or is
 *            started.
 *
 *   IDLE --cw_upgrade_begin--> STARTING --new says "ready"--> CHANGING --old says "quiet", or has ended--> GOING
 *        --new says "accepting"--> IDLE
 *   STARTING --new says "error ...", ends, or takes too long--> IDLE; the old one goes on
 *
 * The talk: each engine has one end of a socket pair, a line each way. engine: "ready", "error TEXT", "quiet",
 * "accepting";
 * supervisor: "go". An old engine is told by SIGUSR2.
 */
#ifndef CW_ENGINE_SUPERVISOR_UPGRADE_H
#define CW_ENGINE_SUPERVISOR_UPGRADE_H

#include <stdbool.h>

#include "engine/base/config.h"
#include "engine/supervisor/caller.h"
#include "engine/supervisor/child.h"

#define CW_UPGRADE_READY_NS  UINT64_C(20000000000) /* keys, rings and pools of a large machine */
#define CW_UPGRADE_QUIET_NS  UINT64_C(3000000000)  /* the old one's last messages to control */
#define CW_UPGRADE_ACCEPT_NS UINT64_C(5000000000)  /* the new one's link to control */
#define CW_UPGRADE_LEAVE_NS  UINT64_C(15000000000) /* pages that the old one still answers */

enum cw_upgrade_state {
    CW_UPGRADE_IDLE,
    CW_UPGRADE_STARTING,
    CW_UPGRADE_CHANGING,
    CW_UPGRADE_GOING,
};

enum { CW_ENVIRONMENT_BYTES = 4096 };

/* What never changes while the supervisor runs. */
struct cw_upgrade_setup {
    const struct cw_config *config;
    const struct cw_identity *identity;
    const char *config_path;
    struct cw_listen_set *https; /* grows when there are to be more workers */
    struct cw_listen_set *http;
    const char *program;      /* the installed engine */
    unsigned workers_default; /* as the configuration says */
};

struct cw_upgrade {
    const struct cw_upgrade_setup *setup;
    enum cw_upgrade_state state;
    struct cw_child next;    /* STARTING, CHANGING */
    struct cw_child leaving; /* the old one, while it answers its last pages */
    uint64_t begun_ns;
    uint64_t changed_ns; /* when the old one was told */
    uint64_t until_ns;   /* of the state */
    unsigned workers;
    bool is_answered; /* there is an answer that nobody has fetched */
    bool is_done;
    char answer[400];
    char why[300];                             /* the new one's "error ..." */
    char programs[2][CW_ORDER_PATH_BYTES_MAX]; /* of the engine and of the next one, by turns */
    char environments[2][CW_ENVIRONMENT_BYTES];
    unsigned turn;
};

/* "CAUSEWAY_LISTEN=https=3,4 http=5,6 workers=2" */
int cw_upgrade_environment(const struct cw_listen_set *https, const struct cw_listen_set *http,
                           unsigned workers, char *out, size_t size);

int cw_upgrade_begin(struct cw_upgrade *u, struct cw_child *engine,
                     const struct cw_upgrade_order *order, uint64_t now_ns, char *message,
                     size_t message_size);
/* One of the three has said something. */
void cw_upgrade_on_talk(struct cw_upgrade *u, struct cw_child *engine, struct cw_child *from,
                        uint64_t now_ns);
/* pid has ended: true when it was the next or the leaving one, which nobody starts again. */
bool cw_upgrade_on_death(struct cw_upgrade *u, struct cw_child *engine, pid_t pid, const char *how,
                         uint64_t now_ns);
/* The engine of the list has ended while CHANGING: the next one takes its place. True then. */
bool cw_upgrade_takes_over(struct cw_upgrade *u, struct cw_child *engine, uint64_t now_ns);
void cw_upgrade_tick(struct cw_upgrade *u, struct cw_child *engine, uint64_t now_ns);
/* When tick has something to do; 0: never. */
uint64_t cw_upgrade_due_ns(const struct cw_upgrade *u);
/* Everything ends: the next one is forgotten, the leaving one gets the signal too. */
void cw_upgrade_signal(const struct cw_upgrade *u, int signal_number);

#endif
