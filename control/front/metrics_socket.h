/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/metrics_socket.h - listen_metrics: /metrics, /healthz and /readyz over plain HTTP
 * for a monitoring system.
 *
 * Owner:     main makes and frees it.
 * Thread:    the state thread.
 * Units:     bytes.
 * Errors:    CW_ERR_CONFLICT, CW_ERR_DENIED, CW_ERR_IO with a message; CW_ERR_INTERNAL, CW_ERR_NOMEM.
 * Limits:    CW_METRICS_CONNECTIONS_MAX.
 * Invariant: nothing of the API or of the pages is here.
 */
#ifndef CW_CONTROL_FRONT_METRICS_SOCKET_H
#define CW_CONTROL_FRONT_METRICS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "control/control.h"
#include "control/front/loop.h"

enum { CW_METRICS_CONNECTIONS_MAX = 16 };

struct cw_metrics_socket;

/* Binds "127.0.0.1:9187"; *ret_fd -1 for "off". Before rights are given up. */
int cw_metrics_listen(const char *address, int *ret_fd, char *message, size_t message_size);
/* Takes fd. engine_links: how many workers are linked. */
int cw_metrics_socket_new(struct cw_loop *loop, struct cw_control *control, int fd,
                          unsigned (*engine_links)(void *user), void *user,
                          struct cw_metrics_socket **ret_socket);
void cw_metrics_socket_free(struct cw_metrics_socket *s);
/* True: there is more to do at once. */
bool cw_metrics_socket_after_turn(struct cw_metrics_socket *s);

#endif
