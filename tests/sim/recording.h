/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/recording.h - recording in the simulated histories: disk faults, and whether files say what passed.
 *
 * Owner:     the scenario; struct cw_sim_recording lives in it.
 * Thread:    one.
 * Errors:    a broken invariant stops the process (CW_CHECK) with its reason.
 * Limits:    CW_SIM_PARTS_MAX.
 * Invariant: safety at any time: what is in a file passed, in that order, without a hole that is not told; a
 *            session that must be recorded shows nobody what is not in its files. Liveness: once the disk is well,
 *            every session that lives and is to be recorded is, up to the newest picture.
 */
#ifndef CW_TESTS_SIM_RECORDING_H
#define CW_TESTS_SIM_RECORDING_H

#include "engine/record.h"

enum { CW_SIM_PARTS_MAX = 256 };

struct cw_scenario;

struct cw_sim_recording {
    bool is_on;
    unsigned crashes;
    struct cw_record_found found_items[CW_SIM_PARTS_MAX];
    struct cw_record_list found;
};

/* Some seeds record; each session gets its policy. */
void cw_sim_recording_begin(struct cw_scenario *s, uint64_t seed);
uint8_t cw_sim_recording_policy(struct cw_scenario *s);
/* For a worker: with what an engine that crashed has left. */
struct cw_record_config cw_sim_recording_config(struct cw_scenario *s);
void cw_sim_recording_act(struct cw_scenario *s);
void cw_sim_recording_crashed(struct cw_scenario *s);
void cw_sim_recording_heal(struct cw_scenario *s);
bool cw_sim_recording_is_settled(const struct cw_scenario *s);
/* When the workers have stopped. */
void cw_sim_recording_check(struct cw_scenario *s);

#endif
