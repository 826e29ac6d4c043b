/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervision.h - the line between the engine and the supervisor that started it.
 *
 * Owner:     the process has one, or none when it was started by hand.
 * Thread:    the main thread.
 * Units:     none.
 * Errors:    none but those of open; what cannot be said is not needed by anybody any more.
 * Limits:    lines of CW_SUPERVISION_LINE_BYTES.
 *
 * CAUSEWAY_SUPERVISOR is the descriptor of one end of a socket pair. The engine says "ready" when nothing that can
 * fail is left, or
 * "error TEXT"; waits for "go"; says "accepting", and when it is replaced "quiet" once control has all it was owed.
 */
#ifndef CW_ENGINE_SUPERVISION_H
#define CW_ENGINE_SUPERVISION_H

#include <stdbool.h>
#include <stddef.h>

enum { CW_SUPERVISION_LINE_BYTES = 512 };

/* *ret_descriptor: -1 when nobody supervises. CW_ERR_INVALID: the variable is no open socket. */
int cw_supervision_open(const char *variable, int *ret_descriptor, char *message,
                        size_t message_size);
void cw_supervision_say(int descriptor, const char *word, const char *text);
/* Waits for "go"; false: the supervisor wants no engine any more. At once true without a supervisor. */
bool cw_supervision_wait(int descriptor);

#endif
