/* SPDX-License-Identifier: Apache-2.0 */
/* control/courier/wake.h - sends the datagram that wakes a passive Jump Client.
 *
 * Thread:    any; a socket of its own for each datagram.
 * Errors:    a sentence's end about why it could not be sent.
 * Limits:    CW_WAKE_BYTES exactly, to ports from CW_WAKE_PORT_MIN on, to one numeric address of one computer: who
 *            enrols says where it is, and must not make the appliance talk to more than that.
 */
#ifndef CW_CONTROL_COURIER_WAKE_H
#define CW_CONTROL_COURIER_WAKE_H

enum { CW_WAKE_PORT_MIN = 1024 };

/* data: base64url. Empty: it was given to the network. */
const char *cw_wake_send(const char *address, long long port, const char *data);

#endif
