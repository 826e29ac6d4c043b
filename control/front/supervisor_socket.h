/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/supervisor_socket.h - one order to the supervisor over supervisor.sock, and its one line of answer.
 *
 * Owner:     main makes and frees it; it has at most one connection.
 * Thread:    the state thread.
 * Units:     ms.
 * Errors:    CW_ERR_STATE (an order is under way), CW_ERR_IO (no supervisor there), CW_ERR_FULL (too long).
 * Limits:    CW_SUPERVISOR_LINE_BYTES_MAX, CW_SUPERVISOR_TIME_MS_MAX.
 */
#ifndef CW_CONTROL_FRONT_SUPERVISOR_SOCKET_H
#define CW_CONTROL_FRONT_SUPERVISOR_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/front/loop.h"

enum { CW_SUPERVISOR_LINE_BYTES_MAX = 4200 };

struct cw_supervisor_socket;

/* text: "ok ..." without its first word, or why not. */
typedef void (*cw_supervisor_answer_fn)(void *user, bool is_done, const char *text);

int cw_supervisor_socket_new(struct cw_loop *loop, const char *run_dir,
                             cw_supervisor_answer_fn answer, void *user,
                             struct cw_supervisor_socket **ret_socket);
void cw_supervisor_socket_free(struct cw_supervisor_socket *s);
/* line: without its newline. 0: answer is called later, once. */
int cw_supervisor_socket_order(struct cw_supervisor_socket *s, const char *line, uint64_t now_ms);
void cw_supervisor_socket_tick(struct cw_supervisor_socket *s, uint64_t now_ms);

#endif
