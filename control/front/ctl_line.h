/* SPDX-License-Identifier: Apache-2.0 */
/* control/front/ctl_line.h - a line of the control socket: words, arguments, and the operation they name.
 *
 * Owner:     the caller; a command's words point into the line it was split from, its body is freed by
 *            cw_ctl_command_free.
 * Thread:    any; pure.
 * Errors:    CW_ERR_INVALID, CW_ERR_FULL (too many words), CW_ERR_NOT_FOUND (no such command), CW_ERR_NOMEM;
 *            message is a sentence for a person.
 * Limits:    CW_CTL_LINE_BYTES_MAX, CW_CTL_WORDS_MAX.
 *
 *   line     = command *( ";" command )
 *   command  = [ "json" | "text" ] word *( word | key "=" value )
 *   value    = plain | '"' quoted '"'          in quotes \" \\ \n stand for " \ and a newline
 * Plain true, false and decimal integers become JSON values of that kind; everything else, and
 * everything in quotes, is a string.
 */
#ifndef CW_CONTROL_FRONT_CTL_LINE_H
#define CW_CONTROL_FRONT_CTL_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/front/front_limits.h"
#include "control/api/operation.h"

struct cw_ctl_command {
    const char *words[CW_CTL_WORDS_MAX];
    size_t word_count;
    json_t *body; /* object of the key=value arguments and the {name} parameters */
};

/* Takes the first command of *line (NUL-terminated UTF-8 without newline; it is changed) and moves *line
 * behind its ";". A command of no words is fine: word_count 0. */
int cw_ctl_next_command(char **line, struct cw_ctl_command *ret_command, char *message,
                        size_t message_size);
void cw_ctl_command_free(struct cw_ctl_command *c);

/* Finds the operation whose words fit, sets *ret_id from {id} and the other parameters in c->body. Only
 * operations that front may use are seen (cw_ctl_may_use). */
int cw_ctl_match(const struct cw_operation *table, enum cw_front front, struct cw_ctl_command *c,
                 const struct cw_operation **ret_operation, uint32_t *ret_id, char *message,
                 size_t message_size);

/* The read-only socket is open to every local user: it shows what changes nothing and is not an
 * administrator's to see (accounts, audit). */
bool cw_ctl_may_use(const struct cw_operation *operation, enum cw_front front);

/* Decimal 1 to 4294967295 without sign or leading zero; 0 for anything else. */
uint32_t cw_ctl_id(const char *text, size_t size);

#endif
