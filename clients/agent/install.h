/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/install.h - "install" and "uninstall": enrolment, the kept state and the systemd unit.
 *
 * Owner:     runs to its end.
 * Thread:    one.
 * Errors:    the exit code (sysexits.h); what went wrong is on stderr: EX_NOPERM the appliance refused the token or is
 *            not the named one, EX_UNAVAILABLE no connection, EX_CANTCREAT a file, EX_USAGE.
 * Invariant: nothing is kept unless the appliance accepted the token and the state was written.
 */
#ifndef CW_CLIENTS_AGENT_INSTALL_H
#define CW_CLIENTS_AGENT_INSTALL_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/peer/address.h"

struct cw_install_options {
    struct cw_address address;
    const char *token;
    const char *name; /* NULL: the host name */
    const char *tag;  /* NULL: as the installer has it; the same for comments */
    const char *comments;
    const char *state_dir;
    const char *display_name; /* NULL: :0 in the unit */
    const char *proxy;        /* NULL: none is kept; in use already otherwise */
    uint8_t identity[CW_KEY_BYTES];
    bool is_passive;
    uint16_t port; /* where a passive one listens; 0: as the appliance says */
    bool has_service;
};

int cw_install_run(const struct cw_install_options *options);
/* What a running Jump Client does when it is told to go: forgets its credential, and that it starts again. */
int cw_uninstall_self(const char *state_dir);
int cw_uninstall_run(const char *state_dir, bool has_service);

#endif
