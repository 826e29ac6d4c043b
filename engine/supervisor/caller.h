/* SPDX-License-Identifier: Apache-2.0 */
/* engine/supervisor/caller.h - supervisor.sock: one order at a time, "upgrade", from control.
 *
 * Owner:     the supervisor; the socket lies in run_dir, mode 0600, and belongs to the appliance's user. The kernel
 *            tells who
 *            calls: that user, root, or who started the supervisor.
 * Thread:    the supervisor's only; nothing blocks.
 * Units:     bytes, ns.
 * Errors:    cw_caller_open: CW_ERR_IO with a message; cw_upgrade_order_parse: CW_ERR_INVALID with a message.
 * Limits:    CW_ORDER_LINE_BYTES_MAX, CW_ORDER_TIME_NS_MAX for the line to come; one caller, others are told to wait.
 *
 *   upgrade [workers=N] [program=PATH]\n      PATH is all up to the end of the line
 * The answer is one line, "ok TEXT" or "error TEXT", after which the supervisor closes.
 */
#ifndef CW_ENGINE_SUPERVISOR_CALLER_H
#define CW_ENGINE_SUPERVISOR_CALLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/supervisor/directory.h"

enum { CW_ORDER_LINE_BYTES_MAX = 4200, CW_ORDER_PATH_BYTES_MAX = 4096 };
#define CW_ORDER_TIME_NS_MAX UINT64_C(2000000000)

struct cw_upgrade_order {
    bool has_workers;
    unsigned workers;                      /* 0: as the configuration says */
    char program[CW_ORDER_PATH_BYTES_MAX]; /* empty: the installed one */
};

struct cw_caller {
    int listener; /* -1: none */
    int caller;   /* -1: none */
    uid_t uid;
    bool is_whole; /* the line is there: the caller waits for its answer */
    uint64_t until_ns;
    size_t size;
    char line[CW_ORDER_LINE_BYTES_MAX + 1];
    char path[112];
};

int cw_upgrade_order_parse(const char *line, size_t size, struct cw_upgrade_order *ret_order,
                           char *message, size_t message_size);

int cw_caller_open(struct cw_caller *s, const char *run_dir, const struct cw_identity *identity,
                   char *message, size_t message_size);
void cw_caller_close(struct cw_caller *s);
/* Somebody connects. */
void cw_caller_accept(struct cw_caller *s, uint64_t now_ns);
/* The caller sent something or left: true when its line is whole (without the newline, in s->line). */
bool cw_caller_read(struct cw_caller *s);
/* Drops a caller that does not finish its line. */
void cw_caller_tick(struct cw_caller *s, uint64_t now_ns);
void cw_caller_answer(struct cw_caller *s, bool is_done, const char *text);

#endif
