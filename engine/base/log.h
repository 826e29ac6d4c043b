/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/log.h - one line an event on stderr: "2026-11-22T10:11:12.123Z info  engine.conn conn=7 text",
 * or {"time":"2026-11-22T10:11:12.123Z","level":"info","component":"engine.conn","conn":7,"message":"text"}.
 *
 * Thread:    any; a line is one write.
 * Errors:    none; a failing log never fails its caller.
 * Limits:    a line is cut at 1,000 bytes (as JSON at 1,400); control characters are escaped, so a peer cannot
 *            forge a line.
 *            The same event is written 100 times at once and then 10 times a second (debug: 50 times as often); the
 *            next line of its kind says how many were left out, so that a flood fills no disk.
 *
 * Words "name=value" at the start of a text are the event's fields: JSON has them as members.
 * When stderr is journald's (JOURNAL_STREAM is set) the line starts with "<priority>" instead of the time.
 */
#ifndef CW_ENGINE_BASE_LOG_H
#define CW_ENGINE_BASE_LOG_H

enum cw_log_level { CW_LOG_ERROR, CW_LOG_WARNING, CW_LOG_INFO, CW_LOG_DEBUG, CW_LOG_LEVEL_COUNT };

void cw_log_set_level(enum cw_log_level level);
/* 0, or CW_ERR_INVALID for an unknown name; "error", "warning", "info", "debug". */
int cw_log_set_level_name(const char *name);
/* "text" or "json"; CW_ERR_INVALID for another name. */
int cw_log_set_format_name(const char *name);
/* area: "engine.conn", "control.http"; format: without a newline. */
__attribute__((format(printf, 3, 4))) void cw_log(enum cw_log_level level, const char *area,
                                                  const char *format, ...);

#endif
