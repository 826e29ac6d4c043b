/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/ctl_socket.h - the operators' line protocol on control.sock and control-ro.sock.
 *
 * Owner:     main makes and frees it; connections belong to it.
 * Thread:    the state thread.
 * Units:     ms.
 * Errors:    CW_ERR_NOMEM.
 * Limits:    CW_CTL_* (front_limits.h).
 * Invariant: a connection has at most one command under way and at most one reply waiting to be taken;
 *            it reads no further until both are gone, so a slow reader costs a bounded amount.
 *
 * Peers are authorised before cw_ctl_accept (listener.h); ctl_line.h is the grammar, ctl_text.h the replies.
 */
#ifndef CW_CONTROL_FRONT_CTL_SOCKET_H
#define CW_CONTROL_FRONT_CTL_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "control/control.h"
#include "control/front/loop.h"

struct cw_ctl;

int cw_ctl_new(struct cw_loop *loop, struct cw_control *control, struct cw_ctl **ret_ctl);
void cw_ctl_free(struct cw_ctl *ctl);

/* Takes fd. CW_FRONT_SOCKET or CW_FRONT_SOCKET_RO. */
void cw_ctl_accept(struct cw_ctl *ctl, int fd, const struct ucred *peer, enum cw_front front);
/* Says why and closes: the peer may not use this socket. */
void cw_ctl_refuse(struct cw_ctl *ctl, int fd, const struct ucred *peer, const char *why);
/* Closes who is idle or does not read. */
void cw_ctl_tick(struct cw_ctl *ctl, uint64_t now_ms);

#endif
