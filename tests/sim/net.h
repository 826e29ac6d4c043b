/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/net.h - a seeded network in memory: struct cw_io for N workers, and endpoints for the test.
 *
 * Owner:     the test owns the network; ends live until cw_net_end_free, a worker's struct cw_io until
 *            ops->free or cw_net_free.
 * Thread:    one, for everything.
 * Units:     bytes, ns. The clock starts at CW_NET_EPOCH_NS and moves only in cw_net_step.
 * Errors:    as engine/io.h; misuse by the code under test (a buffer returned twice, a second send in
 *            flight, a request on a socket that is gone) stops the process with a reason.
 * Limits:    CW_NET_PATH_BYTES; the rest is in struct cw_net_options.
 * Invariant: the same seed and the same calls give the same history (cw_net_hash).
 *
 * Like TCP: nothing is lost or reordered inside a connection; it arrives late, in other pieces, or the
 * connection is reset. ops->wait never moves the clock: it returns what is due now and notes its deadline.
 * A simulation is a loop of: step each worker with its own deadline, let each end read and write,
 * cw_net_step. The bytes of a send are read when it completes, so a caller that frees them early is
 * caught by the address sanitizer; received buffers are overwritten when they are returned.
 */
#ifndef CW_TESTS_SIM_NET_H
#define CW_TESTS_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/io.h"

enum { CW_NET_PATH_BYTES = 108, CW_NET_ANY_WORKER = -1 };
#define CW_NET_EPOCH_NS     UINT64_C(1000000000)
#define CW_NET_EPOCH_UNIX_S UINT64_C(1800000000) /* now_unix_s at CW_NET_EPOCH_NS */

struct cw_net;
struct cw_net_end;

struct cw_net_options {
    uint64_t seed;
    unsigned workers;
    unsigned sockets_max;  /* a worker; 0: 1,024 */
    unsigned recv_buffers; /* a worker, of 16 KB; 0: 64 */
    uint64_t delay_min_ns; /* a direction, each segment */
    uint64_t delay_max_ns;
    unsigned
        short_permille; /* chance that a write is cut, a send taken in part, a read given in part */
    unsigned reset_ppm; /* chance, each segment sent on a TCP connection, that it is reset */
    unsigned window_bytes; /* unread bytes a direction holds before the sender waits; 0: 256 KB */
};

/* CW_ERR_NOMEM. */
int cw_net_new(const struct cw_net_options *options, struct cw_net **ret_net);
struct cw_net *cw_net_free(struct cw_net *net);
/* Worker's backend; its listeners are any numbers below 8. A worker that was freed (a restart) gets a
 * new one. */
struct cw_io *cw_net_io(struct cw_net *net, unsigned worker);

uint64_t cw_net_now_ns(const struct cw_net *net);
/* Moves the clock to the next thing that happens: an arrival, a delayed completion, the deadline a worker
 * waits for, or limit_ns, whichever is first; not at all if something is due already. Returns the time. */
uint64_t cw_net_step(struct cw_net *net, uint64_t limit_ns);
/* Of every completion and every read of an end so far. */
uint64_t cw_net_hash(const struct cw_net *net);
/* Seeded numbers for the test itself: 0 <= result < below. */
uint64_t cw_net_random(struct cw_net *net, uint64_t below);
/* Changes reset_ppm, from now on (0 to let a simulation settle). */
void cw_net_set_reset_ppm(struct cw_net *net, unsigned reset_ppm);

enum cw_net_state {
    CW_NET_OPEN,     /* also while the connection is still being made */
    CW_NET_FINISHED, /* the other side has sent FIN, and everything before it was read */
    CW_NET_RESET,    /* by the other side, by the network, or refused */
};

/* Connects from address (18 bytes, may be NULL) to a listener. worker: or CW_NET_ANY_WORKER, a seeded
 * choice as SO_REUSEPORT makes. It is accepted when that worker accepts; a worker without a backend
 * (freed) resets it. Never NULL. */
struct cw_net_end *cw_net_connect(struct cw_net *net, int worker, uint16_t listener,
                                  const uint8_t *address);
/* Sends; returns the bytes taken, 0 when the window is full or the connection is over. */
size_t cw_net_end_write(struct cw_net_end *end, const void *data, size_t size);
/* Receives what has arrived; 0: nothing now, see the state. */
size_t cw_net_end_read(struct cw_net_end *end, void *out, size_t size);
enum cw_net_state cw_net_end_state(const struct cw_net_end *end);
/* Bytes written and not yet taken by the other side's reader. */
size_t cw_net_end_unread(const struct cw_net_end *end);
/* Sends FIN; reading goes on. */
void cw_net_end_shutdown(struct cw_net_end *end);
void cw_net_end_reset(struct cw_net_end *end);
/* While stalled, reads give nothing, so the window fills. */
void cw_net_end_stall(struct cw_net_end *end, bool stalled);
/* While cut, nothing arrives in either direction: a pulled cable. */
void cw_net_end_cut(struct cw_net_end *end, bool cut);
/* Resets if still open; NULL is allowed; gives NULL. */
struct cw_net_end *cw_net_end_free(struct cw_net_end *end);

/* In-process servers for connect_unix. Without one, or after close, connects are refused. */
void cw_net_unix_listen(struct cw_net *net, const char *path);
void cw_net_unix_close(struct cw_net *net, const char *path);
/* The next connection waiting, or NULL. */
struct cw_net_end *cw_net_unix_accept(struct cw_net *net, const char *path);

/* The disk that all workers of the network make their files on. It outlives them. */
enum { CW_NET_FILE_NAME_BYTES = 256 };

/* What goes wrong with it; all zero, as at the start: nothing, and requests end within 50 us. */
struct cw_net_disk {
    unsigned short_permille; /* chance that a write is taken in part */
    unsigned fail_permille;  /* chance of EIO, of a write or a sync */
    bool is_limited;
    uint64_t room_bytes; /* is_limited: bytes written from now on until ENOSPC */
    uint64_t delay_min_ns;
    uint64_t delay_max_ns; /* of each request; 0: 50 us */
};
void cw_net_disk_set(struct cw_net *net, const struct cw_net_disk *disk);
/* The machine loses power; no worker has a backend then. Of what was written since a file's last sync a
 * prefix stays, which may end within a write; a file that never was synced may be gone. */
void cw_net_disk_crash(struct cw_net *net);
/* Contents, until the next write; NULL: there is no such file. */
const uint8_t *cw_net_file(const struct cw_net *net, const char *name, size_t *ret_size);
/* Names in the order they were made; NULL: index is past the last. */
const char *cw_net_file_name(const struct cw_net *net, unsigned index);

/* Makes OpenSSL's random numbers a function of seed for the rest of the process, so that TLS inside a
 * simulation is repeatable. Never linked into a program that ships. */
void cw_net_seed_openssl(uint64_t seed);

#endif
