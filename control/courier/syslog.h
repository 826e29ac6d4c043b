/* SPDX-License-Identifier: Apache-2.0 */
/* control/courier/syslog.h - what syslog receivers need besides libcurl: datagrams, and whether all bytes arrived.
 *
 * Owner:     nothing is kept.
 * Thread:    the courier's.
 * Errors:    sentences, NULL: none.
 */
#ifndef CW_CONTROL_COURIER_SYSLOG_H
#define CW_CONTROL_COURIER_SYSLOG_H

#include <stddef.h>

#define CW_SYSLOG_TLS "syslog+tls://"
#define CW_SYSLOG_TCP "syslog+tcp://"
#define CW_SYSLOG_UDP "syslog+udp://"

/* To a numeric address: looking a name up would keep the other receivers waiting. */
const char *cw_syslog_datagram(const char *url, const char *body, size_t bytes);

/* Of a connection on which everything was sent. Syslog has no answers: that the other end's TCP confirmed every byte is
 * the most that can be known. */
enum cw_syslog_state { CW_SYSLOG_WAITS, CW_SYSLOG_TAKEN, CW_SYSLOG_LOST };
enum cw_syslog_state cw_syslog_state(int fd);

#endif
