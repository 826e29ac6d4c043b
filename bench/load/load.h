/* SPDX-License-Identifier: Apache-2.0 */
/* bench/load/load.h - what a scenario is, what one load process has, and what it counts.
 *
 * The first process reads the options, plays control where that is wanted, samples the relay and prints. Each
 * other process runs the scenario on its share: session or connection number i belongs to process i % processes.
 *
 * Owner:     cw_shared lies in memory that all processes map; a cw_tally has one writer, its process.
 * Thread:    one a process.
 * Units:     in the names; times are CLOCK_MONOTONIC.
 * Invariant: the phase only grows; counts are taken in CW_PHASE_MEASURE but for connections.
 */
#ifndef CW_BENCH_LOAD_LOAD_H
#define CW_BENCH_LOAD_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/load/control.h"
#include "bench/load/endpoint.h"
#include "bench/load/growth.h"
#include "bench/load/histogram.h"
#include "bench/load/pipe.h"
#include "bench/load/report.h"

enum { CW_LOAD_PROCESSES_MAX = 64, CW_LOAD_PIDS_MAX = 16 };

enum cw_target { CW_TARGET_NONE, CW_TARGET_CAUSEWAY = 1, CW_TARGET_PLAIN = 2 };

struct cw_scenario;
struct cw_options {
    const struct cw_scenario *scenario;
    enum cw_target target;
    struct sockaddr_in to;
    struct in_addr source; /* of the first process; 0: the kernel chooses */
    uint16_t backend_port;
    const char *run_dir;
    const char *congestion;
    const char *json; /* NULL: none; "-": standard output */
    unsigned sessions, viewers, slow, stalled, connections, concurrency, processes, window;
    unsigned size; /* bytes of a message on the wire, header included, before TLS */
    double rate_per_s, connect_rate_per_s, seconds, warm_up_s, hold_s;
    uint32_t first; /* session, device: numbers begin here */
    bool use_hello, use_spin, use_file;
    pid_t pids[CW_LOAD_PIDS_MAX];
    unsigned pid_count;
    struct cw_control_setting settings[CW_CONTROL_SETTINGS_MAX];
    unsigned setting_count;
};

/* SETTLE: what was measured is there still, and may be taken apart. */
enum cw_phase {
    CW_PHASE_CONNECT,
    CW_PHASE_WARM,
    CW_PHASE_MEASURE,
    CW_PHASE_SETTLE,
    CW_PHASE_STOP,
};

enum { CW_LATENCIES = 3 };
struct cw_tally {
    _Atomic unsigned ready;      /* of what the scenario expects */
    _Atomic unsigned is_done;    /* the scenario ends by itself */
    _Atomic unsigned is_settled; /* phase_changed has returned in CW_PHASE_SETTLE */
    _Atomic unsigned failed;     /* error says why; ends the run */
    uint64_t connections;        /* opened: TLS complete */
    uint64_t refused, closed;    /* by the relay */
    uint64_t reconnects, timeouts;
    uint64_t messages, bytes; /* delivered and checked */
    uint64_t sent_messages;
    uint64_t pings;
    uint64_t corrupt, lost;
    uint64_t resyncs; /* keyframes asked for after the first */
    uint64_t loop_busy_ns;
    uint64_t client_end_bytes;   /* kernel memory of one of our own sockets */
    uint64_t outage_ns, back_ns; /* storm: first loss, last return */
    struct cw_histogram latency[CW_LATENCIES];
    char error[200]; /* before failed is set: why the last connection was refused */
};

struct cw_shared {
    _Atomic int phase;
    _Atomic uint64_t outage_ns; /* storm: the first loss anywhere */
    _Atomic unsigned is_calm;   /* churn: nobody dials, and who is there goes */
    struct cw_tally tallies[CW_LOAD_PROCESSES_MAX];
};

/* One load process. */
struct cw_load {
    const struct cw_options *options;
    struct cw_shared *shared;
    struct cw_tally *tally;
    const struct cw_keys *keys;
    unsigned index;
    enum cw_phase phase;
    struct cw_loop loop;
    struct cw_secure secure;
    struct cw_net net;
    void *state; /* the scenario's */
};

/* What the first process measured of the relay during CW_PHASE_MEASURE. */
struct cw_measured {
    double seconds;
    double cpu_s;      /* of the relay's processes; 0 without --pid */
    double own_cpu_s;  /* of the load */
    double connect_s;  /* until everything was ready */
    double idle_bytes; /* the relay's PSS before the first connection */
    double busy_bytes; /* and at the end */
    double idle_slab, busy_slab;
    struct cw_growth growth; /* scenarios that ask for it */
};

struct cw_scenario {
    const char *name;
    const char *summary;
    unsigned targets;    /* enum cw_target */
    bool outlives_relay; /* it goes on when a --pid is gone */
    bool watches_growth; /* the relay's memory is looked at before and after, in a calm */
    /* Fills defaults and checks; false with a message. */
    bool (*prepare)(struct cw_options *o, char *message, size_t message_size);
    unsigned (*expected)(const struct cw_options *o); /* tally.ready of all processes together */
    void (*start)(struct cw_load *l);
    void (*phase_changed)(struct cw_load *l); /* may be NULL */
    /* Once a turn. Returns when it wants to be called at the latest; UINT64_MAX: no matter. */
    uint64_t (*step)(struct cw_load *l, uint64_t now_ns);
    /* False: the row did no work or lost something, and message says what. */
    bool (*report)(const struct cw_options *o, const struct cw_tally *sum,
                   const struct cw_measured *m, struct cw_report *r, char *message,
                   size_t message_size);
};

extern const struct cw_scenario cw_scenario_bulk, cw_scenario_pingpong, cw_scenario_fanout,
    cw_scenario_idle, cw_scenario_handshakes, cw_scenario_storm, cw_scenario_churn,
    cw_scenario_input;

/* Ends the run with an error. */
__attribute__((format(printf, 2, 3))) void cw_load_fail(struct cw_load *l, const char *format, ...);
static inline bool cw_load_counts(const struct cw_load *l)
{
    return l->phase == CW_PHASE_MEASURE;
}
/* This process's share of a total, and the total's number of its i-th. */
unsigned cw_load_share(const struct cw_load *l, unsigned total);
unsigned cw_load_number(const struct cw_load *l, unsigned i);
/* Its share of --concurrency, at least one. */
unsigned cw_load_concurrency(const struct cw_load *l);

#endif
