/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/notify.h - tells systemd how far we are: one datagram to NOTIFY_SOCKET.
 *
 * Thread:    the supervisor's only.
 * Errors:    none; without NOTIFY_SOCKET nothing happens.
 */
#ifndef CW_ENGINE_SUPERVISOR_NOTIFY_H
#define CW_ENGINE_SUPERVISOR_NOTIFY_H

/* "READY=1", "STOPPING=1" */
void cw_notify(const char *state);

#endif
