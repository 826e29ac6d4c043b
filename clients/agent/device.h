/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/device.h - the installed Jump Client: a standing connection that sessions are offered over.
 *
 * Owner:     runs to its end inside cw_device_run.
 * Thread:    one.
 * Units:     ns (monotonic).
 * Errors:    the exit code (sysexits.h): 0 told to stop, EX_CONFIG no usable state, EX_NOPERM the appliance does not
 *            know this client any more (removed), EX_OSERR.
 * Limits:    CW_DEVICE_SESSIONS_MAX at a time; a further offer is not taken, and the log says so.
 * Invariant: the standing connection comes back by itself with back-off and jitter for as long as the program runs.
 *            Another program takes its place only while no session runs.
 */
#ifndef CW_CLIENTS_AGENT_DEVICE_H
#define CW_CLIENTS_AGENT_DEVICE_H

#include "clients/agent/state.h"

enum {
    /* Each holds a picture, the codec's model and a packet: 3 * 8.3 MB at 1920 x 1080. */
    CW_DEVICE_SESSIONS_MAX = 4,
    CW_DEVICE_STATISTICS_S = 300,
};

struct cw_device_options {
    const struct cw_state *state;
    const char *state_dir;
    const char *display_name;
    char *const *argv; /* of main: another program of this kind is run like that */
    bool is_trial;     /* report once, say so on standard output, and end */
};

int cw_device_run(const struct cw_device_options *o);

#endif
