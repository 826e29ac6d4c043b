/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/courier_socket.h - the courier's connection: orders out, a line each; answers in.
 *
 * Owner:     main makes and frees it; it has at most one connection, the newest.
 * Thread:    the state thread.
 * Errors:    CW_ERR_CLOSED (no courier), CW_ERR_FULL (it does not read).
 * Limits:    CW_COURIER_LINE_BYTES_MAX for what it says, CW_COURIER_QUEUE_BYTES_MAX for what waits.
 */
#ifndef CW_CONTROL_FRONT_COURIER_SOCKET_H
#define CW_CONTROL_FRONT_COURIER_SOCKET_H

#include "control/control.h"
#include "control/front/loop.h"

struct cw_courier_socket;

int cw_courier_socket_new(struct cw_loop *loop, struct cw_control *control,
                          struct cw_courier_socket **ret_socket);
void cw_courier_socket_free(struct cw_courier_socket *s);
/* Takes fd over. */
void cw_courier_socket_accept(struct cw_courier_socket *s, int fd);
/* line: without its newline. */
int cw_courier_socket_post(struct cw_courier_socket *s, const char *line);

#endif
