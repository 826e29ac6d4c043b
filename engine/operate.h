/* SPDX-License-Identifier: Apache-2.0 */
/* engine/operate.h - what an operator orders over the link: settings, drain and certificate, each answered.
 *
 * Owner:     the worker.
 * Thread:    the worker's.
 * Units:     those of engine/wire/setting.h.
 * Errors:    told in the ANSWER; an order that is refused changes nothing.
 * Invariant: w->settings holds values inside their ranges only.
 */
#ifndef CW_ENGINE_OPERATE_H
#define CW_ENGINE_OPERATE_H

#include "engine/wire/link.h"

struct cw_worker;

void cw_operate_on_setting(struct cw_worker *w, const struct cw_link_message *m);
void cw_operate_on_certificate(struct cw_worker *w, const struct cw_link_message *m);
void cw_operate_on_drain(struct cw_worker *w, const struct cw_link_message *m);

/* What somebody new is told while the worker takes nothing new. */
extern const char cw_operate_drain_text[];

#endif
