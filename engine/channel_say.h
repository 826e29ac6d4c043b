/* SPDX-License-Identifier: Apache-2.0 */
/* engine/channel_say.h - what the relay itself tells the ends of a stream.
 *
 * Owner:     values; for engine/channel.c.
 * Thread:    the worker's.
 * Errors:    a connection that takes no more frames is closed, as by every sending.
 * Invariant: nothing is said to an end that is not connected.
 */
#ifndef CW_ENGINE_CHANNEL_SAY_H
#define CW_ENGINE_CHANNEL_SAY_H

#include "engine/channel.h"

bool cw_channel_is_here(const struct cw_stream_end *e);
/* The counters of one end to the other. flags: CW_CREDIT_*. */
void cw_channel_say_credit(struct cw_worker *w, const struct cw_relay_stream *rs,
                           const struct cw_stream_end *to, const struct cw_stream_end *about,
                           uint8_t flags);
/* opened: the first STREAM_OPEN, with its parameters; NULL: an end is back, or waited for. */
void cw_channel_say_open(struct cw_worker *w, const struct cw_relay_stream *rs,
                         const struct cw_stream_end *to, const struct cw_stream_end *by,
                         const struct cw_stream_open *opened);
/* text: at most CW_REASON_TEXT_BYTES_MAX bytes; empty: the code's own is shown. */
void cw_channel_say_close(struct cw_worker *w, struct cw_conn *c, const struct cw_stream_id *id,
                          uint16_t code, const char *text);
void cw_channel_say_peer(struct cw_worker *w, struct cw_participant *to,
                         const struct cw_participant *about, bool connected);

/* Of any channel with streams. */
extern const uint64_t cw_stream_permissions;
/* cw_channel_source_changed tells it of the other one. */
bool cw_channel_hears_of_source(const struct cw_participant *p, const struct cw_participant *about);

#endif
