/* SPDX-License-Identifier: Apache-2.0 */
/* control/session/custom_link.h - links of an administrator that lead from a session into other systems.
 *
 * Thread:    the state thread.
 * Errors:    those of the store.
 * Limits:    CW_CUSTOM_LINKS_MAX, CW_CUSTOM_LINK_BYTES_MAX, CW_CUSTOM_LINK_MADE_BYTES_MAX.
 * Invariant: what customers and representatives wrote is percent-encoded, and never in the name of the host.
 */
#ifndef CW_CONTROL_SESSION_CUSTOM_LINK_H
#define CW_CONTROL_SESSION_CUSTOM_LINK_H

#include <jansson.h>

#include "control/state.h"

/* NULL: the URL of a link that is to be is good; else what is wrong with it, a sentence. Pure. */
const char *cw_custom_link_check(const char *url);
/* Percent-encodes all but letters, digits and "-._~". False: it does not fit. Pure. */
bool cw_url_escape(const char *text, char *out, size_t size);
/* Sets "links" of session.show: what each leads to from this session, for the account. */
int cw_custom_links_add(struct cw_control *c, const struct cw_live_session *session,
                        uint32_t account, json_t *json);

#endif
