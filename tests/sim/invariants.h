/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/invariants.h - what must hold inside a worker after every step of a history.
 *
 * Thread:    one.
 * Errors:    a broken invariant stops the process (CW_CHECK).
 */
#ifndef CW_TESTS_SIM_INVARIANTS_H
#define CW_TESTS_SIM_INVARIANTS_H

#include "engine/worker.h"

/* Connections and sessions agree, and no queue is over its limit. */
void cw_sim_check_worker(struct cw_worker *w);
/* A worker that has stopped: nothing is left but sessions in their grace and what they keep. */
void cw_sim_check_stopped(struct cw_worker *w);

#endif
