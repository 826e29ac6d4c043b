/* SPDX-License-Identifier: Apache-2.0 */
/* control/outbox/syslog_message.h - an outbound event as a syslog message (RFC 5424).
 *
 *   <110>1 2026-11-22T15:00:00.123Z help.example causeway - session.end [event@32473 id="7"] {"id":7,...}
 *
 * Facility 13 (log audit); severity 6 (informational), or 4 (warning) where the result is not "ok". The rest is the
 * JSON of the event. Over TCP and TLS each message has its length in front (RFC 6587 and 5425: octet counting).
 *
 * Thread:    any; pure.
 * Errors:    NULL: no memory.
 */
#ifndef CW_CONTROL_OUTBOX_SYSLOG_MESSAGE_H
#define CW_CONTROL_OUTBOX_SYSLOG_MESSAGE_H

#include <stdbool.h>

#include "control/store/store_outbox.h"

/* syslog+tls://HOST:PORT, syslog+tcp://HOST:PORT, syslog+udp://ADDRESS:PORT. */
bool cw_syslog_is_url(const char *url);
/* host: of the appliance. The caller frees it. */
char *cw_syslog_message(const char *url, const char *host, const struct cw_outbox_row *row);

#endif
