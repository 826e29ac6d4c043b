/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/page.h - a browser that loads pages through the relay, and a web.sock that echoes.
 *
 * Owner:     the scenario.
 * Thread:    one.
 * Errors:    a byte that is lost, doubled or changed on its way stops the process (CW_CHECK).
 * Invariant: control reads one whole preface with the browser's address, then exactly the browser's bytes;
 *            the browser reads exactly control's bytes, or the engine's own 503.
 */
#ifndef CW_TESTS_SIM_PAGE_H
#define CW_TESTS_SIM_PAGE_H

#include <stdbool.h>

#include "tests/sim/net.h"

struct cw_page;

struct cw_page *cw_page_new(struct cw_net *net, const char *web_path);
struct cw_page *cw_page_free(struct cw_page *p);
/* Moves what can be moved; begins a new page when none is under way. */
void cw_page_step(struct cw_page *p);
/* Away: connects to web.sock are refused. */
void cw_page_set_away(struct cw_page *p, bool is_away);
/* Pages that came back whole, and 503 answers. */
unsigned long cw_page_count(const struct cw_page *p);

#endif
