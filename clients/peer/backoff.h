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

enum {
    CW_BACKOFF_FIRST_MS = 500,
    CW_BACKOFF_MOST_MS = 60000,
    /* Of who takes part in a session: it can be resumed for 60 s (CW_TIME_SESSION_GRACE_S). */
    CW_BACKOFF_SESSION_MOST_MS = 8000,
    /* The engine said that it restarts: it is back at once, and so are all its clients. */
    CW_BACKOFF_RESTARTING_MS = 1000,
    /* The appliance said that it has too much to do: the first wait is as after so many tries. */
    CW_BACKOFF_OVERLOADED_TRIES = 4,
};

struct cw_backoff {
    unsigned tries; /* since the last success; set to 0 on success */
};

/* random: uniform over all its values. */
uint64_t cw_backoff_next_ns(struct cw_backoff *b, uint32_t random);
/* The same after a close code (enum cw_close_code; OK where none came), waiting at most most_ms. */
uint64_t cw_backoff_after_ns(struct cw_backoff *b, uint16_t code, uint64_t most_ms,
                             uint32_t random);

#endif
