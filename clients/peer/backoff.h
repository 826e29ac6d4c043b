/* SPDX-License-Identifier: Apache-2.0 */
/* clients/peer/backoff.h - when to try again: exponential with full jitter.
 *
 * Owner:     a value; zero is a fresh one.
 * Thread:    any; pure (the caller gives the randomness).
 * Units:     ns.
 * Limits:    CW_BACKOFF_FIRST_MS doubles up to CW_BACKOFF_MOST_MS; the wait is uniform below that, so
 *            50,000 clients that lost one appliance do not come back in step.
 */
#ifndef CW_CLIENTS_PEER_BACKOFF_H
#define CW_CLIENTS_PEER_BACKOFF_H

#include <stdint.h>

enum { CW_BACKOFF_FIRST_MS = 500, CW_BACKOFF_MOST_MS = 60000 };

struct cw_backoff {
    unsigned tries; /* since the last success; set to 0 on success */
};

uint64_t cw_backoff_next_ns(struct cw_backoff *b, uint32_t random);

#endif
