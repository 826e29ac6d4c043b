/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/link_socket.h - the engine workers' connections: bytes between link.sock and cw_control_link_*.
 *
 * Owner:     main makes and frees it; connections belong to it.
 * Thread:    the state thread.
 * Errors:    CW_ERR_NOMEM.
 * Limits:    CW_LINK_CONNECTIONS_MAX, CW_LINK_QUEUE_BYTES_MAX: a worker that does not read loses its link
 *            and comes back with a snapshot.
 * Invariant: a connection that failed inside control's own call is only marked, and closed by
 *            cw_links_after_turn, so control never loses a link while it uses it. No byte leaves while a group of
 *            changes is open.
 */
#ifndef CW_CONTROL_FRONT_LINK_SOCKET_H
#define CW_CONTROL_FRONT_LINK_SOCKET_H

#include "control/control.h"
#include "control/front/loop.h"

struct cw_links;

int cw_links_new(struct cw_loop *loop, struct cw_control *control, struct cw_links **ret_links);
void cw_links_free(struct cw_links *l);
/* Takes fd. */
void cw_links_accept(struct cw_links *l, int fd);
void cw_links_after_turn(struct cw_links *l);
/* A group of changes is over (control.h): what was held back goes, or is dropped and every link ends after the turn. */
void cw_links_release(struct cw_links *l, bool is_done);
unsigned cw_links_count(const struct cw_links *l);

#endif
