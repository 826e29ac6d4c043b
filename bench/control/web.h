/* SPDX-License-Identifier: Apache-2.0 */
/* bench/control/web.h - many callers of control's HTTPS API at once, as the engine pipes them to web.sock.
 *
 * Owner:     web_run's caller; one run at a time.
 * Thread:    one.
 * Units:     microseconds, seconds.
 * Errors:    negative: errno is set, or message says what control answered.
 * Invariant: an answer that is not 200 ends the run: a benchmark that did no work has no figure.
 */
#ifndef CW_BENCH_CONTROL_WEB_H
#define CW_BENCH_CONTROL_WEB_H

#include <stddef.h>
#include <stdint.h>

enum { WEB_PATH_BYTES = 256, WEB_BODY_BYTES = 512 };

struct worker;

struct web_plan {
    const char *socket;
    const char *origin;
    const char *cookie; /* "__Host-causeway=..." */
    unsigned clients;
    double
        rate; /* requests a second in all; 0: each client asks again as soon as it was answered */
    double warm_up_s;
    double seconds;
    void *user;
    /* Writes the nth request; returns its method. body may stay empty. */
    const char *(*make)(void *user, uint64_t nth, char path[WEB_PATH_BYTES],
                        char body[WEB_BODY_BYTES]);
    struct worker *worker; /* plays the engine meanwhile; NULL: nobody does */
};

struct web_result {
    uint64_t answers; /* all of them 200, after the warm-up */
    double seconds;
    double p50_ms;
    double p99_ms;
    double longest_ms;
    char message[512];
};

int web_run(const struct web_plan *plan, struct web_result *ret);

#endif
