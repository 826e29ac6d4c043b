/* SPDX-License-Identifier: Apache-2.0 */
/* clients/recording/command.h - what causeway-recording can do with a tape.
 *
 * Owner:     the tape is main's.
 * Thread:    one.
 * Errors:    each gives the program's exit status and has said why on standard error.
 */
#ifndef CW_CLIENTS_RECORDING_COMMAND_H
#define CW_CLIENTS_RECORDING_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/recording/tape.h"

/* Exit statuses of verify; others use 0 and those of sysexits.h. */
enum cw_verify_status {
    CW_VERIFY_WHOLE = 0,   /* every part, with good seals */
    CW_VERIFY_CUT = 1,     /* good up to where it was cut, or not sealed yet */
    CW_VERIFY_DAMAGED = 2, /* changed, or not what was sealed */
    CW_VERIFY_NOTHING = 3, /* no recording, or nothing of it can be trusted */
};

/* "1:02:03.4" */
void cw_time_text(uint64_t ns, char out[24]);
int cw_command_verify(const struct cw_tape *t, bool is_quiet);
int cw_command_info(struct cw_tape *t);
/* All recordings of a folder. */
int cw_command_list(const char *folder);
/* at_ns UINT64_MAX: the end. */
int cw_command_png(struct cw_tape *t, uint64_t at_ns, const char *path);
int cw_command_video(struct cw_tape *t, unsigned frames_a_second, const char *path);
int cw_command_text(struct cw_tape *t, const char *path);
/* stream 0: the first shell there is. */
int cw_command_asciicast(struct cw_tape *t, unsigned stream, const char *path);
int cw_command_replay(struct cw_tape *t, const char *display);

#endif
