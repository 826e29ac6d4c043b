/* SPDX-License-Identifier: Apache-2.0 */
/* control/ctl/table.h - an answer of control as tables and lines for a person.
 *
 * Owner:     values.
 * Thread:    one.
 * Invariant: no control character of the answer reaches the terminal.
 *
 * A member whose name ends in _unix_ms is a time and is written in ISO 8601, UTC;
 * one that ends in _s is a number of seconds.
 */
#ifndef CW_CONTROL_CTL_TABLE_H
#define CW_CONTROL_CTL_TABLE_H

#include <jansson.h>
#include <stdio.h>

/* Text of the answer as it may be shown: control characters become \xNN, cut to size. */
void ctl_table_clean(const char *text, char *out, size_t size);
void ctl_table_print(const json_t *answer, FILE *to);
/* The answer to "help": a command and what it does; long ones take lines of their own. */
void ctl_table_print_help(const json_t *commands, FILE *to);

#endif
