/* SPDX-License-Identifier: Apache-2.0 */
/* clients/agent/source.h - the screen as a stream: capture, codec and the rules of when what is sent.
 *
 * Owner:     the caller, from cw_source_open to cw_source_close. The peer must not use the packet any more
 *            (cw_peer_clear) before close.
 * Thread:    one.
 * Units:     ns (monotonic).
 * Errors:    cw_source_open, cw_source_process: as cw_capture_open, message says what.
 * Limits:    CW_SOURCE_UNACKNOWLEDGED_MAX, CW_SOURCE_INTERVAL_NS, CW_SOURCE_REDUCED_INTERVAL_NS.
 * Invariant: nothing is sent before the first sync request of a connection, nor while it is not allowed; never a
 *            second screen message behind an unsent one. (A message of which frames are out already is finished:
 *            it shows what was allowed to be seen.)
 *
 * No timer runs while the screen rests: X tells of damage, and the first damage is captured at once. Only
 * when more follows within CW_SOURCE_INTERVAL_NS it waits for that to pass.
 */
#ifndef CW_CLIENTS_AGENT_SOURCE_H
#define CW_CLIENTS_AGENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/peer/peer.h"
#include "engine/wire/message.h"

enum {
    CW_SOURCE_UNACKNOWLEDGED_MAX = 2,
    CW_SOURCE_INTERVAL_NS = 16000000, /* about 60 pictures a second */
    /* Who gets the reduced rendition has a line that carries few pictures: 5 a second. */
    CW_SOURCE_REDUCED_INTERVAL_NS = 200000000,
};

struct cw_source;
struct cw_input;

int cw_source_open(const char *display_name, struct cw_source **ret_source, char *message,
                   size_t message_size);
struct cw_source *cw_source_close(struct cw_source *s);

/* A new connection: the appliance knows nothing of this screen. */
void cw_source_connected(struct cw_source *s);
/* Somebody needs a keyframe of a rendition (enum cw_rendition_number). */
void cw_source_sync(struct cw_source *s, uint8_t rendition);
/* Produce the reduced rendition, or no longer. */
void cw_source_want_reduced(struct cw_source *s, bool is_wanted);
/* Numbers that were never sent are ignored. */
void cw_source_ack(struct cw_source *s, uint8_t rendition, uint32_t update, uint64_t now_ns);
/* What the representative chose for the picture. */
void cw_source_set(struct cw_source *s, const struct cw_screen_settings *settings);

int cw_source_fd(const struct cw_source *s);
bool cw_source_has_pending(struct cw_source *s);
/* Sends what is due. input: to tell our own pointer moves from others' (may be NULL). */
int cw_source_process(struct cw_source *s, struct cw_peer *peer, const struct cw_input *input,
                      bool is_allowed, uint64_t now_ns, char *message, size_t message_size);
/* When cw_source_process has something to do without an event. */
uint64_t cw_source_deadline_ns(const struct cw_source *s, const struct cw_peer *peer);

#endif
