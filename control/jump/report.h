/* SPDX-License-Identifier: Apache-2.0 */
/* control/jump/report.h - what a Jump Client says about itself, checked (STATISTICS, DEVICE_THUMBNAIL).
 *
 * Thread:    any; pure.
 * Errors:    none: what is too long, no clean text or out of range leaves the old value.
 * Limits:    those of struct cw_jump_detail.
 */
#ifndef CW_CONTROL_JUMP_REPORT_H
#define CW_CONTROL_JUMP_REPORT_H

#include <jansson.h>

#include "control/store/store_item.h"

void cw_report_take(const json_t *report, struct cw_jump_detail *detail);
/* Everything that reports change. */
void cw_report_copy(struct cw_jump_detail *to, const struct cw_jump_detail *from);
/* A PNG file by its beginning and its size in pixels (at most 640 x 640). */
bool cw_report_is_picture(const uint8_t *bytes, size_t n);

#endif
