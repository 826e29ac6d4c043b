/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/customer.h - the attended client: from a session key to the end of one session.
 *
 * Owner:     runs to its end inside cw_customer_run.
 * Thread:    one.
 * Errors:    the exit code (sysexits.h): 0 the session took place, EX_NOPERM refused, EX_UNAVAILABLE no connection or
 *            no display.
 *
 *   LEARN --identity unknown--> ASK --continue--> KEY --ticket--> SESSION --> OVER
 *     \------known or given-------------------->/   \--error--> FAILED --try again--> LEARN
 *                                                     \--terms--> TERMS --accepted--> KEY
 */
#ifndef CW_CLIENTS_AGENT_CUSTOMER_H
#define CW_CLIENTS_AGENT_CUSTOMER_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/peer/address.h"

struct cw_customer_options {
    struct cw_address address;
    const char *key;          /* or button: what lets this customer in */
    const char *button;       /* the secret of a Support Button */
    const char *name;         /* NULL: the user's */
    const char *display_name; /* NULL: $DISPLAY */
    bool has_identity;
    uint8_t identity[CW_KEY_BYTES];
};

int cw_customer_run(const struct cw_customer_options *options);

#endif
