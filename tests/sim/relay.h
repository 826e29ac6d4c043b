/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/relay.h - one seeded history of the relay and its endpoints.
 *
 * Thread:    one.
 * Errors:    a broken invariant stops the process (CW_CHECK) with its reason.
 */
#ifndef CW_TESTS_SIM_RELAY_H
#define CW_TESTS_SIM_RELAY_H

#include <stdint.h>

/* What happened over all histories: proof that the simulation did something. */
struct cw_sim_counts {
    unsigned long seeds, connections, joins, updates, keyframes, shown, keys, chat_lines,
        side_lines, ends_seen, permission_changes, control_outages, stalls, hostile, pages, cursors,
        cursors_shown, disk_faults, recorded_parts, recorded_updates, recorded_gaps, seals, crashes,
        streams_opened, streams_finished, streams_failed, stream_bytes, cheats, cheats_seen;
};

/* Runs one history; returns its hash. directory: where the TLS keys lie or are made. */
uint64_t cw_sim_relay(uint64_t seed, const char *directory, struct cw_sim_counts *counts);

#endif
